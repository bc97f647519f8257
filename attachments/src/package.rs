//! Packages of members: Office and OpenDocument files, and archives, which look the same from outside.
//!
//! Bounds are checked on the directory before anything is unpacked, and again while unpacking. Names of members are looked up
//! and never used as paths. A package inside a package stays closed.

use std::io::{Cursor, Read};

use zip::ZipArchive;

use crate::kind::{Kind, holds};
use crate::limits::{MAX_BYTES_OUT, MAX_MEMBERS, MAX_RATIO, RATIO_FREE_BYTES};
use crate::outcome::Reason;

const END_OF_DIRECTORY: &[u8] = b"PK\x05\x06";
/// The end record without its comment, and the longest comment.
const END_BYTES: usize = 22;
const MAX_COMMENT_BYTES: usize = 65_535;

/// An open package.
pub(crate) struct Package<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    packed_bytes: u64,
    /// What has been unpacked so far.
    n_unpacked: u64,
}

impl<'a> Package<'a> {
    /// Opens a package whose directory is within bounds.
    ///
    /// # Errors
    /// [`Reason`] when it is not.
    pub(crate) fn open(bytes: &'a [u8]) -> Result<Self, Reason> {
        // The library reads the whole directory at once, so it is counted first. Every end record counts: the library may
        // choose another than we would.
        let tail = &bytes[bytes.len().saturating_sub(END_BYTES + MAX_COMMENT_BYTES)..];
        let ends: Vec<usize> = (0..tail.len()).filter(|at| tail[*at..].starts_with(END_OF_DIRECTORY)).collect();
        if ends.is_empty() {
            return Err(Reason::Damaged);
        }
        for end in ends {
            let counts = tail.get(end + 8..end + 12).ok_or(Reason::Damaged)?;
            let n_members = u16::from_le_bytes([counts[0], counts[1]]).max(u16::from_le_bytes([counts[2], counts[3]]));
            // 65,535 would mean that the number stands elsewhere.
            if usize::from(n_members) > MAX_MEMBERS {
                return Err(Reason::TooManyMembers);
            }
        }
        let archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| Reason::Damaged)?;
        if archive.len() > MAX_MEMBERS {
            return Err(Reason::TooManyMembers);
        }
        let packed_bytes = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        Ok(Self { archive, packed_bytes, n_unpacked: 0 })
    }

    /// What kind of document it is; an archive if it is none.
    pub(crate) fn kind(&mut self) -> Kind {
        if let Ok(media_type) = self.read("mimetype") {
            for (ending, kind) in [
                (&b"opendocument.text"[..], Kind::Odt),
                (b"opendocument.spreadsheet", Kind::Ods),
                (b"opendocument.presentation", Kind::Odp),
                (b"opendocument.graphics", Kind::Odp),
            ] {
                if media_type.len() < 200 && holds(&media_type, ending) {
                    return kind;
                }
            }
        }
        if !self.has("[Content_Types].xml") {
            return Kind::Archive;
        }
        for (main, kind) in
            [("word/document.xml", Kind::Docx), ("xl/workbook.xml", Kind::Xlsx), ("ppt/presentation.xml", Kind::Pptx)]
        {
            if self.has(main) {
                return kind;
            }
        }
        Kind::Archive
    }

    /// Looks at every member's entry in the directory: sizes, encryption, macros.
    ///
    /// # Errors
    /// [`Reason`] for the first one that breaks a bound.
    pub(crate) fn check(&mut self) -> Result<(), Reason> {
        let mut n_bytes: u64 = 0;
        for number in 0..self.archive.len() {
            let (size, packed, is_encrypted, name) = {
                let member = self.archive.by_index_raw(number).map_err(|_| Reason::Damaged)?;
                let name = String::from_utf8_lossy(member.name_raw()).to_ascii_lowercase();
                (member.size(), member.compressed_size(), member.encrypted(), name)
            };
            if is_encrypted {
                return Err(Reason::Encrypted);
            }
            let holds_program = name.ends_with("vbaproject.bin")
                || name.contains("/activex/")
                || name.starts_with("basic/")
                || name.starts_with("scripts/")
                || name.contains("macrosheets/");
            if holds_program {
                return Err(Reason::Macros);
            }
            if size > RATIO_FREE_BYTES && size / MAX_RATIO > packed {
                return Err(Reason::UnpacksTooFar);
            }
            n_bytes = n_bytes.saturating_add(size);
        }
        let most = u64::try_from(MAX_BYTES_OUT).unwrap_or(u64::MAX);
        if n_bytes > most || (n_bytes > RATIO_FREE_BYTES && n_bytes / MAX_RATIO > self.packed_bytes) {
            return Err(Reason::UnpacksTooFar);
        }
        Ok(())
    }

    /// Whether there is a member of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.archive.index_for_name(name).is_some()
    }

    /// Unpacks a member.
    ///
    /// # Errors
    /// [`Reason`] when it is missing, encrypted or damaged, or when the package has unpacked to too much by now.
    pub(crate) fn read(&mut self, name: &str) -> Result<Vec<u8>, Reason> {
        let left = u64::try_from(MAX_BYTES_OUT).unwrap_or(u64::MAX).saturating_sub(self.n_unpacked);
        let mut member = self.archive.by_name(name).map_err(|_| Reason::Damaged)?;
        if member.encrypted() {
            return Err(Reason::Encrypted);
        }
        // What a directory says of a size is only a claim.
        let claimed = member.size().min(left);
        let mut bytes = Vec::new();
        let read = member.by_ref().take(claimed + 1).read_to_end(&mut bytes);
        drop(member);
        let n_read = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.n_unpacked = self.n_unpacked.saturating_add(n_read);
        if n_read > claimed {
            return Err(Reason::UnpacksTooFar);
        }
        read.map_err(|_| Reason::Damaged)?;
        Ok(bytes)
    }

    /// Unpacks a member of words.
    ///
    /// # Errors
    /// As [`Package::read`], and when it is not UTF-8.
    pub(crate) fn read_text(&mut self, name: &str) -> Result<String, Reason> {
        let mut bytes = self.read(name)?;
        if bytes.starts_with(b"\xEF\xBB\xBF") {
            bytes.drain(..3);
        }
        String::from_utf8(bytes).map_err(|_| Reason::Damaged)
    }
}
