//! The zip around a binary plan, with limits: it may come from anywhere.

use std::collections::HashMap;
use std::io::{Cursor, Read as _};

use zip::ZipArchive;

use crate::plan::error::Reason;

/// No more entries than this.
const MOST_ENTRIES: usize = 50_000;
/// No more bytes than this in all of it, unpacked.
const MOST_BYTES: u64 = 512 << 20;

/// An archive, and how much more may be taken from it.
pub struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    numbers: HashMap<String, usize>,
    left: u64,
}

impl<'a> Archive<'a> {
    /// Opens one. Names that stand in it twice are refused: readers disagree on which of them counts.
    pub fn open(bytes: &'a [u8]) -> Result<Self, Reason> {
        let mut zip = ZipArchive::new(Cursor::new(bytes))
            .map_err(|_| damaged("it is no zip, or a part of one"))?;
        if zip.len() > MOST_ENTRIES {
            return Err(Reason::TooLarge {
                what: "files",
                limit: MOST_ENTRIES as u64,
            });
        }
        let mut numbers = HashMap::with_capacity(zip.len());
        for number in 0..zip.len() {
            let entry = zip
                .by_index_raw(number)
                .map_err(|_| damaged("an entry cannot be read"))?;
            let name = entry
                .name()
                .map_err(|_| damaged("a file has a name that is no text"))?;
            if numbers.insert(name.into_owned(), number).is_some() {
                return Err(damaged("two files have the same name"));
            }
        }
        Ok(Self {
            zip,
            numbers,
            left: MOST_BYTES,
        })
    }

    /// The names of the files, sorted.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.numbers.keys().cloned().collect();
        names.sort();
        names
    }

    /// A file that makes the archive a plan.
    pub fn required(&mut self, name: &str) -> Result<Vec<u8>, Reason> {
        self.optional(name)?.ok_or(Reason::ForeignArchive)
    }

    /// A file that may be missing.
    pub fn optional(&mut self, name: &str) -> Result<Option<Vec<u8>>, Reason> {
        let Some(number) = self.numbers.get(name) else {
            return Ok(None);
        };
        let entry = self
            .zip
            .by_index(*number)
            .map_err(|_| damaged("an entry cannot be read"))?;
        let mut content = Vec::new();
        // The size that the entry claims is not to be trusted; one byte more than the limit tells.
        entry
            .take(self.left + 1)
            .read_to_end(&mut content)
            .map_err(|_| damaged("an entry does not unpack to what its checksum says"))?;
        let taken = content.len() as u64;
        if taken > self.left {
            return Err(Reason::TooLarge {
                what: "bytes, unpacked",
                limit: MOST_BYTES,
            });
        }
        self.left -= taken;
        Ok(Some(content))
    }
}

fn damaged(what: &'static str) -> Reason {
    Reason::BinaryDamaged { what }
}
