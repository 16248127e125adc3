//! How reading goes on after an error.
//!
//! The unit is the item of a body. Where brackets do not pair up, indentation decides: an error at the end of a file
//! says little about the place where a brace is missing, and the line breaks say a lot.

use super::MAX_ERRORS;
use super::parser::{Layout, Parser};
use super::scanner::{Kind, Token};

impl Parser<'_> {
    /// Skips the rest of the item whose first token is at `start`, and which failed where the cursor is.
    pub(super) fn recover(&mut self, start: usize) {
        self.newlines = true;
        let failed = self.pos;
        let mut open: Vec<Kind> = Vec::new();
        for at in start..self.tokens.len() {
            let token = self.tokens[at];
            match token.kind {
                Kind::End => break,
                Kind::Newline if open.is_empty() && at >= failed => {
                    self.pos = at + 1;
                    return;
                }
                Kind::CloseBrace if open.is_empty() && at >= failed && at > start => {
                    self.pos = at;
                    return;
                }
                kind => match closer(kind) {
                    Some(closing) => open.push(closing),
                    None if closes(kind) && self.misleads(start, at, kind, &mut open) => break,
                    None => {}
                },
            }
        }
        self.resume(start, failed);
    }

    /// Pairs a closing token; true if it cannot be the one that was waited for.
    fn misleads(&self, start: usize, at: usize, kind: Kind, open: &mut Vec<Kind>) -> bool {
        if open.is_empty() {
            return false;
        }
        if open.last() != Some(&kind) {
            return true;
        }
        open.pop();
        self.layout == Layout::Indented
            && kind == Kind::CloseBrace
            && self.column(self.tokens[at]) < self.column(self.tokens[start])
            && self.is_first_on_line(at)
    }

    /// Brackets do not pair up: goes to the next line that looks like an item, and stands no deeper than the broken
    /// one did; or to the brace that closes the body.
    fn resume(&mut self, start: usize, failed: usize) {
        let indent = self.column(self.tokens[start]);
        let failed = failed.max(start + 1);
        for at in failed..self.tokens.len() {
            if !self.is_first_on_line(at) {
                continue;
            }
            let token = self.tokens[at];
            let is_item = match token.kind {
                Kind::CloseBrace => true,
                Kind::Ident => self.looks_like_item(at),
                _ => false,
            };
            if is_item && self.column(token) <= indent {
                self.pos = at;
                return;
            }
        }
        self.ran_out = true;
        self.pos = self.tokens.len() - 1;
    }

    fn looks_like_item(&self, at: usize) -> bool {
        let next = self.tokens[at + 1].kind;
        next == Kind::Assign || self.looks_like_block(at)
    }

    fn looks_like_block(&self, at: usize) -> bool {
        let mut rest = self.tokens[at + 1..].iter();
        let after = rest.find(|token| !matches!(token.kind, Kind::Quoted | Kind::Ident));
        after.is_some_and(|token| token.kind == Kind::OpenBrace)
    }

    fn is_first_on_line(&self, at: usize) -> bool {
        at == 0 || matches!(self.tokens[at - 1].kind, Kind::Newline | Kind::CloseHeredoc)
    }

    /// Distance from the start of the line, in bytes.
    fn column(&self, token: Token) -> usize {
        let before = self.slice(0, token.start).as_bytes();
        before.len() - memchr::memrchr(b'\n', before).map_or(0, |at| at + 1)
    }

    /// In a file whose braces do not pair up: a block at the left margin is not part of the one that is being read.
    pub(super) fn begins_unrelated_block(&self, token: Token) -> bool {
        self.layout == Layout::Indented
            && self.column(token) == 0
            && self.is_first_on_line(self.pos)
            && self.looks_like_block(self.pos)
    }

    /// In such a file: a brace on a line of its own that stands further left than the block's header closes the
    /// block around it.
    pub(super) fn closes_outer(&self, close: Token, header: Token) -> bool {
        self.layout == Layout::Indented
            && self.is_first_on_line(self.pos)
            && self.column(close) < self.column(header)
    }

    /// As [`Parser::closes_outer`], for an object that opened on a line with that indentation.
    pub(super) fn leaves_object(&self, close: Token, open: Token) -> bool {
        if self.layout != Layout::Indented || !self.is_first_on_line(self.pos) {
            return false;
        }
        let before = self.slice(0, open.start);
        let line = &before[memchr::memrchr(b'\n', before.as_bytes()).map_or(0, |at| at + 1)..];
        self.column(close) < line.len() - line.trim_start().len()
    }

    /// Too many errors: the rest is not read, and that is said.
    pub(super) fn give_up(&mut self) {
        let token = self.peek();
        if token.kind == Kind::End {
            return;
        }
        self.pos = self.tokens.len() - 1;
        self.ran_out = true;
        let message = format!("more than {MAX_ERRORS} errors; the rest of the file was not read");
        self.report(token.start as usize, token.end as usize, message, None);
    }
}

/// The token that closes what this one opens.
fn closer(kind: Kind) -> Option<Kind> {
    Some(match kind {
        Kind::OpenBrace => Kind::CloseBrace,
        Kind::OpenBracket => Kind::CloseBracket,
        Kind::OpenParen => Kind::CloseParen,
        Kind::OpenQuote => Kind::CloseQuote,
        Kind::OpenHeredoc => Kind::CloseHeredoc,
        Kind::Interpolation | Kind::Directive => Kind::CloseTemplate,
        _ => return None,
    })
}

fn closes(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::CloseBrace
            | Kind::CloseBracket
            | Kind::CloseParen
            | Kind::CloseQuote
            | Kind::CloseHeredoc
            | Kind::CloseTemplate
    )
}
