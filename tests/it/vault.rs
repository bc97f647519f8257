//! Contacts through many nights: rolls that are interrupted anywhere, reporters who are forgotten, times that are over.

use std::path::Path;
use std::sync::Arc;

use channels::{Bound, Desk, EpochSecret, Kept, Medium, VaultSigner, Wrap, planting};
use pmm_gateway::audit::{Audit, Entry, Wish};
use pmm_gateway::case::Reference;
use pmm_gateway::clock::{SetClock, SystemRng};
use pmm_gateway::keys::ReplyKeys;
use pmm_gateway::store::embedded::EmbeddedStore;
use pmm_gateway::store::redis::{DELIVERY_KEPT, RedisStore};
use pmm_gateway::store::vault::Retention;
use pmm_gateway::store::{CaseStore, Filter, Pushed, VaultStore};
use pmm_gateway::triage::Severity;
use pmm_gateway::vault::current::{CurrentEpoch, EpochError};
use pmm_gateway::vault::{Policy, Step, Vault, VaultError};
use redis::cmd;

use crate::harness::canary::{Canary, files};
use crate::harness::gateway::{Gateway, Setup, Store};
use crate::harness::process::command;
use crate::harness::provider::Provider;
use crate::harness::redis::{own_desk, shared};
use crate::harness::sample;

const POLICY: Policy = Policy { roll_hour: 2, retention: Retention { contact_days: 90, original_days: 30, thread_days: 90 } };
const DAY_SECS: i64 = 86_400;

fn setup(store: Store, provider: &Provider) -> Setup {
    Setup::new(store)
        .with_file("in-secret", "a-secret-of-the-tests")
        .with(&format!("[channels.out]\nkind = \"sms\"\nsecret_file = \"in-secret\"\nsend.url = \"{}/send\"", provider.url))
}

async fn report(gateway: &Gateway, id: &str, from: &str) {
    let body = serde_json::json!({ "id": id, "from": from, "text": "no pay for three months" });
    let answer = gateway.send(gateway.post("/hooks/out").bearer_auth("a-secret-of-the-tests").json(&body)).await;
    assert_eq!(answer.status.as_u16(), 200);
    gateway.drained().await;
}

/// The vault of a gateway as another process would open it: its folder, its store, no memory of anything.
fn reopened(gateway: &Gateway, store: Arc<dyn CaseStore>) -> Vault {
    let folder = gateway.folder().join("data/reply");
    let keys = ReplyKeys::open_or_make(&folder, Some(gateway.vault().id()), &SystemRng).expect("the same keys");
    let audit = Audit::in_folder(&gateway.folder().join("data"));
    Vault::new(keys, store, audit, Arc::new(gateway.clock.clone()), Arc::new(SystemRng))
}

fn shared_store(gateway: &Gateway) -> Arc<dyn CaseStore> {
    Arc::clone(&gateway.desk().tools().store)
}

fn epochs(gateway: &Gateway) -> Vec<u64> {
    let keys = ReplyKeys::open_or_make(&gateway.folder().join("data/reply"), None, &SystemRng).expect("keys");
    keys.epochs().expect("it reads")
}

async fn references(store: &dyn CaseStore) -> Vec<Reference> {
    let page = store.list(&Filter::default(), None, 1000).await.expect("it lists");
    page.rows.into_iter().map(|row| row.case.reference).collect()
}

/// Answers every case and sees that each answer goes to the right number.
async fn assert_all_open(gateway: &Gateway, vault: &Vault, provider: &Provider, numbers: &[String], when: &str) {
    let n_before = provider.asked().len();
    let cases = references(gateway.store()).await;
    assert_eq!(cases.len(), numbers.len(), "{when}");
    for case in &cases {
        assert_eq!(vault.send(gateway.channel("out"), case, "we are on it").await, Ok(()), "{when}");
    }
    let mut reached: Vec<String> = provider.asked()[n_before..]
        .iter()
        .map(|asked| {
            serde_json::from_str::<serde_json::Value>(&asked.body).expect("JSON")["to"].as_str().expect("a number").to_owned()
        })
        .collect();
    reached.sort();
    let mut expected = numbers.to_vec();
    expected.sort();
    assert_eq!(reached, expected, "{when}");
}

crate::on_both_stores! {
    async fn a_roll_that_is_cut_off_after_any_step_loses_no_contact(store: Store) {
        let provider = Provider::start(&[]).await;
        let gateway = setup(store, &provider).start().await;
        let canary = Canary::new();
        let mut numbers = Vec::new();
        for number in 0..3 {
            numbers.push(format!("{}{number}", &canary.phone[..canary.phone.len() - 1]));
            report(&gateway, &format!("r-{number}"), &numbers[number]).await;
        }
        let mut seen = Vec::new();
        for last_step in 0.. {
            let vault = reopened(&gateway, shared_store(&gateway));
            let mut n_steps = 0;
            let ended = vault
                .roll(&mut |step| {
                    seen.push(step);
                    n_steps += 1;
                    n_steps <= last_step
                })
                .await;
            drop(vault);
            let when = format!("cut off after step {last_step}");
            let after = reopened(&gateway, shared_store(&gateway));
            assert_all_open(&gateway, &after, &provider, &numbers, &when).await;
            // A report that comes right now, to a side that still knows the epoch before.
            numbers.push(format!("+1201555{:04}", 100 + last_step));
            report(&gateway, &format!("late-{last_step}"), numbers.last().expect("one")).await;
            after.upkeep(&POLICY).await.unwrap_or_else(|error| panic!("{when}: {error}"));
            assert_all_open(&gateway, &after, &provider, &numbers, &when).await;
            assert_eq!(after.upkeep(&POLICY).await, Ok(None), "{when}: something was left to do");
            if ended.is_ok() {
                break;
            }
            assert_eq!(ended, Err(VaultError::Stopped));
        }
        for step in [Step::SecretMade, Step::Announced, Step::BatchMoved, Step::AllMoved, Step::SecretDestroyed] {
            assert!(seen.contains(&step), "{step:?} was never reached");
        }
        let left = epochs(&gateway);
        assert_eq!(left.len(), 1, "older secrets are left: {left:?}");
        assert!(shared_store(&gateway).wraps_before(left[0], 0, 10).await.expect("it reads").is_empty());
        Audit::in_folder(&gateway.folder().join("data")).verified(None).expect("one chain");
        gateway.finish(&[&canary]).await;
    }

    async fn rolls_that_are_killed_lose_no_contact(store: Store) {
        let provider = Provider::start(&[]).await;
        let gateway = setup(store, &provider).start().await;
        let canary = Canary::new();
        let numbers: Vec<String> = (0..60).map(|number| format!("+1201555{number:04}")).collect();
        for number in &numbers {
            let body = serde_json::json!({ "id": number, "from": number, "text": "no pay" });
            gateway.send(gateway.post("/hooks/out").bearer_auth("a-secret-of-the-tests").json(&body)).await;
        }
        gateway.drained().await;
        let environment = gateway.environment();
        for wait_ms in [3_u128, 6, 9, 12, 15, 20, 25, 30, 40, 60] {
            let mut roll = command(&["roll"], &gateway.folder().join("gateway.toml"), &environment)
                .stdout(std::process::Stdio::null())
                .stderr(std::process::Stdio::null())
                .spawn()
                .expect("the program starts");
            let started = std::time::Instant::now();
            while started.elapsed().as_millis() < wait_ms {
                tokio::task::yield_now().await;
            }
            drop(roll.kill());
            roll.wait().expect("it ends");
        }
        let (is_good, said) = gateway.command(&["roll"]);
        assert!(is_good && said.contains("has begun") && !said.contains("lost"), "{said}");
        assert_all_open(&gateway, &reopened(&gateway, shared_store(&gateway)), &provider, &numbers, "after kills").await;
        assert_eq!(epochs(&gateway).len(), 1);
        gateway.finish(&[&canary]).await;
    }

    async fn what_was_forgotten_opens_nowhere_after_the_night(store: Store) {
        let provider = Provider::start(&[]).await;
        let gateway = setup(store, &provider).start().await;
        let canary = Canary::new();
        report(&gateway, &canary.message_id, &canary.phone).await;
        report(&gateway, "another", "+12015550199").await;
        let case = case_of(&gateway, &canary).await;
        let (contact, wrap) = {
            let kept = gateway.store().contact(&case).await.expect("it reads").expect("there is a contact");
            (kept.contact.as_bytes().to_vec(), kept.wrap)
        };
        let folder = tempfile::tempdir().expect("a folder");
        let backup = backup_of(&gateway, store, folder.path()).await;
        let old_secrets = ReplyKeys::open_or_make(&gateway.folder().join("data/reply"), None, &SystemRng).expect("keys");
        let old = old_secrets.secret(wrap.epoch()).expect("it reads").expect("it is the present one");

        let (is_good, said) = gateway.command(&["forget", case.as_str()]);
        assert!(is_good && said.contains("1 case"), "{said}");
        let live = all_bytes(&gateway, store).await;
        for (what, trace) in [("record", &contact[..]), ("wrap", wrap.as_bytes()), ("key's ciphertext", &wrap.as_bytes()[41..])] {
            assert!(!live.windows(trace.len()).any(|window| window == trace), "the {what} is still in the store");
        }
        // A copy from before opens until the night: this is what the roll is for.
        let on_backup = reopened(&gateway, Arc::clone(&backup));
        assert_eq!(on_backup.send(gateway.channel("out"), &case, "x").await, Ok(()));

        gateway.clock.advance_secs(DAY_SECS);
        assert!(gateway.vault().upkeep(&POLICY).await.expect("it works").is_some(), "a night has passed");
        let on_backup = reopened(&gateway, Arc::clone(&backup));
        assert_eq!(on_backup.send(gateway.channel("out"), &case, "x").await, Err(VaultError::SecretGone));
        // Nor does anything that is left open it, under whatever number.
        let present = epochs(&gateway);
        let newest = old_secrets.secret(present[0]).expect("it reads").expect("it is there");
        let announced = gateway.store().announcement().await.expect("it reads").expect("there is one");
        let to = channels::EpochKey::believe(&announced, gateway.vault().id()).expect("it is signed");
        let bound = Bound { vault: gateway.vault().id(), case: case.as_str() };
        let mut renumbered = wrap.as_bytes().to_vec();
        renumbered[1..9].copy_from_slice(&present[0].to_be_bytes());
        assert!(Wrap::from_bytes(renumbered).moved(Kept::Contact, bound, &newest, &to).is_err());
        assert!(wrap.moved(Kept::Contact, bound, &newest, &to).is_err());
        // The secret that was destroyed would have: the test can see the difference.
        assert!(wrap.moved(Kept::Contact, bound, &old, &to).is_ok());
        let digits = hex::encode(old.to_bytes().as_slice());
        for (file, bytes) in files(gateway.folder()) {
            assert!(!bytes.windows(64).any(|window| window == digits.as_bytes()), "{} holds the old secret", file.display());
        }
        gateway.finish(&[&canary]).await;
    }

    async fn a_sender_is_forgotten_under_both_peppers_and_linked_by_none_after_them(store: Store) {
        let provider = Provider::start(&[]).await;
        let gateway = setup(store, &provider).start().await;
        let canary = Canary::new();
        let sender = planting::phone(&canary.phone);
        let keys = &gateway.desk().tools().keys;
        let day = |written: &str| written.parse().expect("a day");
        assert_eq!(keys.turn_pepper(day("2026-11-02"), 90, &SystemRng), Ok(false));
        report(&gateway, "first", &canary.phone).await;
        report(&gateway, "stranger", "+12015550199").await;
        // The pepper turns; the sender is met again and known under the new one.
        assert_eq!(keys.turn_pepper(day("2027-01-31"), 90, &SystemRng), Ok(true));
        let first = case_of(&gateway, &canary).await;
        report(&gateway, "second", &canary.phone).await;
        assert_eq!(gateway.store().same_reporter(&first).await.expect("it reads").len(), 2);
        // It turns again: only what was met in between is still known.
        assert_eq!(keys.turn_pepper(day("2027-05-01"), 90, &SystemRng), Ok(true));
        assert_eq!(gateway.desk().forget(Medium::Sms, &planting::phone("+12015550199")).await, Ok(0), "that thread is over");
        assert_eq!(gateway.desk().forget(Medium::Sms, &sender).await, Ok(2));
        assert_eq!(gateway.desk().forget(Medium::Sms, &sender).await, Ok(0));
        let mut open = Vec::new();
        for case in references(gateway.store()).await {
            open.push(gateway.vault().send(gateway.channel("out"), &case, "x").await);
        }
        open.sort_by_key(Result::is_ok);
        assert_eq!(open, [Err(VaultError::NothingKept), Err(VaultError::NothingKept), Ok(())]);
        let audit = Audit::in_folder(&gateway.folder().join("data")).verified(None).expect("one chain");
        assert!(audit.iter().any(|line| line.entry == Entry::Forgotten { n_cases: 2, wish: Wish::Reporter }));
        gateway.finish(&[&canary]).await;
    }

    async fn contacts_end_some_time_after_their_case(store: Store) {
        let provider = Provider::start(&[]).await;
        let gateway = setup(store, &provider).start().await;
        let canary = Canary::new();
        report(&gateway, &canary.message_id, &canary.phone).await;
        let claim = gateway.store().claim("ann").await.expect("it claims").expect("a case waits");
        gateway.store().complete(&claim.case.reference, "ann", claim.token).await.expect("it is hers");
        let is_kept = async || gateway.store().contact(&claim.case.reference).await.expect("it reads").is_some();
        // The first night sees that the case is finished; the days count from there.
        for day in 0..=90 {
            assert!(is_kept().await, "day {day}");
            gateway.clock.advance_secs(DAY_SECS);
            gateway.vault().upkeep(&POLICY).await.expect("it works");
        }
        assert!(!is_kept().await);
        assert_eq!(epochs(&gateway), [92], "a new epoch each night");
        let audit = Audit::in_folder(&gateway.folder().join("data")).verified(None).expect("one chain");
        assert!(audit.iter().any(|line| line.entry == Entry::Expired { n_contacts: 1, n_originals: 0 }));
        gateway.finish(&[&canary]).await;
    }
}

#[tokio::test]
async fn a_store_that_lost_its_epoch_or_follows_another_vault_is_told_apart() {
    let folder = tempfile::tempdir().expect("a folder");
    let clock = Arc::new(SetClock::at("2026-11-02T10:20:30Z".parse().expect("a time")));
    let store: Arc<dyn CaseStore> = Arc::new(EmbeddedStore::open(folder.path(), clock.clone(), 60).expect("a store"));
    let vault = |name: &str, store: &Arc<dyn CaseStore>| {
        let keys = ReplyKeys::open_or_make(&folder.path().join(name), None, &SystemRng).expect("keys");
        Vault::new(keys, Arc::clone(store), Audit::in_folder(folder.path()), clock.clone(), Arc::new(SystemRng))
    };
    let own = vault("own", &store);
    assert_eq!(own.establish().await.expect("an epoch").number(), 1);
    own.roll(&mut |_| true).await.expect("it rolls");
    assert_eq!(own.establish().await.expect("an epoch").number(), 2);
    // Somebody else's reply folder on this store.
    assert_eq!(vault("stranger", &store).establish().await, Err(VaultError::OtherVault));
    assert_eq!(vault("stranger", &store).roll(&mut |_| true).await, Err(VaultError::OtherVault));
    // The store lost everything: the same epoch is announced again.
    let empty_folder = tempfile::tempdir().expect("a folder");
    let empty: Arc<dyn CaseStore> = Arc::new(EmbeddedStore::open(empty_folder.path(), clock.clone(), 60).expect("a store"));
    assert_eq!(vault("own", &empty).establish().await.expect("an epoch").number(), 2);
}

#[tokio::test]
async fn intake_believes_no_epoch_but_the_vaults_newest() {
    let folder = tempfile::tempdir().expect("a folder");
    let clock = Arc::new(SetClock::at("2026-11-02T10:20:30Z".parse().expect("a time")));
    let store = EmbeddedStore::open(folder.path(), clock, 60).expect("a store");
    let (signer, stranger) = (VaultSigner::new([5; 32]), VaultSigner::new([6; 32]));
    let announced = |number, at: &str, signer: &VaultSigner| {
        EpochSecret::from_seed(number, &[7; 32]).announce(at.parse().expect("a time"), signer).expect("a key")
    };
    let older = announced(1, "2026-11-01T02:00:00Z", &signer);
    let newer = announced(2, "2026-11-02T02:00:00Z", &signer);
    let false_one = announced(3, "2026-11-03T02:00:00Z", &stranger);
    let current = CurrentEpoch::of(signer.id());
    assert_eq!(current.get(&store).await, Err(EpochError::None));
    assert!(store.announce(None, 2, &newer).await.expect("it writes"));
    assert_eq!(current.get(&store).await.expect("it is signed").number(), 2);
    assert!(store.announce(Some(&newer), 1, &older).await.expect("it writes"));
    assert_eq!(current.look_again(&store).await, Err(EpochError::Forged), "put back");
    assert!(store.announce(Some(&older), 3, &false_one).await.expect("it writes"));
    assert_eq!(current.look_again(&store).await, Err(EpochError::Forged), "a stranger's");
    assert_eq!(current.get(&store).await.expect("the last good one stays").number(), 2);
}

#[tokio::test]
async fn an_epoch_begins_each_night_at_its_hour_and_not_before() {
    let folder = tempfile::tempdir().expect("a folder");
    let clock = Arc::new(SetClock::at("2026-11-02T01:20:00Z".parse().expect("a time")));
    let store = Arc::new(EmbeddedStore::open(folder.path(), clock.clone(), 60).expect("a store"));
    let keys = ReplyKeys::open_or_make(&folder.path().join("reply"), None, &SystemRng).expect("keys");
    let vault = Vault::new(keys, store, Audit::in_folder(folder.path()), clock.clone(), Arc::new(SystemRng));
    let has_rolled = async || vault.upkeep(&POLICY).await.expect("it works").is_some();
    assert!(!has_rolled().await, "the first epoch is young");
    clock.advance_secs(39 * 60);
    assert!(!has_rolled().await, "01:59");
    clock.advance_secs(60);
    assert!(has_rolled().await && !has_rolled().await, "02:00, once");
    clock.advance_secs(DAY_SECS - 1);
    assert!(!has_rolled().await);
    // Three nights asleep are one night.
    clock.advance_secs(3 * DAY_SECS);
    assert!(has_rolled().await && !has_rolled().await);
}

/// A vault beside a store with so many wraps that nothing opens.
async fn with_noise(n_cases: u32) -> (tempfile::TempDir, Vault, Arc<EmbeddedStore>) {
    let folder = tempfile::tempdir().expect("a folder");
    let clock = Arc::new(SetClock::at("2026-11-02T10:20:30Z".parse().expect("a time")));
    let store = Arc::new(EmbeddedStore::open(folder.path(), clock.clone(), 60).expect("a store"));
    let keys = ReplyKeys::open_or_make(&folder.path().join("reply"), None, &SystemRng).expect("keys");
    let vault = Vault::new(keys, store.clone(), Audit::in_folder(folder.path()), clock, Arc::new(SystemRng));
    vault.establish().await.expect("an epoch");
    for number in 0..n_cases {
        let stored = store.push(&sample::case(number, Severity::High), &sample::envelope(number)).await;
        assert_eq!(stored, Ok(Pushed::New));
    }
    (folder, vault, store)
}

#[tokio::test]
async fn a_few_damaged_wraps_stop_no_night() {
    let (folder, vault, store) = with_noise(2).await;
    let rolled = vault.roll(&mut |_| true).await.expect("it rolls");
    assert_eq!((rolled.epoch, rolled.n_moved, rolled.n_lost), (2, 0, 4));
    assert!(folder.path().join("reply/epoch-2").exists() && !folder.path().join("reply/epoch-1").exists());
    assert_eq!(store.wraps_before(2, 0, 10).await.expect("it reads").len(), 4, "they stay, for a person to look at");
}

#[tokio::test]
async fn a_secret_that_opens_nothing_at_all_is_kept() {
    let (folder, vault, _) = with_noise(6).await;
    assert_eq!(vault.roll(&mut |_| true).await, Err(VaultError::NothingOpens));
    assert!(folder.path().join("reply/epoch-1").exists());
    assert_eq!(vault.upkeep(&POLICY).await, Err(VaultError::NothingOpens));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_broken_disk_the_signer_alone_brings_the_deployment_back() {
    let provider = Provider::start(&[]).await;
    let gateway = setup(Store::Embedded, &provider).start().await;
    let canary = Canary::new();
    report(&gateway, "before", &canary.phone).await;
    let before = references(gateway.store()).await.remove(0);
    std::fs::remove_file(gateway.folder().join("data/reply/epoch-1")).expect("it goes");
    let gateway = gateway.restart().await;
    gateway.vault().upkeep(&POLICY).await.expect("it works");
    assert_eq!(epochs(&gateway), [2], "a new epoch begins by itself");
    assert_eq!(gateway.vault().send(gateway.channel("out"), &before, "x").await, Err(VaultError::SecretGone));
    report(&gateway, "after", "+12015550199").await;
    let mut cases = references(gateway.store()).await;
    cases.retain(|case| *case != before);
    assert_eq!(gateway.vault().send(gateway.channel("out"), &cases[0], "x").await, Ok(()));
    gateway.finish(&[&canary]).await;
}

async fn case_of(gateway: &Gateway, canary: &Canary) -> Reference {
    // Nobody outside can ask for it, so the test asks the index the way the desk does.
    let keys = &gateway.desk().tools().keys;
    let sender = planting::phone(&canary.phone);
    let peppers = keys.peppers();
    let known_as: Vec<_> = [Some(&peppers.present), peppers.before.as_ref()]
        .into_iter()
        .flatten()
        .map(|pepper| sender.pseudonym(Medium::Sms, pepper))
        .collect();
    gateway.store().cases_of(&known_as).await.expect("it reads").remove(0)
}

/// A copy of the store as it is now, open beside it.
async fn backup_of(gateway: &Gateway, store: Store, folder: &Path) -> Arc<dyn CaseStore> {
    match store {
        Store::Embedded => {
            for name in ["cases.db", "cases.db-wal"] {
                let from = gateway.folder().join("data").join(name);
                if from.exists() {
                    std::fs::copy(from, folder.join(name)).expect("there is room");
                }
            }
            Arc::new(EmbeddedStore::open(folder, Arc::new(gateway.clock.clone()), 60).expect("a store"))
        }
        Store::Redis => {
            let (desk, copy) = (gateway.desk_name(), own_desk());
            let mut redis = shared().connect().await;
            let keys: Vec<String> = cmd("KEYS").arg(format!("{{{desk}}}:*")).query_async(&mut redis).await.expect("it is up");
            for key in keys {
                let dumped: Vec<u8> = cmd("DUMP").arg(&key).query_async(&mut redis).await.expect("it is there");
                let to = key.replacen(&format!("{{{desk}}}"), &format!("{{{copy}}}"), 1);
                let _: String = cmd("RESTORE").arg(to).arg(0).arg(dumped).query_async(&mut redis).await.expect("it takes it");
            }
            Arc::new(RedisStore::new(&shared().url(), &copy, 60, DELIVERY_KEPT).expect("a valid setup"))
        }
    }
}

/// Every byte of the live store: its files, or its keys. (Redis keeps old bytes in its append-only file until that is
/// rewritten; they are what the roll makes worthless.)
async fn all_bytes(gateway: &Gateway, store: Store) -> Vec<u8> {
    match store {
        Store::Embedded => {
            let stored = |file: &Path| file.file_name().is_some_and(|name| name.to_string_lossy().starts_with("cases.db"));
            files(gateway.folder()).into_iter().filter(|(file, _)| stored(file)).flat_map(|(_, bytes)| bytes).collect()
        }
        Store::Redis => {
            let mut redis = shared().connect().await;
            let pattern = format!("{{{}}}:*", gateway.desk_name());
            let keys: Vec<String> = cmd("KEYS").arg(pattern).query_async(&mut redis).await.expect("it is up");
            let mut bytes = Vec::new();
            for key in keys {
                let dumped: Vec<u8> = cmd("DUMP").arg(&key).query_async(&mut redis).await.expect("it is there");
                bytes.extend(dumped);
            }
            bytes
        }
    }
}
