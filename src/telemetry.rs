//! What the gateway says about itself: a closed list of events, and counters.
//!
//! An event is a typed value; there is no way to log a sentence. Its fields come from a short list, none of which can hold an
//! address, a name, a text, a URL, an IP or a user agent.

pub mod events;
pub mod metrics;

use std::io::{IsTerminal, Write};
use std::sync::Arc;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

pub use events::Event;
pub use metrics::Metrics;

use crate::notify::Notifier;

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Pretty,
    /// One JSON object a line.
    Json,
}

/// Directives that stand after the operator's own, so that nothing can turn these libraries on: they log raw input.
const ALWAYS_OFF: &str = "hyper=off,hyper_util=off,h2=off,reqwest=off,rustls=off,axum=off,tower_http=off,tower=off,mio=off,html5ever=off,mail_parser=off";

/// Turns the log on for this process. A second call changes nothing.
pub fn install_log(format: LogFormat, level: &str) {
    let filter = EnvFilter::builder().parse_lossy(format!("{level},{ALWAYS_OFF}"));
    let registry = tracing_subscriber::registry().with(filter);
    let installed = match format {
        LogFormat::Json => registry.with(tracing_subscriber::fmt::layer().json().with_writer(std::io::stderr)).try_init(),
        LogFormat::Pretty => registry
            .with(
                tracing_subscriber::fmt::layer()
                    .with_target(false)
                    .with_ansi(std::io::stderr().is_terminal())
                    .with_writer(std::io::stderr),
            )
            .try_init(),
    };
    drop(installed);
}

/// Keeps the words of every panic to itself: Rust's own would quote the text that a stage was cutting.
pub fn silence_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let (file, line) = panic.location().map_or(("?", 0), |place| (place.file(), place.line()));
        if tracing::dispatcher::has_been_set() {
            events::log_panic(file, line);
        } else {
            // A command that writes no log; when nobody reads standard error there is nobody to tell.
            drop(writeln!(std::io::stderr(), "the program has a fault at {file}:{line}; please report it"));
        }
    }));
}

/// Where events go: the log, the counters, and, for those that wake somebody, the notifier.
#[derive(Debug, Clone)]
pub struct Telemetry {
    metrics: Arc<Metrics>,
    notifier: Option<Arc<Notifier>>,
}

impl Telemetry {
    /// Starts counting.
    #[must_use]
    pub fn new(notifier: Option<Notifier>) -> Self {
        Self { metrics: Arc::new(Metrics::new()), notifier: notifier.map(Arc::new) }
    }

    /// The counters.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Says that something happened.
    pub fn emit(&self, event: &Event<'_>) {
        events::log(event);
        self.metrics.count(event);
        if let (Some(notifier), Some(wake)) = (&self.notifier, event.wakes()) {
            notifier.wake(wake);
        }
    }
}
