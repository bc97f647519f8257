//! The commands. Each says in one line what went wrong and what to do, and exits with a status other than 0.

mod attachments;
mod audit;
mod cases;
mod check;
mod clean;
mod custodian;
mod explain;
mod forget;
mod process;
mod roll;
mod serve;
mod unseal;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use channels::settings::Environment;
use clap::{Parser, Subcommand};
use secrecy::SecretString;

use crate::app::{open_vault, own_hook_secret};
use crate::case::Reference;
use crate::clock::{SystemClock, SystemRng};
use crate::config::{Config, ConfigError, Inspected, StoreConfig};
use crate::keys::{ReplyKeys, VAULT_FILE, known_vault};
use crate::vault::Vault;

/// In place of the webhook secret that `serve` makes.
const STANDS_FOR_OWN_SECRET: &str = "made by serve";

/// The file that is read when none is named, if it is there.
const USUAL_FILE: &str = "pmm-gateway.toml";

/// The front door of a Proactive Mediation Mechanism: takes reports in, keeps the reporter's identity out.
#[derive(Parser)]
#[command(version, arg_required_else_help = true)]
struct Arguments {
    /// The configuration; without it pmm-gateway.toml if there is one, else the defaults.
    #[arg(long, global = true, env = "PMM_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Open the report form and the webhooks.
    #[command(after_help = serve::EXAMPLE)]
    Serve(serve::ServeArguments),
    /// Say everything that is wrong with configuration, rules, keys and connections.
    #[command(after_help = "Example:\n  pmm-gateway check --config pmm-gateway.toml && systemctl restart pmm-gateway")]
    Check,
    /// Anonymise and triage JSON lines; nothing is stored.
    #[command(after_help = process::EXAMPLE)]
    Process(process::ProcessArguments),
    /// Say why a text gets its verdict.
    #[command(after_help = "Example:\n  pmm-gateway explain \"they keep our passports and we cannot leave\"")]
    Explain(explain::ExplainArguments),
    /// Take out of a file what names its maker, as it is done with files that come with reports.
    #[command(after_help = clean::EXAMPLE)]
    Clean(clean::CleanArguments),
    /// Look into one file on standard input, shut in; for the gateway itself.
    #[command(name = CHILD, hide = true)]
    CleanAttachment,
    /// List and show cases, and take them as a mediator.
    #[command(after_help = cases::EXAMPLE)]
    Cases(cases::CasesArguments),
    /// Destroy what leads back to the reporter of a case. The case stays.
    #[command(after_help = forget::EXAMPLE)]
    Forget(forget::ForgetArguments),
    /// Begin a new epoch now: what was forgotten opens nowhere any more, not even in a backup.
    #[command(after_help = roll::EXAMPLE)]
    Roll,
    /// Make the keys of whoever may read originals.
    #[command(after_help = custodian::EXAMPLE)]
    Custodian(custodian::CustodianArguments),
    /// Hand out and read the sealed original of a case.
    #[command(after_help = unseal::EXAMPLE)]
    Unseal(unseal::UnsealArguments),
    /// Show what was done to reporters' secrets, and check that the log is whole.
    #[command(after_help = audit::EXAMPLE)]
    Audit(audit::AuditArguments),
    /// Print every setting with its default.
    #[command(after_help = "Example:\n  pmm-gateway defaults > pmm-gateway.toml")]
    Defaults,
}

/// The argument that makes a child of this program.
pub(crate) const CHILD: &str = "clean-attachment";

/// Runs the command that was asked for.
#[must_use]
pub fn run() -> ExitCode {
    crate::telemetry::silence_panics();
    let arguments = Arguments::parse();
    let file = arguments.config.or_else(|| Path::new(USUAL_FILE).exists().then(|| PathBuf::from(USUAL_FILE)));
    let file = file.as_deref();
    let done = match arguments.command {
        Command::Serve(arguments) => serve::run(file, &arguments),
        Command::Check => check::run(file),
        Command::Process(arguments) => process::run(file, &arguments),
        Command::Explain(arguments) => explain::run(file, &arguments),
        Command::Clean(arguments) => clean::run(file, &arguments),
        Command::CleanAttachment => Ok(clean::run_child()),
        Command::Cases(arguments) => cases::run(file, arguments),
        Command::Forget(arguments) => forget::run(file, &arguments),
        Command::Roll => roll::run(file),
        Command::Custodian(arguments) => custodian::run(&arguments),
        Command::Unseal(arguments) => unseal::run(file, arguments),
        Command::Audit(arguments) => audit::run(file, &arguments),
        Command::Defaults => Ok(print(crate::config::DEFAULTS)),
    };
    match done {
        Ok(status) => status,
        Err(error) => {
            // When nobody reads standard error there is nobody to tell.
            drop(writeln!(std::io::stderr(), "{}", format!("{error:#}").trim_end()));
            ExitCode::FAILURE
        }
    }
}

/// Writes to standard output; a reader that has gone away is no error.
fn print(text: &str) -> ExitCode {
    drop(std::io::stdout().write_all(text.as_bytes()));
    ExitCode::SUCCESS
}

/// A reporter's words for a terminal: what would steer it, or turn the reading direction round, shows as a sign instead.
fn tame(words: &str) -> String {
    let steers = |character: char| {
        (character.is_control() && character != '\n' && character != '\t')
            || matches!(character, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
    };
    words.chars().map(|character| if steers(character) { char::REPLACEMENT_CHARACTER } else { character }).collect()
}

/// The environment's settings, and no other variable.
fn environment() -> Environment {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, _)| name.starts_with("PMM__"))
        .collect()
}

/// Reads the configuration for a command that makes what is missing.
fn load(file: Option<&Path>) -> Result<Config, ConfigError> {
    Config::load(file, &environment(), &own_hook_secret)
}

/// Reads the configuration for a command that must leave no trace: no key is made for it.
fn load_untouched(file: Option<&Path>) -> Result<Config, ConfigError> {
    Config::load(file, &environment(), &|_, _| Ok(SecretString::from(STANDS_FOR_OWN_SECRET)))
}

/// The same, for whoever wants to hear of everything that is wrong.
fn inspect_untouched(file: Option<&Path>) -> Inspected {
    Config::inspect(file, &environment(), &|_, _| Ok(SecretString::from(STANDS_FOR_OWN_SECRET)))
}

/// Reads a case's reference off the command line.
fn reference(written: &str) -> Result<Reference, &'static str> {
    Reference::parse(written).ok_or("a reference has eight characters, such as K7MQ-4XPD; one of yours is wrong")
}

/// For a command that works on cases: there must be some, and it must not make an empty store by itself.
fn needs_store(config: &Config) -> anyhow::Result<()> {
    if matches!(config.store, StoreConfig::Embedded) && !config.data_dir.join("cases.db").exists() {
        anyhow::bail!(
            "there is no case store in {} yet: start pmm-gateway serve first, or name its configuration with --config",
            config.data_dir.display()
        );
    }
    Ok(())
}

/// The vault, for a command that needs its secrets. It makes none. To be called within a runtime.
fn vault(config: &Config) -> anyhow::Result<Vault> {
    needs_store(config)?;
    let folder = &config.vault.reply_dir;
    if !folder.join(VAULT_FILE).exists() {
        anyhow::bail!(
            "there is no reply folder in {}: run this where `pmm-gateway serve --role reply` or `serve` runs, with its configuration",
            folder.display()
        );
    }
    let keys = ReplyKeys::open_or_make(folder, known_vault(&config.data_dir)?, &SystemRng)?;
    let store = config.open_store(Arc::new(SystemClock))?.store;
    Ok(open_vault(keys, config, store, Arc::new(SystemClock), Arc::new(SystemRng)))
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|_| anyhow::anyhow!("the machine gives no threads"))
}

#[cfg(test)]
mod tests {
    use super::tame;

    #[test]
    fn a_report_cannot_steer_a_terminal() {
        assert_eq!(
            tame("no \u{1b}]52;c;x\u{7} pay\u{9b}2J\r\u{202e}\nយើង\t"),
            "no \u{fffd}]52;c;x\u{fffd} pay\u{fffd}2J\u{fffd}\u{fffd}\nយើង\t"
        );
    }
}
