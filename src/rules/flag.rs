//! Variables that switch something on or off, as rules about the runbook's flags read them.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::address::ModuleInstance;
use crate::plan::{Plan, Subject, Variable};
use crate::rule::Context;
use crate::value::{self, Causes, Type, Value};

/// A variable of the plan that is meant as a flag.
pub(super) struct Flag<'a> {
    pub(super) module: &'a ModuleInstance,
    pub(super) name: &'a Arc<str>,
    pub(super) variable: &'a Variable,
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
        Subject::Variable(self.module.clone(), Arc::clone(self.name))
    }

    pub(super) fn state(&self) -> State {
        state(&self.variable.value)
    }

    /// How to set it, where it is set.
    pub(super) fn how_to_set(&self, wanted: bool) -> String {
        let name = self.name;
        match &*self.variable.set_by {
            "-var" => format!("leave out `-var`, or give `-var='{name}={wanted}'`"),
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

/// The variables of these names, those of the root first. A module's own is one more only where the root declares none
/// of that name, or where it is set otherwise than the root's.
pub(super) fn flags<'a>(cx: &'a Context<'_>, names: &[&str]) -> Vec<Flag<'a>> {
    let mut found = Vec::new();
    for wanted in names {
        let of_name = cx
            .plan
            .variables
            .iter()
            .filter(|((_, name), _)| &**name == *wanted);
        let all: Vec<Flag<'a>> = of_name
            .map(|((module, name), variable)| Flag {
                module,
                name,
                variable,
            })
            .collect();
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

/// The flag of that name that holds in a module: its own, or else the root's.
pub(super) fn in_module<'a>(plan: &'a Plan, module: &ModuleInstance, name: &str) -> Option<State> {
    let variables: &'a BTreeMap<_, Variable> = &plan.variables;
    let own = variables.get(&(module.clone(), Arc::from(name)));
    own.or_else(|| plan.variable(name))
        .map(|variable| state(&variable.value))
}

/// Whether the plan is one of the runbook's: it declares one of the variables that the parameter `declared` names.
pub(super) fn is_declared(cx: &Context<'_>) -> bool {
    let names = cx.strings("declared");
    cx.plan
        .variables
        .keys()
        .any(|(_, name)| names.contains(&&**name))
}
