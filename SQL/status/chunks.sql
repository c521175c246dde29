-- Tells how far a stream's copy has come.
-- Takes: $1 sync, $2 source. Returns: one row: chunks done, chunks, rows. Reads: copy_chunk. Writes: nothing.
SELECT count(rows), count(*), coalesce(sum(rows), 0) FROM switchback.copy_chunk WHERE sync = $1 AND source = $2
