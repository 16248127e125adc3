//! What a run looked at, so that a waiver that nobody needs can be told from one that this run did not need.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::discover::{Search, Target, Variables, discover};
use crate::settings::{EnvironmentBlock, Settings};
use crate::waiver::{Fate, Use};

/// What a run looked at.
pub struct Coverage<'a> {
    search: Search<'a>,
    evaluated: Vec<Evaluated<'a>>,
}

/// One environment of the run.
#[derive(Clone, Copy)]
pub struct Evaluated<'a> {
    /// Its name.
    pub environment: &'a str,
    /// Its root module and the variables files that were named; none for a plan or state.
    pub root: Option<(&'a Path, &'a [PathBuf])>,
    /// The settings that hold for it.
    pub settings: Option<&'a Settings>,
    /// Whether all of it could be read: what was not read may need a waiver.
    pub is_whole: bool,
    /// What became of each waiver.
    pub uses: &'a [Use],
}

/// A root module, its variables files, and the block that says so.
type Root = (PathBuf, Vec<PathBuf>, Option<Arc<EnvironmentBlock>>);

/// File, place in it, and name of a waiver.
type Place<'a> = (&'a Path, u32, &'a str);

/// Whether every reader of a file was looked at, for each environment: to know it, folders are searched.
type Readers<'a> = HashMap<(usize, &'a Path, bool), bool>;

impl<'a> Coverage<'a> {
    /// The coverage of these environments.
    pub fn new(search: Search<'a>, evaluated: impl Iterator<Item = Evaluated<'a>>) -> Self {
        let search = Search {
            variables: Variables::Found,
            environment: None,
            ..search
        };
        Self {
            search,
            evaluated: evaluated.collect(),
        }
    }

    /// Waivers that no environment needed, each with the environments that it was for, by their place in the run. A
    /// waiver is among them only if all that it is for was looked at.
    pub fn unused(&self) -> Vec<(usize, Use)> {
        let mut by_place: BTreeMap<Place<'_>, Vec<(usize, &Use)>> = BTreeMap::new();
        for (at, one) in self.evaluated.iter().enumerate() {
            for waiver in one.uses {
                let place = (waiver.file.as_path(), waiver.span.start, &*waiver.name);
                by_place.entry(place).or_default().push((at, waiver));
            }
        }
        let mut unused = Vec::new();
        let mut readers = Readers::default();
        for uses in by_place.values() {
            let is_unused = uses.iter().all(|(_, one)| one.fate == Fate::Unused);
            if is_unused && self.is_complete(uses, &mut readers) {
                // Each environment may have read the file for itself; the first one's place stands for all.
                let first = uses[0].1;
                unused.extend(uses.iter().map(|(at, _)| (*at, first.clone())));
            }
        }
        unused
    }

    fn is_complete<'u>(&self, uses: &[(usize, &'u Use)], readers: &mut Readers<'u>) -> bool {
        let whole = uses.iter().all(|(at, _)| self.evaluated[*at].is_whole);
        whole
            && uses.iter().all(|(at, one)| {
                let evaluated = &self.evaluated[*at];
                if one.is_block {
                    evaluated
                        .settings
                        .is_some_and(|settings| self.has_environments(settings, one))
                } else {
                    *readers
                        .entry((*at, &one.file, one.in_variables))
                        .or_insert_with(|| self.has_readers(evaluated, one))
                }
            })
    }

    /// For a block: whether the environments that it names were looked at, or all that there are.
    fn has_environments(&self, settings: &Settings, waiver: &Use) -> bool {
        let names = waiver.environments.as_deref();
        if !settings.environments.is_empty() {
            let is_meant = |block: &&Arc<EnvironmentBlock>| {
                names.is_none_or(|names| names.contains(&block.name))
            };
            return settings
                .environments
                .iter()
                .filter(is_meant)
                .all(|block| self.has_block(block));
        }
        let targets = self.targets(settings.folder());
        let mut roots: Vec<&Path> = targets
            .iter()
            .map(|(folder, ..)| folder.as_path())
            .collect();
        roots.dedup();
        let has_names = |names: &[Arc<str>]| {
            names
                .iter()
                .all(|name| self.evaluated.iter().any(|one| *one.environment == **name))
        };
        (roots.len() == 1 && names.is_some_and(has_names)) || self.has_targets(&targets)
    }

    /// For a comment: whether every environment that reads its file was looked at.
    fn has_readers(&self, evaluated: &Evaluated<'_>, waiver: &Use) -> bool {
        let Some((root, var_files)) = evaluated.root else {
            return false;
        };
        if waiver.in_variables && var_files.iter().any(|file| same(file, &waiver.file)) {
            let blocks = evaluated
                .settings
                .into_iter()
                .flat_map(|one| &one.environments);
            let mut readers =
                blocks.filter(|block| block.var_files.iter().any(|file| same(file, &waiver.file)));
            return readers.all(|block| self.has_block(block));
        }
        let folder = waiver.file.parent().unwrap_or(Path::new(""));
        let folder = if folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            folder
        };
        if same(folder, root) {
            return self.has_targets(&self.targets(root));
        }
        // A module may be used by any root of the repository.
        let top = root.canonicalize().ok().and_then(|whole| {
            let top = whole.ancestors().find(|above| above.join(".git").exists());
            top.map(Path::to_path_buf)
        });
        let settings = evaluated
            .settings
            .map(|settings| settings.folder().to_path_buf());
        let top = top.or(settings).unwrap_or_else(|| PathBuf::from("."));
        self.has_targets(&self.targets(&top))
    }

    fn has_block(&self, block: &EnvironmentBlock) -> bool {
        self.evaluated.iter().any(|one| {
            let is_root = one.root.is_none_or(|(folder, _)| same(folder, &block.root));
            *one.environment == *block.name && one.is_whole && is_root
        })
    }

    /// What there is to check below a folder.
    fn targets(&self, folder: &Path) -> Vec<Root> {
        let found = discover(&[folder.to_path_buf()], self.search);
        let roots = found.targets.into_iter().filter_map(|target| match target {
            Target::Root {
                folder,
                var_files,
                environment,
            } => Some((folder, var_files, environment)),
            Target::Evidence { .. } => None,
        });
        roots.collect()
    }

    fn has_targets(&self, targets: &[Root]) -> bool {
        let has = |folder: &Path, files: &[PathBuf]| {
            self.evaluated
                .iter()
                .filter_map(|one| one.root)
                .any(|(root, used)| {
                    let all = |all: &[PathBuf], among: &[PathBuf]| {
                        all.iter()
                            .all(|file| among.iter().any(|one| same(one, file)))
                    };
                    same(root, folder) && all(files, used) && all(used, files)
                })
        };
        !targets.is_empty()
            && targets.iter().all(|(folder, files, block)| match block {
                Some(block) => self.has_block(block),
                None => has(folder, files),
            })
    }
}

fn same(left: &Path, right: &Path) -> bool {
    left == right
        || matches!((left.canonicalize(), right.canonicalize()), (Ok(left), Ok(right)) if left == right)
}
