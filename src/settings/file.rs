//! What a `tfguard.hcl` says.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::environment::EnvironmentBlock;
use super::read;
use crate::problem::{Problem, ProblemKind};
use crate::rule::{Level, Rule, RuleSettings};
use crate::source::{Sources, Span};
use crate::value::{Entries, Value};
use crate::waiver::Waiver;

/// What a `tfguard.hcl` says.
#[derive(Debug, Default)]
pub struct Settings {
    /// The file, as a user would write it.
    pub path: PathBuf,
    /// `environment` blocks, in source order.
    pub environments: Vec<Arc<EnvironmentBlock>>,
    /// `rule` blocks.
    pub rules: BTreeMap<&'static str, RuleBlock>,
    /// `waiver` blocks, in source order.
    pub waivers: Vec<Waiver>,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
}

/// What a `rule` block changes.
#[derive(Debug, Default)]
pub struct RuleBlock {
    /// Another level.
    pub level: Option<Level>,
    /// Where that is written.
    pub level_span: Option<Span>,
    /// Parameters that replace those of the pack.
    pub parameters: BTreeMap<Arc<str>, Value>,
    /// Entries that are added to the pack's own, or replace one of them.
    pub entries: Entries,
}

impl Settings {
    /// Reads a text as that file.
    pub fn parse(text: &str, path: &Path, sources: &Sources) -> Self {
        read::settings(sources.add(path.to_path_buf(), text), path, sources)
    }

    /// The folder that it lies in.
    pub fn folder(&self) -> &Path {
        match self.path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        }
    }

    /// The environments of a root module.
    pub fn environments_of(&self, root: &Path) -> impl Iterator<Item = &Arc<EnvironmentBlock>> {
        let whole = root.canonicalize();
        self.environments
            .iter()
            .filter(move |one| match (&whole, one.root.canonicalize()) {
                (Ok(whole), Ok(root)) => *whole == root,
                _ => one.root == root,
            })
    }

    /// That a rule is off is said: nobody would miss what it does not say.
    pub fn notes(&self) -> impl Iterator<Item = Problem> {
        let off = self
            .rules
            .iter()
            .filter(|(_, block)| block.level == Some(Level::Off));
        off.map(|(id, block)| {
            Problem::new(
                ProblemKind::Note,
                format!("the rule `{id}` is off"),
                block.level_span,
            )
        })
    }

    /// The environment of that name.
    pub fn environment(&self, name: &str) -> Option<&Arc<EnvironmentBlock>> {
        self.environments.iter().find(|one| *one.name == *name)
    }

    /// The built-in rules as this file changes them.
    pub fn apply(
        &self,
        mut rules: Vec<(&'static dyn Rule, RuleSettings)>,
    ) -> Vec<(&'static dyn Rule, RuleSettings)> {
        for (rule, settings) in &mut rules {
            let Some(block) = self.rules.get(rule.meta().id) else {
                continue;
            };
            if let Some(level) = block.level {
                settings.level = level;
            }
            settings.parameters.extend(block.parameters.clone());
            if let (Some(name), false) = (&settings.entries, block.entries.is_empty()) {
                let known = settings.parameters.get(name).and_then(Value::as_entries);
                let mut entries = known.cloned().unwrap_or_default();
                entries.extend(block.entries.clone());
                settings
                    .parameters
                    .insert(Arc::clone(name), Value::object(entries));
            }
        }
        rules
    }
}
