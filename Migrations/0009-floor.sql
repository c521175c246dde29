-- Stamps of a node whose clock is set back.

-- Takes: the latest stamp of a batch, in microseconds. Returns: nothing. Reads: floor. Writes: floor, where the stamp is later than what
-- the node had seen; also where its clock is ahead of it just now, for it may be set back. Not undone by a rollback, which does no harm.
CREATE OR REPLACE FUNCTION switchback.raise_floor(stamp bigint) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF stamp > coalesce(pg_sequence_last_value('switchback.floor'), 0) THEN
        PERFORM setval('switchback.floor', stamp);
    END IF;
END $$;
