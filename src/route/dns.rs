//! What the names in DNS that a plan makes lead to, and which names it leaves without one.

use super::argument::{Link, is_same_block, link, referred};
use super::model::{all, canonical};
use super::pattern::{Case, covers};
use crate::address::{AttributePath, ResourceAddress, ResourceMode};
use crate::plan::{Plan, ResourceInstance};
use crate::value::{Causes, Value};

/// A name in DNS.
#[derive(Debug)]
pub struct Record<'a> {
    /// It.
    pub instance: &'a ResourceInstance,
    /// The full name, as far as it is known; without a dot at its end.
    pub name: Value,
    /// Who finds it.
    pub view: View,
    /// What it gives.
    pub gives: Gives,
    /// The load balancer that it leads to.
    pub load_balancer: Link,
    /// Why Route 53 does not take it.
    pub refused: Option<String>,
    /// The zone that it stands in, by its place among those made here.
    zone: Option<usize>,
}

/// Who finds a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// Everybody.
    Public,
    /// Who asks from the networks of a private zone.
    Private,
}

/// What a record gives to who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gives {
    /// `A`: IPv4 addresses.
    Ipv4,
    /// `AAAA`: IPv6 addresses.
    Ipv6,
    /// `CNAME`: another name, which has either.
    Name,
    /// `NS`: the names below it are somebody else's.
    Delegation,
}

/// `aws_route53_zone`
#[derive(Debug)]
pub struct Zone<'a> {
    /// It.
    pub instance: &'a ResourceInstance,
    /// Without a dot at its end.
    name: Option<String>,
    view: View,
}

/// Why nothing here leads from a name to a load balancer.
#[derive(Debug)]
pub(super) struct Nameless<'m, 'a> {
    /// What speaks against it.
    pub(super) text: String,
    /// Where.
    pub(super) place: &'m &'a ResourceInstance,
}

/// All names of a plan.
#[derive(Debug)]
pub struct Names<'a> {
    /// Records that may lead to a load balancer, and delegations.
    pub records: Vec<Record<'a>>,
    zones: Vec<Zone<'a>>,
}

impl<'a> Names<'a> {
    /// The names of a plan. `load_balancers` are what they may lead to.
    pub(super) fn of(plan: &'a Plan, load_balancers: &[&'a ResourceInstance]) -> Self {
        let zones: Vec<Zone<'a>> = all(plan, "aws_route53_zone")
            .into_iter()
            .map(Zone::of)
            .collect();
        let reader = Reader {
            plan,
            zones: &zones,
            load_balancers,
        };
        let records = all(plan, "aws_route53_record").into_iter();
        let records = records.filter_map(|one| reader.record(one)).collect();
        Self { records, zones }
    }

    /// The record that leads a name on to another one that a record here has.
    pub(super) fn leading_on(&self, host: &str) -> Option<(&Record<'a>, String)> {
        let records = self.public(host);
        let [only] = records.as_slice() else {
            return None;
        };
        let other = only.other_name().filter(|_| only.refused.is_none())?;
        (!self.public(&other).is_empty()).then_some((*only, other))
    }

    /// What everybody finds under a name: records of exactly that name, or else of a pattern that covers it.
    pub(super) fn public(&self, host: &str) -> Vec<&Record<'a>> {
        self.named(host, View::Public)
    }

    fn named(&self, host: &str, view: View) -> Vec<&Record<'a>> {
        let exact = |name: &str| name == host;
        let wild = |name: &str| name.contains('*') && covers(name, host, Case::Ignored);
        let find = |fits: &dyn Fn(&str) -> bool| {
            let records = self.records.iter();
            let records = records.filter(|record| {
                record.view == view
                    && record.gives != Gives::Delegation
                    && record.name.as_str().is_some_and(fits)
                    && self.hidden_by(record, host).is_none()
            });
            records.collect::<Vec<_>>()
        };
        let found = find(&exact);
        if found.is_empty() { find(&wild) } else { found }
    }

    /// The delegation in a record's own zone that hands the name over: what the zone itself has below it is never served.
    fn hidden_by(&self, record: &Record<'a>, host: &str) -> Option<&Record<'a>> {
        let own = record.zone?;
        let apex = self.zones[own].name.as_deref();
        self.records.iter().find(|one| {
            let name = one.name.as_str();
            one.gives == Gives::Delegation
                && one.zone == Some(own)
                && name != apex
                && name.is_some_and(|name| is_within(host, name))
        })
    }

    /// Why a name that no public record has is found by nobody outside, as far as this plan goes: it is in a private zone
    /// alone, or the zone that it belongs to is made here without it.
    pub(super) fn nameless(&self, host: &str) -> Option<Nameless<'_, 'a>> {
        let zone = self.zone_of(host, View::Public);
        let apex = zone.and_then(|zone| zone.name.as_deref());
        // A delegation to a zone that is made here is nobody else's, and neither is a zone's own list of name servers.
        let leads_here = |record: &Record<'_>| {
            let name = record.name.as_str();
            let own = record.zone.and_then(|at| self.zones[at].name.as_deref());
            let to_zone = name
                .zip(apex)
                .is_some_and(|(name, apex)| is_within(apex, name));
            record.gives == Gives::Delegation && (to_zone || own.is_some() && own == name)
        };
        let mut open = self.records.iter().filter(|record| !leads_here(record));
        if open.any(|record| record.may_be(host)) {
            return self.hidden(host);
        }
        if let Some(zone) = zone {
            return Some(Nameless {
                text: format!("`{}` has no record for it", zone.instance.address),
                place: &zone.instance,
            });
        }
        let private = self.named(host, View::Private);
        let record = private.first()?;
        Some(Nameless {
            text: format!("`{}` is in a private zone", record.instance.address),
            place: &record.instance,
        })
    }

    /// A record of that name which a delegation hides.
    fn hidden(&self, host: &str) -> Option<Nameless<'_, 'a>> {
        let of_host = |record: &&Record<'a>| {
            record.leads_the_public_here() && record.name.as_str() == Some(host)
        };
        let mut all = self.records.iter().filter(of_host);
        all.find_map(|record| {
            let by = &self.hidden_by(record, host)?.instance.address;
            Some(Nameless {
                text: format!(
                    "`{by}` hands it over to another zone, so that `{}` is not found",
                    record.instance.address
                ),
                place: &record.instance,
            })
        })
    }

    /// The narrowest zone made here that a name belongs to.
    fn zone_of(&self, host: &str, view: View) -> Option<&Zone<'a>> {
        let zones = self.zones.iter().filter(|zone| zone.view == view);
        let covering = zones.filter(|zone| {
            zone.name
                .as_deref()
                .is_some_and(|name| is_within(host, name))
        });
        covering.max_by_key(|zone| zone.name.as_deref().map(str::len))
    }
}

impl Record<'_> {
    /// Whether everybody finds it, and it leads to a load balancer that may be here.
    pub(super) fn leads_the_public_here(&self) -> bool {
        self.view == View::Public
            && self.gives != Gives::Delegation
            && !matches!(self.load_balancer, Link::Outside(_))
    }

    /// The name that it leads on to, where that is known.
    fn other_name(&self) -> Option<String> {
        let records = self.instance.attribute("records").as_elements()?;
        match records {
            [only] if self.gives == Gives::Name => only.as_str().map(normal),
            _ => None,
        }
    }

    /// Whether only callers of some places get it: a default for all others is called `*`.
    pub(super) fn is_for_a_place(&self) -> bool {
        let policy = self.instance.blocks("geolocation_routing_policy").first();
        policy.is_some_and(|policy| {
            let country = policy.attribute("country").and_then(Value::as_str);
            country != Some("*")
        })
    }

    /// Whether it may be about a name, although it does not have it: its own is not known whole, or somebody else answers
    /// for what is below it.
    fn may_be(&self, host: &str) -> bool {
        match self.name.as_str() {
            _ if self.view == View::Private => false,
            None => self.gives != Gives::Delegation,
            Some(name) if self.gives == Gives::Delegation => is_within(host, name),
            // Where its zone is not known, what is known may be the first part of its name.
            Some(name) => host
                .strip_prefix(name)
                .is_some_and(|rest| rest.starts_with('.')),
        }
    }
}

/// Whether a name is a domain, or is below it.
fn is_within(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

impl<'a> Zone<'a> {
    fn of(instance: &'a ResourceInstance) -> Self {
        let name = instance.attribute("name").as_str();
        Self {
            instance,
            name: name.map(normal),
            view: if instance.blocks("vpc").is_empty() {
                View::Public
            } else {
                View::Private
            },
        }
    }
}

fn normal(name: &str) -> String {
    name.trim_end_matches('.').to_lowercase()
}

/// Reads records.
pub(super) struct Reader<'r, 'a> {
    pub(super) plan: &'a Plan,
    zones: &'r [Zone<'a>],
    load_balancers: &'r [&'a ResourceInstance],
}

impl<'a> Reader<'_, 'a> {
    fn record(&self, instance: &'a ResourceInstance) -> Option<Record<'a>> {
        let gives = match instance.attribute("type").as_str().unwrap_or_default() {
            "A" => Gives::Ipv4,
            "AAAA" => Gives::Ipv6,
            "CNAME" => Gives::Name,
            "NS" => Gives::Delegation,
            _ => return None,
        };
        let path = AttributePath::attribute("zone_id");
        let zone_id = instance.attribute("zone_id");
        let named = referred(self.plan, instance, &path, zone_id);
        let at = self.zones.iter().position(|zone| {
            let own = &zone.instance.address;
            let id = zone.instance.attribute("zone_id").as_str();
            named.iter().any(|address| is_same_block(address, own))
                || id.is_some() && id == zone_id.as_str()
        });
        let zone = at.map(|at| &self.zones[at]);
        let view = match zone {
            Some(zone) => zone.view,
            None if named.iter().any(|address| self.is_private(address)) => View::Private,
            None => View::Public,
        };
        let looked_up = || named.iter().find_map(|address| self.looked_up(address));
        let zone = match zone {
            Some(zone) => zone.name.clone(),
            None => looked_up(),
        };
        let name = full_name(instance.attribute("name"), zone.as_deref());
        let is_apex = zone.is_some() && zone.as_deref() == name.as_str();
        Some(Record {
            instance,
            refused: self.refused(instance, gives, is_apex),
            name,
            view,
            gives,
            load_balancer: self.target(instance),
            zone: at,
        })
    }

    /// The name of a zone that a data source looks up by it.
    fn looked_up(&self, address: &ResourceAddress) -> Option<String> {
        let is_zone = address.resource.mode == ResourceMode::Data
            && &*address.resource.kind == "aws_route53_zone";
        let zone = self.plan.resource(address).filter(|_| is_zone)?;
        zone.attribute("name").as_str().map(normal)
    }

    /// Whether a data source looks up a private zone.
    fn is_private(&self, address: &ResourceAddress) -> bool {
        let is_zone = address.resource.mode == ResourceMode::Data
            && &*address.resource.kind == "aws_route53_zone";
        let zone = self.plan.resource(address).filter(|_| is_zone);
        zone.is_some_and(|zone| {
            let given = |name: &str| zone.attribute(name).as_str();
            zone.attribute("private_zone").as_bool() == Some(true)
                || given("vpc_id").is_some_and(|network| !network.is_empty())
        })
    }

    pub(super) fn target(&self, record: &ResourceInstance) -> Link {
        let path = AttributePath::attribute("alias").with_index(0);
        let path = path.with_attribute("name");
        if let Some(alias) = record.blocks("alias").first() {
            let name = alias.attribute("name").unwrap_or(&Value::NULL);
            return self.name_target(record, &path, name);
        }
        let path = AttributePath::attribute("records");
        let records = record.attribute("records");
        match records.as_elements() {
            Some([only, ..]) => self.name_target(record, &path, only),
            Some([]) => Link::Open(Causes::default()),
            None => self.name_target(record, &path, records),
        }
    }

    /// What a DNS name belongs to: other kinds of objects have names as well.
    fn name_target(&self, record: &ResourceInstance, path: &AttributePath, name: &Value) -> Link {
        match link(self.plan, record, path, name, self.load_balancers) {
            Link::Open(causes) => {
                let referred = referred(self.plan, record, path, name);
                let other = referred
                    .iter()
                    .find(|address| canonical(&address.resource.kind) != "aws_lb");
                match other {
                    Some(address) => Link::Outside(address.to_string()),
                    None => Link::Open(causes),
                }
            }
            link => link,
        }
    }
}

/// A record's name may leave out its zone.
fn full_name(name: &Value, zone: Option<&str>) -> Value {
    let Some(text) = name.as_str() else {
        return name.clone();
    };
    let name = normal(text);
    let Some(zone) = zone else {
        return Value::string(name);
    };
    if name.is_empty() {
        return Value::string(zone);
    }
    if is_within(&name, zone) {
        return Value::string(name);
    }
    Value::string(format!("{name}.{zone}"))
}

/// Who reaches a load balancer by some records: callers with IPv4, those with IPv6 only, or nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Callers {
    All,
    Ipv6Only,
    Nobody,
}

/// Who reaches a load balancer of an address type by the records that name it. An alias of type AAAA gives nothing for
/// one that has IPv4 addresses only.
pub(super) fn callers(records: &[&Record<'_>], address_type: &str) -> Callers {
    let has_ipv4 = address_type != "dualstack-without-public-ipv4";
    let has_ipv6 = address_type != "ipv4";
    let gives = |own: Gives| {
        let mut kinds = records.iter().map(|record| record.gives);
        kinds.any(|gives| gives == own || gives == Gives::Name)
    };
    if has_ipv4 && gives(Gives::Ipv4) {
        Callers::All
    } else if has_ipv6 && gives(Gives::Ipv6) {
        Callers::Ipv6Only
    } else {
        Callers::Nobody
    }
}
