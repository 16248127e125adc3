//! Facts about providers: schemas, what providers do in code, where secrets stand, and what the cloud does with what is left out.
//!
//! The AWS provider and the small utility providers are packed into the binary (`data/README.md` says which versions and from
//! where); others come from `terraform providers schema -json` ([`Providers::load_schema_json`]). A type that neither knows
//! has no facts: whoever asks must say so, and not guess.
//!
//! Evaluated values come in and go out; expressions and configuration are not known here.

mod behaviour;
mod cloudinit;
pub mod data_sources;
pub mod documented;
mod packed;
pub mod planned;
mod policy_document;
mod schema;
mod schema_json;
pub mod secrets;
pub mod unique;

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, OnceLock};

pub use behaviour::{Behaviour, Names, OnlyWhen};
use packed::{Entry, PACKED, Packed, Section};
pub use schema::{Attribute, Block, NestedAttributes, NestedBlock, Nesting, Setting};
pub use schema_json::SchemaError;

use crate::address::ResourceMode;
use crate::value::{Data, Value};

/// The facts about one resource, data source or ephemeral resource type.
#[derive(Clone, Debug)]
pub struct TypeFacts {
    /// Managed, data or ephemeral.
    pub mode: ResourceMode,
    /// The type: `aws_lb`.
    pub kind: Arc<str>,
    /// Attributes and blocks.
    pub block: Arc<Block>,
    /// Beyond the schema; empty for all but resources.
    pub behaviour: Behaviour,
}

/// The facts about one provider.
#[derive(Clone, Debug)]
pub struct ProviderFacts {
    /// Its source address: `registry.terraform.io/hashicorp/aws`.
    pub source: Arc<str>,
    /// The version whose schema this is; empty when that is not said.
    pub version: Arc<str>,
    /// The arguments of its `provider` block.
    pub block: Arc<Block>,
}

/// What is known of providers: the packed facts, and those that a user adds. Added ones come first.
#[derive(Clone, Debug, Default)]
pub struct Providers {
    types: BTreeMap<(ResourceMode, Arc<str>), Arc<TypeFacts>>,
    providers: BTreeMap<Arc<str>, Arc<ProviderFacts>>,
}

/// What the `provider` block says about every resource.
#[derive(Clone, Debug, PartialEq)]
pub struct ProviderConfig {
    /// The AWS `region`; null when it is not set, as when it comes from the environment.
    pub region: Value,
    /// The tags of AWS `default_tags`: a map, null, or unknown.
    pub default_tags: Value,
    /// The provider's major version as locked or constrained, when that is known. AWS resources have a `region` from 6 on.
    pub major: Option<u64>,
}

impl Default for ProviderConfig {
    fn default() -> Self {
        Self {
            region: Value::NULL,
            default_tags: Value::NULL,
            major: None,
        }
    }
}

impl ProviderConfig {
    /// From the evaluated arguments of a `provider` block; `default_tags` is a list of blocks or one.
    pub fn of_block(config: &Value, major: Option<u64>) -> Self {
        let region = config.attribute("region").cloned().unwrap_or(Value::NULL);
        let default_tags = match config.attribute("default_tags") {
            Some(block) => match block.data() {
                Data::Object(_) => block.attribute("tags").cloned(),
                Data::Unknown(_) => Some(block.clone()),
                _ => block
                    .as_elements()
                    .and_then(|blocks| blocks.first())
                    .and_then(|block| block.attribute("tags"))
                    .cloned(),
            },
            None => None,
        };
        Self {
            region,
            default_tags: default_tags.unwrap_or(Value::NULL),
            major,
        }
    }
}

/// The local name of the provider that a type belongs to when nothing else is said: what stands before the first `_`.
pub fn implied_provider(kind: &str) -> &str {
    kind.split_once('_').map_or(kind, |(provider, _)| provider)
}

impl TypeFacts {
    /// The local name of its provider.
    pub fn provider(&self) -> &str {
        implied_provider(&self.kind)
    }
}

struct Decoded {
    packed: Packed,
    types: Box<[OnceLock<Arc<TypeFacts>>]>,
}

static DECODED: LazyLock<Decoded> = LazyLock::new(|| {
    let packed = Packed::new(PACKED);
    let types = std::iter::repeat_with(OnceLock::new)
        .take(packed.len())
        .collect();
    Decoded { packed, types }
});

static NONE_ADDED: Providers = Providers {
    types: BTreeMap::new(),
    providers: BTreeMap::new(),
};

fn section(mode: ResourceMode) -> Section {
    match mode {
        ResourceMode::Managed => Section::Resources,
        ResourceMode::Data => Section::Data,
        ResourceMode::Ephemeral => Section::Ephemeral,
    }
}

/// Facts of one packed type, decoded when they are first asked for.
fn packed_type(mode: ResourceMode, entry: Entry) -> Arc<TypeFacts> {
    let facts = DECODED.types[entry.number].get_or_init(|| {
        let packed = &DECODED.packed;
        let block = packed.block_of(entry);
        Arc::new(TypeFacts {
            mode,
            kind: Arc::clone(packed.name_of(entry)),
            behaviour: packed.behaviour_of(entry, &block),
            block,
        })
    });
    Arc::clone(facts)
}

impl Providers {
    /// The packed facts alone.
    pub fn packed() -> &'static Self {
        &NONE_ADDED
    }

    /// The facts about a type; `None` when there are none.
    pub fn schema(&self, mode: ResourceMode, kind: &str) -> Option<Arc<TypeFacts>> {
        if !self.types.is_empty()
            && let Some(facts) = self.types.get(&(mode, Arc::from(kind)))
        {
            return Some(Arc::clone(facts));
        }
        let entry = DECODED.packed.find(section(mode), kind)?;
        Some(packed_type(mode, entry))
    }

    /// The facts about a provider by its local name: `aws`.
    pub fn provider(&self, name: &str) -> Option<Arc<ProviderFacts>> {
        if let Some(facts) = self.providers.get(name) {
            return Some(Arc::clone(facts));
        }
        let packed = &DECODED.packed;
        let entry = packed.find(Section::Providers, name)?;
        let (source, version) = packed.source_of(entry);
        Some(Arc::new(ProviderFacts {
            source,
            version,
            block: packed.block_of(entry),
        }))
    }

    /// The names of the types of a mode, sorted: for "did you mean", and to tell what is known.
    pub fn kinds(&self, mode: ResourceMode) -> Vec<Arc<str>> {
        let packed = &DECODED.packed;
        let mut kinds: Vec<_> = packed
            .range(section(mode))
            .map(|number| Arc::clone(packed.name_of(packed.entry(number))))
            .chain(
                self.types
                    .keys()
                    .filter(|(of, _)| *of == mode)
                    .map(|(_, kind)| Arc::clone(kind)),
            )
            .collect();
        kinds.sort();
        kinds.dedup();
        kinds
    }

    /// Adds what `terraform providers schema -json` printed. It replaces what is known of its types; a packed behaviour stays
    /// with them, as far as their attributes are still there. Of two providers with the same types, the one added last counts.
    pub fn load_schema_json(&mut self, text: &str) -> Result<(), SchemaError> {
        for (source, schema) in schema_json::read(text)?.provider_schemas {
            let sections = [
                (ResourceMode::Managed, schema.resource_schemas),
                (ResourceMode::Data, schema.data_source_schemas),
                (ResourceMode::Ephemeral, schema.ephemeral_resource_schemas),
            ];
            for (mode, kinds) in sections {
                for (kind, text) in kinds {
                    let block = Arc::new(schema_json::block(&kind, &text)?);
                    let behaviour = DECODED
                        .packed
                        .find(section(mode), &kind)
                        .map(|entry| DECODED.packed.behaviour_of(entry, &block))
                        .unwrap_or_default();
                    let kind: Arc<str> = kind.into();
                    let facts = TypeFacts {
                        mode,
                        kind: Arc::clone(&kind),
                        block,
                        behaviour,
                    };
                    self.types.insert((mode, kind), Arc::new(facts));
                }
            }
            let name = source.rsplit('/').next().unwrap_or(&source);
            let block = match &schema.provider {
                Some(text) => schema_json::block(&source, text)?,
                None => Block::default(),
            };
            let facts = ProviderFacts {
                source: source.as_str().into(),
                version: "".into(),
                block: Arc::new(block),
            };
            self.providers.insert(name.into(), Arc::new(facts));
        }
        Ok(())
    }
}
