//! Values as Terraform computes them: known, null, or unknown with refinements; with marks beside them.
//!
//! The semantics are those of cty, Terraform's value system. A value is cheap to clone: whatever is large is shared.
//! Expressions, functions and configuration are not known here.

mod console;
mod convert;
pub mod display;
mod equality;
mod float;
mod index;
mod json;
mod marks;
mod number;
mod operators;
mod places;
mod refine;
mod same;
mod structure;
mod types;
mod unify;
mod unknown;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use unicode_normalization::{UnicodeNormalization as _, is_nfc};

pub use console::{format, format_type, quote};
pub use convert::{Collection, ConvertError, Mismatch, convert, convert_all, mismatch};
pub use equality::{Index, equals, is_equal, raw_equals, set_from, set_has};
pub use index::{IndexError, attribute, elements, has_index, index, length};
pub use json::{DecodeError, EncodeError, decode, encode, encode_partial, from_json};
pub use marks::{DECLARED, Marks, is_module_output};
pub use number::Number;
pub use operators::{OperatorError, Side, binary, conditional, unary};
pub use places::{SecretPlaces, any_element};
pub use same::same_elements;
pub use structure::{Scalars, decoded, document, structure};
pub use types::{ObjectType, Type};
pub use unify::{Safety, converts, unify, unify_with};
pub use unknown::{Bounds, Cause, Causes, Shape, Unknown};

/// The attributes of an object or the elements of a map: iterated in byte order of the keys, as Terraform does.
pub type Entries = BTreeMap<Arc<str>, Value>;

/// A value and its marks. Elements carry marks of their own, those of a set are on the set.
#[derive(Clone, PartialEq)]
pub struct Value {
    data: Data,
    marks: Marks,
}

/// What a value is, marks aside.
#[derive(Clone, PartialEq)]
pub enum Data {
    /// Null of a type; a bare `null` is of [`Type::Dynamic`].
    Null(Type),
    /// A bool.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string, NFC-normalised.
    String(Arc<str>),
    /// A list and the type of its elements.
    List(Type, Arc<[Value]>),
    /// A set and the type of its elements, which are distinct and in cty's order; unknown ones come last.
    Set(Type, Arc<[Value]>),
    /// A tuple.
    Tuple(Arc<[Value]>),
    /// A map and the type of its elements.
    Map(Type, Arc<Entries>),
    /// An object.
    Object(Arc<Entries>),
    /// Not known.
    Unknown(Arc<Unknown>),
}

/// A text in Unicode normal form C, in which Terraform compares strings, keys and the names of attributes; the names of
/// what a module declares it compares as they are written.
pub fn normalised(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || is_nfc(text) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.nfc().collect())
    }
}

impl From<Data> for Value {
    fn from(data: Data) -> Self {
        Self {
            data,
            marks: Marks::NONE,
        }
    }
}

impl Value {
    /// `null` of no particular type.
    pub const NULL: Value = Value {
        data: Data::Null(Type::Dynamic),
        marks: Marks::NONE,
    };
    /// `true`
    pub const TRUE: Value = Value {
        data: Data::Bool(true),
        marks: Marks::NONE,
    };
    /// `false`
    pub const FALSE: Value = Value {
        data: Data::Bool(false),
        marks: Marks::NONE,
    };

    /// A null of a type.
    pub fn null(ty: Type) -> Self {
        Data::Null(ty).into()
    }

    /// A bool.
    pub fn bool(value: bool) -> Self {
        Data::Bool(value).into()
    }

    /// A number.
    pub fn number(value: impl Into<Number>) -> Self {
        Data::Number(value.into()).into()
    }

    /// A string that is NFC already (as the parser's are). [`Value::text`] normalises.
    pub fn string(value: impl Into<Arc<str>>) -> Self {
        Data::String(value.into()).into()
    }

    /// A string from anywhere: normalised to NFC, as Terraform does with every string.
    pub fn text(value: &str) -> Self {
        Self::string(normalised(value))
    }

    /// A tuple.
    pub fn tuple(elements: impl IntoIterator<Item = Value>) -> Self {
        Data::Tuple(elements.into_iter().collect()).into()
    }

    /// A list whose elements have that type already.
    pub fn list(of: Type, elements: impl IntoIterator<Item = Value>) -> Self {
        Data::List(of, elements.into_iter().collect()).into()
    }

    /// A map whose elements have that type already.
    pub fn map(of: Type, entries: Entries) -> Self {
        Data::Map(of, Arc::new(entries)).into()
    }

    /// An object.
    pub fn object(entries: Entries) -> Self {
        Data::Object(Arc::new(entries)).into()
    }

    /// Unknown of a type, for a cause.
    pub fn unknown(ty: Type, causes: Causes) -> Self {
        Data::Unknown(Arc::new(Unknown::new(ty, causes))).into()
    }

    /// Unknown with refinements.
    pub fn refined(unknown: Unknown) -> Self {
        Data::Unknown(Arc::new(unknown)).into()
    }

    /// What it is, marks aside.
    pub fn data(&self) -> &Data {
        &self.data
    }

    /// Its marks, not those of its elements.
    pub fn marks(&self) -> &Marks {
        &self.marks
    }

    /// The same value with these marks added.
    pub fn with_marks(mut self, marks: &Marks) -> Self {
        if !marks.is_empty() {
            self.marks = self.marks.union(marks);
        }
        self
    }

    /// The same value with exactly these marks.
    pub fn replace_marks(mut self, marks: Marks) -> Self {
        self.marks = marks;
        self
    }

    /// The value without its marks, and the marks.
    pub fn unmark(self) -> (Value, Marks) {
        (self.data.into(), self.marks)
    }

    /// Marks of the value and of everything in it, together; of what is not known as much as is told of it.
    pub fn marks_deep(&self) -> Marks {
        let mut marks = self.marks.clone();
        match self.as_unknown().and_then(|unknown| unknown.shape.as_ref()) {
            Some(Shape::Secrets(places)) => marks = marks.union(&places.marks_deep()),
            Some(Shape::Partial(partial) | Shape::Decoded(partial)) => {
                marks = marks.union(&partial.marks_deep().only_secrets());
            }
            _ => {}
        }
        for element in self.children() {
            let of_element = element.marks_deep();
            if !of_element.is_empty() {
                marks = marks.union(&of_element);
            }
        }
        marks
    }

    /// The elements or attribute values directly in it.
    pub fn children(&self) -> impl Iterator<Item = &Value> {
        let (elements, entries): (&[Value], Option<&Entries>) = match &self.data {
            Data::List(_, elements) | Data::Set(_, elements) | Data::Tuple(elements) => {
                (elements, None)
            }
            Data::Map(_, entries) | Data::Object(entries) => (&[], Some(entries)),
            _ => (&[], None),
        };
        elements
            .iter()
            .chain(entries.into_iter().flat_map(BTreeMap::values))
    }

    /// Its type.
    pub fn ty(&self) -> Type {
        match &self.data {
            Data::Null(ty) => ty.clone(),
            Data::Bool(_) => Type::Bool,
            Data::Number(_) => Type::Number,
            Data::String(_) => Type::String,
            Data::List(of, _) => Type::list(of.clone()),
            Data::Set(of, _) => Type::set(of.clone()),
            Data::Map(of, _) => Type::map(of.clone()),
            Data::Tuple(elements) => Type::Tuple(elements.iter().map(Value::ty).collect()),
            Data::Object(entries) => Type::object(
                entries
                    .iter()
                    .map(|(name, value)| (Arc::clone(name), value.ty()))
                    .collect(),
            ),
            Data::Unknown(unknown) => unknown.ty.clone(),
        }
    }

    /// Whether it is null (and known to be).
    pub fn is_null(&self) -> bool {
        matches!(self.data, Data::Null(_))
    }

    /// Whether the value itself is known; its elements may not be.
    pub fn is_known(&self) -> bool {
        !matches!(self.data, Data::Unknown(_))
    }

    /// Whether it and everything in it is known.
    pub fn is_wholly_known(&self) -> bool {
        self.is_known() && self.children().all(Value::is_wholly_known)
    }

    /// What is known of an unknown value.
    pub fn as_unknown(&self) -> Option<&Unknown> {
        match &self.data {
            Data::Unknown(unknown) => Some(unknown),
            _ => None,
        }
    }

    /// Why it, or anything in it, is unknown.
    pub fn causes(&self) -> Causes {
        let own = self
            .as_unknown()
            .map(|unknown| unknown.causes.clone())
            .unwrap_or_default();
        self.children()
            .fold(own, |causes, element| causes.union(&element.causes()))
    }

    /// Whether it is certain not to be null.
    pub fn is_not_null(&self) -> bool {
        match &self.data {
            Data::Null(_) => false,
            Data::Unknown(unknown) => unknown.not_null,
            _ => true,
        }
    }

    /// The string, when it is a known one.
    pub fn as_str(&self) -> Option<&str> {
        match &self.data {
            Data::String(text) => Some(text),
            _ => None,
        }
    }

    /// The bool, when it is a known one.
    pub fn as_bool(&self) -> Option<bool> {
        match &self.data {
            Data::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The number, when it is a known one.
    pub fn as_number(&self) -> Option<&Number> {
        match &self.data {
            Data::Number(number) => Some(number),
            _ => None,
        }
    }

    /// The elements of a known list, set or tuple.
    pub fn as_elements(&self) -> Option<&[Value]> {
        match &self.data {
            Data::List(_, elements) | Data::Set(_, elements) | Data::Tuple(elements) => {
                Some(elements)
            }
            _ => None,
        }
    }

    /// The entries of a known map or object.
    pub fn as_entries(&self) -> Option<&Entries> {
        match &self.data {
            Data::Map(_, entries) | Data::Object(entries) => Some(entries),
            _ => None,
        }
    }

    /// An attribute of a known object or map, or of what the sources tell of an unknown one.
    pub fn attribute(&self, name: &str) -> Option<&Value> {
        match &self.data {
            Data::Map(_, entries) | Data::Object(entries) => entries.get(name),
            Data::Unknown(unknown) => match &unknown.shape {
                Some(Shape::Partial(partial) | Shape::Decoded(partial)) => partial.attribute(name),
                _ => None,
            },
            _ => None,
        }
    }
}

impl fmt::Debug for Value {
    /// Shape and type; the content only where no mark forbids it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.marks.is_empty() {
            return write!(f, "(marked {})", self.ty());
        }
        match &self.data {
            Data::Null(_) => f.write_str("null"),
            Data::Bool(value) => write!(f, "{value}"),
            Data::Number(number) => write!(f, "{number}"),
            Data::String(text) => write!(f, "{text:?}"),
            Data::List(_, elements) | Data::Tuple(elements) => {
                f.debug_list().entries(elements.iter()).finish()
            }
            Data::Set(_, elements) => f.debug_set().entries(elements.iter()).finish(),
            Data::Map(_, entries) | Data::Object(entries) => {
                f.debug_map().entries(entries.iter()).finish()
            }
            Data::Unknown(unknown) => write!(f, "(unknown {})", unknown.ty),
        }
    }
}
