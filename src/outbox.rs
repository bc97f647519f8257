//! Messages on their way out, on disk until the provider has them, and the people who want none.
//!
//! Holds sealed senders and sealed words, and neither once a message is finished; nor does it then tell whose message it was. A message is ordered once however often
//! it is asked for; before it is handed to the provider that is noted, so that a crash in between is seen afterwards.

pub mod worker;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use channels::{ChannelName, Pseudonym, SealedSender};
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

/// To whom a message goes.
pub enum Recipient {
    /// A receipt, to the sender of a report.
    Sender {
        /// Where it goes.
        sender: SealedSender,
        /// Who that is.
        reporter: Pseudonym,
    },
    /// A reply, to the reporter of its case, as the vault knows them.
    Reporter,
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
    /// Where it goes.
    pub to: Recipient,
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
    /// Where it goes.
    pub to: Recipient,
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
        let (reporter, sender) = match &order.to {
            Recipient::Sender { sender, reporter } => (Some(reporter.to_hex()), Some(sender.as_bytes().to_vec())),
            Recipient::Reporter => (None, None),
        };
        let put = move |db: &Connection| {
            db.execute("DELETE FROM messages WHERE state >= 2 AND day < ?1", [order.day - KEPT_DAYS])?;
            db.prepare_cached(
                "INSERT INTO messages (once, own_id, channel, reference, reporter, sender, words, day)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING",
            )?
            .execute(params![
                order.once,
                order.own_id,
                order.channel.as_str(),
                order.reference.as_str(),
                reporter,
                sender,
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
                    "SELECT id, own_id, reference, reporter, sender, words, state, attempts FROM messages
                     WHERE channel = ?1 AND state < 2 ORDER BY id LIMIT 64",
                )?
                .query_map([channel], |row| {
                    let reference: String = row.get(2)?;
                    // Whoever changed the file by hand gets no message sent to the wrong case.
                    let Some(reference) = Reference::parse(&reference) else { return Ok(None) };
                    let (reporter, sender): (Option<String>, Option<Vec<u8>>) = (row.get(3)?, row.get(4)?);
                    let to = match (reporter.as_deref().map(pseudonym), sender) {
                        (None, None) => Recipient::Reporter,
                        (Some(Some(reporter)), Some(sender)) => {
                            Recipient::Sender { sender: SealedSender::from_bytes(sender), reporter }
                        }
                        _ => return Ok(None),
                    };
                    Ok(Some(Item {
                        id: row.get(0)?,
                        own_id: row.get(1)?,
                        reference,
                        to,
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
                &format!("UPDATE messages SET state = max(state, ?2), provider_id = ?3, {EMPTIED} WHERE id = ?1 AND state < 2"),
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
                &format!("UPDATE messages SET state = ?2, {EMPTIED} WHERE id = ?1 AND state <> 3"),
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

    /// Notes that somebody wants no more messages, and gives up those that wait for them. They are meant under each of these
    /// pseudonyms.
    ///
    /// # Errors
    /// See [`WriteError`].
    pub async fn silence(&self, known_as: Vec<Pseudonym>) -> Result<(), WriteError> {
        self.change(move |db| {
            for reporter in &known_as {
                db.execute(
                    "INSERT INTO silent (reporter) VALUES (?1) ON CONFLICT (reporter) DO UPDATE SET is_forgotten = 0",
                    [reporter.to_hex()],
                )?;
            }
            give_up(db, &known_as)
        })
        .await
    }

    /// Gives up what waits for somebody.
    ///
    /// # Errors
    /// See [`WriteError`].
    pub async fn withdraw(&self, known_as: Vec<Pseudonym>) -> Result<(), WriteError> {
        self.change(move |db| give_up(db, &known_as)).await
    }

    /// Notes that somebody wants messages again.
    ///
    /// # Errors
    /// See [`WriteError`].
    pub async fn unsilence(&self, known_as: Vec<Pseudonym>) -> Result<(), WriteError> {
        let delete = "DELETE FROM silent WHERE reporter = ?1";
        self.writer.run(move |db| known_as.iter().try_for_each(|one| db.execute(delete, [one.to_hex()]).map(drop))).await
    }

    /// Whether somebody wants no messages, whose newest pseudonym comes first. Who was met under an older one is known under
    /// the newest from then on.
    ///
    /// # Errors
    /// See [`WriteError`].
    pub async fn is_silent(&self, known_as: Vec<Pseudonym>) -> Result<bool, WriteError> {
        self.writer
            .run(move |db| {
                let is_listed =
                    |one: &Pseudonym| db.prepare_cached("SELECT 1 FROM silent WHERE reporter = ?1")?.exists([one.to_hex()]);
                let mut found = None;
                for (at, one) in known_as.iter().enumerate() {
                    if is_listed(one)? {
                        found = Some(at);
                        break;
                    }
                }
                if found.is_some_and(|at| at > 0) {
                    db.execute("INSERT INTO silent (reporter) VALUES (?1) ON CONFLICT DO NOTHING", [known_as[0].to_hex()])?;
                }
                Ok(found.is_some())
            })
            .await
    }

    /// People who are still to be forgotten.
    ///
    /// # Errors
    /// See [`WriteError`].
    pub async fn to_forget(&self) -> Result<Vec<Pseudonym>, WriteError> {
        let written: Vec<String> = self
            .writer
            .run(|db| {
                db.prepare_cached("SELECT reporter FROM silent WHERE is_forgotten = 0 LIMIT 64")?
                    .query_map([], |row| row.get(0))?
                    .collect()
            })
            .await?;
        Ok(written.iter().filter_map(|written| pseudonym(written)).collect())
    }

    /// Notes that somebody is forgotten.
    ///
    /// # Errors
    /// See [`WriteError`].
    pub async fn forgotten(&self, known_as: Vec<Pseudonym>) -> Result<(), WriteError> {
        let note = "UPDATE silent SET is_forgotten = 1 WHERE reporter = ?1";
        self.writer.run(move |db| known_as.iter().try_for_each(|one| db.execute(note, [one.to_hex()]).map(drop))).await
    }

    /// Empties the file's log, so that senders of finished receipts lie on the disk no more, not even sealed: the journal's key
    /// is still in use.
    ///
    /// # Errors
    /// See [`WriteError`]; it may be repeated.
    pub async fn tidy(&self) -> Result<(), WriteError> {
        self.writer.truncate_log().await
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

/// What a finished message no longer says.
const EMPTIED: &str = "sender = NULL, words = NULL, reporter = NULL, reference = NULL";

fn give_up(db: &Connection, known_as: &[Pseudonym]) -> rusqlite::Result<usize> {
    let give_up = format!("UPDATE messages SET state = 4, {EMPTIED} WHERE reporter = ?1 AND state = 0");
    known_as.iter().map(|reporter| db.execute(&give_up, [reporter.to_hex()])).sum()
}

fn pseudonym(written: &str) -> Option<Pseudonym> {
    let mut bytes = [0; 16];
    hex::decode_to_slice(written, &mut bytes).ok()?;
    Some(Pseudonym::from_bytes(bytes))
}

fn count_open(db: &Connection) -> rusqlite::Result<u64> {
    db.query_row("SELECT count(*) FROM messages WHERE state < 2", [], |row| row.get(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORTER: Pseudonym = Pseudonym::from_bytes([1; 16]);

    fn order(once: &str) -> Order {
        Order {
            once: once.to_owned(),
            own_id: format!("own-{once}"),
            channel: ChannelName::parse("sms").expect("a name"),
            reference: Reference::from_seed([7; 16]),
            to: Recipient::Sender { sender: SealedSender::from_bytes(vec![1]), reporter: REPORTER },
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
        outbox.silence(vec![REPORTER]).await.expect("noted");
        assert_eq!((outbox.n_open(), outbox.is_silent(vec![REPORTER]).await), (0, Ok(true)));
        assert_eq!(outbox.to_forget().await, Ok(vec![REPORTER]));
        outbox.unsilence(vec![REPORTER]).await.expect("noted");
        assert_eq!(outbox.is_silent(vec![REPORTER]).await, Ok(false));
    }
}
