//! Counters and gauges for Prometheus. Labels are words from closed lists, so that no reporter can become a label.

use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

use super::events::{Event, sent_word, turned_away_word};

type Labelled = Family<Vec<(&'static str, String)>, Counter>;

/// Everything that is counted.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    reports: Labelled,
    turned_away: Labelled,
    quarantined: Labelled,
    cases: Labelled,
    repeated: Labelled,
    receipts: Labelled,
    sent_reports: Labelled,
    opt_outs: Labelled,
    stage_failures: Counter,
    set_aside_total: Counter,
    epochs: Counter,
    vault_failures: Counter,
    store_up: Gauge,
    case_seconds: Histogram,
    /// Reports in the journal.
    pub journal_reports: Gauge<u64, AtomicU64>,
    /// Their size.
    pub journal_bytes: Gauge<u64, AtomicU64>,
    /// Reports that failed for good and wait for a person.
    pub set_aside: Gauge<u64, AtomicU64>,
    /// Unreadable requests that wait for a person.
    pub quarantine: Gauge<u64, AtomicU64>,
}

impl Metrics {
    /// Starts at zero.
    #[must_use]
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("pmm");
        let metrics = Self {
            reports: Labelled::default(),
            turned_away: Labelled::default(),
            quarantined: Labelled::default(),
            cases: Labelled::default(),
            repeated: Labelled::default(),
            receipts: Labelled::default(),
            sent_reports: Labelled::default(),
            opt_outs: Labelled::default(),
            stage_failures: Counter::default(),
            set_aside_total: Counter::default(),
            epochs: Counter::default(),
            vault_failures: Counter::default(),
            store_up: Gauge::default(),
            case_seconds: Histogram::new(exponential_buckets(0.001, 4.0, 10)),
            journal_reports: Gauge::default(),
            journal_bytes: Gauge::default(),
            set_aside: Gauge::default(),
            quarantine: Gauge::default(),
            registry: Registry::default(),
        };
        registry.register("reports", "Reports made durable", metrics.reports.clone());
        registry.register("turned_away", "Requests turned away", metrics.turned_away.clone());
        registry.register("quarantined", "Authentic requests that could not be read", metrics.quarantined.clone());
        registry.register("cases", "Cases stored", metrics.cases.clone());
        registry.register("repeated_deliveries", "Deliveries that came again", metrics.repeated.clone());
        registry.register("receipts", "Receipts sent by a provider's API", metrics.receipts.clone());
        registry.register("sent_reports", "What providers say of sent messages", metrics.sent_reports.clone());
        registry.register("opt_outs", "People who want no more messages", metrics.opt_outs.clone());
        registry.register("stage_failures", "Stages that failed on a report", metrics.stage_failures.clone());
        registry.register("reports_set_aside", "Reports that failed for good", metrics.set_aside_total.clone());
        registry.register("epochs", "New epochs begun, each with the old secret destroyed", metrics.epochs.clone());
        registry.register("vault_failures", "Times that the vault could not do its work", metrics.vault_failures.clone());
        registry.register("store_up", "1 while the case store answers", metrics.store_up.clone());
        registry.register("case_seconds", "From acceptance to the case store", metrics.case_seconds.clone());
        registry.register("journal_reports", "Reports waiting in the journal", metrics.journal_reports.clone());
        registry.register("journal_bytes", "Size of the reports waiting in the journal", metrics.journal_bytes.clone());
        registry.register("set_aside", "Reports that wait for a person after failing for good", metrics.set_aside.clone());
        registry.register("quarantine", "Unreadable requests that wait for a person", metrics.quarantine.clone());
        metrics.store_up.set(1);
        Self { registry, ..metrics }
    }

    /// Counts an event.
    pub fn count(&self, event: &Event<'_>) {
        let by_channel = |channel: &channels::ChannelName| vec![("channel", channel.to_string())];
        match event {
            Event::ReportAccepted { channel } => drop(self.reports.get_or_create(&by_channel(channel)).inc()),
            Event::ReportRepeated { channel } | Event::CaseKnown { channel, .. } => {
                self.repeated.get_or_create(&by_channel(channel)).inc();
            }
            Event::TurnedAway { channel, why } => {
                let labels = vec![("channel", channel.to_string()), ("reason", turned_away_word(*why).to_owned())];
                self.turned_away.get_or_create(&labels).inc();
            }
            Event::Quarantined { channel } => drop(self.quarantined.get_or_create(&by_channel(channel)).inc()),
            Event::CaseStored { severity, duration_ms, .. } => {
                self.cases.get_or_create(&vec![("severity", severity.as_str().to_owned())]).inc();
                self.case_seconds.observe(std::time::Duration::from_millis(*duration_ms).as_secs_f64());
            }
            Event::StageFailed { .. } => drop(self.stage_failures.inc()),
            Event::SetAside => drop(self.set_aside_total.inc()),
            Event::StoreAway => drop(self.store_up.set(0)),
            Event::StoreBack => drop(self.store_up.set(1)),
            Event::ReceiptSent { .. } => drop(self.receipts.get_or_create(&vec![("outcome", "sent".to_owned())]).inc()),
            Event::ReceiptFailed { .. } => drop(self.receipts.get_or_create(&vec![("outcome", "failed".to_owned())]).inc()),
            Event::SentReported { channel, state } => {
                let labels = vec![("channel", channel.to_string()), ("outcome", sent_word(*state).to_owned())];
                self.sent_reports.get_or_create(&labels).inc();
            }
            Event::OptedOut { channel } => drop(self.opt_outs.get_or_create(&by_channel(channel)).inc()),
            Event::EpochBegun { .. } => drop(self.epochs.inc()),
            Event::UpkeepFailed { .. } | Event::NoEpoch { .. } => drop(self.vault_failures.inc()),
            Event::Started { .. }
            | Event::ReplySideStarted { .. }
            | Event::Stopping
            | Event::Stopped
            | Event::StoreWarning { .. }
            | Event::JournalFull
            | Event::JournalFailed
            | Event::WakeFailed
            | Event::HandlerPanicked => {}
        }
    }

    /// The text that Prometheus reads.
    #[must_use]
    pub fn render(&self) -> String {
        let mut text = String::new();
        encode(&mut text, &self.registry).expect("writing to a string does not fail");
        text
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}
