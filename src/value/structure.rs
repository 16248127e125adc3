//! Documents in texts of which parts are not known: what they decode to, with the unknown parts in their places.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Causes, Data, Entries, Marks, Shape, Type, Unknown, Value, decode};

/// What is decoded of a text that is not known as a whole, or taken out of that.
pub fn decoded(document: Value, causes: &Causes) -> Value {
    let unknown = Unknown {
        shape: Some(Shape::Decoded(Arc::new(document))),
        ..Unknown::new(Type::Dynamic, causes.clone())
    };
    Value::refined(unknown)
}

/// What a JSON text holds; a value that is no text is what it is. None where it is no JSON, or nothing is known of it.
pub fn structure(value: &Value) -> Option<Value> {
    if let Some(text) = value.as_str() {
        return decode(text).ok();
    }
    let Some(unknown) = value.as_unknown() else {
        return Some(value.clone());
    };
    match unknown.shape.as_ref()? {
        Shape::Json(inner) => Some(Value::clone(inner)),
        Shape::Partial(inner) | Shape::Decoded(inner) => structure(inner),
        Shape::Secrets(_) => None,
        Shape::Concat(parts) => document(parts, Scalars::Quoted, &|text| decode(text).ok()),
    }
}

/// What a text of these parts holds once it is decoded.
pub fn document(
    parts: &[Value],
    scalars: Scalars,
    decode: &dyn Fn(&str) -> Option<Value>,
) -> Option<Value> {
    let mut ways = [Marked::Part, Marked::Text].into_iter();
    ways.find_map(|marked| Template::new(marked, scalars).decode(parts, decode))
}

/// How a text that stands by itself is written in a document.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Scalars {
    /// Between quotes, as in JSON.
    Quoted,
    /// As it is, as in YAML.
    Plain,
}

/// Text with parts that are not known: each is written as a mark, and put back into what the text decodes to.
struct Template {
    text: String,
    parts: Vec<Value>,
    in_string: bool,
    marked: Marked,
    scalars: Scalars,
}

/// What known text with a mark is: a part of its own, or as other text where a `for` marked all that it made.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Marked {
    Part,
    Text,
}

/// Stand around the number of a part; nobody uses these characters.
const OPEN: char = '\u{F0000}';
const CLOSE: char = '\u{F0001}';

impl Template {
    fn new(marked: Marked, scalars: Scalars) -> Self {
        Self {
            text: String::new(),
            parts: Vec::new(),
            in_string: false,
            marked,
            scalars,
        }
    }

    fn decode(mut self, parts: &[Value], decode: &dyn Fn(&str) -> Option<Value>) -> Option<Value> {
        self.add(parts);
        let decoded = decode(&self.text)?;
        Some(self.restore(&decoded))
    }

    /// A part may be a sequence of parts itself: what a `for` of a template made. Its marks are those of the whole.
    fn add(&mut self, parts: &[Value]) {
        for part in parts {
            let shape = part.as_unknown().and_then(|unknown| unknown.shape.as_ref());
            match (part.foreseen().and_then(Value::as_str), shape) {
                (Some(text), _) if self.marked == Marked::Text || part.marks().is_empty() => {
                    self.known(text);
                }
                (None, Some(Shape::Concat(inner))) => self.add(inner),
                _ => self.open(part),
            }
        }
    }

    fn known(&mut self, text: &str) {
        let mut escaped = false;
        for c in text.chars() {
            match c {
                _ if escaped => escaped = false,
                '\\' if self.in_string => escaped = true,
                '"' => self.in_string = !self.in_string,
                _ => {}
            }
        }
        self.text.push_str(text);
    }

    fn open(&mut self, part: &Value) {
        let mark = format!("{OPEN}{}{CLOSE}", self.parts.len());
        if self.in_string || self.scalars == Scalars::Plain {
            self.text.push_str(&mark);
        } else {
            self.text.push_str(&format!("\"{mark}\""));
        }
        let bare = !self.in_string;
        self.parts.push(match structure_of_part(part, bare) {
            Some(inner) => inner,
            None => part.clone(),
        });
    }

    fn restore(&self, value: &Value) -> Value {
        match value.data() {
            Data::String(text) => self.string(text),
            Data::Tuple(elements) => {
                Value::tuple(elements.iter().map(|element| self.restore(element)))
            }
            Data::Object(entries) => {
                let entries: BTreeMap<_, _> = entries
                    .iter()
                    .map(|(name, entry)| (written_name(name), self.restore(entry)))
                    .collect();
                Value::object(Entries::from(entries))
            }
            _ => value.clone(),
        }
    }

    fn string(&self, text: &Arc<str>) -> Value {
        let mut pieces = Vec::new();
        let mut rest: &str = text;
        while let Some((before, after)) = rest.split_once(OPEN) {
            let Some((number, after)) = after.split_once(CLOSE) else {
                break;
            };
            if !before.is_empty() {
                pieces.push(Value::string(before));
            }
            let part = number.parse().ok().and_then(|at: usize| self.parts.get(at));
            pieces.extend(part.cloned());
            rest = after;
        }
        if pieces.is_empty() {
            return Value::string(Arc::clone(text));
        }
        if !rest.is_empty() {
            pieces.push(Value::string(rest));
        }
        match <[Value; 1]>::try_from(pieces) {
            Ok([only]) => only,
            Err(pieces) => joined(pieces),
        }
    }
}

/// A name with an open part is no name that any rule looks for.
fn written_name(name: &Arc<str>) -> Arc<str> {
    if name.contains(OPEN) {
        name.replace([OPEN, CLOSE], "?").into()
    } else {
        Arc::clone(name)
    }
}

fn structure_of_part(part: &Value, bare: bool) -> Option<Value> {
    if !bare {
        return None;
    }
    let inner = structure(part)?;
    Some(inner.with_marks(part.marks()))
}

fn joined(pieces: Vec<Value>) -> Value {
    let marks = Marks::of(&pieces);
    if let Some(texts) = pieces.iter().map(Value::as_str).collect::<Option<Vec<_>>>() {
        return Value::text(&texts.concat()).with_marks(&marks);
    }
    let causes = pieces.iter().fold(Causes::default(), |causes, piece| {
        causes.union(&piece.causes())
    });
    let prefix = pieces.first().and_then(Value::as_str).map(Arc::from);
    let unknown = Unknown {
        not_null: true,
        prefix,
        shape: Some(Shape::Concat(pieces.into())),
        ..Unknown::new(Type::String, causes)
    };
    Value::refined(unknown).with_marks(&marks)
}

#[cfg(test)]
mod tests {
    use super::super::Cause;
    use super::*;

    fn unknown() -> Value {
        Value::unknown(
            Type::String,
            Causes::one(Cause::NoValue {
                variable: "var.arn".into(),
            }),
        )
    }

    #[test]
    fn a_template_keeps_its_open_parts() {
        let parts = [
            Value::string(r#"[{"name": "api", "port": "#),
            unknown(),
            Value::string(r#", "secrets": [{"name": "A", "valueFrom": ""#),
            unknown(),
            Value::string(r#":KEY::"}]}]"#),
        ];
        let decoded = document(&parts, Scalars::Quoted, &|text| decode(text).ok()).expect("JSON");
        let container = &decoded.as_elements().expect("a list")[0];
        assert_eq!(
            container.attribute("name").and_then(Value::as_str),
            Some("api")
        );
        assert!(!container.attribute("port").expect("a port").is_known());
        let secret = &container
            .attribute("secrets")
            .and_then(Value::as_elements)
            .expect("secrets")[0];
        let from = secret.attribute("valueFrom").expect("a reference");
        assert!(!from.is_known() && !from.causes().is_empty());
    }
}
