//! Marks: what travels beside a value through every function and operator.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::address::ModuleInstance;

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

    /// Whether it derives from a secret source that is more than an output of a module that is declared sensitive.
    pub fn has_source(&self) -> bool {
        let mut sources = self.secrets.iter().flat_map(|sources| sources.iter());
        sources.any(|source| !is_module_output(source))
    }

    /// The same without the secret sources that other marks have.
    pub fn without(&self, others: &Marks) -> Marks {
        let (Some(own), Some(others)) = (&self.secrets, &others.secrets) else {
            return self.clone();
        };
        let left: BTreeSet<_> = own.difference(others).cloned().collect();
        Marks {
            secrets: (!left.is_empty()).then(|| Arc::new(left)),
            ..*self
        }
    }

    /// The same without the secret sources: what only decides which value is taken gives nothing of itself away.
    pub fn without_secrets(&self) -> Marks {
        Marks {
            secrets: None,
            ..*self
        }
    }

    /// The secret sources alone: where a value comes from, whatever Terraform calls sensitive.
    pub fn only_secrets(&self) -> Marks {
        Marks {
            secrets: self.secrets.clone(),
            ..Marks::NONE
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

/// The source of what the function `sensitive` is given, where that has no source of its own.
pub const DECLARED: &str = "sensitive(…)";

/// Whether a source is `module.a.output.b`: what makes a secret of it, if anything, is a source of its own.
pub fn is_module_output(source: &str) -> bool {
    let module = source.rsplit_once(".output.").map(|(module, _)| module);
    module.is_some_and(|module| module.parse::<ModuleInstance>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::is_module_output;

    #[test]
    fn outputs_of_modules_are_told_from_resources() {
        for source in ["module.a.output.b", "module.a[\"x\"].module.b.output.c"] {
            assert!(is_module_output(source), "{source}");
        }
        for source in [
            "module.a.random_password.output.result",
            "random_password.output.result",
            "module.a.var.b",
            "var.output",
        ] {
            assert!(!is_module_output(source), "{source}");
        }
    }
}
