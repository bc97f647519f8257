//! The rules of a preset: which requests are messages, reports on sent messages, events or questions, and where in them
//! things stand.

use jiff::tz::TimeZone;
use toml::Value;

use crate::settings::Section;
use crate::sms::charset::Charset;
use crate::sms::path::Path;
use crate::sms::time::{TimeFormat, TimeRule};

/// Which requests a rule is for: one of several lists of conditions has to hold.
#[derive(Debug, Clone, Default)]
pub(in crate::sms) struct When(pub(in crate::sms) Vec<Vec<(Path, Test)>>);

/// What a condition asks of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sms) enum Test {
    /// It says something.
    Present,
    /// It is not there, or empty.
    Absent,
    /// It is one of these.
    Is(Vec<String>),
}

impl When {
    /// Reads `{ path = true | false | "value" | ["values"] }`, or a list of such tables.
    pub(super) fn read(section: &mut Section<'_>, key: &str) -> Self {
        let tables = match section.value(key) {
            None => return Self::default(),
            Some(Value::Table(table)) => vec![table],
            Some(Value::Array(list)) if list.iter().all(Value::is_table) => {
                list.into_iter().filter_map(|value| value.as_table().cloned()).collect()
            }
            Some(_) => Vec::new(),
        };
        let read = |(path, test): (&String, &Value)| {
            let test = match test {
                Value::Boolean(true) => Test::Present,
                Value::Boolean(false) => Test::Absent,
                Value::String(value) => Test::Is(vec![value.clone()]),
                Value::Array(values) => {
                    Test::Is(values.iter().map(|value| value.as_str().map(str::to_owned)).collect::<Option<_>>()?)
                }
                Value::Integer(_) | Value::Float(_) | Value::Datetime(_) | Value::Table(_) => return None,
            };
            Some((Path::parse(path)?, test))
        };
        let lists: Option<Vec<Vec<(Path, Test)>>> =
            tables.iter().map(|table| table.iter().map(read).collect::<Option<Vec<_>>>()).collect();
        match lists {
            Some(lists) if !lists.is_empty() => Self(lists),
            Some(_) | None => {
                section.refuse(
                    key,
                    "must be a table of fields with true, false, a text or a list of texts, or a list of such tables",
                );
                Self::default()
            }
        }
    }

    /// Any of these.
    pub(super) fn any(all: Vec<Self>) -> Self {
        Self(all.into_iter().flat_map(|when| when.0).collect())
    }

    /// Whether nothing was asked.
    pub(in crate::sms) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What is a message, and where in it things stand.
#[derive(Debug, Clone)]
pub(in crate::sms) struct MessageRule {
    /// Without a condition, everything with a sender's field.
    pub(in crate::sms) when: When,
    /// Without one of each of these lists, the request is kept for a person.
    pub(in crate::sms) required: Vec<Vec<Path>>,
    pub(in crate::sms) sender: Vec<Path>,
    /// Other places of the sender, under conditions.
    pub(in crate::sms) sender_when: Vec<(When, Vec<Path>)>,
    /// What is no part of the sender's number, such as `whatsapp:`.
    pub(in crate::sms) strip_sender: Vec<String>,
    pub(in crate::sms) recipient: Vec<Path>,
    pub(in crate::sms) text: Vec<Path>,
    /// Other places of the text, under conditions.
    pub(in crate::sms) text_when: Vec<(When, Vec<Path>)>,
    /// The text's bytes in hexadecimal; wins over the text.
    pub(in crate::sms) hex: Option<Path>,
    /// SMPP's number of the coding.
    pub(in crate::sms) coding: Option<Path>,
    /// What other numbers mean, where the provider has its own.
    pub(in crate::sms) codings: Vec<(String, Charset)>,
    /// The name of the charset.
    pub(in crate::sms) charset: Vec<Path>,
    /// Whether the text is escaped once more when it names a charset.
    pub(in crate::sms) escaped: bool,
    pub(in crate::sms) id: Vec<Path>,
    /// What makes two deliveries the same; the id alone where this is empty.
    pub(in crate::sms) dedupe: Vec<Path>,
    pub(in crate::sms) time: TimeRule,
    /// Whether something without words and pictures is nothing.
    pub(in crate::sms) skip_empty: bool,
    pub(in crate::sms) media: Vec<(When, MediaRule)>,
    pub(in crate::sms) part: Option<PartRule>,
}

/// Where pictures and the like stand.
#[derive(Debug, Clone)]
pub(in crate::sms) enum MediaRule {
    /// A counter, and numbered fields: `MediaUrl{n}`.
    Numbered { count: Path, url: String, content_type: Option<String> },
    /// The files of a multipart form.
    Files,
    /// A list; `url` is empty where the item is the address itself.
    List { list: Path, url: Option<Path>, inline: Option<Path>, content_type: Option<Path>, name: Option<Path> },
}

/// How a provider says that a request is only a part of a message.
#[derive(Debug, Clone)]
pub(in crate::sms) struct PartRule {
    pub(in crate::sms) when: When,
    pub(in crate::sms) reference: Path,
    pub(in crate::sms) index: Path,
    pub(in crate::sms) total: Path,
    /// The number of the first part.
    pub(in crate::sms) first: u32,
}

impl MessageRule {
    pub(super) fn read(section: &mut Section<'_>) -> Self {
        let required = match section.value("required") {
            None => Vec::new(),
            Some(Value::Array(list)) => list
                .iter()
                .filter_map(|item| {
                    let names: Option<Vec<Path>> = match item {
                        Value::String(path) => Path::parse(path).map(|path| vec![path]),
                        Value::Array(any) => any.iter().map(|path| Path::parse(path.as_str()?)).collect(),
                        _ => None,
                    };
                    if names.is_none() {
                        section.refuse("required", "must be a list of paths, or of lists of which one is enough");
                    }
                    names
                })
                .collect(),
            Some(_) => {
                section.refuse("required", "must be a list of paths, or of lists of which one is enough");
                Vec::new()
            }
        };
        let elsewhere = |section: &mut Section<'_>| (When::read(section, "when"), paths(section, "path"));
        Self {
            when: When::read(section, "when"),
            required,
            sender: paths(section, "sender"),
            sender_when: section.tables("sender_when", elsewhere),
            strip_sender: section.texts_or_one("strip_sender"),
            recipient: paths(section, "recipient"),
            text: paths(section, "text"),
            text_when: section.tables("text_when", elsewhere),
            hex: path_maybe(section, "hex"),
            coding: path_maybe(section, "coding"),
            codings: read_codings(section),
            charset: paths(section, "charset"),
            escaped: section.flag("escaped", false),
            id: paths(section, "id"),
            dedupe: paths(section, "dedupe"),
            time: section.word_or_table("time", "path", read_time),
            skip_empty: section.flag("skip_empty", false),
            media: section.tables("media", read_media).into_iter().flatten().collect(),
            part: if section.has("part") { section.table("part", PartRule::read) } else { None },
        }
    }
}

fn read_codings(section: &mut Section<'_>) -> Vec<(String, Charset)> {
    let Some(value) = section.value("codings") else { return Vec::new() };
    let read = |(number, name): (&String, &Value)| Some((number.clone(), Charset::named(name.as_str()?)?));
    let codings: Option<Vec<_>> = value.as_table().and_then(|table| table.iter().map(read).collect());
    codings.unwrap_or_else(|| {
        section.refuse("codings", "must be a table of the provider's numbers, each with a charset such as \"utf-16be\"");
        Vec::new()
    })
}

fn read_time(section: &mut Section<'_>) -> TimeRule {
    let paths = paths(section, "path");
    let written = section.texts_or_one("formats");
    let mut formats: Vec<TimeFormat> = written.iter().filter_map(|format| TimeFormat::parse(format)).collect();
    if formats.len() != written.len() {
        section.refuse(
            "formats",
            "must be \"rfc3339\", \"unix\", \"unix_ms\", \"unix_auto\", or a pattern such as \"%Y-%m-%d %H:%M:%S\"",
        );
    }
    if formats.is_empty() {
        formats = vec![TimeFormat::Rfc3339, TimeFormat::UnixAuto];
    }
    let zone = section.text("zone", "UTC");
    let zone = TimeZone::get(&zone).unwrap_or_else(|_| {
        section.refuse("zone", "must be a time zone such as \"Asia/Jakarta\"");
        TimeZone::UTC
    });
    TimeRule { paths, formats, zone }
}

fn read_media(section: &mut Section<'_>) -> Option<(When, MediaRule)> {
    Some((When::read(section, "when"), read_media_rule(section)?))
}

fn read_media_rule(section: &mut Section<'_>) -> Option<MediaRule> {
    if section.has("count") {
        let count = path(section, "count")?;
        let url = section.text("url", "");
        let content_type = section.text_maybe("content_type");
        return Some(MediaRule::Numbered { count, url, content_type });
    }
    if section.flag("files", false) {
        return Some(MediaRule::Files);
    }
    let list = path(section, "list")?;
    Some(MediaRule::List {
        list,
        url: path_maybe(section, "url"),
        inline: path_maybe(section, "inline"),
        content_type: path_maybe(section, "content_type"),
        name: path_maybe(section, "name"),
    })
}

impl PartRule {
    fn read(section: &mut Section<'_>) -> Option<Self> {
        let when = When::read(section, "when");
        let (reference, index, total) = (path(section, "reference"), path(section, "index"), path(section, "total"));
        let first = u32::try_from(section.number("first", 1, 0..=1)).unwrap_or(1);
        Some(Self { when, reference: reference?, index: index?, total: total?, first })
    }
}

/// What became of a message that the gateway sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The provider has it.
    Wired,
    /// The network has it.
    Sent,
    /// The phone has it.
    Delivered,
    /// It was opened.
    Read,
    /// It will not arrive.
    Failed,
    /// It did not arrive this time.
    Errored,
}

/// What to do with a word for a state that the preset does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sms) enum Unknown {
    Keep,
    Ignore,
}

/// A provider's words and what they mean; `None` means nothing worth telling.
pub(in crate::sms) type Words = Vec<(String, Option<State>)>;

/// What is a report on a message that was sent, and where in it things stand.
#[derive(Debug, Clone)]
pub(in crate::sms) struct StatusRule {
    pub(in crate::sms) when: When,
    /// The provider's name for the message.
    pub(in crate::sms) id: Vec<Path>,
    /// Our own name for it.
    pub(in crate::sms) reference: Vec<Path>,
    /// Whom the message was for.
    pub(in crate::sms) recipient: Vec<Path>,
    pub(in crate::sms) status: Vec<Path>,
    /// What its words mean.
    pub(in crate::sms) words: Words,
    /// Codes that say more than the word, and where they stand.
    pub(in crate::sms) codes: Option<(Path, Words)>,
    /// Other fields that tell the state when the word does not.
    pub(in crate::sms) fallback: Vec<(Path, Vec<String>, State)>,
    /// Reports that say that the number wants no messages.
    pub(in crate::sms) opted_out: When,
    pub(in crate::sms) unknown: Unknown,
}

const STATES: [(&str, Option<State>); 7] = [
    ("wired", Some(State::Wired)),
    ("sent", Some(State::Sent)),
    ("delivered", Some(State::Delivered)),
    ("read", Some(State::Read)),
    ("failed", Some(State::Failed)),
    ("errored", Some(State::Errored)),
    ("ignore", None),
];

impl StatusRule {
    pub(super) fn read(section: &mut Section<'_>) -> Self {
        Self {
            when: When::read(section, "when"),
            id: paths(section, "id"),
            reference: paths(section, "reference"),
            recipient: paths(section, "recipient"),
            status: paths(section, "status"),
            words: words(section, "words"),
            codes: if section.has("codes") {
                section.table("codes", |section| Some((path(section, "path")?, words(section, "words"))))
            } else {
                None
            },
            fallback: section
                .tables("fallback", |section| {
                    let path = path(section, "path");
                    let values = section.texts_or_one("values");
                    let state = section.choice("state", &STATES, None);
                    Some((path?, values, state?))
                })
                .into_iter()
                .flatten()
                .collect(),
            opted_out: When::read(section, "opted_out"),
            unknown: section.choice("unknown", &[("keep", Unknown::Keep), ("ignore", Unknown::Ignore)], Unknown::Keep),
        }
    }
}

fn words(section: &mut Section<'_>, key: &str) -> Words {
    let table = match section.value(key) {
        None => return Vec::new(),
        Some(Value::Table(table)) => table,
        Some(_) => toml::Table::from_iter([(String::new(), Value::Boolean(false))]),
    };
    let read = |(word, state): (String, Value)| {
        let state = STATES.iter().find(|(name, _)| Some(*name) == state.as_str()).map(|(_, state)| *state)?;
        Some((word, state))
    };
    let read: Option<Vec<_>> = table.into_iter().map(read).collect();
    read.unwrap_or_else(|| {
        let names: Vec<&str> = STATES.iter().map(|(name, _)| *name).collect();
        section.refuse(key, &format!("must be a table of the provider's words, each with one of {}", names.join(", ")));
        Vec::new()
    })
}

/// What happened besides messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    /// The sender wants no more messages.
    OptOut,
    /// The sender wants messages again.
    Start,
    /// The sender called and hung up.
    Call,
    /// Something about the phone that does the sending.
    Device,
}

/// What is an event.
#[derive(Debug, Clone)]
pub(in crate::sms) struct EventRule {
    pub(in crate::sms) when: When,
    pub(in crate::sms) kind: EventKind,
    pub(in crate::sms) sender: Vec<Path>,
    /// Whether the request is a message as well.
    pub(in crate::sms) is_message_too: bool,
}

impl EventRule {
    pub(super) fn read(section: &mut Section<'_>) -> Self {
        let kinds = [
            ("opt_out", EventKind::OptOut),
            ("start", EventKind::Start),
            ("call", EventKind::Call),
            ("device", EventKind::Device),
        ];
        Self {
            when: When::read(section, "when"),
            kind: section.choice("is", &kinds, EventKind::Device),
            sender: paths(section, "sender"),
            is_message_too: section.flag("message_too", false),
        }
    }
}

/// A question for messages to send, and its answer when there are none.
#[derive(Debug, Clone)]
pub(in crate::sms) struct PollRule {
    pub(in crate::sms) when: When,
    /// `{secret}` stands for the channel's secret, which some apps want to see again.
    pub(in crate::sms) answer: String,
}

impl PollRule {
    pub(super) fn read(section: &mut Section<'_>) -> Self {
        Self { when: When::read(section, "when"), answer: section.text("answer", "") }
    }
}

/// One path or a list of them.
pub(super) fn paths(section: &mut Section<'_>, key: &str) -> Vec<Path> {
    let written = section.texts_or_one(key);
    let paths: Vec<Path> = written.iter().filter_map(|path| Path::parse(path)).collect();
    if paths.len() != written.len() {
        section.refuse(key, BROKEN_PATH);
    }
    paths
}

/// One path, if there is one.
pub(super) fn path_maybe(section: &mut Section<'_>, key: &str) -> Option<Path> {
    let written = section.text_maybe(key)?;
    let path = Path::parse(&written);
    if path.is_none() {
        section.refuse(key, BROKEN_PATH);
    }
    path
}

/// One path that must be there.
fn path(section: &mut Section<'_>, key: &str) -> Option<Path> {
    let path = path_maybe(section, key);
    if path.is_none() && !section.has(key) {
        section.refuse(key, "is missing");
    }
    path
}

const BROKEN_PATH: &str =
    "must be a field's name or a path: dots go down, [0] picks from a list, [*] takes each, [?a=b] those with a value";
