-- Tells whether an engine carries a stream: it holds the stream's lease.
-- Takes: $1 the stream's name, as in the lease. Returns: one row, a boolean. Reads: pg_locks. Writes: nothing.
SELECT EXISTS (
    SELECT FROM pg_locks
     WHERE locktype = 'advisory' AND classid = 1398227524 AND objid = (hashtext($1)::bigint & 4294967295)::oid AND granted
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
