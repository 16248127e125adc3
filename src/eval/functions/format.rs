//! `format` and `formatlist`: Go's verbs as cty narrows them.

use std::fmt::Write as _;

use dashu_int::UBig;
use unicode_segmentation::UnicodeSegmentation as _;

use super::parts::Parts;
use super::{Call, FunctionError, Outcome, string};
use crate::value::{Data, Number, Shape, Type, Unknown, Value, convert, encode, quote};

pub(super) fn format(call: &Call<'_>) -> Outcome {
    let template = call.text(0);
    let args = &call.args[1..];
    if args.iter().all(Value::is_wholly_known) {
        return string::result(&formatted(template, args)?);
    }
    let unknown = call.unknown();
    Ok(match template.find('%') {
        Some(at) if at > 0 => unknown.refine_prefix(&template[..at]),
        _ => unknown,
    })
}

/// The known text between values that are not known.
pub(super) fn format_shape(arguments: &[Value]) -> Option<Shape> {
    let (template, args) = arguments.split_first()?;
    if !template.marks().is_empty() {
        return None;
    }
    let mut parts = Parts::default();
    scan(template.as_str()?, |piece| {
        match piece {
            Piece::Text(text) => parts.text(text),
            Piece::Verb(verb) => {
                let arg = args.get(verb.argument.wrapping_sub(1));
                let arg = arg.ok_or_else(|| FunctionError::new("no such argument"))?;
                let plain = matches!(verb.mode, 's' | 'v') && verb.width.is_none();
                let marked = !arg.marks_deep().is_empty();
                let added = if arg.is_wholly_known() && !marked {
                    parts.text(&verb.apply(args)?);
                    Some(())
                } else if plain && verb.precision.is_none() {
                    parts.value(arg)
                } else {
                    let unknown = Value::unknown(Type::String, arg.causes());
                    parts.value(&unknown.with_marks(&arg.marks_deep()))
                };
                added.ok_or_else(|| FunctionError::new("no part of a string"))?;
            }
        }
        Ok(())
    })
    .ok()?;
    Some(parts.into_shape())
}

pub(super) fn formatlist(call: &Call<'_>) -> Outcome {
    let template = call.text(0);
    let args = &call.args[1..];
    if args.is_empty() {
        let only = Value::text(&formatted(template, args)?);
        return Ok(Value::list(Type::String, [only]));
    }
    let mut length: Option<(usize, usize)> = None;
    let mut undecided = false;
    for (at, arg) in args.iter().enumerate() {
        let this = match (arg.data(), arg.ty()) {
            (Data::Null(_), _) => continue,
            (Data::Unknown(_), Type::Tuple(of)) => {
                undecided = true;
                of.len()
            }
            (Data::Unknown(_), Type::List(_) | Type::Set(_) | Type::Dynamic) => {
                undecided = true;
                continue;
            }
            (Data::Set(_, elements), _) if elements.len() > 1 && !arg.is_wholly_known() => {
                undecided = true;
                continue;
            }
            _ => match arg.as_elements() {
                Some(elements) => elements.len(),
                None => continue,
            },
        };
        match length {
            Some((chosen, by)) if chosen != this => {
                let message = format!(
                    "argument {} has length {this}, which is inconsistent with argument {} of \
                     length {chosen}",
                    at + 1,
                    by + 1
                );
                return Err(FunctionError::at(at + 1, message));
            }
            Some(_) => {}
            None => length = Some((this, at)),
        }
    }
    if undecided {
        return Ok(call.unknown());
    }
    let length = length.map_or(1, |(length, _)| length);
    let mut results = Vec::with_capacity(length);
    let mut total = 0;
    let mut behind = false;
    for index in 0..length {
        let row: Vec<Value> = args
            .iter()
            .map(|arg| match arg.as_elements() {
                Some(elements) => elements[index].clone(),
                None => arg.clone(),
            })
            .collect();
        if let Some(at) = row.iter().position(|one| !one.is_wholly_known()) {
            // Terraform takes no element of the lists behind the unknown one then, so that the rows below get the
            // wrong ones until apply.
            behind |= args[at + 1..].iter().any(|arg| arg.as_elements().is_some());
            let mut unknown = Unknown::new(Type::String, super::causes(&row));
            let mut arguments = vec![call.arg(0).clone()];
            arguments.extend(row);
            unknown.not_null = true;
            unknown.shape = format_shape(&arguments);
            results.push(Value::refined(unknown));
            continue;
        }
        let text = formatted(template, &row).map_err(|error| {
            FunctionError::new(format!(
                "error on format iteration {index}: {}",
                error.message
            ))
        })?;
        if behind {
            results.push(call.unknown_of(Type::String).refine_not_null());
            continue;
        }
        total += text.len();
        string::check_length(total)?;
        results.push(Value::text(&text));
    }
    Ok(Value::list(Type::String, results))
}

fn formatted(template: &str, args: &[Value]) -> Result<String, FunctionError> {
    let mut out = String::new();
    let mut most = 0;
    scan(template, |piece| {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Verb(verb) => {
                most = most.max(verb.argument);
                out.push_str(&verb.apply(args)?);
            }
        }
        string::check_length(out.len())
    })?;
    if most < args.len() {
        let message = match most {
            0 => "too many arguments; no verbs in format string".to_owned(),
            _ => format!("too many arguments; only {most} used by format string"),
        };
        return Err(FunctionError::at(most + 1, message));
    }
    Ok(out)
}

enum Piece<'a> {
    Text(&'a str),
    Verb(Verb<'a>),
}

/// `%[2]-08.3f`, its parts.
#[expect(clippy::struct_excessive_bools, reason = "flags of Go's verbs")]
#[derive(Default)]
struct Verb<'a> {
    raw: &'a str,
    offset: usize,
    /// From 1.
    argument: usize,
    mode: char,
    zero: bool,
    sharp: bool,
    plus: bool,
    minus: bool,
    space: bool,
    width: Option<usize>,
    precision: Option<usize>,
}

/// Larger widths and precisions are refused.
const WIDEST: usize = 1 << 20;

fn scan<'a>(
    template: &'a str,
    mut each: impl FnMut(Piece<'a>) -> Result<(), FunctionError>,
) -> Result<(), FunctionError> {
    let mut at = 0;
    let mut next_argument = 1;
    while let Some(found) = template[at..].find('%') {
        if found > 0 {
            each(Piece::Text(&template[at..at + found]))?;
        }
        at += found;
        if template[at + 1..].starts_with('%') {
            each(Piece::Text("%"))?;
            at += 2;
            continue;
        }
        let verb = Verb::parse(template, at, next_argument)?;
        next_argument = verb.argument + 1;
        at += verb.raw.len();
        each(Piece::Verb(verb))?;
    }
    if at < template.len() {
        each(Piece::Text(&template[at..]))?;
    }
    Ok(())
}

impl<'a> Verb<'a> {
    fn parse(template: &'a str, start: usize, argument: usize) -> Result<Self, FunctionError> {
        let bytes = template.as_bytes();
        let mut verb = Self {
            offset: start,
            argument,
            ..Self::default()
        };
        let mut at = start + 1;
        let peek = |at: usize| bytes.get(at).copied();
        while let Some(flag) = peek(at) {
            match flag {
                b'0' => verb.zero = true,
                b'#' => verb.sharp = true,
                b'-' => verb.minus = true,
                b'+' => verb.plus = true,
                b' ' => verb.space = true,
                _ => break,
            }
            at += 1;
        }
        let number = |at: &mut usize| {
            let mut number = 0usize;
            while let Some(digit) = peek(*at).filter(u8::is_ascii_digit) {
                number = number
                    .saturating_mul(10)
                    .saturating_add(usize::from(digit - b'0'));
                *at += 1;
            }
            number
        };
        if peek(at).is_some_and(|digit| digit.is_ascii_digit()) {
            verb.width = Some(number(&mut at));
        }
        if peek(at) == Some(b'.') {
            at += 1;
            verb.precision = Some(number(&mut at));
        }
        if peek(at) == Some(b'[') {
            if !peek(at + 1).is_some_and(|first| matches!(first, b'1'..=b'9')) {
                return Err(unrecognized(template, at + 1));
            }
            let mut end = at + 1;
            let index = number(&mut end);
            if peek(end) == Some(b']') {
                verb.argument = index;
                end += 1;
            } else {
                return Err(unrecognized(template, end));
            }
            at = end;
        }
        match peek(at) {
            Some(mode) if mode.is_ascii_alphabetic() => verb.mode = char::from(mode),
            _ => return Err(unrecognized(template, at)),
        }
        verb.raw = &template[start..=at];
        let widest = verb.width.max(verb.precision);
        if widest.is_some_and(|widest| widest > WIDEST) {
            return Err(FunctionError::new(format!(
                "{} at {start}: wider than {WIDEST} characters",
                quote(verb.raw)
            )));
        }
        Ok(verb)
    }

    fn apply(&self, args: &[Value]) -> Result<String, FunctionError> {
        let Some(arg) = self.argument.checked_sub(1).and_then(|at| args.get(at)) else {
            return Err(FunctionError::new(format!(
                "not enough arguments for {} at {}: need index {} but have {} total",
                quote(self.raw),
                self.offset,
                self.argument,
                args.len()
            )));
        };
        if self.mode != 'v' && arg.is_null() {
            return Err(self.unsupported("null value cannot be formatted"));
        }
        match self.mode {
            'v' => self.as_is(arg),
            't' => {
                let value = self.converted(arg, &Type::Bool)?;
                Ok(value.as_bool().unwrap_or_default().to_string())
            }
            'b' | 'd' | 'o' | 'x' | 'X' | 'e' | 'E' | 'f' | 'g' | 'G' => {
                let value = self.converted(arg, &Type::Number)?;
                let number = value.as_number().expect("converted to a number");
                match self.mode {
                    'b' | 'd' | 'o' | 'x' | 'X' => self.integer(number),
                    _ => Ok(self.fraction(number)),
                }
            }
            's' | 'q' => self.text(arg),
            mode => Err(FunctionError::new(format!(
                "unsupported format verb '{mode}' in {} at offset {}",
                quote(self.raw),
                self.offset
            ))),
        }
    }

    fn unsupported(&self, problem: impl std::fmt::Display) -> FunctionError {
        let message = format!(
            "unsupported value for {} at {}: {problem}",
            quote(self.raw),
            self.offset
        );
        FunctionError::new(message)
    }

    fn converted(&self, arg: &Value, ty: &Type) -> Result<Value, FunctionError> {
        convert(arg, ty).map_err(|error| self.unsupported(error))
    }

    fn as_is(&self, arg: &Value) -> Result<String, FunctionError> {
        let text = match arg.data() {
            Data::String(text) if !self.sharp => text.to_string(),
            Data::Number(number) if !self.sharp => Digits::of(number).general(None, 'e'),
            _ => encode(arg).map_err(|error| self.unsupported(error))?,
        };
        Ok(self.padded(text))
    }

    fn text(&self, arg: &Value) -> Result<String, FunctionError> {
        let value = self.converted(arg, &Type::String)?;
        let mut text = value.as_str().unwrap_or_default();
        if let Some(precision) = self.precision.filter(|precision| *precision > 0) {
            let end = text.grapheme_indices(true).nth(precision);
            text = &text[..end.map_or(text.len(), |(at, _)| at)];
        }
        let text = match self.mode {
            'q' => encode(&Value::text(text)).map_err(|error| self.unsupported(error))?,
            _ => text.to_owned(),
        };
        Ok(self.padded(text))
    }

    fn padded(&self, text: String) -> String {
        let Some(missing) = self
            .width
            .and_then(|width| width.checked_sub(string::length(&text)))
        else {
            return text;
        };
        let padding = if self.zero { "0" } else { " " }.repeat(missing);
        if self.minus {
            text + &padding
        } else {
            padding + &text
        }
    }

    fn sign(&self, negative: bool) -> &'static str {
        match (negative, self.plus, self.space) {
            (true, ..) => "-",
            (_, true, _) => "+",
            (_, _, true) => " ",
            _ => "",
        }
    }

    fn integer(&self, number: &Number) -> Result<String, FunctionError> {
        let (base, prefix) = match self.mode {
            'b' => (2, "0b"),
            'o' => (8, "0"),
            'x' => (16, "0x"),
            'X' => (16, "0X"),
            _ => (10, ""),
        };
        let Some(digits) = number.to_radix(base) else {
            return Err(self.unsupported("an integer is required"));
        };
        let negative = digits.starts_with('-');
        let mut digits = digits.trim_start_matches('-').to_owned();
        if self.mode == 'X' {
            digits.make_ascii_uppercase();
        }
        let sign = self.sign(negative);
        let prefix = if self.sharp { prefix } else { "" };
        let mut zeros = 0;
        if let Some(precision) = self.precision {
            if precision == 0 && digits == "0" {
                return Ok(String::new());
            }
            zeros = precision.saturating_sub(digits.len());
        }
        let length = sign.len() + prefix.len() + zeros + digits.len();
        let missing = self.width.unwrap_or(0).saturating_sub(length);
        let (mut left, mut right) = (0, 0);
        match () {
            () if self.minus => right = missing,
            () if self.zero && self.precision.is_none() => zeros = missing,
            () => left = missing,
        }
        Ok(format!(
            "{}{sign}{prefix}{}{digits}{}",
            " ".repeat(left),
            "0".repeat(zeros),
            " ".repeat(right)
        ))
    }

    fn fraction(&self, number: &Number) -> String {
        if number.is_infinite() {
            let sign = match (number.signum() < 0, self.space) {
                (true, _) => "-",
                (_, true) => " ",
                _ => "+",
            };
            return self.placed(sign, "Inf", false);
        }
        let digits = match (self.mode, self.precision) {
            ('g' | 'G', None) => Digits::of(number),
            _ => Digits::exact(number),
        };
        let sign = self.sign(digits.negative);
        let digits = Digits {
            negative: false,
            ..digits
        };
        let body = match self.mode {
            'f' => digits.fixed(self.precision.unwrap_or(6)),
            'e' | 'E' => digits.scientific(self.precision.unwrap_or(6), self.mode),
            'g' => digits.general(self.precision, 'e'),
            _ => digits.general(self.precision, 'E'),
        };
        self.placed(sign, &body, self.zero)
    }

    fn placed(&self, sign: &str, body: &str, zeros: bool) -> String {
        let length = sign.len() + body.len();
        let missing = self.width.unwrap_or(0).saturating_sub(length);
        if zeros {
            format!("{sign}{}{body}", "0".repeat(missing))
        } else if self.minus {
            format!("{sign}{body}{}", " ".repeat(missing))
        } else {
            format!("{}{sign}{body}", " ".repeat(missing))
        }
    }
}

fn unrecognized(template: &str, at: usize) -> FunctionError {
    let message = match template[at..].chars().next() {
        Some(character) => {
            let quoted = match character {
                '"' => "'\"'".to_owned(),
                _ => format!("{character:?}"),
            };
            format!("unrecognized format character {quoted} at offset {at}")
        }
        None => format!("invalid format string starting at offset {at}"),
    };
    FunctionError::new(message)
}

/// A number's decimal digits: `0.d1d2d3… * 10^exponent`.
struct Digits {
    negative: bool,
    shown: Vec<u8>,
    exponent: i64,
}

impl Digits {
    /// The fewest that identify the number.
    fn of(number: &Number) -> Self {
        Self::read(&number.to_string())
    }

    /// All of them: a binary fraction has finitely many decimal digits.
    fn exact(number: &Number) -> Self {
        const STEP: f64 = 18_446_744_073_709_551_616.0;
        const STEP_BITS: usize = 64;
        const MOST_STEPS: usize = 128;
        let step = Number::from_f64(STEP).expect("two to the 64th is a number");
        let mut whole = number.abs();
        let mut steps = 0;
        while !whole.is_integer() && steps < MOST_STEPS {
            match whole.mul(&step) {
                Some(next) => whole = next,
                None => break,
            }
            steps += 1;
        }
        let mantissa = whole
            .to_radix(16)
            .and_then(|text| UBig::from_str_radix(&text, 16).ok());
        let Some(mantissa) = mantissa else {
            return Self::of(number);
        };
        let places = steps * STEP_BITS;
        let digits = (mantissa * UBig::from(5u8).pow(places)).to_string();
        let shift = i64::try_from(places).unwrap_or(0);
        let mut read = Self::read(&digits);
        read.exponent -= shift;
        read.negative = number.to_string().starts_with('-');
        read
    }

    fn read(text: &str) -> Self {
        let negative = text.starts_with('-');
        let text = text.trim_start_matches(['-', '+']);
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let all: Vec<u8> = whole
            .bytes()
            .chain(fraction.bytes())
            .map(|digit| digit.wrapping_sub(b'0'))
            .collect();
        let zeros = all.iter().take_while(|digit| **digit == 0).count();
        let mut digits = all[zeros..].to_vec();
        while digits.last() == Some(&0) {
            digits.pop();
        }
        let exponent = if digits.is_empty() {
            0
        } else {
            signed(whole.len()) - signed(zeros)
        };
        Self {
            negative,
            shown: digits,
            exponent,
        }
    }

    /// So many digits, half to even.
    fn rounded(&self, count: i64) -> Self {
        let mut rounded = Self {
            negative: self.negative,
            shown: self.shown.clone(),
            exponent: self.exponent,
        };
        let Ok(count) = usize::try_from(count) else {
            rounded.shown.clear();
            rounded.exponent = 0;
            return rounded;
        };
        if count >= rounded.shown.len() {
            return rounded;
        }
        let rest = rounded.shown.split_off(count);
        let half = rest[0] == 5 && rest[1..].iter().all(|digit| *digit == 0);
        let odd = rounded.shown.last().is_some_and(|digit| digit % 2 == 1);
        if rest[0] > 5 || (rest[0] == 5 && (!half || odd)) {
            rounded.increment();
        }
        while rounded.shown.last() == Some(&0) {
            rounded.shown.pop();
        }
        if rounded.shown.is_empty() {
            rounded.exponent = 0;
        }
        rounded
    }

    fn increment(&mut self) {
        for digit in self.shown.iter_mut().rev() {
            if *digit < 9 {
                *digit += 1;
                return;
            }
            *digit = 0;
        }
        self.shown.insert(0, 1);
        self.exponent += 1;
    }

    fn digit(&self, at: i64) -> char {
        let digit = usize::try_from(at).ok().and_then(|at| self.shown.get(at));
        char::from(b'0' + digit.copied().unwrap_or(0))
    }

    /// `123.450000`
    fn fixed(&self, places: usize) -> String {
        let rounded = self.rounded(self.exponent + signed(places));
        let mut out = String::from(if self.negative { "-" } else { "" });
        if rounded.exponent > 0 {
            out.extend((0..rounded.exponent).map(|at| rounded.digit(at)));
        } else {
            out.push('0');
        }
        if places > 0 {
            out.push('.');
            out.extend((0..signed(places)).map(|at| rounded.digit(rounded.exponent + at)));
        }
        out
    }

    /// `1.234500e+02`
    fn scientific(&self, places: usize, letter: char) -> String {
        let rounded = self.rounded(signed(places) + 1);
        let mut out = String::from(if self.negative { "-" } else { "" });
        out.push(rounded.digit(0));
        if places > 0 {
            out.push('.');
            out.extend((1..=signed(places)).map(|at| rounded.digit(at)));
        }
        let exponent = if rounded.shown.is_empty() {
            0
        } else {
            rounded.exponent - 1
        };
        let sign = if exponent < 0 { '-' } else { '+' };
        let _ = write!(out, "{letter}{sign}{:02}", exponent.abs());
        out
    }

    /// `123.45` or `1.2345e+21`, whichever Go takes.
    fn general(&self, precision: Option<usize>, letter: char) -> String {
        let (rounded, wanted) = match precision {
            None => (self.rounded(i64::MAX), self.shown.len()),
            Some(precision) => (self.rounded(signed(precision.max(1))), precision.max(1)),
        };
        let count = rounded.shown.len();
        let limit = match precision {
            None => 6,
            Some(_) if wanted > count && signed(count) >= rounded.exponent => signed(count),
            Some(_) => signed(wanted),
        };
        let exponent = rounded.exponent - 1;
        if !rounded.shown.is_empty() && (exponent < -4 || exponent >= limit) {
            let places = wanted.min(count).saturating_sub(1);
            return rounded.scientific(places, letter);
        }
        let wanted = if signed(wanted) > rounded.exponent {
            count
        } else {
            wanted
        };
        let places = usize::try_from(signed(wanted) - rounded.exponent).unwrap_or(0);
        rounded.fixed(places)
    }
}

fn signed(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
