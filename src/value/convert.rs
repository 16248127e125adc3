//! Conversion of values to types, as Terraform converts arguments, operands and variables.

use std::fmt;
use std::sync::Arc;

use thiserror::Error;

use super::refine::settled;
use super::unify::{Safety, converts, element_constraint, unify_with};
use super::{Causes, Data, Entries, Number, ObjectType, Shape, Type, Unknown, Value, set_from};
use crate::address::{AttributePath, PathStep};

/// A value does not convert to a type.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{reason}")]
pub struct ConvertError {
    /// Where in the value.
    pub path: AttributePath,
    /// Why.
    pub reason: Mismatch,
}

/// Why a value does not convert to a type. Displayed as Terraform words it; no values are named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// A string that is no number.
    NumberRequired,
    /// A string that is no bool; it is one but for its case.
    BoolRequired {
        /// What it should have been.
        lowercase: Option<bool>,
    },
    /// A value of some other type.
    Required(Type),
    /// Attributes that an object lacks.
    AttributesRequired(Vec<Arc<str>>),
    /// An attribute of the wrong type.
    Attribute(Arc<str>, Box<Mismatch>),
    /// An element of a tuple with the wrong type.
    Element(usize, Box<Mismatch>),
    /// An attribute of an object with the wrong type for a map.
    Key(Arc<str>, Box<Mismatch>),
    /// Elements of the wrong type.
    ElementType(Collection, Box<Mismatch>),
    /// Elements without a type in common.
    SameType(Collection),
    /// Elements whose types turned out to differ.
    TypesMustMatch(Collection),
    /// Attributes whose types turned out to differ.
    AttributeTypesMustMatch,
    /// Elements without a type in common, found when converting them.
    NoCommonType,
    /// A map without the element that a required attribute needs.
    MissingElement(Arc<str>),
    /// A map whose elements are not of an optional attribute's type.
    IncompatibleElement(Arc<str>, Box<Mismatch>),
}

/// A kind of collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Collection {
    List,
    Set,
    Map,
}

impl fmt::Display for Collection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::List => "list",
            Self::Set => "set",
            Self::Map => "map",
        })
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NumberRequired => f.write_str("a number is required"),
            Self::BoolRequired { lowercase: None } => f.write_str("a bool is required"),
            Self::BoolRequired {
                lowercase: Some(value),
            } => write!(
                f,
                "a bool is required; to convert from string, use lowercase \"{value}\""
            ),
            Self::Required(ty) => write!(f, "{} required", ty.friendly_name_for_constraint()),
            Self::AttributesRequired(names) => match names.as_slice() {
                [] => f.write_str("incorrect object attributes"),
                [name] => write!(f, "attribute {name:?} is required"),
                [one, two] => write!(f, "attributes {one:?} and {two:?} are required"),
                [names @ .., last] => {
                    f.write_str("attributes ")?;
                    for name in names {
                        write!(f, "{name:?}, ")?;
                    }
                    write!(f, "and {last:?} are required")
                }
            },
            Self::Attribute(name, reason) => write!(f, "attribute {name:?}: {reason}"),
            Self::Element(at, reason) => write!(f, "element {at}: {reason}"),
            Self::Key(key, reason) => write!(f, "element {key:?}: {reason}"),
            Self::ElementType(kind, reason) => {
                write!(f, "incorrect {kind} element type: {reason}")
            }
            Self::SameType(kind) => write!(f, "all {kind} elements must have the same type"),
            Self::AttributeTypesMustMatch => {
                f.write_str("attribute types must all match for conversion to map")
            }
            Self::TypesMustMatch(kind) => {
                write!(f, "element types must all match for conversion to {kind}")
            }
            Self::NoCommonType => f.write_str("cannot find a common base type for all elements"),
            Self::MissingElement(name) => {
                write!(f, "map has no element for required attribute {name:?}")
            }
            Self::IncompatibleElement(name, reason) => write!(
                f,
                "map element type is incompatible with attribute {name:?}: {reason}"
            ),
        }
    }
}

/// The value as one of that type: cty's `convert.Convert`, unsafe conversions (string to number, map to object …)
/// included. Nulls and unknowns convert too; marks stay where they are, except that those of elements of a set move to
/// the set. Optional attributes that are missing become null. Unlike in cty, nulls keep their marks wherever they go.
pub fn convert(value: &Value, to: &Type) -> Result<Value, ConvertError> {
    if *to == Type::Dynamic {
        return Ok(value.clone());
    }
    let from = value.ty();
    if from == *to {
        return Ok(value.clone());
    }
    let mut conversion = Conversion::default();
    if to.has_optional() && from == to.without_optional() {
        return Ok(value.clone());
    }
    if !converts(&from, to, Safety::Unsafe) {
        return Err(conversion.fail(mismatch(&from, to)));
    }
    conversion.apply(value, &from, to)
}

/// All values converted to the type that they have in common ([`super::unify`]), and that type. None when they have none.
pub fn convert_all(values: &[Value]) -> Option<Result<(Type, Vec<Value>), ConvertError>> {
    let types: Vec<Type> = values.iter().map(Value::ty).collect();
    let unified = super::unify(&types)?;
    let converted: Result<Vec<Value>, ConvertError> = values
        .iter()
        .map(|value| convert(value, &unified))
        .collect();
    Some(converted.map(|values| (unified, values)))
}

/// Why a type does not convert to another, as Terraform words it.
pub fn mismatch(from: &Type, to: &Type) -> Mismatch {
    match (from, to) {
        (Type::Object(from), Type::Object(to)) => {
            let missing: Vec<Arc<str>> = to
                .attributes
                .keys()
                .filter(|name| !from.attributes.contains_key(*name) && !to.optional.contains(*name))
                .cloned()
                .collect();
            if !missing.is_empty() {
                return Mismatch::AttributesRequired(missing);
            }
            let of_attribute = |safety| {
                to.attributes.iter().find_map(|(name, to)| {
                    let from = from.attributes.get(name)?;
                    (from != to && !converts(from, to, safety)).then(|| {
                        Mismatch::Attribute(Arc::clone(name), Box::new(mismatch(from, to)))
                    })
                })
            };
            of_attribute(Safety::Unsafe)
                .or_else(|| of_attribute(Safety::Safe))
                .unwrap_or(Mismatch::AttributesRequired(Vec::new()))
        }
        (Type::Tuple(_), Type::List(of)) if **of == Type::Dynamic => {
            Mismatch::SameType(Collection::List)
        }
        (Type::Tuple(_), Type::Set(of)) if **of == Type::Dynamic => {
            Mismatch::SameType(Collection::Set)
        }
        (Type::Object(_), Type::Map(of)) if **of == Type::Dynamic => {
            Mismatch::SameType(Collection::Map)
        }
        (Type::Tuple(from), Type::List(of) | Type::Set(of)) => from
            .iter()
            .enumerate()
            .find(|(_, from)| !converts(from, of, Safety::Unsafe))
            .map_or_else(
                || Mismatch::Required(to.clone()),
                |(at, from)| Mismatch::Element(at, Box::new(mismatch(from, of))),
            ),
        (Type::Object(from), Type::Map(of)) => from
            .attributes
            .iter()
            .find(|(_, from)| !converts(from, of, Safety::Unsafe))
            .map_or_else(
                || Mismatch::Required(to.clone()),
                |(name, from)| Mismatch::Key(Arc::clone(name), Box::new(mismatch(from, of))),
            ),
        (Type::List(from) | Type::Set(from), Type::List(of)) => {
            Mismatch::ElementType(Collection::List, Box::new(mismatch(from, of)))
        }
        (Type::List(from) | Type::Set(from), Type::Set(of)) => {
            Mismatch::ElementType(Collection::Set, Box::new(mismatch(from, of)))
        }
        (Type::Map(from), Type::Map(of)) => {
            Mismatch::ElementType(Collection::Map, Box::new(mismatch(from, of)))
        }
        _ => Mismatch::Required(to.clone()),
    }
}

/// A conversion under way, and where in the value it is.
#[derive(Default)]
struct Conversion {
    path: Vec<PathStep>,
    /// A set with unknown elements became an unknown list, which keeps the type of the set's elements: what holds it
    /// has elements of another type than the constraint says.
    irregular: bool,
}

impl Conversion {
    fn fail(&self, reason: Mismatch) -> ConvertError {
        ConvertError {
            path: AttributePath(self.path.clone()),
            reason,
        }
    }

    /// `from` is the value's type, which is known to convert.
    fn apply(&mut self, value: &Value, from: &Type, to: &Type) -> Result<Value, ConvertError> {
        if *to == Type::Dynamic || from == to {
            return Ok(value.clone());
        }
        let mut converted = if *from == Type::Dynamic || value.is_null() || !value.is_known() {
            self.apply_open(value, from, to)?
        } else {
            self.apply_known(value.data(), from, to)?
        };
        if *from == Type::Bool {
            // A comparison of secrets, written as a text, is none.
            converted = converted.with_marks(&value.marks().without_secrets());
        } else if !value.marks().is_empty() {
            converted = converted.with_marks(value.marks());
        }
        Ok(converted)
    }

    /// Nulls, unknowns, and what a list of any type holds: there the elements know their types, the list does not.
    fn apply_open(&self, value: &Value, from: &Type, to: &Type) -> Result<Value, ConvertError> {
        match value.data() {
            Data::Unknown(unknown) => {
                let target = filled_in(from, &to.without_optional());
                Ok(convert_unknown(unknown, from, &target))
            }
            Data::Null(_) => Ok(Value::null(filled_in(from, &to.without_optional()))),
            _ => convert(value, to).map_err(|error| {
                let steps = self.path.iter().cloned().chain(error.path.0);
                ConvertError {
                    path: AttributePath(steps.collect()),
                    reason: error.reason,
                }
            }),
        }
    }

    /// Each kind in a function of its own, so that values may nest deeply within a small stack.
    fn apply_known(&mut self, data: &Data, from: &Type, to: &Type) -> Result<Value, ConvertError> {
        match (data, from, to) {
            (Data::Number(_) | Data::Bool(_) | Data::String(_), ..) => {
                self.primitive(data, from, to)
            }
            (Data::Tuple(elements), Type::Tuple(from), Type::Tuple(to)) => {
                self.tuple_to_tuple(elements, from, to)
            }
            (Data::Tuple(elements), Type::Tuple(from), Type::List(_) | Type::Set(_)) => {
                self.tuple_to_collection(elements, from, to)
            }
            (Data::List(_, elements) | Data::Set(_, elements), _, Type::List(_) | Type::Set(_)) => {
                self.collection_to_collection(data, elements, to)
            }
            (Data::Map(from, entries), _, Type::Map(of)) => self.map_to_map(entries, from, of),
            (Data::Map(from, entries), _, Type::Object(_)) => self.map_to_object(entries, from, to),
            (Data::Object(entries), Type::Object(from), Type::Map(of)) => {
                self.object_to_map(entries, from, of)
            }
            (Data::Object(entries), Type::Object(from), Type::Object(to)) => {
                self.object_to_object(entries, from, to)
            }
            _ => Err(self.fail(mismatch(from, to))),
        }
    }

    fn primitive(&self, data: &Data, from: &Type, to: &Type) -> Result<Value, ConvertError> {
        match (data, to) {
            (Data::Number(number), Type::String) => Ok(Value::string(number.to_string())),
            (Data::Bool(value), Type::String) => Ok(Value::string(value.to_string())),
            (Data::String(text), Type::Number) => Number::parse(text)
                .map(Value::number)
                .ok_or_else(|| self.fail(Mismatch::NumberRequired)),
            (Data::String(text), Type::Bool) => self.parse_bool(text),
            _ => Err(self.fail(mismatch(from, to))),
        }
    }

    fn tuple_to_tuple(
        &mut self,
        elements: &[Value],
        from: &[Type],
        to: &[Type],
    ) -> Result<Value, ConvertError> {
        let mut converted = Vec::with_capacity(elements.len());
        for (at, element) in elements.iter().enumerate() {
            converted.push(self.element(at, element, &from[at], &to[at])?);
        }
        Ok(Value::tuple(converted))
    }

    fn object_to_map(
        &mut self,
        entries: &Entries,
        from: &ObjectType,
        of: &Type,
    ) -> Result<Value, ConvertError> {
        let constraint = element_constraint(from.attributes.values(), of, Safety::Unsafe)
            .ok_or_else(|| self.fail(Mismatch::SameType(Collection::Map)))?;
        let mut converted = Entries::new();
        for (name, value) in entries {
            let from = &from.attributes[name];
            let value = self.entry(name, value, from, &constraint)?;
            converted.insert(Arc::clone(name), value);
        }
        let differ = Mismatch::AttributeTypesMustMatch;
        self.finish_map(converted, of, &constraint, Safety::Unsafe, differ)
    }

    fn object_to_object(
        &mut self,
        entries: &Entries,
        from: &ObjectType,
        to: &ObjectType,
    ) -> Result<Value, ConvertError> {
        let mut converted = Entries::new();
        for (name, to_attribute) in &to.attributes {
            let value = match entries.get(name) {
                Some(value) => self.entry(name, value, &from.attributes[name], to_attribute)?,
                None => Value::null(to_attribute.without_optional()),
            };
            converted.insert(Arc::clone(name), value);
        }
        Ok(Value::object(converted))
    }

    fn parse_bool(&self, text: &str) -> Result<Value, ConvertError> {
        match text {
            "true" | "1" => Ok(Value::TRUE),
            "false" | "0" => Ok(Value::FALSE),
            _ => Err(self.fail(Mismatch::BoolRequired {
                lowercase: text.to_lowercase().parse().ok(),
            })),
        }
    }

    fn element(
        &mut self,
        at: usize,
        value: &Value,
        from: &Type,
        to: &Type,
    ) -> Result<Value, ConvertError> {
        self.path.push(PathStep::Index(at));
        let converted = self.apply(value, from, to);
        self.path.pop();
        converted
    }

    fn entry(
        &mut self,
        key: &Arc<str>,
        value: &Value,
        from: &Type,
        to: &Type,
    ) -> Result<Value, ConvertError> {
        self.path.push(PathStep::Attribute(Arc::clone(key)));
        let converted = self.apply(value, from, to);
        self.path.pop();
        converted
    }

    fn tuple_to_collection(
        &mut self,
        elements: &[Value],
        from: &[Type],
        to: &Type,
    ) -> Result<Value, ConvertError> {
        let (kind, of) = sequence(to);
        let constraint = element_constraint(from.iter(), of, Safety::Unsafe)
            .ok_or_else(|| self.fail(Mismatch::SameType(kind)))?;
        let mut converted = Vec::with_capacity(elements.len());
        for (at, element) in elements.iter().enumerate() {
            converted.push(self.element(at, element, &from[at], &constraint)?);
        }
        if converted.is_empty() {
            return Ok(collect(kind, of.without_optional(), converted));
        }
        if kind == Collection::List && (self.irregular || constraint.has_dynamic()) {
            converted = self.unify_elements(&converted)?;
        }
        self.finish(kind, converted, &constraint)
    }

    fn collection_to_collection(
        &mut self,
        data: &Data,
        elements: &[Value],
        to: &Type,
    ) -> Result<Value, ConvertError> {
        let (kind, of) = sequence(to);
        let (Data::List(from, _) | Data::Set(from, _)) = data else {
            return Err(self.fail(Mismatch::Required(to.clone())));
        };
        let is_set = matches!(data, Data::Set(..)) && elements.len() > 1;
        if is_set && kind == Collection::List && !elements.iter().all(Value::is_wholly_known) {
            return Ok(self.set_of_open_length(elements, from, of));
        }
        let mut converted = Vec::with_capacity(elements.len());
        for (at, element) in elements.iter().enumerate() {
            converted.push(self.element(at, element, from, of)?);
        }
        if converted.is_empty() {
            let of = if *of == Type::Dynamic { from } else { of };
            return Ok(collect(kind, of.without_optional(), converted));
        }
        self.finish(kind, converted, of)
    }

    /// Unknown elements of a set may turn out to be equal: nobody knows how long the list will be.
    fn set_of_open_length(&mut self, elements: &[Value], from: &Type, of: &Type) -> Value {
        self.irregular = true;
        let causes = elements.iter().map(Value::causes);
        let causes = causes.fold(Causes::default(), |all, causes| all.union(&causes));
        let mut unknown = Unknown::new(Type::list(from.clone()), causes);
        let converted: Result<Vec<Value>, ConvertError> = elements
            .iter()
            .map(|element| self.element(0, element, from, of))
            .collect();
        unknown.shape = converted.ok().map(|converted| {
            Shape::Partial(Arc::new(Value::list(of.without_optional(), converted)))
        });
        Value::refined(unknown)
    }

    fn map_to_map(
        &mut self,
        entries: &Entries,
        from: &Type,
        of: &Type,
    ) -> Result<Value, ConvertError> {
        let mut converted = Entries::new();
        for (key, value) in entries {
            converted.insert(Arc::clone(key), self.entry(key, value, from, of)?);
        }
        let empty = if *of == Type::Dynamic { from } else { of };
        let differ = Mismatch::TypesMustMatch(Collection::Map);
        self.finish_map(converted, empty, of, Safety::Safe, differ)
    }

    fn map_to_object(
        &mut self,
        entries: &Entries,
        from: &Type,
        to: &Type,
    ) -> Result<Value, ConvertError> {
        let Type::Object(to) = to else {
            return Err(self.fail(Mismatch::Required(to.clone())));
        };
        let mut converted = Entries::new();
        for (name, to_attribute) in &to.attributes {
            let value = match entries.get(name) {
                Some(value) if converts(from, to_attribute, Safety::Unsafe) => {
                    self.entry(name, value, from, to_attribute)?
                }
                Some(_) => {
                    let reason = Box::new(mismatch(from, to_attribute));
                    let name = Arc::clone(name);
                    return Err(self.fail(Mismatch::IncompatibleElement(name, reason)));
                }
                None if to.optional.contains(name) => Value::null(to_attribute.without_optional()),
                None => return Err(self.fail(Mismatch::MissingElement(Arc::clone(name)))),
            };
            converted.insert(Arc::clone(name), value);
        }
        Ok(Value::object(converted))
    }

    /// Elements that were converted to a constraint that leaves something open, brought to one type.
    fn unify_elements(&mut self, elements: &[Value]) -> Result<Vec<Value>, ConvertError> {
        let types: Vec<Type> = elements.iter().map(Value::ty).collect();
        let unified =
            unify_with(&types, Safety::Unsafe).ok_or_else(|| self.fail(Mismatch::NoCommonType))?;
        let pairs = elements.iter().zip(&types).enumerate();
        pairs
            .map(|(at, (element, from))| self.element(at, element, from, &unified))
            .collect()
    }

    fn finish(
        &self,
        kind: Collection,
        elements: Vec<Value>,
        constraint: &Type,
    ) -> Result<Value, ConvertError> {
        if !self.irregular && !constraint.has_dynamic() {
            return Ok(collect(kind, constraint.without_optional(), elements));
        }
        let of = common_type(&elements).ok_or_else(|| self.fail(Mismatch::TypesMustMatch(kind)))?;
        let elements = elements.into_iter().map(|element| typed(element, &of));
        Ok(collect(kind, of.clone(), elements.collect()))
    }

    /// `empty` is what an empty map is of; `differ` what to say when the elements' types differ.
    fn finish_map(
        &mut self,
        mut entries: Entries,
        empty: &Type,
        constraint: &Type,
        safety: Safety,
        differ: Mismatch,
    ) -> Result<Value, ConvertError> {
        if entries.is_empty() {
            return Ok(Value::map(empty.without_optional(), entries));
        }
        if !self.irregular && !constraint.has_dynamic() {
            return Ok(Value::map(constraint.without_optional(), entries));
        }
        if constraint.is_collection() || matches!(constraint, Type::Object(_)) {
            let types: Vec<Type> = entries.values().map(Value::ty).collect();
            let unified =
                unify_with(&types, safety).ok_or_else(|| self.fail(Mismatch::NoCommonType))?;
            for ((key, value), from) in entries.iter_mut().zip(&types) {
                *value = self.entry(key, value, from, &unified)?;
            }
        }
        let of = common_type(entries.values()).ok_or_else(|| self.fail(differ))?;
        let entries = entries
            .into_iter()
            .map(|(key, value)| (key, typed(value, &of)))
            .collect();
        Ok(Value::map(of, entries))
    }
}

fn sequence(to: &Type) -> (Collection, &Type) {
    match to {
        Type::Set(of) => (Collection::Set, of),
        _ => (Collection::List, to.element().unwrap_or(&Type::Dynamic)),
    }
}

fn collect(kind: Collection, of: Type, elements: Vec<Value>) -> Value {
    match kind {
        Collection::Set => set_from(&of, elements),
        Collection::List | Collection::Map => Value::list(of, elements),
    }
}

/// The one type of these, those not known yet aside. None when they differ.
fn common_type<'a>(values: impl IntoIterator<Item = &'a Value>) -> Option<Type> {
    let mut common = Type::Dynamic;
    for value in values {
        let ty = value.ty();
        if common == Type::Dynamic {
            common = ty;
        } else if ty != Type::Dynamic && ty != common {
            return None;
        }
    }
    Some(common)
}

/// An unknown or null of no type as one of that type.
pub(super) fn typed(value: Value, ty: &Type) -> Value {
    if *ty == Type::Dynamic {
        return value;
    }
    let data = match value.data() {
        Data::Null(Type::Dynamic) => Data::Null(ty.clone()),
        Data::Unknown(unknown) if unknown.ty == Type::Dynamic => {
            let mut unknown = Unknown::clone(unknown);
            unknown.ty = ty.clone();
            if ty.is_primitive() && matches!(unknown.shape, Some(Shape::Secrets(_))) {
                unknown.shape = None;
                return Value::refined(unknown).with_marks(&value.marks_deep());
            }
            Data::Unknown(Arc::new(unknown))
        }
        _ => return value,
    };
    Value::from(data).replace_marks(value.marks().clone())
}

/// The type that an unknown or null value has after conversion: where the constraint leaves something open, what the
/// value's own type says.
fn filled_in(from: &Type, to: &Type) -> Type {
    if *from == Type::Dynamic || !to.has_dynamic() {
        return to.clone();
    }
    let common = |members: Vec<Type>| unify_with(&members, Safety::Unsafe).unwrap_or(Type::Dynamic);
    match (from, to) {
        (_, Type::Dynamic) => from.clone(),
        (Type::Map(from), Type::Map(to)) => Type::map(filled_in(from, to)),
        (Type::Object(from), Type::Map(to)) => {
            let of = common(from.attributes.values().cloned().collect());
            Type::map(filled_in(&of, to))
        }
        (Type::Map(from), Type::Object(to)) => Type::object(
            to.attributes
                .iter()
                .map(|(name, to)| (Arc::clone(name), filled_in(from, to)))
                .collect(),
        ),
        (Type::Object(from), Type::Object(to)) => Type::object(
            to.attributes
                .iter()
                .map(|(name, to)| {
                    let from = from.attributes.get(name);
                    let ty = from.map_or_else(|| to.clone(), |from| filled_in(from, to));
                    (Arc::clone(name), ty)
                })
                .collect(),
        ),
        (Type::List(from) | Type::Set(from), Type::List(to)) => Type::list(filled_in(from, to)),
        (Type::List(from) | Type::Set(from), Type::Set(to)) => Type::set(filled_in(from, to)),
        (Type::Tuple(from), Type::List(to)) => Type::list(filled_in(&common(from.to_vec()), to)),
        (Type::Tuple(from), Type::Set(to)) => Type::set(filled_in(&common(from.to_vec()), to)),
        (Type::Tuple(from), Type::Tuple(to)) => Type::Tuple(
            from.iter()
                .zip(to.iter())
                .map(|(from, to)| filled_in(from, to))
                .collect(),
        ),
        _ => to.clone(),
    }
}

/// Keeps that it is not null, and what is known of a collection's length.
fn convert_unknown(unknown: &Unknown, from: &Type, target: &Type) -> Value {
    let (min, max) = unknown.length_bounds();
    let (min, max) = match (from, target) {
        (Type::Object(from), Type::Map(_)) => (from.attributes.len(), Some(from.attributes.len())),
        (Type::Tuple(from), Type::List(_)) => (from.len(), Some(from.len())),
        (Type::Tuple(from), Type::Set(_)) => (from.len().min(1), Some(from.len())),
        (from, Type::Set(_)) if from.is_collection() => (min.min(1), max),
        (from, target) if from.is_collection() && target.is_collection() => (min, max),
        _ => (0, None),
    };
    let mut converted = Unknown::new(target.clone(), Causes::clone(&unknown.causes));
    converted.not_null = unknown.not_null;
    converted.bounds.min = (min > 0).then(|| Number::from(min));
    converted.bounds.max = max.map(Number::from);
    converted.shape = match &unknown.shape {
        Some(Shape::Partial(partial)) => convert(partial, &converted.ty)
            .ok()
            .map(|partial| Shape::Partial(Arc::new(partial))),
        Some(Shape::Decoded(document)) => convert(document, &converted.ty)
            .ok()
            .map(|document| Shape::Decoded(Arc::new(document))),
        Some(Shape::Secrets(_)) => None,
        shape if converted.ty == Type::String => shape.clone(),
        _ => None,
    };
    let lost = converted.shape.is_none();
    let converted = settled(converted);
    if lost {
        unknown.places().put_on(converted)
    } else {
        converted
    }
}
