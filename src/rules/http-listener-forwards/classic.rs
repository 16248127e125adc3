//! Classic load balancers: they pass on what comes by HTTP, and cannot redirect it.

use crate::address::AttributePath;
use crate::plan::ResourceInstance;
use crate::rule::{Context, Findings};
use crate::rules::classic::{listeners, place};
use crate::rules::evidence::{Answer, subject};
use crate::rules::load_balancer::is_internet_facing;
use crate::value::Causes;

const HELP: &str =
    "take the HTTP `listener` out, or use an `aws_lb`, which can redirect: this one cannot";

pub(super) fn judge(cx: &Context<'_>, load_balancer: &ResourceInstance, findings: &mut Findings) {
    let facing = match is_internet_facing(cx, load_balancer) {
        Answer::No => return,
        Answer::Yes => None,
        Answer::Open(causes) => Some(causes),
    };
    let mut http = false;
    let mut open: Option<Causes> = None;
    match listeners(load_balancer) {
        Ok(all) => {
            for one in all {
                match one.protocol.as_deref() {
                    Ok(protocol) => http |= protocol == "HTTP",
                    Err(causes) => open = Some(causes.clone()),
                }
            }
        }
        Err(causes) => open = Some(causes),
    }
    match (http, facing, open) {
        (true, None, _) => {
            let message = "this classic load balancer forwards plain HTTP from the internet";
            findings.fail(place(load_balancer), message).help(HELP);
        }
        (true, Some(causes), _) | (false, _, Some(causes)) => {
            let message = "nothing tells whether this classic load balancer serves plain HTTP to the internet";
            findings.undecided(place(load_balancer), message, causes);
        }
        (false, _, None) => {
            let whole = subject(load_balancer, AttributePath::default());
            findings.pass(whole, "no listener speaks plain HTTP");
        }
    }
}
