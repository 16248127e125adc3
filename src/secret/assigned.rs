//! Secrets that a text hands over under a name: `DB_PASSWORD=…` in a script, `?token=…` in an address, `password: …` on a
//! line of its own; and what stands before the host of an address.

use std::ops::Range;

use super::command::handed_over;
use super::likely::{is_key_of_service, may_be_secret};
use super::listed;
use super::manifest;
use super::names::{is_secret_name, may_be_of_service};
use super::overlap::keep_apart;

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
    found.extend(handed_over(text));
    found.extend(
        text.match_indices("value=")
            .filter_map(|(at, equals)| in_a_tag(text, at, at + equals.len())),
    );
    // What is JSON as a whole is read as that.
    let is_json = text.trim_start().starts_with(['{', '[']);
    if reading == Reading::Document && !is_json {
        found.extend(
            text.match_indices("\":")
                .filter_map(|(at, colon)| in_json(text, at, at + colon.len())),
        );
    }
    if reading == Reading::Document && text.contains('\n') {
        let mut at = 0;
        let mut references = References::default();
        for line in text.split_inclusive('\n') {
            if !references.has(line) {
                found.extend(on_its_line(line).map(|range| at + range.start..at + range.end));
            }
            at += line.len();
        }
        found.extend(manifest::values(text));
        let listed = listed::values(text).into_iter();
        found.extend(listed.filter_map(|range| value_at(text, range.start)));
    }
    keep_apart(&mut found, |range| range);
    found
}

/// What the settings of a build only refer to, line by line.
#[derive(Default)]
struct References {
    /// How far the member is indented below which they stand.
    below: Option<usize>,
}

impl References {
    fn has(&mut self, line: &str) -> bool {
        let indented = line.len() - line.trim_start_matches(' ').len();
        let is_blank = line.trim().is_empty();
        if self.below.is_some_and(|below| is_blank || indented > below) {
            return true;
        }
        let name = line.trim().strip_suffix(':').unwrap_or_default();
        self.below = names_references(name.trim_matches(['"', '\''])).then_some(indented);
        false
    }
}

/// Whether the member of a document holds names of secrets and parameters, and none of their values.
pub(super) fn names_references(name: &str) -> bool {
    matches!(name, "secrets-manager" | "parameter-store")
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
    if !is_secret_name(name) && !of_query && !may_be_of_service(name) {
        return None;
    }
    let found = value_at(text, equals + 1)?;
    let is_one = is_secret_name(name) || of_query || is_key_of_service(name, &text[found.clone()]);
    is_one.then_some(found)
}

/// `<add key="DbPassword" value="…"/>`
fn in_a_tag(text: &str, at: usize, after: usize) -> Option<Range<usize>> {
    let tag = text[..at].rfind('<')?;
    let attribute = text[tag..at].trim_end().trim_end_matches(['"', '\\']);
    let (rest, name) = attribute.rsplit_once('"')?;
    let is_name = ["key=", "name="]
        .iter()
        .any(|one| rest.trim_end_matches('\\').ends_with(one));
    (is_name && is_secret_name(name)).then(|| value_at(text, after))?
}

/// `{"password": "value"}`
fn in_json(text: &str, end: usize, after: usize) -> Option<Range<usize>> {
    let (before, name) = text[..end].trim_end_matches('\\').rsplit_once('"')?;
    // On a line of its own it is read as such.
    let before = before.trim_end_matches('\\').trim_end_matches(' ');
    if !before.ends_with(['{', ',']) {
        return None;
    }
    let value = text[after..].trim_start_matches([' ', '\t']);
    let is_quoted = value.trim_start_matches('\\').starts_with('"');
    let is_member = is_secret_name(name) && is_quoted;
    is_member.then(|| value_at(text, text.len() - value.len()))?
}

/// `- password: value`, `const password = "value"`
fn on_its_line(line: &str) -> Option<Range<usize>> {
    let text = line.trim_start_matches([' ', '\t', '-']);
    let mut declared = ["const ", "let ", "var "].into_iter();
    let text = declared
        .find_map(|word| text.strip_prefix(word))
        .unwrap_or(text);
    let start = line.len() - text.len();
    let colon = start + line[start..].find([':', '='])?;
    let name = line[start..colon].trim_end().trim_matches(['"', '\'']);
    let is_part = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    let rest = &line[colon + 1..];
    if !name.chars().all(is_part) || !is_secret_name(name) || !rest.starts_with([' ', '\t']) {
        return None;
    }
    let found = value_at(line, line.len() - rest.trim_start().len())?;
    // `token: String!` is a type.
    let is_quoted = line[..found.start].ends_with(['"', '\'']);
    let is_word = |c: char| c.is_ascii_alphabetic() || c == '!' || c == '?';
    (is_quoted || !line[found.clone()].chars().all(is_word)).then_some(found)
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
    let after = &rest[value.len()..];
    let goes_on = after.starts_with('{') && value.ends_with(['$', '%']);
    // What a program calls, or takes out of something.
    let is_code = quote.is_none() && after.starts_with(['(', '[']);
    let is_one = !goes_on
        && !is_code
        && !value.starts_with(['$', '%', '=', '*', '!'])
        && !value.contains("${")
        && !is_reference(value)
        && may_be_secret(value);
    is_one.then(|| start..start + value.len())
}

/// `var.db_password`, `random_password.db.result`, `process.env.API_KEY`
fn is_reference(value: &str) -> bool {
    const ROOTS: [&str; 12] = [
        "var", "local", "module", "data", "each", "self", "path", "this", "process", "os",
        "config", "settings",
    ];
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
    let (user, host) = rest[..end.unwrap_or(rest.len())].rsplit_once('@')?;
    let is_web = text[..separator].ends_with("http") || text[..separator].ends_with("https");
    let is_one = is_web
        && user.len() >= SHORTEST
        && user.contains(|c: char| c.is_ascii_digit())
        && !user.contains([':', '$', '{', '%', '<', '*'])
        && !is_of_sentry(user, host)
        && may_be_secret(user);
    is_one.then(|| start..start + user.len())
}

/// What Sentry calls the public key of an address: it only lets events in.
fn is_of_sentry(user: &str, host: &str) -> bool {
    const LENGTH: usize = 32;
    let is_key = user.len() == LENGTH && user.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_key && host.split('.').any(|label| label == "sentry")
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
            (
                "export SERVICE_KEY=8f14e45fceea167a5a36dedd4bea2543",
                "8f14e45fceea167a5a36dedd4bea2543",
            ),
            (r#"<add key="DbPassword" value="violin77" />"#, "violin77"),
        ] {
            assert_eq!(found(text, Reading::Sentence), [secret], "{text}");
        }
        let text = "users:\n  - password: violin77\n    api_token = \"orchid 7\"\n";
        assert_eq!(found(text, Reading::Document), ["violin77", "orchid 7"]);
        for text in [
            "env:\n- name: DB_PASSWORD\n  value: \"violin77\"\n",
            "cat > a.json <<EOF\n{\"db\": {\"password\": \"violin77\"}}\nEOF\n",
            "  const password = 'violin77';\n",
        ] {
            assert_eq!(found(text, Reading::Document), ["violin77"], "{text}");
        }
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
            "SERVICE_KEY=billing-77",
            "password = getpass(77)",
            "token = event['token7']",
            "input A {\n  password: String!\n}",
            "apiKey: process.env.API_KEY",
            "MasterUserPassword: !Ref DBPassword7",
            "SECRET=app2-jwt-secret",
            "SECRET_KEY=MONGODB_URI",
            "env:\n- name: DB_PASSWORD\n  value: $(PASSWORD)\n",
            "schema: {\"password\": \"string\"}",
            "https://3f0c2a1e5c1d4c8e9a8f2b7d1e6f4a90@o1.ingest.sentry.io/2",
        ] {
            assert!(found(text, Reading::Document).is_empty(), "{text}");
        }
    }
}
