//! `plan-or-state-committed`: no plan, state or crash log lies where git takes it.

use std::sync::Arc;

use crate::plan::{Evidence, Subject};
use crate::repository::{Artifact, ArtifactKind, Content, Standing};
use crate::rule::{Context, Files, Findings, Level, Parameter, Rule, RuleMeta, Scope};
use crate::value::Causes;

/// The rule.
pub struct PlanOrStateCommitted;

static META: RuleMeta = RuleMeta {
    id: "plan-or-state-committed",
    summary: "no plan, state or crash log lies in the repository",
    scope: Scope::Always,
    parameters: &[Parameter {
        name: "names",
        summary: "names of files that are looked into; `*` stands for any characters",
    }],
    page: include_str!("README.md"),
};

impl Rule for PlanOrStateCommitted {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check_plan(&self, cx: &Context<'_>, findings: &mut Findings) {
        let Some(files) = cx.files else {
            return;
        };
        let given = files
            .evidence
            .and_then(|path| Some((files.repositories.name(path)?, path)));
        if let Some((name, path)) = &given {
            let standing = files.repositories.standing(path);
            report(name, kind(cx.plan.evidence).name(), &standing, findings);
        }
        let given = given.map(|(name, _)| name);
        look_around(cx, files, given.as_deref(), findings);
    }
}

/// What lies about the sources, but for the evidence itself.
fn look_around(cx: &Context<'_>, files: Files<'_>, given: Option<&str>, findings: &mut Findings) {
    let found = files
        .folder
        .and_then(|folder| files.repositories.artifacts(folder, &cx.strings("names")));
    let Some(found) = found else {
        return;
    };
    let others: Vec<_> = found
        .iter()
        .filter(|one| Some(&*one.name) != given)
        .collect();
    for one in &others {
        match one.content {
            Content::Whole => report(&one.name, one.kind.name(), &one.standing, findings),
            Content::Damaged => report_damaged(one, findings),
        }
    }
    if others.is_empty() {
        let place = Subject::Text("repository".into());
        findings.pass(place, "no plan, state or crash log lies around the sources");
    }
}

fn kind(evidence: Evidence) -> ArtifactKind {
    match evidence {
        Evidence::State => ArtifactKind::State,
        _ => ArtifactKind::Plan,
    }
}

/// What stands in the part that is there is as open as it would be in the whole, if it is what it seems.
fn report_damaged(one: &Artifact, findings: &mut Findings) {
    let seems = format!("what seems to be {}, cut off or damaged", one.kind.name());
    let place = Subject::Text(Arc::clone(&one.name));
    match one.standing {
        Standing::Tracked => {
            findings
                .undecided(place, format!("{seems}, and git tracks it"), Causes::default())
                .help("look into it: what is there of it may hold secrets, and the history keeps them");
        }
        _ => report(&one.name, &seems, &one.standing, findings),
    }
}

fn report(name: &Arc<str>, what: &str, standing: &Standing, findings: &mut Findings) {
    let place = Subject::Text(Arc::clone(name));
    match standing {
        Standing::Tracked => {
            findings
                .fail(place, format!("{what}, and git tracks it"))
                .help(format!(
                    "`git rm --cached {name}`, ignore it, and replace the secrets in it: the history keeps them"
                ));
        }
        // Nobody commits from a pipeline, where plans lie about for good reason.
        Standing::Loose => {
            findings
                .fail(
                    place,
                    format!("{what}, and git does not ignore it: `git add .` takes it"),
                )
                .help("name it in `.gitignore`, or keep it elsewhere")
                .at_most(Level::Warning);
        }
        Standing::Unclear(reason) => {
            let message = format!("{what}, ignored, and perhaps tracked all the same: {reason}");
            findings.undecided(place, message, Causes::default());
        }
        Standing::Ignored => {
            findings.pass(place, format!("{what}, and git ignores it"));
        }
        Standing::Outside => {}
    }
}
