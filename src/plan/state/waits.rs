//! What the objects of a state depend on: Terraform stores it with each of them, so as to destroy them in order.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::address::{Resource, ResourceAddress};
use crate::plan::{Hop, Origin, Provenance, Subject, Waits};
use crate::source::Span;

/// A resource block: its module's path without keys, and the resource.
type Block = (Vec<Arc<str>>, Resource);

/// The dependencies of a state.
#[derive(Debug, Default)]
pub struct Dependencies {
    blocks: HashMap<Block, Found>,
}

#[derive(Debug, Default)]
struct Found {
    on: BTreeSet<Block>,
    incomplete: bool,
}

impl Dependencies {
    /// Notes that an object depends on what is named: a resource, or (in old states) a module.
    pub fn add(&mut self, address: &ResourceAddress, name: &str) {
        let found = self.blocks.entry(block(address)).or_default();
        match name.parse::<ResourceAddress>() {
            Ok(on) => {
                found.on.insert(block(&on));
            }
            Err(_) => found.incomplete = true,
        }
    }
}

fn block(address: &ResourceAddress) -> Block {
    let path = address.module.0.iter().map(|step| Arc::clone(&step.name));
    (path.collect(), address.resource.clone())
}

impl Provenance for Dependencies {
    fn span(&self, _: &Subject) -> Option<Span> {
        None
    }

    fn because(&self, _: &Subject) -> Vec<Hop> {
        Vec::new()
    }

    fn origins(&self, subject: &Subject) -> Vec<Origin> {
        vec![Origin::Lost(subject.to_string().into())]
    }

    fn waits_for(&self, address: &ResourceAddress) -> Waits {
        let mut waits = Waits::default();
        let mut todo = vec![block(address)];
        while let Some(next) = todo.pop() {
            let Some(found) = self.blocks.get(&next) else {
                continue;
            };
            waits.incomplete |= found.incomplete;
            for on in &found.on {
                if waits.resources.insert(on.clone()) {
                    todo.push(on.clone());
                }
            }
        }
        waits
    }
}
