//! `serve`: opens the gateway and says where everything is.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use channels::ChannelName;
use channels::config::ChannelConfig;
use clap::Args;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::app::{App, ReplyApp};
use crate::clock::{SystemClock, SystemRng};
use crate::config::{Config, Role, StoreConfig};
use crate::keys::{Keys, VAULT_FILE};
use crate::telemetry::install_log;

pub(super) const EXAMPLE: &str = "Examples:
  pmm-gateway serve --config pmm-gateway.toml
  pmm-gateway serve --role reply --config reply.toml      the side that answers, where the secrets are
  pmm-gateway serve --role intake --config intake.toml    the side that takes reports in, and can open nothing";

#[derive(Args)]
pub(super) struct ServeArguments {
    /// Which of the two sides this process is, instead of what the configuration says
    #[arg(long, value_enum)]
    role: Option<Role>,
}

pub(super) fn run(file: Option<&Path>, arguments: &ServeArguments) -> anyhow::Result<ExitCode> {
    // Nothing is made before the role is known: the side that answers has no use for a webhook's secret.
    let config = super::load_untouched(file)?;
    install_log(config.log.format, &config.log.level);
    let role = arguments.role.unwrap_or(config.role);
    let runtime = super::runtime()?;
    let done = runtime.block_on(async move {
        match role {
            Role::Reply => {
                let welcome = reply_welcome(&config);
                let app = ReplyApp::build(config, Arc::new(SystemClock), Arc::new(SystemRng)).await?;
                super::print(&welcome);
                app.run(stop_signal()?).await;
            }
            Role::Intake | Role::All => {
                let config = Config { role, ..super::load(file)? };
                let keys = Keys::open_or_make(&config.data_dir, &SystemRng)?;
                let welcome = welcome(&config, &keys);
                let app = App::build(config, Arc::new(SystemClock), Arc::new(SystemRng)).await?;
                super::print(&welcome);
                app.run(stop_signal()?).await;
            }
        }
        Ok(ExitCode::SUCCESS)
    });
    // A thread that reads for ever must not keep the process; what it reads is in the journal.
    runtime.shutdown_timeout(Duration::from_secs(1));
    done
}

/// Cancelled when the process is asked to stop.
fn stop_signal() -> anyhow::Result<CancellationToken> {
    let stop = CancellationToken::new();
    let stopper = stop.clone();
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        stopper.cancel();
    });
    Ok(stop)
}

/// Where the secrets are, and how to introduce the two sides.
fn reply_welcome(config: &Config) -> String {
    format!(
        "\npmm-gateway {}, the side that answers\n  secrets         {}  (epoch-* in no backup; see \"Keys and custodian\" in the README)\n  \
         health          http://{}/health/ready\n\nThe side that takes reports in needs this one's public half:\n  \
         copy {} to keys/vault in its data folder.\n\n",
        env!("CARGO_PKG_VERSION"),
        config.vault.reply_dir.display(),
        config.internal_listen,
        config.vault.reply_dir.join(VAULT_FILE).display(),
    )
}

/// Where everything is, and a first message to paste.
fn welcome(config: &Config, keys: &Keys) -> String {
    let mut text = String::new();
    let data_dir = config.data_dir.display();
    let store = match config.store {
        StoreConfig::Embedded => "embedded",
        StoreConfig::Redis { .. } => "redis",
    };
    // Two pushes on purpose: joining the line first is miscompiled by rustc 1.95 in release builds and ends in a double free.
    let mut line = |words: String| {
        text.push_str(&words);
        text.push('\n');
    };
    line(String::new());
    line(format!("pmm-gateway {}", env!("CARGO_PKG_VERSION")));
    line(format!("  data            {data_dir}  (store: {store})"));
    for (name, channel) in &config.channels {
        let what = channel.title();
        line(format!("  {what:<14}  {}{}", config.public.url, channel.public_path(name)));
    }
    line(format!("  overview        http://{}/", config.internal_listen));
    line("  cases           pmm-gateway cases".to_owned());
    for (name, channel) in &config.channels {
        if let Some(curl) = first_message(config, keys, name, channel) {
            line(String::new());
            line("Send a first message:".to_owned());
            line(String::new());
            line(curl);
        }
    }
    line(String::new());
    text
}

/// A `curl` for a channel whose secret the gateway made itself. The secret is read from its file, not shown.
fn first_message(config: &Config, keys: &Keys, name: &ChannelName, channel: &ChannelConfig) -> Option<String> {
    let secret = keys.hook_secret_file(name.as_str());
    if !channel.takes_first_message() || !secret.exists() {
        return None;
    }
    Some(format!(
        "  curl -H \"Authorization: Bearer $(cat {})\" {}{} \\\n    -d '{{\"id\": \"first-1\", \"from\": \"+84 90 555 0123\", \"text\": \"The boss keeps our passports and we cannot leave. Call me on 0905550123\"}}'",
        secret.display(),
        config.public.url,
        channel.public_path(name),
    ))
}
