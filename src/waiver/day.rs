//! Days: when a waiver ends, and which day it is. Both are days of UTC.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Unit};

/// A day that is written `YYYY-MM-DD`, and in no other way.
pub fn parse(text: &str) -> Option<Date> {
    let shape = text.bytes().enumerate().all(|(at, byte)| match at {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    (text.len() == 10 && shape)
        .then(|| text.parse().ok())
        .flatten()
}

/// Today. Read once in a run.
pub fn today() -> Date {
    Timestamp::now().to_zoned(TimeZone::UTC).date()
}

/// How many days one lies after another; negative before it.
pub fn between(from: Date, until: Date) -> i32 {
    let span = from.until((Unit::Day, until));
    span.map_or(i32::MAX, |span| span.get_days())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_written_in_one_way() {
        let day = parse("2026-12-01").unwrap();
        assert_eq!(day.to_string(), "2026-12-01");
        for text in [
            "2026-12-1",
            "20261201",
            "2026-02-30",
            "2026-12-01T00:00",
            "01-12-2026",
            "+026-12-01",
            "",
        ] {
            assert!(parse(text).is_none(), "{text}");
        }
        assert_eq!(between(parse("2026-11-25").unwrap(), day), 6);
        assert_eq!(between(day, parse("2026-11-25").unwrap()), -6);
        assert_eq!(
            between(parse("2024-02-28").unwrap(), parse("2024-03-01").unwrap()),
            2
        );
    }
}
