//! How checking grows: with the instances of a root, with its environments, and with roots that share modules.
//!
//! `cargo bench --bench scale`

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tfguard::cli::{CheckArgs, Cli, Command};
use tfguard::run;

fn main() {
    divan::main();
}

fn arguments(paths: &[PathBuf]) -> CheckArgs {
    let words = ["tfguard".into(), "check".into()].into_iter();
    let words = words.chain(paths.iter().map(Into::into));
    match Cli::read(words).expect("the command line is right").command {
        Command::Check(arguments) => arguments,
        _ => unreachable!("`check` was given"),
    }
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("it lies in a folder")).expect("a folder can be made");
    fs::write(path, text).expect("a file can be written");
}

fn runbook() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/runbook/infra/aws/terraform")
}

fn copy(from: &Path, to: &Path, change: impl Fn(&str) -> String) {
    for entry in walkdir::WalkDir::new(from) {
        let entry = entry.expect("the fixture can be walked");
        let ending = entry.path().extension().and_then(|ending| ending.to_str());
        if !matches!(ending, Some("tf" | "tfvars" | "tpl" | "json")) {
            continue;
        }
        let below = entry.path().strip_prefix(from).expect("it lies below");
        let text = fs::read_to_string(entry.path()).expect("a fixture can be read");
        write(&to.join(below), &change(&text));
    }
}

/// Fifteen queues in each instance of a module.
fn queues(modules: usize) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let main = format!(
        "variable \"environment\" {{\n  default = \"prod\"\n}}\nmodule \"m\" {{\n  source = \"./m\"\n  count  = {modules}\n  \
         name   = \"${{var.environment}}-${{count.index}}\"\n}}\noutput \"all\" {{\n  value = module.m[*].arn\n}}\n"
    );
    let module = "variable \"name\" {}\nlocals {\n  tags = { Name = var.name, Team = \"shop\" }\n}\n\
                  resource \"aws_sqs_queue\" \"q\" {\n  count = 15\n  name  = \"${var.name}-${count.index}\"\n  \
                  tags  = merge(local.tags, { Index = count.index })\n}\noutput \"arn\" {\n  value = aws_sqs_queue.q[*].arn\n}\n";
    write(&folder.path().join("main.tf"), &main);
    write(&folder.path().join("m/main.tf"), module);
    folder
}

#[divan::bench(args = [50, 200, 800], sample_count = 10)]
fn instances_of_15_a_module(bencher: divan::Bencher<'_, '_>, modules: usize) {
    let folder = queues(modules);
    let arguments = arguments(&[folder.path().to_path_buf()]);
    bencher.bench(|| run::check(&arguments));
}

#[divan::bench(args = [1, 5], sample_count = 20)]
fn environments_of_the_runbook(bencher: divan::Bencher<'_, '_>, count: usize) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    copy(&runbook(), folder.path(), str::to_owned);
    let values = fs::read_to_string(runbook().join("env/prod.tfvars")).expect("it can be read");
    let files = (0..count).map(|at| folder.path().join(format!("env/prod-{at}.tfvars")));
    let files: Vec<PathBuf> = files.inspect(|file| write(file, &values)).collect();
    let arguments = arguments(&files);
    bencher.bench(|| run::check(&arguments));
}

#[divan::bench(args = [1, 10, 100], sample_count = 5)]
fn roots_that_share_modules(bencher: divan::Bencher<'_, '_>, count: usize) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    copy(
        &runbook().join("modules"),
        &folder.path().join("modules"),
        str::to_owned,
    );
    let values = fs::read_to_string(runbook().join("env/prod.tfvars")).expect("it can be read");
    for at in 0..count {
        let root = folder.path().join(format!("roots/r{at}"));
        for entry in fs::read_dir(runbook()).expect("the fixture can be listed") {
            let path = entry.expect("the fixture can be listed").path();
            if path.extension().is_some_and(|ending| ending == "tf") {
                let text = fs::read_to_string(&path).expect("it can be read");
                let name = path.file_name().expect("a file has a name");
                write(
                    &root.join(name),
                    &text.replace("\"./modules/", "\"../../modules/"),
                );
            }
        }
        write(&root.join("terraform.tfvars"), &values);
    }
    let arguments = arguments(&[folder.path().join("roots")]);
    bencher.bench(|| run::check(&arguments));
}
