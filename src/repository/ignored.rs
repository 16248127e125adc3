//! Which files git ignores: `.gitignore` from the file's folder up to the repository's, then `info/exclude`, then the
//! list that git's settings name.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::configuration::Configuration;

/// The rules of a repository, read as they are needed.
#[derive(Debug)]
pub(super) struct Ignored {
    top: PathBuf,
    common: PathBuf,
    case: Case,
    /// The list that the settings name.
    excludes: Option<PathBuf>,
    /// Of each folder its `.gitignore`.
    folders: BTreeMap<PathBuf, Gitignore>,
    /// Those that hold for the whole repository.
    general: Option<[Gitignore; 2]>,
}

/// Whether names that differ in case only are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Case {
    Counts,
    Ignored,
}

/// What a path leads to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    File,
    Folder,
}

impl Ignored {
    pub(super) fn new(top: &Path, common: &Path, configuration: &Configuration) -> Self {
        Self {
            top: top.to_path_buf(),
            common: common.to_path_buf(),
            case: if configuration.ignores_case {
                Case::Ignored
            } else {
                Case::Counts
            },
            excludes: configuration.excludes.clone(),
            folders: BTreeMap::new(),
            general: None,
        }
    }

    /// Whether a path is ignored: by itself, or by a folder that it lies in.
    pub(super) fn covers(&mut self, whole: &Path, what: What) -> bool {
        let Ok(below) = whole.strip_prefix(&self.top) else {
            return false;
        };
        let top = self.top.clone();
        let mut at = top;
        for step in below {
            at.push(step);
            let what = if at == whole { what } else { What::Folder };
            if self.names(&at, what) {
                return true;
            }
        }
        false
    }

    /// The nearest rule that names a path decides.
    fn names(&mut self, whole: &Path, what: What) -> bool {
        let is_folder = what == What::Folder;
        let top = self.top.clone();
        let case = self.case;
        let above = whole.ancestors().skip(1);
        for folder in above.take_while(|folder| folder.starts_with(&top)) {
            let rules = self
                .folders
                .entry(folder.to_path_buf())
                .or_insert_with(|| read(folder, &folder.join(".gitignore"), case));
            match rules.matched(whole, is_folder) {
                Match::None => {}
                found => return found.is_ignore(),
            }
        }
        let general = self.general.get_or_insert_with(|| {
            let excludes = self.excludes.as_deref();
            [
                read(&top, &self.common.join("info/exclude"), case),
                excludes.map_or_else(Gitignore::empty, |file| read(&top, file, case)),
            ]
        });
        for rules in general {
            match rules.matched(whole, is_folder) {
                Match::None => {}
                found => return found.is_ignore(),
            }
        }
        false
    }
}

/// A pattern that cannot be read ignores nothing, as with git.
fn read(folder: &Path, file: &Path, case: Case) -> Gitignore {
    let mut rules = GitignoreBuilder::new(folder);
    if rules.case_insensitive(case == Case::Ignored).is_err() {
        return Gitignore::empty();
    }
    let bytes = std::fs::read(file).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    for line in text.trim_start_matches('\u{feff}').lines() {
        // One line that cannot be read leaves the others.
        let _ = rules.add_line(Some(file.to_owned()), &without_alternatives(line));
    }
    rules.build().unwrap_or_else(|_| Gitignore::empty())
}

/// The same pattern for a library that knows `{a,b}`: to git these are letters.
fn without_alternatives(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let (mut is_escaped, mut is_in_brackets) = (false, false);
    for letter in pattern.chars() {
        match letter {
            _ if is_escaped => {}
            '[' => is_in_brackets = true,
            ']' => is_in_brackets = false,
            '{' | '}' if !is_in_brackets => out.push('\\'),
            _ => {}
        }
        is_escaped = letter == '\\' && !is_escaped;
        out.push(letter);
    }
    out
}
