-- Reads the node's clock, by which stamps are made.
-- Takes: nothing. Returns: seconds since 1970, or null where the schema is older. Reads: the clock. Writes: nothing.
SELECT extract(epoch FROM switchback.clock())
