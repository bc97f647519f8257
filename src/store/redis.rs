//! The case store for production: Redis Streams, so that any program in any language can be a mediator.
//!
//! Knows nothing of senders: it stores what a [`Case`] holds, and beside it sealed and keyed values. One stream per severity,
//! consumer group `mediators`; an entry has the fields `reference` and `case`, the JSON of
//! [`CaseRecord`](super::record::CaseRecord). A lease is the time since a pending entry's last sign of life. A program of
//! one's own takes a case with XREADGROUP and finishes it with XACK and XDEL; this store then shows it rightly. What was
//! forgotten is out of the memory at once, and out of the server's append-only file at its next rewrite.

mod health;
mod keys;
mod link;
mod scripts;
mod vault;

use async_trait::async_trait;
use channels::{DeliveryKey, Kept, Pseudonym, SealedContact, SealedOriginal, Wrap};
use jiff::{SignedDuration, Timestamp};
use redis::Client;
use secrecy::{ExposeSecret, SecretString};

use self::keys::Keys;
use self::link::Link;
use self::scripts::Scripts;
use super::record::{read_case, read_message, write_case, write_message};
use super::{
    CLAIM_MS, CaseStore, Claim, Envelope, Filter, Held, HeldPart, LATE_MS, LeaseError, Listed, Page, Pushed, StaleParts,
    Standing, StandingFilter, StoreError,
};
use crate::anonymise::round_to_hour;
use crate::case::{Case, Message, Reference};
use crate::clock::{Rng, SystemRng};
use crate::language::Language;
use crate::triage::Severity;

/// A list looks at no more cases in one script: Redis serves nobody else meanwhile.
const MOST_LOOKS: usize = 500;
/// A claim passes over so many records of a newer gateway before it gives up.
const MOST_UNREADABLE: usize = 16;

/// So many messages whose parts wait too long are taken at once.
const MOST_STALE: usize = 64;

/// How long a delivery is remembered, unless configured otherwise.
pub const DELIVERY_KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How long a reporter's cases are linked after the newest, unless configured otherwise.
const THREAD_KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

/// A case store in Redis.
pub struct RedisStore {
    link: Link,
    keys: Keys,
    scripts: Scripts,
    lease_ms: u64,
    delivery_kept_secs: i64,
    thread_secs: i64,
}

/// Why the configuration of the store cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SetupError {
    /// The address is not one of a Redis server.
    #[error("the Redis address must look like `redis://host:6379` or `rediss://host:6379`")]
    Address,
    /// The desk's name would not fit into a key.
    #[error("a desk's name has 1 to 32 characters out of a-z, 0-9 and hyphen")]
    Desk,
}

impl RedisStore {
    /// Prepares a store. Connects when it is first used, so Redis may be away. To be called within a Tokio runtime.
    ///
    /// A claimed case belongs to its mediator for `lease_secs`; a repeated delivery is known for `delivery_kept`.
    ///
    /// # Errors
    /// See [`SetupError`].
    pub fn new(url: &SecretString, desk: &str, lease_secs: u32, delivery_kept: SignedDuration) -> Result<Self, SetupError> {
        let keys = Keys::of_desk(desk).ok_or(SetupError::Desk)?;
        let client = Client::open(url.expose_secret()).map_err(|_| SetupError::Address)?;
        let link = Link::lazy(client).map_err(|_| SetupError::Address)?;
        let delivery_kept_secs = delivery_kept.as_secs().max(1);
        let thread_secs = THREAD_KEPT.as_secs();
        let lease_ms = u64::from(lease_secs) * 1000;
        Ok(Self { link, keys, scripts: Scripts::new(), lease_ms, delivery_kept_secs, thread_secs })
    }

    /// The same, linking a reporter's cases for `kept` after the newest.
    #[must_use]
    pub fn with_threads_kept(self, kept: SignedDuration) -> Self {
        Self { thread_secs: kept.as_secs().max(1), ..self }
    }

    /// What an operator should change about the server.
    ///
    /// # Errors
    /// When Redis does not answer.
    pub async fn warnings(&self) -> Result<Vec<&'static str>, StoreError> {
        health::warnings(&self.link).await
    }

    async fn change_held(
        &self,
        script: &redis::Script,
        reference: &Reference,
        mediator: &str,
        token: u64,
    ) -> Result<(), LeaseError> {
        let mut call = script.key(self.keys.case(reference));
        call.arg(mediator).arg(token).arg(self.lease_ms).arg(self.keys.queues());
        let verdict: String = self.link.run(&call).await?;
        done(&verdict)
    }

    /// Marks a request that changes something each time it is made, so that trying it again does not.
    fn request_key(&self) -> String {
        self.keys.request(&request_id())
    }

    async fn claim_record(&self, mediator: &str) -> Result<Option<(String, u64)>, StoreError> {
        let mut call = self.scripts.claim.key(self.request_key());
        for queue in self.keys.all_queues() {
            call.key(queue);
        }
        call.arg(mediator).arg(self.lease_ms).arg(self.keys.cases());
        self.link.run(&call).await
    }
}

#[async_trait]
impl CaseStore for RedisStore {
    async fn push(&self, case: &Case, envelope: &Envelope) -> Result<Pushed, StoreError> {
        let mut call = self.scripts.push.key(self.keys.delivery(envelope.delivery));
        call.key(self.keys.case(&case.reference))
            .key(self.keys.queue(case.verdict.severity))
            .key(self.keys.contact(&case.reference))
            .key(self.keys.reporter(envelope.reporter))
            .key(self.keys.arrivals())
            .key(self.keys.newest())
            .key(self.keys.epoch())
            .key(self.keys.wraps())
            .key(self.keys.wrap(Kept::Contact, &case.reference))
            .key(self.keys.original(&case.reference))
            .key(self.keys.wrap(Kept::Original, &case.reference))
            .key(self.keys.links())
            .key(self.keys.reporter(envelope.reporter_before.unwrap_or(envelope.reporter)));
        let (contact, original) = (envelope.contact.as_ref(), envelope.original.as_ref());
        call.arg(case.reference.as_str())
            .arg(write_case(case))
            .arg(case.verdict.severity.as_str())
            .arg(case.language.settled().code())
            .arg(round_to_hour(case.received_hour).as_millisecond().max(0))
            .arg(self.delivery_kept_secs)
            .arg(envelope.reporter.to_hex())
            .arg(envelope.channel.as_str())
            .arg(contact.map_or(&[][..], |(contact, _)| SealedContact::as_bytes(contact)))
            .arg(request_id())
            .arg(contact.map_or(&[][..], |(_, wrap)| Wrap::as_bytes(wrap)))
            .arg(original.map_or(&[][..], |(original, _)| SealedOriginal::as_bytes(original)))
            .arg(original.map_or(&[][..], |(_, wrap)| Wrap::as_bytes(wrap)))
            .arg(envelope.epoch().map(|epoch| epoch.to_string()).unwrap_or_default())
            .arg(self.thread_secs)
            .arg(i32::from(!case.doubts.is_empty()));
        let answer: Vec<String> = self.link.run(&call).await?;
        match answer.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            ["new"] => Ok(Pushed::New),
            ["taken"] => Ok(Pushed::ReferenceTaken),
            ["epoch_over"] => Ok(Pushed::EpochOver),
            ["known", reference] => Reference::parse(reference).map(Pushed::Known).ok_or(StoreError::Unreadable),
            _ => Err(StoreError::Unreadable),
        }
    }

    async fn admit(&self, reference: &Reference) -> Result<(), LeaseError> {
        let mut call = self.scripts.admit.key(self.keys.case(reference));
        call.key(self.keys.arrivals());
        for queue in self.keys.all_queues() {
            call.key(queue);
        }
        call.arg(reference.as_str()).arg(self.keys.queues());
        let verdict: String = self.link.run(&call).await?;
        done(&verdict)
    }

    async fn claim(&self, mediator: &str) -> Result<Option<Claim>, StoreError> {
        for _ in 0..MOST_UNREADABLE {
            let Some((record, token)) = self.claim_record(mediator).await? else { return Ok(None) };
            // One that cannot be read stays out of the way as long as a lease lasts, and must not stop the ones behind it.
            if let Ok(case) = read_case(&record) {
                return Ok(Some(Claim { case, token }));
            }
        }
        Err(StoreError::Unreadable)
    }

    async fn heartbeat(&self, reference: &Reference, mediator: &str, token: u64) -> Result<(), LeaseError> {
        self.change_held(&self.scripts.heartbeat, reference, mediator, token).await
    }

    async fn release(&self, reference: &Reference, mediator: &str, token: u64) -> Result<(), LeaseError> {
        self.change_held(&self.scripts.release, reference, mediator, token).await
    }

    async fn complete(&self, reference: &Reference, mediator: &str, token: u64) -> Result<(), LeaseError> {
        self.change_held(&self.scripts.complete, reference, mediator, token).await
    }

    async fn append_message(&self, reference: &Reference, message: &Message) -> Result<(), LeaseError> {
        let mut call = self.scripts.append.key(self.keys.case(reference));
        call.key(self.keys.messages(reference)).key(self.request_key()).arg(write_message(message));
        let verdict: String = self.link.run(&call).await?;
        done(&verdict)
    }

    async fn messages(&self, reference: &Reference) -> Result<Vec<Message>, LeaseError> {
        let mut call = self.scripts.messages.key(self.keys.case(reference));
        call.key(self.keys.messages(reference));
        let records: Option<Vec<String>> = self.link.run(&call).await?;
        let records = records.ok_or(LeaseError::NoSuchCase)?;
        Ok(records.iter().map(|record| read_message(record)).collect::<Result<_, _>>()?)
    }

    async fn get(&self, reference: &Reference) -> Result<Option<Listed>, StoreError> {
        let mut call = self.scripts.get.key(self.keys.case(reference));
        call.arg(self.keys.queues()).arg(self.lease_ms);
        let found: Option<(String, String, String)> = self.link.run(&call).await?;
        found
            .map(|(record, stands, mediator)| Ok(Listed { case: read_case(&record)?, standing: standing(&stands, mediator)? }))
            .transpose()
    }

    async fn list(&self, filter: &Filter, after: Option<u64>, limit: usize) -> Result<Page, StoreError> {
        let mut looked_at = after.unwrap_or(0);
        let mut found: Vec<(u64, String, String, String)> = Vec::new();
        // One more than asked for tells whether there is a next page.
        while found.len() <= limit {
            let mut call = self.scripts.list.key(self.keys.arrivals());
            call.arg(self.keys.cases()).arg(self.keys.queues()).arg(self.lease_ms);
            call.arg(looked_at).arg(limit.saturating_add(1) - found.len()).arg(MOST_LOOKS);
            call.arg(filter.severity.map_or("", Severity::as_str)).arg(filter.language.map_or("", Language::code));
            call.arg(filter.standing.map_or("", standing_word));
            let (last, has_more, rows): (u64, bool, Vec<(u64, String, String, String)>) = self.link.run(&call).await?;
            looked_at = last;
            found.extend(rows);
            if !has_more {
                break;
            }
        }
        let next = (found.len() > limit).then(|| {
            found.truncate(limit);
            found.last().map_or(after.unwrap_or(0), |row| row.0)
        });
        // One record of a newer gateway must not take the whole page away.
        let rows = found.into_iter().filter_map(|(_, record, stands, mediator)| {
            Some(Listed { case: read_case(&record).ok()?, standing: standing(&stands, mediator).ok()? })
        });
        Ok(Page { rows: rows.collect(), next })
    }

    async fn language_of(&self, reporters: &[Pseudonym]) -> Result<Option<Language>, StoreError> {
        let mut call = self.scripts.language.key(self.keys.arrivals());
        for reporter in reporters {
            call.key(self.keys.reporter(*reporter));
        }
        call.arg(self.keys.cases());
        let code: Option<String> = self.link.run(&call).await?;
        Ok(code.as_deref().and_then(Language::parse))
    }

    async fn waiting(&self) -> Result<Vec<(Severity, u64)>, StoreError> {
        let mut call = self.scripts.waiting.prepare_invoke();
        for queue in self.keys.all_queues() {
            call.key(queue);
        }
        call.arg(self.lease_ms);
        let counts: Vec<u64> = self.link.run(&call).await?;
        Ok(Severity::ALL.into_iter().zip(counts).collect())
    }

    async fn hold_part(&self, part: &HeldPart, now: Timestamp) -> Result<Held, StoreError> {
        let mut call = self.scripts.hold_part.key(self.keys.parts(part.group));
        call.key(self.keys.parts_waiting());
        call.arg(part.place).arg(part.total).arg(part.delivery.to_hex()).arg(&part.sealed[..]);
        call.arg(now.as_millisecond()).arg(LATE_MS).arg(CLAIM_MS).arg(part.group.to_hex());
        let mut answer: Vec<Vec<u8>> = self.link.run(&call).await?;
        if answer.is_empty() {
            return Err(StoreError::Unreadable);
        }
        let word = answer.remove(0);
        let reference = || {
            let written = answer.first().and_then(|written| std::str::from_utf8(written).ok());
            written.and_then(Reference::parse).ok_or(StoreError::Unreadable)
        };
        match word.as_slice() {
            b"waiting" => Ok(Held::Waiting),
            b"known" => reference().map(Held::Known),
            b"late" => reference().map(Held::Late),
            b"taken" => Ok(Held::Taken),
            b"busy" => Ok(Held::Busy),
            b"complete" => Ok(Held::Complete(answer)),
            _ => Err(StoreError::Unreadable),
        }
    }

    async fn stale_parts(&self, before: Timestamp, now: Timestamp) -> Result<Vec<StaleParts>, StoreError> {
        let mut call = self.scripts.stale_parts.key(self.keys.parts_waiting());
        call.arg(before.as_millisecond()).arg(now.as_millisecond()).arg(CLAIM_MS).arg(self.keys.part_groups()).arg(MOST_STALE);
        let answer: Vec<Vec<Vec<u8>>> = self.link.run(&call).await?;
        let read = |mut found: Vec<Vec<u8>>| {
            let mut group = [0; 16];
            let is_key = found.first().is_some_and(|name| hex::decode_to_slice(name, &mut group).is_ok());
            is_key.then(|| StaleParts { group: DeliveryKey(group), sealed: found.split_off(1) })
        };
        Ok(answer.into_iter().filter_map(read).collect())
    }

    async fn parts_filed(&self, group: DeliveryKey, reference: &Reference, now: Timestamp) -> Result<(), StoreError> {
        let mut call = self.scripts.parts_filed.key(self.keys.parts(group));
        call.key(self.keys.parts_waiting());
        call.arg(reference.as_str()).arg(now.as_millisecond()).arg(self.delivery_kept_secs).arg(group.to_hex());
        let _: String = self.link.run(&call).await?;
        Ok(())
    }

    async fn late_part_added(&self, part: &HeldPart) -> Result<(), StoreError> {
        let mut call = self.scripts.part_added.key(self.keys.parts(part.group));
        call.arg(part.place).arg(part.delivery.to_hex());
        let _: String = self.link.run(&call).await?;
        Ok(())
    }

    async fn ready(&self) -> Result<(), StoreError> {
        let mut call = self.scripts.ready.key(self.keys.probe());
        for queue in self.keys.all_queues() {
            call.key(queue);
        }
        let _: String = self.link.run(&call).await?;
        Ok(())
    }
}

/// Differs for each request, and is the same when one is tried again.
fn request_id() -> String {
    let mut id = [0; 16];
    SystemRng.fill(&mut id);
    hex::encode(id)
}

/// Reads what a script says about a case.
fn done(verdict: &str) -> Result<(), LeaseError> {
    match verdict {
        "ok" => Ok(()),
        "missing" => Err(LeaseError::NoSuchCase),
        "not_yours" => Err(LeaseError::NotYours),
        _ => Err(StoreError::Unreadable.into()),
    }
}

fn standing(word: &str, mediator: String) -> Result<Standing, StoreError> {
    match word {
        "held" => Ok(Standing::Held),
        "waiting" => Ok(Standing::Waiting),
        "claimed" => Ok(Standing::Claimed { mediator }),
        "completed" => Ok(Standing::Completed),
        _ => Err(StoreError::Unreadable),
    }
}

const fn standing_word(standing: StandingFilter) -> &'static str {
    match standing {
        StandingFilter::Held => "held",
        StandingFilter::Waiting => "waiting",
        StandingFilter::Claimed => "claimed",
        StandingFilter::Completed => "completed",
    }
}
