//! Override files: `override.tf` and `*_override.tf` are merged into the blocks of the other files, as Terraform does.

use crate::problem::{Problem, ProblemKind};
use crate::syntax::{Block, Body};

/// Merges the body of an override file into the body of the others.
pub(super) fn merge(base: &mut Body, over: Body, problems: &mut Vec<Problem>) {
    refuse_second_storage(&over, problems);
    for block in over.blocks {
        match &*block.kind.name {
            "locals" => merge_locals(base, block, problems),
            // Each of these has no name to be found by: it stands beside the others.
            "moved" | "import" | "removed" => base.blocks.push(block),
            _ => {
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
                    None if &*block.kind.name == "provider" => base.blocks.push(block),
                    None => {
                        let message = format!(
                            "this override has no `{}` block to override",
                            block.kind.name
                        );
                        problems.push(Problem::new(
                            ProblemKind::Refused,
                            message,
                            Some(block.header),
                        ));
                    }
                }
            }
        }
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
            problems.push(Problem::new(
                ProblemKind::Refused,
                message,
                Some(second.header),
            ));
        }
    }
}

fn alias(block: &Block) -> Option<String> {
    if &*block.kind.name != "provider" {
        return None;
    }
    match &block.body.attribute("alias")?.expr.kind {
        crate::syntax::ExprKind::String(text) => Some(text.to_string()),
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
                let problem = Problem::new(ProblemKind::Refused, message, Some(name.span));
                problems.push(problem);
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

/// Arguments replace arguments; blocks of a type replace all blocks of that type, except those that Terraform merges
/// argument by argument.
fn merge_block(base: &mut Block, over: Block) {
    for attribute in over.body.attributes {
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
