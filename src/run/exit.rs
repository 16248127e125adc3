//! The exit code of a run.

use crate::cli::{FailOn, Undecided};
use crate::report::{EnvironmentSummary, ErrorKind, Report};
use crate::rule::{Level, Verdict};

/// What a run comes to, as the process says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitCode {
    /// Everything that must hold holds.
    Holds = 0,
    /// Findings at or above the level to fail on.
    Findings = 1,
    /// Usage, configuration or unreadable input.
    Unreadable = 2,
    /// Nothing was evaluated, or no rule had a subject.
    Nothing = 3,
    /// A defect in tfguard itself.
    Defect = 4,
}

/// The exit code of a report. What could not be read weighs more than what was found: a finding that is missing is
/// worse than one that is there.
pub fn exit_code(report: &Report, fail_on: FailOn, undecided: Undecided) -> ExitCode {
    let floor = match fail_on {
        FailOn::Info => Level::Info,
        FailOn::Warning => Level::Warning,
        FailOn::Error => Level::Error,
    };
    let fails = |verdict| match verdict {
        Verdict::Fail => true,
        Verdict::Undecided => undecided == Undecided::Fail,
        Verdict::Pass | Verdict::Waived => false,
    };
    let of_errors = exit_code_of_errors(report);
    if of_errors == ExitCode::Unreadable {
        return of_errors;
    }
    let mut findings = report.findings.iter().map(|one| &one.finding);
    if findings.any(|one| one.level >= floor && fails(one.verdict)) {
        return ExitCode::Findings;
    }
    let is_empty = report.environments.is_empty()
        || report.environments.iter().any(EnvironmentSummary::is_empty);
    if is_empty {
        return ExitCode::Nothing;
    }
    of_errors
}

/// The exit code as far as it depends on what could not be read.
pub fn exit_code_of_errors(report: &Report) -> ExitCode {
    let is = |kind| report.errors.iter().any(|error| error.kind == kind);
    if is(ErrorKind::Unreadable) {
        ExitCode::Unreadable
    } else if is(ErrorKind::Nothing) {
        ExitCode::Nothing
    } else {
        ExitCode::Holds
    }
}
