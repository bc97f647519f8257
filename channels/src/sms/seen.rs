//! What a request said, for a runner that judges parsing. Compiled for tests and examples only.

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::preset::{EventKind, State};
use super::read::{Message, Reading};
use super::{SenderIs, Sms};
use crate::phone::Phone;
use crate::planting::{Seen, SeenEvent, SeenMedia, SeenMessage, SeenStatus};

pub(super) fn seen(reading: &Reading, channel: &Sms) -> Seen {
    Seen {
        messages: reading.messages.iter().map(|message| seen_message(message, channel)).collect(),
        statuses: reading
            .statuses
            .iter()
            .map(|status| SeenStatus {
                provider_id: status.id.clone(),
                client_ref: status.reference.clone(),
                status: match status.state {
                    State::Wired => "wired",
                    State::Sent => "sent",
                    State::Delivered => "delivered",
                    State::Read => "read",
                    State::Failed => "failed",
                    State::Errored => "errored",
                },
            })
            .collect(),
        opted_out: reading
            .statuses
            .iter()
            .filter_map(|status| status.opted_out.as_deref())
            .map(|number| sender_of(number, None, channel).0)
            .collect(),
        events: reading
            .events
            .iter()
            .map(|event| SeenEvent {
                kind: match event.kind {
                    EventKind::OptOut => "opt_out",
                    EventKind::Start => "start",
                    EventKind::Call => "call",
                    EventKind::Device => "device",
                },
                sender: event.sender.as_deref().map(|sender| sender_of(sender, None, channel).0),
            })
            .collect(),
        is_poll: reading.poll.is_some(),
        n_unread: reading.n_unread,
    }
}

fn seen_message(message: &Message, channel: &Sms) -> SeenMessage {
    let (sender, sender_kind) = sender_of(&message.sender, message.service.as_deref(), channel);
    let media = |media: &super::read::Media| SeenMedia {
        url: media.url.clone(),
        content_type: media.content_type.clone(),
        name: media.name.clone(),
        inline_sha256: media.inline.as_deref().map(|bytes| hex::encode(Sha256::digest(bytes))),
    };
    SeenMessage {
        sender,
        sender_kind,
        text: channel.without_prefix(message.text.clone()),
        provider_id: message.id.clone(),
        sent_at: message.sent_at.as_ref().map(Timestamp::to_string),
        attachments: message.media.iter().map(media).collect(),
        part: message.part.as_ref().map(|part| (part.index + 1, part.total)),
        is_joined: false,
        is_incomplete: false,
    }
}

fn sender_of(written: &str, service: Option<&str>, channel: &Sms) -> (String, &'static str) {
    let kind = match service {
        Some("whatsapp") => Some("whatsapp"),
        Some("messenger") => Some("messenger"),
        Some(_) | None => None,
    };
    if channel.sender_is == SenderIs::Account {
        return (written.to_owned(), "opaque");
    }
    match Phone::read(written, channel.country.as_deref()) {
        Phone::Full { e164, .. } => (e164, kind.unwrap_or("phone")),
        Phone::Other(_) => {
            let is_short = !written.is_empty() && written.bytes().all(|byte| byte.is_ascii_digit());
            let other = if written.is_empty() {
                "opaque"
            } else if is_short {
                "shortcode"
            } else {
                "alphanumeric"
            };
            (written.to_owned(), kind.unwrap_or(other))
        }
    }
}
