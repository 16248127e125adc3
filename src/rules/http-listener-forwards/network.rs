//! Network load balancers: what comes in on port 80 goes to the tasks as it is, and only they could redirect it.

use crate::address::AttributePath;
use crate::plan::ResourceInstance;
use crate::route::{Action, Does, Link, Listener, Model, lets_in};
use crate::rule::{Context, Findings};
use crate::rules::evidence::{Answer, subject};
use crate::rules::load_balancer::{is_internet_facing, port};
use crate::value::Causes;

const PLAIN: u16 = 80;

const HELP: &str =
    "take the listener out, or put an application load balancer behind it, which can redirect";

/// Whether a listener is one of these, judged here where it is.
pub(super) fn judge(
    cx: &Context<'_>,
    listener: &ResourceInstance,
    load_balancer: &ResourceInstance,
    findings: &mut Findings,
) {
    let is_plain = port(cx, listener) == Ok(Some(PLAIN.to_string()));
    let family = super::family(cx, Some(load_balancer));
    if !is_plain || lets_in(cx.plan, load_balancer, PLAIN, family) == Ok(false) {
        return;
    }
    let model = Model::of(cx.plan);
    let mut all = model.listeners.iter();
    let Some(own) = all.find(|one| one.instance.address == listener.address) else {
        return;
    };
    let groups = groups(own);
    let has_tasks = |at: &usize| !model.services_of(*at).is_empty();
    if !groups.iter().any(has_tasks) {
        return;
    }
    let is_decrypted = model.listeners.iter().any(|other| {
        other.load_balancer == own.load_balancer
            && other.protocol.as_deref() == Ok("TLS")
            && self::groups(other).iter().any(|at| groups.contains(at))
    });
    let place = subject(listener, AttributePath::attribute("protocol"));
    match (is_internet_facing(cx, load_balancer), is_decrypted) {
        (Answer::No, _) => {}
        // The tasks get the same from both, and cannot tell the one from the other.
        (Answer::Yes, true) => {
            let message = "this TCP listener on port 80 forwards plain HTTP from the internet";
            findings.fail(place, message).help(HELP);
        }
        (facing, _) => {
            let causes = match facing {
                Answer::Open(causes) => causes,
                Answer::Yes | Answer::No => Causes::default(),
            };
            let message = "nothing tells whether the tasks redirect what this TCP listener on port 80 forwards";
            findings.undecided(place, message, causes);
        }
    }
}

/// The target groups of this plan that a listener forwards to.
fn groups(listener: &Listener<'_>) -> Vec<usize> {
    let actions: &[Action] = listener.actions.as_deref().unwrap_or_default();
    let targets = actions.iter().flat_map(|action| match &action.does {
        Does::Forward(targets) => targets.as_slice(),
        _ => &[],
    });
    let targets = targets.filter(|target| !target.idle);
    let known = targets.filter_map(|target| match target.group {
        Link::To(at) => Some(at),
        Link::Outside(_) | Link::Open(_) => None,
    });
    known.collect()
}
