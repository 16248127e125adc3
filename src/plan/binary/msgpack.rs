//! Values as Terraform stores them in plans: msgpack, where extension 0 is an unknown value and 12 one with refinements,
//! and where a value of no fixed type stands in an array behind its type.

use std::sync::Arc;

use rmpv::Value as Raw;

use crate::address::AttributePath;
use crate::plan::error::Reason;
use crate::value::{Cause, Causes, Entries, Number, Type, Unknown, Value};

/// Values are nested no deeper than this.
const MOST_LEVELS: usize = 256;
/// An unknown value of which nothing is known; with a body in very old plans.
const UNKNOWN: i8 = 0;
/// An unknown value with refinements.
const REFINED: i8 = 12;

/// Reads a value; `name` is whose it is, for the causes of what is unknown.
pub fn read(bytes: Option<&[u8]>, name: &str) -> Result<Value, Reason> {
    let damaged = || Reason::BinaryDamaged {
        what: "a value is no msgpack",
    };
    let Some(mut bytes) = bytes else {
        return Ok(Value::NULL);
    };
    let raw =
        rmpv::decode::read_value_with_max_depth(&mut bytes, MOST_LEVELS).map_err(|_| damaged())?;
    if !bytes.is_empty() {
        return Err(damaged());
    }
    let decoder = Decoder { name: name.into() };
    decoder
        .value(raw, &AttributePath::default())
        .ok_or_else(damaged)
}

struct Decoder {
    name: Arc<str>,
}

impl Decoder {
    fn value(&self, raw: Raw, path: &AttributePath) -> Option<Value> {
        Some(match raw {
            Raw::Nil => Value::NULL,
            Raw::Boolean(value) => Value::bool(value),
            Raw::Integer(integer) => Value::number(Number::parse(&integer.to_string())?),
            Raw::F32(value) => Value::number(Number::from_f64(f64::from(value))?),
            Raw::F64(value) => Value::number(Number::from_f64(value)?),
            Raw::String(text) => Value::text(&String::from_utf8_lossy(text.as_bytes())),
            Raw::Binary(bytes) => Value::text(&String::from_utf8_lossy(&bytes)),
            Raw::Array(elements) => self.array(elements, path)?,
            Raw::Map(entries) => {
                let mut object = Entries::new();
                for (key, value) in entries {
                    let key = key.as_str()?.to_owned();
                    let value = self.value(value, &path.with_attribute(&key))?;
                    object.insert(key.into(), value);
                }
                Value::object(object)
            }
            Raw::Ext(UNKNOWN, _) => self.unknown(path),
            Raw::Ext(REFINED, body) => self.refined(&body, path),
            Raw::Ext(..) => return None,
        })
    }

    fn array(&self, mut elements: Vec<Raw>, path: &AttributePath) -> Option<Value> {
        // The type is told as bytes, which no value is.
        if let [Raw::Binary(_), _] = elements.as_slice() {
            return self.value(elements.pop()?, path);
        }
        let elements: Option<Vec<Value>> = elements
            .into_iter()
            .enumerate()
            .map(|(at, raw)| self.value(raw, &path.with_index(at)))
            .collect();
        elements.map(Value::tuple)
    }

    fn unknown(&self, path: &AttributePath) -> Value {
        Value::unknown(Type::Dynamic, self.causes(path))
    }

    fn causes(&self, path: &AttributePath) -> Causes {
        Causes::one(Cause::Plan {
            address: Arc::clone(&self.name),
            path: path.clone(),
        })
    }

    /// A refinement that is not known, or cannot be read, says nothing: the value is unknown all the same.
    fn refined(&self, mut body: &[u8], path: &AttributePath) -> Value {
        let mut unknown = Unknown::new(Type::Dynamic, self.causes(path));
        let Ok(Raw::Map(refinements)) = rmpv::decode::read_value_with_max_depth(&mut body, 8)
        else {
            return Value::refined(unknown);
        };
        for (key, value) in refinements {
            match (key.as_u64(), value) {
                (Some(1), Raw::Boolean(null)) => unknown.not_null = !null,
                (Some(2), Raw::String(prefix)) => {
                    unknown.prefix = prefix.as_str().map(Arc::from);
                    unknown.ty = Type::String;
                }
                (Some(3), bound) => unknown.bounds.min = self.inclusive(bound, path),
                (Some(4), bound) => unknown.bounds.max = self.inclusive(bound, path),
                (Some(5), bound) => unknown.bounds.min = self.bound(bound, path),
                (Some(6), bound) => unknown.bounds.max = self.bound(bound, path),
                _ => {}
            }
        }
        Value::refined(unknown)
    }

    /// `[bound, inclusive]`; bounds here are inclusive ones.
    fn inclusive(&self, raw: Raw, path: &AttributePath) -> Option<Number> {
        match raw {
            Raw::Array(mut parts) if parts.len() == 2 => {
                let inclusive = parts.pop()?.as_bool()?;
                let bound = parts.pop()?;
                inclusive.then(|| self.bound(bound, path)).flatten()
            }
            _ => None,
        }
    }

    fn bound(&self, raw: Raw, path: &AttributePath) -> Option<Number> {
        match raw {
            Raw::String(text) => Number::parse(text.as_str()?),
            raw => self.value(raw, path)?.as_number().cloned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(bytes: &[u8]) -> Result<Value, Reason> {
        read(Some(bytes), "a.b")
    }

    #[test]
    fn every_kind_is_read() {
        // {"a": nil, "b": [true, -1, 1.5, "é"], "c": unknown, "d": ["\"string\"" as bytes, "x"]}
        let bytes = b"\x84\xa1a\xc0\xa1b\x94\xc3\xff\xcb\x3f\xf8\0\0\0\0\0\0\xa2\xc3\xa9\xa1c\xd4\0\0\xa1d\x92\xc4\x08\"string\"\xa1x";
        let read = value(bytes).expect("a value");
        assert_eq!(
            format!("{read:?}"),
            r#"{"a": null, "b": [true, -1, 1.5, "é"], "c": (unknown any), "d": "x"}"#
        );
        let cause = read
            .causes()
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>();
        assert_eq!(cause, ["`a.b.c` is known after apply"]);
    }

    #[test]
    fn refinements_are_kept() {
        // Extension 12: {1: false, 2: "arn:"}
        let read = value(b"\xc7\x09\x0c\x82\x01\xc2\x02\xa4arn:").expect("a value");
        let unknown = read.as_unknown().expect("unknown");
        assert!(unknown.not_null);
        assert_eq!(unknown.prefix.as_deref(), Some("arn:"));
    }

    #[test]
    fn damage_is_an_error() {
        for bytes in [
            &b""[..],
            b"\x84",
            b"\xc1\xc1",
            b"\xc0\xc0",
            b"\xd4\x05\0",
            b"\x81\xc0\xc0",
        ] {
            assert!(value(bytes).is_err(), "{bytes:?}");
        }
        let deep = [vec![0x91; 100_000], b"\xc0".to_vec()].concat();
        assert!(value(&deep).is_err());
    }
}
