//! Why evidence could not be read at all. What is wrong with a part of it only is a [`Problem`](super::Problem).

use std::fmt;
use std::path::{Path, PathBuf};

use miette::Diagnostic;
use thiserror::Error;

use super::detect::Foreign;
use super::json::cursor::{Fault, FaultKind};

/// A plan or state that could not be read. It never quotes the text: plans hold credentials.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("`{}`: {reason}", path.display())]
pub struct PlanError {
    /// As the user named it.
    pub path: PathBuf,
    /// What is wrong.
    pub reason: Reason,
}

impl PlanError {
    pub(super) fn new(path: &Path, reason: Reason) -> Self {
        Self {
            path: path.to_path_buf(),
            reason,
        }
    }
}

impl Diagnostic for PlanError {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.reason.help()
    }
}

/// What is wrong with the whole of it.
#[derive(Debug, Error, Diagnostic, PartialEq, Eq)]
pub enum Reason {
    /// Nothing in it, or only white space.
    #[error("the file is empty")]
    #[diagnostic(help(
        "write it with `terraform show -json tf.plan`; an error of that command goes to its standard error"
    ))]
    Empty,
    /// No JSON text and nothing else that is known.
    #[error("this is not a Terraform plan or state")]
    #[diagnostic(help(
        "give the output of `terraform show -json tf.plan`, a plan saved with `-out`, or a state"
    ))]
    NotJson,
    /// Well-formed, but something else.
    #[error("this is {foreign}, not a Terraform plan")]
    #[diagnostic(help("{}", foreign.help()))]
    Foreign {
        /// What it is.
        foreign: Foreign,
    },
    /// The text ends too early.
    #[error("the text ends within a value, at line {line}, byte {offset}")]
    #[diagnostic(help("the file was cut off: write it again"))]
    Truncated {
        /// Where it ends, from 1.
        line: usize,
        /// Its length in bytes.
        offset: usize,
    },
    /// Not JSON from here on.
    #[error("not JSON at line {line}, column {column}: expected {expected}")]
    #[diagnostic(help(
        "write the file again with `terraform show -json`; nothing else may write into it"
    ))]
    Malformed {
        /// From 1.
        line: usize,
        /// From 1, in bytes.
        column: usize,
        /// What JSON has there.
        expected: &'static str,
    },
    /// Nested too deep.
    #[error("values are nested deeper than {limit} levels, at line {line}, column {column}")]
    #[diagnostic(help("Terraform writes nothing like this: the file is damaged or made up"))]
    TooDeep {
        /// The limit.
        limit: usize,
        /// From 1.
        line: usize,
        /// From 1, in bytes.
        column: usize,
    },
    /// Two members of an object have the same name.
    #[error("line {line}, column {column}: a second member of the same name")]
    #[diagnostic(help(
        "readers of JSON disagree on which of them counts: write it again with `terraform show -json`"
    ))]
    Doubled {
        /// From 1.
        line: usize,
        /// From 1, in bytes.
        column: usize,
    },
    /// JSON, but not as the format has it.
    #[error("line {line}, column {column}: expected {wanted}, found {found}")]
    #[diagnostic(help(
        "the file is not as Terraform writes it: write it again with `terraform show -json`"
    ))]
    Unlike {
        /// From 1.
        line: usize,
        /// From 1, in bytes.
        column: usize,
        /// What the format has there.
        wanted: &'static str,
        /// What is there.
        found: &'static str,
    },
    /// A zip that is no plan.
    #[error("this zip holds no Terraform plan")]
    #[diagnostic(help("a plan saved with `terraform plan -out` holds a file `tfplan`"))]
    ForeignArchive,
    /// A binary plan that cannot be read.
    #[error("the saved plan is damaged: {what}")]
    #[diagnostic(help("save it again with `terraform plan -out`"))]
    BinaryDamaged {
        /// What.
        what: &'static str,
    },
    /// More than any plan holds.
    #[error("the saved plan holds more than {limit} {what}")]
    #[diagnostic(help("Terraform writes nothing like this: the file is made up to fill memory"))]
    TooLarge {
        /// Of what.
        what: &'static str,
        /// The limit.
        limit: u64,
    },
    /// A format that is not known.
    #[error("format version `{found}` is not known: {known} are")]
    #[diagnostic(help("look for a newer tfguard"))]
    Version {
        /// As the text says.
        found: String,
        /// What can be read.
        known: &'static str,
    },
}

impl Reason {
    /// What a fault in a text means. `start` is where the JSON text begins: wrapper noise may stand before it.
    pub(super) fn from_fault(fault: Fault, text: &str) -> Self {
        let at = fault.at.min(text.len());
        let before = &text.as_bytes()[..at];
        let line = memchr::memchr_iter(b'\n', before).count() + 1;
        let column = at - memchr::memrchr(b'\n', before).map_or(0, |end| end + 1) + 1;
        match fault.what {
            FaultKind::Ended => Self::Truncated { line, offset: at },
            FaultKind::Expected(expected) => Self::Malformed {
                line,
                column,
                expected,
            },
            FaultKind::TooDeep => Self::TooDeep {
                limit: super::json::cursor::MAX_DEPTH,
                line,
                column,
            },
            FaultKind::Doubled => Self::Doubled { line, column },
            FaultKind::Unlike { wanted, found } => Self::Unlike {
                line,
                column,
                wanted,
                found: found.name(),
            },
        }
    }
}
