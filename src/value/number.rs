//! Numbers as Terraform has them: binary floating point with 512 bits of precision for what the source spells out.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use dashu_int::UBig;

use super::float::Float;

/// A number. Equality is cty's: integers by value, fractions by their shortest decimal digits.
#[derive(Clone)]
pub struct Number(Repr);

#[derive(Clone)]
enum Repr {
    /// Almost every number there is.
    Small {
        value: i64,
        precision: u32,
    },
    Big(Arc<Float>),
}

/// What literals and strings are read with.
const LITERAL: u32 = 512;
/// What lengths, counts and other machine integers have.
const MACHINE: u32 = 64;

impl Number {
    /// `0`
    pub const ZERO: Number = Number::literal(0);
    /// `1`
    pub const ONE: Number = Number::literal(1);

    const fn literal(value: i64) -> Self {
        Self(Repr::Small {
            value,
            precision: LITERAL,
        })
    }

    /// Reads a literal, or a string that is converted to a number: decimal digits of any length with an optional sign,
    /// point and exponent; also `inf`, as Terraform. None for anything else, and for exponents beyond a million.
    pub fn parse(text: &str) -> Option<Self> {
        let short = text.len() <= 18 && text.bytes().all(|byte| byte.is_ascii_digit());
        if short && let Ok(value) = text.parse() {
            return Some(Self::literal(value));
        }
        Float::parse(text, LITERAL).map(Self::from_float)
    }

    /// An integer written in a radix from 2 to 36, with an optional sign: what `parseint` reads.
    pub fn parse_radix(text: &str, radix: u32) -> Option<Self> {
        let (negative, digits) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
            return None;
        }
        let value = UBig::from_str_radix(digits, radix).ok()?;
        Some(Self::from_integer(negative && !value.is_zero(), value))
    }

    /// None for NaN, which is no number in Terraform.
    pub fn from_f64(value: f64) -> Option<Self> {
        Float::from_f64(value).map(Self::from_float)
    }

    fn from_float(float: Float) -> Self {
        let small = float.is_integer() && !(float.is_zero() && float.negative);
        let value = small
            .then(|| float.truncated())
            .flatten()
            .and_then(|magnitude| i64::try_from(magnitude).ok());
        Self(match value {
            Some(value) => Repr::Small {
                value: if float.negative { -value } else { value },
                precision: float.precision,
            },
            None => Repr::Big(Arc::new(float)),
        })
    }

    fn from_integer(negative: bool, value: UBig) -> Self {
        use dashu_int::ops::BitTest as _;
        let precision = u32::try_from(value.bit_len()).unwrap_or(u32::MAX);
        Self::from_float(Float::integer(negative, value, precision.max(MACHINE)))
    }

    fn float(&self) -> Float {
        match &self.0 {
            Repr::Small { value, precision } => {
                Float::integer(*value < 0, UBig::from(value.unsigned_abs()), *precision)
            }
            Repr::Big(float) => Float::clone(float),
        }
    }

    fn precision(&self) -> u32 {
        match &self.0 {
            Repr::Small { precision, .. } => *precision,
            Repr::Big(float) => float.precision,
        }
    }

    /// The integer, when it is one that fits.
    pub fn as_i64(&self) -> Option<i64> {
        match &self.0 {
            Repr::Small { value, .. } => Some(*value),
            Repr::Big(float) => float.is_zero().then_some(0),
        }
    }

    /// The index or length, when it is one.
    pub fn as_usize(&self) -> Option<usize> {
        self.as_i64().and_then(|value| usize::try_from(value).ok())
    }

    /// The nearest f64; infinite when it is beyond.
    pub fn as_f64(&self) -> f64 {
        self.float().to_f64()
    }

    /// Whether it has no fraction (and is not infinite).
    pub fn is_integer(&self) -> bool {
        match &self.0 {
            Repr::Small { .. } => true,
            Repr::Big(float) => float.is_integer(),
        }
    }

    /// Whether it is `0` or `-0`.
    pub fn is_zero(&self) -> bool {
        self.signum() == 0
    }

    /// Whether it came from a division by zero, or was spelled `inf`.
    pub fn is_infinite(&self) -> bool {
        matches!(&self.0, Repr::Big(float) if float.is_infinite())
    }

    /// -1, 0 or 1.
    pub fn signum(&self) -> i32 {
        match &self.0 {
            Repr::Small { value, .. } => i32::try_from(value.signum()).unwrap_or(0),
            Repr::Big(float) if float.is_zero() => 0,
            Repr::Big(float) if float.negative => -1,
            Repr::Big(_) => 1,
        }
    }

    fn small(&self, other: &Self) -> Option<(i64, i64, u32)> {
        match (&self.0, &other.0) {
            (
                Repr::Small { value, precision },
                Repr::Small {
                    value: other,
                    precision: other_precision,
                },
            ) => {
                let precision = *precision.max(other_precision);
                (precision >= MACHINE).then_some((*value, *other, precision))
            }
            _ => None,
        }
    }

    /// None for infinity plus its negative.
    pub fn add(&self, other: &Self) -> Option<Self> {
        if let Some((left, right, precision)) = self.small(other)
            && let Some(value) = left.checked_add(right)
        {
            return Some(Self(Repr::Small { value, precision }));
        }
        let precision = self.precision().max(other.precision());
        self.float()
            .sum(&other.float(), precision)
            .map(Self::from_float)
    }

    /// None for infinity minus itself.
    pub fn sub(&self, other: &Self) -> Option<Self> {
        if let Some((left, right, precision)) = self.small(other)
            && let Some(value) = left.checked_sub(right)
        {
            return Some(Self(Repr::Small { value, precision }));
        }
        self.add(&other.neg())
    }

    /// None for zero times infinity. A product has as many bits as it needs, up to 512.
    pub fn mul(&self, other: &Self) -> Option<Self> {
        if let Some((left, right, precision)) = self.small(other)
            && let Some(value) = left.checked_mul(right)
            && value != 0
        {
            return Some(Self(Repr::Small { value, precision }));
        }
        let product = self.float().product(&other.float(), LITERAL)?;
        let precision = self
            .precision()
            .max(other.precision())
            .max(product.least_precision());
        Some(Self::from_float(product.with_precision(precision)))
    }

    /// Division by zero is infinite, as in Terraform. None for zero by zero and infinity by infinity.
    pub fn div(&self, other: &Self) -> Option<Self> {
        if let Some((left, right, precision)) = self.small(other)
            && let Some(0) = left.checked_rem(right)
            && let Some(value) = left.checked_div(right)
            && value != 0
        {
            return Some(Self(Repr::Small { value, precision }));
        }
        let precision = self.precision().max(other.precision());
        self.float()
            .quotient(&other.float(), precision)
            .map(Self::from_float)
    }

    /// What is left of a division towards zero: `-5 % 3` is -2; `x % 0` is x. None where infinity takes part.
    pub fn modulo(&self, other: &Self) -> Option<Self> {
        if other.is_zero() {
            return Some(self.clone());
        }
        if let Some((left, right, _)) = self.small(other) {
            return Some(Self(Repr::Small {
                value: left.checked_rem(right).unwrap_or(0),
                precision: self.precision(),
            }));
        }
        let quotient = self.div(other)?.float();
        let precision = self.precision();
        let whole = quotient.truncated()?;
        let whole = Float::integer(quotient.negative && !whole.is_zero(), whole, precision);
        let mut taken = other.float().product(&whole, precision)?;
        taken.negative = !taken.negative;
        self.float().sum(&taken, precision).map(Self::from_float)
    }

    /// `-0` for zero, as Terraform prints it.
    pub fn neg(&self) -> Self {
        if let Repr::Small { value, precision } = self.0
            && value != 0
            && let Some(value) = value.checked_neg()
        {
            return Self(Repr::Small { value, precision });
        }
        let mut float = self.float();
        float.negative = !float.negative;
        Self::from_float(float)
    }

    /// Without its sign.
    pub fn abs(&self) -> Self {
        let mut float = self.float();
        float.negative = false;
        Self::from_float(float)
    }

    /// The integer part, towards zero; infinity stays.
    pub fn trunc(&self) -> Self {
        if self.is_integer() {
            return self.clone();
        }
        let float = self.float();
        match float.truncated() {
            Some(value) => Self::from_integer(float.negative && !value.is_zero(), value),
            None => self.clone(),
        }
    }

    /// The greatest integer that is not more.
    pub fn floor(&self) -> Self {
        self.towards(-1)
    }

    /// The least integer that is not less.
    pub fn ceil(&self) -> Self {
        self.towards(1)
    }

    fn towards(&self, direction: i64) -> Self {
        let whole = self.trunc();
        if self.is_integer() || self.is_infinite() || i64::from(self.signum()) != direction {
            return whole;
        }
        let float = whole.float();
        let next = float.truncated().expect("finite") + UBig::ONE;
        Self::from_integer(direction < 0, next)
    }

    /// As Terraform's `pow`: through f64. None when the result is not a number.
    pub fn pow(&self, power: &Self) -> Option<Self> {
        Self::from_f64(go_pow(self.as_f64(), power.as_f64()))
    }

    /// As Terraform's `log`: through f64. None when the result is not a number.
    pub fn log(&self, base: &Self) -> Option<Self> {
        Self::from_f64(self.as_f64().ln() / base.as_f64().ln())
    }

    /// By value: what `<` and `>` decide. [`Ord`] differs only where two numbers print alike and are not the same.
    pub fn compare(&self, other: &Self) -> Ordering {
        match (&self.0, &other.0) {
            (Repr::Small { value, .. }, Repr::Small { value: other, .. }) => value.cmp(other),
            _ => self.float().compare(&other.float()),
        }
    }

    /// The integer in a radix from 2 to 36, lower case; none of fractions.
    pub fn to_radix(&self, radix: u8) -> Option<String> {
        if !self.is_integer() {
            return None;
        }
        let float = self.float();
        let sign = if float.negative && !float.is_zero() {
            "-"
        } else {
            ""
        };
        Some(format!("{sign}{}", float.truncated()?.in_radix(radix)))
    }

    /// At most ten digits, with an exponent where it is shorter. cty orders sets of objects by it.
    pub(super) fn general(&self) -> String {
        self.float().general()
    }
}

/// `x` to the power of `y` in the steps in which Go's `math.Pow` takes them, so that the last bit is the same.
#[expect(clippy::float_cmp, reason = "special cases are exact")]
fn go_pow(x: f64, y: f64) -> f64 {
    const LARGEST_WHOLE: f64 = 9.223_372_036_854_776e18;
    let simple = x == 0.0 || x == 1.0 || y == 0.0 || !x.is_finite() || !y.is_finite();
    let mut whole = y.abs().trunc();
    let mut fraction = y.abs().fract();
    if simple || whole >= LARGEST_WHOLE || (fraction != 0.0 && x < 0.0) {
        return x.powf(y);
    }
    if y == 0.5 {
        return x.sqrt();
    }
    if y == -0.5 {
        return 1.0 / x.sqrt();
    }
    let mut result = 1.0;
    if fraction != 0.0 {
        if fraction > 0.5 {
            fraction -= 1.0;
            whole += 1.0;
        }
        result = (fraction * x.ln()).exp();
    }
    let mut exponent: i64 = 0;
    let (mut factor, mut factor_exponent) = frexp(x);
    #[expect(clippy::cast_possible_truncation, reason = "whole and less than 2^63")]
    let mut left = whole as i64;
    while left != 0 {
        if factor_exponent.abs() > 1 << 12 {
            exponent += factor_exponent;
            break;
        }
        if left & 1 == 1 {
            result *= factor;
            exponent += factor_exponent;
        }
        factor *= factor;
        factor_exponent <<= 1;
        if factor < 0.5 {
            factor += factor;
            factor_exponent -= 1;
        }
        left >>= 1;
    }
    if y < 0.0 {
        result = 1.0 / result;
        exponent = -exponent;
    }
    ldexp(result, exponent)
}

/// A fraction in `[0.5, 1)` (with the sign) and a power of two; of a finite number that is not zero.
fn frexp(x: f64) -> (f64, i64) {
    let (x, shift) = if x.abs() < f64::MIN_POSITIVE {
        (x * 4_503_599_627_370_496.0, 52)
    } else {
        (x, 0)
    };
    let bits = x.to_bits();
    let exponent = i64::try_from((bits >> 52) & 0x7ff).unwrap_or(0) - 1022;
    let fraction = f64::from_bits((bits & !(0x7ff << 52)) | (1022 << 52));
    (fraction, exponent - shift)
}

/// `x * 2^exponent`
fn ldexp(mut x: f64, exponent: i64) -> f64 {
    let mut left = exponent.clamp(-4400, 4400);
    while left != 0 {
        let step = left.clamp(-1000, 1000);
        x *= 2f64.powi(i32::try_from(step).unwrap_or(0));
        left -= step;
    }
    x
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self(Repr::Small {
            value,
            precision: MACHINE,
        })
    }
}

impl From<i32> for Number {
    fn from(value: i32) -> Self {
        Self::from(i64::from(value))
    }
}

impl From<u32> for Number {
    fn from(value: u32) -> Self {
        Self::from(i64::from(value))
    }
}

impl From<u64> for Number {
    fn from(value: u64) -> Self {
        match i64::try_from(value) {
            Ok(value) => Self::from(value),
            Err(_) => Self::from_integer(false, UBig::from(value)),
        }
    }
}

impl From<usize> for Number {
    fn from(value: usize) -> Self {
        Self::from(value as u64)
    }
}

impl From<f64> for Number {
    /// Panics on NaN, which is no number in Terraform: where it may occur, use [`Number::from_f64`].
    fn from(value: f64) -> Self {
        Self::from_f64(value).expect("not NaN")
    }
}

impl fmt::Display for Number {
    /// As Terraform prints it: the shortest digits that identify it, never an exponent; `+Inf` and `-Inf`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Small { value, precision } if *precision >= MACHINE => value.fmt(f),
            _ => f.write_str(&self.float().text()),
        }
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Number {}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        if self.is_integer() && other.is_integer() || self.signum() != other.signum() {
            return self.compare(other);
        }
        let (left, right) = (self.float(), other.float());
        let order = match (left.shortest(), right.shortest()) {
            (Some(left), Some(right)) => left.cmp(&right),
            (left, right) => left.is_none().cmp(&right.is_none()),
        };
        let order = if left.negative {
            order.reverse()
        } else {
            order
        };
        order.then_with(|| left.is_integer().cmp(&right.is_integer()))
    }
}

impl Hash for Number {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.signum().hash(state);
        match self.as_i64() {
            Some(value) => value.hash(state),
            None if self.is_integer() => self.float().truncated().hash(state),
            None => self.float().shortest().hash(state),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        Number::parse(text).expect(text)
    }

    #[test]
    fn prints_as_the_console() {
        for (given, printed) in [
            ("1.0", "1"),
            ("1e6", "1000000"),
            ("0.1", "0.1"),
            ("-0", "-0"),
            (".5", "0.5"),
            ("5.", "5"),
            ("1p3", "8"),
            ("1e-10", "0.0000000001"),
            ("+Inf", "+Inf"),
            ("10.000", "10"),
            (
                "123456789012345678901234567890.123456789",
                "123456789012345678901234567890.123456789",
            ),
        ] {
            assert_eq!(number(given).to_string(), printed, "{given}");
        }
        let big = format!("1{}", "0".repeat(400));
        assert_eq!(number("1e400").to_string(), big);
        let third = number("1").div(&number("3")).unwrap().to_string();
        assert_eq!(third, format!("0.{}5", "3".repeat(154)));
        let lengths = Number::from(2usize).div(&Number::from(3usize)).unwrap();
        assert_eq!(lengths.to_string(), "0.6666666666666666667");
    }

    #[test]
    fn refuses_what_is_no_number() {
        for text in [
            "", "a", "1_000", "0x10", " 1", "1 ", "infinity", "1e", "--1", ".", "1.2.3", "e5",
        ] {
            assert!(Number::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn computes_as_the_console() {
        let of = |text: &str| number(text);
        let printed = |number: Option<Number>| number.unwrap().to_string();
        assert_eq!(printed(of("0.1").add(&of("0.2"))), "0.3");
        assert_eq!(printed(of("-5").modulo(&of("3"))), "-2");
        assert_eq!(printed(of("5.5").modulo(&of("2"))), "1.5");
        assert_eq!(printed(of("5").modulo(&of("0"))), "5");
        assert_eq!(printed(of("1").div(&of("0"))), "+Inf");
        assert!(of("0").div(&of("0")).is_none());
        assert_eq!(printed(of("2").pow(&of("60"))), "1152921504606847000");
        assert_eq!(printed(of("8").log(&of("2"))), "3");
        assert_eq!(of("-0.5").floor().to_string(), "-1");
        assert_eq!(of("-0.5").ceil().to_string(), "0");
        assert_eq!(
            of("9223372036854775807").add(&of("1")).unwrap(),
            of("9223372036854775808")
        );
    }

    #[test]
    fn equal_numbers_hash_alike() {
        use std::hash::BuildHasher as _;
        let state = std::hash::RandomState::new();
        let pairs = [
            (number("0.1"), number("0.10")),
            (number("0"), number("-0")),
            (number("1e30"), number("1000000000000000000000000000000")),
            (number("0.3"), number("0.1").add(&number("0.2")).unwrap()),
            (Number::from(2.0), number("2")),
        ];
        for (left, right) in pairs {
            assert_eq!(left, right);
            assert_eq!(state.hash_one(&left), state.hash_one(&right), "{left}");
        }
        assert_ne!(
            number("2").pow(&number("60")).unwrap(),
            number("1152921504606847000")
        );
    }
}
