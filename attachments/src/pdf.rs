//! PDF documents: written anew from their pages, with their text.
//!
//! Nothing is deleted from the old document. A new one is made, and what a page needs to be drawn is copied into it: so older
//! versions, attachments, forms, notes, scripts, links and whatever else a document may hold stay behind without being known.

mod content;
mod copy;

use lopdf::{Dictionary, Document, LoadOptions, Object, dictionary};

use self::copy::Copier;
use crate::kind::holds;
use crate::limits::{MAX_BYTES_OUT, MAX_PAGES};
use crate::outcome::{Notice, Picture, Reason, Verdict, Written};

/// Why a document is not cleaned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Obstacle {
    /// It breaks a bound.
    Refused(Reason),
    /// It holds something that only its maker's program can take apart.
    NotCleanable,
}

impl From<Reason> for Obstacle {
    fn from(reason: Reason) -> Self {
        Self::Refused(reason)
    }
}

impl From<lopdf::Error> for Obstacle {
    fn from(error: lopdf::Error) -> Self {
        match error {
            lopdf::Error::Decompress(_) => Self::Refused(Reason::UnpacksTooFar),
            _ => Self::Refused(Reason::Damaged),
        }
    }
}

/// Cleans a document.
///
/// # Errors
/// [`Reason`] when it is encrypted, empty, too long or damaged.
pub(crate) fn clean(bytes: &[u8]) -> Result<Verdict, Reason> {
    match rewritten(bytes) {
        Ok(bytes) if bytes.len() > MAX_BYTES_OUT => Err(Reason::UnpacksTooFar),
        Ok(bytes) => Ok(Verdict::Clean(Picture { written: Written::Pdf, bytes })),
        Err(Obstacle::Refused(reason)) => Err(reason),
        Err(Obstacle::NotCleanable) => Ok(Verdict::Sealed(Notice::NotCleanable)),
    }
}

fn rewritten(bytes: &[u8]) -> Result<Vec<u8>, Obstacle> {
    // The library makes an empty document out of an encrypted one, so it is asked for here, in the plain bytes too.
    if holds(bytes, b"/Encrypt") {
        return Err(Reason::Encrypted.into());
    }
    let start = bytes.windows(5).position(|window| window == b"%PDF-").ok_or(Reason::Damaged)?;
    let options = LoadOptions::with_max_decompressed_size(MAX_BYTES_OUT);
    let old = Document::load_mem_with_options(&bytes[start..], options)?;
    if old.is_encrypted() || old.was_encrypted() || old.trailer.has(b"Encrypt") {
        return Err(Reason::Encrypted.into());
    }
    let pages: Vec<_> = old.page_iter().take(MAX_PAGES + 1).collect();
    match pages.len() {
        0 => return Err(Reason::NoPages.into()),
        n_pages if n_pages > MAX_PAGES => return Err(Reason::TooManyPages.into()),
        _ => {}
    }
    let mut new = Document::with_version("1.7");
    let tree = new.new_object_id();
    let mut copier = Copier::new(&old, &mut new);
    let mut kids = Vec::new();
    for page in pages {
        kids.push(Object::Reference(copier.page(page, tree)?));
    }
    let n_pages = i64::try_from(kids.len()).unwrap_or(0);
    new.objects.insert(tree, Object::Dictionary(dictionary! { "Type" => "Pages", "Kids" => kids, "Count" => n_pages }));
    let catalog = new.add_object(dictionary! { "Type" => "Catalog", "Pages" => tree });
    new.trailer = Dictionary::new();
    new.trailer.set("Root", catalog);
    let mut bytes = Vec::new();
    new.save_to(&mut bytes).map_err(|_| Reason::Damaged)?;
    Ok(bytes)
}
