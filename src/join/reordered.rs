//! Where a part of a planned JSON text is written: providers put lists of named objects in an order of their own, so that
//! the second variable of a container's environment may be the fifth in the sources.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use crate::address::{AttributePath, PathStep, ResourceAddress};
use crate::plan::{
    Change, Fault, Hop, Origin, Plan, Provenance, ProviderArgument, ResourceInstance, Subject,
    Trace, Waits,
};
use crate::source::Span;
use crate::value::{Value, structure};

/// Answers of the sources for paths of the plan.
#[derive(Debug)]
pub(super) struct Reordered {
    sources: Box<dyn Provenance>,
    written: Arc<Plan>,
    changes: Vec<(Arc<ResourceAddress>, Change)>,
    by_address: OnceLock<HashMap<Arc<ResourceAddress>, usize>>,
}

impl Reordered {
    pub(super) fn new(
        sources: Box<dyn Provenance>,
        joined: &[ResourceInstance],
        written: Arc<Plan>,
    ) -> Self {
        let changes = joined
            .iter()
            .map(|one| (Arc::clone(&one.address), one.change.clone()));
        Self {
            sources,
            written,
            changes: changes.collect(),
            by_address: OnceLock::new(),
        }
    }

    /// The subject by its path in the sources.
    fn written_as(&self, subject: &Subject) -> Option<Subject> {
        let Subject::Attribute(address, path) = subject else {
            return None;
        };
        let has_index = |step: &PathStep| matches!(step, PathStep::Index(_));
        if !path.0.iter().skip(1).any(has_index) {
            return None;
        }
        let planned = self.change(address)?.after();
        let written = self.written.resource(address)?.change.after();
        let path = translate(planned, written, &path.0);
        Some(Subject::Attribute(Arc::clone(address), AttributePath(path)))
    }

    fn change(&self, address: &Arc<ResourceAddress>) -> Option<&Change> {
        let by_address = self.by_address.get_or_init(|| {
            let addresses = self.changes.iter().map(|(address, _)| Arc::clone(address));
            addresses.enumerate().map(|(at, one)| (one, at)).collect()
        });
        let at = *by_address.get(address)?;
        Some(&self.changes[at].1)
    }

    fn ask<T>(&self, subject: &Subject, question: impl Fn(&Subject) -> T) -> T {
        match self.written_as(subject) {
            Some(written) => question(&written),
            None => question(subject),
        }
    }

    /// A chain ends at its subject, which is told by its path in the plan like the finding itself.
    fn chain(&self, subject: &Subject, chain: impl Fn(&Subject) -> Vec<Hop>) -> Vec<Hop> {
        let Some(written) = self.written_as(subject) else {
            return chain(subject);
        };
        let mut hops = chain(&written);
        if let Some(last) = hops.last_mut()
            && let Some(rest) = last.text.strip_prefix(&written.to_string())
        {
            last.text = format!("{subject}{rest}");
        }
        hops
    }
}

/// The path in what is written of what stands at a path in what is planned. From where the two cannot be compared on,
/// it stays as it is.
fn translate(planned: &Value, written: &Value, path: &[PathStep]) -> Vec<PathStep> {
    let mut found = Vec::with_capacity(path.len());
    let (mut planned, mut written) = (planned.clone(), written.clone());
    for (at, step) in path.iter().enumerate() {
        let both = (decoded(&planned), decoded(&written));
        let next = match (both, step) {
            ((Some(own), Some(other)), PathStep::Attribute(name)) => {
                let inner = own
                    .attribute(name)
                    .cloned()
                    .zip(other.attribute(name).cloned());
                inner.map(|inner| (step.clone(), inner))
            }
            ((Some(own), Some(other)), PathStep::Index(index)) => {
                element(&own, &other, *index).map(|(at, inner)| (PathStep::Index(at), inner))
            }
            _ => None,
        };
        let Some((step, inner)) = next else {
            found.extend_from_slice(&path[at..]);
            return found;
        };
        found.push(step);
        (planned, written) = inner;
    }
    found
}

/// What a text holds, or a value itself.
fn decoded(value: &Value) -> Option<Value> {
    let is_text = value.as_str().is_some() || !value.is_known();
    if is_text {
        structure(value)
    } else {
        Some(value.clone())
    }
}

/// The written element that is a planned one: that of its name where all have one, or else the one of its index.
fn element(planned: &Value, written: &Value, index: usize) -> Option<(usize, (Value, Value))> {
    let own = planned.as_elements()?;
    let others = written.as_elements()?;
    let one = own.get(index)?;
    let at = of_name(own, others, one).unwrap_or(index);
    Some((at, (one.clone(), others.get(at)?.clone())))
}

fn of_name(own: &[Value], others: &[Value], one: &Value) -> Option<usize> {
    let name = name_of(one)?;
    let is_alone = |list: &[Value]| {
        let named = list.iter().filter(|other| name_of(other) == Some(name));
        named.count() == 1
    };
    if !is_alone(own) || !is_alone(others) {
        return None;
    }
    others.iter().position(|other| name_of(other) == Some(name))
}

fn name_of(element: &Value) -> Option<&str> {
    let entries = element.as_entries()?;
    let named = entries
        .iter()
        .find(|(key, _)| key.eq_ignore_ascii_case("name"));
    named.and_then(|(_, name)| name.as_str())
}

impl Provenance for Reordered {
    fn span(&self, subject: &Subject) -> Option<Span> {
        self.ask(subject, |subject| self.sources.span(subject))
    }

    fn written(&self, subject: &Subject, fault: Fault) -> Option<Span> {
        self.ask(subject, |subject| self.sources.written(subject, fault))
    }

    fn fetched_by(&self, subject: &Subject, fault: Fault) -> Option<Arc<str>> {
        self.ask(subject, |subject| self.sources.fetched_by(subject, fault))
    }

    fn because(&self, subject: &Subject) -> Vec<Hop> {
        self.chain(subject, |subject| self.sources.because(subject))
    }

    fn because_of(&self, subject: &Subject, source: &str) -> Vec<Hop> {
        self.chain(subject, |subject| self.sources.because_of(subject, source))
    }

    fn origins(&self, subject: &Subject) -> Vec<Origin> {
        self.ask(subject, |subject| self.sources.origins(subject))
    }

    fn trace(&self, subject: &Subject, path: &AttributePath) -> Option<Trace> {
        self.ask(subject, |subject| self.sources.trace(subject, path))
    }

    fn waits_for(&self, address: &ResourceAddress) -> Waits {
        self.sources.waits_for(address)
    }

    fn prevents_destroy(&self, address: &ResourceAddress) -> Option<bool> {
        self.sources.prevents_destroy(address)
    }

    fn ignores(&self, address: &ResourceAddress, attribute: &str) -> Option<bool> {
        self.sources.ignores(address, attribute)
    }

    fn replaced_with(&self, address: &ResourceAddress) -> Vec<String> {
        self.sources.replaced_with(address)
    }

    fn import(&self, address: &ResourceAddress) -> Option<Span> {
        self.sources.import(address)
    }

    fn locals(&self) -> Vec<(Arc<str>, Value)> {
        self.sources.locals()
    }

    fn provider_arguments(&self) -> Vec<ProviderArgument> {
        self.sources.provider_arguments()
    }

    fn declared(&self) -> Vec<Subject> {
        self.sources.declared()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRITTEN: &str = r#"[{"name": "api", "environment": [
        {"name": "UPSTREAM", "value": "u"}, {"name": "MODE", "value": "m"}, {"name": "LEVEL", "value": "l"}]}]"#;

    /// Where the value of a variable of the environment stands in the sources.
    fn written_at(planned: &str, index: usize) -> String {
        let object = |text: &str| {
            let definitions = [(Arc::from("definitions"), Value::string(text))];
            Value::object(definitions.into_iter().collect())
        };
        let path = AttributePath::attribute("definitions").with_index(0);
        let path = path.with_attribute("environment").with_index(index);
        let path = path.with_attribute("value");
        AttributePath(translate(&object(planned), &object(WRITTEN), &path.0)).to_string()
    }

    #[test]
    fn what_has_a_name_is_found_by_it() {
        let planned = r#"[{"environment": [{"name": "LEVEL", "value": "l"}, {"name": "MODE", "value": "m"},
            {"name": "UPSTREAM", "value": "u"}], "name": "api"}]"#;
        for (index, written) in [(0, 2), (1, 1), (2, 0)] {
            let place = format!("definitions[0].environment[{written}].value");
            assert_eq!(written_at(planned, index), place);
        }
    }

    #[test]
    fn of_one_name_twice_or_of_none_the_index_counts() {
        let twice = r#"[{"environment": [{"name": "MODE", "value": "m"}, {"name": "MODE", "value": "m"},
            {"value": "u"}, {"name": "OTHER", "value": "o"}], "name": "api"}]"#;
        for planned in [twice, "no JSON"] {
            for index in 0..4 {
                let place = format!("definitions[0].environment[{index}].value");
                assert_eq!(written_at(planned, index), place);
            }
        }
    }
}
