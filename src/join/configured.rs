//! What a plan's `configuration` and sources write otherwise, block by block. It has no expressions and no locals, so that
//! only a part of all changes is seen.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize as _;
use serde_json::Value as Json;

use super::said::{Detail, Said, alike, references_in};
use crate::address::ResourceMode;
use crate::config::Config;
use crate::plan::json;
use crate::provider::{Block as Schema, Providers};
use crate::show;

/// The `configuration` in the text of a plan; none where there is none that can be read.
pub fn configuration(text: &str) -> Option<Json> {
    #[derive(serde::Deserialize)]
    struct Document {
        configuration: Option<Json>,
    }
    let text = &text[json::start(text)?..];
    let document = Document::deserialize(&mut serde_json::Deserializer::from_str(text)).ok()?;
    document.configuration
}

/// The blocks and arguments that are not the same in both. Of a module that was not read nothing is said.
pub fn otherwise_configured(planned: &Json, written: &Config) -> BTreeSet<String> {
    let written = show::plain_configuration(written);
    let mut comparison = Comparison {
        detail: Detail::of(planned),
        names: BTreeSet::new(),
    };
    for (key, own, other) in shared(planned, &written, "provider_config") {
        comparison.arguments(own, other, None, &format!("provider.{key}"));
    }
    if let (Some(planned), Some(written)) = (planned.get("root_module"), written.get("root_module"))
    {
        comparison.module(planned, written, "");
    }
    comparison.names
}

struct Comparison {
    detail: Detail,
    /// What is not the same.
    names: BTreeSet<String>,
}

impl Comparison {
    fn module(&mut self, planned: &Json, written: &Json, prefix: &str) {
        let (own, others) = (resources(planned), resources(written));
        // A plan without any was shortened by whoever passed it on.
        let are_told = !own.is_empty();
        for address in own.keys().chain(others.keys()) {
            let place = format!("{prefix}{address}");
            match (own.get(address), others.get(address)) {
                (Some(own), Some(other)) => {
                    let facts = mode_of(own).and_then(|mode| {
                        Providers::packed().schema(mode, own.get("type")?.as_str()?)
                    });
                    let schema = facts.as_ref().map(|facts| &*facts.block);
                    self.arguments(own, other, schema, &place);
                    self.surroundings(own, other, &place);
                }
                // Of managed ones the instances are compared.
                (own, other) => {
                    let is_read = own.or(other).and_then(|one| mode_of(one));
                    if is_read == Some(ResourceMode::Data) && are_told {
                        self.names.insert(place);
                    }
                }
            }
        }
        for (name, own, other) in shared(planned, written, "outputs") {
            let place = format!("{prefix}output.{name}");
            self.expression(own.get("expression"), other.get("expression"), &place);
            self.dependencies(own, other, &place);
        }
        for (name, own, other) in shared(planned, written, "variables") {
            if let (Some(own), Some(other)) = (own.get("default"), other.get("default"))
                && is_scalar(own)
                && is_scalar(other)
                && !alike(own, other)
            {
                self.names.insert(format!("{prefix}var.{name}"));
            }
        }
        for (name, own, other) in shared(planned, written, "module_calls") {
            let place = format!("{prefix}module.{name}");
            self.arguments(own, other, None, &place);
            self.surroundings(own, other, &place);
            if let (Some(own), Some(other)) = (own.get("module"), other.get("module")) {
                self.module(own, other, &format!("{place}."));
            }
        }
        for kind in ["outputs", "module_calls"] {
            let of = |module: &Json| -> BTreeSet<String> {
                let all = module.get(kind).and_then(Json::as_object);
                all.into_iter()
                    .flatten()
                    .map(|(name, _)| name.clone())
                    .collect()
            };
            let word = if kind == "outputs" {
                "output"
            } else {
                "module"
            };
            let own = of(planned);
            for name in own
                .symmetric_difference(&of(written))
                .filter(|_| !own.is_empty())
            {
                self.names.insert(format!("{prefix}{word}.{name}"));
            }
        }
    }

    /// How often a block is there, and what it waits for.
    fn surroundings(&mut self, planned: &Json, written: &Json, place: &str) {
        for (member, name) in [
            ("count_expression", "count"),
            ("for_each_expression", "for_each"),
        ] {
            let place = format!("{place}.{name}");
            self.expression(planned.get(member), written.get(member), &place);
        }
        self.dependencies(planned, written, place);
    }

    fn dependencies(&mut self, planned: &Json, written: &Json, place: &str) {
        let names = |block: &Json| -> BTreeSet<String> {
            let all = block.get("depends_on").and_then(Json::as_array);
            let texts = all.into_iter().flatten();
            texts
                .filter_map(|one| Some(one.as_str()?.to_owned()))
                .collect()
        };
        if names(planned) != names(written) {
            self.names.insert(format!("{place}.depends_on"));
        }
    }

    /// The `expressions` of two blocks.
    fn arguments(&mut self, planned: &Json, written: &Json, schema: Option<&Schema>, place: &str) {
        let nothing = Json::Object(serde_json::Map::new());
        let own = planned.get("expressions").unwrap_or(&nothing);
        let other = written.get("expressions").unwrap_or(&nothing);
        self.block(own, other, schema, place);
    }

    fn block(&mut self, planned: &Json, written: &Json, schema: Option<&Schema>, place: &str) {
        let (Json::Object(own), Json::Object(other)) = (planned, written) else {
            return;
        };
        let names: BTreeSet<&String> = own.keys().chain(other.keys()).collect();
        for name in names {
            let nested = schema.and_then(|schema| schema.blocks.get(name.as_str()));
            let place = format!("{place}.{name}");
            match (own.get(name), other.get(name)) {
                (Some(Json::Array(own)), Some(Json::Array(other))) => {
                    if own.len() != other.len() {
                        self.names.insert(place);
                        continue;
                    }
                    let inner = nested.map(|nested| &*nested.block);
                    for (at, (own, other)) in own.iter().zip(other).enumerate() {
                        self.block(own, other, inner, &format!("{place}[{at}]"));
                    }
                }
                // An attribute that is written as blocks: to a plan it is one expression.
                (Some(own), Some(other @ Json::Array(_))) => {
                    let all = Said::References(references_in(other));
                    if let Some(Said::References(_)) = Said::of(own)
                        && !self.may_be(own, &all)
                    {
                        self.names.insert(place);
                    }
                }
                // The JSON syntax does not tell blocks from arguments, nor does it show which of them are made by `dynamic`.
                (Some(Json::Array(_)), Some(_)) => {}
                (Some(own), Some(other)) => match (Said::of(own), Said::of(other)) {
                    (Some(_), Some(_)) => self.expression(Some(own), Some(other), &place),
                    _ => self.block(own, other, nested.map(|nested| &*nested.block), &place),
                },
                (Some(Json::Array(blocks)), None) if !blocks.is_empty() => {
                    self.names.insert(place);
                }
                (None, Some(Json::Array(blocks))) if nested.is_some() && !blocks.is_empty() => {
                    self.names.insert(place);
                }
                (Some(block), None) if Said::of(block).is_none() => {
                    self.names.insert(place);
                }
                (own, other) => self.expression(own, other, &place),
            }
        }
    }

    /// An expression that one of the two may lack: then it says nothing, as `null` does.
    fn expression(&mut self, planned: Option<&Json>, written: Option<&Json>, place: &str) {
        let own = planned.map_or(Some(Said::NOTHING), Said::of);
        let other = written.map_or(Some(Said::NOTHING), Said::of);
        if let (Some(own), Some(other)) = (own, other) {
            let both = planned.is_some() && written.is_some();
            let same = if both {
                own.may_be(&other, self.detail)
            } else {
                own.is_nothing() && other.is_nothing()
            };
            if !same {
                self.names.insert(place.to_owned());
            }
        }
    }

    fn may_be(&self, planned: &Json, written: &Said<'_>) -> bool {
        Said::of(planned).is_none_or(|own| own.may_be(written, self.detail))
    }
}

fn mode_of(block: &Json) -> Option<ResourceMode> {
    match block.get("mode")?.as_str()? {
        "managed" => Some(ResourceMode::Managed),
        "data" => Some(ResourceMode::Data),
        _ => None,
    }
}

/// The resources and data sources by their addresses.
fn resources(module: &Json) -> BTreeMap<&str, &Json> {
    let all = module.get("resources").and_then(Json::as_array);
    let named = all.into_iter().flatten();
    named
        .filter(|one| mode_of(one).is_some())
        .filter_map(|one| Some((one.get("address")?.as_str()?, one)))
        .collect()
}

fn shared<'a>(
    planned: &'a Json,
    written: &'a Json,
    of: &str,
) -> impl Iterator<Item = (&'a str, &'a Json, &'a Json)> {
    let own = planned.get(of).and_then(Json::as_object);
    let others = written.get(of).and_then(Json::as_object);
    own.into_iter().flatten().filter_map(move |(name, own)| {
        let other = others?.get(name)?;
        Some((name.as_str(), own, other))
    })
}

fn is_scalar(value: &Json) -> bool {
    matches!(value, Json::Bool(_) | Json::Number(_) | Json::String(_))
}
