-- Gives back a lease.
-- Takes: $1 its name. Returns: one row: whether we had it. Reads and writes: nothing.
SELECT pg_advisory_unlock(1398227524, hashtext($1))
