//! What Terraform refuses about statements as a whole, whatever their values are: `moved` and `removed` blocks whose object
//! still stands in the configuration, imports into nothing, what only the root may or may not say, and values that no plan
//! can hold.

use std::sync::Arc;

use super::{Evaluation, ModuleState};
use crate::address::{Resource, ResourceMode};
use crate::config::{Child, Config, Module, Repetition};
use crate::problem::{Problem, ProblemKind};
use crate::source::Span;
use crate::syntax::{Expr, ExprKind};
use crate::value::{Data, Value};

impl Evaluation {
    pub(super) fn check_statements(&self, module: &Arc<ModuleState>) {
        let declared = &module.config.module;
        if module.instance.is_root() {
            self.check_root(&module.config);
        } else {
            self.refuse_imports(declared);
        }
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

    /// Terraform imports into what is declared; to write the missing block itself it must be asked.
    fn check_root(&self, config: &Config) {
        let root = &config.module;
        for output in root.outputs.values().filter(|one| one.ephemeral) {
            let message = "an output of the root module cannot be ephemeral";
            let problem = Problem::new(ProblemKind::Refused, message, Some(output.span));
            self.report(problem.about(&format!("output.{}", output.name.name)));
        }
        for import in &root.imports {
            if is_missing(config, &import.to) {
                let message = "what this imports into is not declared";
                self.report(Problem::new(
                    ProblemKind::Refused,
                    message,
                    Some(import.to.span),
                ));
            }
        }
    }

    fn refuse_imports(&self, module: &Module) {
        for import in &module.imports {
            let message = "an `import` block stands in the root module only";
            self.report(Problem::new(
                ProblemKind::Refused,
                message,
                Some(import.span),
            ));
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

/// Whether no block stands for the resource at an address, keys aside.
fn is_missing(root: &Config, address: &Expr) -> bool {
    let mut names: Vec<&Arc<str>> = Vec::new();
    for link in address.spine() {
        match &link.kind {
            ExprKind::Variable(name) => names.push(name),
            ExprKind::Attr { name, .. } => names.push(&name.name),
            ExprKind::Index { .. } => {}
            _ => return false,
        }
    }
    names.reverse();
    let (mut config, mut rest) = (root, &names[..]);
    while let [word, call, inner @ ..] = rest
        && &***word == "module"
    {
        config = match config.children.get(*call) {
            Some(Child::Read(child)) => child,
            Some(Child::Unread { .. }) => return false,
            None => return true,
        };
        rest = inner;
    }
    let [kind, name] = rest else {
        return false;
    };
    let resource = Resource {
        mode: ResourceMode::Managed,
        kind: Arc::clone(kind),
        name: Arc::clone(name),
    };
    !config.module.resources.contains_key(&resource)
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
