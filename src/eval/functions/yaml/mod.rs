//! `yamldecode` and `yamlencode`.

mod decode;
mod encode;

use std::sync::Arc;

use super::{Call, FunctionError, Outcome};
use crate::value::{Cause, Causes, Scalars, Shape, Type, Value, document};

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

pub(super) fn yamlencode(call: &Call<'_>) -> Outcome {
    let value = call.arg(0);
    if !value.is_wholly_known() {
        return Ok(call.unknown());
    }
    super::string::result(&encode::encode(value))
}
