//! Receipts that go out by a provider's API: a fake provider on loopback speaks the documented protocol.

use axum::http::StatusCode;
use base64::Engine;
use hmac::{Hmac, KeyInit, Mac};

use crate::harness::canary::Canary;
use crate::harness::gateway::{Gateway, Setup, Store};
use crate::harness::provider::Provider;

async fn send_one(setup: Setup, canary: &Canary) -> Gateway {
    let gateway = setup.start().await;
    let body = serde_json::json!({ "from": canary.phone, "text": "no pay for three months", "id": canary.message_id });
    let answer = gateway.send(gateway.post("/hooks/out").bearer_auth("in-secret").json(&body)).await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, ""));
    gateway.drained().await;
    gateway
}

fn generic(provider: &Provider) -> Setup {
    Setup::new(Store::Embedded).with_file("in-secret", "in-secret").with_file("out-secret", "out-secret").with(&format!(
        "[channels.out]\nkind = \"sms\"\nreceipts = \"send\"\nsecret_file = \"in-secret\"\nsend.url = \"{}/send\"\nsend.secret_file = \"out-secret\"",
        provider.url
    ))
}

#[tokio::test]
async fn a_receipt_goes_to_the_number_that_only_the_channel_can_read() {
    let provider = Provider::start(&[]).await;
    let canary = Canary::new();
    let gateway = send_one(generic(&provider), &canary).await;
    let asked = provider.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!(
        (asked[0].path.as_str(), asked[0].headers["authorization"].to_str().expect("text")),
        ("/send", "Bearer out-secret")
    );
    let sent: serde_json::Value = serde_json::from_str(&asked[0].body).expect("JSON");
    let reference = gateway.cases().await[0].reference.to_string();
    assert_eq!(sent["to"], canary.phone.as_str());
    assert!(sent["text"].as_str().expect("a text").contains(&reference));
    gateway.finish(&[&canary]).await;
}

#[tokio::test]
async fn a_refused_receipt_is_given_up_and_its_case_stays() {
    let provider = Provider::start(&[StatusCode::BAD_REQUEST]).await;
    let canary = Canary::new();
    let gateway = send_one(generic(&provider), &canary).await;
    assert_eq!(provider.asked().len(), 1);
    assert_eq!(gateway.cases().await.len(), 1);
    assert!(gateway.internal("/metrics").await.body.contains("pmm_receipts_total{outcome=\"failed\"} 1"));
    gateway.finish(&[&canary]).await;
}

#[tokio::test]
async fn a_busy_provider_is_asked_again_and_the_receipt_goes_out_once() {
    let provider = Provider::start(&[StatusCode::TOO_MANY_REQUESTS, StatusCode::BAD_GATEWAY]).await;
    let canary = Canary::new();
    let gateway = send_one(generic(&provider).with("[limits]\nreceipt_pause_ms = 1"), &canary).await;
    assert_eq!(provider.asked().len(), 3);
    assert!(gateway.internal("/metrics").await.body.contains("pmm_receipts_total{outcome=\"sent\"} 1"));
    gateway.finish(&[&canary]).await;
}

const TOKEN: &str = "twilio-auth-token";

/// Signs a request as Twilio does: HMAC-SHA1 over the public address and the sorted fields.
fn twilio_signature(fields: &[(&str, &str)]) -> String {
    let mut fields = fields.to_vec();
    fields.sort_unstable();
    let signed = fields.iter().fold("https://intake.example.org/hooks/tw".to_owned(), |text, (name, value)| text + name + value);
    let mut mac = Hmac::<sha1::Sha1>::new_from_slice(TOKEN.as_bytes()).expect("any key");
    mac.update(signed.as_bytes());
    base64::engine::general_purpose::STANDARD.encode(mac.finalize().into_bytes())
}

fn twilio_fields(canary: &Canary) -> [(&str, &str); 4] {
    [
        ("From", &canary.phone),
        ("To", "+12015550199"),
        ("Body", "Fire exits are locked & we sew all night"),
        ("MessageSid", &canary.message_id),
    ]
}

#[tokio::test]
async fn twilio_is_answered_with_the_receipt_in_its_own_format() {
    let gateway = Setup::new(Store::Embedded)
        .with_file("token", TOKEN)
        .with("[channels.tw]\nkind = \"sms\"\npreset = \"twilio\"\nauth_token_file = \"token\"")
        .start()
        .await;
    let canary = Canary::new();
    let fields = twilio_fields(&canary);
    let post = |signature: String| gateway.post("/hooks/tw").header("x-twilio-signature", signature).form(&fields);
    let forged = gateway.send(post(twilio_signature(&fields[1..]))).await;
    assert_eq!((forged.status, forged.body.as_str()), (StatusCode::FORBIDDEN, ""));
    let answer = gateway.send(post(twilio_signature(&fields))).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.headers["content-type"].to_str().expect("text").starts_with("text/xml"));
    gateway.drained().await;
    let cases = gateway.cases().await;
    assert_eq!(cases.len(), 1, "the forged one made no case");
    assert!(answer.body.contains("<Response><Message>") && answer.body.contains(cases[0].reference.as_str()));
    assert_eq!(cases[0].text.as_str(), "Fire exits are locked & we sew all night");
    gateway.finish(&[&canary]).await;
}

#[tokio::test]
async fn twilio_is_asked_to_send_when_the_answer_stays_empty() {
    let provider = Provider::start(&[]).await;
    let gateway = Setup::new(Store::Embedded)
        .with_file("token", TOKEN)
        .with(&format!(
            "[channels.tw]\nkind = \"sms\"\npreset = \"twilio\"\nreceipts = \"send\"\nauth_token_file = \"token\"\nsend.account = \"AC123\"\nsend.from = \"+12015550199\"\nsend.api_url = \"{}\"",
            provider.url
        ))
        .start()
        .await;
    let canary = Canary::new();
    let fields = twilio_fields(&canary);
    gateway.send(gateway.post("/hooks/tw").header("x-twilio-signature", twilio_signature(&fields)).form(&fields)).await;
    gateway.drained().await;
    let asked = provider.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].path, "/2010-04-01/Accounts/AC123/Messages.json");
    assert_eq!(
        asked[0].headers["authorization"].to_str().expect("text"),
        format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("AC123:{TOKEN}")))
    );
    assert!(asked[0].body.contains(&format!("To=%2B{}", &canary.phone[1..])), "it goes to the sender");
    gateway.finish(&[&canary]).await;
}
