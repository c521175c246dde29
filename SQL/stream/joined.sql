-- Notes, in the transaction that applied it, that a table's first window was read from its own snapshot.
-- Takes: $1 sync, $2 source, $3 schema, $4 table. Returns: nothing. Reads: nothing. Writes: table_state.
UPDATE switchback.table_state SET since = NULL
 WHERE sync = $1 AND source = $2 AND schema_name = $3 AND table_name = $4
