//! A reference as the `configuration` of a plan writes it: `aws_lb.main[0].arn`, `module.a.output`, `each.value.name`.

use std::sync::Arc;

use crate::address::{AttributePath, InstanceKey, PathStep, Resource, ResourceMode};

/// What an expression names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reference {
    /// A resource or data source of the same module, an instance of it, and a path into it.
    Resource(Resource, Option<InstanceKey>, AttributePath),
    /// A variable of the same module, and a path into it.
    Variable(Arc<str>, AttributePath),
    /// An output of a module that this one calls, and a path into it.
    Output(Call, Arc<str>, AttributePath),
    /// A module that this one calls, as a whole.
    Module(Call),
    /// `each.key` and below.
    EachKey,
    /// `each.value` and a path into it.
    EachValue(AttributePath),
    /// `count.index`
    CountIndex,
    /// `path.module`, `terraform.workspace`: known wherever the configuration runs.
    Surroundings(Arc<str>),
    /// What a plan does not define: `local.x`, and what cannot be read.
    Other(Arc<str>),
}

/// A call of a module, and an instance of it where one is named.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Call {
    /// The call's name.
    pub name: Arc<str>,
    /// The instance.
    pub key: Option<InstanceKey>,
}

impl Reference {
    /// Reads one.
    pub fn parse(text: &str) -> Self {
        Self::known(text).unwrap_or_else(|| Self::Other(text.into()))
    }

    fn known(text: &str) -> Option<Self> {
        let steps = steps(text)?;
        let name = |at: usize| steps.get(at)?.name();
        Some(match name(0)? {
            "var" => Self::Variable(name(1)?.into(), path(&steps[2..])),
            "each" if name(1) == Some("value") => Self::EachValue(path(&steps[2..])),
            "each" => Self::EachKey,
            "count" => Self::CountIndex,
            "path" | "terraform" => Self::Surroundings(text.into()),
            "local" | "self" => return None,
            "module" => {
                let key = steps.get(2).and_then(Step::key);
                let output = if key.is_some() { 3 } else { 2 };
                let call = Call {
                    name: name(1)?.into(),
                    key,
                };
                match name(output) {
                    Some(name) => Self::Output(call, name.into(), path(&steps[output + 1..])),
                    None => Self::Module(call),
                }
            }
            "data" => resource(ResourceMode::Data, &steps[1..])?,
            "ephemeral" => resource(ResourceMode::Ephemeral, &steps[1..])?,
            _ => resource(ResourceMode::Managed, &steps)?,
        })
    }
}

fn resource(mode: ResourceMode, steps: &[Step<'_>]) -> Option<Reference> {
    let resource = Resource {
        mode,
        kind: steps.first()?.name()?.into(),
        name: steps.get(1)?.name()?.into(),
    };
    let key = steps.get(2).and_then(Step::key);
    let rest = if key.is_some() { 3 } else { 2 };
    Some(Reference::Resource(resource, key, path(&steps[rest..])))
}

/// A step as written: only brackets can hold the key of an instance.
enum Step<'a> {
    Name(&'a str),
    Key(&'a str),
    Index(usize),
}

impl Step<'_> {
    fn name(&self) -> Option<&str> {
        match self {
            Self::Name(name) => Some(name),
            _ => None,
        }
    }

    fn key(&self) -> Option<InstanceKey> {
        match self {
            Self::Name(_) => None,
            Self::Key(key) => Some(InstanceKey::Key((*key).into())),
            Self::Index(index) => Some(InstanceKey::Index(*index as u64)),
        }
    }
}

fn path(steps: &[Step<'_>]) -> AttributePath {
    let step = |step: &Step<'_>| match step {
        Step::Name(name) | Step::Key(name) => PathStep::Attribute((*name).into()),
        Step::Index(index) => PathStep::Index(*index),
    };
    AttributePath(steps.iter().map(step).collect())
}

fn steps(text: &str) -> Option<Vec<Step<'_>>> {
    let mut steps = Vec::new();
    let mut rest = text;
    loop {
        if let Some(quoted) = rest.strip_prefix("[\"") {
            let (key, after) = quoted.split_once("\"]")?;
            steps.push(Step::Key(key));
            rest = after;
        } else if let Some(index) = rest.strip_prefix('[') {
            let (index, after) = index.split_once(']')?;
            steps.push(Step::Index(index.parse().ok()?));
            rest = after;
        } else {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            if end == 0 {
                return None;
            }
            steps.push(Step::Name(&rest[..end]));
            rest = &rest[end..];
        }
        if rest.is_empty() {
            return Some(steps);
        }
        match rest.strip_prefix('.') {
            Some(after) => rest = after,
            None if rest.starts_with('[') => {}
            None => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_told_apart() {
        let text = |text: &str| match Reference::parse(text) {
            Reference::Resource(resource, key, path) => format!(
                "{resource} {} {path}",
                key.map(|key| key.to_string()).unwrap_or_default()
            ),
            Reference::Output(call, output, path) => format!("{} > {output} > {path}", call.name),
            Reference::Module(call) => format!("{} {:?}", call.name, call.key),
            other => format!("{other:?}"),
        };
        assert_eq!(text("aws_lb.main[0].arn"), "aws_lb.main [0] arn");
        assert_eq!(text("aws_lb.main"), "aws_lb.main  ");
        assert_eq!(
            text(r#"data.aws_x.y["a.b"].c[1].d"#),
            r#"data.aws_x.y ["a.b"] c[1].d"#
        );
        assert_eq!(text(r#"module.m["k"].out.a"#), "m > out > a");
        assert_eq!(text("module.m[0]"), "m Some(Index(0))");
        assert_eq!(text("module.m.out"), "m > out > ");
        assert_eq!(text("local.x.y"), r#"Other("local.x.y")"#);
        assert_eq!(
            text("each.value.name"),
            format!(
                "{:?}",
                Reference::EachValue(AttributePath::attribute("name"))
            )
        );
        for odd in ["", ".", "a", "a..b", "a[", "a.b[x]", "var", "module"] {
            assert_eq!(Reference::parse(odd), Reference::Other(odd.into()), "{odd}");
        }
    }
}
