//! What a case must never hold: the provider's ids, the browser and its address, the exact time.

use channels::Medium;
use pmm_gateway::store::Filter;
use pmm_gateway::store::record::write_case;
use redis::cmd;

use crate::harness::canary::{Canary, files};
use crate::harness::gateway::{Gateway, Setup, Store};
use crate::harness::redis::shared;

const AGENT: &str = "Mozilla/5.0 (Linux; Canaryphone 7) Gecko/99.0 Firefox/99.0";
const ADDRESS: &str = "203.0.113.77";

/// How the clock of the tests (2026-11-02T10:20:30Z) and what the request carried could be written.
fn traces() -> Vec<Vec<u8>> {
    let second = 1_793_614_830_u64;
    let mut traces: Vec<Vec<u8>> =
        ["10:20", "10.20", "102030", "T10:2", "Canaryphone", "Firefox", ADDRESS, "203.0.113", "provider-4711"]
            .map(|word| word.as_bytes().to_vec())
            .into();
    // In seconds, as a text; the first digits of milliseconds and microseconds are the same.
    traces.push(second.to_string().into_bytes());
    for number in [second, second * 1000] {
        // Six bytes, as SQLite writes it; and four of a second.
        traces.push(number.to_be_bytes()[2..].to_vec());
        traces.push(number.to_le_bytes()[..6].to_vec());
    }
    traces.push(second.to_be_bytes()[4..].to_vec());
    traces
}

fn assert_holds_none(bytes: &[u8], what: &str) {
    for trace in traces() {
        let holds = bytes.windows(trace.len()).any(|window| window == trace);
        assert!(!holds, "{what} holds {:?}", String::from_utf8_lossy(&trace));
    }
}

async fn report_everywhere(gateway: &Gateway, canary: &Canary) {
    let disguised = |request: reqwest::RequestBuilder| {
        request
            .header("user-agent", AGENT)
            .header("x-forwarded-for", ADDRESS)
            .header("forwarded", format!("for={ADDRESS}"))
            .header("x-real-ip", ADDRESS)
    };
    let body = serde_json::json!({
        "id": "provider-4711", "from": canary.phone, "text": "no pay for three months", "sentStamp": 1_793_614_829_000_u64,
        "receivedAt": "2026-11-02T10:20:29Z",
    });
    let sms = gateway.post("/hooks/sms").bearer_auth(gateway.hook_secret("sms")).json(&body);
    assert_eq!(gateway.send(disguised(sms)).await.status.as_u16(), 200);
    let form = reqwest::multipart::Form::new()
        .text("lang", "en")
        .text("once", "provider-4711-form")
        .text("contact", canary.email.clone())
        .text("text", "the river is black");
    let answer = gateway.send(disguised(gateway.post("/report").multipart(form))).await;
    assert!(answer.status.is_success() || answer.status.is_redirection(), "{}", answer.status);
    gateway.drained().await;
}

crate::on_both_stores! {
    async fn a_case_holds_no_id_of_a_provider_no_browser_no_address_and_no_exact_time(store: Store) {
        let gateway = Setup::new(store).start().await;
        let canary = Canary::new();
        report_everywhere(&gateway, &canary).await;
        let rows = gateway.store().list(&Filter::default(), None, 10).await.expect("it lists").rows;
        assert_eq!(rows.iter().map(|row| row.case.medium).collect::<Vec<_>>(), [Medium::Sms, Medium::Web]);
        for row in &rows {
            assert_eq!(row.case.received_hour.to_string(), "2026-11-02T10:00:00Z");
            assert_holds_none(write_case(&row.case).as_bytes(), "the record of a case");
            let (_, shown) = gateway.command(&["cases", "show", row.case.reference.as_str()]);
            assert_holds_none(shown.as_bytes(), "what a mediator is shown");
        }
        // Nor does anything that is kept beside it in the clear; what is sealed is noise, and no trace of noise either.
        match store {
            Store::Embedded => {
                for (file, bytes) in files(&gateway.folder().join("data")) {
                    if file.file_name().is_some_and(|name| name.to_string_lossy().starts_with("cases.db")) {
                        assert_holds_none(&bytes, "the case store");
                    }
                }
            }
            Store::Redis => {
                let mut redis = shared().connect().await;
                let pattern = format!("{{{}}}:*", gateway.desk_name());
                let keys: Vec<String> = cmd("KEYS").arg(pattern).query_async(&mut redis).await.expect("it is up");
                for key in keys {
                    assert_holds_none(key.as_bytes(), "a key's name");
                    let dumped: Vec<u8> = cmd("DUMP").arg(&key).query_async(&mut redis).await.expect("it is there");
                    assert_holds_none(&dumped, &key);
                    // A key that ends, ends at midnight: the rest of its time tells no second.
                    let ends: i64 = cmd("EXPIRETIME").arg(&key).query_async(&mut redis).await.expect("Redis 7");
                    assert!(ends < 0 || ends % 86_400 == 0, "{key} ends at {ends}");
                }
            }
        }
        gateway.finish(&[&canary]).await;
    }

    async fn a_desk_may_show_the_day_only(store: Store) {
        let gateway = Setup::new(store).with_variable("PMM__DESK__TIME_ROUNDING", "day").start().await;
        let canary = Canary::new();
        gateway.send_sms(&canary.message_id, &canary.phone, "no pay").await;
        gateway.drained().await;
        assert_eq!(gateway.cases().await[0].received_hour.to_string(), "2026-11-02T00:00:00Z");
        gateway.finish(&[&canary]).await;
    }
}
