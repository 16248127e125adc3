//! Reads what `terraform providers schema -json` prints, for providers and versions that are not part of the binary.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::schema::{Attribute, Block, NestedAttributes, NestedBlock, Nesting, Setting};
use crate::value::{Entries, Number, Type, Value};

/// Why a schema file could not be read.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum SchemaError {
    /// Not JSON, or not of this shape.
    #[error("not a provider schema: {0}")]
    #[diagnostic(help("`terraform providers schema -json` prints one"))]
    Shape(#[from] serde_json::Error),
    /// A format that is not known here.
    #[error("provider schema of format `{version}`, where 0.x and 1.x are known")]
    Format {
        /// As the file says.
        version: String,
    },
    /// One type in it.
    #[error("provider schema of `{kind}`: {reason}")]
    Type {
        /// The resource or data source type, or the provider.
        kind: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// The whole file.
#[derive(Deserialize)]
pub(super) struct SchemaFile {
    #[serde(default)]
    format_version: String,
    pub provider_schemas: BTreeMap<String, ProviderSchema>,
}

/// One provider, its types not read yet.
#[derive(Deserialize)]
pub(super) struct ProviderSchema {
    pub provider: Option<Box<RawValue>>,
    #[serde(default)]
    pub resource_schemas: BTreeMap<String, Box<RawValue>>,
    #[serde(default)]
    pub data_source_schemas: BTreeMap<String, Box<RawValue>>,
    #[serde(default)]
    pub ephemeral_resource_schemas: BTreeMap<String, Box<RawValue>>,
}

#[derive(Deserialize)]
struct SchemaJson {
    #[serde(default)]
    block: BlockJson,
}

#[derive(Default, Deserialize)]
struct BlockJson {
    #[serde(default)]
    attributes: BTreeMap<String, AttributeJson>,
    #[serde(default)]
    block_types: BTreeMap<String, NestedBlockJson>,
}

#[derive(Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the file has them as separate members"
)]
struct AttributeJson {
    r#type: Option<serde_json::Value>,
    nested_type: Option<NestedTypeJson>,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    optional: bool,
    #[serde(default)]
    computed: bool,
    #[serde(default)]
    sensitive: bool,
    #[serde(default)]
    write_only: bool,
}

#[derive(Deserialize)]
struct NestedTypeJson {
    nesting_mode: NestingJson,
    #[serde(default)]
    attributes: BTreeMap<String, AttributeJson>,
}

#[derive(Deserialize)]
struct NestedBlockJson {
    nesting_mode: NestingJson,
    #[serde(default)]
    block: BlockJson,
    #[serde(default)]
    min_items: u32,
    #[serde(default)]
    max_items: u32,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum NestingJson {
    Single,
    Group,
    List,
    Set,
    Map,
}

/// Reads the file, not yet the types in it.
pub(super) fn read(text: &str) -> Result<SchemaFile, SchemaError> {
    let file: SchemaFile = serde_json::from_str(text.trim_start_matches('\u{feff}'))?;
    match file.format_version.split('.').next() {
        Some("" | "0" | "1") => Ok(file),
        _ => Err(SchemaError::Format {
            version: file.format_version,
        }),
    }
}

/// Reads one type.
pub(super) fn block(kind: &str, text: &RawValue) -> Result<Block, SchemaError> {
    let in_kind = |reason: String| SchemaError::Type {
        kind: kind.to_owned(),
        reason,
    };
    let schema: SchemaJson =
        serde_json::from_str(text.get()).map_err(|error| in_kind(error.to_string()))?;
    block_of(&schema.block).map_err(in_kind)
}

fn block_of(json: &BlockJson) -> Result<Block, String> {
    let mut blocks = BTreeMap::new();
    for (name, nested) in &json.block_types {
        let nested = NestedBlock {
            nesting: nested.nesting_mode.into(),
            block: Arc::new(block_of(&nested.block)?),
            min_items: nested.min_items,
            max_items: (nested.max_items > 0).then_some(nested.max_items),
        };
        blocks.insert(name.as_str().into(), nested);
    }
    Ok(Block::new(attributes_of(&json.attributes)?, blocks))
}

fn attributes_of(
    json: &BTreeMap<String, AttributeJson>,
) -> Result<BTreeMap<Arc<str>, Attribute>, String> {
    json.iter()
        .map(|(name, attribute)| {
            let read = attribute_of(attribute).map_err(|reason| format!("`{name}`: {reason}"))?;
            Ok((name.as_str().into(), read))
        })
        .collect()
}

fn attribute_of(json: &AttributeJson) -> Result<Attribute, String> {
    let (ty, nested) = match (&json.nested_type, &json.r#type) {
        (Some(nested), _) => {
            let block = Arc::new(Block::new(
                attributes_of(&nested.attributes)?,
                BTreeMap::new(),
            ));
            let nesting = Nesting::from(nested.nesting_mode);
            let ty = nesting.ty(block.ty().clone());
            (ty, Some(Arc::new(NestedAttributes { nesting, block })))
        }
        (None, Some(ty)) => (type_of(ty)?, None),
        (None, None) => return Err("neither `type` nor `nested_type`".to_owned()),
    };
    Ok(Attribute {
        ty,
        setting: Setting::of(json.required, json.optional, json.computed),
        sensitive: json.sensitive,
        write_only: json.write_only,
        nested,
    })
}

impl From<NestingJson> for Nesting {
    fn from(json: NestingJson) -> Self {
        match json {
            NestingJson::Single => Self::Single,
            NestingJson::Group => Self::Group,
            NestingJson::List => Self::List,
            NestingJson::Set => Self::Set,
            NestingJson::Map => Self::Map,
        }
    }
}

/// A type in cty's JSON: `"string"`, `["list", "string"]`, `["object", {"a": "bool"}]`.
fn type_of(json: &serde_json::Value) -> Result<Type, String> {
    use serde_json::Value as Json;
    let wrong = || format!("no type: `{json}`");
    match json {
        Json::String(name) => match name.as_str() {
            "dynamic" => Ok(Type::Dynamic),
            "bool" => Ok(Type::Bool),
            "number" => Ok(Type::Number),
            "string" => Ok(Type::String),
            _ => Err(wrong()),
        },
        Json::Array(parts) => {
            let (Some(constructor), Some(of)) =
                (parts.first().and_then(Json::as_str), parts.get(1))
            else {
                return Err(wrong());
            };
            match (constructor, of) {
                ("list", of) => Ok(Type::list(type_of(of)?)),
                ("set", of) => Ok(Type::set(type_of(of)?)),
                ("map", of) => Ok(Type::map(type_of(of)?)),
                ("tuple", Json::Array(of)) => Ok(Type::Tuple(
                    of.iter().map(type_of).collect::<Result<_, _>>()?,
                )),
                ("object", Json::Object(of)) => Ok(Type::object(
                    of.iter()
                        .map(|(name, of)| Ok((Arc::from(name.as_str()), type_of(of)?)))
                        .collect::<Result<_, String>>()?,
                )),
                _ => Err(wrong()),
            }
        }
        _ => Err(wrong()),
    }
}

/// A JSON value as a value of the type; `None` when it is not one, or a number that is not a whole one.
pub(super) fn value_of_json(json: &serde_json::Value, ty: &Type) -> Option<Value> {
    use serde_json::Value as Json;
    Some(match (json, ty) {
        (Json::Null, _) => Value::null(ty.clone()),
        (Json::Bool(value), Type::Bool) => Value::bool(*value),
        (Json::Number(number), Type::Number) => Value::number(Number::from(number.as_i64()?)),
        (Json::String(text), Type::String) => Value::text(text),
        (Json::Bool(_) | Json::Number(_), Type::String) => Value::text(&json.to_string()),
        (Json::Array(elements), Type::List(of)) => Value::list(
            (**of).clone(),
            elements
                .iter()
                .map(|element| value_of_json(element, of))
                .collect::<Option<Vec<_>>>()?,
        ),
        (Json::Array(elements), Type::Set(of)) => {
            let elements: Option<Vec<_>> = elements
                .iter()
                .map(|element| value_of_json(element, of))
                .collect();
            crate::value::set_from(of, elements?)
        }
        (Json::Object(entries), Type::Map(of)) => Value::map(
            (**of).clone(),
            entries
                .iter()
                .map(|(key, element)| Some((key.as_str().into(), value_of_json(element, of)?)))
                .collect::<Option<Entries>>()?,
        ),
        (Json::Object(entries), Type::Object(of)) => Value::object(
            of.attributes
                .iter()
                .map(|(name, ty)| {
                    let inner = entries.get(&**name).unwrap_or(&Json::Null);
                    Some((Arc::clone(name), value_of_json(inner, ty)?))
                })
                .collect::<Option<Entries>>()?,
        ),
        _ => return None,
    })
}
