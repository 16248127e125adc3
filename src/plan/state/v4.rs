//! States of version 4: Terraform 0.12 and later, OpenTofu.

use std::sync::Arc;

use super::{StateIndex, Stored, check_results, in_module, provider_name};
use crate::address::{InstanceKey, ModuleInstance, Resource, ResourceAddress, ResourceMode};
use crate::plan::json::cursor::{Cursor, Fault, Kind, Slice};
use crate::plan::json::object::{ObjectText, Sensitive, Untyped};
use crate::plan::json::resources::{read_key, read_strings, unless_null};

/// Reads one into `state`.
pub fn read(state: &mut StateIndex, cursor: &mut Cursor<'_>) -> Result<(), Fault> {
    let mut has_resources = false;
    cursor.members(|cursor, name| {
        match name {
            "terraform_version" if cursor.kind()? == Kind::String => {
                state.terraform_version = Some(cursor.string()?.into_owned());
            }
            "outputs" => state.read_outputs(cursor)?,
            "check_results" => check_results::read(cursor, &mut state.told)?,
            "resources" => {
                has_resources = true;
                if !cursor.null()? {
                    cursor.array(|cursor| read_resource(state, cursor))?;
                }
            }
            _ => {
                cursor.skip()?;
            }
        }
        Ok(())
    })?;
    if !has_resources {
        // Terraform writes them even where there are none.
        state.unread("the state has no `resources`".to_owned(), None);
    }
    Ok(())
}

#[derive(Default)]
struct Block {
    module: Option<String>,
    mode: String,
    kind: Option<Arc<str>>,
    name: Option<Arc<str>>,
    provider: String,
    instances: Option<Vec<Instance>>,
}

#[derive(Default)]
struct Instance {
    key: Option<InstanceKey>,
    deposed: Option<Arc<str>>,
    attributes: Option<Slice>,
    flat: Option<Slice>,
    sensitive: Option<Slice>,
    dependencies: Vec<String>,
    /// As Terraform 0.12 wrote them: within the module.
    depends_on: Vec<String>,
}

fn read_resource(state: &mut StateIndex, cursor: &mut Cursor<'_>) -> Result<(), Fault> {
    let mut block = Block::default();
    cursor.members(|cursor, name| {
        match name {
            "module" => block.module = cursor.string_or_null()?.map(Into::into),
            "mode" => block.mode = cursor.string()?.into_owned(),
            "type" => block.kind = Some(cursor.string()?.into()),
            "name" => block.name = Some(cursor.string()?.into()),
            "provider" => {
                let text = cursor.string_or_null()?.unwrap_or_default();
                provider_name(&text).clone_into(&mut block.provider);
            }
            "instances" => {
                let mut instances = Vec::new();
                if !cursor.null()? {
                    cursor.array(|cursor| {
                        instances.push(read_instance(cursor)?);
                        Ok(())
                    })?;
                }
                block.instances = Some(instances);
            }
            _ => {
                cursor.skip()?;
            }
        }
        Ok(())
    })?;
    add(state, block);
    Ok(())
}

fn read_instance(cursor: &mut Cursor<'_>) -> Result<Instance, Fault> {
    let mut instance = Instance::default();
    cursor.members(|cursor, name| {
        match name {
            "index_key" => instance.key = read_key(cursor)?,
            "deposed" => instance.deposed = cursor.string_or_null()?.map(Into::into),
            "attributes" => {
                if !matches!(cursor.kind()?, Kind::Object | Kind::Null) {
                    return Err(cursor.unlike("an object"));
                }
                instance.attributes = unless_null(cursor)?;
            }
            "attributes_flat" => instance.flat = unless_null(cursor)?,
            "sensitive_attributes" => instance.sensitive = unless_null(cursor)?,
            "dependencies" if cursor.kind()? == Kind::Array => {
                instance.dependencies = read_strings(cursor)?;
            }
            "depends_on" if cursor.kind()? == Kind::Array => {
                instance.depends_on = read_strings(cursor)?;
            }
            _ => {
                cursor.skip()?;
            }
        }
        Ok(())
    })?;
    Ok(instance)
}

fn add(state: &mut StateIndex, block: Block) {
    let mode = match block.mode.as_str() {
        "managed" => Some(ResourceMode::Managed),
        "data" => Some(ResourceMode::Data),
        _ => None,
    };
    let module: Option<ModuleInstance> = block.module.unwrap_or_default().parse().ok();
    let named = |text: Option<Arc<str>>| text.filter(|text| !text.is_empty());
    let (Some(mode), Some(kind), Some(name), Some(module)) =
        (mode, named(block.kind), named(block.name), module)
    else {
        state.unread(
            "a resource has no address that can be read".to_owned(),
            None,
        );
        return;
    };
    let resource = Resource { mode, kind, name };
    let provider: Arc<str> = block.provider.into();
    if block.instances.is_none() {
        state.unread(
            format!("`{resource}` has no `instances`"),
            Some(resource.to_string()),
        );
    }
    for instance in block.instances.unwrap_or_default() {
        let address = ResourceAddress {
            module: module.clone(),
            resource: resource.clone(),
            key: instance.key,
        };
        let shared = Arc::new(address.clone());
        let values = match (instance.attributes, instance.flat) {
            (None, Some(flat)) => super::flat::deferred(state, &shared, flat),
            (attributes, _) => {
                if attributes.is_none() {
                    let message = format!("`{address}` has no attributes");
                    state.unread(message, Some(address.to_string()));
                }
                let sensitive = instance
                    .sensitive
                    .map_or(Sensitive::Untold, Sensitive::Paths);
                ObjectText {
                    untyped: Untyped::Wrapped,
                    ..state.object(&shared, attributes, sensitive)
                }
                .deferred()
            }
        };
        let stored = Stored {
            address,
            provider: Arc::clone(&provider),
            deposed: instance.deposed,
            depends_on: [
                instance.dependencies,
                in_module(&module, &instance.depends_on),
            ]
            .concat(),
        };
        state.add(stored, values);
    }
}
