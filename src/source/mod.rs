//! Files read once: their text, where they came from, and how an offset becomes a line and a column.
//!
//! A [`Sources`] only grows and can be shared between threads, so that a module used by many roots is read once.
//! What a file means is not decided here.

mod encoding;
mod module_list;
mod shared_text;

use std::fmt;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock, RwLock};

use encoding::Syntax;
pub use encoding::{Fidelity, decode, decode_telling};
pub use module_list::{ListedModule, ModuleList};
pub use shared_text::SharedText;

/// One file among [`Sources`]: an index that stays valid as long as they live.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct SourceId(u32);

/// A stretch of a source's decoded text, in bytes; `start..end`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Span {
    /// The file.
    pub source: SourceId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The smallest span that holds both; both must lie in one file.
    pub fn to(self, other: Span) -> Span {
        debug_assert_eq!(self.source, other.source, "a span lies in one file");
        Span {
            source: self.source,
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }

    /// An empty span where this one begins.
    pub fn at_start(self) -> Span {
        Span {
            end: self.start,
            ..self
        }
    }
}

/// A line and a column, both from 1; columns count characters, as editors do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// A file's decoded text.
pub struct SourceFile {
    path: PathBuf,
    text: SharedText,
    lines: OnceLock<Vec<u32>>,
}

impl SourceFile {
    /// The path as the user would write it.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The whole text: UTF-8, with a byte order mark only where Terraform refuses one.
    pub fn text(&self) -> &SharedText {
        &self.text
    }

    /// Where each line begins.
    fn lines(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let ends = memchr::memchr_iter(b'\n', self.text.as_bytes());
            std::iter::once(0)
                .chain(ends.map(|at| u32::try_from(at + 1).unwrap_or(u32::MAX)))
                .collect()
        })
    }

    /// The whole lines that hold a stretch, with some more before and after, and how many lines come before them.
    pub fn lines_around(&self, stretch: Range<usize>, more: usize) -> (Range<usize>, usize) {
        let lines = self.lines();
        let holding = |at: usize| lines.partition_point(|start| *start as usize <= at);
        let first = holding(stretch.start).saturating_sub(1 + more);
        let start = lines[first] as usize;
        let next = lines.get(holding(stretch.end) + more);
        let end = next.map_or(self.text.len(), |next| *next as usize);
        (start..end, first)
    }

    /// Where a byte offset lies.
    pub fn position(&self, offset: u32) -> Position {
        let lines = self.lines();
        let line = lines.partition_point(|start| *start <= offset);
        let start = lines[line - 1] as usize;
        let before = self.text.get(start..offset as usize).unwrap_or_default();
        Position {
            line,
            column: before.chars().count() + 1,
        }
    }
}

impl fmt::Debug for SourceFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Never the text: it may hold credentials.
        write!(
            f,
            "SourceFile({}, {} bytes)",
            self.path.display(),
            self.text.len()
        )
    }
}

/// All files of a run.
#[derive(Default, Debug)]
pub struct Sources {
    files: RwLock<Vec<Arc<SourceFile>>>,
}

/// The largest file that is read as source, in bytes.
pub const MAX_SOURCE_BYTES: u64 = 64 << 20;

impl Sources {
    /// The first file with the path and the text of one.
    pub fn first_of(&self, source: SourceId) -> SourceId {
        let own = self.file(source);
        let files = self
            .files
            .read()
            .expect("no thread panics while it adds a file");
        let same = |one: &Arc<SourceFile>| one.path == own.path && *one.text == *own.text;
        let first = files.iter().position(same);
        first
            .and_then(|at| u32::try_from(at).ok())
            .map_or(source, SourceId)
    }

    /// Reads a file of configuration, variables or settings from disk.
    ///
    /// # Errors
    /// What the file system said, or [`io::ErrorKind::InvalidData`] for a file over [`MAX_SOURCE_BYTES`] or in UTF-16.
    pub fn read(&self, path: &Path) -> io::Result<SourceId> {
        let meta = std::fs::metadata(path)?;
        // A pipe would wait for a writer, and a device may never end.
        if !meta.is_file() && !meta.is_dir() {
            let reason = "neither a file nor a folder";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, reason));
        }
        let size = meta.len();
        if size > MAX_SOURCE_BYTES {
            let limit = format!(
                "larger than the limit of {} MiB for a source file",
                MAX_SOURCE_BYTES >> 20
            );
            return Err(io::Error::new(io::ErrorKind::InvalidData, limit));
        }
        self.add_source(path.to_path_buf(), std::fs::read(path)?)
    }

    /// Adds a file of configuration, variables or settings, under the path that reports will show.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidData`] for a file in UTF-16, which Terraform does not read.
    pub fn add_source(&self, path: PathBuf, bytes: Vec<u8>) -> io::Result<SourceId> {
        let syntax = match path.extension() {
            Some(extension) if extension == "json" => Syntax::Json,
            _ => Syntax::Native,
        };
        let text = encoding::decode_source(bytes, syntax).ok_or_else(|| {
            let reason = "it is in UTF-16, and has to be in UTF-8";
            io::Error::new(io::ErrorKind::InvalidData, reason)
        })?;
        Ok(self.add(path, text))
    }

    /// Adds text that is already decoded, under the path that reports will show.
    pub fn add(&self, path: PathBuf, text: impl Into<SharedText>) -> SourceId {
        let file = Arc::new(SourceFile {
            path,
            text: text.into(),
            lines: OnceLock::new(),
        });
        let mut files = self
            .files
            .write()
            .expect("no thread panics while it adds a file");
        files.push(file);
        SourceId(u32::try_from(files.len() - 1).expect("fewer than 2^32 files"))
    }

    /// The file behind an id.
    pub fn file(&self, id: SourceId) -> Arc<SourceFile> {
        let files = self
            .files
            .read()
            .expect("no thread panics while it adds a file");
        Arc::clone(&files[id.0 as usize])
    }

    /// The path and position of a span's start.
    pub fn locate(&self, span: Span) -> (PathBuf, Position) {
        let file = self.file(span.source);
        (file.path.clone(), file.position(span.start))
    }

    /// The text that a span covers.
    pub fn text(&self, span: Span) -> String {
        let file = self.file(span.source);
        file.text
            .get(span.start as usize..span.end as usize)
            .unwrap_or_default()
            .to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_whole() {
        let sources = Sources::default();
        let file = sources.file(sources.add("a.tf".into(), "a\nbb\nccc\nd"));
        assert_eq!(file.lines_around(3..4, 0), (2..5, 1));
        assert_eq!(file.lines_around(3..6, 0), (2..9, 1));
        assert_eq!(file.lines_around(3..4, 1), (0..9, 0));
        assert_eq!(file.lines_around(9..10, 5), (0..10, 0));
        assert_eq!(file.lines_around(10..10, 0), (9..10, 3));
    }

    #[test]
    fn positions_count_characters() {
        let sources = Sources::default();
        let id = sources.add("a.tf".into(), "a = 1\nb = \"é\" # x\n");
        let file = sources.file(id);
        assert_eq!(file.position(0), Position { line: 1, column: 1 });
        assert_eq!(file.position(6), Position { line: 2, column: 1 });
        let hash = u32::try_from(file.text().find('#').unwrap()).unwrap();
        assert_eq!(file.position(hash), Position { line: 2, column: 9 });
    }
}
