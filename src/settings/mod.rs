//! What the command line, the environment and `tfguard.hcl` mean.

pub mod environment;
mod file;
mod find;
mod inputs;
mod process;
mod read;
mod rules;
mod workspace;

pub use environment::EnvironmentBlock;
pub use file::Settings;
pub use find::{NAME, SettingsFiles, upwards};
pub use inputs::{inputs, is_automatic};
pub use process::{data_folder, process_environment};
pub use workspace::Workspace;
