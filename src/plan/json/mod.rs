//! Plans as `terraform show -json` prints them, of every version, read without building a tree of them.
//!
//! One scan finds every resource and keeps slices of the text; values are decoded when a rule asks for them. What is
//! not a plan is named for what it is. A part that cannot be read is a problem of the plan, never left out in silence.

mod agreement;
pub(super) mod checks;
pub mod cursor;
mod document;
pub(super) mod object;
pub(super) mod resources;
pub(super) mod values;
mod wrapped;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use document::Document;
pub(super) use document::look_behind;
pub use document::start;
use object::{ObjectText, Sensitive, Unlisted, Untyped};
use resources::{ChangeSlices, Entry};
pub(super) use values::plain;
use values::{Decoder, Overlay};
use wrapped::Wrapped;

use super::configuration::{Graph, Module};
use super::error::PlanError;
use super::{
    Action, BY_PLAN, Change, Deferred, Deposed, Evidence, Existence, Output, Plan, Problem,
    ProblemKind, Reordered, ResourceInstance, Variable, addresses,
};
use crate::address::{
    AttributePath, InstanceKey, ModuleInstance, PathStep, ResourceAddress, ResourceMode,
};
use crate::provider::Providers;
use crate::source::SharedText;
use crate::value::{Cause, Causes, Marks, Type, Value};
use cursor::{Cursor, Kind, Slice};

/// Reads a plan from decoded text (see [`decode`](crate::source::decode)); `path` is only named in errors.
pub fn read(text: &SharedText, path: &Path, providers: &Arc<Providers>) -> Result<Plan, PlanError> {
    let mut document = Document::index(text).map_err(|reason| PlanError::new(path, reason))?;
    let configuration = std::mem::take(&mut document.configuration);
    let reading = Reading {
        text: text.clone(),
        graph: Arc::new(Graph::new(text.clone(), configuration)),
        providers: Arc::clone(providers),
        problems: std::mem::take(&mut document.problems),
        document,
    };
    Ok(reading.plan())
}

/// A document on its way to a plan.
struct Reading {
    text: SharedText,
    graph: Arc<Graph>,
    providers: Arc<Providers>,
    document: Document,
    problems: Vec<Problem>,
}

impl Reading {
    fn plan(mut self) -> Plan {
        self.problems
            .extend(agreement::problems(&self.text, &self.document));
        let mut deposed = Vec::new();
        let mut resources = match self.document.changes.take() {
            Some(entries) => self.changed(entries, &mut deposed),
            None => self.planned(),
        };
        self.add_stored(&mut resources);
        self.add_deferred(&mut resources);
        self.note_duplicates(&resources);
        self.judge_completeness();
        let modules = modules_of(&resources, &self.graph.root);
        let graph = Arc::clone(&self.graph);
        let provenance = Reordered::new(Box::new(Arc::clone(&graph)), &resources, move |address| {
            graph.written(address)
        });
        let mut plan = Plan::new(Evidence::PlanJson, resources);
        plan.deposed = deposed;
        plan.terraform_version = self.document.terraform_version.take();
        self.variables(&modules, &mut plan);
        self.outputs(&mut plan);
        plan.problems = self.problems;
        plan.tell(self.document.told);
        plan.provenance = Box::new(provenance);
        plan
    }

    /// The instances of `resource_changes`.
    fn changed(
        &mut self,
        entries: Vec<Entry>,
        deposed: &mut Vec<Deposed>,
    ) -> Vec<ResourceInstance> {
        let mut instances = Vec::with_capacity(entries.len());
        for mut entry in entries {
            let key = entry.deposed.take();
            let Some(instance) = self.instance(entry, Existence::Certain) else {
                continue;
            };
            match key {
                Some(key) => deposed.push(Deposed { instance, key }),
                None => instances.push(instance),
            }
        }
        instances
    }

    fn instance(&mut self, entry: Entry, existence: Existence) -> Option<ResourceInstance> {
        let address = Arc::new(entry.address);
        let slices = entry.change.unwrap_or_default();
        let Some(action) = slices
            .action
            .filter(|action| is_of(*action, address.resource.mode))
        else {
            self.unread(&address, "has no actions that are known");
            return None;
        };
        if slices.is_of_nothing() {
            return None;
        }
        if slices.after.is_none() && must_have_values(action) {
            self.unread(&address, "has no values after the change");
        }
        let replace_paths = slices
            .replace_paths
            .map(|slice| read_paths(&self.text, slice))
            .unwrap_or_default();
        let mut change = Change::new(action, self.deferred_after(&address, &slices))
            .with_before(self.deferred_before(&address, &slices));
        change.replace_paths = replace_paths;
        change.importing = slices.importing;
        change.previous_address = entry.previous_address;
        Some(ResourceInstance {
            address,
            provider: entry.provider,
            change,
            existence,
        })
    }

    fn deferred_after(&self, address: &Arc<ResourceAddress>, slices: &ChangeSlices) -> Deferred {
        ObjectText {
            values: slices.after,
            unknown: slices.after_unknown,
            sensitive: slices.after_sensitive.into(),
            // Terraform always says what is unknown; where it is missing, what `after` leaves out may be.
            unlisted: match slices.after_unknown {
                Some(_) => Unlisted::Absent,
                None => Unlisted::Unknown,
            },
            ..self.object(address)
        }
        .deferred()
    }

    fn deferred_before(&self, address: &Arc<ResourceAddress>, slices: &ChangeSlices) -> Deferred {
        ObjectText {
            values: slices.before,
            sensitive: slices.before_sensitive.into(),
            ..self.object(address)
        }
        .deferred()
    }

    /// Values of a tree (`planned_values`, `prior_state`); `unlisted` says whether it leaves out what is unknown.
    fn stored(&self, entry: &Entry, unlisted: Unlisted) -> Deferred {
        ObjectText {
            values: entry.values,
            sensitive: entry.sensitive.into(),
            unlisted,
            ..self.object(&Arc::new(entry.address.clone()))
        }
        .deferred()
    }

    fn object(&self, address: &Arc<ResourceAddress>) -> ObjectText {
        ObjectText {
            text: self.text.clone(),
            address: Arc::clone(address),
            values: None,
            unknown: None,
            sensitive: Sensitive::Untold,
            unlisted: Unlisted::Absent,
            untyped: Untyped::Plain,
            graph: Some(Arc::clone(&self.graph)),
            providers: Arc::clone(&self.providers),
        }
    }

    /// Without `resource_changes`, what will be is told by `planned_values`, and what is by `prior_state`.
    fn planned(&mut self) -> Vec<ResourceInstance> {
        let prior: HashMap<ResourceAddress, Option<Slice>> = self
            .document
            .prior
            .iter()
            .map(|entry| (entry.address.clone(), entry.values))
            .collect();
        let planned = std::mem::take(&mut self.document.planned);
        let mut instances = Vec::with_capacity(planned.len());
        for entry in planned {
            let action = match prior.get(&entry.address) {
                _ if entry.address.resource.mode == ResourceMode::Data => Action::Read,
                None => Action::Create,
                Some(before) if self.same(*before, entry.values) => Action::NoOp,
                Some(_) => Action::Update,
            };
            let after = self.stored(&entry, Unlisted::Unknown);
            instances.push(existing(entry, Change::new(action, after)));
        }
        instances
    }

    fn same(&self, left: Option<Slice>, right: Option<Slice>) -> bool {
        let text = |slice: Option<Slice>| slice.map(|slice| &self.text[slice.start..slice.end]);
        text(left) == text(right)
    }

    /// What the state holds and the changes do not name: data sources that were read already, and objects that a
    /// targeted plan leaves alone. Without `resource_changes`, managed objects that are not planned will be deleted.
    fn add_stored(&mut self, resources: &mut Vec<ResourceInstance>) {
        let known = addresses(resources);
        for entry in std::mem::take(&mut self.document.prior) {
            if entry.deposed.is_some() || known.contains(&entry.address.to_string()) {
                continue;
            }
            let values = self.stored(&entry, Unlisted::Absent);
            let managed = entry.address.resource.mode == ResourceMode::Managed;
            let change = if managed && self.document.only_values {
                Change::new(Action::Delete, Value::NULL).with_before(values)
            } else {
                Change::new(Action::NoOp, values.clone()).with_before(values)
            };
            resources.push(existing(entry, change));
        }
    }

    /// Changes that Terraform puts off to a later plan: not certain, yet they must not go unseen.
    fn add_deferred(&mut self, resources: &mut Vec<ResourceInstance>) {
        for entry in std::mem::take(&mut self.document.deferred) {
            let existence = match entry.address.key {
                Some(InstanceKey::Any) => Existence::ZeroOrMore,
                _ => Existence::Certain,
            };
            resources.extend(self.instance(entry, existence));
        }
    }

    fn note_duplicates(&mut self, resources: &[ResourceInstance]) {
        let mut seen = HashSet::with_capacity(resources.len());
        let twice: BTreeSet<_> = resources
            .iter()
            .filter(|one| !seen.insert(&one.address))
            .map(|one| Arc::clone(&one.address))
            .collect();
        for address in twice {
            self.unread(&address, "stands in the plan more than once");
        }
    }

    fn judge_completeness(&mut self) {
        if self.document.errored {
            self.problems.push(Problem::errored());
        }
        if self.document.complete == Some(false) {
            self.problems.push(Problem::incomplete());
        }
    }

    /// A change that cannot be read could be any: the run must not pass.
    fn unread(&mut self, address: &ResourceAddress, what: &str) {
        self.problems.push(Problem {
            kind: ProblemKind::Unreadable,
            message: format!("`{address}` {what}"),
            help: Some("write the plan again with `terraform show -json`".to_owned()),
            span: None,
            address: Some(address.to_string()),
        });
    }

    /// Variables of the root with their raw values, and arguments of modules where they are constant.
    fn variables(&mut self, modules: &BTreeSet<ModuleInstance>, plan: &mut Plan) {
        let root = ModuleInstance::root();
        for (name, value) in std::mem::take(&mut self.document.variables) {
            let sensitive = self
                .graph
                .root
                .variables
                .get(&*name)
                .is_some_and(|declared| declared.sensitive);
            let value = match value {
                Some(slice) => values::plain(&self.text, slice),
                None => Value::NULL,
            };
            let variable = variable(value, &format!("var.{name}"), sensitive, BY_PLAN);
            plan.variables.insert((root.clone(), name), variable);
        }
        for module in modules {
            let Some(configured) = self.graph.root.at(module.path()) else {
                continue;
            };
            let arguments = self.graph.call(module).map(|call| &call.expressions);
            for (name, declared) in &configured.variables {
                let key = (module.clone(), Arc::clone(name));
                let argument = arguments.and_then(|arguments| arguments.get(name));
                let (value, set_by) = match (argument, declared.default) {
                    (Some(expression), _) => (self.graph.constant(*expression), "module argument"),
                    (None, Some(default)) => (Some(values::plain(&self.text, default)), "default"),
                    (None, None) => (None, ""),
                };
                let subject = if module.is_root() {
                    format!("var.{name}")
                } else {
                    format!("{module}.var.{name}")
                };
                let value = match value {
                    Some(value) => value,
                    None if module.is_root() => Value::unknown(
                        Type::Dynamic,
                        Causes::one(Cause::NoValue {
                            variable: subject.as_str().into(),
                        }),
                    ),
                    None => continue,
                };
                plan.variables
                    .entry(key)
                    .or_insert_with(|| variable(value, &subject, declared.sensitive, set_by));
            }
        }
    }

    fn outputs(&mut self, plan: &mut Plan) {
        for (name, slices) in std::mem::take(&mut self.document.outputs) {
            let declared = self.graph.root.outputs.get(&*name);
            let sensitive = declared.is_some_and(|output| output.sensitive);
            let value = Decoder {
                text: &self.text,
                address: format!("output.{name}").into(),
                unknown: if slices.is_unknown {
                    Overlay::All
                } else {
                    Overlay::read(&self.text, slices.after_unknown)
                },
                sensitive: Overlay::read(&self.text, slices.after_sensitive),
                secrets: &|_| self.graph.secrets_of_output(&name),
                wrapped: &Wrapped::Nowhere,
            }
            .value(slices.after);
            let sensitive = sensitive || value.marks().sensitive;
            let output = Output {
                value,
                sensitive,
                span: None,
                sensitive_span: None,
            };
            if slices.action.is_some_and(Action::is_removal) {
                plan.removed_outputs.insert(name);
            } else {
                plan.outputs.insert(name, output);
            }
        }
    }
}

fn existing(entry: Entry, change: Change) -> ResourceInstance {
    ResourceInstance {
        address: Arc::new(entry.address),
        provider: entry.provider,
        change,
        existence: Existence::Certain,
    }
}

/// Only data sources are read, and only ephemeral resources opened.
fn is_of(action: Action, mode: ResourceMode) -> bool {
    mode != ResourceMode::Managed || !matches!(action, Action::Read | Action::Open)
}

/// Whether a change without `after` must have lost it. Ephemeral resources and data sources may have none.
fn must_have_values(action: Action) -> bool {
    !action.is_removal() && !matches!(action, Action::Open | Action::Read)
}

fn variable(value: Value, subject: &str, sensitive: bool, set_by: &str) -> Variable {
    let value = if sensitive && !value.is_null() {
        value
            .with_marks(&Marks::SENSITIVE)
            .with_marks(&Marks::secret(subject))
    } else {
        value
    };
    Variable {
        value,
        sensitive,
        span: None,
        set_by: set_by.to_owned(),
    }
}

/// Every module that holds a resource, the modules around it, and those that are called exactly once.
fn modules_of(resources: &[ResourceInstance], root: &Module) -> BTreeSet<ModuleInstance> {
    let mut modules = BTreeSet::from([ModuleInstance::root()]);
    for resource in resources {
        let mut module = Some(resource.address.module.clone());
        while let Some(inner) = module {
            module = inner.parent();
            if !modules.insert(inner) {
                break;
            }
        }
    }
    let mut found: Vec<ModuleInstance> = modules.iter().cloned().collect();
    while let Some(module) = found.pop() {
        let calls = root.at(module.path()).map(|module| &module.calls);
        for (name, call) in calls.into_iter().flatten() {
            if call.repetition.is_none() {
                let child = module.child(name, None);
                if modules.insert(child.clone()) {
                    found.push(child);
                }
            }
        }
    }
    modules
}

/// `[["a", 0, "b"]]` as paths.
fn read_paths(text: &str, slice: Slice) -> Vec<AttributePath> {
    let mut paths = Vec::new();
    let mut cursor = Cursor::new(text, slice.start);
    let read = cursor.array(|cursor| {
        let mut steps = Vec::new();
        if cursor.kind()? != Kind::Array {
            return cursor.skip().map(|_| ());
        }
        cursor.array(|cursor| {
            match cursor.kind()? {
                Kind::String => steps.push(PathStep::Attribute(cursor.string()?.into())),
                Kind::Number => {
                    let index = cursor.number().and_then(|number| number.parse().ok());
                    steps.extend(index.map(PathStep::Index));
                }
                _ => {
                    cursor.skip()?;
                }
            }
            Ok(())
        })?;
        paths.push(AttributePath(steps));
        Ok(())
    });
    // Another shape than an array tells nothing; the paths only explain.
    if read.is_err() {
        paths.clear();
    }
    paths
}
