-- Sends a whole table again.
-- Takes: {id}. Returns: nothing. Reads: nothing. Writes: mark; wakes the engine.
INSERT INTO switchback.mark (txid, at, table_id, kind)
VALUES (pg_current_xact_id()::text::bigint, clock_timestamp(), {id}, 'whole');
NOTIFY switchback;
