//! `http-listener-forwards`: plain HTTP from the internet is redirected to HTTPS, not served.

mod classic;
mod elsewhere;
mod network;
mod passed_on;

use std::sync::Arc;

use crate::address::{AttributePath, ResourceAddress};
use crate::plan::{ResourceInstance, Subject};
use crate::route::{Family, hold_always, lets_in};
use crate::rule::{Context, Findings, Level, Rule, RuleMeta, Scope};
use crate::rules;
use crate::rules::evidence::{Answer, refers_to, subject, text_or_default, unread};
use crate::rules::load_balancer::{
    all, is_certain, is_internet_facing, of_listener, port, protocol,
};
use crate::value::{Causes, Value};

/// The rule.
pub struct HttpListenerForwards;

static META: RuleMeta = RuleMeta {
    id: "http-listener-forwards",
    summary: "each HTTP listener that the internet reaches redirects to HTTPS in production",
    scope: Scope::Production,
    parameters: &[],
    page: include_str!("README.md"),
};

const HELP: &str = "redirect: `type = \"redirect\"` with `redirect { port = \"443\", protocol = \"HTTPS\", status_code = \"HTTP_301\" }`, one argument a line";

const FOR_GOOD: &str = "set `status_code = \"HTTP_301\"`";

impl Rule for HttpListenerForwards {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check_plan(&self, cx: &Context<'_>, findings: &mut Findings) {
        let rules = all(cx.plan, "aws_lb_listener_rule");
        let mut outside = vec![true; rules.len()];
        for listener in all(cx.plan, "aws_lb_listener") {
            let mut own = Vec::new();
            for (rule, outside) in rules.iter().zip(&mut outside) {
                if refers_to(cx, rule, "listener_arn", listener) == Answer::Yes {
                    *outside = false;
                    own.push(*rule);
                }
            }
            judge(cx, listener, &own, findings);
        }
        for (rule, _) in rules.iter().zip(outside).filter(|(_, outside)| *outside) {
            elsewhere::judge(cx, rule, findings);
        }
        for load_balancer in rules::classic::all(cx.plan) {
            classic::judge(cx, load_balancer, findings);
        }
    }
}

/// What an action does with a request.
enum Does {
    /// Redirects to HTTPS, or answers itself.
    Safe(&'static str),
    /// Redirects to HTTPS, though not for good.
    Temporary(AttributePath),
    /// Serves, or redirects elsewhere: what, and which argument says so.
    Unsafe(String, AttributePath),
    Open(Causes),
}

fn judge(
    cx: &Context<'_>,
    listener: &ResourceInstance,
    rules: &[&ResourceInstance],
    findings: &mut Findings,
) {
    let load_balancer = of_listener(cx, listener);
    let known = load_balancer.as_ref().ok().copied().flatten();
    match protocol(cx, listener, known) {
        Ok(protocol) if protocol == "HTTP" => {}
        Ok(protocol) => {
            if let ("TCP" | "TCP_UDP", Some(load_balancer)) = (protocol.as_str(), known) {
                network::judge(cx, listener, load_balancer, findings);
            }
            return;
        }
        Err(causes) => {
            let message = "nothing tells whether this listener speaks plain HTTP";
            let path = AttributePath::attribute("protocol");
            findings.undecided(subject(listener, path), message, causes);
            return;
        }
    }
    let facing = match (&load_balancer, known) {
        (_, Some(load_balancer)) => match is_internet_facing(cx, load_balancer) {
            Answer::No if passed_on::reaches(cx, listener, load_balancer) => Answer::Yes,
            Answer::Yes => is_let_in(cx, listener, load_balancer),
            facing => facing,
        },
        (Ok(_), None) => Answer::Open(Causes::default()),
        (Err(causes), None) => Answer::Open(causes.clone()),
    };
    if facing == Answer::No {
        return;
    }
    let found = actions(cx, listener, rules, family(cx, known));
    report(listener, found, &facing, findings);
}

/// Whether the security groups of a load balancer let callers of the internet in on the port of a listener.
fn is_let_in(
    cx: &Context<'_>,
    listener: &ResourceInstance,
    load_balancer: &ResourceInstance,
) -> Answer {
    let port = port(cx, listener).ok().flatten();
    let Some(port) = port.and_then(|port| port.parse().ok()) else {
        return Answer::Yes;
    };
    match lets_in(
        cx.plan,
        load_balancer,
        port,
        family(cx, Some(load_balancer)),
    ) {
        Ok(true) => Answer::Yes,
        // A rule that takes them may stand in what was not read.
        Ok(false) if unread(cx.plan).is_some() => Answer::Open(Causes::default()),
        Ok(false) => Answer::No,
        Err(causes) => Answer::Open(causes),
    }
}

/// Left out, a load balancer has addresses of IPv4 only.
fn family(cx: &Context<'_>, load_balancer: Option<&ResourceInstance>) -> Family {
    const NAME: &str = "ip_address_type";
    let given = load_balancer.map(|one| {
        text_or_default(
            cx,
            one,
            &AttributePath::attribute(NAME),
            one.attribute(NAME),
        )
    });
    match given {
        Some(Ok(Some(kind))) if kind == "ipv4" => Family::Ipv4,
        _ => Family::Both,
    }
}

/// A verdict of each action that a request can come to: the default one, and those of the rules.
fn actions(
    cx: &Context<'_>,
    listener: &ResourceInstance,
    rules: &[&ResourceInstance],
    family: Family,
) -> Actions {
    let mut found = Vec::new();
    let takes_all = |rule: &&&ResourceInstance| {
        is_certain(rule) && hold_always(rule.attribute("condition"), family)
    };
    let last: Vec<&ResourceInstance> = rules.iter().filter(takes_all).copied().collect();
    if last.is_empty() {
        action(cx, listener, "default_action", &mut found);
    }
    // Nothing comes past a rule that takes every request.
    let first = last.iter().filter_map(|rule| priority(cx, rule)).min();
    for rule in rules {
        let is_behind = priority(cx, rule)
            .zip(first)
            .is_some_and(|(own, first)| own > first);
        if !is_behind {
            action(cx, rule, "action", &mut found);
        }
    }
    found
}

/// A rule's place, where it is given.
fn priority(cx: &Context<'_>, rule: &ResourceInstance) -> Option<u64> {
    let path = AttributePath::attribute("priority");
    let given = text_or_default(cx, rule, &path, rule.attribute("priority"));
    given.ok().flatten()?.parse().ok()
}

/// What is done at places.
type Actions = Vec<(Subject, Does)>;

/// A verdict of the listener and of each rule: who waives the one has not looked at the others.
fn report(listener: &ResourceInstance, found: Actions, facing: &Answer, findings: &mut Findings) {
    let mut of_each: Vec<(Arc<ResourceAddress>, Actions)> = Vec::new();
    for (place, does) in found {
        let Subject::Attribute(address, _) = &place else {
            continue;
        };
        match of_each.last_mut() {
            Some((last, own)) if last == address => own.push((place, does)),
            _ => of_each.push((Arc::clone(address), vec![(place, does)])),
        }
    }
    let (mut safe, mut is_fine) = ("redirects to HTTPS", true);
    for (address, own) in of_each {
        let what = if address == listener.address {
            "this HTTP listener"
        } else {
            "this rule of an HTTP listener"
        };
        match worst(own, facing) {
            Worst::Safe(how) => {
                safe = how;
                continue;
            }
            Worst::Plain(place, how) => {
                findings.fail(place, format!("{what} {how}")).help(HELP);
            }
            Worst::Temporary(place) => {
                let message = format!("{what} redirects to HTTPS for the time being only (302)");
                findings
                    .fail(place, message)
                    .help(FOR_GOOD)
                    .at_most(Level::Warning);
            }
            Worst::Open(causes) => {
                let place = Subject::Attribute(address, AttributePath::default());
                let message =
                    format!("nothing tells whether {what} serves requests from the internet");
                findings.undecided(place, message, causes);
            }
        }
        is_fine = false;
    }
    if is_fine {
        findings.pass(subject(listener, AttributePath::default()), safe);
    }
}

/// The worst of what the actions of one listener or rule do.
enum Worst {
    Plain(Subject, String),
    Open(Causes),
    Temporary(Subject),
    Safe(&'static str),
}

fn worst(actions: Actions, facing: &Answer) -> Worst {
    let mut safe = "redirects to HTTPS";
    let (mut plain, mut temporary) = (None, None);
    let mut open: Option<Causes> = None;
    for (place, does) in actions {
        match (does, facing) {
            (Does::Safe(what), _) => safe = what,
            (Does::Open(causes), _) => open = Some(open.unwrap_or_default().union(&causes)),
            (Does::Unsafe(..) | Does::Temporary(_), Answer::Open(causes)) => {
                open = Some(open.unwrap_or_default().union(causes));
            }
            (Does::Unsafe(what, _), _) => plain = plain.or(Some((place, what))),
            (Does::Temporary(_), _) => temporary = temporary.or(Some(place)),
        }
    }
    match (plain, temporary, open) {
        (Some((place, what)), ..) => Worst::Plain(place, what),
        (None, _, Some(causes)) => Worst::Open(causes),
        (None, Some(place), None) => Worst::Temporary(place),
        (None, None, None) => Worst::Safe(safe),
    }
}

fn action(cx: &Context<'_>, one: &ResourceInstance, block: &str, found: &mut Actions) {
    let list = one.attribute(block);
    let Some(blocks) = list.as_elements() else {
        if !list.is_known() {
            found.push((
                subject(one, AttributePath::attribute(block)),
                Does::Open(list.causes()),
            ));
        }
        return;
    };
    for (at, value) in blocks.iter().enumerate() {
        let path = AttributePath::attribute(block).with_index(at);
        let does = what_it_does(cx, one, value, &path);
        let place = match &does {
            Does::Unsafe(_, path) | Does::Temporary(path) => path.clone(),
            _ => path,
        };
        found.push((subject(one, place), does));
    }
}

fn what_it_does(
    cx: &Context<'_>,
    one: &ResourceInstance,
    action: &Value,
    path: &AttributePath,
) -> Does {
    let Some(kind) = action.attribute("type") else {
        return Does::Open(action.causes());
    };
    let type_path = path.with_attribute("type");
    match text_or_default(cx, one, &type_path, kind) {
        Err(causes) => Does::Open(causes),
        Ok(Some(kind)) if kind == "redirect" => {
            redirect(cx, one, action, &path.with_attribute("redirect"))
        }
        Ok(Some(kind)) if kind == "fixed-response" => Does::Safe("answers itself"),
        Ok(Some(kind)) if kind == "forward" => Does::Unsafe(
            "forwards plain HTTP from the internet".to_owned(),
            type_path,
        ),
        Ok(kind) => {
            let kind = kind.unwrap_or_default();
            Does::Unsafe(format!("does `{kind}` over plain HTTP"), type_path)
        }
    }
}

/// What a redirect leaves out stays as it is in the request: without `protocol` it comes back to where it was.
fn redirect(
    cx: &Context<'_>,
    one: &ResourceInstance,
    action: &Value,
    path: &AttributePath,
) -> Does {
    let Some(blocks) = action.attribute("redirect") else {
        return Does::Open(action.causes());
    };
    let redirect = match blocks.as_elements() {
        Some([redirect, ..]) => redirect,
        Some([]) => return Does::Open(action.causes()),
        None => return Does::Open(blocks.causes()),
    };
    let path = path.with_index(0);
    let argument = |name: &str| {
        let path = path.with_attribute(name);
        let value = redirect.attribute(name).unwrap_or(&Value::NULL);
        text_or_default(cx, one, &path, value).map(Option::unwrap_or_default)
    };
    let (protocol, port, status) = match (
        argument("protocol"),
        argument("port"),
        argument("status_code"),
    ) {
        (Ok(protocol), Ok(port), Ok(status)) => (protocol, port, status),
        (Err(causes), ..) | (_, Err(causes), _) | (.., Err(causes)) => return Does::Open(causes),
    };
    if protocol != "HTTPS" {
        let what = "redirects without changing the protocol: a loop, not a redirect to HTTPS";
        return Does::Unsafe(what.to_owned(), path.with_attribute("protocol"));
    }
    if !is_https_port(cx, &port) {
        let what = format!("redirects to port `{port}`, where no HTTPS listener is");
        return Does::Unsafe(what, path.with_attribute("port"));
    }
    match status.as_str() {
        "HTTP_302" => Does::Temporary(path.with_attribute("status_code")),
        _ => Does::Safe("redirects to HTTPS"),
    }
}

fn is_https_port(cx: &Context<'_>, wanted: &str) -> bool {
    let serves = |listener: &&ResourceInstance| {
        protocol(cx, listener, None).is_ok_and(|protocol| protocol == "HTTPS")
            && port(cx, listener).is_ok_and(|port| port.as_deref() == Some(wanted))
    };
    wanted == "443" || all(cx.plan, "aws_lb_listener").iter().any(serves)
}
