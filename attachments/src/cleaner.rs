//! The parent's side: starts a child for each file, hands it the bytes, and waits no longer than it must.
//!
//! Whatever happens to the child, the parent gets a verdict. A child that crashes, answers nonsense or takes too long costs
//! one file, which is then kept sealed.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use crate::clean::check_size;
use crate::frame::{self, MAX_FRAME_BYTES};
use crate::kind::Kind;
use crate::limits::PATIENCE;
use crate::outcome::{Notice, Outcome, Verdict};

/// Cleans files in child processes.
#[derive(Debug, Clone)]
pub struct Cleaner {
    program: PathBuf,
    argument: String,
    patience: Duration,
}

impl Cleaner {
    /// Runs this very program again, with one argument that leads it to [`cell::run`](crate::cell::run).
    #[must_use]
    pub fn of_this_program(argument: &str) -> Self {
        // The running program itself, also after a newer one was put in its place.
        let own = PathBuf::from("/proc/self/exe");
        let program = if own.exists() { own } else { std::env::current_exe().unwrap_or(own) };
        Self::of_program(program, argument)
    }

    /// Runs another program, which must lead the argument there too.
    #[must_use]
    pub fn of_program(program: PathBuf, argument: &str) -> Self {
        Self { program, argument: argument.to_owned(), patience: PATIENCE }
    }

    /// Waits longer or shorter for each file.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Cleans a file. Blocks until there is a verdict.
    #[must_use]
    pub fn clean(&self, bytes: &[u8]) -> Outcome {
        let kind = Kind::of(bytes);
        if let Err(reason) = check_size(bytes.len()) {
            return Outcome { kind, verdict: Verdict::Refused(reason) };
        }
        let is_read = match kind {
            Kind::Jpeg | Kind::Png | Kind::WebP | Kind::Gif | Kind::Pdf => true,
            Kind::Archive => bytes.starts_with(b"PK"),
            Kind::Docx | Kind::Xlsx | Kind::Pptx | Kind::Odt | Kind::Ods | Kind::Odp => false,
            Kind::OldOffice | Kind::Audio | Kind::Video | Kind::OtherPicture | Kind::Markup | Kind::Unknown => false,
        };
        if !is_read {
            return Outcome { kind, verdict: Verdict::Sealed(Notice::NotCleanable) };
        }
        match self.ask_child(bytes) {
            Ok(Outcome { verdict: Verdict::Sealed(Notice::NotContained), .. }) => {
                Outcome { kind, verdict: Verdict::Sealed(Notice::NotContained) }
            }
            Ok(outcome) => outcome,
            Err(notice) => Outcome { kind, verdict: Verdict::Sealed(notice) },
        }
    }

    fn ask_child(&self, bytes: &[u8]) -> Result<Outcome, Notice> {
        let started = Command::new(&self.program)
            .arg(&self.argument)
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut child = Ended(started.map_err(|_| Notice::ReaderFailed)?);
        let (Some(mut input), Some(output)) = (child.0.stdin.take(), child.0.stdout.take()) else {
            return Err(Notice::ReaderFailed);
        };
        std::thread::scope(|scope| {
            // Whoever waits for one end of a pipe must not hold the other.
            scope.spawn(move || drop(input.write_all(bytes)));
            let (told, answer) = mpsc::channel();
            scope.spawn(move || {
                let mut frame = Vec::new();
                let most = u64::try_from(MAX_FRAME_BYTES).unwrap_or(u64::MAX);
                let is_read = output.take(most).read_to_end(&mut frame).is_ok();
                drop(told.send(is_read.then_some(frame)));
            });
            let answer = answer.recv_timeout(self.patience);
            // Both threads end when the child has.
            child.end();
            let frame = answer.map_err(|_| Notice::TooSlow)?.ok_or(Notice::ReaderFailed)?;
            frame::read(&frame).ok_or(Notice::ReaderFailed)
        })
    }
}

/// A child that does not outlive this value.
struct Ended(Child);

impl Ended {
    fn end(&mut self) {
        // One that has ended by itself cannot be ended again.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

impl Drop for Ended {
    fn drop(&mut self) {
        self.end();
    }
}
