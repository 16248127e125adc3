//! What a plan creates under a name that nothing else may have, and what an inventory says of it.

use super::evidence::{Given, display, given, is_same_block, sources};
use crate::address::{AttributePath, ResourceAddress, ResourceMode};
use crate::inventory::{Existing, Inventory, Standing, Wanted};
use crate::plan::{Action, Plan, ResourceInstance};
use crate::provider::unique::{ImportId, Parent, Unique, unique};
use crate::rule::Context;
use crate::value::{Causes, Marks};

/// A creation under a name that nothing else may have.
#[derive(Clone, Debug)]
pub struct Creation<'a> {
    /// What is created.
    pub resource: &'a ResourceInstance,
    /// What is unique about it.
    pub unique: &'static Unique,
    /// Its name.
    pub name: Name,
    /// What it is within.
    parent: Within<'a>,
}

/// The name of what is created.
#[derive(Clone, Debug, PartialEq)]
pub enum Name {
    /// It is known.
    Known(String),
    /// It is left out: the provider or the service makes one that is free.
    Generated,
    /// It is known, and derives from something sensitive.
    Withheld,
    /// It is not known before the apply, for these causes.
    Open(Causes),
}

/// What a name is unique within.
#[derive(Clone, Debug)]
enum Within<'a> {
    Account,
    /// As listings name it.
    Known(String),
    /// It is created as well.
    Created(&'a ResourceInstance),
    Open,
}

/// What an inventory says of a creation.
#[derive(Clone, Debug, PartialEq)]
pub enum Found<'a> {
    /// Something of that name exists; several where names are not unique.
    Exists(Vec<&'a Existing>),
    /// Nothing of that name exists.
    Absent,
    /// No listing is about it.
    NotListed,
    /// Its name is not known.
    Open(Causes),
    /// Its name is made so that it is free.
    Generated,
}

/// The id that an import takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Id {
    /// The id; what is not known in it stands in angle brackets.
    pub text: String,
    /// Whether all of it is known.
    pub is_known: bool,
}

impl Id {
    /// The arguments of `terraform import`, quoted for a shell.
    pub fn arguments(&self, address: &ResourceAddress) -> String {
        format!("{} {}", quoted(&address.to_string()), quoted(&self.text))
    }
}

/// A word as a shell takes it, whatever is in it.
pub fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// Everything that a plan creates under such a name, in order of address.
pub fn creations<'a>(cx: &Context<'a>) -> Vec<Creation<'a>> {
    let plan: &'a Plan = cx.plan;
    let is_created = |one: &&ResourceInstance| {
        one.address.resource.mode == ResourceMode::Managed
            && one.change.action == Action::Create
            && one.change.importing.is_none()
    };
    let created = plan.resources().iter().filter(is_created);
    let mut found: Vec<Creation<'a>> = created
        .filter_map(|resource| of(cx, plan, resource))
        .collect();
    // A record that may overwrite what is there asks for no free name.
    found.retain(|one| one.resource.attribute("allow_overwrite").as_bool() != Some(true));
    found
}

fn of<'a>(
    cx: &Context<'a>,
    plan: &'a Plan,
    resource: &'a ResourceInstance,
) -> Option<Creation<'a>> {
    let unique = unique(resource.kind())?;
    let parent = match unique.parent {
        None => Within::Account,
        Some(parent) => within(cx, plan, resource, parent),
    };
    let name = match (unique.id, &parent) {
        // A version has the name of its secret.
        (ImportId::Version, Within::Created(secret)) => name(cx, secret, "name"),
        (ImportId::Version, Within::Known(secret)) => Name::Known(secret.clone()),
        _ => name(cx, resource, unique.name),
    };
    Some(Creation {
        resource,
        unique,
        name,
        parent,
    })
}

fn name(cx: &Context<'_>, resource: &ResourceInstance, argument: &str) -> Name {
    let path = AttributePath::attribute(argument);
    let value = resource.attribute(argument);
    if is_withheld(value.marks()) {
        return Name::Withheld;
    }
    match given(cx, resource, &path, value) {
        Given::LeftOut => Name::Generated,
        Given::Open(causes) => Name::Open(causes),
        Given::Value(value) => match display(&value) {
            Some(text) if text.is_empty() => Name::Generated,
            Some(text) => Name::Known(text.trim_end_matches('.').to_owned()),
            None => Name::Open(value.causes()),
        },
    }
}

fn is_withheld(marks: &Marks) -> bool {
    marks.is_secret() || marks.sensitive
}

fn within<'a>(
    cx: &Context<'a>,
    plan: &'a Plan,
    resource: &'a ResourceInstance,
    parent: Parent,
) -> Within<'a> {
    let path = AttributePath::attribute(parent.argument);
    let value = resource.attribute(parent.argument);
    if let Some(text) = value.as_str() {
        return Within::Known(identity(parent, text));
    }
    let refers = sources(cx, resource, &path, value);
    let mut found = refers
        .attributes
        .iter()
        .filter(|(address, _)| is_of_kind(address, parent.kind))
        .flat_map(|(address, _)| instances(plan, address));
    let Some(first) = found.next() else {
        return Within::Open;
    };
    if found.any(|other| other.address != first.address) {
        return Within::Open;
    }
    if first.change.action == Action::Create && first.change.importing.is_none() {
        return Within::Created(first);
    }
    let told = ["arn", "zone_id", "id"]
        .into_iter()
        .find_map(|name| first.attribute(name).as_str());
    told.map_or(Within::Open, |told| Within::Known(identity(parent, told)))
}

fn is_of_kind(address: &ResourceAddress, kind: &str) -> bool {
    super::evidence::canonical(&address.resource.kind) == kind
}

fn instances<'a>(
    plan: &'a Plan,
    address: &ResourceAddress,
) -> impl Iterator<Item = &'a ResourceInstance> {
    let address = address.clone();
    plan.resources()
        .iter()
        .filter(move |one| is_same_block(&address, &one.address))
}

/// As listings name a parent: a cluster by its name, all else as it is.
fn identity(parent: Parent, text: &str) -> String {
    match parent.kind {
        "aws_ecs_cluster" => text.rsplit('/').next().unwrap_or(text).to_owned(),
        _ => text.to_owned(),
    }
}

impl<'a> Creation<'a> {
    /// What an inventory says of it.
    pub fn found<'i>(&self, cx: &Context<'a>, inventory: &'i Inventory) -> Found<'i> {
        let name = match &self.name {
            Name::Known(name) => name.as_str(),
            Name::Generated => return Found::Generated,
            Name::Withheld => return Found::Open(Causes::default()),
            Name::Open(causes) => return Found::Open(causes.clone()),
        };
        let parent = match &self.parent {
            Within::Account => None,
            Within::Known(identity) => Some(identity.clone()),
            Within::Open => return Found::Open(self.parent_value().causes()),
            Within::Created(parent) => match parent_in(cx, parent, inventory) {
                Ok(identity) => Some(identity),
                Err(found) => return found,
            },
        };
        let variant = self.variant();
        let wanted = Wanted {
            unique: self.unique,
            name,
            parent: parent.as_deref(),
            variant: variant.as_deref(),
            region: self.resource.attribute("region").as_str(),
        };
        match inventory.standing(wanted) {
            Standing::Exists(found) => Found::Exists(found),
            Standing::Absent => Found::Absent,
            Standing::NotListed => Found::NotListed,
        }
    }

    /// The id to import it by, from what exists where that is known.
    pub fn id(&self, cx: &Context<'a>, inventory: Option<&Inventory>) -> Id {
        let known = |text: &str| Id {
            text: text.to_owned(),
            is_known: true,
        };
        let placeholder = |text: String| Id {
            text,
            is_known: false,
        };
        let found = match inventory.map(|inventory| self.found(cx, inventory)) {
            Some(Found::Exists(found)) => found,
            _ => Vec::new(),
        };
        let only = match found.as_slice() {
            [only] => Some(*only),
            _ => None,
        };
        let name = match &self.name {
            Name::Known(name) => Some(name.as_str()),
            _ => None,
        };
        match self.unique.id {
            // The service keeps the case in which it was made.
            ImportId::Name => match (only.map(|one| &*one.name), name) {
                (Some(name), _) | (None, Some(name)) => known(name),
                (None, None) => placeholder(format!("<{}>", self.unique.name)),
            },
            ImportId::Told(word) => match only.and_then(|one| one.id.as_deref()) {
                Some(id) => known(id),
                None => placeholder(self.told(word)),
            },
            ImportId::Below => {
                let parent = self.parent_name(cx, inventory);
                joined(
                    [
                        parent.or(Err("cluster")),
                        name.ok_or("service").map(str::to_owned),
                    ],
                    "/",
                )
            }
            ImportId::Version => {
                let secret = self.parent_name(cx, inventory);
                let version = only.and_then(|one| one.id.as_deref());
                let version = version.ok_or("version-id").map(str::to_owned);
                joined([secret.or(Err("secret-arn")), version], "|")
            }
            ImportId::Record => {
                let zone = self.parent_name(cx, inventory).or(Err("zone-id"));
                let name = name.ok_or("name").map(str::to_owned);
                joined([zone, name, self.variant().ok_or("type")], "_")
            }
        }
    }

    /// `<arn of the secret acme-stripe>`
    fn told(&self, word: &str) -> String {
        match &self.name {
            Name::Known(name) => format!("<{word} of the {} {name}>", self.unique.noun),
            _ => format!("<{word} of the {}>", self.unique.noun),
        }
    }

    /// What names the parent in an id.
    fn parent_name(&self, cx: &Context<'a>, inventory: Option<&Inventory>) -> Result<String, ()> {
        match &self.parent {
            Within::Known(identity) => Ok(identity.clone()),
            Within::Created(parent) => {
                if let Some(Ok(identity)) =
                    inventory.map(|inventory| parent_in(cx, parent, inventory))
                {
                    return Ok(identity);
                }
                match unique(parent.kind()) {
                    Some(one) if one.id == ImportId::Name => {
                        let name = parent.attribute(one.name);
                        let is_open = is_withheld(name.marks());
                        let name = name.as_str().filter(|_| !is_open);
                        name.map(str::to_owned).ok_or(())
                    }
                    _ => Err(()),
                }
            }
            Within::Account | Within::Open => Err(()),
        }
    }

    fn parent_value(&self) -> &'a crate::value::Value {
        let argument = self.unique.parent.map_or("", |parent| parent.argument);
        self.resource.attribute(argument)
    }

    /// What else tells it from others of its name, as listings say it.
    fn variant(&self) -> Option<String> {
        match self.unique.kind {
            "aws_route53_zone" => {
                let is_private = !self.resource.blocks("vpc").is_empty();
                Some(if is_private { "private" } else { "public" }.to_owned())
            }
            "aws_route53_record" => {
                let kind = self.resource.attribute("type").as_str()?;
                let identifier = self.resource.attribute("set_identifier").as_str();
                let identifier = identifier.map(|one| format!("_{one}"));
                Some(format!("{kind}{}", identifier.unwrap_or_default()))
            }
            _ => None,
        }
    }
}

/// What children name a parent by that is created as well, if it exists already.
fn parent_in<'i>(
    cx: &Context<'_>,
    parent: &ResourceInstance,
    inventory: &'i Inventory,
) -> Result<String, Found<'i>> {
    // What is new has no children yet.
    let Some(creation) = of(cx, cx.plan, parent) else {
        return Err(Found::Absent);
    };
    match creation.found(cx, inventory) {
        Found::Exists(found) => match found.as_slice() {
            [only] => match &only.id {
                Some(id) => Ok(id.to_string()),
                None => Err(Found::NotListed),
            },
            _ => Err(Found::Open(Causes::default())),
        },
        Found::Generated => Err(Found::Absent),
        other => Err(other),
    }
}

/// Parts of an id; what is not known is named in angle brackets.
fn joined<const N: usize>(parts: [Result<String, &str>; N], separator: &str) -> Id {
    let is_known = parts.iter().all(Result::is_ok);
    let texts: Vec<String> = parts
        .into_iter()
        .map(|part| part.unwrap_or_else(|name| format!("<{name}>")))
        .collect();
    Id {
        text: texts.join(separator),
        is_known,
    }
}
