//! The chain from an input to a subject, as far as the configuration of a plan tells it.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use super::Reference;
use super::expression::Expression;
use super::graph::{Graph, Scope};
use crate::address::{AttributePath, ModuleInstance, ResourceAddress};
use crate::plan::{Hop, Subject};

/// A chain is shown this far.
const MOST_HOPS: usize = 5;

/// The chain as far as each expression names one thing only: of several, nothing tells which gave the value.
pub(super) fn chain(graph: &Graph, subject: &Subject) -> Vec<Hop> {
    let mut hops = Vec::new();
    let mut next = Some(subject.clone());
    while let Some(subject) = next.take() {
        let references = graph.references(&subject);
        let [(scope, reference)] = references.as_slice() else {
            break;
        };
        if hops.len() == MOST_HOPS {
            break;
        }
        let behind = named(scope, reference);
        hops.push(hop(&subject, &behind));
        next = behind.subject;
    }
    hops.reverse();
    hops
}

/// The chain from a source, by the shortest way; as [`chain`] where there is none.
pub(super) fn chain_from(graph: &Graph, subject: &Subject, source: &str) -> Vec<Hop> {
    let found = Search::new(subject.clone()).run(graph, source);
    found.unwrap_or_else(|| chain(graph, subject))
}

/// What stands behind an arrow of a because chain.
struct Named {
    text: String,
    subject: Option<Subject>,
}

fn named(scope: &Scope, reference: &Reference) -> Named {
    let subject = match reference {
        Reference::Resource(resource, key, path) => {
            let address = ResourceAddress {
                module: scope.module.clone(),
                resource: resource.clone(),
                key: key.clone(),
            };
            Subject::Attribute(Arc::new(address), path.clone())
        }
        Reference::Variable(name, _) => Subject::Variable(scope.module.clone(), Arc::clone(name)),
        Reference::Output(call, name, _) => {
            let module = scope.module.child(&call.name, call.key.clone());
            return Named {
                text: format!("{module}.{name}"),
                subject: Some(Subject::ModuleOutput(module, name.clone())),
            };
        }
        Reference::Module(call) => {
            let module = scope.module.child(&call.name, call.key.clone());
            return Named {
                text: module.to_string(),
                subject: None,
            };
        }
        Reference::EachKey => return plain_name("each.key"),
        Reference::EachValue(_) => return plain_name("each.value"),
        Reference::CountIndex => return plain_name("count.index"),
        Reference::Surroundings(text) | Reference::Other(text) => return plain_name(text),
    };
    Named {
        text: subject.to_string(),
        subject: Some(subject),
    }
}

fn plain_name(text: &str) -> Named {
    Named {
        text: text.to_owned(),
        subject: None,
    }
}

fn hop(subject: &Subject, behind: &Named) -> Hop {
    Hop {
        text: format!("{subject} ← {}", behind.text),
        span: None,
    }
}

/// Looks for the shortest way from a subject back to what it comes from.
struct Search {
    /// What was reached, each with the hops to it.
    reached: VecDeque<(Subject, Vec<Hop>)>,
    seen: HashSet<String>,
}

impl Search {
    fn new(start: Subject) -> Self {
        Self {
            seen: HashSet::from([start.to_string()]),
            reached: VecDeque::from([(start, Vec::new())]),
        }
    }

    /// The hops from the source to the subject.
    fn run(mut self, graph: &Graph, source: &str) -> Option<Vec<Hop>> {
        while let Some((subject, hops)) = self.reached.pop_front() {
            for (scope, reference) in graph.references(&subject) {
                let behind = named(&scope, &reference);
                if !self.seen.insert(behind.text.clone()) {
                    continue;
                }
                let mut hops = hops.clone();
                hops.push(hop(&subject, &behind));
                if behind.text == source {
                    hops.truncate(MOST_HOPS);
                    hops.reverse();
                    return Some(hops);
                }
                if let Some(next) = behind.subject {
                    self.reached.push_back((next, hops));
                }
            }
        }
        None
    }
}

impl Graph {
    /// What a subject's expression names, each with the place that it is named in.
    fn references(&self, subject: &Subject) -> Vec<(Scope, Reference)> {
        let found = self.expression_of(subject);
        let named = found.into_iter().flat_map(|(scope, expression)| {
            let references = expression.references.into_iter();
            references.map(move |reference| (scope.clone(), reference))
        });
        named.collect()
    }

    fn expression_of(&self, subject: &Subject) -> Option<(Scope, Expression)> {
        let whole = AttributePath::default();
        match subject {
            Subject::Text(_) | Subject::Local(..) | Subject::Provider(..) | Subject::Calls(_) => {
                None
            }
            Subject::ModuleOutput(module, name) => self.expression_of_output(module, name),
            Subject::Output(name) => self.expression_of_output(&ModuleInstance::root(), name),
            Subject::Attribute(address, path) => {
                let block = self.block(&address.module, &address.resource)?;
                let scope = Scope {
                    module: address.module.clone(),
                    repetition: block.repetition,
                };
                Some((scope, self.expression(block.expressions?, path)?))
            }
            Subject::Expansion(address) => {
                let block = self.block(&address.module, &address.resource)?;
                let scope = Scope {
                    module: address.module.clone(),
                    repetition: None,
                };
                Some((scope, self.expression(block.repetition?, &whole)?))
            }
            Subject::Variable(module, name) => {
                let call = self.call(module)?;
                let slice = call.expressions.get(name)?;
                let scope = Scope {
                    module: module.parent()?,
                    repetition: call.repetition,
                };
                Some((scope, self.expression(*slice, &whole)?))
            }
        }
    }

    fn expression_of_output(
        &self,
        module: &ModuleInstance,
        name: &str,
    ) -> Option<(Scope, Expression)> {
        let output = self.root.at(module.path())?.outputs.get(name)?;
        let scope = Scope {
            module: module.clone(),
            repetition: None,
        };
        let expression = self.expression(output.expression?, &AttributePath::default())?;
        Some((scope, expression))
    }
}
