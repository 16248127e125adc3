//! Whether an ECS service runs any task: by its own count, or by what scales it.

use super::argument::{display, is_same_block, referred, text_or_default};
use super::model::all;
use crate::address::AttributePath;
use crate::plan::{Plan, ResourceInstance};
use crate::value::Causes;

/// Whether any task of a service runs. A count that is not known is taken for one.
///
/// # Errors
/// The causes, where it begins with none and something else may start some.
pub(super) fn runs_tasks(plan: &Plan, service: &ResourceInstance) -> Result<bool, Causes> {
    let text = |name: &str| {
        let path = AttributePath::attribute(name);
        text_or_default(plan, service, &path, service.attribute(name))
    };
    if is_counted_elsewhere(service) || text("scheduling_strategy")?.as_deref() == Some("DAEMON") {
        return Ok(true);
    }
    if text("desired_count").ok().flatten().as_deref() != Some("0") {
        return stays(plan, service);
    }
    // Who changes the count later may keep it at none.
    let is_ignored = plan.provenance.ignores(&service.address, "desired_count") == Some(true);
    let mut may_start = is_ignored.then(Causes::default);
    for target in all(plan, "aws_appautoscaling_target") {
        match scales(plan, target, service) {
            Scales::NotThis => {}
            Scales::This => return Ok(true),
            Scales::Perhaps(causes) => may_start = Some(causes),
        }
    }
    may_start.map_or(Ok(false), Err)
}

/// Whether what scales a service leaves it the tasks that it begins with.
fn stays(plan: &Plan, service: &ResourceInstance) -> Result<bool, Causes> {
    let mut targets = all(plan, "aws_appautoscaling_target").into_iter();
    let takes_all = |target: &&ResourceInstance| {
        bound(target, "max_capacity").as_deref() == Some("0")
            && matches!(scales(plan, target, service), Scales::Perhaps(_))
    };
    match targets.find(takes_all) {
        Some(_) => Err(Causes::default()),
        None => Ok(true),
    }
}

fn bound(target: &ResourceInstance, name: &str) -> Option<String> {
    target.attribute(name).foreseen().and_then(display)
}

/// A deployment of type `EXTERNAL` has counts of its own.
fn is_counted_elsewhere(service: &ResourceInstance) -> bool {
    let controller = service.blocks("deployment_controller").first();
    let kind = controller.and_then(|block| block.attribute("type")?.as_str());
    kind == Some("EXTERNAL")
}

/// Whether autoscaling keeps tasks of a service running.
enum Scales {
    This,
    NotThis,
    Perhaps(Causes),
}

fn scales(plan: &Plan, target: &ResourceInstance, service: &ResourceInstance) -> Scales {
    let id = target.attribute("resource_id");
    let name = service.attribute("name").as_str();
    let is_certain = match (id.as_str(), name) {
        // `service/CLUSTER/NAME`
        (Some(id), Some(name)) => match id.rsplit_once('/') {
            Some((before, last)) if last == name && !is_elsewhere(plan, before, service) => true,
            _ => return Scales::NotThis,
        },
        _ => {
            let path = AttributePath::attribute("resource_id");
            let named = referred(plan, target, &path, id);
            named
                .iter()
                .any(|address| is_same_block(address, &service.address))
        }
    };
    let number = |name: &str| bound(target, name)?.parse::<u64>().ok();
    let bounds = number("min_capacity").zip(number("max_capacity"));
    if bounds.is_some_and(|(least, most)| least > most) {
        // Application Auto Scaling refuses it.
        return Scales::NotThis;
    }
    match bound(target, "min_capacity").as_deref() {
        Some("0") => Scales::Perhaps(Causes::default()),
        _ if is_certain => Scales::This,
        _ => Scales::Perhaps(target.attribute("resource_id").causes()),
    }
}

/// Whether `service/CLUSTER` names another cluster than the service is in, as far as names tell.
fn is_elsewhere(plan: &Plan, id: &str, service: &ResourceInstance) -> bool {
    const NAME: &str = "cluster";
    let Some((_, named)) = id.rsplit_once('/') else {
        return false;
    };
    let given = service.attribute(NAME);
    if let Some(given) = given.as_str() {
        // Its ARN ends with its name.
        return given.rsplit('/').next() != Some(named);
    }
    let own = referred(plan, service, &AttributePath::attribute(NAME), given);
    let clusters = all(plan, "aws_ecs_cluster").into_iter();
    let mut own_names = clusters
        .filter(|one| own.iter().any(|own| is_same_block(own, &one.address)))
        .map(|one| one.attribute("name").as_str())
        .peekable();
    own_names.peek().is_some() && own_names.all(|name| name.is_some_and(|name| name != named))
}
