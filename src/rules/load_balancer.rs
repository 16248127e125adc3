//! Load balancers with their listeners, as rules about routing read them.

use super::evidence::{Answer, canonical, flag_or_default, refers_to, text_or_default};
use crate::address::{AttributePath, ResourceMode};
use crate::plan::{Existence, Plan, ResourceInstance};
use crate::provider::documented::listener_protocol;
use crate::rule::Context;
use crate::value::Causes;

/// Objects of a kind, and of the older name for it, that will be there.
pub(super) fn all<'a>(plan: &'a Plan, kind: &str) -> Vec<&'a ResourceInstance> {
    let is_meant = |one: &&ResourceInstance| {
        one.address.resource.mode == ResourceMode::Managed
            && canonical(one.kind()) == kind
            && one.remains()
    };
    plan.resources().iter().filter(is_meant).collect()
}

/// What kind of load balancer it is: `application` unless it says otherwise.
pub(super) fn kind(cx: &Context<'_>, load_balancer: &ResourceInstance) -> Result<String, Causes> {
    let name = "load_balancer_type";
    let path = AttributePath::attribute(name);
    let found = text_or_default(cx, load_balancer, &path, load_balancer.attribute(name))?;
    Ok(found.unwrap_or_default())
}

/// Whether the internet reaches it: unless it says `internal`.
pub(super) fn is_internet_facing(cx: &Context<'_>, load_balancer: &ResourceInstance) -> Answer {
    match flag_or_default(cx, load_balancer, "internal") {
        Answer::Yes => Answer::No,
        Answer::No => Answer::Yes,
        Answer::Open(causes) => Answer::Open(causes),
    }
}

/// A listener's protocol, in upper case; left out it depends on the load balancer.
pub(super) fn protocol(
    cx: &Context<'_>,
    listener: &ResourceInstance,
    load_balancer: Option<&ResourceInstance>,
) -> Result<String, Causes> {
    let path = AttributePath::attribute("protocol");
    let given = text_or_default(cx, listener, &path, listener.attribute("protocol"))?;
    if let Some(given) = given {
        return Ok(given.to_ascii_uppercase());
    }
    let kind = match load_balancer {
        Some(load_balancer) => kind(cx, load_balancer)?,
        None => "application".to_owned(),
    };
    let default = listener_protocol(&kind);
    Ok(default
        .and_then(|default| default.value.as_str().map(str::to_owned))
        .unwrap_or_default())
}

/// A listener's port as text.
pub(super) fn port(
    cx: &Context<'_>,
    listener: &ResourceInstance,
) -> Result<Option<String>, Causes> {
    text_or_default(
        cx,
        listener,
        &AttributePath::attribute("port"),
        listener.attribute("port"),
    )
}

/// The load balancer of a listener. The only one there is, where nothing tells.
pub(super) fn of_listener<'a>(
    cx: &Context<'a>,
    listener: &ResourceInstance,
) -> Result<Option<&'a ResourceInstance>, Causes> {
    let candidates = all(cx.plan, "aws_lb");
    let mut open: Option<Causes> = None;
    for candidate in &candidates {
        match refers_to(cx, listener, "load_balancer_arn", candidate) {
            Answer::Yes => return Ok(Some(candidate)),
            Answer::No => {}
            Answer::Open(causes) => open = Some(open.unwrap_or_default().union(&causes)),
        }
    }
    match (open, candidates.as_slice()) {
        (Some(_), [only]) => Ok(Some(only)),
        (Some(causes), _) => Err(causes),
        (None, []) => Err(listener.attribute("load_balancer_arn").causes()),
        (None, _) => Ok(None),
    }
}

/// Whether it may not be there at all.
pub(super) fn is_certain(one: &ResourceInstance) -> bool {
    one.existence == Existence::Certain
}
