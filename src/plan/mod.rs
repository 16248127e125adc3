//! The one type that every kind of evidence becomes: what Terraform would do, or has done.
//!
//! Sources, plan JSON, binary plans and states all end here; rules see nothing else. Where a value came from is asked
//! of the plan's [`Provenance`] and computed only then.

pub mod binary;
mod change;
mod condition;
pub mod configuration;
mod deferred;
pub mod detect;
pub mod error;
pub mod json;
mod provenance;
mod reordered;
mod secret_texts;
pub mod state;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

pub use crate::problem::{Problem, ProblemKind};
pub use change::{Action, Change};
pub use condition::{Condition, MESSAGE_WITHHELD, Outcome, Status, Told};
pub use deferred::{Deferred, Excerpt};
pub use provenance::{
    Fault, Handed, Hop, NoProvenance, Origin, Part, Provenance, ProviderArgument, Subject, Trace,
    Waits,
};
pub use reordered::Reordered;

use crate::address::{ModuleInstance, ResourceAddress, ResourceMode};
use crate::source::Span;
use crate::value::Value;

/// What a plan was made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// `.tf` and `.tfvars` files, evaluated.
    Sources,
    /// `terraform show -json` of a plan.
    PlanJson,
    /// `terraform plan -out`.
    BinaryPlan,
    /// A state: everything in it exists already.
    State,
}

/// What is about to happen, or what is there.
#[derive(Debug)]
pub struct Plan {
    /// What it was made from.
    pub evidence: Evidence,
    /// The version of Terraform that wrote it, where it says so.
    pub terraform_version: Option<String>,
    /// Input variables of the root and, where the evidence tells, of the modules.
    pub variables: BTreeMap<(ModuleInstance, Arc<str>), Variable>,
    /// Outputs of the root.
    pub outputs: BTreeMap<Arc<str>, Output>,
    /// Outputs of the root that are there and will not be.
    pub removed_outputs: BTreeSet<Arc<str>>,
    /// Resources that the evidence's state holds and its changes do not name: what `-target` leaves alone.
    pub untouched: BTreeSet<Arc<ResourceAddress>>,
    /// Objects that are no longer the current one of their address and wait to be destroyed.
    pub deposed: Vec<Deposed>,
    /// What is not as Terraform would have it, or could not be read.
    pub problems: Vec<Problem>,
    /// The conditions that did not fail.
    pub conditions: Vec<Condition>,
    /// Resource blocks that are written and have no instance, where the evidence tells.
    pub empty: Vec<EmptyExpansion>,
    /// Where values come from.
    pub provenance: Box<dyn Provenance>,
    resources: Vec<ResourceInstance>,
    by_kind: HashMap<Arc<str>, Vec<usize>>,
    by_address: HashMap<Arc<ResourceAddress>, usize>,
}

/// What sets a variable of a plan: by what means it was given when the plan was made is not in it.
pub const BY_PLAN: &str = "the plan";

/// An input variable of a module instance.
#[derive(Clone, Debug)]
pub struct Variable {
    /// Its value, converted to the declared type.
    pub value: Value,
    /// Declared sensitive.
    pub sensitive: bool,
    /// Where its value is set (the tfvars line, the module argument, the default), or else where it is declared.
    pub span: Option<Span>,
    /// What set it, as Terraform's documentation names it: `-var`, `TF_VAR_x`, a file's name, `default`.
    pub set_by: String,
}

/// An output of the root module.
#[derive(Clone, Debug)]
pub struct Output {
    /// Its value.
    pub value: Value,
    /// Declared sensitive.
    pub sensitive: bool,
    /// Where it is declared.
    pub span: Option<Span>,
    /// Where it is declared sensitive.
    pub sensitive_span: Option<Span>,
}

/// One instance of a resource, with what happens to it.
#[derive(Clone, Debug)]
pub struct ResourceInstance {
    /// Its address.
    pub address: Arc<ResourceAddress>,
    /// The provider's full name where known, else its local name.
    pub provider: Arc<str>,
    /// What happens to it.
    pub change: Change,
    /// Whether it certainly exists.
    pub existence: Existence,
}

/// A resource block that is written and has no instance: its `count` is 0, or its `for_each` empty.
#[derive(Clone, Debug)]
pub struct EmptyExpansion {
    /// Its address, without a key.
    pub address: ResourceAddress,
    /// Its arguments that are primitive and need no instance to be known; null where that is not so.
    pub arguments: BTreeMap<Arc<str>, Value>,
    /// Where `count` or `for_each` stands.
    pub span: Option<Span>,
}

/// An object that a replacement left behind. Its address belongs to the object that replaced it.
#[derive(Clone, Debug)]
pub struct Deposed {
    /// The object.
    pub instance: ResourceInstance,
    /// What tells it from others of the same address.
    pub key: Arc<str>,
}

/// Whether an instance certainly exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existence {
    /// It does.
    Certain,
    /// Its `count` or `for_each` is unknown: it stands for zero or more instances.
    ZeroOrMore,
}

impl ResourceInstance {
    /// The resource type.
    pub fn kind(&self) -> &str {
        &self.address.resource.kind
    }

    /// The object as it will be; null when it is deleted.
    pub fn after(&self) -> &Value {
        self.change.after()
    }

    /// The object as it is; null where it does not exist yet or is not known.
    pub fn before(&self) -> &Value {
        self.change.before()
    }

    /// An attribute of the object as it will be; null where there is none, unknown where the object is only known in
    /// part and this attribute is not among what is known.
    pub fn attribute(&self, name: &str) -> &Value {
        self.change.attribute(name)
    }

    /// The elements of a nested block, or of an attribute written as blocks. Empty where there are none.
    pub fn blocks(&self, name: &str) -> &[Value] {
        self.attribute(name).as_elements().unwrap_or_default()
    }

    /// Whether the object is there once the plan is applied.
    pub fn remains(&self) -> bool {
        !self.change.action.is_removal()
    }
}

impl Plan {
    /// A plan with the given resources; they are sorted by address.
    pub fn new(evidence: Evidence, mut resources: Vec<ResourceInstance>) -> Self {
        resources.sort_by(|left, right| left.address.cmp(&right.address));
        let mut by_kind: HashMap<Arc<str>, Vec<usize>> = HashMap::new();
        let mut by_address = HashMap::with_capacity(resources.len());
        for (at, resource) in resources.iter().enumerate() {
            by_kind
                .entry(Arc::clone(&resource.address.resource.kind))
                .or_default()
                .push(at);
            by_address.insert(Arc::clone(&resource.address), at);
        }
        Self {
            evidence,
            terraform_version: None,
            variables: BTreeMap::new(),
            outputs: BTreeMap::new(),
            removed_outputs: BTreeSet::new(),
            untouched: BTreeSet::new(),
            deposed: Vec::new(),
            problems: Vec::new(),
            conditions: Vec::new(),
            empty: Vec::new(),
            provenance: Box::new(NoProvenance),
            resources,
            by_kind,
            by_address,
        }
    }

    /// Adds what Terraform told of conditions.
    pub fn tell(&mut self, mut told: Told) {
        self.problems.append(&mut told.problems);
        self.conditions.append(&mut told.conditions);
    }

    /// Every instance, sorted by address, data sources included.
    pub fn resources(&self) -> &[ResourceInstance] {
        &self.resources
    }

    /// Managed instances of a type, in order of address.
    pub fn managed<'a>(&'a self, kind: &str) -> impl Iterator<Item = &'a ResourceInstance> + 'a {
        self.of_kind(kind)
            .filter(|one| one.address.resource.mode == ResourceMode::Managed)
    }

    /// Instances of a type, of every mode.
    pub fn of_kind<'a>(&'a self, kind: &str) -> impl Iterator<Item = &'a ResourceInstance> + 'a {
        let at = self
            .by_kind
            .get(kind)
            .map(Vec::as_slice)
            .unwrap_or_default();
        at.iter().map(|at| &self.resources[*at])
    }

    /// The instance at an address.
    pub fn resource(&self, address: &ResourceAddress) -> Option<&ResourceInstance> {
        self.by_address.get(address).map(|at| &self.resources[*at])
    }

    /// A variable of the root module.
    pub fn variable(&self, name: &str) -> Option<&Variable> {
        self.variables.get(&(ModuleInstance::root(), name.into()))
    }
}

/// The addresses that instances have and had.
fn addresses(resources: &[ResourceInstance]) -> HashSet<String> {
    let own = resources.iter().map(|one| one.address.to_string());
    let earlier = resources.iter();
    let earlier = earlier.filter_map(|one| one.change.previous_address.clone());
    own.chain(earlier).collect()
}
