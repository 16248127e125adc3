//! What Terraform refuses about statements as a whole, whatever their values are: `moved` and `removed` blocks whose object
//! still stands in the configuration, imports into nothing, what only the root may or may not say, and values that no plan
//! can hold.

use std::sync::Arc;

use super::import::object;
use super::scope::Scope;
use super::tool::Tool;
use super::{Evaluation, ModuleState};
use crate::address::{InstanceKey, ModuleInstance, Resource, ResourceMode};
use crate::config::{Child, Config, Module};
use crate::problem::{Problem, ProblemKind};
use crate::source::Span;
use crate::syntax::{Expr, ExprKind};
use crate::value::{Data, Value};

impl Evaluation {
    pub(super) fn check_statements(self: &Arc<Self>, module: &Arc<ModuleState>) {
        let declared = &module.config.module;
        self.check_switches(declared);
        if module.instance.is_root() {
            self.check_root(&module.config);
        } else {
            self.refuse_imports(declared);
        }
        for moved in &declared.moved {
            if self.exists(module, &moved.from) {
                let message = "a `moved` block names what is still declared";
                let problem = Problem::new(ProblemKind::Refused, message, Some(moved.span));
                self.report(problem);
            }
        }
        for removed in &declared.removed {
            if let Some(Found::Declared(span)) = find(&module.config, &removed.from) {
                let message = "a `removed` block names what is still declared";
                let problem = Problem::new(ProblemKind::Refused, message, Some(span));
                self.report(problem);
            }
        }
    }

    /// Blocks that wait for each other without any value going round: those that a value does go round in are refused where
    /// it is evaluated, and so is much else that Terraform looks at first.
    pub(super) fn report_cycles(&self) {
        if self.has_refused() {
            return;
        }
        for cycle in self.root.config.cycles() {
            let Some((first, others)) = cycle.addresses.split_first() else {
                continue;
            };
            let others: Vec<String> = others.iter().map(|one| format!("`{one}`")).collect();
            let message = format!("`{first}` depends on itself, through {}", others.join(", "));
            let problem = Problem::new(ProblemKind::Refused, message, cycle.span);
            self.report(problem.about(first));
        }
    }

    /// Whether an address, seen from a module, is that of an instance.
    fn exists(self: &Arc<Self>, module: &Arc<ModuleState>, address: &Expr) -> bool {
        let scope = Scope::module(self, module);
        let Some((within, resource)) = object(&scope, address) else {
            return false;
        };
        let mut state = Arc::clone(module);
        for step in within.0.iter() {
            let calls = state.call(self, &step.name);
            let mut instances = calls.iter().flat_map(|calls| &calls.instances);
            let Some((_, child)) = instances.find(|(key, _)| *key == step.key) else {
                return false;
            };
            let child = Arc::clone(child);
            state = child;
        }
        match resource {
            None => true,
            Some((resource, key)) => state.resource(self, &resource).is_some_and(|expansion| {
                (expansion.instances.iter()).any(|one| one.address.key == key)
            }),
        }
    }

    /// A key in `replace_triggered_by` is that of an instance.
    pub(super) fn check_triggers(self: &Arc<Self>, module: &Arc<ModuleState>) {
        let root = ModuleInstance::root();
        for block in module.config.module.resources.values() {
            let triggers = &block.lifecycle.replace_triggered_by;
            if triggers.is_empty() {
                continue;
            }
            let Some(expansion) = module.resource(self, &block.address) else {
                continue;
            };
            for (instance, trigger) in (expansion.instances.iter())
                .flat_map(|one| triggers.iter().map(move |trigger| (one, trigger)))
            {
                let scope = Scope {
                    repetition: Some(&instance.repetition),
                    ..Scope::module(self, module)
                };
                let named = trigger
                    .spine()
                    .find_map(|link| match object(&scope, link)? {
                        (within, Some((resource, Some(key)))) if within == root => {
                            Some((resource, key))
                        }
                        _ => None,
                    });
                let Some((resource, key)) = named else {
                    continue;
                };
                let is_there = module.resource(self, &resource).is_none_or(|expansion| {
                    let mut keys = expansion.instances.iter().map(|one| &one.address.key);
                    keys.any(|one| {
                        matches!(one, Some(InstanceKey::Any)) || *one == Some(key.clone())
                    })
                });
                if !is_there {
                    let message = format!("`{resource}` has no such instance");
                    let problem = Problem::new(ProblemKind::Refused, message, Some(trigger.span));
                    self.report(problem.about(&instance.address));
                }
            }
        }
    }

    /// What OpenTofu evaluates Terraform reads as it stands: a constant.
    fn check_switches(&self, module: &Module) {
        if self.tool() == Tool::OpenTofu {
            return;
        }
        for resource in module.resources.values() {
            let lifecycle = &resource.lifecycle;
            for switch in [&lifecycle.prevent_destroy, &lifecycle.create_before_destroy] {
                let Some(attribute) = switch else { continue };
                let mut constant = !matches!(attribute.expr.kind, ExprKind::Null);
                attribute.expr.walk(|inner| {
                    constant &= !matches!(inner.kind, ExprKind::Variable(_) | ExprKind::Call(_));
                });
                if !constant {
                    let message = format!("`{}` is a constant", attribute.name.name);
                    let problem =
                        Problem::new(ProblemKind::Refused, message, Some(attribute.expr.span));
                    self.report(problem.about(&resource.address));
                }
            }
        }
    }

    /// Terraform imports into what is declared; to write the missing block itself it must be asked.
    fn check_root(&self, config: &Config) {
        let root = &config.module;
        for problem in &root.problems_of_root {
            self.report(problem.clone());
        }
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

fn is_finite(value: &Value) -> bool {
    match value.data() {
        Data::Number(number) => !number.is_infinite(),
        _ => value.children().all(is_finite),
    }
}

/// Whether no block stands for the resource at an address, keys aside. Of a module that was not read nobody knows.
fn is_missing(root: &Config, address: &Expr) -> bool {
    matches!(find(root, address), Some(Found::Nothing))
}

/// What stands at an address.
enum Found {
    /// A block, with its header.
    Declared(Span),
    Nothing,
}

/// The resource or call at an address, keys aside; none where that cannot be told.
fn find(root: &Config, address: &Expr) -> Option<Found> {
    let mut names: Vec<&Arc<str>> = Vec::new();
    for link in address.spine() {
        match &link.kind {
            ExprKind::Variable(name) => names.push(name),
            ExprKind::Attr { name, .. } => names.push(&name.name),
            ExprKind::Index { .. } => {}
            _ => return None,
        }
    }
    names.reverse();
    let found = |span: Option<Span>| Some(span.map_or(Found::Nothing, Found::Declared));
    let (mut config, mut rest) = (root, &names[..]);
    while let [word, call, inner @ ..] = rest
        && &***word == "module"
    {
        if inner.is_empty() {
            return found(config.module.calls.get(*call).map(|call| call.span));
        }
        config = match config.children.get(*call) {
            Some(Child::Read(child)) => child,
            Some(Child::Unread { .. }) => return None,
            None => return Some(Found::Nothing),
        };
        rest = inner;
    }
    if let [word, _, _] = rest
        && &***word == "resource"
    {
        rest = &rest[1..];
    }
    let [kind, name] = rest else {
        return None;
    };
    let resource = Resource {
        mode: ResourceMode::Managed,
        kind: Arc::clone(kind),
        name: Arc::clone(name),
    };
    found(config.module.resources.get(&resource).map(|one| one.span))
}
