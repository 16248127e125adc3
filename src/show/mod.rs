//! A plan in the shape of `terraform show -json`: for programs that read that, and to hold tfguard against Terraform itself.
//!
//! What is unknown stands in `after_unknown`, what is sensitive in `after_sensitive`, and its value is left out. Resources
//! whose number is not known are `deferred_changes`, as Terraform writes those that it puts off.

mod configuration;
mod values;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

use self::values::Withheld;
use crate::address::{InstanceKey, ModuleInstance, ResourceAddress, ResourceMode};
use crate::config::Config;
use crate::plan::{Action, Evidence, Existence, Output, Plan, ResourceInstance};
use crate::provider::secrets::{self, SecretAttribute};
use crate::secret::{self, is_secret_name};
use crate::value::{Marks, Type, Value};

/// The version of the format, as Terraform 1.11 writes it.
const FORMAT_VERSION: &str = "1.2";

/// What to do with the values of secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secrets {
    /// They are left out: whatever is sensitive, and whatever derives from a secret although it was declared not sensitive.
    Withheld,
    /// They stand there as Terraform writes them. For comparisons only: no command prints this.
    Plain,
}

/// The plan, with its secrets withheld, and `more` texts that are secrets. The configuration is shown where the evidence
/// has one.
pub fn show(plan: &Plan, config: Option<&Config>, more: BTreeSet<Arc<str>>) -> Json {
    rendered(plan, config, withheld(plan, more))
}

/// The configuration, with its secrets. For comparisons only: no command prints this.
pub(crate) fn plain_configuration(config: &Config) -> Json {
    configuration::configuration(config, Secrets::Plain)
}

/// The plan, with its secrets withheld or not.
#[doc(hidden)]
pub fn render(plan: &Plan, config: Option<&Config>, secrets: Secrets) -> Json {
    let withheld = match secrets {
        Secrets::Withheld => withheld(plan, BTreeSet::new()),
        Secrets::Plain => Withheld::plain(),
    };
    rendered(plan, config, withheld)
}

fn rendered(plan: &Plan, config: Option<&Config>, withheld: Withheld) -> Json {
    let secrets = withheld.secrets();
    let view = View {
        plan,
        secrets,
        withheld,
    };
    let mut out = Map::new();
    out.insert("format_version".into(), FORMAT_VERSION.into());
    if let Some(version) = &plan.terraform_version {
        out.insert("terraform_version".into(), version.as_str().into());
    }
    put_unless_empty(&mut out, "variables", view.variables(config));
    out.insert("planned_values".into(), view.planned_values());
    let (deferred, certain): (Vec<_>, Vec<_>) = plan
        .resources()
        .iter()
        .filter(|one| changes(one) && !plan.untouched.contains(&one.address))
        .partition(|one| one.existence == Existence::ZeroOrMore);
    let changes = view.resource_changes(certain);
    put_unless_empty(&mut out, "resource_changes", changes);
    let deferred = deferred.into_iter().map(|one| {
        json!({"reason": "instance_count_unknown", "resource_change": view.resource_change(one, None)})
    });
    put_unless_empty(&mut out, "deferred_changes", deferred.collect());
    put_unless_empty(&mut out, "output_changes", view.output_changes());
    let prior = view.tree(|one| one.address.resource.mode == ResourceMode::Data && is_read(one));
    if prior
        .get("resources")
        .or_else(|| prior.get("child_modules"))
        .is_some()
    {
        let prior = json!({"format_version": "1.0", "values": {"root_module": prior}});
        out.insert("prior_state".into(), prior);
    }
    if let Some(config) = config {
        let mut configuration = configuration::configuration(config, secrets);
        if secrets == Secrets::Withheld {
            configuration = secret::clear_named(configuration);
        }
        let configuration = view.withheld.clear(configuration);
        out.insert("configuration".into(), configuration.unwrap_or_default());
    }
    Json::Object(out)
}

/// What is given in the open and ends in a sensitive place is withheld where it is given, too.
fn withheld(plan: &Plan, more: BTreeSet<Arc<str>>) -> Withheld {
    let deposed = plan.deposed.iter().map(|one| &one.instance);
    let resources = plan.resources().iter().chain(deposed);
    let resources = resources.flat_map(|one| [one.after(), one.before()]);
    let mut texts = plan.secret_texts();
    texts.extend(more);
    for value in resources.clone() {
        secret::named_texts(value, &mut |text| {
            if text.contains(|c: char| !c.is_ascii_alphabetic()) {
                texts.insert(text.into());
            }
        });
    }
    let outputs = plan.outputs.values().map(|one| &one.value);
    let variables = plan.variables.values().map(|one| &one.value);
    Withheld::of(resources.chain(outputs).chain(variables), texts)
}

/// Data sources that were read, ephemeral resources, and what the plan leaves alone are no changes.
fn changes(resource: &ResourceInstance) -> bool {
    match resource.address.resource.mode {
        ResourceMode::Managed => true,
        ResourceMode::Data => resource.change.action == Action::Read,
        ResourceMode::Ephemeral => false,
    }
}

/// A data source whose answer is there.
fn is_read(resource: &ResourceInstance) -> bool {
    resource.existence == Existence::Certain && resource.after().is_wholly_known()
}

/// Whether a type, as JSON, is that of an object or has one in it.
fn has_names(ty: &Json) -> bool {
    match ty {
        Json::Array(parts) => parts.iter().any(has_names),
        Json::Object(_) => true,
        _ => false,
    }
}

fn put_unless_empty(out: &mut Map<String, Json>, name: &str, value: Json) {
    let empty = match &value {
        Json::Object(all) => all.is_empty(),
        Json::Array(all) => all.is_empty(),
        _ => false,
    };
    if !empty {
        out.insert(name.to_owned(), value);
    }
}

struct View<'a> {
    plan: &'a Plan,
    secrets: Secrets,
    withheld: Withheld,
}

impl View<'_> {
    /// What is known of a value and may be shown.
    fn known(&self, value: &Value) -> Option<Json> {
        values::known(value, &self.withheld)
    }

    /// An object of a resource, marked where a secret stands by its name, or by what the attribute is meant for.
    fn marked<'v>(&self, resource: &ResourceInstance, value: &'v Value) -> Cow<'v, Value> {
        let value = values::told(value);
        if self.secrets == Secrets::Plain {
            return value;
        }
        let value = match secret::mark_named(&value) {
            Some(marked) => Cow::Owned(marked),
            None => value,
        };
        let address = &resource.address.resource;
        let meant: Vec<&str> = secrets::of(address.mode, &address.kind)
            .filter(is_whole)
            .map(|one| one.path)
            .collect();
        let Some(entries) = value.as_entries().filter(|_| !meant.is_empty()) else {
            return value;
        };
        let is_one = |name: &str, value: &Value| {
            let may_be = value
                .as_str()
                .map_or(!value.is_null(), secret::may_be_secret);
            meant.contains(&name) && may_be
        };
        let entries = entries.iter().map(|(name, inner)| {
            let marks = match is_one(name, inner) {
                true => Marks::SENSITIVE,
                false => Marks::NONE,
            };
            (Arc::clone(name), inner.clone().with_marks(&marks))
        });
        Cow::Owned(Value::object(entries.collect()).with_marks(value.marks()))
    }

    /// Those of the root module.
    fn variables(&self, config: Option<&Config>) -> Json {
        let of_root = self
            .plan
            .variables
            .iter()
            .filter(|((module, _), _)| module.is_root());
        let all = of_root.filter_map(|((_, name), variable)| {
            let mut out = Map::new();
            let sensitive = if variable.sensitive {
                Marks::SENSITIVE
            } else {
                Marks::NONE
            };
            let mut value = self.named(name, &variable.value).with_marks(&sensitive);
            // What an ephemeral variable is given is in no plan; its default is.
            if value.marks().ephemeral {
                let declared = config.and_then(|config| config.module.variables.get(name));
                let default = declared.and_then(|declared| declared.default.as_ref());
                let default = configuration::constant(&default?.expr)?;
                let default = crate::value::from_json(&default, &Type::Dynamic).ok()?;
                value = self.named(name, &default).with_marks(&sensitive);
            }
            // A variable that is set to null and has no default stands there without a value.
            if let Some(value) = self.known(&value).filter(|value| !value.is_null()) {
                out.insert("value".into(), value);
            } else if self.secrets == Secrets::Withheld && variable.sensitive {
                out.insert("sensitive".into(), true.into());
            }
            Some((name.to_string(), Json::Object(out)))
        });
        Json::Object(all.collect())
    }

    fn planned_values(&self) -> Json {
        let mut out = Map::new();
        let outputs = self
            .plan
            .outputs
            .iter()
            .map(|(name, output)| (name.to_string(), self.planned_output(name, output)));
        put_unless_empty(&mut out, "outputs", Json::Object(outputs.collect()));
        let planned = |one: &ResourceInstance| {
            one.existence == Existence::Certain && changes(one) && one.remains()
        };
        out.insert("root_module".into(), self.tree(planned));
        Json::Object(out)
    }

    fn planned_output(&self, name: &str, output: &Output) -> Json {
        let mut out = Map::new();
        out.insert("sensitive".into(), output.sensitive.into());
        if output.value.is_wholly_known() {
            let ty = if output.value.is_null() {
                Type::Dynamic
            } else {
                output.value.ty()
            };
            let known = self.known(&self.of_output(name, output));
            // Names of attributes may be what is withheld.
            let ty = Some(values::type_json(&ty)).filter(|ty| known.is_some() || !has_names(ty));
            out.extend(ty.map(|ty| ("type".to_owned(), ty)));
            out.extend(known.map(|value| ("value".to_owned(), value)));
        }
        Json::Object(out)
    }

    /// The value, marked as the declaration and the names say.
    fn of_output(&self, name: &str, output: &Output) -> Value {
        match (self.secrets, output.sensitive) {
            (Secrets::Withheld, true) => output.value.clone().with_marks(&Marks::SENSITIVE),
            _ => self.named(name, &output.value),
        }
    }

    /// A value marked where its name, or one within it, is that of a secret.
    fn named(&self, name: &str, value: &Value) -> Value {
        if self.secrets == Secrets::Plain {
            return value.clone();
        }
        match value.as_str() {
            Some(text) if is_secret_name(name) && secret::may_be_secret(text) => {
                value.clone().with_marks(&Marks::SENSITIVE)
            }
            _ => secret::mark_named(value).unwrap_or_else(|| value.clone()),
        }
    }

    fn output_changes(&self) -> Json {
        let all = self.plan.outputs.iter().map(|(name, output)| {
            let value = self.of_output(name, output);
            let mut out = Map::new();
            // An output that is null is no output to a plan.
            let action = if value.is_null() {
                Action::NoOp
            } else {
                Action::Create
            };
            out.insert("actions".into(), action.names().into());
            out.insert("before".into(), Json::Null);
            if let Some(after) = self.known(&value) {
                out.insert("after".into(), after);
            }
            let unknown = match value.is_wholly_known() {
                true => false.into(),
                false => values::unknown(&value, &self.withheld),
            };
            out.insert("after_unknown".into(), unknown);
            let sensitive = output.sensitive || self.withheld.hides_any(&value);
            out.insert("before_sensitive".into(), output.sensitive.into());
            out.insert("after_sensitive".into(), sensitive.into());
            (name.to_string(), Json::Object(out))
        });
        let removed = self.plan.removed_outputs.iter().map(|name| {
            let change =
                json!({"actions": Action::Delete.names(), "after": null, "after_unknown": false});
            (name.to_string(), change)
        });
        Json::Object(all.chain(removed).collect())
    }

    /// The changes, and after each those of the objects that were left behind at its address. A state changes nothing.
    fn resource_changes(&self, resources: Vec<&ResourceInstance>) -> Json {
        let mut all: Vec<(&ResourceInstance, Option<&str>)> =
            resources.into_iter().map(|one| (one, None)).collect();
        if self.plan.evidence != Evidence::State {
            let deposed = self.plan.deposed.iter();
            all.extend(deposed.map(|one| (&one.instance, Some(&*one.key))));
        }
        all.sort_by(|(one, key), (other, other_key)| {
            let by_address = one.address.cmp(&other.address);
            by_address.then_with(|| key.cmp(other_key))
        });
        let shown = all.into_iter();
        let shown = shown.map(|(resource, key)| self.resource_change(resource, key));
        shown.collect()
    }

    fn resource_change(&self, resource: &ResourceInstance, deposed: Option<&str>) -> Json {
        let mut out = Map::new();
        identity(
            &resource.address,
            &resource.provider,
            &mut out,
            ModuleAddress::Shown,
            &self.withheld,
        );
        if let Some(previous) = &resource.change.previous_address {
            out.insert(
                "previous_address".into(),
                self.withheld.text(previous).into(),
            );
        }
        if let Some(key) = deposed {
            out.insert("deposed".into(), key.into());
        }
        out.insert("change".into(), self.change(resource));
        Json::Object(out)
    }

    fn change(&self, resource: &ResourceInstance) -> Json {
        let after = self.marked(resource, resource.after());
        let before = self.marked(resource, resource.before());
        let (before, after) = (&*before, &*after);
        let mut out = Map::new();
        out.insert("actions".into(), resource.change.action.names().into());
        let known_before = self.known(before).unwrap_or(Json::Null);
        out.insert("before".into(), known_before);
        if let Some(after) = self.known(after) {
            out.insert("after".into(), after);
        }
        let unknown = match after.is_wholly_known() {
            true => Json::Object(Map::new()),
            false => values::unknown(after, &self.withheld),
        };
        out.insert("after_unknown".into(), unknown);
        out.insert(
            "before_sensitive".into(),
            values::sensitive(before, &self.withheld),
        );
        out.insert(
            "after_sensitive".into(),
            values::sensitive(after, &self.withheld),
        );
        if let Some(id) = &resource.change.importing {
            out.insert("importing".into(), json!({"id": self.withheld.text(id)}));
        }
        Json::Object(out)
    }

    /// The resources that are wanted, in modules nested as Terraform does it.
    fn tree(&self, wanted: impl Fn(&ResourceInstance) -> bool) -> Json {
        let mut by_module: BTreeMap<&ModuleInstance, Vec<Json>> = BTreeMap::new();
        for resource in self.plan.resources().iter().filter(|one| wanted(one)) {
            by_module
                .entry(&resource.address.module)
                .or_default()
                .push(self.planned(resource));
        }
        module(&ModuleInstance::root(), &by_module, &self.withheld)
    }

    fn planned(&self, resource: &ResourceInstance) -> Json {
        let mut out = Map::new();
        identity(
            &resource.address,
            &resource.provider,
            &mut out,
            ModuleAddress::Left,
            &self.withheld,
        );
        out.insert("schema_version".into(), 0.into());
        let after = &*self.marked(resource, resource.after());
        if let Some(known) = self.known(after) {
            put_unless_empty(&mut out, "values", known);
        }
        out.insert(
            "sensitive_values".into(),
            values::sensitive(after, &self.withheld),
        );
        Json::Object(out)
    }
}

/// Whether all of an attribute that the configuration gives is a secret. Parameters in clear text are none.
fn is_whole(secret: &SecretAttribute) -> bool {
    secret.is_given() && secret.path == secret.attribute() && secret.kind != "aws_ssm_parameter"
}

/// Whether the module's address is a member of its own.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ModuleAddress {
    Shown,
    Left,
}

fn identity(
    address: &ResourceAddress,
    provider: &str,
    out: &mut Map<String, Json>,
    module: ModuleAddress,
    withheld: &Withheld,
) {
    let resource = &address.resource;
    let text = |text: &str| Json::String(withheld.text(text));
    out.insert("address".into(), text(&address.to_string()));
    if module == ModuleAddress::Shown && !address.module.is_root() {
        out.insert("module_address".into(), text(&address.module.to_string()));
    }
    out.insert("mode".into(), mode(resource.mode).into());
    out.insert("type".into(), (*resource.kind).into());
    out.insert("name".into(), (*resource.name).into());
    match &address.key {
        Some(InstanceKey::Index(index)) => out.insert("index".into(), (*index).into()),
        Some(InstanceKey::Key(key)) => out.insert("index".into(), text(key)),
        Some(InstanceKey::Any) | None => None,
    };
    out.insert("provider_name".into(), provider.into());
}

fn mode(mode: ResourceMode) -> &'static str {
    match mode {
        ResourceMode::Managed => "managed",
        ResourceMode::Data => "data",
        ResourceMode::Ephemeral => "ephemeral",
    }
}

fn module(
    at: &ModuleInstance,
    by_module: &BTreeMap<&ModuleInstance, Vec<Json>>,
    withheld: &Withheld,
) -> Json {
    let mut out = Map::new();
    if let Some(resources) = by_module.get(at) {
        out.insert("resources".into(), resources.clone().into());
    }
    let depth = at.0.len();
    let mut below: Vec<ModuleInstance> = by_module
        .keys()
        .filter(|one| one.0.len() > depth && one.0[..depth] == at.0[..])
        .map(|one| ModuleInstance(one.0[..=depth].into()))
        .collect();
    below.dedup();
    let children: Vec<Json> = below
        .iter()
        .map(|child| module(child, by_module, withheld))
        .collect();
    if !at.is_root() {
        out.insert("address".into(), withheld.text(&at.to_string()).into());
    }
    put_unless_empty(&mut out, "child_modules", children.into());
    Json::Object(out)
}
