//! `lifecycle`: how an object is replaced, what is left alone, and what must hold before and after.

use super::{Decoder, take};
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
        self.triggers(&lifecycle.replace_triggered_by);
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

    fn triggers(&mut self, triggers: &[Expr]) {
        for trigger in triggers {
            let about = references(trigger, &|_| None);
            let named = about
                .iter()
                .any(|one| matches!(one.target, Target::Resource(..)));
            let quoted = matches!(&trigger.kind, ExprKind::String(_));
            if !named && !quoted {
                let message = "only a change of a resource can replace another".to_owned();
                self.refuse(message, trigger.span);
            }
        }
    }

    fn ignored(&mut self, mut attribute: Attribute) -> IgnoreChanges {
        let wildcard = |expr: &Expr| matches!(&expr.kind, ExprKind::String(name) if &**name == "*");
        let all = |expr: &Expr| match &expr.kind {
            ExprKind::Variable(name) | ExprKind::String(name) => &**name == "all",
            _ => wildcard(expr),
        };
        if all(&attribute.expr) {
            return IgnoreChanges::All(attribute.span);
        }
        match &mut attribute.expr.kind {
            ExprKind::Tuple(elements) if elements.len() == 1 && all(&elements[0]) => {
                IgnoreChanges::All(attribute.span)
            }
            ExprKind::Tuple(elements) => {
                if let Some(element) = elements.iter().find(|one| wildcard(one)) {
                    let message = "`*` is for all attributes, and stands alone".to_owned();
                    self.refuse(message, element.span);
                }
                IgnoreChanges::Attributes(std::mem::take(elements))
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
