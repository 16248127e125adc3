//! OpenTofu's `assume…` functions: what a configuration promises of a value that is not known yet.

use super::{Call, FunctionError, Outcome, integer, length_bounds, map_marks};
use crate::value::{Data, Marks, Type, Value, convert, equals};

pub(super) fn second_type(args: &[Value]) -> Result<Type, FunctionError> {
    Ok(args[1].ty())
}

pub(super) fn first_type(args: &[Value]) -> Result<Type, FunctionError> {
    Ok(args[0].ty())
}

/// The second value, which the first one must not contradict.
pub(super) fn assumeequal(call: &Call<'_>) -> Outcome {
    let (actual, expected) = (call.arg(0), call.arg(1));
    let converted = convert(actual, &expected.ty()).map_err(|_| {
        FunctionError::at(
            0,
            format!(
                "actual value type {} does not match assumed value type {}",
                actual.ty().friendly_name(),
                expected.ty().friendly_name()
            ),
        )
    })?;
    if equals(&converted, expected).as_bool() == Some(false) {
        return Err(FunctionError::at(
            0,
            "the actual value does not match the assumed value",
        ));
    }
    // Terraform's own marks are those of what was assumed; what is derived from a secret stays so.
    let secrets = Marks {
        sensitive: false,
        ephemeral: false,
        ..converted.marks_deep()
    };
    Ok(map_marks(expected, &Marks::clone).with_marks(&secrets))
}

pub(super) fn assumenotnull(call: &Call<'_>) -> Outcome {
    let value = call.arg(0);
    if value.ty() == Type::Dynamic {
        return Err(FunctionError::at(
            0,
            "given value must have a known type; consider using the \"convert\" function to \
             specify a type to assume",
        ));
    }
    if value.is_null() {
        return Err(broken());
    }
    Ok(value.clone().refine_not_null())
}

pub(super) fn assumestringprefix(call: &Call<'_>) -> Outcome {
    let (value, prefix) = (call.arg(0), call.text(1));
    match value.data() {
        Data::String(text) if !text.starts_with(prefix) => Err(broken()),
        Data::Null(_) => Err(broken()),
        _ => Ok(value.clone().refine_prefix(prefix)),
    }
}

/// `assumelistlength(value, min, max)` and the same for sets and maps.
pub(super) fn length_between(call: &Call<'_>) -> Outcome {
    let (least, most) = (count(call, 1)?, count(call, 2)?);
    bounded(call.arg(0), least, Some(most))
}

pub(super) fn length_at_least(call: &Call<'_>) -> Outcome {
    let least = count(call, 1)?;
    bounded(call.arg(0), least, None)
}

pub(super) fn length_at_most(call: &Call<'_>) -> Outcome {
    let most = count(call, 1)?;
    bounded(call.arg(0), 0, Some(most))
}

fn count(call: &Call<'_>, at: usize) -> Result<usize, FunctionError> {
    integer(call.number(at))
        .ok()
        .and_then(|count| usize::try_from(count).ok())
        .ok_or_else(|| {
            FunctionError::at(
                at,
                format!("must be a whole number between 0 and {}", i64::MAX),
            )
        })
}

fn bounded(value: &Value, least: usize, most: Option<usize>) -> Outcome {
    let (shortest, longest) = length_bounds(value);
    let too_short = longest.is_some_and(|longest| longest < least);
    let too_long = most.is_some_and(|most| shortest > most || most < least);
    if value.is_null() || too_short || too_long {
        return Err(broken());
    }
    Ok(value.clone().refine_length(least, most))
}

fn broken() -> FunctionError {
    FunctionError::at(0, "assumption was not upheld")
}
