//! Type constraints: `list(string)`, `object({ a = optional(number, 1) })`, and the defaults in them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::error::EvalError;
use super::{Evaluation, Scope};
use crate::source::Span;
use crate::syntax::{Call, Expr, ExprKind, ObjectItem};
use crate::value::{self, Data, Entries, ObjectType, Type, Value};

/// A type constraint with the defaults of its optional attributes.
#[derive(Clone, Debug)]
pub struct Constraint {
    /// The type.
    pub ty: Type,
    /// The defaults, where there are any.
    pub defaults: Option<Defaults>,
    /// Whether a value on the command line is text, not an expression: so for the primitive types.
    pub literal: bool,
}

/// Defaults of optional attributes, wherever they are in a type.
#[derive(Clone, Debug, Default)]
pub struct Defaults {
    /// Of the attributes of an object.
    attributes: BTreeMap<Arc<str>, Value>,
    /// Of what is inside the attributes, or the elements of a tuple by index.
    children: BTreeMap<Arc<str>, Defaults>,
    /// Of what is inside the elements of a collection.
    element: Option<Box<Defaults>>,
}

impl Constraint {
    /// What a variable without `type` has.
    pub fn any() -> Self {
        Self {
            ty: Type::Dynamic,
            defaults: None,
            literal: true,
        }
    }

    /// Reads a type expression, such as the `type` of a variable.
    pub fn decode(evaluation: &Arc<Evaluation>, expr: &Expr) -> Result<Self, Box<EvalError>> {
        let (ty, defaults) = decode(evaluation, expr)?;
        Ok(Self {
            literal: ty.is_primitive(),
            ty,
            defaults: defaults.filter(|defaults| !defaults.is_empty()),
        })
    }

    /// Fills in defaults and converts.
    pub fn apply(&self, value: &Value) -> Result<Value, String> {
        let filled = match &self.defaults {
            Some(defaults) => defaults.apply(value),
            None => value.clone(),
        };
        value::convert(&filled, &self.ty).map_err(|error| error.to_string())
    }
}

impl Defaults {
    fn is_empty(&self) -> bool {
        self.attributes.is_empty()
            && self.children.values().all(Defaults::is_empty)
            && self
                .element
                .as_ref()
                .is_none_or(|element| element.is_empty())
    }

    /// A null attribute counts as left out. Unknown values stay as they are.
    fn apply(&self, value: &Value) -> Value {
        let marks = value.marks().clone();
        let applied = match value.data() {
            Data::Object(entries) | Data::Map(_, entries) => self.apply_to_entries(entries, value),
            Data::List(_, elements) | Data::Set(_, elements) | Data::Tuple(elements) => {
                let filled = elements.iter().enumerate().map(|(at, element)| {
                    let inside = self
                        .element
                        .as_deref()
                        .or_else(|| self.children.get(at.to_string().as_str()));
                    inside.map_or_else(|| element.clone(), |inside| inside.apply(element))
                });
                // The conversion that follows makes a list or a set of it again.
                Value::tuple(filled)
            }
            _ => return value.clone(),
        };
        applied.with_marks(&marks)
    }

    fn apply_to_entries(&self, entries: &Entries, value: &Value) -> Value {
        if let Some(element) = &self.element {
            let filled = entries
                .iter()
                .map(|(key, value)| (Arc::clone(key), element.apply(value)));
            return Value::object(filled.collect());
        }
        if self.attributes.is_empty() && self.children.is_empty() {
            return value.clone();
        }
        let mut filled = entries.clone();
        for (name, default) in &self.attributes {
            if filled.get(name).is_none_or(Value::is_null) {
                filled.insert(Arc::clone(name), default.clone());
            }
        }
        for (name, inside) in &self.children {
            if let Some(value) = filled.get(name).map(|value| inside.apply(value)) {
                filled.insert(Arc::clone(name), value);
            }
        }
        Value::object(filled)
    }
}

type Decoded = Result<(Type, Option<Defaults>), Box<EvalError>>;

fn decode(evaluation: &Arc<Evaluation>, expr: &Expr) -> Decoded {
    match &expr.kind {
        ExprKind::Variable(name) => keyword(name, expr),
        // As Terraform 0.11 wrote them.
        ExprKind::String(name) => {
            let error = EvalError::new("a type does not stand in quotes", expr.span);
            Err(match &**name {
                "list" | "map" => error.with_help(format!("write `{name}(string)`")),
                other => error.with_help(format!("write `{other}`")),
            })
        }
        ExprKind::Call(call) => constructor(evaluation, call, expr),
        _ => Err(EvalError::new("not a type", expr.span)),
    }
}

fn keyword(name: &str, expr: &Expr) -> Decoded {
    let ty = match name {
        "string" => Type::String,
        "number" => Type::Number,
        "bool" => Type::Bool,
        "any" => Type::Dynamic,
        "list" => Type::list(Type::Dynamic),
        "map" => Type::map(Type::Dynamic),
        "set" => Type::set(Type::Dynamic),
        "object" | "tuple" => {
            return Err(EvalError::new(
                format!("`{name}` needs to know what is in it"),
                expr.span,
            ));
        }
        other => {
            return Err(EvalError::new(
                format!("`{other}` is not a type"),
                expr.span,
            ));
        }
    };
    Ok((ty, None))
}

fn constructor(evaluation: &Arc<Evaluation>, call: &Call, expr: &Expr) -> Decoded {
    let [argument] = call.arguments.as_slice() else {
        return Err(EvalError::new(
            format!("`{}()` takes one type", call.name.name),
            expr.span,
        ));
    };
    let collection = |make: fn(Type) -> Type| {
        let (of, inside) = decode(evaluation, argument)?;
        let defaults = inside.map(|inside| Defaults {
            element: Some(Box::new(inside)),
            ..Defaults::default()
        });
        Ok((make(of), defaults))
    };
    match &*call.name.name {
        "list" => collection(Type::list),
        "set" => collection(Type::set),
        "map" => collection(Type::map),
        "object" => match &argument.kind {
            ExprKind::Object(items) => object(evaluation, items),
            _ => Err(EvalError::new(
                "`object()` takes an object of types",
                argument.span,
            )),
        },
        "tuple" => match &argument.kind {
            ExprKind::Tuple(elements) => tuple(evaluation, elements),
            _ => Err(EvalError::new(
                "`tuple()` takes a list of types",
                argument.span,
            )),
        },
        "optional" => Err(EvalError::new(
            "`optional()` is for attributes of an object",
            expr.span,
        )),
        other => Err(EvalError::new(
            format!("`{other}` is not a type"),
            call.name.span,
        )),
    }
}

fn object(evaluation: &Arc<Evaluation>, items: &[ObjectItem]) -> Decoded {
    let mut attributes = BTreeMap::new();
    let mut optional = BTreeSet::new();
    let mut defaults = Defaults::default();
    for item in items {
        let name = match &item.key.kind {
            ExprKind::String(name) if is_bare(evaluation, item.key.span) => name,
            _ => {
                return Err(EvalError::new(
                    "the name of an attribute is a bare word",
                    item.key.span,
                ));
            }
        };
        let (ty, inside) = match &item.value.kind {
            ExprKind::Call(call) if &*call.name.name == "optional" => {
                optional.insert(Arc::clone(name));
                let (decoded, default) = optional_attribute(evaluation, call, &item.value)?;
                if let Some(default) = default {
                    defaults.attributes.insert(Arc::clone(name), default);
                }
                decoded
            }
            _ => decode(evaluation, &item.value)?,
        };
        if let Some(inside) = inside {
            defaults.children.insert(Arc::clone(name), inside);
        }
        if attributes.insert(Arc::clone(name), ty).is_some() {
            let message = format!("the object has `{name}` twice");
            return Err(EvalError::new(message, item.key.span));
        }
    }
    Ok((
        Type::Object(Arc::new(ObjectType {
            attributes,
            optional,
        })),
        Some(defaults),
    ))
}

/// Whether a text stands there without quotes, be it in a file of JSON.
fn is_bare(evaluation: &Evaluation, span: Span) -> bool {
    let file = evaluation.sources().file(span.source);
    let written = file.text().get(span.start as usize..).unwrap_or_default();
    !written.starts_with(['"', '\\'])
}

type Attribute = ((Type, Option<Defaults>), Option<Value>);

fn optional_attribute(
    evaluation: &Arc<Evaluation>,
    call: &Call,
    expr: &Expr,
) -> Result<Attribute, Box<EvalError>> {
    let (of, default) = match call.arguments.as_slice() {
        [of] => (of, None),
        [of, default] => (of, Some(default)),
        _ => {
            return Err(EvalError::new(
                "`optional()` takes a type and a default",
                expr.span,
            ));
        }
    };
    let (ty, inside) = decode(evaluation, of)?;
    let Some(default) = default else {
        return Ok(((ty, inside), None));
    };
    if let Some(called) = first_call(default) {
        return Err(EvalError::new("a function cannot be called here", called));
    }
    let value = Scope::constant(evaluation).evaluate(default)?;
    let value = value::convert(&value, &ty)
        .map_err(|error| EvalError::new(error.to_string(), default.span))?;
    Ok(((ty, inside), Some(value)))
}

fn first_call(expr: &Expr) -> Option<Span> {
    let mut found = None;
    expr.walk(|inner| {
        if let ExprKind::Call(call) = &inner.kind {
            found = found.or(Some(call.name.span));
        }
    });
    found
}

fn tuple(evaluation: &Arc<Evaluation>, elements: &[Expr]) -> Decoded {
    let mut types = Vec::new();
    let mut defaults = Defaults::default();
    for (at, element) in elements.iter().enumerate() {
        let (ty, inside) = decode(evaluation, element)?;
        if let Some(inside) = inside {
            defaults.children.insert(at.to_string().into(), inside);
        }
        types.push(ty);
    }
    Ok((Type::Tuple(types.into()), Some(defaults)))
}
