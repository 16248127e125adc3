//! What a provider does in code and its schema does not say.

use std::sync::Arc;

use crate::value::Value;

/// A path of names through blocks and attributes, without indexes: `default_action.redirect.port`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names(pub Box<[Arc<str>]>);

/// Facts about one resource type, beyond its schema. `data/behaviour` in this folder holds them as text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Behaviour {
    /// The planned value of what the configuration leaves out.
    pub defaults: Vec<(Names, Value)>,
    /// A change here replaces the resource.
    pub force_new: Vec<Names>,
    /// Attributes that are written as blocks: what an element leaves out is empty, not null.
    pub empty_elements: Vec<Names>,
    /// Blocks that the provider fills in: left out they are unknown on create.
    pub unknown_blocks: Vec<Names>,
    /// What may leave the configuration without a change.
    pub kept: Vec<Names>,
    /// Attributes that are planned null unless another one has a certain value.
    pub only_when: Vec<OnlyWhen>,
}

/// Top-level attributes that apply in some cases only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnlyWhen {
    /// What applies.
    pub paths: Vec<Names>,
    /// The top-level attribute that decides.
    pub attribute: Arc<str>,
    /// Its values with which they apply.
    pub values: Vec<Arc<str>>,
}

impl Names {
    /// Whether this is the path `parents` followed by `name`.
    pub fn is(&self, parents: &[Arc<str>], name: &str) -> bool {
        match self.0.split_last() {
            Some((last, rest)) => **last == *name && rest == parents,
            None => false,
        }
    }
}

impl std::fmt::Display for Names {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.join("."))
    }
}

impl Behaviour {
    /// The default of an attribute.
    pub fn default_of(&self, parents: &[Arc<str>], name: &str) -> Option<&Value> {
        let (_, value) = self
            .defaults
            .iter()
            .find(|(path, _)| path.is(parents, name))?;
        Some(value)
    }
}

/// Whether a path is among these.
pub(super) fn among(paths: &[Names], parents: &[Arc<str>], name: &str) -> bool {
    paths.iter().any(|path| path.is(parents, name))
}
