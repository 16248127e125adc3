//! What a plan gives for an argument, and which object an argument refers to.

use std::sync::Arc;

use crate::address::{AttributePath, InstanceKey, PathStep, ResourceAddress};
use crate::plan::{Action, Evidence, Origin, Plan, ResourceInstance, Subject};
use crate::provider::documented::{canonical, documented_default};
use crate::value::{Cause, Causes, Value};

pub(super) use crate::value::display::display;

/// What an argument that holds another object's ARN or id leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Link {
    /// An object of the plan, by its place in the list that was asked about.
    To(usize),
    /// Something that is not in the plan: its address, or what was written.
    Outside(String),
    /// Nothing tells.
    Open(Causes),
}

/// A primitive argument as text, or else its documented default. None where there is neither.
///
/// # Errors
/// The causes, where nothing tells.
pub fn text_or_default(
    plan: &Plan,
    resource: &ResourceInstance,
    path: &AttributePath,
    value: &Value,
) -> Result<Option<String>, Causes> {
    let default = || {
        let default = documented_default(resource.kind(), &names(path))?;
        display(&default.value)
    };
    match value.foreseen() {
        Some(known) if known.is_null() => Ok(default()),
        Some(known) => Ok(display(known)),
        None if is_left_out(plan, resource, path, value) => Ok(default()),
        None => Err(value.causes()),
    }
}

/// `default_action[0].type` as `default_action.type`
fn names(path: &AttributePath) -> String {
    let name = |step: &PathStep| match step {
        PathStep::Attribute(name) => Some(name.to_string()),
        PathStep::Index(_) => None,
    };
    let names: Vec<String> = path.0.iter().filter_map(name).collect();
    names.join(".")
}

/// Whether an unknown argument is unknown only because the configuration leaves it to the provider. The evaluator says
/// so itself, by naming the attribute as its own cause; a plan says it by what its configuration lists.
pub(super) fn is_left_out(
    plan: &Plan,
    resource: &ResourceInstance,
    path: &AttributePath,
    value: &Value,
) -> bool {
    let causes = value.causes();
    let is_own = |cause: &Cause| match cause {
        Cause::Apply { address, path: of } => {
            *address == resource.address && of.root() == path.root()
        }
        Cause::Plan { address, path: of } => {
            **address == *resource.address.to_string()
                && (of.0.is_empty() || of.root() == path.root())
        }
        _ => false,
    };
    if causes.is_empty() || !causes.iter().all(is_own) {
        return false;
    }
    if causes.iter().all(|one| matches!(one, Cause::Apply { .. })) {
        return true;
    }
    let subject = Subject::Attribute(Arc::clone(&resource.address), path.clone());
    let origins = plan.provenance.origins(&subject);
    let is_itself = |origin: &Origin| match origin {
        Origin::Attribute(address, of) => {
            is_same_block(address, &resource.address) && of.root() == path.root()
        }
        _ => false,
    };
    !origins.is_empty() && origins.iter().all(is_itself)
}

/// The object among `candidates` that the argument at a path refers to.
pub(super) fn link(
    plan: &Plan,
    from: &ResourceInstance,
    path: &AttributePath,
    value: &Value,
    candidates: &[&ResourceInstance],
) -> Link {
    if let Some(text) = value.as_str() {
        let is_named = |one: &&ResourceInstance| {
            let own = |name: &str| one.attribute(name).as_str() == Some(text);
            own("arn") || own("id") || own("dns_name")
        };
        if let Some(at) = candidates.iter().position(is_named) {
            return Link::To(at);
        }
    }
    let is_new = plan.evidence == Evidence::Sources || from.change.action == Action::Create;
    if let Some(other) = no_arn(path, value).filter(|_| is_new) {
        return Link::Outside(other);
    }
    let referred = referred(plan, from, path, value);
    let of_kind = |address: &&ResourceAddress| {
        let kinds = candidates.iter().map(|one| canonical(one.kind()));
        kinds
            .chain(["aws_lb_target_group", "aws_lb", "aws_lb_listener"])
            .any(|kind| kind == canonical(&address.resource.kind))
    };
    let mut named = referred.iter().filter(of_kind);
    let among = |named: &[ResourceAddress]| -> Vec<usize> {
        let is_meant = |at: &usize| {
            let own = &candidates[*at].address;
            named.iter().any(|address| is_same_block(address, own))
        };
        (0..candidates.len()).filter(is_meant).collect()
    };
    let mut found = among(&referred);
    if found.is_empty() {
        found = among(&handed_on(plan, value));
    }
    match (found.as_slice(), named.next(), value.as_str()) {
        ([only], ..) => Link::To(*only),
        // Without keys in the evidence, `each.key` on both sides is what configurations mean.
        ([_, _, ..], ..) => {
            let same_key = |at: &usize| candidates[*at].address.key == from.address.key;
            let mut same = found.iter().copied().filter(same_key);
            match (same.next(), same.next()) {
                (Some(only), None) if from.address.key.is_some() => Link::To(only),
                _ => Link::Open(value.causes()),
            }
        }
        ([], Some(address), _) => Link::Outside(address.to_string()),
        ([], None, Some(text)) => Link::Outside(text.to_owned()),
        ([], None, None) => Link::Open(value.causes()),
    }
}

/// What an argument for an ARN is given in its place: a name, or another attribute of an object.
fn no_arn(path: &AttributePath, value: &Value) -> Option<String> {
    let last = path.0.iter().rev().find_map(|step| match step {
        PathStep::Attribute(name) => Some(name),
        PathStep::Index(_) => None,
    })?;
    if !last.ends_with("arn") {
        return None;
    }
    if let Some(text) = value.as_str() {
        let is_one = text.is_empty() || text.starts_with("arn:");
        return (!is_one).then(|| text.to_owned());
    }
    let (address, of) = value.as_unknown()?.one_attribute()?;
    let root = of.root()?;
    let is_another = matches!(
        root,
        "arn_suffix" | "dns_name" | "name" | "name_prefix" | "zone_id"
    );
    is_another.then(|| format!("{address}.{root}"))
}

/// The objects whose attributes a value comes from.
pub(super) fn referred(
    plan: &Plan,
    from: &ResourceInstance,
    path: &AttributePath,
    value: &Value,
) -> Vec<ResourceAddress> {
    let mut found = Vec::new();
    let mut ask = value.is_known();
    for cause in value.causes().iter() {
        match cause {
            Cause::Apply { address, .. }
            | Cause::Data { address, .. }
            | Cause::NoSchema { address, .. } => found.push(ResourceAddress::clone(address)),
            Cause::Plan { .. } => ask = true,
            _ => {}
        }
    }
    if ask {
        found.extend(origins(plan, from, path));
    }
    found
}

/// The objects behind those that an ARN is taken off: a service that has it from a listener rule means the target group
/// that the rule forwards to.
fn handed_on(plan: &Plan, value: &Value) -> Vec<ResourceAddress> {
    let mut found = Vec::new();
    for cause in value.causes().iter() {
        let Cause::Apply { address, path } = cause else {
            continue;
        };
        let (Some(by), Some(name)) = (plan.resource(address), path.root()) else {
            continue;
        };
        for behind in by.attribute(name).causes().iter() {
            if let Cause::Apply { address: of, .. } = behind
                && of != address
            {
                found.push(ResourceAddress::clone(of));
            }
        }
    }
    found
}

/// The objects that the configuration names at a path.
pub(super) fn origins(
    plan: &Plan,
    from: &ResourceInstance,
    path: &AttributePath,
) -> Vec<ResourceAddress> {
    let subject = Subject::Attribute(Arc::clone(&from.address), path.clone());
    let origins = plan.provenance.origins(&subject).into_iter();
    origins
        .filter_map(|origin| match origin {
            Origin::Attribute(address, _) => Some(address),
            _ => None,
        })
        .collect()
}

/// One block of the configuration; keys count where both are known.
pub(super) fn is_same_block(left: &ResourceAddress, right: &ResourceAddress) -> bool {
    let agree = |left: &Option<InstanceKey>, right: &Option<InstanceKey>| match (left, right) {
        (None | Some(InstanceKey::Any), _) | (_, None | Some(InstanceKey::Any)) => true,
        (left, right) => left == right,
    };
    let (of_left, of_right) = (&left.module.0, &right.module.0);
    left.resource == right.resource
        && agree(&left.key, &right.key)
        && of_left.len() == of_right.len()
        && of_left
            .iter()
            .zip(of_right.iter())
            .all(|(left, right)| left.name == right.name && agree(&left.key, &right.key))
}
