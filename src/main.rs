//! The command line's first step.

use std::process::ExitCode;

use pmm_gateway::cli;

fn main() -> ExitCode {
    // The one place where the TLS provider is named; a second call would only say that it is set.
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    cli::run()
}
