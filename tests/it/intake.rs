//! A report's whole way: webhook or form, journal, stages, store, mediator, receipt.

use channels::Medium;
use pmm_gateway::anonymise::RedactionKind;
use pmm_gateway::case::Reference;
use pmm_gateway::triage::Severity;
use reqwest::StatusCode;
use serde_json::Value;

use crate::harness::canary::Canary;
use crate::harness::gateway::{Setup, Store};
use crate::on_both_stores;

on_both_stores! {
    async fn an_sms_becomes_a_case_without_its_sender(store: Store) {
        let gateway = Setup::new(store).start().await;
        let canary = Canary::new();
        let text = canary.report("They keep our passports and we are not allowed to leave the factory.");
        let answer = gateway.send_sms(&canary.message_id, &canary.phone, &text).await;
        assert_eq!(answer.status, StatusCode::OK);
        let receipt: Value = serde_json::from_str(&answer.body).expect("JSON");
        let reference = Reference::parse(receipt["reference"].as_str().expect("a reference")).expect("a valid reference");
        gateway.drained().await;

        let claim = gateway.store().claim("lan").await.expect("the store answers").expect("a case waits");
        assert_eq!(claim.case.reference, reference);
        assert_eq!(claim.case.verdict.severity, Severity::Critical);
        assert!(claim.case.text.as_str().starts_with("They keep our passports"));
        assert_eq!(claim.case.redaction_counts[&RedactionKind::Phone], 2);
        assert_eq!(claim.case.received_hour.to_string(), "2026-11-02T10:00:00Z");
        assert!(claim.case.can_be_answered);
        gateway.finish(&[&canary]).await;
    }

    async fn a_form_report_becomes_a_case_and_its_page_shows_the_reference(store: Store) {
        let gateway = Setup::new(store).start().await;
        let canary = Canary::new();
        let form = reqwest::multipart::Form::new()
            .text("text", canary.report("The river is black and the fish are dead."))
            .text("contact", canary.email.clone())
            .text("site", "HN-07")
            .text("once", "0123456789abcdef0123456789abcdef")
            .text("lang", "en");
        let answer = gateway.send(gateway.post("/report").multipart(form)).await;
        assert_eq!(answer.status, StatusCode::OK);
        gateway.drained().await;
        let cases = gateway.cases().await;
        assert_eq!(cases.len(), 1);
        assert!(answer.body.contains(cases[0].reference.as_str()));
        assert_eq!(cases[0].medium, Medium::Web);
        assert_eq!(cases[0].site.as_ref().map(channels::SiteCode::as_str), Some("HN-07"));
        gateway.finish(&[&canary]).await;
    }

    async fn the_same_delivery_twice_makes_one_case(store: Store) {
        let gateway = Setup::new(store).start().await;
        let canary = Canary::new();
        let first = gateway.send_sms(&canary.message_id, &canary.phone, "no pay for three months").await;
        gateway.drained().await;
        let second = gateway.send_sms(&canary.message_id, &canary.phone, "no pay for three months").await;
        gateway.drained().await;
        let gateway = gateway.restart().await;
        let third = gateway.send_sms(&canary.message_id, &canary.phone, "no pay for three months").await;
        gateway.drained().await;
        assert_eq!((&first.body, &first.body), (&second.body, &third.body));
        assert_eq!(gateway.cases().await.len(), 1);
        gateway.finish(&[&canary]).await;
    }

    async fn many_deliveries_at_once_make_one_case_each(store: Store) {
        let gateway = Setup::new(store).start().await;
        let canary = Canary::new();
        let sends = (0..60).map(|number| {
            let (gateway, canary) = (&gateway, &canary);
            // Each delivery comes twice at the same moment.
            async move { gateway.send_sms(&format!("{}-{}", canary.message_id, number / 2), &canary.phone, "overtime again").await }
        });
        for answer in futures_util::future::join_all(sends).await {
            assert_eq!(answer.status, StatusCode::OK);
        }
        gateway.drained().await;
        assert_eq!(gateway.cases().await.len(), 30);
        gateway.finish(&[&canary]).await;
    }
}

#[tokio::test]
async fn a_receipt_speaks_the_language_of_the_report() {
    let gateway = Setup::new(Store::Embedded).start().await;
    let canary = Canary::new();
    for (number, text, expected) in [
        (1, "Công ty giữ hộ chiếu của chúng tôi và không cho chúng tôi về nhà", "vi"),
        (2, "老板扣了我们的护照，不让我们离开工厂", "zh"),
        (3, "+++ 12345 +++", "en"),
    ] {
        let answer = gateway.send_sms(&format!("{}{number}", canary.message_id), &canary.phone, text).await;
        let receipt: Value = serde_json::from_str(&answer.body).expect("JSON");
        let reference = receipt["reference"].as_str().expect("a reference");
        let language = pmm_gateway::language::Language::parse(expected).expect("a language");
        let locales = pmm_gateway::locale::Locales::built_in();
        let should_be = match number {
            3 => locales.receipt_asking(&[], "en", reference),
            _ => locales.receipt(language, "en", reference),
        };
        assert_eq!(receipt["reply"].as_str(), Some(should_be.as_str()), "{expected}");
    }
    gateway.drained().await;
    gateway.finish(&[&canary]).await;
}

#[tokio::test]
async fn a_writer_whose_language_is_unsure_is_asked_for_it_in_the_likely_ones() {
    let gateway = Setup::new(Store::Embedded).start().await;
    let canary = Canary::new();
    let answer = gateway.send_sms(&canary.message_id, &canary.phone, "boss tak kasi gaji no pay").await;
    let receipt: Value = serde_json::from_str(&answer.body).expect("JSON");
    let said = receipt["reply"].as_str().expect("a receipt");
    assert!(said.starts_with("Thank you.") && said.lines().count() > 3, "{said}");
    let answer = gateway.send_sms(&format!("{}b", canary.message_id), &canary.phone, "bahasa Melayu").await;
    let receipt: Value = serde_json::from_str(&answer.body).expect("JSON");
    assert!(receipt["reply"].as_str().is_some_and(|said| said.starts_with("Terima kasih")), "{receipt}");
    gateway.drained().await;
    // From now on her language is known.
    let answer = gateway.send_sms(&format!("{}c", canary.message_id), &canary.phone, "boss tak kasi gaji no pay").await;
    let receipt: Value = serde_json::from_str(&answer.body).expect("JSON");
    assert!(receipt["reply"].as_str().is_some_and(|said| said.starts_with("Terima kasih")), "{receipt}");
    gateway.drained().await;
    gateway.finish(&[&canary]).await;
}

#[tokio::test]
async fn a_downstream_mediator_reads_the_case_from_the_stream() {
    let gateway = Setup::new(Store::Redis).start().await;
    let canary = Canary::new();
    gateway
        .send_sms(
            &canary.message_id,
            &canary.phone,
            &canary.report("my name is hidden, we are locked in the dormitory and cannot leave"),
        )
        .await;
    gateway.drained().await;
    let severity = gateway.cases().await[0].verdict.severity;
    let desk = gateway.desk_name();
    let mut redis = crate::harness::redis::shared().connect().await;
    let read: redis::streams::StreamReadReply = redis::cmd("XREADGROUP")
        .arg(&["GROUP", "mediators", "somebody-else", "COUNT", "10", "STREAMS"])
        .arg(format!("{{{desk}}}:queue:{}", severity.as_str()))
        .arg(">")
        .query_async(&mut redis)
        .await
        .expect("a case waits");
    let entry = &read.keys[0].ids[0];
    let json: String = entry.get("case").expect("the case is there");
    let case: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(case["triage"]["severity"], severity.as_str());
    assert_eq!(case["received_hour"], "2026-11-02T10:00:00Z");
    assert_eq!(canary.traces_in(format!("{entry:?}").as_bytes()), [""; 0]);
    gateway.finish(&[&canary]).await;
}

#[tokio::test]
async fn json_forms_and_queries_are_read_and_an_admin_may_name_the_fields() {
    let own = "
[channels.own]
kind = \"sms\"
secret_file = \"own-secret\"
country = \"VN\"
[channels.own.message]
sender = [\"data.items[0].sender\"]
text = [\"data.items[0].body\"]
id = [\"data.id\"]
[channels.sms]
kind = \"sms\"
secret_file = \"own-secret\"
";
    let gateway = Setup::new(Store::Embedded).with_file("own-secret", "s3").with(own).start().await;
    let canary = Canary::new();
    let text = canary.report("they keep our passports");
    let fields = [("sender", canary.phone.as_str()), ("message", text.as_str()), ("id", "1")];
    let nested = serde_json::json!({ "data": { "id": 7, "items": [{ "sender": canary.phone, "body": text }] } });
    let requests = [
        gateway.request(reqwest::Method::GET, "/hooks/sms").query(&fields),
        gateway.post("/hooks/sms").query(&[("sender", &canary.phone), ("id", &"2".to_owned())]).form(&[("message", &text)]),
        gateway.post("/hooks/own").body(nested.to_string()),
    ];
    for request in requests {
        let answer = gateway.send(request.bearer_auth("s3")).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert!(answer.body.contains("reference"), "{}", answer.body);
    }
    gateway.drained().await;
    let cases = gateway.cases().await;
    assert_eq!(cases.len(), 3);
    assert!(cases.iter().all(|case| case.text.as_str().starts_with("they keep our passports") && case.can_be_answered));
    gateway.finish(&[&canary]).await;
}
