//! Of stretches of a text that overlap, the first ones.

use std::ops::Range;

/// Puts what was found in order, and drops what begins within something earlier.
pub(super) fn keep_apart<T>(found: &mut Vec<T>, range: impl Fn(&T) -> &Range<usize>) {
    found.sort_by_key(|one| range(one).start);
    let mut end = 0;
    found.retain(|one| {
        let range = range(one);
        let is_apart = end <= range.start;
        end = end.max(range.end);
        is_apart
    });
}
