//! Cuts a word into the letter sequences that tell languages apart. The build script and the program cut alike.
//!
//! Knows words only, no texts and no languages.

/// The longest sequence; a word border counts as one letter.
const LONGEST: usize = 5;

/// The kinds of sequences: of one letter, of two and so on, and whole words.
pub(crate) const N_KINDS: usize = LONGEST + 1;

/// What stands at the borders of a word; no text has it.
const BORDER: char = '\u{1F}';

/// Hands every sequence of a word to `take`: its kind, and a number that is the same on every machine.
pub(crate) fn each_gram(word: &str, mut take: impl FnMut(usize, u32)) {
    let padded = || std::iter::once(BORDER).chain(word.chars()).chain(std::iter::once(BORDER));
    let mut n_chars = 0;
    let mut last = [0_u32; LONGEST];
    let mut whole = SEED;
    for letter in padded() {
        n_chars += 1;
        whole = step(whole, letter);
        // `last[n]` is the sequence of the latest n + 1 letters.
        for n in (1..LONGEST).rev() {
            last[n] = last[n - 1];
        }
        last[0] = SEED;
        for (n, hash) in last.iter_mut().enumerate().take(n_chars) {
            *hash = step(*hash, letter);
            if n > 0 || letter != BORDER {
                take(n, finish(*hash));
            }
        }
    }
    if n_chars > LONGEST {
        take(LONGEST, finish(whole));
    }
}

const SEED: u32 = 0x811C_9DC5;

/// One letter of FNV-1a, letters for bytes.
fn step(hash: u32, letter: char) -> u32 {
    (hash ^ u32::from(letter)).wrapping_mul(0x0100_0193)
}

/// Mixes, because the table sorts by the upper bits.
fn finish(hash: u32) -> u32 {
    let mixed = (hash ^ (hash >> 16)).wrapping_mul(0x85EB_CA6B);
    let mixed = (mixed ^ (mixed >> 13)).wrapping_mul(0xC2B2_AE35);
    mixed ^ (mixed >> 16)
}
