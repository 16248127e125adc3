//! The networks that load balancers and target groups stand in, where a plan makes both.

use std::collections::BTreeSet;

use super::argument::{Link, link, referred};
use super::model::{Model, all};
use crate::address::{AttributePath, ResourceAddress};
use crate::plan::ResourceInstance;

const NETWORK: &str = "vpc_id";

impl<'a> Model<'a> {
    /// The network of this plan that an object names by its `vpc_id`.
    pub fn network(&self, one: &ResourceInstance) -> Option<&'a ResourceInstance> {
        let networks = all(self.plan, "aws_vpc");
        let path = AttributePath::attribute(NETWORK);
        match link(self.plan, one, &path, one.attribute(NETWORK), &networks) {
            Link::To(at) => Some(networks[at]),
            Link::Outside(_) | Link::Open(_) => None,
        }
    }

    /// The one network of a load balancer's subnets, where all of them are of this plan.
    pub fn network_of_subnets(
        &self,
        load_balancer: &ResourceInstance,
    ) -> Option<&'a ResourceInstance> {
        let path = AttributePath::attribute("subnets");
        let value = load_balancer.attribute("subnets");
        let subnets: Vec<ResourceAddress> = referred(self.plan, load_balancer, &path, value);
        let mut found: BTreeSet<String> = BTreeSet::new();
        let mut network = None;
        for subnet in &subnets {
            if &*subnet.resource.kind != "aws_subnet" {
                return None;
            }
            let own = self.network(self.plan.resource(subnet)?)?;
            found.insert(own.address.to_string());
            network = Some(own);
        }
        network.filter(|_| found.len() == 1)
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
