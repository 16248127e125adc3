//! `service-not-attached`: a service registers a container and port that its task has, and waits for the listener.

mod containers;
mod fargate;
mod launch;
mod registered;

use self::registered::{Registered, registered};
use crate::address::{AttributePath, ModuleInstance, Resource, ResourceMode};
use crate::plan::{
    Action, Evidence, Origin, Problem, ProblemKind, ResourceInstance, Subject, Waits,
};
use crate::route::{Link, Model, Registration, Senders, Service, canonical};
use crate::rule::{Context, Findings, Level, Rule, RuleMeta, Scope};
use crate::rules::evidence::{may_wait_by_condition, subject, unread};
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
                judge(cx, &model, service, findings);
            }
        }
    }
}

fn judge(cx: &Context<'_>, model: &Model<'_>, service: &Service<'_>, findings: &mut Findings) {
    let waits = waits(cx, model, service, findings);
    let mut open = None;
    let mut fine = waits;
    for registration in &service.registrations {
        match registered(cx, model, service, registration) {
            Registered::Taken => {}
            Registered::Refused(refusal) => {
                fine = false;
                let finding = findings.fail(refusal.place, refusal.message);
                let finding = finding.help(refusal.help);
                if let Some(part) = refusal.part {
                    finding.part(part);
                }
            }
            Registered::Doubted(place, message, causes) => {
                fine = false;
                findings.undecided(place, message, causes);
            }
            Registered::Open(causes) => open = Some((registration.path.clone(), causes)),
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

/// Whether the service is made after the listeners of its target groups. Reports where it is not.
fn waits(
    cx: &Context<'_>,
    model: &Model<'_>,
    service: &Service<'_>,
    findings: &mut Findings,
) -> bool {
    let address = &service.instance.address;
    let waits = cx.plan.provenance.waits_for(address);
    let mut late = service
        .registrations
        .iter()
        .map(|registration| (registration, waited(model, registration, &waits)))
        .filter(|(_, waited)| *waited != Waited::Yes);
    let Some((registration, waited)) = late.next() else {
        return true;
    };
    let place = subject(service.instance, AttributePath::default());
    // What is there already was accepted once.
    let is_there = !matches!(service.instance.change.action, Action::Create);
    let found = match waited {
        Waited::Unused => findings
            .fail(
                subject(service.instance, registration.path.clone()),
                "no listener or rule uses this target group: it refuses tasks",
            )
            .help("forward to it from a listener or a rule, and wait for that"),
        Waited::No(others)
            if is_told(cx, service, registration, &waits)
                && !may_wait_by_condition(cx, address, &waits) =>
        {
            let message = if others.is_empty() {
                format!("`{address}` does not wait for the listener of its target group")
            } else {
                format!(
                    "`{address}` waits for {others}, and not for the listener of its target group"
                )
            };
            let why = format!(
                "until a listener uses it, the target group of `{}` refuses tasks",
                registration.path
            );
            let listener = listener_of(model, service, registration);
            let found = findings.fail(place, message);
            match &listener.call {
                Some(call) => found
                    .at(cx.plan.provenance.span(&Subject::Calls(call.clone())))
                    .help(format!(
                        "add `depends_on = [{}]` to `{call}`: {why}",
                        listener.name
                    )),
                None => found.help(format!("add `depends_on = [{}]`: {why}", listener.name)),
            }
        }
        _ => {
            let message = format!("nothing tells whether `{address}` waits for its listener");
            findings.undecided(place, message, Causes::default())
        }
    };
    if is_there {
        found.at_most(Level::Warning);
    }
    false
}

/// Whether a service waits for what sends requests to a target group.
#[derive(PartialEq, Eq)]
enum Waited {
    Yes,
    /// It waits for these listeners only, or for none.
    No(String),
    Perhaps,
    /// Nothing here uses the new target group, so that ECS refuses the service whatever it waits for.
    Unused,
}

fn waited(model: &Model<'_>, registration: &Registration, waits: &Waits) -> Waited {
    let senders = match registration.group {
        Link::To(at) => model.senders(at),
        Link::Open(_) => Senders::default(),
        Link::Outside(_) => return Waited::Yes,
    };
    if model.listeners.is_empty() && model.rules.is_empty() {
        return Waited::Yes;
    }
    let is_waited_for = |one: &&ResourceInstance| {
        let own = &one.address;
        waits.resources.iter().any(|(module, resource)| {
            *resource == own.resource && module.iter().map(|name| &**name).eq(own.module.path())
        })
    };
    if senders.known.iter().any(is_waited_for) {
        return Waited::Yes;
    }
    if senders.known.is_empty() && !senders.open && is_new(model, registration) {
        return Waited::Unused;
    }
    let listeners: Vec<String> = waits
        .resources
        .iter()
        .filter(|(_, resource)| is_listener(resource))
        .map(|(_, resource)| format!("`{resource}`"))
        .collect();
    match (listeners.is_empty(), senders.known.is_empty(), senders.open) {
        // Nobody knows which listener it is: one of them.
        (false, true, _) => Waited::Yes,
        (false, false, true) => Waited::Perhaps,
        _ => Waited::No(listeners.join(", ")),
    }
}

/// Whether the target group is made by this plan, and nothing was left out that may use it.
fn is_new(model: &Model<'_>, registration: &Registration) -> bool {
    let Link::To(at) = registration.group else {
        return false;
    };
    let group = model.target_groups[at].instance;
    group.change.action == Action::Create && unread(model.plan).is_none()
}

fn is_listener(resource: &Resource) -> bool {
    resource.mode == ResourceMode::Managed
        && matches!(
            canonical(&resource.kind),
            "aws_lb_listener" | "aws_lb_listener_rule"
        )
}

/// Whether everything is told that the service may wait by. A plan does not tell what a `dynamic` block or a local refers
/// to, and sources not what is in a module that was not read.
fn is_told(
    cx: &Context<'_>,
    service: &Service<'_>,
    registration: &Registration,
    waits: &Waits,
) -> bool {
    let is_unread = |problem: &Problem| {
        matches!(
            problem.kind,
            ProblemKind::Unread | ProblemKind::Partial | ProblemKind::Incomplete
        )
    };
    if waits.incomplete && (waits.resources.is_empty() || cx.plan.problems.iter().any(is_unread)) {
        return false;
    }
    // A state lists what each object depends on.
    if cx.plan.evidence == Evidence::State {
        return true;
    }
    let block = AttributePath::attribute("load_balancer");
    let mut places = [registration.path.clone(), block].into_iter();
    places.any(|place| {
        let place = subject(service.instance, place.with_attribute("target_group_arn"));
        let origins = cx.plan.provenance.origins(&place);
        let is_lost = |origin: &Origin| matches!(origin, Origin::Lost(_));
        !origins.is_empty() && !origins.iter().any(is_lost)
    })
}

/// What to wait for.
struct Listener {
    /// As it is named where the service waits.
    name: String,
    /// The call of a module that has to wait, where the listener is not in the service's module.
    call: Option<ModuleInstance>,
}

fn listener_of(model: &Model<'_>, service: &Service<'_>, registration: &Registration) -> Listener {
    let senders = match registration.group {
        Link::To(at) => model.senders(at).known,
        _ => Vec::new(),
    };
    let own = &service.instance.address.module;
    let shared = |one: &ResourceInstance| {
        let steps = own.0.iter().zip(one.address.module.0.iter());
        steps.take_while(|(left, right)| left == right).count()
    };
    let rank = |one: &&ResourceInstance| {
        let is_listener = canonical(one.kind()) == "aws_lb_listener";
        (shared(one), is_listener)
    };
    let Some(listener) = senders.into_iter().max_by_key(rank) else {
        return Listener {
            name: "aws_lb_listener.NAME".to_owned(),
            call: None,
        };
    };
    let shared = shared(listener);
    let name = match listener.address.module.0.get(shared) {
        Some(step) => format!("module.{}", step.name),
        None => listener.address.resource.to_string(),
    };
    let call = own
        .0
        .get(..=shared)
        .map(|steps| ModuleInstance(steps.into()));
    Listener { name, call }
}
