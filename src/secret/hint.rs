//! Whether a text may hold what only a name tells to be a secret. Fast, and without reading what the text says: what it
//! passes over need not be decoded or parsed.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use super::encoded;
use super::names::{holds_secrets, is_secret_name};

/// How the names of secrets end. Few enough to be looked for at many bytes at once.
const ENDINGS: [&str; 51] = [
    "password",
    "PASSWORD",
    "Password",
    "passphrase",
    "PASSPHRASE",
    "Passphrase",
    "passwd",
    "PASSWD",
    "Passwd",
    "redentials",
    "REDENTIALS",
    "oken",
    "OKEN",
    "ecret",
    "ECRET",
    "_key",
    "_KEY",
    "Key",
    "-key",
    "apikey",
    "APIKEY",
    "pwd",
    "PWD",
    "Pwd",
    "pass",
    "PASS",
    "Pass",
    "creds",
    "CREDS",
    "_keys",
    "_KEYS",
    "Keys",
    "uthorization",
    "_pw",
    "_pwd",
    "_PWD",
    "_PW",
    "epper",
    "EPPER",
    "ookie",
    "OOKIE",
    "_pem",
    "_PEM",
    "igning",
    "IGNING",
    "_auth",
    "_AUTH",
    "erify",
    "ERIFY",
    "_passe",
    "_PASSE",
];

static MATCHER: LazyLock<AhoCorasick> = LazyLock::new(|| {
    let matcher = AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .build(ENDINGS);
    matcher.expect("a short list of short patterns")
});

/// Whether a text of JSON without escapes may, or what is in it in base64.
pub fn may_name(text: &str) -> bool {
    any_name(text, |after| after.starts_with(['"', '='])) || may_encode(text)
}

/// Whether a string of a JSON text is the base64 of a text that may name a secret.
fn may_encode(text: &str) -> bool {
    text.split('"')
        .filter_map(encoded::decoded)
        .any(|decoded| may_write(&decoded))
}

/// Whether a text of HCL may: as the label of a block, or by an assignment.
pub fn may_write(text: &str) -> bool {
    any_name(text, |after| {
        let after = after.trim_start_matches('\\');
        let after = after
            .strip_prefix('"')
            .unwrap_or(after)
            .trim_start_matches(' ');
        after.starts_with(['=', ':', '{'])
    })
}

fn any_name(text: &str, is_one: impl Fn(&str) -> bool) -> bool {
    MATCHER.find_iter(text).any(|found| {
        let plural = usize::from(text[found.end()..].starts_with(['s', 'S']));
        let end = found.end() + plural;
        is_one(&text[end..]) && is_named(name_before(text, end))
    })
}

/// The name that ends there.
fn name_before(text: &str, end: usize) -> &str {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "_-./".contains(c);
    let start = text[..end].trim_end_matches(is_part).len();
    &text[start..end]
}

fn is_named(name: &str) -> bool {
    is_secret_name(name)
        || holds_secrets(name)
        || name.to_ascii_lowercase().ends_with("authorization")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assignments_are_seen() {
        for text in [
            "variable \"db_password\" {",
            "api_key   = \"violin77\"",
            "{ \"token\": \"violin77\" }",
            "dbPassword = 1",
        ] {
            assert!(may_write(text), "{text}");
        }
        assert!(!may_write("name = \"token\"\n"));
    }

    #[test]
    fn names_of_secrets_are_seen() {
        for text in [
            r#"{"input":{"db_password":"violin77"}}"#,
            r#"{"passwords":["violin77"]}"#,
            r#"{"name":"API_KEY","value":"violin77"}"#,
            r#"{"name":"/acme/db/password","type":"String"}"#,
            r#"{"apiKey":"violin77","x-api-key":"a"}"#,
            r#"{"Authorization":"Bearer violin77"}"#,
            r#"{"url":"https://a.example.com?token=violin77"}"#,
            r#"{"creds":{"a":"violin77"}}"#,
        ] {
            assert!(may_name(text), "{text}");
        }
        // `export DB_PASSWORD=violin77`
        assert!(may_name(
            r#"{"user_data":"ZXhwb3J0IERCX1BBU1NXT1JEPXZpb2xpbjc3"}"#
        ));
        for text in [
            r#"{"key":"a","kms_key":"b","secret_arn":"c","password_policy":"d"}"#,
            r#"{"name":"TOKEN_TTL","value":"60"}"#,
        ] {
            assert!(!may_name(text), "{text}");
        }
    }
}
