//! Cycles of blocks that wait for each other. Terraform puts all blocks in order before it knows a value, and refuses a
//! cycle also where no value goes round in it: one through a condition, a trigger, a provisioner or a whole module.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::dependencies::{Graph, Node};
use super::{Child, Config};
use crate::source::Span;

/// Blocks of which each waits for the next, and the last for the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cycle {
    /// Their addresses; a resource comes first where one is among them.
    pub addresses: Vec<String>,
    /// The first one's block.
    pub span: Option<Span>,
}

impl Config {
    /// The cycles in the whole configuration, each block in one of them at most. This is the root.
    pub fn cycles(&self) -> Vec<Cycle> {
        let mut search = Search {
            root: self,
            graph: Graph::new(self),
            met: BTreeMap::new(),
            told: BTreeSet::new(),
            found: Vec::new(),
        };
        search.module(self, &[]);
        search.found
    }
}

/// How far a block has been followed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Met {
    /// It is one of those that led here.
    OnTheWay,
    /// With all that it waits for.
    Done,
}

struct Search<'a> {
    root: &'a Config,
    graph: Graph<'a>,
    met: BTreeMap<Node, Met>,
    told: BTreeSet<Node>,
    found: Vec<Cycle>,
}

impl Search<'_> {
    fn module(&mut self, config: &Config, path: &[Arc<str>]) {
        let module = &config.module;
        let resources = module.resources.keys();
        let resources = resources.map(|one| Node::Resource(path.to_vec(), one.clone()));
        let outputs = module.outputs.keys();
        let outputs = outputs.map(|one| Node::Output(path.to_vec(), Arc::clone(one)));
        for node in resources
            .chain(outputs)
            .chain([Node::Module(path.to_vec())])
        {
            self.follow(node);
        }
        for (name, child) in &config.children {
            if let Child::Read(child) = child {
                self.module(child, &[path, &[Arc::clone(name)]].concat());
            }
        }
    }

    /// Depth first, and not by recursion: chains are as long as the configuration.
    fn follow(&mut self, start: Node) {
        let mut way = Vec::new();
        self.enter(start, &mut way);
        while let Some((node, waiting)) = way.last_mut() {
            let Some(next) = waiting.pop() else {
                self.met.insert(node.clone(), Met::Done);
                way.pop();
                continue;
            };
            // A block that names itself is refused, or not, where it is evaluated.
            if next == *node {
                continue;
            }
            match self.met.get(&next) {
                None => self.enter(next, &mut way),
                Some(Met::OnTheWay) => self.close(&next, &way),
                Some(Met::Done) => {}
            }
        }
    }

    fn enter(&mut self, node: Node, way: &mut Vec<(Node, Vec<Node>)>) {
        if self.met.contains_key(&node) {
            return;
        }
        self.met.insert(node.clone(), Met::OnTheWay);
        let waits_for = self.graph.next(&node);
        way.push((node, waits_for));
    }

    fn close(&mut self, first: &Node, way: &[(Node, Vec<Node>)]) {
        let nodes = way.iter().map(|(node, _)| node);
        let mut cycle: Vec<&Node> = nodes.skip_while(|node| *node != first).collect();
        if cycle.iter().any(|node| self.told.contains(*node)) {
            return;
        }
        self.told.extend(cycle.iter().map(|node| (*node).clone()));
        let resource = |node: &&Node| matches!(node, Node::Resource(..));
        let first = cycle.iter().position(resource).unwrap_or_default();
        cycle.rotate_left(first);
        let mut addresses: Vec<String> = cycle.iter().map(ToString::to_string).collect();
        addresses.dedup();
        let span = cycle.first().and_then(|node| self.span(node));
        self.found.push(Cycle { addresses, span });
    }

    fn span(&self, node: &Node) -> Option<Span> {
        let module = |path: &[Arc<str>]| Some(&self.root.descendant(path)?.module);
        match node {
            Node::Resource(path, address) => Some(module(path)?.resources.get(address)?.span),
            Node::Variable(path, name) => Some(module(path)?.variables.get(name)?.span),
            Node::Local(path, name) => Some(module(path)?.locals.get(name)?.span),
            Node::Output(path, name) => Some(module(path)?.outputs.get(name)?.span),
            Node::Module(path) | Node::Call(path) => {
                let (name, parent) = path.split_last()?;
                Some(module(parent)?.calls.get(name)?.span)
            }
        }
    }
}
