//! States: what exists already, as Terraform stores it (versions 3 and 4) or as `terraform show -json` prints it.
//!
//! Every object of a state is a no-op in the [`Plan`] that it becomes. A state knows what each object depends on, and
//! nothing of where values come from.

mod check_results;
mod flat;
mod v3;
mod v4;
mod waits;

use std::path::Path;
use std::sync::Arc;

use waits::Dependencies;

use super::detect::{Foreign, Kind, Outline};
use super::error::{PlanError, Reason};
use super::json::checks;
use super::json::cursor::{Cursor, Fault, Kind as JsonKind, Slice};
use super::json::object::{ObjectText, Sensitive, Unlisted, Untyped};
use super::json::resources::{Entry, Reader, unless_null};
use super::json::{look_behind, plain, start};
use super::{
    Action, Change, Deferred, Deposed, Evidence, Existence, Output, Plan, Problem, ProblemKind,
    ResourceInstance, Told,
};
use crate::address::{ModuleInstance, ResourceAddress};
use crate::provider::Providers;
use crate::source::SharedText;
use crate::value::{Marks, Value};

/// Reads a state of any form from decoded text; `path` is only named in errors.
pub fn read(text: &SharedText, path: &Path, providers: &Arc<Providers>) -> Result<Plan, PlanError> {
    index(text, providers)
        .map(StateIndex::plan)
        .map_err(|reason| PlanError::new(path, reason))
}

/// What a state holds, on its way to a plan.
struct StateIndex {
    text: SharedText,
    providers: Arc<Providers>,
    terraform_version: Option<String>,
    instances: Vec<ResourceInstance>,
    deposed: Vec<Deposed>,
    outputs: Vec<StoredOutput>,
    dependencies: Dependencies,
    problems: Vec<Problem>,
    told: Told,
}

/// An output as a state has it.
struct StoredOutput {
    name: Arc<str>,
    value: Option<Slice>,
    sensitive: bool,
}

/// An object of a state.
struct Stored {
    address: ResourceAddress,
    provider: Arc<str>,
    deposed: Option<Arc<str>>,
    depends_on: Vec<String>,
}

fn index(text: &SharedText, providers: &Arc<Providers>) -> Result<StateIndex, Reason> {
    let from_fault = |fault| Reason::from_fault(fault, text);
    let start = start(text).ok_or(if text.trim().is_empty() {
        Reason::Empty
    } else {
        Reason::NotJson
    })?;
    let outline = Outline::read(text, start).map_err(from_fault)?;
    let mut state = StateIndex {
        text: text.clone(),
        providers: Arc::clone(providers),
        terraform_version: None,
        instances: Vec::new(),
        deposed: Vec::new(),
        outputs: Vec::new(),
        dependencies: Dependencies::default(),
        problems: Vec::new(),
        told: Told::default(),
    };
    let mut cursor = Cursor::new(text, start);
    match outline.kind() {
        Kind::State => {
            let version = read_version(&mut cursor.clone()).map_err(from_fault)?;
            match version.as_str() {
                "4" => v4::read(&mut state, &mut cursor),
                "3" => v3::read(&mut state, &mut cursor),
                _ => {
                    return Err(Reason::Version {
                        found: version.chars().take(20).collect(),
                        known: "3 and 4",
                    });
                }
            }
        }
        Kind::StateJson => state.shown(&mut cursor),
        Kind::EncryptedState => {
            return Err(Reason::Foreign {
                foreign: Foreign::EncryptedState,
            });
        }
        Kind::Foreign(foreign) => return Err(Reason::Foreign { foreign }),
        _ => {
            return Err(Reason::Foreign {
                foreign: Foreign::Object,
            });
        }
    }
    .map_err(from_fault)?;
    (state.problems).extend(look_behind(&text[cursor.offset()..], "state"));
    Ok(state)
}

fn read_version(cursor: &mut Cursor<'_>) -> Result<String, Fault> {
    let mut version = String::new();
    cursor.members(|cursor, name| {
        if name == "version" && cursor.kind()? == JsonKind::Number {
            cursor.number().unwrap_or_default().clone_into(&mut version);
        } else {
            cursor.skip()?;
        }
        Ok(())
    })?;
    Ok(version)
}

/// What a reader should know of an object that the next apply destroys.
fn left_behind(deposed: &Deposed) -> Problem {
    let (address, key) = (&deposed.instance.address, &deposed.key);
    Problem {
        kind: ProblemKind::Note,
        message: format!(
            "`{address}` (deposed {key}) was left behind by a replacement and is still there: rules look for secrets in it, and at nothing else"
        ),
        help: Some("`terraform apply` destroys it".to_owned()),
        span: None,
        address: Some(address.to_string()),
    }
}

impl StateIndex {
    fn plan(mut self) -> Plan {
        let mut seen = std::collections::HashSet::new();
        for instance in &self.instances {
            if !seen.insert(&instance.address) {
                self.problems.push(Problem {
                    kind: ProblemKind::Unreadable,
                    message: format!("`{}` stands in the state more than once", instance.address),
                    help: None,
                    span: None,
                    address: Some(instance.address.to_string()),
                });
            }
        }
        let left = self.deposed.iter().map(left_behind);
        self.problems.extend(left);
        let mut plan = Plan::new(Evidence::State, self.instances);
        plan.terraform_version = self.terraform_version;
        plan.deposed = self.deposed;
        plan.problems = self.problems;
        plan.tell(self.told);
        plan.provenance = Box::new(self.dependencies);
        for output in self.outputs {
            let value = output
                .value
                .map_or(Value::NULL, |slice| plain(&self.text, slice));
            let value = if output.sensitive {
                value.with_marks(&Marks::SENSITIVE)
            } else {
                value
            };
            let output_value = Output {
                value,
                sensitive: output.sensitive,
                span: None,
                sensitive_span: None,
            };
            plan.outputs.insert(output.name, output_value);
        }
        plan
    }

    /// `terraform show -json` of a state.
    fn shown(&mut self, cursor: &mut Cursor<'_>) -> Result<(), Fault> {
        let mut reader = Reader::default();
        let mut entries = Vec::new();
        cursor.members(|cursor, name| match (name, cursor.kind()?) {
            ("terraform_version", JsonKind::String) => {
                self.terraform_version = Some(cursor.string()?.into_owned());
                Ok(())
            }
            ("values", JsonKind::Object) => cursor.members(|cursor, name| match name {
                "outputs" => self.read_outputs(cursor),
                "root_module" => reader.tree(cursor, &mut entries),
                _ => cursor.skip().map(|_| ()),
            }),
            ("checks", _) => checks::read(cursor, &mut self.told),
            _ => cursor.skip().map(|_| ()),
        })?;
        self.problems.append(&mut reader.problems);
        for entry in entries {
            self.add_shown(entry);
        }
        Ok(())
    }

    fn add_shown(&mut self, entry: Entry) {
        let object = self.object(
            &Arc::new(entry.address.clone()),
            entry.values,
            entry.sensitive.into(),
        );
        let stored = Stored {
            address: entry.address,
            provider: entry.provider,
            deposed: entry.deposed,
            depends_on: entry.depends_on,
        };
        self.add(stored, object.deferred());
    }

    /// Adds an object with its values.
    fn add(&mut self, stored: Stored, values: Deferred) {
        let address = Arc::new(stored.address);
        for name in &stored.depends_on {
            self.dependencies.add(&address, name);
        }
        let instance = ResourceInstance {
            address,
            provider: stored.provider,
            change: Change::new(Action::NoOp, values.clone()).with_before(values),
            existence: Existence::Certain,
        };
        match stored.deposed {
            Some(key) => self.deposed.push(Deposed { instance, key }),
            None => self.instances.push(instance),
        }
    }

    fn object(
        &self,
        address: &Arc<ResourceAddress>,
        values: Option<Slice>,
        sensitive: Sensitive,
    ) -> ObjectText {
        ObjectText {
            text: self.text.clone(),
            address: Arc::clone(address),
            values,
            unknown: None,
            sensitive,
            unlisted: Unlisted::Absent,
            untyped: Untyped::Plain,
            graph: None,
            providers: Arc::clone(&self.providers),
        }
    }

    /// `{"name": {"value": …, "sensitive": true}}`
    fn read_outputs(&mut self, cursor: &mut Cursor<'_>) -> Result<(), Fault> {
        if cursor.null()? {
            return Ok(());
        }
        cursor.members(|cursor, name| {
            let mut output = StoredOutput {
                name: name.into(),
                value: None,
                sensitive: false,
            };
            cursor.members(|cursor, name| {
                match name {
                    "value" => output.value = unless_null(cursor)?,
                    "sensitive" => output.sensitive = cursor.bool()?,
                    _ => {
                        cursor.skip()?;
                    }
                }
                Ok(())
            })?;
            self.outputs.push(output);
            Ok(())
        })
    }

    fn unread(&mut self, message: String, address: Option<String>) {
        self.problems.push(Problem {
            kind: ProblemKind::Unreadable,
            message,
            help: None,
            span: None,
            address,
        });
    }
}

/// Names of one module's resources as those of the whole configuration.
fn in_module(module: &ModuleInstance, names: &[String]) -> Vec<String> {
    let dot = if module.is_root() { "" } else { "." };
    names
        .iter()
        .map(|name| format!("{module}{dot}{name}"))
        .collect()
}

/// `provider["registry.terraform.io/hashicorp/aws"].west`, `module.a.provider.aws`: the provider's own name.
pub(super) fn provider_name(text: &str) -> &str {
    if let Some((_, quoted)) = text.split_once("provider[\"") {
        return quoted.split_once('"').map_or(quoted, |(name, _)| name);
    }
    let name = text.rsplit_once("provider.").map_or(text, |(_, name)| name);
    name.split_once('.').map_or(name, |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn providers_are_named_without_their_configuration() {
        for (given, name) in [
            (
                r#"provider["registry.terraform.io/hashicorp/aws"].west"#,
                "registry.terraform.io/hashicorp/aws",
            ),
            (r#"module.a.provider["x/y/z"]"#, "x/y/z"),
            ("provider.aws.west", "aws"),
            ("module.a.provider.aws", "aws"),
            ("aws", "aws"),
        ] {
            assert_eq!(provider_name(given), name);
        }
    }
}
