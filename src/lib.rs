//! tfguard proves that a Terraform configuration keeps the promises of its runbook.
