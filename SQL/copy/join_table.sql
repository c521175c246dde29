-- Notes that a table was copied and belongs to its stream.
-- Takes: $1 sync, $2 source, $3 schema, $4 table. Returns: nothing. Reads: nothing. Writes: table_state.
UPDATE switchback.table_state SET state = 'joined', joined_at = clock_timestamp()
 WHERE sync = $1 AND source = $2 AND schema_name = $3 AND table_name = $4
