//! HCL native syntax and JSON syntax, read into one syntax tree with spans and comments.
//!
//! Reading recovers after an error: one broken block costs that block, and every error is reported. Nothing is
//! evaluated here, and no Terraform meaning is given to any name.

mod tree;

pub use tree::*;

use crate::source::Span;

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
