//! Takes the reporter out of the text.
//!
//! One of the two modules that read raw words, and the only one that makes [`Redacted`] text.

mod address;
mod again;
mod checksum;
mod code;
mod cues;
mod doubt;
mod fold;
mod home;
mod kind;
mod name;
mod number;
mod reading;
mod search;
mod span;
mod structure;
mod words;

pub use again::{Digester, Memory, Trace};
pub use doubt::Doubt;
pub use kind::RedactionKind;
pub use search::Stage;

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use channels::{Identity, RawText};
use jiff::Timestamp;
use rlibphonenumber::Region;
use static_assertions::{assert_impl_all, assert_not_impl_any};

use self::again::Needles;
use self::cues::Lexicon;
use self::fold::Fold;
use self::search::{Found, Search};
use self::span::Span;
use crate::language::Language;
use crate::language::zawgyi::{self, Respelled};
use crate::triage::Problem;

/// Text out of which the reporter has been taken. Made here and nowhere else.
#[derive(Clone, PartialEq, Eq)]
pub struct Redacted(String);

assert_not_impl_any!(Redacted: From<String>, From<&'static str>, Default, serde::Serialize, serde::de::DeserializeOwned);

impl Redacted {
    /// The text, fit for a mediator.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Takes text back from a store. What comes out of our store went in redacted.
    #[must_use]
    pub(crate) fn restored(text: String) -> Self {
        Self(text)
    }
}

/// Shows the length only: redacted is not public.
impl fmt::Debug for Redacted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Redacted({} bytes)", self.0.len())
    }
}

/// One place that was taken out, in Unicode scalar values of the original text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redaction {
    /// First character.
    pub start: usize,
    /// One past the last character.
    pub end: usize,
    /// What stood there.
    pub kind: RedactionKind,
}

/// A text and what was taken out of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anonymised {
    /// The text with placeholders.
    pub text: Redacted,
    /// What was taken out, in order, without overlap.
    pub redactions: Vec<Redaction>,
    /// Why a person must look before mediators do; empty when all is well.
    pub doubts: BTreeSet<Doubt>,
}

/// What becomes of the names of accused and other people in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ThirdParties {
    /// They stay: mediators need them.
    Keep,
    /// They get placeholders like the reporter's own.
    Placeholder,
}

/// The cue tables of a desk, ready for use. Clones share them.
#[derive(Debug, Clone)]
pub struct Tables {
    lexicon: Arc<Lexicon>,
    hash: Arc<str>,
}

impl Tables {
    /// The tables that are compiled in.
    #[must_use]
    pub fn built_in() -> Self {
        static BUILT_IN: LazyLock<Tables> = LazyLock::new(|| Tables::of(&cues::built_in()).expect("a test reads every table"));
        BUILT_IN.clone()
    }

    /// The tables of an administrator's own folder.
    ///
    /// # Errors
    /// Everything that is wrong with them, at once.
    pub fn load(folder: &Path) -> Result<Self, Vec<Problem>> {
        Self::of(&cues::folder(folder)?)
    }

    fn of(files: &[cues::File]) -> Result<Self, Vec<Problem>> {
        Ok(Self { lexicon: Arc::new(cues::load(files)?), hash: cues::hash(files).into() })
    }

    /// How many languages have a table.
    #[must_use]
    pub fn n_languages(&self) -> usize {
        self.lexicon.writings.len()
    }

    /// Names the tables' exact content.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }
}

/// The anonymiser of one desk. Clones share what they know.
#[derive(Debug, Clone)]
pub struct Anonymiser {
    regions: Arc<[Region]>,
    tables: Tables,
    third_parties: ThirdParties,
    languages: Arc<[String]>,
}

assert_impl_all!(Anonymiser: Send, Sync);

impl Anonymiser {
    /// Takes the regions in whose national spelling numbers are looked for.
    #[must_use]
    pub fn new(regions: Vec<Region>) -> Self {
        Self { regions: regions.into(), tables: Tables::built_in(), third_parties: ThirdParties::Keep, languages: Arc::default() }
    }

    /// With a desk's own tables, its decision on other people's names, and the languages that its people mix in.
    #[must_use]
    pub fn with(self, tables: Tables, third_parties: ThirdParties, languages: &[Language]) -> Self {
        let languages = languages.iter().map(|language| language.code().to_owned()).collect();
        Self { tables, third_parties, languages, ..self }
    }

    /// Names the exact content of the cue tables.
    #[must_use]
    pub fn tables_hash(&self) -> &str {
        self.tables.hash()
    }

    /// The regions of the shipped languages.
    #[must_use]
    #[rustfmt::skip]
    pub fn default_regions() -> Vec<Region> {
        vec![
            Region::CN, Region::VN, Region::ID, Region::MY, Region::SG, Region::TH, Region::MM, Region::KH, Region::BD, Region::IN, Region::NP, Region::PK,
            Region::LK, Region::PH, Region::TR, Region::EG, Region::JO, Region::AE, Region::MX, Region::BR, Region::KE, Region::NG, Region::US, Region::GB,
        ]
    }

    /// Takes everything that leads to the reporter out of `text`.
    ///
    /// What is already a placeholder stays one: redacting a redacted text changes nothing.
    #[must_use]
    pub fn redact(&self, text: &RawText, identity: &Identity, language: Language) -> Anonymised {
        let mut parts = self.redact_parts(&[text], identity, language, &mut Memory::default(), None);
        parts.pop().expect("one part in, one part out")
    }

    /// Takes everything that leads to the reporter out of the parts of one case: what is found in one goes from all, and the
    /// same value has the same number in all. `memory` carries it on to further parts of this report; with `digest`, also
    /// what earlier messages of the case left is found.
    #[must_use]
    pub fn redact_parts(
        &self,
        parts: &[&RawText],
        identity: &Identity,
        language: Language,
        memory: &mut Memory,
        digest: Option<Digester<'_>>,
    ) -> Vec<Anonymised> {
        #[expect(clippy::disallowed_methods, reason = "one of the two stages that must read")]
        let written: Vec<&str> = parts.iter().map(|text| text.expose()).collect();
        // Old Burmese is read, and handed on, in Unicode: neither cues nor mediators understand it otherwise.
        let respelled: Vec<Option<Respelled>> =
            written.iter().map(|text| zawgyi::is_zawgyi(text).then(|| Respelled::of(text))).collect();
        let originals: Vec<&str> = respelled
            .iter()
            .zip(&written)
            .map(|(respelled, written)| respelled.as_ref().map_or(*written, |respelled| respelled.text.as_str()))
            .collect();
        let mut anonymised = self.redact_words(&originals, identity, language, memory, digest);
        for ((anonymised, respelled), written) in anonymised.iter_mut().zip(&respelled).zip(&written) {
            if let Some(respelled) = respelled {
                as_written(&mut anonymised.redactions, respelled, written);
            }
        }
        anonymised
    }

    /// The same for words that come with a report and are no message: file names, the text of a document.
    #[must_use]
    pub fn redact_words(
        &self,
        originals: &[&str],
        identity: &Identity,
        language: Language,
        memory: &mut Memory,
        digest: Option<Digester<'_>>,
    ) -> Vec<Anonymised> {
        let search = self.search(identity, language);
        let traces = |reading: &reading::Reading<'_>, spans: &mut Vec<Span>| {
            if let Some(digest) = digest {
                again::find_traces(reading, memory, digest, spans);
            }
        };
        let mut found: Vec<Found> = originals.iter().map(|original| search.run(original, &traces)).collect();
        let doubts: Vec<BTreeSet<Doubt>> = originals
            .iter()
            .zip(&found)
            .map(|(original, found)| doubt::of(original, found, language, &self.tables.lexicon))
            .collect();
        let needles = needles(originals, &found, memory);
        let mut is_verified = vec![true; originals.len()];
        if let Some(needles) = &needles {
            for (number, (original, found)) in originals.iter().zip(&mut found).enumerate() {
                is_verified[number] = verify(original, found, &search, needles);
            }
        }
        let mut anonymised = Vec::with_capacity(originals.len());
        for original in originals {
            search::numbers_in(original).for_each(|(kind, number)| memory.at_least(kind, number));
        }
        for (((original, found), mut doubts), is_verified) in originals.iter().zip(&found).zip(doubts).zip(is_verified) {
            if !is_verified {
                doubts.insert(Doubt::FoundOnSecondLook);
            }
            let numbers: Vec<usize> =
                found.spans.iter().map(|span| memory.number(span.kind, &original[span.range.clone()], digest)).collect();
            let (written, _) = written(original, &found.spans, &numbers);
            anonymised.push(Anonymised { text: Redacted(written), redactions: counted(original, &found.spans), doubts });
        }
        anonymised
    }
}

impl Anonymiser {
    /// Looks through a text once and forgets what it found; `done` is told when a stage has ended. For benches.
    pub fn rehearse(&self, words: &str, identity: &Identity, language: Language, mut done: impl FnMut(Stage)) {
        self.search(identity, language).timed(words, &|_, _| {}, &mut done);
    }

    fn search<'a>(&'a self, identity: &'a Identity, language: Language) -> Search<'a> {
        Search {
            lexicon: &self.tables.lexicon,
            regions: &self.regions,
            identity,
            language: language.code(),
            own_languages: &self.languages,
            third_parties: self.third_parties,
        }
    }
}

/// What was found, ready to be looked for again; `None` when there is nothing.
fn needles(originals: &[&str], found: &[Found], memory: &Memory) -> Option<Needles> {
    let folded: Vec<(RedactionKind, Fold)> = originals
        .iter()
        .zip(found)
        .flat_map(|(original, found)| found.spans.iter().map(|span| (span.kind, Fold::of(&original[span.range.clone()]))))
        .collect();
    if folded.is_empty() && memory.is_empty() {
        return None;
    }
    let here = folded.iter().map(|(kind, fold)| (*kind, fold.text()));
    Some(Needles::of(here.chain(memory.values())))
}

/// Looks at the result again until it is clean: for what was found elsewhere, and because taking one thing out can uncover
/// another (`a@b.example@c.example`). Whether nothing was uncovered.
fn verify(original: &str, found: &mut Found, search: &Search<'_>, needles: &Needles) -> bool {
    let again = |reading: &reading::Reading<'_>, spans: &mut Vec<Span>| needles.find(reading, spans);
    let mut is_clean = true;
    for _ in 0..MOST_ROUNDS {
        let (written, gaps) = written(original, &found.spans, &vec![1; found.spans.len()]);
        let uncovered = search.run(&written, &again).spans;
        if uncovered.is_empty() {
            return is_clean;
        }
        is_clean &= uncovered.iter().all(|span| span.rank >= span::Rank::Again);
        found.spans.extend(uncovered.into_iter().map(|span| Span { range: moved_back(&span.range, &gaps), ..span }));
        found.spans = span::merged(std::mem::take(&mut found.spans));
    }
    false
}

/// More rounds than any text needs that was not made to need them.
const MOST_ROUNDS: usize = 8;

/// What was left between the placeholders: where it stands in the written text, and where it stood in the original.
struct Gap {
    written: Range<usize>,
    original_start: usize,
}

/// The text with placeholders.
fn written(original: &str, spans: &[Span], numbers: &[usize]) -> (String, Vec<Gap>) {
    let mut written = String::with_capacity(original.len() + spans.len() * 8);
    let mut gaps = Vec::with_capacity(spans.len() + 1);
    let mut done = 0;
    let mut keep = |written: &mut String, range: Range<usize>| {
        let start = written.len();
        written.push_str(&original[range.clone()]);
        gaps.push(Gap { written: start..written.len(), original_start: range.start });
    };
    for (span, number) in spans.iter().zip(numbers) {
        keep(&mut written, done..span.range.start);
        written.push_str(&format!("[{}-{number}]", span.kind.as_str()));
        done = span.range.end;
    }
    keep(&mut written, done..original.len());
    (written, gaps)
}

/// Where a range of the written text stood in the original. No span reaches into a placeholder, so it lies in one gap.
fn moved_back(range: &Range<usize>, gaps: &[Gap]) -> Range<usize> {
    let gap = gaps.iter().find(|gap| gap.written.start <= range.start && range.end <= gap.written.end && !gap.written.is_empty());
    gap.map_or(0..0, |gap| {
        let start = gap.original_start + range.start - gap.written.start;
        start..start + range.len()
    })
}

/// Moves redactions of a respelled text to where they stand in what was written.
fn as_written(redactions: &mut [Redaction], respelled: &Respelled, written: &str) {
    let byte = |text: &str, n_chars: usize| text.char_indices().nth(n_chars).map_or(text.len(), |(at, _)| at);
    let n_chars = |text: &str, byte: usize| text[..byte].chars().count();
    for redaction in redactions {
        let range = byte(&respelled.text, redaction.start)..byte(&respelled.text, redaction.end);
        let range = respelled.written(&range);
        (redaction.start, redaction.end) = (n_chars(written, range.start), n_chars(written, range.end));
    }
}

/// The spans in Unicode scalar values.
fn counted(text: &str, spans: &[Span]) -> Vec<Redaction> {
    let (mut byte, mut n_chars) = (0, 0);
    let mut count_to = |at: usize| {
        n_chars += text[byte..at].chars().count();
        byte = at;
        n_chars
    };
    spans
        .iter()
        .map(|span| Redaction { start: count_to(span.range.start), end: count_to(span.range.end), kind: span.kind })
        .collect()
}

/// Cuts a time down to its hour: an exact minute plus somebody's call list would name the reporter.
#[must_use]
pub fn round_to_hour(time: Timestamp) -> Timestamp {
    let hour_secs = time.as_second().div_euclid(3600) * 3600;
    Timestamp::from_second(hour_secs).unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use channels::planting;
    use proptest::prelude::*;

    use super::*;

    fn anonymiser() -> Anonymiser {
        Anonymiser::new(Anonymiser::default_regions())
    }

    fn redacted(text: &str, identity: &Identity) -> Anonymised {
        anonymiser().redact(&planting::text(text), identity, Language::UNDETERMINED)
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(redacted(text, &planting::nobody()).text.as_str(), expected);
    }

    #[track_caller]
    fn keeps(text: &str) {
        check(text, text);
    }

    #[test]
    fn old_burmese_is_handed_on_in_unicode_and_places_are_those_of_what_was_written() {
        let zawgyi =
            "\u{1016}\u{102F}\u{1014}\u{1039}\u{1038} +95 9 790 123 456 \u{1031}\u{1015}\u{1038}\u{1019}\u{101A}\u{1039}";
        let anonymised = redacted(zawgyi, &planting::nobody());
        assert!(anonymised.text.as_str().contains("\u{1016}\u{102F}\u{1014}\u{103A}\u{1038}"));
        assert!(!anonymised.text.as_str().contains("790"));
        let [redaction] = anonymised.redactions.as_slice() else { panic!("one number stands there") };
        let place: String = zawgyi.chars().skip(redaction.start).take(redaction.end - redaction.start).collect();
        assert_eq!(place, "+95 9 790 123 456");
    }

    #[test]
    fn a_telephone_number_goes_in_every_usual_form() {
        check("call 0905550123 now", "call [phone-1] now");
        check("call +84 90 555 01 23.", "call [phone-1].");
        check("my number: 00 44 20 7946 0123", "my number: [phone-1]");
        check("ring (212) 555-0123 x45 please", "ring [phone-1] please");
        check("我的电话是１３８００１３８０００。", "我的电话是[phone-1]。");
        check("আমার ফোন ০১৮১২-৩৪৫৬৭৮", "আমার ফোন [phone-1]");
        check("tel 0 9 0 5 5 5 0 1 2 3", "tel [phone-1]");
        check("090\u{200b}555\u{200b}0123", "[phone-1]");
        check("sdt0905550123", "sdt[phone-1]");
        check("eto po 09175550123, ito po: 09175550123", "eto po [phone-1], ito po: [phone-1]");
        // No network gives out this one, but the writer says what it is.
        check("my phone is 555 0123", "my phone is [phone-1]");
        check("+84905550123/+84905550124", "[phone-1]/[phone-2]");
    }

    #[test]
    fn a_flood_of_digits_is_survived_and_lets_no_number_through() {
        for flood in ["1 2 3 4 5 6 7 8 9 ", "00 ", "9", "1/1/", "(1", "+84 ", "12.34.56 "] {
            let text = format!("{} 0905550123", flood.repeat(500));
            assert!(!redacted(&text, &planting::nobody()).text.as_str().contains("0905550123"), "{flood}");
        }
    }

    #[test]
    fn amounts_dates_hours_and_order_numbers_stay() {
        keeps("they cut 12,500,000 VND and Tk 4500000 from 2024-05-17 to 17/05/2024");
        keeps("we work 08:00-20:00, 13 hours, since 20240517");
        keeps("order no. 4500128734 and PO 4500128734, invoice #20240001234");
        keeps("订单号4500128734，扣了１２５００００块钱，2024年9月4日");
        keeps("lương thiếu 8.500.000 đồng, đơn hàng 4500128734");
        keeps("$1,234,567.00 or Rp 10.000.000 or 10000000 pesos");
        keeps("call me on 17/05/2024");
        keeps("PO4500128734 po no 0450012873 order: 0450012873 line B_12");
    }

    #[test]
    fn a_sentence_behind_a_number_keeps_its_date() {
        check("Tel +90 501 555 01 23. 23 workers left", "Tel [phone-1]. 23 workers left");
    }

    #[test]
    fn a_mail_address_goes_plain_and_spelled_out() {
        check("write to some.one+x@mail.example.org, please", "write to [email-1], please");
        check("mail: some_one @ example.org", "mail: [email-1]");
        check("some.one (at) mail dot ru", "[email-1]");
        check("some one at example dot com", "some [email-1]");
        check("我的邮箱是someone@example.org。", "我的邮箱是[email-1]。");
        check("SOMEONE＠EXAMPLE.ORG", "[email-1]");
        check("jos\u{e9}@example.org", "[email-1]");
        keeps("we meet at the gate dot");
    }

    #[test]
    fn web_addresses_and_user_names_go() {
        check("see https://example.org/u/1?x=1, then", "see [url-1], then");
        check("t.me/some_body is me", "[url-1] is me");
        check("facebook.com/profile.php?id=100", "[url-1]");
        check("write @some_body!", "write [handle-1]!");
        check("加我微信some_body88吧", "加我微信[handle-1]吧");
        check("my telegram: some_body", "my telegram: [handle-1]");
        keeps("the site of Acme.com and the 5@home offer and/or line 7");
    }

    #[test]
    fn what_the_channel_knows_of_the_sender_goes() {
        assert_eq!(
            redacted("Ann Wachira here, call Ann", &planting::named("Ann Wachira")).text.as_str(),
            "[name-1] here, call [name-1]"
        );
        let sender = planting::phone("+84905550123");
        assert_eq!(redacted("price 905 550 123 d", &sender).text.as_str(), "price [phone-1] d");
        let mail = planting::email("some.one@example.org");
        assert_eq!(redacted("I am some.one, some.one@example.org", &mail).text.as_str(), "I am [email-1], [email-1]");
    }

    #[test]
    fn offsets_count_characters_of_the_input() {
        let found = redacted("ধন্যবাদ 👍 call 0905550123 or a@example.org", &planting::nobody());
        let text: Vec<char> = "ধন্যবাদ 👍 call 0905550123 or a@example.org".chars().collect();
        let taken: Vec<String> = found.redactions.iter().map(|place| text[place.start..place.end].iter().collect()).collect();
        assert_eq!(taken, ["0905550123", "a@example.org"]);
        assert_eq!(found.redactions[0].kind, RedactionKind::Phone);
    }

    #[test]
    fn placeholders_survive_even_a_sender_called_phone() {
        let text = "call [phone] or [email], ask for [name]";
        assert_eq!(redacted(text, &planting::named("Phone Name")).text.as_str(), text);
        check("a@example.org@b.example.org", "[email-1][handle-1]");
    }

    #[test]
    fn a_time_is_cut_to_its_hour() {
        let at = |text: &str| text.parse::<Timestamp>().expect("a time");
        assert_eq!(round_to_hour(at("2026-03-01T10:59:59Z")), at("2026-03-01T10:00:00Z"));
        assert_eq!(round_to_hour(at("1969-12-31T23:59:59Z")), at("1969-12-31T23:00:00Z"));
    }

    proptest! {
        #[test]
        fn redacting_twice_changes_nothing(text in "([0-9০-৯０-９+() ./@-]|\\[phone\\]|\\[name\\]|a@b\\.co|@some_one|t\\.me/x|tel|order|dot|\\(at\\)|Ann|微信|\u{200b}|é|[a-z.]){0,40}") {
            let sender = planting::named("Ann Example");
            let once = redacted(&text, &sender);
            let twice = redacted(once.text.as_str(), &sender);
            prop_assert_eq!(once.text.as_str(), twice.text.as_str());
        }

        #[test]
        fn redactions_are_sorted_disjoint_and_inside(text in "\\PC{0,60}|[0-9+ ()@a-z./]{0,80}") {
            let found = redacted(&text, &planting::phone("+84905550123"));
            let n_chars = text.chars().count();
            let mut last = 0;
            for place in &found.redactions {
                prop_assert!(last <= place.start && place.start < place.end && place.end <= n_chars);
                last = place.end;
            }
        }
    }
}
