//! Whether a request meets the conditions of a listener rule: every condition, by any value of it.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::argument::display;
use super::pattern::{Case, covers};
use super::request::Request;
use crate::value::{Causes, Value};

/// Something that the evidence does not tell, and that the way depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// What is not told.
    pub text: String,
    /// Why.
    pub causes: Causes,
}

/// Whether a condition holds for a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holds {
    /// It does, by these values.
    Yes(Vec<String>),
    /// It does not: this one is in the way.
    No(String),
    /// Nothing tells.
    Maybe(Doubt),
}

/// Headers that clients send as they please.
const COMMON_HEADERS: [&str; 12] = [
    "accept",
    "accept-encoding",
    "accept-language",
    "authorization",
    "cache-control",
    "connection",
    "content-length",
    "content-type",
    "cookie",
    "origin",
    "referer",
    "user-agent",
];

/// Names of conditions before they had blocks of their own.
const OLDER_FIELDS: [(&str, &str); 2] = [
    ("host-header", "host_header"),
    ("path-pattern", "path_pattern"),
];

const EVERY_IPV4: &str = "0.0.0.0/0";
const EVERY_IPV6: &str = "::/0";

/// Whether all conditions of a rule hold.
pub(super) fn hold(conditions: &Value, request: &Request) -> Holds {
    let Some(elements) = conditions.as_elements() else {
        return Holds::Maybe(Doubt {
            text: "its conditions".to_owned(),
            causes: conditions.causes(),
        });
    };
    let tests = elements.iter().flat_map(tests);
    all(tests.map(|test| test.holds(request)))
}

/// Whether a rule has a condition about the host, and the host of the request meets it.
pub fn names_host(conditions: &Value, host: &str) -> bool {
    let elements = conditions.as_elements().unwrap_or_default();
    let hosts = elements
        .iter()
        .flat_map(tests)
        .filter_map(|test| match test {
            Test::Host(block) => Some(block),
            _ => None,
        });
    hosts
        .into_iter()
        .any(|block| matches!(host_holds(&block, host), Holds::Yes(_)))
}

/// The addresses that a load balancer is called from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// It has addresses of IPv4 only.
    Ipv4,
    /// Both kinds, as far as anybody knows.
    Both,
}

/// Whether conditions hold for every request: there are some, each for any path, any host or any source.
pub fn hold_always(conditions: &Value, family: Family) -> bool {
    let Some(elements) = conditions.as_elements() else {
        return false;
    };
    let tests: Vec<Test> = elements.iter().flat_map(tests).collect();
    let lists = |block: &Value, wanted: &str| {
        let listed = values(block).unwrap_or_default();
        listed
            .iter()
            .any(|one| display(one).is_some_and(|one| one == wanted))
    };
    let always = |test: &Test| match test {
        Test::Path(block) => lists(block, "*") || lists(block, "/*"),
        Test::Host(block) => lists(block, "*"),
        Test::Source(block) => {
            lists(block, EVERY_IPV4) && (family == Family::Ipv4 || lists(block, EVERY_IPV6))
        }
        _ => false,
    };
    !tests.is_empty() && tests.iter().all(always)
}

/// Everything that conditions say of the host: literal names, patterns, and what is not known.
pub(super) fn hosts(conditions: &Value) -> Vec<Value> {
    let elements = conditions.as_elements().unwrap_or_default();
    let blocks = elements
        .iter()
        .flat_map(tests)
        .filter_map(|test| match test {
            Test::Host(block) => Some(block),
            _ => None,
        });
    blocks
        .flat_map(|block| match values(&block) {
            Ok(values) => values,
            Err(unknown) => vec![unknown],
        })
        .collect()
}

/// One block of a condition.
enum Test {
    Host(Value),
    Path(Value),
    Header(Value),
    Method(Value),
    /// All pairs of a condition: one of them suffices.
    Query(Vec<Value>),
    Source(Value),
    Open(Causes),
}

/// What a block of a condition tests.
type OfBlock = fn(Value) -> Test;

fn tests(condition: &Value) -> Vec<Test> {
    if condition.as_entries().is_none() {
        return vec![Test::Open(condition.causes())];
    }
    if let Some(field) = condition.attribute("field").and_then(Value::as_str) {
        let known = OLDER_FIELDS.iter().find(|(older, _)| *older == field);
        return match known {
            Some((_, "host_header")) => vec![Test::Host(condition.clone())],
            Some(_) => vec![Test::Path(condition.clone())],
            None => vec![Test::Open(Causes::default())],
        };
    }
    let mut found = Vec::new();
    let kinds: [(&str, OfBlock); 5] = [
        ("host_header", Test::Host),
        ("path_pattern", Test::Path),
        ("http_header", Test::Header),
        ("http_request_method", Test::Method),
        ("source_ip", Test::Source),
    ];
    for (name, test) in kinds {
        let Some(blocks) = condition.attribute(name) else {
            continue;
        };
        match blocks.as_elements() {
            Some(blocks) => found.extend(blocks.iter().cloned().map(test)),
            None if blocks.is_known() => {}
            None => found.push(Test::Open(blocks.causes())),
        }
    }
    let query = condition.attribute("query_string").unwrap_or(&Value::NULL);
    match query.as_elements() {
        Some([]) => {}
        Some(pairs) => found.push(Test::Query(pairs.to_vec())),
        None if query.is_known() => {}
        None => found.push(Test::Open(query.causes())),
    }
    found
}

impl Test {
    fn holds(&self, request: &Request) -> Holds {
        match self {
            Self::Host(block) => host_holds(block, &request.host),
            Self::Path(block) => any(block, "path", &request.path, |pattern| {
                covers(pattern, &request.path, Case::Matters)
            }),
            Self::Header(block) => header(block, request),
            Self::Method(block) => any(block, "method", &request.method, |method| {
                method == &*request.method
            }),
            Self::Query(pairs) => query(pairs, request),
            Self::Source(block) => source(block),
            Self::Open(causes) => Holds::Maybe(Doubt {
                text: "a condition".to_owned(),
                causes: causes.clone(),
            }),
        }
    }
}

fn host_holds(block: &Value, host: &str) -> Holds {
    any(block, "host", host, |pattern| {
        covers(pattern, host, Case::Ignored)
    })
}

fn all(found: impl Iterator<Item = Holds>) -> Holds {
    let mut by = Vec::new();
    let mut doubt: Option<Doubt> = None;
    for one in found {
        match one {
            Holds::No(text) => return Holds::No(text),
            Holds::Yes(values) => by.extend(values),
            Holds::Maybe(next) => doubt = Some(doubt.map_or(next.clone(), |one| one.and(&next))),
        }
    }
    match doubt {
        Some(doubt) => Holds::Maybe(doubt),
        None => Holds::Yes(by),
    }
}

impl Doubt {
    /// Both together.
    pub fn and(&self, other: &Self) -> Self {
        let text = if self.text.contains(&other.text) {
            self.text.clone()
        } else {
            format!("{} and {}", self.text, other.text)
        };
        Self {
            text,
            causes: self.causes.union(&other.causes),
        }
    }
}

/// The `values` of a block, or what is unknown in their place.
fn values(block: &Value) -> Result<Vec<Value>, Value> {
    match block.attribute("values") {
        Some(values) => match values.as_elements() {
            Some(elements) => Ok(elements.to_vec()),
            None if values.is_known() => Ok(Vec::new()),
            None => Err(values.clone()),
        },
        None if block.is_known() => Ok(Vec::new()),
        None => Err(block.clone()),
    }
}

/// Whether one of the values, or one of the regular expressions, fits.
fn any(block: &Value, what: &str, given: &str, fits: impl Fn(&str) -> bool) -> Holds {
    let mut listed = Vec::new();
    let mut open: Option<Causes> = None;
    let mut is_open = |causes: Causes| open = Some(open.take().unwrap_or_default().union(&causes));
    let known = match values(block) {
        Ok(values) => values,
        Err(unknown) => {
            is_open(unknown.causes());
            Vec::new()
        }
    };
    for value in &known {
        match display(value) {
            Some(pattern) if fits(&pattern) => return Holds::Yes(vec![pattern]),
            Some(pattern) => listed.push(pattern),
            None if is_excluded(value, given) => {}
            None => is_open(value.causes()),
        }
    }
    let expressions = block.attribute("regex_values").unwrap_or(&Value::NULL);
    if !expressions.is_known() {
        is_open(expressions.causes());
    }
    for expression in expressions.as_elements().unwrap_or_default() {
        let Some(text) = expression.as_str() else {
            is_open(expression.causes());
            continue;
        };
        match regex::Regex::new(text) {
            Ok(regex) if regex.is_match(given) => return Holds::Yes(vec![text.to_owned()]),
            Ok(_) => listed.push(text.to_owned()),
            Err(_) => is_open(Causes::default()),
        }
    }
    match open {
        Some(causes) => Holds::Maybe(Doubt {
            text: format!("which {what} it is for"),
            causes,
        }),
        None => Holds::No(format!("it is for {what} {}", listed.join(", "))),
    }
}

/// What an unknown pattern begins with may already rule it out.
fn is_excluded(value: &Value, given: &str) -> bool {
    let prefix = value
        .as_unknown()
        .and_then(|unknown| unknown.prefix.as_deref());
    prefix.is_some_and(|prefix| {
        !prefix.contains(['*', '?', '\\'])
            && !given.to_lowercase().starts_with(&prefix.to_lowercase())
    })
}

fn header(block: &Value, request: &Request) -> Holds {
    let name = block.attribute("http_header_name").unwrap_or(&Value::NULL);
    let Some(name) = name.as_str() else {
        return Holds::Maybe(Doubt {
            text: "which header it is for".to_owned(),
            causes: name.causes(),
        });
    };
    let lower = name.to_lowercase();
    match request.headers.get(&lower) {
        Some(given) => any(block, "header value", given, |pattern| {
            covers(pattern, given, Case::Ignored)
        }),
        None if COMMON_HEADERS.contains(&&*lower) => Holds::Maybe(Doubt {
            text: format!("what a client sends as `{name}`"),
            causes: Causes::default(),
        }),
        // Its value is another one each time.
        None if lower == STRIPE_HEADER && request.is_from_stripe() => {
            match any(block, "header value", "", |pattern| pattern == "*") {
                Holds::Yes(by) => Holds::Yes(by),
                _ => Holds::Maybe(Doubt {
                    text: format!("what Stripe sends as `{name}`"),
                    causes: Causes::default(),
                }),
            }
        }
        None => Holds::No(format!("it is for requests with the header `{name}`")),
    }
}

/// Stripe signs each webhook.
const STRIPE_HEADER: &str = "stripe-signature";

fn query(pairs: &[Value], request: &Request) -> Holds {
    let sent: Vec<(&str, &str)> = request
        .query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .collect();
    let mut open: Option<Causes> = None;
    let mut listed = Vec::new();
    for pair in pairs {
        let part = |name: &str| pair.attribute(name).unwrap_or(&Value::NULL);
        let (key, value) = (part("key"), part("value"));
        let (Some(key_known), Some(value_known)) = (key.foreseen(), value.foreseen()) else {
            let causes = pair.causes();
            if !sent.is_empty() {
                open = Some(open.unwrap_or_default().union(&causes));
            }
            continue;
        };
        let wanted = (key_known.as_str(), value_known.as_str().unwrap_or_default());
        let fits = |(name, given): &&(&str, &str)| {
            let named = wanted.0.is_none_or(|key| covers(key, name, Case::Ignored));
            named && covers(wanted.1, given, Case::Ignored)
        };
        let shown = match wanted.0 {
            Some(key) => format!("{key}={}", wanted.1),
            None => wanted.1.to_owned(),
        };
        if sent.iter().any(|pair| fits(&pair)) {
            return Holds::Yes(vec![shown]);
        }
        listed.push(shown);
    }
    match open {
        Some(causes) => Holds::Maybe(Doubt {
            text: "which query it is for".to_owned(),
            causes,
        }),
        None => Holds::No(format!("it is for query {}", listed.join(", "))),
    }
}

/// Nobody says where a request comes from, but that it is a public address of IPv4.
fn source(block: &Value) -> Holds {
    let listed = match values(block) {
        Ok(values) => values,
        Err(unknown) => {
            return Holds::Maybe(Doubt {
                text: "which source addresses it is for".to_owned(),
                causes: unknown.causes(),
            });
        }
    };
    let shown: Vec<String> = listed.iter().filter_map(display).collect();
    if let Some(all) = shown.iter().find(|one| *one == EVERY_IPV4) {
        return Holds::Yes(vec![all.clone()]);
    }
    if shown.len() == listed.len() && !shown.iter().any(|one| may_be_the_sender(one)) {
        return Holds::No(format!("it is for requests from {}", shown.join(", ")));
    }
    Holds::Maybe(Doubt {
        text: format!("whether the request comes from {}", shown.join(", ")),
        causes: block.causes(),
    })
}

/// Whether a sender in the internet may have an address of this block: of IPv4, and not of a private network (RFC 1918).
pub(super) fn may_be_the_sender(block: &str) -> bool {
    let Some((address, length)) = block.split_once('/') else {
        return true;
    };
    if address.parse::<Ipv6Addr>().is_ok() {
        return false;
    }
    let (Ok(address), Ok(length)) = (address.parse::<Ipv4Addr>(), length.parse::<u32>()) else {
        return true;
    };
    let within = u32::MAX.checked_shr(length).unwrap_or(0);
    let address = u32::from(address);
    let (first, last) = (address & !within, address | within);
    !(Ipv4Addr::from(first).is_private() && Ipv4Addr::from(last).is_private())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{Cause, Entries, Type, Unknown};

    fn object(entries: &[(&str, Value)]) -> Value {
        let entries: Entries = entries
            .iter()
            .map(|(name, value)| ((*name).into(), value.clone()))
            .collect();
        Value::object(entries)
    }

    fn list(texts: &[&str]) -> Value {
        Value::tuple(texts.iter().map(|text| Value::string(*text)))
    }

    fn condition(kind: &str, block: Value) -> Value {
        object(&[(kind, Value::tuple([block]))])
    }

    fn of(kind: &str, values: &[&str]) -> Value {
        condition(kind, object(&[("values", list(values))]))
    }

    fn request(url: &str) -> Request {
        Request::parse(url).unwrap()
    }

    fn yes(conditions: &[Value], url: &str) -> bool {
        matches!(
            hold(&Value::tuple(conditions.to_vec()), &request(url)),
            Holds::Yes(_)
        )
    }

    fn unknown(prefix: Option<&str>) -> Value {
        let causes = Causes::one(Cause::NoValue {
            variable: "var.host".into(),
        });
        Value::refined(Unknown {
            prefix: prefix.map(Into::into),
            ..Unknown::new(Type::String, causes)
        })
    }

    #[test]
    fn all_conditions_and_any_value() {
        let host = of("host_header", &["www.example.com", "API.example.com"]);
        let path = of("path_pattern", &["/webhooks/*"]);
        assert!(yes(
            std::slice::from_ref(&host),
            "https://api.example.com/x"
        ));
        assert!(yes(
            &[host.clone(), path.clone()],
            "https://api.example.com/webhooks/stripe"
        ));
        assert!(!yes(
            &[host.clone(), path.clone()],
            "https://api.example.com/Webhooks/stripe"
        ));
        assert!(!yes(&[host, path], "https://example.com/webhooks/stripe"));
        assert!(yes(&[], "https://example.com/"));
    }

    #[test]
    fn methods_are_exact() {
        let post = of("http_request_method", &["POST"]);
        assert!(yes(std::slice::from_ref(&post), "POST https://x.example/"));
        assert!(!yes(&[post], "GET https://x.example/"));
    }

    #[test]
    fn one_pair_of_a_query_suffices() {
        let pair =
            |key: Value, value: &str| object(&[("key", key), ("value", Value::string(value))]);
        let pairs = Value::tuple([
            pair(Value::string("version"), "v?"),
            pair(Value::NULL, "*debug*"),
        ]);
        let query = object(&[("query_string", pairs)]);
        let of = |url: &str| yes(std::slice::from_ref(&query), url);
        assert!(of("https://x.example/?Version=V1"));
        assert!(of("https://x.example/?a=b&mode=predebugged"));
        assert!(!of("https://x.example/?version=v10"));
        assert!(!of("https://x.example/"));
    }

    #[test]
    fn a_header_of_its_own_is_not_sent_by_chance() {
        let of = |name: &str| {
            let block = object(&[
                ("http_header_name", Value::string(name)),
                ("values", list(&["*"])),
            ]);
            hold(
                &Value::tuple([condition("http_header", block)]),
                &request("https://x.example/"),
            )
        };
        assert!(matches!(of("X-Origin-Verify"), Holds::No(_)));
        assert!(matches!(of("User-Agent"), Holds::Maybe(_)));
    }

    #[test]
    fn sources_are_open_unless_everybody_is_meant() {
        assert!(yes(
            &[of("source_ip", &["0.0.0.0/0"])],
            "https://x.example/"
        ));
        let from = |blocks: &[&str]| {
            let conditions = Value::tuple([of("source_ip", blocks)]);
            hold(&conditions, &request("https://x.example/"))
        };
        assert!(matches!(from(&["198.51.100.0/24"]), Holds::Maybe(_)));
        assert!(matches!(from(&["10.0.0.0/7"]), Holds::Maybe(_)));
        assert!(matches!(
            from(&["::/0", "198.51.100.0/24"]),
            Holds::Maybe(_)
        ));
    }

    #[test]
    fn senders_have_public_addresses_of_ipv4() {
        let from = |blocks: &[&str]| {
            let conditions = Value::tuple([of("source_ip", blocks)]);
            hold(&conditions, &request("https://x.example/"))
        };
        assert!(matches!(from(&["::/0"]), Holds::No(_)));
        assert!(matches!(from(&["10.20.0.0/16", "fd00::/8"]), Holds::No(_)));
    }

    #[test]
    fn every_source_is_both_kinds_of_address() {
        let always =
            |blocks: &[&str]| hold_always(&Value::tuple([of("source_ip", blocks)]), Family::Both);
        assert!(always(&["0.0.0.0/0", "::/0"]));
        assert!(!always(&["0.0.0.0/0"]));
        assert!(!always(&["::/0"]));
    }

    #[test]
    fn what_is_unknown_is_open_unless_it_is_excluded() {
        let of = |value: Value| {
            let block = object(&[("values", Value::tuple([value]))]);
            let conditions = Value::tuple([condition("host_header", block)]);
            hold(&conditions, &request("https://api.example.com/"))
        };
        assert!(matches!(of(unknown(None)), Holds::Maybe(_)));
        assert!(matches!(of(unknown(Some("api."))), Holds::Maybe(_)));
        assert!(matches!(of(unknown(Some("www."))), Holds::No(_)));
    }

    #[test]
    fn regular_expressions_and_the_older_form() {
        let regex = condition(
            "path_pattern",
            object(&[("regex_values", list(&["^/v[0-9]+/"]))]),
        );
        assert!(yes(std::slice::from_ref(&regex), "https://x.example/v2/y"));
        assert!(!yes(&[regex], "https://x.example/vx/y"));
        let older = object(&[
            ("field", Value::string("path-pattern")),
            ("values", list(&["/a/*"])),
        ]);
        assert!(yes(std::slice::from_ref(&older), "https://x.example/a/b"));
        assert!(!yes(&[older], "https://x.example/b"));
    }
}
