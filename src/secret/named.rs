//! Secrets in values that only their names tell: members of objects and maps, elements with a `name` and a `value`, and
//! what documents and scripts hold of these.

use std::sync::Arc;

use serde_json::Value as Json;

use super::assigned::{Reading, assigned, may_be_secret};
use super::document::document;
use super::names::{holds_secrets, is_plain_name, is_secret_name};
use crate::value::{Entries, Marks, Value};

/// The value with what is named as secrets are marked sensitive. None where nothing in it is.
pub fn mark_named(value: &Value) -> Option<Value> {
    let secret = |value: &Value| value.clone().with_marks(&Marks::SENSITIVE);
    if let Some(text) = value.as_str() {
        return (!texts_named_in(text).is_empty()).then(|| secret(value));
    }
    if let Some(entries) = value.as_entries() {
        let mut any = false;
        let marked = members(entries).map(|(name, inner, is_secret)| {
            let marked = if is_secret || !held_texts(name, inner).is_empty() {
                Some(secret(inner))
            } else {
                mark_named(inner)
            };
            any |= marked.is_some();
            (name.clone(), marked.unwrap_or_else(|| inner.clone()))
        });
        let marked = Value::object(marked.collect::<Entries>());
        return any.then(|| marked.with_marks(value.marks()));
    }
    let elements = value.as_elements()?;
    let marked: Vec<Option<Value>> = elements.iter().map(mark_named).collect();
    if marked.iter().all(Option::is_none) {
        return None;
    }
    let elements = elements
        .iter()
        .zip(marked)
        .map(|(own, marked)| marked.unwrap_or_else(|| own.clone()));
    Some(Value::tuple(elements).with_marks(value.marks()))
}

/// The texts of a value that are named as secrets are.
pub fn named_texts(value: &Value, take: &mut impl FnMut(&str)) {
    if let Some(text) = value.as_str() {
        for one in texts_named_in(text) {
            take(&one);
        }
    } else if let Some(entries) = value.as_entries() {
        for (name, inner, is_secret) in members(entries) {
            match inner.as_str() {
                Some(text) if is_secret => take(text),
                _ => named_texts(inner, take),
            }
            held_texts(name, inner).into_iter().for_each(&mut *take);
        }
    } else {
        value.children().for_each(|inner| named_texts(inner, take));
    }
}

/// Takes what is named as secrets are out of a document in which each argument holds its value in a member of its own, as
/// `constant_value` or `default`.
pub fn clear_named(json: Json) -> Json {
    cleared(json, Named::Otherwise)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Named {
    AsSecret,
    Otherwise,
}

fn cleared(json: Json, named: Named) -> Json {
    const WRAPPERS: [&str; 4] = ["constant_value", "default", "value", "expression"];
    match json {
        Json::Array(all) => all.into_iter().map(|one| cleared(one, named)).collect(),
        Json::Object(all) => {
            let is_pair = names_its_value(|name| match all.get(name)? {
                Json::String(text) => Some(text),
                Json::Object(one) => one.get("constant_value")?.as_str(),
                _ => None,
            });
            let kept = all.into_iter().filter_map(|(name, one)| {
                let is_wrapped = named == Named::AsSecret && WRAPPERS.contains(&&*name);
                let is_one = is_wrapped || is_secret_name(&name) || (is_pair && name == "value");
                if is_one && one.as_str().is_some_and(may_be_secret) {
                    return None;
                }
                let named = match is_one {
                    true => Named::AsSecret,
                    false => Named::Otherwise,
                };
                Some((name, cleared(one, named)))
            });
            Json::Object(kept.collect())
        }
        other => other,
    }
}

/// What a text holds under the names of secrets: as JSON, or as a script.
fn texts_named_in(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(document) = document(text) {
        named_texts(&document, &mut |text| found.push(text.to_owned()));
    } else {
        let ranges = assigned(text, Reading::Document).into_iter();
        found.extend(ranges.map(|range| text[range].to_owned()));
    }
    found
}

/// The members of an object, each with whether it is a secret by its name.
fn members(entries: &Entries) -> impl Iterator<Item = (&Arc<str>, &Value, bool)> {
    let is_pair = names_its_value(|name| entries.get(name).and_then(Value::as_str));
    entries.iter().map(move |(name, inner)| {
        let is_secret = is_meant(name, is_pair, inner.as_str());
        (name, inner, is_secret)
    })
}

fn is_meant(name: &str, is_pair: bool, text: Option<&str>) -> bool {
    let is_named = is_secret_name(name) || (is_pair && name == "value");
    text.is_some_and(|text| is_named && may_be_secret(text) || is_credential_header(name, text))
}

/// `Authorization: Bearer …`
fn is_credential_header(name: &str, text: &str) -> bool {
    let is_header = ["authorization", "proxy-authorization"]
        .iter()
        .any(|header| name.eq_ignore_ascii_case(header));
    let value = ["Bearer ", "Basic ", "token "]
        .iter()
        .find_map(|scheme| text.strip_prefix(scheme));
    is_header && value.is_some_and(may_be_secret)
}

/// What a member holds whose name says that all of it is secret: `passwords`, `tokens`.
fn held_texts<'v>(name: &str, inner: &'v Value) -> Vec<&'v str> {
    let mut found = Vec::new();
    if inner.as_str().is_none() && holds_secrets(name) {
        leaves(inner, &mut found);
    }
    found
}

fn leaves<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
    if let Some(entries) = value.as_entries() {
        for (_, inner) in entries.iter().filter(|(name, _)| !is_plain_name(name)) {
            leaves(inner, found);
        }
    } else if let Some(elements) = value.as_elements() {
        for inner in elements {
            leaves(inner, found);
        }
    } else {
        found.extend(value.as_str().filter(|text| may_be_secret(text)));
    }
}

/// Whether the `value` of an element is a secret by its `name`, and no reference to where one is.
fn names_its_value<'a>(text: impl Fn(&str) -> Option<&'a str>) -> bool {
    let kind = text("type");
    let is_reference = kind.is_some_and(|kind| !kind.is_empty() && kind != "PLAINTEXT");
    !is_reference && text("name").is_some_and(is_secret_name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{Type, from_json};

    fn value(json: &Json) -> Value {
        from_json(json, &Type::Dynamic).expect("a value")
    }

    fn texts(json: &Json) -> Vec<String> {
        let mut found = Vec::new();
        named_texts(&value(json), &mut |text| found.push(text.to_owned()));
        found
    }

    #[test]
    fn members_pairs_documents_and_scripts_are_told_by_names() {
        let json = serde_json::json!({
            "db_password": "violin77", "note": "tulip", "secret_arn": "arn:aws:x",
            "environment": [{"name": "API_TOKEN", "value": "orchid77"}, {"name": "PORT", "value": "1"}],
            "container_definitions": "[{\"environment\":[{\"name\":\"API_KEY\",\"value\":\"lilac77\"}]}]",
            "user_data": "#!/bin/sh\nexport PASSWORD=daisy77\n",
        });
        let mut found = texts(&json);
        found.sort();
        assert_eq!(found, ["daisy77", "lilac77", "orchid77", "violin77"]);
        let marked = mark_named(&value(&json)).expect("secrets are in it");
        let is_marked = |name: &str| {
            let one = marked.attribute(name).expect("it is there");
            one.marks().sensitive
        };
        assert!(is_marked("db_password") && is_marked("user_data"));
        assert!(is_marked("container_definitions") && !is_marked("note"));
        assert!(!is_marked("secret_arn"));
    }

    #[test]
    fn what_holds_secrets_by_its_name_is_told_as_a_whole() {
        let json = serde_json::json!({
            "creds": ["violin77"], "tokens": {"gh": "orchid77", "host": "a.example.com"},
            "passwords": {"alice": "lilac77", "bob": "REPLACE_ME"}, "names": ["tulip"],
            "headers": {"Authorization": "Bearer daisy77"}, "authorization": "IAM auth",
            "token_names": ["rose77"], "tokens_used": ["peony77"],
        });
        let mut found = texts(&json);
        found.sort();
        assert_eq!(found, ["Bearer daisy77", "lilac77", "orchid77", "violin77"]);
        let marked = mark_named(&value(&json)).expect("secrets are in it");
        for (name, is_secret) in [("creds", true), ("tokens", true), ("names", false)] {
            let one = marked.attribute(name).expect("it is there");
            assert_eq!(one.marks().sensitive, is_secret, "{name}");
        }
    }

    #[test]
    fn references_and_placeholders_are_no_secrets() {
        let json = serde_json::json!({
            "jwt_secret": "prod/app/jwt-secret", "api_token": "REPLACE_ME", "token": "true",
            "a": {"name": "API_TOKEN", "value": "/app/token", "type": "PARAMETER_STORE"},
        });
        assert!(texts(&json).is_empty());
        assert!(mark_named(&value(&json)).is_none());
    }

    #[test]
    fn constants_of_arguments_are_cleared_by_their_names() {
        let json = serde_json::json!({
            "token": {"constant_value": "violin77"}, "region": {"constant_value": "tulip"},
            "set": [{"name": {"constant_value": "password"}, "value": {"constant_value": "orchid77"}}],
            "variables": {"db_password": {"default": "daisy77", "description": "of the database"}},
        });
        let text = clear_named(json).to_string();
        assert!(
            text.contains("tulip") && text.contains("of the database"),
            "{text}"
        );
        for secret in ["violin77", "orchid77", "daisy77"] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}
