//! From a verified request to what it says: messages, parts of messages, reports on sent ones, events and questions.
//!
//! A request may hold several items. One that cannot be read costs no other: it is counted, and the caller keeps the whole
//! request for a person. A strange sender, a strange date or a missing recipient is no reason to refuse.

use encoding_rs::WINDOWS_1252;
use jiff::Timestamp;

use super::charset::{Charset, undeclared};
use super::fields::{Fields, Items};
use super::path::Path;
use super::preset::{
    EventKind, EventRule, MediaRule, MessageRule, PartRule, PollRule, Preset, State, StatusRule, Test, Unknown, When,
};
use crate::desk::{Sent, SentState};
use crate::form;
use crate::phone::is_number;
use crate::verify::Verified;

/// More parts than any network joins; a larger number is a mistake.
const MOST_PARTS: u32 = 255;
/// More pictures than any message holds.
const MOST_MEDIA: usize = 32;

/// What a request says.
#[derive(Default)]
pub(super) struct Reading {
    pub(super) messages: Vec<Message>,
    pub(super) statuses: Vec<Status>,
    pub(super) events: Vec<Event>,
    /// The answer to a question for messages to send.
    pub(super) poll: Option<String>,
    /// How many items could not be read.
    pub(super) n_unread: usize,
}

/// A message as the provider says it.
#[cfg_attr(
    not(any(test, feature = "planting")),
    expect(dead_code, reason = "pictures are not fetched yet, and only tests look at the rest")
)]
pub(super) struct Message {
    pub(super) sender: String,
    /// What stood before the sender's number, such as `whatsapp`.
    pub(super) service: Option<String>,
    pub(super) recipient: String,
    pub(super) text: String,
    /// Whether there was a field for the text at all.
    has_text: bool,
    pub(super) id: Option<String>,
    /// What makes two deliveries the same, without sender and text.
    pub(super) same: Option<String>,
    #[cfg_attr(
        not(any(test, feature = "planting")),
        expect(dead_code, reason = "a case is dated by when it came; only tests look at this")
    )]
    pub(super) sent_at: Option<Timestamp>,
    pub(super) media: Vec<Media>,
    pub(super) part: Option<PartOf>,
}

/// A picture or the like, still at the provider or in the request itself.
#[cfg_attr(
    not(any(test, feature = "planting")),
    expect(dead_code, reason = "pictures are not fetched yet, and only tests look at the rest")
)]
pub(super) struct Media {
    pub(super) url: Option<String>,
    pub(super) inline: Option<Vec<u8>>,
    pub(super) content_type: Option<String>,
    pub(super) name: Option<String>,
}

/// Which part of which long message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PartOf {
    pub(super) reference: String,
    /// From zero.
    pub(super) index: u32,
    pub(super) total: u32,
}

/// A report on a message that was sent.
pub(super) struct Status {
    pub(super) id: Option<String>,
    pub(super) reference: Option<String>,
    pub(super) state: State,
    /// Whose number wants no messages, if the report says so.
    pub(super) opted_out: Option<String>,
}

impl Status {
    /// The same for the desk.
    pub(super) fn into_report(self) -> Sent {
        Sent {
            id: self.id,
            reference: self.reference,
            state: match self.state {
                State::Wired | State::Sent => SentState::OnItsWay,
                State::Delivered | State::Read => SentState::Delivered,
                State::Failed | State::Errored => SentState::Failed,
            },
        }
    }
}

/// Something that happened.
pub(super) struct Event {
    pub(super) kind: EventKind,
    pub(super) sender: Option<String>,
}

/// Reads a request by a preset. `None` when its body is no such document at all.
pub(super) fn read(preset: &Preset, request: &Verified) -> Option<Reading> {
    let fields = Fields::read(preset.body, preset.fold_case, preset.charset, request)?;
    let mut reading = Reading::default();
    match preset.items.as_ref().map(|path| fields.items(path)) {
        None => read_item(preset, &fields, &mut reading),
        Some(Items::Some(items)) => items.iter().for_each(|item| read_item(preset, item, &mut reading)),
        Some(Items::Missing) => reading.n_unread += 1,
    }
    Some(reading)
}

fn read_item(preset: &Preset, fields: &Fields<'_>, reading: &mut Reading) {
    if holds(&preset.ignored, fields) && !preset.ignored.is_empty() {
        return;
    }
    if let Some(PollRule { answer, .. }) = preset.polls.iter().find(|poll| holds(&poll.when, fields)) {
        reading.poll = Some(answer.clone());
        return;
    }
    for rule in preset.events.iter().filter(|rule| holds(&rule.when, fields)) {
        match read_event(rule, fields) {
            Some(event) => reading.events.push(event),
            None => reading.n_unread += 1,
        }
        if !rule.is_message_too {
            return;
        }
    }
    if let Some(rule) = preset.status.as_ref().filter(|rule| holds(&rule.when, fields)) {
        match read_status(rule, &preset.message.strip_sender, fields) {
            StatusRead::Is(status) => reading.statuses.push(status),
            StatusRead::Nothing => {}
            StatusRead::Unread => reading.n_unread += 1,
        }
        return;
    }
    let Some(message) = read_message(&preset.message, fields) else {
        reading.n_unread += 1;
        return;
    };
    let is_empty = message.text.is_empty() && message.media.is_empty();
    if is_empty && preset.message.skip_empty {
        return;
    }
    // No words where the preset looks for them: perhaps it looks in the wrong place, so the whole request is kept as well.
    if is_empty && !message.has_text {
        reading.n_unread += 1;
    }
    reading.messages.push(message);
}

/// Whether one of the lists of conditions holds; an empty rule holds always.
fn holds(when: &When, fields: &Fields<'_>) -> bool {
    when.is_empty()
        || when.0.iter().any(|conditions| {
            conditions.iter().all(|(path, test)| {
                let found = fields.text(path).filter(|text| !text.is_empty());
                match test {
                    Test::Present => found.is_some() || has_list(fields, path),
                    Test::Absent => found.is_none() && !has_list(fields, path),
                    Test::Is(values) => found.is_some_and(|found| values.contains(&found)),
                }
            })
        })
}

/// Whether there is something under the path that is more than a text.
fn has_list(fields: &Fields<'_>, path: &Path) -> bool {
    !path.written().starts_with(':') && fields.is_there(path)
}

fn read_event(rule: &EventRule, fields: &Fields<'_>) -> Option<Event> {
    let sender = fields.first(&rule.sender).map(|sender| sender.trim().to_owned()).filter(|sender| !sender.is_empty());
    // Whom nobody can answer needs no protection from answers; without a number the request is a riddle.
    let is_addressed = match rule.kind {
        EventKind::OptOut | EventKind::Start => sender.as_deref().is_some_and(is_number),
        EventKind::Call => sender.is_some(),
        EventKind::Device => true,
    };
    is_addressed.then_some(Event { kind: rule.kind, sender })
}

enum StatusRead {
    Is(Status),
    Nothing,
    Unread,
}

fn read_status(rule: &StatusRule, strip: &[String], fields: &Fields<'_>) -> StatusRead {
    let filled = |text: Option<String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let (id, reference) = (filled(fields.first(&rule.id)), filled(fields.first(&rule.reference)));
    if id.is_none() && reference.is_none() {
        return StatusRead::Unread;
    }
    let meaning = |words: &[(String, Option<State>)], path: &Path| {
        let word = fields.text(path)?;
        words.iter().find(|(known, _)| known.eq_ignore_ascii_case(word.trim())).map(|(_, state)| *state)
    };
    let by_code = rule.codes.as_ref().and_then(|(path, words)| meaning(words, path));
    let by_word = || rule.status.iter().find_map(|path| meaning(&rule.words, path));
    let by_field = || {
        rule.fallback.iter().find_map(|(path, values, state)| {
            let found = fields.text(path)?;
            values.contains(&found).then_some(Some(*state))
        })
    };
    match by_code.or_else(by_word).or_else(by_field) {
        Some(Some(state)) => {
            let has_opted_out = !rule.opted_out.is_empty() && holds(&rule.opted_out, fields);
            let recipient = filled(fields.first(&rule.recipient)).map(|number| without_service(&number, strip).0.to_owned());
            let opted_out = recipient.filter(|_| has_opted_out);
            StatusRead::Is(Status { id, reference, state, opted_out })
        }
        Some(None) => StatusRead::Nothing,
        None => match rule.unknown {
            Unknown::Ignore => StatusRead::Nothing,
            Unknown::Keep => StatusRead::Unread,
        },
    }
}

/// `None` when it has no sender's field, or lacks what the preset requires.
fn read_message(rule: &MessageRule, fields: &Fields<'_>) -> Option<Message> {
    if !holds(&rule.when, fields) {
        return None;
    }
    let is_there = |path: &Path| fields.text(path).is_some_and(|text| !text.is_empty());
    if !rule.required.iter().all(|any| any.iter().any(is_there)) {
        return None;
    }
    let elsewhere = rule.sender_when.iter().find(|(when, _)| holds(when, fields));
    let written = fields.first(elsewhere.map_or(&rule.sender, |(_, paths)| paths))?;
    let (sender, service) = without_service(&written, &rule.strip_sender);
    let media = read_media(&rule.media, fields);
    let text = read_text(rule, fields);
    let id = fields.first(&rule.id).map(|id| id.trim().to_owned()).filter(|id| !id.is_empty());
    let written_time = fields.first(&rule.time.paths).filter(|time| !time.trim().is_empty());
    let same = if rule.dedupe.is_empty() {
        id.as_ref().map(|id| format!("id\0{id}"))
    } else {
        let pieces: Option<Vec<String>> = rule.dedupe.iter().map(|path| fields.text(path)).collect();
        pieces.map(|pieces| format!("id\0{}", pieces.join("\0")))
    };
    Some(Message {
        sender: sender.to_owned(),
        service: service.map(str::to_owned),
        recipient: fields.first(&rule.recipient).unwrap_or_default().trim().to_owned(),
        has_text: text.is_some(),
        text: text.unwrap_or_default(),
        same: same.or_else(|| written_time.as_ref().map(|time| format!("at\0{time}"))),
        id,
        sent_at: written_time.and_then(|time| rule.time.read(&time)),
        media,
        part: rule.part.as_ref().and_then(|part| read_part(part, fields)),
    })
}

/// A number without what a provider puts before it, and what that was.
fn without_service<'w>(written: &'w str, prefixes: &'w [String]) -> (&'w str, Option<&'w str>) {
    let written = written.trim();
    let found = prefixes.iter().find_map(|prefix| Some((written.strip_prefix(prefix.as_str())?.trim(), prefix)));
    found.map_or((written, None), |(bare, prefix)| (bare, Some(prefix.trim_end_matches(':'))))
}

/// The words, out of whatever bytes the gateway made of them.
fn read_text(rule: &MessageRule, fields: &Fields<'_>) -> Option<String> {
    let coding = rule.coding.as_ref().and_then(|path| {
        let number = fields.text(path)?;
        if rule.codings.is_empty() {
            return Charset::of_data_coding(&number);
        }
        rule.codings.iter().find(|(own, _)| *own == number.trim()).map(|(_, charset)| *charset)
    });
    let named = fields.first(&rule.charset).filter(|name| !name.is_empty());
    let charset = named.as_deref().and_then(Charset::named).or(coding);
    if let Some(bytes) = rule.hex.as_ref().and_then(|path| hex::decode(fields.text(path)?.trim()).ok())
        && !bytes.is_empty()
    {
        return Some(decode(charset, &bytes));
    }
    let elsewhere = rule.text_when.iter().find(|(when, _)| holds(when, fields));
    let paths = elsewhere.map_or(&rule.text, |(_, paths)| paths);
    let mut there = paths.iter().filter_map(|path| fields.bytes(path)).peekable();
    let first = there.peek().cloned();
    let bytes = there.find(|bytes| !bytes.is_empty()).or(first)?;
    let is_utf8 = charset.is_none() || charset == Charset::named("utf-8");
    let bytes = if rule.escaped && !is_utf8 { form::unescape(&bytes) } else { bytes };
    Some(decode(charset, &bytes))
}

fn decode(charset: Option<Charset>, bytes: &[u8]) -> String {
    charset.map_or_else(|| undeclared(bytes, WINDOWS_1252), |charset| charset.decode(bytes))
}

fn read_part(rule: &PartRule, fields: &Fields<'_>) -> Option<PartOf> {
    if !holds(&rule.when, fields) {
        return None;
    }
    let number = |path: &Path| fields.text(path)?.trim().parse::<u32>().ok();
    let reference = fields.text(&rule.reference).filter(|reference| !reference.is_empty())?;
    let (index, total) = (number(&rule.index)?.checked_sub(rule.first)?, number(&rule.total)?);
    // A message of one part is whole, and numbers that make no sense are no reason to hold its words back.
    (index < total && (2..=MOST_PARTS).contains(&total)).then_some(PartOf { reference, index, total })
}

fn read_media(rules: &[(When, MediaRule)], fields: &Fields<'_>) -> Vec<Media> {
    let mut media = Vec::new();
    for (_, rule) in rules.iter().filter(|(when, _)| holds(when, fields)) {
        match rule {
            MediaRule::Numbered { count, url, content_type } => {
                let n_media = fields.text(count).and_then(|count| count.trim().parse::<usize>().ok()).unwrap_or(0);
                let numbered = |pattern: &str, at: usize| {
                    Path::parse(&pattern.replace("{n}", &at.to_string())).and_then(|path| fields.text(&path))
                };
                media.extend((0..n_media.min(MOST_MEDIA)).filter_map(|at| {
                    let url = numbered(url, at).filter(|url| !url.is_empty())?;
                    let content_type = content_type.as_deref().and_then(|pattern| numbered(pattern, at));
                    Some(Media { url: Some(url), inline: None, content_type, name: None })
                }));
            }
            MediaRule::Files => media.extend(fields.files().into_iter().take(MOST_MEDIA).map(|file| Media {
                url: None,
                inline: Some(file.bytes),
                content_type: file.content_type,
                name: Some(file.file_name),
            })),
            MediaRule::List { list, url: None, inline: None, .. } => {
                let urls = fields.texts(list).into_iter().filter(|url| !url.is_empty()).take(MOST_MEDIA);
                media.extend(urls.map(|url| Media { url: Some(url), inline: None, content_type: None, name: None }));
            }
            MediaRule::List { list, url, inline, content_type, name } => {
                media.extend(fields.all(list).iter().take(MOST_MEDIA).filter_map(|item| {
                    let text = |path: &Option<Path>| path.as_ref().and_then(|path| item.text(path));
                    let inline = text(inline).and_then(|encoded| {
                        use base64::Engine;
                        let bare: String = encoded.split_ascii_whitespace().collect();
                        base64::engine::general_purpose::STANDARD.decode(bare).ok()
                    });
                    let url = text(url).filter(|url| !url.is_empty());
                    (url.is_some() || inline.is_some()).then(|| Media {
                        url,
                        inline,
                        content_type: text(content_type),
                        name: text(name),
                    })
                }));
            }
        }
    }
    media
}
