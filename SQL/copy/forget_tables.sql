-- Forgets how the tables of a stream had joined it.
-- Takes: $1 sync, $2 source. Returns: nothing. Reads: nothing. Writes: table_state.
DELETE FROM switchback.table_state WHERE sync = $1 AND source = $2
