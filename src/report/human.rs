//! The report for a terminal, drawn with miette.

use std::collections::HashMap;
use std::io::{self, Write};
use std::path::PathBuf;

use miette::{ReportHandler, Severity};

use super::excerpt::{Drawing, Readable, labelled};
use super::terminal::{CYAN, GREEN, RED, Terminal, YELLOW};
use super::{
    EnvironmentSummary, Report, ReportedError, ReportedFinding, by_level, is_about_secrets,
    is_variables_file, labels_in_file, redact, shown,
};
use crate::check::Outcome;
use crate::rule::{Finding, Level, Scope, Verdict};
use crate::source::{SourceId, Span};

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

/// How it is told.
pub struct Style<'a> {
    /// Draws the source.
    pub handler: &'a dyn ReportHandler,
    /// What the terminal can show.
    pub terminal: Terminal,
    /// How much.
    pub verbosity: Verbosity,
}

impl Report {
    /// Writes the report for a person.
    pub fn write_human(&self, out: &mut dyn Write, style: &Style<'_>) -> io::Result<()> {
        Printer::new(self, out, style).report()
    }

    pub(super) fn located(&self, span: Option<Span>) -> String {
        self.place(span)
            .map_or_else(String::new, |at| match at.file.as_str() {
                "-var" | "environment" => format!(" ({})", at.file),
                file => format!(" ({}:{})", redact::printable(file), at.line),
            })
    }

    /// A finding's own place with its labels in the same file, and what of it must not be shown.
    fn drawing(&self, finding: &Finding, span: Span) -> Drawing {
        let file = self.sources.file(span.source);
        let severity = match finding.level {
            Level::Error => Severity::Error,
            Level::Warning => Severity::Warning,
            Level::Info | Level::Off => Severity::Advice,
        };
        let mut withheld = Vec::new();
        if is_about_secrets(finding) {
            let pointed = span.start as usize..span.end as usize;
            withheld = redact::strings(file.text(), pointed.clone());
            let value = redact::value_of(file.text(), pointed.clone());
            let text = &file.text()[value.clone()];
            let is_number = value == pointed && text.parse::<f64>().is_ok();
            if (is_variables_file(file.path()) || is_number) && !redact::is_switch(text) {
                withheld.push(value);
            }
        }
        let labels = labels_in_file(finding)
            .map(|label| labelled(label.span, Some(self.redaction.message(&label.text))));
        Drawing {
            span,
            labels: labels.collect(),
            withheld,
            severity,
        }
    }
}

/// Writes for a person, part by part.
pub(super) struct Printer<'a> {
    pub(super) report: &'a Report,
    pub(super) out: &'a mut dyn Write,
    pub(super) style: &'a Style<'a>,
    readable: HashMap<SourceId, Readable>,
}

impl<'a> Printer<'a> {
    pub(super) fn new(report: &'a Report, out: &'a mut dyn Write, style: &'a Style<'a>) -> Self {
        Self {
            report,
            out,
            style,
            readable: HashMap::new(),
        }
    }

    pub(super) fn report(&mut self) -> io::Result<()> {
        for error in &self.report.errors {
            self.error(error)?;
        }
        for one in self.report.violations() {
            self.finding(one)?;
        }
        if self.style.verbosity == Verbosity::Quiet {
            return Ok(());
        }
        for note in &self.report.notes {
            self.note(note)?;
        }
        if self.style.verbosity == Verbosity::Verbose {
            self.passes()?;
        }
        for one in &self.report.environments {
            self.summary(one)?;
        }
        self.closing()
    }

    fn error(&mut self, error: &ReportedError) -> io::Result<()> {
        let message = self.report.redaction.message(&error.message);
        let about = error.address.as_ref().map_or_else(String::new, |address| {
            format!(" {}:", self.report.redaction.name(address))
        });
        writeln!(
            self.out,
            "{}:{about} {message}",
            self.style.terminal.paint(RED, "error")
        )?;
        if let Some(span) = error.span {
            self.draw(Drawing {
                span,
                labels: Vec::new(),
                withheld: Vec::new(),
                severity: Severity::Error,
            })?;
        }
        if let Some(help) = &error.help {
            self.entry("help", &self.report.redaction.message(help))?;
        }
        writeln!(self.out)
    }

    fn finding(&mut self, one: &ReportedFinding) -> io::Result<()> {
        let finding = &one.finding;
        let kind = match finding.verdict {
            Verdict::Undecided => format!("{}, undecided", finding.level.name()),
            Verdict::Waived => format!("{}, waived", finding.level.name()),
            Verdict::Fail | Verdict::Pass => finding.level.name().to_owned(),
        };
        let kind = self
            .style
            .terminal
            .paint(color(finding), &format!("{kind}[{}]", finding.rule.id));
        writeln!(
            self.out,
            "{kind}: {}",
            self.report.redaction.subject(&finding.subject)
        )?;
        writeln!(
            self.out,
            "{}",
            wrapped(
                &self.report.redaction.message(&finding.message),
                2,
                self.style.terminal.width
            )
        )?;
        if let Some(span) = finding.span {
            self.draw(self.report.drawing(finding, span))?;
        }
        for label in finding
            .labels
            .iter()
            .filter(|label| Some(label.span.source) != finding.span.map(|one| one.source))
        {
            let place = self.report.located(Some(label.span));
            self.entry(
                "see",
                &format!("{}{place}", self.report.redaction.message(&label.text)),
            )?;
        }
        for (at, hop) in self.report.hops(finding).enumerate() {
            let name = if at == 0 { "because" } else { "" };
            self.entry(
                name,
                &format!("{}{}", hop.text, self.report.located(hop.span)),
            )?;
        }
        for (at, cause) in self.report.causes(finding).enumerate() {
            self.entry(if at == 0 { "open" } else { "" }, &cause)?;
        }
        if let Some(help) = &finding.help {
            self.entry("help", &self.report.redaction.message(help))?;
        }
        if let Some(waiver) = &finding.waiver {
            let by = waiver
                .owner
                .as_ref()
                .map_or_else(String::new, |owner| format!(" by {owner}"));
            let text = format!(
                "until {}{by}: {} ({}{})",
                waiver.until,
                waiver.reason,
                waiver.name,
                self.report
                    .located(Some(waiver.span))
                    .replace(" (", ", ")
                    .trim_end_matches(')')
            );
            self.entry("waived", &self.report.redaction.message(&text))?;
        }
        let names: Vec<&str> = one.environments.iter().map(AsRef::as_ref).collect();
        self.entry("environments", &redact::printable(&names.join(", ")))?;
        writeln!(self.out)
    }

    /// Draws lines of a file, or names them where nobody could read them.
    pub(super) fn draw(&mut self, drawing: Drawing) -> io::Result<()> {
        let (report, span) = (self.report, drawing.span);
        let file = report.sources.file(span.source);
        let readable = self.readable.entry(span.source).or_insert_with(|| {
            let withheld = report.withheld(span.source);
            Readable::new(span.source, &file, withheld, &report.redaction)
        });
        match readable.draw(&file, drawing, self.style.handler) {
            Some(lines) => write!(self.out, "{lines}"),
            None => writeln!(self.out, "  {}", report.located(Some(span)).trim()),
        }
    }

    fn note(&mut self, note: &ReportedError) -> io::Result<()> {
        let help = note
            .help
            .as_ref()
            .map_or_else(String::new, |help| format!("; {help}"));
        let text = self
            .report
            .redaction
            .message(&format!("{}{}", note.message, help));
        writeln!(
            self.out,
            "{}: {text}{}",
            self.style.terminal.paint(CYAN, "note"),
            self.report.located(note.span)
        )
    }

    fn passes(&mut self) -> io::Result<()> {
        for one in self
            .report
            .findings
            .iter()
            .filter(|one| one.finding.verdict == Verdict::Pass)
        {
            let finding = &one.finding;
            let pass = self
                .style
                .terminal
                .paint(GREEN, &format!("pass[{}]", finding.rule.id));
            let place = self.report.located(finding.span);
            writeln!(
                self.out,
                "{pass}: {}: {}{place}",
                self.report.redaction.subject(&finding.subject),
                self.report.redaction.message(&finding.message)
            )?;
        }
        for environment in &self.report.environments {
            let outcomes = environment.outcomes.iter();
            for (rule, _) in outcomes.filter(|(_, outcome)| *outcome == Outcome::NotApplicable) {
                let why = if rule.scope == Scope::Production && !environment.production {
                    "it holds for production only"
                } else {
                    "nothing here that it is about"
                };
                writeln!(
                    self.out,
                    "not applicable[{}]: {}: {why}",
                    rule.id, environment.name
                )?;
            }
        }
        writeln!(self.out)
    }

    fn summary(&mut self, one: &EnvironmentSummary) -> io::Result<()> {
        let what = match (one.production, one.assumed) {
            (true, true) => "nothing tells the environment, so the rules for production apply; ",
            (true, false) => "production; ",
            (false, _) => "",
        };
        let bad = one.count(Outcome::Failed) + one.count(Outcome::Undecided);
        let name = self.style.terminal.paint(
            if bad == 0 { GREEN } else { RED },
            &redact::printable(&one.name),
        );
        writeln!(
            self.out,
            "{name} ({what}{}): {}, {}: {} failed, {} undecided, {} waived, {} passed, {} unread, {:.1} ms",
            listed(&one.inputs),
            counted(one.rules(), "rule"),
            counted(one.resources, "resource"),
            one.count(Outcome::Failed),
            one.count(Outcome::Undecided),
            one.count(Outcome::Waived),
            one.count(Outcome::Passed),
            one.unread,
            one.elapsed.as_secs_f64() * 1000.0
        )
    }

    /// A line such as `help: …`, wrapped below itself.
    pub(super) fn entry(&mut self, name: &str, text: &str) -> io::Result<()> {
        let terminal = &self.style.terminal;
        let text = wrapped(text, INDENT, terminal.width);
        let name = if name.is_empty() {
            String::new()
        } else {
            format!("{name}:")
        };
        let painted = terminal.paint(CYAN, &format!("{name:>width$}", width = INDENT - 1));
        writeln!(self.out, "{painted} {}", text.trim_start())
    }

    fn closing(&mut self) -> io::Result<()> {
        let levels = by_level(self.report);
        let of = |level| levels.get(&level).copied().unwrap_or_default();
        let empty: Vec<&str> = self
            .report
            .environments
            .iter()
            .filter(|one| one.is_empty())
            .map(|one| &*one.name)
            .collect();
        if self.report.environments.is_empty() {
            return writeln!(
                self.out,
                "{}",
                self.style.terminal.paint(RED, "nothing was checked")
            );
        }
        if !empty.is_empty() {
            let text = format!(
                "nothing to judge in {}: no resource, or no rule that is about one",
                redact::printable(&empty.join(", "))
            );
            writeln!(self.out, "{}", self.style.terminal.paint(RED, &text))?;
        }
        if levels.is_empty() && self.report.errors.is_empty() {
            if empty.is_empty() {
                let is_waived = |one: &&ReportedFinding| one.finding.verdict == Verdict::Waived;
                let text = match self.report.findings.iter().filter(is_waived).count() {
                    0 => "everything that must hold holds".to_owned(),
                    waived => format!(
                        "everything that must hold holds, or is waived: {}",
                        counted(waived, "finding")
                    ),
                };
                writeln!(self.out, "{}", self.style.terminal.paint(GREEN, &text))?;
            }
            return Ok(());
        }
        let mut parts = Vec::new();
        for (level, what) in [
            (Level::Error, "error"),
            (Level::Warning, "warning"),
            (Level::Info, "remark"),
        ] {
            if of(level) > 0 {
                parts.push(counted(of(level), what));
            }
        }
        match self.report.errors.len() {
            0 => {}
            1 => parts.push("1 input that could not be used".to_owned()),
            many => parts.push(format!("{many} inputs that could not be used")),
        }
        let worst = if of(Level::Error) > 0 || !self.report.errors.is_empty() {
            RED
        } else {
            YELLOW
        };
        writeln!(
            self.out,
            "{}",
            self.style
                .terminal
                .paint(worst, &format!("found: {}", parts.join(", ")))
        )
    }
}

/// Paths in a row.
pub(super) fn listed(paths: &[PathBuf]) -> String {
    let names: Vec<String> = paths.iter().map(|path| shown(path)).collect();
    redact::printable(&names.join(", ")).into_owned()
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn color(finding: &Finding) -> clap::builder::styling::Style {
    match (finding.verdict, finding.level) {
        (Verdict::Waived | Verdict::Pass, _) | (_, Level::Info | Level::Off) => CYAN,
        (Verdict::Fail | Verdict::Undecided, Level::Error) => RED,
        (Verdict::Fail | Verdict::Undecided, Level::Warning) => YELLOW,
    }
}

/// How far what follows a finding is indented.
const INDENT: usize = 16;

/// Text of several lines, indented; lines that are too long are broken between words, and those that are indented
/// already (code) are left alone.
fn wrapped(text: &str, indent: usize, width: usize) -> String {
    let pad = " ".repeat(indent);
    let room = width.saturating_sub(indent).max(24);
    let mut lines = Vec::new();
    for line in text.lines() {
        if line.starts_with(' ') || line.chars().count() <= room {
            lines.push(format!("{pad}{line}"));
            continue;
        }
        let mut current = String::new();
        for word in line.split(' ') {
            let fits = current.chars().count() + 1 + word.chars().count() <= room;
            if !current.is_empty() && !fits {
                lines.push(format!("{pad}{current}"));
                current.clear();
            }
            if !current.is_empty() {
                current.push(' ');
            }
            current.push_str(word);
        }
        lines.push(format!("{pad}{current}"));
    }
    lines.join("\n")
}
