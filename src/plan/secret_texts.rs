//! The secret texts of a plan, however they were declared: so that no output shows one where nothing marks it any more.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Evidence, Origin, Plan, ProviderArgument, ResourceInstance, Subject};
use crate::address::{AttributePath, PathStep, ResourceMode};
use crate::provider::secrets::{self, SecretAttribute};
use crate::secret::{
    has_piece, is_plain_name, is_secret_name, named_texts, named_value, password_of_address,
    random_keys, secrets_at, telling, tells, texts_within,
};
use crate::value::Value;

impl Plan {
    /// The texts of what is declared sensitive or derives from a secret, of what stands in attributes that are meant for
    /// secrets, of resources and of providers, of variables that these were made from, and of variables, locals and outputs, and members of these, that are
    /// named as secrets are. What is named in the plan is no secret.
    pub fn secret_texts(&self) -> BTreeSet<Arc<str>> {
        let mut texts = Texts::default();
        for ((_, name), variable) in &self.variables {
            texts.named(name, &variable.value);
            if variable.sensitive {
                texts.meant(&variable.value);
            } else {
                texts.marked(&variable.value);
            }
        }
        for (name, value) in self.provenance.locals() {
            texts.named(&name, &value);
        }
        for argument in self.provenance.provider_arguments() {
            if argument.is_secret() {
                texts.meant(&argument.value);
            }
        }
        for handed in self.provenance.handed() {
            let trace = self
                .provenance
                .trace(&handed.subject, &AttributePath::default());
            if let Some(value) = trace.and_then(|trace| trace.value) {
                texts.meant(&value);
            }
        }
        for (name, output) in &self.outputs {
            texts.named(name, &output.value);
            if output.sensitive {
                texts.meant(&output.value);
            } else {
                texts.marked(&output.value);
            }
        }
        let deposed = self.deposed.iter().map(|one| &one.instance);
        for resource in self.resources.iter().chain(deposed.clone()) {
            // What no mark is in need not be decoded.
            if resource.change.unmarked_text().is_none() {
                if !resource.is_plain_parameter() {
                    texts.marked(resource.after());
                    texts.marked(resource.before());
                }
                named_texts(resource.after(), &mut |text| texts.guessed(text));
                random_keys(resource.after(), &mut |text| texts.text(text));
            }
        }
        for secret in secrets::all() {
            let deposed = deposed.clone().filter(|one| one.kind() == secret.kind);
            for resource in self.of_kind(secret.kind).chain(deposed) {
                if resource.address.resource.mode == secret.mode && !resource.is_plain_parameter() {
                    texts.attribute(self, resource, &secret);
                }
            }
        }
        if matches!(self.evidence, Evidence::PlanJson | Evidence::BinaryPlan) {
            texts.pieces(self);
        }
        let mut texts = texts.0;
        for name in self.names() {
            texts.remove(name);
        }
        texts
    }

    /// Sensitive variables of the root module with their texts, where these tell a secret.
    pub fn sensitive_texts(&self) -> Vec<(Arc<str>, String)> {
        let variables = self.variables.iter();
        let sensitive = variables.filter(|((module, _), one)| module.is_root() && one.sensitive);
        let texts = sensitive.filter_map(|((_, name), one)| {
            Some((Arc::clone(name), one.value.as_str()?.to_owned()))
        });
        texts.filter(|(_, secret)| tells(secret)).collect()
    }

    /// Variables of the root module, by address, whose value is such a text and that nobody declared sensitive.
    pub fn secret_variables(&self) -> BTreeSet<Arc<str>> {
        let texts = self.secret_texts();
        let is_one = |value: &Value| {
            let text = value.as_str();
            text.is_some_and(|text| tells(text) && texts.contains(text))
        };
        self.variables
            .iter()
            .filter(|((module, _), one)| module.is_root() && !one.sensitive && is_one(&one.value))
            .map(|((_, name), _)| format!("var.{name}").into())
            .collect()
    }

    /// What is written in addresses for everybody to read.
    fn names(&self) -> impl Iterator<Item = &str> {
        let resources = self.resources.iter().flat_map(|one| {
            let address = &one.address;
            let modules = address.module.0.iter().map(|step| &*step.name);
            modules.chain([&*address.resource.kind, &*address.resource.name])
        });
        let variables = self.variables.keys().map(|(_, name)| &**name);
        let outputs = self.outputs.keys().map(|name| &**name);
        resources.chain(variables).chain(outputs)
    }
}

impl ResourceInstance {
    /// A parameter that is stored in clear text is meant to be read.
    fn is_plain_parameter(&self) -> bool {
        let is_plain = |kind: &str| kind != "SecureString";
        self.kind() == "aws_ssm_parameter" && self.attribute("type").as_str().is_some_and(is_plain)
    }
}

impl ProviderArgument {
    /// Its own name, the last of its path.
    pub fn name(&self) -> &str {
        let steps = self.path.0.iter().rev();
        let mut names = steps.filter_map(|step| match step {
            PathStep::Attribute(name) => Some(&**name),
            PathStep::Index(_) => None,
        });
        names.next().unwrap_or_default()
    }

    /// Whether it is meant for a secret.
    pub fn is_secret(&self) -> bool {
        let name = self.name();
        let of_table = secrets::of_provider(&self.kind, name);
        of_table.unwrap_or_else(|| is_secret_name(name))
    }
}

/// What was found.
#[derive(Default)]
struct Texts(BTreeSet<Arc<str>>);

impl Texts {
    /// All of a value that is a secret, without the members that only say where something is.
    fn meant(&mut self, value: &Value) {
        self.each(value, &mut |texts, text| {
            texts.text(text);
            for inner in texts_within(&Value::string(text)) {
                texts.text(&inner);
            }
        });
    }

    /// What a name says is a secret: that of the value, or one within it.
    fn named(&mut self, name: &str, value: &Value) {
        for one in named_value(name, value) {
            self.guessed(&one.text);
        }
    }

    /// A name alone is a guess: one word of letters, `SecureString`, stands elsewhere with another meaning.
    fn guessed(&mut self, text: &str) {
        if text.contains(|c: char| !c.is_ascii_alphabetic()) {
            self.text(text);
            for inner in texts_within(&Value::string(text)) {
                self.text(&inner);
            }
        }
    }

    /// What is marked in a value. A text that was made with a secret is one as a whole: of its parts nothing is known.
    fn marked(&mut self, value: &Value) {
        if value.marks().sensitive || value.marks().is_secret() {
            self.each(value, &mut Self::text);
        } else {
            value.children().for_each(|inner| self.marked(inner));
        }
    }

    fn each(&mut self, value: &Value, take: &mut impl FnMut(&mut Self, &str)) {
        if let Some(text) = telling(value) {
            take(self, &text);
        } else if let Some(entries) = value.as_entries() {
            for (_, value) in entries.iter().filter(|(name, _)| !is_plain_name(name)) {
                self.each(value, take);
            }
        } else {
            value.children().for_each(|inner| self.each(inner, take));
        }
    }

    /// An attribute that is meant for a secret, its write-only twin, and the variables that these are made from.
    fn attribute(&mut self, plan: &Plan, resource: &ResourceInstance, secret: &SecretAttribute) {
        for object in [resource.after(), resource.before()] {
            let attribute = object.attribute(secret.attribute());
            for place in attribute
                .into_iter()
                .flat_map(|value| secrets_at(secret.path, value))
            {
                self.meant(place.value);
            }
            if secret.is_given()
                && let Some(value) = object.attribute(&format!("{}_wo", secret.attribute()))
            {
                self.meant(value);
            }
        }
        if !secret.is_given() || secret.mode != ResourceMode::Managed {
            return;
        }
        let own = secret.attribute();
        for name in [own.to_owned(), format!("{own}_wo")] {
            let address = Arc::clone(&resource.address);
            let place = Subject::Attribute(address, AttributePath::attribute(&name));
            let origins = plan.provenance.origins(&place);
            let is_alone = origins.len() == 1 && name != own;
            for origin in origins {
                let Origin::Variable(variable) = origin else {
                    continue;
                };
                if is_alone || is_secret_name(&variable) {
                    let given = plan.variable(&variable).map(|one| &one.value);
                    // An object may hold more than the secret.
                    let given = given.filter(|value| value.as_str().is_some());
                    if let Some(value) = given {
                        self.meant(value);
                    }
                }
            }
        }
    }

    /// What a plan shows of sensitive variables in pieces: in attributes that refer to them, and in words of messages. Its
    /// expressions stand in no plan, and what `nonsensitive` lets out bears no mark.
    fn pieces(&mut self, plan: &Plan) {
        let secrets: BTreeMap<Arc<str>, String> = plan.sensitive_texts().into_iter().collect();
        if secrets.is_empty() {
            return;
        }
        for problem in &plan.problems {
            for word in problem.message.split_whitespace() {
                if secrets.values().any(|secret| has_piece(word, secret)) {
                    self.text(word);
                }
            }
        }
        let derived = plan.resources.iter();
        for resource in derived.filter(|one| one.change.unmarked_text().is_none()) {
            for (name, value) in resource.after().as_entries().into_iter().flatten() {
                let address = Arc::clone(&resource.address);
                let place = Subject::Attribute(address, AttributePath::attribute(name));
                for origin in plan.provenance.origins(&place) {
                    if let Origin::Variable(variable) = origin
                        && let Some(secret) = secrets.get(&variable)
                    {
                        self.pieces_in(value, secret);
                    }
                }
            }
        }
    }

    fn pieces_in(&mut self, value: &Value, secret: &str) {
        if let Some(text) = value.as_str().filter(|text| has_piece(text, secret)) {
            self.text(text);
        }
        for inner in value.children() {
            self.pieces_in(inner, secret);
        }
    }

    fn text(&mut self, text: &str) {
        const SHORTEST: usize = 8;
        let password = password_of_address(text);
        for one in password.into_iter().chain([text]) {
            if one.len() >= SHORTEST {
                self.0.insert(one.into());
            }
        }
    }
}
