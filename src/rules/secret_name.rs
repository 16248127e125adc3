//! Secrets in the objects of a plan that only their names tell: members of maps and documents, elements with a name and a
//! value, what scripts set.

use crate::address::{AttributePath, PathStep};
use crate::plan::{Plan, ResourceInstance};
use crate::provider::{Block, Setting};
use crate::secret::{By, Named, named, tells};

/// Those that an object keeps. What a known schema names is judged by the table of secrets, and what containers are given
/// by the rule on containers.
pub(super) fn kept_by(
    plan: &Plan,
    resource: &ResourceInstance,
    block: Option<&Block>,
) -> Vec<Named> {
    let mut found = named(resource.after());
    found.retain(|one| {
        let root = one.path.root().unwrap_or_default();
        let is_container =
            resource.kind() == "aws_ecs_task_definition" && root == "container_definitions";
        // The output is the input again.
        let repeats = resource.kind() == "terraform_data" && root == "output";
        let declared = block.and_then(|block| block.attribute_at(&names(&one.path)));
        let counts = match &one.by {
            By::Member(name) => declared.is_none() && !is_name_of_secret(resource, name),
            By::Pair(_) => declared.is_none_or(|one| one.setting != Setting::Computed),
            // In a text much is called so.
            By::Text => tells(&one.text),
        };
        let is_kept = declared.is_none_or(|one| !one.write_only);
        counts && is_kept && !is_container && !repeats && !names_one(plan, &one.text)
    });
    found
}

/// Whether a secret or a parameter of the plan is called so, with what AWS puts behind the name in its ARN or without.
fn names_one(plan: &Plan, text: &str) -> bool {
    const SUFFIX: usize = 7;
    let is_suffix = |rest: &str| rest.is_empty() || rest.len() == SUFFIX && rest.starts_with('-');
    let kinds = ["aws_secretsmanager_secret", "aws_ssm_parameter"].into_iter();
    let stores = kinds.flat_map(|kind| plan.of_kind(kind));
    let mut names = stores.filter_map(|store| store.attribute("name").as_str());
    names.any(|name| text.strip_prefix(name).is_some_and(is_suffix))
}

/// In what Google's provider makes, `secret` is what a secret is called.
fn is_name_of_secret(resource: &ResourceInstance, name: &str) -> bool {
    name == "secret" && resource.kind().starts_with("google_")
}

fn names(path: &AttributePath) -> Vec<&str> {
    let steps = path.0.iter();
    let names = steps.filter_map(|step| match step {
        PathStep::Attribute(name) => Some(&**name),
        PathStep::Index(_) => None,
    });
    names.collect()
}
