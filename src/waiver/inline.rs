//! Waivers in comments: `# tfguard:ignore[rule-id] until=2026-12-01 reason`.
//!
//! Behind something, it is for what begins on its line, or else for that line; above something, for what begins on the
//! line below. A block is meant whole, and with the call of a module everything that comes from it.

use std::ops::Range;
use std::sync::{Arc, LazyLock};

use jiff::civil::Date;
use regex::Regex;

use super::day;
use crate::config::DATA_FOLDER;
use crate::secret;
use crate::source::{SourceId, Sources, Span};
use crate::syntax::{self, Body, Comment};

/// A waiver in a comment.
#[derive(Clone, Debug)]
pub struct Ignore {
    /// The rule.
    pub rule: Arc<str>,
    /// The last day.
    pub until: Date,
    /// Whom to ask.
    pub owner: Option<Arc<str>>,
    /// Why.
    pub reason: Arc<str>,
    /// The comment.
    pub comment: Span,
    /// What it is for.
    pub cover: Cover,
}

/// The text that a comment is for.
#[derive(Clone, Debug)]
pub struct Cover {
    /// From its first byte to its last.
    pub span: Span,
    /// How far it reaches.
    pub reach: Reach,
}

/// How far a comment reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// What stands in the text.
    Text,
    /// Also what comes from the call of that module.
    Call(Arc<str>),
}

/// A comment that is meant as a waiver and is none.
#[derive(Clone, Debug)]
pub struct Malformed {
    /// The comment.
    pub comment: Span,
    /// What is wrong.
    pub message: String,
}

/// What the comments of a file say.
#[derive(Clone, Debug, Default)]
pub struct Comments {
    /// Waivers, one for each rule that is named.
    pub ignores: Vec<Ignore>,
    /// Those that are none.
    pub malformed: Vec<Malformed>,
}

/// Every spelling that somebody who means a waiver may use.
static MEANT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^tfguard\s*:|^tfguard[-_ ]+ignor|tfguard\s*:\s*ignore").expect("a pattern")
});
static FORM: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?s)^tfguard:ignore\[([^\]]*)\](.*)$").expect("a pattern"));
static OPTION: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^([A-Za-z_-]+)=(.*)$").expect("a pattern"));

/// Reads the waivers in the comments of a file. JSON has no comments, and what lies in Terraform's own folder is nobody's
/// to waive.
pub fn read(source: SourceId, sources: &Sources) -> Comments {
    let file = sources.file(source);
    let text = file.text();
    let mut found = Comments::default();
    let is_json = file
        .path()
        .extension()
        .is_some_and(|ending| ending == "json");
    let is_fetched = file
        .path()
        .components()
        .any(|part| part.as_os_str() == DATA_FOLDER);
    // Files without any, which are nearly all, are not read again.
    if is_json || is_fetched || !mentions(text) {
        return found;
    }
    let parsed = syntax::parse(source, text);
    let place = Place {
        body: &parsed.body,
        lines: Lines::new(source, text, &parsed.comments),
    };
    for comment in &parsed.comments {
        let inner = content(&text[comment.span.start as usize..comment.span.end as usize]);
        if !MEANT.is_match(inner) {
            continue;
        }
        let read = form(inner).and_then(|form| {
            let cover = place.cover(comment.span);
            let cover = cover.ok_or_else(|| {
                "it stands above nothing: write it on the line, or directly above".to_owned()
            })?;
            Ok((form, cover))
        });
        match read {
            Ok((form, cover)) => found.ignores.extend(form.rules.iter().map(|rule| Ignore {
                rule: Arc::clone(rule),
                until: form.until,
                owner: form.owner.clone(),
                reason: Arc::clone(&form.reason),
                comment: comment.span,
                cover: cover.clone(),
            })),
            Err(message) => found.malformed.push(Malformed {
                comment: comment.span,
                message,
            }),
        }
    }
    found
}

fn mentions(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memmem::find(bytes, b"tfguard").is_some()
        || bytes
            .windows(7)
            .any(|window| window.eq_ignore_ascii_case(b"tfguard"))
}

/// A comment without its marker.
fn content(comment: &str) -> &str {
    let inner = match comment.strip_prefix("/*") {
        Some(rest) => rest
            .strip_suffix("*/")
            .unwrap_or(rest)
            .trim_start_matches('*'),
        None => comment.trim_start_matches(['#', '/']),
    };
    inner.trim()
}

struct Form {
    rules: Vec<Arc<str>>,
    until: Date,
    owner: Option<Arc<str>>,
    reason: Arc<str>,
}

fn form(text: &str) -> Result<Form, String> {
    let parts = FORM.captures(text).ok_or_else(|| {
        "a waiver is written `tfguard:ignore[rule-id] until=YYYY-MM-DD reason`, at the beginning of the comment"
            .to_owned()
    })?;
    let rules: Vec<Arc<str>> = parts[1].split(',').map(|rule| rule.trim().into()).collect();
    if rules.iter().any(|rule| rule.is_empty()) {
        return Err("the brackets name no rule".to_owned());
    }
    let is_written = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !rules.iter().all(|rule| rule.chars().all(is_written)) || secret::has_credential(&parts[1]) {
        return Err("what stands in the brackets is no id of a rule".to_owned());
    }
    let (mut until, mut owner) = (None, None);
    let mut reason: Vec<&str> = Vec::new();
    for word in parts[2].split_whitespace() {
        let option = OPTION.captures(word).map(|option| {
            let (_, [name, value]) = option.extract();
            (name, value)
        });
        match option {
            Some(("until", value)) if until.is_none() => {
                let day = day::parse(value);
                until =
                    Some(day.ok_or_else(|| format!("`{value}` is no day: write `YYYY-MM-DD`"))?);
            }
            Some(("owner", value)) if owner.is_none() && !value.is_empty() => {
                owner = Some(value.into());
            }
            Some((name @ ("until" | "owner"), _)) => {
                return Err(format!("`{name}` is given twice, or empty"));
            }
            Some((name, _)) if reason.is_empty() => {
                let near = crate::config::nearest(name, &["until", "owner"]);
                let near =
                    near.map_or_else(String::new, |near| format!(": did you mean `{near}`?"));
                return Err(format!("`{name}` is not known{near}"));
            }
            _ => reason.push(word),
        }
    }
    let reason = reason.join(" ");
    if !reason.contains(char::is_alphabetic) {
        return Err("it gives no reason".to_owned());
    }
    Ok(Form {
        rules,
        until: until.ok_or_else(|| "it has no end: add `until=YYYY-MM-DD`".to_owned())?,
        owner,
        reason: reason.into(),
    })
}

/// A file in which a comment stands.
struct Place<'a> {
    body: &'a Body,
    lines: Lines<'a>,
}

impl Place<'_> {
    /// What a comment is for.
    fn cover(&self, comment: Span) -> Option<Cover> {
        let line = self.lines.anchor(comment)?;
        let begins = |span: Span| line.start <= span.start && span.start < line.end;
        Some(first(self.body, &begins).unwrap_or(Cover {
            span: line,
            reach: Reach::Text,
        }))
    }
}

/// The lines of a file, read once for all of its comments.
struct Lines<'a> {
    source: SourceId,
    text: &'a str,
    /// In their order.
    comments: &'a [Comment],
    /// Where each begins.
    starts: Vec<usize>,
    /// For each, the one that a comment directly above is for: itself, or where it has nothing but comments the next.
    meant: Vec<Option<usize>>,
}

impl<'a> Lines<'a> {
    fn new(source: SourceId, text: &'a str, comments: &'a [Comment]) -> Self {
        let ends = memchr::memchr_iter(b'\n', text.as_bytes()).map(|end| end + 1);
        let mut lines = Self {
            source,
            text,
            comments,
            starts: std::iter::once(0).chain(ends).collect(),
            meant: Vec::new(),
        };
        let mut meant = vec![None; lines.starts.len() + 1];
        for at in (0..lines.starts.len()).rev() {
            let range = lines.range(at);
            meant[at] = if text[range.clone()].trim().is_empty() {
                None
            } else if lines.has_content(range) {
                Some(at)
            } else {
                meant[at + 1]
            };
        }
        lines.meant = meant;
        lines
    }

    /// The line with something else than comments that a comment belongs to: its own, or the next one.
    fn anchor(&self, comment: Span) -> Option<Span> {
        let (start, end) = (comment.start as usize, comment.end as usize);
        let (first, last) = (self.holding(start), self.holding(end));
        let line = if self.has_content(self.range(first).start..start) {
            first
        } else if self.has_content(end..self.range(last).end) {
            last
        } else {
            self.meant[last + 1]?
        };
        let range = self.range(line);
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Some(Span {
            source: self.source,
            start: offset(range.start),
            end: offset(range.end),
        })
    }

    /// The line around a byte.
    fn holding(&self, at: usize) -> usize {
        self.starts.partition_point(|start| *start <= at) - 1
    }

    /// A line without its end.
    fn range(&self, line: usize) -> Range<usize> {
        let next = self.starts.get(line + 1);
        self.starts[line]..next.map_or(self.text.len(), |next| next - 1)
    }

    /// Whether something else than comments stands in a stretch.
    fn has_content(&self, stretch: Range<usize>) -> bool {
        let mut at = stretch.start;
        let ends = |comment: &Comment| comment.span.end as usize;
        let first = self.comments.partition_point(|one| ends(one) <= at);
        for comment in &self.comments[first..] {
            let start = comment.span.start as usize;
            if start >= stretch.end {
                break;
            }
            if start > at && !self.text[at..start].trim().is_empty() {
                return true;
            }
            at = at.max(ends(comment));
        }
        at < stretch.end && !self.text[at..stretch.end].trim().is_empty()
    }
}

/// The outermost block or attribute that begins there.
fn first(body: &Body, begins: &impl Fn(Span) -> bool) -> Option<Cover> {
    if let Some(block) = body.blocks.iter().find(|block| begins(block.span)) {
        let reach = match (&*block.kind.name, block.labels.as_slice()) {
            ("module", [name]) => Reach::Call(Arc::clone(&name.name)),
            _ => Reach::Text,
        };
        let span = block.span;
        return Some(Cover { span, reach });
    }
    if let Some(attribute) = body
        .attributes
        .iter()
        .find(|attribute| begins(attribute.span))
    {
        return Some(Cover {
            span: attribute.span,
            reach: Reach::Text,
        });
    }
    body.blocks
        .iter()
        .find_map(|block| first(&block.body, begins))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comments(text: &str) -> (Sources, Comments) {
        let sources = Sources::default();
        let source = sources.add("main.tf".into(), text);
        let found = read(source, &sources);
        (sources, found)
    }

    /// The first line of what the only waiver of a text is for, and how many lines it has.
    fn cover(text: &str) -> (String, usize) {
        let (sources, found) = comments(text);
        assert_eq!(found.ignores.len(), 1, "{:?}", found.malformed);
        let covered = sources.text(found.ignores[0].cover.span);
        let first = covered.lines().next().unwrap_or_default().trim().to_owned();
        (first, covered.lines().count())
    }

    #[test]
    fn a_comment_belongs_to_its_line_or_the_next() {
        let on = "a = [\n  1, # tfguard:ignore[r] until=2026-12-01 why\n  2,\n]\n";
        assert_eq!(
            cover(on),
            ("1, # tfguard:ignore[r] until=2026-12-01 why".into(), 1)
        );
        let attribute = "a = [ // tfguard:ignore[r] until=2026-12-01 why\n  2,\n]\n";
        assert_eq!(cover(attribute).1, 3);
        let above = "# tfguard:ignore[r] until=2026-12-01 why\n# more\na = [\n  2,\n]\n";
        assert_eq!(cover(above), ("a = [".into(), 3));
        let block = "/* tfguard:ignore[r] until=2026-12-01\n   why so */\nresource \"a\" \"b\" {\n  c = 1\n}\n";
        assert_eq!(cover(block), ("resource \"a\" \"b\" {".into(), 3));
        let before = "/* tfguard:ignore[r] until=2026-12-01 why */ resource \"a\" \"b\" {\n}\n";
        assert_eq!(cover(before).1, 2);
        let nested = "resource \"a\" \"b\" {\n  # tfguard:ignore[r] until=2026-12-01 why\n  c {\n    d = 1\n  }\n}\n";
        assert_eq!(cover(nested), ("c {".into(), 3));
    }

    #[test]
    fn a_call_reaches_into_its_module() {
        let (_, found) =
            comments("module \"alb\" { # tfguard:ignore[a, b] until=2026-12-01 owner=me why\n}\n");
        assert_eq!(found.ignores.len(), 2);
        assert!(
            found
                .ignores
                .iter()
                .all(|one| one.cover.reach == Reach::Call("alb".into()))
        );
        assert_eq!(found.ignores[1].owner.as_deref(), Some("me"));
    }

    #[test]
    fn what_is_meant_and_not_said_is_malformed() {
        for comment in [
            "# tfguard:ignore[r] because",
            "# tfguard:ignore[r] until=2026-12-01",
            "# tfguard:ignore[r] until=2026-12-01 ---",
            "# tfguard:ignore[r] until=2026-13-01 why",
            "# tfguard:ignore[r] until=2026-12-1 why",
            "# tfguard:ignore[r] until=20261201 why",
            "# tfguard:ignore[r] until=tomorrow why",
            "# tfguard:ignore[r] untill=2026-12-01 why",
            "# tfguard:ignore[r] until=2026-12-01 until=2027-12-01 why",
            "# tfguard:ignore[A b] until=2026-12-01 why",
            "# tfguard:ignore[] until=2026-12-01 why",
            "# tfguard:ignore[r until=2026-12-01 why",
            "# tfguard:ignore r until=2026-12-01 why",
            "# tfguard:ignor[r] until=2026-12-01 why",
            "# tfguard: ignore[r] until=2026-12-01 why",
            "# TFGuard:ignore[r] until=2026-12-01 why",
            "# tfguard-ignore[r] until=2026-12-01 why",
            "# see tfguard:ignore[r] until=2026-12-01 why",
        ] {
            let (_, found) = comments(&format!("a = 1 {comment}\n"));
            assert_eq!(
                (found.ignores.len(), found.malformed.len()),
                (0, 1),
                "{comment}"
            );
        }
        for text in [
            "# tfguard:ignore[r] until=2026-12-01 why\n\na = 1\n",
            "a = 1\n# tfguard:ignore[r] until=2026-12-01 why\n",
        ] {
            let (_, found) = comments(text);
            assert_eq!(
                (found.ignores.len(), found.malformed.len()),
                (0, 1),
                "{text}"
            );
        }
    }

    #[test]
    fn other_text_is_no_waiver() {
        for text in [
            "a = \"# tfguard:ignore[r] until=2026-12-01 why\"\n",
            "a = <<E\n# tfguard:ignore[r]\nE\n",
            "# tfguard checks this\na = 1\n",
        ] {
            let (_, found) = comments(text);
            assert_eq!(found.ignores.len() + found.malformed.len(), 0, "{text}");
        }
    }
}
