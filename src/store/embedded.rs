//! The case store that needs nothing installed: one SQLite file in the data directory.
//!
//! Knows nothing of senders: contacts are sealed, and the link to a reporter is keyed. One thread writes (see
//! [`group_commit`](crate::group_commit)); readers have connections of their own. Another process, such as the command line
//! beside the server, may have the same file open.

mod parts;
mod readers;
mod vault;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use channels::{DeliveryKey, Pseudonym};
use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, named_params};

use self::readers::Readers;
use super::record::{read_case, read_message, write_case, write_message};
use super::{
    CaseStore, Claim, Envelope, Filter, Held, HeldPart, LeaseError, Listed, Page, Pushed, StaleParts, Standing, StandingFilter,
    StoreError,
};
use crate::case::{Case, Message, Reference};
use crate::clock::Clock;
use crate::group_commit::{OpenError, WriteError, Writer};
use crate::language::Language;
use crate::triage::Severity;

const FILE_NAME: &str = "cases.db";
const STEPS: &[&str] = &[include_str!("embedded/schema.sql")];
/// Providers give up on a delivery long before.
const DELIVERY_KEPT_DAYS: i64 = 30;
const DAY_MS: i64 = 86_400_000;
/// A claim passes over so many records of a newer gateway before it gives up.
const MOST_UNREADABLE: usize = 16;

/// A case store in one file.
pub struct EmbeddedStore {
    writer: Writer,
    readers: Readers,
    clock: Arc<dyn Clock>,
    lease_ms: i64,
}

impl EmbeddedStore {
    /// Opens or makes the store in `folder`. A claimed case belongs to its mediator for `lease_secs`.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open(folder: &Path, clock: Arc<dyn Clock>, lease_secs: u32) -> Result<Self, OpenError> {
        let path = folder.join(FILE_NAME);
        if path.exists() && is_early(&path) {
            return Err(OpenError::Early);
        }
        let writer = Writer::open(&path, STEPS)?;
        Ok(Self { writer, readers: Readers::new(path), clock, lease_ms: i64::from(lease_secs) * 1000 })
    }

    fn now_ms(&self) -> i64 {
        self.clock.now().as_millisecond()
    }

    /// Changes the row of a case if `condition` holds for it; says what stood in the way if not.
    async fn change_held(&self, reference: &Reference, mediator: &str, token: u64, sql: &'static str) -> Result<(), LeaseError> {
        let (reference, mediator) = (reference.as_str().to_owned(), mediator.to_owned());
        let (token, now, lease) = (signed(token), self.now_ms(), self.lease_ms);
        let changed = self.writer.run(move |db| {
            let n_changed = db.prepare_cached(sql)?.execute(named_params! {
                ":reference": reference, ":mediator": mediator, ":token": token, ":now": now, ":until": now.saturating_add(lease),
            })?;
            Ok(if n_changed == 1 {
                Ok(())
            } else {
                Err(if exists(db, &reference)? { LeaseError::NotYours } else { LeaseError::NoSuchCase })
            })
        });
        changed.await.map_err(StoreError::from)?
    }

    /// Takes the first case nobody holds: its record and the token of the claim.
    async fn claim_record(&self, mediator: &str) -> Result<Option<(String, i64)>, StoreError> {
        let (mediator, now, lease) = (mediator.to_owned(), self.now_ms(), self.lease_ms);
        let claimed = self.writer.run(move |db| {
            db.prepare_cached(CLAIM)?
                .query_row(named_params! { ":mediator": mediator, ":now": now, ":until": now.saturating_add(lease) }, |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })
                .optional()
        });
        Ok(claimed.await?)
    }
}

const CLAIM: &str = "
    UPDATE cases SET mediator = :mediator, lease_until = :until, claims = claims + 1
    WHERE seq = (SELECT seq FROM cases WHERE completed = 0 AND held = 0 AND lease_until < :now ORDER BY rank, seq LIMIT 1)
    RETURNING record, claims";

const HEARTBEAT: &str = "
    UPDATE cases SET lease_until = :until
    WHERE reference = :reference AND mediator = :mediator AND claims = :token AND completed = 0 AND lease_until >= :now";

// A lease that ended at 0 was ended by its mediator: releasing it again changes nothing and is no error. `:until` is named
// because every statement is given the same parameters.
const RELEASE: &str = "
    UPDATE cases SET lease_until = 0
    WHERE reference = :reference AND mediator = :mediator AND claims = :token AND completed = 0
      AND (lease_until >= :now OR lease_until = 0) AND :until > 0";

const COMPLETE: &str = "
    UPDATE cases SET completed = 1
    WHERE reference = :reference AND mediator = :mediator AND claims = :token
      AND (lease_until >= :now OR completed = 1) AND :until > 0";

const LIST: &str = "
    SELECT record, completed, mediator, lease_until, held, seq FROM cases
    WHERE seq > :after AND (:rank IS NULL OR rank = :rank) AND (:language IS NULL OR language = :language)
      AND (:standing IS NULL OR :standing = CASE WHEN completed = 1 THEN 2 WHEN held = 1 THEN 3 WHEN lease_until >= :now THEN 1 ELSE 0 END)
    ORDER BY seq LIMIT :limit";

const LANGUAGE: &str = "
    SELECT seq, language FROM links JOIN cases USING (reference)
    WHERE reporter = ?1 AND language <> 'und' ORDER BY seq DESC LIMIT 1";

#[async_trait]
impl CaseStore for EmbeddedStore {
    async fn push(&self, case: &Case, envelope: &Envelope) -> Result<Pushed, StoreError> {
        let record = write_case(case);
        let (reference, rank, language) =
            (case.reference.as_str().to_owned(), rank(case.verdict.severity), case.language.settled().code());
        let is_held = !case.doubts.is_empty();
        let envelope = envelope.clone();
        let today = self.now_ms() / DAY_MS;
        let pushed = self.writer.run(move |db| {
            let delivery = envelope.delivery.to_hex();
            let known: Option<String> = db
                .prepare_cached("SELECT reference FROM deliveries WHERE delivery = ?1")?
                .query_row([&delivery], |row| row.get(0))
                .optional()?;
            if let Some(known) = known {
                return Ok(Reference::parse(&known).map(Pushed::Known).ok_or(StoreError::Unreadable));
            }
            if vault::is_epoch_over(db, &envelope)? {
                return Ok(Ok(Pushed::EpochOver));
            }
            if exists(db, &reference)? {
                return Ok(Ok(Pushed::ReferenceTaken));
            }
            db.prepare_cached("INSERT INTO cases (reference, rank, language, record, held) VALUES (?1, ?2, ?3, ?4, ?5)")?
                .execute((&reference, rank, language, &record, is_held))?;
            db.prepare_cached("INSERT INTO deliveries (delivery, reference, day) VALUES (?1, ?2, ?3)")?
                .execute((&delivery, &reference, today))?;
            vault::keep(db, &reference, &envelope, today)?;
            db.prepare_cached("DELETE FROM deliveries WHERE day < ?1")?.execute([today - DELIVERY_KEPT_DAYS])?;
            Ok(Ok(Pushed::New))
        });
        pushed.await?
    }

    async fn admit(&self, reference: &Reference) -> Result<(), LeaseError> {
        let reference = reference.as_str().to_owned();
        let n_changed =
            self.writer.run(move |db| db.execute("UPDATE cases SET held = 0 WHERE reference = ?1", [&reference])).await;
        if n_changed.map_err(StoreError::from)? == 1 { Ok(()) } else { Err(LeaseError::NoSuchCase) }
    }

    async fn claim(&self, mediator: &str) -> Result<Option<Claim>, StoreError> {
        for _ in 0..MOST_UNREADABLE {
            let Some((record, token)) = self.claim_record(mediator).await? else { return Ok(None) };
            // One that cannot be read stays out of the way as long as a lease lasts, and must not stop the ones behind it.
            if let Ok(case) = read_case(&record) {
                return Ok(Some(Claim { case, token: unsigned(token) }));
            }
        }
        Err(StoreError::Unreadable)
    }

    async fn heartbeat(&self, reference: &Reference, mediator: &str, token: u64) -> Result<(), LeaseError> {
        self.change_held(reference, mediator, token, HEARTBEAT).await
    }

    async fn release(&self, reference: &Reference, mediator: &str, token: u64) -> Result<(), LeaseError> {
        self.change_held(reference, mediator, token, RELEASE).await
    }

    async fn complete(&self, reference: &Reference, mediator: &str, token: u64) -> Result<(), LeaseError> {
        self.change_held(reference, mediator, token, COMPLETE).await
    }

    async fn append_message(&self, reference: &Reference, message: &Message) -> Result<(), LeaseError> {
        let (reference, record) = (reference.as_str().to_owned(), write_message(message));
        let appended = self.writer.run(move |db| {
            if !exists(db, &reference)? {
                return Ok(Err(LeaseError::NoSuchCase));
            }
            db.prepare_cached("INSERT INTO messages (reference, record) VALUES (?1, ?2)")?.execute((&reference, &record))?;
            Ok(Ok(()))
        });
        appended.await.map_err(StoreError::from)?
    }

    async fn messages(&self, reference: &Reference) -> Result<Vec<Message>, LeaseError> {
        let reference = reference.as_str().to_owned();
        let found = self.readers.run(move |db| {
            let mut statement = db.prepare_cached("SELECT record FROM messages WHERE reference = ?1 ORDER BY position")?;
            let records = statement.query_map([&reference], |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()?;
            Ok(if records.is_empty() && !exists(db, &reference)? { None } else { Some(records) })
        });
        let records = found.await?.ok_or(LeaseError::NoSuchCase)?;
        Ok(records.iter().map(|record| read_message(record)).collect::<Result<_, _>>()?)
    }

    async fn get(&self, reference: &Reference) -> Result<Option<Listed>, StoreError> {
        let (reference, now) = (reference.as_str().to_owned(), self.now_ms());
        let found = self.readers.run(move |db| {
            db.prepare_cached("SELECT record, completed, mediator, lease_until, held FROM cases WHERE reference = ?1")?
                .query_row([&reference], |row| Ok((row.get::<_, String>(0)?, standing(row, now)?)))
                .optional()
        });
        found.await?.map(|(record, standing)| Ok(Listed { case: read_case(&record)?, standing })).transpose()
    }

    async fn list(&self, filter: &Filter, after: Option<u64>, limit: usize) -> Result<Page, StoreError> {
        let now = self.now_ms();
        let severity = filter.severity.map(rank);
        let language = filter.language.map(Language::code);
        let wanted = filter.standing.map(standing_number);
        let after = signed(after.unwrap_or(0));
        let one_more = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
        let found = self.readers.run(move |db| {
            let mut statement = db.prepare_cached(LIST)?;
            let parameters = named_params! {
                ":after": after, ":rank": severity, ":language": language, ":standing": wanted, ":now": now, ":limit": one_more,
            };
            statement
                .query_map(parameters, |row| Ok((row.get::<_, String>(0)?, standing(row, now)?, row.get::<_, i64>(5)?)))?
                .collect::<rusqlite::Result<Vec<_>>>()
        });
        let mut found = found.await?;
        let next = (found.len() > limit).then(|| {
            found.truncate(limit);
            found.last().map_or(unsigned(after), |(_, _, seq)| unsigned(*seq))
        });
        // One record of a newer gateway must not take the whole page away.
        let rows =
            found.into_iter().filter_map(|(record, standing, _)| Some(Listed { case: read_case(&record).ok()?, standing }));
        Ok(Page { rows: rows.collect(), next })
    }

    async fn language_of(&self, reporters: &[Pseudonym]) -> Result<Option<Language>, StoreError> {
        let reporters: Vec<String> = reporters.iter().map(|reporter| reporter.to_hex()).collect();
        let newest = self.readers.run(move |db| {
            let mut statement = db.prepare_cached(LANGUAGE)?;
            let mut newest: Option<(i64, String)> = None;
            for reporter in &reporters {
                let found = statement.query_row([reporter], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
                newest = newest.max(found);
            }
            Ok(newest)
        });
        Ok(newest.await?.and_then(|(_, code)| Language::parse(&code)))
    }

    async fn waiting(&self) -> Result<Vec<(Severity, u64)>, StoreError> {
        let now = self.now_ms();
        let counted = self.readers.run(move |db| {
            let mut statement = db.prepare_cached(
                "SELECT rank, count(*) FROM cases WHERE completed = 0 AND held = 0 AND lease_until < ?1 GROUP BY rank",
            )?;
            statement.query_map([now], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<Vec<(i64, i64)>>>()
        });
        let counted = counted.await?;
        let count =
            |severity| counted.iter().find(|(number, _)| *number == rank(severity)).map_or(0, |(_, n_cases)| unsigned(*n_cases));
        Ok(Severity::ALL.into_iter().map(|severity| (severity, count(severity))).collect())
    }

    async fn hold_part(&self, part: &HeldPart, now: Timestamp) -> Result<Held, StoreError> {
        let (part, now) = (part.clone(), now.as_millisecond());
        self.writer.run(move |db| parts::hold(db, &part, now)).await?
    }

    async fn stale_parts(&self, before: Timestamp, now: Timestamp) -> Result<Vec<StaleParts>, StoreError> {
        let (before, now) = (before.as_millisecond(), now.as_millisecond());
        Ok(self.writer.run(move |db| parts::stale(db, before, now)).await?)
    }

    async fn parts_filed(&self, group: DeliveryKey, reference: &Reference, now: Timestamp) -> Result<(), StoreError> {
        let (group, reference, now) = (group.to_hex(), reference.to_string(), now.as_millisecond());
        let kept = DELIVERY_KEPT_DAYS * DAY_MS;
        Ok(self.writer.run(move |db| parts::filed(db, &group, &reference, now, kept)).await?)
    }

    async fn late_part_added(&self, part: &HeldPart) -> Result<(), StoreError> {
        let part = part.clone();
        Ok(self.writer.run(move |db| parts::added(db, &part)).await?)
    }

    async fn ready(&self) -> Result<(), StoreError> {
        self.writer.run(|db| db.execute("UPDATE probe SET n_all = n_all + 1", [])).await?;
        Ok(())
    }
}

impl From<WriteError> for StoreError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Full => Self::ReadOnly,
            WriteError::Failed | WriteError::Stopped => Self::Unreachable,
        }
    }
}

/// A file that cannot be looked into is opened like any other, and its trouble told then.
fn is_early(path: &Path) -> bool {
    Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .and_then(|db| vault::is_of_an_early_build(&db))
        .unwrap_or(false)
}

fn exists(db: &Connection, reference: &str) -> rusqlite::Result<bool> {
    db.prepare_cached("SELECT 1 FROM cases WHERE reference = ?1")?.exists([reference])
}

/// Reads the columns 1 to 4 of a row.
fn standing(row: &Row<'_>, now_ms: i64) -> rusqlite::Result<Standing> {
    if row.get(1)? {
        return Ok(Standing::Completed);
    }
    if row.get(4)? {
        return Ok(Standing::Held);
    }
    let is_held = row.get::<_, i64>(3)? >= now_ms;
    let mediator: Option<String> = row.get(2)?;
    Ok(mediator.filter(|_| is_held).map_or(Standing::Waiting, |mediator| Standing::Claimed { mediator }))
}

const fn standing_number(standing: StandingFilter) -> i64 {
    match standing {
        StandingFilter::Waiting => 0,
        StandingFilter::Claimed => 1,
        StandingFilter::Completed => 2,
        StandingFilter::Held => 3,
    }
}

/// How the file writes a severity. Its numbers are fixed, whatever becomes of the order in the program.
const fn rank(severity: Severity) -> i64 {
    match severity {
        Severity::Emergency => 0,
        Severity::Critical => 1,
        Severity::High => 2,
        Severity::Unrated => 3,
        Severity::Medium => 4,
        Severity::Low => 5,
    }
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
