//! The sources of a plan: those that were named for it, or those of the current folder, or those that it carries.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Run;
use super::evidence::{Evidence, given_by};
use super::look::{modules, texts};
use super::root::{options, workspace};
use crate::config::has_configuration;
use crate::discover::environment_files;
use crate::error::Error;
use crate::eval::{Assignment, Evaluation, Inputs, Mode};
use crate::flow;
use crate::join::{self, Difference, join};
use crate::plan::Plan;
use crate::rule::{Chosen, Sourced, Text};
use crate::settings::{self, Workspace};
use crate::waiver::ModuleFiles;

/// What the sources of a plan add to it.
#[derive(Default)]
pub(super) struct Beside {
    /// Folders that were read for it.
    pub inputs: Vec<PathBuf>,
    /// The folder that it was joined with.
    pub folder: Option<PathBuf>,
    /// The folder that it was held against.
    pub sourced: Option<Sourced>,
    pub texts: Vec<Text>,
    pub modules: Vec<ModuleFiles>,
    pub errors: Vec<Error>,
}

impl Beside {
    fn add(&mut self, evaluation: &Evaluation) {
        self.texts.extend(texts(evaluation));
        self.modules.extend(modules(evaluation));
    }
}

impl Run<'_> {
    /// Joins a plan with the sources that were named for it, or with those of the current folder if it was made from
    /// them, or with those that it carries.
    pub(super) fn with_sources(&self, evidence: Evidence, path: &Path) -> (Plan, Beside) {
        let mut beside = Beside::default();
        let planned = &evidence.plan;
        let here = Path::new(".");
        let named = self.arguments.source.as_deref();
        let refused = match named {
            Some(_) if !join::is_possible(planned) => Some(Error::NothingToJoin {
                path: path.to_path_buf(),
            }),
            Some(folder) if !has_configuration(folder) => Some(Error::NotItsSources {
                plan: path.to_path_buf(),
                folder: folder.to_path_buf(),
                difference: "it holds no configuration".to_owned(),
            }),
            _ => None,
        };
        if let Some(error) = refused {
            beside.errors.push(error);
            return (evidence.plan, beside);
        }
        let is_here = || join::is_possible(planned) && has_configuration(here);
        if let Some(folder) = named.or_else(|| is_here().then_some(here)) {
            let evaluation = self.evaluate_for(planned, folder, &evidence.workspace);
            let written = flow::plan(&evaluation);
            let difference = self.difference(&evidence, &evaluation, &written);
            if named.is_some() || join::overlap(planned, &written) {
                beside.sourced = Some(Sourced {
                    folder: folder.to_path_buf(),
                    chosen: if named.is_some() {
                        Chosen::Named
                    } else {
                        Chosen::Here
                    },
                    difference: difference.to_string(),
                });
            }
            if difference.may_join() {
                beside.inputs.push(folder.to_path_buf());
                beside.folder = Some(folder.to_path_buf());
                beside.add(&evaluation);
                return (join(planned, written), beside);
            }
        }
        let Some(evaluation) = evidence.evaluate_carried() else {
            return (evidence.plan, beside);
        };
        beside.add(&evaluation);
        (join(planned, flow::plan(&evaluation)), beside)
    }

    /// What tells a plan and sources apart.
    fn difference(
        &self,
        evidence: &Evidence,
        evaluation: &Evaluation,
        written: &Plan,
    ) -> Difference {
        let planned = &evidence.plan;
        let config = &evaluation.root().config;
        let carried = evidence.carried.as_ref();
        let versions = carried.map(|carried| carried.versions.clone());
        let difference = Difference::between(planned, written)
            .with_variables(planned, &config.module)
            .with_versions(&versions.unwrap_or_default(), evaluation.locked_versions());
        if self.arguments.source.is_none() && !join::overlap(planned, written) {
            return difference;
        }
        let sources = &self.readers.sources;
        let rewritten = match carried {
            Some(carried) => join::rewritten(&carried.loader.load(&carried.root), config, sources),
            None => {
                let text = evidence.text.as_deref();
                let planned = text.and_then(join::configuration);
                join::otherwise_configured(&planned.unwrap_or_default(), config)
            }
        };
        difference
            .with_rewritten(rewritten)
            .with_rewritten(join::other_values(planned, written, config, sources))
    }

    /// Evaluates sources with the variables of a plan. Where a variables file of the root gives the same values, it is
    /// taken for what the plan was made with, so that findings point into it.
    fn evaluate_for(&self, planned: &Plan, folder: &Path, planned_in: &str) -> Arc<Evaluation> {
        let config = Arc::new(self.readers.loader.load(folder));
        let given = &self.arguments.inputs;
        let evaluate = |inputs: Inputs| {
            let workspace = match (&given.workspace, planned_in) {
                (None, planned_in) if !planned_in.is_empty() => Workspace::named(planned_in),
                _ => workspace(given, folder),
            };
            let options = options(folder, workspace, Mode::Judging);
            Evaluation::new(&config, Arc::clone(&self.readers.sources), inputs, options)
        };
        let of_plan = given_by(planned);
        let mut as_planned = Inputs::default();
        for (name, assignment) in &of_plan {
            as_planned.assign(name, assignment.clone());
        }
        let as_planned = evaluate(as_planned);
        let differing = |inputs: &Inputs| -> Vec<(Arc<str>, Assignment)> {
            let evaluation = evaluate(inputs.clone());
            let value = |of: &Arc<Evaluation>, name: &str| of.root().variable(of, name);
            let differs = |name: &str| value(&evaluation, name) != value(&as_planned, name);
            of_plan
                .iter()
                .filter(|(name, _)| differs(name))
                .cloned()
                .collect()
        };
        let files = environment_files(folder);
        let candidates = std::iter::once(None).chain(files.iter().map(Some));
        let best = candidates
            .map(|file| {
                let inputs = settings::inputs(
                    folder,
                    file.map(std::slice::from_ref).unwrap_or_default(),
                    given,
                    std::iter::empty(),
                    &self.readers.sources,
                    &mut Vec::new(),
                );
                let differing = differing(&inputs);
                (inputs, differing)
            })
            .min_by_key(|(_, differing)| differing.len());
        let (mut inputs, differing) = best.expect("no file at all is a candidate");
        for (name, assignment) in differing {
            inputs.assign(&name, assignment);
        }
        evaluate(inputs)
    }
}
