//! `yamldecode` and `yamlencode`.

mod decode;
mod encode;

use std::sync::Arc;

use super::parts::Parts;
use super::{Call, FunctionError, Outcome};
use crate::value::{Cause, Causes, Entries, Scalars, Shape, Type, Value, document};

pub(super) fn yamldecode(call: &Call<'_>) -> Outcome {
    match decode::decode(call.text(0)) {
        Ok(value) => Ok(value),
        Err(decode::Refused::Invalid(message)) => Err(FunctionError::new(message)),
        Err(decode::Refused::TooLarge) => {
            let what = "a YAML document of this size or depth".into();
            let causes = Causes::one(Cause::Unsupported { what });
            Ok(Value::unknown(Type::Dynamic, causes))
        }
    }
}

/// What was written comes out, as far as it is known; JSON is YAML, too.
pub(super) fn yamldecode_shape(arguments: &[Value]) -> Option<Shape> {
    let document = match arguments.first()?.as_unknown()?.shape.as_ref()? {
        Shape::Json(value) => Value::clone(value),
        Shape::Concat(parts) => {
            let decode = |text: &str| decode::decode(text).ok();
            document(parts, Scalars::Plain, &decode)?
        }
        _ => return None,
    };
    Some(Shape::Decoded(Arc::new(document)))
}

/// What is written of a value of which some texts are not known.
pub(super) fn yamlencode_shape(arguments: &[Value]) -> Option<Shape> {
    let mut open = Vec::new();
    let marked = with_marks_for(arguments.first()?, &mut open)?;
    let text = encode::encode(&marked);
    let mut parts = Parts::default();
    let mut rest = &*text;
    for (mark, value) in &open {
        let (before, after) = rest.split_once(mark.as_str())?;
        parts.text(before);
        parts.value(value)?;
        rest = after;
    }
    parts.text(rest);
    Some(parts.into_shape())
}

/// The value with a mark in the place of each text that is not known. None where something else is not known.
fn with_marks_for(value: &Value, open: &mut Vec<(String, Value)>) -> Option<Value> {
    if value.is_wholly_known() {
        return Some(value.clone());
    }
    if let Some(entries) = value.as_entries() {
        let marked = entries.iter();
        let marked = marked.map(|(name, one)| Some((name.clone(), with_marks_for(one, open)?)));
        return Some(Value::object(marked.collect::<Option<Entries>>()?));
    }
    if let Some(elements) = value.as_elements() {
        let marked = elements.iter().map(|one| with_marks_for(one, open));
        return Some(Value::tuple(marked.collect::<Option<Vec<_>>>()?));
    }
    if value.ty() != Type::String {
        return None;
    }
    let mark = format!("tfguard-part-{}-of-the-text", open.len());
    let text = Value::text(&mark);
    open.push((mark, value.clone()));
    Some(text)
}

pub(super) fn yamlencode(call: &Call<'_>) -> Outcome {
    let value = call.arg(0);
    if !value.is_wholly_known() {
        return Ok(call.unknown());
    }
    super::string::result(&encode::encode(value))
}
