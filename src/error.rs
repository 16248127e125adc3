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
    /// A folder without anything to check in it.
    #[error("`{}` holds no Terraform configuration", path.display())]
    #[diagnostic(help(
        "name a folder with `.tf` files in or below it, a variables file, or a plan"
    ))]
    NoConfiguration {
        /// As given.
        path: PathBuf,
    },
    /// A plan or state that could not be read.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Plan(#[from] Box<crate::plan::error::PlanError>),
    /// Sources that are not those of the plan.
    #[error("`{}` was not made from `{}`: {difference}", plan.display(), folder.display())]
    #[diagnostic(help("give the root module and the commit that the plan was made from"))]
    NotItsSources {
        /// The plan.
        plan: PathBuf,
        /// The root module.
        folder: PathBuf,
        /// What one has and the other has not.
        difference: String,
    },
    /// Sources given with evidence that is no plan.
    #[error("`{}` is not a plan: `--source` has nothing to be joined with", path.display())]
    #[diagnostic(help("leave `--source` out"))]
    NothingToJoin {
        /// The evidence.
        path: PathBuf,
    },
    /// Variables given with evidence that has its own.
    #[error("`-var` and `-var-file` do not change `{}`: it is judged with the values that it was made with", path.display())]
    #[diagnostic(help("leave them out, or check the root module with them"))]
    VariablesOfEvidence {
        /// The plan or state.
        path: PathBuf,
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
    #[error("the {} `-var` has no `=`", ordinal(*place))]
    #[diagnostic(help("write `-var 'name=value'`"))]
    MalformedVar {
        /// Which of them, from 1. Its text may be a credential and is not repeated.
        place: usize,
    },
    /// A name that nothing has.
    #[error("nothing is called `{name}`")]
    UnknownName {
        /// As given.
        name: String,
        /// The nearest one.
        #[help]
        near: Option<String>,
    },
    /// A part that a value does not have.
    #[error("`{of}` has no `{name}`")]
    UnknownPart {
        /// What is asked about.
        of: String,
        /// What it does not have.
        name: String,
        /// The nearest part, or those that there are.
        #[help]
        near: Option<String>,
    },
    /// A name that cannot be read.
    #[error(transparent)]
    #[diagnostic(help(
        "name an address, with an attribute or not: `aws_lb.main.name`, `var.region`, `module.api.url`; or a URL"
    ))]
    Address(#[from] crate::address::AddressError),
    /// A URL that is none.
    #[error(transparent)]
    Request(#[from] crate::route::RequestError),
    /// A rule that does not exist.
    #[error("there is no rule `{name}`")]
    UnknownRule {
        /// As given.
        name: String,
        /// The nearest one.
        #[help]
        near: Option<String>,
    },
    /// Settings that would be written over, or hidden.
    #[error("`{}` holds for this folder already", path.display())]
    #[diagnostic(help("it is not written over: change it, or delete it first"))]
    SettingsExist {
        /// The settings.
        path: PathBuf,
    },
    /// A file that could not be written.
    #[error("cannot write `{}`: {reason}", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// An environment that `tfguard.hcl` does not name.
    #[error("`{}` has no environment `{name}`", file.display())]
    UnknownEnvironment {
        /// As given.
        name: String,
        /// The settings.
        file: PathBuf,
        /// The nearest one.
        #[help]
        near: Option<String>,
    },
    /// A folder that stands for several environments, where one is asked for.
    #[error("`{}` has several environments: {}", folder.display(), names.join(", "))]
    #[diagnostic(help("name the variables file of one of them"))]
    SeveralEnvironments {
        /// The folder.
        folder: PathBuf,
        /// Their variables files.
        names: Vec<String>,
    },
    /// A listing of what exists that could not be used.
    #[error(transparent)]
    #[diagnostic(help(
        "an inventory is what the AWS CLI prints as JSON, such as `aws secretsmanager list-secrets`, without `--query`"
    ))]
    Inventory(#[from] crate::inventory::InventoryError),
    /// A variables file that could not be used.
    #[error(transparent)]
    Input(#[from] crate::eval::InputError),
}

fn ordinal(place: usize) -> String {
    match place {
        1 => "first".to_owned(),
        2 => "second".to_owned(),
        3 => "third".to_owned(),
        _ => format!("{place}th"),
    }
}
