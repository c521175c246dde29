-- Releases the holds that a copy took, once all its tables have joined.
-- Takes: $1 sync, $2 receiver. Returns: nothing. Reads: nothing. Writes: hold.
DELETE FROM switchback.hold WHERE sync = $1 AND receiver = $2 AND reason = 'copy'
