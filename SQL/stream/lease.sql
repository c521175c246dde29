-- Takes the lease of a stream, at its receiver, so that one engine carries it and a second stands by. It ends with the
-- session. That no batch is applied twice does not rest on it: see advance().
-- Takes: $1 the stream's name. Returns: one row: whether we hold it. Reads and writes: nothing.
SELECT pg_try_advisory_lock(1398227524, hashtext($1))
