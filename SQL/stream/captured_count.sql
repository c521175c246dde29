-- Counts the tables that a sync captures.
-- Takes: $1 the sync. Returns: the count. Reads: sync_table. Writes: nothing.
SELECT count(*) FROM switchback.sync_table WHERE sync = $1
