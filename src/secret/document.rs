//! Secrets within what is one as a whole: the members of an object, or of a text that is JSON, that are meant by it.

use serde_json::Value as Json;

use super::names::{is_plain_name, is_secret_name};
use crate::value::{Shape, Type, Value, from_json};

/// Of members with their names those that are meant: where names say of some that they are secret only these, else all
/// but those that are none by their names.
pub fn meant<T>(members: Vec<(String, T)>) -> Vec<T> {
    let any_named = members.iter().any(|(name, _)| is_secret_name(name));
    let is_meant = |name: &str| match any_named {
        true => is_secret_name(name),
        false => !is_plain_name(name),
    };
    let meant = members.into_iter().filter(|(name, _)| is_meant(name));
    meant.map(|(_, member)| member).collect()
}

/// The parts of a value that are meant by it. What is no object, list or document is one part.
pub fn meant_within(value: &Value) -> Vec<Value> {
    let mut leaves = Vec::new();
    collect(value, "", &mut leaves);
    meant(leaves)
}

/// The texts that are meant by a value.
pub fn texts_within(value: &Value) -> Vec<String> {
    let parts = meant_within(value);
    let texts = parts.iter().filter_map(Value::as_str);
    texts.map(str::to_owned).collect()
}

/// What a text holds that is a JSON object or list.
pub(super) fn document(text: &str) -> Option<Value> {
    if !text.trim_start().starts_with(['{', '[']) {
        return None;
    }
    let json: Json = serde_json::from_str(text).ok()?;
    from_json(&json, &Type::Dynamic).ok()
}

/// Everything that is not made of other things, with the name that it stands under: what a secret's name stands over is
/// called so, whatever its own is.
fn collect(value: &Value, name: &str, leaves: &mut Vec<(String, Value)>) {
    let known = value
        .as_unknown()
        .and_then(|unknown| unknown.shape.as_ref());
    if let Some(Shape::Json(inner) | Shape::Partial(inner) | Shape::Decoded(inner)) = known {
        collect(inner, name, leaves);
    } else if let Some(entries) = value.as_entries() {
        for (own, inner) in entries {
            let is_of_secret = is_secret_name(name) && !is_plain_name(own);
            collect(inner, if is_of_secret { name } else { own }, leaves);
        }
    } else if let Some(elements) = value.as_elements() {
        for element in elements {
            collect(element, name, leaves);
        }
    } else if let Some(inner) = value.as_str().and_then(document) {
        collect(&inner, name, leaves);
    } else if !value.is_null() && value.as_bool().is_none() {
        leaves.push((name.to_owned(), value.clone()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        texts_within(&Value::string(text))
    }

    #[test]
    fn names_tell_what_is_meant() {
        let of_names = r#"{"user": "app", "password": "violin77", "token": null}"#;
        assert_eq!(texts(of_names), ["violin77"]);
        let within = r#"{"credentials": {"id": "app", "key": "violin77"}, "note": "tulip"}"#;
        assert_eq!(texts(within), ["violin77"]);
        let of_none = r#"{"host": "db.example.com", "key": "violin77", "more": ["orchid77"]}"#;
        assert_eq!(texts(of_none), ["violin77", "orchid77"]);
    }

    #[test]
    fn other_text_is_one_part() {
        assert_eq!(texts("violin77"), ["violin77"]);
        assert_eq!(texts("{violin77"), ["{violin77"]);
        assert_eq!(texts("77"), ["77"]);
    }
}
