-- Has the streams that end here write their batches one after the other: two that bring versions of one row would not see
-- each other's. Held until the transaction ends, and taken when everything is staged, so that nobody waits for a source.
-- Takes: $1 the sync. Returns: nothing. Reads and writes: nothing.
SELECT pg_advisory_xact_lock(1398227523, hashtext('apply ' || $1))
