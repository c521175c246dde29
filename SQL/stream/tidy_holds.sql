-- Lets the deltas go that comparisons held whose sessions are gone, and tells whether a copy of a receiver holds some.
-- Takes: $1 sync, $2 receiver. Returns: one row, a boolean. Reads: pg_locks. Writes: hold.
WITH orphans AS (
    DELETE FROM switchback.hold AS h
     WHERE h.reason = 'diff'
       AND NOT EXISTS (
           SELECT FROM pg_locks AS l
            WHERE l.locktype = 'advisory' AND l.classid = 1398227525 AND l.objid = (h.id & 4294967295)::oid AND l.granted
              AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()))
)
SELECT EXISTS (SELECT FROM switchback.hold WHERE sync = $1 AND receiver = $2 AND reason = 'copy')
