//! The URLs that must be served, and the target groups that should serve them, as rules about the way of a request read
//! them.

use std::collections::BTreeSet;

use super::evidence::subject;
use super::flag::is_declared;
use crate::address::AttributePath;
use crate::plan::{Hop, Subject};
use crate::route::{
    Link, Model, Outcome, Registration, Request, RequestError, SOME_HOST, Service, Walk, walk,
};
use crate::rule::Context;
use crate::source::Span;
use crate::value::{Cause, Causes, Value};

/// A URL that must be served.
pub(super) enum Endpoint {
    Known(Request),
    /// A configured one that is no URL.
    Unreadable(String, RequestError),
    /// Nothing tells its host.
    Open(OpenEndpoint),
}

/// An endpoint whose host is not known.
pub(super) struct OpenEndpoint {
    /// Its URL, with the method before it where that is not `GET`.
    pub(super) asked: String,
    pub(super) message: &'static str,
    pub(super) causes: Causes,
    /// Where the configuration names the host.
    pub(super) span: Option<Span>,
}

/// The configured endpoints; or else the parameter's paths on each host that begins with `api.` and that the
/// configuration of a runbook names itself. Where none is called so, on the hosts by which its API is reached.
pub(super) fn endpoints(cx: &Context<'_>, model: &Model<'_>) -> Vec<Endpoint> {
    let configured = cx.strings("endpoints");
    if !configured.is_empty() {
        return configured.into_iter().map(read).collect();
    }
    if !is_declared(cx) {
        return Vec::new();
    }
    let (known, open) = hosts(cx, model);
    let on = |host: &String| urls(cx, host).map(|url| read(&url)).collect::<Vec<_>>();
    match open {
        _ if !known.is_empty() => known.iter().flat_map(on).collect(),
        Some((causes, span)) => {
            unknown(cx, "nothing tells which host the API has", &causes, span).collect()
        }
        None => match expected(cx, model) {
            Expected::Groups(groups, None) => of_other_hosts(cx, model, &groups),
            Expected::Groups(_, Some(causes)) => {
                unknown(cx, "nothing tells which host the API has", &causes, None).collect()
            }
            Expected::Any => Vec::new(),
        },
    }
}

fn read(text: &str) -> Endpoint {
    match Request::parse(text) {
        Ok(request) => Endpoint::Known(request),
        Err(error) => Endpoint::Unreadable(text.to_owned(), error),
    }
}

/// What is asked of a host: each of the parameter's paths, with its method.
fn urls<'c>(cx: &'c Context<'_>, host: &'c str) -> impl Iterator<Item = String> + 'c {
    cx.strings("paths").into_iter().map(move |path| {
        let (method, path) = path.split_once(' ').unwrap_or(("GET", path));
        format!("{method} https://{host}{path}")
    })
}

fn unknown<'c>(
    cx: &'c Context<'_>,
    message: &'static str,
    causes: &'c Causes,
    span: Option<Span>,
) -> impl Iterator<Item = Endpoint> + 'c {
    urls(cx, SOME_HOST).map(move |url| {
        let asked = url.strip_prefix("GET ").unwrap_or(&url);
        Endpoint::Open(OpenEndpoint {
            asked: asked.to_owned(),
            message,
            causes: causes.clone(),
            span,
        })
    })
}

/// An API whose host is not called `api.…`: those hosts on which everything that is asked of it is answered by it. None
/// such, and nothing shows that it is reached at all.
fn of_other_hosts(cx: &Context<'_>, model: &Model<'_>, groups: &BTreeSet<usize>) -> Vec<Endpoint> {
    let named = model.hosts();
    let known = named.iter().filter_map(|(_, host)| host.as_str());
    let mut known: BTreeSet<String> = known
        .map(|host| host.to_lowercase().replacen("*.", "api.", 1))
        .filter(|host| !host.contains(['*', '?']))
        .collect();
    if named.is_empty() {
        known.insert(SOME_HOST.to_owned());
    }
    let is_answered = |url: String| {
        let request = Request::parse(&url);
        request.is_ok_and(|request| match walk(&request, model).outcome {
            Outcome::Reached(reached) => reached.is_subset(groups),
            _ => false,
        })
    };
    known.retain(|host| urls(cx, host).all(is_answered));
    if known.is_empty() {
        let causes = named.iter().filter(|(_, host)| !host.is_known());
        let causes = causes.fold(Causes::default(), |all, (_, host)| {
            all.union(&host.causes())
        });
        let message = "nothing here leads a request for it to the service of the API";
        return unknown(cx, message, &causes, None).collect();
    }
    let on = |host: &String| urls(cx, host).map(|url| read(&url)).collect::<Vec<_>>();
    known.iter().flat_map(on).collect()
}

/// Hosts of an API, and why and where one is named that is not known.
fn hosts(
    cx: &Context<'_>,
    model: &Model<'_>,
) -> (BTreeSet<String>, Option<(Causes, Option<Span>)>) {
    let mut known = BTreeSet::new();
    let mut open: Option<(Causes, Option<Span>)> = None;
    for (instance, host) in model.hosts() {
        match host.as_str() {
            Some(name) if name.starts_with("api.") && !name.contains(['*', '?']) => {
                known.insert(name.to_lowercase());
            }
            None if may_be_api(&host) => {
                let whole = subject(instance, AttributePath::default());
                let span = cx.plan.provenance.span(&whole);
                open.get_or_insert((host.causes(), span));
            }
            Some(_) | None => {}
        }
    }
    (known, open)
}

/// By what the name begins with, or by the name of the variable that it waits for.
fn may_be_api(host: &Value) -> bool {
    let unknown = host.as_unknown();
    if let Some(prefix) = unknown.and_then(|unknown| unknown.prefix.as_deref()) {
        return prefix.starts_with("api.");
    }
    host.causes().iter().any(|cause| match cause {
        Cause::NoValue { variable } => {
            let name = variable.rsplit('.').next().unwrap_or(variable);
            name.split('_').any(|word| word == "api")
        }
        _ => false,
    })
}

/// The target groups that should be reached.
pub(super) enum Expected {
    /// Those that the named containers are registered with; for these causes there may be more.
    Groups(BTreeSet<usize>, Option<Causes>),
    /// No container has such a name: any that something serves.
    Any,
}

/// What the parameter `containers` says of the services of a plan.
pub(super) fn expected(cx: &Context<'_>, model: &Model<'_>) -> Expected {
    let names = cx.strings("containers");
    let is_meant = |container: &str| is_meant(&names, model, container);
    let mut groups = BTreeSet::new();
    let mut open: Option<Causes> = None;
    let registrations = model.services.iter().flat_map(|one| &one.registrations);
    for registration in registrations {
        if !registration.container.as_deref().is_some_and(is_meant) {
            continue;
        }
        match &registration.group {
            Link::To(at) => {
                groups.insert(*at);
            }
            Link::Open(causes) => open = Some(open.unwrap_or_default().union(causes)),
            Link::Outside(_) => {}
        }
    }
    if groups.is_empty() && open.is_none() {
        Expected::Any
    } else {
        Expected::Groups(groups, open)
    }
}

/// Whether a container is one of those that should answer.
fn is_meant(names: &[&str], model: &Model<'_>, container: &str) -> bool {
    let registered = || {
        let registrations = model.services.iter().flat_map(|one| &one.registrations);
        registrations.filter_map(|one| one.container.as_deref())
    };
    names.iter().any(|wanted| {
        let rest = container.strip_suffix(wanted);
        // Beside one of the very name, longer names are those of others.
        rest.is_some_and(|rest| match rest {
            "" => true,
            rest => rest.ends_with(SEPARATORS) && !registered().any(|one| one == *wanted),
        })
    })
}

const SEPARATORS: [char; 3] = ['-', '_', '.'];

/// A container that answers beside those that should.
pub(super) struct Intruder {
    /// `aws_ecs_service.web` (container `web`).
    pub(super) shown: String,
    /// Where it is registered.
    pub(super) place: Subject,
    /// Its name has one of the wanted in it: it may be another version of that.
    pub(super) may_be_meant: bool,
    /// Whether it runs at all.
    pub(super) runs: Result<bool, Causes>,
}

/// Which other service puts tasks into the target group of those that should answer.
pub(super) fn intruder(cx: &Context<'_>, model: &Model<'_>, group: usize) -> Option<Intruder> {
    let names = cx.strings("containers");
    let all = model.services_of(group);
    let runs = |service: &Service<'_>| service.runs != Ok(false);
    let mut others = all.into_iter().filter_map(|(service, registration)| {
        let container = registration.container.as_deref()?;
        let is_other = runs(service) && !is_meant(&names, model, container);
        is_other.then(|| Intruder {
            shown: shown(service, registration),
            place: subject(
                service.instance,
                registration.path.with_attribute("target_group_arn"),
            ),
            may_be_meant: container
                .split(SEPARATORS)
                .any(|word| names.contains(&word)),
            runs: count(service),
        })
    });
    others.next()
}

/// A count without a value may be none.
fn count(service: &Service<'_>) -> Result<bool, Causes> {
    let count = service.instance.attribute("desired_count");
    let is_waiting = count
        .causes()
        .iter()
        .any(|cause| matches!(cause, Cause::NoValue { .. }));
    if is_waiting {
        Err(count.causes())
    } else {
        service.runs.clone()
    }
}

fn shown(service: &Service<'_>, registration: &Registration) -> String {
    let container = registration.container.as_deref().unwrap_or("?");
    format!("`{}` (container `{container}`)", service.instance.address)
}

/// `aws_ecs_service.web` (container `web`), for messages.
pub(super) fn served_by(model: &Model<'_>, group: usize) -> String {
    let all = model.services_of(group).into_iter();
    let all: Vec<String> = all.map(|(service, one)| shown(service, one)).collect();
    if all.is_empty() {
        "no ECS service".to_owned()
    } else {
        all.join(", ")
    }
}

/// The last steps of a walk, as a because chain.
pub(super) fn because(cx: &Context<'_>, walk: &Walk) -> Vec<Hop> {
    const MOST: usize = 5;
    let hops = &walk.hops[walk.hops.len().saturating_sub(MOST)..];
    let shown = hops.iter().map(|hop| Hop {
        text: hop.text.clone(),
        span: hop
            .subject
            .as_ref()
            .and_then(|subject| cx.plan.provenance.span(subject)),
    });
    shown.collect()
}
