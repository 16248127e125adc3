//! Plans, states and crash logs that lie about: files that Terraform writes and nobody should commit.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io::{Read as _, Seek as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use walkdir::{DirEntry, WalkDir};

use super::{Repositories, Standing, ignored};
use crate::plan::detect::{self, Kind};
use crate::secret::Names;

/// So many folders below the one that is searched.
const DEPTH: usize = 5;

/// The beginning of a plan tells that it is one.
const BEGINNING: u64 = 64 << 10;

/// Of a larger file that does not begin as a plan the name tells.
const MAX_BYTES: u64 = 64 << 20;

/// What states are called.
const STATE_NAME: &str = ".tfstate";

/// What Terraform writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArtifactKind {
    /// `terraform plan -out`, or its JSON.
    Plan,
    /// A state, or its JSON.
    State,
    /// What Terraform leaves behind when it panics.
    CrashLog,
}

impl ArtifactKind {
    /// As messages name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Plan => "a plan",
            Self::State => "a state",
            Self::CrashLog => "a crash log",
        }
    }
}

/// How much of a file tells what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// All of it.
    Whole,
    /// It is cut off or damaged: its name and its beginning tell.
    Damaged,
}

/// Such a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// Its path in the repository, with `/` between its parts.
    pub name: Arc<str>,
    /// What it holds.
    pub kind: ArtifactKind,
    /// Whether that was seen.
    pub content: Content,
    /// What git does with it.
    pub standing: Standing,
}

impl Repositories {
    /// The plans, states and crash logs in a folder of a repository, below it, and in the folders that it lies in, by
    /// path. Names choose the files, and what is in them decides. Of hidden and ignored folders, and of those far below,
    /// only tracked files count. None where the folder lies in no repository.
    pub fn artifacts(&self, folder: &Path, names: &[&str]) -> Option<Arc<Vec<Artifact>>> {
        let folder = folder.canonicalize().ok()?;
        let repository = self.repository_around(&folder)?;
        let mut known = self
            .artifacts
            .lock()
            .expect("no thread panics while it looks for artifacts");
        if let Some(found) = known.get(&folder) {
            return Some(Arc::clone(found));
        }
        let names = Names::new(names.iter().copied());
        let mut paths = self.search(&folder, DEPTH, &names);
        let above = folder.ancestors().skip(1);
        for around in above.take_while(|around| around.starts_with(&repository.top)) {
            paths.extend(self.search(around, 1, &names));
        }
        let tracked = repository.tracked_below(&folder).into_iter();
        paths.extend(tracked.filter(|path| is_named(path, &names)));
        let mut found: Vec<Artifact> = paths
            .iter()
            .filter_map(|path| self.artifact(path))
            .collect();
        found.sort_by(|left, right| left.name.cmp(&right.name));
        let found = Arc::new(found);
        known.insert(folder, Arc::clone(&found));
        Some(found)
    }

    fn search(&self, folder: &Path, depth: usize, names: &Names) -> BTreeSet<PathBuf> {
        let walk = WalkDir::new(folder)
            .max_depth(depth)
            .into_iter()
            .filter_entry(|entry| entry.depth() == 0 || self.is_searched(entry));
        let files = walk.flatten().filter(|entry| !entry.file_type().is_dir());
        let paths = files.map(DirEntry::into_path);
        paths.filter(|path| is_named(path, names)).collect()
    }

    fn artifact(&self, path: &Path) -> Option<Artifact> {
        let (kind, content) = kind_of(path)?;
        Some(Artifact {
            name: self.name(path)?,
            kind,
            content,
            standing: self.standing(path),
        })
    }

    fn is_searched(&self, entry: &DirEntry) -> bool {
        if !entry.file_type().is_dir() {
            return true;
        }
        let name = entry.file_name().to_string_lossy();
        !name.starts_with('.') && name != "node_modules" && !self.ignores_folder(entry.path())
    }

    fn ignores_folder(&self, folder: &Path) -> bool {
        let repository = self.repository_of(folder);
        repository.is_some_and(|one| one.is_ignored(folder, ignored::What::Folder))
    }
}

fn is_named(path: &Path, names: &Names) -> bool {
    let name = path.file_name().unwrap_or_default();
    names.matches(&name.to_string_lossy())
}

/// What a file is by its content; a name alone makes none, unless the content is damaged.
fn kind_of(path: &Path) -> Option<(ArtifactKind, Content)> {
    let name = path.file_name().and_then(OsStr::to_str)?;
    let about = path.metadata().ok()?;
    if about.len() == 0 || !about.is_file() {
        return None;
    }
    let mut file = std::fs::File::open(path).ok()?;
    let mut bytes = Vec::new();
    (&file).take(BEGINNING).read_to_end(&mut bytes).ok()?;
    if bytes.starts_with(b"PK\x03\x04") {
        file.rewind().ok()?;
        return of_archive(file, &bytes);
    }
    if name.starts_with("crash.") {
        let is_log = path.extension().is_some_and(|ending| ending == "log");
        return is_log.then_some((ArtifactKind::CrashLog, Content::Whole));
    }
    if about.len() > BEGINNING && detect::detect(&bytes) != Kind::PlanJson {
        if about.len() > MAX_BYTES {
            let is_state = name.contains(STATE_NAME);
            return is_state.then_some((ArtifactKind::State, Content::Whole));
        }
        file.read_to_end(&mut bytes).ok()?;
    }
    let whole = |kind| Some((kind, Content::Whole));
    match detect::detect(&bytes) {
        Kind::PlanJson | Kind::OldBinaryPlan => whole(ArtifactKind::Plan),
        Kind::State | Kind::StateJson => whole(ArtifactKind::State),
        Kind::BrokenJson => of_damaged(name, &bytes).map(|kind| (kind, Content::Damaged)),
        _ => None,
    }
}

/// A zip is a plan if it holds one. Of one that is cut off the table of contents is missing, which stands at its end; the
/// name of the first file stands at the beginning.
fn of_archive(file: std::fs::File, beginning: &[u8]) -> Option<(ArtifactKind, Content)> {
    const FIRST_NAME: std::ops::Range<usize> = 30..36;
    match zip::ZipArchive::new(file) {
        Ok(archive) => {
            let plan = archive.index_for_name("tfplan");
            plan.map(|_| (ArtifactKind::Plan, Content::Whole))
        }
        Err(_) => (beginning.get(FIRST_NAME) == Some(b"tfplan"))
            .then_some((ArtifactKind::Plan, Content::Damaged)),
    }
}

/// JSON that does not end: Terraform writes its version near the beginning of a state and of a plan.
fn of_damaged(name: &str, bytes: &[u8]) -> Option<ArtifactKind> {
    let says_version = memchr::memmem::find(bytes, b"\"terraform_version\"").is_some();
    if name.contains(STATE_NAME) {
        Some(ArtifactKind::State)
    } else {
        says_version.then_some(ArtifactKind::Plan)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_decides_what_a_file_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(&path, text).expect("a file");
        };
        let state = r#"{"version": 4, "serial": 1, "lineage": "x", "resources": []}"#;
        write("terraform.tfstate", state);
        write("empty.tfstate", "");
        write("cut.tfstate", &state[..40]);
        write(
            "cut/plan.json",
            r#"{"format_version": "1.2", "terraform_version": "1.11.4", "var"#,
        );
        write("cut/floorplan.json", r#"{"rooms": [3"#);
        write("cut/tfplan", "PK\u{3}\u{4}0123456789012345678901234tfplan");
        write(
            "cut/drawings.tfplan",
            "PK\u{3}\u{4}0123456789012345678901234drawings",
        );
        write("notes.tfstate", "where is it?");
        write("other.txt", state);
        write("crash.log", "panic: runtime error");
        write(
            "deep/er/plan.json",
            r#"{"format_version": "1.2", "planned_values": {}}"#,
        );
        write("deep/floorplan.json", r#"{"rooms": 3}"#);
        write(".terraform/terraform.tfstate", state);
        write("side/main.tf", "");
        let names = ["*.tfstate", "*plan.json", "crash.log"];
        assert_eq!(
            Repositories::default().artifacts(folder.path(), &names),
            None
        );
        write(".git/HEAD", "ref: refs/heads/main");
        let found = |below: &str| -> Vec<(String, ArtifactKind)> {
            let found = Repositories::default().artifacts(&folder.path().join(below), &names);
            let found = found.expect("a repository");
            let facts = found.iter().map(|one| (one.name.to_string(), one.kind));
            facts.collect()
        };
        let crash = ("crash.log".to_owned(), ArtifactKind::CrashLog);
        let plan = ("deep/er/plan.json".to_owned(), ArtifactKind::Plan);
        let state = ("terraform.tfstate".to_owned(), ArtifactKind::State);
        let cut = ("cut.tfstate".to_owned(), ArtifactKind::State);
        let cut_plan = ("cut/plan.json".to_owned(), ArtifactKind::Plan);
        assert_eq!(
            found(""),
            [&crash, &cut, &cut_plan, &plan, &state].map(Clone::clone)
        );
        // What lies in a folder around is found as well, and what lies below that is not.
        assert_eq!(
            found("deep/er"),
            [&crash, &cut, &plan, &state].map(Clone::clone)
        );
        assert_eq!(found("side"), [crash, cut, state]);
    }
}
