//! Bytes to text: UTF-8 with or without byte order mark, and UTF-16 as PowerShell writes it.

/// Decodes a file. A byte order mark is dropped; UTF-16 is recognised by its mark, or by the zero bytes that ASCII has
/// in it; bytes that are not UTF-8 become U+FFFD (Terraform accepts them in comments, and the parser refuses the
/// character elsewhere).
pub fn decode(bytes: Vec<u8>) -> String {
    decode_telling(bytes).0
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
    match bytes.as_slice() {
        [0xEF, 0xBB, 0xBF, rest @ ..] => utf8(rest.to_vec()),
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [first, 0, second, 0, ..] if *first != 0 && *second != 0 => {
            utf16(&bytes, u16::from_le_bytes)
        }
        [0, first, 0, second, ..] if *first != 0 && *second != 0 => {
            utf16(&bytes, u16::from_be_bytes)
        }
        _ => utf8(bytes),
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
    use super::decode;

    #[test]
    fn marks_and_widths() {
        assert_eq!(decode(b"\xEF\xBB\xBFa".to_vec()), "a");
        assert_eq!(decode(b"\xFF\xFEa\0b\0".to_vec()), "ab");
        assert_eq!(decode(b"\xFE\xFF\0a\0b".to_vec()), "ab");
        assert_eq!(decode(b"{\0\"\0".to_vec()), "{\"");
        assert_eq!(decode(b"# \xff\n".to_vec()), "# \u{fffd}\n");
    }
}
