//! The `configuration` that a plan carries: which block refers to what, without the expressions themselves.
//!
//! Only names and slices are kept; expressions are decoded when something is asked about them.

mod because;
mod expression;
mod given;
mod graph;
mod reference;
mod secret;
mod written;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

pub use graph::Graph;
pub use reference::Reference;
pub use secret::{has_source as has_secret_source, is_source as is_secret_source};

use super::json::cursor::{Cursor, Fault, Kind, Slice};
use crate::address::{Resource, ResourceMode};

/// A module as configured. The root module holds the others.
#[derive(Debug, Default)]
pub struct Module {
    /// Its resource blocks.
    pub resources: HashMap<Resource, Block>,
    /// Its variables.
    pub variables: BTreeMap<Arc<str>, Declaration>,
    /// Its outputs.
    pub outputs: HashMap<Arc<str>, OutputBlock>,
    /// Its module calls.
    pub calls: BTreeMap<Arc<str>, Call>,
    /// Of the root module: the provider blocks of all modules.
    pub providers: Vec<ProviderBlock>,
}

/// A provider block.
#[derive(Debug, Default)]
pub struct ProviderBlock {
    /// Its local name.
    pub name: String,
    /// `alias`
    pub alias: Option<String>,
    /// Its full name.
    pub source: String,
    /// The module that it is in; none for the root.
    pub module: Option<String>,
    /// Its arguments.
    pub expressions: Option<Slice>,
}

/// A resource block.
#[derive(Debug, Default)]
pub struct Block {
    /// Its arguments and nested blocks.
    pub expressions: Option<Slice>,
    /// `count` or `for_each`.
    pub repetition: Option<Slice>,
    /// `depends_on`
    pub depends_on: Vec<Reference>,
}

/// A variable.
#[derive(Debug, Default)]
pub struct Declaration {
    /// Its default.
    pub default: Option<Slice>,
    /// Declared sensitive.
    pub sensitive: bool,
}

/// An output.
#[derive(Debug, Default)]
pub struct OutputBlock {
    /// Its expression.
    pub expression: Option<Slice>,
    /// Declared sensitive.
    pub sensitive: bool,
    /// `depends_on`
    pub depends_on: Vec<Reference>,
}

/// A module call.
#[derive(Debug, Default)]
pub struct Call {
    /// Its arguments.
    pub expressions: BTreeMap<Arc<str>, Slice>,
    /// `count` or `for_each`.
    pub repetition: Option<Slice>,
    /// `depends_on`
    pub depends_on: Vec<Reference>,
    /// What is called.
    pub module: Module,
}

impl Module {
    /// Reads the `configuration` of a plan.
    pub(super) fn read(cursor: &mut Cursor<'_>) -> Result<Self, Fault> {
        let mut root = Self::default();
        if cursor.null()? {
            return Ok(root);
        }
        let mut providers = Vec::new();
        cursor.members(|cursor, name| match name {
            "root_module" => {
                root = Self::read_module(cursor)?;
                Ok(())
            }
            "provider_config" if cursor.kind()? == Kind::Object => cursor.members(|cursor, _| {
                providers.push(read_provider(cursor)?);
                Ok(())
            }),
            _ => cursor.skip().map(|_| ()),
        })?;
        root.providers = providers;
        Ok(root)
    }

    fn read_module(cursor: &mut Cursor<'_>) -> Result<Self, Fault> {
        let mut module = Self::default();
        cursor.members(|cursor, name| match name {
            "resources" if cursor.kind()? == Kind::Array => cursor.array(|cursor| {
                if let Some((resource, block)) = read_block(cursor)? {
                    module.resources.insert(resource, block);
                }
                Ok(())
            }),
            "variables" if cursor.kind()? == Kind::Object => cursor.members(|cursor, name| {
                module
                    .variables
                    .insert(name.into(), read_declaration(cursor)?);
                Ok(())
            }),
            "outputs" if cursor.kind()? == Kind::Object => cursor.members(|cursor, name| {
                module.outputs.insert(name.into(), read_output(cursor)?);
                Ok(())
            }),
            "module_calls" if cursor.kind()? == Kind::Object => cursor.members(|cursor, name| {
                module.calls.insert(name.into(), read_call(cursor)?);
                Ok(())
            }),
            _ => cursor.skip().map(|_| ()),
        })?;
        Ok(module)
    }

    /// The module at a path of call names.
    pub fn at<'a>(&self, mut path: impl Iterator<Item = &'a str>) -> Option<&Module> {
        path.try_fold(self, |module, name| {
            module.calls.get(name).map(|call| &call.module)
        })
    }
}

fn read_block(cursor: &mut Cursor<'_>) -> Result<Option<(Resource, Block)>, Fault> {
    let mut block = Block::default();
    let (mut mode, mut kind, mut label) = (ResourceMode::Managed, None, None);
    cursor.members(|cursor, name| {
        match name {
            "mode" => {
                mode = match cursor.string()?.as_ref() {
                    "data" => ResourceMode::Data,
                    "ephemeral" => ResourceMode::Ephemeral,
                    _ => ResourceMode::Managed,
                }
            }
            "type" => kind = Some(Arc::from(cursor.string()?)),
            "name" => label = Some(Arc::from(cursor.string()?)),
            "expressions" => block.expressions = Some(cursor.skip()?),
            "count_expression" | "for_each_expression" => block.repetition = Some(cursor.skip()?),
            "depends_on" => block.depends_on = read_names(cursor)?,
            _ => {
                cursor.skip()?;
            }
        }
        Ok(())
    })?;
    Ok(kind
        .zip(label)
        .map(|(kind, name)| (Resource { mode, kind, name }, block)))
}

fn read_provider(cursor: &mut Cursor<'_>) -> Result<ProviderBlock, Fault> {
    let mut provider = ProviderBlock::default();
    cursor.members(|cursor, name| {
        match name {
            "name" => provider.name = cursor.string()?.into_owned(),
            "alias" => provider.alias = Some(cursor.string()?.into_owned()),
            "full_name" => provider.source = cursor.string()?.into_owned(),
            "module_address" => provider.module = Some(cursor.string()?.into_owned()),
            "expressions" => provider.expressions = Some(cursor.skip()?),
            _ => {
                cursor.skip()?;
            }
        }
        Ok(())
    })?;
    Ok(provider)
}

fn read_declaration(cursor: &mut Cursor<'_>) -> Result<Declaration, Fault> {
    let mut declaration = Declaration::default();
    cursor.members(|cursor, name| {
        match name {
            "default" => declaration.default = Some(cursor.skip()?),
            "sensitive" => declaration.sensitive = cursor.bool()?,
            _ => {
                cursor.skip()?;
            }
        }
        Ok(())
    })?;
    Ok(declaration)
}

fn read_output(cursor: &mut Cursor<'_>) -> Result<OutputBlock, Fault> {
    let mut output = OutputBlock::default();
    cursor.members(|cursor, name| {
        match name {
            "expression" => output.expression = Some(cursor.skip()?),
            "sensitive" => output.sensitive = cursor.bool()?,
            "depends_on" => output.depends_on = read_names(cursor)?,
            _ => {
                cursor.skip()?;
            }
        }
        Ok(())
    })?;
    Ok(output)
}

fn read_call(cursor: &mut Cursor<'_>) -> Result<Call, Fault> {
    let mut call = Call::default();
    cursor.members(|cursor, name| {
        match name {
            "expressions" if cursor.kind()? == Kind::Object => cursor.members(|cursor, name| {
                call.expressions.insert(name.into(), cursor.skip()?);
                Ok(())
            })?,
            "count_expression" | "for_each_expression" => call.repetition = Some(cursor.skip()?),
            "depends_on" => call.depends_on = read_names(cursor)?,
            "module" if cursor.kind()? == Kind::Object => {
                call.module = Module::read_module(cursor)?;
            }
            _ => {
                cursor.skip()?;
            }
        }
        Ok(())
    })?;
    Ok(call)
}

fn read_names(cursor: &mut Cursor<'_>) -> Result<Vec<Reference>, Fault> {
    let mut names = Vec::new();
    if cursor.null()? {
        return Ok(names);
    }
    cursor.array(|cursor| {
        names.push(Reference::parse(&cursor.string()?));
        Ok(())
    })?;
    Ok(names)
}
