//! Variables that switch something on or off, as rules about the runbook's flags read them.

use std::sync::Arc;

use crate::address::ModuleInstance;
use crate::plan::{BY_PLAN, Plan, Subject, Variable};
use crate::rule::Context;
use crate::value::{self, Causes, Type, Value};

/// A variable of the plan that is meant as a flag, or an attribute of one that is an object.
pub(super) struct Flag<'a> {
    pub(super) module: &'a ModuleInstance,
    /// `force_http_forwarding`, or `settings.force_http_forwarding` where `settings` is an object.
    pub(super) name: String,
    declared: &'a Arc<str>,
    variable: &'a Variable,
    value: Value,
}

/// What a flag says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum State {
    On,
    Off,
    Null,
    Open(Causes),
}

impl Flag<'_> {
    pub(super) fn subject(&self) -> Subject {
        Subject::Variable(self.module.clone(), Arc::clone(self.declared))
    }

    pub(super) fn state(&self) -> State {
        state(&self.value)
    }

    /// How to set it, where it is set.
    pub(super) fn how_to_set(&self, wanted: bool) -> String {
        let name = &self.name;
        match &*self.variable.set_by {
            _ if *name != **self.declared => format!("set `{name}` to `{wanted}`"),
            "-var" => format!("leave out `-var`, or give `-var='{name}={wanted}'`"),
            BY_PLAN => format!("plan again with `{name} = {wanted}`"),
            by if by.starts_with("TF_VAR_") => format!("set `{by}={wanted}`, or unset it"),
            _ => format!("set `{name} = {wanted}`"),
        }
    }
}

/// Plans keep what was typed: `"true"` and `"1"` are true, as Terraform converts them.
fn state(value: &Value) -> State {
    let Some(known) = value.foreseen() else {
        return State::Open(value.causes());
    };
    if known.is_null() {
        return State::Null;
    }
    let number = known.as_number().map(ToString::to_string);
    let truth = match number.as_deref() {
        Some("1") => Some(true),
        Some("0") => Some(false),
        _ => value::convert(known, &Type::Bool)
            .ok()
            .and_then(|flag| flag.as_bool()),
    };
    match truth {
        Some(true) => State::On,
        Some(false) => State::Off,
        None => State::Open(Causes::default()),
    }
}

/// The variables of these names, those of the root first, and attributes of these names in variables that are objects. A
/// module's own is one more only where the root declares none of that name, or where it is set otherwise than the
/// root's.
pub(super) fn flags<'a>(cx: &'a Context<'_>, names: &[&str]) -> Vec<Flag<'a>> {
    let mut found = Vec::new();
    for wanted in names {
        let all = cx.plan.variables.iter();
        let all: Vec<Flag<'a>> = all.filter_map(|one| flag(one, wanted)).collect();
        let root = all
            .iter()
            .find(|flag| flag.module.is_root())
            .map(Flag::state);
        found.extend(
            all.into_iter()
                .filter(|flag| flag.module.is_root() || root.as_ref() != Some(&flag.state())),
        );
    }
    found
}

fn flag<'a>(
    ((module, declared), variable): (&'a (ModuleInstance, Arc<str>), &'a Variable),
    wanted: &str,
) -> Option<Flag<'a>> {
    let (name, value) = if **declared == *wanted {
        (wanted.to_owned(), variable.value.clone())
    } else {
        let (path, value) = within(&variable.value, wanted, NESTED)?;
        (format!("{declared}.{path}"), value)
    };
    Some(Flag {
        module,
        name,
        declared,
        variable,
        value,
    })
}

/// How deep objects are searched for a flag.
const NESTED: usize = 3;

/// The attribute of that name in an object, or in an object in it, with its path.
fn within(value: &Value, wanted: &str, depth: usize) -> Option<(String, Value)> {
    if depth == 0 {
        return None;
    }
    let names: Vec<Arc<str>> = match (value.as_entries(), value.as_unknown()) {
        (Some(entries), _) => entries.keys().cloned().collect(),
        (None, Some(unknown)) => match &unknown.ty {
            Type::Object(of) => of.attributes.keys().cloned().collect(),
            _ => return None,
        },
        (None, None) => return None,
    };
    if names.iter().any(|name| **name == *wanted) {
        let found = value::attribute(value, wanted).ok()?;
        return Some((wanted.to_owned(), found));
    }
    names.iter().find_map(|name| {
        let inner = value::attribute(value, name).ok()?;
        let (path, found) = within(&inner, wanted, depth - 1)?;
        Some((format!("{name}.{path}"), found))
    })
}

/// The flag of that name that holds in a module: its own, or else the root's.
pub(super) fn in_module(plan: &Plan, module: &ModuleInstance, name: &str) -> Option<State> {
    let of = |wanted: &ModuleInstance| {
        let own = plan
            .variables
            .iter()
            .filter(|((module, _), _)| module == wanted);
        let flags = own.filter_map(|one| flag(one, name));
        flags
            .min_by_key(|flag| flag.name != name)
            .map(|flag| flag.state())
    };
    of(module).or_else(|| of(&ModuleInstance::root()))
}

/// Whether the plan is one of the runbook's: it declares one of the variables that the parameter `declared` names.
pub(super) fn is_declared(cx: &Context<'_>) -> bool {
    let names = cx.strings("declared");
    cx.plan
        .variables
        .iter()
        .any(|one| names.iter().any(|name| flag(one, name).is_some()))
}
