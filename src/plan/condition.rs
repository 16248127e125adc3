//! What came of the conditions that a configuration demands of itself. One that does not hold is a problem of the plan.

use crate::source::Span;
use crate::value::Causes;

/// A validation, precondition, postcondition or check that did not fail.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// The object that it is about.
    pub about: String,
    /// What came of it.
    pub outcome: Outcome,
    /// Where it is written, where the evidence tells.
    pub span: Option<Span>,
}

/// What came of a condition.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It holds.
    Holds,
    /// It is not known yet, for these causes.
    Unknown(Causes),
}
