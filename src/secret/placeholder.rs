//! Values that stand in for a secret until somebody puts the real one.

use serde_json::Value as Json;

use super::names::is_secret_name;

/// Words that no generated secret has, as whole words of a value.
const WORDS: &[&str] = &[
    "replace",
    "replaceme",
    "replaced",
    "change",
    "changeme",
    "changeit",
    "todo",
    "tbd",
    "fixme",
    "placeholder",
    "dummy",
    "example",
    "sample",
    "redacted",
    "unset",
    "notset",
    "undefined",
    "fake",
    "mock",
    "your",
    "insert",
    "fill",
    "temporary",
    "initial",
    "bootstrap",
    "managed",
    "outside",
    "manually",
    "rotated",
    "override",
    "overridden",
    "none",
    "null",
    "empty",
    "invalid",
];

/// Whole values that name what should stand there.
const WHOLE: &[&str] = &[
    "password", "passwd", "pass", "pwd", "secret", "token", "key", "apikey", "user", "username",
    "value", "string", "default", "na", "test",
];

/// What stands in for a secret is short: `put the real value here with the command line`.
const MOST_WORDS: usize = 16;

/// Parts that give a made-up value away, in lower case.
const PARTS: &[&str] = &[
    "example",
    "placeholder",
    "changeme",
    "replaceme",
    "replace_me",
    "change_me",
    "dummy",
];

/// Whether a value is no secret but stands in for one: empty, `REPLACE_ME`, `changeme`, `<value>`, `${…}`, `xxxx`, or
/// JSON with only such values where its names say that a secret belongs.
pub fn is_placeholder(text: &str) -> bool {
    let text = text.trim();
    if text.is_empty() || is_one_character(text) || is_bracketed(text) {
        return true;
    }
    if text.starts_with(['{', '['])
        && let Ok(json) = serde_json::from_str::<Json>(text)
    {
        return is_json_placeholder(&json);
    }
    // A script or a sentence in which such a word stands may hold a secret as well.
    if text.contains('\n') || text.split_whitespace().count() > MOST_WORDS {
        return false;
    }
    if let Some(password) = password_of_address(text) {
        return is_placeholder(password);
    }
    // `changeme-Xk29vTq0pLz7`
    if !text.contains("://") && words_of(text).any(is_generated) {
        return false;
    }
    let lower = text.to_ascii_lowercase();
    let words = || words_of(&lower);
    let joined: String = words().collect();
    WHOLE.contains(&joined.as_str())
        || words().any(|word| WORDS.contains(&word) || is_filler(word))
        || PARTS.iter().any(|part| lower.contains(part))
        || words().collect::<Vec<_>>().windows(2).any(|pair| {
            matches!(
                pair,
                [
                    "set",
                    "me" | "later" | "via" | "by" | "in" | "from" | "externally" | "elsewhere"
                ] | ["not", "set"]
                    | ["out", "of"]
                    | ["via" | "in", "console" | "cli"]
            )
        })
}

fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
}

/// Whether a word is as mixed as only what was drawn at random is: digits and letters take turns.
fn is_generated(word: &str) -> bool {
    const SHORTEST: usize = 10;
    const TURNS: usize = 6;
    let class = |byte: u8| (byte.is_ascii_digit(), byte.is_ascii_uppercase());
    let turns = word.as_bytes().windows(2);
    let turns = turns
        .filter(|pair| class(pair[0]) != class(pair[1]))
        .count();
    let has_digit = word.bytes().any(|byte| byte.is_ascii_digit());
    let is_long = word.len() >= SHORTEST && has_digit && turns >= TURNS;
    is_long
        && !PARTS
            .iter()
            .any(|part| word.to_ascii_lowercase().contains(part))
}

/// The password in `scheme://user:password@host`.
pub fn password_of_address(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("://")?;
    let (user, _) = rest.split(['/', '?', '#']).next()?.rsplit_once('@')?;
    user.split_once(':').map(|(_, password)| password)
}

/// Whether the body of something in the form of a credential gives itself away as made up for documentation.
pub(super) fn stands_in(body: &str) -> bool {
    const MARKERS: &[&str] = &[
        "example",
        "placeholder",
        "replace",
        "changeme",
        "yourkey",
        "your_",
        "dummy",
        "xxxxxx",
        "redacted",
    ];
    let lower = body.to_ascii_lowercase();
    MARKERS.iter().any(|marker| lower.contains(marker))
}

fn is_one_character(text: &str) -> bool {
    let mut chars = text.chars();
    let first = chars.next();
    chars.all(|c| Some(c) == first)
}

/// `<value>`, `[value]`, `${value}`, `{{value}}`, `%value%`, `__value__`
fn is_bracketed(text: &str) -> bool {
    [
        ("<", ">"),
        ("${", "}"),
        ("{{", "}}"),
        ("{%", "%}"),
        ("%", "%"),
        ("__", "__"),
        ("[", "]"),
    ]
    .iter()
    .any(|(open, close)| {
        text.len() >= open.len() + close.len()
            && text.starts_with(open)
            && text.ends_with(close)
            && !text.contains(['"', ','])
    })
}

/// `xxxx`, `***`, `0000`
fn is_filler(word: &str) -> bool {
    word.len() >= 3 && matches!(word.as_bytes()[0], b'x' | b'0') && is_one_character(word)
}

/// Where names say what is secret, only that counts.
fn is_json_placeholder(json: &Json) -> bool {
    let mut leaves = Vec::new();
    collect(json, None, &mut leaves);
    let any_secret = leaves
        .iter()
        .any(|(name, _)| name.is_some_and(is_secret_name));
    leaves
        .iter()
        .filter(|(name, _)| !any_secret || name.is_some_and(is_secret_name))
        .all(|(_, text)| is_placeholder(text))
}

fn collect<'a>(
    json: &'a Json,
    name: Option<&'a str>,
    leaves: &mut Vec<(Option<&'a str>, &'a str)>,
) {
    match json {
        Json::String(text) => leaves.push((name, text)),
        Json::Array(elements) => elements
            .iter()
            .for_each(|element| collect(element, name, leaves)),
        Json::Object(entries) => {
            for (name, value) in entries {
                collect(value, Some(name), leaves);
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::is_placeholder;

    #[test]
    fn placeholders_are_no_secrets() {
        for text in [
            "",
            " ",
            "REPLACE_ME",
            "changeme",
            "CHANGE_ME_LATER",
            "TODO",
            "placeholder",
            "sk_placeholder",
            "dummy",
            "example",
            "xxx",
            "sk_live_xxxx",
            "<sk_live_value>",
            "unset",
            "${var.a}",
            "your-api-key",
            "set-me",
            "not set",
            "SET_VIA_CONSOLE",
            "set-in-the-console",
            "********",
            "0",
            "{}",
            "[]",
            "null",
            "password",
            "managed-outside-terraform",
            "CHANGE_ME_Before2025Deploy",
            "ChangeMe1a2B3c4",
            "AKIAIOSFODNN7EXAMPLE",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            r#"{"key":"REPLACE_ME"}"#,
            r#"{"username":"admin","password":""}"#,
        ] {
            assert!(is_placeholder(text), "{text}");
        }
    }

    #[test]
    fn secrets_are_no_placeholders() {
        for text in [
            "hunter2",
            "made-up-5f0c1d7e9a2b",
            "S3cr3t!pass",
            "correct horse battery staple",
            r#"{"username":"admin","password":"hunter2"}"#,
            r#"{"a":"bq9z"}"#,
            "Pa55w0rd-2024",
            "example-Xk29vTq0pLz7",
            "REPLACE_ME_Xk29vTq0pLz7",
            "dummy:5f0c1d7e9a2b",
        ] {
            assert!(!is_placeholder(text), "{text}");
        }
    }
}
