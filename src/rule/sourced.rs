//! The sources beside a plan, and what speaks against its being made from them.

use std::path::PathBuf;

/// The sources beside a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sourced {
    /// The folder of the root module.
    pub folder: PathBuf,
    /// Who says that they are the plan's.
    pub chosen: Chosen,
    /// What one has and the other has not; empty where they belong together.
    pub difference: String,
}

/// Why sources are taken for those of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chosen {
    /// Somebody named them.
    Named,
    /// They lie in the current folder, and have resources of the plan.
    Here,
}
