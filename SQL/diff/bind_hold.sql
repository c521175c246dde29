-- Ties a hold to this session, before it is committed: a hold of a comparison whose session is gone holds nothing.
-- Takes: $1 the hold's id. Returns: nothing. Reads and writes: nothing.
SELECT pg_advisory_lock(1398227525, $1::bigint::int)
