//! Whom the security groups of a load balancer let in, where all of the groups and one rule at least are made here.

use super::argument::{Link, display, is_left_out, is_same_block, link};
use super::condition::may_be_the_sender;
use super::model::{all, is_certain};
use crate::address::{AttributePath, ResourceAddress};
use crate::plan::{Origin, Plan, ResourceInstance, Subject};
use crate::value::{Cause, Causes, Value};

/// Whom security groups let in from the internet; the later, the more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Lets {
    Nobody,
    /// Callers of some public addresses.
    Some,
    /// Nothing tells.
    Perhaps,
    Everybody,
}

const GROUP: &str = "aws_security_group";
const EVERYBODY: &str = "0.0.0.0/0";

/// The groups of a load balancer, and whom they let in on a port. None where there is none, one is made elsewhere, or
/// none has a rule here: then rules may be made elsewhere, too.
pub(super) fn lets_in<'a>(
    plan: &'a Plan,
    load_balancer: &ResourceInstance,
    port: u16,
) -> Option<(Vec<&'a ResourceInstance>, Lets)> {
    let groups = groups(plan, load_balancer)?;
    let mut found: Vec<Lets> = Vec::new();
    for group in &groups {
        found.extend(inline(plan, group, port));
    }
    for (kind, owner) in [
        ("aws_security_group_rule", "security_group_id"),
        ("aws_vpc_security_group_ingress_rule", "security_group_id"),
    ] {
        for rule in all(plan, kind) {
            let path = AttributePath::attribute(owner);
            let own = link(plan, rule, &path, rule.attribute(owner), &groups);
            let lets = separate(rule, port);
            match own {
                Link::To(_) if is_certain(rule) => found.push(lets),
                Link::To(_) | Link::Open(_) if lets > Lets::Nobody => found.push(Lets::Perhaps),
                _ => {}
            }
        }
    }
    let most = found.into_iter().max()?;
    Some((groups, most))
}

/// The security groups that an object names, where all of them are made here.
fn groups<'a>(plan: &'a Plan, holder: &ResourceInstance) -> Option<Vec<&'a ResourceInstance>> {
    const NAME: &str = "security_groups";
    let candidates = all(plan, GROUP);
    let value = holder.attribute(NAME);
    let mut found: Vec<&ResourceInstance> = Vec::new();
    for id in value.foreseen_elements().unwrap_or_default() {
        if let Some(id) = id.as_str() {
            found.push(
                candidates
                    .iter()
                    .find(|one| one.attribute("id").as_str() == Some(id))?,
            );
        }
    }
    let mut by_address = |address: &ResourceAddress| {
        let before = found.len();
        found.extend(
            candidates
                .iter()
                .filter(|one| is_same_block(address, &one.address)),
        );
        found.len() > before
    };
    let mut ask = false;
    for cause in value.causes().iter() {
        match cause {
            Cause::Apply { address, .. } if by_address(address) => {}
            Cause::Plan { .. } => ask = true,
            _ => return None,
        }
    }
    if ask {
        let path = AttributePath::attribute(NAME);
        let subject = Subject::Attribute(std::sync::Arc::clone(&holder.address), path);
        for origin in plan.provenance.origins(&subject) {
            match origin {
                Origin::Attribute(address, _) if by_address(&address) => {}
                _ => return None,
            }
        }
    }
    found.sort_by(|left, right| left.address.cmp(&right.address));
    found.dedup_by(|left, right| left.address == right.address);
    (!found.is_empty()).then_some(found)
}

/// The rules that are written in a group.
fn inline(plan: &Plan, group: &ResourceInstance, port: u16) -> Vec<Lets> {
    const NAME: &str = "ingress";
    let value = group.attribute(NAME);
    match value.foreseen_elements() {
        Some(rules) => rules.iter().map(|rule| block(rule, port)).collect(),
        None if is_left_out(plan, group, &AttributePath::attribute(NAME), value) => Vec::new(),
        None if value.is_null() => Vec::new(),
        None => vec![Lets::Perhaps],
    }
}

fn block(rule: &Value, port: u16) -> Lets {
    let given = |name: &str| rule.attribute(name).unwrap_or(&Value::NULL);
    if !rule.is_known() && rule.as_entries().is_none() {
        return Lets::Perhaps;
    }
    let ports = ports(
        given("protocol"),
        given("from_port"),
        given("to_port"),
        port,
    );
    ports.min(addresses(given("cidr_blocks")).max(prefixes(given("prefix_list_ids"))))
}

/// A rule that is an object of its own, in either of its kinds.
fn separate(rule: &ResourceInstance, port: u16) -> Lets {
    let given = |name: &str| rule.attribute(name);
    if rule.kind() == "aws_security_group_rule" {
        match given("type").as_str() {
            Some("ingress") => {}
            Some(_) => return Lets::Nobody,
            None => return Lets::Perhaps,
        }
        let ports = ports(
            given("protocol"),
            given("from_port"),
            given("to_port"),
            port,
        );
        return ports.min(addresses(given("cidr_blocks")).max(prefixes(given("prefix_list_ids"))));
    }
    let ports = ports(
        given("ip_protocol"),
        given("from_port"),
        given("to_port"),
        port,
    );
    ports.min(address(given("cidr_ipv4")).max(prefixes(given("prefix_list_id"))))
}

/// Whether a rule is about a port.
fn ports(protocol: &Value, from: &Value, to: &Value, port: u16) -> Lets {
    let Some(protocol) = protocol.foreseen().and_then(display) else {
        return Lets::Perhaps;
    };
    match protocol.to_ascii_lowercase().as_str() {
        "-1" | "all" => return Lets::Everybody,
        "tcp" | "6" => {}
        _ => return Lets::Nobody,
    }
    let number = |value: &Value| value.foreseen().and_then(display)?.parse::<i64>().ok();
    match (number(from), number(to)) {
        (Some(from), Some(to)) if (from..=to).contains(&i64::from(port)) => Lets::Everybody,
        (Some(_), Some(_)) => Lets::Nobody,
        _ => Lets::Perhaps,
    }
}

fn addresses(blocks: &Value) -> Lets {
    if blocks.is_null() {
        return Lets::Nobody;
    }
    match blocks.foreseen_elements() {
        Some(all) => all.iter().map(address).max().unwrap_or(Lets::Nobody),
        None => address(blocks),
    }
}

/// Addresses that a network of this plan will have are none of the internet.
fn address(block: &Value) -> Lets {
    if block.is_null() {
        return Lets::Nobody;
    }
    match block.foreseen().and_then(Value::as_str) {
        Some(EVERYBODY) => Lets::Everybody,
        Some(block) if may_be_the_sender(block) => Lets::Some,
        Some(_) => Lets::Nobody,
        None if is_of_a_network(&block.causes()) => Lets::Nobody,
        None => Lets::Perhaps,
    }
}

fn is_of_a_network(causes: &Causes) -> bool {
    let is_one = |cause: &Cause| match cause {
        Cause::Apply { address, .. } | Cause::Data { address, .. } => {
            matches!(&*address.resource.kind, "aws_vpc" | "aws_subnet")
        }
        _ => false,
    };
    !causes.is_empty() && causes.iter().all(is_one)
}

/// Lists of addresses by their ids: whose they are is not told.
fn prefixes(lists: &Value) -> Lets {
    let none = lists.is_null() || lists.as_elements().is_some_and(<[Value]>::is_empty);
    if none { Lets::Nobody } else { Lets::Some }
}
