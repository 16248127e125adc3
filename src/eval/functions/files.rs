//! What functions may read: files, through a door that somebody else guards.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The files that functions may see. Paths are absolute or relative to the folder of the process, never to a module.
pub trait Files {
    /// What is at a path, links followed.
    fn kind(&self, path: &Path) -> Result<FileKind, FileError>;

    /// The whole content.
    fn read(&self, path: &Path) -> Result<Arc<[u8]>, FileError>;

    /// The names in a folder, sorted. Names that are not Unicode are left out.
    fn list(&self, path: &Path) -> Result<Vec<String>, FileError>;
}

/// What is at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A device, a pipe, a socket.
    Special,
}

/// Why a file cannot be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileError {
    /// There is none: Terraform would say so too.
    Missing,
    /// It is a folder: Terraform would refuse it too.
    IsFolder,
    /// It may be there for Terraform; here it is out of reach. The result of the call is unknown then.
    Withheld {
        /// Why: outside of the repository, too large, not carried by the plan.
        reason: Arc<str>,
    },
}

impl FileError {
    /// Out of reach, for a reason.
    pub fn withheld(reason: impl Into<Arc<str>>) -> Self {
        Self::Withheld {
            reason: reason.into(),
        }
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("there is no such file"),
            Self::IsFolder => f.write_str("it is a folder"),
            Self::Withheld { reason } => f.write_str(reason),
        }
    }
}

impl std::error::Error for FileError {}

/// Files on disk below one folder; links that lead out of it are not followed.
#[derive(Clone, Debug)]
pub struct ConfinedFiles {
    root: PathBuf,
}

impl ConfinedFiles {
    /// Larger files are withheld.
    pub const LARGEST: u64 = 64 << 20;
    /// Folders with more entries are withheld.
    pub const MOST_ENTRIES: usize = 100_000;

    /// Everything below a folder that exists.
    pub fn below(root: &Path) -> io::Result<Self> {
        Ok(Self {
            root: root.canonicalize()?,
        })
    }

    fn resolve(&self, path: &Path) -> Result<PathBuf, FileError> {
        let real = match path.canonicalize() {
            Err(error) if self.has(path) => return Err(from_io(&error)),
            real => real.ok(),
        };
        let within = real.filter(|real| real.starts_with(&self.root));
        within.ok_or_else(|| FileError::withheld("it is outside of the repository"))
    }

    /// Whether a path that leads nowhere would lead into the folder: elsewhere other machines have other files.
    fn has(&self, path: &Path) -> bool {
        let mut above = path.ancestors().skip(1);
        let existing = above.find_map(|folder| folder.canonicalize().ok());
        existing.is_none_or(|folder| folder.starts_with(&self.root))
    }
}

impl Files for ConfinedFiles {
    fn kind(&self, path: &Path) -> Result<FileKind, FileError> {
        let about = self
            .resolve(path)?
            .metadata()
            .map_err(|error| from_io(&error))?;
        Ok(match about.file_type() {
            kind if kind.is_file() => FileKind::File,
            kind if kind.is_dir() => FileKind::Folder,
            _ => FileKind::Special,
        })
    }

    fn read(&self, path: &Path) -> Result<Arc<[u8]>, FileError> {
        let real = self.resolve(path)?;
        let about = real.metadata().map_err(|error| from_io(&error))?;
        if about.is_dir() {
            return Err(FileError::IsFolder);
        }
        if !about.is_file() {
            return Err(FileError::withheld("it is not a regular file"));
        }
        if about.len() > Self::LARGEST {
            let reason = format!("it is larger than {} MiB", Self::LARGEST >> 20);
            return Err(FileError::withheld(reason));
        }
        std::fs::read(&real)
            .map(Arc::from)
            .map_err(|error| from_io(&error))
    }

    fn list(&self, path: &Path) -> Result<Vec<String>, FileError> {
        let entries = self
            .resolve(path)?
            .read_dir()
            .map_err(|error| from_io(&error))?;
        let mut names: Vec<String> = entries
            .take(Self::MOST_ENTRIES + 1)
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .collect();
        if names.len() > Self::MOST_ENTRIES {
            return Err(FileError::withheld("it has too many entries"));
        }
        names.sort_unstable();
        Ok(names)
    }
}

fn from_io(error: &io::Error) -> FileError {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => FileError::Missing,
        io::ErrorKind::IsADirectory => FileError::IsFolder,
        _ => FileError::withheld(error.to_string()),
    }
}
