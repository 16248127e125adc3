//! Text to tokens: what HCL's scanner does, in one pass over the bytes.
//!
//! Templates make the language nest: inside a quoted string or heredoc stands an interpolation, inside that another
//! string. A stack of modes follows this, so that the parser gets one flat list. What no token can be made of is
//! reported here, once, and stands in the list as [`Kind::Invalid`].

use memchr::{memchr, memchr_iter, memchr2, memchr3, memmem};

use super::MAX_ERRORS;

/// What a token is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// A name; may hold `-` after its first character.
    Ident,
    /// Starts with a digit; the parser says whether it is a number.
    Number,
    /// A whole quoted string, quotes included, that no `${` or `%{` stands in.
    Quoted,
    /// `"` before a template.
    OpenQuote,
    /// `"` after a template; empty where the line ended first.
    CloseQuote,
    /// `<<EOT` or `<<-EOT` with its line break.
    OpenHeredoc,
    /// The line with the marker, less its line break.
    CloseHeredoc,
    /// Literal text inside a template: everything between two sequences.
    Text,
    /// `${` or `${~`
    Interpolation,
    /// `%{` or `%{~`
    Directive,
    /// The `}` or `~}` that ends either.
    CloseTemplate,
    OpenBrace,
    CloseBrace,
    OpenBracket,
    CloseBracket,
    OpenParen,
    CloseParen,
    Dot,
    Ellipsis,
    Comma,
    Colon,
    DoubleColon,
    Question,
    Assign,
    FatArrow,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    And,
    Or,
    Bang,
    Plus,
    Minus,
    Star,
    Slash,
    Percent,
    /// A line break, or a line comment with its line break.
    Newline,
    /// Something that was reported already.
    Invalid,
    /// The end of the text; always the last token, and there only.
    End,
}

/// A token and its place, in bytes of the scanned text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub kind: Kind,
    pub start: u32,
    pub end: u32,
}

/// An error with its place, in bytes of the scanned text.
#[derive(Debug)]
pub(super) struct Fault {
    pub message: String,
    pub help: Option<String>,
    pub start: u32,
    pub end: u32,
}

/// Everything in a text.
pub(super) struct Scan {
    pub tokens: Vec<Token>,
    /// Start and end of each comment, without the line break.
    pub comments: Vec<(u32, u32)>,
    pub faults: Vec<Fault>,
}

/// How a text begins.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    /// With a body: a whole file.
    File,
    /// With an expression.
    Expression,
    /// With literal text, as in a template file.
    Template,
}

/// The longest text that offsets can count; far above what is read from disk.
pub(super) const MAX_BYTES: usize = u32::MAX as usize - 1;

/// Scans a whole text of at most [`MAX_BYTES`].
pub(super) fn scan(text: &str, start: Start) -> Scan {
    let mut scanner = Scanner {
        text,
        bytes: text.as_bytes(),
        at: 0,
        modes: Vec::new(),
        braces: 0,
        lone_return: lone_return(text.as_bytes()).is_some(),
        scan: Scan {
            tokens: Vec::with_capacity(text.len() / 5 + 1),
            comments: Vec::new(),
            faults: Vec::new(),
        },
    };
    if start == Start::Template {
        scanner.modes.push(Mode::Bare);
    }
    scanner.run();
    if start == Start::File {
        scanner.refuse_replacement_characters();
    }
    scanner.scan
}

#[derive(Clone, Copy)]
enum Mode<'a> {
    /// Between quotes; `broken` once a line break in it was reported.
    Quoted { open: usize, broken: bool },
    /// In a heredoc.
    Heredoc {
        marker: &'a str,
        open: usize,
        /// Whether nothing of a line was read yet: only then can the marker stand here.
        line_start: bool,
    },
    /// In a text that is a template as a whole.
    Bare,
    /// Code inside a template; the brace at this level ends it.
    Code { braces: usize },
}

struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    modes: Vec<Mode<'a>>,
    braces: usize,
    /// Whether a carriage return without line feed stands anywhere: hardly ever, and then it needs care.
    lone_return: bool,
    scan: Scan,
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "texts are at most MAX_BYTES long"
)]
fn offset(at: usize) -> u32 {
    at as u32
}

impl<'a> Scanner<'a> {
    fn run(&mut self) {
        while self.at < self.bytes.len() {
            match self.modes.last() {
                None | Some(Mode::Code { .. }) => self.code(),
                Some(&Mode::Quoted { open, broken }) => self.quoted(open, broken, self.at),
                Some(&Mode::Heredoc {
                    marker, line_start, ..
                }) => self.heredoc(marker, line_start),
                Some(Mode::Bare) => self.bare(),
            }
        }
        let end = self.at;
        if let Some(&Mode::Heredoc { marker, open, .. }) = self.modes.last() {
            self.unclosed_heredoc(marker, open, end);
        }
        self.push(Kind::End, end, end);
    }

    fn push(&mut self, kind: Kind, start: usize, end: usize) {
        self.scan.tokens.push(Token {
            kind,
            start: offset(start),
            end: offset(end),
        });
    }

    /// Of a file without meaning every byte is a fault: so many are kept that the parser sees that there are more.
    fn fault(&mut self, start: usize, end: usize, message: String, help: Option<&str>) {
        if self.scan.faults.len() > MAX_ERRORS + 1 {
            return;
        }
        self.scan.faults.push(Fault {
            message,
            help: help.map(str::to_owned),
            start: offset(start),
            end: offset(end),
        });
    }

    fn byte(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    /// One token of code, or what stands between two.
    fn code(&mut self) {
        let start = self.at;
        match self.bytes[start] {
            b' ' | b'\t' => self.skip(SPACE),
            b'\n' => self.symbol(Kind::Newline, 1),
            b'\r' if self.byte(1) == b'\n' => self.symbol(Kind::Newline, 2),
            b'A'..=b'Z' | b'a'..=b'z' | b'_' => self.ident(),
            b'0'..=b'9' => self.number(),
            b'"' => {
                self.at += 1;
                self.string(start);
            }
            b'#' => self.line_comment(),
            b'/' if self.byte(1) == b'/' => self.line_comment(),
            b'/' if self.byte(1) == b'*' => self.block_comment(),
            b'<' if self.byte(1) == b'<' => self.open_heredoc(),
            b'{' => {
                self.braces += 1;
                self.symbol(Kind::OpenBrace, 1);
            }
            b'}' => self.close_brace(1),
            b'~' if self.byte(1) == b'}' => self.close_brace(2),
            byte => {
                if let Some((kind, length)) = operator(byte, self.byte(1), self.byte(2)) {
                    self.symbol(kind, length);
                } else if byte >= 0x80 && self.text[start..].starts_with(starts_ident) {
                    self.ident();
                } else {
                    self.invalid();
                }
            }
        }
    }

    fn symbol(&mut self, kind: Kind, length: usize) {
        self.push(kind, self.at, self.at + length);
        self.at += length;
    }

    fn ident(&mut self) {
        let start = self.at;
        loop {
            self.skip(IDENT);
            match self.text[self.at..].chars().next() {
                Some(next) if !next.is_ascii() && continues_ident(next) => {
                    self.at += next.len_utf8();
                }
                _ => break,
            }
        }
        self.push(Kind::Ident, start, self.at);
    }

    /// Goes past all bytes of a class.
    fn skip(&mut self, class: u8) {
        let rest = &self.bytes[self.at..];
        let other = rest
            .iter()
            .position(|byte| CLASSES[usize::from(*byte)] & class == 0);
        self.at += other.unwrap_or(rest.len());
    }

    /// Digits, points and exponents in any order, less points at the end: `1.2.3` is one token, and an error of the
    /// parser's; `1...` is two.
    fn number(&mut self) {
        let start = self.at;
        let mut next = start + 1;
        let mut end = next;
        let byte = |at: usize| self.bytes.get(at).copied().unwrap_or(0);
        loop {
            match byte(next) {
                b'0'..=b'9' => next += 1,
                b'.' => {
                    next += 1;
                    continue;
                }
                b'e' | b'E' if byte(next + 1).is_ascii_digit() => next += 2,
                b'e' | b'E'
                    if matches!(byte(next + 1), b'+' | b'-') && byte(next + 2).is_ascii_digit() =>
                {
                    next += 3;
                }
                _ => break,
            }
            end = next;
        }
        self.at = end;
        self.push(Kind::Number, start, end);
    }

    fn line_comment(&mut self) {
        let start = self.at;
        let line = memchr(b'\n', &self.bytes[start..]);
        let end = line.map_or(self.bytes.len(), |length| start + length);
        let text = if line.is_some() && self.bytes[end - 1] == b'\r' {
            end - 1
        } else {
            end
        };
        self.scan.comments.push((offset(start), offset(text)));
        self.at = end;
        if line.is_some() {
            self.push(Kind::Newline, text, end + 1);
            self.at = end + 1;
        }
    }

    fn block_comment(&mut self) {
        let start = self.at;
        self.at = if let Some(length) = memmem::find(&self.bytes[start + 2..], b"*/") {
            start + 2 + length + 2
        } else {
            let message = "comment is never closed".to_owned();
            self.fault(start, start + 2, message, Some("close it with `*/`"));
            self.bytes.len()
        };
        self.scan.comments.push((offset(start), offset(self.at)));
    }

    fn close_brace(&mut self, length: usize) {
        let ends_template =
            matches!(self.modes.last(), Some(Mode::Code { braces }) if *braces == self.braces);
        self.braces = self.braces.saturating_sub(1);
        if ends_template {
            self.modes.pop();
            self.symbol(Kind::CloseTemplate, length);
        } else if length == 2 {
            let message = "`~}` closes no template sequence".to_owned();
            self.fault(self.at, self.at + 2, message, None);
            self.symbol(Kind::Invalid, 1);
            self.symbol(Kind::CloseBrace, 1);
        } else {
            self.symbol(Kind::CloseBrace, 1);
        }
    }

    /// What follows an opening quote: most strings have no template in them and become one token.
    fn string(&mut self, open: usize) {
        let mut at = self.at;
        loop {
            at = self.plain_end(at);
            match self.bytes.get(at) {
                Some(b'"') => {
                    self.at = at + 1;
                    return self.push(Kind::Quoted, open, at + 1);
                }
                Some(b'\\') if !matches!(self.bytes.get(at + 1), None | Some(b'\n' | b'\r')) => {
                    at += 2;
                }
                Some(b'$' | b'%') => match self.sequence(at) {
                    Sequence::Opens(_) => break,
                    Sequence::Escape => at += 3,
                    Sequence::None => at += 1,
                },
                None | Some(b'\n' | b'\r') => break,
                Some(_) => at += 1,
            }
        }
        self.push(Kind::OpenQuote, open, open + 1);
        self.modes.push(Mode::Quoted {
            open,
            broken: false,
        });
        self.quoted(open, false, at);
    }

    /// Where a quoted string next holds a byte that may mean something.
    fn plain_end(&self, at: usize) -> usize {
        let rest = &self.bytes[at..];
        let special = rest
            .iter()
            .position(|byte| CLASSES[usize::from(*byte)] & QUOTED != 0);
        at + special.unwrap_or(rest.len())
    }

    /// Inside quotes; everything up to `at` is known to be literal.
    fn quoted(&mut self, open: usize, mut broken: bool, mut at: usize) {
        let start = self.at;
        loop {
            at = self.plain_end(at);
            match self.bytes.get(at) {
                Some(b'"') => {
                    self.text_before(start, at);
                    self.modes.pop();
                    return self.symbol(Kind::CloseQuote, 1);
                }
                Some(b'\\') if !matches!(self.bytes.get(at + 1), None | Some(b'\n' | b'\r')) => {
                    at += 2;
                }
                Some(b'$' | b'%') => match self.sequence(at) {
                    Sequence::Opens(kind) => {
                        self.text_before(start, at);
                        return self.open_sequence(kind);
                    }
                    Sequence::Escape => at += 3,
                    Sequence::None => at += 1,
                },
                Some(b'\n' | b'\r') if broken => at += 1,
                Some(b'\n' | b'\r') if self.goes_on_below(at) => {
                    broken = true;
                    self.broken_string(at);
                }
                None | Some(b'\n' | b'\r') => {
                    self.text_before(start, at);
                    self.modes.pop();
                    self.push(Kind::CloseQuote, at, at);
                    return self.unclosed_quote(open, at);
                }
                Some(_) => at += 1,
            }
        }
    }

    /// Whether a string that a line break interrupts seems to be closed on a later line, rather than to lack its
    /// closing quote. Only looks a little ahead, so that a file of such strings is still read in linear time.
    fn goes_on_below(&self, at: usize) -> bool {
        const LOOK_AHEAD: usize = 2048;
        let ahead = &self.bytes[at..self.bytes.len().min(at + LOOK_AHEAD)];
        ahead
            .split(|byte| *byte == b'\n')
            .skip(1)
            .take_while(|line| !line.starts_with(b"}"))
            .map(unescaped_quotes)
            .find(|quotes| *quotes > 0)
            .is_some_and(|quotes| quotes % 2 == 1)
    }

    fn broken_string(&mut self, at: usize) {
        if let Some(Mode::Quoted { broken, .. }) = self.modes.last_mut() {
            *broken = true;
        }
        let end = at + 1 + usize::from(self.bytes[at..].starts_with(b"\r\n"));
        let message = "line break in a quoted string".to_owned();
        let help = "write `\\n`, or use a heredoc for text of several lines";
        self.fault(at, end, message, Some(help));
    }

    fn unclosed_quote(&mut self, open: usize, at: usize) {
        let message = "quoted string is not closed on its line".to_owned();
        self.fault(open, at, message, Some("close it with `\"`"));
    }

    /// What `$` or `%` at that place begins.
    fn sequence(&self, at: usize) -> Sequence {
        let sign = self.bytes[at];
        match (self.bytes.get(at + 1), self.bytes.get(at + 2)) {
            (Some(b'{'), _) if sign == b'$' => Sequence::Opens(Kind::Interpolation),
            (Some(b'{'), _) => Sequence::Opens(Kind::Directive),
            (Some(second), Some(b'{')) if *second == sign => Sequence::Escape,
            _ => Sequence::None,
        }
    }

    fn text_before(&mut self, start: usize, at: usize) {
        if start < at {
            self.push(Kind::Text, start, at);
        }
        self.at = at;
    }

    fn open_sequence(&mut self, kind: Kind) {
        let length = if self.byte(2) == b'~' { 3 } else { 2 };
        self.symbol(kind, length);
        self.braces += 1;
        if let Some(Mode::Heredoc { line_start, .. }) = self.modes.last_mut() {
            *line_start = false;
        }
        self.modes.push(Mode::Code {
            braces: self.braces,
        });
    }

    /// `<<EOT` and `<<-EOT` directly before a line break; anything else is two operators.
    fn open_heredoc(&mut self) {
        let open = self.at;
        let dash = usize::from(self.byte(2) == b'-');
        let rest = &self.text[open + 2 + dash..];
        let length = if rest.starts_with(|first| first == '_' || starts_ident(first)) {
            rest.find(|next| next != '-' && !continues_ident(next))
                .unwrap_or(rest.len())
        } else {
            0
        };
        let (marker, after) = rest.split_at(length);
        let line_break = match after.as_bytes() {
            [b'\n', ..] => 1,
            [b'\r', b'\n', ..] => 2,
            _ => 0,
        };
        if marker.is_empty() {
            return self.symbol(Kind::Less, 1);
        }
        let marker_end = open + 2 + dash + length;
        if line_break == 0 {
            let message = format!("line break expected after the heredoc marker `{marker}`");
            self.fault(open, marker_end, message, None);
            self.push(Kind::Invalid, open, marker_end);
            self.at = marker_end;
            return;
        }
        self.push(Kind::OpenHeredoc, open, marker_end + line_break);
        self.at = marker_end + line_break;
        self.modes.push(Mode::Heredoc {
            marker,
            open,
            line_start: true,
        });
    }

    /// In a heredoc: a line that is nothing but the marker ends it; one that merely begins with it is text.
    fn heredoc(&mut self, marker: &'a str, mut line_start: bool) {
        let start = self.at;
        let mut at = start;
        loop {
            if line_start {
                let line = memchr(b'\n', &self.bytes[at..]);
                let end = line.map_or(self.bytes.len(), |length| at + length);
                if self.text[at..end].trim() == marker {
                    self.heredoc_text(start, at);
                    return self.close_heredoc(end, line.is_some(), marker);
                }
            }
            line_start = false;
            let Some(found) = memchr3(b'$', b'%', b'\n', &self.bytes[at..]) else {
                return self.heredoc_text(start, self.bytes.len());
            };
            at += found;
            if self.bytes[at] == b'\n' {
                at += 1;
                line_start = true;
                continue;
            }
            match self.sequence(at) {
                Sequence::Opens(kind) => {
                    self.heredoc_text(start, at);
                    return self.open_sequence(kind);
                }
                Sequence::Escape => at += 3,
                Sequence::None => at += 1,
            }
        }
    }

    fn heredoc_text(&mut self, start: usize, end: usize) {
        if self.lone_return
            && let Some(at) = lone_return(&self.bytes[start..self.bytes.len().min(end + 1)])
            && start + at < end
        {
            let message = "carriage return without line feed in a heredoc".to_owned();
            self.fault(start + at, start + at + 1, message, None);
        }
        self.text_before(start, end);
    }

    fn close_heredoc(&mut self, line_end: usize, has_line_break: bool, marker: &str) {
        let end = if has_line_break && self.bytes[line_end - 1] == b'\r' {
            line_end - 1
        } else {
            line_end
        };
        if !has_line_break {
            let message =
                format!("line break expected after the end marker `{marker}` of a heredoc");
            self.fault(self.at, end, message, None);
        }
        self.push(Kind::CloseHeredoc, self.at, end);
        self.at = end;
        self.modes.pop();
    }

    fn unclosed_heredoc(&mut self, marker: &str, open: usize, end: usize) {
        let message = format!("heredoc is never closed: no line holds just `{marker}`");
        let line = memchr2(b'\r', b'\n', &self.bytes[open..]).map_or(end, |length| open + length);
        self.fault(open, line, message, None);
        self.push(Kind::CloseHeredoc, end, end);
        self.modes.pop();
    }

    /// In a template file. HCL's scanner stops at a carriage return without line feed, and takes the rest as literal.
    fn bare(&mut self) {
        let start = self.at;
        let mut at = start;
        let literal = if self.lone_return {
            lone_return(&self.bytes[start..]).map(|at| start + at)
        } else {
            None
        };
        while let Some(found) = memchr2(b'$', b'%', &self.bytes[at..]) {
            at += found;
            if literal.is_some_and(|literal| literal < at) {
                break;
            }
            match self.sequence(at) {
                Sequence::Opens(kind) => {
                    self.text_before(start, at);
                    return self.open_sequence(kind);
                }
                Sequence::Escape => at += 3,
                Sequence::None => at += 1,
            }
        }
        self.text_before(start, self.bytes.len());
    }

    /// A character that HCL has no use for. Text between `'` or backticks is taken as a whole, for one error.
    fn invalid(&mut self) {
        let start = self.at;
        let rest = &self.text[start..];
        let first = rest.chars().next().expect("the text goes on");
        let closing = match first {
            '“' | '”' => rest[first.len_utf8()..].find(['“', '”', '\r', '\n']),
            '\'' => memchr3(b'\'', b'\r', b'\n', &rest.as_bytes()[1..]),
            '`' => memchr3(b'`', b'\r', b'\n', &rest.as_bytes()[1..]),
            _ => None,
        };
        // Only what stands on the same line is between two of them.
        let length = closing
            .and_then(|at| {
                let last = first.len_utf8() + at;
                let closing = rest[last..].chars().next()?;
                (!matches!(closing, '\r' | '\n')).then(|| last + closing.len_utf8())
            })
            .unwrap_or(first.len_utf8());
        let (message, help) = match first {
            '\'' => ("single quotes have no meaning".to_owned(), Some("use `\"`")),
            '“' | '”' => ("curly quotes have no meaning".to_owned(), Some("use `\"`")),
            '`' => (
                "backticks have no meaning".to_owned(),
                Some("use `\"`, or a heredoc such as `<<EOT`"),
            ),
            '&' => ("`&` is no operator".to_owned(), Some("did you mean `&&`?")),
            '|' => ("`|` is no operator".to_owned(), Some("did you mean `||`?")),
            '~' => ("`~` is no operator".to_owned(), Some("did you mean `!`?")),
            '^' => ("`^` is no operator".to_owned(), Some("use `pow()`")),
            ';' => (
                "`;` has no meaning".to_owned(),
                Some("arguments end with their line; items are separated by commas"),
            ),
            '\r' => ("carriage return without line feed".to_owned(), None),
            other if other.is_control() || other.is_whitespace() => (
                format!("character U+{:04X} has no meaning", u32::from(other)),
                None,
            ),
            other => (format!("character `{other}` has no meaning"), None),
        };
        self.fault(start, start + length, message, help);
        self.symbol(Kind::Invalid, length);
    }

    /// Bytes that were not UTF-8 were decoded to U+FFFD; they are welcome in comments only.
    fn refuse_replacement_characters(&mut self) {
        let faults = &self.scan.faults;
        let mut reported: Vec<(u32, u32)> = faults
            .iter()
            .map(|fault| (fault.start, fault.end))
            .collect();
        reported.sort_unstable();
        let mut reported = reported.into_iter().peekable();
        let mut reported_to = 0;
        let first = memmem::find_iter(self.bytes, "\u{fffd}").find(|at| {
            let at = offset(*at);
            while let Some((_, end)) = reported.next_if(|(start, _)| *start <= at) {
                reported_to = reported_to.max(end);
            }
            let comments = &self.scan.comments;
            let before = comments.partition_point(|comment| comment.0 <= at);
            let commented = before > 0 && comments[before - 1].1 > at;
            !commented && at >= reported_to
        });
        if let Some(at) = first {
            let message = "bytes that are not UTF-8".to_owned();
            let help = "save the file in UTF-8";
            self.fault(at, at + '\u{fffd}'.len_utf8(), message, Some(help));
        }
    }
}

/// ASCII that continues a name.
const IDENT: u8 = 1;
/// White space between tokens.
const SPACE: u8 = 2;
/// What may mean something between quotes.
const QUOTED: u8 = 4;

/// The classes of each byte.
static CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "below 256")]
        let class = match byte as u8 {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' => IDENT,
            b' ' | b'\t' => SPACE,
            b'"' | b'\\' | b'$' | b'%' | b'\n' | b'\r' => QUOTED,
            _ => 0,
        };
        classes[byte] = class;
        byte += 1;
    }
    classes
};

enum Sequence {
    Opens(Kind),
    Escape,
    None,
}

fn operator(first: u8, second: u8, third: u8) -> Option<(Kind, usize)> {
    Some(match (first, second, third) {
        (b'=', b'=', _) => (Kind::Equal, 2),
        (b'=', b'>', _) => (Kind::FatArrow, 2),
        (b'=', ..) => (Kind::Assign, 1),
        (b'.', b'.', b'.') => (Kind::Ellipsis, 3),
        (b'.', ..) => (Kind::Dot, 1),
        (b',', ..) => (Kind::Comma, 1),
        (b'[', ..) => (Kind::OpenBracket, 1),
        (b']', ..) => (Kind::CloseBracket, 1),
        (b'(', ..) => (Kind::OpenParen, 1),
        (b')', ..) => (Kind::CloseParen, 1),
        (b':', b':', _) => (Kind::DoubleColon, 2),
        (b':', ..) => (Kind::Colon, 1),
        (b'?', ..) => (Kind::Question, 1),
        (b'!', b'=', _) => (Kind::NotEqual, 2),
        (b'!', ..) => (Kind::Bang, 1),
        (b'<', b'=', _) => (Kind::LessOrEqual, 2),
        (b'<', ..) => (Kind::Less, 1),
        (b'>', b'=', _) => (Kind::GreaterOrEqual, 2),
        (b'>', ..) => (Kind::Greater, 1),
        (b'&', b'&', _) => (Kind::And, 2),
        (b'|', b'|', _) => (Kind::Or, 2),
        (b'+', ..) => (Kind::Plus, 1),
        (b'-', ..) => (Kind::Minus, 1),
        (b'*', ..) => (Kind::Star, 1),
        (b'/', ..) => (Kind::Slash, 1),
        (b'%', ..) => (Kind::Percent, 1),
        _ => return None,
    })
}

/// The first carriage return that no line feed follows.
fn lone_return(bytes: &[u8]) -> Option<usize> {
    memchr_iter(b'\r', bytes).find(|at| bytes.get(at + 1) != Some(&b'\n'))
}

/// Whether a text is one identifier.
pub fn is_identifier(text: &str) -> bool {
    let rest = text.strip_prefix(|first| first == '_' || starts_ident(first));
    rest.is_some_and(|rest| {
        rest.chars()
            .all(|next| next == '-' || continues_ident(next))
    })
}

fn starts_ident(char: char) -> bool {
    unicode_ident::is_xid_start(char)
}

fn continues_ident(char: char) -> bool {
    unicode_ident::is_xid_continue(char)
}

fn unescaped_quotes(line: &[u8]) -> usize {
    let mut escaped = false;
    line.iter()
        .filter(|byte| {
            let quote = **byte == b'"' && !escaped;
            escaped = **byte == b'\\' && !escaped;
            quote
        })
        .count()
}
