//! `unreadable-container-secret`: the execution role of a task may read each secret that its containers are given.

mod needed;
mod own;

use std::collections::BTreeMap;

use self::needed::{Need, Needs, Refusal, Refused, Why};
use crate::address::AttributePath;
use crate::plan::{ResourceInstance, Subject};
use crate::rule::{Context, Findings, Rule, RuleMeta, Scope};
use crate::rules::arn::Covers;
use crate::rules::container::{Definitions, whole};
use crate::rules::evidence::{subject, unread};
use crate::rules::policy::{self, Request};
use crate::rules::role::{self, Named, Role, TRUST};
use crate::source::Span;
use crate::value::Causes;

/// The rule.
pub struct UnreadableContainerSecret;

static META: RuleMeta = RuleMeta {
    id: "unreadable-container-secret",
    summary: "the execution role of each task may read the secrets that its containers are given",
    scope: Scope::Always,
    parameters: &[],
    page: include_str!("README.md"),
};

const DENIED: &str = "a statement denies it";

const SHUT: &str = "the key's own policy lets in neither the role nor its account";

const ROLE: &str = "execution_role_arn";

/// Who takes an execution role.
const SERVICE: &str = "ecs-tasks.amazonaws.com";

impl Rule for UnreadableContainerSecret {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check_plan(&self, cx: &Context<'_>, findings: &mut Findings) {
        let tasks = cx.plan.managed("aws_ecs_task_definition");
        for task in tasks.filter(|one| one.remains()) {
            judge(cx, task, findings);
        }
    }
}

fn judge(cx: &Context<'_>, task: &ResourceInstance, findings: &mut Findings) {
    let definitions = Definitions::of(task);
    let needs = Needs::of(cx, &definitions);
    for Refused { name, path, why } in &needs.refused {
        let (message, help) = match why {
            Refusal::PartOfAKey => (
                format!(
                    "ECS does not take the ARN of `{name}`: what follows it has not three colons"
                ),
                "write `ARN:KEY::`, with both last colons, for one key of the secret",
            ),
            Refusal::Slashes => (
                format!("no parameter has the ARN of `{name}`: it has two slashes before its name"),
                "take the `arn` of the parameter, or leave out one slash: `…:parameter/NAME`",
            ),
            Refusal::Twice => (
                format!("ECS does not take `{name}` twice"),
                "take one of the two out of `secrets`",
            ),
        };
        findings
            .fail(subject(task, path.clone()), message)
            .help(help);
    }
    let role = role::named(cx, task, ROLE);
    let place = subject(task, AttributePath::attribute(ROLE));
    let role = match role {
        Named::LeftOut if needs.all.is_empty() && needs.open.is_none() => return,
        Named::LeftOut | Named::NoArn if needs.all.is_empty() => None,
        Named::LeftOut => {
            let message = format!(
                "`{}` is given secrets and has no execution role to read them",
                task.address
            );
            findings
                .fail(place, message)
                .help("set `execution_role_arn` to a role that may read them");
            return;
        }
        Named::NoArn => {
            let message = format!(
                "`{}` takes the ARN of its execution role, and this is none",
                task.address
            );
            let help = "set `execution_role_arn` to the `arn` of the role: not to its name, nor without its path";
            findings.fail(place, message).help(help);
            return;
        }
        Named::Open(causes) if !needs.all.is_empty() => {
            let message = "nothing tells which role reads the containers' secrets";
            findings.undecided(place, message, causes);
            return;
        }
        Named::Open(_) => None,
        Named::Role(role) => Some(role),
    };
    let takes = role.as_ref().filter(|_| !needs.all.is_empty());
    let is_taken = takes.is_none_or(|role| taken(cx, task, role, findings));
    let mut report = Report::default();
    for need in role
        .iter()
        .flat_map(|role| needs.all.iter().map(move |need| (role, need)))
    {
        report.add(cx, need.0, need.1);
    }
    let shown = role.as_ref().map_or("", |role| &role.shown);
    let fine = is_taken && report.is_fine() && needs.refused.is_empty();
    report.into_findings(task, shown, findings);
    if let (true, Some(causes)) = (fine, needs.open) {
        let message = "nothing tells which secrets the execution role has to read";
        findings.undecided(whole(task), message, causes);
    } else if fine && !needs.all.is_empty() {
        findings.pass(
            whole(task),
            format!("`{shown}` may read the containers' secrets"),
        );
    }
}

/// Whether ECS may take the role at all; else that is reported.
fn taken(
    cx: &Context<'_>,
    task: &ResourceInstance,
    role: &Role<'_>,
    findings: &mut Findings,
) -> bool {
    let Some((made, answer)) = role.is_taken_by(cx, SERVICE) else {
        return true;
    };
    let place = subject(made, AttributePath::attribute(TRUST));
    let (role, task) = (&made.address, &task.address);
    match answer {
        Covers::Yes => return true,
        Covers::No => findings
            .fail(
                place,
                format!(
                    "ECS may not take `{role}` to read the secrets of `{task}`: it is not trusted"
                ),
            )
            .help(format!(
                "let `Service = \"{SERVICE}\"` do `sts:AssumeRole` in `{TRUST}`"
            )),
        Covers::Perhaps(causes) => findings.undecided(
            place,
            format!(
                "nothing tells whether ECS may take `{role}` to read the secrets of `{task}`: its trust policy has a condition, trusts everybody, or is not known as a whole"
            ),
            causes,
        ),
    };
    false
}

/// An action, and why it is not allowed.
type Reason = (&'static str, String);

/// An entry by name, and where it stands.
type Place = (String, AttributePath);

/// Needs that are not met, put together by what is missing.
#[derive(Default)]
struct Report {
    missing: BTreeMap<Reason, Vec<Place>>,
    open: BTreeMap<Reason, (Vec<Place>, Causes)>,
    /// Where what is missing must be mended, where that is not at the entry.
    spans: BTreeMap<Reason, Span>,
}

impl Report {
    fn add(&mut self, cx: &Context<'_>, role: &Role<'_>, need: &Need) {
        let request = Request {
            action: need.action,
            objects: &need.objects,
            via: need.via.as_ref(),
        };
        let ruling = role.rules(cx, &request);
        let entry = (need.name.clone(), need.path.clone());
        let mut fails = |why: String| {
            let found = self.missing.entry((need.action, why)).or_default();
            found.push(entry.clone());
        };
        let is_shut = need
            .admitted
            .as_ref()
            .is_some_and(|all| !all.iter().any(|one| role.may_be(one)));
        let denied = ruling.denied.or(need.denied.clone());
        if is_shut && denied != Covers::Yes {
            return fails(SHUT.to_owned());
        }
        let (why, causes) = match (&denied, &ruling.allowed) {
            (Covers::Yes, _) => return fails(DENIED.to_owned()),
            (Covers::Perhaps(causes), _) => ("a statement may deny it".to_owned(), causes.clone()),
            (Covers::No, Covers::Yes) if role.is_bounded() => (
                "the role has a permissions boundary, which is not looked into".to_owned(),
                Causes::default(),
            ),
            (Covers::No, Covers::Yes) => return,
            (Covers::No, Covers::Perhaps(causes)) => match role.given_by_arn(cx) {
                Some(by) => (
                    format!(
                        "`{by}` gives the role's ARN, or part of it, where IAM takes its name only"
                    ),
                    causes.clone(),
                ),
                None => (
                    "a policy may allow it, which has a condition or is not known as a whole"
                        .to_owned(),
                    causes.clone(),
                ),
            },
            (Covers::No, Covers::No) if !role.is_made_here() => (
                "the role is not made here, and neither are its policies".to_owned(),
                Causes::default(),
            ),
            (Covers::No, Covers::No) => match &need.why {
                Why::Certain => match unread(cx.plan) {
                    Some(unread) => (
                        format!("no policy here allows it, and {unread}"),
                        Causes::default(),
                    ),
                    None => {
                        let (why, span) = not_allowed(cx, role, need.action);
                        if let Some(span) = span {
                            self.spans.insert((need.action, why.clone()), span);
                        }
                        return fails(why);
                    }
                },
                Why::Open(why, causes) => ((*why).to_owned(), causes.clone()),
            },
        };
        let found = self.open.entry((need.action, why)).or_default();
        found.0.push(entry);
        found.1 = found.1.union(&causes);
    }

    fn is_fine(&self) -> bool {
        self.missing.is_empty() && self.open.is_empty()
    }

    fn into_findings(self, task: &ResourceInstance, role: &str, findings: &mut Findings) {
        for ((action, why), entries) in self.missing {
            let message = format!("`{role}` may not read {}: {why}", list(&entries));
            let object = match action {
                "kms:Decrypt" => "the key that encrypts it",
                _ => "it",
            };
            let mut refusals = policy::Refusal::ALL.iter();
            let refusal = refusals.find(|one| why.ends_with(one.why()));
            let help = if let Some(refusal) = refusal {
                refusal.help().to_owned()
            } else if why == DENIED {
                format!("take {object} out of what the statement denies, or read another secret")
            } else if why == SHUT {
                format!("let the account, as `arn:aws:iam::ACCOUNT:root`, do `{action}` in it")
            } else {
                format!("allow `{action}` on {object} in a policy of the execution role")
            };
            let found = findings.fail(place(task, &entries), message).help(help);
            if let Some(span) = self.spans.get(&(action, why)) {
                found.at(Some(*span));
            }
        }
        for ((action, why), (entries, causes)) in self.open {
            let message = format!(
                "nothing tells whether `{role}` may read {} (`{action}`): {why}",
                list(&entries)
            );
            findings.undecided(place(task, &entries), message, causes);
        }
    }
}

/// Why no policy of a role allows an action, and where that is written.
fn not_allowed(cx: &Context<'_>, role: &Role<'_>, action: &str) -> (String, Option<Span>) {
    let Some((refusal, place)) = role.refused_policy(cx) else {
        return (format!("no policy of it allows `{action}`"), None);
    };
    let span = cx.plan.provenance.span(&place);
    let policy = match place {
        Subject::Attribute(policy, _) => policy.to_string(),
        other => other.to_string(),
    };
    let why = format!("IAM refuses `{policy}`: {}", refusal.why());
    (why, span)
}

/// The entry, or the whole where there are several.
fn place(task: &ResourceInstance, entries: &[Place]) -> crate::plan::Subject {
    match entries {
        [(_, path)] => subject(task, path.clone()),
        _ => whole(task),
    }
}

fn list(entries: &[Place]) -> String {
    const MOST: usize = 4;
    let mut names: Vec<String> = entries
        .iter()
        .map(|(name, _)| format!("`{name}`"))
        .collect();
    names.sort();
    names.dedup();
    let more = names.len().saturating_sub(MOST);
    names.truncate(MOST);
    let all = names.join(", ");
    if more == 0 {
        all
    } else {
        format!("{all} and {more} more")
    }
}
