//! `tostring` and its like.

use super::{Call, FunctionError, Outcome};
use crate::value::{Causes, Data, Type, Value, convert, quote};

macro_rules! conversions {
    ($($check:ident, $run:ident: $ty:expr;)*) => {$(
        pub(super) fn $check(args: &[Value]) -> Result<Type, FunctionError> {
            check(&args[0], $ty)
        }

        pub(super) fn $run(call: &Call<'_>) -> Outcome {
            run(call, &$ty)
        }
    )*};
}

conversions! {
    tobool_type, tobool: Type::Bool;
    tonumber_type, tonumber: Type::Number;
    tostring_type, tostring: Type::String;
    tolist_type, tolist: Type::list(Type::Dynamic);
    toset_type, toset: Type::set(Type::Dynamic);
    tomap_type, tomap: Type::map(Type::Dynamic);
}

/// Refuses what no value of the argument's type could become.
fn check(arg: &Value, wanted: Type) -> Result<Type, FunctionError> {
    let given = arg.ty();
    if given == wanted
        || convert(&Value::unknown(given.clone(), Causes::default()), &wanted).is_ok()
    {
        return Ok(wanted);
    }
    Err(impossible(&given, &wanted))
}

fn run(call: &Call<'_>, wanted: &Type) -> Outcome {
    let arg = call.arg(0);
    convert(arg, wanted).map_err(|_| {
        let given = arg.ty();
        let text = match arg.data() {
            Data::String(text) => quote(text),
            _ => "string".to_owned(),
        };
        match (&given, wanted) {
            _ if arg.marks_deep().sensitive => FunctionError::at(
                0,
                format!(
                    "cannot convert this sensitive {} to {}",
                    given.friendly_name(),
                    wanted.friendly_name_for_constraint()
                ),
            ),
            (Type::String, Type::Bool) => FunctionError::at(
                0,
                format!(
                    "cannot convert {text} to bool; only the strings \"true\" or \"false\" are \
                     allowed"
                ),
            ),
            (Type::String, Type::Number) => FunctionError::at(
                0,
                format!(
                    "cannot convert {text} to number; given string must be a decimal \
                     representation of a number"
                ),
            ),
            _ => impossible(&given, wanted),
        }
    })
}

fn impossible(given: &Type, wanted: &Type) -> FunctionError {
    FunctionError::at(
        0,
        format!(
            "cannot convert {} to {}",
            given.friendly_name(),
            wanted.friendly_name_for_constraint()
        ),
    )
}
