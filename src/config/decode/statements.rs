//! What can be said of statements once the whole module is read: that what they wait for is declared, and that addresses
//! are of the kind that the statement is about.

use super::{Decoder, refused};
use crate::config::{Module, Target, references};
use crate::problem::Problem;
use crate::syntax::{Expr, ExprKind};

impl Decoder<'_> {
    pub(super) fn statements(&mut self) {
        let mut problems = Vec::new();
        let module = &*self.module;
        for resource in module.resources.values() {
            let triggers = &resource.lifecycle.replace_triggered_by;
            declared(module, &resource.depends_on, &mut problems);
            declared(module, triggers, &mut problems);
        }
        for call in module.calls.values() {
            declared(module, &call.depends_on, &mut problems);
        }
        for output in module.outputs.values() {
            declared(module, &output.depends_on, &mut problems);
        }
        for moved in &module.moved {
            if let (Some(from), Some(to)) = (Kind::of(&moved.from), Kind::of(&moved.to))
                && from != to
            {
                let message = format!("a {from} cannot become a {to}");
                problems.push(refused(message, moved.span));
            }
        }
        for removed in &module.removed {
            problems.extend(removable(&removed.from));
        }
        self.module.problems.extend(problems);
    }
}

/// Terraform asks that of what has no instance as well.
fn declared(module: &Module, exprs: &[Expr], problems: &mut Vec<Problem>) {
    for reference in exprs.iter().flat_map(|expr| references(expr, &|_| None)) {
        let missing = match &reference.target {
            Target::Variable(name) if !module.variables.contains_key(name) => format!("var.{name}"),
            Target::Local(name) if !module.locals.contains_key(name) => format!("local.{name}"),
            Target::Module(name, _) if !module.calls.contains_key(name) => format!("module.{name}"),
            Target::Resource(resource, _) if !module.resources.contains_key(resource) => {
                resource.to_string()
            }
            _ => continue,
        };
        let message = format!("`{missing}` is not declared");
        problems.push(refused(message, reference.span));
    }
}

/// What `removed` names is a whole block: no instance of it, and nothing that is only read.
fn removable(from: &Expr) -> Option<Problem> {
    for link in from.spine() {
        let message = match &link.kind {
            ExprKind::Index { .. } => "a `removed` block is about all instances: no key here",
            ExprKind::Variable(name) if &**name == "data" => {
                "a data source is not in the state to be removed from it"
            }
            _ => continue,
        };
        return Some(refused(message.to_owned(), from.span));
    }
    None
}

/// What an address is of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Module,
    Resource,
}

impl Kind {
    fn of(address: &Expr) -> Option<Self> {
        let mut names: Vec<&str> = Vec::new();
        for link in address.spine() {
            match &link.kind {
                ExprKind::Variable(name) => names.push(name),
                ExprKind::Attr { name, .. } => names.push(&name.name),
                ExprKind::Index { .. } => {}
                _ => return None,
            }
        }
        names.reverse();
        // `module.name` as often as it stands there, and the resource in the last one.
        let mut rest = &names[..];
        while let ["module", _, inner @ ..] = rest {
            rest = inner;
        }
        match rest {
            [] => Some(Self::Module),
            [_, _] => Some(Self::Resource),
            _ => None,
        }
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Module => "module",
            Self::Resource => "resource",
        })
    }
}
