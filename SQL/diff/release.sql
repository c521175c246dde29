-- Lets deltas go again.
-- Takes: $1 the hold's id. Returns: nothing. Reads: nothing. Writes: hold.
DELETE FROM switchback.hold WHERE id = $1::bigint
