//! `service-not-attached`: a service registers a container and port that its task has, and waits for the listener.

use crate::address::{AttributePath, ResourceMode};
use crate::plan::{Action, ResourceInstance};
use crate::route::{Link, Model, Registration, Service, canonical};
use crate::rule::{Context, Findings, Level, Rule, RuleMeta, Scope};
use crate::rules::container::{Container, Definitions};
use crate::rules::evidence::subject;
use crate::value::Causes;

/// The rule.
pub struct ServiceNotAttached;

static META: RuleMeta = RuleMeta {
    id: "service-not-attached",
    summary: "each service behind a load balancer registers a port that its container has, and waits for the listener",
    scope: Scope::Always,
    parameters: &[],
    page: include_str!("README.md"),
};

impl Rule for ServiceNotAttached {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check_plan(&self, cx: &Context<'_>, findings: &mut Findings) {
        let model = Model::of(cx.plan);
        for service in &model.services {
            if !service.registrations.is_empty() {
                judge(cx, service, findings);
            }
        }
    }
}

fn judge(cx: &Context<'_>, service: &Service<'_>, findings: &mut Findings) {
    let waits = waits(cx, service, findings);
    let mut open = None;
    let mut fine = waits;
    for registration in &service.registrations {
        match has_port(service, registration) {
            Has::Port => {}
            Has::Not(message) => {
                fine = false;
                findings
                    .fail(subject(service.instance, registration.path.clone()), message)
                    .help("name a container of the task definition, and a `containerPort` of its `portMappings`");
            }
            Has::Open(causes) => open = Some((registration.path.clone(), causes)),
        }
    }
    if !fine {
        return;
    }
    match open {
        // ECS refuses a service whose task has no such port: nobody serves the wrong thing meanwhile.
        Some((path, causes)) => {
            let message =
                "nothing tells whether the task has the container and port that are registered";
            findings
                .undecided(subject(service.instance, path), message, causes)
                .at_most(Level::Warning);
        }
        None => {
            let whole = subject(service.instance, AttributePath::default());
            findings.pass(
                whole,
                "registers a port of its container, and waits for the listener",
            );
        }
    }
}

/// Whether the service is made after a listener. Reports where it is not.
fn waits(cx: &Context<'_>, service: &Service<'_>, findings: &mut Findings) -> bool {
    const LISTENERS: [&str; 2] = ["aws_lb_listener", "aws_lb_listener_rule"];
    let in_plan = |one: &&Registration| matches!(one.group, Link::To(_) | Link::Open(_));
    let Some(registration) = service.registrations.iter().find(in_plan) else {
        return true;
    };
    let is_listener = |one: &ResourceInstance| {
        one.address.resource.mode == ResourceMode::Managed
            && LISTENERS.contains(&canonical(one.kind()))
            && one.remains()
    };
    if !cx.plan.resources().iter().any(is_listener) {
        return true;
    }
    let waits = cx.plan.provenance.waits_for(&service.instance.address);
    let mut kinds = waits.resources.iter().map(|(_, resource)| &*resource.kind);
    if kinds.any(|kind| LISTENERS.contains(&canonical(kind))) {
        return true;
    }
    let place = subject(service.instance, AttributePath::default());
    let address = &service.instance.address;
    if waits.incomplete && waits.resources.is_empty() {
        let message = format!("nothing tells whether `{address}` waits for its listener");
        findings.undecided(place, message, Causes::default());
        return false;
    }
    let found = findings
        .fail(
            place,
            format!("`{address}` does not wait for the listener of its target group"),
        )
        .help(format!(
            "add `depends_on = [aws_lb_listener.NAME]`: until a listener uses it, the target group of `{}` refuses tasks",
            registration.path
        ));
    // What is there already was accepted once.
    if !matches!(service.instance.change.action, Action::Create) {
        found.at_most(Level::Warning);
    }
    false
}

enum Has {
    Port,
    Not(String),
    Open(Causes),
}

fn has_port(service: &Service<'_>, registration: &Registration) -> Has {
    let (Some(task), Some(name)) = (service.task_definition, &registration.container) else {
        return Has::Open(service.instance.attribute("task_definition").causes());
    };
    let definitions = Definitions::of(task);
    let called = |one: &&Container| one.name() == Some(name);
    let Some(container) = definitions.containers.iter().find(called) else {
        let unnamed = definitions
            .containers
            .iter()
            .any(|one| one.name().is_none());
        return match definitions.open {
            Some(causes) => Has::Open(causes),
            None if unnamed => Has::Open(Causes::default()),
            None => Has::Not(format!(
                "container `{name}` is registered, and `{}` has none of that name",
                task.address
            )),
        };
    };
    let wanted = match &registration.port {
        Ok(Some(port)) => port.to_string(),
        Ok(None) => return Has::Port,
        Err(causes) => return Has::Open(causes.clone()),
    };
    match container.ports() {
        Ok(ports) if ports.contains(&wanted) => Has::Port,
        Ok(ports) => {
            let own = if ports.is_empty() {
                "maps no port".to_owned()
            } else {
                format!("maps {}", ports.join(", "))
            };
            Has::Not(format!(
                "port {wanted} is registered, and container `{name}` {own}"
            ))
        }
        Err(causes) => Has::Open(causes),
    }
}
