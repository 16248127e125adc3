//! Conversion, unification, equality and arithmetic against what cty, Terraform's value system, answers
//! (`fixtures/values/cty.txt`, whose notation and recording its README explains); and laws that hold for all values.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use proptest::prelude::*;
use tfguard::syntax::BinaryOperator;
use tfguard::value::{
    Causes, Data, Entries, Marks, Number, ObjectType, Safety, Type, Unknown, Value, attribute,
    binary, convert, decode, encode, equals, format, index, is_equal, raw_equals, set_from, unify,
    unify_with,
};

#[test]
fn answers_as_cty() {
    let path = std::env::var("TFGUARD_CTY_CASES")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/values/cty.txt").into());
    let cases = std::fs::read_to_string(path).expect("the fixture");
    let mut wrong = Vec::new();
    let mut count = 0;
    for line in cases.lines().filter(|line| !line.starts_with('#')) {
        let (given, expected) = line.rsplit_once('\t').expect("a tab");
        let answer = answer(given);
        if answer != expected {
            wrong.push(format!("{given}\n  cty:  {expected}\n  ours: {answer}"));
        }
        count += 1;
    }
    assert!(count > 100, "{count} cases");
    let shown = wrong
        .iter()
        .take(40)
        .cloned()
        .collect::<Vec<_>>()
        .join("\n");
    assert!(
        wrong.is_empty(),
        "{} of {count} differ\n{shown}",
        wrong.len()
    );
}

fn answer(given: &str) -> String {
    let fields: Vec<&str> = given.split('\t').collect();
    match fields.as_slice() {
        ["convert", value, to] => {
            let value = Reader::value(value);
            match convert(&value, &Reader::ty(to)) {
                Ok(converted) => write_value(&converted),
                Err(error) => format!("error: {error}"),
            }
        }
        ["unify", types @ ..] => {
            let (safety, types) = types.split_last().expect("types");
            let types: Vec<Type> = types.iter().map(|ty| Reader::ty(ty)).collect();
            let safety = if *safety == "safe" {
                Safety::Safe
            } else {
                Safety::Unsafe
            };
            unify_with(&types, safety).map_or("none".to_owned(), |ty| write_type(&ty))
        }
        ["equal", a, b] => write_value(&equals(&Reader::value(a), &Reader::value(b))),
        ["compute", a, operator, b] => {
            let operator = match *operator {
                "+" => BinaryOperator::Add,
                "-" => BinaryOperator::Subtract,
                "*" => BinaryOperator::Multiply,
                "/" => BinaryOperator::Divide,
                _ => BinaryOperator::Modulo,
            };
            let of = |text| Value::number(Number::parse(text).expect("a number"));
            match binary(operator, &of(a), &of(b)) {
                Ok(result) => result.as_number().expect("a number").to_string(),
                Err(_) => "error".to_owned(),
            }
        }
        _ => panic!("no such case: {given}"),
    }
}

/// Reads the notation of types and values.
struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn ty(text: &'a str) -> Type {
        Self { rest: text }.read_type()
    }

    fn value(text: &'a str) -> Value {
        let mut reader = Self { rest: text };
        let value = reader.read_value();
        assert_eq!(reader.rest, "", "{text}");
        value
    }

    fn take(&mut self, prefix: &str) -> bool {
        let rest = self.rest.strip_prefix(prefix);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn until(&mut self, end: &[char]) -> &'a str {
        let at = self.rest.find(end).unwrap_or(self.rest.len());
        let (found, rest) = self.rest.split_at(at);
        self.rest = rest;
        found
    }

    /// Comma separated, up to the closing parenthesis.
    fn all<T>(&mut self, mut read: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let mut all = Vec::new();
        while !self.take(")") {
            all.push(read(self));
            self.take(",");
        }
        all
    }

    fn one_type(&mut self) -> Type {
        let ty = self.read_type();
        assert!(self.take(")"), "{}", self.rest);
        ty
    }

    fn read_type(&mut self) -> Type {
        if self.take("l(") {
            Type::list(self.one_type())
        } else if self.take("e(") {
            Type::set(self.one_type())
        } else if self.take("m(") {
            Type::map(self.one_type())
        } else if self.take("t(") {
            Type::Tuple(self.all(Self::read_type).into())
        } else if self.take("o(") {
            let mut object = ObjectType::default();
            for (name, optional, ty) in self.all(|reader| {
                let name: Arc<str> = reader.until(&['?', ':']).into();
                let optional = reader.take("?");
                reader.take(":");
                (name, optional, reader.read_type())
            }) {
                object.attributes.insert(Arc::clone(&name), ty);
                if optional {
                    object.optional.insert(name);
                }
            }
            Type::Object(Arc::new(object))
        } else if self.take("d") {
            Type::Dynamic
        } else if self.take("s") {
            Type::String
        } else if self.take("n") {
            Type::Number
        } else {
            assert!(self.take("b"), "{}", self.rest);
            Type::Bool
        }
    }

    fn read_value(&mut self) -> Value {
        if self.take("*") {
            return self.read_value().with_marks(&Marks::SENSITIVE);
        }
        if self.take("N(") {
            return Value::null(self.one_type());
        }
        let not_null = self.rest.starts_with('u');
        if self.take("U(") || self.take("u(") {
            let mut unknown = Unknown::new(self.one_type(), Causes::default());
            unknown.not_null = not_null;
            if self.take("[") {
                let min: usize = self.until(&[',']).parse().expect("a bound");
                self.take(",");
                let max = self.until(&[']']);
                self.take("]");
                unknown.bounds.min = (min > 0).then(|| min.into());
                unknown.bounds.max = Number::parse(max);
            }
            return Value::refined(unknown);
        }
        if self.take("L(") {
            let of = self.read_type();
            self.take(";");
            return Value::list(of, self.all(Self::read_value));
        }
        if self.take("E(") {
            let of = self.read_type();
            self.take(";");
            return set_from(&of, self.all(Self::read_value));
        }
        if self.take("M(") {
            let of = self.read_type();
            self.take(";");
            return Value::map(of, self.entries());
        }
        if self.take("t(") {
            return Value::tuple(self.all(Self::read_value));
        }
        if self.take("o(") {
            return Value::object(self.entries());
        }
        if self.take("i") {
            let digits = self.until(&[',', ')']);
            return Value::number(Number::parse(digits).expect("a number"));
        }
        if self.take("\"") {
            let text = self.until(&['"']);
            self.take("\"");
            return Value::text(text);
        }
        Value::bool(self.take("T") || !self.take("F"))
    }

    fn entries(&mut self) -> Entries {
        let pairs = self.all(|reader| {
            let key: Arc<str> = reader.until(&['=']).into();
            reader.take("=");
            (key, reader.read_value())
        });
        BTreeMap::from_iter(pairs)
    }
}

fn write_type(ty: &Type) -> String {
    match ty {
        Type::Dynamic => "d".to_owned(),
        Type::Bool => "b".to_owned(),
        Type::Number => "n".to_owned(),
        Type::String => "s".to_owned(),
        Type::List(of) => format!("l({})", write_type(of)),
        Type::Set(of) => format!("e({})", write_type(of)),
        Type::Map(of) => format!("m({})", write_type(of)),
        Type::Tuple(of) => {
            let of: Vec<String> = of.iter().map(write_type).collect();
            format!("t({})", of.join(","))
        }
        Type::Object(of) => {
            let attribute = |(name, ty): (&Arc<str>, &Type)| {
                let optional = if of.optional.contains(name) { "?" } else { "" };
                format!("{name}{optional}:{}", write_type(ty))
            };
            let of: Vec<String> = of.attributes.iter().map(attribute).collect();
            format!("o({})", of.join(","))
        }
    }
}

fn write_value(value: &Value) -> String {
    let mut out = String::new();
    if !value.marks().is_empty() {
        out.push('*');
    }
    let all = |elements: &[Value]| {
        elements
            .iter()
            .map(write_value)
            .collect::<Vec<_>>()
            .join(",")
    };
    let pairs = |entries: &Entries| {
        let pairs = entries.iter();
        let pairs = pairs.map(|(key, value)| format!("{key}={}", write_value(value)));
        pairs.collect::<Vec<_>>().join(",")
    };
    let written = match value.data() {
        Data::Null(ty) => write!(out, "N({})", write_type(ty)),
        Data::Unknown(unknown) => {
            let kind = if unknown.not_null { 'u' } else { 'U' };
            let (min, max) = unknown.length_bounds();
            let max = max.map_or("~".to_owned(), |max| max.to_string());
            let bounds = if unknown.ty.is_collection() && (min > 0 || max != "~") {
                format!("[{min},{max}]")
            } else {
                String::new()
            };
            write!(out, "{kind}({}){bounds}", write_type(&unknown.ty))
        }
        Data::Bool(value) => write!(out, "{}", if *value { 'T' } else { 'F' }),
        Data::Number(number) => write!(out, "i{number}"),
        Data::String(text) => write!(out, "{text:?}"),
        Data::List(of, elements) => write!(out, "L({};{})", write_type(of), all(elements)),
        Data::Set(of, elements) => write!(out, "E({};{})", write_type(of), all(elements)),
        Data::Tuple(elements) => write!(out, "t({})", all(elements)),
        Data::Map(of, entries) => write!(out, "M({};{})", write_type(of), pairs(entries)),
        Data::Object(entries) => write!(out, "o({})", pairs(entries)),
    };
    written.expect("writing to a string");
    out
}

/// A wholly known value as `jsondecode` makes them: no lists, sets or maps.
fn structural() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::NULL),
        any::<bool>().prop_map(Value::bool),
        any::<i64>().prop_map(Value::number),
        (any::<i32>(), 1..1000i32).prop_map(|(a, b)| {
            let quotient = Number::from(a).div(&Number::from(b));
            Value::number(Number::parse(&quotient.expect("finite").to_string()).expect("digits"))
        }),
        any::<String>().prop_map(|text| Value::text(&text)),
    ];
    scalar.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::tuple),
            prop::collection::btree_map("[a-d<]{1,2}", inner, 0..4).prop_map(|entries| {
                let entries = entries.into_iter().map(|(key, value)| (key.into(), value));
                Value::object(entries.collect())
            }),
        ]
    })
}

fn types() -> impl Strategy<Value = Type> {
    let scalar = prop_oneof![
        Just(Type::Dynamic),
        Just(Type::Bool),
        Just(Type::Number),
        Just(Type::String),
    ];
    scalar.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(Type::list),
            inner.clone().prop_map(Type::set),
            inner.clone().prop_map(Type::map),
            prop::collection::vec(inner.clone(), 0..3).prop_map(|of| Type::Tuple(of.into())),
            prop::collection::btree_map("[a-c]", inner, 0..3).prop_map(|attributes| {
                let attributes = attributes.into_iter().map(|(name, ty)| (name.into(), ty));
                Type::object(attributes.collect())
            }),
        ]
    })
}

proptest! {
    #[test]
    fn json_comes_back(value in structural()) {
        let decoded = decode(&encode(&value).expect("known")).expect("valid");
        prop_assert!(raw_equals(&decoded, &value), "{value:?} {decoded:?}");
    }

    #[test]
    fn any_text_decodes_or_is_refused(text in any::<String>()) {
        let _ = decode(&text);
        let _ = Number::parse(&text);
    }

    #[test]
    fn our_json_is_everyones_json(value in structural()) {
        let text = encode(&value).expect("known");
        prop_assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok(), "{text}");
    }

    #[test]
    fn conversion_is_idempotent(value in structural(), ty in types()) {
        if let Ok(once) = convert(&value, &ty) {
            let twice = convert(&once, &ty).expect("converted before");
            prop_assert!(raw_equals(&once, &twice), "{once:?} {twice:?}");
        }
    }

    #[test]
    fn unification_knows_no_order(a in types(), b in types()) {
        let (left, right) = (unify(&[a.clone(), b.clone()]), unify(&[b, a]));
        prop_assert_eq!(left.is_some(), right.is_some());
    }

    #[test]
    fn equality_is_reflexive_and_symmetric(a in structural(), b in structural()) {
        prop_assert_eq!(is_equal(&a, &a), Some(true));
        prop_assert_eq!(is_equal(&a, &b), is_equal(&b, &a));
    }

    #[test]
    fn numbers_come_back(a in any::<f64>().prop_filter("finite", |a| a.is_finite())) {
        let number = Number::from(a);
        prop_assert_eq!(number.as_f64().to_bits(), a.to_bits());
        let read = Number::parse(&number.to_string()).expect("digits");
        prop_assert_eq!(read.as_f64().to_bits(), a.to_bits());
    }
}

#[test]
fn values_nest_deeply() {
    let depth = 500;
    let lists = format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
    let maps = format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
    for (text, collection) in [(lists, Type::list as fn(Type) -> Type), (maps, Type::map)] {
        let value = decode(&text).expect("valid");
        let ty = (0..depth).fold(Type::String, |ty, _| collection(ty));
        let converted = convert(&value, &ty).expect("the same all the way down");
        assert_eq!(
            encode(&converted).expect("known"),
            text.replace('1', "\"1\"")
        );
        assert_eq!(is_equal(&value, &value.clone()), Some(true));
        assert!(format(&converted).contains("\"1\""));
        assert!(unify(&[value.ty(), ty.clone()]).is_some());
        assert_eq!(
            set_from(&ty, [converted.clone(), converted])
                .children()
                .count(),
            1
        );
    }
    assert!(decode(&"[".repeat(100_000)).is_err());
}

#[test]
fn a_secret_is_nowhere_in_debug_output() {
    let secret = Value::string("hunter2").with_marks(&Marks::secret("var.password"));
    let key = Arc::from("password");
    let object = Value::object(Entries::from([(key, secret.clone())]));
    let all = [
        format!("{secret:?}"),
        format!("{object:?}"),
        format!("{:?}", set_from(&Type::String, [secret.clone()])),
        format!("{:?}", equals(&secret, &Value::string("x"))),
        format!("{:?}", attribute(&object, "password")),
        format!(
            "{:?}",
            index(&Value::tuple([secret.clone()]), &Value::number(0))
        ),
        format!("{:?}", convert(&secret, &Type::Number)),
    ];
    for text in all {
        assert!(!text.contains("hunter2"), "{text}");
    }
}
