//! Credentials in base64. Only what begins with the credential is found within other text: there its letters are known.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};

use super::detect::{Hit, detect, hit, run};
use super::forms::FORMS;

/// How credentials of which enough is known begin in base64.
pub(super) fn starts() -> impl Iterator<Item = String> {
    const SHORTEST: usize = 8;
    let others = ["-----BEGIN ", "postgres://", "postgresql://", "mysql://"];
    let plain = FORMS.iter().map(|form| form.prefix).chain(others);
    let encoded = plain.map(|start| {
        let whole = start.len() * 8 / 6;
        let mut encoded = STANDARD_NO_PAD.encode(start);
        encoded.truncate(whole);
        encoded
    });
    encoded.filter(|start| start.len() >= SHORTEST)
}

/// The gravest credential in what the base64 that begins at `at` stands for.
pub(super) fn credential(text: &str, at: usize) -> Option<Hit> {
    let bytes = text.as_bytes();
    let before = at.checked_sub(1).map(|before| bytes[before]);
    if before.is_some_and(|byte| byte != b'=' && is_part(byte)) {
        return None;
    }
    let word = run(bytes, at, is_part);
    let decoded = decoded(&text[word.clone()])?;
    let gravest = detect(&decoded).into_iter().max_by_key(|hit| hit.gravity)?;
    Some(hit(gravest.kind, gravest.gravity, word))
}

fn is_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}

/// The text that a value is the base64 of.
pub(super) fn decoded(value: &str) -> Option<String> {
    const SHORTEST: usize = 16;
    // Most texts are none, and it is cheap to see.
    if value.len() < SHORTEST {
        return None;
    }
    let value = value.trim();
    if value.len() < SHORTEST || !value.bytes().all(is_part) {
        return None;
    }
    let engine = if value.ends_with('=') {
        STANDARD
    } else {
        STANDARD_NO_PAD
    };
    String::from_utf8(engine.decode(value).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::{Kind, gravest};

    #[test]
    fn what_begins_with_a_credential_is_found_in_base64() {
        let key = format!(
            "-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----\n",
            "Q7mZ2xK9vT4nL0wYc5RbH8sJd3Fg6PaU1eNiVo".repeat(2)
        );
        let encoded = STANDARD.encode(key);
        let text = format!("key = \"{encoded}\"");
        let hits = detect(&text);
        assert_eq!(hits.len(), 1);
        assert_eq!(hits[0].kind, Kind::PrivateKey);
        assert_eq!(text[hits[0].range.clone()], encoded);
    }

    #[test]
    fn a_whole_value_is_decoded() {
        let token = format!("user:{}{}", "ghp_", "Q7mZ2xK9vT4nL0wYc5RbH8sJd3Fg6PaU1eNi");
        let kind = gravest(&STANDARD.encode(token)).map(|(_, kind)| kind);
        assert_eq!(kind, Some(Kind::GitHubToken));
        assert_eq!(
            gravest(&STANDARD.encode("nothing of that kind at all")),
            None
        );
        assert_eq!(gravest("an/ordinary/path/of/some/length"), None);
    }
}
