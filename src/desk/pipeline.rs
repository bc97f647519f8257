//! From a report to a case: one function body, top to bottom, pure but for its parameters.

use std::collections::{BTreeMap, BTreeSet};

use channels::{Bound, CustodianKey, DeliveryKey, EpochKey, Inbound, PseudonymKey, RawText, VaultId};

use crate::anonymise::{Anonymised, Anonymiser, Doubt, Memory, Redacted};
use crate::case::{Alias, Case, Reference};
use crate::clock::{Rng, TimeRounding};
use crate::keys::Peppers;
use crate::language::{Clues, Detected, Detector, Language};
use crate::store::Envelope;
use crate::triage::{Rules, Verdict};

/// What the stages need.
pub struct Stages {
    /// Detects languages.
    pub languages: Detector,
    /// Takes reporters out of texts.
    pub anonymiser: Anonymiser,
    /// Judges what is left.
    pub rules: Rules,
}

/// What the stages say of one report, before it is anybody's case.
#[derive(Debug, Clone)]
pub struct Read {
    /// What language it is in.
    pub language: Detected,
    /// Its subject without the reporter.
    pub subject: Option<Anonymised>,
    /// Its words without the reporter.
    pub text: Anonymised,
    /// How urgent it is, and why.
    pub verdict: Verdict,
    /// Which cue tables it was read with.
    pub cue_tables: String,
}

/// Reads reports. The desk takes any reader, so that a test can hand it one with a fault.
pub trait Reader: Send + Sync + 'static {
    /// Says what a report says, without its reporter. `earlier` is the language of the same reporter's earlier messages.
    fn read(&self, inbound: &Inbound, earlier: Option<Language>) -> Read;

    /// Says what language a report is in, and nothing else of it.
    fn language(&self, inbound: &Inbound, earlier: Option<Language>) -> Detected;

    /// Takes the reporter, and everybody else, out of words that were found in a file.
    fn redact(&self, words: &RawText, inbound: &Inbound) -> Redacted;
}

impl Reader for Stages {
    /// Language, then anonymising, then triage. `process` and the desk both come through here.
    fn read(&self, inbound: &Inbound, earlier: Option<Language>) -> Read {
        let language = self.language(inbound, earlier);
        let parts: Vec<_> = inbound.subject().into_iter().chain([inbound.text()]).collect();
        let mut memory = Memory::default();
        let mut parts = self.anonymiser.redact_parts(&parts, inbound.identity(), language.language, &mut memory, None);
        let text = parts.pop().expect("one part in, one part out");
        let subject = parts.pop();
        let verdict = self.rules.judge(&text.text, language.language);
        let verdict = match &subject {
            Some(subject) => heightened(verdict, self.rules.judge(&subject.text, language.language)),
            None => verdict,
        };
        Read { language, subject, text, verdict, cue_tables: self.anonymiser.tables_hash().to_owned() }
    }

    fn language(&self, inbound: &Inbound, earlier: Option<Language>) -> Detected {
        let clues = Clues { hints: Some(inbound.hints()), medium: Some(inbound.medium()), earlier };
        self.languages.detect(inbound.text(), &clues)
    }

    /// A paper may be in another language than the report.
    fn redact(&self, words: &RawText, inbound: &Inbound) -> Redacted {
        let clues = Clues { hints: Some(inbound.hints()), medium: Some(inbound.medium()), earlier: None };
        let language = self.languages.detect(words, &clues).language;
        self.anonymiser.redact(words, inbound.identity(), language).text
    }
}

/// What text and subject say together. Neither lowers the other; the matches stay those of the text.
fn heightened(text: Verdict, subject: Verdict) -> Verdict {
    if subject.categories.is_empty() {
        return text;
    }
    if text.categories.is_empty() {
        return Verdict { matches: text.matches, ..subject };
    }
    let auto_trigger = text.auto_trigger || subject.auto_trigger;
    let mut categories = text.categories;
    categories.extend(subject.categories.into_iter().filter(|category| !categories.contains(category)).collect::<Vec<_>>());
    Verdict {
        severity: text.severity.min(subject.severity),
        categories,
        auto_trigger,
        review: !auto_trigger && (text.review || subject.review),
        matches: text.matches,
    }
}

/// What makes a case anonymous and answerable.
pub struct CaseKeys<'a> {
    /// Derives the keyed delivery.
    pub delivery: &'a PseudonymKey,
    /// Derive the pseudonym, under the present pepper and the one before.
    pub peppers: &'a Peppers,
    /// Whose epoch it is.
    pub vault: VaultId,
    /// Seals contact and original.
    pub epoch: &'a EpochKey,
    /// Whom the original is sealed to; without one none is kept.
    pub custodian: Option<&'a CustodianKey>,
    /// How much of the time a mediator sees.
    pub time_rounding: TimeRounding,
}

/// The reference of a delivery: always the same, so that a repeated delivery is told the same one. `attempt` is raised
/// when another delivery's case has it already.
#[must_use]
pub fn reference_of(pepper: &PseudonymKey, delivery: DeliveryKey, attempt: u32) -> Reference {
    let mut input = delivery.0.to_vec();
    input.extend_from_slice(&attempt.to_be_bytes());
    Reference::from_seed(pepper.derive("gw-reference-v1", &input))
}

/// Makes the case, and the envelope of sealed and keyed values that the store keeps beside it.
#[must_use]
pub fn file(inbound: &Inbound, read: Read, reference: Reference, keys: &CaseKeys<'_>, rng: &dyn Rng) -> (Case, Envelope) {
    let mut redaction_counts = BTreeMap::new();
    for redaction in read.subject.iter().chain([&read.text]).flat_map(|anonymised| &anonymised.redactions) {
        *redaction_counts.entry(redaction.kind).or_insert(0) += 1;
    }
    let parts = || read.subject.iter().chain([&read.text]);
    let doubts: BTreeSet<Doubt> = parts().flat_map(|anonymised| anonymised.doubts.iter().copied()).collect();
    let mut alias = [0; 4];
    rng.fill(&mut alias);
    let bound = Bound { vault: keys.vault, case: reference.as_str() };
    let seal_original =
        |key| inbound.seal_original(bound, keys.epoch, key).expect("a custodian's key was tried when it was read");
    let envelope = Envelope {
        delivery: inbound.delivery_key(keys.delivery),
        reporter: inbound.pseudonym(&keys.peppers.present),
        reporter_before: keys.peppers.before.as_ref().map(|before| inbound.pseudonym(before)),
        channel: inbound.channel().clone(),
        contact: inbound.seal_contact(bound, keys.epoch),
        original: keys.custodian.map(seal_original),
    };
    let case = Case {
        reference,
        alias: Alias::from_random(alias),
        channel: inbound.channel().clone(),
        medium: inbound.medium(),
        received_hour: keys.time_rounding.round(inbound.received_at()),
        site: inbound.hints().site.clone(),
        language: read.language,
        subject: read.subject.map(|subject| subject.text),
        text: read.text.text,
        redaction_counts,
        doubts,
        cue_tables: read.cue_tables,
        verdict: read.verdict,
        can_be_answered: envelope.contact.is_some(),
        attachments: Vec::new(),
    };
    (case, envelope)
}
