//! The one integration binary: every test goes through a public door.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub, dead_code)]
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod abi;
mod architecture;
mod artifacts;
mod cluster;
mod command_line;
mod compile;
mod compile_all;
mod compile_check;
mod compiler;
mod configuration;
mod corpus;
mod demo;
mod diagnostics;
mod differential;
mod expose;
mod generated;
mod graph;
mod images;
mod init;
mod join;
mod kustomize;
mod kustomize_trees;
mod local_bench;
mod mesh;
mod modules;
mod project;
mod run;
mod sandbox;
mod schema;
mod status;
mod store;
mod validate;
mod wrapper;
mod wrapping;
