//! The rules as a list and as pages: what `rules` and `explain` print.

use std::io::{self, Write};

use serde::Serialize;

use crate::error::Error;
use crate::rule::{RuleMeta, Scope};
use crate::rules;

/// A rule as `rules --format json` prints it. Fields may be added, none is renamed.
#[derive(Serialize)]
struct Entry {
    id: &'static str,
    level: &'static str,
    pack: &'static str,
    scope: &'static str,
    summary: &'static str,
    parameters: Vec<Parameter>,
}

#[derive(Serialize)]
struct Parameter {
    name: &'static str,
    summary: &'static str,
}

/// The rule of that id.
///
/// # Errors
/// When there is none; the error names the nearest.
pub fn find(name: &str) -> Result<&'static RuleMeta, Error> {
    let metas = || rules::ALL.iter().map(|rule| rule.meta());
    metas().find(|meta| meta.id == name).ok_or_else(|| {
        let known: Vec<&str> = metas().map(|meta| meta.id).collect();
        let near = crate::config::nearest(name, &known);
        let near = near.map_or_else(
            || "`tfguard rules` lists them".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        Error::UnknownRule {
            name: name.to_owned(),
            near: Some(near),
        }
    })
}

/// Writes the rules as a table, by pack and id.
pub fn write_table(out: &mut dyn Write) -> io::Result<()> {
    let entries = entries();
    let width = |field: fn(&Entry) -> &str| {
        entries
            .iter()
            .map(|one| field(one).len())
            .max()
            .unwrap_or_default()
    };
    let (ids, packs) = (width(|one| one.id), width(|one| one.pack));
    for one in &entries {
        let scope = if one.scope == "production" {
            " (production)"
        } else {
            ""
        };
        let (id, level, pack) = (one.id, one.level, one.pack);
        writeln!(
            out,
            "{id:ids$}  {level:7}  {pack:packs$}  {}{scope}",
            one.summary
        )?;
    }
    Ok(())
}

/// Writes the rules as JSON.
pub fn write_json(out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &entries())?;
    writeln!(out)
}

fn entries() -> Vec<Entry> {
    let mut entries: Vec<Entry> = rules::with_settings()
        .into_iter()
        .map(|(rule, settings)| {
            let meta = rule.meta();
            Entry {
                id: meta.id,
                level: settings.level.name(),
                pack: settings.pack,
                scope: match meta.scope {
                    Scope::Always => "always",
                    Scope::Production => "production",
                },
                summary: meta.summary,
                parameters: meta
                    .parameters
                    .iter()
                    .map(|one| Parameter {
                        name: one.name,
                        summary: one.summary,
                    })
                    .collect(),
            }
        })
        .collect();
    entries.sort_by_key(|one| (one.pack, one.id));
    entries
}
