//! The syntax tree: what a file says, with the span of everything, before any meaning is given to it.

use std::sync::Arc;

use crate::source::Span;

/// A name with the place where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Ident {
    /// The name as it is written: Terraform compares names byte by byte, unlike strings.
    pub name: Arc<str>,
    /// Where it stands.
    pub span: Span,
}

/// What stands between a pair of braces, or the whole file.
#[derive(Clone, Debug, Default)]
pub struct Body {
    /// Attributes in source order; names are unique.
    pub attributes: Vec<Attribute>,
    /// Blocks in source order.
    pub blocks: Vec<Block>,
    /// From the first byte to the last; absent for a body that no text stands behind.
    pub span: Option<Span>,
}

impl Body {
    /// The attribute of that name.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes
            .iter()
            .find(|attribute| &*attribute.name.name == name)
    }

    /// The blocks of that type, in source order.
    pub fn blocks_of<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Block> + 'a {
        self.blocks
            .iter()
            .filter(move |block| &*block.kind.name == kind)
    }
}

/// `name = expression`
#[derive(Clone, Debug)]
pub struct Attribute {
    /// The name.
    pub name: Ident,
    /// The right-hand side.
    pub expr: Expr,
    /// Name and expression together.
    pub span: Span,
}

/// `kind "label" { … }`
#[derive(Clone, Debug)]
pub struct Block {
    /// The block's type, such as `resource`.
    pub kind: Ident,
    /// Its labels, quoted or bare.
    pub labels: Vec<Ident>,
    /// What stands in it.
    pub body: Body,
    /// The header: type and labels.
    pub header: Span,
    /// The header to the closing brace.
    pub span: Span,
}

/// An expression and where it stands.
///
/// What can nest inside brackets is limited by [`MAX_DEPTH`](super::MAX_DEPTH), so that recursion into it is safe. A
/// chain (`a + b + …`, `a.b[0]…`) nests to the left and can be as long as the file: go along it with
/// [`Expr::spine`], or visit everything with [`Expr::walk`].
#[derive(Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Its text.
    pub span: Span,
}

/// The kinds of expression that HCL native syntax knows; JSON syntax is read into the same.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number, as it is written in the source: digits, optional fraction and exponent.
    Number(Arc<str>),
    /// A quoted string or heredoc without any interpolation: its value, escapes resolved, NFC-normalised.
    String(Arc<str>),
    /// A quoted string or heredoc with interpolations or directives.
    Template(Box<Template>),
    /// A name at the root of a reference, as it is written: `var`, `local`, `aws_lb`, `each` …
    Variable(Arc<str>),
    /// `source.name`, and `source.0` as HCL's old index syntax reads it (then [`ExprKind::Index`] with a number).
    Attr {
        /// What it is taken from.
        source: Box<Expr>,
        /// The attribute.
        name: Ident,
    },
    /// `source[key]`
    Index {
        /// What it is taken from.
        source: Box<Expr>,
        /// The key.
        key: Box<Expr>,
    },
    /// `source.*…` or `source[*]…`. What follows is applied to each element: `each` is an expression in which
    /// [`ExprKind::SplatItem`] stands for the element.
    Splat {
        /// What is iterated.
        source: Box<Expr>,
        /// Applied to each element.
        each: Box<Expr>,
        /// Which of the two operators; they differ in what follows them.
        style: SplatStyle,
    },
    /// The element inside [`ExprKind::Splat`]'s `each`.
    SplatItem,
    /// `name(arguments…)`
    Call(Box<Call>),
    /// `[a, b]`
    Tuple(Vec<Expr>),
    /// `{ a = b }`, in source order; the last of equal keys wins.
    Object(Vec<ObjectItem>),
    /// `[for …]`, `{for …}`
    For(Box<For>),
    /// `predicate ? yes : no`
    Conditional(Box<Conditional>),
    /// `!x`, `-x`
    Unary {
        /// Which.
        operator: UnaryOperator,
        /// On what.
        operand: Box<Expr>,
    },
    /// `a + b` and the like
    Binary(Box<Binary>),
    /// `( x )`: kept, because `(k) = v` in an object is not `k = v`.
    Parens(Box<Expr>),
    /// Text that could not be parsed; an error was reported. Evaluates to an unknown value.
    Invalid,
}

impl Expr {
    /// What a chain goes on from: the left operand of a binary operator, or what an attribute, index or splat is
    /// taken from.
    pub fn source(&self) -> Option<&Expr> {
        match &self.kind {
            ExprKind::Attr { source, .. }
            | ExprKind::Index { source, .. }
            | ExprKind::Splat { source, .. } => Some(source),
            ExprKind::Binary(binary) => Some(&binary.left),
            _ => None,
        }
    }

    fn source_mut(&mut self) -> Option<&mut Expr> {
        match &mut self.kind {
            ExprKind::Attr { source, .. }
            | ExprKind::Index { source, .. }
            | ExprKind::Splat { source, .. } => Some(source),
            ExprKind::Binary(binary) => Some(&mut binary.left),
            _ => None,
        }
    }

    /// The chain that ends in this expression, outermost first: this one, its [source](Expr::source), and so on. To
    /// evaluate a long chain without recursion, collect it and go backwards.
    pub fn spine(&self) -> impl Iterator<Item = &Expr> {
        std::iter::successors(Some(self), |expr| expr.source())
    }

    /// Visits this expression and everything in it, each before what it consists of, in source order but for the
    /// links of a chain, which come from the last to the first.
    pub fn walk<'a>(&'a self, mut visit: impl FnMut(&'a Expr)) {
        let mut waiting = vec![self];
        while let Some(expr) = waiting.pop() {
            visit(expr);
            let first = waiting.len();
            expr.for_each_child(&mut |child| waiting.push(child));
            waiting[first..].reverse();
        }
    }

    /// Calls the function for each expression directly in this one, in source order.
    pub fn for_each_child<'a>(&'a self, visit: &mut impl FnMut(&'a Expr)) {
        match &self.kind {
            ExprKind::Null
            | ExprKind::Bool(_)
            | ExprKind::Number(_)
            | ExprKind::String(_)
            | ExprKind::Variable(_)
            | ExprKind::SplatItem
            | ExprKind::Invalid => {}
            ExprKind::Template(template) => template.for_each_child(visit),
            ExprKind::Attr { source, .. } => visit(source),
            ExprKind::Index { source, key } => {
                visit(source);
                visit(key);
            }
            ExprKind::Splat { source, each, .. } => {
                visit(source);
                visit(each);
            }
            ExprKind::Call(call) => call.arguments.iter().for_each(visit),
            ExprKind::Tuple(items) => items.iter().for_each(visit),
            ExprKind::Object(items) => {
                for item in items {
                    visit(&item.key);
                    visit(&item.value);
                }
            }
            ExprKind::For(parts) => {
                visit(&parts.collection);
                parts.key.iter().for_each(&mut *visit);
                visit(&parts.value);
                parts.condition.iter().for_each(visit);
            }
            ExprKind::Conditional(conditional) => {
                visit(&conditional.predicate);
                visit(&conditional.yes);
                visit(&conditional.no);
            }
            ExprKind::Unary { operand, .. } => visit(operand),
            ExprKind::Binary(binary) => {
                visit(&binary.left);
                visit(&binary.right);
            }
            ExprKind::Parens(inner) => visit(inner),
        }
    }

    /// A copy of everything but the source, which is given.
    fn clone_onto(&self, source: Expr) -> Expr {
        let kind = match &self.kind {
            ExprKind::Attr { name, .. } => ExprKind::Attr {
                source: Box::new(source),
                name: name.clone(),
            },
            ExprKind::Index { key, .. } => ExprKind::Index {
                source: Box::new(source),
                key: key.clone(),
            },
            ExprKind::Splat { each, style, .. } => ExprKind::Splat {
                source: Box::new(source),
                each: each.clone(),
                style: *style,
            },
            ExprKind::Binary(binary) => ExprKind::Binary(Box::new(Binary {
                operator: binary.operator,
                left: source,
                right: binary.right.clone(),
            })),
            other => other.clone(),
        };
        let span = self.span;
        Expr { kind, span }
    }
}

/// Along a chain without recursion, for a chain can be as long as the file.
impl Clone for Expr {
    fn clone(&self) -> Expr {
        let mut chain: Vec<&Expr> = self.spine().collect();
        let innermost = chain.pop().expect("a spine holds its expression");
        let first = Expr {
            kind: innermost.kind.clone(),
            span: innermost.span,
        };
        let links = chain.iter().rev();
        links.fold(first, |source, link| link.clone_onto(source))
    }
}

/// Along a chain without recursion, for a chain can be as long as the file.
impl Drop for Expr {
    fn drop(&mut self) {
        let mut next = detach_source(self);
        while let Some(mut expr) = next {
            next = detach_source(&mut expr);
        }
    }
}

/// Takes out the source of a chain's link, unless the chain ends there anyway.
fn detach_source(expr: &mut Expr) -> Option<Expr> {
    let source = expr.source_mut()?;
    source.source()?;
    let nothing = Expr {
        kind: ExprKind::Null,
        span: source.span,
    };
    Some(std::mem::replace(source, nothing))
}

/// Which splat operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SplatStyle {
    /// `.*`: only attribute names that follow belong to each element; `[0]` takes from the result.
    Attribute,
    /// `[*]`: everything that follows belongs to each element.
    Full,
}

/// A function call.
#[derive(Clone, Debug)]
pub struct Call {
    /// The function's name, `provider::ns::name` included.
    pub name: Ident,
    /// Its arguments.
    pub arguments: Vec<Expr>,
    /// Whether the last argument ends in `...`.
    pub expand_last: bool,
}

/// `key = value` or `key : value` in an object.
#[derive(Clone, Debug)]
pub struct ObjectItem {
    /// The key. A bare name is [`ExprKind::String`] here, NFC-normalised and with its span; any other expression stands as it is
    /// (a traversal such as `a.b` stands as reference and is refused by Terraform unless in parentheses).
    pub key: Expr,
    /// The value.
    pub value: Expr,
}

/// A `for` expression.
#[derive(Clone, Debug)]
pub struct For {
    /// `k` in `for k, v in …`
    pub key_name: Option<Ident>,
    /// `v`
    pub value_name: Ident,
    /// What is iterated.
    pub collection: Expr,
    /// The key's expression: present makes it `{for …}`.
    pub key: Option<Expr>,
    /// The value's expression.
    pub value: Expr,
    /// After `if`.
    pub condition: Option<Expr>,
    /// `...` after the value: values are grouped by key.
    pub group: bool,
}

/// `predicate ? yes : no`
#[derive(Clone, Debug)]
pub struct Conditional {
    /// Before `?`.
    pub predicate: Expr,
    /// When true.
    pub yes: Expr,
    /// When false.
    pub no: Expr,
}

/// A binary operation.
#[derive(Clone, Debug)]
pub struct Binary {
    /// Which.
    pub operator: BinaryOperator,
    /// Left.
    pub left: Expr,
    /// Right.
    pub right: Expr,
}

/// `!` and `-`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum UnaryOperator {
    Not,
    Negate,
}

/// HCL's binary operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum BinaryOperator {
    Or,
    And,
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
}

/// A template: literal text, interpolations and directives in order. Strip markers (`~`) and heredoc indentation are
/// already applied to the literals.
#[derive(Clone, Debug)]
pub struct Template {
    /// The parts.
    pub parts: Vec<TemplatePart>,
}

impl Template {
    /// The only interpolation of a template that is nothing else (`"${x}"`): it keeps the type of its value.
    /// Heredocs never count, for they end in a line break.
    pub fn sole_interpolation(&self) -> Option<&Expr> {
        match self.parts.as_slice() {
            [TemplatePart::Interpolation(expr)] => Some(expr),
            _ => None,
        }
    }
}

impl Template {
    fn for_each_child<'a>(&'a self, visit: &mut impl FnMut(&'a Expr)) {
        for part in &self.parts {
            match part {
                TemplatePart::Literal(_) => {}
                TemplatePart::Interpolation(expr) => visit(expr),
                TemplatePart::If { condition, yes, no } => {
                    visit(condition);
                    yes.for_each_child(visit);
                    no.for_each_child(visit);
                }
                TemplatePart::For {
                    collection, body, ..
                } => {
                    visit(collection);
                    body.for_each_child(visit);
                }
            }
        }
    }
}

/// A part of a template.
#[derive(Clone, Debug)]
pub enum TemplatePart {
    /// Text, escapes resolved.
    Literal(Arc<str>),
    /// `${ … }`
    Interpolation(Expr),
    /// `%{ if … } … %{ else } … %{ endif }`
    If {
        /// The condition.
        condition: Expr,
        /// When true.
        yes: Template,
        /// When false; empty without `%{ else }`.
        no: Template,
    },
    /// `%{ for … } … %{ endfor }`
    For {
        /// `k` in `for k, v in …`
        key_name: Option<Ident>,
        /// `v`
        value_name: Ident,
        /// What is iterated.
        collection: Expr,
        /// Repeated for each element.
        body: Template,
    },
}

/// A comment: waivers are written in them.
#[derive(Clone, Debug)]
pub struct Comment {
    /// Marker and text, without the line break.
    pub span: Span,
}
