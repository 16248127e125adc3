//! Secrets in sources that no form tells, but the place where they are given: an argument of a provider or a backend that
//! is meant for one, the default of a variable that is declared sensitive, and what variables, locals and members of these
//! are called.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::address::{ModuleInstance, ResourceMode};
use crate::plan::{Evidence, Fault, ProviderArgument, Subject};
use crate::provider::secrets::{self, of_provider};
use crate::rule::{Context, Findings, Text, TextKind};
use crate::secret::{
    detect, gravest, identifies, is_plain_name, is_secret_name, may_be_secret, may_name, may_write,
    named_texts, tells,
};
use crate::source::Span;
use crate::syntax::{self, Block, Expr, ExprKind, ObjectItem};
use crate::value::{self, Value};

use super::HELP;

/// Reports them; whether there are none.
pub(super) fn check(cx: &Context<'_>, findings: &mut Findings) -> bool {
    let mut seen = BTreeSet::new();
    let mut clean = true;
    for argument in cx.plan.provenance.provider_arguments() {
        let texts = given(&argument);
        let span = written_in(cx, &argument, &texts);
        // One with the form of a credential is found in the plan's text.
        let has_no_form = texts.iter().any(|text| !has_form(text));
        let is_told = span.is_some() || has_no_form && is_plan_alone(cx);
        if is_told && span.is_none_or(|span| seen.insert(place(span))) {
            let (name, kind) = (argument.name(), &argument.kind);
            let message = format!("`{name}` of the provider `{kind}` is written down here");
            let finding = findings.fail(argument.subject.clone(), message);
            finding.at(span).help(HELP);
            clean = false;
        }
    }
    for (subject, default) in cx.plan.provenance.sensitive_defaults() {
        if let Subject::Variable(_, name) = &subject
            && is_held(&default, name)
        {
            let message = format!("`{name}` {}", of_default("is declared sensitive"));
            findings.fail(subject, message).help(HELP);
            clean = false;
        }
    }
    for text in cx.texts.iter().filter(|text| is_configuration(**text)) {
        for written in written(cx, *text) {
            if seen.insert(place(written.span)) {
                let finding = findings.fail(written.subject, written.message);
                finding.at(Some(written.span)).help(HELP);
                clean = false;
            }
        }
    }
    clean
}

fn place(span: Span) -> (crate::source::SourceId, u32) {
    (span.source, span.start)
}

fn is_configuration(text: Text) -> bool {
    text.kind == TextKind::Configuration
}

/// Whether a text where a secret belongs is one, and none that its form tells already.
fn is_one(text: &str) -> bool {
    tells(text) && may_be_secret(text) && detect(text).is_empty()
}

/// The secrets that a provider is given.
fn given(argument: &ProviderArgument) -> Vec<String> {
    let mut texts = Vec::new();
    match argument.value.as_str() {
        Some(text) if argument.is_secret() => texts.push(text.to_owned()),
        Some(_) => {}
        None => named_texts(&argument.value, &mut |text| texts.push(text.to_owned())),
    }
    texts.retain(|text| is_one(text));
    texts
}

/// Whether a text has the form of a credential, or one within it where it is JSON.
fn has_form(text: &str) -> bool {
    gravest(text).is_some() || value::decode(text).is_ok_and(|document| holds_form(&document))
}

fn holds_form(value: &Value) -> bool {
    value.as_str().is_some_and(has_form) || value.children().any(holds_form)
}

/// Whether there is no text of a configuration beside a plan.
fn is_plan_alone(cx: &Context<'_>) -> bool {
    cx.plan.evidence == Evidence::PlanJson && !cx.texts.iter().any(|text| is_configuration(*text))
}

/// The text of the configuration that gives a provider such a secret, if one does.
fn written_in(cx: &Context<'_>, argument: &ProviderArgument, texts: &[String]) -> Option<Span> {
    let provenance = &cx.plan.provenance;
    let span = provenance.written(&argument.subject, Fault::Value)?;
    let mut configuration = cx.texts.iter().filter(|text| is_configuration(**text));
    configuration.find(|text| text.source == span.source)?;
    let file = cx.sources.file(span.source);
    let stretch = file.text().get(span.start as usize..span.end as usize)?;
    // What a function reads or makes is written elsewhere, and the name beside it may tell a credential by its form.
    let is_here = |text: &String| stretch.contains(text.as_str());
    let is_new = detect(stretch).is_empty();
    (is_new && texts.iter().any(is_here)).then_some(span)
}

/// A secret that a block is given.
struct Written {
    span: Span,
    subject: Subject,
    message: String,
}

fn written(cx: &Context<'_>, text: Text) -> Vec<Written> {
    let file = cx.sources.file(text.source);
    let content = file.text();
    let words = ["sensitive", "backend", "_wo "];
    // A name may stand beside a value: `{ name = "DB_PASSWORD", value = … }`.
    let may_pair = || content.contains("locals") && may_name(content);
    let may_have =
        words.iter().any(|word| content.contains(word)) || may_write(content) || may_pair();
    if !may_have || file.path().extension().is_some_and(|end| end == "json") {
        return Vec::new();
    }
    let mut found = Vec::new();
    for block in &syntax::parse(text.source, content).body.blocks {
        match &*block.kind.name {
            "variable" => found.extend(of_variable(cx, block)),
            "locals" => of_locals(block, &mut found),
            "resource" => {
                of_write_only(block, &mut found);
                of_provisioners(block, &mut found);
            }
            "terraform" => {
                for backend in block.body.blocks_of("backend") {
                    of_backend(backend, &mut found);
                }
            }
            _ => {}
        }
    }
    found.retain(|one| {
        let stretch = content.get(one.span.start as usize..one.span.end as usize);
        stretch.is_none_or(|stretch| detect(stretch).is_empty())
    });
    found
}

/// The default of a variable that is declared sensitive, or called so.
fn of_variable(cx: &Context<'_>, block: &Block) -> Option<Written> {
    let name = &block.labels.first()?.name;
    let of_type = block.body.attribute("type");
    let of_type = of_type.filter(|ty| defaults_to_one(&ty.expr, name));
    let default = of_type.or_else(|| block.body.attribute("default"))?;
    let sensitive = block.body.attribute("sensitive");
    let is_sensitive = sensitive.is_some_and(|one| matches!(one.expr.kind, ExprKind::Bool(true)));
    let why = match () {
        () if of_type.is_some() => "has a member with the name of a secret",
        () if is_sensitive && holds_one(&default.expr, name) => "is declared sensitive",
        () if calls_one(&default.expr, name) => has_name(name),
        () => return None,
    };
    let is_of_root = cx.plan.variable(name).is_some();
    let subject = match is_of_root {
        true => Subject::Variable(ModuleInstance::root(), Arc::clone(name)),
        false => Subject::Text(format!("variable.{name}").into()),
    };
    let message = format!("`{name}` {}", of_default(why));
    Some(Written {
        span: default.span,
        subject,
        message,
    })
}

fn of_default(why: &str) -> String {
    format!("{why}, and its default is written down here")
}

/// Whether a default holds a secret under a name that does not say otherwise.
fn is_held(value: &Value, name: &str) -> bool {
    if let Some(text) = value.as_str() {
        return !is_plain_name(name) && !identifies(text) && is_one(text);
    }
    match value.as_entries() {
        Some(entries) => entries.iter().any(|(name, inner)| is_held(inner, name)),
        None => value.children().any(|inner| is_held(inner, name)),
    }
}

fn of_locals(block: &Block, found: &mut Vec<Written>) {
    for local in &block.body.attributes {
        let name = &local.name.name;
        if calls_one(&local.expr, name) {
            found.push(Written {
                span: local.span,
                subject: Subject::Text(format!("local.{name}").into()),
                message: format!("`{name}` {}, and is written down here", has_name(name)),
            });
        }
    }
}

/// What stands in write-only arguments that are meant for secrets: the state is spared it, and the sources are not.
fn of_write_only(block: &Block, found: &mut Vec<Written>) {
    let [kind, name] = &*block.labels else {
        return;
    };
    for attribute in &block.body.attributes {
        let own = &*attribute.name.name;
        let Some(twin) = own.strip_suffix("_wo") else {
            continue;
        };
        let mut secrets = secrets::of(ResourceMode::Managed, &kind.name);
        if secrets.any(|one| one.path == twin) && holds_one(&attribute.expr, own) {
            found.push(Written {
                span: attribute.span,
                subject: Subject::Text(format!("{}.{}", kind.name, name.name).into()),
                message: format!("`{own}`, which is meant for a secret, is written down here"),
            });
        }
    }
}

/// What provisioners and connections are handed.
fn of_provisioners(block: &Block, found: &mut Vec<Written>) {
    for inner in &block.body.blocks {
        let kind = &*inner.kind.name;
        if !matches!(kind, "connection" | "provisioner") {
            continue;
        }
        for attribute in &inner.body.attributes {
            let name = &attribute.name.name;
            if calls_one(&attribute.expr, name) {
                found.push(Written {
                    span: attribute.span,
                    subject: Subject::Text(kind.into()),
                    message: format!(
                        "a secret in `{name}` of a `{kind}` block is written down here"
                    ),
                });
            }
        }
        of_provisioners(inner, found);
    }
}

fn has_name(name: &str) -> &'static str {
    match is_secret_name(name) {
        true => "has the name of a secret",
        false => "has a member with the name of a secret",
    }
}

/// Whether a name, of the value or of a member, says that it is a secret.
fn calls_one(expr: &Expr, name: &str) -> bool {
    match &expr.kind {
        ExprKind::String(text) => is_secret_name(name) && is_one(text) || gives_one(text),
        ExprKind::Object(items) => items.iter().any(|item| match &item.key.kind {
            ExprKind::String(key) | ExprKind::Variable(key) => {
                let name = name_beside(items, key).unwrap_or(key);
                calls_one(&item.value, name)
            }
            _ => false,
        }),
        ExprKind::Tuple(elements) => elements.iter().any(|element| calls_one(element, name)),
        ExprKind::Call(call) if matches!(&*call.name.name, "jsondecode" | "yamldecode") => {
            call.arguments.iter().any(|one| calls_one(one, name))
        }
        _ => false,
    }
}

/// What a `value` is called beside it: `{ name = "DB_PASSWORD", value = … }`.
fn name_beside<'e>(items: &'e [ObjectItem], key: &str) -> Option<&'e str> {
    let text = |name: &str| {
        let item = items.iter().find(|item| match &item.key.kind {
            ExprKind::String(key) | ExprKind::Variable(key) => **key == *name,
            _ => false,
        });
        match &item?.value.kind {
            ExprKind::String(text) => Some(&**text),
            _ => None,
        }
    };
    let mut names = ["name", "key"].into_iter().filter(|_| key == "value");
    names.find_map(text)
}

/// Whether the type of a variable has a default for a member with the name of a secret.
fn defaults_to_one(ty: &Expr, name: &str) -> bool {
    match &ty.kind {
        ExprKind::Object(items) => items.iter().any(|item| match &item.key.kind {
            ExprKind::String(key) | ExprKind::Variable(key) => defaults_to_one(&item.value, key),
            _ => false,
        }),
        ExprKind::Call(call) => match &*call.arguments {
            [inner, default] if &*call.name.name == "optional" => {
                calls_one(default, name) || defaults_to_one(inner, name)
            }
            arguments => arguments.iter().any(|one| defaults_to_one(one, name)),
        },
        _ => false,
    }
}

/// Whether a text, as a document or a script, gives a secret under its name.
fn gives_one(text: &str) -> bool {
    let mut any = false;
    named_texts(&Value::string(text), &mut |text| any |= is_one(text));
    any
}

/// Whether a value that is written out holds a secret under a name that does not say otherwise.
fn holds_one(expr: &Expr, name: &str) -> bool {
    match &expr.kind {
        ExprKind::String(text) => !is_plain_name(name) && !identifies(text) && is_one(text),
        ExprKind::Object(items) => items.iter().any(|item| {
            let own = match &item.key.kind {
                ExprKind::String(key) | ExprKind::Variable(key) => key,
                _ => name,
            };
            holds_one(&item.value, own)
        }),
        ExprKind::Tuple(elements) => elements.iter().any(|element| holds_one(element, name)),
        _ => false,
    }
}

fn of_backend(block: &Block, found: &mut Vec<Written>) {
    let kind = block.labels.first().map_or("", |label| &*label.name);
    let provider = if kind == "s3" { "aws" } else { kind };
    for attribute in &block.body.attributes {
        let name = &*attribute.name.name;
        let is_meant = of_provider(provider, name).unwrap_or_else(|| is_secret_name(name));
        if let (true, ExprKind::String(text)) = (is_meant, &attribute.expr.kind)
            && is_one(text)
        {
            found.push(Written {
                span: attribute.span,
                subject: Subject::Text(format!("backend.{kind}").into()),
                message: format!("`{name}` of the backend `{kind}` is written down here"),
            });
        }
    }
}
