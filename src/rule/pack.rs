//! Packs: which rules belong together, their levels and parameters, as HCL files embedded in the binary.
//!
//! ```hcl
//! rule "missing-container-secret" {
//!   level      = "error"
//!   parameters = { secrets = ["STRIPE_SECRET_KEY"] }
//! }
//! ```

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::Level;
use crate::source::Sources;
use crate::syntax::{self, Body, Expr, ExprKind};
use crate::value::{Entries, Number, Value};

/// What a pack says of a rule.
#[derive(Clone, Debug)]
pub struct RuleSettings {
    /// The pack.
    pub pack: &'static str,
    /// The level.
    pub level: Level,
    /// Its parameters.
    pub parameters: BTreeMap<Arc<str>, Value>,
    /// The parameter that names which are none are entries of, where there is one: a map.
    pub entries: Option<Arc<str>>,
    /// For how many days a waiver may hold at most: 0 refuses waivers, none sets no limit.
    pub waiver_days: Option<i32>,
}

/// The packs by name, with their text.
const PACKS: [(&str, &str); 2] = [
    ("aws-core", include_str!("../../policies/aws-core.hcl")),
    ("runbook", include_str!("../../policies/runbook.hcl")),
];

/// What the embedded packs say, by rule.
pub fn embedded() -> BTreeMap<Arc<str>, RuleSettings> {
    let sources = Sources::default();
    let mut rules = BTreeMap::new();
    for (pack, text) in PACKS {
        let source = sources.add(PathBuf::from(format!("policies/{pack}.hcl")), text);
        let parsed = syntax::parse(source, text);
        assert!(parsed.errors.is_empty(), "the pack `{pack}` can be parsed");
        for block in parsed.body.blocks_of("rule") {
            let [id] = block.labels.as_slice() else {
                panic!("a rule of the pack `{pack}` has one label")
            };
            let settings = settings(pack, &block.body);
            rules.insert(Arc::clone(&id.name), settings);
        }
    }
    rules
}

fn settings(pack: &'static str, body: &Body) -> RuleSettings {
    let value = |name: &str| {
        body.attribute(name)
            .and_then(|attribute| literal(&attribute.expr))
    };
    let level = value("level").and_then(|level| Level::from_name(level.as_str()?));
    let parameters = value("parameters").and_then(|parameters| parameters.as_entries().cloned());
    RuleSettings {
        pack,
        level: level.expect("a pack gives each rule a level"),
        parameters: parameters.unwrap_or_default(),
        entries: value("entries").and_then(|name| name.as_str().map(Arc::from)),
        waiver_days: value("waiver_days").map(|days| {
            let days = days.as_number().and_then(Number::as_usize);
            let days = days.and_then(|days| i32::try_from(days).ok());
            days.expect("a pack gives whole days")
        }),
    }
}

/// The value of an expression that is written out: no references, no functions.
pub fn literal(expr: &Expr) -> Option<Value> {
    Some(match &expr.kind {
        ExprKind::Null => Value::NULL,
        ExprKind::Bool(value) => Value::bool(*value),
        ExprKind::Number(text) => Value::number(Number::parse(text)?),
        ExprKind::String(text) => Value::string(Arc::clone(text)),
        ExprKind::Parens(inner) => literal(inner)?,
        ExprKind::Tuple(elements) => {
            Value::tuple(elements.iter().map(literal).collect::<Option<Vec<_>>>()?)
        }
        ExprKind::Object(items) => {
            let entry = |item: &syntax::ObjectItem| match &item.key.kind {
                ExprKind::String(name) => Some((Arc::clone(name), literal(&item.value)?)),
                _ => None,
            };
            Value::object(items.iter().map(entry).collect::<Option<Entries>>()?)
        }
        _ => return None,
    })
}
