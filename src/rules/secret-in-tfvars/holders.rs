//! The variables of the root module that hold a secret: declared sensitive there or in a module that they are handed
//! to, or given to an argument that is meant for a secret.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::address::{AttributePath, ResourceMode};
use crate::plan::{Origin, ResourceInstance, Subject};
use crate::provider::secrets;
use crate::rule::Context;
use crate::rules::evidence::subject;
use crate::secret::{is_secret_name, secrets_at, texts_in};
use crate::value::Value;

/// Why a variable holds a secret, and where in it.
pub(super) struct Holder {
    /// `is declared sensitive`
    pub(super) why: String,
    pub(super) which: Which,
}

/// What of a variable is secret.
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
                let name = path.split('.').next().unwrap_or(path);
                let places = secrets_at(path, resource.attribute(name));
                let values: Vec<&Value> = places.iter().map(|place| place.value).collect();
                // A plan has no value of a write-only argument: it is followed all the same.
                if path != name && values.iter().all(|value| value.is_null()) {
                    continue;
                }
                let why = format!("is given to `{name}` of `{}`", resource.address);
                let place = subject(resource, AttributePath::attribute(name));
                Sink::of(&values, why).follow(cx, &place, &mut found);
            }
        }
    }
    found
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
        let mut texts = BTreeSet::new();
        for value in values {
            collect(value, &mut texts);
        }
        let is_known = values.iter().all(|value| value.is_wholly_known());
        let texts = (is_known && !texts.is_empty()).then_some(texts);
        Self { texts, why }
    }

    /// The variables of the root module that its value derives from.
    fn follow(self, cx: &Context<'_>, place: &Subject, found: &mut BTreeMap<Arc<str>, Holder>) {
        let origins = cx.plan.provenance.origins(place);
        let is_alone = origins.len() == 1;
        for origin in origins {
            let Origin::Variable(name) = origin else {
                continue;
            };
            if found.contains_key(&name) {
                continue;
            }
            let Some(variable) = cx.plan.variable(&name) else {
                continue;
            };
            let why = self.why.clone();
            let is_text = variable.value.children().next().is_none();
            let which = match (&self.texts, variable.value.as_str()) {
                // The variable's value is the secret, or what a secret's name says to be one.
                (Some(texts), Some(text)) if texts.contains(text) => Which::All,
                (None, _) if is_alone && is_text => Which::All,
                _ if is_text && !is_secret_name(&name) => continue,
                (texts, _) => Which::Some(texts.clone().unwrap_or_default()),
            };
            found.insert(name, Holder { why, which });
        }
    }
}

/// The texts in a value; in JSON only those whose names say that they are secret, where any does.
fn collect(value: &Value, texts: &mut BTreeSet<String>) {
    if let Some(text) = value.as_str() {
        texts.extend(texts_in(text));
    }
    for child in value.children() {
        collect(child, texts);
    }
}
