//! The report for a terminal, drawn with miette.

use std::fmt;
use std::io::{self, Write};
use std::ops::Range;

use miette::{
    Diagnostic, LabeledSpan, ReportHandler, Severity, SourceCode, SourceSpan, SpanContents,
};

use super::terminal::{CYAN, GREEN, RED, Terminal, YELLOW};
use super::{
    EnvironmentSummary, Report, ReportedError, ReportedFinding, by_level, causes, hops,
    is_about_secrets, is_variables_file, labels_in_file, redact, shown,
};
use crate::check::Outcome;
use crate::rule::{Finding, Level, Scope, Verdict};
use crate::source::Span;

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
        for error in &self.errors {
            self.write_error(out, style, error)?;
        }
        for one in self.violations() {
            self.write_finding(out, style, one)?;
        }
        if style.verbosity == Verbosity::Quiet {
            return Ok(());
        }
        for note in &self.notes {
            self.write_note(out, style, note)?;
        }
        if style.verbosity == Verbosity::Verbose {
            self.write_passes(out, style)?;
        }
        for one in &self.environments {
            write_summary(out, style, one)?;
        }
        self.write_closing(out, style)
    }

    fn write_error(
        &self,
        out: &mut dyn Write,
        style: &Style<'_>,
        error: &ReportedError,
    ) -> io::Result<()> {
        let message = redact::message(&error.message);
        let about = error
            .address
            .as_ref()
            .map_or_else(String::new, |address| format!(" {address}:"));
        writeln!(
            out,
            "{}:{about} {message}",
            style.terminal.paint(RED, "error")
        )?;
        if let Some(span) = error.span {
            let label = labelled(span, None);
            let file = self.sources.file(span.source);
            let bare = if is_variables_file(file.path()) {
                redact::bare_words(file.text())
            } else {
                Vec::new()
            };
            self.draw(
                out,
                style,
                &Drawing {
                    span,
                    withheld: bare,
                    severity: Severity::Error,
                },
                vec![label],
            )?;
        }
        if let Some(help) = &error.help {
            entry(out, style, "help", &redact::message(help))?;
        }
        writeln!(out)
    }

    fn write_finding(
        &self,
        out: &mut dyn Write,
        style: &Style<'_>,
        one: &ReportedFinding,
    ) -> io::Result<()> {
        let finding = &one.finding;
        let kind = match finding.verdict {
            Verdict::Undecided => format!("{}, undecided", finding.level.name()),
            Verdict::Waived => format!("{}, waived", finding.level.name()),
            Verdict::Fail | Verdict::Pass => finding.level.name().to_owned(),
        };
        let kind = style
            .terminal
            .paint(color(finding), &format!("{kind}[{}]", finding.rule.id));
        writeln!(out, "{kind}: {}", redact::subject(&finding.subject))?;
        writeln!(
            out,
            "{}",
            wrapped(&redact::message(&finding.message), 2, style.terminal.width)
        )?;
        if let Some(span) = finding.span {
            let own = labelled(span, None);
            let others = labels_in_file(finding);
            let others =
                others.map(|label| labelled(label.span, Some(redact::message(&label.text))));
            let severity = match finding.level {
                Level::Error => Severity::Error,
                Level::Warning => Severity::Warning,
                Level::Info | Level::Off => Severity::Advice,
            };
            let file = self.sources.file(span.source);
            let mut withheld = Vec::new();
            if is_about_secrets(finding) {
                let pointed = span.start as usize..span.end as usize;
                withheld = redact::strings(file.text(), pointed.clone());
                if is_variables_file(file.path()) {
                    withheld.push(redact::value_of(file.text(), pointed));
                }
            }
            if file.path().to_string_lossy().contains(".tfvars") {
                withheld.extend(redact::bare_words(file.text()));
            }
            let labels = std::iter::once(own).chain(others).collect();
            self.draw(
                out,
                style,
                &Drawing {
                    span,
                    withheld,
                    severity,
                },
                labels,
            )?;
        }
        for label in finding
            .labels
            .iter()
            .filter(|label| Some(label.span.source) != finding.span.map(|one| one.source))
        {
            let place = self.located(Some(label.span));
            entry(
                out,
                style,
                "see",
                &format!("{}{place}", redact::message(&label.text)),
            )?;
        }
        for (at, hop) in hops(finding).enumerate() {
            let name = if at == 0 { "because" } else { "" };
            entry(
                out,
                style,
                name,
                &format!("{}{}", hop.text, self.located(hop.span)),
            )?;
        }
        for (at, cause) in causes(finding).enumerate() {
            entry(out, style, if at == 0 { "open" } else { "" }, &cause)?;
        }
        if let Some(help) = &finding.help {
            entry(out, style, "help", &redact::message(help))?;
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
                self.located(Some(waiver.span))
                    .replace(" (", ", ")
                    .trim_end_matches(')')
            );
            entry(out, style, "waived", &redact::message(&text))?;
        }
        let names: Vec<&str> = one.environments.iter().map(AsRef::as_ref).collect();
        entry(out, style, "environments", &names.join(", "))?;
        writeln!(out)
    }

    pub(super) fn draw(
        &self,
        out: &mut dyn Write,
        style: &Style<'_>,
        drawing: &Drawing,
        labels: Vec<LabeledSpan>,
    ) -> io::Result<()> {
        let source = drawing.span.source;
        let file = self.sources.file(source);
        if has_long_line(file.text(), drawing.span, &labels) {
            return writeln!(out, "  {}", self.located(Some(drawing.span)).trim());
        }
        let withheld = [self.withheld(source), &drawing.withheld].concat();
        let source = Source {
            name: shown(file.path()),
            text: redact::source(file.text(), &withheld),
            // Around a line of variables stand other variables, which are not what this is about.
            alone: is_variables_file(file.path()),
        };
        let labels = labels
            .into_iter()
            .map(|label| first_line(label, &source.text))
            .collect();
        let drawn = Drawn {
            severity: drawing.severity,
            source,
            labels,
        };
        let text = Rendered {
            handler: style.handler,
            drawn: &drawn,
        }
        .to_string();
        // miette heads its drawing with the message, which stands above already.
        let snippet = text.lines().skip_while(|line| !line.contains('['));
        snippet
            .filter(|line| !line.trim().is_empty())
            .try_for_each(|line| writeln!(out, "{line}"))
    }

    pub(super) fn located(&self, span: Option<Span>) -> String {
        self.place(span)
            .map_or_else(String::new, |at| match at.file.as_str() {
                "-var" | "environment" => format!(" ({})", at.file),
                file => format!(" ({file}:{})", at.line),
            })
    }

    fn write_note(
        &self,
        out: &mut dyn Write,
        style: &Style<'_>,
        note: &ReportedError,
    ) -> io::Result<()> {
        let help = note
            .help
            .as_ref()
            .map_or_else(String::new, |help| format!("; {help}"));
        let text = redact::message(&format!("{}{}", note.message, help));
        writeln!(
            out,
            "{}: {text}{}",
            style.terminal.paint(CYAN, "note"),
            self.located(note.span)
        )
    }

    fn write_passes(&self, out: &mut dyn Write, style: &Style<'_>) -> io::Result<()> {
        for one in self
            .findings
            .iter()
            .filter(|one| one.finding.verdict == Verdict::Pass)
        {
            let finding = &one.finding;
            let pass = style
                .terminal
                .paint(GREEN, &format!("pass[{}]", finding.rule.id));
            let place = self.located(finding.span);
            writeln!(
                out,
                "{pass}: {}: {}{place}",
                redact::subject(&finding.subject),
                redact::message(&finding.message)
            )?;
        }
        for environment in &self.environments {
            let outcomes = environment.outcomes.iter();
            for (rule, _) in outcomes.filter(|(_, outcome)| *outcome == Outcome::NotApplicable) {
                let why = if rule.scope == Scope::Production && !environment.production {
                    "it holds for production only"
                } else {
                    "nothing here that it is about"
                };
                writeln!(
                    out,
                    "not applicable[{}]: {}: {why}",
                    rule.id, environment.name
                )?;
            }
        }
        writeln!(out)
    }

    fn write_closing(&self, out: &mut dyn Write, style: &Style<'_>) -> io::Result<()> {
        let levels = by_level(self);
        let of = |level| levels.get(&level).copied().unwrap_or_default();
        let empty: Vec<&str> = self
            .environments
            .iter()
            .filter(|one| one.is_empty())
            .map(|one| &*one.name)
            .collect();
        if self.environments.is_empty() {
            return writeln!(out, "{}", style.terminal.paint(RED, "nothing was checked"));
        }
        if !empty.is_empty() {
            let text = format!(
                "nothing to judge in {}: no resource, or no rule that is about one",
                empty.join(", ")
            );
            writeln!(out, "{}", style.terminal.paint(RED, &text))?;
        }
        if levels.is_empty() && self.errors.is_empty() {
            if empty.is_empty() {
                let is_waived = |one: &&ReportedFinding| one.finding.verdict == Verdict::Waived;
                let text = match self.findings.iter().filter(is_waived).count() {
                    0 => "everything that must hold holds".to_owned(),
                    waived => format!(
                        "everything that must hold holds, or is waived: {}",
                        counted(waived, "finding")
                    ),
                };
                writeln!(out, "{}", style.terminal.paint(GREEN, &text))?;
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
        match self.errors.len() {
            0 => {}
            1 => parts.push("1 input that could not be used".to_owned()),
            many => parts.push(format!("{many} inputs that could not be used")),
        }
        let worst = if of(Level::Error) > 0 || !self.errors.is_empty() {
            RED
        } else {
            YELLOW
        };
        writeln!(
            out,
            "{}",
            style
                .terminal
                .paint(worst, &format!("found: {}", parts.join(", ")))
        )
    }
}

fn write_summary(
    out: &mut dyn Write,
    style: &Style<'_>,
    one: &EnvironmentSummary,
) -> io::Result<()> {
    let what = match (one.production, one.assumed) {
        (true, true) => "nothing tells the environment, so the rules for production apply; ",
        (true, false) => "production; ",
        (false, _) => "",
    };
    let inputs: Vec<String> = one.inputs.iter().map(|path| shown(path)).collect();
    let bad = one.count(Outcome::Failed) + one.count(Outcome::Undecided);
    let name = style
        .terminal
        .paint(if bad == 0 { GREEN } else { RED }, &one.name);
    writeln!(
        out,
        "{name} ({what}{}): {}, {}: {} failed, {} undecided, {} waived, {} passed, {} unread, {:.1} ms",
        inputs.join(", "),
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

/// A line such as `help: …`, wrapped below itself.
pub(super) fn entry(
    out: &mut dyn Write,
    style: &Style<'_>,
    name: &str,
    text: &str,
) -> io::Result<()> {
    let text = wrapped(text, INDENT, style.terminal.width);
    let name = if name.is_empty() {
        String::new()
    } else {
        format!("{name}:")
    };
    let painted = style
        .terminal
        .paint(CYAN, &format!("{name:>width$}", width = INDENT - 1));
    writeln!(out, "{painted} {}", text.trim_start())
}

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

/// What is drawn.
pub(super) struct Drawing {
    pub(super) span: Span,
    pub(super) withheld: Vec<Range<usize>>,
    pub(super) severity: Severity,
}

/// More lines than this are not marked one by one.
const MOST_LINES: usize = 6;

/// A label over many lines marks the first.
fn first_line(label: LabeledSpan, text: &str) -> LabeledSpan {
    let covered = text
        .get(label.offset()..label.offset() + label.len())
        .unwrap_or_default();
    if covered.lines().count() <= MOST_LINES {
        return label;
    }
    let length = covered.lines().next().map_or(0, str::len);
    LabeledSpan::new(label.label().map(str::to_owned), label.offset(), length)
}

struct Rendered<'a> {
    handler: &'a dyn ReportHandler,
    drawn: &'a Drawn,
}

impl fmt::Display for Rendered<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.handler.debug(self.drawn, f)
    }
}

/// A place in the shape that miette draws.
#[derive(Debug)]
struct Drawn {
    severity: Severity,
    source: Source,
    labels: Vec<LabeledSpan>,
}

/// Longer lines are named, not drawn: nobody could read them, and the drawing counts columns in 16 bits.
const LONGEST_LINE: usize = 2_000;

/// Whether a line at a span or a label, or one beside it, is too long to be drawn.
fn has_long_line(text: &str, span: Span, labels: &[LabeledSpan]) -> bool {
    let starts = labels.iter().map(LabeledSpan::offset);
    let mut places = starts.chain([span.start as usize, span.end as usize]);
    places.any(|at| {
        let (before, after) = text.split_at_checked(at).unwrap_or((text, ""));
        let from = before
            .rmatch_indices('\n')
            .nth(1)
            .map_or(0, |(at, _)| at + 1);
        let until = after
            .match_indices('\n')
            .nth(1)
            .map_or(text.len(), |(end, _)| at + end);
        text[from..until]
            .lines()
            .any(|line| line.len() > LONGEST_LINE)
    })
}

pub(super) fn labelled(span: Span, text: Option<String>) -> LabeledSpan {
    LabeledSpan::new(text, span.start as usize, (span.end - span.start) as usize)
}

impl fmt::Display for Drawn {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl std::error::Error for Drawn {}

impl Diagnostic for Drawn {
    fn severity(&self) -> Option<Severity> {
        Some(self.severity)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
}

/// A file as miette reads it. Credentials in it are blotted out.
struct Source {
    name: String,
    text: String,
    /// Only the lines themselves are shown, none around them.
    alone: bool,
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
        let contents = if self.alone {
            let (start, end) = (
                span.offset().min(self.text.len()),
                (span.offset() + span.len()).min(self.text.len()),
            );
            let start = self.text[..start].rfind('\n').map_or(0, |at| at + 1);
            let end = self.text[end..]
                .find('\n')
                .map_or(self.text.len(), |at| end + at);
            self.text.read_span(&(start, end - start).into(), 0, 0)?
        } else {
            self.text.read_span(span, before, after)?
        };
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
