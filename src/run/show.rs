//! What `tfguard show` prints.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::evidence::Evidence;
use super::readers::Readers;
use super::root::Root;
use crate::cli::InputArgs;
use crate::config::Config;
use crate::discover::{Content, Target};
use crate::error::Error;
use crate::eval::Mode;
use crate::flow;
use crate::join::join;
use crate::plan::Plan;
use crate::report::Report;

/// A plan to print.
#[derive(Debug)]
pub struct Shown {
    /// The plan.
    pub plan: Plan,
    /// The configuration that it was evaluated from.
    pub config: Option<Arc<Config>>,
    /// Texts in it that are secrets, as the sources tell that it carries.
    pub secrets: BTreeSet<Arc<str>>,
}

/// Evaluates one target for `show`: as Terraform would know it, not as it will be. The report has what could not be
/// read.
pub fn show(path: Option<&Path>, inputs: &InputArgs) -> (Option<Shown>, Report) {
    let readers = Readers::new();
    let mut report = readers.report();
    let mut found = readers.discover_at(path, inputs);
    readers.report_settings(&mut report);
    let errors = &mut found.errors;
    let shown = match found.targets.as_slice() {
        [Target::Root { folder, .. }, _, ..] => {
            // A folder that holds several environments is shown without any of their files.
            Some(root(&readers, folder, &[], inputs, errors))
        }
        [
            Target::Root {
                folder, var_files, ..
            },
        ] => Some(root(&readers, folder, var_files, inputs, errors)),
        [Target::Evidence { path, content }, ..] => {
            let shown = evidence(&readers, path, content);
            shown.map_err(|error| errors.push(error)).ok()
        }
        [] => None,
    };
    report.stopped(&found.errors);
    if let Some(shown) = &shown {
        report.add_problems(&shown.plan);
    }
    report.sort();
    (shown, report)
}

fn root(
    readers: &Readers,
    folder: &Path,
    var_files: &[PathBuf],
    given: &InputArgs,
    errors: &mut Vec<Error>,
) -> Shown {
    let root = Root {
        folder,
        var_files,
        given,
        mode: Mode::Terraform,
    };
    let (config, plan) = root.evaluate(readers, errors);
    Shown {
        plan,
        config: Some(config),
        secrets: BTreeSet::new(),
    }
}

/// Some secrets of a saved plan only the sources tell that it carries: what `nonsensitive` was called with.
fn evidence(readers: &Readers, path: &Path, content: &Content) -> Result<Shown, Error> {
    let evidence = Evidence::read(path, content, &readers.sources)?;
    let secrets = evidence
        .evaluate_carried()
        .map(|evaluation| join(&evidence.plan, flow::plan(&evaluation)).secret_texts());
    Ok(Shown {
        plan: evidence.plan,
        config: None,
        secrets: secrets.unwrap_or_default(),
    })
}
