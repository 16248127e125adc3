//! Whether what a variables file writes for a variable is a secret's value.

use super::holders::Which;
use crate::secret::{
    is_harmless_value, is_placeholder, is_secret_name, locates, named_value, tells,
};
use crate::syntax::{Expr, ExprKind};
use crate::value::{Entries, Value};

/// What an assignment holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Held {
    Nothing,
    Secret,
}

impl Held {
    /// What an expression holds of a variable: all of it is secret, or some.
    pub(super) fn of(expr: &Expr, variable: &str, which: &Which) -> Self {
        let mut leaves = Vec::new();
        collect(expr, variable, &mut leaves);
        let holds = leaves.iter().any(|(name, text)| {
            let meant = match which {
                Which::All => !locates(text),
                Which::Some(texts) => {
                    is_secret_name(name) || texts.contains(*text) || calls_one(name, text)
                }
            };
            meant && !is_placeholder(text) && !is_harmless_value(text)
        });
        let is_called = || matches!(which, Which::Some(_)) && calls_any(expr, variable);
        if holds || is_called() {
            Self::Secret
        } else {
            Self::Nothing
        }
    }
}

/// Whether a name in an assignment calls a secret what stands under it.
pub(super) fn calls_any(expr: &Expr, variable: &str) -> bool {
    let named = named_value(variable, &written(expr));
    named.iter().any(|one| tells(&one.text))
}

/// What is written: texts, lists and objects.
fn written(expr: &Expr) -> Value {
    match &expr.kind {
        ExprKind::String(text) => Value::string(text.as_ref()),
        ExprKind::Object(items) => {
            let entries = items.iter().filter_map(|item| match &item.key.kind {
                ExprKind::String(key) | ExprKind::Variable(key) => {
                    Some((key.as_ref().into(), written(&item.value)))
                }
                _ => None,
            });
            Value::object(entries.collect::<Entries>())
        }
        ExprKind::Tuple(items) => Value::tuple(items.iter().map(written).collect::<Vec<_>>()),
        _ => Value::NULL,
    }
}

/// Whether a text, as a document or a script, gives something under the name of a secret.
fn calls_one(name: &str, text: &str) -> bool {
    let named = named_value(name, &Value::string(text));
    named.iter().any(|one| tells(&one.text))
}

/// The texts in a value, each with the name that it stands under. Functions and references are not allowed there.
fn collect<'a>(expr: &'a Expr, name: &'a str, leaves: &mut Vec<(&'a str, &'a str)>) {
    match &expr.kind {
        ExprKind::String(text) | ExprKind::Number(text) => leaves.push((name, text)),
        ExprKind::Object(items) => {
            for item in items {
                let key = match &item.key.kind {
                    ExprKind::String(key) => key,
                    _ => name,
                };
                collect(&item.value, key, leaves);
            }
        }
        _ => expr.for_each_child(&mut |child| collect(child, name, leaves)),
    }
}
