//! What is likely before a word is read: the form's language, earlier messages, the country, the desk's languages.
//!
//! A clue moves a close decision and no other: all clues together weigh less than one clear sentence.

use channels::Medium;

use super::{Clues, Language, lexicon};

// In natural logarithms of odds.
/// The language of the form somebody wrote into.
const FORM: f64 = 2.0;
/// The language that somebody's account is set to.
const ACCOUNT: f64 = 1.5;
/// The language that a mail program or another program declares.
const DECLARED: f64 = 0.5;
/// The language of the same reporter's earlier messages.
const EARLIER: f64 = 2.0;
/// The languages of the country a number comes from.
const COUNTRY: f64 = 1.0;
/// The languages that reach this desk.
const DESK: f64 = 1.0;
/// All of them together.
const MOST: f64 = 3.0;

/// The clues of one message.
pub(super) struct Prior<'a> {
    hinted: Option<(Language, f64)>,
    earlier: Option<Language>,
    spoken: &'static [Language],
    desk: &'a [Language],
}

impl<'a> Prior<'a> {
    pub(super) fn new(clues: &Clues<'_>, desk: &'a [Language]) -> Self {
        let worth = match clues.medium {
            Some(Medium::Web | Medium::Call) | None => FORM,
            Some(Medium::Telegram) => ACCOUNT,
            Some(Medium::Sms | Medium::Email | Medium::Partner | Medium::Feed) => DECLARED,
        };
        let hinted = clues.hints.and_then(|hints| hints.language.as_deref()).and_then(Language::parse);
        let country = clues.hints.and_then(|hints| hints.country.as_deref());
        Self {
            hinted: hinted.map(|language| (language, worth)),
            earlier: clues.earlier,
            spoken: country.map_or(&[][..], lexicon::spoken_in),
            desk,
        }
    }

    /// What the clues say for a language, in natural logarithms of odds.
    pub(super) fn of(&self, language: Language) -> f64 {
        let mut sum = 0.0;
        // Whoever has an account in Hindi may write Hindi in Latin letters.
        if let Some((_, worth)) = self.hinted.filter(|(hinted, _)| is_same(*hinted, language)) {
            sum += worth;
        }
        if let Some(earlier) = self.earlier {
            // Whoever wrote in Latin letters before goes on doing so, and may yet have found the other keyboard.
            sum += if earlier == language {
                EARLIER
            } else if is_same(earlier, language) {
                EARLIER / 2.0
            } else {
                0.0
            };
        }
        if self.spoken.contains(&language) {
            sum += COUNTRY;
        }
        if self.desk.iter().any(|spoken| is_same(*spoken, language)) {
            sum += DESK;
        }
        sum.min(MOST)
    }
}

/// The same language, in whatever letters.
fn is_same(one: Language, other: Language) -> bool {
    one.code().trim_end_matches("-Latn") == other.code().trim_end_matches("-Latn")
}
