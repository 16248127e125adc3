//! `secret-literal`: no credential is written down. Texts are scanned as they are, comments too.

mod escapes;
mod place;

use std::cell::OnceCell;
use std::collections::BTreeSet;

use crate::plan::{Evidence, Plan, Subject};
use crate::rule::{
    Context, FindingBuilder, Findings, Level, Rule, RuleMeta, Scope, Text, TextKind,
};
use crate::secret::{Gravity, Hit, Kind};
use crate::source::Span;

use escapes::Literal;
use place::{Places, Way};

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
        let mut evidence = InEvidence {
            plan: cx.plan,
            places: OnceCell::new(),
            seen: BTreeSet::new(),
        };
        let is_evidence = |text: &&Text| text.kind == TextKind::Evidence;
        let mut clean = true;
        for text in cx.texts.iter().filter(|text| !is_evidence(text)) {
            let file = cx.sources.file(text.source);
            let hits = cx.credentials.of(*text, cx.sources);
            clean &= hits.is_empty();
            written(cx.plan, *text, file.text(), &hits, findings);
            let literals = hits.iter().map(|hit| &file.text()[hit.range.clone()]);
            evidence.seen.extend(literals.map(str::to_owned));
        }
        // The values of a saved plan stand in no text.
        let is_saved = cx.plan.evidence == Evidence::BinaryPlan;
        if is_saved {
            clean &= evidence.values(findings);
        }
        for text in cx.texts.iter().filter(is_evidence) {
            let file = cx.sources.file(text.source);
            let hits = cx.credentials.of(*text, cx.sources);
            clean &= evidence.text(file.text(), &hits, findings);
        }
        if clean && (is_saved || !cx.texts.is_empty()) {
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
        report(findings, subject, hit.kind, hit.gravity).at(Some(span));
    }
}

/// In a plan or state one value stands in many places: the first that explains it counts, and a place in the sources
/// before all.
struct InEvidence<'a> {
    plan: &'a Plan,
    places: OnceCell<Places>,
    seen: BTreeSet<String>,
}

impl InEvidence<'_> {
    /// Searches what was read; whether it is clean.
    fn values(&mut self, findings: &mut Findings) -> bool {
        let places = self.places.get_or_init(|| Places::of(self.plan));
        let mut clean = true;
        for (text, subject) in places.texts() {
            for literal in escapes::literals_in_value(text) {
                clean = false;
                if self.seen.insert(literal.text) {
                    report(findings, subject.clone(), literal.kind, literal.gravity);
                }
            }
        }
        clean
    }

    /// Searches a text; whether it is clean.
    fn text(&mut self, content: &str, hits: &[Hit], findings: &mut Findings) -> bool {
        let mut way = Way::new(content);
        let literals = escapes::literals(content, hits);
        let clean = literals.is_empty();
        for literal in literals {
            let Literal {
                at,
                kind,
                gravity,
                text,
            } = literal;
            if self.seen.contains(&text) {
                continue;
            }
            let places = self.places.get_or_init(|| Places::of(self.plan));
            let subject = places.find(&text).unwrap_or_else(|| way.to(at));
            report(findings, subject, kind, gravity);
            self.seen.insert(text);
        }
        clean
    }
}

fn report(
    findings: &mut Findings,
    subject: Subject,
    kind: Kind,
    gravity: Gravity,
) -> FindingBuilder<'_> {
    let finding = findings
        .fail(subject, format!("{kind} is written down here"))
        .help(HELP);
    if gravity == Gravity::Test {
        finding.at_most(Level::Warning)
    } else {
        finding
    }
}
