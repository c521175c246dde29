-- Keeps batches from being written here until the transaction ends, as multimaster/lock_sync does, if none is being written just now.
-- Takes: $1 the sync. Returns: one row, a boolean. Reads and writes: nothing.
SELECT pg_try_advisory_xact_lock(1398227523, hashtext('apply ' || $1))
