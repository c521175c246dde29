-- Tells who holds the right to run plans at this node.
-- Takes: nothing. Returns: a row: the application and where it comes from; none when nobody does. Reads: pg_locks,
-- pg_stat_activity. Writes: nothing.
SELECT coalesce(a.application_name, ''), coalesce(host(a.client_addr), 'a local socket')
  FROM pg_locks AS l
  LEFT JOIN pg_stat_activity AS a ON a.pid = l.pid
 WHERE l.locktype = 'advisory' AND l.classid = 1398227522 AND l.objid = 1 AND l.objsubid = 2 AND l.granted
   AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
