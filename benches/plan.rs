//! Plans as JSON: reading and checking them against a bare scan of the same bytes and against a tree of all of it.
//!
//! The plans are those of `plan/main.tf`, 5,000 resources in 12 MB and 18,500 in 45 MB, as the real Terraform writes them:
//! `benches/plan/record.sh` lets it. Where that was not run, this program writes the same.
//! `cargo bench --bench plan`; the columns of allocations tell the memory.

#[path = "plan/written.rs"]
mod written;

use std::io::Write as _;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use divan::counter::BytesCount;
use serde::de::IgnoredAny;
use serde_json::Value as Json;
use tempfile::NamedTempFile;
use tfguard::cli::{CheckArgs, Cli, Command};
use tfguard::plan::json;
use tfguard::provider::Providers;
use tfguard::run;
use tfguard::source::SharedText;

#[global_allocator]
static ALLOCATIONS: divan::AllocProfiler = divan::AllocProfiler::system();

const RESOURCES: [usize; 2] = [5_000, 18_500];

static PLANS: LazyLock<[SharedText; 2]> =
    LazyLock::new(|| RESOURCES.map(|count| plan(count).into()));

fn main() {
    LazyLock::force(&PLANS);
    divan::main();
}

fn text(resources: usize) -> &'static SharedText {
    let at = RESOURCES.iter().position(|count| *count == resources);
    &PLANS[at.expect("one of the sizes")]
}

/// The plan of so many resources, Terraform's own where it is there. Says which.
fn plan(count: usize) -> String {
    let own = written::plan(count);
    let file = format!("{}/plans/{count}.json", env!("CARGO_TARGET_TMPDIR"));
    let Ok(recorded) = std::fs::read_to_string(&file) else {
        println!("{count} resources: written here, {} bytes", own.len());
        return own;
    };
    let is_same = written::with_its_time(&recorded) == own;
    println!(
        "{count} resources: written by Terraform, {} bytes, {} what would be written here",
        recorded.len(),
        if is_same { "less the time" } else { "not" }
    );
    recorded
}

#[divan::bench(args = RESOURCES)]
fn scan_only(bencher: divan::Bencher<'_, '_>, resources: usize) {
    let text = text(resources);
    bencher
        .counter(BytesCount::of_str(&**text))
        .bench(|| serde_json::from_str::<IgnoredAny>(text).expect("JSON"));
}

#[divan::bench(args = RESOURCES)]
fn serde_json_value(bencher: divan::Bencher<'_, '_>, resources: usize) {
    let text = text(resources);
    bencher
        .counter(BytesCount::of_str(&**text))
        .bench(|| serde_json::from_str::<Json>(text).expect("JSON"));
}

#[divan::bench(args = RESOURCES)]
fn index(bencher: divan::Bencher<'_, '_>, resources: usize) {
    let text = text(resources);
    let providers = Arc::new(Providers::default());
    bencher
        .counter(BytesCount::of_str(&**text))
        .bench(|| json::read(text, Path::new("plan.json"), &providers).expect("a plan"));
}

#[divan::bench(args = RESOURCES)]
fn index_and_decode_everything(bencher: divan::Bencher<'_, '_>, resources: usize) {
    let text = text(resources);
    let providers = Arc::new(Providers::default());
    bencher.counter(BytesCount::of_str(&**text)).bench(|| {
        let plan = json::read(text, Path::new("plan.json"), &providers).expect("a plan");
        let all = plan.resources().iter();
        let known = all.filter(|one| one.after().is_known()).count();
        (plan, known)
    });
}

/// Reading the file, all rules, and the report.
#[divan::bench(args = RESOURCES)]
fn check(bencher: divan::Bencher<'_, '_>, resources: usize) {
    let text = text(resources);
    let mut file = NamedTempFile::new().expect("a temporary file");
    file.write_all(text.as_bytes()).expect("it can be written");
    let words = ["tfguard".into(), "check".into(), file.path().into()];
    let Command::Check(arguments) = Cli::read(words).expect("the command line is right").command
    else {
        panic!("`check` was given")
    };
    let arguments: CheckArgs = arguments;
    bencher
        .counter(BytesCount::of_str(&**text))
        .bench(|| run::check(&arguments));
}
