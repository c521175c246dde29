-- Takes: nothing. Returns: a fingerprint of which tables are partitions and children of which.
-- Reads: what families() reads. Writes: nothing.
SELECT switchback.families()
