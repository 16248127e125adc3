//! The runbook's world, its mutants and what lies beside them: `fixtures/runbook`.
#![allow(dead_code, unused_imports)] // Each test that includes this file uses some of it.

mod mutant;
mod patch;
mod surroundings;

use std::path::{Path, PathBuf};

use tfguard::rules;

use crate::copied;
use crate::recordings::text;
use crate::verdicts::Verdicts;

pub use mutant::{Mutant, STATES, mutants, of_sources};
pub use surroundings::surroundings;

/// Where the world lies.
pub fn world() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/runbook")
}

/// What was recorded of the good world.
pub fn recorded(environment: &str, name: &str) -> PathBuf {
    world().join("recorded").join(environment).join(name)
}

/// The lines of a file that are no comments; none where there is no such file.
fn lines(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(str::to_owned).collect()
}

/// The verdicts that a file lists.
fn expectations(path: &Path) -> Verdicts {
    let lines = lines(path).into_iter();
    lines
        .filter(|line| {
            let rule = line.split(' ').next().unwrap_or_default();
            let known = rules::ALL.iter().any(|one| one.meta().id == rule);
            assert!(known, "{}: no rule is called `{rule}`", path.display());
            known
        })
        .collect()
}

/// What differs between verdicts, a line each.
pub fn differences(from: &str, expected: &Verdicts, found: &Verdicts) -> String {
    let missing = expected.difference(found);
    let missing = missing.map(|line| format!("{from}: expected: {line}\n"));
    let further = found.difference(expected);
    let further = further.map(|line| format!("{from}: not expected: {line}\n"));
    missing.chain(further).collect()
}

/// The folders in a folder, by name.
fn folders(folder: &Path) -> Vec<(String, PathBuf)> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let paths = entries.map(|entry| entry.expect("readable").path());
    let named = |path: PathBuf| {
        let name = path.file_name().expect("a name").to_string_lossy();
        (name.into_owned(), path)
    };
    let mut found: Vec<_> = paths.filter(|path| path.is_dir()).map(named).collect();
    found.sort();
    found
}

fn copy(from: &Path, to: &Path) {
    copied::copy(from, to, |_| true);
}
