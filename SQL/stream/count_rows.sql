-- Counts the rows of a batch once they are known, in its transaction.
-- Takes: $1 sync, $2 source, $3 rows. Returns: nothing. Reads: nothing. Writes: cursor.
UPDATE switchback.cursor SET applied_rows = applied_rows + $3::bigint, applied_at = clock_timestamp()
 WHERE sync = $1 AND source = $2
