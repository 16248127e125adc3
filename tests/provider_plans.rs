//! What `provider` plans and answers, against the plans that Terraform recorded.
//!
//! A plan's `configuration` says which arguments each block sets. Those are given the values that the plan has for them;
//! everything else has to come out of the facts: defaults, unknowns, region, tags.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value as Json;
use tfguard::address::{AttributePath, PathStep, Resource, ResourceAddress, ResourceMode};
use tfguard::provider::data_sources::DataSource;
use tfguard::provider::planned::{planned_new, replacing_paths};
use tfguard::provider::{Block, ProviderConfig, Providers, TypeFacts};
use tfguard::value::{Cause, Causes, Data, Entries, Shape, Type, Value};

const NOTHING: &Json = &Json::Null;

#[test]
fn created_resources_are_planned_as_recorded() {
    let mut tally = Tally::default();
    for file in recorded(Path::new("fixtures")) {
        let text = std::fs::read_to_string(&file).expect("readable");
        let plan: Json = serde_json::from_str(&text).expect("JSON");
        check_plan(&file, &plan, &mut tally);
    }
    assert!(tally.resources > 900, "{} resources", tally.resources);
    assert!(tally.leaves > 20_000, "{} leaves", tally.leaves);
    assert!(
        tally.wrong.is_empty(),
        "{} of {} leaves differ:\n{}",
        tally.wrong.lines().count(),
        tally.leaves,
        tally.wrong
    );
}

/// Where Terraform says that a path forces replacement, the facts say so too, and never of what is changed in place.
#[test]
fn replacements_are_as_recorded() {
    let (mut replaced, mut kept) = (0, 0);
    for file in recorded(Path::new("fixtures")) {
        let text = std::fs::read_to_string(&file).expect("readable");
        let plan: Json = serde_json::from_str(&text).expect("JSON");
        for change in plan["resource_changes"].as_array().into_iter().flatten() {
            let kind = change["type"].as_str().expect("a type");
            let change_of = &change["change"];
            let both = !change_of["before"].is_null() && !change_of["after"].is_null();
            let asked_for = change["action_reason"] == "replace_by_request"
                || change["action_reason"] == "replace_by_triggers"
                || change["action_reason"] == "replace_because_tainted";
            let Some(facts) = Providers::packed().schema(ResourceMode::Managed, kind) else {
                continue;
            };
            // The built-in `terraform_data` is not one of the packed behaviours.
            if !both || asked_for || change["mode"] != "managed" || kind == "terraform_data" {
                continue;
            }
            let ty = facts.block.ty();
            let before = value(&change_of["before"], NOTHING, ty);
            let after = value(&change_of["after"], &change_of["after_unknown"], ty);
            let ours: Vec<String> = replacing_paths(&facts, &before, &after)
                .iter()
                .map(ToString::to_string)
                .collect();
            let recorded: Vec<String> = change_of["replace_paths"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|path| {
                    let steps: Vec<&str> = path
                        .as_array()
                        .into_iter()
                        .flatten()
                        .filter_map(Json::as_str)
                        .collect();
                    steps.join(".")
                })
                .collect();
            // A replacement is planned again as a creation: what is filled in there differs as well.
            let missed = recorded.iter().any(|path| !ours.contains(path));
            let invented = recorded.is_empty() && !ours.is_empty();
            assert!(
                !missed && !invented,
                "{} {}: {ours:?} where Terraform has {recorded:?}",
                file.display(),
                change["address"]
            );
            if recorded.is_empty() {
                kept += 1;
            } else {
                replaced += 1;
            }
        }
    }
    assert!(
        replaced >= 5 && kept > 100,
        "{replaced} replaced, {kept} kept"
    );
}

/// What the schema calls sensitive is sensitive in the plan.
#[test]
fn sensitive_attributes_are_as_recorded() {
    let mut checked = 0;
    for file in recorded(Path::new("fixtures")) {
        let text = std::fs::read_to_string(&file).expect("readable");
        let plan: Json = serde_json::from_str(&text).expect("JSON");
        for change in plan["resource_changes"].as_array().into_iter().flatten() {
            let kind = change["type"].as_str().expect("a type");
            let (after, marks) = (
                &change["change"]["after"],
                &change["change"]["after_sensitive"],
            );
            let facts = Providers::packed().schema(ResourceMode::Managed, kind);
            let (Some(facts), "managed", true) = (
                facts,
                change["mode"].as_str().unwrap_or(""),
                after.is_object(),
            ) else {
                continue;
            };
            let unknown = &change["change"]["after_unknown"];
            let object = value(after, unknown, facts.block.ty());
            for path in facts.block.sensitive_paths(&object) {
                let mut at = marks;
                for step in &path.0 {
                    if *at == Json::Bool(true) {
                        break;
                    }
                    at = match step {
                        PathStep::Attribute(name) => &at[&**name],
                        PathStep::Index(index) => &at[*index],
                    };
                }
                assert_eq!(
                    *at,
                    Json::Bool(true),
                    "{} {} {path}",
                    file.display(),
                    change["address"]
                );
                checked += 1;
            }
        }
    }
    assert!(checked > 100, "{checked} paths");
}

/// The recording provider answers a policy document as the real one does, but for the `Id` of merged documents, which it drops;
/// its other answers are its own.
#[test]
fn policy_documents_are_as_recorded() {
    let mut documents = 0;
    for file in recorded(Path::new("fixtures")) {
        let text = std::fs::read_to_string(&file).expect("readable");
        let plan: Json = serde_json::from_str(&text).expect("JSON");
        let mut stack = vec![&plan["prior_state"]["values"]["root_module"]];
        while let Some(module) = stack.pop() {
            stack.extend(module["child_modules"].as_array().into_iter().flatten());
            for resource in module["resources"].as_array().into_iter().flatten() {
                if resource["type"] != "aws_iam_policy_document" {
                    continue;
                }
                let facts = Providers::packed()
                    .schema(ResourceMode::Data, "aws_iam_policy_document")
                    .expect("packed");
                let mut values = resource["values"].clone();
                for computed in ["id", "json", "minified_json"] {
                    values[computed] = Json::Null;
                }
                let config = value(&values, NOTHING, facts.block.ty());
                let read = read_data(&facts, &config, &ProviderConfig::default());
                let recorded = resource["values"]["json"].as_str().expect("known");
                let json = read
                    .attribute("json")
                    .and_then(Value::as_str)
                    .expect("known");
                let merged = json
                    .lines()
                    .filter(|line| recorded.contains("\"Id\"") || !line.starts_with("  \"Id\""));
                assert_eq!(
                    merged.collect::<Vec<_>>().join(
                        "
"
                    ),
                    recorded,
                    "{} {}",
                    file.display(),
                    resource["address"]
                );
                documents += 1;
            }
        }
    }
    assert!(documents > 20, "{documents} documents");
}

fn read_data(facts: &TypeFacts, config: &Value, provider: &ProviderConfig) -> Value {
    DataSource {
        facts,
        config,
        address: &Arc::new(ResourceAddress {
            module: tfguard::address::ModuleInstance::root(),
            resource: Resource {
                mode: ResourceMode::Data,
                kind: Arc::clone(&facts.kind),
                name: "this".into(),
            },
            key: None,
        }),
        provider,
        render: &|template, _| template.clone(),
    }
    .read()
}

fn text(value: &str) -> Value {
    Value::string(value)
}

fn object(entries: &[(&str, Value)]) -> Value {
    Value::object(
        entries
            .iter()
            .map(|(name, value)| (Arc::from(*name), value.clone()))
            .collect(),
    )
}

fn set(elements: &[Value]) -> Value {
    let of = elements.first().map_or(Type::String, Value::ty);
    Data::Set(of, elements.into()).into()
}

fn in_region(region: &str) -> ProviderConfig {
    ProviderConfig {
        region: text(region),
        ..ProviderConfig::default()
    }
}

fn data(kind: &str, config: &[(&str, Value)], provider: &ProviderConfig) -> Value {
    let facts = Providers::packed()
        .schema(ResourceMode::Data, kind)
        .expect("packed");
    read_data(&facts, &object(config), provider)
}

#[track_caller]
fn assert_text(value: &Value, attribute: &str, expected: &str) {
    assert_eq!(
        value.attribute(attribute).and_then(Value::as_str),
        Some(expected),
        "{attribute}"
    );
}

#[test]
fn data_sources_that_only_compute_are_known() {
    let china = data("aws_partition", &[], &in_region("cn-north-1"));
    assert_text(&china, "partition", "aws-cn");
    assert_text(&china, "dns_suffix", "amazonaws.com.cn");
    assert_text(&china, "reverse_dns_prefix", "cn.com.amazonaws");
    assert_text(
        &data("aws_partition", &[], &in_region("us-isob-east-1")),
        "partition",
        "aws-iso-b",
    );
    assert_text(
        &data("aws_partition", &[], &in_region("eu-central-1")),
        "partition",
        "aws",
    );
    let region = data("aws_region", &[], &in_region("eu-central-1"));
    assert_text(&region, "name", "eu-central-1");
    assert_text(&region, "endpoint", "ec2.eu-central-1.amazonaws.com");
    assert!(
        !region
            .attribute("description")
            .expect("an attribute")
            .is_known()
    );
    let arn = data(
        "aws_arn",
        &[("arn", text("arn:aws:rds:eu-west-1:123456789012:db:one:two"))],
        &in_region("eu-west-1"),
    );
    assert_text(&arn, "resource", "db:one:two");
    assert_text(&arn, "service", "rds");
    let service = data(
        "aws_service",
        &[("service_id", text("s3"))],
        &in_region("eu-west-1"),
    );
    assert_text(&service, "reverse_dns_name", "com.amazonaws.eu-west-1.s3");
    assert_text(&service, "dns_name", "s3.eu-west-1.amazonaws.com");
    let principal = data(
        "aws_service_principal",
        &[("service_name", text("logs"))],
        &in_region("cn-north-1"),
    );
    assert_text(&principal, "name", "logs.amazonaws.com.cn");
}

#[test]
fn what_only_the_cloud_knows_is_unknown() {
    let identity = data("aws_caller_identity", &[], &in_region("eu-west-1"));
    let account = identity.attribute("account_id").expect("an attribute");
    let causes: Vec<String> = account.causes().iter().map(ToString::to_string).collect();
    assert_eq!(
        causes,
        ["`data.aws_caller_identity.this.account_id` is read by the provider"]
    );
    let partition = data("aws_partition", &[], &ProviderConfig::default());
    let causes = partition
        .attribute("partition")
        .expect("an attribute")
        .causes();
    assert_eq!(
        causes.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["`provider.aws.region` has no value"]
    );
}

#[test]
fn a_policy_document_merges_and_sorts() {
    let names = |names: &[&str]| set(&names.iter().map(|name| text(name)).collect::<Vec<_>>());
    let statement = |sid: &str, actions: &[&str]| {
        object(&[
            ("sid", text(sid)),
            ("actions", names(actions)),
            ("resources", names(&["arn:aws:s3:::b/&{aws:username}/<x>"])),
            (
                "principals",
                set(&[object(&[
                    ("type", text("*")),
                    ("identifiers", names(&["*"])),
                ])]),
            ),
            (
                "condition",
                set(&[object(&[
                    ("test", text("StringEquals")),
                    ("variable", text("aws:a")),
                    ("values", Value::list(Type::String, [text("2"), text("1")])),
                ])]),
            ),
        ])
    };
    let read = data(
        "aws_iam_policy_document",
        &[
            (
                "source_policy_documents",
                Value::list(
                    Type::String,
                    [text(
                        r#"{"Statement":[{"Sid":"A","Effect":"Deny","Action":"*","Resource":"*"},{"Effect":"Allow","Action":["a","b"],"Resource":"*","Principal":{"AWS":["1","2"]},"Condition":{"Bool":{"x":["true"],"w":false}}}]}"#,
                    )],
                ),
            ),
            (
                "statement",
                Value::list(
                    Type::Dynamic,
                    [
                        statement("A", &["s3:Get", "s3:Put"]),
                        statement("B", &["s3:List"]),
                    ],
                ),
            ),
            (
                "override_policy_documents",
                Value::list(
                    Type::String,
                    [text(
                        r#"{"Version":"2008-10-17","Id":"me","Statement":[{"Sid":"B","Effect":"Deny","NotAction":"s3:*","Resource":"*"}]}"#,
                    )],
                ),
            ),
        ],
        &in_region("eu-west-1"),
    );
    let expected = concat!(
        r#"{"Version":"2012-10-17","Id":"me","Statement":["#,
        r#"{"Sid":"A","Effect":"Allow","Action":["s3:Put","s3:Get"],"Resource":"arn:aws:s3:::b/${aws:username}/\u003cx\u003e","#,
        r#""Principal":"*","Condition":{"StringEquals":{"aws:a":["2","1"]}}},"#,
        r#"{"Effect":"Allow","Action":["a","b"],"Resource":"*","Principal":{"AWS":["2","1"]},"Condition":{"Bool":{"w":"false","x":"true"}}},"#,
        r#"{"Sid":"B","Effect":"Deny","NotAction":"s3:*","Resource":"*"}]}"#,
    );
    assert_text(&read, "minified_json", expected);
    let indented = read
        .attribute("json")
        .and_then(Value::as_str)
        .expect("known");
    assert!(indented.starts_with("{\n  \"Version\": \"2012-10-17\",\n  \"Id\": \"me\",\n  \"Statement\": [\n    {\n      \"Sid\""), "{indented}");
}

#[test]
fn an_unknown_part_leaves_the_structure_of_a_policy() {
    let unknown = Value::unknown(Type::String, cause());
    let read = data(
        "aws_iam_policy_document",
        &[(
            "statement",
            Value::list(
                Type::Dynamic,
                [object(&[
                    ("actions", set(&[text("*")])),
                    ("resources", set(std::slice::from_ref(&unknown))),
                ])],
            ),
        )],
        &in_region("eu-west-1"),
    );
    let json = read
        .attribute("json")
        .and_then(Value::as_unknown)
        .expect("unknown");
    assert!(json.not_null);
    let Some(Shape::Json(shape)) = &json.shape else {
        panic!("{:?}", json.shape);
    };
    let statement = &shape
        .attribute("Statement")
        .and_then(Value::as_elements)
        .expect("a list")[0];
    assert_text(statement, "Action", "*");
    assert!(
        !statement
            .attribute("Resource")
            .expect("a member")
            .is_known()
    );
    // A document of which nothing is known hides what it adds: then there is no structure to judge by.
    let read = data(
        "aws_iam_policy_document",
        &[(
            "source_policy_documents",
            Value::list(Type::String, [unknown]),
        )],
        &in_region("eu-west-1"),
    );
    assert!(
        read.attribute("json")
            .and_then(Value::as_unknown)
            .expect("unknown")
            .shape
            .is_none()
    );
}

fn planned(kind: &str, config: &[(&str, Value)], provider: &ProviderConfig) -> Value {
    let facts = Providers::packed()
        .schema(ResourceMode::Managed, kind)
        .expect("packed");
    let address = Arc::new(ResourceAddress {
        module: tfguard::address::ModuleInstance::root(),
        resource: Resource {
            mode: ResourceMode::Managed,
            kind: kind.into(),
            name: "this".into(),
        },
        key: None,
    });
    planned_new(&facts, &object(config), &address, provider)
}

#[test]
fn one_unknown_element_makes_the_collection_unknown_and_rules_still_see_it() {
    let group = Value::unknown(Type::String, cause());
    let lb = planned(
        "aws_lb",
        &[("security_groups", set(&[text("sg-1"), group]))],
        &in_region("eu-west-1"),
    );
    let groups = lb
        .attribute("security_groups")
        .and_then(Value::as_unknown)
        .expect("unknown");
    let Some(Shape::Partial(partial)) = &groups.shape else {
        panic!("{:?}", groups.shape);
    };
    assert_eq!(partial.as_elements().expect("a set").len(), 2);
    assert_text(&lb, "region", "eu-west-1");
    // Terraform does not count on it that a provider's results are not null.
    assert!(!lb.attribute("arn").expect("an attribute").is_not_null());
    let causes = lb.attribute("arn").expect("an attribute").causes();
    assert_eq!(
        causes.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["`aws_lb.this.arn` is known after apply"]
    );
}

#[test]
fn tags_of_the_provider_lie_under_those_of_the_resource() {
    let tags = |pairs: &[(&str, Value)]| {
        Value::map(
            Type::String,
            pairs
                .iter()
                .map(|(key, tag)| (Arc::from(*key), tag.clone()))
                .collect(),
        )
    };
    let mut provider = in_region("eu-west-1");
    provider.default_tags = tags(&[("env", text("prod")), ("team", text("a"))]);
    let all = |own: &[(&str, Value)]| {
        let bucket = planned("aws_s3_bucket", &[("tags", tags(own))], &provider);
        bucket.attribute("tags_all").expect("an attribute").clone()
    };
    assert_eq!(
        all(&[("team", text("b"))]),
        tags(&[("env", text("prod")), ("team", text("b"))])
    );
    let partly = all(&[("team", Value::unknown(Type::String, cause()))]);
    assert!(!partly.is_known());
    assert_text(&partly, "env", "prod");
    let none = planned("aws_s3_bucket", &[], &in_region("eu-west-1"));
    assert!(!none.attribute("tags_all").expect("an attribute").is_known());
    let old = planned(
        "aws_sqs_queue",
        &[],
        &ProviderConfig {
            major: Some(5),
            ..in_region("eu-west-1")
        },
    );
    assert!(old.attribute("region").is_none());
    let bucket = planned(
        "aws_s3_bucket",
        &[],
        &ProviderConfig {
            major: Some(5),
            ..in_region("eu-west-1")
        },
    );
    assert!(!bucket.attribute("region").expect("always there").is_known());
}

#[test]
fn an_element_written_as_a_block_is_empty_where_nothing_is_set() {
    let of = Providers::packed()
        .schema(ResourceMode::Managed, "aws_security_group")
        .expect("packed");
    let Some(Type::Object(rule)) = of.block.attributes["ingress"].ty.element().cloned() else {
        panic!("a set of objects");
    };
    let mut entries: Entries = rule
        .attributes
        .iter()
        .map(|(name, ty)| (Arc::clone(name), Value::null(ty.clone())))
        .collect();
    entries.insert("from_port".into(), Value::number(443_i64));
    let group = planned(
        "aws_security_group",
        &[("ingress", set(&[Value::object(entries)]))],
        &ProviderConfig::default(),
    );
    let rule = &group
        .attribute("ingress")
        .and_then(Value::as_elements)
        .expect("a set")[0];
    assert_text(rule, "description", "");
    assert_eq!(rule.attribute("self").and_then(Value::as_bool), Some(false));
    assert_eq!(
        rule.attribute("cidr_blocks")
            .and_then(Value::as_elements)
            .map(<[Value]>::len),
        Some(0)
    );
    assert!(!group.attribute("egress").expect("an attribute").is_known());
    assert_text(&group, "description", "Managed by Terraform");
}

#[derive(Default)]
struct Tally {
    resources: usize,
    leaves: usize,
    wrong: String,
}

fn recorded(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = walkdir::WalkDir::new(folder)
        .into_iter()
        .map(|entry| entry.expect("readable").into_path())
        .filter(|path| path.file_name().is_some_and(|name| name == "plan.json"))
        .collect();
    files.sort();
    files
}

fn check_plan(file: &Path, plan: &Json, tally: &mut Tally) {
    let mut blocks = BTreeMap::new();
    collect_blocks(&plan["configuration"]["root_module"], "", &mut blocks);
    let changes = plan["resource_changes"].as_array();
    for change in changes.into_iter().flatten() {
        if change["mode"] != "managed"
            || change["change"]["actions"] != serde_json::json!(["create"])
        {
            continue;
        }
        let kind = change["type"].as_str().expect("a type");
        let Some(facts) = Providers::packed().schema(ResourceMode::Managed, kind) else {
            continue;
        };
        let name = change["name"].as_str().expect("a name");
        let module = without_keys(change["module_address"].as_str().unwrap_or(""));
        let block = blocks
            .get(&format!("{module}/{kind}.{name}"))
            .unwrap_or_else(|| panic!("{}: {module}/{kind}.{name}", file.display()));
        let (after, unknown) = (
            &change["change"]["after"],
            &change["change"]["after_unknown"],
        );
        let config = configured(&facts.block, after, unknown, &block["expressions"]);
        let address = Arc::new(ResourceAddress {
            module: tfguard::address::ModuleInstance::root(),
            resource: Resource {
                mode: ResourceMode::Managed,
                kind: kind.into(),
                name: name.into(),
            },
            key: None,
        });
        let provider = provider_config(plan, &block["provider_config_key"], after, unknown);
        let planned = planned_new(&facts, &config, &address, &provider);
        tally.resources += 1;
        let at = format!("{} {}", file.display(), change["address"]);
        compare(&planned, after, unknown, &at, tally);
    }
}

fn collect_blocks<'a>(module: &'a Json, path: &str, blocks: &mut BTreeMap<String, &'a Json>) {
    for resource in module["resources"].as_array().into_iter().flatten() {
        if resource["mode"] == "managed" {
            let address = resource["address"].as_str().expect("an address");
            blocks.insert(format!("{path}/{address}"), resource);
        }
    }
    for (name, call) in module["module_calls"].as_object().into_iter().flatten() {
        collect_blocks(&call["module"], &format!("{path}.{name}"), blocks);
    }
}

/// `module.a["b"].module.c[0]` is `.a.c`.
fn without_keys(address: &str) -> String {
    let mut path = String::new();
    let mut depth = 0;
    for c in address.chars() {
        depth += i32::from(c == '[');
        if depth == 0 {
            path.push(c);
        }
        depth -= i32::from(c == ']');
    }
    path.replace("module", "").replace("..", ".")
}

/// The provider block's region and default tags where they are constants, else what they were for this resource.
fn provider_config(plan: &Json, key: &Json, after: &Json, unknown: &Json) -> ProviderConfig {
    let key = key.as_str().expect("a key");
    let expressions = &plan["configuration"]["provider_config"][key]["expressions"];
    let strings = Type::map(Type::String);
    let region = &expressions["region"];
    let region = match &region["constant_value"] {
        Json::Null if region.is_null() => Value::NULL,
        Json::Null => value(&after["region"], &unknown["region"], &Type::String),
        constant => value(constant, NOTHING, &Type::String),
    };
    let tags = &expressions["default_tags"][0]["tags"];
    let default_tags = match &tags["constant_value"] {
        Json::Null if tags.is_null() => Value::NULL,
        Json::Null => value(&after["tags_all"], &unknown["tags_all"], &strings),
        constant => value(constant, NOTHING, &strings),
    };
    ProviderConfig {
        region,
        default_tags,
        major: Some(6),
    }
}

/// The configuration: what its expressions set has the value that the plan has for it.
fn configured(block: &Block, after: &Json, unknown: &Json, expressions: &Json) -> Value {
    let mut entries = Entries::new();
    for (name, attribute) in &block.attributes {
        let (after, unknown) = (&after[&**name], &unknown[&**name]);
        // Attributes written as blocks are missing among the expressions.
        let as_blocks = attribute
            .ty
            .element()
            .is_some_and(|of| matches!(of, Type::Object(_)));
        let computed_options = &**name == "domain_validation_options";
        let given = !expressions[&**name].is_null()
            || as_blocks && !computed_options && *unknown != Json::Bool(true);
        let null = || Value::null(attribute.ty.clone());
        let configured = if given {
            value(after, unknown, &attribute.ty)
        } else {
            null()
        };
        entries.insert(Arc::clone(name), configured);
    }
    for (name, nested) in &block.blocks {
        let (after, unknown) = (&after[&**name], &unknown[&**name]);
        let expressions = &expressions[&**name];
        let configured = match (expressions, after) {
            (Json::Null, _) if *unknown == Json::Bool(true) => nested.empty(),
            (_, _) if *unknown == Json::Bool(true) => Value::unknown(nested.ty(), cause()),
            (expressions, Json::Array(elements)) => {
                let elements: Vec<Value> = elements
                    .iter()
                    .enumerate()
                    .map(|(index, after)| {
                        let of_element = match expressions.as_array() {
                            Some(all)
                                if all.len() == elements.len()
                                    && matches!(nested.ty(), Type::List(_)) =>
                            {
                                all[index].clone()
                            }
                            _ => every_name(
                                &nested.block,
                                elements.len(),
                                after,
                                &unknown[index],
                                expressions,
                            ),
                        };
                        configured(&nested.block, after, &unknown[index], &of_element)
                    })
                    .collect();
                let of = nested.block.ty().clone();
                match nested.ty() {
                    Type::Set(_) => Data::Set(of, elements.into()).into(),
                    _ => Value::list(of, elements),
                }
            }
            (Json::Object(_), Json::Object(_)) => {
                configured(&nested.block, after, unknown, expressions)
            }
            (_, Json::Null) => nested.empty(),
            other => panic!("{name}: {other:?}"),
        };
        entries.insert(Arc::clone(name), configured);
    }
    Value::object(entries)
}

/// Elements of a set cannot be told apart: what one of the blocks sets counts as set in all. Dynamic blocks are missing among
/// the expressions: then all that the plan has counts as set.
fn every_name(
    block: &Block,
    count: usize,
    after: &Json,
    unknown: &Json,
    expressions: &Json,
) -> Json {
    let blocks = expressions.as_array().map_or(&[][..], Vec::as_slice);
    let mut names = serde_json::Map::new();
    for one in blocks {
        for (name, expression) in one.as_object().into_iter().flatten() {
            names.insert(name.clone(), expression.clone());
        }
    }
    if blocks.len() != count {
        for name in block.attributes.keys() {
            if !after[&**name].is_null() || !unknown[&**name].is_null() {
                names.insert(name.to_string(), serde_json::json!({}));
            }
        }
    }
    Json::Object(names)
}

fn cause() -> Causes {
    Causes::one(Cause::Plan {
        address: "recorded".into(),
        path: AttributePath::default(),
    })
}

fn value(after: &Json, unknown: &Json, ty: &Type) -> Value {
    if *unknown == Json::Bool(true) {
        return Value::unknown(ty.clone(), cause());
    }
    let elements = |of: &Type| -> Vec<Value> {
        let after = after.as_array().map_or(&[][..], Vec::as_slice);
        after
            .iter()
            .enumerate()
            .map(|(index, element)| value(element, &unknown[index], of))
            .collect()
    };
    match (after, ty) {
        (Json::Null, _) => Value::null(ty.clone()),
        (Json::Bool(value), _) => Value::bool(*value),
        (Json::Number(number), _) => Value::number(number.as_i64().unwrap_or_default()),
        (Json::String(text), _) => Value::text(text),
        (_, Type::List(of)) => Value::list((**of).clone(), elements(of)),
        (_, Type::Set(of)) => Data::Set((**of).clone(), elements(of).into()).into(),
        (Json::Array(_), _) => Value::tuple(elements(&Type::Dynamic)),
        (Json::Object(members), _) => {
            let mut entries = Entries::new();
            // An unknown entry is missing in `after`.
            let unknowns = unknown
                .as_object()
                .into_iter()
                .flat_map(serde_json::Map::keys);
            for key in members.keys().chain(unknowns) {
                let of = match ty {
                    Type::Map(of) => (**of).clone(),
                    Type::Object(of) => of
                        .attributes
                        .get(key.as_str())
                        .cloned()
                        .unwrap_or(Type::Dynamic),
                    _ => Type::Dynamic,
                };
                entries.insert(key.as_str().into(), value(&after[key], &unknown[key], &of));
            }
            match ty {
                Type::Map(of) => Value::map((**of).clone(), entries),
                Type::Object(of) => {
                    for (name, ty) in &of.attributes {
                        entries
                            .entry(Arc::clone(name))
                            .or_insert_with(|| Value::null(ty.clone()));
                    }
                    Value::object(entries)
                }
                _ => Value::object(entries),
            }
        }
    }
}

fn compare(planned: &Value, after: &Json, unknown: &Json, at: &str, tally: &mut Tally) {
    let known = *unknown != Json::Bool(true);
    match (planned.data(), after) {
        (Data::Map(_, entries) | Data::Object(entries), Json::Object(members)) if known => {
            for key in members.keys() {
                if !entries.contains_key(key.as_str()) {
                    let _ = writeln!(tally.wrong, "{at}.{key}: missing");
                }
            }
            for (key, value) in entries.iter() {
                let at = format!("{at}.{key}");
                compare(value, &after[&**key], &unknown[&**key], &at, tally);
            }
        }
        (Data::Set(_, elements), Json::Array(recorded))
            if known && elements.len() == recorded.len() =>
        {
            let mut left: Vec<usize> = (0..recorded.len()).collect();
            for value in elements.iter() {
                // One of those left that it equals, else the first, to say how it differs.
                let equal = |at: &usize| {
                    let mut trial = Tally::default();
                    compare(value, &recorded[*at], &unknown[*at], "", &mut trial);
                    trial.wrong.is_empty()
                };
                let index = left.remove(left.iter().position(equal).unwrap_or(0));
                let at = format!("{at}[{index}]");
                compare(value, &recorded[index], &unknown[index], &at, tally);
            }
        }
        (Data::List(_, elements) | Data::Tuple(elements), Json::Array(recorded))
            if known && elements.len() == recorded.len() =>
        {
            for (index, value) in elements.iter().enumerate() {
                let at = format!("{at}[{index}]");
                compare(value, &recorded[index], &unknown[index], &at, tally);
            }
        }
        // A fraction is handed through; numbers have their own tests.
        (_, Json::Number(number)) if number.as_i64().is_none() => {}
        _ => {
            tally.leaves += 1;
            let recorded = if known {
                after.to_string()
            } else {
                "unknown".to_owned()
            };
            let ours = shown(planned);
            if ours != recorded {
                let _ = writeln!(tally.wrong, "{at}: {ours} where Terraform has {recorded}");
            }
        }
    }
}

fn shown(value: &Value) -> String {
    match value.data() {
        Data::Null(_) => "null".to_owned(),
        Data::Bool(value) => value.to_string(),
        Data::Number(number) => number.to_string(),
        Data::String(text) => Json::from(&**text).to_string(),
        Data::Unknown(_) => "unknown".to_owned(),
        Data::List(..) | Data::Set(..) | Data::Tuple(..) => {
            format!(
                "[{}]",
                value.children().map(shown).collect::<Vec<_>>().join(",")
            )
        }
        Data::Map(..) | Data::Object(..) => "{}".to_owned(),
    }
}
