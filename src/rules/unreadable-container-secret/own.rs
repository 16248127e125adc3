//! The own policies of secrets and keys: whom they let in, and whom they refuse whatever the role may do.

use crate::address::AttributePath;
use crate::plan::ResourceInstance;
use crate::rule::Context;
use crate::rules::arn::Covers;
use crate::rules::evidence::{Given, given, is_same_block, sources};
use crate::rules::policy::Policy;
use crate::rules::via_service::Via;

/// The policies of one object.
pub(super) struct Own {
    action: &'static str,
    policies: Vec<Policy>,
    /// A grant lets somebody use the key.
    granted: bool,
}

impl Own {
    pub(super) fn of_secret(cx: &Context<'_>, secret: &ResourceInstance) -> Self {
        Self {
            action: "secretsmanager:GetSecretValue",
            policies: policies(
                cx,
                secret,
                ("aws_secretsmanager_secret_policy", "secret_arn"),
            ),
            granted: false,
        }
    }

    pub(super) fn of_key(cx: &Context<'_>, key: &ResourceInstance) -> Self {
        let mut grants = cx.plan.managed("aws_kms_grant");
        Self {
            action: "kms:Decrypt",
            policies: policies(cx, key, ("aws_kms_key_policy", "key_id")),
            granted: grants.any(|one| is_about(cx, one, "key_id", key)),
        }
    }

    /// Whether somebody may do it without a policy of the role.
    pub(super) fn allows(&self, cx: &Context<'_>) -> bool {
        let mut policies = self.policies.iter();
        self.granted || policies.any(|one| one.may_allow_directly(cx, self.action))
    }

    /// Whether nobody may do it.
    pub(super) fn denies(&self, cx: &Context<'_>) -> Covers {
        let policies = self.policies.iter();
        policies
            .map(|one| one.denies_everybody(cx, self.action))
            .fold(Covers::No, Covers::or)
    }

    /// Whom the policies of a key let in, without which no policy of a role counts. None where that is not known, or where
    /// the key has the usual one, which lets in the account.
    pub(super) fn admitted(&self, cx: &Context<'_>, via: &Via) -> Option<Vec<String>> {
        if self.granted || self.policies.is_empty() {
            return None;
        }
        let each = self
            .policies
            .iter()
            .map(|one| one.admitted(cx, self.action, via));
        each.collect::<Option<Vec<_>>>().map(|all| all.concat())
    }
}

/// What is written in an object, and what others attach to it.
fn policies(
    cx: &Context<'_>,
    object: &ResourceInstance,
    (kind, attribute): (&str, &str),
) -> Vec<Policy> {
    let path = AttributePath::attribute("policy");
    let written = match given(cx, object, &path, object.attribute("policy")) {
        Given::LeftOut => None,
        // What the provider reads where AWS has none.
        Given::Value(text) if text.as_str() == Some("") => None,
        _ => Some(Policy::of(cx, object, "policy")),
    };
    let attached = cx.plan.managed(kind).filter(|one| one.remains());
    let attached = attached.filter(|one| is_about(cx, one, attribute, object));
    let attached = attached.map(|one| Policy::of(cx, one, "policy"));
    written.into_iter().chain(attached).collect()
}

fn is_about(
    cx: &Context<'_>,
    one: &ResourceInstance,
    attribute: &str,
    object: &ResourceInstance,
) -> bool {
    let value = one.attribute(attribute);
    let own = ["arn", "id", "key_id"].map(|name| object.attribute(name).as_str());
    if let Some(text) = value.as_str()
        && own.contains(&Some(text))
    {
        return true;
    }
    let found = sources(cx, one, &AttributePath::attribute(attribute), value);
    let mut addresses = found.attributes.iter().map(|(address, _)| address);
    found.open || addresses.any(|address| is_same_block(address, &object.address))
}
