//! Reads YAML as Terraform does: the syntax of YAML 1.2, with the scalars of 1.1 (`yes` is a bool, `2024-01-02` a
//! timestamp), merge keys, and aliases.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use base64::Engine as _;
use saphyr_parser::{Event, Parser, ScalarStyle, Span, StrInput, Tag};

use super::super::date;
use crate::value::{Data, Entries, Number, Type, Value, convert, quote};

/// Why there is no value.
pub(super) enum Refused {
    /// Terraform refuses it too.
    Invalid(String),
    /// Deeper or larger than is read here.
    TooLarge,
}

/// The value of the one document in a text.
pub(super) fn decode(text: &str) -> Result<Value, Refused> {
    check_start(text)?;
    let mut reader = Reader {
        events: Parser::new_from_str(text),
        anchors: HashMap::new(),
        nodes: 0,
    };
    reader.next()?;
    let (event, span) = reader.next()?;
    if !matches!(event, Event::DocumentStart(_)) {
        return Err(at(span, "missing start of document"));
    }
    let (event, span) = reader.next()?;
    let node = reader.node(event, span, 0)?;
    let (event, span) = reader.next()?;
    if !matches!(event, Event::DocumentEnd) {
        return Err(at(span, "unexpected extra content after value"));
    }
    match reader.next()? {
        (Event::StreamEnd, _) => Ok(node.value),
        (Event::DocumentStart(_), span) => Err(at(span, "only a single document is allowed")),
        (_, span) => Err(at(span, "unexpected extra content after value")),
    }
}

/// Refuses what the parser would let pass and Terraform's does not: a version other than 1.1, and a tab before the first
/// token.
fn check_start(text: &str) -> Result<(), Refused> {
    let invalid = |problem: &str| Err(Refused::Invalid(problem.to_owned()));
    for line in text.lines() {
        let content = line.trim_start();
        if let Some(version) = line.strip_prefix("%YAML") {
            if version.trim() != "1.1" {
                return invalid("found incompatible YAML document");
            }
        } else if line.starts_with('\t') && !content.is_empty() {
            return invalid("found character that cannot start any token");
        } else if !content.is_empty() && !content.starts_with(['#', '%']) {
            return Ok(());
        }
    }
    Ok(())
}

/// An error with its place, where Terraform gives one: not on the first line.
fn at(span: Span, message: &str) -> Refused {
    let line = span.start.line().saturating_sub(1);
    Refused::Invalid(match line {
        0 => message.to_owned(),
        line => format!("on line {line}, column {}: {message}", span.start.col() + 1),
    })
}

/// Documents that unfold to more values through their aliases are not read.
const MOST_NODES: usize = 1 << 20;
/// Nor are deeper ones.
const DEEPEST: usize = 256;

struct Reader<'a> {
    events: Parser<'a, StrInput<'a>>,
    anchors: HashMap<usize, Node>,
    nodes: usize,
}

/// A value and how many values are in it.
#[derive(Clone)]
struct Node {
    value: Value,
    size: usize,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<(Event<'a>, Span), Refused> {
        match self.events.next_event() {
            Some(Ok(event)) => Ok(event),
            Some(Err(error)) => {
                let mark = *error.marker();
                Err(at(Span::new(mark, mark), error.info()))
            }
            None => Err(Refused::Invalid("unexpected end of document".to_owned())),
        }
    }

    fn node(&mut self, event: Event<'a>, span: Span, depth: usize) -> Result<Node, Refused> {
        if depth > DEEPEST {
            return Err(Refused::TooLarge);
        }
        let (anchor, node) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let value = scalar(&text, style, tag.as_deref());
                let value = value.map_err(|problem| at(span, &problem))?;
                (anchor, Node { value, size: 1 })
            }
            Event::SequenceStart(anchor, tag) => {
                plain_collection(tag.as_deref(), "seq", "sequence").map_err(|m| at(span, &m))?;
                (anchor, self.sequence(depth)?)
            }
            Event::MappingStart(anchor, tag) => {
                plain_collection(tag.as_deref(), "map", "mapping").map_err(|m| at(span, &m))?;
                (anchor, self.mapping(depth)?)
            }
            Event::Alias(anchor) => {
                let Some(node) = self.anchors.get(&anchor) else {
                    return Err(at(
                        span,
                        "cannot refer to an anchor from inside its own definition",
                    ));
                };
                (0, node.clone())
            }
            _ => return Err(at(span, "unexpected parser event")),
        };
        self.nodes += 1;
        if self.nodes > MOST_NODES || node.size > MOST_NODES {
            return Err(Refused::TooLarge);
        }
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn sequence(&mut self, depth: usize) -> Result<Node, Refused> {
        let mut elements = Vec::new();
        let mut size = 1usize;
        loop {
            let (event, span) = self.next()?;
            if matches!(event, Event::SequenceEnd) {
                let value = Value::tuple(elements);
                return Ok(Node { value, size });
            }
            let node = self.node(event, span, depth + 1)?;
            size = size.saturating_add(node.size);
            elements.push(node.value);
        }
    }

    fn mapping(&mut self, depth: usize) -> Result<Node, Refused> {
        let mut entries = Entries::new();
        let mut size = 1usize;
        loop {
            let (event, key_span) = self.next()?;
            let (text, style, tag) = match event {
                Event::MappingEnd => {
                    let value = Value::object(entries);
                    return Ok(Node { value, size });
                }
                Event::Scalar(text, style, _, tag) => (text, style, tag),
                _ => return Err(at(key_span, "only strings are allowed as mapping keys")),
            };
            let (event, span) = self.next()?;
            if is_merge_key(&text, tag.as_deref()) {
                let node = self.node(event, span, depth + 1)?;
                size = size.saturating_add(node.size);
                merge(&node.value, &mut entries).map_err(|problem| at(key_span, &problem))?;
                continue;
            }
            let key = scalar(&text, style, tag.as_deref()).map_err(Refused::Invalid)?;
            let key = convert(&key, &Type::String).map(|key| key.data().clone());
            let Ok(Data::String(key)) = key else {
                return Err(at(key_span, "mapping key cannot be null"));
            };
            let node = self.node(event, span, depth + 1)?;
            size = size.saturating_add(node.size);
            entries.insert(key, node.value);
        }
    }
}

fn is_merge_key(text: &str, tag: Option<&Tag>) -> bool {
    match tag {
        None => text == "<<",
        Some(tag) => short(tag) == "!!merge",
    }
}

/// Puts the entries of a mapping, or of several, among others.
fn merge(value: &Value, into: &mut Entries) -> Result<(), String> {
    let mut add = |value: &Value, from: &str| match value.data() {
        Data::Object(entries) => {
            into.extend(
                entries
                    .iter()
                    .map(|(key, value)| (Arc::clone(key), value.clone())),
            );
            Ok(())
        }
        _ => Err(format!(
            "cannot merge {}{from} into mapping",
            value.ty().friendly_name()
        )),
    };
    match value.data() {
        Data::Tuple(elements) => elements
            .iter()
            .try_for_each(|element| add(element, " (from sequence)")),
        _ => add(value, ""),
    }
}

/// `!!str` for `tag:yaml.org,2002:str`.
fn short(tag: &Tag) -> String {
    let whole = format!("{}{}", tag.handle, tag.suffix);
    match whole.strip_prefix("tag:yaml.org,2002:") {
        Some(name) => format!("!!{name}"),
        None => whole,
    }
}

fn long(short: &str) -> Cow<'_, str> {
    match short.strip_prefix("!!") {
        Some(name) => format!("tag:yaml.org,2002:{name}").into(),
        None => short.into(),
    }
}

fn plain_collection(tag: Option<&Tag>, wanted: &str, noun: &str) -> Result<(), String> {
    match tag.map(short) {
        Some(tag) if tag != format!("!!{wanted}") && tag != "!" => {
            Err(format!("can't interpret {noun} as {}", long(&tag)))
        }
        _ => Ok(()),
    }
}

/// What a scalar means.
fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Result<Value, String> {
    let tag = tag.map(short).unwrap_or_default();
    let tag = tag.as_str();
    match tag {
        "!" => return Ok(Value::text(text)),
        "" | "!!str" | "!!bool" | "!!int" | "!!float" | "!!null" | "!!timestamp" | "!!binary" => {}
        other => return Err(format!("unsupported tag {}", quote(&long(other)))),
    }
    let quoted = matches!(style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted);
    let untyped = !matches!(tag, "!!str" | "!!binary");
    let mut kind = tag;
    if let Some(hint) = hint(text).filter(|_| untyped) {
        if quoted {
            return Ok(Value::text(text));
        }
        if let Some(value) = named(text) {
            return Ok(value);
        }
        if tag.is_empty() && matches!(text, ".nan" | ".NaN" | ".NAN") {
            return Err("floating point NaN is not supported".to_owned());
        }
        match hint {
            Hint::Point => {
                if let Some(number) = Number::parse(text) {
                    return Ok(Value::number(number));
                }
            }
            Hint::Number => {
                if matches!(tag, "" | "!!timestamp")
                    && let Some(timestamp) = timestamp(text)
                {
                    return Ok(Value::string(timestamp));
                }
                if is_integer(text) {
                    kind = "!!int";
                } else if is_float(text) {
                    kind = "!!float";
                }
            }
            Hint::Word => {}
        }
    }
    typed(text, kind).ok_or_else(|| match kind {
        "!!binary" => format!(
            "cannot parse {} as {}: not valid base64",
            quote(text),
            long(kind)
        ),
        kind => format!("cannot parse {} as {}", quote(text), long(kind)),
    })
}

/// A scalar of a type that is known.
fn typed(text: &str, kind: &str) -> Option<Value> {
    match kind {
        "!!binary" => {
            let bare = text.replace(['\r', '\n'], "");
            let engine = base64::engine::general_purpose::STANDARD;
            engine.decode(bare).ok().map(|_| Value::text(text))
        }
        "!!bool" => named(text).filter(|value| value.as_bool().is_some()),
        "!!int" | "!!float" => number(&text.replace('_', "")).map(Value::number),
        "!!timestamp" => timestamp(text).map(Value::string),
        "!!null" => Some(Value::NULL),
        _ => Some(Value::text(text)),
    }
}

/// What the first character lets a scalar be.
#[derive(Clone, Copy)]
enum Hint {
    Word,
    Number,
    Point,
}

fn hint(text: &str) -> Option<Hint> {
    match text.as_bytes().first() {
        None => Some(Hint::Word),
        Some(b'0'..=b'9' | b'+' | b'-') => Some(Hint::Number),
        Some(b'.') => Some(Hint::Point),
        Some(first) if b"yYnNtTfFoO~".contains(first) => Some(Hint::Word),
        Some(_) => None,
    }
}

fn named(text: &str) -> Option<Value> {
    let infinite = |text: &str| Number::parse(text).map(Value::number);
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Some(Value::TRUE)
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Some(Value::FALSE)
        }
        "" | "~" | "null" | "Null" | "NULL" => Some(Value::NULL),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => infinite("inf"),
        "-.inf" | "-.Inf" | "-.INF" => infinite("-inf"),
        _ => None,
    }
}

fn is_integer(text: &str) -> bool {
    let all = |digits: &str, legal: fn(u8) -> bool| !digits.is_empty() && digits.bytes().all(legal);
    if let Some(octal) = text.strip_prefix("0o") {
        return all(octal, |byte| matches!(byte, b'0'..=b'7'));
    }
    if let Some(hexadecimal) = text.strip_prefix("0x") {
        return all(hexadecimal, |byte| byte.is_ascii_hexdigit());
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    all(digits, |byte| byte.is_ascii_digit())
}

fn is_float(text: &str) -> bool {
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let whole = digits(text);
    let mut rest = &text[whole..];
    let mut fraction = 0;
    if let Some(after) = rest.strip_prefix('.') {
        fraction = digits(after);
        rest = &after[fraction..];
    }
    if whole == 0 && fraction == 0 {
        return false;
    }
    if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
        let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        let count = digits(exponent);
        return count > 0 && count == exponent.len();
    }
    rest.is_empty()
}

fn number(text: &str) -> Option<Number> {
    Number::parse(text).or_else(|| {
        let (digits, radix) = match (text.strip_prefix("0x"), text.strip_prefix("0o")) {
            (Some(digits), _) => (digits, 16),
            (_, Some(digits)) => (digits, 8),
            _ => return None,
        };
        u64::from_str_radix(digits, radix).ok().map(Number::from)
    })
}

/// A date, or a date and a time, as RFC 3339.
fn timestamp(text: &str) -> Option<String> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    if digits(text) != 4 {
        return None;
    }
    let (year, rest) = text.split_at(4);
    let two = |rest: &str, before: &str| -> Option<(String, usize)> {
        let after = rest.strip_prefix(before)?;
        let count = digits(after).min(2);
        (count > 0).then(|| (format!("{:0>2}", &after[..count]), before.len() + count))
    };
    let (month, taken) = two(rest, "-")?;
    let rest = &rest[taken..];
    let (day, taken) = two(rest, "-")?;
    let rest = &rest[taken..];
    if rest.is_empty() {
        return date::canonical(&format!("{year}-{month}-{day}T00:00:00Z"));
    }
    let separator = rest.get(..1)?;
    let (hour, taken) = two(rest, separator)?;
    let rest = &rest[taken..];
    let (minute, taken) = two(rest, ":")?;
    let rest = &rest[taken..];
    let (second, taken) = two(rest, ":")?;
    let rest = &rest[taken..];
    let zone = match separator {
        "T" | "t" => rest.to_owned(),
        " " => format!("{rest}Z"),
        _ => return None,
    };
    date::canonical(&format!(
        "{year}-{month}-{day}T{hour}:{minute}:{second}{zone}"
    ))
}
