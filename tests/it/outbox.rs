//! Messages on their way out: each provider's own request, trouble on the way, crashes, reports and people who want none.

use axum::http::StatusCode;
use channels::{ChannelName, Desk, Medium, planting};
use pmm_gateway::audit::{Audit, Entry, Wish};
use pmm_gateway::clock::SystemRng;
use pmm_gateway::outbox::State;

use crate::harness::canary::Canary;
use crate::harness::eventually;
use crate::harness::gateway::{Gateway, Setup, Store};
use crate::harness::provider::{Asked, Provider, Scripted};

/// A channel that takes reports as the generic preset does and sends as `preset` does.
fn setup(preset: &str, provider: &Provider, send: &str) -> Setup {
    let channel = format!(
        "[limits]\nreceipt_pause_ms = 1\n[channels.out]\nkind = \"sms\"\npreset = \"{preset}\"\nreceipts = \"send\"\nsecret_file = \"in-secret\"\nbody = \"json\"\nverify = \"secret\"\nsend.per_minute = 60000\nsend.secret_file = \"api-secret\"\nsend.api_url = \"{}\"\n{send}\n[channels.out.message]\nwhen = {{ from = true }}\nsender = \"from\"\ntext = \"text\"\nid = \"id\"\nrequired = []",
        provider.url
    );
    Setup::new(Store::Embedded).with_file("in-secret", "a-secret-of-the-tests").with_file("api-secret", "api-key").with(&channel)
}

async fn report(gateway: &Gateway, canary: &Canary, id: &str, text: &str) {
    let body = serde_json::json!({ "from": canary.phone, "text": text, "id": id });
    let answer = gateway.send(gateway.post("/hooks/out").bearer_auth("a-secret-of-the-tests").json(&body)).await;
    assert_eq!(answer.status.as_u16(), 200);
}

fn fields(encoded: &str) -> std::collections::BTreeMap<String, String> {
    form_urlencoded::parse(encoded.as_bytes()).into_owned().collect()
}

/// Sends one receipt and hands the provider's view of it to `check`, with the number, the digits and the reference.
async fn check(preset: &str, send: &str, answer: Scripted, check: impl FnOnce(&Asked, &str, &str, &str)) {
    let provider = Provider::scripted(vec![answer]).await;
    let canary = Canary::new();
    let gateway = setup(preset, &provider, send).start().await;
    report(&gateway, &canary, "1", "no pay for three months").await;
    gateway.drained().await;
    let asked = provider.asked();
    assert_eq!(asked.len(), 1, "{preset}");
    let reference = gateway.cases().await[0].reference.to_string();
    check(&asked[0], &canary.phone, &canary.phone[1..], &reference);
    let metrics = gateway.internal("/metrics").await.body;
    assert!(metrics.contains("pmm_receipts_total{outcome=\"sent\"} 1"), "{preset}: {metrics}");
    gateway.finish(&[&canary]).await;
}

fn ok(body: &'static str) -> Scripted {
    Scripted { status: StatusCode::OK, body: Some(body), ..Scripted::default() }
}

fn header<'a>(asked: &'a Asked, name: &str) -> &'a str {
    asked.headers.get(name).map_or("", |value| value.to_str().expect("text"))
}

#[tokio::test]
async fn twilio_is_asked_in_its_own_way() {
    check(
        "twilio",
        "send.account = \"AC1\"\nsend.from = \"+12015550199\"",
        ok("{\"sid\":\"SM9\"}"),
        |asked, number, _, reference| {
            assert_eq!(asked.path, "/2010-04-01/Accounts/AC1/Messages.json");
            assert!(header(asked, "authorization").starts_with("Basic "));
            let fields = fields(&asked.body);
            assert_eq!((fields["To"].as_str(), fields["From"].as_str()), (number, "+12015550199"));
            assert!(fields["Body"].contains(reference));
            assert!(fields["StatusCallback"].contains("/status?uuid="));
        },
    )
    .await;
}

#[tokio::test]
async fn vonage_is_asked_in_its_own_way() {
    check(
        "vonage",
        "send.account = \"key\"\nsend.from = \"HUB\"",
        ok("{\"messages\":[{\"status\":\"0\",\"message-id\":\"v9\"}]}"),
        |asked, _, digits, reference| {
            assert_eq!(asked.path, "/sms/json");
            let fields = fields(&asked.body);
            assert_eq!(
                (fields["to"].as_str(), fields["api_secret"].as_str(), fields["type"].as_str()),
                (digits, "api-key", "text")
            );
            assert!(fields["text"].contains(reference));
        },
    )
    .await;
}

#[tokio::test]
async fn infobip_is_asked_in_its_own_way() {
    check(
        "infobip",
        "items = \"[*]\"\nsend.from = \"HUB\"",
        ok("{\"messages\":[{\"messageId\":\"i9\",\"status\":{\"groupName\":\"PENDING\"}}]}"),
        |asked, _, digits, reference| {
            assert_eq!((asked.path.as_str(), header(asked, "authorization")), ("/sms/3/messages", "App api-key"));
            let sent: serde_json::Value = serde_json::from_str(&asked.body).expect("JSON");
            assert_eq!(sent["messages"][0]["destinations"][0]["to"], digits);
            assert!(sent["messages"][0]["content"]["text"].as_str().expect("a text").contains(reference));
        },
    )
    .await;
}

#[tokio::test]
async fn africas_talking_is_asked_in_its_own_way() {
    check(
        "africastalking",
        "send.account = \"hub\"\nsend.from = \"20880\"",
        ok("{\"SMSMessageData\":{\"Recipients\":[{\"statusCode\":101,\"messageId\":\"a9\"}]}}"),
        |asked, number, _, reference| {
            assert_eq!((asked.path.as_str(), header(asked, "apikey")), ("/version1/messaging", "api-key"));
            let fields = fields(&asked.body);
            assert_eq!((fields["username"].as_str(), fields["to"].as_str()), ("hub", number));
            assert!(fields["message"].contains(reference));
        },
    )
    .await;
}

#[tokio::test]
async fn the_android_gateway_is_asked_in_its_own_way() {
    check("android_sms_gateway", "send.account = \"phone\"", ok("{\"id\":\"m9\"}"), |asked, number, _, reference| {
        let sent: serde_json::Value = serde_json::from_str(&asked.body).expect("JSON");
        assert_eq!(sent["phoneNumbers"][0], number);
        assert!(sent["textMessage"]["text"].as_str().expect("a text").contains(reference));
        assert_eq!(sent["id"].as_str().expect("our name").len(), 32);
    })
    .await;
}

#[tokio::test]
async fn kannel_is_asked_in_its_own_way() {
    check(
        "kannel",
        "send.account = \"hub\"\nsend.from = \"16247\"",
        ok("0: Accepted for delivery"),
        |asked, number, _, reference| {
            assert_eq!((asked.method.as_str(), asked.path.as_str()), ("GET", "/cgi-bin/sendsms"));
            let fields = fields(&asked.query);
            assert_eq!((fields["to"].as_str(), fields["password"].as_str(), fields["coding"].as_str()), (number, "api-key", "0"));
            assert!(fields["text"].contains(reference));
            assert!(fields["dlr-url"].ends_with("&status=%d"), "{}", fields["dlr-url"]);
        },
    )
    .await;
}

fn state(gateway: &Gateway) -> i64 {
    let db = rusqlite::Connection::open(gateway.folder().join("data/outbox.db")).expect("it opens");
    db.query_row("SELECT state FROM messages", [], |row| row.get(0)).expect("one message")
}

const ANDROID: &str = "send.account = \"phone\"";
const TWILIO: &str = "send.account = \"AC1\"\nsend.from = \"+12015550199\"";

#[tokio::test]
async fn a_busy_provider_is_given_the_time_it_asks_for() {
    let busy = Scripted { status: StatusCode::TOO_MANY_REQUESTS, retry_after: Some("1"), ..Scripted::default() };
    let provider = Provider::scripted(vec![busy, Scripted { status: StatusCode::BAD_GATEWAY, ..Scripted::default() }]).await;
    let canary = Canary::new();
    let gateway = setup("twilio", &provider, TWILIO).start().await;
    let started = std::time::Instant::now();
    report(&gateway, &canary, "1", "no pay").await;
    gateway.drained().await;
    assert!(started.elapsed() >= std::time::Duration::from_secs(1));
    assert_eq!((provider.asked().len(), state(&gateway)), (3, State::Sent as i64));
    gateway.finish(&[&canary]).await;
}

#[tokio::test]
async fn a_refusal_for_good_is_recorded_and_not_tried_again() {
    let provider = Provider::start(&[StatusCode::BAD_REQUEST]).await;
    let canary = Canary::new();
    let gateway = setup("twilio", &provider, TWILIO).start().await;
    report(&gateway, &canary, "1", "no pay").await;
    gateway.drained().await;
    let gateway = gateway.restart().await;
    gateway.drained().await;
    assert_eq!((provider.asked().len(), state(&gateway)), (1, State::Failed as i64));
    gateway.finish(&[&canary]).await;
}

#[tokio::test]
async fn an_answer_that_never_comes_is_asked_for_again_only_where_our_name_is_known() {
    for (preset, send, n_asked, expect) in
        [("twilio", TWILIO, 1, State::Unsure), ("android_sms_gateway", ANDROID, 2, State::Sent)]
    {
        let provider = Provider::scripted(vec![Scripted { hangs_up: true, ..Scripted::default() }]).await;
        let canary = Canary::new();
        let gateway = setup(preset, &provider, send).start().await;
        report(&gateway, &canary, "1", "no pay").await;
        gateway.drained().await;
        assert_eq!((provider.asked().len(), state(&gateway)), (n_asked, expect as i64), "{preset}");
        gateway.finish(&[&canary]).await;
    }
}

#[tokio::test]
async fn a_crash_between_sending_and_noting_sends_nothing_twice() {
    for (preset, send, n_asked, expect) in
        [("twilio", TWILIO, 1, State::Unsure), ("android_sms_gateway", ANDROID, 2, State::Sent)]
    {
        let busy = Scripted { status: StatusCode::SERVICE_UNAVAILABLE, retry_after: Some("600"), ..Scripted::default() };
        let provider = Provider::scripted(vec![busy]).await;
        let canary = Canary::new();
        let gateway = setup(preset, &provider, send).start().await;
        report(&gateway, &canary, "1", "no pay").await;
        assert!(eventually(async || provider.asked().len() == 1 && state(&gateway) == State::Waiting as i64).await);
        let file = gateway.folder().join("data/outbox.db");
        // As if the gateway had ended after the provider took the message and before that was noted.
        rusqlite::Connection::open(&file).expect("it opens").execute("UPDATE messages SET state = 1", []).expect("it writes");
        let gateway = gateway.restart().await;
        gateway.drained().await;
        let asked = provider.asked();
        assert_eq!((asked.len(), state(&gateway)), (n_asked, expect as i64), "{preset}");
        assert!(asked.iter().all(|one| one.body == asked[0].body), "{preset}: under the same name");
        gateway.finish(&[&canary]).await;
    }
}

#[tokio::test]
async fn a_message_that_waits_survives_a_restart_and_is_sent_once() {
    let busy = Scripted { status: StatusCode::SERVICE_UNAVAILABLE, retry_after: Some("600"), ..Scripted::default() };
    let provider = Provider::scripted(vec![busy]).await;
    let canary = Canary::new();
    let gateway = setup("twilio", &provider, TWILIO).start().await;
    report(&gateway, &canary, "1", "no pay").await;
    assert!(eventually(async || provider.asked().len() == 1 && state(&gateway) == State::Waiting as i64).await);
    let gateway = gateway.restart().await;
    gateway.drained().await;
    assert_eq!((provider.asked().len(), state(&gateway)), (2, State::Sent as i64));
    gateway.finish(&[&canary]).await;
}

#[tokio::test]
async fn a_report_of_the_provider_finds_its_message() {
    let provider = Provider::scripted(vec![ok("{\"sid\":\"SM77\"}")]).await;
    let canary = Canary::new();
    let gateway = setup("twilio", &provider, TWILIO).start().await;
    report(&gateway, &canary, "1", "no pay").await;
    gateway.drained().await;
    let body = serde_json::json!({ "MessageSid": "SM77", "MessageStatus": "delivered" });
    let answer = gateway.send(gateway.post("/hooks/out/status").bearer_auth("a-secret-of-the-tests").json(&body)).await;
    assert_eq!(answer.status.as_u16(), 200);
    assert_eq!(state(&gateway), State::Delivered as i64);
    assert!(gateway.internal("/metrics").await.body.contains("pmm_sent_reports_total{channel=\"out\",outcome=\"delivered\"} 1"));
    gateway.finish(&[&canary]).await;
}

#[tokio::test]
async fn whoever_says_stop_is_written_to_no_more_and_the_cases_stay() {
    let provider = Provider::start(&[]).await;
    let canary = Canary::new();
    let gateway = setup("twilio", &provider, TWILIO).start().await;
    report(&gateway, &canary, "1", "no pay for three months").await;
    gateway.drained().await;
    let first = gateway.cases().await.remove(0);
    report(&gateway, &canary, "2", "Stop!").await;
    report(&gateway, &canary, "3", "they want me to stop and quit").await;
    gateway.drained().await;
    assert_eq!((provider.asked().len(), gateway.cases().await.len()), (1, 3));
    let is_forgotten = eventually(async || matches!(gateway.store().contact(&first.reference).await, Ok(None)));
    assert!(is_forgotten.await, "the contact is still there");
    assert_eq!(
        gateway.store().same_reporter(&first.reference).await,
        Ok(vec![first.reference.clone()]),
        "the link is still there"
    );
    let audit = Audit::in_folder(&gateway.folder().join("data")).verified(None).expect("one chain");
    assert!(audit.iter().any(|line| line.entry == Entry::Forgotten { n_cases: 1, wish: Wish::Reporter }));
    report(&gateway, &canary, "4", "START").await;
    report(&gateway, &canary, "5", "the boss hit somebody").await;
    gateway.drained().await;
    assert_eq!(provider.asked().len(), 3);
    gateway.finish(&[&canary]).await;
}

#[tokio::test]
async fn a_number_that_the_provider_says_wants_nothing_is_never_tried_again() {
    let opted_out = Scripted { status: StatusCode::BAD_REQUEST, body: Some("{\"code\":21610}"), ..Scripted::default() };
    let provider = Provider::scripted(vec![opted_out]).await;
    let canary = Canary::new();
    let gateway = setup("twilio", &provider, TWILIO).start().await;
    report(&gateway, &canary, "1", "no pay").await;
    gateway.drained().await;
    report(&gateway, &canary, "2", "still no pay").await;
    gateway.drained().await;
    assert_eq!(provider.asked().len(), 1);
    gateway.finish(&[&canary]).await;
}

#[tokio::test]
async fn silence_outlives_a_new_pepper() {
    let provider = Provider::start(&[]).await;
    let canary = Canary::new();
    let gateway = setup("twilio", &provider, TWILIO).start().await;
    let keys = &gateway.desk().tools().keys;
    let day = |written: &str| written.parse().expect("a day");
    assert_eq!(keys.turn_pepper(day("2026-11-02"), 90, &SystemRng), Ok(false));
    report(&gateway, &canary, "1", "STOP").await;
    gateway.drained().await;
    for (id, turned) in [("2", "2027-01-31"), ("3", "2027-05-01"), ("4", "2027-08-01")] {
        assert_eq!(keys.turn_pepper(day(turned), 90, &SystemRng), Ok(true));
        report(&gateway, &canary, id, "no pay for three months").await;
        gateway.drained().await;
    }
    assert_eq!((provider.asked().len(), gateway.cases().await.len()), (0, 4));
    assert!(gateway.cases().await.iter().all(|case| !case.can_be_answered));
    gateway.finish(&[&canary]).await;
}

#[tokio::test]
async fn a_reply_goes_through_the_vault_and_to_nobody_who_is_forgotten() {
    let provider = Provider::start(&[]).await;
    let canary = Canary::new();
    let gateway = setup("twilio", &provider, TWILIO).start().await;
    report(&gateway, &canary, "1", "no pay for three months").await;
    gateway.drained().await;
    let (case, out) = (gateway.cases().await.remove(0).reference, ChannelName::parse("out").expect("a name"));
    // The secret for which the contact was sealed is gone; the vault has the one that opens it now.
    gateway.vault().roll(&mut |_| true).await.expect("it rolls");
    for _ in 0..2 {
        gateway.desk().reply(b"1", &out, &case, "we are on it").await.expect("there is room");
    }
    gateway.drained().await;
    assert_eq!(provider.asked().len(), 2, "a receipt and one reply");
    let sent = fields(&provider.asked()[1].body);
    assert_eq!((sent["To"].as_str(), sent["Body"].as_str()), (canary.phone.as_str(), "we are on it"));
    assert_eq!(gateway.desk().forget(Medium::Sms, &planting::phone(&canary.phone)).await, Ok(1));
    gateway.desk().reply(b"2", &out, &case, "are you there?").await.expect("there is room");
    gateway.drained().await;
    assert_eq!(provider.asked().len(), 2);
    gateway.finish(&[&canary]).await;
}

#[tokio::test]
async fn a_receipt_that_waits_is_not_sent_to_somebody_who_is_forgotten() {
    for by_command in [false, true] {
        let busy = Scripted { status: StatusCode::SERVICE_UNAVAILABLE, retry_after: Some("600"), ..Scripted::default() };
        let provider = Provider::scripted(vec![busy]).await;
        let canary = Canary::new();
        let gateway = setup("twilio", &provider, TWILIO).start().await;
        report(&gateway, &canary, "1", "no pay").await;
        assert!(eventually(async || provider.asked().len() == 1 && state(&gateway) == State::Waiting as i64).await);
        let case = gateway.cases().await.remove(0).reference;
        if by_command {
            assert!(gateway.command(&["forget", case.as_str()]).0);
        } else {
            assert_eq!(gateway.desk().forget(Medium::Sms, &planting::phone(&canary.phone)).await, Ok(1));
        }
        let gateway = gateway.restart().await;
        gateway.drained().await;
        assert_eq!((provider.asked().len(), state(&gateway)), (1, State::Failed as i64));
        let db = rusqlite::Connection::open(gateway.folder().join("data/outbox.db")).expect("it opens");
        let is_empty = "SELECT sender IS NULL AND words IS NULL AND reporter IS NULL AND reference IS NULL FROM messages";
        assert_eq!(db.query_row(is_empty, [], |row| row.get(0)), Ok(true), "it still says whose it was");
        drop(db);
        gateway.finish(&[&canary]).await;
    }
}
