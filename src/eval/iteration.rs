//! `for` expressions and splats.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Scope;
use super::budget::Size;
use super::error::{EvalError, Evaluated};
use super::reference;
use super::scope::Bound;
use crate::source::Span;
use crate::syntax::{Expr, For};
use crate::value::{
    self, Bounds, Causes, Data, Entries, Marks, Number, SecretPlaces, Shape, Type, Unknown, Value,
};

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
        if let Some(unknown) = collection.as_unknown() {
            let value = match self.for_decoded(expr, unknown) {
                Some(value) => value,
                None => self.for_unknown(expr, unknown),
            };
            return Ok(value.with_marks(&marks));
        }
        let value = self.for_known(expr, &collection, &mut marks)?;
        Ok(value.with_marks(&marks))
    }

    fn for_known(&self, expr: &For, collection: &Value, marks: &mut Marks) -> Evaluated {
        let Some(elements) = value::elements(collection) else {
            let message = format!("a value of type {} cannot be iterated", collection.ty());
            return Err(EvalError::new(message, expr.collection.span));
        };
        let mut produced = Produced::default();
        for (key, value) in elements {
            self.with_element(expr, key, value, |scope| {
                scope.for_element(expr, &mut produced, marks)
            })?;
        }
        Ok(produced.into_value(expr))
    }

    /// What is made of the elements that were decoded is unknown as they are, and as well told.
    fn for_decoded(&self, expr: &For, collection: &Unknown) -> Option<Value> {
        let Some(Shape::Decoded(document)) = &collection.shape else {
            return None;
        };
        let mut marks = Marks::NONE;
        let made = self.for_known(expr, document, &mut marks).ok()?;
        let made = match made.is_known() {
            true => value::decoded(made, &collection.causes),
            false => made,
        };
        Some(made.with_marks(&marks))
    }

    /// Nothing is known of the result but where secrets stand in it: where they do in what one element gives.
    fn for_unknown(&self, expr: &For, collection: &Unknown) -> Value {
        let element = value::any_element(collection);
        let key = match collection.ty {
            Type::Set(_) => element.clone(),
            _ => Value::unknown(Type::Dynamic, collection.causes.clone()),
        };
        let mut produced = Produced::default();
        self.with_element(expr, key, element, |scope| {
            scope.perhaps(expr, &mut produced);
        });
        produced.unknown(&collection.causes);
        produced.into_value(expr)
    }

    /// Evaluates with the names of key and element bound.
    fn with_element<T>(
        &self,
        expr: &For,
        key: Value,
        value: Value,
        evaluate: impl FnOnce(&Scope<'_>) -> T,
    ) -> T {
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
        evaluate(&Scope {
            bound: Some(&bound),
            ..*self
        })
    }

    /// An element that nobody knows to be there: Terraform does not evaluate it.
    fn perhaps(&self, expr: &For, produced: &mut Produced) {
        if let Some(key) = &expr.key
            && let Ok(key) = self.evaluate(key)
        {
            produced.secrets_of_keys = produced.secrets_of_keys.union(&key.marks().only_secrets());
        }
        if let Ok(value) = self.evaluate(&expr.value) {
            produced.elements.push(value);
        }
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
                    self.perhaps(expr, produced);
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
            self.perhaps(expr, produced);
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
        let (value, marks) = self.evaluate(source)?.unmark();
        let marks = reference::of_splat(self, source, each, marks);
        let source = value;
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
            Data::Unknown(unknown) => match decoded_splat(unknown, &apply) {
                Some(value) => value,
                None => unknown_splat(unknown, apply)?,
            },
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

/// The elements of a list that was decoded are unknown as it is, and as well told.
fn decoded_splat(list: &Unknown, apply: &dyn Fn(&Value) -> Evaluated) -> Option<Value> {
    let Some(Shape::Decoded(document)) = &list.shape else {
        return None;
    };
    let results: Result<Vec<Value>, _> = document.as_elements()?.iter().map(apply).collect();
    Some(value::decoded(Value::tuple(results.ok()?), &list.causes))
}

fn unknown_splat(unknown: &Unknown, apply: impl Fn(&Value) -> Evaluated) -> Evaluated {
    let element = value::any_element(unknown);
    let item = |of: &Type| {
        let item = Value::unknown(of.clone(), unknown.causes.clone());
        apply(&SecretPlaces::of(&element).put_on(item))
    };
    let refined = |item: &Value, bounds: Bounds| {
        let list = Value::refined(Unknown {
            not_null: true,
            bounds,
            ..Unknown::new(Type::list(item.ty()), unknown.causes.clone())
        });
        SecretPlaces::of(item).of_each().put_on(list)
    };
    // It may turn out to be a list, or one object, or null.
    let open = || {
        let any = || Value::unknown(Type::Dynamic, unknown.causes.clone());
        let whole = SecretPlaces::of(&Value::refined(unknown.clone()));
        let item = whole.item().put_on(any());
        let places = apply(&item).map(|item| SecretPlaces::of(&item).of_each());
        places.unwrap_or_default().put_on(any())
    };
    Ok(match &unknown.ty {
        Type::List(of) => refined(&item(of)?, unknown.bounds.clone()),
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
            refined(&item(of)?, bounds)
        }
        Type::Tuple(of) => {
            let results: Result<Vec<Value>, _> = of.iter().map(item).collect();
            Value::tuple(results?)
        }
        Type::Dynamic => open(),
        // It may turn out to be null, and then there are none; known not to be, there is one.
        _ => {
            let one = apply(&Value::refined(unknown.clone()))?;
            if unknown.not_null {
                Value::tuple([one])
            } else {
                let places = SecretPlaces::of(&one).of_each();
                places.put_on(Value::unknown(Type::Dynamic, unknown.causes.clone()))
            }
        }
    })
}

#[derive(Default)]
struct Produced {
    elements: Vec<Value>,
    groups: BTreeMap<Arc<str>, Vec<Value>>,
    unknown: Option<Causes>,
    /// Of keys of elements that may not be there.
    secrets_of_keys: Marks,
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
            let groups = self.groups.values().flatten();
            let places = SecretPlaces::of_any(self.elements.iter().chain(groups));
            let places = if expr.group { places.of_each() } else { places };
            return places
                .of_each()
                .put_on(Value::unknown(Type::Dynamic, causes))
                .with_marks(&self.secrets_of_keys);
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
