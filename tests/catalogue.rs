//! The catalogue of rules: each folder is registered, in one pack, with a page that says all of it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use tfguard::rule::{Level, RuleSettings, pack};
use tfguard::rules;

fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn folders() -> BTreeSet<String> {
    let read = std::fs::read_dir(repository().join("src/rules")).expect("the rules");
    read.map(|entry| entry.expect("readable"))
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

#[test]
fn each_folder_is_a_rule_in_one_pack() {
    let registered: Vec<&str> = rules::ALL.iter().map(|rule| rule.meta().id).collect();
    let ids: BTreeSet<String> = registered.iter().map(|id| (*id).to_owned()).collect();
    assert_eq!(ids.len(), registered.len(), "an id is there twice");
    assert_eq!(ids, folders());
    assert_eq!(
        rules::with_settings().len(),
        ids.len(),
        "each rule is in a pack"
    );
    let packs = ["aws-core", "runbook"].map(|name| {
        let path = repository().join(format!("policies/{name}.hcl"));
        std::fs::read_to_string(path).expect("a pack")
    });
    for id in &ids {
        let header = format!("rule \"{id}\" {{");
        let times: usize = packs.iter().map(|text| text.matches(&header).count()).sum();
        assert_eq!(times, 1, "{id} stands in one pack, once");
    }
    let in_packs: BTreeSet<String> = pack::embedded().keys().map(ToString::to_string).collect();
    assert_eq!(in_packs, ids, "a pack names a rule that is none");
}

#[test]
fn each_rule_is_on_and_its_parameters_are_those_of_its_pack() {
    for (
        rule,
        RuleSettings {
            level, parameters, ..
        },
    ) in rules::with_settings()
    {
        let meta = rule.meta();
        assert!(level > Level::Off, "{} is off", meta.id);
        let declared: BTreeSet<&str> = meta.parameters.iter().map(|one| one.name).collect();
        let given: BTreeSet<&str> = parameters.keys().map(AsRef::as_ref).collect();
        assert_eq!(declared, given, "{}", meta.id);
    }
}

#[test]
fn each_page_says_all_of_it() {
    for rule in rules::ALL {
        let meta = rule.meta();
        let page = meta.page;
        assert!(page.starts_with(&format!("# {}\n", meta.id)), "{}", meta.id);
        for heading in [
            "What it protects",
            "Fails",
            "Passes",
            "How to mend",
            "Parameters",
        ] {
            let found = page.contains(&format!("\n## {heading}\n"));
            assert!(found, "the page of {} has no `{heading}`", meta.id);
        }
        assert!(
            page.matches("```hcl").count() >= 2,
            "{} has two examples",
            meta.id
        );
        let summary = meta.summary.to_lowercase();
        let sentence = page.lines().nth(2).unwrap_or_default().to_lowercase();
        assert_eq!(sentence.trim_end_matches('.'), summary, "{}", meta.id);
        for parameter in meta.parameters {
            let line = format!("* `{}`:", parameter.name);
            assert!(
                page.contains(&line),
                "the page of {} has no {line}",
                meta.id
            );
        }
    }
}

#[test]
fn each_rule_has_cases_that_fail_and_cases_that_do_not() {
    for id in folders() {
        let cases = repository().join("src/rules").join(&id).join("cases");
        let mut expecting = 0;
        let mut all = 0;
        for entry in std::fs::read_dir(&cases).expect("cases").flatten() {
            if entry.file_name() == "snapshots" {
                continue;
            }
            let path = entry.path();
            // Those of a plan stand beside it.
            if path
                .extension()
                .is_some_and(|ending| ending == "expect" || ending == "inventory")
            {
                continue;
            }
            let beside = std::fs::read_to_string(path.with_extension("expect"));
            let files = walkdir::WalkDir::new(&path).into_iter().flatten();
            let texts: Vec<String> = files
                .filter(|file| file.file_type().is_file())
                .map(|file| std::fs::read_to_string(file.path()).expect("text"))
                .collect();
            all += 1;
            let expects = |text: &String| text.contains("# expect") && text.contains(&id);
            let is_named = beside.is_ok_and(|text| text.contains(&id));
            expecting += usize::from(is_named || texts.iter().any(expects));
        }
        assert!(all >= 6, "{id} has {all} cases");
        assert!(
            expecting >= 1 && expecting < all,
            "{id}: {expecting} of {all} cases expect it"
        );
    }
}

/// The README's table, once it has one between its markers.
#[test]
fn the_table_of_the_readme_is_the_catalogue() {
    let Ok(readme) = std::fs::read_to_string(Path::new(&repository()).join("README.md")) else {
        return;
    };
    let Some((_, rest)) = readme.split_once("<!-- rules -->") else {
        return;
    };
    let table = rest.split("<!-- /rules -->").next().unwrap_or(rest);
    let rows: BTreeSet<String> = table
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| {
            line.split('|')
                .map(|cell| cell.trim().trim_matches('`'))
                .collect::<Vec<_>>()[1]
                .to_owned()
        })
        .collect();
    assert_eq!(rows, folders());
    for (rule, settings) in rules::with_settings() {
        let meta = rule.meta();
        let row = table
            .lines()
            .find(|line| line.starts_with(&format!("| `{}` |", meta.id)));
        let row = row.expect("a row");
        for cell in [settings.level.name(), settings.pack, meta.summary] {
            assert!(row.contains(cell), "{}: {cell}", meta.id);
        }
    }
}
