//! `plaintext-container-secret`: containers get secrets by reference, never by value.

use crate::plan::{ResourceInstance, Subject};
use crate::rule::{Context, Findings, Level, Parameter, Rule, RuleMeta, Scope};
use crate::rules::container::{Container, Definitions, Entry, Listed, whole};
use crate::rules::evidence::subject;
use crate::rules::secret_source::{self, Known};
use crate::secret::{Gravity, Kind, Names, detect, is_harmless_value, is_placeholder};
use crate::value::{Cause, Causes, Marks, Shape, Value};

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
    Named,
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
                    found += entries
                        .iter()
                        .filter(|entry| self.entry(container, entry, findings))
                        .count();
                }
            }
            for (path, value) in container.leaves(NOT_LEAVES) {
                if let Some(wrong) = self.content(value) {
                    found += 1;
                    report(container, None, wrong, subject(self.task, path), findings);
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
            findings.fail(place, message).help(HELP);
        } else if let Some(causes) = open {
            let message = "nothing tells whether the containers get a secret by value";
            findings.undecided(place, message, causes);
        } else {
            findings.pass(place, "no container gets a secret by value");
        }
    }

    /// Whether there was something to report.
    fn entry(&self, container: &Container, entry: &Entry<'_>, findings: &mut Findings) -> bool {
        let Some(value) = entry.value else {
            return false;
        };
        let by_name = || self.by_name(entry.name?, value);
        let Some(wrong) = self.content(value).or_else(by_name) else {
            return false;
        };
        let place = subject(self.task, entry.path.clone());
        report(container, entry.name, wrong, place, findings);
        true
    }

    /// What a value is, whatever its name.
    fn content(&self, value: &Value) -> Option<Wrong> {
        if value.is_null() || value.as_str().is_some_and(is_placeholder) {
            return None;
        }
        let found = value.as_str().and_then(|text| self.known.within(text));
        let marks = value.marks_deep();
        let marks = found.map_or(marks.clone(), |source| marks.union(&Marks::secret(source)));
        let sources = secret_source::named(self.cx, &marks);
        if !sources.is_empty() {
            return Some(Wrong::DerivesFrom(sources));
        }
        if !secret_source::perhaps(self.cx, &marks).is_empty() {
            return Some(Wrong::Open(value.causes()));
        }
        let worst = detect(&written(value)?)
            .into_iter()
            .max_by_key(|hit| hit.gravity)?;
        Some(Wrong::Holds(worst.kind, worst.gravity))
    }

    /// A name that is listed as it is stands for a secret; one that a pattern matches may still have a harmless value.
    fn by_name(&self, name: &str, value: &Value) -> Option<Wrong> {
        if self.public.matches(name) || !self.names.matches(name) || value.is_null() {
            return None;
        }
        if self.names.names(name) {
            return (value.as_str() != Some("")).then_some(Wrong::Named);
        }
        if let Some(text) = value.as_str() {
            return (!is_harmless_value(text) && !is_placeholder(text)).then_some(Wrong::Named);
        }
        let unknown = value.as_unknown()?;
        let harmless = |prefix: &str| prefix.starts_with("arn:") || prefix.starts_with("http");
        if unknown.prefix.as_deref().is_some_and(harmless) {
            return None;
        }
        // What a provider makes and no table of secrets names is an id, an address or the like.
        let decided = |cause: &Cause| matches!(cause, Cause::Apply { .. } | Cause::Data { .. });
        let causes = value.causes();
        let open = !causes.iter().all(decided);
        open.then_some(Wrong::Open(causes))
    }
}

fn report(
    container: &Container,
    name: Option<&str>,
    wrong: Wrong,
    place: Subject,
    findings: &mut Findings,
) {
    let shown = container.shown();
    let what = match name {
        Some(name) => format!("`{name}` in the environment of {shown}"),
        None => format!("a value in the definition of {shown}"),
    };
    let help = match name {
        Some(name) => format!(
            "move it to `secrets`: `{{ name = \"{name}\", valueFrom = aws_secretsmanager_secret.NAME.arn }}`"
        ),
        None => HELP.to_owned(),
    };
    match wrong {
        Wrong::Holds(kind, gravity) => {
            let finding = findings
                .fail(place, format!("{what} holds {kind}"))
                .help(help);
            if gravity == Gravity::Test {
                finding.at_most(Level::Warning);
            }
        }
        Wrong::DerivesFrom(sources) => {
            let message = format!("{what} comes from {}", secret_source::joined(&sources));
            findings.fail(place, message).help(help);
        }
        Wrong::Named => {
            let message = format!("{what} is a secret, given by its value");
            findings.fail(place, message).help(help);
        }
        Wrong::Open(causes) => {
            let message = format!("{what} has the name of a secret, and nothing tells its value");
            findings.undecided(place, message, causes).help(help);
        }
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
        Shape::Partial(inner) => written(inner),
        Shape::Json(_) => None,
    }
}
