//! The sources in a binary plan, laid out as the folder that they came from.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::path::PathBuf;

use super::archive::Archive;
use crate::plan::error::Reason;
use crate::plan::{Problem, ProblemKind};
use crate::source::{ListedModule, ModuleList};

/// Files by path. Paths are relative, without `..`: whatever an archive says, they lie within the tree.
#[derive(Default)]
pub struct SourceTree {
    /// The files: those of every module, `.terraform/modules/modules.json` and the lock file.
    pub files: BTreeMap<PathBuf, Vec<u8>>,
    /// The root module's folder in it. It is not the top where modules lie above the root.
    pub root: PathBuf,
    /// What could not be laid out.
    pub problems: Vec<Problem>,
}

impl fmt::Debug for SourceTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Names only: the texts may hold credentials.
        f.debug_struct("SourceTree")
            .field("root", &self.root)
            .field("files", &self.files.keys())
            .finish_non_exhaustive()
    }
}

impl SourceTree {
    pub(super) fn read(archive: &mut Archive<'_>) -> Result<Self, Reason> {
        let mut tree = Self::default();
        let Some(manifest) = archive.optional("tfconfig/modules.json")? else {
            tree.unread("the plan carries no sources".to_owned());
            return Ok(tree);
        };
        let Ok(modules) = serde_json::from_slice::<Vec<ListedModule>>(&manifest) else {
            tree.unread("the plan's list of modules cannot be read".to_owned());
            return Ok(tree);
        };
        let folders: HashMap<&str, Folder> = modules
            .iter()
            .map(|module| (module.key.as_str(), Folder::of(module)))
            .collect();
        let above = folders.values().map(|folder| folder.above).max();
        let root: Vec<String> = (0..above.unwrap_or(0))
            .map(|level| format!("up{level}"))
            .collect();
        tree.root = root.iter().collect();
        for name in archive.names() {
            let Some((key, file)) = name
                .strip_prefix("tfconfig/m-")
                .and_then(|name| name.split_once('/'))
            else {
                continue;
            };
            let path = folders
                .get(key)
                .and_then(|folder| folder.within(&root, file));
            match path {
                Some(path) => {
                    let content = archive.optional(&name)?.unwrap_or_default();
                    tree.files.insert(path, content);
                }
                None if file.is_empty() => {}
                None => tree.unread(format!(
                    "`{}` in the plan belongs to no module, or lies outside of them",
                    name.escape_default()
                )),
            }
        }
        if let Some(lock) = archive.optional(".terraform.lock.hcl")? {
            tree.files
                .insert(tree.root.join(".terraform.lock.hcl"), lock);
        }
        let relative: Vec<String> = (modules.iter())
            .map(|module| folders[module.key.as_str()].relative())
            .collect();
        let modules = modules.into_iter().zip(relative);
        let list = ModuleList {
            modules: modules
                .map(|(module, folder)| ListedModule { folder, ..module })
                .collect(),
        };
        let path = tree.root.join(".terraform/modules/modules.json");
        let list = serde_json::to_vec(&list).expect("a list of texts");
        tree.files.insert(path, list);
        Ok(tree)
    }

    fn unread(&mut self, message: String) {
        self.problems.push(Problem {
            kind: ProblemKind::Unread,
            message,
            help: None,
            span: None,
            address: None,
        });
    }
}

/// A module's folder: so many levels above the root module, then down.
struct Folder {
    above: usize,
    down: Vec<String>,
}

impl Folder {
    fn of(module: &ListedModule) -> Self {
        let text = module.folder.replace('\\', "/");
        let absolute = text.starts_with('/') || text.get(1..2) == Some(":");
        let mut folder = Self {
            above: 0,
            down: Vec::new(),
        };
        if absolute {
            // Where it was on another machine means nothing here.
            folder.down = [".terraform", "elsewhere", &module.key]
                .map(str::to_owned)
                .to_vec();
            return folder;
        }
        for step in text.split('/') {
            match step {
                "" | "." => {}
                ".." => {
                    if folder.down.pop().is_none() {
                        folder.above += 1;
                    }
                }
                step => folder.down.push(step.to_owned()),
            }
        }
        folder
    }

    /// The path of a file in the tree; none for one that would leave the module's folder.
    fn within(&self, root: &[String], file: &str) -> Option<PathBuf> {
        let kept = root.len().checked_sub(self.above)?;
        let mut steps: Vec<&str> = root[..kept].iter().map(String::as_str).collect();
        steps.extend(self.down.iter().map(String::as_str));
        for step in file.split('/') {
            if matches!(step, "" | "." | "..") || step.contains(['\\', ':', '\0']) {
                return None;
            }
            steps.push(step);
        }
        Some(steps.iter().collect())
    }

    /// As the manifest has it, relative to the root module.
    fn relative(&self) -> String {
        let steps: Vec<&str> = std::iter::repeat_n("..", self.above)
            .chain(self.down.iter().map(String::as_str))
            .collect();
        match steps.as_slice() {
            [] => ".".to_owned(),
            steps => steps.join("/"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(text: &str) -> Folder {
        Folder::of(&ListedModule {
            key: "k".to_owned(),
            source: String::new(),
            version: String::new(),
            folder: text.to_owned(),
        })
    }

    #[test]
    fn folders_stay_within_the_tree() {
        let root = ["up0".to_owned(), "up1".to_owned()];
        let path = |dir: &str, file: &str| {
            folder(dir)
                .within(&root, file)
                .map(|path| path.display().to_string())
        };
        assert_eq!(path(".", "main.tf").as_deref(), Some("up0/up1/main.tf"));
        assert_eq!(
            path("modules/../a", "main.tf").as_deref(),
            Some("up0/up1/a/main.tf")
        );
        assert_eq!(
            path("..\\shared", "x/main.tf").as_deref(),
            Some("up0/shared/x/main.tf")
        );
        assert_eq!(path("../../m", "main.tf").as_deref(), Some("m/main.tf"));
        assert_eq!(path("../../../m", "main.tf"), None);
        assert_eq!(
            path("/etc", "main.tf").as_deref(),
            Some("up0/up1/.terraform/elsewhere/k/main.tf")
        );
        for file in ["../x", "a/../../x", "/x", "a\\..\\x", "C:x", ""] {
            assert_eq!(path("a", file), None, "{file}");
        }
        assert_eq!(folder("../a/b").relative(), "../a/b");
        assert_eq!(folder("").relative(), ".");
    }
}
