-- Forgets how far the copy of one table has come.
-- Takes: $1 sync, $2 source, $3 schema, $4 table. Returns: nothing. Reads: nothing. Writes: copy_chunk.
DELETE FROM switchback.copy_chunk WHERE sync = $1 AND source = $2 AND schema_name = $3 AND table_name = $4
