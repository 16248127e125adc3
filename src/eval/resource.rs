//! Resources, data sources and ephemeral resources: their instances, as they would be planned.

use std::cell::OnceCell;
use std::sync::Arc;

use super::expansion::{Expansion, Keys};
use super::reading::{self, Reading};
use super::scope::{Repetition, Scope};
use super::{Mode, ModuleState};
use crate::address::{AttributePath, InstanceKey, ResourceAddress, ResourceMode};
use crate::config::{self, IgnoreChanges};
use crate::problem::{Problem, ProblemKind};
use crate::provider::data_sources::{self, DataSource};
use crate::provider::planned::planned_new;
use crate::provider::{ProviderConfig, Setting, TypeFacts, implied_provider, secrets};
use crate::syntax::ExprKind;
use crate::value::{Cause, Causes, Data, Entries, Marks, Shape, Type, Unknown, Value};

/// One instance of a resource.
#[derive(Debug)]
pub struct Instance {
    /// Its address.
    pub address: Arc<ResourceAddress>,
    /// The provider's full name.
    pub provider: Arc<str>,
    /// The object as it would be planned.
    pub value: Value,
    /// When it is read, if it is a data source.
    pub reading: Reading,
    /// What `each` and `count` are for it.
    pub repetition: Repetition,
}

/// Evaluates every instance of a block.
pub(super) fn expand(
    scope: &Scope<'_>,
    module: &Arc<ModuleState>,
    block: &config::Resource,
    keys: Keys,
) -> Expansion {
    let evaluation = scope.evaluation;
    let facts = evaluation
        .providers
        .schema(block.address.mode, &block.address.kind);
    let provider = super::provider::of_resource(evaluation, module, block);
    let plan = Planning {
        scope,
        block,
        facts: facts.as_deref(),
        provider: &provider.config,
        waits: OnceCell::new(),
        module,
    };
    plan.check_ignored();
    let mut instances = Vec::new();
    for (key, repetition) in keys.instances() {
        let address = plan.address(module, key);
        let (value, reading) = plan.instance(&address, &repetition);
        instances.push(Instance {
            address,
            provider: Arc::clone(&provider.name),
            value,
            reading,
            repetition,
        });
    }
    let referred = instances
        .iter()
        .map(|one: &Instance| as_referred(&one.value, &one.address, one.reading));
    let value = keys.assemble(referred.collect());
    Expansion {
        keys,
        instances,
        value,
    }
}

struct Planning<'a> {
    scope: &'a Scope<'a>,
    block: &'a config::Resource,
    facts: Option<&'a TypeFacts>,
    provider: &'a ProviderConfig,
    module: &'a Arc<ModuleState>,
    waits: OnceCell<bool>,
}

impl Planning<'_> {
    fn address(&self, module: &ModuleState, key: Option<InstanceKey>) -> Arc<ResourceAddress> {
        Arc::new(ResourceAddress {
            module: module.instance.clone(),
            resource: self.block.address.clone(),
            key,
        })
    }

    fn instance(
        &self,
        address: &Arc<ResourceAddress>,
        repetition: &Repetition,
    ) -> (Value, Reading) {
        let scope = Scope {
            repetition: Some(repetition),
            contradiction: self.contradiction(),
            ..*self.scope
        };
        let about = address.to_string();
        let Some(facts) = self.facts else {
            self.note_unknown_type(address);
            return (self.without_schema(&scope, address, &about), Reading::Now);
        };
        let config = scope.body(&self.block.body, &facts.block, &about);
        let reading = match address.resource.mode {
            ResourceMode::Data => self.reading(&config),
            _ => Reading::Now,
        };
        let planned = match address.resource.mode {
            ResourceMode::Data => self.data(&scope, facts, &config, address, reading),
            _ => planned_new(facts, &config, address, self.provider),
        };
        let planned = match self.scope.evaluation.options.mode {
            Mode::Judging => not_null(&planned, facts),
            Mode::Terraform | Mode::Validating | Mode::Static => planned,
        };
        let marked = match address.resource.mode {
            // Terraform 1.11 asks no schema what of an ephemeral resource is sensitive.
            ResourceMode::Ephemeral => planned,
            _ => facts.block.mark_sensitive(&planned),
        };
        let marked = mark_secrets(marked, address);
        let marked = match address.resource.mode {
            ResourceMode::Ephemeral => marked.with_marks(&Marks {
                ephemeral: true,
                ..Marks::NONE
            }),
            _ => marked,
        };
        (marked, reading)
    }

    /// What contradicts a schema is refused where the schema is known to be the provider's.
    fn contradiction(&self) -> ProblemKind {
        let evaluation = self.scope.evaluation;
        let module = &self.module.config.module;
        match self.facts {
            Some(facts) if evaluation.knows_all_of(module, facts) => ProblemKind::Refused,
            _ => ProblemKind::Note,
        }
    }

    /// What `ignore_changes` names must be there to be ignored. The schema may be of another version than the provider: then
    /// what it does not know is told, not refused.
    fn check_ignored(&self) {
        let IgnoreChanges::Attributes(ignored) = &self.block.lifecycle.ignore_changes else {
            return;
        };
        let Some(facts) = self.facts else {
            return;
        };
        let kind = self.contradiction();
        let about = self.module.within(&self.block.address.to_string());
        for expr in ignored {
            let Some(ExprKind::Variable(name)) = expr.spine().last().map(|first| &first.kind)
            else {
                continue;
            };
            let schema = &facts.block;
            let is_whole = matches!(expr.kind, ExprKind::Variable(_));
            let known = match schema.attributes.get(name) {
                Some(attribute) => is_whole || !attribute.ty.is_primitive(),
                None => schema.blocks.contains_key(name),
            };
            if known {
                continue;
            }
            let message = if schema.attributes.contains_key(name) {
                format!("`{name}` of `{about}` has nothing in it")
            } else {
                format!("the schema of `{about}` knows no `{name}`")
            };
            let problem = Problem::new(kind, message, Some(expr.span)).about(&about);
            self.scope.evaluation.report(problem);
        }
    }

    /// A type that is missing from the facts of its provider is misspelt, or newer than they are.
    fn note_unknown_type(&self, address: &ResourceAddress) {
        let evaluation = self.scope.evaluation;
        let kind = &address.resource.kind;
        if evaluation
            .providers
            .provider(implied_provider(kind))
            .is_none()
        {
            return;
        }
        let kinds = evaluation.providers.kinds(address.resource.mode);
        let kinds: Vec<&str> = kinds.iter().map(AsRef::as_ref).collect();
        let message = format!("nothing is known of the type `{kind}`");
        // Terraform's own provider has no other version.
        let severity = match implied_provider(kind) {
            "terraform" => ProblemKind::Refused,
            _ => ProblemKind::Note,
        };
        let problem = Problem::new(severity, message, Some(self.block.span)).about(address);
        evaluation.report(match config::nearest(kind, &kinds) {
            Some(near) => problem.with_help(format!("did you mean `{near}`?")),
            None => problem,
        });
    }

    fn reading(&self, config: &Value) -> Reading {
        let waits = || reading::waits(self.scope.evaluation, self.module, self.block);
        if !config.is_wholly_known() || *self.waits.get_or_init(waits) {
            return Reading::Later;
        }
        let checks = &self.module.config.module.checks;
        let nested = checks
            .iter()
            .any(|check| check.data.as_ref() == Some(&self.block.address));
        if nested { Reading::Twice } else { Reading::Now }
    }

    /// What is read during apply is unknown to Terraform; whoever judges what will be may know it all the same.
    fn data(
        &self,
        scope: &Scope<'_>,
        facts: &TypeFacts,
        config: &Value,
        address: &Arc<ResourceAddress>,
        reading: Reading,
    ) -> Value {
        let options = &scope.evaluation.options;
        if reading == Reading::Later && options.mode == Mode::Terraform {
            return data_sources::deferred(facts, config, address);
        }
        if let Some(answer) = options.answers.get(&address.to_string()) {
            return marked_as(answer, config);
        }
        let render = |template: &Value, variables: &Value| scope.render_value(template, variables);
        let source = DataSource {
            facts,
            config,
            address,
            provider: self.provider,
            render: &render,
        };
        source.read()
    }

    /// What is written is known; what is not written may be anything.
    fn without_schema(
        &self,
        scope: &Scope<'_>,
        address: &Arc<ResourceAddress>,
        about: &str,
    ) -> Value {
        let mut entries = scope.body_without_schema(&self.block.body, about);
        let provided = secrets::of(address.resource.mode, &address.resource.kind)
            .filter(|secret| secret.origin == secrets::Origin::Provided);
        for secret in provided {
            let cause = Cause::Data {
                address: Arc::clone(address),
                path: AttributePath::attribute(secret.path),
            };
            let source = Marks::secret(format!("{address}.{}", secret.path));
            let value = Value::unknown(Type::Dynamic, Causes::one(cause)).with_marks(&Marks {
                sensitive: true,
                ..source
            });
            entries.entry(secret.path.into()).or_insert(value);
        }
        let cause = Cause::NoSchema {
            kind: Arc::clone(&address.resource.kind),
            address: Arc::clone(address),
            path: AttributePath::default(),
        };
        let shape = Some(Shape::Partial(Arc::new(Value::object(entries))));
        Value::refined(Unknown {
            not_null: true,
            shape,
            ..Unknown::new(Type::Dynamic, Causes::one(cause))
        })
    }
}

/// Results of a provider are not null once the object exists; Terraform itself does not count on that.
fn not_null(planned: &Value, facts: &TypeFacts) -> Value {
    let Some(entries) = planned.as_entries() else {
        return planned.clone();
    };
    let entries: Entries = entries
        .iter()
        .map(|(name, value)| {
            let computed = facts
                .block
                .attributes
                .get(name)
                .is_some_and(|one| one.setting == Setting::Computed);
            let value = match value.as_unknown() {
                Some(unknown)
                    if (computed || matches!(&**name, "id" | "arn")) && !unknown.not_null =>
                {
                    let refined = Unknown {
                        not_null: true,
                        ..unknown.clone()
                    };
                    Value::refined(refined).with_marks(value.marks())
                }
                _ => value.clone(),
            };
            (Arc::clone(name), value)
        })
        .collect();
    Value::object(entries).with_marks(planned.marks())
}

/// A secret that a provider makes or reads starts its way here. What the configuration gives has a source of its own.
fn mark_secrets(value: Value, address: &Arc<ResourceAddress>) -> Value {
    let provided = secrets::of(address.resource.mode, &address.resource.kind);
    let provided = provided.filter(|secret| secret.origin == secrets::Origin::Provided);
    provided.fold(value, |value, secret| {
        let source = Marks::secret(format!("{address}.{}", secret.path));
        let names: Vec<&str> = secret.path.split('.').collect();
        // Not sensitive to Terraform, unless the schema says so.
        mark(value, &names, &source)
    })
}

/// Marks what stands at a path of names, in every element of the lists on the way.
fn mark(value: Value, names: &[&str], marks: &Marks) -> Value {
    let Some((name, rest)) = names.split_first() else {
        return value.with_marks(marks);
    };
    let inside = |element: &Value| mark(element.clone(), names, marks);
    let data = match value.data() {
        Data::Object(entries) if entries.contains_key(*name) => {
            let mut entries = Entries::clone(entries);
            if let Some(entry) = entries.get_mut(*name) {
                *entry = mark(entry.clone(), rest, marks);
            }
            Data::Object(Arc::new(entries))
        }
        Data::List(of, elements) => Data::List(of.clone(), elements.iter().map(inside).collect()),
        Data::Tuple(elements) => Data::Tuple(elements.iter().map(inside).collect()),
        _ => return value,
    };
    Value::from(data).replace_marks(value.marks().clone())
}

/// The object as others see it: what is unknown in it is unknown for them because of this resource, whatever its own
/// arguments wait for. So the nearest step of a flow is named, and a flow through a resource can be told from one
/// around it.
fn as_referred(value: &Value, address: &Arc<ResourceAddress>, reading: Reading) -> Value {
    let Some(entries) = value.as_entries() else {
        return with_open_blocks(value);
    };
    let mut changed: Option<Entries> = None;
    for (name, entry) in entries {
        let cause = || match address.resource.mode {
            ResourceMode::Data if reading != Reading::Later => Cause::Data {
                address: Arc::clone(address),
                path: AttributePath::attribute(name),
            },
            _ => Cause::Apply {
                address: Arc::clone(address),
                path: AttributePath::attribute(name),
            },
        };
        let own = |cause: &Cause| match cause {
            Cause::Apply { address: of, .. } | Cause::Data { address: of, .. } => of == address,
            _ => false,
        };
        let causes = entry.causes();
        if !causes.is_empty() && !causes.iter().all(own) {
            let entry = with_causes(entry, &Causes::one(cause()));
            changed
                .get_or_insert_with(|| entries.clone())
                .insert(Arc::clone(name), entry);
        }
    }
    match changed {
        Some(entries) => Value::object(entries).with_marks(value.marks()),
        None => value.clone(),
    }
}

/// A resource without schema: its provider may add to each object in its blocks, as it may to the resource itself.
fn with_open_blocks(value: &Value) -> Value {
    let Some(unknown) = value.as_unknown() else {
        return value.clone();
    };
    let Some(Shape::Partial(written)) = &unknown.shape else {
        return value.clone();
    };
    let shape = Some(Shape::Partial(Arc::new(open_blocks(written, unknown))));
    let opened = Unknown {
        shape,
        ..Unknown::clone(unknown)
    };
    Value::refined(opened).with_marks(value.marks())
}

/// Blocks are tuples of objects here; `of` is the resource. What holds something marked stays as it is, so that the marks
/// go on with the whole of it.
fn open_blocks(written: &Value, of: &Unknown) -> Value {
    let object = |element: &Value| match element.data() {
        Data::Object(_) if element.marks_deep().is_empty() => Value::refined(Unknown {
            not_null: true,
            shape: Some(Shape::Partial(Arc::new(open_blocks(element, of)))),
            ..Unknown::new(Type::Dynamic, of.causes.clone())
        }),
        _ => element.clone(),
    };
    let blocks = |entry: &Value| match entry.data() {
        Data::Tuple(elements) => Value::tuple(elements.iter().map(object)),
        Data::Unknown(unknown) => match &unknown.shape {
            Some(Shape::Partial(partial)) if partial.as_elements().is_some() => {
                let elements = partial.as_elements().unwrap_or_default();
                let shape = Shape::Partial(Arc::new(Value::tuple(elements.iter().map(object))));
                Value::refined(Unknown {
                    shape: Some(shape),
                    ..Unknown::clone(unknown)
                })
            }
            _ => entry.clone(),
        },
        _ => entry.clone(),
    };
    let Some(entries) = written.as_entries() else {
        return written.clone();
    };
    let opened = entries
        .iter()
        .map(|(name, entry)| (Arc::clone(name), blocks(entry).with_marks(entry.marks())));
    Value::object(opened.collect()).with_marks(written.marks())
}

/// The value with other causes for everything unknown in it.
fn with_causes(value: &Value, causes: &Causes) -> Value {
    let inside = |element: &Value| with_causes(element, causes);
    let entries = |entries: &Entries| {
        entries
            .iter()
            .map(|(name, one)| (Arc::clone(name), inside(one)))
            .collect()
    };
    let data = match value.data() {
        Data::Unknown(unknown) => Data::Unknown(Arc::new(Unknown {
            causes: causes.clone(),
            ..Unknown::clone(unknown)
        })),
        Data::List(of, elements) => Data::List(of.clone(), elements.iter().map(inside).collect()),
        Data::Set(of, elements) => Data::Set(of.clone(), elements.iter().map(inside).collect()),
        Data::Tuple(elements) => Data::Tuple(elements.iter().map(inside).collect()),
        Data::Map(of, map) => Data::Map(of.clone(), Arc::new(entries(map))),
        Data::Object(object) => Data::Object(Arc::new(entries(object))),
        known => known.clone(),
    };
    Value::from(data).replace_marks(value.marks().clone())
}

/// An answer carries the marks of the arguments that it repeats.
fn marked_as(answer: &Value, config: &Value) -> Value {
    let Some(entries) = answer.as_entries() else {
        return answer.clone();
    };
    let entries = entries.iter().map(|(name, value)| {
        let marks = config
            .attribute(name)
            .map(Value::marks_deep)
            .unwrap_or_default();
        (Arc::clone(name), value.clone().with_marks(&marks))
    });
    Value::object(entries.collect()).with_marks(config.marks())
}
