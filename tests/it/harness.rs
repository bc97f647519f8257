//! What several behaviours need to be tested: servers, samples, the canary and its net.

pub mod browser;
pub mod canary;
pub mod gateway;
pub mod process;
pub mod provider;
pub mod redis;
pub mod sample;

/// Names the TLS provider, as `main` does. The HTTP client of the tests needs one even where it speaks plain HTTP.
pub fn init_tls() {
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
}
