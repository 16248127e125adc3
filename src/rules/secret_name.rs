//! Secrets in the objects of a plan that only their names tell: members of maps and documents, elements with a name and a
//! value, what scripts set.

use crate::address::{AttributePath, PathStep};
use crate::plan::ResourceInstance;
use crate::provider::{Block, Setting};
use crate::rule::Context;
use crate::rules::drawn::{drawn, stands_in};
use crate::secret::{By, Named, named, tells};
use crate::value::{Shape, Value};

/// Those that an object keeps. What a known schema names is judged by the table of secrets, and what containers are given
/// by the rule on containers.
pub(super) fn kept_by(
    cx: &Context<'_>,
    resource: &ResourceInstance,
    block: Option<&Block>,
) -> Vec<Named> {
    let after = drawn(cx, resource, &AttributePath::default(), resource.after());
    let mut found = named(after.as_ref().unwrap_or_else(|| resource.after()));
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
        counts && is_kept && !is_container && !repeats && !names_one(cx, &one.text)
    });
    found
}

/// Whether a secret or a parameter of the plan is called so, with what AWS puts behind the name in its ARN or without.
fn names_one(cx: &Context<'_>, text: &str) -> bool {
    const SUFFIX: usize = 7;
    let is_suffix = |rest: &str| rest.is_empty() || rest.len() == SUFFIX && rest.starts_with('-');
    let kinds = ["aws_secretsmanager_secret", "aws_ssm_parameter"].into_iter();
    let mut stores = kinds.flat_map(|kind| cx.plan.of_kind(kind));
    let is_called = |name: &str| text.strip_prefix(name).is_some_and(is_suffix);
    let will_be_called = |store: &ResourceInstance| {
        let path = AttributePath::attribute("name");
        let name = drawn(cx, store, &path, store.attribute("name"));
        named_alike(name.as_ref(), text)
    };
    stores.any(|store| match store.attribute("name").as_str() {
        Some(name) => is_called(name),
        None => stands_in(text) && will_be_called(store),
    })
}

/// Whether a name that is drawn in part reads so.
fn named_alike(name: Option<&Value>, text: &str) -> bool {
    let shape = name.and_then(Value::as_unknown);
    match shape.and_then(|unknown| unknown.shape.as_ref()) {
        Some(Shape::Concat(parts)) => {
            let parts = parts.iter().map(Value::as_str);
            let whole: Option<String> = parts.collect();
            whole.is_some_and(|whole| whole == text)
        }
        _ => name.and_then(Value::as_str) == Some(text),
    }
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
