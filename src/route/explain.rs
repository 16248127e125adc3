//! A walk as text, for people.

use std::fmt::Write as _;

use super::model::Model;
use super::request::{Request, RequestError};
use super::walk::{Hop, Outcome, Walk, walk};
use crate::plan::Plan;
use crate::source::Sources;

/// The way of a request through a plan, a line each hop, with the place where it is written. `url` may have a method
/// before it.
///
/// # Errors
/// When `url` is no URL.
pub fn explain(plan: &Plan, sources: &Sources, url: &str) -> Result<String, RequestError> {
    let request = Request::parse(url)?;
    let model = Model::of(plan);
    let walk = walk(&request, &model);
    let mut out = format!("{} {}\n", request.method, request);
    for hop in &walk.hops {
        out.push_str("  ");
        out.push_str(&hop.text);
        if let Some(place) = place(plan, sources, hop) {
            write!(out, "  ({place})").expect("a string takes everything");
        }
        out.push('\n');
    }
    out.push_str(&ending(&walk, &model));
    out.push('\n');
    for cause in walk.outcome.causes().iter() {
        writeln!(out, "  open: {cause}").expect("a string takes everything");
    }
    Ok(out)
}

fn place(plan: &Plan, sources: &Sources, hop: &Hop) -> Option<String> {
    let span = plan.provenance.span(hop.subject.as_ref()?)?;
    let (path, position) = sources.locate(span);
    Some(format!("{}:{}", path.display(), position.line))
}

/// How a walk ends, as a sentence about the request.
pub fn ending(walk: &Walk, model: &Model<'_>) -> String {
    match &walk.outcome {
        Outcome::Reached(groups) => {
            let served = groups
                .iter()
                .all(|group| !model.services_of(*group).is_empty());
            if served {
                "reached".to_owned()
            } else {
                "ends at a target group that no ECS service of this plan is known to serve"
                    .to_owned()
            }
        }
        other => format!("the request {other}"),
    }
}
