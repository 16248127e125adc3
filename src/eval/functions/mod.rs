//! Terraform's functions: one table, and the protocol by which each of them is called.
//!
//! The protocol is cty's: arguments are counted and converted to the parameters' types, nulls are refused, an unknown
//! argument makes an unknown result of the type that can be said, marks are taken off and put on the result, unless a
//! parameter says that its function deals with them. `try` and `can`, whose arguments may fail, are the evaluator's.

#![expect(
    clippy::unnecessary_wraps,
    reason = "the table holds functions of one type, and most of them can fail"
)]

mod assume;
mod collection;
mod conversion;
mod csv;
mod date;
mod encoding;
mod error;
mod files;
mod filesystem;
mod format;
mod hash;
mod ip;
mod json;
mod mark;
mod numeric;
mod parts;
mod pattern;
mod set;
mod since;
mod string;
mod table;
mod terraform;
mod yaml;

use std::path::Path;

pub use error::FunctionError;
pub use files::{ConfinedFiles, FileError, FileKind, Files};
pub use since::Since;
pub use table::{lookup, names, suggest};

use crate::value::{
    self, Causes, Data, Entries, Marks, Number, SecretPlaces, Shape, Type, Unknown, Value, convert,
};

/// What functions may touch besides their arguments.
#[derive(Clone, Copy)]
pub struct FunctionContext<'a> {
    /// Relative paths are relative to this folder: that of the root module.
    pub base: &'a Path,
    /// What `file` and its like read.
    pub files: &'a dyn Files,
    /// Evaluates a template.
    pub render: &'a Render<'a>,
}

/// Evaluates a template: its text, its name for messages, and the variables that it may use.
pub type Render<'a> = dyn Fn(&str, &str, &Entries) -> Result<Value, FunctionError> + 'a;

/// A function of Terraform's language.
pub struct Function {
    /// As it is called, without namespace `core`.
    pub name: &'static str,
    /// Required parameters.
    pub params: &'static [Param],
    /// Any number of further arguments.
    pub variadic: Option<Param>,
    /// What it is about.
    pub family: Family,
    returns: Returns,
    run: Run,
    never_null: bool,
    reveals: bool,
    shape: Option<ShapeOf>,
    places: Option<PlacesOf>,
}

/// What a function is about. Templates must not call template functions, and templates that come from a value must not
/// call those that read files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Computes from its arguments alone.
    Pure,
    /// Reads files.
    Filesystem,
    /// Renders a template.
    Template,
    /// Differs from run to run: always unknown.
    Impure,
    /// Its arguments may fail: the evaluator must call it itself.
    Lazy,
}

/// A parameter, and what its function can deal with.
#[expect(clippy::struct_excessive_bools, reason = "independent allowances")]
#[derive(Clone, Copy)]
pub struct Param {
    /// As documented and as messages name it.
    pub name: &'static str,
    kind: Kind,
    null: bool,
    unknown: bool,
    dynamic: bool,
    marked: bool,
    sourced: bool,
}

/// The types of parameters and results that do not depend on arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Any,
    Bool,
    Number,
    String,
    List,
    BoolList,
    NumberList,
    StringList,
    Set,
    StringSet,
    Map,
    ListMap,
}

#[derive(Clone, Copy)]
enum Returns {
    Always(Kind),
    /// Decided from the arguments, which may be unknown; an error refuses the call.
    Of(fn(&[Value]) -> Result<Type, FunctionError>),
}

type Outcome = Result<Value, FunctionError>;
type Run = fn(&Call<'_>) -> Outcome;
type ShapeOf = fn(&[Value]) -> Option<Shape>;
type PlacesOf = fn(&[Value]) -> SecretPlaces;

/// A call whose arguments passed the protocol.
struct Call<'a> {
    args: Vec<Value>,
    ty: Type,
    cx: &'a FunctionContext<'a>,
}

impl Function {
    /// Calls it. The arguments are converted to the parameters' types.
    pub fn call(
        &self,
        arguments: &[Value],
        cx: &FunctionContext<'_>,
    ) -> Result<Value, FunctionError> {
        self.check_count(arguments.len())?;
        let called = self
            .called(arguments, cx)
            .map_err(|error| error.named(|at| self.param(at).map(|param| param.name)))?;
        let (value, mut marks) = called.unmark();
        if !self.reveals {
            marks.secrets = None;
        }
        let value = match value.data() {
            Data::Unknown(unknown) => {
                let mut unknown = Unknown::clone(unknown);
                if unknown.causes.is_empty() {
                    unknown.causes = causes(arguments);
                }
                if let Some(shape) = self.shape.and_then(|shape| shape(arguments)) {
                    unknown.shape = Some(shape);
                }
                Value::refined(unknown)
            }
            _ => value,
        };
        Ok(value.with_marks(&marks))
    }

    fn check_count(&self, given: usize) -> Result<(), FunctionError> {
        let required = self.params.len();
        if given < required {
            let missing = self.params[given].name;
            return Err(FunctionError::too_few(
                required,
                self.variadic.is_some(),
                missing,
            ));
        }
        if self.variadic.is_none() && given > required {
            return Err(FunctionError::too_many(required));
        }
        Ok(())
    }

    /// The parameter for an argument.
    fn param(&self, at: usize) -> Option<&Param> {
        self.params.get(at).or(self.variadic.as_ref())
    }

    fn called(&self, arguments: &[Value], cx: &FunctionContext<'_>) -> Outcome {
        let mut args = Vec::with_capacity(arguments.len());
        for (at, argument) in arguments.iter().enumerate() {
            let kind = self.param(at).map_or(Kind::Any, |param| param.kind);
            let converted = match kind {
                Kind::Any => argument.clone(),
                _ => convert(argument, &kind.ty())
                    .map_err(|error| FunctionError::at(at, error.to_string()))?,
            };
            args.push(converted);
        }
        let mut marks = Marks::NONE;
        let mut undecided = false;
        let mut open_type = false;
        for (at, argument) in args.iter_mut().enumerate() {
            let param = self.param(at).expect("arguments were counted");
            if !open_type && argument.is_null() && !param.null {
                return Err(FunctionError::at(at, "argument must not be null"));
            }
            if !open_type && !param.dynamic && has_open_type(argument) {
                open_type = true;
            }
            if !argument.is_known() && !param.unknown {
                undecided = true;
            }
            if !param.marked {
                let of_argument = match self.places {
                    Some(_) if !argument.is_known() => argument.marks().clone(),
                    _ => argument.marks_deep(),
                };
                if !of_argument.is_empty() {
                    let (lifted, kept) = if param.sourced {
                        let kept = map_marks(argument, &Marks::only_secrets);
                        (of_argument.without_secrets(), kept)
                    } else {
                        (of_argument, argument.clone().unmark_deep().0)
                    };
                    marks = marks.union(&lifted);
                    *argument = kept;
                }
            }
        }
        if open_type {
            let value = self.open(Type::Dynamic, arguments, &args);
            return Ok(value.with_marks(&marks));
        }
        let ty = match self.returns {
            Returns::Always(kind) => kind.ty(),
            Returns::Of(decide) => decide(&args)?,
        };
        let value = if undecided {
            self.open(ty, arguments, &args)
        } else {
            (self.run)(&Call { args, ty, cx })?
        };
        let value = if self.never_null {
            value.refine_not_null()
        } else {
            value
        };
        Ok(value.with_marks(&marks))
    }
}

impl Function {
    /// A result that nobody computes yet. Its secrets stand where the function says that they do.
    fn open(&self, ty: Type, arguments: &[Value], args: &[Value]) -> Value {
        let value = Value::unknown(ty, Causes::default());
        let Some(places) = self.places else {
            return value.with_marks(&secrets_behind(args));
        };
        let whole = args.iter().fold(Marks::NONE, |marks, argument| {
            marks.union(&argument.marks().only_secrets())
        });
        places(arguments).put_on(value).with_marks(&whole)
    }
}

/// The secrets in arguments, for a result that nobody computes yet. Terraform drops `sensitive` there where a function
/// deals with marks itself; where a value comes from does not depend on that.
fn secrets_behind(args: &[Value]) -> Marks {
    let all = args.iter().fold(Marks::NONE, |all, argument| {
        all.union(&argument.marks_deep())
    });
    all.only_secrets()
}

impl Call<'_> {
    /// An unknown result of the type that was decided.
    fn unknown(&self) -> Value {
        self.unknown_of(self.ty.clone())
    }

    fn unknown_of(&self, ty: Type) -> Value {
        Value::unknown(ty, causes(&self.args))
    }

    fn arg(&self, at: usize) -> &Value {
        &self.args[at]
    }

    /// A known string: the protocol let nothing else through.
    fn text(&self, at: usize) -> &str {
        self.args[at].as_str().expect("a known string")
    }

    /// A known number: the protocol let nothing else through.
    fn number(&self, at: usize) -> &Number {
        self.args[at].as_number().expect("a known number")
    }

    /// A whole number that a machine can count with.
    fn integer(&self, at: usize) -> Result<i64, FunctionError> {
        integer(self.number(at)).map_err(FunctionError::new)
    }
}

/// Whether even the type is open, without building the type.
fn has_open_type(value: &Value) -> bool {
    match value.data() {
        Data::Null(ty) => *ty == Type::Dynamic,
        Data::Unknown(unknown) => unknown.ty == Type::Dynamic,
        _ => false,
    }
}

/// Why any of them is unknown.
fn causes(values: &[Value]) -> Causes {
    values.iter().fold(Causes::default(), |causes, value| {
        causes.union(&value.causes())
    })
}

/// The number as Go's `int`, or Terraform's complaint.
fn integer(number: &Number) -> Result<i64, String> {
    number.as_i64().ok_or_else(|| {
        format!(
            "value must be a whole number, between {} and {}",
            i64::MIN,
            i64::MAX
        )
    })
}

/// The value with other marks, at every depth.
fn map_marks(value: &Value, change: &dyn Fn(&Marks) -> Marks) -> Value {
    let elements = |elements: &[Value]| -> Vec<Value> {
        elements
            .iter()
            .map(|element| map_marks(element, change))
            .collect()
    };
    let entries = |entries: &Entries| -> Entries {
        entries
            .iter()
            .map(|(key, element)| (key.clone(), map_marks(element, change)))
            .collect()
    };
    let data = match value.data() {
        Data::List(of, inner) => Data::List(of.clone(), elements(inner).into()),
        Data::Set(of, inner) => Data::Set(of.clone(), elements(inner).into()),
        Data::Tuple(inner) => Data::Tuple(elements(inner).into()),
        Data::Map(of, inner) => Data::Map(of.clone(), entries(inner).into()),
        Data::Object(inner) => Data::Object(entries(inner).into()),
        other => other.clone(),
    };
    Value::from(data).replace_marks(change(value.marks()))
}

impl Kind {
    fn ty(self) -> Type {
        match self {
            Self::Any => Type::Dynamic,
            Self::Bool => Type::Bool,
            Self::Number => Type::Number,
            Self::String => Type::String,
            Self::List => Type::list(Type::Dynamic),
            Self::BoolList => Type::list(Type::Bool),
            Self::NumberList => Type::list(Type::Number),
            Self::StringList => Type::list(Type::String),
            Self::Set => Type::set(Type::Dynamic),
            Self::StringSet => Type::set(Type::String),
            Self::Map => Type::map(Type::Dynamic),
            Self::ListMap => Type::map(Type::list(Type::String)),
        }
    }
}

/// The fewest and the most elements that a list, set, map, tuple or object has in the end.
fn length_bounds(value: &Value) -> (usize, Option<usize>) {
    let length = value::length(value);
    match length.as_ref().map(Value::data) {
        Some(Data::Number(number)) => {
            let length = number.as_usize();
            (length.unwrap_or(0), length)
        }
        Some(Data::Unknown(unknown)) => unknown.length_bounds(),
        _ => (0, None),
    }
}
