//! The variables of the root module that hold a secret: declared sensitive there or in a module that they are handed
//! to, or given to an argument that is meant for a secret, of a resource or of a provider.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::address::{AttributePath, ResourceMode};
use crate::plan::{Origin, Part, ProviderArgument, ResourceInstance, Subject, Trace};
use crate::provider::{Providers, secrets};
use crate::rule::Context;
use crate::rules::drawn::stands_in;
use crate::rules::evidence::subject;
use crate::rules::secret_name;
use crate::secret::{
    By, is_harmless_value, is_secret_name, meant, named_value, password_of_address, secrets_at,
    tells, texts_within,
};
use crate::value::Value;

/// Why a variable holds a secret, and where in it.
#[derive(Clone)]
pub(super) struct Holder {
    /// `is declared sensitive`
    pub(super) why: String,
    pub(super) which: Which,
}

/// What of a variable is secret.
#[derive(Clone)]
pub(super) enum Which {
    All,
    /// These texts, and what is named as secrets are.
    Some(BTreeSet<String>),
}

/// By the names of the variables.
pub(super) fn holders(cx: &Context<'_>) -> BTreeMap<Arc<str>, Holder> {
    let mut found = BTreeMap::new();
    for ((module, name), variable) in &cx.plan.variables {
        if !variable.sensitive {
            continue;
        }
        if module.is_root() {
            let why = "is declared sensitive".to_owned();
            let which = Which::All;
            found.insert(Arc::clone(name), Holder { why, which });
            continue;
        }
        let place = Subject::Variable(module.clone(), Arc::clone(name));
        let why = format!("is handed to `{place}`, which is declared sensitive");
        Sink::of(&[&variable.value], why).follow(cx, &place, &mut found);
    }
    let given =
        secrets::all().filter(|secret| secret.mode == ResourceMode::Managed && secret.is_given());
    for secret in given {
        // The write-only twin keeps it out of the state, and not out of the file.
        let paths = [secret.path.to_owned(), format!("{}_wo", secret.path)];
        for resource in cx.plan.managed(secret.kind) {
            if !resource.remains() || is_no_secret(resource) {
                continue;
            }
            for path in &paths {
                given_to(cx, resource, path, &mut found);
            }
        }
    }
    let arguments = cx.plan.provenance.provider_arguments().into_iter();
    for argument in arguments.filter(ProviderArgument::is_secret) {
        let (name, kind) = (argument.name(), &argument.kind);
        let why = format!("is given to `{name}` of the provider `{kind}`");
        Sink::of(&[&argument.value], why).follow(cx, &argument.subject, &mut found);
    }
    for handed in cx.plan.provenance.handed() {
        let (name, block) = (&handed.name, &handed.block);
        let why = format!("is given to `{name}` of a `{block}` block");
        let whole = AttributePath::default();
        let trace = cx.plan.provenance.trace(&handed.subject, &whole);
        if let Some(value) = trace.and_then(|trace| trace.value) {
            Sink::of(&[&value], why).follow(cx, &handed.subject, &mut found);
        }
    }
    for resource in cx.plan.resources().iter().filter(|one| one.remains()) {
        by_name(cx, resource, &mut found);
    }
    for ((module, name), variable) in &cx.plan.variables {
        let named = named_value(name, &variable.value).into_iter();
        let texts: BTreeSet<String> = named
            .map(|one| one.text)
            .filter(|text| tells(text))
            .collect();
        if module.is_root() && !texts.is_empty() && !found.contains_key(name) {
            let why = match is_secret_name(name) {
                true => "has the name of a secret",
                false => "has a member with the name of a secret",
            };
            let (why, which) = (why.to_owned(), Which::Some(texts));
            found.insert(Arc::clone(name), Holder { why, which });
        }
    }
    found
}

/// The variables that a resource is given where a name says that it is a secret.
fn by_name(cx: &Context<'_>, resource: &ResourceInstance, found: &mut BTreeMap<Arc<str>, Holder>) {
    let facts = Providers::packed().schema(resource.address.resource.mode, resource.kind());
    let block = facts.as_ref().map(|facts| &*facts.block);
    for one in secret_name::kept_by(cx, resource, block) {
        let is_given = tells(&one.text) && !stands_in(&one.text);
        if let (By::Member(name) | By::Pair(name), true) = (&one.by, is_given) {
            let why = format!("is given to `{name}` of `{}`", resource.address);
            let place = subject(resource, one.path);
            Sink::of(&[&Value::string(one.text.as_str())], why).follow(cx, &place, found);
        }
    }
}

/// The variables that an argument is made from which is meant for a secret, or an argument within blocks.
fn given_to(
    cx: &Context<'_>,
    resource: &ResourceInstance,
    path: &str,
    found: &mut BTreeMap<Arc<str>, Holder>,
) {
    let name = path.split('.').next().unwrap_or(path);
    let places = secrets_at(path, resource.attribute(name));
    let values: Vec<&Value> = places.iter().map(|place| place.value).collect();
    // A plan has no value of a write-only argument: it is followed all the same.
    if path != name && values.iter().all(|value| value.is_null()) {
        return;
    }
    let why = format!("is given to `{name}` of `{}`", resource.address);
    let sink = Sink::of(&values, why);
    for place in &places {
        let steps = [AttributePath::attribute(name).0, place.path.0.clone()].concat();
        let place = subject(resource, AttributePath(steps));
        sink.follow(cx, &place, found);
    }
}

/// A parameter that is stored in clear text is meant to be read.
fn is_no_secret(resource: &ResourceInstance) -> bool {
    let is_plain = |kind: &str| kind != "SecureString";
    resource.kind() == "aws_ssm_parameter"
        && resource.attribute("type").as_str().is_some_and(is_plain)
}

/// Where a secret belongs, with the texts that are there, if they are known.
struct Sink {
    texts: Option<BTreeSet<String>>,
    why: String,
}

impl Sink {
    fn of(values: &[&Value], why: String) -> Self {
        let texts: BTreeSet<String> = values.iter().flat_map(|value| texts_of(value)).collect();
        let is_known = values.iter().all(|value| value.is_wholly_known());
        let texts = (is_known && !texts.is_empty()).then_some(texts);
        Self { texts, why }
    }

    /// The variables of the root module that its value derives from.
    fn follow(&self, cx: &Context<'_>, place: &Subject, found: &mut BTreeMap<Arc<str>, Holder>) {
        let origins = cx.plan.provenance.origins(place);
        let is_alone = origins.len() == 1;
        for origin in origins {
            let Origin::Variable(name) = origin else {
                continue;
            };
            let Some(variable) = cx.plan.variable(&name) else {
                continue;
            };
            let is_text = variable.value.children().next().is_none();
            let parts = || {
                let parts = parts_of(cx, place, &name);
                let meant = |text: &String| {
                    self.is_password_in_address(text) || is_alone && self.is_made_from(text)
                };
                parts.into_iter().filter(meant).collect::<BTreeSet<_>>()
            };
            let which = match (&self.texts, variable.value.as_str()) {
                // The variable's value is the secret, or what a secret's name says to be one.
                (Some(texts), Some(text)) if texts.contains(text) => Which::All,
                (None, _) if is_alone && is_text => Which::All,
                _ if is_text && !is_secret_name(&name) && parts().is_empty() => continue,
                _ if is_text && !is_secret_name(&name) => Which::All,
                (texts, _) => Which::Some(texts.iter().flatten().cloned().chain(parts()).collect()),
            };
            match found.get_mut(&name) {
                None => {
                    let why = self.why.clone();
                    found.insert(name, Holder { why, which });
                }
                // Several arguments may each take a part of it.
                Some(Holder {
                    which: Which::Some(known),
                    ..
                }) => {
                    if let Which::Some(more) = which {
                        known.extend(more);
                    }
                }
                Some(_) => {}
            }
        }
    }

    /// Whether a part of a variable is, or is part of, the password in an address.
    fn is_password_in_address(&self, part: &str) -> bool {
        let mut addresses = self.texts.iter().flatten();
        tells(part)
            && addresses.any(|text| password_of_address(text).is_some_and(|one| one.contains(part)))
    }

    /// Whether a part of a variable is what makes the secret: there is nothing but it and what is written around it.
    fn is_made_from(&self, part: &str) -> bool {
        let Some(texts) = &self.texts else {
            return true;
        };
        let holds = |text: &String| {
            let within = password_of_address(text).unwrap_or(text);
            within.contains(part) && !is_harmless_value(text)
        };
        texts.contains(part) || tells(part) && texts.iter().any(holds)
    }
}

/// The texts of a variable of the root module that a value is made from. Where members are named as secrets are, only
/// those.
fn parts_of(cx: &Context<'_>, place: &Subject, variable: &str) -> BTreeSet<String> {
    let mut parts = Vec::new();
    let whole = cx.plan.provenance.trace(place, &AttributePath::default());
    let mut todo: Vec<Trace> = whole.into_iter().collect();
    while let Some(trace) = todo.pop() {
        let after = trace.name.strip_prefix("var.");
        let after = after.and_then(|name| name.strip_prefix(variable));
        if let (Some(path), Some(value)) = (after, &trace.value)
            && (path.is_empty() || path.starts_with(['.', '[']))
        {
            let member = path.rsplit(['.', ']']).next().unwrap_or_default();
            parts.push((member.to_owned(), value.clone()));
        }
        let gives = trace.from.into_iter();
        todo.extend(gives.filter(|one| one.part == Part::Gives));
    }
    meant(parts).iter().flat_map(texts_of).collect()
}

/// The texts that are meant by a value, and the passwords in those that are addresses.
fn texts_of(value: &Value) -> BTreeSet<String> {
    let mut texts = BTreeSet::new();
    for text in texts_within(value) {
        texts.extend(password_of_address(&text).map(str::to_owned));
        texts.insert(text);
    }
    texts
}
