//! Hands messages to their channels, one after the other, as fast as each provider takes them.
//!
//! Knows neither numbers nor how a provider is spoken to: a receipt's sender comes out of its seal as closed as it went in,
//! and the contact for a reply is opened by the vault's secret in the channel. Before a message is handed over
//! that is noted; what a crash or a lost answer leaves in between is handed over again only where the provider knows our
//! name for it, and otherwise told to be unsure.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use channels::{Channel, ChannelError, SentId, seal};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{Item, Recipient, State};
use crate::desk::GatewayDesk;
use crate::telemetry::Event;
use crate::vault::{Vault, VaultError};

/// Waits between tries, as multiples of the configured pause.
const PAUSES: [u32; 7] = [1, 5, 30, 120, 600, 1800, 3600];
/// How long the worker sleeps when nobody wakes it.
const LONGEST_SLEEP: Duration = Duration::from_secs(5);

/// The worker of one channel's messages.
pub struct OutboxWorker {
    desk: Arc<GatewayDesk>,
    channel: Arc<dyn Channel>,
    vault: Option<Arc<Vault>>,
    stop: CancellationToken,
}

impl OutboxWorker {
    /// Sets the worker up. Without the vault it sends receipts only.
    #[must_use]
    pub fn new(desk: Arc<GatewayDesk>, channel: Arc<dyn Channel>, vault: Option<Arc<Vault>>, stop: CancellationToken) -> Self {
        Self { desk, channel, vault, stop }
    }

    /// Works until stopped.
    pub async fn run(self) {
        let mut due: HashMap<i64, Instant> = HashMap::new();
        self.recover().await;
        while !self.stop.is_cancelled() {
            // Listening begins before looking, so that no order is missed in between.
            let mut rung = std::pin::pin!(self.desk.outbox_bell().notified());
            rung.as_mut().enable();
            let items = self.desk.tools().outbox.open_messages(self.channel.name()).await.unwrap_or_default();
            let mut next = Instant::now() + LONGEST_SLEEP;
            for item in items.into_iter().filter(|item| item.state == State::Waiting) {
                if self.stop.is_cancelled() {
                    return;
                }
                if let Some(due) = due.get(&item.id).filter(|due| **due > Instant::now()) {
                    next = next.min(*due);
                    continue;
                }
                let id = item.id;
                match self.hand_over(item).await {
                    Some(wait) => {
                        due.insert(id, Instant::now() + wait);
                        next = next.min(Instant::now() + wait);
                    }
                    None => drop(due.remove(&id)),
                }
                self.rest(self.channel.send_pause()).await;
            }
            self.forget_silent().await;
            tokio::select! {
                () = rung => {}
                () = tokio::time::sleep_until(next) => {}
                () = self.stop.cancelled() => {}
            }
        }
    }

    async fn rest(&self, pause: Duration) {
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = self.stop.cancelled() => {}
        }
    }

    /// Looks at what an earlier run was handing over when it ended.
    async fn recover(&self) {
        let outbox = &self.desk.tools().outbox;
        for item in outbox.open_messages(self.channel.name()).await.unwrap_or_default() {
            if item.state != State::InHand {
                continue;
            }
            if self.channel.knows_own_ids() {
                let _ = outbox.put_back(item.id).await;
            } else {
                self.give_up(&item, State::Unsure, ChannelError::Unsure).await;
            }
        }
    }

    /// Tries one message. How long to wait before the next try, if there is one.
    async fn hand_over(&self, item: Item) -> Option<Duration> {
        let tools = self.desk.tools();
        match self.is_wanted(&item).await {
            Ok(true) => {}
            Ok(false) => {
                self.give_up(&item, State::Failed, ChannelError::OptedOut).await;
                return None;
            }
            // What is not told now is told later: nobody who wants silence is written to by mistake.
            Err(Unknown) => return Some(tools.receipt_pause),
        }
        let Some(text) = seal::open_words(&item.words, &tools.keys.journal) else {
            self.give_up(&item, State::Failed, ChannelError::SealBroken).await;
            return None;
        };
        if tools.outbox.begin(item.id).await.is_err() {
            return Some(tools.receipt_pause);
        }
        let sent = self.send(&item, &text).await;
        match sent {
            Ok(SentId(id)) => {
                let id = id.map(|id| self.desk.provider_key(self.channel.name(), &id));
                // When this fails, the next start finds it in hand and says that it is unsure.
                let _ = tools.outbox.finish(item.id, State::Sent, id).await;
                tools.telemetry.emit(&Event::ReceiptSent { channel: self.channel.name(), reference: &item.reference });
                None
            }
            Err(ChannelError::Unsure) if !self.channel.knows_own_ids() => {
                self.give_up(&item, State::Unsure, ChannelError::Unsure).await;
                None
            }
            Err(ChannelError::OptedOut) => {
                if let Recipient::Sender { reporter, .. } = &item.to {
                    let _ = tools.outbox.silence(vec![*reporter]).await;
                }
                self.give_up(&item, State::Failed, ChannelError::OptedOut).await;
                None
            }
            Err(error) => {
                let pause = PAUSES.get(usize::try_from(item.attempts).unwrap_or(usize::MAX));
                let may_retry = error.may_retry() || error == ChannelError::Unsure;
                let Some(times) = pause.filter(|_| may_retry) else {
                    self.give_up(&item, State::Failed, error).await;
                    return None;
                };
                let _ = tools.outbox.put_back(item.id).await;
                let asked = match error {
                    ChannelError::Busy { wait_secs } => Duration::from_secs(wait_secs.unwrap_or(0)),
                    _ => Duration::ZERO,
                };
                Some((tools.receipt_pause * *times).max(asked))
            }
        }
    }

    /// Whether a receipt's sender still wants one. Of a reply the vault knows.
    async fn is_wanted(&self, item: &Item) -> Result<bool, Unknown> {
        let tools = self.desk.tools();
        let Recipient::Sender { reporter, .. } = &item.to else { return Ok(true) };
        if tools.outbox.is_silent(vec![*reporter]).await.map_err(|_| Unknown)? {
            return Ok(false);
        }
        // The first try comes with the case. By a later one somebody may have been forgotten.
        Ok(item.attempts == 0 || tools.store.contact(&item.reference).await.map_err(|_| Unknown)?.is_some())
    }

    async fn send(&self, item: &Item, text: &str) -> Result<SentId, ChannelError> {
        let (channel, keys) = (self.channel.as_ref(), &self.desk.tools().keys);
        match (&item.to, &self.vault) {
            (Recipient::Sender { sender, .. }, _) => {
                let sender = sender.open(channel.name(), item.reference.as_str(), &keys.journal)?;
                channel.send_receipt_named(&sender, text, &item.own_id).await
            }
            (Recipient::Reporter, None) => Err(ChannelError::CannotSend),
            (Recipient::Reporter, Some(vault)) => {
                vault.send_named(channel, &item.reference, text, &item.own_id).await.map_err(|error| match error {
                    VaultError::Channel(error) => error,
                    VaultError::Store(_) | VaultError::Busy => ChannelError::Unreachable,
                    VaultError::Keys(_)
                    | VaultError::Audit(_)
                    | VaultError::OtherVault
                    | VaultError::NothingOpens
                    | VaultError::SecretGone
                    | VaultError::SealBroken
                    | VaultError::NothingKept
                    | VaultError::Stopped => ChannelError::SealBroken,
                })
            }
        }
    }

    async fn give_up(&self, item: &Item, state: State, error: ChannelError) {
        let tools = self.desk.tools();
        let _ = tools.outbox.finish(item.id, state, None).await;
        tools.telemetry.emit(&Event::ReceiptFailed { channel: self.channel.name(), reference: &item.reference, error });
    }

    /// Forgets people who want no messages. What the store does not do now is done at the next look.
    async fn forget_silent(&self) {
        let outbox = &self.desk.tools().outbox;
        for reporter in outbox.to_forget().await.unwrap_or_default() {
            if self.desk.forget_known_as(&[reporter]).await.is_err() {
                return;
            }
            let _ = outbox.forgotten(vec![reporter]).await;
        }
    }
}

/// Whether somebody wants a message could not be found out.
struct Unknown;
