//! Secret texts that are not shown, wherever they stand: as they are, in capitals, escaped, or encoded.
//!
//! What the texts are is found elsewhere. Here it is only decided which of them tell a secret in the midst of others.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use aho_corasick::{AhoCorasick, MatchKind};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use super::names::is_harmless_value;
use super::placeholder::is_placeholder;
use crate::value::Value;

/// Texts that are not shown.
#[derive(Debug, Default)]
pub struct Withheld {
    texts: BTreeSet<Arc<str>>,
    ways: Option<Ways>,
}

/// The ways in which they are written.
#[derive(Debug)]
struct Ways {
    matcher: AhoCorasick,
    kinds: Vec<Kind>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Character by character.
    Text,
    /// As part of what was encoded in base64: its ends belong to what stands beside it as well.
    Base64,
}

impl Withheld {
    /// Adds texts, those that do not tell a secret excepted.
    pub fn add(&mut self, texts: impl IntoIterator<Item = Arc<str>>) {
        let before = self.texts.len();
        self.texts
            .extend(texts.into_iter().filter(|text| tells(text)));
        if self.texts.len() > before {
            self.ways = Some(Ways::of(&self.texts));
        }
    }

    /// Whether one of them stands in a text.
    pub fn is_in(&self, text: &str) -> bool {
        let found = |ways: &Ways| ways.matcher.is_match(text);
        self.ways.as_ref().is_some_and(found)
    }

    /// Where they stand in a text, in order.
    pub fn ranges(&self, text: &str) -> Vec<Range<usize>> {
        let Some(ways) = &self.ways else {
            return Vec::new();
        };
        let mut found: Vec<Range<usize>> = Vec::new();
        for one in ways.matcher.find_iter(text) {
            let range = match ways.kinds[one.pattern().as_usize()] {
                Kind::Text => one.range(),
                Kind::Base64 => word_around(text, one.range()),
            };
            match found.last_mut() {
                Some(last) if last.end >= range.start => last.end = last.end.max(range.end),
                _ => found.push(range),
            }
        }
        found
    }

    /// A text with `(withheld)` in the place of each.
    pub fn without<'t>(&self, text: &'t str) -> Cow<'t, str> {
        replaced(text, &self.ranges(text))
    }
}

/// A primitive as it is written, where it can tell a secret: a text, or a number of many digits.
pub fn telling(value: &Value) -> Option<Cow<'_, str>> {
    const SMALL: i64 = 10_000_000;
    if let Some(text) = value.as_str() {
        return Some(Cow::Borrowed(text));
    }
    let number = value.as_number()?;
    let is_small = number
        .as_i64()
        .is_some_and(|whole| (-SMALL..SMALL).contains(&whole));
    (!is_small).then(|| Cow::Owned(number.to_string()))
}

/// A text with `(withheld)` in the place of some of its parts, which are in order.
pub fn replaced<'t>(text: &'t str, parts: &[Range<usize>]) -> Cow<'t, str> {
    if parts.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for part in parts {
        out.push_str(&text[from..part.start]);
        out.push_str("(withheld)");
        from = part.end;
    }
    out.push_str(&text[from..]);
    Cow::Owned(out)
}

impl Ways {
    fn of(texts: &BTreeSet<Arc<str>>) -> Self {
        let (mut patterns, mut kinds) = (Vec::new(), Vec::new());
        for text in texts {
            let encoded = within_base64(text).into_iter();
            let encoded = encoded.map(|way| (way, Kind::Base64));
            let plain = written(text).into_iter().map(|way| (way, Kind::Text));
            for (way, kind) in plain.chain(encoded) {
                patterns.push(way);
                kinds.push(kind);
            }
        }
        let mut builder = AhoCorasick::builder();
        builder
            .match_kind(MatchKind::LeftmostLongest)
            .ascii_case_insensitive(true);
        let matcher = builder.build(&patterns);
        Self {
            matcher: matcher.expect("the secrets of a plan fit into a matcher"),
            kinds,
        }
    }
}

/// Whether a text tells a secret in the midst of others. Short ones, numbers, flags, paths and single words stand in many
/// texts where nothing is secret, and so do regions.
pub fn tells(text: &str) -> bool {
    const SHORTEST: usize = 8;
    text.len() >= SHORTEST
        && !is_placeholder(text)
        && !is_harmless_value(text)
        && !is_word(text)
        && !is_region(text)
}

/// `postgres`, `Administrator`, `FORWARD`
fn is_word(text: &str) -> bool {
    const LONGEST: usize = 15;
    let is = |of: fn(&u8) -> bool| text.bytes().skip(1).all(|byte| of(&byte));
    text.len() <= LONGEST
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && (is(u8::is_ascii_lowercase) || is(u8::is_ascii_uppercase))
}

/// `us-east-1`, `us-gov-west-1a`, `europe-west4`
fn is_region(text: &str) -> bool {
    const CONTINENTS: [&str; 17] = [
        "af",
        "africa",
        "ap",
        "asia",
        "australia",
        "ca",
        "cn",
        "eu",
        "europe",
        "il",
        "me",
        "mx",
        "northamerica",
        "sa",
        "southamerica",
        "us",
        "eusc",
    ];
    const LONGEST: usize = 26;
    let is_one = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let mut words = text.split('-');
    let continent = words.next().unwrap_or_default();
    let number = text.trim_end_matches(|c: char| c.is_ascii_lowercase());
    text.len() <= LONGEST
        && CONTINENTS.contains(&continent)
        && text.chars().all(is_one)
        && text.len() - number.len() <= 1
        && number.ends_with(|c: char| c.is_ascii_digit())
        && words.all(|word| word.len() <= 10)
}

/// A text as it is, and as it reads in JSON and HCL, and in an address.
fn written(text: &str) -> Vec<String> {
    let quoted = serde_json::to_string(text).expect("a text is JSON");
    let quoted = quoted[1..quoted.len() - 1].to_owned();
    let escaped = ["<", ">", "&"]
        .iter()
        .zip(["\\u003c", "\\u003e", "\\u0026"])
        .fold(quoted.clone(), |all, (plain, escape)| {
            all.replace(plain, escape)
        });
    let mut ways = vec![text.to_owned(), quoted, escaped, in_address(text)];
    ways.sort_unstable();
    ways.dedup();
    ways
}

/// As `urlencode` writes it.
fn in_address(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b' ' => out.push('+'),
            b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// How a text reads inside of what was encoded as base64 together with others: three ways, by how many bytes come before
/// it. The ends, which the neighbours decide as well, are left out.
pub fn within_base64(text: &str) -> Vec<String> {
    const SHORTEST: usize = 12;
    let ways = (0..3_usize).map(|before| {
        let bytes = [&vec![0; before], text.as_bytes()].concat();
        let encoded = STANDARD_NO_PAD.encode(&bytes);
        let first = [0, 2, 3][before];
        let last = encoded.len() - usize::from(bytes.len() % 3 != 0);
        encoded[first..last].to_owned()
    });
    ways.filter(|way| way.len() >= SHORTEST).collect()
}

/// All of the base64 that a stretch is part of.
fn word_around(text: &str, range: Range<usize>) -> Range<usize> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
    let before = text[..range.start].trim_end_matches(is_part);
    let after = text[range.end..].trim_start_matches(is_part);
    before.len()..text.len() - after.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn withheld(texts: &[&str]) -> Withheld {
        let mut withheld = Withheld::default();
        withheld.add(texts.iter().map(|text| Arc::from(*text)));
        withheld
    }

    #[test]
    fn secrets_are_found_however_they_are_written() {
        let withheld = withheld(&["tomato-seven\"<violin"]);
        for text in [
            "a tomato-seven\"<violin b",
            "TOMATO-SEVEN\"<VIOLIN",
            r#"a "tomato-seven\"<violin" b"#,
            r#"a "tomato-seven\"\u003cviolin" b"#,
            "https://a?b=tomato-seven%22%3Cviolin&c",
            // `x=tomato-seven"<violin` and two more beginnings.
            "eD10b21hdG8tc2V2ZW4iPHZpb2xpbg==",
            "eHg9dG9tYXRvLXNldmVuIjx2aW9saW4=",
            "eHh4PXRvbWF0by1zZXZlbiI8dmlvbGlu",
        ] {
            assert!(withheld.is_in(text), "{text}");
        }
        assert!(!withheld.is_in("tomato-seven"));
        let text = "a eD10b21hdG8tc2V2ZW4iPHZpb2xpbg== b, tomato-seven\"<violin.";
        assert_eq!(withheld.without(text), "a (withheld) b, (withheld).");
    }

    #[test]
    fn what_stands_in_many_texts_is_no_secret() {
        let harmless = [
            "short",
            "us-east-1",
            "us-gov-west-1a",
            "europe-west4",
            "postgres",
            "Administrator",
            "changeme-later",
            "arn:aws:iam::123456789012:role/a",
            "enabled",
            "https://a.example.com/b",
        ];
        let withheld = withheld(&harmless);
        for text in harmless {
            assert!(!withheld.is_in(text), "{text}");
        }
    }

    #[test]
    fn what_looks_like_a_region_and_is_none_is_found() {
        for text in [
            "tomato-seven-violin",
            "xk29-vt-q0lm",
            "correct-horse7battery",
        ] {
            assert!(withheld(&[text]).is_in(text), "{text}");
        }
    }
}
