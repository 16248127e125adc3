//! The URLs that must be served, and the target groups that should serve them, as rules about the way of a request read
//! them.

use std::collections::BTreeSet;

use super::evidence::subject;
use super::flag::is_declared;
use crate::address::AttributePath;
use crate::plan::Hop;
use crate::route::{Link, Model, Request, RequestError, Service, Walk};
use crate::rule::Context;
use crate::source::Span;
use crate::value::{Cause, Causes, Value};

/// A URL that must be served.
pub(super) enum Endpoint {
    Known(Request),
    /// A configured one that is no URL.
    Unreadable(String, RequestError),
    /// The configuration names its host, here, in a way that is not known.
    Open(String, Causes, Option<Span>),
}

/// The configured endpoints; or else the parameter's paths on each host that begins with `api.` and that the
/// configuration of a runbook names itself.
pub(super) fn endpoints(cx: &Context<'_>, model: &Model<'_>) -> Vec<Endpoint> {
    let read = |text: &str| match Request::parse(text) {
        Ok(request) => Endpoint::Known(request),
        Err(error) => Endpoint::Unreadable(text.to_owned(), error),
    };
    let configured = cx.strings("endpoints");
    if !configured.is_empty() {
        return configured.into_iter().map(read).collect();
    }
    if !is_declared(cx) {
        return Vec::new();
    }
    let paths = cx.strings("paths");
    let (known, open) = hosts(cx, model);
    let mut found = Vec::new();
    for path in &paths {
        let (method, path) = path.split_once(' ').unwrap_or(("GET", path));
        found.extend(
            known
                .iter()
                .map(|host| read(&format!("{method} https://{host}{path}"))),
        );
        if let (true, Some((causes, span))) = (known.is_empty(), &open) {
            found.push(Endpoint::Open(
                format!("https://api.…{path}"),
                causes.clone(),
                *span,
            ));
        }
    }
    found
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
    let is_meant = |container: &str| {
        names.iter().any(|wanted| {
            let rest = container.strip_suffix(wanted);
            rest.is_some_and(|rest| rest.is_empty() || rest.ends_with(['-', '_', '.']))
        })
    };
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

/// `aws_ecs_service.web` (container `web`), for messages.
pub(super) fn served_by(model: &Model<'_>, group: usize) -> String {
    let shown = |(service, registration): (&Service<'_>, &crate::route::Registration)| {
        let container = registration.container.as_deref().unwrap_or("?");
        format!("`{}` (container `{container}`)", service.instance.address)
    };
    let all: Vec<String> = model.services_of(group).into_iter().map(shown).collect();
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
