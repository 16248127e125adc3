//! The inputs of a root module, in Terraform's order of precedence.

use std::path::{Path, PathBuf};

use crate::cli::{InputArg, InputArgs};
use crate::error::Error;
use crate::eval::{Inputs, Undeclared};
use crate::source::Sources;

/// Collects the inputs of a root module as Terraform does, from the weakest to the strongest: `TF_VAR_name`,
/// `terraform.tfvars`, `terraform.tfvars.json`, `*.auto.tfvars` and `*.auto.tfvars.json` by name, and then `-var` and
/// `-var-file` in the order of the command line. The variables files that make the environment count as the first ones
/// of `-var-file`.
///
/// What cannot be read is added to the errors, and the rest is used all the same.
pub fn inputs(
    root: &Path,
    var_files: &[PathBuf],
    arguments: &InputArgs,
    environment: impl Iterator<Item = (String, String)>,
    sources: &Sources,
    errors: &mut Vec<Error>,
) -> Inputs {
    let mut inputs = Inputs::default();
    for (name, text) in environment {
        if let Some(variable) = name.strip_prefix("TF_VAR_") {
            inputs.add_text(sources, variable, &text, name.clone(), Undeclared::Ignore);
        }
    }
    let files = automatic_files(root)
        .into_iter()
        .chain(var_files.iter().cloned());
    for file in files {
        add_file(&mut inputs, sources, &file, errors);
    }
    let mut place = 0;
    for argument in &arguments.ordered {
        match argument {
            InputArg::File(file) => add_file(&mut inputs, sources, file, errors),
            InputArg::Var(text) => {
                place += 1;
                match text.split_once('=') {
                    Some((name, value)) => {
                        let set_by = "-var".to_owned();
                        // A blank beside the name belongs to it: Terraform finds no such variable.
                        inputs.add_text(sources, name, value, set_by, Undeclared::Refuse);
                    }
                    None => errors.push(Error::MalformedVar { place }),
                }
            }
        }
    }
    inputs
}

fn add_file(inputs: &mut Inputs, sources: &Sources, file: &Path, errors: &mut Vec<Error>) {
    if let Err(error) = inputs.add_file(sources, file) {
        errors.push(error.into());
    }
}

/// Whether Terraform loads a variables file of that name by itself, where it lies beside the root module.
pub fn is_automatic(name: &str) -> bool {
    matches!(name, "terraform.tfvars" | "terraform.tfvars.json")
        || name.ends_with(".auto.tfvars")
        || name.ends_with(".auto.tfvars.json")
}

/// The variables files that Terraform loads by itself.
fn automatic_files(root: &Path) -> Vec<PathBuf> {
    let named = ["terraform.tfvars", "terraform.tfvars.json"].map(|name| root.join(name));
    let mut files: Vec<PathBuf> = named.into_iter().filter(|file| file.is_file()).collect();
    let mut automatic: Vec<PathBuf> = std::fs::read_dir(root)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            let name = path
                .file_name()
                .and_then(|name| name.to_str())
                .unwrap_or_default();
            // Terraform reads whatever has that name: a link that leads nowhere is an error.
            name.ends_with(".auto.tfvars") || name.ends_with(".auto.tfvars.json")
        })
        .collect();
    automatic.sort();
    files.extend(automatic);
    files
}
