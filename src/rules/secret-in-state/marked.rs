//! What a state calls sensitive, and does not say why: a secret that somebody gave, or what a provider made that merely came
//! through something sensitive.

use std::collections::HashSet;
use std::sync::OnceLock;

use crate::provider::{Providers, Setting};
use crate::rule::Context;
use crate::rules::secret_source;
use crate::secret::{is_plain_name, is_secret_name, may_be_declared};
use crate::value::{Causes, Type, Value};

use super::found::What;

/// What the name says under which a value stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Naming {
    /// A secret.
    Secret,
    /// An id, a host and the like.
    Plain,
    /// Nothing.
    #[default]
    Silent,
}

impl Naming {
    pub(super) fn of(name: &str) -> Self {
        if is_plain_name(name) {
            Self::Plain
        } else if is_secret_name(name) {
            Self::Secret
        } else {
            Self::Silent
        }
    }
}

/// Texts of one attribute or output that a state calls sensitive.
#[derive(Default)]
pub(super) struct Marked(Vec<(String, Naming)>);

impl Marked {
    pub(super) fn add(&mut self, text: &str, naming: Naming) {
        if naming != Naming::Plain {
            self.0.push((text.to_owned(), naming));
        }
    }

    pub(super) fn extend(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    /// Whether one of them may be a secret, if somebody declared it to be one.
    pub(super) fn may_be_declared(&self) -> bool {
        self.0.iter().any(|(text, _)| may_be_declared(text))
    }

    /// What they come to, less what a provider made.
    pub(super) fn worst(&self, cx: &Context<'_>, made: &Made) -> Option<What> {
        let given = self.0.iter().filter(|(text, _)| !made.has(cx, text));
        let namings: Vec<Naming> = given.map(|(_, naming)| *naming).collect();
        if namings.contains(&Naming::Secret) {
            let what = "under the name of a secret, what it calls sensitive";
            return Some(What::Plain(what.to_owned()));
        }
        let what = "it calls it sensitive, and a state does not say where a value comes from";
        (!namings.is_empty()).then(|| What::Open(what.to_owned(), Causes::default()))
    }
}

/// Texts that providers made or read and that are no secrets: addresses, names of images. Looked up when first asked for.
#[derive(Default)]
pub(super) struct Made(OnceLock<HashSet<String>>);

impl Made {
    fn has(&self, cx: &Context<'_>, text: &str) -> bool {
        self.0.get_or_init(|| made(cx)).contains(text)
    }
}

/// Computed, and the text of the configuration all the same.
const WRITTEN_AGAIN: [&str; 4] = [
    "tags_all",
    "effective_labels",
    "terraform_labels",
    "effective_annotations",
];

fn made(cx: &Context<'_>) -> HashSet<String> {
    let mut texts = HashSet::new();
    for resource in cx.plan.resources() {
        let mode = resource.address.resource.mode;
        let Some(facts) = Providers::packed().schema(mode, resource.kind()) else {
            continue;
        };
        for (name, attribute) in &facts.block.attributes {
            let by_provider = matches!(
                attribute.setting,
                Setting::Computed | Setting::OptionalComputed
            );
            // What is of any type was given to another attribute.
            let is_made = by_provider && !WRITTEN_AGAIN.contains(&&**name);
            if is_made && attribute.ty != Type::Dynamic {
                collect(cx, resource.attribute(name), &mut texts);
            }
        }
    }
    texts
}

fn collect(cx: &Context<'_>, value: &Value, texts: &mut HashSet<String>) {
    let marks = value.marks();
    let is_secret = marks.is_secret()
        && !(secret_source::named(cx, marks).is_empty()
            && secret_source::perhaps(cx, marks).is_empty());
    if is_secret {
        return;
    }
    texts.extend(value.as_str().map(str::to_owned));
    for child in value.children() {
        collect(cx, child, texts);
    }
}
