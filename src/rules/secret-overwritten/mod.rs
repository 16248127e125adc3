//! `secret-overwritten`: an apply does not put a placeholder over the value that was set out of band.

use crate::address::AttributePath;
use crate::plan::{Action, Evidence, ResourceInstance, Subject};
use crate::rule::{Context, Findings, Level, Rule, RuleMeta, Scope};
use crate::rules::evidence::{Answer, refers_to, subject};
use crate::secret::is_placeholder;
use crate::value::Value;

/// The rule.
pub struct SecretOverwritten;

static META: RuleMeta = RuleMeta {
    id: "secret-overwritten",
    summary: "a secret that holds a placeholder ignores changes of it, so that no apply overwrites the real value",
    scope: Scope::Always,
    parameters: &[],
    page: include_str!("README.md"),
};

/// Where secrets keep their value.
const STORES: [(&str, &str); 2] = [
    ("aws_secretsmanager_secret_version", "secret_string"),
    ("aws_ssm_parameter", "value"),
];

impl Rule for SecretOverwritten {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check_plan(&self, cx: &Context<'_>, findings: &mut Findings) {
        // A state plans nothing.
        if cx.plan.evidence == Evidence::State {
            return;
        }
        for (kind, name) in STORES {
            let stored = cx.plan.managed(kind).filter(|one| one.remains());
            for one in stored.filter(|one| holds_placeholder(one, name)) {
                judge(cx, one, name, findings);
            }
        }
    }
}

fn holds_placeholder(one: &ResourceInstance, name: &str) -> bool {
    let kind = one.attribute("type").as_str();
    let secret = one.kind() != "aws_ssm_parameter" || kind == Some("SecureString");
    let text = one.attribute(name).foreseen().and_then(Value::as_str);
    // An empty default is no placeholder: AWS refuses it, and whoever applies gives the value.
    secret && text.is_some_and(|text| !text.trim().is_empty() && is_placeholder(text))
}

fn judge(cx: &Context<'_>, one: &ResourceInstance, name: &str, findings: &mut Findings) {
    let place = subject(one, AttributePath::attribute(name));
    if let Some(ignored) = cx.plan.provenance.ignores(&one.address, name) {
        let with = replaced_with(cx, one);
        if ignored && !with.is_empty() {
            let message = format!(
                "`{}` ignores changes of its placeholder, and is replaced with {}: the placeholder is then the value",
                one.address,
                with.join(", ")
            );
            findings
                .fail(place, message)
                .at_most(Level::Warning)
                .help("leave out `replace_triggered_by`");
        } else if ignored {
            findings.pass(place, format!("changes of `{name}` are ignored"));
        } else if overwrites(cx, one, name) {
            overwritten(one, name, place, findings);
        } else {
            let message = format!(
                "`{}` holds a placeholder, and an apply may put it back",
                one.address
            );
            findings
                .fail(place, message)
                .at_most(Level::Warning)
                .help(match keeping(one) {
                    Keeping::Ignored => format!(
                        "add `{}`: whoever puts the real value then keeps it",
                        ignoring(name)
                    ),
                    Keeping::WriteOnly => WRITE_ONLY.to_owned(),
                });
        }
    } else if overwrites(cx, one, name) {
        overwritten(one, name, place, findings);
    } else {
        findings.pass(place, "this plan puts no placeholder over a value");
    }
}

/// What replaces the object besides, but for the secret that a version is of: with that the value is gone anyway.
fn replaced_with(cx: &Context<'_>, one: &ResourceInstance) -> Vec<String> {
    let is_itself = |name: &String| {
        let names: Vec<&str> = name.split('.').collect();
        matches!(*names, ["aws_secretsmanager_secret", _, "id" | "arn"])
    };
    let all = cx.plan.provenance.replaced_with(&one.address).into_iter();
    all.filter(|name| !is_itself(name))
        .map(|name| format!("`{name}`"))
        .collect()
}

fn overwritten(one: &ResourceInstance, name: &str, place: Subject, findings: &mut Findings) {
    let message = format!(
        "this plan puts a placeholder over the value of `{}`",
        one.address
    );
    findings.fail(place, message).help(match keeping(one) {
        Keeping::Ignored => format!("do not apply it; add `{}` and plan again", ignoring(name)),
        Keeping::WriteOnly => format!("do not apply it; {WRITE_ONLY}"),
    });
}

/// What keeps an apply away from a value, and the value out of the state.
enum Keeping {
    Ignored,
    /// The provider reads a parameter back, decrypted, whatever changes are ignored.
    WriteOnly,
}

const WRITE_ONLY: &str =
    "hand it over by `value_wo`: `ignore_changes` would keep it, and the state would hold it";

fn keeping(one: &ResourceInstance) -> Keeping {
    match one.kind() {
        "aws_ssm_parameter" => Keeping::WriteOnly,
        _ => Keeping::Ignored,
    }
}

fn ignoring(name: &str) -> String {
    format!("lifecycle {{ ignore_changes = [{name}] }}")
}

/// Whether the plan itself writes the placeholder where a value is: sources alone never tell.
fn overwrites(cx: &Context<'_>, one: &ResourceInstance, name: &str) -> bool {
    if cx.plan.evidence == Evidence::Sources {
        return false;
    }
    let before = one.before().attribute(name);
    let changes = before != Some(one.attribute(name));
    match one.change.action {
        Action::Update => changes,
        // A new version of a secret that stays is the one that is read from then on.
        Action::DeleteThenCreate | Action::CreateThenDelete | Action::CreateThenForget => {
            one.kind() == "aws_ssm_parameter" && changes || is_of_existing(cx, one)
        }
        _ => false,
    }
}

/// Whether the secret of a version is there already.
fn is_of_existing(cx: &Context<'_>, version: &ResourceInstance) -> bool {
    let stays =
        |one: &&ResourceInstance| matches!(one.change.action, Action::NoOp | Action::Update);
    cx.plan
        .managed("aws_secretsmanager_secret")
        .filter(stays)
        .any(|secret| refers_to(cx, version, "secret_id", secret) == Answer::Yes)
}
