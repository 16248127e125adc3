//! Override files: `override.tf` and `*_override.tf` are merged into the blocks of the other files, as Terraform does.

use crate::problem::{Problem, ProblemKind};
use crate::source::Span;
use crate::syntax::{Attribute, Block, Body, Expr, ExprKind};

/// Merges the body of an override file into the body of the others.
pub(super) fn merge(base: &mut Body, over: Body, problems: &mut Vec<Problem>) {
    refuse_second_storage(&over, problems);
    for block in over.blocks {
        match &*block.kind.name {
            "locals" => merge_locals(base, block, problems),
            // It has no name to be found by: it stands beside the others.
            "removed" => base.blocks.push(block),
            kind @ ("moved" | "import" | "check") => {
                let message = format!("an override file cannot hold a `{kind}` block");
                problems.push(refused(message, block.header));
            }
            _ => {
                let block = without_conditions(block, problems);
                refuse_dependencies(&block, problems);
                let labels = |one: &Block| {
                    one.labels
                        .iter()
                        .map(|l| l.name.clone())
                        .collect::<Vec<_>>()
                };
                let same = base.blocks.iter_mut().find(|one| {
                    one.kind.name == block.kind.name
                        && labels(one) == labels(&block)
                        && alias(one) == alias(&block)
                });
                match same {
                    Some(found) => merge_block(found, block),
                    None if &*block.kind.name == "terraform" => {
                        let mut settings = Block {
                            body: Body::default(),
                            ..block.clone()
                        };
                        merge_block(&mut settings, block);
                        base.blocks.push(settings);
                    }
                    None if &*block.kind.name == "provider" && alias(&block).is_none() => {
                        base.blocks.push(block);
                    }
                    // Terraform 1.11 does not look for what such a block overrides.
                    None if &*block.kind.name == "ephemeral" => {}
                    None => {
                        let message = format!(
                            "this override has no `{}` block to override",
                            block.kind.name
                        );
                        problems.push(refused(message, block.header));
                    }
                }
            }
        }
    }
}

fn refused(message: String, span: Span) -> Problem {
    Problem::new(ProblemKind::Refused, message, Some(span))
}

/// The block without the conditions in it: an override may neither add nor replace them.
fn without_conditions(mut block: Block, problems: &mut Vec<Problem>) -> Block {
    let conditions: &[&str] = match &*block.kind.name {
        "variable" => &["validation"],
        "output" | "lifecycle" => &["precondition", "postcondition"],
        _ => &[],
    };
    let is_object = is_object(&block.kind.name);
    let mut kept = Vec::with_capacity(block.body.blocks.len());
    for nested in block.body.blocks {
        if conditions.contains(&&*nested.kind.name) {
            let message = format!(
                "an override file cannot hold a `{}` block",
                nested.kind.name
            );
            problems.push(refused(message, nested.header));
        } else if is_object && &*nested.kind.name == "lifecycle" {
            kept.push(without_conditions(nested, problems));
        } else {
            kept.push(nested);
        }
    }
    block.body.blocks = kept;
    block
}

/// What waits for what is said once.
fn refuse_dependencies(block: &Block, problems: &mut Vec<Problem>) {
    if !is_object(&block.kind.name) && !matches!(&*block.kind.name, "module" | "output") {
        return;
    }
    let given = block.body.attribute("depends_on");
    if let Some(attribute) = given.filter(|one| !is_empty(&one.expr)) {
        let message = "`depends_on` cannot be overridden".to_owned();
        problems.push(refused(message, attribute.span));
    }
}

fn is_object(kind: &str) -> bool {
    matches!(kind, "resource" | "data" | "ephemeral")
}

fn is_empty(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Tuple(elements) => elements.is_empty(),
        ExprKind::Object(items) => items.is_empty(),
        _ => false,
    }
}

/// One file says once where the state lies; of several files the last one that does.
fn refuse_second_storage(over: &Body, problems: &mut Vec<Problem>) {
    let settings = over.blocks_of("terraform");
    let blocks: Vec<&Block> = settings.flat_map(|block| &block.body.blocks).collect();
    for kind in ["backend", "cloud"] {
        let all = blocks.iter().filter(|block| &*block.kind.name == kind);
        for second in all.skip(1) {
            let message = format!("there is a `{kind}` block already");
            problems.push(refused(message, second.header));
        }
    }
}

fn alias(block: &Block) -> Option<String> {
    if &*block.kind.name != "provider" {
        return None;
    }
    match &block.body.attribute("alias")?.expr.kind {
        ExprKind::String(text) => Some(text.to_string()),
        _ => None,
    }
}

fn merge_locals(base: &mut Body, over: Block, problems: &mut Vec<Problem>) {
    for attribute in over.body.attributes {
        let mut all = base
            .blocks
            .iter_mut()
            .filter(|block| &*block.kind.name == "locals");
        let old = all.find_map(|block| {
            block
                .body
                .attributes
                .iter_mut()
                .find(|one| one.name.name == attribute.name.name)
        });
        match old {
            Some(old) => *old = attribute,
            None => {
                let name = &attribute.name;
                let message = format!("this override has no `local.{}` to override", name.name);
                problems.push(refused(message, name.span));
            }
        }
    }
}

/// The type of the blocks that a block stands for.
fn produced(block: &Block) -> &str {
    match (&*block.kind.name, block.labels.first()) {
        ("dynamic", Some(label)) => &label.name,
        (kind, _) => kind,
    }
}

/// Blocks that Terraform merges argument by argument.
fn is_merged(kind: &str) -> bool {
    matches!(kind, "lifecycle" | "required_providers")
}

/// Whether an argument of an override leaves the block as it is: Terraform takes over only what says something there, and
/// has settings that no override turns back.
fn changes_nothing(block: &Block, argument: &Attribute) -> bool {
    let old = || block.body.attribute(&argument.name.name);
    match (&*block.kind.name, &*argument.name.name) {
        ("resource" | "data" | "ephemeral" | "module" | "output", "depends_on")
        | ("lifecycle", "replace_triggered_by") => true,
        ("module", "providers") => is_empty(&argument.expr),
        ("lifecycle", "ignore_changes") => {
            is_empty(&argument.expr) || old().is_some_and(|old| names_all(&old.expr))
        }
        _ => false,
    }
}

fn names_all(expr: &Expr) -> bool {
    matches!(&expr.kind, ExprKind::Variable(name) if &**name == "all")
}

/// Of a block that counts in one way and its override that counts in the other, Terraform takes `count`.
fn choose_repetition(base: &mut Block, over: &mut Block) {
    if !is_object(&base.kind.name) && &*base.kind.name != "module" {
        return;
    }
    let counts =
        |block: &Block| ["count", "for_each"].map(|name| block.body.attribute(name).is_some());
    let loser = match (counts(base), counts(over)) {
        ([true, false], [false, true]) => over,
        ([false, true], [true, false]) => base,
        _ => return,
    };
    let attributes = &mut loser.body.attributes;
    attributes.retain(|one| &*one.name.name != "for_each");
}

/// Arguments replace arguments; blocks of a type replace all blocks of that type, except those that Terraform merges
/// argument by argument.
fn merge_block(base: &mut Block, mut over: Block) {
    choose_repetition(base, &mut over);
    for attribute in over.body.attributes {
        if changes_nothing(base, &attribute) {
            continue;
        }
        // In JSON nothing tells a block from an argument: the name decides.
        if !is_merged(&attribute.name.name) {
            (base.body.blocks).retain(|old| produced(old) != &*attribute.name.name);
        }
        match base
            .body
            .attributes
            .iter_mut()
            .find(|one| one.name.name == attribute.name.name)
        {
            Some(old) => *old = attribute,
            None => base.body.attributes.push(attribute),
        }
    }
    let mut replaced: Vec<String> = Vec::new();
    for block in over.body.blocks {
        let kind = produced(&block).to_owned();
        if is_merged(&kind) {
            if let Some(old) = base
                .body
                .blocks
                .iter_mut()
                .find(|old| produced(old) == kind)
            {
                merge_block(old, block);
                continue;
            }
        } else if !replaced.contains(&kind) {
            let rival = match kind.as_str() {
                "backend" => "cloud",
                "cloud" => "backend",
                other => other,
            };
            base.body
                .blocks
                .retain(|old| produced(old) != kind && produced(old) != rival);
            // The other files may be JSON as well.
            base.body.attributes.retain(|old| *old.name.name != *kind);
            replaced.push(kind);
        }
        base.body.blocks.push(block);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::{Path, PathBuf};
    use std::sync::Arc;

    use crate::config::{Config, IgnoreChanges, Loader};
    use crate::source::Sources;

    fn load(main: &str, over: &str) -> Config {
        let file = |name: &str, text: &str| (PathBuf::from(name), text.as_bytes().to_vec());
        let files = BTreeMap::from([file("main.tf", main), file("override.tf", over)]);
        let sources = Arc::new(Sources::default());
        Loader::in_memory(sources, files, PathBuf::from("shown")).load(Path::new("."))
    }

    /// Measured with Terraform 1.11.4 on states whose plans had to differ otherwise.
    #[test]
    fn an_override_takes_no_dependency_and_no_ignored_change_away() {
        let main = r#"
            resource "terraform_data" "some" {
              depends_on = [terraform_data.all]
              lifecycle {
                ignore_changes       = [input]
                replace_triggered_by = [terraform_data.all]
              }
            }
            resource "terraform_data" "all" {
              lifecycle { ignore_changes = all }
            }
            resource "terraform_data" "other" {
              lifecycle { ignore_changes = [input] }
            }
        "#;
        let over = r#"
            resource "terraform_data" "some" {
              depends_on = []
              lifecycle {
                ignore_changes       = []
                replace_triggered_by = [terraform_data.nope]
              }
            }
            resource "terraform_data" "all" {
              lifecycle { ignore_changes = [input] }
            }
            resource "terraform_data" "other" {
              lifecycle { ignore_changes = [triggers_replace, output] }
            }
        "#;
        let config = load(main, over);
        assert!(config.module.problems.is_empty());
        let ignored = |name: &str| {
            let all = config.module.resources.values();
            let found = all.into_iter().find(|one| &*one.address.name == name);
            match &found.expect("declared").lifecycle.ignore_changes {
                IgnoreChanges::Nothing => "nothing".to_owned(),
                IgnoreChanges::All(_) => "all".to_owned(),
                IgnoreChanges::Attributes(named) => named.len().to_string(),
            }
        };
        assert_eq!(ignored("some"), "1");
        assert_eq!(ignored("all"), "all");
        assert_eq!(ignored("other"), "2");
        let some = &config.module.resources[0];
        assert_eq!(some.depends_on.len(), 1);
        assert_eq!(some.lifecycle.replace_triggered_by.len(), 1);
    }
}
