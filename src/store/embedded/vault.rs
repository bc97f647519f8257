//! The sealed side of the embedded store.

use async_trait::async_trait;
use channels::{ChannelName, Kept, Pseudonym, SealedContact, SealedOriginal, Wrap};
use rusqlite::{Connection, OptionalExtension, params};

use super::{EmbeddedStore, signed, unsigned};
use crate::case::Reference;
use crate::store::vault::{Expired, KeptContact, KeptWrap, Moved, Retention, VaultStore};
use crate::store::{Envelope, StoreError};

const CONTACT: &str = "
    SELECT channel, sealed, wrap FROM contacts JOIN wraps USING (reference) WHERE reference = ?1 AND kept = 'contact'";
const ORIGINAL: &str = "
    SELECT sealed, wrap FROM originals JOIN wraps USING (reference) WHERE reference = ?1 AND kept = 'original'";

/// Whether the envelope was sealed for an epoch that is over.
pub(super) fn is_epoch_over(db: &Connection, envelope: &Envelope) -> rusqlite::Result<bool> {
    let Some(epoch) = envelope.epoch() else { return Ok(false) };
    let announced: Option<i64> = db.prepare_cached("SELECT number FROM epoch")?.query_row([], |row| row.get(0)).optional()?;
    Ok(announced.is_some_and(|number| number != signed(epoch)))
}

/// Writes what is kept beside a new case.
pub(super) fn keep(db: &Connection, reference: &str, envelope: &Envelope, today: i64) -> rusqlite::Result<()> {
    let reporter = envelope.reporter.to_hex();
    if let Some(before) = envelope.reporter_before.map(Pseudonym::to_hex) {
        // Met under the old pepper: known under the new one from now on.
        db.prepare_cached("UPDATE links SET reporter = ?1 WHERE reporter = ?2")?.execute([&reporter, &before])?;
        db.prepare_cached("DELETE FROM reporters WHERE reporter = ?1")?.execute([&before])?;
    }
    db.prepare_cached("INSERT OR REPLACE INTO reporters (reporter, day) VALUES (?1, ?2)")?.execute(params![reporter, today])?;
    db.prepare_cached("INSERT INTO links (reference, reporter) VALUES (?1, ?2)")?.execute([reference, &reporter])?;
    let wrap = |kept: Kept, wrap: &Wrap| {
        db.prepare_cached("INSERT INTO wraps (kept, reference, epoch, wrap) VALUES (?1, ?2, ?3, ?4)")?.execute(params![
            kept.as_str(),
            reference,
            signed(wrap.epoch()),
            wrap.as_bytes()
        ])
    };
    if let Some((contact, key)) = &envelope.contact {
        db.prepare_cached("INSERT INTO contacts (reference, channel, sealed) VALUES (?1, ?2, ?3)")?.execute(params![
            reference,
            envelope.channel.as_str(),
            contact.as_bytes()
        ])?;
        wrap(Kept::Contact, key)?;
    }
    if let Some((original, key)) = &envelope.original {
        db.prepare_cached("INSERT INTO originals (reference, sealed) VALUES (?1, ?2)")?
            .execute(params![reference, original.as_bytes()])?;
        wrap(Kept::Original, key)?;
    }
    Ok(())
}

#[async_trait]
impl VaultStore for EmbeddedStore {
    async fn announcement(&self) -> Result<Option<Vec<u8>>, StoreError> {
        self.readers.run(|db| db.query_row("SELECT announcement FROM epoch", [], |row| row.get(0)).optional()).await
    }

    async fn announce(&self, before: Option<&[u8]>, number: u64, announcement: &[u8]) -> Result<bool, StoreError> {
        let (before, announcement) = (before.map(<[u8]>::to_vec), announcement.to_vec());
        let announced = self.writer.run(move |db| {
            let found: Option<Vec<u8>> = db.query_row("SELECT announcement FROM epoch", [], |row| row.get(0)).optional()?;
            if found != before {
                return Ok(found.as_ref() == Some(&announcement));
            }
            db.execute(
                "INSERT OR REPLACE INTO epoch (id, number, announcement) VALUES (0, ?1, ?2)",
                params![signed(number), announcement],
            )?;
            Ok(true)
        });
        Ok(announced.await?)
    }

    async fn contact(&self, reference: &Reference) -> Result<Option<KeptContact>, StoreError> {
        let reference = reference.as_str().to_owned();
        let found: Option<(String, Vec<u8>, Vec<u8>)> = self
            .readers
            .run(move |db| {
                db.prepare_cached(CONTACT)?.query_row([&reference], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional()
            })
            .await?;
        let kept = |(channel, sealed, wrap): (String, Vec<u8>, Vec<u8>)| {
            Ok(KeptContact {
                channel: ChannelName::parse(&channel).ok_or(StoreError::Unreadable)?,
                contact: SealedContact::from_bytes(sealed),
                wrap: Wrap::from_bytes(wrap),
            })
        };
        found.map(kept).transpose()
    }

    async fn original(&self, reference: &Reference) -> Result<Option<(SealedOriginal, Wrap)>, StoreError> {
        let reference = reference.as_str().to_owned();
        let found: Option<(Vec<u8>, Vec<u8>)> = self
            .readers
            .run(move |db| db.prepare_cached(ORIGINAL)?.query_row([&reference], |row| Ok((row.get(0)?, row.get(1)?))).optional())
            .await?;
        Ok(found.map(|(sealed, wrap)| (SealedOriginal::from_bytes(sealed), Wrap::from_bytes(wrap))))
    }

    async fn wraps_before(&self, epoch: u64, skip: usize, limit: usize) -> Result<Vec<KeptWrap>, StoreError> {
        let (skip, limit) = (signed(skip as u64), signed(limit as u64));
        let rows: Vec<(String, String, Vec<u8>)> = self
            .readers
            .run(move |db| {
                db.prepare_cached(
                    "SELECT kept, reference, wrap FROM wraps WHERE epoch < ?1 ORDER BY epoch, kept, reference LIMIT ?2 OFFSET ?3",
                )?
                .query_map(params![signed(epoch), limit, skip], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
                .collect()
            })
            .await?;
        rows.into_iter()
            .map(|(kept, reference, wrap)| {
                Ok(KeptWrap {
                    kept: Kept::parse(&kept).ok_or(StoreError::Unreadable)?,
                    reference: Reference::parse(&reference).ok_or(StoreError::Unreadable)?,
                    wrap: Wrap::from_bytes(wrap),
                })
            })
            .collect()
    }

    async fn move_wraps(&self, moved: &[Moved]) -> Result<u64, StoreError> {
        let moved = moved.to_vec();
        let n_moved = self.writer.run(move |db| {
            let mut n_moved = 0;
            for Moved { from, to } in &moved {
                n_moved += db
                    .prepare_cached("UPDATE wraps SET epoch = ?1, wrap = ?2 WHERE kept = ?3 AND reference = ?4 AND wrap = ?5")?
                    .execute(params![
                        signed(to.epoch()),
                        to.as_bytes(),
                        from.kept.as_str(),
                        from.reference.as_str(),
                        from.wrap.as_bytes()
                    ])?;
            }
            Ok(n_moved as u64)
        });
        Ok(n_moved.await?)
    }

    async fn forget(&self, reference: &Reference) -> Result<bool, StoreError> {
        let reference = reference.as_str().to_owned();
        let n_deleted = self.writer.run(move |db| {
            let mut n_deleted = 0;
            let reporter: Option<String> =
                db.query_row("SELECT reporter FROM links WHERE reference = ?1", [&reference], |row| row.get(0)).optional()?;
            for table in ["wraps", "contacts", "originals", "links", "closures"] {
                n_deleted += db.execute(&format!("DELETE FROM {table} WHERE reference = ?1"), [&reference])?;
            }
            if let Some(reporter) = reporter {
                let last = "DELETE FROM reporters WHERE reporter = ?1 AND NOT EXISTS (SELECT 1 FROM links WHERE reporter = ?1)";
                db.execute(last, [&reporter])?;
            }
            Ok(n_deleted)
        });
        let n_deleted = n_deleted.await?;
        // Also when there was nothing: an earlier attempt may have been interrupted before this.
        self.writer.truncate_log().await?;
        Ok(n_deleted > 0)
    }

    async fn cases_of(&self, reporters: &[Pseudonym]) -> Result<Vec<Reference>, StoreError> {
        let reporters: Vec<String> = reporters.iter().map(|reporter| reporter.to_hex()).collect();
        let found: Vec<String> = self
            .readers
            .run(move |db| {
                let mut found = Vec::new();
                for reporter in &reporters {
                    let mut statement =
                        db.prepare_cached("SELECT reference FROM links WHERE reporter = ?1 ORDER BY reference")?;
                    for reference in statement.query_map([reporter], |row| row.get(0))? {
                        found.push(reference?);
                    }
                }
                Ok(found)
            })
            .await?;
        parsed(&found)
    }

    async fn same_reporter(&self, reference: &Reference) -> Result<Vec<Reference>, StoreError> {
        let own = reference.as_str().to_owned();
        let found: Vec<String> = self
            .readers
            .run(move |db| {
                db.prepare_cached(
                    "SELECT reference FROM links WHERE reporter = (SELECT reporter FROM links WHERE reference = ?1)
                     UNION SELECT reference FROM cases WHERE reference = ?1 ORDER BY 1",
                )?
                .query_map([&own], |row| row.get(0))?
                .collect()
            })
            .await?;
        parsed(&found)
    }

    async fn expire(&self, today: i64, retention: Retention) -> Result<Expired, StoreError> {
        let expired = self.writer.run(move |db| {
            db.execute(
                "INSERT INTO closures (reference, day) SELECT DISTINCT reference, ?1 FROM wraps JOIN cases USING (reference)
                 WHERE completed = 1 ON CONFLICT DO NOTHING",
                [today],
            )?;
            let destroy = |kept: Kept, tables: &[&str], days: i64| {
                let over = "IN (SELECT reference FROM closures WHERE day <= ?1)";
                let last = today.saturating_sub(days);
                for table in tables {
                    db.execute(&format!("DELETE FROM {table} WHERE reference {over}"), [last])?;
                }
                let n_wraps =
                    db.execute(&format!("DELETE FROM wraps WHERE kept = ?2 AND reference {over}"), params![last, kept.as_str()])?;
                Ok::<u64, rusqlite::Error>(n_wraps as u64)
            };
            let contacts = destroy(Kept::Contact, &["contacts", "links"], retention.contact_days)?;
            let originals = destroy(Kept::Original, &["originals"], retention.original_days)?;
            db.execute("DELETE FROM closures WHERE reference NOT IN (SELECT reference FROM wraps)", [])?;
            db.execute("DELETE FROM reporters WHERE day < ?1", [today.saturating_sub(retention.thread_days)])?;
            db.execute("DELETE FROM links WHERE reporter NOT IN (SELECT reporter FROM reporters)", [])?;
            db.execute("DELETE FROM reporters WHERE reporter NOT IN (SELECT reporter FROM links)", [])?;
            Ok(Expired { contacts, originals })
        });
        let expired = expired.await?;
        // A reader that holds the log up is no failure: what is left there is past its time every night anew.
        let _ = self.writer.truncate_log().await;
        Ok(expired)
    }
}

fn parsed(references: &[String]) -> Result<Vec<Reference>, StoreError> {
    references.iter().map(|reference| Reference::parse(reference).ok_or(StoreError::Unreadable)).collect()
}

/// Whether a file is of the time before the vault, when contacts lay in one piece.
pub(super) fn is_of_an_early_build(db: &Connection) -> rusqlite::Result<bool> {
    let n_columns: i64 =
        db.query_row("SELECT count(*) FROM pragma_table_info('contacts') WHERE name = 'reporter'", [], |row| row.get(0))?;
    Ok(unsigned(n_columns) > 0)
}
