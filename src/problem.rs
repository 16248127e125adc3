//! What is wrong with an input, short of stopping the run: collected while reading and evaluating, reported at the end.

use crate::source::Span;

/// Something wrong that is not a rule's matter.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// What kind.
    pub kind: ProblemKind,
    /// A fact, lower case, without a full stop.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// Where.
    pub span: Option<Span>,
    /// The object it is about, where there is one.
    pub address: Option<String>,
}

/// Kinds of problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProblemKind {
    /// A file, or a part of one, could not be read: the run cannot pass.
    Unreadable,
    /// Terraform would refuse this configuration with these inputs: the run cannot pass.
    Refused,
    /// A validation, precondition, postcondition or check does not hold.
    ConditionFailed,
    /// Part of the configuration is not there: a module whose sources are elsewhere.
    Unread,
    /// Part of the configuration is not there, and no verdict hangs on it: the plan tells what it makes.
    Partial,
    /// A plan leaves out part of what is written: what that comes to is not known.
    Incomplete,
    /// Terraform would warn, or something that a reader should know.
    Note,
}

impl Problem {
    /// A problem with its place.
    pub fn new(kind: ProblemKind, message: impl Into<String>, span: Option<Span>) -> Self {
        Self {
            kind,
            message: message.into(),
            help: None,
            span,
            address: None,
        }
    }

    /// Of a plan that Terraform could not finish.
    pub fn errored() -> Self {
        let message = "terraform could not finish this plan: it says `errored`";
        Self::new(ProblemKind::Refused, message, None)
            .with_help("mend what `terraform plan` reported, and plan again")
    }

    /// Of a plan that leaves out part of what is written.
    pub fn incomplete() -> Self {
        let message =
            "the plan is not complete: it was made with `-target`, or changes were deferred";
        Self::new(ProblemKind::Incomplete, message, None).with_help("plan without `-target`")
    }

    /// The same, with what to do.
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same, about an object.
    pub fn about(mut self, address: &(impl ToString + ?Sized)) -> Self {
        self.address = Some(address.to_string());
        self
    }
}
