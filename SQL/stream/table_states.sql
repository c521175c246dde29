-- Reads how the tables of a stream joined it, at the receiver.
-- Takes: $1 sync, $2 source. Returns: schema, table, state, the snapshot it is once to be read from or null.
-- Reads: table_state. Writes: nothing.
SELECT schema_name, table_name, state, since::text FROM switchback.table_state WHERE sync = $1 AND source = $2
