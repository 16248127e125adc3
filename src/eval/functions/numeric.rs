//! Functions on numbers.

use std::cmp::Ordering;
use std::fmt::Write as _;

use super::{Call, FunctionError, Outcome, integer};
use crate::value::{Number, Type, Value, convert, quote};

pub(super) fn abs(call: &Call<'_>) -> Outcome {
    let marks = call.arg(0).marks();
    Ok(Value::number(call.number(0).abs()).with_marks(marks))
}

pub(super) fn ceil(call: &Call<'_>) -> Outcome {
    Ok(Value::number(call.number(0).ceil()))
}

pub(super) fn floor(call: &Call<'_>) -> Outcome {
    Ok(Value::number(call.number(0).floor()))
}

pub(super) fn log(call: &Call<'_>) -> Outcome {
    check_range(call)?;
    float(call.number(0).log(call.number(1)))
}

pub(super) fn pow(call: &Call<'_>) -> Outcome {
    check_range(call)?;
    float(call.number(0).pow(call.number(1)))
}

/// Both are computed as floating point numbers of 64 bits.
fn check_range(call: &Call<'_>) -> Result<(), FunctionError> {
    let beyond = |number: &Number| number.as_f64().is_infinite() && !number.is_infinite();
    if beyond(call.number(0)) || beyond(call.number(1)) {
        let most = f64::MAX;
        return Err(FunctionError::new(format!(
            "value must be between -{most:.6} and {most:.6} inclusive"
        )));
    }
    Ok(())
}

fn float(result: Option<Number>) -> Outcome {
    result
        .map(Value::number)
        .ok_or_else(|| FunctionError::new("result is not a number"))
}

/// Terraform takes whole numbers only.
pub(super) fn signum(call: &Call<'_>) -> Outcome {
    Ok(Value::number(call.integer(0)?.signum()))
}

pub(super) fn max(call: &Call<'_>) -> Outcome {
    extreme(call, Ordering::Greater)
}

pub(super) fn min(call: &Call<'_>) -> Outcome {
    extreme(call, Ordering::Less)
}

fn extreme(call: &Call<'_>, wanted: Ordering) -> Outcome {
    let mut numbers = call.args.iter().filter_map(Value::as_number);
    let Some(first) = numbers.next() else {
        return Err(FunctionError::new("must pass at least one number"));
    };
    let extreme = numbers.fold(first, |extreme, number| {
        if number.compare(extreme) == wanted {
            number
        } else {
            extreme
        }
    });
    Ok(Value::number(extreme.clone()))
}

/// Longer texts are not read as numbers: the time to do so grows with the square.
const MOST_DIGITS: usize = 20_000;

pub(super) fn parseint_type(args: &[Value]) -> Result<Type, FunctionError> {
    match args[0].ty() {
        Type::String => Ok(Type::Number),
        other => Err(FunctionError::at(
            0,
            format!(
                "first argument must be a string, not {}",
                other.friendly_name()
            ),
        )),
    }
}

pub(super) fn parseint(call: &Call<'_>) -> Outcome {
    let text = call.text(0);
    let base = integer(call.number(1)).map_err(|message| FunctionError::at(1, message))?;
    let Some(base) = u32::try_from(base)
        .ok()
        .filter(|base| (2..=62).contains(base))
    else {
        return Err(FunctionError::at(
            1,
            "base must be a whole number between 2 and 62 inclusive",
        ));
    };
    if text.len() > MOST_DIGITS {
        return Err(FunctionError::at(
            0,
            format!("more than {MOST_DIGITS} digits"),
        ));
    }
    match parse_integer(text, base) {
        Some(number) => Ok(Value::number(number)),
        None => Err(FunctionError::at(
            0,
            format!("cannot parse {} as a base {base} integer", quote(text)),
        )),
    }
}

/// As Go reads integers: up to base 36 both cases of a letter are one digit, above that capitals follow small letters.
fn parse_integer(text: &str, base: u32) -> Option<Number> {
    if base <= 36 {
        return Number::parse_radix(text, base);
    }
    let (sign, digits) = match text.as_bytes().first()? {
        b'-' => ("-", &text[1..]),
        b'+' => ("", &text[1..]),
        _ => ("", text),
    };
    if digits.is_empty() {
        return None;
    }
    // Little-endian base 2^28, so that each limb is seven hexadecimal digits.
    let mut limbs: Vec<u64> = vec![0];
    for digit in digits.bytes() {
        let mut carry = match digit {
            b'0'..=b'9' => u64::from(digit - b'0'),
            b'a'..=b'z' => u64::from(digit - b'a') + 10,
            b'A'..=b'Z' => u64::from(digit - b'A') + 36,
            _ => return None,
        };
        if carry >= u64::from(base) {
            return None;
        }
        for limb in &mut limbs {
            carry += *limb * u64::from(base);
            *limb = carry & 0x0FFF_FFFF;
            carry >>= 28;
        }
        if carry > 0 {
            limbs.push(carry);
        }
    }
    let hexadecimal = limbs.iter().rev().fold(String::new(), |mut text, limb| {
        let _ = write!(text, "{limb:07x}");
        text
    });
    Number::parse_radix(&format!("{sign}{hexadecimal}"), 16)
}

pub(super) fn sum(call: &Call<'_>) -> Outcome {
    let list = call.arg(0);
    let Some(numbers) = list.as_elements() else {
        let iterable = list.as_entries();
        return Err(FunctionError::at(
            0,
            match iterable {
                None => "cannot sum noniterable".to_owned(),
                Some(entries) if entries.is_empty() => "cannot sum an empty list".to_owned(),
                Some(_) => format!(
                    "argument must be list, set, or tuple. Received {}",
                    list.ty().friendly_name()
                ),
            },
        ));
    };
    if numbers.is_empty() {
        return Err(FunctionError::at(0, "cannot sum an empty list"));
    }
    if !list.is_wholly_known() {
        return Ok(call.unknown_of(Type::Number));
    }
    let mut sum: Option<Number> = None;
    for number in numbers {
        let converted = convert(number, &Type::Number).ok();
        let Some(number) = converted.as_ref().and_then(Value::as_number) else {
            return Err(FunctionError::at(
                0,
                "argument must be list, set, or tuple of number values",
            ));
        };
        sum = Some(match sum {
            None => number.clone(),
            Some(sum) => sum
                .add(number)
                .ok_or_else(|| FunctionError::new("can't compute sum of opposing infinities"))?,
        });
    }
    Ok(Value::number(sum.unwrap_or(Number::ZERO)))
}

/// More values are refused, as Terraform does.
const MOST_VALUES: usize = 1024;

pub(super) fn range(call: &Call<'_>) -> Outcome {
    let number = |at: usize| call.number(at).clone();
    let one = |down: bool| Number::from(if down { -1i64 } else { 1 });
    let (start, end, step) = match call.args.len() {
        1 => {
            let end = number(0);
            let step = one(end.signum() < 0);
            (Number::from(0i64), end, step)
        }
        2 => {
            let (start, end) = (number(0), number(1));
            let step = one(end.compare(&start) == Ordering::Less);
            (start, end, step)
        }
        3 => (number(0), number(1), number(2)),
        _ => {
            return Err(FunctionError::new("must have one, two, or three arguments"));
        }
    };
    let down = step.signum() < 0;
    let direction = if down {
        Ordering::Greater
    } else {
        Ordering::Less
    };
    if start.compare(&end) == direction.reverse() {
        return Err(FunctionError::at(
            1,
            if down {
                "end must be less than start when step is negative"
            } else {
                "end must be greater than start when step is positive"
            },
        ));
    }
    let mut values = Vec::new();
    let mut next = start;
    while next.compare(&end) == direction {
        if values.len() >= MOST_VALUES {
            return Err(FunctionError::new(format!(
                "more than {MOST_VALUES} values were generated; either decrease the difference \
                 between start and end or use a smaller step"
            )));
        }
        let after = next.add(&step);
        values.push(Value::number(next));
        let Some(after) = after else { break };
        next = after;
    }
    Ok(Value::list(Type::Number, values))
}
