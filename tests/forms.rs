//! One plan or state in every form that it reaches people in: the verdicts are the same in all.

mod checked;
mod copied;
mod read_back;
mod recordings;
mod verdicts;
mod world;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use serde_json::Value as Json;
use tfguard::plan::binary;
use tfguard::provider::Providers;
use tfguard::report::Report;

use verdicts::{all, check};
use world::{Mutant, world};

/// Mutants whose mistakes lie where a form could lose them: flags, references, sensitivity, containers, deletions.
const MUTANTS: [&str; 8] = [
    "certificate-unvalidated",
    "force-http-quoted-one",
    "live-key-in-tfvars",
    "output-sensitive",
    "plaintext-stripe-key",
    "secret-renamed",
    "secret-string-three-modules-away",
    "webhook-shadowed",
];

/// Its name, and how a document is written in it.
type Form = (&'static str, fn(&str) -> Vec<u8>);

/// How a JSON text may be written.
const FORMS: [Form; 12] = [
    ("pretty", pretty),
    ("pretty with CRLF", |text| {
        let pretty = String::from_utf8(pretty(text)).expect("text");
        pretty.replace('\n', "\r\n").into_bytes()
    }),
    ("UTF-8 with a mark", |text| {
        format!("\u{feff}{text}").into_bytes()
    }),
    ("UTF-16LE with a mark", |text| {
        utf16(text, Mark::Yes, u16::to_le_bytes)
    }),
    ("UTF-16BE with a mark", |text| {
        utf16(text, Mark::Yes, u16::to_be_bytes)
    }),
    ("UTF-16LE without a mark", |text| {
        utf16(text, Mark::No, u16::to_le_bytes)
    }),
    ("behind the line of a wrapper", |text| {
        format!("[command]/opt/bin/terraform-bin show -json tf.plan\n{text}").into_bytes()
    }),
    ("between the lines of a wrapper", |text| {
        let before = "Acquiring state lock. This may take a few moments...\n\n  {not a plan}\n";
        format!("{before}{text}\n::debug::Terraform exited with code 0.\n").into_bytes()
    }),
    ("with the names in another order", |text| reordered(text)),
    ("without format and version", |text| {
        without(text, &["format_version", "terraform_version"])
    }),
    ("as Terraform 0.12 wrote it", as_of_0_12),
    ("as the provider reads it back", read_back::read_back),
];

/// What Terraform 0.12 did not write yet.
const LATER: [&str; 12] = [
    "action_reason",
    "after_sensitive",
    "applyable",
    "before_sensitive",
    "check_results",
    "checks",
    "complete",
    "errored",
    "relevant_attributes",
    "sensitive_values",
    "replace_paths",
    "timestamp",
];

#[derive(Clone, Copy)]
enum Mark {
    Yes,
    No,
}

fn pretty(text: &str) -> Vec<u8> {
    serde_json::to_vec_pretty(&parsed(text)).expect("JSON")
}

fn utf16(text: &str, mark: Mark, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    let mark = matches!(mark, Mark::Yes).then_some(0xFEFF);
    mark.into_iter()
        .chain(text.encode_utf16())
        .flat_map(bytes)
        .collect()
}

fn parsed(text: &str) -> Json {
    serde_json::from_str(text).expect("JSON")
}

fn edited(text: &str, edit: &dyn Fn(&mut serde_json::Map<String, Json>)) -> Vec<u8> {
    fn walk(value: &mut Json, edit: &dyn Fn(&mut serde_json::Map<String, Json>)) {
        match value {
            Json::Object(members) => {
                edit(members);
                members.values_mut().for_each(|value| walk(value, edit));
            }
            Json::Array(elements) => elements.iter_mut().for_each(|value| walk(value, edit)),
            _ => {}
        }
    }
    let mut value = parsed(text);
    walk(&mut value, edit);
    serde_json::to_vec(&value).expect("JSON")
}

fn reordered(text: &str) -> Vec<u8> {
    edited(text, &|members| {
        *members = std::mem::take(members).into_iter().rev().collect();
    })
}

fn without(text: &str, names: &[&str]) -> Vec<u8> {
    edited(text, &|members| {
        members.retain(|name, _| !names.contains(&name.as_str()));
    })
}

fn as_of_0_12(text: &str) -> Vec<u8> {
    edited(text, &|members| {
        members.retain(|name, _| !LATER.contains(&name.as_str()));
        if let Some(version) = members.get_mut("format_version") {
            *version = "0.1".into();
            members.insert("terraform_version".into(), "0.12.31".into());
        }
    })
}

/// The folders that recordings lie in, with their names.
fn folders() -> Vec<(String, PathBuf)> {
    let of = |below: &str, name: &str| (name.to_owned(), world().join(below).join(name));
    let worlds = ["dev", "staging", "prod", "prod/again"].map(|name| of("recorded", name));
    let mutants = MUTANTS.map(|name| of("mutants", name));
    worlds.into_iter().chain(mutants).collect()
}

/// A recording of that name, where the folder has it or what it differs in from that of the good world.
fn recording(folder: &Path, name: &str) -> Option<String> {
    if let Some(path) = recordings::find(folder, name) {
        return Some(recordings::text(&path));
    }
    recordings::find(folder, &format!("{name}.diff"))?;
    let mutant = folder.file_name()?.to_string_lossy();
    Some(Mutant::named(&mutant).state(name))
}

fn check_bytes(bytes: &[u8]) -> Report {
    let folder = tempfile::tempdir().expect("a temporary folder");
    // The name tells nothing: the kind is found by content.
    let path = folder.path().join("evidence");
    std::fs::write(&path, bytes).expect("a file");
    check([path.as_os_str()])
}

/// What two reports differ in, a line each.
fn differences(one: &Report, other: &Report) -> Vec<String> {
    let (one_has, other_has) = (all(one), all(other));
    let mut lines: Vec<String> = one_has
        .difference(&other_has)
        .map(|line| format!("  lost: {line}"))
        .chain(
            other_has
                .difference(&one_has)
                .map(|line| format!("  gained: {line}")),
        )
        .collect();
    let resources =
        |report: &Report| -> usize { report.environments.iter().map(|one| one.resources).sum() };
    if resources(one) != resources(other) {
        lines.push(format!(
            "  {} resources, and {}",
            resources(one),
            resources(other)
        ));
    }
    lines.extend(
        other
            .errors
            .iter()
            .map(|error| format!("  error: {}", error.message)),
    );
    lines
}

/// Old formats have no results of conditions, and a plan as JSON names them by object where a saved one does by instance.
fn is_condition_that_holds(line: &str) -> bool {
    line.contains("condition-failed pass")
}

/// A recording of each folder, by turns of these names, in every form, against the form in which Terraform printed it.
fn hold_to_one_verdict(names: [&str; 2]) -> usize {
    let by_turns = folders()
        .into_iter()
        .zip(names.into_iter().cycle())
        .filter_map(|((of, folder), name)| {
            let other = names.into_iter().find(|one| *one != name)?;
            let text = recording(&folder, name).or_else(|| recording(&folder, other))?;
            Some((of, text))
        });
    let recorded: Vec<(String, String)> = by_turns.collect();
    let wrong: Vec<String> = recorded
        .par_iter()
        .flat_map_iter(|(name, text)| {
            let plain = check_bytes(text.as_bytes());
            assert!(plain.errors.is_empty(), "{name}: {:?}", plain.errors);
            assert!(all(&plain).len() > 10, "{name}: hardly any verdict");
            FORMS.iter().filter_map(move |(form, write)| {
                let mut lines = differences(&plain, &check_bytes(&write(text)));
                lines.retain(|line| !is_condition_that_holds(line));
                (!lines.is_empty()).then(|| format!("{name}, {form}:\n{}", lines.join("\n")))
            })
        })
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    recorded.len()
}

#[test]
fn every_form_of_a_plan_gets_its_verdicts() {
    assert!(hold_to_one_verdict(["update.json", "plan.json"]) >= 12);
}

#[test]
fn every_form_of_a_state_gets_its_verdicts() {
    assert!(hold_to_one_verdict(["terraform.tfstate", "state.json"]) >= 10);
}

#[test]
fn a_state_as_it_is_stored_gets_the_verdicts_of_its_json() {
    let mut compared = 0;
    for (name, folder) in folders() {
        let both = recording(&folder, "terraform.tfstate").zip(recording(&folder, "state.json"));
        let Some((stored, printed)) = both else {
            continue;
        };
        let lines = differences(
            &check_bytes(stored.as_bytes()),
            &check_bytes(printed.as_bytes()),
        );
        assert!(lines.is_empty(), "{name}:\n{}", lines.join("\n"));
        compared += 1;
    }
    assert!(compared >= 10, "{compared} states were compared");
}

/// A saved plan is its JSON and the sources that it carries.
#[test]
fn a_saved_plan_gets_the_verdicts_of_its_json_and_sources() {
    let saved: Vec<(String, PathBuf)> = folders()
        .into_iter()
        .filter(|(_, folder)| folder.join("tf.plan").exists())
        .collect();
    assert!(saved.len() > 10, "the fixtures are there");
    let wrong: Vec<String> = saved
        .par_iter()
        .filter_map(|(name, folder)| {
            let bytes = std::fs::read(folder.join("tf.plan")).expect("readable");
            let laid_out = tempfile::tempdir().expect("a temporary folder");
            let root = lay_out(&bytes, laid_out.path());
            let plan = laid_out.path().join("printed");
            std::fs::write(&plan, recording(folder, "plan.json").expect("beside it"))
                .expect("a file");
            let source = "--source".as_ref();
            let joined = check([plan.as_os_str(), source, root.as_os_str()]);
            let mut lines = differences(&joined, &check_bytes(&bytes));
            // What a plan carries belongs to it: there is nothing to compare.
            lines
                .retain(|line| !line.contains("stale-plan pass") && !is_condition_that_holds(line));
            (!lines.is_empty()).then(|| format!("{name}:\n{}", lines.join("\n")))
        })
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Writes the sources of a saved plan into a folder, and tells where the root module lies.
fn lay_out(bytes: &[u8], folder: &Path) -> PathBuf {
    let providers = Arc::new(Providers::default());
    let carried = binary::read(bytes, Path::new("tf.plan"), &providers)
        .expect("a plan")
        .sources;
    for (path, text) in &carried.files {
        let target = folder.join(path);
        std::fs::create_dir_all(target.parent().expect("a folder")).expect("a folder");
        std::fs::write(target, text).expect("a file");
    }
    folder.join(carried.root)
}
