//! From what was looked at to verdicts: rules, waivers, and waivers that nothing needed.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use super::Run;
use super::look::{Looked, Prepared};
use crate::check::{self, Checked};
use crate::coverage::{Coverage, Evaluated};
use crate::discover::Search;
use crate::problem::ProblemKind;
use crate::rule::{Files, Rule, RuleSettings, Surroundings};
use crate::rules;
use crate::settings::Settings;
use crate::waiver::{self, Judging};

type RuleSet = Vec<(&'static dyn Rule, RuleSettings)>;

impl Run<'_> {
    /// Looks at a target, and gives it the verdicts of all rules and waivers.
    pub(super) fn judge(&self, prepared: Prepared<'_>) -> (Looked, Checked) {
        let start = Instant::now();
        let mut looked = self.look(prepared);
        let mut checked = Checked::default();
        if let Some(plan) = &looked.plan {
            let rules = rules_of(looked.settings.as_deref());
            let (environment, texts) = (&looked.environment, looked.texts.as_slice());
            checked = check::check(
                plan,
                environment,
                &rules,
                &Surroundings {
                    inventory: self.inventory.as_ref(),
                    credentials: Arc::clone(&self.credentials),
                    files: Some(Files {
                        folder: looked.folder.as_deref(),
                        evidence: looked.evidence.as_deref(),
                        repositories: &self.repositories,
                    }),
                    sourced: looked.sourced.as_ref(),
                    ..Surroundings::of_texts(texts, &self.readers.sources)
                },
            );
            let judging = Judging {
                plan,
                environment,
                rules: &rules,
                texts,
                modules: &looked.modules,
                sources: &self.readers.sources,
                today: self.today,
            };
            let blocks = looked
                .settings
                .as_deref()
                .map(|settings| settings.waivers.as_slice());
            looked.waived = waiver::waive(&judging, blocks.unwrap_or_default(), &mut checked);
        }
        looked.elapsed += start.elapsed();
        (looked, checked)
    }
}

/// Waivers that no environment needed, where all that they are for were part of the run.
pub(super) fn report_unused(search: Search<'_>, looked: &mut [(Looked, Checked)]) {
    let coverage = Coverage::new(
        search,
        looked.iter().map(|(one, _)| Evaluated {
            environment: &one.environment.name,
            root: one
                .root
                .as_ref()
                .map(|(folder, files)| (folder.as_path(), files.as_slice())),
            settings: one.settings.as_deref(),
            is_whole: one.plan.as_ref().is_some_and(|plan| {
                one.errors.is_empty()
                    && !plan
                        .problems
                        .iter()
                        .any(|problem| problem.kind == ProblemKind::Unreadable)
            }),
            uses: &one.waived.uses,
        }),
    );
    let mut unused: BTreeMap<usize, Vec<waiver::Use>> = BTreeMap::new();
    for (at, one) in coverage.unused() {
        unused.entry(at).or_default().push(one);
    }
    for (at, unused) in unused {
        let (looked, checked) = &mut looked[at];
        let rules = rules_of(looked.settings.as_deref());
        waiver::report_unused(&unused, &rules, checked);
    }
}

fn rules_of(settings: Option<&Settings>) -> RuleSet {
    let rules = rules::with_settings();
    match settings {
        Some(settings) => settings.apply(rules),
        None => rules,
    }
}
