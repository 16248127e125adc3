#![doc = include_str!("../README.md")]

pub mod source;

pub mod address;
pub mod problem;
pub mod syntax;

pub mod gzip;
pub mod value;

pub mod provider;

pub mod inventory;
pub mod secret;

pub mod plan;

pub mod repository;

pub mod config;
pub mod eval;
pub mod flow;

pub mod route;

pub mod rule;
pub mod rules;

pub mod check;

pub mod waiver;

pub mod cli;
pub mod error;
pub mod settings;

pub mod catalogue;
pub mod why;

pub mod discover;
pub mod report;
pub mod show;

pub mod join;

pub mod coverage;
pub mod init;

pub mod run;

pub mod imports;

pub mod defect;
