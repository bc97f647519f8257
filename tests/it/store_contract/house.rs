//! The two stores, and what a test does behind their back.

use std::sync::Arc;

use async_trait::async_trait;
use pmm_gateway::case::Reference;
use pmm_gateway::clock::SetClock;
use pmm_gateway::store::CaseStore;
use pmm_gateway::store::embedded::EmbeddedStore;
use pmm_gateway::store::redis::{DELIVERY_KEPT, RedisStore};
use pmm_gateway::triage::Severity;
use redis::aio::MultiplexedConnection;
use redis::cmd;
use redis::streams::StreamPendingCountReply;

use crate::harness::redis::{Server, own_desk, shared};

pub const LEASE_SECS: u32 = 600;
const NEWER: &str = r#"{"v":99,"mood":"good"}"#;

/// A place where one test's cases are.
#[async_trait]
pub trait House: Sync {
    /// Opens the store; a second time as a second gateway would.
    fn open(&self) -> Arc<dyn CaseStore>;
    /// Lets every lease run out.
    async fn expire_leases(&self);
    /// Lets half of a lease pass.
    async fn pass_half_a_lease(&self);
    /// Lets days pass.
    async fn pass_days(&self, days: i64);
    /// Every byte that is kept.
    async fn bytes(&self) -> Vec<u8>;
    /// Replaces a record by one of a newer gateway.
    async fn spoil(&self, reference: &Reference);
}

pub struct EmbeddedHouse {
    folder: tempfile::TempDir,
    clock: SetClock,
}

impl EmbeddedHouse {
    pub fn new() -> Self {
        let clock = SetClock::at("2026-11-02T12:00:00Z".parse().expect("a time"));
        Self { folder: tempfile::tempdir().expect("there is room for a folder"), clock }
    }
}

#[async_trait]
impl House for EmbeddedHouse {
    fn open(&self) -> Arc<dyn CaseStore> {
        Arc::new(EmbeddedStore::open(self.folder.path(), Arc::new(self.clock.clone()), LEASE_SECS).expect("it opens"))
    }

    async fn expire_leases(&self) {
        self.clock.advance_secs(i64::from(LEASE_SECS) + 1);
    }

    async fn pass_half_a_lease(&self) {
        self.clock.advance_secs(i64::from(LEASE_SECS) / 2 + 1);
    }

    async fn pass_days(&self, days: i64) {
        self.clock.advance_secs(days * 86_400);
    }

    async fn bytes(&self) -> Vec<u8> {
        let files = std::fs::read_dir(self.folder.path()).expect("the folder is there");
        files.flat_map(|file| std::fs::read(file.expect("a file").path()).expect("it reads")).collect()
    }

    async fn spoil(&self, reference: &Reference) {
        let db = rusqlite::Connection::open(self.folder.path().join("cases.db")).expect("it opens");
        db.execute("UPDATE cases SET record = ?1 WHERE reference = ?2", (NEWER, reference.as_str())).expect("it writes");
    }
}

pub struct RedisHouse {
    pub server: &'static Server,
    pub desk: String,
}

impl RedisHouse {
    pub fn new() -> Self {
        Self { server: shared(), desk: own_desk() }
    }

    pub fn queue(&self, severity: Severity) -> String {
        format!("{{{}}}:queue:{}", self.desk, severity.as_str())
    }

    /// Makes every pending entry look `secs` longer idle than it is.
    async fn pass(&self, secs: u32) {
        let mut redis = self.server.connect().await;
        for severity in Severity::ALL {
            let queue = self.queue(severity);
            let pending = cmd("XPENDING").arg(&queue).arg("mediators").arg("-").arg("+").arg(1000).query_async(&mut redis).await;
            // A queue that no case ever went into has no group.
            let Ok(StreamPendingCountReply { ids, .. }) = pending else { continue };
            for entry in ids {
                let mut claim = cmd("XCLAIM");
                claim.arg(&queue).arg("mediators").arg(&entry.consumer).arg(0).arg(&entry.id);
                claim.arg("IDLE").arg(entry.last_delivered_ms + secs as usize * 1000).arg("JUSTID");
                let _: redis::Value = claim.query_async(&mut redis).await.expect("the entry is pending");
            }
        }
    }
}

pub async fn keys_of(desk: &str, redis: &mut MultiplexedConnection) -> Vec<String> {
    // A brace is no wildcard, so the tag stands for itself.
    cmd("KEYS").arg(format!("{{{desk}}}:*")).query_async(redis).await.expect("the server is up")
}

#[async_trait]
impl House for RedisHouse {
    fn open(&self) -> Arc<dyn CaseStore> {
        Arc::new(RedisStore::new(&self.server.url(), &self.desk, LEASE_SECS, DELIVERY_KEPT).expect("a valid setup"))
    }

    async fn expire_leases(&self) {
        self.pass(LEASE_SECS + 1).await;
    }

    async fn pass_half_a_lease(&self) {
        self.pass(LEASE_SECS / 2 + 1).await;
    }

    /// Brings every end as much nearer.
    async fn pass_days(&self, days: i64) {
        let mut redis = self.server.connect().await;
        for key in keys_of(&self.desk, &mut redis).await {
            let ttl: i64 = cmd("TTL").arg(&key).query_async(&mut redis).await.expect("the key is there");
            if ttl > 0 {
                let _: u64 = cmd("EXPIRE").arg(&key).arg(ttl - days * 86_400).query_async(&mut redis).await.expect("it ends");
            }
        }
    }

    async fn bytes(&self) -> Vec<u8> {
        let mut redis = self.server.connect().await;
        let mut bytes = Vec::new();
        for key in keys_of(&self.desk, &mut redis).await {
            bytes.extend_from_slice(key.as_bytes());
            let dumped: Vec<u8> = cmd("DUMP").arg(&key).query_async(&mut redis).await.expect("the key is there");
            bytes.extend(dumped);
        }
        bytes
    }

    async fn spoil(&self, reference: &Reference) {
        let mut redis = self.server.connect().await;
        let key = format!("{{{}}}:case:{reference}", self.desk);
        let _: u64 = cmd("HSET").arg(key).arg("record").arg(NEWER).query_async(&mut redis).await.expect("it writes");
    }
}
