//! What `lifecycle` and `import` blocks say of a resource.

use std::sync::Arc;

use super::locate;
use crate::address::{InstanceKey, ResourceAddress};
use crate::config::IgnoreChanges;
use crate::eval::Evaluation;
use crate::source::Span;
use crate::syntax::{Expr, ExprKind};

/// None where it is given and is no literal.
pub(super) fn prevents_destroy(
    evaluation: &Arc<Evaluation>,
    address: &ResourceAddress,
) -> Option<bool> {
    let module = locate::module(evaluation, &address.module)?;
    let written = &locate::block(&module, address)?.lifecycle;
    match &written.prevent_destroy {
        None => Some(false),
        Some(attribute) => match &attribute.expr.kind {
            ExprKind::Bool(value) => Some(*value),
            ExprKind::String(text) => text.parse().ok(),
            _ => None,
        },
    }
}

pub(super) fn ignores(
    evaluation: &Arc<Evaluation>,
    address: &ResourceAddress,
    attribute: &str,
) -> Option<bool> {
    let module = locate::module(evaluation, &address.module)?;
    let written = &locate::block(&module, address)?.lifecycle;
    Some(match &written.ignore_changes {
        IgnoreChanges::Nothing => false,
        IgnoreChanges::All(_) => true,
        IgnoreChanges::Attributes(attributes) => {
            let first = |one: &Expr| names(one).into_iter().next();
            attributes
                .iter()
                .filter_map(first)
                .any(|name| &*name == attribute)
        }
    })
}

pub(super) fn replaced_with(
    evaluation: &Arc<Evaluation>,
    address: &ResourceAddress,
) -> Vec<String> {
    let Some(module) = locate::module(evaluation, &address.module) else {
        return Vec::new();
    };
    let block = locate::block(&module, address);
    let triggers = block.map_or(&[][..], |block| &block.lifecycle.replace_triggered_by);
    triggers.iter().map(|one| names(one).join(".")).collect()
}

/// The `import` block of the root that names the resource. A key that is not known may be any.
pub(super) fn import(evaluation: &Arc<Evaluation>, address: &ResourceAddress) -> Option<Span> {
    let mut wanted: Vec<(Arc<str>, Option<InstanceKey>)> = Vec::new();
    for step in &*address.module.0 {
        wanted.push(("module".into(), None));
        wanted.push((Arc::clone(&step.name), step.key.clone()));
    }
    wanted.push((Arc::clone(&address.resource.kind), None));
    wanted.push((Arc::clone(&address.resource.name), address.key.clone()));
    let imports = &evaluation.root().config.module.imports;
    let names_it = |to: &Expr| {
        let steps = steps(to);
        steps.len() == wanted.len()
            && steps
                .iter()
                .zip(&wanted)
                .all(|((name, key), (own, own_key))| {
                    let same = key.as_ref().is_none_or(|key| own_key.as_ref() == Some(key));
                    name == own && same
                })
    };
    let found = imports
        .iter()
        .find(|import| names_it(&import.to) && evaluation.may_import(import, address));
    found.map(|import| import.span)
}

/// The names of an address with the keys that are written out.
fn steps(expr: &Expr) -> Vec<(Arc<str>, Option<InstanceKey>)> {
    let mut chain: Vec<&Expr> = expr.spine().collect();
    chain.reverse();
    let mut found: Vec<(Arc<str>, Option<InstanceKey>)> = Vec::new();
    for link in chain {
        match &link.kind {
            ExprKind::Variable(name) => found.push((Arc::clone(name), None)),
            ExprKind::Attr { name, .. } => found.push((Arc::clone(&name.name), None)),
            ExprKind::Index { key, .. } => {
                if let Some(last) = found.last_mut() {
                    last.1 = written_key(key);
                }
            }
            _ => {}
        }
    }
    found
}

fn written_key(key: &Expr) -> Option<InstanceKey> {
    match &key.kind {
        ExprKind::String(text) => Some(InstanceKey::Key(Arc::clone(text))),
        ExprKind::Number(text) => text.parse().ok().map(InstanceKey::Index),
        _ => None,
    }
}

/// The names of an address or attribute path, without its keys.
fn names(expr: &Expr) -> Vec<Arc<str>> {
    let mut chain: Vec<&Expr> = expr.spine().collect();
    chain.reverse();
    let name = |link: &Expr| match &link.kind {
        ExprKind::Variable(name) => Some(Arc::clone(name)),
        ExprKind::Attr { name, .. } => Some(Arc::clone(&name.name)),
        ExprKind::String(text) => Some(Arc::clone(text)),
        _ => None,
    };
    chain.into_iter().filter_map(name).collect()
}
