//! Expressions as the `configuration` of a plan has them: a constant, or the names that it refers to; blocks as arrays
//! and objects of these.

use crate::address::{AttributePath, PathStep};
use crate::plan::configuration::Reference;
use crate::plan::json::cursor::{Cursor, Fault, Kind, Slice};

/// What an expression, or a block with all that is in it, says of where it comes from.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Expression {
    /// What it names. Terraform lists every prefix of a name as well; those are left out.
    pub references: Vec<Reference>,
    /// The value, where it is a constant.
    pub constant: Option<Slice>,
    /// The path that is left when the expression is reached: `b` for `a.b` where `a = var.x`.
    pub rest: AttributePath,
}

impl Expression {
    /// The expression at a path below a slice of expressions; none where the path is not configured, as what a
    /// `dynamic` block makes, of which a plan tells nothing.
    pub fn at(text: &str, slice: Slice, path: &AttributePath) -> Option<Self> {
        find(&mut Cursor::new(text, slice.start), &path.0)
            .ok()
            .flatten()
    }
}

fn find(cursor: &mut Cursor<'_>, path: &[PathStep]) -> Result<Option<Expression>, Fault> {
    let here = cursor.clone();
    match (cursor.kind()?, path.split_first()) {
        (Kind::Object, Some((PathStep::Attribute(wanted), rest))) => {
            let mut found = None;
            let mut is_block = false;
            cursor.object(|cursor, name| {
                is_block |= !is_expression_member(name);
                if name == &**wanted && !is_expression_member(name) {
                    found = find(cursor, rest)?;
                } else {
                    cursor.skip()?;
                }
                Ok(())
            })?;
            if is_block {
                return Ok(found);
            }
            whole(&mut here.clone(), path).map(Some)
        }
        (Kind::Array, Some((PathStep::Index(wanted), rest))) => {
            let (mut found, mut at) = (None, 0);
            cursor.array(|cursor| {
                if at == *wanted {
                    found = find(cursor, rest)?;
                } else {
                    cursor.skip()?;
                }
                at += 1;
                Ok(())
            })?;
            Ok(found)
        }
        // A block that the schema has once is an object here and may be a list in the value, and the other way round.
        (Kind::Object, Some((PathStep::Index(0), rest))) => {
            if rest.is_empty() {
                return whole(cursor, rest).map(Some);
            }
            find(cursor, rest)
        }
        (Kind::Array, Some((PathStep::Attribute(_), _))) => {
            let mut found: Option<Expression> = None;
            cursor.array(|cursor| {
                if let Some(mut one) = find(cursor, path)? {
                    found
                        .get_or_insert_default()
                        .references
                        .append(&mut one.references);
                }
                Ok(())
            })?;
            Ok(found)
        }
        _ => whole(cursor, path).map(Some),
    }
}

/// Everything that is named anywhere in an expression or block.
fn whole(cursor: &mut Cursor<'_>, rest: &[PathStep]) -> Result<Expression, Fault> {
    let mut expression = Expression {
        rest: AttributePath(rest.to_vec()),
        ..Expression::default()
    };
    collect(cursor, &mut expression)?;
    Ok(expression)
}

fn collect(cursor: &mut Cursor<'_>, into: &mut Expression) -> Result<(), Fault> {
    match cursor.kind()? {
        Kind::Array => cursor.array(|cursor| collect(cursor, into)),
        Kind::Object => cursor.object(|cursor, name| match (name, cursor.kind()?) {
            ("references", Kind::Array) => read_references(cursor, &mut into.references),
            ("constant_value", _) => {
                into.constant = Some(cursor.skip()?);
                Ok(())
            }
            _ => collect(cursor, into),
        }),
        _ => cursor.skip().map(|_| ()),
    }
}

fn read_references(cursor: &mut Cursor<'_>, into: &mut Vec<Reference>) -> Result<(), Fault> {
    let mut last = String::new();
    cursor.array(|cursor| {
        if cursor.kind()? != Kind::String {
            return cursor.skip().map(|_| ());
        }
        let text = cursor.string()?;
        let is_prefix = last
            .strip_prefix(&*text)
            .is_some_and(|more| more.starts_with(['.', '[']));
        if !is_prefix {
            let reference = Reference::parse(&text);
            if !into.contains(&reference) {
                into.push(reference);
            }
        }
        last = text.into_owned();
        Ok(())
    })
}

fn is_expression_member(name: &str) -> bool {
    matches!(name, "references" | "constant_value")
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCK: &str = r#"{
        "a": {"references": ["module.m[0].out.x", "module.m[0].out", "module.m[0]", "module.m", "var.v"]},
        "b": [{"c": {"constant_value": 1}, "d": [{"e": {"references": ["aws_lb.x.arn", "aws_lb.x"]}}]}, {"c": {"references": ["local.l"]}}],
        "f": {}
    }"#;

    fn at(path: &[PathStep]) -> Option<Expression> {
        let slice = Cursor::new(BLOCK, 0).skip().expect("well-formed");
        Expression::at(BLOCK, slice, &AttributePath(path.to_vec()))
    }

    fn name(name: &str) -> PathStep {
        PathStep::Attribute(name.into())
    }

    #[test]
    fn prefixes_are_left_out() {
        let found = at(&[name("a")]).expect("configured");
        assert_eq!(
            found.references,
            [
                Reference::parse("module.m[0].out.x"),
                Reference::parse("var.v")
            ]
        );
    }

    #[test]
    fn paths_lead_into_blocks() {
        let found = at(&[
            name("b"),
            PathStep::Index(0),
            name("d"),
            PathStep::Index(0),
            name("e"),
        ]);
        assert_eq!(
            found.expect("configured").references,
            [Reference::parse("aws_lb.x.arn")]
        );
        let found = at(&[name("b"), PathStep::Index(0), name("c")]).expect("configured");
        assert_eq!(
            found.constant.map(|slice| &BLOCK[slice.start..slice.end]),
            Some("1")
        );
        let found = at(&[name("b")]).expect("configured");
        assert_eq!(found.references.len(), 2);
    }

    #[test]
    fn what_is_left_of_a_path_is_kept() {
        let found = at(&[name("a"), name("deep")]).expect("configured");
        assert_eq!(found.rest.to_string(), "deep");
    }

    #[test]
    fn what_is_not_configured_is_none() {
        assert_eq!(at(&[name("z")]), None);
        assert_eq!(at(&[name("b"), PathStep::Index(2)]), None);
        assert_eq!(at(&[name("f")]), Some(Expression::default()));
    }
}
