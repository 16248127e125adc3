//! The conditions of a plan and of its sources: what Terraform found counts, and the place where it is written.

use std::collections::BTreeSet;

use crate::plan::{Condition, Outcome, Plan, Problem, ProblemKind};

/// The conditions that did not fail: the plan's, and those that it does not tell of.
pub(super) fn joined(planned: &Plan, written: &Plan) -> Vec<Condition> {
    let told: BTreeSet<String> = judged(planned).collect();
    let rest = written.conditions.iter();
    let rest = rest.filter(|one| !told.contains(&object(&one.about)));
    let own = planned.conditions.iter().map(|one| located(one, written));
    own.chain(rest.cloned()).collect()
}

/// The problems of the sources, less the conditions that Terraform has judged.
pub(super) fn unjudged<'a>(
    planned: &Plan,
    written: &'a Plan,
) -> impl Iterator<Item = &'a Problem> + use<'a> {
    let unknown = |one: &&Condition| matches!(one.outcome, Outcome::Unknown(_));
    let open: BTreeSet<String> = planned
        .conditions
        .iter()
        .filter(unknown)
        .map(|one| object(&one.about))
        .collect();
    let told: BTreeSet<String> = judged(planned).filter(|one| !open.contains(one)).collect();
    written.problems.iter().filter(move |problem| {
        let about = problem.address.as_deref();
        problem.kind != ProblemKind::ConditionFailed
            || !about.is_some_and(|about| told.contains(&object(about)))
    })
}

/// A problem of the plan with its place in the sources.
pub(super) fn placed(mut problem: Problem, written: &Plan) -> Problem {
    if problem.kind == ProblemKind::ConditionFailed && problem.span.is_none() {
        let about = problem.address.as_deref().map(object);
        let same = written.problems.iter().find(|one| {
            one.kind == ProblemKind::ConditionFailed && one.address.as_deref().map(object) == about
        });
        problem.span = same.and_then(|one| one.span);
    }
    problem
}

/// The objects whose conditions the plan tells of.
fn judged(planned: &Plan) -> impl Iterator<Item = String> {
    let failed = planned.problems.iter();
    let failed = failed.filter(|one| one.kind == ProblemKind::ConditionFailed);
    let failed = failed.filter_map(|one| one.address.as_deref());
    let others = planned.conditions.iter().map(|one| one.about.as_str());
    failed.chain(others).map(object)
}

fn located(planned: &Condition, written: &Plan) -> Condition {
    let about = object(&planned.about);
    let mut same = written.conditions.iter();
    let mut joined = planned.clone();
    let unknown = |one: &Condition| matches!(one.outcome, Outcome::Unknown(_));
    if let Some(same) =
        same.find(|one| object(&one.about) == about && unknown(one) == unknown(planned))
    {
        joined.span = same.span;
        joined.outcome.clone_from(&same.outcome);
    }
    joined
}

/// An address without keys: a plan as JSON tells of blocks.
fn object(address: &str) -> String {
    let mut depth = 0_usize;
    let kept = address.chars().filter(|c| {
        match c {
            '[' => depth += 1,
            ']' => {
                depth = depth.saturating_sub(1);
                return false;
            }
            _ => {}
        }
        depth == 0
    });
    kept.collect()
}
