-- Forgets how far a stream's copy has come.
-- Takes: $1 sync, $2 source. Returns: nothing. Reads: nothing. Writes: copy_chunk.
DELETE FROM switchback.copy_chunk WHERE sync = $1 AND source = $2
