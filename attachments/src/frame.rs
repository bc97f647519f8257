//! How the child tells its verdict: a short head, the parts with their lengths, and an end mark.
//!
//! ```text
//! "PMA1" | kind:u8 | verdict:u8 | detail:u8 | n_parts:u16 | (written:u8 | length:u32 | bytes)* | "DONE"
//! ```
//!
//! The parent believes nothing of it: numbers are looked up, lengths are bounded, and a frame without its end is no verdict.

use std::io::{self, Write};

use crate::kind::Kind;
use crate::limits::{MAX_BYTES_OUT, MAX_PICTURES, MAX_TEXT_BYTES};
use crate::outcome::{Notice, Outcome, Picture, Reason, Verdict, Written};

const BEGIN: &[u8] = b"PMA1";
const END: &[u8] = b"DONE";
const CLEAN: u8 = 0;
const TEXT: u8 = 1;
const SEALED: u8 = 2;
const REFUSED: u8 = 3;
/// In place of a picture's kind: the words of a document.
const WORDS: u8 = 255;

/// The longest frame that is read.
pub const MAX_FRAME_BYTES: usize = MAX_BYTES_OUT + 4096;

/// Writes an outcome.
///
/// # Errors
/// When the other end has gone.
pub fn write(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    let (verdict, detail, parts): (u8, u8, Vec<(u8, &[u8])>) = match &outcome.verdict {
        Verdict::Clean(picture) => (CLEAN, 0, vec![part(picture)]),
        Verdict::Text { text, pictures } => {
            let words = std::iter::once((WORDS, text.as_bytes()));
            (TEXT, 0, words.chain(pictures.iter().map(part)).collect())
        }
        Verdict::Sealed(notice) => (SEALED, number_of(&Notice::ALL, notice), Vec::new()),
        Verdict::Refused(reason) => (REFUSED, number_of(&Reason::ALL, reason), Vec::new()),
    };
    out.write_all(BEGIN)?;
    out.write_all(&[number_of(&Kind::ALL, &outcome.kind), verdict, detail])?;
    out.write_all(&u16::try_from(parts.len()).unwrap_or(u16::MAX).to_be_bytes())?;
    for (written, bytes) in parts {
        out.write_all(&[written])?;
        out.write_all(&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes())?;
        out.write_all(bytes)?;
    }
    out.write_all(END)?;
    out.flush()
}

fn part(picture: &Picture) -> (u8, &[u8]) {
    (number_of(&Written::ALL, &picture.written), &picture.bytes)
}

fn number_of<T: PartialEq>(all: &[T], one: &T) -> u8 {
    all.iter().position(|other| other == one).and_then(|at| u8::try_from(at).ok()).unwrap_or(u8::MAX)
}

/// Reads a frame. `None` when it is cut short or no frame of ours.
#[must_use]
pub fn read(frame: &[u8]) -> Option<Outcome> {
    let mut rest = Rest(frame.strip_prefix(BEGIN)?);
    let kind = *Kind::ALL.get(usize::from(rest.byte()?))?;
    let (verdict, detail) = (rest.byte()?, usize::from(rest.byte()?));
    let n_parts = usize::from(u16::from_be_bytes(rest.take(2)?.try_into().ok()?));
    if n_parts > MAX_PICTURES + 1 {
        return None;
    }
    let mut parts = Vec::new();
    for _ in 0..n_parts {
        let written = rest.byte()?;
        let length = usize::try_from(u32::from_be_bytes(rest.take(4)?.try_into().ok()?)).ok()?;
        parts.push((written, rest.take(length)?));
    }
    if rest.0 != END {
        return None;
    }
    let picture = |(written, bytes): &(u8, &[u8])| {
        Some(Picture { written: *Written::ALL.get(usize::from(*written))?, bytes: bytes.to_vec() })
    };
    let verdict = match (verdict, parts.as_slice()) {
        (CLEAN, [one]) => Verdict::Clean(picture(one)?),
        (TEXT, [(WORDS, text), pictures @ ..]) if text.len() <= MAX_TEXT_BYTES => Verdict::Text {
            text: String::from_utf8(text.to_vec()).ok()?,
            pictures: pictures.iter().map(picture).collect::<Option<_>>()?,
        },
        (SEALED, []) => Verdict::Sealed(*Notice::ALL.get(detail)?),
        (REFUSED, []) => Verdict::Refused(*Reason::ALL.get(detail)?),
        _ => return None,
    };
    Some(Outcome { kind, verdict })
}

struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, n_bytes: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(n_bytes)?;
        self.0 = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|taken| taken[0])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framed(verdict: Verdict) -> Vec<u8> {
        let mut frame = Vec::new();
        write(&Outcome { kind: Kind::Docx, verdict }, &mut frame).expect("a vector takes everything");
        frame
    }

    fn text() -> Vec<u8> {
        let pictures = vec![Picture { written: Written::Png, bytes: vec![1, 2] }];
        framed(Verdict::Text { text: "words".into(), pictures })
    }

    #[test]
    fn a_verdict_comes_back() {
        let Some(Outcome { kind: Kind::Docx, verdict: Verdict::Text { text, pictures } }) = read(&text()) else {
            panic!("it reads")
        };
        assert_eq!((text.as_str(), pictures.len(), pictures[0].bytes.as_slice()), ("words", 1, &[1, 2][..]));
        let refused = read(&framed(Verdict::Refused(Reason::Macros))).expect("it reads");
        assert_eq!(refused.verdict.why(), Some("macros"));
    }

    #[test]
    fn a_frame_that_is_cut_short_or_goes_on_is_no_verdict() {
        let frame = text();
        assert!((0..frame.len()).all(|end| read(&frame[..end]).is_none()));
        assert!(read(&[frame.as_slice(), b"x"].concat()).is_none());
        assert!(read(&framed(Verdict::Sealed(Notice::TooSlow)).into_iter().map(|byte| byte ^ 3).collect::<Vec<_>>()).is_none());
    }
}
