//! The canary: a sender whose every trace is unmistakable, and the search for it in everything that was written.
//!
//! Each test plants its own. At its end it searches the log at TRACE, every file of the data folder and of Redis, and every
//! answer that went out. Sealed values are exempt by being ciphertext.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{LazyLock, Mutex};

use sha2::{Digest, Sha256};
use tracing_subscriber::fmt::MakeWriter;

/// A sender whom nobody can mistake for anybody else.
pub struct Canary {
    /// International spelling.
    pub phone: String,
    /// The name, two words.
    pub name: String,
    /// The mail address.
    pub email: String,
    /// What the provider calls the message.
    pub message_id: String,
    traces: Vec<String>,
}

impl Canary {
    /// Hatches a canary that no other test has.
    pub fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        // Processes must differ too: with one process a test all would start at zero.
        let seed = u64::from(std::process::id()) * 1000 + u64::from(NUMBER.fetch_add(1, Ordering::Relaxed));
        let area = 201 + seed % 700;
        let line = 100 + seed / 7 % 100;
        let letters: String =
            (0..8).map(|place| char::from(b'a' + u8::try_from(seed / 26_u64.pow(place) % 26).expect("small"))).collect();
        let (first, last) = (format!("Zq{letters}"), format!("Vx{letters}"));
        let email = format!("zq{letters}@example.org");
        let message_id = format!("SMcanary{seed:020}");
        let phone = format!("+1{area}5550{line}");
        let national = &phone[2..];
        let mut traces = vec![
            phone[1..].to_owned(),
            national.to_owned(),
            format!("{}-{}-{}", &national[..3], &national[3..6], &national[6..]),
            format!("({}) {}-{}", &national[..3], &national[3..6], &national[6..]),
            format!("{} {} {}", &national[..3], &national[3..6], &national[6..]),
            first.clone(),
            last.clone(),
            email.clone(),
            format!("zq{letters}"),
            message_id.clone(),
        ];
        // A hash without a key is no pseudonym: it can be guessed back.
        for value in [&phone, &phone[1..].to_owned(), &email] {
            traces.push(hex::encode(Sha256::digest(value.as_bytes())));
        }
        Self { name: format!("{first} {last}"), phone, email, message_id, traces }
    }

    /// A report in which the canary sings.
    pub fn report(&self, words: &str) -> String {
        let national = &self.phone[2..];
        format!("{words} Call {} or {}-{}-{} or {}", self.phone, &national[..3], &national[3..6], &national[6..], self.email)
    }

    /// What of the canary stands in `bytes`, letter case ignored.
    pub fn traces_in(&self, bytes: &[u8]) -> Vec<&str> {
        let hay = bytes.to_ascii_lowercase();
        let holds = |trace: &&String| {
            let needle = trace.to_ascii_lowercase();
            hay.windows(needle.len()).any(|window| window == needle.as_bytes())
        };
        self.traces.iter().filter(holds).map(String::as_str).collect()
    }

    /// Fails if the canary stands in the log.
    pub fn assert_not_in_log(&self) {
        assert_eq!(self.traces_in(&log()), [""; 0], "the log names the sender");
    }

    /// Fails if the canary stands in a file under `folder`.
    pub fn assert_not_on_disk(&self, folder: &Path) {
        for (file, bytes) in files(folder) {
            assert_eq!(self.traces_in(&bytes), [""; 0], "{} names the sender", file.display());
        }
    }

    /// Fails if the canary stands in an answer.
    pub fn assert_not_in_answers(&self, answers: &[String]) {
        for answer in answers {
            assert_eq!(self.traces_in(answer.as_bytes()), [""; 0], "an answer names the sender");
        }
    }
}

/// Every file below `folder` with its bytes.
pub fn files(folder: &Path) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let Ok(entries) = std::fs::read_dir(folder) else { return found };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if let Ok(bytes) = std::fs::read(&path) {
            found.push((path, bytes));
        }
    }
    found
}

static LOG: LazyLock<Mutex<Vec<u8>>> = LazyLock::new(|| Mutex::new(Vec::new()));

/// Everything that was logged in this process, at TRACE and by every library.
pub fn log() -> Vec<u8> {
    LOG.lock().expect("nobody panics while holding this lock").clone()
}

/// Catches the whole log of this process. The second call does nothing.
pub fn catch_log() {
    let caught = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_ansi(false).with_writer(Net).try_init();
    drop(caught);
}

struct Net;

impl<'a> MakeWriter<'a> for Net {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        Self
    }
}

impl std::io::Write for Net {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOG.lock().expect("nobody panics while holding this lock").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
