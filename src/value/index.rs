//! Attributes, elements, lengths and iteration of values.

use std::fmt;
use std::sync::Arc;

use thiserror::Error;

use super::convert::typed;
use super::equality::unknown_bool;
use super::{
    Causes, Data, Marks, Mismatch, Number, SecretPlaces, Shape, Type, Unknown, Value, convert,
    normalised,
};

/// A value has no such attribute or element. Displayed as Terraform's detail; [`IndexError::summary`] is its summary.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum IndexError {
    /// `null.name`
    #[error("this value is null, so it does not have any attributes")]
    AttributeOfNull,
    /// `null[key]`
    #[error("this value is null, so it does not have any indices")]
    IndexOfNull,
    /// `x[null]`
    #[error("can't use a null value as an indexing key")]
    NullKey,
    /// An object without that attribute.
    #[error("this object does not have an attribute named {0:?}")]
    NoAttribute(Arc<str>),
    /// A map without that element, asked for as an attribute.
    #[error("this map does not have an element with the key {0:?}")]
    NoElement(Arc<str>),
    /// An attribute of a list of objects.
    #[error("{}", AttributeOfList { name, has_it: *.has_it })]
    AttributeOfList {
        /// Which.
        name: Arc<str>,
        /// Whether each element has it.
        has_it: bool,
    },
    /// An attribute of a set of objects.
    #[error(
        "can't access attributes on a set of objects; did you mean to access an attribute across all elements of the set?"
    )]
    AttributeOfSet,
    /// An attribute of a string, number or bool.
    #[error("can't access attributes on a primitive-typed value ({})", .0.friendly_name())]
    AttributeOfPrimitive(Type),
    /// An attribute of a tuple, or of a list, set of something else.
    #[error("this value does not have any attributes")]
    NoAttributes,
    /// The key has the wrong type.
    #[error("the given key does not identify an element in this collection value: {0}")]
    KeyType(Mismatch),
    /// The key is a fraction.
    #[error(
        "the given key does not identify an element in this collection value: indexing a sequence requires a whole number, but the given index has a fractional part"
    )]
    Fraction,
    /// The key is negative.
    #[error(
        "the given key does not identify an element in this collection value: a negative number is not a valid index for a sequence"
    )]
    Negative,
    /// The list or tuple is empty.
    #[error(
        "the given key does not identify an element in this collection value: the collection has no elements"
    )]
    Empty,
    /// The key is beyond the end.
    #[error(
        "the given key does not identify an element in this collection value: the given index is greater than or equal to the length of the collection"
    )]
    BeyondEnd,
    /// The key is not there.
    #[error("the given key does not identify an element in this collection value")]
    NoSuchKey,
    /// A number for an object that has no such attribute.
    #[error(
        "the given key does not identify an element in this collection value; an object only supports looking up attributes by name, not by numeric index"
    )]
    NumberForObject,
    /// A set has no keys.
    #[error(
        "elements of a set are identified only by their value and don't have any separate index or key to select with, so it's only possible to perform operations across all elements of the set"
    )]
    IndexOfSet,
    /// A string, number or bool has no elements.
    #[error("this value does not have any indices")]
    NoIndices,
}

impl IndexError {
    /// As Terraform heads it.
    pub fn summary(&self) -> &'static str {
        match self {
            Self::AttributeOfNull => "Attempt to get attribute from null value",
            Self::IndexOfNull => "Attempt to index null value",
            Self::NoElement(_) => "Missing map element",
            Self::NoAttribute(_)
            | Self::AttributeOfList { .. }
            | Self::AttributeOfSet
            | Self::AttributeOfPrimitive(_)
            | Self::NoAttributes => "Unsupported attribute",
            _ => "Invalid index",
        }
    }
}

struct AttributeOfList<'a> {
    name: &'a str,
    has_it: bool,
}

impl fmt::Display for AttributeOfList<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("can't access attributes on a list of objects; did you mean to access ")?;
        if self.has_it {
            write!(f, "attribute {:?}", self.name)?;
        } else {
            f.write_str("an attribute")?;
        }
        f.write_str(" for a specific element of the list, or across all elements of the list?")
    }
}

/// `value.name`, as HCL has it. Of an unknown value the attribute is unknown, of the type that is known of it; where the
/// sources tell the attribute of an unknown value ([`Shape::Partial`]), it is that.
pub fn attribute(value: &Value, name: &str) -> Result<Value, IndexError> {
    let marked = |found: Value| found.with_marks(value.marks());
    let name = &*normalised(name);
    match value.data() {
        Data::Null(_) => Err(IndexError::AttributeOfNull),
        Data::Object(entries) => entries
            .get(name)
            .cloned()
            .map(marked)
            .ok_or_else(|| IndexError::NoAttribute(name.into())),
        Data::Map(_, entries) => entries
            .get(name)
            .cloned()
            .map(marked)
            .ok_or_else(|| IndexError::NoElement(name.into())),
        Data::Unknown(unknown) => attribute_of_unknown(unknown, name).map(marked),
        _ => Err(no_attribute(&value.ty(), name)),
    }
}

fn attribute_of_unknown(unknown: &Unknown, name: &str) -> Result<Value, IndexError> {
    let ty = match &unknown.ty {
        Type::Object(of) => of
            .attributes
            .get(name)
            .ok_or_else(|| IndexError::NoAttribute(name.into()))?,
        Type::Map(of) => of,
        Type::Dynamic => &Type::Dynamic,
        ty => return Err(no_attribute(ty, name)),
    };
    let told = told(unknown, ty, |partial| attribute(partial, name).ok());
    if let Some(found) = told {
        return Ok(found);
    }
    let places = unknown.places().member(Some(name));
    Ok(places.put_on(Value::unknown(ty.clone(), unknown.causes.clone())))
}

fn no_attribute(ty: &Type, name: &str) -> IndexError {
    match ty {
        Type::List(of) => match &**of {
            Type::Object(of) => IndexError::AttributeOfList {
                name: name.into(),
                has_it: of.attributes.contains_key(name),
            },
            _ => IndexError::NoAttributes,
        },
        Type::Set(of) if matches!(**of, Type::Object(_)) => IndexError::AttributeOfSet,
        ty if ty.is_primitive() => IndexError::AttributeOfPrimitive(ty.clone()),
        _ => IndexError::NoAttributes,
    }
}

/// `value[key]`, as HCL has it: unknown where the value or the key is. Marks of both go to the result, except those of
/// the key into an object.
pub fn index(value: &Value, key: &Value) -> Result<Value, IndexError> {
    if value.is_null() {
        return Err(IndexError::IndexOfNull);
    }
    if key.is_null() {
        return Err(IndexError::NullKey);
    }
    // The usual case, without the type of the whole: that takes as long as it is large.
    if let Some(found) = element(value, key) {
        return Ok(found);
    }
    let ty = value.ty();
    if ty == Type::Dynamic || key.ty() == Type::Dynamic {
        return Ok(index_untyped(value, key));
    }
    let wanted = match &ty {
        Type::List(_) | Type::Tuple(_) => Type::Number,
        Type::Map(_) | Type::Object(_) => Type::String,
        Type::Set(_) => return Err(IndexError::IndexOfSet),
        _ => return Err(IndexError::NoIndices),
    };
    let was_number = key.ty() == Type::Number;
    let key = convert(key, &wanted).map_err(|error| IndexError::KeyType(error.reason))?;
    match &ty {
        Type::Object(_) => index_object(value, &key, was_number),
        Type::Map(of) => index_map(value, &key, of),
        _ => index_sequence(value, &key, &ty),
    }
}

/// The element of a known tuple, list, object or map, by a key of its own type.
fn element(value: &Value, key: &Value) -> Option<Value> {
    let (found, of_key) = match (value.data(), key.data()) {
        (Data::Tuple(elements) | Data::List(_, elements), Data::Number(number)) => {
            let found = elements.get(number.as_usize()?)?;
            (found, Some(key.marks()))
        }
        (Data::Map(_, entries), Data::String(name)) => (entries.get(name)?, Some(key.marks())),
        (Data::Object(entries), Data::String(name)) => (entries.get(name)?, None),
        _ => return None,
    };
    let found = found.clone().with_marks(value.marks());
    Some(match of_key {
        Some(marks) => found.with_marks(marks),
        None => found,
    })
}

fn unknown_element(ty: Type, value: &Value, key: &Value) -> Value {
    let of = |value: &Value| value.as_unknown().map(|unknown| unknown.causes.clone());
    let causes = of(value)
        .unwrap_or_default()
        .union(&of(key).unwrap_or_default());
    let places = SecretPlaces::of(value).member(key.as_str());
    places
        .put_on(Value::unknown(ty, causes))
        .with_marks(value.marks())
}

/// What the sources tell of a part of an unknown value, which has this type. Terraform calls the part unknown as well, except
/// of an object that is [open](Unknown::is_open).
fn told(unknown: &Unknown, ty: &Type, find: impl FnOnce(&Value) -> Option<Value>) -> Option<Value> {
    let (known, is_known) = match &unknown.shape {
        Some(Shape::Partial(partial)) => (partial, unknown.is_open()),
        Some(Shape::Decoded(document)) => (document, false),
        _ => return None,
    };
    let found = typed(find(known)?, ty);
    if is_known || !found.is_known() {
        return Some(found);
    }
    let marks = found.marks().clone();
    let shape = match &unknown.shape {
        Some(Shape::Decoded(_)) => Shape::Decoded(Arc::new(found)),
        _ => Shape::Partial(Arc::new(found)),
    };
    let part = Unknown {
        shape: Some(shape),
        ..Unknown::new(ty.clone(), unknown.causes.clone())
    };
    Some(Value::refined(part).with_marks(&marks))
}

/// The same of a value that may be unknown.
fn told_of(value: &Value, ty: &Type, find: impl FnOnce(&Value) -> Option<Value>) -> Option<Value> {
    told(value.as_unknown()?, ty, find)
}

fn index_untyped(value: &Value, key: &Value) -> Value {
    let found = told_of(value, &Type::Dynamic, |partial| index(partial, key).ok());
    match found.filter(|_| key.is_known()) {
        Some(found) => found.with_marks(value.marks()),
        None => unknown_element(Type::Dynamic, value, key),
    }
}

fn index_map(value: &Value, key: &Value, of: &Type) -> Result<Value, IndexError> {
    let marks = value.marks().union(key.marks());
    let Some(name) = key.as_str() else {
        return Ok(unknown_element(of.clone(), value, key));
    };
    let Some(entries) = value.as_entries() else {
        let known = told_of(value, of, |partial| {
            partial.as_entries()?.get(name).cloned()
        });
        return Ok(match known {
            Some(found) => found.with_marks(&marks),
            None => unknown_element(of.clone(), value, key),
        });
    };
    entries
        .get(name)
        .cloned()
        .map(|found| found.with_marks(&marks))
        .ok_or(IndexError::NoSuchKey)
}

fn index_object(value: &Value, key: &Value, was_number: bool) -> Result<Value, IndexError> {
    let Some(name) = key.as_str() else {
        return Ok(unknown_element(Type::Dynamic, value, key));
    };
    if !value.is_known() {
        let found = told_of(value, &Type::Dynamic, |partial| {
            attribute(partial, name).ok()
        });
        return Ok(match found {
            Some(found) => found.with_marks(value.marks()),
            None => unknown_element(Type::Dynamic, value, key),
        });
    }
    attribute(value, name).map_err(|_| {
        if was_number {
            IndexError::NumberForObject
        } else {
            IndexError::NoSuchKey
        }
    })
}

fn index_sequence(value: &Value, key: &Value, ty: &Type) -> Result<Value, IndexError> {
    let element_type = |at: Option<usize>| match ty {
        Type::Tuple(of) => at
            .and_then(|at| of.get(at))
            .cloned()
            .unwrap_or(Type::Dynamic),
        _ => ty.element().cloned().unwrap_or(Type::Dynamic),
    };
    let Some(number) = key.as_number() else {
        return Ok(unknown_element(element_type(None), value, key));
    };
    let length = match (value.as_elements(), ty) {
        (Some(elements), _) => Some(elements.len()),
        (None, Type::Tuple(of)) => Some(of.len()),
        _ => None,
    };
    let Some(length) = length else {
        let known = told_of(value, &element_type(None), |partial| {
            partial.as_elements()?.get(number.as_usize()?).cloned()
        });
        return Ok(match known {
            Some(found) => found.with_marks(value.marks()),
            None => unknown_element(element_type(None), value, key),
        });
    };
    if !number.is_integer() {
        return Err(IndexError::Fraction);
    }
    if number.signum() < 0 {
        return Err(IndexError::Negative);
    }
    let at = number.as_usize().filter(|at| *at < length);
    let Some(at) = at else {
        return Err(if length == 0 {
            IndexError::Empty
        } else {
            IndexError::BeyondEnd
        });
    };
    let marks = value.marks().union(key.marks());
    let found = match value.as_elements() {
        Some(elements) => elements.get(at).cloned(),
        None => told_of(value, &element_type(Some(at)), |partial| {
            partial.as_elements()?.get(at).cloned()
        }),
    };
    Ok(match found {
        Some(found) => found.with_marks(&marks),
        None => unknown_element(element_type(Some(at)), value, key).with_marks(&marks),
    })
}

/// Whether `value[key]` would be there: unknown where the value or the key is. False for keys of the wrong type; none
/// for values without keys (sets, primitives, nulls).
pub fn has_index(value: &Value, key: &Value) -> Option<Value> {
    let marks = value.marks().union(key.marks());
    let open = |causes: Causes| Some(unknown_bool(causes).with_marks(&marks));
    let ty = value.ty();
    if ty == Type::Dynamic && !value.is_null() {
        return open(value.causes());
    }
    let wanted = match ty {
        Type::List(_) | Type::Tuple(_) => Type::Number,
        Type::Map(_) | Type::Object(_) => Type::String,
        _ => return None,
    };
    if value.is_null() {
        return None;
    }
    match key.as_unknown() {
        Some(unknown) if unknown.ty == Type::Dynamic || unknown.ty == wanted => {
            return open(unknown.causes.clone());
        }
        _ if key.ty() != wanted || key.is_null() => {
            return Some(Value::FALSE.with_marks(&marks));
        }
        _ => {}
    }
    let has = match (value.data(), &ty) {
        (Data::Unknown(_), Type::Tuple(of)) => {
            key.as_number()?.as_usize().is_some_and(|at| at < of.len())
        }
        (Data::Unknown(_), Type::Object(of)) => of.attributes.contains_key(key.as_str()?),
        (Data::Unknown(unknown), _) => return open(unknown.causes.clone()),
        _ => match (value.as_elements(), value.as_entries()) {
            (Some(elements), _) => key
                .as_number()?
                .as_usize()
                .is_some_and(|at| at < elements.len()),
            (_, Some(entries)) => entries.contains_key(key.as_str()?),
            _ => return None,
        },
    };
    Some(Value::bool(has).with_marks(&marks))
}

/// Keys and elements of a known list, set, tuple, map or object, in Terraform's order: numbers for lists and tuples,
/// strings for maps and objects, the element itself for sets. None for everything else. The marks of the value itself
/// are left to the caller, as they are in Terraform: a `for` puts them on its result.
pub fn elements(value: &Value) -> Option<impl Iterator<Item = (Value, Value)> + '_> {
    let (sequence, entries) = (value.as_elements(), value.as_entries());
    if sequence.is_none() && entries.is_none() {
        return None;
    }
    let is_set = matches!(value.data(), Data::Set(..));
    let of_sequence = sequence
        .unwrap_or(&[])
        .iter()
        .enumerate()
        .map(move |(at, element)| {
            let key = if is_set {
                element.clone()
            } else {
                Value::number(at)
            };
            (key, element.clone())
        });
    let of_entries = entries
        .into_iter()
        .flatten()
        .map(|(key, element)| (Value::string(Arc::clone(key)), element.clone()));
    Some(of_sequence.chain(of_entries))
}

/// The number of elements of a collection or tuple or of attributes of an object: of unknown ones an unknown number with
/// bounds, and also of a set with unknown elements, for they may turn out to be equal. None for everything else.
pub fn length(value: &Value) -> Option<Value> {
    let count = match (value.data(), value.ty()) {
        (Data::Null(_), _) => return None,
        (_, Type::Tuple(of)) => of.len(),
        (_, Type::Object(of)) => of.attributes.len(),
        (Data::List(_, elements), _) => elements.len(),
        (Data::Map(_, entries), _) => entries.len(),
        (Data::Set(_, elements), _) => {
            if elements.len() > 1 && !elements.iter().all(Value::is_wholly_known) {
                let bounds = (1, Some(elements.len()));
                return Some(unknown_length(bounds, value.causes(), value.marks()));
            }
            elements.len()
        }
        (Data::Unknown(unknown), ty) if ty.is_collection() => {
            let bounds = unknown.length_bounds();
            return Some(unknown_length(
                bounds,
                unknown.causes.clone(),
                value.marks(),
            ));
        }
        _ => return None,
    };
    Some(Value::number(count).with_marks(value.marks()))
}

fn unknown_length((min, max): (usize, Option<usize>), causes: Causes, marks: &Marks) -> Value {
    Value::unknown(Type::Number, causes)
        .refine_bounds(Some(Number::from(min)), max.map(Number::from))
        .refine_not_null()
        .with_marks(marks)
}

#[cfg(test)]
mod tests {
    use super::super::{Cause, Entries};
    use super::*;

    fn cause() -> Causes {
        Causes::one(Cause::Impure {
            function: "uuid".into(),
        })
    }

    #[test]
    fn refuses_as_the_console() {
        let tuple = Value::tuple([Value::TRUE]);
        let object = Value::object(Entries::from([("a".into(), Value::TRUE)]));
        let of = |key: &str| Value::number(Number::parse(key).expect("a number"));
        let rows = [
            (index(&tuple, &of("1")), IndexError::BeyondEnd),
            (index(&tuple, &of("-1")), IndexError::Negative),
            (index(&tuple, &of("0.5")), IndexError::Fraction),
            (index(&tuple, &Value::NULL), IndexError::NullKey),
            (
                index(&tuple, &Value::string("a")),
                IndexError::KeyType(Mismatch::NumberRequired),
            ),
            (index(&Value::tuple([]), &of("0")), IndexError::Empty),
            (index(&object, &of("0")), IndexError::NumberForObject),
            (index(&Value::TRUE, &of("0")), IndexError::NoIndices),
            (attribute(&Value::NULL, "a"), IndexError::AttributeOfNull),
            (attribute(&object, "b"), IndexError::NoAttribute("b".into())),
            (attribute(&tuple, "a"), IndexError::NoAttributes),
        ];
        for (result, expected) in rows {
            assert_eq!(result, Err(expected));
        }
        assert_eq!(index(&tuple, &Value::string("0")), Ok(Value::TRUE));
        assert_eq!(index(&object, &Value::string("a")), Ok(Value::TRUE));
    }

    #[test]
    fn of_an_unknown_what_is_known_of_it() {
        let ty = Type::object([("a".into(), Type::String), ("b".into(), Type::Number)].into());
        let mut unknown = Unknown::new(ty, cause());
        let known = Value::object(Entries::from([("a".into(), Value::string("x"))]));
        unknown.shape = Some(Shape::Partial(Arc::new(known)));
        let unknown = Value::refined(unknown).with_marks(&Marks::SENSITIVE);
        let a = attribute(&unknown, "a").expect("an attribute");
        let told = a.foreseen().and_then(Value::as_str);
        assert_eq!(
            (a.is_known(), told, a.marks().sensitive),
            (false, Some("x"), true)
        );
        let b = attribute(&unknown, "b").expect("an attribute");
        assert_eq!((b.ty(), b.causes()), (Type::Number, cause()));
        assert!(attribute(&unknown, "c").is_err());
    }

    #[test]
    fn lengths_are_bounded_where_they_are_open() {
        let unknown = Value::unknown(Type::String, cause());
        let set = super::super::set_from(&Type::String, [Value::string("a"), unknown]);
        let bounds = length(&set).and_then(|length| length.as_unknown().cloned());
        let bounds = bounds.expect("unknown").bounds;
        assert_eq!((bounds.min, bounds.max), (Some(1.into()), Some(2.into())));
        let tuple = Value::unknown(Type::Tuple([Type::Bool].into()), cause());
        assert_eq!(length(&tuple), Some(Value::number(1)));
        assert_eq!(length(&Value::TRUE), None);
    }
}
