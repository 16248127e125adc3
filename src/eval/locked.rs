//! Which versions of providers are in use: as `.terraform.lock.hcl` says, or else as `required_providers` demands.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use crate::config::Module;
use crate::config::version::{Version, parts};
use crate::source::{SourceId, Sources};
use crate::syntax::{self, ExprKind};

/// Locked versions by the provider's full name.
#[derive(Debug, Default)]
pub(crate) struct Locked(pub(super) BTreeMap<Arc<str>, Arc<str>>);

impl Locked {
    /// What the lock file of a root module says; nothing where there is none.
    pub(super) fn read(root: &Path, sources: &Sources) -> Self {
        let path = root.join(".terraform.lock.hcl");
        if !path.is_file() {
            return Self::default();
        }
        let Ok(source) = sources.read(&path) else {
            return Self::default();
        };
        Self(locked_versions(source, sources.file(source).text()))
    }

    /// Whether a version of a provider is locked that is no newer than another one, within its major version.
    pub(super) fn is_within(&self, source: &str, newest: &str) -> bool {
        let Some(locked) = self.0.get(source).map(|one| Version::of(one)) else {
            return false;
        };
        let (own, newest) = (locked.padded(), Version::of(newest).padded());
        locked.suffix.is_empty() && own[0] == newest[0] && own <= newest
    }

    /// The major version of a provider, by its local name in a module.
    pub(super) fn major(&self, module: &Module, name: &str) -> Option<u64> {
        let source = module.provider_source(name);
        match self.0.get(&*source) {
            Some(version) => Version::of(version).numbers.first().copied(),
            None => demanded(module.provider_versions.get(name)?),
        }
    }
}

/// The versions that a lock file names, by the provider's full name.
pub fn locked_versions(source: SourceId, text: &str) -> BTreeMap<Arc<str>, Arc<str>> {
    let blocks = syntax::parse(source, text).body.blocks;
    let versions = blocks.iter().filter_map(|block| {
        let name = block.labels.first()?;
        match &block.body.attribute("version")?.expr.kind {
            ExprKind::String(version) => Some((Arc::clone(&name.name), Arc::clone(version))),
            _ => None,
        }
    });
    versions.collect()
}

/// The only major version that a constraint allows: `~> 5.0`, `5.31.0`, `>= 4.2, < 5.0`.
fn demanded(constraint: &str) -> Option<u64> {
    let mut below = None;
    for (operator, version) in parts(constraint) {
        let (major, further) = version.numbers.split_first()?;
        let ends_before = further.iter().all(|number| *number == 0) && *major > 0;
        match operator {
            // `~> 5` allows 6, `~> 5.0` does not.
            "~>" if !further.is_empty() => return Some(*major),
            "" | "=" => return Some(*major),
            "<" => below = Some(major - u64::from(ends_before)),
            "<=" => below = Some(*major),
            _ => {}
        }
    }
    // Without a lock file the newest version is taken that is allowed.
    below
}

#[cfg(test)]
mod tests {
    use super::demanded;

    #[test]
    fn a_constraint_may_leave_one_major_version() {
        for (constraint, major) in [
            ("~> 5.0", Some(5)),
            ("5.31.0", Some(5)),
            ("= 4.67", Some(4)),
            (">= 4.2, < 5.0", Some(4)),
            (">= 4.2, < 5.1", Some(5)),
            (">= 5.0", None),
            ("~> 5", None),
            ("!= 5.1", None),
        ] {
            assert_eq!(demanded(constraint), major, "{constraint}");
        }
    }
}
