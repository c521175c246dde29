-- Sends on what lost nodes wrote of a table, as their place is this node's: for rows that were in quarantine when they were lost.
-- Takes: $1 the sync, $2 the replicated table. Returns: one row, how many rows are sent. Reads: lost, what speak_for() reads. Writes: deltas of
-- the table; wakes the engine.
SELECT CASE WHEN sum(sent) > 0 THEN switchback.ring() IS NULL END, coalesce(sum(sent), 0)
  FROM (SELECT switchback.speak_for(l.sync, l.node, $2::integer) AS sent FROM switchback.lost AS l WHERE l.sync = $1) AS s
