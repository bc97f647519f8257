//! One gateway for one run of cases, and what it made of each.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use channels::planting::{self, Seen, SeenMessage};
use channels::settings::Environment;
use jiff::Timestamp;
use pmm_gateway::app::{App, own_hook_secret};
use pmm_gateway::clock::{Clock, SetClock, SystemRng};
use pmm_gateway::config::Config;
use pmm_gateway::desk::GatewayDesk;
use pmm_gateway::store::Filter;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::channel::{CHANNEL, section, target};
use crate::wire::send;
use crate::{Case, RecordedRequest};

/// No case takes so long unless something is broken.
const PATIENCE: Duration = Duration::from_secs(20);

/// Plays the cases of one run against one gateway.
pub async fn play(run: &[Case]) -> Vec<Value> {
    match play_on(run).await {
        Ok(results) => results,
        Err(problem) => run.iter().map(|case| json!({ "id": case.id, "outcome": "unsupported", "problem": problem })).collect(),
    }
}

async fn play_on(run: &[Case]) -> Result<Vec<Value>, String> {
    let folder = tempfile::tempdir().map_err(|_| "no folder".to_owned())?;
    if run.iter().any(|case| case.request.is_none()) {
        return Err("there is no request to play".to_owned());
    }
    let channel = section(&run[0]);
    for (name, content) in &channel.files {
        std::fs::write(folder.path().join(name), content).map_err(|_| "no file".to_owned())?;
    }
    let file = folder.path().join("gateway.toml");
    let listeners =
        "[public]\nlisten = \"127.0.0.1:0\"\nurl = \"https://intake.example.org\"\n[internal]\nlisten = \"127.0.0.1:0\"\n";
    std::fs::write(&file, format!("{listeners}{}", channel.toml)).map_err(|_| "no file".to_owned())?;
    let config = Config::load(Some(&file), &Environment::new(), &own_hook_secret).map_err(|error| error.to_string())?;
    let secret = own_hook_secret(&config.data_dir, CHANNEL).map_err(|error| error.to_string())?;
    let secret_in_address =
        config.channels.values().next().map(channels::config::ChannelConfig::secret_in_address).unwrap_or_default();
    let clock = SetClock::at(now_of(&run[0]));
    let app = App::build(config, Arc::new(clock.clone()), Arc::new(SystemRng)).await.map_err(|error| error.to_string())?;
    let address = app.public_address();
    let desk = Arc::clone(app.desk());
    let stop = CancellationToken::new();
    let running = tokio::spawn(app.run(stop.clone()));
    let mut results = Vec::new();
    let mut parts = HashSet::new();
    for case in run {
        let Some(request) = &case.request else { continue };
        clock.advance_secs(now_of(case).as_second() - clock.now().as_second());
        let has_secret = if is_status(request) { secret_in_address.1 } else { secret_in_address.0 };
        let place = target(&request.url, has_secret.then(|| secret.expose_secret()));
        results.push(play_case(case, request, &place, address, &desk, &clock, &mut parts).await);
    }
    stop.cancel();
    drop(desk);
    drop(running.await);
    Ok(results)
}

fn is_status(request: &RecordedRequest) -> bool {
    request.url.split('?').next().is_some_and(|path| path.ends_with("/status"))
}

async fn play_case(
    case: &Case,
    request: &RecordedRequest,
    place: &str,
    address: std::net::SocketAddr,
    desk: &GatewayDesk,
    clock: &SetClock,
    parts: &mut HashSet<String>,
) -> Value {
    let before = (n_cases(desk).await, desk.tools().journal.waiting().quarantine);
    planting::watch();
    let Ok(answer) = send(address, place, request).await else {
        return json!({ "id": case.id, "outcome": "no_answer" });
    };
    settle(desk).await;
    let seen = planting::watch();
    let after = (n_cases(desk).await, desk.tools().journal.waiting().quarantine);
    let is_new = after.0 > before.0;
    let said: Vec<&Seen> = seen.iter().collect();
    let messages: Vec<&SeenMessage> = said.iter().flat_map(|seen| &seen.messages).collect();
    let is_refused = matches!(answer.status, 401 | 403);
    let all_parts = !messages.is_empty() && messages.iter().all(|message| message.part.is_some());
    // A part is held whether it came once or twice; only here does it matter which.
    let of_part = |message: &&SeenMessage| format!("{:?} {:?} {}", message.provider_id, message.part, message.text);
    let n_new = messages.iter().filter(|message| parts.insert(of_part(message))).count();
    let is_repeated = all_parts && n_new == 0;
    let outcome = match case.kind.as_str() {
        "signature" if is_refused => "signature_invalid",
        "signature" => "signature_valid",
        _ if is_refused => "rejected_auth",
        _ if answer.status >= 400 => "rejected_malformed",
        _ if said.iter().any(|seen| seen.is_poll) => "poll",
        _ if said.iter().any(|seen| !seen.events.is_empty()) => "event",
        _ if said.iter().any(|seen| !seen.statuses.is_empty()) => "status",
        _ if is_new => "message",
        _ if all_parts && is_repeated => "duplicate",
        _ if all_parts => "partial",
        _ if !messages.is_empty() => "duplicate",
        _ if after.1 > before.1 => "quarantined",
        _ => "ignored",
    };
    // A message whose last part came is told whole.
    let whole: Vec<&SeenMessage> = messages.iter().copied().filter(|message| message.is_joined).collect();
    let told: Vec<SeenMessage> = match (whole.as_slice(), messages.iter().find(|message| message.part.is_some())) {
        ([whole], Some(last)) => {
            vec![SeenMessage { text: whole.text.clone(), is_incomplete: whole.is_incomplete, ..(*last).clone() }]
        }
        _ => messages.iter().map(|message| (*message).clone()).collect(),
    };
    let mut result = json!({
        "id": case.id,
        "outcome": outcome,
        "messages": told.iter().map(message_json).collect::<Vec<_>>(),
        "statuses": said.iter().flat_map(|seen| &seen.statuses).map(|status| json!({
            "provider_id": status.provider_id, "client_ref": status.client_ref, "status": status.status,
        })).collect::<Vec<_>>(),
        "events": said.iter().flat_map(|seen| &seen.events).map(|event| json!({
            "type": event.kind, "sender": event.sender,
        })).chain(said.iter().flat_map(|seen| &seen.opted_out).map(|number| json!({
            "type": "opt_out", "sender": number,
        }))).collect::<Vec<_>>(),
        "response": { "status": answer.status, "body": answer.body, "content_type": answer.content_type },
    });
    if outcome == "partial" && case.sequence.is_none() {
        result["after_timeout"] = after_timeout(desk, clock).await;
    }
    result
}

/// What comes of parts whose rest never comes.
async fn after_timeout(desk: &GatewayDesk, clock: &SetClock) -> Value {
    clock.advance_secs(24 * 3600);
    let before = n_cases(desk).await;
    planting::watch();
    let started = Instant::now();
    while n_cases(desk).await == before && started.elapsed() < PATIENCE {
        desk.look_for_stale_parts();
        tokio::task::yield_now().await;
    }
    let messages: Vec<Value> = planting::watch().iter().flat_map(|seen| &seen.messages).map(message_json).collect();
    let outcome = if n_cases(desk).await > before { "message" } else { "nothing" };
    json!({ "outcome": outcome, "messages": messages })
}

fn message_json(message: &SeenMessage) -> Value {
    let attachments: Vec<Value> = message
        .attachments
        .iter()
        .map(|media| {
            json!({
                "url": media.url, "content_type": media.content_type, "name": media.name, "inline_sha256": media.inline_sha256,
            })
        })
        .collect();
    let mut told = json!({
        "sender": message.sender,
        "sender_kind": message.sender_kind,
        "text": message.text,
        "provider_id": message.provider_id,
        "sent_at": message.sent_at,
        "attachments": attachments,
    });
    if message.is_incomplete {
        told["incomplete"] = Value::Bool(true);
    }
    told
}

async fn n_cases(desk: &GatewayDesk) -> usize {
    desk.tools().store.list(&Filter::default(), None, 1000).await.map_or(0, |page| page.rows.len())
}

/// Waits until every report has left the journal.
async fn settle(desk: &GatewayDesk) {
    let started = Instant::now();
    while desk.tools().journal.waiting().reports > 0 && started.elapsed() < PATIENCE {
        let _ = desk.tools().journal.check().await;
        tokio::task::yield_now().await;
    }
}

/// The frozen clock of a case. A case without one passes at any time, so it is played at the time that it signed.
fn now_of(case: &Case) -> Timestamp {
    let signed = || {
        let request = case.request.as_ref()?;
        let mut numbers = request.headers.iter().filter(|(name, _)| name.to_ascii_lowercase().contains("timestamp"));
        let in_header = numbers.find_map(|(_, value)| value.as_str()?.parse::<i64>().ok());
        let in_field = || {
            let all = format!("{}&{}", request.url, request.body.as_deref().unwrap_or_default());
            let at = all.find("&timestamp=").map(|at| &all[at + 11..])?;
            at.split('&').next()?.parse::<i64>().ok()
        };
        Timestamp::from_second(in_header.or_else(in_field)?).ok()
    };
    let frozen = case.now.as_deref().and_then(|now| now.parse().ok());
    let usual = || Timestamp::from_second(1_793_614_830).unwrap_or(Timestamp::UNIX_EPOCH);
    frozen.or_else(signed).unwrap_or_else(usual)
}
