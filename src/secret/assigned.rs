//! Secrets that a text hands over under a name: `DB_PASSWORD=…` in a script, `?token=…` in an address, `password: …` on a
//! line of its own; and what stands before the host of an address.

use std::ops::Range;

use super::names::{is_harmless_value, is_secret_name};
use super::overlap::keep_apart;
use super::placeholder::is_placeholder;

/// What a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// A sentence, or configuration: there, only `NAME=…` without spaces hands something over.
    Sentence,
    /// A script or a file of settings as well, if it has several lines.
    Document,
}

/// Where the secrets stand, in order, none within another.
pub fn assigned(text: &str, reading: Reading) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = text
        .match_indices('=')
        .filter_map(|(at, _)| after_equals(text, at))
        .collect();
    found.extend(
        text.match_indices("://")
            .filter_map(|(at, _)| user_of_address(text, at)),
    );
    if reading == Reading::Document && text.contains('\n') {
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            found.extend(on_its_line(line).map(|range| at + range.start..at + range.end));
            at += line.len();
        }
    }
    keep_apart(&mut found, |range| range);
    found
}

/// Whether a text under the name of a secret may be one, and not only name it, refer to it or stand in for it.
pub fn may_be_secret(text: &str) -> bool {
    !is_harmless_value(text) && !is_placeholder(text) && !names_secret(text)
}

/// `prod/app`, `app-jwt-secret`: words of small letters that are a path, or of which the last say that this is the name of
/// a secret.
fn names_secret(text: &str) -> bool {
    let mut words = text.split(['/', '-', '_', '.']);
    let is_word = |word: &str| word.bytes().all(|byte| byte.is_ascii_lowercase());
    let is_name = is_secret_name(text) && words.clone().count() > 1;
    (is_name || text.contains('/')) && words.all(is_word)
}

/// `NAME=value`, `NAME="value"`
fn after_equals(text: &str, equals: usize) -> Option<Range<usize>> {
    const LONGEST_NAME: usize = 128;
    let before = &text.as_bytes()[equals.saturating_sub(LONGEST_NAME)..equals];
    let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || b"_-.".contains(byte);
    let length = before.iter().rev().take_while(is_part).count();
    let name = &text[equals - length..equals];
    let in_query = text[..equals - length].ends_with(['?', '&']);
    let lower = name.to_ascii_lowercase();
    let of_query = in_query && ["key", "sig", "signature", "sshkey"].contains(&&*lower);
    if !is_secret_name(name) && !of_query {
        return None;
    }
    value_at(text, equals + 1)
}

/// `- password: value`
fn on_its_line(line: &str) -> Option<Range<usize>> {
    let start = line.len() - line.trim_start_matches([' ', '\t', '-']).len();
    let colon = start + line[start..].find([':', '='])?;
    let name = line[start..colon].trim_end().trim_matches(['"', '\'']);
    let is_part = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    let rest = &line[colon + 1..];
    if !name.chars().all(is_part) || !is_secret_name(name) || !rest.starts_with([' ', '\t']) {
        return None;
    }
    value_at(line, line.len() - rest.trim_start().len())
}

/// The value that begins here, if it may be a secret.
fn value_at(text: &str, at: usize) -> Option<Range<usize>> {
    let rest = text.get(at..)?;
    let opened = rest.len() - rest.trim_start_matches('\\').len();
    let quote = rest[opened..].chars().next().filter(|c| "\"'".contains(*c));
    let start = match quote {
        Some(_) => at + opened + 1,
        None => at,
    };
    let ends = |c: char| match quote {
        Some(quote) => c == quote || c == '\n',
        None => c.is_whitespace() || "\"'`;&|<>()[]{},\\".contains(c),
    };
    let rest = &text[start..];
    let length = rest.find(ends).unwrap_or(rest.len());
    let value = rest[..length].trim_end_matches('\\');
    let goes_on = rest[value.len()..].starts_with('{') && value.ends_with(['$', '%']);
    let is_one = !goes_on
        && !value.starts_with(['$', '%', '=', '*'])
        && !value.contains("${")
        && !is_reference(value)
        && may_be_secret(value);
    is_one.then(|| start..start + value.len())
}

/// `var.db_password`, `random_password.db.result`
fn is_reference(value: &str) -> bool {
    const ROOTS: [&str; 7] = ["var", "local", "module", "data", "each", "self", "path"];
    value.split_once('.').is_some_and(|(root, _)| {
        let is_kind = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        ROOTS.contains(&root) || (root.contains('_') && root.chars().all(is_kind))
    })
}

/// A token alone before the host: `https://token@host`. With a user before it, it is a connection string.
fn user_of_address(text: &str, separator: usize) -> Option<Range<usize>> {
    const SHORTEST: usize = 8;
    let start = separator + 3;
    let rest = &text[start..];
    let end = rest.find(|c: char| c.is_whitespace() || "/?#\"'`".contains(c));
    let (user, _) = rest[..end.unwrap_or(rest.len())].rsplit_once('@')?;
    let is_web = text[..separator].ends_with("http") || text[..separator].ends_with("https");
    let is_one = is_web
        && user.len() >= SHORTEST
        && user.contains(|c: char| c.is_ascii_digit())
        && !user.contains([':', '$', '{', '%', '<', '*'])
        && may_be_secret(user);
    is_one.then(|| start..start + user.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, reading: Reading) -> Vec<&str> {
        let ranges = assigned(text, reading).into_iter();
        ranges.map(|range| &text[range]).collect()
    }

    #[test]
    fn secrets_stand_behind_their_names() {
        for (text, secret) in [
            ("export DB_PASSWORD=violin77 other", "violin77"),
            (r#"a = "export DB_PASSWORD=\"violin 77\"\n""#, "violin 77"),
            ("https://a.example.com/x.zip?token=violin77&a=b", "violin77"),
            (
                "git::https://b.example.com/x?ref=a&sshkey=violin77",
                "violin77",
            ),
            ("git::https://violin77@example.com/x.git", "violin77"),
        ] {
            assert_eq!(found(text, Reading::Sentence), [secret], "{text}");
        }
        let text = "users:\n  - password: violin77\n    api_token = \"orchid 7\"\n";
        assert_eq!(found(text, Reading::Document), ["violin77", "orchid 7"]);
        assert!(found(text, Reading::Sentence).is_empty());
    }

    #[test]
    fn names_references_and_placeholders_are_none() {
        for text in [
            "DB_PASSWORD=$PASSWORD",
            "DB_PASSWORD=${aws_db.x}",
            "password=var.db_password",
            "password=random_password.db.result",
            "API_TOKEN=REPLACE_ME",
            "if password==other",
            "JWT_SECRET=prod/app/jwt-secret",
            "JWT_SECRET=prod/app",
            "https://a.example.com/x?ref=v1.2.3",
            "git::ssh://git@github.com/a/b.git",
            "token_ttl=violin77",
        ] {
            assert!(found(text, Reading::Document).is_empty(), "{text}");
        }
    }
}
