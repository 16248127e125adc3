//! What is as random as a key and called one: not certainly a secret, and not shown either.

use super::document::document;
use super::likely::is_random;
use super::names::is_name_of_key;
use crate::value::{Entries, Shape, Value};

/// The texts in a value that are called keys, salts or seeds, and are random.
pub fn random_keys(value: &Value, take: &mut impl FnMut(&str)) {
    if let Some(Shape::Partial(inner) | Shape::Decoded(inner) | Shape::Json(inner)) =
        value.as_unknown().and_then(|one| one.shape.as_ref())
    {
        random_keys(inner, take);
    } else if let Some(entries) = value.as_entries() {
        let pair = ["name", "key", "Name", "Key"]
            .into_iter()
            .find_map(|name| text(entries, name));
        for (name, inner) in entries {
            let name = pair
                .filter(|_| matches!(&**name, "value" | "Value"))
                .unwrap_or(name);
            match inner.as_str() {
                Some(text) if is_name_of_key(name) && is_random(text) => take(text),
                _ => random_keys(inner, take),
            }
        }
    } else if let Some(document) = value.as_str().and_then(document) {
        random_keys(&document, take);
    } else {
        value.children().for_each(|inner| random_keys(inner, take));
    }
}

fn text<'a>(entries: &'a Entries, name: &str) -> Option<&'a str> {
    entries.get(name).and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_told_by_name_and_looks() {
        let json = r#"[{"environment":[{"name":"SESSION_SALT","value":"8f14e45fceea167a5a36dedd4bea2543"},
            {"name":"DIGEST","value":"9f14e45fceea167a5a36dedd4bea2543"},
            {"name":"APP_KEY","value":"main"}],"cookie_key":"7f14e45fceea167a5a36dedd4bea2543"}]"#;
        let mut found = Vec::new();
        random_keys(&Value::string(json), &mut |text| {
            found.push(text.to_owned());
        });
        found.sort();
        assert_eq!(
            found,
            [
                "7f14e45fceea167a5a36dedd4bea2543",
                "8f14e45fceea167a5a36dedd4bea2543"
            ]
        );
    }
}
