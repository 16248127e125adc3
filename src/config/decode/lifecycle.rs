//! `lifecycle`: how an object is replaced, what is left alone, and what must hold before and after.

use super::traversal::steps;
use super::{Decoder, take, unquoted};
use crate::address::{self, ResourceMode};
use crate::config::{Condition, IgnoreChanges, Lifecycle, Target, references};
use crate::syntax::{Attribute, Block, Body, Expr, ExprKind};

impl Decoder<'_> {
    pub(super) fn lifecycle(
        &mut self,
        block: Block,
        of: &address::Resource,
        lifecycle: &mut Lifecycle,
    ) {
        let mut body = block.body;
        lifecycle.preconditions = self.conditions(&mut body, "precondition");
        lifecycle.postconditions = self.conditions(&mut body, "postcondition");
        let conditions = lifecycle.preconditions.iter();
        for condition in conditions.chain(&lifecycle.postconditions) {
            self.about_itself(condition, of);
        }
        if of.mode != ResourceMode::Managed {
            self.only(
                &body,
                &[],
                &[],
                &format!("lifecycle` of `{}", of.mode.keyword()),
            );
            return;
        }
        lifecycle.prevent_destroy = self.switch(&mut body, "prevent_destroy");
        lifecycle.create_before_destroy = self.switch(&mut body, "create_before_destroy");
        lifecycle.replace_triggered_by = self.expressions(&mut body, "replace_triggered_by");
        self.triggers(&lifecycle.replace_triggered_by, of);
        if let Some(attribute) = take(&mut body, "ignore_changes") {
            lifecycle.ignore_changes = self.ignored(attribute);
        }
        self.only(&body, &["destroy"], &["action_trigger"], "lifecycle");
    }

    /// A condition names its own object as `self`, and before the object is there not at all.
    fn about_itself(&mut self, condition: &Condition, of: &address::Resource) {
        let exprs = [Some(&condition.condition), condition.error_message.as_ref()];
        for expr in exprs.into_iter().flatten() {
            for reference in references(expr, &|_| None) {
                if matches!(&reference.target, Target::Resource(named, _) if named == of) {
                    self.refuse(format!("`{of}` refers to itself"), reference.span);
                }
            }
        }
    }

    /// An argument that is true or false. What it is made of is left to OpenTofu's later versions, which evaluate it.
    fn switch(&mut self, body: &mut Body, name: &str) -> Option<Attribute> {
        let attribute = take(body, name)?;
        let fits = match &attribute.expr.kind {
            ExprKind::String(text) => matches!(&**text, "true" | "false"),
            ExprKind::Number(_) | ExprKind::Tuple(_) | ExprKind::Object(_) => false,
            _ => true,
        };
        if !fits {
            self.refuse(format!("`{name}` is `true` or `false`"), attribute.span);
        }
        Some(attribute)
    }

    /// A resource, an instance of it, or an attribute of one.
    fn triggers(&mut self, triggers: &[Expr], of: &address::Resource) {
        for trigger in triggers {
            if !is_trigger(trigger) {
                let message = "only a change of a resource can replace another".to_owned();
                self.refuse(message, trigger.span);
            } else if references(trigger, &|_| None)
                .iter()
                .any(|one| matches!(&one.target, Target::Resource(named, _) if named == of))
            {
                self.refuse(format!("`{of}` refers to itself"), trigger.span);
            }
        }
    }

    /// What `lifecycle` in a `removed` block says.
    pub(super) fn removal(&mut self, block: Block) {
        let mut body = block.body;
        self.flag(&mut body, "destroy", true);
        self.only(&body, &[], &[], "lifecycle");
    }

    fn ignored(&mut self, mut attribute: Attribute) -> IgnoreChanges {
        let wildcard = |expr: &Expr| matches!(&expr.kind, ExprKind::String(name) if &**name == "*");
        match &mut attribute.expr.kind {
            ExprKind::Variable(name) if &**name == "all" => IgnoreChanges::All(attribute.span),
            ExprKind::Tuple(elements) => {
                let mut named = Vec::with_capacity(elements.len());
                for element in std::mem::take(elements) {
                    if wildcard(&element) {
                        let message =
                            "`*` is no attribute: `ignore_changes = all` is for all of them"
                                .to_owned();
                        self.refuse(message, element.span);
                        continue;
                    }
                    let element = unquoted(element);
                    match steps(&element) {
                        Some(_) => named.push(element),
                        None => {
                            self.refuse("not an attribute to ignore".to_owned(), element.span);
                        }
                    }
                }
                IgnoreChanges::Attributes(named)
            }
            _ => {
                self.refuse(
                    "`ignore_changes` is a list of attributes, or `all`".to_owned(),
                    attribute.span,
                );
                IgnoreChanges::Nothing
            }
        }
    }
}

/// Whether an expression is a reference to a resource whose keys are constants, `count.index` or `each.key`.
fn is_trigger(trigger: &Expr) -> bool {
    let mut root = None;
    for link in trigger.spine() {
        match &link.kind {
            ExprKind::Variable(name) => root = Some(name),
            ExprKind::Attr { .. } => {}
            ExprKind::Index { key, .. } if is_trigger_key(key) => {}
            _ => return false,
        }
    }
    let own = [
        "var",
        "local",
        "module",
        "path",
        "terraform",
        "each",
        "count",
        "self",
    ];
    let names_object = || {
        let found = references(trigger, &|_| None);
        (found.iter()).any(|one| matches!(one.target, Target::Resource(..)))
    };
    root.is_some_and(|root| !own.contains(&&**root)) && names_object()
}

fn is_trigger_key(key: &Expr) -> bool {
    match &key.kind {
        ExprKind::String(_) | ExprKind::Number(_) => true,
        ExprKind::Attr { source, name } => {
            let ExprKind::Variable(root) = &source.kind else {
                return false;
            };
            matches!((&**root, &*name.name), ("count", "index") | ("each", "key"))
        }
        _ => false,
    }
}
