//! The chain from an input to a subject, and what a subject derives from. Walked backwards through the configuration,
//! with values at hand to choose the way: towards the secret, towards what is unknown, or else towards an input.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use super::fetched;
use super::links::{self, Followed, Straight, links, straight};
use super::locate::passes_on;
use super::node::{Definition, Node, What};
use crate::address::{AttributePath, ResourceAddress};
use crate::eval::Evaluation;
use crate::plan::{Hop, Origin, Subject};
use crate::syntax::ExprKind;
use crate::value::{Value, display};

/// A chain has at most this many hops; what is left out lies between the first ones and the last.
const MOST_HOPS: usize = 5;

/// What the chain looks for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Goal {
    Secret,
    Unknown,
    Input,
}

impl Goal {
    fn of(value: &Value) -> Self {
        if value.marks_deep().has_source() {
            Goal::Secret
        } else if !value.is_known() {
            Goal::Unknown
        } else {
            Goal::Input
        }
    }

    fn is_met_by(self, value: &Value) -> bool {
        match self {
            Goal::Secret => value.marks_deep().has_source(),
            Goal::Unknown => !value.is_wholly_known(),
            Goal::Input => true,
        }
    }
}

pub(super) fn chain(evaluation: &Arc<Evaluation>, subject: &Subject) -> Vec<Hop> {
    let Some(start) = Node::of(evaluation, subject) else {
        return Vec::new();
    };
    let mut hops = back(evaluation, start);
    hops.reverse();
    if hops.len() > MOST_HOPS {
        hops.drain(2..hops.len() - (MOST_HOPS - 2));
    }
    hops
}

/// The far ends of the graph behind a subject. Resources are ends, whatever stands behind them.
pub(super) fn origins(evaluation: &Arc<Evaluation>, subject: &Subject) -> Vec<Origin> {
    let Some(start) = Node::of(evaluation, subject) else {
        return match subject {
            Subject::Variable(..) => Vec::new(),
            other => vec![Origin::Lost(other.to_string().into())],
        };
    };
    let mut found = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut queue = VecDeque::from([start]);
    while let Some(node) = queue.pop_front() {
        if !seen.insert(node.name()) {
            continue;
        }
        if let (What::Variable(_, name), true) = (&node.what, node.is_root_variable()) {
            found.insert(Origin::Variable(Arc::clone(name)));
            continue;
        }
        let definition = node.definition(evaluation);
        let Some(definition) = definition.filter(|definition| definition.expr.is_some()) else {
            found.insert(Origin::Lost(node.name().into()));
            continue;
        };
        let all = links(evaluation, &definition);
        if all.is_empty() {
            found.insert(Origin::Literal);
        }
        for link in all {
            match link.to {
                Followed::Node(next) => match end(&next) {
                    Some(origin) => _ = found.insert(origin),
                    None => queue.push_back(next),
                },
                Followed::Lost(name) => _ = found.insert(Origin::Lost(name.into())),
            }
        }
    }
    found.into_iter().collect()
}

/// A resource that is referred to.
fn end(node: &Node) -> Option<Origin> {
    let (address, path) = match &node.what {
        What::Resource(_, address) => (address, node.path.first()),
        What::Expansion(_, address) => (address, None),
        _ => return None,
    };
    let path = AttributePath(path.into_iter().cloned().collect());
    Some(Origin::Attribute(ResourceAddress::clone(address), path))
}

/// The hops from a node back to where its value comes from, the node first.
pub(super) fn back(evaluation: &Arc<Evaluation>, start: Node) -> Vec<Hop> {
    let mut hops = Vec::new();
    let mut seen = BTreeSet::new();
    let mut node = start;
    loop {
        if !seen.insert(node.name()) {
            return hops;
        }
        let Some(definition) = node.definition(evaluation) else {
            return hops;
        };
        let value = node.value(evaluation, &definition);
        hops.push(Hop {
            text: text(evaluation, &node, value.as_ref()),
            span: Some(definition.span),
        });
        // A path may lead on into text, as those in JSON do: then the whole text tells.
        let told = value.clone().or_else(|| definition.whole(evaluation));
        let goal = told.as_ref().map_or(Goal::Input, Goal::of);
        let truth = value.as_ref().and_then(truth);
        let next = match straight(evaluation, &definition) {
            Some(Straight::To(next, _)) => Some(next),
            _ if goal == Goal::Input && is_composed(&definition) => None,
            _ => choose(evaluation, &behind(evaluation, &definition), goal, truth),
        };
        let next = next.or_else(|| around(evaluation, &node, &definition));
        let Some(next) = next else {
            return hops;
        };
        if end(&next).is_some() {
            hops.push(Hop {
                text: next.name(),
                span: next.definition(evaluation).map(|place| place.span),
            });
            return hops;
        }
        node = next;
    }
}

/// What puts there what is written out: the `dynamic` block that it is in. In a module that was fetched, whose text nobody
/// changes, also the `count` or `for_each` of its resource.
fn around(evaluation: &Arc<Evaluation>, node: &Node, definition: &Definition) -> Option<Node> {
    if is_composed(definition) || !behind(evaluation, definition).is_empty() {
        return None;
    }
    if let Some(node) = links::block_around(definition) {
        return Some(node);
    }
    match &node.what {
        What::Resource(module, address)
            if fetched::is_fetched(module) && definition.repeated_by.is_some() =>
        {
            Some(Node::whole(What::Expansion(
                Arc::clone(module),
                Arc::clone(address),
            )))
        }
        _ => None,
    }
}

/// Whether it is put together here, of parts that do not explain the whole.
fn is_composed(definition: &Definition) -> bool {
    let mut expr = definition
        .expr
        .as_ref()
        .filter(|_| definition.rest.is_empty());
    while let Some(inner) = expr {
        expr = match &inner.kind {
            ExprKind::Object(_) | ExprKind::Tuple(_) | ExprKind::For(_) => return true,
            ExprKind::Parens(inner) => Some(inner),
            ExprKind::Call(call) => match &*call.name.name {
                "merge" | "concat" | "flatten" | "setunion" => return true,
                name if passes_on(name) => call.arguments.first(),
                _ => None,
            },
            _ => None,
        };
    }
    false
}

fn behind(evaluation: &Arc<Evaluation>, definition: &Definition) -> Vec<Node> {
    let nodes = links(evaluation, definition).into_iter();
    let nodes = nodes.filter_map(|link| match link.to {
        Followed::Node(node) => Some(node),
        Followed::Lost(_) => None,
    });
    nodes.collect()
}

/// Which reference explains a value: one that leads to the goal; a variable before anything else.
fn choose(
    evaluation: &Arc<Evaluation>,
    nodes: &[Node],
    goal: Goal,
    decided: Option<bool>,
) -> Option<Node> {
    let value = |node: &Node| node.value(evaluation, &node.definition(evaluation)?);
    // Of `a && b` the one explains it that is false as well.
    let agrees = |node: &&Node| {
        value(node).is_some_and(|value| decided.is_some() && value.as_bool() == decided)
    };
    let leads = |node: &&Node| value(node).is_none_or(|value| goal.is_met_by(&value));
    let rank = |node: &&Node| match node.what {
        What::Repeated(_) => 3,
        What::Resource(..) | What::Expansion(..) => 2,
        What::Output(..) | What::Calls(..) | What::Provider(..) => 1,
        What::Variable(..) | What::Local(..) => 0,
    };
    let first = match goal {
        Goal::Input => nodes.iter().find(agrees),
        Goal::Secret | Goal::Unknown => nodes.iter().find(leads),
    };
    first.or_else(|| nodes.iter().min_by_key(rank)).cloned()
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

fn text(evaluation: &Evaluation, node: &Node, value: Option<&Value>) -> String {
    let mut text = node.name();
    if let Some(value) = value {
        text = format!("{text} = {}", display::short(value));
    }
    if node.is_by_plan(evaluation) {
        text.push_str(", given when the plan was made");
    }
    text
}
