//! How the names of secrets end. Two cheap looks tell of most texts that they do not end so.

use std::sync::LazyLock;

use super::names::words_of_secrets;

/// Whether a text may end in the name of a secret, or of what holds several.
pub(super) fn may_end(text: &str) -> bool {
    ENDINGS.may_end(text.as_bytes())
}

struct Endings {
    /// The last three letters, a bit for each three.
    letters: Box<[u64; 512]>,
    /// Words that end names, less what separates their parts.
    words: Vec<Vec<u8>>,
}

static ENDINGS: LazyLock<Endings> = LazyLock::new(|| {
    let all = words_of_secrets().chain(["AUTHORIZATION"]);
    Endings::of(all)
});

impl Endings {
    fn of<'a>(words: impl Iterator<Item = &'a str>) -> Self {
        let mut endings = Self {
            letters: Box::new([0; 512]),
            words: Vec::new(),
        };
        for word in words {
            let last = word.rsplit('_').next().unwrap_or(word).as_bytes();
            match *last {
                [.., one, two, three] => endings.add(folded([one, two, three])),
                // Anything may stand before it.
                _ => (0..=u8::MAX).for_each(|before| {
                    endings.add(folded([before, last[0], last[last.len() - 1]]));
                }),
            }
            endings.words.push(parts(word.as_bytes()).collect());
        }
        endings
    }

    fn add(&mut self, index: usize) {
        self.letters[index / 64] |= 1 << (index % 64);
    }

    fn may_end(&self, text: &[u8]) -> bool {
        let index = match *text {
            [.., one, two, three] => folded([one, two, three]),
            [one, two] => folded([0, one, two]),
            _ => return false,
        };
        let is_one = self.letters[index / 64] & (1 << (index % 64)) != 0;
        is_one && self.words.iter().any(|word| ends_like(text, word))
    }
}

/// Whether a text ends in a word, whatever its case and its separators.
fn ends_like(text: &[u8], word: &[u8]) -> bool {
    let mut text = parts(text).rev();
    let mut word = word.iter().rev();
    word.all(|letter| text.next() == Some(*letter))
}

/// What is in a name less its separators, in upper case.
fn parts(name: &[u8]) -> impl DoubleEndedIterator<Item = u8> {
    let is_part = |byte: &&u8| !matches!(byte, b'_' | b'-' | b'.' | b'/' | b' ');
    name.iter().filter(is_part).map(u8::to_ascii_uppercase)
}

/// Three letters as a number, the same in both cases.
fn folded(letters: [u8; 3]) -> usize {
    const LETTER: u8 = 0x1F;
    letters.iter().fold(0, |number, letter| {
        number << 5 | usize::from(letter & LETTER)
    })
}
