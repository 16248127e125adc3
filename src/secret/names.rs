//! Names that say whether a secret belongs there.

use super::ending::may_end;

/// Patterns of names: `*` stands for any characters; case and the kind of separator do not matter.
#[derive(Clone, Debug, Default)]
pub struct Names {
    patterns: Vec<String>,
}

/// Words that end the name of a secret.
const SECRET_ENDINGS: &[&str] = &[
    "PASSWORD",
    "PASSWD",
    "PASS",
    "PWD",
    "PW",
    "REQUIREPASS",
    "SECRET",
    "TOKEN",
    "API_KEY",
    "APIKEY",
    "PRIVATE_KEY",
    "SESSION_KEY",
    "MASTER_KEY",
    "FERNET_KEY",
    "LICENSE_KEY",
    "AUTH_KEY",
    "HMAC_KEY",
    "STRIPE_KEY",
    "ACCESS_KEY",
    "SECRET_KEY",
    "SIGNING_KEY",
    "ENCRYPTION_KEY",
    "CREDENTIALS",
    "PASSPHRASE",
    "AUTH_TOKEN",
    "CLIENT_SECRET",
    "DD_APP_KEY",
    "DATADOG_APP_KEY",
    "MAILGUN_KEY",
    "SENDGRID_KEY",
    "POSTMARK_KEY",
    "HONEYCOMB_TEAM",
    "PRIVATE_PEM",
    "RELEASE_COOKIE",
    "ERLANG_COOKIE",
    "PEPPER",
    "WEBHOOK_SIGNING",
    "JWT_SIGNING",
    "BASIC_AUTH",
    "NPM_AUTH",
    "TWILIO_AUTH",
    "SENTRY_AUTH",
    "REDISCLI_AUTH",
    "CLIENTSECRET",
    "AUTHTOKEN",
    "ACCESSTOKEN",
    "ORIGIN_VERIFY",
    "MOT_DE_PASSE",
    "SECRET_KEY_BASE",
    "REDIS_AUTH",
    "PAT",
    "PSK",
    "PRESHARED_KEY",
    "PRE_SHARED_KEY",
    "HASH_SALT",
    "PASSWORD_SALT",
    "APISECRET",
    "AUTHKEY",
    "JWT_KEY",
    "OPENAI_KEY",
    "SERVICE_ROLE_KEY",
];

/// Names of secrets that are the end of other names as well: an `app_key` may be any key of an application.
const WHOLE_NAMES: &[&str] = &["APP_KEY"];

/// Words that end the name of a key of a service, as often as what a service is called by: the value decides.
const KEYS_OF_SERVICES: &[&str] = &[
    "SERVICE_KEY",
    "ADMIN_KEY",
    "DEPLOY_KEY",
    "WEBHOOK_KEY",
    "INTEGRATION_KEY",
    "SSH_KEY",
    "STRIPE_SK",
];

/// Longer endings of names that are none: `Access-Control-Allow-Credentials`, what charts call a secret of Kubernetes that
/// is there, `auth.existingSecret`, and keys that browsers see.
const NO_SECRETS: &[&str] = &[
    "ALLOW_CREDENTIALS",
    "EXISTING_SECRET",
    "FROM_SECRET",
    "FIREBASE_API_KEY",
];

/// Words that end the name of what holds several.
const COLLECTION_ENDINGS: &[&str] = &[
    "PASSWORDS",
    "PASSPHRASES",
    "TOKENS",
    "CREDS",
    "CREDENTIALS",
    "API_KEYS",
    "SECRET_KEYS",
    "PRIVATE_KEYS",
];

/// Words that end the name of what holds several, or the names of them.
const PERHAPS: &[&str] = &["SECRETS"];

/// Words that end the name of what only says where something is, or who asks.
const PLAIN_ENDINGS: &[&str] = &[
    "ID",
    "IDS",
    "IDENTIFIER",
    "ARN",
    "ARNS",
    "HOST",
    "HOSTNAME",
    "PORT",
    "ENDPOINT",
    "SUBNET",
    "SUBNETS",
    "CIDR",
    "REGION",
    "BUCKET",
    "ENGINE",
    "DBNAME",
    "DB_NAME",
    "USERNAME",
];

impl Names {
    /// From patterns.
    pub fn new<'a>(patterns: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            patterns: patterns.into_iter().map(normal).collect(),
        }
    }

    /// Whether a pattern matches the whole name.
    pub fn matches(&self, name: &str) -> bool {
        let name = normal(name);
        self.patterns
            .iter()
            .any(|pattern| glob(pattern.as_bytes(), name.as_bytes()))
    }

    /// Whether the name itself stands among the patterns, without any `*`.
    pub fn names(&self, name: &str) -> bool {
        let name = normal(name);
        self.patterns.contains(&name)
    }
}

/// Whether a name ends as those of secrets do: `db_password`, `stripeSecretKey`, `API-TOKEN`.
pub fn is_secret_name(name: &str) -> bool {
    if !may_end(name) {
        return false;
    }
    let name = normal(name);
    // `PGPASSWORD`, `DBPassword`
    let ends_so = name.ends_with("PASSWORD")
        || ends_in(&name, SECRET_ENDINGS)
        || WHOLE_NAMES.contains(&&*name);
    ends_so && !ends_in(&name, NO_SECRETS)
}

/// Whether a name ends as those of keys of any kind do, and does not say that everybody may see it.
pub fn is_name_of_key(name: &str) -> bool {
    const PUBLIC: &[&str] = &[
        "PUBLIC_KEY",
        "PUBLISHABLE_KEY",
        "SITE_KEY",
        "ANON_KEY",
        "MAPS_KEY",
        "CLIENT_KEY",
        "KMS_KEY",
        "S3_KEY",
        "OBJECT_KEY",
        "PARTITION_KEY",
        "SORT_KEY",
        "CACHE_KEY",
    ];
    let name = normal(name);
    ends_in(&name, &["KEY", "SALT", "SEED"]) && !ends_in(&name, PUBLIC)
}

/// Whether a name ends as those of keys of services do: `service_key`.
pub(super) fn may_be_of_service(name: &str) -> bool {
    may_end(name) && ends_in(&normal(name), KEYS_OF_SERVICES)
}

/// Whether a name ends as those of lists and maps of secrets do: `db_passwords`, `tokens`.
pub fn holds_secrets(name: &str) -> bool {
    may_end(name) && ends_in(&normal(name), COLLECTION_ENDINGS)
}

/// The words that end names of secrets, and of what holds several.
pub(super) fn words_of_secrets() -> impl Iterator<Item = &'static str> {
    let all = SECRET_ENDINGS.iter().chain(WHOLE_NAMES);
    let all = all.chain(KEYS_OF_SERVICES);
    all.chain(COLLECTION_ENDINGS).chain(PERHAPS).copied()
}

/// The same of what may as well hold only the names of secrets: `secrets`.
pub fn may_hold_secrets(name: &str) -> bool {
    holds_secrets(name) || ends_in(&normal(name), PERHAPS)
}

/// Whether a name says that what it stands for is no secret: an id, an ARN, a host, a port. A secret id is one.
pub fn is_plain_name(name: &str) -> bool {
    let name = normal(name);
    ends_in(&name, PLAIN_ENDINGS) && !ends_in(&name, &["SECRET_ID"])
}

fn ends_in(name: &str, endings: &[&str]) -> bool {
    endings.iter().any(|ending| {
        name.strip_suffix(ending)
            .is_some_and(|before| before.is_empty() || before.ends_with('_'))
    })
}

/// Whether a value is none that a secret has, whatever it is called: a flag, a number, a duration or the unit of one, an ARN, a publishable
/// key, a path, a file's name, an address without a password.
pub fn is_harmless_value(text: &str) -> bool {
    // API Gateway quotes what stands for itself: `'true'`.
    let text = text.trim().trim_matches('\'');
    let flag = [
        "true", "false", "yes", "no", "on", "off", "enabled", "disabled", "none", "seconds",
        "minutes", "hours", "days",
    ];
    let number = text.trim_end_matches(['s', 'm', 'h', 'd', '%']);
    let is_number =
        number.len() <= 6 && !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    let is_path = (text.starts_with('/') || text.starts_with("./"))
        && text.matches('/').count() >= 2
        && !text.contains(['+', '=']);
    text.is_empty()
        || flag.contains(&text.to_ascii_lowercase().as_str())
        || is_number
        || is_version(text)
        || is_algorithm(text)
        || text.starts_with("arn:")
        || text.starts_with("pk_live_")
        || text.starts_with("pk_test_")
        || text.starts_with("phc_")
        || is_public_key(text)
        || is_path
        || is_file_name(text)
        || is_harmless_address(text)
}

/// `ssh-ed25519 AAAA…`, and what a PEM file says to be public.
fn is_public_key(text: &str) -> bool {
    const STARTS: [&str; 5] = [
        "ssh-",
        "ecdsa-sha2-",
        "sk-ssh-",
        "-----BEGIN PUBLIC KEY",
        "-----BEGIN CERTIFICATE",
    ];
    let is_one = STARTS.iter().any(|start| text.starts_with(start));
    is_one && text.contains(' ')
}

/// `v3`, `1.4.0`
fn is_version(text: &str) -> bool {
    let parts = text.strip_prefix('v').unwrap_or(text).split('.');
    text.len() <= 12
        && parts.clone().count() <= 4
        && parts.clone().all(|part| {
            !part.is_empty() && part.len() <= 4 && part.bytes().all(|byte| byte.is_ascii_digit())
        })
}

/// `RS256`: how tokens are signed.
fn is_algorithm(text: &str) -> bool {
    let kinds = ["HS", "RS", "ES", "PS"];
    let mut sizes = kinds.iter().filter_map(|kind| text.strip_prefix(kind));
    text == "EdDSA" || sizes.any(|size| matches!(size, "256" | "384" | "512"))
}

/// `credentials.json`
fn is_file_name(text: &str) -> bool {
    const ENDINGS: &[&str] = &[
        "json", "pem", "key", "crt", "yaml", "yml", "txt", "jks", "p12",
    ];
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
    text.rsplit_once('.')
        .is_some_and(|(name, ending)| !name.is_empty() && ENDINGS.contains(&ending))
        && text.chars().all(is_plain)
}

/// An address alone, not a document with one in it, that hands over no secret: neither before the host nor in its query.
fn is_harmless_address(text: &str) -> bool {
    let is_one = text.contains("://")
        && !text.contains(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '{' | '}' | ';'));
    let parameters = text.split(['?', '&']).skip(1);
    let hands_over = |parameter: &str| {
        let name = parameter.split('=').next().unwrap_or_default();
        is_secret_name(name) || matches!(name, "key" | "sig" | "signature")
    };
    is_one && !parameters.into_iter().any(hands_over) && !super::has_credential(text)
}

/// Upper case, words joined by `_`.
fn normal(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    let mut lower_before = false;
    for c in name.chars() {
        if c.is_ascii_uppercase() && lower_before {
            out.push('_');
        }
        lower_before = c.is_ascii_lowercase() || c.is_ascii_digit();
        match c {
            '-' | '.' | ' ' | '/' => out.push('_'),
            c => out.push(c.to_ascii_uppercase()),
        }
    }
    out
}

/// `*` alone is special. Linear but for the number of stars.
fn glob(pattern: &[u8], name: &[u8]) -> bool {
    let (mut at, mut position) = (0, 0);
    let mut retry = None;
    while position < name.len() {
        match pattern.get(at) {
            Some(b'*') => {
                retry = Some((at + 1, position));
                at += 1;
            }
            Some(byte) if *byte == name[position] => {
                at += 1;
                position += 1;
            }
            _ => match retry {
                Some((after, from)) => {
                    at = after;
                    position = from + 1;
                    retry = Some((after, position));
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_names() {
        let names = Names::new(["STRIPE_SECRET_KEY", "*_PASSWORD", "JWT_*_KEY"]);
        for name in [
            "STRIPE_SECRET_KEY",
            "stripeSecretKey",
            "DB_PASSWORD",
            "db-password",
            "JWT_A_B_KEY",
        ] {
            assert!(names.matches(name), "{name}");
        }
        for name in [
            "PASSWORD_SAFETY_FUNCTION_NAME",
            "JWT_ISSUER",
            "DB_PASSWORD_TTL",
            "PASSWORD",
            "JWT_KEY",
        ] {
            assert!(!names.matches(name), "{name}");
        }
        assert!(names.names("stripe_secret_key") && !names.names("DB_PASSWORD"));
    }

    #[test]
    fn endings_say_that_a_name_is_a_secrets() {
        for name in [
            "password",
            "db_password",
            "masterPassword",
            "PGPASSWORD",
            "DBPassword",
            "API_KEY",
            "stripe-secret-key",
            "X-Origin-Verify",
            "OAUTH_CLIENTSECRET",
            "JWT_SIGNING",
            "SECRET_KEY_BASE",
            "GITHUB_PAT",
            "APP_KEY",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in [
            "username",
            "secret_arn",
            "token_ttl",
            "compass",
            "keyboard",
            "Access-Control-Allow-Credentials",
            "auth.existingSecret",
            "envFromSecret",
            "PUSHER_APP_KEY",
            "PATH",
            "FIREBASE_API_KEY",
        ] {
            assert!(!is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn endings_say_that_a_name_is_plain() {
        for name in [
            "vpc_id",
            "/acme/vpc/subnet-ids",
            "dbHost",
            "port",
            "rds_secret_arn",
        ] {
            assert!(is_plain_name(name), "{name}");
        }
        for name in [
            "secret_id",
            "db_password",
            "url",
            "support",
            "valid",
            "api_key",
        ] {
            assert!(!is_plain_name(name), "{name}");
        }
    }

    #[test]
    fn harmless_values() {
        for text in [
            "",
            "true",
            "'true'",
            "3600",
            "v3",
            "RS256",
            "1.14.0",
            "15m",
            "arn:aws:a:b:c:d",
            "pk_live_51Hq9zT",
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIviolin me",
            "credentials.json",
            "/run/secrets/db",
            "https://id.example.com/token",
        ] {
            assert!(is_harmless_value(text), "{text}");
        }
        for text in [
            "hunter2",
            "postgres://a:Xk29vTq0@db.example.net/a",
            "12345678",
            "/9j4AAQSk",
        ] {
            assert!(!is_harmless_value(text), "{text}");
        }
    }
}
