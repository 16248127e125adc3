//! Arguments and nested blocks to the object that the provider is given, with the help of its schema.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::Mode;
use super::error::EvalError;
use super::module::or_unknown;
use super::scope::{Bound, Scope};
use crate::problem::Problem;
use crate::provider::{Block as Schema, NestedBlock, Nesting, Setting};
use crate::source::Span;
use crate::syntax::{Attribute, Block, Body, Expr, ExprKind, Ident, ObjectItem};
use crate::value::{self, Causes, Data, Entries, Marks, SecretPlaces, Shape, Type, Unknown, Value};

impl Scope<'_> {
    /// The object of a body: complete as the schema says, null for what is left out.
    pub(super) fn body(&self, body: &Body, schema: &Schema, about: &str) -> Value {
        let mut entries = Entries::new();
        for (name, attribute) in &schema.attributes {
            let value = match body.attribute(name) {
                Some(given) => {
                    let value = self.argument(given, &attribute.ty, about);
                    if !attribute.write_only && value.marks_deep().ephemeral {
                        let message = format!("`{name}` would store an ephemeral value");
                        let error = EvalError::new(message, given.expr.span);
                        self.evaluation.report(super::refused(&error, &about));
                    }
                    value
                }
                None => self.attribute_as_blocks(body, name, &attribute.ty, about),
            };
            if attribute.setting == Setting::Computed
                && let Some(given) = body.attribute(name)
            {
                let message = format!("`{name}` of `{about}` is for the provider to set");
                self.note(message, Some(given.name.span), about);
            }
            if attribute.setting.is_required() && body.attribute(name).is_none() && value.is_null()
            {
                self.note(format!("`{about}` does not set `{name}`"), body.span, about);
            }
            entries.insert(Arc::clone(name), value);
        }
        for (name, nested) in &schema.blocks {
            let blocks = self.blocks(
                body,
                name,
                |scope, content| scope.body(content, &nested.block, about),
                about,
            );
            self.note_limits(body, name, nested, &blocks, about);
            entries.insert(
                Arc::clone(name),
                blocks.into_value(nested.nesting, &nested.block),
            );
        }
        self.beyond_schema(body, schema, &mut entries, about);
        Value::object(entries)
    }

    /// The entries of a body whose schema is not known: what is written there, blocks as tuples of objects.
    pub(super) fn body_without_schema(&self, body: &Body, about: &str) -> Entries {
        let mut entries = Entries::new();
        for attribute in &body.attributes {
            let value = self.argument(attribute, &Type::Dynamic, about);
            entries.insert(Arc::clone(&attribute.name.name), value);
        }
        for name in block_names(body) {
            let blocks = self.blocks(
                body,
                &name,
                |scope, content| Value::object(scope.body_without_schema(content, about)),
                about,
            );
            entries.insert(name, blocks.into_tuple());
        }
        entries
    }

    fn argument(&self, attribute: &Attribute, ty: &Type, about: &str) -> Value {
        let value = self.evaluate(&attribute.expr);
        let converted = value.and_then(|value| {
            value::convert(&value, ty).map_err(|error| {
                EvalError::new(
                    format!("`{}`: {error}", attribute.name.name),
                    attribute.expr.span,
                )
            })
        });
        match converted {
            Ok(value) => value,
            Err(error) => {
                let value = or_unknown(self.evaluation, Err(error), &about);
                Value::unknown(ty.clone(), value.causes())
            }
        }
    }

    /// Some attributes are lists or sets of objects in the schema and are written as blocks: `ingress { … }`.
    fn attribute_as_blocks(&self, body: &Body, name: &str, ty: &Type, about: &str) -> Value {
        let of = match ty {
            Type::List(of) | Type::Set(of) => match &**of {
                Type::Object(of) => Some(of),
                _ => None,
            },
            _ => None,
        };
        let Some(of) = of else {
            let mut blocks = body.blocks.iter();
            if let Some(block) = blocks.find(|block| produced(block) == Some(name)) {
                let message = format!("`{name}` of `{about}` is an argument, not a block");
                self.note(message, Some(block.header), about);
            }
            return Value::null(ty.clone());
        };
        let element = |scope: &Scope<'_>, content: &Body| {
            let of_attribute = of.attributes.iter().map(|(name, ty)| {
                let value = match content.attribute(name) {
                    Some(given) => scope.argument(given, ty, about),
                    None => scope.attribute_as_blocks(content, name, ty, about),
                };
                (Arc::clone(name), value)
            });
            Value::object(of_attribute.collect())
        };
        let blocks = self.blocks(body, name, element, about);
        if blocks.is_empty() {
            return Value::null(ty.clone());
        }
        let blocks = match self.evaluation.options.mode {
            Mode::Terraform | Mode::Validating => blocks.with_one_unknown(),
            Mode::Static | Mode::Judging => blocks,
        };
        let nesting = if matches!(ty, Type::List(_)) {
            Nesting::List
        } else {
            Nesting::Set
        };
        blocks.collect_as(nesting, &Type::Object(Arc::clone(of)))
    }

    /// What the configuration says and the schema does not know. The schema may be of another version than the
    /// provider in use, so that this is no error; rules still see the value.
    fn beyond_schema(&self, body: &Body, schema: &Schema, entries: &mut Entries, about: &str) {
        let known =
            |name: &str| schema.attributes.contains_key(name) || schema.blocks.contains_key(name);
        for attribute in &body.attributes {
            if !known(&attribute.name.name) {
                self.note_unknown_name(&attribute.name, about);
                let value = self.argument(attribute, &Type::Dynamic, about);
                entries.insert(Arc::clone(&attribute.name.name), value);
            }
        }
        for name in block_names(body) {
            if !known(&name) {
                if let Some(block) = body
                    .blocks
                    .iter()
                    .find(|block| produced(block) == Some(&name))
                {
                    self.note_unknown_name(
                        &Ident {
                            name: Arc::clone(&name),
                            span: block.header,
                        },
                        about,
                    );
                }
                let blocks = self.blocks(
                    body,
                    &name,
                    |scope, content| Value::object(scope.body_without_schema(content, about)),
                    about,
                );
                entries.insert(name, blocks.into_tuple());
            }
        }
    }

    fn note_unknown_name(&self, name: &Ident, about: &str) {
        let message = format!("the schema of `{about}` knows no `{}`", name.name);
        self.note(message, Some(name.span), about);
    }

    /// Fewer or more blocks than the schema says.
    fn note_limits(
        &self,
        body: &Body,
        name: &str,
        nested: &NestedBlock,
        found: &Blocks,
        about: &str,
    ) {
        let count = found.elements.len();
        if found.open.is_none() && count < nested.min_items as usize {
            let message = format!(
                "`{about}` has {count} `{name}` blocks and needs {}",
                nested.min_items
            );
            self.note(message, body.span, about);
        }
        if let Some(most) = nested
            .max_items
            .map(|most| most as usize)
            .filter(|most| count > *most)
        {
            let span = body
                .blocks_of(name)
                .nth(most)
                .map(|block| block.header)
                .or(body.span);
            let message = format!("`{about}` has {count} `{name}` blocks and may have {most}");
            self.note(message, span, about);
        }
    }

    /// The schema may be of another version than the provider in use: then what contradicts it is told, not refused.
    fn note(&self, message: String, span: Option<Span>, about: &str) {
        self.evaluation
            .report(Problem::new(self.contradiction, message, span).about(about));
    }

    /// The blocks of a name: written out, made by `dynamic`, or given as JSON values.
    fn blocks(
        &self,
        body: &Body,
        name: &str,
        content: impl Fn(&Scope<'_>, &Body) -> Value,
        about: &str,
    ) -> Blocks {
        let mut out = Blocks::default();
        self.collect_blocks(body, name, &content, about, &mut out);
        out
    }

    fn collect_blocks(
        &self,
        body: &Body,
        name: &str,
        content: &dyn Fn(&Scope<'_>, &Body) -> Value,
        about: &str,
        out: &mut Blocks,
    ) {
        for block in &body.blocks {
            if &*block.kind.name == name {
                out.elements
                    .push((label(block), content(self, &block.body)));
            } else if produced(block) == Some(name) {
                self.dynamic(block, content, about, out);
            }
        }
        // JSON syntax cannot tell blocks from attributes.
        if let Some(attribute) = body.attribute(name) {
            for element in json_bodies(&attribute.expr) {
                out.elements.push((None, content(self, &element)));
            }
        }
    }

    fn dynamic(
        &self,
        block: &Block,
        content: &dyn Fn(&Scope<'_>, &Body) -> Value,
        about: &str,
        out: &mut Blocks,
    ) {
        let iterator = match block
            .body
            .attribute("iterator")
            .map(|attribute| &attribute.expr.kind)
        {
            Some(ExprKind::Variable(name) | ExprKind::String(name)) => Arc::clone(name),
            _ => Arc::clone(&block.labels[0].name),
        };
        let Some(for_each) = block.body.attribute("for_each") else {
            let error = EvalError::new("a `dynamic` block needs `for_each`", block.header);
            self.evaluation.report(super::refused(&error, &about));
            return;
        };
        let Some(inner) = block.body.blocks_of("content").next() else {
            let error = EvalError::new("a `dynamic` block needs `content`", block.header);
            self.evaluation.report(super::refused(&error, &about));
            return;
        };
        let collection = or_unknown(self.evaluation, self.evaluate(&for_each.expr), &about);
        let (collection, marks) = collection.unmark();
        let element = |key: Value, value: Value| {
            let pair = Value::object(BTreeMap::from([
                ("key".into(), key),
                ("value".into(), value),
            ]));
            let bound = Bound {
                name: &iterator,
                value: pair,
                outer: self.bound,
            };
            let scope = Scope {
                bound: Some(&bound),
                ..*self
            };
            let labels = block
                .body
                .attribute("labels")
                .and_then(|labels| scope.evaluate(&labels.expr).ok());
            let label =
                labels.and_then(|labels| Some(labels.as_elements()?.first()?.as_str()?.into()));
            (label, marked_content(&content(&scope, &inner.body), &marks))
        };
        match collection.data() {
            Data::Unknown(unknown) => {
                let key = Value::unknown(Type::Dynamic, unknown.causes.clone());
                let value = SecretPlaces::of(&value::any_element(unknown));
                let (_, one) = element(key.clone(), value.put_on(key));
                out.unknown(&unknown.causes, one);
            }
            Data::Null(_) => {
                let error = EvalError::new(
                    "the `for_each` of a `dynamic` block is null",
                    for_each.expr.span,
                );
                self.evaluation.report(super::refused(&error, &about));
            }
            _ => match value::elements(&collection) {
                Some(elements) => {
                    for (key, value) in elements {
                        out.elements.push(element(key, value));
                    }
                }
                None => {
                    let message = format!(
                        "the `for_each` of a `dynamic` block is of type {}",
                        collection.ty()
                    );
                    let error = EvalError::new(message, for_each.expr.span);
                    self.evaluation.report(super::refused(&error, &about));
                }
            },
        }
    }
}

/// The marks of the collection that blocks are made of go to what the blocks set.
fn marked_content(content: &Value, marks: &Marks) -> Value {
    if marks.is_empty() {
        return content.clone();
    }
    let is_block = |value: &Value| value.as_entries().is_some();
    let marked: Value = match content.data() {
        Data::Object(entries) => {
            let entries = entries
                .iter()
                .map(|(name, value)| (Arc::clone(name), marked_content(value, marks)));
            Value::object(entries.collect())
        }
        Data::List(of, elements) if elements.iter().all(is_block) => {
            let elements = elements
                .iter()
                .map(|element| marked_content(element, marks));
            Value::list(of.clone(), elements)
        }
        Data::Null(_) => return content.clone(),
        Data::Set(_, elements) if elements.is_empty() => return content.clone(),
        _ => content.clone().with_marks(marks),
    };
    marked.with_marks(content.marks())
}

/// The name of the blocks that a block is or makes.
fn produced(block: &Block) -> Option<&str> {
    match (&*block.kind.name, block.labels.first()) {
        ("dynamic", Some(label)) => Some(&label.name),
        ("dynamic", None) => None,
        (kind, _) => Some(kind),
    }
}

fn block_names(body: &Body) -> Vec<Arc<str>> {
    let mut names: Vec<Arc<str>> = body
        .blocks
        .iter()
        .filter_map(produced)
        .map(Into::into)
        .collect();
    names.sort();
    names.dedup();
    names
}

fn label(block: &Block) -> Option<Arc<str>> {
    block.labels.first().map(|label| Arc::clone(&label.name))
}

/// An object or a list of objects in JSON syntax, as the bodies of the blocks that it stands for.
fn json_bodies(expr: &Expr) -> Vec<Cow<'_, Body>> {
    match &expr.kind {
        ExprKind::Object(items) => vec![Cow::Owned(json_body(items, expr))],
        ExprKind::Tuple(elements) => elements.iter().flat_map(json_bodies).collect(),
        _ => Vec::new(),
    }
}

fn json_body(items: &[ObjectItem], expr: &Expr) -> Body {
    let mut body = Body {
        span: Some(expr.span),
        ..Body::default()
    };
    for item in items {
        let Some(name) = json_name(item) else {
            continue;
        };
        match &*name.name {
            "//" => {}
            "dynamic" => json_dynamic(&name, &item.value, &mut body.blocks),
            _ => body.attributes.push(Attribute {
                span: name.span.to(item.value.span),
                name,
                expr: item.value.clone(),
            }),
        }
    }
    body
}

fn json_name(item: &ObjectItem) -> Option<Ident> {
    match &item.key.kind {
        ExprKind::String(name) => Some(Ident {
            name: Arc::clone(name),
            span: item.key.span,
        }),
        _ => None,
    }
}

/// `dynamic` within a block that a provider defines: an object for each label, of `for_each` and `content`.
fn json_dynamic(kind: &Ident, expr: &Expr, blocks: &mut Vec<Block>) {
    let items = match &expr.kind {
        ExprKind::Object(items) => items,
        ExprKind::Tuple(elements) => {
            for element in elements {
                json_dynamic(kind, element, blocks);
            }
            return;
        }
        _ => return,
    };
    for item in items {
        let Some(label) = json_name(item) else {
            continue;
        };
        for body in json_bodies(&item.value) {
            let mut body = body.into_owned();
            let is_content = |one: &mut Attribute| &*one.name.name == "content";
            for content in body.attributes.extract_if(.., is_content) {
                let inner = json_bodies(&content.expr).into_iter();
                body.blocks.extend(inner.map(|inner| Block {
                    kind: content.name.clone(),
                    labels: Vec::new(),
                    body: inner.into_owned(),
                    header: content.name.span,
                    span: content.span,
                }));
            }
            blocks.push(Block {
                kind: kind.clone(),
                labels: vec![label.clone()],
                body,
                header: label.span,
                span: label.span.to(item.value.span),
            });
        }
    }
}

/// The values of the blocks of one name.
#[derive(Default)]
struct Blocks {
    /// With the label, where a block has one.
    elements: Vec<(Option<Arc<str>>, Value)>,
    /// There may be more of them, for these causes; with one as it would be.
    open: Option<(Causes, Vec<Value>)>,
}

impl Blocks {
    fn is_empty(&self) -> bool {
        self.elements.is_empty() && self.open.is_none()
    }

    fn unknown(&mut self, causes: &Causes, example: Value) {
        let (all, examples) = self.open.get_or_insert_with(Default::default);
        *all = all.union(causes);
        examples.push(example);
    }

    /// An attribute that is written as blocks: to Terraform an unknown number of them is one, in which nothing that is set
    /// is known.
    fn with_one_unknown(mut self) -> Self {
        if let Some((causes, examples)) = self.open.take() {
            for example in examples {
                let unknown = |value: &Value| match value.is_null() {
                    true => value.clone(),
                    false => Value::unknown(value.ty(), causes.clone())
                        .with_marks(&value.marks_deep().only_secrets()),
                };
                let entries = example.as_entries().into_iter().flatten();
                let entries = entries.map(|(name, value)| (Arc::clone(name), unknown(value)));
                self.elements.push((None, Value::object(entries.collect())));
            }
        }
        self
    }

    fn into_value(self, nesting: Nesting, block: &Schema) -> Value {
        if self.is_empty() {
            nesting.empty(block)
        } else {
            self.collect_as(nesting, block.ty())
        }
    }

    fn collect_as(self, nesting: Nesting, of: &Type) -> Value {
        let ty = nesting.ty(of.clone());
        let known = match nesting {
            Nesting::Single | Nesting::Group => match self.elements.first() {
                Some((_, value)) => value.clone(),
                None => Value::null(of.clone()),
            },
            Nesting::List => Value::list(
                of.clone(),
                self.elements.iter().map(|(_, value)| value.clone()),
            ),
            Nesting::Set => {
                value::set_from(of, self.elements.iter().map(|(_, value)| value.clone()))
            }
            Nesting::Map => {
                let named = self.elements.iter().map(|(label, value)| {
                    (label.clone().unwrap_or_else(|| "".into()), value.clone())
                });
                Value::map(of.clone(), named.collect())
            }
        };
        match self.open {
            None => known,
            Some((causes, examples)) => {
                let elements = known
                    .as_elements()
                    .unwrap_or_default()
                    .iter()
                    .cloned()
                    .chain(examples);
                let partial = Value::tuple(elements);
                let marks: Marks = known.marks().clone();
                let shape = Some(Shape::Partial(Arc::new(partial)));
                Value::refined(Unknown {
                    not_null: true,
                    shape,
                    ..Unknown::new(ty, causes)
                })
                .with_marks(&marks)
            }
        }
    }

    fn into_tuple(self) -> Value {
        let elements = self.elements.into_iter().map(|(_, value)| value);
        match self.open {
            None => Value::tuple(elements),
            Some((causes, examples)) => {
                let partial = Arc::new(Value::tuple(elements.chain(examples)));
                let shape = Some(Shape::Partial(partial));
                Value::refined(Unknown {
                    not_null: true,
                    shape,
                    ..Unknown::new(Type::Dynamic, causes)
                })
            }
        }
    }
}
