//! The secret sweep: a credential in any place of any evidence is found, however it is written, and never shown.
#![allow(clippy::needless_pass_by_value)] // `json!` makes what is passed.

mod verdicts;

use serde_json::{Value as Json, json};
use tfguard::report::Report;
use tfguard::rule::Verdict;

const KEY: &str = "sk_live_51MadeUp7qK2vX9bT4nL0wZc";
/// No output holds this much of it.
const TELLING: &str = "51MadeUp7qK2";

/// Where the key stands: a name, the member that is added to a document of this kind, and what the finding names.
struct Place {
    document: fn(Json) -> Json,
    /// What stands there, around the key.
    what: &'static str,
    member: fn(Json) -> (&'static str, Json),
    named: &'static str,
}

fn plan(more: Json) -> Json {
    let mut plan = json!({
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "planned_values": {"root_module": {"resources": []}},
        "resource_changes": [change("terraform_data.a", "create", json!({"input": "x"}))],
        "configuration": {"root_module": {}},
    });
    add(&mut plan, more);
    plan
}

fn stored(more: Json) -> Json {
    let mut state = json!({
        "version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a",
        "outputs": {}, "check_results": null,
        "resources": [{"mode": "managed", "type": "terraform_data", "name": "a",
            "provider": "provider[\"terraform.io/builtin/terraform\"]",
            "instances": [{"schema_version": 0, "attributes": {"id": "1", "input": "x"}}]}],
    });
    add(&mut state, more);
    state
}

fn shown(more: Json) -> Json {
    let mut state = json!({
        "format_version": "1.0", "terraform_version": "1.11.4",
        "values": {"root_module": {"resources": [resource("terraform_data.a", json!({"input": "x"}))]}},
    });
    add(&mut state, more);
    state
}

fn add(document: &mut Json, more: Json) {
    let members = document.as_object_mut().expect("an object");
    members.extend(more.as_object().expect("an object").clone());
}

fn resource(address: &str, values: Json) -> Json {
    let (kind, name) = address.split_once('.').expect("an address");
    json!({"address": address, "mode": "managed", "type": kind, "name": name, "values": values})
}

fn change(address: &str, action: &str, after: Json) -> Json {
    let (kind, name) = address.split_once('.').expect("an address");
    let before = if action == "create" {
        Json::Null
    } else {
        after.clone()
    };
    json!({"address": address, "mode": "managed", "type": kind, "name": name,
        "change": {"actions": [action], "before": before, "after": after, "after_unknown": {}}})
}

const PLACES: [Place; 15] = [
    Place {
        document: plan,
        what: "a variable",
        named: "var.v",
        member: |key| ("variables", json!({"v": {"value": key}})),
    },
    Place {
        document: plan,
        what: "an element of a variable",
        named: "var.v",
        member: |key| ("variables", json!({"v": {"value": {"a": ["x", key]}}})),
    },
    Place {
        document: plan,
        what: "a resource that is created",
        named: "terraform_data.b.input",
        member: |key| {
            (
                "resource_changes",
                json!([change("terraform_data.b", "create", json!({"input": key}))]),
            )
        },
    },
    Place {
        document: plan,
        what: "a resource that does not change",
        named: "terraform_data.b.input",
        member: |key| {
            (
                "resource_changes",
                json!([change(
                    "terraform_data.b",
                    "no-op",
                    json!({"input": {"a": key}})
                )]),
            )
        },
    },
    Place {
        document: plan,
        what: "a resource of the state",
        named: "terraform_data.b.input",
        member: |key| {
            (
                "prior_state",
                json!({"format_version": "1.0", "values": {"root_module": {
            "resources": [resource("terraform_data.b", json!({"input": key}))]}}}),
            )
        },
    },
    Place {
        document: plan,
        what: "an output of the state",
        named: "prior_state.values.outputs.o.value",
        member: |key| {
            (
                "prior_state",
                json!({"format_version": "1.0", "values": {
            "outputs": {"o": {"value": key}}, "root_module": {}}}),
            )
        },
    },
    Place {
        document: plan,
        what: "what has drifted",
        named: "resource_drift[0].change.before.input",
        member: |key| {
            (
                "resource_drift",
                json!([{"address": "terraform_data.a", "change": {"before": {"input": key}}}]),
            )
        },
    },
    Place {
        document: plan,
        what: "a constant",
        named: "configuration.root_module.resources[0].expressions.input.constant_value",
        member: |key| {
            (
                "configuration",
                json!({"root_module": {"resources": [{"address": "terraform_data.b",
            "mode": "managed", "type": "terraform_data", "name": "b", "expressions": {"input": {"constant_value": key}}}]}}),
            )
        },
    },
    Place {
        document: plan,
        what: "a provider's argument",
        named: "configuration.provider_config.aws.expressions.token.constant_value",
        member: |key| {
            (
                "configuration",
                json!({"provider_config": {"aws": {"name": "aws", "expressions": {"token": {"constant_value": key}}}},
            "root_module": {}}),
            )
        },
    },
    Place {
        document: plan,
        what: "the message of a check",
        named: "checks[0].instances[0].problems[0].message",
        member: |key| {
            (
                "checks",
                json!([{"status": "pass", "instances": [{"problems": [{"message": key}]}]}]),
            )
        },
    },
    Place {
        document: plan,
        what: "an output",
        named: "output.o",
        member: |key| {
            (
                "output_changes",
                json!({"o": {"actions": ["create"], "before": null, "after": key, "after_unknown": false}}),
            )
        },
    },
    Place {
        document: stored,
        what: "an output of a state",
        named: "output.o",
        member: |key| ("outputs", json!({"o": {"value": key, "type": "string"}})),
    },
    Place {
        document: stored,
        what: "an object of a state",
        named: "terraform_data.b.input",
        member: |key| {
            (
                "resources",
                json!([{"mode": "managed", "type": "terraform_data", "name": "b", "provider": "",
            "instances": [{"schema_version": 0, "attributes": {"input": [key]}}]}]),
            )
        },
    },
    Place {
        document: stored,
        what: "a check of a state",
        named: "check_results[0].objects[0].failure_messages[0]",
        member: |key| {
            (
                "check_results",
                json!([{"status": "pass", "objects": [{"failure_messages": [key]}]}]),
            )
        },
    },
    Place {
        document: shown,
        what: "an output of a printed state",
        named: "output.o",
        member: |key| {
            (
                "values",
                json!({"outputs": {"o": {"value": key}}, "root_module": {"resources":
            [resource("terraform_data.a", json!({"input": "x"}))]}}),
            )
        },
    },
];

/// Its name, what becomes of the document, and how that is written.
type Writing = (&'static str, fn(&Json) -> Json, fn(String) -> Vec<u8>);

/// How the key is written, from the document with the key in it.
const WRITTEN: [Writing; 7] = [
    ("plainly", Json::clone, String::into_bytes),
    ("with an escape", Json::clone, |text| {
        escaped(&text).into_bytes()
    }),
    (
        "within JSON",
        |key| json!(json!({"k": key}).to_string()),
        String::into_bytes,
    ),
    (
        "within JSON, with an escape",
        |key| json!(escaped(&json!({"k": key}).to_string())),
        String::into_bytes,
    ),
    (
        "within JSON within JSON, with an escape",
        |key| json!(json!({"j": escaped(&json!([key]).to_string())}).to_string()),
        String::into_bytes,
    ),
    (
        "after a line break",
        |key| json!(format!("a\n\t{}", key.as_str().expect("text"))),
        String::into_bytes,
    ),
    ("in UTF-16", Json::clone, |text| {
        let units = std::iter::once(0xFEFF).chain(text.encode_utf16().collect::<Vec<u16>>());
        units.flat_map(u16::to_le_bytes).collect()
    }),
];

fn escaped(text: &str) -> String {
    text.replace("sk_live_", r"\u0073k_live\u005f")
}

fn check(bytes: &[u8]) -> Report {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("evidence");
    std::fs::write(&path, bytes).expect("a file");
    verdicts::check([path.as_os_str()])
}

/// The subjects of what `secret-literal` finds, as they are shown.
fn found(report: &Report) -> Vec<String> {
    let mut out = Vec::new();
    report.write_json(&mut out).expect("in memory");
    let out = String::from_utf8(out).expect("text");
    assert!(!out.contains(TELLING), "the report shows the key");
    let errors: Vec<&String> = report.errors.iter().map(|error| &error.message).collect();
    assert!(errors.is_empty(), "{errors:?}");
    let printed: Json = serde_json::from_str(&out).expect("JSON");
    let findings = printed["findings"].as_array().expect("findings").iter();
    findings
        .filter(|one| one["rule"] == "secret-literal" && one["verdict"] == Verdict::Fail.name())
        .map(|one| one["address"].as_str().expect("an address").to_owned())
        .collect()
}

#[test]
fn a_key_is_found_in_every_place_and_script() {
    for place in PLACES {
        for (written, value, bytes) in WRITTEN {
            let (name, member) = (place.member)(value(&json!(KEY)));
            let document = (place.document)(json!({ name: member }));
            let found = found(&check(&bytes(document.to_string())));
            assert_eq!(found, [place.named], "{}, {written}", place.what);
        }
        let (name, member) = (place.member)(json!("sk_live_changeme"));
        let document = (place.document)(json!({ name: member }));
        assert!(
            found(&check(document.to_string().as_bytes())).is_empty(),
            "{}",
            place.what
        );
    }
}

/// Names are shown on the way to a place: not this one.
#[test]
fn a_key_that_is_a_name_is_found_and_not_shown() {
    let other = KEY.replace("51Made", "52Made");
    for (document, named) in [
        (
            plan(json!({"variables": {"v": {"value": {KEY: 1}}}})),
            "var.v",
        ),
        (
            plan(json!({"resource_drift": [{"change": {"before": {KEY: {"a": other}}}}]})),
            "resource_drift[0].change.before.(a name)",
        ),
        (
            plan(json!({"resource_drift": [{KEY: 1}]})),
            "resource_drift[0].(a name)",
        ),
    ] {
        for text in [document.to_string(), escaped(&document.to_string())] {
            let found = found(&check(text.as_bytes()));
            assert_eq!(found.first().map(String::as_str), Some(named));
        }
    }
    let keyed = json!([{"address": format!("terraform_data.b[\"{KEY}\"]"), "mode": "managed", "type": "terraform_data",
        "name": "b", "index": KEY, "change": {"actions": ["no-op"], "before": {"input": "x"}, "after": {"input": "x"}, "after_unknown": {}}}]);
    let found = found(&check(
        plan(json!({"resource_changes": keyed}))
            .to_string()
            .as_bytes(),
    ));
    assert_eq!(found, ["terraform_data.b[\"(withheld)\"]"]);
}

/// A saved plan has its values in no text: they are searched as they are read, and the states that it carries as texts.
#[test]
fn a_key_in_a_saved_plan_is_found() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/broken/tf.plan");
    let bytes = std::fs::read(path).expect("readable");
    let found = found(&check(&bytes));
    assert!(
        found
            .iter()
            .any(|one| one.contains("aws_ecs_task_definition.api")),
        "{found:?}"
    );
}
