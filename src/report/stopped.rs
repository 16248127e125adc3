//! What tfguard could not look at, as a report shows it.

use miette::Diagnostic as _;

use super::{ErrorKind, Report, ReportedError};
use crate::error::Error;
use crate::eval::InputError;
use crate::syntax::SyntaxError;

impl Report {
    /// Adds errors, each once. Each syntax error of a variables file has a place of its own.
    pub fn stopped<'e>(&mut self, errors: impl IntoIterator<Item = &'e Error>) {
        for error in errors {
            for one in reported(error) {
                self.error(one);
            }
        }
    }
}

fn reported(error: &Error) -> Vec<ReportedError> {
    let plain = |message: String, help: Option<String>| ReportedError {
        kind: match error {
            Error::NoConfiguration { .. } => ErrorKind::Nothing,
            _ => ErrorKind::Unreadable,
        },
        message,
        help,
        span: None,
        address: None,
    };
    if let Error::Input(InputError::Syntax { errors, .. }) = error {
        let of = |one: &SyntaxError| ReportedError {
            span: Some(one.span),
            ..plain(one.message.clone(), one.help.clone())
        };
        return errors.iter().map(of).collect();
    }
    vec![plain(
        error.to_string(),
        error.help().map(|help| help.to_string()),
    )]
}
