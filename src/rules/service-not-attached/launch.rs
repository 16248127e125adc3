//! How a service is launched: what ECS refuses of `launch_type` and `capacity_provider_strategy`, and where nothing tells
//! what runs the tasks.

use super::registered::{Refusal, Registered};
use crate::address::AttributePath;
use crate::plan::{Action, Evidence, ResourceInstance};
use crate::route::Model;
use crate::rule::Context;
use crate::rules::evidence::{display, subject, text_or_default};
use crate::value::{Causes, Value};

const TYPE: &str = "launch_type";
const STRATEGY: &str = "capacity_provider_strategy";
const DEFAULT: &str = "default_capacity_provider_strategy";

/// What makes instances for tasks, or says what runs those that do not say it themselves.
const CAPACITY: [&str; 6] = [
    "aws_autoscaling_group",
    "aws_ec2_fleet",
    "aws_ecs_capacity_provider",
    "aws_instance",
    "aws_launch_template",
    "aws_spot_fleet_request",
];

/// Why ECS does not launch a service, or may not.
pub(super) fn refused(
    cx: &Context<'_>,
    model: &Model<'_>,
    service: &ResourceInstance,
    task: &ResourceInstance,
) -> Option<Registered> {
    // What is there already is read back as ECS has it.
    if cx.plan.evidence != Evidence::Sources && service.change.action != Action::Create {
        return None;
    }
    let address = &service.address;
    let launch = service.attribute(TYPE).as_str();
    let strategy = service.blocks(STRATEGY);
    let place = |name: &str| subject(service, AttributePath::attribute(name));
    let refusal = match launch {
        Some("EXTERNAL") => Refusal::at(
            place(TYPE),
            format!("`{address}` runs on instances outside of AWS, which have no load balancer"),
            "set `launch_type = \"FARGATE\"` or `\"EC2\"`",
        ),
        Some(launch) if !strategy.is_empty() => Refusal::at(
            place(STRATEGY),
            format!(
                "`{address}` has `{STRATEGY}` besides `launch_type = \"{launch}\"`, which ECS refuses"
            ),
            "leave out one of the two",
        ),
        _ if strategy.len() > 1 && strategy.iter().all(has_no_weight) => Refusal::at(
            place(STRATEGY),
            format!("no part of the `{STRATEGY}` of `{address}` has a weight, which ECS refuses"),
            "set a `weight` above 0",
        ),
        _ if has_one_of_no_weight(strategy) => {
            let message = format!(
                "nothing tells whether any task of `{address}` is placed: its `{STRATEGY}` has `weight = 0`"
            );
            return Some(Registered::Doubted(
                place(STRATEGY),
                message,
                Causes::default(),
            ));
        }
        _ => return without_capacity(cx, model, service, task),
    };
    Some(Registered::Refused(refusal))
}

fn has_no_weight(part: &Value) -> bool {
    let weight = part.attribute("weight").unwrap_or(&Value::NULL);
    weight.is_null() || weight.foreseen().and_then(display).as_deref() == Some("0")
}

/// Of one that leaves out its weight, ECS takes it.
fn has_one_of_no_weight(strategy: &[Value]) -> bool {
    match strategy {
        [only] => only
            .attribute("weight")
            .is_some_and(|weight| !weight.is_null() && has_no_weight(only)),
        _ => false,
    }
}

/// Left out, the type is that of the cluster's default strategy, or else `EC2`: a task for Fargate alone waits for an
/// instance.
fn without_capacity(
    cx: &Context<'_>,
    model: &Model<'_>,
    service: &ResourceInstance,
    task: &ResourceInstance,
) -> Option<Registered> {
    let is_left_out = |one: &ResourceInstance, name: &str| {
        let value = one.attribute(name);
        let path = AttributePath::attribute(name);
        match value.as_elements() {
            Some(elements) => elements.is_empty(),
            None => text_or_default(cx, one, &path, value) == Ok(None),
        }
    };
    let listed = task.attribute("requires_compatibilities").as_elements()?;
    let is_of_fargate =
        !listed.is_empty() && listed.iter().all(|one| one.as_str() == Some("FARGATE"));
    let cluster = model.cluster(service)?;
    let has_default = |one: &ResourceInstance| !is_left_out(one, DEFAULT);
    let mut defaults = cx.plan.managed("aws_ecs_cluster_capacity_providers");
    let may_run = CAPACITY
        .iter()
        .any(|kind| cx.plan.managed(kind).next().is_some())
        || defaults.any(has_default)
        || has_default(cluster);
    if !is_of_fargate || may_run || !is_left_out(service, TYPE) || !is_left_out(service, STRATEGY) {
        return None;
    }
    let message = format!(
        "nothing tells what runs the tasks of `{}`: it has no `{TYPE}`, `{}` no default, and the tasks are for Fargate",
        service.address, cluster.address
    );
    let place = subject(service, AttributePath::default());
    Some(Registered::Doubted(place, message, Causes::default()))
}
