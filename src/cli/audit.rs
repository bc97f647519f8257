//! `audit`: what was done to reporters' secrets, and whether the log is whole.

use std::path::Path;
use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::audit::{Audit, Entry, Line, Wish};

pub(super) const EXAMPLE: &str = "Examples:
  pmm-gateway audit                                    every entry
  pmm-gateway audit verify                             whether it is one chain; note the hash it says
  pmm-gateway audit verify --noted 5d1c…               and whether that hash is still in it";

#[derive(Args)]
pub(super) struct AuditArguments {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Subcommand)]
enum Action {
    /// Check that no line was changed, taken out or put in.
    Verify {
        /// A hash that was noted earlier, somewhere else
        #[arg(long, value_name = "HASH")]
        noted: Option<String>,
    },
}

pub(super) fn run(file: Option<&Path>, arguments: &AuditArguments) -> anyhow::Result<ExitCode> {
    let config = super::load_untouched(file)?;
    let audit = Audit::in_folder(&config.data_dir);
    let text = match &arguments.action {
        None => {
            let lines = audit.verified(None)?;
            if lines.is_empty() { "No entry yet.\n".to_owned() } else { lines.iter().map(shown).collect() }
        }
        Some(Action::Verify { noted }) => {
            let lines = audit.verified(noted.as_deref().map(str::trim))?;
            match lines.last() {
                None => "No entry yet.\n".to_owned(),
                Some(last) => format!(
                    "{} entries in one chain. Note this hash where the gateway's people cannot write:\n{}\n",
                    lines.len(),
                    last.hash
                ),
            }
        }
    };
    Ok(super::print(&text))
}

fn shown(line: &Line) -> String {
    let what = match &line.entry {
        Entry::OriginalHandedOut { case, reason } => {
            format!("original of {case} handed out to the custodian: {}", super::tame(reason.as_str()))
        }
        Entry::Forgotten { n_cases, wish: Wish::Reporter } => {
            format!("cases whose reporter was forgotten by own wish: {n_cases}")
        }
        Entry::Forgotten { n_cases, wish: Wish::Desk } => format!("cases whose reporter was forgotten by the desk: {n_cases}"),
        Entry::Expired { n_contacts, n_originals } => {
            format!("past their time and destroyed: {n_contacts} contacts, {n_originals} originals")
        }
        Entry::EpochBegun { epoch, n_moved, n_lost } => {
            format!("epoch {epoch} begun: {n_moved} sealed keys moved, {n_lost} lost, older secrets destroyed")
        }
        Entry::PepperTurned => "new pepper; the one before the last is destroyed".to_owned(),
    };
    format!("{:>5}  {}  {what}\n", line.number, line.at)
}
