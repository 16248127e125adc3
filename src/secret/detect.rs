//! Credentials in text. One pass finds where one may begin; each such place is then looked at closely.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use super::encoded;
use super::forms::{FORMS, Form};
use super::overlap::keep_apart;
use super::parameter;
use super::placeholder::{is_placeholder, stands_in};
use super::withheld::replaced;

/// A credential in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// What it is.
    pub kind: Kind,
    /// How much harm it does.
    pub gravity: Gravity,
    /// Where it stands, in bytes.
    pub range: Range<usize>,
}

/// How much harm a credential does when others read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gravity {
    /// Good for tests only, or on the machine itself.
    Test,
    /// Opens something.
    Live,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $name:literal,)*) => {
        /// Kinds of credential.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Kind {
            $(#[doc = concat!("`", stringify!($kind), "`")] $kind,)*
        }

        impl fmt::Display for Kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self {
                    $(Self::$kind => $name,)*
                })
            }
        }
    };
}

kinds! {
    StripeSecretKey = "a Stripe secret key",
    StripeRestrictedKey = "a Stripe restricted key",
    StripeTestKey = "a Stripe test key",
    StripeWebhookSecret = "a Stripe webhook secret",
    AwsAccessKeyId = "an AWS access key id",
    AwsSecretAccessKey = "an AWS secret access key",
    GitHubToken = "a GitHub token",
    GitLabToken = "a GitLab token",
    SlackToken = "a Slack token",
    SlackWebhook = "a Slack webhook address",
    GoogleApiKey = "a Google API key",
    GoogleClientSecret = "a Google client secret",
    NpmToken = "an npm token",
    PyPiToken = "a PyPI token",
    SendGridKey = "a SendGrid key",
    AnthropicKey = "an Anthropic key",
    OpenAiKey = "an OpenAI key",
    VaultToken = "a Vault token",
    TerraformToken = "an HCP Terraform token",
    DigitalOceanToken = "a DigitalOcean token",
    DockerToken = "a Docker Hub token",
    ShopifyToken = "a Shopify token",
    SquareSecret = "a Square secret",
    GrafanaToken = "a Grafana token",
    PostmanKey = "a Postman key",
    NewRelicKey = "a New Relic key",
    HuggingFaceToken = "a Hugging Face token",
    LinearKey = "a Linear key",
    PlanetScalePassword = "a PlanetScale password",
    SentryToken = "a Sentry token",
    AzureStorageKey = "an Azure storage key",
    PrivateKey = "a private key",
    JsonWebToken = "a JSON web token",
    ConnectionString = "a connection string with a password",
}

/// Credentials in a text, in order, none within another. Linear in the text.
pub fn detect(text: &str) -> Vec<Hit> {
    let [mut hits, others] = [&PLAIN, &ENCODED].map(|starts| starts.hits(text));
    if !others.is_empty() {
        hits.extend(others);
        keep_apart(&mut hits, |hit| &hit.range);
    }
    hits
}

/// The gravest credential of a value, as it stands there or with the whole of it in base64.
pub fn gravest(value: &str) -> Option<(Gravity, Kind)> {
    let decoded = encoded::decoded(value).unwrap_or_default();
    let hits = detect(value).into_iter().chain(detect(&decoded));
    hits.map(|hit| (hit.gravity, hit.kind)).max()
}

/// Whether a text holds a credential that does harm.
pub fn has_credential(text: &str) -> bool {
    detect(text).iter().any(|hit| hit.gravity == Gravity::Live)
}

/// A text with `(withheld)` in place of each credential.
pub fn withhold(text: &str) -> Cow<'_, str> {
    let hits = detect(text).into_iter().map(|hit| hit.range);
    replaced(text, &hits.collect::<Vec<_>>())
}

#[derive(Clone, Copy)]
enum Action {
    Form(&'static Form),
    AwsSecret,
    PrivateKey,
    JsonWebToken,
    Url,
    SlackWebhook,
    TerraformToken,
    AzureKey,
    /// The password in a connection string that is a list of parameters.
    Parameter,
    /// What begins as a credential does, in base64.
    Base64,
}

/// Beginnings of credentials. Up to 64 are looked for at many bytes at once, more at one: so there are two of these.
struct Starts {
    matcher: AhoCorasick,
    actions: Vec<Action>,
}

static PLAIN: LazyLock<Starts> = LazyLock::new(|| {
    let others = [
        ("secret_access_key", Action::AwsSecret),
        ("SECRET_ACCESS_KEY", Action::AwsSecret),
        ("SecretAccessKey", Action::AwsSecret),
        ("secretAccessKey", Action::AwsSecret),
        ("secret_key", Action::AwsSecret),
        ("SECRET_KEY", Action::AwsSecret),
        ("-----BEGIN ", Action::PrivateKey),
        ("eyJ", Action::JsonWebToken),
        ("://", Action::Url),
        ("hooks.slack.com/services/T", Action::SlackWebhook),
        (".atlasv1.", Action::TerraformToken),
        ("AccountKey=", Action::AzureKey),
    ];
    let forms = FORMS.iter().map(|form| (form.prefix, Action::Form(form)));
    let named = parameter::NAMES
        .iter()
        .map(|name| (*name, Action::Parameter));
    Starts::new(others.into_iter().chain(forms).chain(named))
});

static ENCODED: LazyLock<Starts> =
    LazyLock::new(|| Starts::new(encoded::starts().map(|start| (start, Action::Base64))));

impl Starts {
    fn new(starts: impl Iterator<Item = (impl AsRef<[u8]>, Action)>) -> Self {
        let (starts, actions): (Vec<_>, Vec<_>) = starts.unzip();
        let matcher = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(starts)
            .expect("a short list of short patterns");
        Self { matcher, actions }
    }

    /// The credentials that begin so, in order, none within another.
    fn hits(&self, text: &str) -> Vec<Hit> {
        let bytes = text.as_bytes();
        let mut hits: Vec<Hit> = Vec::new();
        let mut from = 0;
        while let Some(start) = self.matcher.find(&bytes[from..]) {
            let at = from + start.start();
            from += start.end();
            let found = match self.actions[start.pattern().as_usize()] {
                Action::Form(form) => prefixed(bytes, at, form),
                Action::AwsSecret => aws_secret(bytes, from),
                Action::PrivateKey => private_key(bytes, at),
                Action::JsonWebToken => json_web_token(bytes, at),
                Action::Url => connection_string(text, at),
                Action::SlackWebhook => slack_webhook(bytes, at),
                Action::TerraformToken => terraform_token(bytes, at),
                Action::AzureKey => azure_key(bytes, from),
                Action::Parameter => parameter::password(text, at..from),
                Action::Base64 => encoded::credential(text, at),
            };
            let apart = |hit: &Hit| {
                hits.last()
                    .is_none_or(|last| last.range.end <= hit.range.start)
            };
            if let Some(hit) = found.filter(apart) {
                from = from.max(hit.range.end);
                hits.push(hit);
            }
        }
        hits
    }
}

pub(super) fn hit(kind: Kind, gravity: Gravity, range: Range<usize>) -> Hit {
    Hit {
        kind,
        gravity,
        range,
    }
}

/// The bytes from `at` for which `holds` is true.
pub(super) fn run(bytes: &[u8], at: usize, holds: impl Fn(u8) -> bool) -> Range<usize> {
    let rest = bytes.get(at..).unwrap_or_default();
    let length = rest
        .iter()
        .position(|byte| !holds(*byte))
        .unwrap_or(rest.len());
    at..at + length
}

/// Nothing before `at` belongs to the same word.
fn begins_word(bytes: &[u8], at: usize) -> bool {
    let Some(before) = at.checked_sub(1).map(|at| bytes[at]) else {
        return true;
    };
    // A letter after a backslash is an escape: `\nsk_live_…`.
    let escape = at >= 2 && bytes[at - 2] == b'\\' && matches!(before, b'n' | b't' | b'r');
    escape || !(before.is_ascii_alphanumeric() || before == b'_')
}

fn prefixed(bytes: &[u8], at: usize, form: &Form) -> Option<Hit> {
    if !begins_word(bytes, at) {
        return None;
    }
    let body = run(bytes, at + form.prefix.len(), |byte| {
        form.alphabet.holds(byte)
    });
    let fits = (form.min..=form.max).contains(&body.len());
    (fits && is_random(&bytes[body.clone()])).then(|| hit(form.kind, form.gravity, at..body.end))
}

/// Whether characters are as mixed as those of a generated credential, and say nothing that stands in for one.
fn is_random(body: &[u8]) -> bool {
    let mut seen = [false; 256];
    for byte in body {
        seen[usize::from(*byte)] = true;
    }
    let distinct = seen.iter().filter(|seen| **seen).count();
    let text = std::str::from_utf8(body).unwrap_or_default();
    distinct >= 6.min(body.len() / 2) && !stands_in(text)
}

/// What follows the name of an AWS secret key: `= "…"`, `": "…"`, `", "value": "…"`.
fn aws_secret(bytes: &[u8], after_name: usize) -> Option<Hit> {
    const LENGTH: usize = 40;
    let between = |byte: u8| byte.is_ascii_whitespace() || b"\"'\\=:,>".contains(&byte);
    let mut at = run(bytes, after_name, between).end;
    for word in ["value", "Value", "VALUE"] {
        if bytes
            .get(at..)
            .is_some_and(|rest| rest.starts_with(word.as_bytes()))
        {
            at = run(bytes, at + word.len(), between).end;
        }
    }
    if at == after_name || at > after_name + 64 {
        return None;
    }
    let body = run(bytes, at, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
    });
    let text = &bytes[body.clone()];
    let has = |of: fn(&u8) -> bool| text.iter().any(of);
    let mixed =
        has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_digit);
    let ends = bytes
        .get(body.end)
        .is_none_or(|next| !matches!(next, b'_' | b'-' | b'=' | b'.'));
    (text.len() == LENGTH && mixed && ends && is_random(text))
        .then(|| hit(Kind::AwsSecretAccessKey, Gravity::Live, body))
}

/// A header of a private key with something in it; a header alone is documentation.
fn private_key(bytes: &[u8], at: usize) -> Option<Hit> {
    const LONGEST_LABEL: usize = 40;
    let label = run(bytes, at + b"-----BEGIN ".len(), |byte| {
        byte.is_ascii_uppercase() || byte == b' '
    });
    let text = bytes.get(label.clone())?;
    let private = text.ends_with(b"PRIVATE KEY") || text.ends_with(b"PRIVATE KEY BLOCK");
    let closed = bytes.get(label.end..)?.starts_with(b"-----");
    if !private || !closed || text.len() > LONGEST_LABEL {
        return None;
    }
    let start = label.end + 5;
    let body = run(bytes, start, |byte| byte != b'-' && byte != b'$');
    let content = bytes[body.clone()]
        .iter()
        .filter(|byte| byte.is_ascii_alphanumeric())
        .count();
    if content < 40 {
        return None;
    }
    let end = run(bytes, body.end, |byte| {
        byte.is_ascii_uppercase() || matches!(byte, b'-' | b' ')
    })
    .end;
    Some(hit(Kind::PrivateKey, Gravity::Live, at..end))
}

/// Three parts; the second is an object too.
fn json_web_token(bytes: &[u8], at: usize) -> Option<Hit> {
    if !begins_word(bytes, at) {
        return None;
    }
    let part = |at| {
        run(bytes, at, |byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
        })
    };
    let header = part(at);
    let dot = |at: usize| bytes.get(at) == Some(&b'.');
    if header.len() < 16 || !dot(header.end) || !bytes[header.end + 1..].starts_with(b"eyJ") {
        return None;
    }
    let payload = part(header.end + 1);
    if !dot(payload.end) {
        return None;
    }
    let signature = part(payload.end + 1);
    (signature.len() >= 16 && is_random(&bytes[signature.clone()]))
        .then(|| hit(Kind::JsonWebToken, Gravity::Live, at..signature.end))
}

fn slack_webhook(bytes: &[u8], at: usize) -> Option<Hit> {
    let start = at + b"hooks.slack.com/services/".len();
    let path = run(bytes, start, |byte| {
        byte.is_ascii_alphanumeric() || byte == b'/'
    });
    let text = &bytes[path.clone()];
    let last = text.rsplit(|byte| *byte == b'/').next()?;
    let parts = text.split(|byte| *byte == b'/').count();
    (parts == 3 && last.len() >= 20 && is_random(last))
        .then(|| hit(Kind::SlackWebhook, Gravity::Live, at..path.end))
}

fn terraform_token(bytes: &[u8], at: usize) -> Option<Hit> {
    let before = bytes[..at]
        .iter()
        .rev()
        .take_while(|byte| byte.is_ascii_alphanumeric())
        .count();
    let body = run(bytes, at + b".atlasv1.".len(), |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'=')
    });
    (before == 14 && body.len() >= 60 && is_random(&bytes[body.clone()]))
        .then(|| hit(Kind::TerraformToken, Gravity::Live, at - before..body.end))
}

fn azure_key(bytes: &[u8], at: usize) -> Option<Hit> {
    let body = run(bytes, at, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
    });
    (body.len() == 88 && is_random(&bytes[body.clone()]))
        .then(|| hit(Kind::AzureStorageKey, Gravity::Live, body))
}

/// `scheme://user:password@host`, with a password that is written out.
fn connection_string(text: &str, separator: usize) -> Option<Hit> {
    let bytes = text.as_bytes();
    let scheme = bytes[..separator]
        .iter()
        .rev()
        .take_while(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte))
        .count();
    let start = separator + 3;
    let user_info = user_info(text, start)?;
    let (user, password) = text[user_info.clone()].split_once(':')?;
    let _ = user;
    if scheme == 0 || !is_written_out(password) || is_placeholder(password) {
        return None;
    }
    let host = &text[user_info.end + 1..];
    let gravity = if LOCAL.iter().any(|name| host.starts_with(name)) {
        Gravity::Test
    } else {
        Gravity::Live
    };
    let range = separator - scheme..user_info.end;
    Some(hit(Kind::ConnectionString, gravity, range))
}

/// Names of the machine itself.
pub(super) const LOCAL: [&str; 5] = [
    "localhost",
    "127.0.0.1",
    "[::1]",
    "0.0.0.0",
    "host.docker.internal",
];

/// Whether a password is one, and not something that is put in its place.
pub(super) fn is_written_out(password: &str) -> bool {
    !password.contains(['$', '{', '%', '<', '*'])
        || (password.contains('%') && !password.contains("%{") && !password.contains("%s"))
}

/// What stands before the last `@` of an authority. An interpolation counts as one character, whatever is in it.
fn user_info(text: &str, start: usize) -> Option<Range<usize>> {
    const LONGEST: usize = 512;
    let bytes = text.as_bytes();
    let mut last = None;
    let mut depth = 0usize;
    let mut previous = 0u8;
    for (at, byte) in bytes.iter().enumerate().skip(start).take(LONGEST) {
        match byte {
            b'{' if depth > 0 || matches!(previous, b'$' | b'%') => depth += 1,
            b'}' if depth > 0 => depth -= 1,
            _ if depth > 0 => {}
            b'@' => last = Some(at),
            b'/' | b'?' | b'#' | b'"' | b'\'' | b'\\' | b'`' | b',' | b';' => break,
            byte if byte.is_ascii_whitespace() => break,
            _ => {}
        }
        previous = *byte;
    }
    last.map(|end| start..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<Kind> {
        detect(text).iter().map(|hit| hit.kind).collect()
    }

    /// A credential's form with a body that nobody was given.
    fn made_up(prefix: &str, length: usize) -> String {
        const BODY: &str = "Q7mZ2xK9vT4nL0wYc5RbH8sJd3Fg6PaU1eNiVo";
        prefix
            .chars()
            .chain(BODY.chars().cycle().take(length))
            .collect()
    }

    #[test]
    fn credentials_are_found_by_their_form() {
        for (text, kind) in [
            (made_up("sk_live_", 24), Kind::StripeSecretKey),
            (made_up("rk_live_", 24), Kind::StripeRestrictedKey),
            (made_up("sk_test_", 24), Kind::StripeTestKey),
            (made_up("whsec_", 32), Kind::StripeWebhookSecret),
            ("AKIAQ7MZ2XK3VT4NL5WY".to_owned(), Kind::AwsAccessKeyId),
            (made_up("ghp_", 36), Kind::GitHubToken),
            (made_up("github_pat_", 82), Kind::GitHubToken),
            (made_up("xoxb-", 40), Kind::SlackToken),
            (made_up("AIza", 35), Kind::GoogleApiKey),
            (made_up("npm_", 36), Kind::NpmToken),
            (made_up("sk-ant-api03-", 60), Kind::AnthropicKey),
            (made_up("sk-proj-", 60), Kind::OpenAiKey),
            (
                made_up("aws_secret_access_key = \"", 40) + "\"",
                Kind::AwsSecretAccessKey,
            ),
            (
                made_up(r#"{"name":"AWS_SECRET_ACCESS_KEY","value":""#, 40) + "\"}",
                Kind::AwsSecretAccessKey,
            ),
            (
                made_up("-----BEGIN RSA PRIVATE KEY-----\\n", 80),
                Kind::PrivateKey,
            ),
            (
                format!(
                    "{}.{}.{}",
                    made_up("eyJ", 20),
                    made_up("eyJ", 20),
                    made_up("", 43)
                ),
                Kind::JsonWebToken,
            ),
            (
                "postgres://app:Xk29vTq0@db.example.net:5432/app".to_owned(),
                Kind::ConnectionString,
            ),
            (
                "redis://:Xk29vTq0@cache.example.net".to_owned(),
                Kind::ConnectionString,
            ),
            (
                "postgres://${var.user}:Xk29vTq0@${aws_db_instance.a.address}".to_owned(),
                Kind::ConnectionString,
            ),
        ] {
            let padded = format!("  a = \"{text}\"\n");
            assert_eq!(kinds(&padded), [kind], "{kind}");
        }
    }

    #[test]
    fn what_only_looks_like_one_is_not() {
        for text in [
            &made_up("pk_live_", 24),
            &made_up("task_live_", 24),
            "sk_live_value",
            "sk_live_xxxxxxxxxxxxxxxxxxxxxxxx",
            "sk_live_REPLACEMEREPLACEMEREPLACE",
            "<sk_live_value>",
            "AKIAIOSFODNN7EXAMPLE",
            "aws_secret_access_key = \"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\"",
            "secret_key = var.secret_key",
            "-----BEGIN PRIVATE KEY-----",
            "-----BEGIN RSA PRIVATE KEY-----\n${var.key}\n-----END RSA PRIVATE KEY-----",
            "-----BEGIN CERTIFICATE-----\nMIIB0zCCAXmgAwIBAgIUQ7mZ2xK9vT4nL0wYc5RbH8sJd3Fg6Pa\n",
            "https://api.example.com:8443/a@b",
            "postgres://app:${var.password}@db/app",
            "postgres://app:%s@db/app",
            "postgres://user:password@db.example.net/app",
            "postgres://app:<password>@db",
            "https://5f0c1d7e9a2b@errors.example.com/7",
            "git::https://github.com/a/b.git?ref=v1",
            "arn:aws:secretsmanager:us-east-1:123456789012:secret:prod/stripe-a1b2c3",
        ] {
            assert_eq!(kinds(text), [], "{text}");
        }
    }

    #[test]
    fn beginnings_are_few_enough_to_be_looked_for_at_once() {
        for starts in [&PLAIN, &ENCODED] {
            assert!(starts.actions.len() <= 64, "{}", starts.actions.len());
        }
    }

    #[test]
    fn where_and_how_grave() {
        let key = made_up("sk_live_", 24);
        let text = format!("a = \"x\" # {key}\nb = \"{key}\"");
        let hits = detect(&text);
        assert_eq!(hits.len(), 2);
        for hit in &hits {
            assert_eq!(&text[hit.range.clone()], key);
            assert_eq!(hit.gravity, Gravity::Live);
        }
        assert_eq!(detect(&made_up("sk_test_", 24))[0].gravity, Gravity::Test);
        assert_eq!(
            detect("postgres://app:Xk29vTq0@localhost/app")[0].gravity,
            Gravity::Test
        );
        assert!(!has_credential(&made_up("sk_test_", 24)) && has_credential(&key));
    }
}
