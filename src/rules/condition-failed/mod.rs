//! `condition-failed`: what the configuration demands of itself holds.

use std::collections::BTreeSet;

use crate::plan::{Outcome, Subject};
use crate::problem::ProblemKind;
use crate::rule::{Context, Findings, Level, Rule, RuleMeta, Scope};
use crate::value::{Cause, Causes};

/// The rule.
pub struct ConditionFailed;

static META: RuleMeta = RuleMeta {
    id: "condition-failed",
    summary: "validations, preconditions, postconditions and checks hold",
    scope: Scope::Always,
    parameters: &[],
    page: include_str!("README.md"),
};

impl Rule for ConditionFailed {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check_plan(&self, cx: &Context<'_>, findings: &mut Findings) {
        let failed = cx
            .plan
            .problems
            .iter()
            .filter(|one| one.kind == ProblemKind::ConditionFailed);
        let mut told = BTreeSet::new();
        for problem in failed {
            let about = problem.address.as_deref().unwrap_or("configuration");
            told.insert(about);
            let finding = findings
                .fail(Subject::Text(about.into()), &problem.message)
                .at(problem.span);
            if let Some(help) = &problem.help {
                finding.help(help);
            }
        }
        // Several conditions of one object come to one verdict.
        for condition in &cx.plan.conditions {
            let Outcome::Unknown(causes) = &condition.outcome else {
                continue;
            };
            if told.insert(&condition.about) {
                let subject = Subject::Text(condition.about.as_str().into());
                findings
                    .undecided(
                        subject,
                        "nothing tells yet whether its condition holds",
                        causes.clone(),
                    )
                    .at(condition.span)
                    .at_most(level_of(causes));
            }
        }
        for condition in &cx.plan.conditions {
            if told.insert(&condition.about) {
                let subject = Subject::Text(condition.about.as_str().into());
                findings.pass(subject, "its conditions hold");
            }
        }
    }
}

/// Terraform judges every condition before it goes on: what is known during apply only is its to refuse then, and a
/// variable without a value when it plans.
fn level_of(causes: &Causes) -> Level {
    let needs_value = |cause: &Cause| matches!(cause, Cause::NoValue { .. });
    if causes.iter().any(needs_value) {
        Level::Warning
    } else {
        Level::Info
    }
}
