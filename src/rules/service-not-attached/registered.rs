//! Whether ECS and the target group take what a service registers: a container and port of its task, and its kind of
//! address.

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
    fn of(place: Subject, message: String, help: &'static str) -> Registered {
        let part = None;
        Registered::Refused(Self {
            place,
            part,
            message,
            help,
        })
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
    let refused = group.and_then(|group| refuses_address(cx, group, task));
    refused.unwrap_or_else(|| port(service, registration, task, group))
}

/// Who deploys a service otherwise gives it tasks later.
fn has_task_sets(service: &ResourceInstance) -> bool {
    let mut controllers = service.blocks("deployment_controller").iter();
    let kind = |one: &Value| one.attribute("type").and_then(Value::as_str) == Some("EXTERNAL");
    controllers.any(kind)
}

/// Tasks with a network interface of their own (`awsvpc`) are no instances, and are registered by address.
fn refuses_address(
    cx: &Context<'_>,
    group: &ResourceInstance,
    task: &ResourceInstance,
) -> Option<Registered> {
    if task.attribute("network_mode").as_str() != Some("awsvpc") {
        return None;
    }
    let path = AttributePath::attribute("target_type");
    let kind = text_or_default(cx, group, &path, group.attribute("target_type"));
    let (kind, group) = (kind.ok()??, &group.address);
    (kind != "ip").then(|| {
        let place = Subject::Attribute(std::sync::Arc::clone(group), path);
        let message = format!(
            "`{group}` takes targets of type `{kind}`, and tasks of `{}` have addresses of their own (`awsvpc`)",
            task.address
        );
        Refusal::of(place, message, "set `target_type = \"ip\"`")
    })
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
