//! Attributes that hold a secret, whether or not the schema calls them sensitive, and why.
//!
//! A schema's `sensitive` hides a value from the terminal; it stands in state and plan all the same. It is also missing where the
//! content decides (`aws_ssm_parameter.insecure_value`, environment variables), and set where nothing is secret. This table names
//! what is a credential or key material by the meaning of the attribute, in the provider's own documentation.

mod configured;
mod table;

use crate::address::{Resource, ResourceMode};

pub use configured::of_provider;
use table::{ROWS, Row};

/// An attribute that holds a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecretAttribute {
    /// Managed, data or ephemeral.
    pub mode: ResourceMode,
    /// The type of the resource.
    pub kind: &'static str,
    /// The path of the attribute, names joined by dots, without indexes. At its end, `*` stands for the members of a map
    /// with the name of a secret, `value@name` for the `value` of elements whose `name` is one, and `value?flag` for the
    /// `value` of elements whose `flag` is on.
    pub path: &'static str,
    /// Where the secret comes from.
    pub origin: Origin,
    /// What it is.
    pub what: &'static str,
}

impl SecretAttribute {
    /// The attribute of the resource that the path begins with.
    pub fn attribute(&self) -> &'static str {
        self.path.split('.').next().unwrap_or(self.path)
    }

    /// Whether the configuration gives it.
    pub fn is_given(&self) -> bool {
        self.origin != Origin::Provided
    }
}

/// Where a secret comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The provider makes or reads it: what refers to it takes a secret out of here.
    Provided,
    /// The configuration gives it: it is kept here, for others to read, or to open something elsewhere. A placeholder may
    /// stand in for it.
    Stored,
    /// The configuration gives it, and it opens something as it stands: a placeholder is the real password.
    Used,
}

use ResourceMode::{Data, Managed};

fn row((mode, kind, path, origin, what): Row) -> SecretAttribute {
    SecretAttribute {
        mode,
        kind,
        path,
        origin,
        what,
    }
}

/// The secrets that a type holds.
pub fn of(mode: ResourceMode, kind: &str) -> impl Iterator<Item = SecretAttribute> {
    let start = ROWS.partition_point(|(of, other, ..)| (*of, *other) < (mode, kind));
    let rows = ROWS[start..].iter();
    let own = rows.take_while(move |(of, other, ..)| *of == mode && *other == kind);
    own.copied().map(row)
}

/// Whether an attribute is drawn at random, and kept by the state. It is no secret by itself: it makes names unique as
/// often. Where it is used as a password it is one.
pub fn is_drawn(resource: &Resource, attribute: Option<&str>) -> bool {
    let kinds = [
        "random_id",
        "random_string",
        "random_uuid",
        "random_pet",
        "random_integer",
        "random_bytes",
    ];
    resource.mode == Managed && kinds.contains(&&*resource.kind) && attribute != Some("keepers")
}

/// Data sources and resources that hand on what others put there, with the attributes that do so; without one, all.
const VESSELS: &[(ResourceMode, &str, &[&str])] = &[
    (Managed, "aws_cloudformation_stack", &["outputs"]),
    (Managed, "aws_lambda_invocation", &["result"]),
    (Managed, "shell_script", &["output"]),
    (Managed, "shell_sensitive_script", &["output"]),
    (Data, "aws_appconfig_configuration", &[]),
    (Data, "aws_cloudformation_export", &["value"]),
    (Data, "aws_cloudformation_stack", &["outputs", "parameters"]),
    (Data, "aws_dynamodb_table_item", &["item"]),
    (Data, "aws_lambda_invocation", &["result"]),
    (Data, "aws_s3_bucket_object", &["body"]),
    (Data, "aws_s3_object", &["body", "body_base64"]),
    (Data, "aws_ssm_parameter", &["value", "insecure_value"]),
    (Data, "aws_ssm_parameters_by_path", &["values"]),
    (Data, "azurerm_app_configuration_key", &["value"]),
    (Data, "azurerm_app_configuration_keys", &["items"]),
    (Data, "consul_key_prefix", &["subkeys", "var"]),
    (Data, "consul_keys", &["var"]),
    (Data, "external", &["result"]),
    (Data, "github_actions_variables", &["variables"]),
    (Data, "gitlab_project_variable", &["value"]),
    (Data, "google_storage_bucket_object_content", &["content"]),
    (
        Data,
        "http",
        &["body", "response_body", "response_body_base64"],
    ),
    (Data, "kubernetes_config_map", &["data"]),
    (Data, "kubernetes_config_map_v1", &["data"]),
    (Data, "local_file", &["content", "content_base64"]),
    (Data, "shell_script", &["output"]),
    (Data, "terraform_remote_state", &["outputs"]),
    (Data, "tfe_outputs", &["values", "nonsensitive_values"]),
    (Data, "tfe_variables", &[]),
];

/// Whether an attribute hands on what others put there: anything, and so a secret as well. Whatever else a provider makes
/// or reads, and no table of secrets names, is an id, an address or the like.
pub fn hands_on(resource: &Resource, attribute: Option<&str>) -> bool {
    let is_one = |(mode, kind, attributes): &&(ResourceMode, &str, &[&str])| {
        let is_that = attribute.is_none_or(|name| attributes.contains(&name));
        *mode == resource.mode && *kind == &*resource.kind && (attributes.is_empty() || is_that)
    };
    VESSELS.iter().any(|vessel| is_one(&vessel))
}

/// The whole table.
pub fn all() -> impl Iterator<Item = SecretAttribute> {
    ROWS.iter().copied().map(row)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::Providers;
    use crate::value::Type;

    #[test]
    fn what_is_packed_has_the_attribute() {
        for secret in all() {
            let facts = Providers::packed().schema(secret.mode, secret.kind);
            assert!(
                facts.is_some() || !secret.kind.starts_with("aws_"),
                "{secret:?}"
            );
            if let Some(facts) = facts {
                let path = secret.path.trim_end_matches(".*");
                let path = path.split_once(['@', '?']).map_or(path, |(path, _)| path);
                let path: Vec<&str> = path.split('.').collect();
                let attribute = facts.block.attribute_at(&path);
                let of_map = attribute.is_some_and(|one| matches!(one.ty, Type::Map(_)));
                assert!(attribute.is_some(), "{secret:?}");
                assert!(of_map || !secret.path.ends_with('*'), "{secret:?}");
            }
        }
    }

    #[test]
    fn the_table_is_sorted_and_has_each_once() {
        let keys: Vec<_> = all()
            .map(|secret| (secret.mode, secret.kind, secret.path))
            .collect();
        assert!(keys.is_sorted_by(|left, right| left < right));
    }
}
