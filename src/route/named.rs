//! Conditions of a rule about hosts that are given by records (`aws_route53_record.api.fqdn`): nobody but the provider
//! knows these names, and they are told by what the record says.

use super::dns::{Names, Record};
use crate::address::{AttributePath, ResourceAddress};
use crate::plan::{Origin, Plan, ResourceInstance, Subject};
use crate::value::{Cause, Entries, Value};

const HOSTS: &str = "host_header";
const VALUES: &str = "values";

/// The conditions of a rule, with the names of records for what is not known of its hosts.
pub(super) fn conditions(plan: &Plan, names: &Names<'_>, rule: &ResourceInstance) -> Value {
    const NAME: &str = "condition";
    let given = rule.attribute(NAME);
    let reader = Reader { plan, names, rule };
    let path = AttributePath::attribute(NAME);
    let told = match given.as_elements() {
        Some(_) if given.is_wholly_known() => None,
        Some(all) => each(all, &path, |one, path| reader.condition(one, path)),
        None => None,
    };
    told.unwrap_or_else(|| given.clone())
}

struct Reader<'r, 'a> {
    plan: &'a Plan,
    names: &'r Names<'a>,
    rule: &'r ResourceInstance,
}

impl Reader<'_, '_> {
    fn condition(&self, condition: &Value, path: &AttributePath) -> Option<Value> {
        let blocks = condition.attribute(HOSTS)?.as_elements()?;
        let path = path.with_attribute(HOSTS);
        let told = each(blocks, &path, |one, path| self.block(one, path))?;
        with(condition, HOSTS, told)
    }

    fn block(&self, block: &Value, path: &AttributePath) -> Option<Value> {
        let path = path.with_attribute(VALUES);
        let listed = block.attribute(VALUES)?;
        let told = match listed.foreseen_elements() {
            Some(all) => {
                // Where only names are told, it must be clear whose this one is.
                let is_only = all.iter().filter(|one| !one.is_known()).count() == 1;
                each(all, &path, |one, _| self.named(one, &path, is_only))?
            }
            None => Value::tuple([self.named(listed, &path, true)?]),
        };
        with(block, VALUES, told)
    }

    /// The name of the record that an unknown host is.
    fn named(&self, host: &Value, path: &AttributePath, is_only: bool) -> Option<Value> {
        if host.is_known() {
            return None;
        }
        let unknown = host.as_unknown()?;
        let mut causes = unknown.causes.iter();
        let found = match (causes.next()?, causes.next()) {
            (Cause::Apply { address, path }, None)
                if unknown.shape.is_none() || host.foreseen_elements().is_some() =>
            {
                self.record(address, path)?
            }
            (Cause::Plan { .. }, None) if is_only => {
                let place =
                    Subject::Attribute(std::sync::Arc::clone(&self.rule.address), path.clone());
                let origins = self.plan.provenance.origins(&place);
                match origins.as_slice() {
                    [Origin::Attribute(address, path)] => self.record(address, path)?,
                    _ => return None,
                }
            }
            _ => return None,
        };
        found.name.is_known().then(|| found.name.clone())
    }

    /// The only record of an address whose full name is meant.
    fn record(&self, address: &ResourceAddress, path: &AttributePath) -> Option<&Record<'_>> {
        if path.root() != Some("fqdn") {
            return None;
        }
        let is_meant =
            |one: &&Record<'_>| super::argument::is_same_block(address, &one.instance.address);
        let mut all = self.names.records.iter().filter(is_meant);
        let found = all.next()?;
        all.next().is_none().then_some(found)
    }
}

/// The elements, some of them replaced; none where no one is.
fn each(
    all: &[Value],
    path: &AttributePath,
    told: impl Fn(&Value, &AttributePath) -> Option<Value>,
) -> Option<Value> {
    let found: Vec<Option<Value>> = all
        .iter()
        .enumerate()
        .map(|(at, one)| told(one, &path.with_index(at)))
        .collect();
    if found.iter().all(Option::is_none) {
        return None;
    }
    let replaced = found.into_iter().zip(all);
    Some(Value::tuple(
        replaced.map(|(told, own)| told.unwrap_or_else(|| own.clone())),
    ))
}

fn with(object: &Value, name: &str, told: Value) -> Option<Value> {
    let mut entries: Entries = object.as_entries()?.clone();
    entries.insert(name.into(), told);
    Some(Value::object(entries))
}
