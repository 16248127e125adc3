//! Attributes that hold secrets whatever the plan marks: generated passwords, private keys, what secret stores answer.

use crate::address::{AttributePath, Resource, ResourceMode};

/// Whether an attribute of a resource is a source of secrets.
pub fn is_source(resource: &Resource, path: &AttributePath) -> bool {
    let attributes = attributes(resource);
    match path.root() {
        Some(name) => attributes.contains(&name),
        None => !attributes.is_empty(),
    }
}

/// Each from the documentation of the resource, as sensitive or as the secret itself.
fn attributes(resource: &Resource) -> &'static [&'static str] {
    let data = resource.mode == ResourceMode::Data;
    match &*resource.kind {
        "random_password" => &["result", "bcrypt_hash"],
        "tls_private_key" => &[
            "private_key_pem",
            "private_key_openssh",
            "private_key_pem_pkcs8",
        ],
        "aws_iam_access_key" => &["secret", "ses_smtp_password_v4"],
        "aws_secretsmanager_secret_version" => &["secret_string", "secret_binary"],
        "aws_secretsmanager_random_password" if data => &["random_password"],
        "aws_ssm_parameter" if data => &["value"],
        "aws_ssm_parameters_by_path" if data => &["values"],
        "aws_kms_secrets" if data => &["plaintext"],
        "aws_ecr_authorization_token" if data => &["password", "authorization_token"],
        "aws_db_instance" | "aws_rds_cluster" => &["password", "master_password"],
        "vault_generic_secret" | "vault_kv_secret_v2" if data => &["data", "data_json"],
        _ => &[],
    }
}
