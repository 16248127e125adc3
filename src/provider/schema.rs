//! What a provider's schema says of one block: its attributes, the blocks in it, and the type of object that they make.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use crate::address::{AttributePath, PathStep};
use crate::value::{Data, Entries, Marks, ObjectType, Type, Value};

/// The content of a resource, data source, ephemeral resource or provider block, or of a block nested in one.
#[derive(Clone, Debug, Default)]
pub struct Block {
    /// Arguments and results by name.
    pub attributes: BTreeMap<Arc<str>, Attribute>,
    /// Nested blocks by name.
    pub blocks: BTreeMap<Arc<str>, NestedBlock>,
    ty: OnceLock<Type>,
}

/// One argument or result.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    /// Its type; for one with [`Attribute::nested`] the type that its attributes make.
    pub ty: Type,
    /// Who gives it its value.
    pub setting: Setting,
    /// The provider marks it sensitive.
    pub sensitive: bool,
    /// Never stored: null in plan and state.
    pub write_only: bool,
    /// Attributes of its own, for an attribute that is written as an object or a collection of objects (`nested_type`).
    pub nested: Option<Arc<NestedAttributes>>,
}

/// Who gives an attribute its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Setting {
    /// The configuration must.
    Required,
    /// The configuration may; left out it is null, or the default that the provider sets in code.
    Optional,
    /// The configuration may; left out the provider decides.
    OptionalComputed,
    /// Only the provider.
    Computed,
}

/// The attributes within an attribute.
#[derive(Clone, Debug, PartialEq)]
pub struct NestedAttributes {
    /// How many there are, and what holds them.
    pub nesting: Nesting,
    /// The attributes; no blocks.
    pub block: Arc<Block>,
}

/// A block within a block.
#[derive(Clone, Debug, PartialEq)]
pub struct NestedBlock {
    /// How many there are, and what holds them.
    pub nesting: Nesting,
    /// Its content.
    pub block: Arc<Block>,
    /// As many the configuration must have.
    pub min_items: u32,
    /// No more than these, when there is a limit.
    pub max_items: Option<u32>,
}

/// How nested blocks become a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Nesting {
    /// An object, or null when there is none.
    Single,
    /// An object, also when there is no block.
    Group,
    /// A list of objects, empty when there is none.
    List,
    /// A set of objects, empty when there is none.
    Set,
    /// A map of objects by label, empty when there is none.
    Map,
}

impl PartialEq for Block {
    fn eq(&self, other: &Self) -> bool {
        self.attributes == other.attributes && self.blocks == other.blocks
    }
}

impl Setting {
    /// Whether the configuration must set it.
    pub fn is_required(self) -> bool {
        self == Self::Required
    }

    /// Whether the configuration may set it.
    pub fn is_settable(self) -> bool {
        self != Self::Computed
    }

    /// Whether the provider decides when the configuration does not.
    pub fn is_computed(self) -> bool {
        matches!(self, Self::Computed | Self::OptionalComputed)
    }

    /// From the three flags of a schema.
    pub(super) fn of(required: bool, optional: bool, computed: bool) -> Self {
        match (required, optional, computed) {
            (true, ..) => Self::Required,
            (_, true, true) => Self::OptionalComputed,
            (_, false, true) => Self::Computed,
            (_, _, false) => Self::Optional,
        }
    }
}

impl Nesting {
    /// The type that holds blocks of this content.
    pub fn ty(self, of: Type) -> Type {
        match self {
            Self::Single | Self::Group => of,
            Self::List => Type::list(of),
            Self::Set => Type::set(of),
            Self::Map => Type::map(of),
        }
    }

    /// What stands where there is no block.
    pub fn empty(self, block: &Block) -> Value {
        let of = block.ty().clone();
        match self {
            Self::Single => Value::null(of),
            Self::Group => block.null(),
            Self::List => Value::list(of, []),
            Self::Set => Data::Set(of, Arc::new([])).into(),
            Self::Map => Value::map(of, BTreeMap::new()),
        }
    }
}

impl NestedBlock {
    /// The type of the value that these blocks make.
    pub fn ty(&self) -> Type {
        self.nesting.ty(self.block.ty().clone())
    }

    /// What stands where there is no block.
    pub fn empty(&self) -> Value {
        self.nesting.empty(&self.block)
    }
}

impl Block {
    /// A block of these attributes and blocks.
    pub fn new(
        attributes: BTreeMap<Arc<str>, Attribute>,
        blocks: BTreeMap<Arc<str>, NestedBlock>,
    ) -> Self {
        Self {
            attributes,
            blocks,
            ty: OnceLock::new(),
        }
    }

    /// What a configuration gives and this does not know: the provider in use may be of another version, which plans it as it
    /// is given.
    pub(super) fn beyond(&self, config: &Value) -> Entries {
        let given = config.as_entries().into_iter().flatten();
        let is_known =
            |name: &str| self.attributes.contains_key(name) || self.blocks.contains_key(name);
        given
            .filter(|(name, value)| !is_known(name) && !value.is_null())
            .map(|(name, value)| (Arc::clone(name), value.clone()))
            .collect()
    }

    /// The object type of its value: every attribute and every block.
    pub fn ty(&self) -> &Type {
        self.ty.get_or_init(|| {
            let attributes = self
                .attributes
                .iter()
                .map(|(name, attribute)| (Arc::clone(name), attribute.ty.clone()));
            let blocks = self
                .blocks
                .iter()
                .map(|(name, nested)| (Arc::clone(name), nested.ty()));
            Type::Object(Arc::new(ObjectType {
                attributes: attributes.chain(blocks).collect(),
                ..ObjectType::default()
            }))
        })
    }

    /// The value of an empty block: every attribute null, no nested blocks.
    pub fn null(&self) -> Value {
        let attributes = self
            .attributes
            .iter()
            .map(|(name, attribute)| (Arc::clone(name), Value::null(attribute.ty.clone())));
        let blocks = self
            .blocks
            .iter()
            .map(|(name, nested)| (Arc::clone(name), nested.empty()));
        Value::object(attributes.chain(blocks).collect())
    }

    /// The attribute at a path of names, through blocks and nested attributes.
    pub fn attribute_at<S: AsRef<str>>(&self, path: &[S]) -> Option<&Attribute> {
        let (first, rest) = path.split_first()?;
        if let Some(attribute) = self.attributes.get(first.as_ref()) {
            return match (&attribute.nested, rest) {
                (_, []) => Some(attribute),
                (Some(nested), _) => nested.block.attribute_at(rest),
                (None, _) => None,
            };
        }
        self.blocks.get(first.as_ref())?.block.attribute_at(rest)
    }

    /// Whether this is a resource of the older plugin SDK: only there can the configuration set `id`.
    /// Its habits differ from those of the newer framework, see [`super::planned`].
    pub fn is_sdk(&self) -> bool {
        self.attributes
            .get("id")
            .is_some_and(|id| id.setting == Setting::OptionalComputed)
    }

    /// Where a value of this block is sensitive because the schema says so. As Terraform does, the path of something
    /// within a set is the path of the set, and what is null or absent counts too.
    pub fn sensitive_paths(&self, value: &Value) -> Vec<AttributePath> {
        let mut paths = Vec::new();
        self.collect_sensitive(value, &AttributePath::default(), &mut paths);
        paths.dedup();
        paths
    }

    /// The value with everything marked sensitive that the schema calls so.
    pub fn mark_sensitive(&self, value: &Value) -> Value {
        self.sensitive_paths(value)
            .iter()
            .fold(value.clone(), |value, path| marked(&value, &path.0))
    }

    /// Whether the schema calls anything sensitive.
    pub fn has_sensitive(&self) -> bool {
        let of_attribute = self.attributes.values().any(|attribute| {
            let nested = attribute.nested.as_ref();
            attribute.sensitive || nested.is_some_and(|nested| nested.block.has_sensitive())
        });
        let mut blocks = self.blocks.values();
        of_attribute || blocks.any(|nested| nested.block.has_sensitive())
    }

    fn collect_sensitive(&self, value: &Value, at: &AttributePath, paths: &mut Vec<AttributePath>) {
        let Some(entries) = value.as_entries() else {
            return;
        };
        for (name, attribute) in &self.attributes {
            if attribute.sensitive {
                paths.push(at.with_attribute(name));
            } else if let (Some(nested), Some(inner)) = (&attribute.nested, entries.get(name)) {
                let at = at.with_attribute(name);
                nested
                    .nesting
                    .collect_sensitive(&nested.block, inner, &at, paths);
            }
        }
        for (name, nested) in &self.blocks {
            if let Some(inner) = entries.get(name) {
                let at = at.with_attribute(name);
                nested
                    .nesting
                    .collect_sensitive(&nested.block, inner, &at, paths);
            }
        }
    }
}

impl Nesting {
    fn collect_sensitive(
        self,
        block: &Block,
        value: &Value,
        at: &AttributePath,
        paths: &mut Vec<AttributePath>,
    ) {
        match value.data() {
            Data::Object(_) if matches!(self, Self::Single | Self::Group) => {
                block.collect_sensitive(value, at, paths);
            }
            Data::List(_, elements) | Data::Tuple(elements) => {
                for (index, element) in elements.iter().enumerate() {
                    block.collect_sensitive(element, &at.with_index(index), paths);
                }
            }
            Data::Map(_, entries) | Data::Object(entries) => {
                for (key, element) in entries.iter() {
                    block.collect_sensitive(element, &at.with_attribute(key), paths);
                }
            }
            Data::Set(_, elements) => {
                let mut inner = Vec::new();
                for element in elements.iter() {
                    block.collect_sensitive(element, at, &mut inner);
                }
                if !inner.is_empty() {
                    paths.push(at.clone());
                }
            }
            _ => {}
        }
    }
}

/// The value with the part at the path marked sensitive. A path that leads nowhere marks nothing.
fn marked(value: &Value, path: &[PathStep]) -> Value {
    let Some((step, rest)) = path.split_first() else {
        return value.clone().with_marks(&Marks::SENSITIVE);
    };
    let data = match (value.data(), step) {
        (Data::Object(entries), PathStep::Attribute(name)) => match entries.get(name) {
            Some(inner) => {
                let mut entries = (**entries).clone();
                entries.insert(Arc::clone(name), marked(inner, rest));
                Data::Object(Arc::new(entries))
            }
            None => return value.clone(),
        },
        (Data::Map(of, entries), PathStep::Attribute(name)) => match entries.get(name) {
            Some(inner) => {
                let mut entries = (**entries).clone();
                entries.insert(Arc::clone(name), marked(inner, rest));
                Data::Map(of.clone(), Arc::new(entries))
            }
            None => return value.clone(),
        },
        (Data::List(of, elements), PathStep::Index(index)) => {
            Data::List(of.clone(), marked_element(elements, *index, rest))
        }
        (Data::Tuple(elements), PathStep::Index(index)) => {
            Data::Tuple(marked_element(elements, *index, rest))
        }
        _ => return value.clone(),
    };
    Value::from(data).with_marks(value.marks())
}

fn marked_element(elements: &[Value], index: usize, rest: &[PathStep]) -> Arc<[Value]> {
    elements
        .iter()
        .enumerate()
        .map(|(at, element)| {
            if at == index {
                marked(element, rest)
            } else {
                element.clone()
            }
        })
        .collect()
}
