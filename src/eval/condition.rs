//! Validations, preconditions, postconditions and checks.

use std::sync::Arc;

use super::scope::{Repetition, Scope};
use super::{EvalError, Evaluation, ModuleState};
use crate::config::Condition;
use crate::plan::{self, MESSAGE_WITHHELD, Outcome};
use crate::problem::{Problem, ProblemKind};
use crate::secret::is_secret_name;
use crate::syntax::{Expr, ExprKind};
use crate::value::{self, Type, Value};

impl Evaluation {
    /// Evaluates every condition of a module. One that is unknown is Terraform's to decide, during apply.
    pub(super) fn check_conditions(self: &Arc<Self>, module: &Arc<ModuleState>) {
        let scope = Scope::module(self, module);
        for variable in module.config.module.variables.values() {
            let about = module.within(&format!("var.{}", variable.name.name));
            for condition in &variable.validations {
                // The place to change is where the value is given.
                let given = match module.variable_origin(self, variable) {
                    (_, set_by) if set_by == "default" => variable.span,
                    (given, _) => given,
                };
                scope.check(condition, "the value is refused", &about, Some(given));
            }
        }
        for resource in module.config.module.resources.values() {
            let lifecycle = &resource.lifecycle;
            if lifecycle.preconditions.is_empty() && lifecycle.postconditions.is_empty() {
                continue;
            }
            let Some(expansion) = module.resource(self, &resource.address) else {
                continue;
            };
            for instance in &expansion.instances {
                let about = instance.address.to_string();
                let scope = Scope {
                    repetition: Some(&instance.repetition),
                    ..scope
                };
                for condition in &lifecycle.preconditions {
                    scope.check(condition, "a precondition does not hold", &about, None);
                }
                let scope = Scope {
                    self_value: Some(&instance.value),
                    ..scope
                };
                for condition in &lifecycle.postconditions {
                    scope.check(condition, "a postcondition does not hold", &about, None);
                }
            }
        }
        for output in module.config.module.outputs.values() {
            let about = module.within(&format!("output.{}", output.name.name));
            for condition in &output.preconditions {
                scope.check(condition, "a precondition does not hold", &about, None);
            }
        }
        for check in &module.config.module.checks {
            let about = module.within(&format!("check.{}", check.name.name));
            for assertion in &check.assertions {
                scope.check(assertion, "an assertion does not hold", &about, None);
            }
        }
    }
}

impl Scope<'_> {
    fn check(
        &self,
        condition: &Condition,
        what: &str,
        about: &str,
        span: Option<crate::source::Span>,
    ) {
        let repetition = Repetition::default();
        let scope = Scope {
            repetition: self.repetition.or(Some(&repetition)),
            ..*self
        };
        let value = match scope.evaluate(&condition.condition) {
            Ok(value) => value.unmark().0,
            Err(error) => {
                self.evaluation.report(super::refused(&error, &about));
                return;
            }
        };
        let holds = match value::convert(&value, &Type::Bool) {
            Ok(value) if !value.is_null() => value.as_bool(),
            other => {
                let what = match other {
                    Ok(_) => "null".to_owned(),
                    Err(_) => format!("a value of type {}", value.ty()),
                };
                let message = format!("a condition is `true` or `false`, and not {what}");
                let error = EvalError::new(message, condition.condition.span);
                self.evaluation.report(super::refused(&error, &about));
                return;
            }
        };
        if holds != Some(false) {
            let outcome = match holds {
                Some(_) => Outcome::Holds,
                None => Outcome::Unknown(value.causes()),
            };
            self.evaluation.add_condition(plan::Condition {
                about: about.to_owned(),
                outcome,
                span: Some(condition.condition.span),
            });
            return;
        }
        let message = condition
            .error_message
            .as_ref()
            .and_then(|message| scope.evaluate(message).ok());
        let of_secret = condition.error_message.as_ref().is_some_and(names_secret);
        let is_secret = message
            .as_ref()
            .is_some_and(|one| of_secret || one.marks_deep().is_secret());
        let said = message
            .as_ref()
            .filter(|message| !is_secret && message.marks_deep().is_empty())
            .and_then(Value::as_str);
        let message = match said {
            Some(said) => format!("{what}: {}", said.trim_end_matches('.')),
            None if is_secret => format!("{what}{MESSAGE_WITHHELD}"),
            None => what.to_owned(),
        };
        let span = span.unwrap_or(condition.condition.span);
        self.evaluation
            .report(Problem::new(ProblemKind::ConditionFailed, message, Some(span)).about(about));
    }
}

/// Whether a message is made with what has the name of a secret: it may show a part of it.
fn names_secret(message: &Expr) -> bool {
    const ROOTS: [&str; 4] = ["var", "local", "each", "self"];
    let is_of_values = |expr: &Expr| {
        let root = expr.spine().last();
        root.is_some_and(
            |root| matches!(&root.kind, ExprKind::Variable(name) if ROOTS.contains(&&**name)),
        )
    };
    let mut any = false;
    message.walk(|expr| {
        if let ExprKind::Attr { name, .. } = &expr.kind {
            any |= is_secret_name(&name.name) && is_of_values(expr);
        }
    });
    any
}
