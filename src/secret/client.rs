//! Secrets that single programs take as no other does: `redis-cli -a …`, `aws configure set …`, `kubectl create secret …`,
//! `IDENTIFIED BY '…'`, and what is piped into `--password-stdin`.

use std::ops::Range;

use super::command::{command_before, is_written_out, just_before, word};
use super::names::is_secret_name;
use super::withheld::tells;

/// Where the secrets stand, in no order.
pub(super) fn taken(text: &str) -> impl Iterator<Item = Range<usize>> {
    let each = |mark: &'static str, find: fn(&str, usize, usize) -> Option<Range<usize>>| {
        let all = text.match_indices(mark);
        all.filter_map(move |(at, _)| find(text, at, at + mark.len()))
    };
    each(" -a ", of_redis)
        .chain(each("configure set ", configured))
        .chain(each("--password-stdin", piped))
        .chain(each("--from-literal=", of_kubernetes))
        .chain(each("--secret-string ", stored))
        .chain(each("DENTIFIED BY '", of_database))
        .chain(each("dentified by '", of_database))
}

/// `redis-cli -h db -a violin77`
fn of_redis(text: &str, at: usize, after: usize) -> Option<Range<usize>> {
    let is_own = command_before(text, at).contains("redis-cli");
    secret(text, word(text, after)).filter(|_| is_own)
}

/// `aws configure set aws_secret_access_key violin77`
fn configured(text: &str, _: usize, after: usize) -> Option<Range<usize>> {
    let name = word(text, after);
    let is_named = is_secret_name(&text[name.clone()]);
    is_named.then(|| secret(text, word(text, name.end)))?
}

/// `echo violin77 | docker login --password-stdin`
fn piped(text: &str, at: usize, _: usize) -> Option<Range<usize>> {
    let line = just_before(text, at).rsplit('\n').next()?;
    let (command, _) = line.rsplit_once('|')?;
    let (_, given) = command.rsplit_once("echo ")?;
    let given = given.trim_start_matches("-n ");
    let rest = line.len() - command.len() + given.len();
    secret(text, word(text, at - rest))
}

/// `kubectl create secret generic app --from-literal=key=violin77`
fn of_kubernetes(text: &str, at: usize, after: usize) -> Option<Range<usize>> {
    let is_own = command_before(text, at).contains("create secret");
    let given = word(text, after);
    let (key, _) = text[given.clone()].split_once('=')?;
    let value = word(text, given.start + key.len() + 1);
    secret(text, value).filter(|_| is_own)
}

/// `aws secretsmanager put-secret-value --secret-string violin77`
fn stored(text: &str, _: usize, after: usize) -> Option<Range<usize>> {
    let value = word(text, after);
    let is_document =
        text[value.clone()].starts_with(['{', '[']) || text[value.clone()].starts_with("file:");
    secret(text, value).filter(|_| !is_document)
}

/// `CREATE USER app IDENTIFIED BY 'violin77'`
fn of_database(text: &str, _: usize, after: usize) -> Option<Range<usize>> {
    secret(text, word(text, after))
}

fn secret(text: &str, word: Range<usize>) -> Option<Range<usize>> {
    let value = &text[word.clone()];
    (is_written_out(value) && tells(value) && !value.starts_with('-')).then_some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        taken(text).map(|range| &text[range]).collect()
    }

    #[test]
    fn programs_take_secrets() {
        for text in [
            "redis-cli -h db -a violin-tomato-91 ping",
            "aws configure set aws_secret_access_key violin-tomato-91",
            "echo -n 'violin-tomato-91' | docker login -u me --password-stdin",
            "kubectl create secret generic app --from-literal=key='violin-tomato-91'",
            "aws secretsmanager put-secret-value --secret-id a --secret-string violin-tomato-91",
            "mysql -e \"CREATE USER 'app' IDENTIFIED BY 'violin-tomato-91'\"",
        ] {
            assert_eq!(found(text), ["violin-tomato-91"], "{text}");
        }
    }

    #[test]
    fn what_is_put_in_later_is_none() {
        for text in [
            "redis-cli -a \"$PASSWORD\" ping",
            "cp -a /srv/violin-tomato-91/x /var",
            "aws configure set region eu-central-1",
            "aws ecr get-login-password | docker login --password-stdin",
            "echo $TOKEN | docker login --password-stdin",
            "kubectl create configmap app --from-literal=key=violin-tomato-91",
            "--secret-string file://violin-tomato-91.json",
            "identified by 'violin'",
        ] {
            assert!(found(text).is_empty(), "{text}");
        }
    }
}
