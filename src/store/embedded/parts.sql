-- Format 2 of cases.db: messages that come in parts.

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
