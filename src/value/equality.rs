//! Equality of values, three-valued where something is unknown; and sets, which rest on it.

use std::cmp::Ordering;
use std::collections::HashMap;

use super::console::quote;
use super::convert::typed;
use super::{Data, Marks, Number, Type, Unknown, Value};

/// Whether two values are equal, as `==` has it: types count (`1 == "1"` is false), nulls of any type are equal, and the
/// result is unknown where it depends on what is unknown. Marks of both and of everything in them go to the result.
pub fn equals(a: &Value, b: &Value) -> Value {
    let marks = Marks::of([a, b]);
    let result = match is_equal(a, b) {
        Some(equal) => Value::bool(equal),
        None => unknown_bool(a.causes().union(&b.causes())),
    };
    result.with_marks(&marks)
}

/// A bool that will not be null.
pub(super) fn unknown_bool(causes: super::Causes) -> Value {
    let mut unknown = Unknown::new(Type::Bool, causes);
    unknown.not_null = true;
    Value::refined(unknown)
}

/// Whether two values are equal, marks aside; none when it depends on what is unknown.
pub fn is_equal(a: &Value, b: &Value) -> Option<bool> {
    if let Some(decided) = equal_if_null_or_unknown(a, b) {
        return decided;
    }
    let (a_type, b_type) = (a.ty(), b.ty());
    if !has_wholly_known_type(a) || !has_wholly_known_type(b) {
        let may_conform = conforms(&a_type, &b_type) || conforms(&b_type, &a_type);
        return if may_conform { None } else { Some(false) };
    }
    if a_type != b_type {
        return Some(false);
    }
    equal_known(a, b)
}

/// Decides where one of the two is null or unknown; none when both are known values.
#[expect(
    clippy::option_option,
    reason = "undecided here is not the same as unknown"
)]
fn equal_if_null_or_unknown(a: &Value, b: &Value) -> Option<Option<bool>> {
    if (a.is_null() && b.is_not_null()) || (b.is_null() && a.is_not_null()) {
        return Some(Some(false));
    }
    match (a.as_unknown(), b.as_unknown()) {
        (Some(_), Some(_)) => Some(None),
        (Some(unknown), None) => Some(equal_to_unknown(b, unknown)),
        (None, Some(unknown)) => Some(equal_to_unknown(a, unknown)),
        (None, None) if a.is_null() || b.is_null() => Some(Some(a.is_null() && b.is_null())),
        (None, None) => None,
    }
}

fn equal_to_unknown(known: &Value, unknown: &Unknown) -> Option<bool> {
    if known.is_null() {
        return None;
    }
    if is_excluded(known, unknown) {
        return Some(false);
    }
    if unknown.ty.has_dynamic() || known.ty() == unknown.ty {
        return None;
    }
    Some(false)
}

/// Whether what is known of an unknown value rules this one out.
fn is_excluded(known: &Value, unknown: &Unknown) -> bool {
    if !conforms(&known.ty(), &unknown.ty) {
        return true;
    }
    let outside = |number: &Number| {
        let below = |min: &Number| number.compare(min) == Ordering::Less && number != min;
        let above = |max: &Number| number.compare(max) == Ordering::Greater && number != max;
        unknown.bounds.min.as_ref().is_some_and(below)
            || unknown.bounds.max.as_ref().is_some_and(above)
    };
    match known.data() {
        Data::String(text) => unknown
            .prefix
            .as_deref()
            .is_some_and(|prefix| !text.starts_with(prefix)),
        Data::Number(number) => outside(number),
        Data::List(_, elements) => outside(&Number::from(elements.len())),
        Data::Map(_, entries) => outside(&Number::from(entries.len())),
        Data::Set(_, elements) => {
            let fewest = if elements.iter().all(Value::is_wholly_known) {
                elements.len()
            } else {
                elements.len().min(1)
            };
            let (min, max) = unknown.length_bounds();
            elements.len() < min || max.is_some_and(|max| fewest > max)
        }
        _ => false,
    }
}

/// Whether a type is one that a constraint with open parts allows.
pub(super) fn conforms(given: &Type, wanted: &Type) -> bool {
    match (given, wanted) {
        (_, Type::Dynamic) => true,
        (Type::List(given), Type::List(wanted))
        | (Type::Set(given), Type::Set(wanted))
        | (Type::Map(given), Type::Map(wanted)) => conforms(given, wanted),
        (Type::Tuple(given), Type::Tuple(wanted)) => {
            let mut pairs = given.iter().zip(wanted.iter());
            given.len() == wanted.len() && pairs.all(|(given, wanted)| conforms(given, wanted))
        }
        (Type::Object(given), Type::Object(wanted)) => {
            let mut pairs = given.attributes.values().zip(wanted.attributes.values());
            given.attributes.keys().eq(wanted.attributes.keys())
                && pairs.all(|(given, wanted)| conforms(given, wanted))
        }
        _ => given == wanted,
    }
}

/// Whether nothing in it has a type that is not known yet; a bare null has none to be known.
fn has_wholly_known_type(value: &Value) -> bool {
    match value.data() {
        Data::Unknown(unknown) => !unknown.ty.has_dynamic(),
        _ => value.children().all(has_wholly_known_type),
    }
}

/// Of two values of one type, wherever in a larger value.
fn equal_same_type(a: &Value, b: &Value) -> Option<bool> {
    match equal_if_null_or_unknown(a, b) {
        Some(decided) => decided,
        None => equal_known(a, b),
    }
}

fn equal_known(a: &Value, b: &Value) -> Option<bool> {
    match (a.data(), b.data()) {
        (Data::Bool(a), Data::Bool(b)) => Some(a == b),
        (Data::Number(a), Data::Number(b)) => Some(a == b),
        (Data::String(a), Data::String(b)) => Some(a == b),
        (Data::List(_, a), Data::List(_, b)) | (Data::Tuple(a), Data::Tuple(b)) => {
            if a.len() != b.len() {
                return Some(false);
            }
            all_equal(a.iter().zip(b.iter()))
        }
        (Data::Map(_, a), Data::Map(_, b)) | (Data::Object(a), Data::Object(b)) => {
            if !a.keys().eq(b.keys()) {
                return Some(false);
            }
            equal_in_any_order(a.values().zip(b.values()))
        }
        (Data::Set(_, a), Data::Set(_, b)) => {
            if a.iter().chain(b.iter()).any(|element| !element.is_known()) {
                return None;
            }
            let (in_a, in_b) = (Index::of(a), Index::of(b));
            Some(
                a.iter().all(|element| in_b.has(element))
                    && b.iter().all(|element| in_a.has(element)),
            )
        }
        _ => Some(false),
    }
}

/// In order: the first pair that is unequal or unknown decides, as in cty.
fn all_equal<'a>(pairs: impl Iterator<Item = (&'a Value, &'a Value)>) -> Option<bool> {
    for (a, b) in pairs {
        let equal = equal_same_type(a, b);
        if equal != Some(true) {
            return equal;
        }
    }
    Some(true)
}

/// cty goes through the attributes of objects in random order, so that there a pair that is certainly unequal decides.
fn equal_in_any_order<'a>(pairs: impl Iterator<Item = (&'a Value, &'a Value)>) -> Option<bool> {
    let mut result = Some(true);
    for (a, b) in pairs {
        match equal_same_type(a, b) {
            Some(false) => return Some(false),
            Some(true) => {}
            None => result = None,
        }
    }
    result
}

/// Whether two values are the same in every respect that Terraform knows: type, value, marks, refinements. Causes and
/// shapes, which are tfguard's, do not count.
pub fn raw_equals(a: &Value, b: &Value) -> bool {
    a.ty() == b.ty() && raw_same(a, b)
}

fn raw_same(a: &Value, b: &Value) -> bool {
    if a.marks() != b.marks() {
        return false;
    }
    match (a.data(), b.data()) {
        (Data::Null(_), Data::Null(_)) => true,
        (Data::Unknown(a), Data::Unknown(b)) => {
            a.not_null == b.not_null && a.prefix == b.prefix && a.bounds == b.bounds
        }
        (Data::Map(_, a), Data::Map(_, b)) | (Data::Object(a), Data::Object(b)) => {
            a.keys().eq(b.keys()) && a.values().zip(b.values()).all(|(a, b)| raw_same(a, b))
        }
        (Data::List(_, a), Data::List(_, b))
        | (Data::Set(_, a), Data::Set(_, b))
        | (Data::Tuple(a), Data::Tuple(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| raw_same(a, b))
        }
        (Data::Bool(_) | Data::Number(_) | Data::String(_), _) => equal_known(a, b) == Some(true),
        _ => false,
    }
}

/// A set of these elements, which have that type already ([`Type::Dynamic`]: the type of the first that has one). Equal
/// ones once; in cty's order: bools, numbers and strings by value, others by a textual key; then unknown ones, then null.
/// Marks of elements go to the set.
pub fn set_from(of: &Type, elements: impl IntoIterator<Item = Value>) -> Value {
    let mut marks = Marks::NONE;
    let mut elements: Vec<Value> = elements
        .into_iter()
        .map(|element| {
            let (element, of_element) = element.unmark_deep();
            marks = marks.union(&of_element);
            element
        })
        .collect();
    let mut of = of.clone();
    if of == Type::Dynamic {
        let mut types = elements.iter().map(Value::ty);
        of = types.find(|ty| *ty != Type::Dynamic).unwrap_or(of);
        elements = elements
            .into_iter()
            .map(|element| typed(element, &of))
            .collect();
    }
    let mut index = Index::default();
    let mut keyed: Vec<(Key, Value)> = Vec::with_capacity(elements.len());
    for element in elements {
        if let Some(key) = index.add(&element) {
            keyed.push((Key::of(&element, key), element));
        }
    }
    keyed.sort_by(|(a, _), (b, _)| a.cmp(b));
    let elements = keyed.into_iter().map(|(_, element)| element).collect();
    Value::from(Data::Set(of, elements)).with_marks(&marks)
}

/// Whether a known set has an element: certain equality, as cty's sets have it.
pub fn set_has(elements: &[Value], element: &Value) -> bool {
    Index::of(elements).has(element)
}

/// Known values, to be looked up by certain equality.
#[derive(Default)]
pub struct Index(HashMap<String, Vec<Value>>);

impl Index {
    /// These values.
    pub fn of(elements: &[Value]) -> Self {
        let mut index = Self::default();
        for element in elements {
            index.add(element);
        }
        index
    }

    /// The key, unless an equal element is there already.
    fn add(&mut self, element: &Value) -> Option<String> {
        let key = set_key(element);
        let bucket = self.0.entry(key.clone()).or_default();
        if bucket
            .iter()
            .any(|other| is_equal(element, other) == Some(true))
        {
            return None;
        }
        bucket.push(element.clone());
        Some(key)
    }

    /// Adds a value; false where an equal one is there already.
    pub fn insert(&mut self, element: &Value) -> bool {
        self.add(element).is_some()
    }

    /// Whether an equal value is there.
    pub fn has(&self, element: &Value) -> bool {
        self.0.get(&set_key(element)).is_some_and(|bucket| {
            bucket
                .iter()
                .any(|other| is_equal(element, other) == Some(true))
        })
    }
}

/// What the elements of a set are ordered by.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Bool(bool),
    Number(Number),
    String(std::sync::Arc<str>),
    Other(String),
    Unknown,
    Null,
}

impl Key {
    fn of(element: &Value, key: String) -> Self {
        match element.data() {
            Data::Null(_) => Self::Null,
            Data::Unknown(_) => Self::Unknown,
            Data::Bool(value) => Self::Bool(*value),
            Data::Number(number) => Self::Number(number.clone()),
            Data::String(text) => Self::String(text.clone()),
            _ => Self::Other(key),
        }
    }
}

/// cty's text for a value within a set: equal values have equal texts, and sets of objects are ordered by it.
fn set_key(value: &Value) -> String {
    let mut key = String::new();
    write_set_key(value, &mut key);
    key
}

fn write_set_key(value: &Value, key: &mut String) {
    match value.data() {
        Data::Unknown(_) => key.push('?'),
        Data::Null(_) => key.push('~'),
        Data::Number(number) => key.push_str(&number.general()),
        Data::Bool(true) => key.push('T'),
        Data::Bool(false) => key.push('F'),
        Data::String(text) => key.push_str(&quote(text)),
        Data::Map(_, entries) => {
            key.push('{');
            for (name, value) in entries.iter() {
                key.push_str(&quote(name));
                key.push(':');
                write_set_key(value, key);
                key.push(';');
            }
            key.push('}');
        }
        Data::List(_, elements) | Data::Set(_, elements) => {
            key.push('[');
            for element in elements.iter() {
                write_set_key(element, key);
                key.push(';');
            }
            key.push(']');
        }
        Data::Object(_) | Data::Tuple(_) => {
            key.push('<');
            for element in value.children() {
                write_set_key(element, key);
                key.push(';');
            }
            key.push('>');
        }
    }
}
