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

/// The deepest text along a path: an attribute, an element written out in an expression, or a block. The `dynamic`
/// blocks on the way are added to `frames`.
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
        let (expr, left) = in_expr(&attribute.expr, rest);
        let whole = std::ptr::eq(expr, &raw const attribute.expr);
        return Some(Place {
            span: if whole { attribute.span } else { expr.span },
            expr: Some(expr),
            rest: left,
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

/// The deepest part of an expression that is written out along a path, and what is left of the path there.
pub(super) fn in_expr<'a, 'p>(expr: &'a Expr, path: &'p [PathStep]) -> (&'a Expr, &'p [PathStep]) {
    let Some((step, rest)) = path.split_first() else {
        return (expr, path);
    };
    let deeper = match (&expr.kind, step) {
        (ExprKind::Parens(inner), _) => Some((&**inner, path)),
        (ExprKind::Tuple(elements), PathStep::Index(index)) => {
            elements.get(*index).map(|element| (element, rest))
        }
        (ExprKind::Object(items), PathStep::Attribute(name)) => {
            let named = |key: &Expr| matches!(&key.kind, ExprKind::String(text) if text == name);
            // A key that is computed may be this one as well, and would win.
            let literal = |key: &Expr| matches!(key.kind, ExprKind::String(_));
            let item = items
                .iter()
                .rfind(|item| named(&item.key) || !literal(&item.key));
            item.filter(|item| named(&item.key))
                .map(|item| (&item.value, rest))
        }
        // What encodes or passes on its only argument keeps its structure.
        (ExprKind::Call(call), _) if passes_on(&call.name.name) => {
            call.arguments.first().map(|argument| (argument, path))
        }
        _ => None,
    };
    match deeper {
        Some((inner, rest)) => in_expr(inner, rest),
        None => (expr, path),
    }
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
