//! `secret-in-state`: no secret's value is stored in state or plan.

mod found;
mod keys;
mod marked;
mod outputs;

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use rayon::prelude::*;

use crate::address::{AttributePath, PathStep, ResourceAddress, ResourceMode};
use crate::plan::{Action, Evidence, Excerpt, ProviderArgument, ResourceInstance, Subject};
use crate::provider::secrets::{self, Origin, SecretAttribute};
use crate::provider::{Block, Providers};
use crate::rule::{Context, Findings, Level, Rule, RuleMeta, Scope, TextKind};
use crate::rules::drawn::drawn;
use crate::rules::evidence::{Given, given, sources, subject};
use crate::rules::secret_name;
use crate::rules::secret_source::{self, Known};
use crate::secret::{
    By, Gravity, Hit, Named, Place, detect, is_placeholder, is_secret_name, may_name, meant_within,
    secrets_at,
};
use crate::source::SharedText;
use crate::value::{Cause, Causes, Data, Shape, Value, structure};

use found::{Found, Part, What};
use marked::Made;

/// The rule.
pub struct SecretInState;

static META: RuleMeta = RuleMeta {
    id: "secret-in-state",
    summary: "no secret's value ends in the state or in a plan",
    scope: Scope::Always,
    parameters: &[],
    page: include_str!("README.md"),
};

impl Rule for SecretInState {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check_plan(&self, cx: &Context<'_>, findings: &mut Findings) {
        let known = Known::of(cx.plan);
        let searched = Searched::of(cx);
        let by_providers = Made::default();
        let current = cx.plan.resources().iter().map(|one| (one, None));
        let deposed = cx.plan.deposed.iter();
        let deposed = deposed.map(|one| (&one.instance, Some(&*one.key)));
        let stored = current.chain(deposed).filter(|(resource, _)| {
            resource.address.resource.mode != ResourceMode::Ephemeral && resource.remains()
        });
        let stored: Vec<_> = stored.collect();
        // There are many, and most are clean.
        let may_be_drawn = draws(cx);
        let unclean: Vec<_> = stored
            .par_iter()
            .filter(|(resource, _)| {
                let changes = may_be_drawn && resource.change.action != Action::NoOp;
                changes || !is_clean_text(resource, &known, &searched)
            })
            .collect();
        for &&(resource, deposed) in &unclean {
            let mode = resource.address.resource.mode;
            let facts = Providers::packed().schema(mode, resource.kind());
            let object = Object {
                cx,
                known: &known,
                made: &by_providers,
                resource,
                deposed,
                block: facts.as_ref().map(|facts| &*facts.block),
                secrets: secrets::of(mode, resource.kind()).collect(),
                named: OnceCell::new(),
            };
            object.check(findings);
        }
        keys::check(cx, findings);
        outputs::check(cx, &known, &by_providers, findings);
        for argument in cx.plan.provenance.provider_arguments() {
            if !is_handed_on(cx, &argument) {
                continue;
            }
            let mut found = Found::new(&known);
            found.look_at(argument.name(), &argument.value, None, None);
            if let Some(what) = found.worst(cx, &argument.subject, &by_providers) {
                let keeps = "the state keeps what this provider puts on each resource";
                report(findings, argument.subject, keeps, &what);
            }
        }
    }
}

/// Whether something is still to be drawn at random.
fn draws(cx: &Context<'_>) -> bool {
    let mut resources = cx.plan.resources().iter();
    resources.any(|one| {
        secrets::is_drawn(&one.address.resource, None) && one.change.action != Action::NoOp
    })
}

/// Whether a provider puts it on the resources that it makes: tags, labels.
fn is_handed_on(cx: &Context<'_>, argument: &ProviderArgument) -> bool {
    let is_default = |name: &str| matches!(name, "default_tags" | "default_labels");
    let prefix = format!("{}_", argument.kind);
    let mut resources = cx.plan.resources().iter();
    argument.path.root().is_some_and(is_default)
        && resources.any(|one| one.remains() && one.kind().starts_with(&prefix))
}

/// Texts of evidence, with the credentials in them.
struct Searched(Vec<(SharedText, Arc<[Hit]>)>);

impl Searched {
    fn of(cx: &Context<'_>) -> Self {
        let texts = cx.texts.iter();
        let evidence = texts.filter(|text| text.kind == TextKind::Evidence);
        let searched = evidence.map(|text| {
            let content = cx.sources.file(text.source).text().clone();
            (content, cx.credentials.of(*text, cx.sources))
        });
        Self(searched.collect())
    }

    fn has_credential(&self, excerpt: &Excerpt<'_>) -> bool {
        let Excerpt { whole, range } = excerpt;
        let searched = self.0.iter().find(|(text, _)| text.is(whole));
        let Some((_, hits)) = searched else {
            return !detect(excerpt.text()).is_empty();
        };
        let next = hits.partition_point(|hit| hit.range.end <= range.start);
        hits.get(next)
            .is_some_and(|hit| hit.range.start < range.end)
    }
}

/// A value that is meant to be a secret, and as which.
struct Sink<'a> {
    secret: &'a SecretAttribute,
    place: Place<'a>,
}

impl Sink<'_> {
    fn what(&self) -> String {
        let what = self.secret.what;
        match self.place.name {
            Some(name) => format!("`{name}`, {what}"),
            None => what.to_owned(),
        }
    }
}

/// Whether an object's text alone tells that there is nothing to find, so that it need not be decoded.
fn is_clean_text(resource: &ResourceInstance, known: &Known, searched: &Searched) -> bool {
    let Some(excerpt) = resource.change.unmarked_text() else {
        return false;
    };
    let text = excerpt.text();
    let has_secrets = || {
        let mut meant = secrets::of(resource.address.resource.mode, resource.kind());
        meant.next().is_some()
    };
    // An escape may hide something.
    let is_plain = || memchr::memchr(b'\\', text.as_bytes()).is_none();
    !searched.has_credential(&excerpt)
        && !has_secrets()
        && is_plain()
        && !may_name(text)
        && known.within(text).is_none()
}

/// An object that is stored, with what is known of its type.
struct Object<'a> {
    cx: &'a Context<'a>,
    known: &'a Known,
    made: &'a Made,
    resource: &'a ResourceInstance,
    /// Its key, where a replacement left it behind.
    deposed: Option<&'a str>,
    block: Option<&'a Block>,
    /// Its attributes that are meant for secrets.
    secrets: Vec<SecretAttribute>,
    /// What in it is a secret by its name.
    named: OnceCell<Vec<Named>>,
}

impl Object<'_> {
    fn check(&self, findings: &mut Findings) {
        let whole = subject(self.resource, AttributePath::default());
        let mut fine = true;
        let mut own = BTreeSet::new();
        let mut of_tags = Vec::new();
        for name in self.attributes() {
            let attribute = self.block.and_then(|block| block.attributes.get(name));
            let repeats = self.resource.kind() == "terraform_data" && name == "output";
            if repeats || attribute.is_some_and(|attribute| attribute.write_only) {
                continue;
            }
            let whole = subject(self.resource, AttributePath::attribute(name));
            let all = self.found_in(name).all(self.cx, &whole, self.made);
            fine &= all.is_empty();
            for (path, what) in all {
                if self.is_own(&what) {
                    own.insert(name);
                    continue;
                }
                let path = self.placed(path);
                // The tags of a provider are added to those that are written.
                let again = name == "tags_all" && of_tags.contains(&what);
                if name == "tags" {
                    of_tags.push(what.clone());
                }
                if !again {
                    let keeps = self.keeps(&format!("`{name}`"));
                    report(findings, subject(self.resource, path), &keeps, &what);
                }
            }
        }
        if !own.is_empty() {
            self.report_own(&own, findings);
        } else if fine && self.deposed.is_none() && self.has_place() {
            findings.pass(whole, "no secret's value is stored");
        }
    }

    /// The part of an attribute to point at: the elements of a set have no place of their own, but for the only one.
    fn placed(&self, mut path: AttributePath) -> AttributePath {
        let mut at = Value::clone(self.resource.attribute(path.root().unwrap_or_default()));
        for step in 1..path.0.len() {
            if matches!(at.data(), Data::Set(_, elements) if elements.len() > 1) {
                path.0.truncate(step);
                break;
            }
            let inner = match &path.0[step] {
                PathStep::Index(index) => at.as_elements().and_then(|all| all.get(*index)),
                PathStep::Attribute(name) => at.attribute(name),
            };
            let Some(inner) = inner.cloned() else {
                break;
            };
            at = inner;
        }
        path
    }

    fn keeps(&self, names: &str) -> String {
        match self.deposed {
            Some(key) => format!(
                "the state keeps {names} of the object that a replacement left behind (deposed {key})"
            ),
            None => format!("the state keeps {names}"),
        }
    }

    /// Whether there is a place for a secret at all: a block that has one, or a member with the name of one.
    fn has_place(&self) -> bool {
        self.secrets.iter().any(|secret| {
            let attribute = self.resource.attribute(secret.attribute());
            !secrets_at(secret.path, attribute).is_empty()
        })
    }

    /// It derives from nothing but this object.
    fn is_own(&self, what: &What) -> bool {
        let prefix = format!("`{}.", self.resource.address);
        matches!(what, What::From(sources) if sources.iter().all(|source| source.starts_with(&prefix)))
    }

    /// What an object makes or reads itself is one finding, however many attributes hold it.
    fn report_own(&self, names: &BTreeSet<&str>, findings: &mut Findings) {
        let resource = &self.resource.address.resource;
        let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        let names = secret_source::joined(&names);
        let (does, instead) = match resource.mode {
            ResourceMode::Data => (
                "reads",
                "read it where it is used, or by an `ephemeral` block",
            ),
            _ => ("makes", "make it out of band, or by an `ephemeral` block"),
        };
        let message = format!(
            "{}, which this `{}` {does}",
            self.keeps(&names),
            resource.kind
        );
        findings
            .fail(subject(self.resource, AttributePath::default()), message)
            .help(format!(
                "{instead}, and hand it on to write-only arguments only"
            ));
    }

    /// Names of attributes that there is anything to say of.
    fn attributes(&self) -> BTreeSet<&str> {
        let after = self.resource.after();
        let partial = match after
            .as_unknown()
            .and_then(|unknown| unknown.shape.as_ref())
        {
            Some(Shape::Partial(partial)) => partial.as_entries(),
            _ => after.as_entries(),
        };
        let written = partial
            .into_iter()
            .flat_map(|entries| entries.keys().map(AsRef::as_ref));
        let meant = self.secrets.iter().map(|one| -> &str { one.attribute() });
        written.chain(meant).collect()
    }

    fn found_in(&self, name: &str) -> Found<'_> {
        let value = self.resource.attribute(name);
        let mut found = Found::new(self.known);
        if self.resource.change.action == Action::Create {
            found = found.of_new_object();
        }
        let attribute = self.block.and_then(|block| block.attributes.get(name));
        let nested = self.block.and_then(|block| block.blocks.get(name));
        found.look_at(name, value, attribute, nested.map(|nested| &*nested.block));
        let place = subject(self.resource, AttributePath::attribute(name));
        let whole = AttributePath::attribute(name);
        if let Some(source) = self.known.piece(self.cx, &place, value)
            && !found.has(&source)
        {
            found.part(&whole).source(source);
        }
        let all = self
            .named
            .get_or_init(|| secret_name::kept_by(self.cx, self.resource, self.block));
        for named in all.iter().filter(|one| one.path.root() == Some(name)) {
            found.part(&named.path).plain(called(&named.by));
        }
        for secret in self.secrets.iter().filter(|one| one.attribute() == name) {
            let places = secrets_at(secret.path, value);
            if places.is_empty() && secret.path.ends_with(".*") {
                self.unnamed(secret, value, found.part(&whole));
            }
            for place in places {
                let path = AttributePath([&whole.0[..], &place.path.0].concat());
                self.sink(&Sink { secret, place }, found.part(&path));
            }
        }
        found
    }

    /// A map of which a plan tells no names, because a value in it is drawn at random: perhaps under the name of a secret.
    fn unnamed(&self, secret: &SecretAttribute, value: &Value, found: &mut Part) {
        let causes = value.causes();
        if self.cx.plan.evidence != Evidence::PlanJson || causes.is_empty() {
            return;
        }
        let path = AttributePath::attribute(secret.attribute());
        let behind = sources(self.cx, self.resource, &path, value);
        let mut all = behind.attributes.iter();
        if all.any(|(address, path)| secrets::is_drawn(&address.resource, path.root())) {
            found.open(secret.what.to_owned(), causes);
        }
    }

    /// A value that is meant to be a secret.
    fn sink(&self, sink: &Sink<'_>, found: &mut Part) {
        let (secret, value) = (sink.secret, sink.place.value);
        let is_kept = !value.is_null() && !value.marks().ephemeral;
        let is_excused =
            self.is_excused(secret) && (value.is_known() || !self.is_plain_parameter_of_secret());
        if !is_kept || is_excused || secret_source::is_none_for_others(self.resource) {
            return;
        }
        if secret.is_given() {
            self.given(sink, found);
        } else {
            self.provided(secret, value, found);
        }
    }

    /// What the provider makes or reads stands in the state as soon as the object does.
    fn provided(&self, secret: &SecretAttribute, value: &Value, found: &mut Part) {
        if value.as_str().is_none_or(|text| !is_placeholder(text)) {
            found.source(format!("{}.{}", self.resource.address, secret.path));
        }
    }

    fn given(&self, sink: &Sink<'_>, found: &mut Part) {
        let (secret, value) = (sink.secret, sink.place.value);
        let name = secret.attribute();
        let path = AttributePath::attribute(name);
        match given(self.cx, self.resource, &path, value) {
            Given::LeftOut => {}
            // Nobody wrote it, and what others give is not computed.
            Given::Open(causes) if self.is_unwritten(name, &causes) => {}
            Given::Value(value) => self.known(sink, &value, found),
            Given::Open(causes) => {
                self.taken(secret, value, &causes, found);
                let is_made = |cause: &Cause| matches!(cause, Cause::Impure { .. });
                if secret.origin == Origin::Used && causes.iter().all(is_made) {
                    found.plain(sink.what());
                }
                for part in parts(value) {
                    if is_text(&part) {
                        found.plain(sink.what());
                    } else if !part.is_known() {
                        open(sink, part.causes(), found);
                    }
                }
            }
        }
    }

    /// Whether nothing is known of an attribute but that the configuration does not have it.
    fn is_unwritten(&self, name: &str, causes: &Causes) -> bool {
        let is_own = |cause: &Cause| match cause {
            Cause::NoSchema { address, path, .. } => {
                **address == *self.resource.address && path.root().is_none_or(|root| root == name)
            }
            _ => false,
        };
        !causes.is_empty() && causes.iter().all(is_own)
    }

    /// Whether it is a parameter in clear text with the name of a secret.
    fn is_plain_parameter_of_secret(&self) -> bool {
        let text = |name: &str| self.resource.attribute(name).as_str();
        text("type").is_some_and(|kind| kind != "SecureString")
            && text("name").is_some_and(is_secret_name)
    }

    /// What a value that is not known yet is taken from: what is drawn at random, and where it is in use whatever there is.
    fn taken(&self, secret: &SecretAttribute, value: &Value, causes: &Causes, found: &mut Part) {
        let path = AttributePath::attribute(secret.attribute());
        let behind = sources(self.cx, self.resource, &path, value);
        let is_one = behind.attributes.len() == 1;
        let of_plan = |cause: &Cause| matches!(cause, Cause::Plan { .. });
        // A plan tells what a text is made of, and not where in it.
        let told = is_one || !causes.iter().any(of_plan);
        // What chooses between values may choose none.
        let never_null = value.as_unknown().is_some_and(|unknown| unknown.not_null);
        let is_password = secret.origin == Origin::Used
            && !behind.open
            && !behind.fixed
            && (is_one || never_null);
        let taken = behind.attributes.iter().filter(|(address, path)| {
            let is_there = is_password && self.has_value(address, path);
            let counts = is_there || secrets::is_drawn(&address.resource, path.root());
            told && counts && may_be_secret(value, &address.to_string())
        });
        for (address, path) in taken {
            found.taken(&Subject::Attribute(Arc::new(address.clone()), path.clone()));
        }
    }

    /// Whether the provider gives an attribute its value. What another object is given may be null.
    fn has_value(&self, address: &ResourceAddress, path: &AttributePath) -> bool {
        let Some(resource) = self.cx.plan.resource(address) else {
            return true;
        };
        let causes = path.root().map(|name| resource.attribute(name).causes());
        let own = |cause: &Cause| match cause {
            Cause::Apply { address: of, .. } | Cause::Data { address: of, .. } => {
                of == &resource.address
            }
            Cause::Plan { .. } | Cause::NoSchema { .. } => true,
            _ => false,
        };
        causes.is_none_or(|causes| causes.iter().all(own))
    }

    /// A value that is told. Where it is in use, a placeholder is the password until somebody sets another.
    fn known(&self, sink: &Sink<'_>, value: &Value, found: &mut Part) {
        let attribute = AttributePath::attribute(sink.secret.attribute());
        let path = AttributePath([&attribute.0[..], &sink.place.path.0].concat());
        let told = drawn(self.cx, self.resource, &path, value);
        let value = told.as_ref().unwrap_or(value);
        if parts(value).iter().any(is_text) {
            found.plain(sink.what());
        } else if sink.secret.origin == Origin::Used && !is_empty(value) {
            match self
                .cx
                .plan
                .provenance
                .ignores(&self.resource.address, sink.secret.attribute())
            {
                Some(true) => found.open(
                    "a placeholder is in use until another value is set out of band".to_owned(),
                    Causes::default(),
                ),
                _ => found.plain("a placeholder, which is in use as it stands".to_owned()),
            }
        } else if self.resource.kind() == "aws_ssm_parameter" && !is_empty(value) {
            self.parameter(found);
        }
    }

    /// A parameter that waits for its value: the provider reads it again, decrypted, with every refresh, whatever changes
    /// are ignored (`resourceParameterRead` of the AWS provider).
    fn parameter(&self, found: &mut Part) {
        let kind = self.resource.attribute("type");
        if kind.is_known() {
            found.read_back();
        } else {
            let what = "a parameter, perhaps of type `SecureString`".to_owned();
            found.open(what, kind.causes());
        }
    }

    /// Where another argument keeps the attribute empty, or says that it is no secret.
    fn is_excused(&self, secret: &SecretAttribute) -> bool {
        let is_set = |name: &str| !self.resource.attribute(name).is_null();
        match (self.resource.kind(), secret.origin) {
            ("aws_ssm_parameter", Origin::Stored) => {
                let kind = self.resource.attribute("type").as_str();
                kind.is_some_and(|kind| kind != "SecureString") || is_set("value_wo_version")
            }
            _ => false,
        }
    }
}

/// A secret by its name, for a message.
fn called(by: &By) -> String {
    match by {
        By::Member(name) | By::Pair(name) => format!("`{name}`, a secret by its name"),
        By::Text => "what a text in it calls a secret".to_owned(),
    }
}

/// An unknown value where a secret belongs.
fn open(sink: &Sink<'_>, causes: Causes, found: &mut Part) {
    // What a provider makes and no table of secrets names is an id, an address or the like.
    let harmless = |cause: &Cause| match cause {
        Cause::Apply { address, path } | Cause::Data { address, path } => {
            let resource = &address.resource;
            let name = path.root();
            !secrets::hands_on(resource, name)
                && !secrets::of(resource.mode, &resource.kind)
                    .any(|one| name == Some(one.attribute()))
        }
        _ => false,
    };
    if causes.is_empty() || !causes.iter().all(harmless) {
        found.open(sink.what(), causes);
    }
}

/// What is meant by a value that is a secret, if it is JSON or an object the members.
fn parts(value: &Value) -> Vec<Value> {
    let is_document = |one: &Value| one.as_entries().is_some() || one.as_elements().is_some();
    let decoded = structure(value).filter(is_document);
    meant_within(decoded.as_ref().unwrap_or(value))
}

/// Whether it is a text that does not stand in for a secret, or name it.
fn is_text(part: &Value) -> bool {
    let is_secret = |text: &str| !is_placeholder(text) && !text.starts_with("arn:");
    part.as_str().is_some_and(is_secret)
}

/// Whether there is no text at all.
fn is_empty(value: &Value) -> bool {
    value.as_str().is_none_or(str::is_empty) && value.children().all(is_empty)
}

/// Whether what an object provides stands in a value where a secret may be.
fn may_be_secret(value: &Value, provider: &str) -> bool {
    let comes = |cause: &Cause| match cause {
        Cause::Apply { address, .. } => address.to_string() == provider,
        _ => true,
    };
    let parts = meant_within(value);
    parts.iter().any(|part| part.causes().iter().any(comes))
}

fn report(findings: &mut Findings, place: Subject, keeps: &str, what: &What) {
    const HELP: &str =
        "set the value out of band, or use a write-only argument with an ephemeral value";
    match what {
        What::From(sources) => {
            let message = format!(
                "{keeps}, which derives from {}",
                secret_source::joined(sources)
            );
            let finding = findings.fail(place, message).by_use().help(HELP);
            finding.from_sources(sources);
        }
        What::Credential(kind, gravity) => {
            let message = format!("{keeps}, which holds {kind}");
            let finding = findings.fail(place, message).by_use().help(HELP);
            if *gravity == Gravity::Test {
                finding.at_most(Level::Warning);
            }
        }
        What::Plain(what) => {
            findings
                .fail(place, format!("{keeps}: {what}, in clear text"))
                .by_use()
                .help(HELP);
        }
        What::ReadBack => {
            let message = format!(
                "{keeps}: a refresh reads it decrypted, with what was put in the place of the placeholder"
            );
            let help = "hand it over by `value_wo` and an ephemeral value, or keep the secret in Secrets Manager";
            findings.fail(place, message).by_use().help(help);
        }
        What::Open(what, causes) => {
            let message = format!("{keeps}, and nothing tells whether it is a secret: {what}");
            findings
                .undecided(place, message, causes.clone())
                .help(HELP);
        }
    }
}
