//! What several behaviours need to be tested: servers, samples, the canary and its net.

pub mod browser;
pub mod canary;
pub mod gateway;
pub mod process;
pub mod provider;
pub mod redis;
pub mod sample;

/// Waits until `is_done`, without sleeping: it asks again and again, for a minute at the most. Says whether it came to pass.
pub async fn eventually(mut is_done: impl AsyncFnMut() -> bool) -> bool {
    let started = std::time::Instant::now();
    while started.elapsed() < std::time::Duration::from_mins(1) {
        if is_done().await {
            return true;
        }
        tokio::task::yield_now().await;
    }
    false
}

/// Names the TLS provider, as `main` does. The HTTP client of the tests needs one even where it speaks plain HTTP.
pub fn init_tls() {
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
}
