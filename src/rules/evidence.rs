//! What evidence says of an attribute: a value, nothing at all, or something that is open; and what it refers to.

use std::sync::Arc;

use crate::address::{
    AttributePath, InstanceKey, ModuleInstance, PathStep, Resource, ResourceAddress,
};
use crate::plan::{Origin, Plan, ProblemKind, ResourceInstance, Subject, Waits};
use crate::provider::documented::documented_default;
use crate::rule::Context;
use crate::value::{Cause, Causes, Value};

pub(super) use crate::provider::documented::canonical;
pub(super) use crate::value::display::display;

/// An answer that may be open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Yes,
    No,
    Open(Causes),
}

/// What the configuration gives for an attribute.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Given {
    Value(Value),
    LeftOut,
    Open(Causes),
}

/// The whole object, or an attribute of it.
pub(super) fn subject(resource: &ResourceInstance, path: AttributePath) -> Subject {
    Subject::Attribute(Arc::clone(&resource.address), path)
}

/// What is given for an attribute. One that the provider decides is unknown in plans: it was left out.
pub(super) fn given(
    cx: &Context<'_>,
    resource: &ResourceInstance,
    path: &AttributePath,
    value: &Value,
) -> Given {
    if let Some(value) = value.foreseen() {
        return if is_left_out(value) {
            Given::LeftOut
        } else {
            Given::Value(value.clone())
        };
    }
    let causes = value.causes();
    let own = !causes.is_empty() && causes.iter().all(|cause| is_own(cause, resource, path));
    if own && is_not_configured(cx, resource, path, &causes) {
        Given::LeftOut
    } else {
        Given::Open(causes)
    }
}

/// Whether nothing is given. A provider that has no null reads that back as an empty text.
pub(super) fn is_left_out(value: &Value) -> bool {
    value.is_null() || value.as_str() == Some("")
}

/// A string that is given, or else the documented default.
pub(super) fn text_or_default(
    cx: &Context<'_>,
    resource: &ResourceInstance,
    path: &AttributePath,
    value: &Value,
) -> Result<Option<String>, Causes> {
    match given(cx, resource, path, value) {
        Given::Value(value) => Ok(display(&value)),
        Given::LeftOut => {
            let default = documented_default(resource.kind(), &names(path));
            Ok(default.and_then(|default| display(&default.value)))
        }
        Given::Open(causes) => Err(causes),
    }
}

/// A bool that is given, or else the documented default.
pub(super) fn flag_or_default(cx: &Context<'_>, resource: &ResourceInstance, name: &str) -> Answer {
    let path = AttributePath::attribute(name);
    match text_or_default(cx, resource, &path, resource.attribute(name)) {
        Ok(Some(text)) if text == "true" => Answer::Yes,
        Ok(_) => Answer::No,
        Err(causes) => Answer::Open(causes),
    }
}

/// `default_action[0].type` as `default_action.type`
pub(super) fn names(path: &AttributePath) -> String {
    let names: Vec<&str> = path
        .0
        .iter()
        .filter_map(|step| match step {
            PathStep::Attribute(name) => Some(&**name),
            PathStep::Index(_) => None,
        })
        .collect();
    names.join(".")
}

fn is_own(cause: &Cause, resource: &ResourceInstance, path: &AttributePath) -> bool {
    match cause {
        Cause::Apply { address, path: of } => {
            *address == resource.address && of.root() == path.root()
        }
        Cause::Plan { address, path: of } => {
            **address == *resource.address.to_string()
                && (of.0.is_empty() || of.root() == path.root())
        }
        _ => false,
    }
}

/// The evaluator says itself that an attribute is the provider's; a plan says so only in its configuration.
fn is_not_configured(
    cx: &Context<'_>,
    resource: &ResourceInstance,
    path: &AttributePath,
    causes: &Causes,
) -> bool {
    if causes
        .iter()
        .all(|cause| matches!(cause, Cause::Apply { .. }))
    {
        return true;
    }
    let origins = cx.plan.provenance.origins(&subject(resource, path.clone()));
    !origins.is_empty()
        && origins.iter().all(|origin| match origin {
            Origin::Attribute(address, of) => {
                is_same_block(address, &resource.address) && of.root() == path.root()
            }
            _ => false,
        })
}

/// One block of the configuration; keys count where both are known.
pub(super) fn is_same_block(left: &ResourceAddress, right: &ResourceAddress) -> bool {
    let agree = |left: &Option<InstanceKey>, right: &Option<InstanceKey>| match (left, right) {
        (None | Some(InstanceKey::Any), _) | (_, None | Some(InstanceKey::Any)) => true,
        (left, right) => left == right,
    };
    let modules = (&left.module.0, &right.module.0);
    left.resource == right.resource
        && agree(&left.key, &right.key)
        && modules.0.len() == modules.1.len()
        && modules
            .0
            .iter()
            .zip(modules.1.iter())
            .all(|(left, right)| left.name == right.name && agree(&left.key, &right.key))
}

/// The attributes of other objects that a value comes from, with what else it comes from.
pub(super) struct Sources {
    pub(super) attributes: Vec<(ResourceAddress, AttributePath)>,
    /// Not everything is told: what else there is, for an undecided verdict.
    pub(super) open: bool,
    /// It is written out, or given by a variable.
    pub(super) fixed: bool,
}

/// Where an attribute's value comes from: told by the causes of an unknown one, by the configuration otherwise.
pub(super) fn sources(
    cx: &Context<'_>,
    resource: &ResourceInstance,
    path: &AttributePath,
    value: &Value,
) -> Sources {
    let mut found = Sources {
        attributes: Vec::new(),
        open: false,
        fixed: false,
    };
    let mut ask = value.is_known();
    for cause in value.causes().iter() {
        match cause {
            Cause::Apply { address, path }
            | Cause::Data { address, path }
            | Cause::NoSchema { address, path, .. } => {
                found
                    .attributes
                    .push((ResourceAddress::clone(address), path.clone()));
            }
            Cause::Plan { .. } => ask = true,
            _ => found.open = true,
        }
    }
    if !ask {
        return found;
    }
    for origin in cx.plan.provenance.origins(&subject(resource, path.clone())) {
        match origin {
            Origin::Attribute(address, path) => found.attributes.push((address, path)),
            Origin::Variable(_) | Origin::Literal => found.fixed = true,
            Origin::Lost(_) => found.open = true,
        }
    }
    found
}

/// Whether an attribute holds the ARN of another object.
pub(super) fn refers_to(
    cx: &Context<'_>,
    from: &ResourceInstance,
    attribute: &str,
    to: &ResourceInstance,
) -> Answer {
    let value = from.attribute(attribute);
    if let Some(text) = value.as_str() {
        let named = |name: &str| to.attribute(name).as_str().map(|own| own == text);
        match named("arn").or_else(|| named("id")) {
            Some(true) => return Answer::Yes,
            Some(false) => return Answer::No,
            None => {}
        }
    }
    let path = AttributePath::attribute(attribute);
    let sources = sources(cx, from, &path, value);
    let of_kind =
        |address: &ResourceAddress| canonical(&address.resource.kind) == canonical(to.kind());
    let mut others = sources
        .attributes
        .iter()
        .filter(|(address, _)| of_kind(address))
        .peekable();
    if others.peek().is_some() {
        let found = others.any(|(address, _)| is_same_block(address, &to.address));
        return if found { Answer::Yes } else { Answer::No };
    }
    Answer::Open(value.causes())
}

/// Objects that are often there only to wait for others.
const GATES: [&str; 3] = ["terraform_data", "null_resource", "time_sleep"];

/// Whether an object may wait for more by a condition: its own, that of a gate before it, or that of an output. A plan says
/// what has conditions, and not what those refer to.
pub(super) fn may_wait_by_condition(
    cx: &Context<'_>,
    address: &ResourceAddress,
    waits: &Waits,
) -> bool {
    if !waits.without_conditions {
        return false;
    }
    let shown = |(module, resource): &(Vec<Arc<str>>, Resource)| {
        let modules = module.iter().map(|name| format!("module.{name}."));
        format!("{}{resource}", modules.collect::<String>())
    };
    let own = (
        address.module.path().map(Arc::from).collect(),
        address.resource.clone(),
    );
    let gates = waits.resources.iter();
    let gates = gates.filter(|(_, resource)| GATES.contains(&&*resource.kind));
    let open: Vec<String> = gates.chain([&own]).map(shown).collect();
    let holding = cx.plan.conditions.iter().map(|one| one.about.as_str());
    let failed = cx.plan.problems.iter();
    let failed = failed.filter(|one| one.kind == ProblemKind::ConditionFailed);
    let failed = failed.filter_map(|one| one.address.as_deref());
    holding
        .chain(failed)
        .any(|about| about.contains(".output.") || open.iter().any(|one| one == about))
}

/// What was not looked at and may hold anything, as a clause for messages: a module whose sources are elsewhere, or what
/// a plan leaves out. Where there is some, nothing is said to be nowhere.
pub(super) fn unread(plan: &Plan) -> Option<String> {
    plan.problems.iter().find_map(|one| match one.kind {
        ProblemKind::Incomplete => Some("the plan, which is not complete, may leave it out".into()),
        ProblemKind::Unread => {
            let module = one.address.as_deref()?;
            module.parse::<ModuleInstance>().ok()?;
            Some(format!("`{module}`, which may have it, was not read"))
        }
        _ => None,
    })
}
