//! Decoded text that many hold. `Arc<str>` would copy it once more, which is felt for a plan of many megabytes.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// The text of a file; a clone is the same text.
#[derive(Clone, PartialEq, Eq)]
pub struct SharedText(Arc<String>);

impl SharedText {
    /// Whether both are one text in memory.
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for SharedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Never the text: it may hold credentials.
        write!(f, "{} bytes", self.0.len())
    }
}

impl Deref for SharedText {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl From<String> for SharedText {
    fn from(text: String) -> Self {
        Self(Arc::new(text))
    }
}

impl From<&str> for SharedText {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}
