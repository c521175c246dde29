-- Forgets what one node added to the counters of a table.
-- Takes: {counters}; $1 the node. Returns: nothing. Reads: nothing. Writes: the counters.
DELETE FROM switchback.{counters} WHERE origin = $1
