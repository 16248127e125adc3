//! `invalid-waiver`: a waiver has its life, too. Its findings are made where waivers are applied, after all rules: no
//! rule sees waivers, this one neither.

use crate::rule::{Rule, RuleMeta, Scope};

/// The rule.
pub struct InvalidWaiver;

static META: RuleMeta = RuleMeta {
    id: "invalid-waiver",
    summary: "each waiver names a rule and what it is for, holds today, and waives something",
    scope: Scope::Always,
    parameters: &[],
    page: include_str!("README.md"),
};

impl Rule for InvalidWaiver {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }
}
