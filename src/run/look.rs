//! From a target to the plan that it comes to, and what lies around it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::beside::Beside;
use super::evidence::Evidence;
use super::root::{options, workspace};
use super::{Purpose, Run};
use crate::config::{Config, Loader, Origin};
use crate::discover::{Content, Target};
use crate::error::Error;
use crate::eval::{Evaluation, Inputs, Mode, Options};
use crate::flow;
use crate::plan::Plan;
use crate::rule::{Environment, Sourced, Text, TextKind};
use crate::settings::environment::{self, Clues, Telling};
use crate::settings::{self, EnvironmentBlock, Settings, Workspace, process_environment};
use crate::source::SourceId;
use crate::waiver::{ModuleFiles, Waived};

/// A target whose files are read.
pub(super) struct Prepared<'a> {
    target: &'a Target,
    inputs: Inputs,
    source: Option<SourceId>,
    errors: Vec<Error>,
    elapsed: Duration,
}

/// A target that was looked at.
pub(super) struct Looked {
    pub plan: Option<Plan>,
    pub environment: Environment,
    pub telling: Telling,
    pub inputs: Vec<PathBuf>,
    pub texts: Vec<Text>,
    pub modules: Vec<ModuleFiles>,
    pub settings: Option<Arc<Settings>>,
    /// The folder of its root module and the variables files that were read besides those that Terraform loads itself.
    pub root: Option<(PathBuf, Vec<PathBuf>)>,
    /// The folder that sources were read from.
    pub folder: Option<PathBuf>,
    /// The sources beside a plan.
    pub sourced: Option<Sourced>,
    /// The plan or state.
    pub evidence: Option<PathBuf>,
    pub waived: Waived,
    pub errors: Vec<Error>,
    pub elapsed: Duration,
}

/// Each root is parsed once, however many environments it has.
pub(super) fn load(targets: &[Target], loader: &Loader) -> BTreeMap<PathBuf, Arc<Config>> {
    let mut configs = BTreeMap::new();
    for target in targets {
        if let Target::Root { folder, .. } = target {
            configs
                .entry(folder.clone())
                .or_insert_with(|| Arc::new(loader.load(folder)));
        }
    }
    configs
}

impl Run<'_> {
    pub(super) fn prepare<'t>(&self, target: &'t Target) -> Prepared<'t> {
        let start = Instant::now();
        let sources = &self.readers.sources;
        let mut errors = Vec::new();
        let (inputs, source) = match target {
            Target::Root {
                folder, var_files, ..
            } => {
                let given = &self.arguments.inputs;
                let environment = process_environment();
                (
                    settings::inputs(folder, var_files, given, environment, sources, &mut errors),
                    None,
                )
            }
            Target::Evidence {
                path,
                content: Content::Text(text, _),
            } => (
                Inputs::default(),
                Some(sources.add(path.clone(), text.clone())),
            ),
            Target::Evidence { .. } => (Inputs::default(), None),
        };
        Prepared {
            target,
            inputs,
            source,
            errors,
            elapsed: start.elapsed(),
        }
    }

    pub(super) fn look(&self, prepared: Prepared<'_>) -> Looked {
        match prepared.target {
            Target::Root {
                folder,
                var_files,
                environment,
            } => self.root(folder, var_files, environment.as_ref(), prepared),
            Target::Evidence { path, content } => self.evidence(path, content, prepared),
        }
    }

    fn root(
        &self,
        folder: &Path,
        var_files: &[PathBuf],
        block: Option<&Arc<EnvironmentBlock>>,
        prepared: Prepared<'_>,
    ) -> Looked {
        let config = &self.configs[folder];
        let given = &self.arguments.inputs;
        let settings = self.readers.settings.of(folder);
        let used: Vec<PathBuf> = var_files.iter().chain(&given.var_files).cloned().collect();
        let here = workspace(given, folder);
        let matching = || settings.as_ref()?.matching(folder, &used, &here.name);
        let block = block.or_else(matching);
        let named = block.and_then(|block| block.workspace.as_deref());
        let workspace = match named {
            Some(named) if given.workspace.is_none() => Workspace::named(named),
            _ => here,
        };
        let evaluate = |secret_variables| {
            let options = Options {
                secret_variables,
                ..options(folder, workspace.clone(), Mode::Judging)
            };
            let inputs = prepared.inputs.clone();
            Evaluation::new(config, Arc::clone(&self.readers.sources), inputs, options)
        };
        let (evaluation, plan) = match self.purpose {
            Purpose::Judge => {
                let evaluation = evaluate(BTreeSet::new());
                let plan = flow::plan(&evaluation);
                (evaluation, plan)
            }
            Purpose::Tell => flow::shown(evaluate),
        };
        let files = evaluation.inputs().files.iter();
        let mut inputs: Vec<PathBuf> = files
            .map(|file| self.readers.sources.file(*file).path().to_path_buf())
            .collect();
        if inputs.is_empty() {
            inputs.push(folder.to_path_buf());
        }
        let clues = Clues {
            named: self.arguments.environment.as_deref(),
            block: block.map(AsRef::as_ref),
            settings: settings.as_deref(),
            var_file: var_files
                .last()
                .or(given.var_files.last())
                .map(PathBuf::as_path),
            workspace: evaluation.workspace(),
        };
        let (environment, telling) = environment::of(Some(&plan), &clues);
        Looked {
            environment,
            telling,
            inputs,
            texts: texts(&evaluation),
            modules: modules(&evaluation),
            settings,
            root: Some((folder.to_path_buf(), used)),
            folder: Some(folder.to_path_buf()),
            sourced: None,
            evidence: None,
            waived: Waived::default(),
            plan: Some(plan),
            errors: prepared.errors,
            elapsed: prepared.elapsed,
        }
    }

    fn evidence(&self, path: &Path, content: &Content, prepared: Prepared<'_>) -> Looked {
        let mut errors = prepared.errors;
        let text = prepared.source.map(|source| Text {
            source,
            kind: TextKind::Evidence,
        });
        let mut texts: Vec<Text> = text.into_iter().collect();
        let (read, ()) = rayon::join(
            || Evidence::read(path, content, &self.readers.sources),
            || self.look_for_credentials(&texts),
        );
        let mut workspace = String::new();
        let mut beside = Beside::default();
        let plan = match read {
            Ok(evidence) => {
                workspace.clone_from(&evidence.workspace);
                texts.extend(evidence.states.iter().map(|(name, state)| Text {
                    source: self.readers.sources.add(path.join(name), state.clone()),
                    kind: TextKind::Evidence,
                }));
                let (plan, of_sources) = self.with_sources(evidence, path);
                beside = of_sources;
                Some(plan)
            }
            Err(error) => {
                errors.push(error);
                None
            }
        };
        errors.append(&mut beside.errors);
        texts.append(&mut beside.texts);
        let settings = self.settings_of_evidence(path);
        let clues = Clues {
            named: self.arguments.environment.as_deref(),
            block: None,
            settings: settings.as_deref(),
            var_file: None,
            workspace: &workspace,
        };
        let (environment, telling) = environment::of(plan.as_ref(), &clues);
        let inputs = std::iter::once(path.to_path_buf()).chain(beside.inputs);
        Looked {
            plan,
            environment,
            telling,
            inputs: inputs.collect(),
            texts,
            modules: beside.modules,
            settings,
            root: None,
            folder: beside.folder,
            sourced: beside.sourced,
            evidence: Some(path.to_path_buf()),
            waived: Waived::default(),
            errors,
            elapsed: prepared.elapsed,
        }
    }

    /// Those of the sources, or else those above the plan or state.
    fn settings_of_evidence(&self, path: &Path) -> Option<Arc<Settings>> {
        let folder = self.arguments.source.as_deref().unwrap_or(Path::new("."));
        let beside = path
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty());
        let settings = &self.readers.settings;
        settings.of(folder).or_else(|| settings.of(beside?))
    }

    /// What rules ask of a text before anything else is read of it. They find it known.
    fn look_for_credentials(&self, texts: &[Text]) {
        if matches!(self.purpose, Purpose::Judge) {
            for text in texts {
                self.credentials.of(*text, &self.readers.sources);
            }
        }
    }
}

pub(super) fn modules(evaluation: &Evaluation) -> Vec<ModuleFiles> {
    let modules = evaluation.root().config.modules().into_iter();
    let files = |config: &Config| config.module.files.clone();
    modules
        .map(|(path, config)| ModuleFiles {
            path,
            origin: config.origin,
            files: files(config),
        })
        .collect()
}

pub(super) fn texts(evaluation: &Evaluation) -> Vec<Text> {
    let modules = evaluation.root().config.modules();
    let configuration = modules.iter().flat_map(|(_, config)| &config.module.files);
    let configuration = configuration.map(|file| Text {
        source: *file,
        kind: TextKind::Configuration,
    });
    let variables = evaluation.inputs().files.iter();
    let variables = variables.map(|file| Text {
        source: *file,
        kind: TextKind::Variables,
    });
    // What others test their modules with is theirs.
    let own = modules
        .iter()
        .filter(|(_, config)| config.origin == Origin::Own);
    let tested = own.flat_map(|(_, config)| &config.module.tests);
    let tested = tested.map(|file| Text {
        source: *file,
        kind: TextKind::Tests,
    });
    let mut texts: Vec<Text> = configuration.chain(variables).chain(tested).collect();
    texts.sort_by_key(|text| text.source);
    texts.dedup();
    texts
}
