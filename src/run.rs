//! The pipeline: discover, load, evaluate, check, report. Everything that a command does, short of printing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use miette::Diagnostic as _;
use rayon::prelude::*;

use crate::address::ModuleInstance;
use crate::check::{self, Checked};
use crate::cli::{CheckArgs, FailOn, Format, InputArgs, Undecided, WhyArgs};
use crate::config::{Config, Loader, Origin, Variable, has_configuration};
use crate::coverage::{Coverage, Evaluated};
use crate::discover::{Content, Search, Target, Variables, discover, environment_files};
use crate::error::Error;
use crate::eval::{
    Assignment, Evaluation, Given, InputError, Inputs, Mode, Options, Undeclared, locked_versions,
};
use crate::flow;
use crate::inventory::Inventory;
use crate::join::{self, Difference, join};
use crate::plan::binary::SourceTree;
use crate::plan::detect::Kind;
use crate::plan::{BY_PLAN, Plan, binary, json, state};
use crate::problem::{Problem, ProblemKind};
use crate::provider::Providers;
use crate::report::{EnvironmentSummary, ErrorKind, Report, ReportedError};
use crate::repository::Repositories;
use crate::rule::{
    Chosen, Credentials, Environment, Files, Level, Rule, RuleSettings, Sourced, Surroundings,
    Text, TextKind, Verdict,
};
use crate::rules;
use crate::settings::environment::{self, Clues, Telling};
use crate::settings::{
    self, EnvironmentBlock, Settings, SettingsFiles, Workspace, process_environment,
};
use crate::source::{SharedText, SourceId, Sources, decode};
use crate::waiver::{self, Judging, ModuleFiles, Waived};
use crate::why::{self, Told};

/// What a run comes to, as the process says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitCode {
    /// Everything that must hold holds.
    Holds = 0,
    /// Findings at or above the level to fail on.
    Findings = 1,
    /// Usage, configuration or unreadable input.
    Unreadable = 2,
    /// Nothing was evaluated, or no rule had a subject.
    Nothing = 3,
    /// A defect in tfguard itself.
    Defect = 4,
}

/// Checks what the arguments name.
pub fn check(arguments: &CheckArgs) -> Report {
    let sources = Arc::new(Sources::default());
    let loader = loader(&sources);
    let mut report = Report::new(Arc::clone(&sources));
    let settings = SettingsFiles::new(Arc::clone(&sources));
    let search = Search {
        loader: &loader,
        settings: &settings,
        variables: variables(&arguments.inputs),
        environment: arguments.environment.as_deref(),
    };
    let mut found = discover(&arguments.paths, search);
    (found.errors).extend(without_variables(&found.targets, &arguments.inputs));
    (found.errors).extend(without_source(&found.targets, arguments.source.as_deref()));
    found
        .errors
        .iter()
        .flat_map(reported)
        .for_each(|error| report.error(error));
    let run = Run {
        arguments,
        purpose: Purpose::Judge,
        sources: &sources,
        loader: &loader,
        settings: &settings,
        today: arguments.today.unwrap_or_else(waiver::day::today),
        inventory: inventory(&arguments.inventory, &mut report),
        credentials: Arc::default(),
        repositories: Repositories::of_process(),
        configs: load(&found.targets, &loader),
    };
    // One after the other: the numbers of files, and with them every order that depends on them, stay the same.
    let prepared: Vec<Prepared> = found
        .targets
        .iter()
        .map(|target| run.prepare(target))
        .collect();
    let mut looked: Vec<(Looked, Checked)> = prepared
        .into_par_iter()
        .map(|prepared| run.judge(prepared))
        .collect();
    report_unused(search, &mut looked);
    if arguments.undecided == Undecided::Allow {
        for (_, checked) in &mut looked {
            checked
                .findings
                .retain(|one| one.verdict != Verdict::Undecided);
        }
    }
    tell_apart(&mut looked);
    for problem in settings.all().iter().flat_map(|one| &one.problems) {
        report.error(problem.clone().into());
    }
    let in_use: Vec<&Settings> = looked
        .iter()
        .filter_map(|(one, _)| one.settings.as_deref())
        .collect();
    for note in in_use.into_iter().flat_map(Settings::notes) {
        report.note(note.into());
    }
    for (looked, checked) in looked {
        looked
            .errors
            .iter()
            .flat_map(reported)
            .for_each(|error| report.error(error));
        let Some(plan) = looked.plan else { continue };
        let summary = EnvironmentSummary {
            name: Arc::clone(&looked.environment.name),
            inputs: looked.inputs,
            production: looked.environment.production,
            assumed: looked.telling == Telling::Assumed,
            resources: plan.resources().len(),
            outcomes: checked.outcomes.clone(),
            unread: plan.problems.iter().filter(|one| is_unread(one)).count(),
            elapsed: looked.elapsed,
        };
        for problem in looked.waived.announced {
            report.note(problem.into());
        }
        report.add(summary, checked, &plan);
    }
    report.sort();
    report
}

/// Evaluates one target for `show`: as Terraform would know it, not as it will be.
/// The report has what could not be
/// read.
pub fn show(path: Option<&Path>, inputs: &InputArgs) -> (Option<Shown>, Report) {
    let sources = Arc::new(Sources::default());
    let loader = loader(&sources);
    let mut report = Report::new(Arc::clone(&sources));
    let paths: Vec<PathBuf> = path.map(Path::to_path_buf).into_iter().collect();
    let settings = SettingsFiles::new(Arc::clone(&sources));
    let search = Search {
        loader: &loader,
        settings: &settings,
        variables: variables(inputs),
        environment: None,
    };
    let found = discover(&paths, search);
    for problem in settings.all().iter().flat_map(|one| &one.problems) {
        report.error(problem.clone().into());
    }
    let mut errors = found.errors;
    errors.extend(without_variables(&found.targets, inputs));
    let plan = match found.targets.first() {
        Some(Target::Root {
            folder, var_files, ..
        }) => {
            // A folder that holds several environments is shown without any of their files.
            let var_files = if found.targets.len() == 1 {
                var_files.as_slice()
            } else {
                &[]
            };
            let given = settings::inputs(
                folder,
                var_files,
                inputs,
                process_environment(),
                &sources,
                &mut errors,
            );
            let config = Arc::new(loader.load(folder));
            let workspace = workspace(inputs, folder);
            let (_, plan) = flow::shown(|secret_variables| {
                let options = Options {
                    secret_variables,
                    ..options(folder, workspace.clone(), Mode::Terraform)
                };
                Evaluation::new(&config, Arc::clone(&sources), given.clone(), options)
            });
            Some(Shown {
                plan,
                config: Some(config),
                secrets: BTreeSet::new(),
            })
        }
        Some(Target::Evidence { path, content }) => match Evidence::read(path, content) {
            Ok(evidence) => Some(Shown {
                plan: evidence.plan,
                config: None,
                secrets: secrets_by_sources(path, content, &sources),
            }),
            Err(error) => {
                errors.push(error);
                None
            }
        },
        None => None,
    };
    errors
        .iter()
        .flat_map(reported)
        .for_each(|error| report.error(error));
    if let Some(shown) = &plan {
        report.add_problems(&shown.plan);
    }
    report.sort();
    (plan, report)
}

/// Answers a question about every environment that the arguments name.
pub fn why(arguments: WhyArgs) -> (Vec<Told>, Report) {
    let WhyArgs {
        question,
        path,
        inputs,
        source,
        ..
    } = arguments;
    let arguments = CheckArgs {
        paths: path.into_iter().collect(),
        inputs,
        environment: None,
        today: None,
        inventory: Vec::new(),
        source,
        fail_on: FailOn::Error,
        undecided: Undecided::Fail,
        format: Format::Human,
        quiet: true,
        verbose: false,
    };
    let sources = Arc::new(Sources::default());
    let loader = loader(&sources);
    let mut report = Report::new(Arc::clone(&sources));
    let settings = SettingsFiles::new(Arc::clone(&sources));
    let search = Search {
        loader: &loader,
        settings: &settings,
        variables: variables(&arguments.inputs),
        environment: None,
    };
    let found = discover(&arguments.paths, search);
    let run = Run {
        arguments: &arguments,
        purpose: Purpose::Tell,
        sources: &sources,
        loader: &loader,
        settings: &settings,
        today: waiver::day::today(),
        inventory: None,
        credentials: Arc::default(),
        repositories: Repositories::default(),
        configs: load(&found.targets, &loader),
    };
    let mut errors = found.errors;
    errors.extend(without_variables(&found.targets, &arguments.inputs));
    errors.extend(without_source(&found.targets, arguments.source.as_deref()));
    let mut told = Vec::new();
    for target in &found.targets {
        let mut looked = run.look(run.prepare(target));
        errors.append(&mut looked.errors);
        let Some(plan) = looked.plan else { continue };
        report.add_problems(&plan);
        told.push(Told {
            environment: looked.environment.name,
            inputs: looked.inputs,
            answer: why::answer(&plan, &question),
            plan,
        });
    }
    let errors = errors.iter().flat_map(reported);
    errors.for_each(|error| report.error(error));
    for problem in settings.all().iter().flat_map(|one| &one.problems) {
        report.error(problem.clone().into());
    }
    // What one environment has no name for may be there in another.
    if told.iter().all(|one| one.answer.is_err()) {
        let unknown = told.iter().filter_map(|one| one.answer.as_ref().err());
        for error in unknown.flat_map(reported).collect::<Vec<ReportedError>>() {
            report.error(error);
        }
    }
    report.sort();
    (told, report)
}

/// What `show` prints.
#[derive(Debug)]
pub struct Shown {
    /// The plan.
    pub plan: Plan,
    /// The configuration that it was evaluated from.
    pub config: Option<Arc<Config>>,
    /// Texts in it that are secrets, as the sources tell that it carries.
    pub secrets: BTreeSet<Arc<str>>,
}

/// The secrets in a saved plan that only the sources tell that it carries: what `nonsensitive` was called with.
fn secrets_by_sources(
    path: &Path,
    content: &Content,
    sources: &Arc<Sources>,
) -> BTreeSet<Arc<str>> {
    let Ok(evidence) = Evidence::read(path, content) else {
        return BTreeSet::new();
    };
    let carried = evidence.carried.filter(|tree| !tree.files.is_empty());
    let Some(tree) = carried else {
        return BTreeSet::new();
    };
    let loader = Loader::in_memory(Arc::clone(sources), tree.files, path.to_path_buf());
    let config = Arc::new(loader.load(&tree.root));
    let mut inputs = Inputs::default();
    for (name, assignment) in given_by(&evidence.plan) {
        inputs.assign(&name, assignment);
    }
    let workspace = match evidence.workspace.as_str() {
        "" => "default",
        named => named,
    };
    let options = options(&tree.root, Workspace::named(workspace), Mode::Judging);
    let evaluation = Evaluation::new(&config, Arc::clone(sources), inputs, options);
    join(evidence.plan, flow::plan(&evaluation)).secret_texts()
}

/// What the variables of the root were given when a plan was made.
fn given_by(planned: &Plan) -> Vec<(Arc<str>, Assignment)> {
    let of_root = planned.variables.iter();
    let of_root = of_root.filter(|((module, _), _)| *module == ModuleInstance::root());
    let assigned = of_root.map(|((_, name), variable)| {
        let assignment = Assignment {
            given: Given::Value(variable.value.clone()),
            span: None,
            set_by: BY_PLAN.to_owned(),
            undeclared: Undeclared::Ignore,
        };
        (Arc::clone(name), assignment)
    });
    assigned.collect()
}

/// The exit code of a report. What could not be read weighs more than what was found: a finding that is missing is
/// worse than one that is there.
pub fn exit_code(report: &Report, fail_on: FailOn, undecided: Undecided) -> ExitCode {
    let floor = match fail_on {
        FailOn::Info => Level::Info,
        FailOn::Warning => Level::Warning,
        FailOn::Error => Level::Error,
    };
    let fails = |verdict| match verdict {
        Verdict::Fail => true,
        Verdict::Undecided => undecided == Undecided::Fail,
        Verdict::Pass | Verdict::Waived => false,
    };
    let of_errors = exit_code_of_errors(report);
    if of_errors == ExitCode::Unreadable {
        return of_errors;
    }
    let mut findings = report.findings.iter().map(|one| &one.finding);
    if findings.any(|one| one.level >= floor && fails(one.verdict)) {
        return ExitCode::Findings;
    }
    let is_empty = report.environments.is_empty()
        || report.environments.iter().any(EnvironmentSummary::is_empty);
    if is_empty {
        return ExitCode::Nothing;
    }
    of_errors
}

/// The exit code as far as it depends on what could not be read.
pub fn exit_code_of_errors(report: &Report) -> ExitCode {
    let is = |kind| report.errors.iter().any(|error| error.kind == kind);
    if is(ErrorKind::Unreadable) {
        ExitCode::Unreadable
    } else if is(ErrorKind::Nothing) {
        ExitCode::Nothing
    } else {
        ExitCode::Holds
    }
}

/// What a plan is made for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// Rules judge it.
    Judge,
    /// Its values are told.
    Tell,
}

struct Run<'a> {
    arguments: &'a CheckArgs,
    purpose: Purpose,
    sources: &'a Arc<Sources>,
    loader: &'a Loader,
    settings: &'a SettingsFiles,
    today: jiff::civil::Date,
    inventory: Option<Inventory>,
    credentials: Arc<Credentials>,
    repositories: Repositories,
    configs: BTreeMap<PathBuf, Arc<Config>>,
}

type RuleSet = Vec<(&'static dyn Rule, RuleSettings)>;

/// A target whose files are read.
struct Prepared<'a> {
    target: &'a Target,
    inputs: Inputs,
    source: Option<SourceId>,
    errors: Vec<Error>,
    elapsed: Duration,
}

/// A target that was looked at.
struct Looked {
    plan: Option<Plan>,
    environment: Environment,
    telling: Telling,
    inputs: Vec<PathBuf>,
    texts: Vec<Text>,
    modules: Vec<ModuleFiles>,
    settings: Option<Arc<Settings>>,
    /// The folder of its root module and the variables files that were read besides those that Terraform loads itself.
    root: Option<(PathBuf, Vec<PathBuf>)>,
    /// The folder that sources were read from.
    folder: Option<PathBuf>,
    /// The sources beside a plan.
    sourced: Option<Sourced>,
    /// The plan or state.
    evidence: Option<PathBuf>,
    waived: Waived,
    errors: Vec<Error>,
    elapsed: Duration,
}

/// Each root is parsed once, however many environments it has.
fn load(targets: &[Target], loader: &Loader) -> BTreeMap<PathBuf, Arc<Config>> {
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
    /// Looks at a target, and gives it the verdicts of all rules and waivers.
    fn judge(&self, prepared: Prepared<'_>) -> (Looked, Checked) {
        let start = Instant::now();
        let mut looked = self.look(prepared);
        let mut checked = Checked::default();
        if let Some(plan) = &looked.plan {
            let rules = rules_of(looked.settings.as_deref());
            let (environment, texts) = (&looked.environment, looked.texts.as_slice());
            checked = check::check(
                plan,
                environment,
                &rules,
                &Surroundings {
                    inventory: self.inventory.as_ref(),
                    credentials: Arc::clone(&self.credentials),
                    files: Some(Files {
                        folder: looked.folder.as_deref(),
                        evidence: looked.evidence.as_deref(),
                        repositories: &self.repositories,
                    }),
                    sourced: looked.sourced.as_ref(),
                    ..Surroundings::of_texts(texts, self.sources)
                },
            );
            let judging = Judging {
                plan,
                environment,
                rules: &rules,
                texts,
                modules: &looked.modules,
                sources: self.sources,
                today: self.today,
            };
            let blocks = looked
                .settings
                .as_deref()
                .map(|settings| settings.waivers.as_slice());
            looked.waived = waiver::waive(&judging, blocks.unwrap_or_default(), &mut checked);
        }
        looked.elapsed += start.elapsed();
        (looked, checked)
    }

    fn prepare<'t>(&self, target: &'t Target) -> Prepared<'t> {
        let start = Instant::now();
        let mut errors = Vec::new();
        let (inputs, source) = match target {
            Target::Root {
                folder, var_files, ..
            } => {
                let given = &self.arguments.inputs;
                let environment = process_environment();
                let sources = self.sources;
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
                Some(self.sources.add(path.clone(), text.clone())),
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

    fn look(&self, prepared: Prepared<'_>) -> Looked {
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
        let settings = self.settings.of(folder);
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
            Evaluation::new(config, Arc::clone(self.sources), inputs, options)
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
            .map(|file| self.sources.file(*file).path().to_path_buf())
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
        let mut texts: Vec<Text> = prepared
            .source
            .map(|source| Text {
                source,
                kind: TextKind::Evidence,
            })
            .into_iter()
            .collect();
        let mut modules = Vec::new();
        let mut source_folder = None;
        let mut sourced = None;
        let mut inputs = vec![path.to_path_buf()];
        let mut workspace = String::new();
        let (read, ()) = rayon::join(
            || Evidence::read(path, content),
            || self.look_for_credentials(&texts),
        );
        let plan = match read {
            Ok(evidence) => {
                workspace.clone_from(&evidence.workspace);
                texts.extend(evidence.states.iter().map(|(name, state)| Text {
                    source: self.sources.add(path.join(name), state.clone()),
                    kind: TextKind::Evidence,
                }));
                let mut beside = Beside {
                    inputs: &mut inputs,
                    folder: &mut source_folder,
                    sourced: &mut sourced,
                    texts: &mut texts,
                    modules: &mut modules,
                    errors: &mut errors,
                };
                Some(self.with_sources(evidence, path, &mut beside))
            }
            Err(error) => {
                errors.push(error);
                None
            }
        };
        let folder = self.arguments.source.as_deref().unwrap_or(Path::new("."));
        let beside = path
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty());
        let settings = self
            .settings
            .of(folder)
            .or_else(|| self.settings.of(beside?));
        let clues = Clues {
            named: self.arguments.environment.as_deref(),
            block: None,
            settings: settings.as_deref(),
            var_file: None,
            workspace: &workspace,
        };
        let (environment, telling) = environment::of(plan.as_ref(), &clues);
        Looked {
            plan,
            environment,
            telling,
            inputs,
            texts,
            modules,
            settings,
            root: None,
            folder: source_folder,
            sourced,
            evidence: Some(path.to_path_buf()),
            waived: Waived::default(),
            errors,
            elapsed: prepared.elapsed,
        }
    }

    /// What rules ask of a text before anything else is read of it. They find it known.
    fn look_for_credentials(&self, texts: &[Text]) {
        if matches!(self.purpose, Purpose::Judge) {
            for text in texts {
                self.credentials.of(*text, self.sources);
            }
        }
    }

    /// Joins a plan with the sources that were named for it, or with those of the current folder if it was made from
    /// them, or with those that it carries.
    fn with_sources(&self, evidence: Evidence, path: &Path, beside: &mut Beside<'_>) -> Plan {
        let Evidence {
            plan: planned,
            carried,
            text,
            workspace,
            ..
        } = evidence;
        let here = Path::new(".");
        let named = self.arguments.source.as_deref();
        if named.is_some() && !join::is_possible(&planned) {
            beside.errors.push(Error::NothingToJoin {
                path: path.to_path_buf(),
            });
            return planned;
        }
        let carried = carried.filter(|tree| !tree.files.is_empty());
        let lock = self.versions(carried.as_ref());
        let own = carried.map(|tree| {
            let sources = Arc::clone(self.sources);
            let loader = Loader::in_memory(sources, tree.files, path.to_path_buf());
            (loader, tree.root)
        });
        if let Some(folder) = named
            .or_else(|| (join::is_possible(&planned) && has_configuration(here)).then_some(here))
        {
            if !has_configuration(folder) {
                let (plan, folder) = (path.to_path_buf(), folder.to_path_buf());
                let difference = "it holds no configuration".to_owned();
                beside.errors.push(Error::NotItsSources {
                    plan,
                    folder,
                    difference,
                });
                return planned;
            }
            let evaluation = self.evaluate_for(&planned, self.loader, folder, &workspace);
            let written = flow::plan(&evaluation);
            let config = &evaluation.root().config;
            let mut difference = Difference::between(&planned, &written)
                .with_variables(&planned, &config.module)
                .with_versions(&lock, evaluation.locked_versions());
            if named.is_some() || join::overlap(&planned, &written) {
                let rewritten = match &own {
                    Some((loader, root)) => {
                        join::rewritten(&loader.load(root), config, self.sources)
                    }
                    None => {
                        let planned = text.and_then(|text| join::configuration(&text));
                        join::otherwise_configured(&planned.unwrap_or_default(), config)
                    }
                };
                difference = difference
                    .with_rewritten(rewritten)
                    .with_rewritten(join::other_values(&planned, &written, config, self.sources));
                *beside.sourced = Some(Sourced {
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
                *beside.folder = Some(folder.to_path_buf());
                beside.add(&evaluation);
                return join(planned, written);
            }
        }
        let Some((loader, root)) = own else {
            return planned;
        };
        let evaluation = self.evaluate_for(&planned, &loader, &root, &workspace);
        let written = flow::plan(&evaluation);
        beside.add(&evaluation);
        join(planned, written)
    }

    /// The versions of providers that a saved plan was made with.
    fn versions(&self, carried: Option<&SourceTree>) -> join::Versions {
        let lock = carried.and_then(|tree| {
            let path = tree.root.join(".terraform.lock.hcl");
            tree.files.get(&path).map(|bytes| (path, bytes.clone()))
        });
        let Some((path, bytes)) = lock else {
            return join::Versions::default();
        };
        let source = self.sources.add(path, decode(bytes));
        locked_versions(source, self.sources.file(source).text())
    }

    /// Evaluates sources with the variables of a plan. Where a variables file of the root gives the same values, it is
    /// taken for what the plan was made with, so that findings point into it.
    fn evaluate_for(
        &self,
        planned: &Plan,
        loader: &Loader,
        folder: &Path,
        planned_in: &str,
    ) -> Arc<Evaluation> {
        let config = Arc::new(loader.load(folder));
        let given = &self.arguments.inputs;
        let evaluate = |inputs: Inputs| {
            let workspace = match (&given.workspace, planned_in) {
                (None, planned_in) if !planned_in.is_empty() => Workspace::named(planned_in),
                _ => workspace(given, folder),
            };
            let options = options(folder, workspace, Mode::Judging);
            Evaluation::new(&config, Arc::clone(self.sources), inputs, options)
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
                let mut ignored = Vec::new();
                let inputs = settings::inputs(
                    folder,
                    file.map(std::slice::from_ref).unwrap_or_default(),
                    given,
                    std::iter::empty(),
                    self.sources,
                    &mut ignored,
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

/// Waivers that no environment needed, where all that they are for were part of the run.
fn report_unused(search: Search<'_>, looked: &mut [(Looked, Checked)]) {
    let coverage = Coverage::new(
        search,
        looked.iter().map(|(one, _)| Evaluated {
            environment: &one.environment.name,
            root: one
                .root
                .as_ref()
                .map(|(folder, files)| (folder.as_path(), files.as_slice())),
            settings: one.settings.as_deref(),
            is_whole: one.plan.as_ref().is_some_and(|plan| {
                one.errors.is_empty()
                    && !plan
                        .problems
                        .iter()
                        .any(|problem| problem.kind == ProblemKind::Unreadable)
            }),
            uses: &one.waived.uses,
        }),
    );
    let mut unused: BTreeMap<usize, Vec<waiver::Use>> = BTreeMap::new();
    for (at, one) in coverage.unused() {
        unused.entry(at).or_default().push(one);
    }
    for (at, unused) in unused {
        let (looked, checked) = &mut looked[at];
        let rules = rules_of(looked.settings.as_deref());
        waiver::report_unused(&unused, &rules, checked);
    }
}

/// Environments of one name are named by what they were made from as well: by what tells them apart, if anything does.
fn tell_apart(looked: &mut [(Looked, Checked)]) {
    let mut alike: BTreeMap<Arc<str>, Vec<usize>> = BTreeMap::new();
    for (at, (one, _)) in looked.iter().enumerate() {
        let name = Arc::clone(&one.environment.name);
        alike.entry(name).or_default().push(at);
    }
    for (name, places) in alike.into_iter().filter(|(_, places)| places.len() > 1) {
        let mut uses: BTreeMap<PathBuf, usize> = BTreeMap::new();
        for input in places.iter().flat_map(|at| &looked[*at].0.inputs) {
            *uses.entry(input.clone()).or_default() += 1;
        }
        for at in places {
            let one = &mut looked[at].0;
            // The last one wins where values differ.
            let own = one.inputs.iter().rev().find(|input| uses[*input] == 1);
            if let Some(input) = own.or(one.inputs.first()) {
                one.environment.name = format!("{name} ({})", crate::report::shown(input)).into();
            }
        }
    }
}

/// A plan or state, with what else its file tells.
pub(crate) struct Evidence {
    pub(crate) plan: Plan,
    /// Sources that came in the same file.
    carried: Option<SourceTree>,
    /// The text of a plan as JSON.
    text: Option<SharedText>,
    /// States that came in the same file, by their names in it.
    states: Vec<(&'static str, SharedText)>,
    workspace: String,
}

impl Evidence {
    pub(crate) fn read(path: &Path, content: &Content) -> Result<Self, Error> {
        let providers = Arc::new(Providers::default());
        let alone = |plan| Self {
            plan,
            carried: None,
            text: None,
            states: Vec::new(),
            workspace: String::new(),
        };
        let read = match content {
            Content::Text(text, Kind::State | Kind::StateJson | Kind::EncryptedState) => {
                state::read(text, path, &providers).map(alone)
            }
            Content::Text(text, _) => json::read(text, path, &providers).map(|plan| Self {
                text: Some(text.clone()),
                ..alone(plan)
            }),
            Content::Binary(bytes) => binary::read(bytes, path, &providers).map(|read| Self {
                plan: with_declared(read.plan, &read.sources, path),
                carried: Some(read.sources),
                text: None,
                states: read.states,
                workspace: read.workspace,
            }),
        };
        read.map_err(|error| Error::Plan(Box::new(error)))
    }
}

/// Reads what lies where Terraform would read it.
pub(crate) fn loader(sources: &Arc<Sources>) -> Loader {
    Loader::new(Arc::clone(sources)).in_data_folder(settings::data_folder(process_environment()))
}

/// A saved plan does not say which of its variables are sensitive: the configuration in it does. One that is declared
/// nowhere there may be.
fn with_declared(mut plan: Plan, carried: &SourceTree, path: &Path) -> Plan {
    let files = carried.files.clone();
    let loader = Loader::in_memory(Arc::default(), files, path.to_path_buf());
    let config = loader.load(&carried.root);
    let declared = &config.module.variables;
    for ((module, name), variable) in &mut plan.variables {
        let is_sensitive = |one: &Variable| one.sensitive;
        variable.sensitive |= module.is_root() && declared.get(name).is_none_or(is_sensitive);
    }
    plan
}

/// The listings that were given; none where there are none, or none that can be used.
pub(crate) fn inventory(files: &[PathBuf], report: &mut Report) -> Option<Inventory> {
    let mut inventory = None;
    for file in files {
        let of_files = inventory.get_or_insert_with(Inventory::default);
        if let Err(error) = of_files.add_file(file) {
            for error in reported(&Error::Inventory(error)) {
                report.error(error);
            }
        }
    }
    inventory
}

/// The workspace that was named, or else the one that Terraform would be in.
pub(crate) fn workspace(inputs: &InputArgs, folder: &Path) -> Workspace {
    match &inputs.workspace {
        Some(name) => Workspace::named(name),
        None => Workspace::selected(folder, process_environment()),
    }
}

pub(crate) fn options(folder: &Path, workspace: Workspace, mode: Mode) -> Options {
    Options {
        mode,
        workspace: workspace.name,
        workspace_problem: workspace.problem,
        ..Options::new(folder.to_path_buf())
    }
}

pub(crate) fn variables(inputs: &InputArgs) -> Variables {
    if inputs.var_files.is_empty() {
        Variables::Found
    } else {
        Variables::Given
    }
}

/// Plans and states have the values that they were made with: variables that are given besides would not be looked at.
pub(crate) fn without_variables(targets: &[Target], inputs: &InputArgs) -> Vec<Error> {
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

fn rules_of(settings: Option<&Settings>) -> RuleSet {
    let rules = rules::with_settings();
    match settings {
        Some(settings) => settings.apply(rules),
        None => rules,
    }
}

/// What the sources of a plan add to it.
struct Beside<'a> {
    inputs: &'a mut Vec<PathBuf>,
    folder: &'a mut Option<PathBuf>,
    sourced: &'a mut Option<Sourced>,
    texts: &'a mut Vec<Text>,
    modules: &'a mut Vec<ModuleFiles>,
    errors: &'a mut Vec<Error>,
}

impl Beside<'_> {
    fn add(&mut self, evaluation: &Evaluation) {
        self.texts.extend(texts(evaluation));
        self.modules.extend(modules(evaluation));
    }
}

fn modules(evaluation: &Evaluation) -> Vec<ModuleFiles> {
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

fn texts(evaluation: &Evaluation) -> Vec<Text> {
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

fn is_unread(problem: &Problem) -> bool {
    matches!(
        problem.kind,
        ProblemKind::Unread | ProblemKind::Unreadable | ProblemKind::Incomplete
    )
}

/// An error as the report shows it; each syntax error of a variables file has a place of its own.
pub(crate) fn reported(error: &Error) -> Vec<ReportedError> {
    let plain = |message: String, help: Option<String>| ReportedError {
        kind: match error {
            Error::NoConfiguration { .. } => ErrorKind::Nothing,
            _ => ErrorKind::Unreadable,
        },
        message,
        help,
        span: None,
        address: None,
    };
    if let Error::Input(InputError::Syntax { errors, .. }) = error {
        let of = |one: &crate::syntax::SyntaxError| ReportedError {
            span: Some(one.span),
            ..plain(one.message.clone(), one.help.clone())
        };
        return errors.iter().map(of).collect();
    }
    vec![plain(
        error.to_string(),
        error.help().map(|help| help.to_string()),
    )]
}
