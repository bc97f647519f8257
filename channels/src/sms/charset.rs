//! From a gateway's bytes to words, by a charset's name, by the number that SMPP gives a coding, or by what they look like.
//!
//! Never fails: bytes that are not what they were said to be are read as the next likely thing, so that no word is lost.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::segments::{BASIC, EXTENSION};

/// A charset of the world of text messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Charset {
    /// The GSM 7-bit default alphabet, a septet in each byte.
    Gsm7,
    /// A charset that the web knows as well.
    Web(&'static Encoding),
}

impl Charset {
    /// The charset of a name, as gateways write them. `None` for a name that nobody knows, and for `binary`.
    pub(super) fn named(name: &str) -> Option<Self> {
        let name = name.trim().to_ascii_lowercase();
        match name.as_str() {
            "gsm" | "gsm7" | "gsm-7" | "gsm0338" | "gsm-03.38" | "gsm 03.38" | "gsm_7bit" => Some(Self::Gsm7),
            "ucs2" | "ucs-2" | "ucs-2be" | "utf16be" | "utf-16be" | "utf16" | "utf-16" | "iso-10646-ucs-2" => {
                Some(Self::Web(UTF_16BE))
            }
            "utf16le" | "utf-16le" | "ucs-2le" => Some(Self::Web(UTF_16LE)),
            "utf8" => Some(Self::Web(UTF_8)),
            _ => Encoding::for_label_no_replacement(name.as_bytes()).map(Self::Web),
        }
    }

    /// The charset of an SMPP data coding.
    pub(super) fn of_data_coding(number: &str) -> Option<Self> {
        match number.trim() {
            "0" => Some(Self::Gsm7),
            "1" => Self::named("us-ascii"),
            "3" => Self::named("iso-8859-1"),
            "5" => Self::named("shift_jis"),
            "6" => Self::named("iso-8859-5"),
            "7" => Self::named("iso-8859-8"),
            "8" => Some(Self::Web(UTF_16BE)),
            "14" => Self::named("euc-kr"),
            _ => None,
        }
    }

    /// The words. Bytes that cannot be in this charset are read as if nothing had been said.
    pub(super) fn decode(self, bytes: &[u8]) -> String {
        match self {
            Self::Gsm7 if bytes.iter().all(u8::is_ascii) => gsm7(bytes),
            Self::Gsm7 => undeclared(bytes, WINDOWS_1252),
            // A text that was cut in the middle of a unit has lost half a character, and nothing more.
            Self::Web(encoding) if encoding == UTF_16BE || encoding == UTF_16LE => {
                let has_mark = bytes.starts_with(b"\xFE\xFF") || bytes.starts_with(b"\xFF\xFE");
                if has_mark { encoding.decode(bytes).0 } else { encoding.decode_without_bom_handling(bytes).0 }.into_owned()
            }
            Self::Web(encoding) => match encoding.decode(bytes) {
                (words, _, false) => words.into_owned(),
                (_, _, true) => undeclared(bytes, WINDOWS_1252),
            },
        }
    }
}

/// UTF-8 if it is that, else `otherwise`, which must give every byte a character.
pub(super) fn undeclared(bytes: &[u8], otherwise: &'static Encoding) -> String {
    match std::str::from_utf8(bytes) {
        Ok(words) => words.to_owned(),
        Err(_) => otherwise.decode_without_bom_handling(bytes).0.into_owned(),
    }
}

/// One septet a byte, and two behind an escape.
fn gsm7(septets: &[u8]) -> String {
    /// The ten of the extension, in the order of [`EXTENSION`].
    const EXTENDED: [u8; 10] = [0x0A, 0x14, 0x28, 0x29, 0x2F, 0x3C, 0x3D, 0x3E, 0x40, 0x65];
    const ESCAPE: u8 = 0x1B;
    let basic: Vec<char> = BASIC.chars().collect();
    let of = |septet: u8| {
        // The list leaves out the escape itself.
        let place = usize::from(septet) - usize::from(septet > ESCAPE);
        basic.get(place).copied().unwrap_or(' ')
    };
    let mut words = String::with_capacity(septets.len());
    let mut septets = septets.iter().copied();
    while let Some(septet) = septets.next() {
        if septet != ESCAPE {
            words.push(of(septet));
            continue;
        }
        let Some(second) = septets.next() else { break };
        let extended = EXTENDED.iter().position(|other| *other == second).and_then(|at| EXTENSION.chars().nth(at));
        // A phone that does not know an extension shows the plain character.
        words.push(extended.unwrap_or_else(|| if second == ESCAPE { ' ' } else { of(second) }));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(charset: &str, bytes: &[u8], expect: &str) {
        assert_eq!(Charset::named(charset).expect("a known name").decode(bytes), expect, "{charset}");
    }

    #[test]
    fn each_charset_gives_its_own_words() {
        check("UTF-8", "café ৳".as_bytes(), "café ৳");
        check("ISO-8859-1", b"caf\xE9", "café");
        check("WINDOWS-1252", b"\x80 caf\xE9", "€ café");
        check("UTF-16BE", b"\x09\xAC\xD8\x3D\xDE\x21", "ব😡");
        check("GSM", b"\x00 \x1Be \x05t\x05 \x11 \x02", "@ € été _ $");
    }

    #[test]
    fn every_septet_has_its_character() {
        assert_eq!(gsm7(b"\x1B\x0A\x1B\x14\x1B(\x1B)\x1B/\x1B<\x1B=\x1B>\x1B@\x1Be"), EXTENSION);
        let all: Vec<u8> = (0..=0x7F).filter(|septet| *septet != 0x1B).collect();
        assert_eq!(gsm7(&all), BASIC);
        assert_eq!(gsm7(b"a\x1B"), "a");
    }

    #[test]
    fn a_wrong_promise_costs_no_words() {
        check("UTF-8", b"caf\xE9", "café");
        check("GSM", "gehört".as_bytes(), "gehört");
        check("UTF-16BE", b"\x09\xAC\x09", "ব\u{FFFD}");
    }

    #[test]
    fn codings_are_those_of_smpp() {
        assert_eq!(Charset::of_data_coding("8").expect("UCS-2").decode(b"\x0E\x01"), "ก");
        assert_eq!(Charset::of_data_coding("3").expect("Latin-1").decode(b"\xF1"), "ñ");
        assert_eq!(Charset::of_data_coding("0").expect("GSM").decode(b"hello\x00"), "hello@");
        assert_eq!(Charset::of_data_coding("4"), None);
        assert_eq!(Charset::named("binary"), None);
    }
}
