//! What a plan's `configuration` tells of an expression: a constant, or what it refers to.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

/// What an expression is, as far as a `configuration` tells.
pub(super) enum Said<'a> {
    Constant(&'a Json),
    References(BTreeSet<String>),
}

/// How much of a reference a plan lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detail {
    /// The object that is referred to: Terraform before 1.1.
    Objects,
    /// Each attribute and constant key as well.
    Whole,
}

impl Detail {
    /// As the references of a configuration have it.
    pub fn of(configuration: &Json) -> Self {
        let all = references_in(configuration);
        let is_longer = |one: &String| without_keys(one) != subject(one);
        if all.iter().filter(|one| is_object(one)).any(is_longer) {
            Self::Whole
        } else {
            Self::Objects
        }
    }
}

impl<'a> Said<'a> {
    /// Of an argument that is not there.
    pub const NOTHING: Self = Self::References(BTreeSet::new());

    /// Of an expression; none where it is a block.
    pub fn of(expression: &'a Json) -> Option<Self> {
        let members = expression.as_object()?;
        if members.is_empty() {
            // A call of a function with constants, a null, or a block without arguments.
            return Some(Self::NOTHING);
        }
        let is_member = |name: &String| matches!(&**name, "constant_value" | "references");
        if !members.keys().all(is_member) {
            return None;
        }
        match members.get("references") {
            // Of the JSON syntax the text is there as well, as if it were a constant.
            Some(Json::Array(_)) => Some(Self::References(references_in(expression))),
            Some(_) => None,
            None => members.get("constant_value").map(Self::Constant),
        }
    }

    /// Whether nothing is said.
    pub fn is_nothing(&self) -> bool {
        match self {
            Self::Constant(value) => value.is_null(),
            Self::References(all) => all.is_empty(),
        }
    }

    /// Whether both may be the same expression.
    pub fn may_be(&self, other: &Self, detail: Detail) -> bool {
        match (self, other) {
            (Self::Constant(own), Self::Constant(other)) => alike(own, other),
            (Self::References(own), Self::References(other)) => {
                compared(own, detail) == compared(other, detail)
            }
            (Self::Constant(_), Self::References(all))
            | (Self::References(all), Self::Constant(_)) => compared(all, detail).is_empty(),
        }
    }
}

/// Everything that is referred to anywhere below.
pub(super) fn references_in(value: &Json) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        match value {
            Json::Object(members) => match members.get("references").and_then(Json::as_array) {
                Some(texts) if texts.iter().all(Json::is_string) => {
                    let texts = texts.iter().filter_map(Json::as_str);
                    all.extend(texts.map(str::to_owned));
                }
                _ => open.extend(members.values()),
            },
            Json::Array(elements) => open.extend(elements),
            _ => {}
        }
    }
    all
}

/// The longest of each reference, as far as a plan lists it.
fn compared(references: &BTreeSet<String>, detail: Detail) -> BTreeSet<String> {
    let objects = references.iter().filter(|one| is_object(one));
    let all: BTreeSet<String> = match detail {
        Detail::Objects => objects.map(|one| subject(one)).collect(),
        Detail::Whole => objects.cloned().collect(),
    };
    let is_part = |one: &str| {
        let longer = |other: &String| {
            (other.strip_prefix(one)).is_some_and(|rest| rest.starts_with(['.', '[']))
        };
        all.iter().any(longer)
    };
    all.iter().filter(|one| !is_part(one)).cloned().collect()
}

fn is_object(reference: &str) -> bool {
    let root = reference.split('.').next();
    !matches!(root, Some("path" | "terraform" | "self"))
}

/// A reference without keys and attributes.
fn subject(reference: &str) -> String {
    let text = without_keys(reference);
    let steps = if text.starts_with("data.") || text.starts_with("module.") {
        3
    } else {
        2
    };
    let steps: Vec<&str> = text.split('.').take(steps).collect();
    steps.join(".")
}

fn without_keys(reference: &str) -> String {
    let mut depth = 0;
    let kept = reference.chars().filter(|c| {
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
    kept.collect()
}

/// Whether two constants are one value, whatever type each is written in.
pub(super) fn alike(own: &Json, other: &Json) -> bool {
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
        // Of the JSON syntax a plan has the text as it is written, escapes included.
        Json::String(value) => {
            let text = value.replace("\r\n", "\n");
            Some(text.replace("$${", "${").replace("%%{", "%{"))
        }
        _ => None,
    }
}
