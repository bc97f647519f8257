//! The lines that `process` writes: serialisable twins of what the stages say.

use std::panic::{AssertUnwindSafe, catch_unwind};

use channels::PseudonymKey;
use channels::import::{LineError, MailKind, read_line};
use jiff::Timestamp;
use serde::Serialize;

use super::parallel::{Answer, InputLine};
use crate::anonymise::Redaction;
use crate::desk::pipeline::{Read, Reader, Stages};
use crate::language::{Characters, Detected};
use crate::triage::Verdict;

#[derive(Serialize)]
struct LinePayload<'a> {
    id: &'a str,
    reporter: String,
    language: LanguagePayload,
    text: &'a str,
    redactions: Vec<RedactionPayload>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    doubts: Vec<&'static str>,
    triage: TriagePayload<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<MailPayload<'a>>,
}

#[derive(Serialize)]
struct LanguagePayload {
    /// The best guess, so that a reader of the confidence can draw the line elsewhere than the desk does.
    code: &'static str,
    confidence: f64,
    /// Whether the desk would answer in it.
    sure: bool,
    tag: String,
    candidates: Vec<(&'static str, f64)>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    also: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    script: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding: Option<&'static str>,
}

impl From<&Detected> for LanguagePayload {
    fn from(detected: &Detected) -> Self {
        Self {
            code: detected.language.code(),
            confidence: rounded(detected.confidence),
            sure: detected.sure,
            tag: detected.tag(),
            candidates: detected.candidates.iter().map(|(language, share)| (language.code(), rounded(*share))).collect(),
            also: detected.others.iter().map(|language| language.code()).collect(),
            script: detected.characters.map(Characters::as_str),
            encoding: detected.zawgyi.then_some("zawgyi"),
        }
    }
}

#[derive(Serialize)]
struct RedactionPayload {
    start: usize,
    end: usize,
    kind: &'static str,
}

#[derive(Serialize)]
struct TriagePayload<'a> {
    severity: &'static str,
    categories: Vec<&'static str>,
    auto_trigger: bool,
    review: bool,
    respond_within_hours: u32,
    matches: Vec<MatchPayload<'a>>,
}

#[derive(Serialize)]
struct MatchPayload<'a> {
    rule: &'a str,
    category: &'static str,
    start: usize,
    end: usize,
    negated: bool,
}

#[derive(Serialize)]
struct MailPayload<'a> {
    kind: MailKind,
    text: &'a str,
}

#[derive(Serialize)]
struct ErrorPayload<'a> {
    id: Option<&'a str>,
    error: &'a str,
}

/// Answers one line. What panics on it, reading a mail included, costs this line and no other.
pub(super) fn answer(line: &InputLine, stages: &Stages, pepper: &PseudonymKey) -> Answer {
    catch_unwind(AssertUnwindSafe(|| answered(line, stages, pepper)))
        .unwrap_or_else(|_| refused(None, "the program has a fault on this line; please report it as a bug"))
}

fn answered(line: &InputLine, stages: &Stages, pepper: &PseudonymKey) -> Answer {
    let text = match line {
        InputLine::TooLong => return refused(None, "the line is longer than 8 MiB"),
        InputLine::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(_) => return refused(None, "the line is not UTF-8"),
        },
    };
    // Nothing of a line depends on the time; a stored case's does.
    let line = match read_line(text, Timestamp::UNIX_EPOCH) {
        Ok(line) => line,
        Err(LineError { id, problem }) => return refused(id.as_deref(), &problem.to_string()),
    };
    let Ok(read) = catch_unwind(AssertUnwindSafe(|| stages.read(&line.inbound, None))) else {
        return refused(Some(&line.id), "a stage failed on this text; please report it as a bug");
    };
    let Read { language, text, verdict, .. } = &read;
    let payload = LinePayload {
        id: &line.id,
        reporter: line.inbound.pseudonym(pepper).to_string(),
        language: LanguagePayload::from(language),
        text: text.text.as_str(),
        redactions: text.redactions.iter().map(redaction).collect(),
        doubts: text.doubts.iter().map(|doubt| doubt.as_str()).collect(),
        triage: triage(verdict),
        email: line.mail.map(|kind| MailPayload { kind, text: text.text.as_str() }),
    };
    Answer { json: serde_json::to_string(&payload).expect("strings and numbers are always valid JSON"), is_good: true }
}

fn refused(id: Option<&str>, error: &str) -> Answer {
    let json = serde_json::to_string(&ErrorPayload { id, error }).expect("strings are always valid JSON");
    Answer { json, is_good: false }
}

fn redaction(redaction: &Redaction) -> RedactionPayload {
    RedactionPayload { start: redaction.start, end: redaction.end, kind: redaction.kind.as_str() }
}

fn triage(verdict: &Verdict) -> TriagePayload<'_> {
    TriagePayload {
        severity: verdict.severity.as_str(),
        categories: verdict.categories.iter().map(|category| category.as_str()).collect(),
        auto_trigger: verdict.auto_trigger,
        review: verdict.review,
        respond_within_hours: verdict.severity.respond_within_hours(),
        matches: verdict
            .matches
            .iter()
            .map(|found| MatchPayload {
                rule: &found.rule,
                category: found.category.as_str(),
                start: found.start,
                end: found.end,
                negated: found.negated,
            })
            .collect(),
    }
}

/// Four places are more than the detector knows.
fn rounded(confidence: f64) -> f64 {
    (confidence * 10_000.0).round() / 10_000.0
}
