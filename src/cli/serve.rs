//! `serve`: opens the gateway and says where everything is.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use channels::ChannelName;
use channels::config::ChannelConfig;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::clock::{SystemClock, SystemRng};
use crate::config::{Config, StoreConfig};
use crate::keys::Keys;
use crate::telemetry::install_log;

pub(super) fn run(file: Option<&Path>) -> anyhow::Result<ExitCode> {
    let config = super::load(file)?;
    install_log(config.log.format, &config.log.level);
    let runtime = super::runtime()?;
    let done = runtime.block_on(async move {
        let keys = Keys::open_or_make(&config.data_dir, &SystemRng)?;
        let welcome = welcome(&config, &keys);
        let app = App::build(config, Arc::new(SystemClock), Arc::new(SystemRng)).await?;
        super::print(&welcome);
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
        app.run(stop).await;
        Ok(ExitCode::SUCCESS)
    });
    // A thread that reads for ever must not keep the process; what it reads is in the journal.
    runtime.shutdown_timeout(Duration::from_secs(1));
    done
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
