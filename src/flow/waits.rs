//! What a resource waits for: every resource that it, its module, or what it refers to, refers to or depends on.
//!
//! Terraform orders by blocks, not by instances, and by both arms of a conditional: so does this.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::references::{Reference, Target, references, references_of_body};
use crate::address::{Resource, ResourceAddress};
use crate::config::{Child, Config};
use crate::eval::ModuleState;
use crate::plan::Waits;
use crate::syntax::Expr;

/// A block of the configuration, by the names of the calls that lead to its module.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Node {
    Resource(Vec<Arc<str>>, Resource),
    Variable(Vec<Arc<str>>, Arc<str>),
    Local(Vec<Arc<str>>, Arc<str>),
    Output(Vec<Arc<str>>, Arc<str>),
    /// Everything in a module.
    Module(Vec<Arc<str>>),
    /// The `count`, `for_each` and `depends_on` of a call.
    Call(Vec<Arc<str>>),
}

pub(super) fn of(root: &ModuleState, address: &ResourceAddress) -> Waits {
    let path: Vec<Arc<str>> = address.module.path().map(Into::into).collect();
    let start = Node::Resource(path, address.resource.clone());
    let mut graph = Graph {
        root: &root.config,
        seen: BTreeSet::new(),
        queue: vec![start.clone()],
        incomplete: false,
    };
    let mut resources = BTreeSet::new();
    while let Some(node) = graph.queue.pop() {
        if !graph.seen.insert(node.clone()) {
            continue;
        }
        if let (Node::Resource(path, resource), true) = (&node, node != start) {
            resources.insert((path.clone(), resource.clone()));
        }
        graph.follow(&node);
    }
    Waits {
        resources,
        incomplete: graph.incomplete,
    }
}

struct Graph<'a> {
    root: &'a Config,
    seen: BTreeSet<Node>,
    queue: Vec<Node>,
    incomplete: bool,
}

impl<'a> Graph<'a> {
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
        for expr in repetition
            .into_iter()
            .chain(&block.depends_on)
            .chain(&block.lifecycle.replace_triggered_by)
        {
            self.expr(path, expr);
        }
        self.references(path, references_of_body(&block.body));
        for provisioner in &block.provisioners {
            self.references(path, references_of_body(&provisioner.body));
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
                    self.queue.push(Node::Resource(path.to_vec(), resource));
                }
                Target::Module(call, output) => {
                    let path = child(path, &call);
                    if self.config(&path).is_none() {
                        self.incomplete = true;
                    }
                    self.queue.push(match output {
                        Some(output) => Node::Output(path, output),
                        None => Node::Module(path),
                    });
                }
                Target::Repetition => {}
            }
        }
    }

    fn config(&self, path: &[Arc<str>]) -> Option<&'a Config> {
        path.iter().try_fold(self.root, |config, name| {
            match config.children.get(name)? {
                Child::Read(child) => Some(&**child),
                Child::Unread { .. } => None,
            }
        })
    }
}

fn child(path: &[Arc<str>], name: &Arc<str>) -> Vec<Arc<str>> {
    path.iter().cloned().chain([Arc::clone(name)]).collect()
}
