//! What the execution role has to be allowed: for each entry of a container the secret or parameter, and its key.

use std::collections::BTreeSet;

use super::own::Own;
use crate::address::{AttributePath, ResourceMode};
use crate::plan::ResourceInstance;
use crate::rule::Context;
use crate::rules::arn::{Covers, Spelled, instance};
use crate::rules::container::{Container, Definitions, Entry, Listed};
use crate::rules::evidence::{Given, given};
use crate::rules::secret_source;
use crate::rules::via_service::Via;
use crate::value::{Causes, Value};

/// All that the containers of a task need.
#[derive(Default)]
pub(super) struct Needs {
    pub(super) all: Vec<Need>,
    /// Entries that ECS does not take.
    pub(super) refused: Vec<Refused>,
    /// There may be more, for these causes.
    pub(super) open: Option<Causes>,
}

/// An entry that ECS does not take, whatever the role may read.
pub(super) struct Refused {
    /// Its name, with its container.
    pub(super) name: String,
    pub(super) path: AttributePath,
    pub(super) why: Refusal,
}

/// Why ECS does not take an entry.
pub(super) enum Refusal {
    /// What follows the ARN is not whole.
    PartOfAKey,
    /// The name of a parameter, which begins with a slash, after another.
    Slashes,
    /// The name was there already.
    Twice,
}

/// One action on one object.
pub(super) struct Need {
    /// The entry's name, with its container.
    pub(super) name: String,
    pub(super) path: AttributePath,
    pub(super) action: &'static str,
    /// The object, by each of the ways in which it can be spelled.
    pub(super) objects: Vec<Spelled>,
    pub(super) why: Why,
    /// Whether the object's own policy denies it to everybody.
    pub(super) denied: Covers,
    /// Whom a key's own policy lets in; none where policies of the role suffice, or nothing tells.
    pub(super) admitted: Option<Vec<String>>,
    /// The service that uses a key for it.
    pub(super) via: Option<Via>,
}

/// Whether a role without a policy for it fails.
pub(super) enum Why {
    Certain,
    /// It may be allowed, or not be needed, for another reason.
    Open(&'static str, Causes),
}

impl Needs {
    pub(super) fn of(cx: &Context<'_>, definitions: &Definitions) -> Self {
        let mut needs = Self {
            all: Vec::new(),
            refused: Vec::new(),
            open: definitions.open.clone(),
        };
        for container in &definitions.containers {
            for listed in [
                container.entries("secrets", "valueFrom"),
                container.log_secrets(),
            ] {
                needs.listed(cx, container, listed);
            }
            if let Some(entry) = container.registry_secret() {
                needs.registry(cx, container, &entry);
            }
        }
        needs
    }

    fn listed(&mut self, cx: &Context<'_>, container: &Container, listed: Listed<'_>) {
        match listed {
            Listed::Open(causes) => self.may_be(&causes),
            Listed::Entries(entries) => {
                let mut names = BTreeSet::new();
                for entry in &entries {
                    if entry.name.is_some_and(|name| !names.insert(name)) {
                        self.refused.push(Refused {
                            name: shown(container, entry),
                            path: entry.path.clone(),
                            why: Refusal::Twice,
                        });
                    }
                    self.entry(cx, container, entry);
                }
            }
        }
    }

    fn may_be(&mut self, causes: &Causes) {
        let known = self.open.take().unwrap_or_default();
        self.open = Some(known.union(causes));
    }

    fn entry(&mut self, cx: &Context<'_>, container: &Container, entry: &Entry<'_>) {
        // What is no reference is for another rule to say.
        let Some(value) = entry.value.filter(|value| !value.is_null()) else {
            return;
        };
        if !secret_source::named(cx, &value.marks_deep()).is_empty() {
            return;
        }
        let spelled = Spelled::of(cx, value);
        // What a parameter holds may be the ARN of anything.
        if spelled.is_value_of_parameter() {
            self.may_be(spelled.causes());
            return;
        }
        let has_part_of_a_key = spelled.has_part_of_a_key();
        let spelled = spelled.without_key();
        let entry = Named {
            name: shown(container, entry),
            path: &entry.path,
        };
        match Kind::of(&spelled) {
            Some(Kind::Secret) if has_part_of_a_key => {
                self.refused.push(Refused {
                    name: entry.name,
                    path: entry.path.clone(),
                    why: Refusal::PartOfAKey,
                });
            }
            Some(Kind::Secret) => self.secret(cx, &entry, &spelled),
            Some(Kind::Parameter) if spelled.as_str().contains(":parameter//") => {
                self.refused.push(Refused {
                    name: entry.name,
                    path: entry.path.clone(),
                    why: Refusal::Slashes,
                });
            }
            Some(Kind::Parameter) => self.parameter(cx, &entry, spelled),
            None if spelled.is_known() => {}
            None => self.may_be(spelled.causes()),
        }
    }

    /// What the registry of the image asks for: a secret by its ARN, or by its name.
    fn registry(&mut self, cx: &Context<'_>, container: &Container, entry: &Entry<'_>) {
        let Some(value) = entry.value.filter(|value| !value.is_null()) else {
            return;
        };
        let spelled = Spelled::of(cx, value);
        let entry = Named {
            name: shown(container, entry),
            path: &entry.path,
        };
        match Kind::of(&spelled) {
            Some(Kind::Secret) => self.secret(cx, &entry, &spelled),
            Some(Kind::Parameter) if spelled.is_known() => {
                let own = Spelled::named("secretsmanager", "secret:", &spelled, "-Ab1Cd2");
                let need = entry.need("secretsmanager:GetSecretValue", vec![own], Why::Certain);
                self.all.push(need);
            }
            _ => self.may_be(spelled.causes()),
        }
    }

    fn secret(&mut self, cx: &Context<'_>, entry: &Named<'_>, spelled: &Spelled) {
        let made = instance(cx, spelled, "aws_secretsmanager_secret");
        let mut objects = Vec::new();
        // What is put behind an ARN makes it that of another secret.
        let is_whole = !spelled.is_extended();
        let name = made.filter(|_| is_whole).map(|one| one.attribute("name"));
        match name.filter(|name| is_given(name)) {
            Some(name) => {
                let name = Spelled::of(cx, name);
                let own = Spelled::named("secretsmanager", "secret:", &name, "-Ab1Cd2");
                objects.push(own.in_region(region(made)));
            }
            None if spelled.object().is_some() && is_whole => {
                let own = Spelled::unnamed("secretsmanager", "secret:", spelled.causes());
                objects.push(own.in_region(region(made)));
            }
            None => {}
        }
        if spelled.is_known() && !is_certainly_whole(spelled.as_str()) {
            // An ARN may leave out the six characters that Secrets Manager adds to the name; policies may not.
            objects.push(Spelled::text(format!("{}-Ab1Cd2", spelled.as_str())));
        }
        if !spelled.is_known() || may_be_whole(spelled.as_str()) {
            objects.push(spelled.clone());
        }
        let own = made.map(|one| Own::of_secret(cx, one));
        let why = match &own {
            Some(own) if own.allows(cx) => {
                Why::Open("the secret's own policy may allow it", Causes::default())
            }
            _ => Why::Certain,
        };
        let need = entry.need("secretsmanager:GetSecretValue", objects, why);
        self.all.push(Need {
            denied: own.map_or(Covers::No, |own| own.denies(cx)),
            ..need
        });
        if let Some(secret) = made {
            self.key(cx, entry, secret, "kms_key_id");
        }
    }

    fn parameter(&mut self, cx: &Context<'_>, entry: &Named<'_>, spelled: Spelled) {
        let made = instance(cx, &spelled, "aws_ssm_parameter").or_else(|| {
            let named =
                |one: &&ResourceInstance| one.attribute("name").as_str() == Some(spelled.as_str());
            cx.plan.managed("aws_ssm_parameter").find(named)
        });
        let mut objects = Vec::new();
        let name = made
            .map(|one| one.attribute("name"))
            .filter(|name| is_given(name));
        let name = match name {
            Some(name) => Some(Spelled::of(cx, name)),
            None if !spelled.as_str().starts_with("arn:") && spelled.object().is_none() => {
                Some(spelled.clone())
            }
            None => None,
        };
        if let Some(name) = name {
            let slash = if name.as_str().starts_with('/') {
                ""
            } else {
                "/"
            };
            let own = Spelled::named("ssm", &format!("parameter{slash}"), &name, "");
            objects.push(own.in_region(region(made)));
        } else if spelled.object().is_some() {
            let own = Spelled::unnamed("ssm", "parameter", spelled.causes());
            objects.push(own.in_region(region(made)));
        }
        // A container may name it, and the policy its ARN.
        let arn = made.map(|one| one.attribute("arn"));
        objects.extend(
            arn.filter(|arn| !arn.is_null())
                .map(|arn| Spelled::of(cx, arn)),
        );
        objects.push(spelled);
        self.all
            .push(entry.need("ssm:GetParameters", objects, Why::Certain));
        if let Some(parameter) = made
            && parameter.attribute("type").as_str() == Some("SecureString")
        {
            self.key(cx, entry, parameter, "key_id");
        }
    }

    /// A key of the customer's has to be allowed besides; AWS's own needs nothing.
    fn key(
        &mut self,
        cx: &Context<'_>,
        entry: &Named<'_>,
        encrypted: &ResourceInstance,
        attribute: &str,
    ) {
        // A data source tells its key only when it is read.
        if encrypted.address.resource.mode == ResourceMode::Data {
            return;
        }
        let path = AttributePath::attribute(attribute);
        let value = match given(cx, encrypted, &path, encrypted.attribute(attribute)) {
            Given::LeftOut => return,
            Given::Value(value) => value,
            Given::Open(_) => encrypted.attribute(attribute).clone(),
        };
        let mut spelled = Spelled::of(cx, &value);
        if spelled.as_str().contains("alias/aws/") || !may_be_key(&spelled) {
            return;
        }
        if let Some(target) = alias_target(cx, &spelled) {
            spelled = Spelled::of(cx, target);
        }
        let key = instance(cx, &spelled, "aws_kms_key").or_else(|| {
            let id = |one: &&ResourceInstance| {
                one.attribute("key_id").as_str() == Some(spelled.as_str())
            };
            cx.plan.managed("aws_kms_key").find(id)
        });
        let own = key.map(|key| Own::of_key(cx, key));
        let why = if !value.is_known() && !value.is_not_null() && key.is_none() {
            Why::Open("nothing tells which key encrypts it", value.causes())
        } else if key.is_none() && spelled.as_str().contains("alias/") {
            Why::Open(
                "nothing tells which key the alias stands for",
                spelled.causes().clone(),
            )
        } else if own.as_ref().is_some_and(|own| own.allows(cx)) {
            Why::Open(
                "the key's own policy, or a grant, may allow it",
                Causes::default(),
            )
        } else if key.is_none() {
            Why::Open(
                "the key is not made here, and its own policy may allow it",
                Causes::default(),
            )
        } else {
            Why::Certain
        };
        let mut objects = Vec::new();
        if spelled.is_known() && !spelled.as_str().starts_with("arn:") {
            let id = spelled.clone();
            objects.push(Spelled::named("kms", "key/", &id, "").in_region(region(key)));
        }
        if spelled.object().is_some() {
            let own = Spelled::unnamed("kms", "key/", spelled.causes());
            objects.push(own.in_region(region(key)));
        }
        if let Some(arn) = key.and_then(|key| key.attribute("arn").as_str()) {
            objects.push(Spelled::text(arn));
        }
        objects.push(spelled);
        let via = Via {
            service: match encrypted.kind() {
                "aws_ssm_parameter" => "ssm",
                _ => "secretsmanager",
            },
            region: region(Some(encrypted)).map(str::to_owned),
        };
        self.all.push(Need {
            denied: own.as_ref().map_or(Covers::No, |own| own.denies(cx)),
            admitted: own.and_then(|own| own.admitted(cx, &via)),
            via: Some(via),
            ..entry.need("kms:Decrypt", objects, why)
        });
    }
}

/// The six characters at the end of a secret's ARN, if there are such.
fn suffix(arn: &str) -> Option<&str> {
    let (_, last) = arn.rsplit_once('-')?;
    let is_one = last.len() == 6 && last.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_one.then_some(last)
}

fn may_be_whole(arn: &str) -> bool {
    suffix(arn).is_some()
}

/// `-AbCdEf`, but not `-secret`, which may be the end of the name.
fn is_certainly_whole(arn: &str) -> bool {
    suffix(arn).is_some_and(|last| last.bytes().any(|byte| !byte.is_ascii_lowercase()))
}

/// An entry's name, with its container.
fn shown(container: &Container, entry: &Entry<'_>) -> String {
    let name = entry.name.unwrap_or("a secret");
    match container.name() {
        Some(container) => format!("{name}` of `{container}"),
        None => name.to_owned(),
    }
}

/// Where an object is, as far as all of its ARN are there: secrets may have copies elsewhere.
fn region(made: Option<&ResourceInstance>) -> Option<&str> {
    let made = made.filter(|one| one.address.resource.mode == ResourceMode::Managed)?;
    let has_copies = !made.attribute("replica").is_null() && !made.blocks("replica").is_empty();
    made.attribute("region").as_str().filter(|_| !has_copies)
}

/// An entry as findings name it.
struct Named<'a> {
    name: String,
    path: &'a AttributePath,
}

impl Named<'_> {
    fn need(&self, action: &'static str, objects: Vec<Spelled>, why: Why) -> Need {
        Need {
            name: self.name.clone(),
            path: self.path.clone(),
            action,
            objects,
            why,
            denied: Covers::No,
            admitted: None,
            via: None,
        }
    }
}

/// What a reference is to.
enum Kind {
    Secret,
    Parameter,
}

impl Kind {
    /// None where nothing tells.
    fn of(spelled: &Spelled) -> Option<Self> {
        if let Some(object) = spelled.object() {
            return match &*object.resource.kind {
                kind if kind.starts_with("aws_ssm_parameter") => Some(Self::Parameter),
                kind if kind.starts_with("aws_secretsmanager_secret") => Some(Self::Secret),
                "aws_db_instance" | "aws_rds_cluster" => Some(Self::Secret),
                _ => None,
            };
        }
        let text = spelled.as_str();
        match text.strip_prefix("arn:") {
            Some(rest) => match rest.split(':').nth(1)? {
                "secretsmanager" => Some(Self::Secret),
                "ssm" => Some(Self::Parameter),
                _ => None,
            },
            None if spelled.is_known() || text.starts_with('/') => Some(Self::Parameter),
            None => None,
        }
    }
}

fn is_given(name: &Value) -> bool {
    name.is_known() && !name.is_null() || name.as_unknown().is_some_and(|one| one.shape.is_some())
}

/// An ARN, an alias, an id, or something that is not known: a state holds what a provider filled in, too.
fn may_be_key(spelled: &Spelled) -> bool {
    let text = spelled.as_str();
    let is_id = |text: &str| {
        let text = text.strip_prefix("mrk-").unwrap_or(text);
        text.len() >= 32 && text.chars().all(|c| c.is_ascii_hexdigit() || c == '-')
    };
    !spelled.is_known() || text.starts_with("arn:") || text.starts_with("alias/") || is_id(text)
}

/// What an alias of this plan stands for.
fn alias_target<'a>(cx: &Context<'a>, spelled: &Spelled) -> Option<&'a Value> {
    let by_name = |one: &&ResourceInstance| {
        let name = one.attribute("name").as_str();
        name.is_some_and(|name| spelled.as_str().ends_with(name) && name.starts_with("alias/"))
    };
    let by_object = instance(cx, spelled, "aws_kms_alias");
    let found = by_object.or_else(|| cx.plan.managed("aws_kms_alias").find(by_name))?;
    (found.address.resource.mode == ResourceMode::Managed).then(|| found.attribute("target_key_id"))
}
