-- Counts the tables that a stream still needs older deltas for: those being copied, and those whose first window was not
-- carried.
-- Takes: $1 sync, $2 source. Returns: one row, the count. Reads: table_state. Writes: nothing.
SELECT count(*) FROM switchback.table_state WHERE sync = $1 AND source = $2 AND (state = 'copying' OR since IS NOT NULL)
