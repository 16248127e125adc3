//! What an expression can refer to where it stands.

use std::sync::Arc;

use super::{Evaluation, ModuleState};
use crate::problem::ProblemKind;
use crate::value::{Entries, Value};

/// Which instance is being evaluated.
#[derive(Clone, Debug, Default)]
pub struct Repetition {
    /// `count.index`
    pub count_index: Option<Value>,
    /// `each.key` and `each.value`
    pub each: Option<(Value, Value)>,
}

/// The surroundings of an expression.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// The evaluation.
    pub evaluation: &'a Arc<Evaluation>,
    /// The module whose names are visible; none in a template file.
    pub module: Option<&'a Arc<ModuleState>>,
    /// `each` and `count`.
    pub repetition: Option<&'a Repetition>,
    /// `self`
    pub self_value: Option<&'a Value>,
    /// Names bound around the expression: by `for`, by `dynamic`.
    pub bound: Option<&'a Bound<'a>>,
    /// The element that a splat is applied to.
    pub splat_item: Option<&'a Value>,
    /// The variables of a template file: then nothing else is visible.
    pub template: Option<&'a Entries>,
    /// What kind of problem it is when a body contradicts its schema.
    pub contradiction: ProblemKind,
}

/// A name bound to a value.
pub struct Bound<'a> {
    /// The name.
    pub name: &'a str,
    /// Its value.
    pub value: Value,
    /// What is bound further out.
    pub outer: Option<&'a Bound<'a>>,
}

impl<'a> Scope<'a> {
    /// The surroundings of what stands in a module's files.
    pub fn module(evaluation: &'a Arc<Evaluation>, module: &'a Arc<ModuleState>) -> Self {
        Self {
            evaluation,
            module: Some(module),
            repetition: None,
            self_value: None,
            bound: None,
            splat_item: None,
            template: None,
            contradiction: ProblemKind::Note,
        }
    }

    /// Surroundings where only functions are visible: of defaults and of values given from outside.
    pub fn constant(evaluation: &'a Arc<Evaluation>) -> Self {
        Self {
            evaluation,
            module: None,
            repetition: None,
            self_value: None,
            bound: None,
            splat_item: None,
            template: None,
            contradiction: ProblemKind::Note,
        }
    }

    /// The innermost binding of a name.
    pub(crate) fn lookup(&self, name: &str) -> Option<&'a Value> {
        let mut bound = self.bound;
        while let Some(one) = bound {
            if one.name == name {
                return Some(&one.value);
            }
            bound = one.outer;
        }
        self.template.and_then(|variables| variables.get(name))
    }
}
