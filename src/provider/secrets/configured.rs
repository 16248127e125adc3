//! Secrets among the arguments of `provider` blocks: most say so by their names, and here is what does not.
//!
//! By the documentation of the providers. They are no resources: their arguments are in no state.

/// Arguments that are a secret, although their names do not tell: the provider's type, and the last name of the path.
const SECRETS: &[(&str, &str)] = &[
    ("datadog", "app_key"),
    ("github", "pem_file"),
    ("grafana", "auth"),
    ("helm", "client_key"),
    ("kubectl", "client_key"),
    ("kubernetes", "client_key"),
    ("ovh", "consumer_key"),
];

/// Arguments that have the name of a secret and are none: ids of keys, which stand in logs.
const NAMES: &[(&str, &str)] = &[
    ("alicloud", "access_key"),
    ("aws", "access_key"),
    ("rancher2", "access_key"),
    ("scaleway", "access_key"),
];

/// Whether an argument of a provider's block is a secret; none where only its name tells.
pub fn of_provider(kind: &str, argument: &str) -> Option<bool> {
    let is_in = |table: &[(&str, &str)]| table.contains(&(kind, argument));
    match (is_in(SECRETS), is_in(NAMES)) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => None,
    }
}
