//! What the `configuration` of a plan says of a block, as a value: constants as they are, everything else unknown. It tells
//! the blocks of a set apart, which a plan lists in an order of its own.

use crate::plan::json;
use crate::plan::json::cursor::{Cursor, Fault, Kind, Slice};
use crate::value::{Causes, Type, Value};

/// The value of a slice of expressions.
pub(super) fn written(text: &str, slice: Slice) -> Option<Value> {
    value(text, &mut Cursor::new(text, slice.start)).ok()
}

fn value(text: &str, cursor: &mut Cursor<'_>) -> Result<Value, Fault> {
    match cursor.kind()? {
        Kind::Object => object(text, cursor),
        Kind::Array => {
            let mut elements = Vec::new();
            cursor.array(|cursor| {
                elements.push(value(text, cursor)?);
                Ok(())
            })?;
            Ok(Value::tuple(elements))
        }
        _ => cursor.skip().map(|_| unknown()),
    }
}

/// A block, or an expression: with a constant, with references, or with neither.
fn object(text: &str, cursor: &mut Cursor<'_>) -> Result<Value, Fault> {
    let (mut entries, mut constant) = (Vec::new(), None);
    cursor.object(|cursor, name| {
        match name {
            "constant_value" => constant = Some(json::plain(text, cursor.skip()?)),
            "references" => {
                cursor.skip()?;
            }
            _ => entries.push((name.into(), value(text, cursor)?)),
        }
        Ok(())
    })?;
    Ok(match constant {
        Some(constant) => constant,
        None if entries.is_empty() => unknown(),
        None => Value::object(entries.into_iter().collect()),
    })
}

fn unknown() -> Value {
    Value::unknown(Type::Dynamic, Causes::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_are_told_and_references_are_not() {
        let text = r#"{"group": [{"arn": {"references": ["a.b"]}, "weight": {"constant_value": 100}}, {}]}"#;
        let slice = Cursor::new(text, 0).skip().expect("well-formed");
        let block = written(text, slice).expect("readable");
        let groups = block.attribute("group").and_then(Value::as_elements);
        let [first, second] = groups.expect("blocks") else {
            panic!("two blocks");
        };
        assert_eq!(first.attribute("weight"), Some(&Value::number(100)));
        assert!(!first.attribute("arn").expect("written").is_known());
        assert!(!second.is_known());
    }
}
