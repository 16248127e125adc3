//! Where a scanned text stands in its file: offsets in the text to spans in the file.

use crate::source::{SourceId, Span};

/// A place where text and file move apart by another amount, as behind an escape in a JSON string.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shift {
    /// From this offset of the text on …
    pub text: u32,
    /// … which lies here in the file.
    pub file: u32,
}

/// The place of a text.
#[derive(Clone, Debug)]
pub(super) struct Origin {
    source: SourceId,
    base: u32,
    shifts: Vec<Shift>,
}

impl Origin {
    /// The text is the whole file.
    pub fn of_file(source: SourceId) -> Self {
        Self::within(source, 0)
    }

    /// The text begins at an offset of the file.
    pub fn within(source: SourceId, base: u32) -> Self {
        let shifts = Vec::new();
        Self {
            source,
            base,
            shifts,
        }
    }

    /// As [`Origin::within`], with shifts in ascending order.
    pub fn shifted(source: SourceId, base: u32, shifts: Vec<Shift>) -> Self {
        Self {
            source,
            base,
            shifts,
        }
    }

    /// The span of a stretch of the text.
    pub fn span(&self, start: u32, end: u32) -> Span {
        Span {
            source: self.source,
            start: self.offset(start),
            end: self.offset(end),
        }
    }

    fn offset(&self, text: u32) -> u32 {
        let passed = self.shifts.partition_point(|shift| shift.text <= text);
        match passed.checked_sub(1).map(|last| self.shifts[last]) {
            Some(shift) => shift.file.saturating_add(text - shift.text),
            None => self.base.saturating_add(text),
        }
    }
}
