//! Values as the plan's JSON has them: what is known, where something is unknown, where something is sensitive.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::{Map, Number, Value as Json};

use super::Secrets;
use crate::value::{Data, Entries, Marks, Shape, Type, Value};

/// The value of a resource without schema is unknown as a whole; what the sources tell of it is shown.
pub(super) fn told(value: &Value) -> &Value {
    match value.as_unknown().map(|unknown| &unknown.shape) {
        Some(Some(Shape::Partial(partial))) if partial.as_entries().is_some() => partial,
        _ => value,
    }
}

/// What is known and may be shown: other members of objects and maps are left out, other elements are null.
pub(super) fn known(value: &Value, secrets: Secrets) -> Option<Json> {
    if hidden(value.marks(), secrets) {
        return None;
    }
    Some(match value.data() {
        Data::Unknown(_) => return None,
        Data::Null(_) => Json::Null,
        Data::Bool(value) => Json::Bool(*value),
        Data::Number(number) => number
            .to_string()
            .parse::<Number>()
            .map_or(Json::Null, Json::Number),
        Data::String(text) => Json::String(text.to_string()),
        Data::List(_, elements) | Data::Set(_, elements) | Data::Tuple(elements) => elements
            .iter()
            .map(|element| known(element, secrets).unwrap_or(Json::Null))
            .collect(),
        Data::Map(_, entries) | Data::Object(entries) => {
            Json::Object(members(entries, |value| known(value, secrets)))
        }
    })
}

/// `true` where something is unknown, in the same nesting; what is known in objects and maps is left out.
pub(super) fn unknown(value: &Value) -> Json {
    match value.data() {
        Data::Unknown(_) => Json::Bool(true),
        Data::Null(_) | Data::Bool(_) | Data::Number(_) | Data::String(_) => Json::Bool(false),
        Data::List(_, elements) | Data::Set(_, elements) | Data::Tuple(elements) => {
            elements.iter().map(unknown).collect()
        }
        Data::Map(_, entries) | Data::Object(entries) => {
            Json::Object(members(entries, |value| said(unknown(value))))
        }
    }
}

/// `true` where something is sensitive, in the same nesting.
pub(super) fn sensitive(value: &Value, secrets: Secrets) -> Json {
    if hidden(value.marks(), secrets) || (secrets == Secrets::Plain && value.marks().sensitive) {
        return Json::Bool(true);
    }
    match value.data() {
        // Of an unknown collection it cannot be said what in it is sensitive.
        Data::Unknown(unknown) => match &unknown.ty {
            Type::List(_) | Type::Set(_) | Type::Tuple(_) => Json::Array(Vec::new()),
            Type::Map(_) | Type::Object(_) => Json::Object(Map::new()),
            _ => Json::Bool(false),
        },
        Data::Null(_) | Data::Bool(_) | Data::Number(_) | Data::String(_) => Json::Bool(false),
        Data::List(_, elements) | Data::Set(_, elements) | Data::Tuple(elements) => elements
            .iter()
            .map(|element| sensitive(element, secrets))
            .collect(),
        Data::Map(_, entries) | Data::Object(entries) => {
            Json::Object(members(entries, |value| said(sensitive(value, secrets))))
        }
    }
}

/// Strings that are withheld wherever they stand, since one of their places is sensitive.
#[derive(Debug, Default)]
pub(super) struct Withheld(HashSet<Arc<str>>);

impl Withheld {
    /// Shorter ones are words like `forward`, that also stand where nothing is secret.
    const SHORTEST: usize = 8;

    /// Adds the strings at the hidden places of a value.
    pub(super) fn collect(&mut self, value: &Value) {
        if hidden(value.marks(), Secrets::Withheld) {
            self.all(value);
        } else {
            value.children().for_each(|inner| self.collect(inner));
        }
    }

    fn all(&mut self, value: &Value) {
        if let Data::String(text) = value.data()
            && text.len() >= Self::SHORTEST
        {
            self.0.insert(Arc::clone(text));
        }
        value.children().for_each(|inner| self.all(inner));
    }

    pub(super) fn holds(&self, text: &str) -> bool {
        self.0.contains(text)
    }

    /// Takes the strings out of a document: members of objects are left out, other elements are null.
    pub(super) fn clear(&self, json: Json) -> Option<Json> {
        match json {
            Json::String(text) if self.holds(&text) => None,
            Json::Array(all) => {
                let all = all.into_iter();
                Some(
                    all.map(|one| self.clear(one).unwrap_or(Json::Null))
                        .collect(),
                )
            }
            Json::Object(all) => {
                let all = all.into_iter();
                let all = all.filter_map(|(name, one)| Some((name, self.clear(one)?)));
                Some(Json::Object(all.collect()))
            }
            other => Some(other),
        }
    }
}

fn hidden(marks: &Marks, secrets: Secrets) -> bool {
    secrets == Secrets::Withheld && (marks.sensitive || marks.is_secret())
}

fn said(value: Json) -> Option<Json> {
    (value != Json::Bool(false)).then_some(value)
}

fn members(entries: &Entries, of: impl Fn(&Value) -> Option<Json>) -> Map<String, Json> {
    entries
        .iter()
        .filter_map(|(name, value)| Some((name.to_string(), of(value)?)))
        .collect()
}

/// A type as Terraform's JSON writes it: `"string"`, `["list", "string"]`, `["object", {…}]`.
pub(super) fn type_json(ty: &Type) -> Json {
    let of = |kind: &str, inner: Json| Json::Array(vec![kind.into(), inner]);
    match ty {
        Type::Dynamic => "dynamic".into(),
        Type::Bool => "bool".into(),
        Type::Number => "number".into(),
        Type::String => "string".into(),
        Type::List(inner) => of("list", type_json(inner)),
        Type::Set(inner) => of("set", type_json(inner)),
        Type::Map(inner) => of("map", type_json(inner)),
        Type::Tuple(all) => of("tuple", all.iter().map(type_json).collect()),
        Type::Object(object) => {
            let all = object.attributes.iter();
            let all = all.map(|(name, ty)| (name.to_string(), type_json(ty)));
            of("object", Json::Object(all.collect()))
        }
    }
}
