//! Functions on paths and files, and the templates in files and strings.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Call, FileError, FileKind, FunctionError, Outcome, map_marks, mark};
use crate::value::{Cause, Causes, Data, Entries, Marks, Type, Value, convert, quote, set_from};

/// The content of the file that the first argument names, or the unknown that stands for it.
pub(super) fn content(call: &Call<'_>) -> Result<Result<Arc<[u8]>, Value>, FunctionError> {
    let named = call.text(0);
    match read(call, named) {
        Ok(bytes) => Ok(Ok(bytes)),
        Err(FileError::Missing) => Err(FunctionError::new(format!(
            "open {}: no such file or directory",
            cleaned(named)
        ))),
        Err(FileError::IsFolder) => Err(FunctionError::new(format!(
            "read {}: is a directory",
            cleaned(named)
        ))),
        Err(FileError::Withheld { reason }) => Ok(Err(withheld(Type::String, named, &reason))),
    }
}

fn withheld(ty: Type, path: &str, reason: &str) -> Value {
    let cause = Cause::File {
        path: path.into(),
        reason: reason.into(),
    };
    Value::unknown(ty, Causes::one(cause))
}

fn read(call: &Call<'_>, path: &str) -> Result<Arc<[u8]>, FileError> {
    call.cx.files.read(&located(call, path)?)
}

/// The path as the file system is asked for it.
fn located(call: &Call<'_>, path: &str) -> Result<PathBuf, FileError> {
    let expanded = expand_home(path).map_err(FileError::withheld)?;
    Ok(call.cx.base.join(clean(&expanded)))
}

/// The text of a file for `file` and `templatefile`: its bytes, Terraform's refusal, or an unknown.
fn file_bytes(
    call: &Call<'_>,
    path: &str,
    marks: &Marks,
) -> Result<Result<Arc<[u8]>, Value>, FunctionError> {
    match read(call, path) {
        Ok(bytes) => Ok(Ok(bytes)),
        Err(FileError::Missing) => Err(FunctionError::at(
            0,
            format!(
                "no file exists at {}; this function works only with files that are distributed \
                 as part of the configuration source code, so if this file will be created by a \
                 resource in this configuration you must instead obtain this result from an \
                 attribute of that resource",
                mark::shown(path, marks)
            ),
        )),
        Err(FileError::IsFolder) => Err(FunctionError::at(
            0,
            format!(
                "failed to read file: read {}: is a directory",
                cleaned(path)
            ),
        )),
        Err(FileError::Withheld { reason }) => Ok(Err(withheld(Type::String, path, &reason))),
    }
}

fn file_text(
    call: &Call<'_>,
    path: &str,
    marks: &Marks,
) -> Result<Result<String, Value>, FunctionError> {
    let bytes = match file_bytes(call, path, marks)? {
        Ok(bytes) => bytes,
        Err(unknown) => return Ok(Err(unknown)),
    };
    match std::str::from_utf8(&bytes) {
        Ok(text) => Ok(Ok(text.to_owned())),
        Err(_) => Err(FunctionError::new(format!(
            "contents of {} are not valid UTF-8; use the filebase64 function to obtain the Base64 \
             encoded contents or the other file functions (e.g. filemd5, filesha256) to obtain \
             file hashing results instead",
            mark::shown(path, marks)
        ))),
    }
}

pub(super) fn file(call: &Call<'_>) -> Outcome {
    with_path(call, |path, marks| {
        Ok(match file_text(call, path, marks)? {
            Ok(text) => Value::text(&text),
            Err(unknown) => unknown,
        })
    })
}

pub(super) fn filebase64(call: &Call<'_>) -> Outcome {
    with_path(call, |path, marks| {
        Ok(match file_bytes(call, path, marks)? {
            Ok(bytes) => Value::string(STANDARD.encode(bytes)),
            Err(unknown) => unknown,
        })
    })
}

/// Takes the marks off the path and puts them on the result; an unknown path makes an unknown result.
fn with_path(call: &Call<'_>, result: impl FnOnce(&str, &Marks) -> Outcome) -> Outcome {
    let (path, marks) = call.arg(0).clone().unmark();
    let value = match path.as_str() {
        Some(path) => result(path, &marks)?,
        None => call.unknown(),
    };
    Ok(value.with_marks(&marks))
}

pub(super) fn fileexists(call: &Call<'_>) -> Outcome {
    with_path(call, |path, marks| {
        let located = located(call, path);
        let what = match located.and_then(|path| call.cx.files.kind(&path)) {
            Ok(FileKind::File) => return Ok(Value::TRUE),
            Err(FileError::Missing) => return Ok(Value::FALSE),
            Err(FileError::Withheld { reason }) => {
                return Ok(withheld(Type::Bool, path, &reason));
            }
            Ok(FileKind::Folder) | Err(FileError::IsFolder) => "is a directory, not a file",
            Ok(FileKind::Special) => "is not a regular file",
        };
        // Terraform names an argument that does not exist here, and so reports the call.
        let shown = mark::shown(&cleaned(path), marks);
        Err(FunctionError::at(1, format!("{shown} {what}")))
    })
}

/// Folders are not walked deeper.
const DEEPEST: usize = 64;
/// So many entries are looked at.
const MOST_ENTRIES: usize = 200_000;

pub(super) fn fileset(call: &Call<'_>) -> Outcome {
    let (folder, of_folder) = call.arg(0).clone().unmark();
    let (pattern, of_pattern) = call.arg(1).clone().unmark();
    let marks = of_folder.union(&of_pattern);
    let (Some(folder), Some(pattern)) = (folder.as_str(), pattern.as_str()) else {
        return Ok(call.unknown().with_marks(&marks));
    };
    let pattern = Glob::new(pattern).map_err(|()| {
        let whole = clean(&format!("{folder}/{pattern}"));
        let shown = mark::shown(&whole, &marks);
        FunctionError::new(format!(
            "failed to glob pattern {shown}: syntax error in pattern"
        ))
    })?;
    let root = call.cx.base.join(clean(folder));
    let mut walk = Walk {
        call,
        found: std::collections::BTreeSet::new(),
        left: MOST_ENTRIES,
    };
    let set = match walk.folder(&root, "", &pattern.components, 0) {
        Ok(()) | Err(FileError::Missing | FileError::IsFolder) => {
            let names = walk.found.iter().map(|name| Value::text(name));
            set_from(&Type::String, names)
        }
        Err(FileError::Withheld { reason }) => withheld(Type::set(Type::String), folder, &reason),
    };
    Ok(set.with_marks(&marks))
}

struct Walk<'a> {
    call: &'a Call<'a>,
    /// Relative to where the walk began, with slashes.
    found: std::collections::BTreeSet<String>,
    left: usize,
}

impl Walk<'_> {
    fn folder(
        &mut self,
        path: &Path,
        relative: &str,
        components: &[Part],
        depth: usize,
    ) -> Result<(), FileError> {
        let Some((component, rest)) = components.split_first() else {
            return Ok(());
        };
        if depth > DEEPEST {
            return Err(FileError::withheld("its folders are too deep"));
        }
        let joined = |name: &str| match relative {
            "" => name.to_owned(),
            relative => format!("{relative}/{name}"),
        };
        let matched: Vec<String> = match component {
            Part::Literal(name) => vec![name.clone()],
            Part::Pattern(pattern) => {
                let names = self.names(path)?;
                let mut names = names;
                names.retain(|name| matches(pattern, &name.chars().collect::<Vec<char>>()));
                names
            }
            Part::AnyDepth => {
                self.folder(path, relative, rest, depth)?;
                for name in self.names(path)? {
                    let inner = path.join(&name);
                    match self.kind(&inner)? {
                        Some(FileKind::Folder) => {
                            self.folder(&inner, &joined(&name), components, depth + 1)?;
                        }
                        Some(FileKind::File) if rest.is_empty() => {
                            self.found.insert(joined(&name));
                        }
                        _ => {}
                    }
                }
                return Ok(());
            }
        };
        for name in matched {
            let inner = path.join(&name);
            match self.kind(&inner)? {
                Some(FileKind::File) if rest.is_empty() => {
                    self.found.insert(joined(&name));
                }
                Some(FileKind::Folder) if !rest.is_empty() => {
                    self.folder(&inner, &joined(&name), rest, depth + 1)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn names(&mut self, path: &Path) -> Result<Vec<String>, FileError> {
        let names = match self.call.cx.files.list(path) {
            Err(FileError::Missing) => Vec::new(),
            other => other?,
        };
        self.left = self
            .left
            .checked_sub(names.len())
            .ok_or_else(|| FileError::withheld("it holds too many files"))?;
        Ok(names)
    }

    fn kind(&self, path: &Path) -> Result<Option<FileKind>, FileError> {
        match self.call.cx.files.kind(path) {
            Ok(kind) => Ok(Some(kind)),
            Err(FileError::Missing) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// A pattern of `fileset`: `**/*.{tf,json}`.
struct Glob {
    components: Vec<Part>,
}

/// What stands between two slashes of a pattern.
enum Part {
    Literal(String),
    /// `**`
    AnyDepth,
    Pattern(Vec<char>),
}

impl Glob {
    fn new(pattern: &str) -> Result<Self, ()> {
        let pattern = clean(pattern);
        let parts = pattern
            .split('/')
            .filter(|part| !part.is_empty() && *part != ".");
        let components = parts.map(|part| match part {
            "**" => Ok(Part::AnyDepth),
            part if part.contains(['*', '?', '[', '{', '\\']) => {
                let pattern: Vec<char> = part.chars().collect();
                is_well_formed(&pattern)
                    .then_some(Part::Pattern(pattern))
                    .ok_or(())
            }
            part => Ok(Part::Literal(part.to_owned())),
        });
        Ok(Self {
            components: components.collect::<Result<_, _>>()?,
        })
    }
}

fn is_well_formed(pattern: &[char]) -> bool {
    let mut at = 0;
    while at < pattern.len() {
        at += match pattern[at] {
            '\\' if at + 1 == pattern.len() => return false,
            '\\' => 2,
            '[' => match class_end(&pattern[at..]) {
                Some(end) => end + 1,
                None => return false,
            },
            '{' if alternatives(&pattern[at..]).is_none() => return false,
            _ => 1,
        };
    }
    true
}

/// Whether a name matches: `*`, `?`, `[a-z]`, `[^a]`, `{one,other}`, and a backslash before what is meant as it stands.
fn matches(pattern: &[char], name: &[char]) -> bool {
    let Some(first) = pattern.first() else {
        return name.is_empty();
    };
    match first {
        '*' => (0..=name.len()).any(|taken| matches(&pattern[1..], &name[taken..])),
        '?' => !name.is_empty() && matches(&pattern[1..], &name[1..]),
        '[' => {
            let Some((end, next)) = class_end(pattern).zip(name.first()) else {
                return false;
            };
            in_class(&pattern[1..end], *next) && matches(&pattern[end + 1..], &name[1..])
        }
        '{' => {
            let Some((options, end)) = alternatives(pattern) else {
                return false;
            };
            options.iter().any(|option| {
                let whole: Vec<char> = option.iter().chain(&pattern[end + 1..]).copied().collect();
                matches(&whole, name)
            })
        }
        '\\' => {
            let literal = pattern
                .get(1)
                .filter(|literal| name.first() == Some(*literal));
            literal.is_some() && matches(&pattern[2..], &name[1..])
        }
        literal => name.first() == Some(literal) && matches(&pattern[1..], &name[1..]),
    }
}

/// Where a class ends that begins with the first character.
fn class_end(pattern: &[char]) -> Option<usize> {
    let mut at = 1;
    while at < pattern.len() {
        match pattern[at] {
            ']' if at > 1 => return Some(at),
            '\\' => at += 2,
            _ => at += 1,
        }
    }
    None
}

/// Only `^` inverts a class; `!` is a character.
fn in_class(class: &[char], character: char) -> bool {
    let (inverted, mut rest) = match class {
        ['^', rest @ ..] => (true, rest),
        class => (false, class),
    };
    let mut found = false;
    while let [first, after @ ..] = rest {
        let (low, after) = match (first, after) {
            ('\\', [escaped, after @ ..]) => (*escaped, after),
            _ => (*first, after),
        };
        let (high, after) = match after {
            ['-', '\\', high, after @ ..] | ['-', high, after @ ..] => (*high, after),
            after => (low, after),
        };
        found |= (low..=high).contains(&character);
        rest = after;
    }
    found != inverted
}

/// The alternatives in the braces that begin with the first character, and where the braces end.
fn alternatives(pattern: &[char]) -> Option<(Vec<Vec<char>>, usize)> {
    let mut options = vec![Vec::new()];
    let mut depth = 0usize;
    let mut at = 0;
    while let Some(&next) = pattern.get(at) {
        match next {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some((options, at));
        }
        if next == ',' && depth == 1 {
            options.push(Vec::new());
        } else if at > 0 {
            let last = options.last_mut()?;
            last.push(next);
            if next == '\\' {
                at += 1;
                last.push(*pattern.get(at)?);
            }
        }
        at += 1;
    }
    None
}

/// The shortest path that means the same, as Go's `filepath.Clean`.
fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if rooted => {}
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (rooted, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

/// As messages name a path.
fn cleaned(path: &str) -> String {
    clean(path)
}

pub(super) fn basename(call: &Call<'_>) -> Outcome {
    let path = call.text(0);
    let trimmed = path.trim_end_matches('/');
    let base = match (path, trimmed) {
        ("", _) => ".",
        (_, "") => "/",
        (_, trimmed) => trimmed.rsplit('/').next().unwrap_or(trimmed),
    };
    Ok(Value::text(base))
}

pub(super) fn dirname(call: &Call<'_>) -> Outcome {
    let path = call.text(0);
    let folder = path.rfind('/').map_or("", |end| &path[..=end]);
    Ok(Value::text(&clean(folder)))
}

pub(super) fn abspath(call: &Call<'_>) -> Outcome {
    let path = call.text(0);
    if path.starts_with('/') {
        return Ok(Value::text(&clean(path)));
    }
    let base =
        std::path::absolute(call.cx.base).map_err(|error| FunctionError::new(error.to_string()))?;
    let base = base.to_string_lossy();
    Ok(Value::text(&clean(&format!("{base}/{path}"))))
}

pub(super) fn pathexpand(call: &Call<'_>) -> Outcome {
    let expanded = expand_home(call.text(0)).map_err(FunctionError::new)?;
    Ok(Value::text(&expanded))
}

/// `~` as the home folder of whoever runs this.
fn expand_home(path: &str) -> Result<String, &'static str> {
    let Some(rest) = path.strip_prefix('~') else {
        return Ok(path.to_owned());
    };
    if !rest.is_empty() && !rest.starts_with('/') {
        return Err("cannot expand user-specific home dir");
    }
    match std::env::var("HOME") {
        Ok(home) if !home.is_empty() => Ok(clean(&format!("{home}/{rest}"))),
        _ => Err("there is no home folder"),
    }
}

/// `templatefile(path, vars)`
pub(super) fn templatefile(call: &Call<'_>) -> Outcome {
    let (path, marks) = call.arg(0).clone().unmark();
    let (Some(path), true) = (path.as_str(), call.arg(1).is_known()) else {
        let marks = marks.union(&call.arg(1).marks_deep());
        return Ok(call.unknown_of(Type::Dynamic).with_marks(&marks));
    };
    let rendered = match file_text(call, path, &marks).map_err(|error| match error.argument {
        // Terraform reads the file while it looks for the type of the result, and reports the call.
        Some(_) => FunctionError::at(0, error.message),
        None => error,
    })? {
        Ok(text) => render(call, &text, path)?,
        Err(unknown) => Value::unknown(Type::Dynamic, unknown.causes()),
    };
    Ok(rendered.with_marks(&marks))
}

/// `templatestring(template, vars)`
pub(super) fn templatestring(call: &Call<'_>) -> Outcome {
    let (template, marks) = call.arg(0).clone().unmark();
    let vars = call.arg(1);
    if template.is_known() && template.as_str().is_none() {
        return Err(FunctionError::at(
            0,
            "invalid template value: a string is required",
        ));
    }
    let Some(text) = template.as_str().filter(|_| vars.is_known()) else {
        let marks = marks.union(&vars.marks_deep());
        return Ok(call.unknown().with_marks(&marks));
    };
    let rendered = render(call, text, "<templatestring argument>")?;
    let rendered = convert(&rendered, &Type::String)
        .map_err(|error| FunctionError::new(format!("invalid template result: {error}")))?;
    Ok(rendered.with_marks(&marks))
}

/// Renders a template with the variables of the second argument. Sensitive variables make the result sensitive, used or
/// not, as in Terraform; secrets are followed more closely, to those that are used.
fn render(call: &Call<'_>, text: &str, name: &str) -> Outcome {
    let vars = call.arg(1);
    let marks = vars.marks_deep().without_secrets();
    let bare = map_marks(vars, &Marks::only_secrets);
    let entries: &Entries = match bare.data() {
        Data::Map(_, entries) | Data::Object(entries) => entries,
        _ => {
            return Err(FunctionError::at(1, "invalid vars value: must be a map"));
        }
    };
    for name in entries.keys() {
        if !is_identifier(name) {
            return Err(FunctionError::at(
                1,
                format!(
                    "invalid template variable name {}: must start with a letter, followed by zero \
                     or more letters, digits, and underscores",
                    quote(name)
                ),
            ));
        }
    }
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let rendered = (call.cx.render)(text, name, entries)?;
    if rendered.is_null() {
        return Err(FunctionError::new("the result of the template is null"));
    }
    Ok(rendered.with_marks(&marks))
}

/// As HCL has identifiers.
pub(super) fn is_identifier(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(char::is_alphabetic)
        && characters.all(|next| next.is_alphanumeric() || next == '_' || next == '-')
}
