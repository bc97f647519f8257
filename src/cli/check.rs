//! `check`: everything that is wrong, at once, with what to do about it.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use attachments::{Cleaner, Notice, Verdict};
use channels::VaultId;

use crate::app::StartError;
use crate::clock::{Clock, SystemClock, SystemRng};
use crate::config::{Config, Inspected, Role, StoreConfig};
use crate::journal::measure_file;
use crate::keys::{Keys, ReplyKeys, VAULT_FILE, known_vault};
use crate::store::CaseStore;
use crate::vault::current::CurrentEpoch;

pub(super) fn run(file: Option<&Path>) -> anyhow::Result<ExitCode> {
    let mut report = Report::default();
    let Inspected { config, error } = super::inspect_untouched(file);
    for problem in &error.problems {
        report.bad(&format!("{}: {problem}", error.file));
    }
    if error.problems.is_empty() {
        report.good("configuration");
    }
    if let Some(config) = &config {
        // Connecting by settings that are wrong would only say so in other words.
        let is_store_right = !error.problems.iter().any(|problem| problem.key == "store" || problem.key.starts_with("redis."));
        check_parts(config, is_store_right, &mut report)?;
    } else {
        report.note("rules, keys and connections are checked when the file can be read");
    }
    super::print(&report.text);
    Ok(if report.n_bad == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What was found.
#[derive(Default)]
struct Report {
    text: String,
    n_bad: usize,
}

impl Report {
    fn good(&mut self, what: &str) {
        self.text.push_str(&format!("ok       {what}\n"));
    }

    fn note(&mut self, what: &str) {
        self.text.push_str(&format!("note     {what}\n"));
    }

    fn bad(&mut self, what: &str) {
        self.n_bad += 1;
        self.text.push_str(&format!("problem  {what}\n"));
    }
}

fn check_parts(config: &Config, is_store_right: bool, report: &mut Report) -> anyhow::Result<()> {
    for (name, channel) in &config.channels {
        let path = channel.public_path(name);
        let address = match channel.own_address() {
            Some(own) => format!("{own}{}", path.strip_prefix(&format!("/hooks/{name}")).unwrap_or_default()),
            None => format!("{}{path}", config.public.url),
        };
        report.good(&format!("channel {name}: {address}"));
        if address.ends_with("<secret>") {
            let made = config.data_dir.join("keys").join(format!("hook-{name}"));
            report.note(&format!(
                "channel {name}: <secret> is the first line of its secret_file or, without one, of {}",
                made.display()
            ));
        }
        for missing in channel.missing() {
            report.note(&format!("channel {name}: {missing}"));
        }
    }
    match config.rules() {
        Ok(rules) => report.good(&format!(
            "triage: {} rules, {} phrases, bundle {}",
            rules.n_rules(),
            rules.n_phrases(),
            rules.bundle_hash().get(..12).unwrap_or_default()
        )),
        Err(StartError::Rules(problems)) => problems.lines().for_each(|problem| report.bad(problem)),
        Err(error) => report.bad(&error.to_string()),
    }
    match config.tables() {
        Ok(tables) => report.good(&format!(
            "cue tables: {} languages, tables {}",
            tables.n_languages(),
            tables.hash().get(..12).unwrap_or_default()
        )),
        Err(StartError::Tables(problems)) => problems.lines().for_each(|problem| report.bad(problem)),
        Err(error) => report.bad(&error.to_string()),
    }
    // Rendering every page needs nothing but what is compiled in; the pages' own tests do it for every language.
    let locales = crate::locale::Locales::built_in();
    report.good(&format!("templates: receipts in {} languages", locales.tags().count()));
    if !locales.speaks(&config.desk.language) {
        report.note("desk.language: there are no receipts in this language yet; they go out in English");
    }
    check_vault(config, report);
    check_cleaner(report);
    check_data(config, report);
    if is_store_right {
        super::runtime()?.block_on(check_store(config, report));
    }
    Ok(())
}

/// Asks the child that looks into files for a verdict on a file that is none.
fn check_cleaner(report: &mut Report) {
    let verdict = Cleaner::of_this_program(super::CHILD).clean(b"%PDF-1.7").verdict;
    match verdict {
        Verdict::Refused(_) => report.good("attachments: files are looked into by a process that is shut in"),
        Verdict::Sealed(Notice::NotContained) => report.bad(
            "attachments: this machine cannot shut a process in (Linux with seccomp does), so every file is kept sealed and none is cleaned",
        ),
        Verdict::Sealed(Notice::NotCleanable) => report.note("attachments: this build looks into no file; all are kept sealed"),
        Verdict::Sealed(Notice::ReaderFailed | Notice::TooSlow) | Verdict::Clean(_) | Verdict::Text { .. } => {
            report.bad("attachments: the process that looks into files does not answer, so every file is kept sealed");
        }
    }
}

fn check_data(config: &Config, report: &mut Report) {
    if config.role == Role::Reply {
        return;
    }
    if !config.data_dir.join("keys").exists() {
        report.note(&format!("{}: no keys yet; serve makes them at its first start", config.data_dir.display()));
        return;
    }
    match Keys::open_or_make(&config.data_dir, &SystemRng) {
        Ok(keys) => {
            report.good("keys");
            for name in config.channels.keys().filter(|name| keys.hook_secret_file(name.as_str()).exists()) {
                if let Err(error) = keys.hook_secret(name.as_str(), &SystemRng) {
                    report.bad(&error.to_string());
                }
            }
        }
        Err(error) => report.bad(&error.to_string()),
    }
    if !config.data_dir.join("journal.db").exists() {
        report.note("journal: none yet; serve makes it at its first start");
        return;
    }
    match measure_file(&config.data_dir) {
        Ok(waiting) => {
            report.good(&format!("journal: {} reports waiting, {} KiB", waiting.reports, waiting.bytes / 1024));
            if waiting.set_aside > 0 {
                report.bad(&format!("journal: {} reports failed for good and are set aside, sealed; keep the data directory and report this as a bug", waiting.set_aside));
            }
            if waiting.quarantine > 0 {
                report.note(&format!("journal: {} authentic requests could not be read and are kept in quarantine, sealed; check the channel's field names", waiting.quarantine));
            }
        }
        Err(_) => report.bad("journal: the file cannot be read: check who owns it"),
    }
}

/// Whether each side has what it needs, and no more.
fn check_vault(config: &Config, report: &mut Report) {
    let folder = &config.vault.reply_dir;
    let has_secrets = folder.join(VAULT_FILE).exists();
    let known = known_vault(&config.data_dir);
    match (config.role, &known) {
        (_, Err(error)) => report.bad(&error.to_string()),
        (Role::Intake, Ok(None)) => {
            report.bad("vault: keys/vault is missing in the data folder: copy vault.pub there, which the side that answers made");
        }
        (Role::Intake, Ok(Some(_))) if has_secrets => report.note(&format!(
            "vault: {} holds the other side's secrets; whoever has this machine can open contacts: move it away",
            folder.display()
        )),
        (Role::Intake, Ok(Some(_))) => report.good("vault: this side can seal, and open nothing"),
        (Role::All | Role::Reply, Ok(_)) if !has_secrets => report.note("vault: none yet; serve makes it at its first start"),
        (Role::All | Role::Reply, Ok(known)) => {
            match ReplyKeys::open_or_make(folder, *known, &SystemRng).and_then(|reply| reply.epochs()) {
                Ok(epochs) => report.good(&format!("vault: the secrets of {} epoch(s) in {}", epochs.len(), folder.display())),
                Err(error) => report.bad(&error.to_string()),
            }
        }
    }
    match &config.custodian {
        Some(key) => report.good(&format!(
            "custodian: originals are sealed to the key {} and kept until {} days after closure",
            key.short_name(),
            config.vault.policy.retention.original_days
        )),
        None => report.note("custodian: no originals are kept; what the anonymiser takes out by mistake is lost"),
    }
}

/// The vault that contacts are sealed for, as this side knows it.
fn vault_of(config: &Config) -> Option<VaultId> {
    let folder = &config.vault.reply_dir;
    let own = || folder.join(VAULT_FILE).exists().then(|| ReplyKeys::open_or_make(folder, None, &SystemRng).ok()).flatten();
    known_vault(&config.data_dir).ok().flatten().or_else(|| own().map(|keys| keys.vault()))
}

/// Whether contacts can be sealed, and whether what was forgotten goes in time.
async fn check_epoch(config: &Config, store: &dyn CaseStore, report: &mut Report) {
    let Some(vault) = vault_of(config) else { return };
    let current = CurrentEpoch::of(vault);
    match current.get(store).await {
        Ok(epoch) => {
            let hours = (SystemClock.now().as_second() - epoch.begun_at().as_second()) / 3600;
            let since = format!("vault: epoch {}, begun {hours} hours ago", epoch.number());
            if hours > 26 {
                report.note(&format!("{since}: there should be a new one each night; is the side that answers running?"));
            } else {
                report.good(&since);
            }
        }
        Err(error) => report.bad(&format!("vault: {error}")),
    }
}

async fn check_store(config: &Config, report: &mut Report) {
    if matches!(config.store, StoreConfig::Embedded) && !config.data_dir.join("cases.db").exists() {
        report.note("case store: none yet; serve makes it at its first start");
        return;
    }
    let open = match config.open_store(Arc::new(SystemClock)) {
        Ok(open) => open,
        Err(error) => return report.bad(&error.to_string()),
    };
    match open.store.ready().await {
        Ok(()) => {
            report.good("case store");
            check_epoch(config, open.store.as_ref(), report).await;
        }
        Err(error) => report.bad(&format!("case store: {error}; reports are taken all the same and wait in the journal")),
    }
    if let Some(redis) = open.redis {
        for advice in redis.warnings().await.unwrap_or_default() {
            report.note(&format!("case store: {advice}"));
        }
    }
}
