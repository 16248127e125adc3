//! Binary floating point of a chosen precision, rounded half to even: what Terraform's numbers are made of.
//!
//! Precision belongs to a value, as in Go's `big.Float`: literals have 512 bits, lengths 64, results of `pow` 53. It
//! decides how a quotient is rounded and how many digits are printed, so it is kept.

use std::cmp::Ordering;

use dashu_int::UBig;
use dashu_int::ops::{BitTest as _, DivRem as _};

/// Beyond two to this power a number is infinite, below two to its negative it is zero. Terraform's own limit (2^31) is
/// out of reach there as well: printing such a number would take hours.
const LARGEST_EXPONENT: i64 = 1 << 22;

/// A number of Go's `big.Float` kind.
#[derive(Clone, Debug)]
pub(super) struct Float {
    /// Also of zero: `-0` is printed with its sign.
    pub(super) negative: bool,
    magnitude: Magnitude,
    /// In bits.
    pub(super) precision: u32,
}

#[derive(Clone, Debug)]
enum Magnitude {
    /// `mantissa * 2^exponent`; the mantissa is odd, or zero with exponent zero.
    Finite {
        mantissa: UBig,
        exponent: i64,
    },
    Infinite,
}

impl Float {
    /// An integer at a precision that holds it.
    pub(super) fn integer(negative: bool, value: UBig, precision: u32) -> Self {
        Self::rounded(negative, value, 0, precision)
    }

    /// Infinity.
    pub(super) fn infinite(negative: bool, precision: u32) -> Self {
        Self {
            negative,
            magnitude: Magnitude::Infinite,
            precision,
        }
    }

    /// `mantissa * 2^exponent`, rounded to the precision.
    fn rounded(negative: bool, mantissa: UBig, exponent: i64, precision: u32) -> Self {
        Self::rounded_sticky(negative, mantissa, exponent, Sticky::Exact, precision)
    }

    /// As `rounded`, for a mantissa that may have lost bits below its last; it has at least two more than the precision
    /// then.
    fn rounded_sticky(
        negative: bool,
        mut mantissa: UBig,
        mut exponent: i64,
        sticky: Sticky,
        precision: u32,
    ) -> Self {
        let excess = mantissa.bit_len().saturating_sub(precision as usize);
        if excess > 0 {
            let half = mantissa.bit(excess - 1);
            let below = sticky == Sticky::Lost
                || mantissa
                    .trailing_zeros()
                    .is_some_and(|zeros| zeros < excess - 1);
            mantissa >>= excess;
            exponent += signed(excess);
            if half && (below || mantissa.bit(0)) {
                mantissa += UBig::ONE;
            }
        }
        let zeros = mantissa.trailing_zeros().unwrap_or(0);
        mantissa >>= zeros;
        exponent += signed(zeros);
        if mantissa.is_zero() || exponent + signed(mantissa.bit_len()) < -LARGEST_EXPONENT {
            (mantissa, exponent) = (UBig::ZERO, 0);
        } else if exponent + signed(mantissa.bit_len()) > LARGEST_EXPONENT {
            return Self::infinite(negative, precision);
        }
        Self {
            negative,
            magnitude: Magnitude::Finite { mantissa, exponent },
            precision,
        }
    }

    /// The same number at another precision.
    pub(super) fn with_precision(self, precision: u32) -> Self {
        match self.magnitude {
            Magnitude::Finite { mantissa, exponent } => {
                Self::rounded(self.negative, mantissa, exponent, precision)
            }
            Magnitude::Infinite => Self { precision, ..self },
        }
    }

    /// From a finite or infinite f64, exactly; none for NaN.
    pub(super) fn from_f64(value: f64) -> Option<Self> {
        const PRECISION: u32 = 53;
        let negative = value.is_sign_negative();
        if value.is_nan() {
            return None;
        }
        if value.is_infinite() {
            return Some(Self::infinite(negative, PRECISION));
        }
        let bits = value.to_bits();
        let fraction = bits & ((1 << 52) - 1);
        let biased = signed_u64((bits >> 52) & 0x7ff);
        let (mantissa, exponent) = match biased {
            0 => (fraction, -1074),
            _ => (fraction | (1 << 52), biased - 1075),
        };
        Some(Self::rounded(
            negative,
            UBig::from(mantissa),
            exponent,
            PRECISION,
        ))
    }

    /// Reads a decimal number as Go's `big.ParseFloat` does in base 10: digits with a point, an exponent of ten (`e`) or
    /// two (`p`), a sign, `inf` and `Inf`. None when it is not a number, or its exponent is beyond a million.
    pub(super) fn parse(text: &str, precision: u32) -> Option<Self> {
        let (negative, text) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        if matches!(text, "inf" | "Inf") {
            return Some(Self::infinite(negative, precision));
        }
        let (digits, exponent) = match text.find(['e', 'E', 'p', 'P']) {
            Some(at) => (&text[..at], parse_exponent(&text[at + 1..])?),
            None => (text, 0),
        };
        let binary = text.contains(['p', 'P']);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all = [whole, fraction].concat();
        if all.is_empty() || !all.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let mantissa = UBig::from_str_radix(&all, 10).ok()?;
        let ten = if binary { 0 } else { exponent } - signed(fraction.len());
        let two = ten + if binary { exponent } else { 0 };
        Some(Self::scaled(negative, mantissa, ten, two, precision))
    }

    /// `mantissa * 5^five * 2^two`. The power of five is rounded 64 bits beyond the precision, as Go does, which shows
    /// in the last digit of numbers beyond 1e248.
    fn scaled(negative: bool, mantissa: UBig, five: i64, two: i64, precision: u32) -> Self {
        let exact = u32::try_from(mantissa.bit_len()).unwrap_or(u32::MAX).max(1);
        let number = Self::rounded(negative, mantissa, two, exact);
        if five == 0 {
            return number.with_precision(precision);
        }
        let power = Self::power_of_five(five.unsigned_abs(), precision + 64);
        let result = if five < 0 {
            number.quotient(&power, precision)
        } else {
            number.product(&power, precision)
        };
        result.expect("neither zero nor infinite")
    }

    fn power_of_five(mut exponent: u64, precision: u32) -> Self {
        const LARGEST_IN_U64: u64 = 27;
        let start = exponent.min(LARGEST_IN_U64);
        let mut power = Self::integer(false, UBig::from(5u8).pow(index(start)), precision);
        exponent -= start;
        let mut square = Self::integer(false, UBig::from(5u8), precision + 64);
        while exponent > 0 {
            if exponent & 1 == 1 {
                power = power.product(&square, precision).expect("finite");
            }
            square = square.product(&square, precision + 64).expect("finite");
            exponent >>= 1;
        }
        power
    }

    pub(super) fn is_zero(&self) -> bool {
        matches!(&self.magnitude, Magnitude::Finite { mantissa, .. } if mantissa.is_zero())
    }

    pub(super) fn is_infinite(&self) -> bool {
        matches!(self.magnitude, Magnitude::Infinite)
    }

    pub(super) fn is_integer(&self) -> bool {
        matches!(self.magnitude, Magnitude::Finite { exponent, .. } if exponent >= 0)
    }

    /// The integer part, towards zero; none of infinity.
    pub(super) fn truncated(&self) -> Option<UBig> {
        match &self.magnitude {
            Magnitude::Finite { mantissa, exponent } if *exponent >= 0 => {
                Some(mantissa << index(exponent.unsigned_abs()))
            }
            Magnitude::Finite { mantissa, exponent } => {
                Some(mantissa >> index(exponent.unsigned_abs()))
            }
            Magnitude::Infinite => None,
        }
    }

    /// The fewest bits that hold the mantissa.
    pub(super) fn least_precision(&self) -> u32 {
        match &self.magnitude {
            Magnitude::Finite { mantissa, .. } => {
                u32::try_from(mantissa.bit_len()).unwrap_or(u32::MAX)
            }
            Magnitude::Infinite => 0,
        }
    }

    /// None for infinity minus infinity.
    pub(super) fn sum(&self, other: &Float, precision: u32) -> Option<Self> {
        let (left, right) = match (&self.magnitude, &other.magnitude) {
            (Magnitude::Infinite, Magnitude::Infinite) if self.negative != other.negative => {
                return None;
            }
            (Magnitude::Infinite, _) => return Some(Self::infinite(self.negative, precision)),
            (_, Magnitude::Infinite) => return Some(Self::infinite(other.negative, precision)),
            (
                Magnitude::Finite { mantissa, exponent },
                Magnitude::Finite {
                    mantissa: other_mantissa,
                    exponent: other_exponent,
                },
            ) => ((mantissa, *exponent), (other_mantissa, *other_exponent)),
        };
        let exponent = left.1.min(right.1);
        let a = left.0 << index((left.1 - exponent).unsigned_abs());
        let b = right.0 << index((right.1 - exponent).unsigned_abs());
        let (negative, mantissa) = if self.negative == other.negative {
            (self.negative, a + b)
        } else {
            match a.cmp(&b) {
                Ordering::Greater => (self.negative, a - b),
                Ordering::Less => (other.negative, b - a),
                Ordering::Equal => (false, UBig::ZERO),
            }
        };
        Some(Self::rounded(negative, mantissa, exponent, precision))
    }

    /// None for zero times infinity.
    pub(super) fn product(&self, other: &Float, precision: u32) -> Option<Self> {
        let negative = self.negative != other.negative;
        match (&self.magnitude, &other.magnitude) {
            (
                Magnitude::Finite { mantissa, exponent },
                Magnitude::Finite {
                    mantissa: other_mantissa,
                    exponent: other_exponent,
                },
            ) => Some(Self::rounded(
                negative,
                mantissa * other_mantissa,
                exponent + other_exponent,
                precision,
            )),
            _ if self.is_zero() || other.is_zero() => None,
            _ => Some(Self::infinite(negative, precision)),
        }
    }

    /// Division by zero is infinite. None for zero by zero and infinity by infinity.
    pub(super) fn quotient(&self, other: &Float, precision: u32) -> Option<Self> {
        let negative = self.negative != other.negative;
        let ((dividend, exponent), (divisor, other_exponent)) =
            match (&self.magnitude, &other.magnitude) {
                (Magnitude::Infinite, Magnitude::Infinite) => return None,
                (Magnitude::Infinite, _) => return Some(Self::infinite(negative, precision)),
                (_, Magnitude::Infinite) => {
                    return Some(Self::rounded(negative, UBig::ZERO, 0, precision));
                }
                (
                    Magnitude::Finite { mantissa, exponent },
                    Magnitude::Finite {
                        mantissa: other_mantissa,
                        exponent: other_exponent,
                    },
                ) => ((mantissa, *exponent), (other_mantissa, *other_exponent)),
            };
        if divisor.is_zero() {
            return (!dividend.is_zero()).then(|| Self::infinite(negative, precision));
        }
        let wanted = precision as usize + 2 + divisor.bit_len();
        let shift = wanted.saturating_sub(dividend.bit_len());
        let (mantissa, rest) = (dividend << shift).div_rem(divisor);
        let sticky = if rest.is_zero() {
            Sticky::Exact
        } else {
            Sticky::Lost
        };
        let exponent = exponent - other_exponent - signed(shift);
        Some(Self::rounded_sticky(
            negative, mantissa, exponent, sticky, precision,
        ))
    }

    /// By value; `-0` equals `0`.
    pub(super) fn compare(&self, other: &Float) -> Ordering {
        let sign = |float: &Float| match (float.is_zero(), float.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        };
        match (sign(self), sign(other)) {
            (0, 0) => Ordering::Equal,
            (-1, -1) => other.compare_magnitude(self),
            (1, 1) => self.compare_magnitude(other),
            (left, right) => left.cmp(&right),
        }
    }

    fn compare_magnitude(&self, other: &Float) -> Ordering {
        match (&self.magnitude, &other.magnitude) {
            (Magnitude::Infinite, Magnitude::Infinite) => Ordering::Equal,
            (Magnitude::Infinite, _) => Ordering::Greater,
            (_, Magnitude::Infinite) => Ordering::Less,
            (
                Magnitude::Finite { mantissa, exponent },
                Magnitude::Finite {
                    mantissa: other_mantissa,
                    exponent: other_exponent,
                },
            ) => {
                let top = exponent + signed(mantissa.bit_len());
                let other_top = other_exponent + signed(other_mantissa.bit_len());
                top.cmp(&other_top).then_with(|| {
                    let least = *exponent.min(other_exponent);
                    let left = mantissa << index((exponent - least).unsigned_abs());
                    let right = other_mantissa << index((other_exponent - least).unsigned_abs());
                    left.cmp(&right)
                })
            }
        }
    }

    /// All decimal digits; none of infinity.
    fn decimal(&self) -> Option<Decimal> {
        match &self.magnitude {
            Magnitude::Finite { mantissa, exponent } => Some(Decimal::exact(mantissa, *exponent)),
            Magnitude::Infinite => None,
        }
    }

    /// The fewest digits that are read as this number at its precision, as Go's `Text('f', -1)` finds them.
    pub(super) fn shortest(&self) -> Option<Decimal> {
        let mut decimal = self.decimal()?;
        let Magnitude::Finite { mantissa, exponent } = &self.magnitude else {
            return None;
        };
        if mantissa.is_zero() {
            return Some(decimal);
        }
        // In units of half of the last bit that the precision has.
        let shift = self.precision as usize + 1 - mantissa.bit_len().min(self.precision as usize);
        let scaled = mantissa << shift;
        let unit = exponent - signed(shift);
        let lower = Decimal::exact(&(&scaled - UBig::ONE), unit);
        let upper = Decimal::exact(&(&scaled + UBig::ONE), unit);
        let inclusive = !scaled.bit(1);
        for at in 0..decimal.digits.len() {
            let digit = decimal.digits[at];
            let (below, above) = (lower.digit(at), upper.digit(at));
            let may_cut = below != digit || (inclusive && at + 1 == lower.digits.len());
            let may_raise =
                digit != above && (inclusive || digit + 1 < above || at + 1 < upper.digits.len());
            match (may_cut, may_raise) {
                (true, true) => decimal.round(at + 1),
                (true, false) => decimal.cut(at + 1),
                (false, true) => decimal.raise(at + 1),
                (false, false) => continue,
            }
            break;
        }
        Some(decimal)
    }

    /// As Go's `Text('f', -1)`.
    pub(super) fn text(&self) -> String {
        let sign = if self.negative { "-" } else { "" };
        match self.shortest() {
            Some(decimal) => format!("{sign}{}", decimal.plain()),
            None if self.negative => "-Inf".to_owned(),
            None => "+Inf".to_owned(),
        }
    }

    /// As Go's `Text('g', 10)`: at most ten digits. cty orders sets of objects by it.
    pub(super) fn general(&self) -> String {
        const DIGITS: usize = 10;
        let Some(mut decimal) = self.decimal() else {
            return self.text();
        };
        let sign = if self.negative { "-" } else { "" };
        decimal.round(DIGITS);
        let count = signed(decimal.digits.len());
        let most = if count < 10 && count >= decimal.point {
            count
        } else {
            10
        };
        let exponent = decimal.point - 1;
        if exponent >= -4 && exponent < most {
            return format!("{sign}{}", decimal.plain());
        }
        let (first, rest) = decimal
            .digits
            .split_first()
            .map_or(("0".into(), String::new()), |(first, rest)| {
                (char::from(*first).to_string(), ascii(rest))
            });
        let point = if rest.is_empty() { "" } else { "." };
        let exponent_sign = if exponent < 0 { '-' } else { '+' };
        format!(
            "{sign}{first}{point}{rest}e{exponent_sign}{:02}",
            exponent.abs()
        )
    }

    /// The nearest f64; infinite when beyond.
    pub(super) fn to_f64(&self) -> f64 {
        let magnitude = match self.decimal() {
            Some(decimal) if decimal.digits.is_empty() => 0.0,
            Some(decimal) => format!("0.{}e{}", ascii(&decimal.digits), decimal.point)
                .parse()
                .expect("a decimal number"),
            None => f64::INFINITY,
        };
        if self.negative { -magnitude } else { magnitude }
    }
}

/// Whether bits were lost below a mantissa.
#[derive(Clone, Copy, PartialEq)]
enum Sticky {
    Exact,
    Lost,
}

/// `0.d1d2d3… * 10^point`, without trailing zeros; no digits are zero.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Decimal {
    digits: Vec<u8>,
    point: i64,
}

impl Decimal {
    fn exact(mantissa: &UBig, exponent: i64) -> Self {
        if mantissa.is_zero() {
            return Self {
                digits: Vec::new(),
                point: 0,
            };
        }
        let shift = index(exponent.unsigned_abs());
        let (text, fraction) = if exponent >= 0 {
            ((mantissa << shift).to_string(), 0)
        } else {
            (
                (mantissa * UBig::from(5u8).pow(shift)).to_string(),
                -exponent,
            )
        };
        let mut decimal = Self {
            point: signed(text.len()) - fraction,
            digits: text.into_bytes(),
        };
        decimal.trim();
        decimal
    }

    fn digit(&self, at: usize) -> u8 {
        self.digits.get(at).copied().unwrap_or(b'0')
    }

    fn trim(&mut self) {
        let zeros = self.digits.iter().rev().take_while(|digit| **digit == b'0');
        let kept = self.digits.len() - zeros.count();
        self.digits.truncate(kept);
        if kept == 0 {
            self.point = 0;
        }
    }

    /// To so many digits, half to even.
    fn round(&mut self, digits: usize) {
        let Some(next) = self.digits.get(digits) else {
            return;
        };
        let up = if *next == b'5' && digits + 1 == self.digits.len() {
            digits > 0 && self.digits[digits - 1] % 2 == 1
        } else {
            *next >= b'5'
        };
        if up {
            self.raise(digits);
        } else {
            self.cut(digits);
        }
    }

    fn cut(&mut self, digits: usize) {
        self.digits.truncate(digits);
        self.trim();
    }

    fn raise(&mut self, digits: usize) {
        if digits >= self.digits.len() {
            return;
        }
        self.digits.truncate(digits);
        while self.digits.last() == Some(&b'9') {
            self.digits.pop();
        }
        if let Some(last) = self.digits.last_mut() {
            *last += 1;
        } else {
            self.digits.push(b'1');
            self.point += 1;
        }
    }

    /// Digits with a point where one is needed, never an exponent.
    fn plain(&self) -> String {
        let digits = ascii(&self.digits);
        let Ok(whole) = usize::try_from(self.point) else {
            let zeros = index(self.point.unsigned_abs());
            return format!("0.{}{digits}", "0".repeat(zeros));
        };
        match digits.len() {
            0 => "0".to_owned(),
            len if whole >= len => format!("{digits}{}", "0".repeat(whole - len)),
            _ if whole == 0 => format!("0.{digits}"),
            _ => format!("{}.{}", &digits[..whole], &digits[whole..]),
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.digits.is_empty(), other.digits.is_empty()) {
            (false, false) => self
                .point
                .cmp(&other.point)
                .then_with(|| self.digits.cmp(&other.digits)),
            (left, right) => right.cmp(&left),
        }
    }
}

fn parse_exponent(text: &str) -> Option<i64> {
    const LARGEST: i64 = 1_000_000;
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let exponent: i64 = text.parse().ok()?;
    (exponent.abs() <= LARGEST).then_some(exponent)
}

fn ascii(digits: &[u8]) -> String {
    digits.iter().copied().map(char::from).collect()
}

fn signed(value: usize) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn signed_u64(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn index(value: u64) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}
