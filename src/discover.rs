//! From the paths that were named to what is checked: root modules with their inputs, and plans.

use std::ffi::OsStr;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use walkdir::WalkDir;

use crate::config::{Child, Config, Loader, has_configuration};
use crate::error::Error;
use crate::plan;
use crate::plan::detect::{self, Kind};
use crate::settings::{EnvironmentBlock, Settings, SettingsFiles, is_automatic, upwards};
use crate::source::{Fidelity, SharedText, Sources, decode_telling};
use crate::syntax;

/// Something to check, for one environment.
#[derive(Clone, Debug)]
pub enum Target {
    /// A root module with the variables files that make it an environment, or with none.
    Root {
        /// Its folder.
        folder: PathBuf,
        /// The variables files, the later ones winning.
        var_files: Vec<PathBuf>,
        /// The block of `tfguard.hcl` that says so.
        environment: Option<Arc<EnvironmentBlock>>,
    },
    /// A plan or state.
    Evidence {
        /// Where it came from; `-` for standard input.
        path: PathBuf,
        /// What it holds.
        content: Content,
    },
}

/// A plan or state, read once.
#[derive(Clone, Debug)]
pub enum Content {
    /// JSON, and what it looks like.
    Text(SharedText, Kind),
    /// A binary plan.
    Binary(Arc<[u8]>),
}

/// What was found, and what could not be looked at.
#[derive(Debug, Default)]
pub struct Targets {
    /// In the order in which they were named, each once.
    pub targets: Vec<Target>,
    /// What is wrong with the others.
    pub errors: Vec<Error>,
}

/// So much of standard input is looked at first.
const BEGINNING_BYTES: u64 = 4096;

/// Larger evidence is refused, in bytes.
const MAX_EVIDENCE_BYTES: u64 = 1 << 30;

/// Block types that only a configuration has.
const CONFIGURATION_BLOCKS: [&str; 13] = [
    "check",
    "data",
    "ephemeral",
    "import",
    "locals",
    "module",
    "moved",
    "output",
    "provider",
    "removed",
    "resource",
    "terraform",
    "variable",
];

/// How things are found.
#[derive(Clone, Copy)]
pub struct Search<'a> {
    /// Reads modules.
    pub loader: &'a Loader,
    /// Reads settings.
    pub settings: &'a SettingsFiles,
    /// Whether variables files are given on the command line.
    pub variables: Variables,
    /// Only the environment of that name, of those that `tfguard.hcl` names.
    pub environment: Option<&'a str>,
}

/// Whether variables files are given on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variables {
    /// They are: only these are read, as Terraform would.
    Given,
    /// They are not: a root stands for each of its environments.
    Found,
}

/// Finds what the paths stand for; without any, the environments of `tfguard.hcl`, or else the roots below the current
/// folder.
///
/// A root that is reached otherwise than by a variables file stands for each of its environments: those of
/// `tfguard.hcl`, and one for each variables file that none of these names.
pub fn discover(paths: &[PathBuf], search: Search<'_>) -> Targets {
    let Search {
        loader,
        settings,
        variables,
        environment,
    } = search;
    let mut found = Discovery {
        loader,
        settings,
        environment,
        out: Targets::default(),
        roots: Vec::new(),
    };
    let here = [PathBuf::from(".")];
    if paths.is_empty()
        && variables == Variables::Found
        && let Some(settings) = settings.of(&here[0])
        && !settings.environments.is_empty()
    {
        found.environments(&settings, environment);
        return found.out;
    }
    for path in if paths.is_empty() { &here } else { paths } {
        if let Err(error) = found.path(path) {
            found.out.errors.push(error);
        }
    }
    found.expand_roots(variables);
    found.out
}

/// The variables files of a root that Terraform does not load by itself: one an environment. They lie in the root's
/// folder, or below it where no configuration is.
pub fn environment_files(root: &Path) -> Vec<PathBuf> {
    let walk = WalkDir::new(root)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| {
            let is_folder_below = entry.depth() > 0 && entry.file_type().is_dir();
            !is_folder_below || (!is_skipped(entry.file_name()) && !has_configuration(entry.path()))
        });
    let is_environment = |entry: &walkdir::DirEntry| {
        let name = entry.file_name().to_string_lossy().to_lowercase();
        // Terraform loads those beside the configuration only.
        let is_loaded = entry.depth() == 1 && is_automatic(&name);
        let stem = name
            .strip_suffix(".tfvars")
            .or_else(|| name.strip_suffix(".tfvars.json"));
        // Settings of a backend are often given the same ending.
        entry.file_type().is_file()
            && stem.is_some_and(|stem| !is_loaded && !stem.contains("backend"))
    };
    walk.flatten()
        .filter(is_environment)
        .map(walkdir::DirEntry::into_path)
        .collect()
}

struct Discovery<'a> {
    loader: &'a Loader,
    settings: &'a SettingsFiles,
    environment: Option<&'a str>,
    out: Targets,
    /// Roots that were reached by a folder or a `.tf` file: they are checked for all of their environments.
    roots: Vec<PathBuf>,
}

/// Which environments were kept.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kept {
    Named,
    All,
}

/// What a text is, as far as its content tells.
enum Text {
    Variables,
    Configuration,
    Neither,
}

impl Discovery<'_> {
    fn path(&mut self, path: &Path) -> Result<(), Error> {
        if path == Path::new("-") {
            let mut bytes = Vec::new();
            let mut input = std::io::stdin().lock().take(MAX_EVIDENCE_BYTES + 1);
            // `/dev/zero` never ends: its beginning is enough to know it.
            let mut begin = input.by_ref().take(BEGINNING_BYTES);
            begin
                .read_to_end(&mut bytes)
                .map_err(|error| unreadable(path, &error))?;
            if bytes.len() as u64 == BEGINNING_BYTES && bytes.iter().all(|byte| *byte == 0) {
                return Err(Error::NotEvidence {
                    path: path.to_path_buf(),
                    what: "nothing but zero bytes".to_owned(),
                    help: None,
                });
            }
            input
                .read_to_end(&mut bytes)
                .map_err(|error| unreadable(path, &error))?;
            return self.content(path, bytes);
        }
        let meta = std::fs::metadata(path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Error::NotFound {
                path: path.to_path_buf(),
                near: near(path),
            },
            _ => unreadable(path, &error),
        })?;
        if meta.is_dir() {
            return self.folder(path);
        }
        if !meta.is_file() {
            return Err(Error::NotEvidence {
                path: path.to_path_buf(),
                what: "neither a file nor a folder".to_owned(),
                help: Some("a pipe is read as standard input: `tfguard check -`".to_owned()),
            });
        }
        if meta.len() > MAX_EVIDENCE_BYTES {
            return Err(too_large(path));
        }
        let bytes = std::fs::read(path).map_err(|error| unreadable(path, &error))?;
        self.content(path, bytes)
    }

    /// The kind of a file is found by what is in it. Its name only decides where the content cannot: JSON variables
    /// look like any other JSON, and an empty file like any other empty file.
    fn content(&mut self, path: &Path, bytes: Vec<u8>) -> Result<(), Error> {
        if bytes.len() as u64 > MAX_EVIDENCE_BYTES {
            return Err(too_large(path));
        }
        if bytes.starts_with(b"PK") {
            self.evidence(path, Content::Binary(bytes.into()));
            return Ok(());
        }
        let (text, fidelity) = decode_telling(bytes);
        let text = SharedText::from(text);
        let kind = detect::detect_text(&text);
        match (kind, text_kind(path, &text, kind)) {
            (Kind::PlanJson | Kind::State | Kind::StateJson | Kind::EncryptedState, _)
            | (_, None) => {
                if fidelity == Fidelity::Damaged && is_damaged(&text) {
                    self.out.errors.push(Error::Unreadable {
                        path: path.to_path_buf(),
                        reason: "some of its bytes are no text in UTF-8 or UTF-16".to_owned(),
                    });
                }
                self.evidence(path, Content::Text(text, kind));
                Ok(())
            }
            (_, Some(Text::Variables)) => self.variables_file(path),
            (_, Some(Text::Configuration)) => self.configuration_file(path),
            (_, Some(Text::Neither)) => Err(Error::NotEvidence {
                path: path.to_path_buf(),
                what: "neither a Terraform configuration nor variables, a plan or a state"
                    .to_owned(),
                help: Some("`terraform show -json tf.plan` prints a plan as JSON".to_owned()),
            }),
        }
    }

    fn evidence(&mut self, path: &Path, content: Content) {
        self.out.targets.push(Target::Evidence {
            path: path.to_path_buf(),
            content,
        });
    }

    fn variables_file(&mut self, path: &Path) -> Result<(), Error> {
        let folder = folder_of(path);
        let whole = std::path::absolute(&folder).map_err(|error| unreadable(path, &error))?;
        for (up, ancestor) in whole.ancestors().enumerate() {
            if has_configuration(ancestor) {
                let root = upwards(&folder, up, ancestor);
                let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
                if up == 0 && is_automatic(name) {
                    self.roots.push(root);
                } else {
                    self.variables_of(root, path);
                }
                return Ok(());
            }
            // A repository's edge is as far as a root module can be.
            if ancestor.join(".git").exists() {
                break;
            }
        }
        Err(Error::NoRoot {
            path: path.to_path_buf(),
        })
    }

    /// A `.tf` file stands for every root that uses its module.
    fn configuration_file(&mut self, path: &Path) -> Result<(), Error> {
        let folder = folder_of(path);
        let module = folder
            .canonicalize()
            .map_err(|error| unreadable(path, &error))?;
        let repository = module
            .ancestors()
            .find(|ancestor| ancestor.join(".git").exists());
        let current = std::env::current_dir().and_then(|current| current.canonicalize());
        let within = match (repository, current) {
            (Some(repository), _) => {
                let up = module.components().count() - repository.components().count();
                upwards(&folder, up, repository)
            }
            (None, Ok(current)) if module.starts_with(&current) => PathBuf::from("."),
            (None, _) => folder.clone(),
        };
        let mut users = self.roots_below(&within);
        users.retain(|root| uses(&self.loader.load(root), &module));
        if users.is_empty() {
            users.push(folder);
        }
        self.roots.extend(users);
        Ok(())
    }

    fn folder(&mut self, folder: &Path) -> Result<(), Error> {
        std::fs::read_dir(folder).map_err(|error| unreadable(folder, &error))?;
        if has_configuration(folder) {
            self.roots.push(folder.to_path_buf());
            return Ok(());
        }
        let roots = self.roots_below(folder);
        if roots.is_empty() {
            return Err(Error::NoConfiguration {
                path: folder.to_path_buf(),
            });
        }
        self.roots.extend(roots);
        Ok(())
    }

    /// Folders with configuration that no other one calls.
    fn roots_below(&mut self, folder: &Path) -> Vec<PathBuf> {
        let candidates = self.configuration_folders(folder);
        let mut called = Vec::new();
        for candidate in &candidates {
            let config = self.loader.load(candidate);
            for child in config.children.values() {
                if let Child::Read(child) = child {
                    called.extend(child.module.folder.canonicalize());
                }
            }
        }
        let is_called = |folder: &Path| {
            folder
                .canonicalize()
                .is_ok_and(|whole| called.contains(&whole))
        };
        candidates
            .into_iter()
            .filter(|candidate| !is_called(candidate))
            .collect()
    }

    fn configuration_folders(&mut self, folder: &Path) -> Vec<PathBuf> {
        let walk = WalkDir::new(folder)
            .sort_by_file_name()
            .into_iter()
            .filter_entry(|entry| {
                entry.depth() == 0 || !(entry.file_type().is_dir() && is_skipped(entry.file_name()))
            });
        let mut folders = Vec::new();
        for entry in walk {
            match entry {
                Ok(entry) if entry.file_type().is_dir() && has_configuration(entry.path()) => {
                    folders.push(tidy(entry.path()));
                }
                Ok(_) => {}
                Err(error) => {
                    let path = error.path().unwrap_or(folder).to_path_buf();
                    let reason = error
                        .io_error()
                        .map_or_else(|| "a loop of links".to_owned(), ToString::to_string);
                    self.out.errors.push(Error::Unreadable { path, reason });
                }
            }
        }
        folders
    }

    /// The environments that a settings file names.
    fn environments(&mut self, settings: &Settings, named: Option<&str>) {
        let is_meant = |one: &&Arc<EnvironmentBlock>| named.is_none_or(|name| *one.name == *name);
        let meant: Vec<_> = settings.environments.iter().filter(is_meant).collect();
        if let (true, Some(name)) = (meant.is_empty(), named) {
            let known: Vec<&str> = settings.environments.iter().map(|one| &*one.name).collect();
            let near = crate::config::nearest(name, &known);
            self.out.errors.push(Error::UnknownEnvironment {
                name: name.to_owned(),
                file: settings.path.clone(),
                near: near.map(|near| format!("did you mean `{near}`?")),
            });
        }
        for block in meant {
            self.add_environment(block);
        }
    }

    /// A variables file stands for the environments of `tfguard.hcl` that read it, or else makes one by itself.
    fn variables_of(&mut self, root: PathBuf, path: &Path) {
        let settings = self.settings.of(&root);
        let blocks = settings
            .iter()
            .flat_map(|settings| settings.environments_of(&root));
        let mut reading: Vec<Arc<EnvironmentBlock>> = blocks
            .filter(|block| block.var_files.iter().any(|file| same(file, path)))
            .cloned()
            .collect();
        self.keep_named(&mut reading);
        if reading.is_empty() {
            self.add_root(root, vec![path.to_path_buf()], None);
        }
        for block in &reading {
            self.add_environment(block);
        }
    }

    /// Where one of them is named on the command line, the others are not meant.
    fn keep_named(&self, blocks: &mut Vec<Arc<EnvironmentBlock>>) -> Kept {
        let is_named = |one: &Arc<EnvironmentBlock>| self.environment == Some(&*one.name);
        if blocks.iter().any(is_named) {
            blocks.retain(is_named);
            return Kept::Named;
        }
        Kept::All
    }

    fn add_environment(&mut self, block: &Arc<EnvironmentBlock>) {
        self.add_root(
            block.root.clone(),
            block.var_files.clone(),
            Some(Arc::clone(block)),
        );
    }

    fn add_root(
        &mut self,
        folder: PathBuf,
        var_files: Vec<PathBuf>,
        environment: Option<Arc<EnvironmentBlock>>,
    ) {
        let is_known = |target: &Target| match target {
            Target::Root {
                folder: known,
                var_files: files,
                environment: block,
            } => {
                let named = |block: &Option<Arc<EnvironmentBlock>>| {
                    block.as_ref().map(|block| Arc::clone(&block.name))
                };
                same(known, &folder)
                    && files.len() == var_files.len()
                    && files.iter().zip(&var_files).all(|(a, b)| same(a, b))
                    && named(block) == named(&environment)
            }
            Target::Evidence { .. } => false,
        };
        if !self.out.targets.iter().any(is_known) {
            self.out.targets.push(Target::Root {
                folder,
                var_files,
                environment,
            });
        }
    }

    /// A root without a named variables file is checked for each of its environments.
    fn expand_roots(&mut self, variables: Variables) {
        for folder in std::mem::take(&mut self.roots) {
            if variables == Variables::Given {
                self.add_root(folder, Vec::new(), None);
                continue;
            }
            let settings = self.settings.of(&folder);
            let blocks = settings
                .iter()
                .flat_map(|settings| settings.environments_of(&folder));
            let mut blocks: Vec<Arc<EnvironmentBlock>> = blocks.cloned().collect();
            if self.keep_named(&mut blocks) == Kept::Named {
                for block in &blocks {
                    self.add_environment(block);
                }
                continue;
            }
            let named = |file: &PathBuf| {
                let mut all = blocks.iter().flat_map(|block| &block.var_files);
                all.any(|one| same(one, file))
            };
            let mut files = environment_files(&folder);
            files.retain(|file| !named(file));
            if blocks.is_empty() && files.is_empty() {
                self.add_root(folder, Vec::new(), None);
                continue;
            }
            for block in &blocks {
                self.add_environment(block);
            }
            for file in files {
                let file = file
                    .strip_prefix("./")
                    .map(Path::to_path_buf)
                    .unwrap_or(file);
                self.add_root(folder.clone(), vec![file], None);
            }
        }
    }
}

/// Whether a byte that is no text stands in the evidence itself. What a wrapper printed before it may be in any encoding.
fn is_damaged(text: &str) -> bool {
    let start = plan::json::start(text).unwrap_or_default();
    text[start..].contains(char::REPLACEMENT_CHARACTER)
}

/// What HCL or JSON that is no evidence is; `None` where only the reader of plans can say what is wrong with it.
fn text_kind(path: &Path, text: &str, kind: Kind) -> Option<Text> {
    let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
    let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    if path == Path::new("-") {
        return None;
    }
    match kind {
        Kind::Text | Kind::Empty if ends(&[".tf", ".tofu"]) => Some(Text::Configuration),
        Kind::Text => {
            let source = Sources::default().add(PathBuf::new(), text);
            let body = syntax::parse(source, text).body;
            let is_configuration = body
                .blocks
                .iter()
                .any(|block| CONFIGURATION_BLOCKS.contains(&&*block.kind.name));
            Some(if is_configuration {
                Text::Configuration
            } else if !body.attributes.is_empty() || ends(&[".tfvars"]) {
                Text::Variables
            } else {
                Text::Neither
            })
        }
        Kind::Empty if ends(&[".tfvars"]) => Some(Text::Variables),
        Kind::Foreign(_) | Kind::BrokenJson if ends(&[".tf.json", ".tofu.json"]) => {
            Some(Text::Configuration)
        }
        Kind::Foreign(_) | Kind::BrokenJson if ends(&[".tfvars.json"]) => Some(Text::Variables),
        _ => None,
    }
}

fn uses(config: &Config, module: &Path) -> bool {
    let folders = config
        .modules()
        .into_iter()
        .map(|(_, config)| config.module.folder.canonicalize());
    folders
        .into_iter()
        .any(|folder| folder.is_ok_and(|folder| folder == module))
}

fn same(left: &Path, right: &Path) -> bool {
    left == right
        || matches!((left.canonicalize(), right.canonicalize()), (Ok(left), Ok(right)) if left == right)
}

fn is_skipped(name: &OsStr) -> bool {
    let is_hidden = name
        .to_str()
        .is_some_and(|name| name.starts_with('.') && name.len() > 1);
    is_hidden || name == "node_modules" || name == "target"
}

/// The folder of a file, which may be the current one.
fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
        _ => PathBuf::from("."),
    }
}

/// The same folder, written from the current one where it lies below that.
fn tidy(folder: &Path) -> PathBuf {
    let current = std::env::current_dir().and_then(|current| current.canonicalize());
    match (folder.canonicalize(), current) {
        (Ok(whole), Ok(current)) => match whole.strip_prefix(&current) {
            Ok(below) if below.as_os_str().is_empty() => PathBuf::from("."),
            Ok(below) => below.to_path_buf(),
            Err(_) => folder.to_path_buf(),
        },
        _ => folder.to_path_buf(),
    }
}

fn near(path: &Path) -> Option<String> {
    let folder = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let wanted = path.file_name()?.to_str()?;
    let entries = std::fs::read_dir(folder.unwrap_or(Path::new(".")))
        .ok()?
        .flatten();
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.file_name().to_str().map(str::to_owned))
        .collect();
    names.sort();
    let known: Vec<&str> = names.iter().map(String::as_str).collect();
    let near = crate::config::nearest(wanted, &known)?;
    Some(format!(
        "did you mean `{}`?",
        path.with_file_name(near).display()
    ))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Error {
    Error::Unreadable {
        path: path.to_path_buf(),
        reason: error.to_string(),
    }
}

fn too_large(path: &Path) -> Error {
    let reason = format!("larger than the limit of {} GiB", MAX_EVIDENCE_BYTES >> 30);
    Error::Unreadable {
        path: path.to_path_buf(),
        reason,
    }
}
