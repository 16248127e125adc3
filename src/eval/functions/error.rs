//! Why a call was refused, in Terraform's words.

use std::fmt;

/// A call that Terraform would refuse as well. It never holds the value of anything sensitive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionError {
    /// Which argument is at fault, from 0; none when it is the call as a whole.
    pub argument: Option<usize>,
    /// A fact, in lower case, without a full stop: `string required`.
    pub message: String,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    /// The call as a whole failed.
    Call,
    /// An argument is at fault; its parameter's name once the protocol knows it.
    Argument(Option<&'static str>),
    TooFew,
    TooMany,
}

impl FunctionError {
    /// The call as a whole failed.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            argument: None,
            message: message.into(),
            kind: Kind::Call,
        }
    }

    /// The argument with this index, from 0, is at fault.
    pub fn at(argument: usize, message: impl Into<String>) -> Self {
        Self {
            argument: Some(argument),
            message: message.into(),
            kind: Kind::Argument(None),
        }
    }

    /// Fewer arguments than there are parameters.
    pub(super) fn too_few(required: usize, variadic: bool, missing: &'static str) -> Self {
        let least = if variadic { " at least" } else { "" };
        Self {
            argument: None,
            message: format!(
                "expects{least} {required} argument(s). Missing value for \"{missing}\""
            ),
            kind: Kind::TooFew,
        }
    }

    /// More arguments than there are parameters.
    pub(super) fn too_many(allowed: usize) -> Self {
        Self {
            argument: Some(allowed),
            message: format!("expects only {allowed} argument(s)"),
            kind: Kind::TooMany,
        }
    }

    /// Gives an error about an argument the name of its parameter. An index without a parameter is a slip that some
    /// of Terraform's functions make; it then says that the call failed, and so does this.
    pub(super) fn named(mut self, parameter: impl FnOnce(usize) -> Option<&'static str>) -> Self {
        if let (Kind::Argument(None), Some(argument)) = (&self.kind, self.argument) {
            if let Some(name) = parameter(argument) {
                self.kind = Kind::Argument(Some(name));
            } else {
                (self.kind, self.argument) = (Kind::Call, None);
            }
        }
        self
    }

    /// The first line of Terraform's message: `Invalid function argument`.
    pub fn summary(&self) -> &'static str {
        match self.kind {
            Kind::Call => "Error in function call",
            Kind::Argument(_) => "Invalid function argument",
            Kind::TooFew => "Not enough function arguments",
            Kind::TooMany => "Too many function arguments",
        }
    }

    /// The second part of Terraform's message: `Invalid value for "str" parameter: string required.`
    pub fn detail(&self, called: &str) -> String {
        let message = &self.message;
        match self.kind {
            Kind::Call => format!("Call to function \"{called}\" failed: {message}."),
            Kind::Argument(Some(name)) => {
                format!("Invalid value for \"{name}\" parameter: {message}.")
            }
            Kind::Argument(None) => format!("Invalid value: {message}."),
            Kind::TooFew | Kind::TooMany => format!("Function \"{called}\" {message}."),
        }
    }
}

impl fmt::Display for FunctionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Kind::Argument(Some(name)) => write!(f, "argument `{name}`: {}", self.message),
            _ => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for FunctionError {}
