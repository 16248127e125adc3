//! `unroutable-endpoint`: a request to each endpoint ends at the service that should answer it.

mod behind;

use std::collections::BTreeSet;

use crate::plan::Subject;
use crate::route::{Model, Outcome, Request, Walk, walk};
use crate::rule::{Context, Findings, Parameter, Rule, RuleMeta, Scope};
use crate::rules::endpoint::{Endpoint, Expected, because, endpoints, expected, served_by};
use crate::rules::evidence::unread;
use crate::value::Causes;

/// The rule.
pub struct UnroutableEndpoint;

static META: RuleMeta = RuleMeta {
    id: "unroutable-endpoint",
    summary: "a request to each endpoint ends at the service that should answer it",
    scope: Scope::Production,
    parameters: &[
        Parameter {
            name: "endpoints",
            summary: "URLs that must be served, with a method before them or not; none: `paths` on the hosts named `api.…`",
        },
        Parameter {
            name: "paths",
            summary: "what is asked of a host named `api.…`, where no endpoints are given",
        },
        Parameter {
            name: "containers",
            summary: "the containers that should answer, where services have such",
        },
        Parameter {
            name: "declared",
            summary: "without endpoints, the rule applies where one of these variables is declared",
        },
    ],
    page: include_str!("README.md"),
};

impl Rule for UnroutableEndpoint {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check_plan(&self, cx: &Context<'_>, findings: &mut Findings) {
        let model = Model::of(cx.plan);
        let expected = expected(cx, &model);
        for endpoint in endpoints(cx, &model) {
            match endpoint {
                Endpoint::Known(request) => judge(cx, &model, &expected, &request, findings),
                Endpoint::Unreadable(text, error) => {
                    let message = error.to_string();
                    findings.undecided(Subject::Text(text.into()), message, Causes::default());
                }
                Endpoint::Open(open) => {
                    findings
                        .undecided(Subject::Text(open.asked.into()), open.message, open.causes)
                        .at(open.span)
                        .help("name it in the rule's parameter `endpoints`");
                }
            }
        }
    }
}

/// What becomes of a request.
enum Way {
    Right(String),
    Wrong(String, &'static str),
    Open(String, Causes),
}

const ROUTE: &str = "give the listener that takes it a rule for this host and path, with a lower priority number than broader ones, that forwards to the service's target group";

fn judge(
    cx: &Context<'_>,
    model: &Model<'_>,
    expected: &Expected,
    request: &Request,
    findings: &mut Findings,
) {
    let walk = walk(request, model);
    let asked = request.asked();
    let way = way(model, expected, request, &walk);
    let behind = match &walk.outcome {
        Outcome::Reached(groups) if matches!(way, Way::Right(_)) => {
            behind::wrong(cx, model, expected, groups)
        }
        _ => None,
    };
    let (way, place) = match behind {
        Some((way, place)) => (way, Some(place)),
        None => (way, walk.place.clone()),
    };
    let unread = unread(cx.plan).filter(|_| may_be_mended(&walk.outcome));
    let way = match (way, unread) {
        (Way::Wrong(text, _), Some(unread)) => {
            Way::Open(format!("{text}, and {unread}"), Causes::default())
        }
        (way, _) => way,
    };
    let about = Subject::Text(asked.as_str().into());
    let finding = match way {
        Way::Right(text) => {
            findings.pass(about, format!("{asked} {text}"));
            return;
        }
        Way::Wrong(text, help) => findings.fail(about, format!("{asked} {text}")).help(help),
        Way::Open(text, causes) => findings.undecided(about, format!("{asked} {text}"), causes),
    };
    let finding = finding.because(because(cx, &walk));
    if let Some(place) = place {
        finding.part(place);
    }
}

fn way(model: &Model<'_>, expected: &Expected, request: &Request, walk: &Walk) -> Way {
    match &walk.outcome {
        Outcome::Reached(_) if walk.redirected && !is_followed(request) => Way::Wrong(
            format!(
                "is answered with a redirect, which the sender of a {} does not follow",
                request.method
            ),
            "forward it where it arrives",
        ),
        Outcome::Reached(groups) => reached(model, expected, groups),
        Outcome::Elsewhere(_) => Way::Open(walk.outcome.to_string(), Causes::default()),
        Outcome::Undecided(_) => Way::Open(walk.outcome.to_string(), walk.outcome.causes()),
        Outcome::NoListener | Outcome::NoLoadBalancer => Way::Wrong(
            walk.outcome.to_string(),
            "add an `aws_lb_listener` with `port = 443` and `protocol = \"HTTPS\"`, or switch on the one that is written",
        ),
        Outcome::FixedResponse(_)
        | Outcome::Authenticates
        | Outcome::RedirectLoop(_)
        | Outcome::Leaves(_)
        | Outcome::Internal => Way::Wrong(walk.outcome.to_string(), ROUTE),
        Outcome::NoAddress(_) => Way::Wrong(
            walk.outcome.to_string(),
            "give the host a record of type A, and the load balancer an `ip_address_type` with IPv4: `ipv4` or `dualstack`",
        ),
        Outcome::AnotherProtocol(_) => Way::Wrong(
            walk.outcome.to_string(),
            "leave out `protocol_version`, or serve the endpoint by another target group",
        ),
        Outcome::RefusedRecord(_) => Way::Wrong(
            walk.outcome.to_string(),
            "make it an alias with `name` and `zone_id` of the load balancer, its `dns_name` and `zone_id`, and without a `ttl`",
        ),
        Outcome::KeptOut(_) => Way::Wrong(
            walk.outcome.to_string(),
            "let callers of the internet in on the listener's port: an ingress rule for `0.0.0.0/0`, and a web ACL that allows what it does not block",
        ),
        Outcome::OtherNames(_) => Way::Wrong(
            walk.outcome.to_string(),
            "name the host in `domain_name` or `subject_alternative_names` of its certificate, or add a certificate by `aws_lb_listener_certificate`",
        ),
        Outcome::WantsCertificate(_) => Way::Wrong(
            walk.outcome.to_string(),
            "set `mode = \"passthrough\"` or `\"off\"` in its `mutual_authentication`, or serve the endpoint by another listener",
        ),
    }
}

/// Whether a listener, a rule, a certificate or a record more would change how a walk ends.
fn may_be_mended(outcome: &Outcome) -> bool {
    matches!(
        outcome,
        Outcome::NoListener
            | Outcome::NoLoadBalancer
            | Outcome::NoAddress(_)
            | Outcome::OtherNames(_)
            | Outcome::KeptOut(_)
            | Outcome::FixedResponse(_)
            | Outcome::Reached(_)
    )
}

fn is_followed(request: &Request) -> bool {
    matches!(&*request.method, "GET" | "HEAD")
}

fn reached(model: &Model<'_>, expected: &Expected, groups: &BTreeSet<usize>) -> Way {
    let name = |at: usize| model.target_groups[at].instance.address.to_string();
    let names: Vec<String> = groups.iter().map(|at| format!("`{}`", name(*at))).collect();
    let right = Way::Right(format!("reaches {}", names.join(", ")));
    match expected {
        Expected::Groups(meant, open) => {
            let Some(wrong) = groups.iter().find(|at| !meant.contains(at)) else {
                return right;
            };
            let by = served_by(model, *wrong);
            let text = format!("ends at `{}`, served by {by}", name(*wrong));
            match open {
                Some(causes) => Way::Open(text, causes.clone()),
                None => Way::Wrong(text, ROUTE),
            }
        }
        Expected::Any => {
            let idle = groups.iter().find(|at| {
                model.services_of(**at).is_empty() && !model.target_groups[**at].has_other_targets
            });
            let Some(idle) = idle else { return right };
            let text = format!(
                "ends at `{}`, which no service is registered with",
                name(*idle)
            );
            match model.open_registrations() {
                Some(causes) => Way::Open(text, causes),
                None => Way::Wrong(
                    text,
                    "give the ECS service a `load_balancer` block with this target group",
                ),
            }
        }
    }
}
