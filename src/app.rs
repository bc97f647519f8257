//! Builds everything once, runs until stopped, and stops without losing anything.

mod reply;
mod routes;
mod start;
mod upkeep;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use channels::Channel;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use reply::ReplyApp;
pub(crate) use start::open_vault;
pub use start::{StartError, own_hook_secret};

use crate::desk::GatewayDesk;
use crate::desk::worker::Worker;
use crate::outbox::worker::OutboxWorker;
use crate::server::Listener;
use crate::telemetry::Event;
use crate::vault::Vault;

/// A gateway that is ready to open.
pub struct App {
    desk: Arc<GatewayDesk>,
    channels: Vec<Arc<dyn Channel>>,
    public: (Listener, Router),
    internal: (Listener, Router),
    upkeep: upkeep::Upkeep,
    upkeep_by_hand: bool,
    drain: Duration,
}

impl App {
    /// The address of the public listener.
    ///
    /// # Panics
    /// Never: an open socket has an address.
    #[must_use]
    pub fn public_address(&self) -> SocketAddr {
        self.public.0.address().expect("an open socket has an address")
    }

    /// The address of the internal listener.
    ///
    /// # Panics
    /// Never: an open socket has an address.
    #[must_use]
    pub fn internal_address(&self) -> SocketAddr {
        self.internal.0.address().expect("an open socket has an address")
    }

    /// The desk.
    #[must_use]
    pub fn desk(&self) -> &Arc<GatewayDesk> {
        &self.desk
    }

    /// The channels.
    #[must_use]
    pub fn channels(&self) -> &[Arc<dyn Channel>] {
        &self.channels
    }

    /// The vault, unless another process has it.
    #[must_use]
    pub fn vault(&self) -> Option<&Arc<Vault>> {
        self.upkeep.vault.as_ref()
    }

    /// The same without anything that happens by itself at some hour, for whoever moves the clock by hand.
    #[must_use]
    pub fn with_upkeep_by_hand(self) -> Self {
        Self { upkeep_by_hand: true, ..self }
    }

    /// Runs until `stop`, then drains: first the listeners, so that every request in hand is answered; then the worker, so
    /// that every report in hand is a case. What is left stays in the journal.
    pub async fn run(self, stop: CancellationToken) {
        let telemetry = self.desk.tools().telemetry.clone();
        telemetry.emit(&Event::Started { public: self.public_address(), internal: self.internal_address() });
        let stop_worker = CancellationToken::new();
        let worker = Worker::new(Arc::clone(&self.desk), self.channels.clone(), stop_worker.clone());
        let worker = tokio::spawn(worker.run());
        let sending = TaskTracker::new();
        for channel in &self.channels {
            let sender =
                OutboxWorker::new(Arc::clone(&self.desk), Arc::clone(channel), self.upkeep.vault.clone(), stop_worker.clone());
            sending.spawn(sender.run());
        }
        let upkeep = (!self.upkeep_by_hand).then(|| tokio::spawn(self.upkeep.run(stop.clone())));
        let polling: Vec<_> = self.channels.iter().map(|channel| tokio::spawn(Arc::clone(channel).run())).collect();
        let listeners = TaskTracker::new();
        for (listener, router) in [self.public, self.internal] {
            listeners.spawn(listener.serve(router, stop.clone()));
        }
        stop.cancelled().await;
        telemetry.emit(&Event::Stopping);
        for task in polling {
            task.abort();
        }
        // A roll in hand goes on at the next start if it does not end in time.
        if let Some(upkeep) = upkeep {
            drop(tokio::time::timeout(self.drain, upkeep).await);
        }
        listeners.close();
        listeners.wait().await;
        stop_worker.cancel();
        // A report that is never done stays in the journal and must not hold up the stop.
        drop(tokio::time::timeout(self.drain, worker).await);
        sending.close();
        // A message in hand gets its provider's answer; whatever waits is sent after the next start.
        drop(tokio::time::timeout(self.drain, sending.wait()).await);
        telemetry.emit(&Event::Stopped);
    }
}
