//! What a run found, ready to be written: spans have become files and lines, and a finding that several environments
//! share is one finding.

mod human;
mod json;
mod redact;

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

pub use human::Verbosity;

use crate::check::{Checked, Outcome};
use crate::plan::Hop;
use crate::problem::{Problem, ProblemKind};
use crate::rule::{Finding, Label, Level, RuleMeta, Verdict};
use crate::source::{Sources, Span};

/// The whole report of a run.
pub struct Report {
    /// One for each environment that was checked.
    pub environments: Vec<EnvironmentSummary>,
    /// Every verdict, worst first; passes included.
    pub findings: Vec<ReportedFinding>,
    /// What tfguard could not look at, or what Terraform would refuse.
    pub errors: Vec<ReportedError>,
    /// What a reader should know, and what fails nothing.
    pub notes: Vec<ReportedError>,
    /// Where spans lie.
    pub sources: Arc<Sources>,
}

/// The summary line of an environment.
#[derive(Clone, Debug)]
pub struct EnvironmentSummary {
    /// Its name.
    pub name: Arc<str>,
    /// What was checked: var files, plan files, folders.
    pub inputs: Vec<PathBuf>,
    /// Whether the rules for production applied, and whether that was only assumed.
    pub production: bool,
    /// Nothing told which environment this is.
    pub assumed: bool,
    /// Resource instances in the evidence.
    pub resources: usize,
    /// Rules that had a subject, and what they came to.
    pub outcomes: Vec<(&'static RuleMeta, Outcome)>,
    /// Files and modules that could not be read.
    pub unread: usize,
    /// How long it took.
    pub elapsed: Duration,
}

impl EnvironmentSummary {
    /// How many rules came to an outcome.
    pub fn count(&self, outcome: Outcome) -> usize {
        self.outcomes
            .iter()
            .filter(|(_, one)| *one == outcome)
            .count()
    }

    /// How many rules had a subject.
    pub fn rules(&self) -> usize {
        self.outcomes.len() - self.count(Outcome::NotApplicable)
    }
}

/// A finding with the environments that it holds for.
#[derive(Clone, Debug)]
pub struct ReportedFinding {
    /// The finding.
    pub finding: Finding,
    /// Names of environments.
    pub environments: Vec<Arc<str>>,
}

/// An error with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct ReportedError {
    /// A fact.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// Where.
    pub span: Option<Span>,
    /// What it is about.
    pub address: Option<String>,
}

impl From<Problem> for ReportedError {
    fn from(problem: Problem) -> Self {
        Self {
            message: problem.message,
            help: problem.help,
            span: problem.span,
            address: problem.address,
        }
    }
}

impl Report {
    /// An empty report.
    pub fn new(sources: Arc<Sources>) -> Self {
        Self {
            environments: Vec::new(),
            findings: Vec::new(),
            errors: Vec::new(),
            notes: Vec::new(),
            sources,
        }
    }

    /// Adds what checking an environment gave.
    pub fn add(&mut self, summary: EnvironmentSummary, checked: Checked, problems: Vec<Problem>) {
        for problem in problems {
            let list = match problem.kind {
                ProblemKind::Unreadable | ProblemKind::Refused => &mut self.errors,
                ProblemKind::Note => &mut self.notes,
                // These are subjects of rules.
                ProblemKind::ConditionFailed | ProblemKind::Unread => continue,
            };
            let reported = ReportedError::from(problem);
            if !list.contains(&reported) {
                list.push(reported);
            }
        }
        for finding in checked.findings {
            let name = Arc::clone(&summary.name);
            match self
                .findings
                .iter_mut()
                .find(|one| is_same(&one.finding, &finding))
            {
                Some(one) if one.environments.contains(&name) => {}
                Some(one) => one.environments.push(name),
                None => self.findings.push(ReportedFinding {
                    finding,
                    environments: vec![name],
                }),
            }
        }
        self.environments.push(summary);
    }

    /// Findings that are not passes.
    pub fn violations(&self) -> impl Iterator<Item = &ReportedFinding> {
        self.findings
            .iter()
            .filter(|one| one.finding.verdict != Verdict::Pass)
    }

    /// The file and line of a span.
    pub fn place(&self, span: Option<Span>) -> Option<Place> {
        let (path, position) = self.sources.locate(span?);
        Some(Place {
            file: path.display().to_string(),
            line: position.line,
            column: position.column,
        })
    }
}

/// A place in a file, as reports write it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Place {
    /// The file.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
}

/// The same fact, possibly in another environment.
fn is_same(one: &Finding, other: &Finding) -> bool {
    std::ptr::eq(one.rule, other.rule)
        && one.verdict == other.verdict
        && one.level == other.level
        && one.subject == other.subject
        && one.message == other.message
        && one.span == other.span
        && one.help == other.help
}

/// Stays the same while lines move: from the rule, the subject and the verdict, never from a value.
pub(super) fn fingerprint(finding: &Finding) -> String {
    let mut hasher = DefaultHasher::new();
    (
        finding.rule.id,
        finding.subject.to_string(),
        finding.verdict.name(),
    )
        .hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// The because chain, the causes of an undecided verdict, and labels as one list of hops.
fn hops(finding: &Finding) -> Vec<Hop> {
    let causes = finding.causes.iter().map(|cause| Hop {
        text: cause.to_string(),
        span: None,
    });
    finding.because.iter().cloned().chain(causes).collect()
}

/// Findings by level, for the closing line.
fn by_level(report: &Report) -> BTreeMap<Level, usize> {
    let mut count = BTreeMap::new();
    for one in report.violations() {
        *count.entry(one.finding.level).or_insert(0) += 1;
    }
    count
}

/// The labels that lie in the file of the finding, which is the one that is drawn.
fn labels_in_file(finding: &Finding) -> impl Iterator<Item = &Label> {
    let file = finding.span.map(|span| span.source);
    finding
        .labels
        .iter()
        .filter(move |label| Some(label.span.source) == file)
}
