-- Writes to the node, to find out whether it takes writes.
-- Takes: $1 the observer's name. Returns: one row: how often this observer has written.
-- Reads and writes: health_canary.
INSERT INTO switchback.health_canary AS c (observer, number, at) VALUES ($1, 1, clock_timestamp())
    ON CONFLICT (observer) DO UPDATE SET number = c.number + 1, at = excluded.at
RETURNING number
