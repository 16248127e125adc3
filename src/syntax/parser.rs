//! Tokens to bodies: attributes and blocks, and the cursor that all of the grammar shares.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

use super::literal::{Escapes, Strings};
use super::origin::Origin;
use super::scanner::{self, Fault, Kind, MAX_BYTES, Scan, Start, Token};
use super::{
    Attribute, Block, Body, Comment, Expr, ExprKind, Ident, MAX_DEPTH, MAX_ERRORS, Parsed,
    SyntaxError,
};
use crate::source::Span;

/// The cursor over the tokens of one text.
pub(super) struct Parser<'a> {
    text: &'a str,
    origin: &'a Origin,
    pub(super) tokens: Vec<Token>,
    pub(super) pos: usize,
    /// Whether a line break is a token here; inside `()`, `[]` and templates it is not.
    pub(super) newlines: bool,
    pub(super) depth: usize,
    pub(super) layout: Layout,
    /// A block reached the end of the file, or an item gave up there.
    pub(super) ran_out: bool,
    pub(super) strings: Strings,
    errors: Vec<SyntaxError>,
}

/// How braces are paired.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// By counting, as the language says.
    Free,
    /// A file in which that fails is read again, with its indentation as a witness of what was meant.
    Indented,
}

/// Says that an error was recorded.
#[derive(Debug)]
pub(super) struct Reported;

pub(super) type Result<T> = std::result::Result<T, Reported>;

/// A whole file.
pub(super) fn parse_file(origin: &Origin, text: &str) -> Parsed {
    let Some(scan) = scan(origin, text, Start::File) else {
        return Parsed {
            errors: vec![too_long(origin)],
            ..Parsed::default()
        };
    };
    let (mut parser, comments, faults) = scan;
    let mut body = parser.file();
    if parser.ran_out {
        parser.begin_again(Layout::Indented);
        body = parser.file();
    }
    let mut errors = parser.errors;
    errors.extend(faults);
    errors.sort_by_key(|error| error.span.start);
    limit(&mut errors);
    Parsed {
        body,
        comments,
        errors,
    }
}

/// Text that is an expression.
pub(super) fn parse_expression(
    origin: &Origin,
    text: &str,
) -> std::result::Result<Expr, Vec<SyntaxError>> {
    alone(origin, text, Start::Expression, |parser| {
        let expr = parser.expression()?;
        let next = parser.peek();
        if next.kind == Kind::End {
            return Ok(expr);
        }
        let found = parser.found(next);
        Err(parser.fail(next, format!("expected an operator, found {found}"), None))
    })
}

/// Text that is a template.
pub(super) fn parse_template(
    origin: &Origin,
    text: &str,
) -> std::result::Result<Expr, Vec<SyntaxError>> {
    alone(origin, text, Start::Template, |parser| {
        parser.bare_template()
    })
}

fn alone(
    origin: &Origin,
    text: &str,
    start: Start,
    parse: impl FnOnce(&mut Parser<'_>) -> Result<Expr>,
) -> std::result::Result<Expr, Vec<SyntaxError>> {
    let Some((mut parser, _, faults)) = scan(origin, text, start) else {
        return Err(vec![too_long(origin)]);
    };
    parser.newlines = false;
    let parsed = parse(&mut parser);
    let mut errors = parser.errors;
    errors.extend(faults);
    errors.sort_by_key(|error| error.span.start);
    limit(&mut errors);
    match parsed {
        Ok(expr) if errors.is_empty() => Ok(expr),
        _ => Err(errors),
    }
}

fn scan<'a>(
    origin: &'a Origin,
    text: &'a str,
    start: Start,
) -> Option<(Parser<'a>, Vec<Comment>, Vec<SyntaxError>)> {
    if text.len() > MAX_BYTES {
        return None;
    }
    let Scan {
        tokens,
        comments,
        faults,
    } = scanner::scan(text, start);
    let comments = comments.into_iter().map(|(start, end)| Comment {
        span: origin.span(start, end),
    });
    let faults = faults.into_iter().map(|fault| fault.at(origin));
    let parser = Parser {
        text,
        origin,
        tokens,
        pos: 0,
        newlines: true,
        depth: 0,
        layout: Layout::Free,
        ran_out: false,
        strings: Strings::for_text(text),
        errors: Vec::new(),
    };
    Some((parser, comments.collect(), faults.collect()))
}

/// Nobody reads more, and of a file without meaning every byte is an error.
fn limit(errors: &mut Vec<SyntaxError>) {
    if errors.len() > MAX_ERRORS + 1 {
        let next = &errors[MAX_ERRORS];
        let last = SyntaxError {
            message: format!("more than {MAX_ERRORS} errors; the others are not told"),
            help: None,
            span: next.span,
        };
        errors.truncate(MAX_ERRORS);
        errors.push(last);
    }
}

fn too_long(origin: &Origin) -> SyntaxError {
    SyntaxError {
        message: format!("text is longer than {MAX_BYTES} bytes"),
        help: None,
        span: origin.span(0, 0),
    }
}

impl Fault {
    fn at(self, origin: &Origin) -> SyntaxError {
        SyntaxError {
            message: self.message,
            help: self.help,
            span: origin.span(self.start, self.end),
        }
    }
}

// The cursor.
impl<'a> Parser<'a> {
    /// The next token that counts here.
    #[inline]
    pub(super) fn peek(&mut self) -> Token {
        loop {
            let token = self.tokens[self.pos];
            if token.kind != Kind::Newline || self.newlines {
                return token;
            }
            self.pos += 1;
        }
    }

    /// Takes the next token if it is of that kind.
    #[inline]
    pub(super) fn take(&mut self, kind: Kind) -> Option<Token> {
        let token = self.peek();
        if token.kind != kind {
            return None;
        }
        self.advance(token);
        Some(token)
    }

    /// Goes past a token that was peeked; the end stays.
    #[inline]
    pub(super) fn advance(&mut self, token: Token) {
        if token.kind != Kind::End {
            self.pos += 1;
        }
    }

    #[inline]
    pub(super) fn slice(&self, start: u32, end: u32) -> &'a str {
        &self.text[start as usize..end as usize]
    }

    pub(super) fn span(&self, start: u32, end: u32) -> Span {
        self.origin.span(start, end)
    }

    pub(super) fn token_span(&self, token: Token) -> Span {
        self.span(token.start, token.end)
    }

    pub(super) fn ident(&mut self, token: Token) -> Ident {
        Ident {
            name: self.word(token),
            span: self.token_span(token),
        }
    }

    pub(super) fn word(&mut self, token: Token) -> Arc<str> {
        let text = self.slice(token.start, token.end);
        self.strings.as_written(text)
    }

    pub(super) fn is_word(&self, token: Token, word: &str) -> bool {
        token.kind == Kind::Ident && self.slice(token.start, token.end) == word
    }

    /// Goes one level down; [`Parser::leave`] comes up again. After an error nobody needs to: an item begins at its
    /// own level.
    pub(super) fn enter(&mut self) -> Result<()> {
        if self.depth >= MAX_DEPTH {
            let token = self.peek();
            return Err(self.too_deep(token));
        }
        self.depth += 1;
        Ok(())
    }

    #[inline]
    pub(super) fn leave(&mut self) {
        self.depth -= 1;
    }

    pub(super) fn too_deep(&mut self, token: Token) -> Reported {
        let message = format!("nested more than {MAX_DEPTH} levels deep");
        self.fail(token, message, None)
    }

    /// Records an error at a token, unless the scanner has said already what is wrong with it.
    pub(super) fn fail(
        &mut self,
        token: Token,
        message: impl Into<String>,
        help: Option<&str>,
    ) -> Reported {
        if token.kind != Kind::Invalid {
            self.report(
                token.start as usize,
                token.end as usize,
                message.into(),
                help,
            );
        }
        Reported
    }

    /// Records an error.
    pub(super) fn report(&mut self, start: usize, end: usize, message: String, help: Option<&str>) {
        let offset = |at: usize| u32::try_from(at).expect("no longer than MAX_BYTES");
        let span = self.span(offset(start), offset(end));
        self.errors.push(SyntaxError {
            message,
            help: help.map(str::to_owned),
            span,
        });
    }

    /// Records an error at a place of the file.
    pub(super) fn report_at(&mut self, span: Span, message: &str) {
        self.errors.push(SyntaxError {
            message: message.to_owned(),
            help: None,
            span,
        });
    }

    /// How a message names a token. Of what a user wrote only punctuation and keywords are quoted: any other word may be
    /// a secret whose quotes were forgotten.
    pub(super) fn found(&self, token: Token) -> Cow<'static, str> {
        const KEYWORDS: [&str; 12] = [
            "true",
            "false",
            "null",
            "for",
            "in",
            "if",
            "else",
            "endif",
            "endfor",
            "dynamic",
            "sensitive",
            "default",
        ];
        match token.kind {
            Kind::End => "the end of the file".into(),
            Kind::Newline => "a line break".into(),
            Kind::OpenQuote | Kind::Quoted => "a quoted string".into(),
            Kind::OpenHeredoc => "a heredoc".into(),
            Kind::Text | Kind::CloseHeredoc => "text".into(),
            Kind::Number => "a number".into(),
            _ => {
                let text = self.slice(token.start, token.end);
                let is_word = text.contains(char::is_alphanumeric);
                if is_word && !KEYWORDS.contains(&text) {
                    return "a word".into();
                }
                format!("`{text}`").into()
            }
        }
    }

    fn begin_again(&mut self, layout: Layout) {
        self.pos = 0;
        self.newlines = true;
        self.depth = 0;
        self.layout = layout;
        self.ran_out = false;
        self.errors.clear();
    }
}

// Bodies.
impl Parser<'_> {
    fn file(&mut self) -> Body {
        let mut items = Items::default();
        loop {
            self.items(&mut items, None);
            let token = self.peek();
            if token.kind == Kind::End {
                break;
            }
            // `items` stops at closing braces.
            let message = "`}` closes nothing";
            let help = "a brace too many here, or one too few before";
            self.fail(token, message, Some(help));
            self.pos += 1;
        }
        let length = self.tokens[self.tokens.len() - 1].end;
        items.body(self.span(0, length))
    }

    /// Reads items up to a closing brace, the end, or where the layout says that the body ended.
    fn items(&mut self, items: &mut Items, header: Option<Token>) {
        loop {
            if self.errors.len() >= MAX_ERRORS {
                return self.give_up();
            }
            self.newlines = true;
            let token = self.peek();
            match token.kind {
                Kind::Newline => self.pos += 1,
                Kind::CloseBrace | Kind::End => return,
                Kind::Ident => {
                    if header.is_some() && self.begins_unrelated_block(token) {
                        return;
                    }
                    let (start, depth) = (self.pos, self.depth);
                    if self.item(token, items).is_err() {
                        self.depth = depth;
                        self.recover(start);
                    }
                }
                _ => {
                    let start = self.pos;
                    self.not_an_item(token);
                    self.recover(start);
                }
            }
        }
    }

    fn not_an_item(&mut self, token: Token) {
        let found = self.found(token);
        let (message, help) = match token.kind {
            Kind::Quoted | Kind::OpenQuote => (
                "argument names and block types stand without quotes".to_owned(),
                Some("remove the quotes"),
            ),
            _ => (
                format!("expected an argument or a block, found {found}"),
                None,
            ),
        };
        self.fail(token, message, help);
    }

    fn item(&mut self, name: Token, items: &mut Items) -> Result<()> {
        self.pos += 1;
        let next = self.peek();
        match next.kind {
            Kind::Assign => {
                self.attribute(name, items)?;
                self.end_of_item("an argument")
            }
            Kind::Quoted | Kind::OpenQuote | Kind::Ident | Kind::OpenBrace => {
                self.block(name, items)
            }
            _ => {
                let (name, found) = (self.found(name), self.found(next));
                let message = format!("expected `=`, a label or `{{` after {name}, found {found}");
                let help = (next.kind == Kind::Colon).then_some("arguments are set with `=`");
                Err(self.fail(next, message, help))
            }
        }
    }

    /// `name = expression`; one that cannot be read still stands in the body.
    fn attribute(&mut self, name: Token, items: &mut Items) -> Result<()> {
        let ident = self.ident(name);
        let assign = self.peek();
        self.pos += 1;
        let first = !items.has_attribute(&ident.name);
        if !first {
            let message = format!("`{}` is set twice", ident.name);
            self.fail(name, message, Some("the first value counts here"));
        }
        let outcome = self.expression();
        let (expr, outcome) = match outcome {
            Ok(expr) => (expr, Ok(())),
            Err(reported) => {
                let span = self.token_span(assign);
                let kind = ExprKind::Invalid;
                (Expr { kind, span }, Err(reported))
            }
        };
        if first {
            let span = ident.span.to(expr.span);
            items.attributes.push(Attribute {
                name: ident,
                expr,
                span,
            });
        }
        outcome
    }

    fn end_of_item(&mut self, what: &str) -> Result<()> {
        let next = self.peek();
        match next.kind {
            Kind::Newline => {
                self.pos += 1;
                Ok(())
            }
            Kind::End => Ok(()),
            _ => {
                let found = self.found(next);
                let message = format!("expected a line break after {what}, found {found}");
                let help = (next.kind == Kind::Comma)
                    .then_some("arguments and blocks are separated by line breaks only");
                Err(self.fail(next, message, help))
            }
        }
    }

    fn block(&mut self, kind: Token, items: &mut Items) -> Result<()> {
        let mut labels = Vec::new();
        let mut header_end = kind.end;
        let open = loop {
            let token = self.peek();
            match token.kind {
                Kind::OpenBrace => break token,
                Kind::Ident => labels.push(self.ident(token)),
                Kind::Quoted => {
                    let value = self.literal(token.start + 1, token.end - 1, Escapes::Backslash);
                    labels.push(Ident {
                        name: self.strings.as_written(&value),
                        span: self.token_span(token),
                    });
                }
                _ => return Err(self.broken_header(token)),
            }
            header_end = token.end;
            self.pos += 1;
        };
        self.pos += 1;
        self.enter()?;
        let (body, closed) = self.block_body(kind, open);
        self.leave();
        items.blocks.push(Block {
            kind: self.ident(kind),
            labels,
            header: self.span(kind.start, header_end),
            span: body
                .span
                .map_or(self.token_span(kind), |span| self.token_span(kind).to(span)),
            body,
        });
        match closed? {
            Closing::Brace => self.end_of_item("a block"),
            // What stands next belongs to the body around this one.
            Closing::Missing => Ok(()),
        }
    }

    fn broken_header(&mut self, token: Token) -> Reported {
        let found = self.found(token);
        match token.kind {
            Kind::OpenQuote => {
                let message = "block labels are plain strings without `${` and `%{`";
                self.fail(token, message, None)
            }
            Kind::Newline => {
                let help = "the opening brace stands on the line of the block's type";
                let message = format!("expected `{{` to open the block, found {found}");
                self.fail(token, message, Some(help))
            }
            Kind::Assign => {
                let message = "expected a label or `{` in a block's header, found `=`";
                self.fail(token, message, Some("a block has no `=` before its brace"))
            }
            _ => {
                let message =
                    format!("expected a label or `{{` in a block's header, found {found}");
                self.fail(token, message, None)
            }
        }
    }

    /// What follows the opening brace, up to the closing one.
    fn block_body(&mut self, header: Token, open: Token) -> (Body, Result<Closing>) {
        let mut items = Items::default();
        let next = self.peek();
        let closed = if matches!(next.kind, Kind::Newline | Kind::CloseBrace | Kind::End) {
            self.items(&mut items, Some(header));
            Ok(self.close_block(header, open))
        } else {
            self.single_line_body(next, &mut items)
        };
        let end = self.tokens[self.pos.saturating_sub(1)].end.max(open.end);
        (items.body(self.span(open.start, end)), closed)
    }

    fn close_block(&mut self, header: Token, open: Token) -> Closing {
        let close = self.peek();
        if close.kind == Kind::CloseBrace && !self.closes_outer(close, header) {
            self.pos += 1;
            return Closing::Brace;
        }
        if close.kind != Kind::End || !self.ran_out {
            let kind = self.slice(header.start, header.end);
            let message = format!("block `{kind}` is never closed");
            let (start, end) = (header.start as usize, open.end as usize);
            self.report(start, end, message, Some("a `}` is missing"));
        }
        self.ran_out |= close.kind == Kind::End;
        Closing::Missing
    }

    /// `{ name = expression }`
    fn single_line_body(&mut self, name: Token, items: &mut Items) -> Result<Closing> {
        if name.kind != Kind::Ident {
            self.not_an_item(name);
            return Err(Reported);
        }
        self.pos += 1;
        let next = self.peek();
        if next.kind != Kind::Assign {
            let found = self.found(next);
            let message = format!("expected `=` in a block of one line, found {found}");
            let help = "a block of one line holds one argument; others go on lines of their own";
            return Err(self.fail(next, message, Some(help)));
        }
        self.attribute(name, items)?;
        let close = self.peek();
        if close.kind == Kind::CloseBrace {
            self.pos += 1;
            return Ok(Closing::Brace);
        }
        let found = self.found(close);
        let message = format!("expected `}}` to close a block of one line, found {found}");
        let help = "a block of one line holds one argument; others go on lines of their own";
        Err(self.fail(close, message, Some(help)))
    }
}

/// How a block ended.
enum Closing {
    Brace,
    Missing,
}

/// A body under construction.
#[derive(Default)]
struct Items {
    attributes: Vec<Attribute>,
    blocks: Vec<Block>,
    /// The attributes' names, once they are many.
    names: HashSet<Arc<str>>,
}

impl Items {
    fn has_attribute(&mut self, name: &Arc<str>) -> bool {
        const FEW: usize = 24;
        if self.attributes.len() < FEW {
            return self.attributes.iter().any(|known| known.name.name == *name);
        }
        if self.names.is_empty() {
            let names = self.attributes.iter().map(|known| &known.name.name);
            self.names.extend(names.cloned());
        }
        !self.names.insert(Arc::clone(name))
    }

    fn body(self, span: Span) -> Body {
        Body {
            attributes: self.attributes,
            blocks: self.blocks,
            span: Some(span),
        }
    }
}
