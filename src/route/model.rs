//! The load balancers of a plan with everything that a request meets on its way, and the services behind them.

use std::collections::{BTreeMap, BTreeSet};

use super::argument::{Link, display, is_left_out, is_same_block, link, text_or_default};
use super::capacity::runs_tasks;
use super::dns::Names;
use super::passed_on::{PassedOn, passed_on};
use crate::address::{AttributePath, ResourceMode};
use crate::plan::{Evidence, Existence, Plan, ResourceInstance};
pub use crate::provider::documented::canonical;
use crate::provider::documented::listener_protocol;
use crate::value::{Causes, Value};

/// Load balancers, and what is behind them.
#[derive(Debug)]
pub struct Model<'a> {
    /// What it was made from.
    pub plan: &'a Plan,
    /// Load balancers, in order of address, as all lists here.
    pub load_balancers: Vec<LoadBalancer<'a>>,
    /// Listeners.
    pub listeners: Vec<Listener<'a>>,
    /// Rules of all listeners.
    pub rules: Vec<ListenerRule<'a>>,
    /// Target groups.
    pub target_groups: Vec<TargetGroup<'a>>,
    /// ECS services.
    pub services: Vec<Service<'a>>,
    /// Names in DNS.
    pub names: Names<'a>,
}

/// `aws_lb`
#[derive(Debug)]
pub struct LoadBalancer<'a> {
    /// It.
    pub instance: &'a ResourceInstance,
    /// `application`, `network` or `gateway`.
    pub kind: Result<String, Causes>,
    /// Whether only the own network reaches it.
    pub internal: Result<bool, Causes>,
    /// `ipv4`, `dualstack` or `dualstack-without-public-ipv4`.
    pub address_type: Result<String, Causes>,
}

/// `aws_lb_listener`
#[derive(Debug)]
pub struct Listener<'a> {
    /// It.
    pub instance: &'a ResourceInstance,
    /// The load balancer that it belongs to.
    pub load_balancer: Link,
    /// Its port; none where the evidence has none.
    pub port: Result<Option<u16>, Causes>,
    /// In upper case.
    pub protocol: Result<String, Causes>,
    /// What it does where no rule fits, in order.
    pub actions: Result<Vec<Action>, Causes>,
    /// Whether it refuses callers without a certificate of their own.
    pub wants_certificate: Result<bool, Causes>,
}

/// `aws_lb_listener_rule`
#[derive(Debug)]
pub struct ListenerRule<'a> {
    /// It.
    pub instance: &'a ResourceInstance,
    /// The listener that it belongs to.
    pub listener: Link,
    /// Its conditions, with the names of records in place of what only the provider knows.
    pub conditions: Value,
    /// The lower one comes first. Left out, it is given after apply: it is open too.
    pub priority: Result<i64, Causes>,
    /// What it does, in order.
    pub actions: Result<Vec<Action>, Causes>,
}

/// One action of a listener or rule.
#[derive(Debug)]
pub struct Action {
    /// Where it stands: `default_action[0]`.
    pub path: AttributePath,
    /// What it does.
    pub does: Does,
}

/// What an action does.
#[derive(Debug)]
pub enum Does {
    /// Passes the request on to one of these.
    Forward(Vec<Target>),
    /// Sends the client elsewhere.
    Redirect(Box<Redirect>),
    /// Answers itself, with a status.
    Answer(Result<String, Causes>),
    /// Asks who it is before it goes on; `allow` lets everybody pass.
    Authenticate {
        /// Strangers pass as well.
        strangers_pass: bool,
    },
    /// Nothing tells.
    Open(Causes),
}

/// One target of a forward.
#[derive(Debug)]
pub struct Target {
    /// A target group.
    pub group: Link,
    /// It has no weight: nothing is sent there, though Elastic Load Balancing takes the group for used.
    pub idle: bool,
}

/// A redirect, with the documented placeholders for what it leaves out.
#[derive(Debug)]
pub struct Redirect {
    /// `HTTP`, `HTTPS` or `#{protocol}`.
    pub protocol: Result<String, Causes>,
    /// A number or `#{port}`.
    pub port: Result<String, Causes>,
    /// A host, perhaps with `#{host}` in it.
    pub host: Result<String, Causes>,
    /// A path, perhaps with `#{path}` (without its first slash) in it.
    pub path: Result<String, Causes>,
    /// A query, perhaps with `#{query}` in it.
    pub query: Result<String, Causes>,
}

/// `aws_lb_target_group`
#[derive(Debug)]
pub struct TargetGroup<'a> {
    /// It.
    pub instance: &'a ResourceInstance,
    /// Something other than an ECS service is put into it.
    pub has_other_targets: bool,
    /// Load balancers that are its targets.
    pub passed_on: Vec<PassedOn<'a>>,
}

/// `aws_ecs_service`
#[derive(Debug)]
pub struct Service<'a> {
    /// It.
    pub instance: &'a ResourceInstance,
    /// Where it puts its tasks.
    pub registrations: Vec<Registration>,
    /// There may be further registrations, for these causes.
    pub open: Option<Causes>,
    /// Its task definition.
    pub task_definition: Option<&'a ResourceInstance>,
    /// Whether it runs tasks at all.
    pub runs: Result<bool, Causes>,
}

/// A `load_balancer` block of a service.
#[derive(Debug)]
pub struct Registration {
    /// Where it stands.
    pub path: AttributePath,
    /// The target group.
    pub group: Link,
    /// The evidence does not name the target group: it is the one with the container's port.
    pub by_port: bool,
    /// Which container.
    pub container: Option<String>,
    /// Which of its ports.
    pub port: Result<Option<u16>, Causes>,
}

/// The managed objects of a kind that will be there.
pub(super) fn all<'a>(plan: &'a Plan, kind: &str) -> Vec<&'a ResourceInstance> {
    let is_meant = |one: &&ResourceInstance| {
        one.address.resource.mode == ResourceMode::Managed
            && canonical(one.kind()) == kind
            && one.remains()
    };
    plan.resources().iter().filter(is_meant).collect()
}

/// Reads a plan for its model.
struct Reader<'a> {
    plan: &'a Plan,
    load_balancers: Vec<&'a ResourceInstance>,
    listeners: Vec<&'a ResourceInstance>,
    target_groups: Vec<&'a ResourceInstance>,
}

impl<'a> Model<'a> {
    /// The load balancers of a plan, as they will be.
    pub fn of(plan: &'a Plan) -> Self {
        let reader = Reader {
            plan,
            load_balancers: all(plan, "aws_lb"),
            listeners: all(plan, "aws_lb_listener"),
            target_groups: all(plan, "aws_lb_target_group"),
        };
        let load_balancers: Vec<LoadBalancer<'a>> = reader
            .load_balancers
            .iter()
            .map(|one| reader.load_balancer(one))
            .collect();
        let listeners = reader.listeners.iter();
        let listeners = listeners
            .map(|one| reader.listener(one, &load_balancers))
            .collect();
        let rules = all(plan, "aws_lb_listener_rule").into_iter();
        let names = Names::of(plan, &reader.load_balancers);
        let rules = rules.map(|one| reader.rule(one, &names)).collect();
        let services = all(plan, "aws_ecs_service").into_iter();
        let mut services: Vec<Service<'a>> = services.map(|one| reader.service(one)).collect();
        if plan.evidence != Evidence::Sources {
            reader.pair_by_port(&mut services);
        }
        Self {
            plan,
            load_balancers,
            listeners,
            rules,
            target_groups: reader.target_groups(),
            services,
            names,
        }
    }

    /// The services that put tasks into a target group.
    pub fn services_of(&self, group: usize) -> Vec<(&Service<'a>, &Registration)> {
        let services = self.services.iter().flat_map(|service| {
            let registrations = service.registrations.iter();
            registrations.map(move |registration| (service, registration))
        });
        services
            .filter(|(_, registration)| registration.group == Link::To(group))
            .collect()
    }

    /// Why nothing tells whether some other service puts tasks into a target group.
    pub fn open_registrations(&self) -> Option<Causes> {
        let of_service = |service: &Service<'a>| {
            let open = service
                .registrations
                .iter()
                .filter_map(|one| match &one.group {
                    Link::Open(causes) => Some(causes.clone()),
                    _ => None,
                });
            open.chain(service.open.clone()).collect::<Vec<_>>()
        };
        let all = self.services.iter().flat_map(of_service);
        all.reduce(|one, other| one.union(&other))
    }

    /// Hosts that listener rules and records name, and names in their place that are not known.
    pub fn hosts(&self) -> Vec<(&'a ResourceInstance, Value)> {
        let of_rules = self.rules.iter().flat_map(|rule| {
            let hosts = super::condition::hosts(&rule.conditions);
            hosts.into_iter().map(|host| (rule.instance, host))
        });
        let of_records = self
            .names
            .records
            .iter()
            .filter(|record| record.leads_the_public_here())
            .map(|record| (record.instance, record.name.clone()));
        of_rules.chain(of_records).collect()
    }
}

impl<'a> Reader<'a> {
    fn text(&self, one: &ResourceInstance, name: &str) -> Result<Option<String>, Causes> {
        let path = AttributePath::attribute(name);
        text_or_default(self.plan, one, &path, one.attribute(name))
    }

    fn load_balancer(&self, instance: &'a ResourceInstance) -> LoadBalancer<'a> {
        let kind = self.text(instance, "load_balancer_type");
        LoadBalancer {
            instance,
            kind: kind.map(Option::unwrap_or_default),
            internal: self
                .text(instance, "internal")
                .map(|text| text.as_deref() == Some("true")),
            address_type: self
                .text(instance, "ip_address_type")
                .map(Option::unwrap_or_default),
        }
    }

    fn listener(
        &self,
        instance: &'a ResourceInstance,
        load_balancers: &[LoadBalancer<'a>],
    ) -> Listener<'a> {
        let path = AttributePath::attribute("load_balancer_arn");
        let value = instance.attribute("load_balancer_arn");
        let link = link(self.plan, instance, &path, value, &self.load_balancers);
        let load_balancer = match link {
            Link::Open(_) if load_balancers.len() == 1 => Link::To(0),
            link => link,
        };
        let kind = match &load_balancer {
            Link::To(at) => load_balancers[*at].kind.clone(),
            _ => Ok("application".to_owned()),
        };
        let port = self.text(instance, "port").map(|port| {
            let port = port.and_then(|port| port.parse().ok());
            port.filter(|port| *port > 0)
        });
        Listener {
            instance,
            load_balancer,
            port,
            protocol: self.protocol(instance, kind),
            actions: self.actions(instance, "default_action"),
            wants_certificate: self.wants_certificate(instance),
        }
    }

    /// Mutual TLS: `verify` refuses who has no certificate, `passthrough` and `off` do not.
    fn wants_certificate(&self, listener: &ResourceInstance) -> Result<bool, Causes> {
        let path = AttributePath::attribute("mutual_authentication");
        let blocks = listener.attribute("mutual_authentication");
        let Some(elements) = blocks.as_elements() else {
            // Left out, it is off.
            return text_or_default(self.plan, listener, &path, blocks).map(|_| false);
        };
        let Some(block) = elements.first() else {
            return Ok(false);
        };
        let path = path.with_index(0).with_attribute("mode");
        let mode = block.attribute("mode").unwrap_or(&Value::NULL);
        let mode = text_or_default(self.plan, listener, &path, mode)?;
        Ok(mode.as_deref() == Some("verify"))
    }

    fn protocol(
        &self,
        listener: &ResourceInstance,
        kind: Result<String, Causes>,
    ) -> Result<String, Causes> {
        if let Some(given) = self.text(listener, "protocol")? {
            return Ok(given.to_ascii_uppercase());
        }
        let default = listener_protocol(&kind?);
        let default = default.and_then(|default| display(&default.value));
        Ok(default.unwrap_or_default())
    }

    fn rule(&self, instance: &'a ResourceInstance, names: &Names<'a>) -> ListenerRule<'a> {
        let path = AttributePath::attribute("listener_arn");
        let value = instance.attribute("listener_arn");
        let listener = match link(self.plan, instance, &path, value, &self.listeners) {
            Link::Open(_) if self.listeners.len() == 1 => Link::To(0),
            link => link,
        };
        let value = instance.attribute("priority");
        let known = value.foreseen().and_then(display);
        ListenerRule {
            instance,
            listener,
            conditions: super::named::conditions(self.plan, names, instance),
            priority: known
                .and_then(|priority| priority.parse().ok())
                .ok_or_else(|| value.causes()),
            actions: self.actions(instance, "action"),
        }
    }

    /// Actions in their order; those without one keep the order of the blocks.
    fn actions(&self, one: &ResourceInstance, block: &str) -> Result<Vec<Action>, Causes> {
        let list = one.attribute(block);
        let Some(blocks) = list.as_elements() else {
            return Err(list.causes());
        };
        let mut actions: Vec<(u64, Action)> = Vec::new();
        for (at, value) in blocks.iter().enumerate() {
            let path = AttributePath::attribute(block).with_index(at);
            let order = value.attribute("order").and_then(display);
            let order = order.and_then(|order| order.parse().ok());
            let does = self.does(one, value, &path);
            actions.push((order.unwrap_or(at as u64 + 1), Action { path, does }));
        }
        actions.sort_by_key(|(order, _)| *order);
        Ok(actions.into_iter().map(|(_, action)| action).collect())
    }

    fn does(&self, one: &ResourceInstance, action: &Value, path: &AttributePath) -> Does {
        let Some(kind) = action.attribute("type") else {
            return Does::Open(action.causes());
        };
        let kind = match text_or_default(self.plan, one, &path.with_attribute("type"), kind) {
            Ok(kind) => kind.unwrap_or_default(),
            Err(causes) => return Does::Open(causes),
        };
        match kind.as_str() {
            "forward" => self.forward(one, action, path),
            "redirect" => match first(action, "redirect") {
                Ok(redirect) => Does::Redirect(Box::new(self.redirect(one, redirect, path))),
                Err(causes) => Does::Open(causes),
            },
            "fixed-response" => match first(action, "fixed_response") {
                Ok(answer) => {
                    let status = answer.attribute("status_code").unwrap_or(&Value::NULL);
                    let known = status.foreseen().and_then(display);
                    Does::Answer(known.ok_or_else(|| status.causes()))
                }
                Err(causes) => Does::Open(causes),
            },
            "authenticate-oidc" => authenticate(action, "authenticate_oidc"),
            "authenticate-cognito" => authenticate(action, "authenticate_cognito"),
            "jwt-validation" => Does::Authenticate {
                strangers_pass: false,
            },
            _ => Does::Open(action.causes()),
        }
    }

    fn forward(&self, one: &ResourceInstance, action: &Value, path: &AttributePath) -> Does {
        let link = |value: &Value, path: &AttributePath| {
            link(self.plan, one, path, value, &self.target_groups)
        };
        let blocks = action.attribute("forward").unwrap_or(&Value::NULL);
        let Some([forward, ..]) = blocks.as_elements() else {
            if !blocks.is_known() && !is_left_out(self.plan, one, path, blocks) {
                return Does::Open(blocks.causes());
            }
            let value = action.attribute("target_group_arn").unwrap_or(&Value::NULL);
            if value.is_null() {
                return Does::Open(action.causes());
            }
            let group = link(value, &path.with_attribute("target_group_arn"));
            return Does::Forward(vec![Target { group, idle: false }]);
        };
        let listed = forward.attribute("target_group").unwrap_or(&Value::NULL);
        let Some(groups) = listed.as_elements() else {
            return Does::Open(listed.causes());
        };
        let path = path.with_attribute("forward").with_index(0);
        let path = path.with_attribute("target_group");
        let mut targets = Vec::new();
        for (at, group) in groups.iter().enumerate() {
            let weight = group.attribute("weight").unwrap_or(&Value::NULL);
            let idle = weight.foreseen().and_then(display).as_deref() == Some("0");
            let arn = group.attribute("arn").unwrap_or(&Value::NULL);
            let path = path.with_index(at).with_attribute("arn");
            targets.push(Target {
                group: link(arn, &path),
                idle,
            });
        }
        Does::Forward(targets)
    }

    fn redirect(&self, one: &ResourceInstance, block: &Value, path: &AttributePath) -> Redirect {
        let path = path.with_attribute("redirect").with_index(0);
        let part = |name: &str| {
            let value = block.attribute(name).unwrap_or(&Value::NULL);
            let path = path.with_attribute(name);
            text_or_default(self.plan, one, &path, value).map(Option::unwrap_or_default)
        };
        Redirect {
            protocol: part("protocol"),
            port: part("port"),
            host: part("host"),
            path: part("path"),
            query: part("query"),
        }
    }

    fn target_groups(&self) -> Vec<TargetGroup<'a>> {
        let mut others: Vec<usize> = Vec::new();
        for (kind, attribute) in [
            ("aws_lb_target_group_attachment", "target_group_arn"),
            ("aws_autoscaling_attachment", "lb_target_group_arn"),
            ("aws_autoscaling_group", "target_group_arns"),
        ] {
            for one in all(self.plan, kind) {
                let value = one.attribute(attribute);
                let path = AttributePath::attribute(attribute);
                let listed = value.as_elements().unwrap_or(std::slice::from_ref(value));
                for value in listed {
                    let link = link(self.plan, one, &path, value, &self.target_groups);
                    if let Link::To(at) = link {
                        others.push(at);
                    }
                }
            }
        }
        let groups = self.target_groups.iter().enumerate();
        groups
            .map(|(at, instance)| TargetGroup {
                instance,
                has_other_targets: others.contains(&at),
                passed_on: passed_on(self.plan, instance, &self.load_balancers),
            })
            .collect()
    }

    fn service(&self, instance: &'a ResourceInstance) -> Service<'a> {
        let blocks = instance.attribute("load_balancer");
        let elements = blocks.as_elements().unwrap_or_default();
        let registration = |(at, block): (usize, &Value)| self.registration(instance, block, at);
        let open = (!blocks.is_known()
            && !is_left_out(
                self.plan,
                instance,
                &AttributePath::attribute("load_balancer"),
                blocks,
            ))
        .then(|| blocks.causes());
        Service {
            instance,
            registrations: elements.iter().enumerate().map(registration).collect(),
            open,
            task_definition: self.task_definition(instance),
            runs: runs_tasks(self.plan, instance),
        }
    }

    fn registration(&self, service: &ResourceInstance, block: &Value, at: usize) -> Registration {
        let path = AttributePath::attribute("load_balancer").with_index(at);
        let arn = block.attribute("target_group_arn").unwrap_or(&Value::NULL);
        let of_arn = path.with_attribute("target_group_arn");
        let group = link(self.plan, service, &of_arn, arn, &self.target_groups);
        let port = block.attribute("container_port").unwrap_or(&Value::NULL);
        let name = block.attribute("container_name");
        Registration {
            path,
            group,
            by_port: false,
            container: name.and_then(Value::as_str).map(str::to_owned),
            port: match port.foreseen() {
                Some(port) => Ok(display(port).and_then(|port| port.parse().ok())),
                None => Err(port.causes()),
            },
        }
    }

    fn task_definition(&self, service: &ResourceInstance) -> Option<&'a ResourceInstance> {
        let all = all(self.plan, "aws_ecs_task_definition");
        let value = service.attribute("task_definition");
        if let Some(text) = value.as_str() {
            let family = text.rsplit('/').next().unwrap_or(text);
            let family = family.split(':').next().unwrap_or(family);
            let named = |one: &&&ResourceInstance| {
                one.attribute("arn").as_str() == Some(text)
                    || one.attribute("family").as_str() == Some(family)
            };
            if let Some(found) = all.iter().find(named) {
                return Some(found);
            }
        }
        let path = AttributePath::attribute("task_definition");
        let referred = super::argument::referred(self.plan, service, &path, value);
        let mut meant = all.into_iter().filter(|one| {
            let own = &one.address;
            referred.iter().any(|address| is_same_block(address, own))
        });
        let only = meant.next();
        if meant.next().is_some() { None } else { only }
    }

    /// A plan does not tell what a `dynamic` block refers to. Where a port has as many target groups left as there are
    /// registrations of one container, they belong together.
    fn pair_by_port(&self, services: &mut [Service<'a>]) {
        let port_of_group = |at: usize| {
            let port = self.target_groups[at].attribute("port");
            let port = port.foreseen().and_then(display);
            port.and_then(|port| port.parse::<u16>().ok())
        };
        let mut taken: BTreeSet<usize> = BTreeSet::new();
        let mut open: BTreeMap<u16, Vec<(usize, usize)>> = BTreeMap::new();
        for (of, service) in services.iter().enumerate() {
            for (at, one) in service.registrations.iter().enumerate() {
                match (&one.group, &one.port) {
                    (Link::To(group), _) => {
                        taken.insert(*group);
                    }
                    (Link::Open(_), Ok(Some(port))) => {
                        open.entry(*port).or_default().push((of, at));
                    }
                    _ => {}
                }
            }
        }
        for (port, registrations) in open {
            let groups = 0..self.target_groups.len();
            let free: Vec<usize> = groups
                .filter(|at| !taken.contains(at) && port_of_group(*at) == Some(port))
                .collect();
            let container = |(of, at): &(usize, usize)| {
                let service: &Service<'a> = &services[*of];
                (*of, service.registrations[*at].container.clone())
            };
            let first = container(&registrations[0]);
            let alike = registrations.iter().all(|one| container(one) == first);
            if !alike || free.len() != registrations.len() {
                continue;
            }
            for ((of, at), group) in registrations.into_iter().zip(free) {
                let registration = &mut services[of].registrations[at];
                registration.group = Link::To(group);
                registration.by_port = true;
            }
        }
    }
}

fn first<'v>(action: &'v Value, name: &str) -> Result<&'v Value, Causes> {
    let blocks = action.attribute(name).unwrap_or(&Value::NULL);
    match blocks.as_elements() {
        Some([first, ..]) => Ok(first),
        _ => Err(action.causes()),
    }
}

fn authenticate(action: &Value, name: &str) -> Does {
    let strangers = first(action, name)
        .ok()
        .and_then(|block| block.attribute("on_unauthenticated_request"))
        .and_then(Value::as_str);
    Does::Authenticate {
        strangers_pass: strangers == Some("allow"),
    }
}

/// Whether it is certain to be there.
pub(super) fn is_certain(one: &ResourceInstance) -> bool {
    one.existence == Existence::Certain
}
