//! `condition-failed`: what the configuration demands of itself holds.

use crate::plan::Subject;
use crate::problem::ProblemKind;
use crate::rule::{Context, Findings, Rule, RuleMeta, Scope};

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
        for problem in failed {
            let about = problem.address.as_deref().unwrap_or("configuration");
            let finding = findings
                .fail(Subject::Text(about.into()), &problem.message)
                .at(problem.span);
            if let Some(help) = &problem.help {
                finding.help(help);
            }
        }
    }
}
