-- Notes at the receiver why a stream does not move.
-- Takes: $1 sync, $2 source, $3 what is wrong or null, $4 what to do. Returns: nothing. Reads: nothing. Writes: cursor.
UPDATE switchback.cursor
   SET error = $3, error_hint = $4, error_at = CASE WHEN $3 IS NULL THEN NULL ELSE clock_timestamp() END
 WHERE sync = $1 AND source = $2 AND error IS DISTINCT FROM $3
