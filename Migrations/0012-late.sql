-- What a stream between sources owes: the look, after a batch is committed, for what was written meanwhile under keys of which it had found no row.
-- The receiver's snapshot when the batch looked for rows; null when nothing is owed.
ALTER TABLE switchback.cursor ADD COLUMN late_since pg_snapshot;
