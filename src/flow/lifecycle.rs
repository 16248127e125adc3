//! What `lifecycle` and `import` blocks say of a resource.

use std::sync::Arc;

use super::locate;
use crate::address::ResourceAddress;
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

/// The `import` block of the root that names the resource. Keys do not matter: they may be unknown there.
pub(super) fn import(evaluation: &Arc<Evaluation>, address: &ResourceAddress) -> Option<Span> {
    let mut wanted: Vec<Arc<str>> = Vec::new();
    for step in &*address.module.0 {
        wanted.push("module".into());
        wanted.push(Arc::clone(&step.name));
    }
    wanted.push(Arc::clone(&address.resource.kind));
    wanted.push(Arc::clone(&address.resource.name));
    let imports = &evaluation.root().config.module.imports;
    let found = imports.iter().find(|import| names(&import.to) == wanted);
    found.map(|import| import.span)
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
