//! Addresses from text, as users and plans write them.

use std::str::FromStr;
use std::sync::Arc;

use super::{InstanceKey, ModuleInstance, ModuleStep, Resource, ResourceAddress, ResourceMode};

/// Text that is no address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a resource address: {reason}")]
pub struct AddressError {
    /// What was given.
    pub text: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

impl FromStr for ResourceAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let fail = |reason| AddressError {
            text: text.to_owned(),
            reason,
        };
        let mut steps = split(text).map_err(fail)?.into_iter().peekable();
        let mut modules = Vec::new();
        while steps
            .next_if(|step| step.name == "module" && step.key.is_none())
            .is_some()
        {
            let step = steps
                .next()
                .ok_or_else(|| fail("`module` without a name"))?;
            modules.push(ModuleStep {
                name: step.name.into(),
                key: step.key,
            });
        }
        let mut kind = steps.next().ok_or_else(|| fail("no resource type"))?;
        let mode = match kind.name {
            "data" => ResourceMode::Data,
            "ephemeral" => ResourceMode::Ephemeral,
            _ => ResourceMode::Managed,
        };
        if mode != ResourceMode::Managed {
            kind = steps.next().ok_or_else(|| fail("no resource type"))?;
        }
        let name = steps.next().ok_or_else(|| fail("no resource name"))?;
        if kind.key.is_some() {
            return Err(fail("a resource type has no index"));
        }
        if steps.next().is_some() {
            return Err(fail("more follows the resource"));
        }
        Ok(ResourceAddress {
            module: ModuleInstance(modules.into()),
            resource: Resource {
                mode,
                kind: kind.name.into(),
                name: name.name.into(),
            },
            key: name.key,
        })
    }
}

impl FromStr for ModuleInstance {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let fail = |reason| AddressError {
            text: text.to_owned(),
            reason,
        };
        if text.is_empty() {
            return Ok(Self::root());
        }
        let mut steps = split(text).map_err(fail)?.into_iter();
        let mut modules = Vec::new();
        while let Some(step) = steps.next() {
            if step.name != "module" || step.key.is_some() {
                return Err(fail("not a module"));
            }
            let step = steps
                .next()
                .ok_or_else(|| fail("`module` without a name"))?;
            modules.push(ModuleStep {
                name: step.name.into(),
                key: step.key,
            });
        }
        Ok(ModuleInstance(modules.into()))
    }
}

/// A name or a key of an address, whatever it is the address of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Between dots.
    Name(Arc<str>),
    /// In brackets.
    Key(InstanceKey),
}

/// Takes an address apart that may go on into a value: `module.a["x"].aws_lb.main[0].tags["Name"]`. Quotes that the
/// shell took away are thought of.
///
/// # Errors
/// When it is no such thing.
pub fn parts(text: &str) -> Result<Vec<Part>, AddressError> {
    let fail = |reason| AddressError {
        text: text.to_owned(),
        reason,
    };
    let mut parts = Vec::new();
    let mut rest = text;
    loop {
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        if name.is_empty() {
            return Err(fail("an empty name"));
        }
        parts.push(Part::Name(name.into()));
        rest = after;
        while let Some(inside) = rest.strip_prefix('[') {
            let (key, after) = match instance_key(inside) {
                Ok((Some(key), after)) => (key, after),
                Ok((None, _)) => return Err(fail("an index that is empty")),
                Err(reason) => match inside.split_once(']') {
                    Some((bare, after)) if !bare.is_empty() && !bare.contains('"') => {
                        (InstanceKey::Key(bare.into()), after)
                    }
                    _ => return Err(fail(reason)),
                },
            };
            parts.push(Part::Key(key));
            rest = after;
        }
        match rest.strip_prefix('.') {
            Some(next) => rest = next,
            None if rest.is_empty() => return Ok(parts),
            None => return Err(fail("text after an index")),
        }
    }
}

struct Step<'a> {
    name: &'a str,
    key: Option<InstanceKey>,
}

fn split(text: &str) -> Result<Vec<Step<'_>>, &'static str> {
    let mut steps = Vec::new();
    let mut rest = text;
    loop {
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        if name.is_empty() {
            return Err("an empty name");
        }
        let (key, after) = match after.strip_prefix('[') {
            Some(inside) => instance_key(inside)?,
            None => (None, after),
        };
        steps.push(Step { name, key });
        match after.strip_prefix('.') {
            Some(next) => rest = next,
            None if after.is_empty() => return Ok(steps),
            None => return Err("text after an index"),
        }
    }
}

fn instance_key(inside: &str) -> Result<(Option<InstanceKey>, &str), &'static str> {
    if let Some(quoted) = inside.strip_prefix('"') {
        let (key, after) = unquote(quoted)?;
        let after = after
            .strip_prefix(']')
            .ok_or("an index that is not closed")?;
        return Ok((Some(InstanceKey::Key(key)), after));
    }
    let (number, after) = inside
        .split_once(']')
        .ok_or("an index that is not closed")?;
    if number == "*" {
        return Ok((Some(InstanceKey::Any), after));
    }
    let index = number.parse().map_err(|_| "an index that is no number")?;
    Ok((Some(InstanceKey::Index(index)), after))
}

fn unquote(quoted: &str) -> Result<(Arc<str>, &str), &'static str> {
    let mut key = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Ok((key.into(), &quoted[at + 1..])),
            '\\' => match chars.next() {
                Some((_, 'n')) => key.push('\n'),
                Some((_, 'r')) => key.push('\r'),
                Some((_, 't')) => key.push('\t'),
                Some((_, c)) => key.push(c),
                None => break,
            },
            '$' | '%' if quoted[at + 1..].starts_with([c]) && quoted[at + 2..].starts_with('{') => {
                chars.next();
                key.push(c);
            }
            c => key.push(c),
        }
    }
    Err("a key that is not closed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_survive_a_round_trip() {
        for text in [
            "aws_lb.main",
            "aws_lb.main[0]",
            "data.aws_region.current",
            "ephemeral.random_password.p",
            r#"module.alb["eu.west[1]\"x"].module.b[2].data.aws_lb.x["k"]"#,
            "module.a.aws_lb.main[*]",
            r#"aws_lb.main["$${a} $$ %%{b} $c"]"#,
        ] {
            let address: ResourceAddress = text.parse().expect(text);
            assert_eq!(address.to_string(), text);
        }
    }

    #[test]
    fn an_address_may_go_on_into_a_value() {
        let name = |text: &str| Part::Name(text.into());
        let key = |text: &str| Part::Key(InstanceKey::Key(text.into()));
        let index = |index| Part::Key(InstanceKey::Index(index));
        let found = parts(r#"module.a["x.y"].aws_lb.b[0].tags[1][z]"#).expect("an address");
        let expected = [
            name("module"),
            name("a"),
            key("x.y"),
            name("aws_lb"),
            name("b"),
            index(0),
            name("tags"),
            index(1),
            key("z"),
        ];
        assert_eq!(found, expected);
        for text in ["", "a..b", "a[", "a[]", "a[0]b", "a[\"x]"] {
            assert!(parts(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "aws_lb",
            "module.a",
            "aws_lb.x[",
            "aws_lb.x[a]",
            "aws_lb[0].x",
            "a.b.c",
            "a..b",
        ] {
            assert!(text.parse::<ResourceAddress>().is_err(), "{text}");
        }
    }
}
