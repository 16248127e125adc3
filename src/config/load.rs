//! From folders to a [`Config`]: reads each module once, however many calls and roots use it.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex};

use super::manifest::Manifest;
use super::{Child, Config, Module, ModuleCall, Origin, decode, overrides};
use crate::problem::{Problem, ProblemKind};
use crate::source::{SourceId, Sources, decode as decoded};
use crate::syntax::{self, Body};

/// Deeper nesting of module calls than this is refused; nobody writes it, and a loop of calls would not end.
const MAX_DEPTH: usize = 64;

/// Reads configurations. Shared between the roots of a run.
#[derive(Debug)]
pub struct Loader {
    sources: Arc<Sources>,
    files: FileTree,
    /// The folder that `terraform init` keeps modules in, seen from the root module's.
    data_folder: PathBuf,
    modules: Mutex<HashMap<PathBuf, Arc<Module>>>,
}

/// The way down the tree of module calls.
struct Descent<'a> {
    path: Vec<Arc<str>>,
    /// How many there were so far.
    calls: usize,
    manifest: &'a Manifest,
    root: &'a Path,
}

/// Where Terraform keeps what it fetches, unless `TF_DATA_DIR` says otherwise.
pub const DATA_FOLDER: &str = ".terraform";

/// The folder that `terraform test` looks into, unless it is told otherwise.
const TESTS: &str = "tests";

/// What it reads.
const TEST_FILES: [&str; 6] = [
    ".tftest.hcl",
    ".tftest.json",
    ".tfmock.hcl",
    ".tfmock.json",
    ".tofutest.hcl",
    ".tofutest.json",
];

/// Modules that call others twice make more of them than anybody could read.
const MOST_CALLS: usize = 10_000;

/// Whether a folder holds configuration files.
pub fn has_configuration(folder: &Path) -> bool {
    std::fs::read_dir(folder).is_ok_and(|entries| {
        entries.flatten().any(|entry| {
            entry
                .file_name()
                .to_str()
                .is_some_and(|name| Suffix::of(name).is_some())
        })
    })
}

impl Loader {
    /// A loader that keeps what it reads in these sources.
    pub fn new(sources: Arc<Sources>) -> Self {
        Self {
            sources,
            files: FileTree::Disk,
            data_folder: DATA_FOLDER.into(),
            modules: Mutex::default(),
        }
    }

    /// A loader of files that are in memory, by their paths; reports show them under `shown`, the file that they came
    /// in.
    pub fn in_memory(
        sources: Arc<Sources>,
        files: BTreeMap<PathBuf, Vec<u8>>,
        shown: PathBuf,
    ) -> Self {
        Self {
            sources,
            files: FileTree::Memory { files, shown },
            data_folder: DATA_FOLDER.into(),
            modules: Mutex::default(),
        }
    }

    /// The same loader where `TF_DATA_DIR` moves the data folder.
    #[must_use]
    pub fn in_data_folder(self, data_folder: PathBuf) -> Self {
        Self {
            data_folder,
            ..self
        }
    }

    /// Where the texts are kept.
    pub fn sources(&self) -> &Arc<Sources> {
        &self.sources
    }

    /// Reads the root module in a folder and every module it calls. What could not be read is among the problems of
    /// the modules; a folder without configuration gives a module without anything.
    pub fn load(&self, root: &Path) -> Config {
        let list = root.join(&self.data_folder).join("modules/modules.json");
        let manifest = Manifest::read(&self.files.text(&list));
        let mut descent = Descent {
            path: Vec::new(),
            calls: 0,
            manifest: &manifest,
            root,
        };
        self.tree(root, Origin::Own, &mut descent)
    }

    fn tree(&self, folder: &Path, origin: Origin, descent: &mut Descent<'_>) -> Config {
        let module = self.module(folder);
        let mut children = BTreeMap::new();
        for (name, call) in &module.calls {
            descent.path.push(Arc::clone(name));
            descent.calls += 1;
            let source = call.source.clone().unwrap_or_else(|| "".into());
            let Descent {
                path,
                calls,
                manifest,
                root,
            } = descent;
            let unread = |kind, reason| Child::Unread {
                source: Arc::clone(&source),
                reason,
                kind,
            };
            let found = if is_local(&source) {
                local(&self.files, folder, &source)
            } else {
                fetched(&self.files, call, path, manifest, root)
            };
            let child = match found {
                _ if path.len() > MAX_DEPTH => unread(
                    ProblemKind::Refused,
                    format!(
                        "module calls are nested deeper than {MAX_DEPTH}: does a module call itself?"
                    ),
                ),
                _ if *calls > MOST_CALLS => unread(
                    ProblemKind::Refused,
                    format!(
                        "the configuration has more than {MOST_CALLS} module calls, one below the other counted again"
                    ),
                ),
                Ok(folder) => {
                    let origin = if is_local(&source) {
                        origin
                    } else {
                        Origin::Fetched
                    };
                    Child::Read(Arc::new(self.tree(&folder, origin, descent)))
                }
                Err(reason) => unread(ProblemKind::Unread, reason),
            };
            children.insert(Arc::clone(name), child);
            descent.path.pop();
        }
        Config {
            module,
            origin,
            children,
        }
    }

    fn module(&self, folder: &Path) -> Arc<Module> {
        let key = self.files.key(folder);
        if let Some(module) = self
            .modules
            .lock()
            .expect("no panic while loading")
            .get(&key)
        {
            return Arc::clone(module);
        }
        let module = Arc::new(self.read(folder));
        let mut modules = self.modules.lock().expect("no panic while loading");
        Arc::clone(modules.entry(key).or_insert(module))
    }

    fn read(&self, folder: &Path) -> Module {
        let mut module = Module {
            folder: folder.to_path_buf(),
            ..Module::default()
        };
        let names = match configuration_files(&self.files, folder) {
            Ok(names) => names,
            Err(error) => {
                let message = format!("cannot list `{}`: {error}", folder.display());
                module
                    .problems
                    .push(Problem::new(ProblemKind::Unreadable, message, None));
                return module;
            }
        };
        let mut whole = Body::default();
        let mut over = Vec::new();
        for name in names {
            let Some(body) = self.file(&folder.join(&name), &mut module) else {
                continue;
            };
            if is_override(&name) {
                over.push(body);
            } else {
                whole.attributes.extend(body.attributes);
                whole.blocks.extend(body.blocks);
            }
        }
        for body in over {
            overrides::merge(&mut whole, body, &mut module.problems);
        }
        decode::decode(whole, &mut module);
        self.tests(folder, &mut module);
        module
    }

    fn tests(&self, folder: &Path, module: &mut Module) {
        for folder in [folder.to_path_buf(), folder.join(TESTS)] {
            let mut names = self.files.names(&folder).unwrap_or_default();
            names.retain(|name| TEST_FILES.iter().any(|ending| name.ends_with(ending)));
            names.sort();
            for name in names {
                match self.files.read(&self.sources, &folder.join(&name)) {
                    Ok(source) => module.tests.push(source),
                    Err(error) => {
                        let message =
                            format!("cannot read `{}`: {error}", folder.join(&name).display());
                        let problem = Problem::new(ProblemKind::Unreadable, message, None);
                        module.problems.push(problem);
                    }
                }
            }
        }
    }

    fn file(&self, path: &Path, module: &mut Module) -> Option<Body> {
        let source = match self.files.read(&self.sources, path) {
            Ok(source) => source,
            Err(error) => {
                let message = format!("cannot read `{}`: {error}", path.display());
                module
                    .problems
                    .push(Problem::new(ProblemKind::Unreadable, message, None));
                return None;
            }
        };
        module.files.push(source);
        let text = self.sources.file(source).text().clone();
        let json = path
            .extension()
            .is_some_and(|extension| extension == "json");
        let parsed = if json {
            syntax::parse_json(source, &text, syntax::JsonFile::Configuration)
        } else {
            syntax::parse(source, &text)
        };
        module
            .problems
            .extend(parsed.errors.into_iter().map(|error| Problem {
                help: error.help,
                ..Problem::new(ProblemKind::Unreadable, error.message, Some(error.span))
            }));
        Some(parsed.body)
    }
}

/// Where files are read from.
#[derive(Debug)]
enum FileTree {
    Disk,
    Memory {
        files: BTreeMap<PathBuf, Vec<u8>>,
        shown: PathBuf,
    },
}

impl FileTree {
    /// The names of the files in a folder.
    fn names(&self, folder: &Path) -> io::Result<Vec<String>> {
        let name = |path: &Path| Some(path.file_name()?.to_str()?.to_owned());
        match self {
            Self::Disk => {
                let mut names = Vec::new();
                for entry in std::fs::read_dir(folder)? {
                    let path = entry?.path();
                    if !path.is_dir() {
                        names.extend(name(&path));
                    }
                }
                Ok(names)
            }
            Self::Memory { files, .. } => {
                let folder = normalise(folder);
                let inside = files.keys().filter(|path| folder_of(path) == folder);
                Ok(inside.filter_map(|path| name(path)).collect())
            }
        }
    }

    fn is_folder(&self, folder: &Path) -> bool {
        match self {
            Self::Disk => folder.is_dir(),
            Self::Memory { files, .. } => {
                let folder = normalise(folder);
                files
                    .keys()
                    .any(|path| path.starts_with(&folder) || folder == Path::new("."))
            }
        }
    }

    fn read(&self, sources: &Sources, path: &Path) -> io::Result<SourceId> {
        match self {
            Self::Disk => sources.read(path),
            Self::Memory { files, shown } => {
                let path = normalise(path);
                let bytes = files.get(&path).ok_or(io::ErrorKind::NotFound)?;
                sources.add_source(shown.join(path), bytes.clone())
            }
        }
    }

    fn text(&self, path: &Path) -> String {
        match self {
            Self::Disk => std::fs::read_to_string(path).unwrap_or_default(),
            Self::Memory { files, .. } => {
                let bytes = files.get(&normalise(path)).cloned().unwrap_or_default();
                decoded(bytes)
            }
        }
    }

    /// What a folder is told from others by.
    fn key(&self, folder: &Path) -> PathBuf {
        match self {
            Self::Disk => folder
                .canonicalize()
                .unwrap_or_else(|_| folder.to_path_buf()),
            Self::Memory { .. } => normalise(folder),
        }
    }
}

fn folder_of(path: &Path) -> PathBuf {
    normalise(path.parent().unwrap_or(Path::new("")))
}

/// The kinds of configuration file, by name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Suffix {
    Terraform,
    OpenTofu,
}

impl Suffix {
    fn of(name: &str) -> Option<(Self, &str)> {
        if name.starts_with('.')
            || name.ends_with('~')
            || (name.starts_with('#') && name.ends_with('#'))
        {
            return None;
        }
        let endings = [
            (".tf", Self::Terraform),
            (".tf.json", Self::Terraform),
            (".tofu", Self::OpenTofu),
            (".tofu.json", Self::OpenTofu),
        ];
        endings
            .into_iter()
            .find_map(|(ending, kind)| Some((kind, name.strip_suffix(ending)?)))
    }
}

/// The configuration files of a folder, in Terraform's order: by name. Where a folder has files for OpenTofu, those
/// stand in for files of the same name for Terraform, as OpenTofu does it.
fn configuration_files(files: &FileTree, folder: &Path) -> io::Result<Vec<String>> {
    let mut names = files.names(folder)?;
    names.retain(|name| Suffix::of(name).is_some());
    names.sort();
    let tofu: Vec<String> = names
        .iter()
        .filter_map(|name| Suffix::of(name).filter(|(kind, _)| *kind == Suffix::OpenTofu))
        .map(|(_, stem)| stem.to_owned())
        .collect();
    names.retain(|name| {
        !Suffix::of(name).is_some_and(|(kind, stem)| {
            kind == Suffix::Terraform && tofu.iter().any(|one| one == stem)
        })
    });
    Ok(names)
}

fn is_override(name: &str) -> bool {
    Suffix::of(name).is_some_and(|(_, stem)| stem == "override" || stem.ends_with("_override"))
}

/// Whether a source is a folder beside the module that names it. All others Terraform copies.
pub(super) fn is_local(source: &str) -> bool {
    source.starts_with("./") || source.starts_with("../") || source == "." || source == ".."
}

/// The folder that a call names.
fn local(files: &FileTree, folder: &Path, source: &str) -> Result<PathBuf, String> {
    let target = normalise(&folder.join(source));
    if !files.is_folder(&target) {
        return Err(format!("there is no folder `{}`", target.display()));
    }
    if !configuration_files(files, &target).is_ok_and(|names| !names.is_empty()) {
        return Err(format!("`{}` holds no configuration", target.display()));
    }
    Ok(target)
}

/// Where `terraform init` put what a call asks for.
fn fetched(
    files: &FileTree,
    call: &ModuleCall,
    path: &[Arc<str>],
    manifest: &Manifest,
    root: &Path,
) -> Result<PathBuf, String> {
    let source = call.source.as_deref().unwrap_or_default();
    let Some(fetched) = manifest.of(&path.join(".")) else {
        return Err(if source.is_empty() {
            "it names no source".to_owned()
        } else {
            "it is not a local folder, and `terraform init` has not fetched it here".to_owned()
        });
    };
    if let Some(objection) = fetched.objection(source, call.version.as_deref()) {
        return Err(objection);
    }
    let target = normalise(&root.join(fetched.folder()));
    if !files.is_folder(&target) {
        return Err(format!(
            "`terraform init` put it into `{}`, which is not there",
            target.display()
        ));
    }
    Ok(target)
}

/// Removes `.` and `name/..` from a path, without asking the file system.
fn normalise(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir
                if matches!(out.components().next_back(), Some(Component::Normal(_))) =>
            {
                out.pop();
            }
            other => out.push(other),
        }
    }
    if out.as_os_str().is_empty() {
        PathBuf::from(".")
    } else {
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the recordings cannot hold: Terraform 1.11.4 refuses each of these at `init`.
    #[test]
    fn settings_are_constants() {
        let refused = |text: &str| {
            let text = format!("terraform {{\n{text}\n}}\n");
            let files = BTreeMap::from([(PathBuf::from("main.tf"), text.into_bytes())]);
            let sources = Arc::new(Sources::default());
            let loader = Loader::in_memory(sources, files, PathBuf::from("shown"));
            !loader.load(Path::new(".")).module.problems.is_empty()
        };
        for wrong in [
            "required_version = \"the latest\"",
            "required_version = var.version",
            "backend \"local\" { path = \"${path.module}/x\" }",
            "backend \"local\" { path = lower(\"X\") }",
            "backend \"local\" { path = terraform.workspace }",
            "backend {}",
            "cloud \"x\" {}",
        ] {
            assert!(refused(wrong), "{wrong}");
        }
        for right in [
            "required_version = \">= 1.5, != 1.6.0, ~> 1.7-beta1\"",
            "backend \"local\" { path = \"x\" }",
            "backend \"s3\" {}",
            "cloud {\n organization = \"x\"\n workspaces {\n tags = [\"a\"]\n }\n }",
        ] {
            assert!(!refused(right), "{right}");
        }
    }
}
