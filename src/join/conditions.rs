//! The conditions of a plan and of its sources: what Terraform found counts, and the place where it is written.

use std::collections::BTreeSet;

use crate::plan::{Condition, MESSAGE_WITHHELD, Outcome, Plan, Problem, ProblemKind};
use crate::source::Span;

/// The conditions that did not fail: those that Terraform judged, and what the sources say of the others.
pub(super) fn joined(planned: &Plan, written: &Plan) -> Vec<Condition> {
    let written_of: BTreeSet<String> = judged(written).collect();
    let told: BTreeSet<String> = known(planned).collect();
    let rest = written.conditions.iter();
    let rest = rest.filter(|one| !told.contains(&object(&one.about)));
    let own = planned.conditions.iter();
    // What Terraform leaves open the sources may decide: it does not look at what `-target` leaves out.
    let own = own.filter(|one| !is_open(one) || !written_of.contains(&object(&one.about)));
    let own = own.map(|one| located(one, written));
    own.chain(rest.cloned()).collect()
}

/// The problems of the sources, less the conditions that Terraform has judged.
pub(super) fn unjudged<'a>(
    planned: &Plan,
    written: &'a Plan,
) -> impl Iterator<Item = &'a Problem> + use<'a> {
    let told: BTreeSet<String> = known(planned).collect();
    written.problems.iter().filter(move |problem| {
        let about = problem.address.as_deref();
        problem.kind != ProblemKind::ConditionFailed
            || !about.is_some_and(|about| told.contains(&object(about)))
    })
}

/// A problem of the plan with its place in the sources. These tell of a secret in its message, too.
pub(super) fn placed(mut problem: Problem, written: &Plan) -> Problem {
    if problem.kind == ProblemKind::ConditionFailed && problem.span.is_none() {
        let about = problem.address.as_deref().map(object);
        let mut same = written.problems.iter().filter(|one| {
            one.kind == ProblemKind::ConditionFailed && one.address.as_deref().map(object) == about
        });
        problem.span = same
            .clone()
            .next()
            .and_then(|one| one.span)
            .or_else(|| place_of_only(about.as_deref()?, written));
        if let Some(withheld) = same.find(|one| one.message.ends_with(MESSAGE_WITHHELD)) {
            problem.message.clone_from(&withheld.message);
        }
    }
    problem
}

/// Where the one condition of an object is written that the sources leave open; none where there are several.
fn place_of_only(about: &str, written: &Plan) -> Option<Span> {
    let open = written.conditions.iter();
    let open = open.filter(|one| is_open(one) && object(&one.about) == about);
    let places: BTreeSet<Option<Span>> = open.map(|one| one.span).collect();
    if places.len() == 1 {
        places.into_iter().next().flatten()
    } else {
        None
    }
}

/// The objects that a plan has a condition of.
fn judged(plan: &Plan) -> impl Iterator<Item = String> {
    let failed = plan.problems.iter();
    let failed = failed.filter(|one| one.kind == ProblemKind::ConditionFailed);
    let failed = failed.filter_map(|one| one.address.as_deref());
    let others = plan.conditions.iter().map(|one| one.about.as_str());
    failed.chain(others).map(object)
}

/// Those of them of which nothing is open.
fn known(plan: &Plan) -> impl Iterator<Item = String> {
    let open = plan.conditions.iter().filter(|one| is_open(one));
    let open: BTreeSet<String> = open.map(|one| object(&one.about)).collect();
    judged(plan).filter(move |one| !open.contains(one))
}

fn is_open(condition: &Condition) -> bool {
    matches!(condition.outcome, Outcome::Unknown(_))
}

/// A condition of the plan with its place in the sources.
fn located(planned: &Condition, written: &Plan) -> Condition {
    let about = object(&planned.about);
    let same = written.conditions.iter();
    let same = same.filter(|one| object(&one.about) == about && is_open(one) == is_open(planned));
    let mut joined = planned.clone();
    // The very instance, or else one of the same block.
    if let Some(same) = same.min_by_key(|one| one.about != planned.about) {
        joined.span = same.span;
        joined.outcome.clone_from(&same.outcome);
    }
    joined
}

/// An address without keys: a plan tells of blocks whose instances it does not know.
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
