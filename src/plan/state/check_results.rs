//! `check_results`: what Terraform found of conditions when it wrote the state.

use crate::plan::json::cursor::{Cursor, Fault, Kind};
use crate::plan::json::resources::read_strings;
use crate::plan::{Status, Told};

/// Reads all of them.
pub fn read(cursor: &mut Cursor<'_>, told: &mut Told) -> Result<(), Fault> {
    if cursor.kind()? != Kind::Array {
        return cursor.skip().map(|_| ());
    }
    cursor.array(|cursor| {
        cursor.members(|cursor, name| match (name, cursor.kind()?) {
            ("objects", Kind::Array) => cursor.array(|cursor| read_object(cursor, told)),
            _ => cursor.skip().map(|_| ()),
        })
    })
}

fn read_object(cursor: &mut Cursor<'_>, told: &mut Told) -> Result<(), Fault> {
    let (mut about, mut status, mut messages) = (None, None, Vec::new());
    cursor.members(|cursor, name| {
        match (name, cursor.kind()?) {
            ("object_addr", Kind::String) => about = Some(cursor.string()?.into_owned()),
            ("status", Kind::String) => status = Status::of(&cursor.string()?),
            ("failure_messages", Kind::Array) => messages = read_strings(cursor)?,
            _ => {
                cursor.skip()?;
            }
        }
        Ok(())
    })?;
    if let Some((about, status)) = about.zip(status) {
        told.add(about, status, &messages);
    }
    Ok(())
}
