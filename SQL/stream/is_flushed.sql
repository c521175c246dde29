-- Tells whether this node's log is on its disk up to a position: only what is there outlives a crash, with the numbers of its
-- transactions.
-- Takes: $1 the position. Returns: whether it is. Reads and writes: nothing.
SELECT pg_current_wal_flush_lsn() >= $1::pg_lsn
