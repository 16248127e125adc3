//! A plan or state, with the sources that came in the same file.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::root::options;
use crate::address::ModuleInstance;
use crate::config::{Loader, Variable};
use crate::discover::Content;
use crate::error::Error;
use crate::eval::{Assignment, Evaluation, Given, Inputs, Mode, Undeclared, locked_versions};
use crate::join::Versions;
use crate::plan::binary::SourceTree;
use crate::plan::detect::Kind;
use crate::plan::{BY_PLAN, Plan, binary, json, state};
use crate::provider::Providers;
use crate::settings::Workspace;
use crate::source::{SharedText, Sources, decode};

/// What was read of a file.
pub(crate) struct Evidence {
    pub plan: Plan,
    pub(super) carried: Option<Carried>,
    /// The text of a plan as JSON.
    pub(super) text: Option<SharedText>,
    /// States that came in the same file, by their names in it.
    pub(super) states: Vec<(&'static str, SharedText)>,
    /// Empty where the file does not tell.
    pub(super) workspace: String,
}

/// The sources that a saved plan carries.
pub(super) struct Carried {
    pub loader: Loader,
    /// The folder of the root module in them.
    pub root: PathBuf,
    /// The versions of providers that the plan was made with.
    pub versions: Versions,
}

impl Evidence {
    pub fn read(path: &Path, content: &Content, sources: &Arc<Sources>) -> Result<Self, Error> {
        let providers = Arc::new(Providers::default());
        let alone = |plan| Self {
            plan,
            carried: None,
            text: None,
            states: Vec::new(),
            workspace: String::new(),
        };
        let read = match content {
            Content::Text(text, Kind::State | Kind::StateJson | Kind::EncryptedState) => {
                state::read(text, path, &providers).map(alone)
            }
            Content::Text(text, _) => json::read(text, path, &providers).map(|plan| Self {
                text: Some(text.clone()),
                ..alone(plan)
            }),
            Content::Binary(bytes) => binary::read(bytes, path, &providers).map(|read| {
                let carried = Carried::of(read.sources, path, sources);
                Self {
                    plan: with_declared(read.plan, carried.as_ref()),
                    carried,
                    text: None,
                    states: read.states,
                    workspace: read.workspace,
                }
            }),
        };
        read.map_err(|error| Error::Plan(Box::new(error)))
    }

    /// Evaluates the sources that it carries as they were when the plan was made.
    pub(super) fn evaluate_carried(&self) -> Option<Arc<Evaluation>> {
        let carried = self.carried.as_ref()?;
        let mut inputs = Inputs::default();
        for (name, assignment) in given_by(&self.plan) {
            inputs.assign(&name, assignment);
        }
        let workspace = match self.workspace.as_str() {
            "" => "default",
            named => named,
        };
        let workspace = Workspace::named(workspace);
        Some(Evaluation::new(
            &Arc::new(carried.loader.load(&carried.root)),
            Arc::clone(carried.loader.sources()),
            inputs,
            options(&carried.root, workspace, Mode::Judging),
        ))
    }
}

impl Carried {
    fn of(tree: SourceTree, path: &Path, sources: &Arc<Sources>) -> Option<Self> {
        if tree.files.is_empty() {
            return None;
        }
        let lock = tree.root.join(".terraform.lock.hcl");
        let versions = tree.files.get(&lock).map(|bytes| {
            let source = sources.add(lock, decode(bytes.clone()));
            locked_versions(source, sources.file(source).text())
        });
        Some(Self {
            loader: Loader::in_memory(Arc::clone(sources), tree.files, path.to_path_buf()),
            root: tree.root,
            versions: versions.unwrap_or_default(),
        })
    }
}

/// What the variables of the root were given when a plan was made.
pub(super) fn given_by(planned: &Plan) -> Vec<(Arc<str>, Assignment)> {
    let of_root = planned.variables.iter();
    let of_root = of_root.filter(|((module, _), _)| *module == ModuleInstance::root());
    let assigned = of_root.map(|((_, name), variable)| {
        let assignment = Assignment {
            given: Given::Value(variable.value.clone()),
            span: None,
            set_by: BY_PLAN.to_owned(),
            undeclared: Undeclared::Ignore,
        };
        (Arc::clone(name), assignment)
    });
    assigned.collect()
}

/// A saved plan does not say which of its variables are sensitive: the configuration in it does. One that is declared
/// nowhere there may be.
fn with_declared(mut plan: Plan, carried: Option<&Carried>) -> Plan {
    let config = carried.map(|carried| carried.loader.load(&carried.root));
    let declared = config.as_ref().map(|config| &config.module.variables);
    for ((module, name), variable) in &mut plan.variables {
        let declared = declared.and_then(|variables| variables.get(name));
        let is_sensitive = |one: &Variable| one.sensitive;
        variable.sensitive |= module.is_root() && declared.is_none_or(is_sensitive);
    }
    plan
}
