//! The forms of credentials that are known by how they begin: one table.

use super::detect::{Gravity, Kind};

/// Which bytes may follow the beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Alphabet {
    /// `A-Z a-z 0-9`
    Letters,
    /// Letters, `_` and `-`
    Url,
    /// Letters, `_`, `-` and `.`
    Dotted,
    /// Letters, `+`, `/` and `=`
    Base64,
    /// `A-Z 2-7 0-9`
    Upper,
    /// `0-9 a-f`
    Hex,
}

impl Alphabet {
    pub(super) fn holds(self, byte: u8) -> bool {
        match self {
            Self::Letters => byte.is_ascii_alphanumeric(),
            Self::Url => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'),
            Self::Dotted => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'),
            Self::Base64 => byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='),
            Self::Upper => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            Self::Hex => byte.is_ascii_digit() || matches!(byte, b'a'..=b'f'),
        }
    }
}

/// A credential that begins with `prefix` and goes on with `min` to `max` bytes of an alphabet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Form {
    pub(super) prefix: &'static str,
    pub(super) kind: Kind,
    pub(super) gravity: Gravity,
    pub(super) alphabet: Alphabet,
    pub(super) min: usize,
    pub(super) max: usize,
}

const ANY: usize = 512;

const fn form(
    prefix: &'static str,
    kind: Kind,
    alphabet: Alphabet,
    min: usize,
    max: usize,
) -> Form {
    Form {
        prefix,
        kind,
        gravity: Gravity::Live,
        alphabet,
        min,
        max,
    }
}

const fn test(prefix: &'static str, kind: Kind, alphabet: Alphabet, min: usize) -> Form {
    Form {
        prefix,
        kind,
        gravity: Gravity::Test,
        alphabet,
        min,
        max: ANY,
    }
}

use Alphabet::{Base64, Dotted, Hex, Letters, Upper, Url};

/// Each as its issuer documents it. Publishable keys (`pk_live_`) are public and not here.
#[rustfmt::skip] // A table is read by its lines.
pub(super) const FORMS: &[Form] = &[
    form("sk_live_", Kind::StripeSecretKey, Letters, 16, ANY),
    form("rk_live_", Kind::StripeRestrictedKey, Letters, 16, ANY),
    test("sk_test_", Kind::StripeTestKey, Letters, 16),
    test("rk_test_", Kind::StripeTestKey, Letters, 16),
    form("whsec_", Kind::StripeWebhookSecret, Base64, 24, ANY),
    form("AKIA", Kind::AwsAccessKeyId, Upper, 16, 16),
    form("ASIA", Kind::AwsAccessKeyId, Upper, 16, 16),
    form("ghp_", Kind::GitHubToken, Letters, 36, 255),
    form("gho_", Kind::GitHubToken, Letters, 36, 255),
    form("ghu_", Kind::GitHubToken, Letters, 36, 255),
    form("ghs_", Kind::GitHubToken, Letters, 36, 255),
    form("ghr_", Kind::GitHubToken, Letters, 36, 255),
    form("github_pat_", Kind::GitHubToken, Url, 60, 255),
    form("glpat-", Kind::GitLabToken, Url, 20, 64),
    form("xoxb-", Kind::SlackToken, Url, 20, ANY),
    form("xoxp-", Kind::SlackToken, Url, 20, ANY),
    form("xoxa-", Kind::SlackToken, Url, 20, ANY),
    form("xoxr-", Kind::SlackToken, Url, 20, ANY),
    form("xoxs-", Kind::SlackToken, Url, 20, ANY),
    form("xapp-", Kind::SlackToken, Url, 20, ANY),
    form("AIza", Kind::GoogleApiKey, Url, 35, 35),
    form("GOCSPX-", Kind::GoogleClientSecret, Url, 24, 40),
    form("npm_", Kind::NpmToken, Letters, 36, 36),
    form("pypi-AgEIcHlwaS5vcmc", Kind::PyPiToken, Url, 50, ANY),
    form("SG.", Kind::SendGridKey, Dotted, 66, 66),
    form("sk-ant-", Kind::AnthropicKey, Url, 32, ANY),
    form("sk-proj-", Kind::OpenAiKey, Url, 32, ANY),
    form("sk-svcacct-", Kind::OpenAiKey, Url, 32, ANY),
    form("hvs.", Kind::VaultToken, Url, 24, ANY),
    form("dop_v1_", Kind::DigitalOceanToken, Hex, 64, 64),
    form("dckr_pat_", Kind::DockerToken, Url, 20, 64),
    form("shpat_", Kind::ShopifyToken, Hex, 32, 32),
    form("shpss_", Kind::ShopifyToken, Hex, 32, 32),
    form("sq0csp-", Kind::SquareSecret, Url, 40, 64),
    form("glsa_", Kind::GrafanaToken, Url, 32, 64),
    form("PMAK-", Kind::PostmanKey, Url, 50, 70),
    form("NRAK-", Kind::NewRelicKey, Upper, 27, 27),
    form("hf_", Kind::HuggingFaceToken, Letters, 34, 40),
    form("lin_api_", Kind::LinearKey, Letters, 32, 48),
    form("pscale_pw_", Kind::PlanetScalePassword, Url, 32, 64),
    form("sntrys_", Kind::SentryToken, Base64, 40, ANY),
];
