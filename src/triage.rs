//! Rapid triage: rules that a union officer can read decide how bad it is if it is true as read.
//!
//! Knows nothing of reporters: it reads [`Redacted`] text only, and what it says of a text is places and rule names.
//! Rules are TOML, words are plain text, both in `config/triage`; the modules below read, match and weigh them.

mod bundle;
mod explain;
mod fold;
mod judge;
mod lexicon;
mod phrase;
mod problem;
mod reading;
mod rule;

pub use explain::{Explained, Trigger, Words};
pub(crate) use fold::alike;
pub use problem::Problem;

use std::path::Path;

use crate::anonymise::Redacted;
use crate::language::Language;

/// How urgent a case is, most urgent first. This is also the order in which mediators get cases.
///
/// `Unrated` stands above `Medium`: silence of the rules is no sign of low risk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Somebody may die within hours.
    Emergency,
    /// One of the four PMM behaviours, or harm that cannot be undone.
    Critical,
    /// Serious, lasting, or many people.
    High,
    /// No rule fired or the machine could not read it: a person must, within the clock of `High`.
    Unrated,
    /// A breach that can be put right.
    Medium,
    /// A question, thanks, or something else.
    Low,
}

impl Severity {
    /// All of them, most urgent first.
    pub const ALL: [Self; 6] = [Self::Emergency, Self::Critical, Self::High, Self::Unrated, Self::Medium, Self::Low];

    /// The word used in JSON, keys and configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Emergency => "emergency",
            Self::Critical => "critical",
            Self::High => "high",
            Self::Unrated => "unrated",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }

    /// Reads that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.as_str() == word)
    }

    /// Hours within which a person must have answered the reporter.
    #[must_use]
    pub const fn respond_within_hours(self) -> u32 {
        match self {
            Self::Emergency => 1,
            Self::Critical => 24,
            Self::High | Self::Unrated => 72,
            Self::Medium | Self::Low => 168,
        }
    }
}

macro_rules! categories {
    ($($variant:ident = $word:literal),+ $(,)?) => {
        /// What a report is about. The words are stable and never reused.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Category {
            $(#[doc = concat!("`", $word, "`.")] $variant),+
        }

        impl Category {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word used in JSON, rules and configuration.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
    };
}

categories! {
    ForcedLabour = "forced_labour",
    ChildLabour = "child_labour",
    TraffickingRecruitmentFees = "trafficking_recruitment_fees",
    DocumentRetention = "document_retention",
    ImminentDangerOsh = "imminent_danger_osh",
    InjuryFatality = "injury_fatality",
    SexualViolenceHarassment = "sexual_violence_harassment",
    PhysicalViolenceThreat = "physical_violence_threat",
    RetaliationUnionBusting = "retaliation_union_busting",
    WageTheft = "wage_theft",
    ExcessiveHours = "excessive_hours",
    PollutionEnvironment = "pollution_environment",
    ForcedRelocationLand = "forced_relocation_land",
    SelfHarm = "self_harm",
    Discrimination = "discrimination",
    Other = "other",
}

impl Category {
    /// Reads the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|category| category.as_str() == word)
    }

    /// Whether it is one of the four behaviours that trigger mediation by themselves.
    #[must_use]
    pub const fn triggers_mediation(self) -> bool {
        matches!(self, Self::ForcedLabour | Self::ChildLabour | Self::PollutionEnvironment | Self::ForcedRelocationLand)
    }
}

/// Words that made a rule fire, in Unicode scalar values of the redacted text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// The rule's id.
    pub rule: String,
    /// What it says the report is about.
    pub category: Category,
    /// First character.
    pub start: usize,
    /// One past the last character.
    pub end: usize,
    /// Whether the words were denied.
    pub negated: bool,
}

/// What the rules say of one report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// How urgent.
    pub severity: Severity,
    /// What about; the main one first, empty when no rule fired.
    pub categories: Vec<Category>,
    /// Whether it starts mediation without anybody's word.
    pub auto_trigger: bool,
    /// Whether a person must read it before anything else happens.
    pub review: bool,
    /// The words that decided.
    pub matches: Vec<Match>,
}

/// A loaded, validated set of rules.
#[derive(Debug)]
pub struct Rules {
    lexicon: lexicon::Lexicon,
    /// The names of the word lists.
    lists: Vec<String>,
    rules: Vec<rule::Rule>,
    cues: reading::CueLists,
    hash: String,
}

impl Rules {
    /// The rules that come with the program.
    ///
    /// # Panics
    /// Never: a test loads the same files.
    #[must_use]
    pub fn built_in() -> Self {
        bundle::load(&bundle::built_in()).expect("the built-in rules are tested to load")
    }

    /// Loads `rules/*.toml` and `words/<list>.<language>.txt` from an administrator's own folder.
    ///
    /// # Errors
    /// Every problem at once; a bundle with one problem is refused whole.
    pub fn load(folder: &Path) -> Result<Self, Vec<Problem>> {
        bundle::load(&bundle::folder(folder)?)
    }

    /// Judges a redacted text. The language only breaks ties: phrases of every language are looked for.
    #[must_use]
    pub fn judge(&self, text: &Redacted, language: Language) -> Verdict {
        judge::verdict(&judge::assess(self, &fold::Folded::report(text.as_str()), language))
    }

    /// Says which rules fired and why, in the order of the verdict.
    #[must_use]
    pub fn explain(&self, text: &Redacted, language: Language) -> Vec<Explained> {
        judge::explained(judge::assess(self, &fold::Folded::report(text.as_str()), language))
    }

    /// The name of exactly these rules and words: a SHA-256 over all files, in hexadecimal.
    #[must_use]
    pub fn bundle_hash(&self) -> &str {
        &self.hash
    }

    /// How many rules there are.
    #[must_use]
    pub fn n_rules(&self) -> usize {
        self.rules.len()
    }

    /// How many phrases there are, all languages together.
    #[must_use]
    pub fn n_phrases(&self) -> usize {
        self.lexicon.entries.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::disallowed_methods, reason = "a test needs redacted text without a reporter")]
    fn redacted(text: &str) -> Redacted {
        Redacted::restored(text.to_owned())
    }

    #[test]
    fn the_verdict_and_its_explanation_name_the_same_rules() {
        let rules = Rules::built_in();
        let text = redacted("The guards lock us inside, [name] keeps our passports and a worker died");
        let verdict = rules.judge(&text, Language::UNDETERMINED);
        let explained = rules.explain(&text, Language::UNDETERMINED);
        assert!(verdict.auto_trigger);
        assert_eq!(verdict.categories[0], explained[0].category);
        for found in &verdict.matches {
            assert!(explained.iter().any(|explained| explained.rule == found.rule));
        }
        assert!(explained.iter().any(|explained| explained.trigger == Trigger::Triggers));
    }

    #[test]
    fn the_order_of_severity_is_the_order_of_the_queue() {
        assert!(Severity::ALL.is_sorted());
        assert!(Severity::Unrated < Severity::Medium);
    }
}
