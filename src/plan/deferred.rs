//! A value that is decoded when it is first asked for.
//!
//! A plan of thousands of objects is indexed once; the values of those that no rule looks at are never built.

use std::fmt;
use std::sync::{Arc, OnceLock};

use crate::value::Value;

/// A value, or how to make it.
#[derive(Clone)]
pub struct Deferred {
    value: OnceLock<Value>,
    decode: Option<Arc<dyn Fn() -> Value + Send + Sync>>,
}

impl Deferred {
    /// A value that `decode` makes, at most once for this one (a clone taken earlier decodes again).
    pub fn new(decode: impl Fn() -> Value + Send + Sync + 'static) -> Self {
        Self {
            value: OnceLock::new(),
            decode: Some(Arc::new(decode)),
        }
    }

    /// The value.
    pub fn get(&self) -> &Value {
        self.value.get_or_init(|| match &self.decode {
            Some(decode) => decode(),
            None => Value::NULL,
        })
    }
}

impl From<Value> for Deferred {
    fn from(value: Value) -> Self {
        Self {
            value: OnceLock::from(value),
            decode: None,
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
