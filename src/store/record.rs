//! The serialisable twins of a case and a message, and the conversion by hand both ways.
//!
//! The JSON of a [`CaseRecord`] is a contract: a mediator's own program reads it from the queue. It must never hold a
//! pseudonym, a delivery key, a contact or an exact time.

use std::collections::{BTreeMap, BTreeSet};

use channels::{ChannelName, Medium, SiteCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::anonymise::{Doubt, Redacted, RedactionKind, round_to_hour};
use crate::case::{Alias, Attachment, AttachmentState, Case, Message, Reference, SizeClass, Speaker};
use crate::language::{Characters, Detected, Language};
use crate::store::StoreError;
use crate::triage::{Category, Match, Severity, Verdict};

/// The format written here. What bears a greater number was written by a newer gateway and is left alone.
const FORMAT: u32 = 2;
/// The same for messages.
const MESSAGE_FORMAT: u32 = 1;

/// A case as stored, and as handed to other programs.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseRecord {
    v: u32,
    reference: String,
    reporter: String,
    channel: String,
    medium: Medium,
    received_hour: Timestamp,
    site: Option<String>,
    language: LanguageRecord,
    subject: Option<String>,
    text: String,
    redactions: BTreeMap<RedactionKind, usize>,
    /// From format 2 on, like the next.
    #[serde(default)]
    doubts: BTreeSet<Doubt>,
    #[serde(default)]
    cue_tables: String,
    triage: TriageRecord,
    can_be_answered: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<AttachmentRecord>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AttachmentRecord {
    number: u32,
    name: String,
    kind: String,
    size: String,
    state: String,
    reason: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LanguageRecord {
    /// The language to answer in, or `und`.
    code: String,
    confidence: f64,
    /// What it may be, best first.
    candidates: Vec<(String, f64)>,
    /// Further languages of single sentences.
    also: Vec<String>,
    characters: Option<Characters>,
    /// Was Burmese in the Zawgyi encoding.
    zawgyi: bool,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TriageRecord {
    severity: Severity,
    categories: Vec<Category>,
    auto_trigger: bool,
    review: bool,
    respond_within_hours: u32,
    matches: Vec<MatchRecord>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct MatchRecord {
    rule: String,
    category: Category,
    start: usize,
    end: usize,
    negated: bool,
}

/// A message as stored.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessageRecord {
    v: u32,
    from: SpeakerRecord,
    at: Timestamp,
    text: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum SpeakerRecord {
    Reporter,
    Mediator(String),
}

impl From<&Case> for CaseRecord {
    fn from(case: &Case) -> Self {
        let verdict = &case.verdict;
        Self {
            v: FORMAT,
            reference: case.reference.as_str().to_owned(),
            reporter: case.alias.as_str().to_owned(),
            channel: case.channel.as_str().to_owned(),
            medium: case.medium,
            // Whoever built the case should have done so; an exact time must not leave by an oversight.
            received_hour: round_to_hour(case.received_hour),
            site: case.site.as_ref().map(|site| site.as_str().to_owned()),
            language: LanguageRecord::from(&case.language),
            subject: case.subject.as_ref().map(|subject| subject.as_str().to_owned()),
            text: case.text.as_str().to_owned(),
            redactions: case.redaction_counts.clone(),
            doubts: case.doubts.clone(),
            cue_tables: case.cue_tables.clone(),
            triage: TriageRecord {
                severity: verdict.severity,
                categories: verdict.categories.clone(),
                auto_trigger: verdict.auto_trigger,
                review: verdict.review,
                respond_within_hours: verdict.severity.respond_within_hours(),
                matches: verdict.matches.iter().map(MatchRecord::from).collect(),
            },
            can_be_answered: case.can_be_answered,
            attachments: case.attachments.iter().map(AttachmentRecord::from).collect(),
        }
    }
}

impl From<&Attachment> for AttachmentRecord {
    fn from(attachment: &Attachment) -> Self {
        Self {
            number: attachment.number,
            name: attachment.name(),
            kind: attachment.kind.as_str().to_owned(),
            size: attachment.size.as_str().to_owned(),
            state: attachment.state.as_str().to_owned(),
            reason: attachment.state.reason().map(str::to_owned),
        }
    }
}

impl From<&Detected> for LanguageRecord {
    fn from(detected: &Detected) -> Self {
        let code = |language: &Language| language.code().to_owned();
        Self {
            code: code(&detected.settled()),
            confidence: detected.confidence,
            candidates: detected.candidates.iter().map(|(language, share)| (code(language), *share)).collect(),
            also: detected.others.iter().map(code).collect(),
            characters: detected.characters,
            zawgyi: detected.zawgyi,
        }
    }
}

fn read_attachment(record: &AttachmentRecord) -> Result<Attachment, StoreError> {
    let kind = attachments::Kind::parse(&record.kind);
    let (size, state) = (SizeClass::parse(&record.size), AttachmentState::parse(&record.state, record.reason.as_deref()));
    let (Some(kind), Some(size), Some(state)) = (kind, size, state) else { return Err(StoreError::Unreadable) };
    Ok(Attachment { number: record.number, kind, size, state })
}

impl From<LanguageRecord> for Detected {
    fn from(record: LanguageRecord) -> Self {
        // A language that this version does not know is as good as none.
        let settled = Language::parse(&record.code).unwrap_or(Language::UNDETERMINED);
        let candidates: Vec<(Language, f64)> =
            record.candidates.iter().filter_map(|(code, share)| Some((Language::parse(code)?, *share))).collect();
        let sure = settled != Language::UNDETERMINED;
        let best = candidates.first().map_or(Language::UNDETERMINED, |(language, _)| *language);
        Self {
            language: if sure { settled } else { best },
            confidence: record.confidence,
            sure,
            candidates,
            others: record.also.iter().filter_map(|code| Language::parse(code)).collect(),
            characters: record.characters,
            zawgyi: record.zawgyi,
            named: false,
        }
    }
}

impl From<&Match> for MatchRecord {
    fn from(found: &Match) -> Self {
        Self { rule: found.rule.clone(), category: found.category, start: found.start, end: found.end, negated: found.negated }
    }
}

impl From<MatchRecord> for Match {
    fn from(record: MatchRecord) -> Self {
        Self { rule: record.rule, category: record.category, start: record.start, end: record.end, negated: record.negated }
    }
}

/// Writes a case.
pub fn write_case(case: &Case) -> String {
    serde_json::to_string(&CaseRecord::from(case)).expect("a record of words and numbers is always valid JSON")
}

/// Reads a case that [`write_case`] wrote.
pub(super) fn read_case(json: &str) -> Result<Case, StoreError> {
    let record: CaseRecord = serde_json::from_str(json).map_err(|_| StoreError::Unreadable)?;
    if record.v > FORMAT {
        return Err(StoreError::Unreadable);
    }
    Ok(Case {
        reference: Reference::parse(&record.reference).ok_or(StoreError::Unreadable)?,
        alias: Alias::restored(record.reporter),
        channel: ChannelName::parse(&record.channel).ok_or(StoreError::Unreadable)?,
        medium: record.medium,
        received_hour: record.received_hour,
        site: record.site.map(|site| SiteCode::parse(&site).ok_or(StoreError::Unreadable)).transpose()?,
        language: record.language.into(),
        subject: record.subject.map(restored),
        text: restored(record.text),
        redaction_counts: record.redactions,
        doubts: record.doubts,
        cue_tables: record.cue_tables,
        verdict: Verdict {
            severity: record.triage.severity,
            categories: record.triage.categories,
            auto_trigger: record.triage.auto_trigger,
            review: record.triage.review,
            matches: record.triage.matches.into_iter().map(Match::from).collect(),
        },
        can_be_answered: record.can_be_answered,
        attachments: record.attachments.iter().map(read_attachment).collect::<Result<_, _>>()?,
    })
}

/// Writes a message. When a reporter wrote is kept to the hour only.
pub(super) fn write_message(message: &Message) -> String {
    let (from, at) = match &message.from {
        Speaker::Reporter => (SpeakerRecord::Reporter, round_to_hour(message.at)),
        Speaker::Mediator(account) => (SpeakerRecord::Mediator(account.clone()), message.at),
    };
    let record = MessageRecord { v: MESSAGE_FORMAT, from, at, text: message.text.as_str().to_owned() };
    serde_json::to_string(&record).expect("a record of words and numbers is always valid JSON")
}

/// Reads a message that [`write_message`] wrote.
pub(super) fn read_message(json: &str) -> Result<Message, StoreError> {
    let record: MessageRecord = serde_json::from_str(json).map_err(|_| StoreError::Unreadable)?;
    if record.v > MESSAGE_FORMAT {
        return Err(StoreError::Unreadable);
    }
    let from = match record.from {
        SpeakerRecord::Reporter => Speaker::Reporter,
        SpeakerRecord::Mediator(account) => Speaker::Mediator(account),
    };
    Ok(Message { from, at: record.at, text: restored(record.text) })
}

#[expect(clippy::disallowed_methods, reason = "what comes out of our store went in redacted; this is the one place that says so")]
fn restored(text: String) -> Redacted {
    Redacted::restored(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CASE: &str = r#"{"v":2,"reference":"REF","reporter":"Reporter ABCD","channel":"sms","medium":"sms","received_hour":"2026-11-02T10:00:00Z","site":"HN-07","language":{"code":"und","confidence":0.5,"candidates":[["ind",0.5],["zsm",0.25]],"also":["eng"],"characters":null,"zawgyi":false},"subject":null,"text":"call [phone]","redactions":{"phone":1},"doubts":[],"cue_tables":"","triage":{"severity":"critical","categories":["child_labour"],"auto_trigger":true,"review":false,"respond_within_hours":24,"matches":[{"rule":"child","category":"child_labour","start":0,"end":4,"negated":false}]},"can_be_answered":true}"#;

    fn sample() -> String {
        CASE.replace("REF", Reference::from_seed([7; 16]).as_str())
    }

    #[test]
    fn a_case_comes_back_as_it_went_in() {
        let case = read_case(&sample()).expect("it reads");
        assert_eq!(write_case(&case), sample());
    }

    #[test]
    fn a_record_of_a_newer_gateway_is_unreadable() {
        assert_eq!(read_case(&sample().replace(r#""v":2"#, r#""v":3"#)), Err(StoreError::Unreadable));
        assert_eq!(read_case(&sample().replace(r#""v":2"#, r#""v":2,"mood":"good""#)), Err(StoreError::Unreadable));
        assert_eq!(
            read_message(r#"{"v":2,"from":"reporter","at":"2026-11-02T10:00:00Z","text":"x"}"#),
            Err(StoreError::Unreadable)
        );
    }

    #[test]
    fn a_case_with_attachments_says_so_in_its_format() {
        let attachments = r#","attachments":[{"number":1,"name":"photo-1.jpg","kind":"jpeg","size":"medium","state":"waiting","reason":null},{"number":2,"name":"sound-2","kind":"audio","size":"small","state":"sealed","reason":"not_cleanable"}]}"#;
        let json = sample().replace(r#""v":1"#, r#""v":2"#).replace("true}", &format!("true{attachments}"));
        assert_eq!(write_case(&read_case(&json).expect("it reads")), json);
        assert_eq!(read_case(&json.replace("waiting", "vanished")), Err(StoreError::Unreadable));
    }

    #[test]
    fn an_exact_time_does_not_get_into_a_record() {
        let mut case = read_case(&sample()).expect("it reads");
        case.received_hour = "2026-11-02T10:41:27.123Z".parse().expect("a time");
        assert_eq!(write_case(&case), sample());
        let message = Message { from: Speaker::Reporter, at: case.received_hour, text: restored("thanks".into()) };
        assert_eq!(write_message(&message), r#"{"v":1,"from":"reporter","at":"2026-11-02T10:00:00Z","text":"thanks"}"#);
    }

    #[test]
    fn a_message_comes_back_as_it_went_in() {
        let json = r#"{"v":1,"from":{"mediator":"ann"},"at":"2026-11-02T10:41:27.123Z","text":"we are on it"}"#;
        assert_eq!(write_message(&read_message(json).expect("it reads")), json);
    }
}
