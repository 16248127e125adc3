//! Reads `data/facts.bin`, the facts that are part of the binary. `scripts/pack-providers.py` writes it.
//!
//! Nothing is decoded at start. A lookup is a binary search over sorted names, and decodes only what it found.
//!
//! Layout, little-endian: `TFP1`; the counts of names, shapes, resources, data sources, ephemeral resources and providers;
//! the offsets of five sections (each count and offset four bytes):
//! * *stops*: the offset in *pool* of every eighth name, four bytes each;
//! * *pool*: the names, each a length and its bytes;
//! * *shapes*: flags (one byte) and the offset in *records* of a type (three bytes), or of a nesting and a block;
//! * *records*: types, blocks, behaviour. Names and shapes in them are numbers, blocks are offsets; equal ones are stored once;
//! * *index*: for each of the four kinds, sorted by name: the name's number (two bytes), the block's offset (three bytes)
//!   and the behaviour's (three bytes, 0 for none).
//!
//! A number within pool and records has seven bits a byte, the low ones first, the high bit set on all but the last byte.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use super::behaviour::{Behaviour, Names, OnlyWhen};
use super::schema::{Attribute, Block, NestedAttributes, NestedBlock, Nesting, Setting};
use super::schema_json::value_of_json;
use crate::value::Type;

/// The embedded facts.
pub(super) static PACKED: &[u8] = include_bytes!("data/facts.bin");

const MAGIC: &[u8] = b"TFP1";
const COUNTS: usize = 6;
const STRIDE: usize = 8;
const ENTRY: usize = 8;
const SHAPE: usize = 4;
const INVARIANT: &str = "facts.bin is as scripts/pack-providers.py writes it";

/// Which part of the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Section {
    Resources,
    Data,
    Ephemeral,
    Providers,
}

/// The packed facts, with what was decoded of them.
pub(super) struct Packed {
    bytes: &'static [u8],
    counts: [usize; COUNTS],
    stops: usize,
    pool: usize,
    shapes: usize,
    records: usize,
    index: usize,
    names: Box<[OnceLock<Arc<str>>]>,
    attributes: Box<[OnceLock<Attribute>]>,
}

/// Where one type is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    /// Its place in the whole index.
    pub number: usize,
    name: usize,
    block: usize,
    behaviour: usize,
}

impl Packed {
    pub(super) fn new(bytes: &'static [u8]) -> Self {
        assert!(bytes.starts_with(MAGIC), "{INVARIANT}");
        let word = |at: usize| word(bytes, MAGIC.len() + 4 * at);
        let counts = std::array::from_fn(word);
        Self {
            bytes,
            counts,
            stops: word(COUNTS),
            pool: word(COUNTS + 1),
            shapes: word(COUNTS + 2),
            records: word(COUNTS + 3),
            index: word(COUNTS + 4),
            names: std::iter::repeat_with(OnceLock::new)
                .take(counts[0])
                .collect(),
            attributes: std::iter::repeat_with(OnceLock::new)
                .take(counts[1])
                .collect(),
        }
    }

    /// How many types there are in all sections together.
    pub(super) fn len(&self) -> usize {
        self.counts[2..].iter().sum()
    }

    /// The numbers of the entries of a section.
    pub(super) fn range(&self, section: Section) -> Range<usize> {
        let before = 2 + section as usize;
        let from = self.counts[2..before].iter().sum();
        from..from + self.counts[before]
    }

    /// The entry of that name.
    pub(super) fn find(&self, section: Section, name: &str) -> Option<Entry> {
        let mut range = self.range(section);
        while !range.is_empty() {
            let middle = usize::midpoint(range.start, range.end);
            let entry = self.entry(middle);
            match self.text(entry.name).cmp(name) {
                std::cmp::Ordering::Equal => return Some(entry),
                std::cmp::Ordering::Less => range.start = middle + 1,
                std::cmp::Ordering::Greater => range.end = middle,
            }
        }
        None
    }

    /// The entry of that number.
    pub(super) fn entry(&self, number: usize) -> Entry {
        let at = self.index + number * ENTRY;
        Entry {
            number,
            name: usize::from(u16::from_le_bytes([self.bytes[at], self.bytes[at + 1]])),
            block: three(self.bytes, at + 2),
            behaviour: three(self.bytes, at + 5),
        }
    }

    /// Its name.
    pub(super) fn name_of(&self, entry: Entry) -> &Arc<str> {
        self.name(entry.name)
    }

    /// Its content.
    pub(super) fn block_of(&self, entry: Entry) -> Arc<Block> {
        self.block(entry.block, &mut HashMap::new())
    }

    /// Its behaviour, whose defaults have the types that the block gives them.
    pub(super) fn behaviour_of(&self, entry: Entry, block: &Block) -> Behaviour {
        if entry.behaviour == 0 {
            return Behaviour::default();
        }
        let mut from = self.reader(entry.behaviour);
        let mut behaviour = Behaviour::default();
        for _ in 0..from.number() {
            let path = from.path();
            let value = serde_json::from_str(self.text(from.number())).expect(INVARIANT);
            // A default of an attribute that this version of the schema does not have says nothing.
            if let Some(attribute) = block.attribute_at(&path.0) {
                let value = value_of_json(&value, &attribute.ty).expect(INVARIANT);
                behaviour.defaults.push((path, value));
            }
        }
        behaviour.force_new = from.paths();
        behaviour.empty_elements = from.paths();
        behaviour.unknown_blocks = from.paths();
        behaviour.kept = from.paths();
        for _ in 0..from.number() {
            behaviour.only_when.push(OnlyWhen {
                paths: from.paths(),
                attribute: from.name(),
                values: (0..from.number()).map(|_| from.name()).collect(),
            });
        }
        behaviour
    }

    /// The source address and the version of a provider.
    pub(super) fn source_of(&self, entry: Entry) -> (Arc<str>, Arc<str>) {
        let mut from = self.reader(entry.behaviour);
        (from.name(), from.name())
    }

    /// Equal blocks are decoded once and shared: `seen` holds those of the type at hand.
    fn block(&self, at: usize, seen: &mut HashMap<usize, Arc<Block>>) -> Arc<Block> {
        if let Some(block) = seen.get(&at) {
            return Arc::clone(block);
        }
        let mut from = self.reader(at);
        let attributes: BTreeMap<_, _> = (0..from.number())
            .map(|_| (from.name(), self.attribute(from.number()).clone()))
            .collect();
        let blocks: BTreeMap<_, _> = (0..from.number())
            .map(|_| {
                let name = from.name();
                let mode = from.byte();
                let mut limit = |flag| {
                    (mode & flag != 0).then(|| u32::try_from(from.number()).expect(INVARIANT))
                };
                let (min_items, max_items) = (limit(8).unwrap_or(0), limit(16));
                let nested = NestedBlock {
                    nesting: nesting(mode & 7),
                    block: self.block(from.number(), seen),
                    min_items,
                    max_items,
                };
                (name, nested)
            })
            .collect();
        let block = Arc::new(Block::new(attributes, blocks));
        seen.insert(at, Arc::clone(&block));
        block
    }

    fn attribute(&self, shape: usize) -> &Attribute {
        self.attributes[shape].get_or_init(|| {
            let at = self.shapes + shape * SHAPE;
            let flags = self.bytes[at];
            let flag = |bit: u8| flags & 1 << bit != 0;
            let mut from = self.reader(three(self.bytes, at + 1));
            let (ty, nested) = if flag(5) {
                let nested = NestedAttributes {
                    nesting: nesting(from.byte()),
                    block: self.block(from.number(), &mut HashMap::new()),
                };
                let ty = nested.nesting.ty(nested.block.ty().clone());
                (ty, Some(Arc::new(nested)))
            } else {
                (from.ty(), None)
            };
            Attribute {
                ty,
                setting: Setting::of(flag(0), flag(1), flag(2)),
                sensitive: flag(3),
                write_only: flag(4),
                nested,
            }
        })
    }

    fn name(&self, number: usize) -> &Arc<str> {
        self.names[number].get_or_init(|| self.text(number).into())
    }

    fn text(&self, number: usize) -> &'static str {
        let stop = word(self.bytes, self.stops + 4 * (number / STRIDE));
        let mut from = Reader {
            packed: self,
            at: self.pool + stop,
        };
        for _ in 0..number % STRIDE {
            let length = from.number();
            from.at += length;
        }
        let length = from.number();
        std::str::from_utf8(&self.bytes[from.at..from.at + length]).expect(INVARIANT)
    }

    fn reader(&self, record: usize) -> Reader<'_> {
        Reader {
            packed: self,
            at: self.records + record,
        }
    }
}

struct Reader<'a> {
    packed: &'a Packed,
    at: usize,
}

impl Reader<'_> {
    fn byte(&mut self) -> u8 {
        let byte = self.packed.bytes[self.at];
        self.at += 1;
        byte
    }

    fn number(&mut self) -> usize {
        let (mut number, mut shift) = (0, 0);
        loop {
            let byte = self.byte();
            number |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return number;
            }
            shift += 7;
        }
    }

    fn name(&mut self) -> Arc<str> {
        let number = self.number();
        Arc::clone(self.packed.name(number))
    }

    fn path(&mut self) -> Names {
        Names((0..self.number()).map(|_| self.name()).collect())
    }

    fn paths(&mut self) -> Vec<Names> {
        (0..self.number()).map(|_| self.path()).collect()
    }

    fn ty(&mut self) -> Type {
        match self.byte() {
            0 => Type::Dynamic,
            1 => Type::Bool,
            2 => Type::Number,
            3 => Type::String,
            4 => Type::list(self.ty()),
            5 => Type::set(self.ty()),
            6 => Type::map(self.ty()),
            7 => Type::Tuple((0..self.number()).map(|_| self.ty()).collect()),
            8 => Type::object(
                (0..self.number())
                    .map(|_| (self.name(), self.ty()))
                    .collect(),
            ),
            tag => panic!("{INVARIANT}: type {tag}"),
        }
    }
}

fn nesting(mode: u8) -> Nesting {
    match mode {
        0 => Nesting::Single,
        1 => Nesting::Group,
        2 => Nesting::List,
        3 => Nesting::Set,
        4 => Nesting::Map,
        mode => panic!("{INVARIANT}: nesting {mode}"),
    }
}

fn word(bytes: &[u8], at: usize) -> usize {
    let word = u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"));
    usize::try_from(word).expect("addresses have 32 bits at least")
}

fn three(bytes: &[u8], at: usize) -> usize {
    usize::from(bytes[at]) | usize::from(bytes[at + 1]) << 8 | usize::from(bytes[at + 2]) << 16
}
