//! From JSON to [`Value`]s: the value itself, what is unknown in it, and what is sensitive in it, which the formats keep
//! in three trees of the same shape.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::cursor::{Cursor, Fault, Kind, Slice};
use super::wrapped::Wrapped;
use crate::address::{AttributePath, PathStep};
use crate::value::{Cause, Causes, Data, Entries, Marks, Number, Type, Value};

/// A tree of `true`s: which parts of a value are unknown, or sensitive.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Overlay {
    /// No part.
    #[default]
    None,
    /// The whole.
    All,
    /// Some attributes.
    Attributes(BTreeMap<Arc<str>, Overlay>),
    /// Some elements.
    Elements(Vec<Overlay>),
}

impl Overlay {
    /// Reads one; whatever is neither `true` nor a tree with a `true` in it counts for nothing.
    pub fn read(text: &str, slice: Option<Slice>) -> Self {
        let Some(slice) = slice else {
            return Self::None;
        };
        Self::decode(&mut Cursor::new(text, slice.start))
    }

    fn decode(cursor: &mut Cursor<'_>) -> Self {
        match cursor.kind() {
            Ok(Kind::Bool) if cursor.bool() == Ok(true) => Self::All,
            Ok(Kind::Object) => {
                let mut attributes = BTreeMap::new();
                let read = cursor.object(|cursor, name| {
                    let inner = Self::decode(cursor);
                    // Of two with the same name neither is to be trusted.
                    if attributes.contains_key(name) {
                        attributes.insert(Arc::from(name), Self::All);
                    } else if inner != Self::None {
                        attributes.insert(Arc::from(name), inner);
                    }
                    Ok(())
                });
                debug_assert!(read.is_ok(), "the slice was scanned before");
                if attributes.is_empty() {
                    Self::None
                } else {
                    Self::Attributes(attributes)
                }
            }
            Ok(Kind::Array) => {
                let mut elements = Vec::new();
                let read = cursor.array(|cursor| {
                    elements.push(Self::decode(cursor));
                    Ok(())
                });
                debug_assert!(read.is_ok(), "the slice was scanned before");
                if elements.iter().all(|one| *one == Self::None) {
                    Self::None
                } else {
                    Self::Elements(elements)
                }
            }
            Ok(Kind::Bool) => Self::None,
            _ => {
                let skipped = cursor.skip();
                debug_assert!(skipped.is_ok(), "the slice was scanned before");
                Self::None
            }
        }
    }

    /// Reads the list of paths that a state has.
    pub fn of_paths(text: &str, slice: Slice) -> Self {
        let mut overlay = Self::None;
        let mut cursor = Cursor::new(text, slice.start);
        let read = cursor.array(|cursor| {
            let mut path = Vec::new();
            // Old states have one step where later ones have a path.
            if cursor.kind()? == Kind::Array {
                cursor.array(|cursor| {
                    path.push(read_step(cursor)?);
                    Ok(())
                })?;
            } else {
                path.push(read_step(cursor)?);
            }
            overlay.add(&path);
            Ok(())
        });
        // What cannot be read hides everything rather than nothing.
        if read.is_err() { Self::All } else { overlay }
    }

    /// Adds what lies at a path; a step that is none stands for anything, so that the whole there is taken.
    pub fn add(&mut self, path: &[Option<PathStep>]) {
        let (step, rest) = match (path.split_first(), &self) {
            (_, Self::All) => return,
            (Some((Some(step), rest)), _) => (step, rest),
            _ => {
                *self = Self::All;
                return;
            }
        };
        match (step, &mut *self) {
            (PathStep::Attribute(name), Self::Attributes(attributes)) => {
                attributes.entry(Arc::clone(name)).or_default().add(rest);
            }
            (PathStep::Attribute(name), Self::None) => {
                let mut inner = Self::None;
                inner.add(rest);
                *self = Self::Attributes(BTreeMap::from([(Arc::clone(name), inner)]));
            }
            (PathStep::Index(at), Self::Elements(elements)) => {
                if elements.len() <= *at {
                    elements.resize(at + 1, Self::None);
                }
                elements[*at].add(rest);
            }
            (PathStep::Index(at), Self::None) => {
                let mut elements = vec![Self::None; at + 1];
                elements[*at].add(rest);
                *self = Self::Elements(elements);
            }
            _ => *self = Self::All,
        }
    }

    /// The value with these parts of it marked sensitive.
    pub fn mark(&self, value: Value) -> Value {
        if *self == Self::None {
            return value;
        }
        let (value, marks) = value.unmark();
        let marked = match value.data() {
            Data::Object(entries) => Value::object(
                entries
                    .iter()
                    .map(|(name, inner)| {
                        let inner = self.attribute(name).mark(inner.clone());
                        (Arc::clone(name), inner)
                    })
                    .collect(),
            ),
            Data::Tuple(elements) => Value::tuple(
                elements
                    .iter()
                    .enumerate()
                    .map(|(at, inner)| self.element(at).mark(inner.clone())),
            ),
            _ => value,
        };
        let marked = marked.with_marks(&marks);
        match self {
            Self::All => marked.with_marks(&Marks::SENSITIVE),
            _ => marked,
        }
    }

    fn attribute(&self, name: &str) -> &Overlay {
        match self {
            Self::All => self,
            Self::Attributes(attributes) => attributes.get(name).unwrap_or(&Self::None),
            _ => &Self::None,
        }
    }

    fn element(&self, at: usize) -> &Overlay {
        match self {
            Self::All => self,
            Self::Elements(elements) => elements.get(at).unwrap_or(&Self::None),
            _ => &Self::None,
        }
    }
}

/// How to read the values of one object.
pub struct Decoder<'a> {
    /// The whole text.
    pub text: &'a str,
    /// What the causes of unknown values name.
    pub address: Arc<str>,
    /// What is unknown.
    pub unknown: Overlay,
    /// What is sensitive.
    pub sensitive: Overlay,
    /// Secret sources behind an attribute that is unknown or sensitive.
    pub secrets: &'a dyn Fn(&AttributePath) -> Marks,
    /// Where a value stands beside its type.
    pub wrapped: &'a Wrapped,
}

impl Decoder<'_> {
    /// The value at a slice; without one, what the tree of unknowns says.
    pub fn value(&self, slice: Option<Slice>) -> Value {
        let mut cursor = slice.map(|slice| Cursor::new(self.text, slice.start));
        let path = AttributePath::default();
        self.decode(cursor.as_mut(), &path, &self.unknown, &self.sensitive)
    }

    fn causes(&self, path: &AttributePath) -> Causes {
        Causes::one(Cause::Plan {
            address: Arc::clone(&self.address),
            path: path.clone(),
        })
    }

    fn decode(
        &self,
        cursor: Option<&mut Cursor<'_>>,
        path: &AttributePath,
        unknown: &Overlay,
        sensitive: &Overlay,
    ) -> Value {
        let value = match (cursor, unknown) {
            (cursor, Overlay::All) => {
                if let Some(cursor) = cursor {
                    let skipped = cursor.skip();
                    debug_assert!(skipped.is_ok(), "the slice was scanned before");
                }
                Value::unknown(Type::Dynamic, self.causes(path))
            }
            (Some(cursor), _) => match cursor.kind() {
                Ok(Kind::Object) => match self.wrapped.value_at(path, cursor) {
                    Some(value) => {
                        let inner = &mut Cursor::new(self.text, value.start);
                        self.decode_content(inner, path, unknown, sensitive)
                    }
                    None => self.decode_object(cursor, path, unknown, sensitive),
                },
                Ok(Kind::Null) if *unknown != Overlay::None => {
                    let skipped = cursor.skip();
                    debug_assert!(skipped.is_ok(), "the slice was scanned before");
                    self.missing(path, unknown, sensitive)
                }
                _ => self.decode_content(cursor, path, unknown, sensitive),
            },
            (None, _) => self.missing(path, unknown, sensitive),
        };
        let marked = *sensitive == Overlay::All;
        if !marked && value.is_known() {
            return value;
        }
        let marks = (self.secrets)(path);
        let value = value.with_marks(&marks);
        if marked {
            value.with_marks(&Marks::SENSITIVE)
        } else {
            value
        }
    }

    fn decode_content(
        &self,
        cursor: &mut Cursor<'_>,
        path: &AttributePath,
        unknown: &Overlay,
        sensitive: &Overlay,
    ) -> Value {
        match cursor.kind() {
            Ok(Kind::Object) => self.decode_object(cursor, path, unknown, sensitive),
            Ok(Kind::Array) => self.decode_array(cursor, path, unknown, sensitive),
            _ => scalar(cursor),
        }
    }

    fn decode_object(
        &self,
        cursor: &mut Cursor<'_>,
        path: &AttributePath,
        unknown: &Overlay,
        sensitive: &Overlay,
    ) -> Value {
        let mut entries = Entries::new();
        let read = cursor.object(|cursor, name| {
            let value = self.decode(
                Some(cursor),
                &path.with_attribute(name),
                unknown.attribute(name),
                sensitive.attribute(name),
            );
            let value = if entries.contains_key(name) {
                let what = "two values under one name";
                let cause = Cause::Unsupported { what: what.into() };
                Value::unknown(Type::Dynamic, Causes::one(cause))
            } else {
                value
            };
            entries.insert(Arc::from(name), value);
            Ok(())
        });
        debug_assert!(read.is_ok(), "the slice was scanned before");
        if let Overlay::Attributes(attributes) = unknown {
            for (name, inner) in attributes {
                if !entries.contains_key(name) {
                    let path = path.with_attribute(name);
                    let value = self.decode(None, &path, inner, sensitive.attribute(name));
                    entries.insert(Arc::clone(name), value);
                }
            }
        }
        Value::object(entries)
    }

    fn decode_array(
        &self,
        cursor: &mut Cursor<'_>,
        path: &AttributePath,
        unknown: &Overlay,
        sensitive: &Overlay,
    ) -> Value {
        let mut elements = Vec::new();
        let read = cursor.array(|cursor| {
            let at = elements.len();
            elements.push(self.decode(
                Some(cursor),
                &path.with_index(at),
                unknown.element(at),
                sensitive.element(at),
            ));
            Ok(())
        });
        debug_assert!(read.is_ok(), "the slice was scanned before");
        if let Overlay::Elements(more) = unknown {
            for (at, inner) in more.iter().enumerate().skip(elements.len()) {
                elements.push(self.decode(
                    None,
                    &path.with_index(at),
                    inner,
                    sensitive.element(at),
                ));
            }
        }
        Value::tuple(elements)
    }

    /// A value of which only the unknown parts are told.
    fn missing(&self, path: &AttributePath, unknown: &Overlay, sensitive: &Overlay) -> Value {
        match unknown {
            Overlay::None => Value::NULL,
            Overlay::All => Value::unknown(Type::Dynamic, self.causes(path)),
            Overlay::Attributes(attributes) => Value::object(
                attributes
                    .iter()
                    .map(|(name, inner)| {
                        let path = path.with_attribute(name);
                        let value = self.decode(None, &path, inner, sensitive.attribute(name));
                        (Arc::clone(name), value)
                    })
                    .collect(),
            ),
            Overlay::Elements(elements) => {
                Value::tuple(elements.iter().enumerate().map(|(at, inner)| {
                    self.decode(None, &path.with_index(at), inner, sensitive.element(at))
                }))
            }
        }
    }
}

/// `{"type": "get_attr", "value": "a"}`, `{"type": "index", "value": {"value": 0, "type": "number"}}`; none for a step that
/// leads nowhere certain, as into a set.
fn read_step(cursor: &mut Cursor<'_>) -> Result<Option<PathStep>, Fault> {
    /// More elements than this are not told apart.
    const MOST: usize = 10_000;
    let mut step = None;
    cursor.object(|cursor, name| {
        match (name, cursor.kind()?) {
            ("value", Kind::String) => {
                step = Some(PathStep::Attribute(cursor.string()?.into()));
            }
            ("value", Kind::Number) => {
                let index = cursor.number().and_then(|text| text.parse().ok());
                step = index.filter(|at| *at < MOST).map(PathStep::Index);
            }
            ("value", Kind::Object) => step = read_step(cursor)?,
            _ => {
                cursor.skip()?;
            }
        }
        Ok(())
    })?;
    Ok(step)
}

/// A value that is wholly known and has no marks.
pub fn plain(text: &str, slice: Slice) -> Value {
    Decoder {
        text,
        address: Arc::from(""),
        unknown: Overlay::None,
        sensitive: Overlay::None,
        secrets: &|_| Marks::NONE,
        wrapped: &Wrapped::Nowhere,
    }
    .value(Some(slice))
}

fn scalar(cursor: &mut Cursor<'_>) -> Value {
    match cursor.kind() {
        Ok(Kind::Bool) => Value::bool(cursor.bool() == Ok(true)),
        Ok(Kind::String) => cursor
            .string()
            .map_or(Value::NULL, |text| Value::text(&text)),
        Ok(Kind::Number) => number(cursor),
        _ => {
            let skipped = cursor.skip();
            debug_assert!(skipped.is_ok(), "the slice was scanned before");
            Value::NULL
        }
    }
}

/// A number of any length, exactly.
fn number(cursor: &mut Cursor<'_>) -> Value {
    let text = cursor.number().unwrap_or_default();
    Number::parse(text).map_or_else(
        || {
            let what = "a number with an exponent beyond all use";
            let cause = Cause::Unsupported { what: what.into() };
            Value::unknown(Type::Number, Causes::one(cause))
        },
        Value::number,
    )
}
