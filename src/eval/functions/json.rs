//! `jsonencode` and `jsondecode`.

use std::sync::Arc;

use super::{Call, FunctionError, Outcome};
use crate::value::{Data, Shape, Type, Value, decode, encode_partial, structure};

pub(super) fn jsonencode(call: &Call<'_>) -> Outcome {
    encode_partial(call.arg(0)).map_err(|error| FunctionError::new(error.to_string()))
}

/// The document, with the marks that its parts carried before the call took them off.
pub(super) fn jsonencode_shape(arguments: &[Value]) -> Option<Shape> {
    Some(Shape::Json(Arc::new(as_far_as_known(arguments.first()?))))
}

/// A value with what is known of its unknown parts in their places: what was decoded is encoded again.
fn as_far_as_known(value: &Value) -> Value {
    let known = match value.data() {
        Data::Unknown(unknown) => match &unknown.shape {
            Some(Shape::Partial(known) | Shape::Decoded(known)) => as_far_as_known(known),
            _ => return value.clone(),
        },
        Data::Tuple(elements) => Value::tuple(elements.iter().map(as_far_as_known)),
        Data::Object(entries) => {
            let entries = entries.iter();
            let known = entries.map(|(key, value)| (Arc::clone(key), as_far_as_known(value)));
            Value::object(known.collect())
        }
        _ => return value.clone(),
    };
    known.with_marks(value.marks())
}

/// The type is that of the document; of an unknown one its first character may tell.
pub(super) fn jsondecode_type(args: &[Value]) -> Result<Type, FunctionError> {
    let Some(unknown) = args[0].as_unknown() else {
        return match args[0].as_str().map(decode) {
            Some(Ok(value)) => Ok(value.ty()),
            Some(Err(error)) => Err(FunctionError::new(error.to_string())),
            None => Ok(Type::Dynamic),
        };
    };
    let prefix = unknown.prefix.as_deref().unwrap_or_default().trim();
    match prefix.chars().next() {
        None | Some('{' | '[' | 'n') => Ok(Type::Dynamic),
        Some('"') => Ok(Type::String),
        Some('t' | 'f') => Ok(Type::Bool),
        Some('-' | '.' | '0'..='9') => Ok(Type::Number),
        Some(other) => Err(FunctionError::at(
            0,
            format!("a JSON document cannot begin with the character {other:?}"),
        )),
    }
}

pub(super) fn jsondecode(call: &Call<'_>) -> Outcome {
    decode(call.text(0)).map_err(|error| FunctionError::new(error.to_string()))
}

/// What was encoded or written comes out again, as far as it is known.
pub(super) fn jsondecode_shape(arguments: &[Value]) -> Option<Shape> {
    let document = structure(arguments.first()?)?;
    Some(Shape::Decoded(Arc::new(document)))
}
