//! `missing-container-secret`: the containers that need a secret are given it, by reference.

use crate::address::ResourceMode;
use crate::plan::{EmptyExpansion, ResourceInstance, Subject};
use crate::rule::{Context, Findings, Parameter, Rule, RuleMeta, Scope};
use crate::rules::container::{Container, Definitions, Entry, Listed, whole};
use crate::rules::evidence::{subject, unread};
use crate::rules::flag::is_declared;
use crate::rules::secret_source;
use crate::value::{Cause, Causes, Value};

/// The rule.
pub struct MissingContainerSecret;

static META: RuleMeta = RuleMeta {
    id: "missing-container-secret",
    summary: "the named containers have the named secrets, by the ARN of a secret or parameter",
    scope: Scope::Always,
    parameters: &[
        Parameter {
            name: "containers",
            summary: "for each container the names of the secrets that it must have",
        },
        Parameter {
            name: "declared",
            summary: "the rule applies where one of these variables is declared, or a container has one of the secrets",
        },
    ],
    page: include_str!("README.md"),
};

impl Rule for MissingContainerSecret {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check_plan(&self, cx: &Context<'_>, findings: &mut Findings) {
        let remaining = cx
            .plan
            .managed("aws_ecs_task_definition")
            .filter(|one| one.remains());
        let tasks: Vec<Task<'_>> = remaining
            .map(|instance| Task {
                cx,
                instance,
                definitions: Definitions::of(instance),
            })
            .collect();
        let wanted = cx.parameters.get("containers").and_then(Value::as_entries);
        for (container, secrets) in wanted.into_iter().flatten() {
            let secrets = secrets.as_elements().unwrap_or_default();
            let secrets: Vec<&str> = secrets.iter().filter_map(Value::as_str).collect();
            let applies = is_declared(cx) || tasks.iter().any(|task| task.mentions(&secrets));
            if !applies {
                continue;
            }
            if tasks.is_empty() {
                switched_off(cx, container, &secrets, findings);
            } else {
                look_for(cx, container, &secrets, &tasks, findings);
            }
        }
    }
}

/// Task definitions that are written, and of which production has none.
fn switched_off(cx: &Context<'_>, container: &str, secrets: &[&str], findings: &mut Findings) {
    let written = |empty: &&EmptyExpansion| {
        empty.address.resource.mode == ResourceMode::Managed
            && &*empty.address.resource.kind == "aws_ecs_task_definition"
    };
    let Some(empty) = cx.plan.empty.iter().find(written) else {
        return;
    };
    if cx.environment.production {
        let message = format!(
            "`{}` has no instance: production runs no `{container}`, and nothing has {}",
            empty.address,
            list(secrets)
        );
        findings
            .fail(Subject::Expansion(empty.address.clone().into()), message)
            .help("switch it on, or check this root as another environment than production");
    }
}

struct Task<'a> {
    cx: &'a Context<'a>,
    instance: &'a ResourceInstance,
    definitions: Definitions,
}

impl Task<'_> {
    fn mentions(&self, secrets: &[&str]) -> bool {
        let is_meant = |entry: &Entry<'_>| entry.name.is_some_and(|name| secrets.contains(&name));
        let named = |listed: Listed<'_>| match listed {
            Listed::Entries(entries) => entries.iter().any(is_meant),
            Listed::Open(_) => false,
        };
        self.definitions.containers.iter().any(|one| {
            named(one.entries("secrets", "valueFrom")) || named(one.entries("environment", "value"))
        })
    }
}

fn look_for(
    cx: &Context<'_>,
    wanted: &str,
    secrets: &[&str],
    tasks: &[Task<'_>],
    findings: &mut Findings,
) {
    let mut found = false;
    let containers = || tasks.iter().flat_map(|task| &task.definitions.containers);
    // Beside one of the very name, longer names are those of others.
    let by_name = if containers().any(|container| container.name() == Some(wanted)) {
        |name: &str, wanted: &str| name == wanted
    } else {
        is_called
    };
    for task in tasks {
        let called =
            |container: &&Container| container.name().is_some_and(|name| by_name(name, wanted));
        for container in task.definitions.containers.iter().filter(called) {
            found = true;
            judge(task, container, secrets, findings);
        }
    }
    if found {
        return;
    }
    let mut open = false;
    for task in tasks {
        if let Some(causes) = &task.definitions.open {
            open = true;
            let message =
                format!("nothing tells whether container `{wanted}` is here and has its secrets");
            findings.undecided(whole(task.instance), message, causes.clone());
        }
    }
    let Some(first) = tasks.first().filter(|_| !open) else {
        return;
    };
    if let Some(unread) = unread(cx.plan) {
        let message = format!("no container here is called `{wanted}`, and {unread}");
        findings.undecided(whole(first.instance), message, Causes::default());
    } else {
        let message = format!(
            "no container is called `{wanted}`: nothing has {}",
            list(secrets)
        );
        findings
            .fail(whole(first.instance), message)
            .help("name the container in the rule's parameter `containers`");
    }
}

/// By that name, or by a longer one that ends in it: `acme-prod-api`.
fn is_called(name: &str, wanted: &str) -> bool {
    name.strip_suffix(wanted)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with(['-', '_', '.']))
}

fn list(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

fn judge(task: &Task<'_>, container: &Container, secrets: &[&str], findings: &mut Findings) {
    let shown = container.shown();
    let entries = match container.entries("secrets", "valueFrom") {
        Listed::Entries(entries) => entries,
        Listed::Open(causes) => {
            let message = format!("nothing tells which secrets {shown} has");
            findings.undecided(whole(task.instance), message, causes);
            return;
        }
    };
    let unnamed = entries.iter().any(|entry| entry.name.is_none());
    let mut fine = true;
    for name in secrets {
        if let Some(entry) = entries.iter().find(|entry| entry.name == Some(name)) {
            fine &= reference(task, &shown, name, entry, findings);
        } else {
            fine = false;
            missing(task.instance, container, name, unnamed, findings);
        }
    }
    if fine {
        findings.pass(
            whole(task.instance),
            format!("{shown} has {}", list(secrets)),
        );
    }
}

fn missing(
    task: &ResourceInstance,
    container: &Container,
    name: &str,
    unnamed: bool,
    findings: &mut Findings,
) {
    let shown = container.shown();
    if unnamed {
        let message = format!("nothing tells whether {shown} has `{name}`");
        findings.undecided(whole(task), message, Causes::default());
        return;
    }
    let by_value = match container.entries("environment", "value") {
        Listed::Entries(entries) => entries.iter().any(|entry| entry.name == Some(name)),
        Listed::Open(_) => false,
    };
    let instead = if by_value {
        ": it has it by value, in `environment`"
    } else {
        ""
    };
    findings
        .fail(whole(task), format!("{shown} has no secret `{name}`{instead}"))
        .part(subject(task, container.place_of("secrets")))
        .help(format!(
            "add to its `secrets`: `{{ name = \"{name}\", valueFrom = aws_secretsmanager_secret.NAME.arn }}`"
        ));
}

/// Whether an entry refers to a secret; reports what it does else.
fn reference(
    task: &Task<'_>,
    shown: &str,
    name: &str,
    entry: &Entry<'_>,
    findings: &mut Findings,
) -> bool {
    let place = subject(task.instance, entry.path.clone());
    match refers(task.cx, entry.value.unwrap_or(&Value::NULL)) {
        Refers::ToSecret => return true,
        Refers::To(what) => {
            findings
                .fail(place, format!("`{name}` of {shown} is taken from {what}"))
                .help("`valueFrom` is the ARN of a secret or parameter, with `:KEY::` after it for one key of a secret");
        }
        Refers::Open(causes) => {
            let message =
                format!("nothing tells whether `{name}` of {shown} is taken from a secret");
            findings.undecided(place, message, causes);
        }
    }
    false
}

/// What `valueFrom` names.
enum Refers {
    ToSecret,
    To(&'static str),
    Open(Causes),
}

fn refers(cx: &Context<'_>, value: &Value) -> Refers {
    if value.is_null() {
        return Refers::To("nothing");
    }
    let is_arn = value.as_str().is_some_and(|text| service(text).is_some());
    if !is_arn && !secret_source::named(cx, &value.marks_deep()).is_empty() {
        return Refers::To("the secret's value instead of its ARN");
    }
    if let Some(text) = value.as_str() {
        return match service(text) {
            Some("secretsmanager" | "ssm") => Refers::ToSecret,
            Some(_) => Refers::To("the ARN of something that is no secret"),
            // The name of a parameter in the same region will do.
            None if text.starts_with('/') => Refers::ToSecret,
            None => Refers::To("text that is no ARN"),
        };
    }
    let prefix = value
        .as_unknown()
        .and_then(|unknown| unknown.prefix.as_deref());
    if matches!(prefix.and_then(service), Some("secretsmanager" | "ssm")) {
        return Refers::ToSecret;
    }
    let causes = value.causes();
    if causes.iter().any(is_of_secret) {
        return Refers::ToSecret;
    }
    Refers::Open(causes)
}

/// The service that an ARN names.
fn service(text: &str) -> Option<&str> {
    let mut parts = text.strip_prefix("arn:")?.split(':');
    let service = parts.nth(1)?;
    parts.next().map(|_| service)
}

/// Something of a secret or parameter, or the secret that a database makes for its master user.
fn is_of_secret(cause: &Cause) -> bool {
    let (Cause::Apply { address, path } | Cause::Data { address, path }) = cause else {
        return false;
    };
    let kind = &*address.resource.kind;
    // What a parameter holds may be the ARN of anything.
    if kind == "aws_ssm_parameter" && path.root() == Some("value") {
        return false;
    }
    kind.starts_with("aws_secretsmanager_secret")
        || kind.starts_with("aws_ssm_parameter")
        || matches!(kind, "aws_db_instance" | "aws_rds_cluster")
}
