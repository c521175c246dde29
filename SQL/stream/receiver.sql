-- Reads what a source knows of one receiver.
-- Takes: $1 sync, $2 receiver. Returns: at most one row: snapshot, batch. Reads: receiver. Writes: nothing.
SELECT acknowledged::text, batch FROM switchback.receiver WHERE sync = $1 AND receiver = $2
