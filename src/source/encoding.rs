//! Bytes to text: UTF-8 with or without byte order mark, and UTF-16 as PowerShell writes it.

/// Decodes a file. A byte order mark is dropped; UTF-16 is recognised by its mark, or by the zero bytes that ASCII has
/// in it; bytes that are not UTF-8 become U+FFFD (Terraform accepts them in comments, and the parser refuses the
/// character elsewhere).
pub fn decode(bytes: Vec<u8>) -> String {
    decode_telling(bytes).0
}

/// Decodes a file of configuration, variables or settings, which Terraform reads as UTF-8 alone. It drops a byte order
/// mark in its native syntax and refuses it in JSON; there it is left for the parser to refuse. None for UTF-16.
pub(super) fn decode_source(bytes: Vec<u8>, syntax: Syntax) -> Option<String> {
    let text = match width(&bytes) {
        Width::One => utf8(bytes).0,
        Width::Two(..) => return None,
    };
    Some(match (text.strip_prefix(MARK), syntax) {
        (Some(rest), Syntax::Native) => rest.to_owned(),
        _ => text,
    })
}

const MARK: char = '\u{feff}';

/// The two syntaxes of Terraform's files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Syntax {
    Native,
    Json,
}

/// How many bytes a unit of the encoding has.
enum Width {
    One,
    /// How many bytes a mark before the text has, and how a unit is put together.
    Two(usize, fn([u8; 2]) -> u16),
}

fn width(bytes: &[u8]) -> Width {
    match bytes {
        [0xFF, 0xFE, ..] => Width::Two(2, u16::from_le_bytes),
        [0xFE, 0xFF, ..] => Width::Two(2, u16::from_be_bytes),
        [first, 0, second, 0, ..] if *first != 0 && *second != 0 => {
            Width::Two(0, u16::from_le_bytes)
        }
        [0, first, 0, second, ..] if *first != 0 && *second != 0 => {
            Width::Two(0, u16::from_be_bytes)
        }
        _ => Width::One,
    }
}

/// Whether every byte of a file was text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fidelity {
    /// All of it was.
    Whole,
    /// Some stand as U+FFFD.
    Damaged,
}

/// As [`decode`], with what became of the bytes.
pub fn decode_telling(bytes: Vec<u8>) -> (String, Fidelity) {
    match width(&bytes) {
        Width::Two(mark, unit) => utf16(&bytes[mark..], unit),
        Width::One => {
            let (mut text, fidelity) = utf8(bytes);
            if text.starts_with(MARK) {
                text.remove(0);
            }
            (text, fidelity)
        }
    }
}

fn utf8(bytes: Vec<u8>) -> (String, Fidelity) {
    match String::from_utf8(bytes) {
        Ok(text) => (text, Fidelity::Whole),
        Err(error) => {
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            (text, Fidelity::Damaged)
        }
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> (String, Fidelity) {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    let mut fidelity = match bytes.len() % 2 {
        0 => Fidelity::Whole,
        _ => Fidelity::Damaged,
    };
    let mut text: String = char::decode_utf16(units)
        .map(|unit| {
            unit.unwrap_or_else(|_| {
                fidelity = Fidelity::Damaged;
                char::REPLACEMENT_CHARACTER
            })
        })
        .collect();
    if bytes.len() % 2 == 1 {
        text.push(char::REPLACEMENT_CHARACTER);
    }
    (text, fidelity)
}

#[cfg(test)]
mod tests {
    use super::{Syntax, decode, decode_source};

    #[test]
    fn marks_and_widths() {
        assert_eq!(decode(b"\xEF\xBB\xBFa".to_vec()), "a");
        assert_eq!(decode(b"\xFF\xFEa\0b\0".to_vec()), "ab");
        assert_eq!(decode(b"\xFE\xFF\0a\0b".to_vec()), "ab");
        assert_eq!(decode(b"{\0\"\0".to_vec()), "{\"");
        assert_eq!(decode(b"# \xff\n".to_vec()), "# \u{fffd}\n");
    }

    #[test]
    fn sources_are_utf_8() {
        let marked = b"\xEF\xBB\xBFa".to_vec();
        let native = decode_source(marked.clone(), Syntax::Native);
        assert_eq!(native.as_deref(), Some("a"));
        let json = decode_source(marked, Syntax::Json);
        assert_eq!(json.as_deref(), Some("\u{feff}a"));
        for wide in [&b"\xFF\xFEa\0b\0"[..], b"\xFE\xFF\0a\0b", b"a\0b\0"] {
            assert_eq!(decode_source(wide.to_vec(), Syntax::Native), None);
        }
    }
}
