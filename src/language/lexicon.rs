//! What is known of the languages that share a script: their words and letters, from `config/languages.toml`.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::Language;
use super::script::Script;
use super::words::Words;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LexiconFile {
    countries: HashMap<String, Vec<String>>,
    names: HashMap<String, Vec<String>>,
    language: Vec<LanguageEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LanguageEntry {
    code: String,
    script: ScriptEntry,
    #[serde(default)]
    letters: String,
    words: String,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum ScriptEntry {
    Latin,
    Cyrillic,
    Arabic,
    Devanagari,
}

/// The languages of one shared script, with an index of their words and letters.
pub(super) struct Lexicon {
    pub(super) languages: Vec<Language>,
    words: HashMap<String, Vec<usize>>,
    letters: HashMap<char, Vec<usize>>,
}

impl Lexicon {
    /// Places in [`Lexicon::languages`] of those that have this word.
    pub(super) fn with_word(&self, word: &str) -> &[usize] {
        self.words.get(word).map_or(&[], Vec::as_slice)
    }

    /// Places in [`Lexicon::languages`] of those that have this special letter.
    pub(super) fn with_letter(&self, letter: char) -> &[usize] {
        self.letters.get(&letter).map_or(&[], Vec::as_slice)
    }
}

struct Compiled {
    countries: HashMap<String, Vec<Language>>,
    names: HashMap<String, Language>,
    latin: Lexicon,
    cyrillic: Lexicon,
    arabic: Lexicon,
    devanagari: Lexicon,
}

static COMPILED: LazyLock<Compiled> = LazyLock::new(|| {
    let file: LexiconFile = toml::from_str(include_str!("../../config/languages.toml")).expect("the file compiled in is tested");
    let language = |code: &String| Language::parse(code).expect("the codes in the file compiled in are tested");
    let mut compiled = Compiled {
        countries: file
            .countries
            .iter()
            .map(|(country, codes)| (country.clone(), codes.iter().map(language).collect()))
            .collect(),
        names: file
            .names
            .iter()
            .flat_map(|(code, names)| names.iter().map(move |name| (as_read(name), language(code))))
            .collect(),
        latin: Lexicon::empty(),
        cyrillic: Lexicon::empty(),
        arabic: Lexicon::empty(),
        devanagari: Lexicon::empty(),
    };
    for entry in &file.language {
        let (lexicon, script) = match entry.script {
            ScriptEntry::Latin => (&mut compiled.latin, Script::Latin),
            ScriptEntry::Cyrillic => (&mut compiled.cyrillic, Script::Cyrillic),
            ScriptEntry::Arabic => (&mut compiled.arabic, Script::Arabic),
            ScriptEntry::Devanagari => (&mut compiled.devanagari, Script::Devanagari),
        };
        lexicon.add(language(&entry.code), script, entry);
    }
    compiled
});

impl Lexicon {
    fn empty() -> Self {
        Self { languages: Vec::new(), words: HashMap::new(), letters: HashMap::new() }
    }

    /// Words go through the same cleaning as texts, or they would never be met again.
    fn add(&mut self, language: Language, script: Script, entry: &LanguageEntry) {
        let place = self.languages.len();
        self.languages.push(language);
        for line in entry.words.lines() {
            for word in Words::read(line).of(script) {
                push_once(self.words.entry(word.to_owned()).or_default(), place);
            }
        }
        for letter in entry.letters.chars() {
            push_once(self.letters.entry(letter).or_default(), place);
        }
    }
}

fn push_once(places: &mut Vec<usize>, place: usize) {
    if !places.contains(&place) {
        places.push(place);
    }
}

/// What is known of the languages of a shared script; `None` if the script decides alone.
pub(super) fn of(script: Script) -> Option<&'static Lexicon> {
    match script {
        Script::Latin => Some(&COMPILED.latin),
        Script::Cyrillic => Some(&COMPILED.cyrillic),
        Script::Arabic => Some(&COMPILED.arabic),
        Script::Devanagari => Some(&COMPILED.devanagari),
        Script::Han | Script::Kana | Script::Only(_) => None,
    }
}

/// The languages that reports from a country are likely to be in.
pub(super) fn spoken_in(country: &str) -> &'static [Language] {
    COMPILED.countries.get(&country.to_ascii_uppercase()).map_or(&[], Vec::as_slice)
}

/// The language that is called so; `words` are one blank apart and in the spelling of [`Words`].
pub(super) fn called(words: &str) -> Option<Language> {
    COMPILED.names.get(words).copied()
}

/// Names go through the same cleaning as texts.
fn as_read(name: &str) -> String {
    Words::read(name).all().collect::<Vec<_>>().join(" ")
}
