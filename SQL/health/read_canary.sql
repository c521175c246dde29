-- What was written last to find out whether the node takes writes.
-- Takes: $1 the observer's name. Returns: at most one row: how often this observer has written.
-- Reads: health_canary. Writes: nothing.
SELECT number FROM switchback.health_canary WHERE observer = $1
