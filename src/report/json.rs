//! The JSON report, version 1: fields may be added, none is renamed.

use std::io::{self, Write};

use serde::Serialize;

use super::{Place, Report, ReportedError, shown};
use crate::check::Outcome;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    tool: Tool,
    environments: Vec<Environment<'a>>,
    findings: Vec<Finding<'a>>,
    errors: Vec<Error>,
    notes: Vec<Error>,
}

#[derive(Serialize)]
pub(super) struct Tool {
    name: &'static str,
    version: &'static str,
}

impl Tool {
    pub(super) fn this() -> Self {
        Self {
            name: "tfguard",
            version: env!("CARGO_PKG_VERSION"),
        }
    }
}

#[derive(Serialize)]
struct Environment<'a> {
    name: &'a str,
    production: bool,
    inputs: Vec<String>,
    rules: usize,
    resources: usize,
    passed: usize,
    failed: usize,
    undecided: usize,
    waived: usize,
    unread: usize,
    elapsed_ms: f64,
}

#[derive(Serialize)]
struct Finding<'a> {
    rule: &'static str,
    level: &'static str,
    verdict: &'static str,
    address: String,
    message: String,
    help: Option<String>,
    #[serde(flatten)]
    place: NullablePlace,
    because: Vec<Hop>,
    environments: Vec<&'a str>,
    fingerprint: String,
    waiver: Option<Waiver<'a>>,
}

#[derive(Serialize)]
struct Waiver<'a> {
    name: String,
    reason: String,
    owner: Option<String>,
    expires: &'a str,
    /// The verdict that it stands before.
    verdict: &'static str,
    #[serde(flatten)]
    place: NullablePlace,
}

#[derive(Serialize)]
struct Hop {
    text: String,
    #[serde(flatten)]
    place: NullablePlace,
}

#[derive(Serialize)]
pub(super) struct Error {
    message: String,
    help: Option<String>,
    address: Option<String>,
    #[serde(flatten)]
    place: NullablePlace,
}

/// A place whose fields are null where there is none.
#[derive(Serialize)]
struct NullablePlace {
    file: Option<String>,
    line: Option<usize>,
    column: Option<usize>,
}

impl From<Option<Place>> for NullablePlace {
    fn from(place: Option<Place>) -> Self {
        match place {
            Some(Place { file, line, column }) => Self {
                file: Some(file),
                line: Some(line),
                column: Some(column),
            },
            None => Self {
                file: None,
                line: None,
                column: None,
            },
        }
    }
}

impl Report {
    /// Writes the report as JSON, with a line break at the end.
    pub fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        let document = Document {
            version: 1,
            tool: Tool::this(),
            environments: self.environments.iter().map(environment).collect(),
            findings: self
                .violations()
                .map(|one| self.json_finding(one))
                .collect(),
            errors: self
                .errors
                .iter()
                .map(|error| self.json_error(error))
                .collect(),
            notes: self
                .notes
                .iter()
                .map(|error| self.json_error(error))
                .collect(),
        };
        serde_json::to_writer_pretty(&mut *out, &document)?;
        writeln!(out)
    }

    fn json_finding<'a>(&self, one: &'a super::ReportedFinding) -> Finding<'a> {
        let finding = &one.finding;
        let message = |text: &str| self.redaction.message(text);
        let because = self.hops(finding).map(|hop| Hop {
            place: self.place(hop.span).into(),
            text: hop.text,
        });
        let open = self.causes(finding).map(|text| Hop {
            place: None.into(),
            text,
        });
        Finding {
            rule: finding.rule.id,
            level: finding.level.name(),
            verdict: finding.verdict.name(),
            address: self.redaction.subject(&finding.subject),
            message: message(&finding.message),
            help: finding.help.as_deref().map(message),
            place: self.place(finding.span).into(),
            because: because.chain(open).collect(),
            environments: one.environments.iter().map(AsRef::as_ref).collect(),
            fingerprint: self.fingerprint(finding),
            waiver: finding.waiver.as_deref().map(|one| Waiver {
                name: message(&one.name),
                reason: message(&one.reason),
                owner: one.owner.as_deref().map(message),
                expires: &one.until,
                verdict: one.verdict.name(),
                place: self.place(Some(one.span)).into(),
            }),
        }
    }

    pub(super) fn json_error(&self, error: &ReportedError) -> Error {
        let redaction = &self.redaction;
        Error {
            message: redaction.message(&error.message),
            help: error.help.as_deref().map(|help| redaction.message(help)),
            address: error
                .address
                .as_deref()
                .map(|address| redaction.name(address)),
            place: self.place(error.span).into(),
        }
    }
}

fn environment(one: &super::EnvironmentSummary) -> Environment<'_> {
    Environment {
        name: &one.name,
        production: one.production,
        inputs: one.inputs.iter().map(|path| shown(path)).collect(),
        rules: one.rules(),
        resources: one.resources,
        passed: one.count(Outcome::Passed),
        failed: one.count(Outcome::Failed),
        undecided: one.count(Outcome::Undecided),
        waived: one.count(Outcome::Waived),
        unread: one.unread,
        elapsed_ms: (one.elapsed.as_secs_f64() * 10_000.0).round() / 10.0,
    }
}
