-- Tells whether a stream owes the look for what was written while its last batch was being committed.
-- Takes: $1 the sync, $2 the source. Returns: the receiver's snapshot when the batch looked for rows; no row when nothing is owed. Reads: cursor. Writes: nothing.
SELECT late_since::text FROM switchback.cursor WHERE sync = $1 AND source = $2 AND late_since IS NOT NULL
