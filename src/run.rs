//! The pipeline: discover, load, evaluate, check, report. Everything that a command does, short of printing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rayon::prelude::*;

use crate::check::{self, Checked};
use crate::cli::{CheckArgs, FailOn, InputArgs, Undecided};
use crate::config::{Config, Loader};
use crate::discover::{Target, discover};
use crate::error::Error;
use crate::eval::{Evaluation, Mode, Options};
use crate::flow;
use crate::plan::{self, Plan};
use crate::problem::{Problem, ProblemKind};
use crate::report::{EnvironmentSummary, Report, ReportedError};
use crate::rule::{Environment, Level, Text, TextKind, Verdict};
use crate::rules;
use crate::settings;
use crate::source::Sources;

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

/// Names of environments that are production.
const PRODUCTION: [&str; 3] = ["prod", "production", "live"];

/// Checks what the arguments name.
pub fn check(arguments: &CheckArgs) -> Report {
    let sources = Arc::new(Sources::default());
    let loader = Loader::new(Arc::clone(&sources));
    let mut report = Report::new(Arc::clone(&sources));
    let found = discover(&arguments.paths, &loader);
    report.errors.extend(found.errors.iter().map(reported));
    let run = Run { arguments, sources: &sources, loader: &loader, configs: load(&found.targets, &loader) };
    let rules = rules::with_settings();
    let checked: Vec<(Looked, Checked)> = found
        .targets
        .par_iter()
        .map(|target| {
            let mut looked = run.look(target);
            let start = Instant::now();
            let checked = match &looked.plan {
                Some(plan) => check::check(plan, &looked.environment, &rules, &looked.texts, &sources),
                None => Checked::default(),
            };
            looked.elapsed += start.elapsed();
            (looked, checked)
        })
        .collect();
    for (looked, checked) in checked {
        report.errors.extend(looked.errors.iter().map(reported));
        let Some(plan) = looked.plan else { continue };
        let unread = plan.problems.iter().filter(|one| is_unread(one)).count();
        let summary = EnvironmentSummary {
            name: Arc::clone(&looked.environment.name),
            inputs: looked.inputs,
            production: looked.environment.production,
            assumed: looked.assumed,
            resources: plan.resources().len(),
            outcomes: checked.outcomes.clone(),
            unread,
            elapsed: looked.elapsed,
        };
        report.add(summary, checked, plan.problems);
    }
    report
}

/// Evaluates one target for `show`: as Terraform would know it, not as it will be.
///
/// # Errors
/// When there is nothing to evaluate, or more than one thing.
pub fn show(path: Option<&Path>, inputs: &InputArgs) -> Result<(Plan, Vec<Error>, Arc<Sources>), Vec<Error>> {
    let sources = Arc::new(Sources::default());
    let loader = Loader::new(Arc::clone(&sources));
    let paths: Vec<PathBuf> = path.map(Path::to_path_buf).into_iter().collect();
    let found = discover(&paths, &loader);
    let Some(target) = found.targets.first() else { return Err(found.errors) };
    let mut errors = found.errors;
    let plan = match target {
        Target::Root { folder, var_file } => {
            // A folder that holds several environments is shown without any of their files.
            let var_file = if found.targets.len() == 1 { var_file.as_deref() } else { None };
            let config = Arc::new(loader.load(folder));
            let evaluation = evaluation(folder, var_file, inputs, config, &sources, Mode::Terraform, &mut errors);
            flow::plan(&evaluation)
        }
        Target::Evidence { path, bytes } => match plan::read(bytes, path) {
            Ok(plan) => plan,
            Err(error) => return Err(vec![Error::Plan(Box::new(error))]),
        },
    };
    Ok((plan, errors, sources))
}

/// The exit code of a report.
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
    if !report.errors.is_empty() {
        return ExitCode::Unreadable;
    }
    if report.environments.is_empty() || report.environments.iter().any(|one| one.rules() == 0) {
        return ExitCode::Nothing;
    }
    let found = report.findings.iter().map(|one| &one.finding);
    let failed = found.clone().any(|one| one.level >= floor && fails(one.verdict));
    if failed { ExitCode::Findings } else { ExitCode::Holds }
}

struct Run<'a> {
    arguments: &'a CheckArgs,
    sources: &'a Arc<Sources>,
    loader: &'a Loader,
    configs: BTreeMap<PathBuf, Arc<Config>>,
}

/// A target that was looked at.
struct Looked {
    plan: Option<Plan>,
    environment: Environment,
    assumed: bool,
    inputs: Vec<PathBuf>,
    texts: Vec<Text>,
    errors: Vec<Error>,
    elapsed: Duration,
}

/// Each root is parsed once, however many environments it has.
fn load(targets: &[Target], loader: &Loader) -> BTreeMap<PathBuf, Arc<Config>> {
    let mut configs = BTreeMap::new();
    for target in targets {
        if let Target::Root { folder, .. } = target {
            configs.entry(folder.clone()).or_insert_with(|| Arc::new(loader.load(folder)));
        }
    }
    configs
}

impl Run<'_> {
    fn look(&self, target: &Target) -> Looked {
        let start = Instant::now();
        let mut looked = match target {
            Target::Root { folder, var_file } => self.root(folder, var_file.as_deref()),
            Target::Evidence { path, bytes } => self.evidence(path, bytes),
        };
        looked.elapsed = start.elapsed();
        looked
    }

    fn root(&self, folder: &Path, var_file: Option<&Path>) -> Looked {
        let mut errors = Vec::new();
        let config = Arc::clone(&self.configs[folder]);
        let arguments = &self.arguments.inputs;
        let evaluation =
            evaluation(folder, var_file, arguments, config, self.sources, Mode::Judging, &mut errors);
        let plan = flow::plan(&evaluation);
        let texts = texts(&evaluation);
        let mut inputs: Vec<PathBuf> =
            evaluation.inputs().files.iter().map(|file| self.sources.file(*file).path().to_path_buf()).collect();
        if inputs.is_empty() {
            inputs.push(folder.to_path_buf());
        }
        let stem = var_file.and_then(file_stem);
        let (environment, assumed) = self.environment(&plan, stem.as_deref(), &evaluation.workspace());
        Looked { plan: Some(plan), environment, assumed, inputs, texts, errors, elapsed: Duration::ZERO }
    }

    fn evidence(&self, path: &Path, bytes: &Arc<[u8]>) -> Looked {
        let read = plan::read(bytes, path);
        let mut errors = Vec::new();
        let plan = match read {
            Ok(plan) => Some(plan),
            Err(error) => {
                errors.push(Error::Plan(Box::new(error)));
                None
            }
        };
        let _ = self.loader;
        let (environment, assumed) = match &plan {
            Some(plan) => self.environment(plan, None, ""),
            None => (Environment { name: "".into(), production: true }, true),
        };
        let text = crate::source::decode(bytes.to_vec());
        let source = self.sources.add(path.to_path_buf(), text);
        let texts = vec![Text { source, kind: TextKind::Evidence }];
        let inputs = vec![path.to_path_buf()];
        Looked { plan, environment, assumed, inputs, texts, errors, elapsed: Duration::ZERO }
    }

    /// The environment: as named, as a variable says, as the variables file is called, or as the workspace is.
    /// If none tells, the rules for production apply.
    fn environment(&self, plan: &Plan, stem: Option<&str>, workspace: &str) -> (Environment, bool) {
        let by_variable = || {
            ["environment", "env", "stage"].iter().find_map(|name| {
                let value = &plan.variable(name)?.value;
                value.as_str().filter(|name| !name.is_empty() && value.marks().is_empty()).map(str::to_owned)
            })
        };
        let named = self.arguments.environment.clone();
        let by_file = || stem.map(str::to_owned);
        let by_workspace = || Some(workspace.to_owned()).filter(|name| !name.is_empty() && name != "default");
        match named.or_else(by_variable).or_else(by_file).or_else(by_workspace) {
            Some(name) => {
                let production = PRODUCTION.contains(&name.to_ascii_lowercase().as_str());
                (Environment { name: name.into(), production }, false)
            }
            None => (Environment { name: "default".into(), production: true }, true),
        }
    }
}

fn evaluation(
    folder: &Path,
    var_file: Option<&Path>,
    arguments: &InputArgs,
    config: Arc<Config>,
    sources: &Arc<Sources>,
    mode: Mode,
    errors: &mut Vec<Error>,
) -> Arc<Evaluation> {
    let environment = std::env::vars_os().filter_map(|(name, value)| {
        Some((name.into_string().ok()?, value.into_string().ok()?))
    });
    let inputs = settings::inputs(folder, var_file, arguments, environment, sources, errors);
    let mut options = Options { mode, ..Options::new(folder.to_path_buf()) };
    if let Some(workspace) = &arguments.workspace {
        options.workspace = workspace.as_str().into();
    }
    Evaluation::new(config, Arc::clone(sources), inputs, options)
}

fn texts(evaluation: &Evaluation) -> Vec<Text> {
    let modules = evaluation.root().config.modules();
    let configuration = modules.iter().flat_map(|(_, config)| &config.module.files);
    let configuration = configuration.map(|file| Text { source: *file, kind: TextKind::Configuration });
    let variables = evaluation.inputs().files.iter().map(|file| Text { source: *file, kind: TextKind::Variables });
    let mut texts: Vec<Text> = configuration.chain(variables).collect();
    texts.sort_by_key(|text| text.source);
    texts.dedup();
    texts
}

fn file_stem(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    Some(name.split('.').next().unwrap_or(name).to_owned())
}

fn is_unread(problem: &Problem) -> bool {
    matches!(problem.kind, ProblemKind::Unread | ProblemKind::Unreadable)
}

/// An error as the report shows it. Syntax errors of a variables file have their place.
fn reported(error: &Error) -> ReportedError {
    use miette::Diagnostic as _;
    let span = match error {
        Error::Input(crate::eval::InputError::Syntax { errors, .. }) => errors.first().map(|one| one.span),
        _ => None,
    };
    let detail = match error {
        Error::Input(crate::eval::InputError::Syntax { errors, .. }) => {
            errors.first().map_or_else(String::new, |one| format!(": {}", one.message))
        }
        _ => String::new(),
    };
    ReportedError {
        message: format!("{error}{detail}"),
        help: error.help().map(|help| help.to_string()),
        span,
        address: None,
    }
}
