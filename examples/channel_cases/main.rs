//! Plays recorded provider requests through a whole gateway and says what became of each.
//!
//! ```text
//! cargo run --release --example channel_cases -- FILE.jsonl
//! ```
//!
//! A line of the file is a case: `id`, `provider`, `kind`, `config`, an optional frozen `now`, and the `request` with the
//! address that the provider signed. For each case, or each sequence of cases, a gateway with an empty store and one
//! channel is started; the request goes over a real connection to its public listener, and a line of JSON says what was
//! made of it. What a message said before it was closed in is known only because the feature `planting` of the crate
//! `channels` is on, which nothing but a development dependency turns on.

mod channel;
mod play;
mod wire;

use std::io::Write;

use serde::Deserialize;
use serde_json::Value;

/// One case of the file.
#[derive(Deserialize)]
struct Case {
    id: String,
    provider: String,
    kind: String,
    #[serde(default)]
    config: Value,
    now: Option<String>,
    sequence: Option<String>,
    #[serde(default)]
    step: u64,
    request: Option<RecordedRequest>,
}

/// The request of a case.
#[derive(Deserialize)]
struct RecordedRequest {
    method: String,
    url: String,
    #[serde(default)]
    headers: serde_json::Map<String, Value>,
    body: Option<String>,
    body_b64: Option<String>,
}

fn main() -> anyhow::Result<()> {
    let file = std::env::args().nth(1).ok_or_else(|| anyhow::anyhow!("name a file of cases"))?;
    let text = std::fs::read_to_string(&file).map_err(|_| anyhow::anyhow!("the file cannot be read"))?;
    let mut runs: Vec<Vec<Case>> = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let case: Case = serde_json::from_str(line).map_err(|_| anyhow::anyhow!("a line is no case"))?;
        let same = |run: &&mut Vec<Case>| case.sequence.is_some() && run[0].sequence == case.sequence;
        match runs.iter_mut().find(same) {
            Some(run) => run.push(case),
            None => runs.push(vec![case]),
        }
    }
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    let runtime = tokio::runtime::Runtime::new()?;
    let mut out = std::io::stdout().lock();
    for mut run in runs {
        run.sort_by_key(|case| case.step);
        for result in runtime.block_on(play::play(&run)) {
            writeln!(out, "{result}")?;
        }
    }
    Ok(())
}
