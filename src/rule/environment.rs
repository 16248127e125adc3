//! An environment, and the names by which environments are called.

use std::sync::Arc;

/// An environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    /// Its name, such as `prod`.
    pub name: Arc<str>,
    /// Whether the rules for production apply.
    pub production: bool,
}

impl Environment {
    /// Which of several names of environments are this one's: its own, or else, of production, all that say production.
    /// None where one of them is no environment's name.
    pub fn among<'n>(&self, names: &[&'n str]) -> Option<Vec<&'n str>> {
        let own = |name: &&&str| name.eq_ignore_ascii_case(&self.name);
        let is_one = |name: &&str| is_environment(name) || own(&name);
        if names.is_empty() || !names.iter().all(is_one) {
            return None;
        }
        let mut found: Vec<&str> = names.iter().filter(own).copied().collect();
        if found.is_empty() && self.production {
            found.extend(names.iter().copied().filter(|name| is_production(name)));
        }
        Some(found)
    }
}

/// Names of environments that are production.
const PRODUCTION: [&str; 4] = ["prod", "production", "prd", "live"];

/// Words by which environments are called that are not production.
const OTHERS: [&str; 25] = [
    "dev",
    "devel",
    "develop",
    "development",
    "local",
    "test",
    "testing",
    "tst",
    "qa",
    "uat",
    "int",
    "integration",
    "ci",
    "staging",
    "stage",
    "stg",
    "preprod",
    "nonprod",
    "sandbox",
    "sbx",
    "demo",
    "preview",
    "perf",
    "playground",
    "acceptance",
];

/// Whether a name says production, as a word of it: `prod-eu`, but not `non-prod`.
pub fn is_production(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let words: Vec<&str> = name.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    let negated = |at: usize| at > 0 && matches!(words[at - 1], "non" | "not" | "pre" | "no");
    words.iter().enumerate().any(|(at, word)| {
        PRODUCTION.contains(&word.trim_end_matches(|c: char| c.is_ascii_digit())) && !negated(at)
    })
}

/// Whether a name is one that environments have.
pub fn is_environment(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let mut words = lower.split(|c: char| !c.is_ascii_alphanumeric());
    is_production(name)
        || words.any(|word| {
            let word = word.trim_end_matches(|c: char| c.is_ascii_digit());
            OTHERS.contains(&word) || PRODUCTION.contains(&word)
        })
}

#[cfg(test)]
mod tests {
    use super::{Environment, is_environment, is_production};

    #[test]
    fn production_is_a_word_of_the_name() {
        for name in [
            "prod",
            "Production",
            "live",
            "prd",
            "prod-eu",
            "eu_prod",
            "production2",
        ] {
            assert!(is_production(name) && is_environment(name), "{name}");
        }
        for name in [
            "non-prod",
            "preprod",
            "pre-prod",
            "staging",
            "dev",
            "product-api",
            "blue",
        ] {
            assert!(!is_production(name), "{name}");
        }
        assert!(is_environment("staging-2") && is_environment("pre-prod"));
        assert!(!is_environment("values") && !is_environment("common"));
    }
    #[test]
    fn of_several_names_those_of_one_environment() {
        let prod = Environment {
            name: "prod".into(),
            production: true,
        };
        assert_eq!(prod.among(&["dev", "PROD"]), Some(vec!["PROD"]));
        assert_eq!(prod.among(&["dev", "prod-eu"]), Some(vec!["prod-eu"]));
        assert_eq!(prod.among(&["dev", "staging"]), Some(Vec::new()));
        assert_eq!(prod.among(&["prod", "api"]), None);
        assert_eq!(prod.among(&[]), None);
    }
}
