//! Rapid triage: rules that a union officer can read decide how bad it is if it is true as read.
//!
//! Knows nothing of reporters: it reads [`Redacted`] text only, and what it says of a text is places and rule names.
//! Rules are TOML, words are plain text, both in `config/triage`; the modules below read, match and weigh them.

mod bundle;
mod fold;
mod judge;
mod lexicon;
mod phrase;
mod problem;
mod reading;
mod rule;

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
    fn in_doubt(&self) -> bool {
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
