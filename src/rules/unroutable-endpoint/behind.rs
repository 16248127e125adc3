//! What is behind the target groups that a request reaches: whether it can answer, and nothing else does.

use std::collections::BTreeSet;

use super::Way;
use crate::address::AttributePath;
use crate::plan::{Evidence, ResourceInstance, Subject};
use crate::route::{Link, Model, Registration, Service};
use crate::rule::Context;
use crate::rules::container::Definitions;
use crate::rules::endpoint::{Expected, intruder};
use crate::rules::evidence::{subject, text_or_default};
use crate::value::Causes;

/// What is wrong or open behind target groups, with its place.
pub(super) fn wrong(
    cx: &Context<'_>,
    model: &Model<'_>,
    expected: &Expected,
    groups: &BTreeSet<usize>,
) -> Option<(Way, Subject)> {
    refused(model, groups)
        .or_else(|| incomplete(cx, model, groups))
        .or_else(|| unmanned(model, groups))
        .or_else(|| closed(model, groups))
        .or_else(|| shared(cx, model, expected, groups))
}

/// A listener or target group of a protocol that the kind of its load balancer does not have: Elastic Load Balancing
/// refuses it.
fn refused(model: &Model<'_>, groups: &BTreeSet<usize>) -> Option<(Way, Subject)> {
    const NAME: &str = "protocol";
    const HELP: &str = "an application load balancer has HTTP and HTTPS, a network load balancer TCP, TLS, UDP and TCP_UDP";
    groups.iter().find_map(|at| {
        let group = model.target_groups[*at].instance;
        let senders = model.senders(*at).known;
        let mut listeners = model.listeners.iter();
        listeners.find_map(|listener| {
            let is_sender = |one: &&&ResourceInstance| one.address == listener.instance.address;
            senders.iter().find(is_sender)?;
            let Link::To(of) = listener.load_balancer else {
                return None;
            };
            let kind = model.load_balancers[of].kind.as_deref().ok()?;
            let is_of_web = match kind {
                "application" => true,
                "network" => false,
                _ => return None,
            };
            let differs = |protocol: &str| {
                let own = matches!(protocol, "HTTP" | "HTTPS");
                !protocol.is_empty() && own != is_of_web
            };
            let of_group = group.attribute(NAME).as_str();
            let of_group = of_group.filter(|protocol| differs(protocol));
            let of_listener = listener.protocol.as_deref().ok();
            let of_listener = of_listener.filter(|protocol| differs(protocol));
            let (one, protocol) = of_listener
                .map(|protocol| (listener.instance, protocol))
                .or_else(|| of_group.map(|protocol| (group, protocol)))?;
            let text = format!(
                "ends at `{}`, and `{}` has protocol {protocol}, which no {kind} load balancer has",
                group.address, one.address
            );
            let place = subject(one, AttributePath::attribute(NAME));
            Some((Way::Wrong(text, HELP), place))
        })
    })
}

/// A target group without a port or protocol, which the provider wants of all but those of a function.
fn incomplete(
    cx: &Context<'_>,
    model: &Model<'_>,
    groups: &BTreeSet<usize>,
) -> Option<(Way, Subject)> {
    const HELP: &str = "set its `port` and `protocol`";
    if cx.plan.evidence != Evidence::Sources {
        return None;
    }
    groups.iter().find_map(|at| {
        let group = model.target_groups[*at].instance;
        let text = |name: &str| {
            let path = AttributePath::attribute(name);
            text_or_default(cx, group, &path, group.attribute(name))
        };
        if text("target_type").is_ok_and(|kind| kind.as_deref() == Some("lambda")) {
            return None;
        }
        let mut wanted = ["port", "protocol"].into_iter();
        let missing = wanted.find(|name| text(name) == Ok(None))?;
        let address = &group.address;
        let text = format!("ends at `{address}`, which is refused: it has no `{missing}`");
        let place = subject(group, AttributePath::default());
        Some((Way::Wrong(text, HELP), place))
    })
}

/// A target group whose tasks the load balancer does not reach.
fn closed(model: &Model<'_>, groups: &BTreeSet<usize>) -> Option<(Way, Subject)> {
    groups.iter().find_map(|at| {
        let mut all = model.services_of(*at).into_iter();
        if all.any(|(service, one)| !has_port(service, one)) {
            return None;
        }
        let closed = model.closed(*at)?;
        let group = &model.target_groups[*at].instance.address;
        let text = format!("ends at `{group}`, and {}", closed.text);
        let help =
            "let the load balancer out and the tasks' security group in on the container's port";
        let (place, path) = closed.place;
        let way = match closed.open {
            Some(causes) => Way::Open(text, causes),
            None => Way::Wrong(text, help),
        };
        Some((way, subject(place, path)))
    })
}

/// Whether the container has the port that is registered, as far as that is known. Of one that has not,
/// `service-not-attached` tells.
fn has_port(service: &Service<'_>, registration: &Registration) -> bool {
    let Some(task) = service.task_definition else {
        return true;
    };
    let Ok(Some(port)) = registration.port else {
        return true;
    };
    let containers = Definitions::of(task).containers;
    let mut own = containers
        .iter()
        .filter(|one| one.name() == registration.container.as_deref());
    own.all(|one| {
        let ports = one.ports();
        ports.is_err()
            || ports.is_ok_and(|all| all.iter().any(|one| one.number == port.to_string()))
    })
}

/// A target group that gets tasks of another service besides, with the place where those are registered.
fn shared(
    cx: &Context<'_>,
    model: &Model<'_>,
    expected: &Expected,
    groups: &BTreeSet<usize>,
) -> Option<(Way, Subject)> {
    if matches!(expected, Expected::Any) {
        return None;
    }
    groups.iter().find_map(|at| {
        let other = intruder(cx, model, *at)?;
        let group = &model.target_groups[*at].instance.address;
        let text = format!("ends at `{group}`, where {} answers as well", other.shown);
        let way = match other.runs {
            Err(causes) => Way::Open(text, causes),
            Ok(_) if other.may_be_meant => Way::Open(text, Causes::default()),
            Ok(_) => Way::Wrong(text, "give each service a target group of its own"),
        };
        Some((way, other.place))
    })
}

/// A target group whose services run no task, with the service's count.
fn unmanned(model: &Model<'_>, groups: &BTreeSet<usize>) -> Option<(Way, Subject)> {
    let mut open = None;
    for at in groups {
        let services = model.services_of(*at);
        let Some((first, _)) = services.first() else {
            continue;
        };
        if model.target_groups[*at].has_other_targets
            || services.iter().any(|(service, _)| service.runs == Ok(true))
        {
            continue;
        }
        let group = &model.target_groups[*at].instance.address;
        let service = &first.instance.address;
        let place = subject(first.instance, AttributePath::attribute("desired_count"));
        let causes = services
            .iter()
            .find_map(|(service, _)| service.runs.as_ref().err());
        let Some(causes) = causes else {
            let text = format!("ends at `{group}`, and `{service}`, which serves it, runs no task");
            let help = "set `desired_count`, or let an `aws_appautoscaling_target` with a `min_capacity` keep tasks running";
            return Some((Way::Wrong(text, help), place));
        };
        let text = format!(
            "ends at `{group}`, and nothing tells whether any task of `{service}`, which serves it, is kept running"
        );
        open = Some((Way::Open(text, causes.clone()), place));
    }
    open
}
