-- Tells how a table joined its stream, at the receiver, in the snapshot that its rows are read from.
-- Takes: $1 sync, $2 source, $3 schema, $4 table. Returns: at most one row: state, the snapshot that it is once to be read from
-- or null. Reads: table_state. Writes: nothing.
SELECT state, since::text FROM switchback.table_state
 WHERE sync = $1 AND source = $2 AND schema_name = $3 AND table_name = $4
