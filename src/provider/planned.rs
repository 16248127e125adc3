//! What a provider plans for a resource: the configuration, with everything that it leaves out filled in.
//!
//! The rules were measured on plans of the AWS provider 5.x and 6.x:
//! * what is computed and left out is unknown on create, unless the provider sets a default in code;
//! * resources of the older plugin SDK plan a list, set or map of primitives with one unknown element as wholly unknown, and have
//!   empty strings and collections, not nulls, for what an element of a set leaves out;
//! * AWS adds the provider's region and default tags to every resource;
//! * write-only arguments are null.
//!
//! Where Terraform knows less than the sources tell, the value is unknown with a [`Shape::Partial`] that rules can look into.

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as BASE64;
use sha1::{Digest as _, Sha1};

use super::behaviour::among;
use super::{
    Attribute, Behaviour, Block, Names, NestedBlock, Nesting, ProviderConfig, TypeFacts,
    implied_provider,
};
use crate::address::{AttributePath, ResourceAddress};
use crate::value::{self, Cause, Causes, Data, Entries, Marks, Shape, Type, Unknown, Value};

/// The planned object of a resource that will be created.
///
/// `config` is the evaluated configuration, converted to the type of the schema: an object with every attribute and block, what
/// is not set is null. Nested blocks are a list, set, map or object as the schema nests them; null and missing count as none,
/// unknown as a number of blocks that is not known. A configuration that is not an object is returned as it is.
pub fn planned_new(
    facts: &TypeFacts,
    config: &Value,
    address: &Arc<ResourceAddress>,
    provider: &ProviderConfig,
) -> Value {
    let plan = Planner {
        behaviour: &facts.behaviour,
        address,
        sdk: facts.block.is_sdk(),
    };
    let planned = plan.block(&facts.block, config, &Place::default());
    let Data::Object(entries) = planned.data() else {
        return planned;
    };
    let mut entries = (**entries).clone();
    match implied_provider(&facts.kind) {
        "aws" => plan.plan_aws(facts, config, &mut entries, provider),
        "terraform" if &*facts.kind == "terraform_data" => plan.plan_data(&mut entries),
        _ => {}
    }
    plan.drop_inapplicable(&mut entries);
    entries.extend(facts.block.beyond(config));
    Value::object(entries).with_marks(planned.marks())
}

/// The paths whose change from `prior` to `planned` replaces the resource. Both are objects of the schema; null (a creation or
/// a deletion) replaces nothing. What will be known only after apply counts as a change.
///
/// `planned` is what is planned for a change in place, where everything that the configuration leaves out keeps its stored
/// value; what [`planned_new`] makes has unknowns there.
pub fn replacing_paths(facts: &TypeFacts, prior: &Value, planned: &Value) -> Vec<AttributePath> {
    let mut paths = Vec::new();
    if !prior.is_null() && !planned.is_null() {
        for Names(path) in &facts.behaviour.force_new {
            differing(path, prior, planned, AttributePath::default(), &mut paths);
        }
    }
    paths.sort();
    paths.dedup();
    paths
}

/// Where in a resource: names alone for the facts, with indexes for people.
#[derive(Clone, Default)]
struct Place {
    names: Vec<Arc<str>>,
    path: AttributePath,
}

impl Place {
    fn within(&self, name: &Arc<str>) -> Self {
        let mut names = self.names.clone();
        names.push(Arc::clone(name));
        Self {
            names,
            path: self.path.with_attribute(name),
        }
    }

    fn element(&self, index: usize) -> Self {
        Self {
            names: self.names.clone(),
            path: self.path.with_index(index),
        }
    }

    fn entry(&self, key: &str) -> Self {
        Self {
            names: self.names.clone(),
            path: self.path.with_attribute(key),
        }
    }
}

struct Planner<'a> {
    behaviour: &'a Behaviour,
    address: &'a Arc<ResourceAddress>,
    sdk: bool,
}

/// Which nulls are planned as empty.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fill {
    /// Strings, lists and sets: in an element of a set.
    Texts,
    /// Numbers and bools as well: in an attribute that is written as blocks.
    Scalars,
}

impl Planner<'_> {
    fn block(&self, block: &Block, config: &Value, place: &Place) -> Value {
        let Some(given) = config.as_entries() else {
            return config.clone();
        };
        let attributes = block.attributes.iter().map(|(name, attribute)| {
            let planned = self.attribute(name, attribute, given.get(name), place);
            (Arc::clone(name), planned)
        });
        let blocks = block.blocks.iter().map(|(name, nested)| {
            let planned = self.nested_block(name, nested, given.get(name), place);
            (Arc::clone(name), planned)
        });
        Value::object(attributes.chain(blocks).collect()).with_marks(config.marks())
    }

    fn attribute(
        &self,
        name: &Arc<str>,
        attribute: &Attribute,
        given: Option<&Value>,
        place: &Place,
    ) -> Value {
        if attribute.write_only {
            return Value::null(attribute.ty.clone());
        }
        let Some(given) = given.filter(|given| !given.is_null()) else {
            return match self.behaviour.default_of(&place.names, name) {
                Some(default) => default.clone(),
                None if attribute.setting.is_computed() => {
                    self.computed(name, &attribute.ty, &place.path)
                }
                None => Value::null(attribute.ty.clone()),
            };
        };
        if let Some(nested) = &attribute.nested {
            return self.nested(nested.nesting, &nested.block, given, &place.within(name));
        }
        if among(&self.behaviour.empty_elements, &place.names, name) {
            return self.filled_elements(given);
        }
        self.whole(given)
    }

    fn nested_block(
        &self,
        name: &Arc<str>,
        nested: &NestedBlock,
        given: Option<&Value>,
        place: &Place,
    ) -> Value {
        let given = match given {
            Some(given) if !given.is_null() => given.clone(),
            _ => nested.empty(),
        };
        let none = given.is_known() && !given.is_null() && given.children().next().is_none();
        if none && among(&self.behaviour.unknown_blocks, &place.names, name) {
            return self.computed(name, &nested.ty(), &place.path);
        }
        self.nested(nested.nesting, &nested.block, &given, &place.within(name))
    }

    fn nested(&self, nesting: Nesting, block: &Block, given: &Value, place: &Place) -> Value {
        let planned: Value = match (nesting, given.data()) {
            (Nesting::Single | Nesting::Group, _) => return self.block(block, given, place),
            (_, Data::List(_, elements) | Data::Set(_, elements) | Data::Tuple(elements)) => {
                let elements = elements.iter().enumerate().map(|(index, element)| {
                    let planned = self.block(block, element, &place.element(index));
                    if nesting == Nesting::Set && self.sdk {
                        self.filled(&planned, Fill::Texts)
                    } else {
                        planned
                    }
                });
                let of = block.ty().clone();
                if nesting == Nesting::Set {
                    value::set_from(&of, elements)
                } else {
                    Value::list(of, elements)
                }
            }
            (_, Data::Map(_, entries) | Data::Object(entries)) => {
                let entries = entries.iter().map(|(key, element)| {
                    let planned = self.block(block, element, &place.entry(key));
                    (Arc::clone(key), planned)
                });
                Value::map(block.ty().clone(), entries.collect())
            }
            _ => return given.clone(),
        };
        planned.with_marks(given.marks())
    }

    /// What the provider decides during apply. It may be null as far as Terraform knows.
    fn computed(&self, name: &str, ty: &Type, parent: &AttributePath) -> Value {
        let cause = Cause::Apply {
            address: Arc::clone(self.address),
            path: parent.with_attribute(name),
        };
        Value::unknown(ty.clone(), Causes::one(cause))
    }

    /// The older SDK plans a list, set or map of primitives with one unknown element as wholly unknown.
    fn whole(&self, given: &Value) -> Value {
        let primitives = match given.data() {
            Data::List(of, _) | Data::Set(of, _) | Data::Map(of, _) => of.is_primitive(),
            _ => false,
        };
        if self.sdk && primitives && !given.is_wholly_known() {
            return partly(given.clone());
        }
        given.clone()
    }

    /// Elements of an attribute that is written as blocks.
    fn filled_elements(&self, given: &Value) -> Value {
        let fill = |elements: &[Value]| -> Vec<Value> {
            elements
                .iter()
                .map(|element| self.filled(element, Fill::Scalars))
                .collect()
        };
        let planned = match given.data() {
            Data::List(of, elements) => Value::list(of.clone(), fill(elements)),
            Data::Set(of, elements) => value::set_from(of, fill(elements)),
            _ => return given.clone(),
        };
        planned.with_marks(given.marks())
    }

    fn filled(&self, element: &Value, fill: Fill) -> Value {
        let Some(entries) = element.as_entries() else {
            return element.clone();
        };
        let entries = entries.iter().map(|(name, inner)| {
            let filled = match inner.data() {
                Data::Null(ty) => empty(ty, fill).unwrap_or_else(|| inner.clone()),
                _ => self.whole(inner),
            };
            (Arc::clone(name), filled.with_marks(inner.marks()))
        });
        Value::object(entries.collect()).with_marks(element.marks())
    }

    /// What does not apply is planned null, such as the settings of another kind of load balancer.
    fn drop_inapplicable(&self, entries: &mut Entries) {
        for rule in &self.behaviour.only_when {
            let Some(deciding) = entries.get(&rule.attribute).and_then(Value::as_str) else {
                continue;
            };
            if rule.values.iter().any(|value| **value == *deciding) {
                continue;
            }
            for Names(path) in &rule.paths {
                if let [name] = &**path
                    && let Some(old) = entries.get_mut(name)
                {
                    *old = Value::null(old.ty());
                }
            }
        }
    }

    /// `terraform_data`: the output has the type of the input, and is its value after apply. That the id is not null is
    /// promised when it is planned.
    fn plan_data(&self, entries: &mut Entries) {
        if let Some(id) = entries.get_mut("id")
            && let Some(unknown) = id.as_unknown()
        {
            *id = Value::refined(Unknown {
                not_null: true,
                ..unknown.clone()
            });
        }
        let input = entries.get("input").cloned().unwrap_or(Value::NULL);
        let output = if input.is_null() {
            input
        } else {
            // Not sensitive to Terraform, and made of the same secrets.
            let secrets = input.marks_deep().only_secrets();
            self.computed("output", &input.ty(), &AttributePath::default())
                .with_marks(&secrets)
        };
        entries.insert("output".into(), output);
    }

    /// What the AWS provider does to every resource.
    fn plan_aws(
        &self,
        facts: &TypeFacts,
        config: &Value,
        entries: &mut Entries,
        provider: &ProviderConfig,
    ) {
        let attributes = &facts.block.attributes;
        if attributes.contains_key("region") {
            plan_region(&facts.kind, entries, provider);
        }
        if provider.major.is_some_and(|major| major < 6) {
            plan_before_6(&facts.kind, config, entries);
        }
        let own = config
            .attribute("tags_all")
            .is_some_and(|all| !all.is_null());
        if attributes.contains_key("tags") && attributes.contains_key("tags_all") && !own {
            let tags = config.attribute("tags").unwrap_or(&Value::NULL);
            let all = self.tags_all(tags, &provider.default_tags);
            entries.insert("tags_all".into(), all);
        }
        match &*facts.kind {
            "aws_acm_certificate" => self.plan_validation_options(entries),
            "aws_dynamodb_table" => plan_time_to_live(entries),
            _ => {}
        }
    }

    /// The provider's default tags under the resource's own. With one unknown tag of its own all are unknown; with an unknown
    /// default tag the provider takes none of the default ones; without any, what AWS says counts.
    fn tags_all(&self, tags: &Value, defaults: &Value) -> Value {
        let defaults = Some(defaults).filter(|defaults| defaults.is_wholly_known());
        let mut merged = Entries::new();
        for source in defaults.into_iter().chain([tags]) {
            let known = match source.as_unknown().map(|unknown| &unknown.shape) {
                Some(Some(Shape::Partial(partial))) => partial.as_entries(),
                _ => source.as_entries(),
            };
            merged.extend(
                known
                    .into_iter()
                    .flatten()
                    .map(|(key, tag)| (Arc::clone(key), tag.clone())),
            );
        }
        let mut marks = tags.marks().clone();
        if let Some(defaults) = defaults {
            marks = marks.union(defaults.marks());
        }
        // Only the provider computes this: Terraform does not know that it repeats something sensitive.
        let mut secrets = Marks::of(merged.values());
        secrets.sensitive = false;
        let merged: Entries = merged
            .into_iter()
            .map(|(key, tag)| (key, tag.replace_marks(secrets.clone())))
            .collect();
        marks.sensitive = false;
        let ty = Type::map(Type::String);
        let none = merged.is_empty();
        let map = Value::map(Type::String, merged);
        if !tags.is_known() {
            let mut unknown = Unknown::new(ty, tags.causes());
            unknown.shape = (!none).then(|| Shape::Partial(Arc::new(map)));
            return Value::refined(unknown).with_marks(&marks);
        }
        if none {
            return self.computed("tags_all", &ty, &AttributePath::default());
        }
        let map = map.with_marks(&marks);
        if map.is_wholly_known() {
            map
        } else {
            partly(map)
        }
    }

    /// One option a domain of the certificate, whose name is known and whose record is not; and the domain itself is among its
    /// alternative names. Only for validation over DNS (`internal/service/acm/certificate.go` of the provider), and not where a
    /// name is unknown.
    fn plan_validation_options(&self, entries: &mut Entries) {
        let text = |name: &str| entries.get(name).and_then(Value::as_str);
        if text("validation_method").is_some_and(|method| method != "DNS") {
            return;
        }
        let Some(domain) = entries.get("domain_name").filter(|v| v.as_str().is_some()) else {
            return;
        };
        let mut names = vec![domain.clone()];
        match entries
            .get("subject_alternative_names")
            .map(|sans| (sans.data(), sans))
        {
            Some((Data::Set(_, sans) | Data::List(_, sans), _)) => {
                names.extend(sans.iter().filter(|san| !san.is_null()).cloned());
            }
            // Left out it is unknown, too; then there are no others.
            Some((Data::Unknown(unknown), _)) if unknown.shape.is_some() => return,
            _ => {}
        }
        if !names.iter().all(Value::is_known) {
            return;
        }
        let at = AttributePath::attribute("domain_validation_options");
        let mut seen: Vec<Value> = Vec::new();
        for name in names {
            if !seen.iter().any(|other| other.as_str() == name.as_str()) {
                seen.push(name);
            }
        }
        let options: Vec<Value> = seen
            .iter()
            .enumerate()
            .map(|(index, name)| {
                let record = |part: &str| {
                    (
                        Arc::from(part),
                        self.computed(part, &Type::String, &at.with_index(index)),
                    )
                };
                Value::object(Entries::from([
                    (Arc::from("domain_name"), name.clone()),
                    record("resource_record_name"),
                    record("resource_record_type"),
                    record("resource_record_value"),
                ]))
            })
            .collect();
        let of = options[0].ty();
        entries.insert(
            "domain_validation_options".into(),
            value::set_from(&of, options),
        );
        let sans = value::set_from(&Type::String, seen);
        entries.insert("subject_alternative_names".into(), sans);
    }
}

/// A table whose items do not expire keeps no name of the attribute by which they would.
fn plan_time_to_live(entries: &mut Entries) {
    let Some(ttl) = entries.get("ttl") else {
        return;
    };
    let Data::List(of, elements) = ttl.data() else {
        return;
    };
    let planned = elements.iter().map(|element| {
        let is_off = element.attribute("enabled").and_then(Value::as_bool) == Some(false);
        let Some(given) = element.as_entries().filter(|_| is_off) else {
            return element.clone();
        };
        let mut given = given.clone();
        given.insert("attribute_name".into(), Value::null(Type::String));
        Value::object(given).with_marks(element.marks())
    });
    let planned = Value::list(of.clone(), planned).with_marks(ttl.marks());
    entries.insert("ttl".into(), planned);
}

/// What versions of the provider before 6 planned in another way.
fn plan_before_6(kind: &str, config: &Value, entries: &mut Entries) {
    let is_left_out = |name: &str| config.attribute(name).is_none_or(Value::is_null);
    match kind {
        "aws_ecs_service" if is_left_out("availability_zone_rebalancing") => {
            let value = Value::string("DISABLED");
            entries.insert("availability_zone_rebalancing".into(), value);
        }
        // They kept a hash of what it decodes to.
        "aws_instance" | "aws_spot_instance_request" => {
            let Some(given) = entries.get("user_data") else {
                return;
            };
            let Some(text) = given.as_str() else {
                return;
            };
            let decoded = BASE64.decode(text).unwrap_or_else(|_| text.into());
            let hash: String = Sha1::digest(&decoded)
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            let hash = Value::string(hash).with_marks(given.marks());
            entries.insert("user_data".into(), hash);
        }
        _ => {}
    }
}

/// From version 6 of the provider on, each resource says its region.
fn plan_region(kind: &str, entries: &mut Entries, provider: &ProviderConfig) {
    if provider.major.is_some_and(|major| major < 6) {
        // A bucket has always told where it is, after apply.
        if kind != "aws_s3_bucket" {
            entries.remove("region");
        }
    } else if entries.get("region").is_some_and(|own| !own.is_known()) {
        let region = if provider.region.is_null() {
            Value::unknown(
                Type::String,
                Causes::one(Cause::NoValue {
                    variable: "provider.aws.region".into(),
                }),
            )
        } else {
            provider.region.clone()
        };
        entries.insert("region".into(), region);
    }
}

/// What stands for nothing where the SDK cannot say null.
fn empty(ty: &Type, fill: Fill) -> Option<Value> {
    match ty {
        Type::String => Some(Value::string("")),
        Type::Bool if fill == Fill::Scalars => Some(Value::FALSE),
        Type::Number if fill == Fill::Scalars => Some(Value::number(0_i64)),
        Type::List(of) => Some(Value::list((**of).clone(), [])),
        Type::Set(of) => Some(value::set_from(of, [])),
        _ => None,
    }
}

/// Unknown as a whole, while rules still see the elements that the sources give.
fn partly(value: Value) -> Value {
    // Marks of elements are lost to Terraform with the elements; a secret is not lost sight of.
    let marks = Marks {
        secrets: value.marks_deep().secrets,
        ..value.marks().clone()
    };
    let mut unknown = Unknown::new(value.ty(), value.causes());
    unknown.not_null = true;
    unknown.shape = Some(Shape::Partial(Arc::new(value)));
    Value::refined(unknown).with_marks(&marks)
}

fn differing(
    steps: &[Arc<str>],
    prior: &Value,
    planned: &Value,
    at: AttributePath,
    paths: &mut Vec<AttributePath>,
) {
    if !planned.is_known() {
        paths.push(at);
        return;
    }
    let (Some((step, rest)), false, false) =
        (steps.split_first(), prior.is_null(), planned.is_null())
    else {
        if !same(prior, planned) {
            paths.push(at);
        }
        return;
    };
    match (prior.data(), planned.data()) {
        (Data::Object(old), Data::Object(new)) => {
            if let (Some(old), Some(new)) = (old.get(step), new.get(step)) {
                differing(rest, old, new, at.with_attribute(step), paths);
            }
        }
        (Data::List(_, old), Data::List(_, new)) if old.len() == new.len() => {
            for (index, (old, new)) in old.iter().zip(new.iter()).enumerate() {
                differing(steps, old, new, at.with_index(index), paths);
            }
        }
        // The elements of a set or a map have no path of their own.
        _ => {
            if !same(prior, planned) {
                paths.push(at);
            }
        }
    }
}

/// Equal, marks aside.
fn same(left: &Value, right: &Value) -> bool {
    let all = |left: &[Value], right: &[Value]| {
        left.len() == right.len()
            && left
                .iter()
                .zip(right)
                .all(|(left, right)| same(left, right))
    };
    match (left.data(), right.data()) {
        (Data::List(_, left), Data::List(_, right)) | (Data::Tuple(left), Data::Tuple(right)) => {
            all(left, right)
        }
        (Data::Set(_, left), Data::Set(_, right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .all(|one| right.iter().any(|other| same(one, other)))
        }
        (Data::Map(_, left), Data::Map(_, right)) | (Data::Object(left), Data::Object(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .zip(right.iter())
                    .all(|((name, left), (other, right))| name == other && same(left, right))
        }
        (left, right) => left == right,
    }
}
