//! The configuration as a plan carries it: blocks with the constants and references of their arguments, unevaluated.
//!
//! As in Terraform's own, `dynamic` blocks and locals are not in it.

use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

use super::{Secrets, is_whole, mode, put_unless_empty};
use crate::address::ResourceMode;
use crate::config::{
    self, Child, Config, Module, Provider, ProviderReference, Repetition, Resource, Target,
};
use crate::provider::secrets;
use crate::provider::{Attribute as Facts, Block as Schema, Nesting, Providers};
use crate::syntax::{Block, Body, Expr, ExprKind};
use crate::value::Number;

pub(super) fn configuration(root: &Config, secrets: Secrets) -> Json {
    let mut providers = Map::new();
    let view = View { secrets };
    let module = view.module(
        &Place {
            config: root,
            path: Vec::new(),
            above: None,
        },
        &mut providers,
    );
    let mut out = Map::new();
    put_unless_empty(&mut out, "provider_config", Json::Object(providers));
    out.insert("root_module".into(), module);
    Json::Object(out)
}

struct View {
    secrets: Secrets,
}

/// A module and those that call it.
struct Place<'a> {
    config: &'a Config,
    path: Vec<Arc<str>>,
    above: Option<&'a Place<'a>>,
}

impl Place<'_> {
    fn address(&self) -> String {
        let steps: Vec<String> = self
            .path
            .iter()
            .map(|name| format!("module.{name}"))
            .collect();
        steps.join(".")
    }

    fn key(&self, provider: &ProviderReference) -> String {
        let name = match &provider.alias {
            Some(alias) => format!("{}.{alias}", provider.name),
            None => provider.name.to_string(),
        };
        match self.path.is_empty() {
            true => name,
            false => format!("{}:{name}", self.address()),
        }
    }

    /// The key of the configuration that a provider reference of this module ends at, and the module that has it.
    fn configured(&self, provider: &ProviderReference) -> (String, &Place<'_>) {
        let own = |one: &Provider| one.name.name == provider.name && one.alias == provider.alias;
        if self.config.module.providers.iter().any(own) {
            return (self.key(provider), self);
        }
        let call = self.above.and_then(|above| {
            let call = above.config.module.calls.get(self.path.last()?)?;
            Some((above, call))
        });
        let Some((above, call)) = call else {
            return (self.key(provider), self);
        };
        let handed = call.providers.iter().find(|(inside, _)| inside == provider);
        let outside = match handed {
            Some((_, outside)) => outside,
            None if provider.alias.is_none() => provider,
            None => return (self.key(provider), self),
        };
        let (key, place) = above.configured(outside);
        let found = place.config.module.providers.iter();
        let found = found.clone().any(|one| place.key(&reference(one)) == key);
        if found {
            (key, place)
        } else {
            (self.key(provider), self)
        }
    }
}

fn reference(provider: &Provider) -> ProviderReference {
    ProviderReference {
        name: Arc::clone(&provider.name.name),
        alias: provider.alias.clone(),
    }
}

impl View {
    fn module(&self, place: &Place<'_>, providers: &mut Map<String, Json>) -> Json {
        let module = &place.config.module;
        for provider in &module.providers {
            let shown = self.provider(place, module, provider);
            providers.insert(place.key(&reference(provider)), shown);
        }
        let mut out = Map::new();
        let mut outputs: Vec<_> = module.outputs.values().collect();
        outputs.sort_by(|a, b| a.name.name.cmp(&b.name.name));
        let outputs = outputs
            .into_iter()
            .map(|output| (output.name.name.to_string(), self.output(output)));
        put_unless_empty(&mut out, "outputs", Json::Object(outputs.collect()));
        let mut resources: Vec<_> = module
            .resources
            .values()
            .filter(|one| one.address.mode != ResourceMode::Ephemeral)
            .map(|one| (one.address.to_string(), one))
            .collect();
        resources.sort_by(|a, b| (a.1.address.mode, &a.0).cmp(&(b.1.address.mode, &b.0)));
        let resources = resources
            .into_iter()
            .map(|(_, one)| self.resource(place, one, providers));
        put_unless_empty(&mut out, "resources", resources.collect());
        let mut calls: Vec<_> = module.calls.values().collect();
        calls.sort_by(|a, b| a.name.name.cmp(&b.name.name));
        let calls = calls.into_iter().map(|call| {
            (
                call.name.name.to_string(),
                self.call(place, call, providers),
            )
        });
        put_unless_empty(&mut out, "module_calls", Json::Object(calls.collect()));
        let mut variables: Vec<_> = module.variables.values().collect();
        variables.sort_by(|a, b| a.name.name.cmp(&b.name.name));
        let variables = variables
            .into_iter()
            .map(|variable| (variable.name.name.to_string(), self.variable(variable)));
        put_unless_empty(&mut out, "variables", Json::Object(variables.collect()));
        Json::Object(out)
    }

    fn provider(&self, place: &Place<'_>, module: &Module, provider: &Provider) -> Json {
        let name = &provider.name.name;
        let mut out = Map::new();
        out.insert("name".into(), (**name).into());
        out.insert("full_name".into(), module.provider_source(name).into());
        if let Some(alias) = &provider.alias {
            out.insert("alias".into(), (**alias).into());
        }
        if !place.path.is_empty() {
            out.insert("module_address".into(), place.address().into());
        }
        let facts = Providers::packed().provider(name);
        let mut expressions =
            self.body(&provider.body, facts.as_deref().map(|facts| &*facts.block));
        // Whatever opens something is called a key by many a provider.
        self.withhold(&mut expressions, |name| name.ends_with("_key"));
        put_unless_empty(&mut out, "expressions", expressions);
        Json::Object(out)
    }

    fn output(&self, output: &config::Output) -> Json {
        let mut out = Map::new();
        if output.sensitive {
            out.insert("sensitive".into(), true.into());
        }
        if let Some(value) = &output.value {
            let withheld = output.sensitive && self.secrets == Secrets::Withheld;
            out.insert("expression".into(), expression(&value.expr, withheld));
        }
        depends_on(&output.depends_on, &mut out);
        Json::Object(out)
    }

    fn resource(
        &self,
        place: &Place<'_>,
        resource: &Resource,
        providers: &mut Map<String, Json>,
    ) -> Json {
        let address = &resource.address;
        let mut out = Map::new();
        out.insert("address".into(), address.to_string().into());
        out.insert("mode".into(), mode(address.mode).into());
        out.insert("type".into(), (*address.kind).into());
        out.insert("name".into(), (*address.name).into());
        let provider = resource.provider_reference();
        let (key, of) = place.configured(&provider);
        if !providers.contains_key(&key) {
            let mut shown = Map::new();
            shown.insert("name".into(), (*provider.name).into());
            let source = place.config.module.provider_source(&provider.name);
            shown.insert("full_name".into(), source.into());
            if !of.path.is_empty() {
                shown.insert("module_address".into(), of.address().into());
            }
            providers.insert(key.clone(), Json::Object(shown));
        }
        out.insert("provider_config_key".into(), key.into());
        let facts = Providers::packed().schema(address.mode, &address.kind);
        let mut expressions =
            self.body(&resource.body, facts.as_deref().map(|facts| &*facts.block));
        self.withhold(&mut expressions, |name| {
            let mut meant = secrets::of(address.mode, &address.kind).filter(is_whole);
            meant.any(|secret| secret.path == name)
        });
        put_unless_empty(&mut out, "expressions", expressions);
        out.insert("schema_version".into(), 0.into());
        repetition(&resource.repetition, &mut out);
        depends_on(&resource.depends_on, &mut out);
        Json::Object(out)
    }

    fn call(
        &self,
        place: &Place<'_>,
        call: &config::ModuleCall,
        providers: &mut Map<String, Json>,
    ) -> Json {
        let mut out = Map::new();
        out.insert(
            "source".into(),
            call.source.as_deref().unwrap_or_default().into(),
        );
        let child = place.config.children.get(&call.name.name);
        let of_child = match child {
            Some(Child::Read(child)) => Some(&child.module),
            _ => None,
        };
        let expressions = call.arguments.attributes.iter().map(|argument| {
            let name = &argument.name.name;
            let declared = of_child.and_then(|module| module.variables.get(name));
            let withheld =
                self.secrets == Secrets::Withheld && declared.is_some_and(|one| one.sensitive);
            (name.to_string(), expression(&argument.expr, withheld))
        });
        put_unless_empty(&mut out, "expressions", Json::Object(expressions.collect()));
        repetition(&call.repetition, &mut out);
        if let Some(Child::Read(child)) = child {
            let path = place
                .path
                .iter()
                .cloned()
                .chain([Arc::clone(&call.name.name)])
                .collect();
            let inner = Place {
                config: child,
                path,
                above: Some(place),
            };
            out.insert("module".into(), self.module(&inner, providers));
        }
        depends_on(&call.depends_on, &mut out);
        Json::Object(out)
    }

    fn variable(&self, variable: &config::Variable) -> Json {
        let mut out = Map::new();
        let withheld = variable.sensitive && self.secrets == Secrets::Withheld;
        if let Some(default) = variable.default.as_ref().filter(|_| !withheld)
            && let Some(constant) = constant(&default.expr).filter(|constant| !constant.is_null())
        {
            out.insert("default".into(), constant);
        }
        if variable.sensitive {
            out.insert("sensitive".into(), true.into());
        }
        Json::Object(out)
    }

    /// Takes the constants of some arguments out.
    fn withhold(&self, expressions: &mut Json, is_meant: impl Fn(&str) -> bool) {
        if let (Secrets::Withheld, Json::Object(all)) = (self.secrets, expressions) {
            let meant = all.iter_mut().filter(|(name, _)| is_meant(name));
            for (_, one) in meant.filter(|(_, one)| one.get("constant_value").is_some()) {
                *one = json!({});
            }
        }
    }

    /// The arguments of a block, and its nested blocks as their schema nests them.
    fn body(&self, body: &Body, schema: Option<&Schema>) -> Json {
        let mut out = Map::new();
        for attribute in &body.attributes {
            let name = &*attribute.name.name;
            let facts = schema.and_then(|schema| schema.attributes.get(name));
            let sensitive = facts.is_some_and(|facts: &Facts| facts.sensitive || facts.write_only);
            let withheld = sensitive && self.secrets == Secrets::Withheld;
            out.insert(name.to_owned(), expression(&attribute.expr, withheld));
        }
        for block in &body.blocks {
            let name = &*block.kind.name;
            if name == "dynamic" {
                continue;
            }
            let nested = schema.and_then(|schema| schema.blocks.get(name));
            let inner = self.body(&block.body, nested.map(|nested| &*nested.block));
            insert_block(&mut out, block, nested.map(|nested| nested.nesting), inner);
        }
        Json::Object(out)
    }
}

fn insert_block(out: &mut Map<String, Json>, block: &Block, nesting: Option<Nesting>, inner: Json) {
    let name = block.kind.name.to_string();
    match nesting {
        Some(Nesting::Single | Nesting::Group) => {
            out.insert(name, inner);
        }
        Some(Nesting::Map) => {
            let label = block
                .labels
                .first()
                .map_or("", |label| &*label.name)
                .to_owned();
            let all = out.entry(name).or_insert_with(|| json!({}));
            if let Json::Object(all) = all {
                all.insert(label, inner);
            }
        }
        _ => {
            let all = out.entry(name).or_insert_with(|| json!([]));
            if let Json::Array(all) = all {
                all.push(inner);
            }
        }
    }
}

fn repetition(repetition: &Repetition, out: &mut Map<String, Json>) {
    match repetition {
        Repetition::Single => {}
        Repetition::Count(count) => {
            out.insert("count_expression".into(), expression(&count.expr, false));
        }
        Repetition::ForEach(for_each) => {
            out.insert(
                "for_each_expression".into(),
                expression(&for_each.expr, false),
            );
        }
    }
}

fn depends_on(all: &[Expr], out: &mut Map<String, Json>) {
    let all: Vec<Json> = all
        .iter()
        .filter_map(|expr| Some(written(expr)?.pop()?.into()))
        .collect();
    put_unless_empty(out, "depends_on", all.into());
}

fn expression(expr: &Expr, withheld: bool) -> Json {
    if let Some(constant) = constant(expr) {
        return if withheld {
            json!({})
        } else {
            json!({"constant_value": constant})
        };
    }
    let mut all: Vec<String> = Vec::new();
    for reference in config::references(expr, &|_| None) {
        all.extend(texts(&reference));
    }
    if all.is_empty() {
        json!({})
    } else {
        json!({"references": all})
    }
}

/// A literal, or a collection of literals.
pub(super) fn constant(expr: &Expr) -> Option<Json> {
    Some(match &expr.kind {
        ExprKind::Null => Json::Null,
        ExprKind::Bool(value) => (*value).into(),
        ExprKind::Number(text) => Number::parse(text)?
            .to_string()
            .parse()
            .map(Json::Number)
            .ok()?,
        ExprKind::String(text) => (**text).into(),
        ExprKind::Tuple(elements) => elements
            .iter()
            .map(constant)
            .collect::<Option<Vec<_>>>()?
            .into(),
        ExprKind::Object(items) => {
            let items = items.iter().map(|item| match &item.key.kind {
                ExprKind::String(key) => Some((key.to_string(), constant(&item.value)?)),
                _ => None,
            });
            Json::Object(items.collect::<Option<Map<_, _>>>()?)
        }
        ExprKind::Parens(inner) => constant(inner)?,
        _ => return None,
    })
}

/// A reference as Terraform lists it: whole, and shortened to what it is a reference to.
fn texts(reference: &config::Reference<'_>) -> Vec<String> {
    // Each beginning of it is written out in between: nobody means so long a one.
    const MOST_STEPS: usize = 500;
    if reference.expr.spine().nth(MOST_STEPS).is_some() {
        return Vec::new();
    }
    let Some(mut steps) = written(reference.expr) else {
        return Vec::new();
    };
    let whole = steps.pop().unwrap_or_default();
    let keyed = |at: usize| {
        steps
            .get(at)
            .or(Some(&whole))
            .filter(|step| step.ends_with(']'))
            .cloned()
    };
    // How many steps name the object itself.
    let subject = match &reference.target {
        Target::Variable(_) | Target::Local(_) | Target::Repetition => 1,
        Target::Module(_, output) => {
            let key = usize::from(keyed(2).is_some());
            1 + key + usize::from(output.is_some())
        }
        Target::Resource(resource, _) => {
            let base = if resource.mode == ResourceMode::Managed {
                1
            } else {
                2
            };
            base + usize::from(keyed(base + 1).is_some())
        }
    };
    let mut all = vec![whole];
    let mut add = |text: Option<&String>| {
        if let Some(text) = text
            && all.last() != Some(text)
        {
            all.push(text.clone());
        }
    };
    add(steps.get(subject));
    match &reference.target {
        Target::Module(_, Some(_)) => add(steps.get(subject - 1)),
        Target::Resource(..) if steps.get(subject).is_some_and(|step| step.ends_with(']')) => {
            add(steps.get(subject - 1));
        }
        _ => {}
    }
    all
}

/// A reference as text, each step with all before it, as far as its keys are literals.
fn written(expr: &Expr) -> Option<Vec<String>> {
    let mut chain: Vec<&Expr> = expr.spine().collect();
    chain.reverse();
    let mut steps: Vec<String> = Vec::new();
    for (at, link) in chain.into_iter().enumerate() {
        let before = steps.last().cloned().unwrap_or_default();
        match &link.kind {
            // `resource.aws_lb.main` is listed as `aws_lb.main`.
            ExprKind::Variable(name) if &**name == "resource" => {}
            ExprKind::Variable(name) => steps.push(name.to_string()),
            ExprKind::Attr { name, .. } if at == 1 && steps.is_empty() => {
                steps.push(name.name.to_string());
            }
            ExprKind::Attr { name, .. } => steps.push(format!("{before}.{}", name.name)),
            ExprKind::Index { key, .. } => match constant(key) {
                Some(Json::String(key)) => steps.push(format!("{before}[{}]", Json::String(key))),
                Some(Json::Number(key)) => steps.push(format!("{before}[{key}]")),
                _ => break,
            },
            _ => break,
        }
    }
    (!steps.is_empty()).then_some(steps)
}
