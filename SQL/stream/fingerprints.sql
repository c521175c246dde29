-- Takes: $1 the sync. Returns: fingerprints of which tables are partitions and children of which, and of what the sync
-- captures. Reads: what families() and captured() read. Writes: nothing.
SELECT switchback.families(), switchback.captured($1)
