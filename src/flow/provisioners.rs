//! What provisioners and connections are handed as secrets. No plan holds it: it only tells what the variables hold.

use std::sync::Arc;

use super::locate;
use crate::config::{Target, references};
use crate::eval::{Evaluation, ModuleState};
use crate::plan::{Handed, Subject};
use crate::secret::is_secret_name;
use crate::syntax::{Block, Expr, ExprKind};

/// The variables and locals that they are handed under the names of secrets, in every module instance.
pub(super) fn handed(evaluation: &Arc<Evaluation>) -> Vec<Handed> {
    let mut found = Vec::new();
    for module in locate::modules(evaluation) {
        for resource in module.config.module.resources.values() {
            for block in &resource.provisioners {
                of_block(&module, block, &mut found);
            }
        }
    }
    found
}

fn of_block(module: &ModuleState, block: &Block, found: &mut Vec<Handed>) {
    for attribute in &block.body.attributes {
        let mut secrets = Vec::new();
        named(&attribute.name.name, &attribute.expr, &mut secrets);
        for (name, expr) in secrets {
            let subjects = references(expr, &|_| None).into_iter();
            let subjects = subjects.filter_map(|reference| subject(module, reference.target));
            found.extend(subjects.map(|subject| Handed {
                block: Arc::clone(&block.kind.name),
                name: Arc::clone(name),
                subject,
            }));
        }
    }
    for inner in &block.body.blocks {
        of_block(module, inner, found);
    }
}

/// The expressions that stand under the names of secrets.
fn named<'a>(name: &'a Arc<str>, expr: &'a Expr, found: &mut Vec<(&'a Arc<str>, &'a Expr)>) {
    if is_secret_name(name) {
        found.push((name, expr));
    } else if let ExprKind::Object(items) = &expr.kind {
        for item in items {
            if let ExprKind::String(key) | ExprKind::Variable(key) = &item.key.kind {
                named(key, &item.value, found);
            }
        }
    }
}

fn subject(module: &ModuleState, target: Target) -> Option<Subject> {
    match target {
        Target::Variable(name) => Some(Subject::Variable(module.instance.clone(), name)),
        Target::Local(name) => Some(Subject::Local(module.instance.clone(), name)),
        Target::Module(..) | Target::Resource(..) | Target::Repetition => None,
    }
}
