-- Keeps, for a while, the deltas that tell which rows are on their way to a receiver.
-- Takes: $1 sync, $2 receiver, $3 reason, $4 seconds until it ends by itself or null. Returns: its id, its snapshot. Reads: receiver. Writes: hold.
INSERT INTO switchback.hold (sync, receiver, reason, snapshot, expires_at)
SELECT $1, $2, $3, acknowledged, clock_timestamp() + make_interval(secs => $4::float8)
  FROM switchback.receiver WHERE sync = $1 AND receiver = $2
RETURNING id, snapshot::text
