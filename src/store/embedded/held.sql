-- Format 2 of cases.db: a case that an operator must look at first is in no queue.

ALTER TABLE cases ADD COLUMN held INTEGER NOT NULL DEFAULT 0;
DROP INDEX cases_by_urgency;
CREATE INDEX cases_by_urgency ON cases (rank, seq) WHERE completed = 0 AND held = 0;
