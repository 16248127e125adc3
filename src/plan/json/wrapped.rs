//! Values beside their types: `{"value": …, "type": …}`, as states have them where the schema leaves the type open.

use super::cursor::{Cursor, Kind, Slice};
use crate::address::{AttributePath, PathStep};
use crate::value::Type;

/// Which values of an object are written that way.
pub enum Wrapped {
    /// None.
    Nowhere,
    /// Those that this type leaves open.
    Open(Type),
    /// No schema tells: those that look like it.
    Perhaps,
}

impl Wrapped {
    /// What a schema says of the values of its type.
    pub fn of(ty: &Type) -> Self {
        if leaves_open(ty) {
            Self::Open(ty.clone())
        } else {
            Self::Nowhere
        }
    }

    /// The value within, if the object under the cursor is one of them. The cursor is then behind it.
    pub fn value_at(&self, path: &AttributePath, cursor: &mut Cursor<'_>) -> Option<Slice> {
        let may_be_other = match self {
            Self::Open(ty) if is_open(ty, &path.0) => false,
            Self::Nowhere | Self::Open(_) => return None,
            Self::Perhaps => true,
        };
        let mut ahead = cursor.clone();
        let (mut value, mut has_type, mut has_more) = (None, false, false);
        let read = ahead.object(|cursor, name| {
            match (name, cursor.kind()?) {
                // That of a text reads like any other member.
                ("type", Kind::Array) => has_type = true,
                ("type", Kind::String) if !may_be_other => has_type = true,
                ("value", _) => {
                    value = Some(cursor.skip()?);
                    return Ok(());
                }
                _ => has_more = true,
            }
            cursor.skip().map(|_| ())
        });
        let value = value.filter(|_| read.is_ok() && has_type && !has_more)?;
        *cursor = ahead;
        Some(value)
    }
}

fn leaves_open(ty: &Type) -> bool {
    match ty {
        Type::Dynamic => true,
        Type::Object(of) => of.attributes.values().any(leaves_open),
        Type::Tuple(of) => of.iter().any(leaves_open),
        ty => ty.element().is_some_and(leaves_open),
    }
}

/// Whether a type has no type of its own at a path.
fn is_open(ty: &Type, path: &[PathStep]) -> bool {
    let Some((step, rest)) = path.split_first() else {
        return *ty == Type::Dynamic;
    };
    let inner = match (ty, step) {
        (Type::Object(of), PathStep::Attribute(name)) => of.attributes.get(name),
        (Type::Tuple(of), PathStep::Index(at)) => of.get(*at),
        (ty, _) => ty.element(),
    };
    inner.is_some_and(|inner| is_open(inner, rest))
}
