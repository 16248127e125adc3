//! Attributes that hold secrets whatever the plan marks, by the table of what providers make and read.

use crate::address::{AttributePath, Resource, ResourceMode};
use crate::provider::secrets;

/// Whether an attribute of a resource is a source of secrets.
pub fn is_source(resource: &Resource, path: &AttributePath) -> bool {
    match path.root() {
        Some(name) => attributes(resource).any(|attribute| attribute == name),
        None => is_whole_source(resource),
    }
}

/// Whether any attribute of a resource is one.
pub fn has_source(resource: &Resource) -> bool {
    attributes(resource).next().is_some()
}

/// What the configuration gives has a source of its own, unless it is a literal that others are handed.
fn attributes(resource: &Resource) -> impl Iterator<Item = &'static str> {
    let handed_on = matches!(
        &*resource.kind,
        "aws_secretsmanager_secret_version" | "aws_db_instance" | "aws_rds_cluster"
    );
    secrets::of(resource.mode, &resource.kind)
        .filter(move |secret| handed_on || !secret.is_given())
        .map(|secret| secret.attribute())
}

/// A reference through a splat names no attribute in a plan's configuration. Of some types nearly all that anybody
/// takes is secret; of others it is an id or an address.
fn is_whole_source(resource: &Resource) -> bool {
    let data = resource.mode == ResourceMode::Data;
    match &*resource.kind {
        "random_password"
        | "random_bytes"
        | "tls_private_key"
        | "aws_iam_access_key"
        | "aws_secretsmanager_secret_version" => true,
        "aws_secretsmanager_random_password"
        | "aws_ssm_parameter"
        | "aws_ssm_parameters_by_path"
        | "aws_kms_secrets"
        | "aws_ecr_authorization_token"
        | "sops_file"
        | "vault_generic_secret"
        | "vault_kv_secret"
        | "vault_kv_secret_v2" => data,
        _ => false,
    }
}
