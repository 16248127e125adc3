//! What came of the conditions that a configuration demands of itself. One that does not hold is a problem of the plan.

use crate::problem::{Problem, ProblemKind};
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

/// How the problem of a condition ends whose own message is made with a secret.
pub const MESSAGE_WITHHELD: &str = "; its message is made with a secret, and withheld";

/// What came of a condition.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It holds.
    Holds,
    /// It is not known yet, for these causes.
    Unknown(Causes),
}

/// What Terraform tells of conditions, in a plan or a state.
#[derive(Debug, Default)]
pub struct Told {
    /// Those that did not fail.
    pub conditions: Vec<Condition>,
    /// Those that did.
    pub problems: Vec<Problem>,
}

/// What Terraform says of the conditions of one object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// `pass`
    Holds,
    /// `unknown`
    Unknown,
    /// `fail`, or `error`: the condition itself could not be computed.
    Failed,
}

impl Status {
    /// As plans and states in JSON write it.
    pub fn of(text: &str) -> Option<Self> {
        Some(match text {
            "pass" => Self::Holds,
            "unknown" => Self::Unknown,
            "fail" | "error" => Self::Failed,
            _ => return None,
        })
    }
}

impl Told {
    /// Adds what is told of an object, with the messages of what failed.
    pub fn add(&mut self, about: String, status: Status, messages: &[String]) {
        let outcome = match status {
            Status::Holds => Outcome::Holds,
            Status::Unknown => Outcome::Unknown(Causes::default()),
            Status::Failed => {
                let message = match messages.join("; ") {
                    empty if empty.is_empty() => "a condition does not hold".to_owned(),
                    messages => messages,
                };
                let problem = Problem::new(ProblemKind::ConditionFailed, message, None);
                self.problems.push(problem.about(&about));
                return;
            }
        };
        self.conditions.push(Condition {
            about,
            outcome,
            span: None,
        });
    }
}
