//! The values of one object, still as text, and how they become a [`Value`]: decoded when asked for, with the types and
//! the sensitive attributes that the provider's schema knows.

use std::sync::Arc;

use super::cursor::Slice;
use super::values::{Decoder, Overlay};
use super::wrapped::Wrapped;
use crate::address::{AttributePath, ResourceAddress};
use crate::plan::configuration::{Graph, has_secret_source, is_secret_source};
use crate::plan::deferred::{Deferred, Excerpt, Undecoded};
use crate::provider::Providers;
use crate::source::SharedText;
use crate::value::{Cause, Causes, Data, Entries, Marks, Shape, Type, Unknown, Value, convert};

/// Values of an object as slices of a text.
#[derive(Clone)]
pub struct ObjectText {
    /// The whole text.
    pub text: SharedText,
    /// Whose they are.
    pub address: Arc<ResourceAddress>,
    /// The known part.
    pub values: Option<Slice>,
    /// `after_unknown`, where the format has it.
    pub unknown: Option<Slice>,
    /// What is sensitive.
    pub sensitive: Sensitive,
    /// What an attribute is that is not there.
    pub unlisted: Unlisted,
    /// How values of attributes without a type of their own are written.
    pub untyped: Untyped,
    /// Where secrets come from, where the evidence tells.
    pub graph: Option<Arc<Graph>>,
    /// Types and sensitive attributes.
    pub providers: Arc<Providers>,
}

/// How a format tells what is sensitive.
#[derive(Clone, Copy, Debug)]
pub enum Sensitive {
    /// Not at all: only the provider's schema does.
    Untold,
    /// As a tree of `true`s.
    Tree(Slice),
    /// As a list of paths.
    Paths(Slice),
}

impl From<Option<Slice>> for Sensitive {
    fn from(tree: Option<Slice>) -> Self {
        tree.map_or(Self::Untold, Self::Tree)
    }
}

/// What an attribute is that neither the values nor the tree of unknowns name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unlisted {
    /// The evidence lists every attribute: it is none.
    Absent,
    /// The evidence leaves out what is unknown.
    Unknown,
}

/// How a format writes the value of an attribute that has no type of its own (`terraform_data.input`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Untyped {
    /// As any other.
    Plain,
    /// As `{"value": …, "type": …}`.
    Wrapped,
}

impl ObjectText {
    /// The value, decoded when it is first asked for.
    pub fn deferred(self) -> Deferred {
        if self.values.is_none() && self.unknown.is_none() {
            return Value::NULL.into();
        }
        Deferred::new(self)
    }

    /// Whether something in the object is called sensitive.
    fn tells_of_sensitive(&self) -> bool {
        let content = |slice: Slice| &self.text[slice.start..slice.end];
        match self.sensitive {
            Sensitive::Untold => {
                let resource = &self.address.resource;
                let facts = self.providers.schema(resource.mode, &resource.kind);
                facts.is_some_and(|facts| facts.block.has_sensitive())
            }
            Sensitive::Tree(slice) => content(slice).contains("true"),
            Sensitive::Paths(slice) => content(slice).trim() != "[]",
        }
    }

    fn may_derive_from_secrets(&self) -> bool {
        match &self.graph {
            Some(graph) => graph.may_reach_secrets(&self.address),
            None => has_secret_source(&self.address.resource),
        }
    }
}

impl Undecoded for ObjectText {
    fn unmarked_text(&self) -> Option<Excerpt<'_>> {
        if self.tells_of_sensitive() || self.may_derive_from_secrets() {
            return None;
        }
        Some(Excerpt {
            whole: &self.text,
            range: self.values.map_or(0..0, |slice| slice.start..slice.end),
        })
    }

    fn decode(&self) -> Value {
        let sensitive = match self.sensitive {
            Sensitive::Untold => Overlay::None,
            Sensitive::Tree(slice) => Overlay::read(&self.text, Some(slice)),
            Sensitive::Paths(slice) => Overlay::of_paths(&self.text, slice),
        };
        let wrapped = self.wrapped();
        let value = Decoder {
            text: &self.text,
            address: self.address.to_string().into(),
            unknown: Overlay::read(&self.text, self.unknown),
            sensitive,
            secrets: &|path| match &self.graph {
                Some(graph) => graph.secrets_of(&self.address, path),
                None if is_secret_source(&self.address.resource, path) => {
                    Marks::secret(format!("{}.{path}", self.address))
                }
                None => Marks::NONE,
            },
            wrapped: &wrapped,
        }
        .value(self.values);
        self.open(self.typed(value))
    }
}

impl ObjectText {
    /// Where values are wrapped, as far as the schema tells.
    fn wrapped(&self) -> Wrapped {
        if self.untyped == Untyped::Plain {
            return Wrapped::Nowhere;
        }
        let resource = &self.address.resource;
        match self.providers.schema(resource.mode, &resource.kind) {
            Some(facts) => Wrapped::of(facts.block.ty()),
            None => Wrapped::Perhaps,
        }
    }

    fn typed(&self, value: Value) -> Value {
        let resource = &self.address.resource;
        let Some(facts) = self.providers.schema(resource.mode, &resource.kind) else {
            return value;
        };
        let value = fit(value, facts.block.ty());
        match self.sensitive {
            Sensitive::Untold => facts.block.mark_sensitive(&value),
            _ => value,
        }
    }

    /// An object whose missing attributes are unknown is itself known in part only.
    fn open(&self, value: Value) -> Value {
        if self.unlisted == Unlisted::Absent || value.as_entries().is_none() {
            return value;
        }
        let cause = Cause::Plan {
            address: self.address.to_string().into(),
            path: AttributePath::default(),
        };
        Value::refined(Unknown {
            not_null: true,
            shape: Some(Shape::Partial(Arc::new(value))),
            ..Unknown::new(Type::Dynamic, Causes::one(cause))
        })
    }
}

/// The value with the types of a schema, as far as it is of that form: JSON does not tell a list from a set, nor a map
/// from an object. What another version of the provider wrote stays as it is.
pub fn fit(value: Value, ty: &Type) -> Value {
    let (value, marks) = value.unmark();
    let fitted = match (value.data(), ty) {
        (Data::Null(_), _) => Value::null(ty.clone()),
        (Data::Unknown(unknown), _) => Value::refined(Unknown {
            ty: ty.clone(),
            ..(**unknown).clone()
        }),
        (Data::Object(entries), Type::Object(object)) => {
            let fitted = entries.iter().map(|(name, value)| {
                let value = match object.attributes.get(name) {
                    Some(ty) => fit(value.clone(), ty),
                    None => value.clone(),
                };
                (Arc::clone(name), value)
            });
            Value::object(fitted.collect())
        }
        (Data::Object(entries), Type::Map(of)) => {
            let fitted: Entries = entries
                .iter()
                .map(|(name, value)| (Arc::clone(name), fit(value.clone(), of)))
                .collect();
            if fitted.values().all(|value| value.ty() == **of) {
                Value::map((**of).clone(), fitted)
            } else {
                Value::object(fitted)
            }
        }
        (Data::Tuple(elements), Type::List(of) | Type::Set(of)) => {
            let fitted: Vec<Value> = elements
                .iter()
                .map(|value| fit(value.clone(), of))
                .collect();
            collection(fitted, of, ty)
        }
        (Data::Tuple(elements), Type::Tuple(types)) if elements.len() == types.len() => {
            Value::tuple(
                elements
                    .iter()
                    .zip(types.iter())
                    .map(|(value, ty)| fit(value.clone(), ty)),
            )
        }
        // The flat states of old hold strings only.
        (Data::String(_), Type::Bool | Type::Number) => {
            convert(&value, ty).unwrap_or_else(|_| value.clone())
        }
        _ => value,
    };
    fitted.with_marks(&marks)
}

fn collection(elements: Vec<Value>, of: &Type, ty: &Type) -> Value {
    if elements.iter().any(|value| value.ty() != *of) {
        return Value::tuple(elements);
    }
    let list = Value::list(of.clone(), elements);
    match ty {
        Type::Set(_) => convert(&list, ty).unwrap_or(list),
        _ => list,
    }
}
