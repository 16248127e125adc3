//! What git does with the files around a plan: tracked, ignored, or neither. Looked up when a rule asks, once a run.
//!
//! Nothing is asked of `git` itself. The rules that ignore files are read as git reads them; what is tracked is read
//! from the index.

mod artifact;
mod configuration;
mod ignored;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};

pub use artifact::{Artifact, ArtifactKind, Content};
use configuration::Configuration;
use ignored::Ignored;

/// The repositories that the files of a run lie in.
#[derive(Debug, Default)]
pub struct Repositories {
    /// Folders above which no repository is looked for.
    ceilings: Vec<PathBuf>,
    /// By the folder that `.git` lies in.
    known: Mutex<BTreeMap<PathBuf, Arc<Repository>>>,
    /// By the folder that was searched.
    artifacts: Mutex<BTreeMap<PathBuf, Arc<Vec<Artifact>>>>,
}

/// What git does with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It lies in no repository.
    Outside,
    /// It is committed, or will be with the next commit.
    Tracked,
    /// Neither tracked nor ignored: `git add .` takes it.
    Loose,
    /// Ignored and not tracked.
    Ignored,
    /// It is ignored, and whether it is tracked all the same cannot be told.
    Unclear(String),
}

impl Repositories {
    /// Looks no further up than git does: `GIT_CEILING_DIRECTORIES` is honoured.
    pub fn of_process() -> Self {
        let ceilings = std::env::var_os("GIT_CEILING_DIRECTORIES").unwrap_or_default();
        Self {
            ceilings: std::env::split_paths(&ceilings)
                .filter_map(|path| path.canonicalize().ok())
                .collect(),
            ..Self::default()
        }
    }

    /// What git does with a file. A link counts where it leads to: there the content is.
    pub fn standing(&self, path: &Path) -> Standing {
        let Ok(whole) = path.canonicalize() else {
            return Standing::Outside;
        };
        match self.repository_of(&whole) {
            Some(repository) => repository.standing(&whole),
            None => Standing::Outside,
        }
    }

    /// The path of a file in its repository, with `/` between its parts. None where it lies in none.
    pub fn name(&self, path: &Path) -> Option<Arc<str>> {
        let whole = path.canonicalize().ok()?;
        self.repository_of(&whole)?.name(&whole).map(Into::into)
    }

    fn repository_of(&self, whole: &Path) -> Option<Arc<Repository>> {
        self.repository_around(whole.parent()?)
    }

    /// The repository that a folder lies in, or is the top of.
    fn repository_around(&self, start: &Path) -> Option<Arc<Repository>> {
        let is_ceiling = |folder: &&Path| {
            *folder != start && self.ceilings.iter().any(|one| one.as_path() == *folder)
        };
        let top = start
            .ancestors()
            .take_while(|folder| !is_ceiling(folder))
            .find(|folder| is_repository(folder))?;
        let mut known = self
            .known
            .lock()
            .expect("no thread panics while it looks for a repository");
        let entry = known.entry(top.to_path_buf());
        Some(Arc::clone(
            entry.or_insert_with(|| Arc::new(Repository::at(top))),
        ))
    }
}

#[derive(Debug)]
struct Repository {
    top: PathBuf,
    /// Where the index is: another one in each worktree.
    git: PathBuf,
    configuration: Configuration,
    ignored: Mutex<Ignored>,
    index: OnceLock<Result<Option<gix_index::State>, String>>,
}

impl Repository {
    fn at(top: &Path) -> Self {
        let git = git_folder(top);
        let common = std::fs::read_to_string(git.join("commondir"));
        let common = common.map_or_else(|_| git.clone(), |text| git.join(text.trim()));
        let configuration = Configuration::of(top, &git, &common);
        Self {
            top: top.to_path_buf(),
            ignored: Mutex::new(Ignored::new(top, &common, &configuration)),
            git,
            configuration,
            index: OnceLock::new(),
        }
    }

    fn standing(&self, whole: &Path) -> Standing {
        let is_ignored = self.is_ignored(whole, ignored::What::File);
        match (self.tracks(whole), is_ignored) {
            (Ok(true), _) => Standing::Tracked,
            (_, false) => Standing::Loose,
            (Ok(false), true) => Standing::Ignored,
            (Err(reason), true) => Standing::Unclear(reason),
        }
    }

    fn is_ignored(&self, whole: &Path, what: ignored::What) -> bool {
        let mut ignored = self
            .ignored
            .lock()
            .expect("no thread panics while it reads rules");
        ignored.covers(whole, what)
    }

    fn name(&self, whole: &Path) -> Option<String> {
        let below = whole.strip_prefix(&self.top).ok()?;
        let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
        Some(parts.join("/"))
    }

    fn tracks(&self, whole: &Path) -> Result<bool, String> {
        let Some(name) = self.name(whole) else {
            return Ok(false);
        };
        match self.index.get_or_init(|| self.read_index()) {
            Ok(Some(index)) => Ok(index.entry_by_path(name.as_bytes().into()).is_some()),
            Ok(None) => Ok(false),
            Err(reason) => Err(reason.clone()),
        }
    }

    /// The files in a folder and below it that are in the index. None where it cannot be read.
    fn tracked_below(&self, folder: &Path) -> Vec<PathBuf> {
        let Ok(Some(index)) = self.index.get_or_init(|| self.read_index()) else {
            return Vec::new();
        };
        let mut prefix = self.name(folder).unwrap_or_default();
        if !prefix.is_empty() {
            prefix.push('/');
        }
        let entries = index.prefixed_entries(prefix.as_bytes().into());
        let paths = entries.unwrap_or_default().iter().map(|entry| {
            let path = entry.path(index).to_string();
            self.top.join(path)
        });
        paths.collect()
    }

    /// A repository without an index tracks nothing yet.
    fn read_index(&self) -> Result<Option<gix_index::State>, String> {
        let path = self.git.join("index");
        if !path.exists() {
            return Ok(None);
        }
        // Its checksum takes longer than the rest, and git checks it itself.
        let skip_hash = true;
        let file = gix_index::File::at(
            path,
            self.configuration.hash,
            skip_hash,
            gix_index::decode::Options::default(),
        );
        match file {
            Ok(file) => Ok(Some(file.into())),
            Err(error) => Err(format!("the index of git cannot be read: {error}")),
        }
    }
}

fn is_repository(folder: &Path) -> bool {
    let git = folder.join(".git");
    git.is_file() || git.join("HEAD").exists()
}

/// `.git` is a folder, or a file that names one: in worktrees and submodules.
fn git_folder(top: &Path) -> PathBuf {
    let git = top.join(".git");
    let text = std::fs::read_to_string(&git).unwrap_or_default();
    match text.trim().strip_prefix("gitdir:") {
        Some(folder) => top.join(folder.trim()),
        None => git,
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    fn git(folder: &Path, arguments: &[&str]) {
        let mut command = Command::new("git");
        command.args(arguments).current_dir(folder);
        command.env("GIT_CONFIG_GLOBAL", "/dev/null");
        assert!(command.output().expect("git runs").status.success());
    }

    fn write(folder: &Path, name: &str, text: &str) {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }

    #[test]
    fn files_are_tracked_ignored_or_neither() {
        for format in ["sha1", "sha256"] {
            let folder = tempfile::tempdir().expect("a folder");
            let top = folder.path();
            let formatted = format!("--object-format={format}");
            git(top, &["init", "-q", &formatted]);
            write(top, ".gitignore", "*.tfvars\n!env/shared.tfvars\n/build/\n");
            write(top, "env/.gitignore", "local.*\n");
            write(top, ".git/info/exclude", "mine.txt\n");
            for name in [
                "a.tfvars",
                "env/forced.tfvars",
                "env/shared.tfvars",
                "env/local.txt",
                "build/deep/x.txt",
                "mine.txt",
                "plain.txt",
                "é/ü.txt",
            ] {
                write(top, name, "");
            }
            let all = Repositories::default();
            assert_eq!(all.standing(&top.join("plain.txt")), Standing::Loose);
            git(top, &["add", "-f", "env/forced.tfvars", "é/ü.txt"]);
            let all = Repositories::default();
            let standing = |name: &str| all.standing(&top.join(name));
            assert_eq!(standing("a.tfvars"), Standing::Ignored);
            assert_eq!(standing("env/forced.tfvars"), Standing::Tracked);
            assert_eq!(standing("é/ü.txt"), Standing::Tracked);
            assert_eq!(standing("env/shared.tfvars"), Standing::Loose);
            assert_eq!(standing("env/local.txt"), Standing::Ignored);
            assert_eq!(standing("build/deep/x.txt"), Standing::Ignored);
            assert_eq!(standing("mine.txt"), Standing::Ignored);
            std::fs::write(top.join(".git/index"), "DIRC damaged").expect("a file");
            let all = Repositories::default();
            let unclear = all.standing(&top.join("a.tfvars"));
            assert!(matches!(unclear, Standing::Unclear(_)), "{unclear:?}");
            assert_eq!(all.standing(&top.join("plain.txt")), Standing::Loose);
        }
    }

    #[test]
    fn braces_are_letters() {
        let folder = tempfile::tempdir().expect("a folder");
        let top = folder.path();
        git(top, &["init", "-q"]);
        let patterns = "{prod,dev}.tfvars\n*.{tfvars,tfstate}\n\\{a}.txt\n{b}.txt\n[{c].txt\n";
        write(top, ".gitignore", patterns);
        let names = [
            "prod.tfvars",
            "a.tfstate",
            "a.txt",
            "{a}.txt",
            "{b}.txt",
            "{.txt",
            "c.txt",
        ];
        for name in names {
            write(top, name, "");
            let asked = Command::new("git")
                .args(["check-ignore", "-q", name])
                .current_dir(top)
                .status();
            let expected = match asked.expect("git runs").success() {
                true => Standing::Ignored,
                false => Standing::Loose,
            };
            assert_eq!(
                Repositories::default().standing(&top.join(name)),
                expected,
                "{name}"
            );
        }
    }

    #[test]
    fn the_settings_of_a_repository_are_followed() {
        let folder = tempfile::tempdir().expect("a folder");
        let top = folder.path();
        git(top, &["init", "-q"]);
        write(top, ".gitignore", "PROD.TFVARS\n");
        write(top, "lists/mine", "Notes.txt\n");
        write(
            top,
            ".git/included",
            "[core]\n\texcludesFile = \"lists/mine\" ; my own\n",
        );
        for name in ["prod.tfvars", "notes.txt", "Notes.txt", "plain.txt"] {
            write(top, name, "");
        }
        let standing = |name: &str| Repositories::default().standing(&top.join(name));
        assert_eq!(standing("prod.tfvars"), Standing::Loose);
        assert_eq!(standing("Notes.txt"), Standing::Loose);
        git(top, &["config", "include.path", "included"]);
        assert_eq!(standing("Notes.txt"), Standing::Ignored);
        assert_eq!(standing("notes.txt"), Standing::Loose);
        git(top, &["config", "core.ignoreCase", "true"]);
        assert_eq!(standing("prod.tfvars"), Standing::Ignored);
        assert_eq!(standing("notes.txt"), Standing::Ignored);
        assert_eq!(standing("plain.txt"), Standing::Loose);
        git(
            top,
            &["config", "--file", ".git/included", "core.excludesFile", ""],
        );
        assert_eq!(standing("Notes.txt"), Standing::Loose);
        std::fs::write(top.join(".git/config"), "[core\n").expect("a file");
        assert_eq!(standing("plain.txt"), Standing::Loose);
    }

    #[test]
    fn a_worktree_has_an_index_of_its_own() {
        let folder = tempfile::tempdir().expect("a folder");
        let top = folder.path().join("main");
        write(&top, "a.txt", "");
        git(&top, &["init", "-q"]);
        let who = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
        git(&top, &["add", "a.txt"]);
        git(&top, &[&who[..], &["commit", "-qm", "a"]].concat());
        git(&top, &["worktree", "add", "-q", "../other"]);
        write(&top, ".git/info/exclude", "*.txt\n");
        let other = folder.path().join("other");
        write(&other, "b.txt", "");
        write(&top, "b.txt", "");
        git(&top, &["add", "-f", "b.txt"]);
        let all = Repositories::default();
        assert_eq!(all.standing(&other.join("a.txt")), Standing::Tracked);
        assert_eq!(all.standing(&other.join("b.txt")), Standing::Ignored);
        assert_eq!(all.standing(&top.join("b.txt")), Standing::Tracked);
    }

    #[test]
    fn no_repository_is_looked_for_above_a_ceiling() {
        let folder = tempfile::tempdir().expect("a folder");
        write(folder.path(), "in/deep/a.txt", "");
        git(folder.path(), &["init", "-q"]);
        let path = folder.path().join("in/deep/a.txt");
        assert_eq!(Repositories::default().standing(&path), Standing::Loose);
        let below = Repositories {
            ceilings: vec![folder.path().join("in").canonicalize().expect("there")],
            ..Repositories::default()
        };
        assert_eq!(below.standing(&path), Standing::Outside);
    }
}
