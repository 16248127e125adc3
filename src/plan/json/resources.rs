//! The resources of a plan or state as JSON: each one's address and the slices that hold its values.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use super::cursor::{Cursor, Fault, Kind, Slice};
use crate::address::{InstanceKey, ModuleInstance, Resource, ResourceAddress, ResourceMode};
use crate::plan::{Action, Problem, ProblemKind};

/// What a `change` object says.
#[derive(Clone, Debug, Default)]
pub struct ChangeSlices {
    /// Its actions; none where the names are not known.
    pub action: Option<Action>,
    /// `before`, unless it is null.
    pub before: Option<Slice>,
    /// `after`, unless it is null.
    pub after: Option<Slice>,
    /// `after_unknown`
    pub after_unknown: Option<Slice>,
    /// `before_sensitive`
    pub before_sensitive: Option<Slice>,
    /// `after_sensitive`
    pub after_sensitive: Option<Slice>,
    /// `replace_paths`
    pub replace_paths: Option<Slice>,
    /// Wholly unknown, where a format says so by leaving the value out.
    pub is_unknown: bool,
    /// `importing.id`
    pub importing: Option<String>,
    nulls: Nulls,
}

/// Which sides of a change are written as `null`; one that is left out is not.
#[derive(Clone, Copy, Debug, Default)]
struct Nulls {
    before: bool,
    after: bool,
}

impl ChangeSlices {
    /// Reads a `change`. Its parts must be of the right kind, so that a damaged plan does not pass for an empty one.
    pub fn read(cursor: &mut Cursor<'_>) -> Result<Self, Fault> {
        let mut change = Self::default();
        cursor.members(|cursor, name| {
            match name {
                "actions" => change.action = read_actions(cursor)?,
                "before" => {
                    change.before = unless_null(cursor)?;
                    change.nulls.before = change.before.is_none();
                }
                "after" => {
                    change.after = unless_null(cursor)?;
                    change.nulls.after = change.after.is_none();
                }
                "after_unknown" => change.after_unknown = Some(overlay(cursor)?),
                "before_sensitive" => change.before_sensitive = Some(overlay(cursor)?),
                "after_sensitive" => change.after_sensitive = Some(overlay(cursor)?),
                "replace_paths" => change.replace_paths = unless_null(cursor)?,
                "importing" if cursor.kind()? == Kind::Object => {
                    change.importing = read_importing(cursor)?;
                }
                _ => {
                    cursor.skip()?;
                }
            }
            Ok(())
        })?;
        Ok(change)
    }

    /// Nothing is there and nothing will be. Terraform before 1.3.6 lists an instance so that is no longer configured
    /// and was deleted by another hand (hashicorp/terraform#32246).
    pub fn is_of_nothing(&self) -> bool {
        self.action == Some(Action::NoOp) && self.nulls.before && self.nulls.after
    }
}

fn read_actions(cursor: &mut Cursor<'_>) -> Result<Option<Action>, Fault> {
    let mut names = Vec::with_capacity(2);
    cursor.array(|cursor| {
        names.push(cursor.string()?);
        Ok(())
    })?;
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    Ok(Action::from_names(&names))
}

fn read_importing(cursor: &mut Cursor<'_>) -> Result<Option<String>, Fault> {
    // An object that is imported by its identity has no id.
    let mut id = Some(String::new());
    cursor.members(|cursor, name| {
        if name == "id" && cursor.kind()? == Kind::String {
            id = Some(cursor.string()?.into_owned());
        } else {
            cursor.skip()?;
        }
        Ok(())
    })?;
    Ok(id)
}

/// A slice, or none for a `null`.
pub fn unless_null(cursor: &mut Cursor<'_>) -> Result<Option<Slice>, Fault> {
    if cursor.null()? {
        return Ok(None);
    }
    cursor.skip().map(Some)
}

fn overlay(cursor: &mut Cursor<'_>) -> Result<Slice, Fault> {
    match cursor.kind()? {
        Kind::Number | Kind::String => Err(cursor.unlike("a bool, an object or an array")),
        _ => cursor.skip(),
    }
}

/// A resource as one of the lists has it.
#[derive(Debug)]
pub struct Entry {
    /// Its address.
    pub address: ResourceAddress,
    /// The provider's name, empty where none is given.
    pub provider: Arc<str>,
    /// The key of an object that is not the current one.
    pub deposed: Option<Arc<str>>,
    /// Before it was moved.
    pub previous_address: Option<String>,
    /// What happens; none in lists of values.
    pub change: Option<ChangeSlices>,
    /// `values`, in lists of values.
    pub values: Option<Slice>,
    /// `sensitive_values`, in lists of values.
    pub sensitive: Option<Slice>,
    /// `depends_on`, in states.
    pub depends_on: Vec<String>,
}

/// Reads resources, sharing what they have in common.
#[derive(Default)]
pub struct Reader {
    names: HashMap<Box<str>, Arc<str>>,
    modules: HashMap<Box<str>, ModuleInstance>,
    /// What could not be read.
    pub problems: Vec<Problem>,
}

#[derive(Default)]
struct Parts<'a> {
    address: Option<Cow<'a, str>>,
    module: Option<Cow<'a, str>>,
    mode: Option<Cow<'a, str>>,
    kind: Option<Cow<'a, str>>,
    name: Option<Cow<'a, str>>,
    key: Option<InstanceKey>,
    key_is_unknown: bool,
    provider: Option<Cow<'a, str>>,
    deposed: Option<Cow<'a, str>>,
    previous_address: Option<String>,
    change: Option<ChangeSlices>,
    values: Option<Slice>,
    sensitive: Option<Slice>,
    depends_on: Vec<String>,
}

impl Reader {
    /// A shared copy of a name.
    pub fn name(&mut self, text: &str) -> Arc<str> {
        if let Some(name) = self.names.get(text) {
            return Arc::clone(name);
        }
        let name: Arc<str> = text.into();
        self.names.insert(text.into(), Arc::clone(&name));
        name
    }

    /// Reads an array of resources or of resource changes. `module` is where they lie, unless they say so themselves.
    pub fn list(
        &mut self,
        cursor: &mut Cursor<'_>,
        module: Option<&ModuleInstance>,
        entries: &mut Vec<Entry>,
    ) -> Result<(), Fault> {
        cursor.array(|cursor| {
            if let Some(entry) = self.entry(cursor, module)? {
                entries.push(entry);
            }
            Ok(())
        })
    }

    /// Reads one; none, with a problem noted, where its address makes no sense.
    pub fn entry(
        &mut self,
        cursor: &mut Cursor<'_>,
        module: Option<&ModuleInstance>,
    ) -> Result<Option<Entry>, Fault> {
        let mut parts = Parts::default();
        cursor.members(|cursor, name| {
            match name {
                "address" => parts.address = cursor.string_or_null()?,
                "module_address" => parts.module = cursor.string_or_null()?,
                "mode" => parts.mode = cursor.string_or_null()?,
                "type" => parts.kind = cursor.string_or_null()?,
                "name" => parts.name = cursor.string_or_null()?,
                "index" => parts.key = read_key(cursor)?,
                "index_unknown" => parts.key_is_unknown = cursor.bool()?,
                "provider_name" => parts.provider = cursor.string_or_null()?,
                "deposed" | "deposed_key" => parts.deposed = cursor.string_or_null()?,
                "previous_address" => {
                    parts.previous_address = cursor.string_or_null()?.map(Cow::into_owned);
                }
                "change" => parts.change = Some(ChangeSlices::read(cursor)?),
                "values" => parts.values = unless_null(cursor)?,
                "sensitive_values" => parts.sensitive = unless_null(cursor)?,
                "depends_on" if cursor.kind()? == Kind::Array => {
                    parts.depends_on = read_strings(cursor)?;
                }
                _ => {
                    cursor.skip()?;
                }
            }
            Ok(())
        })?;
        Ok(self.assemble(parts, module))
    }

    fn assemble(&mut self, parts: Parts<'_>, module: Option<&ModuleInstance>) -> Option<Entry> {
        let address = self.address(&parts, module);
        let Some(address) = address else {
            self.problems.push(Problem {
                kind: ProblemKind::Unreadable,
                message: "a resource has no address that can be read".to_owned(),
                help: Some("write the plan again with `terraform show -json`".to_owned()),
                span: None,
                address: parts.address.map(Cow::into_owned),
            });
            return None;
        };
        Some(Entry {
            address,
            provider: self.name(parts.provider.as_deref().unwrap_or_default()),
            deposed: parts.deposed.as_deref().map(Arc::from),
            previous_address: parts.previous_address,
            change: parts.change,
            values: parts.values,
            sensitive: parts.sensitive,
            depends_on: parts.depends_on,
        })
    }

    /// From the parts that the formats give beside the address, or else from the address itself.
    fn address(
        &mut self,
        parts: &Parts<'_>,
        module: Option<&ModuleInstance>,
    ) -> Option<ResourceAddress> {
        let (Some(kind), Some(name)) = (&parts.kind, &parts.name) else {
            return parts.address.as_deref()?.parse().ok();
        };
        let mode = match parts.mode.as_deref() {
            Some("managed") => ResourceMode::Managed,
            Some("data") => ResourceMode::Data,
            Some("ephemeral") => ResourceMode::Ephemeral,
            _ => return parts.address.as_deref()?.parse().ok(),
        };
        let module = match (module, &parts.module) {
            (_, Some(text)) => self.module(text)?,
            (Some(module), None) => module.clone(),
            (None, None) => ModuleInstance::root(),
        };
        if kind.is_empty() || name.is_empty() {
            return None;
        }
        Some(ResourceAddress {
            module,
            resource: Resource {
                mode,
                kind: self.name(kind),
                name: self.name(name),
            },
            key: if parts.key_is_unknown {
                Some(InstanceKey::Any)
            } else {
                parts.key.clone()
            },
        })
    }

    /// The module at an address.
    pub fn module(&mut self, text: &str) -> Option<ModuleInstance> {
        if let Some(module) = self.modules.get(text) {
            return Some(module.clone());
        }
        let module: ModuleInstance = text.parse().ok()?;
        self.modules.insert(text.into(), module.clone());
        Some(module)
    }

    /// Reads the root of a tree of values, and the modules in it.
    pub fn tree(&mut self, cursor: &mut Cursor<'_>, entries: &mut Vec<Entry>) -> Result<(), Fault> {
        self.tree_module(cursor, Some(ModuleInstance::root()), entries)
    }

    fn tree_module(
        &mut self,
        cursor: &mut Cursor<'_>,
        mut module: Option<ModuleInstance>,
        entries: &mut Vec<Entry>,
    ) -> Result<(), Fault> {
        let root = ModuleInstance::root();
        // The module's address stands after its resources.
        let mut own = Vec::new();
        cursor.members(|cursor, name| {
            match name {
                "resources" if !cursor.null()? => {
                    let start = entries.len();
                    self.list(cursor, Some(&root), entries)?;
                    own.push(start..entries.len());
                }
                "child_modules" if !cursor.null()? => {
                    cursor.array(|cursor| self.tree_module(cursor, None, entries))?;
                }
                "address" if cursor.kind()? == Kind::String => {
                    let text = cursor.string()?;
                    module = self.module(&text);
                }
                // A null that a guard above has read.
                "resources" | "child_modules" => {}
                _ => {
                    cursor.skip()?;
                }
            }
            Ok(())
        })?;
        if module.is_none() {
            self.problems.push(Problem {
                kind: ProblemKind::Unreadable,
                message: "a module has no address that can be read".to_owned(),
                help: Some("write the file again with `terraform show -json`".to_owned()),
                span: None,
                address: None,
            });
        }
        let module = module.unwrap_or_default();
        for at in own.into_iter().flatten() {
            entries[at].address.module = module.clone();
        }
        Ok(())
    }
}

/// An array of strings.
pub fn read_strings(cursor: &mut Cursor<'_>) -> Result<Vec<String>, Fault> {
    let mut strings = Vec::new();
    cursor.array(|cursor| {
        strings.push(cursor.string()?.into_owned());
        Ok(())
    })?;
    Ok(strings)
}

/// The key of an instance.
pub fn read_key(cursor: &mut Cursor<'_>) -> Result<Option<InstanceKey>, Fault> {
    match cursor.kind()? {
        Kind::Null => {
            cursor.skip()?;
            Ok(None)
        }
        Kind::String => Ok(Some(InstanceKey::Key(cursor.string()?.as_ref().into()))),
        Kind::Number => {
            let mut before = cursor.clone();
            match cursor.number().map(str::parse) {
                Some(Ok(index)) => Ok(Some(InstanceKey::Index(index))),
                _ => Err(before.unlike("a string or a whole number")),
            }
        }
        _ => Err(cursor.unlike("a string or a whole number")),
    }
}
