//! One thread that writes one SQLite file: the changes of many callers share one transaction and one fsync.
//!
//! Knows nothing of what is written. A caller is answered only after the COMMIT that holds its change, so an answer means
//! that the change is on disk.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior};
use tokio::sync::{mpsc, oneshot};

/// At most so many changes share one transaction; more would keep the first caller waiting.
const MOST_PER_COMMIT: usize = 256;
/// How long another process, such as the command line beside the server, may hold the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

const WRITER_PRAGMAS: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA secure_delete = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA trusted_schema = OFF;
    PRAGMA foreign_keys = ON;
    PRAGMA journal_size_limit = 16777216;
";

/// The writing end of a SQLite file. Share it in an `Arc`; the last one dropped stops the thread.
#[derive(Debug)]
pub struct Writer {
    orders: Option<mpsc::Sender<Order>>,
    thread: Option<JoinHandle<()>>,
}

/// Why the file could not be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The folder or the file cannot be made, read or written.
    #[error("the database file cannot be opened")]
    CannotOpen,
    /// Another gateway works on it.
    #[error("another pmm-gateway is running on this data directory")]
    InUse,
    /// It was made by a build from before the first release, and nothing leads on from there.
    #[error(
        "the database file was made by an early build, whose sealed contacts this one cannot read: answer what is open with that \
         build, then move the whole data folder away and start with an empty one"
    )]
    Early,
    /// Its format is newer than this program.
    #[error("the database file was written by a newer version of this program")]
    Newer,
}

/// Why a change is not on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// The disk is full or takes no writes.
    #[error("the disk takes no writes")]
    Full,
    /// SQLite refused; it may go well another time.
    #[error("the change could not be written")]
    Failed,
    /// The writer has stopped.
    #[error("the writer has stopped")]
    Stopped,
}

impl From<rusqlite::Error> for WriteError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull | ErrorCode::ReadOnly) => Self::Full,
            _ => Self::Failed,
        }
    }
}

/// Tells a caller how its transaction ended.
type Answer = Box<dyn FnOnce(Result<(), WriteError>)>;
/// One caller's change. Without a transaction it only passes the reason on.
type Change = Box<dyn FnOnce(Result<&mut Transaction<'_>, WriteError>) -> Answer + Send>;

enum Order {
    Change(Change),
    Truncate(oneshot::Sender<Result<(), WriteError>>),
}

impl Writer {
    /// Opens or makes the file and brings it to the newest format. `steps[n]` is the SQL that leads from format `n` to `n + 1`.
    ///
    /// The file is for its owner only (0600), and so is its folder (0700) if it has to be made.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open(path: &Path, steps: &[&str]) -> Result<Self, OpenError> {
        let opening = lock_folder(path).map_err(|_| OpenError::CannotOpen)?;
        make_private(path).map_err(|_| OpenError::CannotOpen)?;
        let mut connection = Connection::open(path).map_err(|_| OpenError::CannotOpen)?;
        connection.busy_timeout(BUSY_TIMEOUT).map_err(|_| OpenError::CannotOpen)?;
        connection.execute_batch(WRITER_PRAGMAS).map_err(|_| OpenError::CannotOpen)?;
        migrate(&mut connection, steps)?;
        drop(opening);
        connection.set_prepared_statement_cache_capacity(64);
        let (orders, inbox) = mpsc::channel(4 * MOST_PER_COMMIT);
        let thread = std::thread::Builder::new()
            .name("group-commit".into())
            .spawn(move || write_until_dropped(connection, inbox))
            .map_err(|_| OpenError::CannotOpen)?;
        Ok(Self { orders: Some(orders), thread: Some(thread) })
    }

    /// Makes one change. Returns after the COMMIT that holds it; a change that fails leaves no trace and spoils no other.
    ///
    /// # Errors
    /// See [`WriteError`]. The change is then not in the file.
    pub async fn run<T, F>(&self, job: F) -> Result<T, WriteError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        self.run_then(job, |_| {}).await
    }

    /// Like [`run`](Self::run), and calls `then` after the COMMIT, in the order of commits. A caller may go away while it waits
    /// (a client that hangs up takes its request's future along); the change is made all the same, and so is the call.
    ///
    /// # Errors
    /// See [`WriteError`]. The change is then not in the file, and `then` was not called.
    pub async fn run_then<T, F, G>(&self, job: F, then: G) -> Result<T, WriteError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
        G: FnOnce(&T) + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let change: Change = Box::new(move |transaction| {
            let done = transaction.and_then(|transaction| in_savepoint(transaction, job));
            Box::new(move |committed| {
                let done = done.and_then(|value| committed.map(|()| value));
                if let Ok(value) = &done {
                    then(value);
                }
                // A caller who has gone away wants no answer.
                drop(answer.send(done));
            })
        });
        self.send(Order::Change(change)).await?;
        answered.await.unwrap_or(Err(WriteError::Stopped))
    }

    /// Moves everything out of the write-ahead log and empties it, so that what was deleted before is on the disk no more.
    ///
    /// # Errors
    /// [`WriteError::Failed`] when a reader kept the log busy: repeat it.
    pub async fn truncate_log(&self) -> Result<(), WriteError> {
        let (answer, answered) = oneshot::channel();
        self.send(Order::Truncate(answer)).await?;
        answered.await.unwrap_or(Err(WriteError::Stopped))
    }

    async fn send(&self, order: Order) -> Result<(), WriteError> {
        let orders = self.orders.as_ref().ok_or(WriteError::Stopped)?;
        orders.send(order).await.map_err(|_| WriteError::Stopped)
    }
}

impl Drop for Writer {
    /// Lets the thread finish what was ordered.
    fn drop(&mut self) {
        self.orders = None;
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// Lets one process at a time open files in this folder: two that turn the same new file to WAL would refuse one another.
fn lock_folder(path: &Path) -> io::Result<File> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let folder = File::open(folder)?;
    folder.lock()?;
    Ok(folder)
}

/// The file is made before SQLite opens it, because SQLite gives the log the file's own mode. A file that is there is not
/// opened here: closing it would drop the locks that another connection of this process holds.
fn make_private(path: &Path) -> io::Result<()> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let is_open = fs::metadata(path)?.permissions().mode() & 0o077 != 0;
            if is_open { fs::set_permissions(path, fs::Permissions::from_mode(0o600)) } else { Ok(()) }
        }
        Err(error) => Err(error),
    }
}

/// Reads the format inside the transaction: another process may be doing the same.
fn migrate(connection: &mut Connection, steps: &[&str]) -> Result<(), OpenError> {
    let newest = u32::try_from(steps.len()).map_err(|_| OpenError::Newer)?;
    let run = |connection: &mut Connection| -> rusqlite::Result<Option<()>> {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let format: u32 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        let Some(missing) = usize::try_from(format).ok().and_then(|format| steps.get(format..)) else { return Ok(None) };
        for step in missing {
            transaction.execute_batch(step)?;
        }
        transaction.pragma_update(None, "user_version", newest)?;
        transaction.commit().map(Some)
    };
    run(connection).map_err(|_| OpenError::CannotOpen)?.ok_or(OpenError::Newer)
}

fn write_until_dropped(mut connection: Connection, mut inbox: mpsc::Receiver<Order>) {
    let mut orders = Vec::with_capacity(MOST_PER_COMMIT);
    while inbox.blocking_recv_many(&mut orders, MOST_PER_COMMIT) > 0 {
        let mut changes = Vec::with_capacity(orders.len());
        let mut truncations = Vec::new();
        for order in orders.drain(..) {
            match order {
                Order::Change(change) => changes.push(change),
                Order::Truncate(answer) => truncations.push(answer),
            }
        }
        if !changes.is_empty() {
            commit_together(&mut connection, changes);
        }
        if !truncations.is_empty() {
            let truncated = truncate(&connection);
            for answer in truncations {
                let _ = answer.send(truncated);
            }
        }
    }
}

fn commit_together(connection: &mut Connection, changes: Vec<Change>) {
    let mut answers = Vec::with_capacity(changes.len());
    let ended = match connection.transaction_with_behavior(TransactionBehavior::Immediate) {
        Err(error) => {
            let reason = WriteError::from(error);
            answers.extend(changes.into_iter().map(|change| change(Err(reason))));
            Err(reason)
        }
        Ok(mut transaction) => {
            for change in changes {
                // A full disk rolls the whole transaction back. To go on would run the rest outside of it.
                let open = if transaction.is_autocommit() { Err(WriteError::Full) } else { Ok(&mut transaction) };
                answers.push(change(open));
            }
            if transaction.is_autocommit() { Err(WriteError::Full) } else { transaction.commit().map_err(WriteError::from) }
        }
    };
    for answer in answers {
        answer(ended);
    }
}

/// Runs one change so that its failure, even a panic, undoes it alone.
fn in_savepoint<T, F>(transaction: &mut Transaction<'_>, job: F) -> Result<T, WriteError>
where
    F: FnOnce(&Connection) -> rusqlite::Result<T>,
{
    let savepoint = transaction.savepoint()?;
    let value = catch_unwind(AssertUnwindSafe(|| job(&savepoint))).map_err(|_| WriteError::Failed)??;
    savepoint.commit()?;
    Ok(value)
}

fn truncate(connection: &Connection) -> Result<(), WriteError> {
    let was_busy: bool = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    if was_busy { Err(WriteError::Failed) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    const STEPS: &[&str] = &["CREATE TABLE words (word TEXT PRIMARY KEY) STRICT;"];

    fn add(word: &'static str) -> impl FnOnce(&Connection) -> rusqlite::Result<usize> + Send + 'static {
        move |db| db.execute("INSERT INTO words VALUES (?1)", [word])
    }

    async fn count(writer: &Writer) -> i64 {
        writer.run(|db| db.query_row("SELECT count(*) FROM words", [], |row| row.get(0))).await.expect("it counts")
    }

    #[tokio::test]
    async fn a_failing_change_spoils_no_other_in_its_commit() {
        let folder = tempfile::tempdir().expect("a folder");
        let writer = Arc::new(Writer::open(&folder.path().join("words.db"), STEPS).expect("it opens"));
        let (one, two, again, panics) = tokio::join!(
            writer.run(add("one")),
            writer.run(add("two")),
            writer.run(add("one")),
            writer.run(|_| -> rusqlite::Result<()> { panic!("a job that panics") }),
        );
        assert_eq!((one, two, again, panics), (Ok(1), Ok(1), Err(WriteError::Failed), Err(WriteError::Failed)));
        assert_eq!(count(&writer).await, 2);
    }

    #[tokio::test]
    async fn a_change_that_was_answered_is_there_after_reopening() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("made/words.db");
        let writer = Writer::open(&path, STEPS).expect("it opens");
        writer.run(add("one")).await.expect("it is written");
        drop(writer);
        let writer = Writer::open(&path, STEPS).expect("it opens again");
        assert_eq!(count(&writer).await, 1);
        let mode = |path: &Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().expect("a folder"))), (0o600, 0o700));
    }

    #[tokio::test]
    async fn a_full_disk_is_told_and_takes_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let writer = Writer::open(&folder.path().join("words.db"), STEPS).expect("it opens");
        writer.run(|db| db.query_row("PRAGMA max_page_count = 3", [], |_| Ok(()))).await.expect("a bound is set");
        let big = || |db: &Connection| db.execute("INSERT INTO words VALUES (hex(randomblob(20000)))", []);
        let (small, large) = tokio::join!(writer.run(add("one")), writer.run(big()));
        assert_eq!(large, Err(WriteError::Full));
        assert_eq!(count(&writer).await, i64::from(small.is_ok()));
    }

    #[tokio::test]
    async fn an_emptied_log_is_empty() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("words.db");
        let writer = Writer::open(&path, STEPS).expect("it opens");
        writer.run(add("one")).await.expect("it is written");
        writer.truncate_log().await.expect("nobody reads");
        assert_eq!(fs::metadata(path.with_extension("db-wal")).map_or(0, |file| file.len()), 0);
    }

    #[test]
    fn a_newer_file_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("words.db");
        drop(Writer::open(&path, &[STEPS[0], "CREATE TABLE more (id INTEGER) STRICT;"]).expect("it opens"));
        assert_eq!(Writer::open(&path, STEPS).err(), Some(OpenError::Newer));
    }

    #[test]
    fn processes_that_open_a_new_file_together_all_get_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("words.db");
        let opened: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| Writer::open(&path, STEPS).is_ok())).collect();
            threads.into_iter().map(|thread| thread.join().expect("it ends")).collect()
        });
        assert_eq!(opened, [true; 8]);
    }
}
