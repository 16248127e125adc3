//! What the environment of the process says: which variables there are, and where Terraform keeps its data.

use std::path::PathBuf;

use crate::config::DATA_FOLDER;

/// The variables of the process, those that are text.
pub fn process_environment() -> impl Iterator<Item = (String, String)> {
    let variables = std::env::vars_os();
    variables
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// The folder where Terraform keeps what it fetches and notes, seen from the root module's.
pub fn data_folder(environment: impl Iterator<Item = (String, String)>) -> PathBuf {
    let moved = value_of("TF_DATA_DIR", environment);
    moved.map_or_else(|| DATA_FOLDER.into(), PathBuf::from)
}

/// What a variable of the environment says; an empty one says nothing.
pub(super) fn value_of(
    name: &str,
    mut environment: impl Iterator<Item = (String, String)>,
) -> Option<String> {
    let found = environment.find(|(other, value)| other == name && !value.is_empty());
    found.map(|(_, value)| value)
}
