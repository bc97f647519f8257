//! Takes reports out of the journal, oldest first, and brings each to its case.
//!
//! The journal is the truth: a report leaves it only when its case is stored and its receipt is in the outbox. A stage
//! that fails is tried again; after three times the report is set aside and the next one goes on. While the store is away
//! nothing is lost: reports wait, and the worker asks again with growing patience.

use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use channels::{Channel, Inbound, Pseudonym, Receipt, SealedSender};
use futures_util::FutureExt;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::GatewayDesk;
use super::files::LookError;
use super::parts::PartTrouble;
use super::pipeline::{CaseKeys, file, reference_of};
use crate::case::Reference;
use crate::files::LookedAt;
use crate::journal::{Entry, JournalError};
use crate::language::Detected;
use crate::store::{Pushed, StoreError};
use crate::telemetry::Event;
use crate::vault::current::EpochError;

/// How many reports are in hand at once: enough to share the store's fsync, few enough to bound memory.
const IN_HAND: u32 = 64;
const BATCH: usize = 64;
/// A report is read within milliseconds; one that takes so long is never done, and must not hold up a stop or its neighbours.
const READ_PATIENCE: Duration = Duration::from_mins(1);
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// No delivery meets so many taken references unless the key that derives them is broken.
const MAX_REFERENCES: u32 = 100;

/// Why a report is not a case yet.
enum Trouble {
    /// The store is away; the report is fine.
    Store,
    /// A stage failed on it.
    Stage,
    /// The journal is closed or the disk is broken.
    Journal,
}

impl From<JournalError> for Trouble {
    fn from(_: JournalError) -> Self {
        Self::Journal
    }
}

impl From<LookError> for Trouble {
    fn from(error: LookError) -> Self {
        match error {
            LookError::Journal(_) => Self::Journal,
            LookError::Stage => Self::Stage,
        }
    }
}

/// How far a report has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Done {
    /// It has left the journal, or is set aside.
    Finished,
    /// Another gateway has its message in hand; it is looked at again.
    Later,
}

/// The worker of one desk.
pub struct Worker {
    desk: Arc<GatewayDesk>,
    channels: Vec<Arc<dyn Channel>>,
    stop: CancellationToken,
    /// Numbers in hand, so that a second reading of the journal does not start them twice.
    in_hand: Mutex<HashSet<u64>>,
    /// Reports whose storing was tried and did not end well: the case may be there all the same.
    tried: Mutex<HashSet<u64>>,
    /// Set by a report that found the store or the disk in trouble.
    trouble: AtomicBool,
}

impl Worker {
    /// Sets the worker up.
    #[must_use]
    pub fn new(desk: Arc<GatewayDesk>, channels: Vec<Arc<dyn Channel>>, stop: CancellationToken) -> Arc<Self> {
        Arc::new(Self {
            desk,
            channels,
            stop,
            in_hand: Mutex::new(HashSet::new()),
            tried: Mutex::new(HashSet::new()),
            trouble: AtomicBool::new(false),
        })
    }

    /// Works until stopped, then finishes what is in hand.
    pub async fn run(self: Arc<Self>) {
        let places = Arc::new(Semaphore::new(usize::try_from(IN_HAND).expect("64 fits")));
        let tasks = TaskTracker::new();
        let (mut after, mut pause, mut is_away) = (0, SHORTEST_PAUSE, false);
        let mut looked_at_parts = None;
        while !self.stop.is_cancelled() {
            let is_due = looked_at_parts.is_none_or(|looked: Instant| looked.elapsed() >= LONGEST_PAUSE);
            if self.desk.look_at_parts.swap(false, Ordering::Relaxed) || (is_due && !is_away) {
                looked_at_parts = Some(Instant::now());
                // What cannot be had now is had at the next look; reports tell when the store is away.
                drop(self.desk.flush_stale_parts().await);
            }
            let entries = self.desk.tools.journal.next(after, BATCH).await.unwrap_or_default();
            let is_more = entries.len() == BATCH;
            for entry in entries {
                // A report over which an earlier run ended is read alone, so that it takes no other along.
                let n_places = if entry.starts > 0 { IN_HAND } else { 1 };
                let Ok(place) = Arc::clone(&places).acquire_many_owned(n_places).await else { return };
                if self.trouble.load(Ordering::Relaxed) || self.stop.is_cancelled() {
                    break;
                }
                after = after.max(entry.sequence);
                if self.in_hand.lock().expect("nobody panics while holding this lock").insert(entry.sequence) {
                    let worker = Arc::clone(&self);
                    tasks.spawn(async move {
                        worker.work_on(entry).await;
                        drop(place);
                    });
                }
            }
            if self.trouble.swap(false, Ordering::Relaxed) {
                if !is_away {
                    self.desk.tools.telemetry.emit(&Event::StoreAway);
                    self.desk.store_is_away.store(true, Ordering::Relaxed);
                }
                is_away = true;
                self.rest(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
                // Ask the store itself before any report is risked, then start again at the oldest.
                if self.desk.tools.store.ready().await.is_ok() {
                    after = 0;
                } else {
                    self.trouble.store(true, Ordering::Relaxed);
                }
            } else if !is_more {
                if is_away && tasks.is_empty() {
                    (is_away, pause) = (false, SHORTEST_PAUSE);
                    self.desk.store_is_away.store(false, Ordering::Relaxed);
                    self.desk.tools.telemetry.emit(&Event::StoreBack);
                }
                tokio::select! {
                    () = self.desk.bell.notified() => {}
                    () = self.stop.cancelled() => {}
                    // A safety net under the bell: whatever was missed is found at the next look.
                    () = tokio::time::sleep(LONGEST_PAUSE) => after = 0,
                }
            }
        }
        tasks.close();
        tasks.wait().await;
    }

    async fn rest(&self, pause: Duration) {
        let mut chance = [0; 2];
        self.desk.tools.rng.fill(&mut chance);
        let jitter = f64::from(u16::from_be_bytes(chance)) / f64::from(u16::MAX);
        tokio::select! {
            () = tokio::time::sleep(pause.mul_f64(0.5 + 0.5 * jitter)) => {}
            () = self.stop.cancelled() => {}
        }
    }

    /// Brings one report to its case, or notes why not.
    async fn work_on(self: &Arc<Self>, entry: Entry) {
        let tools = &self.desk.tools;
        let mut attempt = entry.failures;
        let outcome = loop {
            attempt += 1;
            // Whatever panics on a report costs this report and no other.
            let brought = AssertUnwindSafe(self.bring_to_case(&entry)).catch_unwind().await;
            match brought.unwrap_or(Err(Trouble::Stage)) {
                Err(Trouble::Stage) => {
                    tools.telemetry.emit(&Event::StageFailed { attempt });
                    match tools.journal.failed(entry.sequence).await {
                        Ok(false) => {}
                        Ok(true) => {
                            self.desk.stop_waiting(entry.delivery);
                            tools.telemetry.emit(&Event::SetAside);
                            break Ok(Done::Finished);
                        }
                        Err(_) => break Err(()),
                    }
                }
                Err(Trouble::Store | Trouble::Journal) => break Err(()),
                Ok(done) => break Ok(done),
            }
        };
        if outcome.is_err() {
            self.trouble.store(true, Ordering::Relaxed);
        }
        self.let_go(entry.sequence);
        if outcome != Ok(Done::Later) {
            self.desk.bell.notify_one();
        }
    }

    fn let_go(&self, sequence: u64) {
        self.in_hand.lock().expect("nobody panics while holding this lock").remove(&sequence);
        self.desk.measure();
    }

    /// A store that is well but cannot read what it has on this report is no reason to stop for the others.
    async fn whose_trouble(&self, error: &StoreError) -> Trouble {
        match error {
            StoreError::Unreadable if self.desk.tools.store.ready().await.is_ok() => Trouble::Stage,
            StoreError::Unreadable | StoreError::Unreachable | StoreError::ReadOnly => Trouble::Store,
        }
    }

    fn was_tried(&self, sequence: u64) -> bool {
        self.tried.lock().expect("nobody panics while holding this lock").remove(&sequence)
    }

    async fn bring_to_case(self: &Arc<Self>, entry: &Entry) -> Result<Done, Trouble> {
        let tools = &self.desk.tools;
        if entry.is_left_over && !tools.journal.begin(entry.sequence).await? {
            self.desk.stop_waiting(entry.delivery);
            tools.telemetry.emit(&Event::SetAside);
            return Ok(Done::Finished);
        }
        let inbound = Arc::new(entry.sealed.open(&tools.keys.journal).map_err(|_| Trouble::Stage)?);
        if inbound.part().is_some() {
            match self.desk.take_part(entry, &inbound).await {
                Ok(true) => return Ok(Done::Finished),
                // It goes the way of a whole report.
                Ok(false) => {}
                Err(PartTrouble::Busy) => return Ok(Done::Later),
                Err(PartTrouble::Journal) => return Err(Trouble::Journal),
                Err(PartTrouble::Stage) => return Err(Trouble::Stage),
                Err(PartTrouble::Store(error)) => return Err(self.whose_trouble(&error).await),
            }
        }
        let channel = self.channels.iter().find(|channel| channel.name() == inbound.channel());
        let sends = channel.filter(|channel| !channel.replies_in_answer() && inbound.identity().can_be_answered());
        // Also her answer to "which language is it?". If the store does not say, the words must do.
        let known_as = self.desk.known_as(inbound.medium(), inbound.identity());
        let earlier = tools.store.language_of(&known_as).await.unwrap_or(None);
        // Reading words is the CPU's work; a panic in a stage must not take the gateway down.
        let (desk, report) = (Arc::clone(&self.desk), Arc::clone(&inbound));
        let read = tokio::task::spawn_blocking(move || desk.tools.reader.read(&report, earlier));
        let read = tokio::time::timeout(READ_PATIENCE, read).await;
        let files = self.desk.look_at_files(entry, &inbound).await;
        if entry.is_left_over {
            tools.journal.outlived(entry.sequence).await?;
        }
        let read = read.map_err(|_| Trouble::Stage)?.map_err(|_| Trouble::Stage)?;
        let looked = files?;
        let files = looked.files.as_slice();
        let n_silenced = self.desk.n_silenced.load(Ordering::SeqCst);
        let is_silent = tools.outbox.is_silent(known_as.clone()).await.map_err(|_| Trouble::Journal)?;
        let mut epoch = match tools.epoch.get(tools.store.as_ref()).await {
            Ok(epoch) => epoch,
            Err(error) => return Err(self.no_epoch(entry, &read, error).await),
        };
        let peppers = tools.keys.peppers();
        let (mut attempt, mut n_tries) = (0, 0);
        while n_tries < MAX_REFERENCES {
            n_tries += 1;
            let reference = reference_of(&tools.keys.delivery, entry.delivery, attempt);
            let keys = CaseKeys {
                delivery: &tools.keys.delivery,
                peppers: &peppers,
                vault: tools.epoch.vault(),
                epoch: &epoch,
                custodian: tools.custodian.as_ref(),
                time_rounding: tools.time_rounding,
            };
            let (mut case, mut envelope) = file(&inbound, read.clone(), reference.clone(), &keys, tools.rng.as_ref());
            if is_silent {
                // Whoever wants no messages has no contact here.
                (case.can_be_answered, envelope.contact) = (false, None);
            }
            case.attachments = files.iter().map(|file| file.attachment).collect();
            let receipt = self.receipt(&case.language, &reference);
            if sends.is_some() && !tools.journal.filing(entry.sequence, &reference).await? {
                return Ok(Done::Finished);
            }
            let stored = |reference: &Reference| {
                let waited = tools.clock.now().as_millisecond() - inbound.received_at().as_millisecond();
                tools.telemetry.emit(&Event::CaseStored {
                    channel: inbound.channel(),
                    reference,
                    severity: case.verdict.severity,
                    language: case.language.settled(),
                    auto_trigger: case.verdict.auto_trigger,
                    duration_ms: u64::try_from(waited).unwrap_or(0),
                });
            };
            match tools.store.push(&case, &envelope).await {
                Ok(Pushed::New) => {
                    self.keep_files(entry, &reference, files, &receipt).await?;
                    self.was_tried(entry.sequence);
                    stored(&reference);
                    self.parts_filed(&inbound, entry, &reference).await?;
                    let sender = sends.filter(|_| envelope.contact.is_some()).map(|_| inbound.as_ref());
                    if envelope.contact.is_some() && self.desk.n_silenced.load(Ordering::SeqCst) != n_silenced {
                        self.forget_if_silent(entry, known_as, &reference).await?;
                    }
                    return self.answer(entry, sender, &reference, &receipt).await;
                }
                Ok(Pushed::Known(known)) => {
                    let receipt = self.receipt(&case.language, &known);
                    self.keep_files(entry, &known, files, &receipt).await?;
                    // An earlier try at this very report may have stored the case and come no further: then nobody has been
                    // woken for it yet. Better twice than never.
                    if self.was_tried(entry.sequence) || entry.is_left_over {
                        stored(&known);
                    } else {
                        tools.telemetry.emit(&Event::CaseKnown { channel: inbound.channel(), reference: &known });
                    }
                    self.parts_filed(&inbound, entry, &known).await?;
                    // Stored by an earlier try at this very report: a crash came before its receipt. Otherwise the delivery's
                    // first coming was answered, and only the request that waits now must hear the reference.
                    let is_own = entry.filed_as.is_some();
                    // Whoever was forgotten meanwhile is not written to.
                    let is_wanted = match if is_own { tools.store.contact(&known).await } else { Ok(None) } {
                        Ok(found) => found.is_some(),
                        Err(error) => return Err(self.whose_trouble(&error).await),
                    };
                    let sender = sends.filter(|_| is_wanted).map(|_| inbound.as_ref());
                    return self.answer(entry, sender, &known, &receipt).await;
                }
                Ok(Pushed::ReferenceTaken) => attempt += 1,
                Ok(Pushed::EpochOver) => {
                    epoch = match tools.epoch.look_again(tools.store.as_ref()).await {
                        Ok(epoch) => epoch,
                        Err(error) => return Err(self.no_epoch(entry, &read, error).await),
                    };
                }
                Err(error) => {
                    // The report is durable and its language known: the reporter need not wait for the store.
                    self.desk.tell_waiting(entry.delivery, &receipt);
                    self.tried.lock().expect("nobody panics while holding this lock").insert(entry.sequence);
                    return Err(self.whose_trouble(&error).await);
                }
            }
        }
        Err(Trouble::Stage)
    }

    /// Nothing can be sealed now: the report waits, and its reporter is answered.
    async fn no_epoch(&self, entry: &Entry, read: &super::pipeline::Read, error: EpochError) -> Trouble {
        let tools = &self.desk.tools;
        let reference = reference_of(&tools.keys.delivery, entry.delivery, 0);
        self.desk.tell_waiting(entry.delivery, &self.receipt(&read.language, &reference));
        match error {
            EpochError::Store(error) => self.whose_trouble(&error).await,
            EpochError::None | EpochError::Forged => {
                if tools.epoch.is_newly_missed() {
                    tools.telemetry.emit(&Event::NoEpoch { error });
                }
                Trouble::Store
            }
        }
    }

    /// The case is stored and its files are not: they are tried again, and the reporter need not wait for it.
    async fn keep_files(
        &self,
        entry: &Entry,
        reference: &Reference,
        files: &[LookedAt],
        receipt: &Receipt,
    ) -> Result<(), Trouble> {
        self.desk.keep_files(reference, files).await.map_err(|_| {
            self.desk.tell_waiting(entry.delivery, receipt);
            self.tried.lock().expect("nobody panics while holding this lock").insert(entry.sequence);
            Trouble::Store
        })
    }

    /// Notes for late parts of a message which case it has become.
    async fn parts_filed(&self, inbound: &Inbound, entry: &Entry, reference: &Reference) -> Result<(), Trouble> {
        if !inbound.is_joined() {
            return Ok(());
        }
        let tools = &self.desk.tools;
        match tools.store.parts_filed(entry.delivery, reference, tools.clock.now()).await {
            Ok(()) => Ok(()),
            Err(error) => {
                self.tried.lock().expect("nobody panics while holding this lock").insert(entry.sequence);
                Err(self.whose_trouble(&error).await)
            }
        }
    }

    /// Forgets the sender of a case who said STOP while it was being made. The outbox sees for itself whom not to write to.
    async fn forget_if_silent(&self, entry: &Entry, known_as: Vec<Pseudonym>, reference: &Reference) -> Result<(), Trouble> {
        let tools = &self.desk.tools;
        if !tools.outbox.is_silent(known_as).await.map_err(|_| Trouble::Journal)? {
            return Ok(());
        }
        match tools.store.forget(reference).await {
            Ok(_) => Ok(()),
            Err(error) => {
                self.tried.lock().expect("nobody panics while holding this lock").insert(entry.sequence);
                Err(self.whose_trouble(&error).await)
            }
        }
    }

    fn receipt(&self, language: &Detected, reference: &Reference) -> Receipt {
        Receipt { reference: reference.to_string(), text: self.desk.receipt_text(language, reference.as_str()) }
    }

    /// Gives the receipt to the request that waits, and to the outbox when it has to be sent; then lets the report go. It is
    /// sealed for its sender under the journal's key: the side that takes reports in opens no contact.
    async fn answer(
        &self,
        entry: &Entry,
        sender: Option<&Inbound>,
        reference: &Reference,
        receipt: &Receipt,
    ) -> Result<Done, Trouble> {
        let seal = |inbound| SealedSender::seal(inbound, reference.as_str(), &self.desk.tools.keys.journal);
        if let Some((inbound, sender)) = sender.and_then(|inbound| Some((inbound, seal(inbound)?))) {
            let once = [b"receipt", &entry.delivery.0[..]].concat();
            let ordered = self.desk.order_receipt(&once, inbound, sender, reference, &receipt.text).await;
            ordered.map_err(|_| Trouble::Journal)?;
        }
        self.desk.tools.journal.remove(entry.sequence).await?;
        self.desk.tell_waiting(entry.delivery, receipt);
        Ok(Done::Finished)
    }
}
