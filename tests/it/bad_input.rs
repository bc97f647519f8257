//! Bad input, and what the sender is told: nothing private, and nothing that could be sent on to a worker.

use hmac::{Hmac, KeyInit, Mac};
use reqwest::{Method, StatusCode};

use crate::harness::canary::Canary;
use crate::harness::gateway::{Setup, Store};

const TWO_CHANNELS: &str = "
[channels.signed]
kind = \"sms\"
verify = \"hmac\"
secret_file = \"signed-secret\"
[channels.form]
kind = \"web\"
";

fn signature(secret: &str, body: &str) -> String {
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).expect("any key");
    mac.update(body.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

#[tokio::test]
async fn a_wrong_signature_is_turned_away_counted_and_forgotten() {
    let gateway = Setup::new(Store::Embedded).with_file("signed-secret", "new\nold\n").with(TWO_CHANNELS).start().await;
    let canary = Canary::new();
    let body = serde_json::json!({ "id": canary.message_id, "from": canary.phone, "text": canary.report("help") }).to_string();
    let unsigned = gateway.send(gateway.post("/hooks/signed").body(body.clone())).await;
    let wrong =
        gateway.send(gateway.post("/hooks/signed").header("x-signature", signature("wrong", &body)).body(body.clone())).await;
    assert_eq!((unsigned.status, unsigned.body.as_str()), (StatusCode::UNAUTHORIZED, ""));
    assert_eq!((wrong.status, wrong.body.as_str()), (StatusCode::FORBIDDEN, ""));
    let metrics = gateway.internal("/metrics").await.body;
    assert!(metrics.contains("pmm_turned_away_total{channel=\"signed\",reason=\"unsigned\"} 1"), "{metrics}");
    assert!(metrics.contains("pmm_turned_away_total{channel=\"signed\",reason=\"bad_signature\"} 1"), "{metrics}");
    assert!(gateway.cases().await.is_empty());
    // Both lines of the secret file are valid.
    for secret in ["new", "old"] {
        let right =
            gateway.send(gateway.post("/hooks/signed").header("x-signature", signature(secret, &body)).body(body.clone())).await;
        assert_eq!(right.status, StatusCode::OK);
    }
    gateway.drained().await;
    assert_eq!(gateway.cases().await.len(), 1);
    gateway.finish(&[&canary]).await;
}

#[tokio::test]
async fn an_authentic_request_that_nobody_can_read_is_kept_and_answered() {
    let gateway = Setup::new(Store::Embedded).start().await;
    let canary = Canary::new();
    let bodies = [
        format!("{{\"from\": \"{}\"", canary.phone).into_bytes(),
        [b"[".repeat(100_000), canary.phone.clone().into_bytes()].concat(),
    ];
    for body in bodies {
        let answer = gateway.send(gateway.post("/hooks/sms").bearer_auth(gateway.hook_secret("sms")).body(body)).await;
        assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, ""));
    }
    assert_eq!(gateway.desk().tools().journal.waiting().quarantine, 2);
    assert!(gateway.internal("/metrics").await.body.contains("pmm_quarantine 2"));
    gateway.finish(&[&canary]).await;
}

#[tokio::test]
async fn a_message_without_a_field_for_its_words_is_a_case_and_kept_whole() {
    let gateway = Setup::new(Store::Embedded).start().await;
    let canary = Canary::new();
    let body = format!("from={}&words=help", canary.phone);
    let answer = gateway.send(gateway.post("/hooks/sms").bearer_auth(gateway.hook_secret("sms")).body(body)).await;
    assert!(answer.body.contains("reference"), "{}", answer.body);
    gateway.drained().await;
    assert_eq!(gateway.cases().await.len(), 1);
    assert_eq!(gateway.desk().tools().journal.waiting().quarantine, 1);
    gateway.finish(&[&canary]).await;
}

#[tokio::test]
async fn words_in_an_undeclared_charset_are_read_and_not_lost() {
    let gateway = Setup::new(Store::Embedded).start().await;
    let canary = Canary::new();
    let body = format!("from={}&text=no+pay+at+the+caf%E9", canary.phone);
    gateway.send(gateway.post("/hooks/sms").bearer_auth(gateway.hook_secret("sms")).body(body)).await;
    gateway.drained().await;
    assert_eq!(gateway.cases().await[0].text.as_str(), "no pay at the café");
    gateway.finish(&[&canary]).await;
}

#[tokio::test]
async fn wrong_methods_sizes_and_addresses_are_refused_with_an_empty_body() {
    let gateway = Setup::new(Store::Embedded).start().await;
    let canary = Canary::new();
    let large = format!("from={}&text={}", canary.phone, "x".repeat(300 * 1024));
    let secret = gateway.hook_secret("sms");
    let requests = [
        (gateway.request(Method::OPTIONS, "/hooks/sms"), StatusCode::METHOD_NOT_ALLOWED),
        (gateway.post("/hooks/sms").bearer_auth(&secret).body(large), StatusCode::PAYLOAD_TOO_LARGE),
        (gateway.post("/hooks/no-such-channel").body(canary.phone.clone()), StatusCode::NOT_FOUND),
    ];
    for (request, status) in requests {
        let answer = gateway.send(request).await;
        assert_eq!((answer.status, answer.body.as_str()), (status, ""));
    }
    assert!(gateway.cases().await.is_empty());
    gateway.finish(&[&canary]).await;
}

#[tokio::test]
async fn the_form_says_what_went_wrong_in_the_readers_language() {
    let gateway = Setup::new(Store::Embedded).start().await;
    let canary = Canary::new();
    let broken = format!("--x\r\ncontent-disposition: form-data; name=\"text\"\r\n\r\n{}", canary.phone);
    let multipart = |body: String| gateway.post("/report").header("content-type", "multipart/form-data; boundary=x").body(body);
    for (request, status) in [
        (multipart(broken), StatusCode::BAD_REQUEST),
        (gateway.post("/report").form(&[("text", " ")]), StatusCode::UNPROCESSABLE_ENTITY),
        (gateway.post("/report").form(&[("text", "x".repeat(10_001))]), StatusCode::PAYLOAD_TOO_LARGE),
        (gateway.post("/report").form(&[("text", "x".repeat(100_000))]), StatusCode::PAYLOAD_TOO_LARGE),
        (gateway.request(Method::GET, "/no-such-page"), StatusCode::NOT_FOUND),
    ] {
        let answer = gateway.send(request.header("accept-language", "zh-CN,zh;q=0.9")).await;
        assert_eq!(answer.status, status);
        assert!(answer.body.contains("lang=\"zh-Hans\""), "{status}");
        assert_eq!(answer.headers["cache-control"], "no-store");
    }
    let wrong_method = gateway.send(gateway.request(Method::PUT, "/report")).await;
    assert_eq!(wrong_method.status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(gateway.cases().await.is_empty());
    gateway.finish(&[&canary]).await;
}

#[tokio::test]
async fn a_full_journal_asks_the_provider_to_come_again() {
    let gateway = Setup::new(Store::Embedded).with("[journal]\nmax_mib = 1").start().await;
    let canary = Canary::new();
    let secret = gateway.hook_secret("sms");
    // Quarantined requests stay, so they fill the journal.
    let unreadable = vec![b'['; 200 * 1024];
    let mut last = StatusCode::OK;
    for _ in 0..6 {
        last = gateway.send(gateway.post("/hooks/sms").bearer_auth(&secret).body(unreadable.clone())).await.status;
    }
    assert_eq!(last, StatusCode::SERVICE_UNAVAILABLE);
    let fill = |n_bytes: usize| gateway.post("/hooks/sms").bearer_auth(&secret).body(vec![b'['; n_bytes]);
    while gateway.send(fill(1000)).await.status == StatusCode::OK {}
    let report = gateway.send_sms(&canary.message_id, &canary.phone, &canary.report(&"no pay ".repeat(200))).await;
    assert_eq!((report.status, report.body.as_str()), (StatusCode::SERVICE_UNAVAILABLE, ""));
    assert!(report.headers.contains_key("retry-after"));
    let form = gateway.send(gateway.post("/report").form(&[("text", "no pay ".repeat(200))])).await;
    assert_eq!(form.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(String::from_utf8_lossy(&crate::harness::canary::log()).contains("The journal is full"));
    gateway.finish(&[&canary]).await;
}

#[tokio::test]
async fn an_id_that_a_reset_phone_uses_again_loses_no_message() {
    let gateway = Setup::new(Store::Embedded).start().await;
    let (one, other) = (Canary::new(), Canary::new());
    gateway.send_sms("1", &one.phone, "they do not pay us").await;
    gateway.send_sms("1", &other.phone, "they do not pay us").await;
    gateway.send_sms("1", &one.phone, "and now they lock the door").await;
    gateway.send_sms("1", &one.phone, "and now they lock the door").await;
    gateway.drained().await;
    assert_eq!(gateway.cases().await.len(), 3);
    gateway.finish(&[&one, &other]).await;
}
