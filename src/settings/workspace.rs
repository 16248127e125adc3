//! Which workspace Terraform would be in.

use std::path::Path;
use std::sync::Arc;

use super::process::{data_folder, value_of};
use crate::problem::{Problem, ProblemKind};

/// What `terraform.workspace` is.
#[derive(Clone, Debug, PartialEq)]
pub struct Workspace {
    /// Its name.
    pub name: Arc<str>,
    /// What is to be said where nobody named it to tfguard.
    pub problem: Option<Problem>,
}

impl Workspace {
    /// One that was named.
    pub fn named(name: &str) -> Self {
        Self {
            name: name.into(),
            problem: None,
        }
    }

    /// The workspace that Terraform 1.11 would be in, in the folder of a root module: that of `TF_WORKSPACE`, or the one
    /// that `terraform workspace select` wrote into the data folder, or `default`. `TF_DATA_DIR` moves that folder.
    pub fn selected(root: &Path, environment: impl Iterator<Item = (String, String)>) -> Self {
        const VARIABLE: &str = "TF_WORKSPACE";
        let environment: Vec<_> = environment.collect();
        if let Some(name) = value_of(VARIABLE, environment.iter().cloned()) {
            return Self::told(&name, VARIABLE);
        }
        let file = data_folder(environment.into_iter()).join("environment");
        let text = std::fs::read_to_string(root.join(&file)).unwrap_or_default();
        match text.trim() {
            "" | "default" => Self::named("default"),
            name => Self::told(name, &file.to_string_lossy()),
        }
    }

    fn told(name: &str, by: &str) -> Self {
        let problem = if by.starts_with("TF_") && !is_valid(name) {
            let message = format!("`{by}` is no name for a workspace");
            Problem::new(ProblemKind::Refused, message, None)
                .with_help("letters, digits and `-_.~` make a name")
        } else {
            let message = format!("the workspace is `{name}`: `{by}` says so");
            Problem::new(ProblemKind::Note, message, None)
                .with_help("`--workspace NAME` names another")
        };
        Self {
            name: name.into(),
            problem: Some(problem),
        }
    }
}

/// Whether a name can stand in a URL as it is.
fn is_valid(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.~$&+:=@".contains(c);
    name.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selected(root: &Path, environment: &[(&str, &str)]) -> Workspace {
        let environment = environment
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Workspace::selected(root, environment)
    }

    /// As `terraform plan` 1.11.4 has it.
    #[test]
    fn is_that_of_the_variable_or_of_the_file() {
        let root = tempfile::tempdir().expect("a folder");
        let name =
            |environment: &[(&str, &str)]| selected(root.path(), environment).name.to_string();
        assert_eq!(name(&[]), "default");
        for (folder, text) in [
            (".terraform", "dev\n"),
            ("elsewhere", "stage"),
            ("empty", " "),
        ] {
            std::fs::create_dir(root.path().join(folder)).expect("a folder");
            std::fs::write(root.path().join(folder).join("environment"), text).expect("a file");
        }
        assert_eq!(name(&[]), "dev");
        assert_eq!(name(&[("TF_WORKSPACE", "prod")]), "prod");
        assert_eq!(name(&[("TF_WORKSPACE", "")]), "dev");
        assert_eq!(name(&[("TF_DATA_DIR", "elsewhere")]), "stage");
        assert_eq!(name(&[("TF_DATA_DIR", "empty")]), "default");
        let whole = root.path().join("elsewhere").to_string_lossy().into_owned();
        assert_eq!(name(&[("TF_DATA_DIR", &whole)]), "stage");
        let both = [("TF_DATA_DIR", "elsewhere"), ("TF_WORKSPACE", "prod")];
        assert_eq!(name(&both), "prod");
    }

    #[test]
    fn what_terraform_refuses_is_refused() {
        let kind = |name| {
            let workspace = selected(Path::new("."), &[("TF_WORKSPACE", name)]);
            workspace.problem.expect("something is said").kind
        };
        assert_eq!(kind("bad name"), ProblemKind::Refused);
        assert_eq!(kind("a/b"), ProblemKind::Refused);
        assert_eq!(kind("prod-eu"), ProblemKind::Note);
    }
}
