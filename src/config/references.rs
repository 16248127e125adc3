//! The references in an expression.

use std::sync::Arc;

use crate::address::{Resource, ResourceMode};
use crate::source::Span;
use crate::syntax::{Body, Expr, ExprKind, Template, TemplatePart};

/// A reference and where it stands.
#[derive(Clone, Debug)]
pub struct Reference<'a> {
    /// To what.
    pub target: Target,
    /// The whole of it, steps included.
    pub expr: &'a Expr,
    /// Where.
    pub span: Span,
}

/// What a reference names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// `var.name`
    Variable(Arc<str>),
    /// `local.name`
    Local(Arc<str>),
    /// `module.call`, and the output where one is named.
    Module(Arc<str>, Option<Arc<str>>),
    /// A resource or data source, and the first attribute where one is named.
    Resource(Resource, Option<Arc<str>>),
    /// `each.key`, `each.value`, `count.index`
    Repetition,
}

/// Decides which arms of a conditional are looked at.
pub type Taken<'a> = dyn Fn(&Expr) -> Option<bool> + 'a;

/// Every reference in an expression, in source order, names bound by `for` left out.
///
/// Of a conditional only the arm that `taken` decides for is looked at, and the predicate always.
pub fn references<'a>(expr: &'a Expr, taken: &Taken<'_>) -> Vec<Reference<'a>> {
    let mut walk = Walk {
        found: Vec::new(),
        bound: Vec::new(),
        taken,
    };
    walk.expr(expr);
    walk.found
}

/// Every reference in a body, blocks and all arms included.
pub fn references_of_body(body: &Body) -> Vec<Reference<'_>> {
    let mut found = Vec::new();
    let mut bodies = vec![body];
    while let Some(body) = bodies.pop() {
        for attribute in &body.attributes {
            found.extend(references(&attribute.expr, &|_| None));
        }
        bodies.extend(body.blocks.iter().map(|block| &block.body));
    }
    found
}

struct Walk<'a, 't> {
    found: Vec<Reference<'a>>,
    bound: Vec<Arc<str>>,
    taken: &'t Taken<'t>,
}

impl<'a> Walk<'a, '_> {
    fn expr(&mut self, expr: &'a Expr) {
        match &expr.kind {
            ExprKind::Variable(_) | ExprKind::Attr { .. } | ExprKind::Index { .. } => {
                self.chain(expr, None);
            }
            ExprKind::Splat { source, each, .. } => {
                let first = first_attribute(each);
                self.chain(source, first);
                self.expr(each);
            }
            ExprKind::Template(template) => self.template(template),
            ExprKind::Call(call) => call
                .arguments
                .iter()
                .for_each(|argument| self.expr(argument)),
            ExprKind::Tuple(elements) => elements.iter().for_each(|element| self.expr(element)),
            ExprKind::Object(items) => {
                for item in items {
                    self.expr(&item.key);
                    self.expr(&item.value);
                }
            }
            ExprKind::For(one) => {
                self.expr(&one.collection);
                let depth = self.bound.len();
                self.bound.extend(
                    one.key_name
                        .iter()
                        .chain([&one.value_name])
                        .map(|name| Arc::clone(&name.name)),
                );
                for inner in one.key.iter().chain([&one.value]).chain(&one.condition) {
                    self.expr(inner);
                }
                self.bound.truncate(depth);
            }
            ExprKind::Conditional(conditional) => {
                self.expr(&conditional.predicate);
                let decided = (self.taken)(&conditional.predicate);
                if decided != Some(false) {
                    self.expr(&conditional.yes);
                }
                if decided != Some(true) {
                    self.expr(&conditional.no);
                }
            }
            ExprKind::Unary { operand, .. } => self.expr(operand),
            ExprKind::Binary(_) => self.operators(expr),
            ExprKind::Parens(inner) => self.expr(inner),
            ExprKind::Null
            | ExprKind::Bool(_)
            | ExprKind::Number(_)
            | ExprKind::String(_)
            | ExprKind::SplatItem
            | ExprKind::Invalid => {}
        }
    }

    /// Chains of operators are thousands deep in generated code: walked, not recursed into.
    fn operators(&mut self, expr: &'a Expr) {
        let mut rights = Vec::new();
        let mut left = expr;
        while let ExprKind::Binary(binary) = &left.kind {
            rights.push(&binary.right);
            left = &binary.left;
        }
        self.expr(left);
        rights.into_iter().rev().for_each(|right| self.expr(right));
    }

    fn template(&mut self, template: &'a Template) {
        for part in &template.parts {
            match part {
                TemplatePart::Literal(_) => {}
                TemplatePart::Interpolation(expr) => self.expr(expr),
                TemplatePart::If { condition, yes, no } => {
                    self.expr(condition);
                    let decided = (self.taken)(condition);
                    if decided != Some(false) {
                        self.template(yes);
                    }
                    if decided != Some(true) {
                        self.template(no);
                    }
                }
                TemplatePart::For {
                    key_name,
                    value_name,
                    collection,
                    body,
                } => {
                    self.expr(collection);
                    let depth = self.bound.len();
                    self.bound.extend(
                        key_name
                            .iter()
                            .chain([value_name])
                            .map(|name| Arc::clone(&name.name)),
                    );
                    self.template(body);
                    self.bound.truncate(depth);
                }
            }
        }
    }

    /// A chain of steps; `after` is the attribute that a splat takes from it.
    fn chain(&mut self, expr: &'a Expr, after: Option<Arc<str>>) {
        let mut names: Vec<Option<Arc<str>>> = Vec::new();
        let mut root = expr;
        loop {
            match &root.kind {
                ExprKind::Attr { source, name } => {
                    names.push(Some(Arc::clone(&name.name)));
                    root = source;
                }
                ExprKind::Index { source, key } => {
                    self.expr(key);
                    names.push(None);
                    root = source;
                }
                _ => break,
            }
        }
        names.reverse();
        let ExprKind::Variable(name) = &root.kind else {
            return self.expr(root);
        };
        if self.bound.contains(name) {
            return;
        }
        if let Some(target) = target(name, &names, after) {
            self.found.push(Reference {
                target,
                expr,
                span: expr.span,
            });
        }
    }
}

fn first_attribute(each: &Expr) -> Option<Arc<str>> {
    let mut first = None;
    let mut at = each;
    loop {
        match &at.kind {
            ExprKind::Attr { source, name } => {
                first = Some(Arc::clone(&name.name));
                at = source;
            }
            ExprKind::Index { source, .. } => at = source,
            _ => return first,
        }
    }
}

fn target(root: &str, names: &[Option<Arc<str>>], after: Option<Arc<str>>) -> Option<Target> {
    let name = |at: usize| names.get(at).cloned().flatten();
    // The first name after an instance key, or what a splat takes.
    let attribute = |from: usize| names.iter().skip(from).flatten().next().cloned().or(after);
    match root {
        "var" => Some(Target::Variable(name(0)?)),
        "local" => Some(Target::Local(name(0)?)),
        "module" => Some(Target::Module(name(0)?, attribute(1))),
        "each" | "count" => Some(Target::Repetition),
        "path" | "terraform" | "tofu" | "self" => None,
        "data" | "ephemeral" => {
            let mode = if root == "data" {
                ResourceMode::Data
            } else {
                ResourceMode::Ephemeral
            };
            let resource = Resource {
                mode,
                kind: name(0)?,
                name: name(1)?,
            };
            Some(Target::Resource(resource, attribute(2)))
        }
        // A longer way to say the same.
        "resource" => {
            let resource = Resource {
                mode: ResourceMode::Managed,
                kind: name(0)?,
                name: name(1)?,
            };
            Some(Target::Resource(resource, attribute(2)))
        }
        kind => {
            let resource = Resource {
                mode: ResourceMode::Managed,
                kind: kind.into(),
                name: name(0)?,
            };
            Some(Target::Resource(resource, attribute(1)))
        }
    }
}
