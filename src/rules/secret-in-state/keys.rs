//! Keys of instances: plan and state keep them, and every address shows them.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::found::What;
use super::report;
use crate::address::{InstanceKey, ModuleInstance, ResourceMode};
use crate::plan::Subject;
use crate::rule::{Context, Findings};
use crate::rules::secret_source::{self, Known};
use crate::secret::{gravest, tells};
use crate::value::Marks;

/// Reports the instances of resources and module calls that have a secret as their key.
pub(super) fn check(cx: &Context<'_>, findings: &mut Findings) {
    let known = Known::of_variables(cx.plan);
    let mut seen = BTreeSet::new();
    for resource in cx.plan.resources() {
        let address = &resource.address;
        if address.resource.mode == ResourceMode::Ephemeral || !resource.remains() {
            continue;
        }
        for length in 1..=address.module.0.len() {
            let steps = &address.module.0[..length];
            let Some(what) = what(cx, &known, steps[length - 1].key.as_ref()) else {
                continue;
            };
            let call = ModuleInstance(steps.into());
            if seen.insert(call.clone()) {
                let keeps = "the state keeps the key of this instance of the module";
                report(findings, Subject::Calls(call), keeps, &what);
            }
        }
        if let Some(what) = what(cx, &known, address.key.as_ref()) {
            let place = Subject::Expansion(Arc::clone(address));
            report(
                findings,
                place,
                "the state keeps this instance's key",
                &what,
            );
        }
    }
}

fn what(cx: &Context<'_>, known: &Known, key: Option<&InstanceKey>) -> Option<What> {
    let Some(InstanceKey::Key(key)) = key else {
        return None;
    };
    if let Some(source) = known.within(key).filter(|_| tells(key)) {
        let sources = secret_source::named(cx, &Marks::secret(source));
        if !sources.is_empty() {
            return Some(What::From(sources));
        }
    }
    let (gravity, kind) = gravest(key)?;
    Some(What::Credential(kind, gravity))
}
