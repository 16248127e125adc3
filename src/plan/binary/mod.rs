//! Binary plans (`terraform plan -out`): a zip with what is planned, the state that it was planned on, and the sources.
//!
//! Values carry enough of their types to be read without a provider. The sources are handed on as a tree of files, for
//! whoever evaluates sources: a binary plan has no `configuration` as the plan JSON has.

mod archive;
mod message;
mod msgpack;
mod sources;

use std::collections::HashSet;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use prost::Message as _;

use archive::Archive;
pub use sources::SourceTree;

use super::error::{PlanError, Reason};
use super::json::object::fit;
use super::json::values::Overlay;
use super::{
    Action, BY_PLAN, Change, Deposed, Evidence, Existence, Output, Plan, Problem, ProblemKind,
    ResourceInstance, Told, Variable, addresses, state,
};
use crate::address::{
    AttributePath, InstanceKey, ModuleInstance, PathStep, Resource, ResourceAddress, ResourceMode,
};
use crate::provider::Providers;
use crate::source::SharedText;
use crate::value::{Marks, Value};

/// The version of the format, since Terraform 0.12.
const KNOWN_VERSION: u64 = 3;
/// The state that was planned on.
const PRIOR_STATE: &str = "tfstate";

/// A binary plan.
pub struct BinaryPlan {
    /// What is planned. Its variables are those that were set, and its provenance knows nothing: both are in the
    /// sources.
    pub plan: Plan,
    /// The sources that it was planned from.
    pub sources: SourceTree,
    /// The states that it carries, as they are stored, by their names in the archive.
    pub states: Vec<(&'static str, SharedText)>,
    /// The workspace that it was planned in.
    pub workspace: String,
}

impl fmt::Debug for BinaryPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the states: they may hold credentials.
        f.debug_struct("BinaryPlan")
            .field("plan", &self.plan)
            .field("sources", &self.sources)
            .field("workspace", &self.workspace)
            .finish_non_exhaustive()
    }
}

/// Reads a binary plan; `path` is only named in errors.
pub fn read(
    bytes: &[u8],
    path: &Path,
    providers: &Arc<Providers>,
) -> Result<BinaryPlan, PlanError> {
    let fail = |reason| PlanError::new(path, reason);
    let mut archive = Archive::open(bytes).map_err(fail)?;
    let content = archive.required("tfplan").map_err(fail)?;
    let message = message::Plan::decode(content.as_slice()).map_err(|_| {
        fail(Reason::BinaryDamaged {
            what: "`tfplan` is no protobuf message",
        })
    })?;
    if message.version != KNOWN_VERSION {
        return Err(fail(Reason::Version {
            found: message.version.to_string(),
            known: "3",
        }));
    }
    let mut states = Vec::new();
    for name in [PRIOR_STATE, "tfstate-prev"] {
        if let Some(content) = archive.optional(name).map_err(fail)? {
            states.push((name, String::from_utf8_lossy(&content).into_owned().into()));
        }
    }
    let sources = SourceTree::read(&mut archive).map_err(fail)?;
    let workspace = message.workspace();
    let mut reading = Reading {
        providers,
        problems: sources.problems.clone(),
        deposed: Vec::new(),
    };
    let prior = states.iter().find(|(name, _)| *name == PRIOR_STATE);
    let prior = prior.map(|(_, text)| text);
    let plan = reading.plan(message, prior, path).map_err(fail)?;
    Ok(BinaryPlan {
        plan,
        sources,
        states,
        workspace,
    })
}

struct Reading<'a> {
    providers: &'a Arc<Providers>,
    problems: Vec<Problem>,
    deposed: Vec<Deposed>,
}

impl Reading<'_> {
    fn plan(
        &mut self,
        message: message::Plan,
        prior: Option<&SharedText>,
        path: &Path,
    ) -> Result<Plan, Reason> {
        self.judge_completeness(&message);
        let told = told(&message);
        let mut resources = Vec::with_capacity(message.resource_changes.len());
        for change in message.resource_changes {
            resources.extend(self.instance(change, Existence::Certain)?);
        }
        for deferred in message.deferred_changes {
            let Some(change) = deferred.change else {
                continue;
            };
            resources.extend(self.instance(change, Existence::ZeroOrMore)?);
        }
        let planned = resources.len();
        match prior {
            Some(prior) => self.add_stored(&mut resources, prior, path),
            None => self.problem(
                ProblemKind::Unreadable,
                "the saved plan holds no `tfstate`, which Terraform always writes",
                None,
            ),
        }
        let untouched = resources[planned..].iter();
        let untouched = untouched.map(|one| Arc::clone(&one.address)).collect();
        self.note_duplicates(&resources);
        let mut plan = Plan::new(Evidence::BinaryPlan, resources);
        plan.untouched = untouched;
        plan.deposed = std::mem::take(&mut self.deposed);
        plan.terraform_version = Some(message.terraform_version).filter(|text| !text.is_empty());
        for (name, value) in message.variables {
            let variable = Variable {
                value: msgpack::read(value.msgpack.as_deref(), &format!("var.{name}"))?,
                sensitive: false,
                span: None,
                set_by: BY_PLAN.to_owned(),
            };
            plan.variables
                .insert((ModuleInstance::root(), name.into()), variable);
        }
        for output in message.output_changes {
            let name = format!("output.{}", output.name);
            let change = output.change.unwrap_or_default();
            let (_, value) = Self::values(&change, &name)?;
            if action(&change).is_some_and(Action::is_removal) {
                plan.removed_outputs.insert(output.name.into());
                continue;
            }
            let marks = if output.sensitive {
                Marks::SENSITIVE
            } else {
                Marks::NONE
            };
            let read = Output {
                value: value.with_marks(&marks),
                sensitive: output.sensitive,
                span: None,
                sensitive_span: None,
            };
            plan.outputs.insert(output.name.into(), read);
        }
        plan.problems = std::mem::take(&mut self.problems);
        plan.tell(told);
        Ok(plan)
    }

    fn judge_completeness(&mut self, message: &message::Plan) {
        if message.errored {
            self.problems.push(Problem::errored());
        }
        if !message.target_addrs.is_empty() || !message.deferred_changes.is_empty() {
            self.problems.push(Problem::incomplete());
        }
    }

    fn instance(
        &mut self,
        message: message::ResourceChange,
        existence: Existence,
    ) -> Result<Option<ResourceInstance>, Reason> {
        let Some(mut address) = address(&message) else {
            let text = Some(message.addr).filter(|text| !text.is_empty());
            self.problem(
                ProblemKind::Unreadable,
                "a resource has no address that can be read",
                text,
            );
            return Ok(None);
        };
        if existence == Existence::ZeroOrMore && address.key.is_none() {
            address.key = Some(InstanceKey::Any);
        }
        let change = message.change.unwrap_or_default();
        let Some(action) = action(&change) else {
            let text = format!("`{address}` has no actions that are known");
            self.problem(ProblemKind::Unreadable, &text, Some(address.to_string()));
            return Ok(None);
        };
        let name = address.to_string();
        let (before, after) = Self::values(&change, &name)?;
        if after.is_null() && !action.is_removal() && action != Action::Read {
            let text = format!("`{address}` has no values after the change");
            self.problem(ProblemKind::Unreadable, &text, Some(name));
        }
        let after = self.typed(&address, after);
        let mut read = Change::new(action, after).with_before(self.typed(&address, before));
        read.replace_paths = message
            .required_replace
            .iter()
            .map(attribute_path)
            .collect();
        read.importing = change.importing.map(|importing| importing.id);
        read.previous_address = Some(message.prev_run_addr)
            .filter(|text| !text.is_empty() && *text != address.to_string());
        let instance = ResourceInstance {
            address: Arc::new(address),
            provider: state::provider_name(&message.provider).into(),
            change: read,
            existence,
        };
        if message.deposed_key.is_empty() {
            return Ok(Some(instance));
        }
        self.deposed.push(Deposed {
            instance,
            key: message.deposed_key.into(),
        });
        Ok(None)
    }

    /// Before and after; which of the values are there depends on the action.
    fn values(change: &message::Change, name: &str) -> Result<(Value, Value), Reason> {
        let read = |value: Option<&message::DynamicValue>, paths: &[message::Path]| {
            let value = match value {
                Some(value) => msgpack::read(value.msgpack.as_deref(), name)?,
                None => Value::NULL,
            };
            let mut sensitive = Overlay::None;
            for path in paths {
                sensitive.add(&path.steps());
            }
            Ok::<_, Reason>(sensitive.mark(value))
        };
        let (first, last) = (change.values.first(), change.values.last());
        let (before, after) = match action(change) {
            Some(Action::Create) => (None, last),
            Some(Action::Delete | Action::Forget) => (first, None),
            _ => (first, last),
        };
        Ok((
            read(before, &change.before_sensitive_paths)?,
            read(after, &change.after_sensitive_paths)?,
        ))
    }

    fn typed(&self, address: &ResourceAddress, value: Value) -> Value {
        let resource = &address.resource;
        match self.providers.schema(resource.mode, &resource.kind) {
            Some(facts) => facts.block.mark_sensitive(&fit(value, facts.block.ty())),
            None => value,
        }
    }

    /// What the state holds and the changes do not name: data sources that were read already, and what `-target` left
    /// alone.
    fn add_stored(
        &mut self,
        resources: &mut Vec<ResourceInstance>,
        prior: &SharedText,
        path: &Path,
    ) {
        let Ok(stored) = state::read(prior, path, self.providers) else {
            self.problem(
                ProblemKind::Unreadable,
                "the state in the plan cannot be read",
                None,
            );
            return;
        };
        let known = addresses(resources);
        let rest = stored
            .resources()
            .iter()
            .filter(|one| !known.contains(&one.address.to_string()));
        resources.extend(rest.cloned());
    }

    fn note_duplicates(&mut self, resources: &[ResourceInstance]) {
        let mut seen = HashSet::with_capacity(resources.len());
        for one in resources {
            if !seen.insert(&one.address) {
                let text = format!("`{}` stands in the plan more than once", one.address);
                self.problem(
                    ProblemKind::Unreadable,
                    &text,
                    Some(one.address.to_string()),
                );
            }
        }
    }

    fn problem(&mut self, kind: ProblemKind, message: &str, address: Option<String>) {
        self.problems.push(Problem {
            kind,
            message: message.to_owned(),
            help: None,
            span: None,
            address,
        });
    }
}

/// What Terraform found of conditions while it planned.
fn told(message: &message::Plan) -> Told {
    let mut told = Told::default();
    let checks = message.check_results.iter();
    for object in checks.flat_map(|check| &check.objects) {
        let about = object.object_addr.clone();
        told.add(about, object.status(), &object.failure_messages);
    }
    told
}

fn action(change: &message::Change) -> Option<Action> {
    Some(match change.action {
        0 => Action::NoOp,
        1 => Action::Create,
        2 => Action::Read,
        3 => Action::Update,
        5 => Action::Delete,
        6 => Action::DeleteThenCreate,
        7 => Action::CreateThenDelete,
        8 => Action::Forget,
        9 => Action::CreateThenForget,
        _ => return None,
    })
}

/// The address, which Terraform up to 0.14 wrote in parts.
fn address(message: &message::ResourceChange) -> Option<ResourceAddress> {
    if !message.addr.is_empty() {
        return message.addr.parse().ok();
    }
    if message.kind.is_empty() || message.name.is_empty() {
        return None;
    }
    let key = match &message.old_key {
        Some(message::OldKey::Text(text)) => Some(InstanceKey::Key(text.as_str().into())),
        Some(message::OldKey::Index(index)) => {
            Some(InstanceKey::Index(u64::try_from(*index).ok()?))
        }
        None => None,
    };
    Some(ResourceAddress {
        module: message.module_path.parse().ok()?,
        resource: Resource {
            mode: match message.mode {
                0 => ResourceMode::Managed,
                1 => ResourceMode::Data,
                _ => return None,
            },
            kind: message.kind.as_str().into(),
            name: message.name.as_str().into(),
        },
        key,
    })
}

fn attribute_path(path: &message::Path) -> AttributePath {
    let steps: Vec<PathStep> = path.steps().into_iter().map_while(|step| step).collect();
    AttributePath(steps)
}
