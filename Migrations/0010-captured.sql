-- What a sync captures is asked for with every batch, and a thousand tables are to cost little then.

-- Takes: a sync's name. Returns: a fingerprint of which tables the sync captures, and of whether they are still there; null
-- when it captures none. Added up, for a sum needs no order. Whether a table is there is told by the cache of the catalogue,
-- which answers null for one that is gone, rather than by looking each up in pg_class.
-- Reads: sync_table, replicated_table, the catalogue's cache. Writes: nothing.
CREATE OR REPLACE FUNCTION switchback.captured(sync text) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (
        SELECT concat_ws(',', count(*), count(pg_table_is_visible(t.relation)), sum(hashint8extended(t.relation::bigint, t.id)))
          FROM switchback.sync_table AS s
          JOIN switchback.replicated_table AS t ON t.id = s.table_id
         WHERE s.sync = captured.sync
        HAVING count(*) > 0
    );
END $$;
