//! Where evidence lies on disk, and what git does with the files there.

use std::path::Path;

use crate::repository::Repositories;

/// The files of an environment.
#[derive(Clone, Copy, Debug)]
pub struct Files<'a> {
    /// The folder of the root module, where sources were read.
    pub folder: Option<&'a Path>,
    /// The plan or state that was given.
    pub evidence: Option<&'a Path>,
    /// What git does with a file. Asked when a rule needs it, and then kept for the run.
    pub repositories: &'a Repositories,
}
