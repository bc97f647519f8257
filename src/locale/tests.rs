//! Holds every locale to what it promises: one segment, plain characters, every message.

use std::collections::BTreeSet;

use fluent_bundle::FluentArgs;

use super::*;
use channels::segments::{Alphabet, cost};

const REFERENCE: &str = "K7MQ-4XPD";

/// Words that a stranger looking over her shoulder should not read on her phone.
const TELLING_WORDS: &[&str] = &[
    "report",
    "complain",
    "union",
    "hotline",
    "helpline",
    "case",
    "boss",
    "help",
    "danger",
    "mediat",
    "abuse",
    "harass",
    "employer",
    "factory",
    "anonym",
    "secret",
    "safe",
    "threat",
    "violence",
    "police",
    "grievance",
    "worker",
];

fn receipts() -> Vec<(&'static str, String)> {
    let locales = Locales::built_in();
    locales.tags().map(|tag| (tag, locales.receipt_for_code(tag, "en", REFERENCE))).collect()
}

/// The names of a file's messages.
fn keys(entry: &Entry) -> BTreeSet<&str> {
    entry
        .source
        .lines()
        .filter(|line| line.starts_with(|first: char| first.is_ascii_lowercase()))
        .map(|line| line.split_once(" =").expect("a message line has a name").0)
        .collect()
}

#[test]
fn locales_can_be_shared_between_threads() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<Locales>();
}

#[test]
fn every_receipt_fits_one_segment() {
    for (tag, receipt) in receipts() {
        assert_eq!(cost(&receipt).n_segments, 1, "{tag} takes {} units", cost(&receipt).n_units);
    }
}

#[test]
fn a_receipt_that_asks_for_the_language_takes_at_most_four_segments() {
    let locales = Locales::built_in();
    for default in locales.tags() {
        for one in locales.tags().filter_map(Language::parse) {
            for other in locales.tags().filter_map(Language::parse) {
                let receipt = locales.receipt_asking(&[one, other], default, REFERENCE);
                assert!(cost(&receipt).n_segments <= 4, "{default} {one} {other}: {} units", cost(&receipt).n_units);
            }
        }
    }
}

#[test]
fn a_receipt_asks_in_the_two_likeliest_languages_that_we_speak() {
    let locales = Locales::built_in();
    let language = |code: &str| Language::parse(code).expect("a code");
    let asked = locales.receipt_asking(&[language("nld"), language("vie"), language("ind"), language("tur")], "en", REFERENCE);
    assert_eq!(asked.lines().count(), 5);
    assert!(asked.contains("tiếng gì") && asked.contains("Bahasa apa"));
    let nobody = locales.receipt_asking(&[], "fr", REFERENCE);
    assert!(nobody.ends_with("Laquelle est-ce ?"));
}

#[test]
fn the_languages_of_the_sms_alphabet_stay_in_it() {
    for (tag, receipt) in receipts() {
        if ["en", "id", "ms", "es", "pt", "fr", "tl"].contains(&tag) || tag.ends_with("-Latn") {
            assert_eq!(cost(&receipt).alphabet, Alphabet::Gsm7, "{tag} leaves the alphabet");
        }
    }
}

#[test]
fn every_receipt_has_the_reference_alone_on_a_line() {
    for (tag, receipt) in receipts() {
        assert_eq!(receipt.lines().nth(1), Some(REFERENCE), "{tag}");
        assert_eq!(receipt.lines().count(), 3, "{tag}");
    }
}

#[test]
fn no_receipt_has_characters_that_cheap_phones_stumble_over() {
    let unwelcome = |character: char| {
        matches!(character, '\u{a0}' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2010}'..='\u{202f}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
            || (character.is_control() && character != '\n')
    };
    for (tag, receipt) in receipts() {
        assert!(!receipt.contains(unwelcome), "{tag}");
        assert!(!receipt.contains("://") && !receipt.contains("www."), "{tag}");
    }
}

#[test]
fn receipts_are_composed_because_accents_of_their_own_cost_units() {
    use unicode_normalization::is_nfc;
    for entry in CATALOGUE {
        assert!(is_nfc(entry.source), "{}", entry.tag);
    }
}

#[test]
fn the_english_receipt_gives_nothing_away() {
    let receipt = Locales::built_in().receipt_for_code("eng", "en", REFERENCE).to_lowercase();
    for word in TELLING_WORDS {
        assert!(!receipt.contains(word), "says `{word}`");
    }
}

#[test]
fn each_language_gets_its_own_receipt() {
    let locales = Locales::built_in();
    let answered_by = |code| locales.for_code(code, "en").tag();
    for (code, tag) in [
        ("eng", "en"),
        ("cmn", "zh-Hans"),
        ("vie", "vi"),
        ("ind", "id"),
        ("ben", "bn"),
        ("mya", "my"),
        ("khm", "km"),
        ("tha", "th"),
        ("hin", "hi"),
        ("nep", "ne"),
        ("npi", "ne"),
        ("urd", "ur"),
        ("spa", "es"),
        ("por", "pt"),
        ("fra", "fr"),
        ("tur", "tr"),
        ("ara", "ar"),
        ("tgl", "tl"),
        ("fil", "tl"),
        ("rus", "ru"),
        ("tam", "ta"),
        ("zsm", "ms"),
        ("hin-Latn", "hi-Latn"),
        ("urd-Latn", "ur-Latn"),
        ("ben-Latn", "bn-Latn"),
        ("nep-Latn", "ne-Latn"),
        ("mya-Latn", "my"),
    ] {
        assert_eq!(answered_by(code), tag, "{code}");
    }
}

#[test]
fn an_unknown_language_is_answered_in_the_desks_own() {
    let locales = Locales::built_in();
    for code in ["und", "swh", "", "not a code"] {
        assert_eq!(locales.for_code(code, "vi").tag(), "vi");
        assert_eq!(locales.for_code(code, "vie").tag(), "vi");
        assert_eq!(locales.for_code(code, "nonsense").tag(), "en");
    }
    assert_eq!(locales.receipt(Language::UNDETERMINED, "id", REFERENCE), locales.receipt_for_code("ind", "en", REFERENCE));
}

#[test]
fn chinese_is_written_in_the_script_of_the_desk() {
    let locales = Locales::built_in();
    assert_eq!(locales.for_code("cmn", "zh-Hant").tag(), "zh-Hant");
    assert_eq!(locales.for_code("cmn", "zh-HK").tag(), "zh-Hant");
    assert_eq!(locales.for_code("cmn", "vi").tag(), "zh-Hans");
}

#[test]
fn a_locale_has_all_the_pages_or_none() {
    let english = keys(&CATALOGUE[0]);
    for entry in CATALOGUE {
        let keys = keys(entry);
        assert!(keys.contains("receipt") && keys.contains("which-language"), "{}", entry.tag);
        assert!(keys.len() == 2 || keys == english, "{} lacks {:?}", entry.tag, english.difference(&keys));
    }
}

#[test]
fn a_page_speaks_the_language_asked_for_then_the_browsers_then_the_desks() {
    let locales = Locales::built_in();
    let choose = |asked, accepted, default| locales.choose_page_language(asked, accepted, default);
    assert_eq!(choose(Some("zh-Hans"), Some("en"), "en"), "zh-Hans");
    assert_eq!(choose(Some("ZH-cn"), None, "en"), "zh-Hans");
    assert_eq!(choose(Some("xx"), Some("xx, zh-CN;q=0.8, en;q=0.1"), "en"), "zh-Hans");
    assert_eq!(choose(None, Some("xx"), "zh"), "zh-Hans");
    assert_eq!(choose(None, Some("zh-HK, en;q=0.9"), "en"), "zh-Hans", "Chinese in the other script beats a foreign language");
    assert_eq!(choose(None, None, "vi"), "en");
    assert_eq!(choose(Some("\"><script>"), Some("\u{0}"), ""), "en");
}

#[test]
fn a_missing_message_or_argument_is_an_error_and_no_text() {
    let locales = Locales::built_in();
    assert_eq!(locales.page("en").say("no-such-message", &FluentArgs::new()), Err(LocaleError::Missing));
    assert_eq!(locales.page("en").say("receipt", &FluentArgs::new()), Err(LocaleError::Arguments));
}
