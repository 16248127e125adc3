//! Which elements of two sets are the same, where one of them is known in part only: sets have no order.

use super::display::display;
use super::{Data, Value};

/// Of more elements nothing is told: each is compared with each.
const LARGEST_SET: usize = 256;

/// For each planned element of a set the index of the written one that it is. Where fewer are written than planned, each
/// that is written is one of the others.
pub fn same_elements(planned: &[Value], written: &[Value]) -> Vec<Option<usize>> {
    if planned.len().max(written.len()) > LARGEST_SET || planned.len() < written.len() {
        return vec![None; planned.len()];
    }
    match planned.len() == written.len() {
        true => each_planned(planned, written),
        false => each_written(planned, written),
    }
}

fn each_planned(planned: &[Value], written: &[Value]) -> Vec<Option<usize>> {
    let mut same = vec![None; planned.len()];
    let mut open = candidates(planned, written, agree);
    while let Some(next) = open.iter().position(|(at, may_be)| {
        let alike = |other: &(usize, Vec<usize>)| {
            !other.1.iter().any(|one| may_be.contains(one))
                || look_alike(&planned[other.0], &planned[*at])
        };
        may_be.len() == 1 || !may_be.is_empty() && open.iter().all(alike)
    }) {
        let (at, found) = take(&mut open, next);
        same[at] = Some(found);
    }
    same
}

fn each_written(planned: &[Value], written: &[Value]) -> Vec<Option<usize>> {
    let mut same = vec![None; planned.len()];
    let mut open = candidates(written, planned, |written, planned| agree(planned, written));
    while let Some(next) = open.iter().position(|(_, may_be)| {
        let mut all = may_be.iter().map(|at| &planned[*at]);
        let first = all.next();
        first.is_some_and(|first| all.all(|one| look_alike(first, one)))
    }) {
        let (at, found) = take(&mut open, next);
        same[found] = Some(at);
    }
    same
}

/// For each element the indexes of those that it may be.
fn candidates(
    elements: &[Value],
    others: &[Value],
    may_be: impl Fn(&Value, &Value) -> bool,
) -> Vec<(usize, Vec<usize>)> {
    let of = |one: &Value| {
        let all = 0..others.len();
        all.filter(|at| may_be(one, &others[*at])).collect()
    };
    elements.iter().map(of).enumerate().collect()
}

/// The element with the first that it may be, which no other is then.
fn take(open: &mut Vec<(usize, Vec<usize>)>, next: usize) -> (usize, usize) {
    let (at, may_be) = open.swap_remove(next);
    let found = may_be[0];
    for (_, others) in open {
        others.retain(|one| *one != found);
    }
    (at, found)
}

/// Whether a planned value can be what is written.
fn agree(planned: &Value, written: &Value) -> bool {
    // The provider fills in a null; what is ephemeral is in no plan.
    if !planned.is_known() || !written.is_known() || written.is_null() || written.marks().ephemeral
    {
        return true;
    }
    if let (Some(own), Some(other)) = (planned.as_entries(), written.as_entries()) {
        let mut shared = own
            .iter()
            .filter_map(|(name, one)| Some((one, other.get(name)?)));
        return shared.all(|(one, other)| agree(one, other));
    }
    match (planned.as_elements(), written.as_elements()) {
        (Some(own), Some(other)) if is_set(planned) || is_set(written) => {
            own.len() == other.len()
                && own
                    .iter()
                    .all(|one| other.iter().any(|other| agree(one, other)))
        }
        (Some(own), Some(other)) => {
            own.len() == other.len() && own.iter().zip(other).all(|(one, other)| agree(one, other))
        }
        _ => planned.data() == written.data() || is_same_text(planned, written),
    }
}

fn is_set(value: &Value) -> bool {
    matches!(value.data(), Data::Set(..))
}

/// Whether two primitives of different types say the same: an argument that is a number may be written as a string.
fn is_same_text(planned: &Value, written: &Value) -> bool {
    let is_empty = |value: &Value| value.is_null() || value.as_str() == Some("");
    if is_empty(planned) && is_empty(written) {
        return true;
    }
    planned.ty() != written.ty()
        && display(planned).is_some_and(|text| Some(text) == display(written))
}

/// Whether two planned elements say the same, whatever the reasons for what they do not say.
fn look_alike(one: &Value, other: &Value) -> bool {
    if let (Some(own), Some(others)) = (one.as_entries(), other.as_entries()) {
        return own.keys().eq(others.keys())
            && own
                .values()
                .zip(others.values())
                .all(|(one, other)| look_alike(one, other));
    }
    match (one.as_elements(), other.as_elements()) {
        (Some(own), Some(others)) => {
            own.len() == others.len()
                && own
                    .iter()
                    .zip(others)
                    .all(|(one, other)| look_alike(one, other))
        }
        _ => !one.is_known() && !other.is_known() || one.data() == other.data(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{Causes, Marks, Type};

    fn object(entries: &[(&str, Value)]) -> Value {
        let entries = entries.iter();
        let entries = entries.map(|(name, value)| ((*name).into(), value.clone()));
        Value::object(entries.collect())
    }

    #[test]
    fn elements_of_sets_are_told_apart_by_what_they_hold() {
        let unknown = || Value::unknown(Type::String, Causes::default());
        let group =
            |arn: Value, weight: i64| object(&[("arn", arn), ("weight", Value::number(weight))]);
        let arn = |name| Value::string("arn").with_marks(&Marks::secret(name));
        let of_set = |elements: Vec<Value>| {
            let of = elements[0].ty();
            Value::from(Data::Set(of, elements.into()))
        };
        let planned = of_set(vec![group(unknown(), 0), group(unknown(), 100)]);
        let written = of_set(vec![group(arn("api"), 100), group(arn("canary"), 0)]);
        let Data::Set(_, other) = written.data() else {
            panic!("a set");
        };
        let elements = planned.as_elements().expect("a set");
        assert_eq!(same_elements(elements, other), [Some(1), Some(0)]);
        // Both weights are possible for either: which is which nobody knows.
        let open = [
            group(arn("api"), 100),
            object(&[("arn", arn("canary")), ("weight", unknown())]),
        ];
        let two = [group(unknown(), 100), group(unknown(), 0)];
        assert_eq!(same_elements(&two, &open), [Some(0), Some(1)]);
        let neither = [object(&[("weight", unknown())]), group(unknown(), 0)];
        let of_sources = [group(arn("api"), 0), group(arn("canary"), 0)];
        assert_eq!(same_elements(&neither, &of_sources), [None, None]);
    }

    #[test]
    fn a_number_may_be_written_as_a_string() {
        let port = |port: Value| object(&[("port", port)]);
        let planned = [port(Value::number(80)), port(Value::number(8000))];
        let written = [port(Value::string("8000")), port(Value::string("80"))];
        assert_eq!(same_elements(&planned, &written), [Some(1), Some(0)]);
    }

    #[test]
    fn of_fewer_written_ones_each_is_among_the_planned() {
        let block = |name: &str| object(&[("name", Value::string(name))]);
        let planned = [block("web"), block("api"), block("web")];
        let found = same_elements(&planned, &[block("web")]);
        assert_eq!(found, [Some(0), None, None]);
        let found = same_elements(&planned, &[block("api"), block("other")]);
        assert_eq!(found, [None, Some(0), None]);
        let unknown = object(&[("name", Value::unknown(Type::String, Causes::default()))]);
        assert_eq!(same_elements(&planned, &[unknown]), [None, None, None]);
    }
}
