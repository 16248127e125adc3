//! Documents in which each argument holds its value in a member of its own, as `constant_value` or `default`, without what
//! is named as secrets are.

use serde_json::Value as Json;

use super::likely::may_be_secret;
use super::named::names_its_value;
use super::names::is_secret_name;

/// Takes what is named as secrets are out of a document.
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
            })
            .is_some();
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

#[cfg(test)]
mod tests {
    use super::*;

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
