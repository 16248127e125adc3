//! A plan or state as the AWS provider reads objects back: what was left out is `""` or `0` where the provider has no null,
//! and container definitions are in an order of its own, with what ECS adds to them.
//!
//! Measured on the objects without changes in 90 saved plans that were committed to public repositories. Recordings with
//! schemas alone have nulls there.

use serde_json::{Map, Value as Json, json};

/// Attributes that are `""` where nothing was given.
const EMPTY: [(&str, &[&str]); 15] = [
    (
        "aws_acm_certificate",
        &["certificate_authority_arn", "early_renewal_duration"],
    ),
    (
        "aws_db_instance",
        &[
            "domain",
            "domain_auth_secret_arn",
            "kms_key_id",
            "monitoring_role_arn",
            "performance_insights_kms_key_id",
            "replicate_source_db",
        ],
    ),
    ("aws_ecs_task_definition", &["ipc_mode", "pid_mode"]),
    ("aws_iam_policy", &["description", "name_prefix"]),
    (
        "aws_iam_role",
        &["description", "name_prefix", "permissions_boundary"],
    ),
    ("aws_iam_role_policy", &["name_prefix"]),
    ("aws_kms_key", &["custom_key_store_id", "xks_key_id"]),
    ("aws_lb", &["customer_owned_ipv4_pool", "name_prefix"]),
    ("aws_lb_listener", &["certificate_arn", "ssl_policy"]),
    ("aws_lb_target_group", &["name_prefix"]),
    ("aws_route53_record", &["health_check_id", "set_identifier"]),
    (
        "aws_secretsmanager_secret",
        &["description", "kms_key_id", "name_prefix", "policy"],
    ),
    ("aws_secretsmanager_secret_version", &["secret_binary"]),
    ("aws_security_group", &["name_prefix"]),
    (
        "aws_ssm_parameter",
        &["allowed_pattern", "description", "key_id"],
    ),
];

/// Attributes that are `0` where nothing was given.
const ZERO: [(&str, &[&str]); 4] = [
    (
        "aws_db_instance",
        &["iops", "max_allocated_storage", "monitoring_interval"],
    ),
    ("aws_ecs_service", &["health_check_grace_period_seconds"]),
    ("aws_lb_target_group", &["slow_start"]),
    ("aws_route53_record", &["ttl"]),
];

/// Lists of a container that ECS answers empty where there is nothing.
const LISTS: [&str; 5] = [
    "environment",
    "mountPoints",
    "portMappings",
    "systemControls",
    "volumesFrom",
];

/// The document with all its objects read back.
pub fn read_back(text: &str) -> Vec<u8> {
    let mut document: Json = serde_json::from_str(text).expect("JSON");
    walk(&mut document);
    serde_json::to_vec(&document).expect("JSON")
}

fn walk(value: &mut Json) {
    match value {
        Json::Object(members) => {
            if let Some(kind) = members.get("type").and_then(Json::as_str) {
                let kind = kind.to_owned();
                objects(members, &mut |object| of_kind(&kind, object));
            }
            members.values_mut().for_each(walk);
        }
        Json::Array(elements) => elements.iter_mut().for_each(walk),
        _ => {}
    }
}

/// The objects of a resource, in a plan, in a state as JSON, and in one as it is stored.
fn objects(resource: &mut Map<String, Json>, edit: &mut dyn FnMut(&mut Map<String, Json>)) {
    if let Some(Json::Object(values)) = resource.get_mut("values") {
        edit(values);
    }
    if let Some(Json::Object(change)) = resource.get_mut("change") {
        for side in ["before", "after"] {
            if let Some(Json::Object(values)) = change.get_mut(side) {
                edit(values);
            }
        }
    }
    for instance in resource
        .get_mut("instances")
        .and_then(Json::as_array_mut)
        .into_iter()
        .flatten()
    {
        if let Some(Json::Object(values)) = instance.get_mut("attributes") {
            edit(values);
        }
    }
}

fn of_kind(kind: &str, object: &mut Map<String, Json>) {
    for (table, left_out) in [(&EMPTY[..], json!("")), (&ZERO[..], json!(0))] {
        let names = table.iter().filter(|(of, _)| *of == kind);
        for name in names.flat_map(|(_, names)| *names) {
            if let Some(value @ Json::Null) = object.get_mut(*name) {
                *value = left_out.clone();
            }
        }
    }
    if kind == "aws_iam_role"
        && let Some(Json::Array(policies)) = object.get_mut("inline_policy")
        && policies.is_empty()
    {
        policies.push(json!({"name": "", "policy": ""}));
    }
    if kind == "aws_ecs_task_definition"
        && let Some(Json::String(text)) = object.get_mut("container_definitions")
        && let Ok(Json::Array(mut containers)) = serde_json::from_str(text)
    {
        containers.iter_mut().for_each(container);
        *text = Json::Array(containers).to_string();
    }
}

fn container(container: &mut Json) {
    let Json::Object(members) = container else {
        return;
    };
    for name in LISTS {
        members.entry(name).or_insert_with(|| json!([]));
    }
    for list in ["environment", "secrets"] {
        if let Some(Json::Array(entries)) = members.get_mut(list) {
            entries.sort_by_key(|entry| entry["name"].as_str().unwrap_or_default().to_owned());
        }
    }
    for port in members
        .get_mut("portMappings")
        .and_then(Json::as_array_mut)
        .into_iter()
        .flatten()
    {
        let own = port["containerPort"].clone();
        if let Json::Object(port) = port {
            port.entry("hostPort").or_insert(own);
            port.entry("protocol").or_insert_with(|| json!("tcp"));
        }
    }
}
