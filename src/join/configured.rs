//! What a plan's `configuration` and sources write otherwise. It has the constants and the references of arguments and
//! no expressions, so that only a part of all changes is seen.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize as _;
use serde_json::{Map, Value as Json};

use crate::config::Config;
use crate::plan::json;
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

/// The arguments whose constants or references are not the same in both, as far as both have the block.
pub fn other_constants(planned: &Json, written: &Config) -> BTreeSet<String> {
    let written = show::plain_configuration(written);
    let mut names = BTreeSet::new();
    if let (Some(planned), Some(written)) = (planned.get("root_module"), written.get("root_module"))
    {
        module(planned, written, "", &mut names);
    }
    names
}

fn module(planned: &Json, written: &Json, prefix: &str, names: &mut BTreeSet<String>) {
    let (own, others) = (resources(planned), resources(written));
    for (address, block) in own {
        let Some(other) = others.get(address) else {
            continue;
        };
        let place = format!("{prefix}{address}");
        if let (Some(own), Some(other)) = (block.get("expressions"), other.get("expressions")) {
            expressions(own, other, &place, names);
        }
    }
    for (name, own, other) in shared(planned, written, "outputs") {
        let place = format!("{prefix}output.{name}");
        if let (Some(own), Some(other)) = (own.get("expression"), other.get("expression")) {
            expressions(own, other, &place, names);
        }
    }
    for (name, own, other) in shared(planned, written, "module_calls") {
        let place = format!("{prefix}module.{name}");
        if let (Some(own), Some(other)) = (own.get("expressions"), other.get("expressions")) {
            expressions(own, other, &place, names);
        }
        if let (Some(own), Some(other)) = (own.get("module"), other.get("module")) {
            module(own, other, &format!("{place}."), names);
        }
    }
}

fn resources(module: &Json) -> BTreeMap<&str, &Json> {
    let all = module.get("resources").and_then(Json::as_array);
    let named = all.into_iter().flatten();
    named
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

/// Compares an expression, or the arguments of a block.
fn expressions(planned: &Json, written: &Json, place: &str, names: &mut BTreeSet<String>) {
    match (planned, written) {
        (Json::Object(own), Json::Object(other)) => {
            if let (Some(own), Some(other)) = (says(own), says(other)) {
                if !own.may_be(&other) {
                    names.insert(place.to_owned());
                }
                return;
            }
            for (name, own) in own {
                if let Some(other) = other.get(name) {
                    expressions(own, other, &format!("{place}.{name}"), names);
                }
            }
        }
        (Json::Array(own), Json::Array(other)) if own.len() == other.len() => {
            for (at, (own, other)) in own.iter().zip(other).enumerate() {
                expressions(own, other, &format!("{place}[{at}]"), names);
            }
        }
        (Json::Array(_), Json::Array(_)) => {
            names.insert(place.to_owned());
        }
        _ => {}
    }
}

/// What an expression is, as far as a `configuration` tells.
enum Said<'a> {
    Constant(&'a Json),
    References(BTreeSet<String>),
}

fn says(expression: &Map<String, Json>) -> Option<Said<'_>> {
    match (expression.len(), expression.iter().next()?) {
        (1, (name, value)) if name == "constant_value" => Some(Said::Constant(value)),
        (1, (name, value)) if name == "references" && value.is_array() => {
            Some(Said::References(subjects(value)))
        }
        _ => None,
    }
}

impl Said<'_> {
    fn may_be(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Constant(own), Self::Constant(other)) => alike(own, other),
            (Self::References(own), Self::References(other)) => own == other,
            (Self::Constant(_), Self::References(all))
            | (Self::References(all), Self::Constant(_)) => all.is_empty(),
        }
    }
}

/// The objects that are referred to; versions of Terraform differ in how much of a reference they list besides.
fn subjects(references: &Json) -> BTreeSet<String> {
    let texts = references.as_array().into_iter().flatten();
    let subjects = texts.filter_map(|text| Some(subject(text.as_str()?)));
    let is_object = |text: &String| {
        let mut steps = text.split('.');
        !matches!(steps.next(), Some("path" | "terraform" | "self"))
    };
    let all: BTreeSet<String> = subjects.filter(is_object).collect();
    let is_whole = |one: &&String| {
        let within = format!("{one}.");
        !all.iter().any(|other| other.starts_with(&within))
    };
    all.iter().filter(is_whole).cloned().collect()
}

/// A reference without keys and attributes.
fn subject(reference: &str) -> String {
    let mut depth = 0;
    let without_keys = reference.chars().filter(|c| {
        match c {
            '[' => depth += 1,
            ']' => {
                depth -= 1;
                return false;
            }
            _ => {}
        }
        depth == 0
    });
    let text: String = without_keys.collect();
    let steps = if text.starts_with("data.") || text.starts_with("module.") {
        3
    } else {
        2
    };
    let steps: Vec<&str> = text.split('.').take(steps).collect();
    steps.join(".")
}

/// Whether two constants are one value, whatever type each is written in.
fn alike(own: &Json, other: &Json) -> bool {
    match (own, other) {
        (Json::Array(own), Json::Array(other)) => {
            own.len() == other.len() && own.iter().zip(other).all(|(own, other)| alike(own, other))
        }
        (Json::Object(own), Json::Object(other)) => {
            let within = |own: &Map<String, Json>, other: &Map<String, Json>| {
                own.iter().all(|(name, own)| match other.get(name) {
                    Some(other) => alike(own, other),
                    None => own.is_null(),
                })
            };
            within(own, other) && within(other, own)
        }
        _ => own == other || scalar(own).is_some_and(|own| scalar(other) == Some(own)),
    }
}

fn scalar(value: &Json) -> Option<String> {
    match value {
        Json::Bool(value) => Some(value.to_string()),
        Json::Number(value) => Some(value.to_string()),
        Json::String(value) => Some(value.replace("\r\n", "\n")),
        _ => None,
    }
}
