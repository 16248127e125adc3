//! Which objects of AWS have a name that nothing else may have, what happens where it is taken, and by what id Terraform
//! imports them. From the provider's documentation of each type (its section "Import") and the API of each service.

use super::documented::canonical;

/// What is unique about a type of resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unique {
    /// The type.
    pub kind: &'static str,
    /// What people call such an object.
    pub noun: &'static str,
    /// The argument that holds the name, or the number that stands for one.
    pub name: &'static str,
    /// The object that the name is unique within, where that is not the account and region.
    pub parent: Option<Parent>,
    /// The id that an import takes.
    pub id: ImportId,
    /// What happens where the name is taken.
    pub clash: Clash,
    /// Whether names that differ in case are the same.
    pub case: Case,
    /// The command that lists what there is.
    pub listing: &'static str,
}

/// The object that a name is unique within.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parent {
    /// The argument that refers to it.
    pub argument: &'static str,
    /// Its type.
    pub kind: &'static str,
}

/// The id that an import takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportId {
    /// The name.
    Name,
    /// What only the cloud knows: an ARN, a generated id. The word for it.
    Told(&'static str),
    /// The parent's name and its own: `cluster/service`.
    Below,
    /// `ZONE_name_TYPE`, with `_identifier` where there is one.
    Record,
    /// `SECRET|VERSION`
    Version,
}

/// What happens where a name is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clash {
    /// The apply fails: the service refuses a second one.
    Refused,
    /// The apply goes through, and changes the object that is there.
    TakenOver,
    /// The apply goes through, and there are two.
    Doubled,
}

/// Whether names that differ in case are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// They are different.
    Counts,
    /// They are the same.
    Ignored,
}

const ARN: ImportId = ImportId::Told("arn");
const NAME: ImportId = ImportId::Name;

/// The type, its noun, the argument, the id, and the listing.
const fn refused(
    kind: &'static str,
    noun: &'static str,
    name: &'static str,
    id: ImportId,
    listing: &'static str,
) -> Unique {
    Unique {
        kind,
        noun,
        name,
        parent: None,
        id,
        clash: Clash::Refused,
        case: Case::Counts,
        listing,
    }
}

impl Unique {
    const fn within(mut self, argument: &'static str, kind: &'static str) -> Self {
        self.parent = Some(Parent { argument, kind });
        self
    }

    const fn clashing(mut self, clash: Clash) -> Self {
        self.clash = clash;
        self
    }

    const fn of_any_case(mut self) -> Self {
        self.case = Case::Ignored;
        self
    }
}

#[rustfmt::skip] // A table is read by its lines.
const ROWS: &[Unique] = &[
    refused("aws_secretsmanager_secret", "secret", "name", ARN, "aws secretsmanager list-secrets --include-planned-deletion"),
    refused("aws_secretsmanager_secret_version", "version of the secret", "secret_id", ImportId::Version, "aws secretsmanager list-secret-version-ids --secret-id SECRET").within("secret_id", "aws_secretsmanager_secret").clashing(Clash::TakenOver),
    refused("aws_ssm_parameter", "parameter", "name", NAME, "aws ssm describe-parameters"),
    refused("aws_lb", "load balancer", "name", ARN, "aws elbv2 describe-load-balancers"),
    refused("aws_lb_target_group", "target group", "name", ARN, "aws elbv2 describe-target-groups"),
    refused("aws_lb_listener", "listener on port", "port", ARN, "aws elbv2 describe-listeners --load-balancer-arn ARN").within("load_balancer_arn", "aws_lb"),
    refused("aws_lb_listener_rule", "listener rule of priority", "priority", ARN, "aws elbv2 describe-rules --listener-arn ARN").within("listener_arn", "aws_lb_listener"),
    refused("aws_acm_certificate", "certificate for", "domain_name", ARN, "aws acm list-certificates").of_any_case().clashing(Clash::Doubled),
    refused("aws_route53_zone", "zone", "name", ImportId::Told("zone-id"), "aws route53 list-hosted-zones").of_any_case().clashing(Clash::Doubled),
    refused("aws_route53_record", "record", "name", ImportId::Record, "aws route53 list-resource-record-sets --hosted-zone-id ID").within("zone_id", "aws_route53_zone").of_any_case(),
    refused("aws_cloudwatch_log_group", "log group", "name", NAME, "aws logs describe-log-groups"),
    refused("aws_cloudwatch_metric_alarm", "alarm", "alarm_name", NAME, "aws cloudwatch describe-alarms").clashing(Clash::TakenOver),
    refused("aws_cloudwatch_event_rule", "event rule", "name", NAME, "aws events list-rules").clashing(Clash::TakenOver),
    refused("aws_iam_role", "role", "name", NAME, "aws iam list-roles").of_any_case(),
    refused("aws_iam_policy", "policy", "name", ARN, "aws iam list-policies --scope Local").of_any_case(),
    refused("aws_iam_instance_profile", "instance profile", "name", NAME, "aws iam list-instance-profiles").of_any_case(),
    refused("aws_iam_user", "user", "name", NAME, "aws iam list-users").of_any_case(),
    refused("aws_iam_group", "group", "name", NAME, "aws iam list-groups").of_any_case(),
    refused("aws_ecs_cluster", "ECS cluster", "name", NAME, "aws ecs list-clusters").clashing(Clash::TakenOver),
    refused("aws_ecs_service", "ECS service", "name", ImportId::Below, "aws ecs list-services --cluster CLUSTER").within("cluster", "aws_ecs_cluster"),
    refused("aws_ecr_repository", "image repository", "name", NAME, "aws ecr describe-repositories"),
    refused("aws_eks_cluster", "EKS cluster", "name", NAME, "aws eks list-clusters"),
    refused("aws_db_instance", "database instance", "identifier", NAME, "aws rds describe-db-instances").of_any_case(),
    refused("aws_rds_cluster", "database cluster", "cluster_identifier", NAME, "aws rds describe-db-clusters").of_any_case(),
    refused("aws_docdb_cluster", "database cluster", "cluster_identifier", NAME, "aws rds describe-db-clusters").of_any_case(),
    refused("aws_neptune_cluster", "database cluster", "cluster_identifier", NAME, "aws rds describe-db-clusters").of_any_case(),
    refused("aws_rds_global_cluster", "global database cluster", "global_cluster_identifier", NAME, "aws rds describe-global-clusters").of_any_case(),
    refused("aws_db_subnet_group", "database subnet group", "name", NAME, "aws rds describe-db-subnet-groups").of_any_case(),
    refused("aws_db_parameter_group", "database parameter group", "name", NAME, "aws rds describe-db-parameter-groups").of_any_case(),
    refused("aws_rds_cluster_parameter_group", "cluster parameter group", "name", NAME, "aws rds describe-db-cluster-parameter-groups").of_any_case(),
    refused("aws_dynamodb_table", "table", "name", NAME, "aws dynamodb list-tables"),
    refused("aws_redshift_cluster", "Redshift cluster", "cluster_identifier", NAME, "aws redshift describe-clusters").of_any_case(),
    refused("aws_elasticache_subnet_group", "cache subnet group", "name", NAME, "aws elasticache describe-cache-subnet-groups").of_any_case(),
    refused("aws_elasticache_replication_group", "cache", "replication_group_id", NAME, "aws elasticache describe-replication-groups").of_any_case(),
    refused("aws_opensearch_domain", "search domain", "domain_name", NAME, "aws opensearch list-domain-names"),
    refused("aws_s3_bucket", "bucket", "bucket", NAME, "aws s3api list-buckets"),
    refused("aws_sqs_queue", "queue", "name", ImportId::Told("queue-url"), "aws sqs list-queues"),
    refused("aws_sns_topic", "topic", "name", ARN, "aws sns list-topics").clashing(Clash::TakenOver),
    refused("aws_kinesis_stream", "stream", "name", NAME, "aws kinesis list-streams"),
    refused("aws_sfn_state_machine", "state machine", "name", ARN, "aws stepfunctions list-state-machines"),
    refused("aws_lambda_function", "function", "function_name", NAME, "aws lambda list-functions"),
    refused("aws_kms_alias", "key alias", "name", NAME, "aws kms list-aliases"),
    refused("aws_security_group", "security group", "name", ImportId::Told("group-id"), "aws ec2 describe-security-groups").within("vpc_id", "aws_vpc"),
    refused("aws_key_pair", "key pair", "key_name", NAME, "aws ec2 describe-key-pairs"),
    refused("aws_launch_template", "launch template", "name", ImportId::Told("template-id"), "aws ec2 describe-launch-templates"),
    refused("aws_autoscaling_group", "auto scaling group", "name", NAME, "aws autoscaling describe-auto-scaling-groups"),
    refused("aws_codebuild_project", "build project", "name", NAME, "aws codebuild list-projects"),
];

/// What is unique about a type; none where nothing is.
pub fn unique(kind: &str) -> Option<&'static Unique> {
    let kind = canonical(kind);
    ROWS.iter().find(|row| row.kind == kind)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::address::ResourceMode;
    use crate::provider::Providers;

    #[test]
    fn each_row_names_arguments_that_there_are() {
        let mut seen = BTreeSet::new();
        for row in ROWS {
            assert!(seen.insert(row.kind), "{} is there twice", row.kind);
            let facts = Providers::packed()
                .schema(ResourceMode::Managed, row.kind)
                .unwrap_or_else(|| panic!("{}", row.kind));
            let parent = row.parent.map(|parent| parent.argument);
            for name in [Some(row.name), parent].into_iter().flatten() {
                let argument = facts.block.attribute_at(&[name]);
                let argument = argument.unwrap_or_else(|| panic!("{}.{name}", row.kind));
                assert!(argument.setting.is_settable(), "{}.{name}", row.kind);
            }
        }
    }

    #[test]
    fn a_parent_that_can_be_listed_has_a_row() {
        for parent in ROWS.iter().filter_map(|row| row.parent) {
            assert!(
                unique(parent.kind).is_some() || parent.kind == "aws_vpc",
                "{}",
                parent.kind
            );
        }
    }
}
