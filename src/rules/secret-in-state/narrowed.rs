//! The part of an attribute that a secret stands in: the one variable of a function's environment, and not all of it.

use crate::address::{AttributePath, PathStep};
use crate::value::{Data, Value, structure};

/// The path of the innermost part that holds all that an attribute has of these sources.
pub(super) fn narrowed(name: &str, value: &Value, sources: &[String]) -> AttributePath {
    let mut path = AttributePath::attribute(name);
    let mut at = value.clone();
    while let Some((step, inner)) = only_holder(&at, sources) {
        path.0.push(step);
        at = inner;
    }
    path
}

/// The only one of the parts of a value that has any of the sources, where it has them all.
fn only_holder(value: &Value, sources: &[String]) -> Option<(PathStep, Value)> {
    let decoded = if value.is_known() {
        None
    } else {
        structure(value)
    };
    let value = decoded.as_ref().unwrap_or(value);
    let mut parts = parts(value);
    parts.retain(|(_, part)| !held(part, sources).is_empty());
    match <[_; 1]>::try_from(parts) {
        Ok([only]) if held(&only.1, sources).len() == sources.len() => Some(only),
        _ => None,
    }
}

/// The parts of a value that have a place of their own. The elements of a set have none, but for the only one.
fn parts(value: &Value) -> Vec<(PathStep, Value)> {
    if let Some(entries) = value.as_entries() {
        let named = entries.iter();
        return named
            .map(|(name, entry)| (PathStep::Attribute(name.clone()), entry.clone()))
            .collect();
    }
    let elements = value.as_elements().unwrap_or_default();
    if matches!(value.data(), Data::Set(..)) && elements.len() > 1 {
        return Vec::new();
    }
    let numbered = elements.iter().enumerate();
    numbered
        .map(|(at, element)| (PathStep::Index(at), element.clone()))
        .collect()
}

/// Which of the sources, named as in a message, a value derives from.
fn held<'s>(value: &Value, sources: &'s [String]) -> Vec<&'s String> {
    let marks = value.marks_deep();
    let own: Vec<String> = marks
        .secrets
        .iter()
        .flat_map(|all| all.iter())
        .map(|source| format!("`{source}`"))
        .collect();
    sources
        .iter()
        .filter(|source| own.contains(source))
        .collect()
}
