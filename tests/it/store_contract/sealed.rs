//! What a store must do with what lies sealed beside the cases: contacts, originals, wraps, links and the epoch.

use channels::{Kept, Wrap};
use pmm_gateway::case::Reference;
use pmm_gateway::store::vault::{Expired, KeptWrap, Moved, Retention};
use pmm_gateway::store::{CaseStore, Pushed};
use pmm_gateway::triage::Severity;

use super::house::House;
use super::{contains, fill, on_both};
use crate::harness::sample::{case, envelope, original_bytes, reference, reporter, sealed_bytes, wrap};

on_both![
    what_is_sealed_comes_back_as_it_went_in,
    forgetting_destroys_everything_that_leads_back,
    a_case_with_nothing_sealed_can_be_stored_and_forgotten,
    an_epoch_is_announced_in_the_place_of_the_one_before,
    nothing_is_taken_for_an_epoch_that_is_over,
    wraps_move_once_and_forgotten_ones_stay_forgotten,
    wraps_of_older_epochs_are_read_in_pages,
    a_reporter_met_under_the_old_pepper_is_known_under_the_new,
    what_is_past_its_time_is_destroyed,
    links_end_with_the_thread,
];

const KEEP: Retention = Retention { contact_days: 90, original_days: 30, thread_days: 90 };
const TODAY: i64 = 20_759;

async fn what_is_sealed_comes_back_as_it_went_in(house: &dyn House) {
    let store = house.open();
    fill(&*store, &[Severity::High]).await;
    let kept = store.contact(&reference(0)).await.expect("it reads").expect("there is a contact");
    assert_eq!((kept.channel.as_str(), kept.contact.as_bytes()), ("sms", &sealed_bytes(0)[..]));
    assert_eq!(kept.wrap, wrap(Kept::Contact, 0, 1));
    let (original, key) = store.original(&reference(0)).await.expect("it reads").expect("there is an original");
    assert_eq!((original.as_bytes(), key), (&original_bytes(0)[..], wrap(Kept::Original, 0, 1)));
}

/// The bytes that must be gone when a reporter is forgotten.
fn traces(number: u32) -> Vec<Vec<u8>> {
    let wraps = Kept::ALL.map(|kept| wrap(kept, number, 1).as_bytes()[9..].to_vec());
    [sealed_bytes(number)[..24].to_vec(), original_bytes(number)[..25].to_vec(), reporter(number).to_hex().into_bytes()]
        .into_iter()
        .chain(wraps)
        .collect()
}

async fn forgetting_destroys_everything_that_leads_back(house: &dyn House) {
    let store = house.open();
    fill(&*store, &[Severity::High; 60]).await;
    let before = house.bytes().await;
    assert!(traces(7).iter().all(|trace| contains(&before, trace)));
    for number in (0..60).filter(|number| number % 3 != 2) {
        assert_eq!(store.forget(&reference(number)).await, Ok(true));
        assert_eq!(store.forget(&reference(number)).await, Ok(false));
        assert_eq!(store.contact(&reference(number)).await, Ok(None));
        assert_eq!(store.original(&reference(number)).await, Ok(None));
        assert_eq!(store.cases_of(&[reporter(number)]).await, Ok(Vec::new()));
    }
    let after = house.bytes().await;
    for number in 0..60 {
        for (at, trace) in traces(number).iter().enumerate() {
            assert_eq!(contains(&after, trace), number % 3 == 2, "trace {at} of case {number}");
        }
    }
    assert_eq!(store.get(&reference(0)).await.expect("it reads").expect("the case stays").case, case(0, Severity::High));
    assert_eq!(store.wraps_before(9, 0, 1000).await.expect("it reads").len(), 2 * 20);
}

async fn a_case_with_nothing_sealed_can_be_stored_and_forgotten(house: &dyn House) {
    let store = house.open();
    assert!(store.announce(None, 4, b"fourth").await.expect("it writes"));
    let mut beside = envelope(0);
    (beside.contact, beside.original) = (None, None);
    assert_eq!(store.push(&case(0, Severity::High), &beside).await, Ok(Pushed::New));
    assert_eq!(store.contact(&reference(0)).await, Ok(None));
    assert_eq!(store.original(&reference(0)).await, Ok(None));
    assert_eq!(store.forget(&reference(0)).await, Ok(true));
    assert!(!contains(&house.bytes().await, reporter(0).to_hex().as_bytes()));
}

async fn an_epoch_is_announced_in_the_place_of_the_one_before(house: &dyn House) {
    let store = house.open();
    assert_eq!(store.announcement().await, Ok(None));
    assert_eq!(store.announce(Some(b"none such"), 1, b"first").await, Ok(false));
    for _ in 0..2 {
        assert_eq!(store.announce(None, 1, b"first").await, Ok(true), "it may be repeated");
    }
    assert_eq!(store.announce(None, 1, b"another first").await, Ok(false));
    assert_eq!(store.announce(Some(b"first"), 2, b"\0second\xff").await, Ok(true));
    assert_eq!(store.announce(Some(b"first"), 2, b"another second").await, Ok(false));
    assert_eq!(house.open().announcement().await, Ok(Some(b"\0second\xff".to_vec())));
}

async fn nothing_is_taken_for_an_epoch_that_is_over(house: &dyn House) {
    let store = house.open();
    // Before any announcement, what was sealed for one that the store has lost is taken.
    fill(&*store, &[Severity::High]).await;
    assert!(store.announce(None, 2, b"second").await.expect("it writes"));
    assert_eq!(store.push(&case(1, Severity::High), &envelope(1)).await, Ok(Pushed::EpochOver));
    assert!(store.get(&reference(1)).await.expect("it reads").is_none(), "nothing of it stays");
    assert_eq!(store.cases_of(&[reporter(1)]).await, Ok(Vec::new()));
    // A delivery that is known stays known, whatever the epoch.
    assert_eq!(store.push(&case(0, Severity::High), &envelope(0)).await, Ok(Pushed::Known(reference(0))));
    let mut present = envelope(1);
    present.contact = present.contact.map(|(contact, _)| (contact, wrap(Kept::Contact, 1, 2)));
    present.original = None;
    assert_eq!(store.push(&case(1, Severity::High), &present).await, Ok(Pushed::New));
}

fn kept(kept: Kept, number: u32, epoch: u64) -> KeptWrap {
    KeptWrap { kept, reference: reference(number), wrap: wrap(kept, number, epoch) }
}

async fn wraps_move_once_and_forgotten_ones_stay_forgotten(house: &dyn House) {
    let store = house.open();
    fill(&*store, &[Severity::High, Severity::High]).await;
    store.forget(&reference(1)).await.expect("it goes");
    let moved: Vec<Moved> = [(Kept::Contact, 0), (Kept::Original, 0), (Kept::Contact, 1)]
        .map(|(which, number)| Moved { from: kept(which, number, 1), to: wrap(which, number, 2) })
        .into();
    assert_eq!(store.move_wraps(&moved).await, Ok(2));
    assert_eq!(store.move_wraps(&moved).await, Ok(0), "a second time nothing is as it was read");
    assert_eq!(store.contact(&reference(1)).await, Ok(None));
    let contact = store.contact(&reference(0)).await.expect("it reads").expect("there is a contact");
    assert_eq!((contact.wrap, contact.contact.as_bytes()), (wrap(Kept::Contact, 0, 2), &sealed_bytes(0)[..]));
    assert_eq!(store.wraps_before(2, 0, 10).await, Ok(Vec::new()));
    assert_eq!(store.wraps_before(3, 0, 10).await.expect("it reads").len(), 2);
    assert!(!contains(&house.bytes().await, &wrap(Kept::Contact, 1, 2).as_bytes()[9..]));
}

async fn wraps_of_older_epochs_are_read_in_pages(house: &dyn House) {
    let store = house.open();
    fill(&*store, &[Severity::High; 9]).await;
    let mut seen: Vec<KeptWrap> = Vec::new();
    for skip in (0..).step_by(5) {
        let page = store.wraps_before(2, skip, 5).await.expect("it reads");
        seen.extend(page.clone());
        if page.len() < 5 {
            break;
        }
    }
    seen.sort_by_key(|wrap| (wrap.kept, wrap.reference.clone()));
    let mut all: Vec<KeptWrap> = (0..9).flat_map(|number| Kept::ALL.map(|which| kept(which, number, 1))).collect();
    all.sort_by_key(|wrap| (wrap.kept, wrap.reference.clone()));
    assert_eq!(seen, all);
    assert_eq!(store.wraps_before(1, 0, 10).await, Ok(Vec::new()));
}

async fn a_reporter_met_under_the_old_pepper_is_known_under_the_new(house: &dyn House) {
    let store = house.open();
    let (old, new) = (reporter(100), reporter(200));
    for number in 0..3 {
        let mut beside = envelope(number);
        beside.reporter = old;
        store.push(&case(number, Severity::High), &beside).await.expect("it stores");
    }
    let mut other = envelope(3);
    (other.reporter, other.reporter_before) = (reporter(201), Some(reporter(101)));
    store.push(&case(3, Severity::High), &other).await.expect("it stores");
    assert_eq!(store.cases_of(&[new]).await, Ok(Vec::new()));
    assert_eq!(store.cases_of(&[new, old]).await.expect("it reads").len(), 3);
    let mut beside = envelope(4);
    (beside.reporter, beside.reporter_before) = (new, Some(old));
    store.push(&case(4, Severity::High), &beside).await.expect("it stores");
    let mut all: Vec<Reference> = [0, 1, 2, 4].map(reference).into();
    all.sort();
    assert_eq!(store.cases_of(&[new]).await, Ok(all.clone()));
    assert_eq!(store.cases_of(&[old]).await, Ok(Vec::new()));
    assert_eq!(store.same_reporter(&reference(2)).await, Ok(all));
    store.expire(TODAY, KEEP).await.expect("it works");
    assert!(!contains(&house.bytes().await, old.to_hex().as_bytes()), "the old pseudonym is gone after the night");
    // Forgetting goes by the new one, also for cases that came under the old.
    assert_eq!(store.forget(&reference(0)).await, Ok(true));
    assert_eq!(store.cases_of(&[new]).await.expect("it reads").len(), 3);
}

async fn close(store: &dyn CaseStore, number: u32) {
    loop {
        let claim = store.claim("ann").await.expect("it claims").expect("a case waits");
        if claim.case.reference == reference(number) {
            return store.complete(&reference(number), "ann", claim.token).await.expect("it is hers");
        }
    }
}

async fn what_is_past_its_time_is_destroyed(house: &dyn House) {
    let store = house.open();
    fill(&*store, &[Severity::High, Severity::High]).await;
    close(&*store, 0).await;
    let expire = async |day| store.expire(TODAY + day, KEEP).await.expect("it works");
    assert_eq!(expire(0).await, Expired::default());
    assert_eq!(expire(29).await, Expired::default());
    assert_eq!(expire(30).await, Expired { contacts: 0, originals: 1 });
    assert!(store.original(&reference(0)).await.expect("it reads").is_none());
    assert!(store.contact(&reference(0)).await.expect("it reads").is_some());
    assert_eq!(expire(89).await, Expired::default());
    assert_eq!(expire(90).await, Expired { contacts: 1, originals: 0 });
    assert_eq!(expire(90).await, Expired::default());
    let bytes = house.bytes().await;
    for (at, trace) in traces(0).iter().enumerate() {
        assert!(!contains(&bytes, trace), "trace {at}");
    }
    // The open case keeps everything.
    assert!(store.contact(&reference(1)).await.expect("it reads").is_some());
    assert!(store.original(&reference(1)).await.expect("it reads").is_some());
    assert!(store.get(&reference(0)).await.expect("it reads").is_some());
}

async fn links_end_with_the_thread(house: &dyn House) {
    let store = house.open();
    for number in 0..2 {
        let mut beside = envelope(number);
        beside.reporter = reporter(100);
        store.push(&case(number, Severity::High), &beside).await.expect("it stores");
    }
    fill_one_more(&*store).await;
    house.pass_days(92).await;
    // Whoever writes again keeps the thread.
    let mut again = envelope(6);
    again.reporter = reporter(5);
    store.push(&case(6, Severity::High), &again).await.expect("it stores");
    store.expire(TODAY + 92, KEEP).await.expect("it works");
    assert_eq!(store.cases_of(&[reporter(100)]).await, Ok(Vec::new()));
    assert_eq!(store.same_reporter(&reference(0)).await, Ok(vec![reference(0)]));
    assert!(!contains(&house.bytes().await, reporter(100).to_hex().as_bytes()));
    assert!(store.contact(&reference(0)).await.expect("it reads").is_some(), "the contact has its own time");
    assert!(store.cases_of(&[reporter(5)]).await.expect("it reads").contains(&reference(6)));
}

async fn fill_one_more(store: &dyn CaseStore) {
    store.push(&case(5, Severity::High), &envelope(5)).await.expect("it stores");
}

#[test]
fn a_wrap_of_the_tests_has_the_real_shape() {
    assert_eq!(Wrap::from_bytes(wrap(Kept::Contact, 1, 77).as_bytes().to_vec()).epoch(), 77);
}
