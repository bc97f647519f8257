//! How a cue is written: `my (full|real|) name ... is {}`.

use crate::anonymise::words::{is_syllable, is_unspaced};

/// A part of a cue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// A word; with `true`, any word that begins so. Without blanks, a run of characters.
    Word(String, bool),
    /// Up to three other words.
    Gap,
    /// What is looked for.
    Slot,
}

/// More spellings than one entry needs.
const MOST_SPELLINGS: usize = 3000;

/// All spellings of a cue, each with exactly one slot.
pub(super) fn parse(entry: &str, blanks: bool) -> Result<Vec<Vec<Piece>>, String> {
    let mut spellings = Vec::new();
    expand(entry, &mut spellings)?;
    spellings.iter().map(|spelling| pieces(spelling, blanks)).collect()
}

/// Writes the alternatives out.
fn expand(entry: &str, spellings: &mut Vec<String>) -> Result<(), String> {
    let Some(open) = entry.find('(') else {
        if entry.contains([')', '|']) {
            return Err("`|` belongs between ( and )".to_owned());
        }
        if spellings.len() == MOST_SPELLINGS {
            return Err("has too many alternatives; split it".to_owned());
        }
        spellings.push(entry.to_owned());
        return Ok(());
    };
    let close = entry[open..].find(')').map(|at| open + at).ok_or("a ( has no )")?;
    let inside = &entry[open + 1..close];
    if inside.contains('(') {
        return Err("no ( inside of ( )".to_owned());
    }
    for alternative in inside.split('|') {
        expand(&format!("{}{}{}", &entry[..open], alternative, &entry[close + 1..]), spellings)?;
    }
    Ok(())
}

/// Whether a stem is too short to mean anything.
pub(super) fn is_short(stem: &str) -> bool {
    stem.chars().count() < 2 && !stem.chars().all(|letter| is_syllable(letter) || is_unspaced(letter))
}

fn pieces(spelling: &str, blanks: bool) -> Result<Vec<Piece>, String> {
    let spaced = spelling.replace("{}", " {} ").replace("...", " ... ");
    let mut pieces = Vec::new();
    for word in spaced.split_whitespace() {
        let piece = match word {
            "{}" => Piece::Slot,
            "..." => Piece::Gap,
            _ if word.contains(['{', '}']) => return Err("write {} for what is looked for".to_owned()),
            _ => {
                let stem = word.strip_suffix('*').unwrap_or(word);
                if stem.contains('*') || (stem != word && is_short(stem)) {
                    return Err("`*` may stand only at the end of a word of two letters or more".to_owned());
                }
                Piece::Word(stem.to_owned(), stem != word)
            }
        };
        match (&mut pieces[..], piece) {
            // Where words are not separated, neither are the words of a cue.
            ([.., Piece::Word(last, false)], Piece::Word(word, false)) if !blanks => last.push_str(&word),
            (_, piece) => pieces.push(piece),
        }
    }
    let is_odd = |piece: &Piece| matches!(piece, Piece::Gap | Piece::Word(_, true));
    if !blanks && pieces.iter().any(is_odd) {
        return Err("`*` and `...` are not for languages without blanks".to_owned());
    }
    if !pieces.iter().any(|piece| matches!(piece, Piece::Word(..))) {
        return Err("has no word".to_owned());
    }
    match pieces.iter().filter(|piece| **piece == Piece::Slot).count() {
        0 => pieces.push(Piece::Slot),
        1 => {}
        _ => return Err("{} may stand only once".to_owned()),
    }
    let is_gap_at_edge =
        |window: &[Piece]| window.contains(&Piece::Gap) && !window.iter().all(|p| matches!(p, Piece::Word(..) | Piece::Gap));
    if pieces.first() == Some(&Piece::Gap)
        || pieces.windows(2).any(|pair| is_gap_at_edge(pair) || pair == [Piece::Gap, Piece::Gap])
    {
        return Err("... stands between two words".to_owned());
    }
    Ok(pieces)
}
