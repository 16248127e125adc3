//! `secret-literal`: no credential is written down. Texts are scanned as they are, comments too.

mod place;

use std::collections::BTreeSet;

use crate::plan::{Plan, Subject};
use crate::rule::{Context, Findings, Level, Rule, RuleMeta, Scope, Text, TextKind};
use crate::secret::{Gravity, Hit};
use crate::source::Span;

/// The rule.
pub struct SecretLiteral;

static META: RuleMeta = RuleMeta {
    id: "secret-literal",
    summary: "no credential is written in sources, variables files, plans or states",
    scope: Scope::Always,
    parameters: &[],
    page: include_str!("README.md"),
};

const HELP: &str = "revoke it, take it out, and hand the new one over out of band";

impl Rule for SecretLiteral {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check_plan(&self, cx: &Context<'_>, findings: &mut Findings) {
        let mut clean = true;
        for text in cx.texts {
            let file = cx.sources.file(text.source);
            let hits = cx.credentials.of(*text, cx.sources);
            clean &= hits.is_empty();
            match text.kind {
                TextKind::Evidence => evidence(cx.plan, file.text(), &hits, findings),
                TextKind::Configuration | TextKind::Variables => {
                    written(cx.plan, *text, file.text(), &hits, findings);
                }
            }
        }
        if clean && !cx.texts.is_empty() {
            findings.pass(
                Subject::Text("texts".into()),
                "no credential is written down",
            );
        }
    }
}

/// In sources each place counts.
fn written(plan: &Plan, text: Text, content: &str, hits: &[Hit], findings: &mut Findings) {
    for hit in hits {
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let span = Span {
            source: text.source,
            start: offset(hit.range.start),
            end: offset(hit.range.end),
        };
        let subject = place::in_source(plan, text, content, span);
        report(findings, subject, hit, Some(span));
    }
}

/// In a plan or state one value stands in many places: the first that explains it counts.
fn evidence(plan: &Plan, content: &str, hits: &[Hit], findings: &mut Findings) {
    let mut seen = BTreeSet::new();
    let mut places = None;
    for hit in hits {
        let literal = &content[hit.range.clone()];
        if !seen.insert(literal) {
            continue;
        }
        let places = places.get_or_insert_with(|| place::Places::of(plan));
        let found = places.find(literal);
        let subject = found.unwrap_or_else(|| place::in_json(content, hit.range.start));
        report(findings, subject, hit, None);
    }
}

fn report(findings: &mut Findings, subject: Subject, hit: &Hit, span: Option<Span>) {
    let finding = findings
        .fail(subject, format!("{} is written down here", hit.kind))
        .at(span)
        .help(HELP);
    if hit.gravity == Gravity::Test {
        finding.at_most(Level::Warning);
    }
}
