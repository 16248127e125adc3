//! `unhealthy-health-check`: the health check of the API's target group asks for something that answers.

use std::collections::BTreeSet;
use std::num::NonZeroU16;

use crate::address::AttributePath;
use crate::plan::{Evidence, ResourceInstance};
use crate::route::{Model, Outcome, Request, Service, text_or_default, walk};
use crate::rule::{Context, Findings, Parameter, Rule, RuleMeta, Scope};
use crate::rules::container::{Definitions, Port};
use crate::rules::endpoint::{Endpoint, Expected, endpoints, expected};
use crate::rules::evidence::{display, subject};
use crate::value::{Causes, Value};

/// The rule.
pub struct UnhealthyHealthCheck;

static META: RuleMeta = RuleMeta {
    id: "unhealthy-health-check",
    summary: "the health check behind each endpoint asks the service for a path that it serves, on its port",
    scope: Scope::Production,
    parameters: &[
        Parameter {
            name: "endpoints",
            summary: "URLs that are known to answer; none: `paths` on the hosts named `api.…`",
        },
        Parameter {
            name: "paths",
            summary: "paths that the service answers with 200",
        },
        Parameter {
            name: "containers",
            summary: "the containers whose target groups are meant, where services have such",
        },
        Parameter {
            name: "declared",
            summary: "without endpoints, the rule applies where one of these variables is declared",
        },
    ],
    page: include_str!("README.md"),
};

const BLOCK: &str = "health_check";

impl Rule for UnhealthyHealthCheck {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check_plan(&self, cx: &Context<'_>, findings: &mut Findings) {
        let model = Model::of(cx.plan);
        let endpoints = endpoints(cx, &model);
        if endpoints.is_empty() {
            return;
        }
        let known = endpoints.into_iter().filter_map(|endpoint| match endpoint {
            Endpoint::Known(request) => Some(request),
            Endpoint::Unreadable(..) | Endpoint::Open(..) => None,
        });
        let requests: Vec<Request> = known.collect();
        let groups = match expected(cx, &model) {
            Expected::Groups(groups, _) => groups,
            Expected::Any => reached(&model, &requests),
        };
        for at in groups {
            let check = Check {
                cx,
                model: &model,
                group: at,
                requests: &requests,
            };
            check.judge(findings);
        }
    }
}

fn reached(model: &Model<'_>, requests: &[Request]) -> BTreeSet<usize> {
    let ends = requests.iter().map(|request| walk(request, model).outcome);
    ends.filter_map(|outcome| match outcome {
        Outcome::Reached(groups) => Some(groups),
        _ => None,
    })
    .flatten()
    .collect()
}

struct Check<'c> {
    cx: &'c Context<'c>,
    model: &'c Model<'c>,
    group: usize,
    requests: &'c [Request],
}

/// What is wrong with a part of a check.
enum Wrong {
    Fail(AttributePath, String, String),
    Open(AttributePath, Causes),
}

impl Check<'_> {
    fn judge(&self, findings: &mut Findings) {
        let instance = self.instance();
        match self.wrong() {
            None => {
                let message = "the health check asks for what the service serves";
                findings.pass(subject(instance, AttributePath::attribute(BLOCK)), message);
            }
            Some(Wrong::Fail(path, message, help)) => {
                findings.fail(subject(instance, path), message).help(help);
            }
            Some(Wrong::Open(path, causes)) => {
                let message = format!("nothing tells the health check's `{path}`");
                findings.undecided(subject(instance, path), message, causes);
            }
        }
    }

    fn wrong(&self) -> Option<Wrong> {
        let block = AttributePath::attribute(BLOCK);
        let whole = self.instance().attribute(BLOCK);
        if let Err(causes) = text_or_default(self.cx.plan, self.instance(), &block, whole) {
            return Some(Wrong::Open(block, causes));
        }
        let part = |name: &str| self.part(name);
        let parts = (part("enabled"), part("protocol"), part("matcher"));
        let (Ok(enabled), Ok(protocol), Ok(matcher)) = parts else {
            let (path, causes) = [parts.0, parts.1, parts.2]
                .into_iter()
                .find_map(Result::err)
                .unwrap_or_default();
            return Some(Wrong::Open(path, causes));
        };
        if enabled == "false" {
            return self.refused_off();
        }
        if protocol == "TCP" {
            return self.refused_tcp();
        }
        if self.is_of_connections() && self.instance().blocks(BLOCK).is_empty() {
            return None;
        }
        if let Some(wrong) = self.refused_times() {
            return Some(wrong);
        }
        let version = self.instance().attribute("protocol_version").as_str();
        // The provider does not hand over an empty one.
        let matcher = if matcher.is_empty() { "200" } else { &matcher };
        if let Some(wrong) = self.refused_matcher(version) {
            return Some(wrong);
        }
        if version != Some("GRPC") && !accepts(matcher, 200) {
            return Some(Wrong::Fail(
                place("matcher"),
                format!("the health check takes {matcher} for healthy, and not 200"),
                "set `matcher = \"200\"`".to_owned(),
            ));
        }
        self.wrong_port()
            .or_else(|| self.wrong_protocol(&protocol))
            .or_else(|| self.wrong_path())
    }

    /// Whether a network load balancer has it: left out, the check is a connection, and not the `HTTP` of a block without
    /// a `protocol`.
    fn is_of_connections(&self) -> bool {
        let own = self.instance().attribute("protocol").as_str();
        matches!(
            own,
            Some("TCP" | "TLS" | "UDP" | "TCP_UDP" | "QUIC" | "TCP_QUIC")
        )
    }

    /// Only of functions the check can be switched off.
    fn refused_off(&self) -> Option<Wrong> {
        let path = AttributePath::attribute("target_type");
        let value = self.instance().attribute("target_type");
        let kind = text_or_default(self.cx.plan, self.instance(), &path, value).ok()??;
        (kind != "lambda").then(|| {
            Wrong::Fail(
                place("enabled"),
                format!("the health check is switched off, which is refused for targets of type `{kind}`"),
                "leave out `enabled`".to_owned(),
            )
        })
    }

    /// Statuses of HTTP, or those of gRPC.
    fn refused_matcher(&self, version: Option<&str>) -> Option<Wrong> {
        let block = self.instance().blocks(BLOCK).first()?;
        let matcher = block.attribute("matcher")?.as_str()?;
        let (range, healthy) = match version {
            Some("GRPC") => (0..=99, "0"),
            _ if self.is_of_connections() => (200..=599, "200"),
            _ => (200..=499, "200"),
        };
        let status = statuses(matcher).find(|status| !range.contains(status))?;
        Some(Wrong::Fail(
            place("matcher"),
            format!(
                "the health check takes {status} for healthy, which is refused: statuses are from {} to {}",
                range.start(),
                range.end()
            ),
            format!("set `matcher = \"{healthy}\"`"),
        ))
    }

    fn refused_times(&self) -> Option<Wrong> {
        /// What an application load balancer has where it is left out.
        const TIMEOUT: u32 = 5;
        /// From and to, as the provider and Elastic Load Balancing take them.
        const BOUNDS: [(&str, u32, u32); 4] = [
            ("interval", 5, 300),
            ("timeout", 2, 120),
            ("healthy_threshold", 2, 10),
            ("unhealthy_threshold", 2, 10),
        ];
        let seconds = |name: &str| self.part(name).ok()?.parse::<u32>().ok();
        let out = |(name, least, most): &(&'static str, u32, u32)| {
            let own = seconds(name)?;
            (!(*least..=*most).contains(&own)).then(|| {
                Wrong::Fail(
                    place(name),
                    format!("`{name}` of the health check is {own}, which is refused"),
                    format!("set it to a number from {least} to {most}"),
                )
            })
        };
        // What is there was taken, whatever a state says of it.
        let is_there = self.cx.plan.evidence == Evidence::State;
        if let Some(wrong) = BOUNDS.iter().find_map(out).filter(|_| !is_there) {
            return Some(wrong);
        }
        let own = self.instance().attribute("protocol").as_str();
        let is_of_web = matches!(own, Some("HTTP" | "HTTPS"));
        let is_left_out = self.part("timeout").is_ok_and(|text| text.is_empty());
        let default = (is_left_out && is_of_web).then_some(TIMEOUT);
        let timeout = seconds("timeout").or(default)?;
        let interval = seconds("interval")?;
        // Checks by connection may wait as long as their interval.
        let is_as_long = is_of_web && !is_there && timeout == interval;
        (timeout > interval || is_as_long).then(|| {
            let name = if is_left_out { "interval" } else { "timeout" };
            Wrong::Fail(
                place(name),
                format!(
                    "the health check waits {timeout} seconds for an answer and asks every {interval}, which is refused"
                ),
                "set a `timeout` below the `interval`".to_owned(),
            )
        })
    }

    /// Only target groups of network load balancers are checked by a connection alone.
    fn refused_tcp(&self) -> Option<Wrong> {
        let own = self.instance().attribute("protocol").as_str()?;
        matches!(own, "HTTP" | "HTTPS").then(|| {
            Wrong::Fail(
                place("protocol"),
                format!("the health check speaks TCP, which is refused for requests by {own}"),
                format!("set `protocol = \"{own}\"` in `{BLOCK}`, with a `path`"),
            )
        })
    }

    /// A port speaks TLS or it does not: the check must speak to it as the requests do.
    fn wrong_protocol(&self, protocol: &str) -> Option<Wrong> {
        let group = self.instance();
        let of_requests = group.attribute("protocol").as_str()?;
        let port = self.part("port").ok()?;
        let own = display(group.attribute("port"));
        let same_port = port == "traffic-port" || own.as_deref() == Some(&port);
        let differ = matches!(
            (of_requests, protocol),
            ("HTTP", "HTTPS") | ("HTTPS", "HTTP")
        );
        (same_port && differ).then(|| {
            Wrong::Fail(
                place("protocol"),
                format!(
                    "the health check speaks {protocol} to the port that serves requests by {of_requests}"
                ),
                format!("set `protocol = \"{of_requests}\"` in `{BLOCK}`"),
            )
        })
    }

    fn wrong_port(&self) -> Option<Wrong> {
        const HELP: &str = "set `port = \"traffic-port\"`, which is the container's own";
        let path = place("port");
        let port = match self.part("port") {
            Ok(port) if port == "traffic-port" => return None,
            Ok(port) if port.parse::<NonZeroU16>().is_err() => {
                let message = format!(
                    "the health check's port is \"{port}\", which is refused: it is no number"
                );
                return Some(Wrong::Fail(path, message, HELP.to_owned()));
            }
            Ok(port) => port,
            Err((path, causes)) => return Some(Wrong::Open(path, causes)),
        };
        for (service, registration) in self.model.services_of(self.group) {
            match &registration.port {
                Ok(Some(own)) if own.to_string() != port => {
                    match maps(service, &port) {
                        Ok(true) => return self.closed(&port),
                        Ok(false) => {}
                        Err(causes) => return Some(Wrong::Open(path, causes)),
                    }
                    let message = format!(
                        "the health check asks port {port}, and `{}` listens on {own}",
                        service.instance.address
                    );
                    return Some(Wrong::Fail(path, message, HELP.to_owned()));
                }
                Err(causes) => return Some(Wrong::Open(path, causes.clone())),
                Ok(_) => {}
            }
        }
        None
    }

    /// A port of its own that the load balancer does not reach.
    fn closed(&self, port: &str) -> Option<Wrong> {
        let closed = self.model.closed_on(self.group, port.parse().ok())?;
        let message = format!(
            "the health check asks port {port}, and {text}",
            text = closed.text
        );
        let help = format!(
            "let the load balancer out and the tasks' security group in on port {port}, or leave out `port`"
        );
        Some(match closed.open {
            Some(causes) => Wrong::Open(place("port"), causes),
            None => Wrong::Fail(place("port"), message, help),
        })
    }

    /// Whether the check has a port of its own, which other paths than the requests' are served on.
    fn has_own_port(&self) -> bool {
        let port = self.part("port").ok();
        let services = self.model.services_of(self.group);
        let is_own = |number: u16| port.as_deref() != Some(&*number.to_string());
        port.as_deref().is_some_and(|port| port != "traffic-port")
            && services
                .iter()
                .all(|(_, one)| matches!(one.port, Ok(Some(number)) if is_own(number)))
    }

    /// A path that is known to answer will do. Another one must at least be open to the same callers.
    fn wrong_path(&self) -> Option<Wrong> {
        let place = place("path");
        let path = match self.part("path") {
            Ok(path) if !path.starts_with('/') => {
                let message = format!(
                    "the health check's path \"{path}\" does not begin with `/`, and is refused"
                );
                let help = format!("set `path = \"/{path}\"`");
                return Some(Wrong::Fail(place, message, help));
            }
            Ok(path) => path,
            Err((path, causes)) => return Some(Wrong::Open(path, causes)),
        };
        let known = self.cx.strings("paths");
        let plain = |known: &&str| {
            known
                .split_once(' ')
                .map_or(**known == path, |(_, own)| own == path)
        };
        if known.iter().any(plain) || self.has_own_port() {
            return None;
        }
        // Without one, nothing tells what another path leads to.
        if self.requests.is_empty() {
            return Some(Wrong::Open(place, Causes::default()));
        }
        for request in self.requests {
            let outcome = walk(&request.with_path(&path), self.model).outcome;
            match &outcome {
                Outcome::Reached(groups) if groups.contains(&self.group) => {}
                Outcome::Undecided(_) => return Some(Wrong::Open(place, outcome.causes())),
                other => {
                    let message = format!(
                        "the health check asks for `{path}`, and nothing shows that the service answers there: on `{}` it {other}",
                        request.host
                    );
                    let shown: Vec<String> = known
                        .iter()
                        .map(|path| format!("`{}`", path.rsplit(' ').next().unwrap_or(path)))
                        .collect();
                    let help = format!("set `path` to {}", shown.join(" or "));
                    return Some(Wrong::Fail(place, message, help));
                }
            }
        }
        None
    }

    /// A part of the block, or what holds where it is left out.
    fn part(&self, name: &str) -> Result<String, (AttributePath, Causes)> {
        let path = place(name);
        let block = self.instance().blocks(BLOCK).first();
        let value = block
            .and_then(|block| block.attribute(name))
            .unwrap_or(&Value::NULL);
        text_or_default(self.cx.plan, self.instance(), &path, value)
            .map(Option::unwrap_or_default)
            .map_err(|causes| (path, causes))
    }

    fn instance(&self) -> &ResourceInstance {
        self.model.target_groups[self.group].instance
    }
}

/// Whether a container of a service's task maps a port, so that the check can ask it.
///
/// # Errors
/// The causes, where nothing tells.
fn maps(service: &Service<'_>, wanted: &str) -> Result<bool, Causes> {
    let Some(task) = service.task_definition else {
        return Ok(false);
    };
    let definitions = Definitions::of(task);
    let mut open = definitions.open;
    for container in &definitions.containers {
        match container.ports() {
            Ok(ports) => {
                let is_meant = |one: &Port| match &one.host {
                    Some(host) => host == wanted,
                    None => one.number == wanted,
                };
                if ports.iter().any(is_meant) {
                    return Ok(true);
                }
            }
            Err(causes) => open = Some(causes),
        }
    }
    open.map_or(Ok(false), Err)
}

fn place(part: &str) -> AttributePath {
    AttributePath::attribute(BLOCK)
        .with_index(0)
        .with_attribute(part)
}

/// The numbers that a matcher names.
fn statuses(matcher: &str) -> impl Iterator<Item = u16> {
    matcher
        .split([',', '-'])
        .filter_map(|number| number.trim().parse().ok())
}

/// `200`, `200,202`, `200-299`
fn accepts(matcher: &str, status: u16) -> bool {
    matcher.split(',').any(|part| {
        let (low, high) = part.split_once('-').unwrap_or((part, part));
        let bounds = (low.trim().parse::<u16>(), high.trim().parse::<u16>());
        matches!(bounds, (Ok(low), Ok(high)) if (low..=high).contains(&status))
    })
}
