//! A value that is computed when it is first asked for, and notices when it is asked for while it is computed.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// A lazily computed value.
#[derive(Debug)]
pub(crate) struct Slot<T> {
    value: OnceLock<T>,
    busy: AtomicBool,
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self {
            value: OnceLock::new(),
            busy: AtomicBool::new(false),
        }
    }
}

impl<T> Slot<T> {
    /// The value, computed if need be; `None` when it is being computed already: it depends on itself.
    pub(crate) fn get(&self, compute: impl FnOnce() -> T) -> Option<&T> {
        if let Some(value) = self.value.get() {
            return Some(value);
        }
        if self.busy.swap(true, Ordering::Acquire) {
            return None;
        }
        let value = compute();
        self.busy.store(false, Ordering::Release);
        Some(self.value.get_or_init(|| value))
    }
}

/// One slot for each declaration of a module.
pub(crate) fn slots<T>(count: usize) -> Box<[Slot<T>]> {
    std::iter::repeat_with(Slot::default).take(count).collect()
}
