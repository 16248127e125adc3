//! What stops a check, or a part of it: tfguard could not look. A rule violation is never one of these.

use std::path::PathBuf;

use miette::Diagnostic;
use thiserror::Error;

/// tfguard could not look.
#[derive(Debug, Error, Diagnostic)]
pub enum Error {
    /// A path that was named is not there.
    #[error("`{}` does not exist", path.display())]
    NotFound {
        /// As given.
        path: PathBuf,
        /// Something near it that exists.
        #[help]
        near: Option<String>,
    },
    /// A path could not be read.
    #[error("cannot read `{}`: {reason}", path.display())]
    Unreadable {
        /// As given.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// What was named is nothing that tfguard checks.
    #[error("`{}` is {what}", path.display())]
    NotEvidence {
        /// As given.
        path: PathBuf,
        /// What it is.
        what: String,
        /// What would be right.
        #[help]
        help: Option<String>,
    },
    /// A variables file outside of any root module.
    #[error("`{}` belongs to no root module", path.display())]
    #[diagnostic(help(
        "a variables file is checked with the nearest folder upwards that holds `.tf` files"
    ))]
    NoRoot {
        /// As given.
        path: PathBuf,
    },
    /// `-var` without `=`.
    #[error("`-var {text}` has no `=`")]
    #[diagnostic(help("write `-var 'name=value'`"))]
    MalformedVar {
        /// The name, up to where something else begins.
        text: String,
    },
    /// A rule that does not exist.
    #[error("there is no rule `{name}`")]
    UnknownRule {
        /// As given.
        name: String,
        /// The nearest one.
        #[help]
        near: Option<String>,
    },
    /// A variables file that could not be used.
    #[error(transparent)]
    Input(#[from] crate::eval::InputError),
}
