//! Dates: RFC 3339 timestamps, their arithmetic and their formats.
//!
//! What is wrong with a timestamp is said as Go's parser finds it, element by element.

use super::{Call, FunctionError, Outcome, hash};
use crate::value::{Value, quote};

pub(super) fn timestamp(_: &Call<'_>) -> Outcome {
    hash::impure("timestamp")
}

pub(super) fn plantimestamp(_: &Call<'_>) -> Outcome {
    hash::impure("plantimestamp")
}

pub(super) fn formatdate(call: &Call<'_>) -> Outcome {
    let moment = Moment::parse(call.text(1), Strictness::Strict)
        .map_err(|problem| FunctionError::at(1, problem))?;
    let text = moment
        .format(call.text(0))
        .map_err(|problem| FunctionError::at(0, problem))?;
    super::string::result(&text)
}

pub(super) fn timeadd(call: &Call<'_>) -> Outcome {
    let moment = Moment::parse(call.text(0), Strictness::Strict).map_err(FunctionError::new)?;
    let duration = parse_duration(call.text(1)).map_err(FunctionError::new)?;
    Ok(Value::string(moment.plus(duration).to_string()))
}

pub(super) fn timecmp(call: &Call<'_>) -> Outcome {
    let moment = |at: usize| {
        Moment::parse(call.text(at), Strictness::Lenient)
            .map_err(|problem| FunctionError::at(at, problem))
    };
    let (left, right) = (moment(0)?, moment(1)?);
    Ok(Value::number(left.instant().cmp(&right.instant()) as i64))
}

/// `timecmp` reads as Go does, which lets an hour of one digit and a comma pass; the others are stricter.
#[derive(Clone, Copy, PartialEq)]
enum Strictness {
    Strict,
    Lenient,
}

/// A moment and the offset that it was written with.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Moment {
    /// Since 1970, in local time.
    local_seconds: i64,
    nanoseconds: i64,
    /// Of local time from UTC, in seconds.
    offset: i64,
    /// Whether the offset was written as `Z`.
    utc: bool,
}

const DAY: i64 = 86_400;
const SECOND: i128 = 1_000_000_000;

/// Days since 1970 of a date of the Gregorian calendar.
fn days_from_date(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

fn date_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

fn days_in(month: i64, year: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// An element of a timestamp that could not be read, as Go's parser reports it.
enum Wrong {
    /// What stands where an element should be.
    Value {
        element: &'static str,
        found: String,
    },
    /// A day that the month does not have.
    Day,
}

impl Wrong {
    fn at(element: &'static str, found: &str) -> Self {
        Self::Value {
            element,
            found: found.to_owned(),
        }
    }

    /// Terraform's words for it.
    fn message(&self, strictness: Strictness) -> String {
        let problem = match self {
            Self::Day => ": day out of range".to_owned(),
            Self::Value { element, found } => match *element {
                "T" => {
                    return "not a valid RFC3339 timestamp: missing required time introducer 'T'"
                        .to_owned();
                }
                ":" | "-" if found.is_empty() => {
                    format!(": end of string where {} is expected", quote(element))
                }
                ":" | "-" => format!(
                    ": found {} where {} is expected",
                    quote(found),
                    quote(element)
                ),
                what if found.is_empty() => format!(": end of string before {what}"),
                "hour" if strictness == Strictness::Strict && found.contains(':') => {
                    ": hour must be between 0 and 23 inclusive".to_owned()
                }
                "hour" if strictness == Strictness::Strict && found.len() != 2 => {
                    ": hour must have exactly two digits".to_owned()
                }
                "minute" if strictness == Strictness::Strict && found.len() != 2 => {
                    ": minute must have exactly two digits".to_owned()
                }
                what => format!(": cannot use {} as {what}", quote(found)),
            },
        };
        format!("not a valid RFC3339 timestamp{problem}")
    }
}

/// What is left of a timestamp to be read.
struct Rest<'a>(&'a str);

impl Rest<'_> {
    fn literal(&mut self, literal: &'static str) -> Result<(), Wrong> {
        match self.0.strip_prefix(literal) {
            Some(rest) => {
                self.0 = rest;
                Ok(())
            }
            None => Err(Wrong::at(literal, self.0)),
        }
    }

    /// Exactly so many digits; Go shows all that is left when there are none.
    fn digits(&mut self, element: &'static str, count: usize) -> Result<i64, Wrong> {
        let digits = self.0.get(..count);
        match digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit())) {
            Some(digits) => {
                self.0 = &self.0[count..];
                Ok(digits.parse().expect("a few digits"))
            }
            None => Err(Wrong::at(element, self.0)),
        }
    }

    /// One digit or two.
    fn hour(&mut self) -> Result<i64, Wrong> {
        let digits = self
            .0
            .bytes()
            .take_while(u8::is_ascii_digit)
            .take(2)
            .count();
        match digits {
            0 => Err(Wrong::at("hour", self.0)),
            count => self.digits("hour", count),
        }
    }

    /// A fraction of a second, which Go takes though the layout has none.
    fn fraction(&mut self) -> i64 {
        let Some(fraction) = self.0.strip_prefix(['.', ',']) else {
            return 0;
        };
        let count = fraction.bytes().take_while(u8::is_ascii_digit).count();
        if count == 0 {
            return 0;
        }
        let (digits, rest) = fraction.split_at(count);
        self.0 = rest;
        let nine: String = digits.chars().chain("000000000".chars()).take(9).collect();
        nine.parse().unwrap_or(0)
    }

    /// `Z`, or hours and minutes from UTC.
    fn offset(&mut self) -> Result<Option<i64>, Wrong> {
        const ELEMENT: &str = "UTC offset";
        if let Some(rest) = self.0.strip_prefix('Z') {
            self.0 = rest;
            return Ok(None);
        }
        let whole = self.0;
        let wrong = || Wrong::at(ELEMENT, whole);
        let text = whole.get(..6).ok_or_else(wrong)?;
        let bytes = text.as_bytes();
        let sign = match bytes[0] {
            b'+' => 1,
            b'-' => -1,
            _ => return Err(wrong()),
        };
        if bytes[3] != b':' {
            return Err(wrong());
        }
        let number = |digits: &str| {
            let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
            digits
                .parse::<i64>()
                .ok()
                .filter(|_| plain)
                .ok_or_else(wrong)
        };
        let (hours, minutes) = (number(&text[1..3])?, number(&text[4..6])?);
        if hours > 24 || minutes > 60 {
            return Err(Wrong::at(ELEMENT, &whole[6..]));
        }
        self.0 = &whole[6..];
        Ok(Some(sign * (hours * 3600 + minutes * 60)))
    }
}

impl Moment {
    fn parse(text: &str, strictness: Strictness) -> Result<Self, String> {
        Self::read(text, strictness).map_err(|wrong| wrong.message(strictness))
    }

    fn read(text: &str, strictness: Strictness) -> Result<Self, Wrong> {
        let mut rest = Rest(text);
        let year = rest.digits("year", 4)?;
        rest.literal("-")?;
        let month = rest.digits("month", 2)?;
        if !(1..=12).contains(&month) {
            return Err(Wrong::at("month", rest.0));
        }
        rest.literal("-")?;
        let day = rest.digits("day of month", 2)?;
        rest.literal("T")?;
        let hour_text = rest.0;
        let hour = rest.hour()?;
        if !(0..24).contains(&hour) {
            return Err(Wrong::at("hour", rest.0));
        }
        if strictness == Strictness::Strict && hour_text[1..].starts_with(':') {
            return Err(Wrong::at("hour", &hour_text[..1]));
        }
        rest.literal(":")?;
        let minute = rest.digits("minute", 2)?;
        if minute > 59 {
            return Err(Wrong::at("minute", rest.0));
        }
        rest.literal(":")?;
        let second = rest.digits("second", 2)?;
        if second > 59 {
            return Err(Wrong::at("second", rest.0));
        }
        if strictness == Strictness::Strict
            && rest.0.starts_with(',')
            && rest.0[1..].starts_with(|next: char| next.is_ascii_digit())
        {
            return Err(Wrong::at("timestamp segment", ","));
        }
        let nanoseconds = rest.fraction();
        let zone = rest.0;
        let offset = rest.offset()?;
        if !rest.0.is_empty() {
            return Err(Wrong::at("timestamp segment", rest.0));
        }
        if day < 1 || day > days_in(month, year) {
            return Err(Wrong::Day);
        }
        if strictness == Strictness::Strict && offset.is_some() {
            let end = |from: usize| {
                zone.get(from..from + 2)
                    .and_then(|text| text.parse::<i64>().ok())
            };
            if end(1) >= Some(24) || end(4) >= Some(60) {
                return Err(Wrong::at("UTC offset", zone));
            }
        }
        let days = days_from_date(year, month, day);
        Ok(Self {
            local_seconds: days * DAY + hour * 3600 + minute * 60 + second,
            nanoseconds,
            offset: offset.unwrap_or(0),
            utc: offset.is_none(),
        })
    }

    /// Nanoseconds since 1970.
    fn instant(self) -> i128 {
        i128::from(self.local_seconds - self.offset) * SECOND + i128::from(self.nanoseconds)
    }

    fn plus(self, nanoseconds: i64) -> Self {
        let total = i128::from(self.nanoseconds) + i128::from(nanoseconds);
        let seconds = i64::try_from(total.div_euclid(SECOND)).expect("a duration has 64 bits");
        Self {
            local_seconds: self.local_seconds + seconds,
            nanoseconds: i64::try_from(total.rem_euclid(SECOND)).expect("less than a second"),
            ..self
        }
    }

    fn offset_text(self, separator: &str) -> String {
        let minutes = self.offset.abs() / 60;
        let sign = if self.offset < 0 { '-' } else { '+' };
        format!("{sign}{:02}{separator}{:02}", minutes / 60, minutes % 60)
    }

    fn format(self, format: &str) -> Result<String, String> {
        let mut out = String::new();
        let mut rest = format;
        while let Some(first) = rest.chars().next() {
            if first == '\'' {
                rest = quoted(&rest[1..], &mut out)?;
            } else if first.is_ascii_alphabetic() {
                let end = rest.find(|next| next != first).unwrap_or(rest.len());
                let (verb, after) = rest.split_at(end);
                out.push_str(&self.verb(verb)?);
                rest = after;
            } else {
                out.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
        Ok(out)
    }

    fn verb(self, verb: &str) -> Result<String, String> {
        const MONTHS: [&str; 12] = [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ];
        const WEEKDAYS: [&str; 7] = [
            "Thursday",
            "Friday",
            "Saturday",
            "Sunday",
            "Monday",
            "Tuesday",
            "Wednesday",
        ];
        let days = self.local_seconds.div_euclid(DAY);
        let seconds = self.local_seconds.rem_euclid(DAY);
        let (year, month, day) = date_from_days(days);
        let name = |names: &[&'static str], at: i64| names[usize::try_from(at).unwrap_or(0)];
        let month_name = name(&MONTHS, month - 1);
        let weekday = name(&WEEKDAYS, days.rem_euclid(7));
        let hour = seconds / 3600;
        let short_hour = if hour % 12 == 0 { 12 } else { hour % 12 };
        let (minute, second) = (seconds / 60 % 60, seconds % 60);
        let half = if hour < 12 { "AM" } else { "PM" };
        let must = |what: &str| Err(format!("invalid date format verb {}: {what}", quote(verb)));
        let number = |number: i64, otherwise: &str| match verb.len() {
            1 => Ok(number.to_string()),
            2 => Ok(format!("{number:02}")),
            _ => must(otherwise),
        };
        match (verb.as_bytes()[0], verb.len()) {
            (b'Y', 2) => Ok(format!("{:02}", year % 100)),
            (b'Y', 4) => Ok(format!("{year:04}")),
            (b'Y', _) => must("year must either be \"YY\" or \"YYYY\""),
            (b'M', 3) => Ok(month_name[..3].to_owned()),
            (b'M', 4) => Ok(month_name.to_owned()),
            (b'M', _) => number(month, "month must be \"M\", \"MM\", \"MMM\", or \"MMMM\""),
            (b'D', _) => number(day, "day of month must either be \"D\" or \"DD\""),
            (b'E', 3) => Ok(weekday[..3].to_owned()),
            (b'E', 4) => Ok(weekday.to_owned()),
            (b'E', _) => must("day of week must either be \"EEE\" or \"EEEE\""),
            (b'h', _) => number(hour, "24-hour must either be \"h\" or \"hh\""),
            (b'H', _) => number(short_hour, "12-hour must either be \"H\" or \"HH\""),
            (b'A', 2) => Ok(half.to_owned()),
            (b'a', 2) => Ok(half.to_lowercase()),
            (b'A', _) => must("must be \"AA\""),
            (b'a', _) => must("must be \"aa\""),
            (b'm', _) => number(minute, "minute must either be \"m\" or \"mm\""),
            (b's', _) => number(second, "second must either be \"s\" or \"ss\""),
            (b'Z', 1) if self.offset == 0 => Ok("Z".to_owned()),
            (b'Z', 1 | 5) => Ok(self.offset_text(":")),
            (b'Z', 3) if self.offset == 0 => Ok("UTC".to_owned()),
            (b'Z', 3 | 4) => Ok(self.offset_text("")),
            (b'Z', _) => must("timezone must be Z, ZZZZ, or ZZZZZ"),
            _ => Err(format!("invalid date format verb {}", quote(verb))),
        }
    }
}

/// Text after an opening quote, up to the closing one; a doubled quote is one. Gives back what follows.
fn quoted<'a>(text: &'a str, out: &mut String) -> Result<&'a str, String> {
    if let Some(rest) = text.strip_prefix('\'') {
        out.push('\'');
        return Ok(rest);
    }
    let mut rest = text;
    loop {
        let Some(end) = rest.find('\'') else {
            return Err("unterminated literal '".to_owned());
        };
        out.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('\'') {
            Some(after) => {
                out.push('\'');
                rest = after;
            }
            None => return Ok(rest),
        }
    }
}

impl std::fmt::Display for Moment {
    /// RFC 3339 without fractions, in the offset that it was written with.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = self
            .format("YYYY-MM-DD'T'hh:mm:ssZ")
            .map_err(|_| std::fmt::Error)?;
        f.write_str(&text)
    }
}

/// A duration as Go reads it, in nanoseconds: `1h30m`, `-1.5s`.
fn parse_duration(text: &str) -> Result<i64, String> {
    let invalid = || format!("time: invalid duration {}", quote(text));
    let (negative, body) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    if body == "0" {
        return Ok(0);
    }
    if body.is_empty() {
        return Err(invalid());
    }
    let limit = u128::from(i64::MAX.unsigned_abs()) + u128::from(negative);
    let mut total = 0u128;
    let mut rest = body;
    while !rest.is_empty() {
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let (whole, after) = rest.split_at(digits(rest));
        let (fraction, after) = match after.strip_prefix('.') {
            Some(after) => after.split_at(digits(after)),
            None => ("", after),
        };
        if whole.is_empty() && fraction.is_empty() {
            return Err(invalid());
        }
        let end = after
            .find(|next: char| next == '.' || next.is_ascii_digit())
            .unwrap_or(after.len());
        let (unit, after) = after.split_at(end);
        let scale: u128 = match unit {
            "ns" => 1,
            "us" | "\u{b5}s" | "\u{3bc}s" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            "" => return Err(format!("time: missing unit in duration {}", quote(text))),
            unit => {
                return Err(format!(
                    "time: unknown unit {} in duration {}",
                    quote(unit),
                    quote(text)
                ));
            }
        };
        let number = |digits: &str| {
            if digits.is_empty() {
                Some(0)
            } else {
                digits.parse::<u128>().ok()
            }
        };
        let whole = number(whole)
            .and_then(|whole| whole.checked_mul(scale))
            .ok_or_else(invalid)?;
        let kept = &fraction[..fraction.len().min(18)];
        let power = u32::try_from(kept.len()).expect("at most 18");
        let part = number(kept).unwrap_or(0) * scale / 10u128.pow(power);
        total = total
            .checked_add(whole + part)
            .filter(|total| *total <= limit)
            .ok_or_else(invalid)?;
        rest = after;
    }
    let total = i128::try_from(total).expect("within 64 bits");
    i64::try_from(if negative { -total } else { total }).map_err(|_| invalid())
}

/// An RFC 3339 timestamp in Terraform's form, without fractions.
pub(super) fn canonical(text: &str) -> Option<String> {
    Moment::parse(text, Strictness::Lenient)
        .ok()
        .map(|moment| moment.to_string())
}
