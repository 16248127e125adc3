//! The verdicts of a run of `tfguard check`, as far as a test compares them.
#![allow(dead_code)] // Each test that includes this file uses some of it.

use std::collections::BTreeSet;
use std::ffi::OsString;

use tfguard::cli::{Cli, Command};
use tfguard::plan::Subject;
use tfguard::report::Report;
use tfguard::rule::{Finding, Verdict};
use tfguard::run;

/// `rule verdict object`, a line each.
pub type Verdicts = BTreeSet<String>;

/// Runs `tfguard check` with these arguments, production being the environment.
pub fn check<'a>(arguments: impl IntoIterator<Item = &'a std::ffi::OsStr>) -> Report {
    let fixed = [
        "tfguard",
        "check",
        "--environment",
        "prod",
        "--today",
        "2026-11-25",
    ];
    let arguments = arguments.into_iter().map(OsString::from);
    let cli = Cli::read(fixed.map(OsString::from).into_iter().chain(arguments));
    match cli.expect("arguments that are known").command {
        Command::Check(arguments) => run::check(&arguments),
        other => panic!("{other:?} is no check"),
    }
}

/// All verdicts of a report, passes included.
///
/// The fixtures are plans and states that are committed on purpose: that rule has its own cases.
pub fn all(report: &Report) -> Verdicts {
    let findings = report.findings.iter().map(|one| &one.finding);
    let findings = findings.filter(|one| one.rule.id != "plan-or-state-committed");
    findings.map(line).collect()
}

/// `rule verdict object`
pub fn line(finding: &Finding) -> String {
    let (rule, verdict) = (finding.rule.id, finding.verdict.name());
    format!("{rule} {verdict} {}", object(&finding.subject))
}

/// The verdicts that are no pass.
pub fn violations(report: &Report) -> Verdicts {
    let pass = format!(" {} ", Verdict::Pass.name());
    all(report)
        .into_iter()
        .filter(|line| !line.contains(&pass))
        .collect()
}

/// The object that a subject is about.
pub fn object(subject: &Subject) -> String {
    match subject {
        Subject::Attribute(address, _) | Subject::Expansion(address) => address.to_string(),
        Subject::Output(name) => format!("output.{name}"),
        other => other.to_string(),
    }
}
