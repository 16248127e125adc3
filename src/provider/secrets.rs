//! Attributes that hold a secret, whether or not the schema calls them sensitive, and why.
//!
//! A schema's `sensitive` hides a value from the terminal; it stands in state and plan all the same. It is also missing where the
//! content decides (`aws_ssm_parameter.insecure_value`, environment variables), and set where nothing is secret. This table names
//! what is a credential or key material by the meaning of the attribute, in the provider's own documentation.

use crate::address::{Resource, ResourceMode};

/// An attribute that holds a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecretAttribute {
    /// Managed, data or ephemeral.
    pub mode: ResourceMode,
    /// The type of the resource.
    pub kind: &'static str,
    /// The path of the attribute, names joined by dots, without indexes.
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
    /// The configuration gives it: it is stored here, for others to read. A placeholder may stand in for it.
    Stored,
    /// The configuration gives it, and it opens something as it stands: a placeholder is the real password.
    Used,
}

use Origin::{Provided, Stored, Used};
use ResourceMode::{Data, Ephemeral, Managed};

type Row = (
    ResourceMode,
    &'static str,
    &'static str,
    Origin,
    &'static str,
);

/// Sorted by mode, type and path.
#[rustfmt::skip] // A table is read by its lines.
const ROWS: &[Row] = &[
    (Managed, "aws_acm_certificate", "private_key", Stored, "the imported certificate's private key"),
    (Managed, "aws_api_gateway_api_key", "value", Provided, "the API key"),
    (Managed, "aws_appsync_api_key", "key", Provided, "the API key"),
    (Managed, "aws_cognito_user", "password", Used, "the user's password"),
    (Managed, "aws_cognito_user", "temporary_password", Used, "the user's first password"),
    (Managed, "aws_cognito_user_pool_client", "client_secret", Provided, "the OAuth client secret"),
    (Managed, "aws_db_instance", "password", Used, "the database's master password"),
    (Managed, "aws_directory_service_directory", "password", Used, "the directory administrator's password"),
    (Managed, "aws_dms_endpoint", "password", Used, "the endpoint's password"),
    (Managed, "aws_docdb_cluster", "master_password", Used, "the database's master password"),
    (Managed, "aws_elasticache_replication_group", "auth_token", Used, "the Redis password"),
    (Managed, "aws_elasticache_user", "passwords", Used, "the user's passwords"),
    (Managed, "aws_iam_access_key", "secret", Provided, "the secret access key"),
    (Managed, "aws_iam_access_key", "ses_smtp_password_v4", Provided, "the SMTP password made from the secret access key"),
    (Managed, "aws_iam_server_certificate", "private_key", Stored, "the certificate's private key"),
    (Managed, "aws_iam_service_specific_credential", "service_password", Provided, "the credential's password"),
    (Managed, "aws_iam_user_login_profile", "password", Provided, "the console password"),
    (Managed, "aws_lightsail_database", "master_password", Used, "the database's master password"),
    (Managed, "aws_lightsail_key_pair", "private_key", Provided, "the key pair's private key"),
    (Managed, "aws_memorydb_user", "authentication_mode.passwords", Used, "the user's passwords"),
    (Managed, "aws_mq_broker", "user.password", Used, "the broker user's password"),
    (Managed, "aws_opensearch_domain", "advanced_security_options.master_user_options.master_user_password", Used, "the domain's master password"),
    (Managed, "aws_rds_cluster", "master_password", Used, "the database's master password"),
    (Managed, "aws_redshift_cluster", "master_password", Used, "the cluster's master password"),
    (Managed, "aws_redshiftserverless_namespace", "admin_user_password", Used, "the namespace's administrator password"),
    (Managed, "aws_secretsmanager_secret_version", "secret_binary", Stored, "the secret's value"),
    (Managed, "aws_secretsmanager_secret_version", "secret_string", Stored, "the secret's value"),
    (Managed, "aws_ssm_activation", "activation_code", Provided, "the code that registers an instance"),
    (Managed, "aws_ssm_parameter", "value", Stored, "the parameter's value (secret where `type` is `SecureString`)"),
    (Managed, "aws_vpn_connection", "customer_gateway_configuration", Provided, "the gateway's configuration with both pre-shared keys"),
    (Managed, "aws_vpn_connection", "tunnel1_preshared_key", Provided, "the tunnel's pre-shared key"),
    (Managed, "aws_vpn_connection", "tunnel2_preshared_key", Provided, "the tunnel's pre-shared key"),
    (Managed, "azuread_application_password", "value", Provided, "the application's client secret"),
    (Managed, "azuread_service_principal_password", "value", Provided, "the service principal's client secret"),
    (Managed, "azurerm_container_registry", "admin_password", Provided, "the registry administrator's password"),
    (Managed, "azurerm_key_vault_secret", "value", Stored, "the secret's value"),
    (Managed, "azurerm_kubernetes_cluster", "kube_admin_config_raw", Provided, "the administrator credentials of the cluster"),
    (Managed, "azurerm_kubernetes_cluster", "kube_config_raw", Provided, "the credentials of the cluster"),
    (Managed, "azurerm_linux_virtual_machine", "admin_password", Used, "the machine's administrator password"),
    (Managed, "azurerm_mssql_server", "administrator_login_password", Used, "the server administrator's password"),
    (Managed, "azurerm_mysql_flexible_server", "administrator_password", Used, "the server administrator's password"),
    (Managed, "azurerm_postgresql_flexible_server", "administrator_password", Used, "the server administrator's password"),
    (Managed, "azurerm_postgresql_server", "administrator_login_password", Used, "the server administrator's password"),
    (Managed, "azurerm_storage_account", "primary_access_key", Provided, "the account's access key"),
    (Managed, "azurerm_storage_account", "primary_connection_string", Provided, "a connection string with the access key"),
    (Managed, "azurerm_storage_account", "secondary_access_key", Provided, "the account's access key"),
    (Managed, "azurerm_storage_account", "secondary_connection_string", Provided, "a connection string with the access key"),
    (Managed, "azurerm_windows_virtual_machine", "admin_password", Used, "the machine's administrator password"),
    (Managed, "cloudflare_api_token", "value", Provided, "the API token"),
    (Managed, "github_actions_organization_secret", "plaintext_value", Stored, "the secret's value"),
    (Managed, "github_actions_secret", "plaintext_value", Stored, "the secret's value"),
    (Managed, "google_secret_manager_secret_version", "secret_data", Stored, "the secret's value"),
    (Managed, "google_service_account_key", "private_key", Provided, "the service account's key"),
    (Managed, "google_sql_database_instance", "root_password", Used, "the database's root password"),
    (Managed, "google_sql_user", "password", Used, "the user's password"),
    (Managed, "google_storage_hmac_key", "secret", Provided, "the key's secret"),
    (Managed, "kubernetes_secret", "binary_data", Stored, "the secret's values"),
    (Managed, "kubernetes_secret", "data", Stored, "the secret's values"),
    (Managed, "kubernetes_secret_v1", "binary_data", Stored, "the secret's values"),
    (Managed, "kubernetes_secret_v1", "data", Stored, "the secret's values"),
    (Managed, "random_bytes", "base64", Provided, "random bytes meant as a key"),
    (Managed, "random_bytes", "hex", Provided, "random bytes meant as a key"),
    (Managed, "random_password", "bcrypt_hash", Provided, "the password's hash"),
    (Managed, "random_password", "result", Provided, "the generated password"),
    (Managed, "tls_cert_request", "private_key_pem", Stored, "the private key"),
    (Managed, "tls_locally_signed_cert", "ca_private_key_pem", Stored, "the authority's private key"),
    (Managed, "tls_private_key", "private_key_openssh", Provided, "the private key"),
    (Managed, "tls_private_key", "private_key_pem", Provided, "the private key"),
    (Managed, "tls_private_key", "private_key_pem_pkcs8", Provided, "the private key"),
    (Managed, "tls_self_signed_cert", "private_key_pem", Stored, "the private key"),
    (Managed, "vault_approle_auth_backend_role_secret_id", "secret_id", Provided, "the role's secret id"),
    (Managed, "vault_generic_secret", "data_json", Stored, "the secret's values"),
    (Managed, "vault_kv_secret", "data_json", Stored, "the secret's values"),
    (Managed, "vault_kv_secret_v2", "data_json", Stored, "the secret's values"),
    (Managed, "vault_token", "client_token", Provided, "the token"),
    (Data, "aws_api_gateway_api_key", "value", Provided, "the API key"),
    (Data, "aws_cognito_user_pool_client", "client_secret", Provided, "the OAuth client secret"),
    (Data, "aws_ecr_authorization_token", "authorization_token", Provided, "the registry's user and password"),
    (Data, "aws_ecr_authorization_token", "password", Provided, "the registry's password"),
    (Data, "aws_eks_cluster_auth", "token", Provided, "a token for the cluster"),
    (Data, "aws_kms_secrets", "plaintext", Provided, "the decrypted secrets"),
    (Data, "aws_secretsmanager_random_password", "random_password", Provided, "the generated password"),
    (Data, "aws_secretsmanager_secret_version", "secret_binary", Provided, "the secret's value"),
    (Data, "aws_secretsmanager_secret_version", "secret_string", Provided, "the secret's value"),
    (Data, "aws_ssm_parameter", "value", Provided, "the parameter's value (secret where its type is `SecureString`)"),
    (Data, "aws_ssm_parameters_by_path", "values", Provided, "the parameters' values"),
    (Data, "azurerm_key_vault_secret", "value", Provided, "the secret's value"),
    (Data, "azurerm_kubernetes_cluster", "kube_config_raw", Provided, "the credentials of the cluster"),
    (Data, "azurerm_storage_account", "primary_access_key", Provided, "the account's access key"),
    (Data, "azurerm_storage_account_sas", "sas", Provided, "a shared access signature"),
    (Data, "google_client_config", "access_token", Provided, "the caller's token"),
    (Data, "google_secret_manager_secret_version", "secret_data", Provided, "the secret's value"),
    (Data, "google_service_account_access_token", "access_token", Provided, "a token of the service account"),
    (Data, "kubernetes_secret", "data", Provided, "the secret's values"),
    (Data, "kubernetes_secret_v1", "data", Provided, "the secret's values"),
    (Data, "local_sensitive_file", "content", Provided, "the file's content"),
    (Data, "local_sensitive_file", "content_base64", Provided, "the file's content"),
    (Data, "sops_file", "data", Provided, "the decrypted values"),
    (Data, "sops_file", "raw", Provided, "the decrypted file"),
    (Data, "vault_generic_secret", "data", Provided, "the secret's values"),
    (Data, "vault_generic_secret", "data_json", Provided, "the secret's values"),
    (Data, "vault_kv_secret", "data", Provided, "the secret's values"),
    (Data, "vault_kv_secret_v2", "data", Provided, "the secret's values"),
    (Data, "vault_kv_secret_v2", "data_json", Provided, "the secret's values"),
    (Ephemeral, "aws_eks_cluster_auth", "token", Provided, "a token for the cluster"),
    (Ephemeral, "aws_kms_secrets", "plaintext", Provided, "the decrypted secrets"),
    (Ephemeral, "aws_secretsmanager_random_password", "random_password", Provided, "the generated password"),
    (Ephemeral, "aws_secretsmanager_secret_version", "secret_binary", Provided, "the secret's value"),
    (Ephemeral, "aws_secretsmanager_secret_version", "secret_string", Provided, "the secret's value"),
    (Ephemeral, "aws_ssm_parameter", "value", Provided, "the parameter's value"),
    (Ephemeral, "random_password", "bcrypt_hash", Provided, "the password's hash"),
    (Ephemeral, "random_password", "result", Provided, "the generated password"),
    (Ephemeral, "tls_private_key", "private_key_openssh", Provided, "the private key"),
    (Ephemeral, "tls_private_key", "private_key_pem", Provided, "the private key"),
    (Ephemeral, "tls_private_key", "private_key_pem_pkcs8", Provided, "the private key"),
];

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

/// The whole table.
pub fn all() -> impl Iterator<Item = SecretAttribute> {
    ROWS.iter().copied().map(row)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::Providers;

    #[test]
    fn what_is_packed_has_the_attribute() {
        for secret in all() {
            let facts = Providers::packed().schema(secret.mode, secret.kind);
            assert!(
                facts.is_some() || !secret.kind.starts_with("aws_"),
                "{secret:?}"
            );
            if let Some(facts) = facts {
                let path: Vec<&str> = secret.path.split('.').collect();
                assert!(facts.block.attribute_at(&path).is_some(), "{secret:?}");
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
