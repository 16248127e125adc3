//! Secrets in values that only their names tell: members of objects and maps, elements with a `name` and a `value`, and
//! what documents and scripts hold of these.

use std::sync::Arc;

use super::assigned::{Reading, assigned, names_references};
use super::command;
use super::compressed;
use super::document::document;
use super::encoded;
use super::likely::{is_key_of_service, is_random, may_be_secret};
use super::names::{
    holds_secrets, is_plain_name, is_secret_name, may_be_of_service, may_hold_secrets,
};
use super::withheld::tells;
use crate::address::{AttributePath, PathStep};
use crate::value::{Entries, Marks, Shape, Value};

/// The value with what is named as secrets are marked sensitive. None where nothing in it is.
pub fn mark_named(value: &Value) -> Option<Value> {
    let secret = |value: &Value| value.clone().with_marks(&Marks::SENSITIVE);
    if let Some(text) = value.as_str() {
        return (!texts_named_in(text).is_empty()).then(|| secret(value));
    }
    if let Some(entries) = value.as_entries() {
        let mut any = false;
        let marked = members(entries).map(|(name, inner, is_secret)| {
            let is_secret = is_secret || !held_texts(name, inner, entries).is_empty();
            let marked = if names_references(name) {
                None
            } else if is_secret {
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
    let marked = elements.iter().enumerate().map(|(index, element)| {
        let is_secret = is_argument(elements, index);
        is_secret
            .then(|| secret(element))
            .or_else(|| mark_named(element))
    });
    let marked: Vec<Option<Value>> = marked.collect();
    if marked.iter().all(Option::is_none) {
        return None;
    }
    let elements = elements
        .iter()
        .zip(marked)
        .map(|(own, marked)| marked.unwrap_or_else(|| own.clone()));
    Some(Value::tuple(elements).with_marks(value.marks()))
}

/// A text that a name tells to be a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The text.
    pub text: String,
    /// Where in the value it stands; what is found within a text stands where that does.
    pub path: AttributePath,
    /// What tells.
    pub by: By,
}

/// What tells that a text is a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    /// The name of the member that it is, or that it stands below.
    Member(Arc<str>),
    /// What stands beside it as `name` or `key`.
    Pair(Arc<str>),
    /// A document or a script that it stands in.
    Text,
}

/// The texts of a value that are named as secrets are, as far as it is known.
pub fn named(value: &Value) -> Vec<Named> {
    let mut search = Search::default();
    search.value(value);
    search.found
}

/// The same of a value that has a name itself.
pub fn named_value(name: &str, value: &Value) -> Vec<Named> {
    let mut search = Search::default();
    search.entries(&Entries::from_iter([(Arc::from(name), value.clone())]));
    search.found
}

/// The same, without where they stand.
pub fn named_texts(value: &Value, take: &mut impl FnMut(&str)) {
    for one in named(value) {
        take(&one.text);
    }
}

#[derive(Default)]
struct Search {
    at: Vec<PathStep>,
    found: Vec<Named>,
}

impl Search {
    fn value(&mut self, value: &Value) {
        if value.marks().ephemeral {
            return;
        }
        match value.as_unknown().and_then(|one| one.shape.as_ref()) {
            Some(Shape::Partial(inner) | Shape::Decoded(inner)) => {
                return self.value(inner);
            }
            Some(Shape::Json(inner)) => {
                return self.texts(named(inner).into_iter().map(|one| one.text));
            }
            Some(Shape::Concat(parts)) => return self.texts(texts_named_in(&as_template(parts))),
            Some(Shape::Secrets(_)) | None => {}
        }
        if let Some(text) = value.as_str() {
            self.texts(texts_named_in(text));
        } else if let Some(entries) = value.as_entries() {
            self.entries(entries);
        } else if let Some(elements) = value.as_elements() {
            for (index, inner) in elements.iter().enumerate() {
                self.below(PathStep::Index(index), |search| {
                    match inner.as_str().filter(|_| is_argument(elements, index)) {
                        Some(text) => search.take(text.to_owned(), By::Text),
                        None => search.value(inner),
                    }
                });
            }
        }
    }

    fn entries(&mut self, entries: &Entries) {
        let pair = name_beside(entries);
        for (name, inner) in entries.iter().filter(|(name, _)| !names_references(name)) {
            let step = PathStep::Attribute(Arc::clone(name));
            self.below(step, |search| {
                let is_of_pair = is_value(name) && pair.is_some();
                match inner.as_str() {
                    Some(_) if inner.marks().ephemeral => {}
                    Some(text) if is_meant(name, pair, Some(text)) => {
                        let by = match pair.filter(|_| is_of_pair) {
                            Some(pair) => By::Pair(pair.into()),
                            None => By::Member(Arc::clone(name)),
                        };
                        search.take(without_scheme(text).to_owned(), by);
                    }
                    _ => search.value(inner),
                }
                for text in held_texts(name, inner, entries) {
                    let by = match header_beside(name, entries) {
                        Some(header) => By::Pair(header.into()),
                        None => By::Member(Arc::clone(name)),
                    };
                    search.take(text.to_owned(), by);
                }
            });
        }
    }

    fn texts(&mut self, texts: impl IntoIterator<Item = String>) {
        for text in texts {
            self.take(text, By::Text);
        }
    }

    fn take(&mut self, text: String, by: By) {
        let path = AttributePath(self.at.clone());
        self.found.push(Named { text, path, by });
    }

    fn below(&mut self, step: PathStep, search: impl FnOnce(&mut Self)) {
        self.at.push(step);
        search(self);
        self.at.pop();
    }
}

/// What is known of a text, with references in the place of what is not.
fn as_template(parts: &[Value]) -> String {
    let part = |part: &Value| part.as_str().unwrap_or("${}").to_owned();
    parts.iter().map(part).collect()
}

/// What a text holds under the names of secrets: as JSON, or as a script; also in base64 as a whole.
fn texts_named_in(text: &str) -> Vec<String> {
    if let Some(document) = document(text) {
        return named(&document).into_iter().map(|one| one.text).collect();
    }
    let ranges = assigned(text, Reading::Document);
    if ranges.is_empty()
        && let Some(decoded) = encoded::decoded(text).or_else(|| compressed::unpacked(text))
    {
        return texts_named_in(&decoded);
    }
    let texts = ranges.into_iter().map(|range| text[range].to_owned());
    texts.collect()
}

/// The members of an object, each with whether it is a secret by its name.
fn members(entries: &Entries) -> impl Iterator<Item = (&Arc<str>, &Value, bool)> {
    let pair = name_beside(entries);
    entries.iter().map(move |(name, inner)| {
        let is_secret = is_meant(name, pair, inner.as_str());
        (name, inner, is_secret)
    })
}

fn is_meant(name: &str, pair: Option<&str>, text: Option<&str>) -> bool {
    let is_of_pair = is_value(name) && pair.is_some_and(|pair| !may_be_of_service(pair));
    let is_named = is_secret_name(name) || is_of_pair;
    // `MAX_TOKENS` has a value as well.
    let is_plural = is_value(name) && pair.is_some_and(holds_secrets);
    let is_of_header = is_value(name) && pair.is_some_and(is_header);
    let is_of_service = |text: &str| {
        let pair = pair.filter(|_| is_value(name));
        is_key_of_service(pair.unwrap_or(name), text)
    };
    text.is_some_and(|text| {
        let is_enough = (!is_of_header || is_credential(text)) && (!is_plural || tells(text));
        is_named && may_be_secret(text) && is_enough
            || is_of_service(text)
            || is_header(name) && is_credential(text)
    })
}

/// What stands beside a name; a parameter of Systems Manager has it twice, and a firewall looks for it.
fn is_value(name: &str) -> bool {
    matches!(name, "value" | "Value" | "insecure_value" | "search_string")
}

/// Whether an element is what the option before it hands over.
fn is_argument(elements: &[Value], index: usize) -> bool {
    let text = |index: usize| elements.get(index).and_then(Value::as_str);
    let option = index.checked_sub(1).and_then(text);
    option
        .zip(text(index))
        .is_some_and(|(option, value)| command::is_given(option, value))
}

/// What the value in an object is called by another member of it.
fn name_beside(entries: &Entries) -> Option<&str> {
    let beside = names_its_value(|name| entries.get(name).and_then(Value::as_str));
    beside.or_else(|| {
        // A firewall names the header that it looks into.
        let block = first(entries.get("field_to_match")?)?;
        let header = first(block.attribute("single_header")?)?;
        let name = header.attribute("name")?.as_str()?;
        (is_secret_name(name) || is_header(name)).then_some(name)
    })
}

fn first(blocks: &Value) -> Option<&Value> {
    blocks.as_elements()?.first()
}

/// `Authorization`
fn is_header(name: &str) -> bool {
    ["authorization", "proxy-authorization"]
        .iter()
        .any(|header| name.eq_ignore_ascii_case(header))
}

/// `Bearer …`
fn is_credential(text: &str) -> bool {
    let value = without_scheme(text);
    value.len() < text.len() && !value.starts_with('$') && may_be_secret(value)
}

/// What a header signs in with.
fn without_scheme(text: &str) -> &str {
    let schemes = ["Bearer ", "Basic ", "token "].into_iter();
    let mut values = schemes.filter_map(|scheme| text.strip_prefix(scheme));
    values.next().unwrap_or(text)
}

/// Whether it is what a manifest of a secret of Kubernetes holds.
fn is_of_manifest(name: &str, entries: &Entries) -> bool {
    let kind = entries.get("kind").and_then(Value::as_str);
    matches!(name, "data" | "stringData")
        && kind == Some("Secret")
        && entries.contains_key("apiVersion")
}

fn texts_in(value: &Value) -> Vec<&str> {
    let mut found = Vec::new();
    leaves(value, &mut found);
    found
}

/// What a member holds of which all is secret: `passwords`, `tokens`, what a manifest of a secret holds, the values of a
/// header.
fn held_texts<'v>(name: &str, inner: &'v Value, entries: &Entries) -> Vec<&'v str> {
    if is_of_manifest(name, entries) {
        return texts_in(inner);
    }
    if inner.as_str().is_some() {
        return Vec::new();
    }
    let is_of_secrets = |pair: &str| is_secret_name(pair) || holds_secrets(pair);
    let is_of_pair = is_value(name) && name_beside(entries).is_some_and(is_of_secrets);
    if holds_secrets(name) || is_of_pair || header_beside(name, entries).is_some() {
        return texts_in(inner);
    }
    match may_hold_secrets(name) {
        true => texts_in(inner)
            .into_iter()
            .filter(|text| is_random(text))
            .collect(),
        false => Vec::new(),
    }
}

/// What the header is called, where it is a secret, of which a condition of a listener has these values.
fn header_beside<'e>(name: &str, entries: &'e Entries) -> Option<&'e str> {
    let header = entries.get("http_header_name").filter(|_| name == "values");
    let header = header.and_then(Value::as_str);
    header.filter(|header| is_secret_name(header))
}

fn leaves<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
    let unknown = value.as_unknown().and_then(|one| one.shape.as_ref());
    if let Some(Shape::Partial(inner) | Shape::Decoded(inner)) = unknown {
        leaves(inner, found);
    } else if let Some(entries) = value.as_entries() {
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

/// What the `value` of an element is called beside it, where that says that it is a secret, and no reference to where one is.
pub(super) fn names_its_value<'a>(text: impl Fn(&str) -> Option<&'a str>) -> Option<&'a str> {
    const REFERENCES: [&str; 2] = ["PARAMETER_STORE", "SECRETS_MANAGER"];
    if text("type").is_some_and(|kind| REFERENCES.contains(&kind)) {
        return None;
    }
    let names = ["name", "key", "variable_name", "Name", "Key"]
        .into_iter()
        .filter_map(text);
    names
        .into_iter()
        .find(|name| is_secret_name(name) || is_header(name) || is_of_several(name))
}

/// Whether the value beside it is a secret, or one of several: where it looks like one.
fn is_of_several(name: &str) -> bool {
    holds_secrets(name) || may_be_of_service(name)
}

#[cfg(test)]
mod tests {
    use serde_json::Value as Json;

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
            "secrets": {"stripe": "aB3dE5fG7hJ9kL2mN4pQ6rS8", "jwt": "acme-jwt7"},
            "condition": {"http_header_name": "X-Origin-Verify", "values": ["aster77"]},
            "match": {"search_string": "phlox77", "field_to_match": [{"single_header": [{"name": "x-api-key"}]}]},
            "command": ["--db-password", "larkspur77", "--port", "larkspur78"],
            "chart": {"name": "auth.tokens", "value": ["zinnia77"]},
            "task": {"Name": "DB_PASSWORD", "Value": "jasmine77"},
            "keys": {"name": "/acme/api_keys", "value": "primrose-77"},
            "model": {"name": "MAX_TOKENS", "value": "128000"},
            "service_key": "7f14e45fceea167a5a36dedd4bea2543",
            "more": {"service_key": "billing-77", "entry": {"name": "DEPLOY_KEY", "value": "billing-78"}},
        });
        let mut found = texts(&json);
        found.sort();
        assert_eq!(
            found,
            [
                "7f14e45fceea167a5a36dedd4bea2543",
                "aB3dE5fG7hJ9kL2mN4pQ6rS8",
                "aster77",
                "daisy77",
                "jasmine77",
                "larkspur77",
                "lilac77",
                "orchid77",
                "phlox77",
                "primrose-77",
                "violin77",
                "zinnia77"
            ]
        );
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
            "a": {"name": "API_TOKEN", "value": "acme-token-7", "type": "PARAMETER_STORE"},
        });
        assert!(texts(&json).is_empty());
        assert!(mark_named(&value(&json)).is_none());
    }
}
