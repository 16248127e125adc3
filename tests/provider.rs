//! The packed facts about providers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tfguard::address::ResourceMode;
use tfguard::provider::{Names, Nesting, Providers, Setting};
use tfguard::value::{Data, Type};

const MODES: [ResourceMode; 3] = [
    ResourceMode::Managed,
    ResourceMode::Data,
    ResourceMode::Ephemeral,
];

#[test]
fn every_packed_type_decodes() {
    let counts = MODES.map(|mode| {
        let kinds = Providers::packed().kinds(mode);
        let mut attributes = 0;
        for kind in &kinds {
            let facts = Providers::packed()
                .schema(mode, kind)
                .unwrap_or_else(|| panic!("{kind} is in the index"));
            assert_eq!(facts.kind, *kind);
            assert!(matches!(facts.block.ty(), Type::Object(_)), "{kind}");
            attributes += facts.block.attributes.len();
        }
        (kinds.len(), attributes)
    });
    // As counted in the schemas that were packed.
    assert_eq!(counts, [(1680, 16281), (673, 6530), (12, 86)]);
}

#[test]
fn a_load_balancer_is_as_its_provider_says() {
    let facts = Providers::packed()
        .schema(ResourceMode::Managed, "aws_lb")
        .expect("packed");
    let block = &facts.block;
    assert_eq!(block.attributes["internal"].ty, Type::Bool);
    assert_eq!(
        block.attributes["internal"].setting,
        Setting::OptionalComputed
    );
    assert_eq!(block.attributes["arn"].setting, Setting::Computed);
    assert_eq!(block.attributes["subnets"].ty, Type::set(Type::String));
    assert!(block.is_sdk());
    let logs = &block.blocks["access_logs"];
    assert_eq!(
        (logs.nesting, logs.min_items, logs.max_items),
        (Nesting::List, 0, Some(1))
    );
    assert_eq!(logs.block.attributes["bucket"].setting, Setting::Required);
    let default = facts
        .behaviour
        .default_of(&[], "idle_timeout")
        .expect("known");
    assert_eq!(
        default.as_number().map(ToString::to_string).as_deref(),
        Some("60")
    );
    let enabled = facts
        .behaviour
        .default_of(&["access_logs".into()], "enabled")
        .expect("known");
    assert_eq!(enabled.as_bool(), Some(false));
    assert_eq!(facts.behaviour.only_when.len(), 4);
}

/// Whoever edits the text and forgets to pack again is told here.
#[test]
fn the_packed_behaviour_is_the_one_written_down() {
    let dotted =
        |paths: &[Names]| -> BTreeSet<String> { paths.iter().map(ToString::to_string).collect() };
    let mut checked = 0;
    for entry in std::fs::read_dir("src/provider/data/behaviour").expect("a folder") {
        let text = std::fs::read_to_string(entry.expect("a file").path()).expect("readable");
        let file: BTreeMap<String, serde_json::Value> = serde_json::from_str(&text).expect("JSON");
        for (kind, written) in file {
            let facts = Providers::packed()
                .schema(ResourceMode::Managed, &kind)
                .unwrap_or_else(|| panic!("{kind} has a behaviour and no schema"));
            let packed = &facts.behaviour;
            for (key, paths) in [
                ("force_new", &packed.force_new),
                ("empty_elements", &packed.empty_elements),
                ("unknown_blocks", &packed.unknown_blocks),
                ("kept", &packed.kept),
            ] {
                let written: BTreeSet<String> = written
                    .get(key)
                    .map(|paths| serde_json::from_value(paths.clone()).expect("strings"))
                    .unwrap_or_default();
                assert_eq!(dotted(paths), written, "{kind} {key}");
            }
            let mut left = packed.defaults.clone();
            for (path, default) in written["defaults"].as_object().into_iter().flatten() {
                let at = left
                    .iter()
                    .position(|(packed, _)| packed.to_string() == *path)
                    .unwrap_or_else(|| panic!("{kind}: default of {path}"));
                let (_, value) = left.swap_remove(at);
                let packed = match value.data() {
                    Data::Bool(value) => serde_json::Value::from(*value),
                    Data::Number(number) => {
                        serde_json::from_str(&number.to_string()).expect("a number")
                    }
                    _ => serde_json::Value::from(value.as_str()),
                };
                assert_eq!(packed, *default, "{kind}: default of {path}");
                checked += 1;
            }
            assert!(left.is_empty(), "{kind}: {left:?}");
            let rules = written["only_when"].as_array().map_or(0, Vec::len);
            assert_eq!(packed.only_when.len(), rules, "{kind}");
        }
    }
    assert!(checked > 200, "{checked} defaults");
}

/// The same for the schemas that are written by hand.
#[test]
fn the_packed_schemas_are_the_ones_written_down() {
    let mut written = Providers::default();
    for entry in std::fs::read_dir("src/provider/data/schemas").expect("a folder") {
        let text = std::fs::read_to_string(entry.expect("a file").path()).expect("readable");
        written.load_schema_json(&text).expect("a schema");
    }
    let mut checked = 0;
    for mode in MODES {
        for kind in Providers::packed().kinds(mode) {
            if kind.starts_with("aws_") {
                continue;
            }
            let packed = Providers::packed().schema(mode, &kind).expect("packed");
            let written = written.schema(mode, &kind).expect("written");
            assert!(!Arc::ptr_eq(&packed, &written), "{kind} is packed only");
            assert_eq!(packed.block, written.block, "{kind}");
            checked += 1;
        }
    }
    assert_eq!(checked, 35);
}

#[test]
fn nothing_is_known_of_other_types() {
    for (mode, kind) in [
        (ResourceMode::Managed, "google_compute_instance"),
        (ResourceMode::Managed, "aws_iam_policy_document"),
        (ResourceMode::Data, "aws_lb_"),
        (ResourceMode::Data, ""),
        (ResourceMode::Ephemeral, "zzz"),
    ] {
        assert!(Providers::packed().schema(mode, kind).is_none(), "{kind}");
    }
}

#[test]
fn providers_have_their_own_arguments() {
    let aws = Providers::packed().provider("aws").expect("packed");
    assert_eq!(&*aws.source, "registry.terraform.io/hashicorp/aws");
    assert_eq!(&*aws.version, "6.47.0");
    assert_eq!(aws.block.attributes["region"].ty, Type::String);
    assert!(aws.block.blocks.contains_key("default_tags"));
    let builtin = Providers::packed().provider("terraform").expect("packed");
    assert_eq!(&*builtin.source, "terraform.io/builtin/terraform");
    assert!(Providers::packed().provider("azurerm").is_none());
}

#[test]
fn schemas_of_other_providers_can_be_added() {
    let mut providers = Providers::default();
    providers
        .load_schema_json(
            r#"{"format_version": "1.0", "provider_schemas": {"registry.terraform.io/acme/acme": {
                "provider": {"version": 0, "block": {"attributes": {"token": {"type": "string", "optional": true, "sensitive": true}}}},
                "resource_schemas": {"acme_rocket": {"version": 1, "block": {"attributes": {
                    "crew": {"nested_type": {"nesting_mode": "set", "attributes": {"name": {"type": "string", "required": true}}}, "optional": true},
                    "legs": {"type": ["object", {"count": "number"}], "computed": true}},
                    "block_types": {"stage": {"nesting_mode": "list", "min_items": 1, "block": {"attributes": {"thrust": {"type": "number", "required": true}}}}}}}}}}}"#,
        )
        .expect("a schema");
    let facts = providers
        .schema(ResourceMode::Managed, "acme_rocket")
        .expect("added");
    assert_eq!(
        facts.block.ty().to_string(),
        "object({ crew = set(object({ name = string })), legs = object({ count = number }), stage = list(object({ thrust = number })) })"
    );
    assert_eq!(facts.block.blocks["stage"].min_items, 1);
    assert!(providers.provider("acme").expect("added").block.attributes["token"].sensitive);
    assert!(providers.schema(ResourceMode::Managed, "aws_lb").is_some());
    assert!(
        Providers::packed()
            .schema(ResourceMode::Managed, "acme_rocket")
            .is_none()
    );
}

#[test]
fn what_is_no_schema_is_refused() {
    for (text, message) in [
        ("{", "not a provider schema"),
        (
            r#"{"format_version": "1.0"}"#,
            "missing field `provider_schemas`",
        ),
        (
            r#"{"format_version": "2.0", "provider_schemas": {}}"#,
            "format `2.0`",
        ),
        (
            r#"{"provider_schemas": {"x": {"resource_schemas": {"x_y": {"block": {"attributes": {"z": {"type": "text"}}}}}}}}"#,
            "provider schema of `x_y`: `z`: no type: `\"text\"`",
        ),
    ] {
        let error = Providers::default()
            .load_schema_json(text)
            .expect_err("not a schema");
        assert!(error.to_string().contains(message), "{error}");
    }
}
