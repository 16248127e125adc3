//! Recorded plans are read as they stand, and damaged ones are never taken for good ones.

mod recordings;
#[path = "../benches/plan/written.rs"]
mod written;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value as Json;
use tfguard::plan::error::Reason;
use tfguard::plan::{Action, Plan, ProblemKind, json};
use tfguard::provider::Providers;
use tfguard::source::SharedText;
use tfguard::value::{Data, Value};

/// Every recorded plan: its name and its text.
fn recorded() -> Vec<(PathBuf, SharedText)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut plans = Vec::new();
    for entry in walkdir::WalkDir::new(root).sort_by_file_name() {
        let path = entry.expect("readable").into_path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name != "plan.json" && name != "plan.json.gz" {
            continue;
        }
        let text = recordings::text(&path);
        plans.push((path, text.into()));
    }
    assert!(plans.len() > 50, "the fixtures are there");
    plans
}

fn read(text: &str) -> Result<Plan, Reason> {
    let providers = Arc::new(Providers::default());
    json::read(&text.into(), Path::new("plan.json"), &providers).map_err(|error| error.reason)
}

fn small() -> String {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/plans/acm-validation/plan.json");
    std::fs::read_to_string(path).expect("readable")
}

/// Addresses as an independent reading finds them: changes, and what the state holds beside them.
fn addresses(plan: &Json) -> BTreeSet<String> {
    let changes = plan["resource_changes"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let mut found: BTreeSet<String> = changes
        .iter()
        .filter(|change| change.get("deposed").is_none())
        .map(|change| text(&change["address"]))
        .collect();
    let moved: BTreeSet<String> = changes
        .iter()
        .filter_map(|change| change.get("previous_address").map(text))
        .collect();
    stored(
        &plan["prior_state"]["values"]["root_module"],
        &mut |resource| {
            let address = text(&resource["address"]);
            if resource.get("deposed_key").is_none() && !moved.contains(&address) {
                found.insert(address);
            }
        },
    );
    found
}

fn stored(module: &Json, each: &mut dyn FnMut(&Json)) {
    for resource in module["resources"].as_array().into_iter().flatten() {
        each(resource);
    }
    for child in module["child_modules"].as_array().into_iter().flatten() {
        stored(child, each);
    }
}

fn text(json: &Json) -> String {
    json.as_str().unwrap_or_default().to_owned()
}

#[test]
fn every_recorded_plan_holds_what_it_says() {
    let mut leaves = 0;
    let providers = Arc::new(Providers::default());
    for (path, text_of_plan) in recorded() {
        let plan =
            json::read(&text_of_plan, &path, &providers).unwrap_or_else(|error| panic!("{error}"));
        let expected: Json = serde_json::from_str(&text_of_plan).expect("JSON");
        let found: BTreeSet<String> = plan
            .resources()
            .iter()
            .map(|one| one.address.to_string())
            .collect();
        assert_eq!(found, addresses(&expected), "{}", path.display());
        assert_eq!(found.len(), plan.resources().len(), "{}", path.display());
        for change in expected["resource_changes"]
            .as_array()
            .into_iter()
            .flatten()
        {
            if change.get("deposed").is_some() {
                continue;
            }
            let address = text(&change["address"]).parse().expect("an address");
            let resource = plan.resource(&address).expect("present");
            let change = &change["change"];
            let names: Vec<String> = change["actions"]
                .as_array()
                .expect("actions")
                .iter()
                .map(text)
                .collect();
            assert_eq!(
                resource.change.action.names(),
                names,
                "{}: {address}",
                path.display()
            );
            let at = format!("{}: {address}", path.display());
            compare(
                resource.after(),
                &change["after"],
                &change["after_unknown"],
                &at,
                &mut leaves,
            );
            compare(
                resource.before(),
                &change["before"],
                &Json::Null,
                &at,
                &mut leaves,
            );
        }
    }
    assert!(leaves > 10_000, "only {leaves} leaves were compared");
}

/// Leaf by leaf: known ones equal, unknown ones unknown.
fn compare(value: &Value, known: &Json, unknown: &Json, at: &str, leaves: &mut usize) {
    *leaves += 1;
    if unknown == &Json::Bool(true) {
        assert!(!value.is_known(), "{at} should be unknown");
        return;
    }
    match (value.data(), known) {
        (Data::Object(entries) | Data::Map(_, entries), Json::Object(_) | Json::Null)
            if !entries.is_empty() || known.is_object() =>
        {
            let names = [known, unknown]
                .into_iter()
                .filter_map(Json::as_object)
                .flat_map(|object| object.iter())
                .filter(|(name, inner)| known.get(name).is_some() || holds_true(inner))
                .map(|(name, _)| name.as_str())
                .collect::<BTreeSet<_>>();
            assert_eq!(names, entries.keys().map(|name| &**name).collect(), "{at}");
            for (name, value) in entries.iter() {
                let (known, unknown) = (&known[&**name], &unknown[&**name]);
                compare(value, known, unknown, &format!("{at}.{name}"), leaves);
            }
        }
        (
            Data::Tuple(elements) | Data::List(_, elements) | Data::Set(_, elements),
            Json::Array(known),
        ) => {
            assert!(elements.len() >= known.len(), "{at}");
            for (index, value) in elements.iter().enumerate() {
                let known = known.get(index).unwrap_or(&Json::Null);
                compare(
                    value,
                    known,
                    &unknown[index],
                    &format!("{at}[{index}]"),
                    leaves,
                );
            }
        }
        (Data::Null(_), Json::Null) => {}
        (Data::Bool(value), Json::Bool(known)) => assert_eq!(value, known, "{at}"),
        (Data::String(value), Json::String(known)) => assert_eq!(&**value, known, "{at}"),
        (Data::Number(value), Json::Number(known)) => {
            assert_eq!(value.to_string(), known.to_string(), "{at}");
        }
        (_, known) => panic!(
            "{at}: {value:?} is not of the kind of the JSON ({})",
            kind(known)
        ),
    }
}

fn holds_true(json: &Json) -> bool {
    match json {
        Json::Bool(value) => *value,
        Json::Array(elements) => elements.iter().any(holds_true),
        Json::Object(entries) => entries.values().any(holds_true),
        _ => false,
    }
}

fn kind(json: &Json) -> &'static str {
    match json {
        Json::Null => "null",
        Json::Bool(_) => "bool",
        Json::Number(_) => "number",
        Json::String(_) => "string",
        Json::Array(_) => "array",
        Json::Object(_) => "object",
    }
}

#[test]
fn every_truncation_is_an_error() {
    let plan = small();
    for end in (0..plan.trim_end().len() - 1).step_by(7) {
        match read(&plan[..end]) {
            Err(Reason::Truncated { offset, .. }) => assert_eq!(offset, end),
            Err(Reason::Empty) if end == 0 => {}
            other => panic!(
                "cut at {end}: {:?}",
                other.map(|plan| plan.resources().len())
            ),
        }
    }
}

#[test]
fn a_changed_byte_never_loses_a_resource_in_silence() {
    let plan = small();
    let whole = read(&plan).expect("a plan").resources().len();
    for at in 0..plan.len() {
        for flip in [0x01, 0x20].into_iter().take(1 + usize::from(at % 8 == 0)) {
            let mut bytes = plan.as_bytes().to_vec();
            bytes[at] ^= flip;
            let Ok(changed) = String::from_utf8(bytes) else {
                continue;
            };
            if let Ok(read) = read(&changed) {
                let noticed = read
                    .problems
                    .iter()
                    .any(|problem| problem.kind != ProblemKind::Note);
                assert!(
                    read.resources().len() >= whole || noticed,
                    "byte {at} of the plan"
                );
                let decoded = if at % 16 == 0 { read.resources() } else { &[] };
                for resource in decoded {
                    let _ = (resource.after(), resource.before());
                }
            }
        }
    }
}

#[test]
fn every_encoding_gives_the_same_plan() {
    let plan = small();
    let expected = format!("{:?}", read(&plan).expect("a plan").resources());
    let wide = |unit: fn(u16) -> [u8; 2], mark: [u8; 2]| {
        mark.into_iter()
            .chain(plan.encode_utf16().flat_map(unit))
            .collect::<Vec<u8>>()
    };
    let noisy = format!(
        "[command]/usr/bin/terraform show -json\nwarning: {{a}}\n{plan}\n::debug::stdout: {plan}\n"
    );
    for bytes in [
        wide(u16::to_le_bytes, [0xFF, 0xFE]),
        wide(u16::to_be_bytes, [0xFE, 0xFF]),
        [b"\xEF\xBB\xBF", plan.as_bytes()].concat(),
        noisy.into_bytes(),
        serde_json::to_vec_pretty(&serde_json::from_str::<Json>(&plan).expect("JSON"))
            .expect("JSON"),
    ] {
        let text = tfguard::source::decode(bytes);
        let read = read(&text).expect("a plan");
        assert_eq!(format!("{:?}", read.resources()), expected);
        assert!(
            read.problems
                .iter()
                .all(|problem| problem.kind == ProblemKind::Note)
        );
    }
}

#[test]
fn what_is_no_plan_is_named() {
    let reason = |text: &str| {
        read(text)
            .map(|plan| plan.resources().len())
            .expect_err(text)
            .to_string()
    };
    for (given, told) in [
        (
            r#"{"version": 3, "serial": 1, "lineage": "x", "backend": {}}"#,
            "where the state is kept",
        ),
        (
            r#"{"version": 4, "terraform_version": "1.9.0", "resources": []}"#,
            "a Terraform state",
        ),
        (
            r#"{"remote_plan_format": 1, "run_id": "run-1", "hostname": "h"}"#,
            "HCP Terraform keeps",
        ),
        (" \n", "the file is empty"),
        (
            "resource \"a\" \"b\" {}",
            "this is not a Terraform plan or state",
        ),
        (
            r#"{"version": 4, "serial": 1, "lineage": "x", "resources": []}"#,
            "a Terraform state",
        ),
        (
            r#"{"format_version": "1.0", "values": {"root_module": {}}}"#,
            "a Terraform state",
        ),
        (r#"{"format_version": "1.0"}"#, "nothing to show"),
        (
            r#"{"serial": 1, "lineage": "x", "encrypted_data": "a", "meta": {}}"#,
            "OpenTofu encrypted",
        ),
        (
            r#"{"format_version": "1.0", "provider_schemas": {}}"#,
            "providers schema",
        ),
        (
            "{\"@level\": \"info\", \"@message\": \"x\"}\n{\"@level\": \"info\"}",
            "terraform plan -json",
        ),
        (
            r#"{"Version": "0.8", "Provider": "aws", "Options": {}, "ImportedResource": {}}"#,
            "terraformer",
        ),
        (
            r#"{"AWSTemplateFormatVersion": "2010-09-09", "Resources": {}}"#,
            "CloudFormation",
        ),
        (
            r#"{"input": {"resource_changes": []}}"#,
            "inside of another JSON object",
        ),
        (
            r#"{"data": {"id": "run-1", "type": "runs", "attributes": {}}}"#,
            "HCP Terraform",
        ),
        (
            r#"{"x": {"sensitive": false, "type": "string", "value": "a"}}"#,
            "terraform output -json",
        ),
        ("[{\"a\": 1}]", "a JSON array"),
        (r#"{"a": 1}"#, "no known kind"),
        (
            r#"{"format_version": "2.0", "resource_changes": []}"#,
            "format version `2.0`",
        ),
        (
            r#"{"format_version": "1.2", "resource_changes": {}}"#,
            "expected an array, found an object",
        ),
        (
            r#"{"format_version": "1.2", "resource_changes": [1]}"#,
            "expected an object, found a number",
        ),
        (
            r#"{"resource_changes": [{"address": "a.b", "change": {"actions": ["create"], "after": nul}}]}"#,
            "not JSON at line 1, column 85",
        ),
    ] {
        let reason = reason(given);
        assert!(reason.contains(told), "{given}: {reason}");
    }
}

#[test]
fn oddities_do_not_pass_in_silence() {
    let problems = |changes: &str, more: &str| {
        let text = format!(r#"{{"format_version": "1.2", "resource_changes": [{changes}]{more}}}"#);
        let plan = read(&text).expect("a plan");
        plan.problems
            .iter()
            .map(|problem| (problem.kind, problem.message.clone()))
            .collect::<Vec<_>>()
    };
    let change = |change: &str| {
        format!(
            r#"{{"address": "a.b", "mode": "managed", "type": "a", "name": "b", "change": {change}}}"#
        )
    };
    let fine = change(r#"{"actions": ["create"], "after": {}, "after_unknown": {}}"#);
    assert_eq!(problems(&fine, ""), []);
    for (changes, more) in [
        (change(r#"{"actions": ["explode"], "after": {}}"#), ""),
        (change(r#"{"after": {}}"#), ""),
        (
            change(r#"{"actions": ["create"], "after": null, "after_unknown": {}}"#),
            "",
        ),
        (
            change(r#"{"actions": ["no-op"], "after": null, "after_unknown": {}}"#),
            "",
        ),
        (
            change(r#"{"actions": ["no-op"], "before": {}, "after": null}"#),
            "",
        ),
        (
            r#"{"address": "nonsense", "change": {"actions": ["create"], "after": {}}}"#.to_owned(),
            "",
        ),
        (format!("{fine}, {fine}"), ""),
        (fine.clone(), r#", "errored": true"#),
        (fine.clone(), r#", "complete": false"#),
    ] {
        let problems = problems(&changes, more);
        assert!(
            problems.iter().any(|(kind, _)| *kind != ProblemKind::Note),
            "{changes}{more}"
        );
    }
    let twice = read(&format!("{}{}", small(), small())).expect("a plan");
    assert!(
        twice
            .problems
            .iter()
            .any(|problem| problem.kind == ProblemKind::Unreadable)
    );
    let planned = r#", "planned_values": {"root_module": {"resources": [
        {"address": "a.b", "mode": "managed", "type": "a", "name": "b", "values": {"c": 1}}]}}"#;
    assert!(
        problems("", planned)
            .iter()
            .any(|(kind, _)| *kind == ProblemKind::Unread)
    );
    let text = format!(r#"{{"format_version": "1.2", "resource_changes": []{planned}}}"#);
    let plan = read(&text).expect("a plan");
    assert_eq!(format!("{:?}", plan.resources()[0].attribute("c")), "1");
}

/// Terraform writes no `resource_changes` where it has none.
#[test]
fn without_changes_what_is_there_stays() {
    let actions = |planned: &str, outputs: &str| -> Vec<Action> {
        let text = format!(
            r#"{{"format_version": "1.2", "planned_values": {{"root_module": {{{planned}}}}}, "output_changes": {{{outputs}}},
            "prior_state": {{"format_version": "1.0", "values": {{"root_module": {{"resources": [
            {{"address": "a.old", "mode": "managed", "type": "a", "name": "old", "values": {{"c": 1}}}}]}}}}}}}}"#
        );
        let plan = read(&text).expect("a plan");
        plan.resources()
            .iter()
            .map(|one| one.change.action)
            .collect()
    };
    let kept = r#""url": {"actions": ["no-op"], "before": "u", "after": "u"}"#;
    let removed = r#""url": {"actions": ["delete"], "before": "u", "after": null}"#;
    let other = r#""resources": [{"address": "a.new", "mode": "managed", "type": "a", "name": "new", "values": {"c": 1}}]"#;
    assert_eq!(actions("", ""), [Action::NoOp]);
    assert_eq!(actions("", kept), [Action::NoOp]);
    assert_eq!(actions("", removed), [Action::Delete]);
    let both = actions(other, kept);
    assert_eq!(both, [Action::Create, Action::Delete]);
}

#[test]
fn what_the_plan_leaves_out_may_be_unknown() {
    let unknown = |text: &str, name: &str| {
        let plan = read(text).expect("a plan");
        let resource = &plan.resources()[0];
        assert!(resource.attribute("known").is_known());
        !resource.attribute(name).is_known()
    };
    let change = r#"{"resource_changes": [{"address": "a.b", "change": {"actions": ["create"], "after": {"known": 1}"#;
    assert!(unknown(&format!("{change}}}}}]}}"), "x"));
    assert!(!unknown(
        &format!("{change}, \"after_unknown\": {{}}}}}}]}}"),
        "x"
    ));
    let planned = r#"{"planned_values": {"root_module": {"resources": [{"address": "a.b", "mode": "managed", "type": "a", "name": "b", "values": {"known": 1}}]}}}"#;
    assert!(unknown(planned, "x"));
    assert_eq!(
        read(planned).expect("a plan").resources()[0].change.action,
        Action::Create
    );
}

#[test]
fn deposed_objects_are_kept_apart() {
    let text = r#"{"resource_changes": [
        {"address": "a.b", "change": {"actions": ["no-op"], "after": {"x": 1}, "after_unknown": {}}},
        {"address": "a.b", "deposed": "0a1b", "change": {"actions": ["delete"], "before": {"x": 2}, "after": null}}]}"#;
    let plan = read(text).expect("a plan");
    assert_eq!(plan.resources().len(), 1);
    assert_eq!(plan.resources()[0].change.action, Action::NoOp);
    assert_eq!(&*plan.deposed[0].key, "0a1b");
    assert!(plan.problems.is_empty());
}

#[test]
fn an_orphan_that_is_gone_already_is_no_instance() {
    let text = r#"{"terraform_version": "1.0.2", "resource_changes": [
        {"address": "a.b", "change": {"actions": ["no-op"], "before": {"x": 1}, "after": {"x": 1}, "after_unknown": {}}},
        {"address": "a.b[1]", "index": 1, "change": {"actions": ["no-op"], "before": null, "after": null, "after_unknown": {}}}]}"#;
    let plan = read(text).expect("a plan");
    assert_eq!(plan.resources().len(), 1);
    assert!(plan.problems.is_empty());
}

#[test]
fn odd_text_is_read_as_far_as_all_readers_agree() {
    let text = r#"{"resource_changes": [{"address": "a.b", "change": {"actions": ["create"], "after_unknown": {},
        "after": {"half": "a\ud800b", "twice": 1, "twice": 2, "e\u0301": true}}}], "new_member": {"a": [1e999]}}"#;
    let plan = read(text).expect("a plan");
    let resource = &plan.resources()[0];
    assert_eq!(resource.attribute("half").as_str(), Some("a\u{fffd}b"));
    assert!(!resource.attribute("twice").is_known());
    let doubled = text.replacen('{', r#"{"resource_changes": [], "#, 1);
    assert!(matches!(read(&doubled), Err(Reason::Doubled { .. })));
    let deep = format!(
        r#"{{"resource_changes": [], "x": {}"#,
        "[".repeat(1_000_000)
    );
    assert!(matches!(read(&deep), Err(Reason::TooDeep { .. })));
}

#[test]
fn secrets_are_in_no_debug_output() {
    let canary = "canary-5f1c9a";
    let text = format!(
        r#"{{"format_version": "1.2", "variables": {{"key": {{"value": "{canary}"}}}},
        "resource_changes": [{{"address": "a.b", "change": {{"actions": ["update"],
            "before": {{"s": "{canary}"}}, "before_sensitive": {{"s": true}},
            "after": {{"s": "{canary}", "t": {{"u": ["{canary}"]}}}}, "after_unknown": {{"v": true}},
            "after_sensitive": {{"s": true, "t": true}}}}}}],
        "output_changes": {{"o": {{"actions": ["create"], "after": "{canary}", "after_sensitive": true}}}},
        "configuration": {{"root_module": {{"variables": {{"key": {{"sensitive": true}}}},
            "resources": [{{"mode": "managed", "type": "a", "name": "b", "expressions": {{"v": {{"references": ["var.key"]}}, "s": {{"references": ["var.key"]}}}}}}]}}}}}}"#
    );
    let plan = read(&text).expect("a plan");
    for resource in plan.resources() {
        let _ = (resource.after(), resource.before());
    }
    assert!(!format!("{plan:?}").contains(canary));
    let resource = &plan.resources()[0];
    for name in ["s", "v"] {
        let marks = resource.attribute(name).marks();
        let secrets: Vec<&str> = marks
            .secrets
            .iter()
            .flat_map(|set| set.iter())
            .map(|name| &**name)
            .collect();
        assert_eq!(secrets, ["var.key"], "{name}");
    }
    assert!(
        plan.variable("key")
            .expect("declared")
            .value
            .marks()
            .is_secret()
    );
    let cut = read(&text[..text.len() - 2])
        .map(|_| ())
        .expect_err("cut off");
    assert!(!format!("{cut} {cut:?}").contains(canary));
}

/// What is measured is what Terraform writes: for 12 resources, and for as many as were recorded for the measurements.
#[test]
fn the_plan_of_the_measurements_is_terraforms_own() {
    let recorded = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/plan/12.json.gz");
    let further = Path::new(env!("CARGO_TARGET_TMPDIR")).join("plans");
    let further = std::fs::read_dir(further).into_iter().flatten();
    let further = further.map(|entry| entry.expect("readable").path());
    for path in further.chain([recorded]) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let count = name.split('.').next().unwrap_or_default().parse();
        let own = written::plan(count.expect("the name is the number of resources"));
        let recorded = written::with_its_time(&recordings::text(&path));
        let same = own.bytes().zip(recorded.bytes());
        let same = same.take_while(|(own, recorded)| own == recorded).count();
        let around = same.saturating_sub(40)..(same + 40).min(recorded.len());
        assert!(own == recorded, "{name}: {:?}", recorded.get(around));
    }
}
