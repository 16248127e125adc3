//! What two sets of sources write otherwise: the files that a saved plan carries, and those beside it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::config::Config;
use crate::source::{SourceFile, Sources};
use crate::syntax::{Passage, passages};

/// The blocks that are not the same in both, as far as both have the module; comments and layout do not count.
pub fn rewritten(carried: &Config, beside: &Config, sources: &Sources) -> BTreeSet<String> {
    let beside: BTreeMap<_, _> = beside.modules().into_iter().collect();
    let mut names = BTreeSet::new();
    for (path, carried) in carried.modules() {
        let Some(other) = beside.get(&path) else {
            continue;
        };
        let (own, other) = (written(carried, sources), written(other, sources));
        let differing = own.symmetric_difference(&other);
        names.extend(differing.map(|(_, passage)| name(&path, &passage.header)));
    }
    names
}

/// What a module's files say. What stands in a file of overrides means something else there.
fn written(config: &Config, sources: &Sources) -> BTreeSet<(bool, Passage)> {
    let files = config.module.files.iter().map(|file| sources.file(*file));
    files
        .flat_map(|file| {
            let overrides =
                stem(&file).is_some_and(|stem| stem == "override" || stem.ends_with("_override"));
            // Where a state lies, and which versions may be used, gives no value.
            let passages = passages_of(&file).into_iter();
            let passages = passages.filter(|passage| passage.header != ["terraform"]);
            passages.map(move |passage| (overrides, passage))
        })
        .collect()
}

fn stem(file: &SourceFile) -> Option<String> {
    let name = file.path().file_name()?.to_str()?;
    let name = name.strip_suffix(".json").unwrap_or(name);
    Some(name.rsplit_once('.')?.0.to_owned())
}

fn passages_of(file: &SourceFile) -> Vec<Passage> {
    let is_json = file
        .path()
        .extension()
        .is_some_and(|ending| ending == "json");
    match serde_json::from_str::<serde_json::Value>(file.text()) {
        Ok(value) if is_json => {
            let name = file.path().file_name().unwrap_or_default();
            vec![Passage::of_json(&name.to_string_lossy(), &value)]
        }
        _ => passages(file.text()),
    }
}

/// A block as addresses name it.
fn name(module: &[Arc<str>], header: &[String]) -> String {
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let own = match header.as_slice() {
        ["resource", rest @ ..] => rest.join("."),
        ["variable", name] => format!("var.{name}"),
        all => all.join("."),
    };
    let steps = module.iter().map(|name| format!("module.{name}."));
    format!("{}{own}", steps.collect::<String>())
}
