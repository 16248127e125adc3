//! Load balancers behind load balancers: a network load balancer passes connections on to an application load balancer
//! that is the target of its target group.

use super::argument::{Link, link, text_or_default};
use super::model::all;
use crate::address::AttributePath;
use crate::plan::{Plan, ResourceInstance};
use crate::value::Causes;

/// A load balancer as the target of a target group.
#[derive(Debug)]
pub struct PassedOn<'a> {
    /// What makes it the target.
    pub attachment: &'a ResourceInstance,
    /// Which one.
    pub load_balancer: Link,
    /// The port that it is reached on; none where the evidence has none.
    pub port: Result<Option<u16>, Causes>,
}

/// The load balancers that a target group passes on to, by their places among those of the plan.
pub(super) fn passed_on<'a>(
    plan: &'a Plan,
    group: &'a ResourceInstance,
    load_balancers: &[&'a ResourceInstance],
) -> Vec<PassedOn<'a>> {
    if group.attribute("target_type").as_str() != Some("alb") {
        return Vec::new();
    }
    let to = |one: &ResourceInstance, name: &str, candidates: &[&ResourceInstance]| {
        let path = AttributePath::attribute(name);
        link(plan, one, &path, one.attribute(name), candidates)
    };
    let attachments = all(plan, "aws_lb_target_group_attachment").into_iter();
    let own = attachments.filter(|one| to(one, "target_group_arn", &[group]) == Link::To(0));
    own.map(|attachment| PassedOn {
        attachment,
        load_balancer: to(attachment, "target_id", load_balancers),
        port: port(plan, attachment, group),
    })
    .collect()
}

/// The port of a target: its own, or else that of its group.
fn port(
    plan: &Plan,
    attachment: &ResourceInstance,
    group: &ResourceInstance,
) -> Result<Option<u16>, Causes> {
    let path = AttributePath::attribute("port");
    let given = |one: &ResourceInstance| text_or_default(plan, one, &path, one.attribute("port"));
    let text = match given(attachment)? {
        Some(own) => Some(own),
        None => given(group)?,
    };
    Ok(text.and_then(|text| text.parse().ok()))
}
