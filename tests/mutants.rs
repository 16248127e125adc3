//! The runbook's world and its mutants: one mistake each, and exactly the verdicts that it should change.

mod checked;
mod verdicts;

use std::fmt::Write as _;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use checked::{Checked, Given, joined, plan_json, root, state};
use rayon::prelude::*;
use tfguard::rules;
use tfguard::value::Shape;

use verdicts::{Verdicts, line};

/// What a saved plan leaves open, in the good world too: `templatefile` reads a file that lies in no saved plan.
const OPEN_IN_SAVED_PLANS: [&str; 2] = [
    "plaintext-container-secret undecided module.worker.aws_ecs_task_definition.this",
    "unreadable-container-secret undecided module.worker.aws_ecs_task_definition.this",
];

fn world() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/runbook")
}

fn copy(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from) {
        let entry = entry.expect("readable");
        let target = to.join(entry.path().strip_prefix(from).expect("below"));
        if entry.file_type().is_dir() {
            std::fs::create_dir_all(target).expect("a folder");
        } else {
            std::fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

fn violations(checked: &Checked) -> Verdicts {
    checked.violations().map(line).collect()
}

fn of_sources(infra: &Path, environment: &str, vars: Vec<(String, String)>) -> Checked {
    let folder = infra.join("infra/aws/terraform");
    let given = Given {
        var_files: vec![folder.join(format!("env/{environment}.tfvars"))],
        vars,
        environment: Some(environment.to_owned()),
        ..Given::default()
    };
    root(&folder, &given)
}

fn text(path: &Path) -> String {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut text = String::new();
        flate2::read::GzDecoder::new(bytes.as_slice())
            .read_to_string(&mut text)
            .expect("text");
        return text;
    }
    String::from_utf8(bytes).expect("text")
}

/// A state as it is stored, and as `terraform show -json` prints it.
const STATES: [&str; 2] = ["terraform.tfstate", "state.json"];

/// What is wrong in a saved plan, with the sources that it carries.
fn of_saved_plan(path: &Path) -> Verdicts {
    let report = verdicts::check([path.as_os_str()]);
    assert!(
        report.errors.is_empty(),
        "{}: {:?}",
        path.display(),
        report.errors
    );
    verdicts::violations(&report)
}

fn recorded(environment: &str, name: &str) -> PathBuf {
    let folder = world().join("recorded").join(environment);
    let plain = folder.join(name);
    if plain.exists() {
        plain
    } else {
        folder.join(format!("{name}.gz"))
    }
}

#[test]
fn the_good_worlds_keep_every_promise() {
    for environment in ["dev", "staging", "prod"] {
        let checked = of_sources(&world(), environment, Vec::new());
        let shown: String = checked
            .violations()
            .map(|one| checked.render(one))
            .collect();
        assert!(shown.is_empty(), "{environment} from sources:\n{shown}");
        assert!(
            checked.findings.len() > 10,
            "{environment}: {} passes",
            checked.findings.len()
        );
    }
    let again = plan_json(&text(&recorded("prod/again", "plan.json")), Some("prod"));
    let shown: String = again.violations().map(|one| again.render(one)).collect();
    assert!(shown.is_empty(), "prod planned again:\n{shown}");
    for name in STATES {
        let stored = state(&text(&recorded("prod", name)), Some("prod"));
        let shown: String = stored.violations().map(|one| stored.render(one)).collect();
        assert!(shown.is_empty(), "prod, {name}:\n{shown}");
        assert!(stored.findings.len() > 10, "prod, {name}");
    }
    let saved = of_saved_plan(&recorded("prod", "tf.plan"));
    assert_eq!(saved, OPEN_IN_SAVED_PLANS.map(str::to_owned).into());
}

/// On an empty state a plan does not know the container definitions; nothing else is open.
#[test]
fn a_first_plan_leaves_only_the_containers_open() {
    for environment in ["dev", "staging", "prod"] {
        let checked = plan_json(
            &text(&recorded(environment, "plan.json")),
            Some(environment),
        );
        for finding in checked.violations() {
            let container_rule = matches!(
                finding.rule.id,
                "plaintext-container-secret"
                    | "missing-container-secret"
                    | "service-not-attached"
                    | "unreadable-container-secret"
            );
            assert!(
                container_rule && finding.verdict == tfguard::rule::Verdict::Undecided,
                "{environment}: {}",
                checked.render(finding)
            );
        }
    }
}

struct Mutant {
    name: String,
    folder: PathBuf,
}

fn expectations(path: &Path) -> Verdicts {
    let known: Vec<&str> = rules::ALL.iter().map(|rule| rule.meta().id).collect();
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .filter(|line| {
            line.split(' ')
                .next()
                .is_some_and(|rule| known.contains(&rule))
        })
        .map(str::to_owned)
        .collect()
}

fn mutants() -> Vec<Mutant> {
    let folders = std::fs::read_dir(world().join("mutants")).expect("mutants");
    let mut found: Vec<Mutant> = folders
        .map(|entry| entry.expect("readable").path())
        .filter(|path| path.is_dir())
        .map(|folder| Mutant {
            name: folder
                .file_name()
                .expect("a name")
                .to_string_lossy()
                .into_owned(),
            folder,
        })
        .collect();
    found.sort_by(|one, other| one.name.cmp(&other.name));
    found
}

impl Mutant {
    fn vars(&self) -> Vec<(String, String)> {
        let args = std::fs::read_to_string(self.folder.join("args")).unwrap_or_default();
        args.lines()
            .filter_map(|line| line.trim().strip_prefix("-var=")?.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }

    /// The verdicts that files beside it list.
    fn expected(&self, names: &[&str]) -> Verdicts {
        let lists = names.iter().map(|name| self.folder.join(name));
        lists.flat_map(|path| expectations(&path)).collect()
    }

    fn differ(&self, from: &str, expected: &Verdicts, found: &Verdicts, wrong: &mut String) {
        for line in expected.difference(found) {
            writeln!(wrong, "{} from {from}: expected: {line}", self.name).expect("a string");
        }
        for line in found.difference(expected) {
            writeln!(wrong, "{} from {from}: not expected: {line}", self.name).expect("a string");
        }
    }

    /// As [`Self::differ`], with the findings of the rules that say what is not expected.
    fn compare(
        &self,
        from: &str,
        expected: &Verdicts,
        found: &Verdicts,
        checked: &Checked,
        wrong: &mut String,
    ) {
        self.differ(from, expected, found, wrong);
        for line in found.difference(expected) {
            let rule = line.split(' ').next().unwrap_or_default();
            for finding in checked.findings.iter().filter(|one| one.rule.id == rule) {
                write!(wrong, "{}", checked.render(finding)).expect("a string");
            }
        }
    }
}

/// Looks at all mutants, each of which tells what is wrong with it.
fn for_each_mutant(look: impl Fn(&Mutant, &mut String) + Sync) {
    let mutants = mutants();
    assert!(mutants.len() >= 120, "{} mutants were found", mutants.len());
    let wrong: String = mutants
        .par_iter()
        .map(|mutant| {
            let mut wrong = String::new();
            look(mutant, &mut wrong);
            wrong
        })
        .collect();
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn each_mutant_changes_exactly_its_verdicts_from_sources_and_joined_with_its_plan() {
    for_each_mutant(|mutant, wrong| {
        let folder = tempfile::TempDir::new().expect("a temporary folder");
        copy(&world().join("infra"), &folder.path().join("infra"));
        if let Ok(patch) = std::fs::read_to_string(mutant.folder.join("change.patch")) {
            apply(&patch, folder.path());
        }
        let checked = of_sources(folder.path(), "prod", mutant.vars());
        let expected = mutant.expected(&["expect", "expect.sources"]);
        let found = violations(&checked);
        mutant.compare("sources", &expected, &found, &checked, wrong);
        let plan = text(&mutant.folder.join("plan.json.gz"));
        let both = joined(&plan, checked, Some("prod"));
        let found = violations(&both);
        mutant.compare("plan and sources", &expected, &found, &both, wrong);
    });
}

/// A saved plan carries its sources, but for what they read besides.
#[test]
fn each_mutant_changes_its_verdicts_in_its_saved_plan() {
    for_each_mutant(|mutant, wrong| {
        let mut expected = mutant.expected(&["expect", "expect.sources"]);
        for open in OPEN_IN_SAVED_PLANS {
            expected.remove(&open.replace(" undecided ", " fail "));
            expected.insert(open.to_owned());
        }
        let not_there = std::fs::read_to_string(mutant.folder.join("not-in-saved-plan"));
        for line in not_there.unwrap_or_default().lines() {
            let is_comment = line.starts_with('#');
            assert!(
                is_comment || expected.remove(line),
                "{}: {line}",
                mutant.name
            );
        }
        let found = of_saved_plan(&mutant.folder.join("tf.plan"));
        mutant.differ("tf.plan", &expected, &found, wrong);
    });
}

/// What is there after the apply, where the mutant says what that shows.
#[test]
fn each_mutant_shows_in_its_state() {
    for_each_mutant(|mutant, wrong| {
        if !mutant.folder.join("expect.state").exists() {
            return;
        }
        let expected = mutant.expected(&["expect.state"]);
        for name in STATES {
            let stored = text(&mutant.folder.join(format!("{name}.gz")));
            let checked = state(&stored, Some("prod"));
            mutant.compare(name, &expected, &violations(&checked), &checked, wrong);
        }
    });
}

#[test]
fn each_mutant_changes_exactly_its_verdicts_in_a_plan_on_the_state() {
    for_each_mutant(|mutant, wrong| {
        let checked = plan_json(&text(&mutant.folder.join("update.json.gz")), Some("prod"));
        let expected = mutant.expected(&["expect", "expect.update", "expect.plan"]);
        let found = violations(&checked);
        mutant.compare("update.json", &expected, &found, &checked, wrong);
    });
}

/// What a plan on an empty state can decide is decided as from sources.
#[test]
fn each_mutant_changes_its_verdicts_in_a_first_plan() {
    let good = violations(&plan_json(
        &text(&recorded("prod", "plan.json")),
        Some("prod"),
    ));
    for_each_mutant(|mutant, wrong| {
        let checked = plan_json(&text(&mutant.folder.join("plan.json.gz")), Some("prod"));
        let found: Verdicts = violations(&checked).difference(&good).cloned().collect();
        let open = |line: &&String| {
            let address = line
                .rsplit(' ')
                .next()
                .and_then(|address| address.parse().ok());
            let resource = address.and_then(|address| checked.plan.resource(&address));
            resource.is_some_and(|one| {
                let value = one.attribute("container_definitions");
                value
                    .as_unknown()
                    .is_some_and(|unknown| !matches!(unknown.shape, Some(Shape::Json(_))))
            })
        };
        let by_plan = mutant.expected(&["expect.plan", "expect.first"]);
        let expected = mutant
            .expected(&["expect"])
            .iter()
            .filter(|line| !open(line))
            .chain(&by_plan)
            .cloned()
            .collect();
        mutant.compare("plan.json", &expected, &found, &checked, wrong);
    });
}

/// What lies beside the world, or beside a mutant of it: `fixtures/runbook/surroundings/README.md` says what may.
struct Surroundings {
    name: String,
    folder: PathBuf,
    /// Where it is laid out, with the plan in a folder of its own.
    tree: tempfile::TempDir,
    mutant: Option<Mutant>,
}

impl Surroundings {
    fn lay_out(folder: PathBuf) -> Self {
        let of = std::fs::read_to_string(folder.join("of"));
        let mutant = of.ok().map(|name| Mutant {
            name: name.trim().to_owned(),
            folder: world().join("mutants").join(name.trim()),
        });
        let name = folder
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let tree = tempfile::TempDir::new().expect("a temporary folder");
        let laid = Self {
            name,
            folder,
            tree,
            mutant,
        };
        copy(&world().join("infra"), &laid.tree().join("infra"));
        let patch = laid
            .mutant
            .iter()
            .map(|mutant| mutant.folder.join("change.patch"));
        for patch in patch.filter_map(|path| std::fs::read_to_string(path).ok()) {
            apply(&patch, &laid.tree());
        }
        if laid.folder.join("beside").is_dir() {
            copy(&laid.folder.join("beside"), &laid.tree());
        }
        std::fs::write(laid.plan(), laid.recorded_plan()).expect("a plan");
        laid.tell_git();
        laid
    }

    fn tree(&self) -> PathBuf {
        self.tree.path().join("tree")
    }

    fn root(&self) -> PathBuf {
        self.tree().join("infra/aws/terraform")
    }

    fn plan(&self) -> PathBuf {
        self.tree.path().join("plan.json")
    }

    fn recorded_plan(&self) -> String {
        match &self.mutant {
            Some(mutant) => text(&mutant.folder.join("plan.json.gz")),
            None => text(&recorded("prod", "plan.json")),
        }
    }

    fn tell_git(&self) {
        let Ok(commands) = std::fs::read_to_string(self.folder.join("git")) else {
            return;
        };
        std::fs::copy(recorded("prod", "tf.plan"), self.root().join("tf.plan")).expect("a copy");
        for command in commands.lines() {
            let mut git = std::process::Command::new("git");
            git.args(command.split(' ')).current_dir(self.tree());
            git.env("GIT_CONFIG_GLOBAL", "/dev/null");
            assert!(git.status().expect("git runs").success(), "git {command}");
        }
    }

    /// The verdicts that are no pass, with what is beside the evidence given as a user gives it.
    fn found(&self, evidence: &[&std::ffi::OsStr]) -> Verdicts {
        let inventory = self.folder.join("inventory.json");
        let mut arguments = evidence.to_vec();
        if inventory.exists() {
            arguments.extend(["--inventory".as_ref(), inventory.as_os_str()]);
        }
        let report = verdicts::check(arguments);
        assert!(
            report.errors.is_empty(),
            "{}: {:?}",
            self.name,
            report.errors
        );
        let findings = report.findings.iter().map(|one| &one.finding);
        let wrong = findings.filter(|one| one.verdict != tfguard::rule::Verdict::Pass);
        let tree = format!("{}/", self.tree().display());
        wrong.map(|one| line(one).replace(&tree, "")).collect()
    }
}

#[test]
fn what_lies_beside_the_evidence_changes_exactly_its_verdicts() {
    let folders = std::fs::read_dir(world().join("surroundings")).expect("surroundings");
    let folders = folders.map(|entry| entry.expect("readable").path());
    let folders: Vec<PathBuf> = folders.filter(|path| path.is_dir()).collect();
    assert!(
        folders.len() >= 8,
        "{} surroundings were found",
        folders.len()
    );
    let wrong: String = folders
        .into_par_iter()
        .map(|folder| {
            let laid = Surroundings::lay_out(folder);
            let expected = |of: &str| -> Verdicts {
                let files = ["expect", of].map(|name| laid.folder.join(name));
                files.iter().flat_map(|path| expectations(path)).collect()
            };
            let variables = laid.root().join("env/prod.tfvars");
            let vars = laid.mutant.iter().flat_map(Mutant::vars);
            let vars: Vec<String> = vars
                .map(|(name, value)| format!("--var={name}={value}"))
                .collect();
            let mut sources = vec![variables.as_os_str()];
            sources.extend(vars.iter().map(std::ffi::OsStr::new));
            let (plan, root) = (laid.plan(), laid.root());
            let both = [plan.as_os_str(), "--source".as_ref(), root.as_os_str()];
            let mut wrong = String::new();
            let evidence = [
                ("sources", "expect.sources", sources.as_slice()),
                ("plan and sources", "expect.plan", &both),
            ];
            for (from, expected_of, evidence) in evidence {
                let expected = expected(expected_of);
                let found = laid.found(evidence);
                for line in expected.difference(&found) {
                    writeln!(wrong, "{} from {from}: expected: {line}", laid.name)
                        .expect("a string");
                }
                for line in found.difference(&expected) {
                    writeln!(wrong, "{} from {from}: not expected: {line}", laid.name)
                        .expect("a string");
                }
            }
            wrong
        })
        .collect();
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// Applies a unified diff whose hunks fit exactly.
fn apply(patch: &str, folder: &Path) {
    let mut lines = patch.lines().peekable();
    while let Some(line) = lines.next() {
        let Some(name) = line.strip_prefix("+++ b/") else {
            continue;
        };
        let target = folder.join(name.split('\t').next().unwrap_or(name));
        let before = std::fs::read_to_string(&target).unwrap_or_default();
        let old: Vec<&str> = before.lines().collect();
        let mut new: Vec<&str> = Vec::new();
        let mut at = 0;
        while let Some(header) = lines.next_if(|line| line.starts_with("@@ ")) {
            let start = header
                .split(['-', ',', ' '])
                .nth(2)
                .and_then(|start| start.parse::<usize>().ok());
            let start = start.expect("a hunk's first line").saturating_sub(1);
            new.extend(&old[at..start]);
            at = start;
            while let Some(line) =
                lines.next_if(|line| !line.starts_with("@@ ") && !line.starts_with("--- "))
            {
                match line.split_at_checked(1) {
                    Some(("+", text)) => new.push(text),
                    Some(("-", text)) => {
                        assert_eq!(old[at], text, "{}:{}", target.display(), at + 1);
                        at += 1;
                    }
                    Some((" ", text)) => {
                        assert_eq!(old[at], text, "{}:{}", target.display(), at + 1);
                        new.push(text);
                        at += 1;
                    }
                    _ => {}
                }
            }
        }
        new.extend(&old[at..]);
        std::fs::create_dir_all(target.parent().expect("a folder")).expect("a folder");
        std::fs::write(&target, new.join("\n") + "\n").expect("a file");
    }
}
