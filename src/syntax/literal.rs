//! Literal text to its value: escapes and Unicode normalisation.

use std::borrow::Cow;
use std::sync::Arc;

use memchr::{memchr2, memchr3};
use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::parser::Parser;

/// Which escapes a literal knows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Escapes {
    /// Between quotes: `\n`, `\u00e9` and the like, `$${` and `%%{`.
    Backslash,
    /// In heredocs and template files: `$${` and `%%{` only.
    Sequences,
}

/// The text in Unicode normal form C, in which Terraform compares and counts strings.
pub(super) fn normalised(text: &str) -> Arc<str> {
    if text.is_ascii() || is_nfc(text) {
        Arc::from(text)
    } else {
        Arc::from(text.nfc().collect::<String>())
    }
}

/// Strings that were met lately, so that `var`, `name` and their like are allocated once a file, not once a use.
pub(super) struct Strings {
    slots: Vec<Option<Arc<str>>>,
}

impl Strings {
    /// Longer strings hardly repeat.
    const LONGEST: usize = 32;

    /// Room in proportion to the text.
    pub(super) fn for_text(text: &str) -> Self {
        let slots = (text.len() / 64).next_power_of_two().clamp(8, 1024);
        Self {
            slots: vec![None; slots],
        }
    }

    /// The string, [normalised].
    pub(super) fn normalised(&mut self, text: &str) -> Arc<str> {
        if text.is_ascii() || is_nfc(text) {
            self.as_written(text)
        } else {
            normalised(text)
        }
    }

    /// The string as it is.
    pub(super) fn as_written(&mut self, text: &str) -> Arc<str> {
        if text.len() > Self::LONGEST {
            return Arc::from(text);
        }
        let slot = slot(text.as_bytes()) & (self.slots.len() - 1);
        match &mut self.slots[slot] {
            Some(known) if &**known == text => Arc::clone(known),
            other => {
                let string = Arc::from(text);
                *other = Some(Arc::clone(&string));
                string
            }
        }
    }
}

/// A number for a string, from its length and its ends. Strings that share one only cost an allocation.
fn slot(text: &[u8]) -> usize {
    let word = |bytes: &[u8]| {
        let mut word = [0; 8];
        word[..bytes.len()].copy_from_slice(bytes);
        u64::from_le_bytes(word)
    };
    let ends = match (text.first_chunk::<8>(), text.last_chunk::<8>()) {
        (Some(first), Some(last)) => {
            u64::from_le_bytes(*first) ^ u64::from_le_bytes(*last).rotate_left(23)
        }
        _ => word(text),
    };
    let mixed = (ends ^ text.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    usize::try_from(mixed >> 48).expect("16 bits")
}

impl<'a> Parser<'a> {
    /// The value of the literal between two offsets, before normalisation.
    pub(super) fn literal(&mut self, start: u32, end: u32, escapes: Escapes) -> Cow<'a, str> {
        let text = self.slice(start, end);
        let next_special = |from: usize| {
            let rest = &text.as_bytes()[from..];
            let found = match escapes {
                Escapes::Backslash => memchr3(b'\\', b'$', b'%', rest),
                Escapes::Sequences => memchr2(b'$', b'%', rest),
            };
            found.map(|at| from + at)
        };
        let Some(mut at) = next_special(0) else {
            return Cow::Borrowed(text);
        };
        let mut value = String::with_capacity(text.len());
        let mut copied = 0;
        loop {
            let rest = &text[at..];
            let length = if rest.starts_with("$${") || rest.starts_with("%%{") {
                value.push_str(&text[copied..=at]);
                value.push('{');
                3
            } else if rest.starts_with('\\') {
                value.push_str(&text[copied..at]);
                self.escape(rest, start as usize + at, &mut value)
            } else {
                value.push_str(&text[copied..=at]);
                1
            };
            copied = at + length;
            match next_special(copied) {
                Some(next) => at = next,
                None => break,
            }
        }
        value.push_str(&text[copied..]);
        Cow::Owned(value)
    }

    /// Adds what a backslash sequence stands for, and gives its length; an unknown one is reported and kept.
    fn escape(&mut self, text: &str, at: usize, value: &mut String) -> usize {
        let selector = text[1..].chars().next();
        let length = 1 + selector.map_or(0, char::len_utf8);
        let resolved = match selector {
            Some('n') => Some('\n'),
            Some('r') => Some('\r'),
            Some('t') => Some('\t'),
            Some(same @ ('"' | '\\')) => Some(same),
            Some(selector @ ('u' | 'U')) => return self.code_point(selector, text, at, value),
            _ => None,
        };
        if let Some(resolved) = resolved {
            value.push(resolved);
        } else {
            let sequence = &text[..length];
            value.push_str(sequence);
            let help = "known are `\\n`, `\\r`, `\\t`, `\\\"`, `\\\\`, `\\uNNNN` and `\\UNNNNNNNN`; write `\\\\` for a backslash";
            let message = format!("unknown escape sequence `{sequence}`");
            self.report(at, at + length, message, Some(help));
        }
        length
    }

    fn code_point(&mut self, selector: char, text: &str, at: usize, value: &mut String) -> usize {
        let wanted = if selector == 'u' { 4 } else { 8 };
        let digits = text.as_bytes()[2..].iter().take(wanted);
        let found = digits.take_while(|byte| byte.is_ascii_hexdigit()).count();
        let length = 2 + found;
        if found < wanted {
            let message = format!("`\\{selector}` needs {wanted} hexadecimal digits");
            self.report(at, at + length, message, None);
        } else {
            let number = u32::from_str_radix(&text[2..length], 16).unwrap_or(u32::MAX);
            if let Some(resolved) = char::from_u32(number) {
                value.push(resolved);
            } else {
                let message = format!("U+{number:04X} is no character");
                self.report(at, at + length, message, None);
            }
        }
        length
    }
}
