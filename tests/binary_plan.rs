//! A saved plan says what its JSON says, without any provider; damaged and foreign archives are errors.

mod recordings;

use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tfguard::plan::binary::{self, BinaryPlan};
use tfguard::plan::detect::{Kind, detect};
use tfguard::plan::error::Reason;
use tfguard::plan::{ProblemKind, json};
use tfguard::provider::Providers;
use tfguard::value::Value;
use zip::write::SimpleFileOptions;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn read(bytes: &[u8]) -> Result<BinaryPlan, Reason> {
    let providers = Arc::new(Providers::default());
    binary::read(bytes, Path::new("tf.plan"), &providers).map_err(|error| error.reason)
}

fn recorded() -> Vec<PathBuf> {
    let found: Vec<PathBuf> = walkdir::WalkDir::new(fixtures())
        .sort_by_file_name()
        .into_iter()
        .map(|entry| entry.expect("readable").into_path())
        .filter(|path| path.file_name().is_some_and(|name| name == "tf.plan"))
        // Those of command lines stand alone.
        .filter(|path| !path.components().any(|part| part.as_os_str() == "cli"))
        .collect();
    assert!(found.len() >= 4, "the fixtures are there");
    found
}

#[test]
fn a_saved_plan_says_what_its_json_says() {
    let mut attributes = 0;
    for path in recorded() {
        let bytes = std::fs::read(&path).expect("readable");
        assert_eq!(detect(&bytes), Kind::BinaryPlan);
        let saved = read(&bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let text = beside(&path);
        let printed =
            json::read(&text.into(), &path, &Arc::new(Providers::default())).expect("a plan");
        assert_eq!(saved.plan.terraform_version, printed.terraform_version);
        let addresses = |plan: &tfguard::plan::Plan| {
            plan.resources()
                .iter()
                .map(|one| one.address.to_string())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            addresses(&saved.plan),
            addresses(&printed),
            "{}",
            path.display()
        );
        for (left, right) in saved.plan.resources().iter().zip(printed.resources()) {
            let at = format!("{}: {}", path.display(), left.address);
            assert_eq!(left.change.action, right.change.action, "{at}");
            assert_eq!(left.provider, right.provider, "{at}");
            assert_eq!(
                format!("{:?}", left.before()),
                format!("{:?}", right.before()),
                "{at}"
            );
            assert_eq!(left.after().is_null(), right.after().is_null(), "{at}");
            for (name, value) in left.after().as_entries().into_iter().flatten() {
                attributes += 1;
                let other = right.attribute(name);
                assert_eq!(
                    value.marks().sensitive,
                    other.marks().sensitive,
                    "{at}.{name}"
                );
                // Sources of secrets are told by the configuration, which only the JSON has.
                let plain = |value: &Value| {
                    let marks = value.marks().without_secrets();
                    format!("{:?}", value.clone().replace_marks(marks))
                };
                assert_eq!(plain(value), plain(other), "{at}.{name}");
            }
        }
        let names = |plan: &tfguard::plan::Plan| plan.outputs.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&saved.plan), names(&printed), "{}", path.display());
        assert_eq!(saved.plan.problems, printed.problems, "{}", path.display());
    }
    assert!(
        attributes > 1_000,
        "only {attributes} attributes were compared"
    );
}

/// The JSON of the plan, recorded beside it.
fn beside(plan: &Path) -> String {
    let folder = plan.parent().expect("a folder");
    recordings::text(&recordings::find(folder, "plan.json").expect("recorded"))
}

#[test]
fn the_sources_are_laid_out_as_they_were() {
    let bytes = std::fs::read(fixtures().join("runbook/recorded/prod/tf.plan")).expect("readable");
    let sources = read(&bytes).expect("a plan").sources;
    assert_eq!(sources.problems, []);
    let modules = sources.root.join(".terraform/modules/modules.json");
    assert!(sources.files.contains_key(&modules));
    assert!(sources.files.contains_key(&sources.root.join("alb.tf")));
    let folders: std::collections::BTreeSet<_> = sources
        .files
        .keys()
        .filter_map(|path| path.parent())
        .collect();
    assert!(folders.len() > 8, "{folders:?}");
}

/// A zip of these files.
fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        writer
            .start_file(*name, SimpleFileOptions::default())
            .expect("in memory");
        writer.write_all(content).expect("in memory");
    }
    writer.finish().expect("in memory").into_inner()
}

#[test]
fn foreign_and_hostile_archives_are_refused() {
    let reason = |bytes: &[u8]| read(bytes).map(|_| ()).expect_err("refused").to_string();
    assert!(reason(b"PK\x03\x04").contains("damaged"));
    assert!(reason(&archive(&[("a.txt", b"x")])).contains("holds no Terraform plan"));
    assert!(reason(&archive(&[("tfplan", b"\xff\xff\xff")])).contains("damaged"));
    assert!(reason(&archive(&[("tfplan", b"\x08\x04")])).contains("format version `4`"));
    let bomb = vec![0; 600 << 20];
    assert!(reason(&archive(&[("tfplan", &bomb)])).contains("holds more than"));
}

#[test]
fn no_file_leaves_the_tree() {
    let manifest = br#"[{"Key": "", "Dir": "."}, {"Key": "up", "Source": "../../x", "Dir": "../../x"}, {"Key": "abs", "Dir": "/etc"}]"#;
    let bytes = archive(&[
        ("tfplan", b"\x08\x03"),
        ("tfconfig/modules.json", manifest),
        ("tfconfig/m-/main.tf", b"a"),
        ("tfconfig/m-/../../../evil.tf", b"b"),
        ("tfconfig/m-up/main.tf", b"c"),
        ("tfconfig/m-abs/passwd.tf", b"d"),
        ("tfconfig/m-unknown/main.tf", b"e"),
        ("../outside", b"f"),
    ]);
    let sources = read(&bytes).expect("a plan").sources;
    for path in sources.files.keys() {
        assert!(
            path.components()
                .all(|step| matches!(step, std::path::Component::Normal(_))),
            "{}",
            path.display()
        );
    }
    assert_eq!(sources.root, Path::new("up0/up1"));
    assert!(sources.files.contains_key(Path::new("x/main.tf")));
    assert_eq!(sources.problems.len(), 2, "{:?}", sources.problems);
}

#[test]
fn a_damaged_plan_is_never_taken_for_a_good_one() {
    let path = fixtures().join("runbook/recorded/dev/tf.plan");
    let bytes = std::fs::read(path).expect("readable");
    let whole = read(&bytes).expect("a plan").plan.resources().len();
    for end in (0..bytes.len()).step_by(997) {
        assert!(read(&bytes[..end]).is_err(), "cut at {end}");
    }
    for at in (0..bytes.len()).step_by(331) {
        let mut changed = bytes.clone();
        changed[at] ^= 0x55;
        if let Ok(read) = read(&changed) {
            let noticed = read
                .plan
                .problems
                .iter()
                .any(|problem| problem.kind != ProblemKind::Note);
            assert!(read.plan.resources().len() >= whole || noticed, "byte {at}");
        }
    }
}
