//! Refinements: what is known of an unknown value, and where that is enough to know it after all.

use std::sync::Arc;

use unicode_normalization::UnicodeNormalization as _;
use unicode_segmentation::UnicodeSegmentation as _;

use super::{Data, Marks, Number, Shape, Type, Unknown, Value, set_from};

/// A list refined to more elements than this stays unknown: nobody wants that many unknown elements.
const LARGEST_LIST: usize = 4096;

impl Value {
    /// Will not be null. As with every refinement: known values, and unknown ones of unknown type, stay as they are.
    pub fn refine_not_null(self) -> Value {
        self.refine(|unknown| unknown.not_null = true)
    }

    /// A string that begins with this, followed by who knows what: the last characters are dropped where what follows
    /// could combine with them (`"foo"` leaves `fo`, `"foo-"` stays).
    pub fn refine_prefix(self, prefix: &str) -> Value {
        let safe = safe_prefix(prefix);
        self.refine_prefix_full(&safe)
    }

    /// A string that begins with exactly this, whatever follows.
    pub fn refine_prefix_full(self, prefix: &str) -> Value {
        self.refine(|unknown| {
            let known = unknown.prefix.as_deref().unwrap_or("");
            if unknown.ty == Type::String && prefix.len() > known.len() {
                unknown.prefix = Some(prefix.nfc().collect::<String>().into());
            }
        })
    }

    /// A collection of at least `min` and at most `max` elements.
    pub fn refine_length(self, min: usize, max: Option<usize>) -> Value {
        self.refine(|unknown| {
            if unknown.ty.is_collection() {
                let min = (min > 0).then(|| Number::from(min));
                narrow(unknown, min, max.map(Number::from));
            }
        })
    }

    /// A number within these bounds, both inclusive.
    pub fn refine_bounds(self, min: Option<Number>, max: Option<Number>) -> Value {
        self.refine(|unknown| {
            if unknown.ty == Type::Number {
                narrow(unknown, min, max);
            }
        })
    }

    fn refine(self, change: impl FnOnce(&mut Unknown)) -> Value {
        let Data::Unknown(unknown) = &self.data else {
            return self;
        };
        if unknown.ty == Type::Dynamic {
            return self;
        }
        let mut unknown = Unknown::clone(unknown);
        change(&mut unknown);
        settled(unknown).replace_marks(self.marks)
    }

    /// The value that it will have: itself when known; and where Terraform 1.11 calls it unknown although the sources
    /// decide it (`unknown && false`), that. Only bools, numbers and strings are foreseen.
    pub fn foreseen(&self) -> Option<&Value> {
        match &self.data {
            Data::Unknown(unknown) => match &unknown.shape {
                Some(Shape::Partial(value) | Shape::Decoded(value))
                    if value.ty().is_primitive() && value.is_known() =>
                {
                    Some(value)
                }
                _ => None,
            },
            _ => Some(self),
        }
    }

    /// The elements of a list, set or tuple, also of one that is planned as unknown because one of them is.
    pub fn foreseen_elements(&self) -> Option<&[Value]> {
        match &self.data {
            Data::Unknown(unknown) => match &unknown.shape {
                Some(Shape::Partial(value) | Shape::Decoded(value)) => value.as_elements(),
                _ => None,
            },
            _ => self.as_elements(),
        }
    }

    /// The value and everything in it without marks, and all those marks together.
    pub fn unmark_deep(self) -> (Value, Marks) {
        let marks = self.marks_deep();
        if marks.is_empty() {
            return (self, marks);
        }
        (self.without_marks(), marks)
    }

    fn without_marks(&self) -> Value {
        let all = |elements: &[Value]| elements.iter().map(Value::without_marks).collect();
        let entries = |entries: &super::Entries| {
            let pairs = entries.iter();
            Arc::new(
                pairs
                    .map(|(key, value)| (Arc::clone(key), value.without_marks()))
                    .collect(),
            )
        };
        match &self.data {
            Data::List(of, elements) => Data::List(of.clone(), all(elements)),
            Data::Set(of, elements) => Data::Set(of.clone(), all(elements)),
            Data::Tuple(elements) => Data::Tuple(all(elements)),
            Data::Map(of, pairs) => Data::Map(of.clone(), entries(pairs)),
            Data::Object(pairs) => Data::Object(entries(pairs)),
            Data::Unknown(unknown) => Data::Unknown(Arc::new(Unknown {
                shape: match &unknown.shape {
                    Some(Shape::Partial(partial)) => {
                        Some(Shape::Partial(Arc::new(partial.without_marks())))
                    }
                    Some(Shape::Decoded(document)) => {
                        Some(Shape::Decoded(Arc::new(document.without_marks())))
                    }
                    Some(Shape::Secrets(_)) => None,
                    shape => shape.clone(),
                },
                ..Unknown::clone(unknown)
            })),
            data => data.clone(),
        }
        .into()
    }
}

impl Marks {
    /// The marks of several values and everything in them, together: what a function's result carries.
    pub fn of<'a>(values: impl IntoIterator<Item = &'a Value>) -> Marks {
        values
            .into_iter()
            .fold(Marks::NONE, |marks, value| marks.union(&value.marks_deep()))
    }
}

fn narrow(unknown: &mut Unknown, min: Option<Number>, max: Option<Number>) {
    let bounds = &mut unknown.bounds;
    if let Some(min) = min {
        bounds.min = Some(
            bounds
                .min
                .take()
                .map_or(min.clone(), |known| known.max(min)),
        );
    }
    if let Some(max) = max {
        bounds.max = Some(
            bounds
                .max
                .take()
                .map_or(max.clone(), |known| known.min(max)),
        );
    }
}

/// The known value where the refinements leave no other.
pub(super) fn settled(unknown: Unknown) -> Value {
    if !unknown.not_null {
        return Value::refined(unknown);
    }
    if unknown.ty == Type::Number {
        return match (&unknown.bounds.min, &unknown.bounds.max) {
            (Some(min), Some(max)) if min == max => Value::number(min.clone()),
            _ => Value::refined(unknown),
        };
    }
    let (min, max) = unknown.length_bounds();
    let of = match unknown.ty.element() {
        Some(of) if max == Some(min) => of.clone(),
        _ => return Value::refined(unknown),
    };
    match (&unknown.ty, min) {
        (Type::List(_), 0) => Value::list(of, []),
        (Type::Set(_), 0) => set_from(&of, []),
        (Type::Map(_), 0) => Value::map(of, super::Entries::new()),
        (Type::List(_), length) if length <= LARGEST_LIST => {
            let elements = (0..length).map(|at| element_of(&unknown, &of, at));
            Value::list(of.clone(), elements.collect::<Vec<_>>())
        }
        (Type::Set(_), 1) => set_from(&of, [element_of(&unknown, &of, 0)]),
        _ => Value::refined(unknown),
    }
}

/// An unknown element, with what the sources tell of it.
fn element_of(unknown: &Unknown, of: &Type, at: usize) -> Value {
    let mut element = Unknown::new(of.clone(), unknown.causes.clone());
    if let Some(Shape::Partial(partial)) = &unknown.shape
        && let Some(known) = partial.as_elements().and_then(|elements| elements.get(at))
    {
        element.shape = match known.as_unknown() {
            Some(inner) => inner.shape.clone(),
            None => Some(Shape::Partial(Arc::new(known.clone()))),
        };
    }
    match &unknown.shape {
        Some(Shape::Secrets(places)) => places.member(None).put_on(Value::refined(element)),
        _ => Value::refined(element),
    }
}

impl Unknown {
    /// The fewest and most elements that a collection will have.
    pub fn length_bounds(&self) -> (usize, Option<usize>) {
        let of = |bound: &Option<Number>| bound.as_ref().and_then(Number::as_usize);
        (of(&self.bounds.min).unwrap_or(0), of(&self.bounds.max))
    }
}

/// As much of a prefix as cannot change its meaning by what follows.
fn safe_prefix(prefix: &str) -> String {
    const ENDS_A_CLUSTER: &str = "-_:;/\\,.(){}[]|?!~ \t@#$%^&*+\"'";
    let prefix: String = prefix.nfc().collect();
    let Some((at, last)) = prefix.grapheme_indices(true).next_back() else {
        return prefix;
    };
    if last.len() == 1 && ENDS_A_CLUSTER.contains(last) {
        return prefix;
    }
    // Flags are pairs of letters of which any number may follow.
    let is_flag = |c: char| ('\u{1F1E6}'..='\u{1F1FF}').contains(&c);
    prefix[..at].trim_end_matches(is_flag).to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::Causes;
    use super::*;

    fn unknown(ty: Type) -> Value {
        Value::unknown(ty, Causes::default())
    }

    #[test]
    fn a_prefix_ends_where_nothing_can_combine() {
        for (given, kept) in [
            ("", ""),
            ("a", ""),
            ("boo", "bo"),
            ("ami-", "ami-"),
            ("arn:aws:", "arn:aws:"),
            ("boop\r", "boop"),
            ("hello \u{1f937}\u{200d}", "hello "),
            ("hello \u{1f1e6}\u{1f1e6}", "hello "),
        ] {
            assert_eq!(safe_prefix(given), kept, "{given:?}");
        }
    }

    #[test]
    fn refinements_that_leave_one_value_make_it_known() {
        let strings = Type::list(Type::String);
        let two = unknown(strings.clone())
            .refine_not_null()
            .refine_length(2, Some(2));
        assert_eq!(two.as_elements().map(<[_]>::len), Some(2));
        let none = unknown(Type::map(Type::Bool)).refine_length(0, Some(0));
        assert!(!none.is_known(), "may be null");
        assert_eq!(
            none.refine_not_null()
                .as_entries()
                .map(super::super::Entries::len),
            Some(0)
        );
        let five = unknown(Type::Number)
            .refine_bounds(Some(5.into()), Some(5.into()))
            .refine_not_null();
        assert_eq!(five.as_number(), Some(&Number::from(5)));
        assert!(!unknown(Type::Dynamic).refine_not_null().is_not_null());
    }
}
