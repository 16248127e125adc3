//! Credentials in the texts that evidence was made from: each text is searched once, for all rules and environments.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::Text;
use crate::secret::{Hit, detect};
use crate::source::{SourceId, Sources};

/// What was found in each text so far.
#[derive(Default)]
pub struct Credentials {
    found: Mutex<HashMap<SourceId, Arc<[Hit]>>>,
}

impl Credentials {
    /// The credentials in a text, in order.
    pub fn of(&self, text: Text, sources: &Sources) -> Arc<[Hit]> {
        let found = || self.found.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(hits) = found().get(&text.source) {
            return Arc::clone(hits);
        }
        // Two threads may search the same text at once; both find the same.
        let hits: Arc<[Hit]> = detect(sources.file(text.source).text()).into();
        found().insert(text.source, Arc::clone(&hits));
        hits
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").finish_non_exhaustive()
    }
}
