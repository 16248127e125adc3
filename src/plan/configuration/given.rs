//! What the `configuration` of a plan gives in clear apart from objects: to providers, and to variables as their defaults.

use std::sync::Arc;

use super::graph::Graph;
use super::{Module, ProviderBlock};
use crate::address::{AttributePath, ModuleInstance};
use crate::plan::{ProviderArgument, Subject, json};
use crate::value::Value;

impl Graph {
    /// The arguments of provider blocks; what is not constant is unknown.
    pub(super) fn given_to_providers(&self) -> Vec<ProviderArgument> {
        let mut found = Vec::new();
        for block in &self.root.providers {
            let value = block.expressions.and_then(|slice| self.value(slice));
            let module = match &block.module {
                None => Some(ModuleInstance::root()),
                Some(module) => module.parse().ok(),
            };
            if let Some((value, module)) = value.zip(module) {
                arguments(
                    block,
                    &module,
                    &AttributePath::default(),
                    &value,
                    &mut found,
                );
            }
        }
        found
    }

    /// The defaults of variables that are declared sensitive.
    pub(super) fn defaults(&self) -> Vec<(Subject, Value)> {
        let mut found = Vec::new();
        self.defaults_of(&self.root, &ModuleInstance::root(), &mut found);
        found
    }

    fn defaults_of(
        &self,
        module: &Module,
        instance: &ModuleInstance,
        found: &mut Vec<(Subject, Value)>,
    ) {
        for (name, declared) in module.variables.iter().filter(|(_, one)| one.sensitive) {
            if let Some(default) = declared.default {
                let subject = Subject::Variable(instance.clone(), Arc::clone(name));
                found.push((subject, json::plain(self.text(), default)));
            }
        }
        for (name, call) in &module.calls {
            self.defaults_of(&call.module, &instance.child(name, None), found);
        }
    }
}

/// Takes up what is given to a block, and to blocks in it.
fn arguments(
    block: &ProviderBlock,
    module: &ModuleInstance,
    at: &AttributePath,
    value: &Value,
    found: &mut Vec<ProviderArgument>,
) {
    for (name, inner) in value.as_entries().into_iter().flatten() {
        let path = at.with_attribute(name);
        let blocks = inner.as_elements().unwrap_or_default();
        let is_block = |one: &Value| one.as_entries().is_some() && at.0.is_empty();
        if !blocks.is_empty() && blocks.iter().all(is_block) {
            for (index, inner) in blocks.iter().enumerate() {
                arguments(block, module, &path.with_index(index), inner, found);
            }
            continue;
        }
        let label = match &block.alias {
            None => block.name.clone(),
            Some(alias) => format!("{}.{alias}", block.name),
        };
        let kind = block.source.rsplit('/').next().unwrap_or(&block.source);
        found.push(ProviderArgument {
            kind: kind.into(),
            subject: Subject::Provider(module.clone(), label.into(), path.clone()),
            path,
            value: inner.clone(),
        });
    }
}
