//! Text of a user's file as it may be drawn: what could be a credential is blotted out, every byte of it.

use crate::value::display;

/// Words in the name of something that is not shown.
const SECRET_WORDS: [&str; 9] = [
    "password",
    "passwd",
    "secret",
    "token",
    "credential",
    "private",
    "api_key",
    "apikey",
    "access_key",
];

/// The same text with `*` for every byte of a quoted string that a secret-like name stands before, or that does not
/// look like a name itself. Offsets stay as they are.
pub(super) fn redact(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut in_heredoc = None;
    for line in text.split_inclusive('\n') {
        redact_line(line, &mut in_heredoc, &mut out);
    }
    out
}

fn redact_line(line: &str, heredoc: &mut Option<String>, out: &mut String) {
    if let Some(marker) = heredoc {
        if line.trim() == marker {
            *heredoc = None;
            out.push_str(line);
        } else {
            line.split_inclusive(|c: char| c.is_whitespace() || "\"'=,;".contains(c))
                .for_each(|word| blot_unless_plain(word, out));
        }
        return;
    }
    let secret_name = {
        let name = line
            .split(['=', ':'])
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        SECRET_WORDS.iter().any(|word| name.contains(word))
    };
    let mut rest = line;
    while let Some(start) = rest.find('"') {
        let (before, quoted) = rest.split_at(start + 1);
        out.push_str(before);
        let end = closing_quote(quoted);
        let (content, after) = quoted.split_at(end);
        if secret_name && !content.contains("${") {
            blot(content, out);
        } else {
            content
                .split_inclusive(char::is_whitespace)
                .for_each(|word| blot_unless_plain(word, out));
        }
        rest = match after.strip_prefix('"') {
            Some(after) => {
                out.push('"');
                after
            }
            None => after,
        };
    }
    if let Some(at) = rest.find("<<") {
        let marker = rest[at + 2..].trim_start_matches('-').trim();
        if !marker.is_empty() && marker.chars().all(|c| c.is_alphanumeric() || c == '_') {
            *heredoc = Some(marker.to_owned());
        }
    }
    out.push_str(rest);
}

fn closing_quote(quoted: &str) -> usize {
    let mut escaped = false;
    for (at, c) in quoted.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at,
            _ => {}
        }
    }
    quoted.len()
}

fn blot_unless_plain(word: &str, out: &mut String) {
    if word.len() < 16 || word.contains("${") || display::is_harmless(word.trim()) {
        out.push_str(word);
    } else {
        blot(word, out);
    }
}

fn blot(text: &str, out: &mut String) {
    text.bytes().for_each(|byte| {
        out.push(if byte == b'\n' || byte == b'\r' {
            byte as char
        } else {
            '*'
        });
    });
}

#[cfg(test)]
mod tests {
    use super::redact;

    #[test]
    fn credentials_are_blotted_out_in_place() {
        let text =
            "a = \"prod\"\ndb_password = \"hunter2\"\nkey = \"sk_live_Zq81mPx0Lk27Tr55Vb90Nn31\"\n";
        let redacted = redact(text);
        assert_eq!(redacted.len(), text.len());
        assert!(redacted.contains("a = \"prod\""));
        assert!(!redacted.contains("hunter2") && !redacted.contains("Zq81"));
    }
}
