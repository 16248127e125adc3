//! The runbook's world and its mutants: one mistake each, and exactly the verdicts that it should change.

mod checked;
mod copied;
mod recordings;
mod verdicts;
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use checked::{Checked, joined, plan_json, state_with};
use rayon::prelude::*;
use recordings::text;
use tfguard::rule::Verdict;
use tfguard::rules;
use tfguard::value::Shape;
use verdicts::{Verdicts, line};
use world::{Mutant, STATES, differences, mutants, of_sources, recorded, surroundings};

/// What a saved plan leaves open, in the good world too: `templatefile` reads a file that lies in no saved plan.
const OPEN_IN_SAVED_PLANS: [&str; 2] = [
    "plaintext-container-secret undecided module.worker.aws_ecs_task_definition.this",
    "unreadable-container-secret undecided module.worker.aws_ecs_task_definition.this",
];

fn violations(checked: &Checked) -> Verdicts {
    checked.violations().map(line).collect()
}

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

#[test]
fn the_good_worlds_keep_every_promise() {
    for environment in ["dev", "staging", "prod"] {
        let checked = of_sources(&world::world(), environment, Vec::new());
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
        let stored = of_state(&text(&recorded("prod", name)), &endpoints());
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

/// What a rule says of a mutant that is not as expected, a line each, and its findings.
fn compare(from: &str, expected: &Verdicts, found: &Verdicts, checked: &Checked) -> String {
    let mut wrong = differences(from, expected, found);
    let further = found.difference(expected);
    let rules: BTreeSet<&str> = further.filter_map(|line| line.split(' ').next()).collect();
    let findings = checked.findings.iter();
    for finding in findings.filter(|one| rules.contains(one.rule.id)) {
        write!(wrong, "{}", checked.render(finding)).expect("a string");
    }
    wrong
}

/// Rules that say nothing of what is right: nobody tells of each module that it was read.
const SILENT: [&str; 1] = ["module-not-read"];

/// Whether a rule that is nearly broken looked, and found nothing.
fn has_passed<'a>(rule: &str, mut found: impl Iterator<Item = &'a String>) -> bool {
    let passes = format!("{rule} {} ", Verdict::Pass.name());
    SILENT.contains(&rule) || found.any(|line| line.starts_with(&passes))
}

/// The rule that judges what happens to what is there already.
const OF_CHANGES: &str = "protected-resource-destroyed";

/// What is called near, and is not, among the rules that such evidence is for.
fn not_near(mutant: &Mutant, checked: &Checked, is_for: impl Fn(&str) -> bool) -> String {
    let all: Verdicts = checked.findings.iter().map(line).collect();
    let near = mutant.near().into_iter();
    let near = near.filter(|rule| is_for(rule) && !has_passed(rule, all.iter()));
    near.map(|rule| format!("`{rule}` does not pass: it is not near\n"))
        .collect()
}

/// Looks at all mutants, each of which tells what is wrong with it.
fn for_each_mutant(look: impl Fn(&Mutant) -> String + Sync) {
    let mutants = mutants();
    assert!(mutants.len() >= 120, "{} mutants were found", mutants.len());
    let wrong: String = mutants
        .par_iter()
        .map(|mutant| {
            let wrong = look(mutant);
            wrong.lines().fold(String::new(), |all, line| {
                format!("{all}{}: {line}\n", mutant.name)
            })
        })
        .collect();
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn each_mutant_changes_exactly_its_verdicts_from_sources_and_joined_with_its_plan() {
    for_each_mutant(|mutant| {
        let folder = tempfile::TempDir::new().expect("a temporary folder");
        mutant.lay_out(folder.path());
        let checked = of_sources(folder.path(), "prod", mutant.vars());
        let expected = mutant.expected(&["expect", "expect.sources"]);
        let mut wrong = compare("sources", &expected, &violations(&checked), &checked);
        wrong += &not_near(mutant, &checked, |rule| rule != OF_CHANGES);
        let plan = text(&mutant.file("plan.json.gz"));
        let both = joined(&plan, checked, Some("prod"));
        wrong + &compare("plan and sources", &expected, &violations(&both), &both)
    });
}

/// A saved plan carries its sources, but for what they read besides.
#[test]
fn each_mutant_changes_its_verdicts_in_its_saved_plan() {
    for_each_mutant(|mutant| {
        let mut expected = mutant.expected(&["expect", "expect.sources"]);
        for open in OPEN_IN_SAVED_PLANS {
            expected.remove(&open.replace(" undecided ", " fail "));
            expected.insert(open.to_owned());
        }
        for line in mutant.not_in_saved_plan() {
            assert!(expected.remove(&line), "{}: {line}", mutant.name);
        }
        let found = of_saved_plan(&mutant.file("tf.plan"));
        differences("tf.plan", &expected, &found)
    });
}

/// A state, judged with the endpoints in a folder: no state tells them.
fn of_state(text: &str, endpoints: &Path) -> Checked {
    state_with(text, Some("prod"), endpoints)
}

fn endpoints() -> PathBuf {
    world::world().join("endpoints")
}

/// The rules that judge what is there, by what they say of the good world.
fn judges_of_states() -> BTreeSet<&'static str> {
    let good = of_state(&text(&recorded("prod", "terraform.tfstate")), &endpoints());
    good.findings.iter().map(|one| one.rule.id).collect()
}

/// What is there after the apply shows what a state can show.
#[test]
fn each_mutant_shows_in_its_state() {
    let judges = judges_of_states();
    for_each_mutant(|mutant| {
        if !mutant.has_state() {
            return String::new();
        }
        let expected = mutant.expected_of_state(|rule| judges.contains(rule));
        let own = Some(mutant.file("endpoints")).filter(|own| own.exists());
        let endpoints = own.unwrap_or_else(endpoints);
        let wrong = STATES.map(|form| {
            let checked = of_state(&mutant.state(form), &endpoints);
            let wrong = compare(form, &expected, &violations(&checked), &checked);
            wrong + &not_near(mutant, &checked, |rule| judges.contains(rule))
        });
        wrong.concat()
    });
}

#[test]
fn each_mutant_changes_exactly_its_verdicts_in_a_plan_on_the_state() {
    for_each_mutant(|mutant| {
        let checked = plan_json(&text(&mutant.file("update.json.gz")), Some("prod"));
        let expected = mutant.expected(&["expect", "expect.update", "expect.plan"]);
        let found = violations(&checked);
        let wrong = compare("update.json", &expected, &found, &checked);
        wrong + &not_near(mutant, &checked, |rule| rule == OF_CHANGES)
    });
}

/// What a plan on an empty state can decide is decided as from sources.
#[test]
fn each_mutant_changes_its_verdicts_in_a_first_plan() {
    let good = violations(&plan_json(
        &text(&recorded("prod", "plan.json")),
        Some("prod"),
    ));
    for_each_mutant(|mutant| {
        let checked = plan_json(&text(&mutant.file("plan.json.gz")), Some("prod"));
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
        let left_open = |line: &&String| by_plan.contains(&line.replace(" fail ", " undecided "));
        let expected = mutant
            .expected(&["expect"])
            .iter()
            .filter(|line| !open(line) && !left_open(line))
            .chain(&by_plan)
            .cloned()
            .collect();
        compare("plan.json", &expected, &found, &checked)
    });
}

#[test]
fn what_lies_beside_the_evidence_changes_exactly_its_verdicts() {
    let all = surroundings();
    assert!(all.len() >= 20, "{} surroundings were found", all.len());
    let wrong: String = all
        .par_iter()
        .map(|one| {
            let laid = one.lay_out();
            let mut passed = Verdicts::new();
            let wrong = laid.found().map(|(from, found)| {
                let pass = |line: &String| line.split(' ').nth(1) == Some(Verdict::Pass.name());
                let (right, found): (Verdicts, Verdicts) = found.into_iter().partition(pass);
                passed.extend(right);
                differences(from, &one.expected(from), &found)
            });
            let near = one.near().into_iter();
            let near = near.filter(|rule| !has_passed(rule, passed.iter()));
            let near = near.map(|rule| format!("`{rule}` does not pass: it is not near\n"));
            let wrong: String = wrong.into_iter().chain(near).collect();
            wrong.lines().fold(String::new(), |all, line| {
                format!("{all}{}: {line}\n", one.name)
            })
        })
        .collect();
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// Rules that give no verdict `fail`, with the verdict that a world must get instead.
const OTHER_VERDICT: [(&str, &str); 1] = [
    // What nobody read is undecided: nothing tells that it is wrong.
    ("module-not-read", "undecided"),
];

/// The worlds that a rule is shown by.
#[derive(Default)]
struct Shown {
    fails: BTreeSet<String>,
    near: BTreeSet<String>,
    fails_in_state: BTreeSet<String>,
    near_in_state: BTreeSet<String>,
}

/// The worlds by rule.
fn table() -> BTreeMap<&'static str, Shown> {
    let judges = judges_of_states();
    let mut table: BTreeMap<&str, Shown> = BTreeMap::new();
    let (mutants, surroundings) = (mutants(), surroundings());
    for rule in rules::ALL.iter().map(|rule| rule.meta().id) {
        let verdict = OTHER_VERDICT.iter().find(|(other, _)| *other == rule);
        let verdict = verdict.map_or(Verdict::Fail.name(), |(_, verdict)| verdict);
        let line = format!("{rule} {verdict} ");
        let fails = |expected: &Verdicts| expected.iter().any(|one| one.starts_with(&line));
        let shown = table.entry(rule).or_default();
        for mutant in &mutants {
            let name = || mutant.name.clone();
            let files = ["", ".sources", ".plan", ".first", ".update"];
            let files = files.map(|of| format!("expect{of}"));
            if fails(&mutant.expected(&files.each_ref().map(String::as_str))) {
                shown.fails.insert(name());
            }
            let is_near = mutant.near().iter().any(|near| near == rule);
            if is_near {
                shown.near.insert(name());
            }
            if mutant.has_state() && judges.contains(rule) {
                if fails(&mutant.expected_of_state(|one| one == rule)) {
                    shown.fails_in_state.insert(name());
                } else if is_near {
                    shown.near_in_state.insert(name());
                }
            }
        }
        for one in &surroundings {
            if fails(&one.expected("sources")) || fails(&one.expected("plan")) {
                shown.fails.insert(one.name.clone());
            }
            if one.near().iter().any(|near| near == rule) {
                shown.near.insert(one.name.clone());
            }
        }
    }
    table
}

/// `fixtures/runbook/rules.md` lists them; `TFGUARD_BLESS=1` writes it.
#[test]
fn each_rule_has_two_worlds_that_fail_and_one_that_nearly_does() {
    let judges = judges_of_states();
    let mut wrong = String::new();
    let mut page = String::from(
        "# The worlds by rule\n\nMutants and surroundings that break a rule, and those that nearly do. `tests/mutants.rs` writes this page and keeps it so: two of the former and one of the latter for each rule; of states one of each, where a state can hold the fact.\n",
    );
    for (rule, shown) in table() {
        let (fails, near) = (shown.fails.len(), shown.near.len());
        if fails < 2 || near < 1 {
            writeln!(wrong, "`{rule}`: {fails} worlds fail, {near} nearly").expect("a string");
        }
        let states = [&shown.fails_in_state, &shown.near_in_state];
        if judges.contains(rule) && states.iter().any(|worlds| worlds.is_empty()) {
            let [fails, near] = states.map(BTreeSet::len);
            writeln!(wrong, "`{rule}`: {fails} states fail, {near} nearly").expect("a string");
        }
        let list = |worlds: &BTreeSet<String>| {
            let names: Vec<&str> = worlds.iter().map(String::as_str).collect();
            names.join(", ")
        };
        write!(
            page,
            "\n## {rule}\n* Fails: {}\n* Near: {}\n",
            list(&shown.fails),
            list(&shown.near)
        )
        .expect("a string");
        if judges.contains(rule) {
            writeln!(
                page,
                "* Fails in the state: {}",
                list(&shown.fails_in_state)
            )
            .expect("a string");
            writeln!(page, "* Near in the state: {}", list(&shown.near_in_state))
                .expect("a string");
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    let path = world::world().join("rules.md");
    if std::env::var_os("TFGUARD_BLESS").is_some() {
        std::fs::write(&path, &page).expect("a page");
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(written, page, "TFGUARD_BLESS=1 writes it anew");
}
