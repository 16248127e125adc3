//! Imports as blocks, as commands, and as JSON.

use std::collections::BTreeMap;

use hcl::expr::{Traversal, Variable};
use hcl::{Block, Body, Expression, Structure};
use serde_json::json;

use super::{Entry, Imports, Standing};
use crate::address::{InstanceKey, ResourceAddress};
use crate::cli::ImportsFormat;
use crate::provider::unique::{Clash, ImportId};

pub(super) fn print(imports: &Imports, format: ImportsFormat) -> String {
    match format {
        ImportsFormat::Blocks => written(imports, block),
        ImportsFormat::Commands => written(imports, |entry| {
            format!(
                "{} {}\n",
                imports.command,
                entry.id.arguments(&entry.address)
            )
        }),
        ImportsFormat::Json => json(imports),
    }
}

/// Text with `#` for comments, as HCL and shells have them alike.
fn written(imports: &Imports, one: impl Fn(&Entry) -> String) -> String {
    let mut text = head(imports);
    for entry in &imports.entries {
        let Some(comment) = comment(entry) else {
            continue;
        };
        text.push('\n');
        for line in comment {
            text.push_str(&format!("# {line}\n"));
        }
        let written = one(entry);
        if entry.is_for_later() {
            text.extend(written.lines().map(|line| format!("# {line}\n")));
        } else {
            text.push_str(&written);
        }
    }
    text.push_str(&tail(imports));
    text
}

fn head(imports: &Imports) -> String {
    let printed = imports.entries.iter().filter(|one| comment(one).is_some());
    let printed = printed.count();
    let (what, taken) = if imports.from_plan {
        ("the plan creates", "")
    } else {
        (
            "the configuration creates",
            ", as if nothing of it were in the state",
        )
    };
    match (printed, imports.has_inventory) {
        (0, false) => format!("# Nothing that {what} has a unique name.\n"),
        (0, true) => {
            format!("# Nothing that {what} under a unique name exists, as far as is listed.\n")
        }
        (_, true) => format!("# Of what {what} under unique names{taken}, this exists already.\n"),
        (_, false) => format!(
            "# What {what} under unique names{taken}.\n# Keep what exists already, and fill in what stands in angle brackets.\n"
        ),
    }
}

/// What stands before an entry; none where it is not printed.
fn comment(entry: &Entry) -> Option<Vec<String>> {
    let noun = entry.unique.noun;
    let what = match &entry.name {
        Ok(name) => format!("{noun} {}", plain(name)),
        Err(_) => noun.to_owned(),
    };
    let mut lines = match &entry.standing {
        Standing::Exists => {
            let clash = match entry.unique.clash {
                Clash::Refused => "creating it fails",
                Clash::TakenOver => "creating it changes it",
                Clash::Doubled => "creating it makes a second one",
            };
            vec![format!("{what}: exists; {clash}")]
        }
        Standing::Possible => {
            let clash = match entry.unique.clash {
                Clash::Refused => "creating it fails if it exists",
                Clash::TakenOver => "creating it changes what exists",
                Clash::Doubled => "creating it makes a second one if it exists",
            };
            let open = match &entry.name {
                Ok(_) => String::new(),
                Err(why) => format!("; {why}"),
            };
            vec![format!("{what}: {clash}{open}")]
        }
        Standing::Several(ids) => {
            let mut lines = vec![format!("{what}: several exist; choose one")];
            lines.extend(ids.iter().map(|id| format!("  {}", plain(id))));
            lines
        }
        Standing::Leaving => vec![format!(
            "{what}: it is being deleted; restore it first, or wait until it is gone"
        )],
        Standing::Absent | Standing::NotListed | Standing::Generated | Standing::Unknown(_) => {
            return None;
        }
    };
    if entry.unique.id == ImportId::Version {
        lines.push(
            "An import writes the secret's value into the state. Better leave it out of Terraform."
                .to_owned(),
        );
    }
    Some(lines)
}

impl Entry {
    /// Printed as a comment only.
    fn is_for_later(&self) -> bool {
        self.unique.id == ImportId::Version || matches!(self.standing, Standing::Leaving)
    }
}

/// What is not printed as a block, so that it is not taken for absent.
fn tail(imports: &Imports) -> String {
    let mut unlisted: BTreeMap<&str, (&str, usize)> = BTreeMap::new();
    let mut lines = Vec::new();
    let (mut absent, mut generated) = (0, 0);
    for entry in &imports.entries {
        match &entry.standing {
            Standing::NotListed => {
                let listing = entry.unique.listing;
                unlisted.entry(entry.unique.kind).or_insert((listing, 0)).1 += 1;
            }
            Standing::Unknown(why) => {
                lines.push(format!(
                    "not known: {}: {}",
                    plain(&entry.shown),
                    plain(why)
                ));
            }
            Standing::Absent => absent += 1,
            Standing::Generated => generated += 1,
            Standing::Possible | Standing::Exists | Standing::Leaving | Standing::Several(_) => {}
        }
    }
    for (kind, (listing, count)) in unlisted {
        lines.push(format!("not listed: {kind} ({count}); `{listing}` tells"));
    }
    if absent > 0 {
        lines.push(format!("not there yet: {absent}"));
    }
    if generated > 0 {
        lines.push(format!("named by the provider, and so free: {generated}"));
    }
    let comments: String = lines.iter().map(|line| format!("# {line}\n")).collect();
    if comments.is_empty() {
        comments
    } else {
        format!("\n{comments}")
    }
}

/// A text on one line: nothing in it ends a comment.
fn plain(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

fn block(entry: &Entry) -> String {
    let block = Block::builder("import")
        .add_attribute(("to", traversal(&entry.address)))
        .add_attribute(("id", entry.id.text.as_str()))
        .build();
    let body = Body::from_iter([Structure::Block(block)]);
    hcl::format::to_string(&body).expect("text can be written into memory")
}

fn traversal(address: &ResourceAddress) -> Expression {
    let resource = &address.resource;
    let mut names: Vec<(&str, Option<&InstanceKey>)> = Vec::new();
    for step in &*address.module.0 {
        names.push(("module", None));
        names.push((&step.name, step.key.as_ref()));
    }
    names.push((&resource.kind, None));
    names.push((&resource.name, address.key.as_ref()));
    let (first, _) = names.remove(0);
    let mut built = Traversal::builder(Variable::sanitized(first));
    for (name, key) in names {
        built = built.attr(name);
        built = match key {
            Some(InstanceKey::Index(index)) => built.index(*index),
            Some(InstanceKey::Key(key)) => built.index(key.to_string()),
            Some(InstanceKey::Any) | None => built,
        };
    }
    Expression::from(built.build())
}

fn json(imports: &Imports) -> String {
    let entries: Vec<_> = imports.entries.iter().map(entry_json).collect();
    let document = json!({
        "version": 1,
        "inventory": imports.has_inventory,
        "imports": entries,
    });
    let mut text = serde_json::to_string_pretty(&document).expect("JSON can be written");
    text.push('\n');
    text
}

fn entry_json(entry: &Entry) -> serde_json::Value {
    let (exists, why) = match &entry.standing {
        Standing::Possible | Standing::NotListed => ("not listed", None),
        Standing::Exists => ("yes", None),
        Standing::Several(_) => ("several", None),
        Standing::Leaving => ("until it is deleted", None),
        Standing::Absent | Standing::Generated => ("no", None),
        Standing::Unknown(why) => ("unknown", Some(why)),
    };
    let clash = match entry.unique.clash {
        Clash::Refused => "refused",
        Clash::TakenOver => "taken over",
        Clash::Doubled => "doubled",
    };
    let mut object = json!({
        "address": entry.shown,
        "type": entry.unique.kind,
        "name": entry.name.as_ref().ok(),
        "id": entry.id.text,
        "id_known": entry.id.is_known,
        "exists": exists,
        "if_it_exists": clash,
        "listing": entry.unique.listing,
    });
    if let Some(why) = why {
        object["reason"] = json!(why);
    }
    if let Standing::Several(ids) = &entry.standing {
        object["candidates"] = json!(ids);
    }
    object
}
