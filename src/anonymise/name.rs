//! Finds where somebody says her name: behind a cue, in front of one, in a form, under a letter.
//!
//! Grammar only: there is no list of first names here, and there must never be one.

use std::ops::Range;

use super::cues::{Mark, Role, Side};
use super::fold::HOLE;
use super::reading::Reading;
use super::words::{Break, Shape};

/// The most words of a name.
const MOST_WORDS: usize = 6;
/// The most words of a name that nothing ends.
const MOST_OPEN_WORDS: usize = 3;

/// What became of the cues for names.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// The names, in bytes of the folded text.
    pub found: Vec<Range<usize>>,
    /// Whether somebody began to say a name and none was recognised.
    pub is_any_missed: bool,
}

/// All names that are said.
pub(super) fn find(reading: &Reading<'_>) -> Names {
    let mut names = Names::default();
    for mark in &reading.marks {
        // One character says as little in another language as a weak cue does.
        let is_little =
            mark.role == Role::NameWeak || (mark.end == mark.start + 1 && reading.words[mark.start].shape == Shape::Unspaced);
        if is_little && !reading.is_trusted(mark.table) {
            continue;
        }
        match (mark.role, mark.side) {
            (Role::NameStrong, Side::Behind) => strong(reading, mark, &mut names),
            (Role::NameWeak, Side::Behind) => weak(reading, mark, &mut names),
            (Role::NameStrong | Role::NameWeak, Side::InFront) => in_front(reading, mark, &mut names),
            (Role::NameStrong | Role::NameWeak, Side::Opens) => between(reading, mark, &mut names),
            (Role::NameLabel, Side::Behind) => labelled(reading, mark, &mut names),
            (Role::Closing, Side::Behind) => signed(reading, mark, &mut names),
            _ => {}
        }
    }
    names
}

fn take(reading: &Reading<'_>, words: Range<usize>, table: u8, names: &mut Names) {
    if words.is_empty() {
        return;
    }
    let mut bytes = reading.bytes(&words);
    // `Ayşe'dir`: what hangs on behind the apostrophe is grammar.
    let last = reading.word(words.end - 1);
    if let Some(at) = last.rfind(['\'', '\u{2019}']) {
        let ending = last[at..].trim_start_matches(['\'', '\u{2019}']).to_lowercase();
        if at > 0 && reading.lexicon.writings[usize::from(table)].endings.contains(&ending) {
            bytes.end -= last.len() - at;
        }
    }
    // `Rosa (Reyes)`
    if let Some(next) = reading.words.get(words.end)
        && reading.text[bytes.end..next.range.start].trim_start() == "("
        && reading.text[next.range.end..].starts_with(')')
        && !next.shape.has_digits()
        && !reading.is_not_name(words.end, table)
        && !reading.is_thing(words.end, table)
    {
        bytes.end = next.range.end + 1;
    }
    names.found.push(bytes);
}

/// Behind a cue after which nothing but a name can stand.
fn strong(reading: &Reading<'_>, mark: &Mark, names: &mut Names) {
    let at = reading.behind_links(mark.end, mark.table);
    if is_somebody_elses(reading, mark) {
        return;
    }
    let first = reading.break_before(at);
    let is_near = first <= Break::Dot
        || (first == Break::Line
            && at < reading.words.len()
            && reading.text[reading.words[at - 1].range.end..reading.words[at].range.start]
                .trim_start_matches([' ', ':', '-', '：'])
                .starts_with('\n'));
    if !is_near || at >= reading.words.len() {
        return;
    }
    // `call me in the evening`
    let shape = reading.words[at].shape;
    if shape == Shape::Lower && reading.is_not_name(at, mark.table) {
        return;
    }
    match run(reading, at, mark.table) {
        Some(words) if !is_firm(reading, &words, mark.table, false) => take(reading, words, mark.table, names),
        Some(_) => {}
        None => {
            // "My name is not important" says that there is none.
            let is_refused =
                reading.is_stop(at, mark.table) || reading.is_not_name(at, mark.table) || reading.words[at].shape.has_digits();
            names.is_any_missed |= !is_refused;
        }
    }
}

/// Whether the words before the cue say whose name it is: the company's, the supervisor's.
fn is_somebody_elses(reading: &Reading<'_>, mark: &Mark) -> bool {
    let from = mark.start.saturating_sub(3);
    (from..mark.start).any(|at| {
        reading.marks_at(at).iter().any(|other| other.role == Role::Other && other.end <= mark.start)
            && (at + 1..=mark.start).all(|between| reading.break_before(between) <= Break::Blank)
    })
}

/// Whether a name is rather that of a firm: it or the words right behind it say so.
fn is_firm(reading: &Reading<'_>, words: &Range<usize>, table: u8, is_weak: bool) -> bool {
    // In a script without blanks short words stand inside of others by chance.
    let is_unspaced = reading.words[words.start].shape == Shape::Unspaced;
    let is_of_firm = |at: usize| {
        reading.marks_at(at).iter().any(|mark| {
            let is_word = !is_unspaced || (mark.end - mark.start >= 4 && (at == words.start || mark.end == words.end));
            matches!(mark.role, Role::Employer | Role::Place) && mark.table == table && is_word
        })
    };
    let mut end = words.end;
    let goes_on = |shape: Shape| shape.is_large() || (is_weak && shape == Shape::Uncased);
    while end < words.end + 2
        && end < reading.words.len()
        && reading.break_before(end) <= Break::Blank
        && goes_on(reading.words[end].shape)
    {
        end += 1;
    }
    words.clone().any(is_of_firm) || (words.end..end).any(is_of_firm)
}

/// Behind a cue that is as often something else: the words must look like a name.
fn weak(reading: &Reading<'_>, mark: &Mark, names: &mut Names) {
    let table = mark.table;
    let at = skip_fillers(reading, mark.end, table);
    let is_joined = reading.break_before(at) == Break::Joined && reading.lexicon.writings[usize::from(table)].blanks;
    if at >= reading.words.len() || is_joined || reading.break_before(at) > Break::Soft || is_somebody_elses(reading, mark) {
        return;
    }
    // Only the place before a verb of the same language may be a name's: a cue inside of another word says nothing.
    if let Some(words) = run(reading, at, table)
        && looks_like_name(reading, &words, table)
    {
        take(reading, words, table, names);
    }
}

fn skip_fillers(reading: &Reading<'_>, from: usize, table: u8) -> usize {
    let mut at = from;
    while at < from + 3 && reading.break_before(at) <= Break::Soft {
        match reading.longest(at, table, &[Role::Filler]) {
            Some(end) => at = end,
            None => break,
        }
    }
    at
}

/// Whether words behind a weak cue are a name.
fn looks_like_name(reading: &Reading<'_>, words: &Range<usize>, table: u8) -> bool {
    let writing = &reading.lexicon.writings[usize::from(table)];
    let is_common = if reading.words[words.start].shape == Shape::Unspaced && !writing.has_surnames {
        is_common_run(reading, words, table)
    } else {
        let n_not = words.clone().filter(|at| reading.is_not_name(*at, table)).count();
        // Names are words as well: `Delil Durdu`. Two large ones that something ends are rather a name.
        let is_odd = reading.is_cased
            && writing.capitals
            && n_not < words.len()
            && is_large(reading, words)
            && is_end(reading, words.end, table);
        (n_not > 0 && !is_odd) || words.clone().any(|at| reading.is_thing(at, table))
    };
    let is_month = reading.marks_at(words.start).iter().any(|mark| mark.role == Role::Month);
    if is_month || is_common || is_firm(reading, words, table, true) {
        return false;
    }
    let core: Vec<usize> = words.clone().filter(|at| !reading.is_title(*at, table)).collect();
    let Some(first) = core.first().copied() else { return false };
    let has_title = core.len() < words.len();
    // What stands right before something that was taken out is its cue.
    let ends = is_end(reading, words.end, table) && reading.break_before(words.end) != Break::Hole;
    match reading.words[first].shape {
        Shape::Capital | Shape::Upper if reading.is_cased && writing.capitals => true,
        Shape::Capital | Shape::Upper if reading.is_cased => ends || core.len() > 1,
        // Where nothing is written large, a name is what fills the sentence up.
        Shape::Lower | Shape::Capital | Shape::Upper => {
            !reading.is_cased
                && reading.is_spoken(table)
                && ends
                && core.len() <= 3
                && (core.len() >= 2 || has_title || reading.is_surname(first))
        }
        Shape::Uncased => ends && core.len() <= 3,
        Shape::Unspaced => {
            if writing.has_surnames {
                reading.is_surname(first) && ends && words.len() >= 2
            } else {
                // A given name and a family name, or one that a word of courtesy follows.
                let has_two = words.clone().skip(1).any(|at| reading.break_before(at) == Break::Blank);
                let is_polite = reading.longest(words.end, table, &[Role::Filler]).is_some();
                ends && (has_title || has_two || is_polite)
            }
        }
        Shape::Number | Shape::Mixed => false,
    }
}

fn is_large(reading: &Reading<'_>, words: &Range<usize>) -> bool {
    words.clone().all(|at| reading.words[at].shape.is_large())
}

/// Whether a run of characters begins with a word that is no name. Inside of it such words stand by chance.
fn is_common_run(reading: &Reading<'_>, words: &Range<usize>, table: u8) -> bool {
    reading.marks_at(words.start).iter().any(|mark| {
        let is_word = matches!(mark.role, Role::NotName | Role::Employer | Role::Place | Role::Person | Role::Thing);
        is_word && mark.table == table && (mark.end - mark.start >= 3 || mark.end >= words.end)
    })
}

/// Whether a name can end before the word: there is a sign, the text's end, or a word that is in no name.
fn is_end(reading: &Reading<'_>, at: usize, table: u8) -> bool {
    reading.break_before(at) > Break::Blank || reading.is_stop(at, table) || reading.is_cue(at, table)
}

/// A name that begins with the word, as far as it goes.
pub(super) fn run(reading: &Reading<'_>, at: usize, table: u8) -> Option<Range<usize>> {
    let word = reading.words.get(at)?;
    match word.shape {
        Shape::Unspaced => unspaced(reading, at, table),
        Shape::Number => None,
        Shape::Capital | Shape::Upper | Shape::Mixed if reading.is_cased => capitals(reading, at, table),
        Shape::Capital | Shape::Upper | Shape::Lower | Shape::Uncased | Shape::Mixed => plain(reading, at, table),
    }
}

/// Whether the break before a word may stand inside a name: blanks, hyphens, and the full stop of an abbreviation.
fn is_inside(reading: &Reading<'_>, at: usize, table: u8) -> bool {
    match reading.break_before(at) {
        Break::Joined | Break::Blank => true,
        Break::Dot => {
            let before = &reading.words[at - 1];
            let n_letters = reading.word(at - 1).chars().count();
            (before.shape.is_large() && n_letters <= 2) || reading.is_title(at - 1, table)
        }
        Break::Soft | Break::Sentence | Break::Line | Break::Hole => false,
    }
}

/// Words with large letters, and the small words between them.
fn capitals(reading: &Reading<'_>, at: usize, table: u8) -> Option<Range<usize>> {
    let (mut end, mut next, mut n_words) = (at, at, 0);
    while next < reading.words.len() && n_words < MOST_WORDS {
        let word = &reading.words[next];
        if next > at && !is_inside(reading, next, table) {
            break;
        }
        if word.shape.has_digits() || word.shape == Shape::Unspaced {
            break;
        }
        let is_first = next == at;
        if word.shape.is_large() {
            // `I` and `My` are large as well; a longer word may be a name's.
            let n_letters = reading.word(next).chars().count();
            let is_word = reading.is_stop(next, table) && (n_letters == 1 || (!is_first && n_letters <= 3));
            if is_word
                || (!is_first
                    && (reading.is_cue(next, table) || (reading.is_own_thing(next, table) && !reading.is_title(next, table))))
            {
                break;
            }
            (next, n_words) = (next + 1, n_words + 1);
            end = next;
        } else if reading.is_particle(next, table) || reading.is_title(next, table) {
            // Counts only if the name goes on behind it.
            next += 1;
        } else {
            break;
        }
    }
    (end > at).then_some(at..end)
}

/// Words without large letters, up to one that is in no name.
fn plain(reading: &Reading<'_>, at: usize, table: u8) -> Option<Range<usize>> {
    let mut end = at;
    let mut n_words = 0;
    let is_ended = loop {
        let Some(word) = reading.words.get(end) else { break true };
        if end > at && !is_inside(reading, end, table) {
            break true;
        }
        if word.shape.has_digits() || reading.is_stop(end, table) || reading.is_cue(end, table) {
            break true;
        }
        if end > at && (reading.is_thing(end, table) || reading.is_unit(end)) && !reading.is_title(end, table) {
            break true;
        }
        if word.shape == Shape::Unspaced {
            break true;
        }
        if n_words == MOST_WORDS {
            break false;
        }
        n_words += usize::from(!reading.is_title(end, table));
        end += 1;
    };
    if !is_ended {
        end = at + MOST_OPEN_WORDS;
    }
    while end > at && reading.is_particle(end - 1, table) {
        end -= 1;
    }
    (end > at).then_some(at..end)
}

/// A name in a script without blanks.
fn unspaced(reading: &Reading<'_>, at: usize, table: u8) -> Option<Range<usize>> {
    let writing = &reading.lexicon.writings[usize::from(table)];
    if writing.has_surnames { surname_first(reading, at, table) } else { runs(reading, at, table) }
}

/// Chinese: a surname and one or two characters.
fn surname_first(reading: &Reading<'_>, at: usize, table: u8) -> Option<Range<usize>> {
    if reading.is_stop(at, table) && !reading.is_surname(at) {
        return None;
    }
    let surname =
        reading.marks_at(at).iter().filter(|mark| mark.role == Role::Surname && mark.table == table).map(|mark| mark.end).max();
    let is_over =
        |at: usize| reading.words.get(at).is_none_or(|word| word.shape != Shape::Unspaced || word.before > Break::Blank);
    // Names of other peoples have a dot between their parts.
    let dotted = |at: usize| {
        at > 0 && at < reading.words.len() && reading.text[..reading.words[at].range.start].ends_with(['·', '・', '•'])
    };
    let mut end = at;
    while !is_over(end) || (end > at && dotted(end)) {
        end += 1;
        if end > at + 16 {
            break;
        }
    }
    if (at + 1..end).any(dotted) {
        let last = (at + 1..end).rev().find(|at| dotted(*at)).unwrap_or(at);
        let stop = (last..end).find(|at| *at > last && reading.is_stop(*at, table)).unwrap_or(end);
        return Some(at..stop.min(last + 6));
    }
    let Some(given) = surname else {
        // No surname that is known: what stands up to the next sign, if it is short.
        let stop = (at + 1..end).find(|at| reading.is_stop(*at, table) || reading.is_cue(*at, table)).unwrap_or(end);
        return (stop - at <= 4 && stop > at && !is_common(reading, at, stop, table)).then_some(at..stop);
    };
    let has_stop = |at: usize| reading.is_stop(at, table) || reading.is_cue(at, table);
    let end = if is_over(given) || reading.is_title(given, table) {
        // `王先生`, or a surname alone.
        given
    } else if is_over(given + 1)
        || (has_stop(given + 1) && !is_over(given + 2))
        || (has_stop(given + 1) && is_over(given + 2) && reading.is_stop(given + 1, table))
    {
        given + 1
    } else {
        given + 2
    };
    let end = if let Some(title) = reading.longest(end, table, &[Role::Title]) { title } else { end };
    Some(at..end)
}

fn is_common(reading: &Reading<'_>, from: usize, to: usize, table: u8) -> bool {
    (from..to).any(|at| reading.is_not_name(at, table) || reading.is_thing(at, table))
}

/// How far a search for the end of a run or a line goes, so that a flood of cues costs no more than its length.
const MOST_LOOK: usize = 64;
/// The longest run between blanks that is still a name's.
const MOST_RUN: usize = 20;

/// Thai, Khmer, Lao, Burmese: runs between blanks, up to a word that is in no name.
fn runs(reading: &Reading<'_>, at: usize, table: u8) -> Option<Range<usize>> {
    let (mut end, mut start) = (at, at);
    for n_run in 0..4 {
        let last = reading.words.len().min(start + MOST_LOOK);
        let run_end = (start + 1..=last)
            .find(|next| reading.words.get(*next).is_none_or(|word| word.shape != Shape::Unspaced || word.before >= Break::Blank))
            .unwrap_or(last);
        // Short words stand inside of names by chance, unless they are all that there is between two blanks.
        let is_word = |next: usize| {
            reading.marks_at(next).iter().any(|mark| {
                let is_stop = matches!(
                    mark.role,
                    Role::Stop
                        | Role::Phone
                        | Role::Employee
                        | Role::Email
                        | Role::Handle
                        | Role::National
                        | Role::Bank
                        | Role::AddressStrong
                        | Role::AddressWeak
                );
                is_stop
                    && mark.table == table
                    && mark.side != Side::Closes
                    && (if next == start {
                        mark.end - mark.start >= 3 || mark.end == run_end
                    } else {
                        mark.end - mark.start >= 4 && mark.end < run_end
                    })
            })
        };
        // A word of courtesy hangs on the last run; other words only where the clause ends with it.
        let is_last = reading.break_before(run_end) > Break::Blank;
        let ends_run = |next: usize| {
            reading.marks_at(next).iter().any(|mark| {
                let is_ending = mark.role == Role::Filler || (mark.role == Role::Stop && is_last);
                is_ending && mark.table == table && mark.end == run_end && mark.end - mark.start >= 2
            })
        };
        let stop = (start..run_end)
            .find(|next| (n_run > 0 || *next > start) && (is_word(*next) || (*next > start + 1 && ends_run(*next))));
        let stop = stop.or_else(|| (n_run == 0 && is_word(start)).then_some(start));
        let here = stop.unwrap_or(run_end);
        if here - start > MOST_RUN {
            // A whole clause: it is no family name, and a first name is somewhere at its beginning.
            if n_run == 0 {
                end = start + MOST_RUN;
            }
            break;
        }
        end = end.max(here);
        let next = reading.words.get(run_end);
        if stop.is_some() || end - at > 36 || next.is_none_or(|word| word.shape != Shape::Unspaced || word.before != Break::Blank)
        {
            break;
        }
        start = run_end;
        if n_run == 1 && !reading.lexicon.writings[usize::from(table)].language.starts_with("mya") {
            break;
        }
    }
    (end > at).then_some(at..end)
}

/// In front of a cue: `Rosa is my name`.
fn in_front(reading: &Reading<'_>, mark: &Mark, names: &mut Names) {
    let table = mark.table;
    let mut from = mark.start;
    let mut n_words = 0;
    while from > 0 && n_words < MOST_WORDS {
        let word = &reading.words[from - 1];
        let limit = if from == mark.start { Break::Soft } else { Break::Blank };
        if reading.break_before(from) > limit || word.shape.has_digits() || reading.is_stop(from - 1, table) {
            break;
        }
        if reading.is_cased
            && !word.shape.is_large()
            && matches!(word.shape, Shape::Lower)
            && !reading.is_particle(from - 1, table)
        {
            break;
        }
        from -= 1;
        n_words += 1;
        // In a script without blanks the name begins where the run does.
        if n_words >= 3 && word.shape != Shape::Unspaced && reading.break_before(from) > Break::Blank {
            break;
        }
    }
    if reading.words.get(from).is_some_and(|word| word.shape == Shape::Unspaced) && mark.start - from > 4 {
        return;
    }
    let words = from..mark.start;
    if words.is_empty() || is_firm(reading, &words, table, false) {
        return;
    }
    let is_certain = mark.role == Role::NameStrong;
    let is_whole = reading.break_before(from) > Break::Blank;
    if is_certain || (is_whole && looks_like_name_in_front(reading, &words, table)) {
        take(reading, words, table, names);
    }
}

fn looks_like_name_in_front(reading: &Reading<'_>, words: &Range<usize>, table: u8) -> bool {
    let is_plain = |at: usize| !reading.is_not_name(at, table) && !reading.is_thing(at, table);
    words.len() <= 4
        && words.clone().all(is_plain)
        && (!reading.is_cased
            || reading.words[words.start].shape.is_large()
            || reading.words[words.start].shape == Shape::Uncased)
}

/// Between the halves of a cue: `this is Rosa speaking`.
fn between(reading: &Reading<'_>, mark: &Mark, names: &mut Names) {
    let Some(close) = reading.closing(mark) else { return };
    let at = skip_fillers(reading, mark.end, mark.table);
    let words = at..close;
    if words.is_empty()
        || words.clone().any(|at| reading.words[at].shape.has_digits())
        || is_firm(reading, &words, mark.table, false)
    {
        return;
    }
    let is_strong = mark.role == Role::NameStrong;
    let n_odd = words.clone().filter(|at| reading.is_stop(*at, mark.table) || reading.is_not_name(*at, mark.table)).count();
    let blanks = reading.lexicon.writings[usize::from(mark.table)].blanks;
    let is_large =
        reading.is_cased && words.clone().all(|at| reading.words[at].shape.is_large() || reading.is_particle(at, mark.table));
    if (n_odd == 0 || is_large || (is_strong && !blanks && n_odd * 3 < words.len()))
        && (is_strong || looks_like_name(reading, &words, mark.table))
    {
        take(reading, words, mark.table, names);
    }
}

/// In a form: `Name: Rosa`.
fn labelled(reading: &Reading<'_>, mark: &Mark, names: &mut Names) {
    let is_first = reading.break_before(mark.start) > Break::Blank;
    let at = mark.end;
    let Some(word) = reading.words.get(at).filter(|word| word.before <= Break::Soft) else { return };
    if !is_first || word.shape == Shape::Number || is_somebody_elses(reading, mark) {
        return;
    }
    if !word.is_after_colon {
        // Without a colon the label and the name must fill a line.
        if reading.break_before(mark.start) >= Break::Line
            && let Some(words) = run(reading, at, mark.table)
            && reading.break_before(words.end) == Break::Line
            && !reading.is_cue(at, mark.table)
            && looks_like_name(reading, &words, mark.table)
        {
            take(reading, words, mark.table, names);
        }
        return;
    }
    let at = skip_fillers(reading, at, mark.table);
    if let Some(words) = run(reading, at, mark.table)
        && !is_firm(reading, &words, mark.table, false)
        && !words.clone().all(|at| reading.is_not_name(at, mark.table))
    {
        take(reading, words, mark.table, names);
    }
}

/// Under a letter: the line behind a closing phrase.
fn signed(reading: &Reading<'_>, mark: &Mark, names: &mut Names) {
    let is_first = reading.break_before(mark.start) > Break::Blank;
    let before_name = reading.break_before(mark.end);
    if !is_first
        || !matches!(before_name, Break::Soft | Break::Line | Break::Dot | Break::Sentence)
        || mark.end >= reading.words.len()
    {
        return;
    }
    signature(reading, mark.end, mark.table, before_name != Break::Line, names);
}

/// A line that is nothing but a name.
fn signature(reading: &Reading<'_>, at: usize, table: u8, is_same_line: bool, names: &mut Names) {
    let end = (at + 1..reading.words.len().min(at + MOST_LOOK)).find(|next| {
        let is_inner = *next > at && is_inside(reading, *next, table);
        !is_inner && reading.break_before(*next) >= Break::Soft
    });
    let mut end = end.unwrap_or(reading.words.len().min(at + MOST_LOOK));
    if is_same_line && end < reading.words.len() && reading.break_before(end) != Break::Line {
        return;
    }
    let blanks = reading.words[at].shape != Shape::Unspaced;
    if let Some(run) = (!blanks).then(|| runs_of_line(reading, at)).flatten() {
        end = run;
    }
    let words = at..end;
    // `thanks, solved`
    if is_same_line && words.len() == 1 && reading.words[at].shape == Shape::Lower {
        return;
    }
    let most = if blanks { MOST_WORDS } else { 40 };
    let is_plain = |at: usize| {
        let word = &reading.words[at];
        !word.shape.has_digits()
            && (!blanks
                || !reading.is_stop(at, table)
                || (reading.is_cased && word.shape.is_large())
                || reading.is_particle(at, table))
            && !reading.is_cue(at, table)
    };
    let is_not = |at: usize| reading.is_not_name(at, table) || (reading.is_thing(at, table) && !reading.is_title(at, table));
    let n_not = words.clone().filter(|at| is_not(*at)).count();
    let is_shaped = !reading.is_cased || words.clone().any(|at| reading.words[at].shape != Shape::Lower);
    if words.len() <= most
        && words.clone().all(is_plain)
        && is_shaped
        && (n_not == 0
            || (!blanks && n_not * 3 < words.len())
            || (reading.is_cased && is_large(reading, &words) && n_not < words.len()))
        && !is_firm(reading, &words, table, false)
    {
        take(reading, words, table, names);
    }
}

/// The end of a line in a script without blanks.
fn runs_of_line(reading: &Reading<'_>, at: usize) -> Option<usize> {
    (at + 1..=reading.words.len().min(at + MOST_LOOK)).find(|next| reading.break_before(*next) > Break::Blank)
}

/// Names that stand where mail programs put them: `-- ` and a line, `From: Rosa <…>`, `Rosa <…> wrote:`.
pub(super) fn find_in_mail(reading: &Reading<'_>, names: &mut Names) {
    let Some(table) = reading.lexicon.english else { return };
    let text = reading.text;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if matches!(line.trim_end(), "--" | "---" | "__" | "—") {
            let at = reading.word_at(start + line.len());
            let is_next = at < reading.words.len() && text[start + line.len()..reading.words[at].range.start].trim().is_empty();
            if is_next {
                signature(reading, at, table, false, names);
            }
        }
        before_brackets(text, start, line, names);
        start += line.len();
    }
}

/// The words before `<a@b>`.
fn before_brackets(text: &str, line_start: usize, line: &str, names: &mut Names) {
    let mut from = 0;
    while let Some(open) = line[from..].find('<').map(|at| from + at) {
        let Some(close) = line[open..].find('>').map(|at| open + at) else { return };
        let has_address = line[open..close].contains(['@', char::from(HOLE)]);
        let front = &line[from..open];
        let begin = front
            .rfind([',', ':', ';', '：', '，', '>', '"', '|'])
            .map_or(0, |at| at + front[at..].chars().next().map_or(1, char::len_utf8));
        let name = front[begin..].trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '*'));
        let n_words = name.split_whitespace().count();
        if has_address
            && (1..=MOST_WORDS).contains(&n_words)
            && name.chars().any(char::is_alphabetic)
            && !name.contains(char::from(HOLE))
            && !name.chars().any(char::is_numeric)
        {
            let at = line_start + from + begin + front[begin..].find(name).unwrap_or(0);
            names.found.push(at..at + name.len());
        }
        from = close + 1;
    }
    debug_assert!(line_start <= text.len());
}

/// Names of other people, where a desk does not want them: behind the word for a post.
pub(super) fn find_others(reading: &Reading<'_>, names: &mut Names) {
    for mark in reading.marks.iter().filter(|mark| mark.role == Role::Person && mark.side == Side::Behind) {
        let at = reading.behind_links(mark.end, mark.table);
        if reading.break_before(at) > Break::Soft || at >= reading.words.len() {
            continue;
        }
        if let Some(words) = run(reading, at, mark.table)
            && looks_like_name(reading, &words, mark.table)
        {
            take(reading, words, mark.table, names);
        }
    }
}
