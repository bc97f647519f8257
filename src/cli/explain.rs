//! `explain`: why a text gets its verdict, for whoever writes rules or doubts them.

use std::path::Path;
use std::process::ExitCode;

use channels::import::read_line;
use clap::Args;
use jiff::Timestamp;

use crate::desk::pipeline::{Read, Reader};
use crate::language::{Detected, Language};

#[derive(Args)]
pub(super) struct ExplainArguments {
    /// The text, in quotes
    text: String,
    /// The reporter's number or address, to see it taken out
    #[arg(long, value_name = "ADDRESS")]
    from: Option<String>,
    /// A language hint, such as vi
    #[arg(long, value_name = "CODE")]
    language: Option<String>,
}

pub(super) fn run(file: Option<&Path>, arguments: &ExplainArguments) -> anyhow::Result<ExitCode> {
    let config = super::load_untouched(file)?;
    let stages = config.stages()?;
    let line = serde_json::json!({
        "id": "explain",
        "text": arguments.text,
        "from": arguments.from,
        "hints": { "language": arguments.language },
    });
    let line = read_line(&line.to_string(), Timestamp::UNIX_EPOCH).map_err(|error| anyhow::anyhow!("{}", error.problem))?;
    let read = stages.read(&line.inbound, None);
    Ok(super::print(&explained(&read)))
}

fn language_line(language: &Detected) -> String {
    if language.named {
        return format!("{} (the message says so)", language.tag());
    }
    let certainty = format!("confidence {:.2}", language.confidence);
    match (language.sure, language.language) {
        (true, _) => format!("{} ({certainty}; sure enough to answer in it)", language.tag()),
        (false, Language::UNDETERMINED) => "undetermined".to_owned(),
        (false, _) => format!("undetermined; best guess {} ({certainty}; too little for a text of this length)", language.tag()),
    }
}

fn explained(read: &Read) -> String {
    let mut text = String::new();
    let mut line = |title: &str, words: &str| text.push_str(&format!("{title:<12} {words}\n"));
    let Read { language, text: anonymised, verdict, .. } = read;
    line("language", &language_line(language));
    if !language.candidates.is_empty() {
        let candidates: Vec<String> =
            language.candidates.iter().map(|(language, share)| format!("{language} {share:.2}")).collect();
        line("", &format!("best candidates: {}", candidates.join(", ")));
    }
    if !language.others.is_empty() {
        let others: Vec<&str> = language.others.iter().map(|language| language.code()).collect();
        line("", &format!("sentences also in: {}", others.join(", ")));
    }
    if language.zawgyi {
        line("", "written in the old Zawgyi encoding; shown in Unicode");
    }
    line("text", &super::tame(anonymised.text.as_str()));
    line(
        "taken out",
        &if anonymised.redactions.is_empty() {
            "nothing".to_owned()
        } else {
            anonymised.redactions.iter().map(|redaction| redaction.kind.as_str()).collect::<Vec<_>>().join(", ")
        },
    );
    let trigger = match (verdict.auto_trigger, verdict.review) {
        (true, _) => "triggers mediation by itself",
        (false, true) => "a person reads it first",
        (false, false) => "does not trigger by itself",
    };
    line(
        "severity",
        &format!("{}, answer within {} h, {trigger}", verdict.severity.as_str(), verdict.severity.respond_within_hours()),
    );
    let categories: Vec<&str> = verdict.categories.iter().map(|category| category.as_str()).collect();
    line("categories", &if categories.is_empty() { "none".to_owned() } else { categories.join(", ") });
    for found in &verdict.matches {
        let words: String = anonymised.text.as_str().chars().skip(found.start).take(found.end - found.start).collect();
        let denied = if found.negated { " (denied)" } else { "" };
        line("because", &format!("\"{}\" — rule {}, {}{denied}", super::tame(&words), found.rule, found.category.as_str()));
    }
    text
}
