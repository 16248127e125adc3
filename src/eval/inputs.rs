//! The values that a root module's variables are given from outside.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::constraint::Constraint;
use super::error::{EvalError, Evaluated};
use super::{Evaluation, Scope};
use crate::problem::{Problem, ProblemKind};
use crate::source::{SourceFile, SourceId, Sources, Span};
use crate::syntax::{self, Expr, ExprKind, JsonFile, Parsed, SyntaxError};
use crate::value::Value;

/// What sets a variable.
#[derive(Clone, Debug)]
pub struct Assignment {
    /// The value.
    pub given: Given,
    /// Where it is written.
    pub span: Option<Span>,
    /// As Terraform's documentation names it: a file's name, `-var`, `TF_VAR_name`.
    pub set_by: String,
    /// Whether Terraform complains when nothing declares the variable.
    pub undeclared: Undeclared,
}

/// A value from outside.
#[derive(Clone, Debug)]
pub enum Given {
    /// An expression in a tfvars file.
    Expr(Arc<Expr>),
    /// Text of `-var` or the environment, in a source of its own: what it means depends on the declared type. It is
    /// what follows the first `=`.
    Text(SourceId),
    /// A value as it is: from a plan.
    Value(Value),
}

/// What Terraform does about a variable that is set and not declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undeclared {
    /// An error: `-var`.
    Refuse,
    /// A warning: tfvars files.
    Warn,
    /// Nothing: the environment.
    Ignore,
}

/// The inputs of a root module. Later assignments win.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    assignments: BTreeMap<Arc<str>, Assignment>,
    /// The files that values were read from, in order.
    pub files: Vec<SourceId>,
}

/// A tfvars file that could not be used.
#[derive(Clone, Debug, thiserror::Error)]
pub enum InputError {
    /// It could not be read.
    #[error("cannot read `{}`: {reason}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the file system said.
        reason: String,
    },
    /// It could not be parsed.
    #[error("`{}` is not a variables file", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        errors: Vec<SyntaxError>,
    },
}

impl Inputs {
    /// Adds an assignment; it wins over earlier ones.
    pub fn assign(&mut self, name: &str, assignment: Assignment) {
        self.assignments.insert(name.into(), assignment);
    }

    /// What sets a variable.
    pub fn assignment(&self, name: &str) -> Option<&Assignment> {
        self.assignments.get(name)
    }

    /// Adds the values of a tfvars file.
    ///
    /// # Errors
    /// When it cannot be read or parsed; what could be read of it is added all the same.
    pub fn add_file(&mut self, sources: &Sources, path: &Path) -> Result<(), InputError> {
        let (source, values, errors) = read_var_file(sources, path)?;
        self.files.push(source);
        let set_by = path
            .file_name()
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        for (name, expr, span) in values {
            let given = Given::Expr(Arc::new(expr));
            let undeclared = Undeclared::Warn;
            self.assign(
                &name,
                Assignment {
                    given,
                    span: Some(span),
                    set_by: set_by.clone(),
                    undeclared,
                },
            );
        }
        if errors.is_empty() {
            Ok(())
        } else {
            Err(InputError::Syntax {
                path: path.to_path_buf(),
                errors,
            })
        }
    }

    /// Adds a value of `-var name=text` or `TF_VAR_name=text`.
    pub fn add_text(
        &mut self,
        sources: &Sources,
        name: &str,
        text: &str,
        set_by: String,
        undeclared: Undeclared,
    ) {
        let (path, whole) = if set_by.starts_with('-') {
            (set_by.as_str(), format!("{name}={text}"))
        } else {
            ("environment", format!("{set_by}={text}"))
        };
        let end = u32::try_from(whole.len()).unwrap_or(u32::MAX);
        let source = sources.add(PathBuf::from(path), whole);
        let span = Some(Span {
            source,
            start: 0,
            end,
        });
        self.assign(
            name,
            Assignment {
                given: Given::Text(source),
                span,
                set_by,
                undeclared,
            },
        );
    }

    /// Reports what is set and not declared.
    pub(super) fn check(&self, evaluation: &Evaluation) {
        let declared = &evaluation.root.config.module.variables;
        for (name, assignment) in self
            .assignments
            .iter()
            .filter(|(name, _)| !declared.contains_key(*name))
        {
            let kind = match assignment.undeclared {
                Undeclared::Refuse => ProblemKind::Refused,
                Undeclared::Warn => ProblemKind::Note,
                Undeclared::Ignore => continue,
            };
            let message = format!("no variable `{name}` is declared");
            let problem =
                Problem::new(kind, message, assignment.span).about(&format!("var.{name}"));
            let known: Vec<&str> = declared.keys().map(AsRef::as_ref).collect();
            evaluation.report(match crate::config::nearest(name, &known) {
                Some(near) => problem.with_help(format!("did you mean `{near}`?")),
                None => problem,
            });
        }
    }
}

impl Assignment {
    /// The value. The constraint is that of the declared type, where one is declared: for primitive types text is the
    /// value itself, for others an expression.
    pub(super) fn evaluate(
        &self,
        evaluation: &Arc<Evaluation>,
        constraint: Option<&Constraint>,
    ) -> Evaluated {
        match &self.given {
            Given::Expr(expr) => constant(evaluation, expr),
            Given::Value(value) => Ok(value.clone()),
            Given::Text(source) => {
                let whole = evaluation.sources.file(*source).text().clone();
                let base = whole.find('=').map_or(0, |at| at + 1);
                let text = &whole[base..];
                if constraint.is_none_or(|constraint| constraint.literal) {
                    return Ok(Value::text(text));
                }
                let expr = syntax::parse_expression(
                    *source,
                    text,
                    u32::try_from(base).unwrap_or(u32::MAX),
                )
                .map_err(|errors| {
                    let first = errors.into_iter().next().expect("a refusal has a reason");
                    EvalError::new(first.message, first.span)
                })?;
                constant(evaluation, &expr)
            }
        }
    }
}

/// Values from outside call no functions.
fn constant(evaluation: &Arc<Evaluation>, expr: &Expr) -> Evaluated {
    let mut called = None;
    expr.walk(|inner| {
        if let ExprKind::Call(call) = &inner.kind {
            called.get_or_insert(call.name.span);
        }
    });
    match called {
        Some(span) => Err(EvalError::new("functions are not called here", span)),
        None => Scope::constant(evaluation).evaluate(expr),
    }
}

/// The source of a tfvars file, the name, expression and span of each value, and what could not be read.
type VarFile = (SourceId, Vec<(Arc<str>, Expr, Span)>, Vec<SyntaxError>);

/// Reads a tfvars file, native or JSON.
pub fn read_var_file(sources: &Sources, path: &Path) -> Result<VarFile, InputError> {
    let source = sources.read(path).map_err(|error| InputError::Unreadable {
        path: path.to_path_buf(),
        reason: error.to_string(),
    })?;
    let parsed = parse_var_file(source, &sources.file(source));
    let mut errors = parsed.errors;
    for block in &parsed.body.blocks {
        errors.push(SyntaxError {
            message: "a block is not expected in a variables file".to_owned(),
            help: Some("give a map or object as `name = { … }`".to_owned()),
            span: block.header,
        });
    }
    let values = parsed.body.attributes.into_iter();
    let values = values
        .map(|attribute| (attribute.name.name, attribute.expr, attribute.span))
        .collect();
    Ok((source, values, errors))
}

/// What a tfvars file says, native or JSON.
pub fn parse_var_file(source: SourceId, file: &SourceFile) -> Parsed {
    let extension = file.path().extension();
    if extension.is_some_and(|extension| extension == "json") {
        syntax::parse_json(source, file.text(), JsonFile::Values)
    } else {
        syntax::parse(source, file.text())
    }
}
