//! Telephone numbers: one canonical spelling, and the digits to look for in a text.

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat, Region};

/// A sender's number, as far as it could be understood. Short codes and sender names are kept as they came.
pub(crate) enum Phone {
    /// A real number: E.164, country code, national digits.
    Full { e164: String, country_code: String, national: String },
    /// Anything else a network puts in the sender field.
    Other(String),
}

impl Phone {
    /// Never fails: a sender that is no number is still a sender.
    pub(crate) fn read(written: &str, country: Option<&str>) -> Self {
        let tidy = written.trim();
        let digits: String = fold_digits(tidy).filter(char::is_ascii_digit).collect();
        let region = country.and_then(|code| code.to_ascii_uppercase().parse::<Region>().ok());
        let folded: String = fold_digits(tidy).collect();
        // A short code is nobody's number, though some country has numbers of its length.
        if !folded.starts_with('+') && digits.len() <= 6 {
            return Self::Other(tidy.to_lowercase());
        }
        let mut spellings = vec![(folded.clone(), region)];
        // Gateways drop the plus sign; a long run of digits is then an international number.
        if !folded.starts_with('+') && digits.len() >= 9 {
            spellings.insert(usize::from(region.is_some()), (format!("+{}", digits.trim_start_matches('0')), None));
        }
        let numbers: Vec<_> = spellings
            .into_iter()
            .filter_map(|(spelling, region)| PHONE_NUMBER_UTIL.parse(&spelling, region).ok())
            .filter(|number| number.is_possible_with_reason().is_ok())
            .collect();
        // A number that some country really has is meant, before one that is only of a fitting length.
        match numbers.iter().find(|number| number.is_valid()).or(numbers.first()) {
            Some(number) => Self::Full {
                e164: number.format_as(PhoneNumberFormat::E164).into_owned(),
                country_code: number.country_code.to_string(),
                national: number.get_national_significant_number(),
            },
            None => Self::Other(tidy.to_lowercase()),
        }
    }

    /// The spelling that stands for the sender everywhere.
    pub(crate) fn canonical(&self) -> &str {
        match self {
            Self::Full { e164, .. } => e164,
            Self::Other(as_written) => as_written,
        }
    }
}

/// Whether something written in a sender's place is a telephone number, of whatever country.
pub(crate) fn is_number(written: &str) -> bool {
    let n_digits = fold_digits(written).filter(char::is_ascii_digit).count();
    n_digits >= 7 && fold_digits(written).all(|character| character.is_ascii_digit() || "+-.() ".contains(character))
}

/// Turns decimal digits of every script into ASCII and leaves the rest alone, one character for one.
pub(crate) fn fold_digits(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars().map(|character| digit_of(character).map_or(character, |digit| char::from(b'0' + digit)))
}

/// The value of a decimal digit of any script that workers type in.
pub(crate) fn digit_of(character: char) -> Option<u8> {
    // The zero of each decimal block; the ten digits follow each other in Unicode.
    const ZEROS: [u32; 22] = [
        0x30, 0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xDE6, 0xE50, 0xED0, 0xF20,
        0x1040, 0x17E0, 0x1810, 0x1090, 0xFF10,
    ];
    let code = u32::from(character);
    ZEROS.iter().find(|zero| (**zero..**zero + 10).contains(&code)).and_then(|zero| u8::try_from(code - zero).ok())
}
