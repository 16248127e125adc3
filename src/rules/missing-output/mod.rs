//! `missing-output`: the outputs that the runbook's commands read are there, and can be read.

use crate::plan::{Evidence, Output, Problem, ProblemKind, Subject};
use crate::rule::{Context, Findings, Parameter, Rule, RuleMeta, Scope};
use crate::source::Span;
use crate::value::{Causes, Type};

/// The rule.
pub struct MissingOutput;

static META: RuleMeta = RuleMeta {
    id: "missing-output",
    summary: "the outputs that the runbook's commands read exist, and `terraform output -raw` prints them",
    scope: Scope::Always,
    parameters: &[
        Parameter {
            name: "outputs",
            summary: "the outputs that must be there",
        },
        Parameter {
            name: "declared",
            summary: "the rule applies where all of these variables are declared",
        },
    ],
    page: include_str!("README.md"),
};

impl Rule for MissingOutput {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check_plan(&self, cx: &Context<'_>, findings: &mut Findings) {
        let wanted = cx.strings("outputs");
        if !declares_all(cx) && !is_state_of_one(cx, &wanted) {
            return;
        }
        for name in wanted {
            judge(cx, name, findings);
        }
    }
}

/// The runbook's own root declares every flag of it.
fn declares_all(cx: &Context<'_>) -> bool {
    let flags = cx.strings("declared");
    let declared = |flag: &&str| cx.plan.variables.keys().any(|(_, name)| **name == **flag);
    !flags.is_empty() && flags.iter().all(declared)
}

/// A state has no variables: it is the runbook's where most of the outputs are.
fn is_state_of_one(cx: &Context<'_>, wanted: &[&str]) -> bool {
    let there = wanted
        .iter()
        .filter(|name| cx.plan.outputs.contains_key(**name))
        .count();
    cx.plan.evidence == Evidence::State && there * 2 > wanted.len()
}

fn judge(cx: &Context<'_>, name: &str, findings: &mut Findings) {
    let subject = Subject::Output(name.into());
    let Some(output) = cx.plan.outputs.get(name) else {
        // A plan of some targets has the outputs of these only.
        let left_out = |problem: &Problem| problem.kind == ProblemKind::Incomplete;
        if cx.plan.problems.iter().any(left_out) {
            let message = format!(
                "nothing tells whether there is an output `{name}`: the plan is not complete"
            );
            findings.undecided(subject, message, Causes::default());
            return;
        }
        findings
            .fail(subject, format!("there is no output `{name}`"))
            .at(place(cx))
            .help(format!(
                "add `output \"{name}\"`: the runbook's commands read it"
            ));
        return;
    };
    match unreadable(output) {
        Some(why) => {
            let marked = output.sensitive_span.filter(|_| output.sensitive);
            findings
                .fail(subject, format!("the output `{name}` is {why}"))
                .at(marked)
                .help(
                    "`terraform output -raw` prints a string, number or bool that is not sensitive",
                );
        }
        None => {
            findings.pass(subject, format!("the output `{name}` is there"));
        }
    }
}

/// Why a command cannot read it.
fn unreadable(output: &Output) -> Option<&'static str> {
    if output.sensitive {
        return Some("sensitive");
    }
    if output.value.is_null() {
        return Some("null");
    }
    let ty = output.value.ty();
    let plain = ty.is_primitive() || ty == Type::Dynamic;
    (!plain).then_some("no string, number or bool")
}

/// Where outputs are written; or else what makes the rule apply.
fn place(cx: &Context<'_>) -> Option<Span> {
    let outputs = cx.plan.outputs.values().filter_map(|output| output.span);
    let declared = cx.strings("declared");
    let flag = || {
        let mut variables = declared.iter().filter_map(|name| cx.plan.variable(name));
        variables.find_map(|variable| variable.span)
    };
    outputs.max().or_else(flag)
}
