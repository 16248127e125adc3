//! The pipeline: discover, load, evaluate, check, report. Everything that a command does, short of printing.

mod beside;
mod evidence;
mod exit;
mod judge;
mod look;
mod readers;
mod root;
mod show;
mod why;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use rayon::prelude::*;

use self::judge::report_unused;
use self::look::{Looked, Prepared, load};
use crate::check::Checked;
use crate::cli::{CheckArgs, Undecided};
use crate::config::Config;
use crate::inventory::Inventory;
use crate::plan::Plan;
use crate::problem::ProblemKind;
use crate::report::{EnvironmentSummary, Report};
use crate::repository::Repositories;
use crate::rule::{Credentials, Verdict};
use crate::settings::Settings;
use crate::settings::environment::Telling;
use crate::waiver;

pub(crate) use self::evidence::Evidence;
pub use self::exit::{ExitCode, exit_code, exit_code_of_errors};
pub(crate) use self::readers::Readers;
pub(crate) use self::root::Root;
pub use self::show::{Shown, show};
pub use self::why::why;

/// What a plan is made for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// Rules judge it.
    Judge,
    /// Its values are told.
    Tell,
}

/// What all targets of a command share.
struct Run<'a> {
    arguments: &'a CheckArgs,
    purpose: Purpose,
    readers: &'a Readers,
    today: jiff::civil::Date,
    inventory: Option<Inventory>,
    credentials: Arc<Credentials>,
    repositories: Repositories,
    configs: BTreeMap<PathBuf, Arc<Config>>,
}

/// Checks what the arguments name.
pub fn check(arguments: &CheckArgs) -> Report {
    let readers = Readers::new();
    let mut report = readers.report();
    let found = readers.discover(arguments);
    report.stopped(&found.errors);
    let run = Run {
        arguments,
        purpose: Purpose::Judge,
        readers: &readers,
        today: arguments.today.unwrap_or_else(waiver::day::today),
        inventory: inventory(&arguments.inventory, &mut report),
        credentials: Arc::default(),
        repositories: Repositories::of_process(),
        configs: load(&found.targets, &readers.loader),
    };
    // One after the other: the numbers of files, and with them every order that depends on them, stay the same.
    let targets = found.targets.iter();
    let prepared: Vec<Prepared> = targets.map(|target| run.prepare(target)).collect();
    let mut looked: Vec<(Looked, Checked)> = prepared
        .into_par_iter()
        .map(|prepared| run.judge(prepared))
        .collect();
    let search = readers.search(&arguments.inputs, arguments.environment.as_deref());
    report_unused(search, &mut looked);
    if arguments.undecided == Undecided::Allow {
        for (_, checked) in &mut looked {
            let findings = &mut checked.findings;
            findings.retain(|one| one.verdict != Verdict::Undecided);
        }
    }
    tell_apart(&mut looked);
    readers.report_settings(&mut report);
    let in_use = looked.iter();
    let in_use = in_use.filter_map(|(one, _)| one.settings.as_deref());
    for note in in_use.flat_map(Settings::notes) {
        report.note(note.into());
    }
    for (looked, checked) in looked {
        report.stopped(&looked.errors);
        if let Some(plan) = &looked.plan {
            let summary = summary(&looked, plan, &checked);
            for problem in &looked.waived.announced {
                report.note(problem.clone().into());
            }
            report.add(summary, checked, plan);
        }
    }
    report.sort();
    report
}

/// The listings that were given; none where there are none, or none that can be used.
pub(crate) fn inventory(files: &[PathBuf], report: &mut Report) -> Option<Inventory> {
    let mut inventory = None;
    for file in files {
        let of_files = inventory.get_or_insert_with(Inventory::default);
        if let Err(error) = of_files.add_file(file) {
            report.stopped([&error.into()]);
        }
    }
    inventory
}

fn summary(looked: &Looked, plan: &Plan, checked: &Checked) -> EnvironmentSummary {
    let is_unread = |kind| {
        matches!(
            kind,
            ProblemKind::Unread | ProblemKind::Unreadable | ProblemKind::Incomplete
        )
    };
    let problems = plan.problems.iter();
    EnvironmentSummary {
        name: Arc::clone(&looked.environment.name),
        inputs: looked.inputs.clone(),
        production: looked.environment.production,
        assumed: looked.telling == Telling::Assumed,
        resources: plan.resources().len(),
        outcomes: checked.outcomes.clone(),
        unread: problems.filter(|one| is_unread(one.kind)).count(),
        elapsed: looked.elapsed,
    }
}

/// Environments of one name are named by what they were made from as well: by what tells them apart, if anything does.
fn tell_apart(looked: &mut [(Looked, Checked)]) {
    let mut alike: BTreeMap<Arc<str>, Vec<usize>> = BTreeMap::new();
    for (at, (one, _)) in looked.iter().enumerate() {
        let name = Arc::clone(&one.environment.name);
        alike.entry(name).or_default().push(at);
    }
    for (name, places) in alike.into_iter().filter(|(_, places)| places.len() > 1) {
        let mut uses: BTreeMap<PathBuf, usize> = BTreeMap::new();
        for input in places.iter().flat_map(|at| &looked[*at].0.inputs) {
            *uses.entry(input.clone()).or_default() += 1;
        }
        for at in places {
            let one = &mut looked[at].0;
            // The last one wins where values differ.
            let own = one.inputs.iter().rev().find(|input| uses[*input] == 1);
            if let Some(input) = own.or(one.inputs.first()) {
                one.environment.name = format!("{name} ({})", crate::report::shown(input)).into();
            }
        }
    }
}
