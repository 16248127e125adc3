//! From the paths that were named to what is checked: root modules with their inputs, and plans.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use walkdir::WalkDir;

use crate::config::{Child, Loader, has_configuration};
use crate::error::Error;
use crate::plan::detect::{self, Kind};

/// Something to check, for one environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A root module with a variables file, or with none.
    Root {
        /// Its folder.
        folder: PathBuf,
        /// The variables file that makes it an environment.
        var_file: Option<PathBuf>,
    },
    /// A plan or state.
    Evidence {
        /// Where it came from; `-` for standard input.
        path: PathBuf,
        /// Its bytes.
        bytes: Arc<[u8]>,
    },
}

/// What was found, and what could not be looked at.
#[derive(Debug, Default)]
pub struct Targets {
    /// In the order in which they were named, each once.
    pub targets: Vec<Target>,
    /// What is wrong with the others.
    pub errors: Vec<Error>,
}

/// Larger evidence is refused, in bytes.
const MAX_EVIDENCE_BYTES: u64 = 1 << 30;

/// Finds what the paths stand for; without any, the roots below the current folder.
pub fn discover(paths: &[PathBuf], loader: &Loader) -> Targets {
    let mut found = Discovery { loader, out: Targets::default(), roots: BTreeMap::new() };
    if paths.is_empty() {
        found.folder(Path::new("."));
    }
    for path in paths {
        if let Err(error) = found.path(path) {
            found.out.errors.push(error);
        }
    }
    found.finish()
}

struct Discovery<'a> {
    loader: &'a Loader,
    out: Targets,
    /// Roots that were reached by a folder or a `.tf` file, in which no variables file was named so far.
    roots: BTreeMap<PathBuf, ()>,
}

impl Discovery<'_> {
    fn path(&mut self, path: &Path) -> Result<(), Error> {
        if path == Path::new("-") {
            let mut bytes = Vec::new();
            std::io::stdin()
                .lock()
                .take(MAX_EVIDENCE_BYTES + 1)
                .read_to_end(&mut bytes)
                .map_err(|error| unreadable(path, &error))?;
            return self.content(path, bytes);
        }
        let meta = std::fs::metadata(path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Error::NotFound { path: path.to_path_buf(), near: near(path) },
            _ => unreadable(path, &error),
        })?;
        if meta.is_dir() {
            self.folder(path);
            return Ok(());
        }
        if meta.len() > MAX_EVIDENCE_BYTES {
            return Err(too_large(path));
        }
        let bytes = std::fs::read(path).map_err(|error| unreadable(path, &error))?;
        self.content(path, bytes)
    }

    /// The kind of a file is found by what is in it; its name only tells JSON configuration from JSON variables.
    fn content(&mut self, path: &Path, bytes: Vec<u8>) -> Result<(), Error> {
        if bytes.len() as u64 > MAX_EVIDENCE_BYTES {
            return Err(too_large(path));
        }
        let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
        let from_stdin = path == Path::new("-");
        match detect::detect(&bytes) {
            Kind::Hcl | Kind::Json if from_stdin => Err(not_evidence(path)),
            Kind::Json if name.ends_with(".tf.json") || name.ends_with(".tofu.json") => self.configuration_file(path),
            Kind::Json if name.ends_with(".tfvars.json") => self.variables_file(path),
            Kind::Json => Err(not_evidence(path)),
            Kind::Hcl if is_variables(&bytes) => self.variables_file(path),
            Kind::Hcl => self.configuration_file(path),
            _ => {
                self.out.targets.push(Target::Evidence { path: path.to_path_buf(), bytes: bytes.into() });
                Ok(())
            }
        }
    }

    fn variables_file(&mut self, path: &Path) -> Result<(), Error> {
        let folder = path.parent().unwrap_or(Path::new(""));
        let whole = std::path::absolute(folder).map_err(|error| unreadable(path, &error))?;
        let mut up = 0;
        for ancestor in whole.ancestors() {
            if has_configuration(ancestor) {
                let root = ancestor_of(folder, up, ancestor);
                self.add(Target::Root { folder: root, var_file: Some(path.to_path_buf()) });
                return Ok(());
            }
            // A repository's edge is as far as a root module can be.
            if ancestor.join(".git").exists() {
                break;
            }
            up += 1;
        }
        Err(Error::NoRoot { path: path.to_path_buf() })
    }

    /// A `.tf` file stands for every root that uses its module.
    fn configuration_file(&mut self, path: &Path) -> Result<(), Error> {
        let folder = match path.parent() {
            Some(parent) if parent.as_os_str().is_empty() => PathBuf::from("."),
            Some(parent) => parent.to_path_buf(),
            None => PathBuf::from("."),
        };
        let module = folder.canonicalize().map_err(|error| unreadable(path, &error))?;
        let repository = module.ancestors().find(|ancestor| ancestor.join(".git").exists());
        let within = match repository {
            Some(repository) => ancestor_of(&folder, depth_below(&module, repository), repository),
            None => folder.clone(),
        };
        let users: Vec<PathBuf> = self
            .roots_below(&within)
            .into_iter()
            .filter(|root| self.uses(root, &module))
            .collect();
        if users.is_empty() {
            self.roots.insert(folder, ());
        }
        self.roots.extend(users.into_iter().map(|root| (root, ())));
        Ok(())
    }

    fn uses(&self, root: &Path, module: &Path) -> bool {
        let config = self.loader.load(root);
        let used = config.modules().into_iter().any(|(_, config)| {
            config.module.folder.canonicalize().is_ok_and(|folder| folder == module)
        });
        used
    }

    fn folder(&mut self, folder: &Path) {
        if has_configuration(folder) {
            self.roots.insert(folder.to_path_buf(), ());
            return;
        }
        let roots = self.roots_below(folder);
        self.roots.extend(roots.into_iter().map(|root| (root, ())));
    }

    /// Folders with configuration that no other one calls.
    fn roots_below(&self, folder: &Path) -> Vec<PathBuf> {
        let candidates = configuration_folders(folder);
        let mut called = Vec::new();
        for candidate in &candidates {
            let config = self.loader.load(candidate);
            for child in config.children.values() {
                if let Child::Read(child) = child {
                    called.extend(child.module.folder.canonicalize());
                }
            }
        }
        candidates
            .into_iter()
            .filter(|candidate| !candidate.canonicalize().is_ok_and(|one| called.contains(&one)))
            .collect()
    }

    fn add(&mut self, target: Target) {
        if !self.out.targets.contains(&target) {
            self.out.targets.push(target);
        }
    }

    /// A root without a named variables file is checked for each of the environments that lie in it.
    fn finish(mut self) -> Targets {
        let named: Vec<PathBuf> = self
            .out
            .targets
            .iter()
            .filter_map(|target| match target {
                Target::Root { folder, .. } => folder.canonicalize().ok(),
                Target::Evidence { .. } => None,
            })
            .collect();
        for (folder, ()) in std::mem::take(&mut self.roots) {
            if folder.canonicalize().is_ok_and(|folder| named.contains(&folder)) {
                continue;
            }
            let var_files = environment_files(&folder);
            if var_files.is_empty() {
                self.add(Target::Root { folder, var_file: None });
            } else {
                for var_file in var_files {
                    self.add(Target::Root { folder: folder.clone(), var_file: Some(var_file) });
                }
            }
        }
        self.out
    }
}

/// The variables files of a root that Terraform does not load by itself: one an environment. They lie in the root's
/// folder, or below it where no configuration is.
fn environment_files(root: &Path) -> Vec<PathBuf> {
    let walk = WalkDir::new(root).max_depth(3).sort_by_file_name().into_iter().filter_entry(|entry| {
        entry.depth() == 0 || !entry.file_type().is_dir() || (!is_hidden(entry.file_name()) && !has_configuration(entry.path()))
    });
    let files = walk.flatten().filter(|entry| {
        let name = entry.file_name().to_string_lossy();
        let stem = name.strip_suffix(".tfvars").or_else(|| name.strip_suffix(".tfvars.json"));
        entry.file_type().is_file()
            && stem.is_some_and(|stem| stem != "terraform" && !stem.ends_with(".auto") && !stem.contains("backend"))
    });
    files.map(walkdir::DirEntry::into_path).collect()
}

fn configuration_folders(folder: &Path) -> Vec<PathBuf> {
    let walk = WalkDir::new(folder).sort_by_file_name().into_iter().filter_entry(|entry| {
        entry.depth() == 0 || !(entry.file_type().is_dir() && is_skipped(entry.file_name()))
    });
    let folders = walk.flatten().filter(|entry| entry.file_type().is_dir()).map(walkdir::DirEntry::into_path);
    folders.filter(|folder| has_configuration(folder)).collect()
}

fn is_skipped(name: &OsStr) -> bool {
    is_hidden(name) || name == "node_modules" || name == "target"
}

fn is_hidden(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| name.starts_with('.') && name.len() > 1)
}

/// A path upwards from a folder, written as the user wrote the folder as long as that reaches.
fn ancestor_of(folder: &Path, up: usize, whole: &Path) -> PathBuf {
    let mut at = folder.to_path_buf();
    for _ in 0..up {
        if at.as_os_str().is_empty() || at == Path::new(".") || at.ends_with("..") {
            return whole.to_path_buf();
        }
        at.pop();
    }
    if at.as_os_str().is_empty() { PathBuf::from(".") } else { at }
}

fn depth_below(folder: &Path, ancestor: &Path) -> usize {
    folder.components().count() - ancestor.components().count()
}

/// A variables file holds attributes and no blocks.
fn is_variables(bytes: &[u8]) -> bool {
    let text = crate::source::decode(bytes.to_vec());
    let sources = crate::source::Sources::default();
    let source = sources.add(PathBuf::new(), text.as_str());
    let body = crate::syntax::parse(source, &text).body;
    body.blocks.is_empty() && !body.attributes.is_empty()
}

fn near(path: &Path) -> Option<String> {
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let wanted = path.file_name()?.to_str()?;
    let names: Vec<String> = std::fs::read_dir(folder)
        .ok()?
        .flatten()
        .filter_map(|entry| entry.file_name().to_str().map(str::to_owned))
        .collect();
    let known: Vec<&str> = names.iter().map(String::as_str).collect();
    let near = crate::config::nearest(wanted, &known)?;
    Some(format!("did you mean `{}`?", path.with_file_name(near).display()))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Error {
    Error::Unreadable { path: path.to_path_buf(), reason: error.to_string() }
}

fn too_large(path: &Path) -> Error {
    let reason = format!("larger than the limit of {} GiB", MAX_EVIDENCE_BYTES >> 30);
    Error::Unreadable { path: path.to_path_buf(), reason }
}

fn not_evidence(path: &Path) -> Error {
    Error::NotEvidence {
        path: path.to_path_buf(),
        what: "neither a Terraform plan nor a state".to_owned(),
        help: Some("`terraform show -json tf.plan` prints a plan as JSON".to_owned()),
    }
}
