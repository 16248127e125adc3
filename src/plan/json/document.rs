//! The index of a plan: one scan over the text.

use std::sync::Arc;

use super::checks;
use super::cursor::{Cursor, Fault, Kind, Slice};
use super::resources::{ChangeSlices, Entry, Reader, unless_null};
use crate::plan::configuration::Module;
use crate::plan::detect::{Foreign, Kind as FileKind, Outline};
use crate::plan::error::Reason;
use crate::plan::{Action, Problem, ProblemKind, Told};

/// Formats that Terraform 0.12 to 1.14 and OpenTofu write.
const KNOWN_MAJORS: [&str; 2] = ["0", "1"];

/// Everything in a plan, as names and slices.
#[derive(Default)]
pub struct Document {
    pub terraform_version: Option<String>,
    pub variables: Vec<RawVariable>,
    /// `resource_changes`; none where the plan has no such member.
    pub changes: Option<Vec<Entry>>,
    /// Without `resource_changes`: what will be is only told as values. Terraform also leaves the member out where
    /// nothing changes and nothing is planned, as with `-refresh-only`: then what the state holds stays.
    pub only_values: bool,
    /// `deferred_changes`
    pub deferred: Vec<Entry>,
    /// `planned_values`
    pub planned: Vec<Entry>,
    /// `prior_state`
    pub prior: Vec<Entry>,
    /// `output_changes`, or else the outputs of `planned_values`.
    pub outputs: Vec<(Arc<str>, ChangeSlices)>,
    pub configuration: Module,
    pub errored: bool,
    pub complete: Option<bool>,
    pub problems: Vec<Problem>,
    /// `checks`
    pub told: Told,
    format_version: Option<String>,
    planned_slice: Option<Slice>,
}

/// A variable's name and its raw value; none is null.
pub type RawVariable = (Arc<str>, Option<Slice>);

/// Where the JSON text begins: at its first character, or at the first line that begins like an object, after what a
/// wrapper printed before it.
pub fn start(text: &str) -> Option<usize> {
    let first = text.find(|c: char| !c.is_whitespace() && c != '\u{feff}' && c != '\0')?;
    if text[first..].starts_with('{') || looks_like_array(&text[first..]) {
        return Some(first);
    }
    let mut at = first;
    loop {
        let rest = &text[at..];
        let line = rest.trim_start_matches([' ', '\t']);
        if let Some(inside) = line.strip_prefix('{') {
            let inside = inside.trim_start();
            if inside.is_empty() || inside.starts_with(['"', '}']) {
                return Some(text.len() - line.len());
            }
        }
        match memchr::memchr(b'\n', rest.as_bytes()) {
            Some(end) => at += end + 1,
            None => return text.find("{\"format_version\""),
        }
    }
}

/// A line such as `[command]/usr/bin/terraform show` is no array.
fn looks_like_array(text: &str) -> bool {
    text.strip_prefix('[').is_some_and(|inside| {
        inside.trim_start().starts_with([
            '{', '[', '"', ']', '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9',
        ])
    })
}

impl Document {
    /// Indexes a text.
    pub fn index(text: &str) -> Result<Self, Reason> {
        if text
            .trim_matches(|c: char| c.is_whitespace() || c == '\0' || c == '\u{feff}')
            .is_empty()
        {
            return Err(Reason::Empty);
        }
        let start = start(text).ok_or(Reason::NotJson)?;
        let mut document = Self::default();
        let mut reader = Reader::default();
        let mut cursor = Cursor::new(text, start);
        let read = document.members(&mut cursor, &mut reader);
        if read.is_err() || (document.changes.is_none() && document.planned_slice.is_none()) {
            return Err(why_refused(text, start, read));
        }
        document.check_version()?;
        document
            .read_planned(text, &mut reader)
            .map_err(|fault| Reason::from_fault(fault, text))?;
        document
            .problems
            .extend(look_behind(&text[cursor.offset()..], "plan"));
        document.problems.append(&mut reader.problems);
        Ok(document)
    }

    fn members(&mut self, cursor: &mut Cursor<'_>, reader: &mut Reader) -> Result<(), Fault> {
        cursor.members(|cursor, name| {
            match name {
                "format_version" => self.format_version = read_version(cursor)?,
                "terraform_version" => {
                    self.terraform_version = read_version(cursor)?;
                }
                "variables" => self.variables = read_variables(cursor)?,
                "resource_changes" => {
                    self.changes = None;
                    if !cursor.null()? {
                        let mut entries = Vec::new();
                        reader.list(cursor, None, &mut entries)?;
                        self.changes = Some(entries);
                    }
                }
                "deferred_changes" => self.deferred = read_deferred(cursor, reader)?,
                "output_changes" => self.outputs = read_outputs(cursor)?,
                "planned_values" => {
                    if !matches!(cursor.kind()?, Kind::Object | Kind::Null) {
                        return Err(cursor.unlike("an object"));
                    }
                    self.planned_slice = unless_null(cursor)?;
                }
                "prior_state" => self.prior = read_prior(cursor, reader)?,
                "configuration" => self.configuration = Module::read(cursor)?,
                "checks" => checks::read(cursor, &mut self.told)?,
                "errored" => self.errored = cursor.bool()?,
                "complete" => self.complete = Some(cursor.bool()?),
                _ => {
                    cursor.skip()?;
                }
            }
            Ok(())
        })
    }

    fn check_version(&self) -> Result<(), Reason> {
        let Some(version) = &self.format_version else {
            return Ok(());
        };
        let major = version.split('.').next().unwrap_or_default();
        if KNOWN_MAJORS.contains(&major) {
            return Ok(());
        }
        Err(Reason::Version {
            found: version.chars().take(20).collect(),
            known: "0.x and 1.x",
        })
    }

    fn read_planned(&mut self, text: &str, reader: &mut Reader) -> Result<(), Fault> {
        self.only_values = self.changes.is_none();
        let Some(slice) = self.planned_slice else {
            return Ok(());
        };
        let wants_outputs = self.outputs.is_empty();
        let none_changes = self.changes.as_ref().is_none_or(Vec::is_empty);
        let (mut planned, mut outputs) = (Vec::new(), Vec::new());
        Cursor::new(text, slice.start).members(|cursor, name| match name {
            "root_module" => reader.tree(cursor, &mut planned),
            "outputs" if wants_outputs && cursor.kind()? == Kind::Object => {
                cursor.members(|cursor, name| {
                    outputs.push((name.into(), read_planned_output(cursor)?));
                    Ok(())
                })
            }
            _ => cursor.skip().map(|_| ()),
        })?;
        if none_changes && !planned.is_empty() {
            self.changes = None;
            self.only_values = true;
            self.problems.push(Problem {
                kind: ProblemKind::Unread,
                message: "`planned_values` has resources and `resource_changes` none: nothing tells what happens to them"
                    .to_owned(),
                help: Some("give the plan as `terraform show -json` prints it".to_owned()),
                span: None,
                address: None,
            });
        }
        self.planned = planned;
        self.outputs.append(&mut outputs);
        self.only_values &= !self.planned.is_empty() || self.removes_outputs();
        Ok(())
    }

    /// Who destroys everything removes the outputs as well.
    fn removes_outputs(&self) -> bool {
        let mut actions = self.outputs.iter().filter_map(|(_, change)| change.action);
        actions.any(Action::is_removal)
    }
}

/// What stands behind the `plan` or `state` that was read. A wrapper may print there as well; a second object is another matter.
pub fn look_behind(rest: &str, what: &str) -> Option<Problem> {
    let rest = rest.trim_matches(|c: char| c.is_whitespace() || c == '\0');
    if rest.is_empty() {
        return None;
    }
    // The commands that a wrapper gives to the runner repeat the output.
    let commands = rest.starts_with("::");
    let more = !commands && (rest.starts_with(['{', '[', ',', '}', ']']) || start(rest).is_some());
    Some(Problem {
        kind: if more {
            ProblemKind::Unreadable
        } else {
            ProblemKind::Note
        },
        message: format!("{} bytes after the {what} were not read", rest.len()),
        help: Some(format!("write each {what} to a file of its own")),
        span: None,
        address: None,
    })
}

/// Why a text with a fault, or without anything of a plan, is no plan.
fn why_refused(text: &str, start: usize, read: Result<(), Fault>) -> Reason {
    let kind = match (Outline::read(text, start), read) {
        (Err(fault), _) => return Reason::from_fault(fault, text),
        (Ok(outline), Err(fault)) if outline.kind() == FileKind::PlanJson => {
            return Reason::from_fault(fault, text);
        }
        (Ok(outline), _) => outline.kind(),
    };
    Reason::Foreign {
        foreign: match kind {
            FileKind::Foreign(foreign) => foreign,
            FileKind::State | FileKind::StateJson => Foreign::State,
            FileKind::EncryptedState => Foreign::EncryptedState,
            // The members of a plan are there, and all of them null.
            _ => Foreign::EmptyShow,
        },
    }
}

/// A version is a string; some tools that rewrite plans make a number of it.
fn read_version(cursor: &mut Cursor<'_>) -> Result<Option<String>, Fault> {
    match cursor.kind()? {
        Kind::Number => Ok(cursor.number().map(str::to_owned)),
        _ => Ok(cursor.string_or_null()?.map(std::borrow::Cow::into_owned)),
    }
}

fn read_variables(cursor: &mut Cursor<'_>) -> Result<Vec<RawVariable>, Fault> {
    let mut variables = Vec::new();
    if cursor.null()? {
        return Ok(variables);
    }
    cursor.members(|cursor, name| {
        let mut value = None;
        cursor.members(|cursor, member| {
            if member == "value" {
                value = unless_null(cursor)?;
            } else {
                cursor.skip()?;
            }
            Ok(())
        })?;
        variables.push((Arc::from(name), value));
        Ok(())
    })?;
    Ok(variables)
}

fn read_outputs(cursor: &mut Cursor<'_>) -> Result<Vec<(Arc<str>, ChangeSlices)>, Fault> {
    let mut outputs = Vec::new();
    if cursor.null()? {
        return Ok(outputs);
    }
    cursor.members(|cursor, name| {
        outputs.push((Arc::from(name), ChangeSlices::read(cursor)?));
        Ok(())
    })?;
    Ok(outputs)
}

/// An output of `planned_values`, which leaves out a value that is not known.
fn read_planned_output(cursor: &mut Cursor<'_>) -> Result<ChangeSlices, Fault> {
    let mut output = ChangeSlices::default();
    let mut has_value = false;
    cursor.members(|cursor, name| {
        match name {
            "value" => {
                has_value = true;
                output.after = unless_null(cursor)?;
            }
            "sensitive" => output.after_sensitive = Some(cursor.skip()?),
            _ => {
                cursor.skip()?;
            }
        }
        Ok(())
    })?;
    output.is_unknown = !has_value;
    Ok(output)
}

fn read_deferred(cursor: &mut Cursor<'_>, reader: &mut Reader) -> Result<Vec<Entry>, Fault> {
    let mut entries = Vec::new();
    if cursor.null()? {
        return Ok(entries);
    }
    cursor.array(|cursor| {
        cursor.members(|cursor, name| {
            if name == "resource_change" {
                entries.extend(reader.entry(cursor, None)?);
            } else {
                cursor.skip()?;
            }
            Ok(())
        })
    })?;
    Ok(entries)
}

fn read_prior(cursor: &mut Cursor<'_>, reader: &mut Reader) -> Result<Vec<Entry>, Fault> {
    let mut entries = Vec::new();
    if cursor.null()? {
        return Ok(entries);
    }
    cursor.members(|cursor, name| {
        if name != "values" || cursor.kind()? != Kind::Object {
            return cursor.skip().map(|_| ());
        }
        cursor.members(|cursor, name| {
            if name == "root_module" {
                reader.tree(cursor, &mut entries)
            } else {
                cursor.skip().map(|_| ())
            }
        })
    })?;
    Ok(entries)
}
