//! `stale-plan`: a plan and the sources beside it belong together.

use crate::plan::Subject;
use crate::rule::{Chosen, Context, Findings, Level, Rule, RuleMeta, Scope};

/// The rule.
pub struct StalePlan;

static META: RuleMeta = RuleMeta {
    id: "stale-plan",
    summary: "a plan and the sources that are given with it belong together",
    scope: Scope::Always,
    parameters: &[],
    page: include_str!("README.md"),
};

impl Rule for StalePlan {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check_plan(&self, cx: &Context<'_>, findings: &mut Findings) {
        let Some(sourced) = cx.sourced else {
            return;
        };
        let folder = sourced.folder.display();
        let place = Subject::Text(folder.to_string().into());
        if sourced.difference.is_empty() {
            findings.pass(place, "the plan was made from these sources");
            return;
        }
        let message = format!(
            "the plan was not made from `{folder}`: {}",
            sourced.difference
        );
        let finding = findings
            .fail(place, message)
            .help("plan again, or give the root module and the commit that the plan was made from");
        // The plan may be of a part of them, or of another root that looks like this one.
        if sourced.chosen == Chosen::Here {
            finding.at_most(Level::Warning);
        }
    }
}
