-- Flushes everything committed at the receiver so far to its disk, by committing this change synchronously, and notes
-- which batch the source is known to have been told of.
-- Takes: $1 sync, $2 source, $3 the batch. Returns: nothing. Reads: nothing. Writes: cursor.
UPDATE switchback.cursor SET acknowledged_batch = greatest(acknowledged_batch, $3::bigint)
 WHERE sync = $1 AND source = $2
