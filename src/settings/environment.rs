//! Which environment a run is for, and whether that is production.
//!
//! In this order: `--environment`, the matching `environment` block, a variable, the name of the variables file, the
//! workspace. If none tells, the rules for production apply.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::file::Settings;
use crate::plan::Plan;
use crate::rule::Environment;
use crate::rule::environment::{is_environment, is_production};
use crate::source::Span;

/// An `environment` block.
#[derive(Debug)]
pub struct EnvironmentBlock {
    /// Its label.
    pub name: Arc<str>,
    /// Its root module.
    pub root: PathBuf,
    /// Its variables files, the later ones winning.
    pub var_files: Vec<PathBuf>,
    /// Whether it is production, where the block says so.
    pub production: Option<bool>,
    /// Its workspace.
    pub workspace: Option<Arc<str>>,
    /// The block's header.
    pub span: Span,
}

/// What a run is known by.
#[derive(Clone, Copy, Debug)]
pub struct Clues<'a> {
    /// `--environment`
    pub named: Option<&'a str>,
    /// The block that it matches.
    pub block: Option<&'a EnvironmentBlock>,
    /// The settings that hold for it.
    pub settings: Option<&'a Settings>,
    /// The variables file that it was named by.
    pub var_file: Option<&'a Path>,
    /// The workspace.
    pub workspace: &'a str,
}

/// How an environment came to its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Telling {
    /// Something tells.
    Told,
    /// Nothing does: the rules for production apply.
    Assumed,
}

/// Variables that name the environment.
const VARIABLES: [&str; 3] = ["environment", "env", "stage"];

/// The environment of a plan.
pub fn of(plan: Option<&Plan>, clues: &Clues<'_>) -> (Environment, Telling) {
    let by_variable = || {
        VARIABLES.iter().find_map(|name| {
            let value = &plan?.variable(name)?.value;
            let name = value
                .as_str()
                .filter(|name| !name.trim().is_empty() && value.marks().is_empty());
            name.map(str::to_owned)
        })
    };
    // A file need not be called after an environment: `values`, `common`.
    let by_file = || {
        clues
            .var_file
            .and_then(file_stem)
            .filter(|stem| is_environment(stem))
    };
    let by_workspace = || {
        let name = clues.workspace;
        (!name.is_empty() && name != "default").then(|| name.to_owned())
    };
    let name = clues
        .named
        .map(str::to_owned)
        .or_else(|| clues.block.map(|block| block.name.to_string()))
        .or_else(by_variable)
        .or_else(by_file)
        .or_else(by_workspace);
    let Some(name) = name else {
        let environment = Environment {
            name: "default".into(),
            production: true,
        };
        return (environment, Telling::Assumed);
    };
    // The block of that name says what it is, however the name was found.
    let block = clues
        .settings
        .and_then(|settings| settings.environment(&name));
    let said = block.and_then(|block| block.production);
    let environment = Environment {
        production: said.unwrap_or_else(|| is_production(&name)),
        name: name.into(),
    };
    (environment, Telling::Told)
}

impl EnvironmentBlock {
    /// Whether a run with these variables files and that workspace is this environment: it uses all that the block names.
    fn is_met_by(&self, var_files: &[PathBuf], workspace: &str) -> bool {
        let used = |file: &PathBuf| {
            let whole = file.canonicalize();
            var_files.iter().any(|one| {
                one == file || matches!((&whole, one.canonicalize()), (Ok(a), Ok(b)) if *a == b)
            })
        };
        let names_any = !self.var_files.is_empty() || self.workspace.is_some();
        (names_any || var_files.is_empty())
            && self.var_files.iter().all(used)
            && self
                .workspace
                .as_deref()
                .is_none_or(|name| name == workspace)
    }
}

impl Settings {
    /// The environment that a run of a root is, if it is one and no other.
    pub fn matching(
        &self,
        root: &Path,
        var_files: &[PathBuf],
        workspace: &str,
    ) -> Option<&Arc<EnvironmentBlock>> {
        let met = self
            .environments_of(root)
            .filter(|block| block.is_met_by(var_files, workspace));
        let weight = |block: &EnvironmentBlock| {
            block.var_files.len() + usize::from(block.workspace.is_some())
        };
        let met: Vec<_> = met.collect();
        let most = met.iter().map(|block| weight(block)).max()?;
        let mut best = met.into_iter().filter(|block| weight(block) == most);
        match (best.next(), best.next()) {
            (Some(block), None) => Some(block),
            _ => None,
        }
    }
}

fn file_stem(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    Some(name.split('.').next().unwrap_or(name).to_owned())
}
