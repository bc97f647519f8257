-- Format 1 of outbox.db.

CREATE TABLE messages (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,  -- order of arrival
    once        TEXT    NOT NULL UNIQUE,            -- what makes two orders the same message; keyed
    own_id      TEXT    NOT NULL UNIQUE,            -- our name for it, told to the provider
    channel     TEXT    NOT NULL,
    reference   TEXT,                               -- this and the next three: NULL once it is finished
    reporter    TEXT,                               -- pseudonym, of whoever gets a receipt
    sender      BLOB,                               -- where a receipt goes, sealed; a reply goes where the vault opens
    words       BLOB,                               -- sealed
    state       INTEGER NOT NULL DEFAULT 0,         -- see src/outbox.rs
    attempts    INTEGER NOT NULL DEFAULT 0,
    provider_id TEXT,                               -- the provider's name for it; keyed
    day         INTEGER NOT NULL                    -- days since 1970, to be forgotten in time
) STRICT;
CREATE INDEX messages_open ON messages (channel, id) WHERE state < 2;
CREATE INDEX messages_by_provider ON messages (provider_id) WHERE provider_id IS NOT NULL;

-- People who want no messages.
CREATE TABLE silent (
    reporter     TEXT    PRIMARY KEY,               -- pseudonym, under any pepper
    is_forgotten INTEGER NOT NULL DEFAULT 0         -- whether the case store has forgotten them
) STRICT, WITHOUT ROWID;
