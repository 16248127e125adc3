//! The text that must change for what a subject is: the line of the variables file, the argument of the call, or the
//! element of a local that its value is handed on from as it is.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::fetched;
use super::links::{Straight, Taken, straight};
use super::node::{Definition, Node, What};
use crate::eval::{Evaluation, ModuleState};
use crate::plan::{BY_PLAN, Fault, Subject};
use crate::source::Span;

pub(super) fn place(evaluation: &Arc<Evaluation>, subject: &Subject, fault: Fault) -> Option<Span> {
    let (module, span) = found(evaluation, subject, fault)?;
    if fetched::is_fetched(&module) {
        fetched::given(evaluation, subject, &module)
    } else {
        Some(span)
    }
}

/// The call by which the text to change comes from a module that was fetched.
pub(super) fn fetched_by(
    evaluation: &Arc<Evaluation>,
    subject: &Subject,
    fault: Fault,
) -> Option<Arc<str>> {
    let (module, _) = found(evaluation, subject, fault)?;
    fetched::called(&module).filter(|_| fetched::is_fetched(&module))
}

fn found(
    evaluation: &Arc<Evaluation>,
    subject: &Subject,
    fault: Fault,
) -> Option<(Arc<ModuleState>, Span)> {
    let mut node = Node::of(evaluation, subject)?;
    let mut definition = node.definition(evaluation)?;
    let value = node.value(evaluation, &definition);
    let is_secret = value.is_some_and(|value| {
        let marks = value.marks_deep();
        marks.sensitive || marks.has_source()
    });
    // Where a secret comes from, it is right.
    let fault = if is_secret { Fault::Use } else { fault };
    let mut seen = BTreeSet::new();
    while seen.insert(node.name()) {
        match straight(evaluation, &definition) {
            Some(Straight::To(next, taken)) => {
                let Some(there) = next.definition(evaluation) else {
                    break;
                };
                let by_value = fault == Fault::Value || taken == Taken::Around;
                if !leads(evaluation, &next, &there, by_value) {
                    break;
                }
                (node, definition) = (next, there);
            }
            Some(Straight::Here(span)) => {
                let whole = definition.expr.as_ref().map(|expr| expr.span);
                let span = if whole == Some(span) {
                    definition.span
                } else {
                    span
                };
                return Some((definition.module, span));
            }
            None => break,
        }
    }
    Some((definition.module, definition.span))
}

/// Whether the text to change stands where a value comes from, or further on: of what is wrong by its value it does, and
/// of a part of what is handed on. What is wrong by its use is so up to the call of a module.
fn leads(evaluation: &Arc<Evaluation>, node: &Node, there: &Definition, by_value: bool) -> bool {
    match &node.what {
        What::Variable(module, name) => {
            let Some(declared) = module.config.module.variables.get(name) else {
                return false;
            };
            let (_, set_by) = module.variable_origin(evaluation, declared);
            let is_written = !matches!(&*set_by, "nothing" | BY_PLAN);
            is_written && (by_value || there.expr.is_some())
        }
        What::Local(..) => by_value,
        What::Repeated(_) => by_value && !there.rest.is_empty(),
        What::Resource(..)
        | What::Expansion(..)
        | What::Calls(..)
        | What::Provider(..)
        | What::Output(..) => false,
    }
}
