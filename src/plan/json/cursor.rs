//! A cursor over JSON text: every byte is looked at once, nothing is built, and what is skipped is kept as a [`Slice`].
//!
//! Strict in grammar (RFC 8259), lenient in what Terraform's own reader lets pass: a lone surrogate becomes U+FFFD, and
//! of members with the same name the last one counts (the caller overwrites), unless the caller asks for each once.
//! Nesting is limited; nothing recurses.

use std::borrow::Cow;
use std::collections::HashSet;

/// Brackets may be nested this deep: Terraform writes nothing near it.
pub const MAX_DEPTH: usize = 256;

/// A stretch of the text that holds one well-formed value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slice {
    /// First byte.
    pub start: usize,
    /// One past the last.
    pub end: usize,
}

/// What a value is, told by its first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `null`
    Null,
    /// `true`, `false`
    Bool,
    /// A number.
    Number,
    /// A string.
    String,
    /// `[ … ]`
    Array,
    /// `{ … }`
    Object,
}

impl Kind {
    /// As an error names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool => "a bool",
            Self::Number => "a number",
            Self::String => "a string",
            Self::Array => "an array",
            Self::Object => "an object",
        }
    }
}

/// Where the text stops being what it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Byte offset.
    pub at: usize,
    /// What is wrong there.
    pub what: FaultKind,
}

/// What can be wrong with JSON text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The text ends within a value.
    Ended,
    /// Something else than this was expected.
    Expected(&'static str),
    /// Brackets are nested deeper than [`MAX_DEPTH`].
    TooDeep,
    /// A second member of this object has the same name.
    Doubled,
    /// Well-formed, but another kind of value than the format has here.
    Unlike {
        /// What the format has here, such as `an array`.
        wanted: &'static str,
        /// What stands there.
        found: Kind,
    },
}

/// A place in the text, always before or after a whole token.
#[derive(Clone)]
pub struct Cursor<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

type Outcome<T> = Result<T, Fault>;

impl<'a> Cursor<'a> {
    /// A cursor before the value at an offset.
    pub fn new(text: &'a str, at: usize) -> Self {
        Self { text, at, depth: 0 }
    }

    /// Where it is.
    pub fn offset(&self) -> usize {
        self.at
    }

    /// What comes next.
    pub fn kind(&mut self) -> Outcome<Kind> {
        match self.next()? {
            b'{' => Ok(Kind::Object),
            b'[' => Ok(Kind::Array),
            b'"' => Ok(Kind::String),
            b't' | b'f' => Ok(Kind::Bool),
            b'n' => Ok(Kind::Null),
            b'-' | b'0'..=b'9' => Ok(Kind::Number),
            _ => Err(self.expected("a value")),
        }
    }

    /// Reads an object; `member` is called for each with the cursor before its value, which it must read or skip.
    pub fn object(&mut self, member: impl FnMut(&mut Self, &str) -> Outcome<()>) -> Outcome<()> {
        self.walk(None, member)
    }

    /// As [`Self::object`], where the format has each name once: readers disagree on which of two counts.
    pub fn members(&mut self, member: impl FnMut(&mut Self, &str) -> Outcome<()>) -> Outcome<()> {
        self.walk(Some(Names::default()), member)
    }

    fn walk(
        &mut self,
        mut seen: Option<Names<'a>>,
        mut member: impl FnMut(&mut Self, &str) -> Outcome<()>,
    ) -> Outcome<()> {
        self.open(Kind::Object, "an object")?;
        if self.next()? == b'}' {
            self.close();
            return Ok(());
        }
        loop {
            if self.next()? != b'"' {
                return Err(self.expected("a member name in quotes"));
            }
            let before = self.at;
            let name = self.string()?;
            if seen.as_ref().is_some_and(|seen| seen.contains(&name)) {
                self.at = before;
                return Err(self.fault(FaultKind::Doubled));
            }
            self.colon()?;
            member(self, &name)?;
            if let Some(seen) = &mut seen {
                seen.add(name);
            }
            match self.next()? {
                b',' => self.at += 1,
                b'}' => {
                    self.close();
                    return Ok(());
                }
                _ => return Err(self.expected("`,` or `}`")),
            }
        }
    }

    /// Reads an array; `element` is called for each with the cursor before it.
    pub fn array(&mut self, mut element: impl FnMut(&mut Self) -> Outcome<()>) -> Outcome<()> {
        self.open(Kind::Array, "an array")?;
        if self.next()? == b']' {
            self.close();
            return Ok(());
        }
        loop {
            element(self)?;
            match self.next()? {
                b',' => self.at += 1,
                b']' => {
                    self.close();
                    return Ok(());
                }
                _ => return Err(self.expected("`,` or `]`")),
            }
        }
    }

    /// Reads a string, without copying it where it has no escapes.
    pub fn string(&mut self) -> Outcome<Cow<'a, str>> {
        self.wants(Kind::String, "a string")?;
        let start = self.at + 1;
        let escaped = self.skip_string()?;
        let raw = &self.text[start..self.at - 1];
        Ok(if escaped {
            Cow::Owned(unescape(raw))
        } else {
            Cow::Borrowed(raw)
        })
    }

    /// Reads a string, or `null` as none.
    pub fn string_or_null(&mut self) -> Outcome<Option<Cow<'a, str>>> {
        if self.null()? {
            return Ok(None);
        }
        self.string().map(Some)
    }

    /// Reads a number as it is written; none where there is none.
    pub fn number(&mut self) -> Option<&'a str> {
        if self.kind() != Ok(Kind::Number) {
            return None;
        }
        let slice = self.skip().ok()?;
        self.text.get(slice.start..slice.end)
    }

    /// Reads `true` or `false`, and `null` as false.
    pub fn bool(&mut self) -> Outcome<bool> {
        if self.null()? {
            return Ok(false);
        }
        self.wants(Kind::Bool, "a bool")?;
        let slice = self.skip()?;
        Ok(slice.end - slice.start == 4)
    }

    /// Skips a `null`, and tells whether there was one.
    pub fn null(&mut self) -> Outcome<bool> {
        let is_null = self.kind()? == Kind::Null;
        if is_null {
            self.literal()?;
        }
        Ok(is_null)
    }

    /// Skips a value of any kind and depth, checking that it is well-formed.
    pub fn skip(&mut self) -> Outcome<Slice> {
        self.next()?;
        let start = self.at;
        let mut open = Brackets::default();
        loop {
            match self.next()? {
                b'"' => {
                    self.skip_string()?;
                }
                b'-' | b'0'..=b'9' => self.skip_number()?,
                b't' | b'f' | b'n' => self.literal()?,
                bracket @ (b'{' | b'[') => {
                    if self.depth + open.depth >= MAX_DEPTH {
                        return Err(self.fault(FaultKind::TooDeep));
                    }
                    self.at += 1;
                    open.push(bracket == b'{');
                    let next = self.next()?;
                    if next == if bracket == b'{' { b'}' } else { b']' } {
                        self.at += 1;
                        open.depth -= 1;
                    } else {
                        if bracket == b'{' {
                            self.member_name()?;
                        }
                        continue;
                    }
                }
                _ => return Err(self.expected("a value")),
            }
            loop {
                if open.depth == 0 {
                    return Ok(Slice {
                        start,
                        end: self.at,
                    });
                }
                match (self.next()?, open.is_object()) {
                    (b',', is_object) => {
                        self.at += 1;
                        if is_object {
                            self.next()?;
                            self.member_name()?;
                        }
                        break;
                    }
                    (b'}', true) | (b']', false) => {
                        self.at += 1;
                        open.depth -= 1;
                    }
                    (_, true) => return Err(self.expected("`,` or `}`")),
                    (_, false) => return Err(self.expected("`,` or `]`")),
                }
            }
        }
    }

    /// A fault where the cursor is: the format has another kind of value here.
    pub fn unlike(&mut self, wanted: &'static str) -> Fault {
        match self.kind() {
            Ok(found) => self.fault(FaultKind::Unlike { wanted, found }),
            Err(fault) => fault,
        }
    }

    fn wants(&mut self, kind: Kind, wanted: &'static str) -> Outcome<()> {
        if self.kind()? == kind {
            Ok(())
        } else {
            Err(self.unlike(wanted))
        }
    }

    fn open(&mut self, kind: Kind, wanted: &'static str) -> Outcome<()> {
        self.wants(kind, wanted)?;
        if self.depth >= MAX_DEPTH {
            return Err(self.fault(FaultKind::TooDeep));
        }
        self.depth += 1;
        self.at += 1;
        Ok(())
    }

    fn close(&mut self) {
        self.at += 1;
        self.depth -= 1;
    }

    /// Skips white space; the byte that follows.
    fn next(&mut self) -> Outcome<u8> {
        let bytes = self.text.as_bytes();
        while let Some(byte) = bytes.get(self.at) {
            match byte {
                b' ' | b'\n' | b'\r' | b'\t' => self.at += 1,
                _ => return Ok(*byte),
            }
        }
        Err(self.fault(FaultKind::Ended))
    }

    fn member_name(&mut self) -> Outcome<()> {
        if self.text.as_bytes()[self.at] != b'"' {
            return Err(self.expected("a member name in quotes"));
        }
        self.skip_string()?;
        self.colon()
    }

    fn colon(&mut self) -> Outcome<()> {
        if self.next()? != b':' {
            return Err(self.expected("`:`"));
        }
        self.at += 1;
        Ok(())
    }

    /// Skips the string whose opening quote is here; whether it has escapes.
    fn skip_string(&mut self) -> Outcome<bool> {
        let bytes = self.text.as_bytes();
        let mut escaped = false;
        self.at += 1;
        loop {
            while let Some(chunk) = bytes.get(self.at..self.at + 8) {
                let word = u64::from_le_bytes(chunk.try_into().expect("a chunk has 8 bytes"));
                let special = special_bytes(word);
                if special == 0 {
                    self.at += 8;
                } else {
                    self.at += special.trailing_zeros() as usize / 8;
                    break;
                }
            }
            match bytes.get(self.at) {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(escaped);
                }
                Some(b'\\') => {
                    escaped = true;
                    self.skip_escape()?;
                }
                Some(0..0x20) => return Err(self.expected("no control character in a string")),
                Some(_) => self.at += 1,
                None => return Err(self.fault(FaultKind::Ended)),
            }
        }
    }

    fn skip_escape(&mut self) -> Outcome<()> {
        let bytes = self.text.as_bytes();
        match bytes.get(self.at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 2,
            Some(b'u') => match bytes.get(self.at + 2..self.at + 6) {
                Some(digits) if digits.iter().all(u8::is_ascii_hexdigit) => self.at += 6,
                Some(_) => return Err(self.expected("four hexadecimal digits after `\\u`")),
                None => return Err(self.at_end()),
            },
            Some(_) => return Err(self.expected("an escape that JSON has")),
            None => return Err(self.at_end()),
        }
        Ok(())
    }

    fn skip_number(&mut self) -> Outcome<()> {
        let bytes = self.text.as_bytes();
        if bytes[self.at] == b'-' {
            self.at += 1;
        }
        if bytes.get(self.at) == Some(&b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if bytes.get(self.at) == Some(&b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = bytes.get(self.at) {
            self.at += 1;
            if let Some(b'+' | b'-') = bytes.get(self.at) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Outcome<()> {
        let rest = &self.text.as_bytes()[self.at..];
        let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += count;
        match (count, rest.is_empty()) {
            (0, true) => Err(self.at_end()),
            (0, false) => Err(self.expected("a digit")),
            _ => Ok(()),
        }
    }

    fn literal(&mut self) -> Outcome<()> {
        let rest = &self.text.as_bytes()[self.at..];
        let word: &[u8] = match rest[0] {
            b't' => b"true",
            b'f' => b"false",
            _ => b"null",
        };
        if rest.starts_with(word) {
            self.at += word.len();
            Ok(())
        } else if word.starts_with(rest) {
            Err(self.at_end())
        } else {
            Err(self.expected("a value"))
        }
    }

    fn expected(&self, what: &'static str) -> Fault {
        self.fault(FaultKind::Expected(what))
    }

    fn at_end(&self) -> Fault {
        Fault {
            at: self.text.len(),
            what: FaultKind::Ended,
        }
    }

    fn fault(&self, what: FaultKind) -> Fault {
        Fault { at: self.at, what }
    }
}

/// The names of an object's members: most have few.
#[derive(Default)]
struct Names<'a> {
    few: Vec<Cow<'a, str>>,
    many: HashSet<Cow<'a, str>>,
}

impl<'a> Names<'a> {
    const FEW: usize = 24;

    fn contains(&self, name: &str) -> bool {
        self.few.iter().any(|one| one == name) || self.many.contains(name)
    }

    fn add(&mut self, name: Cow<'a, str>) {
        if self.few.len() < Self::FEW {
            self.few.push(name);
        } else {
            self.many.insert(name);
        }
    }
}

/// Which of the open brackets are braces: one bit each.
#[derive(Default)]
struct Brackets {
    braces: [u64; MAX_DEPTH / 64],
    depth: usize,
}

impl Brackets {
    fn push(&mut self, is_object: bool) {
        let bit = 1 << (self.depth % 64);
        if is_object {
            self.braces[self.depth / 64] |= bit;
        } else {
            self.braces[self.depth / 64] &= !bit;
        }
        self.depth += 1;
    }

    fn is_object(&self) -> bool {
        let at = self.depth - 1;
        self.braces[at / 64] >> (at % 64) & 1 == 1
    }
}

/// The high bit of each byte that is a quote, a backslash or a control character; exact for the first of them.
fn special_bytes(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let zero = |word: u64| word.wrapping_sub(ONES) & !word;
    let quote = zero(word ^ (ONES * u64::from(b'"')));
    let backslash = zero(word ^ (ONES * u64::from(b'\\')));
    let control = word.wrapping_sub(ONES * 0x20) & !word;
    (quote | backslash | control) & (ONES * 0x80)
}

/// The text of a well-formed string. Half of a surrogate pair becomes U+FFFD, as in Go.
fn unescape(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
        text.push_str(&rest[..at]);
        let escape = rest.as_bytes()[at + 1];
        let mut taken = at + 2;
        match escape {
            b'b' => text.push('\u{8}'),
            b'f' => text.push('\u{c}'),
            b'n' => text.push('\n'),
            b'r' => text.push('\r'),
            b't' => text.push('\t'),
            b'u' => {
                let (c, length) = unicode_escape(&rest[at..]);
                text.push(c);
                taken = at + length;
            }
            plain => text.push(char::from(plain)),
        }
        rest = &rest[taken..];
    }
    text.push_str(rest);
    text
}

/// The character of the `\uXXXX`, or of the pair of them, that `rest` begins with, and the length of the escape.
fn unicode_escape(rest: &str) -> (char, usize) {
    let unit = |at: usize| {
        let digits = rest.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    let first = unit(0).unwrap_or(0xFFFD);
    if let Some(c) = char::from_u32(u32::from(first)) {
        return (c, 6);
    }
    if let Some(second) = unit(6)
        && let Some(Ok(c)) = char::decode_utf16([first, second]).next()
    {
        return (c, 12);
    }
    (char::REPLACEMENT_CHARACTER, 6)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skip(text: &str) -> Outcome<Slice> {
        Cursor::new(text, 0).skip()
    }

    #[test]
    fn skips_what_is_well_formed() {
        for text in [
            "null",
            "[]",
            "{}",
            r#"{"a":[1,-0.5e+10,{"b":"\"\\\u00e9 long enough for a word"}],"c":[[],{}]}"#,
            "[ 1 , 2 ]",
            "\"0123456\\\"789\"",
        ] {
            assert_eq!(
                skip(text),
                Ok(Slice {
                    start: 0,
                    end: text.len()
                }),
                "{text}"
            );
        }
    }

    #[test]
    fn every_prefix_has_ended() {
        let text = r#"{"a":[true,false,null,1.5e3,"x\u0041\n"],"b":{"c":{}}}"#;
        for end in 1..text.len() {
            assert_eq!(
                skip(&text[..end]).expect_err(text).what,
                FaultKind::Ended,
                "{}",
                &text[..end]
            );
        }
    }

    #[test]
    fn agrees_with_serde_json_on_single_byte_changes() {
        let text = r#"{"a":[true,-1.5e3,"x\u0041\n"],"b":{"c":null}}"#;
        for at in 0..text.len() {
            for byte in 0..0x80u8 {
                let mut bytes = text.as_bytes().to_vec();
                bytes[at] = byte;
                let changed = String::from_utf8(bytes).expect("ASCII");
                let mut cursor = Cursor::new(&changed, 0);
                let ours = cursor.skip().is_ok() && changed[cursor.offset()..].trim().is_empty();
                let theirs = serde_json::from_str::<serde::de::IgnoredAny>(&changed).is_ok();
                assert_eq!(ours, theirs, "{changed:?}");
            }
        }
    }

    #[test]
    fn strings_are_decoded_as_go_does() {
        let decoded = |text: &str| Cursor::new(text, 0).string().map(Cow::into_owned);
        assert_eq!(decoded(r#""a\u00e9\n\/""#).as_deref(), Ok("a\u{e9}\n/"));
        assert_eq!(decoded(r#""\ud83d\ude00""#).as_deref(), Ok("\u{1f600}"));
        assert_eq!(decoded(r#""\ud83dx""#).as_deref(), Ok("\u{fffd}x"));
        assert_eq!(
            decoded(r#""\ude00\ud83d\u0041""#).as_deref(),
            Ok("\u{fffd}\u{fffd}A")
        );
    }

    #[test]
    fn depth_is_limited_and_does_not_recurse() {
        let deep = "[".repeat(1_000_000);
        assert_eq!(skip(&deep).expect_err("too deep").what, FaultKind::TooDeep);
        let fine = format!("{}{}", "[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH));
        assert!(skip(&fine).is_ok());
    }

    #[test]
    fn members_come_in_order_and_the_last_wins() {
        let mut seen = Vec::new();
        Cursor::new(r#"{"a": 1, "b": [2], "a": 3}"#, 0)
            .object(|cursor, name| {
                let slice = cursor.skip()?;
                seen.push((name.to_owned(), slice.end - slice.start));
                Ok(())
            })
            .expect("well-formed");
        assert_eq!(
            seen,
            [
                ("a".to_owned(), 1),
                ("b".to_owned(), 3),
                ("a".to_owned(), 1)
            ]
        );
    }
}
