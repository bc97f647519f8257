//! The gateway is killed under load, again and again: every report that was answered is a case exactly once afterwards.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;
use std::sync::{Arc, Mutex};

use reqwest::Client;
use serde_json::Value;

use crate::harness::canary::Canary;
use crate::harness::gateway::Store;
use crate::harness::process::{Process, run};
use crate::harness::redis::Server;

const REPORTS: u32 = 600;
const CLIENTS: usize = 16;
const KILLS: u32 = 6;

/// A word that names a report and that no stage takes for anything else.
fn word(mut number: u32) -> String {
    let mut letters = String::from("kz");
    for _ in 0..4 {
        letters.push(char::from(b'a' + u8::try_from(number % 20).expect("small")));
        number /= 20;
    }
    letters
}

/// What the clients still have to send, and what was answered.
struct Work {
    to_send: Mutex<VecDeque<u32>>,
    answered: Mutex<BTreeSet<u32>>,
}

impl Work {
    /// Sends until there is nothing left or the gateway is gone. An unanswered report goes back: its provider tries again.
    async fn send_all(self: Arc<Self>, hook: String, secret: String, phone: String) {
        let client = Client::new();
        loop {
            let Some(number) = self.to_send.lock().expect("unpoisoned").pop_front() else { return };
            let body = serde_json::json!({ "id": format!("delivery-{number}"), "from": phone, "text": format!("no pay, {}", word(number)) });
            match client.post(&hook).bearer_auth(&secret).json(&body).send().await {
                Ok(answer) if answer.status().is_success() => {
                    self.answered.lock().expect("unpoisoned").insert(number);
                }
                Ok(_) | Err(_) => {
                    self.to_send.lock().expect("unpoisoned").push_back(number);
                    return;
                }
            }
        }
    }

    fn n_answered(&self) -> usize {
        self.answered.lock().expect("unpoisoned").len()
    }
}

async fn drained(client: &Client, internal: &str) {
    let is_drained = crate::harness::eventually(async || {
        let metrics = client.get(format!("{internal}/metrics")).send().await.expect("it answers").text().await.expect("text");
        metrics.lines().any(|line| line == "pmm_journal_reports 0")
    });
    assert!(is_drained.await, "the journal did not drain");
}

/// How many cases hold each report's word.
fn cases(file: &Path, environment: &[(String, String)]) -> (BTreeMap<String, u32>, String) {
    let json = run(&["cases", "--all", "--json", "--limit", "100000"], file, environment);
    let mut counts = BTreeMap::new();
    for line in json.lines() {
        let case: Value = serde_json::from_str(line).expect("JSON");
        let text = case["text"].as_str().expect("a text");
        let word = text.rsplit(' ').next().expect("a word").to_owned();
        *counts.entry(word).or_insert(0) += 1;
    }
    (counts, json)
}

async fn survive(store: Store) {
    crate::harness::init_tls();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("gateway.toml");
    let server = matches!(store, Store::Redis).then(Server::start);
    let mut environment = Vec::new();
    match &server {
        None => std::fs::write(&file, "store = \"embedded\"\n").expect("a file"),
        Some(server) => {
            std::fs::write(&file, "store = \"redis\"\n").expect("a file");
            environment.push(("PMM__REDIS__URL".to_owned(), secrecy::ExposeSecret::expose_secret(&server.url()).to_owned()));
        }
    }
    let canary = Canary::new();
    let work = Arc::new(Work { to_send: Mutex::new((0..REPORTS).collect()), answered: Mutex::new(BTreeSet::new()) });
    let mut logs = Vec::new();
    for round in 1..=KILLS + 1 {
        let mut gateway = Process::serve(&file, &environment);
        let secret = std::fs::read_to_string(folder.path().join("data/keys/hook-sms")).expect("it was made").trim().to_owned();
        let hook = format!("{}/hooks/sms", gateway.public);
        let clients: Vec<_> = (0..CLIENTS)
            .map(|_| tokio::spawn(Arc::clone(&work).send_all(hook.clone(), secret.clone(), canary.phone.clone())))
            .collect();
        let is_last = round > KILLS;
        // Kill in the middle of the load, at another point each time.
        let enough = usize::try_from(REPORTS / (KILLS + 1) * round).expect("small");
        while !is_last && work.n_answered() < enough && !clients.iter().all(tokio::task::JoinHandle::is_finished) {
            tokio::task::yield_now().await;
        }
        if !is_last {
            gateway.kill();
        }
        for client in clients {
            client.await.expect("a client does not panic");
        }
        if is_last {
            // Providers send again what was answered, too.
            work.to_send.lock().expect("unpoisoned").extend((0..REPORTS).step_by(7));
            Arc::clone(&work).send_all(hook, secret, canary.phone.clone()).await;
            drained(&Client::new(), &gateway.internal).await;
        }
        logs.extend(gateway.log());
    }
    assert_eq!(work.n_answered(), usize::try_from(REPORTS).expect("small"));
    let (counts, json) = cases(&file, &environment);
    let expected: BTreeMap<String, u32> = (0..REPORTS).map(|number| (word(number), 1)).collect();
    assert_eq!(counts, expected, "a report is lost or doubled");
    assert_eq!(canary.traces_in(&logs), [""; 0]);
    canary.assert_not_in_answers(&[json]);
    canary.assert_not_on_disk(folder.path());
    if let Some(server) = &server {
        canary.assert_not_on_disk(server.folder());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_asks_providers_to_come_again_and_loses_nothing() {
    crate::harness::init_tls();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("gateway.toml");
    std::fs::write(&file, "store = \"embedded\"\n").expect("a file");
    let canary = Canary::new();
    let client = Client::new();
    let mut gateway = Process::serve_on_a_small_disk(&file, 512);
    let secret = std::fs::read_to_string(folder.path().join("data/keys/hook-sms")).expect("it was made").trim().to_owned();
    let mut answered = BTreeSet::new();
    let mut last = reqwest::StatusCode::OK;
    for number in 0..2000 {
        let body =
            serde_json::json!({ "id": number.to_string(), "from": canary.phone, "text": format!("no pay, {}", word(number)) });
        let hook = format!("{}/hooks/sms", gateway.public);
        last = client.post(hook).bearer_auth(&secret).json(&body).send().await.expect("it answers").status();
        if !last.is_success() {
            break;
        }
        answered.insert(word(number));
    }
    assert_eq!(last, reqwest::StatusCode::SERVICE_UNAVAILABLE, "the disk did not fill up");
    assert!(!answered.is_empty());
    // The log comes through a pipe, some moments after the answer.
    let is_told = async || String::from_utf8_lossy(&gateway.log()).contains("The disk takes no reports");
    assert!(crate::harness::eventually(is_told).await);
    gateway.kill();
    canary.assert_not_in_answers(&[String::from_utf8_lossy(&gateway.log()).into_owned()]);
    // Somebody makes room.
    let roomy = Process::serve(&file, &[]);
    drained(&client, &roomy.internal).await;
    let (counts, json) = cases(&file, &[]);
    let doubled: Vec<_> = counts.iter().filter(|(_, count)| **count != 1).collect();
    assert!(doubled.is_empty(), "doubled: {doubled:?}");
    assert!(answered.iter().all(|word| counts.contains_key(word)), "an answered report is lost");
    canary.assert_not_in_answers(&[json]);
    canary.assert_not_on_disk(folder.path());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answered_report_survives_kills_on_the_embedded_store() {
    survive(Store::Embedded).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answered_report_survives_kills_on_redis() {
    survive(Store::Redis).await;
}
