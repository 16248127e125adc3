//! Evidence, checked by every built-in rule without the command around it.
#![allow(dead_code)] // Each test that includes this file uses some of it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tfguard::check;
use tfguard::cli::{InputArg, InputArgs};
use tfguard::config::Loader;
use tfguard::eval::{Evaluation, Options};
use tfguard::flow;
use tfguard::inventory::Inventory;
use tfguard::join::Difference;
use tfguard::plan::{self, Plan};
use tfguard::provider::Providers;
use tfguard::repository::Repositories;
use tfguard::rule::{
    Chosen, Environment, Files, Finding, Sourced, Surroundings, Text, TextKind, Verdict,
};
use tfguard::rules;
use tfguard::settings::{self, Settings, SettingsFiles};
use tfguard::source::{SharedText, Sources};
use tfguard::waiver::{self, Fate, Judging, ModuleFiles};

/// What checking gave.
pub struct Checked {
    pub sources: Arc<Sources>,
    pub plan: Plan,
    pub findings: Vec<Finding>,
    /// What was searched for credentials.
    pub texts: Vec<Text>,
}

/// What a root is evaluated with.
#[derive(Default)]
pub struct Given {
    pub var_files: Vec<PathBuf>,
    pub vars: Vec<(String, String)>,
    pub environment: Option<String>,
    pub today: Option<String>,
    pub inventories: Vec<PathBuf>,
    /// Whether what git does with the files is part of it.
    pub is_repository: bool,
    /// A plan to be judged with the sources.
    pub plan: Option<PathBuf>,
}

/// The day by which waivers are judged where nothing else is said.
const TODAY: &str = "2026-11-25";

/// What a plan is judged with besides the rules.
#[derive(Default)]
struct Beside<'a> {
    environment: Option<&'a str>,
    settings: Option<Arc<Settings>>,
    modules: Vec<ModuleFiles>,
    today: Option<&'a str>,
    inventory: Option<Inventory>,
    /// The folder of the root module, where it lies in a repository.
    folder: Option<&'a Path>,
    sourced: Option<Sourced>,
}

pub fn root(folder: &Path, given: &Given) -> Checked {
    let sources = Arc::new(Sources::default());
    let config = Arc::new(Loader::new(Arc::clone(&sources)).load(folder));
    let mut errors = Vec::new();
    let nothing = std::iter::empty();
    let files = &given.var_files;
    let inputs = settings::inputs(
        folder,
        files,
        &arguments(given),
        nothing,
        &sources,
        &mut errors,
    );
    assert!(errors.is_empty(), "{errors:?}");
    let options = Options::new(folder.to_path_buf());
    let evaluation = Evaluation::new(&config, Arc::clone(&sources), inputs, options);
    let mut plan = flow::plan(&evaluation);
    let mut joined_with = None;
    if let Some(path) = &given.plan {
        let text: SharedText = std::fs::read_to_string(path).expect("text").into();
        let providers = Arc::new(Providers::packed().clone());
        let planned = plan::json::read(&text, path, &providers).expect("a plan");
        let difference = Difference::between(&planned, &plan);
        let config = &evaluation.root().config;
        let difference = difference.with_variables(&planned, &config.module);
        let configuration = tfguard::join::configuration(&text).unwrap_or_default();
        let difference = difference
            .with_rewritten(tfguard::join::otherwise_configured(&configuration, config))
            .with_rewritten(tfguard::join::other_values(
                &planned, &plan, config, &sources,
            ));
        joined_with = Some(Sourced {
            folder: PathBuf::from("."),
            chosen: Chosen::Named,
            difference: difference.to_string(),
        });
        plan = if difference.may_join() {
            tfguard::join::join(&planned, plan)
        } else {
            planned
        };
    }
    let modules = evaluation.root().config.modules();
    let files = modules.iter().flat_map(|(_, config)| &config.module.files);
    let configuration = files.map(|file| (*file, TextKind::Configuration));
    let variables = evaluation.inputs().files.iter();
    let variables = variables.map(|file| (*file, TextKind::Variables));
    let mut texts: Vec<Text> = configuration
        .chain(variables)
        .map(|(source, kind)| Text { source, kind })
        .collect();
    texts.sort_by_key(|text| text.source);
    texts.dedup();
    let settings = settings_of(folder, &sources);
    let modules = modules.into_iter().map(|(path, config)| ModuleFiles {
        path,
        origin: config.origin,
        files: config.module.files.clone(),
    });
    let beside = Beside {
        environment: given.environment.as_deref(),
        settings,
        modules: modules.collect(),
        today: given.today.as_deref(),
        inventory: inventory(&given.inventories),
        folder: given.is_repository.then_some(folder),
        sourced: joined_with,
    };
    checked(sources, plan, &texts, &beside)
}

/// The variables of a command line.
fn arguments(given: &Given) -> InputArgs {
    let vars = given.vars.iter();
    let vars = vars.map(|(name, value)| InputArg::Var(format!("{name}={value}")));
    InputArgs {
        vars: Vec::new(),
        var_files: Vec::new(),
        ordered: vars.collect(),
        workspace: None,
    }
}

pub fn plan_json(text: &str, environment: Option<&str>) -> Checked {
    plan_json_with(text, environment, &[])
}

/// A state, as it is stored or as JSON.
pub fn state(text: &str, environment: Option<&str>) -> Checked {
    state_beside(text, environment, |_| None)
}

/// A state, with the settings in a folder.
pub fn state_with(text: &str, environment: Option<&str>, folder: &Path) -> Checked {
    state_beside(text, environment, |sources| settings_of(folder, sources))
}

fn state_beside(
    text: &str,
    environment: Option<&str>,
    settings: impl Fn(&Arc<Sources>) -> Option<Arc<Settings>>,
) -> Checked {
    let sources = Arc::new(Sources::default());
    let settings = settings(&sources);
    let text: SharedText = text.into();
    let path = Path::new("state");
    let providers = Arc::new(Providers::packed().clone());
    let plan = plan::state::read(&text, path, &providers).expect("a state");
    let source = sources.add(path.to_path_buf(), text);
    let kind = TextKind::Evidence;
    let beside = Beside {
        environment,
        settings,
        ..Beside::default()
    };
    checked(sources, plan, &[Text { source, kind }], &beside)
}

fn settings_of(folder: &Path, sources: &Arc<Sources>) -> Option<Arc<Settings>> {
    let settings = SettingsFiles::new(Arc::clone(sources)).of(folder);
    if let Some(settings) = &settings {
        assert!(settings.problems.is_empty(), "{:?}", settings.problems);
    }
    settings
}

fn read_plan(text: &str) -> (Arc<Sources>, Plan, Text) {
    let sources = Arc::new(Sources::default());
    let text: SharedText = text.into();
    let path = Path::new("plan.json");
    let providers = Arc::new(Providers::packed().clone());
    let plan = plan::json::read(&text, path, &providers).expect("a plan");
    let source = sources.add(path.to_path_buf(), text);
    let kind = TextKind::Evidence;
    (sources, plan, Text { source, kind })
}

/// A plan, and what exists already.
pub fn plan_json_with(text: &str, environment: Option<&str>, inventories: &[PathBuf]) -> Checked {
    let (sources, plan, text) = read_plan(text);
    let beside = Beside {
        environment,
        inventory: inventory(inventories),
        ..Beside::default()
    };
    checked(sources, plan, &[text], &beside)
}

fn inventory(files: &[PathBuf]) -> Option<Inventory> {
    let mut inventory = Inventory::default();
    for file in files {
        inventory.add_file(file).expect("a listing");
    }
    (!files.is_empty()).then_some(inventory)
}

/// A plan together with the sources that it was made from.
pub fn joined(text: &str, written: Checked, environment: Option<&str>) -> Checked {
    let Checked {
        sources,
        plan,
        mut texts,
        ..
    } = written;
    let text: SharedText = text.into();
    let path = Path::new("plan.json");
    let providers = Arc::new(Providers::packed().clone());
    let planned = plan::json::read(&text, path, &providers).expect("a plan");
    let source = sources.add(path.to_path_buf(), text);
    let kind = TextKind::Evidence;
    let plan = tfguard::join::join(&planned, plan);
    let beside = Beside {
        environment,
        ..Beside::default()
    };
    texts.push(Text { source, kind });
    checked(sources, plan, &texts, &beside)
}

fn checked(sources: Arc<Sources>, plan: Plan, texts: &[Text], beside: &Beside<'_>) -> Checked {
    let name = beside.environment.unwrap_or("prod");
    let environment = Environment {
        name: name.into(),
        production: name == "prod",
    };
    let mut rules = rules::with_settings();
    if let Some(settings) = &beside.settings {
        rules = settings.apply(rules);
    }
    let repositories = Repositories::default();
    let files = beside.folder.map(|folder| Files {
        folder: Some(folder),
        evidence: None,
        repositories: &repositories,
    });
    let mut found = check::check(
        &plan,
        &environment,
        &rules,
        &Surroundings {
            inventory: beside.inventory.as_ref(),
            files,
            sourced: beside.sourced.as_ref(),
            ..Surroundings::of_texts(texts, &sources)
        },
    );
    let judging = Judging {
        plan: &plan,
        environment: &environment,
        rules: &rules,
        texts,
        modules: &beside.modules,
        sources: &sources,
        today: waiver::day::parse(beside.today.unwrap_or(TODAY)).expect("a day"),
    };
    let blocks = beside
        .settings
        .as_ref()
        .map(|settings| settings.waivers.as_slice());
    let waived = waiver::waive(&judging, blocks.unwrap_or_default(), &mut found);
    // Here the one environment is all that there is.
    for one in waived.uses.iter().filter(|one| one.fate == Fate::Unused) {
        waiver::report_unused(std::slice::from_ref(one), &rules, &mut found);
    }
    Checked {
        sources,
        plan,
        findings: found.findings,
        texts: texts.to_vec(),
    }
}

impl Checked {
    /// What is not a pass.
    pub fn violations(&self) -> impl Iterator<Item = &Finding> {
        self.findings
            .iter()
            .filter(|finding| finding.verdict != Verdict::Pass)
    }

    /// The file name and line of a finding.
    pub fn place(&self, finding: &Finding) -> (String, usize) {
        let Some(span) = finding.span else {
            return ("-".to_owned(), 0);
        };
        let (path, position) = self.sources.locate(span);
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        (name.unwrap_or_default(), position.line)
    }

    /// A finding as a person would read it, with the text of its line.
    pub fn render(&self, finding: &Finding) -> String {
        use std::fmt::Write as _;
        let (file, line) = self.place(finding);
        let mut out = String::new();
        let verdict = finding.verdict.name();
        let level = finding.level.name();
        writeln!(
            out,
            "{level}[{}] {verdict}: {}",
            finding.rule.id, finding.message
        )
        .expect("a string");
        writeln!(out, "  at {file}:{line}: {}", finding.subject).expect("a string");
        for hop in &finding.because {
            let line = hop.span.map(|span| self.sources.locate(span).1.line);
            writeln!(out, "  because {} (line {})", hop.text, line.unwrap_or(0)).expect("a string");
        }
        for cause in finding.causes.iter() {
            writeln!(out, "  open: {cause}").expect("a string");
        }
        for label in &finding.labels {
            let line = self.sources.locate(label.span).1.line;
            writeln!(out, "  see line {line}: {}", label.text).expect("a string");
        }
        if let Some(help) = &finding.help {
            writeln!(out, "  help: {help}").expect("a string");
        }
        out
    }
}
