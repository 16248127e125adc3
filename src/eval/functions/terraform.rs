//! The functions of Terraform's built-in provider: `provider::terraform::encode_tfvars` and its like.

use std::fmt::Write as _;
use std::sync::Arc;

use super::filesystem::is_identifier;
use super::{Call, FunctionError, Outcome, string};
use crate::source::{Sources, Span};
use crate::syntax::{self, Expr, ExprKind};
use crate::value::{Data, Entries, Type, Value, quote};

pub(super) fn encode_tfvars(call: &Call<'_>) -> Outcome {
    let value = call.arg(0);
    if !value.is_wholly_known() {
        return Ok(call.unknown());
    }
    let Some(entries) = value.as_entries() else {
        return Err(FunctionError::at(
            1,
            "invalid value to encode: must be an object whose attribute names will become the \
             encoded variable names",
        ));
    };
    let mut out = String::new();
    for (name, value) in entries {
        if !is_identifier(name) {
            return Err(FunctionError::at(
                1,
                format!(
                    "invalid variable name {}: must be a valid identifier, per Terraform's rules \
                     for input variable declarations",
                    quote(name)
                ),
            ));
        }
        let _ = writeln!(out, "{name} = {}", expression(value));
        string::check_length(out.len())?;
    }
    string::result(&out)
}

pub(super) fn encode_expr(call: &Call<'_>) -> Outcome {
    let value = call.arg(0);
    if value.is_wholly_known() {
        return string::result(&expression(value));
    }
    let unknown = call.unknown().refine_not_null();
    if !value.is_not_null() {
        return Ok(unknown);
    }
    Ok(match value.ty() {
        Type::Object(_) | Type::Map(_) => unknown.refine_prefix_full("{"),
        Type::Tuple(_) | Type::List(_) | Type::Set(_) => unknown.refine_prefix_full("["),
        Type::String => unknown.refine_prefix_full("\""),
        _ => unknown,
    })
}

/// A wholly known value as `terraform fmt` writes it.
fn expression(value: &Value) -> String {
    let mut lines = Lines::default();
    lines.value(value);
    lines.laid_out()
}

/// The lines of an expression before they are indented and aligned.
#[derive(Default)]
struct Lines {
    done: Vec<Line>,
    current: Line,
}

#[derive(Default)]
struct Line {
    text: String,
    /// Where the ` = ` of an argument begins.
    assignment: Option<usize>,
    /// Brackets opened less brackets closed, in all of the line and behind its assignment.
    brackets: isize,
    brackets_of_value: isize,
}

impl Lines {
    fn text(&mut self, text: &str) {
        self.current.text.push_str(text);
    }

    fn bracket(&mut self, bracket: &str, change: isize) {
        self.text(bracket);
        self.current.brackets += change;
        if self.current.assignment.is_some() {
            self.current.brackets_of_value += change;
        }
    }

    fn end(&mut self) {
        self.done.push(std::mem::take(&mut self.current));
    }

    fn value(&mut self, value: &Value) {
        match value.data() {
            Data::Bool(true) => self.text("true"),
            Data::Bool(false) => self.text("false"),
            Data::Number(number) => self.text(&number.to_string()),
            Data::String(text) => self.text(&literal(text)),
            Data::List(_, elements) | Data::Set(_, elements) | Data::Tuple(elements) => {
                self.bracket("[", 1);
                for (at, element) in elements.iter().enumerate() {
                    if at > 0 {
                        self.text(", ");
                    }
                    self.value(element);
                }
                self.bracket("]", -1);
            }
            Data::Map(_, entries) | Data::Object(entries) => self.object(entries),
            Data::Null(_) | Data::Unknown(_) => self.text("null"),
        }
    }

    fn object(&mut self, entries: &Entries) {
        self.bracket("{", 1);
        if !entries.is_empty() {
            self.end();
        }
        for (key, value) in entries {
            if is_identifier(key) {
                self.text(key);
            } else {
                self.text(&literal(key));
            }
            self.current.assignment = Some(self.current.text.len());
            self.text(" = ");
            self.value(value);
            self.end();
        }
        self.bracket("}", -1);
    }

    /// Indents lines by the brackets before them, and aligns the `=` of neighbours that fit into one line each.
    fn laid_out(mut self) -> String {
        self.end();
        let mut indents: Vec<usize> = Vec::new();
        let mut depths = Vec::with_capacity(self.done.len());
        for line in &self.done {
            if line.brackets < 0 {
                close(&mut indents, line.brackets.unsigned_abs());
            }
            depths.push(indents.len());
            if line.brackets > 0 {
                indents.push(line.brackets.unsigned_abs());
            }
        }
        let column = |line: &Line| {
            let aligned = line.assignment.filter(|_| line.brackets_of_value == 0);
            aligned.map(|at| string::length(&line.text[..at]))
        };
        let columns: Vec<Option<usize>> = self.done.iter().map(column).collect();
        let mut out = String::new();
        for (at, line) in self.done.iter().enumerate() {
            if at > 0 {
                out.push('\n');
            }
            out.extend(std::iter::repeat_n("  ", depths[at]));
            let (Some(width), Some(assignment)) = (columns[at], line.assignment) else {
                out.push_str(&line.text);
                continue;
            };
            let before = columns[..at].iter().rev().map_while(|column| *column);
            let after = columns[at..].iter().map_while(|column| *column);
            let widest = before.chain(after).max().unwrap_or(width);
            out.push_str(&line.text[..assignment]);
            out.extend(std::iter::repeat_n(' ', widest - width));
            out.push_str(&line.text[assignment..]);
        }
        out
    }
}

fn close(indents: &mut Vec<usize>, mut closed: usize) {
    while closed > 0 {
        let Some(last) = indents.last_mut() else {
            return;
        };
        if closed < *last {
            *last -= closed;
            return;
        }
        closed -= *last;
        indents.pop();
    }
}

/// A string in quotes, with escapes for templates too.
fn literal(text: &str) -> String {
    let mut out = String::from("\"");
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '$' | '%' => {
                out.push(character);
                if rest.peek() == Some(&'{') {
                    out.push(character);
                }
            }
            other if other != ' ' && (other.is_control() || other.is_whitespace()) => {
                let code = u32::from(other);
                let _ = match code {
                    0..=0xFFFF => write!(out, "\\u{code:04x}"),
                    _ => write!(out, "\\U{code:08x}"),
                };
            }
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

/// The values of a `.tfvars` text: constants only.
pub(super) fn decode_tfvars(call: &Call<'_>) -> Outcome {
    let sources = Sources::default();
    let text = call.text(0);
    let source = sources.add(ARGUMENT.into(), text);
    let parsed = syntax::parse(source, text);
    if let Some(error) = parsed.errors.first() {
        let place = place(&sources, error.span);
        return Err(FunctionError::new(format!(
            "invalid tfvars syntax: {place}: {}",
            error.message
        )));
    }
    if let Some(block) = parsed.body.blocks.first() {
        let place = place(&sources, block.kind.span);
        return Err(FunctionError::new(format!(
            "invalid tfvars content: {place}: Unexpected {} block; Blocks are not allowed here.",
            quote(&block.kind.name)
        )));
    }
    let mut entries = Entries::new();
    for attribute in &parsed.body.attributes {
        let name = &attribute.name.name;
        let invalid = |problem: String| {
            FunctionError::new(format!(
                "invalid expression for variable {}: {problem}",
                quote(name)
            ))
        };
        if let Some((span, problem)) = not_constant(&attribute.expr) {
            let place = place(&sources, span);
            return Err(invalid(format!("{place}: {problem}")));
        }
        // An interpolation alone keeps its type: what evaluates templates evaluates constants.
        let template = format!("${{{}\n}}", sources.text(attribute.expr.span));
        let value = (call.cx.render)(&template, ARGUMENT, &Entries::new())
            .map_err(|error| invalid(error.message))?;
        entries.insert(Arc::clone(name), value);
    }
    Ok(Value::object(entries))
}

const ARGUMENT: &str = "<decode_tfvars argument>";

/// As HCL names a place: file, line and columns.
fn place(sources: &Sources, span: Span) -> String {
    let file = sources.file(span.source);
    let (start, end) = (file.position(span.start), file.position(span.end));
    let (line, column) = (start.line, start.column);
    if start.line == end.line {
        return format!("{ARGUMENT}:{line},{column}-{}", end.column);
    }
    format!("{ARGUMENT}:{line},{column}-{},{}", end.line, end.column)
}

/// The first call or reference in an expression.
fn not_constant(expr: &Expr) -> Option<(Span, &'static str)> {
    let mut found: Option<(Span, &'static str)> = None;
    let mut bound: Vec<Arc<str>> = Vec::new();
    expr.walk(|inner| {
        if let ExprKind::For(parts) = &inner.kind {
            bound.push(Arc::clone(&parts.value_name.name));
            bound.extend(parts.key_name.iter().map(|name| Arc::clone(&name.name)));
        }
    });
    expr.walk(|inner| {
        if found.is_some() {
            return;
        }
        found = match &inner.kind {
            ExprKind::Call(_) => Some((
                inner.span,
                "Function calls not allowed; Functions may not be called here.",
            )),
            ExprKind::Variable(name) if !bound.contains(name) => Some((
                inner.span,
                "Variables not allowed; Variables may not be used here.",
            )),
            _ => None,
        };
    });
    found
}
