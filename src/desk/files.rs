//! Looks at the files that came with a report, a few at a time, and keeps them with its case.
//!
//! Bytes go to a child process and come back clean or not at all; words that were found in a document go through the
//! anonymiser with the report's own sender, before anything is kept.

use std::sync::Arc;

use attachments::{Cleaner, Verdict};
use channels::Inbound;
use channels::attached::words_of_a_file;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::GatewayDesk;
use crate::case::Reference;
use crate::files::{Files, FilesError, LookedAt};
use crate::journal::{Entry, JournalError};

/// How many reports with files are looked at together. Each may hold a decoded picture in memory, in a child of its own.
const AT_ONCE: usize = 2;

/// What the desk does with files.
pub struct FileDesk {
    cleaner: Cleaner,
    files: Files,
    places: Arc<Semaphore>,
}

/// Why the files of a report were not looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LookError {
    /// The journal's trouble.
    #[error(transparent)]
    Journal(JournalError),
    /// A file does not open, or a stage failed on its words.
    #[error("a stage failed on a file")]
    Stage,
}

/// The files of one report, until they are kept. As long as they are in memory, their place is taken.
#[derive(Default)]
pub(super) struct Looked {
    pub(super) files: Vec<LookedAt>,
    _place: Option<OwnedSemaphorePermit>,
}

impl FileDesk {
    /// Takes the cleaner and where files are kept.
    #[must_use]
    pub fn new(cleaner: Cleaner, files: Files) -> Self {
        Self { cleaner, files, places: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// Where files are kept.
    #[must_use]
    pub fn files(&self) -> &Files {
        &self.files
    }
}

impl GatewayDesk {
    /// Looks at every file of a report.
    ///
    /// # Errors
    /// See [`LookError`].
    pub(super) async fn look_at_files(self: &Arc<Self>, entry: &Entry, inbound: &Arc<Inbound>) -> Result<Looked, LookError> {
        if entry.n_files == 0 {
            return Ok(Looked::default());
        }
        let place = Arc::clone(&self.tools.files.places).acquire_owned().await.map_err(|_| LookError::Stage)?;
        let sealed = self.tools.journal.files(entry.sequence).await.map_err(LookError::Journal)?;
        let (desk, inbound, delivery) = (Arc::clone(self), Arc::clone(inbound), entry.delivery);
        // Waiting for a child is blocking work. Each has its own bound of time.
        let looking = tokio::task::spawn_blocking(move || {
            let mut looked_at = Vec::new();
            for (number, sealed) in (1_u32..).zip(&sealed) {
                let at = usize::try_from(number - 1).expect("a few files");
                let file = sealed.open(delivery, at, &desk.tools.keys.journal).map_err(|_| LookError::Stage)?;
                #[expect(clippy::disallowed_methods, reason = "what cleans files must read them")]
                let mut outcome = desk.tools.files.cleaner.clean(file.expose());
                let words = match &mut outcome.verdict {
                    Verdict::Text { text, .. } => {
                        let words = words_of_a_file(std::mem::take(text));
                        Some(desk.tools.reader.redact(&words, &inbound))
                    }
                    Verdict::Clean(_) | Verdict::Sealed(_) | Verdict::Refused(_) => None,
                };
                looked_at.push(LookedAt::new(number, file, outcome, words));
            }
            Ok(Looked { files: looked_at, _place: Some(place) })
        });
        looking.await.map_err(|_| LookError::Stage)?
    }

    /// Keeps the files of a case. Repeating it changes nothing.
    ///
    /// # Errors
    /// See [`FilesError`].
    pub(super) async fn keep_files(&self, reference: &Reference, files: &[LookedAt]) -> Result<(), FilesError> {
        if files.is_empty() { Ok(()) } else { self.tools.files.files.keep(reference, files, self.tools.rng.as_ref()).await }
    }
}
