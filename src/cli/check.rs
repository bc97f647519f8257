//! `check`: everything that is wrong, at once, with what to do about it.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use crate::app::StartError;
use crate::clock::{SystemClock, SystemRng};
use crate::config::{Config, Inspected, StoreConfig};
use crate::journal::measure_file;
use crate::keys::Keys;

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
        report.good(&format!("channel {name}: {}{}", config.public.url, channel.public_path(name)));
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
    check_data(config, report);
    if is_store_right {
        super::runtime()?.block_on(check_store(config, report));
    }
    Ok(())
}

fn check_data(config: &Config, report: &mut Report) {
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
        Ok(()) => report.good("case store"),
        Err(error) => report.bad(&format!("case store: {error}; reports are taken all the same and wait in the journal")),
    }
    if let Some(redis) = open.redis {
        for advice in redis.warnings().await.unwrap_or_default() {
            report.note(&format!("case store: {advice}"));
        }
    }
}
