//! A defect of tfguard itself: a panic becomes one paragraph without anything of the user's in it.

use std::fmt;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Mutex;

/// A panic, by its place in tfguard's own sources. What it said is dropped: it could hold a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defect {
    place: Option<String>,
}

/// Where the first panic was: it may have been on another thread than the one that is guarded.
static PLACE: Mutex<Option<String>> = Mutex::new(None);

/// Runs something; a panic in it is a [`Defect`], and is not printed.
///
/// # Errors
/// When it panicked.
pub fn guard<T>(run: impl FnOnce() -> T) -> Result<T, Defect> {
    let previous = panic::take_hook();
    panic::set_hook(Box::new(|info| {
        if let (Some(at), Ok(mut place)) = (info.location(), PLACE.lock()) {
            place.get_or_insert_with(|| format!("{}:{}", at.file(), at.line()));
        }
    }));
    let result = panic::catch_unwind(AssertUnwindSafe(run));
    panic::set_hook(previous);
    result.map_err(|_| Defect {
        place: PLACE.lock().ok().and_then(|mut place| place.take()),
    })
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self
            .place
            .as_ref()
            .map_or_else(String::new, |place| format!(" at {place}"));
        write!(
            f,
            "error: tfguard {} has a defect{place} and could not finish; nothing was judged. Please report it with \
             this line, the command, and, if you may share it, the smallest configuration that shows it. Nothing of \
             your configuration is in this message.",
            env!("CARGO_PKG_VERSION")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_tells_its_place_and_nothing_else() {
        let defect = guard(|| -> () { panic!("the value was {}", "hunter2-hunter2") })
            .expect_err("it panics");
        let text = defect.to_string();
        assert!(text.contains("defect at src/defect.rs:"), "{text}");
        assert!(!text.contains("hunter2"), "{text}");
    }
}
