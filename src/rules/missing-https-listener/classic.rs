//! Classic load balancers: those that serve the web must serve HTTPS.

use crate::address::AttributePath;
use crate::plan::ResourceInstance;
use crate::rule::{Context, Findings};
use crate::rules::classic::{Listener, listeners};
use crate::rules::evidence::{Answer, subject};
use crate::rules::load_balancer::is_internet_facing;

const HELP: &str = "add a `listener` with `lb_port = 443`, `lb_protocol = \"https\"` and `ssl_certificate_id`, or use an `aws_lb`";

pub(super) fn judge(cx: &Context<'_>, load_balancer: &ResourceInstance, findings: &mut Findings) {
    let whole = subject(load_balancer, AttributePath::default());
    let address = &load_balancer.address;
    let facing = match is_internet_facing(cx, load_balancer) {
        Answer::No => return,
        Answer::Yes => None,
        Answer::Open(causes) => Some(causes),
    };
    let (https, web, open) = match listeners(load_balancer) {
        Ok(all) => (
            all.iter().any(is_https),
            all.iter().any(is_web),
            all.iter().find_map(|one| one.protocol.clone().err()),
        ),
        Err(causes) => (false, true, Some(causes)),
    };
    if https {
        findings.pass(whole, format!("`{address}` has an HTTPS listener"));
    } else if let Some(causes) = open.or(facing.filter(|_| web)) {
        let message = format!("nothing tells whether `{address}` has an HTTPS listener");
        findings.undecided(whole, message, causes);
    } else if web {
        let message = format!("`{address}` serves the internet and has no HTTPS listener");
        findings.fail(whole, message).help(HELP);
    }
}

/// One that passes TLS on to the instances serves HTTPS as well.
fn is_https(listener: &Listener) -> bool {
    match listener.protocol.as_deref() {
        Ok("HTTPS" | "SSL") => true,
        Ok("TCP") => listener.port.as_deref() == Some("443"),
        _ => false,
    }
}

/// Whether it is for the web, and not for another protocol that is passed on.
fn is_web(listener: &Listener) -> bool {
    match listener.protocol.as_deref() {
        Ok("HTTP" | "HTTPS") => true,
        _ => matches!(listener.port.as_deref(), Some("80" | "443" | "8080")),
    }
}
