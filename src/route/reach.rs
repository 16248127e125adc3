//! Whether a load balancer reaches the tasks behind a target group, as far as security groups that are made here tell.

use super::argument::is_left_out;
use super::firewall::{Asked, Direction, Lets, Peer, groups, lets_through};
use super::gate::{groups_of, names, written};
use super::model::{Model, Service};
use crate::address::AttributePath;
use crate::plan::ResourceInstance;
use crate::value::Value;

/// What keeps a load balancer from tasks.
#[derive(Debug)]
pub struct Closed<'a> {
    /// As a fact about the tasks.
    pub text: String,
    /// Where it says so.
    pub place: (&'a ResourceInstance, AttributePath),
}

impl<'a> Model<'a> {
    /// What keeps every load balancer that sends to a target group from every service behind it. Only ports are compared:
    /// any other side of a rule may be meant.
    pub fn closed(&self, group: usize) -> Option<Closed<'a>> {
        if self.target_groups[group].has_other_targets {
            return None;
        }
        let mut found = None;
        for (service, registration) in self.services_of(group) {
            let port = registration.port.as_ref().ok().copied().flatten()?;
            let closed = self
                .not_let_out(group, port)
                .or_else(|| self.not_let_in(service, port))?;
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
            if lets_through(self.plan, &groups, asked)?.lets != Lets::Nobody {
                return None;
            }
            let first = *groups.first()?;
            let (names, address) = (names(&groups), &load_balancer.address);
            found.get_or_insert(Closed {
                text: format!(
                    "no rule of {names} lets `{address}` out to port {port} of its tasks"
                ),
                place: (first, written(first, "egress")),
            });
        }
        found
    }

    fn not_let_in(&self, service: &Service<'a>, port: u16) -> Option<Closed<'a>> {
        const BLOCK: &str = "network_configuration";
        const NAME: &str = "security_groups";
        let block = service.instance.blocks(BLOCK).first()?;
        let value = block.attribute(NAME).unwrap_or(&Value::NULL);
        let path = AttributePath::attribute(BLOCK)
            .with_index(0)
            .with_attribute(NAME);
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
        })
    }
}
