//! Flat attributes, as states had them before Terraform 0.12: `a.#` is the length of a list or set, `a.%` the size of a
//! map, everything is a string.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::StateIndex;
use crate::address::{AttributePath, ResourceAddress};
use crate::plan::Deferred;
use crate::plan::json::cursor::{Cursor, Kind, Slice};
use crate::plan::json::object::fit;
use crate::provider::{Providers, secrets};
use crate::value::{Cause, Causes, Entries, Marks, Type, Value};

/// What stands for a value that was not known.
const UNKNOWN: &str = "74D93920-ED26-11E3-AC10-0800200C9A66";
/// Names nest no deeper than this.
const MOST_LEVELS: usize = 64;

/// The value of flat attributes, built when it is first asked for.
pub fn deferred(state: &StateIndex, address: &Arc<ResourceAddress>, slice: Slice) -> Deferred {
    let (text, address) = (state.text.clone(), Arc::clone(address));
    let providers = Arc::clone(&state.providers);
    Deferred::new(move || {
        let flat = Flat {
            address: &address,
            strings: strings(&text, slice),
        };
        typed(flat.object("", 0), &address, &providers)
    })
}

fn strings(text: &str, slice: Slice) -> BTreeMap<String, String> {
    let mut strings = BTreeMap::new();
    let read = Cursor::new(text, slice.start).object(|cursor, name| {
        if cursor.kind()? == Kind::String {
            strings.insert(name.to_owned(), cursor.string()?.into_owned());
        } else {
            let slice = cursor.skip()?;
            strings.insert(name.to_owned(), text[slice.start..slice.end].to_owned());
        }
        Ok(())
    });
    debug_assert!(
        read.is_ok() || strings.is_empty(),
        "the slice was scanned before"
    );
    strings
}

fn typed(value: Value, address: &ResourceAddress, providers: &Providers) -> Value {
    let resource = &address.resource;
    let value = match providers.schema(resource.mode, &resource.kind) {
        Some(facts) => {
            let value = fit(value, facts.block.ty());
            facts.block.mark_sensitive(&value)
        }
        None => value,
    };
    let Some(entries) = value.as_entries() else {
        return value;
    };
    // Of what the configuration gave nothing tells where it came from.
    let is_source = |name: &str| {
        secrets::of(resource.mode, &resource.kind)
            .any(|secret| !secret.is_given() && secret.attribute() == name)
    };
    let marked = entries.iter().map(|(name, inner)| {
        let inner = inner.clone();
        let inner = if is_source(name) {
            inner
                .with_marks(&Marks::SENSITIVE)
                .with_marks(&Marks::secret(format!("{address}.{name}")))
        } else {
            inner
        };
        (Arc::clone(name), inner)
    });
    Value::object(marked.collect())
}

struct Flat<'a> {
    address: &'a ResourceAddress,
    strings: BTreeMap<String, String>,
}

impl Flat<'_> {
    /// What lies below a prefix (empty, or ending in a dot), as an object.
    fn object(&self, prefix: &str, level: usize) -> Value {
        let mut entries = Entries::new();
        for (name, _) in self.below(prefix) {
            let first = name.split('.').next().unwrap_or_default();
            if !matches!(first, "#" | "%") && !entries.contains_key(first) {
                let value = self.value(&format!("{prefix}{first}"), level + 1);
                entries.insert(first.into(), value);
            }
        }
        Value::object(entries)
    }

    fn value(&self, name: &str, level: usize) -> Value {
        let below = format!("{name}.");
        if level > MOST_LEVELS {
            let what = "attributes nested this deep".into();
            return Value::unknown(Type::Dynamic, Causes::one(Cause::Unsupported { what }));
        }
        if self.strings.contains_key(&format!("{name}.#")) {
            return self.list(&below, level);
        }
        if self.strings.contains_key(&format!("{name}.%")) {
            // Keys of maps may have dots.
            let entries = self.below(&below).filter(|(key, _)| *key != "%");
            return Value::object(
                entries
                    .map(|(key, text)| (Arc::from(key), self.scalar(name, text)))
                    .collect(),
            );
        }
        match self.strings.get(name) {
            Some(text) => self.scalar(name, text),
            None => self.object(&below, level),
        }
    }

    /// Elements in order of their index; those of sets have hashes there.
    fn list(&self, below: &str, level: usize) -> Value {
        let mut indexes: Vec<&str> = self
            .below(below)
            .filter_map(|(name, _)| name.split('.').next())
            .filter(|first| *first != "#")
            .collect();
        indexes.sort_by_key(|index| (index.parse::<u64>().unwrap_or(u64::MAX), *index));
        indexes.dedup();
        Value::tuple(
            indexes
                .into_iter()
                .map(|index| self.value(&format!("{below}{index}"), level + 1)),
        )
    }

    fn below<'s>(&'s self, prefix: &'s str) -> impl Iterator<Item = (&'s str, &'s str)> {
        self.strings
            .range(prefix.to_owned()..)
            .map_while(move |(name, text)| Some((name.strip_prefix(prefix)?, text.as_str())))
    }

    fn scalar(&self, name: &str, text: &str) -> Value {
        if text == UNKNOWN {
            let cause = Cause::Plan {
                address: self.address.to_string().into(),
                path: AttributePath::attribute(name),
            };
            return Value::unknown(Type::String, Causes::one(cause));
        }
        Value::text(text)
    }
}
