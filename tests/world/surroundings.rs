//! What lies beside the world, or beside a mutant of it: `fixtures/runbook/surroundings/README.md` says what may.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use super::{Mutant, copy, expectations, folders, lines, patch, recorded, text, world};
use crate::verdicts::{self, Verdicts, line};

/// A world with something beside it.
pub struct Surroundings {
    /// The name of its folder.
    pub name: String,
    folder: PathBuf,
    mutant: Option<Mutant>,
}

/// All of them, by name.
pub fn surroundings() -> Vec<Surroundings> {
    let folders = folders(&world().join("surroundings")).into_iter();
    let named = |(name, folder): (String, PathBuf)| {
        let of = lines(&folder.join("of"));
        Surroundings {
            name,
            mutant: of.first().map(|name| Mutant::named(name)),
            folder,
        }
    };
    folders.map(named).collect()
}

/// Where they are laid out, with the plans in a folder of their own.
pub struct LaidOut<'a> {
    of: &'a Surroundings,
    folder: tempfile::TempDir,
}

impl Surroundings {
    /// The verdicts that are no pass, with this evidence. A saved plan shows what its JSON shows, unless told otherwise.
    pub fn expected(&self, evidence: &str) -> Verdicts {
        let mut own = self.folder.join(format!("expect.{evidence}"));
        if evidence == "saved" && !own.exists() {
            own = self.folder.join("expect.plan");
        }
        let files = [self.folder.join("expect"), own];
        files.iter().flat_map(|path| expectations(path)).collect()
    }

    /// The rules that it nearly breaks.
    pub fn near(&self) -> Vec<String> {
        lines(&self.folder.join("near"))
    }

    /// Writes everything below a temporary folder.
    pub fn lay_out(&self) -> LaidOut<'_> {
        let laid = LaidOut {
            of: self,
            folder: tempfile::TempDir::new().expect("a temporary folder"),
        };
        let tree = laid.tree();
        match &self.mutant {
            Some(mutant) => mutant.lay_out(&tree),
            None => copy(&world().join("infra"), &tree.join("infra")),
        }
        if let Ok(change) = std::fs::read_to_string(self.folder.join("change.patch")) {
            patch::apply(&change, &tree);
        }
        if self.folder.join("beside").is_dir() {
            copy(&self.folder.join("beside"), &tree);
        }
        self.fetch(&tree.join("infra/aws/terraform"));
        for line in lines(&self.folder.join("recorded")) {
            let (name, target) = line.split_once(' ').expect("a name and a place");
            std::fs::copy(recorded("prod", name), tree.join(target)).expect("a copy");
        }
        std::fs::write(laid.plan_json(), text(&self.plan("plan.json.gz"))).expect("a plan");
        std::fs::copy(self.plan("tf.plan"), laid.saved_plan()).expect("a plan");
        self.tell_git(&tree);
        laid
    }

    /// A recording of its plan: its own, that of the folder that it names, or that of what it is about.
    fn plan(&self, name: &str) -> PathBuf {
        let own = Some(self.folder.clone()).filter(|own| own.join("tf.plan").exists());
        let named = lines(&self.folder.join("plan-of")).into_iter().next();
        let named = named.map(|folder| world().join(folder));
        let mutant = self.mutant.as_ref().map(|mutant| mutant.file(""));
        let folder = own.or(named).or(mutant);
        let folder = folder.unwrap_or_else(|| recorded("prod", ""));
        let packed = folder.join(name);
        if packed.exists() {
            return packed;
        }
        folder.join(name.trim_end_matches(".gz"))
    }

    /// What `terraform init` would have fetched: the key of a module, its source, its version, and the folder that it is.
    fn fetch(&self, root: &Path) {
        for line in lines(&self.folder.join("fetched")) {
            let words: Vec<&str> = line.split(' ').collect();
            let [key, source, version, folder] = words[..] else {
                panic!("{}: {line}", self.name);
            };
            let fetched = format!(".terraform/modules/{key}");
            copy(&root.join(folder), &root.join(&fetched));
            let manifest = format!(
                r#"{{"Modules":[{{"Key":"{key}","Source":"{source}","Version":"{version}","Dir":"{fetched}"}}]}}"#
            );
            let path = root.join(".terraform/modules/modules.json");
            std::fs::write(path, manifest).expect("a manifest");
        }
    }

    fn tell_git(&self, tree: &Path) {
        for command in lines(&self.folder.join("git")) {
            let mut git = std::process::Command::new("git");
            git.args(command.split(' ')).current_dir(tree);
            git.env("GIT_CONFIG_GLOBAL", "/dev/null");
            assert!(git.status().expect("git runs").success(), "git {command}");
        }
    }
}

impl LaidOut<'_> {
    fn tree(&self) -> PathBuf {
        self.folder.path().join("tree")
    }

    fn plan_json(&self) -> PathBuf {
        self.folder.path().join("plan.json")
    }

    fn saved_plan(&self) -> PathBuf {
        self.folder.path().join("tf.plan")
    }

    /// All verdicts from each kind of evidence: the sources, a plan with them, a saved plan with them.
    pub fn found(&self) -> [(&'static str, Verdicts); 3] {
        let root = self.tree().join("infra/aws/terraform");
        let mut sources = vec![root.join("env/prod.tfvars").into_os_string()];
        let vars = self.of.mutant.iter().flat_map(Mutant::vars);
        sources.extend(vars.map(|(name, value)| OsString::from(format!("--var={name}={value}"))));
        let with_sources = |plan: PathBuf| {
            let root = root.clone().into_os_string();
            vec![plan.into_os_string(), "--source".into(), root]
        };
        [
            ("sources", sources),
            ("plan", with_sources(self.plan_json())),
            ("saved", with_sources(self.saved_plan())),
        ]
        .map(|(name, arguments)| (name, self.check(&arguments)))
    }

    fn check(&self, evidence: &[OsString]) -> Verdicts {
        let inventory = self.of.folder.join("inventory.json");
        let mut arguments: Vec<&OsStr> = evidence.iter().map(OsString::as_os_str).collect();
        if inventory.exists() {
            arguments.extend(["--inventory".as_ref(), inventory.as_os_str()]);
        }
        let report = verdicts::check(arguments);
        let (name, errors) = (&self.of.name, &report.errors);
        assert!(errors.is_empty(), "{name}: {errors:?}");
        let tree = format!("{}/", self.tree().display());
        let findings = report.findings.iter().map(|one| line(&one.finding));
        findings.map(|line| line.replace(&tree, "")).collect()
    }
}
