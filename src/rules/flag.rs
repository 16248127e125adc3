//! Variables that switch something on or off, as rules about the runbook's flags read them.

use std::sync::Arc;

use crate::address::{AttributePath, ModuleInstance, PathStep};
use crate::plan::{BY_PLAN, Subject, Variable};
use crate::rule::{Context, Environment};
use crate::source::Span;
use crate::value::{self, Causes, Type, Value};

/// A variable of the plan that is meant as a flag, or an attribute of that name in one that holds objects.
pub(super) struct Flag<'a> {
    pub(super) module: &'a ModuleInstance,
    /// `force_http_forwarding`, or `settings.force_http_forwarding` where `settings` is an object.
    pub(super) name: String,
    declared: &'a Arc<str>,
    variable: &'a Variable,
    /// Where in the variable it is.
    path: AttributePath,
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

    /// The text to change, where it is a part of what the variable is set to.
    pub(super) fn span(&self, cx: &Context<'_>) -> Option<Span> {
        if self.path.0.is_empty() {
            return None;
        }
        cx.plan.provenance.trace(&self.subject(), &self.path)?.span
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

/// The variables of these names, those of the root first, and attributes of these names in variables that hold objects. A
/// module's own is one more only where the root declares none of that name, or where it is set otherwise than the
/// root's.
pub(super) fn flags<'a>(cx: &'a Context<'_>, names: &[&str]) -> Vec<Flag<'a>> {
    let mut found = Vec::new();
    for wanted in names {
        let all = cx.plan.variables.iter();
        let all: Vec<Flag<'a>> = all.flat_map(|one| within(cx, one, wanted)).collect();
        let root = all.iter().filter(|flag| flag.module.is_root());
        let root: Vec<State> = root.map(Flag::state).collect();
        found.extend(
            all.into_iter()
                .filter(|flag| flag.module.is_root() || !root.contains(&flag.state())),
        );
    }
    found
}

/// The flags of that name in a variable: itself, or what it holds.
fn within<'a>(
    cx: &Context<'_>,
    ((module, declared), variable): (&'a (ModuleInstance, Arc<str>), &'a Variable),
    wanted: &str,
) -> Vec<Flag<'a>> {
    let mut search = Search {
        declared,
        wanted,
        environment: cx.environment,
        found: Vec::new(),
    };
    if **declared == *wanted {
        search.flag(AttributePath::default(), &variable.value);
    } else if holds(&variable.value, wanted) {
        search.value(&AttributePath::default(), &variable.value, NESTED);
    }
    let flags = search.found.into_iter().map(|found| Flag {
        module,
        name: found.name,
        declared,
        variable,
        path: found.path,
        value: found.value,
    });
    flags.collect()
}

/// How deep objects, maps and lists are searched for a flag.
const NESTED: usize = 4;

/// Whether a value holds an attribute of that name, or a map with a flag of that name.
fn holds(value: &Value, wanted: &str) -> bool {
    declares(&value.ty(), wanted, NESTED - 1) || has_entry(value, wanted, NESTED - 1)
}

fn has_entry(value: &Value, wanted: &str, depth: usize) -> bool {
    let deeper = |one: &Value| depth > 0 && has_entry(one, wanted, depth - 1);
    match (value.as_entries(), value.as_elements()) {
        (Some(entries), _) => {
            let own = entries.get(wanted);
            own.is_some_and(is_switch) || entries.values().any(deeper)
        }
        (None, Some(elements)) => elements.iter().any(deeper),
        (None, None) => false,
    }
}

/// What stands under a name in a map may be anything: a text about the flag, for one.
fn is_switch(value: &Value) -> bool {
    !value.is_known() || matches!(state(value), State::On | State::Off)
}

/// Whether values of a type hold an attribute of that name somewhere.
fn declares(ty: &Type, wanted: &str, depth: usize) -> bool {
    let deeper = |ty: &Type| depth > 0 && declares(ty, wanted, depth - 1);
    match ty {
        Type::List(of) | Type::Set(of) | Type::Map(of) => deeper(of),
        Type::Tuple(elements) => elements.iter().any(deeper),
        Type::Object(of) => {
            of.attributes.contains_key(wanted) || of.attributes.values().any(deeper)
        }
        _ => false,
    }
}

/// Looks for the flags of a name in a value, with their paths.
struct Search<'s> {
    declared: &'s str,
    wanted: &'s str,
    environment: &'s Environment,
    found: Vec<Found>,
}

/// A flag within a variable, or the variable itself.
struct Found {
    name: String,
    path: AttributePath,
    value: Value,
}

impl Search<'_> {
    /// As messages name what a path leads to.
    fn name(&self, path: &AttributePath) -> String {
        let dot = match path.0.first() {
            Some(PathStep::Attribute(_)) => ".",
            _ => "",
        };
        format!("{}{dot}{path}", self.declared)
    }

    fn value(&mut self, path: &AttributePath, value: &Value, depth: usize) {
        if depth == 0 {
            return;
        }
        if let Some(entries) = value.as_entries() {
            let names: Vec<Arc<str>> = entries.keys().cloned().collect();
            self.entries(path, value, &names, depth);
        } else if let Some(elements) = value.as_elements() {
            let names: Option<Vec<&str>> = elements.iter().map(environment_of).collect();
            let meant = names.as_ref().and_then(|all| self.environment.among(all));
            for (at, element) in elements.iter().enumerate() {
                let name = names.as_ref().map(|all| all[at]);
                if meant
                    .as_ref()
                    .zip(name)
                    .is_some_and(|(meant, name)| !meant.contains(&name))
                {
                    continue;
                }
                let element = element.clone().with_marks(value.marks());
                self.value(&path.with_index(at), &element, depth - 1);
            }
        } else if let Some(unknown) = value.as_unknown() {
            match &unknown.ty {
                Type::Object(of) => {
                    let names: Vec<Arc<str>> = of.attributes.keys().cloned().collect();
                    self.entries(path, value, &names, depth);
                }
                // Whatever it will hold.
                ty if declares(ty, self.wanted, depth - 1) => {
                    let open = Value::unknown(Type::Bool, value.causes());
                    self.found.push(Found {
                        name: format!("{}[…].{}", self.name(path), self.wanted),
                        path: path.clone(),
                        value: open,
                    });
                }
                _ => {}
            }
        }
    }

    /// The flag itself, or one for each environment.
    fn flag(&mut self, path: AttributePath, value: &Value) {
        let names: Vec<&str> = match value.as_entries() {
            Some(entries) => entries.keys().map(|name| &**name).collect(),
            None => Vec::new(),
        };
        let Some(meant) = self.environment.among(&names) else {
            self.found(path, value.clone());
            return;
        };
        for name in meant {
            if let Ok(inner) = value::attribute(value, name) {
                self.found(path.with_attribute(name), inner);
            }
        }
    }

    fn found(&mut self, path: AttributePath, value: Value) {
        let name = self.name(&path);
        self.found.push(Found { name, path, value });
    }

    /// What has an entry for each environment is read for the one that is judged.
    fn entries(&mut self, path: &AttributePath, value: &Value, names: &[Arc<str>], depth: usize) {
        if names.iter().any(|name| **name == *self.wanted) {
            let is_map = matches!(value.ty(), Type::Map(_));
            if let Ok(found) = value::attribute(value, self.wanted)
                && (!is_map || is_switch(&found))
            {
                self.flag(path.with_attribute(self.wanted), &found);
            }
            return;
        }
        let all: Vec<&str> = names.iter().map(|name| &**name).collect();
        let meant = self.environment.among(&all).unwrap_or(all);
        for name in meant {
            if let Ok(inner) = value::attribute(value, name) {
                self.value(&path.with_attribute(name), &inner, depth - 1);
            }
        }
    }
}

/// The environment that an element of a list may be for.
fn environment_of(element: &Value) -> Option<&str> {
    let mut named = ["environment", "env", "stage", "name"].iter();
    named.find_map(|name| element.attribute(name)?.as_str())
}

/// The flag of that name that goes with another: beside it in the same object, or else the module's own, or the root's.
/// Where there are several that differ, nothing tells which is meant.
pub(super) fn beside(cx: &Context<'_>, flag: &Flag<'_>, name: &str) -> Option<State> {
    let of = |wanted: &ModuleInstance| {
        let own = cx.plan.variables.iter();
        let own = own.filter(|((module, _), _)| module == wanted);
        let all: Vec<Flag<'_>> = own.flat_map(|one| within(cx, one, name)).collect();
        let parent = |name: &str| name.rsplit_once('.').map(|(before, _)| before.to_owned());
        let near = all
            .iter()
            .find(|one| one.name.contains('.') && parent(&one.name) == parent(&flag.name))
            .or_else(|| all.iter().find(|one| one.name == name));
        match near {
            Some(near) => Some(near.state()),
            None => agreed(all.iter().map(Flag::state).collect()),
        }
    };
    of(flag.module).or_else(|| of(&ModuleInstance::root()))
}

/// What all of them say.
fn agreed(mut states: Vec<State>) -> Option<State> {
    let first = states.pop()?;
    if states.iter().all(|other| *other == first) {
        Some(first)
    } else {
        Some(State::Open(Causes::default()))
    }
}

/// Whether the plan is one of the runbook's: it declares one of the variables that the parameter `declared` names.
pub(super) fn is_declared(cx: &Context<'_>) -> bool {
    let names = cx.strings("declared");
    cx.plan.variables.iter().any(|((_, declared), variable)| {
        let is_meant = |name: &&str| **declared == **name || holds(&variable.value, name);
        names.iter().any(is_meant)
    })
}
