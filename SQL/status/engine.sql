-- Tells whether an engine carries a stream, or a copy fills it: it holds the lease; and what its session is doing.
-- Takes: $1 the name of the lease. Returns: at most one row: for how many seconds its transaction has been open or null, the
-- process that holds a lock it waits for or null, what that process is called. Reads: pg_locks, pg_stat_activity. Writes: nothing.
SELECT extract(epoch FROM clock_timestamp() - a.xact_start), b.pid, coalesce(nullif(b.application_name, ''), b.backend_type)
  FROM pg_locks AS l
  LEFT JOIN pg_stat_activity AS a ON a.pid = l.pid
  LEFT JOIN pg_stat_activity AS b
         ON a.wait_event_type = 'Lock' AND b.pid = (SELECT min(blocker) FROM unnest(pg_blocking_pids(l.pid)) AS blocker)
 WHERE l.locktype = 'advisory' AND l.classid = 1398227524 AND l.objid = (hashtext($1)::bigint & 4294967295)::oid
   AND l.granted AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
