//! `yamldecode` and `yamlencode`.

mod decode;
mod encode;

use super::{Call, FunctionError, Outcome};
use crate::value::{Cause, Causes, Type, Value};

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

pub(super) fn yamlencode(call: &Call<'_>) -> Outcome {
    let value = call.arg(0);
    if !value.is_wholly_known() {
        return Ok(call.unknown());
    }
    super::string::result(&encode::encode(value))
}
