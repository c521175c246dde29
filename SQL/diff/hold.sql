-- Keeps the deltas that tell which rows are on their way to a receiver.
-- Takes: $1 sync, $2 receiver, $3 reason. Returns: its id, its snapshot. Reads: receiver. Writes: hold.
INSERT INTO switchback.hold (sync, receiver, reason, snapshot)
SELECT $1, $2, $3, acknowledged FROM switchback.receiver WHERE sync = $1 AND receiver = $2
RETURNING id, snapshot::text
