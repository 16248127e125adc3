//! `secret-literal`: no credential is written down. Texts are scanned as they are, comments too.

mod escapes;
mod named;
mod place;

use std::cell::OnceCell;
use std::collections::BTreeSet;

use indexmap::IndexMap;

use crate::plan::{Evidence, Plan, Subject};
use crate::rule::{
    Context, FindingBuilder, Findings, Level, Rule, RuleMeta, Scope, Text, TextKind,
};
use crate::rules::secret_source::is_id_of_key;
use crate::secret::{Gravity, Hit, Kind};
use crate::source::Span;

use escapes::Literal;
use place::{Places, Way, is_sibling};

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
            written(cx, *text, file.text(), &hits, findings);
            let literals = hits.iter().map(|hit| &file.text()[hit.range.clone()]);
            evidence.seen.extend(literals.map(str::to_owned));
        }
        clean &= named::check(cx, findings);
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
fn written(cx: &Context<'_>, text: Text, content: &str, hits: &[Hit], findings: &mut Findings) {
    for hit in hits {
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let span = Span {
            source: text.source,
            start: offset(hit.range.start),
            end: offset(hit.range.end),
        };
        let subjects = place::in_source(cx, text, content, span);
        report(findings, subjects, hit.kind, hit.gravity).at(Some(span));
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
        let mut found: IndexMap<String, (Kind, Gravity, Vec<Subject>)> = IndexMap::new();
        for (text, subject) in places.texts() {
            for literal in escapes::literals_in_value(text) {
                if is_id_of_key(self.plan, &literal.text) {
                    continue;
                }
                clean = false;
                if self.seen.contains(&literal.text) {
                    continue;
                }
                let new = || (literal.kind, literal.gravity, Vec::new());
                let (.., subjects) = found.entry(literal.text).or_insert_with(new);
                let first = subjects.first();
                let is_another = first.is_none_or(|first| is_sibling(first, subject));
                if is_another && subjects.last() != Some(subject) {
                    subjects.push(subject.clone());
                }
            }
        }
        for (text, (kind, gravity, subjects)) in found {
            report(findings, subjects, kind, gravity);
            self.seen.insert(text);
        }
        clean
    }

    /// Searches a text; whether it is clean.
    fn text(&mut self, content: &str, hits: &[Hit], findings: &mut Findings) -> bool {
        let mut way = Way::new(content);
        let literals = escapes::literals(content, hits);
        let mut clean = true;
        for literal in literals {
            let Literal {
                at,
                kind,
                gravity,
                text,
            } = literal;
            if is_id_of_key(self.plan, &text) {
                continue;
            }
            clean = false;
            if self.seen.contains(&text) {
                continue;
            }
            let places = self.places.get_or_init(|| Places::of(self.plan));
            let mut subjects = places.find(&text);
            if subjects.is_empty() {
                subjects.push(way.to(at));
            }
            report(findings, subjects, kind, gravity);
            self.seen.insert(text);
        }
        clean
    }
}

/// One finding a text, whatever it makes; there is at least one subject.
fn report(
    findings: &mut Findings,
    mut subjects: Vec<Subject>,
    kind: Kind,
    gravity: Gravity,
) -> FindingBuilder<'_> {
    let first = subjects.remove(0);
    let finding = findings
        .fail(first, format!("{kind} is written down here"))
        .also(subjects)
        .help(HELP);
    if gravity == Gravity::Test {
        finding.at_most(Level::Warning)
    } else {
        finding
    }
}
