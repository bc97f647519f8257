//! Long messages that the network cuts in pieces: one case, whatever order, gateway or crash they meet.

use pmm_gateway::clock::SystemRng;
use pmm_gateway::store::{Filter, StandingFilter};

use crate::harness::canary::Canary;
use crate::harness::gateway::{Gateway, Setup, Store};

const CHANNEL: &str = "[channels.vo]\nkind = \"sms\"\npreset = \"vonage\"\nsecret_file = \"secret\"\nverify.method = \"sha256\"\nverify.max_age_secs = 86400";

fn setup(store: Store) -> Setup {
    Setup::new(store).with_file("secret", "s3").with(CHANNEL)
}

/// One part, signed as Vonage does it.
async fn send_part(gateway: &Gateway, canary: &Canary, id: &str, place: u32, total: u32, text: &str) {
    use hmac::{Hmac, KeyInit, Mac};

    let mut fields = vec![
        ("concat", "true".to_owned()),
        ("concat-part", place.to_string()),
        ("concat-ref", "77".to_owned()),
        ("concat-total", total.to_string()),
        ("messageId", id.to_owned()),
        ("msisdn", canary.phone.trim_start_matches('+').to_owned()),
        ("text", text.to_owned()),
        ("timestamp", "1793614830".to_owned()),
        ("to", "12015550199".to_owned()),
    ];
    let signed =
        fields.iter().fold(String::new(), |signed, (name, value)| signed + "&" + name + "=" + &value.replace(['&', '='], "_"));
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(b"s3").expect("any key");
    mac.update(signed.as_bytes());
    fields.push(("sig", hex::encode(mac.finalize().into_bytes())));
    let answer = gateway.send(gateway.post("/hooks/vo").form(&fields)).await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, ""));
}

async fn parts_in_any_order_make_one_case(store: Store) {
    let gateway = setup(store).start().await;
    let canary = Canary::new();
    send_part(&gateway, &canary, "v-3", 3, 3, "and nobody was paid").await;
    send_part(&gateway, &canary, "v-1", 1, 3, &format!("My name is on the list, call {} ", canary.phone)).await;
    gateway.drained().await;
    assert!(gateway.cases().await.is_empty(), "one part is missing");
    let gateway = gateway.restart().await;
    send_part(&gateway, &canary, "v-1", 1, 3, &format!("My name is on the list, call {} ", canary.phone)).await;
    send_part(&gateway, &canary, "v-2", 2, 3, "the exit was locked ").await;
    gateway.drained().await;
    let cases = gateway.cases().await;
    assert_eq!(cases.len(), 1);
    assert!(cases[0].text.as_str().ends_with("the exit was locked and nobody was paid"), "{}", cases[0].text.as_str());
    // The provider did not hear the answer, and sends one of them again.
    send_part(&gateway, &canary, "v-2", 2, 3, "the exit was locked ").await;
    gateway.drained().await;
    assert_eq!(gateway.cases().await.len(), 1);
    gateway.finish(&[&canary]).await;
}

#[tokio::test]
async fn parts_in_any_order_make_one_case_embedded() {
    parts_in_any_order_make_one_case(Store::Embedded).await;
}

#[tokio::test]
async fn parts_in_any_order_make_one_case_redis() {
    parts_in_any_order_make_one_case(Store::Redis).await;
}

#[tokio::test]
async fn a_message_whose_rest_never_comes_is_a_case_and_the_late_part_joins_it() {
    let gateway = setup(Store::Embedded).with("[limits]\nparts_wait_secs = 60").start().await;
    let canary = Canary::new();
    send_part(&gateway, &canary, "v-1", 1, 2, "they took our passports ").await;
    gateway.drained().await;
    gateway.clock.advance_secs(61);
    gateway.desk().look_for_stale_parts();
    assert!(crate::harness::eventually(async || gateway.cases().await.len() == 1).await);
    let case = gateway.cases().await.remove(0);
    assert_eq!(case.text.as_str(), "they took our passports  […] ");
    gateway.drained().await;
    send_part(&gateway, &canary, "v-2", 2, 2, "and locked the gate").await;
    gateway.drained().await;
    assert_eq!(gateway.cases().await.len(), 1);
    let messages = gateway.store().messages(&case.reference).await.expect("the case is there");
    assert_eq!(messages.iter().map(|message| message.text.as_str()).collect::<Vec<_>>(), ["and locked the gate"]);
    gateway.finish(&[&canary]).await;
}

#[tokio::test]
async fn a_new_pepper_does_not_part_a_message() {
    let gateway = setup(Store::Embedded).start().await;
    let canary = Canary::new();
    let keys = &gateway.desk().tools().keys;
    let day = |written: &str| written.parse().expect("a day");
    assert_eq!(keys.turn_pepper(day("2026-11-02"), 90, &SystemRng), Ok(false));
    send_part(&gateway, &canary, "v-1", 1, 2, "the exit was locked ").await;
    gateway.drained().await;
    assert_eq!(keys.turn_pepper(day("2027-01-31"), 90, &SystemRng), Ok(true));
    assert_eq!(keys.turn_pepper(day("2027-05-01"), 90, &SystemRng), Ok(true));
    send_part(&gateway, &canary, "v-2", 2, 2, "and nobody was paid").await;
    gateway.drained().await;
    let cases = gateway.cases().await;
    assert_eq!(cases.len(), 1);
    assert_eq!(cases[0].text.as_str(), "the exit was locked and nobody was paid");
    gateway.finish(&[&canary]).await;
}

#[tokio::test]
async fn a_late_part_that_somebody_must_look_at_first_is_a_held_case_of_its_own() {
    let gateway = setup(Store::Embedded).with("[limits]\nparts_wait_secs = 60").start().await;
    let canary = Canary::new();
    send_part(&gateway, &canary, "v-1", 1, 2, "they took our passports ").await;
    gateway.drained().await;
    gateway.clock.advance_secs(61);
    gateway.desk().look_for_stale_parts();
    assert!(crate::harness::eventually(async || gateway.cases().await.len() == 1).await);
    let case = gateway.cases().await.remove(0).reference;
    gateway.drained().await;
    // A language without a cue table; and the provider sends it twice.
    for _ in 0..2 {
        send_part(&gateway, &canary, "v-2", 2, 2, "ჩვენ ხელფასი არ მოგვცეს და კარი ჩაკეტეს").await;
        gateway.drained().await;
    }
    assert!(gateway.store().messages(&case).await.expect("the case is there").is_empty(), "mediators see it unlooked at");
    let held = Filter { standing: Some(StandingFilter::Held), ..Filter::default() };
    let held = gateway.store().list(&held, None, 10).await.expect("it lists").rows;
    assert_eq!((held.len(), gateway.cases().await.len()), (1, 2));
    assert!(!held[0].case.doubts.is_empty());
    gateway.finish(&[&canary]).await;
}
