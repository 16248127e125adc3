//! What sends requests to a target group: without any of it, Elastic Load Balancing takes the group for unused.

use super::argument::Link;
use super::model::{Action, Does, Model};
use crate::plan::ResourceInstance;
use crate::value::Causes;

/// What sends requests to a target group.
#[derive(Debug, Default)]
pub struct Senders<'a> {
    /// Listeners and rules that forward to it, and the listeners of those rules.
    pub known: Vec<&'a ResourceInstance>,
    /// There may be more: what some listener or rule forwards to is not known.
    pub open: bool,
}

impl<'a> Model<'a> {
    /// What sends requests to a target group.
    pub fn senders(&self, group: usize) -> Senders<'a> {
        let mut senders = Senders::default();
        for listener in &self.listeners {
            match forwards(&listener.actions, group) {
                Forwards::There => senders.known.push(listener.instance),
                Forwards::Elsewhere => {}
                Forwards::Open => senders.open = true,
            }
        }
        for rule in &self.rules {
            match forwards(&rule.actions, group) {
                Forwards::There => {
                    senders.known.push(rule.instance);
                    match rule.listener {
                        Link::To(at) => senders.known.push(self.listeners[at].instance),
                        Link::Outside(_) => {}
                        Link::Open(_) => senders.open = true,
                    }
                }
                Forwards::Elsewhere => {}
                Forwards::Open => senders.open = true,
            }
        }
        senders
    }
}

enum Forwards {
    There,
    Elsewhere,
    Open,
}

fn forwards(actions: &Result<Vec<Action>, Causes>, group: usize) -> Forwards {
    let Ok(actions) = actions else {
        return Forwards::Open;
    };
    let links = actions.iter().flat_map(|action| match &action.does {
        Does::Forward(targets) => targets.iter().map(|target| &target.group).collect(),
        _ => Vec::new(),
    });
    let links: Vec<&Link> = links.collect();
    if links.contains(&&Link::To(group)) {
        Forwards::There
    } else if links.iter().any(|link| matches!(link, Link::Open(_)))
        || actions
            .iter()
            .any(|action| matches!(action.does, Does::Open(_)))
    {
        Forwards::Open
    } else {
        Forwards::Elsewhere
    }
}
