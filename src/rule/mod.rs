//! The contract of rules: what one says of itself, what it sees, and how it reports.
//!
//! A rule gives each subject a verdict. It never sees levels, waivers or formats, and cannot mislabel itself:
//! [`Findings`] stamps what it reports with the rule's own [`RuleMeta`].

mod credentials;
pub mod environment;
mod files;
mod finding;
pub mod pack;
mod sourced;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use credentials::Credentials;
pub use environment::Environment;
pub use files::Files;
pub use finding::{Finding, FindingBuilder, Findings, Label, Responsibility, Verdict};
pub use pack::RuleSettings;
pub use sourced::{Chosen, Sourced};

use crate::inventory::Inventory;
use crate::plan::{Plan, ResourceInstance};
use crate::source::{SourceId, Sources};
use crate::value::Value;

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// The rule does not run.
    Off,
    /// Told, never fails a run by default.
    Info,
    /// Should be looked at.
    Warning,
    /// Must not happen.
    Error,
}

impl Level {
    /// As users write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    /// The level of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Off, Self::Info, Self::Warning, Self::Error]
            .into_iter()
            .find(|level| level.name() == name)
    }
}

/// When a rule applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// In every environment.
    Always,
    /// In production only.
    Production,
}

/// What a rule says of itself. Its level, pack and parameters are in the pack that holds it.
#[derive(Debug)]
pub struct RuleMeta {
    /// Its id, in kebab case: the name of its folder.
    pub id: &'static str,
    /// One line: what it promises.
    pub summary: &'static str,
    /// When it applies.
    pub scope: Scope,
    /// Its parameters; their values are in the pack.
    pub parameters: &'static [Parameter],
    /// The page that `explain` prints: Markdown.
    pub page: &'static str,
}

/// A parameter of a rule.
#[derive(Debug)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What it means.
    pub summary: &'static str,
}

/// What a rule sees beside the plan.
pub struct Context<'a> {
    /// The evidence.
    pub plan: &'a Plan,
    /// The environment that it is checked for.
    pub environment: &'a Environment,
    /// The texts that the evidence was made from: sources, tfvars, the plan's own text.
    pub texts: &'a [Text],
    /// For turning spans into text.
    pub sources: &'a Sources,
    /// What exists already, where listings were given.
    pub inventory: Option<&'a Inventory>,
    /// The credentials in the texts.
    pub credentials: Arc<Credentials>,
    /// Where it lies on disk, where a run looks there.
    pub files: Option<Files<'a>>,
    /// The sources beside a plan.
    pub sourced: Option<&'a Sourced>,
    /// Parameters of the rule that runs, defaults included.
    pub parameters: &'a BTreeMap<Arc<str>, Value>,
}

/// What lies around a plan: what it was made from, and what else was given.
#[derive(Clone)]
pub struct Surroundings<'a> {
    /// The texts that the evidence was made from.
    pub texts: &'a [Text],
    /// For turning spans into text.
    pub sources: &'a Sources,
    /// What exists already, where listings were given.
    pub inventory: Option<&'a Inventory>,
    /// The credentials in the texts, shared by all whose texts are the same.
    pub credentials: Arc<Credentials>,
    /// Where it lies on disk, where a run looks there.
    pub files: Option<Files<'a>>,
    /// The sources beside a plan.
    pub sourced: Option<&'a Sourced>,
}

impl<'a> Surroundings<'a> {
    /// Texts, and nothing else.
    pub fn of_texts(texts: &'a [Text], sources: &'a Sources) -> Self {
        Self {
            texts,
            sources,
            inventory: None,
            credentials: Arc::default(),
            files: None,
            sourced: None,
        }
    }
}

impl<'a> Context<'a> {
    /// What a rule with these parameters sees.
    pub fn new(
        plan: &'a Plan,
        environment: &'a Environment,
        around: &Surroundings<'a>,
        parameters: &'a BTreeMap<Arc<str>, Value>,
    ) -> Self {
        Self {
            plan,
            environment,
            texts: around.texts,
            sources: around.sources,
            inventory: around.inventory,
            credentials: Arc::clone(&around.credentials),
            files: around.files,
            sourced: around.sourced,
            parameters,
        }
    }

    /// A parameter that is a list of strings.
    pub fn strings(&self, name: &str) -> Vec<&str> {
        let elements = self
            .parameters
            .get(name)
            .and_then(Value::as_elements)
            .unwrap_or_default();
        elements.iter().filter_map(Value::as_str).collect()
    }
}

/// A text that evidence was made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text {
    /// Its text.
    pub source: SourceId,
    /// What it is.
    pub kind: TextKind,
}

/// What a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextKind {
    /// `.tf`, `.tf.json`
    Configuration,
    /// `.tfvars`, `.tfvars.json`
    Variables,
    /// What `terraform test` reads: `.tftest.hcl`, `.tfmock.hcl` and the like.
    Tests,
    /// A plan or state.
    Evidence,
}

/// A rule. It overrides one of the methods; none needs state of its own.
pub trait Rule: Sync {
    /// What it says of itself.
    fn meta(&self) -> &'static RuleMeta;

    /// Called for each managed resource instance and data source, in order of address.
    fn check_resource(
        &self,
        resource: &ResourceInstance,
        cx: &Context<'_>,
        findings: &mut Findings,
    ) {
        let _ = (resource, cx, findings);
    }

    /// Called once for the whole plan.
    fn check_plan(&self, cx: &Context<'_>, findings: &mut Findings) {
        let _ = (cx, findings);
    }
}
