//! A mutant: the prod environment of the world with one change. `fixtures/runbook/mutants/README.md` says what lies in
//! its folder.

use std::path::{Path, PathBuf};

use super::{copy, expectations, folders, lines, patch, recorded, text, world};
use crate::checked::{Checked, Given, root};
use crate::verdicts::Verdicts;

/// A state as it is stored, and as `terraform show -json` prints it.
pub const STATES: [&str; 2] = ["terraform.tfstate", "state.json"];

/// The world with one change.
pub struct Mutant {
    /// The name of its folder.
    pub name: String,
    folder: PathBuf,
}

/// All of them, by name.
pub fn mutants() -> Vec<Mutant> {
    let folders = folders(&world().join("mutants")).into_iter();
    let named = |(name, folder)| Mutant { name, folder };
    folders.map(named).collect()
}

/// What the sources in a tree come to.
pub fn of_sources(tree: &Path, environment: &str, vars: Vec<(String, String)>) -> Checked {
    let folder = tree.join("infra/aws/terraform");
    let given = Given {
        var_files: vec![folder.join(format!("env/{environment}.tfvars"))],
        vars,
        environment: Some(environment.to_owned()),
        ..Given::default()
    };
    root(&folder, &given)
}

impl Mutant {
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            folder: world().join("mutants").join(name),
        }
    }

    /// A file beside the change.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The variables that it is given besides those of the environment.
    pub fn vars(&self) -> Vec<(String, String)> {
        let args = lines(&self.file("args")).into_iter();
        let vars = args.filter_map(|line| Some(line.trim().strip_prefix("-var=")?.to_owned()));
        vars.filter_map(|var| {
            let (name, value) = var.split_once('=')?;
            Some((name.to_owned(), value.to_owned()))
        })
        .collect()
    }

    /// Writes its sources below a folder.
    pub fn lay_out(&self, tree: &Path) {
        copy(&world().join("infra"), &tree.join("infra"));
        if let Ok(change) = std::fs::read_to_string(self.file("change.patch")) {
            patch::apply(&change, tree);
        }
    }

    /// The verdicts that files beside it list.
    pub fn expected(&self, names: &[&str]) -> Verdicts {
        let lists = names.iter().map(|name| self.file(name));
        lists.flat_map(|path| expectations(&path)).collect()
    }

    /// What no saved plan of it shows.
    pub fn not_in_saved_plan(&self) -> Verdicts {
        expectations(&self.file("not-in-saved-plan"))
    }

    /// The rules that it nearly breaks.
    pub fn near(&self) -> Vec<String> {
        lines(&self.file("near"))
    }

    /// What its state shows: what is listed for it, or else what the rules that judge a state find otherwise.
    pub fn expected_of_state(&self, judges: impl Fn(&str) -> bool) -> Verdicts {
        if self.file("expect.state").exists() {
            return self.expected(&["expect.state"]);
        }
        let all = self.expected(&["expect", "expect.sources"]).into_iter();
        let rule = |line: &String| line.split(' ').next().is_some_and(&judges);
        all.filter(rule).collect()
    }

    pub fn has_state(&self) -> bool {
        self.file("terraform.tfstate.diff.gz").exists()
    }

    /// Its state: what differs from that of the good world is kept.
    pub fn state(&self, form: &str) -> String {
        let good = text(&recorded("prod", &format!("applied/{form}.gz")));
        patch::patched(&good, &text(&self.file(&format!("{form}.diff.gz"))))
    }
}
