//! Why the rules said what they said, as data.
//!
//! Holds rule text and places, never words of a report.

use super::{Category, Severity};

/// Whether a rule that fired starts mediation by itself, and if not, why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// It does.
    Triggers,
    /// The rule is not one that may.
    NotAsked,
    /// One sign only, and not a decisive one.
    OneSign,
    /// The words are denied.
    Denied,
    /// The words are asked.
    Question,
    /// A test, a lesson, an advertisement.
    NotAReport,
    /// It says that the matter is settled, which a person must hear for themselves.
    Resolved,
}

impl Trigger {
    /// Whether a rule that may trigger did not, so that a person must read first.
    #[must_use]
    pub const fn holds_back(self) -> bool {
        !matches!(self, Self::Triggers | Self::NotAsked)
    }

    /// The reason in a plain sentence.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Triggers => "starts mediation by itself: a decisive phrase, or two independent signs",
            Self::NotAsked => "rules of this kind never start mediation by themselves",
            Self::OneSign => "a person reads first: only one sign, and not a decisive one",
            Self::Denied => "a person reads first: the words are denied",
            Self::Question => "a person reads first: the words are a question",
            Self::NotAReport => "a person reads first: it looks like a test, a lesson or an advertisement",
            Self::Resolved => "a person reads first: it says that the matter is settled",
        }
    }
}

/// A phrase that was found, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// The word list.
    pub list: String,
    /// Its language, as in the file name.
    pub language: String,
    /// The phrase as written in the list.
    pub phrase: String,
    /// First character.
    pub start: usize,
    /// One past the last character.
    pub end: usize,
    /// Whether this phrase alone is enough to trigger.
    pub decisive: bool,
    /// Whether a word of denial stands beside it.
    pub negated: bool,
    /// Whether it stands in a question.
    pub asked: bool,
}

impl Words {
    /// Whether the words may not mean what they say.
    pub(super) fn in_doubt(&self) -> bool {
        self.negated || self.asked
    }
}

/// Why a rule fired, for a person who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// The rule's id.
    pub rule: String,
    /// Its title.
    pub title: String,
    /// What it says the report is about.
    pub category: Category,
    /// The level it gives to this report.
    pub level: Severity,
    /// Whether that is one step above the rule's own level.
    pub raised: bool,
    /// Whether it triggers, and why not.
    pub trigger: Trigger,
    /// The phrases that made it fire.
    pub words: Vec<Words>,
}
