//! What the sources evaluate to is what Terraform planned from them: every recorded plan, leaf by leaf.
//!
//! Answers of data sources are given to the evaluation as the plan has them; everything else must come out of the sources.
//! `SHOW=n` prints more differences, `ONLY=name` looks at some roots only.

mod recordings;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Map, Value as Json};
use tfguard::address::ResourceMode;
use tfguard::cli::{InputArg, InputArgs};
use tfguard::config::{Config, Loader};
use tfguard::eval::{Evaluation, InputError, Mode, Options};
use tfguard::plan::{Plan, Problem, ProblemKind};
use tfguard::provider::Providers;
use tfguard::settings;
use tfguard::show::{self, Secrets};
use tfguard::source::{Sources, Span};
use tfguard::value::{self, Data, Type, Value};

/// Differences that stay, each with its reason.
const ALLOWED: [(&str, &str, &str); 5] = [
    (
        "import-blocks",
        "aws_sqs_queue.",
        "what is imported only the cloud can tell",
    ),
    ("import-collections", "aws_sqs_queue.", "the same"),
    (
        "ephemeral-resources",
        "output.known",
        "the value of an ephemeral resource is opened while planning",
    ),
    ("ephemeral-resources", "planned output.known", "the same"),
    (
        "impure-functions",
        "output.plan_time",
        "the moment of the plan",
    ),
];

/// What follows from another refusal in Terraform, and is not repeated here: by its summary.
const CONSEQUENCES: [&str; 2] = [
    "No value for required variable",
    "Invalid multi-line string",
];

/// Roots that contradict the provider's schema. Without a lock file the provider may be of another version than the facts,
/// so that this is noted and not refused.
const NOTED: [&str; 4] = [
    "refuse-block-limits",
    "refuse-ignored-attribute",
    "refuse-resource-type",
    "refuse-unknown-attribute",
];

/// A root with what was recorded for it.
struct Root {
    name: String,
    folder: PathBuf,
    args: Vec<String>,
    recorded: PathBuf,
}

#[derive(Default)]
struct Tally {
    same: usize,
    different: Vec<String>,
    overclaimed: Vec<String>,
    missed: Vec<String>,
    only_in_one: Vec<String>,
    sensitivity: Vec<String>,
    refused: Vec<String>,
}

#[test]
fn sources_evaluate_to_what_terraform_planned() {
    let mut total = Tally::default();
    let mut table = String::new();
    let (mut roots, mut plans) = (planned_roots(), 0);
    roots.retain(|root| selected(&root.name));
    for root in &roots {
        let truth = read_json(&root.recorded);
        let seen = Seen::of(root, Some(&truth));
        let shown = show::render(&seen.plan, Some(&seen.config), Secrets::Plain);
        let mut tally = compare_plans(&shown, &truth);
        let problems = seen.plan.problems.iter().filter(|one| is_refusal(one));
        tally.refused = problems.map(|one| seen.describe(one)).collect();
        tally
            .refused
            .extend(seen.errors.iter().map(|(message, _)| message.clone()));
        table.push_str(&format!("{:40} {}\n", root.name, tally.counts()));
        total.add(&root.name, tally);
        plans += 1;
    }
    println!("{table}{plans} plans: {}", total.counts());
    let wrong = total.wrong();
    assert!(
        wrong.is_empty(),
        "{plans} plans: {}\n{}",
        total.counts(),
        wrong
    );
    assert!(
        plans > 85 || std::env::var("ONLY").is_ok(),
        "only {plans} plans"
    );
    assert!(total.same > 20_000 || std::env::var("ONLY").is_ok());
}

#[test]
fn what_terraform_refuses_is_refused_at_the_same_place() {
    let mut wrong = Vec::new();
    let (mut roots, mut places) = (0, 0);
    for root in refused_roots().iter().filter(|root| selected(&root.name)) {
        if root.folder.join("prior.tfstate").exists() {
            continue;
        }
        roots += 1;
        let seen = Seen::of(root, None);
        let problems: Vec<&Problem> = seen
            .plan
            .problems
            .iter()
            .filter(|one| {
                is_refusal(one) || (NOTED.contains(&&*root.name) && one.kind == ProblemKind::Note)
            })
            .collect();
        let mut found: Vec<String> = problems
            .iter()
            .filter_map(|one| Some(seen.place(one.span?)))
            .collect();
        found.extend(
            seen.errors
                .iter()
                .filter_map(|(_, span)| Some(seen.place((*span)?))),
        );
        let described = || {
            let problems = problems.iter().map(|one| seen.describe(one));
            let all: Vec<String> = problems
                .chain(seen.errors.iter().map(|(message, _)| message.clone()))
                .collect();
            all.join("\n    ")
        };
        if problems.is_empty() && seen.errors.is_empty() {
            let expected = std::fs::read_to_string(&root.recorded).expect("readable");
            wrong.push(format!(
                "{}: accepted; expected\n    {}",
                root.name,
                expected.trim().replace('\n', "\n    ")
            ));
            continue;
        }
        let expected = std::fs::read_to_string(&root.recorded).expect("readable");
        for line in expected.lines() {
            let (summary, place) = line.split_once('\t').expect("a summary and a place");
            places += 1;
            let follows = CONSEQUENCES.contains(&summary) && expected.lines().count() > 1;
            if place != "-" && !follows && !found.iter().any(|one| one == place) {
                wrong.push(format!(
                    "{}: nothing at {place} ({summary}); found\n    {}",
                    root.name,
                    described()
                ));
            }
        }
    }
    let shown = limit(40);
    let count = wrong.len();
    wrong.truncate(shown);
    assert!(
        wrong.is_empty(),
        "{count} of {places} places in {roots} roots\n{}",
        wrong.join("\n")
    );
    assert!(
        roots > 60 || std::env::var("ONLY").is_ok(),
        "only {roots} roots"
    );
}

/// A judgement knows more than Terraform, and plans the same objects.
#[test]
fn judgements_plan_the_same_objects() {
    let mut wrong = Vec::new();
    for root in planned_roots().iter().filter(|root| selected(&root.name)) {
        let truth = read_json(&root.recorded);
        let seen = Seen::in_mode(Mode::Judging, root, Some(&truth));
        let refused = seen.plan.problems.iter().filter(|one| is_refusal(one));
        wrong.extend(refused.map(|one| format!("{}: {}", root.name, seen.describe(one))));
        let addresses = |plan: &Json| -> Vec<String> {
            let managed = changes(plan).filter(|one| one["mode"] == "managed");
            let mut all: Vec<String> = managed.map(|one| one["address"].to_string()).collect();
            all.sort();
            all
        };
        let shown = show::render(&seen.plan, None, Secrets::Plain);
        if addresses(&shown) != addresses(&truth) {
            wrong.push(format!("{}: other objects", root.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn imports_are_those_that_terraform_planned() {
    let mut imports = 0;
    for root in planned_roots() {
        let truth = read_json(&root.recorded);
        let planned: BTreeMap<String, String> = changes(&truth)
            .filter_map(|one| {
                let id = one["change"]["importing"]["id"].as_str()?;
                Some((one["address"].as_str()?.to_owned(), id.to_owned()))
            })
            .collect();
        let seen = Seen::of(&root, Some(&truth));
        let found = seen.plan.resources().iter().filter_map(|one| {
            let id = one.change.importing.clone()?;
            Some((one.address.to_string(), id))
        });
        assert_eq!(found.collect::<BTreeMap<_, _>>(), planned, "{}", root.name);
        imports += planned.len();
    }
    assert!(imports > 8, "only {imports} imports");
}

/// Plans on top of a state are for later: their sources must evaluate all the same.
#[test]
fn roots_with_a_state_evaluate() {
    let all = folders(&fixtures().join("plans"));
    let mut roots = 0;
    for folder in all
        .iter()
        .filter(|folder| folder.join("prior.tfstate").exists())
    {
        let seen = Seen::of(&root(folder, "plan.json"), None);
        assert!(
            seen.errors.is_empty(),
            "{}: {:?}",
            folder.display(),
            seen.errors
        );
        roots += 1;
    }
    assert!(roots > 10, "only {roots} roots");
}

/// What `show` prints holds no secret: what Terraform has in clear text there is left out, everywhere in the document.
#[test]
fn show_withholds_what_is_sensitive() {
    let (mut looked, mut shown) = (0, Vec::new());
    for root in planned_roots() {
        let seen = Seen::of(&root, Some(&read_json(&root.recorded)));
        let plain = show::render(&seen.plan, Some(&seen.config), Secrets::Plain);
        let mut secrets = Vec::new();
        for change in changes(&plain).map(|one| &one["change"]) {
            sensitive_texts(&change["after"], &change["after_sensitive"], &mut secrets);
        }
        for (name, variable) in seen.plan.variables.iter().filter(|(_, one)| one.sensitive) {
            let text = variable.value.as_str().unwrap_or_default();
            if name.0.is_root() && text.len() >= 8 {
                secrets.push(text.to_owned());
            }
        }
        let withheld = show::show(&seen.plan, Some(&seen.config), BTreeSet::new()).to_string();
        looked += secrets.len();
        secrets.retain(|secret| withheld.contains(&**secret));
        shown.extend(
            secrets
                .iter()
                .map(|secret| format!("{}: {secret}", root.name)),
        );
    }
    assert!(looked > 20, "{looked} sensitive strings");
    shown.dedup();
    assert!(
        shown.is_empty(),
        "of {looked} sensitive strings these are shown: {shown:#?}"
    );
}

/// The strings at sensitive places, as long as they can be told from names.
fn sensitive_texts(value: &Json, sensitive: &Json, out: &mut Vec<String>) {
    match (value, sensitive) {
        (Json::String(text), Json::Bool(true)) if text.len() >= 8 => out.push(text.clone()),
        (Json::Array(all), Json::Bool(true)) => all
            .iter()
            .for_each(|one| sensitive_texts(one, sensitive, out)),
        (Json::Object(all), Json::Bool(true)) => all
            .values()
            .for_each(|one| sensitive_texts(one, sensitive, out)),
        (Json::Object(all), Json::Object(parts)) => {
            for (name, inner) in parts {
                sensitive_texts(all.get(name).unwrap_or(&Json::Null), inner, out);
            }
        }
        (Json::Array(all), Json::Array(parts)) => {
            all.iter()
                .zip(parts)
                .for_each(|(one, inner)| sensitive_texts(one, inner, out));
        }
        _ => {}
    }
}

fn changes(plan: &Json) -> impl Iterator<Item = &Json> {
    plan["resource_changes"].as_array().into_iter().flatten()
}

fn selected(name: &str) -> bool {
    std::env::var("ONLY").map_or(true, |only| only.split(',').any(|one| name.contains(one)))
}

fn limit(default: usize) -> usize {
    std::env::var("SHOW")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(default)
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn folders(within: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = std::fs::read_dir(within)
        .expect("the fixtures are there")
        .map(|entry| entry.expect("can be listed").path())
        .filter(|path| path.is_dir())
        .collect();
    all.sort();
    all
}

fn root(folder: &Path, recorded: &str) -> Root {
    let args = std::fs::read_to_string(folder.join("args")).unwrap_or_default();
    Root {
        name: folder
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned(),
        folder: folder.to_path_buf(),
        args: args.lines().map(str::to_owned).collect(),
        recorded: folder.join(recorded),
    }
}

fn planned_roots() -> Vec<Root> {
    let mut all = Vec::new();
    for folder in folders(&fixtures().join("plans")) {
        if folder.join("prior.tfstate").exists() {
            continue;
        }
        let recorded = ["plan.json", "plan.json.gz"]
            .into_iter()
            .find(|name| folder.join(name).exists());
        all.extend(recorded.map(|recorded| root(&folder, recorded)));
    }
    let world = fixtures().join("runbook");
    for environment in ["dev", "staging", "prod"] {
        all.push(Root {
            name: format!("runbook {environment}"),
            folder: world.join("infra/aws/terraform"),
            args: vec![format!("-var-file=env/{environment}.tfvars")],
            recorded: world.join(format!("recorded/{environment}/plan.json")),
        });
    }
    all
}

fn refused_roots() -> Vec<Root> {
    let all = folders(&fixtures().join("plans"));
    all.iter()
        .filter(|folder| folder.join("refused").exists())
        .map(|folder| root(folder, "refused"))
        .collect()
}

fn read_json(file: &Path) -> Json {
    let text = recordings::text(file);
    serde_json::from_str(&text).expect("JSON")
}

/// A root as tfguard sees it.
struct Seen {
    folder: PathBuf,
    sources: Arc<Sources>,
    config: Arc<Config>,
    plan: Plan,
    errors: Vec<(String, Option<Span>)>,
}

impl Seen {
    fn of(root: &Root, truth: Option<&Json>) -> Self {
        Self::in_mode(Mode::Terraform, root, truth)
    }

    fn in_mode(mode: Mode, root: &Root, truth: Option<&Json>) -> Self {
        let sources = Arc::new(Sources::default());
        let config = Arc::new(Loader::new(Arc::clone(&sources)).load(&root.folder));
        let mut arguments = InputArgs {
            vars: Vec::new(),
            var_files: Vec::new(),
            ordered: Vec::new(),
            workspace: None,
        };
        let mut environment = Vec::new();
        let mut workspace = "default".to_owned();
        for arg in &root.args {
            if let Some(text) = arg.strip_prefix("-var=") {
                arguments.ordered.push(InputArg::Var(text.to_owned()));
            } else if let Some(file) = arg.strip_prefix("-var-file=") {
                arguments
                    .ordered
                    .push(InputArg::File(root.folder.join(file)));
            } else if let Some((name, value)) = arg.split_once('=') {
                if name == "TF_WORKSPACE" {
                    value.clone_into(&mut workspace);
                } else if name.starts_with("TF_VAR_") {
                    environment.push((name.to_owned(), value.to_owned()));
                }
            }
        }
        let mut errors = Vec::new();
        let inputs = settings::inputs(
            &root.folder,
            &[],
            &arguments,
            environment.into_iter(),
            &sources,
            &mut errors,
        );
        let options = Options {
            mode,
            workspace: workspace.into(),
            answers: truth.map(answers).unwrap_or_default(),
            ..Options::new(root.folder.clone())
        };
        let evaluation = Evaluation::new(&config, Arc::clone(&sources), inputs, options);
        let plan = evaluation.plan();
        let errors = errors
            .iter()
            .flat_map(|error| match error {
                tfguard::error::Error::Input(InputError::Syntax { errors, .. }) => errors
                    .iter()
                    .map(|error| (error.message.clone(), Some(error.span)))
                    .collect(),
                other => vec![(other.to_string(), None)],
            })
            .collect();
        Self {
            folder: root.folder.clone(),
            sources,
            config,
            plan,
            errors,
        }
    }

    fn place(&self, span: Span) -> String {
        let (path, position) = self.sources.locate(span);
        let path = path.strip_prefix(&self.folder).unwrap_or(&path);
        format!("{}:{}", path.display(), position.line)
    }

    fn describe(&self, problem: &Problem) -> String {
        let place = problem
            .span
            .map(|span| self.place(span))
            .unwrap_or_default();
        let address = problem.address.as_deref().unwrap_or_default();
        format!(
            "{place} {address}: {} ({:?})",
            problem.message, problem.kind
        )
    }
}

/// What counts as "Terraform does not plan this". The failing assertions of a check are warnings.
fn is_refusal(problem: &Problem) -> bool {
    match problem.kind {
        ProblemKind::Refused
        | ProblemKind::Unreadable
        | ProblemKind::Unread
        | ProblemKind::Partial
        | ProblemKind::Incomplete => true,
        ProblemKind::ConditionFailed => !problem
            .address
            .as_deref()
            .unwrap_or_default()
            .contains("check."),
        ProblemKind::Note => false,
    }
}

/// The answers of data sources that were read while planning.
fn answers(plan: &Json) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    let mut modules = vec![&plan["prior_state"]["values"]["root_module"]];
    while let Some(module) = modules.pop() {
        modules.extend(module["child_modules"].as_array().into_iter().flatten());
        for resource in module["resources"].as_array().into_iter().flatten() {
            let kind = resource["type"].as_str().expect("a type");
            let Some(facts) = Providers::packed().schema(ResourceMode::Data, kind) else {
                continue;
            };
            if resource["mode"] == "data" {
                let address = resource["address"].as_str().expect("an address").to_owned();
                let answer =
                    value::from_json(&resource["values"], facts.block.ty()).expect("of the type");
                found.insert(address, answer);
            }
        }
    }
    found
}

impl Tally {
    fn counts(&self) -> String {
        format!(
            "same {}, different {}, overclaimed {}, missed {}, only in one {}, sensitivity {}, refused {}",
            self.same,
            self.different.len(),
            self.overclaimed.len(),
            self.missed.len(),
            self.only_in_one.len(),
            self.sensitivity.len(),
            self.refused.len()
        )
    }

    fn lists(&mut self) -> [(&'static str, &mut Vec<String>); 6] {
        [
            ("different", &mut self.different),
            ("overclaimed", &mut self.overclaimed),
            ("missed", &mut self.missed),
            ("only in one", &mut self.only_in_one),
            ("sensitivity", &mut self.sensitivity),
            ("refused", &mut self.refused),
        ]
    }

    /// Adds what a root came to, less what is allowed.
    fn add(&mut self, root: &str, mut other: Tally) {
        self.same += other.same;
        for ((kind, mine), (_, theirs)) in self.lists().into_iter().zip(other.lists()) {
            let allowed = |text: &str| {
                ALLOWED
                    .iter()
                    .any(|(name, part, _)| *name == root && text.contains(part))
            };
            let theirs = theirs.drain(..).filter(|text| !allowed(text));
            mine.extend(theirs.map(|text| format!("{root}: {kind}: {text}")));
        }
    }

    fn wrong(&mut self) -> String {
        let shown = limit(15);
        let mut out = String::new();
        for (kind, list) in self.lists() {
            if !list.is_empty() {
                out.push_str(&format!("{} {kind}\n", list.len()));
                list.iter()
                    .take(shown)
                    .for_each(|line| out.push_str(&format!("  {line}\n")));
            }
        }
        out
    }
}

fn compare_plans(shown: &Json, truth: &Json) -> Tally {
    let mut tally = Tally::default();
    let by_address = |plan: &Json| -> BTreeMap<String, Json> {
        changes(plan)
            .map(|one| {
                (
                    one["address"].as_str().expect("an address").to_owned(),
                    one.clone(),
                )
            })
            .collect()
    };
    let (ours, theirs) = (by_address(shown), by_address(truth));
    for deferred in shown["deferred_changes"].as_array().into_iter().flatten() {
        tally.only_in_one.push(format!(
            "deferred {}",
            deferred["resource_change"]["address"]
        ));
    }
    each(
        &ours,
        &theirs,
        &mut tally,
        |address, ours, theirs, tally| {
            for name in [
                "mode",
                "type",
                "name",
                "index",
                "module_address",
                "provider_name",
            ] {
                same(
                    &format!("{address} {name}"),
                    &ours[name],
                    &theirs[name],
                    tally,
                );
            }
            change(address, &ours["change"], &theirs["change"], tally);
        },
    );
    let outputs = |plan: &Json| entries(&plan["output_changes"]);
    each(
        &outputs(shown),
        &outputs(truth),
        &mut tally,
        |name, ours, theirs, tally| {
            change(&format!("output.{name}"), ours, theirs, tally);
        },
    );
    let variables = |plan: &Json| entries(&plan["variables"]);
    each(
        &variables(shown),
        &variables(truth),
        &mut tally,
        |name, ours, theirs, tally| {
            // Terraform writes what was given, before conversion.
            let (ours, theirs) = (&ours["value"], &theirs["value"]);
            let ty = match ours {
                Json::Bool(_) => Type::Bool,
                Json::Number(_) => Type::Number,
                Json::String(_) => Type::String,
                _ => Type::Dynamic,
            };
            let given = value::from_json(theirs, &ty).expect("of the type");
            let given = match given.data() {
                Data::Bool(given) => Json::Bool(*given),
                Data::Number(given) => given
                    .to_string()
                    .parse()
                    .map(Json::Number)
                    .expect("a number"),
                Data::String(given) => Json::String(given.to_string()),
                // Text of the command line that stands for a collection, and collections that conversion may complete.
                _ => ours.clone(),
            };
            same(&format!("var.{name}"), ours, &given, tally);
        },
    );
    planned_values(
        &shown["planned_values"],
        &truth["planned_values"],
        &mut tally,
    );
    tally
}

/// The tree must hold the same objects with the same parts; the leaves are those of the changes.
fn planned_values(ours: &Json, theirs: &Json, tally: &mut Tally) {
    let outputs = |values: &Json| entries(&values["outputs"]);
    each(
        &outputs(ours),
        &outputs(theirs),
        tally,
        |name, ours, theirs, tally| {
            let at = format!("planned output.{name}");
            same(
                &format!("{at} sensitive"),
                &ours["sensitive"],
                &theirs["sensitive"],
                tally,
            );
            if !ours["type"].is_null() {
                same(&format!("{at} type"), &ours["type"], &theirs["type"], tally);
            }
        },
    );
    let (mut flat, mut expected) = (BTreeMap::new(), BTreeMap::new());
    flatten("", &ours["root_module"], &mut flat);
    flatten("", &theirs["root_module"], &mut expected);
    each(&flat, &expected, tally, |at, ours, theirs, tally| {
        let names = |one: &Json| -> Vec<String> { entries(&one["values"]).into_keys().collect() };
        if names(ours) == names(theirs) {
            tally.same += 1;
        } else {
            let text = format!("{at} values: {:?} for {:?}", names(ours), names(theirs));
            tally.different.push(text);
        }
    });
}

fn flatten(at: &str, module: &Json, out: &mut BTreeMap<String, Json>) {
    for resource in module["resources"].as_array().into_iter().flatten() {
        out.insert(
            format!("planned {at} {}", resource["address"]),
            resource.clone(),
        );
    }
    for child in module["child_modules"].as_array().into_iter().flatten() {
        let at = format!("{at}/{}", child["address"].as_str().expect("an address"));
        flatten(&at, child, out);
    }
}

fn entries(object: &Json) -> BTreeMap<String, Json> {
    object
        .as_object()
        .map(|all| all.clone().into_iter().collect())
        .unwrap_or_default()
}

fn each(
    ours: &BTreeMap<String, Json>,
    theirs: &BTreeMap<String, Json>,
    tally: &mut Tally,
    mut compare: impl FnMut(&str, &Json, &Json, &mut Tally),
) {
    for (name, one) in ours {
        match theirs.get(name) {
            Some(other) => compare(name, one, other, tally),
            None => tally
                .only_in_one
                .push(format!("{name} is not in the recorded plan")),
        }
    }
    for name in theirs.keys().filter(|name| !ours.contains_key(*name)) {
        tally
            .only_in_one
            .push(format!("{name} is only in the recorded plan"));
    }
}

fn same(at: &str, ours: &Json, theirs: &Json, tally: &mut Tally) {
    if equal(ours, theirs) {
        tally.same += 1;
    } else {
        tally
            .different
            .push(format!("{at}: {} for {}", short(ours), short(theirs)));
    }
}

fn short(json: &Json) -> String {
    json.to_string().chars().take(300).collect()
}

/// Equal as values: `1` and `1.0` are.
fn equal(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Number(a), Json::Number(b)) => {
            let number = |text: String| value::Number::parse(&text);
            a == b || number(a.to_string()) == number(b.to_string())
        }
        _ => a == b,
    }
}

fn change(at: &str, ours: &Json, theirs: &Json, tally: &mut Tally) {
    same(
        &format!("{at} actions"),
        &ours["actions"],
        &theirs["actions"],
        tally,
    );
    same(
        &format!("{at} before"),
        &ours["before"],
        &theirs["before"],
        tally,
    );
    let before = tally.missed.len() + tally.overclaimed.len() + tally.different.len();
    leaf(
        at,
        &ours["after"],
        &ours["after_unknown"],
        &theirs["after"],
        &theirs["after_unknown"],
        tally,
    );
    if before == tally.missed.len() + tally.overclaimed.len() + tally.different.len() {
        for name in ["after_sensitive", "before_sensitive"] {
            if ours[name] != theirs[name] {
                let text = format!(
                    "{at} {name}: {} for {}",
                    short(&ours[name]),
                    short(&theirs[name])
                );
                tally.sensitivity.push(text);
            }
        }
        let shape = ours["after_unknown"] == theirs["after_unknown"];
        if !shape || !equal_deep(&ours["after"], &theirs["after"]) {
            let parts = [
                &ours["after"],
                &ours["after_unknown"],
                &theirs["after"],
                &theirs["after_unknown"],
            ];
            let [a, b, c, d] = parts.map(short);
            tally.different.push(format!(
                "{at}: the same leaves in another shape: {a} {b} for {c} {d}"
            ));
        }
    }
}

fn equal_deep(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Array(a), Json::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal_deep(a, b))
        }
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(key, a)| b.get(key).is_some_and(|b| equal_deep(a, b)))
        }
        _ => equal(a, b),
    }
}

/// One value with the matching part of `after_unknown`, ours and theirs.
fn leaf(
    at: &str,
    ours: &Json,
    our_unknown: &Json,
    theirs: &Json,
    their_unknown: &Json,
    tally: &mut Tally,
) {
    let unknown = |json: &Json| *json == Json::Bool(true);
    match (unknown(our_unknown), unknown(their_unknown)) {
        (true, true) => tally.same += 1,
        (false, true) => tally.overclaimed.push(format!("{at}: {}", short(ours))),
        (true, false) => tally.missed.push(format!("{at}: {}", short(theirs))),
        (false, false) => known_leaf(at, ours, our_unknown, theirs, their_unknown, tally),
    }
}

fn known_leaf(
    at: &str,
    ours: &Json,
    our_unknown: &Json,
    theirs: &Json,
    their_unknown: &Json,
    tally: &mut Tally,
) {
    // An object of which nothing is known is absent from `after`.
    let nothing = Json::Null;
    let is_object = |value: &Json, unknown: &Json| {
        value.is_object()
            || (value.is_null() && unknown.as_object().is_some_and(|all| !all.is_empty()))
    };
    if is_object(ours, our_unknown) && is_object(theirs, their_unknown) {
        let names = |maps: [&Json; 2]| -> Map<String, Json> {
            maps.into_iter().flat_map(entries).collect()
        };
        let (mine, other) = (names([ours, our_unknown]), names([theirs, their_unknown]));
        for name in mine
            .keys()
            .chain(other.keys().filter(|name| !mine.contains_key(*name)))
        {
            let at = format!("{at}.{name}");
            if !mine.contains_key(name) || !other.contains_key(name) {
                let whose = if mine.contains_key(name) {
                    "ours"
                } else {
                    "Terraform's"
                };
                tally.different.push(format!("{at} is only in {whose}"));
                continue;
            }
            let part = |json: &Json| json.get(name).cloned().unwrap_or_default();
            leaf(
                &at,
                &part(ours),
                &part(our_unknown),
                &part(theirs),
                &part(their_unknown),
                tally,
            );
        }
        return;
    }
    if let (Json::Array(mine), Json::Array(other)) = (ours, theirs)
        && mine.len() == other.len()
    {
        for (index, (mine, other)) in mine.iter().zip(other).enumerate() {
            let part = |json: &Json| json.get(index).cloned().unwrap_or(nothing.clone());
            leaf(
                &format!("{at}[{index}]"),
                mine,
                &part(our_unknown),
                other,
                &part(their_unknown),
                tally,
            );
        }
        return;
    }
    same(at, ours, theirs, tally);
}
