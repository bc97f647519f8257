//! What became of a file.

use std::fmt;

use crate::kind::Kind;

/// What became of a file.
pub struct Outcome {
    /// What it is.
    pub kind: Kind,
    /// What may be handed on, and why not more.
    pub verdict: Verdict,
}

/// Names the kind and nothing of what is in it.
impl fmt::Debug for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Outcome({}, {})", self.kind.as_str(), self.verdict.as_str())
    }
}

/// What may be handed on.
pub enum Verdict {
    /// A copy without metadata.
    Clean(Picture),
    /// The words that a reader of the document sees, not yet anonymised, and its pictures without metadata.
    Text {
        /// The words.
        text: String,
        /// The pictures, in the order of their numbers in the text.
        pictures: Vec<Picture>,
    },
    /// Nothing; it is kept sealed, and its readers are told that it is there.
    Sealed(Notice),
    /// Nothing; it breaks a bound or hides something.
    Refused(Reason),
}

impl Verdict {
    /// The word in JSON.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Clean(_) => "clean",
            Self::Text { .. } => "text",
            Self::Sealed(_) => "sealed",
            Self::Refused(_) => "refused",
        }
    }

    /// Why not more, as a word from a closed list.
    #[must_use]
    pub const fn why(&self) -> Option<&'static str> {
        match self {
            Self::Clean(_) | Self::Text { .. } => None,
            Self::Sealed(notice) => Some(notice.as_str()),
            Self::Refused(reason) => Some(reason.as_str()),
        }
    }
}

/// A clean file.
pub struct Picture {
    /// What it was written as.
    pub written: Written,
    /// The file.
    pub bytes: Vec<u8>,
}

/// What a clean file was written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Written {
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// PDF.
    Pdf,
}

impl Written {
    /// All of them, in the order of their numbers in a frame.
    pub const ALL: [Self; 3] = [Self::Jpeg, Self::Png, Self::Pdf];

    /// The usual ending of such a file's name.
    #[must_use]
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Pdf => "pdf",
        }
    }

    /// Reads the ending back.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|written| written.ending() == word)
    }
}

/// Why a file is kept sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Notice {
    /// There is no way to clean this kind: a voice is an identity, a film shows places, an archive holds anything.
    NotCleanable,
    /// Nothing came out of the child: it crashed, or met a bound.
    ReaderFailed,
    /// It took too long.
    TooSlow,
    /// This machine cannot keep the child in, so the file was not opened.
    NotContained,
}

impl Notice {
    /// All notices, in the order of their numbers in a frame.
    pub const ALL: [Self; 4] = [Self::NotCleanable, Self::ReaderFailed, Self::TooSlow, Self::NotContained];

    /// The word in JSON and in a case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotCleanable => "not_cleanable",
            Self::ReaderFailed => "reader_failed",
            Self::TooSlow => "too_slow",
            Self::NotContained => "not_contained",
        }
    }

    /// Reads the word back.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|notice| notice.as_str() == word)
    }
}

/// Why a file is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Reason {
    /// There is nothing in it.
    #[error("the file is empty")]
    Empty,
    /// More than 20 MB.
    #[error("the file is too large")]
    TooLarge,
    /// It would unpack to too much.
    #[error("the file unpacks to too much")]
    UnpacksTooFar,
    /// Too many members.
    #[error("the package has too many members")]
    TooManyMembers,
    /// Too many pixels.
    #[error("the picture has too many pixels")]
    TooManyPixels,
    /// Too many pages.
    #[error("the document has too many pages")]
    TooManyPages,
    /// No page.
    #[error("the document has no pages")]
    NoPages,
    /// It is encrypted.
    #[error("the file is encrypted")]
    Encrypted,
    /// It holds programs.
    #[error("the document holds macros")]
    Macros,
    /// It declares entities, which documents do not and bombs do.
    #[error("the document declares entities")]
    Entities,
    /// It cannot be read as what it says it is.
    #[error("the file is damaged")]
    Damaged,
}

impl Reason {
    /// All reasons, in the order of their numbers in a frame.
    pub const ALL: [Self; 11] = [
        Self::Empty,
        Self::TooLarge,
        Self::UnpacksTooFar,
        Self::TooManyMembers,
        Self::TooManyPixels,
        Self::TooManyPages,
        Self::NoPages,
        Self::Encrypted,
        Self::Macros,
        Self::Entities,
        Self::Damaged,
    ];

    /// The word in JSON and in a case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLarge => "too_large",
            Self::UnpacksTooFar => "unpacks_too_far",
            Self::TooManyMembers => "too_many_members",
            Self::TooManyPixels => "too_many_pixels",
            Self::TooManyPages => "too_many_pages",
            Self::NoPages => "no_pages",
            Self::Encrypted => "encrypted",
            Self::Macros => "macros",
            Self::Entities => "entities",
            Self::Damaged => "damaged",
        }
    }

    /// Reads the word back.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_comes_back() {
        assert!(Notice::ALL.iter().all(|notice| Notice::parse(notice.as_str()) == Some(*notice)));
        assert!(Reason::ALL.iter().all(|reason| Reason::parse(reason.as_str()) == Some(*reason)));
        assert!(Written::ALL.iter().all(|written| Written::parse(written.ending()) == Some(*written)));
    }
}
