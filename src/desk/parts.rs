//! Messages that the network cut in pieces: held in the case store, where every gateway finds them, until the last one is
//! there or the patience is at an end.
//!
//! What was joined goes into the journal like any other report, under a delivery that all its parts agree on. So a crash,
//! or a second gateway with the other half, makes no second case. All of it is under the delivery key, which a new pepper does
//! not change: parts that come before and after one still find each other.

use std::sync::Arc;

use channels::{Inbound, SealedReport};
use jiff::SignedDuration;

use super::GatewayDesk;
use crate::case::{Message, Reference, Speaker};
use crate::journal::{Entry, JournalError};
use crate::store::{Held, HeldPart, LeaseError, StaleParts, StoreError};
use crate::telemetry::Event;

/// Networks number long messages from 0 to 255 and begin anew; nobody has so many under one number at a time.
const MOST_GENERATIONS: u32 = 16;

/// Why a part is still in the journal.
pub(super) enum PartTrouble {
    Journal,
    Store(StoreError),
    /// It cannot be read.
    Stage,
    /// Another gateway has its message in hand.
    Busy,
}

impl From<JournalError> for PartTrouble {
    fn from(_: JournalError) -> Self {
        Self::Journal
    }
}

impl From<StoreError> for PartTrouble {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl GatewayDesk {
    /// Brings a part to the others, and the message into the journal when this was the last one. `false` when it must become
    /// a case of its own.
    pub(super) async fn take_part(&self, entry: &Entry, inbound: &Arc<Inbound>) -> Result<bool, PartTrouble> {
        let tools = &self.tools;
        let part = inbound.part().ok_or(PartTrouble::Stage)?;
        for generation in 0..MOST_GENERATIONS {
            let held = HeldPart {
                group: inbound.part_group(generation, &tools.keys.delivery).ok_or(PartTrouble::Stage)?,
                place: part.index(),
                total: part.total(),
                delivery: entry.delivery,
                sealed: SealedReport::seal(inbound, &tools.keys.delivery.parts_key()).as_bytes().to_vec(),
            };
            match tools.store.hold_part(&held, tools.clock.now()).await? {
                Held::Waiting => {}
                Held::Complete(sealed) => self.append_joined(sealed, generation).await?,
                Held::Known(reference) => {
                    tools.telemetry.emit(&Event::CaseKnown { channel: inbound.channel(), reference: &reference });
                }
                Held::Late(reference) => {
                    if !self.add_late(inbound, &held, &reference).await? {
                        return Ok(false);
                    }
                }
                Held::Taken => continue,
                Held::Busy => return Err(PartTrouble::Busy),
            }
            tools.journal.remove(entry.sequence).await?;
            self.stop_waiting(entry.delivery);
            return Ok(true);
        }
        Err(PartTrouble::Stage)
    }

    /// Makes reports of messages whose rest did not come in time.
    pub(super) async fn flush_stale_parts(&self) -> Result<(), PartTrouble> {
        let tools = &self.tools;
        let now = tools.clock.now();
        let wait = SignedDuration::try_from(tools.parts_wait).unwrap_or(SignedDuration::MAX);
        let before = now.checked_sub(wait).unwrap_or(now);
        for StaleParts { group, sealed } in tools.store.stale_parts(before, now).await? {
            // The generation is part of the group's name and stands nowhere else.
            let first = sealed.first().and_then(|sealed| self.open_part(sealed));
            let generation = first.and_then(|first| {
                (0..MOST_GENERATIONS).find(|generation| first.part_group(*generation, &tools.keys.delivery) == Some(group))
            });
            if let Some(generation) = generation {
                self.append_joined(sealed, generation).await?;
            }
        }
        Ok(())
    }

    fn open_part(&self, sealed: &[u8]) -> Option<Inbound> {
        SealedReport::from_bytes(sealed.to_vec()).open(&self.tools.keys.delivery.parts_key()).ok()
    }

    async fn append_joined(&self, sealed: Vec<Vec<u8>>, generation: u32) -> Result<(), PartTrouble> {
        let parts = sealed.iter().filter_map(|sealed| self.open_part(sealed)).collect();
        let whole = Inbound::join(parts, generation).ok_or(PartTrouble::Stage)?;
        let delivery = whole.delivery_key(&self.tools.keys.delivery);
        self.tools.journal.append(delivery, SealedReport::seal(&whole, &self.tools.keys.journal)).await?;
        self.measure();
        self.bell.notify_one();
        Ok(())
    }

    /// Adds the words of a part to the case that its message has become. `false` when an operator must look at them first: a
    /// case that is in the queue cannot be held any more.
    async fn add_late(&self, inbound: &Arc<Inbound>, held: &HeldPart, reference: &Reference) -> Result<bool, PartTrouble> {
        let tools = &self.tools;
        let known_as = self.known_as(inbound.medium(), inbound.identity());
        let earlier = tools.store.language_of(&known_as).await?;
        let read = tools.reader.read(inbound, earlier);
        if !read.text.doubts.is_empty() {
            return Ok(false);
        }
        let at = tools.time_rounding.round(inbound.received_at());
        let message = Message { from: Speaker::Reporter, at, text: read.text.text };
        match tools.store.append_message(reference, &message).await {
            // The case was deleted meanwhile: there is nothing that these words could belong to.
            Ok(()) | Err(LeaseError::NoSuchCase | LeaseError::NotYours) => {}
            Err(LeaseError::Store(error)) => return Err(error.into()),
        }
        // After the words, not before: what a crash between the two leaves behind is a sentence twice, not none.
        tools.store.late_part_added(held).await?;
        Ok(true)
    }
}
