//! Messages on their way out, on disk until the provider has them, and the people who want none.
//!
//! Holds sealed contacts and sealed words, and neither once a message is finished. A message is ordered once however often
//! it is asked for; before it is handed to the provider that is noted, so that a crash in between is seen afterwards.

pub mod worker;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use channels::{ChannelName, SealedContact};
use rusqlite::{Connection, OptionalExtension, params};

use crate::case::Reference;
use crate::group_commit::{OpenError, WriteError, Writer};

const STEPS: &[&str] = &[include_str!("outbox/schema.sql")];
/// Reports on a message come within days.
const KEPT_DAYS: i64 = 30;

/// Where a message stands. The numbers are those of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It waits, for the first time or again.
    Waiting = 0,
    /// It is being handed to the provider.
    InHand = 1,
    /// The provider has it.
    Sent = 2,
    /// The phone has it.
    Delivered = 3,
    /// It will not arrive.
    Failed = 4,
    /// The provider may have it or not: the gateway or the connection ended over it.
    Unsure = 5,
}

impl State {
    const ALL: [Self; 6] = [Self::Waiting, Self::InHand, Self::Sent, Self::Delivered, Self::Failed, Self::Unsure];

    fn of(number: u8) -> Self {
        Self::ALL.into_iter().find(|state| *state as u8 == number).unwrap_or(Self::Unsure)
    }
}

/// A message to send.
pub struct Order {
    /// What makes two orders the same message; keyed.
    pub once: String,
    /// Our name for it.
    pub own_id: String,
    /// The channel it goes over.
    pub channel: ChannelName,
    /// The case it belongs to.
    pub reference: Reference,
    /// The reporter's pseudonym in hexadecimal.
    pub reporter: String,
    /// Where it goes.
    pub contact: SealedContact,
    /// What it says, sealed.
    pub words: Vec<u8>,
    /// Days since 1970.
    pub day: i64,
}

/// A message that waits.
pub struct Item {
    /// Its place in the file.
    pub id: i64,
    /// Our name for it.
    pub own_id: String,
    /// The case it belongs to.
    pub reference: Reference,
    /// The reporter's pseudonym in hexadecimal.
    pub reporter: String,
    /// Where it goes.
    pub contact: SealedContact,
    /// What it says, sealed.
    pub words: Vec<u8>,
    /// Where it stands.
    pub state: State,
    /// How often it was handed over.
    pub attempts: u32,
}

/// The outbox of one gateway.
pub struct Outbox {
    writer: Writer,
    n_open: Arc<AtomicU64>,
}

impl Outbox {
    /// Opens or makes the outbox in `folder`.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn open(folder: &Path) -> Result<Self, OpenError> {
        let writer = Writer::open(&folder.join("outbox.db"), STEPS)?;
        let n_open = writer.run(count_open).await.map_err(|_| OpenError::CannotOpen)?;
        Ok(Self { writer, n_open: Arc::new(AtomicU64::new(n_open)) })
    }

    /// How many messages are not finished.
    #[must_use]
    pub fn n_open(&self) -> u64 {
        self.n_open.load(Ordering::Relaxed)
    }

    /// Takes a message, unless it was taken before. Returns after the fsync.
    ///
    /// # Errors
    /// See [`WriteError`]; the message is then not in the outbox.
    pub async fn order(&self, order: Order) -> Result<(), WriteError> {
        let put = move |db: &Connection| {
            db.execute("DELETE FROM messages WHERE state >= 2 AND day < ?1", [order.day - KEPT_DAYS])?;
            db.prepare_cached(
                "INSERT INTO messages (once, own_id, channel, reference, reporter, contact, words, day)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING",
            )?
            .execute(params![
                order.once,
                order.own_id,
                order.channel.as_str(),
                order.reference.as_str(),
                order.reporter,
                order.contact.as_bytes(),
                order.words,
                order.day
            ])
        };
        let n_open = Arc::clone(&self.n_open);
        let count = move |n_added: &usize| {
            n_open.fetch_add(u64::try_from(*n_added).unwrap_or(0), Ordering::Relaxed);
        };
        self.writer.run_then(put, count).await.map(drop)
    }

    /// The unfinished messages of a channel, oldest first.
    ///
    /// # Errors
    /// See [`WriteError`].
    pub async fn open_messages(&self, channel: &ChannelName) -> Result<Vec<Item>, WriteError> {
        let channel = channel.to_string();
        self.writer
            .run(move |db| {
                db.prepare_cached(
                    "SELECT id, own_id, reference, reporter, contact, words, state, attempts FROM messages
                     WHERE channel = ?1 AND state < 2 ORDER BY id LIMIT 64",
                )?
                .query_map([channel], |row| {
                    let reference: String = row.get(2)?;
                    // Whoever changed the file by hand gets no message sent to the wrong case.
                    let Some(reference) = Reference::parse(&reference) else { return Ok(None) };
                    Ok(Some(Item {
                        id: row.get(0)?,
                        own_id: row.get(1)?,
                        reference,
                        reporter: row.get(3)?,
                        contact: SealedContact::from_bytes(row.get(4)?),
                        words: row.get(5)?,
                        state: State::of(row.get(6)?),
                        attempts: row.get(7)?,
                    }))
                })?
                .filter_map(Result::transpose)
                .collect()
            })
            .await
    }

    /// Notes that a message is about to be handed over.
    ///
    /// # Errors
    /// See [`WriteError`].
    pub async fn begin(&self, id: i64) -> Result<(), WriteError> {
        self.writer
            .run(move |db| db.execute("UPDATE messages SET state = 1, attempts = attempts + 1 WHERE id = ?1", [id]))
            .await?;
        Ok(())
    }

    /// Puts a message back: the provider has not taken it.
    ///
    /// # Errors
    /// See [`WriteError`].
    pub async fn put_back(&self, id: i64) -> Result<(), WriteError> {
        self.writer.run(move |db| db.execute("UPDATE messages SET state = 0 WHERE id = ?1 AND state = 1", [id])).await?;
        Ok(())
    }

    /// Finishes a message and destroys what it said and to whom. A report that came meanwhile is not undone.
    ///
    /// # Errors
    /// See [`WriteError`].
    pub async fn finish(&self, id: i64, state: State, provider_id: Option<String>) -> Result<(), WriteError> {
        self.change(move |db| {
            db.execute(
                "UPDATE messages SET state = max(state, ?2), provider_id = ?3, contact = NULL, words = NULL WHERE id = ?1 AND state < 2",
                params![id, state as u8, provider_id],
            )
        })
        .await
    }

    /// Ties a provider's report to its message. Says whether there is such a message.
    ///
    /// # Errors
    /// See [`WriteError`].
    pub async fn report(&self, own_id: Option<String>, provider_id: Option<String>, state: State) -> Result<bool, WriteError> {
        let n_open = Arc::clone(&self.n_open);
        let note = move |db: &Connection| {
            let id: Option<i64> = db
                .query_row("SELECT id FROM messages WHERE own_id = ?1 OR provider_id = ?2", params![own_id, provider_id], |row| {
                    row.get(0)
                })
                .optional()?;
            let Some(id) = id else { return Ok((false, count_open(db)?)) };
            // A phone that has a message keeps it, whatever is reported afterwards.
            db.execute(
                "UPDATE messages SET state = ?2, contact = NULL, words = NULL WHERE id = ?1 AND state <> 3",
                params![id, state as u8],
            )?;
            Ok((true, count_open(db)?))
        };
        let (found, _) =
            self.writer.run_then(note, move |(_, open): &(bool, u64)| n_open.store(*open, Ordering::Relaxed)).await?;
        Ok(found)
    }

    /// Where a message stands that was ordered under `once`.
    ///
    /// # Errors
    /// See [`WriteError`].
    pub async fn state_of(&self, once: &str) -> Result<Option<State>, WriteError> {
        let once = once.to_owned();
        let number: Option<u8> = self
            .writer
            .run(move |db| db.query_row("SELECT state FROM messages WHERE once = ?1", [once], |row| row.get(0)).optional())
            .await?;
        Ok(number.map(State::of))
    }

    /// Notes that somebody wants no more messages, and gives up those that wait for them.
    ///
    /// # Errors
    /// See [`WriteError`].
    pub async fn silence(&self, reporter: String) -> Result<(), WriteError> {
        self.change(move |db| {
            db.execute(
                "INSERT INTO silent (reporter) VALUES (?1) ON CONFLICT (reporter) DO UPDATE SET is_forgotten = 0",
                [&reporter],
            )?;
            db.execute(
                "UPDATE messages SET state = 4, contact = NULL, words = NULL WHERE reporter = ?1 AND state = 0",
                [&reporter],
            )
        })
        .await
    }

    /// Notes that somebody wants messages again.
    ///
    /// # Errors
    /// See [`WriteError`].
    pub async fn unsilence(&self, reporter: String) -> Result<(), WriteError> {
        self.writer.run(move |db| db.execute("DELETE FROM silent WHERE reporter = ?1", [reporter])).await?;
        Ok(())
    }

    /// Whether somebody wants no messages.
    ///
    /// # Errors
    /// See [`WriteError`].
    pub async fn is_silent(&self, reporter: String) -> Result<bool, WriteError> {
        self.writer.run(move |db| db.prepare_cached("SELECT 1 FROM silent WHERE reporter = ?1")?.exists([reporter])).await
    }

    /// People whose contacts are still to be forgotten.
    ///
    /// # Errors
    /// See [`WriteError`].
    pub async fn to_forget(&self) -> Result<Vec<String>, WriteError> {
        self.writer
            .run(|db| {
                db.prepare_cached("SELECT reporter FROM silent WHERE is_forgotten = 0 LIMIT 64")?
                    .query_map([], |row| row.get(0))?
                    .collect()
            })
            .await
    }

    /// Notes that somebody's contacts are gone.
    ///
    /// # Errors
    /// See [`WriteError`].
    pub async fn forgotten(&self, reporter: String) -> Result<(), WriteError> {
        self.writer.run(move |db| db.execute("UPDATE silent SET is_forgotten = 1 WHERE reporter = ?1", [reporter])).await?;
        Ok(())
    }

    /// Makes a change and counts again what is open.
    async fn change<F>(&self, change: F) -> Result<(), WriteError>
    where
        F: FnOnce(&Connection) -> rusqlite::Result<usize> + Send + 'static,
    {
        let n_open = Arc::clone(&self.n_open);
        let counted = move |db: &Connection| {
            change(db)?;
            count_open(db)
        };
        self.writer.run_then(counted, move |open: &u64| n_open.store(*open, Ordering::Relaxed)).await.map(drop)
    }
}

fn count_open(db: &Connection) -> rusqlite::Result<u64> {
    db.query_row("SELECT count(*) FROM messages WHERE state < 2", [], |row| row.get(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(once: &str) -> Order {
        Order {
            once: once.to_owned(),
            own_id: format!("own-{once}"),
            channel: ChannelName::parse("sms").expect("a name"),
            reference: Reference::from_seed([7; 16]),
            reporter: "r1".to_owned(),
            contact: SealedContact::from_bytes(vec![1]),
            words: vec![2],
            day: 100,
        }
    }

    async fn open(outbox: &Outbox) -> Vec<Item> {
        outbox.open_messages(&ChannelName::parse("sms").expect("a name")).await.expect("readable")
    }

    #[tokio::test]
    async fn a_message_is_ordered_once_and_survives_reopening() {
        let folder = tempfile::tempdir().expect("a folder");
        let outbox = Outbox::open(folder.path()).await.expect("an outbox");
        outbox.order(order("a")).await.expect("room");
        outbox.order(order("a")).await.expect("room");
        assert_eq!(outbox.n_open(), 1);
        let id = open(&outbox).await[0].id;
        outbox.begin(id).await.expect("noted");
        drop(outbox);
        let outbox = Outbox::open(folder.path()).await.expect("an outbox");
        let items = open(&outbox).await;
        assert_eq!((items.len(), items[0].state, items[0].attempts), (1, State::InHand, 1));
        outbox.finish(id, State::Sent, Some("p".to_owned())).await.expect("noted");
        outbox.order(order("a")).await.expect("known");
        assert_eq!((outbox.n_open(), open(&outbox).await.len()), (0, 0));
    }

    #[tokio::test]
    async fn a_report_finds_its_message_by_either_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let outbox = Outbox::open(folder.path()).await.expect("an outbox");
        outbox.order(order("a")).await.expect("room");
        let id = open(&outbox).await[0].id;
        outbox.finish(id, State::Sent, Some("p".to_owned())).await.expect("noted");
        assert_eq!(outbox.report(None, Some("p".to_owned()), State::Delivered).await, Ok(true));
        assert_eq!(outbox.report(Some("own-a".to_owned()), None, State::Failed).await, Ok(true));
        assert_eq!(outbox.state_of("a").await, Ok(Some(State::Delivered)), "what arrived has arrived");
        assert_eq!(outbox.report(Some("other".to_owned()), None, State::Failed).await, Ok(false));
    }

    #[tokio::test]
    async fn whoever_wants_no_messages_gets_none_of_those_that_wait() {
        let folder = tempfile::tempdir().expect("a folder");
        let outbox = Outbox::open(folder.path()).await.expect("an outbox");
        outbox.order(order("a")).await.expect("room");
        outbox.silence("r1".to_owned()).await.expect("noted");
        assert_eq!((outbox.n_open(), outbox.is_silent("r1".to_owned()).await), (0, Ok(true)));
        assert_eq!(outbox.to_forget().await, Ok(vec!["r1".to_owned()]));
        outbox.unsilence("r1".to_owned()).await.expect("noted");
        assert_eq!(outbox.is_silent("r1".to_owned()).await, Ok(false));
    }
}
