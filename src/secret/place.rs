//! Where in an attribute its secrets stand, by the paths of the table of secrets.

use super::likely::is_path_of_secret;
use super::names::{is_harmless_value, is_secret_name};
use crate::address::{AttributePath, PathStep};
use crate::value::{Shape, Value};

/// A value where a secret belongs.
#[derive(Clone, Debug, PartialEq)]
pub struct Place<'v> {
    /// Where in the attribute that is: indexes of blocks, and names.
    pub path: AttributePath,
    /// What stands there.
    pub value: &'v Value,
    /// Its name, where that alone says that it is a secret.
    pub name: Option<&'v str>,
}

/// Where a path of the table of secrets leads to, within the attribute that it begins with.
pub fn secrets_at<'v>(path: &str, attribute: &'v Value) -> Vec<Place<'v>> {
    let mut found = Vec::new();
    let rest = path.split_once('.').map(|(_, rest)| rest);
    follow(rest, attribute, &mut Vec::new(), &mut found);
    found
}

fn follow<'v>(
    rest: Option<&str>,
    value: &'v Value,
    at: &mut Vec<PathStep>,
    found: &mut Vec<Place<'v>>,
) {
    let Some(rest) = rest else {
        let path = AttributePath(at.clone());
        let name = None;
        found.push(Place { path, value, name });
        return;
    };
    let value = told(value);
    if let Some(elements) = value.as_elements() {
        for (index, element) in elements.iter().enumerate() {
            at.push(PathStep::Index(index));
            follow(Some(rest), element, at, found);
            at.pop();
        }
        return;
    }
    let (name, after) = rest
        .split_once('.')
        .map_or((rest, None), |(name, after)| (name, Some(after)));
    let below = |name: &str| {
        let step = PathStep::Attribute(name.into());
        AttributePath([at.as_slice(), &[step]].concat())
    };
    if name == "*" {
        let entries = value.as_entries().into_iter().flatten();
        let meant = entries.filter(|(name, entry)| may_be_meant(name, entry));
        found.extend(meant.map(|(name, value)| Place {
            path: below(name),
            value,
            name: Some(name),
        }));
    } else if let Some((name, named_by)) = name.split_once('@') {
        let named = named(value, name, named_by);
        found.extend(named.map(|(own_name, value)| Place {
            path: below(name),
            value,
            name: Some(own_name),
        }));
    } else if let Some((name, flag)) = name.split_once('?') {
        let is_set = value.attribute(flag).and_then(Value::as_bool) == Some(true);
        let inner = value.attribute(name).filter(|_| is_set);
        found.extend(inner.map(|value| Place {
            path: below(name),
            value,
            name: None,
        }));
    } else if let Some(inner) = value.attribute(name) {
        at.push(PathStep::Attribute(name.into()));
        follow(after, inner, at, found);
        at.pop();
    }
}

/// What is known of a value, where a part of it is not.
fn told(value: &Value) -> &Value {
    match value
        .as_unknown()
        .and_then(|unknown| unknown.shape.as_ref())
    {
        Some(Shape::Partial(inner) | Shape::Decoded(inner)) => inner,
        _ => value,
    }
}

/// A member of an element that is named as secrets are, and holds no reference to one: with the element's name.
fn named<'v>(element: &'v Value, name: &str, named_by: &str) -> Option<(&'v str, &'v Value)> {
    let kind = element.attribute("type").and_then(Value::as_str);
    let is_reference = kind.is_some_and(|kind| !kind.is_empty() && kind != "PLAINTEXT");
    let value = element.attribute(name)?;
    let own_name = element.attribute(named_by)?.as_str()?;
    (!is_reference && may_be_meant(own_name, value)).then_some((own_name, value))
}

/// A name alone is a guess: a flag, a number, an address or a path under it is none.
fn may_be_meant(name: &str, value: &Value) -> bool {
    let is_none = |text: &str| is_harmless_value(text) || is_path_of_secret(text);
    is_secret_name(name) && value.as_str().is_none_or(|text| !is_none(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{Entries, Type};

    fn object(entries: &[(&str, Value)]) -> Value {
        let entries = entries
            .iter()
            .map(|(name, value)| ((*name).into(), value.clone()));
        Value::object(entries.collect::<Entries>())
    }

    fn texts(path: &str, attribute: &Value) -> Vec<String> {
        let places = secrets_at(path, attribute).into_iter();
        places
            .filter_map(|place| Some(place.value.as_str()?.to_owned()))
            .collect()
    }

    #[test]
    fn a_path_leads_through_lists_of_blocks() {
        let user = |password: &str| object(&[("password", Value::string(password))]);
        let users = Value::tuple([user("a"), user("b")]);
        assert_eq!(texts("user.password", &users), ["a", "b"]);
        assert_eq!(secrets_at("user", &users)[0].value, &users);
        assert!(secrets_at("user.token", &users).is_empty());
    }

    #[test]
    fn members_count_by_their_names() {
        let variables = object(&[
            ("DB_PASSWORD", Value::string("bq9zT")),
            ("TOKEN_TTL", Value::string("bq9zU")),
            ("API_TOKEN", Value::string("true")),
        ]);
        let block = Value::tuple([object(&[("variables", variables)])]);
        let found = secrets_at("environment.variables.*", &block);
        let steps = ["variables", "DB_PASSWORD"].map(|name| PathStep::Attribute(name.into()));
        let path = AttributePath([&[PathStep::Index(0)], &steps[..]].concat());
        let value = &Value::string("bq9zT");
        let name = Some("DB_PASSWORD");
        assert_eq!(found, [Place { path, value, name }]);
    }

    #[test]
    fn a_flag_beside_a_value_says_that_it_is_a_secret() {
        let header = |flag: Value| {
            let header = object(&[("value", Value::string("bq9zT")), ("is_secret", flag)]);
            Value::tuple([header])
        };
        for (flag, count) in [(Value::TRUE, 1), (Value::FALSE, 0)] {
            let header = header(flag);
            let found = secrets_at("header.value?is_secret", &header);
            assert_eq!(found.len(), count);
        }
    }

    #[test]
    fn elements_count_by_their_names_unless_they_refer_to_a_secret() {
        let variable = |kind: Option<&str>| {
            let kind = kind.map_or(Value::null(Type::String), Value::string);
            object(&[
                ("name", Value::string("NPM_TOKEN")),
                ("value", Value::string("bq9zT")),
                ("type", kind),
            ])
        };
        let path = "environment.environment_variable.value@name";
        for (kind, count) in [
            (None, 1),
            (Some("PLAINTEXT"), 1),
            (Some("SECRETS_MANAGER"), 0),
        ] {
            let block = object(&[("environment_variable", Value::tuple([variable(kind)]))]);
            assert_eq!(secrets_at(path, &block).len(), count, "{kind:?}");
        }
    }
}
