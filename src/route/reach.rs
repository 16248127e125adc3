//! Whether a load balancer reaches the tasks behind a target group, as far as security groups that are made here tell.

use super::argument::is_left_out;
use super::firewall::{Asked, Direction, Lets, Peer, groups, lets_through, may_open_default};
use super::gate::{groups_of, names, written};
use super::model::{Model, Service};
use super::network::{SECURITY_GROUPS, of_tasks};
use crate::address::AttributePath;
use crate::plan::ResourceInstance;
use crate::value::{Causes, Value};

/// What keeps a load balancer from tasks.
#[derive(Debug)]
pub struct Closed<'a> {
    /// As a fact about the tasks.
    pub text: String,
    /// Where it says so.
    pub place: (&'a ResourceInstance, AttributePath),
    /// Why it may not, where a rule that is not known as a whole may let it through.
    pub open: Option<Causes>,
}

impl<'a> Model<'a> {
    /// What keeps every load balancer that sends to a target group from every service behind it. Only ports are compared:
    /// any other side of a rule may be meant.
    pub fn closed(&self, group: usize) -> Option<Closed<'a>> {
        self.closed_on(group, None)
    }

    /// The same on one port, or else on those that are registered.
    pub fn closed_on(&self, group: usize, port: Option<u16>) -> Option<Closed<'a>> {
        if self.target_groups[group].has_other_targets {
            return None;
        }
        let mut found = None;
        for (service, registration) in self.services_of(group) {
            let registered = || registration.port.as_ref().ok().copied().flatten();
            let port = port.or_else(registered)?;
            let closed = match self.not_let_out(group, port) {
                Some(out) if out.open.is_none() => out,
                out => self
                    .not_let_in(service, port)
                    .or_else(|| self.by_default(group, service))
                    .or(out)?,
            };
            found.get_or_insert(closed);
        }
        found
    }

    fn not_let_out(&self, group: usize, port: u16) -> Option<Closed<'a>> {
        if self.target_groups[group]
            .instance
            .attribute("target_type")
            .as_str()
            != Some("ip")
        {
            return None;
        }
        let mut found = None;
        for load_balancer in self.load_balancers_of(group) {
            let groups = groups_of(self.plan, load_balancer)?;
            let asked = Asked {
                direction: Direction::Out,
                peer: Peer::Anybody,
                port,
            };
            let answered = lets_through(self.plan, &groups, asked)?;
            let first = *groups.first()?;
            let (names, address) = (names(&groups), &load_balancer.address);
            let (text, open) = match answered.lets {
                Lets::Nobody => (
                    format!("no rule of {names} lets `{address}` out to port {port} of its tasks"),
                    None,
                ),
                Lets::Perhaps => (
                    format!(
                        "nothing tells whether a rule of {names} lets `{address}` out to port {port} of its tasks"
                    ),
                    Some(answered.causes),
                ),
                Lets::Some | Lets::Everybody => return None,
            };
            let place = (first, written(first, "egress"));
            let closed = Closed { text, place, open };
            if closed.open.is_some() {
                return Some(closed);
            }
            found.get_or_insert(closed);
        }
        found
    }

    fn not_let_in(&self, service: &Service<'a>, port: u16) -> Option<Closed<'a>> {
        let (value, path) = of_tasks(service.instance, SECURITY_GROUPS)?;
        if is_left_out(self.plan, service.instance, &path, value) {
            return None;
        }
        let groups = groups(self.plan, service.instance, &path, value)?;
        let asked = Asked {
            direction: Direction::In,
            peer: Peer::Anybody,
            port,
        };
        if lets_through(self.plan, &groups, asked)?.lets != Lets::Nobody {
            return None;
        }
        let first = *groups.first()?;
        let (names, address) = (names(&groups), &service.instance.address);
        Some(Closed {
            text: format!(
                "no rule of {names} lets the load balancer in on port {port} of the tasks of `{address}`"
            ),
            place: (first, written(first, "ingress")),
            open: None,
        })
    }

    /// Tasks that name no security group are in the default one of their network, which lets in its own members only.
    fn by_default(&self, group: usize, service: &Service<'a>) -> Option<Closed<'a>> {
        let (value, of_groups) = of_tasks(service.instance, SECURITY_GROUPS)?;
        let is_empty = value.as_elements().is_some_and(<[Value]>::is_empty);
        let names_none = value.is_null()
            || is_empty
            || is_left_out(self.plan, service.instance, &of_groups, value);
        let network = self
            .network_of_tasks(service.instance)
            .filter(|_| names_none)?;
        let senders = self.load_balancers_of(group);
        let is_outside = |one: &&ResourceInstance| groups_of(self.plan, one).is_some();
        if senders.is_empty() || !senders.iter().all(is_outside) || may_open_default(self.plan) {
            return None;
        }
        let (address, network) = (&service.instance.address, &network.address);
        // Where it would be named.
        let mut block = of_groups;
        block.0.pop();
        Some(Closed {
            text: format!(
                "the tasks of `{address}` name no security group: they are in the default one of `{network}`, which the load balancer is not in"
            ),
            place: (service.instance, block),
            open: None,
        })
    }
}
