//! IAM policies, as far as they are known: whether their statements allow or deny an action on an object.

use std::collections::{BTreeMap, BTreeSet};

use super::arn::{Covers, Spelled, glob};
use super::evidence::{is_left_out, sources};
use super::via_service::Via;
use crate::address::{AttributePath, ResourceMode};
use crate::plan::ResourceInstance;
use crate::rule::Context;
use crate::value::{Causes, Unknown, Value, structure};

/// The statements of one policy.
#[derive(Default)]
pub(super) struct Policy {
    pub(super) statements: Vec<Statement>,
    /// There may be more, for these causes.
    pub(super) open: Option<Causes>,
    /// IAM does not take the document: its `Version` is none.
    is_of_no_version: bool,
    /// A statement that has the `Sid` of one before it in the same document.
    second: Option<usize>,
}

/// The versions of the language of policies.
const VERSIONS: [&str; 2] = ["2012-10-17", "2008-10-17"];

/// One of them.
pub(super) struct Statement {
    pub(super) effect: Option<String>,
    actions: Option<(Polarity, Value)>,
    resources: Option<(Polarity, Value)>,
    pub(super) condition: Value,
    pub(super) principal: Value,
    sid: Value,
}

/// Why IAM refuses a policy of a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    Version,
    Sid,
    SidTwice,
    Principal,
}

impl Refusal {
    pub(super) const ALL: [Self; 4] = [Self::Version, Self::Sid, Self::SidTwice, Self::Principal];

    /// The member that is wrong.
    fn member(self) -> &'static str {
        match self {
            Self::Version => "Version",
            Self::Sid | Self::SidTwice => "Sid",
            Self::Principal => "Principal",
        }
    }

    pub(super) fn why(self) -> &'static str {
        match self {
            Self::Version => "its `Version` is neither `2012-10-17` nor `2008-10-17`",
            Self::Sid => "a `Sid` of it has more than letters and digits",
            Self::SidTwice => "two statements of it have the same `Sid`",
            Self::Principal => "a statement has a `Principal`, and the policy of a role has none",
        }
    }

    pub(super) fn help(self) -> &'static str {
        match self {
            Self::Version => "write `Version = \"2012-10-17\"`",
            Self::Sid => "write the `Sid` without blanks and signs, or leave it out",
            Self::SidTwice => "give each statement a `Sid` of its own, or leave it out",
            Self::Principal => "leave `Principal` out: the policy is for who has the role",
        }
    }
}

/// Whether a list names what is meant, or what is not.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Polarity {
    These,
    AllBut,
}

/// What is to be done.
pub(super) struct Request<'a> {
    pub(super) action: &'a str,
    /// The object, by each of the ways in which it can be spelled.
    pub(super) objects: &'a [Spelled],
    /// The service that uses a key for it.
    pub(super) via: Option<&'a Via>,
}

/// What policies say of a request.
#[derive(Clone)]
pub(super) struct Ruling {
    pub(super) allowed: Covers,
    pub(super) denied: Covers,
}

impl Ruling {
    pub(super) const NOTHING: Self = Self {
        allowed: Covers::No,
        denied: Covers::No,
    };

    pub(super) fn or(self, other: Self) -> Self {
        Self {
            allowed: self.allowed.or(other.allowed),
            denied: self.denied.or(other.denied),
        }
    }

    /// A policy that is there and of which nothing is known. It seldom denies.
    pub(super) fn perhaps(causes: Causes) -> Self {
        Self {
            allowed: Covers::Perhaps(causes),
            denied: Covers::No,
        }
    }
}

impl Policy {
    /// The document that an attribute holds.
    pub(super) fn of(cx: &Context<'_>, holder: &ResourceInstance, name: &str) -> Self {
        Self::of_value(
            cx,
            holder,
            &AttributePath::attribute(name),
            holder.attribute(name),
        )
    }

    pub(super) fn of_value(
        cx: &Context<'_>,
        holder: &ResourceInstance,
        path: &AttributePath,
        value: &Value,
    ) -> Self {
        if is_left_out(value) {
            return Self::default();
        }
        match structure(value) {
            Some(document) => Self::of_document(&document),
            None => Self::of_sources(cx, holder, path, value),
        }
    }

    /// A document that is not known may be made by a data source whose statements are.
    fn of_sources(
        cx: &Context<'_>,
        holder: &ResourceInstance,
        path: &AttributePath,
        value: &Value,
    ) -> Self {
        let found = sources(cx, holder, path, value);
        let mut policy = Self::default();
        let documents = found.attributes.iter().map(|(address, _)| {
            let is_document = address.resource.mode == ResourceMode::Data
                && &*address.resource.kind == "aws_iam_policy_document";
            cx.plan.resource(address).filter(|_| is_document)
        });
        let documents: Option<Vec<&ResourceInstance>> = documents.collect();
        match documents {
            Some(documents) if !documents.is_empty() && !found.open => {
                for document in documents {
                    policy.add_blocks(document);
                }
            }
            _ => policy.open = Some(value.causes()),
        }
        policy
    }

    fn add_blocks(&mut self, document: &ResourceInstance) {
        for others in ["source_policy_documents", "override_policy_documents"] {
            let value = document.attribute(others);
            if !value.is_null() && value.as_elements().is_none_or(|all| !all.is_empty()) {
                self.add_open(&value.causes());
            }
        }
        let blocks = document.attribute("statement");
        if !blocks.is_known() {
            self.add_open(&blocks.causes());
        }
        let first = self.statements.len();
        for block in document.blocks("statement") {
            let of = |name: &str| block.attribute(name).filter(|value| !value.is_null());
            let effect = of("effect").and_then(Value::as_str).unwrap_or("Allow");
            self.statements.push(Statement {
                effect: Some(effect.to_owned()),
                actions: list(block, "actions", "not_actions"),
                resources: list(block, "resources", "not_resources"),
                condition: of("condition")
                    .filter(|value| value.as_elements().is_none_or(|all| !all.is_empty()))
                    .cloned()
                    .unwrap_or(Value::NULL),
                principal: principal_of_block(block),
                sid: of("sid").cloned().unwrap_or(Value::NULL),
            });
        }
        self.find_second(first);
    }

    /// Looks through the statements of one document.
    fn find_second(&mut self, first: usize) {
        let mut seen = BTreeSet::new();
        let statements = self.statements.iter().enumerate().skip(first);
        let mut named = statements.filter_map(|(at, one)| Some((at, one.sid.as_str()?)));
        let second = named.find(|(_, sid)| !sid.is_empty() && !seen.insert(*sid));
        self.second = self.second.or(second.map(|(at, _)| at));
    }

    fn add_open(&mut self, causes: &Causes) {
        let known = self.open.take().unwrap_or_default();
        self.open = Some(known.union(causes));
    }

    fn of_document(document: &Value) -> Self {
        let version = member(document, "Version").and_then(Value::as_str);
        let mut policy = Self {
            is_of_no_version: version.is_some_and(|version| !VERSIONS.contains(&version)),
            ..Self::default()
        };
        let Some(statements) = member(document, "Statement") else {
            if !document.is_known() {
                policy.open = Some(document.causes());
            }
            return policy;
        };
        match statements.as_elements() {
            Some(all) => {
                for one in all {
                    policy.add(one);
                }
            }
            None => policy.add(statements),
        }
        policy.find_second(0);
        policy
    }

    fn add(&mut self, statement: &Value) {
        if statement.as_entries().is_none() {
            self.add_open(&statement.causes());
            return;
        }
        let of = |name: &str| member(statement, name).cloned().unwrap_or(Value::NULL);
        self.statements.push(Statement {
            effect: of("Effect").as_str().map(str::to_owned),
            actions: list(statement, "Action", "NotAction"),
            resources: list(statement, "Resource", "NotResource"),
            condition: of("Condition"),
            principal: of("Principal"),
            sid: of("Sid"),
        });
    }

    /// Why IAM refuses it as the policy of a role. The policies of other services may name somebody, and have other names
    /// for their statements.
    pub(super) fn refusal(&self) -> Option<(Refusal, AttributePath)> {
        let is_plain = |sid: &str| sid.chars().all(|one| one.is_ascii_alphanumeric());
        let has_odd_name = |one: &Statement| one.sid.as_str().is_some_and(|sid| !is_plain(sid));
        let names_somebody = |one: &Statement| {
            one.principal.as_str().is_some() || one.principal.as_entries().is_some()
        };
        let document = AttributePath::attribute("policy");
        if self.is_of_no_version {
            let refusal = Refusal::Version;
            return Some((refusal, document.with_attribute(refusal.member())));
        }
        let mut all = self.statements.iter().enumerate();
        all.find_map(|(at, one)| {
            let refusal = if has_odd_name(one) {
                Refusal::Sid
            } else if self.second == Some(at) {
                Refusal::SidTwice
            } else if names_somebody(one) {
                Refusal::Principal
            } else {
                return None;
            };
            let statement = document.with_attribute("Statement").with_index(at);
            Some((refusal, statement.with_attribute(refusal.member())))
        })
    }

    /// What the policy says of a request.
    pub(super) fn rules(&self, cx: &Context<'_>, request: &Request<'_>) -> Ruling {
        if self.refusal().is_some() {
            return Ruling::NOTHING;
        }
        let mut ruling = match &self.open {
            Some(causes) => Ruling::perhaps(causes.clone()),
            None => Ruling::NOTHING,
        };
        for statement in &self.statements {
            ruling = ruling.or(statement.rules(cx, request));
        }
        ruling
    }

    /// Whether the policy of a key or secret lets somebody else than the account as a whole do it.
    pub(super) fn may_allow_directly(&self, cx: &Context<'_>, action: &str) -> bool {
        let direct = |statement: &Statement| {
            let allows = statement.effect.as_deref() != Some("Deny");
            allows
                && statement.covers_action(action) != Covers::No
                && principals(cx, &statement.principal)
                    .iter()
                    .any(|who| !who.ends_with(":root"))
        };
        self.open.is_some() || self.statements.iter().any(direct)
    }

    /// Whom the policy of a key lets do it; none where that is not known as a whole.
    pub(super) fn admitted(
        &self,
        cx: &Context<'_>,
        action: &str,
        via: &Via,
    ) -> Option<Vec<String>> {
        if self.open.is_some() || self.statements.is_empty() {
            return None;
        }
        let mut all = Vec::new();
        for statement in &self.statements {
            let denies = statement.effect.as_deref() == Some("Deny");
            let applies = statement.covers_action(action).and(statement.is_for(via));
            if denies || applies == Covers::No {
                continue;
            }
            if statement.principal.is_null() {
                return None;
            }
            all.extend(principals(cx, &statement.principal));
        }
        Some(all)
    }

    /// Whether the policy of a key or secret denies it to everybody.
    pub(super) fn denies_everybody(&self, cx: &Context<'_>, action: &str) -> Covers {
        let of_everybody = |statement: &&Statement| {
            let who = principals(cx, &statement.principal);
            statement.effect.as_deref() == Some("Deny") && who.iter().any(|one| one == "*")
        };
        let denying = self.statements.iter().filter(of_everybody);
        denying
            .map(|one| one.covers_action(action).and(one.condition_denies()))
            .fold(Covers::No, Covers::or)
    }
}

/// The `principals` blocks of a statement as JSON has them.
fn principal_of_block(block: &Value) -> Value {
    let Some(blocks) = block.attribute("principals") else {
        return Value::NULL;
    };
    let Some(blocks) = blocks.as_elements() else {
        return blocks.clone();
    };
    let mut found: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for one in blocks {
        let (Some(kind), Some(who)) = (one.attribute("type"), one.attribute("identifiers")) else {
            return one.clone();
        };
        let Some(kind) = kind.as_str() else {
            return kind.clone();
        };
        let all = found.entry(kind).or_default();
        match who.as_elements() {
            Some(names) => all.extend(names.iter().cloned()),
            None => all.push(who.clone()),
        }
    }
    if found.is_empty() {
        return Value::NULL;
    }
    let entries = found.into_iter();
    Value::object(
        entries
            .map(|(kind, who)| (kind.into(), Value::tuple(who)))
            .collect(),
    )
}

impl Statement {
    fn rules(&self, cx: &Context<'_>, request: &Request<'_>) -> Ruling {
        let covers = self
            .covers_action(request.action)
            .and(self.covers_object(cx, request.objects));
        let allowing = covers.clone().and(self.condition_allows(request));
        let denying = covers.and(self.condition_denies());
        match self.effect.as_deref() {
            Some("Allow") => Ruling {
                allowed: allowing,
                denied: Covers::No,
            },
            Some("Deny") => Ruling {
                allowed: Covers::No,
                denied: denying,
            },
            _ => Ruling {
                allowed: allowing.and(Covers::Perhaps(Causes::default())),
                denied: Covers::No,
            },
        }
    }

    pub(super) fn covers_action(&self, action: &str) -> Covers {
        let Some((polarity, listed)) = &self.actions else {
            return Covers::No;
        };
        let action = action.to_ascii_lowercase();
        let covers = any(listed, |pattern| {
            match pattern.foreseen().and_then(Value::as_str) {
                Some(text) if glob(&text.to_ascii_lowercase(), &action) => Covers::Yes,
                Some(_) => Covers::No,
                None => Covers::Perhaps(pattern.causes()),
            }
        });
        turned(covers, *polarity)
    }

    fn covers_object(&self, cx: &Context<'_>, objects: &[Spelled]) -> Covers {
        // The policy of a key or secret is about that alone.
        let Some((polarity, listed)) = &self.resources else {
            return Covers::No;
        };
        let covers = any(listed, |pattern| {
            if is_key_id(pattern) {
                return Covers::No;
            }
            let pattern = Spelled::of(cx, pattern);
            let ways = objects.iter().map(|object| pattern.covers(object));
            ways.fold(Covers::No, Covers::or)
        });
        turned(covers, *polarity)
    }

    /// Of all conditions, only what is said of the service that asks for a key is looked into.
    fn condition_allows(&self, request: &Request<'_>) -> Covers {
        if self.condition.is_null() {
            return Covers::Yes;
        }
        match request.via {
            Some(via) if request.action.starts_with("kms:") => self.is_for(via),
            _ => Covers::Perhaps(self.condition.causes()),
        }
    }

    /// Whether its condition holds where a service asks for a key.
    fn is_for(&self, via: &Via) -> Covers {
        if self.condition.is_null() {
            return Covers::Yes;
        }
        let open = || Covers::Perhaps(self.condition.causes());
        match entries(&self.condition) {
            Some(all) if !all.is_empty() => all
                .into_iter()
                .map(|(operator, name, values)| via.holds(operator, name, values))
                .fold(Covers::Yes, Covers::and),
            _ => open(),
        }
    }

    /// What forbids plain HTTP never meets ECS.
    pub(super) fn condition_denies(&self) -> Covers {
        if self.condition.is_null() {
            return Covers::Yes;
        }
        let plain = |(name, text): &(&str, String)| {
            name.eq_ignore_ascii_case("aws:SecureTransport") && text == "false"
        };
        match all_values(&self.condition) {
            Some(values) if !values.is_empty() && values.iter().all(plain) => Covers::No,
            _ => Covers::Perhaps(self.condition.causes()),
        }
    }
}

/// The id of a key that is made in the same plan: no ARN, and IAM refuses it.
fn is_key_id(pattern: &Value) -> bool {
    let of = pattern.as_unknown().and_then(Unknown::one_attribute);
    of.is_some_and(|(address, path)| {
        &*address.resource.kind == "aws_kms_key" && matches!(path.root(), Some("id" | "key_id"))
    })
}

fn turned(covers: Covers, polarity: Polarity) -> Covers {
    match polarity {
        Polarity::These => covers,
        Polarity::AllBut => covers.not(),
    }
}

/// One name, or a list of them.
pub(super) fn any(listed: &Value, covers: impl Fn(&Value) -> Covers) -> Covers {
    match listed.as_elements() {
        Some(all) => all.iter().map(covers).fold(Covers::No, Covers::or),
        None => covers(listed),
    }
}

fn list(statement: &Value, these: &str, all_but: &str) -> Option<(Polarity, Value)> {
    let given = |name: &str| {
        member(statement, name).filter(|value| {
            !value.is_null() && value.as_elements().is_none_or(|all| !all.is_empty())
        })
    };
    let these = given(these).map(|value| (Polarity::These, value.clone()));
    these.or_else(|| given(all_but).map(|value| (Polarity::AllBut, value.clone())))
}

/// IAM takes the names of members in any case.
fn member<'a>(object: &'a Value, name: &str) -> Option<&'a Value> {
    if let Some(found) = object.attribute(name) {
        return Some(found);
    }
    let entries = object.as_entries()?;
    let found = entries
        .iter()
        .find(|(key, _)| key.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value)
}

/// The entries of a condition, by operator and variable; none where not all are known.
fn entries(condition: &Value) -> Option<Vec<(&str, &str, &Value)>> {
    let mut found = Vec::new();
    if let Some(blocks) = condition.as_elements() {
        for block in blocks {
            let text = |name: &str| block.attribute(name)?.as_str();
            found.push((text("test")?, text("variable")?, block.attribute("values")?));
        }
        return Some(found);
    }
    for (operator, variables) in condition.as_entries()? {
        for (name, values) in variables.as_entries()? {
            found.push((&**operator, &**name, values));
        }
    }
    Some(found)
}

/// The variables of a condition with their values; none where not all are known.
fn all_values(condition: &Value) -> Option<Vec<(&str, String)>> {
    let mut found = Vec::new();
    for (_, name, values) in entries(condition)? {
        let listed = values.as_elements().unwrap_or(std::slice::from_ref(values));
        for value in listed {
            let flag = || value.as_bool().map(|flag| flag.to_string());
            found.push((name, value.as_str().map(str::to_owned).or_else(flag)?));
        }
    }
    Some(found)
}

/// Whom a policy of a key or secret is about, services left out.
fn principals(cx: &Context<'_>, principal: &Value) -> Vec<String> {
    if principal.is_null() {
        return Vec::new();
    }
    if let Some(text) = principal.as_str() {
        return vec![text.to_owned()];
    }
    let Some(members) = principal.as_entries() else {
        return vec![String::new()];
    };
    let people = members.iter().filter(|(kind, _)| &***kind != "Service");
    let mut found = Vec::new();
    for (_, who) in people {
        match who.as_elements() {
            Some(all) => {
                found.extend(
                    all.iter()
                        .map(|one| Spelled::of(cx, one).as_str().to_owned()),
                );
            }
            None => found.push(Spelled::of(cx, who).as_str().to_owned()),
        }
    }
    found
}
