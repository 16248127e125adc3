//! What a run found, ready to be written: spans have become files and lines, and a finding that several environments
//! share is one finding.

mod broken;
mod excerpt;
mod human;
mod json;
mod quoted;
mod redact;
mod stopped;
mod terminal;
mod why;

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

pub use human::{Style, Verbosity};
pub use terminal::Terminal;

use redact::Redaction;

use crate::check::{Checked, Outcome};
use crate::plan::{Hop, Plan};
use crate::problem::{Problem, ProblemKind};
use crate::rule::{Finding, Label, Level, RuleMeta, Verdict};
use crate::source::{SourceId, Sources, Span};

/// The whole report of a run.
#[derive(Debug)]
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
    known: HashMap<Fact, usize>,
    withheld: HashMap<SourceId, Vec<Range<usize>>>,
    redaction: Redaction,
}

/// The summary line of an environment.
#[derive(Clone, Debug)]
pub struct EnvironmentSummary {
    /// Its name.
    pub name: Arc<str>,
    /// What was checked: var files, plan files, folders.
    pub inputs: Vec<PathBuf>,
    /// Whether the rules for production applied.
    pub production: bool,
    /// Nothing told which environment this is.
    pub assumed: bool,
    /// Resource instances in the evidence.
    pub resources: usize,
    /// Every rule that could run, and what it came to.
    pub outcomes: Vec<(&'static RuleMeta, Outcome)>,
    /// Files and modules that could not be read.
    pub unread: usize,
    /// How long it took.
    pub elapsed: Duration,
}

impl EnvironmentSummary {
    /// How many rules came to an outcome.
    pub fn count(&self, outcome: Outcome) -> usize {
        let is = |one: &&(&RuleMeta, Outcome)| one.1 == outcome;
        self.outcomes.iter().filter(is).count()
    }

    /// How many rules had a subject.
    pub fn rules(&self) -> usize {
        self.outcomes.len() - self.count(Outcome::NotApplicable)
    }

    /// Nothing was there that a rule could have judged.
    pub fn is_empty(&self) -> bool {
        // That a waiver is wrong judges no resource.
        let is_judged = |(meta, outcome): &(&RuleMeta, Outcome)| {
            *outcome != Outcome::NotApplicable && meta.id != crate::waiver::RULE
        };
        self.resources == 0 || !self.outcomes.iter().any(is_judged)
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
    /// What kind.
    pub kind: ErrorKind,
    /// A fact.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// Where.
    pub span: Option<Span>,
    /// What it is about.
    pub address: Option<String>,
}

/// Kinds of error, for the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// Something could not be read, or Terraform would refuse it.
    Unreadable,
    /// There is nothing where something was named.
    Nothing,
}

/// What makes findings of two environments the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Fact {
    rule: &'static str,
    verdict: Verdict,
    level: Level,
    subject: String,
    message: String,
    span: Option<Span>,
    waiver: Option<Span>,
}

impl Fact {
    /// Environments that share a file may have read it each for itself.
    fn of(finding: &Finding, first: &mut impl FnMut(Span) -> Span) -> Self {
        Self {
            rule: finding.rule.id,
            verdict: finding.verdict,
            level: finding.level,
            subject: finding.subject.to_string(),
            message: finding.message.clone(),
            span: finding.span.map(&mut *first),
            waiver: finding.waiver.as_ref().map(|one| first(one.span)),
        }
    }
}

impl From<Problem> for ReportedError {
    fn from(problem: Problem) -> Self {
        Self {
            kind: ErrorKind::Unreadable,
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
            known: HashMap::new(),
            withheld: HashMap::new(),
            redaction: Redaction::default(),
        }
    }

    /// Adds an error once.
    pub fn error(&mut self, error: ReportedError) {
        if !self.errors.contains(&error) {
            self.errors.push(error);
        }
    }

    /// Adds a note once.
    pub fn note(&mut self, note: ReportedError) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// Adds what checking an environment gave.
    pub fn add(&mut self, summary: EnvironmentSummary, checked: Checked, plan: &Plan) {
        self.add_problems(plan);
        let sources = Arc::clone(&self.sources);
        let mut known = HashMap::new();
        let mut first = |span: Span| Span {
            source: *known
                .entry(span.source)
                .or_insert_with(|| sources.first_of(span.source)),
            ..span
        };
        for finding in checked.findings {
            let next = self.findings.len();
            let fact = Fact::of(&finding, &mut first);
            let at = *self.known.entry(fact).or_insert(next);
            if at == next {
                self.findings.push(ReportedFinding {
                    finding,
                    environments: Vec::new(),
                });
            }
            let environments = &mut self.findings[at].environments;
            if !environments.contains(&summary.name) {
                environments.push(Arc::clone(&summary.name));
            }
        }
        self.environments.push(summary);
    }

    /// Adds what is wrong with a plan itself.
    pub fn add_problems(&mut self, plan: &Plan) {
        self.withhold(plan);
        for problem in plan.problems.iter().cloned() {
            match problem.kind {
                ProblemKind::Unreadable | ProblemKind::Refused => self.error(problem.into()),
                ProblemKind::Note => self.note(problem.into()),
                // These are subjects of rules.
                ProblemKind::ConditionFailed
                | ProblemKind::Unread
                | ProblemKind::Partial
                | ProblemKind::Incomplete => {}
            }
        }
    }

    /// Puts findings and errors into the order in which they are told: worst first, then by rule, place and subject.
    /// No order of threads or files shows in it.
    pub fn sort(&mut self) {
        let sources = Arc::clone(&self.sources);
        let place = |span: Option<Span>| {
            span.map(|span| (sources.file(span.source).path().to_path_buf(), span.start))
        };
        self.findings.sort_by_cached_key(|one| {
            let finding = &one.finding;
            let level = std::cmp::Reverse(finding.level);
            let verdict = match finding.verdict {
                Verdict::Fail => 0,
                Verdict::Undecided => 1,
                Verdict::Waived => 2,
                Verdict::Pass => 3,
            };
            let (subject, message) = (finding.subject.to_string(), finding.message.clone());
            (
                verdict,
                level,
                finding.rule.id,
                place(finding.span),
                subject,
                message,
            )
        });
        self.known.clear();
        let order = |error: &ReportedError| (place(error.span), error.message.clone());
        self.errors.sort_by_cached_key(order);
        self.notes.sort_by_cached_key(order);
    }

    /// An error without a place, as one or two lines.
    pub fn plain(error: &crate::error::Error) -> String {
        let help = miette::Diagnostic::help(error)
            .map_or_else(String::new, |help| format!("\n help: {help}"));
        Redaction::default().message(&format!("error: {error}{help}"))
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
            file: shown(&path),
            line: position.line,
            column: position.column,
        })
    }

    /// Values of variables that are declared sensitive are never drawn. An argument of a module is a reference most
    /// often, which tells nothing.
    fn withhold(&mut self, plan: &Plan) {
        self.redaction.withhold(plan);
        let sensitive = plan
            .variables
            .iter()
            .filter(|(_, variable)| variable.sensitive);
        for ((module, _), variable) in sensitive {
            let Some(span) = variable.span else { continue };
            let file = self.sources.file(span.source);
            let value = redact::value_of(file.text(), span.start as usize..span.end as usize);
            let text = &file.text()[value.clone()];
            let written_out = text.starts_with(['"', '<']) && !text.contains("${");
            let ranges = self.withheld.entry(span.source).or_default();
            if (module.is_root() || written_out) && !ranges.contains(&value) {
                ranges.push(value);
            }
        }
    }

    fn withheld(&self, source: SourceId) -> &[Range<usize>] {
        self.withheld
            .get(&source)
            .map(Vec::as_slice)
            .unwrap_or_default()
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

impl Report {
    /// Stays the same while lines move, on every machine and in every version: FNV-1a of the rule, the subject as it is
    /// shown and the verdict, never of a value. A waiver does not change it.
    fn fingerprint(&self, finding: &Finding) -> String {
        let subject = self.redaction.subject(&finding.subject);
        let verdict = finding
            .waiver
            .as_ref()
            .map_or(finding.verdict, |one| one.verdict);
        let parts = [finding.rule.id, "\0", &subject, "\0", verdict.name()];
        let hash = parts
            .iter()
            .flat_map(|part| part.bytes())
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            });
        format!("{hash:016x}")
    }

    /// The because chain, without any value that a name gives away as secret.
    fn hops(&self, finding: &Finding) -> impl Iterator<Item = Hop> {
        finding.because.iter().map(|hop| {
            let text = redact::hop(&hop.text, is_about_secrets(finding));
            Hop {
                text: self.redaction.message(&text),
                span: hop.span,
            }
        })
    }

    /// What would decide an undecided verdict.
    fn causes(&self, finding: &Finding) -> impl Iterator<Item = String> {
        let causes = finding.causes.iter();
        causes.map(|cause| self.redaction.message(&cause.to_string()))
    }
}

/// What such a finding points at may be a credential that looks like any word.
fn is_about_secrets(finding: &Finding) -> bool {
    finding.rule.id.contains("secret")
}

/// Whether a file gives values to variables: it may be full of credentials.
fn is_variables_file(path: &std::path::Path) -> bool {
    let name = path.to_string_lossy();
    name.contains(".tfvars") || matches!(&*name, "-var" | "environment")
}

/// A path as reports show it.
pub(crate) fn shown(path: &std::path::Path) -> String {
    match path.strip_prefix(".") {
        Ok(below) if below.as_os_str().is_empty() => ".".to_owned(),
        Ok(below) => below.display().to_string(),
        Err(_) => path.display().to_string(),
    }
}

/// Findings by level, for the closing line.
fn by_level(report: &Report) -> BTreeMap<Level, usize> {
    let mut count = BTreeMap::new();
    for one in report
        .violations()
        .filter(|one| one.finding.verdict != Verdict::Waived)
    {
        *count.entry(one.finding.level).or_insert(0) += 1;
    }
    count
}

/// The labels that lie in the file of the finding, which is the one that is drawn.
fn labels_in_file(finding: &Finding) -> impl Iterator<Item = &Label> {
    let file = finding.span.map(|span| span.source);
    let here =
        move |label: &&Label| Some(label.span.source) == file && Some(label.span) != finding.span;
    finding.labels.iter().filter(here)
}
