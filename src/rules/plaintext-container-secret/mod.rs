//! `plaintext-container-secret`: containers get secrets by reference, never by value.

use std::collections::BTreeSet;

use crate::address::{AttributePath, PathStep};
use crate::plan::{ResourceInstance, Subject};
use crate::provider::secrets::{hands_on, is_drawn};
use crate::rule::{Context, Findings, Level, Parameter, Rule, RuleMeta, Scope};
use crate::rules::container::{Container, Definitions, Entry, Listed, whole};
use crate::rules::drawn::drawn;
use crate::rules::evidence::subject;
use crate::rules::secret_source::{self, Known};
use crate::secret::{
    Gravity, Kind, Names, gravest, is_harmless_value, is_key_of_service, is_name_of_key,
    is_path_of_secret, is_placeholder, is_random, is_secret_name, named, password_of_user, tells,
};
use crate::value::{Cause, Causes, Marks, Shape, Value, structure};

/// The rule.
pub struct PlaintextContainerSecret;

static META: RuleMeta = RuleMeta {
    id: "plaintext-container-secret",
    summary: "no container definition holds a secret's value",
    scope: Scope::Always,
    parameters: &[
        Parameter {
            name: "names",
            summary: "names of environment variables that are secrets; `*` stands for anything",
        },
        Parameter {
            name: "public",
            summary: "names that are public although they look like those of secrets",
        },
    ],
    page: include_str!("README.md"),
};

impl Rule for PlaintextContainerSecret {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check_plan(&self, cx: &Context<'_>, findings: &mut Findings) {
        let known = Known::of(cx.plan);
        let tasks = cx.plan.managed("aws_ecs_task_definition");
        for task in tasks.filter(|one| one.remains()) {
            let judge = Judge {
                cx,
                task,
                known: &known,
                names: Names::new(cx.strings("names")),
                public: Names::new(cx.strings("public")),
            };
            judge.task(findings);
        }
    }
}

struct Judge<'a> {
    cx: &'a Context<'a>,
    task: &'a ResourceInstance,
    known: &'a Known,
    names: Names,
    public: Names,
}

/// What is wrong with a value.
enum Wrong {
    Holds(Kind, Gravity),
    DerivesFrom(Vec<String>),
    MayDeriveFrom(Vec<String>, Causes),
    Named,
    /// A text in it gives something under the name of a secret.
    Calls,
    /// It is named as keys are, and as random.
    Random,
    /// It is the ARN of a secret, which ECS hands over as it is.
    Arn,
    /// The name stands among `secrets` as well.
    Twice,
    Open(Causes),
}

/// Lists that hold references, and the one that is looked at by itself.
const NOT_LEAVES: &[&str] = &[
    "secrets",
    "secretOptions",
    "repositoryCredentials",
    "environment",
];

const HELP: &str = "hand it over by `secrets` with `valueFrom`, so that only the task reads it";

impl Judge<'_> {
    fn task(&self, findings: &mut Findings) {
        let definitions = Definitions::of(self.task);
        let mut found = 0;
        let mut open = definitions.open.clone();
        for container in &definitions.containers {
            match container.entries("environment", "value") {
                Listed::Open(causes) => open = Some(open.unwrap_or_default().union(&causes)),
                Listed::Entries(entries) => {
                    let secrets = secret_names(container);
                    let wrong =
                        |entry: &&Entry<'_>| self.entry(container, entry, &secrets, findings);
                    found += entries.iter().filter(wrong).count();
                }
            }
            let mut before = None;
            for (path, value) in container.leaves(NOT_LEAVES) {
                let (name, wrong) = match self.content(value) {
                    Some(wrong) => (None, Some(wrong)),
                    None => self.assigned(before, &path, value),
                };
                before = Some(value);
                if let Some(wrong) = wrong {
                    found += 1;
                    let place = subject(self.task, path);
                    let what = What::Text(name.as_deref());
                    report(container, &what, wrong, place, findings);
                }
            }
        }
        if found == 0 {
            self.whole(&definitions, open, findings);
        }
    }

    /// No part is wrong by itself: the whole may be, or may be open.
    fn whole(&self, definitions: &Definitions, open: Option<Causes>, findings: &mut Findings) {
        let place = whole(self.task);
        let sources = secret_source::named(self.cx, &definitions.marks);
        if !sources.is_empty() {
            let from = secret_source::joined(&sources);
            let message = format!("the container definitions hold a value from {from}");
            let finding = findings.fail(place, message).by_use().help(HELP);
            finding.from_sources(&sources);
        } else if definitions.is_one_object {
            let message = "the container definitions are one object, and the provider takes a list of containers only";
            let help = "put the object into a list: `jsonencode([…])`";
            findings.fail(place, message).by_use().help(help);
        } else if let Some(causes) = open.or_else(|| self.untold(definitions, &place)) {
            let message = "nothing tells whether the containers get a secret by value";
            findings.undecided(place, message, causes);
        } else {
            findings.pass(place, "no container gets a secret by value");
        }
    }

    /// What hides the source of definitions that a plan calls sensitive.
    fn untold(&self, definitions: &Definitions, place: &Subject) -> Option<Causes> {
        let marks = &definitions.marks;
        let is_open = marks.sensitive && !marks.is_secret();
        is_open
            .then(|| secret_source::untold(self.cx, place))
            .flatten()
    }

    /// Whether there was something to report.
    fn entry(
        &self,
        container: &Container,
        entry: &Entry<'_>,
        secrets: &BTreeSet<String>,
        findings: &mut Findings,
    ) -> bool {
        let Some(value) = entry.value else {
            return false;
        };
        let place = subject(self.task, entry.path.clone());
        let by_name = || self.by_name(entry.name?, value);
        let twice = || {
            let is_secret = entry.name.is_some_and(|name| secrets.contains(name));
            is_secret.then_some(Wrong::Twice)
        };
        if let Some(wrong) = self.content(value).or_else(by_name).or_else(twice) {
            let what = entry.name.map_or(What::Text(None), What::Variable);
            report(container, &what, wrong, place, findings);
            return true;
        }
        let is_public = entry.name.is_some_and(|name| self.public.matches(name));
        let within = self.within(value, tells).filter(|_| !is_public);
        if let Some((name, wrong)) = within {
            report(container, &What::Text(Some(&name)), wrong, place, findings);
            return true;
        }
        if let Some(wrong) = entry
            .name
            .filter(|_| !is_public)
            .and_then(|name| self.by_text(name, value))
        {
            let what = entry.name.map_or(What::Text(None), What::Variable);
            report(container, &what, wrong, place, findings);
            return true;
        }
        false
    }

    /// What a value is, whatever its name.
    fn content(&self, value: &Value) -> Option<Wrong> {
        let credential = written(value).and_then(|text| gravest(&text));
        let is_harmless = value.as_str().is_some_and(is_placeholder) && credential.is_none();
        let is_flag = matches!(value.as_str(), Some("true" | "false"));
        if value.is_null() || is_harmless || is_flag {
            return None;
        }
        let found = value.as_str().and_then(|text| self.known.within(text));
        let marks = value.marks_deep();
        let marks = found.map_or(marks.clone(), |source| marks.union(&Marks::secret(source)));
        let sources = secret_source::named(self.cx, &marks);
        if !sources.is_empty() {
            return Some(Wrong::DerivesFrom(sources));
        }
        let perhaps = secret_source::perhaps(self.cx, &marks);
        if !perhaps.is_empty() {
            return Some(Wrong::MayDeriveFrom(perhaps, value.causes()));
        }
        credential.map(|(gravity, kind)| Wrong::Holds(kind, gravity))
    }

    /// A text that is given for the name of a secret: an option of that name, or in a command `NAME=value`,
    /// `--name=value`, or `--name` and the value after it.
    fn assigned(
        &self,
        before: Option<&Value>,
        path: &AttributePath,
        value: &Value,
    ) -> (Option<String>, Option<Wrong>) {
        if let Some(PathStep::Attribute(name)) = path.0.last() {
            let wrong = self.by_pattern(name, value);
            let name = wrong.is_some().then(|| name.to_string());
            return (
                name,
                wrong.or_else(|| self.calls_one(value).then_some(Wrong::Calls)),
            );
        }
        let option = before
            .and_then(Value::as_str)
            .filter(|text| text.starts_with('-') && !text.contains(['=', ' ']))
            .map(|text| text.trim_start_matches('-'));
        if let Some(option) = option
            && value.as_str().is_none_or(|text| !text.starts_with('-'))
            && let Some(wrong) = self.by_pattern(option, value)
        {
            return (Some(option.to_owned()), Some(wrong));
        }
        let is_user = matches!(option, Some("u" | "user"));
        let text = value.as_str().unwrap_or_default();
        match self.within(value, |_| true) {
            Some((name, wrong)) => (Some(name), Some(wrong)),
            None if is_user && password_of_user(text).is_some() => (None, Some(Wrong::Calls)),
            None => (None, self.calls_one(value).then_some(Wrong::Calls)),
        }
    }

    /// A member of a document, or an assignment in a text, that has the name of a secret, and a value that may be one.
    fn within(&self, value: &Value, may_be: fn(&str) -> bool) -> Option<(String, Wrong)> {
        let is_text = value
            .as_str()
            .is_none_or(|text| text.starts_with(['{', '[']));
        if let Some(document) = structure(value).filter(|_| is_text) {
            return self.member(&document, may_be);
        }
        let text = written(value)?;
        let mut given = assignments(&text).filter(|(_, given)| may_be(given));
        given.find_map(|(name, given)| {
            let wrong = self.by_pattern(name, &Value::string(given))?;
            Some((name.to_owned(), wrong))
        })
    }

    fn member(&self, document: &Value, may_be: fn(&str) -> bool) -> Option<(String, Wrong)> {
        let Some(entries) = document.as_entries() else {
            let mut children = document.children();
            return children.find_map(|child| self.member(child, may_be));
        };
        entries.iter().find_map(|(name, value)| {
            let is_meant = value.as_str().is_none_or(may_be);
            let wrong = is_meant.then(|| self.by_pattern(name, value)).flatten();
            let named = wrong.map(|wrong| (name.to_string(), wrong));
            named.or_else(|| self.member(value, may_be))
        })
    }

    /// What the text of a variable is, whatever it is called: a document or a script with a secret in it, or as random as a
    /// key of that name is.
    fn by_text(&self, name: &str, value: &Value) -> Option<Wrong> {
        if self.calls_one(value) {
            return Some(Wrong::Calls);
        }
        let text = value.as_str().filter(|text| is_random(text))?;
        match is_key_of_service(name, text) {
            true => Some(Wrong::Named),
            false => is_name_of_key(name).then_some(Wrong::Random),
        }
    }

    /// Whether a text gives something under the name of a secret, or will where something is drawn at random.
    fn calls_one(&self, value: &Value) -> bool {
        let whole = AttributePath::attribute("container_definitions");
        let told = drawn(self.cx, self.task, &whole, value);
        let all = named(told.as_ref().unwrap_or(value));
        all.iter().any(|one| tells(&one.text))
    }

    /// A name that is listed as it is stands for a secret; one that a pattern matches may still have a harmless value.
    fn by_name(&self, name: &str, value: &Value) -> Option<Wrong> {
        if self.public.matches(name) || !self.is_secret(name) || value.is_null() {
            return None;
        }
        if self.names.names(name) {
            return match value.as_str() {
                Some("") => None,
                _ if is_arn_of_secret(value) => Some(Wrong::Arn),
                _ => Some(Wrong::Named),
            };
        }
        self.by_pattern(name, value)
    }

    /// Whether a name is that of a secret: one of those that are given, or as everywhere.
    fn is_secret(&self, name: &str) -> bool {
        self.names.matches(name) || is_secret_name(name)
    }

    fn by_pattern(&self, name: &str, value: &Value) -> Option<Wrong> {
        if self.public.matches(name) || !self.is_secret(name) || value.is_null() {
            return None;
        }
        if let Some(text) = value.as_str() {
            let is_none =
                is_harmless_value(text) || is_placeholder(text) || is_path_of_secret(text);
            return (!is_none).then_some(Wrong::Named);
        }
        let unknown = value.as_unknown()?;
        let harmless = |prefix: &str| prefix.starts_with("arn:") || prefix.starts_with("http");
        if unknown.prefix.as_deref().is_some_and(harmless) {
            return None;
        }
        let causes = value.causes();
        let drawn = causes.iter().filter_map(|cause| match cause {
            Cause::Apply { address, path } if is_drawn(&address.resource, path.root()) => {
                Some(format!("`{address}.{path}`"))
            }
            _ => None,
        });
        let drawn: Vec<String> = drawn.collect();
        if !drawn.is_empty() {
            return Some(Wrong::DerivesFrom(drawn));
        }
        // What a provider makes and no table of secrets names is an id, an address or the like.
        let decided = |cause: &Cause| match cause {
            Cause::Apply { address, path } | Cause::Data { address, path } => {
                !hands_on(&address.resource, path.root())
            }
            _ => false,
        };
        let open = !causes.iter().all(decided);
        open.then_some(Wrong::Open(causes))
    }
}

/// What a value is given for.
enum What<'a> {
    /// An environment variable of that name.
    Variable(&'a str),
    /// Any other text of the definition, with the name in it.
    Text(Option<&'a str>),
}

fn report(
    container: &Container,
    what: &What<'_>,
    wrong: Wrong,
    place: Subject,
    findings: &mut Findings,
) {
    let shown = container.shown();
    let (what, help) = match what {
        What::Variable(name) => (
            format!("`{name}` in the environment of {shown}"),
            format!(
                "move it to `secrets`: `{{ name = \"{name}\", valueFrom = aws_secretsmanager_secret.NAME.arn }}`"
            ),
        ),
        What::Text(Some(name)) => (
            format!("`{name}` in the definition of {shown}"),
            HELP.to_owned(),
        ),
        What::Text(None) => (
            format!("a value in the definition of {shown}"),
            HELP.to_owned(),
        ),
    };
    match wrong {
        Wrong::Holds(kind, gravity) => {
            let finding = findings.fail(place, format!("{what} holds {kind}"));
            let finding = finding.by_use().help(help);
            if gravity == Gravity::Test {
                finding.at_most(Level::Warning);
            }
        }
        Wrong::DerivesFrom(sources) => {
            let message = format!("{what} comes from {}", secret_source::joined(&sources));
            let finding = findings.fail(place, message).by_use().help(help);
            finding.from_sources(&sources);
        }
        Wrong::MayDeriveFrom(sources, causes) => {
            let from = secret_source::joined(&sources);
            let message = format!("{what} comes from {from}, which may be a secret");
            let finding = findings.undecided(place, message, causes);
            finding.help(help).from_sources(&sources);
        }
        Wrong::Named => {
            let message = format!("{what} is a secret, given by its value");
            findings.fail(place, message).by_use().help(help);
        }
        Wrong::Calls => {
            let message = format!("{what} holds what its text calls a secret");
            findings.fail(place, message).by_use().help(help);
        }
        Wrong::Random => {
            let message =
                format!("{what} is as random as a key, and nothing tells whether it is a secret");
            let finding = findings.undecided(place, message, Causes::default());
            finding.help(help);
        }
        Wrong::Arn => {
            let message =
                format!("{what} is the ARN of a secret: the container gets the ARN, not the value");
            findings.fail(place, message).by_use().help(help);
        }
        Wrong::Twice => {
            let message =
                format!("{what} is among its `secrets` too, and ECS refuses a name in both");
            let finding = findings.fail(place, message).by_use();
            finding.help("take it out of `environment`");
        }
        Wrong::Open(causes) => {
            let message = format!("{what} has the name of a secret, and nothing tells its value");
            let finding = findings.undecided(place, message, causes);
            finding.help(help);
        }
    }
}

/// The names under `secrets`, as far as they are known.
fn secret_names(container: &Container) -> BTreeSet<String> {
    match container.entries("secrets", "valueFrom") {
        Listed::Entries(entries) => entries
            .iter()
            .filter_map(|entry| entry.name.map(str::to_owned))
            .collect(),
        Listed::Open(_) => BTreeSet::new(),
    }
}

/// The ARN of a secret, or of a parameter, instead of what it holds.
fn is_arn_of_secret(value: &Value) -> bool {
    const STORES: [&str; 2] = ["aws_secretsmanager_secret", "aws_ssm_parameter"];
    let text = value
        .as_str()
        .or_else(|| value.as_unknown()?.prefix.as_deref());
    if let Some(text) = text {
        let service = text
            .strip_prefix("arn:")
            .and_then(|rest| rest.split(':').nth(1));
        return matches!(service, Some("secretsmanager" | "ssm"));
    }
    let causes = value.causes();
    let mut all = causes.iter();
    match (all.next(), all.next()) {
        (Some(Cause::Apply { address, path } | Cause::Data { address, path }), None) => {
            STORES.contains(&&*address.resource.kind) && matches!(path.root(), Some("arn" | "id"))
        }
        _ => false,
    }
}

/// A string as far as it is written; what is not known stands there as a word.
fn written(value: &Value) -> Option<String> {
    if let Some(text) = value.as_str() {
        return Some(text.to_owned());
    }
    match value.as_unknown()?.shape.as_ref()? {
        Shape::Concat(parts) => {
            let part = |part: &Value| part.as_str().map_or("Unk9owN".to_owned(), str::to_owned);
            Some(parts.iter().map(part).collect())
        }
        Shape::Partial(inner) | Shape::Decoded(inner) => written(inner),
        Shape::Json(_) | Shape::Secrets(_) => None,
    }
}

/// `NAME=value` and `--name=value` in a command, quoted or not; what a shell puts in itself is not among them.
fn assignments(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let positions = text.match_indices('=').map(|(at, _)| at);
    positions.filter_map(|at| {
        let (before, after) = (&text[..at], &text[at + 1..]);
        let part_of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        let start = before.trim_end_matches(part_of_name).len();
        let option = &before[start..];
        let property = option.strip_prefix("-D").filter(|one| one.contains('.'));
        let name = property.unwrap_or(option).trim_start_matches('-');
        let after = after.trim_start_matches(['"', '\'', '\\']);
        let ends =
            |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '\\' | ';' | '&' | '|' | ')');
        let given = after.split(ends).next().unwrap_or_default();
        let is_of_shell = given.starts_with(['$', '`', '=', '<']) || given.contains("Unk9owN");
        (!name.is_empty() && !is_of_shell).then_some((name, given))
    })
}
