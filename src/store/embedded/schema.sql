-- Format 1 of cases.db.

CREATE TABLE cases (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,  -- order of arrival
    reference   TEXT    NOT NULL UNIQUE,
    rank        INTEGER NOT NULL,                   -- of the severity; 0 is the most urgent
    language    TEXT    NOT NULL,
    completed   INTEGER NOT NULL DEFAULT 0,
    claims      INTEGER NOT NULL DEFAULT 0,         -- the newest claim's token
    mediator    TEXT,                               -- who has or had it last
    lease_until INTEGER NOT NULL DEFAULT 0,         -- in ms; nobody has the case once this is past
    held        INTEGER NOT NULL DEFAULT 0,         -- an operator must look at it first; it is in no queue
    -- JSON, see src/store/record.rs; last, so that a list can pass over a row without reading it.
    record      TEXT    NOT NULL
) STRICT;
CREATE INDEX cases_by_urgency ON cases (rank, seq) WHERE completed = 0 AND held = 0;

CREATE TABLE messages (
    position  INTEGER PRIMARY KEY AUTOINCREMENT,
    reference TEXT NOT NULL REFERENCES cases (reference),
    record    TEXT NOT NULL
) STRICT;
CREATE INDEX messages_by_case ON messages (reference, position);

CREATE TABLE deliveries (
    delivery  TEXT    PRIMARY KEY,
    reference TEXT    NOT NULL,
    day       INTEGER NOT NULL                      -- days since 1970, to be forgotten in time
) STRICT, WITHOUT ROWID;
CREATE INDEX deliveries_by_day ON deliveries (day);

-- From here to `closures`: what forgetting a reporter deletes.

-- Which case is whose, under the keyed pseudonym.
CREATE TABLE links (
    reference TEXT PRIMARY KEY REFERENCES cases (reference),
    reporter  TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX links_by_reporter ON links (reporter);

CREATE TABLE reporters (
    reporter TEXT    PRIMARY KEY,
    day      INTEGER NOT NULL                       -- of the newest report, to be forgotten in time
) STRICT, WITHOUT ROWID;

CREATE TABLE contacts (
    reference TEXT PRIMARY KEY REFERENCES cases (reference),
    channel   TEXT NOT NULL,
    sealed    BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE originals (
    reference TEXT PRIMARY KEY REFERENCES cases (reference),
    sealed    BLOB NOT NULL
) STRICT;

-- The keys of contacts and originals, each wrapped to the key of an epoch. They move from epoch to epoch; the records stay.
CREATE TABLE wraps (
    kept      TEXT    NOT NULL,                     -- contact or original
    reference TEXT    NOT NULL REFERENCES cases (reference),
    epoch     INTEGER NOT NULL,
    wrap      BLOB    NOT NULL,
    PRIMARY KEY (kept, reference)
) STRICT, WITHOUT ROWID;
CREATE INDEX wraps_by_epoch ON wraps (epoch, kept, reference);
CREATE INDEX wraps_by_case ON wraps (reference);

-- When it was first seen that a case was finished, for whatever has to go some time after.
CREATE TABLE closures (
    reference TEXT    PRIMARY KEY REFERENCES cases (reference),
    day       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The present epoch's public key, under the vault's signature.
CREATE TABLE epoch (
    id           INTEGER PRIMARY KEY CHECK (id = 0),
    number       INTEGER NOT NULL,
    announcement BLOB    NOT NULL
) STRICT;

-- Messages that come in parts, until the last part is there.
CREATE TABLE part_groups (
    grp        TEXT    PRIMARY KEY,
    total      INTEGER NOT NULL,
    first_at   INTEGER NOT NULL,   -- in ms; when the first part came
    claimed_at INTEGER,            -- in ms; when a gateway began to make a case of them
    reference  TEXT,               -- of the case that they became
    filed_at   INTEGER             -- in ms
) STRICT, WITHOUT ROWID;
CREATE INDEX part_groups_waiting ON part_groups (first_at) WHERE reference IS NULL;

CREATE TABLE parts (
    grp      TEXT    NOT NULL REFERENCES part_groups (grp) ON DELETE CASCADE,
    place    INTEGER NOT NULL,
    delivery TEXT    NOT NULL,
    sealed   BLOB,                 -- NULL once the case is there
    PRIMARY KEY (grp, place)
) STRICT, WITHOUT ROWID;

-- Written to find out whether the disk takes writes.
CREATE TABLE probe (
    id    INTEGER PRIMARY KEY CHECK (id = 0),
    n_all INTEGER NOT NULL
) STRICT;
INSERT INTO probe VALUES (0, 0);
