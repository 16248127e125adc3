//! The chain from an input to a subject, and what a subject derives from. Walked backwards through the configuration,
//! with values at hand to choose the way: towards the secret, towards what is unknown, or else towards an input.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use super::locate;
use crate::address::{AttributePath, InstanceKey, ResourceAddress};
use crate::config::{Reference, Target, references};
use crate::eval::{Evaluation, ModuleState, Repetition, Scope};
use crate::plan::{Hop, Origin, Subject};
use crate::source::Span;
use crate::syntax::Expr;
use crate::value::{self, Type, Value, display};

/// A chain has at most this many hops; what is left out lies between the first ones and the last.
const MOST_HOPS: usize = 5;

/// A definition that values flow through.
#[derive(Clone)]
enum Node {
    Subject(Subject),
    Variable(Arc<ModuleState>, Arc<str>),
    Local(Arc<ModuleState>, Arc<str>),
    Output(Arc<ModuleState>, Arc<str>),
}

/// The text of a definition and the surroundings that it is evaluated in.
struct Definition {
    module: Arc<ModuleState>,
    repetition: Repetition,
    expr: Option<Expr>,
    span: Span,
}

/// What the chain looks for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Goal {
    Secret,
    Unknown,
    Input,
}

impl Goal {
    fn of(value: &Value) -> Self {
        if value.marks_deep().is_secret() {
            Goal::Secret
        } else if !value.is_wholly_known() {
            Goal::Unknown
        } else {
            Goal::Input
        }
    }

    fn is_met_by(self, value: &Value) -> bool {
        match self {
            Goal::Secret => value.marks_deep().is_secret(),
            Goal::Unknown => !value.is_wholly_known(),
            Goal::Input => true,
        }
    }
}

pub(super) fn chain(evaluation: &Arc<Evaluation>, subject: &Subject) -> Vec<Hop> {
    let walk = Walk { evaluation };
    let start = match subject {
        Subject::Variable(instance, name) => match locate::module(evaluation, instance) {
            Some(module) => Node::Variable(module, Arc::clone(name)),
            None => return Vec::new(),
        },
        other => Node::Subject(other.clone()),
    };
    let mut hops = walk.back(&start);
    hops.reverse();
    if hops.len() > MOST_HOPS {
        hops.drain(2..hops.len() - (MOST_HOPS - 2));
    }
    hops
}

pub(super) fn origins(evaluation: &Arc<Evaluation>, subject: &Subject) -> Vec<Origin> {
    let walk = Walk { evaluation };
    let mut found = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut queue = VecDeque::from([Node::Subject(subject.clone())]);
    if let Subject::Variable(instance, name) = subject {
        let Some(module) = locate::module(evaluation, instance) else {
            return Vec::new();
        };
        queue = VecDeque::from([Node::Variable(module, Arc::clone(name))]);
    }
    while let Some(node) = queue.pop_front() {
        if !seen.insert(node.name()) {
            continue;
        }
        if let (Node::Variable(module, name), true) = (&node, node.is_root_variable()) {
            let _ = module;
            found.insert(Origin::Variable(Arc::clone(name)));
            continue;
        }
        let Some(definition) = walk.definition(&node) else {
            found.insert(Origin::Lost(node.name().into()));
            continue;
        };
        let Some(expr) = &definition.expr else {
            found.insert(Origin::Lost(node.name().into()));
            continue;
        };
        let all = walk.references(&definition, expr);
        if all.is_empty() {
            found.insert(Origin::Literal);
        }
        for reference in &all {
            match walk.follow(&definition, reference) {
                Followed::Node(next) => queue.push_back(next),
                Followed::End(origin) => {
                    found.insert(origin);
                }
            }
        }
    }
    found.into_iter().collect()
}

enum Followed {
    Node(Node),
    End(Origin),
}

struct Walk<'a> {
    evaluation: &'a Arc<Evaluation>,
}

impl Walk<'_> {
    /// The hops from a node back to where its value comes from, the node first.
    fn back(&self, start: &Node) -> Vec<Hop> {
        let mut hops = Vec::new();
        let mut seen = BTreeSet::new();
        let mut node = start.clone();
        loop {
            if !seen.insert(node.name()) {
                return hops;
            }
            let Some(definition) = self.definition(&node) else {
                return hops;
            };
            let value = self.value(&node, &definition);
            hops.push(Hop {
                text: text(&node, value.as_ref()),
                span: Some(definition.span),
            });
            let Some(expr) = &definition.expr else {
                return hops;
            };
            let goal = value.as_ref().map_or(Goal::Input, Goal::of);
            let truth = value.as_ref().and_then(truth);
            let all = self.references(&definition, expr);
            let Some(next) = self.choose(&definition, &all, goal, truth) else {
                return hops;
            };
            match self.follow(&definition, next) {
                Followed::Node(next) => node = next,
                Followed::End(Origin::Attribute(address, path)) => {
                    let subject = Subject::Attribute(Arc::new(address), path);
                    let span = locate::place(self.evaluation, &subject).map(|place| place.span);
                    hops.push(Hop {
                        text: subject.to_string(),
                        span,
                    });
                    return hops;
                }
                Followed::End(_) => return hops,
            }
        }
    }

    /// Which reference explains a value: one that leads to the goal; a variable before anything else.
    fn choose<'r, 'e>(
        &self,
        definition: &Definition,
        all: &'r [Reference<'e>],
        goal: Goal,
        decided: Option<bool>,
    ) -> Option<&'r Reference<'e>> {
        // Of `a && b` the one explains it that is false as well.
        let agrees = |reference: &&Reference<'_>| {
            let value = definition.scope(self.evaluation).evaluate(reference.expr);
            value.is_ok_and(|value| decided.is_some() && value.as_bool() == decided)
        };
        let leads = |reference: &&Reference<'_>| {
            let scope = definition.scope(self.evaluation);
            scope
                .evaluate(reference.expr)
                .map_or(true, |value| goal.is_met_by(&value))
        };
        let rank = |reference: &&Reference<'_>| match reference.target {
            Target::Repetition => 3,
            Target::Resource(..) => 2,
            Target::Module(..) => 1,
            Target::Variable(_) | Target::Local(_) => 0,
        };
        match goal {
            Goal::Input => all
                .iter()
                .find(agrees)
                .or_else(|| all.iter().min_by_key(rank)),
            _ => all
                .iter()
                .find(leads)
                .or_else(|| all.iter().min_by_key(rank)),
        }
    }

    fn definition(&self, node: &Node) -> Option<Definition> {
        match node {
            Node::Subject(subject) => {
                let repetition = |module: &Arc<ModuleState>| match subject {
                    Subject::Attribute(address, _) => {
                        locate::repetition(self.evaluation, module, address)
                    }
                    _ => Repetition::default(),
                };
                locate::with_place(self.evaluation, subject, |place, module| Definition {
                    module: Arc::clone(module),
                    repetition: repetition(module),
                    expr: place.expr.cloned(),
                    span: place.span,
                })
            }
            Node::Local(module, name) => {
                let local = module.config.module.locals.get(name)?;
                Some(Definition::at(module, Some(&local.expr), local.span))
            }
            Node::Output(module, name) => {
                let output = module.config.module.outputs.get(name)?;
                let span = output
                    .value
                    .as_ref()
                    .map_or(output.span, |value| value.span);
                Some(Definition::at(
                    module,
                    output.value.as_ref().map(|value| &value.expr),
                    span,
                ))
            }
            Node::Variable(module, name) => self.variable(module, name),
        }
    }

    /// A variable is defined where its value is set: in the calling module, or outside.
    fn variable(&self, module: &Arc<ModuleState>, name: &str) -> Option<Definition> {
        let declared = module.config.module.variables.get(name)?;
        let (span, _) = module.variable_origin(self.evaluation, declared);
        let Some((parent, _, repetition)) = module.caller() else {
            return Some(Definition::at(module, None, span));
        };
        let argument = module
            .call_block(&parent)?
            .arguments
            .attribute(name)
            .map(|argument| argument.expr.clone());
        if argument.is_none() {
            return Some(Definition::at(module, None, span));
        }
        Some(Definition {
            repetition: repetition.clone(),
            expr: argument,
            span,
            module: parent,
        })
    }

    fn value(&self, node: &Node, definition: &Definition) -> Option<Value> {
        match node {
            Node::Local(module, name) => module.local(self.evaluation, name),
            Node::Variable(module, name) => module.variable(self.evaluation, name),
            Node::Output(module, name) => module.output(self.evaluation, name),
            Node::Subject(_) => definition
                .scope(self.evaluation)
                .evaluate(definition.expr.as_ref()?)
                .ok(),
        }
    }

    fn references<'e>(&self, definition: &Definition, expr: &'e Expr) -> Vec<Reference<'e>> {
        let scope = definition.scope(self.evaluation);
        let taken = |predicate: &Expr| {
            let value = scope.evaluate(predicate).ok()?;
            value::convert(&value, &Type::Bool).ok()?.as_bool()
        };
        references(expr, &taken)
    }

    fn follow(&self, definition: &Definition, reference: &Reference<'_>) -> Followed {
        let module = &definition.module;
        match &reference.target {
            Target::Variable(name) => {
                Followed::Node(Node::Variable(Arc::clone(module), Arc::clone(name)))
            }
            Target::Local(name) => {
                Followed::Node(Node::Local(Arc::clone(module), Arc::clone(name)))
            }
            Target::Module(call, Some(output)) => {
                let child = module
                    .call(self.evaluation, call)
                    .and_then(|all| all.instances.first());
                match child {
                    Some((_, child)) => {
                        Followed::Node(Node::Output(Arc::clone(child), Arc::clone(output)))
                    }
                    None => Followed::End(Origin::Lost(
                        module.within(&format!("module.{call}")).into(),
                    )),
                }
            }
            Target::Module(call, None) => Followed::End(Origin::Lost(
                module.within(&format!("module.{call}")).into(),
            )),
            Target::Repetition => Followed::End(Origin::Lost(module.within("each").into())),
            // The iterator of a `dynamic` block looks like a resource that nothing declares.
            Target::Resource(resource, _)
                if !module.config.module.resources.contains_key(resource) =>
            {
                Followed::End(Origin::Lost(module.within(&resource.to_string()).into()))
            }
            Target::Resource(resource, attribute) => {
                let key = module
                    .resource(self.evaluation, resource)
                    .and_then(|all| all.instances.first());
                let key: Option<InstanceKey> =
                    key.and_then(|instance| instance.address.key.clone());
                let address = ResourceAddress {
                    module: module.instance.clone(),
                    resource: resource.clone(),
                    key,
                };
                let path = attribute
                    .as_deref()
                    .map(AttributePath::attribute)
                    .unwrap_or_default();
                Followed::End(Origin::Attribute(address, path))
            }
        }
    }
}

impl Definition {
    fn at(module: &Arc<ModuleState>, expr: Option<&Expr>, span: Span) -> Self {
        Self {
            module: Arc::clone(module),
            repetition: Repetition::default(),
            expr: expr.cloned(),
            span,
        }
    }

    fn scope<'a>(&'a self, evaluation: &'a Arc<Evaluation>) -> Scope<'a> {
        Scope {
            repetition: Some(&self.repetition),
            ..Scope::module(evaluation, &self.module)
        }
    }
}

impl Node {
    fn name(&self) -> String {
        match self {
            Node::Subject(subject) => subject.to_string(),
            Node::Variable(module, name) => module.within(&format!("var.{name}")),
            Node::Local(module, name) => module.within(&format!("local.{name}")),
            Node::Output(module, name) if module.instance.is_root() => format!("output.{name}"),
            Node::Output(module, name) => format!("{}.{name}", module.instance),
        }
    }

    fn is_root_variable(&self) -> bool {
        matches!(self, Node::Variable(module, _) if module.instance.is_root())
    }
}

/// What a flag decided, or the `count` that was made of one.
fn truth(value: &Value) -> Option<bool> {
    let number = || {
        value
            .as_number()
            .and_then(crate::value::Number::as_usize)
            .map(|count| count > 0)
    };
    value.as_bool().or_else(number)
}

fn text(node: &Node, value: Option<&Value>) -> String {
    match value {
        Some(value) => format!("{} = {}", node.name(), display::short(value)),
        None => node.name(),
    }
}
