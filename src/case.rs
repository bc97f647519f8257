//! What a mediator may see.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use attachments::{Kind, Notice, Reason};
use channels::{ChannelName, Medium, SiteCode};
use jiff::Timestamp;

use crate::anonymise::{Doubt, Redacted, RedactionKind};
use crate::language::Detected;
use crate::triage::Verdict;

/// A case number that can be read out over a bad line: `K7MQ-4XPD`.
///
/// Seven characters out of 32 (no 0, O, 1 or I) and a check character over GF(32), which catches every single wrong
/// character and every two neighbours exchanged.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Reference(String);

const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

impl Reference {
    /// Makes a reference out of 35 bits of `seed`.
    #[must_use]
    pub fn from_seed(seed: [u8; 16]) -> Self {
        let number = u64::from_be_bytes([0, 0, 0, seed[0], seed[1], seed[2], seed[3], seed[4]]);
        let mut values: Vec<u8> = (0..7).map(|place| u8::try_from(number >> (5 * place) & 31).expect("five bits fit")).collect();
        values.push(check_value(&values));
        let letters: String = values.iter().map(|value| char::from(ALPHABET[usize::from(*value)])).collect();
        Self(format!("{}-{}", &letters[..4], &letters[4..]))
    }

    /// Reads a reference as people type it: any case, with or without hyphen or blanks. A wrong check character is no reference.
    #[must_use]
    pub fn parse(written: &str) -> Option<Self> {
        if written.len() > 40 {
            return None;
        }
        let values: Vec<u8> = written
            .chars()
            .filter(|character| !matches!(character, '-' | ' ' | '\u{2010}'..='\u{2015}'))
            .map(|character| {
                let upper = u8::try_from(character.to_ascii_uppercase()).ok()?;
                ALPHABET.iter().position(|letter| *letter == upper).and_then(|at| u8::try_from(at).ok())
            })
            .collect::<Option<_>>()?;
        if values.len() != 8 || check_value(&values[..7]) != values[7] {
            return None;
        }
        let letters: String = values.iter().map(|value| char::from(ALPHABET[usize::from(*value)])).collect();
        Some(Self(format!("{}-{}", &letters[..4], &letters[4..])))
    }

    /// With its hyphen.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The weighted sum over GF(32), weights being powers of a primitive element.
fn check_value(values: &[u8]) -> u8 {
    // x^5 + x^2 + 1; doubling is multiplying by the primitive element x.
    let double = |value: u8| if value & 16 == 0 { value << 1 } else { (value << 1 & 31) ^ 0b00101 };
    values.iter().fold(0, |sum, value| double(sum ^ value))
}

/// The name a reporter has within one case, and nowhere else: random, so that it links nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alias(String);

impl Alias {
    /// Makes an alias out of random bytes.
    #[must_use]
    pub fn from_random(bytes: [u8; 4]) -> Self {
        let letters: String = bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte & 31)])).collect();
        Self(format!("Reporter {letters}"))
    }

    /// Takes an alias back from a store.
    #[must_use]
    pub fn restored(written: String) -> Self {
        Self(written)
    }

    /// As shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A report without its reporter: anonymised, triaged, ready for a mediator.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// The number everybody uses.
    pub reference: Reference,
    /// What the reporter is called in this case.
    pub alias: Alias,
    /// The channel to answer over.
    pub channel: ChannelName,
    /// The kind of that channel.
    pub medium: Medium,
    /// When it came, cut down to the hour.
    pub received_hour: Timestamp,
    /// The site it names.
    pub site: Option<SiteCode>,
    /// What language it is in, as far as anybody can tell.
    pub language: Detected,
    /// A mail's subject.
    pub subject: Option<Redacted>,
    /// The words.
    pub text: Redacted,
    /// How many values of each kind were taken out.
    pub redaction_counts: BTreeMap<RedactionKind, usize>,
    /// Why an operator must look before mediators do. A case with doubts is held when it comes in.
    pub doubts: BTreeSet<Doubt>,
    /// Which cue tables it was read with.
    pub cue_tables: String,
    /// What the rules say.
    pub verdict: Verdict,
    /// Whether the reporter can be answered.
    pub can_be_answered: bool,
    /// What came with it.
    pub attachments: Vec<Attachment>,
}

/// A file that came with a report: what it is, and not what is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attachment {
    /// Counted from 1 in its case.
    pub number: u32,
    /// What it is, by its bytes.
    pub kind: Kind,
    /// About how large it is; its exact size would be known again.
    pub size: SizeClass,
    /// What became of it.
    pub state: AttachmentState,
}

impl Attachment {
    /// What it is called here. The name it had on its sender's machine is not kept.
    #[must_use]
    pub fn name(&self) -> String {
        let (word, ending) = match self.kind {
            Kind::Jpeg => ("photo", ".jpg"),
            Kind::Png => ("picture", ".png"),
            Kind::WebP => ("picture", ".webp"),
            Kind::Gif => ("picture", ".gif"),
            Kind::Pdf => ("document", ".pdf"),
            Kind::Docx => ("document", ".docx"),
            Kind::Xlsx => ("table", ".xlsx"),
            Kind::Pptx => ("slides", ".pptx"),
            Kind::Odt => ("document", ".odt"),
            Kind::Ods => ("table", ".ods"),
            Kind::Odp => ("slides", ".odp"),
            Kind::OldOffice => ("document", ""),
            Kind::Audio => ("sound", ""),
            Kind::Video => ("film", ""),
            Kind::Archive => ("archive", ""),
            Kind::OtherPicture => ("picture", ""),
            Kind::Markup => ("page", ""),
            Kind::Unknown => ("file", ""),
        };
        format!("{word}-{}{ending}", self.number)
    }
}

/// About how large a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SizeClass {
    /// Less than 100 kB.
    Small,
    /// Less than 1 MB.
    Medium,
    /// Less than 5 MB.
    Large,
    /// More.
    VeryLarge,
}

impl SizeClass {
    const ALL: [Self; 4] = [Self::Small, Self::Medium, Self::Large, Self::VeryLarge];

    /// The class of a size.
    #[must_use]
    pub const fn of(n_bytes: usize) -> Self {
        match n_bytes {
            0..100_000 => Self::Small,
            100_000..1_000_000 => Self::Medium,
            1_000_000..5_000_000 => Self::Large,
            _ => Self::VeryLarge,
        }
    }

    /// The word in JSON and on the screen.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Small => "small",
            Self::Medium => "medium",
            Self::Large => "large",
            Self::VeryLarge => "very_large",
        }
    }

    /// Reads the word back.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.as_str() == word)
    }
}

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttachmentState {
    /// It is clean and waits for an operator to release it.
    Waiting,
    /// It is kept sealed.
    Sealed(Notice),
    /// It is refused; what was sent is kept sealed.
    Refused(Reason),
}

impl AttachmentState {
    /// The word in JSON and on the screen.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sealed(_) => "sealed",
            Self::Refused(_) => "refused",
        }
    }

    /// Why, as a word from a closed list.
    #[must_use]
    pub const fn reason(&self) -> Option<&'static str> {
        match self {
            Self::Waiting => None,
            Self::Sealed(notice) => Some(notice.as_str()),
            Self::Refused(reason) => Some(reason.as_str()),
        }
    }

    /// Reads the words back.
    #[must_use]
    pub fn parse(state: &str, reason: Option<&str>) -> Option<Self> {
        match (state, reason) {
            ("waiting", None) => Some(Self::Waiting),
            ("sealed", Some(notice)) => Notice::parse(notice).map(Self::Sealed),
            ("refused", Some(reason)) => Reason::parse(reason).map(Self::Refused),
            _ => None,
        }
    }
}

/// One message of the conversation on a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Who said it.
    pub from: Speaker,
    /// When, cut down to the hour for reporters.
    pub at: Timestamp,
    /// What was said.
    pub text: Redacted,
}

/// Who said something on a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Speaker {
    /// The reporter.
    Reporter,
    /// A mediator, by the name of the account.
    Mediator(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(number: u8) -> Reference {
        Reference::from_seed([number, 77, 3, 200, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    }

    #[test]
    fn a_reference_is_read_as_people_type_it() {
        let reference = sample(1);
        assert_eq!(Reference::parse(reference.as_str()), Some(reference.clone()));
        assert_eq!(Reference::parse(&reference.as_str().to_lowercase().replace('-', " ")), Some(reference));
    }

    #[test]
    fn every_single_wrong_character_is_caught() {
        let right = sample(2).as_str().replace('-', "");
        for at in 0..8 {
            for letter in ALPHABET {
                let mut wrong = right.clone().into_bytes();
                if wrong[at] != *letter {
                    wrong[at] = *letter;
                    let wrong = String::from_utf8(wrong).expect("letters are ASCII");
                    assert_eq!(Reference::parse(&wrong), None);
                }
            }
        }
    }

    #[test]
    fn exchanged_neighbours_are_caught() {
        for number in 0..=255 {
            let right = sample(number).as_str().replace('-', "").into_bytes();
            for at in 0..7 {
                let mut wrong = right.clone();
                wrong.swap(at, at + 1);
                if wrong != right {
                    assert_eq!(Reference::parse(&String::from_utf8(wrong).expect("letters are ASCII")), None);
                }
            }
        }
    }
}
