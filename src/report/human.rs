//! The report for a terminal, drawn with miette.

use std::fmt;
use std::io::{self, Write};

use miette::{Diagnostic, LabeledSpan, Severity, SourceCode, SourceSpan, SpanContents};

use super::redact::redact;
use super::{Report, ReportedError, ReportedFinding, by_level, hops, labels_in_file};
use crate::check::Outcome;
use crate::rule::{Level, Verdict};
use crate::source::{SourceFile, Span};

/// How much is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verbosity {
    /// Findings only.
    Quiet,
    /// Findings and summary.
    Normal,
    /// Passes and what was not applicable as well.
    Verbose,
}

impl Report {
    /// Writes the report for a person.
    pub fn write_human(
        &self,
        out: &mut dyn Write,
        handler: &dyn miette::ReportHandler,
        verbosity: Verbosity,
    ) -> io::Result<()> {
        for error in &self.errors {
            draw(out, handler, &Drawn::error(self, error, Severity::Error))?;
        }
        for one in self.violations() {
            draw(out, handler, &Drawn::finding(self, one))?;
        }
        if verbosity == Verbosity::Quiet {
            return Ok(());
        }
        for note in &self.notes {
            self.note(out, note)?;
        }
        if verbosity == Verbosity::Verbose {
            self.passes(out)?;
        }
        for one in &self.environments {
            summary(out, one)?;
        }
        self.closing(out)
    }

    fn note(&self, out: &mut dyn Write, note: &ReportedError) -> io::Result<()> {
        let place = self
            .place(note.span)
            .map_or_else(String::new, |at| format!(" ({}:{})", at.file, at.line));
        let help = note
            .help
            .as_ref()
            .map_or_else(String::new, |help| format!("; {help}"));
        writeln!(out, "note: {}{place}{help}", note.message)
    }

    fn passes(&self, out: &mut dyn Write) -> io::Result<()> {
        for one in self
            .findings
            .iter()
            .filter(|one| one.finding.verdict == Verdict::Pass)
        {
            let finding = &one.finding;
            writeln!(
                out,
                "pass: {} {}: {}",
                finding.rule.id, finding.subject, finding.message
            )?;
        }
        for environment in &self.environments {
            for (rule, _) in environment
                .outcomes
                .iter()
                .filter(|(_, outcome)| *outcome == Outcome::NotApplicable)
            {
                let why = if rule.scope == crate::rule::Scope::Production && !environment.production
                {
                    "holds for production only"
                } else {
                    "nothing here that it is about"
                };
                writeln!(
                    out,
                    "not applicable: {} in {}: {why}",
                    rule.id, environment.name
                )?;
            }
        }
        Ok(())
    }

    fn closing(&self, out: &mut dyn Write) -> io::Result<()> {
        let levels = by_level(self);
        let of = |level| levels.get(&level).copied().unwrap_or_default();
        if self.environments.is_empty() {
            return writeln!(out, "nothing was checked");
        }
        if levels.is_empty() && self.errors.is_empty() {
            return writeln!(out, "everything that must hold holds");
        }
        let (errors, warnings, unreadable) =
            (of(Level::Error), of(Level::Warning), self.errors.len());
        writeln!(
            out,
            "findings: {errors} errors, {warnings} warnings; could not be read or refused: {unreadable}"
        )
    }
}

fn draw(out: &mut dyn Write, handler: &dyn miette::ReportHandler, drawn: &Drawn) -> io::Result<()> {
    write!(out, "{}", Rendered { handler, drawn })
}

fn summary(out: &mut dyn Write, one: &super::EnvironmentSummary) -> io::Result<()> {
    let production = match (one.production, one.assumed) {
        (true, true) => " (nothing tells the environment: checked as production)",
        (true, false) => " (production)",
        (false, _) => "",
    };
    write!(
        out,
        "{}{production}: {} rules, {} resources: ",
        one.name,
        one.rules(),
        one.resources
    )?;
    write!(out, "{} failed, ", one.count(Outcome::Failed))?;
    write!(out, "{} undecided, ", one.count(Outcome::Undecided))?;
    write!(out, "{} waived, ", one.count(Outcome::Waived))?;
    write!(
        out,
        "{} passed, {} unread",
        one.count(Outcome::Passed),
        one.unread
    )?;
    writeln!(out, " ({:.1} ms)", one.elapsed.as_secs_f64() * 1000.0)
}

struct Rendered<'a> {
    handler: &'a dyn miette::ReportHandler,
    drawn: &'a Drawn,
}

impl fmt::Display for Rendered<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.handler.debug(self.drawn, f)
    }
}

/// A finding or an error in the shape that miette draws.
#[derive(Debug)]
struct Drawn {
    severity: Severity,
    code: Option<String>,
    message: String,
    help: Option<String>,
    source: Option<Source>,
    labels: Vec<LabeledSpan>,
}

impl Drawn {
    fn finding(report: &Report, one: &ReportedFinding) -> Self {
        let finding = &one.finding;
        let verdict = match finding.verdict {
            Verdict::Undecided => "undecided: ",
            Verdict::Waived => "waived: ",
            Verdict::Fail | Verdict::Pass => "",
        };
        let mut help = String::new();
        for hop in hops(finding) {
            let place = report
                .place(hop.span)
                .map_or_else(String::new, |at| format!(" ({}:{})", at.file, at.line));
            help.push_str(&format!("because {}{place}\n", hop.text));
        }
        help.extend(finding.help.iter().map(|text| format!("{text}\n")));
        let names: Vec<&str> = one.environments.iter().map(AsRef::as_ref).collect();
        help.push_str(&format!("environments: {}", names.join(", ")));
        let labels = finding
            .span
            .map(|span| labelled(span, finding.subject.to_string()))
            .into_iter()
            .chain(labels_in_file(finding).map(|label| labelled(label.span, label.text.clone())))
            .collect();
        Self {
            severity: match finding.level {
                Level::Error => Severity::Error,
                Level::Warning => Severity::Warning,
                Level::Info | Level::Off => Severity::Advice,
            },
            code: Some(finding.rule.id.to_owned()),
            message: match finding.span {
                Some(_) => format!("{verdict}{}", finding.message),
                None => format!("{verdict}{}: {}", finding.subject, finding.message),
            },
            help: Some(help),
            source: finding
                .span
                .map(|span| Source::of(&report.sources.file(span.source))),
            labels,
        }
    }

    fn error(report: &Report, error: &ReportedError, severity: Severity) -> Self {
        let label = error.address.clone().unwrap_or_else(|| "here".to_owned());
        Self {
            severity,
            code: None,
            message: error.message.clone(),
            help: error.help.clone(),
            source: error
                .span
                .map(|span| Source::of(&report.sources.file(span.source))),
            labels: error
                .span
                .map(|span| labelled(span, label))
                .into_iter()
                .collect(),
        }
    }
}

fn labelled(span: Span, text: String) -> LabeledSpan {
    LabeledSpan::new(
        Some(text),
        span.start as usize,
        (span.end - span.start) as usize,
    )
}

impl fmt::Display for Drawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Drawn {}

impl Diagnostic for Drawn {
    fn code(&self) -> Option<Box<dyn fmt::Display + '_>> {
        self.code
            .as_ref()
            .map(|code| Box::new(code) as Box<dyn fmt::Display>)
    }

    fn severity(&self) -> Option<Severity> {
        Some(self.severity)
    }

    fn help(&self) -> Option<Box<dyn fmt::Display + '_>> {
        self.help
            .as_ref()
            .map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
}

/// A file as miette reads it. Credentials in it are blotted out.
struct Source {
    name: String,
    text: String,
}

impl Source {
    fn of(file: &SourceFile) -> Self {
        Self {
            name: file.path().display().to_string(),
            text: redact(file.text()),
        }
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl SourceCode for Source {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, miette::MietteError> {
        let contents = self.text.read_span(span, before, after)?;
        Ok(Box::new(miette::MietteSpanContents::new_named(
            self.name.clone(),
            contents.data(),
            *contents.span(),
            contents.line(),
            contents.column(),
            contents.line_count(),
        )))
    }
}
