//! Data sources whose answer follows from the configuration alone, and what stands for the answer of all others.
//!
//! Sources, in the AWS provider's repository: `internal/service/meta/*_data_source.go` for region, partition, service, default
//! tags and ARNs, and `internal/service/iam/policy_document_data_source.go` (see `policy_document`); that of cloudinit is in `cloudinit`. What has to be
//! asked of the cloud (the account, the availability zones, whether a service is supported) is unknown.

use std::sync::Arc;

use super::{Block, NestedBlock, Nesting, ProviderConfig, TypeFacts, cloudinit, policy_document};
use crate::address::{AttributePath, ResourceAddress};
use crate::value::{self, Cause, Causes, Data, Entries, Type, Value};

/// A data source to be read.
#[derive(Clone, Copy)]
pub struct DataSource<'a> {
    /// The facts about its type.
    pub facts: &'a TypeFacts,
    /// Its evaluated configuration, as [`super::planned::planned_new`] takes it.
    pub config: &'a Value,
    /// Where it is.
    pub address: &'a Arc<ResourceAddress>,
    /// Its provider.
    pub provider: &'a ProviderConfig,
    /// Renders a template (a string) with variables (an object or map), for `template_file`; unknown where it cannot.
    pub render: &'a dyn Fn(&Value, &Value) -> Value,
}

impl DataSource<'_> {
    /// The object that the data source is. What it computes is unknown for [`Cause::Data`] where only the provider can say;
    /// a configuration that is not an object is returned as it is.
    pub fn read(&self) -> Value {
        let object = self.block(&self.facts.block, self.config, &AttributePath::default());
        let Data::Object(entries) = object.data() else {
            return object;
        };
        let mut answer = Answer {
            source: self,
            entries: (**entries).clone(),
        };
        match &*self.facts.kind {
            "aws_arn" => answer.arn(),
            "aws_default_tags" => answer.default_tags(),
            "aws_iam_policy_document" => answer.policy_document(),
            "aws_partition" => answer.partition(),
            "aws_region" => answer.region(),
            "aws_service" => answer.service(),
            "aws_service_principal" => answer.service_principal(),
            "cloudinit_config" => answer.cloudinit(),
            "null_data_source" => answer.null(),
            "template_file" => answer.template(),
            _ => {}
        }
        // Since version 6 data sources have a region, too. That of an ARN is a part of it.
        if self.facts.provider() == "aws" && &*self.facts.kind != "aws_arn" {
            let region = answer.region_in_use();
            answer.fill("region", &region);
        }
        answer.entries.extend(self.facts.block.beyond(self.config));
        Value::object(answer.entries).with_marks(object.marks())
    }

    fn block(&self, block: &Block, config: &Value, at: &AttributePath) -> Value {
        let Some(given) = config.as_entries() else {
            return config.clone();
        };
        let attributes = block.attributes.iter().map(|(name, attribute)| {
            let value = match given.get(name) {
                Some(given) if !given.is_null() => given.clone(),
                _ if attribute.setting.is_computed() => self.asked(name, &attribute.ty, at),
                _ => Value::null(attribute.ty.clone()),
            };
            (Arc::clone(name), value)
        });
        let blocks = block.blocks.iter().map(|(name, nested)| {
            let value = self.nested(name, nested, given.get(name), at);
            (Arc::clone(name), value)
        });
        Value::object(attributes.chain(blocks).collect()).with_marks(config.marks())
    }

    fn nested(
        &self,
        name: &Arc<str>,
        nested: &NestedBlock,
        given: Option<&Value>,
        at: &AttributePath,
    ) -> Value {
        let none = given.is_none_or(|given| {
            given.is_null() || given.is_known() && given.children().next().is_none()
        });
        if none {
            // Blocks that nobody can write are answers.
            return if settable(&nested.block) {
                nested.empty()
            } else {
                self.asked(name, &nested.ty(), at)
            };
        }
        let given = given.expect("there is one");
        let at = at.with_attribute(name);
        let element = |(index, element): (usize, &Value)| {
            self.block(&nested.block, element, &at.with_index(index))
        };
        let of = nested.block.ty().clone();
        let value = match (nested.nesting, given.data()) {
            (Nesting::Single | Nesting::Group, _) => return self.block(&nested.block, given, &at),
            (Nesting::Set, Data::Set(_, elements)) => {
                let elements = elements.iter().enumerate().map(element);
                value::set_from(&of, elements)
            }
            (_, Data::List(_, elements) | Data::Tuple(elements)) => {
                Value::list(of, elements.iter().enumerate().map(element))
            }
            _ => return given.clone(),
        };
        value.with_marks(given.marks())
    }

    /// What only the provider can say.
    fn asked(&self, name: &str, ty: &Type, at: &AttributePath) -> Value {
        let cause = Cause::Data {
            address: Arc::clone(self.address),
            path: at.with_attribute(name),
        };
        Value::unknown(ty.clone(), Causes::one(cause))
    }
}

/// The object of a data source that is read during apply: its configuration, and unknown what the configuration leaves out and
/// the provider computes. Blocks that are left out are none, whoever writes them.
pub fn deferred(facts: &TypeFacts, config: &Value, address: &Arc<ResourceAddress>) -> Value {
    let deferred = deferred_block(&facts.block, config, address, &AttributePath::default());
    let Some(entries) = deferred.as_entries() else {
        return deferred;
    };
    let beyond = facts.block.beyond(config);
    let entries = entries
        .iter()
        .map(|(name, value)| (Arc::clone(name), value.clone()));
    Value::object(entries.chain(beyond).collect()).with_marks(deferred.marks())
}

fn deferred_block(
    block: &Block,
    config: &Value,
    address: &Arc<ResourceAddress>,
    at: &AttributePath,
) -> Value {
    let Some(given) = config.as_entries() else {
        return config.clone();
    };
    let attributes = block.attributes.iter().map(|(name, attribute)| {
        let value = match given.get(name) {
            Some(given) if !given.is_null() => given.clone(),
            _ if attribute.setting.is_computed() => {
                let cause = Cause::Apply {
                    address: Arc::clone(address),
                    path: at.with_attribute(name),
                };
                Value::unknown(attribute.ty.clone(), Causes::one(cause))
            }
            _ => Value::null(attribute.ty.clone()),
        };
        (Arc::clone(name), value)
    });
    let blocks = block.blocks.iter().map(|(name, nested)| {
        let given = match given.get(name) {
            Some(given) if !given.is_null() => given.clone(),
            _ => nested.empty(),
        };
        let at = at.with_attribute(name);
        let of = nested.block.ty().clone();
        let element = |(index, element): (usize, &Value)| {
            deferred_block(&nested.block, element, address, &at.with_index(index))
        };
        let value = match given.data() {
            Data::Object(_) => deferred_block(&nested.block, &given, address, &at),
            Data::Set(_, elements) => {
                let elements = elements.iter().enumerate().map(element);
                value::set_from(&of, elements)
            }
            Data::List(_, elements) => Value::list(of, elements.iter().enumerate().map(element)),
            _ => given.clone(),
        };
        (Arc::clone(name), value.with_marks(given.marks()))
    });
    Value::object(attributes.chain(blocks).collect()).with_marks(config.marks())
}

/// Whether the configuration can write anything into a block.
fn settable(block: &Block) -> bool {
    let attributes = &mut block.attributes.values();
    attributes.any(|attribute| attribute.setting.is_settable())
        || block.blocks.values().any(|nested| settable(&nested.block))
}

/// An answer in the making.
struct Answer<'a> {
    source: &'a DataSource<'a>,
    entries: Entries,
}

impl Answer<'_> {
    /// The value that the configuration gives; null where it gives none.
    fn given(&self, name: &str) -> Value {
        let given = self.source.config.attribute(name);
        given.cloned().unwrap_or(Value::NULL)
    }

    /// Sets what the configuration does not, if the schema has it.
    fn fill(&mut self, name: &str, value: &Value) {
        if self.given(name).is_null()
            && let Some(old) = self.entries.get_mut(name)
        {
            *old = value.clone();
        }
    }

    /// The same with a text that is computed from known ones; a value without text (unknown) is passed on as it is.
    fn fill_with(&mut self, name: &str, from: &Value, text: impl Fn(&str) -> String) {
        let value = match from.as_str() {
            Some(known) => Value::text(&text(known)).with_marks(from.marks()),
            None => from.clone(),
        };
        self.fill(name, &value);
    }

    /// The region: its own, or the provider's.
    fn region_in_use(&self) -> Value {
        let own = self.given("region");
        if !own.is_null() {
            return own;
        }
        if self.source.provider.region.is_null() {
            return Value::unknown(
                Type::String,
                Causes::one(Cause::NoValue {
                    variable: "provider.aws.region".into(),
                }),
            );
        }
        self.source.provider.region.clone()
    }

    fn region(&mut self) {
        if !self.given("endpoint").is_null() {
            return;
        }
        let name = self.given("name");
        let region = if name.is_null() {
            self.region_in_use()
        } else {
            name
        };
        for attribute in ["id", "name", "region"] {
            self.fill(attribute, &region);
        }
        self.fill_with("endpoint", &region, |region| {
            format!("ec2.{region}.{}", partition_of(region).dns_suffix)
        });
    }

    fn partition(&mut self) {
        let region = self.region_in_use();
        for attribute in ["id", "partition"] {
            self.fill_with(attribute, &region, |region| {
                partition_of(region).id.to_owned()
            });
        }
        self.fill_with("dns_suffix", &region, |region| {
            partition_of(region).dns_suffix.to_owned()
        });
        self.fill_with("reverse_dns_prefix", &region, |region| {
            reversed(partition_of(region).dns_suffix)
        });
    }

    fn service(&mut self) {
        let (id, region) = (self.given("service_id"), self.region_in_use());
        let by_name = ["dns_name", "reverse_dns_name", "reverse_dns_prefix"];
        if by_name.iter().any(|name| !self.given(name).is_null()) {
            return;
        }
        self.fill("region", &region);
        self.fill_with("partition", &region, |region| {
            partition_of(region).id.to_owned()
        });
        self.fill_with("reverse_dns_prefix", &region, |region| {
            reversed(partition_of(region).dns_suffix)
        });
        let Some(region_name) = region.as_str() else {
            return;
        };
        let reverse = |id: &str| {
            let prefix = reversed(partition_of(region_name).dns_suffix);
            format!("{prefix}.{region_name}.{id}")
        };
        if !id.is_null() {
            self.fill_with("reverse_dns_name", &id, reverse);
            self.fill_with("id", &id, reverse);
            self.fill_with("dns_name", &id, |id| reversed(&reverse(id)).to_lowercase());
        }
    }

    fn service_principal(&mut self) {
        let (service, region) = (self.given("service_name"), self.region_in_use());
        let (Some(service), Some(region)) = (service.as_str(), region.as_str()) else {
            return;
        };
        let suffix = principal_suffix(service, partition_of(region));
        self.fill("suffix", &Value::text(suffix));
        self.fill("name", &Value::text(&format!("{service}.{suffix}")));
        self.fill("id", &Value::text(&format!("{service}.{region}.{suffix}")));
    }

    fn default_tags(&mut self) {
        let tags = &self.source.provider.default_tags;
        let tags = if tags.is_null() {
            Value::map(Type::String, Entries::new())
        } else {
            tags.clone()
        };
        self.fill("tags", &tags);
        let region = self.region_in_use();
        self.fill_with("id", &region, |region| partition_of(region).id.to_owned());
    }

    /// `arn:partition:service:region:account:resource`, where the resource may contain colons.
    fn arn(&mut self) {
        let arn = self.given("arn");
        let Some(text) = arn.as_str() else {
            return;
        };
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let ["arn", partition, service, region, account, resource] = parts[..] else {
            let cause = Cause::Error {
                message: "`data.aws_arn` of something that is no ARN".into(),
            };
            for part in ["partition", "service", "region", "account", "resource"] {
                let unknown = Value::unknown(Type::String, Causes::one(cause.clone()));
                self.fill(part, &unknown);
            }
            return;
        };
        for (name, part) in [
            ("partition", partition),
            ("service", service),
            ("region", region),
            ("account", account),
            ("resource", resource),
            ("id", text),
        ] {
            self.fill(name, &Value::text(part).with_marks(arn.marks()));
        }
    }

    fn policy_document(&mut self) {
        let printed = policy_document::print(self.source.config);
        self.fill("json", &printed.indented);
        self.fill("minified_json", &printed.minified);
    }

    fn null(&mut self) {
        let inputs = self.given("inputs");
        self.fill("outputs", &inputs);
        self.fill("id", &Value::string("static"));
        self.fill("has_computed_default", &Value::string("default"));
    }

    fn cloudinit(&mut self) {
        let config = cloudinit::with_defaults(self.source.config);
        let rendered = cloudinit::rendered(&config);
        for (name, value) in config.as_entries().into_iter().flatten() {
            self.entries.insert(Arc::clone(name), value.clone());
        }
        self.fill("id", &cloudinit::id(&rendered));
        self.fill("rendered", &rendered);
    }

    fn template(&mut self) {
        let template = self.given("template");
        if !template.is_null() {
            let rendered = (self.source.render)(&template, &self.given("vars"));
            self.fill("rendered", &rendered);
        }
    }
}

/// A part of AWS with accounts and names of its own.
struct Partition {
    id: &'static str,
    dns_suffix: &'static str,
}

/// By the prefix of its regions, as the AWS SDKs list them (`partitions.json`); whatever is not listed is the main one.
const PARTITIONS: [(&str, Partition); 8] = [
    ("cn-", partition("aws-cn", "amazonaws.com.cn")),
    ("us-gov-", partition("aws-us-gov", "amazonaws.com")),
    ("us-iso-", partition("aws-iso", "c2s.ic.gov")),
    ("us-isob-", partition("aws-iso-b", "sc2s.sgov.gov")),
    ("eu-isoe-", partition("aws-iso-e", "cloud.adc-e.uk")),
    ("us-isof-", partition("aws-iso-f", "csp.hci.ic.gov")),
    ("eusc-", partition("aws-eusc", "amazonaws.eu")),
    ("", partition("aws", "amazonaws.com")),
];

const fn partition(id: &'static str, dns_suffix: &'static str) -> Partition {
    Partition { id, dns_suffix }
}

fn partition_of(region: &str) -> &'static Partition {
    let found = PARTITIONS
        .iter()
        .find(|(prefix, _)| region.starts_with(prefix));
    &found.expect("the last prefix is empty").1
}

/// Services whose principal bears the partition's own suffix, where others have that of the main partition.
fn principal_suffix(service: &str, partition: &Partition) -> &'static str {
    match (partition.id, service) {
        ("aws-iso", "cloudhsm" | "config" | "logs" | "workspaces")
        | ("aws-iso-b", "dms" | "logs")
        | ("aws-cn", "codedeploy" | "elasticmapreduce" | "logs") => partition.dns_suffix,
        _ => "amazonaws.com",
    }
}

/// `a.b.c` is `c.b.a`.
fn reversed(name: &str) -> String {
    name.rsplit('.').collect::<Vec<_>>().join(".")
}
