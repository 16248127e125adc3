//! `tfguard.hcl`: what the documentation shows is taken, what `init` writes changes no verdict, and the environment of a
//! run is found in the order that is promised.

mod copied;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tfguard::settings::Settings;
use tfguard::source::Sources;

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A copy of the sources of the runbook's world.
fn world() -> tempfile::TempDir {
    let copy = tempfile::tempdir().expect("a temporary folder");
    let from = repository().join("fixtures/runbook/infra");
    copied::copy(&from, &copy.path().join("infra"), |_| true);
    copy
}

struct Run {
    code: i32,
    stdout: String,
}

fn tfguard(folder: &Path, arguments: &[&str]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tfguard"));
    command.args(arguments).current_dir(folder).env_clear();
    let output = command.output().expect("the binary runs");
    Run {
        code: output.status.code().expect("it ends by itself"),
        stdout: String::from_utf8(output.stdout).expect("output is UTF-8"),
    }
}

fn report(folder: &Path, arguments: &[&str]) -> (i32, Value) {
    let all = [arguments, &["--format", "json", "--today", "2026-11-25"]].concat();
    let run = tfguard(folder, &all);
    (
        run.code,
        serde_json::from_str(&run.stdout).expect("a report"),
    )
}

/// Findings and the counts of each environment: what is told, less times and places of settings.
fn verdicts(report: &Value) -> Vec<String> {
    let text = |value: &Value, names: &[&str]| -> String {
        names
            .iter()
            .map(|name| format!("{} ", value[name]))
            .collect()
    };
    let list = |name: &str| report[name].as_array().expect("a list").clone();
    let mut found: Vec<String> = list("environments")
        .iter()
        .map(|one| {
            text(
                one,
                &[
                    "name",
                    "production",
                    "rules",
                    "passed",
                    "failed",
                    "undecided",
                    "waived",
                ],
            )
        })
        .collect();
    found.extend(list("findings").iter().map(|one| {
        text(
            one,
            &["rule", "verdict", "level", "address", "environments"],
        )
    }));
    found.sort();
    found
}

#[test]
fn what_init_writes_changes_no_verdict() {
    let worlds: [&[(&str, &str)]; 3] = [
        &[],
        // Production is broken, and stays so.
        &[("env/prod.tfvars", "\nforce_http_forwarding = true\n")],
        // An environment that cannot be evaluated whole.
        &[("env/extra.tfvars", "project = \"x\"\n")],
    ];
    for changes in worlds {
        let world = world();
        let root = world.path().join("infra/aws/terraform");
        for (file, text) in changes {
            let path = root.join(file);
            let known = fs::read_to_string(&path).unwrap_or_default();
            fs::write(
                &path,
                known.replace("force_http_forwarding", "# was") + text,
            )
            .expect("a file can be written");
        }
        let before = report(world.path(), &["check"]);
        let init = tfguard(world.path(), &["init"]);
        assert_eq!(init.code, 0);
        assert!(
            init.stdout.contains("wrote `tfguard.hcl`"),
            "{}",
            init.stdout
        );
        let after = report(world.path(), &["check"]);
        let text = fs::read_to_string(world.path().join("tfguard.hcl")).expect("it is written");
        assert_eq!(verdicts(&before.1), verdicts(&after.1), "{text}");
        assert_eq!(before.0, after.0);
        assert_eq!(
            tfguard(world.path(), &["init"]).code,
            2,
            "it is not written over"
        );
        assert_eq!(
            fs::read_to_string(world.path().join("tfguard.hcl")).expect("text"),
            text
        );
    }
}

/// The examples of the documents are read without a complaint.
#[test]
fn documents_show_what_is_taken() {
    let world = world();
    let mut read = 0;
    for document in ["README.md", "docs/configuration.md"] {
        let text = fs::read_to_string(repository().join(document)).expect("a document");
        for block in text.split("```hcl\n").skip(1) {
            let block = block.split("```").next().expect("it ends");
            if !["environment", "rule", "waiver"]
                .iter()
                .any(|kind| block.starts_with(kind))
            {
                continue;
            }
            let sources = Sources::default();
            let settings = Settings::parse(block, &world.path().join("tfguard.hcl"), &sources);
            assert!(
                settings.problems.is_empty(),
                "{document}: {:?}",
                settings.problems
            );
            read += 1;
        }
    }
    assert!(read >= 3, "{read} examples");
}

fn settings(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("tfguard.hcl"), text).expect("settings can be written");
    fs::write(
        folder.path().join("main.tf"),
        "variable \"environment\" {\n  default = \"staging\"\n}\n\nresource \"terraform_data\" \"x\" {\n  input = 1\n}\n",
    )
    .expect("a file can be written");
    for name in ["dev", "values", "live"] {
        fs::write(folder.path().join(format!("{name}.tfvars")), "").expect("a file can be written");
    }
    let path = folder.path().to_path_buf();
    (folder, path)
}

#[test]
fn the_environment_is_told_in_order() {
    let (_keep, folder) = settings(
        "environment \"blue\" {\n  var_files  = [\"dev.tfvars\"]\n  production = true\n}\n\
         environment \"live\" {\n  var_files  = [\"live.tfvars\"]\n  production = false\n}\n\
         environment \"green\" {\n  workspace = \"green-1\"\n  var_files = [\"values.tfvars\"]\n}\n",
    );
    let name = |arguments: &[&str]| {
        let (code, report) = report(&folder, arguments);
        assert!(code < 2, "{report}");
        let one = &report["environments"][0];
        (
            one["name"].as_str().expect("a name").to_owned(),
            one["production"].as_bool().expect("a flag"),
        )
    };
    assert_eq!(name(&["check", "dev.tfvars"]), ("blue".to_owned(), true));
    assert_eq!(
        name(&["check", "-var-file=dev.tfvars"]),
        ("blue".to_owned(), true)
    );
    assert_eq!(
        name(&["check", "-var-file=./dev.tfvars", "-var-file=values.tfvars"]),
        ("blue".to_owned(), true)
    );
    // Of two that fit none is taken: the variable tells.
    assert_eq!(
        name(&["check", "-var-file=dev.tfvars", "-var-file=live.tfvars"]),
        ("staging".to_owned(), false)
    );
    assert_eq!(
        name(&["check", "dev.tfvars", "--environment", "prod"]),
        ("prod".to_owned(), true)
    );
    assert_eq!(
        name(&["check", ".", "--environment", "green"]),
        ("green".to_owned(), false)
    );
    assert_eq!(
        report(&folder, &["check", ".", "--environment", "green"]).1["environments"]
            .as_array()
            .expect("a list")
            .len(),
        1
    );
    // The block of that name says what it is.
    assert_eq!(
        name(&["check", "dev.tfvars", "--environment", "live"]),
        ("live".to_owned(), false)
    );
    assert_eq!(
        name(&["check", "-var-file=dev.tfvars", "-var", "environment=live"]),
        ("blue".to_owned(), true)
    );
    assert_eq!(
        name(&["check", "-var-file=values.tfvars", "--workspace", "green-1"]),
        ("green".to_owned(), false)
    );
    assert_eq!(
        name(&["check", "-var-file=values.tfvars", "--workspace", "other"]),
        ("staging".to_owned(), false)
    );
    assert_eq!(
        name(&["check", "values.tfvars"]),
        ("green".to_owned(), false)
    );
}

/// Any one typing error in a file makes the run end with 2, whatever else it says.
#[test]
fn no_typing_error_is_green() {
    let good = "waiver \"a\" {\n  rule = \"secret-literal\"\n  target = \"var.a\"\n  reason = \"why\"\n  owner = \"who\"\n  expires = \"2026-12-01\"\n}\n";
    for name in [
        "waiver",
        "rule",
        "secret-literal",
        "target",
        "reason",
        "owner",
        "expires",
        "2026-12-01",
    ] {
        for at in 1..name.len().min(7) {
            let (front, back) = name.split_at(at);
            let broken = format!("{front}{}", &back[1..]);
            let text = good.replacen(name, &broken, 1);
            let (_keep, folder) = settings(&text);
            let (code, report) = report(&folder, &["check", "dev.tfvars"]);
            assert_eq!(code, 2, "{text}\n{report}");
        }
    }
    let (_keep, folder) = settings(good);
    assert!(report(&folder, &["check", "dev.tfvars"]).0 < 2);
}

/// Inputs that never end, and links that lead nowhere, are refused at once.
#[cfg(unix)]
#[test]
fn what_is_no_file_is_refused() {
    use std::os::unix::fs::symlink;
    let (_keep, folder) = settings("");
    assert_eq!(tfguard(&folder, &["check", "/dev/zero"]).code, 2);
    let status = Command::new("mkfifo").arg(folder.join("pipe")).status();
    assert!(status.expect("mkfifo runs").success());
    assert_eq!(tfguard(&folder, &["check", "pipe"]).code, 2);
    assert_eq!(tfguard(&folder, &["check", "-var-file=pipe"]).code, 2);
    assert!(tfguard(&folder, &["check", "dev.tfvars"]).code < 2);
    for name in ["x.auto.tfvars", "x.auto.tfvars.json", "tfguard.hcl"] {
        let link = folder.join(name);
        let _ = fs::remove_file(&link);
        symlink("nowhere", &link).expect("a link can be made");
        assert_eq!(tfguard(&folder, &["check", "dev.tfvars"]).code, 2, "{name}");
        fs::remove_file(link).expect("it can be removed");
    }
    fs::rename(folder.join("pipe"), folder.join("tfguard.hcl")).expect("it can be renamed");
    assert_eq!(tfguard(&folder, &["check", "dev.tfvars"]).code, 2);
}

/// What does not matter to this run is not looked at.
#[cfg(unix)]
#[test]
fn settings_of_another_folder_do_not_matter() {
    let (_keep, folder) = settings("");
    let other = tempfile::tempdir().expect("a temporary folder");
    fs::write(other.path().join("tfguard.hcl"), "nonsense").expect("settings can be written");
    let file = folder.join("dev.tfvars");
    assert!(tfguard(other.path(), &["check", file.to_str().expect("UTF-8")]).code < 2);
}

/// An empty name says nothing: the rules for production apply.
#[test]
fn an_empty_environment_is_none() {
    let (_keep, folder) = settings("");
    for value in ["", " "] {
        let (_, report) = report(
            &folder,
            &[
                "check",
                "values.tfvars",
                "-var",
                &format!("environment={value}"),
            ],
        );
        assert_eq!(report["environments"][0]["production"], true, "{report}");
    }
}

/// A module that Terraform fetched does not waive findings of those who use it.
#[test]
fn fetched_modules_waive_nothing() {
    let world = tempfile::tempdir().expect("a temporary folder");
    let module = world.path().join(".terraform/modules/x");
    fs::create_dir_all(&module).expect("a folder can be made");
    let call = "module \"x\" {\n  source = \"example/x/aws\"\n}\n";
    fs::write(world.path().join("main.tf"), call).expect("a file can be written");
    let known = "{\"Modules\":[{\"Key\":\"\",\"Source\":\"\",\"Dir\":\".\"},\
                 {\"Key\":\"x\",\"Source\":\"registry.terraform.io/example/x/aws\",\"Version\":\"1.0.0\",\"Dir\":\".terraform/modules/x\"}]}";
    fs::write(module.join("../modules.json"), known).expect("a file can be written");
    let text = "# tfguard:ignore[emergency-http-forwarding] until=2026-12-01 the vendor says so\n\
                variable \"force_http_forwarding\" {\n  default = true\n}\n\nresource \"terraform_data\" \"x\" {\n}\n";
    fs::write(module.join("main.tf"), text).expect("a file can be written");
    let (code, found) = report(world.path(), &["check"]);
    assert_eq!(code, 1, "{found}");
    assert_eq!(found["findings"][0]["verdict"], "fail");
    // The team's own comment on the call does.
    let own =
        format!("# tfguard:ignore[emergency-http-forwarding] until=2026-12-01 agreed\n{call}");
    fs::write(world.path().join("main.tf"), own).expect("a file can be written");
    let (code, found) = report(world.path(), &["check"]);
    assert_eq!(code, 0, "{found}");
    assert_eq!(found["findings"][0]["verdict"], "waived");
}

/// A file that was cut says so; whatever it is cut to, reading it ends.
#[test]
fn a_cut_file_is_not_taken() {
    let text =
        fs::read_to_string(repository().join("fixtures/cli/week/waiver.hcl")).expect("settings");
    let world = world();
    let path = world.path().join("tfguard.hcl");
    let problems = |text: &str| {
        Settings::parse(text, &path, &Sources::default())
            .problems
            .len()
    };
    assert_eq!(problems(&text), 0);
    let mut cut = 0;
    for (at, c) in text.char_indices() {
        let begin = &text[..at];
        // Between two blocks a part is a whole.
        if begin.trim_end().ends_with('}') || begin.is_empty() {
            continue;
        }
        assert!(problems(begin) > 0, "cut before {c:?} at {at}");
        cut += 1;
    }
    assert!(cut > 500, "{cut} cuts");
}
