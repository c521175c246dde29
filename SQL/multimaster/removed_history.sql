-- Tells what was removed from the history of conflicts.
-- Takes: $1 the sync; null for all. Returns: sync, how many versions, the time at which the latest of them was found.
-- Reads: removed_history. Writes: nothing.
SELECT sync, conflicts, to_char(until AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
  FROM switchback.removed_history WHERE $1::text IS NULL OR sync = $1 ORDER BY sync
