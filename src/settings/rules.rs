//! `rule` blocks: a level, and parameters of the kind that the pack has.

use super::file::RuleBlock;
use super::read::Reading;
use crate::rule::pack::literal;
use crate::rule::{Level, RuleMeta, RuleSettings};
use crate::syntax::{Block, Expr, ExprKind};
use crate::value::{Data, Value};

/// Reads a `rule` block about a known rule.
pub(super) fn read(
    block: &Block,
    meta: &RuleMeta,
    pack: &RuleSettings,
    reading: &mut Reading<'_>,
) -> RuleBlock {
    let mut found = RuleBlock::default();
    reading.only(&block.body, &["level", "parameters"], "rule");
    if let Some(attribute) = block.body.attribute("level") {
        found.level = level(&attribute.expr, reading);
        found.level_span = Some(attribute.span);
    }
    let Some(attribute) = block.body.attribute("parameters") else {
        return found;
    };
    let ExprKind::Object(items) = &attribute.expr.kind else {
        reading.wrong(
            attribute.expr.span,
            "`parameters` is an object: `{ name = value }`",
        );
        return found;
    };
    let known: Vec<&str> = meta.parameters.iter().map(|one| one.name).collect();
    let mut seen: Vec<&str> = Vec::new();
    for item in items {
        let ExprKind::String(name) = &item.key.kind else {
            reading.wrong(item.key.span, "the name of a parameter is written out");
            continue;
        };
        if seen.contains(&&**name) {
            reading.wrong(item.key.span, format!("`{name}` is given twice"));
            continue;
        }
        seen.push(name);
        let entries = pack
            .entries
            .as_ref()
            .and_then(|entries| pack.parameters.get(entries));
        let near = crate::config::nearest(name, &known);
        let (shape, is_entry) = match (pack.parameters.get(name), near, entries) {
            (Some(default), ..) => (Shape::of(default), false),
            // What is nearly a parameter is a typing error.
            (None, None, Some(entries)) => match Shape::of(entries) {
                Shape::Map(inner) => (*inner, true),
                shape => (shape, true),
            },
            _ => {
                reading.unknown(
                    item.key.span,
                    "parameter",
                    name,
                    &known,
                    &format!("of `{}`", meta.id),
                );
                continue;
            }
        };
        let Some(value) = literal(&item.value) else {
            reading.wrong(item.value.span, NOT_WRITTEN_OUT);
            continue;
        };
        if !shape.fits(&value) {
            reading.wrong(item.value.span, format!("`{name}` is {}", shape.name()));
        } else if is_entry {
            found.entries.insert(name.clone(), value);
        } else {
            found.parameters.insert(name.clone(), value);
        }
    }
    found
}

/// Why a value is not taken.
pub(super) const NOT_WRITTEN_OUT: &str =
    "a value here is written out: nothing is evaluated in this file";

fn level(expr: &Expr, reading: &mut Reading<'_>) -> Option<Level> {
    let text = reading.string(expr, "level")?;
    let level = Level::from_name(&text);
    if level.is_none() {
        let known = ["error", "warning", "info", "off"];
        reading.unknown(expr.span, "level", &text, &known, "");
    }
    level
}

/// What a parameter may be, as its default shows.
#[derive(Debug, PartialEq)]
enum Shape {
    Text,
    Number,
    Bool,
    List(Box<Shape>),
    Map(Box<Shape>),
    Any,
}

impl Shape {
    /// A list without elements is one of texts: rules have no other.
    fn of(default: &Value) -> Self {
        if let Some(elements) = default.as_elements() {
            return Self::List(Box::new(elements.first().map_or(Self::Text, Self::of)));
        }
        if let Some(entries) = default.as_entries() {
            return Self::Map(Box::new(
                entries.values().next().map_or(Self::Any, Self::of),
            ));
        }
        match default.data() {
            Data::String(_) => Self::Text,
            Data::Number(_) => Self::Number,
            Data::Bool(_) => Self::Bool,
            _ => Self::Any,
        }
    }

    fn fits(&self, value: &Value) -> bool {
        match self {
            Self::Text => value.as_str().is_some(),
            Self::Number => value.as_number().is_some(),
            Self::Bool => value.as_bool().is_some(),
            Self::List(inner) => value
                .as_elements()
                .is_some_and(|elements| elements.iter().all(|one| inner.fits(one))),
            Self::Map(inner) => value
                .as_entries()
                .is_some_and(|entries| entries.values().all(|one| inner.fits(one))),
            Self::Any => true,
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Text => "a string".to_owned(),
            Self::Number => "a number".to_owned(),
            Self::Bool => "`true` or `false`".to_owned(),
            Self::List(inner) => format!("a list, each element {}", inner.name()),
            Self::Map(inner) => format!("an object, each value {}", inner.name()),
            Self::Any => "any value".to_owned(),
        }
    }
}
