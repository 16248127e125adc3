//! Which data sources are read while planning, and which wait for apply.
//!
//! As Terraform 1.11 has it: a data source waits when something in its configuration is unknown, and when something that it
//! names directly, or that it or its module depends on, is about to change. What it learns through a local or a variable does
//! not make it wait.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Evaluation, Keys, ModuleState};
use crate::address::{self, ResourceMode};
use crate::config::{self, Target};
use crate::syntax::Expr;

/// When a data source is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// While planning.
    Now,
    /// While planning and again during apply: inside a `check`.
    Twice,
    /// During apply.
    Later,
}

type Found = BTreeSet<(Vec<Arc<str>>, address::Resource)>;

/// Whether a data source must wait for changes of other resources.
pub(super) fn waits(
    evaluation: &Arc<Evaluation>,
    module: &Arc<ModuleState>,
    block: &config::Resource,
) -> bool {
    named(evaluation, module, block)
        .iter()
        .filter(|(_, resource)| resource.mode == ResourceMode::Managed)
        .any(|(path, resource)| is_pending(evaluation, module, path, resource))
}

/// The resources whose changes count.
fn named(evaluation: &Evaluation, module: &ModuleState, block: &config::Resource) -> Found {
    let root = &evaluation.root.config;
    let path: Vec<Arc<str>> = module.instance.path().map(Into::into).collect();
    let mut found = direct(&path, block);
    for expr in &block.depends_on {
        match resource_of(expr) {
            Some(resource) => drop(found.insert((path.clone(), resource))),
            None => found.extend(root.dependencies_of(&path, expr).resources),
        }
    }
    let mut outer = root;
    let mut at = Vec::new();
    for name in &path {
        let call = outer.module.calls.get(name);
        for expr in call.iter().flat_map(|call| &call.depends_on) {
            found.extend(root.dependencies_of(&at, expr).resources);
        }
        let Some(config::Child::Read(child)) = outer.children.get(name) else {
            break;
        };
        at.push(Arc::clone(name));
        outer = child;
    }
    let lifecycle = &block.lifecycle;
    if !lifecycle.preconditions.is_empty() || !lifecycle.postconditions.is_empty() {
        found.extend(root.dependencies(&path, &block.address).resources);
    }
    found
}

/// Managed resources that the block itself refers to.
fn direct(path: &[Arc<str>], block: &config::Resource) -> Found {
    let mut all = config::references_of_body(&block.body);
    if let Some(attribute) = block.repetition.attribute() {
        all.extend(config::references(&attribute.expr, &|_| None));
    }
    all.into_iter()
        .filter_map(|reference| match reference.target {
            Target::Resource(resource, _) => Some((path.to_vec(), resource)),
            _ => None,
        })
        .collect()
}

fn resource_of(expr: &Expr) -> Option<address::Resource> {
    match config::references(expr, &|_| None).pop()?.target {
        Target::Resource(resource, _) => Some(resource),
        _ => None,
    }
}

/// Whether anything is about to happen to a resource: on an empty state, whether it has an instance. Of the own module
/// only the own instance counts.
fn is_pending(
    evaluation: &Arc<Evaluation>,
    module: &Arc<ModuleState>,
    path: &[Arc<str>],
    resource: &address::Resource,
) -> bool {
    let has_instances = |state: &Arc<ModuleState>| {
        let expansion = state.resource(evaluation, resource);
        expansion.is_some_and(|expansion| {
            matches!(expansion.keys, Keys::Unknown(_)) || !expansion.instances.is_empty()
        })
    };
    if module.instance.path().eq(path.iter().map(|name| &**name)) {
        return has_instances(module);
    }
    let mut states = vec![Arc::clone(&evaluation.root)];
    for name in path {
        let expand = |state: &Arc<ModuleState>| -> Vec<Arc<ModuleState>> {
            let call = state.call(evaluation, name);
            call.map_or_else(Vec::new, |call| {
                call.instances
                    .iter()
                    .map(|(_, child)| Arc::clone(child))
                    .collect()
            })
        };
        states = states.iter().flat_map(expand).collect();
    }
    states.iter().any(has_instances)
}
