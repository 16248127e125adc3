//! Whom security groups let through, where all of the groups and one rule at least are made here.

use std::net::Ipv6Addr;

use super::argument::{Link, display, is_left_out, is_same_block, link};
use super::condition::{Family, may_be_the_sender};
use super::model::{all, is_certain};
use crate::address::{AttributePath, ResourceAddress, ResourceMode};
use crate::plan::{Action, Evidence, Origin, Plan, ResourceInstance, Subject};
use crate::value::{Cause, Causes, Value};

/// Whom security groups let through; the later, the more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Lets {
    Nobody,
    /// Callers of some public addresses.
    Some,
    /// Nothing tells.
    Perhaps,
    Everybody,
}

/// Which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    In,
    Out,
}

/// Who is on the other side.
#[derive(Clone, Copy, Debug)]
pub(super) enum Peer<'g, 'a> {
    /// Callers of the internet, from addresses of these kinds.
    Internet(Family),
    /// The same, on their way through a load balancer that is in these groups.
    Through(&'g [&'a ResourceInstance]),
    /// Whoever it is: only the port counts.
    Anybody,
}

/// What is asked of security groups.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'g, 'a> {
    pub(super) direction: Direction,
    pub(super) peer: Peer<'g, 'a>,
    pub(super) port: u16,
}

/// What security groups answer.
#[derive(Debug)]
pub(super) struct Answered {
    pub(super) lets: Lets,
    /// What would tell more.
    pub(super) causes: Causes,
}

const GROUP: &str = "aws_security_group";
/// Terraform takes all rules off it that are not written.
const OF_NETWORK: &str = "aws_default_security_group";
const EVERYBODY: &str = "0.0.0.0/0";
const EVERYBODY_BY_IPV6: &str = "::/0";

/// Rules that are objects of their own, with the direction that they have, or may have.
const SEPARATE: [(&str, Option<Direction>); 3] = [
    ("aws_security_group_rule", None),
    ("aws_vpc_security_group_ingress_rule", Some(Direction::In)),
    ("aws_vpc_security_group_egress_rule", Some(Direction::Out)),
];

/// Whom security groups let through. None where none has a rule here: then rules may be made elsewhere, too. A rule for
/// the other way is one: without any for the way out, a group that has one for the way in lets nothing out, for the
/// provider takes off the rule that AWS gives to each new group.
pub(super) fn lets_through(
    plan: &Plan,
    groups: &[&ResourceInstance],
    asked: Asked<'_, '_>,
) -> Option<Answered> {
    let reader = Reader { plan, asked };
    let mut found: Vec<Answered> = Vec::new();
    let mut ruled = vec![false; groups.len()];
    for (at, group) in groups.iter().enumerate() {
        let own = reader.inline(group);
        ruled[at] = !own.is_empty();
        found.extend(own);
    }
    for (kind, direction) in SEPARATE {
        for rule in all(plan, kind) {
            let path = AttributePath::attribute(OWNER);
            let own = link(plan, rule, &path, rule.attribute(OWNER), groups);
            let answer = reader.separate(rule, direction);
            let may_be_meant = match &own {
                Link::To(at) if is_certain(rule) => {
                    ruled[*at] = true;
                    found.push(answer);
                    continue;
                }
                Link::To(_) | Link::Open(_) => true,
                Link::Outside(owner) => may_be_looked_up(plan, owner, groups),
            };
            if may_be_meant && answer.lets > Lets::Nobody {
                let causes = answer.causes.union(&rule.attribute(OWNER).causes());
                let lets = Lets::Perhaps;
                found.push(Answered { lets, causes });
            }
        }
    }
    // A group that is imported keeps the rules that it has.
    let is_imported =
        |one: &&ResourceInstance| plan.provenance.import(&one.address).is_some() && !is_told(one);
    let is_ruled = ruled.contains(&true);
    let may_have_more = ruled.contains(&false) || groups.iter().any(is_imported);
    if asked.direction == Direction::Out && is_ruled && may_have_more {
        found.push(Answered {
            lets: Lets::Perhaps,
            causes: Causes::default(),
        });
    }
    let lets = found.iter().map(|one| one.lets).max()?;
    let decisive = found.iter().filter(|one| one.lets == lets);
    let causes = decisive.fold(Causes::default(), |all, one| all.union(&one.causes));
    Some(Answered { lets, causes })
}

const OWNER: &str = "security_group_id";

/// Whether the default groups of networks may have other rules here than those that AWS gives them.
pub(super) fn may_open_default(plan: &Plan) -> bool {
    let groups = all(plan, GROUP);
    let is_of_another = |rule: &&ResourceInstance| {
        let path = AttributePath::attribute(OWNER);
        let owner = link(plan, rule, &path, rule.attribute(OWNER), &groups);
        matches!(owner, Link::To(_))
    };
    let rules = SEPARATE.iter().flat_map(|(kind, _)| all(plan, kind));
    !all(plan, OF_NETWORK).is_empty() || !rules.into_iter().all(|rule| is_of_another(&rule))
}

/// Whether a group that is not named itself may be one of these: one that a data source looks up, for its id tells nothing
/// before that, and one that is taken off a load balancer.
fn may_be_looked_up(plan: &Plan, owner: &str, groups: &[&ResourceInstance]) -> bool {
    let Ok(address) = owner.parse::<ResourceAddress>() else {
        return false;
    };
    if address.resource.mode != ResourceMode::Data {
        return !matches!(&*address.resource.kind, GROUP | OF_NETWORK);
    }
    let looked_up = plan.resource(&address);
    let wanted = looked_up.and_then(|one| one.attribute("name").as_str());
    wanted.is_none_or(|wanted| {
        let mut names = groups.iter().map(|group| group.attribute("name").as_str());
        names.any(|name| name.is_none_or(|name| name == wanted))
    })
}

/// The security groups that an object names, where all of them are made here.
pub(super) fn groups<'a>(
    plan: &'a Plan,
    holder: &ResourceInstance,
    path: &AttributePath,
    value: &Value,
) -> Option<Vec<&'a ResourceInstance>> {
    let mut candidates = all(plan, GROUP);
    candidates.extend(all(plan, OF_NETWORK));
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
        let subject = Subject::Attribute(std::sync::Arc::clone(&holder.address), path.clone());
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

/// Whether the rules of a group for the way out are known, written or read back.
fn is_told(group: &ResourceInstance) -> bool {
    group.attribute("egress").foreseen_elements().is_some()
}

/// Whether a group has rules for the way in among its own blocks.
fn lets_in(group: &ResourceInstance) -> bool {
    let rules = group.attribute("ingress").foreseen_elements();
    rules.is_some_and(|rules| !rules.is_empty())
}

/// Reads rules.
struct Reader<'q, 'a> {
    plan: &'a Plan,
    asked: Asked<'q, 'a>,
}

impl Reader<'_, '_> {
    /// The rules that are written in a group.
    fn inline(&self, group: &ResourceInstance) -> Vec<Answered> {
        let nobody = || Answered {
            lets: Lets::Nobody,
            causes: Causes::default(),
        };
        let name = match self.asked.direction {
            Direction::In => "ingress",
            Direction::Out => "egress",
        };
        let value = group.attribute(name);
        let lets_nothing_out = self.asked.direction == Direction::Out && lets_in(group);
        let mut found = match value.foreseen_elements() {
            Some([]) if self.is_written(group) => vec![nobody()],
            Some([]) if lets_nothing_out => vec![nobody()],
            Some(rules) => rules.iter().map(|rule| self.block(rule)).collect(),
            None if value.is_null()
                || is_left_out(self.plan, group, &AttributePath::attribute(name), value) =>
            {
                lets_nothing_out.then(nobody).into_iter().collect()
            }
            None => vec![Answered {
                lets: Lets::Perhaps,
                causes: value.causes(),
            }],
        };
        let out = group.attribute("egress").foreseen_elements();
        let has_others = out.is_some_and(|rules| !rules.is_empty()) && self.is_written(group);
        if group.kind() == OF_NETWORK || self.asked.direction == Direction::In && has_others {
            found.push(nobody());
        }
        found
    }

    /// What is known before a group is made was written; later, it is what was read back.
    fn is_written(&self, group: &ResourceInstance) -> bool {
        self.plan.evidence == Evidence::Sources || group.change.action == Action::Create
    }

    fn block(&self, rule: &Value) -> Answered {
        let given = |name: &str| rule.attribute(name).unwrap_or(&Value::NULL);
        if !rule.is_known() && rule.as_entries().is_none() {
            return Answered {
                lets: Lets::Perhaps,
                causes: rule.causes(),
            };
        }
        self.rule(&Rule {
            protocol: given("protocol"),
            from: given("from_port"),
            to: given("to_port"),
            addresses: given("cidr_blocks"),
            addresses_of_ipv6: given("ipv6_cidr_blocks"),
            lists: given("prefix_list_ids"),
            groups: given("security_groups"),
        })
    }

    /// A rule that is an object of its own, in either of its kinds.
    fn separate(&self, rule: &ResourceInstance, direction: Option<Direction>) -> Answered {
        let given = |name: &str| rule.attribute(name);
        let direction = match (direction, given("type").as_str()) {
            (Some(direction), _) => Some(direction),
            (None, Some("ingress")) => Some(Direction::In),
            (None, Some(_)) => Some(Direction::Out),
            (None, None) => None,
        };
        let lets = match direction {
            Some(direction) if direction == self.asked.direction => None,
            Some(_) => Some(Lets::Nobody),
            None => Some(Lets::Perhaps),
        };
        if let Some(lets) = lets {
            let causes = given("type").causes();
            return Answered { lets, causes };
        }
        let is_older = rule.kind() == "aws_security_group_rule";
        let by =
            |older: &'static str, newer: &'static str| given(if is_older { older } else { newer });
        self.rule(&Rule {
            protocol: by("protocol", "ip_protocol"),
            from: given("from_port"),
            to: given("to_port"),
            addresses: by("cidr_blocks", "cidr_ipv4"),
            addresses_of_ipv6: by("ipv6_cidr_blocks", "cidr_ipv6"),
            lists: by("prefix_list_ids", "prefix_list_id"),
            groups: by("source_security_group_id", "referenced_security_group_id"),
        })
    }

    fn rule(&self, rule: &Rule<'_>) -> Answered {
        let ports = ports(rule.protocol, rule.from, rule.to, self.asked.port);
        let of_addresses = || addresses(rule.addresses).max(prefixes(rule.lists));
        let peers = match self.asked.peer {
            Peer::Anybody => Lets::Everybody,
            Peer::Internet(Family::Ipv4) => of_addresses(),
            Peer::Internet(Family::Both) => of_addresses().max(addresses(rule.addresses_of_ipv6)),
            Peer::Through(groups) => of_addresses().max(members(rule.groups, groups)),
        };
        let mut read = vec![
            rule.protocol,
            rule.from,
            rule.to,
            rule.addresses,
            rule.lists,
        ];
        match self.asked.peer {
            Peer::Through(_) => read.push(rule.groups),
            Peer::Internet(Family::Both) => read.push(rule.addresses_of_ipv6),
            Peer::Internet(Family::Ipv4) | Peer::Anybody => {}
        }
        Answered {
            lets: ports.min(peers),
            causes: read
                .iter()
                .fold(Causes::default(), |all, one| all.union(&one.causes())),
        }
    }
}

/// What counts of a rule, however it is written.
struct Rule<'v> {
    protocol: &'v Value,
    from: &'v Value,
    to: &'v Value,
    addresses: &'v Value,
    addresses_of_ipv6: &'v Value,
    lists: &'v Value,
    groups: &'v Value,
}

/// Whether a rule names one of these groups.
fn members(named: &Value, groups: &[&ResourceInstance]) -> Lets {
    if named.is_null() || named.foreseen_elements().is_some_and(<[Value]>::is_empty) {
        return Lets::Nobody;
    }
    let causes = named.causes();
    let is_one = |cause: &Cause| match cause {
        Cause::Apply { address, .. } => groups
            .iter()
            .any(|group| is_same_block(address, &group.address)),
        _ => false,
    };
    if causes.iter().any(is_one) {
        Lets::Everybody
    } else {
        Lets::Perhaps
    }
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
        Some(EVERYBODY | EVERYBODY_BY_IPV6) => Lets::Everybody,
        Some(block) if may_be_the_sender(block) || is_public_of_ipv6(block) => Lets::Some,
        Some(_) => Lets::Nobody,
        None if is_of_a_network(&block.causes()) => Lets::Nobody,
        None => Lets::Perhaps,
    }
}

fn is_public_of_ipv6(block: &str) -> bool {
    let address = block.split('/').next().unwrap_or(block);
    let address = address.parse::<Ipv6Addr>();
    address.is_ok_and(|one| !one.is_unique_local() && !one.is_unicast_link_local())
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
