//! Types, as cty has them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

/// The type of a value, or a type constraint.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Type {
    /// Not known yet (`any` as a constraint; the type of a bare `null`).
    Dynamic,
    /// `bool`
    Bool,
    /// `number`
    Number,
    /// `string`
    String,
    /// `list(T)`
    List(Arc<Type>),
    /// `set(T)`
    Set(Arc<Type>),
    /// `map(T)`
    Map(Arc<Type>),
    /// `tuple([A, B])`
    Tuple(Arc<[Type]>),
    /// `object({ a = A })`
    Object(Arc<ObjectType>),
}

/// The attributes of an object type.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectType {
    /// Every attribute's type.
    pub attributes: BTreeMap<Arc<str>, Type>,
    /// Those that a conversion may find missing (they become null). Only type constraints have any.
    pub optional: BTreeSet<Arc<str>>,
}

impl Type {
    /// `list(of)`
    pub fn list(of: Type) -> Self {
        Self::List(Arc::new(of))
    }

    /// `set(of)`
    pub fn set(of: Type) -> Self {
        Self::Set(Arc::new(of))
    }

    /// `map(of)`
    pub fn map(of: Type) -> Self {
        Self::Map(Arc::new(of))
    }

    /// An object type without optional attributes.
    pub fn object(attributes: BTreeMap<Arc<str>, Type>) -> Self {
        Self::Object(Arc::new(ObjectType {
            attributes,
            optional: BTreeSet::new(),
        }))
    }

    /// Bool, number or string.
    pub fn is_primitive(&self) -> bool {
        matches!(self, Self::Bool | Self::Number | Self::String)
    }

    /// List, set or map.
    pub fn is_collection(&self) -> bool {
        matches!(self, Self::List(_) | Self::Set(_) | Self::Map(_))
    }

    /// The element type of a list, set or map.
    pub fn element(&self) -> Option<&Type> {
        match self {
            Self::List(of) | Self::Set(of) | Self::Map(of) => Some(of),
            _ => None,
        }
    }

    /// Whether an object in it has optional attributes: only type constraints do.
    pub fn has_optional(&self) -> bool {
        match self {
            Self::Dynamic | Self::Bool | Self::Number | Self::String => false,
            Self::List(of) | Self::Set(of) | Self::Map(of) => of.has_optional(),
            Self::Tuple(of) => of.iter().any(Type::has_optional),
            Self::Object(of) => {
                !of.optional.is_empty() || of.attributes.values().any(Type::has_optional)
            }
        }
    }

    /// The type that values of this constraint have: no attribute is optional any more.
    pub fn without_optional(&self) -> Type {
        if !self.has_optional() {
            return self.clone();
        }
        match self {
            Self::Dynamic | Self::Bool | Self::Number | Self::String => self.clone(),
            Self::List(of) => Self::list(of.without_optional()),
            Self::Set(of) => Self::set(of.without_optional()),
            Self::Map(of) => Self::map(of.without_optional()),
            Self::Tuple(of) => Self::Tuple(of.iter().map(Type::without_optional).collect()),
            Self::Object(of) => Self::object(
                of.attributes
                    .iter()
                    .map(|(name, ty)| (Arc::clone(name), ty.without_optional()))
                    .collect(),
            ),
        }
    }

    /// As Terraform's messages name the type of a value: `list of string`, `object`, `dynamic`.
    pub fn friendly_name(&self) -> String {
        match self {
            Self::Dynamic => "dynamic".to_owned(),
            Self::Bool => "bool".to_owned(),
            Self::Number => "number".to_owned(),
            Self::String => "string".to_owned(),
            Self::List(of) => format!("list of {}", of.friendly_name()),
            Self::Set(of) => format!("set of {}", of.friendly_name()),
            Self::Map(of) => format!("map of {}", of.friendly_name()),
            Self::Tuple(_) => "tuple".to_owned(),
            Self::Object(_) => "object".to_owned(),
        }
    }

    /// As Terraform's messages name a constraint: `any type`, `list of any single type`.
    pub fn friendly_name_for_constraint(&self) -> String {
        let of_element = |kind: &str, of: &Type| match of {
            Self::Dynamic => format!("{kind} of any single type"),
            _ => format!("{kind} of {}", of.friendly_name_for_constraint()),
        };
        match self {
            Self::Dynamic => "any type".to_owned(),
            Self::List(of) => of_element("list", of),
            Self::Set(of) => of_element("set", of),
            Self::Map(of) => of_element("map", of),
            _ => self.friendly_name(),
        }
    }

    /// Whether `Dynamic` occurs anywhere in it.
    pub fn has_dynamic(&self) -> bool {
        match self {
            Self::Dynamic => true,
            Self::Bool | Self::Number | Self::String => false,
            Self::List(of) | Self::Set(of) | Self::Map(of) => of.has_dynamic(),
            Self::Tuple(of) => of.iter().any(Type::has_dynamic),
            Self::Object(of) => of.attributes.values().any(Type::has_dynamic),
        }
    }
}

impl fmt::Display for Type {
    /// As a type constraint is written: `list(string)`, `object({ a = number })`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dynamic => f.write_str("any"),
            Self::Bool => f.write_str("bool"),
            Self::Number => f.write_str("number"),
            Self::String => f.write_str("string"),
            Self::List(of) => write!(f, "list({of})"),
            Self::Set(of) => write!(f, "set({of})"),
            Self::Map(of) => write!(f, "map({of})"),
            Self::Tuple(of) => {
                f.write_str("tuple([")?;
                for (at, of) in of.iter().enumerate() {
                    write!(f, "{}{of}", if at == 0 { "" } else { ", " })?;
                }
                f.write_str("])")
            }
            Self::Object(of) => {
                f.write_str("object({")?;
                for (at, (name, of_attribute)) in of.attributes.iter().enumerate() {
                    let comma = if at == 0 { " " } else { ", " };
                    if of.optional.contains(name) {
                        write!(f, "{comma}{name} = optional({of_attribute})")?;
                    } else {
                        write!(f, "{comma}{name} = {of_attribute}")?;
                    }
                }
                f.write_str(if of.attributes.is_empty() {
                    "})"
                } else {
                    " })"
                })
            }
        }
    }
}
