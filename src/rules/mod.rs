//! The built-in rules, a folder each: the rule, its page, and its cases. The files beside them say how evidence is read
//! for several rules at once.

mod arn;
mod classic;
mod container;
pub mod creation;
mod drawn;
mod endpoint;
mod evidence;
mod flag;
mod load_balancer;
mod policy;
mod role;
mod secret_name;
mod secret_source;
mod trust;
mod via_service;

#[path = "certificate-wait-disabled/mod.rs"]
mod certificate_wait_disabled;
#[path = "condition-failed/mod.rs"]
mod condition_failed;
#[path = "create-would-collide/mod.rs"]
mod create_would_collide;
#[path = "dns-not-delegated/mod.rs"]
mod dns_not_delegated;
#[path = "emergency-http-forwarding/mod.rs"]
mod emergency_http_forwarding;
#[path = "http-listener-forwards/mod.rs"]
mod http_listener_forwards;
#[path = "invalid-waiver/mod.rs"]
mod invalid_waiver;
#[path = "missing-container-secret/mod.rs"]
mod missing_container_secret;
#[path = "missing-https-listener/mod.rs"]
mod missing_https_listener;
#[path = "missing-output/mod.rs"]
mod missing_output;
#[path = "module-not-read/mod.rs"]
mod module_not_read;
#[path = "plaintext-container-secret/mod.rs"]
mod plaintext_container_secret;
#[path = "plan-or-state-committed/mod.rs"]
mod plan_or_state_committed;
#[path = "protected-resource-destroyed/mod.rs"]
mod protected_resource_destroyed;
#[path = "secret-in-state/mod.rs"]
mod secret_in_state;
#[path = "secret-in-tfvars/mod.rs"]
mod secret_in_tfvars;
#[path = "secret-literal/mod.rs"]
mod secret_literal;
#[path = "secret-overwritten/mod.rs"]
mod secret_overwritten;
#[path = "secret-version-imported/mod.rs"]
mod secret_version_imported;
#[path = "service-not-attached/mod.rs"]
mod service_not_attached;
#[path = "stale-plan/mod.rs"]
mod stale_plan;
#[path = "unhealthy-health-check/mod.rs"]
mod unhealthy_health_check;
#[path = "unprotected-secret/mod.rs"]
mod unprotected_secret;
#[path = "unreadable-container-secret/mod.rs"]
mod unreadable_container_secret;
#[path = "unroutable-endpoint/mod.rs"]
mod unroutable_endpoint;
#[path = "unvalidated-certificate/mod.rs"]
mod unvalidated_certificate;

pub use container::secrets_of_containers;

use crate::rule::{Rule, RuleSettings, pack};

/// Every built-in rule. Adding one is one line here.
pub const ALL: &[&dyn Rule] = &[
    &certificate_wait_disabled::CertificateWaitDisabled,
    &condition_failed::ConditionFailed,
    &create_would_collide::CreateWouldCollide,
    &dns_not_delegated::DnsNotDelegated,
    &emergency_http_forwarding::EmergencyHttpForwarding,
    &http_listener_forwards::HttpListenerForwards,
    &invalid_waiver::InvalidWaiver,
    &missing_container_secret::MissingContainerSecret,
    &missing_https_listener::MissingHttpsListener,
    &missing_output::MissingOutput,
    &module_not_read::ModuleNotRead,
    &plaintext_container_secret::PlaintextContainerSecret,
    &plan_or_state_committed::PlanOrStateCommitted,
    &protected_resource_destroyed::ProtectedResourceDestroyed,
    &secret_in_state::SecretInState,
    &secret_in_tfvars::SecretInTfvars,
    &secret_literal::SecretLiteral,
    &secret_overwritten::SecretOverwritten,
    &secret_version_imported::SecretVersionImported,
    &service_not_attached::ServiceNotAttached,
    &stale_plan::StalePlan,
    &unhealthy_health_check::UnhealthyHealthCheck,
    &unprotected_secret::UnprotectedSecret,
    &unreadable_container_secret::UnreadableContainerSecret,
    &unroutable_endpoint::UnroutableEndpoint,
    &unvalidated_certificate::UnvalidatedCertificate,
];

/// Every built-in rule with what its pack says of it.
pub fn with_settings() -> Vec<(&'static dyn Rule, RuleSettings)> {
    let mut settings = pack::embedded();
    let known = ALL
        .iter()
        .filter_map(|rule| Some((*rule, settings.remove(rule.meta().id)?)));
    known.collect()
}
