//! Recorded states are read as they stand, in every form.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value as Json;
use tfguard::address::ResourceAddress;
use tfguard::plan::detect::{Kind, detect};
use tfguard::plan::error::Reason;
use tfguard::plan::{Action, Evidence, Plan, Problem, ProblemKind, state};
use tfguard::provider::Providers;

fn fixture(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(path);
    std::fs::read_to_string(path).expect("readable")
}

fn read(text: &str) -> Result<Plan, Reason> {
    let providers = Arc::new(Providers::default());
    state::read(&text.into(), Path::new("terraform.tfstate"), &providers)
        .map_err(|error| error.reason)
}

fn recorded() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let paths: Vec<PathBuf> = walkdir::WalkDir::new(root)
        .sort_by_file_name()
        .into_iter()
        .map(|entry| entry.expect("readable").into_path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "tfstate")
        })
        .collect();
    assert!(paths.len() > 10, "the fixtures are there");
    paths
}

#[test]
fn every_recorded_state_holds_what_it_says() {
    for path in recorded() {
        let text = std::fs::read_to_string(&path).expect("readable");
        let plan = read(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let expected: Json = serde_json::from_str(&text).expect("JSON");
        if expected["version"] != 4 {
            // Terraform 0.11 has its resources within modules.
            continue;
        }
        let instances: Vec<&Json> = expected["resources"]
            .as_array()
            .into_iter()
            .flatten()
            .flat_map(|resource| resource["instances"].as_array().into_iter().flatten())
            .collect();
        let deposed = instances
            .iter()
            .filter(|one| one.get("deposed").is_some())
            .count();
        assert_eq!(
            plan.resources().len() + plan.deposed.len(),
            instances.len(),
            "{}",
            path.display()
        );
        assert_eq!(plan.deposed.len(), deposed, "{}", path.display());
        // Each of these is told of, and nothing else is.
        let is_note = |one: &Problem| one.kind == ProblemKind::Note;
        assert!(plan.problems.iter().all(is_note), "{}", path.display());
        assert_eq!(plan.problems.len(), deposed, "{}", path.display());
        assert_eq!(plan.evidence, Evidence::State);
        for resource in plan.resources() {
            assert_eq!(resource.change.action, Action::NoOp);
            assert!(
                resource
                    .after()
                    .as_entries()
                    .is_some_and(|entries| !entries.is_empty())
            );
        }
        assert_eq!(detect(text.as_bytes()), Kind::State);
    }
}

#[test]
fn the_printed_state_says_the_same() {
    let stored = read(&fixture("runbook/recorded/prod/terraform.tfstate")).expect("a state");
    let printed = read(&fixture("runbook/recorded/prod/state.json")).expect("a state");
    let addresses = |plan: &Plan| {
        plan.resources()
            .iter()
            .map(|one| one.address.to_string())
            .collect::<BTreeSet<_>>()
    };
    assert_eq!(addresses(&stored), addresses(&printed));
    for (left, right) in stored.resources().iter().zip(printed.resources()) {
        assert_eq!(
            format!("{:?}", left.provider),
            format!("{:?}", right.provider),
            "{}",
            left.address
        );
        for (name, value) in left.after().as_entries().expect("an object") {
            let other = right.attribute(name);
            // What is sensitive is withheld by both.
            assert_eq!(
                value.marks().sensitive,
                other.marks().sensitive,
                "{}.{name}",
                left.address
            );
            assert_eq!(
                format!("{value:?}"),
                format!("{other:?}"),
                "{}.{name}",
                left.address
            );
        }
    }
}

#[test]
fn a_state_knows_what_waits_for_what() {
    for form in ["terraform.tfstate", "state.json"] {
        let plan = read(&fixture(&format!("runbook/recorded/prod/{form}"))).expect("a state");
        let listener: ResourceAddress = "aws_lb_listener.https[0]".parse().expect("an address");
        let waits = plan.provenance.waits_for(&listener);
        assert!(!waits.incomplete);
        assert!(waits.on_kind("aws_lb"), "{form}");
        assert!(waits.on_kind("aws_acm_certificate_validation"), "{form}");
        assert!(!waits.on_kind("aws_db_instance"), "{form}");
    }
}

#[test]
fn flat_attributes_of_old_states_become_values() {
    let plan = read(
        r#"{"version": 3, "terraform_version": "0.11.14", "serial": 1, "lineage": "a", "modules": [
        {"path": ["root"], "outputs": {"o": {"sensitive": true, "type": "string", "value": "canary-1"}}, "resources": {}},
        {"path": ["root", "web"], "outputs": {"inner": {"value": 1}}, "resources": {
            "aws_lb_listener.https.1": {"type": "aws_lb_listener", "provider": "provider.aws", "depends_on": ["aws_lb.main"],
                "primary": {"id": "x", "attributes": {"id": "x", "port": "443", "protocol": "HTTPS", "default_action.#": "1",
                    "default_action.0.type": "forward", "default_action.0.forward.#": "0", "tags.%": "2", "tags.a.b": "c", "tags.d": "e"}},
                "deposed": [{"attributes": {"id": "old"}}]},
            "data.aws_region.current": {"type": "aws_region", "provider": "provider.aws", "primary": {"attributes": {"name": "eu-west-1"}}}}}]}"#,
    )
    .expect("a state");
    let names: Vec<String> = plan
        .resources()
        .iter()
        .map(|one| one.address.to_string())
        .collect();
    assert_eq!(
        names,
        [
            "module.web.aws_lb_listener.https[1]",
            "module.web.data.aws_region.current"
        ]
    );
    let listener = &plan.resources()[0];
    assert_eq!(format!("{:?}", listener.attribute("port")), "443");
    assert!(listener.attribute("port").as_number().is_some());
    assert_eq!(
        listener.blocks("default_action")[0]
            .attribute("type")
            .and_then(|value| value.as_str()),
        Some("forward")
    );
    assert_eq!(
        format!("{:?}", listener.attribute("tags")),
        r#"{"a.b": "c", "d": "e"}"#
    );
    assert_eq!(plan.deposed.len(), 1);
    assert_eq!(plan.outputs.len(), 1);
    assert!(
        plan.provenance
            .waits_for(&listener.address)
            .on_kind("aws_lb")
    );
    assert!(!format!("{plan:?}").contains("canary"));
}

#[test]
fn sensitive_paths_hide_what_they_name() {
    let plan = read(
        r#"{"version": 4, "serial": 1, "lineage": "a", "resources": [{"mode": "managed", "type": "x_y", "name": "z",
        "provider": "provider[\"a/b/x\"]", "instances": [{"index_key": "k", "attributes": {"a": "canary-1", "b": [{"c": "canary-2", "d": "open"}], "e": ["canary-3"]},
        "sensitive_attributes": [[{"type": "get_attr", "value": "a"}],
            [{"type": "get_attr", "value": "b"}, {"type": "index", "value": {"value": 0, "type": "number"}}, {"type": "get_attr", "value": "c"}],
            [{"type": "get_attr", "value": "e"}, {"type": "index", "value": {"value": {"odd": true}, "type": "object"}}]]}]}]}"#,
    )
    .expect("a state");
    let resource = &plan.resources()[0];
    let shown = format!("{:?}", resource.after());
    assert!(
        shown.contains("open") && !shown.contains("canary"),
        "{shown}"
    );
}

#[test]
fn what_is_no_state_is_named_and_damage_is_noticed() {
    let reason = |text: &str| read(text).map(|_| ()).expect_err(text).to_string();
    for (given, told) in [
        ("", "empty"),
        (
            r#"{"version": 1, "serial": 1, "modules": []}"#,
            "format version `1` is not known",
        ),
        (
            r#"{"serial": 1, "lineage": "x", "encrypted_data": "a", "meta": {}}"#,
            "OpenTofu encrypted",
        ),
        (
            r#"{"version": 4, "serial": 1, "resources": {}}"#,
            "expected an array, found an object",
        ),
        (
            r#"{"version": 4, "serial": 1, "resources": [{"mode": "managed", "type""#,
            "ends within a value",
        ),
        (r#"{"format_version": "1.0"}"#, "nothing to show"),
    ] {
        let reason = reason(given);
        assert!(reason.contains(told), "{given}: {reason}");
    }
    let text = fixture("plans/state-delete/prior.tfstate");
    for behind in [", and more", "]", "{}"] {
        let plan = read(&format!("{text}{behind}")).expect("a state");
        let noticed = |problem: &Problem| problem.kind == ProblemKind::Unreadable;
        assert!(plan.problems.iter().any(noticed), "{behind}");
    }
    let whole = read(&text).expect("a state").resources().len();
    for at in 0..text.len() {
        let mut bytes = text.as_bytes().to_vec();
        bytes[at] ^= 1;
        let Ok(changed) = String::from_utf8(bytes) else {
            continue;
        };
        if let Ok(plan) = read(&changed) {
            let noticed = plan
                .problems
                .iter()
                .any(|problem| problem.kind != ProblemKind::Note);
            let held = plan.resources().len() + plan.deposed.len();
            assert!(held >= whole || noticed, "byte {at} of the state");
            for resource in plan.resources() {
                let _ = resource.after();
            }
        }
        assert!(
            read(&text[..at.min(text.trim_end().len() - 1)]).is_err(),
            "cut at {at}"
        );
    }
}
