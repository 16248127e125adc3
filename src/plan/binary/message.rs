//! The messages of `tfplan` that are read here, version 3. Field numbers are those of Terraform's public `planfile.proto`;
//! the parts of an address are from before 0.15.

use std::collections::HashMap;

use super::msgpack;
use crate::address::PathStep;
use crate::plan::Status;

#[derive(Clone, PartialEq, prost::Message)]
pub struct Plan {
    #[prost(uint64, tag = "1")]
    pub version: u64,
    #[prost(map = "string, message", tag = "2")]
    pub variables: HashMap<String, DynamicValue>,
    #[prost(message, repeated, tag = "3")]
    pub resource_changes: Vec<ResourceChange>,
    #[prost(message, repeated, tag = "4")]
    pub output_changes: Vec<OutputChange>,
    #[prost(string, repeated, tag = "5")]
    pub target_addrs: Vec<String>,
    #[prost(message, optional, tag = "13")]
    pub backend: Option<Backend>,
    #[prost(string, tag = "14")]
    pub terraform_version: String,
    #[prost(message, repeated, tag = "19")]
    pub check_results: Vec<CheckResults>,
    #[prost(bool, tag = "20")]
    pub errored: bool,
    #[prost(message, repeated, tag = "27")]
    pub deferred_changes: Vec<DeferredChange>,
}

impl Plan {
    /// The workspace, `default` unless the backend says otherwise.
    pub fn workspace(&self) -> String {
        let named = self.backend.as_ref().map(|backend| &backend.workspace);
        match named {
            Some(name) if !name.is_empty() => name.clone(),
            _ => "default".to_owned(),
        }
    }
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct Backend {
    #[prost(string, tag = "3")]
    pub workspace: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct ResourceChange {
    #[prost(string, tag = "1")]
    pub module_path: String,
    #[prost(int32, tag = "2")]
    pub mode: i32,
    #[prost(string, tag = "3")]
    pub kind: String,
    #[prost(string, tag = "4")]
    pub name: String,
    #[prost(oneof = "OldKey", tags = "5, 6")]
    pub old_key: Option<OldKey>,
    #[prost(string, tag = "7")]
    pub deposed_key: String,
    #[prost(string, tag = "8")]
    pub provider: String,
    #[prost(message, optional, tag = "9")]
    pub change: Option<Change>,
    #[prost(message, repeated, tag = "11")]
    pub required_replace: Vec<Path>,
    #[prost(string, tag = "13")]
    pub addr: String,
    #[prost(string, tag = "14")]
    pub prev_run_addr: String,
}

#[derive(Clone, PartialEq, prost::Oneof)]
pub enum OldKey {
    #[prost(string, tag = "5")]
    Text(String),
    #[prost(int64, tag = "6")]
    Index(i64),
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct Change {
    #[prost(int32, tag = "1")]
    pub action: i32,
    #[prost(message, repeated, tag = "2")]
    pub values: Vec<DynamicValue>,
    #[prost(message, repeated, tag = "3")]
    pub before_sensitive_paths: Vec<Path>,
    #[prost(message, repeated, tag = "4")]
    pub after_sensitive_paths: Vec<Path>,
    #[prost(message, optional, tag = "5")]
    pub importing: Option<Importing>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct Importing {
    #[prost(string, tag = "1")]
    pub id: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct DeferredChange {
    #[prost(message, optional, tag = "2")]
    pub change: Option<ResourceChange>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct OutputChange {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(message, optional, tag = "2")]
    pub change: Option<Change>,
    #[prost(bool, tag = "3")]
    pub sensitive: bool,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct DynamicValue {
    #[prost(bytes = "vec", optional, tag = "1")]
    pub msgpack: Option<Vec<u8>>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct Path {
    #[prost(message, repeated, tag = "1")]
    pub steps: Vec<Step>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct Step {
    #[prost(oneof = "Selector", tags = "1, 2")]
    pub selector: Option<Selector>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
pub enum Selector {
    #[prost(string, tag = "1")]
    AttributeName(String),
    #[prost(message, tag = "2")]
    ElementKey(DynamicValue),
}

impl Path {
    /// The steps; none for one that leads nowhere certain, as into a set.
    pub fn steps(&self) -> Vec<Option<PathStep>> {
        let step = |step: &Step| match &step.selector {
            Some(Selector::AttributeName(name)) => Some(PathStep::Attribute(name.as_str().into())),
            Some(Selector::ElementKey(key)) => {
                let key = msgpack::read(key.msgpack.as_deref(), "").ok()?;
                match key.as_number() {
                    Some(index) => index.as_usize().map(PathStep::Index),
                    None => key.as_str().map(|key| PathStep::Attribute(key.into())),
                }
            }
            None => None,
        };
        self.steps.iter().map(step).collect()
    }
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct CheckResults {
    #[prost(message, repeated, tag = "4")]
    pub objects: Vec<ObjectResult>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct ObjectResult {
    #[prost(string, tag = "1")]
    pub object_addr: String,
    #[prost(int32, tag = "2")]
    pub status: i32,
    #[prost(string, repeated, tag = "3")]
    pub failure_messages: Vec<String>,
}

impl ObjectResult {
    /// What its status says. One that is not known tells nothing.
    pub fn status(&self) -> Status {
        match self.status {
            1 => Status::Holds,
            2 | 3 => Status::Failed,
            _ => Status::Unknown,
        }
    }
}
