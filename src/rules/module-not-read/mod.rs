//! `module-not-read`: what could not be looked at is said.

use crate::plan::Subject;
use crate::problem::ProblemKind;
use crate::rule::{Context, Findings, Level, Rule, RuleMeta, Scope};
use crate::value::Causes;

/// The rule.
pub struct ModuleNotRead;

static META: RuleMeta = RuleMeta {
    id: "module-not-read",
    summary: "every module and file that the configuration uses could be read",
    scope: Scope::Always,
    parameters: &[],
    page: include_str!("README.md"),
};

impl Rule for ModuleNotRead {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check_plan(&self, cx: &Context<'_>, findings: &mut Findings) {
        let unread = cx.plan.problems.iter().filter(|one| {
            matches!(
                one.kind,
                ProblemKind::Unread | ProblemKind::Partial | ProblemKind::Incomplete
            )
        });
        for problem in unread {
            let about = problem.address.as_deref().unwrap_or("configuration");
            let finding = findings
                .undecided(
                    Subject::Text(about.into()),
                    &problem.message,
                    Causes::default(),
                )
                .at(problem.span);
            let finding = match &problem.help {
                Some(help) => finding.help(help),
                None => finding,
            };
            // What is in a plan needs no sources.
            if problem.kind == ProblemKind::Partial {
                finding.at_most(Level::Warning);
            }
        }
    }
}
