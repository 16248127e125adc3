//! Values that are not known: what is known of them all the same, and which input would decide them.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use super::{Number, SecretPlaces, Type, Value};
use crate::address::{AttributePath, ResourceAddress};

/// An unknown value.
#[derive(Clone, Debug, PartialEq)]
pub struct Unknown {
    /// Its type; [`Type::Dynamic`] when even that is open.
    pub ty: Type,
    /// It will not be null.
    pub not_null: bool,
    /// A string that will begin with this.
    pub prefix: Option<Arc<str>>,
    /// Bounds of a number, or of the length of a collection; both inclusive.
    pub bounds: Bounds,
    /// What the sources tell beyond what Terraform's refinements can say.
    pub shape: Option<Shape>,
    /// Why it is unknown; never empty in what the evaluator makes.
    pub causes: Causes,
}

/// Inclusive bounds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bounds {
    /// Not less than this.
    pub min: Option<Number>,
    /// Not more than this.
    pub max: Option<Number>,
}

/// Structure of an unknown value that rules can look into. Terraform itself knows nothing of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// A string that is the JSON encoding of this partly unknown value.
    Json(Arc<Value>),
    /// A string that is the concatenation of these, known and unknown.
    Concat(Arc<[Value]>),
    /// The value as far as it is known: elements of a collection that the provider plans wholly unknown, or attributes
    /// of an object whose other attributes are unknown (a resource without schema, a module that was not read).
    Partial(Arc<Value>),
    /// What a document holds of which some text is not known: to Terraform all that is decoded from it is unknown, and so
    /// is every part that is taken out of it.
    Decoded(Arc<Value>),
    /// Nothing but where secrets stand in it.
    Secrets(Arc<SecretPlaces>),
}

/// Why a value is unknown.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// A variable without a value: `var.name`, with its module.
    NoValue {
        /// Its address.
        variable: Arc<str>,
    },
    /// An attribute that a provider computes during apply.
    Apply {
        /// The resource instance.
        address: Arc<ResourceAddress>,
        /// The attribute.
        path: AttributePath,
    },
    /// A data source: its answer is not in the sources.
    Data {
        /// The data source.
        address: Arc<ResourceAddress>,
        /// The attribute.
        path: AttributePath,
    },
    /// A module whose sources were not found.
    ModuleNotRead {
        /// Its call's address.
        module: Arc<str>,
        /// Its `source` argument.
        source: Arc<str>,
    },
    /// No schema for a resource type, so that nothing can be said of what the configuration leaves out.
    NoSchema {
        /// The resource type.
        kind: Arc<str>,
        /// The resource instance.
        address: Arc<ResourceAddress>,
        /// The attribute.
        path: AttributePath,
    },
    /// A function whose result differs from run to run.
    Impure {
        /// Its name.
        function: Arc<str>,
    },
    /// A file that is not there, or outside of what may be read.
    File {
        /// As the configuration names it.
        path: Arc<str>,
        /// Why.
        reason: Arc<str>,
    },
    /// Evaluation failed here; the error was reported.
    Error {
        /// What failed.
        message: Arc<str>,
    },
    /// Something that Terraform could evaluate and tfguard cannot yet.
    Unsupported {
        /// What.
        what: Arc<str>,
    },
    /// The plan says no more than "known after apply".
    Plan {
        /// The resource instance or other object.
        address: Arc<str>,
        /// The attribute.
        path: AttributePath,
    },
    /// Something that a plan names without telling what it is: a local value, a `dynamic` block.
    Untold {
        /// As the plan names it.
        name: Arc<str>,
    },
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoValue { variable } => write!(f, "`{variable}` has no value"),
            Self::Apply { address, path } => write!(f, "`{address}.{path}` is known after apply"),
            Self::Data { address, path } => write!(f, "`{address}.{path}` is read by the provider"),
            Self::ModuleNotRead { module, source } => {
                write!(f, "`{module}` was not read (source `{source}`)")
            }
            Self::NoSchema {
                kind,
                address,
                path,
            } if path.0.is_empty() => write!(
                f,
                "there is no schema for `{kind}`, and so nothing is known of what `{address}` leaves out"
            ),
            Self::NoSchema {
                kind,
                address,
                path,
            } => {
                write!(
                    f,
                    "`{address}.{path}` is not set, and there is no schema for `{kind}`"
                )
            }
            Self::Impure { function } => write!(f, "`{function}()` differs from run to run"),
            Self::File { path, reason } => write!(f, "file `{path}`: {reason}"),
            Self::Error { message } => write!(f, "evaluation failed: {message}"),
            Self::Unsupported { what } => write!(f, "{what} is not supported"),
            Self::Plan { address, path } if path.0.is_empty() => {
                write!(f, "`{address}` is known after apply")
            }
            Self::Plan { address, path } => write!(f, "`{address}.{path}` is known after apply"),
            Self::Untold { name } => write!(f, "a plan does not tell what `{name}` is"),
        }
    }
}

/// The causes of one unknown value; shared, and merged as values are combined.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Causes(Option<Arc<BTreeSet<Cause>>>);

impl Causes {
    /// More than this many causes of one value tell nobody anything.
    const MOST: usize = 32;

    /// One cause.
    pub fn one(cause: Cause) -> Self {
        Self(Some(Arc::new(BTreeSet::from([cause]))))
    }

    /// In a stable order.
    pub fn iter(&self) -> impl Iterator<Item = &Cause> {
        self.0.iter().flat_map(|set| set.iter())
    }

    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Both together.
    pub fn union(&self, other: &Causes) -> Causes {
        match (&self.0, &other.0) {
            (None, one) | (one, None) => Self(one.clone()),
            (Some(left), Some(right)) if Arc::ptr_eq(left, right) => self.clone(),
            (Some(left), Some(right)) if left.len() >= Self::MOST || right.is_subset(left) => {
                Self(Some(Arc::clone(left)))
            }
            (Some(left), Some(right)) => Self(Some(Arc::new(
                left.union(right).take(Self::MOST).cloned().collect(),
            ))),
        }
    }
}

impl Unknown {
    /// The attribute of another object that it is, as far as sources tell: it stands alone, and not in a longer text.
    pub fn one_attribute(&self) -> Option<(&ResourceAddress, &AttributePath)> {
        let mut causes = self.causes.iter();
        match (causes.next(), causes.next()) {
            (Some(Cause::Apply { address, path }), None)
                if self.shape.is_none() && self.prefix.is_none() =>
            {
                Some((address, path))
            }
            _ => None,
        }
    }

    /// An unknown value of a type.
    pub fn new(ty: Type, causes: Causes) -> Self {
        Self {
            ty,
            not_null: false,
            prefix: None,
            bounds: Bounds::default(),
            shape: None,
            causes,
        }
    }

    /// It is an object whose other attributes are not told, for want of a schema: what is told of it Terraform knows.
    pub fn is_open(&self) -> bool {
        self.causes.iter().any(|cause| match cause {
            Cause::NoSchema { path, .. } | Cause::Plan { path, .. } => path.0.is_empty(),
            _ => false,
        })
    }
}
