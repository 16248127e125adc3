//! From a subject to the text that says it.

use std::sync::Arc;

use crate::address::{ModuleInstance, PathStep, ResourceAddress};
use crate::config;
use crate::eval::{Evaluation, ModuleState, Repetition};
use crate::plan::Subject;
use crate::source::Span;
use crate::syntax::{Block, Body, Expr, ExprKind};

/// The text behind a subject.
pub(super) struct Place<'a> {
    /// What to change.
    pub(super) span: Span,
    /// The expression there, if one is written.
    pub(super) expr: Option<&'a Expr>,
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

pub(super) fn place(evaluation: &Arc<Evaluation>, subject: &Subject) -> Option<Place<'static>> {
    with_place(evaluation, subject, |place, _| Place {
        span: place.span,
        expr: None,
    })
}

/// Finds the text of a subject and gives it to `then`, with the module that it stands in.
pub(super) fn with_place<T>(
    evaluation: &Arc<Evaluation>,
    subject: &Subject,
    then: impl FnOnce(Place<'_>, &Arc<ModuleState>) -> T,
) -> Option<T> {
    match subject {
        Subject::Attribute(address, path) => {
            let module = module(evaluation, &address.module)?;
            let block = block(&module, address)?;
            let (span, expr) = in_body(&block.body, &path.0).unwrap_or((block.span, None));
            Some(then(Place { span, expr }, &module))
        }
        Subject::Expansion(address) => {
            let module = module(evaluation, &address.module)?;
            let block = block(&module, address)?;
            let place = match block.repetition.attribute() {
                Some(attribute) => Place {
                    span: attribute.span,
                    expr: Some(&attribute.expr),
                },
                None => Place {
                    span: block.span,
                    expr: None,
                },
            };
            Some(then(place, &module))
        }
        Subject::Variable(instance, name) => {
            let module = module(evaluation, instance)?;
            let declared = module.config.module.variables.get(name)?;
            let (span, _) = module.variable_origin(evaluation, declared);
            Some(then(Place { span, expr: None }, &module))
        }
        Subject::Text(_) => None,
        Subject::Output(name) => {
            let module = evaluation.root();
            let output = module.config.module.outputs.get(name)?;
            let (span, expr) = match &output.value {
                Some(value) => (value.span, Some(&value.expr)),
                None => (output.span, None),
            };
            Some(then(Place { span, expr }, module))
        }
    }
}

/// The deepest text along a path: an attribute, an element written out in an expression, or a block.
fn in_body<'a>(body: &'a Body, path: &[PathStep]) -> Option<(Span, Option<&'a Expr>)> {
    let [PathStep::Attribute(name), rest @ ..] = path else {
        return None;
    };
    if let Some(attribute) = body.attribute(name) {
        return Some(match in_expr(&attribute.expr, rest) {
            Some(expr) if !rest.is_empty() => (expr.span, Some(expr)),
            _ => (attribute.span, Some(&attribute.expr)),
        });
    }
    let (index, rest) = match rest {
        [PathStep::Index(index), rest @ ..] => (*index, rest),
        _ => (0, rest),
    };
    let block = nth_block(body, name, index)?;
    let content = match &*block.kind.name {
        "dynamic" => &block.body.blocks_of("content").next()?.body,
        _ => &block.body,
    };
    Some(in_body(content, rest).unwrap_or((block.header, None)))
}

/// Written blocks first by position; a `dynamic` block makes an unknown number of them, and stands for the rest.
fn nth_block<'a>(body: &'a Body, name: &str, index: usize) -> Option<&'a Block> {
    let makes = |block: &Block| match (&*block.kind.name, block.labels.first()) {
        ("dynamic", Some(label)) => &*label.name == name,
        (kind, _) => kind == name,
    };
    let all: Vec<&Block> = body.blocks.iter().filter(|block| makes(block)).collect();
    let dynamic = all.iter().position(|block| &*block.kind.name == "dynamic");
    match dynamic {
        Some(at) if index >= at => Some(all[at]),
        _ => all.get(index).or(all.last()).copied(),
    }
}

fn in_expr<'a>(expr: &'a Expr, path: &[PathStep]) -> Option<&'a Expr> {
    let Some((step, rest)) = path.split_first() else {
        return Some(expr);
    };
    match (&expr.kind, step) {
        (ExprKind::Parens(inner), _) => in_expr(inner, path),
        (ExprKind::Tuple(elements), PathStep::Index(index)) => in_expr(elements.get(*index)?, rest),
        (ExprKind::Object(items), PathStep::Attribute(name)) => {
            let named = |key: &Expr| matches!(&key.kind, ExprKind::String(text) if text == name);
            let item = items.iter().rev().find(|item| named(&item.key))?;
            in_expr(&item.value, rest)
        }
        // What encodes or passes on its only argument keeps its structure.
        (ExprKind::Call(call), _)
            if matches!(
                &*call.name.name,
                "jsonencode" | "sensitive" | "nonsensitive" | "tolist"
            ) =>
        {
            in_expr(call.arguments.first()?, path)
        }
        _ => Some(expr),
    }
}
