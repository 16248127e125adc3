//! The whole pipeline on the runbook's production environment, as a library call and as a process, beside just reading
//! and parsing the same files.
//!
//! `cargo bench --bench check`

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use tfguard::cli::{CheckArgs, Cli};
use tfguard::config::{Config, Loader};
use tfguard::eval::read_var_file;
use tfguard::source::Sources;
use tfguard::{report, run};

fn main() {
    divan::main();
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/runbook/infra/aws/terraform")
}

fn var_file() -> PathBuf {
    root().join("env/prod.tfvars")
}

fn arguments(paths: &[PathBuf]) -> CheckArgs {
    let words = ["tfguard".into(), "check".into()]
        .into_iter()
        .chain(paths.iter().map(Into::into));
    match Cli::read(words).expect("the command line is right").command {
        tfguard::cli::Command::Check(arguments) => arguments,
        _ => unreachable!("`check` was given"),
    }
}

/// What any tool must do at least.
#[divan::bench]
fn read_and_parse() -> (Config, usize) {
    let sources = Arc::new(Sources::default());
    let config = Loader::new(Arc::clone(&sources)).load(&root());
    let values = read_var_file(&sources, &var_file()).expect("the variables can be read");
    (config, values.1.len())
}

#[divan::bench]
fn check_sources(bencher: divan::Bencher<'_, '_>) {
    let arguments = arguments(&[var_file()]);
    bencher.bench(|| run::check(&arguments));
}

#[divan::bench]
fn check_three_environments(bencher: divan::Bencher<'_, '_>) {
    let files: Vec<PathBuf> = ["dev", "staging", "prod"]
        .iter()
        .map(|name| root().join(format!("env/{name}.tfvars")))
        .collect();
    let arguments = arguments(&files);
    bencher.bench(|| run::check(&arguments));
}

#[divan::bench]
fn check_plan(bencher: divan::Bencher<'_, '_>) {
    let plan = root().join("../../../recorded/prod/plan.json");
    let arguments = arguments(&[plan]);
    bencher.bench(|| run::check(&arguments));
}

#[divan::bench]
fn write_json(bencher: divan::Bencher<'_, '_>) {
    let report: report::Report = run::check(&arguments(&[var_file()]));
    bencher.bench(|| {
        let mut out = Vec::new();
        report.write_json(&mut out).expect("memory can be written");
        out
    });
}

/// From the shell's point of view.
#[divan::bench]
fn process_check() -> bool {
    process(&["check".as_ref(), var_file().as_os_str()])
}

#[divan::bench]
fn process_version() -> bool {
    process(&["--version".as_ref()])
}

fn process(arguments: &[&std::ffi::OsStr]) -> bool {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tfguard"));
    command.args(arguments).stdout(Stdio::null());
    command.status().expect("the binary runs").code().is_some()
}
