//! Trust policies of roles: whether they let a service take the role.

use super::arn::Covers;
use super::policy::{Policy, Ruling, Statement, any};
use crate::value::{Causes, Value};

impl Policy {
    /// Whether this trust policy of a role lets a service take the role.
    pub(super) fn trusts(&self, service: &str) -> Covers {
        let open = self.open.clone().map(Ruling::perhaps);
        let statements = self.statements.iter().map(|one| one.trusts(service));
        let ruling = statements.fold(open.unwrap_or(Ruling::NOTHING), Ruling::or);
        ruling.allowed.and(ruling.denied.not())
    }
}

impl Statement {
    /// Whether the trust policy of a role lets a service take it by this statement.
    fn trusts(&self, service: &str) -> Ruling {
        let covers = self
            .covers_action("sts:AssumeRole")
            .and(covers_service(&self.principal, service));
        match self.effect.as_deref() {
            Some("Deny") => Ruling {
                allowed: Covers::No,
                denied: covers.and(self.condition_denies()),
            },
            effect => {
                let allowed = covers.and(self.condition_trusts());
                let allowed = match effect {
                    Some("Allow") => allowed,
                    _ => allowed.and(Covers::Perhaps(Causes::default())),
                };
                Ruling {
                    allowed,
                    denied: Covers::No,
                }
            }
        }
    }

    /// The account and the task that a service asks for are this account's own.
    fn condition_trusts(&self) -> Covers {
        if self.condition.is_null() {
            return Covers::Yes;
        }
        let own = |name: &str| {
            name.eq_ignore_ascii_case("aws:SourceAccount")
                || name.eq_ignore_ascii_case("aws:SourceArn")
        };
        match variables(&self.condition) {
            Some(names) if !names.is_empty() && names.iter().all(|name| own(name)) => Covers::Yes,
            _ => Covers::Perhaps(self.condition.causes()),
        }
    }
}

/// Whether a service is among those that a statement is about. Everybody may be a service as well.
fn covers_service(principal: &Value, service: &str) -> Covers {
    let Some(members) = principal.as_entries() else {
        return match principal.as_str() {
            None if principal.is_null() => Covers::No,
            None | Some("*") => Covers::Perhaps(principal.causes()),
            Some(_) => Covers::No,
        };
    };
    let mut covers = Covers::No;
    for (kind, who) in members {
        covers = covers.or(if kind.eq_ignore_ascii_case("Service") {
            is_service(who, service)
        } else {
            has_star(who)
        });
    }
    covers
}

fn is_service(who: &Value, service: &str) -> Covers {
    any(who, |one| {
        if let Some(text) = one.as_str() {
            return if text.eq_ignore_ascii_case(service) {
                Covers::Yes
            } else {
                Covers::No
            };
        }
        // Of `ecs-tasks.${data.aws_partition.this.dns_suffix}` the beginning will do.
        let name = service.split_once('.').map_or(service, |(name, _)| name);
        let prefix = one
            .as_unknown()
            .and_then(|unknown| unknown.prefix.as_deref());
        match prefix {
            Some(prefix) if prefix.starts_with(&format!("{name}.")) => Covers::Yes,
            Some(prefix) if !service.starts_with(prefix) => Covers::No,
            _ => Covers::Perhaps(one.causes()),
        }
    })
}

fn has_star(who: &Value) -> Covers {
    any(who, |one| match one.as_str() {
        Some("*") => Covers::Perhaps(Causes::default()),
        _ => Covers::No,
    })
}

/// The variables of a condition, whatever their values.
fn variables(condition: &Value) -> Option<Vec<String>> {
    if let Some(blocks) = condition.as_elements() {
        let name = |block: &Value| Some(block.attribute("variable")?.as_str()?.to_owned());
        return blocks.iter().map(name).collect();
    }
    let mut found = Vec::new();
    for variables in condition.as_entries()?.values() {
        found.extend(variables.as_entries()?.keys().map(ToString::to_string));
    }
    Some(found)
}
