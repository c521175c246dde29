-- Takes tables out of their stream that are to be copied again. A batch that was read with them in it cannot be applied any
-- more, for the cursor counts one further.
-- Takes: $1 sync, $2 source. Returns: nothing. Reads: nothing. Writes: cursor.
UPDATE switchback.cursor SET batch = batch + 1 WHERE sync = $1 AND source = $2
