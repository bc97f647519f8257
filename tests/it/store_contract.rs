//! What a case store must do, checked on both of them.

mod house;
mod redis_only;
mod sealed;

use std::collections::BTreeSet;

use channels::{DeliveryKey, planting};
use jiff::Timestamp;
use pmm_gateway::anonymise::Doubt;
use pmm_gateway::case::{Case, Speaker};
use pmm_gateway::language::{Clues, Detector, Language};
use pmm_gateway::store::{
    CaseStore, Envelope, Filter, Held, HeldPart, LeaseError, Pushed, StaleParts, Standing, StandingFilter, StoreError,
};
use pmm_gateway::triage::Severity;

use self::house::House;
use crate::harness::sample::{case, envelope, message, reference};

/// Runs each check once on the embedded store and once on Redis.
macro_rules! on_both {
    ($($check:ident),+ $(,)?) => {
        mod embedded {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $check() {
                super::$check(&$crate::store_contract::house::EmbeddedHouse::new()).await;
            })+
        }
        mod redis {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $check() {
                super::$check(&$crate::store_contract::house::RedisHouse::new()).await;
            })+
        }
    };
}
pub(crate) use on_both;

on_both![
    a_retried_delivery_makes_one_case,
    a_case_with_doubts_is_held_until_it_is_admitted,
    two_gateways_that_get_one_delivery_make_one_case,
    a_reference_of_another_case_is_refused,
    the_most_urgent_then_oldest_case_comes_first,
    a_late_report_of_an_earlier_hour_goes_to_the_end_of_its_queue,
    no_case_is_claimed_twice,
    a_claimed_case_is_as_it_was_pushed,
    an_expired_lease_returns_the_case,
    one_expired_lease_among_many_is_found,
    a_heartbeat_starts_the_lease_anew,
    a_late_mediator_cannot_touch_the_case,
    a_strangers_token_is_refused,
    a_released_case_is_the_next_one,
    a_released_case_belongs_to_nobody,
    a_completed_case_stays_readable_and_is_not_claimed_again,
    releasing_and_completing_may_be_repeated,
    a_case_that_does_not_exist_is_said_not_to,
    a_conversation_keeps_its_order,
    a_list_is_filtered,
    pages_cover_every_case_once,
    a_reporter_is_known_by_the_language_of_her_newest_case,
    waiting_cases_are_counted_by_severity,
    everything_survives_reopening,
    a_record_of_a_newer_gateway_stops_nobody,
    parts_wait_for_each_other_across_gateways,
    a_part_that_comes_again_changes_nothing,
    parts_that_wait_too_long_are_given_to_one_gateway,
    a_late_part_is_told_its_case,
    a_number_that_the_network_uses_again_is_another_message,
];

fn part(place: u32, number: u8) -> HeldPart {
    HeldPart { group: DeliveryKey([9; 16]), place, total: 2, delivery: DeliveryKey([number; 16]), sealed: vec![0, number, 255] }
}

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(1_793_600_000 + 60 * minute).expect("a time")
}

async fn parts_wait_for_each_other_across_gateways(house: &dyn House) {
    let (one, two) = (house.open(), house.open());
    assert_eq!(one.hold_part(&part(1, 1), at(0)).await, Ok(Held::Waiting));
    let all = vec![vec![0, 2, 255], vec![0, 1, 255]];
    assert_eq!(two.hold_part(&part(0, 2), at(1)).await, Ok(Held::Complete(all.clone())));
    // A crash before the case was made: the same part asks again.
    assert_eq!(house.open().hold_part(&part(0, 2), at(2)).await, Ok(Held::Complete(all)));
    two.parts_filed(DeliveryKey([9; 16]), &reference(1), at(3)).await.expect("noted");
    assert_eq!(one.hold_part(&part(1, 1), at(4)).await, Ok(Held::Known(reference(1))));
}

async fn a_part_that_comes_again_changes_nothing(house: &dyn House) {
    let store = house.open();
    assert_eq!(store.hold_part(&part(0, 1), at(0)).await, Ok(Held::Waiting));
    assert_eq!(store.hold_part(&part(0, 1), at(0)).await, Ok(Held::Waiting));
    assert_eq!(store.stale_parts(at(5), at(5)).await.expect("it lists")[0].sealed, [vec![0, 1, 255]]);
}

async fn parts_that_wait_too_long_are_given_to_one_gateway(house: &dyn House) {
    let (one, two) = (house.open(), house.open());
    assert_eq!(one.hold_part(&part(0, 1), at(10)).await, Ok(Held::Waiting));
    assert_eq!(one.stale_parts(at(10), at(11)).await, Ok(Vec::new()));
    let stale = one.stale_parts(at(11), at(12)).await.expect("it lists");
    assert_eq!(stale, [StaleParts { group: DeliveryKey([9; 16]), sealed: vec![vec![0, 1, 255]] }]);
    assert_eq!(two.stale_parts(at(11), at(12)).await, Ok(Vec::new()), "the first one has it in hand");
    assert_eq!(two.hold_part(&part(1, 2), at(13)).await, Ok(Held::Busy));
    // The first gateway died over it.
    assert_eq!(two.stale_parts(at(11), at(30)).await, Ok(stale));
}

async fn a_late_part_is_told_its_case(house: &dyn House) {
    let store = house.open();
    assert_eq!(store.hold_part(&part(0, 1), at(0)).await, Ok(Held::Waiting));
    store.stale_parts(at(5), at(5)).await.expect("it lists");
    store.parts_filed(DeliveryKey([9; 16]), &reference(4), at(6)).await.expect("noted");
    assert_eq!(store.hold_part(&part(1, 2), at(7)).await, Ok(Held::Late(reference(4))));
    assert_eq!(store.hold_part(&part(1, 2), at(8)).await, Ok(Held::Late(reference(4))), "it is not in the case yet");
    store.late_part_added(&part(1, 2)).await.expect("noted");
    assert_eq!(store.hold_part(&part(1, 2), at(9)).await, Ok(Held::Known(reference(4))));
}

async fn a_number_that_the_network_uses_again_is_another_message(house: &dyn House) {
    let store = house.open();
    assert_eq!(store.hold_part(&part(0, 1), at(0)).await, Ok(Held::Waiting));
    assert_eq!(store.hold_part(&part(0, 3), at(1)).await, Ok(Held::Taken));
    store.parts_filed(DeliveryKey([9; 16]), &reference(4), at(2)).await.expect("noted");
    assert_eq!(store.hold_part(&part(1, 4), at(2 + 25 * 60)).await, Ok(Held::Taken), "a day later it is no late part");
}

async fn fill(store: &dyn CaseStore, severities: &[Severity]) {
    for (number, severity) in (0..).zip(severities) {
        assert_eq!(store.push(&case(number, *severity), &envelope(number)).await, Ok(Pushed::New));
    }
}

async fn claimed(store: &dyn CaseStore, mediator: &str) -> Option<String> {
    store.claim(mediator).await.expect("the store works").map(|claim| claim.case.reference.to_string())
}

async fn standing(store: &dyn CaseStore, number: u32) -> Standing {
    store.get(&reference(number)).await.expect("the store works").expect("the case is there").standing
}

async fn a_retried_delivery_makes_one_case(house: &dyn House) {
    let store = house.open();
    assert_eq!(store.push(&case(1, Severity::High), &envelope(1)).await, Ok(Pushed::New));
    assert_eq!(store.push(&case(1, Severity::High), &envelope(1)).await, Ok(Pushed::Known(reference(1))));
    // The second attempt may have thought of another reference.
    assert_eq!(store.push(&case(2, Severity::High), &envelope(1)).await, Ok(Pushed::Known(reference(1))));
    assert_eq!(store.list(&Filter::default(), None, 10).await.expect("it lists").rows.len(), 1);
    assert!(claimed(&*store, "ann").await.is_some());
    assert_eq!(claimed(&*store, "ann").await, None);
}

async fn a_case_with_doubts_is_held_until_it_is_admitted(house: &dyn House) {
    let store = house.open();
    let mut doubtful = case(1, Severity::Emergency);
    doubtful.doubts = BTreeSet::from([Doubt::NameNotRecognised]);
    assert_eq!(store.push(&doubtful, &envelope(1)).await, Ok(Pushed::New));
    fill_from(&*store, 2, &[Severity::Low]).await;
    let held = Filter { standing: Some(StandingFilter::Held), ..Filter::default() };
    assert_eq!(standing(&*store, 1).await, Standing::Held);
    assert_eq!(store.list(&held, None, 10).await.expect("it lists").rows.len(), 1);
    assert!(store.waiting().await.expect("it counts").contains(&(Severity::Emergency, 0)));
    assert_eq!(store.heartbeat(&reference(1), "ann", 0).await, Err(LeaseError::NotYours));
    assert_eq!(claimed(&*store, "ann").await, Some(reference(2).to_string()));
    assert_eq!(claimed(&*store, "ann").await, None);

    assert_eq!(store.admit(&reference(1)).await, Ok(()));
    assert_eq!(store.admit(&reference(1)).await, Ok(()));
    assert_eq!(store.list(&held, None, 10).await.expect("it lists").rows.len(), 0);
    assert_eq!(standing(&*store, 1).await, Standing::Waiting);
    let claim = store.claim("bao").await.expect("it claims").expect("a case waits");
    assert_eq!(claim.case, doubtful);
    assert_eq!(claimed(&*store, "bao").await, None);
    assert_eq!(store.admit(&reference(77)).await, Err(LeaseError::NoSuchCase));
}

async fn fill_from(store: &dyn CaseStore, first: u32, severities: &[Severity]) {
    for (number, severity) in (first..).zip(severities) {
        assert_eq!(store.push(&case(number, *severity), &envelope(number)).await, Ok(Pushed::New));
    }
}

async fn two_gateways_that_get_one_delivery_make_one_case(house: &dyn House) {
    let (one, two) = (house.open(), house.open());
    for number in 0..20 {
        let (sample, beside) = (case(number, Severity::High), envelope(number));
        let (first, second) = tokio::join!(one.push(&sample, &beside), two.push(&sample, &beside));
        let answers = [first.expect("it stores"), second.expect("it stores")];
        assert!(answers.contains(&Pushed::New) && answers.contains(&Pushed::Known(reference(number))));
    }
}

async fn a_reference_of_another_case_is_refused(house: &dyn House) {
    let store = house.open();
    fill(&*store, &[Severity::High]).await;
    assert_eq!(store.push(&case(0, Severity::Low), &envelope(9)).await, Ok(Pushed::ReferenceTaken));
    let kept = store.get(&reference(0)).await.expect("it reads").expect("it is there").case;
    assert_eq!(kept, case(0, Severity::High));
    // Nothing of the refused push stays: with another reference it goes in.
    assert_eq!(store.push(&case(9, Severity::Low), &envelope(9)).await, Ok(Pushed::New));
}

async fn the_most_urgent_then_oldest_case_comes_first(house: &dyn House) {
    use Severity::{Critical, Emergency, High, Low, Medium, Unrated};
    let store = house.open();
    fill(&*store, &[Low, Medium, Unrated, High, Critical, Emergency, High, Emergency]).await;
    let mut order = Vec::new();
    while let Some(claim) = store.claim("ann").await.expect("it claims") {
        order.push(claim.case.reference);
    }
    assert_eq!(order, [5, 7, 4, 3, 6, 2, 1, 0].map(reference));
}

async fn a_late_report_of_an_earlier_hour_goes_to_the_end_of_its_queue(house: &dyn House) {
    let store = house.open();
    fill(&*store, &[Severity::High]).await;
    let mut late = case(1, Severity::High);
    late.received_hour = "2026-11-01T03:00:00Z".parse().expect("a time");
    assert_eq!(store.push(&late, &envelope(1)).await, Ok(Pushed::New));
    assert_eq!(claimed(&*store, "ann").await, Some(reference(0).to_string()));
    assert_eq!(claimed(&*store, "ann").await, Some(reference(1).to_string()));
}

async fn no_case_is_claimed_twice(house: &dyn House) {
    let store = house.open();
    fill(&*store, &[Severity::Critical; 40]).await;
    let claims = (0..100).map(|number| {
        let store = store.clone();
        tokio::spawn(async move { claimed(&*store, &format!("mediator-{number}")).await })
    });
    let mut given = Vec::new();
    for claim in claims.collect::<Vec<_>>() {
        given.extend(claim.await.expect("it ends"));
    }
    given.sort();
    let mut all: Vec<_> = (0..40).map(|number| reference(number).to_string()).collect();
    all.sort();
    assert_eq!(given, all);
}

async fn a_claimed_case_is_as_it_was_pushed(house: &dyn House) {
    let store = house.open();
    fill(&*store, &[Severity::High]).await;
    assert_eq!(standing(&*store, 0).await, Standing::Waiting);
    let claim = store.claim("ann").await.expect("it claims").expect("a case waits");
    assert_eq!(claim.case, case(0, Severity::High));
    assert_eq!(standing(&*store, 0).await, Standing::Claimed { mediator: "ann".into() });
}

async fn an_expired_lease_returns_the_case(house: &dyn House) {
    let store = house.open();
    fill(&*store, &[Severity::High, Severity::High]).await;
    let first = store.claim("ann").await.expect("it claims").expect("a case waits");
    house.expire_leases().await;
    assert_eq!(standing(&*store, 0).await, Standing::Waiting);
    let second = store.claim("bao").await.expect("it claims").expect("the case is back");
    assert_eq!(second.case.reference, first.case.reference);
    assert!(second.token > first.token);
    assert_eq!(standing(&*store, 0).await, Standing::Claimed { mediator: "bao".into() });
}

async fn one_expired_lease_among_many_is_found(house: &dyn House) {
    let store = house.open();
    fill(&*store, &[Severity::High; 30]).await;
    let mut claims = Vec::new();
    for _ in 0..30 {
        claims.push(store.claim("ann").await.expect("it claims").expect("a case waits"));
    }
    house.expire_leases().await;
    for claim in &claims {
        // Bao takes all over again, so only what he releases is free.
        assert!(store.claim("bao").await.expect("it claims").is_some_and(|again| again.case.reference == claim.case.reference));
    }
    let last = store.get(&reference(29)).await.expect("it reads").expect("it is there");
    assert_eq!(last.standing, Standing::Claimed { mediator: "bao".into() });
    assert_eq!(claimed(&*store, "cho").await, None);
    store.release(&reference(29), "bao", claims[29].token + 1).await.expect("it is his");
    assert_eq!(claimed(&*store, "cho").await, Some(reference(29).to_string()));
}

async fn a_heartbeat_starts_the_lease_anew(house: &dyn House) {
    let store = house.open();
    fill(&*store, &[Severity::High]).await;
    let claim = store.claim("ann").await.expect("it claims").expect("a case waits");
    for _ in 0..3 {
        house.pass_half_a_lease().await;
        assert_eq!(store.heartbeat(&reference(0), "ann", claim.token).await, Ok(()));
    }
    assert_eq!(standing(&*store, 0).await, Standing::Claimed { mediator: "ann".into() });
    assert_eq!(claimed(&*store, "bao").await, None);
}

async fn a_late_mediator_cannot_touch_the_case(house: &dyn House) {
    let store = house.open();
    fill(&*store, &[Severity::High]).await;
    let late = store.claim("ann").await.expect("it claims").expect("a case waits").token;
    house.expire_leases().await;
    assert_eq!(store.heartbeat(&reference(0), "ann", late).await, Err(LeaseError::NotYours));
    assert_eq!(store.complete(&reference(0), "ann", late).await, Err(LeaseError::NotYours));
    // Even when she herself has it again: the older claim is over.
    let newer = store.claim("ann").await.expect("it claims").expect("the case is back").token;
    assert_eq!(store.heartbeat(&reference(0), "ann", late).await, Err(LeaseError::NotYours));
    assert_eq!(store.release(&reference(0), "ann", late).await, Err(LeaseError::NotYours));
    assert_eq!(store.complete(&reference(0), "ann", newer).await, Ok(()));
}

async fn a_strangers_token_is_refused(house: &dyn House) {
    let store = house.open();
    fill(&*store, &[Severity::High]).await;
    let token = store.claim("ann").await.expect("it claims").expect("a case waits").token;
    assert_eq!(store.heartbeat(&reference(0), "bao", token).await, Err(LeaseError::NotYours));
    assert_eq!(store.release(&reference(0), "bao", token).await, Err(LeaseError::NotYours));
    assert_eq!(store.complete(&reference(0), "bao", token).await, Err(LeaseError::NotYours));
    assert_eq!(store.complete(&reference(0), "ann", token + 1).await, Err(LeaseError::NotYours));
    assert_eq!(standing(&*store, 0).await, Standing::Claimed { mediator: "ann".into() });
}

async fn a_released_case_is_the_next_one(house: &dyn House) {
    let store = house.open();
    fill(&*store, &[Severity::High; 3]).await;
    let first = store.claim("ann").await.expect("it claims").expect("a case waits");
    store.release(&first.case.reference, "ann", first.token).await.expect("it is hers");
    for number in 0..3 {
        assert_eq!(claimed(&*store, "bao").await, Some(reference(number).to_string()));
    }
}

async fn a_released_case_belongs_to_nobody(house: &dyn House) {
    let store = house.open();
    fill(&*store, &[Severity::High]).await;
    let claim = store.claim("ann").await.expect("it claims").expect("a case waits");
    store.release(&reference(0), "ann", claim.token).await.expect("it is hers");
    assert_eq!(standing(&*store, 0).await, Standing::Waiting);
    assert_eq!(store.heartbeat(&reference(0), "ann", claim.token).await, Err(LeaseError::NotYours));
    assert_eq!(store.complete(&reference(0), "ann", claim.token).await, Err(LeaseError::NotYours));
}

async fn a_completed_case_stays_readable_and_is_not_claimed_again(house: &dyn House) {
    let store = house.open();
    fill(&*store, &[Severity::High]).await;
    let claim = store.claim("ann").await.expect("it claims").expect("a case waits");
    store.complete(&reference(0), "ann", claim.token).await.expect("it is hers");
    house.expire_leases().await;
    assert_eq!(claimed(&*store, "bao").await, None);
    assert_eq!(standing(&*store, 0).await, Standing::Completed);
    assert_eq!(store.heartbeat(&reference(0), "ann", claim.token).await, Err(LeaseError::NotYours));
    assert_eq!(store.push(&case(0, Severity::High), &envelope(0)).await, Ok(Pushed::Known(reference(0))));
}

async fn releasing_and_completing_may_be_repeated(house: &dyn House) {
    let store = house.open();
    fill(&*store, &[Severity::High]).await;
    let first = store.claim("ann").await.expect("it claims").expect("a case waits").token;
    for _ in 0..2 {
        assert_eq!(store.release(&reference(0), "ann", first).await, Ok(()));
    }
    let second = store.claim("bao").await.expect("it claims").expect("a case waits").token;
    assert_eq!(store.release(&reference(0), "ann", first).await, Err(LeaseError::NotYours));
    for _ in 0..2 {
        assert_eq!(store.complete(&reference(0), "bao", second).await, Ok(()));
    }
}

async fn a_case_that_does_not_exist_is_said_not_to(house: &dyn House) {
    let store = house.open();
    let nothing = reference(404);
    assert!(store.get(&nothing).await.expect("it reads").is_none());
    assert_eq!(store.heartbeat(&nothing, "ann", 1).await, Err(LeaseError::NoSuchCase));
    assert_eq!(store.release(&nothing, "ann", 1).await, Err(LeaseError::NoSuchCase));
    assert_eq!(store.complete(&nothing, "ann", 1).await, Err(LeaseError::NoSuchCase));
    assert_eq!(store.append_message(&nothing, &message(Speaker::Reporter, "hello")).await, Err(LeaseError::NoSuchCase));
    assert_eq!(store.messages(&nothing).await, Err(LeaseError::NoSuchCase));
    assert_eq!(store.contact(&nothing).await, Ok(None));
    assert_eq!(store.original(&nothing).await, Ok(None));
    assert_eq!(store.forget(&nothing).await, Ok(false));
    assert_eq!(store.same_reporter(&nothing).await, Ok(Vec::new()));
    assert_eq!(claimed(&*store, "ann").await, None);
}

async fn a_conversation_keeps_its_order(house: &dyn House) {
    let store = house.open();
    fill(&*store, &[Severity::High, Severity::High]).await;
    assert_eq!(store.messages(&reference(0)).await, Ok(Vec::new()));
    let said = [
        message(Speaker::Mediator("ann".into()), "is anybody hurt"),
        message(Speaker::Reporter, "no"),
        message(Speaker::Reporter, "no"),
        message(Speaker::Mediator("bao".into()), "we are on it"),
    ];
    for one in &said {
        store.append_message(&reference(0), one).await.expect("the case is there");
    }
    assert_eq!(store.messages(&reference(0)).await.expect("it reads"), said);
    assert_eq!(store.messages(&reference(1)).await, Ok(Vec::new()));
}

async fn a_list_is_filtered(house: &dyn House) {
    let store = house.open();
    fill(&*store, &[Severity::Emergency, Severity::High, Severity::High, Severity::Low]).await;
    let done = store.claim("ann").await.expect("it claims").expect("a case waits");
    store.complete(&done.case.reference, "ann", done.token).await.expect("it is hers");
    store.claim("ann").await.expect("it claims").expect("a case waits");
    let numbers = async |filter: Filter| {
        let page = store.list(&filter, None, 10).await.expect("it lists");
        assert_eq!(page.next, None);
        let number = |row: &pmm_gateway::store::Listed| {
            (0..4).find(|number| reference(*number) == row.case.reference).expect("one of ours")
        };
        page.rows.iter().map(number).collect::<Vec<_>>()
    };
    let by_standing = |standing| Filter { standing: Some(standing), ..Filter::default() };
    assert_eq!(numbers(Filter::default()).await, [0, 1, 2, 3]);
    assert_eq!(numbers(by_standing(StandingFilter::Completed)).await, [0]);
    assert_eq!(numbers(by_standing(StandingFilter::Claimed)).await, [1]);
    assert_eq!(numbers(by_standing(StandingFilter::Waiting)).await, [2, 3]);
    assert_eq!(numbers(Filter { severity: Some(Severity::High), ..Filter::default() }).await, [1, 2]);
    assert_eq!(numbers(Filter { severity: Some(Severity::High), ..by_standing(StandingFilter::Waiting) }).await, [2]);
    assert_eq!(numbers(Filter { language: Some(Language::UNDETERMINED), ..Filter::default() }).await, [0, 1, 2, 3]);
}

async fn a_reporter_is_known_by_the_language_of_her_newest_case(house: &dyn House) {
    let store = house.open();
    let code = |code: &str| Language::parse(code).expect("a code");
    let written_in = |number: u32, said: &str| {
        let language = Detector::default().detect(&planting::text(said), &Clues::default());
        Case { language, ..case(number, Severity::Low) }
    };
    let hers = |number: u32| Envelope { reporter: envelope(0).reporter, ..envelope(number) };
    let reporter = envelope(0).reporter;
    assert_eq!(store.language_of(&[reporter]).await, Ok(None));
    for (number, said) in [(0, "tagalog"), (1, "tiếng Việt"), (2, "12345")] {
        assert_eq!(store.push(&written_in(number, said), &hers(number)).await, Ok(Pushed::New));
    }
    assert_eq!(store.push(&written_in(3, "hindi"), &envelope(3)).await, Ok(Pushed::New));
    assert_eq!(store.language_of(&[reporter]).await, Ok(Some(code("vie"))));
    assert_eq!(store.language_of(&[envelope(9).reporter, reporter]).await, Ok(Some(code("vie"))));
    assert_eq!(store.language_of(&[envelope(3).reporter, reporter]).await, Ok(Some(code("hin-Latn"))));
    assert_eq!(store.language_of(&[]).await, Ok(None));
}

async fn pages_cover_every_case_once(house: &dyn House) {
    let store = house.open();
    let severities: Vec<_> = Severity::ALL.into_iter().cycle().take(30).collect();
    fill(&*store, &severities).await;
    for (filter, all) in [
        (Filter::default(), (0..30).map(reference).collect::<Vec<_>>()),
        (Filter { severity: Some(Severity::Low), ..Filter::default() }, (5..30).step_by(6).map(reference).collect()),
    ] {
        for limit in [1, 4, 5, 30, 100] {
            let (mut seen, mut after) = (Vec::new(), None);
            loop {
                let page = store.list(&filter, after, limit).await.expect("it lists");
                assert!((1..=limit).contains(&page.rows.len()));
                seen.extend(page.rows.into_iter().map(|row| row.case.reference));
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
            assert_eq!(seen, all);
        }
    }
}

async fn waiting_cases_are_counted_by_severity(house: &dyn House) {
    let store = house.open();
    let count = async || {
        let counts = store.waiting().await.expect("it counts");
        assert_eq!(counts.iter().map(|(severity, _)| *severity).collect::<Vec<_>>(), Severity::ALL);
        counts.into_iter().map(|(_, n_cases)| n_cases).collect::<Vec<_>>()
    };
    assert_eq!(count().await, [0; 6]);
    fill(&*store, &[Severity::Emergency, Severity::Emergency, Severity::Low, Severity::Emergency]).await;
    assert_eq!(count().await, [3, 0, 0, 0, 0, 1]);
    let first = store.claim("ann").await.expect("it claims").expect("a case waits");
    let second = store.claim("ann").await.expect("it claims").expect("a case waits");
    assert_eq!(count().await, [1, 0, 0, 0, 0, 1]);
    store.release(&first.case.reference, "ann", first.token).await.expect("it is hers");
    store.complete(&second.case.reference, "ann", second.token).await.expect("it is hers");
    assert_eq!(count().await, [2, 0, 0, 0, 0, 1]);
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

async fn everything_survives_reopening(house: &dyn House) {
    let store = house.open();
    fill(&*store, &[Severity::Low, Severity::High]).await;
    let claim = store.claim("ann").await.expect("it claims").expect("a case waits");
    store.append_message(&reference(1), &message(Speaker::Reporter, "hello")).await.expect("the case is there");
    drop(store);
    let store = house.open();
    assert_eq!(store.ready().await, Ok(()));
    assert_eq!(store.messages(&reference(1)).await.expect("it reads").len(), 1);
    assert_eq!(standing(&*store, 1).await, Standing::Claimed { mediator: "ann".into() });
    assert_eq!(store.push(&case(0, Severity::Low), &envelope(0)).await, Ok(Pushed::Known(reference(0))));
    assert_eq!(store.complete(&reference(1), "ann", claim.token).await, Ok(()));
    assert!(store.contact(&reference(1)).await.expect("it reads").is_some());
    assert_eq!(claimed(&*store, "bao").await, Some(reference(0).to_string()));
}

async fn a_record_of_a_newer_gateway_stops_nobody(house: &dyn House) {
    let store = house.open();
    fill(&*store, &[Severity::High, Severity::High]).await;
    house.spoil(&reference(0)).await;
    assert_eq!(store.get(&reference(0)).await.err(), Some(StoreError::Unreadable));
    assert_eq!(claimed(&*store, "ann").await, Some(reference(1).to_string()));
    assert_eq!(store.list(&Filter::default(), None, 10).await.expect("it lists").rows.len(), 1);
}
