//! The desk: takes reports from channels, makes them durable, and turns them into cases.
//!
//! What happens to a report stands in [`pipeline`]; when it happens, and how often it is tried, in [`worker`].

pub mod files;
mod parts;
pub mod pipeline;
pub mod worker;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use channels::{
    Accepted, ChannelName, CustodianKey, DeliveryKey, Desk, Identity, Inbound, Medium, Pseudonym, Receipt, Refused, SealedReport,
    SealedSender, Sent, SentState, TurnedAway, seal,
};
use jiff::Timestamp;
use tokio::sync::{Notify, oneshot};

use crate::audit::{Audit, Entry, Wish};
use crate::case::Reference;
use crate::clock::{Clock, Rng, TimeRounding};
use crate::group_commit::WriteError;
use crate::journal::{Appended, Journal, JournalError};
use crate::keys::Keys;
use crate::language::{Detected, Language};
use crate::locale::Locales;
use crate::outbox::{Order, Outbox, Recipient, State};
use crate::store::CaseStore;
use crate::telemetry::{Event, Telemetry};
use crate::vault::current::CurrentEpoch;
use files::FileDesk;
use pipeline::Reader;

/// Everything the desk works with.
pub struct Tools {
    /// Makes reports durable.
    pub journal: Journal,
    /// Keeps messages until they are sent.
    pub outbox: Outbox,
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
    /// How long parts of a message wait for the rest.
    pub parts_wait: Duration,
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
    /// Rung when there is a new message to send.
    outbox_bell: Notify,
    /// How many have said since the start that they want no messages, so that a report in hand can see that it was its sender.
    n_silenced: AtomicU64,
    /// Set by the worker while the store does not answer, so that no request waits for it.
    store_is_away: AtomicBool,
    /// Set to have the worker look for parts that wait too long, before it would by itself.
    look_at_parts: AtomicBool,
}

/// In a less likely language nobody is asked which one hers is.
const LEAST_LIKELY: f64 = 0.1;

impl GatewayDesk {
    /// Sets the desk up. Nothing happens until a [`worker`] runs.
    #[must_use]
    pub fn new(tools: Tools) -> Self {
        let desk = Self {
            tools,
            waiting: Mutex::new(HashMap::new()),
            bell: Notify::new(),
            outbox_bell: Notify::new(),
            n_silenced: AtomicU64::new(0),
            store_is_away: AtomicBool::new(false),
            look_at_parts: AtomicBool::new(false),
        };
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

    /// Has the worker look at once for parts of messages whose rest did not come in time.
    pub fn look_for_stale_parts(&self) {
        self.look_at_parts.store(true, Ordering::Relaxed);
        self.bell.notify_one();
    }

    /// Takes a receipt for the outbox and wakes whoever sends it. `once` tells two orders of the same message.
    async fn order_receipt(
        &self,
        once: &[u8],
        inbound: &Inbound,
        sender: SealedSender,
        reference: &Reference,
        text: &str,
    ) -> Result<(), WriteError> {
        let reporter = inbound.pseudonym(&self.tools.keys.peppers().present);
        self.order(once, inbound.channel(), Recipient::Sender { sender, reporter }, reference, text).await
    }

    /// Takes a reply to the reporter of a case for the outbox. The vault opens the contact when it is sent, so this needs a
    /// gateway that has it. `once` tells two orders of the same message.
    ///
    /// # Errors
    /// When it could not be made durable.
    pub async fn reply(&self, once: &[u8], channel: &ChannelName, reference: &Reference, text: &str) -> Result<(), WriteError> {
        self.order(&[b"reply", once].concat(), channel, Recipient::Reporter, reference, text).await
    }

    async fn order(
        &self,
        once: &[u8],
        channel: &ChannelName,
        to: Recipient,
        reference: &Reference,
        text: &str,
    ) -> Result<(), WriteError> {
        let keys = &self.tools.keys;
        // Under the key that does not change: the same order and a provider's report are known again for as long as they are
        // kept, whatever the pepper does.
        let order = Order {
            once: hex::encode(keys.delivery.derive("gw-once-v1", once)),
            own_id: hex::encode(keys.delivery.derive("gw-own-id-v1", once)),
            channel: channel.clone(),
            reference: reference.clone(),
            to,
            words: seal::seal_words(text, &keys.journal),
            day: self.tools.clock.now().as_second() / 86_400,
        };
        self.tools.outbox.order(order).await?;
        self.outbox_bell.notify_waiters();
        Ok(())
    }

    /// What a provider calls a message, keyed: of use to find it again and for nothing else.
    pub(crate) fn provider_key(&self, channel: &ChannelName, id: &str) -> String {
        hex::encode(self.tools.keys.delivery.derive("gw-sent-v1", format!("{channel}\0{id}").as_bytes()))
    }

    /// A sender's pseudonyms, under the present pepper and the one before.
    fn known_as(&self, medium: Medium, sender: &Identity) -> Vec<Pseudonym> {
        let peppers = self.tools.keys.peppers();
        let living = [Some(&peppers.present), peppers.before.as_ref()];
        living.into_iter().flatten().map(|pepper| sender.pseudonym(medium, pepper)).collect()
    }

    /// Destroys what is kept of a reporter, and the messages that wait for them. See [`Desk::forget`].
    pub(crate) async fn forget_known_as(&self, known_as: &[Pseudonym]) -> Result<u64, Refused> {
        let tools = &self.tools;
        let withdrawn = tools.outbox.withdraw(known_as.to_vec()).await;
        let mut is_done = withdrawn.is_ok();
        let cases = tools.store.cases_of(known_as).await.map_err(|_| Refused::Storage)?;
        let mut n_cases = 0;
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

    /// Rung when there may be a new message to send.
    pub(crate) fn outbox_bell(&self) -> &Notify {
        &self.outbox_bell
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

    async fn sent(&self, channel: &ChannelName, report: &Sent) -> Result<(), Refused> {
        let state = match report.state() {
            SentState::OnItsWay => State::Sent,
            SentState::Delivered => State::Delivered,
            SentState::Failed => State::Failed,
        };
        let (own_id, id) = (report.reference().map(str::to_owned), report.id().map(|id| self.provider_key(channel, id)));
        let noted = self.tools.outbox.report(own_id, id, state).await;
        noted.map_err(|error| self.refuse(error.into()))?;
        self.tools.telemetry.emit(&Event::SentReported { channel, state: report.state() });
        Ok(())
    }

    async fn opted_out(&self, channel: &ChannelName, medium: Medium, who: &Identity) -> Result<(), Refused> {
        let known_as = self.known_as(medium, who);
        self.tools.outbox.silence(known_as.clone()).await.map_err(|error| self.refuse(error.into()))?;
        self.tools.telemetry.emit(&Event::OptedOut { channel });
        self.n_silenced.fetch_add(1, Ordering::SeqCst);
        // It is on disk that they are to be forgotten: what the store does not do now, the outbox does when it is back.
        if self.forget_known_as(&known_as).await.is_ok() {
            let _ = self.tools.outbox.forgotten(known_as).await;
        }
        Ok(())
    }

    async fn opted_in(&self, _: &ChannelName, medium: Medium, who: &Identity) -> Result<(), Refused> {
        let known_as = self.known_as(medium, who);
        self.tools.outbox.unsilence(known_as).await.map_err(|error| self.refuse(error.into()))
    }

    async fn forget(&self, medium: Medium, sender: &Identity) -> Result<u64, Refused> {
        self.forget_known_as(&self.known_as(medium, sender)).await
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
