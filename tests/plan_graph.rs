//! On a plan without sources, its configuration still tells what waits for what and where values come from.

use std::path::Path;
use std::sync::Arc;

use tfguard::address::{AttributePath, ResourceAddress};
use tfguard::plan::{Hop, Origin, Plan, Subject, json};
use tfguard::provider::Providers;

fn plan(text: &str) -> Plan {
    let providers = Arc::new(Providers::default());
    json::read(&text.into(), Path::new("plan.json"), &providers).expect("a plan")
}

fn fixture(path: &str) -> Plan {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(path);
    plan(&std::fs::read_to_string(path).expect("readable"))
}

fn address(text: &str) -> Arc<ResourceAddress> {
    Arc::new(text.parse().expect("an address"))
}

fn origins(plan: &Plan, resource: &str, attribute: &str) -> Vec<String> {
    let subject = Subject::Attribute(address(resource), AttributePath::attribute(attribute));
    let name = |origin| match origin {
        Origin::Attribute(address, path) => format!("{address}.{path}"),
        Origin::Variable(name) => format!("var.{name}"),
        Origin::Literal => "a literal".to_owned(),
        Origin::Lost(text) => format!("lost at {text}"),
    };
    plan.provenance
        .origins(&subject)
        .into_iter()
        .map(name)
        .collect()
}

#[test]
fn a_listener_waits_through_the_output_of_a_module() {
    let plan = fixture("runbook/recorded/prod/plan.json");
    let waits = plan
        .provenance
        .waits_for(&address("aws_lb_listener.https[0]"));
    assert!(waits.on_kind("aws_acm_certificate_validation"));
    assert!(waits.on_kind("aws_lb"));
    assert!(!waits.on_kind("aws_ecs_service"));
    // Its `count` is a local, behind which the plan does not tell.
    assert!(waits.incomplete);
    let found = origins(&plan, "aws_lb_listener.https[0]", "certificate_arn");
    assert_eq!(
        found,
        ["module.acm_alb[0].aws_acm_certificate_validation.this."]
    );
}

#[test]
fn a_chain_is_told_from_its_far_end() {
    let plan = fixture("runbook/recorded/prod/plan.json");
    let subject = Subject::Attribute(
        address("aws_lb_listener.https[0]"),
        AttributePath::attribute("certificate_arn"),
    );
    let hops: Vec<String> = plan
        .provenance
        .because(&subject)
        .into_iter()
        .map(|hop| hop.text)
        .collect();
    assert_eq!(
        hops.last().map(String::as_str),
        Some(
            "aws_lb_listener.https[0].certificate_arn ← module.acm_alb[0].validated_certificate_arn"
        )
    );
    assert!(
        hops.iter()
            .any(|hop| hop.contains("← module.acm_alb[0].aws_acm_certificate_validation.this")),
        "{hops:?}"
    );
}

const MODULES: &str = r#"{"format_version": "1.2", "resource_changes": [
    {"address": "module.m[\"a\"].x_store.s", "module_address": "module.m[\"a\"]", "mode": "managed", "type": "x_store", "name": "s", "index": null,
     "change": {"actions": ["create"], "after": {}, "after_unknown": {"secret": true, "plain": true, "each": true, "local": true}}}],
    "configuration": {"root_module": {
      "variables": {"key": {"sensitive": true}, "name": {}},
      "resources": [{"mode": "managed", "type": "random_password", "name": "p", "expressions": {"length": {"constant_value": 20}}},
                    {"mode": "managed", "type": "x_gate", "name": "g", "expressions": {}}],
      "module_calls": {"m": {"for_each_expression": {"references": ["var.name"]}, "depends_on": ["x_gate.g"],
        "expressions": {"secret": {"references": ["var.key", "random_password.p.result", "random_password.p"]}, "plain": {"constant_value": "a"}, "each": {"references": ["each.value"]}},
        "module": {"variables": {"secret": {}, "plain": {}, "each": {}},
          "resources": [{"mode": "managed", "type": "x_store", "name": "s", "expressions": {
            "secret": {"references": ["var.secret"]}, "plain": {"references": ["var.plain"]}, "each": {"references": ["var.each"]}, "local": {"references": ["local.l"]}}}]}}}}}}"#;

#[test]
fn arguments_lead_out_of_modules() {
    let plan = plan(MODULES);
    let store = r#"module.m["a"].x_store.s"#;
    assert_eq!(
        origins(&plan, store, "secret"),
        ["random_password.p.result", "var.key"]
    );
    assert_eq!(origins(&plan, store, "plain"), ["a literal"]);
    assert_eq!(origins(&plan, store, "each"), ["var.name"]);
    assert_eq!(origins(&plan, store, "local"), ["lost at local.l"]);
    let waits = plan.provenance.waits_for(&address(store));
    assert!(waits.on_kind("random_password") && waits.on_kind("x_gate") && waits.incomplete);
}

#[test]
fn a_chain_names_no_other_than_the_source() {
    let plan = plan(MODULES);
    let secret = Subject::Attribute(
        address(r#"module.m["a"].x_store.s"#),
        AttributePath::attribute("secret"),
    );
    let texts = |hops: Vec<Hop>| -> Vec<String> { hops.into_iter().map(|hop| hop.text).collect() };
    let first = r#"module.m["a"].x_store.s.secret ← module.m["a"].var.secret"#;
    // The argument names two things, and nothing tells which of them gave the value.
    assert_eq!(texts(plan.provenance.because(&secret)), [first]);
    for source in ["var.key", "random_password.p.result"] {
        assert_eq!(
            texts(plan.provenance.because_of(&secret, source)),
            [
                format!(r#"module.m["a"].var.secret ← {source}"#),
                first.to_owned()
            ]
        );
    }
    assert_eq!(
        texts(plan.provenance.because_of(&secret, "var.name")),
        [first]
    );
}

#[test]
fn unknown_values_know_the_secrets_behind_them() {
    let plan = plan(MODULES);
    let store = plan
        .resource(&address(r#"module.m["a"].x_store.s"#))
        .expect("planned");
    let secrets = |name: &str| -> Vec<String> {
        let marks = store.attribute(name).marks().clone();
        marks
            .secrets
            .iter()
            .flat_map(|set| set.iter())
            .map(ToString::to_string)
            .collect()
    };
    assert_eq!(secrets("secret"), ["random_password.p.result", "var.key"]);
    assert_eq!(secrets("plain"), [""; 0]);
    assert_eq!(secrets("each"), [""; 0]);
    let argument = |name: &str| {
        plan.variables
            .iter()
            .find(|((module, found), _)| !module.is_root() && &**found == name)
    };
    assert_eq!(
        argument("plain").map(|(_, variable)| format!("{:?}", variable.value)),
        Some("\"a\"".to_owned())
    );
    assert!(argument("secret").is_none());
}
