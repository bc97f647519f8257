//! Every phrase of every language, looked for at once.
//!
//! One automaton finds the rarest word of each phrase; the rest of the phrase is then checked in place.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use std::collections::BTreeMap;

use super::fold::{Folded, NEAR};
use super::phrase::{Part, Phrase, Word};

/// A phrase where it comes from.
#[derive(Debug)]
pub(super) struct Entry {
    /// The list's number.
    pub list: usize,
    /// The language, as in the file name.
    pub language: String,
    /// The phrase.
    pub phrase: Phrase,
}

/// A phrase found in a report, in tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Hit {
    /// First token.
    pub first: usize,
    /// Last token.
    pub last: usize,
    /// The entry's number.
    pub entry: usize,
}

impl Hit {
    /// Whether the two share a token.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.first <= other.last && other.first <= self.last
    }
}

/// One phrase that a word of the automaton stands for.
#[derive(Debug, Clone, Copy)]
struct Use {
    entry: u32,
    /// Which of the words of its anchor it is.
    choice: u16,
    open_start: bool,
    open_end: bool,
}

/// All phrases, ready to be looked for.
#[derive(Debug)]
pub(super) struct Lexicon {
    pub entries: Vec<Entry>,
    automaton: AhoCorasick,
    /// For every word of the automaton, what it stands for.
    uses: Vec<Vec<Use>>,
    numbers: BTreeMap<String, Vec<(Word, u32)>>,
    n_lists: usize,
}

/// How many phrases of one list are kept: a long text that repeats itself must not hold the gateway up.
const ENOUGH: usize = 60;

impl Lexicon {
    /// Builds the automaton; `numbers` are the number words of each language.
    pub fn new(entries: Vec<Entry>, numbers: BTreeMap<String, Vec<(Word, u32)>>) -> Self {
        let mut words: BTreeMap<&str, Vec<Use>> = BTreeMap::new();
        for (place, entry) in entries.iter().enumerate() {
            let Part::Words(choices) = &entry.phrase.parts[entry.phrase.anchor] else { continue };
            for (choice, word) in choices.iter().enumerate() {
                let place = u32::try_from(place).expect("a bundle holds fewer than four thousand million phrases");
                let choice = u16::try_from(choice).expect("a line holds fewer than 65,536 words");
                let open_start = word.open_start || is_arabic(&word.text);
                words.entry(&word.text).or_default().push(Use { entry: place, choice, open_start, open_end: word.open_end });
            }
        }
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(words.keys())
            .expect("the word lists are far below the automaton's limit");
        let uses = words.into_values().collect();
        let n_lists = entries.iter().map(|entry| entry.list + 1).max().unwrap_or(0);
        Self { entries, automaton, uses, numbers, n_lists }
    }

    /// Finds every phrase; `speaks` says whether a language is known to be the report's.
    pub fn find(&self, text: &Folded, speaks: impl Fn(&str) -> bool) -> Vec<Hit> {
        let mut hits = Vec::new();
        let mut lonely = Vec::new();
        for found in self.automaton.find_overlapping_iter(&text.text) {
            let first = text.token_at(found.start());
            let last = text.token_at(found.end() - 1);
            // Most finds are pieces of longer words: these two comparisons turn them away before a phrase is touched.
            let starts = found.start() == text.tokens[first].from;
            let ends = found.end() == text.tokens[last].to;
            for found_use in &self.uses[found.pattern().as_usize()] {
                if !(starts || found_use.open_start) || !(ends || found_use.open_end) {
                    continue;
                }
                let place = found_use.entry as usize;
                let entry = &self.entries[place];
                let phrase = &entry.phrase;
                let Part::Words(words) = &phrase.parts[phrase.anchor] else { continue };
                let word = &words[usize::from(found_use.choice)];
                let look = Look { lexicon: self, text, language: &entry.language };
                if !look.fits(word, found.start(), found.end(), first, last) {
                    continue;
                }
                let Some(start) = look.back(&phrase.parts[..phrase.anchor], first) else { continue };
                let Some(end) = look.on(&phrase.parts[phrase.anchor + 1..], last) else { continue };
                let hit = Hit { first: start, last: end, entry: place };
                let bare = look.is_bare(word);
                if bare && start == end {
                    continue;
                }
                if !(phrase.short || bare && word.text.len() < 8) {
                    hits.push(hit);
                    continue;
                }
                if speaks(&entry.language) {
                    hits.push(hit);
                } else {
                    lonely.push(hit);
                }
            }
        }
        self.keep_company(&mut hits, &lonely, text);
        hits.sort_unstable();
        hits.dedup();
        let mut kept = vec![0; self.n_lists];
        hits.retain(|hit| {
            let kept = &mut kept[self.entries[hit.entry].list];
            *kept += 1;
            *kept <= ENOUGH
        });
        hits
    }

    /// Short words look alike in many languages: where theirs is not known to be the report's, they count beside another
    /// phrase of it. English ones of four letters or more always count, everybody borrows
    /// them; and so does everything in a cry of three words.
    fn keep_company(&self, hits: &mut Vec<Hit>, lonely: &[Hit], text: &Folded) {
        let language = |hit: &Hit| self.entries[hit.entry].language.as_str();
        // Where the first phrase of a language ends, and where its last begins.
        let mut reach: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        for hit in hits.iter().chain(lonely) {
            let reach = reach.entry(language(hit)).or_insert((hit.last, hit.first));
            *reach = (reach.0.min(hit.last), reach.1.max(hit.first));
        }
        hits.extend(lonely.iter().filter(|hit| {
            let (ends, begins) = reach[language(hit)];
            let length = text.tokens[hit.last].to - text.tokens[hit.first].from;
            text.tokens.len() <= 3 || language(hit) == "en" && length > 3 || ends < hit.first || begins > hit.last
        }));
    }
}

/// One phrase being checked in one text.
struct Look<'a> {
    lexicon: &'a Lexicon,
    text: &'a Folded,
    language: &'a str,
}

/// Small words that Arabic writes together with the next one.
const PROCLITICS: [&str; 14] = ["و", "ف", "ب", "ل", "ك", "ال", "وال", "بال", "لل", "فال", "كال", "وب", "ول", "ولل"];

impl Look<'_> {
    /// Whether the word found at these bytes stands at the edges of tokens, as far as it must.
    fn fits(&self, word: &Word, from: usize, to: usize, first: usize, last: usize) -> bool {
        let start = self.text.tokens[first].from;
        let starts = word.open_start || from == start || is_proclitic(&self.text.text[start..from], &word.text);
        let ends = word.open_end || to == self.text.tokens[last].to;
        starts && ends && self.marks_agree(word, first)
    }

    /// Vietnamese: with marks in the report, they must be the phrase's; without, the folded letters are enough.
    fn marks_agree(&self, word: &Word, first: usize) -> bool {
        if word.marks.is_empty() || self.text.marks.is_empty() {
            return true;
        }
        self.text.marks.get(first..first + word.marks.len()).is_some_and(|marks| marks == word.marks)
    }

    /// Whether the phrase is Vietnamese and the report has no marks at all, so that one syllable may be any word of any language.
    fn is_bare(&self, word: &Word) -> bool {
        !word.marks.is_empty() && self.text.marks.is_empty()
    }

    /// The last token if the word stands at `token`.
    fn at(&self, word: &Word, token: usize) -> Option<usize> {
        let place = self.text.tokens.get(token)?;
        let rest = &self.text.text[place.from..];
        let here = if rest.starts_with(&word.text) {
            place.from
        } else if !word.open_start && !is_arabic(&word.text) {
            return None;
        } else {
            let length = (place.to - place.from + word.text.len()).min(rest.len());
            let offset = rest.as_bytes()[..length].windows(word.text.len()).position(|window| window == word.text.as_bytes())?;
            place.from + offset
        };
        if here >= place.to {
            return None;
        }
        let to = here + word.text.len();
        let last = self.text.token_at(to - 1);
        self.fits(word, here, to, token, last).then_some(last)
    }

    /// The last token if the parts stand after `before`.
    fn on(&self, parts: &[Part], before: usize) -> Option<usize> {
        let Some((part, rest)) = parts.split_first() else { return Some(before) };
        let next = before + 1;
        match part {
            Part::Words(words) => words.iter().find_map(|word| {
                let last = self.near(before, next).then(|| self.at(word, next))??;
                self.on(rest, last)
            }),
            Part::Number(test) => {
                if !self.near(before, next) {
                    return None;
                }
                let last = self.number_from(next).filter(|(_, number)| test.passes(*number))?.0;
                self.on(rest, last)
            }
            Part::Gap => {
                let mut width = 0;
                let mut place = before;
                while width <= NEAR && self.near(before, place + 1) {
                    if let Some(last) = self.on(rest, place) {
                        return Some(last);
                    }
                    place += 1;
                    width += self.text.tokens[place].width;
                }
                None
            }
        }
    }

    /// The first token if the parts stand before `after`.
    fn back(&self, parts: &[Part], after: usize) -> Option<usize> {
        let Some((part, rest)) = parts.split_last() else { return Some(after) };
        match part {
            Part::Words(words) => words.iter().find_map(|word| {
                let first = after.checked_sub(word.n_tokens)?;
                let fits = self.near(first, after) && self.at(word, first) == Some(after - 1);
                if fits { self.back(rest, first) } else { None }
            }),
            Part::Number(test) => {
                let (first, _) = self.number_before(after).filter(|(_, number)| test.passes(*number))?;
                self.back(rest, first)
            }
            Part::Gap => {
                let mut width = 0;
                let mut place = after;
                while width <= NEAR && place > 0 && self.near(place - 1, after) {
                    if let Some(first) = self.back(rest, place) {
                        return Some(first);
                    }
                    place -= 1;
                    width += self.text.tokens[place].width;
                }
                None
            }
        }
    }

    /// Whether both tokens exist and stand in one sentence.
    fn near(&self, one: usize, other: usize) -> bool {
        let tokens = &self.text.tokens;
        one < tokens.len() && other < tokens.len() && tokens[one].sentence == tokens[other].sentence
    }

    fn number_words(&self) -> &[(Word, u32)] {
        self.lexicon.numbers.get(self.language).map_or(&[], Vec::as_slice)
    }

    /// The number that begins at a token, and its last token.
    fn number_from(&self, token: usize) -> Option<(usize, u32)> {
        if let Some(number) = self.text.tokens[token].number {
            return Some((token, number));
        }
        self.number_words().iter().find_map(|(word, number)| Some((self.at(word, token)?, *number)))
    }

    /// The number that ends before a token, and its first token.
    fn number_before(&self, after: usize) -> Option<(usize, u32)> {
        let last = after.checked_sub(1)?;
        if !self.near(last, after) {
            return None;
        }
        if let Some(number) = self.text.tokens[last].number {
            return Some((last, number));
        }
        self.number_words().iter().find_map(|(word, number)| {
            let first = after.checked_sub(word.n_tokens)?;
            (self.at(word, first)? == last).then_some((first, *number))
        })
    }
}

fn is_proclitic(before: &str, word: &str) -> bool {
    word.chars().count() >= 3 && PROCLITICS.contains(&before)
}

fn is_arabic(word: &str) -> bool {
    word.chars().next().is_some_and(|first| ('\u{600}'..='\u{6FF}').contains(&first))
}
