//! The desk: takes reports from channels, makes them durable, and turns them into cases.
//!
//! What happens to a report stands in [`pipeline`]; when it happens, and how often it is tried, in [`worker`].

pub mod files;
pub mod pipeline;
pub mod worker;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use channels::{
    Accepted, ChannelName, CustodianKey, DeliveryKey, Desk, Identity, Inbound, Medium, Receipt, Refused, SealedReport,
    TurnedAway, seal,
};
use jiff::Timestamp;
use tokio::sync::{Notify, oneshot};

use crate::audit::{Audit, Entry, Wish};
use crate::clock::{Clock, Rng, TimeRounding};
use crate::journal::{Appended, Journal, JournalError};
use crate::keys::Keys;
use crate::language::{Detected, Language};
use crate::locale::Locales;
use crate::store::CaseStore;
use crate::telemetry::{Event, Telemetry};
use crate::vault::current::CurrentEpoch;
use files::FileDesk;
use pipeline::Reader;

/// Everything the desk works with.
pub struct Tools {
    /// Makes reports durable.
    pub journal: Journal,
    /// Keeps cases.
    pub store: Arc<dyn CaseStore>,
    /// Reads reports.
    pub reader: Arc<dyn Reader>,
    /// Looks at files and keeps them.
    pub files: FileDesk,
    /// Seals and derives.
    pub keys: Keys,
    /// What contacts and originals are sealed for.
    pub epoch: CurrentEpoch,
    /// Whom originals are sealed to; without one none is kept.
    pub custodian: Option<CustodianKey>,
    /// How much of the time a mediator sees.
    pub time_rounding: TimeRounding,
    /// Keeps what was done to reporters' secrets.
    pub audit: Audit,
    /// Speaks the reporters' languages.
    pub locales: Arc<Locales>,
    /// The language of receipts when the reporter's is unknown.
    pub default_language: String,
    /// How long to wait before a receipt is sent again.
    pub receipt_pause: Duration,
    /// Tells what happened.
    pub telemetry: Telemetry,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives chance.
    pub rng: Arc<dyn Rng>,
}

/// More deliveries than usually wait for their receipts at once.
const MANY_WAITING: usize = 1024;

/// The desk of one gateway.
pub struct GatewayDesk {
    tools: Tools,
    /// Requests that wait for the receipt of a delivery.
    waiting: Mutex<HashMap<DeliveryKey, Vec<oneshot::Sender<Receipt>>>>,
    /// Rung when there is a new report.
    bell: Notify,
    /// Set by the worker while the store does not answer, so that no request waits for it.
    store_is_away: AtomicBool,
}

/// In a less likely language nobody is asked which one hers is.
const LEAST_LIKELY: f64 = 0.1;

impl GatewayDesk {
    /// Sets the desk up. Nothing happens until a [`worker`] runs.
    #[must_use]
    pub fn new(tools: Tools) -> Self {
        let desk =
            Self { tools, waiting: Mutex::new(HashMap::new()), bell: Notify::new(), store_is_away: AtomicBool::new(false) };
        // What an earlier run left shows from the first moment.
        desk.measure();
        desk
    }

    /// The receipt in the report's language if it is sure; otherwise in the desk's own, with a line in the likely ones.
    fn receipt_text(&self, language: &Detected, reference: &str) -> String {
        let locales = &self.tools.locales;
        let default = &self.tools.default_language;
        if language.sure {
            return locales.receipt(language.language, default, reference);
        }
        let likely = language.candidates.iter().filter(|(_, share)| *share >= LEAST_LIKELY);
        let likely: Vec<Language> = likely.map(|(language, _)| *language).collect();
        locales.receipt_asking(&likely, default, reference)
    }

    /// What the desk works with.
    #[must_use]
    pub fn tools(&self) -> &Tools {
        &self.tools
    }

    /// Registers before the report is appended: the worker may be done before the append returns.
    fn wait_for(&self, delivery: DeliveryKey) -> oneshot::Receiver<Receipt> {
        let (told, receipt) = oneshot::channel();
        let mut waiting = self.waiting.lock().expect("nobody panics while holding this lock");
        // Nobody tells a request that has gone away, so its place is cleared when there are many.
        if waiting.len() >= MANY_WAITING && waiting.len().is_power_of_two() {
            waiting.retain(|_, told| told.iter().any(|told| !told.is_closed()));
        }
        let places = waiting.entry(delivery).or_default();
        places.retain(|told| !told.is_closed());
        places.push(told);
        receipt
    }

    /// Hands a receipt to every request that waits for it.
    fn tell_waiting(&self, delivery: DeliveryKey, receipt: &Receipt) {
        for told in self.waiting.lock().expect("nobody panics while holding this lock").remove(&delivery).unwrap_or_default() {
            // A request that has gone away needs no receipt.
            drop(told.send(receipt.clone()));
        }
    }

    /// Lets the requests go that wait for a delivery: they give the default receipt.
    fn stop_waiting(&self, delivery: DeliveryKey) {
        drop(self.waiting.lock().expect("nobody panics while holding this lock").remove(&delivery));
    }

    fn refuse(&self, error: JournalError) -> Refused {
        match error {
            JournalError::Full => {
                self.tools.telemetry.emit(&Event::JournalFull);
                Refused::Full
            }
            JournalError::Disk => {
                self.tools.telemetry.emit(&Event::JournalFailed);
                Refused::Storage
            }
            JournalError::Closed => Refused::Stopping,
        }
    }

    /// Brings the gauges up to date.
    fn measure(&self) {
        let (waiting, metrics) = (self.tools.journal.waiting(), self.tools.telemetry.metrics());
        metrics.journal_reports.set(waiting.reports);
        metrics.journal_bytes.set(waiting.bytes);
        metrics.set_aside.set(waiting.set_aside);
        metrics.quarantine.set(waiting.quarantine);
    }
}

#[async_trait]
impl Desk for GatewayDesk {
    async fn submit(&self, inbound: Inbound) -> Result<Accepted, Refused> {
        let tools = &self.tools;
        let delivery = inbound.delivery_key(&tools.keys.delivery);
        let sealed = SealedReport::seal(&inbound, &tools.keys.journal);
        let files = inbound.seal_attached(delivery, &tools.keys.journal);
        let receipt = self.wait_for(delivery);
        let appended = tools.journal.append_with(delivery, sealed, files).await.map_err(|error| {
            self.stop_waiting(delivery);
            self.refuse(error)
        })?;
        tools.telemetry.emit(&match appended {
            Appended::New => Event::ReportAccepted { channel: inbound.channel() },
            Appended::Repeated => Event::ReportRepeated { channel: inbound.channel() },
        });
        self.measure();
        self.bell.notify_one();
        let reference = pipeline::reference_of(&tools.keys.delivery, delivery, 0).to_string();
        if self.store_is_away.load(Ordering::Relaxed) {
            // The worker has stopped reading until the store is back; the reporter is answered now.
            let reader = Arc::clone(&tools.reader);
            let detect = move || reader.language(&inbound, None);
            let text = match tokio::task::spawn_blocking(detect).await {
                Ok(language) => self.receipt_text(&language, &reference),
                Err(_) => tools.locales.receipt(Language::UNDETERMINED, &tools.default_language, &reference),
            };
            self.tell_waiting(delivery, &Receipt { reference: reference.clone(), text });
        }
        let text = tools.locales.receipt(Language::UNDETERMINED, &tools.default_language, &reference);
        Ok(Accepted::new(receipt, Receipt { reference, text }))
    }

    async fn quarantine(&self, channel: &ChannelName, unreadable: &[u8]) -> Result<(), Refused> {
        let sealed = seal::seal_bytes(unreadable, b"gw-quarantine-v1", &self.tools.keys.journal);
        self.tools.journal.quarantine(channel, sealed).await.map_err(|error| self.refuse(error))?;
        self.tools.telemetry.emit(&Event::Quarantined { channel });
        self.measure();
        Ok(())
    }

    async fn forget(&self, medium: Medium, sender: &Identity) -> Result<u64, Refused> {
        let (tools, peppers) = (&self.tools, self.tools.keys.peppers());
        let known_as: Vec<_> = [Some(&peppers.present), peppers.before.as_ref()]
            .into_iter()
            .flatten()
            .map(|pepper| sender.pseudonym(medium, pepper))
            .collect();
        let cases = tools.store.cases_of(&known_as).await.map_err(|_| Refused::Storage)?;
        let (mut n_cases, mut is_done) = (0, true);
        for case in &cases {
            is_done &= tools.files.files().forget_originals(case).await.is_ok();
            match tools.store.forget(case).await {
                Ok(had_something) => n_cases += u64::from(had_something),
                Err(_) => is_done = false,
            }
        }
        if n_cases > 0 {
            let entry = Entry::Forgotten { n_cases, wish: Wish::Reporter };
            tools.audit.append(&entry, tools.clock.now()).map_err(|_| Refused::Storage)?;
        }
        if is_done { Ok(n_cases) } else { Err(Refused::Storage) }
    }

    fn now(&self) -> Timestamp {
        self.tools.clock.now()
    }

    fn random(&self, bytes: &mut [u8]) {
        self.tools.rng.fill(bytes);
    }

    fn turned_away(&self, channel: &ChannelName, why: TurnedAway) {
        self.tools.telemetry.emit(&Event::TurnedAway { channel, why });
    }
}
