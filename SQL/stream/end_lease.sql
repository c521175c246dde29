-- Gives a lease back before the session ends.
-- Takes: $1 its name. Returns: one row: whether we held it. Reads and writes: nothing.
SELECT pg_advisory_unlock(1398227524, hashtext($1))
