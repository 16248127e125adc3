//! The reference graph: what a value derives from, what a resource waits for, and the chain or tree that explains it.
//!
//! Here from sources; a plan's own configuration answers the same questions in [`crate::plan`].

mod because;
mod fetched;
mod lifecycle;
mod links;
mod locate;
mod node;
mod providers;
mod provisioners;
mod trace;
mod waits;
mod written;

use std::collections::BTreeSet;
use std::sync::Arc;

pub use crate::config::{Reference, Target, references};

use crate::address::{AttributePath, ResourceAddress};
use crate::eval::Evaluation;
use crate::plan::{
    Fault, Handed, Hop, Origin, Plan, Provenance, ProviderArgument, Subject, Trace, Waits,
};
use crate::source::Span;
use crate::value::Value;

/// Answers from an evaluated configuration.
#[derive(Debug)]
pub struct SourceProvenance {
    evaluation: Arc<Evaluation>,
}

impl SourceProvenance {
    /// Answers for what this evaluation planned.
    pub fn new(evaluation: Arc<Evaluation>) -> Self {
        Self { evaluation }
    }
}

/// Evaluates a configuration into a plan that can tell where its values come from.
pub fn plan(evaluation: &Arc<Evaluation>) -> Plan {
    let mut plan = evaluation.plan();
    plan.provenance = Box::new(SourceProvenance::new(Arc::clone(evaluation)));
    plan
}

/// Evaluates a configuration into a plan that is shown. What an attribute takes for a password is a secret from its
/// variable on, though nobody declared it sensitive: so nothing that is made from it is shown.
pub fn shown(evaluate: impl Fn(BTreeSet<Arc<str>>) -> Arc<Evaluation>) -> (Arc<Evaluation>, Plan) {
    let evaluation = evaluate(BTreeSet::new());
    let first = plan(&evaluation);
    let undeclared = first.secret_variables();
    if undeclared.is_empty() {
        return (evaluation, first);
    }
    let evaluation = evaluate(undeclared);
    let plan = plan(&evaluation);
    (evaluation, plan)
}

impl Provenance for SourceProvenance {
    fn span(&self, subject: &Subject) -> Option<Span> {
        locate::span(&self.evaluation, subject)
    }

    fn written(&self, subject: &Subject, fault: Fault) -> Option<Span> {
        written::place(&self.evaluation, subject, fault)
    }

    fn fetched_by(&self, subject: &Subject, fault: Fault) -> Option<Arc<str>> {
        written::fetched_by(&self.evaluation, subject, fault)
    }

    fn because(&self, subject: &Subject) -> Vec<Hop> {
        because::chain(&self.evaluation, subject)
    }

    fn origins(&self, subject: &Subject) -> Vec<Origin> {
        because::origins(&self.evaluation, subject)
    }

    fn waits_for(&self, address: &ResourceAddress) -> Waits {
        waits::of(self.evaluation.root(), address)
    }

    fn prevents_destroy(&self, address: &ResourceAddress) -> Option<bool> {
        lifecycle::prevents_destroy(&self.evaluation, address)
    }

    fn ignores(&self, address: &ResourceAddress, attribute: &str) -> Option<bool> {
        lifecycle::ignores(&self.evaluation, address, attribute)
    }

    fn replaced_with(&self, address: &ResourceAddress) -> Vec<String> {
        lifecycle::replaced_with(&self.evaluation, address)
    }

    fn import(&self, address: &ResourceAddress) -> Option<Span> {
        lifecycle::import(&self.evaluation, address)
    }

    fn trace(&self, subject: &Subject, path: &AttributePath) -> Option<Trace> {
        trace::of(&self.evaluation, subject, path)
    }

    fn locals(&self) -> Vec<(Arc<str>, Value)> {
        trace::locals(&self.evaluation)
    }

    fn provider_arguments(&self) -> Vec<ProviderArgument> {
        providers::arguments(&self.evaluation)
    }

    fn handed(&self) -> Vec<Handed> {
        provisioners::handed(&self.evaluation)
    }

    fn declared(&self) -> Vec<Subject> {
        trace::declared(&self.evaluation)
    }
}
