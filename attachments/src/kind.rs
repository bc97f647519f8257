//! What a file is, by its first bytes. Its name and what its sender calls it are not asked for.

/// A kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A JPEG picture.
    Jpeg,
    /// A PNG picture.
    Png,
    /// A WebP picture.
    WebP,
    /// A GIF picture.
    Gif,
    /// A PDF document.
    Pdf,
    /// A Word document.
    Docx,
    /// An Excel workbook.
    Xlsx,
    /// A PowerPoint presentation.
    Pptx,
    /// An OpenDocument text.
    Odt,
    /// An OpenDocument spreadsheet.
    Ods,
    /// An OpenDocument presentation or drawing.
    Odp,
    /// A document or message of an older office program, or an encrypted newer one.
    OldOffice,
    /// A voice message or other sound.
    Audio,
    /// A film.
    Video,
    /// An archive.
    Archive,
    /// A picture of another kind: HEIC, AVIF, TIFF, BMP.
    OtherPicture,
    /// HTML, SVG or other markup.
    Markup,
    /// None of these.
    Unknown,
}

impl Kind {
    /// All kinds, in the order of their numbers in a frame.
    pub const ALL: [Self; 18] = [
        Self::Jpeg,
        Self::Png,
        Self::WebP,
        Self::Gif,
        Self::Pdf,
        Self::Docx,
        Self::Xlsx,
        Self::Pptx,
        Self::Odt,
        Self::Ods,
        Self::Odp,
        Self::OldOffice,
        Self::Audio,
        Self::Video,
        Self::Archive,
        Self::OtherPicture,
        Self::Markup,
        Self::Unknown,
    ];

    /// The word in JSON and on the screen.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Jpeg => "jpeg",
            Self::Png => "png",
            Self::WebP => "webp",
            Self::Gif => "gif",
            Self::Pdf => "pdf",
            Self::Docx => "docx",
            Self::Xlsx => "xlsx",
            Self::Pptx => "pptx",
            Self::Odt => "odt",
            Self::Ods => "ods",
            Self::Odp => "odp",
            Self::OldOffice => "old_office",
            Self::Audio => "audio",
            Self::Video => "video",
            Self::Archive => "archive",
            Self::OtherPicture => "other_picture",
            Self::Markup => "markup",
            Self::Unknown => "unknown",
        }
    }

    /// Reads the word back.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// What the first bytes say. A package of members is [`Kind::Archive`] until somebody has looked into it.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let starts = |magic: &[u8]| bytes.starts_with(magic);
        let at = |place: usize, magic: &[u8]| bytes.get(place..).is_some_and(|rest| rest.starts_with(magic));
        if starts(b"\xFF\xD8\xFF") {
            Self::Jpeg
        } else if starts(b"\x89PNG\r\n\x1a\n") {
            Self::Png
        } else if starts(b"GIF87a") || starts(b"GIF89a") {
            Self::Gif
        } else if starts(b"RIFF") && at(8, b"WEBP") {
            Self::WebP
        } else if at(4, b"ftyp") {
            Self::of_brand(bytes.get(8..12).unwrap_or_default())
        } else if starts(b"PK\x03\x04") || starts(b"PK\x05\x06") || starts(b"PK\x07\x08") {
            Self::Archive
        } else if starts(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") || starts(b"{\\rtf") {
            Self::OldOffice
        } else if AUDIO.iter().any(|magic| starts(magic))
            || (starts(b"RIFF") && at(8, b"WAVE"))
            || (starts(b"FORM") && at(8, b"AIF"))
            || bytes.first() == Some(&0xFF) && bytes.get(1).is_some_and(|second| second & 0xE6 == 0xE2 || second & 0xF6 == 0xF0)
        {
            Self::Audio
        } else if starts(b"\x1A\x45\xDF\xA3")
            || starts(b"FLV\x01")
            || starts(b"\x00\x00\x01\xBA")
            || (starts(b"RIFF") && at(8, b"AVI "))
        {
            Self::Video
        } else if ARCHIVE.iter().any(|magic| starts(magic)) || at(257, b"ustar") {
            Self::Archive
        } else if starts(b"II*\0") || starts(b"MM\0*") || starts(b"BM") || starts(b"\0\0\x01\0") || starts(b"\xFF\x0A") {
            Self::OtherPicture
        } else if holds(&bytes[..bytes.len().min(1024)], b"%PDF-") {
            // Readers look for it in the first kilobyte, so junk in front of it does not make it another kind of file.
            Self::Pdf
        } else if is_markup(bytes) {
            Self::Markup
        } else {
            Self::Unknown
        }
    }

    /// What an ISO media file holds, by its main brand.
    fn of_brand(brand: &[u8]) -> Self {
        match brand {
            b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"mif1" | b"msf1" | b"avif" | b"avis" => Self::OtherPicture,
            b"M4A " | b"M4B " | b"M4P " => Self::Audio,
            _ => Self::Video,
        }
    }
}

const AUDIO: [&[u8]; 5] = [b"ID3", b"OggS", b"fLaC", b"#!AMR", b"MThd"];
const ARCHIVE: [&[u8]; 6] = [b"Rar!\x1A\x07", b"7z\xBC\xAF\x27\x1C", b"\x1F\x8B", b"BZh", b"\xFD7zXZ\0", b"\x28\xB5\x2F\xFD"];

pub(crate) fn holds(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|window| window == word)
}

fn is_markup(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'<')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_say_what_a_file_is() {
        for (bytes, kind) in [
            (&b"\xFF\xD8\xFF\xE0"[..], Kind::Jpeg),
            (b"\x89PNG\r\n\x1a\n", Kind::Png),
            (b"RIFF\0\0\0\0WEBPVP8 ", Kind::WebP),
            (b"RIFF\0\0\0\0WAVEfmt ", Kind::Audio),
            (b"GIF89a", Kind::Gif),
            (b"junk\n%PDF-1.4", Kind::Pdf),
            (b"\0\0\0\x18ftypheic", Kind::OtherPicture),
            (b"\0\0\0\x18ftypM4A ", Kind::Audio),
            (b"\0\0\0\x18ftypisom", Kind::Video),
            (b"ID3\x04", Kind::Audio),
            (b"\xFF\xFB\x90", Kind::Audio),
            (b"#!AMR\n", Kind::Audio),
            (b"OggS", Kind::Audio),
            (b"PK\x03\x04", Kind::Archive),
            (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", Kind::OldOffice),
            (b" <svg xmlns=''>", Kind::Markup),
            (b"hello", Kind::Unknown),
            (b"", Kind::Unknown),
        ] {
            assert_eq!(Kind::of(bytes), kind, "{bytes:?}");
        }
    }

    #[test]
    fn a_kind_comes_back_from_its_word() {
        for kind in Kind::ALL {
            assert_eq!(Kind::parse(kind.as_str()), Some(kind));
        }
    }
}
