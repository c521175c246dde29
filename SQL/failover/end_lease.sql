-- Gives the right to run plans back before the session ends.
-- Takes: nothing. Returns: one row: whether we held it. Reads and writes: nothing.
SELECT pg_advisory_unlock(1398227522, 1)
