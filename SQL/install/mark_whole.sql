-- Marks a table to travel whole once: it was made anew, or capture was off, and nobody saw what was written to it.
-- Takes: {id}. Returns: nothing. Reads: nothing. Writes: mark.
INSERT INTO switchback.mark (txid, at, table_id, kind)
VALUES (pg_current_xact_id()::text::bigint, clock_timestamp(), {id}, 'whole')
