//! Invented cases, each distinct by its number.

use std::collections::{BTreeMap, BTreeSet};

use attachments::Kind;
use channels::{ChannelName, DeliveryKey, Kept, Medium, Pseudonym, SealedContact, SealedOriginal, SiteCode, Wrap, planting};
use pmm_gateway::anonymise::{Anonymiser, Redacted, RedactionKind};
use pmm_gateway::case::{Alias, Attachment, AttachmentState, Case, Message, Reference, SizeClass, Speaker};
use pmm_gateway::language::{Clues, Detector, Language};
use pmm_gateway::store::Envelope;
use pmm_gateway::triage::{Category, Match, Severity, Verdict};

/// Text that has been through the anonymiser.
pub fn redacted(words: &str) -> Redacted {
    Anonymiser::new(Vec::new()).redact(&planting::text(words), &planting::nobody(), Language::UNDETERMINED).text
}

pub fn reference(number: u32) -> Reference {
    let [_, high, middle, low] = number.to_be_bytes();
    Reference::from_seed([0, 0, high, middle, low, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
}

pub fn case(number: u32, severity: Severity) -> Case {
    Case {
        reference: reference(number),
        alias: Alias::from_random(number.to_be_bytes()),
        channel: ChannelName::parse("sms").expect("a valid name"),
        medium: Medium::Sms,
        received_hour: "2026-11-02T10:00:00Z".parse().expect("a time"),
        site: SiteCode::parse("HN-07"),
        language: Detector::default().detect(&planting::text("x"), &Clues::default()),
        subject: None,
        text: redacted("the exit is locked"),
        redaction_counts: BTreeMap::from([(RedactionKind::Phone, 1)]),
        doubts: BTreeSet::new(),
        cue_tables: "5ca1ab1e".into(),
        verdict: Verdict {
            severity,
            categories: vec![Category::ImminentDangerOsh],
            auto_trigger: false,
            review: true,
            matches: vec![Match {
                rule: "locked-exit".into(),
                category: Category::ImminentDangerOsh,
                start: 4,
                end: 8,
                negated: false,
            }],
        },
        can_be_answered: true,
        attachments: vec![Attachment { number: 1, kind: Kind::Jpeg, size: SizeClass::Medium, state: AttachmentState::Waiting }],
    }
}

/// What a leak would show: the same bytes are nowhere else.
pub fn sealed_bytes(number: u32) -> Vec<u8> {
    format!("sealed-contact-of-{number:06}-").repeat(12).into_bytes()
}

pub fn reporter(number: u32) -> Pseudonym {
    let mut bytes = [0xA7; 16];
    bytes[12..].copy_from_slice(&number.to_be_bytes());
    Pseudonym::from_bytes(bytes)
}

pub fn delivery(number: u32) -> DeliveryKey {
    let mut bytes = [0xD3; 16];
    bytes[12..].copy_from_slice(&number.to_be_bytes());
    DeliveryKey(bytes)
}

/// What a leaked original would show.
pub fn original_bytes(number: u32) -> Vec<u8> {
    format!("sealed-original-of-{number:06}-").repeat(12).into_bytes()
}

/// A wrap in the right shape, with a key that is none.
pub fn wrap(kept: Kept, number: u32, epoch: u64) -> Wrap {
    let mut bytes = vec![1];
    bytes.extend_from_slice(&epoch.to_be_bytes());
    bytes.extend(format!("wrap-of-{}-{epoch}-{number:06}-", kept.as_str()).bytes().cycle().take(80));
    let wrap = Wrap::from_bytes(bytes);
    assert_eq!(wrap.epoch(), epoch, "a wrap has this shape");
    wrap
}

/// An envelope of the epoch 1, with everything that can be in one.
pub fn envelope(number: u32) -> Envelope {
    Envelope {
        delivery: delivery(number),
        reporter: reporter(number),
        reporter_before: None,
        channel: ChannelName::parse("sms").expect("a valid name"),
        contact: Some((SealedContact::from_bytes(sealed_bytes(number)), wrap(Kept::Contact, number, 1))),
        original: Some((SealedOriginal::from_bytes(original_bytes(number)), wrap(Kept::Original, number, 1))),
    }
}

pub fn message(from: Speaker, words: &str) -> Message {
    Message { from, at: "2026-11-02T11:00:00Z".parse().expect("a time"), text: redacted(words) }
}
