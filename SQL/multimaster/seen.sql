-- Reads what a node has seen of the others in a sync: how far the streams that it receives have come.
-- Takes: $1 the sync. Returns: source, snapshot. Reads: cursor. Writes: nothing.
SELECT source, snapshot::text FROM switchback.cursor WHERE sync = $1
