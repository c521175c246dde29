-- Tells how far this node's log has been written, so that whatever the transaction's snapshot includes is in what stands before.
-- Takes: nothing. Returns: the position behind the last record. Reads and writes: nothing.
SELECT pg_current_wal_insert_lsn()::text
