//! (e) What sealing costs on one core, and how long a night takes.

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use channels::{Bound, CustodianSecret, EpochKey, EpochSecret, Kept, VaultSigner, planting};
use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use pmm_gateway::audit::Audit;
use pmm_gateway::clock::{SystemClock, SystemRng};
use pmm_gateway::keys::ReplyKeys;
use pmm_gateway::store::embedded::EmbeddedStore;
use pmm_gateway::store::redis::{DELIVERY_KEPT, RedisStore};
use pmm_gateway::store::{CaseStore, Pushed};
use pmm_gateway::triage::Severity;
use pmm_gateway::vault::Vault;

use super::{redis_server, sample, say};

const TIMES: u32 = 100;
/// Many and short: neighbours on the machine disturb some of them, not all.
const ROUNDS: u32 = 40;
const CONTACTS: u32 = 10_000;

/// One core, one after the other.
pub fn seals() {
    let signer = VaultSigner::new([5; 32]);
    let epoch = |number| {
        let secret = EpochSecret::from_seed(number, &[7; 32]);
        let announcement = secret.announce(Timestamp::UNIX_EPOCH, &signer).expect("a key");
        let key = EpochKey::believe(&announcement, signer.id()).expect("it is signed");
        (secret, key)
    };
    let ((secret, key), (_, next)) = (epoch(1), epoch(2));
    let custodian = CustodianSecret::from_seed(&[4; 32]);
    let bound = Bound { vault: signer.id(), case: "ABCD-EFGH" };
    let report = planting::inbound("sms", planting::phone("+12015550123"), "They have not paid us for three months");
    let (_, wrap) = report.seal_contact(bound, &key).expect("there is an address");
    let (original, original_wrap) = report.seal_original(bound, &key, &custodian.key()).expect("a key");
    let each = |what: &str, work: &dyn Fn()| {
        let round = || {
            let started = Instant::now();
            (0..TIMES).for_each(|_| work());
            started.elapsed()
        };
        let best = (0..ROUNDS).map(|_| round()).min().expect("rounds");
        say(&format!("(e) {what:<46} {:>6.0} µs\n", micros(best) / f64::from(TIMES)));
    };
    each("seal a contact", &|| drop(black_box(report.seal_contact(bound, &key))));
    each("open what is sealed to an epoch", &|| drop(black_box(original.hand_out(&original_wrap, bound, &secret))));
    each("move a wrap to the next epoch", &|| drop(black_box(wrap.moved(Kept::Contact, bound, &secret, &next))));
    each("seal an original to custodian and epoch", &|| {
        drop(black_box(report.seal_original(bound, &key, &custodian.key())));
    });
}

/// A whole night on both stores.
pub async fn nights() {
    let folder = tempfile::tempdir().expect("a folder");
    let embedded = EmbeddedStore::open(folder.path(), Arc::new(SystemClock), 900).expect("a store");
    night("embedded", Arc::new(embedded)).await;
    let server = redis_server::Server::start();
    let redis = RedisStore::new(&server.url(), "bench", 900, DELIVERY_KEPT).expect("a valid setup");
    night("redis, every write synced", Arc::new(redis)).await;
}

async fn night(name: &str, store: Arc<dyn CaseStore>) {
    let folder = tempfile::tempdir().expect("a folder");
    let keys = ReplyKeys::open_or_make(&folder.path().join("reply"), None, &SystemRng).expect("keys");
    let audit = Audit::in_folder(folder.path());
    let vault = Vault::new(keys, Arc::clone(&store), audit, Arc::new(SystemClock), Arc::new(SystemRng));
    let (epoch, id) = (vault.establish().await.expect("an epoch"), vault.id());
    let store = &store;
    stream::iter(0..CONTACTS)
        .for_each_concurrent(64, |number| async move {
            let case = sample::case(number, Severity::High);
            let mut envelope = sample::envelope(number);
            let report = planting::inbound("sms", planting::phone("+12015550123"), "no pay");
            let bound = Bound { vault: id, case: case.reference.as_str() };
            (envelope.contact, envelope.original) = (report.seal_contact(bound, &epoch), None);
            assert_eq!(store.push(&case, &envelope).await, Ok(Pushed::New));
        })
        .await;
    let started = Instant::now();
    let rolled = vault.roll(&mut |_| true).await.expect("it rolls");
    assert_eq!((rolled.n_moved, rolled.n_lost), (u64::from(CONTACTS), 0));
    say(&format!("(e) a night with {CONTACTS} contacts ({name}): {:.1} s\n", started.elapsed().as_secs_f64()));
}

fn micros(elapsed: Duration) -> f64 {
    elapsed.as_secs_f64() * 1_000_000.0
}
