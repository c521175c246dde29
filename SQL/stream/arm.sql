-- Arms the doorbell: from now on a captured change notifies. Fails while a transaction runs that rang nobody; succeeds too
-- when another engine has armed it, for then changes notify as well.
-- Takes: nothing. Returns: one row: whether we hold the lock, whether the doorbell is armed. Reads: pg_locks. Writes: nothing.
SELECT ours, ours OR EXISTS (
           SELECT FROM pg_locks
            WHERE locktype = 'advisory' AND classid = 1398227523 AND objid = 1 AND objsubid = 2 AND granted
              AND mode = 'ExclusiveLock'
              AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
  FROM (SELECT pg_try_advisory_lock(1398227523, 1) AS ours) AS attempt
