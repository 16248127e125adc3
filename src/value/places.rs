//! Where secrets stand in a value that is not known: of which of its members or elements they are.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Data, Marks, Shape, Type, Unknown, Value};

/// The secrets of a value of which nothing else is told, each at its place.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SecretPlaces {
    /// Of the whole.
    marks: Marks,
    /// Of the attributes of an object or the elements of a map.
    members: BTreeMap<Arc<str>, SecretPlaces>,
    /// Of each element, whatever its key.
    each: Option<Arc<SecretPlaces>>,
}

impl SecretPlaces {
    /// Of a value. The elements of a list, a set or a tuple are not told apart.
    pub fn of(value: &Value) -> Self {
        let mut places = match value.data() {
            Data::Unknown(unknown) => match &unknown.shape {
                Some(Shape::Secrets(places)) => Self::clone(places),
                Some(Shape::Partial(partial) | Shape::Decoded(partial)) => Self::of(partial),
                _ => Self::default(),
            },
            Data::Map(_, entries) | Data::Object(entries) => {
                let members = entries
                    .iter()
                    .map(|(name, entry)| (Arc::clone(name), Self::of(entry)))
                    .filter(|(_, places)| !places.is_empty());
                Self {
                    members: members.collect(),
                    ..Self::default()
                }
            }
            _ => Self::of_any(value.as_elements().unwrap_or_default()).of_each(),
        };
        places.marks = places.marks.union(&value.marks().only_secrets());
        places
    }

    /// Of what will be one of these values.
    pub fn of_any<'a>(values: impl IntoIterator<Item = &'a Value>) -> Self {
        let places = values.into_iter().map(Self::of);
        places.fold(Self::default(), Self::union)
    }

    /// Of a collection with such elements.
    #[must_use]
    pub fn of_each(self) -> Self {
        let each = (!self.is_empty()).then(|| Arc::new(self));
        Self {
            each,
            ..Self::default()
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.marks.is_empty() && self.members.is_empty() && self.each.is_none()
    }

    /// Both together.
    #[must_use]
    pub fn union(mut self, other: Self) -> Self {
        self.marks = self.marks.union(&other.marks);
        for (name, places) in other.members {
            let own = self.members.remove(&name).unwrap_or_default();
            self.members.insert(name, own.union(places));
        }
        self.each = match (self.each, other.each) {
            (Some(own), Some(other)) if own != other => {
                Some(Arc::new(Self::clone(&own).union(Self::clone(&other))))
            }
            (own, other) => own.or(other),
        };
        self
    }

    /// Of one member or element: that of a name, or any.
    #[must_use]
    pub fn member(&self, name: Option<&str>) -> Self {
        let each = self.each.as_deref().cloned().unwrap_or_default();
        let named = self
            .members
            .iter()
            .filter(|(one, _)| name.is_none_or(|name| name == &***one));
        named.fold(each, |places, (_, one)| places.union(one.clone()))
    }

    /// Of one item of a splat: an element of a collection, or the value itself.
    #[must_use]
    pub fn item(&self) -> Self {
        self.each.as_deref().unwrap_or(self).clone()
    }

    /// All of them together.
    pub fn marks_deep(&self) -> Marks {
        let within = self.members.values().chain(self.each.as_deref());
        within.fold(self.marks.clone(), |marks, places| {
            marks.union(&places.marks_deep())
        })
    }

    /// The value with these: at their places where nothing is known of it, else on the whole.
    #[must_use]
    pub fn put_on(self, value: Value) -> Value {
        if self.is_empty() {
            return value;
        }
        let open = value
            .as_unknown()
            .filter(|unknown| unknown.shape.is_none() && !unknown.ty.is_primitive());
        let Some(open) = open else {
            return value.with_marks(&self.marks_deep());
        };
        let marks = value.marks().union(&self.marks);
        let inner = Self {
            marks: Marks::NONE,
            ..self
        };
        let shape = (!inner.is_empty()).then(|| Shape::Secrets(Arc::new(inner)));
        Value::refined(Unknown {
            shape,
            ..open.clone()
        })
        .replace_marks(marks)
    }
}

impl Unknown {
    /// Where secrets stand in it, as far as that is told of single members.
    pub(super) fn places(&self) -> SecretPlaces {
        match &self.shape {
            Some(Shape::Secrets(places)) => SecretPlaces::clone(places),
            Some(Shape::Partial(partial) | Shape::Decoded(partial)) => SecretPlaces::of(partial),
            _ => SecretPlaces::default(),
        }
    }
}

/// Any element of a value that is not known: of that type, and with what secrets may stand in it.
pub fn any_element(unknown: &Unknown) -> Value {
    let of = unknown.ty.element().cloned().unwrap_or(Type::Dynamic);
    let element = Value::unknown(of, unknown.causes.clone());
    unknown.places().member(None).put_on(element)
}

#[cfg(test)]
mod tests {
    use super::super::{Causes, Entries, attribute, convert, index};
    use super::*;

    fn secret(source: &str) -> Value {
        Value::string("made up").with_marks(&Marks::secret(source))
    }

    fn account() -> Value {
        Value::object(Entries::from([
            ("user".into(), Value::string("api")),
            ("password".into(), secret("var.password")),
        ]))
    }

    fn open(places: SecretPlaces, ty: Type) -> Value {
        places.put_on(Value::unknown(ty, Causes::default()))
    }

    #[test]
    fn only_the_member_is_secret_that_was() {
        let value = open(SecretPlaces::of(&account()), Type::Dynamic);
        let is_secret = |name: &str| {
            let member = attribute(&value, name).expect("a member");
            member.marks().is_secret()
        };
        assert!(!value.marks().is_secret());
        assert!(is_secret("password"));
        assert!(!is_secret("user"));
        assert!(value.marks_deep().is_secret());
    }

    #[test]
    fn each_element_has_what_any_had() {
        let list = Value::tuple([account(), Value::object(Entries::new())]);
        let value = open(SecretPlaces::of(&list), Type::Dynamic);
        let element = index(&value, &Value::number(7_usize)).expect("an element");
        let of = |name: &str| attribute(&element, name).expect("a member");
        assert!(of("password").marks().is_secret());
        assert!(!of("user").marks().is_secret());
    }

    #[test]
    fn conversions_keep_them() {
        let value = open(SecretPlaces::of(&account()), Type::Dynamic);
        let map = convert(&value, &Type::map(Type::String)).expect("a map");
        let of = |name: &str| index(&map, &Value::string(name)).expect("an element");
        assert!(of("password").marks().is_secret());
        assert!(!of("user").marks().is_secret());
        let text = convert(&value, &Type::String).expect("a string");
        assert!(text.marks().is_secret());
    }
}
