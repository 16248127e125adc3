//! The hosts that the certificates of a listener are for, where all of them are named.

use super::argument::{Link, is_same_block, link, referred};
use super::model::all;
use crate::address::{AttributePath, ResourceAddress, ResourceMode};
use crate::plan::{Plan, ResourceInstance};
use crate::value::Value;

const ARN: &str = "certificate_arn";

/// How many objects an ARN is handed on by.
const DEEPEST: usize = 4;

/// The names of a listener's certificates: its own, and those that are added to it. None where one of them is not known,
/// or not all of its names are.
pub(super) fn names(plan: &Plan, listener: &ResourceInstance) -> Option<Vec<String>> {
    let mut found = of_holder(plan, listener, DEEPEST)?;
    let path = AttributePath::attribute("listener_arn");
    for further in all(plan, "aws_lb_listener_certificate") {
        let value = further.attribute("listener_arn");
        match link(plan, further, &path, value, &[listener]) {
            Link::Outside(_) => {}
            Link::To(_) | Link::Open(_) => found.extend(of_holder(plan, further, DEEPEST)?),
        }
    }
    Some(found)
}

/// Whether a certificate with this name is good for a host: `*` is one label.
pub(super) fn is_good_for(name: &str, host: &str) -> bool {
    let (name, host) = (name.trim_end_matches('.'), host.trim_end_matches('.'));
    match name.strip_prefix("*.") {
        Some(domain) => host
            .split_once('.')
            .is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(domain)),
        None => name.eq_ignore_ascii_case(host),
    }
}

/// The names of the certificate whose ARN an object has.
fn of_holder(plan: &Plan, holder: &ResourceInstance, depth: usize) -> Option<Vec<String>> {
    let value = holder.attribute(ARN);
    let by_arn = |one: &&ResourceInstance| {
        value.as_str().is_some() && one.attribute("arn").as_str() == value.as_str()
    };
    if let Some(certificate) = plan.managed("aws_acm_certificate").find(by_arn) {
        return of_certificate(certificate);
    }
    let addresses = referred(plan, holder, &AttributePath::attribute(ARN), value);
    if addresses.is_empty() || depth == 0 {
        return None;
    }
    let mut found = Vec::new();
    for address in &addresses {
        found.extend(of_block(plan, address, depth)?);
    }
    Some(found)
}

fn of_block(plan: &Plan, address: &ResourceAddress, depth: usize) -> Option<Vec<String>> {
    if address.resource.mode != ResourceMode::Managed {
        return None;
    }
    let kind = &*address.resource.kind;
    let mut found = Vec::new();
    let instances = plan.managed(kind).filter(|one| one.remains());
    for one in instances.filter(|one| is_same_block(&one.address, address)) {
        found.extend(match kind {
            "aws_acm_certificate_validation" => of_holder(plan, one, depth - 1)?,
            "aws_acm_certificate" => of_certificate(one)?,
            _ => return None,
        });
    }
    (!found.is_empty()).then_some(found)
}

/// Of one that is imported nothing is told.
fn of_certificate(certificate: &ResourceInstance) -> Option<Vec<String>> {
    let name = certificate.attribute("domain_name").as_str()?.to_owned();
    let others = certificate.attribute("subject_alternative_names");
    if others.is_null() {
        return Some(vec![name]);
    }
    let others = others.as_elements()?.iter();
    let others = others.map(|one| Value::as_str(one).map(str::to_owned));
    let mut found = others.collect::<Option<Vec<String>>>()?;
    found.push(name);
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::is_good_for;

    #[test]
    fn a_star_is_one_label() {
        for (name, good) in [
            ("api.example.com", true),
            ("API.example.com.", true),
            ("*.example.com", true),
            ("*.com", false),
            ("example.com", false),
            ("*.api.example.com", false),
        ] {
            assert_eq!(is_good_for(name, "api.example.com"), good, "{name}");
        }
    }
}
