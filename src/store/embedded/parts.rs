//! Parts of messages in the embedded store. Each function is one step of a transaction.

use channels::DeliveryKey;
use rusqlite::{Connection, OptionalExtension, params};

use crate::case::Reference;
use crate::store::{CLAIM_MS, Held, HeldPart, LATE_MS, StaleParts, StoreError};

type Group = (Option<i64>, Option<String>, Option<i64>);

/// Keeps a part; see [`CaseStore::hold_part`](crate::store::CaseStore::hold_part).
pub(super) fn hold(db: &Connection, part: &HeldPart, now_ms: i64) -> rusqlite::Result<Result<Held, StoreError>> {
    let (group, delivery) = (part.group.to_hex(), part.delivery.to_hex());
    let known: Option<Group> = db
        .prepare_cached("SELECT claimed_at, reference, filed_at FROM part_groups WHERE grp = ?1")?
        .query_row([&group], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let there: Option<String> = db
        .prepare_cached("SELECT delivery FROM parts WHERE grp = ?1 AND place = ?2")?
        .query_row(params![group, part.place], |row| row.get(0))
        .optional()?;
    let is_same = there.as_ref() == Some(&delivery);
    let (claimed_at, reference, filed_at) = known.clone().unwrap_or_default();
    if let Some(reference) = reference {
        let Some(reference) = Reference::parse(&reference) else { return Ok(Err(StoreError::Unreadable)) };
        let is_recent = filed_at.is_some_and(|filed_at| now_ms.saturating_sub(filed_at) <= LATE_MS);
        return Ok(Ok(match there {
            Some(_) if is_same => Held::Known(reference),
            None if is_recent => Held::Late(reference),
            Some(_) | None => Held::Taken,
        }));
    }
    if there.is_some() && !is_same {
        return Ok(Ok(Held::Taken));
    }
    if there.is_none() {
        if claimed_at.is_some_and(|claimed_at| now_ms.saturating_sub(claimed_at) < CLAIM_MS) {
            return Ok(Ok(Held::Busy));
        }
        if known.is_none() {
            db.prepare_cached("INSERT INTO part_groups (grp, total, first_at) VALUES (?1, ?2, ?3)")?
                .execute(params![group, part.total, now_ms])?;
        }
        db.prepare_cached("INSERT INTO parts (grp, place, delivery, sealed) VALUES (?1, ?2, ?3, ?4)")?.execute(params![
            group,
            part.place,
            delivery,
            part.sealed
        ])?;
    }
    let all = sealed_of(db, &group)?;
    if all.len() < usize::try_from(part.total).unwrap_or(usize::MAX) {
        return Ok(Ok(Held::Waiting));
    }
    db.prepare_cached("UPDATE part_groups SET claimed_at = ?2 WHERE grp = ?1")?.execute(params![group, now_ms])?;
    Ok(Ok(Held::Complete(all)))
}

/// Claims what waited too long.
pub(super) fn stale(db: &Connection, before_ms: i64, now_ms: i64) -> rusqlite::Result<Vec<StaleParts>> {
    let groups: Vec<String> = db
        .prepare_cached(
            "SELECT grp FROM part_groups
             WHERE reference IS NULL AND first_at < ?1 AND (claimed_at IS NULL OR claimed_at <= ?2) ORDER BY first_at LIMIT 64",
        )?
        .query_map(params![before_ms, now_ms.saturating_sub(CLAIM_MS)], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let mut found = Vec::new();
    for group in groups {
        db.prepare_cached("UPDATE part_groups SET claimed_at = ?2 WHERE grp = ?1")?.execute(params![group, now_ms])?;
        let sealed = sealed_of(db, &group)?;
        if let Some(group) = key_of(&group) {
            found.push(StaleParts { group, sealed });
        }
    }
    Ok(found)
}

/// Notes the case, empties the parts, and forgets groups that nobody can ask for any more.
pub(super) fn filed(db: &Connection, group: &str, reference: &str, now_ms: i64, kept_ms: i64) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE part_groups SET reference = ?2, filed_at = ?3 WHERE grp = ?1 AND reference IS NULL")?
        .execute(params![group, reference, now_ms])?;
    db.prepare_cached("UPDATE parts SET sealed = NULL WHERE grp = ?1")?.execute([group])?;
    db.prepare_cached("DELETE FROM part_groups WHERE filed_at < ?1")?.execute([now_ms.saturating_sub(kept_ms)])?;
    Ok(())
}

/// Notes that a late part is in its case now.
pub(super) fn added(db: &Connection, part: &HeldPart) -> rusqlite::Result<()> {
    db.prepare_cached("INSERT INTO parts (grp, place, delivery) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")?
        .execute(params![part.group.to_hex(), part.place, part.delivery.to_hex()])?;
    Ok(())
}

fn sealed_of(db: &Connection, group: &str) -> rusqlite::Result<Vec<Vec<u8>>> {
    db.prepare_cached("SELECT sealed FROM parts WHERE grp = ?1 AND sealed IS NOT NULL ORDER BY place")?
        .query_map([group], |row| row.get(0))?
        .collect()
}

fn key_of(written: &str) -> Option<DeliveryKey> {
    let mut key = [0; 16];
    hex::decode_to_slice(written, &mut key).ok()?;
    Some(DeliveryKey(key))
}
