//! Where quoted strings stand in configuration: each ends where Terraform ends it, past the strings in its interpolations.

use std::ops::Range;

/// An interpolation is read this far: what is longer is no line that is drawn.
const LONGEST: usize = 4_096;

/// Strings in interpolations in strings: nobody goes deeper.
const DEEPEST: usize = 8;

/// How long the content is of a string whose opening quote stands before the text.
pub(super) fn content(text: &str) -> usize {
    end_of_string(text.as_bytes(), DEEPEST).unwrap_or_else(|| first_quote(text))
}

/// The contents of the strings in the interpolations of a string's content, those that have no interpolations themselves.
pub(super) fn within(content: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    collect(content, 0, DEEPEST, &mut found);
    found
}

fn collect(content: &str, offset: usize, depth: usize, found: &mut Vec<Range<usize>>) {
    let bytes = content.as_bytes();
    let mut at = 0;
    while let Some(step) = step(bytes, at) {
        let Step::Interpolation = step else {
            at += step.length();
            continue;
        };
        let start = at + 2;
        at = end_of_interpolation(bytes, start, depth).unwrap_or(bytes.len());
        let mut inner = start;
        while let Some(quote) = content.get(inner..at).and_then(|rest| rest.find('"')) {
            let first = inner + quote + 1;
            let last = (first + self::content(&content[first..])).min(at);
            let string = &content[first..last];
            if !string.contains("${") {
                found.push(offset + first..offset + last);
            } else if depth > 0 {
                collect(string, offset + first, depth - 1, found);
            }
            inner = last + 1;
        }
    }
}

/// What stands at a place of a string.
enum Step {
    Other,
    /// A backslash and what it stands before.
    Escape,
    /// `$${`
    Literal,
    /// `${`
    Interpolation,
    Quote,
}

impl Step {
    fn length(&self) -> usize {
        match self {
            Self::Other | Self::Quote => 1,
            Self::Escape | Self::Interpolation => 2,
            Self::Literal => 3,
        }
    }
}

fn step(bytes: &[u8], at: usize) -> Option<Step> {
    let rest = bytes.get(at..)?;
    Some(match rest.first()? {
        b'\\' => Step::Escape,
        b'"' => Step::Quote,
        b'$' | b'%' if rest.starts_with(b"$${") || rest.starts_with(b"%%{") => Step::Literal,
        b'$' | b'%' if rest.get(1) == Some(&b'{') => Step::Interpolation,
        _ => Step::Other,
    })
}

fn end_of_string(bytes: &[u8], depth: usize) -> Option<usize> {
    let mut at = 0;
    loop {
        match step(bytes, at)? {
            Step::Quote => return Some(at),
            Step::Interpolation => at = end_of_interpolation(bytes, at + 2, depth)?,
            other => at += other.length(),
        }
    }
}

/// The place behind the brace that closes it.
fn end_of_interpolation(bytes: &[u8], start: usize, depth: usize) -> Option<usize> {
    let mut open = 0_usize;
    let mut at = start;
    while at < start + LONGEST {
        match bytes.get(at)? {
            b'\\' => at += 1,
            b'"' => at += 1 + end_of_string(&bytes[at + 1..], depth.checked_sub(1)?)?,
            b'{' => open += 1,
            b'}' if open == 0 => return Some(at + 1),
            b'}' => open -= 1,
            _ => {}
        }
        at += 1;
    }
    None
}

/// Where nothing closes what is open, the next quote ends the string.
fn first_quote(text: &str) -> usize {
    let mut is_escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return at,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_ends_behind_the_strings_in_it() {
        for (text, end) in [
            (r#"a" b"#, "a"),
            (r#"a\"b" c"#, r#"a\"b"#),
            (
                r#"${replace(var.a, "-", "_")}" c"#,
                r#"${replace(var.a, "-", "_")}"#,
            ),
            (r#"${f("${g("x")}")}y" c"#, r#"${f("${g("x")}")}y"#),
            (r#"$${" c"#, "$${"),
            // Nothing closes it.
            (r#"${f(" c"#, "${f("),
            ("a", "a"),
        ] {
            assert_eq!(&text[..content(text)], end, "{text}");
        }
    }

    #[test]
    fn strings_in_interpolations_are_found_at_any_depth() {
        let text = r#"a-${f("violin", "${g("orchid")}")}-b-${{ c = "daisy" }}"#;
        let found: Vec<&str> = within(text).into_iter().map(|one| &text[one]).collect();
        assert_eq!(found, ["violin", "orchid", "daisy"]);
        assert!(within("a-${var.b}").is_empty());
    }

    #[test]
    fn what_nothing_closes_is_read_in_linear_time() {
        let long = "${\"".repeat(200_000);
        let start = std::time::Instant::now();
        let mut at = 0;
        while at < long.len() {
            at += content(&long[at..]) + 1;
        }
        assert!(start.elapsed().as_secs() < 5);
    }
}
