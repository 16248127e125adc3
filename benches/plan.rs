//! Plans as JSON: reading and checking them against a bare scan of the same bytes and against a tree of all of it.
//!
//! The plan has the shape that Terraform 1.11 prints for `terraform_data` with a nested `input`: 5,000 resources are
//! 12 MB, 18,500 are 45 MB. `cargo bench --bench plan`; the columns of allocations tell the memory.

use std::io::Write as _;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use divan::counter::BytesCount;
use serde::de::IgnoredAny;
use serde_json::{Value as Json, json};
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

/// What `terraform show -json` prints for that many instances.
fn plan(count: usize) -> String {
    let each = |of: fn(usize) -> Json| (0..count).map(of).collect::<Json>();
    json!({
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "variables": {"number": {"value": count}},
        "planned_values": {"root_module": {"resources": each(planned)}},
        "resource_changes": each(changed),
        "configuration": {"root_module": {
            "resources": [{
                "address": "terraform_data.service",
                "mode": "managed",
                "type": "terraform_data",
                "name": "service",
                "provider_config_key": "terraform",
                "expressions": {
                    "input": {"references": ["count.index", "local.regions"]},
                    "triggers_replace": {"references": ["count.index"]}
                },
                "schema_version": 0,
                "count_expression": {"references": ["var.number"]}
            }],
            "variables": {"number": {"default": count}}
        }},
        "timestamp": "2026-01-01T00:00:00Z",
        "applyable": true,
        "complete": true,
        "errored": false
    })
    .to_string()
}

const REGIONS: [&str; 3] = ["eu-central-1", "us-east-1", "ap-south-1"];

fn input(at: usize) -> Json {
    let setting = |setting: usize| {
        json!({
            "name": format!("SETTING_{setting}"),
            "value": format!("https://host-{at}-{setting}.internal.example.com/path")
        })
    };
    json!({
        "description": format!("Serves what the team number {} needs, and is restarted every night at three", at % 40),
        "enabled": !at.is_multiple_of(7),
        "environment": (0..6).map(setting).collect::<Json>(),
        "name": format!("service-{at}"),
        "ports": [8000 + at % 100, 9000, 9090],
        "region": REGIONS[at % 3],
        "tags": {"CostCentre": format!("cc-{}", at % 12), "Environment": "prod", "ManagedBy": "terraform", "Team": format!("team-{}", at % 40)}
    })
}

fn identity(at: usize) -> Json {
    json!({
        "address": format!("terraform_data.service[{at}]"),
        "mode": "managed",
        "type": "terraform_data",
        "name": "service",
        "index": at,
        "provider_name": "terraform.io/builtin/terraform"
    })
}

fn sensitive() -> Json {
    json!({"environment": [{}, {}, {}, {}, {}, {}], "ports": [false, false, false], "tags": {}})
}

fn planned(at: usize) -> Json {
    let mut one = identity(at);
    one["schema_version"] = json!(0);
    one["values"] = json!({"input": input(at), "triggers_replace": ["v1", at % 5]});
    one["sensitive_values"] =
        json!({"input": sensitive(), "output": {}, "triggers_replace": [false, false]});
    one
}

fn changed(at: usize) -> Json {
    let mut one = identity(at);
    one["change"] = json!({
        "actions": ["create"],
        "before": null,
        "after": {"input": input(at), "triggers_replace": ["v1", at % 5]},
        "after_unknown": {"id": true, "input": sensitive(), "output": true, "triggers_replace": [false, false]},
        "before_sensitive": false,
        "after_sensitive": {"input": sensitive(), "output": {}, "triggers_replace": [false, false]}
    });
    one
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
