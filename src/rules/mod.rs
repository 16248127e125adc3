//! The built-in rules, a folder each: the rule, its page, and its cases.

use crate::rule::{Rule, RuleSettings, pack};

/// Every built-in rule. Adding one is one line here.
pub const ALL: &[&dyn Rule] = &[];

/// Every built-in rule with what its pack says of it.
pub fn with_settings() -> Vec<(&'static dyn Rule, RuleSettings)> {
    let mut settings = pack::embedded();
    let known = ALL
        .iter()
        .filter_map(|rule| Some((*rule, settings.remove(rule.meta().id)?)));
    known.collect()
}
