//! JSON documents one after the other, each member of an object once: readers disagree on which of two counts.

use std::collections::HashSet;
use std::fmt;
use std::path::Path;

use serde::de::{Deserialize, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Deserializer, Value as Json};

use super::InventoryError;

/// What the error of a second member says; nothing else of it gets out of `serde_json`.
const DOUBLED: &str = "two members of one name";

/// The documents of a text.
pub(super) fn read(text: &str, path: &Path) -> Result<Vec<Json>, InventoryError> {
    let refused = |error: &serde_json::Error| {
        let (path, line) = (path.to_path_buf(), error.line());
        if error.is_data() && error.to_string().starts_with(DOUBLED) {
            InventoryError::Doubled { path, line }
        } else {
            InventoryError::NotJson { path, line }
        }
    };
    for document in Deserializer::from_str(text).into_iter::<Distinct>() {
        document.map_err(|error| refused(&error))?;
    }
    let documents = Deserializer::from_str(text).into_iter::<Json>();
    documents
        .map(|document| document.map_err(|error| refused(&error)))
        .collect()
}

/// Any value in which no object has two members of one name. Nothing of it is kept.
struct Distinct;

impl<'de> Deserialize<'de> for Distinct {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Members)
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Distinct;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Distinct, A::Error> {
        let mut names = HashSet::new();
        while let Some(name) = map.next_key::<String>()? {
            if !names.insert(name) {
                return Err(A::Error::custom(DOUBLED));
            }
            map.next_value::<Distinct>()?;
        }
        Ok(Distinct)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Distinct, A::Error> {
        while elements.next_element::<Distinct>()?.is_some() {}
        Ok(Distinct)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Distinct, E> {
        Ok(Distinct)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Distinct, E> {
        Ok(Distinct)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Distinct, E> {
        Ok(Distinct)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Distinct, E> {
        Ok(Distinct)
    }

    fn visit_str<E>(self, _: &str) -> Result<Distinct, E> {
        Ok(Distinct)
    }

    fn visit_unit<E>(self) -> Result<Distinct, E> {
        Ok(Distinct)
    }
}
