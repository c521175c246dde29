-- Notes that a stream owes the look for what was written while its batch was being committed, or that it has looked.
-- Takes: $1 the sync, $2 the source, $3 the receiver's snapshot when the batch looked for rows, or null. Returns: nothing. Reads: nothing. Writes: cursor.
UPDATE switchback.cursor SET late_since = $3::pg_snapshot WHERE sync = $1 AND source = $2
