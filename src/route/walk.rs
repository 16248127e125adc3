//! The walk of one request, hop by hop.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::RangeInclusive;
use std::sync::Arc;

use super::argument::Link;
use super::certificate;
use super::condition::{Doubt, Holds, hold, names_host};
use super::dns::{Callers, Record, callers};
use super::gate::{Gate, KeepsOut, gate, groups_of};
use super::model::{Action, Does, Listener, ListenerRule, Model, Redirect, is_certain};
use super::passed_on::PassedOn;
use super::request::{Request, SOME_HOST};
use super::rewrite::{TRANSFORM, rewritten};
use crate::address::AttributePath;
use crate::plan::{ResourceInstance, Subject};
use crate::value::Causes;

/// Where a request went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Walk {
    /// The request.
    pub request: Request,
    /// What it met, in order.
    pub hops: Vec<Hop>,
    /// Where it ended.
    pub outcome: Outcome,
    /// It was sent elsewhere by a redirect on the way.
    pub redirected: bool,
    /// What decided: the action, or what comes closest.
    pub place: Option<Subject>,
}

/// One step of a walk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// What happened there.
    pub text: String,
    /// Where.
    pub subject: Option<Subject>,
}

/// How a walk ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// At one of these target groups of the model.
    Reached(BTreeSet<usize>),
    /// At a target group that is not in the plan.
    Elsewhere(String),
    /// The load balancer answers itself, with this status.
    FixedResponse(String),
    /// Who calls is asked to sign in first.
    Authenticates,
    /// Redirects that come back to this URL.
    RedirectLoop(String),
    /// The client is sent to this URL, which is served elsewhere.
    Leaves(String),
    /// No listener takes it.
    NoListener,
    /// No load balancer that the internet reaches is there.
    NoLoadBalancer,
    /// The name leads to a load balancer that only the own network reaches.
    Internal,
    /// The record of this address gives nothing: the load balancer has no address of its type.
    NoAddress(String),
    /// This listener takes nobody without a certificate of their own.
    WantsCertificate(String),
    /// No certificate of this listener is good for the host: clients refuse it.
    OtherNames(String),
    /// This target group takes requests of gRPC only.
    AnotherProtocol(String),
    /// Route 53 does not take the record, for this reason.
    RefusedRecord(String),
    /// A gate before the load balancer keeps it out.
    KeptOut(String),
    /// The evidence leaves open where it ends.
    Undecided(Vec<Doubt>),
}

/// A chain of redirects is followed as far as browsers do.
const MOST_REDIRECTS: usize = 20;

/// The priorities that a rule can have.
const PRIORITIES: RangeInclusive<i64> = 1..=50_000;

/// What the provider takes for the priority of a listener's default rule.
const DEFAULT_PRIORITY: i64 = 99_999;

/// Sends a request through the load balancers of a model.
pub fn walk(request: &Request, model: &Model<'_>) -> Walk {
    let walker = Walker { model };
    let branch = walker.enter(request, &[request.to_string()]);
    Walk {
        request: request.clone(),
        hops: branch.hops,
        outcome: branch.outcome,
        redirected: branch.redirected,
        place: branch.place,
    }
}

impl Outcome {
    /// The causes of an undecided outcome.
    pub fn causes(&self) -> Causes {
        let doubts = match self {
            Self::Undecided(doubts) => doubts.as_slice(),
            _ => &[],
        };
        doubts.iter().fold(Causes::default(), |causes, doubt| {
            causes.union(&doubt.causes)
        })
    }
}

/// As a fact about the request, for messages; target groups are named by who has the model.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reached(_) => f.write_str("ends at a target group"),
            Self::Elsewhere(what) => {
                write!(
                    f,
                    "ends at target group `{what}`, which is not in this plan"
                )
            }
            Self::FixedResponse(status) => {
                write!(f, "is answered by the load balancer itself, with {status}")
            }
            Self::Authenticates => f.write_str("is asked to sign in first"),
            Self::RedirectLoop(url) => write!(f, "is redirected in a circle, back to {url}"),
            Self::Leaves(url) => write!(f, "is redirected to {url}, which is served elsewhere"),
            Self::NoListener => f.write_str("meets no listener"),
            Self::NoLoadBalancer => f.write_str("meets no load balancer"),
            Self::Internal => {
                f.write_str("is sent to a load balancer that only its own network reaches")
            }
            Self::NoAddress(record) => write!(
                f,
                "finds no address: the load balancer has none of the type of `{record}`"
            ),
            Self::WantsCertificate(listener) => write!(
                f,
                "is refused by `{listener}`, which takes nobody without a client certificate"
            ),
            Self::OtherNames(listener) => write!(
                f,
                "is given up by the client: no certificate of `{listener}` is for this host"
            ),
            Self::AnotherProtocol(group) => write!(
                f,
                "is answered with 464 by the load balancer itself: `{group}` takes gRPC only"
            ),
            Self::RefusedRecord(why) => write!(f, "finds no address: {why}"),
            Self::KeptOut(how) => f.write_str(how),
            Self::Undecided(doubts) => {
                let texts: Vec<&str> = doubts.iter().map(|doubt| doubt.text.as_str()).collect();
                write!(f, "may go several ways: {}", texts.join("; "))
            }
        }
    }
}

/// One way that a request may take.
struct Branch {
    hops: Vec<Hop>,
    outcome: Outcome,
    redirected: bool,
    place: Option<Subject>,
}

impl Branch {
    fn end(outcome: Outcome, place: Option<Subject>) -> Self {
        Self {
            hops: Vec::new(),
            outcome,
            redirected: false,
            place,
        }
    }

    fn undecided(text: impl Into<String>, causes: Causes, place: Option<Subject>) -> Self {
        let doubt = Doubt {
            text: text.into(),
            causes,
        };
        Self::end(Outcome::Undecided(vec![doubt]), place)
    }

    /// The same, but that a way which ends well is in doubt.
    fn doubted(mut self, text: String, causes: Causes, place: Subject) -> Self {
        if matches!(self.outcome, Outcome::Reached(_) | Outcome::Elsewhere(_)) {
            self.outcome = Outcome::Undecided(vec![Doubt { text, causes }]);
            self.place = Some(place);
        }
        self
    }

    fn after(mut self, hops: impl IntoIterator<Item = Hop>) -> Self {
        let mut all: Vec<Hop> = hops.into_iter().collect();
        all.append(&mut self.hops);
        self.hops = all;
        self
    }
}

/// How a request comes to a load balancer.
#[derive(Clone, Copy)]
enum Way {
    Straight,
    /// Passed on by another one, by this target group.
    PassedOn(usize),
}

struct Walker<'m, 'a> {
    model: &'m Model<'a>,
}

impl Walker<'_, '_> {
    fn enter(&self, request: &Request, visited: &[String]) -> Branch {
        let by_name = self.by_record(request, visited);
        match by_name {
            Some(Err(branch)) => branch,
            Some(Ok((found, hop))) => {
                let branches = found
                    .iter()
                    .map(|at| self.at_load_balancer(*at, Way::Straight, request, visited));
                merge(branches.map(|branch| (branch, None)).collect()).after([hop])
            }
            None => self.unnamed(request, visited),
        }
    }

    /// A host that no record here has. Where this plan says so of its whole zone, a way that ends well is in doubt.
    fn unnamed(&self, request: &Request, visited: &[String]) -> Branch {
        let branch = self.by_chance(request, visited);
        let Some(nameless) = self.model.names.nameless(&request.host) else {
            return branch;
        };
        let text = format!(
            "whether `{}` has an address: {}",
            request.host, nameless.text
        );
        branch.doubted(text, Causes::default(), whole(nameless.place))
    }

    /// The load balancers that DNS leads to; none where no record names the host.
    fn by_record(
        &self,
        request: &Request,
        visited: &[String],
    ) -> Option<Result<(BTreeSet<usize>, Hop), Branch>> {
        let (host, led) = match self.led_on(&request.host) {
            Ok(found) => found,
            Err(branch) => return Some(Err(branch)),
        };
        let records = self.model.names.public(&host);
        let mut found = BTreeSet::new();
        if let Some((record, why)) = records
            .iter()
            .find_map(|one| Some((one, one.refused.clone()?)))
        {
            let place = Some(whole(record.instance));
            return Some(Err(Branch::end(Outcome::RefusedRecord(why), place)));
        }
        for record in &records {
            match &record.load_balancer {
                Link::To(at) => {
                    found.insert(*at);
                }
                Link::Outside(what) if self.is_listened_at(what) => {
                    let place = whole(record.instance);
                    let hop = Hop {
                        text: format!("`{host}`{led} is `{}`", record.instance.address),
                        subject: Some(place.clone()),
                    };
                    let branch = self.at_shared(what, Some(place), request, visited);
                    return Some(Err(branch.after([hop])));
                }
                Link::Outside(what) => {
                    let text = format!("`{host}` leads to `{what}`, not to a load balancer here");
                    let place = whole(record.instance);
                    return Some(Err(Branch::undecided(text, Causes::default(), Some(place))));
                }
                Link::Open(_) => {}
            }
        }
        let record = records.first()?;
        if found.is_empty() {
            return None;
        }
        let place = whole(record.instance);
        let facing = |at: &usize| self.model.load_balancers[*at].internal == Ok(true);
        if found.iter().all(facing) {
            return Some(Err(Branch::end(Outcome::Internal, Some(place))));
        }
        if let Some(outcome) = self.without_address(&records, &found) {
            return Some(Err(Branch::end(outcome, Some(place))));
        }
        if records.iter().all(|record| record.is_for_a_place()) {
            let text = format!(
                "whether the caller is where `{}` is for: others find no address",
                record.instance.address
            );
            return Some(Err(Branch::undecided(text, Causes::default(), Some(place))));
        }
        let hop = Hop {
            text: format!("`{host}`{led} is `{}`", record.instance.address),
            subject: Some(place),
        };
        Some(Ok((found, hop)))
    }

    /// The name at which records that lead on to others end, and by which record.
    fn led_on(&self, host: &str) -> Result<(String, String), Branch> {
        let mut names = vec![host.to_owned()];
        let mut by = String::new();
        loop {
            let last = names.last().map_or("", String::as_str);
            let Some((record, next)) = self.model.names.leading_on(last) else {
                return Ok((last.to_owned(), by));
            };
            let address = &record.instance.address;
            if names.contains(&next) {
                let why = format!("`{address}` leads back to `{next}`");
                let place = Some(whole(record.instance));
                return Err(Branch::end(Outcome::RefusedRecord(why), place));
            }
            by = format!(", by `{address}`,");
            names.push(next);
        }
    }

    /// What becomes of a request whose name has no address, or none that every caller can use.
    fn without_address(
        &self,
        records: &[&Record<'_>],
        load_balancers: &BTreeSet<usize>,
    ) -> Option<Outcome> {
        let by = |at: usize| {
            let address_type = self.model.load_balancers[at].address_type.as_deref();
            let leading = records
                .iter()
                .filter(|one| one.load_balancer == Link::To(at));
            let leading: Vec<&Record<'_>> = leading.copied().collect();
            callers(&leading, address_type.unwrap_or("dualstack"))
        };
        let all: Vec<Callers> = load_balancers.iter().map(|at| by(*at)).collect();
        if all.contains(&Callers::All) {
            return None;
        }
        let name = &records.first()?.instance.address;
        Some(if all.contains(&Callers::Ipv6Only) {
            Outcome::Undecided(vec![Doubt {
                text: format!("`{name}` has no address for callers without IPv6"),
                causes: Causes::default(),
            }])
        } else {
            Outcome::NoAddress(name.to_string())
        })
    }

    /// Without a record any load balancer that the internet reaches may be meant; first of all one that has a rule for
    /// the host.
    fn by_chance(&self, request: &Request, visited: &[String]) -> Branch {
        let all = 0..self.model.load_balancers.len();
        let facing: Vec<usize> = all
            .filter(|at| self.model.load_balancers[*at].internal != Ok(true))
            .collect();
        let naming = |at: &usize| self.names(*at, &request.host);
        let mut meant: Vec<usize> = facing.iter().copied().filter(naming).collect();
        if meant.is_empty() {
            meant = facing;
        }
        if meant.is_empty() {
            return self.without_load_balancer(request, visited);
        }
        let branches = meant.iter().map(|at| {
            let one = &self.model.load_balancers[*at];
            let doubt = match &one.internal {
                Err(causes) => Some(Doubt {
                    text: format!("whether `{}` is internal", one.instance.address),
                    causes: causes.clone(),
                }),
                Ok(_) if meant.len() > 1 => Some(Doubt {
                    text: format!("which load balancer `{}` leads to", request.host),
                    causes: Causes::default(),
                }),
                Ok(_) => None,
            };
            (
                self.at_load_balancer(*at, Way::Straight, request, visited),
                doubt,
            )
        });
        merge(branches.collect())
    }

    fn without_load_balancer(&self, request: &Request, visited: &[String]) -> Branch {
        let mut shared = self.model.listeners.iter();
        let shared = shared.find_map(|listener| match &listener.load_balancer {
            Link::Outside(what) => Some(what),
            Link::To(_) | Link::Open(_) => None,
        });
        if let Some(what) = shared {
            return self.at_shared(what, None, request, visited);
        }
        let mut detached = self
            .model
            .rules
            .iter()
            .filter_map(|rule| match &rule.listener {
                Link::Outside(listener) => Some((rule, listener)),
                _ => None,
            });
        if let Some((rule, listener)) = detached.next() {
            let text = format!("the other rules of `{listener}`, which is not in this plan");
            return Branch::undecided(text, Causes::default(), Some(whole(rule.instance)));
        }
        let records = self.model.names.public(&request.host);
        let place = records.first().map(|record| record.instance);
        let place = place.or_else(|| {
            let internal = self.model.load_balancers.first();
            internal.map(|one| one.instance)
        });
        Branch::end(Outcome::NoLoadBalancer, place.map(whole))
    }

    fn names(&self, load_balancer: usize, host: &str) -> bool {
        self.model.rules.iter().any(|rule| {
            let Link::To(listener) = rule.listener else {
                return false;
            };
            self.model.listeners[listener].load_balancer == Link::To(load_balancer)
                && names_host(&rule.conditions, host)
        })
    }

    fn at_load_balancer(
        &self,
        at: usize,
        way: Way,
        request: &Request,
        visited: &[String],
    ) -> Branch {
        let load_balancer = &self.model.load_balancers[at];
        let address = &load_balancer.instance.address;
        let here = whole(load_balancer.instance);
        let arrives = Hop {
            text: format!("`{address}`"),
            subject: Some(here.clone()),
        };
        let (mut branches, mut certain, mut passed) = (Vec::new(), false, Vec::new());
        for (number, listener) in self.model.listeners.iter().enumerate() {
            let own = match &listener.load_balancer {
                Link::To(of) if *of == at => None,
                Link::Open(causes) => Some(Doubt {
                    text: format!("which load balancer `{}` is of", listener.instance.address),
                    causes: causes.clone(),
                }),
                _ => continue,
            };
            let doubt = match takes(listener, request) {
                Holds::No(why) => {
                    passed.push(why);
                    continue;
                }
                Holds::Yes(_) => own
                    .or_else(|| existence_doubt(listener.instance))
                    .or_else(|| self.second_on_port(listener)),
                Holds::Maybe(doubt) => Some(own.map_or(doubt.clone(), |own| own.and(&doubt))),
            };
            certain |= doubt.is_none();
            branches.push((self.at_gate((at, way), number, request, visited), doubt));
        }
        if !certain {
            let none = if passed.is_empty() {
                "has no listener".to_owned()
            } else {
                format!("listens for {} only", passed.join(", "))
            };
            let text = format!(
                "`{address}` {none}: nothing takes {} on port {}",
                request.scheme(),
                request.port
            );
            let hop = Hop {
                text,
                subject: Some(here.clone()),
            };
            branches.push((
                Branch::end(Outcome::NoListener, Some(here)).after([hop]),
                None,
            ));
        }
        merge(branches).after([arrives])
    }

    /// Elastic Load Balancing takes one listener for each port of a load balancer.
    fn second_on_port(&self, listener: &Listener<'_>) -> Option<Doubt> {
        let port = *listener.port.as_ref().ok()?;
        let address = &listener.instance.address;
        let is_the_same = |other: &&Listener<'_>| {
            other.instance.address != *address
                && other.load_balancer == listener.load_balancer
                && other.port == Ok(port)
                && is_certain(other.instance)
        };
        let other = self.model.listeners.iter().find(is_the_same)?;
        let other = &other.instance.address;
        let (one, two) = (address.min(other), address.max(other));
        let port = port.map_or_else(String::new, |port| format!(" {port}"));
        Some(Doubt {
            text: format!("whether `{one}` or `{two}` is there: both have port{port}"),
            causes: Causes::default(),
        })
    }

    fn is_listened_at(&self, load_balancer: &str) -> bool {
        let mut listeners = self.model.listeners.iter();
        listeners.any(|one| one.load_balancer == Link::Outside(load_balancer.to_owned()))
    }

    /// A load balancer that is made elsewhere, with listeners that are made here: it may have others besides.
    fn at_shared(
        &self,
        load_balancer: &str,
        place: Option<Subject>,
        request: &Request,
        visited: &[String],
    ) -> Branch {
        let (mut branches, mut certain) = (Vec::new(), false);
        let own = Link::Outside(load_balancer.to_owned());
        for (number, listener) in self.model.listeners.iter().enumerate() {
            if listener.load_balancer != own {
                continue;
            }
            let doubt = match takes(listener, request) {
                Holds::No(_) => continue,
                Holds::Yes(_) => existence_doubt(listener.instance),
                Holds::Maybe(doubt) => Some(doubt),
            };
            certain |= doubt.is_none();
            branches.push((self.at_listener(number, request, visited), doubt));
        }
        if !certain {
            let text = format!(
                "whether `{load_balancer}`, which is not made here, has a listener for port {}",
                request.port
            );
            branches.push((
                Branch::undecided(text, Causes::default(), place.clone()),
                None,
            ));
        }
        let arrives = Hop {
            text: format!("`{load_balancer}`"),
            subject: place,
        };
        merge(branches).after([arrives])
    }

    /// Where no record here leads to the load balancer, something in front of it may have the addresses that are let in.
    fn at_gate(
        &self,
        (load_balancer, way): (usize, Way),
        listener: usize,
        request: &Request,
        visited: &[String],
    ) -> Branch {
        let one = self.model.load_balancers[load_balancer].instance;
        let through = match way {
            Way::Straight => None,
            Way::PassedOn(group) => Some(self.groups_before(group)),
        };
        let gate = gate(self.model.plan, one, request.port, through.as_deref());
        let Some(Gate {
            text,
            keeps_out,
            place: (place, path),
        }) = gate
        else {
            return self.at_listener(listener, request, visited);
        };
        let place = subject(place, path);
        match keeps_out {
            KeepsOut::Everybody if through.is_some() => {
                let text = format!("whether it comes through: it {text}");
                self.at_listener(listener, request, visited)
                    .doubted(text, Causes::default(), place)
            }
            KeepsOut::Everybody => ended(Outcome::KeptOut(text), place),
            KeepsOut::OtherAddresses if self.model.names.public(&request.host).is_empty() => {
                self.at_listener(listener, request, visited)
            }
            KeepsOut::OtherAddresses | KeepsOut::OtherRequests => self
                .at_listener(listener, request, visited)
                .doubted(text, Causes::default(), place),
            KeepsOut::Perhaps(causes) => self
                .at_listener(listener, request, visited)
                .doubted(text, causes, place),
        }
    }

    /// The security groups of the load balancers that send to a target group.
    fn groups_before(&self, group: usize) -> Vec<&ResourceInstance> {
        let senders = self.model.load_balancers_of(group).into_iter();
        let found = senders.filter_map(|one| groups_of(self.model.plan, one));
        found.flatten().collect()
    }

    /// Clients take no certificate of another host. Where no record here leads them to the listener, something in front of
    /// it may have another one: then a way that ends well is in doubt.
    fn at_listener(&self, at: usize, request: &Request, visited: &[String]) -> Branch {
        let listener = &self.model.listeners[at];
        if !self.has_other_names(listener, request) {
            return self.handshake(at, request, visited);
        }
        let address = listener.instance.address.to_string();
        let place = AttributePath::attribute("certificate_arn");
        let place = subject(listener.instance, place);
        if !self.model.names.public(&request.host).is_empty() {
            return ended(Outcome::OtherNames(address), place);
        }
        let text = format!(
            "whether clients meet `{address}` itself, which has no certificate for this host"
        );
        self.handshake(at, request, visited)
            .doubted(text, Causes::default(), place)
    }

    /// What is asked of the client before it may send its request.
    fn handshake(&self, at: usize, request: &Request, visited: &[String]) -> Branch {
        let listener = &self.model.listeners[at];
        let address = &listener.instance.address;
        let place = AttributePath::attribute("mutual_authentication");
        let place = subject(listener.instance, place);
        let refusal = || Outcome::WantsCertificate(address.to_string());
        match &listener.wants_certificate {
            Ok(false) => self.past_handshake(at, request, visited),
            Ok(true) => ended(refusal(), place),
            Err(causes) => {
                let doubt = Doubt {
                    text: format!("whether `{address}` takes callers without a certificate"),
                    causes: causes.clone(),
                };
                let branch = self.past_handshake(at, request, visited);
                let mut merged = merge(vec![
                    (branch, Some(doubt)),
                    (Branch::end(refusal(), None), None),
                ]);
                merged.place = Some(place);
                merged
            }
        }
    }

    /// Whether all certificates of a listener are known to be for other hosts.
    fn has_other_names(&self, listener: &Listener<'_>, request: &Request) -> bool {
        let protocol = listener.protocol.as_deref();
        let by_tls = request.secure && matches!(protocol, Ok("HTTPS" | "TLS"));
        if !by_tls || request.host == SOME_HOST {
            return false;
        }
        let is_good = |name: &String| certificate::is_good_for(name, &request.host);
        certificate::names(self.model.plan, listener.instance)
            .is_some_and(|names| !names.iter().any(is_good))
    }

    fn past_handshake(&self, at: usize, request: &Request, visited: &[String]) -> Branch {
        let listener = &self.model.listeners[at];
        let here = Hop {
            text: format!(
                "`{}` ({} on port {})",
                listener.instance.address,
                listener.protocol.as_deref().unwrap_or("?"),
                request.port
            ),
            subject: Some(whole(listener.instance)),
        };
        let protocol = listener.protocol.as_deref().unwrap_or_default();
        let has_rules = matches!(protocol, "HTTP" | "HTTPS" | "");
        let (branches, over) = if has_rules {
            self.by_rules(at, request, visited)
        } else {
            (Vec::new(), Vec::new())
        };
        let is_decided = branches.iter().any(|(_, doubt)| doubt.is_none());
        let mut branches = branches;
        if !is_decided {
            let text = "no rule fits: default action".to_owned();
            let subject = subject(
                listener.instance,
                AttributePath::attribute("default_action"),
            );
            let hop = Hop {
                text,
                subject: Some(subject.clone()),
            };
            let branch = self.act(
                listener.instance,
                &listener.actions,
                subject,
                request,
                visited,
            );
            branches.push((branch.after([hop]), None));
        }
        merge(branches).after(std::iter::once(here).chain(over))
    }

    /// The rules that a request may meet. Those of unknown priority may come before any other, or after.
    fn by_rules(
        &self,
        listener: usize,
        request: &Request,
        visited: &[String],
    ) -> (Vec<(Branch, Option<Doubt>)>, Vec<Hop>) {
        let mut own: Vec<&ListenerRule<'_>> = self
            .model
            .rules
            .iter()
            .filter(|rule| match rule.listener {
                Link::To(of) => of == listener,
                Link::Open(_) => true,
                Link::Outside(_) => false,
            })
            .collect();
        own.sort_by_key(|rule| rule.priority.clone().unwrap_or(i64::MAX));
        let (mut branches, mut over, mut is_decided) = (Vec::new(), Vec::new(), false);
        let mut certain_of_unknown = 0;
        for rule in &own {
            if is_decided && rule.priority.is_ok() {
                continue;
            }
            let address = &rule.instance.address;
            let doubt = match hold(&rule.conditions, request) {
                Holds::No(why) => {
                    over.push(Hop {
                        text: format!("passes over {}: {why}", rule_name(rule)),
                        subject: Some(whole(rule.instance)),
                    });
                    continue;
                }
                Holds::Yes(_) => None,
                Holds::Maybe(doubt) => Some(Doubt {
                    text: format!("{} of `{address}`", doubt.text),
                    causes: doubt.causes,
                }),
            };
            let doubt = doubt
                .or_else(|| existence_doubt(rule.instance))
                .or_else(|| refusal_doubt(rule, &own))
                .or_else(|| match &rule.listener {
                    Link::Open(causes) => Some(Doubt {
                        text: format!("which listener `{address}` is of"),
                        causes: causes.clone(),
                    }),
                    _ => None,
                });
            let branch = self.at_rule(rule, request, visited);
            match &rule.priority {
                Ok(_) => {
                    is_decided |= doubt.is_none();
                    branches.push((branch, doubt));
                }
                Err(causes) => {
                    certain_of_unknown += usize::from(doubt.is_none());
                    let priority = Doubt {
                        text: format!("the priority of `{address}`"),
                        causes: causes.clone(),
                    };
                    let doubt = doubt.map_or(priority.clone(), |doubt| doubt.and(&priority));
                    branches.push((branch, Some(doubt)));
                }
            }
        }
        // The default action comes after every rule, whatever its priority: of one rule that fits for certain the
        // order does not matter.
        if !is_decided && certain_of_unknown > 0 {
            let alone = branches.len() == 1;
            if let (true, Some((_, doubt))) = (alone, branches.first_mut()) {
                *doubt = None;
            } else {
                let agree = branches
                    .windows(2)
                    .all(|pair| pair[0].0.outcome == pair[1].0.outcome);
                if let (true, Some((_, doubt))) = (agree, branches.first_mut()) {
                    *doubt = None;
                } else {
                    let open = Branch::end(Outcome::Undecided(Vec::new()), None);
                    branches.push((open, None));
                }
            }
        }
        (branches, over)
    }

    fn at_rule(&self, rule: &ListenerRule<'_>, request: &Request, visited: &[String]) -> Branch {
        let by = match hold(&rule.conditions, request) {
            Holds::Yes(by) if by.is_empty() => "always".to_owned(),
            Holds::Yes(by) => by.join(", "),
            Holds::Maybe(doubt) => format!("perhaps: {}", doubt.text),
            Holds::No(why) => why,
        };
        let hop = Hop {
            text: format!("{} ({by})", rule_name(rule)),
            subject: Some(whole(rule.instance)),
        };
        let place = subject(rule.instance, AttributePath::attribute("action"));
        let mut branch = self.act(rule.instance, &rule.actions, place, request, visited);
        if let (Outcome::Reached(_), Some(doubt)) =
            (&branch.outcome, rewritten(rule.instance, request))
        {
            branch.outcome = Outcome::Undecided(vec![doubt]);
            branch.place = Some(subject(rule.instance, AttributePath::attribute(TRANSFORM)));
        }
        branch.after([hop])
    }

    fn act(
        &self,
        one: &ResourceInstance,
        actions: &Result<Vec<Action>, Causes>,
        place: Subject,
        request: &Request,
        visited: &[String],
    ) -> Branch {
        let actions = match actions {
            Ok(actions) => actions,
            Err(causes) => {
                let text = format!("what `{}` does", one.address);
                return Branch::undecided(text, causes.clone(), Some(place));
            }
        };
        for action in actions {
            let place = subject(one, action.path.clone());
            return match &action.does {
                Does::Authenticate {
                    strangers_pass: true,
                } => continue,
                Does::Authenticate { .. } => ended(Outcome::Authenticates, place),
                Does::Answer(Ok(status)) => ended(Outcome::FixedResponse(status.clone()), place),
                // Whatever the status is, nothing behind the load balancer sees the request.
                Does::Answer(Err(_)) => ended(
                    Outcome::FixedResponse("an unknown status".to_owned()),
                    place,
                ),
                Does::Redirect(redirect) => self.redirect(redirect, place, request, visited),
                Does::Forward(targets) => {
                    let groups = targets.iter().filter(|target| !target.idle);
                    let groups = groups.map(|target| &target.group);
                    self.forward(one, groups, &place, (request, visited))
                }
                Does::Open(causes) => {
                    let text = format!("what `{}` does", one.address);
                    Branch::undecided(text, causes.clone(), Some(place))
                }
            };
        }
        let text = format!("what `{}` does", one.address);
        Branch::undecided(text, Causes::default(), Some(place))
    }

    fn forward<'t>(
        &self,
        one: &ResourceInstance,
        groups: impl Iterator<Item = &'t Link>,
        place: &Subject,
        (request, visited): (&Request, &[String]),
    ) -> Branch {
        let mut reached = BTreeSet::new();
        let mut outside = None;
        for group in groups {
            match group {
                Link::To(at) => {
                    reached.insert(*at);
                }
                Link::Outside(what) => outside = Some(what.clone()),
                Link::Open(causes) => {
                    let text = format!("which target group `{}` forwards to", one.address);
                    return Branch::undecided(text, causes.clone(), Some(place.clone()));
                }
            }
        }
        if let Some(what) = outside {
            return ended(Outcome::Elsewhere(what), place.clone());
        }
        if reached.is_empty() {
            return ended(Outcome::FixedResponse("503".to_owned()), place.clone());
        }
        let passed_on = reached.iter().any(|at| {
            let group = &self.model.target_groups[*at];
            !group.passed_on.is_empty()
        });
        if passed_on {
            let branches = reached.iter().map(|at| {
                let branch = self.passed_on(*at, place, request, visited);
                (branch, None)
            });
            return merge(branches.collect());
        }
        if let Some(branch) = self.another_version(&reached, request) {
            return branch;
        }
        let hops = reached.iter().flat_map(|at| self.behind(*at));
        let hops: Vec<Hop> = hops.collect();
        Branch::end(Outcome::Reached(reached), Some(place.clone())).after(hops)
    }

    /// A target group of load balancers, or of tasks beside one such.
    fn passed_on(
        &self,
        group: usize,
        place: &Subject,
        request: &Request,
        visited: &[String],
    ) -> Branch {
        let of = &self.model.target_groups[group];
        let here = Hop {
            text: format!("target group `{}`", of.instance.address),
            subject: Some(whole(of.instance)),
        };
        if of.passed_on.is_empty() {
            let reached = Outcome::Reached(BTreeSet::from([group]));
            return Branch::end(reached, Some(place.clone())).after(self.behind(group));
        }
        let branches = of.passed_on.iter().map(|one| {
            let branch = self.behind_another(group, one, request, visited);
            (branch, existence_doubt(one.attachment))
        });
        let mut branches: Vec<(Branch, Option<Doubt>)> = branches.collect();
        if branches.iter().all(|(_, doubt)| doubt.is_some()) {
            let reached = Outcome::Reached(BTreeSet::from([group]));
            branches.push((Branch::end(reached, Some(place.clone())), None));
        }
        merge(branches).after([here])
    }

    /// A request at a load balancer that another one passes it on to. Whoever called it, the address that its security
    /// groups see is the caller's.
    fn behind_another(
        &self,
        group: usize,
        target: &PassedOn<'_>,
        request: &Request,
        visited: &[String],
    ) -> Branch {
        let attachment = &target.attachment.address;
        let place = whole(target.attachment);
        let open = |what: &str, causes: &Causes| {
            let text = format!("{what} `{attachment}` passes it on to");
            Branch::undecided(text, causes.clone(), Some(place.clone()))
        };
        let at = match &target.load_balancer {
            Link::To(at) => *at,
            Link::Outside(_) => return open("which load balancer", &Causes::default()),
            Link::Open(causes) => return open("which load balancer", causes),
        };
        let port = match &target.port {
            Ok(Some(port)) => *port,
            Ok(None) => return open("which port", &Causes::default()),
            Err(causes) => return open("which port", causes),
        };
        let step = format!("{attachment} {port}");
        if visited.contains(&step) {
            return Branch::end(Outcome::RedirectLoop(request.to_string()), Some(place));
        }
        let mut visited = visited.to_vec();
        visited.push(step);
        let request = Request {
            port,
            ..request.clone()
        };
        let branch = self.at_load_balancer(at, Way::PassedOn(group), &request, &visited);
        let address = &self.model.load_balancers[at].instance.address;
        branch.after([Hop {
            text: format!("passed on to `{address}` on port {port}"),
            subject: Some(place),
        }])
    }

    /// Elastic Load Balancing answers a request itself that the target group's version of the protocol cannot carry.
    fn another_version(&self, groups: &BTreeSet<usize>, request: &Request) -> Option<Branch> {
        const VERSION: &str = "protocol_version";
        groups.iter().find_map(|at| {
            let group = self.model.target_groups[*at].instance;
            let place = subject(group, AttributePath::attribute(VERSION));
            let address = group.address.to_string();
            match group.attribute(VERSION).as_str()? {
                // Requests of gRPC are all posted.
                "GRPC" if &*request.method == "POST" && !request.is_from_stripe() => {
                    let text = format!("whether the caller speaks gRPC, as `{address}` does");
                    Some(Branch::undecided(text, Causes::default(), Some(place)))
                }
                "GRPC" => Some(ended(Outcome::AnotherProtocol(address), place)),
                "HTTP2" => {
                    let text = format!("whether the caller speaks HTTP/2, as `{address}` does");
                    Some(Branch::undecided(text, Causes::default(), Some(place)))
                }
                _ => None,
            }
        })
    }

    /// A target group and the services that put their tasks into it.
    fn behind(&self, group: usize) -> Vec<Hop> {
        let instance = self.model.target_groups[group].instance;
        let mut hops = vec![Hop {
            text: format!("target group `{}`", instance.address),
            subject: Some(whole(instance)),
        }];
        for (service, registration) in self.model.services_of(group) {
            let container = registration.container.as_deref().unwrap_or("?");
            let port = match &registration.port {
                Ok(Some(port)) => port.to_string(),
                _ => "?".to_owned(),
            };
            let how = if registration.by_port {
                " (by its port: the plan does not name the target group)"
            } else {
                ""
            };
            hops.push(Hop {
                text: format!(
                    "service `{}`, container `{container}` on port {port}{how}",
                    service.instance.address
                ),
                subject: Some(subject(service.instance, registration.path.clone())),
            });
        }
        hops
    }

    fn redirect(
        &self,
        redirect: &Redirect,
        place: Subject,
        request: &Request,
        visited: &[String],
    ) -> Branch {
        let next = match resolve(redirect, request) {
            Ok(next) => next,
            Err(causes) => {
                let text = "where it is redirected to";
                return Branch::undecided(text, causes, Some(place));
            }
        };
        let url = next.to_string();
        let hop = Hop {
            text: format!("redirected to {url}"),
            subject: Some(place.clone()),
        };
        let mut branch = if visited.contains(&url) || visited.len() > MOST_REDIRECTS {
            Branch::end(Outcome::RedirectLoop(url), Some(place))
        } else if next.host != request.host && !self.serves(&next.host) {
            Branch::end(Outcome::Leaves(url), Some(place))
        } else {
            let mut visited = visited.to_vec();
            visited.push(url);
            self.enter(&next, &visited)
        };
        branch.redirected = true;
        branch.after([hop])
    }

    /// Whether anything here names a host.
    fn serves(&self, host: &str) -> bool {
        let records = self.model.names.public(host);
        let by_record = records
            .iter()
            .any(|record| record.name.as_str() == Some(host));
        by_record || (0..self.model.load_balancers.len()).any(|at| self.names(at, host))
    }
}

fn ended(outcome: Outcome, place: Subject) -> Branch {
    let hop = Hop {
        text: match &outcome {
            Outcome::FixedResponse(status) => format!("answered with {status}"),
            Outcome::Authenticates => "asked to sign in".to_owned(),
            Outcome::WantsCertificate(_) => "asked for a client certificate".to_owned(),
            Outcome::OtherNames(_) => "shown a certificate of other hosts".to_owned(),
            Outcome::KeptOut(how) => how.trim_start_matches("is ").to_owned(),
            other => other.to_string(),
        },
        subject: Some(place.clone()),
    };
    Branch::end(outcome, Some(place)).after([hop])
}

/// Whether a listener takes a request, by protocol and port.
fn takes(listener: &Listener<'_>, request: &Request) -> Holds {
    let doubt = |what: &str, causes: &Causes| {
        Holds::Maybe(Doubt {
            text: format!("the {what} of `{}`", listener.instance.address),
            causes: causes.clone(),
        })
    };
    let shown = |protocol: &str, port: &str| format!("{protocol} on port {port}");
    let port = match &listener.port {
        Ok(Some(port)) => Some(*port),
        Ok(None) => return Holds::No("another port".to_owned()),
        Err(_) => None,
    };
    let protocol = listener.protocol.as_deref();
    let port_text = port.map_or_else(|| "?".to_owned(), |port| port.to_string());
    let fits = match protocol {
        Ok("HTTPS" | "TLS") => request.secure,
        Ok("HTTP") => !request.secure,
        Ok("TCP" | "TCP_UDP") => true,
        Ok(_) => false,
        Err(_) => port.is_none_or(|port| port == request.port),
    };
    if !fits || port.is_some_and(|port| port != request.port) {
        return Holds::No(shown(protocol.unwrap_or("?"), &port_text));
    }
    match (&listener.protocol, &listener.port) {
        (Err(causes), _) => doubt("protocol", causes),
        (_, Err(causes)) => doubt("port", causes),
        _ => Holds::Yes(Vec::new()),
    }
}

fn existence_doubt(one: &ResourceInstance) -> Option<Doubt> {
    (!is_certain(one)).then(|| Doubt {
        text: format!("whether `{}` is there", one.address),
        causes: one.after().causes(),
    })
}

/// Elastic Load Balancing takes a priority once for each listener, and none out of bounds.
fn refusal_doubt(rule: &ListenerRule<'_>, all: &[&ListenerRule<'_>]) -> Option<Doubt> {
    let priority = *rule.priority.as_ref().ok()?;
    let address = &rule.instance.address;
    let is_the_same = |other: &&&ListenerRule<'_>| {
        other.instance.address != *address
            && other.priority == Ok(priority)
            && matches!(rule.listener, Link::To(_))
            && other.listener == rule.listener
            && is_certain(other.instance)
    };
    let text = if let Some(other) = all.iter().find(is_the_same) {
        let other = &other.instance.address;
        let (one, two) = (address.min(other), address.max(other));
        format!("whether `{one}` or `{two}` is there: both have priority {priority}")
    } else if !PRIORITIES.contains(&priority) && priority != DEFAULT_PRIORITY {
        format!("whether `{address}` is there: its priority {priority} is not among 1 to 50000")
    } else {
        return None;
    };
    Some(Doubt {
        text,
        causes: Causes::default(),
    })
}

fn rule_name(rule: &ListenerRule<'_>) -> String {
    match &rule.priority {
        Ok(priority) => format!("rule {priority} `{}`", rule.instance.address),
        Err(_) => format!("rule of unknown priority `{}`", rule.instance.address),
    }
}

/// Several ways are one where they end the same. What stands without a doubt is the last resort of those before it.
fn merge(branches: Vec<(Branch, Option<Doubt>)>) -> Branch {
    let agree = branches
        .windows(2)
        .all(|pair| pair[0].0.outcome == pair[1].0.outcome);
    let mut doubts: Vec<Doubt> = Vec::new();
    for (branch, doubt) in &branches {
        doubts.extend(doubt.clone());
        if let Outcome::Undecided(inner) = &branch.outcome {
            doubts.extend(inner.iter().cloned());
        }
    }
    let mut branches = branches.into_iter();
    let Some((mut first, _)) = branches.next() else {
        return Branch::end(Outcome::NoListener, None);
    };
    if agree {
        return first;
    }
    for (other, _) in branches {
        first.redirected |= other.redirected;
        if let Some(hop) = other.hops.into_iter().next() {
            first.hops.push(Hop {
                text: format!("or else: {}", hop.text),
                ..hop
            });
        }
    }
    doubts.dedup();
    first.outcome = Outcome::Undecided(doubts);
    first
}

/// The request that a client makes which follows a redirect.
fn resolve(redirect: &Redirect, request: &Request) -> Result<Request, Causes> {
    let fill = |text: &str| {
        text.replace("#{protocol}", &request.scheme().to_uppercase())
            .replace("#{host}", &request.host)
            .replace("#{port}", &request.port.to_string())
            .replace("#{path}", request.path.trim_start_matches('/'))
            .replace("#{query}", &request.query)
    };
    let filled =
        |part: &Result<String, Causes>| part.as_ref().map(|text| fill(text)).map_err(Clone::clone);
    let secure = filled(&redirect.protocol)?.eq_ignore_ascii_case("https");
    let port = filled(&redirect.port)?;
    // A redirect changes a POST into a GET, as clients do with 301 and 302.
    let method = if &*request.method == "HEAD" {
        "HEAD"
    } else {
        "GET"
    };
    Ok(Request {
        method: Arc::from(method),
        secure,
        host: filled(&redirect.host)?.to_lowercase(),
        port: port.parse().map_err(|_| Causes::default())?,
        path: filled(&redirect.path)?,
        query: filled(&redirect.query)?,
        headers: request.headers.clone(),
    })
}

fn whole(one: &ResourceInstance) -> Subject {
    subject(one, AttributePath::default())
}

fn subject(one: &ResourceInstance, path: AttributePath) -> Subject {
    Subject::Attribute(Arc::clone(&one.address), path)
}
