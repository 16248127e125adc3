//! Writes YAML as Terraform does: block style, keys and strings in double quotes, text of several lines as literal blocks.

use std::fmt::Write as _;

use crate::value::{Data, Value};

/// The document of a wholly known value.
pub(super) fn encode(value: &Value) -> String {
    let mut writer = Writer::default();
    match value.data() {
        Data::List(..) | Data::Set(..) | Data::Tuple(_) | Data::Map(..) | Data::Object(_) => {
            writer.node(value, 0, Place::Start);
        }
        _ => writer.scalar(value, 2),
    }
    writer.end_line();
    // A scalar without quotes might go on: it is told from the end.
    if matches!(
        value.data(),
        Data::Bool(_) | Data::Number(_) | Data::Null(_)
    ) {
        writer.out.push_str("...\n");
    }
    writer.out
}

/// Where a node begins.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    /// At the start of a line, or right behind `- `.
    Start,
    /// Behind the colon of a key.
    Value,
}

#[derive(Default)]
struct Writer {
    out: String,
}

/// Lines in double quotes are broken at the first blank behind so many characters.
const WIDTH: usize = 80;
/// Longer keys are written behind a question mark.
const LONGEST_KEY: usize = 128;

impl Writer {
    fn end_line(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with('\n') {
            self.out.push('\n');
        }
    }

    fn begin_line(&mut self, indent: usize) {
        self.end_line();
        self.out.extend(std::iter::repeat_n(' ', indent));
    }

    /// A value; `indent` is where the lines of a collection begin.
    fn node(&mut self, value: &Value, indent: usize, place: Place) {
        match value.data() {
            Data::List(_, elements) | Data::Set(_, elements) | Data::Tuple(elements)
                if !elements.is_empty() =>
            {
                for (at, element) in elements.iter().enumerate() {
                    if at > 0 || place == Place::Value {
                        self.begin_line(indent);
                    }
                    self.indicator("-");
                    self.node_in_sequence(element, indent);
                }
            }
            Data::Map(_, entries) | Data::Object(entries) if !entries.is_empty() => {
                for (at, (key, element)) in entries.iter().enumerate() {
                    if at > 0 || place == Place::Value {
                        self.begin_line(indent);
                    }
                    self.key(key, indent);
                    self.node_in_mapping(element, indent);
                }
            }
            Data::List(..) | Data::Set(..) | Data::Tuple(_) => self.text(" []", place),
            Data::Map(..) | Data::Object(_) => self.text(" {}", place),
            _ => {
                if place == Place::Value {
                    self.out.push(' ');
                }
                self.scalar(value, indent);
            }
        }
    }

    /// Behind `-`: collections go on in the same line.
    fn node_in_sequence(&mut self, element: &Value, indent: usize) {
        self.out.push(' ');
        self.node(element, indent + 2, Place::Start);
    }

    /// Behind a key: sequences are not indented, mappings are.
    fn node_in_mapping(&mut self, element: &Value, indent: usize) {
        let is_sequence = matches!(
            element.data(),
            Data::List(..) | Data::Set(..) | Data::Tuple(_)
        );
        let indent = if is_sequence { indent } else { indent + 2 };
        self.node(element, indent, Place::Value);
    }

    fn key(&mut self, key: &str, indent: usize) {
        if key.len() <= LONGEST_KEY && !key.contains(is_break) {
            self.quoted(key, None);
            self.out.push(':');
            return;
        }
        self.indicator("?");
        self.out.push(' ');
        self.string(key, indent + 2);
        self.begin_line(indent);
        self.indicator(":");
    }

    fn indicator(&mut self, indicator: &str) {
        self.out.push_str(indicator);
    }

    fn text(&mut self, text: &str, place: Place) {
        self.out.push_str(match place {
            Place::Start => text.trim_start(),
            Place::Value => text,
        });
    }

    /// `indent` is where the lines of a literal block begin.
    fn scalar(&mut self, value: &Value, indent: usize) {
        match value.data() {
            Data::Bool(value) => self.out.push_str(if *value { "true" } else { "false" }),
            Data::Number(number) => {
                let _ = write!(self.out, "{number}");
            }
            Data::String(text) => self.string(text, indent),
            _ => self.out.push_str("null"),
        }
    }

    fn string(&mut self, text: &str, indent: usize) {
        if !text.contains('\n') || !allows_block(text) {
            self.quoted(text, Some(indent));
            return;
        }
        self.out.push('|');
        if text.starts_with(|first: char| first == ' ' || is_break(first)) {
            self.out.push('2');
        }
        let body = text.strip_suffix(is_break);
        match body {
            None => self.out.push('-'),
            Some(body) if body.is_empty() || body.ends_with(is_break) => {
                self.out.push('+');
            }
            Some(_) => {}
        }
        self.out.push('\n');
        for line in text.split_inclusive(is_break) {
            if !line.starts_with(is_break) {
                self.out.extend(std::iter::repeat_n(' ', indent));
            }
            self.out.push_str(line);
        }
    }

    /// In double quotes; long ones go on in further lines with this indentation.
    fn quoted(&mut self, text: &str, fold: Option<usize>) {
        let line = self.out.rfind('\n').map_or(0, |end| end + 1);
        let mut column = self.out[line..].chars().count() + 1;
        let mut after_space = false;
        self.out.push('"');
        for (at, character) in text.char_indices() {
            let inside = at > 0 && at + 1 < text.len();
            if let Some(indent) = fold
                && character == ' '
                && inside
                && !after_space
                && column > WIDTH
            {
                self.begin_line(indent);
                column = indent;
                if text[at + 1..].starts_with(' ') {
                    self.out.push('\\');
                    column += 1;
                }
                after_space = true;
                continue;
            }
            let start = self.out.len();
            self.character(character);
            column += self.out[start..].chars().count();
            after_space = character == ' ';
        }
        self.out.push('"');
    }

    /// A character between double quotes.
    fn character(&mut self, character: char) {
        let plain = is_printable(character) && !is_break(character);
        if plain && character != '"' && character != '\\' {
            self.out.push(character);
            return;
        }
        self.out.push('\\');
        let code = u32::from(character);
        let short = match code {
            0x00 => '0',
            0x07 => 'a',
            0x08 => 'b',
            0x09 => 't',
            0x0A => 'n',
            0x0B => 'v',
            0x0C => 'f',
            0x0D => 'r',
            0x1B => 'e',
            0x22 => '"',
            0x5C => '\\',
            0x85 => 'N',
            0xA0 => '_',
            0x2028 => 'L',
            0x2029 => 'P',
            _ => {
                let _ = match code {
                    0..=0xFF => write!(self.out, "x{code:02X}"),
                    0x100..=0xFFFF => write!(self.out, "u{code:04X}"),
                    _ => write!(self.out, "U{code:08X}"),
                };
                return;
            }
        };
        self.out.push(short);
    }
}

fn is_break(character: char) -> bool {
    matches!(character, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// What Terraform's encoder takes for printable; nothing beyond the basic plane is.
fn is_printable(character: char) -> bool {
    matches!(character, '\n' | ' '..='~' | '\u{A0}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}')
        && character != '\u{FEFF}'
}

/// Whether a text can stand as a literal block.
fn allows_block(text: &str) -> bool {
    let mut previous_space = false;
    for character in text.chars() {
        if !is_printable(character) || (previous_space && is_break(character)) {
            return false;
        }
        previous_space = character == ' ';
    }
    !previous_space
}
