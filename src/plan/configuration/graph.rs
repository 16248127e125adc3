//! Answers where values come from, on the `configuration` of a plan alone: by references, through modules and outputs.
//!
//! A plan has neither the text of expressions nor `local` values nor `dynamic` blocks: what leads there is lost, and
//! every answer says so.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::expression::Expression;
use super::{Block, Call, Module, Reference, because, reference, secret, written};
use crate::address::{
    AttributePath, InstanceKey, ModuleInstance, PathStep, Resource, ResourceAddress,
};
use crate::plan::json::cursor::Slice;
use crate::plan::{Hop, Origin, Provenance, ProviderArgument, Subject, Waits, json};
use crate::secret::is_plain_name;
use crate::source::{SharedText, Span};
use crate::value::{Marks, Value};

/// The configuration of a plan, as a graph.
pub struct Graph {
    /// The root module.
    pub root: Module,
    text: SharedText,
    has_secrets: OnceLock<bool>,
    secrets: Mutex<HashMap<(Arc<ResourceAddress>, AttributePath), Marks>>,
}

/// A chain of references is followed this far; configurations are not that deep.
const MOST_STEPS: usize = 10_000;

impl Graph {
    /// The graph of a configuration whose slices lie in `text`.
    pub fn new(text: SharedText, root: Module) -> Self {
        Self {
            root,
            text,
            has_secrets: OnceLock::new(),
            secrets: Mutex::default(),
        }
    }

    /// The call that makes a module instance.
    pub fn call(&self, module: &ModuleInstance) -> Option<&Call> {
        let name = &module.0.last()?.name;
        let parent = module.parent()?;
        self.root.at(parent.path())?.calls.get(name)
    }

    /// The value of a constant expression.
    pub fn constant(&self, expression: Slice) -> Option<Value> {
        let found = Expression::at(&self.text, expression, &AttributePath::default())?;
        let constant = found.constant?;
        found
            .references
            .is_empty()
            .then(|| json::plain(&self.text, constant))
    }

    /// What the configuration says of an object: its constants.
    pub fn written(&self, address: &ResourceAddress) -> Option<Value> {
        let block = self.block(&address.module, &address.resource)?;
        self.value(block.expressions?)
    }

    pub(super) fn value(&self, expressions: Slice) -> Option<Value> {
        written::written(&self.text, expressions)
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The secret sources behind an attribute, as marks.
    pub fn secrets_of(&self, address: &Arc<ResourceAddress>, path: &AttributePath) -> Marks {
        if !*self
            .has_secrets
            .get_or_init(|| has_secret_sources(&self.root))
        {
            return Marks::NONE;
        }
        let key = (Arc::clone(address), path.clone());
        let mut known = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(marks) = known.get(&key) {
            return marks.clone();
        }
        let mut walk = Walk::new(self, Through::Resources);
        walk.attribute(address, path);
        let marks = walk.marks();
        known.insert(key, marks.clone());
        marks
    }

    /// Whether there may be a secret source behind anything that the configuration says of a resource.
    pub fn may_reach_secrets(&self, address: &ResourceAddress) -> bool {
        let block = Arc::new(ResourceAddress {
            key: None,
            ..address.clone()
        });
        let marks = self.secrets_of(&block, &AttributePath::default());
        marks.is_secret() || secret::has_source(&address.resource)
    }

    /// The secret sources behind an output of the root module, as marks.
    pub fn secrets_of_output(&self, name: &str) -> Marks {
        let mut walk = Walk::new(self, Through::Resources);
        walk.output(&ModuleInstance::root(), name, &AttributePath::default());
        walk.marks()
    }

    pub(super) fn block(&self, module: &ModuleInstance, resource: &Resource) -> Option<&Block> {
        self.root.at(module.path())?.resources.get(resource)
    }

    pub(super) fn expression(&self, slice: Slice, path: &AttributePath) -> Option<Expression> {
        Expression::at(&self.text, slice, path)
    }

    fn everything(&self, slice: Option<Slice>) -> Vec<Reference> {
        slice
            .and_then(|slice| self.expression(slice, &AttributePath::default()))
            .map(|expression| expression.references)
            .unwrap_or_default()
    }
}

impl fmt::Debug for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Never the text: it may hold credentials.
        f.debug_struct("Graph").finish_non_exhaustive()
    }
}

/// Whether any walk could find a secret.
fn has_secret_sources(module: &Module) -> bool {
    module.variables.values().any(|declared| declared.sensitive)
        || module.resources.keys().any(secret::has_source)
        || module
            .calls
            .values()
            .any(|call| has_secret_sources(&call.module))
}

/// Whether a walk ends at the first resource or goes on behind it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Through {
    Modules,
    Resources,
}

/// Where a reference stands: its module, and the `for_each` or `count` around it.
#[derive(Clone)]
pub(super) struct Scope {
    pub(super) module: ModuleInstance,
    pub(super) repetition: Option<Slice>,
}

/// One search for the far ends of the graph.
struct Walk<'a> {
    graph: &'a Graph,
    through: Through,
    origins: BTreeSet<Origin>,
    secrets: BTreeSet<Arc<str>>,
    seen: HashSet<(ModuleInstance, usize, AttributePath)>,
    todo: Vec<(Scope, Reference, AttributePath)>,
}

impl<'a> Walk<'a> {
    fn new(graph: &'a Graph, through: Through) -> Self {
        Self {
            graph,
            through,
            origins: BTreeSet::new(),
            secrets: BTreeSet::new(),
            seen: HashSet::new(),
            todo: Vec::new(),
        }
    }

    fn marks(self) -> Marks {
        if self.secrets.is_empty() {
            return Marks::NONE;
        }
        Marks {
            secrets: Some(Arc::new(self.secrets)),
            ..Marks::NONE
        }
    }

    fn attribute(&mut self, address: &ResourceAddress, path: &AttributePath) {
        self.resource(&address.module, &address.resource, path);
        self.finish();
    }

    fn output(&mut self, module: &ModuleInstance, name: &str, path: &AttributePath) {
        self.enter_output(module, name, path);
        self.finish();
    }

    fn variable(&mut self, module: &ModuleInstance, name: &Arc<str>) {
        self.enter_variable(module, name, &AttributePath::default());
        self.finish();
    }

    fn finish(&mut self) {
        let mut steps = 0;
        while let Some((scope, reference, rest)) = self.todo.pop() {
            steps += 1;
            if steps > MOST_STEPS {
                self.origins.insert(Origin::Lost(
                    "a chain of references that does not end".into(),
                ));
                return;
            }
            self.follow(&scope, reference, &rest);
        }
    }

    fn follow(&mut self, scope: &Scope, reference: Reference, rest: &AttributePath) {
        let joined = |path: AttributePath| AttributePath([path.0, rest.0.clone()].concat());
        match reference {
            Reference::Resource(resource, key, path) => {
                let path = joined(path);
                self.reach(scope, resource, key, &path);
            }
            Reference::Variable(name, path) => {
                self.enter_variable(&scope.module, &name, &joined(path));
            }
            Reference::Output(call, name, path) => {
                let module = scope.module.child(&call.name, call.key);
                self.enter_output(&module, &name, &joined(path));
            }
            Reference::Module(call) => {
                let module = scope.module.child(&call.name, call.key);
                let outputs = self
                    .graph
                    .root
                    .at(module.path())
                    .map(|module| &module.outputs);
                for name in outputs.into_iter().flat_map(HashMap::keys) {
                    self.enter_output(&module, name, &AttributePath::default());
                }
            }
            Reference::EachKey | Reference::EachValue(_) => {
                let scope = scope.clone();
                if let Some(slice) = scope.repetition {
                    let outer = Scope {
                        repetition: None,
                        ..scope
                    };
                    self.enter(&outer, slice, &AttributePath::default());
                }
            }
            Reference::CountIndex | Reference::Surroundings(_) => {
                self.origins.insert(Origin::Literal);
            }
            Reference::Other(text) => {
                self.origins.insert(Origin::Lost(text));
            }
        }
    }

    /// A resource that is named: an end, behind which secrets may come from further away.
    fn reach(
        &mut self,
        scope: &Scope,
        resource: Resource,
        key: Option<InstanceKey>,
        path: &AttributePath,
    ) {
        let address = ResourceAddress {
            module: scope.module.clone(),
            resource,
            key,
        };
        if secret::is_source(&address.resource, path) {
            let label = Subject::Attribute(Arc::new(address.clone()), path.clone()).to_string();
            self.secrets.insert(label.into());
        }
        if self.through == Through::Resources {
            self.resource(&address.module, &address.resource, path);
        }
        self.origins
            .insert(Origin::Attribute(address, path.clone()));
    }

    fn resource(&mut self, module: &ModuleInstance, resource: &Resource, path: &AttributePath) {
        let Some(block) = self.graph.block(module, resource) else {
            self.origins
                .insert(Origin::Lost(resource.to_string().into()));
            return;
        };
        let given = (self.through == Through::Resources).then(|| given_for(resource, path));
        let path = &given.flatten().unwrap_or_else(|| path.clone());
        let scope = Scope {
            module: module.clone(),
            repetition: block.repetition,
        };
        let own = || ResourceAddress {
            module: module.clone(),
            resource: resource.clone(),
            key: None,
        };
        let configured = block
            .expressions
            .and_then(|slice| self.graph.expression(slice, path).map(|_| slice));
        match configured {
            Some(slice) => self.enter(&scope, slice, path),
            // Not configured: the provider's own, unless it lies in a block that a `dynamic` may have made.
            None if path.0.len() <= 1 || self.is_in_a_block(block, path) => {
                if secret::is_source(resource, path) {
                    let subject = Subject::Attribute(Arc::new(own()), path.clone());
                    self.secrets.insert(subject.to_string().into());
                }
                self.origins.insert(Origin::Attribute(own(), path.clone()));
            }
            None => {
                let subject = Subject::Attribute(Arc::new(own()), path.clone());
                self.origins
                    .insert(Origin::Lost(subject.to_string().into()));
            }
        }
    }

    /// Whether an argument belongs to a block that is written as such.
    fn is_in_a_block(&self, block: &Block, path: &AttributePath) -> bool {
        let Some((PathStep::Attribute(_), around)) = path.0.split_last() else {
            return false;
        };
        let around = AttributePath(around.to_vec());
        let written = block
            .expressions
            .and_then(|slice| self.graph.expression(slice, &around));
        written.is_some()
    }

    fn enter_variable(&mut self, module: &ModuleInstance, name: &Arc<str>, path: &AttributePath) {
        let declared = self
            .graph
            .root
            .at(module.path())
            .and_then(|configured| configured.variables.get(name));
        // Of an object that is sensitive as a whole, some members are no secrets.
        let is_plain = path.root().is_some_and(is_plain_name);
        if declared.is_some_and(|declared| declared.sensitive) && !is_plain {
            let label = Subject::Variable(module.clone(), Arc::clone(name)).to_string();
            self.secrets.insert(label.into());
        }
        let (Some(parent), Some(call)) = (module.parent(), self.graph.call(module)) else {
            self.origins.insert(Origin::Variable(Arc::clone(name)));
            return;
        };
        match call.expressions.get(name) {
            Some(slice) => {
                let scope = Scope {
                    module: parent,
                    repetition: call.repetition,
                };
                self.enter(&scope, *slice, path);
            }
            None => {
                self.origins.insert(Origin::Literal);
            }
        }
    }

    fn enter_output(&mut self, module: &ModuleInstance, name: &str, path: &AttributePath) {
        let output = self
            .graph
            .root
            .at(module.path())
            .and_then(|configured| configured.outputs.get(name));
        let scope = Scope {
            module: module.clone(),
            repetition: None,
        };
        let Some(slice) = output.and_then(|output| output.expression) else {
            let text = format!("{module}.{name}");
            self.origins.insert(Origin::Lost(text.into()));
            return;
        };
        self.enter(&scope, slice, path);
    }

    /// Takes up what an expression names.
    fn enter(&mut self, scope: &Scope, slice: Slice, path: &AttributePath) {
        if !self
            .seen
            .insert((scope.module.clone(), slice.start, path.clone()))
        {
            return;
        }
        let Some(expression) = self.graph.expression(slice, path) else {
            return;
        };
        if expression.references.is_empty() {
            self.origins.insert(Origin::Literal);
        }
        // Only a single name can be the value itself; in a larger expression the rest of the path has no meaning.
        let rest = match expression.references.len() {
            1 => expression.rest,
            _ => AttributePath::default(),
        };
        for reference in expression.references {
            self.todo.push((scope.clone(), reference, rest.clone()));
        }
    }
}

/// The argument whose value an attribute has once it is applied.
fn given_for(resource: &Resource, path: &AttributePath) -> Option<AttributePath> {
    let is_output = &*resource.kind == "terraform_data" && path.root() == Some("output");
    let (_, rest) = path.0.split_first().filter(|_| is_output)?;
    Some(AttributePath(
        [AttributePath::attribute("input").0, rest.to_vec()].concat(),
    ))
}

/// Everything that a resource waits for.
struct Waiting<'a> {
    graph: &'a Graph,
    waits: Waits,
    seen: HashSet<(Vec<Arc<str>>, Node)>,
    todo: Vec<(Vec<Arc<str>>, Node)>,
}

/// A place in the graph, in a module.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Node {
    Resource(Resource),
    Variable(Arc<str>),
    Output(Arc<str>),
    /// All that is in the module, and in the modules that it calls.
    Everything,
}

impl Waiting<'_> {
    fn push(&mut self, module: &[Arc<str>], node: Node) {
        let node = (module.to_vec(), node);
        if self.seen.insert(node.clone()) {
            self.todo.push(node);
        }
    }

    fn run(mut self) -> Waits {
        while let Some((module, node)) = self.todo.pop() {
            self.visit(&module, node);
        }
        self.waits
    }

    fn visit(&mut self, path: &[Arc<str>], node: Node) {
        let graph = self.graph;
        let Some(module) = graph.root.at(path.iter().map(|name| &**name)) else {
            self.waits.incomplete = true;
            return;
        };
        match node {
            Node::Resource(resource) => {
                self.around(path);
                let Some(block) = module.resources.get(&resource) else {
                    self.waits.incomplete = true;
                    return;
                };
                self.references(path, graph.everything(block.expressions));
                self.references(path, graph.everything(block.repetition));
                self.references(path, block.depends_on.clone());
            }
            Node::Variable(name) => {
                let Some((call, caller)) = path.split_last() else {
                    return;
                };
                let caller_module = graph.root.at(caller.iter().map(|name| &**name));
                let call = caller_module.and_then(|module| module.calls.get(call));
                let argument = call.and_then(|call| call.expressions.get(&name));
                self.references(caller, graph.everything(argument.copied()));
                self.references(
                    caller,
                    graph.everything(call.and_then(|call| call.repetition)),
                );
            }
            Node::Output(name) => {
                self.around(path);
                let Some(output) = module.outputs.get(&name) else {
                    self.waits.incomplete = true;
                    return;
                };
                self.references(path, graph.everything(output.expression));
                self.references(path, output.depends_on.clone());
            }
            Node::Everything => {
                for resource in module.resources.keys() {
                    self.resource(path, resource.clone());
                }
                for name in module.calls.keys() {
                    let inner = [path, &[Arc::clone(name)]].concat();
                    self.push(&inner, Node::Everything);
                }
            }
        }
    }

    /// What every object in a module waits for: `depends_on` and the repetition of the calls around it.
    fn around(&mut self, path: &[Arc<str>]) {
        for depth in 0..path.len() {
            let caller = &path[..depth];
            let module = self.graph.root.at(caller.iter().map(|name| &**name));
            let Some(call) = module.and_then(|module| module.calls.get(&path[depth])) else {
                continue;
            };
            self.references(caller, call.depends_on.clone());
            self.references(caller, self.graph.everything(call.repetition));
        }
    }

    fn references(&mut self, path: &[Arc<str>], references: Vec<Reference>) {
        for reference in references {
            let inner = |call: &reference::Call| [path, &[Arc::clone(&call.name)]].concat();
            match reference {
                Reference::Resource(resource, ..) => self.resource(path, resource),
                Reference::Variable(name, _) => self.push(path, Node::Variable(name)),
                Reference::Output(call, name, _) => self.push(&inner(&call), Node::Output(name)),
                Reference::Module(call) => self.push(&inner(&call), Node::Everything),
                // What `for_each` names is among the references of the block or call already.
                Reference::EachKey
                | Reference::EachValue(_)
                | Reference::CountIndex
                | Reference::Surroundings(_) => {}
                Reference::Other(_) => self.waits.incomplete = true,
            }
        }
    }

    fn resource(&mut self, path: &[Arc<str>], resource: Resource) {
        self.waits
            .resources
            .insert((path.to_vec(), resource.clone()));
        self.push(path, Node::Resource(resource));
    }
}

impl Provenance for Graph {
    /// A plan has no spans of the sources.
    fn span(&self, _: &Subject) -> Option<Span> {
        None
    }

    fn because(&self, subject: &Subject) -> Vec<Hop> {
        because::chain(self, subject)
    }

    fn because_of(&self, subject: &Subject, source: &str) -> Vec<Hop> {
        because::chain_from(self, subject, source)
    }

    fn origins(&self, subject: &Subject) -> Vec<Origin> {
        let mut walk = Walk::new(self, Through::Modules);
        match subject {
            Subject::Text(_) | Subject::Local(..) | Subject::Provider(..) | Subject::Calls(_) => {}
            Subject::ModuleOutput(module, name) => {
                walk.output(module, name, &AttributePath::default());
            }
            Subject::Attribute(address, path) => walk.attribute(address, path),
            Subject::Variable(module, name) => walk.variable(module, name),
            Subject::Output(name) => {
                walk.output(&ModuleInstance::root(), name, &AttributePath::default());
            }
            Subject::Expansion(address) => {
                let repetition = self
                    .block(&address.module, &address.resource)
                    .and_then(|block| block.repetition);
                if let Some(slice) = repetition {
                    let scope = Scope {
                        module: address.module.clone(),
                        repetition: None,
                    };
                    walk.enter(&scope, slice, &AttributePath::default());
                    walk.finish();
                }
            }
        }
        walk.origins.into_iter().collect()
    }

    fn waits_for(&self, address: &ResourceAddress) -> Waits {
        let path: Vec<Arc<str>> = address
            .module
            .0
            .iter()
            .map(|step| Arc::clone(&step.name))
            .collect();
        let mut waiting = Waiting {
            graph: self,
            waits: Waits {
                without_conditions: true,
                ..Waits::default()
            },
            seen: HashSet::new(),
            todo: Vec::new(),
        };
        waiting.push(&path, Node::Resource(address.resource.clone()));
        waiting.run()
    }

    fn provider_arguments(&self) -> Vec<ProviderArgument> {
        self.given_to_providers()
    }

    fn sensitive_defaults(&self) -> Vec<(Subject, Value)> {
        self.defaults()
    }
}
