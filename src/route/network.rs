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
        const BLOCK: &str = "network_configuration";
        let value = service.blocks(BLOCK).first()?.attribute("subnets")?;
        let path = AttributePath::attribute(BLOCK).with_index(0);
        one_network(self.plan, service, &path.with_attribute("subnets"), value)
    }

    /// The security groups of a service's tasks with their networks, as far as both are of this plan.
    pub fn groups_of_tasks(
        &self,
        service: &ResourceInstance,
    ) -> Vec<(&'a ResourceInstance, &'a ResourceInstance)> {
        const BLOCK: &str = "network_configuration";
        const NAME: &str = "security_groups";
        let block = service.blocks(BLOCK).first();
        let Some(value) = block.and_then(|block| block.attribute(NAME)) else {
            return Vec::new();
        };
        let path = AttributePath::attribute(BLOCK).with_index(0);
        let path = path.with_attribute(NAME);
        let groups = groups(self.plan, service, &path, value);
        let groups = groups.unwrap_or_default().into_iter();
        groups
            .filter_map(|one| Some((one, self.network(one)?)))
            .collect()
    }

    /// The cluster of this plan that a service runs in.
    pub fn cluster(&self, service: &ResourceInstance) -> Option<&'a ResourceInstance> {
        const NAME: &str = "cluster";
        let clusters = all(self.plan, "aws_ecs_cluster");
        let path = AttributePath::attribute(NAME);
        match link(
            self.plan,
            service,
            &path,
            service.attribute(NAME),
            &clusters,
        ) {
            Link::To(at) => Some(clusters[at]),
            Link::Outside(_) | Link::Open(_) => None,
        }
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
    let networks = all(plan, "aws_vpc");
    let path = AttributePath::attribute(NETWORK);
    match link(plan, one, &path, one.attribute(NETWORK), &networks) {
        Link::To(at) => Some(networks[at]),
        Link::Outside(_) | Link::Open(_) => None,
    }
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
