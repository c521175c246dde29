-- Tells whether a source keeps deltas for a copy to a receiver.
-- Takes: $1 sync, $2 receiver. Returns: one row, a boolean. Reads: hold. Writes: nothing.
SELECT EXISTS (SELECT FROM switchback.hold WHERE sync = $1 AND receiver = $2 AND reason = 'copy')
