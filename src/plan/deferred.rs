//! A value that is decoded when it is first asked for.
//!
//! A plan of thousands of objects is indexed once; the values of those that no rule looks at are never built.

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use crate::source::SharedText;
use crate::value::Value;

/// A value, or how to make it.
#[derive(Clone)]
pub struct Deferred {
    value: OnceLock<Value>,
    undecoded: Option<Arc<dyn Undecoded>>,
}

/// What a value is made of.
pub trait Undecoded: Send + Sync {
    /// The value.
    fn decode(&self) -> Value;

    /// The JSON text of what is known of the value, where nothing in it is marked: nothing is sensitive, and nothing
    /// derives from a secret as far as the evidence tells. None where that cannot be said without decoding.
    fn unmarked_text(&self) -> Option<Excerpt<'_>> {
        None
    }
}

/// A stretch of a text.
#[derive(Clone, Debug)]
pub struct Excerpt<'a> {
    /// The whole text.
    pub whole: &'a SharedText,
    /// Where it stands, in bytes.
    pub range: Range<usize>,
}

impl Excerpt<'_> {
    /// The stretch itself.
    pub fn text(&self) -> &str {
        &self.whole[self.range.clone()]
    }
}

impl<F: Fn() -> Value + Send + Sync> Undecoded for F {
    fn decode(&self) -> Value {
        self()
    }
}

impl Deferred {
    /// A value that is decoded at most once for this one (a clone taken earlier decodes again).
    pub fn new(undecoded: impl Undecoded + 'static) -> Self {
        Self {
            value: OnceLock::new(),
            undecoded: Some(Arc::new(undecoded)),
        }
    }

    /// The value.
    pub fn get(&self) -> &Value {
        self.value.get_or_init(|| match &self.undecoded {
            Some(undecoded) => undecoded.decode(),
            None => Value::NULL,
        })
    }

    /// The text that it is decoded from, where nothing in it is marked.
    pub fn unmarked_text(&self) -> Option<Excerpt<'_>> {
        self.undecoded.as_ref()?.unmarked_text()
    }
}

impl From<Value> for Deferred {
    fn from(value: Value) -> Self {
        Self {
            value: OnceLock::from(value),
            undecoded: None,
        }
    }
}

impl fmt::Debug for Deferred {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.value.get() {
            Some(value) => value.fmt(f),
            None => f.write_str("(not decoded)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn decodes_once_and_only_when_asked() {
        let count = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&count);
        let deferred = Deferred::new(move || {
            counted.fetch_add(1, Ordering::Relaxed);
            Value::TRUE
        });
        assert_eq!(format!("{deferred:?}"), "(not decoded)");
        assert_eq!(count.load(Ordering::Relaxed), 0);
        assert_eq!(deferred.get(), &Value::TRUE);
        assert_eq!(deferred.get(), &Value::TRUE);
        assert_eq!(count.load(Ordering::Relaxed), 1);
    }
}
