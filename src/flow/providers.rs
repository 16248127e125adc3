//! What `provider` blocks are configured with.

use std::sync::Arc;

use super::locate;
use super::node::{Node, What};
use crate::address::{AttributePath, PathStep};
use crate::config;
use crate::eval::{Evaluation, ModuleState};
use crate::plan::{ProviderArgument, Subject};
use crate::syntax::Body;
use crate::value::Value;

/// What is written in every `provider` block of every module instance.
pub(super) fn arguments(evaluation: &Arc<Evaluation>) -> Vec<ProviderArgument> {
    let mut found = Vec::new();
    for module in locate::modules(evaluation) {
        for block in &module.config.module.providers {
            let mut paths = Vec::new();
            written(&block.body, &AttributePath::default(), &mut paths);
            let source = module.config.module.provider_source(&block.name.name);
            let kind = source.rsplit('/').next().unwrap_or(&source);
            for path in paths {
                let value = value(evaluation, &module, block, &path);
                found.push(ProviderArgument {
                    kind: kind.into(),
                    subject: Subject::Provider(module.instance.clone(), label(block), path.clone()),
                    path,
                    value,
                });
            }
        }
    }
    found
}

/// `aws`, `aws.west`
pub(super) fn label(block: &config::Provider) -> Arc<str> {
    match &block.alias {
        None => Arc::clone(&block.name.name),
        Some(alias) => format!("{}.{alias}", block.name.name).into(),
    }
}

/// The paths of all arguments, those of nested blocks too.
fn written(body: &Body, at: &AttributePath, paths: &mut Vec<AttributePath>) {
    let names = body.attributes.iter().map(|attribute| &attribute.name.name);
    paths.extend(names.map(|name| at.with_attribute(name)));
    let mut counted: Vec<&str> = Vec::new();
    for block in body
        .blocks
        .iter()
        .filter(|block| &*block.kind.name != "dynamic")
    {
        let kind = &*block.kind.name;
        let index = counted.iter().filter(|other| **other == kind).count();
        counted.push(kind);
        written(
            &block.body,
            &at.with_attribute(kind).with_index(index),
            paths,
        );
    }
}

fn value(
    evaluation: &Arc<Evaluation>,
    module: &Arc<ModuleState>,
    block: &config::Provider,
    path: &AttributePath,
) -> Value {
    let node = Node {
        what: What::Provider(Arc::clone(module), label(block)),
        path: Vec::<PathStep>::clone(&path.0),
    };
    let definition = node.definition(evaluation);
    let value = definition.and_then(|definition| definition.evaluate(evaluation));
    value.unwrap_or(Value::NULL)
}
