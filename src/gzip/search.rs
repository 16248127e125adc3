//! Finds what was there before: the text becomes literals and copies of earlier text.
//!
//! At each place the most recent earlier places with the same hash of four bytes are tried, up to a number of them; a match
//! is taken only if the next place has no longer one. Which places count depends on a window of 64 KiB that Go moves by half
//! its size when its end comes near.

/// A literal byte, or a copy of text that ended `distance` bytes ago.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Literal(u8),
    Copy { length: u16, distance: u16 },
}

/// Shorter copies are not made, though the format has them.
const SHORTEST: usize = 4;
const LONGEST: usize = 258;
/// Copies as short as [`SHORTEST`] pay off only from near.
const NEAR: usize = 4096;
/// The next place is not searched if there is a match of this length already.
const LAZY: usize = 16;
/// A match of this length is taken without looking for a longer one.
const NICE: usize = 128;
/// Earlier places that are tried.
const TRIES: usize = 128;
/// How far back a copy may reach: half the window.
const FARTHEST: usize = 1 << 15;
/// The rest of the window that is left for the next round while more text follows.
const ROOM: usize = SHORTEST + LONGEST;
const HASH_BITS: u32 = 17;

pub(super) struct Search<'a> {
    text: &'a [u8],
    /// One more than the last place with each hash, or 0.
    heads: Vec<u32>,
    /// For each place, by its lowest bits, one more than the place before it with the same hash.
    previous: Vec<u32>,
    /// Where the window begins.
    window: usize,
}

#[derive(Clone, Copy, Default)]
struct Match {
    length: usize,
    distance: usize,
}

impl<'a> Search<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self {
            text,
            heads: vec![0; 1 << HASH_BITS],
            previous: vec![0; FARTHEST],
            window: 0,
        }
    }

    /// Gives each token, and how far the text had been read when it was made: after a literal, one byte more is looked at.
    pub(super) fn run(mut self, take: &mut dyn FnMut(Token, Reach)) {
        let end = self.text.len();
        let mut at = 0;
        let mut held: Option<Match> = None;
        while at < end {
            self.move_window(at);
            let candidate = self.remember(at);
            let before = held.unwrap_or_default();
            let found = if end - at > before.length.max(SHORTEST - 1) && before.length < LAZY {
                candidate.and_then(|candidate| self.longest(at, candidate))
            } else {
                None
            };
            let length = found.map_or(0, |found| found.length);
            if before.length >= SHORTEST && length <= before.length {
                let next = at - 1 + before.length;
                for inside in at + 1..next {
                    self.remember(inside);
                }
                at = next;
                held = None;
                take(before.token(), self.reach(at));
                continue;
            }
            if held.is_some() {
                take(Token::Literal(self.text[at - 1]), self.reach(at));
            }
            held = Some(found.unwrap_or_default());
            at += 1;
        }
        if held.is_some() {
            take(Token::Literal(self.text[end - 1]), self.reach(end));
        }
    }

    fn reach(&self, end: usize) -> Reach {
        Reach {
            end,
            window: self.window,
        }
    }

    /// The window moves when too little of it is left to see the longest match, and there is text behind it.
    fn move_window(&mut self, at: usize) {
        let end = self.window + 2 * FARTHEST;
        if end < self.text.len() && at + ROOM > end {
            self.window += FARTHEST;
        }
    }

    /// Notes a place by its hash, and gives the last one before it that had the same.
    fn remember(&mut self, at: usize) -> Option<usize> {
        const MULTIPLIER: u32 = 0x1E35_A7BD;
        let bytes = self.text.get(at..)?.first_chunk::<SHORTEST>()?;
        let hash = u32::from_be_bytes(*bytes).wrapping_mul(MULTIPLIER) >> (32 - HASH_BITS);
        let head = &mut self.heads[hash as usize];
        let before = *head;
        self.previous[at % FARTHEST] = before;
        *head = u32::try_from(at + 1).unwrap_or(0);
        (before as usize).checked_sub(1)
    }

    fn longest(&self, at: usize, mut candidate: usize) -> Option<Match> {
        let most = LONGEST.min(self.text.len() - at);
        let floor = self.window.max(at.saturating_sub(FARTHEST));
        let mut best = None;
        let mut length = SHORTEST - 1;
        for _ in 0..TRIES {
            if candidate < floor {
                break;
            }
            if self.text[candidate + length] == self.text[at + length] {
                let same = self.common(candidate, at, most);
                let distance = at - candidate;
                if same > length && (same > SHORTEST || distance <= NEAR) {
                    length = same;
                    best = Some(Match { length, distance });
                    if length >= NICE.min(most) {
                        break;
                    }
                }
            }
            // What came before the farthest place has been overwritten.
            if candidate + FARTHEST == at {
                break;
            }
            match self.previous[candidate % FARTHEST] {
                0 => break,
                before => candidate = before as usize - 1,
            }
        }
        best
    }

    /// How many bytes are the same at two places.
    fn common(&self, one: usize, other: usize, most: usize) -> usize {
        let pairs = self.text[one..one + most].iter();
        let pairs = pairs.zip(&self.text[other..other + most]);
        pairs.take_while(|(one, other)| one == other).count()
    }
}

/// How far the text has been read.
#[derive(Clone, Copy)]
pub(super) struct Reach {
    /// Behind the text of all tokens so far.
    pub(super) end: usize,
    /// What lies before it cannot be looked at any more.
    pub(super) window: usize,
}

impl Match {
    fn token(self) -> Token {
        let narrow = |number: usize| u16::try_from(number).expect("copies reach into the window");
        Token::Copy {
            length: narrow(self.length),
            distance: narrow(self.distance),
        }
    }
}
