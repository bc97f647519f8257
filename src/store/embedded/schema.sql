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
    -- JSON, see src/store/record.rs; last, so that a list can pass over a row without reading it.
    record      TEXT    NOT NULL
) STRICT;
CREATE INDEX cases_by_urgency ON cases (rank, seq) WHERE completed = 0;

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

-- What forgetting a reporter deletes.
CREATE TABLE contacts (
    reference TEXT PRIMARY KEY REFERENCES cases (reference),
    reporter  TEXT NOT NULL,
    channel   TEXT NOT NULL,
    sealed    BLOB                                  -- NULL when the reporter left no address
) STRICT, WITHOUT ROWID;
CREATE INDEX contacts_by_reporter ON contacts (reporter);

-- Written to find out whether the disk takes writes.
CREATE TABLE probe (
    id    INTEGER PRIMARY KEY CHECK (id = 0),
    n_all INTEGER NOT NULL
) STRICT;
INSERT INTO probe VALUES (0, 0);
