//! The cases beside each rule: small configurations that say in comments what is expected of them.
//!
//! A case is a `.tf` file, a folder, or a plan as `.json`. `# expect: rule` stands on the line where a failing finding
//! points, `# expect-undecided: rule` likewise, `# expect-below: rule` on the line before it, and `# expect-nowhere: rule verdict` for one that points at no text; several rules are separated by commas. A case has these findings and no
//! others, of any rule; `# expect-waived: rule` is a waived one. `# var: name=value`, `# environment: name` and
//! `# today: day` in the first lines give inputs; `# ignored: pattern` and `# git: arguments` make a repository of a case,
//! `.gitignore` first; and `inventory.json` in a folder, or `NAME.inventory` beside a plan, what exists; `beside.plan` in a folder is a plan as JSON that the sources are given with; without them the rules for production apply, on 2026-11-25. A plan's expectations stand in `NAME.expect`, a line each: `rule verdict object`.

mod checked;
mod verdicts;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use checked::{Checked, Given, plan_json_with, root};
use tfguard::rule::Verdict;

/// File, line, rule, verdict.
type Expected = BTreeSet<(String, usize, String, &'static str)>;

fn cases() -> Vec<PathBuf> {
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules");
    let entries = |folder: &Path| -> Vec<PathBuf> {
        let read = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let mut found: Vec<PathBuf> = read.map(|entry| entry.path()).collect();
        found.sort();
        found
    };
    let folders = entries(&rules).into_iter().filter(|path| path.is_dir());
    folders
        .flat_map(|rule| entries(&rule.join("cases")))
        .filter(|path| {
            let extension = path.extension().and_then(|extension| extension.to_str());
            path.is_dir() || matches!(extension, Some("tf" | "json"))
        })
        .collect()
}

#[test]
fn every_case_gives_what_it_expects() {
    let cases = cases();
    assert!(cases.len() >= 60, "{} cases were found", cases.len());
    let mut wrong = String::new();
    for case in &cases {
        let (checked, folder) = match case.extension().and_then(|extension| extension.to_str()) {
            Some("json") => (plan(case, &mut wrong), String::new()),
            _ => sources(case, &mut wrong),
        };
        snapshot(case, &checked, &folder);
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

fn name(case: &Path) -> String {
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules");
    case.strip_prefix(rules)
        .expect("below the rules")
        .display()
        .to_string()
}

fn sources(case: &Path, wrong: &mut String) -> (Checked, String) {
    let copy = tempfile::TempDir::new().expect("a temporary folder");
    let file_name = |path: &Path| path.file_name().expect("a name").to_owned();
    let files: Vec<PathBuf> = if case.is_dir() {
        let walk = walkdir::WalkDir::new(case).sort_by_file_name().into_iter();
        walk.map(|entry| entry.expect("readable").into_path())
            .filter(|path| path.is_file())
            .collect()
    } else {
        vec![case.to_path_buf()]
    };
    let mut expected = Expected::new();
    let mut given = Given::default();
    let mut repository = Repository::default();
    for file in &files {
        let below = if case.is_dir() {
            file.strip_prefix(case).expect("below").to_path_buf()
        } else {
            file_name(file).into()
        };
        let target = copy.path().join(below);
        std::fs::create_dir_all(target.parent().expect("a folder")).expect("a folder");
        std::fs::copy(file, &target).expect("a copy");
        if target
            .extension()
            .is_some_and(|extension| extension == "tfvars")
        {
            given.var_files.push(target);
        } else if file_name(file) == "inventory.json" {
            given.inventories.push(target);
        } else if file_name(file) == "beside.plan" {
            given.plan = Some(target);
        }
        let text = std::fs::read_to_string(file).expect("text");
        repository.read(&text);
        read(
            &file_name(file).to_string_lossy(),
            &text,
            &mut expected,
            &mut given,
        );
    }
    given.is_repository = repository.make(copy.path());
    let checked = root(copy.path(), &given);
    let found: Expected = checked
        .violations()
        .map(|finding| {
            let (file, line) = checked.place(finding);
            (
                file,
                line,
                finding.rule.id.to_owned(),
                finding.verdict.name(),
            )
        })
        .collect();
    let refused = checked
        .plan
        .problems
        .iter()
        .filter(|one| one.kind <= tfguard::problem::ProblemKind::Refused);
    for problem in refused {
        writeln!(wrong, "{}: refused: {}", name(case), problem.message).expect("a string");
    }
    differ(case, &expected, &found, &checked, wrong);
    (checked, copy.path().display().to_string())
}

/// What a case says of the repository that it lies in.
#[derive(Default)]
struct Repository {
    ignored: Vec<String>,
    commands: Vec<String>,
}

impl Repository {
    fn read(&mut self, text: &str) {
        for line in text.lines() {
            if let Some(pattern) = line.strip_prefix("# ignored: ") {
                self.ignored.push(format!("{pattern}\n"));
            }
            if let Some(command) = line.strip_prefix("# git: ") {
                self.commands.push(command.to_owned());
            }
        }
    }

    /// Whether there is one.
    fn make(&self, folder: &Path) -> bool {
        if !self.ignored.is_empty() {
            std::fs::write(folder.join(".gitignore"), self.ignored.concat()).expect("a file");
        }
        for command in &self.commands {
            let mut git = std::process::Command::new("git");
            git.args(command.split(' ')).current_dir(folder);
            git.env("GIT_CONFIG_GLOBAL", "/dev/null");
            assert!(git.status().expect("git runs").success(), "git {command}");
        }
        !self.commands.is_empty()
    }
}

fn differ(
    case: &Path,
    expected: &Expected,
    found: &Expected,
    checked: &Checked,
    wrong: &mut String,
) {
    for (file, line, rule, verdict) in expected.difference(found) {
        writeln!(
            wrong,
            "{}: {file}:{line} expected {rule} {verdict}",
            name(case)
        )
        .expect("a string");
    }
    for (file, line, rule, verdict) in found.difference(expected) {
        writeln!(
            wrong,
            "{}: {file}:{line} not expected {rule} {verdict}",
            name(case)
        )
        .expect("a string");
        for finding in checked.violations().filter(|one| one.rule.id == rule) {
            write!(wrong, "{}", checked.render(finding)).expect("a string");
        }
    }
}

fn read(file: &str, text: &str, expected: &mut Expected, given: &mut Given) {
    for (at, line) in text.lines().enumerate() {
        let mut add = |list: &str, line: usize, verdict: Verdict| {
            let list = list.split(" #").next().unwrap_or(list);
            for rule in list.split(',').map(str::trim) {
                expected.insert((file.to_owned(), line, rule.to_owned(), verdict.name()));
            }
        };
        if let Some((_, list)) = line.split_once("# expect: ") {
            add(list, at + 1, Verdict::Fail);
        }
        if let Some((_, list)) = line.split_once("# expect-undecided: ") {
            add(list, at + 1, Verdict::Undecided);
        }
        if let Some((_, list)) = line.split_once("# expect-waived: ") {
            add(list, at + 1, Verdict::Waived);
        }
        if let Some((_, list)) = line.split_once("# expect-below: ") {
            add(list, at + 2, Verdict::Fail);
        }
        if let Some(found) = line.strip_prefix("# expect-nowhere: ") {
            let (rule, verdict) = found.split_once(' ').expect("rule and verdict");
            let verdicts = [Verdict::Fail, Verdict::Undecided];
            let verdict = verdicts.into_iter().find(|one| one.name() == verdict);
            let verdict = verdict.expect("a verdict").name();
            expected.insert(("-".to_owned(), 0, rule.to_owned(), verdict));
        }
        if let Some(variable) = line.strip_prefix("# var: ") {
            let (name, value) = variable.split_once('=').expect("name=value");
            given.vars.push((name.to_owned(), value.to_owned()));
        }
        if let Some(today) = line.strip_prefix("# today: ") {
            given.today = Some(today.trim().to_owned());
        }
        if let Some(environment) = line.strip_prefix("# environment: ") {
            given.environment = Some(environment.trim().to_owned());
        }
    }
}

fn plan(case: &Path, wrong: &mut String) -> Checked {
    let text = std::fs::read_to_string(case).expect("text");
    let expect = std::fs::read_to_string(case.with_extension("expect")).unwrap_or_default();
    let listing = case.with_extension("inventory");
    let listings = if listing.exists() {
        vec![listing]
    } else {
        Vec::new()
    };
    let checked = plan_json_with(&text, None, &listings);
    let expected: BTreeSet<String> = expect.lines().map(str::to_owned).collect();
    let found: BTreeSet<String> = checked.violations().map(verdicts::line).collect();
    for line in expected.symmetric_difference(&found) {
        let what = if expected.contains(line) {
            "expected"
        } else {
            "not expected"
        };
        writeln!(wrong, "{}: {what} {line}", name(case)).expect("a string");
    }
    checked
}

/// What is reported is kept beside the case.
fn snapshot(case: &Path, checked: &Checked, folder: &str) {
    let rendered: String = checked
        .violations()
        .map(|finding| checked.render(finding))
        .collect();
    if rendered.is_empty() {
        return;
    }
    let rendered = if folder.is_empty() {
        rendered
    } else {
        rendered.replace(folder, "ROOT")
    };
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(case.parent().expect("a folder").join("snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let stem = case
        .file_stem()
        .expect("a name")
        .to_string_lossy()
        .into_owned();
    settings.bind(|| insta::assert_snapshot!(stem, rendered));
}
