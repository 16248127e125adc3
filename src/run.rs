//! The pipeline: discover, load, evaluate, check, report. Everything that a command does, short of printing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use miette::Diagnostic as _;
use rayon::prelude::*;

use crate::address::ModuleInstance;
use crate::check::{self, Checked};
use crate::cli::{CheckArgs, FailOn, InputArgs, Undecided};
use crate::config::{Config, Loader, has_configuration};
use crate::discover::{Content, Target, discover, environment_files};
use crate::error::Error;
use crate::eval::{Assignment, Evaluation, Given, InputError, Inputs, Mode, Options, Undeclared};
use crate::flow;
use crate::join::{self, Difference, join};
use crate::plan::binary::SourceTree;
use crate::plan::detect::Kind;
use crate::plan::{Plan, binary, json, state};
use crate::problem::{Problem, ProblemKind};
use crate::provider::Providers;
use crate::report::{EnvironmentSummary, ErrorKind, Report, ReportedError};
use crate::rule::{Environment, Level, Text, TextKind, Verdict};
use crate::rules;
use crate::settings;
use crate::source::{SourceId, Sources};

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
const PRODUCTION: [&str; 4] = ["prod", "production", "prd", "live"];

/// Variables that name the environment.
const ENVIRONMENT_VARIABLES: [&str; 3] = ["environment", "env", "stage"];

/// Checks what the arguments name.
pub fn check(arguments: &CheckArgs) -> Report {
    let sources = Arc::new(Sources::default());
    let loader = Loader::new(Arc::clone(&sources));
    let mut report = Report::new(Arc::clone(&sources));
    let found = discover(
        &arguments.paths,
        !arguments.inputs.var_files.is_empty(),
        &loader,
    );
    found
        .errors
        .iter()
        .flat_map(reported)
        .for_each(|error| report.error(error));
    let run = Run {
        arguments,
        sources: &sources,
        loader: &loader,
        configs: load(&found.targets, &loader),
    };
    // One after the other: the numbers of files, and with them every order that depends on them, stay the same.
    let prepared: Vec<Prepared> = found
        .targets
        .iter()
        .map(|target| run.prepare(target))
        .collect();
    let rules = if prepared.is_empty() {
        Vec::new()
    } else {
        rules::with_settings()
    };
    let mut looked: Vec<(Looked, Checked)> = prepared
        .into_par_iter()
        .map(|prepared| {
            let start = Instant::now();
            let mut looked = run.look(prepared);
            let mut checked = match &looked.plan {
                Some(plan) => {
                    check::check(plan, &looked.environment, &rules, &looked.texts, &sources)
                }
                None => Checked::default(),
            };
            if arguments.undecided == Undecided::Allow {
                checked
                    .findings
                    .retain(|one| one.verdict != Verdict::Undecided);
            }
            looked.elapsed += start.elapsed();
            (looked, checked)
        })
        .collect();
    tell_apart(&mut looked);
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
            assumed: looked.assumed,
            resources: plan.resources().len(),
            outcomes: checked.outcomes.clone(),
            unread: plan.problems.iter().filter(|one| is_unread(one)).count(),
            elapsed: looked.elapsed,
        };
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
    let loader = Loader::new(Arc::clone(&sources));
    let mut report = Report::new(Arc::clone(&sources));
    let paths: Vec<PathBuf> = path.map(Path::to_path_buf).into_iter().collect();
    let found = discover(&paths, !inputs.var_files.is_empty(), &loader);
    let mut errors = found.errors;
    let plan = match found.targets.first() {
        Some(Target::Root { folder, var_file }) => {
            // A folder that holds several environments is shown without any of their files.
            let var_file = if found.targets.len() == 1 {
                var_file.as_deref()
            } else {
                None
            };
            let given = settings::inputs(
                folder,
                var_file,
                inputs,
                process_environment(),
                &sources,
                &mut errors,
            );
            let config = Arc::new(loader.load(folder));
            let evaluation = evaluation(folder, given, inputs, &config, &sources, Mode::Terraform);
            Some(Shown {
                plan: flow::plan(&evaluation),
                config: Some(config),
            })
        }
        Some(Target::Evidence { path, content }) => match Evidence::read(path, content) {
            Ok(evidence) => Some(Shown {
                plan: evidence.plan,
                config: None,
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

/// What `show` prints.
#[derive(Debug)]
pub struct Shown {
    /// The plan.
    pub plan: Plan,
    /// The configuration that it was evaluated from.
    pub config: Option<Arc<Config>>,
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

struct Run<'a> {
    arguments: &'a CheckArgs,
    sources: &'a Arc<Sources>,
    loader: &'a Loader,
    configs: BTreeMap<PathBuf, Arc<Config>>,
}

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
            configs
                .entry(folder.clone())
                .or_insert_with(|| Arc::new(loader.load(folder)));
        }
    }
    configs
}

impl Run<'_> {
    fn prepare<'t>(&self, target: &'t Target) -> Prepared<'t> {
        let start = Instant::now();
        let mut errors = Vec::new();
        let (inputs, source) = match target {
            Target::Root { folder, var_file } => {
                let given = &self.arguments.inputs;
                let environment = process_environment();
                let sources = self.sources;
                (
                    settings::inputs(
                        folder,
                        var_file.as_deref(),
                        given,
                        environment,
                        sources,
                        &mut errors,
                    ),
                    None,
                )
            }
            Target::Evidence {
                path,
                content: Content::Text(text, _),
            } => (
                Inputs::default(),
                Some(self.sources.add(path.clone(), Arc::clone(text))),
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
            Target::Root { folder, var_file } => self.root(folder, var_file.as_deref(), prepared),
            Target::Evidence { path, content } => self.evidence(path, content, prepared),
        }
    }

    fn root(&self, folder: &Path, var_file: Option<&Path>, prepared: Prepared<'_>) -> Looked {
        let config = &self.configs[folder];
        let given = &self.arguments.inputs;
        let evaluation = evaluation(
            folder,
            prepared.inputs,
            given,
            config,
            self.sources,
            Mode::Judging,
        );
        let plan = flow::plan(&evaluation);
        let files = evaluation.inputs().files.iter();
        let mut inputs: Vec<PathBuf> = files
            .map(|file| self.sources.file(*file).path().to_path_buf())
            .collect();
        if inputs.is_empty() {
            inputs.push(folder.to_path_buf());
        }
        let named = self.arguments.inputs.var_files.last().map(PathBuf::as_path);
        let stem = var_file.or(named).and_then(file_stem);
        let (environment, assumed) =
            self.environment(&plan, stem.as_deref(), evaluation.workspace());
        Looked {
            environment,
            assumed,
            inputs,
            texts: texts(&evaluation),
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
        let mut inputs = vec![path.to_path_buf()];
        let mut workspace = String::new();
        let plan = match Evidence::read(path, content) {
            Ok(evidence) => {
                workspace.clone_from(&evidence.workspace);
                Some(self.with_sources(evidence, path, &mut inputs, &mut texts, &mut errors))
            }
            Err(error) => {
                errors.push(error);
                None
            }
        };
        let (environment, assumed) = match &plan {
            Some(plan) => self.environment(plan, None, &workspace),
            None => (
                Environment {
                    name: "default".into(),
                    production: true,
                },
                true,
            ),
        };
        Looked {
            plan,
            environment,
            assumed,
            inputs,
            texts,
            errors,
            elapsed: prepared.elapsed,
        }
    }

    /// Joins a plan with the sources that were named for it, or with those of the current folder if it was made from
    /// them, or with those that it carries.
    fn with_sources(
        &self,
        evidence: Evidence,
        path: &Path,
        inputs: &mut Vec<PathBuf>,
        texts: &mut Vec<Text>,
        errors: &mut Vec<Error>,
    ) -> Plan {
        let Evidence {
            plan: planned,
            carried,
            workspace,
        } = evidence;
        let here = Path::new(".");
        let named = self.arguments.source.as_deref();
        if named.is_some() && !join::is_possible(&planned) {
            errors.push(Error::NothingToJoin {
                path: path.to_path_buf(),
            });
            return planned;
        }
        let mut joined = |evaluation: Arc<Evaluation>, written: Plan, planned: Plan| {
            texts.extend(self::texts(&evaluation));
            join(planned, written)
        };
        if let Some(folder) = named
            .or_else(|| (join::is_possible(&planned) && has_configuration(here)).then_some(here))
        {
            if !has_configuration(folder) {
                let (plan, folder) = (path.to_path_buf(), folder.to_path_buf());
                let difference = "it holds no configuration".to_owned();
                errors.push(Error::NotItsSources {
                    plan,
                    folder,
                    difference,
                });
                return planned;
            }
            let evaluation = self.evaluate_for(&planned, self.loader, folder, &workspace);
            let written = flow::plan(&evaluation);
            let difference = Difference::between(&planned, &written);
            if difference.is_empty() {
                inputs.push(folder.to_path_buf());
                return joined(evaluation, written, planned);
            }
            if named.is_some() {
                let (plan, folder) = (path.to_path_buf(), folder.to_path_buf());
                errors.push(Error::NotItsSources {
                    plan,
                    folder,
                    difference: difference.to_string(),
                });
                return planned;
            }
        }
        let Some(tree) = carried.filter(|tree| !tree.files.is_empty()) else {
            return planned;
        };
        let loader = Loader::in_memory(Arc::clone(self.sources), tree.files, path.to_path_buf());
        let evaluation = self.evaluate_for(&planned, &loader, &tree.root, &workspace);
        let written = flow::plan(&evaluation);
        joined(evaluation, written, planned)
    }

    /// Evaluates sources with the variables of a plan. Where a variables file of the root gives the same values, it is
    /// taken for what the plan was made with, so that findings point into it.
    fn evaluate_for(
        &self,
        planned: &Plan,
        loader: &Loader,
        folder: &Path,
        workspace: &str,
    ) -> Arc<Evaluation> {
        let config = Arc::new(loader.load(folder));
        let given = &self.arguments.inputs;
        let evaluate = |inputs: Inputs| {
            let workspace = given
                .workspace
                .as_deref()
                .or(Some(workspace))
                .filter(|name| !name.is_empty());
            let mut options = Options::new(folder.to_path_buf());
            if let Some(workspace) = workspace {
                options.workspace = workspace.into();
            }
            Evaluation::new(&config, Arc::clone(self.sources), inputs, options)
        };
        let of_plan: Vec<(Arc<str>, Assignment)> = planned
            .variables
            .iter()
            .filter(|((module, _), _)| *module == ModuleInstance::root())
            .map(|((_, name), variable)| {
                let assignment = Assignment {
                    given: Given::Value(variable.value.clone()),
                    span: None,
                    set_by: "plan".to_owned(),
                    undeclared: Undeclared::Ignore,
                };
                (Arc::clone(name), assignment)
            })
            .collect();
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
                let file = file.map(PathBuf::as_path);
                let inputs = settings::inputs(
                    folder,
                    file,
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

    /// The environment: as named, as a variable says, as the variables file is called, or as the workspace is.
    /// If none tells, the rules for production apply.
    fn environment(&self, plan: &Plan, stem: Option<&str>, workspace: &str) -> (Environment, bool) {
        let by_variable = || {
            ENVIRONMENT_VARIABLES.iter().find_map(|name| {
                let value = &plan.variable(name)?.value;
                let name = value
                    .as_str()
                    .filter(|name| !name.is_empty() && value.marks().is_empty());
                name.map(str::to_owned)
            })
        };
        let named = self.arguments.environment.clone();
        // A file need not be called after an environment: `values`, `common`.
        let by_file = || stem.filter(|stem| is_environment(stem)).map(str::to_owned);
        let by_workspace =
            || Some(workspace.to_owned()).filter(|name| !name.is_empty() && name != "default");
        match named
            .or_else(by_variable)
            .or_else(by_file)
            .or_else(by_workspace)
        {
            Some(name) => {
                let production = is_production(&name);
                (
                    Environment {
                        name: name.into(),
                        production,
                    },
                    false,
                )
            }
            None => (
                Environment {
                    name: "default".into(),
                    production: true,
                },
                true,
            ),
        }
    }
}

/// Words by which environments are called that are not production.
const OTHERS: [&str; 25] = [
    "dev",
    "devel",
    "develop",
    "development",
    "local",
    "test",
    "testing",
    "tst",
    "qa",
    "uat",
    "int",
    "integration",
    "ci",
    "staging",
    "stage",
    "stg",
    "preprod",
    "nonprod",
    "sandbox",
    "sbx",
    "demo",
    "preview",
    "perf",
    "playground",
    "acceptance",
];

/// Whether a name says production, as a word of it: `prod-eu`, but not `non-prod`.
fn is_production(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let words: Vec<&str> = name.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    let negated = |at: usize| at > 0 && matches!(words[at - 1], "non" | "not" | "pre" | "no");
    words.iter().enumerate().any(|(at, word)| {
        PRODUCTION.contains(&word.trim_end_matches(|c: char| c.is_ascii_digit())) && !negated(at)
    })
}

/// Whether a name is one that environments have.
fn is_environment(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let mut words = lower.split(|c: char| !c.is_ascii_alphanumeric());
    is_production(name)
        || words.any(|word| {
            let word = word.trim_end_matches(|c: char| c.is_ascii_digit());
            OTHERS.contains(&word) || PRODUCTION.contains(&word)
        })
}

/// Environments of one name are named by what they were made from as well.
fn tell_apart(looked: &mut [(Looked, Checked)]) {
    let mut count: BTreeMap<Arc<str>, usize> = BTreeMap::new();
    for (one, _) in looked.iter() {
        *count.entry(Arc::clone(&one.environment.name)).or_default() += 1;
    }
    for (one, _) in looked {
        if count[&one.environment.name] > 1
            && let Some(input) = one.inputs.first()
        {
            one.environment.name =
                format!("{} ({})", one.environment.name, crate::report::shown(input)).into();
        }
    }
}

/// A plan or state, with what else its file tells.
struct Evidence {
    plan: Plan,
    /// Sources that came in the same file.
    carried: Option<SourceTree>,
    workspace: String,
}

impl Evidence {
    fn read(path: &Path, content: &Content) -> Result<Self, Error> {
        let providers = Arc::new(Providers::default());
        let alone = |plan| Self {
            plan,
            carried: None,
            workspace: String::new(),
        };
        let read = match content {
            Content::Text(text, Kind::State | Kind::StateJson | Kind::EncryptedState) => {
                state::read(text, path, &providers).map(alone)
            }
            Content::Text(text, _) => json::read(text, path, &providers).map(alone),
            Content::Binary(bytes) => binary::read(bytes, path, &providers).map(|read| Self {
                plan: read.plan,
                carried: Some(read.sources),
                workspace: read.workspace,
            }),
        };
        read.map_err(|error| Error::Plan(Box::new(error)))
    }
}

fn process_environment() -> impl Iterator<Item = (String, String)> {
    let variables = std::env::vars_os();
    variables
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

fn evaluation(
    folder: &Path,
    inputs: Inputs,
    arguments: &InputArgs,
    config: &Arc<Config>,
    sources: &Arc<Sources>,
    mode: Mode,
) -> Arc<Evaluation> {
    let mut options = Options {
        mode,
        ..Options::new(folder.to_path_buf())
    };
    if let Some(workspace) = &arguments.workspace {
        options.workspace = workspace.as_str().into();
    }
    Evaluation::new(config, Arc::clone(sources), inputs, options)
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

/// An error as the report shows it; each syntax error of a variables file has a place of its own.
fn reported(error: &Error) -> Vec<ReportedError> {
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

#[cfg(test)]
mod tests {
    use super::{is_environment, is_production};

    #[test]
    fn production_is_a_word_of_the_name() {
        for name in [
            "prod",
            "Production",
            "live",
            "prd",
            "prod-eu",
            "eu_prod",
            "production2",
        ] {
            assert!(is_production(name) && is_environment(name), "{name}");
        }
        for name in [
            "non-prod",
            "preprod",
            "pre-prod",
            "staging",
            "dev",
            "product-api",
            "blue",
        ] {
            assert!(!is_production(name), "{name}");
        }
        assert!(is_environment("staging-2") && is_environment("pre-prod"));
        assert!(!is_environment("values") && !is_environment("common"));
    }
}
