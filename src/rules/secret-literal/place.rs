//! Where a credential stands: the variable or block around it in a source, the value in a plan that holds it.

use std::path::{Component, Path};
use std::sync::Arc;

use crate::address::{AttributePath, ModuleInstance};
use crate::plan::{Plan, Subject, json};
use crate::rule::{Context, Text, TextKind};
use crate::rules::evidence::subject;
use crate::secret::withhold;
use crate::source::Span;
use crate::syntax::{self, Block};
use crate::value::{Shape, Value};

use super::escapes::literals_in_value;

/// The variable that a file sets, or the block of the configuration: of a resource every instance, in order of address.
/// There is at least one.
pub(super) fn in_source(cx: &Context<'_>, text: Text, content: &str, span: Span) -> Vec<Subject> {
    let body = syntax::parse(text.source, content).body;
    let around = |whole: Span| whole.start <= span.start && span.end <= whole.end;
    if text.kind == TextKind::Variables
        && let Some(attribute) = body.attributes.iter().find(|one| around(one.span))
    {
        let name = Arc::clone(&attribute.name.name);
        return vec![Subject::Variable(ModuleInstance::root(), name)];
    }
    let Some(block) = body.blocks.iter().find(|block| around(block.span)) else {
        let file = cx.sources.file(text.source);
        let name = file.path().file_name().and_then(|name| name.to_str());
        let place = match (text.kind, name) {
            (TextKind::Tests, Some(name)) => name,
            _ => "a comment",
        };
        return vec![Subject::Text(place.into())];
    };
    match instances(cx.plan, block) {
        instances if instances.is_empty() => {
            let plan = is_of_root(cx, text).then_some(cx.plan);
            vec![of_block(plan, block)]
        }
        instances => instances,
    }
}

/// Whether a file lies in the root module's folder, as far as anything tells.
fn is_of_root(cx: &Context<'_>, text: Text) -> bool {
    let folder = cx.files.and_then(|files| files.folder);
    let file = cx.sources.file(text.source);
    let own = file.path().parent();
    let is_same = |folder: &Path, own: &Path| {
        let steps = |path| Path::components(path).filter(|one| *one != Component::CurDir);
        steps(folder).eq(steps(own))
    };
    match (folder, own) {
        (Some(folder), Some(own)) => is_same(folder, own),
        _ => true,
    }
}

/// What a resource block makes, in each module instance that it is read for.
fn instances(plan: &Plan, block: &Block) -> Vec<Subject> {
    let labels: Vec<&str> = block.labels.iter().map(|label| &*label.name).collect();
    let ("resource", [kind, name]) = (&*block.kind.name, labels.as_slice()) else {
        return Vec::new();
    };
    let is_here = |subject: &Subject| match plan.provenance.span(subject) {
        Some(span) => {
            let whole = block.span;
            span.source == whole.source && whole.start <= span.start && span.end <= whole.end
        }
        // The evidence does not tell.
        None => true,
    };
    plan.managed(kind)
        .filter(|one| *one.address.resource.name == **name)
        .map(|one| subject(one, AttributePath::default()))
        .filter(is_here)
        .collect()
}

/// What another block is: a variable or an output of the root module, where the plan of it is given.
fn of_block(plan: Option<&Plan>, block: &Block) -> Subject {
    let labels: Vec<&str> = block.labels.iter().map(|label| &*label.name).collect();
    match (&*block.kind.name, labels.as_slice()) {
        ("resource", [kind, name]) => Subject::Text(format!("{kind}.{name}").into()),
        ("variable", [name]) if plan.is_some_and(|plan| plan.variable(name).is_some()) => {
            Subject::Variable(ModuleInstance::root(), (*name).into())
        }
        ("output", [name]) if plan.is_some_and(|plan| plan.outputs.contains_key(*name)) => {
            Subject::Output((*name).into())
        }
        (kind, []) => Subject::Text(kind.into()),
        (kind, labels) => Subject::Text(format!("{kind}.{}", labels.join(".")).into()),
    }
}

/// Every text in a plan, what explains others first: variables, then resources, then outputs.
pub(super) struct Places {
    texts: Vec<(Arc<str>, Subject)>,
}

impl Places {
    pub(super) fn of(plan: &Plan) -> Self {
        let mut places = Self { texts: Vec::new() };
        for ((module, name), variable) in &plan.variables {
            let subject = Subject::Variable(module.clone(), Arc::clone(name));
            places.add(&variable.value, &subject);
        }
        let deposed = plan.deposed.iter().map(|one| &one.instance);
        for resource in plan.resources().iter().chain(deposed) {
            let whole = subject(resource, AttributePath::default());
            places
                .texts
                .push((resource.address.to_string().into(), whole));
            for value in [resource.after(), resource.before()] {
                let unknown = value
                    .as_unknown()
                    .and_then(|unknown| unknown.shape.as_ref());
                let known = match unknown {
                    Some(Shape::Partial(partial) | Shape::Decoded(partial)) => partial,
                    _ => value,
                };
                for (name, value) in known.as_entries().into_iter().flatten() {
                    places.add(value, &subject(resource, AttributePath::attribute(name)));
                }
            }
        }
        for (name, output) in &plan.outputs {
            places.add(&output.value, &Subject::Output(Arc::clone(name)));
        }
        places
    }

    fn add(&mut self, value: &Value, subject: &Subject) {
        if let Some(text) = value.as_str() {
            self.texts.push((text.into(), subject.clone()));
        }
        let shape = value
            .as_unknown()
            .and_then(|unknown| unknown.shape.as_ref());
        if let Some(Shape::Partial(inner) | Shape::Json(inner) | Shape::Decoded(inner)) = shape {
            self.add(inner, subject);
        }
        for name in value
            .as_entries()
            .into_iter()
            .flatten()
            .map(|(name, _)| name)
        {
            self.texts.push((Arc::clone(name), subject.clone()));
        }
        for child in value.children() {
            self.add(child, subject);
        }
    }

    pub(super) fn texts(&self) -> &[(Arc<str>, Subject)] {
        &self.texts
    }

    /// What the first text that holds the literal is in, and the same of other instances of its resource. Within JSON a line break is written otherwise: then what comes before it
    /// tells.
    pub(super) fn find(&self, literal: &str) -> Vec<Subject> {
        const TELLING: usize = 12;
        let plain = literal.split(['\\', '\n']).next().unwrap_or(literal);
        let wanted = if plain.len() >= TELLING {
            plain
        } else {
            literal
        };
        let hides = |text: &str| {
            let has_escape = text.contains('\\');
            let mut literals = has_escape
                .then(|| literals_in_value(text))
                .into_iter()
                .flatten();
            literals.any(|inner| inner.text == literal)
        };
        let has_wanted = |text: &str| text.contains(wanted);
        let found = self.all(has_wanted);
        if found.is_empty() {
            self.all(hides)
        } else {
            found
        }
    }

    /// The subject of the first such text, and those of other instances.
    fn all(&self, is_meant: impl Fn(&str) -> bool) -> Vec<Subject> {
        let mut found: Vec<Subject> = Vec::new();
        for (text, subject) in &self.texts {
            let is_wanted = found
                .first()
                .is_none_or(|first| is_sibling(first, subject) && found.last() != Some(subject));
            if is_wanted && is_meant(text) {
                found.push(subject.clone());
            }
        }
        found
    }
}

/// Whether both are the same attribute of one resource, in whatever instances, or variables that users set. Neither
/// explains the other.
pub(super) fn is_sibling(one: &Subject, other: &Subject) -> bool {
    match (one, other) {
        (Subject::Attribute(one, at), Subject::Attribute(other, there)) => {
            one.resource == other.resource && at == there
        }
        (Subject::Variable(one, _), Subject::Variable(other, _)) => {
            one.is_root() && other.is_root()
        }
        _ => false,
    }
}

/// The names on the way to an offset of a JSON text, such as `configuration.root_module.resources[3].expressions.x`. It
/// only goes forward, so that all offsets together cost one pass.
pub(super) struct Way<'a> {
    text: &'a str,
    at: usize,
    start: usize,
    frames: Vec<Frame<'a>>,
    /// Where the string began in which `at` lies.
    string: Option<usize>,
    is_escaped: bool,
    last: &'a str,
}

/// A bracket that is open.
enum Frame<'a> {
    /// The member whose value comes; none before its name has ended.
    Object(Option<&'a str>),
    Array(usize),
}

impl<'a> Way<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let start = json::start(text).unwrap_or(text.len());
        Self {
            text,
            at: start,
            start,
            frames: Vec::new(),
            string: None,
            is_escaped: false,
            last: "",
        }
    }

    /// Goes on to an offset, which is not before the one of the last call.
    pub(super) fn to(&mut self, offset: usize) -> Subject {
        if offset < self.start {
            return Subject::Text("the text before the JSON".into());
        }
        let bytes = self.text.as_bytes();
        while self.at < offset {
            let byte = bytes[self.at];
            match self.string {
                Some(_) if self.is_escaped => self.is_escaped = false,
                Some(_) if byte == b'\\' => self.is_escaped = true,
                Some(start) if byte == b'"' => {
                    self.last = &self.text[start..self.at];
                    self.string = None;
                }
                Some(_) => {}
                None if byte == b'"' => self.string = Some(self.at + 1),
                None => self.step(byte),
            }
            self.at += 1;
        }
        Subject::Text(self.shown().into())
    }

    fn step(&mut self, byte: u8) {
        match (byte, self.frames.last_mut()) {
            (b'{', _) => self.frames.push(Frame::Object(None)),
            (b'[', _) => self.frames.push(Frame::Array(0)),
            (b'}' | b']', _) => {
                self.frames.pop();
            }
            (b':', Some(Frame::Object(name))) => *name = Some(self.last),
            (b',', Some(Frame::Object(name))) => *name = None,
            (b',', Some(Frame::Array(position))) => *position += 1,
            _ => {}
        }
    }

    fn shown(&self) -> String {
        let mut shown = String::new();
        for frame in &self.frames {
            let step = match frame {
                Frame::Array(position) => {
                    shown.push_str(&format!("[{position}]"));
                    continue;
                }
                Frame::Object(None) => "(a name)".into(),
                // What escapes hide in a name is not worth the risk.
                Frame::Object(Some(name)) if name.contains('\\') => "(withheld)".into(),
                Frame::Object(Some(name)) => withhold(name),
            };
            if !shown.is_empty() {
                shown.push('.');
            }
            shown.push_str(&step);
        }
        if shown.is_empty() {
            "the text behind the JSON".clone_into(&mut shown);
        }
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::Way;

    #[test]
    fn a_path_leads_to_each_offset() {
        let key = "sk_live_51MadeUp7qK2vX9bT4nL0wZc";
        let text = format!(
            r#"[x] "{{ HERE
{{"a": {{"b": [1, {{"c\"": "x", "d": "HERE"}}], "HERE": 2}}, "{key}": {{"\u0073": "HERE", "e": ["{key}", "HERE"]}}}}
::HERE"#
        );
        let mut way = Way::new(&text);
        let shown = text
            .match_indices("HERE")
            .map(|(at, _)| way.to(at).to_string());
        assert_eq!(
            shown.collect::<Vec<_>>(),
            [
                "the text before the JSON",
                "a.b[1].d",
                "a.(a name)",
                "(withheld).(withheld)",
                "(withheld).e[1]",
                "the text behind the JSON"
            ]
        );
    }
}
