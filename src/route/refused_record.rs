//! Why Route 53 does not take a record, or the provider does not.

use super::argument::{Link, is_left_out, referred};
use super::dns::{Gives, Reader};
use crate::address::AttributePath;
use crate::plan::{Action, Evidence, ResourceInstance};
use crate::value::{Cause, Unknown, Value};

impl Reader<'_, '_> {
    /// A zone's own name has no other, and the zone of an alias is that of its target, not the record's.
    pub(super) fn refused(
        &self,
        record: &ResourceInstance,
        gives: Gives,
        is_apex: bool,
    ) -> Option<String> {
        const TTL: &str = "ttl";
        let address = &record.address;
        if gives == Gives::Name && is_apex {
            return Some(format!(
                "Route 53 takes no CNAME for the name of the zone itself, as `{address}` is"
            ));
        }
        // What is there was taken.
        let is_new =
            self.plan.evidence == Evidence::Sources || record.change.action == Action::Create;
        let is_none = || of_no_zone(record).or_else(|| self.of_no_name(record, gives));
        if let Some(why) = is_new.then(is_none).flatten() {
            return Some(why);
        }
        let ttl = record.attribute(TTL);
        let path = AttributePath::attribute(TTL);
        let Some(alias) = record.blocks("alias").first() else {
            let has_none = ttl.is_null() || is_left_out(self.plan, record, &path, ttl);
            let lacks_one = has_none && record.attribute("alias").as_elements().is_some();
            return self.refused_addresses(record, gives).or_else(|| {
                lacks_one.then(|| format!("Route 53 refuses `{address}`, which has no `ttl`"))
            });
        };
        if !ttl.is_null() && ttl.is_known() && self.plan.evidence == Evidence::Sources {
            return Some(format!(
                "the provider refuses `{address}`: a record with an `alias` has no `ttl`"
            ));
        }
        let path = AttributePath::attribute("alias").with_index(0);
        let path = path.with_attribute("zone_id");
        let zone = alias.attribute("zone_id")?;
        let of_alias = referred(self.plan, record, &path, zone);
        let zone = of_alias
            .iter()
            .find(|one| &*one.resource.kind == "aws_route53_zone")?;
        let leads_here = matches!(self.target(record), Link::To(_)) && of_alias.len() == 1;
        leads_here.then(|| {
            format!(
                "Route 53 refuses `{address}`: `zone_id` of its alias is that of `{zone}`, not of the load balancer"
            )
        })
    }

    /// A record of addresses that has the load balancer's name in their place.
    fn refused_addresses(&self, record: &ResourceInstance, gives: Gives) -> Option<String> {
        const NAME: &str = "records";
        let kind = match gives {
            Gives::Ipv4 => "A",
            Gives::Ipv6 => "AAAA",
            Gives::Name | Gives::Delegation => return None,
        };
        let records = record.attribute(NAME);
        let only = match records.as_elements() {
            Some([only]) => only,
            Some(_) => return None,
            None => records,
        };
        let Link::To(_) = self.target(record) else {
            return None;
        };
        let causes = only.causes();
        let mut all = causes.iter();
        let is_name = match (only.as_str(), all.next()) {
            (Some(text), _) => text.parse::<std::net::IpAddr>().is_err(),
            (None, Some(Cause::Apply { path, .. })) => {
                path.root() == Some("dns_name") && all.next().is_none()
            }
            (None, _) => false,
        };
        is_name.then(|| {
            format!(
                "Route 53 refuses `{}`: a record of type {kind} has addresses, not the name of a load balancer",
                record.address
            )
        })
    }

    /// A CNAME of several values, and an ARN, a URL or a name of another kind in the place of a DNS name.
    fn of_no_name(&self, record: &ResourceInstance, gives: Gives) -> Option<String> {
        let address = &record.address;
        let records = record.attribute("records");
        let listed = records.foreseen_elements();
        let alias = record.blocks("alias").first();
        let name = match (alias, listed) {
            (Some(alias), _) => alias.attribute("name")?,
            (None, Some([_, _, ..])) if gives == Gives::Name => {
                return Some(format!(
                    "Route 53 refuses `{address}`: a CNAME has one value only"
                ));
            }
            (None, Some([only])) if gives == Gives::Name => only,
            (None, None) if gives == Gives::Name => records,
            _ => return None,
        };
        let leads_here = matches!(self.target(record), Link::To(_));
        (is_url(name) || leads_here && is_another_attribute(name)).then(|| {
            format!(
                "Route 53 refuses `{address}`: what it leads to is not the `dns_name` of a load balancer"
            )
        })
    }
}

/// A name or an ARN in the place of a zone's id.
fn of_no_zone(record: &ResourceInstance) -> Option<String> {
    let zone = record.attribute("zone_id");
    let of = zone.as_unknown().and_then(Unknown::one_attribute);
    let is_none = match (zone.as_str(), of) {
        (Some(text), _) => text.contains(['.', ':']),
        (None, Some((address, path))) => {
            &*address.resource.kind == "aws_route53_zone"
                && matches!(path.root(), Some("arn" | "name"))
        }
        (None, None) => false,
    };
    is_none.then(|| {
        format!(
            "Route 53 has no zone for `{}`: its `zone_id` is the name or ARN of one, not its `zone_id`",
            record.address
        )
    })
}

/// An ARN or a URL, or what begins like one.
fn is_url(name: &Value) -> bool {
    let begin = || name.as_unknown()?.prefix.as_deref();
    let text = name.as_str().or_else(begin);
    text.is_some_and(|text| text.contains([':', '/']))
}

/// What a load balancer has besides its DNS name.
fn is_another_attribute(name: &Value) -> bool {
    let of = name.as_unknown().and_then(Unknown::one_attribute);
    match (name.as_str(), of) {
        (Some(text), _) => !text.contains('.'),
        (None, Some((_, path))) => path
            .root()
            .is_some_and(|root| matches!(root, "arn" | "arn_suffix" | "id" | "name" | "zone_id")),
        (None, None) => false,
    }
}
