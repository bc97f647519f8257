//! Who is woken, and how: a post to an address the admin chose, with a reference and a severity and nothing else.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use reqwest::{Client, redirect};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

use crate::case::Reference;
use crate::clock::Clock;
use crate::triage::Severity;

/// Trouble of one kind is told once in this time; cases are told each.
const QUIET_SECS: i64 = 300;
const TRIES: u32 = 3;

/// What somebody must get up for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wake {
    /// A case that cannot wait.
    Case {
        /// Its reference.
        reference: Reference,
        /// How urgent.
        severity: Severity,
    },
    /// A report failed for good.
    SetAside,
    /// The case store does not answer.
    StoreAway,
    /// The journal is full.
    JournalFull,
    /// The disk takes no reports.
    JournalFailed,
    /// Nothing can be sealed, or the nightly roll is not done.
    VaultFailed,
}

/// What is posted.
#[derive(Debug, Serialize)]
struct WakePayload<'a> {
    event: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    severity: Option<&'static str>,
}

impl Wake {
    fn payload(&self) -> WakePayload<'_> {
        let trouble = |event| WakePayload { event, reference: None, severity: None };
        match self {
            Self::Case { reference, severity } => {
                WakePayload { event: "case", reference: Some(reference.as_str()), severity: Some(severity.as_str()) }
            }
            Self::SetAside => trouble("report_set_aside"),
            Self::StoreAway => trouble("store_away"),
            Self::JournalFull => trouble("journal_full"),
            Self::JournalFailed => trouble("journal_failed"),
            Self::VaultFailed => trouble("vault_failed"),
        }
    }
}

/// Posts to one address.
pub struct Notifier {
    url: SecretString,
    client: Client,
    clock: Arc<dyn Clock>,
    told: Mutex<HashMap<&'static str, Timestamp>>,
}

impl std::fmt::Debug for Notifier {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Notifier")
    }
}

impl Notifier {
    /// Takes the address to post to; it often holds a token, so it is a secret.
    #[must_use]
    pub fn new(url: SecretString, clock: Arc<dyn Clock>) -> Self {
        let client = Client::builder()
            .timeout(Duration::from_secs(10))
            .redirect(redirect::Policy::none())
            .build()
            .expect("an HTTP client needs nothing but the TLS provider that main installs");
        Self { url, client, clock, told: Mutex::new(HashMap::new()) }
    }

    /// Wakes somebody without making the caller wait. Three tries; then the log has to do.
    pub fn wake(&self, wake: Wake) {
        if !matches!(wake, Wake::Case { .. }) && self.told_lately(wake.payload().event) {
            return;
        }
        let (client, url) = (self.client.clone(), self.url.clone());
        tokio::spawn(async move {
            for attempt in 1..=TRIES {
                let answer = client.post(url.expose_secret()).json(&wake.payload()).send().await;
                if answer.is_ok_and(|answer| answer.status().is_success()) {
                    return;
                }
                tokio::time::sleep(Duration::from_secs(u64::from(attempt) * 2)).await;
            }
            crate::telemetry::events::log_wake_failed();
        });
    }

    fn told_lately(&self, event: &'static str) -> bool {
        let now = self.clock.now();
        let mut told = self.told.lock().expect("nobody panics while holding this lock");
        // A clock that was set back must not keep everybody asleep until it has caught up.
        let lately = told.get(event).is_some_and(|last| (0..QUIET_SECS).contains(&(now.as_second() - last.as_second())));
        if !lately {
            told.insert(event, now);
        }
        lately
    }
}
