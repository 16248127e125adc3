//! JSON as `jsonencode` and `jsondecode` have it, and the values in plans and states.

use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::Value as Json;
use thiserror::Error;

use super::{ConvertError, Data, Entries, Number, Shape, Type, Unknown, Value, convert, set_from};
use crate::address::{AttributePath, PathStep};

/// A value has no JSON.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum EncodeError {
    /// It is, or holds, something unknown.
    #[error("value is not known")]
    Unknown,
    /// It is, or holds, an infinite number.
    #[error("cannot serialize infinity as JSON")]
    Infinity,
}

/// The JSON text of a wholly known value as `jsonencode` writes it: no blanks, keys sorted, `<`, `>`, `&` and the line
/// separators escaped, numbers exact. Marks are left to the caller.
pub fn encode(value: &Value) -> Result<String, EncodeError> {
    let mut out = String::new();
    write(value, &mut out)?;
    Ok(out)
}

fn write(value: &Value, out: &mut String) -> Result<(), EncodeError> {
    match value.data() {
        Data::Unknown(_) => return Err(EncodeError::Unknown),
        Data::Null(_) => out.push_str("null"),
        Data::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Data::Number(number) if number.is_infinite() => return Err(EncodeError::Infinity),
        Data::Number(number) => out.push_str(&number.to_string()),
        Data::String(text) => write_string(text, out),
        Data::List(_, elements) | Data::Set(_, elements) | Data::Tuple(elements) => {
            out.push('[');
            for (at, element) in elements.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write(element, out)?;
            }
            out.push(']');
        }
        Data::Map(_, entries) | Data::Object(entries) => {
            out.push('{');
            for (at, (key, value)) in entries.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write_string(key, out);
                out.push(':');
                write(value, out)?;
            }
            out.push('}');
        }
    }
    Ok(())
}

fn write_string(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0'..='\u{1f}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                write!(out, "\\u{:04x}", u32::from(c)).expect("writing to a string");
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

/// `jsonencode(value)`: where something in it is unknown, an unknown string that begins as its type says and keeps the
/// value as [`Shape::Json`], so that rules can look into it. Carries all marks of the value.
pub fn encode_partial(value: &Value) -> Result<Value, EncodeError> {
    let marks = value.marks_deep();
    if value.is_wholly_known() {
        return Ok(Value::text(&encode(value)?).with_marks(&marks));
    }
    let mut unknown = Unknown::new(Type::String, value.causes());
    unknown.not_null = true;
    unknown.shape = Some(Shape::Json(Arc::new(value.clone())));
    if value.is_not_null() {
        unknown.prefix = match value.ty() {
            Type::String => Some("\"".into()),
            Type::Object(_) | Type::Map(_) => Some("{".into()),
            Type::Tuple(_) | Type::List(_) | Type::Set(_) => Some("[".into()),
            _ => None,
        };
    }
    Ok(Value::refined(unknown).with_marks(&marks))
}

/// Text that is no JSON document, or a deeper one than can be.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DecodeError {
    /// It ends too early.
    #[error("unexpected end of JSON input")]
    UnexpectedEnd,
    /// Something that does not belong there.
    #[error("invalid character at byte {at}, looking for {wanted}")]
    Unexpected {
        /// Where, in bytes.
        at: usize,
        /// What should have been there.
        wanted: &'static str,
    },
    /// Something after the document.
    #[error("extraneous data after JSON object")]
    Extraneous,
    /// Nested too deep.
    #[error("nested deeper than {} levels", Decoder::DEEPEST)]
    TooDeep,
}

/// `jsondecode(text)`: objects and tuples with the types that the document implies; of equal keys the last counts.
pub fn decode(text: &str) -> Result<Value, DecodeError> {
    Decoder { text, at: 0 }.document()
}

/// Reads a document without recursion.
struct Decoder<'a> {
    text: &'a str,
    at: usize,
}

/// An array or object that is being read.
enum Open {
    Array(Vec<Value>),
    Object(Entries, Arc<str>),
}

impl Decoder<'_> {
    /// Values of this depth are still converted and dropped within a small stack.
    const DEEPEST: usize = 500;

    fn document(mut self) -> Result<Value, DecodeError> {
        let mut open: Vec<Open> = Vec::new();
        loop {
            let mut value = match self.value_or_open()? {
                Some(value) => value,
                None if open.len() >= Self::DEEPEST => return Err(DecodeError::TooDeep),
                None => match self.begin()? {
                    Ok(container) => {
                        open.push(container);
                        continue;
                    }
                    Err(empty) => empty,
                },
            };
            loop {
                let Some(container) = open.last_mut() else {
                    self.skip_blanks();
                    let rest = self.at < self.text.len();
                    return if rest {
                        Err(DecodeError::Extraneous)
                    } else {
                        Ok(value)
                    };
                };
                self.skip_blanks();
                let byte = self.peek()?;
                match container {
                    Open::Array(elements) => elements.push(value),
                    Open::Object(entries, key) => {
                        entries.insert(Arc::clone(key), value);
                    }
                }
                match (byte, &mut *container) {
                    (b',', Open::Array(_)) => {
                        self.at += 1;
                        break;
                    }
                    (b',', Open::Object(_, key)) => {
                        self.at += 1;
                        *key = self.key()?;
                        break;
                    }
                    (b']', Open::Array(elements)) => {
                        value = Value::tuple(std::mem::take(elements));
                    }
                    (b'}', Open::Object(entries, _)) => {
                        value = Value::object(std::mem::take(entries));
                    }
                    _ => return Err(self.unexpected("a comma or the end")),
                }
                self.at += 1;
                open.pop();
            }
        }
    }

    fn unexpected(&self, wanted: &'static str) -> DecodeError {
        if self.at >= self.text.len() {
            return DecodeError::UnexpectedEnd;
        }
        DecodeError::Unexpected {
            at: self.at,
            wanted,
        }
    }

    fn skip_blanks(&mut self) {
        let rest = self.text.as_bytes()[self.at..].iter();
        self.at += rest
            .take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
            .count();
    }

    fn peek(&self) -> Result<u8, DecodeError> {
        let byte = self.text.as_bytes().get(self.at);
        byte.copied().ok_or(DecodeError::UnexpectedEnd)
    }

    /// A scalar; none before an array or object.
    fn value_or_open(&mut self) -> Result<Option<Value>, DecodeError> {
        const WANTED: &str = "beginning of value";
        self.skip_blanks();
        match self.peek()? {
            b'{' | b'[' => Ok(None),
            b'"' => self.string().map(|text| Some(Value::text(&text))),
            b'-' | b'0'..=b'9' => self.number().map(Some),
            _ => {
                let words = [
                    ("true", Value::TRUE),
                    ("false", Value::FALSE),
                    ("null", Value::NULL),
                ];
                for (word, value) in words {
                    if self.text[self.at..].starts_with(word) {
                        self.at += word.len();
                        return Ok(Some(value));
                    }
                }
                Err(self.unexpected(WANTED))
            }
        }
    }

    /// Enters an array or object; the other way round, what is empty is a value already.
    fn begin(&mut self) -> Result<Result<Open, Value>, DecodeError> {
        let is_array = self.peek()? == b'[';
        self.at += 1;
        self.skip_blanks();
        match (is_array, self.peek()?) {
            (true, b']') => {
                self.at += 1;
                Ok(Err(Value::tuple([])))
            }
            (false, b'}') => {
                self.at += 1;
                Ok(Err(Value::object(Entries::new())))
            }
            (true, _) => Ok(Ok(Open::Array(Vec::new()))),
            (false, _) => Ok(Ok(Open::Object(Entries::new(), self.key()?))),
        }
    }

    fn key(&mut self) -> Result<Arc<str>, DecodeError> {
        self.skip_blanks();
        if self.peek()? != b'"' {
            return Err(self.unexpected("beginning of object key string"));
        }
        let key = self.string()?;
        self.skip_blanks();
        if self.peek()? != b':' {
            return Err(self.unexpected("a colon after object key"));
        }
        self.at += 1;
        match Value::text(&key).data() {
            Data::String(key) => Ok(Arc::clone(key)),
            _ => Ok(key.into()),
        }
    }

    fn digits(&mut self) -> Result<(), DecodeError> {
        let rest = self.text.as_bytes()[self.at..].iter();
        let count = rest.take_while(|byte| byte.is_ascii_digit()).count();
        self.at += count;
        if count == 0 {
            return Err(self.unexpected("a digit"));
        }
        Ok(())
    }

    fn next_is(&self, bytes: &[u8]) -> bool {
        self.peek().is_ok_and(|byte| bytes.contains(&byte))
    }

    fn number(&mut self) -> Result<Value, DecodeError> {
        let start = self.at;
        if self.next_is(b"-") {
            self.at += 1;
        }
        if self.next_is(b"0") {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.next_is(b".") {
            self.at += 1;
            self.digits()?;
        }
        if self.next_is(b"eE") {
            self.at += 1;
            if self.next_is(b"+-") {
                self.at += 1;
            }
            self.digits()?;
        }
        let number = Number::parse(&self.text[start..self.at]);
        number.map(Value::number).ok_or(DecodeError::Unexpected {
            at: start,
            wanted: "a number of less than a million digits",
        })
    }

    fn string(&mut self) -> Result<String, DecodeError> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let rest = &self.text[self.at..];
            let plain = rest
                .bytes()
                .take_while(|byte| !matches!(byte, b'"' | b'\\' | 0..=0x1f))
                .count();
            out.push_str(&rest[..plain]);
            self.at += plain;
            match self.peek()? {
                b'"' => {
                    self.at += 1;
                    return Ok(out);
                }
                b'\\' => {
                    self.at += 1;
                    out.push(self.escape()?);
                }
                _ => {
                    return Err(
                        self.unexpected("string characters, of which control characters are none")
                    );
                }
            }
        }
    }

    fn escape(&mut self) -> Result<char, DecodeError> {
        let escaped = match self.peek()? {
            b'u' => {
                self.at += 1;
                return self.unicode_escape();
            }
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            byte @ (b'"' | b'\\' | b'/') => char::from(byte),
            _ => return Err(self.unexpected("an escape character")),
        };
        self.at += 1;
        Ok(escaped)
    }

    fn four_digits(&mut self) -> Result<u32, DecodeError> {
        let digits = self.text.get(self.at..self.at + 4).unwrap_or("");
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(self.unexpected("four hexadecimal digits"));
        }
        self.at += 4;
        Ok(u32::from_str_radix(digits, 16).unwrap_or(0))
    }

    /// Halves of pairs become U+FFFD, as in Go.
    fn unicode_escape(&mut self) -> Result<char, DecodeError> {
        let first = self.four_digits()?;
        if (0xd800..0xdc00).contains(&first) && self.text[self.at..].starts_with("\\u") {
            let before = self.at;
            self.at += 2;
            let second = self.four_digits()?;
            if (0xdc00..0xe000).contains(&second) {
                let code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.at = before;
        }
        Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER))
    }
}

/// The value of a type that JSON in a plan or state stands for: attributes that are missing are null, those that the type
/// does not have are left out, and numbers and bools may be written as strings and the other way round. Without a type
/// ([`Type::Dynamic`]) objects and tuples, as [`decode`].
pub fn from_json(json: &Json, ty: &Type) -> Result<Value, ConvertError> {
    typed_json(json, ty, &mut Vec::new())
}

fn typed_json(json: &Json, ty: &Type, path: &mut Vec<PathStep>) -> Result<Value, ConvertError> {
    match (json, ty) {
        (Json::Null, _) => Ok(Value::null(ty.without_optional())),
        (Json::Array(all), Type::List(of)) => {
            let elements = json_elements(all, |_| of, path)?;
            Ok(Value::list(of.without_optional(), elements))
        }
        (Json::Array(all), Type::Set(of)) => {
            let elements = json_elements(all, |_| of, path)?;
            Ok(set_from(&of.without_optional(), elements))
        }
        (Json::Array(all), Type::Tuple(of)) if of.len() == all.len() => {
            json_elements(all, |at| &of[at], path).map(Value::tuple)
        }
        (Json::Array(all), Type::Dynamic) => {
            json_elements(all, |_| &Type::Dynamic, path).map(Value::tuple)
        }
        (Json::Object(all), Type::Map(of)) => {
            let entries = all.iter().map(|(key, json)| (&**key, Some(json), &**of));
            Ok(Value::map(
                of.without_optional(),
                json_entries(entries, path)?,
            ))
        }
        (Json::Object(all), Type::Object(of)) => {
            let entries = of.attributes.iter();
            let entries = entries.map(|(name, ty)| (&**name, all.get(&**name), ty));
            json_entries(entries, path).map(Value::object)
        }
        (Json::Object(all), Type::Dynamic) => {
            let entries = all
                .iter()
                .map(|(key, json)| (&**key, Some(json), &Type::Dynamic));
            json_entries(entries, path).map(Value::object)
        }
        // Digits for a string keep the spelling that they have in the document.
        (Json::Number(number), Type::String) => Ok(Value::string(number.to_string())),
        _ => {
            let value = implied(json);
            convert(&value, ty).map_err(|error| ConvertError {
                path: AttributePath(path.iter().cloned().chain(error.path.0).collect()),
                reason: error.reason,
            })
        }
    }
}

fn json_elements<'a>(
    all: &[Json],
    of: impl Fn(usize) -> &'a Type,
    path: &mut Vec<PathStep>,
) -> Result<Vec<Value>, ConvertError> {
    let mut elements = Vec::with_capacity(all.len());
    for (at, json) in all.iter().enumerate() {
        path.push(PathStep::Index(at));
        elements.push(typed_json(json, of(at), path)?);
        path.pop();
    }
    Ok(elements)
}

fn json_entries<'a>(
    all: impl Iterator<Item = (&'a str, Option<&'a Json>, &'a Type)>,
    path: &mut Vec<PathStep>,
) -> Result<Entries, ConvertError> {
    let mut entries = Entries::new();
    for (key, json, ty) in all {
        let key: Arc<str> = key.into();
        path.push(PathStep::Attribute(Arc::clone(&key)));
        entries.insert(key, typed_json(json.unwrap_or(&Json::Null), ty, path)?);
        path.pop();
    }
    Ok(entries)
}

/// With the types that the JSON implies.
fn implied(json: &Json) -> Value {
    match json {
        Json::Null => Value::NULL,
        Json::Bool(value) => Value::bool(*value),
        Json::Number(number) => {
            Number::parse(&number.to_string()).map_or(Value::NULL, Value::number)
        }
        Json::String(text) => Value::text(text),
        Json::Array(all) => Value::tuple(all.iter().map(implied)),
        Json::Object(all) => {
            let entries = all
                .iter()
                .map(|(key, json)| (key.as_str().into(), implied(json)));
            Value::object(entries.collect())
        }
    }
}
