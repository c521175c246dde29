-- Tells the source how far a receiver has come, flushed to its disk. Never goes back.
-- Takes: $1 sync, $2 receiver, $3 snapshot, $4 batch. Returns: the batch that the source knows of from now on; nothing when it
-- does not know the receiver. Reads: nothing. Writes: receiver.
UPDATE switchback.receiver
   SET acknowledged = CASE WHEN batch <= $4::bigint THEN $3::pg_snapshot ELSE acknowledged END,
       batch = greatest(batch, $4::bigint), acknowledged_at = clock_timestamp(), away_since = NULL
 WHERE sync = $1 AND receiver = $2
RETURNING batch
