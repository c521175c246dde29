-- Makes a receiver known to a source, so that deltas are kept for it from now on.
-- Takes: $1 sync, $2 receiver. Returns: nothing. Reads: nothing. Writes: receiver.
INSERT INTO switchback.receiver (sync, receiver, acknowledged) VALUES ($1, $2, pg_current_snapshot())
ON CONFLICT DO NOTHING
