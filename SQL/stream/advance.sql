-- Moves a stream's cursor, in the transaction that applies the batch.
-- Takes: $1 sync, $2 source, $3 batch and $4 snapshot it is expected to have, $5 the next snapshot, $6 the source's clock
-- then, $7 rows in the batch, $8 in a multi-master sync what the source had seen, or null. Returns: nothing; raises SB001 or
-- SB002. Reads and writes: cursor.
SELECT switchback.advance($1, $2, $3::bigint, $4::pg_snapshot, $5::pg_snapshot, $6::timestamptz, $7::bigint, $8::jsonb)
