//! tfguard proves that a Terraform configuration keeps the promises of its runbook.

pub mod address;
pub mod check;
pub mod cli;
pub mod config;
pub mod error;
pub mod eval;
pub mod flow;
pub mod plan;
pub mod problem;
pub mod provider;
pub mod report;
pub mod rule;
pub mod rules;
pub mod settings;
pub mod show;
pub mod source;
pub mod syntax;
pub mod value;
