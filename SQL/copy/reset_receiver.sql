-- Begins the source's knowledge of a receiver anew: it needs nothing of the past.
-- Takes: $1 sync, $2 receiver. Returns: nothing. Reads: nothing. Writes: receiver.
INSERT INTO switchback.receiver (sync, receiver, acknowledged) VALUES ($1, $2, pg_current_snapshot())
ON CONFLICT (sync, receiver) DO UPDATE
   SET acknowledged = excluded.acknowledged, batch = 0, acknowledged_at = clock_timestamp()
