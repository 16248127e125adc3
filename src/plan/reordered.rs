//! Where a part of what is planned is written: sets have no order, and providers put lists of named objects in an order of
//! their own, so that the second variable of a container's environment may be the fifth in the sources.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use super::{
    Change, Fault, Handed, Hop, Origin, Provenance, ProviderArgument, ResourceInstance, Subject,
    Trace, Waits,
};
use crate::address::{AttributePath, PathStep, ResourceAddress};
use crate::source::Span;
use crate::value::{Data, Value, same_elements, structure};

/// Answers of what is written for paths of what is planned.
pub struct Reordered {
    inner: Box<dyn Provenance>,
    written: Box<Written>,
    changes: Vec<(Arc<ResourceAddress>, Change)>,
    by_address: OnceLock<HashMap<Arc<ResourceAddress>, usize>>,
}

/// What is written of an object.
type Written = dyn Fn(&ResourceAddress) -> Option<Value> + Send + Sync;

/// Where a subject of the plan is written.
enum Place {
    /// By the same path, as far as anybody can tell.
    Same,
    /// By another.
    At(Subject),
    /// In one of several blocks, and nothing tells in which: the set that they make.
    Among(Subject),
}

impl Reordered {
    /// Answers of `inner` for these objects, of which `written` tells what is written.
    pub fn new(
        inner: Box<dyn Provenance>,
        planned: &[ResourceInstance],
        written: impl Fn(&ResourceAddress) -> Option<Value> + Send + Sync + 'static,
    ) -> Self {
        let changes = planned
            .iter()
            .map(|one| (Arc::clone(&one.address), one.change.clone()));
        Self {
            inner,
            written: Box::new(written),
            changes: changes.collect(),
            by_address: OnceLock::new(),
        }
    }

    fn place(&self, subject: &Subject) -> Place {
        let Subject::Attribute(address, path) = subject else {
            return Place::Same;
        };
        let has_index = |step: &PathStep| matches!(step, PathStep::Index(_));
        if !path.0.iter().any(has_index) {
            return Place::Same;
        }
        let planned = self.change(address).map(Change::after);
        let Some((planned, written)) = planned.zip((self.written)(address)) else {
            return Place::Same;
        };
        let of = |path| Subject::Attribute(Arc::clone(address), AttributePath(path));
        match translate(planned, &written, &path.0) {
            Ok(path) => Place::At(of(path)),
            Err(around) => Place::Among(of(around)),
        }
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
        match self.place(subject) {
            Place::Same => question(subject),
            Place::At(written) | Place::Among(written) => question(&written),
        }
    }

    /// A chain ends at its subject, which is told by its path in the plan like the finding itself.
    fn chain(&self, subject: &Subject, chain: impl Fn(&Subject) -> Vec<Hop>) -> Vec<Hop> {
        let written = match self.place(subject) {
            Place::Same => return chain(subject),
            Place::At(written) => written,
            Place::Among(_) => return Vec::new(),
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

impl fmt::Debug for Reordered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reordered").finish_non_exhaustive()
    }
}

/// The path in what is written of what stands at a path in what is planned. From where the two cannot be compared on,
/// it stays as it is.
///
/// # Errors
/// The path to the blocks, where nothing tells which of them is meant.
fn translate(
    planned: &Value,
    written: &Value,
    path: &[PathStep],
) -> Result<Vec<PathStep>, Vec<PathStep>> {
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
                if !is_told(&own, &other, *index) {
                    return Err(found);
                }
                element(&own, &other, *index).map(|(at, inner)| (PathStep::Index(at), inner))
            }
            _ => None,
        };
        let Some((step, inner)) = next else {
            found.extend_from_slice(&path[at..]);
            return Ok(found);
        };
        found.push(step);
        (planned, written) = inner;
    }
    Ok(found)
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

/// Whether anything tells which written element a planned one is.
fn is_told(planned: &Value, written: &Value, index: usize) -> bool {
    let (Some(own), Some(others)) = (planned.as_elements(), written.as_elements()) else {
        return true;
    };
    match (planned.data(), written.data()) {
        (Data::Set(..), _) | (_, Data::Set(..)) => of_set(own, others, index).is_some(),
        // The configuration of a plan does not tell the blocks that a `dynamic` makes between others.
        (Data::List(..), Data::Tuple(_)) => own.len() == others.len(),
        _ => true,
    }
}

/// The written element that is a planned one: of a set the one that holds the same, that of its name where all have one,
/// or else the one of its index.
fn element(planned: &Value, written: &Value, index: usize) -> Option<(usize, (Value, Value))> {
    let own = planned.as_elements()?;
    let others = written.as_elements()?;
    let one = own.get(index)?;
    let at = match (planned.data(), written.data()) {
        (Data::Set(..), _) | (_, Data::Set(..)) => of_set(own, others, index)?,
        _ => of_name(own, others, one).unwrap_or(index),
    };
    Some((at, (one.clone(), others.get(at)?.clone())))
}

fn of_set(own: &[Value], others: &[Value], index: usize) -> Option<usize> {
    if own.len() == 1 && others.len() == 1 {
        return (index == 0).then_some(0);
    }
    same_elements(own, others).get(index).copied().flatten()
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
        self.ask(subject, |subject| self.inner.span(subject))
    }

    fn written(&self, subject: &Subject, fault: Fault) -> Option<Span> {
        self.ask(subject, |subject| self.inner.written(subject, fault))
    }

    fn fetched_by(&self, subject: &Subject, fault: Fault) -> Option<Arc<str>> {
        self.ask(subject, |subject| self.inner.fetched_by(subject, fault))
    }

    fn because(&self, subject: &Subject) -> Vec<Hop> {
        self.chain(subject, |subject| self.inner.because(subject))
    }

    fn because_of(&self, subject: &Subject, source: &str) -> Vec<Hop> {
        self.chain(subject, |subject| self.inner.because_of(subject, source))
    }

    fn origins(&self, subject: &Subject) -> Vec<Origin> {
        match self.place(subject) {
            Place::Same => self.inner.origins(subject),
            Place::At(written) => self.inner.origins(&written),
            Place::Among(_) => vec![Origin::Lost(subject.to_string().into())],
        }
    }

    fn trace(&self, subject: &Subject, path: &AttributePath) -> Option<Trace> {
        match self.place(subject) {
            Place::Same => self.inner.trace(subject, path),
            Place::At(written) => self.inner.trace(&written, path),
            Place::Among(_) => None,
        }
    }

    fn waits_for(&self, address: &ResourceAddress) -> Waits {
        self.inner.waits_for(address)
    }

    fn prevents_destroy(&self, address: &ResourceAddress) -> Option<bool> {
        self.inner.prevents_destroy(address)
    }

    fn ignores(&self, address: &ResourceAddress, attribute: &str) -> Option<bool> {
        self.inner.ignores(address, attribute)
    }

    fn replaced_with(&self, address: &ResourceAddress) -> Vec<String> {
        self.inner.replaced_with(address)
    }

    fn import(&self, address: &ResourceAddress) -> Option<Span> {
        self.inner.import(address)
    }

    fn locals(&self) -> Vec<(Arc<str>, Value)> {
        self.inner.locals()
    }

    fn provider_arguments(&self) -> Vec<ProviderArgument> {
        self.inner.provider_arguments()
    }

    fn sensitive_defaults(&self) -> Vec<(Subject, Value)> {
        self.inner.sensitive_defaults()
    }

    fn handed(&self) -> Vec<Handed> {
        self.inner.handed()
    }

    fn declared(&self) -> Vec<Subject> {
        self.inner.declared()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{Causes, Type};

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
        let found = translate(&object(planned), &object(WRITTEN), &path.0);
        AttributePath(found.expect("lists have an order")).to_string()
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

    #[test]
    fn elements_of_sets_are_found_by_what_they_hold() {
        let group = |weight: i64, arn: Value| {
            let weight = (Arc::from("weight"), Value::number(weight));
            Value::object([weight, (Arc::from("arn"), arn)].into_iter().collect())
        };
        let unknown = || Value::unknown(Type::String, Causes::default());
        let of =
            |groups: Value| Value::object([(Arc::from("group"), groups)].into_iter().collect());
        let planned = |weights: [i64; 2]| {
            let groups = weights.map(|weight| group(weight, unknown()));
            of(crate::value::set_from(&groups[0].ty(), groups))
        };
        let path = AttributePath::attribute("group").with_index(0);
        let path = path.with_attribute("arn");
        let written = of(Value::tuple([group(100, unknown()), group(0, unknown())]));
        let found = translate(&planned([0, 100]), &written, &path.0).map(AttributePath);
        assert_eq!(found.expect("told").to_string(), "group[1].arn");
        let found = translate(&planned([0, 50]), &written, &path.0);
        assert_eq!(found.expect("told").len(), 3);
        let open = of(Value::tuple([unknown(), unknown()]));
        let found = translate(&planned([0, 50]), &open, &path.0);
        assert_eq!(found.expect_err("open").len(), 1);
    }
}
