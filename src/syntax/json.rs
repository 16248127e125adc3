//! JSON text to values with spans, as strictly as HCL's reader of JSON syntax.
//!
//! What the values mean as bodies, blocks and expressions is decided in [`super::json_body`].

use std::borrow::Cow;

use super::origin::{Origin, Shift};
use super::{MAX_DEPTH, MAX_ERRORS, SyntaxError};
use crate::source::{SourceId, Span};

/// A JSON value and where it stands.
#[derive(Debug)]
pub(super) struct Json<'a> {
    pub kind: JsonKind<'a>,
    pub span: Span,
}

/// The kinds of JSON value.
#[derive(Debug)]
pub(super) enum JsonKind<'a> {
    Null,
    Bool(bool),
    /// As it is written; may begin with `-`.
    Number(&'a str),
    String(JsonString<'a>),
    Array(Vec<Json<'a>>),
    /// In source order, with repeated names.
    Object(Vec<Property<'a>>),
    /// Could not be read; an error was reported.
    Invalid,
}

/// `"name": value`
#[derive(Debug)]
pub(super) struct Property<'a> {
    pub name: JsonString<'a>,
    pub value: Json<'a>,
}

/// A string: its value, and how its characters lie in the file.
#[derive(Debug)]
pub(super) struct JsonString<'a> {
    pub text: Cow<'a, str>,
    /// With the quotes.
    pub span: Span,
    /// Without them.
    pub content: Span,
    shifts: Vec<Shift>,
}

impl JsonString<'_> {
    /// Where the text stands in its file.
    pub fn origin(&self) -> Origin {
        Origin::shifted(self.span.source, self.span.start + 1, self.shifts.clone())
    }
}

/// Reads a whole text. A value that is broken costs what follows it in the file; everything before it is kept.
pub(super) fn read(source: SourceId, text: &str) -> (Json<'_>, Vec<SyntaxError>) {
    let mut reader = Reader {
        text,
        bytes: text.as_bytes(),
        at: 0,
        depth: 0,
        source,
        errors: Vec::new(),
        lost: false,
    };
    if text.starts_with('\u{feff}') {
        let message = "a byte order mark stands before the JSON";
        let help = "save the file in UTF-8 without a byte order mark";
        reader.at = '\u{feff}'.len_utf8();
        reader.report(0, reader.at, message, Some(help));
    }
    let value = reader.value();
    reader.space();
    if !reader.lost && reader.at < text.len() {
        reader.unexpected("the end of the file");
    }
    (value, reader.errors)
}

struct Reader<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    depth: usize,
    source: SourceId,
    errors: Vec<SyntaxError>,
    /// An error was met that reading cannot go on after.
    lost: bool,
}

impl<'a> Reader<'a> {
    fn span(&self, start: usize, end: usize) -> Span {
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Span {
            source: self.source,
            start: offset(start),
            end: offset(end),
        }
    }

    fn report(&mut self, start: usize, end: usize, message: impl Into<String>, help: Option<&str>) {
        let span = self.span(start, end);
        self.errors.push(SyntaxError {
            message: message.into(),
            help: help.map(str::to_owned),
            span,
        });
        self.lost |= self.errors.len() >= MAX_ERRORS;
    }

    /// Reports what stands here instead of what was wanted, and gives up.
    fn unexpected(&mut self, wanted: &str) {
        const KNOWN: [&str; 9] = [
            "true",
            "false",
            "null",
            "True",
            "False",
            "None",
            "undefined",
            "NaN",
            "Infinity",
        ];
        let rest = &self.text[self.at..];
        let word = rest.find(|next: char| !next.is_alphanumeric() && next != '_');
        let first = rest.chars().next().map_or(0, char::len_utf8);
        let length = word.unwrap_or(rest.len()).max(first).min(rest.len());
        let found = match &rest[..length] {
            "" => "the end of the file".to_owned(),
            "\"" => "a string".to_owned(),
            // Any other word may be a secret whose quotes were forgotten.
            word if word.contains(char::is_alphanumeric) && !KNOWN.contains(&word) => {
                "a word without quotes".to_owned()
            }
            found => format!("`{found}`"),
        };
        let help = match (rest.chars().next(), &rest[..length]) {
            (Some('='), _) => Some("JSON has `:` between a name and its value"),
            (Some('\''), _) => Some("JSON strings stand in `\"`"),
            (Some('/' | '#'), _) => Some("JSON has no comments; a property named `//` is ignored"),
            (_, "True" | "False" | "None" | "undefined" | "NaN" | "Infinity") => {
                Some("JSON knows `true`, `false` and `null`")
            }
            _ => None,
        };
        let message = format!("expected {wanted}, found {found}");
        self.report(self.at, self.at + length, message, help);
        self.lost = true;
    }

    fn space(&mut self) {
        while matches!(self.bytes.get(self.at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> bool {
        self.space();
        let taken = self.bytes.get(self.at) == Some(&byte);
        self.at += usize::from(taken);
        taken
    }

    fn value(&mut self) -> Json<'a> {
        self.space();
        let start = self.at;
        let kind = match self.bytes.get(start) {
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::array),
            Some(b'"') => JsonKind::String(self.string()),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => self.keyword(),
        };
        let span = self.span(start, self.at);
        Json { kind, span }
    }

    fn nested(&mut self, read: impl FnOnce(&mut Self) -> JsonKind<'a>) -> JsonKind<'a> {
        if self.depth >= MAX_DEPTH {
            let message = format!("nested more than {MAX_DEPTH} levels deep");
            self.report(self.at, self.at + 1, message, None);
            self.lost = true;
            return JsonKind::Invalid;
        }
        self.depth += 1;
        self.at += 1;
        let kind = read(self);
        self.depth -= 1;
        kind
    }

    fn object(&mut self) -> JsonKind<'a> {
        let mut properties = Vec::new();
        if self.take(b'}') {
            return JsonKind::Object(properties);
        }
        while !self.lost {
            self.space();
            if self.bytes.get(self.at) != Some(&b'"') {
                self.unexpected("a property's name in quotes");
                break;
            }
            let name = self.string();
            if !self.take(b':') {
                self.unexpected("`:` after a property's name");
                break;
            }
            let value = self.value();
            properties.push(Property { name, value });
            if self.ends(b'}', "`,` or `}` after a property") {
                break;
            }
        }
        JsonKind::Object(properties)
    }

    fn array(&mut self) -> JsonKind<'a> {
        let mut items = Vec::new();
        if self.take(b']') {
            return JsonKind::Array(items);
        }
        while !self.lost {
            items.push(self.value());
            if self.ends(b']', "`,` or `]` after an item") {
                break;
            }
        }
        JsonKind::Array(items)
    }

    /// Behind an item: whether the object or array ends here. A comma too many or too few is reported, and reading
    /// goes on.
    fn ends(&mut self, close: u8, wanted: &str) -> bool {
        if self.lost || self.take(close) {
            return true;
        }
        let end_of_item = self.at;
        if self.take(b',') {
            let comma = self.at - 1;
            let closes = self.take(close);
            if closes {
                self.report(comma, comma + 1, "comma before a closing bracket", None);
            }
            return closes;
        }
        let starts_item = match self.bytes.get(self.at) {
            Some(b'"') => true,
            Some(b'{' | b'[') => close == b']',
            _ => false,
        };
        if starts_item {
            self.report(end_of_item, end_of_item, "comma is missing here", None);
        } else {
            self.unexpected(wanted);
        }
        self.lost
    }

    fn keyword(&mut self) -> JsonKind<'a> {
        let rest = &self.text[self.at..];
        let length = rest.find(|next: char| !next.is_ascii_alphabetic() && next != '_');
        let kind = match &rest[..length.unwrap_or(rest.len())] {
            "null" => JsonKind::Null,
            "true" => JsonKind::Bool(true),
            "false" => JsonKind::Bool(false),
            _ => {
                self.unexpected("a value");
                return JsonKind::Invalid;
            }
        };
        self.at += length.unwrap_or(rest.len());
        kind
    }

    fn number(&mut self) -> JsonKind<'a> {
        let start = self.at;
        let is_part = |byte: &&u8| matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9');
        let length = self.bytes[start..].iter().take_while(is_part).count();
        self.at += length;
        let text = &self.text[start..self.at];
        if is_number(text) {
            return JsonKind::Number(text);
        }
        let short: String = text.chars().take(40).collect();
        let message = format!("`{short}` is no JSON number");
        self.report(start, self.at, message, None);
        JsonKind::Invalid
    }

    /// From quote to quote; the text is a slice of the file unless it has escapes.
    fn string(&mut self) -> JsonString<'a> {
        let start = self.at;
        self.at += 1;
        let mut copied = self.at;
        let mut value: Option<String> = None;
        let mut shifts = Vec::new();
        loop {
            match self.bytes.get(self.at) {
                Some(b'"') => break,
                Some(b'\\') => {
                    let value = value.get_or_insert_default();
                    value.push_str(&self.text[copied..self.at]);
                    shifts.push(self.shift(value));
                    self.escape(value);
                    shifts.push(self.shift(value));
                    copied = self.at;
                }
                Some(0x20..) => self.at += 1,
                _ => {
                    let message = "string is not closed on its line";
                    self.report(start, self.at, message, Some("close it with `\"`"));
                    self.lost = true;
                    break;
                }
            }
        }
        let rest = &self.text[copied..self.at];
        let content = self.span(start + 1, self.at);
        if !self.lost {
            self.at += 1;
        }
        let text = match value {
            Some(mut value) => {
                value.push_str(rest);
                Cow::Owned(value)
            }
            None => Cow::Borrowed(rest),
        };
        let span = self.span(start, self.at);
        JsonString {
            text,
            span,
            content,
            shifts,
        }
    }

    fn shift(&self, value: &str) -> Shift {
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Shift {
            text: offset(value.len()),
            file: offset(self.at),
        }
    }

    fn escape(&mut self, value: &mut String) {
        let start = self.at;
        let simple = match self.bytes.get(start + 1) {
            Some(same @ (b'"' | b'\\' | b'/')) => Some(char::from(*same)),
            Some(b'b') => Some('\u{8}'),
            Some(b'f') => Some('\u{c}'),
            Some(b'n') => Some('\n'),
            Some(b'r') => Some('\r'),
            Some(b't') => Some('\t'),
            _ => None,
        };
        if let Some(simple) = simple {
            value.push(simple);
            self.at += 2;
            return;
        }
        let Some(unit) = self.unit(start) else {
            let selector = self.text[start + 1..].chars().next();
            let end = start + 1 + selector.map_or(0, char::len_utf8);
            let sequence = &self.text[start..end];
            let message = format!("`{}` is no JSON escape", sequence.escape_debug());
            self.report(start, end, message, Some("write `\\\\` for a backslash"));
            self.at = if selector.is_some_and(|selector| selector >= ' ') {
                end
            } else {
                start + 1
            };
            return;
        };
        self.at += 6;
        let pair = [unit, self.unit(self.at).unwrap_or(0)];
        if let Some(Ok(paired)) = char::decode_utf16(pair).next() {
            value.push(paired);
            if paired > '\u{ffff}' {
                self.at += 6;
            }
        } else {
            value.push(char::REPLACEMENT_CHARACTER);
        }
    }

    /// The number of `\uNNNN` at that place.
    fn unit(&self, at: usize) -> Option<u16> {
        let digits = self.text.get(at..at + 6)?.strip_prefix("\\u")?;
        let all = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        u16::from_str_radix(digits, 16).ok().filter(|_| all)
    }
}

/// Whether JSON allows the number; the text holds nothing but the characters of numbers.
fn is_number(text: &str) -> bool {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let whole = whole.strip_prefix('-').unwrap_or(whole);
    let exponent = exponent.map(|text| text.strip_prefix(['+', '-']).unwrap_or(text));
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(digits)
}
