//! One instance of a module: its variables, locals, outputs, resources and calls, each computed when asked for.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, Weak};

use super::constraint::Constraint;
use super::error::Evaluated;
use super::expansion::{CallExpansion, Expansion, Keys};
use super::scope::{Repetition, Scope};
use super::slot::{Slot, slots};
use super::{EvalError, Evaluation, Mode};
use crate::address::{ModuleInstance, Resource};
use crate::config::{self, Child, Config, ModuleCall, ProviderReference};
use crate::problem::{Problem, ProblemKind};
use crate::provider::ProviderConfig;
use crate::source::Span;
use crate::syntax::Attribute;
use crate::value::{Cause, Causes, Marks, Type, Value};

/// An instance of a module.
#[derive(Debug)]
pub struct ModuleState {
    /// Which.
    pub instance: ModuleInstance,
    /// What its files say.
    pub config: Arc<Config>,
    call: Option<CallSite>,
    variables: Box<[Slot<Value>]>,
    locals: Box<[Slot<Value>]>,
    outputs: Box<[Slot<Value>]>,
    resources: Box<[Slot<Expansion>]>,
    calls: Box<[Slot<CallExpansion>]>,
    pub(super) provider_configs: Mutex<HashMap<ProviderReference, Arc<ProviderConfig>>>,
}

/// Where a module instance is called from.
#[derive(Debug)]
struct CallSite {
    parent: Weak<ModuleState>,
    name: Arc<str>,
    repetition: Repetition,
}

/// Why there is no value under a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    /// Nothing declares it.
    Undeclared,
    /// It depends on itself.
    Cycle,
}

impl ModuleState {
    /// The root module.
    pub(super) fn root(config: &Arc<Config>) -> Arc<Self> {
        Self::new(ModuleInstance::root(), config, None)
    }

    fn new(instance: ModuleInstance, config: &Arc<Config>, call: Option<CallSite>) -> Arc<Self> {
        let module = &config.module;
        Arc::new(Self {
            variables: slots(module.variables.len()),
            locals: slots(module.locals.len()),
            outputs: slots(module.outputs.len()),
            resources: slots(module.resources.len()),
            calls: slots(module.calls.len()),
            provider_configs: Mutex::default(),
            instance,
            config: Arc::clone(config),
            call,
        })
    }

    /// The module that calls this one, the call, and which instance of the call this is.
    pub fn caller(&self) -> Option<(Arc<ModuleState>, &str, &Repetition)> {
        let call = self.call.as_ref()?;
        let parent = call
            .parent
            .upgrade()
            .expect("a module outlives what it calls");
        Some((parent, &call.name, &call.repetition))
    }

    /// The block that calls this module.
    pub fn call_block<'a>(&self, parent: &'a ModuleState) -> Option<&'a ModuleCall> {
        parent.config.module.calls.get(&*self.call.as_ref()?.name)
    }

    /// A variable's value; none where nothing declares it.
    pub fn variable(self: &Arc<Self>, evaluation: &Arc<Evaluation>, name: &str) -> Option<Value> {
        self.variable_or(evaluation, name).ok()
    }

    /// A local's value; none where nothing declares it, or it depends on itself.
    pub fn local(self: &Arc<Self>, evaluation: &Arc<Evaluation>, name: &str) -> Option<Value> {
        self.local_or(evaluation, name).ok()
    }

    /// An output's value.
    pub fn output(self: &Arc<Self>, evaluation: &Arc<Evaluation>, name: &str) -> Option<Value> {
        self.output_or(evaluation, name).ok()
    }

    /// The instances of a resource.
    pub fn resource(
        self: &Arc<Self>,
        evaluation: &Arc<Evaluation>,
        address: &Resource,
    ) -> Option<&Expansion> {
        self.resource_or(evaluation, address).ok()
    }

    /// The instances of a module call.
    pub fn call(
        self: &Arc<Self>,
        evaluation: &Arc<Evaluation>,
        name: &str,
    ) -> Option<&CallExpansion> {
        self.call_or(evaluation, name).ok()
    }

    pub(crate) fn variable_or(
        self: &Arc<Self>,
        evaluation: &Arc<Evaluation>,
        name: &str,
    ) -> Result<Value, Missing> {
        let (at, _, declared) = self
            .config
            .module
            .variables
            .get_full(name)
            .ok_or(Missing::Undeclared)?;
        self.variables[at]
            .get(|| self.compute_variable(evaluation, declared))
            .cloned()
            .ok_or(Missing::Cycle)
    }

    pub(crate) fn local_or(
        self: &Arc<Self>,
        evaluation: &Arc<Evaluation>,
        name: &str,
    ) -> Result<Value, Missing> {
        let (at, _, attribute) = self
            .config
            .module
            .locals
            .get_full(name)
            .ok_or(Missing::Undeclared)?;
        let compute = || {
            let value = Scope::module(evaluation, self).evaluate(&attribute.expr);
            or_unknown(evaluation, value, &self.within(&format!("local.{name}")))
        };
        self.locals[at].get(compute).cloned().ok_or(Missing::Cycle)
    }

    pub(crate) fn output_or(
        self: &Arc<Self>,
        evaluation: &Arc<Evaluation>,
        name: &str,
    ) -> Result<Value, Missing> {
        let (at, _, output) = self
            .config
            .module
            .outputs
            .get_full(name)
            .ok_or(Missing::Undeclared)?;
        self.outputs[at]
            .get(|| self.compute_output(evaluation, output))
            .cloned()
            .ok_or(Missing::Cycle)
    }

    pub(crate) fn resource_or(
        self: &Arc<Self>,
        evaluation: &Arc<Evaluation>,
        address: &Resource,
    ) -> Result<&Expansion, Missing> {
        let (at, _, block) = self
            .config
            .module
            .resources
            .get_full(address)
            .ok_or(Missing::Undeclared)?;
        let compute = || {
            let scope = Scope::module(evaluation, self);
            let keys = Keys::evaluate(
                &scope,
                &block.repetition,
                &self.within(&address.to_string()),
            );
            super::resource::expand(&scope, self, block, keys)
        };
        self.resources[at].get(compute).ok_or(Missing::Cycle)
    }

    pub(crate) fn call_or(
        self: &Arc<Self>,
        evaluation: &Arc<Evaluation>,
        name: &str,
    ) -> Result<&CallExpansion, Missing> {
        let (at, _, call) = self
            .config
            .module
            .calls
            .get_full(name)
            .ok_or(Missing::Undeclared)?;
        self.calls[at]
            .get(|| self.expand_call(evaluation, call))
            .ok_or(Missing::Cycle)
    }

    /// Where a variable's value is written, and what set it.
    pub fn variable_origin(
        &self,
        evaluation: &Evaluation,
        declared: &config::Variable,
    ) -> (Span, String) {
        let default = || match &declared.default {
            Some(default) => (default.span, "default".to_owned()),
            None => (declared.span, "nothing".to_owned()),
        };
        match self.caller() {
            None => match evaluation.inputs.assignment(&declared.name.name) {
                Some(assignment) => (
                    assignment.span.unwrap_or(declared.span),
                    assignment.set_by.clone(),
                ),
                None => default(),
            },
            Some((parent, ..)) => {
                let call = self
                    .call_block(&parent)
                    .expect("a module instance has a call");
                match call.arguments.attribute(&declared.name.name) {
                    Some(argument) => (argument.span, format!("module.{}", call.name.name)),
                    None => default(),
                }
            }
        }
    }

    /// An address inside this module.
    pub(crate) fn within(&self, what: &str) -> String {
        if self.instance.is_root() {
            what.to_owned()
        } else {
            format!("{}.{what}", self.instance)
        }
    }

    fn compute_variable(
        self: &Arc<Self>,
        evaluation: &Arc<Evaluation>,
        declared: &config::Variable,
    ) -> Value {
        let name = &declared.name.name;
        let address = self.within(&format!("var.{name}"));
        let constraint = match declared
            .ty
            .as_ref()
            .map(|ty| Constraint::decode(evaluation, ty))
        {
            Some(Ok(constraint)) => constraint,
            Some(Err(error)) => {
                evaluation.report(super::refused(&error, &address));
                Constraint::any()
            }
            None => Constraint::any(),
        };
        let is_validating = evaluation.options.mode == Mode::Validating;
        if self.caller().is_none() && is_validating {
            return any_value(declared, &constraint, &address);
        }
        let given = match self.given(evaluation, declared, &constraint) {
            Some(given) => or_unknown(evaluation, given, &address),
            None => self.default(evaluation, declared, &address),
        };
        let span = self.variable_origin(evaluation, declared).0;
        self.refuse_ephemeral(evaluation, declared, &given, span);
        let refused = |message: String| match declared.sensitive {
            true => EvalError::new(without_keys(&message), span),
            false => EvalError::new(message, span),
        };
        let converted = constraint.apply(&given).map_err(refused);
        let mut value = or_unknown(evaluation, converted, &address);
        if value.is_null() && !declared.nullable {
            value = match &declared.default {
                Some(_) => {
                    let default = self.default(evaluation, declared, &address);
                    let default = constraint.apply(&default).map_err(refused);
                    or_unknown(evaluation, default, &address)
                }
                None => {
                    let error = EvalError::new(
                        format!("`{address}` is null, and is declared `nullable = false`"),
                        span,
                    );
                    or_unknown(evaluation, Err(error), &address)
                }
            };
        }
        if is_validating {
            return any_value(declared, &constraint, &address);
        }
        let undeclared = &evaluation.options.secret_variables;
        if undeclared.contains(address.as_str()) {
            value = value.with_marks(&Marks::secret(address.as_str()));
        }
        value.with_marks(&variable_marks(declared, &value_address(&address)))
    }

    /// What a call gives to a variable that is not ephemeral would be stored.
    fn refuse_ephemeral(
        &self,
        evaluation: &Evaluation,
        declared: &config::Variable,
        given: &Value,
        span: Span,
    ) {
        if self.caller().is_some() && !declared.ephemeral && given.marks_deep().ephemeral {
            let address = self.within(&format!("var.{}", declared.name.name));
            let message = format!("`{address}` is given an ephemeral value and is not ephemeral");
            let problem = Problem::new(ProblemKind::Refused, message, Some(span));
            evaluation.report(problem.about(&address));
        }
    }

    /// The value that the root's inputs or the module's call give; none where they leave it to the default.
    fn given(
        self: &Arc<Self>,
        evaluation: &Arc<Evaluation>,
        declared: &config::Variable,
        constraint: &Constraint,
    ) -> Option<Evaluated> {
        let name = &declared.name.name;
        let Some((parent, _, repetition)) = self.caller() else {
            let assignment = evaluation.inputs.assignment(name)?;
            return Some(
                assignment.evaluate(evaluation, declared.ty.is_some().then_some(constraint)),
            );
        };
        let call = self
            .call_block(&parent)
            .expect("a module instance has a call");
        let argument = call.arguments.attribute(name)?;
        let scope = Scope {
            repetition: Some(repetition),
            ..Scope::module(evaluation, &parent)
        };
        Some(scope.evaluate(&argument.expr))
    }

    fn default(
        self: &Arc<Self>,
        evaluation: &Arc<Evaluation>,
        declared: &config::Variable,
        address: &str,
    ) -> Value {
        if let Some(default) = &declared.default {
            return or_unknown(
                evaluation,
                Scope::constant(evaluation).evaluate(&default.expr),
                &address,
            );
        }
        if self.caller().is_none() && evaluation.options.mode == Mode::Terraform {
            let message = format!("`{address}` has no value");
            let problem = Problem::new(ProblemKind::Refused, message, Some(declared.span));
            evaluation.report(problem.about(address));
        }
        if let Some((parent, ..)) = self.caller() {
            let call = self
                .call_block(&parent)
                .expect("a module instance has a call");
            let message = format!(
                "the call of module `{}` does not set `{}`",
                call.name.name, declared.name.name
            );
            evaluation.report(
                Problem::new(ProblemKind::Refused, message, Some(call.span)).about(address),
            );
        }
        Value::unknown(
            Type::Dynamic,
            Causes::one(Cause::NoValue {
                variable: address.into(),
            }),
        )
    }

    fn compute_output(
        self: &Arc<Self>,
        evaluation: &Arc<Evaluation>,
        output: &config::Output,
    ) -> Value {
        let address = self.within(&format!("output.{}", output.name.name));
        let Some(attribute) = &output.value else {
            return Value::NULL;
        };
        let value = or_unknown(
            evaluation,
            Scope::module(evaluation, self).evaluate(&attribute.expr),
            &address,
        );
        if !output.ephemeral && value.marks_deep().ephemeral {
            let message = format!(
                "output `{}` holds an ephemeral value and is not declared ephemeral",
                output.name.name
            );
            let problem = Problem::new(ProblemKind::Refused, message, Some(attribute.expr.span));
            evaluation.report(problem.about(&address));
        }
        if output.ephemeral && value.is_wholly_known() && !value.marks_deep().ephemeral {
            let message = format!(
                "output `{}` is declared ephemeral, and its value is not",
                output.name.name
            );
            let problem = Problem::new(ProblemKind::Refused, message, Some(attribute.expr.span));
            evaluation.report(problem.about(&address));
        }
        if evaluation.options.mode == Mode::Validating {
            let any = Value::unknown(Type::Dynamic, Causes::default());
            return any.with_marks(&Marks {
                sensitive: output.sensitive,
                ephemeral: output.ephemeral,
                ..Marks::NONE
            });
        }
        if output.sensitive {
            // Terraform 1.11 does not mark what refers to a sensitive output of a module; it is withheld all the same.
            let open = evaluation.options.mode != Mode::Static && !self.instance.is_root();
            return value.with_marks(&if open {
                Marks::secret(value_address(&address))
            } else {
                Marks::SENSITIVE
            });
        }
        if self.instance.is_root() && value.marks_deep().sensitive {
            let message = format!(
                "output `{}` holds a sensitive value and is not declared sensitive",
                output.name.name
            );
            let problem = Problem::new(ProblemKind::Refused, message, Some(attribute.span));
            evaluation.report(problem.about(&address).with_help("add `sensitive = true`"));
        }
        value
    }

    fn expand_call(
        self: &Arc<Self>,
        evaluation: &Arc<Evaluation>,
        call: &ModuleCall,
    ) -> CallExpansion {
        let scope = Scope::module(evaluation, self);
        let address = self.within(&format!("module.{}", call.name.name));
        let keys = Keys::evaluate(&scope, &call.repetition, &address);
        let child = match self.config.children.get(&call.name.name) {
            Some(Child::Read(child)) => child,
            // Of a module without instances nothing would have been used.
            Some(Child::Unread { .. }) if keys.instances().is_empty() => {
                return CallExpansion {
                    keys,
                    instances: Vec::new(),
                };
            }
            Some(Child::Unread {
                source,
                reason,
                kind,
            }) => {
                let message =
                    format!("`{address}` was not read: its source is `{source}`, and {reason}");
                let problem = Problem::new(*kind, message, call.source_span.or(Some(call.span)));
                evaluation.report(problem.about(&address));
                return CallExpansion {
                    keys,
                    instances: Vec::new(),
                };
            }
            None => {
                return CallExpansion {
                    keys,
                    instances: Vec::new(),
                };
            }
        };
        Self::check_arguments(evaluation, call, child, &address);
        let instances = keys.instances().into_iter().map(|(key, repetition)| {
            let instance = self.instance.child(&call.name.name, key.clone());
            let site = CallSite {
                parent: Arc::downgrade(self),
                name: Arc::clone(&call.name.name),
                repetition,
            };
            (key, ModuleState::new(instance, child, Some(site)))
        });
        let instances = instances.collect();
        CallExpansion { keys, instances }
    }

    fn check_arguments(evaluation: &Evaluation, call: &ModuleCall, child: &Config, address: &str) {
        let declared = &child.module.variables;
        for Attribute { name, .. } in call
            .arguments
            .attributes
            .iter()
            .filter(|one| !declared.contains_key(&one.name.name))
        {
            let message = format!(
                "module `{}` has no variable `{}`",
                call.name.name, name.name
            );
            let problem =
                Problem::new(ProblemKind::Refused, message, Some(name.span)).about(address);
            let known: Vec<&str> = declared.keys().map(AsRef::as_ref).collect();
            evaluation.report(match config::nearest(&name.name, &known) {
                Some(near) => problem.with_help(format!("did you mean `{near}`?")),
                None => problem,
            });
        }
    }
}

/// To validation every variable may have any value of its type.
fn any_value(declared: &config::Variable, constraint: &Constraint, address: &str) -> Value {
    let cause = Cause::NoValue {
        variable: address.into(),
    };
    let any = Value::unknown(constraint.ty.clone(), Causes::one(cause));
    any.with_marks(&variable_marks(declared, &value_address(address)))
}

fn value_address(address: &str) -> Arc<str> {
    address.into()
}

fn variable_marks(declared: &config::Variable, address: &Arc<str>) -> Marks {
    let secret = if declared.sensitive {
        Marks::secret(Arc::clone(address))
    } else {
        Marks::NONE
    };
    Marks {
        sensitive: declared.sensitive,
        ephemeral: declared.ephemeral,
        ..secret
    }
}

/// The value, or else an unknown one, with the problem reported.
pub(crate) fn or_unknown(
    evaluation: &Evaluation,
    value: Evaluated,
    about: &impl ToString,
) -> Value {
    value.unwrap_or_else(|error| {
        evaluation.report(super::refused(&error, about));
        Value::unknown(
            Type::Dynamic,
            Causes::one(Cause::Error {
                message: error.message.into(),
            }),
        )
    })
}

/// What is wrong with an element, without its key: that of a sensitive map may be a secret as well.
fn without_keys(message: &str) -> String {
    const ELEMENT: &str = "element \"";
    let mut out = String::new();
    let mut rest = message;
    while let Some(at) = rest.find(ELEMENT) {
        let key = &rest[at + ELEMENT.len()..];
        let mut escaped = false;
        let end = key.find(|c| {
            let ends = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        });
        out.push_str(&rest[..at]);
        out.push_str("an element");
        rest = end.map_or("", |end| &key[end + 1..]);
    }
    out + rest
}
