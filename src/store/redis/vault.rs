//! The sealed side of the Redis store.

use async_trait::async_trait;
use channels::{ChannelName, Kept, Pseudonym, SealedContact, SealedOriginal, Wrap};
use redis::pipe;

use super::RedisStore;
use super::link::Link;
use crate::case::Reference;
use crate::store::StoreError;
use crate::store::vault::{Expired, KeptContact, KeptWrap, Moved, Retention, VaultStore};

/// The nightly run looks at no more in one script: Redis serves nobody else meanwhile.
const MOST_LOOKS: usize = 200;

#[async_trait]
impl VaultStore for RedisStore {
    async fn announcement(&self) -> Result<Option<Vec<u8>>, StoreError> {
        let mut read = pipe();
        read.cmd("HGET").arg(self.keys.epoch()).arg("announcement");
        let (found,): (Option<Vec<u8>>,) = self.link.query(&read).await?;
        Ok(found)
    }

    async fn announce(&self, before: Option<&[u8]>, number: u64, announcement: &[u8]) -> Result<bool, StoreError> {
        let mut call = self.scripts.announce.key(self.keys.epoch());
        call.arg(before.unwrap_or_default()).arg(number).arg(announcement);
        self.link.run(&call).await
    }

    async fn contact(&self, reference: &Reference) -> Result<Option<KeptContact>, StoreError> {
        type Fields = (Option<String>, Option<Vec<u8>>);
        let mut read = pipe();
        read.atomic();
        read.cmd("HMGET").arg(self.keys.contact(reference)).arg("channel").arg("sealed");
        read.cmd("GET").arg(self.keys.wrap(Kept::Contact, reference));
        let ((channel, sealed), wrap): (Fields, Option<Vec<u8>>) = self.link.query(&read).await?;
        let (Some(channel), Some(sealed), Some(wrap)) = (channel, sealed, wrap) else { return Ok(None) };
        Ok(Some(KeptContact {
            channel: ChannelName::parse(&channel).ok_or(StoreError::Unreadable)?,
            contact: SealedContact::from_bytes(sealed),
            wrap: Wrap::from_bytes(wrap),
        }))
    }

    async fn original(&self, reference: &Reference) -> Result<Option<(SealedOriginal, Wrap)>, StoreError> {
        let mut read = pipe();
        read.atomic();
        read.cmd("GET").arg(self.keys.original(reference));
        read.cmd("GET").arg(self.keys.wrap(Kept::Original, reference));
        let found: (Option<Vec<u8>>, Option<Vec<u8>>) = self.link.query(&read).await?;
        let (Some(sealed), Some(wrap)) = found else { return Ok(None) };
        Ok(Some((SealedOriginal::from_bytes(sealed), Wrap::from_bytes(wrap))))
    }

    async fn wraps_before(&self, epoch: u64, skip: usize, limit: usize) -> Result<Vec<KeptWrap>, StoreError> {
        let mut call = self.scripts.wraps.key(self.keys.wraps());
        call.arg(epoch).arg(skip).arg(limit).arg(self.keys.wrap_prefix());
        let rows: Vec<(String, Vec<u8>)> = self.link.run(&call).await?;
        rows.into_iter()
            .map(|(member, wrap)| {
                let (kept, reference) = member.split_once(':').ok_or(StoreError::Unreadable)?;
                Ok(KeptWrap {
                    kept: Kept::parse(kept).ok_or(StoreError::Unreadable)?,
                    reference: Reference::parse(reference).ok_or(StoreError::Unreadable)?,
                    wrap: Wrap::from_bytes(wrap),
                })
            })
            .collect()
    }

    async fn move_wraps(&self, moved: &[Moved]) -> Result<u64, StoreError> {
        let mut call = self.scripts.move_wraps.key(self.keys.wraps());
        call.arg(self.keys.wrap_prefix());
        for Moved { from, to } in moved {
            call.arg(member(from.kept, &from.reference)).arg(from.wrap.as_bytes()).arg(to.as_bytes()).arg(to.epoch());
        }
        self.link.run(&call).await
    }

    async fn forget(&self, reference: &Reference) -> Result<bool, StoreError> {
        let mut call = self.scripts.forget.key(self.keys.contact(reference));
        call.key(self.keys.original(reference))
            .key(self.keys.wrap(Kept::Contact, reference))
            .key(self.keys.wrap(Kept::Original, reference))
            .key(self.keys.wraps())
            .key(self.keys.links())
            .key(self.keys.closures());
        call.arg(reference.as_str()).arg(self.keys.reporters());
        self.link.run(&call).await
    }

    async fn cases_of(&self, reporters: &[Pseudonym]) -> Result<Vec<Reference>, StoreError> {
        if reporters.is_empty() {
            return Ok(Vec::new());
        }
        let mut read = pipe();
        read.cmd("SUNION");
        for reporter in reporters {
            read.arg(self.keys.reporter(*reporter));
        }
        members(&self.link, &read).await
    }

    async fn same_reporter(&self, reference: &Reference) -> Result<Vec<Reference>, StoreError> {
        let mut read = pipe();
        read.cmd("HGET").arg(self.keys.links()).arg(reference.as_str());
        read.cmd("EXISTS").arg(self.keys.case(reference));
        let (reporter, is_there): (Option<String>, bool) = self.link.query(&read).await?;
        let mut found = match reporter {
            None => Vec::new(),
            Some(reporter) => {
                let mut read = pipe();
                read.cmd("SMEMBERS").arg(self.keys.reporters() + &reporter);
                members(&self.link, &read).await?
            }
        };
        if is_there && !found.contains(reference) {
            found.push(reference.clone());
        }
        found.sort();
        Ok(found)
    }

    async fn expire(&self, today: i64, retention: Retention) -> Result<Expired, StoreError> {
        let mut expired = Expired::default();
        let mut skip = 0_u64;
        loop {
            let mut call = self.scripts.expire.key(self.keys.wraps());
            call.key(self.keys.closures()).key(self.keys.links());
            call.arg(skip).arg(MOST_LOOKS).arg(today).arg(retention.contact_days).arg(retention.original_days);
            call.arg(self.keys.cases()).arg(self.keys.queues()).arg(self.lease_ms).arg(self.keys.tag());
            let (n_looks, n_stay, contacts, originals): (usize, u64, u64, u64) = self.link.run(&call).await?;
            expired.contacts += contacts;
            expired.originals += originals;
            skip += n_stay;
            if n_looks < MOST_LOOKS {
                break;
            }
        }
        let mut cursor = String::from("0");
        loop {
            let mut call = self.scripts.unlink.key(self.keys.links());
            call.arg(&cursor).arg(MOST_LOOKS).arg(self.keys.reporters());
            cursor = self.link.run(&call).await?;
            if cursor == "0" {
                return Ok(expired);
            }
        }
    }
}

/// How the set of all wraps names one.
fn member(kept: Kept, reference: &Reference) -> String {
    format!("{}:{reference}", kept.as_str())
}

async fn members(link: &Link, read: &redis::Pipeline) -> Result<Vec<Reference>, StoreError> {
    let (found,): (Vec<String>,) = link.query(read).await?;
    let mut references =
        found.iter().map(|reference| Reference::parse(reference).ok_or(StoreError::Unreadable)).collect::<Result<Vec<_>, _>>()?;
    references.sort();
    Ok(references)
}
