//! What an evaluation may cost. Every limit on work and size stands here; what lies beyond is an error with its place,
//! never a dead machine.
//!
//! A value is shared where it can be, so that a few lines make one that no memory could hold if it were written out
//! (`a = [b, b]`, thirty times over). Its size is therefore that of the value written out.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::error::EvalError;
use crate::source::Span;
use crate::value::{Shape, Value};

/// A string is no longer than this, in bytes.
pub(in crate::eval) const LONGEST_STRING: usize = 16 << 20;
/// A value holds no more values than this, itself and all that is nested in it.
const MOST_ELEMENTS: usize = 1_000_000;
/// The strings in a value are together no longer than this, in bytes.
const MOST_BYTES: usize = 64 << 20;
/// Values nest no deeper than this.
const DEEPEST: usize = 500;
/// One evaluation looks at no more expressions than this.
const MOST_STEPS: usize = 20_000_000;
/// All values that an evaluation makes hold together no more values than this.
const MOST_MADE: usize = 40_000_000;
/// The strings that an evaluation makes are together no longer than this, in bytes.
const MOST_TEXT: usize = 512 << 20;
/// A configuration has no more instances of resources and modules than this.
pub(super) const MOST_INSTANCES: usize = 100_000;

/// What an evaluation has cost so far.
#[derive(Debug, Default)]
pub(crate) struct Budget {
    steps: AtomicUsize,
    made: AtomicUsize,
    text: AtomicUsize,
    instances: AtomicUsize,
}

/// What a limit says of something that is beyond it.
pub(super) enum Beyond {
    /// An error, with its place.
    Told(Box<EvalError>),
    /// It has been told already: everything else is unknown without a word.
    Known,
}

impl Budget {
    /// One more expression.
    pub(super) fn step(&self, span: Span) -> Result<(), Beyond> {
        let steps = self.steps.fetch_add(1, Ordering::Relaxed);
        match steps {
            _ if steps < MOST_STEPS => Ok(()),
            MOST_STEPS => {
                let message =
                    format!("the configuration takes over {MOST_STEPS} steps to evaluate");
                Err(Beyond::Told(EvalError::new(message, span).fixed()))
            }
            _ => Err(Beyond::Known),
        }
    }

    /// A value that was made, unless it is too large.
    pub(super) fn admit(&self, value: &Value, span: Span) -> Result<(), Box<EvalError>> {
        let mut size = Size::default();
        let fault = size.add(value, 0).err();
        let made = self.made.fetch_add(size.elements, Ordering::Relaxed);
        let text = self.text.fetch_add(size.bytes, Ordering::Relaxed);
        let message = match fault {
            Some(message) => message,
            None if made > MOST_MADE || text > MOST_TEXT => {
                "the values of the configuration take too much memory".to_owned()
            }
            None => return Ok(()),
        };
        Err(EvalError::new(message, span).fixed())
    }

    /// The instances of one more block, unless there are too many. A block alone counts as well, for modules can call
    /// each other.
    pub(super) fn expand(&self, count: usize, span: Option<Span>) -> Result<(), Beyond> {
        let before = self.instances.fetch_add(count, Ordering::Relaxed);
        if before.saturating_add(count) <= MOST_INSTANCES {
            return Ok(());
        }
        if before > MOST_INSTANCES {
            return Err(Beyond::Known);
        }
        // Whatever comes now has been told of.
        self.instances.fetch_add(MOST_INSTANCES, Ordering::Relaxed);
        let message = format!(
            "the configuration has more than {MOST_INSTANCES} instances of resources and modules"
        );
        Err(Beyond::Told(EvalError::somewhere(message, span).fixed()))
    }
}

/// The size of a value written out; counting ends where it becomes too large.
#[derive(Default)]
pub(super) struct Size {
    elements: usize,
    bytes: usize,
}

impl Size {
    /// Adds a value that is nested so deep.
    pub(super) fn add(&mut self, value: &Value, depth: usize) -> Result<(), String> {
        self.elements += 1;
        if let Some(text) = value.as_str() {
            self.bytes += text.len();
            if text.len() > LONGEST_STRING {
                return Err(format!(
                    "this string is longer than {} MiB",
                    LONGEST_STRING >> 20
                ));
            }
        }
        if let Some(entries) = value.as_entries() {
            self.bytes += entries.keys().map(|key| key.len()).sum::<usize>();
        }
        if depth > DEEPEST {
            return Err(format!(
                "this value is nested more than {DEEPEST} levels deep"
            ));
        }
        if self.elements > MOST_ELEMENTS {
            return Err(format!("this value has more than {MOST_ELEMENTS} elements"));
        }
        if self.bytes > MOST_BYTES {
            return Err(format!(
                "the strings of this value are longer than {} MiB together",
                MOST_BYTES >> 20
            ));
        }
        let known = value
            .as_unknown()
            .and_then(|unknown| unknown.shape.as_ref());
        match known {
            Some(Shape::Json(value) | Shape::Partial(value) | Shape::Decoded(value)) => {
                self.add(value, depth + 1)?;
            }
            Some(Shape::Concat(parts)) => {
                parts
                    .iter()
                    .try_for_each(|part| self.add(part, depth + 1))?;
            }
            Some(Shape::Secrets(_)) | None => {}
        }
        value
            .children()
            .try_for_each(|child| self.add(child, depth + 1))
    }
}
