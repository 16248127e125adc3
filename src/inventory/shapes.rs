//! How each command of the AWS CLI prints what it lists.

use std::sync::Arc;

use serde_json::Value as Json;

use super::Existing;

/// A list that a command prints.
#[derive(Debug)]
pub(super) struct Shape {
    /// The key of the list.
    pub(super) list: &'static str,
    /// Its command: two shapes of one list may come from the same.
    pub(super) command: &'static str,
    /// The type of what it lists.
    pub(super) kind: &'static str,
    name: Field,
    id: Field,
    parent: Field,
}

/// Where a text stands in an element.
#[derive(Clone, Copy, Debug)]
enum Field {
    /// The name serves.
    Name,
    /// Nowhere.
    None,
    /// In a field.
    Of(&'static str),
    /// In a field that is a number.
    Number(&'static str),
    /// In a field, after the last such character.
    After(&'static str, char),
    /// The element itself.
    Whole,
    /// The element itself, after the last such character.
    Tail(char),
    /// In a field of what surrounds the list.
    Around(&'static str),
    /// The listener of a rule's ARN.
    Listener,
    /// The cluster in the ARN that the element is.
    Cluster,
}

use Field::{After, Around, Cluster, Listener, Name, Number, Of, Tail, Whole};

impl Shape {
    const fn new(
        command: &'static str,
        list: &'static str,
        kind: &'static str,
        name: Field,
        id: Field,
    ) -> Self {
        Self {
            list,
            command,
            kind,
            name,
            id,
            parent: Field::None,
        }
    }

    const fn within(mut self, parent: Field) -> Self {
        self.parent = parent;
        self
    }

    /// The name of an element; none where it is not of this shape.
    pub(super) fn name_of(&self, element: &Json, around: &Json) -> Option<Arc<str>> {
        let name = self.name.read(element, around)?;
        let plain = match self.kind {
            // Zones and records end in a dot, and a star is written as a number.
            "aws_route53_zone" | "aws_route53_record" => {
                name.trim_end_matches('.').replace("\\052", "*")
            }
            _ => name,
        };
        Some(plain.into())
    }

    /// Whether an element is as the command prints them.
    pub(super) fn fits(&self, element: &Json, around: &Json) -> bool {
        // Listeners of gateway load balancers have no port, and nothing can collide with them by one.
        let has_no_port = self.kind == "aws_lb_listener"
            && element.get("ListenerArn").is_some_and(Json::is_string)
            && element.get("Port").is_none();
        has_no_port || self.name_of(element, around).is_some()
    }

    pub(super) fn existing(&self, element: &Json, around: &Json) -> Option<Existing> {
        let name = self.name_of(element, around)?;
        if self.is_beside_the_point(element) {
            return None;
        }
        let read = |field: Field| match field {
            Name => Some(Arc::clone(&name)),
            field => field.read(element, around).map(Arc::from),
        };
        Some(Existing {
            id: read(self.id),
            parent: read(self.parent),
            variant: self.variant(element),
            region: region(element),
            leaving: is_leaving(element),
            name,
        })
    }

    /// Listed, and nothing that stands in the way of another of its name.
    fn is_beside_the_point(&self, element: &Json) -> bool {
        let text = |name: &str| element.get(name).and_then(Json::as_str);
        match self.kind {
            // A listener's own rule for all other requests is none that is made by itself.
            "aws_lb_listener_rule" => {
                element.get("IsDefault").and_then(Json::as_bool) == Some(true)
            }
            "aws_secretsmanager_secret_version" => !element
                .get("VersionStages")
                .and_then(Json::as_array)
                .is_some_and(|stages| stages.iter().any(|one| one == "AWSCURRENT")),
            "aws_acm_certificate" => text("Status")
                .is_some_and(|status| !matches!(status, "ISSUED" | "PENDING_VALIDATION")),
            "aws_ecs_service" | "aws_ecs_cluster" => text("status") == Some("INACTIVE"),
            // Policies of AWS have names of their own.
            "aws_iam_policy" => text("Arn").is_some_and(|arn| arn.contains(":iam::aws:")),
            _ => false,
        }
    }

    fn variant(&self, element: &Json) -> Option<Arc<str>> {
        let text = |name: &str| element.get(name).and_then(Json::as_str);
        match self.kind {
            "aws_route53_zone" => {
                let is_private = element.pointer("/Config/PrivateZone")?.as_bool()?;
                Some(if is_private { "private" } else { "public" }.into())
            }
            "aws_route53_record" => {
                let kind = text("Type")?;
                let identifier = text("SetIdentifier").map(|one| format!("_{one}"));
                Some(format!("{kind}{}", identifier.unwrap_or_default()).into())
            }
            _ => None,
        }
    }
}

impl Field {
    fn read(self, element: &Json, around: &Json) -> Option<String> {
        let tail = |text: String, c: char| {
            let at = text.rfind(c).map_or(0, |at| at + c.len_utf8());
            text[at..].to_owned()
        };
        match self {
            Name | Self::None => None,
            Of(name) => text(element.get(name)?),
            Number(name) => Some(element.get(name)?.as_u64()?.to_string()),
            After(name, c) => Some(tail(text(element.get(name)?)?, c)),
            Whole => element.as_str().map(str::to_owned),
            Tail(c) => Some(tail(element.as_str()?.to_owned(), c)),
            Around(name) => text(around.get(name)?),
            Listener => listener(&text(element.get("RuleArn")?)?),
            Cluster => match element.as_str()?.split('/').collect::<Vec<_>>().as_slice() {
                [_, cluster, _] => Some((*cluster).to_owned()),
                _ => None,
            },
        }
    }
}

fn text(value: &Json) -> Option<String> {
    value.as_str().map(str::to_owned)
}

/// `…:listener-rule/app/NAME/ID/LISTENER/RULE` belongs to `…:listener/app/NAME/ID/LISTENER`.
fn listener(rule: &str) -> Option<String> {
    let (of_listener, _) = rule.rsplit_once('/')?;
    Some(of_listener.replacen(":listener-rule/", ":listener/", 1))
}

/// The region of the first ARN in an element; global services have none.
fn region(element: &Json) -> Option<Arc<str>> {
    let texts: Vec<&str> = match element {
        Json::Object(fields) => fields.values().filter_map(Json::as_str).collect(),
        Json::String(text) => vec![text],
        _ => Vec::new(),
    };
    let arn = texts.into_iter().find(|text| text.starts_with("arn:"))?;
    let region = arn.split(':').nth(3)?;
    (!region.is_empty()).then(|| region.into())
}

fn is_leaving(element: &Json) -> bool {
    let status = ["Status", "status", "DBInstanceStatus"]
        .into_iter()
        .find_map(|name| element.get(name)?.as_str());
    element.get("DeletedDate").is_some_and(|day| !day.is_null())
        || status.is_some_and(|status| {
            let status = status.to_ascii_lowercase();
            status == "deleting" || status == "draining"
        })
}

#[rustfmt::skip] // A table is read by its lines.
pub(super) const SHAPES: &[Shape] = &[
    Shape::new("secretsmanager list-secrets", "SecretList", "aws_secretsmanager_secret", Of("Name"), Of("ARN")),
    Shape::new("secretsmanager list-secret-version-ids", "Versions", "aws_secretsmanager_secret_version", Of("VersionId"), Of("VersionId")).within(Around("ARN")),
    Shape::new("ssm describe-parameters", "Parameters", "aws_ssm_parameter", Of("Name"), Name),
    Shape::new("elbv2 describe-load-balancers", "LoadBalancers", "aws_lb", Of("LoadBalancerName"), Of("LoadBalancerArn")),
    Shape::new("elbv2 describe-target-groups", "TargetGroups", "aws_lb_target_group", Of("TargetGroupName"), Of("TargetGroupArn")),
    Shape::new("elbv2 describe-listeners", "Listeners", "aws_lb_listener", Number("Port"), Of("ListenerArn")).within(Of("LoadBalancerArn")),
    Shape::new("elbv2 describe-rules", "Rules", "aws_lb_listener_rule", Of("Priority"), Of("RuleArn")).within(Listener),
    Shape::new("events list-rules", "Rules", "aws_cloudwatch_event_rule", Of("Name"), Name),
    Shape::new("acm list-certificates", "CertificateSummaryList", "aws_acm_certificate", Of("DomainName"), Of("CertificateArn")),
    Shape::new("route53 list-hosted-zones", "HostedZones", "aws_route53_zone", Of("Name"), After("Id", '/')),
    Shape::new("route53 list-resource-record-sets", "ResourceRecordSets", "aws_route53_record", Of("Name"), Field::None),
    Shape::new("logs describe-log-groups", "logGroups", "aws_cloudwatch_log_group", Of("logGroupName"), Name),
    Shape::new("cloudwatch describe-alarms", "MetricAlarms", "aws_cloudwatch_metric_alarm", Of("AlarmName"), Name),
    Shape::new("iam list-roles", "Roles", "aws_iam_role", Of("RoleName"), Name),
    Shape::new("iam list-policies", "Policies", "aws_iam_policy", Of("PolicyName"), Of("Arn")),
    Shape::new("iam list-instance-profiles", "InstanceProfiles", "aws_iam_instance_profile", Of("InstanceProfileName"), Name),
    Shape::new("iam list-users", "Users", "aws_iam_user", Of("UserName"), Name),
    Shape::new("iam list-groups", "Groups", "aws_iam_group", Of("GroupName"), Name),
    Shape::new("ecs list-clusters", "clusterArns", "aws_ecs_cluster", Tail('/'), Tail('/')),
    Shape::new("ecs describe-clusters", "clusters", "aws_ecs_cluster", Of("clusterName"), Name),
    Shape::new("eks list-clusters", "clusters", "aws_eks_cluster", Whole, Name),
    Shape::new("ecs describe-services", "services", "aws_ecs_service", Of("serviceName"), Field::None).within(After("clusterArn", '/')),
    Shape::new("ecs list-services", "serviceArns", "aws_ecs_service", Tail('/'), Field::None).within(Cluster),
    Shape::new("ecr describe-repositories", "repositories", "aws_ecr_repository", Of("repositoryName"), Name),
    Shape::new("rds describe-db-instances", "DBInstances", "aws_db_instance", Of("DBInstanceIdentifier"), Name),
    Shape::new("rds describe-db-clusters", "DBClusters", "aws_rds_cluster", Of("DBClusterIdentifier"), Name),
    Shape::new("rds describe-db-clusters", "DBClusters", "aws_docdb_cluster", Of("DBClusterIdentifier"), Name),
    Shape::new("rds describe-db-clusters", "DBClusters", "aws_neptune_cluster", Of("DBClusterIdentifier"), Name),
    Shape::new("rds describe-global-clusters", "GlobalClusters", "aws_rds_global_cluster", Of("GlobalClusterIdentifier"), Name),
    Shape::new("rds describe-db-subnet-groups", "DBSubnetGroups", "aws_db_subnet_group", Of("DBSubnetGroupName"), Name),
    Shape::new("rds describe-db-parameter-groups", "DBParameterGroups", "aws_db_parameter_group", Of("DBParameterGroupName"), Name),
    Shape::new("rds describe-db-cluster-parameter-groups", "DBClusterParameterGroups", "aws_rds_cluster_parameter_group", Of("DBClusterParameterGroupName"), Name),
    Shape::new("dynamodb list-tables", "TableNames", "aws_dynamodb_table", Whole, Name),
    Shape::new("redshift describe-clusters", "Clusters", "aws_redshift_cluster", Of("ClusterIdentifier"), Name),
    Shape::new("elasticache describe-cache-subnet-groups", "CacheSubnetGroups", "aws_elasticache_subnet_group", Of("CacheSubnetGroupName"), Name),
    Shape::new("elasticache describe-replication-groups", "ReplicationGroups", "aws_elasticache_replication_group", Of("ReplicationGroupId"), Name),
    Shape::new("opensearch list-domain-names", "DomainNames", "aws_opensearch_domain", Of("DomainName"), Name),
    Shape::new("s3api list-buckets", "Buckets", "aws_s3_bucket", Of("Name"), Name),
    Shape::new("sqs list-queues", "QueueUrls", "aws_sqs_queue", Tail('/'), Whole),
    Shape::new("sns list-topics", "Topics", "aws_sns_topic", After("TopicArn", ':'), Of("TopicArn")),
    Shape::new("kinesis list-streams", "StreamNames", "aws_kinesis_stream", Whole, Name),
    Shape::new("stepfunctions list-state-machines", "stateMachines", "aws_sfn_state_machine", Of("name"), Of("stateMachineArn")),
    Shape::new("lambda list-functions", "Functions", "aws_lambda_function", Of("FunctionName"), Name),
    Shape::new("kms list-aliases", "Aliases", "aws_kms_alias", Of("AliasName"), Name),
    Shape::new("ec2 describe-security-groups", "SecurityGroups", "aws_security_group", Of("GroupName"), Of("GroupId")).within(Of("VpcId")),
    Shape::new("ec2 describe-key-pairs", "KeyPairs", "aws_key_pair", Of("KeyName"), Name),
    Shape::new("ec2 describe-launch-templates", "LaunchTemplates", "aws_launch_template", Of("LaunchTemplateName"), Of("LaunchTemplateId")),
    Shape::new("autoscaling describe-auto-scaling-groups", "AutoScalingGroups", "aws_autoscaling_group", Of("AutoScalingGroupName"), Name),
    Shape::new("codebuild list-projects", "projects", "aws_codebuild_project", Whole, Name),
];
