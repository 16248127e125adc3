//! What a file is, told by its content and never by its name.

use std::collections::BTreeSet;
use std::fmt;

use super::json::cursor::{Cursor, Fault, FaultKind, Kind as JsonKind};

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `terraform show -json` of a plan.
    PlanJson,
    /// `terraform plan -out`: a zip.
    BinaryPlan,
    /// A state as Terraform stores it.
    State,
    /// `terraform show -json` of a state.
    StateJson,
    /// A state that OpenTofu encrypted.
    EncryptedState,
    /// A plan of Terraform 0.11 or before.
    OldBinaryPlan,
    /// Something else that is known, and of no use here.
    Foreign(Foreign),
    /// JSON that is cut off or damaged, so that nobody can say.
    BrokenJson,
    /// No JSON and no zip: HCL, perhaps.
    Text,
    /// Nothing, or only white space.
    Empty,
}

/// Files that people take for plans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Foreign {
    /// A state where a plan is wanted.
    State,
    /// A state that OpenTofu encrypted.
    EncryptedState,
    /// A plan that OpenTofu encrypted.
    EncryptedPlan,
    /// `terraform show -json` without a plan or state behind it.
    EmptyShow,
    /// `terraform providers schema -json`
    ProviderSchemas,
    /// `terraform plan -json`
    LogLines,
    /// `terraform output -json`
    Outputs,
    /// `terraform validate -json`
    Validation,
    /// `terraform version -json`
    Version,
    /// A configuration in JSON syntax.
    Configuration,
    /// The plan of terraformer.
    Terraformer,
    /// A CloudFormation template.
    CloudFormation,
    /// A CloudFormation change set.
    ChangeSet,
    /// An Azure template.
    AzureTemplate,
    /// A Kubernetes object.
    Kubernetes,
    /// `pulumi preview --json`
    Pulumi,
    /// A run or plan object of HCP Terraform's API.
    HcpObject,
    /// What `terraform init` notes about the backend in `.terraform/terraform.tfstate`.
    BackendSettings,
    /// What `terraform plan -out` writes when HCP Terraform keeps the plan.
    CloudPlan,
    /// A plan within something else, such as the input of an OPA policy.
    Wrapped,
    /// The report of another checker.
    Report,
    /// A JSON array.
    Array,
    /// A JSON object that is nothing known.
    Object,
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::State => "a Terraform state",
            Self::EncryptedState => "a state that OpenTofu encrypted",
            Self::EncryptedPlan => "a plan that OpenTofu encrypted",
            Self::EmptyShow => "what `terraform show -json` prints when there is nothing to show",
            Self::ProviderSchemas => "the output of `terraform providers schema -json`",
            Self::LogLines => "the log of `terraform plan -json`",
            Self::Outputs => "the output of `terraform output -json`",
            Self::Validation => "the output of `terraform validate -json`",
            Self::Version => "the output of `terraform version -json`",
            Self::Configuration => "a Terraform configuration in JSON syntax",
            Self::Terraformer => "a plan of terraformer",
            Self::CloudFormation => "a CloudFormation template",
            Self::ChangeSet => "a CloudFormation change set",
            Self::AzureTemplate => "an Azure Resource Manager template",
            Self::Kubernetes => "a Kubernetes object",
            Self::Pulumi => "a Pulumi preview",
            Self::HcpObject => "an object of HCP Terraform's API",
            Self::BackendSettings => "a note of where the state is kept",
            Self::CloudPlan => "a bookmark of a plan that HCP Terraform keeps",
            Self::Wrapped => "a plan inside of another JSON object",
            Self::Report => "the report of a checker",
            Self::Array => "a JSON array",
            Self::Object => "JSON of no known kind",
        })
    }
}

impl Foreign {
    /// What to do about it.
    pub fn help(self) -> &'static str {
        match self {
            Self::State => "a state is checked as a state: give it by itself",
            Self::EncryptedState => {
                "decrypt it first: `tofu state pull` prints it in clear text to those who hold the key"
            }
            Self::EncryptedPlan => {
                "`tofu show -json` prints it in clear text to those who hold the key"
            }
            Self::EmptyShow => "name the plan: `terraform show -json tf.plan`",
            Self::LogLines => {
                "the log says what changes and not to what: save the plan with `-out=tf.plan`, then `terraform show -json tf.plan`"
            }
            Self::BackendSettings => "`terraform state pull` prints the state itself",
            Self::CloudPlan => "`terraform show -json` fetches the plan itself",
            Self::Configuration => "give the folder that it lies in",
            Self::HcpObject => {
                "fetch the plan's own JSON: the API has it under `/plans/ID/json-output`"
            }
            Self::Wrapped => "give the inner object by itself",
            _ => "give the output of `terraform show -json tf.plan`",
        }
    }
}

/// What bytes are. Only the outermost names of a JSON text are looked at, but all of it is scanned.
pub fn detect(bytes: &[u8]) -> Kind {
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return Kind::BinaryPlan;
    }
    if bytes.starts_with(b"tfplan") {
        return Kind::OldBinaryPlan;
    }
    detect_text(&crate::source::decode(bytes.to_vec()))
}

/// What a decoded text is.
pub fn detect_text(text: &str) -> Kind {
    if text.trim().is_empty() {
        return Kind::Empty;
    }
    let Some(start) = super::json::start(text) else {
        return Kind::Text;
    };
    if start == 0 && begins_as_plan(text) {
        return Kind::PlanJson;
    }
    match Outline::read(text, start) {
        Ok(outline) => outline.kind(),
        // Among other text a line with a brace may be anything.
        Err(fault) if fault.what != FaultKind::Ended && !text[..start].trim().is_empty() => {
            Kind::Text
        }
        Err(_) => Kind::BrokenJson,
    }
}

/// Whether the first members say that this is a plan, as Terraform writes it. Whether the rest is well-formed is for the
/// reader of plans to say: a plan can be large, and need not be scanned twice.
fn begins_as_plan(text: &str) -> bool {
    let mut has_version = false;
    let mut is_plan = false;
    let mut cursor = Cursor::new(text, 0);
    let _ = cursor.object(|cursor, name| {
        match name {
            "format_version" => has_version = true,
            "planned_values" | "resource_changes" if has_version => {
                is_plan = true;
                return Err(cursor.unlike("anything more"));
            }
            _ => {}
        }
        cursor.skip().map(|_| ())
    });
    is_plan
}

/// The outermost member names of a JSON text, and of the two levels below them where they tell.
#[derive(Default)]
pub(super) struct Outline {
    is_array: bool,
    names: BTreeSet<String>,
    below: BTreeSet<String>,
}

impl Outline {
    pub(super) fn read(text: &str, start: usize) -> Result<Self, Fault> {
        let mut outline = Self::default();
        let mut cursor = Cursor::new(text, start);
        if cursor.kind()? != JsonKind::Object {
            outline.is_array = true;
            cursor.skip()?;
            return Ok(outline);
        }
        cursor.object(|cursor, name| {
            outline.names.insert(name.to_owned());
            if cursor.kind()? == JsonKind::Object {
                cursor.object(|cursor, inner| {
                    outline.below.insert(inner.to_owned());
                    cursor.skip().map(|_| ())
                })
            } else {
                cursor.skip().map(|_| ())
            }
        })?;
        Ok(outline)
    }

    pub(super) fn kind(&self) -> Kind {
        let has = |name: &str| self.names.contains(name);
        if self.is_array {
            return Kind::Foreign(Foreign::Array);
        }
        if has("resource_changes") || has("planned_values") {
            return Kind::PlanJson;
        }
        if has("encrypted_data") {
            return if has("serial") || has("lineage") {
                Kind::EncryptedState
            } else {
                Kind::Foreign(Foreign::EncryptedPlan)
            };
        }
        let only_settings = (has("backend") || has("state_store")) && !has("modules");
        let stored = has("serial") || has("lineage") || has("modules") || has("resources");
        if has("version") && stored && (has("resources") || !only_settings) {
            return Kind::State;
        }
        let is_tree = self.below.contains("root_module") || has("format_version");
        if has("values") && is_tree {
            return Kind::StateJson;
        }
        Kind::Foreign(self.foreign())
    }

    fn foreign(&self) -> Foreign {
        let has = |name: &str| self.names.contains(name);
        let below = |name: &str| self.below.contains(name);
        if has("provider_schemas") {
            Foreign::ProviderSchemas
        } else if has("@level") || has("@message") {
            Foreign::LogLines
        } else if has("ImportedResource") || (has("Options") && has("Provider")) {
            Foreign::Terraformer
        } else if has("AWSTemplateFormatVersion") || has("Resources") {
            Foreign::CloudFormation
        } else if has("ChangeSetName") || has("ChangeSetId") {
            Foreign::ChangeSet
        } else if has("$schema") && has("resources") {
            Foreign::AzureTemplate
        } else if has("apiVersion") && has("kind") {
            Foreign::Kubernetes
        } else if has("steps") && (has("changeSummary") || has("config")) {
            Foreign::Pulumi
        } else if has("version") && (has("backend") || has("state_store")) {
            Foreign::BackendSettings
        } else if has("remote_plan_format") {
            Foreign::CloudPlan
        } else if has("terraform_version") && has("provider_selections") {
            Foreign::Version
        } else if has("valid") && has("diagnostics") {
            Foreign::Validation
        } else if below("resource_changes") || below("planned_values") {
            Foreign::Wrapped
        } else if has("data") && below("attributes") {
            Foreign::HcpObject
        } else if has("format_version") {
            Foreign::EmptyShow
        } else if has("resource") || has("variable") || (has("provider") && has("terraform")) {
            Foreign::Configuration
        } else if has("check_type") || (has("results") && has("summary")) || has("projects") {
            Foreign::Report
        } else if !self.names.is_empty() && below("value") && below("sensitive") {
            Foreign::Outputs
        } else {
            Foreign::Object
        }
    }
}
