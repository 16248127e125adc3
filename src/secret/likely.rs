//! Whether a text where a secret belongs may be one, and not only name it, refer to it or stand in for it.

use std::net::IpAddr;

use super::names::{is_harmless_value, is_secret_name, may_be_of_service};
use super::placeholder::is_placeholder;
use super::withheld::tells;

/// Whether a text under the name of a secret may be one, and not only name it, refer to it or stand in for it.
pub fn may_be_secret(text: &str) -> bool {
    let says = is_path(text) || is_sentence(text) || is_version(text);
    !is_harmless_value(text) && !is_placeholder(text) && !names_secret(text) && !says
}

/// `Signs the session tokens`: what a secret is for.
fn is_sentence(text: &str) -> bool {
    const SHORTEST: usize = 3;
    let is_word = |word: &str| word.chars().all(char::is_alphabetic);
    text.starts_with(char::is_uppercase)
        && text.split(' ').count() >= SHORTEST
        && text.trim_end_matches('.').split(' ').all(is_word)
}

/// `AbCdEf|3f0c2a1e-5c1d-4c8e-9a8f-2b7d1e6f4a90`: a version of a secret, as it is imported.
fn is_version(text: &str) -> bool {
    let lengths = |id: &str| id.split('-').map(str::len).eq([8, 4, 4, 4, 12]);
    text.rsplit_once('|').is_some_and(|(_, id)| lengths(id))
}

/// Whether a text that is declared sensitive may be a secret, and not only somebody's own.
pub fn may_be_declared(text: &str) -> bool {
    tells(text) && may_be_secret(text) && !identifies(text)
}

/// `ops@acme.net`, `+4930123456`, `123456789012`: where somebody is reached, or the number of an account.
pub fn identifies(text: &str) -> bool {
    const ACCOUNT: usize = 12;
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let is_part = |c: char| c.is_ascii_alphanumeric() || "._+-".contains(c);
    let is_mail = text.split_once('@').is_some_and(|(user, host)| {
        host.contains('.') && user.chars().chain(host.chars()).all(is_part)
    });
    let is_telephone = text.strip_prefix('+').is_some_and(is_number);
    is_mail || is_telephone || text.len() == ACCOUNT && is_number(text) || locates(text)
}

/// `10.1.0.0/16`, `vpc-0123456789abcdef0`, `Z0123456789ABCDEFGHIJ`: a part of a network, or what AWS calls something.
pub fn locates(text: &str) -> bool {
    const KINDS: [&str; 16] = [
        "vpc", "subnet", "sg", "i", "vol", "eni", "ami", "igw", "nat", "rtb", "acl", "eipalloc",
        "vpce", "tgw", "snap", "fs",
    ];
    let (address, length) = text.split_once('/').unwrap_or((text, "0"));
    let is_block = address.parse::<IpAddr>().is_ok() && length.parse::<u8>().is_ok();
    let is_id = text.split_once('-').is_some_and(|(kind, id)| {
        KINDS.contains(&kind)
            && matches!(id.len(), 8 | 17)
            && id.bytes().all(|byte| byte.is_ascii_hexdigit())
    });
    // Of Route 53.
    let is_zone = text.starts_with('Z')
        && (13..=21).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    is_block || is_id || is_zone
}

/// Whether a text is as long and as mixed as a key is that was drawn at random, and no UUID, which names things.
pub fn is_random(text: &str) -> bool {
    const SHORTEST: usize = 20;
    let is_part = |c: char| c.is_ascii_alphanumeric() || "+=_-".contains(c);
    let has = |of: fn(&u8) -> bool| text.bytes().filter(of).count();
    let is_uuid = text.len() == 36 && text.matches('-').count() == 4;
    let is_hex = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let (digits, capitals) = (has(u8::is_ascii_digit), has(u8::is_ascii_uppercase));
    let is_mixed = is_hex || capitals > 2 && has(u8::is_ascii_lowercase) > 2;
    text.len() >= SHORTEST && text.chars().all(is_part) && !is_uuid && digits > 2 && is_mixed
}

/// Whether a text is as random as a key, and stands under the name of one of a service.
pub fn is_key_of_service(name: &str, text: &str) -> bool {
    may_be_of_service(name) && is_random(text)
}

/// `$.detail.token`, `$context.authorizer.token`: where a service takes the value from.
fn is_path(text: &str) -> bool {
    const STARTS: [&str; 5] = ["$.", "$$.", "$context.", "$input.", "$stageVariables."];
    STARTS.iter().any(|start| text.starts_with(start))
}

/// `prod/app`, `app-jwt-secret`, `app2-jwt-secret`: words of small letters that are a path, or of which the last say that
/// this is the name of a secret.
fn names_secret(text: &str) -> bool {
    let is_name = is_secret_name(text) && words(text).count() > 1;
    is_name && words(text).all(is_word) || is_path_of_secret(text) || is_constant(text)
}

/// `prod/app`: where in a store a secret is.
pub fn is_path_of_secret(text: &str) -> bool {
    text.contains('/') && words(text).all(is_word)
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(['/', '-', '_', '.'])
}

/// Small letters, with a short number behind them.
fn is_word(word: &str) -> bool {
    const DIGITS: usize = 2;
    let letters = word.trim_end_matches(|c: char| c.is_ascii_digit());
    letters.bytes().all(|byte| byte.is_ascii_lowercase()) && word.len() - letters.len() <= DIGITS
}

/// `MONGODB_URI`
fn is_constant(text: &str) -> bool {
    let is_word =
        |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_uppercase());
    text.contains('_') && text.split('_').all(is_word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_a_secret_or_where_it_is_found_is_none() {
        for text in [
            "prod/app",
            "app-jwt-secret",
            "app2-jwt-secret",
            "MONGODB_URI",
            "Signs the session tokens",
            "AbCdEf|3f0c2a1e-5c1d-4c8e-9a8f-2b7d1e6f4a90",
            "$.detail.token",
            "$context.authorizer.token",
            "REPLACE_ME",
        ] {
            assert!(!may_be_secret(text), "{text}");
        }
        for text in [
            "violin77",
            "tomato-seven",
            "correct horse battery staple",
            "MONGO",
            "$violin77",
            "violin771-secret",
        ] {
            assert!(may_be_secret(text), "{text}");
        }
    }

    #[test]
    fn what_was_drawn_at_random_is_told() {
        for text in [
            "8f14e45fceea167a5a36dedd4bea2543",
            "aB3dE5fG7hJ9kL2mN4pQ6rS8",
        ] {
            assert!(is_random(text), "{text}");
        }
        for text in [
            "1234abcd-12ab-34cd-56ef-1234567890ab",
            "builds/8f14e45fceea167a5a36dedd4bea2543.zip",
            "my-application-key-2024",
            "violin-tomato-seven-91",
        ] {
            assert!(!is_random(text), "{text}");
        }
    }

    #[test]
    fn what_only_tells_somebody_is_none() {
        for text in [
            "ops@acme.net",
            "+4930123456",
            "123456789012",
            "10.1.0.0/16",
            "vpc-0123456789abcdef0",
            "Z0123456789ABCDEFGHIJ",
        ] {
            assert!(identifies(text) && !may_be_declared(text), "{text}");
        }
        assert!(may_be_declared("tomato-seven-violin"));
    }
}
