//! What the cloud does with what is left out, where the plan only says "known after apply".
//!
//! Apart from what the provider plans: rules judge by these, and say so. Each row names where it is documented.

use crate::value::Value;

/// A documented default.
#[derive(Clone, Debug, PartialEq)]
pub struct Documented {
    /// What holds where the argument is left out.
    pub value: Value,
    /// Where that is documented.
    pub source: &'static str,
}

#[derive(Clone, Copy)]
enum Plain {
    Text(&'static str),
    Bool(bool),
    Number(i64),
}

use Plain::{Bool, Number, Text};

const LB: &str = "Elastic Load Balancing API, CreateLoadBalancer";
const LISTENER: &str =
    "Terraform registry, aws_lb_listener: `protocol`; Elastic Load Balancing API, CreateListener";
const REDIRECT: &str = "Elastic Load Balancing API, RedirectActionConfig";
const TARGET: &str = "Elastic Load Balancing API, CreateTargetGroup";
const SECRET: &str = "Secrets Manager API, DeleteSecret";
const RDS: &str = "Amazon RDS API, CreateDBInstance";
const RDS_CLUSTER: &str = "Amazon RDS API, CreateDBCluster";
const ECS: &str = "Amazon ECS API, CreateService";
const EC2: &str = "Amazon EC2 API, RunInstances; Terraform registry, aws_instance";

/// The type, the path (names joined by dots), the value, and the source.
#[rustfmt::skip] // A table is read by its lines.
const ROWS: &[(&str, &str, Plain, &str)] = &[
    ("aws_lb", "internal", Bool(false), LB),
    ("aws_lb", "load_balancer_type", Text("application"), LB),
    ("aws_lb", "ip_address_type", Text("ipv4"), LB),
    ("aws_lb", "enable_deletion_protection", Bool(false), "Elastic Load Balancing API, LoadBalancerAttribute `deletion_protection.enabled`"),
    ("aws_lb", "drop_invalid_header_fields", Bool(false), "Elastic Load Balancing API, LoadBalancerAttribute `routing.http.drop_invalid_header_fields.enabled`"),
    ("aws_lb", "idle_timeout", Number(60), "Elastic Load Balancing API, LoadBalancerAttribute `idle_timeout.timeout_seconds`"),
    ("aws_lb", "desync_mitigation_mode", Text("defensive"), "Elastic Load Balancing API, LoadBalancerAttribute `routing.http.desync_mitigation_mode`"),
    ("aws_lb_listener", "ssl_policy", Text("ELBSecurityPolicy-2016-08"), "Terraform registry, aws_lb_listener: `ssl_policy`, where the listener has a certificate"),
    ("aws_lb_listener", "default_action.redirect.host", Text("#{host}"), REDIRECT),
    ("aws_lb_listener", "default_action.redirect.path", Text("/#{path}"), REDIRECT),
    ("aws_lb_listener", "default_action.redirect.port", Text("#{port}"), REDIRECT),
    ("aws_lb_listener", "default_action.redirect.protocol", Text("#{protocol}"), REDIRECT),
    ("aws_lb_listener", "default_action.redirect.query", Text("#{query}"), REDIRECT),
    ("aws_lb_listener_rule", "action.redirect.host", Text("#{host}"), REDIRECT),
    ("aws_lb_listener_rule", "action.redirect.path", Text("/#{path}"), REDIRECT),
    ("aws_lb_listener_rule", "action.redirect.port", Text("#{port}"), REDIRECT),
    ("aws_lb_listener_rule", "action.redirect.protocol", Text("#{protocol}"), REDIRECT),
    ("aws_lb_listener_rule", "action.redirect.query", Text("#{query}"), REDIRECT),
    ("aws_lb_target_group", "target_type", Text("instance"), TARGET),
    ("aws_lb_target_group", "protocol_version", Text("HTTP1"), TARGET),
    ("aws_lb_target_group", "ip_address_type", Text("ipv4"), TARGET),
    ("aws_lb_target_group", "deregistration_delay", Text("300"), "Elastic Load Balancing API, TargetGroupAttribute `deregistration_delay.timeout_seconds`"),
    ("aws_lb_target_group", "health_check.enabled", Bool(true), TARGET),
    ("aws_lb_target_group", "health_check.path", Text("/"), TARGET),
    ("aws_lb_target_group", "health_check.matcher", Text("200"), TARGET),
    ("aws_lb_target_group", "health_check.port", Text("traffic-port"), TARGET),
    ("aws_lb_target_group", "health_check.protocol", Text("HTTP"), TARGET),
    ("aws_lb_target_group", "health_check.interval", Number(30), TARGET),
    ("aws_elb", "internal", Bool(false), "Elastic Load Balancing API (2012-06-01), CreateLoadBalancer `Scheme`"),
    ("aws_acm_certificate", "key_algorithm", Text("RSA_2048"), "ACM API, RequestCertificate"),
    ("aws_secretsmanager_secret", "recovery_window_in_days", Number(30), SECRET),
    ("aws_secretsmanager_secret", "force_overwrite_replica_secret", Bool(false), "Secrets Manager API, CreateSecret"),
    ("aws_db_instance", "deletion_protection", Bool(false), RDS),
    ("aws_db_instance", "publicly_accessible", Bool(false), "Terraform registry, aws_db_instance: `publicly_accessible`"),
    ("aws_db_instance", "skip_final_snapshot", Bool(false), "Amazon RDS API, DeleteDBInstance"),
    ("aws_db_instance", "storage_encrypted", Bool(false), RDS),
    ("aws_db_instance", "multi_az", Bool(false), RDS),
    ("aws_db_instance", "backup_retention_period", Number(0), "Terraform registry, aws_db_instance: `backup_retention_period`"),
    ("aws_rds_cluster", "deletion_protection", Bool(false), RDS_CLUSTER),
    ("aws_rds_cluster", "skip_final_snapshot", Bool(false), "Amazon RDS API, DeleteDBCluster"),
    ("aws_rds_cluster", "storage_encrypted", Bool(false), RDS_CLUSTER),
    ("aws_rds_cluster", "backup_retention_period", Number(1), RDS_CLUSTER),
    ("aws_ecs_service", "desired_count", Number(0), "Terraform registry, aws_ecs_service: `desired_count`"),
    ("aws_ecs_service", "scheduling_strategy", Text("REPLICA"), ECS),
    ("aws_ecs_service", "deployment_maximum_percent", Number(200), ECS),
    ("aws_ecs_service", "deployment_minimum_healthy_percent", Number(100), ECS),
    ("aws_ecs_service", "network_configuration.assign_public_ip", Bool(false), "Terraform registry, aws_ecs_service: `assign_public_ip`"),
    ("aws_ecs_task_definition", "network_mode", Text("bridge"), "Amazon ECS API, RegisterTaskDefinition, for tasks on Linux instances"),
    ("aws_ecr_repository", "image_tag_mutability", Text("MUTABLE"), "Amazon ECR API, CreateRepository"),
    ("aws_instance", "ebs_optimized", Bool(false), EC2),
    ("aws_instance", "disable_api_termination", Bool(false), EC2),
    ("aws_s3_bucket", "force_destroy", Bool(false), "Terraform registry, aws_s3_bucket: `force_destroy`"),
    ("aws_s3_bucket_public_access_block", "block_public_acls", Bool(false), "Amazon S3 API, PublicAccessBlockConfiguration"),
    ("aws_s3_bucket_public_access_block", "block_public_policy", Bool(false), "Amazon S3 API, PublicAccessBlockConfiguration"),
    ("aws_s3_bucket_public_access_block", "ignore_public_acls", Bool(false), "Amazon S3 API, PublicAccessBlockConfiguration"),
    ("aws_s3_bucket_public_access_block", "restrict_public_buckets", Bool(false), "Amazon S3 API, PublicAccessBlockConfiguration"),
    ("aws_kms_key", "enable_key_rotation", Bool(false), "AWS KMS API, EnableKeyRotation"),
    ("aws_kms_key", "deletion_window_in_days", Number(30), "AWS KMS API, ScheduleKeyDeletion"),
    ("aws_kms_key", "key_usage", Text("ENCRYPT_DECRYPT"), "AWS KMS API, CreateKey"),
    ("aws_cloudwatch_log_group", "retention_in_days", Number(0), "CloudWatch Logs API, PutRetentionPolicy: never expires"),
    ("aws_subnet", "map_public_ip_on_launch", Bool(false), "Amazon EC2 API, ModifySubnetAttribute"),
    ("aws_vpc", "enable_dns_support", Bool(true), "Amazon EC2 API, ModifyVpcAttribute"),
    ("aws_vpc", "enable_dns_hostnames", Bool(false), "Amazon EC2 API, ModifyVpcAttribute"),
    ("aws_ssm_parameter", "tier", Text("Standard"), "Systems Manager API, PutParameter"),
    ("aws_dynamodb_table", "billing_mode", Text("PROVISIONED"), "Amazon DynamoDB API, CreateTable"),
    ("aws_dynamodb_table", "deletion_protection_enabled", Bool(false), "Amazon DynamoDB API, CreateTable"),
    ("aws_lambda_function", "memory_size", Number(128), "AWS Lambda API, CreateFunction"),
    ("aws_lambda_function", "timeout", Number(3), "AWS Lambda API, CreateFunction"),
];

/// The name of a kind of resource that has two: `aws_alb…` are older names.
pub fn canonical(kind: &str) -> &str {
    match kind {
        "aws_alb" => "aws_lb",
        "aws_alb_listener" => "aws_lb_listener",
        "aws_alb_listener_certificate" => "aws_lb_listener_certificate",
        "aws_alb_listener_rule" => "aws_lb_listener_rule",
        "aws_alb_target_group" => "aws_lb_target_group",
        "aws_alb_target_group_attachment" => "aws_lb_target_group_attachment",
        kind => kind,
    }
}

/// The documented value of what is left out. The path has no indexes: `default_action.redirect.port`.
/// A listener's protocol depends on its load balancer: see [`listener_protocol`].
pub fn documented_default(kind: &str, path: &str) -> Option<Documented> {
    let kind = canonical(kind);
    let (_, _, value, source) = ROWS
        .iter()
        .find(|(of, at, ..)| *of == kind && *at == path)?;
    let value = match value {
        Text(text) => Value::string(*text),
        Bool(value) => Value::bool(*value),
        Number(number) => Value::number(*number),
    };
    Some(Documented { value, source })
}

/// The protocol of a listener that names none, by the type of its load balancer; none for a gateway one.
pub fn listener_protocol(load_balancer_type: &str) -> Option<Documented> {
    let protocol = match load_balancer_type {
        "application" => "HTTP",
        "network" => "TCP",
        _ => return None,
    };
    Some(Documented {
        value: Value::string(protocol),
        source: LISTENER,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::ResourceMode;
    use crate::provider::Providers;
    use crate::value::Type;

    #[test]
    fn each_row_is_an_argument_of_that_type() {
        for (kind, path, value, _) in ROWS {
            let facts = Providers::packed()
                .schema(ResourceMode::Managed, kind)
                .unwrap_or_else(|| panic!("{kind}"));
            let names: Vec<&str> = path.split('.').collect();
            let attribute = facts
                .block
                .attribute_at(&names)
                .unwrap_or_else(|| panic!("{kind}.{path}"));
            let ty = match value {
                Text(_) => Type::String,
                Bool(_) => Type::Bool,
                Number(_) => Type::Number,
            };
            assert_eq!(attribute.ty, ty, "{kind}.{path}");
            assert!(attribute.setting.is_settable(), "{kind}.{path}");
        }
    }

    #[test]
    fn none_contradicts_what_the_provider_plans() {
        for (kind, path, ..) in ROWS {
            let facts = Providers::packed()
                .schema(ResourceMode::Managed, kind)
                .expect("packed");
            let planned = facts
                .behaviour
                .defaults
                .iter()
                .find(|(names, _)| names.to_string() == *path);
            if let Some((_, planned)) = planned {
                let documented = documented_default(kind, path).expect("a row");
                assert_eq!(documented.value, *planned, "{kind}.{path}");
            }
        }
    }
}
