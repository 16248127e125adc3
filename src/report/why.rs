//! What `tfguard why` prints: where a value comes from as a tree, or the way of a request, for people and for programs.

use std::io::{self, Write};

use miette::Severity;
use serde::Serialize;

use super::excerpt::Drawing;
use super::human::{Printer, Style, listed};
use super::json::{Error, Tool};
use super::terminal::{CYAN, GREEN};
use super::{Report, is_variables_file, redact, shown};
use crate::plan::{Part, Plan, Trace};
use crate::secret;
use crate::source::Span;
use crate::value::{Cause, Value, display};
use crate::why::{Answer, Told, Way};

impl Report {
    /// Writes answers for a person.
    pub fn write_why_human(
        &self,
        out: &mut dyn Write,
        style: &Style<'_>,
        told: &[Told],
    ) -> io::Result<()> {
        Printer::new(self, out, style).answers(told)
    }
}

impl Printer<'_> {
    fn answers(&mut self, told: &[Told]) -> io::Result<()> {
        self.report()?;
        let answered = || told.iter().filter(|one| one.answer.is_ok());
        for one in told {
            if told.len() > 1 && answered().next().is_some() {
                let name = redact::printable(&one.environment);
                let name = self.style.terminal.paint(GREEN, &name);
                writeln!(self.out, "{name} ({}):", listed(&one.inputs))?;
            }
            match &one.answer {
                Ok(Answer::Values(traces)) => {
                    for trace in traces {
                        self.trace(trace)?;
                    }
                }
                Ok(Answer::Way(way)) => self.way(&one.plan, way)?,
                Err(error) if answered().next().is_some() => {
                    writeln!(
                        self.out,
                        "{}\n",
                        self.report.redaction.message(&error.to_string())
                    )?;
                }
                // It is among the errors of the report.
                Err(_) => {}
            }
        }
        Ok(())
    }

    fn trace(&mut self, trace: &Trace) -> io::Result<()> {
        writeln!(self.out, "{}", self.report.said(trace))?;
        if let Some(span) = trace.span {
            let file = self.report.sources.file(span.source);
            let mut withheld = Vec::new();
            if self.report.is_secret(trace) {
                let pointed = span.start as usize..span.end as usize;
                withheld = redact::strings(file.text(), pointed.clone());
                if is_variables_file(file.path()) {
                    withheld.push(redact::value_of(file.text(), pointed));
                }
            }
            self.draw(Drawing {
                span,
                labels: Vec::new(),
                withheld,
                severity: Severity::Advice,
            })?;
        }
        let bars = if self.style.terminal.unicode {
            &Bars {
                more: "├─ ",
                last: "└─ ",
                beside: "│  ",
            }
        } else {
            &Bars {
                more: "|- ",
                last: "`- ",
                beside: "|  ",
            }
        };
        self.branches(bars, trace, "  ")?;
        for (at, cause) in self.report.open(trace).iter().enumerate() {
            self.entry(if at == 0 { "open" } else { "" }, cause)?;
        }
        writeln!(self.out)
    }

    fn branches(&mut self, bars: &Bars, trace: &Trace, indent: &str) -> io::Result<()> {
        for (at, one) in trace.from.iter().enumerate() {
            let is_last = at + 1 == trace.from.len();
            let (bar, beside) = if is_last {
                (bars.last, "   ")
            } else {
                (bars.more, bars.beside)
            };
            let part = match one.part {
                Part::Gives => "",
                Part::Decides => "decided by ",
            };
            let place = self.report.located(one.span);
            writeln!(
                self.out,
                "{indent}{bar}{part}{}{place}",
                self.report.said(one)
            )?;
            self.branches(bars, one, &format!("{indent}{beside}"))?;
        }
        Ok(())
    }

    fn way(&mut self, plan: &Plan, way: &Way) -> io::Result<()> {
        let request = &way.walk.request;
        let line = format!("{} {request}", request.method);
        writeln!(self.out, "{}", self.report.redaction.message(&line))?;
        for hop in &way.walk.hops {
            let span = hop.subject.as_ref();
            let span = span.and_then(|subject| plan.provenance.span(subject));
            let text = self.report.redaction.message(&hop.text);
            writeln!(self.out, "  {text}{}", self.report.located(span))?;
        }
        let ending = self
            .style
            .terminal
            .paint(CYAN, &self.report.redaction.message(&way.ending));
        writeln!(self.out, "{ending}")?;
        let causes = way.walk.outcome.causes();
        for (at, cause) in causes.iter().enumerate() {
            let cause = self.report.redaction.message(&cause.to_string());
            self.entry(if at == 0 { "open" } else { "" }, &cause)?;
        }
        writeln!(self.out)
    }
}

impl Report {
    /// Writes answers as JSON, with a line break at the end.
    pub fn write_why_json(&self, out: &mut dyn Write, told: &[Told]) -> io::Result<()> {
        let environments = told.iter().map(|one| {
            let (mut values, mut way, mut error) = (Vec::new(), None, None);
            match &one.answer {
                Ok(Answer::Values(traces)) => {
                    values = traces.iter().map(|trace| self.json_trace(trace)).collect();
                }
                Ok(Answer::Way(found)) => way = Some(self.json_way(&one.plan, found)),
                Err(unknown) => error = Some(self.redaction.message(&unknown.to_string())),
            }
            Environment {
                name: &one.environment,
                inputs: one.inputs.iter().map(|path| shown(path)).collect(),
                values,
                request: way,
                error,
            }
        });
        let document = Document {
            version: 1,
            tool: Tool::this(),
            environments: environments.collect(),
            errors: self.errors.iter().map(|one| self.json_error(one)).collect(),
        };
        serde_json::to_writer_pretty(&mut *out, &document)?;
        writeln!(out)
    }

    fn json_trace(&self, trace: &Trace) -> Derived {
        Derived {
            name: self.redaction.message(&trace.name),
            value: trace.value.as_ref().map(|_| self.value_of(trace)),
            known: trace.value.as_ref().map(Value::is_wholly_known),
            note: trace
                .note
                .as_deref()
                .map(|note| self.redaction.message(note)),
            part: match trace.part {
                Part::Gives => "gives",
                Part::Decides => "decides",
            },
            place: self.json_place(trace.span),
            open: self.open(trace),
            from: trace.from.iter().map(|one| self.json_trace(one)).collect(),
        }
    }

    fn json_way(&self, plan: &Plan, way: &Way) -> Request {
        let hops = way.walk.hops.iter().map(|hop| Hop {
            text: self.redaction.message(&hop.text),
            place: self.json_place(
                hop.subject
                    .as_ref()
                    .and_then(|subject| plan.provenance.span(subject)),
            ),
        });
        let causes = way.walk.outcome.causes();
        Request {
            method: way.walk.request.method.to_string(),
            url: self.redaction.message(&way.walk.request.to_string()),
            hops: hops.collect(),
            ending: self.redaction.message(&way.ending),
            open: causes
                .iter()
                .map(|cause| self.redaction.message(&cause.to_string()))
                .collect(),
        }
    }

    fn json_place(&self, span: Option<Span>) -> Extent {
        let start = self.place(span);
        let end = span.map(|span| {
            self.sources
                .locate(Span {
                    start: span.end,
                    ..span
                })
                .1
        });
        Extent {
            file: start.as_ref().map(|place| place.file.clone()),
            line: start.as_ref().map(|place| place.line),
            column: start.as_ref().map(|place| place.column),
            end_line: end.map(|position| position.line),
            end_column: end.map(|position| position.column),
        }
    }

    /// `var.port = 8000, its default`
    fn said(&self, trace: &Trace) -> String {
        let mut text = self.redaction.message(&trace.name);
        if trace.value.is_some() {
            text.push_str(" = ");
            text.push_str(&self.value_of(trace));
        }
        if let Some(note) = &trace.note {
            let between = if trace.value.is_some() { ", " } else { ": " };
            text.push_str(between);
            text.push_str(&self.redaction.message(note));
        }
        text
    }

    /// The value as it may be shown.
    fn value_of(&self, trace: &Trace) -> String {
        let Some(value) = &trace.value else {
            return String::new();
        };
        if value.marks().is_empty() && self.redaction.hides(value) {
            return "(withheld)".to_owned();
        }
        let marked = secret::mark_named(value);
        let value = marked.as_ref().unwrap_or(value);
        let waits = |cause: &Cause| {
            matches!(
                cause,
                Cause::Apply { .. } | Cause::Data { .. } | Cause::Plan { .. }
            )
        };
        let causes = value.causes();
        if !value.is_known() && value.marks().is_empty() && !causes.iter().any(waits) {
            return "(not known)".to_owned();
        }
        let text = if redact::is_secret_name(&trace.name) {
            display::short(value)
        } else {
            display::listed(value)
        };
        match text.strip_prefix('"') {
            Some(_) if redact::is_secret_name(&trace.name) => "(withheld)".to_owned(),
            _ => self.redaction.message(&text),
        }
    }

    /// Whether what stands there may be a credential.
    fn is_secret(&self, trace: &Trace) -> bool {
        let is_one = |value: &Value| !value.marks_deep().is_empty() || self.redaction.hides(value);
        redact::is_secret_name(&trace.name) || trace.value.as_ref().is_some_and(is_one)
    }

    /// What would decide a value that is not known.
    fn open(&self, trace: &Trace) -> Vec<String> {
        let causes = trace.value.iter().flat_map(|value| {
            let causes = value.causes();
            causes.iter().map(ToString::to_string).collect::<Vec<_>>()
        });
        causes.map(|cause| self.redaction.message(&cause)).collect()
    }
}

/// How a tree is drawn.
struct Bars {
    more: &'static str,
    last: &'static str,
    beside: &'static str,
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    tool: Tool,
    environments: Vec<Environment<'a>>,
    errors: Vec<Error>,
}

#[derive(Serialize)]
struct Environment<'a> {
    name: &'a str,
    inputs: Vec<String>,
    values: Vec<Derived>,
    request: Option<Request>,
    error: Option<String>,
}

#[derive(Serialize)]
struct Derived {
    name: String,
    value: Option<String>,
    known: Option<bool>,
    note: Option<String>,
    part: &'static str,
    #[serde(flatten)]
    place: Extent,
    open: Vec<String>,
    from: Vec<Derived>,
}

#[derive(Serialize)]
struct Request {
    method: String,
    url: String,
    hops: Vec<Hop>,
    ending: String,
    open: Vec<String>,
}

#[derive(Serialize)]
struct Hop {
    text: String,
    #[serde(flatten)]
    place: Extent,
}

/// A place from its beginning to its end; null where there is none.
#[derive(Serialize)]
struct Extent {
    file: Option<String>,
    line: Option<usize>,
    column: Option<usize>,
    end_line: Option<usize>,
    end_column: Option<usize>,
}
