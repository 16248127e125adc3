//! Reading a plan as JSON against a bare scan of the same bytes and against a tree of all of it. The plan is generated
//! from a recorded one by repeating its resources: 5,000 of them are about 11 MB.
//!
//! `cargo bench --bench plan`; the columns of allocations tell the memory.

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use divan::counter::BytesCount;
use serde::de::IgnoredAny;
use serde_json::{Value as Json, json};
use tfguard::plan::json;
use tfguard::provider::Providers;

#[global_allocator]
static ALLOCATIONS: divan::AllocProfiler = divan::AllocProfiler::system();

const RESOURCES: usize = 5_000;

static PLAN: LazyLock<Arc<str>> = LazyLock::new(|| generate(RESOURCES).into());

fn main() {
    LazyLock::force(&PLAN);
    divan::main();
}

/// A recorded plan with its resources repeated under other names, in the changes, the planned values and the
/// configuration alike.
fn generate(count: usize) -> String {
    let path: PathBuf = [
        env!("CARGO_MANIFEST_DIR"),
        "fixtures/plans/ecs-container-definitions/plan.json",
    ]
    .iter()
    .collect();
    let text = std::fs::read_to_string(path).expect("the fixture is there");
    let mut plan: Json = serde_json::from_str(&text).expect("a recorded plan");
    for pointer in [
        "/resource_changes",
        "/planned_values/root_module/resources",
        "/configuration/root_module/resources",
    ] {
        let list = plan
            .pointer_mut(pointer)
            .and_then(Json::as_array_mut)
            .expect("recorded");
        let recorded = std::mem::take(list);
        list.extend((0..count).map(|at| {
            let mut one = recorded[at % recorded.len()].clone();
            let name = format!("{}_{at}", one["name"].as_str().expect("a name"));
            one["address"] = json!(format!("{}.{name}", one["type"].as_str().expect("a type")));
            one["name"] = json!(name);
            one
        }));
    }
    plan.to_string()
}

#[divan::bench]
fn scan_only(bencher: divan::Bencher) {
    bencher
        .counter(BytesCount::of_str(&**PLAN))
        .bench(|| serde_json::from_str::<IgnoredAny>(&PLAN).expect("JSON"));
}

#[divan::bench]
fn serde_json_value(bencher: divan::Bencher) {
    bencher
        .counter(BytesCount::of_str(&**PLAN))
        .bench(|| serde_json::from_str::<Json>(&PLAN).expect("JSON"));
}

#[divan::bench]
fn index(bencher: divan::Bencher) {
    let providers = Arc::new(Providers::default());
    bencher
        .counter(BytesCount::of_str(&**PLAN))
        .bench(|| json::read(&PLAN, Path::new("plan.json"), &providers).expect("a plan"));
}

/// As rules do that look at one type in six.
#[divan::bench]
fn index_and_decode_one_type(bencher: divan::Bencher) {
    let providers = Arc::new(Providers::default());
    bencher.counter(BytesCount::of_str(&**PLAN)).bench(|| {
        let plan = json::read(&PLAN, Path::new("plan.json"), &providers).expect("a plan");
        let kind = plan.resources()[0].kind().to_owned();
        let known = plan
            .of_kind(&kind)
            .filter(|one| one.after().is_known())
            .count();
        (plan, known)
    });
}

#[divan::bench]
fn index_and_decode_everything(bencher: divan::Bencher) {
    let providers = Arc::new(Providers::default());
    bencher.counter(BytesCount::of_str(&**PLAN)).bench(|| {
        let plan = json::read(&PLAN, Path::new("plan.json"), &providers).expect("a plan");
        let known = plan
            .resources()
            .iter()
            .filter(|one| one.after().is_known())
            .count();
        (plan, known)
    });
}
