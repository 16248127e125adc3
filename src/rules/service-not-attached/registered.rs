//! Whether ECS and the target group take what a service registers: a container and port of its task, and its kind of
//! address.

use super::{containers, fargate, launch};
use crate::address::AttributePath;
use crate::plan::{ResourceInstance, Subject};
use crate::route::{Link, Model, Registration, Service};
use crate::rule::Context;
use crate::rules::container::{Container, Definitions, Port};
use crate::rules::evidence::{subject, text_or_default};
use crate::value::{Causes, Value};

/// What becomes of a registration.
pub(super) enum Registered {
    Taken,
    Refused(Refusal),
    /// It may be refused, or wait for ever, for this reason.
    Doubted(Subject, String, Causes),
    Open(Causes),
}

/// Why a registration is refused.
pub(super) struct Refusal {
    pub(super) place: Subject,
    /// The argument in that place that says so.
    pub(super) part: Option<Subject>,
    pub(super) message: String,
    pub(super) help: &'static str,
}

impl Refusal {
    pub(super) fn at(place: Subject, message: String, help: &'static str) -> Self {
        Self {
            place,
            part: None,
            message,
            help,
        }
    }

    fn of(place: Subject, message: String, help: &'static str) -> Registered {
        Registered::Refused(Self::at(place, message, help))
    }
}

const TASK: &str = "task_definition";

const NAME_IT: &str =
    "name a container of the task definition, and a `containerPort` of its `portMappings`";

pub(super) fn registered(
    cx: &Context<'_>,
    model: &Model<'_>,
    service: &Service<'_>,
    registration: &Registration,
) -> Registered {
    if service.instance.attribute(TASK).is_null() && !has_task_sets(service.instance) {
        let message = format!("`{}` has no task definition", service.instance.address);
        let place = subject(service.instance, AttributePath::attribute(TASK));
        return Refusal::of(place, message, "set `task_definition`");
    }
    let Some(task) = service.task_definition else {
        return Registered::Open(service.instance.attribute(TASK).causes());
    };
    let group = match registration.group {
        Link::To(at) => Some(model.target_groups[at].instance),
        Link::Open(_) | Link::Outside(_) => None,
    };
    let refused = refused_network(cx, service.instance, task)
        .or_else(|| fargate::refused(service.instance, task).map(Registered::Refused))
        .or_else(|| containers::refused(task).map(Registered::Refused))
        .or_else(|| group.and_then(|group| refuses_address(cx, group, task)))
        .or_else(|| another_network(model, registration))
        .or_else(|| network_of_tasks(model, service.instance, group))
        .or_else(|| launch::refused(cx, model, service.instance, task));
    refused.unwrap_or_else(|| port(service, registration, task, group))
}

/// Who deploys a service otherwise gives it tasks later.
fn has_task_sets(service: &ResourceInstance) -> bool {
    let mut controllers = service.blocks("deployment_controller").iter();
    let kind = |one: &Value| one.attribute("type").and_then(Value::as_str) == Some("EXTERNAL");
    controllers.any(kind)
}

const AWSVPC: &str = "awsvpc";

/// Fargate gives each task a network interface of its own (`awsvpc`), and such a task needs subnets and has no ports of a
/// host.
fn refused_network(
    cx: &Context<'_>,
    service: &ResourceInstance,
    task: &ResourceInstance,
) -> Option<Registered> {
    let path = AttributePath::attribute("network_mode");
    let mode = text_or_default(cx, task, &path, task.attribute("network_mode")).ok()?;
    let fargate = task.attribute("requires_compatibilities").as_elements();
    let fargate = fargate.is_some_and(|all| all.iter().any(|one| one.as_str() == Some("FARGATE")));
    match mode.as_deref() {
        Some(AWSVPC) if is_daemon_of_fargate(service) => {
            let message = format!(
                "`{}` runs one task on each instance (`DAEMON`), and Fargate has no instances",
                service.address
            );
            let place = subject(service, AttributePath::attribute("scheduling_strategy"));
            return Some(Refusal::of(
                place,
                message,
                "leave out `scheduling_strategy`",
            ));
        }
        Some(AWSVPC) => {}
        Some(other) if fargate => {
            let message = format!(
                "`{}` is for Fargate, which does not take `network_mode = \"{other}\"`",
                task.address
            );
            let help = "set `network_mode = \"awsvpc\"`";
            return Some(Refusal::of(subject(task, path), message, help));
        }
        _ => return None,
    }
    without_subnets(cx, service, task).or_else(|| port_of_a_host(task))
}

fn is_daemon_of_fargate(service: &ResourceInstance) -> bool {
    let is = |name: &str, wanted: &str| service.attribute(name).as_str() == Some(wanted);
    is("launch_type", "FARGATE") && is("scheduling_strategy", "DAEMON")
}

fn without_subnets(
    cx: &Context<'_>,
    service: &ResourceInstance,
    task: &ResourceInstance,
) -> Option<Registered> {
    let path = AttributePath::attribute("network_configuration");
    let blocks = service.attribute("network_configuration");
    let none = match blocks.as_elements() {
        Some(elements) => elements.is_empty(),
        None => matches!(text_or_default(cx, service, &path, blocks), Ok(None)),
    };
    if !none || has_task_sets(service) {
        return None;
    }
    let message = format!(
        "`{}` has no `network_configuration`, and tasks of `{}` have addresses of their own (`awsvpc`)",
        service.address, task.address
    );
    let place = subject(service, AttributePath::default());
    let help = "add `network_configuration` with `subnets` and `security_groups`";
    Some(Refusal::of(place, message, help))
}

fn port_of_a_host(task: &ResourceInstance) -> Option<Registered> {
    Definitions::of(task).containers.iter().find_map(|container| {
        let ports = container.ports().ok()?;
        let differs = |port: &&Port| port.host.as_ref().is_some_and(|host| *host != port.number);
        let port = ports.iter().find(differs)?;
        let message = format!(
            "{} maps port {} to port {} of the host, and tasks with addresses of their own (`awsvpc`) have none",
            container.shown(),
            port.number,
            port.host.as_deref().unwrap_or_default()
        );
        let place = container.place_of("portMappings").with_index(port.at);
        let place = subject(task, place.with_attribute("hostPort"));
        let help = "leave out `hostPort`, or give it the value of `containerPort`";
        Some(Refusal::of(place, message, help))
    })
}

/// Tasks with a network interface of their own are no instances, and are registered by address; others have none.
fn refuses_address(
    cx: &Context<'_>,
    group: &ResourceInstance,
    task: &ResourceInstance,
) -> Option<Registered> {
    let mode = task.attribute("network_mode").as_str()?;
    let path = AttributePath::attribute("target_type");
    let kind = text_or_default(cx, group, &path, group.attribute("target_type"));
    let (kind, group) = (kind.ok()??, &group.address);
    let place = Subject::Attribute(std::sync::Arc::clone(group), path);
    let task = &task.address;
    match (mode, kind.as_str()) {
        (AWSVPC, "ip") => None,
        (AWSVPC, kind) => {
            let message = format!(
                "`{group}` takes targets of type `{kind}`, and tasks of `{task}` have addresses of their own (`awsvpc`)"
            );
            Some(Refusal::of(place, message, "set `target_type = \"ip\"`"))
        }
        ("bridge" | "host", "ip") => {
            let message = format!(
                "`{group}` takes targets of type `ip`, and tasks of `{task}` have no addresses of their own (`{mode}`)"
            );
            let help = "set `target_type = \"instance\"`, or `network_mode = \"awsvpc\"` in the task definition";
            Some(Refusal::of(place, message, help))
        }
        _ => None,
    }
}

/// A load balancer sends to target groups of its own network only.
fn another_network(model: &Model<'_>, registration: &Registration) -> Option<Registered> {
    let Link::To(at) = registration.group else {
        return None;
    };
    let group = model.target_groups[at].instance;
    let own = model.network(group)?;
    let mut senders = model.load_balancers_of(at).into_iter();
    let (sender, other) = senders.find_map(|one| {
        let network = model.network_of_subnets(one)?;
        (network.address != own.address).then_some((one, network))
    })?;
    let message = format!(
        "`{}` is in `{}`, and its load balancer `{}` in `{}`",
        group.address, own.address, sender.address, other.address
    );
    let place = subject(group, AttributePath::attribute("vpc_id"));
    Some(Refusal::of(
        place,
        message,
        "set `vpc_id` to the network of the load balancer's subnets",
    ))
}

/// Tasks stand in one network with their target group and with their own security groups.
fn network_of_tasks(
    model: &Model<'_>,
    service: &ResourceInstance,
    group: Option<&ResourceInstance>,
) -> Option<Registered> {
    let own = model.network_of_tasks(service)?;
    let group = group.and_then(|one| Some((one, model.network(one)?)));
    let mut others = model.groups_of_tasks(service).into_iter().chain(group);
    let (one, other) = others.find(|(_, network)| network.address != own.address)?;
    let message = format!(
        "the tasks of `{}` are in `{}`, and `{}` in `{}`",
        service.address, own.address, one.address, other.address
    );
    let place = subject(service, AttributePath::attribute("network_configuration"));
    let help = "give the tasks subnets and security groups of the target group's network";
    Some(Refusal::of(place, message, help))
}

fn port(
    service: &Service<'_>,
    registration: &Registration,
    task: &ResourceInstance,
    group: Option<&ResourceInstance>,
) -> Registered {
    let refused = |argument: &str, message: String| {
        let part = registration.path.with_attribute(argument);
        Registered::Refused(Refusal {
            place: subject(service.instance, registration.path.clone()),
            part: Some(subject(service.instance, part)),
            message,
            help: NAME_IT,
        })
    };
    let Some(name) = &registration.container else {
        return Registered::Open(service.instance.attribute(TASK).causes());
    };
    let definitions = Definitions::of(task);
    let mut containers = definitions.containers.iter();
    let Some(container) = containers.find(|one| one.name() == Some(name)) else {
        let is_unnamed = |one: &Container| one.name().is_none();
        return match definitions.open {
            Some(causes) => Registered::Open(causes),
            None if definitions.containers.iter().any(is_unnamed) => {
                Registered::Open(Causes::default())
            }
            None => refused(
                "container_name",
                format!(
                    "container `{name}` is registered, and `{}` has none of that name",
                    task.address
                ),
            ),
        };
    };
    let wanted = match &registration.port {
        Ok(Some(port)) => port.to_string(),
        Ok(None) => return Registered::Taken,
        Err(causes) => return Registered::Open(causes.clone()),
    };
    let ports = match container.ports() {
        Ok(ports) => ports,
        Err(causes) => return Registered::Open(causes),
    };
    let own: Vec<&Port> = ports.iter().filter(|port| port.number == wanted).collect();
    if own.is_empty() {
        let numbers: Vec<&str> = ports.iter().map(|port| &*port.number).collect();
        let own = if numbers.is_empty() {
            "maps no port".to_owned()
        } else {
            format!("maps {}", numbers.join(", "))
        };
        return refused(
            "container_port",
            format!("port {wanted} is registered, and container `{name}` {own}"),
        );
    }
    match group.and_then(|group| carried_by(&own, group)) {
        Some(Ok(protocol)) => refused(
            "container_port",
            format!(
                "port {wanted} is registered for {protocol}, and container `{name}` maps it for another protocol"
            ),
        ),
        Some(Err(causes)) => Registered::Open(causes),
        None => Registered::Taken,
    }
}

/// The protocol by which a target group reaches its targets, where a port is mapped for another one.
fn carried_by(ports: &[&Port], group: &ResourceInstance) -> Option<Result<&'static str, Causes>> {
    let wanted = match group.attribute("protocol").as_str()? {
        "HTTP" | "HTTPS" | "TCP" | "TLS" => "TCP",
        "UDP" => "UDP",
        _ => return None,
    };
    let protocols: Vec<_> = ports.iter().map(|port| port.protocol.as_ref()).collect();
    let is_wanted =
        |one: &Result<&String, &Causes>| one.is_ok_and(|own| own.eq_ignore_ascii_case(wanted));
    if protocols.iter().any(is_wanted) {
        return None;
    }
    let open = protocols.iter().find_map(|one| one.err());
    Some(open.map_or(Ok(wanted), |causes| Err(causes.clone())))
}
