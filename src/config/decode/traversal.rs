//! What Terraform reads as an address and evaluates nothing of: names and constant keys, one after the other.

use crate::syntax::{Expr, ExprKind};

/// One step of an address.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Step {
    /// A name at the beginning, or behind a dot.
    Name(String),
    /// `["key"]`
    Key(String),
    /// `[0]`
    Index(String),
}

/// The steps of an expression that is nothing else.
pub(super) fn steps(expr: &Expr) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    for link in expr.spine() {
        steps.push(match &link.kind {
            ExprKind::Variable(name) => Step::Name(name.to_string()),
            ExprKind::Attr { name, .. } => Step::Name(name.name.to_string()),
            ExprKind::Index { key, .. } => match &key.kind {
                ExprKind::String(key) => Step::Key(key.to_string()),
                ExprKind::Number(index) => Step::Index(index.to_string()),
                _ => return None,
            },
            _ => return None,
        });
    }
    steps.reverse();
    Some(steps)
}

/// What an address is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Module,
    Resource,
    Data,
}

impl Kind {
    /// What the steps lead to, keys included; none where they lead to an attribute of it, or to nothing.
    pub fn of(steps: &[Step]) -> Option<Self> {
        let mut rest = steps;
        while let [Step::Name(word), Step::Name(_), inner @ ..] = rest
            && word == "module"
        {
            rest = without_key(inner);
        }
        let (rest, kind) = match rest {
            [] => return Some(Self::Module),
            [Step::Name(word), inner @ ..] if word == "data" => (inner, Self::Data),
            [Step::Name(word), inner @ ..] if word == "resource" => (inner, Self::Resource),
            other => (other, Self::Resource),
        };
        match rest {
            [Step::Name(root), ..] if is_reserved(root) => None,
            rest => is_object(rest).then_some(kind),
        }
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Module => "module",
            Self::Resource => "resource",
            Self::Data => "data source",
        })
    }
}

/// Whether the steps name something that can be waited for as a whole: an attribute of an object is no such thing.
pub(super) fn is_dependency(steps: &[Step]) -> bool {
    match steps {
        [Step::Name(root), Step::Name(_)]
            if matches!(&**root, "var" | "local" | "path" | "terraform" | "tofu") =>
        {
            true
        }
        [Step::Name(root), Step::Name(_), rest @ ..] if root == "module" => {
            matches!(without_key(rest), [] | [Step::Name(_)])
        }
        [Step::Name(root), ..] if is_reserved(root) => false,
        [Step::Name(root), rest @ ..] if matches!(&**root, "data" | "ephemeral" | "resource") => {
            is_object(rest)
        }
        other => is_object(other),
    }
}

/// Names at the root of what is no resource.
fn is_reserved(root: &str) -> bool {
    let words = [
        "var",
        "local",
        "path",
        "terraform",
        "tofu",
        "each",
        "count",
        "self",
    ];
    words.contains(&root)
}

fn is_object(steps: &[Step]) -> bool {
    matches!(steps, [Step::Name(_), Step::Name(_), key @ ..] if without_key(key).is_empty())
}

fn without_key(steps: &[Step]) -> &[Step] {
    match steps {
        [Step::Key(_) | Step::Index(_), rest @ ..] => rest,
        other => other,
    }
}
