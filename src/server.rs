//! One listener: bounded, with a deadline on everything, and a drain at the end.
//!
//! It keeps no record of who came: no address, no path, no user agent.

mod patient;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use self::patient::Patient;
use crate::config::LimitsConfig;

/// A request's head may hold so much; no provider needs a quarter of it.
const MAX_HEAD_BYTES: usize = 32 * 1024;
const MAX_HEADERS: usize = 64;

/// An open port that does not answer yet.
pub struct Listener {
    socket: TcpListener,
    limits: LimitsConfig,
}

impl Listener {
    /// Opens the port.
    ///
    /// # Errors
    /// When the address is taken or not allowed.
    pub async fn open(address: SocketAddr, limits: LimitsConfig) -> std::io::Result<Self> {
        Ok(Self { socket: TcpListener::bind(address).await?, limits })
    }

    /// The address it got; of use where port 0 was asked for.
    ///
    /// # Errors
    /// When the operating system does not say.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Answers with `router` until stopped, then lets the requests in hand finish.
    pub async fn serve(self, router: Router, stop: CancellationToken) {
        let places = Arc::new(Semaphore::new(self.limits.connections));
        let connections = GracefulShutdown::new();
        let patience = Duration::from_secs(self.limits.request_timeout_secs);
        loop {
            // Beyond the cap clients wait in the operating system's queue, not in our memory.
            let place = tokio::select! {
                place = Arc::clone(&places).acquire_owned() => place,
                () = stop.cancelled() => break,
            };
            let Ok(place) = place else { break };
            let socket = tokio::select! {
                accepted = self.socket.accept() => match accepted {
                    Ok((socket, _)) => socket,
                    Err(_) => {
                        // Out of file handles, say: do not spin.
                        tokio::time::sleep(Duration::from_millis(50)).await;
                        continue;
                    }
                },
                () = stop.cancelled() => break,
            };
            let _ = socket.set_nodelay(true);
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(Duration::from_secs(self.limits.header_timeout_secs))
                .max_headers(MAX_HEADERS)
                .max_buf_size(MAX_HEAD_BYTES)
                .serve_connection(TokioIo::new(Patient::new(socket, patience)), TowerToHyperService::new(router.clone()));
            let connection = connections.watch(connection);
            tokio::spawn(async move {
                // A connection's error is its client's business, and its text may quote the request.
                drop(connection.await);
                drop(place);
            });
        }
        drop(self.socket);
        let drain = Duration::from_secs(self.limits.drain_secs);
        drop(tokio::time::timeout(drain, connections.shutdown()).await);
    }
}
