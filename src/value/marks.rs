//! Marks: what travels beside a value through every function and operator.

use std::collections::BTreeSet;
use std::sync::Arc;

/// Sensitive, ephemeral, and the secret sources that a value derives from.
///
/// `sensitive` and `ephemeral` are Terraform's. `secrets` is tfguard's own and is not removed by `nonsensitive`:
/// it is how a secret is followed from its source into whatever stores it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// As the function `sensitive` marks.
    pub sensitive: bool,
    /// As ephemeral variables and resources mark.
    pub ephemeral: bool,
    /// Addresses of secret sources: `var.stripe_secret_key`, `random_password.db.result`.
    pub secrets: Option<Arc<BTreeSet<Arc<str>>>>,
}

impl Marks {
    /// No mark at all.
    pub const NONE: Marks = Marks {
        sensitive: false,
        ephemeral: false,
        secrets: None,
    };

    /// Only sensitive.
    pub const SENSITIVE: Marks = Marks {
        sensitive: true,
        ephemeral: false,
        secrets: None,
    };

    /// The mark of one secret source.
    pub fn secret(source: impl Into<Arc<str>>) -> Self {
        Marks {
            secrets: Some(Arc::new(BTreeSet::from([source.into()]))),
            ..Marks::NONE
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        !self.sensitive && !self.ephemeral && self.secrets.is_none()
    }

    /// Whether it derives from a secret source.
    pub fn is_secret(&self) -> bool {
        self.secrets.is_some()
    }

    /// The same without the secret sources: what only decides which value is taken gives nothing of itself away.
    pub fn without_secrets(&self) -> Marks {
        Marks {
            secrets: None,
            ..*self
        }
    }

    /// Both together.
    pub fn union(&self, other: &Marks) -> Marks {
        let secrets = match (&self.secrets, &other.secrets) {
            (None, one) | (one, None) => one.clone(),
            (Some(left), Some(right)) if Arc::ptr_eq(left, right) => Some(Arc::clone(left)),
            (Some(left), Some(right)) => Some(Arc::new(left.union(right).cloned().collect())),
        };
        Marks {
            sensitive: self.sensitive || other.sensitive,
            ephemeral: self.ephemeral || other.ephemeral,
            secrets,
        }
    }
}
