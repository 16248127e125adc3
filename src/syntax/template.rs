//! Templates: quoted strings, heredocs and template files.
//!
//! The tokens become a flat list of pieces, on which strip markers and indentation work as in HCL; then directives
//! are paired.

use std::borrow::Cow;
use std::sync::Arc;

use super::expression::ForHeader;
use super::heredoc;
use super::literal::{Escapes, normalised};
use super::parser::{Parser, Reported, Result};
use super::scanner::{Kind, Token};
use super::{Expr, ExprKind, MAX_DEPTH, Template, TemplatePart};
use crate::source::Span;

/// A piece of a template, before directives are paired.
pub(super) enum Piece<'a> {
    /// Literal text, escapes resolved.
    Text(Cow<'a, str>),
    Interpolation(Expr),
    If(Token, Expr),
    Else(Token),
    EndIf(Token),
    For(Token, Box<ForHeader>),
    EndFor(Token),
}

/// What kind of text the template stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    Quoted,
    Heredoc,
    /// `<<-`
    FlushHeredoc,
    Bare,
}

impl Style {
    fn end(self) -> Kind {
        match self {
            Style::Quoted => Kind::CloseQuote,
            Style::Heredoc | Style::FlushHeredoc => Kind::CloseHeredoc,
            Style::Bare => Kind::End,
        }
    }

    fn escapes(self) -> Escapes {
        match self {
            Style::Quoted => Escapes::Backslash,
            _ => Escapes::Sequences,
        }
    }

    /// The part of a literal behind `~}` that loses white space: HCL's scanner gives heredocs line by line.
    fn strip_start(self, text: &str) -> usize {
        let line = match text.find('\n') {
            Some(end) if self != Style::Quoted => &text[..=end],
            _ => text,
        };
        line.len() - line.trim_start().len()
    }

    /// The length that a literal keeps before `${~`.
    fn strip_end(self, text: &str) -> usize {
        let before = text.strip_suffix('\n').unwrap_or(text);
        let line = match before.rfind('\n') {
            Some(end) if self != Style::Quoted => end + 1,
            _ => 0,
        };
        line + text[line..].trim_end().len()
    }
}

impl<'a> Parser<'a> {
    /// A string without sequences, as one token.
    pub(super) fn quoted_string(&mut self, token: Token) -> Expr {
        let value = self.literal(token.start + 1, token.end - 1, Escapes::Backslash);
        Expr {
            kind: ExprKind::String(self.strings.normalised(&value)),
            span: self.span(token.start, token.end),
        }
    }

    /// From an opening quote to the closing one.
    pub(super) fn quoted_template(&mut self, open: Token) -> Result<Expr> {
        self.template(open, Style::Quoted)
    }

    /// From a heredoc's introduction to its end marker.
    pub(super) fn heredoc(&mut self, open: Token) -> Result<Expr> {
        let flush = self.slice(open.start, open.end).starts_with("<<-");
        self.template(
            open,
            if flush {
                Style::FlushHeredoc
            } else {
                Style::Heredoc
            },
        )
    }

    /// The whole text.
    pub(super) fn bare_template(&mut self) -> Result<Expr> {
        let open = Token {
            kind: Kind::Text,
            start: 0,
            end: 0,
        };
        self.template(open, Style::Bare)
    }

    fn template(&mut self, open: Token, style: Style) -> Result<Expr> {
        let newlines = std::mem::replace(&mut self.newlines, false);
        let mut pieces = Vec::new();
        let end = self.pieces(open, style, &mut pieces)?;
        self.newlines = newlines;
        self.assemble(pieces, style, self.span(open.start, end.end))
    }

    fn assemble(&mut self, mut pieces: Vec<Piece<'a>>, style: Style, span: Span) -> Result<Expr> {
        if style == Style::FlushHeredoc {
            heredoc::unindent(&mut pieces);
        }
        let template = self.pair(pieces)?;
        let kind = match template.parts.as_slice() {
            [] => ExprKind::String("".into()),
            [TemplatePart::Literal(text)] => ExprKind::String(Arc::clone(text)),
            _ => ExprKind::Template(Box::new(template)),
        };
        Ok(Expr { kind, span })
    }

    /// Reads up to the end of the template; gives the token that ends it.
    fn pieces(&mut self, open: Token, style: Style, pieces: &mut Vec<Piece<'a>>) -> Result<Token> {
        let mut strip_next = false;
        loop {
            let token = self.tokens[self.pos];
            if token.kind != Kind::End {
                self.pos += 1;
            }
            let strip = std::mem::replace(&mut strip_next, false);
            match token.kind {
                Kind::Text => self.text_pieces(token, style, strip, pieces),
                Kind::Interpolation => {
                    Self::strip_before(token, style, pieces);
                    self.interpolation(pieces)?;
                    strip_next = self.close_sequence(token, "interpolation")?;
                }
                Kind::Directive => {
                    Self::strip_before(token, style, pieces);
                    self.directive(token, pieces)?;
                    strip_next = self.close_sequence(token, "directive")?;
                }
                kind if kind == style.end() => return Ok(token),
                _ => return Err(self.fail(open, "template is never closed", None)),
            }
        }
    }

    fn text_pieces(
        &mut self,
        token: Token,
        style: Style,
        strip: bool,
        pieces: &mut Vec<Piece<'a>>,
    ) {
        let text = self.literal(token.start, token.end, style.escapes());
        let first = pieces.len();
        match text {
            // Indentation is counted by line.
            Cow::Borrowed(text) if style == Style::FlushHeredoc => {
                let lines = text.split_inclusive('\n');
                pieces.extend(lines.map(|line| Piece::Text(Cow::Borrowed(line))));
            }
            Cow::Owned(text) if style == Style::FlushHeredoc => {
                let lines = text.split_inclusive('\n');
                pieces.extend(lines.map(|line| Piece::Text(Cow::Owned(line.to_owned()))));
            }
            text => pieces.push(Piece::Text(text)),
        }
        if let (true, Some(Piece::Text(text))) = (strip, pieces.get_mut(first)) {
            let cut = style.strip_start(text);
            match text {
                Cow::Borrowed(text) => *text = &text[cut..],
                Cow::Owned(text) => drop(text.drain(..cut)),
            }
        }
    }

    /// `${~` and `%{~` take the white space before them.
    fn strip_before(token: Token, style: Style, pieces: &mut [Piece<'a>]) {
        if token.end - token.start < 3 {
            return;
        }
        if let Some(Piece::Text(text)) = pieces.last_mut() {
            let keep = style.strip_end(text);
            match text {
                Cow::Borrowed(text) => *text = &text[..keep],
                Cow::Owned(text) => text.truncate(keep),
            }
        }
    }

    /// The brace that ends a sequence; whether it strips what follows.
    fn close_sequence(&mut self, open: Token, what: &str) -> Result<bool> {
        let close = self.peek();
        match close.kind {
            Kind::CloseTemplate => {
                self.pos += 1;
                Ok(close.end - close.start == 2)
            }
            Kind::End | Kind::CloseQuote | Kind::Newline => {
                let message = format!("{what} is never closed");
                Err(self.fail(open, message, Some("close it with `}`")))
            }
            _ => {
                let found = self.found(close);
                let sign = &self.slice(open.start, open.end)[..1];
                let message = format!("expected `}}` to end the {what}, found {found}");
                let help =
                    format!("if this is text for another language, write `{sign}{sign}{{` instead");
                Err(self.fail(close, message, Some(&help)))
            }
        }
    }

    fn interpolation(&mut self, pieces: &mut Vec<Piece<'a>>) -> Result<()> {
        let expr = self.expression()?;
        pieces.push(Piece::Interpolation(expr));
        Ok(())
    }

    fn directive(&mut self, open: Token, pieces: &mut Vec<Piece<'a>>) -> Result<()> {
        match self.directive_keyword()? {
            "if" => {
                let condition = self.expression()?;
                pieces.push(Piece::If(open, condition));
            }
            "for" => {
                let header = self.for_header()?;
                pieces.push(Piece::For(open, header));
            }
            "else" => pieces.push(Piece::Else(open)),
            "endif" => pieces.push(Piece::EndIf(open)),
            _ => pieces.push(Piece::EndFor(open)),
        }
        Ok(())
    }

    fn directive_keyword(&mut self) -> Result<&'a str> {
        let keyword = self.peek();
        if keyword.kind == Kind::Ident {
            let name = self.slice(keyword.start, keyword.end);
            if matches!(name, "if" | "else" | "endif" | "for" | "endfor") {
                self.pos += 1;
                return Ok(name);
            }
        }
        let found = self.found(keyword);
        let message =
            format!("expected `if`, `else`, `endif`, `for` or `endfor` after `%{{`, found {found}");
        Err(self.fail(keyword, message, Some("write `%%{` for a literal `%{`")))
    }

    /// Pairs directives, without recursion.
    fn pair(&mut self, pieces: Vec<Piece<'a>>) -> Result<Template> {
        let mut open: Vec<Open<'a>> = Vec::new();
        let mut parts = Parts::default();
        for piece in pieces {
            match piece {
                Piece::Text(text) => parts.literal(text),
                Piece::Interpolation(expr) => parts.push(TemplatePart::Interpolation(expr)),
                Piece::If(token, condition) => {
                    self.check_directive_depth(token, open.len())?;
                    let outer = std::mem::take(&mut parts);
                    open.push(Open {
                        token,
                        outer,
                        kind: OpenKind::If {
                            condition,
                            yes: None,
                        },
                    });
                }
                Piece::For(token, header) => {
                    self.check_directive_depth(token, open.len())?;
                    let outer = std::mem::take(&mut parts);
                    let kind = OpenKind::For(header);
                    open.push(Open { token, outer, kind });
                }
                Piece::Else(token) => match open.last_mut().map(|open| &mut open.kind) {
                    Some(OpenKind::If { yes, .. }) if yes.is_none() => {
                        *yes = Some(std::mem::take(&mut parts).finish());
                    }
                    _ => return Err(self.unpaired(token, "else")),
                },
                Piece::EndIf(token) => match open.pop() {
                    Some(Open {
                        outer,
                        kind: OpenKind::If { condition, yes },
                        ..
                    }) => {
                        let last = std::mem::replace(&mut parts, outer).finish();
                        let (yes, no) = match yes {
                            Some(yes) => (yes, last),
                            None => (last, Template { parts: Vec::new() }),
                        };
                        parts.push(TemplatePart::If { condition, yes, no });
                    }
                    _ => return Err(self.unpaired(token, "endif")),
                },
                Piece::EndFor(token) => match open.pop() {
                    Some(Open {
                        outer,
                        kind: OpenKind::For(header),
                        ..
                    }) => {
                        let body = std::mem::replace(&mut parts, outer).finish();
                        let ForHeader {
                            key_name,
                            value_name,
                            collection,
                        } = *header;
                        parts.push(TemplatePart::For {
                            key_name,
                            value_name,
                            collection,
                            body,
                        });
                    }
                    _ => return Err(self.unpaired(token, "endfor")),
                },
            }
        }
        match open.pop() {
            None => Ok(parts.finish()),
            Some(open) => {
                let message = match open.kind {
                    OpenKind::If { .. } => "`%{ if }` without `%{ endif }`",
                    OpenKind::For(_) => "`%{ for }` without `%{ endfor }`",
                };
                Err(self.fail(open.token, message, None))
            }
        }
    }

    fn check_directive_depth(&mut self, token: Token, open: usize) -> Result<()> {
        if self.depth + open >= MAX_DEPTH {
            return Err(self.too_deep(token));
        }
        Ok(())
    }

    fn unpaired(&mut self, token: Token, name: &str) -> Reported {
        let message = format!("`%{{ {name} }}` has nothing open that it belongs to");
        self.fail(token, message, None)
    }
}

/// A directive that waits for its end.
struct Open<'a> {
    token: Token,
    outer: Parts<'a>,
    kind: OpenKind,
}

enum OpenKind {
    If {
        condition: Expr,
        yes: Option<Template>,
    },
    For(Box<ForHeader>),
}

/// Parts under construction: neighbouring literals become one.
#[derive(Default)]
struct Parts<'a> {
    parts: Vec<TemplatePart>,
    text: Option<Cow<'a, str>>,
}

impl<'a> Parts<'a> {
    fn literal(&mut self, text: Cow<'a, str>) {
        match &mut self.text {
            Some(before) => before.to_mut().push_str(&text),
            None => self.text = Some(text),
        }
    }

    fn push(&mut self, part: TemplatePart) {
        self.flush();
        self.parts.push(part);
    }

    fn flush(&mut self) {
        if let Some(text) = self.text.take() {
            self.parts.push(TemplatePart::Literal(normalised(&text)));
        }
    }

    fn finish(mut self) -> Template {
        self.flush();
        Template { parts: self.parts }
    }
}
