-- Finds the transactions that passed the fence while it was open and have not ended.
-- Takes: nothing. Returns: one row each: the process, or null for a prepared one; the role, the application, seconds since
-- it began. Reads: pg_locks, pg_stat_activity. Writes: nothing.
SELECT l.pid, coalesce(a.usename, ''), coalesce(a.application_name, ''),
       coalesce(extract(epoch FROM clock_timestamp() - a.xact_start)::bigint, 0)
  FROM pg_locks AS l
  LEFT JOIN pg_stat_activity AS a ON a.pid = l.pid
 WHERE l.locktype = 'advisory' AND l.classid = 1398227523 AND l.objid = 3 AND l.objsubid = 2 AND l.granted
   AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
   AND l.mode = 'ShareLock'
 ORDER BY a.xact_start
