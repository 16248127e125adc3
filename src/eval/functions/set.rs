//! Functions on sets.

use super::{Call, FunctionError, Outcome, length_bounds};
use crate::value::{Cause, Causes, Index, Marks, Type, Value, convert, set_from, unify};

pub(super) fn operation_type(args: &[Value]) -> Result<Type, FunctionError> {
    let mut types = Vec::with_capacity(args.len());
    for arg in args {
        let ty = arg.ty();
        let of = ty.element().cloned().unwrap_or(Type::Dynamic);
        let empty = arg.as_elements().is_some_and(<[Value]>::is_empty);
        if !(empty && of == Type::Dynamic) {
            types.push(of);
        }
    }
    if types.is_empty() {
        return Ok(Type::set(Type::Dynamic));
    }
    unify(&types)
        .map(Type::set)
        .ok_or_else(|| FunctionError::new("given sets must all have compatible element types"))
}

pub(super) fn union(call: &Call<'_>) -> Outcome {
    let sets = converted(call)?;
    let elements: Vec<Value> = sets.iter().flat_map(elements_of).cloned().collect();
    Ok(set_from(&element_type(call), elements))
}

pub(super) fn intersection(call: &Call<'_>) -> Outcome {
    combined(call, |element, others| {
        others.iter().all(|other| holds(other, element))
    })
}

pub(super) fn subtract(call: &Call<'_>) -> Outcome {
    combined(call, |element, others| {
        !others.iter().any(|other| holds(other, element))
    })
}

fn combined(call: &Call<'_>, keep: fn(&Value, &[Members<'_>]) -> bool) -> Outcome {
    let sets = converted(call)?;
    if !sets.iter().all(Value::is_wholly_known) {
        return Ok(call.unknown());
    }
    let (first, others) = sets.split_first().expect("a required parameter");
    let others: Vec<Members<'_>> = others.iter().map(Members::of).collect();
    let kept: Vec<Value> = elements_of(first)
        .iter()
        .filter(|element| keep(element, &others))
        .cloned()
        .collect();
    Ok(set_from(&element_type(call), kept))
}

fn converted(call: &Call<'_>) -> Result<Vec<Value>, FunctionError> {
    let convert = |(at, arg)| {
        convert(arg, &call.ty).map_err(|error| FunctionError::at(at, error.to_string()))
    };
    call.args.iter().enumerate().map(convert).collect()
}

fn element_type(call: &Call<'_>) -> Type {
    call.ty.element().cloned().unwrap_or(Type::Dynamic)
}

fn elements_of(set: &Value) -> &[Value] {
    set.as_elements().unwrap_or_default()
}

/// The elements of a known set, to be looked up.
struct Members<'a> {
    texts: std::collections::HashSet<&'a str>,
    others: Index,
}

impl<'a> Members<'a> {
    fn of(set: &'a Value) -> Self {
        let elements = elements_of(set);
        let texts: std::collections::HashSet<&str> =
            elements.iter().filter_map(Value::as_str).collect();
        let others: Vec<Value> = elements
            .iter()
            .filter(|element| element.as_str().is_none())
            .cloned()
            .collect();
        Self {
            texts,
            others: Index::of(&others),
        }
    }
}

fn holds(members: &Members<'_>, element: &Value) -> bool {
    match element.as_str() {
        Some(text) => members.texts.contains(text),
        None => members.others.has(element),
    }
}

pub(super) fn product_type(args: &[Value]) -> Result<Type, FunctionError> {
    if args.len() < 2 {
        return Err(FunctionError::new("at least two arguments are required"));
    }
    let mut lists = 0;
    let mut types = Vec::with_capacity(args.len());
    for (at, arg) in args.iter().enumerate() {
        let of = match arg.ty() {
            Type::Set(of) => Type::clone(&of),
            Type::List(of) => {
                lists += 1;
                Type::clone(&of)
            }
            Type::Tuple(of) if of.is_empty() => {
                lists += 1;
                Type::Dynamic
            }
            Type::Tuple(of) => {
                lists += 1;
                unify(&of)
                    .ok_or_else(|| FunctionError::at(at, "all elements must be of the same type"))?
            }
            _ => return Err(FunctionError::at(at, "a set or a list is required")),
        };
        types.push(of);
    }
    let of = Type::Tuple(types.into());
    Ok(if lists == args.len() {
        Type::list(of)
    } else {
        Type::set(of)
    })
}

/// Larger products are not computed: their result is unknown.
const MOST_PRODUCTS: usize = 1 << 17;

pub(super) fn product(call: &Call<'_>) -> Outcome {
    let marks = call
        .args
        .iter()
        .fold(Marks::NONE, |marks, arg| marks.union(arg.marks()));
    let lengths: Vec<(usize, Option<usize>)> = call.args.iter().map(length_bounds).collect();
    if lengths.iter().any(|(least, most)| *most != Some(*least)) {
        return Ok(bounded(call.unknown(), &lengths).with_marks(&marks));
    }
    let total = lengths
        .iter()
        .fold(1usize, |total, (length, _)| total.saturating_mul(*length));
    if total > MOST_PRODUCTS {
        let what = format!("`setproduct` with {total} elements").into();
        let causes = Causes::one(Cause::Unsupported { what });
        return Ok(Value::unknown(call.ty.clone(), causes).with_marks(&marks));
    }
    let of = element_type(call);
    let Type::Tuple(types) = &of else {
        return Ok(call.unknown().with_marks(&marks));
    };
    let mut columns = Vec::with_capacity(call.args.len());
    for (arg, ty) in call.args.iter().zip(types.iter()) {
        let column: Result<Vec<Value>, _> = elements_of(arg)
            .iter()
            .map(|element| convert(element, ty))
            .collect();
        columns.push(column.map_err(|error| FunctionError::new(error.to_string()))?);
    }
    let mut tuples = Vec::with_capacity(total);
    for number in 0..total {
        let mut rest = number;
        let mut tuple: Vec<Value> = columns
            .iter()
            .rev()
            .map(|column| {
                let element = column[rest % column.len()].clone();
                rest /= column.len();
                element
            })
            .collect();
        tuple.reverse();
        tuples.push(Value::tuple(tuple));
    }
    let product = match &call.ty {
        Type::List(_) => Value::list(of, tuples),
        _ => set_from(&of, tuples),
    };
    Ok(product.with_marks(&marks))
}

/// Terraform says how long a product can be while its factors are small.
fn bounded(unknown: Value, lengths: &[(usize, Option<usize>)]) -> Value {
    const LONGEST_FACTOR: usize = 1024;
    const LONGEST: usize = 2048;
    let mut most = 1usize;
    for (_, longest) in lengths {
        let Some(longest) = longest.filter(|longest| *longest <= LONGEST_FACTOR) else {
            return unknown;
        };
        most = most.saturating_mul(longest);
        if most > LONGEST {
            return unknown;
        }
    }
    unknown
        .refine_not_null()
        .refine_length(most.min(1), Some(most))
}
