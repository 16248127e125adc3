//! From a configuration and the values of its variables to what Terraform would plan.

pub mod functions;
