//! How a root module is evaluated: in which workspace, and with what.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::readers::Readers;
use crate::cli::InputArgs;
use crate::config::Config;
use crate::error::Error;
use crate::eval::{Evaluation, Mode, Options};
use crate::flow;
use crate::plan::Plan;
use crate::settings::{self, Workspace, process_environment};

/// A root module whose values are shown.
pub(crate) struct Root<'a> {
    pub folder: &'a Path,
    pub var_files: &'a [PathBuf],
    pub given: &'a InputArgs,
    pub mode: Mode,
}

impl Root<'_> {
    pub fn evaluate(&self, readers: &Readers, errors: &mut Vec<Error>) -> (Arc<Config>, Plan) {
        let inputs = settings::inputs(
            self.folder,
            self.var_files,
            self.given,
            process_environment(),
            &readers.sources,
            errors,
        );
        let config = Arc::new(readers.loader.load(self.folder));
        let workspace = workspace(self.given, self.folder);
        let (_, plan) = flow::shown(|secret_variables| {
            let options = Options {
                secret_variables,
                ..options(self.folder, workspace.clone(), self.mode)
            };
            let sources = Arc::clone(&readers.sources);
            Evaluation::new(&config, sources, inputs.clone(), options)
        });
        (config, plan)
    }
}

/// The workspace that was named, or else the one that Terraform would be in.
pub(super) fn workspace(inputs: &InputArgs, folder: &Path) -> Workspace {
    match &inputs.workspace {
        Some(name) => Workspace::named(name),
        None => Workspace::selected(folder, process_environment()),
    }
}

pub(super) fn options(folder: &Path, workspace: Workspace, mode: Mode) -> Options {
    Options {
        mode,
        workspace: workspace.name,
        workspace_problem: workspace.problem,
        ..Options::new(folder.to_path_buf())
    }
}
