//! Credentials in JSON text as they read once escapes are undone: `\u0073k_live_…` is one, and so is what stands in
//! JSON within a string of JSON.

use std::borrow::Cow;
use std::ops::Range;

use crate::plan::json::cursor::{Cursor, FaultKind};
use crate::secret::{Gravity, Hit, Kind, detect};

/// JSON in JSON in JSON: nobody goes deeper.
const DEEPEST: usize = 4;

/// A credential, and where it stands.
pub(super) struct Literal {
    /// Offset of the credential, or of the string that holds it.
    pub(super) at: usize,
    pub(super) kind: Kind,
    pub(super) gravity: Gravity,
    /// Without escapes. Never shown.
    pub(super) text: String,
}

/// The credentials in a JSON text, in order. `hits` are those that were found in it as it is written.
pub(super) fn literals(text: &str, hits: &[Hit]) -> Vec<Literal> {
    below(text, hits, DEEPEST)
}

/// The credentials in a value, which may be JSON itself.
pub(super) fn literals_in_value(text: &str) -> Vec<Literal> {
    below(text, &detect(text), DEEPEST)
}

fn below(text: &str, hits: &[Hit], depth: usize) -> Vec<Literal> {
    let strings = if depth == 0 {
        Vec::new()
    } else {
        hiding_strings(text)
    };
    let is_within = |hit: &Hit| {
        let next = strings.partition_point(|(range, _)| range.end < hit.range.end);
        strings
            .get(next)
            .is_some_and(|(range, _)| range.start <= hit.range.start)
    };
    let plain = hits
        .iter()
        .filter(|hit| !is_within(hit))
        .map(|hit| Literal {
            at: hit.range.start,
            kind: hit.kind,
            gravity: hit.gravity,
            text: unescaped(&text[hit.range.clone()]).into_owned(),
        });
    let mut literals: Vec<Literal> = plain.collect();
    for (range, decoded) in &strings {
        let inner = below(decoded, &detect(decoded), depth - 1).into_iter();
        literals.extend(inner.map(|literal| Literal {
            at: range.start,
            ..literal
        }));
    }
    literals.sort_by_key(|literal| literal.at);
    literals
}

/// Strings whose escapes may hide a credential, with what they read as. A line break, a tab or a quote hides nothing.
fn hiding_strings(text: &str) -> Vec<(Range<usize>, String)> {
    let bytes = text.as_bytes();
    let mut strings = Vec::new();
    let mut from = 0;
    while let Some(found) = memchr::memchr(b'\\', &bytes[from..]) {
        let first = from + found;
        // No escape lies between the quote that opens a string and the first escape in it.
        let Some(opening) = memchr::memrchr(b'"', &bytes[from..first]) else {
            from = first + 1;
            continue;
        };
        let mut cursor = Cursor::new(text, from + opening);
        match cursor.string() {
            Ok(decoded) => {
                let range = from + opening..cursor.offset();
                from = range.end;
                if hides(&bytes[first..range.end]) {
                    strings.push((range, decoded.into_owned()));
                }
            }
            // What is no JSON has no more strings to undo.
            Err(fault) if fault.what == FaultKind::Ended => break,
            Err(fault) => from = fault.at.max(first + 1),
        }
    }
    strings
}

fn hides(bytes: &[u8]) -> bool {
    let mut from = 0;
    while let Some(found) = memchr::memchr(b'\\', &bytes[from..]) {
        let escape = bytes.get(from + found + 1);
        if escape.is_none_or(|escape| !matches!(escape, b'n' | b't' | b'r' | b'"')) {
            return true;
        }
        from += found + 2;
    }
    false
}

/// A stretch of a string without its escapes; as it is where they are none.
pub(super) fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let quoted = format!("\"{text}\"");
    match Cursor::new(&quoted, 0).string() {
        Ok(decoded) => Cow::Owned(decoded.into_owned()),
        Err(_) => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "sk_live_51MadeUp7qK2vX9bT4nL0wZc";

    fn found(text: &str) -> Vec<(usize, String)> {
        let literals = literals(text, &detect(text)).into_iter();
        literals.map(|one| (one.at, one.text)).collect()
    }

    #[test]
    fn what_escapes_hide_is_found_once() {
        let hidden = KEY.replacen('s', r"\u0073", 1);
        let again = hidden.replace('\\', r"\\");
        for (text, at) in [
            (format!(r#"{{"a": "{KEY}"}}"#), 7),
            (format!(r#"{{"a": "{hidden}"}}"#), 6),
            (format!(r#"{{"a": "x", "{hidden}": 1}}"#), 11),
            (format!(r#"{{"a": "[\"{KEY}\"]"}}"#), 10),
            (format!(r#"{{"a": "[\"{again}\"]"}}"#), 6),
            (format!(r#"{{"a": "C:\\x \b{KEY}"}}"#), 6),
            (format!(r#"{{"a": "\ud800{KEY}"}}"#), 6),
        ] {
            assert_eq!(found(&text), [(at, KEY.to_owned())], "{text}");
        }
    }

    #[test]
    fn text_that_is_no_json_is_read_in_linear_time() {
        for text in [r#""\"#, r#"\"\"\"\""#, r#""\q\"\q"#, "\\", "\\\\\"\\"] {
            let long = text.repeat(200_000);
            let start = std::time::Instant::now();
            assert_eq!(found(&long), []);
            assert!(start.elapsed().as_secs() < 5, "{text}");
        }
    }
}
