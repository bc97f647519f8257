//! One line of a word list, read.
//!
//! `word` · `word*` · `*word` · `a/b` · `x .. y` · `{age<15}` `{hours>=12}` `{people>=50}` `{number}` · leading `!` decisive ·
//! leading `~` unsure · `# comment`.

use super::fold::{Folded, is_unspaced};

/// A phrase, taken apart.
#[derive(Debug, Clone)]
pub(super) struct Phrase {
    /// As written, without its mark.
    pub written: String,
    /// In the order in which they must stand.
    pub parts: Vec<Part>,
    /// The part that is looked for first.
    pub anchor: usize,
    /// One such phrase is enough to trigger.
    pub decisive: bool,
    /// Shown in explanations only.
    pub unsure: bool,
    /// So short that it counts only where its language is plausible or another phrase of it was found.
    pub short: bool,
}

/// A part of a phrase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// One of these words.
    Words(Vec<Word>),
    /// A number that passes the test.
    Number(Test),
    /// Anything, as far as [`super::fold::NEAR`].
    Gap,
}

/// Folded words, one or several tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// The folded letters.
    pub text: String,
    /// How many tokens they are.
    pub n_tokens: usize,
    /// The Vietnamese spelling of each token.
    pub marks: Vec<String>,
    /// `*word`: the first token may begin earlier.
    pub open_start: bool,
    /// `word*`: the last token may go on.
    pub open_end: bool,
}

/// What a number must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Test {
    at_least: u32,
    below: u32,
}

impl Test {
    /// Whether the number passes.
    pub fn passes(self, number: u32) -> bool {
        (self.at_least..self.below).contains(&number)
    }

    fn parse(inside: &str) -> Option<Self> {
        if inside == "number" {
            return Some(Self { at_least: 0, below: u32::MAX });
        }
        let place = inside.find(['<', '>', '='])?;
        let (name, rest) = inside.split_at(place);
        // Nobody who works is younger than four, and "2 years" is a time, not an age.
        let least = match name {
            "age" => 4,
            "hours" | "people" | "months" | "grade" | "days" => 1,
            _ => return None,
        };
        if let Some(bound) = rest.strip_prefix(">=") {
            return Some(Self { at_least: bound.parse().ok()?, below: if name == "hours" { 25 } else { u32::MAX } });
        }
        let bound = rest.strip_prefix('<')?;
        Some(Self { at_least: least, below: bound.parse().ok()? })
    }
}

/// Languages that hang endings on their words: the last word of a phrase may go on by itself.
const ENDINGS: [&str; 8] = ["tr", "ta", "si", "bn", "ne", "am", "hi", "ur"];

impl Phrase {
    /// Reads a line; `Ok(None)` when it holds only a comment.
    ///
    /// # Errors
    /// Says what to write instead.
    pub fn parse(line: &str, language: &str) -> Result<Option<Self>, String> {
        let phrase = Self::parse_cue(line, language)?;
        if let Some(phrase) = &phrase {
            check_length(&phrase.parts)?;
        }
        Ok(phrase)
    }

    /// Reads a line of a list of cues, which may be as short as one letter: cues count only beside something else.
    ///
    /// # Errors
    /// Says what to write instead.
    pub fn parse_cue(line: &str, language: &str) -> Result<Option<Self>, String> {
        let line = line.split_once('#').map_or(line, |(before, _)| before).trim();
        if line.is_empty() {
            return Ok(None);
        }
        let (decisive, line) = line.strip_prefix('!').map_or((false, line), |rest| (true, rest.trim_start()));
        let (unsure, line) = line.strip_prefix('~').map_or((false, line), |rest| (true, rest.trim_start()));
        let mut parts = Vec::new();
        for piece in pieces(line)? {
            let part = match piece {
                Piece::Gap => Part::Gap,
                Piece::Number(inside) => Part::Number(Test::parse(inside).ok_or_else(|| {
                    format!("`{{{inside}}}` is no number; write {{age<15}}, {{hours>=12}}, {{people>=50}} or {{number}}")
                })?),
                Piece::Word(word) => Part::Words(words(word, language)?),
            };
            join(&mut parts, part);
        }
        if matches!(parts.first(), Some(Part::Gap)) || matches!(parts.last(), Some(Part::Gap)) {
            return Err("`..` stands at the edge; write a word on both sides or take it away".to_owned());
        }
        open_last_words(&mut parts, language);
        let anchor = anchor(&parts).ok_or("a number needs a word beside it, such as `{age<15} years`")?;
        Ok(Some(Self { written: line.to_owned(), short: is_short(&parts), parts, anchor, decisive, unsure }))
    }
}

enum Piece<'a> {
    Gap,
    Number(&'a str),
    Word(&'a str),
}

fn pieces(line: &str) -> Result<Vec<Piece<'_>>, String> {
    let mut pieces = Vec::new();
    for chunk in line.split_whitespace() {
        if chunk == ".." {
            pieces.push(Piece::Gap);
            continue;
        }
        let mut rest = chunk;
        while let Some(open) = rest.find('{') {
            let close = rest.find('}').filter(|close| *close > open).ok_or("`{` is not closed; write `}` after the number")?;
            if open > 0 {
                pieces.push(Piece::Word(&rest[..open]));
            }
            pieces.push(Piece::Number(&rest[open + 1..close]));
            rest = &rest[close + 1..];
        }
        if !rest.is_empty() {
            pieces.push(Piece::Word(rest));
        }
    }
    Ok(pieces)
}

fn words(piece: &str, language: &str) -> Result<Vec<Word>, String> {
    let mut words = Vec::new();
    for word in piece.split('/') {
        let (open_start, word) = word.strip_prefix('*').map_or((false, word), |rest| (true, rest));
        let (open_end, word) = word.strip_suffix('*').map_or((false, word), |rest| (true, rest));
        if word.contains('*') {
            return Err("`*` stands inside a word; write it at the beginning or at the end".to_owned());
        }
        let folded = Folded::phrase(word, language == "vi");
        if folded.tokens.is_empty() {
            return Err("there is no word here; between two `/` stands a word".to_owned());
        }
        words.push(Word { n_tokens: folded.tokens.len(), text: folded.text, marks: folded.marks, open_start, open_end });
        // "cant", "dont": thumbs leave the apostrophe out.
        if language == "en" && word.contains('\'') {
            let folded = Folded::phrase(&word.replace('\'', ""), false);
            words.push(Word { n_tokens: folded.tokens.len(), text: folded.text, marks: folded.marks, open_start, open_end });
        }
    }
    Ok(words)
}

/// Adds a part; single words that stand side by side become one, which is found faster.
fn join(parts: &mut Vec<Part>, part: Part) {
    if let (Some(Part::Words(before)), Part::Words(after)) = (parts.last_mut(), &part)
        && let ([before], [after]) = (before.as_mut_slice(), after.as_slice())
        && !before.open_end
        && !after.open_start
    {
        let unspaced =
            before.text.chars().next_back().is_some_and(|last| is_unspaced(&last.to_string())) && is_unspaced(&after.text);
        if !unspaced {
            before.text.push(' ');
        }
        before.text.push_str(&after.text);
        before.marks.extend(after.marks.iter().cloned());
        before.n_tokens += after.n_tokens;
        before.open_end = after.open_end;
        return;
    }
    parts.push(part);
}

fn open_last_words(parts: &mut [Part], language: &str) {
    if !ENDINGS.contains(&language) {
        return;
    }
    let least = if language == "tr" { 5 } else { 4 };
    let n_parts = parts.len();
    for place in 0..n_parts {
        let last_of_run = place + 1 == n_parts || !matches!(parts[place + 1], Part::Words(_));
        if let Part::Words(words) = &mut parts[place]
            && last_of_run
        {
            for word in words {
                let last = word.text.rsplit(' ').next().unwrap_or_default();
                word.open_end |= last.chars().count() >= least;
            }
        }
    }
}

/// The part whose shortest word is longest: it is met least often by chance.
fn anchor(parts: &[Part]) -> Option<usize> {
    let shortest = |part: &Part| match part {
        Part::Words(words) => words.iter().map(|word| word.text.len()).min(),
        Part::Number(_) | Part::Gap => None,
    };
    (0..parts.len()).filter(|place| shortest(&parts[*place]).is_some()).max_by_key(|place| shortest(&parts[*place]))
}

fn check_length(parts: &[Part]) -> Result<(), String> {
    let [Part::Words(words)] = parts else { return Ok(()) };
    for word in words {
        let n_letters = word.text.chars().count();
        let least = match word.text.chars().next() {
            Some(first) if is_unspaced(&word.text) => 2 + usize::from(first < '\u{3400}'),
            _ => 2,
        };
        if n_letters < least {
            return Err("too short to stand alone, it is found inside other words; write a longer phrase".to_owned());
        }
    }
    Ok(())
}

fn is_short(parts: &[Part]) -> bool {
    let [Part::Words(words)] = parts else { return false };
    words.iter().any(|word| word.text.is_ascii() && word.text.len() <= 5)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str, language: &str) -> Phrase {
        Phrase::parse(line, language).unwrap().unwrap()
    }

    #[test]
    fn marks_and_comments_are_read() {
        let phrase = parsed("! locked in  # at night", "en");
        assert!(phrase.decisive && !phrase.unsure);
        assert_eq!(phrase.written, "locked in");
        assert!(Phrase::parse("# nothing", "en").unwrap().is_none());
    }

    #[test]
    fn a_phrase_is_looked_for_by_its_rarest_part() {
        let phrase = parsed("no/not .. passport*", "en");
        assert_eq!(phrase.parts.len(), 3);
        assert_eq!(phrase.anchor, 2);
    }

    #[test]
    fn numbers_have_bounds() {
        let test = Test::parse("age<15").unwrap();
        assert!(test.passes(12) && !test.passes(15) && !test.passes(2));
        assert!(Test::parse("hours>=12").unwrap().passes(14));
        assert!(Test::parse("shoes>=12").is_none());
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        for line in ["..", ".. x", "a*b", "{age<15}", "{age<15 years", "{size<3} x", "x//y", "ตา", "不"] {
            assert!(Phrase::parse(line, "th").is_err(), "{line}");
        }
    }

    #[test]
    fn agglutinating_languages_open_the_last_word() {
        let phrase = parsed("zorla çalıştır", "tr");
        let [Part::Words(words)] = phrase.parts.as_slice() else { panic!("one part") };
        assert!(words[0].open_end);
    }
}
