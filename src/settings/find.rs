//! Where `tfguard.hcl` lies: in the folder of the root module or above it, up to the edge of the repository.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use super::file::Settings;
use super::read;
use crate::problem::{Problem, ProblemKind};
use crate::source::Sources;

/// The file's name.
pub const NAME: &str = "tfguard.hcl";

/// The files of a run, each read once.
#[derive(Debug)]
pub struct SettingsFiles {
    sources: Arc<Sources>,
    /// By whole path.
    known: Mutex<BTreeMap<PathBuf, Arc<Settings>>>,
}

impl SettingsFiles {
    /// None is read yet.
    pub fn new(sources: Arc<Sources>) -> Self {
        Self {
            sources,
            known: Mutex::default(),
        }
    }

    /// The settings that hold for a folder: those of the nearest file upwards.
    pub fn of(&self, folder: &Path) -> Option<Arc<Settings>> {
        let whole = folder
            .canonicalize()
            .or_else(|_| std::path::absolute(folder))
            .ok()?;
        for (up, ancestor) in whole.ancestors().enumerate() {
            let file = ancestor.join(NAME);
            // A link that leads nowhere is not the same as no file.
            if file.symlink_metadata().is_ok() {
                let shown = upwards(folder, up, ancestor).join(NAME);
                return Some(self.read(file, &shown));
            }
            if ancestor.join(".git").exists() {
                break;
            }
        }
        None
    }

    /// Every file that was found so far, by path.
    pub fn all(&self) -> Vec<Arc<Settings>> {
        let known = self
            .known
            .lock()
            .expect("no thread panics while it reads settings");
        known.values().cloned().collect()
    }

    fn read(&self, whole: PathBuf, shown: &Path) -> Arc<Settings> {
        let mut known = self
            .known
            .lock()
            .expect("no thread panics while it reads settings");
        let entry = known.entry(whole);
        let shown = shown.strip_prefix(".").unwrap_or(shown);
        Arc::clone(entry.or_insert_with(|| {
            let settings = match self.sources.read(shown) {
                Ok(source) => read::settings(source, shown, &self.sources),
                Err(reason) => {
                    let message = format!("cannot read `{}`: {reason}", shown.display());
                    Settings {
                        path: shown.to_path_buf(),
                        problems: vec![Problem::new(ProblemKind::Unreadable, message, None)],
                        ..Settings::default()
                    }
                }
            };
            Arc::new(settings)
        }))
    }
}

/// A folder some steps upwards, written as the user wrote the folder as long as that reaches.
pub fn upwards(folder: &Path, steps: usize, whole: &Path) -> PathBuf {
    let mut at = folder.to_path_buf();
    for _ in 0..steps {
        if at.as_os_str().is_empty() || at == Path::new(".") || at.ends_with("..") {
            return beside_current(whole);
        }
        at.pop();
    }
    if at.as_os_str().is_empty() {
        PathBuf::from(".")
    } else {
        at
    }
}

/// A whole path as `..` repeated where it lies above the current folder: reports do not name a machine's folders.
fn beside_current(whole: &Path) -> PathBuf {
    let current = std::env::current_dir().unwrap_or_default();
    match current.strip_prefix(whole) {
        Ok(below) if below.as_os_str().is_empty() => PathBuf::from("."),
        Ok(below) => below.components().map(|_| "..").collect(),
        Err(_) => whole.to_path_buf(),
    }
}
