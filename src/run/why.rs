//! The answers to `tfguard why`.

use std::sync::Arc;

use super::look::load;
use super::readers::Readers;
use super::{Purpose, Run};
use crate::cli::{CheckArgs, FailOn, Format, Undecided, WhyArgs};
use crate::report::Report;
use crate::repository::Repositories;
use crate::waiver;
use crate::why::{self, Told};

/// Answers a question about every environment that the arguments name.
pub fn why(arguments: WhyArgs) -> (Vec<Told>, Report) {
    let WhyArgs {
        question,
        path,
        inputs,
        source,
        ..
    } = arguments;
    let arguments = CheckArgs {
        paths: path.into_iter().collect(),
        inputs,
        environment: None,
        today: None,
        inventory: Vec::new(),
        source,
        fail_on: FailOn::Error,
        undecided: Undecided::Fail,
        format: Format::Human,
        quiet: true,
        verbose: false,
    };
    let readers = Readers::new();
    let mut report = readers.report();
    let found = readers.discover(&arguments);
    let run = Run {
        arguments: &arguments,
        purpose: Purpose::Tell,
        readers: &readers,
        today: waiver::day::today(),
        inventory: None,
        credentials: Arc::default(),
        repositories: Repositories::default(),
        configs: load(&found.targets, &readers.loader),
    };
    let mut errors = found.errors;
    let mut told = Vec::new();
    for target in &found.targets {
        let mut looked = run.look(run.prepare(target));
        errors.append(&mut looked.errors);
        let Some(plan) = looked.plan else { continue };
        report.add_problems(&plan);
        told.push(Told {
            environment: looked.environment.name,
            inputs: looked.inputs,
            answer: why::answer(&plan, &question),
            plan,
        });
    }
    report.stopped(&errors);
    readers.report_settings(&mut report);
    // What one environment has no name for may be there in another.
    if told.iter().all(|one| one.answer.is_err()) {
        report.stopped(told.iter().filter_map(|one| one.answer.as_ref().err()));
    }
    report.sort();
    (told, report)
}
