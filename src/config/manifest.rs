//! What `terraform init` wrote down of the modules that it fetched, and whether they are those that are asked for.

use std::collections::HashMap;

use super::version::{Version, parts};
use crate::source::{ListedModule, ModuleList};

/// `modules/modules.json` in the data folder: where `terraform init` put each module.
#[derive(Debug, Default)]
pub(super) struct Manifest {
    modules: HashMap<String, Fetched>,
}

/// A module as `terraform init` fetched it.
#[derive(Debug)]
pub(super) struct Fetched(ListedModule);

impl Manifest {
    /// Reads one. It is absent before `terraform init`; a broken one tells as little.
    pub fn read(text: &str) -> Self {
        let modules =
            serde_json::from_str(text).map_or_else(|_| Vec::new(), |list: ModuleList| list.modules);
        let by_key = |module: ListedModule| (module.key.clone(), Fetched(module));
        Self {
            modules: modules.into_iter().map(by_key).collect(),
        }
    }

    /// What was fetched for a call, by the names of the calls on the way to it.
    pub fn of(&self, key: &str) -> Option<&Fetched> {
        self.modules.get(key)
    }
}

impl Fetched {
    /// Its folder, seen from the root module's.
    pub fn folder(&self) -> &str {
        &self.0.folder
    }

    /// Why it is not what a call asks for. Terraform refuses it then.
    pub fn objection(&self, source: &str, version: Option<&str>) -> Option<String> {
        let ListedModule {
            source: fetched_from,
            version: found,
            ..
        } = &self.0;
        let is_told = !fetched_from.is_empty() && !source.is_empty();
        if is_told && !is_same_source(fetched_from, source) {
            return Some(
                "`terraform init` fetched it from another source: run it again".to_owned(),
            );
        }
        let asked = version.filter(|text| !text.trim().is_empty())?;
        if found.is_empty() {
            return Some(format!(
                "`terraform init` fetched no version of it where `{asked}` is asked for: run it again"
            ));
        }
        (!admits(asked, found)).then(|| {
            format!(
                "`terraform init` fetched version {found} where `{asked}` is asked for: run it again"
            )
        })
    }
}

/// Whether two addresses may be of one package. What `terraform init` writes down is longer than what is asked for:
/// `git::https://github.com/a/b.git` for `github.com/a/b`.
fn is_same_source(fetched: &str, asked: &str) -> bool {
    // The address of a bucket is written in several ways.
    let is_bucket = fetched.contains("amazonaws.com") && !asked.contains("::");
    is_bucket || plain(fetched) == plain(asked)
}

/// The steps of an address and what its query asks for, without the ways to get there.
fn plain(source: &str) -> (Vec<String>, Vec<&str>) {
    let (place, query) = source.split_once('?').unwrap_or((source, ""));
    let place = place.rsplit_once("::").map_or(place, |(_, place)| place);
    let place = place.split_once("://").map_or(place, |(_, place)| place);
    let place = match place.split_once('@') {
        Some((user, place)) if !user.contains('/') => place,
        _ => place,
    };
    let default = ["registry.terraform.io/", "registry.opentofu.org/"];
    let place = (default.iter())
        .find_map(|host| place.strip_prefix(host))
        .unwrap_or(place);
    let steps = place.split(['/', ':']);
    let steps = steps
        .filter(|step| !matches!(*step, "" | "."))
        .map(|step| step.strip_suffix(".git").unwrap_or(step))
        .map(|step| step.to_ascii_lowercase().replace(' ', "%20"));
    let mut parameters: Vec<&str> = query.split('&').filter(|one| !one.is_empty()).collect();
    parameters.sort_unstable();
    (steps.collect(), parameters)
}

/// Whether a constraint, `>= 1.2, < 2.0`, admits a version.
fn admits(constraint: &str, version: &str) -> bool {
    let found = Version::of(version);
    parts(constraint).all(|(operator, asked)| {
        let (own, other) = (found.padded(), asked.padded());
        if own == other && found.suffix != asked.suffix {
            // Of what goes before a release only the order is left open here.
            return !matches!(operator, "" | "=");
        }
        match operator {
            "" | "=" => own == other,
            "!=" => own != other,
            ">" => own > other,
            ">=" => own >= other,
            "<" => own < other,
            "<=" => own <= other,
            // The last number may grow, those before it may not; `~> 1` has no end.
            "~>" => {
                let fixed = asked.numbers.len().saturating_sub(1).min(own.len());
                own >= other && own[..fixed] == other[..fixed]
            }
            _ => true,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// On the left what Terraform 1.11.4 writes down for what is on the right.
    #[test]
    fn sources_are_written_down_in_full() {
        for (fetched, asked) in [
            ("registry.terraform.io/acme/alb/aws", "acme/alb/aws"),
            (
                "registry.terraform.io/acme/alb/aws//modules/a",
                "acme/alb/aws//modules/a",
            ),
            (
                "app.terraform.io/acme/alb/aws",
                "app.terraform.io/acme/alb/aws",
            ),
            ("git::https://github.com/a/b.git", "github.com/a/b"),
            (
                "git::https://github.com/a/b.git//c?ref=v1",
                "github.com/a/b//c?ref=v1",
            ),
            (
                "git::ssh://git@github.com/a/b.git?ref=v1",
                "git@github.com:a/b.git?ref=v1",
            ),
            (
                "git::https://example.com/b.git?ref=v1",
                "git::https://example.com/b.git?ref=v1",
            ),
            ("https://example.com/b.zip", "https://example.com/b.zip"),
            (
                "s3::https://s3.amazonaws.com/bucket/a.zip",
                "bucket.s3.amazonaws.com/a.zip",
            ),
        ] {
            assert!(is_same_source(fetched, asked), "{fetched} {asked}");
        }
        for (fetched, asked) in [
            ("registry.terraform.io/acme/alb/aws", "acme/other/aws"),
            (
                "registry.terraform.io/acme/alb/aws",
                "example.com/acme/alb/aws",
            ),
            (
                "registry.terraform.io/acme/alb/aws",
                "acme/alb/aws//modules/a",
            ),
            ("git::https://github.com/a/b.git", "github.com/a/c"),
            (
                "git::https://example.com/b.git?ref=v1",
                "git::https://example.com/b.git?ref=v2",
            ),
            (
                "git::https://example.com/b.git?ref=v1",
                "git::https://example.com/b.git",
            ),
            ("git::https://example.com/b.git", "acme/b/aws"),
        ] {
            assert!(!is_same_source(fetched, asked), "{fetched} {asked}");
        }
    }

    #[test]
    fn versions_fit_constraints() {
        for (constraint, version, fits) in [
            ("2.0.0", "2.0.0", true),
            ("2.0", "2.0.0", true),
            ("= v2.0.0", "2.0.0", true),
            ("2.0.0", "1.0.0", false),
            ("2.0.0", "2.0.0-beta", false),
            ("!= 2.0.0", "2.0.0", false),
            ("~> 1.0", "1.9.3", true),
            ("~> 1.0", "2.0.0", false),
            ("~> 1.2.3", "1.2.9", true),
            ("~> 1.2.3", "1.3.0", false),
            ("~> 1.2.3", "1.2.2", false),
            ("~> 1", "3.0.0", true),
            (">= 1.0, < 2.0", "1.10.0", true),
            (">= 1.0, < 2.0", "2.0.0", false),
            ("> 1.9.0", "1.10.0", true),
            ("<= 1.9", "1.10.0", false),
            (">= 2.0.0-beta", "2.0.0-rc1", true),
        ] {
            assert_eq!(admits(constraint, version), fits, "{constraint} {version}");
        }
    }
}
