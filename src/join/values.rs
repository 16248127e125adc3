//! What a plan knows and sources evaluate otherwise, with the same variables.
//!
//! Compared is what is created: its values are those that are written. Of an object that is there a provider may keep
//! what it has, and what `ignore_changes` names stays as it is.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value as Json;

use super::{block_of, stays};
use crate::config::{Config, Resource};
use crate::plan::{Action, Evidence, Origin, Plan, ResourceInstance, Subject};
use crate::source::Sources;
use crate::value::display::display;
use crate::value::{Data, Value};

/// The arguments that cannot have the planned values.
pub fn other_values(
    planned: &Plan,
    written: &Plan,
    config: &Config,
    sources: &Sources,
) -> BTreeSet<String> {
    if planned.evidence == Evidence::PlanJson && depends_on_workspace(config, sources) {
        return BTreeSet::new();
    }
    let modules: BTreeMap<_, _> = config.modules().into_iter().collect();
    let created = planned.resources().iter();
    let created = created.filter(|one| stays(one) && is_created(one.change.action));
    let mut names = BTreeSet::new();
    for own in created {
        let (path, block) = block_of(&own.address);
        let Some(other) = written.resource(&own.address).filter(|one| stays(one)) else {
            continue;
        };
        let module = modules.get(&path).map(|config| &config.module);
        let Some(block) = module.and_then(|module| module.resources.get(&block)) else {
            continue;
        };
        names.extend(arguments(own, other, block));
    }
    names.extend(outputs(planned, written));
    names
}

/// Outputs of the root that are made from nothing but what is written and given: Terraform knows them.
fn outputs(planned: &Plan, written: &Plan) -> Vec<String> {
    let is_written = |name: &Arc<str>| {
        let origins = written
            .provenance
            .origins(&Subject::Output(Arc::clone(name)));
        let mut known = origins.iter();
        !origins.is_empty() && known.all(|one| matches!(one, Origin::Literal | Origin::Variable(_)))
    };
    let differing = planned.outputs.iter().filter(|(name, own)| {
        written.outputs.get(*name).is_some_and(|other| {
            let (own, other) = (&own.value, &other.value);
            let is_later = !own.is_known() && other.is_known();
            (is_later || !may_be(own, other)) && is_written(name)
        })
    });
    differing
        .map(|(name, _)| format!("output.{name}"))
        .collect()
}

/// A plan as JSON does not say which workspace it was made in.
fn depends_on_workspace(config: &Config, sources: &Sources) -> bool {
    let modules = config.modules().into_iter();
    let mut files = modules.flat_map(|(_, config)| &config.module.files);
    files.any(|file| sources.file(*file).text().contains("terraform.workspace"))
}

fn is_created(action: Action) -> bool {
    matches!(
        action,
        Action::Create
            | Action::DeleteThenCreate
            | Action::CreateThenDelete
            | Action::CreateThenForget
    )
}

/// Only what is written counts: providers fill in the rest, each version in its own way.
fn arguments(own: &ResourceInstance, other: &ResourceInstance, block: &Resource) -> Vec<String> {
    let attributes = block.body.attributes.iter().map(|one| &one.name.name);
    let blocks = block.body.blocks.iter().map(|one| &one.kind.name);
    let names: BTreeSet<_> = attributes.chain(blocks).collect();
    let differing = names
        .into_iter()
        .filter(|name| !may_be(own.attribute(name), other.attribute(name)));
    differing
        .map(|name| format!("{}.{name}", own.address))
        .collect()
}

/// Whether a planned value can come from what is written. Providers write texts in a form of their own.
fn may_be(planned: &Value, written: &Value) -> bool {
    let open = |value: &Value| !value.is_known() || value.is_null();
    if open(planned) || open(written) || written.marks().ephemeral {
        return true;
    }
    if let (Some(own), Some(other)) = (planned.as_entries(), written.as_entries()) {
        let is_map = matches!(planned.data(), Data::Map(..));
        let mut entries = other.iter();
        return entries.all(|(name, other)| match own.get(name) {
            Some(own) => may_be(own, other),
            None => !is_map || open(other),
        });
    }
    // A plan has whole numbers of 64 bits with digits that the value may not have been computed with.
    if let (Some(own), Some(other)) = (planned.as_number(), written.as_number())
        && own.as_f64().total_cmp(&other.as_f64()).is_eq()
    {
        return true;
    }
    match (planned.as_elements(), written.as_elements()) {
        // Sets are lists where no schema tells, and the provider's order is its own.
        (Some(own), Some(other)) => {
            let mut elements = other.iter();
            elements.all(|other| own.iter().any(|own| may_be(own, other)))
        }
        // Without a schema of its provider, what is written has not the type that is planned.
        (None, None) => match (display(planned), display(written)) {
            (Some(own), Some(other)) => same_text(&own, &other),
            _ => true,
        },
        _ => true,
    }
}

/// Providers write documents anew, and names without regard to case and blanks. A hash is of a file, which is built anew.
fn same_text(own: &str, other: &str) -> bool {
    let is_hash = own.len() >= 32 && own.chars().all(|c| c.is_ascii_hexdigit())
        || own.len() == 44 && own.ends_with('=') && !own.contains(char::is_whitespace);
    let plain = |text: &str| -> String {
        let text = text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '.' | '/'));
        let kept = text.chars().filter(|c| !c.is_whitespace());
        kept.flat_map(char::to_lowercase).collect()
    };
    let (own_path, other_path) = (plain(own), plain(other));
    if is_hash || ends_alike(&own_path, &other_path) || ends_alike(&other_path, &own_path) {
        return true;
    }
    match (leaves(own), leaves(other)) {
        (Some(own), Some(other)) => other.is_subset(&own),
        _ => false,
    }
}

/// The same text, or a path from another folder: where Terraform ran is not known.
fn ends_alike(long: &str, short: &str) -> bool {
    long.strip_suffix(short)
        .is_some_and(|before| before.is_empty() || before.ends_with('/'))
}

/// The texts and numbers in a JSON document. Of policies each provider makes others: they have none.
fn leaves(text: &str) -> Option<BTreeSet<String>> {
    fn add(value: &Json, leaves: &mut BTreeSet<String>) {
        match value {
            Json::Array(elements) => elements.iter().for_each(|one| add(one, leaves)),
            Json::Object(entries) => entries.values().for_each(|one| add(one, leaves)),
            Json::Null | Json::Bool(_) => {}
            Json::Number(number) => leaves.extend([number.to_string()]),
            Json::String(text) => leaves.extend([text.to_lowercase()]),
        }
    }
    let text = text.trim_start();
    if !text.starts_with(['{', '[']) {
        return None;
    }
    let document: Json = serde_json::from_str(text).ok()?;
    let mut leaves = BTreeSet::new();
    if document.get("Statement").is_none() {
        add(&document, &mut leaves);
    }
    Some(leaves)
}
