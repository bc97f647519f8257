//! From a report to a case: one function body, top to bottom, pure but for its parameters.

use std::collections::{BTreeMap, BTreeSet};

use channels::{DeliveryKey, Inbound, PseudonymKey, SealingKey};

use crate::anonymise::{Anonymised, Anonymiser, Doubt, Memory, round_to_hour};
use crate::case::{Alias, Case, Reference};
use crate::clock::Rng;
use crate::language::{self, Detected};
use crate::store::Envelope;
use crate::triage::{Rules, Verdict};

/// What the stages need.
pub struct Stages {
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
    /// Says what a report says, without its reporter.
    fn read(&self, inbound: &Inbound) -> Read;
}

impl Reader for Stages {
    /// Language, then anonymising, then triage. `process` and the desk both come through here.
    fn read(&self, inbound: &Inbound) -> Read {
        let language = language::detect(inbound.text(), inbound.hints());
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

/// The keys that make a case anonymous and answerable.
pub struct CaseKeys<'a> {
    /// Derives reference and pseudonym.
    pub pepper: &'a PseudonymKey,
    /// Seals the contact.
    pub sealing: &'a SealingKey,
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
    let contact = inbound.identity().seal(inbound.channel(), reference.as_str(), keys.sealing);
    let envelope = Envelope {
        delivery: inbound.delivery_key(keys.pepper),
        reporter: inbound.pseudonym(keys.pepper),
        channel: inbound.channel().clone(),
        contact,
    };
    let case = Case {
        reference,
        alias: Alias::from_random(alias),
        channel: inbound.channel().clone(),
        medium: inbound.medium(),
        received_hour: round_to_hour(inbound.received_at()),
        site: inbound.hints().site.clone(),
        language: read.language.language,
        language_confidence: read.language.confidence,
        subject: read.subject.map(|subject| subject.text),
        text: read.text.text,
        redaction_counts,
        doubts,
        cue_tables: read.cue_tables,
        verdict: read.verdict,
        can_be_answered: envelope.contact.is_some(),
    };
    (case, envelope)
}
