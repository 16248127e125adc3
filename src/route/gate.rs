//! What stands before the listeners of a load balancer: its security groups and its web ACL.

use super::argument::{self, Link, link, text_or_default};
use super::condition::Family;
use super::firewall::{Asked, Direction, Lets, Peer, groups, lets_through, may_open_default};
use super::model::all;
use super::network::network_of_subnets;
use crate::address::AttributePath;
use crate::plan::{Plan, ResourceInstance};
use crate::value::{Causes, Value};

/// Who or what keeps a caller out.
#[derive(Debug)]
pub(super) struct Gate<'a> {
    /// As a fact about the request.
    pub(super) text: String,
    /// Whether it keeps everybody out, or lets some callers in.
    pub(super) keeps_out: KeepsOut,
    /// Where it says so.
    pub(super) place: (&'a ResourceInstance, AttributePath),
}

/// Whom a gate keeps out.
#[derive(Debug)]
pub(super) enum KeepsOut {
    Everybody,
    /// All but those of some addresses.
    OtherAddresses,
    /// For these causes nobody knows.
    Perhaps(Causes),
    /// All requests but those that a rule lets through, which is not looked into.
    OtherRequests,
}

/// The gate before a load balancer that callers of the internet may not come through on a port. `through` are the groups
/// of the network load balancer that passes them on.
pub(super) fn gate<'a>(
    plan: &'a Plan,
    load_balancer: &ResourceInstance,
    port: u16,
    through: Option<&[&'a ResourceInstance]>,
) -> Option<Gate<'a>> {
    let peer = through.map_or(Peer::Internet(Family::Ipv4), Peer::Through);
    security_groups(plan, load_balancer, port, peer)
        .or_else(|| default_group(plan, load_balancer))
        .or_else(|| web_acl(plan, load_balancer))
}

/// Whether the security groups of a load balancer let somebody of the internet in on a port, who calls from an address
/// of these kinds.
///
/// # Errors
/// Why nobody knows.
pub fn lets_in(
    plan: &Plan,
    load_balancer: &ResourceInstance,
    port: u16,
    family: Family,
) -> Result<bool, Causes> {
    let gate = security_groups(plan, load_balancer, port, Peer::Internet(family));
    match gate.map(|gate| gate.keeps_out) {
        Some(KeepsOut::Everybody) => Ok(false),
        Some(KeepsOut::Perhaps(causes)) => Err(causes),
        Some(KeepsOut::OtherAddresses | KeepsOut::OtherRequests) | None => Ok(true),
    }
}

/// The security groups of a load balancer, where all of them are made here.
pub(super) fn groups_of<'a>(
    plan: &'a Plan,
    load_balancer: &ResourceInstance,
) -> Option<Vec<&'a ResourceInstance>> {
    const NAME: &str = "security_groups";
    let value = load_balancer.attribute(NAME);
    groups(plan, load_balancer, &AttributePath::attribute(NAME), value)
}

fn security_groups<'a>(
    plan: &'a Plan,
    load_balancer: &ResourceInstance,
    port: u16,
    peer: Peer<'_, 'a>,
) -> Option<Gate<'a>> {
    let groups = groups_of(plan, load_balancer)?;
    let asked = Asked {
        direction: Direction::In,
        peer,
        port,
    };
    let answered = lets_through(plan, &groups, asked)?;
    let first = *groups.first()?;
    let names = names(&groups);
    let (text, keeps_out) = match answered.lets {
        Lets::Nobody => (
            format!(
                "is not let in: no rule of {names} takes callers of the internet on port {port}"
            ),
            KeepsOut::Everybody,
        ),
        Lets::Some => (
            format!("whether the caller has one of the addresses that {names} lets in"),
            KeepsOut::OtherAddresses,
        ),
        Lets::Perhaps => (
            format!("whether a rule of {names} takes callers of the internet on port {port}"),
            KeepsOut::Perhaps(answered.causes),
        ),
        Lets::Everybody => return None,
    };
    Some(Gate {
        text,
        keeps_out,
        place: (first, written(first, "ingress")),
    })
}

/// An application load balancer that names no security group is in the default one of its network, which lets in its own
/// members only.
fn default_group<'a>(plan: &'a Plan, load_balancer: &ResourceInstance) -> Option<Gate<'a>> {
    const NAME: &str = "security_groups";
    const KIND: &str = "load_balancer_type";
    let path = AttributePath::attribute(NAME);
    let value = load_balancer.attribute(NAME);
    let names_none = value.is_null()
        || value.as_elements().is_some_and(<[Value]>::is_empty)
        || argument::is_left_out(plan, load_balancer, &path, value);
    let path = AttributePath::attribute(KIND);
    let kind = text_or_default(plan, load_balancer, &path, load_balancer.attribute(KIND)).ok()?;
    if !names_none || kind.as_deref() != Some("application") || may_open_default(plan) {
        return None;
    }
    let network = network_of_subnets(plan, load_balancer)?;
    let (own, of) = (&load_balancer.address, &network.address);
    Some(Gate {
        text: format!(
            "is not let in: `{own}` names no security group, and is in the default one of `{of}`"
        ),
        keeps_out: KeepsOut::Everybody,
        place: (plan.resource(own)?, AttributePath::default()),
    })
}

/// Groups for a message; of many, the first.
pub(super) fn names(groups: &[&ResourceInstance]) -> String {
    const MOST: usize = 4;
    let shown = groups.iter().take(MOST);
    let shown: Vec<String> = shown.map(|one| format!("`{}`", one.address)).collect();
    let more = groups.len().saturating_sub(MOST);
    let shown = shown.join(", ");
    if more == 0 {
        shown
    } else {
        format!("{shown} and {more} more")
    }
}

/// The blocks of a group, or else the group.
pub(super) fn written(group: &ResourceInstance, block: &str) -> AttributePath {
    if group.blocks(block).is_empty() {
        AttributePath::default()
    } else {
        AttributePath::attribute(block)
    }
}

/// A provider reads back an empty text where there is none.
fn is_left_out(value: &Value) -> bool {
    value.is_null() || value.as_str() == Some("")
}

/// The web ACL of a load balancer, where it blocks what none of its rules lets through.
fn web_acl<'a>(plan: &'a Plan, load_balancer: &ResourceInstance) -> Option<Gate<'a>> {
    const BLOCKS: &str = "default_action";
    let lists = all(plan, "aws_wafv2_web_acl");
    let leads = |one: &ResourceInstance, name: &str, to: &[&ResourceInstance]| {
        link(
            plan,
            one,
            &AttributePath::attribute(name),
            one.attribute(name),
            to,
        )
    };
    let associations = all(plan, "aws_wafv2_web_acl_association").into_iter();
    let own = associations
        .filter(|one| leads(one, "resource_arn", &[load_balancer]) == Link::To(0))
        .find_map(|one| match leads(one, "web_acl_arn", &lists) {
            Link::To(at) => Some(lists[at]),
            Link::Outside(_) | Link::Open(_) => None,
        })?;
    let action = own.blocks(BLOCKS).first()?;
    let blocks = action.attribute("block").and_then(Value::as_elements)?;
    if blocks.is_empty() {
        return None;
    }
    let address = &own.address;
    let groups = all(plan, "aws_wafv2_web_acl_rule_group_association").into_iter();
    let mut groups =
        groups.filter(|one| !matches!(leads(one, "web_acl_arn", &[own]), Link::Outside(_)));
    let has_rules = own
        .attribute("rule")
        .as_elements()
        .is_none_or(|all| !all.is_empty())
        || !is_left_out(own.attribute("rule_json"))
        || groups.next().is_some();
    let (text, keeps_out) = if has_rules {
        (
            format!("whether a rule of `{address}`, which blocks everything else, lets it through"),
            KeepsOut::OtherRequests,
        )
    } else {
        (
            format!("is blocked by `{address}`, which has no rule that lets anything through"),
            KeepsOut::Everybody,
        )
    };
    Some(Gate {
        text,
        keeps_out,
        place: (own, AttributePath::attribute(BLOCKS)),
    })
}
