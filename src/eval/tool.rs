//! Which program will run the configuration, and in which versions, as far as its files tell.

use std::path::Path;

use super::functions::Since;
use super::{EvalError, Evaluation};
use crate::config::{Module, version::parts};
use crate::problem::{Problem, ProblemKind};
use crate::syntax::Call;
use crate::value::{self, Type, Value};

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

    /// `element(list, -1)`, which Terraform refuses in versions that are still in use.
    pub(super) fn check_index_from_end(
        &self,
        call: &Call,
        arguments: &[Value],
        module: Option<&Module>,
    ) -> Result<(), Box<EvalError>> {
        let [list, index] = arguments else {
            return Ok(());
        };
        let from_end = value::convert(index, &Type::Number)
            .ok()
            .and_then(|index| index.as_number()?.as_i64())
            .is_some_and(|index| index < 0);
        let (Some(required), true) = (self.required_version(module), from_end) else {
            return Ok(());
        };
        let (kind, since, terraform) = match list.ty() {
            Type::Tuple(_) => {
                let mended = admits(&required, TUPLES_MENDED);
                let since = TUPLES_FROM_END;
                ("tuples", since, mended || admits_from(&required, since))
            }
            Type::List(_) => {
                let since = LISTS_FROM_END;
                ("lists", since, admits_from(&required, since))
            }
            _ => return Ok(()),
        };
        let opentofu = admits_from(&required, OPENTOFU_FROM_END);
        match self.tool() {
            Tool::Terraform | Tool::Either if terraform => return Ok(()),
            Tool::OpenTofu if opentofu => return Ok(()),
            Tool::Either if opentofu => {
                let message = format!(
                    "of the versions that `required_version` admits only OpenTofu's count {kind} \
                     from the end: Terraform refuses this"
                );
                let span = Some(call.name.span);
                self.report(Problem::new(ProblemKind::Note, message, span));
                return Ok(());
            }
            _ => {}
        }
        let message = format!(
            "no version that `required_version` admits counts {kind} from the end in `element()`: \
             Terraform does since {}.{}",
            since.0, since.1
        );
        Err(EvalError::new(message, call.name.span))
    }

    /// What the root and the module ask for together, where either asks for anything.
    fn required_version(&self, module: Option<&Module>) -> Option<String> {
        let root = &*self.root.config.module;
        let asked: Vec<&str> = [Some(root), module]
            .into_iter()
            .filter_map(|module| module?.required_version.as_deref())
            .collect();
        (!asked.is_empty()).then(|| asked.join(","))
    }
}

/// Terraform 1.10 began to count lists from the end. With tuples it failed before 1.10.5, and again in 1.11.
const LISTS_FROM_END: (u32, u32) = (1, 10);
const TUPLES_FROM_END: (u32, u32) = (1, 12);
const TUPLES_MENDED: [u64; 3] = [1, 10, 5];
const OPENTOFU_FROM_END: (u32, u32) = (1, 10);

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

/// Whether a constraint admits a version.
fn admits(constraint: &str, asked: [u64; 3]) -> bool {
    parts(constraint).all(|(operator, version)| {
        let [major, minor, patch, _] = version.padded();
        let named = [major, minor, patch];
        match operator {
            "<" => asked < named,
            "<=" => asked <= named,
            ">" => asked > named,
            ">=" => asked >= named,
            "!=" => asked != named,
            // All numbers but the last are fixed.
            "~>" => {
                let fixed = version.numbers.len().saturating_sub(1).min(2);
                asked >= named && asked[..fixed] == named[..fixed]
            }
            _ => asked == named,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::{admits, admits_from};

    #[test]
    fn a_constraint_admits_a_version() {
        for (constraint, admitted) in [
            (">= 1.0", true),
            ("~> 1.10.0", true),
            ("~> 1.10.6", false),
            ("~> 1.5", true),
            ("~> 1.11", false),
            ("~> 1", true),
            ("~> 2", false),
            ("1.10.5", true),
            ("= 1.11.4", false),
            ("< 1.10.5", false),
            ("<= 1.10.5", true),
            ("> 1.10.5", false),
            (">= 1.3, != 1.10.5", false),
        ] {
            assert_eq!(admits(constraint, [1, 10, 5]), admitted, "{constraint}");
        }
    }

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
