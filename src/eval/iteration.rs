//! `for` expressions and splats.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Scope;
use super::budget::Size;
use super::error::{EvalError, Evaluated};
use super::scope::Bound;
use crate::source::Span;
use crate::syntax::{Expr, For};
use crate::value::{self, Bounds, Causes, Data, Entries, Marks, Number, Type, Unknown, Value};

impl Scope<'_> {
    pub(super) fn for_expression(&self, expr: &For) -> Evaluated {
        let (collection, mut marks) = self.evaluate(&expr.collection)?.unmark();
        if collection.is_null() {
            return Err(EvalError::new(
                "a null value cannot be iterated",
                expr.collection.span,
            ));
        }
        if matches!(collection.ty(), Type::Bool | Type::Number | Type::String) {
            let message = format!("a value of type {} cannot be iterated", collection.ty());
            return Err(EvalError::new(message, expr.collection.span));
        }
        if !collection.is_known() {
            return Ok(Value::unknown(Type::Dynamic, collection.causes()).with_marks(&marks));
        }
        let Some(elements) = value::elements(&collection) else {
            let message = format!("a value of type {} cannot be iterated", collection.ty());
            return Err(EvalError::new(message, expr.collection.span));
        };
        let mut produced = Produced::default();
        for (key, value) in elements {
            let outer = expr.key_name.as_ref().map(|name| Bound {
                name: &name.name,
                value: key,
                outer: self.bound,
            });
            let bound = Bound {
                name: &expr.value_name.name,
                value,
                outer: outer.as_ref().or(self.bound),
            };
            Scope {
                bound: Some(&bound),
                ..*self
            }
            .for_element(expr, &mut produced, &mut marks)?;
        }
        Ok(produced.into_value(expr).with_marks(&marks))
    }

    fn for_element(
        &self,
        expr: &For,
        produced: &mut Produced,
        marks: &mut Marks,
    ) -> Result<(), Box<EvalError>> {
        if let Some(condition) = &expr.condition {
            let (included, of_condition) = self.evaluate(condition)?.unmark();
            *marks = marks.union(&of_condition);
            if included.is_null() {
                return Err(EvalError::new(
                    "the condition of `for` is null",
                    condition.span,
                ));
            }
            let included = value::convert(&included, &Type::Bool).map_err(|_| {
                EvalError::new("the condition of `for` is not a bool", condition.span)
            })?;
            match included.as_bool() {
                Some(true) => {}
                Some(false) => return Ok(()),
                None => {
                    produced.unknown(&included.causes());
                    return Ok(());
                }
            }
        }
        let Some(key) = &expr.key else {
            let value = self.evaluate(&expr.value)?;
            produced.count(&value, expr.value.span)?;
            produced.elements.push(value);
            return Ok(());
        };
        let (name, of_key) = self.evaluate(key)?.unmark();
        *marks = marks.union(&of_key);
        if name.is_null() {
            return Err(EvalError::new("a key of `for` is null", key.span));
        }
        let name = value::convert(&name, &Type::String)
            .map_err(|_| EvalError::new("a key of `for` is not a string", key.span))?;
        let Data::String(name) = name.data() else {
            produced.unknown(&name.causes());
            return Ok(());
        };
        let value = self.evaluate(&expr.value)?;
        produced.count(&value, expr.value.span)?;
        let group = produced.groups.entry(Arc::clone(name)).or_default();
        if !group.is_empty() && !expr.group {
            let message = "two elements have the same key";
            return Err(EvalError::new(message, key.span)
                .with_help("write `...` after the value to group them"));
        }
        group.push(value);
        Ok(())
    }

    /// `source[*].each` and `source.*.each`.
    pub(super) fn splat(&self, source: &Expr, each: &Expr, span: Span) -> Evaluated {
        let (source, marks) = self.evaluate(source)?.unmark();
        let apply = |item: &Value| {
            Scope {
                splat_item: Some(item),
                ..*self
            }
            .evaluate(each)
        };
        let value = match source.data() {
            // Whatever is not a sequence stands for a sequence of one; null for one of none.
            Data::Null(ty) if !is_sequence(ty) => Value::tuple([]),
            Data::Null(_) => {
                return Err(EvalError::new(
                    "a splat cannot be applied to a null list",
                    span,
                ));
            }
            Data::Unknown(unknown) => unknown_splat(unknown, apply)?,
            Data::List(of, elements) | Data::Set(of, elements) => {
                let results: Result<Vec<Value>, _> = elements.iter().map(apply).collect();
                let results = results?;
                let of = match results.first() {
                    Some(first) => first.ty(),
                    None => apply(&Value::unknown(of.clone(), Causes::default()))?.ty(),
                };
                list_or_tuple(of, results)
            }
            Data::Tuple(elements) => {
                let results: Result<Vec<Value>, _> = elements.iter().map(apply).collect();
                Value::tuple(results?)
            }
            _ => Value::tuple([apply(&source)?]),
        };
        Ok(value.with_marks(&marks))
    }
}

fn list_or_tuple(of: Type, elements: Vec<Value>) -> Value {
    if elements.iter().all(|element| element.ty() == of) {
        Value::list(of, elements)
    } else {
        Value::tuple(elements)
    }
}

fn is_sequence(ty: &Type) -> bool {
    matches!(ty, Type::List(_) | Type::Set(_) | Type::Tuple(_))
}

fn unknown_splat(unknown: &Unknown, apply: impl Fn(&Value) -> Evaluated) -> Evaluated {
    let item = |of: &Type| apply(&Value::unknown(of.clone(), unknown.causes.clone()));
    let refined = |ty: Type, bounds: Bounds| {
        Value::refined(Unknown {
            not_null: true,
            bounds,
            ..Unknown::new(ty, unknown.causes.clone())
        })
    };
    Ok(match &unknown.ty {
        Type::List(of) => refined(Type::list(item(of)?.ty()), unknown.bounds.clone()),
        // Elements of a set may fall together.
        Type::Set(of) => {
            let bounds = Bounds {
                min: unknown
                    .bounds
                    .min
                    .clone()
                    .map(|min| min.min(Number::from(1_i64))),
                ..unknown.bounds.clone()
            };
            refined(Type::list(item(of)?.ty()), bounds)
        }
        Type::Tuple(of) => {
            let results: Result<Vec<Value>, _> = of.iter().map(item).collect();
            Value::tuple(results?)
        }
        Type::Dynamic => Value::unknown(Type::Dynamic, unknown.causes.clone()),
        // It may turn out to be null, and then there are none; known not to be, there is one.
        _ if unknown.not_null => Value::tuple([apply(&Value::refined(unknown.clone()))?]),
        _ => Value::unknown(Type::Dynamic, unknown.causes.clone()),
    })
}

#[derive(Default)]
struct Produced {
    elements: Vec<Value>,
    groups: BTreeMap<Arc<str>, Vec<Value>>,
    unknown: Option<Causes>,
    size: Size,
}

impl Produced {
    /// What is too large is refused before all of it is made.
    fn count(&mut self, value: &Value, span: Span) -> Result<(), Box<EvalError>> {
        let counted = self.size.add(value, 0);
        counted.map_err(|message| EvalError::new(message, span).fixed())
    }

    fn unknown(&mut self, causes: &Causes) {
        self.unknown = Some(self.unknown.take().unwrap_or_default().union(causes));
    }

    fn into_value(self, expr: &For) -> Value {
        if let Some(causes) = self.unknown {
            return Value::unknown(Type::Dynamic, causes);
        }
        if expr.key.is_none() {
            return Value::tuple(self.elements);
        }
        let entries: Entries = self
            .groups
            .into_iter()
            .filter_map(|(name, mut group)| {
                let value = if expr.group {
                    Value::tuple(group)
                } else {
                    group.pop()?
                };
                Some((name, value))
            })
            .collect();
        Value::object(entries)
    }
}
