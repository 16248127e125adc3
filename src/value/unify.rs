//! Which types convert into which, and the most general of several.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use super::{ObjectType, Type};

/// Which conversions count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Safety {
    /// Those that no value can fail.
    Safe,
    /// Those too that some values fail, such as string to number.
    Unsafe,
}

/// The type that all of these convert into, unsafe conversions included, which is what conditionals and Terraform's
/// functions use. None when there is none, or no type at all.
pub fn unify(types: &[Type]) -> Option<Type> {
    unify_with(types, Safety::Unsafe)
}

/// As [`unify`], with a choice of conversions.
pub fn unify_with(types: &[Type], safety: Safety) -> Option<Type> {
    let mut seen = HashSet::new();
    let distinct: Vec<&Type> = types.iter().filter(|ty| seen.insert(*ty)).collect();
    unify_distinct(&distinct, safety)
}

fn unify_distinct(types: &[&Type], safety: Safety) -> Option<Type> {
    if let [] | [_] = types {
        return types.first().map(|ty| Type::clone(ty));
    }
    let kinds = Kinds::of(types);
    if kinds.map && kinds.only(&[Kind::Map]) {
        return unify_elements(types, Type::map, kinds, safety);
    }
    if kinds.map && kinds.only(&[Kind::Map, Kind::Object]) {
        if let Some(ty) = unify_structures_as_collections(types, safety) {
            return Some(ty);
        }
    } else if kinds.list && kinds.only(&[Kind::List]) {
        return unify_elements(types, Type::list, kinds, safety);
    } else if kinds.list && kinds.only(&[Kind::List, Kind::Tuple]) {
        if let Some(ty) = unify_structures_as_collections(types, safety) {
            return Some(ty);
        }
    } else if kinds.set && kinds.only(&[Kind::Set]) {
        return unify_elements(types, Type::set, kinds, safety);
    } else if kinds.object && kinds.only(&[Kind::Object]) {
        return unify_objects(types, kinds, safety);
    } else if kinds.tuple && kinds.only(&[Kind::Tuple]) {
        return unify_tuples(types, kinds, safety);
    } else if kinds.object && kinds.tuple {
        return None;
    }
    preferred_first(types)
        .into_iter()
        .map(|at| types[at])
        .find(|wanted| {
            types
                .iter()
                .all(|ty| ty == wanted || converts(ty, wanted, safety))
        })
        .cloned()
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Map,
    List,
    Set,
    Object,
    Tuple,
    Dynamic,
    Primitive,
}

impl Kind {
    fn of(ty: &Type) -> Self {
        match ty {
            Type::Map(_) => Self::Map,
            Type::List(_) => Self::List,
            Type::Set(_) => Self::Set,
            Type::Object(_) => Self::Object,
            Type::Tuple(_) => Self::Tuple,
            Type::Dynamic => Self::Dynamic,
            Type::Bool | Type::Number | Type::String => Self::Primitive,
        }
    }
}

/// Which kinds of types there are among several.
#[derive(Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "a set of kinds")]
struct Kinds {
    map: bool,
    list: bool,
    set: bool,
    object: bool,
    tuple: bool,
    dynamic: bool,
    primitive: bool,
}

impl Kinds {
    fn of(types: &[&Type]) -> Self {
        let mut kinds = Self::default();
        for ty in types {
            match Kind::of(ty) {
                Kind::Map => kinds.map = true,
                Kind::List => kinds.list = true,
                Kind::Set => kinds.set = true,
                Kind::Object => kinds.object = true,
                Kind::Tuple => kinds.tuple = true,
                Kind::Dynamic => kinds.dynamic = true,
                Kind::Primitive => kinds.primitive = true,
            }
        }
        kinds
    }

    /// Whether there is nothing but these and types not known yet.
    fn only(self, allowed: &[Kind]) -> bool {
        let present = [
            (self.map, Kind::Map),
            (self.list, Kind::List),
            (self.set, Kind::Set),
            (self.object, Kind::Object),
            (self.tuple, Kind::Tuple),
            (self.primitive, Kind::Primitive),
        ];
        present
            .iter()
            .all(|(is_present, kind)| !is_present || allowed.contains(kind))
    }
}

/// Collections of one kind. One type not known yet makes the whole unknown.
fn unify_elements(
    types: &[&Type],
    collection: fn(Type) -> Type,
    kinds: Kinds,
    safety: Safety,
) -> Option<Type> {
    if kinds.dynamic {
        return Some(Type::Dynamic);
    }
    let elements: Vec<Type> = types
        .iter()
        .filter_map(|ty| ty.element())
        .cloned()
        .collect();
    unify_with(&elements, safety).map(collection)
}

/// Objects beside maps are taken for maps, tuples beside lists for lists.
fn unify_structures_as_collections(types: &[&Type], safety: Safety) -> Option<Type> {
    let structures: Vec<&Type> = types
        .iter()
        .copied()
        .filter(|ty| matches!(ty, Type::Object(_) | Type::Tuple(_)))
        .collect();
    let collection = unify_structures(&structures, safety)?;
    let replaced: Vec<Type> = types
        .iter()
        .map(|ty| match ty {
            Type::Object(_) | Type::Tuple(_) => collection.clone(),
            _ => Type::clone(ty),
        })
        .collect();
    unify_with(&replaced, safety).filter(Type::is_collection)
}

/// Objects as one map, or tuples as one list.
fn unify_structures(types: &[&Type], safety: Safety) -> Option<Type> {
    let is_object = matches!(types.first(), Some(Type::Object(_)));
    let members: Vec<Type> = types
        .iter()
        .flat_map(|ty| match ty {
            Type::Object(of) => of.attributes.values().cloned().collect(),
            Type::Tuple(of) => of.to_vec(),
            _ => Vec::new(),
        })
        .collect();
    let of = unify_with(&members, safety)?;
    let collection = if is_object {
        Type::map(of)
    } else {
        Type::list(of)
    };
    types
        .iter()
        .all(|ty| converts(ty, &collection, safety))
        .then_some(collection)
}

fn unify_objects(types: &[&Type], kinds: Kinds, safety: Safety) -> Option<Type> {
    if kinds.dynamic {
        return Some(Type::Dynamic);
    }
    let objects: Vec<&ObjectType> = types
        .iter()
        .filter_map(|ty| match ty {
            Type::Object(of) => Some(&**of),
            _ => None,
        })
        .collect();
    let (first, rest) = objects.split_first()?;
    let same_names = |object: &&ObjectType| object.attributes.keys().eq(first.attributes.keys());
    if !rest.iter().all(same_names) {
        return unify_structures(types, safety);
    }
    let mut attributes = BTreeMap::new();
    for name in first.attributes.keys() {
        let across: Vec<Type> = objects
            .iter()
            .map(|object| object.attributes[name].clone())
            .collect();
        attributes.insert(Arc::clone(name), unify_with(&across, safety)?);
    }
    let unified = Type::object(attributes);
    if types
        .iter()
        .all(|ty| **ty == unified || converts(ty, &unified, safety))
    {
        Some(unified)
    } else {
        unify_structures(types, safety)
    }
}

fn unify_tuples(types: &[&Type], kinds: Kinds, safety: Safety) -> Option<Type> {
    if kinds.dynamic {
        return Some(Type::Dynamic);
    }
    let tuples: Vec<&[Type]> = types
        .iter()
        .filter_map(|ty| match ty {
            Type::Tuple(of) => Some(&**of),
            _ => None,
        })
        .collect();
    let length = tuples.first()?.len();
    if tuples.iter().any(|tuple| tuple.len() != length) {
        return unify_structures(types, safety);
    }
    let elements: Option<Arc<[Type]>> = (0..length)
        .map(|at| {
            let across: Vec<Type> = tuples.iter().map(|tuple| tuple[at].clone()).collect();
            unify_with(&across, safety)
        })
        .collect();
    let unified = Type::Tuple(elements?);
    if types
        .iter()
        .all(|ty| **ty == unified || converts(ty, &unified, safety))
    {
        Some(unified)
    } else {
        unify_structures(types, safety)
    }
}

/// Positions in order of preference: the most general first, as far as they compare; otherwise as given.
fn preferred_first(types: &[&Type]) -> Vec<usize> {
    let mut follows = vec![Vec::new(); types.len()];
    let mut waits_for = vec![0usize; types.len()];
    for (at, ty) in types.iter().enumerate() {
        for (other_at, other) in types.iter().enumerate().skip(at + 1) {
            let (first, second) = match generality(ty, other) {
                0 => continue,
                order if order < 0 => (at, other_at),
                _ => (other_at, at),
            };
            follows[first].push(second);
            waits_for[second] += 1;
        }
    }
    let mut order: Vec<usize> = (0..types.len()).filter(|at| waits_for[*at] == 0).collect();
    let mut next = 0;
    while let Some(&at) = order.get(next) {
        next += 1;
        for &second in &follows[at] {
            waits_for[second] -= 1;
            if waits_for[second] == 0 {
                order.push(second);
            }
        }
    }
    order
}

/// Negative when `a` is the more general one, positive when `b` is, zero when that cannot be said.
fn generality(a: &Type, b: &Type) -> i8 {
    match (a, b) {
        (Type::Dynamic, Type::Dynamic) => 0,
        (Type::List(a), Type::List(b))
        | (Type::Set(a), Type::Set(b))
        | (Type::Map(a), Type::Map(b)) => generality(a, b),
        (_, Type::Dynamic)
        | (Type::String, Type::Bool | Type::Number)
        | (Type::List(_), Type::Tuple(_) | Type::Set(_))
        | (Type::Tuple(_), Type::Set(_))
        | (Type::Map(_), Type::Object(_)) => -1,
        (Type::Dynamic, _)
        | (Type::Bool | Type::Number, Type::String)
        | (Type::Tuple(_) | Type::Set(_), Type::List(_))
        | (Type::Set(_), Type::Tuple(_))
        | (Type::Object(_), Type::Map(_)) => 1,
        (Type::Object(a), Type::Object(b)) if a.attributes.keys().eq(b.attributes.keys()) => {
            together(a.attributes.values().zip(b.attributes.values()))
        }
        (Type::Tuple(a), Type::Tuple(b)) if a.len() == b.len() => together(a.iter().zip(b.iter())),
        _ => 0,
    }
}

fn together<'a>(pairs: impl Iterator<Item = (&'a Type, &'a Type)>) -> i8 {
    let (mut first, mut second) = (false, false);
    for (a, b) in pairs {
        let order = generality(a, b);
        first |= order < 0;
        second |= order > 0;
    }
    i8::from(second && !first) - i8::from(first && !second)
}

/// Whether values of one type convert into another; unsafely some of them may still fail.
pub fn converts(from: &Type, to: &Type, safety: Safety) -> bool {
    let is_unsafe = safety == Safety::Unsafe;
    match (from, to) {
        (_, Type::Dynamic) | (Type::Number | Type::Bool, Type::String) => true,
        (from, to) if from == to => true,
        (Type::Dynamic, _) | (Type::String, Type::Number | Type::Bool) => is_unsafe,
        (Type::Object(from), Type::Object(to)) => {
            to.attributes
                .iter()
                .all(|(name, to_attribute)| match from.attributes.get(name) {
                    Some(attribute) => converts(attribute, to_attribute, safety),
                    None => to.optional.contains(name),
                })
        }
        (Type::Tuple(from), Type::Tuple(to)) => {
            let mut pairs = from.iter().zip(to.iter());
            from.len() == to.len() && pairs.all(|(from, to)| converts(from, to, safety))
        }
        (Type::List(_), Type::Set(_)) if !is_unsafe => false,
        (Type::List(from) | Type::Set(from), Type::List(to) | Type::Set(to))
        | (Type::Map(from), Type::Map(to)) => converts(from, to, safety),
        (Type::Tuple(from), Type::List(to) | Type::Set(to)) => {
            element_constraint(from.iter(), to, safety).is_some_and(|to| {
                let decided = to != Type::Dynamic || from.iter().all(|ty| *ty == Type::Dynamic);
                decided && from.iter().all(|from| converts(from, &to, safety))
            })
        }
        (Type::Object(from), Type::Map(to)) => {
            element_constraint(from.attributes.values(), to, safety).is_some_and(|to| {
                from.attributes
                    .values()
                    .all(|from| converts(from, &to, safety))
            })
        }
        (Type::Map(from), Type::Object(to)) if is_unsafe => {
            to.attributes.iter().all(|(name, to_attribute)| {
                converts(from, to_attribute, safety) || to.optional.contains(name)
            })
        }
        _ => false,
    }
}

/// What the members of a tuple or object become as elements of a collection: where the constraint leaves it open, the
/// type that they have in common. None when they have none.
pub(super) fn element_constraint<'a>(
    members: impl Iterator<Item = &'a Type> + Clone,
    to: &Type,
    safety: Safety,
) -> Option<Type> {
    if *to != Type::Dynamic || members.clone().next().is_none() {
        return Some(to.clone());
    }
    let members: Vec<Type> = members.cloned().collect();
    unify_with(&members, safety)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(attributes: &[(&str, Type)]) -> Type {
        Type::object(
            attributes
                .iter()
                .map(|(name, ty)| (Arc::from(*name), ty.clone()))
                .collect(),
        )
    }

    fn tuple(of: &[Type]) -> Type {
        Type::Tuple(of.into())
    }

    #[test]
    fn unifies_as_cty() {
        use Type::{Bool, Dynamic, Number, String};
        let rows = [
            (vec![Number, String], Some(String)),
            (vec![Bool, Number], None),
            (vec![Bool, Number, String], Some(String)),
            (vec![Dynamic, Number], Some(Number)),
            (
                vec![tuple(&[Number]), tuple(&[String, String])],
                Some(Type::list(String)),
            ),
            (
                vec![tuple(&[Number, Bool]), tuple(&[String, Bool])],
                Some(tuple(&[String, Bool])),
            ),
            (
                vec![tuple(&[]), Type::list(Number)],
                Some(Type::list(Number)),
            ),
            (
                vec![tuple(&[Number]), Type::list(String)],
                Some(Type::list(String)),
            ),
            (
                vec![object(&[("a", Number)]), object(&[("b", String)])],
                Some(Type::map(String)),
            ),
            (
                vec![object(&[("a", Number)]), object(&[("a", String)])],
                Some(object(&[("a", String)])),
            ),
            (
                vec![object(&[("a", Number)]), Type::map(String)],
                Some(Type::map(String)),
            ),
            (vec![object(&[]), tuple(&[])], None),
            (vec![Type::list(String), Dynamic], Some(Dynamic)),
            (
                vec![Type::list(String), Type::set(String)],
                Some(Type::list(String)),
            ),
            (vec![], None),
        ];
        for (types, unified) in rows {
            assert_eq!(unify(&types), unified, "{types:?}");
        }
    }
}
