//! Secrets that a command or a header hands over: `--token …`, `-u user:…`, `X-Api-Key: …`, `Bearer …`.

use std::ops::Range;

use super::client;
use super::encoded;
use super::likely::may_be_secret;
use super::names::is_secret_name;
use super::withheld::tells;

/// Where the secrets stand, in no order.
pub(super) fn handed_over(text: &str) -> impl Iterator<Item = Range<usize>> {
    let options = text
        .match_indices("--")
        .filter_map(|(at, _)| option(text, at));
    let users = ["-u ", "--user "].into_iter().flat_map(move |flag| {
        let all = text.match_indices(flag);
        all.filter_map(move |(at, _)| user(text, at + flag.len()))
    });
    let headers = text
        .match_indices(": ")
        .filter_map(|(at, _)| header(text, at));
    let schemes = ["Bearer ", "Basic "].into_iter().flat_map(move |scheme| {
        let all = text.match_indices(scheme);
        all.filter_map(move |(at, _)| signed(text, scheme, at + scheme.len()))
    });
    let passwords = text
        .match_indices(" -p")
        .filter_map(|(at, flag)| password(text, at, at + flag.len()));
    let changed = text
        .match_indices("chpasswd")
        .filter_map(|(at, _)| changed(text, at));
    let of_machines = text
        .match_indices("password ")
        .filter_map(|(at, word)| of_machine(text, at, at + word.len()));
    let options = options.chain(passwords).chain(changed);
    let found = options.chain(of_machines).chain(users);
    found
        .chain(headers)
        .chain(schemes)
        .chain(client::taken(text))
}

/// The password in `user:password`, as `curl -u` takes it.
pub fn password_of_user(text: &str) -> Option<&str> {
    let (user, password) = text.split_once(':')?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || "._-@".contains(c);
    let is_one = !user.is_empty() && user.chars().all(is_name) && is_written_out(password);
    is_one.then_some(password)
}

/// What stands behind an option in a list of arguments: `["--token", "violin77"]`.
pub(super) fn is_given(option: &str, value: &str) -> bool {
    let name = option.strip_prefix("--");
    let is_named = name.is_some_and(is_secret_name);
    // What a job of Batch is given when it is submitted.
    let is_later = value.starts_with("Ref::");
    is_named && !is_later && is_written_out(value) && !value.starts_with('-') && tells(value)
}

/// `--token violin77`
fn option(text: &str, at: usize) -> Option<Range<usize>> {
    let start = at + "--".len();
    let rest = &text[start..];
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c)))?;
    let is_own = !text[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '-');
    if !is_own || !is_secret_name(&rest[..end]) || !rest[end..].starts_with(' ') {
        return None;
    }
    let word = word(text, start + end + 1);
    let value = &text[word.clone()];
    (is_written_out(value) && !value.starts_with('-') && tells(value)).then_some(word)
}

/// `curl -u user:violin77`
fn user(text: &str, at: usize) -> Option<Range<usize>> {
    let word = word(text, at);
    let password = password_of_user(&text[word.clone()])?;
    let is_own = text[..at].contains("curl");
    is_own.then(|| word.end - password.len()..word.end)
}

/// `docker login -p violin77`, `mysql -pviolin77`
fn password(text: &str, at: usize, after: usize) -> Option<Range<usize>> {
    const CLIENTS: [&str; 4] = ["mysql", "mysqldump", "mysqladmin", "mariadb"];
    let command = command_before(text, at);
    let mut words = command.split_whitespace();
    let is_apart = text[after..].starts_with(' ');
    let takes_one = match is_apart {
        true => words.any(|one| one == "login" || one.ends_with("sshpass")),
        false => words.any(|one| CLIENTS.iter().any(|client| one.ends_with(client))),
    };
    let word = word(text, after);
    let value = &text[word.clone()];
    let is_one = is_written_out(value) && tells(value) && !value.starts_with('-');
    (takes_one && is_one && !value.contains('=')).then_some(word)
}

/// `echo 'root:violin77' | chpasswd`, `chpasswd <<< 'root:violin77'`
fn changed(text: &str, at: usize) -> Option<Range<usize>> {
    let after = at + "chpasswd".len();
    let given = match text[after..].trim_start().strip_prefix("<<<") {
        Some(rest) => word(text, text.len() - rest.len()),
        None => {
            let before = just_before(text, at);
            let pipe = before.trim_end().trim_end_matches("sudo").trim_end();
            let command = pipe.strip_suffix('|')?.trim_end();
            let written = command.trim_end_matches(['"', '\'']);
            let ends = |c: char| c.is_whitespace() || "\"'".contains(c);
            let last = written.rsplit(ends).next()?;
            let start = at - before.len() + written.len() - last.len();
            start..start + last.len()
        }
    };
    let password = password_of_user(&text[given.clone()])?;
    Some(given.end - password.len()..given.end)
}

/// `machine a.example.com login me password violin77`
fn of_machine(text: &str, at: usize, after: usize) -> Option<Range<usize>> {
    let (_, entry) = just_before(text, at).rsplit_once("machine ")?;
    let word = word(text, after);
    let is_one = entry.contains("login ") && is_written_out(&text[word.clone()]);
    is_one.then_some(word)
}

/// What of a command is written before a place.
pub(super) fn command_before(text: &str, at: usize) -> &str {
    let before = just_before(text, at);
    let mut commands = before.rsplit(['\n', ';', '&', '|']);
    commands.next().unwrap_or(before)
}

/// So much of a text as a command takes.
pub(super) fn just_before(text: &str, at: usize) -> &str {
    const LONGEST: usize = 512;
    let mut starts = at.saturating_sub(LONGEST)..=at;
    let start = starts.find(|start| text.is_char_boundary(*start));
    &text[start.unwrap_or(at)..at]
}

/// `"X-Api-Key: violin77"`
fn header(text: &str, at: usize) -> Option<Range<usize>> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let start = text[..at].trim_end_matches(is_part).len();
    let name = &text[start..at];
    let is_first = text[..start].ends_with(['"', '\'']);
    let word = word(text, at + ": ".len());
    let is_one =
        is_first && name.contains('-') && is_secret_name(name) && tells(&text[word.clone()]);
    (is_one && is_written_out(&text[word.clone()])).then_some(word)
}

/// `Bearer violin77…`
fn signed(text: &str, scheme: &str, at: usize) -> Option<Range<usize>> {
    const SHORTEST: usize = 16;
    let word = word(text, at);
    let value = &text[word.clone()];
    let is_token = |c: char| c.is_ascii_alphanumeric() || "-._~+/=".contains(c);
    if value.len() < SHORTEST || !value.chars().all(is_token) || !is_written_out(value) {
        return None;
    }
    let is_one = match scheme {
        "Basic " => encoded::decoded(value).is_some_and(|user| password_of_user(&user).is_some()),
        _ => value.contains(|c: char| c.is_ascii_digit()),
    };
    is_one.then_some(word)
}

pub(super) fn is_written_out(value: &str) -> bool {
    !value.contains(['$', '{', '<', '%', '*']) && may_be_secret(value)
}

/// The word that begins there, without quotes.
pub(super) fn word(text: &str, at: usize) -> Range<usize> {
    let rest = text.get(at..).unwrap_or_default();
    let start = at + rest.len() - rest.trim_start_matches([' ', '"', '\'', '\\']).len();
    let rest = text.get(start..).unwrap_or_default();
    let ends = |c: char| c.is_whitespace() || "\"'`;|&,\\)".contains(c);
    start..start + rest.find(ends).unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        handed_over(text).map(|range| &text[range]).collect()
    }

    #[test]
    fn commands_and_headers_hand_secrets_over() {
        for (text, secret) in [
            (
                "exec ./api --token violin-tomato-91 --port 80",
                "violin-tomato-91",
            ),
            (
                "redis-server --requirepass 'violin-tomato-91'",
                "violin-tomato-91",
            ),
            (
                "curl -u admin:violin-tomato-91 http://localhost",
                "violin-tomato-91",
            ),
            (
                "curl -H 'X-Api-Key: violin-tomato-91' http://localhost",
                "violin-tomato-91",
            ),
            (
                "docker login -u me -p violin-tomato-91 ghcr.io",
                "violin-tomato-91",
            ),
            ("sshpass -p violin-tomato-91 ssh host", "violin-tomato-91"),
            (
                "/usr/bin/mysql -uroot -pviolin-tomato-91 db",
                "violin-tomato-91",
            ),
            (
                "echo 'root:violin-tomato-91' | sudo chpasswd",
                "violin-tomato-91",
            ),
            ("chpasswd <<< \"root:violin-tomato-91\"", "violin-tomato-91"),
            (
                "machine api.example.com\n  login me\n  password violin-tomato-91\n",
                "violin-tomato-91",
            ),
            (
                "Authorization: Bearer violin-tomato-91-tulip",
                "violin-tomato-91-tulip",
            ),
            (
                "Basic YWRtaW46dmlvbGluLXRvbWF0by05MQ==",
                "YWRtaW46dmlvbGluLXRvbWF0by05MQ==",
            ),
        ] {
            assert_eq!(found(text), [secret], "{text}");
        }
    }

    #[test]
    fn what_is_put_in_later_is_none() {
        for text in [
            "exec ./api --token $TOKEN --port 80",
            "exec ./api --token --port 80",
            "docker login --password-stdin",
            "curl -u \"$USER:$PASSWORD\" http://localhost",
            "docker run -u app:app77 image",
            "docker run -p 8080:80 --name login image",
            "docker login -u AWS -p $(aws ecr get-login-password)",
            "mkdir -p /srv/mysql-data/one1",
            "mysql -u root -p db",
            "echo \"root:$PASSWORD\" | chpasswd",
            "the password violin-tomato-91 of a machine",
            "curl -H \"X-Api-Key: ${key}\" http://localhost",
            "Authorization: Bearer ${token}",
            "Basic authentication is required here",
            "the api-key: see below",
        ] {
            assert!(found(text).is_empty(), "{text}");
        }
    }
}
