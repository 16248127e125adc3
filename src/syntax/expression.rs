//! Tokens to expressions: operators by precedence, everything else by recursive descent.

use std::sync::Arc;

use super::literal::normalised;
use super::parser::{Parser, Reported, Result};
use super::scanner::{Kind, Token};
use super::{
    Binary, BinaryOperator, Call, Conditional, Expr, ExprKind, For, Ident, ObjectItem, SplatStyle,
    UnaryOperator,
};
use crate::source::Span;

impl Parser<'_> {
    /// A whole expression.
    ///
    /// Nesting passes through here, and its frames are kept small on purpose: what needs no recursion is done in
    /// functions that have returned before the next level is entered.
    pub(super) fn expression(&mut self) -> Result<Expr> {
        self.enter()?;
        let mut expr = self.operand()?;
        if binary_operator(self.peek().kind).is_some() {
            expr = self.operators(expr, 0)?;
        }
        if self.take(Kind::Question).is_some() {
            expr = self.conditional(expr)?;
        }
        self.leave();
        Ok(expr)
    }

    fn conditional(&mut self, predicate: Expr) -> Result<Expr> {
        let yes = self.expression()?;
        self.expect(Kind::Colon, "`:` between the results of `?`")?;
        let no = self.expression()?;
        Ok(conditional(predicate, yes, no))
    }

    /// The operators behind an operand that bind at least so tightly, left to right.
    fn operators(&mut self, mut left: Expr, tightness: u8) -> Result<Expr> {
        while let Some((operator, found)) = self.take_operator(tightness) {
            let mut right = self.operand()?;
            if binary_operator(self.peek().kind).is_some_and(|(_, next)| next > found) {
                right = self.operators(right, found + 1)?;
            }
            left = binary(operator, left, right);
        }
        Ok(left)
    }

    fn take_operator(&mut self, tightness: u8) -> Option<(BinaryOperator, u8)> {
        let token = self.peek();
        let operator = binary_operator(token.kind).filter(|(_, found)| *found >= tightness)?;
        self.pos += 1;
        Some(operator)
    }

    fn operand(&mut self) -> Result<Expr> {
        let token = self.peek();
        let operator = match token.kind {
            Kind::Minus => UnaryOperator::Negate,
            Kind::Bang => UnaryOperator::Not,
            _ => {
                let term = self.term(token)?;
                return self.steps(term);
            }
        };
        self.pos += 1;
        self.enter()?;
        let operand = Box::new(self.operand()?);
        self.leave();
        let span = self.token_span(token).to(operand.span);
        let kind = ExprKind::Unary { operator, operand };
        Ok(Expr { kind, span })
    }

    fn term(&mut self, token: Token) -> Result<Expr> {
        match token.kind {
            Kind::Ident => self.name(token),
            Kind::Quoted => {
                self.pos += 1;
                Ok(self.quoted_string(token))
            }
            Kind::Number => {
                self.pos += 1;
                Ok(self.number(token))
            }
            Kind::OpenQuote => {
                self.pos += 1;
                self.quoted_template(token)
            }
            Kind::OpenHeredoc => {
                self.pos += 1;
                self.heredoc(token)
            }
            Kind::OpenBracket => self.tuple(token),
            Kind::OpenBrace => self.object(token),
            Kind::OpenParen => self.parens(token),
            _ => Err(self.no_expression(token)),
        }
    }

    fn no_expression(&mut self, token: Token) -> Reported {
        let found = self.found(token);
        let message = format!("expected an expression, found {found}");
        let help = match token.kind {
            Kind::Newline => Some("an expression begins on the line of its `=`"),
            Kind::Less => Some("a heredoc begins with `<<` and a name, before a line break"),
            _ => None,
        };
        self.fail(token, message, help)
    }

    /// A keyword, a function call or the root of a reference.
    fn name(&mut self, token: Token) -> Result<Expr> {
        self.pos += 1;
        if matches!(self.peek().kind, Kind::OpenParen | Kind::DoubleColon) {
            return self.call(token);
        }
        let kind = match self.slice(token.start, token.end) {
            "true" => ExprKind::Bool(true),
            "false" => ExprKind::Bool(false),
            "null" => ExprKind::Null,
            _ => ExprKind::Variable(self.word(token)),
        };
        let span = self.token_span(token);
        Ok(Expr { kind, span })
    }

    fn number(&mut self, token: Token) -> Expr {
        let text = self.slice(token.start, token.end);
        let kind = if is_number(text) {
            ExprKind::Number(self.strings.as_written(text))
        } else {
            let message = "what begins with a digit here is no number".to_owned();
            let points = text.matches('.').count();
            let help = (points > 1).then_some("put addresses and versions in quotes");
            self.fail(token, message, help);
            ExprKind::Invalid
        };
        let span = self.token_span(token);
        Expr { kind, span }
    }

    fn parens(&mut self, open: Token) -> Result<Expr> {
        self.pos += 1;
        let newlines = std::mem::replace(&mut self.newlines, false);
        let inner = Box::new(self.expression()?);
        let close = self.expect(Kind::CloseParen, "`)`")?;
        self.newlines = newlines;
        Ok(Expr {
            kind: ExprKind::Parens(inner),
            span: self.span(open.start, close.end),
        })
    }

    fn expect(&mut self, kind: Kind, what: &str) -> Result<Token> {
        let token = self.peek();
        if token.kind == kind {
            self.pos += 1;
            return Ok(token);
        }
        let found = self.found(token);
        Err(self.fail(token, format!("expected {what}, found {found}"), None))
    }

    /// `(a, b...)` behind a function's name, or `::` and the rest of it.
    fn call(&mut self, first: Token) -> Result<Expr> {
        let name = self.function_name(first)?;
        let newlines = std::mem::replace(&mut self.newlines, false);
        let mut arguments = Vec::new();
        let (expand_last, close) = self.arguments(&mut arguments)?;
        self.newlines = newlines;
        let span = name.span.to(self.token_span(close));
        let call = Call {
            name,
            arguments,
            expand_last,
        };
        let kind = ExprKind::Call(Box::new(call));
        Ok(Expr { kind, span })
    }

    /// Up to the opening parenthesis.
    fn function_name(&mut self, first: Token) -> Result<Ident> {
        let mut last = first;
        let mut name = self.word(first);
        while self.take(Kind::DoubleColon).is_some() {
            last = self.expect(Kind::Ident, "the rest of the function's name after `::`")?;
            name = Arc::from(format!("{name}::{}", self.word(last)));
        }
        self.expect(Kind::OpenParen, "`(` after the function's name")?;
        let span = self.span(first.start, last.end);
        Ok(Ident { name, span })
    }

    /// Up to the closing parenthesis, which is given; and whether `...` stands before it.
    fn arguments(&mut self, arguments: &mut Vec<Expr>) -> Result<(bool, Token)> {
        loop {
            if let Some(close) = self.take(Kind::CloseParen) {
                return Ok((false, close));
            }
            arguments.push(self.expression()?);
            if self.take(Kind::Ellipsis).is_some() {
                let close = self.expect(Kind::CloseParen, "`)` after `...`")?;
                return Ok((true, close));
            }
            if self.take(Kind::Comma).is_none() {
                let close = self.expect(Kind::CloseParen, "`,` or `)` after an argument")?;
                return Ok((false, close));
            }
        }
    }

    fn tuple(&mut self, open: Token) -> Result<Expr> {
        self.pos += 1;
        let newlines = std::mem::replace(&mut self.newlines, false);
        let next = self.peek();
        if self.is_word(next, "for") {
            let expr = self.for_expression(open, Kind::CloseBracket);
            self.newlines = newlines;
            return expr;
        }
        let mut items = Vec::new();
        let close = loop {
            if let Some(close) = self.take(Kind::CloseBracket) {
                break close;
            }
            items.push(self.expression()?);
            if self.take(Kind::Comma).is_none() {
                break self.expect(Kind::CloseBracket, "`,` or `]` after an item")?;
            }
        };
        self.newlines = newlines;
        Ok(Expr {
            kind: ExprKind::Tuple(items),
            span: self.span(open.start, close.end),
        })
    }

    fn object(&mut self, open: Token) -> Result<Expr> {
        self.pos += 1;
        let newlines = std::mem::replace(&mut self.newlines, false);
        let inside = self.pos;
        let next = self.peek();
        if self.is_word(next, "for") {
            let expr = self.for_expression(open, Kind::CloseBrace);
            self.newlines = newlines;
            return expr;
        }
        self.pos = inside;
        self.newlines = true;
        let mut items = Vec::new();
        let close = loop {
            let token = self.peek();
            match token.kind {
                Kind::Newline => self.pos += 1,
                Kind::CloseBrace if !self.leaves_object(token, open) => {
                    self.pos += 1;
                    break token;
                }
                Kind::CloseBrace | Kind::End => {
                    let help = Some("a `}` is missing");
                    return Err(self.fail(open, "object is never closed", help));
                }
                _ => {
                    self.object_item(&mut items)?;
                    self.end_of_object_item()?;
                }
            }
        };
        self.newlines = newlines;
        Ok(Expr {
            kind: ExprKind::Object(items),
            span: self.span(open.start, close.end),
        })
    }

    fn object_item(&mut self, items: &mut Vec<ObjectItem>) -> Result<()> {
        let mut key = self.expression()?;
        self.object_key(&mut key)?;
        let value = self.expression()?;
        items.push(ObjectItem { key, value });
        Ok(())
    }

    /// A bare name is a string here; then `=` or `:`.
    fn object_key(&mut self, key: &mut Expr) -> Result<()> {
        let name = match &key.kind {
            ExprKind::Variable(name) => Some(normalised(name)),
            ExprKind::Null => Some("null".into()),
            ExprKind::Bool(true) => Some("true".into()),
            ExprKind::Bool(false) => Some("false".into()),
            _ => None,
        };
        if let Some(name) = name {
            key.kind = ExprKind::String(name);
        }
        let token = self.peek();
        if matches!(token.kind, Kind::Assign | Kind::Colon) {
            self.pos += 1;
            return Ok(());
        }
        let found = self.found(token);
        let message = format!("expected `=` or `:` after an object's key, found {found}");
        let help = (token.kind == Kind::Ident)
            .then_some("a key with spaces or points in it stands in quotes");
        Err(self.fail(token, message, help))
    }

    fn end_of_object_item(&mut self) -> Result<()> {
        let token = self.peek();
        match token.kind {
            Kind::Comma | Kind::Newline => {
                self.pos += 1;
                Ok(())
            }
            Kind::CloseBrace | Kind::End => Ok(()),
            _ => {
                let found = self.found(token);
                let message =
                    format!("expected a line break, `,` or `}}` after an item, found {found}");
                Err(self.fail(token, message, None))
            }
        }
    }

    /// `for k, v in collection : key => value... if condition` and the closing bracket.
    ///
    /// Counts as two levels, for it takes twice the stack.
    fn for_expression(&mut self, open: Token, closing: Kind) -> Result<Expr> {
        self.pos += 1;
        self.enter()?;
        let header = self.for_header()?;
        self.expect(Kind::Colon, "`:` after the collection of `for`")?;
        let result = self.for_result()?;
        let ellipsis = self.take(Kind::Ellipsis);
        let condition = self.for_condition()?;
        let what = match closing {
            Kind::CloseBrace => "`}` to end `for`",
            _ => "`]` to end `for`",
        };
        let close = self.expect(closing, what)?;
        self.leave();
        self.check_for(closing, &result, ellipsis);
        let span = self.span(open.start, close.end);
        Ok(for_expression(
            *header,
            *result,
            ellipsis.is_some(),
            condition,
            span,
        ))
    }

    /// `k, v in collection`, behind `for`.
    pub(super) fn for_header(&mut self) -> Result<Box<ForHeader>> {
        let (key_name, value_name) = self.for_names()?;
        let collection = self.expression()?;
        Ok(Box::new(ForHeader {
            key_name,
            value_name,
            collection,
        }))
    }

    fn for_names(&mut self) -> Result<(Option<Ident>, Ident)> {
        let first = self.expect(Kind::Ident, "a name after `for`")?;
        let second = match self.take(Kind::Comma) {
            Some(_) => Some(self.expect(Kind::Ident, "a second name after `,`")?),
            None => None,
        };
        let token = self.peek();
        if !self.is_word(token, "in") {
            let found = self.found(token);
            let message = format!("expected `in` after the names of `for`, found {found}");
            return Err(self.fail(token, message, None));
        }
        self.pos += 1;
        let first = self.ident(first);
        Ok(match second {
            Some(second) => (Some(first), self.ident(second)),
            None => (None, first),
        })
    }

    /// `key => value`, or the value alone.
    fn for_result(&mut self) -> Result<Box<ForResult>> {
        let first = self.expression()?;
        let mut result = Box::new(ForResult {
            key: None,
            value: first,
        });
        if self.take(Kind::FatArrow).is_some() {
            let value = self.expression()?;
            result.key = Some(std::mem::replace(&mut result.value, value));
        }
        Ok(result)
    }

    fn for_condition(&mut self) -> Result<Option<Expr>> {
        let next = self.peek();
        if !self.is_word(next, "if") {
            return Ok(None);
        }
        self.pos += 1;
        self.expression().map(Some)
    }

    fn check_for(&mut self, closing: Kind, result: &ForResult, ellipsis: Option<Token>) {
        let makes_object = closing == Kind::CloseBrace;
        let misplaced = match (makes_object, &result.key, ellipsis) {
            (true, None, _) => Some((result.value.span, "`for` in braces needs `key => value`")),
            (false, Some(key), _) => Some((key.span, "`for` in brackets makes a list: no key")),
            (false, None, Some(ellipsis)) => Some((
                self.token_span(ellipsis),
                "`...` groups by key: only for `for` in braces",
            )),
            _ => None,
        };
        if let Some((span, message)) = misplaced {
            self.report_at(span, message);
        }
    }

    /// What follows a term: `.name`, `.0`, `[key]` and the splat operators.
    fn steps(&mut self, mut expr: Expr) -> Result<Expr> {
        loop {
            let token = self.peek();
            if !matches!(token.kind, Kind::Dot | Kind::OpenBracket) {
                return Ok(expr);
            }
            self.pos += 1;
            expr = self.step(token, expr)?;
        }
    }

    fn step(&mut self, token: Token, source: Expr) -> Result<Expr> {
        let star = self.take(Kind::Star);
        match (token.kind, star) {
            (Kind::Dot, None) => self.attribute_step(source),
            (Kind::Dot, Some(star)) => self.attribute_splat(source, token, star),
            (_, None) => self.index(source),
            (_, Some(_)) => self.full_splat(source, token),
        }
    }

    /// `name`, or a number as in `list.0`, behind a point.
    fn attribute_step(&mut self, source: Expr) -> Result<Expr> {
        let token = self.peek();
        let source = Box::new(source);
        let span = source.span.to(self.token_span(token));
        let kind = match token.kind {
            Kind::Ident => ExprKind::Attr {
                source,
                name: self.ident(token),
            },
            Kind::Number => ExprKind::Index {
                source,
                key: Box::new(self.legacy_index(token)),
            },
            _ => {
                let found = self.found(token);
                let message = format!("expected a name after `.`, found {found}");
                return Err(self.fail(token, message, None));
            }
        };
        self.pos += 1;
        Ok(Expr { kind, span })
    }

    fn legacy_index(&mut self, token: Token) -> Expr {
        let text = self.slice(token.start, token.end);
        if let Some((first, second)) = text.split_once('.') {
            let message = "what stands behind a point reads as one number".to_owned();
            let short = first.len() + second.len() < 20 && !second.contains('.');
            let help = short.then(|| format!("write `[{first}][{second}]`"));
            self.fail(token, message, help.as_deref());
            let span = self.token_span(token);
            let kind = ExprKind::Invalid;
            return Expr { kind, span };
        }
        self.number(token)
    }

    fn attribute_splat(&mut self, source: Expr, dot: Token, star: Token) -> Result<Expr> {
        let mut each = Expr {
            kind: ExprKind::SplatItem,
            span: self.span(dot.start, star.end),
        };
        while self.take(Kind::Dot).is_some() {
            let token = self.peek();
            if token.kind == Kind::Star {
                let help = Some("use `[*]`");
                return Err(self.fail(token, "`.*` cannot follow `.*`", help));
            }
            each = self.attribute_step(each)?;
        }
        Ok(splat(source, each, SplatStyle::Attribute))
    }

    fn full_splat(&mut self, source: Expr, open: Token) -> Result<Expr> {
        let close = self.expect(Kind::CloseBracket, "`]` after `[*`")?;
        let item = Expr {
            kind: ExprKind::SplatItem,
            span: self.span(open.start, close.end),
        };
        self.enter()?;
        let each = self.steps(item)?;
        self.leave();
        Ok(splat(source, each, SplatStyle::Full))
    }

    fn index(&mut self, source: Expr) -> Result<Expr> {
        let newlines = std::mem::replace(&mut self.newlines, false);
        let key = Box::new(self.expression()?);
        let close = self.expect(Kind::CloseBracket, "`]` after an index")?;
        self.newlines = newlines;
        let span = source.span.to(self.token_span(close));
        let source = Box::new(source);
        let kind = ExprKind::Index { source, key };
        Ok(Expr { kind, span })
    }
}

/// `k, v in collection`
pub(super) struct ForHeader {
    pub key_name: Option<Ident>,
    pub value_name: Ident,
    pub collection: Expr,
}

struct ForResult {
    key: Option<Expr>,
    value: Expr,
}

fn for_expression(
    header: ForHeader,
    result: ForResult,
    group: bool,
    condition: Option<Expr>,
    span: Span,
) -> Expr {
    let parts = For {
        key_name: header.key_name,
        value_name: header.value_name,
        collection: header.collection,
        key: result.key,
        value: result.value,
        condition,
        group,
    };
    let kind = ExprKind::For(Box::new(parts));
    Expr { kind, span }
}

fn conditional(predicate: Expr, yes: Expr, no: Expr) -> Expr {
    let span = predicate.span.to(no.span);
    let conditional = Conditional { predicate, yes, no };
    let kind = ExprKind::Conditional(Box::new(conditional));
    Expr { kind, span }
}

fn binary(operator: BinaryOperator, left: Expr, right: Expr) -> Expr {
    let span = left.span.to(right.span);
    let binary = Binary {
        operator,
        left,
        right,
    };
    let kind = ExprKind::Binary(Box::new(binary));
    Expr { kind, span }
}

fn splat(source: Expr, each: Expr, style: SplatStyle) -> Expr {
    let span = source.span.to(each.span);
    let kind = ExprKind::Splat {
        source: Box::new(source),
        each: Box::new(each),
        style,
    };
    Expr { kind, span }
}

/// Digits, a fraction, an exponent. The scanner has seen to it that the text begins with a digit and holds nothing
/// but digits, points and exponents.
fn is_number(text: &str) -> bool {
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], &text[at + 1..]),
        None => (text, ""),
    };
    mantissa.matches('.').count() <= 1 && !exponent.contains(['.', 'e', 'E'])
}

/// The operator of a token, and how tightly it binds.
fn binary_operator(kind: Kind) -> Option<(BinaryOperator, u8)> {
    Some(match kind {
        Kind::Or => (BinaryOperator::Or, 0),
        Kind::And => (BinaryOperator::And, 1),
        Kind::Equal => (BinaryOperator::Equal, 2),
        Kind::NotEqual => (BinaryOperator::NotEqual, 2),
        Kind::Greater => (BinaryOperator::Greater, 3),
        Kind::GreaterOrEqual => (BinaryOperator::GreaterOrEqual, 3),
        Kind::Less => (BinaryOperator::Less, 3),
        Kind::LessOrEqual => (BinaryOperator::LessOrEqual, 3),
        Kind::Plus => (BinaryOperator::Add, 4),
        Kind::Minus => (BinaryOperator::Subtract, 4),
        Kind::Star => (BinaryOperator::Multiply, 5),
        Kind::Slash => (BinaryOperator::Divide, 5),
        Kind::Percent => (BinaryOperator::Modulo, 5),
        _ => return None,
    })
}
