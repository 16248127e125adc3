//! Secrets within a document: the texts in JSON that are meant by it.

use serde_json::Value as Json;

use super::names::is_secret_name;

/// The texts that a text holds: of JSON those whose names say that they are secret, or all where no name does; anything
/// else is one text.
pub fn texts_in(text: &str) -> Vec<String> {
    let Ok(json @ (Json::Object(_) | Json::Array(_))) = serde_json::from_str::<Json>(text) else {
        return vec![text.to_owned()];
    };
    let mut leaves = Vec::new();
    collect(&json, "", &mut leaves);
    let any_named = leaves.iter().any(|(name, _)| is_secret_name(name));
    let meant = leaves
        .iter()
        .filter(|(name, _)| !any_named || is_secret_name(name));
    meant.map(|(_, text)| (*text).to_owned()).collect()
}

fn collect<'a>(json: &'a Json, name: &'a str, leaves: &mut Vec<(&'a str, &'a str)>) {
    match json {
        Json::String(text) => leaves.push((name, text)),
        Json::Array(elements) => {
            for element in elements {
                collect(element, name, leaves);
            }
        }
        Json::Object(entries) => {
            for (name, value) in entries {
                collect(value, name, leaves);
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}
