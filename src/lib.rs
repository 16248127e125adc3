//! tfguard proves that a Terraform configuration keeps the promises of its runbook.

pub mod address;
pub mod eval;
pub mod plan;
pub mod provider;
pub mod rule;
pub mod source;
pub mod syntax;
pub mod value;
