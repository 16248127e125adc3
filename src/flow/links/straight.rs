//! The one way from a part of an expression to where its value is written: through what hands it on as it is.

use std::sync::Arc;

use super::{ANY, Followed, Reading, known, steps};
use crate::address::PathStep;
use crate::eval::Evaluation;
use crate::flow::node::{Definition, Node};
use crate::source::Span;
use crate::syntax::{Expr, ExprKind, For};

/// Where the value of a part of an expression comes from.
pub(in crate::flow) enum Straight {
    /// It is made here: written out, or computed.
    Here(Span),
    /// It is the value of that, as it is.
    To(Node, Taken),
}

/// How much of a value a reference takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::flow) enum Taken {
    /// What is asked for, and no more.
    Exactly,
    /// Something that has it as a part.
    Around,
}

/// The way on from a definition; none where nothing is written.
pub(in crate::flow) fn straight(
    evaluation: &Arc<Evaluation>,
    definition: &Definition,
) -> Option<Straight> {
    let expr = definition.expr.as_ref()?;
    Some(definition.with_scope(evaluation, |scope| {
        Reading::new(definition, scope).straight(expr, &definition.rest)
    }))
}

/// A definition, with the innermost text that is written for the part that is asked for.
pub(in crate::flow) fn narrowed(
    evaluation: &Arc<Evaluation>,
    definition: Definition,
) -> Definition {
    let Some(whole) = definition
        .expr
        .as_ref()
        .filter(|_| !definition.rest.is_empty())
    else {
        return definition;
    };
    let (inner, rest) = definition.with_scope(evaluation, |scope| {
        let reading = Reading::new(&definition, scope);
        let mut found = (whole, definition.rest.clone());
        while !found.1.is_empty()
            && let Some(deeper) = reading.deeper(found.0, &found.1)
        {
            found = deeper;
        }
        found
    });
    if std::ptr::eq(inner, whole) {
        return definition;
    }
    Definition {
        expr: Some(inner.clone()),
        rest,
        span: inner.span,
        ..definition
    }
}

impl<'a> Reading<'a> {
    fn straight(&self, expr: &'a Expr, path: &[PathStep]) -> Straight {
        match (&expr.kind, path) {
            (ExprKind::Variable(_) | ExprKind::Attr { .. } | ExprKind::Index { .. }, _) => {
                self.reference(expr, path)
            }
            (ExprKind::For(one), _) => self.of_for(expr, one, path),
            _ => match self.deeper(expr, path) {
                Some((inner, rest)) => match self.straight(inner, &rest) {
                    // What is made within something that hands it on is all of that.
                    Straight::Here(_) if path.is_empty() => Straight::Here(expr.span),
                    found => found,
                },
                None => Straight::Here(expr.span),
            },
        }
    }

    /// One step into an expression, where its value or the part that is asked for is that of an expression within.
    fn deeper<'e>(&self, expr: &'e Expr, path: &[PathStep]) -> Option<(&'e Expr, Vec<PathStep>)> {
        match (&expr.kind, path) {
            (ExprKind::Parens(inner), _) => Some((inner, path.to_vec())),
            (ExprKind::Template(template), _) => {
                Some((template.sole_interpolation()?, path.to_vec()))
            }
            (ExprKind::Tuple(elements), [PathStep::Index(index), rest @ ..]) => {
                Some((elements.get(*index)?, rest.to_vec()))
            }
            (ExprKind::Object(items), [_, rest @ ..]) => {
                Some((self.item(items, path)?, rest.to_vec()))
            }
            (ExprKind::Call(call), _) => self.chosen(call, path),
            // Of a whole value the condition is what it is made by.
            (ExprKind::Conditional(conditional), [_, ..]) => {
                let arm = match self.decided(&conditional.predicate)? {
                    true => &conditional.yes,
                    false => &conditional.no,
                };
                Some((arm, path.to_vec()))
            }
            _ => None,
        }
    }

    fn reference(&self, expr: &'a Expr, path: &[PathStep]) -> Straight {
        let (root, written) = steps(expr);
        let taken = self.taken(&written, path);
        let ExprKind::Variable(name) = &root.kind else {
            return self.straight(root, &taken);
        };
        if self.bound.contains(name) || taken.contains(&ANY) {
            return Straight::Here(expr.span);
        }
        if let Some((collection, path)) = self.of_element(name, &taken) {
            return self.straight(collection, &path);
        }
        match self.follow(name, known(&taken)).as_mut_slice() {
            [Followed::Node(node)] if path.is_empty() => Straight::To(node.clone(), Taken::Exactly),
            [Followed::Node(node)] => Straight::To(node.clone(), Taken::Around),
            _ => Straight::Here(expr.span),
        }
    }

    /// An element of a `for` is what its body says; all of them are the elements of its collection, given another form.
    fn of_for(&self, expr: &'a Expr, one: &'a For, path: &[PathStep]) -> Straight {
        let Some((step, rest)) = path.split_first() else {
            let is_form = match &one.value.kind {
                ExprKind::Object(_) => true,
                ExprKind::Call(call) => &*call.name.name == "merge",
                _ => false,
            };
            return match one.condition.is_none() && !one.group && is_form {
                true => self.straight(&one.collection, &[]),
                false => Straight::Here(expr.span),
            };
        };
        match self.element(one, step) {
            Some((at, key, value)) => self.of_body(one, at, (&key, &value), |inner, body| {
                inner.straight(body, rest)
            }),
            None => Straight::Here(expr.span),
        }
    }
}
