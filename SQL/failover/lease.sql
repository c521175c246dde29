-- Takes the right to run plans, at this node, until the session ends. That nothing is done twice does not rest on it: see
-- set_fence().
-- Takes: nothing. Returns: one row: whether we hold it. Reads and writes: nothing.
SELECT pg_try_advisory_lock(1398227522, 1)
