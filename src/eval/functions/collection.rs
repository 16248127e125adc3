//! Functions on lists, tuples, maps and objects.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Call, FunctionError, Outcome, integer, length_bounds, string};
use crate::value::{
    self, Data, Entries, Index, Marks, SecretPlaces, Shape, Type, Value, convert, equals, quote,
    unify,
};

pub(super) fn length_type(args: &[Value]) -> Result<Type, FunctionError> {
    match args[0].ty() {
        Type::Bool | Type::Number => Err(FunctionError::new(
            "argument must be a string, a collection type, or a structural type",
        )),
        _ => Ok(Type::Number),
    }
}

pub(super) fn length(call: &Call<'_>) -> Outcome {
    let value = call.arg(0);
    let length = match (value.data(), value.ty()) {
        (Data::String(text), _) => Value::number(string::length(text)),
        (Data::Unknown(unknown), Type::String) => {
            let least = unknown.prefix.as_deref().map_or(0, string::length);
            call.unknown().refine_bounds(Some(least.into()), None)
        }
        _ => return Ok(value::length(value).unwrap_or_else(|| call.unknown())),
    };
    Ok(length.with_marks(value.marks()))
}

pub(super) fn alltrue(call: &Call<'_>) -> Outcome {
    for element in call.arg(0).as_elements().unwrap_or_default() {
        if !element.is_known() {
            return Ok(call.unknown());
        }
        if element.as_bool() != Some(true) {
            return Ok(Value::FALSE);
        }
    }
    Ok(Value::TRUE)
}

pub(super) fn anytrue(call: &Call<'_>) -> Outcome {
    let elements = call.arg(0).as_elements().unwrap_or_default();
    if elements
        .iter()
        .any(|element| element.as_bool() == Some(true))
    {
        return Ok(Value::TRUE);
    }
    if elements.iter().all(Value::is_known) {
        return Ok(Value::FALSE);
    }
    Ok(call.unknown())
}

pub(super) fn element_type(args: &[Value]) -> Result<Type, FunctionError> {
    match args[0].ty() {
        Type::List(of) => Ok(Type::clone(&of)),
        Type::Tuple(of) => {
            let Some(index) = args[1].as_number() else {
                return Ok(Type::Dynamic);
            };
            let at = wrapped(index, of.len())?;
            Ok(of[at].clone())
        }
        other => Err(FunctionError::new(format!(
            "cannot read elements from {}",
            other.friendly_name()
        ))),
    }
}

pub(super) fn element(call: &Call<'_>) -> Outcome {
    let (list, marks) = call.arg(0).clone().unmark();
    let elements = list.as_elements().unwrap_or_default();
    let at = wrapped(call.number(1), elements.len())?;
    Ok(elements[at].clone().with_marks(&marks))
}

/// Indices go round, in both directions.
fn wrapped(index: &value::Number, length: usize) -> Result<usize, FunctionError> {
    let index = integer(index)
        .map_err(|message| FunctionError::new(format!("invalid index: {message}")))?;
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    if length == 0 {
        return Err(FunctionError::new(
            "cannot use element function with an empty list",
        ));
    }
    Ok(usize::try_from(index.rem_euclid(length)).expect("less than a length"))
}

pub(super) fn coalesce_type(args: &[Value]) -> Result<Type, FunctionError> {
    let types: Vec<Type> = args.iter().map(Value::ty).collect();
    unify(&types)
        .filter(|_| !types.is_empty())
        .ok_or_else(|| FunctionError::new("all arguments must have the same type"))
}

pub(super) fn coalesce(call: &Call<'_>) -> Outcome {
    for arg in &call.args {
        let Ok(value) = convert(arg, &call.ty) else {
            continue;
        };
        if !value.is_known() {
            return Ok(call.unknown().with_marks(&of_all(&call.args)));
        }
        if !value.is_null() && value.as_str() != Some("") {
            return Ok(value);
        }
    }
    Err(FunctionError::new(
        "no non-null, non-empty-string arguments",
    ))
}

/// The marks anywhere in the arguments, for a result that may be any of them.
fn of_all(args: &[Value]) -> Marks {
    args.iter()
        .fold(Marks::NONE, |all, arg| all.union(&arg.marks_deep()))
}

pub(super) fn coalescelist_type(args: &[Value]) -> Result<Type, FunctionError> {
    let Some(first) = args.first() else {
        return Err(FunctionError::new("at least one argument is required"));
    };
    for arg in args {
        if !arg.is_known() {
            return Ok(Type::Dynamic);
        }
        if !matches!(arg.ty(), Type::List(_) | Type::Tuple(_)) {
            return Err(FunctionError::new(
                "coalescelist arguments must be lists or tuples",
            ));
        }
    }
    let ty = first.ty();
    if args.iter().all(|arg| arg.ty() == ty) {
        Ok(ty)
    } else {
        Ok(Type::Dynamic)
    }
}

pub(super) fn coalescelist(call: &Call<'_>) -> Outcome {
    for arg in &call.args {
        if !arg.is_known() {
            return Ok(call.unknown().with_marks(&of_all(&call.args)));
        }
        if arg
            .as_elements()
            .is_some_and(|elements| !elements.is_empty())
        {
            return Ok(arg.clone());
        }
    }
    Err(FunctionError::new("no non-null arguments"))
}

pub(super) fn compact(call: &Call<'_>) -> Outcome {
    let list = call.arg(0);
    if !list.is_wholly_known() {
        return Ok(call.unknown());
    }
    let kept = list.as_elements().unwrap_or_default().iter();
    let kept = kept.filter(|element| element.as_str().is_some_and(|text| !text.is_empty()));
    Ok(Value::list(Type::String, kept.cloned()))
}

pub(super) fn concat_type(args: &[Value]) -> Result<Type, FunctionError> {
    if args.is_empty() {
        return Err(FunctionError::new("at least one argument is required"));
    }
    let types: Vec<Type> = args.iter().map(Value::ty).collect();
    if types.iter().all(|ty| matches!(ty, Type::List(_)))
        && let Some(common) = unify(&types)
    {
        return Ok(common);
    }
    let mut elements = Vec::new();
    for (at, (arg, ty)) in args.iter().zip(&types).enumerate() {
        match ty {
            Type::Tuple(of) => elements.extend(of.iter().cloned()),
            Type::List(of) => match arg.as_elements() {
                Some(known) => elements.extend(known.iter().map(|_| Type::clone(of))),
                None => return Ok(Type::Dynamic),
            },
            other => {
                let other = other.friendly_name();
                let message = format!("all arguments must be lists or tuples; got {other}");
                return Err(FunctionError::at(at, message));
            }
        }
    }
    Ok(Type::Tuple(elements.into()))
}

pub(super) fn concat(call: &Call<'_>) -> Outcome {
    let list_of = match &call.ty {
        Type::List(of) => Some(Type::clone(of)),
        _ => None,
    };
    let mut elements = Vec::new();
    let mut marks = Marks::NONE;
    for (at, arg) in call.args.iter().enumerate() {
        let arg = match &list_of {
            Some(_) => {
                convert(arg, &call.ty).map_err(|error| FunctionError::at(at, error.to_string()))?
            }
            None => arg.clone(),
        };
        marks = marks.union(arg.marks());
        elements.extend_from_slice(arg.as_elements().unwrap_or_default());
    }
    let joined = match list_of {
        Some(of) => Value::list(of, elements),
        None => Value::tuple(elements),
    };
    Ok(joined.with_marks(&marks))
}

pub(super) fn contains(call: &Call<'_>) -> Outcome {
    let list = call.arg(0);
    let Some(elements) = list.as_elements() else {
        return Err(FunctionError::new("argument must be list, tuple, or set"));
    };
    let mut undecided = false;
    for element in elements {
        match equals(call.arg(1), element).as_bool() {
            Some(true) => return Ok(Value::TRUE),
            Some(false) => {}
            None => undecided = true,
        }
    }
    Ok(if undecided {
        call.unknown()
    } else {
        Value::FALSE
    })
}

pub(super) fn first_type(args: &[Value]) -> Result<Type, FunctionError> {
    Ok(args[0].ty())
}

pub(super) fn distinct(call: &Call<'_>) -> Outcome {
    let list = call.arg(0);
    if !list.is_wholly_known() {
        return Ok(call.unknown());
    }
    let elements = list.as_elements().unwrap_or_default();
    let of = call.ty.element().cloned().unwrap_or(Type::Dynamic);
    let mut kept: Vec<Value> = Vec::new();
    if of == Type::String {
        let mut seen = std::collections::HashSet::new();
        kept.extend(
            elements
                .iter()
                .filter(|element| seen.insert(element.as_str()))
                .cloned(),
        );
        return Ok(Value::list(of, kept));
    }
    let mut seen = Index::default();
    kept.extend(
        elements
            .iter()
            .filter(|element| seen.insert(element))
            .cloned(),
    );
    Ok(Value::list(of, kept))
}

pub(super) fn chunklist_type(args: &[Value]) -> Result<Type, FunctionError> {
    Ok(Type::list(args[0].ty()))
}

pub(super) fn chunklist(call: &Call<'_>) -> Outcome {
    let (list, of_list) = call.arg(0).clone().unmark();
    let (size, of_size) = call.arg(1).clone().unmark();
    let marks = of_list.union(&of_size);
    let size = size.as_number().expect("a known number");
    let size =
        integer(size).map_err(|message| FunctionError::new(format!("invalid size: {message}")))?;
    let Ok(size) = usize::try_from(size) else {
        return Err(FunctionError::new("the size argument must be positive"));
    };
    let elements = list.as_elements().unwrap_or_default();
    let of = list.ty();
    let inner = of.element().cloned().unwrap_or(Type::Dynamic);
    let chunk = |elements: &[Value]| Value::list(inner.clone(), elements.iter().cloned());
    let chunks: Vec<Value> = match size {
        _ if elements.is_empty() => Vec::new(),
        0 => vec![list.clone()],
        _ => elements.chunks(size).map(chunk).collect(),
    };
    Ok(Value::list(of, chunks).with_marks(&marks))
}

pub(super) fn flatten_type(args: &[Value]) -> Result<Type, FunctionError> {
    let ty = args[0].ty();
    if !args[0].is_wholly_known() {
        return Ok(Type::Dynamic);
    }
    if !matches!(ty, Type::List(_) | Type::Set(_) | Type::Tuple(_)) {
        return Err(FunctionError::new(
            "can only flatten lists, sets and tuples",
        ));
    }
    // The elements decide; what is made from them has that type.
    Ok(Type::Dynamic)
}

pub(super) fn flatten(call: &Call<'_>) -> Outcome {
    let list = call.arg(0);
    if list.as_elements().is_none() {
        return Err(FunctionError::new(
            "can only flatten lists, sets and tuples",
        ));
    }
    let mut flat = Flat::default();
    flat.add(list);
    let result = if flat.undecided {
        call.unknown()
    } else {
        Value::tuple(flat.elements)
    };
    Ok(result.with_marks(&flat.marks))
}

#[derive(Default)]
struct Flat {
    elements: Vec<Value>,
    /// Marks of the lists: they are on the result as a whole.
    marks: Marks,
    /// Some list inside has no known length, or may be one.
    undecided: bool,
}

impl Flat {
    fn add(&mut self, list: &Value) {
        self.marks = self.marks.union(list.marks());
        let (least, most) = length_bounds(list);
        let Some(elements) = list.as_elements().filter(|_| most == Some(least)) else {
            self.undecided = true;
            return;
        };
        for element in elements {
            match element.ty() {
                Type::List(_) | Type::Set(_) | Type::Tuple(_) if !element.is_null() => {
                    self.add(element);
                }
                Type::Dynamic if !element.is_known() && element.marks().is_empty() => {
                    self.undecided = true;
                }
                _ => self.elements.push(element.clone()),
            }
        }
    }
}

pub(super) fn index(call: &Call<'_>) -> Outcome {
    let list = call.arg(0);
    if !matches!(list.ty(), Type::List(_) | Type::Tuple(_)) {
        return Err(FunctionError::new("argument must be a list or tuple"));
    }
    let elements = list.as_elements().unwrap_or_default();
    if elements.is_empty() {
        return Err(FunctionError::new("cannot search an empty list"));
    }
    for (at, element) in elements.iter().enumerate() {
        match equals(element, call.arg(1)).as_bool() {
            Some(true) => return Ok(Value::number(at)),
            Some(false) => {}
            None => return Ok(call.unknown()),
        }
    }
    Err(FunctionError::new("item not found"))
}

pub(super) fn keys_type(args: &[Value]) -> Result<Type, FunctionError> {
    match args[0].ty() {
        Type::Map(_) => Ok(Type::list(Type::String)),
        Type::Object(of) => Ok(Type::Tuple(
            of.attributes.keys().map(|_| Type::String).collect(),
        )),
        _ => Err(FunctionError::at(0, "must have map or object type")),
    }
}

/// The keys of an object are known even where the object is not.
pub(super) fn keys(call: &Call<'_>) -> Outcome {
    let (map, marks) = call.arg(0).clone().unmark();
    let key = |key: &Arc<str>| Value::string(Arc::clone(key));
    let keys = match (map.data(), map.ty()) {
        (_, Type::Object(of)) => Value::tuple(of.attributes.keys().map(key)),
        (Data::Map(_, entries), _) => Value::list(Type::String, entries.keys().map(key)),
        _ => call.unknown(),
    };
    // What is declared a map has names for keys, and so has an object whose type was written out.
    let marks = match map.ty() {
        Type::Map(_) => marks.without_secrets(),
        Type::Object(of) if of.attributes.keys().all(|key| is_word(key)) => marks.without_secrets(),
        _ => marks,
    };
    Ok(keys.with_marks(&marks))
}

/// Small letters, as the names in a type are, and no secret that somebody made a key.
fn is_word(key: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
    key.bytes().all(is_part)
}

/// Names of members are no secrets because members are.
pub(super) fn keys_places(_: &[Value]) -> SecretPlaces {
    SecretPlaces::default()
}

pub(super) fn values_type(args: &[Value]) -> Result<Type, FunctionError> {
    match args[0].ty() {
        Type::Map(of) => Ok(Type::list(Type::clone(&of))),
        Type::Object(of) => Ok(Type::Tuple(of.attributes.values().cloned().collect())),
        _ => Err(FunctionError::new(
            "values() requires a map as the first argument",
        )),
    }
}

pub(super) fn values(call: &Call<'_>) -> Outcome {
    let (map, marks) = call.arg(0).clone().unmark();
    let values = match map.data() {
        Data::Map(of, entries) => Value::list(of.clone(), entries.values().cloned()),
        Data::Object(entries) => Value::tuple(entries.values().cloned()),
        _ => call.unknown(),
    };
    Ok(values.with_marks(&marks))
}

pub(super) fn values_places(args: &[Value]) -> SecretPlaces {
    SecretPlaces::of(&args[0]).member(None).of_each()
}

/// Of one element, whichever it is.
pub(super) fn element_places(args: &[Value]) -> SecretPlaces {
    SecretPlaces::of(&args[0]).member(None)
}

pub(super) fn lookup_type(args: &[Value]) -> Result<Type, FunctionError> {
    if args.len() > 3 {
        return Err(FunctionError::new(format!(
            "lookup() takes two or three arguments, got {}",
            args.len()
        )));
    }
    match args[0].ty() {
        Type::Object(of) => {
            let Some(key) = args[1].as_str() else {
                return Ok(Type::Dynamic);
            };
            match (of.attributes.get(key), args.get(2)) {
                (Some(ty), _) => Ok(ty.clone()),
                (None, Some(default)) => Ok(default.ty()),
                (None, None) => Err(FunctionError::at(
                    0,
                    format!("the given object has no attribute {}", quote(key)),
                )),
            }
        }
        Type::Map(of) => {
            if args
                .get(2)
                .is_some_and(|default| convert(default, &of).is_err())
            {
                return Err(FunctionError::at(
                    2,
                    "the default value must have the same type as the map elements",
                ));
            }
            Ok(Type::clone(&of))
        }
        _ => Err(FunctionError::at(
            0,
            "lookup() requires a map as the first argument",
        )),
    }
}

pub(super) fn lookup(call: &Call<'_>) -> Outcome {
    let (map, of_map) = call.arg(0).clone().unmark();
    let (key, of_key) = call.arg(1).clone().unmark();
    let marks = of_map.union(&of_key);
    let (Some(entries), Some(name)) = (map.as_entries(), key.as_str()) else {
        let places = lookup_places(&call.args);
        return Ok(places.put_on(call.unknown()).with_marks(&marks));
    };
    if let Some(value) = entries.get(name) {
        return Ok(value.clone().with_marks(&marks));
    }
    let Some(default) = call.args.get(2) else {
        let shown = super::mark::shown(name, &of_key);
        return Err(FunctionError::new(format!(
            "lookup failed to find key {shown}"
        )));
    };
    let default =
        convert(default, &call.ty).map_err(|error| FunctionError::new(error.to_string()))?;
    Ok(default.with_marks(&marks))
}

/// The member or the default.
pub(super) fn lookup_places(args: &[Value]) -> SecretPlaces {
    let member = SecretPlaces::of(&args[0]).member(args[1].as_str());
    member.union(SecretPlaces::of_any(args.get(2)))
}

pub(super) fn matchkeys_type(args: &[Value]) -> Result<Type, FunctionError> {
    match unify(&[args[1].ty(), args[2].ty()]) {
        Some(_) => Ok(args[0].ty()),
        None => Err(FunctionError::new(
            "keys and searchset must be of the same type",
        )),
    }
}

pub(super) fn matchkeys(call: &Call<'_>) -> Outcome {
    let elements = |at: usize| call.arg(at).as_elements().unwrap_or_default();
    let (values, keys, wanted) = (elements(0), elements(1), elements(2));
    if values.len() != keys.len() {
        return Err(FunctionError::new(
            "length of keys and values should be equal",
        ));
    }
    let of = call.ty.element().cloned().unwrap_or(Type::Dynamic);
    if wanted.is_empty() {
        return Ok(Value::list(of, []));
    }
    if !call.arg(0).is_wholly_known() || !call.arg(1).is_wholly_known() {
        return Ok(call.unknown());
    }
    let common = unify(&[call.arg(1).ty(), call.arg(2).ty()]).unwrap_or(Type::Dynamic);
    let converted = |at: usize| convert(call.arg(at), &common).ok();
    let (Some(keys), Some(wanted)) = (converted(1), converted(2)) else {
        return Err(FunctionError::new(
            "keys and searchset must be of the same type",
        ));
    };
    let is_known = wanted.is_wholly_known();
    let wanted = wanted.as_elements().unwrap_or_default();
    if is_known {
        let wanted = Index::of(wanted);
        let pairs = keys.as_elements().unwrap_or_default().iter().zip(values);
        let kept = pairs.filter(|(key, _)| wanted.has(key));
        return Ok(Value::list(of, kept.map(|(_, value)| value.clone())));
    }
    let mut kept = Vec::new();
    for (key, value) in keys.as_elements().unwrap_or_default().iter().zip(values) {
        for search in wanted {
            match equals(key, search).as_bool() {
                Some(true) => {
                    kept.push(value.clone());
                    break;
                }
                Some(false) => {}
                // Terraform 1.11 takes one undecided comparison for no match at all, and plans with that.
                None => return Ok(Value::list(of, [])),
            }
        }
    }
    Ok(Value::list(of, kept))
}

pub(super) fn merge_type(args: &[Value]) -> Result<Type, FunctionError> {
    let mut attributes: BTreeMap<Arc<str>, Type> = BTreeMap::new();
    let mut keys_known = true;
    let mut matching = true;
    let mut first: Option<Type> = None;
    for arg in args {
        let ty = arg.ty();
        match &ty {
            Type::Dynamic => return Ok(Type::Dynamic),
            // A null has no attributes.
            Type::Object(_) | Type::Map(_) if arg.is_null() => {}
            Type::Object(of) => attributes.extend(of.attributes.clone()),
            Type::Map(of) => match arg.as_entries() {
                Some(entries) => {
                    let of = |key: &Arc<str>| (Arc::clone(key), Type::clone(of));
                    attributes.extend(entries.keys().map(of));
                }
                None => keys_known = false,
            },
            other => {
                return Err(FunctionError::new(format!(
                    "arguments must be maps or objects, got {:?}",
                    other.friendly_name()
                )));
            }
        }
        let ty = match ty {
            Type::Object(_) if arg.is_null() => Type::object(BTreeMap::new()),
            ty => ty,
        };
        match &first {
            None => first = Some(ty),
            Some(first) => matching &= *first == ty,
        }
    }
    match first {
        None => Ok(Type::object(BTreeMap::new())),
        Some(first) if matching => Ok(first),
        Some(_) if !keys_known => Ok(Type::Dynamic),
        Some(_) => Ok(Type::object(attributes)),
    }
}

pub(super) fn merge(call: &Call<'_>) -> Outcome {
    let mut merged = Entries::new();
    let mut marks = Marks::NONE;
    for arg in &call.args {
        let Some(entries) = arg.as_entries() else {
            continue;
        };
        marks = marks.union(arg.marks());
        merged.extend(
            entries
                .iter()
                .map(|(key, value)| (Arc::clone(key), value.clone())),
        );
    }
    let merged = match &call.ty {
        Type::Map(of) => Value::map(Type::clone(of), merged),
        _ => Value::object(merged),
    };
    Ok(merged.with_marks(&marks))
}

/// What later arguments give is certain, whatever an unknown one before them holds.
pub(super) fn merge_shape(arguments: &[Value]) -> Option<Shape> {
    let after = arguments.iter().rposition(|arg| !arg.is_known())? + 1;
    let mut certain = Entries::new();
    for arg in &arguments[after..] {
        for (key, value) in arg.as_entries().into_iter().flatten() {
            let value = value.clone().with_marks(arg.marks());
            certain.insert(Arc::clone(key), value);
        }
    }
    if certain.is_empty() {
        return None;
    }
    Some(Shape::Partial(Arc::new(Value::object(certain))))
}

pub(super) fn one_type(args: &[Value]) -> Result<Type, FunctionError> {
    match args[0].ty() {
        Type::List(of) | Type::Set(of) => Ok(Type::clone(&of)),
        Type::Tuple(of) if of.is_empty() => Ok(Type::Dynamic),
        Type::Tuple(of) if of.len() == 1 => Ok(of[0].clone()),
        _ => Err(not_one()),
    }
}

pub(super) fn one(call: &Call<'_>) -> Outcome {
    let list = call.arg(0);
    match list.as_elements().unwrap_or_default() {
        [] => Ok(Value::null(call.ty.clone()).with_marks(list.marks())),
        [only] => Ok(only.clone().with_marks(list.marks())),
        _ if length_bounds(list).0 < 2 => Ok(call.unknown().with_marks(&list.marks_deep())),
        _ => Err(not_one()),
    }
}

fn not_one() -> FunctionError {
    FunctionError::at(
        0,
        "must be a list, set, or tuple value with either zero or one elements",
    )
}

pub(super) fn reverse_type(args: &[Value]) -> Result<Type, FunctionError> {
    match args[0].ty() {
        Type::Tuple(of) => Ok(Type::Tuple(of.iter().rev().cloned().collect())),
        Type::List(of) | Type::Set(of) => Ok(Type::list(Type::clone(&of))),
        other => Err(FunctionError::at(
            0,
            format!(
                "can only reverse list or tuple values, not {}",
                other.friendly_name()
            ),
        )),
    }
}

pub(super) fn reverse(call: &Call<'_>) -> Outcome {
    let (list, marks) = call.arg(0).clone().unmark();
    let elements = list.as_elements().unwrap_or_default().iter().rev().cloned();
    Ok(sequence(&call.ty, elements).with_marks(&marks))
}

/// A list or a tuple, as the type says.
fn sequence(ty: &Type, elements: impl IntoIterator<Item = Value>) -> Value {
    match ty {
        Type::List(of) => Value::list(Type::clone(of), elements),
        _ => Value::tuple(elements),
    }
}

pub(super) fn slice_type(args: &[Value]) -> Result<Type, FunctionError> {
    let ty = args[0].ty();
    match &ty {
        Type::Set(_) => {
            return Err(FunctionError::at(
                0,
                "cannot slice a set, because its elements do not have indices; explicitly convert \
                 to a list if the ordering of the result is not important",
            ));
        }
        Type::List(_) | Type::Tuple(_) => {}
        _ => return Err(FunctionError::at(0, "must be a list or tuple value")),
    }
    let range = slice_range(args)?;
    match (&ty, range) {
        (Type::Tuple(of), Some((start, end))) => Ok(Type::Tuple(of[start..end].into())),
        (Type::Tuple(_), None) => Ok(Type::Dynamic),
        _ => Ok(ty),
    }
}

pub(super) fn slice(call: &Call<'_>) -> Outcome {
    let (list, marks) = call.arg(0).clone().unmark();
    let Some((start, end)) = slice_range(&call.args)? else {
        return Ok(call.unknown().with_marks(&marks));
    };
    let elements = list.as_elements().unwrap_or_default();
    let elements = elements.get(start..end).unwrap_or_default();
    Ok(sequence(&call.ty, elements.iter().cloned()).with_marks(&marks))
}

/// The range, when both ends are known; wrong ends are refused as soon as they are.
fn slice_range(args: &[Value]) -> Result<Option<(usize, usize)>, FunctionError> {
    let (least, most) = length_bounds(&args[0]);
    let length = most.filter(|most| *most == least);
    let end_of = |at: usize, name: &str| {
        let Some(number) = args[at].as_number() else {
            return Ok(None);
        };
        let index = integer(number)
            .map_err(|message| FunctionError::at(at, format!("invalid {name} index: {message}")))?;
        let Ok(index) = usize::try_from(index) else {
            let message = format!("{name} index must not be less than zero");
            return Err(FunctionError::at(at, message));
        };
        if length.is_some_and(|length| index > length) {
            let message = format!("{name} index must not be greater than the length of the list");
            return Err(FunctionError::at(at, message));
        }
        Ok(Some(index))
    };
    match (end_of(1, "start")?, end_of(2, "end")?) {
        (Some(start), Some(end)) if start > end => Err(FunctionError::at(
            1,
            "start index must not be greater than end index",
        )),
        (Some(start), Some(end)) => Ok(Some((start, end))),
        _ => Ok(None),
    }
}

pub(super) fn transpose(call: &Call<'_>) -> Outcome {
    let map = call.arg(0);
    if !map.is_wholly_known() {
        return Ok(call.unknown());
    }
    let mut transposed: BTreeMap<Arc<str>, Vec<Value>> = BTreeMap::new();
    for (key, list) in map.as_entries().into_iter().flatten() {
        let Some(elements) = list.as_elements() else {
            return Err(FunctionError::new("input must not contain null list"));
        };
        for element in elements {
            let Data::String(text) = element.data() else {
                return Err(FunctionError::new(
                    "input list must not contain null string",
                ));
            };
            let values = transposed.entry(Arc::clone(text)).or_default();
            values.push(Value::string(Arc::clone(key)));
        }
    }
    let of = Type::list(Type::String);
    let lists = transposed
        .into_iter()
        .map(|(key, values)| (key, Value::list(Type::String, values)))
        .collect();
    Ok(Value::map(of, lists))
}

pub(super) fn zipmap_type(args: &[Value]) -> Result<Type, FunctionError> {
    match args[1].ty() {
        Type::List(of) => Ok(Type::map(Type::clone(&of))),
        Type::Tuple(of) => {
            if !args[0].is_wholly_known() {
                return Ok(Type::Dynamic);
            }
            let keys = args[0].as_elements().unwrap_or_default();
            if keys.len() != of.len() {
                return Err(unpaired(keys.len(), of.len()));
            }
            let mut attributes = BTreeMap::new();
            for (at, (key, ty)) in keys.iter().zip(of.iter()).enumerate() {
                let Data::String(key) = key.data() else {
                    return Err(FunctionError::new(format!(
                        "keys list has null value at index {at}"
                    )));
                };
                attributes.insert(Arc::clone(key), ty.clone());
            }
            Ok(Type::object(attributes))
        }
        _ => Err(FunctionError::new(
            "values argument must be a list or tuple value",
        )),
    }
}

pub(super) fn zipmap(call: &Call<'_>) -> Outcome {
    let (keys, of_keys) = call.arg(0).clone().unmark();
    let (values, of_values) = call.arg(1).clone().unmark();
    let mut marks = of_keys.union(&of_values);
    if !keys.is_wholly_known() {
        return Ok(call.unknown().with_marks(&marks));
    }
    let keys = keys.as_elements().unwrap_or_default();
    let values = values.as_elements().unwrap_or_default();
    if keys.len() != values.len() {
        return Err(unpaired(keys.len(), values.len()));
    }
    let mut entries = Entries::new();
    for (at, (key, value)) in keys.iter().zip(values).enumerate() {
        marks = marks.union(key.marks());
        let Data::String(key) = key.data() else {
            return Err(FunctionError::new(format!(
                "keys list has null value at index {at}"
            )));
        };
        entries.insert(Arc::clone(key), value.clone());
    }
    let zipped = match &call.ty {
        Type::Map(of) => Value::map(Type::clone(of), entries),
        _ => Value::object(entries),
    };
    Ok(zipped.with_marks(&marks))
}

fn unpaired(keys: usize, values: usize) -> FunctionError {
    FunctionError::new(format!(
        "number of keys ({keys}) does not match number of values ({values})"
    ))
}

pub(super) fn list(_: &Call<'_>) -> Outcome {
    Err(FunctionError::new(
        "the \"list\" function was deprecated in Terraform v0.12 and is no longer available; use \
         tolist([ ... ]) syntax to write a literal list",
    ))
}

pub(super) fn map(_: &Call<'_>) -> Outcome {
    Err(FunctionError::new(
        "the \"map\" function was deprecated in Terraform v0.12 and is no longer available; use \
         tomap({ ... }) syntax to write a literal map",
    ))
}
