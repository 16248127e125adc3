//! A string in the making of which some parts are not known.

use crate::value::{Data, Shape, Type, Value, convert};

/// The parts so far: known text between values that are not known.
#[derive(Default)]
pub(super) struct Parts {
    parts: Vec<Value>,
    text: String,
}

impl Parts {
    pub(super) fn text(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Adds a value as it stands in a string; whatever cannot stand there ends the attempt.
    pub(super) fn value(&mut self, value: &Value) -> Option<()> {
        let value = convert(value, &Type::String).ok()?;
        match value.data() {
            Data::String(text) if value.marks().is_empty() => self.text(text),
            Data::Null(_) => return None,
            _ => {
                self.end_text();
                self.parts.push(value);
            }
        }
        Some(())
    }

    fn end_text(&mut self) {
        if !self.text.is_empty() {
            self.parts
                .push(Value::text(&std::mem::take(&mut self.text)));
        }
    }

    pub(super) fn into_shape(mut self) -> Shape {
        self.end_text();
        Shape::Concat(self.parts.into())
    }
}
