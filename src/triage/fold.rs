//! One spelling for all: folds reports and phrases alike, and remembers where each word stood.
//!
//! Knows nothing of rules. What is folded here is for comparing only and is never shown to anybody.

mod letters;

pub(crate) use letters::fold as alike;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// How far apart the two sides of `x .. y` may stand: six words, or eighteen characters where words have no spaces.
pub(super) const NEAR: usize = 18;

/// A text in folded spelling.
#[derive(Debug, Default)]
pub(super) struct Folded {
    /// The tokens, with a space between words, nothing inside an unspaced run and a line break between sentences.
    pub text: String,
    /// In order, without overlap.
    pub tokens: Vec<Token>,
    /// The Vietnamese spelling of the tokens, tone mark last; empty when no token has a Vietnamese mark.
    pub marks: Vec<String>,
    /// For every sentence, whether it ends in a question mark.
    pub asked: Vec<bool>,
}

/// A word, a number, or one character of a script without spaces.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    /// First character in the original, in Unicode scalar values.
    pub start: usize,
    /// One past the last character in the original.
    pub end: usize,
    /// First byte in the folded text.
    pub from: usize,
    /// One past the last byte in the folded text.
    pub to: usize,
    /// The sentence it belongs to.
    pub sentence: usize,
    /// What it counts in a distance; see [`NEAR`].
    pub width: usize,
    /// Its value, if it is a number of at most six digits.
    pub number: Option<u32>,
}

impl Folded {
    /// Folds a report.
    pub fn report(text: &str) -> Self {
        Folder::new(text.chars().any(is_vietnamese)).run(text)
    }

    /// Folds words of a phrase, keeping Vietnamese marks if `marked`.
    pub fn phrase(words: &str, marked: bool) -> Self {
        Folder::new(marked).run(words)
    }

    /// The token that holds the byte.
    pub fn token_at(&self, byte: usize) -> usize {
        self.tokens.partition_point(|token| token.to <= byte)
    }

    /// How far two tokens stand apart: three for a word, one for a character of a script without spaces.
    pub fn width_between(&self, before: usize, after: usize) -> usize {
        self.tokens.get(before + 1..after).map_or(0, |between| between.iter().map(|token| token.width).sum())
    }
}

/// Whether the token is one character of a script without spaces.
pub(super) fn is_unspaced(word: &str) -> bool {
    word.chars().next().is_some_and(letters::is_unspaced)
}

/// Whether only Vietnamese writes the letter: elsewhere marks are left off in haste, here they make another word.
fn is_vietnamese(letter: char) -> bool {
    matches!(letter, '\u{1EA0}'..='\u{1EF9}' | 'đ' | 'Đ' | 'ơ' | 'Ơ' | 'ư' | 'Ư')
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Letters,
    Digits,
    Unspaced,
    /// A placeholder such as `[phone]`: takes a place, matches nothing.
    Opaque,
}

struct Folder {
    out: Folded,
    keep_marks: bool,
    /// The open token.
    open: Option<(Kind, Token)>,
    mark: String,
    tone: Option<char>,
    run: usize,
    /// Whether punctuation stood since the last token.
    apart: bool,
    last_kind: Option<Kind>,
}

impl Folder {
    fn new(keep_marks: bool) -> Self {
        let out = Folded { asked: vec![false], ..Folded::default() };
        Self { out, keep_marks, open: None, mark: String::new(), tone: None, run: 0, apart: false, last_kind: None }
    }

    fn run(mut self, text: &str) -> Folded {
        self.out.text.reserve(text.len() + 16);
        let letters: Vec<char> = text.chars().collect();
        let mut cluster = String::new();
        let mut at = 0;
        while at < letters.len() {
            if let Some(length) = placeholder(&letters[at..]) {
                self.close();
                self.push(Kind::Opaque, '\u{1}', at, at + length);
                self.close();
                at += length;
                continue;
            }
            let letter = letters[at];
            let mut end = at + 1;
            while end < letters.len() && letters[end] >= '\u{300}' && is_combining_mark(letters[end]) {
                end += 1;
            }
            if letter.is_ascii() && end == at + 1 {
                self.plain(&letters, at);
            } else if end == at + 1 && letters::is_plain(letter) {
                self.letter(letter, at, end);
            } else {
                cluster.clear();
                cluster.extend(&letters[at..end]);
                self.cluster(&cluster, at, end);
            }
            at = end;
        }
        self.close();
        self.out
    }

    /// An ASCII character without marks: most of what comes by SMS.
    fn plain(&mut self, letters: &[char], at: usize) {
        let letter = letters[at].to_ascii_lowercase();
        match letter {
            'a'..='z' => self.push(Kind::Letters, letter, at, at + 1),
            '0'..='9' => self.push(Kind::Digits, letter, at, at + 1),
            ',' | '.' if groups_thousands(letters, at) => {}
            '.' if letters.get(at + 1).is_none_or(|next| next.is_whitespace()) => self.sentence('.'),
            _ => self.other(letter),
        }
    }

    fn cluster(&mut self, cluster: &str, start: usize, end: usize) {
        let latin = cluster.nfkd().next().is_some_and(|base| base.is_ascii_alphabetic()) || cluster == "đ" || cluster == "Đ";
        if latin {
            for letter in cluster.nfkd().flat_map(char::to_lowercase) {
                match letter {
                    '\u{300}' | '\u{301}' | '\u{303}' | '\u{309}' | '\u{323}' if self.keep_marks => self.tone = Some(letter),
                    '\u{302}' | '\u{306}' | '\u{31B}' if self.keep_marks => self.mark.push(letter),
                    '\u{300}'..='\u{36F}' => {}
                    _ => {
                        let folded = letters::fold(letter).unwrap_or(letter);
                        self.push(Kind::Letters, folded, start, end);
                        if letter == 'đ' && self.keep_marks {
                            self.mark.pop();
                            self.mark.push('đ');
                        }
                    }
                }
            }
            return;
        }
        let mut late = None;
        for letter in cluster.nfkc().flat_map(char::to_lowercase) {
            // Thai and Lao: the ring of the vowel may be typed before the tone mark; it is put behind.
            if matches!(letter, '\u{E4D}' | '\u{ECD}') {
                late = Some(letter);
                continue;
            }
            self.letter(letter, start, end);
        }
        if let Some(letter) = late {
            self.letter(letter, start, end);
        }
    }

    fn letter(&mut self, letter: char, start: usize, end: usize) {
        let Some(letter) = letters::fold(letter) else { return };
        if let Some(digit) = letters::digit(letter) {
            self.push(Kind::Digits, digit, start, end);
        } else if letters::ends_sentence(letter) {
            self.sentence(letter);
        } else if is_combining_mark(letter) && self.open.is_some() {
            let kind = self.open.map_or(Kind::Letters, |(kind, _)| kind);
            self.extend(kind, letter, end);
        } else if letters::is_unspaced(letter) && (letter.is_alphanumeric() || is_combining_mark(letter)) {
            self.close();
            self.push(Kind::Unspaced, letter, start, end);
        } else if letter.is_alphanumeric() || is_combining_mark(letter) {
            self.push(Kind::Letters, letter, start, end);
        } else {
            self.other(letter);
        }
    }

    fn other(&mut self, letter: char) {
        if letters::ends_sentence(letter) {
            self.sentence(letter);
        } else {
            self.close();
            self.apart |= !letter.is_whitespace();
        }
    }

    fn sentence(&mut self, letter: char) {
        self.close();
        let current = self.out.asked.len() - 1;
        let has_words = self.out.tokens.last().is_some_and(|token| token.sentence == current);
        if has_words {
            self.out.asked[current] = letters::asks(letter);
            self.out.asked.push(false);
        } else if letters::asks(letter) && current > 0 {
            // `!?` and `??` belong to the sentence before.
            self.out.asked[current - 1] = true;
        }
    }

    fn push(&mut self, kind: Kind, letter: char, start: usize, end: usize) {
        if self.open.is_some_and(|(open, _)| open != kind) {
            self.close();
        }
        if self.open.is_none() {
            self.separate(kind);
            let from = self.out.text.len();
            let width = if kind == Kind::Unspaced { 1 } else { 3 };
            let sentence = self.out.asked.len() - 1;
            self.open = Some((kind, Token { start, end, from, to: from, sentence, width, number: None }));
        }
        self.extend(kind, letter, end);
    }

    fn extend(&mut self, kind: Kind, letter: char, end: usize) {
        if let Some((_, token)) = &mut self.open {
            token.end = end;
        }
        self.run = if self.out.text.ends_with(letter) && self.run > 0 { self.run + 1 } else { 1 };
        // "pleeeease": three alike or more are one.
        if kind == Kind::Letters && letter.is_ascii() && self.run >= 3 {
            if self.run == 3 {
                self.out.text.pop();
                self.mark.pop();
            }
            return;
        }
        self.out.text.push(letter);
        if self.keep_marks {
            self.mark.push(letter);
        }
    }

    /// What stands between the last token and the next.
    fn separate(&mut self, kind: Kind) {
        let Some(last) = self.out.tokens.last() else { return };
        if last.sentence + 1 < self.out.asked.len() {
            self.out.text.push('\n');
        } else if self.apart || kind != Kind::Unspaced || self.last_kind != Some(Kind::Unspaced) {
            self.out.text.push(' ');
        }
    }

    fn close(&mut self) {
        let Some((kind, mut token)) = self.open.take() else { return };
        self.run = 0;
        self.apart = false;
        self.last_kind = Some(kind);
        token.to = self.out.text.len();
        if kind == Kind::Digits && token.to - token.from <= 6 {
            token.number = self.out.text[token.from..token.to].parse().ok();
        }
        self.out.tokens.push(token);
        if self.keep_marks {
            let mut mark = std::mem::take(&mut self.mark);
            mark.extend(self.tone.take());
            self.out.marks.push(mark);
        }
    }
}

/// The length of a placeholder that the anonymiser left at the start of `letters`.
fn placeholder(letters: &[char]) -> Option<usize> {
    if letters.first() != Some(&'[') {
        return None;
    }
    let close = letters.iter().take(24).position(|letter| *letter == ']')?;
    let is_part = |letter: &char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || matches!(letter, '_' | '-');
    (close >= 2 && letters[1].is_ascii_lowercase() && letters[1..close].iter().all(is_part)).then_some(close + 1)
}

/// Whether the dot or comma at `at` stands inside a number such as `4,000`.
fn groups_thousands(letters: &[char], at: usize) -> bool {
    let digit = |place: usize| letters.get(place).is_some_and(char::is_ascii_digit);
    at > 0 && digit(at - 1) && digit(at + 1) && digit(at + 2) && digit(at + 3) && !digit(at + 4)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn folded(text: &str) -> String {
        Folded::report(text).text
    }

    #[test]
    fn spelling_folds_to_one_form() {
        assert_eq!(folded("ＨÉLP  niño"), "help nino");
        assert_eq!(folded("pleeeease"), "please");
        assert_eq!(folded("can\u{2019}t"), "can t");
        assert_eq!(folded("13yo"), "13 yo");
        assert_eq!(folded("4,000 taka"), "4000 taka");
        assert_eq!(folded("١٢ سنة"), "12 سنه");
    }

    #[test]
    fn scripts_without_spaces_lose_their_spaces_but_not_their_commas() {
        assert_eq!(folded("不 让走，老板"), "不让走 老板");
        assert_eq!(folded("才13岁"), "才 13 岁");
        assert_eq!(Folded::report("才13岁").tokens[1].number, Some(13));
    }

    #[test]
    fn vietnamese_keeps_its_marks_wherever_the_tone_is_put() {
        let old = Folded::report("khoá cửa đ");
        let new = Folded::report("khóa cửa đ");
        assert_eq!(old.text, "khoa cua d");
        assert_eq!(old.marks, new.marks);
        assert_ne!(Folded::report("cháy đ").marks, Folded::report("chạy đ").marks);
    }

    #[test]
    fn sentences_end_and_ask() {
        let text = Folded::report("They hit us. May they?? Yes");
        assert_eq!(text.asked, [false, true, false]);
        assert_eq!(text.tokens.last().unwrap().sentence, 2);
    }

    #[test]
    fn placeholders_match_nothing() {
        assert_eq!(folded("call [phone-1] now"), "call \u{1} now");
    }

    proptest! {
        #[test]
        fn places_stay_inside_the_text(text in "\\PC{0,60}") {
            let n_characters = text.chars().count();
            let folded = Folded::report(&text);
            let mut last = 0;
            for token in &folded.tokens {
                prop_assert!(token.start < token.end && token.end <= n_characters);
                prop_assert!(token.from < token.to && folded.text.is_char_boundary(token.from) && folded.text.is_char_boundary(token.to));
                prop_assert!(token.from >= last);
                last = token.to;
            }
            prop_assert!(folded.marks.is_empty() || folded.marks.len() == folded.tokens.len());
        }
    }
}
