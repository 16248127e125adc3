//! Numbers as Terraform has them: binary floating point with 512 bits of precision, and integers that fit are exact.

use std::fmt;

/// A number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Number(i64);

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self(value)
    }
}

impl From<usize> for Number {
    fn from(value: usize) -> Self {
        Self(i64::try_from(value).unwrap_or(i64::MAX))
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
