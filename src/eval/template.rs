//! Templates: quoted strings, heredocs, and the files that `templatefile` renders.

use std::path::PathBuf;

use super::Scope;
use super::budget::{Beyond, LONGEST_STRING};
use super::error::{EvalError, Evaluated};
use super::functions::FunctionError;
use super::scope::Bound;
use crate::source::Span;
use crate::syntax::{self, Expr, Template, TemplatePart};
use crate::value::{self, Cause, Causes, Data, Entries, Marks, Shape, Type, Unknown, Value};

impl Scope<'_> {
    pub(super) fn template(&self, template: &Template) -> Evaluated {
        if let Some(sole) = template.sole_interpolation() {
            return self.evaluate(sole);
        }
        let mut rendered = Rendered::default();
        self.render_parts(template, &mut rendered)?;
        Ok(rendered.into_value())
    }

    fn render_parts(&self, template: &Template, out: &mut Rendered) -> Result<(), Box<EvalError>> {
        for part in &template.parts {
            match part {
                TemplatePart::Literal(text) => out.literal(text),
                TemplatePart::Interpolation(expr) => {
                    let value = self.evaluate(expr)?;
                    out.value(value, expr.span)?;
                }
                TemplatePart::If { condition, yes, no } => {
                    self.render_if(condition, yes, no, out)?;
                }
                TemplatePart::For {
                    key_name,
                    value_name,
                    collection,
                    body,
                } => {
                    let (sequence, marks) = self.evaluate(collection)?.unmark();
                    out.marks = out.marks.union(&marks);
                    if sequence.is_null() {
                        return Err(EvalError::new(
                            "a null value cannot be iterated",
                            collection.span,
                        ));
                    }
                    if !sequence.is_known() {
                        out.part(Value::unknown(Type::String, sequence.causes()));
                        continue;
                    }
                    let Some(elements) = value::elements(&sequence) else {
                        let message =
                            format!("a value of type {} cannot be iterated", sequence.ty());
                        return Err(EvalError::new(message, collection.span));
                    };
                    // Terraform joins what a loop gives: known as a whole, or not.
                    let mut joined = Rendered::default();
                    for (key, value) in elements {
                        match self.evaluation.budget.step(collection.span) {
                            Ok(()) => {}
                            Err(Beyond::Told(error)) => return Err(error),
                            Err(Beyond::Known) => break,
                        }
                        let outer = key_name.as_ref().map(|name| Bound {
                            name: &name.name,
                            value: key,
                            outer: self.bound,
                        });
                        let bound = Bound {
                            name: &value_name.name,
                            value,
                            outer: outer.as_ref().or(self.bound),
                        };
                        Scope {
                            bound: Some(&bound),
                            ..*self
                        }
                        .render_parts(body, &mut joined)?;
                    }
                    out.marks = out.marks.union(&joined.marks);
                    if joined.parts.is_empty() {
                        out.literal(&joined.text);
                    } else {
                        out.part(joined.into_value());
                    }
                }
            }
        }
        Ok(())
    }

    fn render_if(
        &self,
        condition: &Expr,
        yes: &Template,
        no: &Template,
        out: &mut Rendered,
    ) -> Result<(), Box<EvalError>> {
        let (value, marks) = self.evaluate(condition)?.unmark();
        out.marks = out.marks.union(&marks);
        let decided = value::convert(&value, &Type::Bool).map_err(|_| {
            EvalError::new("the condition of a template is not a bool", condition.span)
        })?;
        if decided.is_null() {
            return Err(EvalError::new(
                "the condition of a template is null",
                condition.span,
            ));
        }
        match decided.as_bool() {
            Some(true) => self.render_parts(yes, out),
            Some(false) => self.render_parts(no, out),
            None => {
                out.part(Value::unknown(Type::String, decided.causes()));
                Ok(())
            }
        }
    }

    /// Renders a template from a file or a string with its own variables and nothing else in scope.
    pub(super) fn render(
        &self,
        text: &str,
        name: &str,
        variables: &Entries,
    ) -> Result<Value, FunctionError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let source = self.evaluation.sources.add(PathBuf::from(name), text);
        let expr = syntax::parse_template(source, text, 0).map_err(|errors| {
            let first = errors
                .into_iter()
                .next()
                .map_or_else(String::new, |error| error.message);
            FunctionError::new(format!("`{name}` is not a template: {first}"))
        })?;
        let scope = Scope {
            template: Some(variables),
            ..Scope::constant(self.evaluation)
        };
        let rendered = scope
            .evaluate(&expr)
            .map_err(|error| FunctionError::new(format!("in `{name}`: {}", error.message)))?;
        if rendered.is_null() {
            return Err(FunctionError::new(format!(
                "the result of `{name}` is null"
            )));
        }
        Ok(rendered)
    }
}

impl Scope<'_> {
    /// Renders a template that is a value, with variables that are one, for the data source `template_file`.
    pub(super) fn render_value(&self, template: &Value, variables: &Value) -> Value {
        let marks = template.marks_deep().union(&variables.marks_deep());
        let unknown = |causes| Value::unknown(Type::String, causes).with_marks(&marks);
        let (Some(text), Some(entries)) = (template.as_str(), variables.as_entries()) else {
            return unknown(template.causes().union(&variables.causes()));
        };
        match self.render(text, "template", entries) {
            Ok(value) => value.with_marks(&marks),
            Err(error) => unknown(Causes::one(Cause::Error {
                message: error.message.into(),
            })),
        }
    }
}

/// More parts than this are not laid side by side.
const MOST_PARTS: usize = 4096;

/// A string in the making.
#[derive(Default)]
struct Rendered {
    /// Known text since the last unknown part.
    text: String,
    /// Parts before it; empty as long as everything is known.
    parts: Vec<Value>,
    marks: Marks,
    length: usize,
}

impl Rendered {
    fn literal(&mut self, text: &str) {
        self.length += text.len();
        self.text.push_str(text);
    }

    /// Adds what is unknown. A string that is itself put together of parts is taken apart, so that whoever looks into
    /// the result finds one sequence.
    fn part(&mut self, unknown: Value) {
        if !self.text.is_empty() || self.parts.is_empty() {
            self.parts
                .push(Value::text(&std::mem::take(&mut self.text)));
        }
        match unknown
            .as_unknown()
            .and_then(|unknown| unknown.shape.as_ref())
        {
            // Shared beyond that: a template that doubles itself would grow without end.
            Some(Shape::Concat(parts)) if self.parts.len() + parts.len() <= MOST_PARTS => {
                let inner = parts
                    .iter()
                    .map(|part| part.clone().with_marks(unknown.marks()));
                self.parts.extend(inner);
            }
            _ => self.parts.push(unknown),
        }
    }

    fn value(&mut self, value: Value, span: Span) -> Result<(), Box<EvalError>> {
        let (value, mut marks) = value.unmark();
        if value.ty() == Type::Bool {
            // A comparison of secrets, written as a text, is none.
            marks = marks.without_secrets();
        }
        self.marks = self.marks.union(&marks);
        if value.is_null() {
            return Err(EvalError::new(
                "a null value cannot be put into a string",
                span,
            ));
        }
        if !value.is_known() {
            let text = match value::convert(&value, &Type::String) {
                Ok(text) => text,
                Err(_) => Value::unknown(Type::String, value.causes()),
            };
            self.part(text.with_marks(&marks));
            return Ok(());
        }
        let text = value::convert(&value, &Type::String).map_err(|_| {
            EvalError::new(
                format!("a value of type {} cannot be put into a string", value.ty()),
                span,
            )
        })?;
        match text.data() {
            Data::String(text) => self.literal(text),
            _ => self.part(text.with_marks(&marks)),
        }
        if self.length > LONGEST_STRING {
            return Err(EvalError::new(
                format!("this string is longer than {} MiB", LONGEST_STRING >> 20),
                span,
            ));
        }
        Ok(())
    }

    fn into_value(mut self) -> Value {
        if self.parts.is_empty() {
            return Value::text(&self.text).with_marks(&self.marks);
        }
        if !self.text.is_empty() {
            self.parts.push(Value::text(&self.text));
        }
        let causes = self.parts.iter().fold(Causes::default(), |causes, part| {
            causes.union(&part.causes())
        });
        let shape = Some(Shape::Concat(self.parts.clone().into()));
        let unknown = Unknown {
            not_null: true,
            shape,
            ..Unknown::new(Type::String, causes)
        };
        let value = match self.parts[0].as_str() {
            Some(prefix) => Value::refined(unknown).refine_prefix(prefix),
            None => Value::refined(unknown),
        };
        value.with_marks(&self.marks)
    }
}
