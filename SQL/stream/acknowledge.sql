-- Tells the source how far a receiver has come, flushed to its disk. Never goes back.
-- Takes: $1 sync, $2 receiver, $3 snapshot, $4 batch. Returns: nothing. Reads: nothing. Writes: receiver.
UPDATE switchback.receiver SET acknowledged = $3::pg_snapshot, batch = $4::bigint, acknowledged_at = clock_timestamp()
 WHERE sync = $1 AND receiver = $2 AND batch <= $4::bigint
