//! Accepted reports on disk until they are cases.
//!
//! Every report is sealed, appended and fsynced before its provider hears "received", and removed when its case is stored.
//! Many concurrent requests share one fsync. A crash anywhere replays what is here, oldest first.
//!
//! Knows nothing of texts and senders: it holds ciphertext and keyed delivery ids.

use std::fs::{DirBuilder, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use channels::{ChannelName, DeliveryKey, SealedAttached, SealedReport};
use rusqlite::{Connection, OptionalExtension, params};

use crate::alone::Alone;
use crate::case::Reference;
use crate::group_commit::{OpenError, WriteError, Writer};

const STEPS: &[&str] = &[
    "
    CREATE TABLE reports (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        delivery BLOB NOT NULL UNIQUE,
        sealed BLOB NOT NULL,
        failures INTEGER NOT NULL DEFAULT 0,
        starts INTEGER NOT NULL DEFAULT 0,
        set_aside INTEGER NOT NULL DEFAULT 0,
        filed_as TEXT
    ) STRICT;
    CREATE TABLE quarantine (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        channel TEXT NOT NULL,
        sealed BLOB NOT NULL
    ) STRICT;
",
    "
    -- What came with a report; goes with it.
    CREATE TABLE files (
        sequence INTEGER NOT NULL REFERENCES reports (sequence),
        number INTEGER NOT NULL,
        sealed BLOB NOT NULL,
        PRIMARY KEY (sequence, number)
    ) STRICT;
",
];

/// After so many failures a report is set aside for a person.
pub const MAX_FAILURES: u32 = 3;
/// After so many runs that ended while a report was being read, it is the report that ends them.
const MAX_STARTS: u32 = 3;

/// The journal of one gateway.
pub struct Journal {
    writer: Writer,
    max_bytes: u64,
    size: Arc<Size>,
    /// The newest report that an earlier run left behind.
    left_over: u64,
    /// Locked as long as this journal is open: two gateways on one would each bring its reports to cases and answer them.
    _alone: Alone,
}

/// How much waits. Kept beside the file so that nobody has to count.
#[derive(Debug, Default)]
struct Size {
    reports: AtomicU64,
    bytes: AtomicU64,
    set_aside: AtomicU64,
    quarantine: AtomicU64,
}

/// The same, at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Waiting {
    /// Reports that are not yet cases, those set aside included.
    pub reports: u64,
    /// Their size and that of the quarantine.
    pub bytes: u64,
    /// Reports that failed for good.
    pub set_aside: u64,
    /// Unreadable requests.
    pub quarantine: u64,
}

/// What became of an append.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appended {
    /// The report is on disk.
    New,
    /// A report of the same delivery is still in the journal.
    Repeated,
}

/// Why a report was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// The configured bound is reached.
    #[error("the journal is full")]
    Full,
    /// The disk does not take it.
    #[error("the disk takes no reports")]
    Disk,
    /// The journal is closed.
    #[error("the journal is closed")]
    Closed,
}

impl From<WriteError> for JournalError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Full | WriteError::Failed => Self::Disk,
            WriteError::Stopped => Self::Closed,
        }
    }
}

/// A report to work on.
#[derive(Debug)]
pub struct Entry {
    /// Its number.
    pub sequence: u64,
    /// Its delivery.
    pub delivery: DeliveryKey,
    /// The report.
    pub sealed: SealedReport,
    /// How often a stage has failed on it.
    pub failures: u32,
    /// Whether an earlier run of the gateway left it behind.
    pub is_left_over: bool,
    /// How many earlier runs ended while it was being read.
    pub starts: u32,
    /// How many files came with it.
    pub n_files: u32,
    /// The reference under which an earlier try began to file it; its receipt may not have gone out.
    pub filed_as: Option<Reference>,
}

impl Journal {
    /// Opens or makes the journal in `data_dir`. Reports that an earlier run left behind are marked; a start by itself says
    /// nothing against them, because they may have waited for the store.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn open(data_dir: &Path, max_bytes: u64) -> Result<Self, OpenError> {
        let alone = take_alone(data_dir)?;
        let writer = Writer::open(&data_dir.join("journal.db"), STEPS)?;
        let (size, left_over) = writer
            .run(|db| {
                let newest = db.query_row("SELECT coalesce(max(sequence), 0) FROM reports", [], |row| row.get(0))?;
                Ok((measure(db)?, newest))
            })
            .await
            .map_err(|_| OpenError::CannotOpen)?;
        let counters = Size::default();
        counters.reports.store(size.reports, Ordering::Relaxed);
        counters.bytes.store(size.bytes, Ordering::Relaxed);
        counters.set_aside.store(size.set_aside, Ordering::Relaxed);
        counters.quarantine.store(size.quarantine, Ordering::Relaxed);
        Ok(Self { writer, max_bytes, size: Arc::new(counters), left_over, _alone: alone })
    }

    /// How much waits now.
    #[must_use]
    pub fn waiting(&self) -> Waiting {
        Waiting {
            reports: self.size.reports.load(Ordering::Relaxed),
            bytes: self.size.bytes.load(Ordering::Relaxed),
            set_aside: self.size.set_aside.load(Ordering::Relaxed),
            quarantine: self.size.quarantine.load(Ordering::Relaxed),
        }
    }

    /// Makes a report durable. Returns after the fsync.
    ///
    /// # Errors
    /// See [`JournalError`]; the report is then not in the journal.
    pub async fn append(&self, delivery: DeliveryKey, sealed: SealedReport) -> Result<Appended, JournalError> {
        self.append_with(delivery, sealed, Vec::new()).await
    }

    /// Makes a report and the files that came with it durable, in one transaction.
    ///
    /// # Errors
    /// See [`JournalError`]; neither the report nor a file is then in the journal.
    pub async fn append_with(
        &self,
        delivery: DeliveryKey,
        sealed: SealedReport,
        files: Vec<SealedAttached>,
    ) -> Result<Appended, JournalError> {
        let n_bytes = self.room_for(sealed.as_bytes().len() + files.iter().map(|file| file.as_bytes().len()).sum::<usize>())?;
        let size = Arc::clone(&self.size);
        let append =
            move |db: &Connection| {
                let n_added = db
                    .prepare_cached("INSERT INTO reports (delivery, sealed) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
                    .execute(params![delivery.0.as_slice(), sealed.as_bytes()])?;
                if n_added > 0 {
                    let sequence = db.last_insert_rowid();
                    for (number, file) in (0_u32..).zip(&files) {
                        db.prepare_cached("INSERT INTO files (sequence, number, sealed) VALUES (?1, ?2, ?3)")?
                            .execute(params![sequence, number, file.as_bytes()])?;
                    }
                }
                Ok(if n_added > 0 { Appended::New } else { Appended::Repeated })
            };
        let count = move |appended: &Appended| {
            if *appended == Appended::New {
                size.reports.fetch_add(1, Ordering::Relaxed);
                size.bytes.fetch_add(n_bytes, Ordering::Relaxed);
            }
        };
        Ok(self.writer.run_then(append, count).await?)
    }

    /// Keeps sealed bytes for a person.
    ///
    /// # Errors
    /// See [`JournalError`].
    pub async fn quarantine(&self, channel: &ChannelName, sealed: Vec<u8>) -> Result<(), JournalError> {
        let n_bytes = self.room_for(sealed.len())?;
        let channel = channel.to_string();
        let size = Arc::clone(&self.size);
        let insert = move |db: &Connection| {
            db.execute("INSERT INTO quarantine (channel, sealed) VALUES (?1, ?2)", params![channel, sealed]).map(drop)
        };
        let count = move |(): &()| {
            size.quarantine.fetch_add(1, Ordering::Relaxed);
            size.bytes.fetch_add(n_bytes, Ordering::Relaxed);
        };
        Ok(self.writer.run_then(insert, count).await?)
    }

    /// Reports after number `after` that can be worked on, oldest first.
    ///
    /// # Errors
    /// See [`JournalError`].
    pub async fn next(&self, after: u64, limit: usize) -> Result<Vec<Entry>, JournalError> {
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        let left_over = self.left_over;
        let entries = self
            .writer
            .run(move |db| {
                db.prepare_cached(
                    "SELECT sequence, sealed, failures, filed_as, delivery, starts,
                            (SELECT count(*) FROM files WHERE files.sequence = reports.sequence) FROM reports
                     WHERE sequence > ?1 AND set_aside = 0 ORDER BY sequence LIMIT ?2",
                )?
                .query_map(params![after, limit], |row| {
                    let (sequence, filed_as): (u64, Option<String>) = (row.get(0)?, row.get(3)?);
                    Ok(Entry {
                        sequence,
                        delivery: DeliveryKey(row.get(4)?),
                        sealed: SealedReport::from_bytes(row.get(1)?),
                        failures: row.get(2)?,
                        is_left_over: sequence <= left_over,
                        starts: row.get(5)?,
                        n_files: row.get(6)?,
                        filed_as: filed_as.as_deref().and_then(Reference::parse),
                    })
                })?
                .collect()
            })
            .await?;
        Ok(entries)
    }

    /// The files that came with a report, in their order. They are not handed out with the report itself: a batch of reports
    /// would fill the memory.
    ///
    /// # Errors
    /// See [`JournalError`].
    pub async fn files(&self, sequence: u64) -> Result<Vec<SealedAttached>, JournalError> {
        let files = self
            .writer
            .run(move |db| {
                db.prepare_cached("SELECT sealed FROM files WHERE sequence = ?1 ORDER BY number")?
                    .query_map([sequence], |row| Ok(SealedAttached::from_bytes(row.get(0)?)))?
                    .collect()
            })
            .await?;
        Ok(files)
    }

    /// Notes that a report which an earlier run left behind is about to be read. `false` when too many runs have ended over
    /// it: it is then set aside.
    ///
    /// # Errors
    /// See [`JournalError`].
    pub async fn begin(&self, sequence: u64) -> Result<bool, JournalError> {
        let size = Arc::clone(&self.size);
        let note = move |db: &Connection| {
            db.execute("UPDATE reports SET starts = starts + 1 WHERE sequence = ?1", [sequence])?;
            let n_aside = db
                .execute("UPDATE reports SET set_aside = 1 WHERE sequence = ?1 AND starts > ?2", params![sequence, MAX_STARTS])?;
            Ok(n_aside > 0)
        };
        let count = move |is_aside: &bool| {
            if *is_aside {
                size.set_aside.fetch_add(1, Ordering::Relaxed);
            }
        };
        Ok(!self.writer.run_then(note, count).await?)
    }

    /// Notes that the gateway has outlived the reading of a report.
    ///
    /// # Errors
    /// See [`JournalError`].
    pub async fn outlived(&self, sequence: u64) -> Result<(), JournalError> {
        self.writer.run(move |db| db.execute("UPDATE reports SET starts = 0 WHERE sequence = ?1", [sequence])).await?;
        Ok(())
    }

    /// Notes under which reference a report is being filed, so that a crash between the store and the receipt loses neither.
    /// Says whether the report is still here.
    ///
    /// # Errors
    /// See [`JournalError`].
    pub async fn filing(&self, sequence: u64, reference: &Reference) -> Result<bool, JournalError> {
        let reference = reference.to_string();
        let n_changed = self
            .writer
            .run(move |db| {
                db.prepare_cached("UPDATE reports SET filed_as = ?2 WHERE sequence = ?1")?.execute(params![sequence, reference])
            })
            .await?;
        Ok(n_changed > 0)
    }

    /// Removes a report whose work is done.
    ///
    /// # Errors
    /// See [`JournalError`].
    pub async fn remove(&self, sequence: u64) -> Result<(), JournalError> {
        let size = Arc::clone(&self.size);
        let delete = move |db: &Connection| {
            let n_file_bytes: u64 = db
                .prepare_cached("SELECT coalesce(sum(length(sealed)), 0) FROM files WHERE sequence = ?1")?
                .query_row([sequence], |row| row.get(0))?;
            db.prepare_cached("DELETE FROM files WHERE sequence = ?1")?.execute([sequence])?;
            db.prepare_cached("DELETE FROM reports WHERE sequence = ?1 RETURNING length(sealed)")?
                .query_row([sequence], |row| row.get::<_, u64>(0))
                .optional()
                .map(|n_bytes| n_bytes.map(|n_bytes| n_bytes + n_file_bytes))
        };
        let count = move |removed: &Option<u64>| {
            if let Some(n_bytes) = removed {
                size.reports.fetch_sub(1, Ordering::Relaxed);
                size.bytes.fetch_sub(*n_bytes, Ordering::Relaxed);
            }
        };
        self.writer.run_then(delete, count).await?;
        Ok(())
    }

    /// Notes that a stage failed on a report; after [`MAX_FAILURES`] it is set aside. Says whether it was.
    ///
    /// # Errors
    /// See [`JournalError`].
    pub async fn failed(&self, sequence: u64) -> Result<bool, JournalError> {
        let size = Arc::clone(&self.size);
        let note = move |db: &Connection| {
            db.execute("UPDATE reports SET failures = failures + 1 WHERE sequence = ?1", [sequence])?;
            let n_aside = db.execute(
                "UPDATE reports SET set_aside = 1 WHERE sequence = ?1 AND failures >= ?2",
                params![sequence, MAX_FAILURES],
            )?;
            Ok(n_aside > 0)
        };
        let count = move |is_aside: &bool| {
            if *is_aside {
                size.set_aside.fetch_add(1, Ordering::Relaxed);
            }
        };
        Ok(self.writer.run_then(note, count).await?)
    }

    /// Empties the file's log, so that reports which have become cases lie on the disk no more, not even sealed: the journal's
    /// key is still in use.
    ///
    /// # Errors
    /// See [`JournalError`]; it may be repeated.
    pub async fn tidy(&self) -> Result<(), JournalError> {
        Ok(self.writer.truncate_log().await?)
    }

    /// Whether a report would be taken now.
    ///
    /// # Errors
    /// See [`JournalError`].
    pub async fn check(&self) -> Result<(), JournalError> {
        self.room_for(0)?;
        // A change that changes nothing still needs the file to be writable.
        self.writer.run(|db| db.execute("UPDATE reports SET failures = failures WHERE sequence = -1", [])).await?;
        Ok(())
    }

    fn room_for(&self, n_bytes: usize) -> Result<u64, JournalError> {
        let n_bytes = u64::try_from(n_bytes).unwrap_or(u64::MAX);
        let used = self.size.bytes.load(Ordering::Relaxed);
        if used.saturating_add(n_bytes) >= self.max_bytes { Err(JournalError::Full) } else { Ok(n_bytes) }
    }
}

/// Locks the journal for this process; the operating system unlocks it however the process ends.
fn take_alone(data_dir: &Path) -> Result<Alone, OpenError> {
    DirBuilder::new().recursive(true).mode(0o700).create(data_dir).map_err(|_| OpenError::CannotOpen)?;
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(data_dir.join("journal.lock"));
    let file = file.map_err(|_| OpenError::CannotOpen)?;
    Alone::try_with(file).map_err(|_| OpenError::CannotOpen)?.ok_or(OpenError::InUse)
}

/// Counts what waits in a journal file, for `check` beside a running gateway.
///
/// # Errors
/// When there is no readable journal.
pub fn measure_file(data_dir: &Path) -> Result<Waiting, OpenError> {
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY | rusqlite::OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(data_dir.join("journal.db"), flags).map_err(|_| OpenError::CannotOpen)?;
    measure(&db).map_err(|_| OpenError::CannotOpen)
}

fn measure(db: &Connection) -> rusqlite::Result<Waiting> {
    let (reports, report_bytes, set_aside): (u64, u64, u64) =
        db.query_row("SELECT count(*), coalesce(sum(length(sealed)), 0), coalesce(sum(set_aside), 0) FROM reports", [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?;
    // A journal that no gateway of this version has opened yet has no such table.
    let has_files: bool =
        db.query_row("SELECT count(*) > 0 FROM sqlite_schema WHERE type = 'table' AND name = 'files'", [], |row| row.get(0))?;
    let file_bytes: u64 =
        if has_files { db.query_row("SELECT coalesce(sum(length(sealed)), 0) FROM files", [], |row| row.get(0))? } else { 0 };
    let (quarantine, quarantine_bytes): (u64, u64) =
        db.query_row("SELECT count(*), coalesce(sum(length(sealed)), 0) FROM quarantine", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    Ok(Waiting { reports, bytes: report_bytes + file_bytes + quarantine_bytes, set_aside, quarantine })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(word: &str) -> SealedReport {
        SealedReport::from_bytes(word.as_bytes().to_vec())
    }

    async fn sequences(journal: &Journal) -> Vec<u64> {
        journal.next(0, 100).await.expect("readable").iter().map(|entry| entry.sequence).collect()
    }

    #[tokio::test]
    async fn reports_come_back_in_order_until_removed() {
        let dir = tempfile::tempdir().expect("a folder");
        let journal = Journal::open(dir.path(), 1000).await.expect("a journal");
        for number in 0..3 {
            journal.append(DeliveryKey([number; 16]), report("abc")).await.expect("room");
        }
        assert_eq!(journal.append(DeliveryKey([1; 16]), report("abc")).await, Ok(Appended::Repeated));
        journal.remove(2).await.expect("removed");
        drop(journal);
        let journal = Journal::open(dir.path(), 1000).await.expect("a journal");
        assert_eq!(sequences(&journal).await, [1, 3]);
        assert_eq!(journal.waiting(), Waiting { reports: 2, bytes: 6, ..Waiting::default() });
    }

    #[tokio::test]
    async fn a_report_that_is_done_leaves_no_bytes_behind() {
        let dir = tempfile::tempdir().expect("a folder");
        let journal = Journal::open(dir.path(), 100_000).await.expect("a journal");
        let holds = || {
            let files = ["journal.db", "journal.db-wal"].map(|name| std::fs::read(dir.path().join(name)).unwrap_or_default());
            files.concat().windows(9).any(|window| window == b"ciphertxt")
        };
        journal.append(DeliveryKey([1; 16]), report(&"ciphertxt".repeat(50))).await.expect("room");
        assert!(holds());
        journal.remove(1).await.expect("removed");
        journal.tidy().await.expect("nobody reads");
        assert!(!holds());
    }

    #[tokio::test]
    async fn files_wait_with_their_report_and_go_with_it() {
        let dir = tempfile::tempdir().expect("a folder");
        let journal = Journal::open(dir.path(), 1000).await.expect("a journal");
        let file = |word: &str| SealedAttached::from_bytes(word.as_bytes().to_vec());
        journal.append(DeliveryKey([9; 16]), report("ab")).await.expect("room");
        journal.append_with(DeliveryKey([1; 16]), report("abc"), vec![file("one"), file("three")]).await.expect("room");
        let again = journal.append_with(DeliveryKey([1; 16]), report("abc"), vec![file("one"), file("three")]).await;
        assert_eq!(again, Ok(Appended::Repeated));
        drop(journal);
        let journal = Journal::open(dir.path(), 1000).await.expect("a journal");
        assert_eq!(journal.waiting().bytes, 13);
        assert_eq!(journal.files(2).await.expect("readable"), [file("one"), file("three")]);
        assert_eq!(journal.files(1).await.expect("readable"), []);
        journal.remove(2).await.expect("removed");
        assert_eq!(journal.waiting().bytes, 2);
        assert_eq!(journal.files(2).await.expect("readable"), []);
        let most = vec![file(&"x".repeat(2000))];
        assert_eq!(journal.append_with(DeliveryKey([2; 16]), report("abc"), most).await, Err(JournalError::Full));
    }

    #[tokio::test]
    async fn a_full_journal_takes_no_more() {
        let dir = tempfile::tempdir().expect("a folder");
        let journal = Journal::open(dir.path(), 5).await.expect("a journal");
        journal.append(DeliveryKey([1; 16]), report("abc")).await.expect("room");
        assert_eq!(journal.append(DeliveryKey([2; 16]), report("abc")).await, Err(JournalError::Full));
        journal.remove(1).await.expect("removed");
        journal.append(DeliveryKey([2; 16]), report("abc")).await.expect("room again");
    }

    #[tokio::test]
    async fn a_report_whose_client_hung_up_while_it_was_written_is_counted() {
        let dir = tempfile::tempdir().expect("a folder");
        let journal = Journal::open(dir.path(), 1000).await.expect("a journal");
        let mut append = Box::pin(journal.append(DeliveryKey([1; 16]), report("abc")));
        assert!(futures_util::poll!(append.as_mut()).is_pending(), "it is with the writer");
        drop(append);
        journal.check().await.expect("room");
        assert_eq!(journal.waiting(), Waiting { reports: 1, bytes: 3, ..Waiting::default() });
        journal.remove(1).await.expect("removed");
        assert_eq!(journal.waiting(), Waiting::default());
        journal.append(DeliveryKey([2; 16]), report("abc")).await.expect("there is room");
    }

    #[tokio::test]
    async fn a_report_that_fails_three_times_is_set_aside_and_kept() {
        let dir = tempfile::tempdir().expect("a folder");
        let journal = Journal::open(dir.path(), 1000).await.expect("a journal");
        journal.append(DeliveryKey([1; 16]), report("abc")).await.expect("room");
        assert_eq!(journal.failed(1).await, Ok(false));
        assert_eq!(journal.failed(1).await, Ok(false));
        assert_eq!(journal.failed(1).await, Ok(true));
        assert_eq!(sequences(&journal).await, [0; 0]);
        assert_eq!(measure_file(dir.path()).expect("readable").set_aside, 1);
    }

    #[tokio::test]
    async fn a_report_that_stops_the_gateway_again_and_again_is_set_aside() {
        let dir = tempfile::tempdir().expect("a folder");
        let journal = Journal::open(dir.path(), 1000).await.expect("a journal");
        journal.append(DeliveryKey([1; 16]), report("abc")).await.expect("room");
        drop(journal);
        for n_runs in 0..MAX_STARTS {
            let journal = Journal::open(dir.path(), 1000).await.expect("a journal");
            let entries = journal.next(0, 10).await.expect("readable");
            assert_eq!((entries[0].is_left_over, entries[0].starts), (true, n_runs));
            assert_eq!(journal.begin(1).await, Ok(true));
        }
        let journal = Journal::open(dir.path(), 1000).await.expect("a journal");
        assert_eq!(journal.begin(1).await, Ok(false));
        assert_eq!(journal.waiting().set_aside, 1);
        assert_eq!(sequences(&journal).await, [0; 0]);
    }

    #[tokio::test]
    async fn two_gateways_do_not_share_a_journal() {
        let dir = tempfile::tempdir().expect("a folder");
        let first = Journal::open(dir.path(), 1000).await.expect("a journal");
        assert_eq!(Journal::open(dir.path(), 1000).await.err(), Some(OpenError::InUse));
        drop(first);
        assert!(Journal::open(dir.path(), 1000).await.is_ok());
    }

    #[tokio::test]
    async fn a_report_that_waits_for_the_store_through_many_starts_is_not_set_aside() {
        let dir = tempfile::tempdir().expect("a folder");
        let journal = Journal::open(dir.path(), 1000).await.expect("a journal");
        journal.append(DeliveryKey([1; 16]), report("abc")).await.expect("room");
        drop(journal);
        for _ in 0..30 {
            let journal = Journal::open(dir.path(), 1000).await.expect("a journal");
            assert_eq!(journal.begin(1).await, Ok(true));
            journal.outlived(1).await.expect("noted");
        }
        for _ in 0..30 {
            drop(Journal::open(dir.path(), 1000).await.expect("a journal"));
        }
        let journal = Journal::open(dir.path(), 1000).await.expect("a journal");
        assert_eq!(sequences(&journal).await, [1]);
    }
}
