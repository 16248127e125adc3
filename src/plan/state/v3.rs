//! States of version 3: Terraform 0.9 to 0.11. Attributes are flat: `ingress.#`, `ingress.12.from_port`, `tags.%`.

use std::sync::Arc;

use super::{StateIndex, Stored, in_module, provider_name};
use crate::address::{
    InstanceKey, ModuleInstance, ModuleStep, Resource, ResourceAddress, ResourceMode,
};
use crate::plan::json::cursor::{Cursor, Fault, Kind, Slice};
use crate::plan::json::resources::{read_strings, unless_null};

/// Reads one into `state`.
pub fn read(state: &mut StateIndex, cursor: &mut Cursor<'_>) -> Result<(), Fault> {
    let mut has_modules = false;
    cursor.members(|cursor, name| {
        match name {
            "terraform_version" if cursor.kind()? == Kind::String => {
                state.terraform_version = Some(cursor.string()?.into_owned());
            }
            "modules" => {
                has_modules = true;
                if !cursor.null()? {
                    cursor.array(|cursor| read_module(state, cursor))?;
                }
            }
            _ => {
                cursor.skip()?;
            }
        }
        Ok(())
    })?;
    if !has_modules {
        state.unread("the state has no `modules`".to_owned(), None);
    }
    Ok(())
}

fn read_module(state: &mut StateIndex, cursor: &mut Cursor<'_>) -> Result<(), Fault> {
    let mut path = Vec::new();
    let mut resources = Vec::new();
    let outputs_before = state.outputs.len();
    cursor.members(|cursor, name| {
        match name {
            "path" => path = read_strings(cursor)?,
            "outputs" => state.read_outputs(cursor)?,
            "resources" => {
                if !cursor.null()? {
                    cursor.members(|cursor, name| {
                        resources.push(read_resource(name, cursor)?);
                        Ok(())
                    })?;
                }
            }
            _ => {
                cursor.skip()?;
            }
        }
        Ok(())
    })?;
    if path.len() > 1 {
        // Only the root's are the state's own.
        state.outputs.truncate(outputs_before);
    }
    let steps = path.iter().skip(1).map(|name| ModuleStep {
        name: name.as_str().into(),
        key: None,
    });
    let module = ModuleInstance(steps.collect());
    for resource in resources {
        add(state, &module, resource);
    }
    Ok(())
}

#[derive(Default)]
struct FlatResource {
    /// `aws_lb.main.0`, `data.aws_region.current`
    name: String,
    provider: String,
    depends_on: Vec<String>,
    current: Option<Slice>,
    deposed: Vec<Slice>,
}

fn read_resource(name: &str, cursor: &mut Cursor<'_>) -> Result<FlatResource, Fault> {
    let mut resource = FlatResource {
        name: name.to_owned(),
        ..FlatResource::default()
    };
    cursor.members(|cursor, name| {
        match name {
            "provider" => {
                let text = cursor.string_or_null()?.unwrap_or_default();
                provider_name(&text).clone_into(&mut resource.provider);
            }
            "depends_on" if cursor.kind()? == Kind::Array => {
                resource.depends_on = read_strings(cursor)?;
            }
            "primary" => resource.current = read_attributes(cursor)?,
            "deposed" if cursor.kind()? == Kind::Array => cursor.array(|cursor| {
                resource.deposed.extend(read_attributes(cursor)?);
                Ok(())
            })?,
            _ => {
                cursor.skip()?;
            }
        }
        Ok(())
    })?;
    Ok(resource)
}

fn read_attributes(cursor: &mut Cursor<'_>) -> Result<Option<Slice>, Fault> {
    let mut attributes = None;
    if cursor.null()? {
        return Ok(None);
    }
    cursor.members(|cursor, name| {
        if name == "attributes" {
            attributes = unless_null(cursor)?;
        } else {
            cursor.skip()?;
        }
        Ok(())
    })?;
    Ok(attributes)
}

fn add(state: &mut StateIndex, module: &ModuleInstance, resource: FlatResource) {
    let Some(address) = address(module, &resource.name) else {
        state.unread(
            "a resource has no address that can be read".to_owned(),
            Some(resource.name),
        );
        return;
    };
    let shared = Arc::new(address);
    let provider: Arc<str> = resource.provider.as_str().into();
    if resource.current.is_none() && resource.deposed.is_empty() {
        state.unread(
            format!("`{shared}` has no attributes"),
            Some(shared.to_string()),
        );
    }
    let current = resource.current.map(|slice| (None, slice));
    let deposed = resource.deposed.iter().enumerate().map(|(at, slice)| {
        let key: Arc<str> = at.to_string().into();
        (Some(key), *slice)
    });
    for (key, slice) in current.into_iter().chain(deposed) {
        let values = super::flat::deferred(state, &shared, slice);
        let stored = Stored {
            address: (*shared).clone(),
            provider: Arc::clone(&provider),
            deposed: key,
            depends_on: in_module(module, &resource.depends_on),
        };
        state.add(stored, values);
    }
}

/// `aws_lb.main.0` in a module.
fn address(module: &ModuleInstance, name: &str) -> Option<ResourceAddress> {
    let (mode, name) = match name.strip_prefix("data.") {
        Some(name) => (ResourceMode::Data, name),
        None => (ResourceMode::Managed, name),
    };
    let mut parts = name.split('.');
    let (kind, label) = (parts.next()?, parts.next()?);
    let key = match parts.next() {
        Some(index) => Some(InstanceKey::Index(index.parse().ok()?)),
        None => None,
    };
    if kind.is_empty() || label.is_empty() || parts.next().is_some() {
        return None;
    }
    Some(ResourceAddress {
        module: module.clone(),
        resource: Resource {
            mode,
            kind: kind.into(),
            name: label.into(),
        },
        key,
    })
}
