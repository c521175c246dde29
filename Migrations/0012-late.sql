-- What a stream between sources owes: the look, after a batch is committed, for what was written meanwhile under keys of which it had found no row.
-- The receiver's snapshot when the batch looked for rows; null when nothing is owed.
ALTER TABLE switchback.cursor ADD COLUMN late_since pg_snapshot;

-- Whether a stream was begun anew with a source that is at an earlier moment than its receiver knew it. Until it carries, for a copy that is cut off meanwhile.
ALTER TABLE switchback.cursor ADD COLUMN source_forgets boolean NOT NULL DEFAULT false;
