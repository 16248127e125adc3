//! What a command reads with: each file once, whatever it is read for.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cli::{CheckArgs, InputArgs};
use crate::config::Loader;
use crate::discover::{Search, Target, Targets, Variables, discover};
use crate::error::Error;
use crate::report::Report;
use crate::settings::{self, SettingsFiles, process_environment};
use crate::source::Sources;

/// Readers of configurations and of settings that keep their texts in one place.
pub(crate) struct Readers {
    pub sources: Arc<Sources>,
    /// Reads what lies where Terraform would read it.
    pub loader: Loader,
    pub settings: SettingsFiles,
}

impl Readers {
    pub fn new() -> Self {
        let sources = Arc::new(Sources::default());
        let data_folder = settings::data_folder(process_environment());
        Self {
            loader: Loader::new(Arc::clone(&sources)).in_data_folder(data_folder),
            settings: SettingsFiles::new(Arc::clone(&sources)),
            sources,
        }
    }

    /// An empty report on what is read.
    pub fn report(&self) -> Report {
        Report::new(Arc::clone(&self.sources))
    }

    pub fn search<'a>(&'a self, inputs: &InputArgs, environment: Option<&'a str>) -> Search<'a> {
        Search {
            loader: &self.loader,
            settings: &self.settings,
            variables: if inputs.var_files.is_empty() {
                Variables::Found
            } else {
                Variables::Given
            },
            environment,
        }
    }

    /// Finds what is checked.
    pub fn discover(&self, arguments: &CheckArgs) -> Targets {
        let search = self.search(&arguments.inputs, arguments.environment.as_deref());
        let mut found = found(&arguments.paths, &arguments.inputs, search);
        let source = without_source(&found.targets, arguments.source.as_deref());
        found.errors.extend(source);
        found
    }

    /// Finds what a path stands for, to show it.
    pub fn discover_at(&self, path: Option<&Path>, inputs: &InputArgs) -> Targets {
        let paths: Vec<PathBuf> = path.map(Path::to_path_buf).into_iter().collect();
        found(&paths, inputs, self.search(inputs, None))
    }

    /// Reports what is wrong in the settings that were read so far.
    pub fn report_settings(&self, report: &mut Report) {
        for problem in self.settings.all().iter().flat_map(|one| &one.problems) {
            report.error(problem.clone().into());
        }
    }
}

fn found(paths: &[PathBuf], inputs: &InputArgs, search: Search<'_>) -> Targets {
    let mut found = discover(paths, search);
    let variables = without_variables(&found.targets, inputs);
    found.errors.extend(variables);
    found
}

/// Plans and states have the values that they were made with: variables that are given besides would not be looked at.
fn without_variables(targets: &[Target], inputs: &InputArgs) -> Vec<Error> {
    if inputs.ordered.is_empty() {
        return Vec::new();
    }
    let refused = targets.iter().filter_map(|target| match target {
        Target::Evidence { path, .. } => Some(Error::VariablesOfEvidence { path: path.clone() }),
        Target::Root { .. } => None,
    });
    refused.collect()
}

/// `--source` beside nothing but root modules would be read by nobody: a plan was left out, or a path is wrong.
fn without_source(targets: &[Target], source: Option<&Path>) -> Option<Error> {
    source?;
    let roots = targets.iter().map(|target| match target {
        Target::Root {
            folder, var_files, ..
        } => Some(var_files.first().unwrap_or(folder)),
        Target::Evidence { .. } => None,
    });
    let path = (*roots.collect::<Option<Vec<_>>>()?.first()?).clone();
    Some(Error::NothingToJoin { path })
}
