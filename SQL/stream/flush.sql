-- Flushes everything committed at the receiver so far to its disk, by committing this change synchronously, and notes
-- which batch the source is known to have been told of.
-- Takes: $1 sync, $2 source, $3 the batch that the source was told of, $4 the cursor's batch. Returns: a row if the cursor is
-- still there and streaming. Reads: nothing. Writes: cursor.
UPDATE switchback.cursor SET acknowledged_batch = greatest(acknowledged_batch, $3::bigint)
 WHERE sync = $1 AND source = $2 AND batch = $4::bigint AND state = 'streaming'
RETURNING 1
