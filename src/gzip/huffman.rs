//! Huffman codes of a limited length.

/// The codes of an alphabet: bits in the order in which they are written, and how many; none where a symbol is not used.
pub(super) struct Codes(Vec<(u32, u32)>);

impl Codes {
    /// The best codes for symbols that occur this often, none longer than `limit`.
    pub(super) fn best(frequencies: &[u32], limit: usize) -> Self {
        let mut used: Vec<usize> = (0..frequencies.len())
            .filter(|symbol| frequencies[*symbol] > 0)
            .collect();
        let mut lengths = vec![0; frequencies.len()];
        if used.len() <= 2 {
            for symbol in used {
                lengths[symbol] = 1;
            }
            return Self::canonical(&lengths);
        }
        // The rarest first; of equal ones the first symbol.
        used.sort_by_key(|symbol| frequencies[*symbol]);
        let weights: Vec<u32> = used.iter().map(|symbol| frequencies[*symbol]).collect();
        for leaves in leaves_by_level(&weights, limit.min(used.len() - 1)) {
            for symbol in &used[..leaves] {
                lengths[*symbol] += 1;
            }
        }
        Self::canonical(&lengths)
    }

    /// The codes that follow from their lengths: shorter ones are lower, and of one length they ascend with the symbols.
    pub(super) fn canonical(lengths: &[u32]) -> Self {
        let mut codes = vec![(0, 0); lengths.len()];
        let longest = lengths.iter().copied().max().unwrap_or(0);
        let mut next: u32 = 0;
        for length in 1..=longest {
            next <<= 1;
            for (symbol, code) in codes.iter_mut().enumerate() {
                if lengths[symbol] == length {
                    *code = (next.reverse_bits() >> (32 - length), length);
                    next += 1;
                }
            }
        }
        Self(codes)
    }

    pub(super) fn code(&self, symbol: usize) -> (u32, u32) {
        self.0[symbol]
    }

    pub(super) fn length(&self, symbol: usize) -> u32 {
        self.0[symbol].1
    }

    /// The bits that symbols take which occur this often.
    pub(super) fn cost(&self, frequencies: &[u32]) -> usize {
        let costs = frequencies.iter().zip(&self.0);
        costs
            .map(|(frequency, (_, length))| *frequency as usize * *length as usize)
            .sum()
    }
}

/// An item of a level: a symbol by itself, or two items of the level below together.
#[derive(Clone, Copy)]
struct Item {
    weight: u32,
    is_leaf: bool,
}

/// The package-merge algorithm: how many of the rarest symbols are among the items that count, for each level. A symbol's code
/// is as long as the number of levels that count it. Where weights are equal, a pair comes before a symbol, as in Go.
fn leaves_by_level(weights: &[u32], levels: usize) -> Vec<usize> {
    let mut items: Vec<Vec<Item>> = Vec::with_capacity(levels);
    for level in 0..levels {
        let below = level.checked_sub(1).map_or(&[][..], |below| &items[below]);
        let pairs = below
            .chunks_exact(2)
            .map(|two| two[0].weight + two[1].weight);
        items.push(merge(pairs, weights));
    }
    let mut counted = 2 * weights.len() - 2;
    let levels = items.iter().rev().map(|level| {
        let leaves = level.iter().take(counted).filter(|item| item.is_leaf);
        let leaves = leaves.count();
        counted = 2 * (counted - leaves);
        leaves
    });
    levels.collect()
}

fn merge(pairs: impl Iterator<Item = u32>, weights: &[u32]) -> Vec<Item> {
    let mut pairs = pairs.peekable();
    let mut leaves = weights.iter().copied().peekable();
    let mut merged = Vec::with_capacity(2 * weights.len());
    loop {
        let is_leaf = match (leaves.peek(), pairs.peek()) {
            (Some(leaf), Some(pair)) => leaf < pair,
            (leaf, None) => leaf.is_some(),
            (None, Some(_)) => false,
        };
        let weight = if is_leaf { leaves.next() } else { pairs.next() };
        let Some(weight) = weight else {
            return merged;
        };
        merged.push(Item { weight, is_leaf });
    }
}
