//! The integration tests: one binary, one file per behaviour.

mod harness;
mod store_contract;
