//! The networks and clusters that load balancers, target groups and tasks stand in, where a plan makes them.

use std::collections::BTreeSet;

use super::argument::{Link, link, referred};
use super::firewall::groups;
use super::model::{Model, all};
use crate::address::{AttributePath, ResourceAddress};
use crate::plan::{Plan, ResourceInstance};
use crate::value::Value;

const NETWORK: &str = "vpc_id";

impl<'a> Model<'a> {
    /// The network of this plan that an object names by its `vpc_id`.
    pub fn network(&self, one: &ResourceInstance) -> Option<&'a ResourceInstance> {
        network(self.plan, one)
    }

    /// The one network of a load balancer's subnets, where all of them are of this plan.
    pub fn network_of_subnets(
        &self,
        load_balancer: &ResourceInstance,
    ) -> Option<&'a ResourceInstance> {
        network_of_subnets(self.plan, load_balancer)
    }

    /// The one network of the subnets of a service's tasks, where all of them are of this plan.
    pub fn network_of_tasks(&self, service: &ResourceInstance) -> Option<&'a ResourceInstance> {
        let (value, path) = of_tasks(service, "subnets")?;
        one_network(self.plan, service, &path, value)
    }

    /// The security groups of a service's tasks with their networks, as far as both are of this plan.
    pub fn groups_of_tasks(
        &self,
        service: &ResourceInstance,
    ) -> Vec<(&'a ResourceInstance, &'a ResourceInstance)> {
        let Some((value, path)) = of_tasks(service, SECURITY_GROUPS) else {
            return Vec::new();
        };
        let groups = groups(self.plan, service, &path, value);
        let groups = groups.unwrap_or_default().into_iter();
        groups
            .filter_map(|one| Some((one, self.network(one)?)))
            .collect()
    }

    /// The cluster of this plan that a service runs in.
    pub fn cluster(&self, service: &ResourceInstance) -> Option<&'a ResourceInstance> {
        named(self.plan, service, "cluster", "aws_ecs_cluster")
    }

    /// The load balancers whose listeners or rules send to a target group.
    pub fn load_balancers_of(&self, group: usize) -> Vec<&'a ResourceInstance> {
        let senders = self.senders(group).known;
        let is_sender =
            |one: &&ResourceInstance| senders.iter().any(|by| by.address == one.address);
        let listeners = self.listeners.iter().filter(|one| is_sender(&one.instance));
        let found = listeners.filter_map(|listener| match listener.load_balancer {
            Link::To(at) => Some(self.load_balancers[at].instance),
            Link::Outside(_) | Link::Open(_) => None,
        });
        found.collect()
    }
}

fn network<'a>(plan: &'a Plan, one: &ResourceInstance) -> Option<&'a ResourceInstance> {
    named(plan, one, NETWORK, "aws_vpc")
}

/// The object of a type, of this plan, that an argument names.
fn named<'a>(
    plan: &'a Plan,
    holder: &ResourceInstance,
    argument: &str,
    kind: &str,
) -> Option<&'a ResourceInstance> {
    let all = all(plan, kind);
    let path = AttributePath::attribute(argument);
    match link(plan, holder, &path, holder.attribute(argument), &all) {
        Link::To(at) => Some(all[at]),
        Link::Outside(_) | Link::Open(_) => None,
    }
}

/// The argument that names the security groups of tasks.
pub(super) const SECURITY_GROUPS: &str = "security_groups";

/// An argument of the network that a service's tasks are in, and where it stands.
pub(super) fn of_tasks<'s>(
    service: &'s ResourceInstance,
    argument: &str,
) -> Option<(&'s Value, AttributePath)> {
    const BLOCK: &str = "network_configuration";
    let value = service.blocks(BLOCK).first()?.attribute(argument);
    let path = AttributePath::attribute(BLOCK).with_index(0);
    Some((value.unwrap_or(&Value::NULL), path.with_attribute(argument)))
}

/// The one network of a load balancer's subnets, where all of them are of this plan.
pub(super) fn network_of_subnets<'a>(
    plan: &'a Plan,
    load_balancer: &ResourceInstance,
) -> Option<&'a ResourceInstance> {
    let path = AttributePath::attribute("subnets");
    one_network(
        plan,
        load_balancer,
        &path,
        load_balancer.attribute("subnets"),
    )
}

fn one_network<'a>(
    plan: &'a Plan,
    holder: &ResourceInstance,
    path: &AttributePath,
    value: &Value,
) -> Option<&'a ResourceInstance> {
    let subnets: Vec<ResourceAddress> = referred(plan, holder, path, value);
    let mut found: BTreeSet<String> = BTreeSet::new();
    let mut only = None;
    for subnet in &subnets {
        if &*subnet.resource.kind != "aws_subnet" {
            return None;
        }
        let own = network(plan, plan.resource(subnet)?)?;
        found.insert(own.address.to_string());
        only = Some(own);
    }
    only.filter(|_| found.len() == 1)
}
