//! Which program will run the configuration, and in which versions, as far as its files tell.

use std::path::Path;

use super::Evaluation;
use super::functions::Since;
use crate::config::{Module, version::parts};
use crate::problem::{Problem, ProblemKind};
use crate::syntax::Call;

/// The programs that read Terraform's language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tool {
    Terraform,
    OpenTofu,
    /// Nothing tells.
    Either,
}

impl Evaluation {
    /// OpenTofu has files of its own; and each of the two locks providers of its own registry.
    pub(super) fn tool(&self) -> Tool {
        let files = &self.root.config.module.files;
        let of_tofu = |path: &Path| {
            let name = path.file_name().and_then(|name| name.to_str());
            [".tofu", ".tofu.json"]
                .iter()
                .any(|ending| name.is_some_and(|name| name.ends_with(ending)))
        };
        if files
            .iter()
            .any(|id| of_tofu(self.sources.file(*id).path()))
        {
            return Tool::OpenTofu;
        }
        let locked = |registry: &str| self.locked.0.keys().any(|name| name.starts_with(registry));
        match (
            locked("registry.terraform.io/"),
            locked("registry.opentofu.org/"),
        ) {
            (_, true) => Tool::OpenTofu,
            (true, false) => Tool::Terraform,
            (false, false) => Tool::Either,
        }
    }

    /// A function that the program does not have in any version that the module asks for.
    pub(super) fn check_function(&self, call: &Call, module: Option<&Module>) {
        let name = &*call.name.name;
        let Some(since) = Since::of(name) else {
            return;
        };
        let required = module.and_then(|module| module.required_version.as_deref());
        let admits = |since: Option<(u32, u32)>| {
            since.is_some_and(|since| required.is_none_or(|text| admits_from(text, since)))
        };
        let (kind, message) = match self.tool() {
            Tool::Terraform if since.terraform.is_none() => (
                ProblemKind::Refused,
                format!("Terraform has no `{name}()`: OpenTofu has"),
            ),
            Tool::Terraform | Tool::Either if admits(since.terraform) => return,
            Tool::OpenTofu | Tool::Either if admits(since.opentofu) => match required {
                // One of the two has it, and nothing tells which one is in use.
                None if self.tool() == Tool::Either => (
                    ProblemKind::Note,
                    format!("only OpenTofu has `{name}()`: Terraform refuses this"),
                ),
                _ => return,
            },
            _ => (
                ProblemKind::Refused,
                format!("no version that `required_version` admits has `{name}()`: {since}"),
            ),
        };
        self.report(Problem::new(kind, message, Some(call.name.span)));
    }
}

/// Whether a constraint admits any version from one on.
fn admits_from(constraint: &str, since: (u32, u32)) -> bool {
    let since = (u64::from(since.0), u64::from(since.1));
    parts(constraint).all(|(operator, version)| {
        let [major, minor, patch, _] = version.padded();
        match operator {
            "<" => (major, minor, patch) > (since.0, since.1, 0),
            "<=" | "=" | "" => (major, minor) >= since,
            // `~> 1` has no end, `~> 1.5` ends before 2, `~> 1.5.0` before 1.6.
            "~>" => match version.numbers.len() {
                0 | 1 => true,
                2 => major >= since.0,
                _ => (major, minor) >= since,
            },
            _ => true,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::admits_from;

    #[test]
    fn a_constraint_may_end_before_a_version() {
        for (constraint, admitted) in [
            (">= 1.0", true),
            ("~> 1.5", true),
            ("~> 1.5.0", false),
            ("~> 1.9.3", true),
            ("~> 0.14", false),
            ("< 1.9", false),
            ("< 1.9.0", false),
            ("< 1.9.1", true),
            (">= 1.0, < 2.0", true),
            ("<= 1.8.5", false),
            ("1.5.7", false),
            ("= 1.11.4", true),
            ("!= 1.9.0", true),
            ("~> 1", true),
            (">= 1.3, ~> 1.8.0", false),
        ] {
            assert_eq!(admits_from(constraint, (1, 9)), admitted, "{constraint}");
        }
    }
}
