//! Values as the plan's JSON has them: what is known, where something is unknown, where something is sensitive.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use aho_corasick::AhoCorasick;
use serde_json::{Map, Number, Value as Json};

use super::Secrets;
use crate::secret::{self, is_harmless_value, is_placeholder};
use crate::value::{Data, Entries, Marks, Shape, Type, Value};

/// The value of a resource without schema is unknown as a whole; what the sources tell of it is shown, as far as every
/// kind of provider would plan it so.
pub(super) fn told(value: &Value) -> Cow<'_, Value> {
    match value.as_unknown().map(|unknown| &unknown.shape) {
        Some(Some(Shape::Partial(partial))) if partial.as_entries().is_some() => {
            Cow::Owned(certain(partial))
        }
        _ => Cow::Borrowed(value),
    }
}

/// A block without the collections of which an element is unknown: providers of the older SDK plan them as wholly unknown.
fn certain(block: &Value) -> Value {
    let Some(entries) = block.as_entries() else {
        return block.clone();
    };
    let entries = entries
        .iter()
        .map(|(name, value)| (Arc::clone(name), certain_attribute(value)));
    Value::object(entries.collect()).with_marks(block.marks())
}

fn certain_attribute(value: &Value) -> Value {
    if value.is_wholly_known() {
        return value.clone();
    }
    let is_block = |element: &Value| element.as_entries().is_some();
    let certain = match value.as_elements() {
        Some(elements) if elements.iter().any(is_block) => {
            Value::tuple(elements.iter().map(certain))
        }
        _ if value.is_known() => Value::unknown(Type::Dynamic, value.causes()),
        _ => return value.clone(),
    };
    certain.with_marks(value.marks())
}

/// What is known and may be shown: other members of objects and maps are left out, other elements are null.
pub(super) fn known(value: &Value, withheld: &Withheld) -> Option<Json> {
    if withheld.hides(value) {
        return None;
    }
    Some(match value.data() {
        Data::Unknown(_) => return None,
        Data::Null(_) => Json::Null,
        Data::Bool(value) => Json::Bool(*value),
        Data::Number(number) => match number.as_i64() {
            // In a plan they are integers, whatever precision they were computed with. There is a negative zero.
            Some(whole) if whole != 0 => whole.into(),
            _ => number
                .to_string()
                .parse::<Number>()
                .map_or(Json::Null, Json::Number),
        },
        Data::String(text) => Json::String(text.to_string()),
        Data::List(_, elements) | Data::Set(_, elements) | Data::Tuple(elements) => elements
            .iter()
            .map(|element| known(element, withheld).unwrap_or(Json::Null))
            .collect(),
        Data::Map(_, entries) | Data::Object(entries) => {
            Json::Object(members(entries, withheld, |value| known(value, withheld)))
        }
    })
}

/// `true` where something is unknown, in the same nesting; what is known in objects and maps is left out.
pub(super) fn unknown(value: &Value, withheld: &Withheld) -> Json {
    match value.data() {
        Data::Unknown(_) => Json::Bool(true),
        Data::Null(_) | Data::Bool(_) | Data::Number(_) | Data::String(_) => Json::Bool(false),
        Data::List(_, elements) | Data::Set(_, elements) | Data::Tuple(elements) => elements
            .iter()
            .map(|element| unknown(element, withheld))
            .collect(),
        Data::Map(_, entries) | Data::Object(entries) => {
            Json::Object(members(entries, withheld, |value| {
                said(unknown(value, withheld))
            }))
        }
    }
}

/// `true` where something is sensitive, in the same nesting.
pub(super) fn sensitive(value: &Value, withheld: &Withheld) -> Json {
    if withheld.hides(value) || value.marks().sensitive {
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
            .map(|element| sensitive(element, withheld))
            .collect(),
        Data::Map(_, entries) | Data::Object(entries) => {
            Json::Object(members(entries, withheld, |value| {
                said(sensitive(value, withheld))
            }))
        }
    }
}

/// What is not shown: whatever is sensitive or derives from a secret, the strings that stand there wherever else they
/// stand, and what holds one of them as well, as an address with a password in it does.
#[derive(Debug)]
pub(super) struct Withheld {
    secrets: Secrets,
    whole: HashSet<Arc<str>>,
    within: Option<AhoCorasick>,
    /// However they are written, in names as well.
    texts: secret::Withheld,
}

impl Withheld {
    /// Shorter ones are words like `forward`, that also stand where nothing is secret.
    const SHORTEST: usize = 8;

    /// Nothing is.
    pub(super) fn plain() -> Self {
        Self {
            secrets: Secrets::Plain,
            whole: HashSet::new(),
            within: None,
            texts: secret::Withheld::default(),
        }
    }

    /// The strings at the hidden places of the values, and those that are secret wherever they stand.
    pub(super) fn of<'a>(
        values: impl Iterator<Item = &'a Value>,
        secrets: BTreeSet<Arc<str>>,
    ) -> Self {
        let mut texts = secret::Withheld::default();
        texts.add(secrets);
        let mut whole = HashSet::new();
        values.for_each(|value| collect(value, &mut whole));
        let telling: Vec<&Arc<str>> = whole
            .iter()
            .filter(|text| !is_placeholder(text) && !is_harmless_value(text))
            .collect();
        let within = (!telling.is_empty()).then(|| {
            AhoCorasick::new(telling.iter().map(|text| text.as_bytes()))
                .expect("the sensitive strings of a plan fit into a matcher")
        });
        Self {
            secrets: Secrets::Withheld,
            whole,
            within,
            texts,
        }
    }

    /// What is done with secrets.
    pub(super) fn secrets(&self) -> Secrets {
        self.secrets
    }

    /// Whether a value is not shown.
    pub(super) fn hides(&self, value: &Value) -> bool {
        let holds = |text: &str| match value.as_str() {
            Some(_) => self.holds(text),
            None => self.texts.is_in(text),
        };
        self.secrets == Secrets::Withheld
            && (is_marked(value.marks()) || secret::telling(value).is_some_and(|text| holds(&text)))
    }

    /// Whether a value or any part of it is not shown.
    pub(super) fn hides_any(&self, value: &Value) -> bool {
        self.hides(value) || value.children().any(|inner| self.hides_any(inner))
    }

    fn holds(&self, text: &str) -> bool {
        let found = |matcher: &AhoCorasick| matcher.is_match(text);
        self.whole.contains(text)
            || self.within.as_ref().is_some_and(found)
            || self.texts.is_in(text)
            || secret::has_credential(text)
            || !secret::assigned(text, secret::Reading::Document).is_empty()
    }

    /// A name or an address, which may be made of a credential.
    pub(super) fn text(&self, text: &str) -> String {
        match self.secrets {
            Secrets::Withheld => secret::withhold(&self.texts.without(text)).into_owned(),
            Secrets::Plain => text.to_owned(),
        }
    }

    /// Takes the strings out of a document: members of objects are left out, other elements are null.
    pub(super) fn clear(&self, json: Json) -> Option<Json> {
        match json {
            Json::String(text) if self.secrets == Secrets::Withheld && self.holds(&text) => None,
            Json::Array(all) => {
                let all = all.into_iter();
                Some(
                    all.map(|one| self.clear(one).unwrap_or(Json::Null))
                        .collect(),
                )
            }
            Json::Object(all) => {
                let all = all.into_iter();
                let all = all.filter_map(|(name, one)| Some((self.text(&name), self.clear(one)?)));
                Some(Json::Object(all.collect()))
            }
            other => Some(other),
        }
    }
}

fn collect(value: &Value, texts: &mut HashSet<Arc<str>>) {
    if is_marked(value.marks()) {
        all(value, texts);
    } else {
        value.children().for_each(|inner| collect(inner, texts));
    }
}

fn all(value: &Value, texts: &mut HashSet<Arc<str>>) {
    if let Data::String(text) = value.data()
        && text.len() >= Withheld::SHORTEST
    {
        texts.insert(Arc::clone(text));
    }
    value.children().for_each(|inner| all(inner, texts));
}

fn is_marked(marks: &Marks) -> bool {
    marks.sensitive || marks.is_secret()
}

fn said(value: Json) -> Option<Json> {
    (value != Json::Bool(false)).then_some(value)
}

fn members(
    entries: &Entries,
    withheld: &Withheld,
    of: impl Fn(&Value) -> Option<Json>,
) -> Map<String, Json> {
    entries
        .iter()
        .filter_map(|(name, value)| Some((withheld.text(name), of(value)?)))
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
