//! From a subject to the text that says it.

use std::sync::Arc;

use super::node::{Frame, Node, bind};
use crate::address::{ModuleInstance, PathStep, ResourceAddress};
use crate::config;
use crate::eval::{Evaluation, ModuleState, Repetition, Scope};
use crate::plan::Subject;
use crate::source::Span;
use crate::syntax::{Block, Body, Expr, ExprKind};
use crate::value::{self, Causes, Type, Value};

/// The text behind a path.
pub(super) struct Place<'a, 'p> {
    /// What to change.
    pub(super) span: Span,
    /// The expression there, if one is written.
    pub(super) expr: Option<&'a Expr>,
    /// What is left of the path below the expression.
    pub(super) rest: &'p [PathStep],
}

/// Every module instance.
pub(super) fn modules(evaluation: &Arc<Evaluation>) -> Vec<Arc<ModuleState>> {
    let mut found = vec![Arc::clone(evaluation.root())];
    let mut next = 0;
    while let Some(module) = found.get(next).map(Arc::clone) {
        for name in module.config.module.calls.keys() {
            let expansion = module.call(evaluation, name);
            let children = expansion.into_iter().flat_map(|all| &all.instances);
            found.extend(children.map(|(_, child)| Arc::clone(child)));
        }
        next += 1;
    }
    found
}

/// The instance of a module.
pub(super) fn module(
    evaluation: &Arc<Evaluation>,
    instance: &ModuleInstance,
) -> Option<Arc<ModuleState>> {
    instance
        .0
        .iter()
        .try_fold(Arc::clone(evaluation.root()), |module, step| {
            let expansion = module.call(evaluation, &step.name)?;
            let found = expansion.instances.iter().find(|(key, _)| *key == step.key);

            found.map(|(_, child)| Arc::clone(child))
        })
}

/// The block of a resource.
pub(super) fn block<'a>(
    module: &'a ModuleState,
    address: &ResourceAddress,
) -> Option<&'a config::Resource> {
    module.config.module.resources.get(&address.resource)
}

/// What `each` and `count` are for an instance.
pub(super) fn repetition(
    evaluation: &Arc<Evaluation>,
    module: &Arc<ModuleState>,
    address: &ResourceAddress,
) -> Repetition {
    let expansion = module.resource(evaluation, &address.resource);
    let instance = expansion.and_then(|all| {
        all.instances
            .iter()
            .find(|one| one.address.key == address.key)
    });
    instance
        .map(|instance| instance.repetition.clone())
        .unwrap_or_default()
}

/// The text to change for a subject.
pub(super) fn span(evaluation: &Arc<Evaluation>, subject: &Subject) -> Option<Span> {
    let definition = Node::of(evaluation, subject)?.definition(evaluation)?;
    Some(definition.span)
}

/// The deepest text along a path: an attribute or a block. The `dynamic` blocks on the way are added to `frames`.
pub(super) fn in_body<'a, 'p>(
    body: &'a Body,
    path: &'p [PathStep],
    scope: &Scope<'_>,
    frames: &mut Vec<Frame>,
) -> Option<Place<'a, 'p>> {
    let [PathStep::Attribute(name), rest @ ..] = path else {
        return None;
    };
    if let Some(attribute) = body.attribute(name) {
        return Some(Place {
            span: attribute.span,
            expr: Some(&attribute.expr),
            rest,
        });
    }
    let (index, rest) = match rest {
        [PathStep::Index(index), rest @ ..] => (*index, rest),
        _ => (0, rest),
    };
    let (block, element) = nth_block(body, name, index, scope, frames)?;
    let content = match &*block.kind.name {
        "dynamic" => {
            frames.extend(frame(block, element, scope, frames));
            &block.body.blocks_of("content").next()?.body
        }
        _ => &block.body,
    };
    let found = in_body(content, rest, scope, frames);
    Some(found.unwrap_or(Place {
        span: block.header,
        expr: None,
        rest: &[],
    }))
}

/// The block that an element is made from, and which one of its elements that is. The last one stands for what is beyond
/// all of them.
fn nth_block<'a>(
    body: &'a Body,
    name: &str,
    index: usize,
    scope: &Scope<'_>,
    frames: &[Frame],
) -> Option<(&'a Block, usize)> {
    let makes = |block: &&Block| match (&*block.kind.name, block.labels.first()) {
        ("dynamic", Some(label)) => &*label.name == name,
        (kind, _) => kind == name,
    };
    let mut before = 0;
    let mut last = None;
    for block in body.blocks.iter().filter(makes) {
        let made = match &*block.kind.name {
            "dynamic" => collection(block, scope, frames)
                .and_then(|value| Some(value::elements(&value)?.count())),
            _ => Some(1),
        };
        let at = index.saturating_sub(before);
        match made {
            Some(made) if at >= made => {
                before += made;
                last = Some((block, made.saturating_sub(1)));
            }
            _ => return Some((block, at)),
        }
    }
    last
}

fn collection(block: &Block, scope: &Scope<'_>, frames: &[Frame]) -> Option<Value> {
    let for_each = block.body.attribute("for_each")?;
    let value = bind(scope, frames, |scope| scope.evaluate(&for_each.expr)).ok()?;
    Some(value.unmark().0)
}

fn frame(block: &Block, element: usize, scope: &Scope<'_>, frames: &[Frame]) -> Option<Frame> {
    let for_each = block.body.attribute("for_each")?;
    let named = block.body.attribute("iterator");
    let iterator = match named.map(|attribute| &attribute.expr.kind) {
        Some(ExprKind::Variable(name) | ExprKind::String(name)) => Arc::clone(name),
        _ => Arc::clone(&block.labels.first()?.name),
    };
    let value = collection(block, scope, frames);
    let causes = value.as_ref().map_or_else(Causes::default, Value::causes);
    let unknown = || Value::unknown(Type::Dynamic, causes.clone());
    let (key, value) = value
        .as_ref()
        .and_then(|value| value::elements(value)?.nth(element))
        .unwrap_or_else(|| (unknown(), unknown()));
    Some(Frame {
        iterator,
        for_each: for_each.clone(),
        key,
        value,
    })
}

/// The deepest part of a value that is written out along a path. Nothing is computed in it.
pub(super) fn in_expr<'a>(expr: &'a Expr, path: &[PathStep]) -> &'a Expr {
    let Some((step, rest)) = path.split_first() else {
        return expr;
    };
    let deeper = match (&expr.kind, step) {
        (ExprKind::Parens(inner), _) => Some((&**inner, path)),
        (ExprKind::Tuple(elements), PathStep::Index(index)) => {
            elements.get(*index).map(|element| (element, rest))
        }
        (ExprKind::Object(items), PathStep::Attribute(name)) => {
            let named = |key: &Expr| matches!(&key.kind, ExprKind::String(text) if text == name);
            let item = items.iter().rfind(|item| named(&item.key));
            item.map(|item| (&item.value, rest))
        }
        _ => None,
    };
    deeper.map_or(expr, |(inner, rest)| in_expr(inner, rest))
}

/// Functions whose result has the structure of their first argument.
pub(super) fn passes_on(function: &str) -> bool {
    matches!(
        function,
        "jsonencode"
            | "sensitive"
            | "nonsensitive"
            | "ephemeralasnull"
            | "tolist"
            | "tomap"
            | "tostring"
            | "tonumber"
            | "tobool"
    )
}
