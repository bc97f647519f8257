//! The audit log: what was done to reporters' secrets, by whom it concerns nothing, in order, for good.
//!
//! One line of JSON for each entry, each with the hash of the one before. A line that was changed, taken out or put in between
//! breaks the chain. Whoever rewrites the whole chain is found by a hash that was written down elsewhere. Entries come from a
//! closed list: no word of a report, nothing of a reporter. What a reporter may have caused is written to the hour only.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::alone::Alone;
use crate::anonymise::round_to_hour;
use crate::case::Reference;

const DOMAIN: &str = "gw-audit-v1";
const FILE_NAME: &str = "audit.log";
/// No entry is longer; the last one is looked for in so much of the file's end.
const LONGEST_LINE: u64 = 8192;
const MOST_REASON_CHARS: usize = 200;

/// Something that is written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A sealed original left the gateway for the custodian.
    OriginalHandedOut {
        /// The case.
        case: Reference,
        /// Why.
        reason: Reason,
    },
    /// Contacts and originals of so many cases were destroyed.
    Forgotten {
        /// How many cases. Not which: a line with a time and a case, and a list of calls, would name the reporter.
        n_cases: u64,
        /// Who wanted it.
        wish: Wish,
    },
    /// What was past its time was destroyed.
    Expired {
        /// Contacts.
        n_contacts: u64,
        /// Originals.
        n_originals: u64,
    },
    /// A new epoch began, and everything that is still wanted was moved to it: the secrets of the ones before go now.
    EpochBegun {
        /// Its number.
        epoch: u64,
        /// How many wraps were moved to it.
        n_moved: u64,
        /// How many could not be opened and are lost.
        n_lost: u64,
    },
    /// A new pepper began, and the one before the last is destroyed.
    PepperTurned,
}

/// Who wanted a reporter forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wish {
    /// The reporter, over a channel.
    Reporter,
    /// Somebody at the desk.
    Desk,
}

/// Why an original is asked for, in words that name nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason(String);

impl Reason {
    /// Takes 3 to 200 characters on one line, without anything that looks like a number or an address: the log is read by
    /// people who must not know the reporter.
    #[must_use]
    pub fn parse(written: &str) -> Option<Self> {
        let written = written.trim();
        let fits = (3..=MOST_REASON_CHARS).contains(&written.chars().count()) && !written.chars().any(char::is_control);
        let mut run = 0;
        let has_number = written.chars().any(|character| {
            // Blanks and dashes do not end a telephone number.
            run = match character {
                digit if digit.is_numeric() => run + 1,
                ' ' | '-' | '.' | '/' | '(' | ')' => run,
                _ => 0,
            };
            run >= 6
        });
        (fits && !has_number && !written.contains('@')).then(|| Self(written.to_owned()))
    }

    /// The words.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The serialisable twin of an entry.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
enum EntryRecord {
    OriginalHandedOut { case: String, reason: String },
    Forgotten { cases: u64, wish: Wish },
    Expired { contacts: u64, originals: u64 },
    EpochBegun { epoch: u64, moved: u64, lost: u64 },
    PepperTurned {},
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LineRecord {
    n: u64,
    at: Timestamp,
    entry: EntryRecord,
    before: String,
    hash: String,
}

/// One entry as it stands in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Counts from 1.
    pub number: u64,
    /// When; to the hour if a reporter may have caused it.
    pub at: Timestamp,
    /// What.
    pub entry: Entry,
    /// The hash of this line and so of all before.
    pub hash: String,
}

/// Why the log cannot be written or believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuditError {
    /// The file cannot be read or written.
    #[error("the audit log cannot be read or written: check who owns {0} and how much room there is")]
    Unreadable(PathBuf),
    /// A line is not what was written.
    #[error("the audit log is broken at line {0}: somebody changed it, took a line out or put one in")]
    Broken(u64),
    /// A hash that was noted elsewhere is not in it.
    #[error("the hash is not in the audit log: it was written anew, or cut, since that hash was noted")]
    Cut,
}

/// The audit log of one data directory.
#[derive(Debug, Clone)]
pub struct Audit {
    file: PathBuf,
}

impl Audit {
    /// The log in `data_dir`. It is made with its first entry.
    #[must_use]
    pub fn in_folder(data_dir: &Path) -> Self {
        Self { file: data_dir.join(FILE_NAME) }
    }

    /// Writes an entry down. It is on disk when this returns.
    ///
    /// # Errors
    /// See [`AuditError`]. What was to be written down must then not be done.
    pub fn append(&self, entry: &Entry, now: Timestamp) -> Result<(), AuditError> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&self.file)
            .map_err(|_| self.unreadable())?;
        // Two names for one open file: one is read and written, the other holds the lock.
        let alone = file.try_clone().and_then(Alone::wait_with).map_err(|_| self.unreadable())?;
        let mut file = file;
        let (end, last) = self.last_line(&mut file)?;
        let (number, before) = match &last {
            None => (1, String::new()),
            Some(last) => (last.n + 1, last.hash.clone()),
        };
        let mut line = serde_json::to_string(&written(number, at(entry, now), entry, before))
            .expect("a record of words and numbers is always valid JSON");
        line.push('\n');
        let done = file
            .set_len(end)
            .and_then(|()| file.seek(SeekFrom::Start(end)))
            .and_then(|_| file.write_all(line.as_bytes()))
            .and_then(|()| file.sync_all())
            .and_then(|()| File::open(self.file.parent().unwrap_or(Path::new(".")))?.sync_all());
        drop(alone);
        done.map_err(|_| self.unreadable())
    }

    /// Reads the whole log and checks that it is one chain. If `noted` is a hash, it must be in it.
    ///
    /// # Errors
    /// See [`AuditError`].
    pub fn verified(&self, noted: Option<&str>) -> Result<Vec<Line>, AuditError> {
        let text = match fs::read_to_string(&self.file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(_) => return Err(self.unreadable()),
        };
        let mut lines: Vec<Line> = Vec::new();
        // What has no end was cut off by a crash: nothing was done on the strength of it.
        for (json, number) in text.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n')).zip(1..) {
            let broken = || AuditError::Broken(number);
            let record: LineRecord = serde_json::from_str(json).map_err(|_| broken())?;
            let before = lines.last().map(|line| line.hash.clone()).unwrap_or_default();
            let entry = read(record.entry.clone()).ok_or_else(broken)?;
            let again = written(number, record.at, &entry, before);
            if serde_json::to_string(&again).ok().as_deref() != Some(json) {
                return Err(broken());
            }
            lines.push(Line { number, at: record.at, entry, hash: again.hash });
        }
        match noted {
            Some(noted) if !lines.iter().any(|line| line.hash == noted) => Err(AuditError::Cut),
            Some(_) | None => Ok(lines),
        }
    }

    /// Where the last whole line ends, and what it says.
    fn last_line(&self, file: &mut File) -> Result<(u64, Option<LineRecord>), AuditError> {
        let unreadable = |_| self.unreadable();
        let n_bytes = file.metadata().map_err(unreadable)?.len();
        let start = n_bytes.saturating_sub(2 * LONGEST_LINE);
        file.seek(SeekFrom::Start(start)).map_err(unreadable)?;
        let mut tail = Vec::new();
        file.read_to_end(&mut tail).map_err(unreadable)?;
        let Some(end) = tail.iter().rposition(|byte| *byte == b'\n') else {
            return if start == 0 { Ok((0, None)) } else { Err(AuditError::Broken(0)) };
        };
        let begin = tail[..end].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let last: LineRecord = serde_json::from_slice(&tail[begin..end]).map_err(|_| AuditError::Broken(0))?;
        Ok((start + u64::try_from(end).unwrap_or(0) + 1, Some(last)))
    }

    fn unreadable(&self) -> AuditError {
        AuditError::Unreadable(self.file.clone())
    }
}

fn at(entry: &Entry, now: Timestamp) -> Timestamp {
    match entry {
        Entry::Forgotten { .. } => round_to_hour(now),
        Entry::OriginalHandedOut { .. } | Entry::Expired { .. } | Entry::EpochBegun { .. } | Entry::PepperTurned => {
            Timestamp::from_second(now.as_second()).unwrap_or(now)
        }
    }
}

fn written(number: u64, at: Timestamp, entry: &Entry, before: String) -> LineRecord {
    let entry = match entry {
        Entry::OriginalHandedOut { case, reason } => {
            EntryRecord::OriginalHandedOut { case: case.to_string(), reason: reason.0.clone() }
        }
        Entry::Forgotten { n_cases, wish } => EntryRecord::Forgotten { cases: *n_cases, wish: *wish },
        Entry::Expired { n_contacts, n_originals } => EntryRecord::Expired { contacts: *n_contacts, originals: *n_originals },
        Entry::EpochBegun { epoch, n_moved, n_lost } => EntryRecord::EpochBegun { epoch: *epoch, moved: *n_moved, lost: *n_lost },
        Entry::PepperTurned => EntryRecord::PepperTurned {},
    };
    let json = serde_json::to_string(&entry).expect("a record of words and numbers is always valid JSON");
    let mut digest = Sha256::new();
    for field in [DOMAIN, &number.to_string(), &at.to_string(), &json, &before] {
        digest.update(u32::try_from(field.len()).unwrap_or(u32::MAX).to_be_bytes());
        digest.update(field);
    }
    LineRecord { n: number, at, entry, before, hash: hex::encode(digest.finalize()) }
}

fn read(record: EntryRecord) -> Option<Entry> {
    Some(match record {
        EntryRecord::OriginalHandedOut { case, reason } => {
            Entry::OriginalHandedOut { case: Reference::parse(&case)?, reason: Reason::parse(&reason)? }
        }
        EntryRecord::Forgotten { cases, wish } => Entry::Forgotten { n_cases: cases, wish },
        EntryRecord::Expired { contacts, originals } => Entry::Expired { n_contacts: contacts, n_originals: originals },
        EntryRecord::EpochBegun { epoch, moved, lost } => Entry::EpochBegun { epoch, n_moved: moved, n_lost: lost },
        EntryRecord::PepperTurned {} => Entry::PepperTurned,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time() -> Timestamp {
        "2026-11-02T10:20:30.456Z".parse().expect("a time")
    }

    fn handed_out() -> Entry {
        let reason = Reason::parse("ambulance needs the address").expect("it names nobody");
        Entry::OriginalHandedOut { case: Reference::from_seed([7; 16]), reason }
    }

    fn filled() -> (tempfile::TempDir, Audit) {
        let dir = tempfile::tempdir().expect("a folder");
        let audit = Audit::in_folder(dir.path());
        let forgotten = Entry::Forgotten { n_cases: 2, wish: Wish::Reporter };
        let begun = Entry::EpochBegun { epoch: 2, n_moved: 5, n_lost: 0 };
        let expired = Entry::Expired { n_contacts: 1, n_originals: 0 };
        for entry in [handed_out(), forgotten, begun, expired, Entry::PepperTurned] {
            audit.append(&entry, time()).expect("it is written");
        }
        (dir, audit)
    }

    #[test]
    fn entries_come_back_in_order_and_the_head_is_known_again() {
        let (_dir, audit) = filled();
        let lines = audit.verified(None).expect("it is whole");
        assert_eq!(lines.iter().map(|line| line.number).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
        assert_eq!((lines[0].entry.clone(), lines[0].at.to_string()), (handed_out(), "2026-11-02T10:20:30Z".to_owned()));
        assert_eq!(lines[1].at.to_string(), "2026-11-02T10:00:00Z", "a reporter's own minute is not written down");
        let noted = lines[2].hash.clone();
        assert!(audit.verified(Some(&noted)).is_ok());
        assert_eq!(audit.verified(Some(&"0".repeat(64))), Err(AuditError::Cut));
    }

    #[test]
    fn every_change_to_a_line_breaks_the_chain() {
        let (_dir, audit) = filled();
        let whole = fs::read_to_string(&audit.file).expect("it reads");
        let lines: Vec<&str> = whole.lines().collect();
        let check = |changed: String, why: &str| {
            fs::write(&audit.file, changed).expect("it writes");
            assert!(matches!(audit.verified(None), Err(AuditError::Broken(_))), "{why}");
        };
        check(whole.replace("ambulance", "ambulante"), "a word");
        check(whole.replace("\"moved\":5", "\"moved\":6"), "a number");
        check(whole.replace("10:20:30Z", "10:20:31Z"), "a time");
        check(whole.replacen("{\"n\"", "{ \"n\"", 1), "a blank");
        check([&lines[..1], &lines[2..]].concat().join("\n") + "\n", "a line less");
        check([&lines[..2], &lines[1..]].concat().join("\n") + "\n", "a line twice");
        check([&lines[1..2], &lines[..1], &lines[2..]].concat().join("\n") + "\n", "lines exchanged");
        // Cut at the end it is a chain still; only a noted hash tells.
        fs::write(&audit.file, lines[..3].join("\n") + "\n").expect("it writes");
        let noted = serde_json::from_str::<LineRecord>(lines[4]).expect("a line").hash;
        assert_eq!(audit.verified(None).expect("a chain").len(), 3);
        assert_eq!(audit.verified(Some(&noted)), Err(AuditError::Cut));
    }

    #[test]
    fn a_line_that_a_crash_cut_off_does_not_stop_the_next() {
        let (_dir, audit) = filled();
        let mut file = OpenOptions::new().append(true).open(&audit.file).expect("it opens");
        file.write_all(b"{\"n\":6,\"at\":\"2026").expect("it writes");
        assert_eq!(audit.verified(None).expect("a chain").len(), 5);
        audit.append(&Entry::PepperTurned, time()).expect("it is written");
        assert_eq!(audit.verified(None).expect("a chain").len(), 6);
    }

    #[test]
    fn two_who_write_at_once_make_one_chain() {
        let dir = tempfile::tempdir().expect("a folder");
        let audit = Audit::in_folder(dir.path());
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..10).for_each(|_| audit.append(&handed_out(), time()).expect("it is written")));
            }
        });
        assert_eq!(audit.verified(None).expect("one chain").len(), 40);
    }

    #[test]
    fn a_reason_is_words_and_names_no_number_and_no_address() {
        for good in ["life in danger", "court order of 3 May 2026, room 12", "bị thương nặng, cần tìm ngay", "因工受伤"]
        {
            assert!(Reason::parse(good).is_some(), "{good}");
        }
        for bad in ["", "x", "call 0905550123", "call 090 555 0123", "write to ann@example.org", "two\nlines", "٠٩٠٥٥٥٠"] {
            assert!(Reason::parse(bad).is_none(), "{bad}");
        }
        assert!(Reason::parse(&"x".repeat(201)).is_none());
    }
}
