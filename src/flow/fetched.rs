//! Modules that Terraform fetched: nobody changes their text here. What is wrong in one is mended where it is called.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::because;
use super::locate;
use super::node::Node;
use crate::config::Origin;
use crate::eval::{Evaluation, ModuleState};
use crate::plan::Subject;
use crate::source::{SourceId, Span};

/// Whether a module is one of those.
pub(super) fn is_fetched(module: &ModuleState) -> bool {
    module.config.origin == Origin::Fetched
}

/// The text of our own that a subject in such a module comes from: what a call gives for it, or else the call.
pub(super) fn given(
    evaluation: &Arc<Evaluation>,
    subject: &Subject,
    module: &Arc<ModuleState>,
) -> Option<Span> {
    let others = files(evaluation);
    let hops = because::back(evaluation, Node::of(evaluation, subject)?);
    let mut places = hops.iter().filter_map(|hop| hop.span);
    let own = places.find(|span| !others.contains(&span.source));
    own.or_else(|| {
        let (parent, module) = call(module)?;
        Some(module.call_block(&parent)?.span)
    })
}

/// The address of the call of our own by which a module is fetched.
pub(super) fn called(module: &Arc<ModuleState>) -> Option<Arc<str>> {
    let (_, module) = call(module)?;
    Some(module.instance.to_string().into())
}

/// The outermost fetched module around a module, with the module that calls it.
fn call(module: &Arc<ModuleState>) -> Option<(Arc<ModuleState>, Arc<ModuleState>)> {
    let mut inner = Arc::clone(module);
    loop {
        let (parent, ..) = inner.caller()?;
        if !is_fetched(&parent) {
            return Some((parent, inner));
        }
        inner = parent;
    }
}

/// The files of fetched modules.
fn files(evaluation: &Arc<Evaluation>) -> BTreeSet<SourceId> {
    let all = locate::modules(evaluation);
    let of = |fetched: bool| {
        let meant = all.iter().filter(move |one| is_fetched(one) == fetched);
        meant.flat_map(|one| one.config.module.files.iter().copied())
    };
    let own: BTreeSet<SourceId> = of(false).collect();
    of(true).filter(|file| !own.contains(file)).collect()
}
