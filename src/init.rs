//! Writes a commented `tfguard.hcl` from what lies in a folder: its environments, the secrets that containers are given,
//! and the endpoints. What is written changes no verdict; what would is written as a comment.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hcl::{Attribute, Block, Body, Expression};

use crate::check::{self, Outcome};
use crate::cli::{InitArgs, InputArgs};
use crate::config::Loader;
use crate::discover::{Search, Target, Variables, discover};
use crate::error::Error;
use crate::eval::{Evaluation, Options};
use crate::flow;
use crate::plan::{Plan, Subject};
use crate::rule::{Environment, Rule, RuleSettings, Surroundings};
use crate::rules;
use crate::settings::environment::{self, Clues, Telling};
use crate::settings::{self, NAME, Settings, SettingsFiles};
use crate::source::Sources;
use crate::value::Value;

/// The rule whose parameter names containers and their secrets.
const CONTAINERS: &str = "missing-container-secret";

/// The rule whose parameter names endpoints.
const ENDPOINTS: &str = "unroutable-endpoint";

/// Writes the file, and gives what is to be printed: the file's text, or what was written.
///
/// # Errors
/// When there is no configuration, when a file holds for the folder already, and when it cannot be written.
pub fn write(arguments: &InitArgs) -> Result<String, Error> {
    let file = arguments.folder.join(NAME);
    let sources = Arc::new(Sources::default());
    let known = SettingsFiles::new(Arc::clone(&sources));
    if let Some(above) = known.of(&arguments.folder) {
        return Err(Error::SettingsExist {
            path: above.path.clone(),
        });
    }
    let found = look(&arguments.folder, &sources, &known)?;
    let text = compose(&found, &file);
    if arguments.stdout {
        return Ok(text);
    }
    let unwritable = |reason: std::io::Error| Error::Unwritable {
        path: file.clone(),
        reason: reason.to_string(),
    };
    let mut out = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&file)
        .map_err(unwritable)?;
    out.write_all(text.as_bytes()).map_err(unwritable)?;
    let names: Vec<&str> = found.iter().map(|one| one.label.as_str()).collect();
    let shown = file.strip_prefix(".").unwrap_or(&file);
    Ok(format!(
        "wrote `{}`; environments: {}\n",
        shown.display(),
        names.join(", ")
    ))
}

/// One environment that was found.
struct Found {
    label: String,
    environment: Environment,
    telling: Telling,
    /// From the folder of the settings.
    root: PathBuf,
    /// From the root.
    var_files: Vec<PathBuf>,
    plan: Plan,
    sources: Arc<Sources>,
}

fn look(folder: &Path, sources: &Arc<Sources>, known: &SettingsFiles) -> Result<Vec<Found>, Error> {
    let loader = Loader::new(Arc::clone(sources))
        .in_data_folder(settings::data_folder(settings::process_environment()));
    let search = Search {
        loader: &loader,
        settings: known,
        variables: Variables::Found,
        environment: None,
    };
    let targets = discover(&[folder.to_path_buf()], search);
    let mut found: Vec<Found> = Vec::new();
    let mut labels = BTreeSet::new();
    for target in targets.targets {
        let Target::Root {
            folder: root,
            var_files,
            ..
        } = target
        else {
            continue;
        };
        let inputs = settings::inputs(
            &root,
            &var_files,
            &NOTHING,
            std::iter::empty(),
            sources,
            &mut Vec::new(),
        );
        let config = Arc::new(loader.load(&root));
        let options = Options::new(root.clone());
        let evaluation = Evaluation::new(&config, Arc::clone(sources), inputs, options);
        let plan = flow::plan(&evaluation);
        let clues = Clues {
            named: None,
            block: None,
            settings: None,
            var_file: var_files.last().map(PathBuf::as_path),
            workspace: evaluation.workspace(),
        };
        let (environment, telling) = environment::of(Some(&plan), &clues);
        let below = |path: &Path, above: &Path| from(path, above);
        let root_below = below(&root, folder);
        let label = label(&environment.name, &root_below, &mut labels);
        found.push(Found {
            label,
            telling,
            var_files: var_files.iter().map(|file| below(file, &root)).collect(),
            root: root_below,
            environment,
            plan,
            sources: Arc::clone(sources),
        });
    }
    match targets.errors.into_iter().next() {
        Some(error) if found.is_empty() => Err(error),
        _ => Ok(found),
    }
}

/// No argument of the command line.
const NOTHING: InputArgs = InputArgs {
    vars: Vec::new(),
    var_files: Vec::new(),
    ordered: Vec::new(),
    workspace: None,
};

/// A path as seen from a folder above it.
fn from(path: &Path, folder: &Path) -> PathBuf {
    let plain = path.strip_prefix(".").unwrap_or(path);
    let above = folder.strip_prefix(".").unwrap_or(folder);
    plain.strip_prefix(above).unwrap_or(plain).to_path_buf()
}

/// A name that no other environment has.
fn label(name: &str, root: &Path, labels: &mut BTreeSet<String>) -> String {
    let place = root
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    let with_place = place.map(|place| format!("{name}-{place}"));
    let numbered = (2..).map(|number| format!("{name}-{number}"));
    let mut names = std::iter::once(name.to_owned())
        .chain(with_place)
        .chain(numbered);
    let free = names.find(|name| labels.insert(name.clone()));
    free.expect("there are more numbers than environments")
}

fn compose(found: &[Found], file: &Path) -> String {
    let mut text = String::from(
        "# What tfguard checks here, written by `tfguard init`. Every name in this file is known to tfguard: a wrong one \
         is an\n# error. `tfguard explain RULE` prints the page of a rule, with its parameters.\n\n\
         # The environments. `tfguard check` without a path checks all of them.\n",
    );
    for one in found {
        if one.telling == Telling::Assumed {
            text.push_str("# Nothing tells which environment this is, so the rules for production apply. Give it its name.\n");
        }
        text.push_str(&written(environment_block(one)));
        text.push('\n');
    }
    for (comment, block) in proposals(found) {
        let block = written(block);
        let changed = format!("{text}{block}");
        text.push_str(comment);
        if changes_nothing(found, &changed, file) {
            text.push_str(&block);
        } else {
            text.push_str("# As it stands this would change a verdict; switch it on when it says what you mean.\n");
            text.extend(block.lines().map(|line| format!("# {line}\n")));
        }
        text.push('\n');
    }
    text.push_str(
        "# A waiver takes responsibility for a finding until a day. It is reported with what it waives, announced before\n\
         # it ends, and an error once it ended.\n\
         # waiver \"NAME\" {\n\
         #   rule         = \"emergency-http-forwarding\"\n\
         #   target       = \"var.force_http_forwarding\"\n\
         #   environments = [\"prod\"]\n\
         #   reason       = \"why\"\n\
         #   owner        = \"who@example.com\"\n\
         #   expires      = \"YYYY-MM-DD\"\n\
         # }\n",
    );
    text
}

fn environment_block(one: &Found) -> Block {
    let mut block = Block::builder("environment").add_label(one.label.as_str());
    if !one.root.as_os_str().is_empty() {
        block = block.add_attribute(("root", one.root.to_string_lossy().into_owned()));
    }
    if !one.var_files.is_empty() {
        let files = one
            .var_files
            .iter()
            .map(|file| Expression::from(file.to_string_lossy().into_owned()));
        block = block.add_attribute(("var_files", Expression::Array(files.collect())));
    }
    block
        .add_attribute(("production", one.environment.production))
        .build()
}

/// Blocks that say what is so already, each with a comment.
fn proposals(found: &[Found]) -> Vec<(&'static str, Block)> {
    let packs = rules::with_settings();
    let parameter = |id: &str, name: &str| {
        let (_, settings) = packs.iter().find(|(rule, _)| rule.meta().id == id)?;
        settings.parameters.get(name).cloned()
    };
    let mut proposals = Vec::new();
    let known = parameter(CONTAINERS, "containers").unwrap_or(Value::NULL);
    let containers = containers(found, &known);
    if !containers.is_empty() {
        let comment = "# The secrets that each container is given today, in every environment. One that goes missing is an error.\n";
        let object: hcl::expr::Object<hcl::expr::ObjectKey, Expression> = containers
            .into_iter()
            .map(|(name, secrets)| {
                (
                    hcl::expr::ObjectKey::Expression(name.into()),
                    strings(secrets),
                )
            })
            .collect();
        proposals.push((
            comment,
            rule_block(CONTAINERS, "containers", Expression::Object(object)),
        ));
    }
    let paths = parameter(ENDPOINTS, "paths").unwrap_or(Value::NULL);
    let endpoints = endpoints(found, &paths, &packs);
    if !endpoints.is_empty() {
        let comment = "# The requests that production answers.\n";
        proposals.push((
            comment,
            rule_block(ENDPOINTS, "endpoints", strings(endpoints)),
        ));
    }
    proposals
}

fn rule_block(id: &str, parameter: &str, value: Expression) -> Block {
    let key = hcl::expr::ObjectKey::Identifier(hcl::Identifier::sanitized(parameter));
    let parameters: hcl::expr::Object<_, _> = [(key, value)].into_iter().collect();
    Block::builder("rule")
        .add_label(id)
        .add_attribute(Attribute::new("parameters", Expression::Object(parameters)))
        .build()
}

fn strings(texts: BTreeSet<String>) -> Expression {
    Expression::Array(texts.into_iter().map(Expression::from).collect())
}

/// The secrets of each container that all environments with containers have, and those that the pack asks for.
fn containers(found: &[Found], known: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let mut all = found
        .iter()
        .map(|one| rules::secrets_of_containers(&one.plan))
        .filter(|one| !one.is_empty());
    let mut common = all.next().unwrap_or_default();
    for other in all {
        common.retain(|name, secrets| {
            let also = other.get(name);
            secrets.retain(|secret| also.is_some_and(|also| also.contains(secret)));
            !secrets.is_empty()
        });
    }
    if common.is_empty() {
        return common;
    }
    for (name, secrets) in known.as_entries().into_iter().flatten() {
        let secrets = secrets
            .as_elements()
            .unwrap_or_default()
            .iter()
            .filter_map(Value::as_str);
        common
            .entry(name.to_string())
            .or_default()
            .extend(secrets.map(str::to_owned));
    }
    common
}

/// The requests that the rule judges already, with their methods.
fn endpoints(
    found: &[Found],
    paths: &Value,
    rules: &[(&'static dyn Rule, RuleSettings)],
) -> BTreeSet<String> {
    let paths: Vec<&str> = paths
        .as_elements()
        .unwrap_or_default()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    let mut endpoints = BTreeSet::new();
    for one in found.iter().filter(|one| one.environment.production) {
        let checked = check::check(
            &one.plan,
            &one.environment,
            rules,
            &Surroundings::of_texts(&[], &one.sources),
        );
        for finding in checked
            .findings
            .iter()
            .filter(|finding| finding.rule.id == ENDPOINTS)
        {
            let Subject::Text(asked) = &finding.subject else {
                continue;
            };
            let (method, url) = asked.split_once(' ').unwrap_or(("GET", asked));
            let is_asked = |path: &&str| {
                let (own, path) = path.split_once(' ').unwrap_or(("GET", path));
                own == method && url.ends_with(path)
            };
            if url.starts_with("https://") && paths.iter().any(is_asked) {
                endpoints.insert(format!("{method} {url}"));
            }
        }
    }
    endpoints
}

/// Whether each environment gets the same outcomes with these settings as without any.
fn changes_nothing(found: &[Found], text: &str, file: &Path) -> bool {
    let outcomes = |one: &Found, rules: &[(&'static dyn Rule, RuleSettings)]| -> Vec<Outcome> {
        let checked = check::check(
            &one.plan,
            &one.environment,
            rules,
            &Surroundings::of_texts(&[], &one.sources),
        );
        checked
            .outcomes
            .into_iter()
            .map(|(_, outcome)| outcome)
            .collect()
    };
    let sources = Sources::default();
    let settings = Settings::parse(text, file, &sources);
    let changed = settings.apply(rules::with_settings());
    let plain = rules::with_settings();
    settings.problems.is_empty()
        && found
            .iter()
            .all(|one| outcomes(one, &changed) == outcomes(one, &plain))
}

fn written(block: Block) -> String {
    let body = Body::from_iter([hcl::Structure::Block(block)]);
    hcl::format::to_string(&body).expect("text can be written into memory")
}
