-- Begins the source's knowledge of a receiver anew: it needs nothing of the past. Its batches are numbered on.
-- Takes: $1 sync, $2 receiver, $3 a batch that the new ones come after. Returns: the snapshot, the batch it counts as, the
-- server's clock. Reads: nothing. Writes: receiver.
INSERT INTO switchback.receiver (sync, receiver, acknowledged, batch)
VALUES ($1, $2, pg_current_snapshot(), $3::bigint + 1)
ON CONFLICT (sync, receiver) DO UPDATE
   SET acknowledged = excluded.acknowledged, batch = greatest(receiver.batch + 1, excluded.batch),
       acknowledged_at = clock_timestamp()
RETURNING acknowledged::text, batch, clock_timestamp()::text
