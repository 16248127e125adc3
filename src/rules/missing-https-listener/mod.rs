//! `missing-https-listener`: a load balancer that the internet reaches serves HTTPS. None that serves nothing passes.

mod classic;

use std::sync::Arc;

use crate::address::AttributePath;
use crate::plan::{EmptyExpansion, Origin, ResourceInstance, Subject};
use crate::rule::{Context, Findings, Parameter, Rule, RuleMeta, Scope};
use crate::rules;
use crate::rules::evidence::{Answer, canonical, refers_to, subject, unread};
use crate::rules::flag::is_declared;
use crate::rules::load_balancer::{all, is_certain, is_internet_facing, kind, port, protocol};
use crate::value::{Causes, Value};

/// The rule.
pub struct MissingHttpsListener;

static META: RuleMeta = RuleMeta {
    id: "missing-https-listener",
    summary: "each load balancer that the internet reaches has an HTTPS listener in production",
    scope: Scope::Production,
    parameters: &[Parameter {
        name: "declared",
        summary: "where one of these variables is declared, production must have a load balancer at all",
    }],
    page: include_str!("README.md"),
};

impl Rule for MissingHttpsListener {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check_plan(&self, cx: &Context<'_>, findings: &mut Findings) {
        for load_balancer in all(cx.plan, "aws_lb") {
            judge(cx, load_balancer, findings);
        }
        for load_balancer in rules::classic::all(cx.plan) {
            classic::judge(cx, load_balancer, findings);
        }
        if all(cx.plan, "aws_lb").is_empty() && is_declared(cx) {
            switched_off(cx, findings);
        }
    }
}

/// A load balancer that is written, and of which production has none: the empty world keeps every promise but this.
fn switched_off(cx: &Context<'_>, findings: &mut Findings) {
    let written = |empty: &&EmptyExpansion| canonical(&empty.address.resource.kind) == "aws_lb";
    let Some(empty) = cx.plan.empty.iter().find(written) else {
        return;
    };
    let subject = Subject::Expansion(empty.address.clone().into());
    let message = format!(
        "`{}` has no instance: production serves no HTTPS at all",
        empty.address
    );
    findings
        .fail(subject, message)
        .help("switch it on, or check this root as another environment than production");
}

/// What the listeners of a load balancer come to.
#[derive(Default)]
struct Served {
    https: bool,
    /// Another protocol than HTTPS or TLS; whether on a port of the web.
    other: Vec<bool>,
    open: Option<Causes>,
}

impl Served {
    fn may_be(&mut self, causes: &Causes) {
        let known = self.open.take().unwrap_or_default();
        self.open = Some(known.union(causes));
    }
}

fn judge(cx: &Context<'_>, load_balancer: &ResourceInstance, findings: &mut Findings) {
    let whole = subject(load_balancer, AttributePath::default());
    let address = &load_balancer.address;
    let kind = match kind(cx, load_balancer) {
        Ok(kind) => kind,
        Err(causes) => {
            findings.undecided(
                whole,
                format!("nothing tells what type `{address}` is of"),
                causes,
            );
            return;
        }
    };
    let facing = match is_internet_facing(cx, load_balancer) {
        Answer::No => return,
        facing => facing,
    };
    let served = served(cx, load_balancer, &kind);
    let counts = match kind.as_str() {
        "application" => true,
        // One that passes on other protocols is not meant.
        "network" => served.https || served.other.contains(&true),
        _ => false,
    };
    if !counts {
        return;
    }
    if served.https {
        findings.pass(whole, format!("`{address}` has an HTTPS listener"));
        return;
    }
    let open = match (served.open, facing) {
        (Some(causes), _) | (None, Answer::Open(causes)) => Some(causes),
        _ => None,
    };
    if let Some(causes) = open {
        let message = format!("nothing tells whether `{address}` has an HTTPS listener");
        findings.undecided(whole, message, causes);
        return;
    }
    let turned_off = turned_off(cx, load_balancer);
    if let (None, Some(unread)) = (turned_off, unread(cx.plan)) {
        let message = format!("`{address}` has no HTTPS listener here, and {unread}");
        findings.undecided(whole, message, Causes::default());
        return;
    }
    fail(cx, load_balancer, whole, served.other.is_empty(), findings);
}

fn fail(
    cx: &Context<'_>,
    load_balancer: &ResourceInstance,
    whole: Subject,
    none: bool,
    findings: &mut Findings,
) {
    let address = &load_balancer.address;
    let message = if none {
        format!("`{address}` serves the internet and has no listener at all")
    } else {
        format!("`{address}` serves the internet and has no HTTPS listener")
    };
    let Some(empty) = turned_off(cx, load_balancer) else {
        findings.fail(whole, message).help(
            "add an `aws_lb_listener` with `port = 443`, `protocol = \"HTTPS\"` and a validated certificate",
        );
        return;
    };
    let because = cx
        .plan
        .provenance
        .because(&Subject::Expansion(empty.address.clone().into()));
    let place = because.first().and_then(|hop| hop.span).or(empty.span);
    let what = because.first().map_or_else(
        || "its `count` or `for_each`".to_owned(),
        |hop| format!("`{}`", hop.text),
    );
    findings
        .fail(whole, message)
        .at(place)
        .label(empty.span, "no instance of the HTTPS listener")
        .because(because)
        .help(format!(
            "`{}` is written and has no instance: change {what}",
            empty.address
        ));
}

/// The listener that is written for it and has no instance. One on the same load balancer, in doubt the only one.
fn turned_off<'a>(
    cx: &'a Context<'_>,
    load_balancer: &ResourceInstance,
) -> Option<&'a EmptyExpansion> {
    let written = cx.plan.empty.iter().filter(|empty| {
        let text = |name: &str| empty.arguments.get(name).and_then(Value::as_str);
        let secure = text("protocol").is_some_and(|protocol| matches!(protocol, "HTTPS" | "TLS"));
        canonical(&empty.address.resource.kind) == "aws_lb_listener"
            && (secure || empty.arguments.contains_key("certificate_arn"))
    });
    let mut near: Vec<&EmptyExpansion> = written.collect();
    near.sort_by_key(|empty| empty.address.module != load_balancer.address.module);
    near.first().copied()
}

fn served(cx: &Context<'_>, load_balancer: &ResourceInstance, kind: &str) -> Served {
    let mut served = Served::default();
    let only = all(cx.plan, "aws_lb").len() == 1;
    for listener in all(cx.plan, "aws_lb_listener") {
        let answer = refers_to(cx, listener, "load_balancer_arn", load_balancer);
        let open = match answer {
            Answer::No => continue,
            Answer::Yes => None,
            Answer::Open(_) if only => None,
            Answer::Open(causes) => Some(causes),
        };
        let open = open.or_else(|| (!is_certain(listener)).then(|| expansion_causes(cx, listener)));
        match protocol(cx, listener, Some(load_balancer)) {
            Err(causes) => served.may_be(&causes),
            Ok(protocol) => {
                let port = port(cx, listener).ok().flatten();
                let passed_through =
                    kind == "network" && protocol == "TCP" && port.as_deref() == Some("443");
                let https = matches!(protocol.as_str(), "HTTPS" | "TLS") || passed_through;
                match open {
                    Some(causes) if https => served.may_be(&causes),
                    _ if https => served.https = true,
                    _ => served
                        .other
                        .push(matches!(port.as_deref(), Some("80" | "8080"))),
                }
            }
        }
    }
    served
}

/// Why nobody knows how many instances there are: the variables without a value that its `count` or `for_each` derives
/// from, or else whatever is open in it.
fn expansion_causes(cx: &Context<'_>, listener: &ResourceInstance) -> Causes {
    let expansion = Subject::Expansion(Arc::clone(&listener.address));
    let origins = cx.plan.provenance.origins(&expansion);
    let open = origins.iter().filter_map(|origin| match origin {
        Origin::Variable(name) => Some(cx.plan.variable(name)?.value.causes()),
        Origin::Attribute(address, path) => {
            Some(cx.plan.resource(address)?.attribute(path.root()?).causes())
        }
        Origin::Literal | Origin::Lost(_) => None,
    });
    open.fold(Causes::default(), |all, causes| all.union(&causes))
}
