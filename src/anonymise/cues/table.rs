//! One cue table as it stands in its file, and what is wrong with it.
//!
//! Strict: whatever is not understood is a problem, because a misspelt key would leave people unprotected without a word.

use std::collections::HashSet;

use serde::Deserialize;

use super::lexicon::Role;
use super::phrase;
use crate::language::Language;
use crate::triage::Problem;

/// A table; what the keys mean stands in `config/anonymise/README.md`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Table {
    pub language: String,
    pub blanks: bool,
    pub capitals: bool,
    pub surnames: Vec<String>,
    pub particles: Vec<String>,
    pub titles: Vec<String>,
    pub endings: Vec<String>,
    pub fillers: Vec<String>,
    pub links: Vec<String>,
    pub name: Name,
    pub phone: Cues,
    pub handle: Cues,
    pub email: Email,
    pub employee_id: Cues,
    pub national_id: Cues,
    pub passport: Cues,
    pub bank: Cues,
    pub birth_date: BirthDate,
    pub location: Cues,
    pub address: Address,
    pub signature: Signature,
    pub mail: Mail,
    pub protect: Protect,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Name {
    pub strong: Vec<String>,
    pub weak: Vec<String>,
    pub labels: Vec<String>,
    pub stop: Vec<String>,
    pub not_name: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Cues {
    pub cues: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Email {
    pub cues: Vec<String>,
    pub at: Vec<String>,
    pub dot: Vec<String>,
    pub underscore: Vec<String>,
    pub dash: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BirthDate {
    pub cues: Vec<String>,
    pub months: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Address {
    pub strong: Vec<String>,
    pub weak: Vec<String>,
    pub labels: Vec<String>,
    pub before: Vec<String>,
    pub after: Vec<String>,
    pub stop: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Signature {
    pub closings: Vec<String>,
    pub greetings: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Mail {
    pub wrote: Vec<String>,
    pub from: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Protect {
    pub units: Vec<String>,
    pub things: Vec<String>,
    pub employers: Vec<String>,
    pub places: Vec<String>,
    pub roles: Vec<String>,
    pub others: Vec<String>,
}

/// What may be written in a list.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Entries {
    /// Cues with a place for the value and gaps.
    Cues,
    /// Words and short phrases; `*` at the end.
    Stems,
    /// Words and short phrases.
    Words,
}

impl Table {
    /// Every list with its key and what may be written in it.
    fn lists(&self) -> [(&'static str, &[String], Entries); 41] {
        use Entries::{Cues, Stems, Words};
        [
            ("surnames", &self.surnames, Words),
            ("particles", &self.particles, Words),
            ("titles", &self.titles, Words),
            ("endings", &self.endings, Words),
            ("fillers", &self.fillers, Words),
            ("links", &self.links, Words),
            ("name.strong", &self.name.strong, Cues),
            ("name.weak", &self.name.weak, Cues),
            ("name.labels", &self.name.labels, Words),
            ("name.stop", &self.name.stop, Stems),
            ("name.not_name", &self.name.not_name, Stems),
            ("phone.cues", &self.phone.cues, Cues),
            ("handle.cues", &self.handle.cues, Cues),
            ("email.cues", &self.email.cues, Cues),
            ("email.at", &self.email.at, Words),
            ("email.dot", &self.email.dot, Words),
            ("email.underscore", &self.email.underscore, Words),
            ("email.dash", &self.email.dash, Words),
            ("employee_id.cues", &self.employee_id.cues, Cues),
            ("national_id.cues", &self.national_id.cues, Cues),
            ("passport.cues", &self.passport.cues, Cues),
            ("bank.cues", &self.bank.cues, Cues),
            ("birth_date.cues", &self.birth_date.cues, Cues),
            ("birth_date.months", &self.birth_date.months, Stems),
            ("location.cues", &self.location.cues, Cues),
            ("address.strong", &self.address.strong, Cues),
            ("address.weak", &self.address.weak, Cues),
            ("address.labels", &self.address.labels, Words),
            ("address.before", &self.address.before, Stems),
            ("address.after", &self.address.after, Stems),
            ("address.stop", &self.address.stop, Stems),
            ("signature.closings", &self.signature.closings, Words),
            ("signature.greetings", &self.signature.greetings, Words),
            ("mail.wrote", &self.mail.wrote, Words),
            ("mail.from", &self.mail.from, Words),
            ("protect.units", &self.protect.units, Words),
            ("protect.things", &self.protect.things, Stems),
            ("protect.employers", &self.protect.employers, Stems),
            ("protect.places", &self.protect.places, Stems),
            ("protect.roles", &self.protect.roles, Stems),
            ("protect.others", &self.protect.others, Stems),
        ]
    }
}

impl Table {
    /// The lists of cues, by what they do.
    pub(super) fn cue_lists(&self) -> [(Role, &[String]); 13] {
        [
            (Role::NameStrong, &self.name.strong),
            (Role::NameWeak, &self.name.weak),
            (Role::Phone, &self.phone.cues),
            (Role::Handle, &self.handle.cues),
            (Role::Email, &self.email.cues),
            (Role::Employee, &self.employee_id.cues),
            (Role::National, &self.national_id.cues),
            (Role::Passport, &self.passport.cues),
            (Role::Bank, &self.bank.cues),
            (Role::Birth, &self.birth_date.cues),
            (Role::Location, &self.location.cues),
            (Role::AddressStrong, &self.address.strong),
            (Role::AddressWeak, &self.address.weak),
        ]
    }

    /// The lists of words, by what they do.
    pub(super) fn word_lists(&self) -> [(Role, &[String]); 23] {
        [
            (Role::NameLabel, &self.name.labels),
            (Role::Stop, &self.name.stop),
            (Role::NotName, &self.name.not_name),
            (Role::Surname, &self.surnames),
            (Role::Particle, &self.particles),
            (Role::Title, &self.titles),
            (Role::Filler, &self.fillers),
            (Role::Link, &self.links),
            (Role::Month, &self.birth_date.months),
            (Role::AddressLabel, &self.address.labels),
            (Role::AddressBefore, &self.address.before),
            (Role::AddressAfter, &self.address.after),
            (Role::AddressStop, &self.address.stop),
            (Role::Closing, &self.signature.closings),
            (Role::Greeting, &self.signature.greetings),
            (Role::Wrote, &self.mail.wrote),
            (Role::From, &self.mail.from),
            (Role::Unit, &self.protect.units),
            (Role::Thing, &self.protect.things),
            (Role::Employer, &self.protect.employers),
            (Role::Place, &self.protect.places),
            (Role::Person, &self.protect.roles),
            (Role::Other, &self.protect.others),
        ]
    }
}

/// Reads one file. Adds to `problems` whatever is wrong.
pub(super) fn read(file: &str, text: &str, problems: &mut Vec<Problem>) -> Option<Table> {
    let table: Table = match toml::from_str(text) {
        Ok(table) => table,
        Err(error) => {
            let error: toml::de::Error = error;
            let line = error.span().map(|span| text[..span.start.min(text.len())].matches('\n').count() + 1);
            let advice = format!("{}; compare with eng.toml", error.message().replace('\n', " "));
            problems.push(Problem { file: file.to_owned(), line, key: None, advice });
            return None;
        }
    };
    let before = problems.len();
    let mut wrong = |key: &str, advice: String| {
        problems.push(Problem { file: file.to_owned(), line: None, key: Some(key.to_owned()), advice });
    };
    if format!("{}.toml", table.language) != file {
        wrong("language", "must be the file's name without .toml".to_owned());
    }
    if Language::parse(&table.language).is_none_or(|language| language.code() != table.language) {
        wrong("language", "must be an ISO 639-3 code that the gateway knows, such as eng or hin-Latn".to_owned());
    }
    for (key, entries, kind) in table.lists() {
        let mut seen = HashSet::new();
        for entry in entries {
            if !seen.insert(entry.to_lowercase()) {
                wrong(key, format!("`{entry}` stands here twice; remove one"));
            }
            if let Err(advice) = check(entry, kind, table.blanks) {
                wrong(key, format!("`{entry}`: {advice}"));
            }
        }
    }
    for (key, entries) in [
        ("name.strong", &table.name.strong),
        ("name.stop", &table.name.stop),
        ("name.not_name", &table.name.not_name),
        ("address.strong", &table.address.strong),
        ("phone.cues", &table.phone.cues),
    ] {
        if entries.is_empty() {
            wrong(key, "must not be empty: without it nobody is protected".to_owned());
        }
    }
    for word in table.name.stop.iter().filter(|word| table.particles.iter().any(|other| other.eq_ignore_ascii_case(word))) {
        wrong("particles", format!("`{word}` is also in name.stop; it cannot both be inside a name and end it"));
    }
    (problems.len() == before).then_some(table)
}

/// What is wrong with one entry.
fn check(entry: &str, kind: Entries, blanks: bool) -> Result<(), String> {
    if kind == Entries::Cues {
        return phrase::parse(entry, blanks).map(|_| ());
    }
    if entry.trim().is_empty() || entry.trim() != entry {
        return Err("is empty or has blanks at its ends".to_owned());
    }
    if entry.contains(['{', '}', '|', '\\']) || entry.contains("...") {
        return Err("this list takes plain words only".to_owned());
    }
    let stem = entry.strip_suffix('*').unwrap_or(entry);
    if stem.contains('*') || (kind == Entries::Words && stem != entry) {
        return Err("`*` may stand only at the end, and only in lists that say so".to_owned());
    }
    if stem != entry && phrase::is_short(stem) {
        return Err("is too short for a `*`".to_owned());
    }
    Ok(())
}
