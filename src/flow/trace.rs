//! Everything that a value is made from, as a tree: what `tfguard why` tells.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::links::{Followed, links};
use super::locate;
use super::node::{Definition, Node, What};
use crate::address::AttributePath;
use crate::eval::{CallExpansion, Evaluation, Expansion, Keys};
use crate::plan::{BY_PLAN, Part, Subject, Trace};
use crate::value::Value;

/// A tree has at most this many hops: more, nobody reads.
const MOST_HOPS: usize = 400;
/// And it is at most this deep.
const DEEPEST: usize = 200;

pub(super) fn of(
    evaluation: &Arc<Evaluation>,
    subject: &Subject,
    path: &AttributePath,
) -> Option<Trace> {
    let mut node = Node::of(evaluation, subject)?;
    node.path.extend_from_slice(&path.0);
    let mut growing = Growing {
        evaluation,
        told: BTreeSet::new(),
        left: MOST_HOPS,
    };
    Some(growing.trace(&node, Part::Gives, 0))
}

/// Every name that has a trace, resources aside.
pub(super) fn declared(evaluation: &Arc<Evaluation>) -> Vec<Subject> {
    let mut found = Vec::new();
    let mut modules = vec![Arc::clone(evaluation.root())];
    while let Some(module) = modules.pop() {
        let instance = || module.instance.clone();
        let declarations = &module.config.module;
        let variables = declarations.variables.keys();
        found.extend(variables.map(|name| Subject::Variable(instance(), Arc::clone(name))));
        let locals = declarations.locals.keys();
        found.extend(locals.map(|name| Subject::Local(instance(), Arc::clone(name))));
        found.extend(declarations.outputs.keys().map(|name| {
            if module.instance.is_root() {
                Subject::Output(Arc::clone(name))
            } else {
                Subject::ModuleOutput(instance(), Arc::clone(name))
            }
        }));
        for name in declarations.calls.keys() {
            found.push(Subject::Calls(module.instance.child(name, None)));
            let expansion = module.call(evaluation, name);
            let children = expansion.into_iter().flat_map(|all| &all.instances);
            modules.extend(children.rev().map(|(_, child)| Arc::clone(child)));
        }
    }
    found
}

/// The locals of every module instance that have a value.
pub(super) fn locals(evaluation: &Arc<Evaluation>) -> Vec<(Arc<str>, Value)> {
    let mut found = Vec::new();
    for module in locate::modules(evaluation) {
        for name in module.config.module.locals.keys() {
            let value = module.local(evaluation, name);
            found.extend(value.map(|value| (Arc::clone(name), value)));
        }
    }
    found
}

struct Growing<'a> {
    evaluation: &'a Arc<Evaluation>,
    /// What has been told with all that it is made from.
    told: BTreeSet<String>,
    left: usize,
}

impl Growing<'_> {
    fn trace(&mut self, node: &Node, part: Part, depth: usize) -> Trace {
        self.left = self.left.saturating_sub(1);
        let name = node.name();
        let definition = node.definition(self.evaluation);
        let value = definition
            .as_ref()
            .and_then(|definition| node.value(self.evaluation, definition));
        let mut trace = Trace {
            note: self.note(node, definition.as_ref(), value.as_ref()),
            span: definition.as_ref().map(|definition| definition.span),
            value: value.filter(|_| !node.is_count()),
            from: Vec::new(),
            name,
            part,
        };
        if !self.told.insert(trace.name.clone()) {
            trace.note = Some("told above".to_owned());
            return trace;
        }
        if self.left == 0 || depth == DEEPEST {
            trace.note = Some("not followed any further".to_owned());
            return trace;
        }
        for link in definition
            .iter()
            .flat_map(|one| links(self.evaluation, one))
        {
            let one = match &link.to {
                Followed::Node(next) => self.trace(next, link.part, depth + 1),
                Followed::Lost(name) => lost(name, link.part),
            };
            let is_new = trace.from.iter().all(|other| other.name != one.name);
            if is_new {
                trace.from.push(one);
            }
            if self.left == 0 {
                break;
            }
        }
        // What is made from nothing else is told as shortly again.
        if trace.from.is_empty() {
            self.told.remove(&trace.name);
        }
        // Instances of a resource are also made by the calls of its module.
        let (What::Expansion(module, _) | What::Calls(module, _)) = &node.what else {
            return trace;
        };
        if let Some((parent, name, _)) = module.caller() {
            let call = Node::whole(What::Calls(parent, name.into()));
            trace.from.extend(self.repeated(&call, depth + 1));
        }
        trace
    }

    /// A module call, where it or one around it is repeated.
    fn repeated(&mut self, call: &Node, depth: usize) -> Option<Trace> {
        let What::Calls(module, name) = &call.what else {
            return None;
        };
        let block = module.config.module.calls.get(name)?;
        if block.repetition.attribute().is_some() {
            return Some(self.trace(call, Part::Decides, depth));
        }
        let (parent, name, _) = module.caller()?;
        self.repeated(&Node::whole(What::Calls(parent, name.into())), depth)
    }

    fn note(
        &self,
        node: &Node,
        definition: Option<&Definition>,
        value: Option<&Value>,
    ) -> Option<String> {
        match &node.what {
            What::Variable(module, name) => {
                let declared = module.config.module.variables.get(name)?;
                let (_, set_by) = module.variable_origin(self.evaluation, declared);
                match set_by.as_str() {
                    "default" => Some("its default".to_owned()),
                    "nothing" => Some("nothing gives it a value".to_owned()),
                    BY_PLAN => Some("given when the plan was made".to_owned()),
                    _ => None,
                }
            }
            What::Expansion(module, address) => {
                let expansion = module.resource(self.evaluation, &address.resource)?;
                Some(instances_of(expansion))
            }
            What::Calls(module, name) => Some(calls_of(module.call(self.evaluation, name)?)),
            What::Resource(..) if definition?.expr.is_none() && !node.path.is_empty() => {
                let text = match value {
                    Some(value) if value.is_null() => "not written",
                    Some(value) if value.is_known() => "not written: as the provider sets it",
                    _ => "not written: the provider decides",
                };
                Some(text.to_owned())
            }
            _ => None,
        }
    }
}

impl Node {
    fn is_count(&self) -> bool {
        matches!(self.what, What::Expansion(..) | What::Calls(..))
    }
}

fn lost(name: &str, part: Part) -> Trace {
    Trace {
        name: name.to_owned(),
        value: None,
        note: Some("not followed any further".to_owned()),
        span: None,
        part,
        from: Vec::new(),
    }
}

fn instances_of(expansion: &Expansion) -> String {
    let keys = expansion.instances.iter().map(|one| &one.address.key);
    instances(
        &expansion.keys,
        &mut keys.map(|key| key.as_ref().map(ToString::to_string)),
    )
}

fn calls_of(expansion: &CallExpansion) -> String {
    let keys = expansion.instances.iter().map(|(key, _)| key);
    instances(
        &expansion.keys,
        &mut keys.map(|key| key.as_ref().map(ToString::to_string)),
    )
}

/// How many instances there are, and which.
fn instances(keys: &Keys, named: &mut dyn Iterator<Item = Option<String>>) -> String {
    const MOST: usize = 8;
    let count = match keys {
        Keys::Single => return "1 instance, without `count` or `for_each`".to_owned(),
        Keys::Unknown(_) => return "zero or more instances".to_owned(),
        Keys::Count(count) => *count,
        Keys::ForEach(entries) => entries.len(),
    };
    let named: Vec<String> = named.flatten().take(MOST).collect();
    let more = if count > named.len() && !named.is_empty() {
        ", …"
    } else {
        ""
    };
    match count {
        0 => "no instance".to_owned(),
        1 => format!("1 instance: {}", named.join("")),
        _ => format!("{count} instances: {}{more}", named.join(", ")),
    }
}
