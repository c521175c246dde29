-- Notes, in the transaction that wrote its rows, that a chunk was copied.
-- Takes: $1 sync, $2 source, $3 schema, $4 table, $5 part, $6 first block, $7 rows. Returns: a row if it had not been.
-- Reads and writes: copy_chunk.
UPDATE switchback.copy_chunk SET rows = $7::bigint
 WHERE sync = $1 AND source = $2 AND schema_name = $3 AND table_name = $4 AND part = $5::oid AND first_block = $6::bigint
   AND rows IS NULL
RETURNING 1
