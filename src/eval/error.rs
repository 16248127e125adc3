//! Why an expression has no value: what Terraform would refuse as well.

use std::fmt;

use crate::source::Span;

/// An expression that Terraform would refuse. `try` and `can` catch it.
#[derive(Clone, Debug, PartialEq)]
pub struct EvalError {
    /// A fact, lower case, without a full stop. Never the value of anything.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// Terraform finds it before it evaluates anything, so that neither `try` nor an arm that is not taken hides it.
    pub fixed: bool,
    /// Where; templates that come from a file have no place in the sources.
    pub span: Option<Span>,
}

impl EvalError {
    /// An error with its place.
    pub fn new(message: impl Into<String>, span: Span) -> Box<Self> {
        Box::new(Self {
            message: message.into(),
            help: None,
            fixed: false,
            span: Some(span),
        })
    }

    /// An error with its place, where it has one.
    pub fn somewhere(message: impl Into<String>, span: Option<Span>) -> Box<Self> {
        Box::new(Self {
            message: message.into(),
            help: None,
            fixed: false,
            span,
        })
    }

    /// The same, for what neither `try` nor an arm that is not taken hides.
    pub fn fixed(mut self: Box<Self>) -> Box<Self> {
        self.fixed = true;
        self
    }

    /// The same, with what to do.
    pub fn with_help(mut self: Box<Self>, help: impl Into<String>) -> Box<Self> {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for EvalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for EvalError {}

/// What an expression evaluates to.
pub(crate) type Evaluated = Result<Value, Box<EvalError>>;

use crate::value::Value;
