//! The sealed report: everything a channel took in, under the journal's key, for the minutes until it is a case.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::{SealBroken, open_bytes, seal_bytes};
use crate::identity::{Identity, Known, KnownKind};
use crate::inbound::{ChannelName, DeliveryId, Hints, Inbound, Medium, Part, RawText, SiteCode};
use crate::keys::JournalKey;

/// A whole report under the journal's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedReport(Vec<u8>);

/// The serialisable twin of [`Inbound`]. Private: it exists only between a JSON writer and a cipher.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
struct ReportRecord {
    channel: String,
    #[zeroize(skip)]
    medium: Medium,
    delivery: String,
    received_ms: i64,
    address: String,
    unique: String,
    known: Vec<(u8, String)>,
    subject: Option<String>,
    text: String,
    language: Option<String>,
    country: Option<String>,
    site: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    part: Option<PartRecord>,
}

/// The twin of a [`Part`].
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
struct PartRecord {
    group: String,
    index: u32,
    total: u32,
}

const KINDS: [KnownKind; 4] = [KnownKind::Phone, KnownKind::Email, KnownKind::Name, KnownKind::Handle];

impl SealedReport {
    /// Takes bytes from the journal.
    #[must_use]
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The ciphertext.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Seals a report for the journal.
    #[must_use]
    pub fn seal(inbound: &Inbound, key: &JournalKey) -> Self {
        let kind_number = |kind| KINDS.iter().position(|other| *other == kind).and_then(|at| u8::try_from(at).ok()).unwrap_or(0);
        let record = ReportRecord {
            channel: inbound.channel.as_str().to_owned(),
            medium: inbound.medium,
            delivery: inbound.delivery.reveal().to_owned(),
            received_ms: inbound.received_at.as_millisecond(),
            address: inbound.identity.address.clone(),
            unique: inbound.identity.unique.clone(),
            known: inbound.identity.known.iter().map(|known| (kind_number(known.kind), known.value.clone())).collect(),
            subject: inbound.subject.as_ref().map(|subject| raw(subject).to_owned()),
            text: raw(&inbound.text).to_owned(),
            language: inbound.hints.language.clone(),
            country: inbound.hints.country.clone(),
            site: inbound.hints.site.as_ref().map(|site| site.as_str().to_owned()),
            part: inbound.part.as_ref().map(|part| PartRecord {
                group: part.group.clone(),
                index: part.index,
                total: part.total,
            }),
        };
        let plain = Zeroizing::new(serde_json::to_vec(&record).expect("a record of strings is always valid JSON"));
        Self(seal_bytes(&plain, b"gw-report-v1", key))
    }

    /// Opens a report from the journal. What comes out is as closed as what went in.
    ///
    /// # Errors
    /// When it was sealed with another key or has been damaged.
    pub fn open(&self, key: &JournalKey) -> Result<Inbound, SealBroken> {
        let plain = open_bytes(&self.0, b"gw-report-v1", key)?;
        let mut record: ReportRecord = serde_json::from_slice(&plain).map_err(|_| SealBroken)?;
        let known = std::mem::take(&mut record.known)
            .into_iter()
            .filter_map(|(kind, value)| KINDS.get(usize::from(kind)).map(|kind| Known { kind: *kind, value }))
            .collect();
        Ok(Inbound {
            channel: ChannelName::parse(&record.channel).ok_or(SealBroken)?,
            medium: record.medium,
            delivery: DeliveryId::new(std::mem::take(&mut record.delivery)),
            received_at: Timestamp::from_millisecond(record.received_ms).map_err(|_| SealBroken)?,
            identity: Identity {
                address: std::mem::take(&mut record.address),
                unique: std::mem::take(&mut record.unique),
                known,
            },
            subject: record.subject.take().map(RawText::new),
            text: RawText::new(std::mem::take(&mut record.text)),
            hints: Hints {
                language: record.language.take(),
                country: record.country.take(),
                site: record.site.as_deref().and_then(SiteCode::parse),
            },
            part: record.part.take().map(|mut part| Part {
                group: std::mem::take(&mut part.group),
                index: part.index,
                total: part.total,
            }),
            attached: Vec::new(),
        })
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "sealing is the one thing besides language and anonymising that takes the words in"
)]
pub(super) fn raw(text: &RawText) -> &str {
    text.expose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_comes_back_from_the_journal_as_it_went_in() {
        let key = JournalKey::new([3; 32]);
        let mut identity = Identity::phone("+15550100", None);
        identity.also(KnownKind::Name, "Ann Wachira");
        let inbound = Inbound {
            channel: ChannelName::parse("sms").expect("a valid name"),
            medium: Medium::Sms,
            delivery: DeliveryId::new("SM1"),
            received_at: Timestamp::from_millisecond(1_700_000_000_123).expect("a valid time"),
            identity,
            subject: None,
            text: RawText::new("the exit is locked"),
            hints: Hints { language: Some("en".into()), country: None, site: SiteCode::parse("HN-07") },
            part: None,
            attached: Vec::new(),
        };
        let sealed = SealedReport::seal(&inbound, &key);
        assert!(!sealed.as_bytes().windows(4).any(|bytes| bytes == b"exit"));
        let back = sealed.open(&key).expect("it opens");
        assert_eq!(raw(back.text()), "the exit is locked");
        assert_eq!(back.received_at(), inbound.received_at());
        assert_eq!(back.hints(), inbound.hints());
        assert_eq!(back.identity().spans_in("Ann").len(), 1);
        assert!(sealed.open(&JournalKey::new([4; 32])).is_err());
    }
}
