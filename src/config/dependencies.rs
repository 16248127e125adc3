//! What waits for what: every resource that a block, its module, or what it refers to, refers to or depends on.
//!
//! Terraform orders by blocks, not by instances, and by both arms of a conditional: so does this.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use super::references::{Reference, Target, references, references_of_body};
use super::{Condition, Config, Import};
use crate::address::{Resource, ResourceMode};
use crate::syntax::{Expr, ExprKind};

/// A block of the configuration, by the names of the calls that lead to its module.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Node {
    Resource(Vec<Arc<str>>, Resource),
    Variable(Vec<Arc<str>>, Arc<str>),
    Local(Vec<Arc<str>>, Arc<str>),
    Output(Vec<Arc<str>>, Arc<str>),
    /// Everything in a module.
    Module(Vec<Arc<str>>),
    /// The `count`, `for_each` and `depends_on` of a call.
    Call(Vec<Arc<str>>),
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let within = |path: &[Arc<str>]| -> String {
            path.iter().map(|call| format!("module.{call}.")).collect()
        };
        match self {
            Self::Resource(path, resource) => write!(f, "{}{resource}", within(path)),
            Self::Variable(path, name) => write!(f, "{}var.{name}", within(path)),
            Self::Local(path, name) => write!(f, "{}local.{name}", within(path)),
            Self::Output(path, name) if path.is_empty() => write!(f, "output.{name}"),
            Self::Output(path, name) => write!(f, "{}{name}", within(path)),
            Self::Module(path) | Self::Call(path) => {
                f.write_str(within(path).trim_end_matches('.'))
            }
        }
    }
}

/// Resources, by module path without keys.
#[derive(Clone, Debug, Default)]
pub struct Dependencies {
    /// The resources.
    pub resources: BTreeSet<(Vec<Arc<str>>, Resource)>,
    /// Whether there may be more than that: part of the graph could not be followed.
    pub incomplete: bool,
}

impl Config {
    /// What a resource of the module at a path waits for: by references and by `depends_on`, through modules and outputs.
    /// This is the root.
    pub fn dependencies(&self, path: &[Arc<str>], resource: &Resource) -> Dependencies {
        let start = Node::Resource(path.to_vec(), resource.clone());
        let mut graph = Graph::new(self);
        graph.queue.push(start.clone());
        let mut all = graph.finish();
        all.resources.remove(&(path.to_vec(), resource.clone()));
        all
    }

    /// The same for what an expression in the module at a path refers to; resources that it names are among them.
    pub fn dependencies_of(&self, path: &[Arc<str>], expr: &Expr) -> Dependencies {
        let mut graph = Graph::new(self);
        graph.references(path, references(expr, &|_| None));
        graph.finish()
    }
}

pub(super) struct Graph<'a> {
    root: &'a Config,
    seen: BTreeSet<Node>,
    queue: Vec<Node>,
    incomplete: bool,
}

impl<'a> Graph<'a> {
    pub(super) fn new(root: &'a Config) -> Self {
        Self {
            root,
            seen: BTreeSet::new(),
            queue: Vec::new(),
            incomplete: false,
        }
    }

    fn finish(mut self) -> Dependencies {
        let mut resources = BTreeSet::new();
        while let Some(node) = self.queue.pop() {
            if !self.seen.insert(node.clone()) {
                continue;
            }
            if let Node::Resource(path, resource) = &node {
                resources.insert((path.clone(), resource.clone()));
            }
            self.follow(&node);
        }
        Dependencies {
            resources,
            incomplete: self.incomplete,
        }
    }

    /// What a block waits for directly.
    pub(super) fn next(&mut self, node: &Node) -> Vec<Node> {
        self.follow(node);
        std::mem::take(&mut self.queue)
    }

    fn follow(&mut self, node: &Node) {
        match node {
            Node::Resource(path, resource) => self.resource(path, resource),
            Node::Variable(path, name) => self.variable(path, name),
            Node::Local(path, name) => {
                if let Some(local) = self
                    .config(path)
                    .and_then(|config| config.module.locals.get(name))
                {
                    self.expr(path, &local.expr);
                }
            }
            Node::Output(path, name) => {
                if let Some(output) = self
                    .config(path)
                    .and_then(|config| config.module.outputs.get(name))
                {
                    for expr in output
                        .value
                        .iter()
                        .map(|value| &value.expr)
                        .chain(&output.depends_on)
                        .chain(exprs_of(&output.preconditions))
                    {
                        self.expr(path, expr);
                    }
                }
                self.queue.push(Node::Call(path.clone()));
            }
            Node::Module(path) => self.module(path),
            Node::Call(path) => self.call(path),
        }
    }

    fn resource(&mut self, path: &[Arc<str>], address: &Resource) {
        let Some(block) = self
            .config(path)
            .and_then(|config| config.module.resources.get(address))
        else {
            return;
        };
        let repetition = block
            .repetition
            .attribute()
            .map(|attribute| &attribute.expr);
        let lifecycle = &block.lifecycle;
        for expr in repetition
            .into_iter()
            .chain(&block.depends_on)
            .chain(&lifecycle.replace_triggered_by)
            .chain(exprs_of(&lifecycle.preconditions))
            .chain(exprs_of(&lifecycle.postconditions))
        {
            self.expr(path, expr);
        }
        self.references(path, references_of_body(&block.body));
        for provisioner in &block.provisioners {
            self.references(path, references_of_body(&provisioner.body));
        }
        let imports = self.root.module.imports.iter();
        for import in imports.filter(|import| imports_into(import, path, address)) {
            let for_each = import.for_each.as_ref().map(|attribute| &attribute.expr);
            for expr in import.id.iter().chain(for_each) {
                self.expr(&[], expr);
            }
        }
        self.queue.push(Node::Call(path.to_vec()));
    }

    /// What is in a module waits for what its call, and the calls around that, depend on.
    fn call(&mut self, path: &[Arc<str>]) {
        let Some((name, parent)) = path.split_last() else {
            return;
        };
        if let Some(call) = self
            .config(parent)
            .and_then(|config| config.module.calls.get(name))
        {
            let repetition = call.repetition.attribute().map(|attribute| &attribute.expr);
            for expr in repetition.into_iter().chain(&call.depends_on) {
                self.expr(parent, expr);
            }
        }
        self.queue.push(Node::Call(parent.to_vec()));
    }

    fn variable(&mut self, path: &[Arc<str>], name: &str) {
        let declared = self
            .config(path)
            .and_then(|config| config.module.variables.get(name));
        for expr in declared
            .into_iter()
            .flat_map(|declared| exprs_of(&declared.validations))
        {
            self.expr(path, expr);
        }
        let Some((call, parent)) = path.split_last() else {
            return;
        };
        let call = self
            .config(parent)
            .and_then(|config| config.module.calls.get(call));
        if let Some(argument) = call.and_then(|call| call.arguments.attribute(name)) {
            self.expr(parent, &argument.expr);
        }
    }

    fn module(&mut self, path: &[Arc<str>]) {
        let Some(config) = self.config(path) else {
            return;
        };
        self.queue.extend(
            config
                .module
                .resources
                .keys()
                .map(|one| Node::Resource(path.to_vec(), one.clone())),
        );
        self.queue.extend(
            config
                .module
                .calls
                .keys()
                .map(|one| Node::Module(child(path, one))),
        );
        let outputs = config.module.outputs.keys();
        self.queue
            .extend(outputs.map(|one| Node::Output(path.to_vec(), Arc::clone(one))));
        let variables = config.module.variables.keys();
        self.queue
            .extend(variables.map(|one| Node::Variable(path.to_vec(), Arc::clone(one))));
        let locals = config.module.locals.keys();
        self.queue
            .extend(locals.map(|one| Node::Local(path.to_vec(), Arc::clone(one))));
    }

    fn expr(&mut self, path: &[Arc<str>], expr: &'a Expr) {
        self.references(path, references(expr, &|_| None));
    }

    fn references(&mut self, path: &[Arc<str>], found: Vec<Reference<'_>>) {
        for reference in found {
            match reference.target {
                Target::Variable(name) => self.queue.push(Node::Variable(path.to_vec(), name)),
                Target::Local(name) => self.queue.push(Node::Local(path.to_vec(), name)),
                Target::Resource(resource, _) => {
                    // The iterator of a `dynamic` block looks like a resource that nothing declares.
                    let declares =
                        |config: &Config| config.module.resources.contains_key(&resource);
                    if self.config(path).is_some_and(declares) {
                        self.queue.push(Node::Resource(path.to_vec(), resource));
                    }
                }
                Target::Module(call, output) => {
                    let path = child(path, &call);
                    if self.config(&path).is_none() {
                        self.incomplete = true;
                    }
                    self.queue
                        .push(match output.filter(|_| names_its_output(reference.expr)) {
                            Some(output) => Node::Output(path, output),
                            None => Node::Module(path),
                        });
                }
                Target::Repetition => {}
            }
        }
    }

    fn config(&self, path: &[Arc<str>]) -> Option<&'a Config> {
        self.root.descendant(path)
    }
}

/// Whether an `import` block is about a resource, whatever the keys of its instances are.
fn imports_into(import: &Import, path: &[Arc<str>], resource: &Resource) -> bool {
    let mut expected: Vec<&str> = path.iter().flat_map(|call| ["module", call]).collect();
    expected.extend([&*resource.kind, &*resource.name]);
    let steps = import.to.spine().filter_map(|step| match &step.kind {
        ExprKind::Variable(name) => Some(&**name),
        ExprKind::Attr { name, .. } => Some(&*name.name),
        _ => None,
    });
    let is_managed = resource.mode == ResourceMode::Managed;
    is_managed && steps.eq(expected.into_iter().rev())
}

/// What conditions and their messages refer to is waited for, too.
fn exprs_of(conditions: &[Condition]) -> impl Iterator<Item = &Expr> {
    conditions
        .iter()
        .flat_map(|one| [Some(&one.condition), one.error_message.as_ref()])
        .flatten()
}

/// Whether a reference to a module names one output of it. Terraform reads names only up to a splat or a key that is no
/// constant: `module.x[each.key].arn` and `module.x[*].arn` wait for all that is in the module.
fn names_its_output(reference: &Expr) -> bool {
    let mut names = 0;
    let mut at = reference;
    loop {
        at = match &at.kind {
            ExprKind::Attr { source, .. } => {
                names += 1;
                source
            }
            ExprKind::Index { source, key } => {
                if !matches!(key.kind, ExprKind::String(_) | ExprKind::Number(_)) {
                    names = 0;
                }
                source
            }
            _ => return names > 1,
        };
    }
}

fn child(path: &[Arc<str>], name: &Arc<str>) -> Vec<Arc<str>> {
    path.iter().cloned().chain([Arc::clone(name)]).collect()
}
