//! Bad days: Redis away, a report that no stage can read, a stop in the middle.

use std::sync::Arc;

use channels::import::read_line;
use channels::{Desk, FilesSecret, Inbound, RawText};
use jiff::Timestamp;
use pmm_gateway::anonymise::{Anonymiser, Redacted};
use pmm_gateway::audit::Audit;
use pmm_gateway::clock::{SetClock, SystemRng, TimeRounding};
use pmm_gateway::desk::files::FileDesk;
use pmm_gateway::desk::pipeline::{Read, Reader, Stages};
use pmm_gateway::desk::worker::Worker;
use pmm_gateway::desk::{GatewayDesk, Tools};
use pmm_gateway::files::{self, Files, Recipient};
use pmm_gateway::journal::Journal;
use pmm_gateway::keys::{Keys, ReplyKeys};
use pmm_gateway::language::{Detected, Detector, Language};
use pmm_gateway::locale::Locales;
use pmm_gateway::store::embedded::EmbeddedStore;
use pmm_gateway::store::{CaseStore, Filter};
use pmm_gateway::telemetry::Telemetry;
use pmm_gateway::triage::Rules;
use pmm_gateway::vault::Vault;
use pmm_gateway::vault::current::CurrentEpoch;
use reqwest::StatusCode;
use tokio_util::sync::CancellationToken;

use crate::harness::canary::{Canary, catch_log, log};
use crate::harness::gateway::{Setup, Store};
use crate::harness::provider::Provider;
use crate::harness::redis::Server;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn intake_goes_on_while_redis_is_away_and_the_cases_come_when_it_is_back() {
    let mut server = Server::start();
    server.kill();
    let gateway = Setup::new(Store::Embedded).on_redis(&server).start().await;
    let canary = Canary::new();
    for number in 0..20 {
        let answer = gateway.send_sms(&format!("{}{number}", canary.message_id), &canary.phone, "they do not pay us").await;
        assert_eq!(answer.status, StatusCode::OK);
        assert!(answer.body.contains("reference"), "the reporter gets her receipt all the same");
    }
    assert_eq!(gateway.internal("/health/ready").await.status, StatusCode::OK);
    assert_eq!(gateway.desk().tools().journal.waiting().reports, 20);
    server.start_again();
    gateway.drained().await;
    assert_eq!(gateway.cases().await.len(), 20);
    // It goes away once more, now under a gateway that knew it.
    server.kill();
    gateway.send_sms(&format!("{}-late", canary.message_id), &canary.phone, "they do not pay us").await;
    server.start_again();
    gateway.drained().await;
    assert_eq!(gateway.cases().await.len(), 21);
    let logged = log();
    let logged = String::from_utf8_lossy(&logged);
    assert!(logged.contains("The case store does not answer") && logged.contains("The case store answers again"));
    gateway.finish(&[&canary]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reports_that_wait_at_a_stop_are_cases_after_the_next_start() {
    let mut server = Server::start();
    server.kill();
    let gateway = Setup::new(Store::Embedded).on_redis(&server).start().await;
    let canary = Canary::new();
    gateway.send_sms(&canary.message_id, &canary.phone, &canary.report("no pay")).await;
    let gateway = gateway.restart().await;
    server.start_again();
    gateway.drained().await;
    assert_eq!(gateway.cases().await.len(), 1);
    gateway.finish(&[&canary]).await;
}

/// Panics on reports of one size, as a stage with a fault would.
struct Faulty {
    stages: Stages,
    poison_bytes: usize,
}

impl Reader for Faulty {
    fn read(&self, inbound: &Inbound, earlier: Option<Language>) -> Read {
        assert_ne!(inbound.text().size_bytes(), self.poison_bytes, "a stage has a fault");
        self.stages.read(inbound, earlier)
    }

    fn language(&self, inbound: &Inbound, earlier: Option<Language>) -> Detected {
        self.stages.language(inbound, earlier)
    }

    fn redact(&self, words: &RawText, inbound: &Inbound) -> Redacted {
        self.stages.redact(words, inbound)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_report_that_no_stage_can_read_is_set_aside_and_the_next_one_goes_on() {
    catch_log();
    let folder = tempfile::tempdir().expect("a folder");
    let clock = Arc::new(SetClock::at("2026-11-02T10:20:30Z".parse::<Timestamp>().expect("a time")));
    let store = Arc::new(EmbeddedStore::open(folder.path(), clock.clone(), 60).expect("a store"));
    let canary = Canary::new();
    let poison = canary.report("poison");
    let line = |id: &str, text: &str| {
        let line = serde_json::json!({ "id": id, "channel": "sms", "from": canary.phone, "text": text }).to_string();
        read_line(&line, Timestamp::UNIX_EPOCH).map_err(|error| error.problem).expect("a good line").inbound
    };
    let kept = files::folder(folder.path()).expect("a folder");
    let files = Files::new(kept, "main", FilesSecret::from_seed(&[1; 32]).public(), Recipient::Gateway);
    let desk = Arc::new(GatewayDesk::new(Tools {
        files: FileDesk::new(attachments::Cleaner::of_this_program("none"), files),
        journal: Journal::open(folder.path(), 1 << 20).await.expect("a journal"),
        outbox: pmm_gateway::outbox::Outbox::open(folder.path()).await.expect("an outbox"),
        store: Arc::clone(&store) as Arc<dyn CaseStore>,
        reader: Arc::new(Faulty {
            stages: Stages { languages: Detector::default(), anonymiser: Anonymiser::new(Vec::new()), rules: Rules::built_in() },
            poison_bytes: poison.len(),
        }),
        keys: Keys::open_or_make(&folder.path().join("own"), &SystemRng).expect("keys"),
        epoch: CurrentEpoch::founded_by(&Arc::new(Vault::new(
            ReplyKeys::open_or_make(&folder.path().join("reply"), None, &SystemRng).expect("keys"),
            Arc::clone(&store) as Arc<dyn CaseStore>,
            Audit::in_folder(folder.path()),
            clock.clone(),
            Arc::new(SystemRng),
        ))),
        custodian: None,
        time_rounding: TimeRounding::Hour,
        audit: Audit::in_folder(folder.path()),
        locales: Arc::new(Locales::built_in()),
        default_language: "en".to_owned(),
        receipt_pause: std::time::Duration::from_millis(1),
        parts_wait: std::time::Duration::from_mins(3),
        telemetry: Telemetry::new(None),
        clock,
        rng: Arc::new(SystemRng),
    }));
    let stop = CancellationToken::new();
    let worker = tokio::spawn(Worker::new(Arc::clone(&desk), Vec::new(), stop.clone()).run());
    let (poisoned, good) = (line("1", &poison), line("2", "no pay for three months"));
    assert!(desk.submit(poisoned).await.is_ok() && desk.submit(good).await.is_ok());
    let journal = &desk.tools().journal;
    let is_done = crate::harness::eventually(async || {
        let _ = journal.check().await;
        journal.waiting().set_aside == 1 && journal.waiting().reports == 1
    });
    assert!(is_done.await, "the poisoned report was not set aside, or the good one is no case");
    let waiting = desk.tools().journal.waiting();
    assert_eq!((waiting.set_aside, waiting.reports), (1, 1), "the poisoned report is kept, and only that one");
    assert_eq!(store.list(&Filter::default(), None, 10).await.expect("it answers").rows.len(), 1);
    assert!(desk.tools().telemetry.metrics().render().contains("pmm_reports_set_aside_total 1"));
    stop.cancel();
    worker.await.expect("the worker stops in order");
    canary.assert_not_in_log();
    canary.assert_not_on_disk(folder.path());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_is_woken_for_an_emergency_and_for_a_full_journal_and_told_no_words() {
    let pager = Provider::start(&[StatusCode::BAD_GATEWAY]).await;
    let gateway = Setup::new(Store::Embedded)
        .with_file("pager", &format!("{}/wake?token=secret", pager.url))
        .with("[notify]\nurl_file = \"pager\"\n[journal]\nmax_mib = 1")
        .start()
        .await;
    let canary = Canary::new();
    let emergency = canary.report("The building is on fire now and the exit is locked, we are inside.");
    gateway.send_sms(&canary.message_id, &canary.phone, &emergency).await;
    gateway.drained().await;
    let secret = gateway.hook_secret("sms");
    let fill = || gateway.post("/hooks/sms").bearer_auth(&secret).body(vec![b'['; 200 * 1024]);
    while gateway.send(fill()).await.status == StatusCode::OK {}
    assert_eq!(gateway.send(fill()).await.status, StatusCode::SERVICE_UNAVAILABLE);

    let reference = gateway.cases().await[0].reference.to_string();
    let case = serde_json::json!({ "event": "case", "reference": reference, "severity": "emergency" });
    let full = serde_json::json!({ "event": "journal_full" });
    let told =
        || pager.asked().iter().map(|asked| serde_json::from_str(&asked.body).expect("JSON")).collect::<Vec<serde_json::Value>>();
    // The first post fails and is tried again after a pause of the notifier's own.
    assert!(crate::harness::eventually(async || told().len() >= 3).await, "nobody was woken");
    let mut told = told();
    told.sort_by_key(ToString::to_string);
    told.dedup();
    assert_eq!(told, [case, full], "each once, the trouble not again for the second refusal");
    assert_eq!(pager.asked().len(), 3);
    canary.assert_not_in_answers(&pager.asked().iter().map(|asked| format!("{asked:?}")).collect::<Vec<_>>());
    gateway.finish(&[&canary]).await;
}
