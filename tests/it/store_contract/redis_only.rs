//! What holds for Redis alone: other programs read the queue, and servers come and go.

use pmm_gateway::store::redis::{DELIVERY_KEPT, RedisStore, SetupError};
use pmm_gateway::store::{CaseStore, Filter, Pushed, Standing, StandingFilter, StoreError};
use pmm_gateway::triage::Severity;
use redis::streams::StreamReadReply;
use redis::{Value, cmd};

use super::house::{House, LEASE_SECS, RedisHouse, keys_of};
use super::{claimed, contains, fill, standing};
use crate::harness::redis::Server;
use crate::harness::sample::{case, delivery, envelope, reference, reporter};

fn store_on(server: &Server) -> RedisStore {
    RedisStore::new(&server.url(), "desk", LEASE_SECS, DELIVERY_KEPT).expect("a valid setup")
}

/// Takes one entry as a program of somebody else's does.
async fn read_plainly(house: &RedisHouse, severity: Severity) -> (String, String, String) {
    let mut redis = house.server.connect().await;
    let mut read = cmd("XREADGROUP");
    read.arg("GROUP").arg("mediators").arg("somebody").arg("COUNT").arg(1).arg("STREAMS").arg(house.queue(severity)).arg(">");
    let reply: Option<StreamReadReply> = read.query_async(&mut redis).await.expect("the group is there");
    let entry = reply.expect("an entry waits").keys.remove(0).ids.remove(0);
    let field = |name: &str| entry.get::<String>(name).expect("the field is there");
    assert_eq!(entry.map.len(), 2);
    (entry.id.clone(), field("reference"), field("case"))
}

async fn acknowledge(house: &RedisHouse, severity: Severity, id: &str) {
    let mut redis = house.server.connect().await;
    let n_acked: u64 =
        cmd("XACK").arg(house.queue(severity)).arg("mediators").arg(id).query_async(&mut redis).await.expect("it acks");
    assert_eq!(n_acked, 1);
}

#[tokio::test]
async fn a_program_of_somebody_elses_can_be_a_mediator() {
    let house = RedisHouse::new();
    let store = house.open();
    store.ready().await.expect("the server is up");
    fill(&*store, &[Severity::High, Severity::High]).await;
    let (id, reference_field, json) = read_plainly(&house, Severity::High).await;
    assert_eq!(reference_field, reference(0).as_str());
    let read: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
    assert_eq!(read["v"], 2);
    assert_eq!(read["reference"], reference(0).as_str());
    assert_eq!(read["reporter"], case(0, Severity::High).alias.as_str());
    assert_eq!(read["received_hour"], "2026-11-02T10:00:00Z");
    assert_eq!(read["language"]["code"], "und");
    assert_eq!(read["redactions"]["phone"], 1);
    assert_eq!(read["triage"]["severity"], "high");
    assert_eq!(read["triage"]["respond_within_hours"], 72);
    assert_eq!(read["triage"]["matches"][0]["rule"], "locked-exit");
    assert_eq!(read["text"], case(0, Severity::High).text.as_str());

    assert_eq!(standing(&*store, 0).await, Standing::Claimed { mediator: "somebody".into() });
    assert_eq!(claimed(&*store, "ann").await, Some(reference(1).to_string()));
    acknowledge(&house, Severity::High, &id).await;
    assert_eq!(standing(&*store, 0).await, Standing::Completed);
    let completed = Filter { standing: Some(StandingFilter::Completed), ..Filter::default() };
    assert_eq!(store.list(&completed, None, 10).await.expect("it lists").rows.len(), 1);
}

#[tokio::test]
async fn entries_that_others_acknowledge_do_not_count_and_do_not_stay() {
    let house = RedisHouse::new();
    let store = house.open();
    store.ready().await.expect("the server is up");
    fill(&*store, &[Severity::Low, Severity::Low, Severity::Low]).await;
    let (id, _, _) = read_plainly(&house, Severity::Low).await;
    acknowledge(&house, Severity::Low, &id).await;
    assert_eq!(store.waiting().await.expect("it counts")[5], (Severity::Low, 2));
    let mut redis = house.server.connect().await;
    let n_entries: u64 = cmd("XLEN").arg(house.queue(Severity::Low)).query_async(&mut redis).await.expect("it counts");
    assert_eq!(n_entries, 2);
}

#[tokio::test]
async fn the_queue_holds_no_exact_time_and_nothing_of_the_reporter() {
    let house = RedisHouse::new();
    let store = house.open();
    let mut sample = case(3, Severity::Critical);
    sample.received_hour = "2026-11-02T10:41:27.123Z".parse().expect("a time");
    assert_eq!(store.push(&sample, &envelope(3)).await, Ok(Pushed::New));
    let mut redis = house.server.connect().await;
    let dumped: Vec<u8> = cmd("DUMP").arg(house.queue(Severity::Critical)).query_async(&mut redis).await.expect("it is there");
    for secret in [reporter(3).to_hex(), delivery(3).to_hex(), "sealed-contact".into(), "10:41".into(), "27.123".into()] {
        assert!(!contains(&dumped, secret.as_bytes()), "{secret}");
    }
    let info: redis::streams::StreamInfoStreamReply =
        cmd("XINFO").arg("STREAM").arg(house.queue(Severity::Critical)).query_async(&mut redis).await.expect("it is there");
    let hour_ms = 1_793_613_600_000_u64;
    assert_eq!(info.last_generated_id, format!("{hour_ms}-1"));
}

#[tokio::test]
async fn every_key_of_a_desk_has_its_hash_tag_and_what_links_deliveries_ends() {
    let house = RedisHouse::new();
    let store = house.open();
    fill(&*store, &[Severity::High]).await;
    let mut redis = house.server.connect().await;
    for key in keys_of(&house.desk, &mut redis).await {
        let ttl: i64 = cmd("TTL").arg(&key).query_async(&mut redis).await.expect("the key is there");
        let must_end = key.contains(":delivery:") || key.contains(":reporter:");
        assert_eq!(ttl > 29 * 86_400 && ttl <= 31 * 86_400, must_end, "{key}");
    }
}

#[tokio::test]
async fn a_lost_group_is_made_again_and_no_waiting_case_is_lost() {
    let house = RedisHouse::new();
    let store = house.open();
    fill(&*store, &[Severity::High, Severity::High]).await;
    let done = store.claim("ann").await.expect("it claims").expect("a case waits");
    store.complete(&reference(0), "ann", done.token).await.expect("it is hers");
    let mut redis = house.server.connect().await;
    let _: Value = cmd("XGROUP")
        .arg("DESTROY")
        .arg(house.queue(Severity::High))
        .arg("mediators")
        .query_async(&mut redis)
        .await
        .expect("it goes");
    assert_eq!(standing(&*store, 1).await, Standing::Waiting);
    assert_eq!(claimed(&*store, "ann").await, Some(reference(1).to_string()));
    assert_eq!(claimed(&*store, "ann").await, None);
}

#[tokio::test]
async fn foreign_and_deleted_entries_do_not_stop_a_queue() {
    let house = RedisHouse::new();
    let store = house.open();
    let mut redis = house.server.connect().await;
    for (name, value) in [("hello", "world"), ("reference", "none-such")] {
        let _: String = cmd("XADD")
            .arg(house.queue(Severity::High))
            .arg("1-*")
            .arg(name)
            .arg(value)
            .query_async(&mut redis)
            .await
            .expect("it adds");
    }
    fill(&*store, &[Severity::High, Severity::High, Severity::High]).await;
    assert_eq!(claimed(&*store, "ann").await, Some(reference(0).to_string()));
    assert_eq!(claimed(&*store, "ann").await, Some(reference(1).to_string()));
    let stream: redis::streams::StreamRangeReply =
        cmd("XRANGE").arg(house.queue(Severity::High)).arg("-").arg("+").query_async(&mut redis).await.expect("it reads");
    // Somebody deletes the first case's entry while it is pending.
    let _: u64 =
        cmd("XDEL").arg(house.queue(Severity::High)).arg(&stream.ids[2].id).query_async(&mut redis).await.expect("it deletes");
    house.expire_leases().await;
    assert_eq!(claimed(&*store, "bao").await, Some(reference(1).to_string()));
    assert_eq!(claimed(&*store, "bao").await, Some(reference(2).to_string()));
    assert_eq!(claimed(&*store, "bao").await, None);
}

#[tokio::test]
async fn what_was_answered_survives_the_servers_death() {
    let mut server = Server::start();
    let store = store_on(&server);
    fill(&store, &[Severity::High, Severity::Low]).await;
    let claim = store.claim("ann").await.expect("it claims").expect("a case waits");
    server.kill();
    assert_eq!(store.push(&case(2, Severity::High), &envelope(2)).await, Err(StoreError::Unreachable));
    assert_eq!(store.ready().await, Err(StoreError::Unreachable));
    server.start_again();
    // The same store finds the server again by itself.
    assert_eq!(store.ready().await, Ok(()));
    assert_eq!(store.complete(&reference(0), "ann", claim.token).await, Ok(()));
    assert_eq!(store.push(&case(1, Severity::Low), &envelope(1)).await, Ok(Pushed::Known(reference(1))));
    assert_eq!(claimed(&store, "ann").await, Some(reference(1).to_string()));
}

#[tokio::test]
async fn a_server_that_is_away_at_the_start_is_found_later() {
    let mut server = Server::start();
    server.kill();
    let store = store_on(&server);
    assert_eq!(store.ready().await, Err(StoreError::Unreachable));
    server.start_again();
    assert_eq!(store.ready().await, Ok(()));
}

#[tokio::test]
async fn a_server_that_takes_no_writes_is_said_to() {
    let server = Server::start();
    let store = store_on(&server);
    assert_eq!(store.ready().await, Ok(()));
    let mut redis = server.connect().await;
    for (setting, refusing, normal) in [("min-replicas-to-write", "1", "0"), ("maxmemory", "1", "0")] {
        let _: String = cmd("CONFIG").arg("SET").arg(setting).arg(refusing).query_async(&mut redis).await.expect("it sets");
        assert_eq!(store.push(&case(0, Severity::High), &envelope(0)).await, Err(StoreError::ReadOnly), "{setting}");
        assert_eq!(store.ready().await, Err(StoreError::ReadOnly), "{setting}");
        let _: String = cmd("CONFIG").arg("SET").arg(setting).arg(normal).query_async(&mut redis).await.expect("it sets");
    }
    // Nothing of the refused pushes was left behind.
    assert_eq!(store.push(&case(0, Severity::High), &envelope(0)).await, Ok(Pushed::New));
}

#[tokio::test]
async fn an_operator_is_warned_of_a_server_that_may_forget() {
    let server = Server::start();
    let store = store_on(&server);
    assert_eq!(store.warnings().await, Ok(Vec::new()));
    let mut redis = server.connect().await;
    for (setting, value) in [("appendfsync", "everysec"), ("maxmemory-policy", "allkeys-lru")] {
        let _: String = cmd("CONFIG").arg("SET").arg(setting).arg(value).query_async(&mut redis).await.expect("it sets");
    }
    assert_eq!(store.warnings().await.expect("the server is up").len(), 2);
}

#[tokio::test]
async fn a_wrong_setup_is_told_without_repeating_it() {
    let address = RedisStore::new(&"redis://:secret@[nowhere".into(), "desk", LEASE_SECS, DELIVERY_KEPT).err();
    assert_eq!(address, Some(SetupError::Address));
    let desk = RedisStore::new(&"redis://localhost".into(), "De}sk", LEASE_SECS, DELIVERY_KEPT).err();
    assert_eq!(desk, Some(SetupError::Desk));
}
