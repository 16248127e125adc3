//! What transcripts of Terraform have in common: values of several lines, and bytes that are written out.

/// Adds a line to a value.
pub fn append(lines: &mut Option<String>, line: &str) {
    match lines {
        Some(text) => {
            text.push('\n');
            text.push_str(line);
        }
        None => *lines = Some(line.to_owned()),
    }
}

/// The text that is meant: `⟦0D⟧` stands for the byte 0x0D.
pub fn unescaped(text: &str) -> String {
    String::from_utf8_lossy(&raw(text)).into_owned()
}

/// The bytes that are meant.
pub fn raw(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('⟦') {
        out.extend_from_slice(before.as_bytes());
        let (hex, after) = after.split_once('⟧').expect("an escape is closed");
        let pairs = (0..hex.len()).step_by(2);
        out.extend(pairs.map(|at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hexadecimal")));
        rest = after;
    }
    out.extend_from_slice(rest.as_bytes());
    out
}
