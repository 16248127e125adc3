//! Regular expressions: Go's syntax, which is RE2's, run by the `regex` crate.
//!
//! Both are of one family, yet differ in the small: Go's `\d`, `\w`, `\s` and `\b` are ASCII, a `{` that begins no
//! repetition is a letter, `[` inside a class as well, `\Q…\E` quotes. A pattern is read as Go reads it, with Go's
//! errors, and written anew.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use regex::{Captures, Regex};

use super::{Call, FunctionError, Outcome, string};
use crate::value::{Entries, Type, Value};

/// Whole matches, or what the groups captured: a tuple, or an object when they are named.
pub(super) fn regex_type(args: &[Value]) -> Result<Type, FunctionError> {
    match args[0].as_str() {
        Some(pattern) => result_type(pattern),
        None => Ok(Type::Dynamic),
    }
}

pub(super) fn regexall_type(args: &[Value]) -> Result<Type, FunctionError> {
    regex_type(args).map(Type::list)
}

pub(super) fn regex(call: &Call<'_>) -> Outcome {
    let pattern = compiled(call.text(0))?;
    match pattern.regex.captures(call.text(1)) {
        Some(captures) => Ok(pattern.result(&captures)),
        None => Err(FunctionError::new(
            "pattern did not match any part of the given string",
        )),
    }
}

pub(super) fn regexall(call: &Call<'_>) -> Outcome {
    let pattern = compiled(call.text(0))?;
    let matches: Vec<Value> = pattern
        .regex
        .captures_iter(call.text(1))
        .map(|captures| pattern.result(&captures))
        .collect();
    let of = call.ty.element().cloned().unwrap_or(Type::Dynamic);
    Ok(Value::list(of, matches))
}

/// A substring between slashes is a pattern.
pub(super) fn replace(call: &Call<'_>) -> Outcome {
    let (text, wanted, replacement) = (call.text(0), call.text(1), call.text(2));
    let inner = wanted
        .strip_prefix('/')
        .and_then(|inner| inner.strip_suffix('/'));
    let Some(inner) = inner else {
        let count = if wanted.is_empty() {
            text.chars().count() + 1
        } else {
            text.matches(wanted).count()
        };
        string::check_length(
            text.len()
                .saturating_add(count.saturating_mul(replacement.len())),
        )?;
        return string::result(&text.replace(wanted, replacement));
    };
    let pattern = Pattern::cached(inner).map_err(|error| {
        FunctionError::new(format!(
            "error parsing regexp: {}: `{}`",
            error.problem, error.excerpt
        ))
    })?;
    let mut out = String::new();
    let mut copied = 0;
    for captures in pattern.regex.captures_iter(text) {
        let whole = captures.get(0).expect("group 0 takes part in a match");
        out.push_str(&text[copied..whole.start()]);
        pattern.expand(replacement, &captures, &mut out);
        copied = whole.end();
        string::check_length(out.len())?;
    }
    out.push_str(&text[copied..]);
    string::result(&out)
}

fn compiled(pattern: &str) -> Result<Rc<Pattern>, FunctionError> {
    Pattern::cached(pattern).map_err(|error| {
        FunctionError::at(
            0,
            format!(
                "invalid regexp pattern: {} in {}",
                error.problem, error.excerpt
            ),
        )
    })
}

fn result_type(pattern: &str) -> Result<Type, FunctionError> {
    let pattern = compiled(pattern)?;
    let named = pattern.names.iter().flatten().count();
    let unnamed = pattern.names.len() - named;
    match (named, unnamed) {
        (0, 0) => Ok(Type::String),
        (0, _) => Ok(Type::Tuple(vec![Type::String; unnamed].into())),
        (_, 0) => Ok(Type::object(
            pattern
                .names
                .iter()
                .flatten()
                .map(|name| (Arc::clone(name), Type::String))
                .collect::<BTreeMap<_, _>>(),
        )),
        _ => Err(FunctionError::at(
            0,
            "invalid regexp pattern: cannot mix both named and unnamed capture groups",
        )),
    }
}

/// A pattern and the names of its groups; groups beyond the first of a name are legal in Go.
struct Pattern {
    regex: Regex,
    names: Vec<Option<Arc<str>>>,
}

/// What Go would say of a pattern.
#[derive(Debug, PartialEq)]
struct PatternError {
    problem: &'static str,
    excerpt: String,
}

/// So many patterns are kept compiled.
const MOST_KEPT: usize = 256;

thread_local! {
    static KEPT: RefCell<HashMap<Box<str>, Rc<Pattern>>> = RefCell::default();
}

impl Pattern {
    fn cached(pattern: &str) -> Result<Rc<Self>, PatternError> {
        if let Some(kept) = KEPT.with_borrow(|kept| kept.get(pattern).cloned()) {
            return Ok(kept);
        }
        let compiled = Rc::new(Self::new(pattern)?);
        KEPT.with_borrow_mut(|kept| {
            if kept.len() >= MOST_KEPT {
                kept.clear();
            }
            kept.insert(pattern.into(), Rc::clone(&compiled));
        });
        Ok(compiled)
    }

    fn new(pattern: &str) -> Result<Self, PatternError> {
        let (translated, names) = Translator::new(pattern).translate()?;
        let regex = Regex::new(&translated).map_err(|error| PatternError {
            problem: match error {
                regex::Error::CompiledTooBig(_) => "expression too large",
                _ => "invalid or unsupported syntax",
            },
            excerpt: pattern.to_owned(),
        })?;
        Ok(Self { regex, names })
    }

    fn result(&self, captures: &Captures<'_>) -> Value {
        let group = |at: usize| match captures.get(at) {
            Some(group) => Value::text(group.as_str()),
            None => Value::null(Type::String),
        };
        if self.names.is_empty() {
            return group(0);
        }
        if self.names[0].is_none() {
            return Value::tuple((1..=self.names.len()).map(group));
        }
        let entries: Entries = self
            .names
            .iter()
            .enumerate()
            .filter_map(|(at, name)| Some((Arc::clone(name.as_ref()?), group(at + 1))))
            .collect();
        Value::object(entries)
    }

    /// `$1`, `${1}`, `$name`, `${name}` and `$$` in a replacement; anything else that begins with `$` is text.
    fn expand(&self, template: &str, captures: &Captures<'_>, out: &mut String) {
        let mut rest = template;
        while let Some(at) = rest.find('$') {
            out.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix('$') {
                out.push('$');
                rest = after;
                continue;
            }
            let braced = rest.strip_prefix('{');
            let from = braced.unwrap_or(rest);
            let end = from
                .find(|character: char| !(character.is_alphanumeric() || character == '_'))
                .unwrap_or(from.len());
            let (name, after) = from.split_at(end);
            let after = match braced {
                Some(_) => after.strip_prefix('}'),
                None => Some(after),
            };
            let Some(after) = after.filter(|_| !name.is_empty()) else {
                out.push('$');
                continue;
            };
            rest = after;
            let group = match name.parse::<usize>() {
                Ok(number) => captures.get(number),
                Err(_) => self
                    .names
                    .iter()
                    .position(|known| known.as_deref() == Some(name))
                    .and_then(|at| captures.get(at + 1)),
            };
            out.push_str(group.map_or("", |group| group.as_str()));
        }
        out.push_str(rest);
    }
}

/// Reads a pattern with Go's rules and writes it with those of the `regex` crate.
struct Translator<'a> {
    pattern: &'a str,
    at: usize,
    out: String,
    names: Vec<Option<Arc<str>>>,
    open: usize,
    /// Whether something stands before that could be repeated.
    repeatable: bool,
    /// Where the repetition just read begins.
    repetition: Option<usize>,
}

type Translated<T> = Result<T, PatternError>;

/// Go allows no more repetitions in one operator.
const MOST_REPEATED: u32 = 1000;

impl<'a> Translator<'a> {
    fn new(pattern: &'a str) -> Self {
        Self {
            pattern,
            at: 0,
            out: String::with_capacity(pattern.len() + 16),
            names: Vec::new(),
            open: 0,
            repeatable: false,
            repetition: None,
        }
    }

    fn translate(mut self) -> Translated<(String, Vec<Option<Arc<str>>>)> {
        while let Some(next) = self.peek() {
            let previous = self.repetition.take();
            let start = self.at;
            match next {
                '(' => self.group()?,
                ')' => {
                    if self.open == 0 {
                        return Err(self.error("unexpected )", 0));
                    }
                    self.open -= 1;
                    self.copy();
                    self.repeatable = true;
                }
                '|' => {
                    self.copy();
                    self.repeatable = false;
                }
                '*' | '+' | '?' => self.repeat(previous, start)?,
                '{' => {
                    if let Some(counted) = self.counted()? {
                        self.out.push_str(&counted);
                        self.repeated(previous, start)?;
                    } else {
                        self.at += 1;
                        self.literal('{');
                    }
                }
                '[' => self.class()?,
                '\\' => self.escape()?,
                '^' | '$' | '.' => {
                    self.copy();
                    self.repeatable = true;
                }
                other => {
                    self.at += other.len_utf8();
                    self.literal(other);
                }
            }
        }
        if self.open > 0 {
            return Err(self.error("missing closing )", 0));
        }
        Ok((self.out, self.names))
    }

    fn rest(&self) -> &'a str {
        &self.pattern[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn eat(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        if found {
            self.at += text.len();
        }
        found
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    fn copy(&mut self) {
        if let Some(next) = self.next() {
            self.out.push(next);
        }
    }

    fn literal(&mut self, character: char) {
        push_literal(&mut self.out, character);
        self.repeatable = true;
    }

    /// An error about the pattern from an offset to where it was read.
    fn error(&self, problem: &'static str, from: usize) -> PatternError {
        let to = if from == 0 && self.at == 0 {
            self.pattern.len()
        } else {
            self.at
        };
        let whole = matches!(problem, "unexpected )" | "missing closing )");
        PatternError {
            problem,
            excerpt: if whole {
                self.pattern.to_owned()
            } else {
                self.pattern[from..to].to_owned()
            },
        }
    }

    fn group(&mut self) -> Translated<()> {
        let start = self.at;
        self.at += 1;
        if !self.eat("?") {
            self.begin(None, "(");
            return Ok(());
        }
        if self.eat("P<") || self.eat("<") {
            let name = self.rest();
            let Some(end) = name.find('>') else {
                self.at = self.pattern.len();
                return Err(self.error("invalid named capture", start));
            };
            let name = &name[..end];
            self.at += end + 1;
            let legal = |character: char| character.is_ascii_alphanumeric() || character == '_';
            if name.is_empty() || !name.chars().all(legal) {
                return Err(self.error("invalid named capture", start));
            }
            self.begin(Some(name.into()), "(");
            return Ok(());
        }
        self.flags(start)
    }

    fn begin(&mut self, name: Option<Arc<str>>, text: &str) {
        self.names.push(name);
        self.out.push_str(text);
        self.open += 1;
        self.repeatable = false;
    }

    fn flags(&mut self, start: usize) -> Translated<()> {
        let (mut negative, mut flag) = (false, false);
        loop {
            match self.next() {
                Some('i' | 'm' | 's' | 'U') => flag = true,
                Some('-') if !negative => (negative, flag) = (true, false),
                Some(end @ (':' | ')')) if flag || !negative => {
                    let text = &self.pattern[start..self.at];
                    if text == "(?)" {
                        return Ok(());
                    }
                    self.out.push_str(text);
                    if end == ':' {
                        self.open += 1;
                        self.repeatable = false;
                    }
                    return Ok(());
                }
                Some(_) => return Err(self.error("invalid or unsupported Perl syntax", start)),
                None => return Err(self.error("missing closing )", start)),
            }
        }
    }

    fn repeat(&mut self, previous: Option<usize>, start: usize) -> Translated<()> {
        self.copy();
        self.repeated(previous, start)
    }

    fn repeated(&mut self, previous: Option<usize>, start: usize) -> Translated<()> {
        if self.eat("?") {
            self.out.push('?');
        }
        if let Some(previous) = previous {
            return Err(self.error("invalid nested repetition operator", previous));
        }
        if !self.repeatable {
            return Err(self.error("missing argument to repetition operator", start));
        }
        self.repetition = Some(start);
        Ok(())
    }

    /// `{2}`, `{2,}` or `{2,5}`; none when the brace is only a brace.
    fn counted(&mut self) -> Translated<Option<String>> {
        let start = self.at;
        let Some(end) = self.rest().find('}') else {
            return Ok(None);
        };
        let inner = &self.rest()[1..end];
        let (least, most) = match inner.split_once(',') {
            None => (inner, Some(inner)),
            Some((least, "")) => (least, None),
            Some((least, most)) => (least, Some(most)),
        };
        let written = |text: &str| {
            let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            digits && !(text.len() > 1 && text.starts_with('0'))
        };
        if !written(least) || !most.is_none_or(written) {
            return Ok(None);
        }
        self.at += end + 1;
        let small = |text: &str| {
            text.parse()
                .ok()
                .filter(|count: &u32| *count <= MOST_REPEATED)
        };
        let counts = (small(least), most.map(small));
        let legal = match counts {
            (Some(_), None) => true,
            (Some(least), Some(Some(most))) => least <= most,
            _ => false,
        };
        if !legal {
            return Err(self.error("invalid repeat count", start));
        }
        Ok(Some(format!("{{{inner}}}")))
    }

    fn escape(&mut self) -> Translated<()> {
        let start = self.at;
        let text = match self.rest().chars().nth(1) {
            Some('A') => r"\A",
            Some('z') => r"\z",
            Some('b') => r"(?-u:\b)",
            Some('B') => r"\B",
            Some('Q') => {
                self.at += 2;
                let (quoted, length) = match self.rest().split_once(r"\E") {
                    Some((quoted, _)) => (quoted, quoted.len() + 2),
                    None => (self.rest(), self.rest().len()),
                };
                self.at += length;
                for character in quoted.chars() {
                    self.literal(character);
                }
                return Ok(());
            }
            _ => {
                if let Some(class) = self.named_class()? {
                    self.out.push_str(&class);
                } else {
                    let character = self.escaped(start)?;
                    push_literal(&mut self.out, character);
                }
                self.repeatable = true;
                return Ok(());
            }
        };
        self.at += 2;
        self.out.push_str(text);
        self.repeatable = true;
        Ok(())
    }

    /// `\d` and its like, and `\pL`.
    fn named_class(&mut self) -> Translated<Option<String>> {
        let start = self.at;
        let class = match self.rest().chars().nth(1) {
            Some('d') => "[0-9]",
            Some('D') => "[^0-9]",
            Some('s') => r"[\t\n\x0C\r ]",
            Some('S') => r"[^\t\n\x0C\r ]",
            Some('w') => "[0-9A-Za-z_]",
            Some('W') => "[^0-9A-Za-z_]",
            Some(negation @ ('p' | 'P')) => {
                self.at += 2;
                return self.unicode_class(start, negation).map(Some);
            }
            _ => return Ok(None),
        };
        self.at += 2;
        Ok(Some(class.to_owned()))
    }

    fn unicode_class(&mut self, start: usize, letter: char) -> Translated<String> {
        let name = if self.eat("{") {
            let Some(end) = self.rest().find('}') else {
                self.at = self.pattern.len();
                return Err(self.error("invalid character class range", start));
            };
            let name = &self.rest()[..end];
            self.at += end + 1;
            name
        } else {
            let from = self.at;
            self.next();
            &self.pattern[from..self.at]
        };
        let (inverted, name) = match name.strip_prefix('^') {
            Some(name) => (true, name),
            None => (false, name),
        };
        let letter = if inverted == (letter == 'p') {
            'P'
        } else {
            'p'
        };
        let class = format!(r"\{letter}{{{name}}}");
        let known = name.starts_with(|first: char| first.is_ascii_uppercase())
            && regex_syntax_knows(&class);
        if !known {
            return Err(self.error("invalid character class range", start));
        }
        Ok(class)
    }

    /// One character behind a backslash.
    fn escaped(&mut self, start: usize) -> Translated<char> {
        self.at += 1;
        let Some(next) = self.next() else {
            return Err(PatternError {
                problem: "trailing backslash at end of expression",
                excerpt: String::new(),
            });
        };
        let octal = |digit: Option<char>| digit.and_then(|digit| digit.to_digit(8));
        match next {
            '0'..='7' if next == '0' || octal(self.peek()).is_some() => {
                let mut code = next.to_digit(8).unwrap_or(0);
                for _ in 0..2 {
                    let Some(digit) = octal(self.peek()) else {
                        break;
                    };
                    code = code * 8 + digit;
                    self.at += 1;
                }
                char::from_u32(code)
            }
            'x' => self.hexadecimal(),
            'a' => Some('\x07'),
            'f' => Some('\x0C'),
            'n' => Some('\n'),
            'r' => Some('\r'),
            't' => Some('\t'),
            'v' => Some('\x0B'),
            other if other.is_ascii() && !other.is_ascii_alphanumeric() => Some(other),
            _ => None,
        }
        .ok_or_else(|| self.error("invalid escape sequence", start))
    }

    fn hexadecimal(&mut self) -> Option<char> {
        let digits = if self.eat("{") {
            let (digits, _) = self.rest().split_once('}')?;
            self.at += digits.len() + 1;
            digits
        } else {
            let digits = self.rest().get(..2)?;
            self.at += 2;
            digits
        };
        let written = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        char::from_u32(u32::from_str_radix(digits, 16).ok().filter(|_| written)?)
    }

    fn class(&mut self) -> Translated<()> {
        let start = self.at;
        self.at += 1;
        let mut class = String::from("[");
        if self.eat("^") {
            class.push('^');
        }
        let mut first = true;
        loop {
            let Some(next) = self.peek() else {
                return Err(self.error("missing closing ]", start));
            };
            if next == ']' && !first {
                self.at += 1;
                break;
            }
            first = false;
            if let Some(posix) = self.posix_class()? {
                class.push_str(&posix);
                continue;
            }
            if next == '\\'
                && let Some(named) = self.named_class()?
            {
                class.push_str(&named);
                continue;
            }
            let range = self.at;
            let low = self.class_character(start)?;
            push_literal(&mut class, low);
            let mut ahead = self.rest().chars();
            if ahead.next() == Some('-') && ahead.next().is_some_and(|after| after != ']') {
                self.at += 1;
                let high = self.class_character(start)?;
                if high < low {
                    return Err(self.error("invalid character class range", range));
                }
                class.push('-');
                push_literal(&mut class, high);
            }
        }
        class.push(']');
        self.out.push_str(&class);
        self.repeatable = true;
        Ok(())
    }

    fn class_character(&mut self, start: usize) -> Translated<char> {
        let at = self.at;
        if self.peek() == Some('\\') {
            return self.escaped(at);
        }
        let next = self.next();
        next.ok_or_else(|| self.error("missing closing ]", start))
    }

    fn posix_class(&mut self) -> Translated<Option<String>> {
        const NAMES: &[&str] = &[
            "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print",
            "punct", "space", "upper", "word", "xdigit",
        ];
        if !self.rest().starts_with("[:") {
            return Ok(None);
        }
        let Some(end) = self.rest()[2..].find(":]") else {
            return Ok(None);
        };
        let start = self.at;
        let whole = &self.rest()[..end + 4];
        let name = &whole[2..end + 2];
        self.at += whole.len();
        if !NAMES.contains(&name.strip_prefix('^').unwrap_or(name)) {
            return Err(self.error("invalid character class range", start));
        }
        Ok(Some(whole.to_owned()))
    }
}

fn push_literal(out: &mut String, character: char) {
    use std::fmt::Write as _;
    if character.is_alphanumeric() {
        out.push(character);
    } else {
        let _ = write!(out, r"\x{{{:X}}}", u32::from(character));
    }
}

fn regex_syntax_knows(class: &str) -> bool {
    Regex::new(class).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn translated(pattern: &str) -> String {
        Translator::new(pattern).translate().unwrap().0
    }

    fn refused(pattern: &str) -> (String, String) {
        let error = Pattern::new(pattern).err().expect(pattern);
        (error.problem.to_owned(), error.excerpt)
    }

    #[test]
    fn reads_go_syntax() {
        for (pattern, text, matched) in [
            (r"\d+", "٣12", "12"),
            (r"a{,2}", "xa{,2}", "a{,2}"),
            (r"{a}", "{a}", "{a}"),
            (r"[[a]+", "x[a", "[a"),
            (r"[&&a]+", "b&&a", "&&a"),
            (r"\Qa.b\E+", "a.bbb", "a.bbb"),
            (r"[\w.-]+", "é-a.b", "-a.b"),
            (r"\x{e9}\101", "éA", "éA"),
            (r"(?i)ABC", "xabc", "abc"),
            (r"(?U)a+", "aaa", "a"),
            (r"[^[:alpha:]]+", "ab12", "12"),
            (r"[]a]+", "x]a", "]a"),
            (r"[a-]+", "b-a", "-a"),
            (r"\pL+", "1éa", "éa"),
            (r"^\$\{.*\}$", "${x}", "${x}"),
        ] {
            let pattern = Pattern::new(pattern).unwrap();
            let found = pattern.regex.find(text).map(|found| found.as_str());
            assert_eq!(found, Some(matched), "{}", pattern.regex);
        }
        assert_eq!(translated("a b"), r"a\x{20}b");
    }

    #[test]
    fn refuses_as_go() {
        for (pattern, problem, excerpt) in [
            ("a(b", "missing closing )", "a(b"),
            ("a)b", "unexpected )", "a)b"),
            ("a[b", "missing closing ]", "[b"),
            ("*", "missing argument to repetition operator", "*"),
            ("a|*", "missing argument to repetition operator", "*"),
            ("a**", "invalid nested repetition operator", "**"),
            (r"\y", "invalid escape sequence", r"\y"),
            (r"a\", "trailing backslash at end of expression", ""),
            ("[b-a]", "invalid character class range", "b-a"),
            ("(?=a)", "invalid or unsupported Perl syntax", "(?="),
            ("(?!a)", "invalid or unsupported Perl syntax", "(?!"),
            ("a{1001}", "invalid repeat count", "{1001}"),
            ("a{2,1}", "invalid repeat count", "{2,1}"),
            ("(?P<a", "invalid named capture", "(?P<a"),
            ("(?P<a b>x)", "invalid named capture", "(?P<a b>"),
            (r"\1", "invalid escape sequence", r"\1"),
            (
                r"\p{Klingon}",
                "invalid character class range",
                r"\p{Klingon}",
            ),
        ] {
            assert_eq!(
                refused(pattern),
                (problem.to_owned(), excerpt.to_owned()),
                "{pattern}"
            );
        }
    }

    #[test]
    fn expands_replacements() {
        let pattern = Pattern::new(r"(?P<first>\w)(\w)").unwrap();
        let captures = pattern.regex.captures("ab").unwrap();
        let mut out = String::new();
        pattern.expand("$2${first}-$1x-$$-${2-$", &captures, &mut out);
        assert_eq!(out, "ba--$-${2-$");
    }
}
