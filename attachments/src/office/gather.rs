//! Gathers words and pictures in the order in which a reader meets them.

use crate::kind::Kind;
use crate::limits::{MAX_BYTES_OUT, MAX_PICTURES, MAX_TEXT_BYTES};
use crate::outcome::{Picture, Reason, Verdict};
use crate::package::Package;
use crate::picture;

/// What has been gathered of a document.
#[derive(Default)]
pub(super) struct Gathered {
    text: String,
    pictures: Vec<Picture>,
    n_picture_bytes: usize,
}

impl Gathered {
    /// Adds words.
    ///
    /// # Errors
    /// [`Reason::UnpacksTooFar`] when there are more than a person would write.
    pub(super) fn words(&mut self, words: &str) -> Result<(), Reason> {
        // Control characters have no place in visible words, and placeholders are ours to write.
        self.text.extend(words.chars().filter(|character| !character.is_control() || matches!(character, '\n' | '\t')));
        if self.text.len() > MAX_TEXT_BYTES { Err(Reason::UnpacksTooFar) } else { Ok(()) }
    }

    /// Begins a new line unless one has just begun.
    pub(super) fn line(&mut self) {
        while self.text.ends_with([' ', '\t']) {
            self.text.pop();
        }
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
    }

    /// Leaves an empty line.
    pub(super) fn paragraph(&mut self) {
        self.line();
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    /// Adds a picture, and where it stands to the words. A picture that cannot be cleaned is left out, and the words say so.
    ///
    /// # Errors
    /// [`Reason::UnpacksTooFar`] when the pictures together are too large.
    pub(super) fn picture(&mut self, package: &mut Package<'_>, member: &str) -> Result<(), Reason> {
        let cleaned = if self.pictures.len() < MAX_PICTURES {
            package.read(member).and_then(|bytes| match Kind::of(&bytes) {
                kind @ (Kind::Jpeg | Kind::Png | Kind::WebP | Kind::Gif) => picture::clean(&bytes, kind),
                _ => Err(Reason::Damaged),
            })
        } else {
            Err(Reason::TooManyMembers)
        };
        match cleaned {
            Ok(picture) => {
                self.n_picture_bytes += picture.bytes.len();
                if self.n_picture_bytes > MAX_BYTES_OUT - MAX_TEXT_BYTES {
                    return Err(Reason::UnpacksTooFar);
                }
                self.pictures.push(picture);
                let number = self.pictures.len();
                self.words(&format!("[picture {number}]"))
            }
            Err(Reason::UnpacksTooFar) => Err(Reason::UnpacksTooFar),
            Err(_) => self.words("[a picture that was left out]"),
        }
    }

    /// What was gathered.
    pub(super) fn finish(self) -> Verdict {
        Verdict::Text { text: self.text.trim().to_owned(), pictures: self.pictures }
    }
}
