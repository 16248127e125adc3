//! What can be said of statements once the whole module is read: that what they wait for is declared, and that addresses
//! are of the kind that the statement is about.

use std::collections::{HashMap, HashSet};

use super::traversal::{Kind, Step, steps};
use super::{Decoder, refused};
use crate::address::Resource;
use crate::config::{Import, Module, Moved, Target, references, references_of_body};
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
        scoped(module, &mut problems);
        for import in &module.imports {
            problems.extend(importable(import));
        }
        imported_once(&module.imports, &mut problems);
        movable(&module.moved, &mut problems);
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

/// The data source of a `check` is for its assertions alone.
fn scoped(module: &Module, problems: &mut Vec<Problem>) {
    let own: Vec<&Resource> = (module.checks.iter())
        .filter_map(|one| one.data.as_ref())
        .collect();
    if own.is_empty() {
        return;
    }
    let all = |expr| references(expr, &|_| None);
    let locals = module.locals.values().flat_map(|local| all(&local.expr));
    let outputs = module.outputs.values().flat_map(|output| &output.value);
    let outputs = outputs.flat_map(|value| all(&value.expr));
    let calls = module.calls.values();
    let calls = calls.flat_map(|call| references_of_body(&call.arguments));
    let others = module
        .resources
        .values()
        .filter(|one| !own.contains(&&one.address));
    let others = others.flat_map(|one| references_of_body(&one.body));
    for reference in locals.chain(outputs).chain(calls).chain(others) {
        if let Target::Resource(named, _) = &reference.target
            && own.contains(&named)
        {
            let message = format!("`{named}` stands in a `check`, and is for that alone");
            problems.push(refused(message, reference.span));
        }
    }
}

/// What `removed` names is a whole block: no instance of it, and nothing that is only read.
fn removable(from: &Expr) -> Option<Problem> {
    let steps = steps(from);
    let message = match steps.as_deref().map(|steps| (Kind::of(steps), steps)) {
        Some((Some(Kind::Data), _)) => "a data source is not in the state to be removed from it",
        Some((Some(_), steps)) if steps.iter().any(|step| !matches!(step, Step::Name(_))) => {
            "a `removed` block is about all instances: no key here"
        }
        Some((Some(_), [Step::Name(root), ..])) if root != "resource" => return None,
        _ => "not the address of a resource or module",
    };
    Some(refused(message.to_owned(), from.span))
}

/// From where to where something can move, and each thing once.
fn movable(all: &[Moved], problems: &mut Vec<Problem>) {
    let mut from_to: HashMap<Vec<Step>, Vec<Step>> = HashMap::new();
    let mut to_from: HashMap<Vec<Step>, Vec<Step>> = HashMap::new();
    for moved in all {
        let ends = [&moved.from, &moved.to].map(|end| {
            let steps = steps(end);
            let kind = steps.as_deref().and_then(Kind::of);
            if kind.is_none() {
                let message = "not the address of a resource or module".to_owned();
                problems.push(refused(message, end.span));
            }
            steps.zip(kind)
        });
        let [Some((from, from_kind)), Some((to, to_kind))] = ends else {
            continue;
        };
        if from_kind != to_kind {
            let message = format!("a {from_kind} cannot become a {to_kind}");
            problems.push(refused(message, moved.span));
        }
        let elsewhere = from_to.get(&from).is_some_and(|other| *other != to);
        let taken = to_from.get(&to).is_some_and(|other| *other != from);
        if elsewhere {
            let message = "another `moved` block moves the same to elsewhere".to_owned();
            problems.push(refused(message, moved.span));
        } else if taken {
            let message = "another `moved` block moves something to the same place".to_owned();
            problems.push(refused(message, moved.span));
        }
        from_to.entry(from.clone()).or_insert_with(|| to.clone());
        to_from.entry(to).or_insert(from);
    }
}

/// What an import is into is a resource, or an instance that `for_each` of the import may choose.
fn importable(import: &Import) -> Option<Problem> {
    let refuse = |message: &str| Some(refused(message.to_owned(), import.to.span));
    let mut names = Vec::new();
    for link in import.to.spine() {
        match &link.kind {
            ExprKind::Variable(name) => names.push(Step::Name(name.to_string())),
            ExprKind::Attr { name, .. } => names.push(Step::Name(name.name.to_string())),
            ExprKind::Index { key, .. } => {
                let constant = matches!(key.kind, ExprKind::String(_) | ExprKind::Number(_));
                if !constant && import.for_each.is_none() {
                    return refuse(
                        "without `for_each` the key of an imported instance is constant",
                    );
                }
                names.push(Step::Key(String::new()));
            }
            _ => return refuse("not the address of a resource"),
        }
    }
    names.reverse();
    match Kind::of(&names) {
        Some(Kind::Resource) => None,
        Some(Kind::Data) => refuse("a data source is read, not imported"),
        _ => refuse("not the address of a resource"),
    }
}

fn imported_once(imports: &[Import], problems: &mut Vec<Problem>) {
    let mut seen: HashSet<Vec<Step>> = HashSet::new();
    for import in imports {
        let Some(steps) = steps(&import.to) else {
            continue;
        };
        if !seen.insert(steps) {
            let message = "another `import` block is for the same object".to_owned();
            problems.push(refused(message, import.to.span));
        }
    }
}
