//! The list of the modules of a configuration, as Terraform writes it: beside what `terraform init` fetched, and into saved
//! plans.

use serde::{Deserialize, Serialize};

/// `modules/modules.json` in the data folder. A saved plan has the modules alone.
#[derive(Debug, Deserialize, Serialize)]
pub struct ModuleList {
    /// The root module and the modules that it calls.
    #[serde(rename = "Modules")]
    pub modules: Vec<ListedModule>,
}

/// A module in that list.
#[derive(Debug, Deserialize, Serialize)]
pub struct ListedModule {
    /// The names of the calls on the way to it; empty for the root module.
    #[serde(rename = "Key")]
    pub key: String,
    /// The address that it was fetched from.
    #[serde(rename = "Source", default)]
    pub source: String,
    /// Its version, where it comes from a registry.
    #[serde(rename = "Version", default)]
    pub version: String,
    /// Its folder, seen from the root module's.
    #[serde(rename = "Dir", default)]
    pub folder: String,
}
