//! One file in, one verdict out. Pure, and meant for the child: a hostile file may crash whoever calls it.

use crate::kind::Kind;
use crate::limits::MAX_BYTES_IN;
use crate::outcome::{Notice, Outcome, Reason, Verdict};
#[cfg(feature = "formats")]
use crate::{office, package, pdf, picture};

/// Cleans a file. Its kind is what its bytes say.
#[must_use]
pub fn clean(bytes: &[u8]) -> Outcome {
    let kind = Kind::of(bytes);
    if let Err(reason) = check_size(bytes.len()) {
        return Outcome { kind, verdict: Verdict::Refused(reason) };
    }
    read(bytes, kind)
}

/// This build reads no format.
#[cfg(not(feature = "formats"))]
fn read(_: &[u8], kind: Kind) -> Outcome {
    Outcome { kind, verdict: Verdict::Sealed(Notice::NotCleanable) }
}

#[cfg(feature = "formats")]
fn read(bytes: &[u8], kind: Kind) -> Outcome {
    if kind == Kind::Archive {
        return clean_package(bytes);
    }
    let verdict = match kind {
        Kind::Jpeg | Kind::Png | Kind::WebP | Kind::Gif => picture::clean(bytes, kind).map(Verdict::Clean),
        Kind::Pdf => pdf::clean(bytes),
        // A package is looked into above, where it becomes one of these.
        Kind::Docx | Kind::Xlsx | Kind::Pptx | Kind::Odt | Kind::Ods | Kind::Odp | Kind::Archive => Err(Reason::Damaged),
        Kind::OldOffice | Kind::Audio | Kind::Video | Kind::OtherPicture | Kind::Markup | Kind::Unknown => {
            Ok(Verdict::Sealed(Notice::NotCleanable))
        }
    };
    Outcome { kind, verdict: verdict.unwrap_or_else(Verdict::Refused) }
}

/// Whether a file of this size is looked at.
pub(crate) fn check_size(n_bytes: usize) -> Result<(), Reason> {
    match n_bytes {
        0 => Err(Reason::Empty),
        n_bytes if n_bytes > MAX_BYTES_IN => Err(Reason::TooLarge),
        _ => Ok(()),
    }
}

#[cfg(feature = "formats")]
fn clean_package(bytes: &[u8]) -> Outcome {
    let sealed = Verdict::Sealed(Notice::NotCleanable);
    if !bytes.starts_with(b"PK") {
        return Outcome { kind: Kind::Archive, verdict: sealed };
    }
    let refused = |kind, reason| Outcome { kind, verdict: Verdict::Refused(reason) };
    let mut package = match package::Package::open(bytes) {
        Ok(package) => package,
        Err(reason) => return refused(Kind::Archive, reason),
    };
    let kind = package.kind();
    if let Err(reason) = package.check() {
        return refused(kind, reason);
    }
    let verdict = match kind {
        Kind::Docx => office::docx(&mut package),
        Kind::Xlsx => office::xlsx(&mut package),
        Kind::Pptx => office::pptx(&mut package),
        Kind::Odt | Kind::Ods | Kind::Odp => office::opendocument(&mut package),
        _ => Ok(sealed),
    };
    Outcome { kind, verdict: verdict.unwrap_or_else(Verdict::Refused) }
}
