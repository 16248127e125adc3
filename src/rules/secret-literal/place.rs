//! Where a credential stands: the variable or block around it in a source, the value in a plan that holds it.

use std::sync::Arc;

use crate::address::{AttributePath, ModuleInstance};
use crate::plan::{Plan, Subject};
use crate::rule::{Text, TextKind};
use crate::rules::evidence::subject;
use crate::source::Span;
use crate::syntax::{self, Block};
use crate::value::{Shape, Value};

/// The variable that a file sets, or the block of the configuration.
pub(super) fn in_source(plan: &Plan, text: Text, content: &str, span: Span) -> Subject {
    let body = syntax::parse(text.source, content).body;
    let around = |whole: Span| whole.start <= span.start && span.end <= whole.end;
    if text.kind == TextKind::Variables
        && let Some(attribute) = body.attributes.iter().find(|one| around(one.span))
    {
        return Subject::Variable(ModuleInstance::root(), Arc::clone(&attribute.name.name));
    }
    match body.blocks.iter().find(|block| around(block.span)) {
        Some(block) => of_block(plan, block),
        None => Subject::Text("a comment".into()),
    }
}

fn of_block(plan: &Plan, block: &Block) -> Subject {
    let labels: Vec<&str> = block.labels.iter().map(|label| &*label.name).collect();
    match (&*block.kind.name, labels.as_slice()) {
        ("resource", [kind, name]) => {
            let mut of_kind = plan.managed(kind);
            match of_kind.find(|one| *one.address.resource.name == **name) {
                Some(one) => subject(one, AttributePath::default()),
                None => Subject::Text(format!("{kind}.{name}").into()),
            }
        }
        ("variable", [name]) if plan.variable(name).is_some() => {
            Subject::Variable(ModuleInstance::root(), (*name).into())
        }
        ("output", [name]) if plan.outputs.contains_key(*name) => Subject::Output((*name).into()),
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
        for resource in plan.resources() {
            for value in [resource.after(), resource.before()] {
                for (name, value) in value.as_entries().into_iter().flatten() {
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
        if let Some(Shape::Partial(inner) | Shape::Json(inner)) = shape {
            self.add(inner, subject);
        }
        for child in value.children() {
            self.add(child, subject);
        }
    }

    /// The first text that holds the literal. JSON writes some characters otherwise: then what comes before them tells.
    pub(super) fn find(&self, literal: &str) -> Option<Subject> {
        const TELLING: usize = 12;
        let plain = literal.split('\\').next().unwrap_or(literal);
        let wanted = if plain.len() >= TELLING {
            plain
        } else {
            literal
        };
        let found = self.texts.iter().find(|(text, _)| text.contains(wanted));
        found.map(|(_, subject)| subject.clone())
    }
}

/// The names on the way to an offset of a JSON text: `configuration.root_module.resources[3].expressions.x`.
pub(super) fn in_json(text: &str, offset: usize) -> Subject {
    let mut way = Way::default();
    let mut string: Option<usize> = None;
    let mut escaped = false;
    for (at, c) in text[..offset].char_indices() {
        match string {
            Some(_) if escaped => escaped = false,
            Some(_) if c == '\\' => escaped = true,
            Some(start) if c == '"' => {
                way.last = &text[start..at];
                string = None;
            }
            Some(_) => {}
            None if c == '"' => string = Some(at + 1),
            None => way.step(c),
        }
    }
    let shown = way.steps.join(".").replace(".[", "[");
    Subject::Text(shown.into())
}

/// How deep in a JSON text one is.
#[derive(Default)]
struct Way<'a> {
    steps: Vec<String>,
    /// For arrays the position.
    positions: Vec<Option<usize>>,
    last: &'a str,
}

impl Way<'_> {
    fn step(&mut self, c: char) {
        match c {
            ':' => {
                if let Some(step) = self.steps.last_mut() {
                    self.last.clone_into(step);
                }
            }
            '{' => {
                self.steps.push(String::new());
                self.positions.push(None);
            }
            '[' => {
                self.steps.push("[0]".to_owned());
                self.positions.push(Some(0));
            }
            ',' => {
                if let (Some(Some(position)), Some(step)) =
                    (self.positions.last_mut(), self.steps.last_mut())
                {
                    *position += 1;
                    *step = format!("[{position}]");
                }
            }
            '}' | ']' => {
                self.steps.pop();
                self.positions.pop();
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::in_json;

    #[test]
    fn a_path_leads_to_an_offset() {
        let text = r#"{"a": {"b": [1, {"c\"": "x", "d": "HERE"}]}}"#;
        let offset = text.find("HERE").expect("there");
        assert_eq!(in_json(text, offset).to_string(), "a.b[1].d");
    }
}
