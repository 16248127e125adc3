//! Secret sources behind a value, for messages and for what only may be one.

use std::collections::BTreeSet;
use std::sync::Arc;

use aho_corasick::AhoCorasick;

use crate::address::{AttributePath, ModuleInstance, ResourceAddress, ResourceMode};
use crate::plan::{Evidence, Origin, Plan, ResourceInstance, Subject};
use crate::provider::{Providers, secrets};
use crate::rule::Context;
use crate::rules::evidence::{is_left_out, is_same_block};
use crate::secret::{
    has_piece, identifies, is_harmless_value, is_placeholder, is_plain_name, may_be_declared,
    named_value, tells, within_base64,
};
use crate::value::{Cause, Causes, Marks, Type, Value, is_module_output};

/// The secrets whose values a plan or state tells, to be found again in what it stores. References get lost in a plan's
/// configuration, where a `local` is between; the value is the same on both sides.
pub(super) struct Known {
    matcher: Option<AhoCorasick>,
    sources: Vec<Arc<str>>,
    /// Sensitive variables of the root module that a plan gives a text to.
    variables: Vec<(Arc<str>, String)>,
    /// Ids of access keys, which open nothing alone.
    ids: BTreeSet<String>,
}

impl Known {
    /// Of sources marks go with the values, but for what only a name tells.
    pub(super) fn of(plan: &Plan) -> Self {
        if plan.evidence == Evidence::Sources {
            return Self::of_texts(named_in_variables(plan));
        }
        Self::of_variables(plan)
    }

    /// Of any evidence, for what has no marks.
    pub(super) fn of_variables(plan: &Plan) -> Self {
        let mut texts = Vec::new();
        for ((module, name), variable) in &plan.variables {
            let source = Subject::Variable(module.clone(), Arc::clone(name)).to_string();
            collect(&variable.value, &source.into(), Hidden::No, &mut texts);
        }
        let clear = clear_texts(plan);
        texts.retain(|(text, _)| !clear.contains(text.as_str()));
        if plan.evidence == Evidence::State {
            collect_made(plan, &mut texts);
        }
        texts.extend(named_in_variables(plan));
        let variables = match plan.evidence {
            Evidence::PlanJson | Evidence::BinaryPlan => plan.sensitive_texts(),
            Evidence::Sources | Evidence::State => Vec::new(),
        };
        let keys = plan.managed("aws_iam_access_key");
        let ids = keys.filter_map(|key| key.attribute("id").as_str());
        Self {
            variables,
            ids: ids.map(str::to_owned).collect(),
            ..Self::of_texts(texts)
        }
    }

    fn of_texts(texts: Vec<(String, Arc<str>)>) -> Self {
        let texts: Vec<_> = texts.into_iter().flat_map(with_base64).collect();
        let (texts, sources): (Vec<String>, Vec<_>) = texts.into_iter().unzip();
        let matcher = if texts.is_empty() {
            None
        } else {
            AhoCorasick::new(&texts).ok()
        };
        Self {
            matcher,
            sources,
            variables: Vec::new(),
            ids: BTreeSet::new(),
        }
    }

    /// The variable of which a value of a plan holds a piece: one that it refers to. What a function makes of a secret is
    /// not the same text any more, and what `nonsensitive` lets out bears no mark.
    pub(super) fn piece(
        &self,
        cx: &Context<'_>,
        place: &Subject,
        value: &Value,
    ) -> Option<Arc<str>> {
        let mut held = self.variables.iter();
        let (name, _) = held.find(|(_, secret)| holds_piece(value, secret))?;
        let origins = cx.plan.provenance.origins(place);
        let is_of_it = |origin: &Origin| matches!(origin, Origin::Variable(one) if one == name);
        let source = || format!("var.{name}").into();
        origins.iter().any(is_of_it).then(source)
    }

    /// Whether a text is the id of an access key that the evidence has.
    pub(super) fn is_id_of_key(&self, text: &str) -> bool {
        self.ids.contains(text)
    }

    /// The source whose value is in a text.
    pub(super) fn within(&self, text: &str) -> Option<Arc<str>> {
        let found = self.matcher.as_ref()?.find(text)?;
        self.sources.get(found.pattern().as_usize()).map(Arc::clone)
    }
}

fn holds_piece(value: &Value, secret: &str) -> bool {
    const LONGEST: usize = 4096;
    let text = value.as_str().filter(|text| text.len() <= LONGEST);
    text.is_some_and(|text| has_piece(text, secret))
        || value.children().any(|inner| holds_piece(inner, secret))
}

/// What variables of the root module, or members of them, are given under the name of a secret.
fn named_in_variables(plan: &Plan) -> Vec<(String, Arc<str>)> {
    let of_root = plan.variables.iter();
    let of_root = of_root.filter(|((module, _), one)| module.is_root() && !one.sensitive);
    let texts = of_root.flat_map(|((_, name), variable)| {
        let source: Arc<str> = format!("var.{name}").into();
        let named = named_value(name, &variable.value).into_iter();
        let telling = named.filter(|one| tells(&one.text));
        telling.map(move |one| (one.text, Arc::clone(&source)))
    });
    texts.collect()
}

/// Whether what is looked at is part of something secret.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hidden {
    Yes,
    No,
}

/// The secrets that providers made or read, as a state tells them. A word is not told from the same word elsewhere.
fn collect_made(plan: &Plan, texts: &mut Vec<(String, Arc<str>)>) {
    for resource in plan.resources() {
        let address = &resource.address;
        let all = secrets::of(address.resource.mode, resource.kind());
        for secret in all.filter(|secret| !secret.is_given()) {
            let source: Arc<str> = format!("{address}.{}", secret.attribute()).into();
            if standing(plan, &source) == Standing::Secret {
                let mut made = Vec::new();
                let value = resource.attribute(secret.attribute());
                collect(value, &source, Hidden::Yes, &mut made);
                let is_word = |text: &str| text.chars().all(char::is_alphabetic);
                texts.extend(made.into_iter().filter(|(text, _)| !is_word(text)));
            }
        }
    }
}

/// The texts of a variable that is itself a source. Others get marks from their sources, and often for more than these
/// gave: a map that was merged is secret as a whole.
fn collect(value: &Value, source: &Arc<str>, around: Hidden, texts: &mut Vec<(String, Arc<str>)>) {
    const SHORTEST: usize = 8;
    let mut named = value.marks().secrets.iter().flat_map(|all| all.iter());
    let hidden = if named.any(|one| one == source) {
        Hidden::Yes
    } else {
        around
    };
    if let Some(text) = value.as_str()
        && hidden == Hidden::Yes
        && text.len() >= SHORTEST
        && !is_placeholder(text)
        && !is_harmless_value(text)
    {
        texts.push((text.to_owned(), Arc::clone(source)));
    }
    if let Some(entries) = value.as_entries() {
        for (_, entry) in entries.iter().filter(|(name, _)| !is_plain_name(name)) {
            collect(entry, source, hidden, texts);
        }
        return;
    }
    for child in value.children() {
        collect(child, source, hidden, texts);
    }
}

/// What variables say in clear: a region or a host is no secret because it stands in a secret object as well.
fn clear_texts(plan: &Plan) -> BTreeSet<&str> {
    let mut clear = BTreeSet::new();
    let mut todo: Vec<&Value> = plan.variables.values().map(|one| &one.value).collect();
    while let Some(value) = todo.pop() {
        if !value.marks().is_secret() {
            clear.extend(value.as_str());
            todo.extend(value.children());
        }
    }
    clear
}

/// A secret as it is, and as it reads in base64.
fn with_base64((text, source): (String, Arc<str>)) -> Vec<(String, Arc<str>)> {
    let mut ways = within_base64(&text);
    ways.push(text);
    ways.into_iter()
        .map(|way| (way, Arc::clone(&source)))
        .collect()
}

/// What keeps a plan from telling where a value comes from that it calls sensitive. A state never tells where from.
pub(super) fn untold(cx: &Context<'_>, subject: &Subject) -> Option<Causes> {
    if matches!(cx.plan.evidence, Evidence::Sources | Evidence::State) {
        return None;
    }
    let origins = cx.plan.provenance.origins(subject).into_iter();
    let lost = origins.filter_map(|origin| match origin {
        Origin::Lost(name) => Some(Causes::one(Cause::Untold { name })),
        _ => None,
    });
    lost.reduce(|all, one| all.union(&one))
}

/// Whether a value of a plan is sensitive for no other reason than that the function `sensitive` makes it so: its provider
/// is known not to, and what it is made from is not.
pub(super) fn is_declared(cx: &Context<'_>, subject: &Subject) -> bool {
    let (Subject::Attribute(address, _), true) = (subject, cx.plan.evidence != Evidence::Sources)
    else {
        return false;
    };
    let resource = &address.resource;
    let is_known = Providers::packed()
        .schema(resource.mode, &resource.kind)
        .is_some();
    let is_open = |origin: &Origin| match origin {
        Origin::Literal => true,
        Origin::Variable(name) => cx.plan.variable(name).is_some_and(|one| !one.sensitive),
        Origin::Attribute(..) | Origin::Lost(_) => false,
    };
    is_known && cx.plan.provenance.origins(subject).iter().all(is_open)
}

/// Whether a source is one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Secret,
    /// What would tell is not known.
    Perhaps,
    Public,
}

/// The sources that a value derives from, named: those that certainly are secret.
pub(super) fn named(cx: &Context<'_>, marks: &Marks) -> Vec<String> {
    of_standing(cx, marks, Standing::Secret)
}

/// Those that may be.
pub(super) fn perhaps(cx: &Context<'_>, marks: &Marks) -> Vec<String> {
    of_standing(cx, marks, Standing::Perhaps)
}

fn of_standing(cx: &Context<'_>, marks: &Marks, wanted: Standing) -> Vec<String> {
    let all = marks.secrets.iter().flat_map(|sources| sources.iter());
    all.filter(|source| standing(cx.plan, source) == wanted)
        .map(|source| format!("`{source}`"))
        .collect()
}

/// Those whose value the evidence tells: what is known derives from no other.
pub(super) fn told(cx: &Context<'_>, marks: &Marks) -> Marks {
    let all = marks.secrets.iter().flat_map(|sources| sources.iter());
    all.filter(|source| !is_untold(cx, source))
        .fold(Marks::NONE, |told, source| {
            told.union(&Marks::secret(Arc::clone(source)))
        })
}

/// Those that are numbers themselves: variables of that type.
pub(super) fn numbers(cx: &Context<'_>, marks: &Marks) -> Marks {
    let all = marks.secrets.iter().flat_map(|sources| sources.iter());
    let is_number = |source: &str| {
        let name = source.rsplit('.').next().unwrap_or(source);
        let value = variable(cx.plan, source);
        !is_plain_name(name) && value.is_some_and(|value| value.ty() == Type::Number)
    };
    all.filter(|source| is_number(source))
        .fold(Marks::NONE, |numbers, source| {
            numbers.union(&Marks::secret(Arc::clone(source)))
        })
}

/// Whether no instance of the source has a value before it is applied.
fn is_untold(cx: &Context<'_>, source: &str) -> bool {
    let Some((address, attribute)) = attribute(source) else {
        return false;
    };
    let mut instances = cx
        .plan
        .of_kind(&address.resource.kind)
        .filter(|one| is_same_block(&one.address, &address))
        .peekable();
    instances.peek().is_some()
        && instances.all(|one| one.attribute(attribute).as_unknown().is_some())
}

/// Names joined for a sentence; the first three of many.
pub(super) fn joined(names: &[String]) -> String {
    match names {
        [all @ .., last] if names.len() <= 3 => match all {
            [] => last.clone(),
            all => format!("{} and {last}", all.join(", ")),
        },
        names => format!(
            "{} and {} more",
            names[..3.min(names.len())].join(", "),
            names.len().saturating_sub(3)
        ),
    }
}

/// Parameters are secret where their type says so; a key that is encrypted for somebody is none to others; nor is what
/// only stands in for a secret or names it, in a variable or in an attribute.
fn standing(plan: &Plan, source: &str) -> Standing {
    if is_module_output(source) {
        return of_output(plan, source);
    }
    if variable(plan, source).is_some_and(holds_no_secret) {
        return Standing::Public;
    }
    let Some((address, attribute)) = attribute(source) else {
        return Standing::Secret;
    };
    // The configuration of a plan names blocks, and no instances.
    let block = || {
        let mut instances = plan
            .of_kind(&address.resource.kind)
            .filter(|one| is_same_block(&one.address, &address))
            .peekable();
        let first = instances.peek().copied();
        let telling = instances.find(|one| !holds_no_secret(one.attribute(attribute)));
        telling.or(first)
    };
    let resource = plan.resource(&address).or_else(block);
    if resource.is_some_and(|resource| holds_no_secret(resource.attribute(attribute))) {
        return Standing::Public;
    }
    match resource {
        Some(resource) if resource.kind() == "aws_ssm_parameter" => of_parameter(resource),
        Some(resource) if is_none_for_others(resource) => Standing::Public,
        Some(resource) if is_client_without_secret(resource) => Standing::Public,
        _ => Standing::Secret,
    }
}

/// What a module hands out as sensitive is a secret where it is told: what a provider makes has a source of its own, or is
/// none.
fn of_output(plan: &Plan, source: &str) -> Standing {
    let Some((module, name)) = source.rsplit_once(".output.") else {
        return Standing::Public;
    };
    let Ok(module) = module.parse() else {
        return Standing::Public;
    };
    let output = Subject::ModuleOutput(module, name.into());
    let trace = plan.provenance.trace(&output, &AttributePath::default());
    let value = trace.and_then(|trace| trace.value);
    match value.is_some_and(|value| hands_out(&value, name)) {
        true => Standing::Secret,
        false => Standing::Public,
    }
}

/// Whether there is a text in it that may be a secret.
fn hands_out(value: &Value, name: &str) -> bool {
    if is_plain_name(name) {
        return false;
    }
    match value.as_entries() {
        Some(entries) => entries.iter().any(|(name, inner)| hands_out(inner, name)),
        None => {
            let is_one = value.as_str().is_some_and(may_be_declared);
            is_one || value.children().any(|inner| hands_out(inner, name))
        }
    }
}

/// The object and the attribute of it that a source is: `random_password.this.result`, or an element of that.
fn attribute(source: &str) -> Option<(ResourceAddress, &str)> {
    let (address, path) = source.rsplit_once('.')?;
    let name = path.split('[').next().unwrap_or(path);
    Some((address.parse().ok()?, name))
}

/// The value of a variable that is named as marks name their sources: `var.a`, `module.b.var.a`.
fn variable<'a>(plan: &'a Plan, source: &str) -> Option<&'a Value> {
    let (module, name) = match source.strip_prefix("var.") {
        Some(name) => (ModuleInstance::root(), name),
        None => {
            let (module, name) = source.rsplit_once(".var.")?;
            (module.parse().ok()?, name)
        }
    };
    let variable = plan.variables.get(&(module, name.into()))?;
    Some(&variable.value)
}

/// Whether every text in a value stands in for something, or only names it; in an empty map and in a flag there is none.
fn holds_no_secret(value: &Value) -> bool {
    if let Some(text) = value.as_str() {
        return is_placeholder(text) || text.starts_with("arn:") || identifies(text);
    }
    let is_collection = value.as_elements().is_some() || value.as_entries().is_some();
    let is_flag = value.as_bool().is_some();
    value.is_null() || is_flag || is_collection && value.children().all(holds_no_secret)
}

/// Whether what an object would make is encrypted for somebody, or was made elsewhere.
pub(super) fn is_none_for_others(resource: &ResourceInstance) -> bool {
    let is_set = |name: &str| !is_left_out(resource.attribute(name));
    match resource.kind() {
        "aws_iam_access_key" | "aws_iam_user_login_profile" | "aws_lightsail_key_pair" => {
            is_set("pgp_key")
        }
        "aws_iot_certificate" => {
            is_set("csr") || resource.attribute("certificate_pem").as_str().is_some()
        }
        _ => false,
    }
}

/// Whether a text is the id of an access key that the plan has: it opens nothing without the key.
pub(super) fn is_id_of_key(plan: &Plan, text: &str) -> bool {
    let mut keys = plan.managed("aws_iam_access_key");
    keys.any(|key| key.attribute("id").as_str() == Some(text))
}

/// A client of a user pool has a secret only where it asks for one.
fn is_client_without_secret(resource: &ResourceInstance) -> bool {
    let asked_for = resource.attribute("generate_secret");
    // What was imported does not say whether it did.
    let has_one = resource.attribute("client_secret").as_str();
    resource.kind() == "aws_cognito_user_pool_client"
        && resource.address.resource.mode == ResourceMode::Managed
        && has_one.is_none_or(str::is_empty)
        && (asked_for.is_null() || asked_for.as_bool() == Some(false))
}

fn of_parameter(parameter: &ResourceInstance) -> Standing {
    let text = |name: &str| parameter.attribute(name).as_str();
    let encrypted = parameter.attribute("with_decryption").as_bool() == Some(false);
    let published = text("name").is_some_and(|name| name.starts_with("/aws/service/"));
    let is_plain = || text("name").is_some_and(is_plain_name);
    match text("type") {
        _ if encrypted || published => Standing::Public,
        Some("SecureString") => Standing::Secret,
        Some(_) => Standing::Public,
        None if is_plain() => Standing::Public,
        None => Standing::Perhaps,
    }
}
