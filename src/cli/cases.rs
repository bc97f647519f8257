//! `cases`: what a mediator sees and does, from the command line, on either store.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand};

use super::attachments;
use crate::case::{Case, Reference};
use crate::clock::SystemClock;
use crate::config::Config;
use crate::language::Detected;
use crate::language::Language;
use crate::store::record::write_case;
use crate::store::{CaseStore, Filter, Listed, Standing, StandingFilter};
use crate::triage::Severity;

pub(super) const EXAMPLE: &str = "Examples:
  pmm-gateway cases                                  the cases that wait, most urgent first
  pmm-gateway cases --all --json                     every case, one JSON object a line
  pmm-gateway cases show K7MQ-4XPD
  pmm-gateway cases claim --mediator lan
  pmm-gateway cases --held                           the cases that an operator must look at first
  pmm-gateway cases release K7MQ-4XPD                give a held case to the mediators
  pmm-gateway cases attachments K7MQ-4XPD
  pmm-gateway cases attachment K7MQ-4XPD 1 --unreleased > photo.jpg
  pmm-gateway cases release-attachment K7MQ-4XPD 1
  pmm-gateway cases complete K7MQ-4XPD --mediator lan --token 1";

#[derive(Args)]
pub(super) struct CasesArguments {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    list: ListArguments,
}

#[derive(Args)]
struct ListArguments {
    /// Show claimed and completed cases too
    #[arg(long)]
    all: bool,
    /// Show the cases that an operator must look at first
    #[arg(long, conflicts_with = "all")]
    held: bool,
    /// Only this severity: emergency, critical, high, unrated, medium, low
    #[arg(long, value_name = "WORD", value_parser = severity)]
    severity: Option<Severity>,
    /// Only this language, such as vi
    #[arg(long, value_name = "CODE", value_parser = language)]
    language: Option<Language>,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
    /// At most so many
    #[arg(long, default_value_t = 100, value_name = "N")]
    limit: usize,
}

#[derive(Subcommand)]
enum Action {
    /// Show one case.
    Show {
        /// Its reference
        #[arg(value_parser = super::reference)]
        reference: Reference,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Take the most urgent case that nobody has.
    Claim(Who),
    /// Keep a case for another lease.
    Heartbeat(Held),
    #[command(flatten)]
    Files(attachments::Action),
    /// Give a case back to the queue; without mediator and token, give a held one to the mediators.
    Release(Released),
    /// Finish a case.
    Complete(Held),
}

#[derive(Args)]
struct Who {
    /// Your account
    #[arg(long, value_name = "NAME")]
    mediator: String,
}

#[derive(Args)]
struct Released {
    /// The case's reference
    #[arg(value_parser = super::reference)]
    reference: Reference,
    /// Your account
    #[arg(long, value_name = "NAME", requires = "token")]
    mediator: Option<String>,
    /// The number that the claim gave you
    #[arg(long, requires = "mediator")]
    token: Option<u64>,
}

#[derive(Args)]
struct Held {
    /// The case's reference
    #[arg(value_parser = super::reference)]
    reference: Reference,
    /// Your account
    #[arg(long, value_name = "NAME")]
    mediator: String,
    /// The number that the claim gave you
    #[arg(long)]
    token: u64,
}

fn severity(word: &str) -> Result<Severity, &'static str> {
    Severity::parse(word).ok_or("write emergency, critical, high, unrated, medium or low")
}

fn language(code: &str) -> Result<Language, &'static str> {
    Language::parse(code).ok_or("write a language code such as en, vi or zh")
}

pub(super) fn run(file: Option<&Path>, arguments: CasesArguments) -> anyhow::Result<ExitCode> {
    let config = super::load_untouched(file)?;
    super::needs_store(&config)?;
    super::runtime()?.block_on(async {
        let store = config.open_store(Arc::new(SystemClock))?.store;
        let text = match arguments.action {
            None => list(store.as_ref(), &arguments.list).await?,
            Some(action) => act(store.as_ref(), action, &config).await?,
        };
        Ok(super::print(&text))
    })
}

async fn list(store: &dyn CaseStore, arguments: &ListArguments) -> anyhow::Result<String> {
    let standing = match (arguments.all, arguments.held) {
        (true, _) => None,
        (false, true) => Some(StandingFilter::Held),
        (false, false) => Some(StandingFilter::Waiting),
    };
    let filter = Filter { severity: arguments.severity, language: arguments.language, standing };
    let mut rows = Vec::new();
    // Page by page through the queue, one severity after the other, so that the most urgent are seen whatever the limit.
    for severity in arguments.severity.map_or_else(|| Severity::ALL.to_vec(), |severity| vec![severity]) {
        let filter = Filter { severity: Some(severity), ..filter.clone() };
        let mut after = None;
        while rows.len() < arguments.limit {
            let page = store.list(&filter, after, (arguments.limit - rows.len()).min(100)).await?;
            rows.extend(page.rows);
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
    }
    if arguments.json {
        return Ok(rows.iter().map(|row| write_case(&row.case) + "\n").collect());
    }
    if rows.is_empty() {
        return Ok(if arguments.held { "No case is held.\n" } else { "No case waits.\n" }.to_owned());
    }
    let mut text =
        format!("{:<10} {:<10} {:<9} {:<12} {:<18} {}\n", "REFERENCE", "SEVERITY", "LANGUAGE", "STANDING", "RECEIVED", "ABOUT");
    for Listed { case, standing } in &rows {
        let received = case.received_hour.strftime("%Y-%m-%d %H:00").to_string();
        text.push_str(&format!(
            "{:<10} {:<10} {:<9} {:<12} {received:<18} {}\n",
            case.reference.as_str(),
            case.verdict.severity.as_str(),
            case.language.settled().code(),
            standing_word(standing),
            about(case),
        ));
    }
    Ok(text)
}

async fn act(store: &dyn CaseStore, action: Action, config: &Config) -> anyhow::Result<String> {
    Ok(match action {
        Action::Files(action) => attachments::run(config, action).await?,
        Action::Show { reference, json } => {
            let listed = store.get(&reference).await?.ok_or_else(|| anyhow::anyhow!("there is no case with this reference"))?;
            if json {
                write_case(&listed.case) + "\n"
            } else {
                let released = released(config, &listed.case).await;
                shown(&listed.case, &released, &format!("{}\n", standing_word(&listed.standing)))
            }
        }
        Action::Claim(Who { mediator }) => match store.claim(&mediator).await? {
            Some(claim) => {
                let released = released(config, &claim.case).await;
                let yours = format!("yours for {} min, token {}", config.lease_secs.div_ceil(60), claim.token);
                shown(&claim.case, &released, &yours)
            }
            None => "No case waits.\n".to_owned(),
        },
        Action::Heartbeat(held) => {
            store.heartbeat(&held.reference, &held.mediator, held.token).await?;
            "Kept.\n".to_owned()
        }
        Action::Release(Released { reference, mediator: Some(mediator), token: Some(token) }) => {
            store.release(&reference, &mediator, token).await?;
            "Back in the queue.\n".to_owned()
        }
        Action::Release(Released { reference, .. }) => {
            let listed = store.get(&reference).await?.ok_or_else(|| anyhow::anyhow!("there is no case with this reference"))?;
            if listed.standing != Standing::Held {
                anyhow::bail!("this case is not held; to give back one of yours, add --mediator and --token");
            }
            store.admit(&reference).await?;
            "Released to the mediators.\n".to_owned()
        }
        Action::Complete(held) => {
            store.complete(&held.reference, &held.mediator, held.token).await?;
            "Finished.\n".to_owned()
        }
    })
}

fn standing_word(standing: &Standing) -> String {
    match standing {
        Standing::Held => "held".to_owned(),
        Standing::Waiting => "waiting".to_owned(),
        Standing::Claimed { mediator } => format!("with {}", super::tame(mediator)),
        Standing::Completed => "completed".to_owned(),
    }
}

/// The language in words: what it is sure to be, or else what it may be.
fn spoken(language: &Detected) -> String {
    let codes =
        |languages: &[(Language, f64)]| languages.iter().map(|(language, _)| language.code()).collect::<Vec<_>>().join(" or ");
    let mut words = match language.sure {
        true => language.tag(),
        false if language.candidates.is_empty() => "unknown".to_owned(),
        false => format!("unknown, perhaps {}", codes(&language.candidates)),
    };
    if !language.others.is_empty() {
        let others: Vec<&str> = language.others.iter().map(|language| language.code()).collect();
        words.push_str(&format!(", also {}", others.join(", ")));
    }
    words
}

fn about(case: &Case) -> String {
    let categories: Vec<&str> = case.verdict.categories.iter().map(|category| category.as_str()).collect();
    if categories.is_empty() { "(not rated: please read)".to_owned() } else { categories.join(", ") }
}

async fn released(config: &Config, case: &Case) -> Vec<u32> {
    if case.attachments.is_empty() { Vec::new() } else { attachments::released(config, &case.reference).await }
}

/// A case as a person reads it.
fn shown(case: &Case, released: &[u32], standing: &str) -> String {
    let mut text = String::new();
    let mut line = |title: &str, words: &str| text.push_str(&format!("{title:<12} {words}\n"));
    let verdict = &case.verdict;
    let trigger = match (verdict.auto_trigger, verdict.review) {
        (true, _) => ", triggers mediation by itself",
        (false, true) => ", read before anything else",
        (false, false) => "",
    };
    line("case", &format!("{} ({})", case.reference, standing.trim_end()));
    line("reporter", case.alias.as_str());
    line("received", &format!("{} over {}", case.received_hour.strftime("%Y-%m-%d %H:00 UTC"), case.medium.as_str()));
    if let Some(site) = &case.site {
        line("site", site.as_str());
    }
    line("language", &spoken(&case.language));
    for doubt in &case.doubts {
        line("held for", doubt.meaning());
    }
    line(
        "severity",
        &format!("{}, answer within {} h{trigger}", verdict.severity.as_str(), verdict.severity.respond_within_hours()),
    );
    line("about", &about(case));
    line("answerable", if case.can_be_answered { "yes, the contact is sealed" } else { "no, the reporter left no contact" });
    if let Some(subject) = &case.subject {
        line("subject", &super::tame(subject.as_str()).replace('\n', " "));
    }
    line("text", &super::tame(case.text.as_str()));
    for attachment in &case.attachments {
        line("attachment", &attachments::described(*attachment, released.contains(&attachment.number)));
    }
    text
}
