-- Has a node take over what the source of a batch knew when it was read, at the end of the transaction that applies it.
-- Takes: $1 the sync, $2 the source, $3 what it knew. Returns: nothing; raises SB006. Reads and writes: what learn() does.
SELECT switchback.learn($1, $2, $3::jsonb)
