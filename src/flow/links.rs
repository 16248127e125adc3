//! From an expression to what it is made from: one step back along the graph, for everything that walks it.

mod straight;

use std::sync::Arc;

pub(super) use straight::{Straight, Taken, narrowed, straight};

use super::locate::passes_on;
use super::node::{Definition, Frame, Node, Repeated, What, key_step, value_at};
use crate::address::{PathStep, Resource, ResourceAddress, ResourceMode};
use crate::eval::{Bound, Evaluation, ModuleState, Scope};
use crate::plan::Part;
use crate::syntax::{Attribute, Call, Expr, ExprKind, For, ObjectItem, Template, TemplatePart};
use crate::value::{self, Data, Type, Value};

/// Something that an expression refers to.
pub(super) struct Link {
    pub(super) to: Followed,
    pub(super) part: Part,
}

/// Where a reference leads.
pub(super) enum Followed {
    /// To a definition.
    Node(Node),
    /// Nowhere that can be followed.
    Lost(String),
}

/// Instances beyond these are not told one by one.
const MOST_INSTANCES: usize = 64;

/// A key in a path that is not known: any of them.
const ANY: PathStep = PathStep::Index(usize::MAX);

/// What a definition is made from: of conditionals the arm that is taken, of objects the part that the path leads to.
pub(super) fn links(evaluation: &Arc<Evaluation>, definition: &Definition) -> Vec<Link> {
    let Some(expr) = &definition.expr else {
        return Vec::new();
    };
    definition.with_scope(evaluation, |scope| {
        let mut reading = Reading::new(definition, scope);
        reading.expr(expr, &definition.rest);
        reading.found
    })
}

struct Reading<'a> {
    definition: &'a Definition,
    scope: &'a Scope<'a>,
    found: Vec<Link>,
    /// Names bound by `for`, whose collections are among what is found already.
    bound: Vec<Arc<str>>,
    /// Names bound by `for` of which it is known what they stand for.
    elements: Vec<Element<'a>>,
    part: Part,
}

/// A name that stands for one element of a collection.
#[derive(Clone)]
struct Element<'a> {
    name: Arc<str>,
    collection: &'a Expr,
    at: PathStep,
}

impl<'a> Reading<'a> {
    fn new(definition: &'a Definition, scope: &'a Scope<'a>) -> Self {
        Self {
            definition,
            scope,
            found: Vec::new(),
            bound: Vec::new(),
            elements: Vec::new(),
            part: Part::Gives,
        }
    }

    /// Everything that the part of an expression refers to that a path leads to.
    fn expr(&mut self, expr: &'a Expr, path: &[PathStep]) {
        match &expr.kind {
            ExprKind::Variable(_) | ExprKind::Attr { .. } | ExprKind::Index { .. } => {
                self.chain(expr, path);
            }
            ExprKind::Splat { source, each, .. } => self.splat(source, each, path),
            ExprKind::Template(template) => match template.sole_interpolation() {
                Some(inner) => self.expr(inner, path),
                None => self.template(template),
            },
            ExprKind::Call(call) => self.call(call, path),
            ExprKind::Tuple(elements) => match path.split_first() {
                Some((PathStep::Index(index), rest)) if *index < elements.len() => {
                    self.expr(&elements[*index], rest);
                }
                _ => elements.iter().for_each(|element| self.expr(element, &[])),
            },
            ExprKind::Object(items) => match self.item(items, path) {
                Some(value) => self.expr(value, &path[1..]),
                None => items.iter().for_each(|item| {
                    self.deciding(&item.key);
                    self.expr(&item.value, &[]);
                }),
            },
            ExprKind::For(one) => self.for_each(one, path),
            ExprKind::Conditional(conditional) => {
                let decided = self.decided(&conditional.predicate);
                if decided != Some(false) {
                    self.expr(&conditional.yes, path);
                }
                if decided != Some(true) {
                    self.expr(&conditional.no, path);
                }
                self.deciding(&conditional.predicate);
            }
            ExprKind::Unary { operand, .. } => self.expr(operand, &[]),
            ExprKind::Binary(_) => self.operators(expr),
            ExprKind::Parens(inner) => self.expr(inner, path),
            ExprKind::Null
            | ExprKind::Bool(_)
            | ExprKind::Number(_)
            | ExprKind::String(_)
            | ExprKind::SplatItem
            | ExprKind::Invalid => {}
        }
    }

    /// The value of an object that a path leads to. A key that is not known may be the one, and would win.
    fn item<'e>(&self, items: &'e [ObjectItem], path: &[PathStep]) -> Option<&'e Expr> {
        let Some(PathStep::Attribute(name)) = path.first() else {
            return None;
        };
        let keys = items.iter().rev().map(|item| (item, self.key(&item.key)));
        let mut may_be = keys.filter(|(_, key)| key.as_ref().is_none_or(|key| *key == **name));
        let (item, key) = may_be.next()?;
        key.map(|_| &item.value)
    }

    /// What chooses, and does not go into the value.
    fn deciding(&mut self, expr: &'a Expr) {
        let part = std::mem::replace(&mut self.part, Part::Decides);
        self.expr(expr, &[]);
        self.part = part;
    }

    fn decided(&self, predicate: &Expr) -> Option<bool> {
        if self.mentions_bound(predicate) {
            return None;
        }
        let value = self.scope.evaluate(predicate).ok()?;
        value::convert(&value, &Type::Bool).ok()?.as_bool()
    }

    /// A name bound by `for` has no value here.
    fn mentions_bound(&self, expr: &Expr) -> bool {
        let mut found = false;
        if self.bound.is_empty() {
            return false;
        }
        expr.walk(|inner| {
            if let ExprKind::Variable(name) = &inner.kind {
                found |= self.bound.contains(name);
            }
        });
        found
    }

    fn evaluate(&self, expr: &Expr) -> Option<Value> {
        if self.mentions_bound(expr) {
            return None;
        }
        self.scope.evaluate(expr).ok()
    }

    fn key(&self, key: &Expr) -> Option<String> {
        if let ExprKind::String(text) = &key.kind {
            return Some(text.to_string());
        }
        let inner = match &key.kind {
            ExprKind::Parens(inner) => inner,
            _ => key,
        };
        let value = value::convert(&self.evaluate(inner)?, &Type::String).ok()?;
        value.as_str().map(str::to_owned)
    }

    /// Chains of operators are thousands deep in generated code: walked, not recursed into.
    fn operators(&mut self, expr: &'a Expr) {
        let mut rights = Vec::new();
        let mut left = expr;
        while let ExprKind::Binary(binary) = &left.kind {
            rights.push(&binary.right);
            left = &binary.left;
        }
        self.expr(left, &[]);
        for right in rights.into_iter().rev() {
            self.expr(right, &[]);
        }
    }

    fn template(&mut self, template: &'a Template) {
        for part in &template.parts {
            match part {
                TemplatePart::Literal(_) => {}
                TemplatePart::Interpolation(expr) => self.expr(expr, &[]),
                TemplatePart::If { condition, yes, no } => {
                    let decided = self.decided(condition);
                    if decided != Some(false) {
                        self.template(yes);
                    }
                    if decided != Some(true) {
                        self.template(no);
                    }
                    self.deciding(condition);
                }
                TemplatePart::For {
                    key_name,
                    value_name,
                    collection,
                    body,
                } => {
                    self.expr(collection, &[]);
                    let depth = self.bound.len();
                    let names = key_name.iter().chain([value_name]);
                    self.bound.extend(names.map(|name| Arc::clone(&name.name)));
                    self.template(body);
                    self.bound.truncate(depth);
                }
            }
        }
    }

    fn for_each(&mut self, one: &'a For, path: &[PathStep]) {
        if let Some((step, key, value)) = path.first().and_then(|step| self.element(one, step)) {
            self.for_element(one, step, &key, &value, &path[1..]);
            return;
        }
        self.expr(&one.collection, &[]);
        let depth = self.bound.len();
        let names = one.key_name.iter().chain([&one.value_name]);
        self.bound.extend(names.map(|name| Arc::clone(&name.name)));
        one.key.iter().for_each(|key| self.deciding(key));
        self.expr(&one.value, &[]);
        one.condition.iter().for_each(|test| self.deciding(test));
        self.bound.truncate(depth);
    }

    /// The body of a `for`, for the element that makes the part that is asked for.
    fn for_element(
        &mut self,
        one: &'a For,
        at: PathStep,
        key: &Value,
        value: &Value,
        rest: &[PathStep],
    ) {
        let part = self.part;
        let found = self.of_body(one, at, (key, value), |mut inner, body| {
            inner.part = part;
            inner.expr(body, rest);
            inner.found
        });
        self.found.extend(found);
    }

    /// Reads the body of a `for`, for the element that makes the part that is asked for.
    fn of_body<T>(
        &self,
        one: &'a For,
        at: PathStep,
        (key, value): (&Value, &Value),
        then: impl for<'b> FnOnce(Reading<'b>, &'b Expr) -> T,
    ) -> T {
        let element = Element {
            name: Arc::clone(&one.value_name.name),
            collection: &one.collection,
            at,
        };
        self.with_element(one, key, value, |scope| {
            let mut inner = Reading {
                bound: self.bound.clone(),
                elements: self.elements.clone(),
                ..Reading::new(self.definition, scope)
            };
            inner.elements.push(element);
            then(inner, &one.value)
        })
    }

    fn with_element<T>(
        &self,
        one: &For,
        key: &Value,
        value: &Value,
        then: impl FnOnce(&Scope<'_>) -> T,
    ) -> T {
        let key_name = one.key_name.as_ref();
        let of_key = key_name.map(|name| Bound {
            name: &name.name,
            value: key.clone(),
            outer: self.scope.bound,
        });
        let of_value = Bound {
            name: &one.value_name.name,
            value: value.clone(),
            outer: of_key.as_ref().or(self.scope.bound),
        };
        then(&Scope {
            bound: Some(&of_value),
            ..*self.scope
        })
    }

    /// The element of a collection that gives the part of a `for` that a step asks for: its place, key and value.
    fn element(&self, one: &For, step: &PathStep) -> Option<(PathStep, Value, Value)> {
        if one.group {
            return None;
        }
        let collection = self.evaluate(&one.collection)?;
        let mut position = 0;
        let mut last = None;
        for (key, value) in value::elements(&collection)? {
            let (taken, named) = self.with_element(one, &key, &value, |scope| {
                let text = |expr: &Expr| {
                    let value = scope.evaluate(expr).ok()?;
                    let value = value::convert(&value, &Type::String).ok()?;
                    value.as_str().map(str::to_owned)
                };
                let taken = match &one.condition {
                    Some(condition) => text(condition),
                    None => Some("true".to_owned()),
                };
                (taken, one.key.as_ref().map(text))
            });
            match taken.as_deref() {
                Some("true") => {}
                Some("false") => continue,
                _ => return None,
            }
            let here = match (step, named) {
                (PathStep::Index(index), None) => *index == position,
                (PathStep::Attribute(name), Some(key)) => key? == **name,
                _ => return None,
            };
            position += 1;
            if here {
                let at = match key.data() {
                    _ if matches!(collection.data(), Data::Set(..)) => ANY,
                    Data::String(name) => PathStep::Attribute(Arc::clone(name)),
                    Data::Number(number) => PathStep::Index(number.as_usize()?),
                    _ => ANY,
                };
                last = Some((at, key, value));
            }
        }
        last
    }

    fn splat(&mut self, source: &'a Expr, each: &'a Expr, path: &[PathStep]) {
        let (_, inner) = steps(each);
        let inner: Vec<PathStep> = inner
            .into_iter()
            .map_while(|step| self.step(step))
            .collect();
        match path.split_first() {
            Some((index @ PathStep::Index(_), rest)) => {
                let path = [vec![index.clone()], inner, rest.to_vec()].concat();
                self.expr(source, &path);
            }
            _ => self.all_of(source, &inner),
        }
    }

    /// The same part of every element.
    fn all_of(&mut self, source: &'a Expr, inner: &[PathStep]) {
        let elements = self.evaluate(source).filter(|_| !inner.is_empty());
        let (elements, _) = elements.map_or((Value::NULL, None), |value| {
            let (value, marks) = value.unmark();
            (value, Some(marks))
        });
        match elements.data() {
            Data::List(_, all) | Data::Tuple(all) if all.len() <= MOST_INSTANCES => {
                for index in 0..all.len() {
                    let path = [&[PathStep::Index(index)], inner].concat();
                    self.expr(source, &path);
                }
            }
            Data::Unknown(_) => self.expr(source, &[&[ANY], inner].concat()),
            Data::Null(_) | Data::List(..) | Data::Tuple(_) | Data::Set(..) => {
                self.expr(source, &[]);
            }
            // One value is a list of one element.
            _ => self.expr(source, inner),
        }
    }

    fn call(&mut self, call: &'a Call, path: &[PathStep]) {
        if let Some((chosen, path)) = self.chosen(call, path) {
            self.expr(chosen, &path);
            if &*call.name.name == "lookup" {
                call.arguments
                    .get(1)
                    .iter()
                    .for_each(|key| self.deciding(key));
            }
            return;
        }
        match (&*call.name.name, call.arguments.as_slice()) {
            ("lookup", [map, key, rest @ ..]) => {
                self.expr(map, &[]);
                for default in rest {
                    self.expr(default, path);
                }
                self.deciding(key);
            }
            ("can", [tested]) => self.deciding(tested),
            (_, arguments) => arguments.iter().for_each(|one| self.expr(one, &[])),
        }
    }

    /// The argument that gives the part of a result that a path leads to, and the path there.
    fn chosen<'e>(&self, call: &'e Call, path: &[PathStep]) -> Option<(&'e Expr, Vec<PathStep>)> {
        if call.expand_last {
            return None;
        }
        let arguments = call.arguments.as_slice();
        let chosen = match (&*call.name.name, arguments) {
            ("try", _) => arguments.iter().find(|one| self.evaluate(one).is_some()),
            ("coalesce" | "coalescelist", _) => self.coalesced(arguments),
            ("merge", _) => self.merged(arguments, path),
            ("concat", _) => {
                let (list, at) = self.concatenated(arguments, path)?;
                return Some((list, [&[at], &path[1..]].concat()));
            }
            ("lookup", [map, key, ..]) => {
                let step = PathStep::Attribute(self.key(key)?.into());
                value_at(&self.evaluate(map)?, std::slice::from_ref(&step))?;
                return Some((map, [&[step], path].concat()));
            }
            (name, _) if passes_on(name) => arguments.first(),
            _ => None,
        };
        chosen.map(|chosen| (chosen, path.to_vec()))
    }

    /// The first argument that is something, if that can be told.
    fn coalesced<'e>(&self, arguments: &'e [Expr]) -> Option<&'e Expr> {
        for argument in arguments {
            let value = self.evaluate(argument)?;
            let empty = value.is_null()
                || value.as_str() == Some("")
                || value.as_elements().is_some_and(<[Value]>::is_empty);
            match () {
                () if empty => {}
                () if value.is_not_null() && value.is_known() => return Some(argument),
                () => return None,
            }
        }
        None
    }

    /// The list that gives the element that is asked for, and its place there.
    fn concatenated<'e>(
        &self,
        lists: &'e [Expr],
        path: &[PathStep],
    ) -> Option<(&'e Expr, PathStep)> {
        let Some(PathStep::Index(mut index)) = path.first().cloned() else {
            return None;
        };
        for list in lists {
            let value = self.evaluate(list)?;
            let (Data::List(_, elements) | Data::Tuple(elements)) = value.data() else {
                return None;
            };
            if index < elements.len() {
                return Some((list, PathStep::Index(index)));
            }
            index -= elements.len();
        }
        None
    }

    /// The last argument that has the attribute that is asked for.
    fn merged<'e>(&self, arguments: &'e [Expr], path: &[PathStep]) -> Option<&'e Expr> {
        let Some(PathStep::Attribute(name)) = path.first() else {
            return None;
        };
        for argument in arguments.iter().rev() {
            let value = self.evaluate(argument)?;
            match value.as_entries() {
                Some(entries) if entries.contains_key(name) => return Some(argument),
                None if !value.is_null() => return None,
                _ => {}
            }
        }
        None
    }

    /// A chain of steps, and a path that goes on behind it.
    fn chain(&mut self, expr: &'a Expr, path: &[PathStep]) {
        let (root, written) = steps(expr);
        for step in &written {
            if let Step::Key(key) = step
                && !matches!(key.kind, ExprKind::String(_) | ExprKind::Number(_))
            {
                self.deciding(key);
            }
        }
        let taken = self.taken(&written, path);
        let ExprKind::Variable(name) = &root.kind else {
            return self.expr(root, &taken);
        };
        if self.bound.contains(name) {
            return;
        }
        if let Some((collection, path)) = self.of_element(name, &taken) {
            return self.expr(collection, &path);
        }
        let part = self.part;
        let to = self.follow(name, &taken);
        self.found
            .extend(to.into_iter().map(|to| Link { to, part }));
    }

    /// The steps of a chain and what goes on behind it, as one path.
    fn taken(&self, written: &[Step<'_>], path: &[PathStep]) -> Vec<PathStep> {
        let steps = written.iter();
        let taken = steps.map(|step| self.step(*step).unwrap_or(ANY));
        taken.chain(path.iter().cloned()).collect()
    }

    /// Where the element is that a name bound by `for` stands for: a collection, and the path in it.
    fn of_element(&self, name: &str, path: &[PathStep]) -> Option<(&'a Expr, Vec<PathStep>)> {
        let named = self.elements.iter().rfind(|one| *one.name == *name)?;
        let path = std::iter::once(&named.at).chain(path).cloned();
        Some((named.collection, path.collect()))
    }

    fn step(&self, step: Step<'_>) -> Option<PathStep> {
        match step {
            Step::Attribute(name) => Some(PathStep::Attribute(Arc::clone(name))),
            Step::Key(key) => {
                let (key, _) = self.evaluate(key)?.unmark();
                match key.data() {
                    Data::String(name) => Some(PathStep::Attribute(Arc::clone(name))),
                    Data::Number(number) => number.as_usize().map(PathStep::Index),
                    _ => None,
                }
            }
        }
    }

    fn follow(&self, root: &str, path: &[PathStep]) -> Vec<Followed> {
        let module = &self.definition.module;
        let name = |at: usize| match path.get(at) {
            Some(PathStep::Attribute(name)) => Some(Arc::clone(name)),
            _ => None,
        };
        if let Some(at) = self.frame(root) {
            return vec![self.iterator(at, path)];
        }
        let node = |what, from: usize| {
            let path = known(path.get(from..).unwrap_or_default()).to_vec();
            vec![Followed::Node(Node { what, path })]
        };
        let resource = |mode, kind: Option<Arc<str>>, label: Option<Arc<str>>| {
            Some(Resource {
                mode,
                kind: kind?,
                name: label?,
            })
        };
        let (resource, used) = match root {
            "path" | "terraform" | "tofu" | "self" => return Vec::new(),
            "each" | "count" => return self.repetition(root, path),
            "var" => {
                return name(0).map_or_else(Vec::new, |name| {
                    node(What::Variable(Arc::clone(module), name), 1)
                });
            }
            "local" => {
                return name(0).map_or_else(Vec::new, |name| {
                    node(What::Local(Arc::clone(module), name), 1)
                });
            }
            "module" => {
                return name(0).map_or_else(Vec::new, |name| self.module_call(&name, &path[1..]));
            }
            "data" => (resource(ResourceMode::Data, name(0), name(1)), 2),
            "ephemeral" => (resource(ResourceMode::Ephemeral, name(0), name(1)), 2),
            "resource" => (resource(ResourceMode::Managed, name(0), name(1)), 2),
            kind => (
                resource(ResourceMode::Managed, Some(kind.into()), name(0)),
                1,
            ),
        };
        match resource {
            Some(resource) => self.resource(&resource, &path[used..]),
            None => Vec::new(),
        }
    }

    fn resource(&self, resource: &Resource, path: &[PathStep]) -> Vec<Followed> {
        let module = &self.definition.module;
        let lost = || vec![Followed::Lost(module.within(&resource.to_string()))];
        let Some(block) = module.config.module.resources.get(resource) else {
            return lost();
        };
        let Some(expansion) = module.resource(self.scope.evaluation, resource) else {
            return lost();
        };
        let node = |address: &Arc<ResourceAddress>, path: &[PathStep]| {
            Followed::Node(Node {
                what: What::Resource(Arc::clone(module), Arc::clone(address)),
                path: known(path).to_vec(),
            })
        };
        let all = || expansion.instances.iter().map(|one| &one.address);
        if block.repetition.attribute().is_none() {
            return all().map(|address| node(address, path)).collect();
        }
        let chosen = path.first().and_then(|step| {
            all().find(|address| address.key.as_ref().and_then(key_step).as_ref() == Some(step))
        });
        match chosen {
            Some(address) => vec![node(address, &path[1..])],
            None if expansion.instances.is_empty() => {
                let address = ResourceAddress {
                    module: module.instance.clone(),
                    resource: resource.clone(),
                    key: None,
                };
                let what = What::Expansion(Arc::clone(module), Arc::new(address));
                vec![Followed::Node(Node::whole(what))]
            }
            None => {
                // Of instances with unknown keys the one that stands for them all.
                let is_any = all().any(|one| one.key.as_ref().and_then(key_step).is_none());
                let rest = match path.split_first() {
                    Some((step, rest)) if is_any || *step == ANY => rest,
                    _ => &[],
                };
                let mut found: Vec<Followed> = all()
                    .take(MOST_INSTANCES)
                    .map(|one| node(one, rest))
                    .collect();
                if expansion.instances.len() > MOST_INSTANCES {
                    found.extend(lost());
                }
                found
            }
        }
    }

    fn module_call(&self, call: &Arc<str>, path: &[PathStep]) -> Vec<Followed> {
        let module = &self.definition.module;
        let name = module.within(&format!("module.{call}"));
        let lost = || vec![Followed::Lost(name.clone())];
        let (Some(block), Some(expansion)) = (
            module.config.module.calls.get(call),
            module.call(self.scope.evaluation, call),
        ) else {
            return lost();
        };
        let instances = || expansion.instances.iter();
        let repeated = block.repetition.attribute().is_some();
        let chosen = path.first().filter(|_| repeated).and_then(|step| {
            instances().find(|(key, _)| key.as_ref().and_then(key_step).as_ref() == Some(step))
        });
        let output = |child: &Arc<ModuleState>, path: &[PathStep]| match path.split_first() {
            Some((PathStep::Attribute(output), rest)) => Followed::Node(Node {
                what: What::Output(Arc::clone(child), Arc::clone(output)),
                path: known(rest).to_vec(),
            }),
            _ => Followed::Lost(child.instance.to_string()),
        };
        if let Some((_, child)) = chosen {
            return vec![output(child, &path[1..])];
        }
        if instances().len() == 0 {
            let read = matches!(
                module.config.children.get(call),
                Some(crate::config::Child::Read(_))
            );
            if !read || !repeated {
                return lost();
            }
            let what = What::Calls(Arc::clone(module), Arc::clone(call));
            return vec![Followed::Node(Node::whole(what))];
        }
        // A splat or an unknown key: the output of every instance.
        let path = if repeated {
            let from = usize::from(
                !matches!(path, [PathStep::Attribute(name)] if is_output(instances(), name)),
            );
            path.get(from..).unwrap_or_default()
        } else {
            path
        };
        let mut found: Vec<Followed> = instances()
            .take(MOST_INSTANCES)
            .map(|(_, child)| output(child, path))
            .collect();
        if instances().len() > MOST_INSTANCES {
            found.extend(lost());
        }
        found
    }

    /// `each.key`, `each.value` and `count.index` are given by the block around them.
    fn repetition(&self, root: &str, path: &[PathStep]) -> Vec<Followed> {
        let definition = self.definition;
        let Some((what, attribute)) = &definition.repeated_by else {
            return vec![Followed::Lost(definition.module.within(root))];
        };
        let repetition = &definition.repetition;
        let (key, value) = match (root, &repetition.each) {
            ("each", Some((key, value))) => (Some(key), value),
            _ => match &repetition.count_index {
                Some(index) => (None, index),
                None => return vec![Followed::Lost(definition.module.within(root))],
            },
        };
        let outer = Definition {
            repeated_by: None,
            frames: Vec::new(),
            ..definition.clone()
        };
        vec![repeated(outer, attribute, what, key, value, path)]
    }

    /// The innermost `dynamic` block with that iterator.
    fn frame(&self, name: &str) -> Option<usize> {
        let frames = &self.definition.frames;
        frames.iter().rposition(|frame| *frame.iterator == *name)
    }

    fn iterator(&self, at: usize, path: &[PathStep]) -> Followed {
        let Frame {
            iterator,
            for_each,
            key,
            value,
        } = &self.definition.frames[at];
        let outer = Definition {
            frames: self.definition.frames[..at].to_vec(),
            ..self.definition.clone()
        };
        let what = format!("dynamic `{iterator}`");
        repeated(outer, for_each, &what, Some(key), value, path)
    }
}

/// The innermost `dynamic` block around a definition.
pub(super) fn block_around(definition: &Definition) -> Option<Node> {
    let (frame, outer) = definition.frames.split_last()?;
    let outer = Definition {
        frames: outer.to_vec(),
        ..definition.clone()
    };
    let what = format!("dynamic `{}`", frame.iterator);
    let found = repeated(
        outer,
        &frame.for_each,
        &what,
        Some(&frame.key),
        &frame.value,
        &[],
    );
    match found {
        Followed::Node(node) => Some(node),
        Followed::Lost(_) => None,
    }
}

fn is_output<'m, K: 'm>(
    mut instances: impl Iterator<Item = &'m (K, Arc<ModuleState>)>,
    name: &str,
) -> bool {
    instances
        .next()
        .is_some_and(|(_, child)| child.config.module.outputs.contains_key(name))
}

/// What a `count` or `for_each` gives to one instance or block: the element that the path leads into.
fn repeated(
    outer: Definition,
    attribute: &Attribute,
    what: &str,
    key: Option<&Value>,
    value: &Value,
    path: &[PathStep],
) -> Followed {
    let (asked, inner) = match known(path).split_first() {
        Some((PathStep::Attribute(name), inner)) => (&**name, inner),
        _ => ("value", &[][..]),
    };
    let element = key.and_then(|key| match key.data() {
        // The element of a set is its own key, and has no place in it.
        _ if value::raw_equals(key, value) => None,
        Data::String(name) => Some(PathStep::Attribute(Arc::clone(name))),
        Data::Number(number) => number.as_usize().map(PathStep::Index),
        _ => None,
    });
    let rest = match (asked, element) {
        ("value", Some(element)) => [&[element], inner].concat(),
        _ => Vec::new(),
    };
    let shown = match (asked, key) {
        ("key", Some(key)) => key.clone(),
        ("value", Some(_)) => value_at(value, inner).unwrap_or_else(|| value.clone()),
        _ => value.clone(),
    };
    let inner = inner.iter().fold(String::new(), |text, step| match step {
        PathStep::Attribute(name) => format!("{text}.{name}"),
        PathStep::Index(index) => format!("{text}[{index}]"),
    });
    let told = match key {
        Some(_) if what.starts_with("dynamic") => format!("{asked}{inner} of {what}"),
        Some(_) => format!("each.{asked}{inner} of {what}"),
        None => format!("count.index of {what}"),
    };
    let definition = Definition {
        expr: Some(attribute.expr.clone()),
        rest,
        span: attribute.span,
        ..outer
    };
    Followed::Node(Node::whole(What::Repeated(Arc::new(Repeated {
        name: told,
        definition,
        value: shown,
    }))))
}

/// A path up to the first key that is not known.
fn known(path: &[PathStep]) -> &[PathStep] {
    let end = path.iter().position(|step| *step == ANY);
    &path[..end.unwrap_or(path.len())]
}

/// A step of a chain.
#[derive(Clone, Copy)]
enum Step<'a> {
    Attribute(&'a Arc<str>),
    Key(&'a Expr),
}

/// What stands at the root of a chain, and its steps.
fn steps(expr: &Expr) -> (&Expr, Vec<Step<'_>>) {
    let mut steps = Vec::new();
    let mut root = expr;
    loop {
        match &root.kind {
            ExprKind::Attr { source, name } => {
                steps.push(Step::Attribute(&name.name));
                root = source;
            }
            ExprKind::Index { source, key } => {
                steps.push(Step::Key(key));
                root = source;
            }
            _ => break,
        }
    }
    steps.reverse();
    (root, steps)
}
