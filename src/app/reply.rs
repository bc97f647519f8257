//! The side that answers, as a process of its own: the vault and its nightly work, and no way in from outside.

use std::sync::Arc;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use tokio_util::sync::CancellationToken;

use super::StartError;
use super::start::open_vault;
use super::upkeep::Upkeep;
use crate::clock::{Clock, Rng};
use crate::config::Config;
use crate::keys::{ReplyKeys, known_vault};
use crate::notify::Notifier;
use crate::server::Listener;
use crate::store::CaseStore;
use crate::telemetry::{Event, Telemetry};
use crate::vault::Vault;

/// A reply side that is ready to run.
pub struct ReplyApp {
    vault: Arc<Vault>,
    upkeep: Upkeep,
    telemetry: Telemetry,
    internal: (Listener, Router),
}

impl ReplyApp {
    /// Opens the vault and the internal port.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn build(mut config: Config, clock: Arc<dyn Clock>, rng: Arc<dyn Rng>) -> Result<Self, StartError> {
        let keys = ReplyKeys::open_or_make(&config.vault.reply_dir, known_vault(&config.data_dir)?, rng.as_ref())?;
        let telemetry = Telemetry::new(config.notify_url.take().map(|url| Notifier::new(url, Arc::clone(&clock))));
        let store = config.open_store(Arc::clone(&clock))?.store;
        let vault = Arc::new(open_vault(keys, &config, Arc::clone(&store), clock, rng));
        let address = config.internal_listen;
        let listener =
            Listener::open(address, config.limits).await.map_err(|_| StartError::Listener { which: "internal", address })?;
        let upkeep =
            Upkeep { desk: None, vault: Some(Arc::clone(&vault)), policy: config.vault.policy, telemetry: telemetry.clone() };
        let routes = routes(store, telemetry.clone());
        Ok(Self { vault, upkeep, telemetry, internal: (listener, routes) })
    }

    /// The vault.
    #[must_use]
    pub fn vault(&self) -> &Arc<Vault> {
        &self.vault
    }

    /// Runs until `stop`. A roll that is interrupted goes on at the next start.
    ///
    /// # Panics
    /// Never: an open socket has an address.
    pub async fn run(self, stop: CancellationToken) {
        let (listener, router) = self.internal;
        let internal = listener.address().expect("an open socket has an address");
        self.telemetry.emit(&Event::ReplySideStarted { internal });
        let serving = tokio::spawn(listener.serve(router, stop.clone()));
        self.upkeep.run(stop).await;
        drop(serving.await);
        self.telemetry.emit(&Event::Stopped);
    }
}

/// Health and numbers.
fn routes(store: Arc<dyn CaseStore>, telemetry: Telemetry) -> Router {
    let ready = move || async move {
        match store.ready().await {
            Ok(()) => "ready\n".into_response(),
            Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "not ready: the case store does not answer\n").into_response(),
        }
    };
    let metrics = move || async move {
        let content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
        ([(header::CONTENT_TYPE, content_type)], telemetry.metrics().render()).into_response()
    };
    Router::new()
        .route("/health/live", get(|| async { "live\n" }))
        .route("/health/ready", get(ready))
        .route("/metrics", get(metrics))
}
