//! How many instances a resource or a module has: `count` and `for_each`.

use std::sync::Arc;

use super::budget::{Beyond, MOST_INSTANCES};
use super::error::EvalError;
use super::scope::{Repetition, Scope};
use super::{Evaluation, Instance, Mode, ModuleState};
use crate::address::InstanceKey;
use crate::config;
use crate::problem::{Problem, ProblemKind};
use crate::syntax::Attribute;
use crate::value::{self, Causes, Data, Marks, Number, SecretPlaces, Type, Unknown, Value};

/// The keys of the instances.
#[derive(Clone, Debug)]
pub enum Keys {
    /// One instance without a key.
    Single,
    /// `count`
    Count(usize),
    /// `for_each`: keys with their values, in byte order.
    ForEach(Vec<(Arc<str>, Value)>),
    /// Not known before apply: zero or more.
    Unknown(Open),
}

/// What is known of keys that are not.
#[derive(Clone, Debug)]
pub struct Open {
    /// Why they are not known.
    pub causes: Causes,
    /// Where secrets stand in what `for_each` is.
    pub secrets: SecretPlaces,
}

/// The instances of a resource.
#[derive(Debug)]
pub struct Expansion {
    /// Their keys.
    pub keys: Keys,
    /// One each; one with the key `[*]` where the keys are unknown.
    pub instances: Vec<Instance>,
    /// What a reference to the resource gives: an object, a tuple, or an object of objects.
    pub value: Value,
}

/// The instances of a module call.
#[derive(Debug)]
pub struct CallExpansion {
    /// Their keys.
    pub keys: Keys,
    /// One each; none where the module's sources were not read.
    pub instances: Vec<(Option<InstanceKey>, Arc<ModuleState>)>,
}

impl Keys {
    /// Evaluates `count` or `for_each`. What Terraform refuses is reported and gives no instance.
    pub(super) fn evaluate(
        scope: &Scope<'_>,
        repetition: &config::Repetition,
        about: &str,
    ) -> Keys {
        let evaluated = match repetition {
            config::Repetition::Single => Ok(Keys::Single),
            config::Repetition::Count(attribute) => count(scope, attribute),
            config::Repetition::ForEach(attribute) => for_each(scope, attribute),
        };
        let evaluated = evaluated.map(|keys| {
            let span = repetition.attribute().map(|attribute| attribute.expr.span);
            match scope.evaluation.budget.expand(keys.len(), span) {
                Ok(()) => keys,
                Err(beyond) => {
                    if let Beyond::Told(error) = beyond {
                        scope.evaluation.report(super::refused(&error, &about));
                    }
                    Keys::Count(0)
                }
            }
        });
        match evaluated {
            Ok(Keys::Unknown(open)) if scope.evaluation.options.mode == Mode::Validating => {
                Keys::Unknown(open)
            }
            Ok(Keys::Unknown(open)) => {
                report_unknown(scope.evaluation, repetition, &open.causes, about);
                Keys::Unknown(open)
            }
            Ok(keys @ Keys::Single) => keys,
            // One instance for whatever there will be.
            Ok(_) if scope.evaluation.options.mode == Mode::Validating => {
                Keys::unknown(Causes::default())
            }
            Ok(keys) => keys,
            Err(error) => {
                scope.evaluation.report(super::refused(&error, &about));
                let message = error.message.as_str().into();
                Keys::unknown(Causes::one(crate::value::Cause::Error { message }))
            }
        }
    }

    /// Not known, and nothing secret in them.
    fn unknown(causes: Causes) -> Keys {
        Keys::Unknown(Open {
            causes,
            secrets: SecretPlaces::default(),
        })
    }

    /// What `for_each` is, which is not known.
    fn unknown_of(value: &Value) -> Keys {
        Keys::Unknown(Open {
            causes: value.causes(),
            secrets: SecretPlaces::of(value),
        })
    }

    /// How many there are; those that are not known count as one.
    fn len(&self) -> usize {
        match self {
            Keys::Single | Keys::Unknown(_) => 1,
            Keys::Count(count) => *count,
            Keys::ForEach(entries) => entries.len(),
        }
    }

    /// Each key with what `count.index`, `each.key` and `each.value` are for it.
    pub(super) fn instances(&self) -> Vec<(Option<InstanceKey>, Repetition)> {
        match self {
            Keys::Single => vec![(None, Repetition::default())],
            Keys::Count(count) => (0..*count)
                .map(|index| {
                    let count_index = Some(Value::number(Number::from(index)));
                    (
                        Some(InstanceKey::Index(index as u64)),
                        Repetition {
                            count_index,
                            each: None,
                        },
                    )
                })
                .collect(),
            Keys::ForEach(entries) => entries
                .iter()
                .map(|(key, value)| {
                    // The elements of a set are their own keys.
                    let secrets = match value.as_str() {
                        Some(text) if *text == **key => value.marks().only_secrets(),
                        _ => Marks::NONE,
                    };
                    let name = Value::string(Arc::clone(key)).with_marks(&secrets);
                    let each = Some((name, value.clone()));
                    (
                        Some(InstanceKey::Key(Arc::clone(key))),
                        Repetition {
                            count_index: None,
                            each,
                        },
                    )
                })
                .collect(),
            Keys::Unknown(open) => {
                let key = |ty| {
                    Value::refined(Unknown {
                        not_null: true,
                        ..Unknown::new(ty, open.causes.clone())
                    })
                };
                let value = Value::unknown(Type::Dynamic, open.causes.clone());
                let each = Some((key(Type::String), open.secrets.member(None).put_on(value)));
                vec![(
                    Some(InstanceKey::Any),
                    Repetition {
                        count_index: Some(key(Type::Number)),
                        each,
                    },
                )]
            }
        }
    }

    /// Puts the values of the instances together as a reference sees them.
    pub(super) fn assemble(&self, values: Vec<Value>) -> Value {
        match self {
            Keys::Single => values.into_iter().next().unwrap_or(Value::NULL),
            Keys::Count(_) => Value::tuple(values),
            Keys::ForEach(entries) => {
                let names = entries.iter().map(|(key, _)| Arc::clone(key));
                Value::object(names.zip(values).collect())
            }
            Keys::Unknown(open) => SecretPlaces::of_any(&values)
                .of_each()
                .put_on(Value::unknown(Type::Dynamic, open.causes.clone())),
        }
    }
}

/// A sensitive count is allowed: only its number shows.
fn count(scope: &Scope<'_>, attribute: &Attribute) -> Result<Keys, Box<EvalError>> {
    let span = attribute.expr.span;
    let (value, marks) = scope.evaluate(&attribute.expr)?.unmark();
    if marks.ephemeral {
        let message = "`count` is ephemeral: how many there are would be stored";
        return Err(EvalError::new(message, span));
    }
    if value.is_null() {
        return Err(EvalError::new("`count` is null", span).with_help("use `0` for no instance"));
    }
    let number = value::convert(&value, &Type::Number).map_err(|_| {
        EvalError::new(
            format!("`count` is a number, not a value of type {}", value.ty()),
            span,
        )
    })?;
    let Some(number) = number.as_number() else {
        return Ok(Keys::unknown(number.causes()));
    };
    match number.as_usize() {
        Some(count) if count <= MOST_INSTANCES => Ok(Keys::Count(count)),
        Some(_) => Err(EvalError::new(
            format!("`count` is over the limit of {MOST_INSTANCES}"),
            span,
        )),
        None => Err(EvalError::new(
            "`count` is a whole number that is not negative",
            span,
        )),
    }
}

fn for_each(scope: &Scope<'_>, attribute: &Attribute) -> Result<Keys, Box<EvalError>> {
    let span = attribute.expr.span;
    let (value, marks) = scope.evaluate(&attribute.expr)?.unmark();
    refuse_marks(&marks, span)?;
    let secrets = marks.only_secrets();
    let entries = match value.data() {
        Data::Null(_) => {
            return Err(
                EvalError::new("`for_each` is null", span).with_help("use `{}` for no instance")
            );
        }
        Data::Unknown(unknown) => {
            if !matches!(
                unknown.ty,
                Type::Dynamic | Type::Map(_) | Type::Set(_) | Type::Object(_)
            ) {
                return Err(wrong_type(&value, span));
            }
            return Ok(Keys::unknown_of(&value.with_marks(&marks)));
        }
        Data::Map(_, entries) | Data::Object(entries) => entries
            .iter()
            .map(|(key, value)| (Arc::clone(key), value.clone().with_marks(&secrets)))
            .collect(),
        Data::Set(of, elements) => {
            if !matches!(of, Type::String | Type::Dynamic) {
                let message = format!("`for_each` is a map or a set of strings, not a set of {of}");
                return Err(EvalError::new(message, span));
            }
            let mut keys = Vec::with_capacity(elements.len());
            for element in elements.iter() {
                match element.data() {
                    Data::String(key) => {
                        let element = element.clone().with_marks(&secrets);
                        keys.push((Arc::clone(key), element));
                    }
                    Data::Null(_) => {
                        return Err(EvalError::new("a key of `for_each` is null", span));
                    }
                    _ => return Ok(Keys::unknown_of(&value.clone().with_marks(&marks))),
                }
            }
            keys
        }
        _ => return Err(wrong_type(&value, span)),
    };
    if entries.len() > MOST_INSTANCES {
        return Err(EvalError::new(
            format!("`for_each` is over the limit of {MOST_INSTANCES}"),
            span,
        ));
    }
    Ok(Keys::ForEach(entries))
}

fn wrong_type(value: &Value, span: crate::source::Span) -> Box<EvalError> {
    let message = format!(
        "`for_each` is a map or a set of strings, not a value of type {}",
        value.ty()
    );
    EvalError::new(message, span).with_help("`toset([…])` makes a set of a list")
}

fn refuse_marks(marks: &Marks, span: crate::source::Span) -> Result<(), Box<EvalError>> {
    let what = match marks {
        Marks {
            sensitive: true, ..
        } => "sensitive",
        Marks {
            ephemeral: true, ..
        } => "ephemeral",
        _ => return Ok(()),
    };
    let message = format!("`for_each` is {what}: its keys would show in every address");
    Err(EvalError::new(message, span))
}

/// Says that a number of instances is not known.
pub(super) fn report_unknown(
    evaluation: &Evaluation,
    repetition: &config::Repetition,
    causes: &Causes,
    about: &str,
) {
    let Some(attribute) = repetition.attribute() else {
        return;
    };
    let why = causes
        .iter()
        .next()
        .map_or_else(String::new, |cause| format!(": {cause}"));
    let name = &attribute.name.name;
    // Terraform refuses what only apply can tell; what it asks a person or a provider for, it knows by then.
    let refused = evaluation.options.mode == Mode::Terraform
        && causes
            .iter()
            .any(|cause| matches!(cause, crate::value::Cause::Apply { .. }));
    let kind = if refused {
        ProblemKind::Refused
    } else {
        ProblemKind::Note
    };
    let message =
        format!("the number of instances of `{about}` is not known: its `{name}` is not{why}");
    evaluation.report(Problem::new(kind, message, Some(attribute.expr.span)).about(about));
}
