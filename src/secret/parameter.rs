//! Passwords in connection strings that are lists of parameters: `Server=…;Password=…`, `host=… password=…`, and the
//! query of an address. A parameter alone is none: scripts and commands are full of them.

use std::ops::Range;

use super::detect::{Gravity, Hit, Kind, LOCAL, hit, is_written_out, run};
use super::names::is_harmless_value;
use super::placeholder::is_placeholder;

/// What a password is called there, in the ways that it is written.
pub(super) const NAMES: &[&str] = &[
    "password=",
    "Password=",
    "PASSWORD=",
    "pwd=",
    "Pwd=",
    "PWD=",
];

/// What says where to connect to, in lower case.
const PLACES: &[&str] = &[
    "server=",
    "host=",
    "hostaddr=",
    "data source=",
    "datasource=",
    "address=",
    "addr=",
];

/// A connection string is read this far to both sides.
const LONGEST: usize = 512;

/// The password that follows a name.
pub(super) fn password(text: &str, name: Range<usize>) -> Option<Hit> {
    let bytes = text.as_bytes();
    let quote = usize::from(bytes.get(name.end) == Some(&b'\''));
    let start = name.end + quote;
    let value = run(bytes, start, |byte| {
        !byte.is_ascii_whitespace() && !b";&\"'`\\,)".contains(&byte)
    });
    let password = text.get(value.clone())?;
    let around = around(text, &name, value.end)?;
    let before = text.get(around.start..name.start)?;
    let is_list = |separator: char| {
        let whole = text[around.clone()].to_ascii_lowercase();
        let mut parameters = whole.split(separator).map(str::trim_start);
        parameters.any(|one| PLACES.iter().any(|place| one.starts_with(place)))
    };
    let is_one = match () {
        () if before.ends_with(['?', '&']) || before.ends_with("\\u0026") => before.contains("://"),
        () if before.trim_end().ends_with(';') => is_list(';'),
        () if before.ends_with(' ') => is_list(' '),
        // The first of the parameters.
        () => before.is_empty() && (is_list(';') || is_list(' ')),
    };
    if !is_one || !is_written_out(password) {
        return None;
    }
    if is_placeholder(password) || is_harmless_value(password) {
        return None;
    }
    let local = LOCAL.iter().any(|name| text[around.clone()].contains(name));
    let gravity = if local { Gravity::Test } else { Gravity::Live };
    Some(hit(Kind::ConnectionString, gravity, name.start..value.end))
}

/// The string or the line that a name stands in.
fn around(text: &str, name: &Range<usize>, end: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let is_end = |byte: &u8| matches!(byte, b'"' | b'`' | b'\n' | b'\r');
    let first = name.start.saturating_sub(LONGEST);
    let before = bytes[first..name.start].iter().rposition(is_end);
    let start = before.map_or(first, |at| first + at + 1);
    let last = bytes.len().min(end + LONGEST);
    let after = bytes[end..last].iter().position(is_end);
    let end = after.map_or(last, |at| end + at);
    let start = (start..=name.start).find(|at| text.is_char_boundary(*at))?;
    let end = (name.end..=end)
        .rev()
        .find(|at| text.is_char_boundary(*at))?;
    Some(start..end)
}

#[cfg(test)]
mod tests {
    use crate::secret::{Gravity, Kind, detect};

    #[test]
    fn connection_strings_are_lists_of_parameters_as_well() {
        for text in [
            "Server=db.example.net;User ID=app;Password=Xk29vTq0pLz;",
            "Data Source=db.example.net; Pwd=Xk29vTq0pLz",
            "host=db.example.net user=app password=Xk29vTq0pLz",
            "password='Xk29vTq0pLz' host=db.example.net",
            "jdbc:mysql://db.example.net:3306/a?user=app&password=Xk29vTq0pLz",
            "jdbc:mysql://db.example.net:3306/a?user=app\\u0026password=Xk29vTq0pLz",
            "postgresql://db.example.net/a?password=Xk29vTq0pLz",
        ] {
            let hits = detect(text);
            assert_eq!(hits.len(), 1, "{text}");
            assert_eq!(hits[0].kind, Kind::ConnectionString, "{text}");
            assert!(
                text[hits[0].range.clone()].contains("Xk29vTq0pLz"),
                "{text}"
            );
        }
        let local = detect("host=localhost user=app password=Xk29vTq0pLz");
        assert_eq!(local[0].gravity, Gravity::Test);
    }

    #[test]
    fn a_parameter_alone_is_none() {
        for text in [
            "password=Xk29vTq0pLz",
            "run --user=app --password=Xk29vTq0pLz",
            "old_password=Xk29vTq0pLz host=a",
            "host=db.example.net password=${var.password}",
            "host=db.example.net password=$PASSWORD",
            "Server=db;Password=<password>",
            "Server=db;Password=changeme",
            "https://a.example.com/reset?password=true",
            "\"host=a\" and then \"x password=Xk29vTq0pLz\"",
        ] {
            assert_eq!(detect(text), [], "{text}");
        }
    }
}
