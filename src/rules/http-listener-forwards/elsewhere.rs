//! Rules of a listener that is not among the evidence: a data source finds it, or its ARN is given.

use super::{Does, FOR_GOOD, HELP, action};
use crate::address::{AttributePath, ResourceMode};
use crate::plan::ResourceInstance;
use crate::rule::{Context, Findings, Level};
use crate::rules::evidence::{
    Answer, canonical, display, is_same_block, refers_to, sources, subject,
};
use crate::rules::load_balancer::{all, is_internet_facing};
use crate::value::Causes;

const LISTENER: &str = "listener_arn";

pub(super) fn judge(cx: &Context<'_>, rule: &ResourceInstance, findings: &mut Findings) {
    let mut found = Vec::new();
    action(cx, rule, "action", &mut found);
    found.retain(|(_, does)| !matches!(does, Does::Safe(_)));
    found.sort_by_key(|(_, does)| match does {
        Does::Unsafe(..) => 0,
        Does::Temporary(_) => 1,
        Does::Safe(_) | Does::Open(_) => 2,
    });
    let Some((place, does)) = found.into_iter().next() else {
        return;
    };
    let reached = reached_over_http(cx, rule);
    match (does, reached) {
        (_, Answer::No) => {}
        (Does::Unsafe(what, _), Answer::Yes) => {
            let message = format!("this rule of an HTTP listener {what}");
            findings.fail(place, message).help(HELP);
        }
        (Does::Temporary(_), Answer::Yes) => {
            let message =
                "this rule of an HTTP listener redirects to HTTPS for the time being only (302)";
            findings
                .fail(place, message)
                .help(FOR_GOOD)
                .at_most(Level::Warning);
        }
        (does, reached) => {
            let causes = match (does, reached) {
                (_, Answer::Open(causes)) | (Does::Open(causes), _) => causes,
                _ => Causes::default(),
            };
            let place = subject(rule, AttributePath::attribute(LISTENER));
            let message = "nothing tells whether this rule serves plain HTTP from the internet: its listener is not \
                           made here";
            findings.undecided(place, message, causes);
        }
    }
}

/// Whether plain HTTP from the internet comes to the listener that a rule names.
fn reached_over_http(cx: &Context<'_>, rule: &ResourceInstance) -> Answer {
    let Some(listener) = looked_up(cx, rule, LISTENER, "aws_lb_listener") else {
        return Answer::Open(rule.attribute(LISTENER).causes());
    };
    let protocol = listener.attribute("protocol");
    match (
        protocol.as_str(),
        display(listener.attribute("port")).as_deref(),
    ) {
        (Some("HTTP"), _) | (None, Some("80" | "8080")) => {}
        (Some(_), _) | (None, Some("443")) => return Answer::No,
        (None, _) => return Answer::Open(protocol.causes()),
    }
    let of_listener =
        |one: &&ResourceInstance| refers_to(cx, listener, "load_balancer_arn", one) == Answer::Yes;
    if let Some(managed) = all(cx.plan, "aws_lb")
        .into_iter()
        .find(|one| of_listener(one))
    {
        return is_internet_facing(cx, managed);
    }
    let Some(found) = looked_up(cx, listener, "load_balancer_arn", "aws_lb") else {
        return Answer::Open(listener.attribute("load_balancer_arn").causes());
    };
    let internal = found.attribute("internal");
    match internal.as_bool() {
        Some(true) => Answer::No,
        Some(false) => Answer::Yes,
        None => Answer::Open(internal.causes()),
    }
}

/// The data source of a kind that an attribute comes from.
fn looked_up<'a>(
    cx: &Context<'a>,
    one: &ResourceInstance,
    attribute: &str,
    kind: &str,
) -> Option<&'a ResourceInstance> {
    let behind = sources(
        cx,
        one,
        &AttributePath::attribute(attribute),
        one.attribute(attribute),
    );
    let (address, _) = behind.attributes.iter().find(|(address, _)| {
        address.resource.mode == ResourceMode::Data && canonical(&address.resource.kind) == kind
    })?;
    cx.plan
        .of_kind(&address.resource.kind)
        .find(|found| is_same_block(&found.address, address))
}
