//! The files that came with reports, cleaned and sealed, until somebody looks at them.
//!
//! They lie in a folder or in an S3-compatible store, each under a random name and its own key. What belongs to a case stands
//! in its index, with the wrapped keys: without the index a body is noise. A file is shown to nobody before an operator has
//! released it.
//!
//! ```text
//! <reference>/index        JSON: number, kind, state, and for each part its object and its wrapped key
//! <reference>/<random>     one sealed part
//! <reference>/released-<n> there once file n is released
//! ```

mod key;
mod remote;

use std::path::Path;
use std::sync::Arc;

use attachments::{Kind, Outcome, Picture, Verdict, Written};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use channels::attached::{Place, SealedFile, open_file, seal_file};
use channels::{Attached, FilesKey, FilesSecret};
use object_store::local::LocalFileSystem;
use object_store::path::Path as Name;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutOptions, PutPayload};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

pub use key::open_or_make;
pub use remote::{RemoteSettings, remote};

use crate::anonymise::Redacted;
use crate::case::{Attachment, AttachmentState, Reference, SizeClass};
use crate::clock::Rng;

/// The format of an index. A greater number was written by a newer gateway.
const FORMAT: u32 = 1;
/// The folder in the data directory.
pub const FOLDER: &str = "attachments";

/// The files of one desk.
pub struct Files {
    store: Arc<dyn ObjectStore>,
    desk: String,
    to: FilesKey,
    /// Whom originals are sealed to. With a custodian nobody at the gateway can open them.
    originals: Recipient,
}

/// Who can open an original.
#[derive(Clone)]
pub enum Recipient {
    /// Whoever holds the gateway's own key for files.
    Gateway,
    /// The custodian alone.
    Custodian(FilesKey),
}

/// Why files could not be kept or handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FilesError {
    /// The store does not answer or takes nothing; everything may be tried again.
    #[error("the store of attachments does not answer")]
    Unreachable,
    /// What is there cannot be read: another key, damage, or a newer gateway.
    #[error("the attachment cannot be read: another key, damage, or a newer gateway")]
    Unreadable,
    /// There is no such file or part.
    #[error("there is no such attachment")]
    Missing,
    /// It waits for an operator.
    #[error("the attachment waits for an operator: look at it with --unreleased, then release it")]
    NotReleased,
    /// Nothing of it can be handed on.
    #[error("nothing of this attachment can be handed on: it is kept sealed")]
    NothingClean,
    /// It is sealed to the custodian.
    #[error("the original is sealed to the custodian")]
    Custodian,
}

/// A file that has been looked at, ready to be kept.
pub struct LookedAt {
    /// What the case shows.
    pub attachment: Attachment,
    /// What may be handed on once it is released.
    parts: Vec<(String, Part)>,
    original: Attached,
}

/// A part that is to be sealed.
enum Part {
    File(Picture),
    Words(Redacted),
}

impl LookedAt {
    /// Takes what the child made of a file. Words must have been through the anonymiser by now.
    #[must_use]
    pub fn new(number: u32, original: Attached, outcome: Outcome, words: Option<Redacted>) -> Self {
        let (state, parts) = match outcome.verdict {
            Verdict::Clean(picture) => (AttachmentState::Waiting, vec![(CLEAN.to_owned(), Part::File(picture))]),
            Verdict::Text { pictures, .. } => {
                let words = words.map(|words| (WORDS.to_owned(), Part::Words(words)));
                let pictures = (1..).zip(pictures).map(|(number, picture): (u32, _)| (picture_part(number), Part::File(picture)));
                (AttachmentState::Waiting, words.into_iter().chain(pictures).collect())
            }
            Verdict::Sealed(notice) => (AttachmentState::Sealed(notice), Vec::new()),
            Verdict::Refused(reason) => (AttachmentState::Refused(reason), Vec::new()),
        };
        let size = SizeClass::of(original.size_bytes());
        Self { attachment: Attachment { number, kind: outcome.kind, size, state }, parts, original }
    }
}

const ORIGINAL: &str = "original";
const CLEAN: &str = "clean";
const WORDS: &str = "words";

fn picture_part(number: u32) -> String {
    format!("picture-{number}")
}

/// What somebody may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// The clean copy, or the words of a document.
    Main,
    /// A picture of a document, counted from 1.
    Picture(u32),
    /// What the reporter sent.
    Original,
}

/// A file in its case, as it stands now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// What the case shows of it.
    pub attachment: Attachment,
    /// Whether an operator has released it.
    pub is_released: bool,
    /// What its clean copy was written as; `txt` for words.
    pub written: Option<String>,
    /// How many pictures a document has.
    pub n_pictures: usize,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct IndexRecord {
    v: u32,
    files: Vec<FileRecord>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileRecord {
    number: u32,
    kind: String,
    size: String,
    state: String,
    reason: Option<String>,
    parts: Vec<PartRecord>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PartRecord {
    part: String,
    written: String,
    object: String,
    key: String,
    for_custodian: bool,
}

impl Files {
    /// Keeps files with this store, sealed to `to`; originals to the custodian, where there is one.
    #[must_use]
    pub fn new(store: Arc<dyn ObjectStore>, desk: &str, to: FilesKey, originals: Recipient) -> Self {
        Self { store, desk: desk.to_owned(), to, originals }
    }

    /// Seals and keeps the files of a case. Repeating it changes nothing: the first index stands.
    ///
    /// # Errors
    /// [`FilesError::Unreachable`]; then nothing of it is seen, and it may be tried again.
    pub async fn keep(&self, reference: &Reference, files: &[LookedAt], rng: &dyn Rng) -> Result<(), FilesError> {
        let index = self.name(reference, "index");
        match self.store.head(&index).await {
            Ok(_) => return Ok(()),
            Err(object_store::Error::NotFound { .. }) => {}
            Err(_) => return Err(FilesError::Unreachable),
        }
        let mut record = IndexRecord { v: FORMAT, files: Vec::new() };
        let mut kept = Vec::new();
        for file in files {
            let mut parts = Vec::new();
            let number = file.attachment.number;
            let (to, for_custodian) = match &self.originals {
                Recipient::Gateway => (&self.to, false),
                Recipient::Custodian(to) => (to, true),
            };
            let original = file.original.seal_for(&self.place(reference, number, ORIGINAL), to);
            let written = |part: &Part| match part {
                Part::File(picture) => picture.written.ending(),
                Part::Words(_) => "txt",
            };
            let seal = |(part, content): &(String, Part)| {
                let bytes = match content {
                    Part::File(picture) => picture.bytes.as_slice(),
                    Part::Words(words) => words.as_str().as_bytes(),
                };
                (part.clone(), written(content), seal_file(bytes, &self.place(reference, number, part), &self.to), false)
            };
            let sealed = std::iter::once((ORIGINAL.to_owned(), "", original, for_custodian)).chain(file.parts.iter().map(seal));
            for (part, written, sealed, for_custodian) in sealed {
                let SealedFile { body, wrapped_key } = sealed.ok_or(FilesError::Unreadable)?;
                let mut object = [0; 16];
                rng.fill(&mut object);
                let object = hex::encode(object);
                let name = self.name(reference, &object);
                self.store.put(&name, PutPayload::from(body)).await.map_err(|_| FilesError::Unreachable)?;
                kept.push(name);
                parts.push(PartRecord {
                    part,
                    written: written.to_owned(),
                    object,
                    key: STANDARD.encode(wrapped_key),
                    for_custodian,
                });
            }
            let Attachment { number, kind, size, state } = &file.attachment;
            record.files.push(FileRecord {
                number: *number,
                kind: kind.as_str().to_owned(),
                size: size.as_str().to_owned(),
                state: state.as_str().to_owned(),
                reason: state.reason().map(str::to_owned),
                parts,
            });
        }
        let json = serde_json::to_vec(&record).expect("a record of words and numbers is always valid JSON");
        let options = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
        match self.store.put_opts(&index, PutPayload::from(json), options).await {
            Ok(_) => Ok(()),
            Err(object_store::Error::AlreadyExists { .. } | object_store::Error::Precondition { .. }) => {
                // Another gateway was quicker with the same delivery; its bodies count.
                for name in kept {
                    drop(self.store.delete(&name).await);
                }
                Ok(())
            }
            Err(_) => Err(FilesError::Unreachable),
        }
    }

    /// The files of a case.
    ///
    /// # Errors
    /// See [`FilesError`]; a case without files has none and is no error.
    pub async fn list(&self, reference: &Reference) -> Result<Vec<Listed>, FilesError> {
        let index = match self.index(reference).await {
            Err(FilesError::Missing) => return Ok(Vec::new()),
            index => index?,
        };
        let mut listed = Vec::new();
        for file in &index.files {
            let main = file.parts.iter().find(|part| part.part == CLEAN || part.part == WORDS);
            listed.push(Listed {
                attachment: attachment(file)?,
                is_released: self.is_released(reference, file.number).await?,
                written: main.map(|part| part.written.clone()),
                n_pictures: file.parts.iter().filter(|part| part.part.starts_with("picture-")).count(),
            });
        }
        Ok(listed)
    }

    /// Lets mediators have a file from now on. Releasing it again changes nothing.
    ///
    /// # Errors
    /// See [`FilesError`]; what is kept sealed or was refused cannot be released.
    pub async fn release(&self, reference: &Reference, number: u32) -> Result<(), FilesError> {
        let index = self.index(reference).await?;
        let file = index.files.iter().find(|file| file.number == number).ok_or(FilesError::Missing)?;
        if attachment(file)?.state != AttachmentState::Waiting {
            return Err(FilesError::NothingClean);
        }
        let name = self.name(reference, &format!("released-{number}"));
        self.store.put(&name, PutPayload::from_static(b"released\n")).await.map_err(|_| FilesError::Unreachable)?;
        Ok(())
    }

    /// A file for whoever may see it: once it is released, anybody with this key.
    ///
    /// # Errors
    /// See [`FilesError`].
    pub async fn read_released(
        &self,
        reference: &Reference,
        number: u32,
        wanted: Wanted,
        secret: &FilesSecret,
    ) -> Result<Zeroizing<Vec<u8>>, FilesError> {
        if wanted == Wanted::Original || !self.is_released(reference, number).await? {
            // Whether there is such a file at all, and whether it ever can be released, is worth knowing.
            let index = self.index(reference).await?;
            let file = index.files.iter().find(|file| file.number == number).ok_or(FilesError::Missing)?;
            return Err(match attachment(file)?.state {
                AttachmentState::Waiting => FilesError::NotReleased,
                AttachmentState::Sealed(_) | AttachmentState::Refused(_) => FilesError::NothingClean,
            });
        }
        self.read(reference, number, wanted, secret).await
    }

    /// A file for an operator, who decides on it.
    ///
    /// # Errors
    /// See [`FilesError`].
    pub async fn read(
        &self,
        reference: &Reference,
        number: u32,
        wanted: Wanted,
        secret: &FilesSecret,
    ) -> Result<Zeroizing<Vec<u8>>, FilesError> {
        let index = self.index(reference).await?;
        let file = index.files.iter().find(|file| file.number == number).ok_or(FilesError::Missing)?;
        let part = file
            .parts
            .iter()
            .find(|part| match wanted {
                Wanted::Main => part.part == CLEAN || part.part == WORDS,
                Wanted::Picture(number) => part.part == picture_part(number),
                Wanted::Original => part.part == ORIGINAL,
            })
            .ok_or(if wanted == Wanted::Main { FilesError::NothingClean } else { FilesError::Missing })?;
        if part.for_custodian {
            return Err(FilesError::Custodian);
        }
        let body = self.get(&self.name(reference, &part.object)).await?;
        let wrapped_key = STANDARD.decode(&part.key).map_err(|_| FilesError::Unreadable)?;
        let place = self.place(reference, number, &part.part);
        open_file(&SealedFile { body, wrapped_key }, &place, secret).map_err(|_| FilesError::Unreadable)
    }

    /// Destroys the originals of a case: their keys, then their bodies. Cleaned copies stay, like the words of the case.
    ///
    /// # Errors
    /// See [`FilesError`]; it may be tried again.
    pub async fn forget_originals(&self, reference: &Reference) -> Result<bool, FilesError> {
        let mut index = match self.index(reference).await {
            Err(FilesError::Missing) => return Ok(false),
            index => index?,
        };
        let mut bodies = Vec::new();
        for file in &mut index.files {
            let (originals, rest) = std::mem::take(&mut file.parts).into_iter().partition(|part| part.part == ORIGINAL);
            file.parts = rest;
            let originals: Vec<PartRecord> = originals;
            bodies.extend(originals.into_iter().map(|part| self.name(reference, &part.object)));
        }
        if bodies.is_empty() {
            return Ok(false);
        }
        let json = serde_json::to_vec(&index).expect("a record of words and numbers is always valid JSON");
        let name = self.name(reference, "index");
        self.store.put(&name, PutPayload::from(json)).await.map_err(|_| FilesError::Unreachable)?;
        for body in bodies {
            match self.store.delete(&body).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                Err(_) => return Err(FilesError::Unreachable),
            }
        }
        Ok(true)
    }

    async fn index(&self, reference: &Reference) -> Result<IndexRecord, FilesError> {
        let json = self.get(&self.name(reference, "index")).await?;
        let index: IndexRecord = serde_json::from_slice(&json).map_err(|_| FilesError::Unreadable)?;
        if index.v > FORMAT { Err(FilesError::Unreadable) } else { Ok(index) }
    }

    async fn is_released(&self, reference: &Reference, number: u32) -> Result<bool, FilesError> {
        match self.store.head(&self.name(reference, &format!("released-{number}"))).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(_) => Err(FilesError::Unreachable),
        }
    }

    async fn get(&self, name: &Name) -> Result<Vec<u8>, FilesError> {
        let found = self.store.get(name).await.map_err(|error| match error {
            object_store::Error::NotFound { .. } => FilesError::Missing,
            _ => FilesError::Unreachable,
        })?;
        found.bytes().await.map(Vec::from).map_err(|_| FilesError::Unreachable)
    }

    fn name(&self, reference: &Reference, object: &str) -> Name {
        Name::from_iter([self.desk.as_str(), reference.as_str(), object])
    }

    fn place<'a>(&'a self, reference: &'a Reference, number: u32, part: &'a str) -> Place<'a> {
        Place { desk: &self.desk, case: reference.as_str(), number, part }
    }
}

fn attachment(file: &FileRecord) -> Result<Attachment, FilesError> {
    let state = AttachmentState::parse(&file.state, file.reason.as_deref());
    let (Some(kind), Some(size), Some(state)) = (Kind::parse(&file.kind), SizeClass::parse(&file.size), state) else {
        return Err(FilesError::Unreadable);
    };
    let is_known = |part: &PartRecord| matches!(part.written.as_str(), "" | "txt") || Written::parse(&part.written).is_some();
    if file.parts.iter().all(is_known) {
        Ok(Attachment { number: file.number, kind, size, state })
    } else {
        Err(FilesError::Unreadable)
    }
}

/// The store in a folder of the data directory, which is made for its owner only.
///
/// # Errors
/// When the folder cannot be made.
pub fn folder(data_dir: &Path) -> std::io::Result<Arc<dyn ObjectStore>> {
    use std::os::unix::fs::DirBuilderExt;

    let folder = data_dir.join(FOLDER);
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
    let store = LocalFileSystem::new_with_prefix(&folder).map_err(std::io::Error::other)?;
    Ok(Arc::new(store.with_fsync(true)))
}

#[cfg(test)]
mod tests;
