-- Counts on a node again, once it was made equal to one that was here all along.
-- Takes: $1 sync, $2 the node. Returns: a row if it had been lost. Reads: nothing. Writes: lost.
DELETE FROM switchback.lost WHERE sync = $1 AND node = $2 RETURNING true
