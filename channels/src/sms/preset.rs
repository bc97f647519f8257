//! A provider as data: where in its requests things stand, how they prove themselves, and what they are answered.
//!
//! The same grammar is used by the files in `config/sms/`, by an admin's own preset file and by a channel's section, which
//! is laid over the preset. Knows no secret.

mod built_in;
mod proof;
mod rules;

use encoding_rs::Encoding;

use super::charset::Charset;
use super::path::Path;
use super::send::SendConfig;
use crate::settings::Section;

pub(super) use built_in::BUILT_IN;
pub(super) use proof::{Proof, Secrets};
pub(super) use rules::{
    EventKind, EventRule, MediaRule, MessageRule, PartRule, PollRule, State, StatusRule, Test, Unknown, When,
};

/// How a request's body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyKind {
    /// One JSON document.
    Json,
    /// A form, URL-encoded or multipart; its query counts too.
    Form,
    /// The query string.
    Query,
    /// An XML document.
    Xml,
    /// Whatever the request looks like.
    Auto,
}

/// What goes back to the provider, to the letter: some hand it on to the worker.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) content_type: String,
    pub(super) body: String,
    /// The same with the receipt in it, for providers that send what they are answered.
    pub(super) with_receipt: Option<String>,
}

/// One provider.
#[derive(Debug, Clone)]
pub(super) struct Preset {
    pub(super) body: BodyKind,
    /// What bytes are that are no UTF-8.
    pub(super) charset: &'static Encoding,
    /// Whether `From` and `from` are the same name.
    pub(super) fold_case: bool,
    /// Whether a bare GET is answered, because the provider asks for one when an address is registered.
    pub(super) greets: bool,
    /// Where the list of messages is, if a request may hold several.
    pub(super) items: Option<Path>,
    pub(super) proof: Proof,
    /// How reports on sent messages prove themselves, where that differs.
    pub(super) status_proof: Option<Proof>,
    pub(super) answer: Answer,
    pub(super) message: MessageRule,
    pub(super) status: Option<StatusRule>,
    pub(super) events: Vec<EventRule>,
    pub(super) ignored: When,
    pub(super) polls: Vec<PollRule>,
}

impl Preset {
    /// Reads a preset by itself, its way of sending included, to find what is wrong with it.
    pub(super) fn read_alone(section: &mut Section<'_>) -> Self {
        SendConfig::read(section, &[]);
        Self::read(section)
    }

    /// Reads the grammar's keys out of a preset or of a channel's section over one.
    pub(super) fn read(section: &mut Section<'_>) -> Self {
        let body = section.choice(
            "body",
            &[
                ("json", BodyKind::Json),
                ("form", BodyKind::Form),
                ("query", BodyKind::Query),
                ("xml", BodyKind::Xml),
                ("auto", BodyKind::Auto),
            ],
            BodyKind::Auto,
        );
        let charset = match section.text_maybe("charset").as_deref().map(Charset::named) {
            Some(Some(Charset::Web(encoding))) => encoding,
            Some(Some(Charset::Gsm7) | None) => {
                section.refuse("charset", "must be a charset such as \"iso-8859-1\"");
                encoding_rs::WINDOWS_1252
            }
            None => encoding_rs::WINDOWS_1252,
        };
        let fold_case = section.flag("fold_case", false);
        let greets = section.flag("greets", false);
        let items = rules::path_maybe(section, "items");
        let proof = section.word_or_table("verify", "by", Proof::read);
        let status_proof = section.has("status_verify").then(|| section.word_or_table("status_verify", "by", Proof::read));
        let answer = section.table("answer", |section| Answer {
            content_type: section.text("type", "text/plain"),
            body: section.text("body", ""),
            with_receipt: section.text_maybe("receipt"),
        });
        let message = section.table("message", MessageRule::read);
        let status = section.has("status").then(|| section.table("status", StatusRule::read));
        let events = section.tables("event", EventRule::read);
        let ignored = When::any(section.tables("ignore", |section| When::read(section, "when")));
        let polls = section.tables("poll", PollRule::read);
        Self { body, charset, fold_case, greets, items, proof, status_proof, answer, message, status, events, ignored, polls }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use toml::Table;

    use super::*;

    fn problems(text: &str) -> Vec<String> {
        let table: Table = text.parse().expect("valid TOML");
        let environment = BTreeMap::new();
        let mut section = Section::root(&table, &environment, std::path::Path::new("."));
        Preset::read_alone(&mut section);
        section.finish().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_preset_compiled_in_is_complete() {
        for (name, text) in BUILT_IN {
            assert_eq!(problems(text), [""; 0], "{name}");
            let table: Table = text.parse().expect("valid TOML");
            let environment = BTreeMap::new();
            let preset = Preset::read_alone(&mut Section::root(&table, &environment, std::path::Path::new(".")));
            assert!(!preset.message.sender.is_empty() && !preset.message.text.is_empty(), "{name}");
        }
    }

    #[test]
    fn every_preset_file_is_compiled_in() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../config/sms");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .expect("the folder")
            .filter_map(|file| file.ok()?.file_name().into_string().ok()?.strip_suffix(".toml").map(str::to_owned))
            .filter(|name| name != "keywords")
            .collect();
        files.sort();
        let names: Vec<&str> = BUILT_IN.iter().map(|(name, _)| *name).collect();
        assert_eq!(files, names);
    }

    #[test]
    fn unknown_keys_are_named_with_their_place() {
        let found = problems(
            "bdy = \"json\"\n[message]\nsendr = \"a\"\n[message.time]\nformt = []\n[[event]]\nwhn = {}\n[verify]\nby = \"hmac\"\nheadr = \"x\"",
        );
        for key in ["bdy:", "message.sendr:", "message.time.formt:", "event[0].whn:", "verify.headr:"] {
            assert!(found.iter().any(|problem| problem.starts_with(key)), "{key} is missing in {found:?}");
        }
    }

    #[test]
    fn what_cannot_work_is_refused() {
        for (text, key) in [
            ("[message]\nsender = \"a[\"", "message.sender:"),
            ("[message.time]\nformats = [\"sometime\"]", "message.time.formats:"),
            ("[message.time]\nzone = \"Moon/Base\"", "message.time.zone:"),
            ("[status.words]\nDONE = \"perhaps\"", "status.words:"),
            ("[verify]\nby = \"hmac\"\nsigned = \"{bdy}\"", "verify.signed:"),
            ("charset = \"klingon\"", "charset:"),
        ] {
            let found = problems(text);
            assert!(found.iter().any(|problem| problem.starts_with(key)), "{key} is missing in {found:?}");
        }
    }
}
