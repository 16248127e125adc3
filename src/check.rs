//! Rules and a plan make findings.

use std::collections::HashMap;

use rayon::prelude::*;

use crate::plan::{Fault, Plan};
use crate::rule::{
    Context, Environment, Finding, Findings, Level, Rule, RuleMeta, RuleSettings, Scope,
    Surroundings, Verdict,
};

/// What checking one plan gave.
#[derive(Debug, Default)]
pub struct Checked {
    /// Every verdict, sorted: fails first, then by rule and subject.
    pub findings: Vec<Finding>,
    /// Rules that ran, each with its outcome over all its subjects.
    pub outcomes: Vec<(&'static RuleMeta, Outcome)>,
}

impl Checked {
    /// Counts outcomes again, after verdicts were changed or findings added.
    pub fn recount(&mut self) {
        let mut by_rule: HashMap<&str, Vec<&Finding>> = HashMap::new();
        for finding in &self.findings {
            by_rule.entry(finding.rule.id).or_default().push(finding);
        }
        for (meta, counted) in &mut self.outcomes {
            let found = by_rule.get(meta.id).map(Vec::as_slice).unwrap_or_default();
            *counted = outcome(found.iter().copied());
        }
    }
}

/// What a rule came to in one environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Every subject passed.
    Passed,
    /// Some subject failed.
    Failed,
    /// None failed, some are undecided.
    Undecided,
    /// Some subject would have failed, and was waived.
    Waived,
    /// There was no subject, or the rule is for other environments.
    NotApplicable,
}

/// Runs rules on a plan. Spans and because chains that rules left out are filled in from the plan's provenance.
pub fn check(
    plan: &Plan,
    environment: &Environment,
    rules: &[(&'static dyn Rule, RuleSettings)],
    around: &Surroundings<'_>,
) -> Checked {
    let on = rules
        .par_iter()
        .filter(|(_, settings)| settings.level != Level::Off);
    let by_rule: Vec<(&'static RuleMeta, Vec<Finding>)> = on
        .map(|(rule, settings)| {
            let meta = rule.meta();
            if meta.scope == Scope::Production && !environment.production {
                return (meta, Vec::new());
            }
            let cx = Context::new(plan, environment, around, &settings.parameters);
            let mut findings = Findings::new(meta, settings.level);
            rule.check_plan(&cx, &mut findings);
            for resource in plan.resources() {
                rule.check_resource(resource, &cx, &mut findings);
            }
            let mut found = findings.into_vec();
            for finding in &mut found {
                explain(plan, finding);
            }
            (meta, found)
        })
        .collect();
    let mut checked = Checked::default();
    for (meta, found) in by_rule {
        checked.outcomes.push((meta, outcome(found.iter())));
        checked.findings.extend(found);
    }
    checked.findings.sort_by_cached_key(order);
    checked
}

/// Worst first, then by level, rule, place and subject: no run differs from another.
fn order(finding: &Finding) -> impl Ord + use<> {
    let verdict = match finding.verdict {
        Verdict::Fail => 0,
        Verdict::Undecided => 1,
        Verdict::Waived => 2,
        Verdict::Pass => 3,
    };
    let level = std::cmp::Reverse(finding.level);
    (
        verdict,
        level,
        finding.rule.id,
        finding.span,
        finding.subject.to_string(),
        finding.message.clone(),
    )
}

fn outcome<'a>(found: impl Iterator<Item = &'a Finding>) -> Outcome {
    let verdicts: Vec<Verdict> = found.map(|one| one.verdict).collect();
    let any = |verdict| verdicts.contains(&verdict);
    if verdicts.is_empty() {
        Outcome::NotApplicable
    } else if any(Verdict::Fail) {
        Outcome::Failed
    } else if any(Verdict::Undecided) {
        Outcome::Undecided
    } else if any(Verdict::Waived) {
        Outcome::Waived
    } else {
        Outcome::Passed
    }
}

fn explain(plan: &Plan, finding: &mut Finding) {
    let provenance = &plan.provenance;
    let about = finding.part.as_ref().unwrap_or(&finding.subject);
    if finding.span.is_none() {
        let fault = match finding.verdict {
            // Nothing says that the value is wrong.
            Verdict::Undecided => Fault::Use,
            _ => finding.fault,
        };
        if finding.verdict == Verdict::Pass {
            finding.span = provenance.span(about);
        } else {
            finding.span = provenance.written(about, fault);
            let fetched_by = provenance.fetched_by(about, fault);
            finding.help = with_caller(finding.help.take(), fetched_by.as_deref());
        }
    }
    if finding.because.is_empty() && finding.verdict != Verdict::Pass {
        finding.because = match &finding.source {
            Some(source) => provenance.because_of(about, source),
            None => provenance.because(about),
        };
    }
}

/// What to do where nobody changes the text: a module was fetched by this call.
fn with_caller(help: Option<String>, fetched_by: Option<&str>) -> Option<String> {
    let Some(call) = fetched_by else {
        return help;
    };
    let there = help.map_or(String::new(), |help| format!("; there it would be: {help}"));
    Some(format!(
        "`{call}` is fetched: change what its call gives it, or take another version of it{there}"
    ))
}
