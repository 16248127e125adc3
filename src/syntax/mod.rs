//! HCL native syntax and JSON syntax, read into one syntax tree with spans and comments.
//!
//! Reading recovers after an error: one broken block costs that block, and every error is reported. Nothing is
//! evaluated here, and no Terraform meaning is given to any name.

mod expression;
mod heredoc;
mod json;
mod json_body;
mod literal;
mod origin;
mod parser;
mod passage;
mod recovery;
mod scanner;
mod template;
mod tree;

pub use json_body::{JsonFile, parse_json};
pub use passage::{Passage, passages};
pub use scanner::is_identifier;
pub use tree::*;

use crate::source::{SourceId, Span};
use origin::Origin;

/// How deep brackets, blocks, templates, conditionals and unary operators may nest. Terraform has no limit; real files
/// stay below twenty. Chains (`a + b + …`, `a.b.c…`) do not count: they may be as long as the file.
pub const MAX_DEPTH: usize = 500;

/// After so many errors the rest of a file is not read.
pub const MAX_ERRORS: usize = 100;

/// What reading one file gave.
#[derive(Debug, Default)]
pub struct Parsed {
    /// The file's body, less what could not be read.
    pub body: Body,
    /// Comments in source order.
    pub comments: Vec<Comment>,
    /// What is wrong, in source order.
    pub errors: Vec<SyntaxError>,
}

/// A place that Terraform would refuse as well.
#[derive(Clone, Debug, PartialEq)]
pub struct SyntaxError {
    /// A fact, lower case, without a full stop.
    pub message: String,
    /// What to do, where that is plain.
    pub help: Option<String>,
    /// Where.
    pub span: Span,
}

/// Reads a file in HCL native syntax: `.tf`, `.tofu`, `.tfvars`, `.hcl`.
///
/// An attribute whose expression cannot be read stands with [`ExprKind::Invalid`]; whatever else is lost has at least
/// one error.
pub fn parse(source: SourceId, text: &str) -> Parsed {
    parser::parse_file(&Origin::of_file(source), text)
}

/// Reads text that is one expression, such as the value of `-var`. Line breaks mean nothing in it.
///
/// `base` is where the text begins in the file `source`.
///
/// # Errors
/// Everything that is wrong, in source order.
pub fn parse_expression(source: SourceId, text: &str, base: u32) -> Result<Expr, Vec<SyntaxError>> {
    parser::parse_expression(&Origin::within(source, base), text)
}

/// Reads text that is a template as a whole, such as the file of `templatefile`. Gives [`ExprKind::String`] where no
/// sequence stands in it, else [`ExprKind::Template`].
///
/// `base` is where the text begins in the file `source`.
///
/// # Errors
/// Everything that is wrong, in source order.
pub fn parse_template(source: SourceId, text: &str, base: u32) -> Result<Expr, Vec<SyntaxError>> {
    parser::parse_template(&Origin::within(source, base), text)
}
