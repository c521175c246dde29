-- Ends the sessions whose transactions passed the fence while it was open.
-- Takes: nothing. Returns: one row: how many were told to end. Reads: pg_locks. Writes: nothing.
SELECT count(*) FILTER (WHERE pg_terminate_backend(pid))
  FROM pg_locks
 WHERE locktype = 'advisory' AND classid = 1398227523 AND objid = 3 AND objsubid = 2 AND granted AND mode = 'ShareLock'
   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
   AND pid IS NOT NULL AND pid <> pg_backend_pid()
