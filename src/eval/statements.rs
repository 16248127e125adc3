//! What Terraform refuses about statements as a whole, whatever their values are: `moved` and `removed` blocks whose object
//! still stands in the configuration, and values that no plan can hold.

use std::sync::Arc;

use super::{Evaluation, ModuleState};
use crate::address::{Resource, ResourceMode};
use crate::config::Repetition;
use crate::problem::{Problem, ProblemKind};
use crate::source::Span;
use crate::syntax::{Expr, ExprKind};
use crate::value::{Data, Value};

impl Evaluation {
    pub(super) fn check_statements(&self, module: &Arc<ModuleState>) {
        let declared = &module.config.module;
        let moved = declared
            .moved
            .iter()
            .map(|one| ("moved", &one.from, one.span));
        let removed = declared
            .removed
            .iter()
            .map(|one| ("removed", &one.from, one.span));
        for (kind, from, span) in moved.chain(removed) {
            let Some(object) = whole_object(from) else {
                continue;
            };
            let stands = match &object {
                Object::Resource(resource) => declared
                    .resources
                    .get(resource)
                    .is_some_and(|one| remains(kind, &one.repetition)),
                Object::Call(name) => declared
                    .calls
                    .get(name)
                    .is_some_and(|one| remains(kind, &one.repetition)),
            };
            if stands {
                let message = format!("a `{kind}` block names what is still declared");
                self.report(Problem::new(ProblemKind::Refused, message, Some(span)));
            }
        }
    }

    /// Infinite numbers are values to expressions, and cannot be written into a plan.
    pub(super) fn check_finite(&self, value: &Value, about: &impl ToString, span: Span) {
        if is_finite(value) {
            return;
        }
        let message = "a number is infinite, which no plan can hold";
        let problem = Problem::new(ProblemKind::Refused, message, Some(span));
        self.report(problem.about(about));
    }
}

/// What has keys now has no instance without one, which is what is moved.
fn remains(kind: &str, repetition: &Repetition) -> bool {
    kind == "removed" || matches!(repetition, Repetition::Single)
}

fn is_finite(value: &Value) -> bool {
    match value.data() {
        Data::Number(number) => !number.is_infinite(),
        _ => value.children().all(is_finite),
    }
}

enum Object {
    Resource(Resource),
    Call(Arc<str>),
}

/// The block that an address without keys names.
fn whole_object(expr: &Expr) -> Option<Object> {
    let ExprKind::Attr { source, name } = &expr.kind else {
        return None;
    };
    let ExprKind::Variable(root) = &source.kind else {
        return None;
    };
    if &**root == "module" {
        return Some(Object::Call(Arc::clone(&name.name)));
    }
    Some(Object::Resource(Resource {
        mode: ResourceMode::Managed,
        kind: Arc::clone(root),
        name: Arc::clone(&name.name),
    }))
}
