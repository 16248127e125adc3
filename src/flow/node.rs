//! What values flow through: the definitions of a configuration, and the part of their value that is meant.

use std::sync::Arc;

use super::{links, locate, providers};
use crate::address::{AttributePath, InstanceKey, ModuleInstance, PathStep, ResourceAddress};
use crate::eval::{Bound, Evaluation, Given, ModuleState, Repetition, Scope};
use crate::plan::{BY_PLAN, Subject};
use crate::source::Span;
use crate::syntax::{Attribute, Expr};
use crate::value::{self, Number, Value};

/// A definition and a path into its value.
#[derive(Clone)]
pub(super) struct Node {
    pub(super) what: What,
    pub(super) path: Vec<PathStep>,
}

/// A definition.
#[derive(Clone)]
pub(super) enum What {
    /// An instance of a resource.
    Resource(Arc<ModuleState>, Arc<ResourceAddress>),
    /// The number of instances of a resource.
    Expansion(Arc<ModuleState>, Arc<ResourceAddress>),
    /// The number of instances of a module call in this module.
    Calls(Arc<ModuleState>, Arc<str>),
    /// A variable.
    Variable(Arc<ModuleState>, Arc<str>),
    /// A local.
    Local(Arc<ModuleState>, Arc<str>),
    /// An output.
    Output(Arc<ModuleState>, Arc<str>),
    /// A `provider` block.
    Provider(Arc<ModuleState>, Arc<str>),
    /// What `count` or a `for_each` gives to one instance, or to one block.
    Repeated(Arc<Repeated>),
}

/// `count` or `for_each`, and which instance or block is meant.
pub(super) struct Repeated {
    /// As it is told: ``the `for_each` of aws_lb.main``.
    pub(super) name: String,
    /// Its own text.
    pub(super) definition: Definition,
    /// What it gives.
    pub(super) value: Value,
}

/// The text of a definition and the surroundings that it is evaluated in.
#[derive(Clone)]
pub(super) struct Definition {
    pub(super) module: Arc<ModuleState>,
    pub(super) repetition: Repetition,
    /// The `count` or `for_each` behind `each` and `count`, with the name of what it repeats.
    pub(super) repeated_by: Option<(String, Attribute)>,
    /// The `dynamic` blocks around, outermost first.
    pub(super) frames: Vec<Frame>,
    pub(super) expr: Option<Expr>,
    /// What is left of the path below the expression.
    pub(super) rest: Vec<PathStep>,
    pub(super) span: Span,
}

/// A `dynamic` block, for one of the blocks that it makes.
#[derive(Clone)]
pub(super) struct Frame {
    pub(super) iterator: Arc<str>,
    pub(super) for_each: Attribute,
    /// `key` and `value` of the iterator.
    pub(super) key: Value,
    pub(super) value: Value,
}

impl Definition {
    fn at(module: &Arc<ModuleState>, expr: Option<&Expr>, rest: &[PathStep], span: Span) -> Self {
        Self {
            module: Arc::clone(module),
            repetition: Repetition::default(),
            repeated_by: None,
            frames: Vec::new(),
            expr: expr.cloned(),
            rest: rest.to_vec(),
            span,
        }
    }

    /// Gives the surroundings to `then`, iterators of `dynamic` blocks bound.
    pub(super) fn with_scope<T>(
        &self,
        evaluation: &Arc<Evaluation>,
        then: impl FnOnce(&Scope<'_>) -> T,
    ) -> T {
        let scope = Scope {
            repetition: Some(&self.repetition),
            ..Scope::module(evaluation, &self.module)
        };
        bind(&scope, &self.frames, then)
    }

    pub(super) fn evaluate(&self, evaluation: &Arc<Evaluation>) -> Option<Value> {
        value_at(&self.whole(evaluation)?, &self.rest)
    }

    /// The value of the expression, wherever in it the path leads.
    pub(super) fn whole(&self, evaluation: &Arc<Evaluation>) -> Option<Value> {
        let expr = self.expr.as_ref()?;
        self.with_scope(evaluation, |scope| scope.evaluate(expr).ok())
    }
}

/// Binds the iterators of `dynamic` blocks.
pub(super) fn bind<T>(
    scope: &Scope<'_>,
    frames: &[Frame],
    then: impl FnOnce(&Scope<'_>) -> T,
) -> T {
    let Some((frame, inner)) = frames.split_first() else {
        return then(scope);
    };
    let pair = [
        ("key".into(), frame.key.clone()),
        ("value".into(), frame.value.clone()),
    ];
    let bound = Bound {
        name: &frame.iterator,
        value: Value::object(pair.into_iter().collect()),
        outer: scope.bound,
    };
    let scope = Scope {
        bound: Some(&bound),
        ..*scope
    };
    bind(&scope, inner, then)
}

impl Node {
    /// Whether it is a variable of the root module that has the value which a plan was made with.
    pub(super) fn is_by_plan(&self, evaluation: &Evaluation) -> bool {
        let What::Variable(module, name) = &self.what else {
            return false;
        };
        let declared = module.config.module.variables.get(name);
        declared.is_some_and(|declared| module.variable_origin(evaluation, declared).1 == BY_PLAN)
    }

    pub(super) fn whole(what: What) -> Self {
        Self {
            what,
            path: Vec::new(),
        }
    }

    /// The node of a subject; none where nothing of that name is there.
    pub(super) fn of(evaluation: &Arc<Evaluation>, subject: &Subject) -> Option<Self> {
        let module = |instance: &ModuleInstance| locate::module(evaluation, instance);
        let what = match subject {
            Subject::Attribute(address, path) => {
                return Some(Self {
                    what: What::Resource(module(&address.module)?, Arc::clone(address)),
                    path: path.0.clone(),
                });
            }
            Subject::Expansion(address) => {
                What::Expansion(module(&address.module)?, Arc::clone(address))
            }
            Subject::Calls(instance) => {
                let call = Arc::clone(&instance.0.last()?.name);
                What::Calls(module(&instance.parent()?)?, call)
            }
            Subject::Variable(instance, name) => What::Variable(module(instance)?, name.clone()),
            Subject::Local(instance, name) => What::Local(module(instance)?, name.clone()),
            Subject::Output(name) => What::Output(Arc::clone(evaluation.root()), name.clone()),
            Subject::ModuleOutput(instance, name) => What::Output(module(instance)?, name.clone()),
            Subject::Provider(instance, label, path) => {
                return Some(Self {
                    what: What::Provider(module(instance)?, Arc::clone(label)),
                    path: path.0.clone(),
                });
            }
            Subject::Text(_) => return None,
        };
        Some(Self::whole(what))
    }

    /// As it is told; unique within an evaluation.
    pub(super) fn name(&self) -> String {
        let of_module = |module: &ModuleState, what: String| {
            if module.instance.is_root() {
                what
            } else {
                format!("{}.{what}", module.instance)
            }
        };
        let name = match &self.what {
            What::Resource(_, address) if self.path.is_empty() => return address.to_string(),
            What::Resource(_, address) => {
                return format!("{address}.{}", AttributePath(self.path.clone()));
            }
            What::Expansion(_, address) => address.to_string(),
            What::Calls(module, name) => of_module(module, format!("module.{name}")),
            What::Variable(module, name) => of_module(module, format!("var.{name}")),
            What::Local(module, name) => of_module(module, format!("local.{name}")),
            What::Output(module, name) if module.instance.is_root() => format!("output.{name}"),
            What::Output(module, name) => of_module(module, name.to_string()),
            What::Provider(module, label) => of_module(module, format!("provider.{label}")),
            What::Repeated(repeated) => repeated.name.clone(),
        };
        self.path.iter().fold(name, |name, step| match step {
            PathStep::Attribute(step) => format!("{name}.{step}"),
            PathStep::Index(index) => format!("{name}[{index}]"),
        })
    }

    /// Where it is defined: the innermost text that is written for the part that is meant.
    pub(super) fn definition(&self, evaluation: &Arc<Evaluation>) -> Option<Definition> {
        let definition = self.defined(evaluation)?;
        Some(links::narrowed(evaluation, definition))
    }

    fn defined(&self, evaluation: &Arc<Evaluation>) -> Option<Definition> {
        match &self.what {
            What::Resource(module, address) => self.in_resource(evaluation, module, address),
            What::Expansion(module, address) => {
                let block = locate::block(module, address)?;
                let attribute = block.repetition.attribute();
                let span = attribute.map_or(block.span, |attribute| attribute.span);
                let expr = attribute.map(|attribute| &attribute.expr);
                Some(Definition::at(module, expr, &[], span))
            }
            What::Calls(module, name) => {
                let call = module.config.module.calls.get(name)?;
                let attribute = call.repetition.attribute();
                let span = attribute.map_or(call.span, |attribute| attribute.span);
                let expr = attribute.map(|attribute| &attribute.expr);
                Some(Definition::at(module, expr, &[], span))
            }
            What::Local(module, name) => {
                let local = module.config.module.locals.get(name)?;
                Some(self.at(module, &local.expr, local.span))
            }
            What::Output(module, name) => {
                let output = module.config.module.outputs.get(name)?;
                Some(match &output.value {
                    Some(value) => self.at(module, &value.expr, value.span),
                    None => Definition::at(module, None, &[], output.span),
                })
            }
            What::Variable(module, name) => self.variable(evaluation, module, name),
            What::Provider(module, label) => {
                let mut blocks = module.config.module.providers.iter();
                let block = blocks.find(|block| providers::label(block) == *label)?;
                let scope = Scope::module(evaluation, module);
                let mut frames = Vec::new();
                let place = locate::in_body(&block.body, &self.path, &scope, &mut frames)?;
                let definition = Definition::at(module, place.expr, place.rest, place.span);
                Some(Definition {
                    frames,
                    ..definition
                })
            }
            What::Repeated(repeated) => Some(repeated.definition.clone()),
        }
    }

    /// A written expression, and the path into it.
    fn at(&self, module: &Arc<ModuleState>, expr: &Expr, span: Span) -> Definition {
        Definition::at(module, Some(expr), &self.path, span)
    }

    fn in_resource(
        &self,
        evaluation: &Arc<Evaluation>,
        module: &Arc<ModuleState>,
        address: &Arc<ResourceAddress>,
    ) -> Option<Definition> {
        let block = locate::block(module, address)?;
        let repetition = locate::repetition(evaluation, module, address);
        let scope = Scope {
            repetition: Some(&repetition),
            ..Scope::module(evaluation, module)
        };
        let mut frames = Vec::new();
        let found = locate::in_body(&block.body, &self.path, &scope, &mut frames);
        let place = found.unwrap_or(locate::Place {
            span: block.span,
            expr: None,
            rest: &[],
        });
        let (span, expr, rest) = (place.span, place.expr.cloned(), place.rest.to_vec());
        let repeats = block.repetition.attribute().cloned();
        Some(Definition {
            module: Arc::clone(module),
            repeated_by: repeats.map(|attribute| (address.to_string(), attribute)),
            repetition,
            frames,
            expr,
            rest,
            span,
        })
    }

    /// A variable is defined where its value is set: in the calling module, or outside.
    fn variable(
        &self,
        evaluation: &Arc<Evaluation>,
        module: &Arc<ModuleState>,
        name: &str,
    ) -> Option<Definition> {
        let declared = module.config.module.variables.get(name)?;
        let (span, _) = module.variable_origin(evaluation, declared);
        let Some((parent, _, repetition)) = module.caller() else {
            let written = match evaluation.inputs().assignment(name) {
                Some(assignment) => match &assignment.given {
                    Given::Expr(expr) => Some(&**expr),
                    Given::Text(_) | Given::Value(_) => None,
                },
                None => declared.default.as_ref().map(|default| &default.expr),
            };
            return Some(self.given(module, written, span));
        };
        let call = module.call_block(&parent)?;
        let Some(argument) = call.arguments.attribute(name) else {
            let default = declared.default.as_ref().map(|default| &default.expr);
            return Some(self.given(module, default, span));
        };
        let repeats = call.repetition.attribute().cloned();
        let within = self.at(&parent, &argument.expr, span);
        Some(Definition {
            repetition: repetition.clone(),
            repeated_by: repeats.map(|attribute| (module.instance.to_string(), attribute)),
            ..within
        })
    }

    /// A value that is written out: the line of the part that is meant, where it is written over several.
    fn given(&self, module: &Arc<ModuleState>, whole: Option<&Expr>, span: Span) -> Definition {
        let part = whole.map(|whole| (whole, locate::in_expr(whole, &self.path)));
        let part = part.filter(|(whole, part)| !std::ptr::eq(*whole, *part));
        let span = part.map_or(span, |(_, part)| part.span);
        Definition::at(module, None, &[], span)
    }

    /// Its value, as far as the evaluation tells one.
    pub(super) fn value(
        &self,
        evaluation: &Arc<Evaluation>,
        definition: &Definition,
    ) -> Option<Value> {
        let whole = match &self.what {
            What::Local(module, name) => module.local(evaluation, name),
            What::Variable(module, name) => module.variable(evaluation, name),
            What::Output(module, name) => module.output(evaluation, name),
            What::Repeated(repeated) => return Some(repeated.value.clone()),
            What::Resource(module, address) if !self.path.is_empty() => module
                .resource(evaluation, &address.resource)
                .and_then(|all| all.instances.iter().find(|one| one.address == *address))
                .map(|instance| instance.value.clone()),
            What::Resource(..) | What::Expansion(..) | What::Calls(..) | What::Provider(..) => {
                return definition.evaluate(evaluation);
            }
        };
        let found = whole.and_then(|whole| value_at(&whole, &self.path));
        found.or_else(|| definition.evaluate(evaluation))
    }

    pub(super) fn is_root_variable(&self) -> bool {
        matches!(&self.what, What::Variable(module, _) if module.instance.is_root())
    }
}

/// The value at a path; none where it leads nowhere.
pub(super) fn value_at(value: &Value, path: &[PathStep]) -> Option<Value> {
    path.iter()
        .try_fold(value.clone(), |value, step| match step {
            PathStep::Attribute(name) => value::attribute(&value, name)
                .ok()
                .filter(|_| !value.is_null()),
            PathStep::Index(index) => {
                let key = Value::number(Number::from(*index));
                value::index(&value, &key).ok()
            }
        })
}

/// The step that chooses an instance; none where its key is not known.
pub(super) fn key_step(key: &InstanceKey) -> Option<PathStep> {
    match key {
        InstanceKey::Index(index) => usize::try_from(*index).ok().map(PathStep::Index),
        InstanceKey::Key(key) => Some(PathStep::Attribute(Arc::clone(key))),
        InstanceKey::Any => None,
    }
}
