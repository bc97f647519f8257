//! A JPEG inside a PDF: its segments are sifted, its pixels stay as they are.
//!
//! A document's picture is not decoded, because the page may need its exact colours; what is not needed to decode it goes.

use crate::outcome::Reason;

const END: u8 = 0xD9;
const SCAN: u8 = 0xDA;
const ADOBE: u8 = 0xEE;

/// The same picture without APPn, comments and whatever follows its end. Adobe's own APP14, which says how colours are kept,
/// stays in its fixed twelve bytes.
///
/// # Errors
/// [`Reason::Damaged`] when the segments do not add up.
pub(crate) fn sift(bytes: &[u8]) -> Result<Vec<u8>, Reason> {
    let mut rest = bytes.strip_prefix(b"\xFF\xD8").ok_or(Reason::Damaged)?;
    let mut sifted = vec![0xFF, 0xD8];
    loop {
        // Any number of fill bytes may stand before a marker.
        let (marker, after) = match rest {
            [0xFF, 0xFF, ..] => {
                rest = &rest[1..];
                continue;
            }
            [0xFF, marker, after @ ..] => (*marker, after),
            _ => return Err(Reason::Damaged),
        };
        if marker == END {
            sifted.extend_from_slice(&[0xFF, END]);
            return Ok(sifted);
        }
        if marker == 0x01 || (0xD0..=0xD8).contains(&marker) {
            rest = after;
            continue;
        }
        let length = after.first_chunk::<2>().map(|length| usize::from(u16::from_be_bytes(*length))).ok_or(Reason::Damaged)?;
        let body = after.get(2..length).ok_or(Reason::Damaged)?;
        let is_adobe = marker == ADOBE && body.len() == 12 && body.starts_with(b"Adobe");
        let is_told = matches!(marker, 0xE0..=0xEF | 0xFE) && !is_adobe;
        // JPGn and reserved segments decode nothing in a picture that readers can show.
        let is_reserved = matches!(marker, 0xF0..=0xFD | 0x02..=0xBF);
        if !is_told && !is_reserved {
            sifted.extend_from_slice(&[0xFF, marker]);
            sifted.extend_from_slice(&after[..length]);
        }
        rest = &after[length..];
        if marker == SCAN {
            let end = scan_end(rest);
            sifted.extend_from_slice(&rest[..end]);
            rest = &rest[end..];
            if rest.is_empty() {
                // Cut short; readers show what there is.
                sifted.extend_from_slice(&[0xFF, END]);
                return Ok(sifted);
            }
        }
    }
}

/// Where the entropy-coded bytes end: at a marker that is neither a stuffed byte nor a restart.
fn scan_end(bytes: &[u8]) -> usize {
    bytes.windows(2).position(|pair| pair[0] == 0xFF && pair[1] != 0 && !(0xD0..=0xD7).contains(&pair[1])).unwrap_or(bytes.len())
}
