//! Classic load balancers (`aws_elb`), with the listeners that are written in them.

use super::evidence::{display, subject};
use crate::address::AttributePath;
use crate::plan::{Evidence, Plan, ResourceInstance, Subject};
use crate::value::{Causes, Value};

/// A listener of one.
pub(super) struct Listener {
    /// What clients speak to it, in upper case.
    pub(super) protocol: Result<String, Causes>,
    /// Where they do.
    pub(super) port: Option<String>,
}

const BLOCK: &str = "listener";

/// Those that will be there.
pub(super) fn all(plan: &Plan) -> impl Iterator<Item = &ResourceInstance> {
    plan.managed("aws_elb").filter(|one| one.remains())
}

/// Where the listeners stand: they are a set, in which none has a place of its own.
pub(super) fn place(load_balancer: &ResourceInstance) -> Subject {
    subject(load_balancer, AttributePath::attribute(BLOCK))
}

/// The listeners, if it is known which there are.
pub(super) fn listeners(load_balancer: &ResourceInstance) -> Result<Vec<Listener>, Causes> {
    let value = load_balancer.attribute(BLOCK);
    let Some(blocks) = value.as_elements() else {
        return if value.is_null() {
            Ok(Vec::new())
        } else {
            Err(value.causes())
        };
    };
    Ok(blocks.iter().map(listener).collect())
}

/// The certificates of the listeners that speak TLS, with their places. A plan lists the blocks of a set in another order
/// than the configuration has them.
pub(super) fn certificates<'a>(
    plan: &Plan,
    load_balancer: &'a ResourceInstance,
) -> Vec<(AttributePath, &'a Value)> {
    let blocks = load_balancer.blocks(BLOCK).iter().enumerate();
    let path = AttributePath::attribute(BLOCK);
    let secure = blocks.filter(|(_, block)| {
        let protocol = listener(block).protocol;
        protocol.is_ok_and(|protocol| matches!(protocol.as_str(), "HTTPS" | "SSL"))
    });
    let certificate = |(at, block): (usize, &'a Value)| {
        let path = match plan.evidence {
            Evidence::Sources => path.with_index(at),
            _ => path.clone(),
        };
        let value = block.attribute("ssl_certificate_id");
        (
            path.with_attribute("ssl_certificate_id"),
            value.unwrap_or(&Value::NULL),
        )
    };
    secure.map(certificate).collect()
}

fn listener(block: &Value) -> Listener {
    let of = |name: &str| block.attribute(name);
    let protocol = match of("lb_protocol") {
        Some(value) => match value.as_str() {
            Some(text) => Ok(text.to_ascii_uppercase()),
            None => Err(value.causes()),
        },
        None => Err(block.causes()),
    };
    Listener {
        protocol,
        port: of("lb_port").and_then(display),
    }
}
