//! Blocks: tokens are gathered and written in the shortest of three forms: with codes of their own, with the fixed codes, or
//! as they are.

use std::sync::LazyLock;

use super::bits::Bits;
use super::huffman::Codes;
use super::search::{Reach, Token};

/// A block with this many tokens is full.
const MOST_TOKENS: usize = 1 << 14;
/// A block that stands as it is has at most this many bytes.
const MOST_STORED: usize = 0xFFFF;

const LITERALS: usize = 286;
const DISTANCES: usize = 30;
/// The symbol that ends a block.
const END: usize = 256;
const LONGEST_CODE: usize = 15;

/// Whether a block ends the stream.
#[derive(Clone, Copy)]
pub(super) enum Last {
    No,
    Yes,
}

/// The tokens that are not written yet.
pub(super) struct Block<'a> {
    text: &'a [u8],
    tokens: Vec<Token>,
    start: usize,
    reach: Reach,
}

impl<'a> Block<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self {
            text,
            tokens: Vec::with_capacity(MOST_TOKENS),
            start: 0,
            reach: Reach { end: 0, window: 0 },
        }
    }

    /// Whether the block is full now.
    #[must_use]
    pub(super) fn push(&mut self, token: Token, reach: Reach) -> bool {
        self.tokens.push(token);
        self.reach = reach;
        self.tokens.len() == MOST_TOKENS
    }

    /// Writes the tokens, and begins anew.
    pub(super) fn write(&mut self, bits: &mut Bits) {
        if self.tokens.is_empty() {
            return;
        }
        let counts = Counts::of(&self.tokens);
        let own = Own::of(&counts);
        let fixed = 3 + FIXED.cost(&counts);
        let shortest = fixed.min(own.cost);
        match self.stored() {
            Some(text) if (text.len() + 5) * 8 < shortest => write_stored(bits, text, Last::No),
            _ if own.cost < fixed => {
                own.write_header(bits);
                self.write_tokens(bits, &own.codes);
            }
            _ => {
                bits.push(0b010, 3);
                self.write_tokens(bits, &FIXED);
            }
        }
        self.tokens.clear();
        self.start = self.reach.end;
    }

    /// The text itself, if it is short enough and all of it can still be looked at.
    fn stored(&self) -> Option<&'a [u8]> {
        let text = &self.text[self.start..self.reach.end];
        (self.start >= self.reach.window && text.len() <= MOST_STORED).then_some(text)
    }

    fn write_tokens(&self, bits: &mut Bits, codes: &Pair) {
        let mut write = |(code, length): (u32, u32)| bits.push(code, length);
        for token in &self.tokens {
            match *token {
                Token::Literal(byte) => write(codes.literals.code(usize::from(byte))),
                Token::Copy { length, distance } => {
                    let (length, distance) = (Part::length(length), Part::distance(distance));
                    write(codes.literals.code(length.symbol));
                    write((length.rest, length.bits));
                    write(codes.distances.code(distance.symbol));
                    write((distance.rest, distance.bits));
                }
            }
        }
        write(codes.literals.code(END));
    }
}

/// A block of bytes as they are.
pub(super) fn write_stored(bits: &mut Bits, text: &[u8], last: Last) {
    let length = u16::try_from(text.len()).expect("a stored block is not longer than MOST_STORED");
    bits.push(u32::from(matches!(last, Last::Yes)), 3);
    bits.align();
    bits.extend(&length.to_le_bytes());
    bits.extend(&(!length).to_le_bytes());
    bits.extend(text);
}

/// A length or a distance as it is written: a symbol, and the bits that it leaves open.
struct Part {
    symbol: usize,
    rest: u32,
    bits: u32,
}

impl Part {
    fn length(length: u16) -> Self {
        const SHORTEST: u16 = 3;
        /// The longest has a symbol of its own.
        const LONGEST: u16 = 258;
        let Self { symbol, rest, bits } = match length {
            LONGEST => Self::exact(28),
            _ => Self::split(u32::from(length - SHORTEST), 2),
        };
        let symbol = END + 1 + symbol;
        Self { symbol, rest, bits }
    }

    fn distance(distance: u16) -> Self {
        Self::split(u32::from(distance - 1), 1)
    }

    fn exact(symbol: usize) -> Self {
        Self {
            symbol,
            rest: 0,
            bits: 0,
        }
    }

    /// The symbol tells the first `precision` bits after the highest one.
    fn split(number: u32, precision: u32) -> Self {
        if number < 2 << precision {
            return Self::exact(number as usize);
        }
        let bits = number.ilog2() - precision;
        let symbol = (bits << precision) + (number >> bits);
        Self {
            symbol: symbol as usize,
            rest: number & ((1 << bits) - 1),
            bits,
        }
    }
}

/// How often each symbol occurs in a block.
struct Counts {
    literals: Vec<u32>,
    distances: Vec<u32>,
    /// The bits that symbols leave open, together.
    open: usize,
}

impl Counts {
    fn of(tokens: &[Token]) -> Self {
        let mut counts = Self {
            literals: vec![0; LITERALS],
            distances: vec![0; DISTANCES],
            open: 0,
        };
        for token in tokens {
            match *token {
                Token::Literal(byte) => counts.literals[usize::from(byte)] += 1,
                Token::Copy { length, distance } => {
                    let (length, distance) = (Part::length(length), Part::distance(distance));
                    counts.literals[length.symbol] += 1;
                    counts.distances[distance.symbol] += 1;
                    counts.open += (length.bits + distance.bits) as usize;
                }
            }
        }
        counts.literals[END] += 1;
        // Codes for distances there must be, though none is used.
        if counts.distances.iter().all(|count| *count == 0) {
            counts.distances[0] = 1;
        }
        counts
    }
}

/// The codes of literals and lengths, and those of distances.
struct Pair {
    literals: Codes,
    distances: Codes,
}

impl Pair {
    fn cost(&self, counts: &Counts) -> usize {
        self.literals.cost(&counts.literals) + self.distances.cost(&counts.distances) + counts.open
    }
}

static FIXED: LazyLock<Pair> = LazyLock::new(|| {
    let lengths: Vec<u32> = (0..288)
        .map(|symbol| match symbol {
            144..256 => 9,
            256..280 => 7,
            _ => 8,
        })
        .collect();
    Pair {
        literals: Codes::canonical(&lengths),
        distances: Codes::canonical(&[5; DISTANCES]),
    }
});

/// Codes made for one block, and how they are told.
struct Own {
    codes: Pair,
    /// How many symbols are told of each alphabet.
    literals: usize,
    distances: usize,
    /// The lengths of their codes, one after the other, with repetitions.
    lengths: Vec<Run>,
    run_codes: Codes,
    /// How many lengths of those codes are told.
    told: usize,
    /// The bits of the whole block.
    cost: usize,
}

/// A length by itself, or a repetition: its symbol, and the number that follows in so many bits.
#[derive(Clone, Copy)]
struct Run {
    symbol: usize,
    number: u32,
    bits: u32,
}

/// The order in which the lengths of the codes for lengths are told.
const ORDER: [usize; 19] = [
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
];

impl Own {
    fn of(counts: &Counts) -> Self {
        const LONGEST_RUN_CODE: usize = 7;
        const FEWEST_TOLD: usize = 4;
        let codes = Pair {
            literals: Codes::best(&counts.literals, LONGEST_CODE),
            distances: Codes::best(&counts.distances, LONGEST_CODE),
        };
        let used = |counts: &[u32]| counts.iter().rposition(|count| *count > 0);
        let literals = used(&counts.literals).map_or(0, |last| last + 1);
        let distances = used(&counts.distances).map_or(0, |last| last + 1);
        let all = (0..literals).map(|symbol| codes.literals.length(symbol));
        let all: Vec<u32> = all
            .chain((0..distances).map(|symbol| codes.distances.length(symbol)))
            .collect();
        let lengths: Vec<Run> = all
            .chunk_by(|one, next| one == next)
            .flat_map(runs)
            .collect();
        let mut often = [0; ORDER.len()];
        for run in &lengths {
            often[run.symbol] += 1;
        }
        let run_codes = Codes::best(&often, LONGEST_RUN_CODE);
        let last = ORDER.iter().rposition(|symbol| often[*symbol] > 0);
        let told = last.map_or(0, |last| last + 1).max(FEWEST_TOLD);
        let open: u32 = lengths.iter().map(|run| run.bits).sum();
        let header = 3 + 5 + 5 + 4 + 3 * told + run_codes.cost(&often) + open as usize;
        Self {
            cost: header + codes.cost(counts),
            codes,
            literals,
            distances,
            lengths,
            run_codes,
            told,
        }
    }

    fn write_header(&self, bits: &mut Bits) {
        let narrow = |number: usize| u32::try_from(number).expect("alphabets are small");
        bits.push(0b100, 3);
        bits.push(narrow(self.literals - (END + 1)), 5);
        bits.push(narrow(self.distances - 1), 5);
        bits.push(narrow(self.told - 4), 4);
        for symbol in &ORDER[..self.told] {
            bits.push(self.run_codes.length(*symbol), 3);
        }
        for run in &self.lengths {
            let (code, length) = self.run_codes.code(run.symbol);
            bits.push(code, length);
            bits.push(run.number, run.bits);
        }
    }
}

/// Equal lengths in a row. Zeros are repeated from three on, others after they stood once.
fn runs(equal: &[u32]) -> Vec<Run> {
    let length = equal[0];
    let once = Run {
        symbol: length as usize,
        number: 0,
        bits: 0,
    };
    let mut left = equal.len();
    let mut runs = Vec::new();
    if length != 0 {
        runs.push(once);
        left -= 1;
    }
    loop {
        // The symbol of a repetition, the fewest and the most that it stands for, and its bits.
        let (symbol, fewest, most, bits) = match (length, left) {
            (_, 0..3) => break,
            (0, 3..11) => (17, 3, 10, 3),
            (0, _) => (18, 11, 138, 7),
            _ => (16, 3, 6, 2),
        };
        let count = left.min(most);
        let number = u32::try_from(count - fewest).expect("at most 127");
        runs.push(Run {
            symbol,
            number,
            bits,
        });
        left -= count;
    }
    runs.extend(std::iter::repeat_n(once, left));
    runs
}
